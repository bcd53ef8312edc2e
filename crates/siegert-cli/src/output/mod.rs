//! Where results go: standard output in the form asked for, and files that are never half-written.

pub(crate) mod clash;
pub(crate) mod destinations;
pub(crate) mod messages;
pub(crate) mod progress;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use siegert::report::{FileFormat, Report, csv, json, write_report};

use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::library::printable_lines;

/// The form of the file that `--output` names, if it is given.
pub(crate) fn file_format(options: &OutputOptions) -> Result<Option<FileFormat>, Failure> {
    let form = |path: &PathBuf| FileFormat::of(path).map_err(|error| Failure::Input(format!("--output {error}")));
    options.output.as_ref().map(form).transpose()
}

/// The form for standard output: what was asked for, text if nothing was, none if a file takes the result.
pub(crate) fn stdout_format(options: &OutputOptions) -> Option<Format> {
    options.format.or(if options.output.is_some() { None } else { Some(Format::Text) })
}

/// Writes a text for people to standard output now, without what a terminal would obey.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(printable_lines(text).as_bytes())?;
    Ok(stdout.flush()?)
}

/// The command as it was typed, without what the result does not depend on.
pub(crate) fn command() -> Option<Vec<String>> {
    let typed = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    Some(std::iter::once("siegert".to_string()).chain(what_decides(typed.collect())).collect())
}

/// Leaves out where the result goes, on how many threads it is computed, and whether one is told of it: the same numbers are the
/// same bytes. So it is for unfinished work that a sweep or a comparison goes on with; a simulation names its file.
fn what_decides(typed: Vec<String>) -> Vec<String> {
    let can_go_on = typed.iter().any(|word| matches!(word.as_str(), "sweep" | "compare"));
    let mut left = Vec::new();
    let mut words = typed.into_iter();
    while let Some(word) = words.next() {
        match idle_option(&word, can_go_on) {
            Some(Value::InNextWord) => drop(words.next()),
            Some(Value::NoneOrHere) => {}
            None => left.push(word),
        }
    }
    left
}

/// Where the value of an option stands.
enum Value {
    InNextWord,
    NoneOrHere,
}

/// Whether a word is an option that a result does not depend on.
fn idle_option(word: &str, can_go_on: bool) -> Option<Value> {
    let Some(long) = word.strip_prefix("--") else {
        // short options may be written together, -qo a.csv, and the value may follow at once, -oa.csv
        return match word.strip_prefix('-')?.trim_start_matches('q') {
            "" if word.len() > 1 => Some(Value::NoneOrHere),
            "o" => Some(Value::InNextWord),
            letters => letters.starts_with('o').then_some(Value::NoneOrHere),
        };
    };
    match long.split_once('=') {
        Some(("output" | "threads", _)) => Some(Value::NoneOrHere),
        None if matches!(long, "output" | "threads") => Some(Value::InNextWord),
        None if long == "quiet" || (can_go_on && matches!(long, "resume" | "restart")) => Some(Value::NoneOrHere),
        _ => None,
    }
}

/// Writes a result to the file of `--output` and to standard output, `text` for people.
pub(crate) fn deliver<R: Report>(
    options: &OutputOptions,
    report: &R,
    text: impl FnOnce(&R) -> String,
) -> Result<(), Failure> {
    if let (Some(path), Some(format)) = (&options.output, file_format(options)?) {
        write_report(path, format, report)?;
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    match stdout_format(options) {
        Some(Format::Text) => stdout.write_all(printable_lines(&text(report)).as_bytes())?,
        Some(Format::Json) => json::write(&mut stdout, report)?,
        Some(Format::Csv) => csv::write(&mut stdout, &report.table())?,
        None => {}
    }
    Ok(stdout.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_is_kept_is_what_decides_about_the_result() {
        let kept = |line: &str| what_decides(line.split(' ').map(str::to_string).collect()).join(" ");
        let sweep = "sweep a.toml --over g=3:8:6";
        for more in [
            "-o a.csv",
            "-oa.csv",
            "-qo a.csv",
            "-q --output a.csv",
            "--output=a.csv --threads 3",
            "--resume --quiet",
            "--threads=1",
        ] {
            assert_eq!(kept(&format!("{sweep} {more}")), sweep, "{more}");
            assert_eq!(kept(&format!("{more} {sweep}")), sweep, "{more}");
        }
        for whole in [
            "solve - --set a=-1",
            "transfer brunel2000 --mu -5:30:8",
            "simulate brunel2000 --resume run.state",
            "check -",
        ] {
            assert_eq!(kept(whole), whole);
        }
    }
}
