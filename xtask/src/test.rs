//! `cargo xtask test`: everything that must be green, in order of cost, stopping at the first failure.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{self, available, cargo, program};
use crate::peers;
use crate::table::Table;

type Step = (&'static str, Command);

/// Sets up what is missing and runs all steps.
pub(crate) fn run() -> Result<(), String> {
    require_component("fmt", "rustfmt")?;
    require_component("clippy", "clippy")?;
    run_steps(steps(&pythons()))
}

/// The Pythons that run exported scripts, by the variable that names each to the tests; what cannot be installed is said and left out.
fn pythons() -> Vec<(&'static str, PathBuf)> {
    let mut pythons = Vec::new();
    for simulator in peers::SIMULATORS {
        match simulator.python() {
            Ok(python) => pythons.push((simulator.variable, python)),
            Err(message) => {
                eprintln!("\n{} is not here and cannot be installed: {message}", simulator.name);
                eprintln!(
                    "SKIPPED: the tests that run exported scripts under {} (crates/siegert/tests)",
                    simulator.name
                );
            }
        }
    }
    pythons
}

/// Runs every step up to the first that fails, and prints how long each took.
fn run_steps(steps: Vec<Step>) -> Result<(), String> {
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (name, mut command) in steps {
        eprintln!("\n=== {name}: {}\n", command::shown(&command));
        let start = Instant::now();
        let result = command::run(&mut command);
        times.push((name, start.elapsed()));
        if let Err(message) = result {
            print_times(&times, "FAILED");
            return Err(format!("{name}: {message}"));
        }
    }
    print_times(&times, "ok");
    Ok(())
}

fn steps(pythons: &[(&'static str, PathBuf)]) -> Vec<Step> {
    let mut docs = with_arguments(&["doc", "--workspace", "--no-deps", "--quiet"]);
    docs.env("RUSTDOCFLAGS", "-D warnings");
    let without_features =
        with_arguments(&["clippy", "-p", "siegert-cli", "--no-default-features", "--quiet", "--", "-D", "warnings"]);
    let mut steps = vec![
        ("format", with_arguments(&["fmt", "--all", "--check"])),
        ("clippy", with_arguments(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])),
        ("command without features", without_features),
        ("docs", docs),
    ];
    if available(&mut with_arguments(&["nextest", "--version"])) {
        steps.push(("tests", with_arguments(&["nextest", "run", "--workspace", "--no-tests", "pass"])));
        steps.push(("doctests", with_arguments(&["test", "--workspace", "--doc", "--quiet"])));
    } else {
        // Plain `cargo test` runs the documentation's examples too.
        steps.push(("tests", with_arguments(&["test", "--workspace"])));
    }
    if let Some((_, tests)) = steps.iter_mut().find(|(name, _)| *name == "tests") {
        tests.envs(pythons.iter().map(|(variable, python)| (variable, python)));
    }
    // An optional feature: tested where its C library is there.
    if available(program("pkg-config").args(["--exists", "hdf5"])) {
        steps.push((
            "sonata",
            with_arguments(&["test", "-p", "siegert-cli", "--features", "sonata", "--bin", "siegert", "sonata"]),
        ));
    }
    steps.push(("release build", with_arguments(&["build", "--release"])));
    steps.push(("main job", with_arguments(&["run", "--release", "--quiet"])));
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

fn print_times(times: &[(&str, Duration)], last: &str) {
    let mut table = Table::new(&["step", "result", "seconds"]);
    for (index, (name, time)) in times.iter().enumerate() {
        let result = if index + 1 == times.len() { last } else { "ok" };
        table.row(&[(*name).to_owned(), result.to_owned(), format!("{:.1}", time.as_secs_f64())]);
    }
    let total: f64 = times.iter().map(|(_, time)| time.as_secs_f64()).sum();
    table.row(&["together".to_owned(), String::new(), format!("{total:.1}")]);
    eprintln!("\n{table}");
}
