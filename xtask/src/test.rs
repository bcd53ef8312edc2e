//! `cargo xtask test`: everything that must be green, in order of cost, stopping at the first failure. `--quick` runs what takes little time.
//!
//! Which tests are slow, and so no part of `--quick`, is said in one place, `.config/nextest.toml`.

mod times;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use clap::Args;

use crate::command::{self, available, cargo, program, root};
use crate::peers;
use times::{Outcome, StepTime};

/// Options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Options {
    /// Format, clippy and the tests that are not slow: under three minutes where most is compiled
    #[arg(long)]
    quick: bool,
    /// Leave out the tests that run exported scripts under NEST; without it, a NEST that cannot be installed is a failure
    #[arg(long, conflicts_with = "quick")]
    without_nest: bool,
}

impl Options {
    /// The name under which the times of the steps are kept.
    fn kind(&self) -> &'static str {
        if self.quick { "quick" } else { "full" }
    }
}

struct Step {
    name: &'static str,
    command: Command,
}

impl Step {
    fn cargo(name: &'static str, arguments: &[&str]) -> Self {
        Step { name, command: with_arguments(arguments) }
    }
}

/// Sets up what is missing and runs all steps.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    require_component("fmt", "rustfmt")?;
    require_component("clippy", "clippy")?;
    let steps = if options.quick { quick_steps()? } else { full_steps(&pythons(options)?) };
    run_steps(steps, options.kind())
}

/// The Python of each simulator that exported scripts are run under, by the variable that names it to the tests; none where its tests are left out.
type Pythons = Vec<(&'static str, Option<PathBuf>)>;

/// Installs the simulators where they are missing. A simulator that the run requires must be there, another is left out with a message.
fn pythons(options: &Options) -> Result<Pythons, String> {
    let mut pythons = Vec::new();
    for simulator in peers::SIMULATORS {
        let left_out = options.without_nest && simulator.required;
        let python = if left_out { None } else { required(&simulator, simulator.python())? };
        if python.is_none() {
            eprintln!("LEFT OUT: the tests that run exported scripts under {} (crates/siegert/tests)", simulator.name);
        }
        pythons.push((simulator.variable, python));
    }
    Ok(pythons)
}

/// What was installed, or none if it could not be and is not required.
fn required(simulator: &peers::Simulator, python: Result<PathBuf, String>) -> Result<Option<PathBuf>, String> {
    let message = match python {
        Ok(python) => return Ok(Some(python)),
        Err(message) => format!("{} is not here and cannot be installed: {message}", simulator.name),
    };
    if simulator.required {
        return Err(format!("{message}\n`cargo xtask test --without-nest` runs everything but the tests that need it"));
    }
    eprintln!("\n{message}");
    Ok(None)
}

/// Runs every step up to the first that fails, and prints how long each took, beside the last run of the same kind.
fn run_steps(steps: Vec<Step>, kind: &str) -> Result<(), String> {
    let file = root().join("target/xtask/test-times.json");
    let last = times::read(&file);
    let mut done = Vec::new();
    let mut failure = None;
    for Step { name, mut command } in steps {
        eprintln!("\n=== {name}: {}\n", command::shown(&command));
        let start = Instant::now();
        let result = command::run(&mut command);
        let outcome = if result.is_ok() { Outcome::Passed } else { Outcome::Failed };
        done.push(StepTime { name, seconds: start.elapsed().as_secs_f64(), outcome });
        if let Err(message) = result {
            failure = Some(format!("{name}: {message}"));
            break;
        }
    }
    eprintln!("\n{}", times::table(&done, last.get(kind)));
    times::write(&file, &times::updated(last, kind, &done))?;
    failure.map_or(Ok(()), Err)
}

fn format_and_clippy() -> Vec<Step> {
    vec![
        Step::cargo("format", &["fmt", "--all", "--check"]),
        Step::cargo("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
    ]
}

fn has_nextest() -> bool {
    available(&mut with_arguments(&["nextest", "--version"]))
}

/// Only nextest knows which tests are slow.
fn quick_steps() -> Result<Vec<Step>, String> {
    if !has_nextest() {
        return Err("`--quick` needs cargo-nextest (`cargo install --locked cargo-nextest`): .config/nextest.toml says which tests are slow"
            .to_owned());
    }
    let mut steps = format_and_clippy();
    steps.push(Step::cargo("tests", &["nextest", "run", "--workspace", "--profile", "quick"]));
    Ok(steps)
}

fn full_steps(pythons: &[(&'static str, Option<PathBuf>)]) -> Vec<Step> {
    let mut steps = format_and_clippy();
    steps.push(Step::cargo(
        "command without features",
        &["clippy", "-p", "siegert-cli", "--no-default-features", "--quiet", "--", "-D", "warnings"],
    ));
    let mut docs = Step::cargo("docs", &["doc", "--workspace", "--no-deps", "--quiet"]);
    docs.command.env("RUSTDOCFLAGS", "-D warnings");
    steps.push(docs);
    let nextest = has_nextest();
    // Plain `cargo test` runs the documentation's examples too.
    let mut tests = match nextest {
        true => Step::cargo("tests", &["nextest", "run", "--workspace", "--no-tests", "pass"]),
        false => Step::cargo("tests", &["test", "--workspace"]),
    };
    for (variable, python) in pythons {
        match python {
            Some(python) => tests.command.env(variable, python),
            None => tests.command.env_remove(variable),
        };
    }
    steps.push(tests);
    if nextest {
        steps.push(Step::cargo("doctests", &["test", "--workspace", "--doc", "--quiet"]));
    }
    // An optional feature: tested where its C library is there.
    if available(program("pkg-config").args(["--exists", "hdf5"])) {
        let only = ["test", "-p", "siegert-cli", "--features", "sonata", "--bin", "siegert", "sonata"];
        steps.push(Step::cargo("sonata", &only));
    }
    steps.push(Step::cargo("release build", &["build", "--release"]));
    steps.push(Step::cargo("main job", &["run", "--release", "--quiet"]));
    steps
}

fn with_arguments(arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.args(arguments);
    command
}

/// Makes sure that a component of the Rust toolchain is there, installing it where rustup can.
fn require_component(subcommand: &str, component: &str) -> Result<(), String> {
    if available(&mut with_arguments(&[subcommand, "--version"])) {
        return Ok(());
    }
    eprintln!("{component} is missing; asking rustup for it");
    command::run(program("rustup").args(["component", "add", component]))
        .map_err(|error| format!("{component} is missing and could not be installed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn simulator(required: bool) -> peers::Simulator {
        *peers::SIMULATORS.iter().find(|simulator| simulator.required == required).expect("one is, one is not")
    }

    #[test]
    fn a_missing_nest_is_a_failure_that_names_the_option_and_a_missing_brian2_is_none() {
        let missing = || Err("no network".to_owned());
        let message = required(&simulator(true), missing()).unwrap_err();
        assert!(message.starts_with("NEST is not here") && message.contains("--without-nest"), "{message}");
        assert_eq!(required(&simulator(false), missing()), Ok(None));
        assert_eq!(required(&simulator(true), Ok("python".into())), Ok(Some("python".into())));
    }

    #[test]
    fn tests_that_are_left_out_do_not_see_the_variable_of_their_simulator() {
        let steps = full_steps(&[("SIEGERT_NEST_PYTHON", None), ("SIEGERT_BRIAN2_PYTHON", Some("python".into()))]);
        let tests = steps.iter().find(|step| step.name == "tests").expect("there is a step of tests");
        let variables: Vec<_> = tests.command.get_envs().collect();
        assert!(variables.contains(&("SIEGERT_NEST_PYTHON".as_ref(), None)), "{variables:?}");
        assert!(variables.contains(&("SIEGERT_BRIAN2_PYTHON".as_ref(), Some("python".as_ref()))), "{variables:?}");
    }

    /// All Rust files below a folder, one after another.
    fn source(folder: &Path) -> String {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| match path.is_dir() {
                true => source(&path),
                false if path.extension().is_some_and(|ending| ending == "rs") => fs::read_to_string(&path).unwrap(),
                false => String::new(),
            })
            .collect()
    }

    /// A renamed test would fall out of the list, and make the quick half slow without a word.
    #[test]
    fn every_test_that_is_listed_as_slow_exists() {
        let list = fs::read_to_string(root().join(".config/nextest.toml")).unwrap();
        let code = source(&root().join("crates"));
        let names: Vec<&str> = list.split("test(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(names.len() > 5, "the list is read: {names:?}");
        for name in names {
            // as a function, or in a list that a macro makes functions of
            let found = code.contains(&format!("fn {name}(")) || code.contains(&format!("{name}: "));
            assert!(found, "{name} is listed as slow and is no test");
        }
    }
}
