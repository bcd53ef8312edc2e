//! `cargo xtask bench`: the library's benchmarks, then other programs beside siegert on the same work.
//!
//! With `--simulators` the simulators alone are compared, see [`simulators`].
//!
//! Only ratios within one run on one machine count. Both sides run alternately, a few rounds, and each side's best counts.
//!
//! The siegert side is the library's example `peer_timing`. It prints one JSON line a task, with `task` as in [`COMPARISONS`],
//! `per_item_ns` (CPU time, best of its own repeats) and `result_checksum`.

mod simulators;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::Value;

use crate::command::{self, cargo, program, root};
use crate::peers;
use crate::table::Table;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// Environment made by `cargo xtask peers DIR`; without it the library alone is timed
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// How often both sides run, alternately; the best of each counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Skip the library's own benchmarks
    #[arg(long)]
    only_peers: bool,
    /// Instead of all that: NEST beside `siegert simulate` on a few networks, minutes a round
    #[arg(long, requires = "peers")]
    simulators: bool,
    /// Only the networks whose name contains this: Brunel, exponential, conductances
    #[arg(long, value_name = "NAME", requires = "simulators")]
    network: Option<String>,
    /// How often both simulators run, alternately, each time with another seed; the best time of each counts
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    simulator_rounds: u32,
    /// The cortical microcircuit too: minutes more, and NEST needs 12 GB of memory
    #[arg(long, requires = "simulators")]
    microcircuit: bool,
}

/// One task that both sides do: its name on our side, the peer's script with its arguments, and how to read what it prints.
struct Comparison {
    task: &'static str,
    what: &'static str,
    item: &'static str,
    script: &'static [&'static str],
    peer_task: &'static str,
    /// Number of items in one run of the peer, whose time is that of the whole.
    items: f64,
    /// JSON pointer to the number (or the list to be summed) that must agree with our checksum.
    checksum: &'static str,
}

/// Points of the rate benchmarks; the peer draws them and writes them to a file that both read.
const POINTS: f64 = 100_000.0;

const COMPARISONS: [Comparison; 6] = [
    Comparison {
        task: "rate_moderate",
        what: "LIF rate, moderate range",
        item: "point",
        script: &["nnmt_rate.py", "--range", "moderate", "--scalar-calls", "0", "--repeats", "3"],
        peer_task: "lif_delta_rate",
        items: POINTS,
        checksum: "/result_checksum",
    },
    Comparison {
        task: "rate_wide",
        what: "LIF rate, wide range",
        item: "point",
        script: &["nnmt_rate.py", "--range", "wide", "--scalar-calls", "0", "--repeats", "3"],
        peer_task: "lif_delta_rate",
        items: POINTS,
        checksum: "/result_checksum",
    },
    Comparison {
        task: "microcircuit_state",
        what: "microcircuit, stationary state",
        item: "state",
        script: &["nnmt_microcircuit.py", "--tasks", "rates", "--repeats", "3"],
        peer_task: "microcircuit_rates_ode_from_zero",
        items: 1.0,
        checksum: "/result/rate_hz",
    },
    Comparison {
        task: "microcircuit_spectra",
        what: "microcircuit, power spectra at 1,000 frequencies, with the state",
        item: "frequency",
        script: &["nnmt_microcircuit.py", "--tasks", "spectra", "--repeats", "1"],
        peer_task: "microcircuit_spectra",
        items: 1000.0,
        checksum: "/result_checksum",
    },
    Comparison {
        task: "brunel_sweep",
        what: "Brunel A, 10 x 10 grid of g and eta",
        item: "state",
        script: &["nnmt_brunel_sweep.py", "--g", "3:8:10", "--eta", "0.5:4:10"],
        peer_task: "brunel_sweep",
        items: 100.0,
        checksum: "/result_checksum",
    },
    Comparison {
        task: "brunel_state",
        what: "Brunel A, state at g = 5, eta = 2",
        item: "state",
        script: &["nest_siegert.py"],
        peer_task: "brunel_siegert_neuron",
        items: 1.0,
        checksum: "/result/rate_hz",
    },
];

/// The best time of one side so far, and what it computed.
#[derive(Clone, Default)]
struct Measured {
    program: String,
    nanoseconds: Option<f64>,
    checksum: Option<f64>,
}

impl Measured {
    fn keep_best(&mut self, program: &str, nanoseconds: Option<f64>, checksum: Option<f64>) {
        self.program = program.to_owned();
        self.checksum = checksum.or(self.checksum);
        self.nanoseconds = match (self.nanoseconds, nanoseconds) {
            (Some(best), Some(new)) => Some(best.min(new)),
            (best, new) => best.or(new),
        };
    }
}

/// Runs the benchmarks and prints a table of ratios.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let python = options.peers.as_deref().map(peers::python).transpose()?;
    if let (true, Some(python)) = (options.simulators, &python) {
        return simulators::compare(python, options);
    }
    if !options.only_peers {
        eprintln!("\n=== benchmarks of the library\n");
        command::run(cargo().args(["bench", "-p", "siegert"]))?;
    }
    match python {
        Some(python) => compare(&python, options.rounds),
        None => {
            eprintln!(
                "\nNo peers named: install them with `cargo xtask peers DIR`, then `cargo xtask bench --peers DIR`."
            );
            Ok(())
        }
    }
}

fn compare(python: &Path, rounds: u32) -> Result<(), String> {
    let points = PointFiles::new()?;
    command::run(cargo().args(["build", "--release", "--quiet", "-p", "siegert", "--example", "peer_timing"]))?;
    let mut theirs = vec![Measured::default(); COMPARISONS.len()];
    let mut ours = vec![Measured::default(); COMPARISONS.len()];
    for round in 1..=rounds {
        eprintln!("\n=== round {round} of {rounds}\n");
        for (comparison, best) in COMPARISONS.iter().zip(&mut theirs) {
            eprintln!("{}: {}", comparison.what, comparison.script.join(" "));
            let text = command::output(&mut points.peer(python, comparison))?;
            let line = json_lines(&text)?.into_iter().find(|line| line["task"] == comparison.peer_task);
            let line = line.ok_or_else(|| format!("{}: no line for {}", comparison.script[0], comparison.peer_task))?;
            let program = format!("{} {}", text_of(&line["peer"]), text_of(&line["version"]));
            let nanoseconds = line["cpu_s"].as_f64().map(|seconds| seconds / comparison.items * 1e9);
            best.keep_best(&program, nanoseconds, line.pointer(comparison.checksum).and_then(sum));
        }
        eprintln!("siegert: example peer_timing");
        let lines: HashMap<String, Value> = json_lines(&command::output(&mut points.siegert())?)?
            .into_iter()
            .map(|line| (text_of(&line["task"]), line))
            .collect();
        for (comparison, best) in COMPARISONS.iter().zip(&mut ours) {
            let line = lines.get(comparison.task);
            let number = |key: &str| line.and_then(|line| line[key].as_f64());
            best.keep_best("siegert", number("per_item_ns"), number("result_checksum"));
        }
    }
    println!("\n{}", report(&theirs, &ours));
    Ok(())
}

/// The inputs of the rate benchmarks: drawn by the peer's script, written once, read by both sides.
struct PointFiles {
    dir: PathBuf,
}

impl PointFiles {
    fn new() -> Result<Self, String> {
        let dir = root().join("target/bench");
        fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        Ok(PointFiles { dir })
    }

    fn path(&self, task: &str) -> PathBuf {
        self.dir.join(format!("{task}.csv"))
    }

    fn peer(&self, python: &Path, comparison: &Comparison) -> Command {
        let mut command = program(python);
        command.arg(root().join("peers").join(comparison.script[0])).args(&comparison.script[1..]);
        if comparison.script[0] == "nnmt_rate.py" {
            command.arg("--write-points").arg(self.path(comparison.task));
        }
        command
    }

    fn siegert(&self) -> Command {
        let mut command = cargo();
        command.args(["run", "--release", "--quiet", "-p", "siegert", "--example", "peer_timing", "--"]);
        command.arg(self.path("rate_moderate")).arg(self.path("rate_wide"));
        command
    }
}

fn report(theirs: &[Measured], ours: &[Measured]) -> Table {
    let mut table =
        Table::new(&["task", "peer", "peer takes", "siegert takes", "for one", "ratio", "results differ by"]);
    for ((comparison, peer), siegert) in COMPARISONS.iter().zip(theirs).zip(ours) {
        let ratio = peer.nanoseconds.zip(siegert.nanoseconds).map(|(peer, siegert)| peer / siegert);
        let difference = peer.checksum.zip(siegert.checksum).map(|(peer, siegert)| ((siegert - peer) / peer).abs());
        table.row(&[
            comparison.what.to_owned(),
            peer.program.clone(),
            duration(peer.nanoseconds),
            duration(siegert.nanoseconds),
            comparison.item.to_owned(),
            ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.1}")),
            difference.map_or("-".to_owned(), |difference| format!("{difference:.0e}")),
        ]);
    }
    table
}

fn duration(nanoseconds: Option<f64>) -> String {
    match nanoseconds {
        None => "-".to_owned(),
        Some(ns) if ns < 1e3 => format!("{ns:.1} ns"),
        Some(ns) if ns < 1e6 => format!("{:.2} us", ns / 1e3),
        Some(ns) => format!("{:.2} ms", ns / 1e6),
    }
}

fn json_lines(text: &str) -> Result<Vec<Value>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).map_err(|error| format!("not JSON ({error}): {line}"))).collect()
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A number, or the sum of a list of numbers.
fn sum(value: &Value) -> Option<f64> {
    match value {
        Value::Array(items) => items.iter().map(Value::as_f64).sum(),
        other => other.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_time_of_all_rounds_is_kept() {
        let mut best = Measured::default();
        for nanoseconds in [Some(3.0), None, Some(2.0), Some(5.0)] {
            best.keep_best("siegert", nanoseconds, Some(1.0));
        }
        assert_eq!((best.nanoseconds, best.checksum), (Some(2.0), Some(1.0)));
    }

    #[test]
    fn a_list_of_rates_counts_by_its_sum() {
        assert_eq!(sum(&serde_json::json!([1.0, 2.5])), Some(3.5));
        assert_eq!(sum(&serde_json::json!([1.0, null])), None);
    }

    #[test]
    fn durations_are_shown_in_the_unit_that_fits() {
        let shown = [Some(12.34), Some(1234.0), Some(1.2e6), None].map(duration);
        assert_eq!(shown, ["12.3 ns", "1.23 us", "1.20 ms", "-"]);
    }
}
