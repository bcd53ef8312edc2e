//! How long each step took, beside the last run: what became slow is seen at the run that made it so.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::table::Table;

/// Seconds of each step by its name, for each kind of run: `{"quick": {"clippy": 1.5}}`.
pub(super) type Times = BTreeMap<String, BTreeMap<String, f64>>;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
}

/// A step that was run.
#[derive(Clone, Debug)]
pub(super) struct StepTime {
    pub(super) name: &'static str,
    pub(super) seconds: f64,
    pub(super) outcome: Outcome,
}

/// The times of earlier runs; none if there is no file, or none that can be read: nothing depends on them.
pub(super) fn read(file: &Path) -> Times {
    fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Writes the times, in a folder that is made if it is not there.
pub(super) fn write(file: &Path, times: &Times) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let text = serde_json::to_string_pretty(times).map_err(|error| failed(&error))?;
    fs::write(file, text + "\n").map_err(|error| failed(&error))
}

/// With the times of a run. A step that failed may have ended early, so its last time stays.
pub(super) fn updated(mut times: Times, kind: &str, run: &[StepTime]) -> Times {
    let own = times.entry(kind.to_owned()).or_default();
    own.extend(run.iter().filter(|step| step.outcome == Outcome::Passed).map(|step| (step.name.into(), step.seconds)));
    times
}

/// Each step's time, and by how much it differs from the last.
pub(super) fn table(run: &[StepTime], last: Option<&BTreeMap<String, f64>>) -> Table {
    let mut table = Table::new(&["step", "result", "seconds", "last", "change"]);
    let mut row = |name: &str, result: &str, seconds: f64, last: Option<f64>| {
        let change = last.map_or("-".to_owned(), |last| format!("{:+.1}", seconds - last));
        let last = last.map_or("-".to_owned(), |last| format!("{last:.1}"));
        table.row(&[name.to_owned(), result.to_owned(), format!("{seconds:.1}"), last, change]);
    };
    let last_of = |step: &StepTime| last.and_then(|last| last.get(step.name)).copied();
    for step in run {
        let result = if step.outcome == Outcome::Passed { "ok" } else { "FAILED" };
        row(step.name, result, step.seconds, last_of(step));
    }
    // Only sums over the same steps compare.
    let last = run.iter().map(last_of).sum::<Option<f64>>();
    row("together", "", run.iter().map(|step| step.seconds).sum(), last);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &'static str, seconds: f64, outcome: Outcome) -> StepTime {
        StepTime { name, seconds, outcome }
    }

    #[test]
    fn a_step_is_shown_with_its_change_and_a_new_one_without() {
        let last = BTreeMap::from([("format".to_owned(), 1.0)]);
        let run = [step("format", 1.5, Outcome::Passed), step("clippy", 3.0, Outcome::Failed)];
        let expected = "\
step      result  seconds  last  change
format        ok      1.5   1.0    +0.5
clippy    FAILED      3.0     -       -
together              4.5     -       -
";
        assert_eq!(table(&run, Some(&last)).to_string(), expected);
    }

    #[test]
    fn times_are_read_as_they_were_written_and_a_failed_step_keeps_its_last_time() {
        let folder = std::env::temp_dir().join(format!("siegert-test-times-{}", std::process::id()));
        let file = folder.join("times.json");
        assert!(read(&file).is_empty());
        let first = updated(Times::new(), "full", &[step("format", 1.0, Outcome::Passed)]);
        let run = [step("format", 9.0, Outcome::Failed), step("clippy", 2.0, Outcome::Passed)];
        let times = updated(updated(first, "full", &run), "quick", &[step("format", 0.5, Outcome::Passed)]);
        write(&file, &times).unwrap();
        let found = read(&file);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, times);
        assert_eq!(found["full"], BTreeMap::from([("clippy".to_owned(), 2.0), ("format".to_owned(), 1.0)]));
        assert_eq!(found["quick"], BTreeMap::from([("format".to_owned(), 0.5)]));
    }
}
