//! `cargo xtask bench --simulators`: NEST beside `siegert simulate` on the same networks.
//!
//! Both run for 200 ms of warm-up and one second more, without recording spikes to a file. What is compared: wall time of the
//! simulation over the time simulated (NEST's without its warm-up, siegert's with it: its time is that of both, and divided by both),
//! wall time from nothing to a network that is ready to run (NEST's `build` and `prepare`), peak memory of the process, and the mean
//! rate and CV over all neurons, which tell whether both simulated the same: every round has another seed, and of several rounds their mean stands with its
//! standard error.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Options, json_lines, text_of};
use crate::command::{self, cargo, program, root};
use crate::table::Table;

/// One run of NEST, and the runs of siegert that stand beside it.
struct Comparison {
    what: &'static str,
    threads: u32,
    script: &'static [&'static str],
    siegert: &'static [Variant],
    /// Only if asked for: it takes minutes, and much memory.
    costly: bool,
}

/// One way in which siegert simulates the network.
struct Variant {
    /// What sets it apart from the others; empty if there is only one.
    name: &'static str,
    arguments: &'static [&'static str],
}

const BRUNEL: &[Variant] = &[Variant { name: "", arguments: &["brunel2000"] }];

const EIF: &[Variant] = &[Variant { name: "", arguments: &["crates/siegert/tests/networks/eif.toml"] }];
const ADEX: &[Variant] = &[Variant { name: "", arguments: &["crates/siegert/tests/networks/adex.toml"] }];

const COBA: &[Variant] = &[Variant { name: "", arguments: &["vogels_abbott2005_coba"] }];

const COMPARISONS: [Comparison; 6] = [
    Comparison { what: "Brunel A", threads: 1, script: &["nest_brunel.py"], siegert: BRUNEL, costly: false },
    Comparison { what: "Brunel A", threads: 2, script: &["nest_brunel.py"], siegert: BRUNEL, costly: false },
    Comparison {
        what: "microcircuit",
        threads: 2,
        script: &["nest_microcircuit.py", "--drive", "dc"],
        siegert: &[
            Variant {
                name: "explicit",
                arguments: &["potjans_diesmann2014", "--set", "dc_background=1", "--connectivity", "explicit"],
            },
            Variant {
                name: "redrawn",
                arguments: &["potjans_diesmann2014", "--set", "dc_background=1", "--connectivity", "redrawn"],
            },
        ],
        costly: true,
    },
    Comparison {
        what: "exponential neurons",
        threads: 1,
        script: &["nest_aeif.py", "--model", "eif"],
        siegert: EIF,
        costly: false,
    },
    Comparison {
        what: "adaptive exponential neurons",
        threads: 1,
        script: &["nest_aeif.py", "--model", "adex"],
        siegert: ADEX,
        costly: false,
    },
    Comparison { what: "conductances", threads: 1, script: &["nest_coba.py"], siegert: COBA, costly: false },
];

impl Comparison {
    fn peer(&self, python: &Path, seed: u32) -> Command {
        let mut command = program(python);
        command.arg(root().join("peers").join(self.script[0])).args(&self.script[1..]);
        command.args(["--duration", "1000", "--warmup", "200", "--threads", &self.threads.to_string()]);
        command.args(["--seed", &seed.to_string()]);
        command
    }

    fn siegert(&self, variant: &Variant, seed: u32) -> Command {
        let mut command = cargo();
        command.current_dir(root());
        command.args(["run", "--release", "--quiet", "-p", "siegert-cli", "--", "simulate"]).args(variant.arguments);
        command.args(["--duration", "1 s", "--warmup", "200 ms", "--threads", &self.threads.to_string()]);
        command.args(["--seed", &seed.to_string(), "--format", "json", "--quiet"]);
        command
    }

    fn title(&self, variant: &Variant) -> String {
        let threads = if self.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", self.threads) };
        let parts = [self.what, variant.name, &threads];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// What the runs of one side gave: the shortest times, the memory of the last run, and what all networks did.
#[derive(Clone, Debug, Default, PartialEq)]
struct Measured {
    program: String,
    build_s: Option<f64>,
    /// Wall seconds a biological second.
    simulate_s: Option<f64>,
    memory_mb: Option<f64>,
    /// One value a seed.
    rates_hz: Vec<f64>,
    cvs: Vec<f64>,
}

impl Measured {
    /// From the line that a script of `peers/` prints.
    fn of_peer(line: &Value) -> Self {
        let number = |key: &str| line["result"][key].as_f64();
        Measured {
            program: format!("{} {}", text_of(&line["peer"]), text_of(&line["version"])),
            build_s: number("build_wall_s").zip(number("prepare_wall_s")).map(|(build, prepare)| build + prepare),
            simulate_s: number("realtime_factor"),
            memory_mb: number("peak_memory_mb"),
            rates_hz: number("rate_hz").into_iter().collect(),
            cvs: number("cv").into_iter().collect(),
        }
    }

    /// From what `siegert simulate --format json` prints.
    fn of_siegert(answer: &Value) -> Self {
        let number = |key: &str| answer["performance"][key].as_f64();
        Measured {
            program: "siegert".to_owned(),
            build_s: number("build_s"),
            simulate_s: number("realtime_factor"),
            memory_mb: number("peak_memory_mb"),
            rates_hz: mean(&answer["populations"], "rate_hz").into_iter().collect(),
            cvs: mean(&answer["populations"], "cv").into_iter().collect(),
        }
    }

    fn keep_best(&mut self, new: Measured) {
        let shorter = |best: Option<f64>, new: Option<f64>| best.into_iter().chain(new).reduce(f64::min);
        *self = Measured {
            build_s: shorter(self.build_s, new.build_s),
            simulate_s: shorter(self.simulate_s, new.simulate_s),
            rates_hz: self.rates_hz.iter().copied().chain(new.rates_hz).collect(),
            cvs: self.cvs.iter().copied().chain(new.cvs).collect(),
            ..new
        };
    }
}

/// Mean of a number over all neurons of all populations.
fn mean(populations: &Value, name: &str) -> Option<f64> {
    let mut neurons = 0.0;
    let mut sum = 0.0;
    for population in populations.as_array()? {
        let size = population["size"].as_f64()?;
        neurons += size;
        sum += size * population[name].as_f64()?;
    }
    (neurons > 0.0).then(|| sum / neurons)
}

/// The best of both sides on one network.
struct Row {
    title: String,
    peer: Measured,
    siegert: Measured,
}

/// Runs both sides alternately and prints a table of ratios. A run that fails is reported and leaves its cells empty.
pub(super) fn compare(python: &Path, options: &Options) -> Result<(), String> {
    command::run(cargo().args(["build", "--release", "--quiet", "-p", "siegert-cli"]))?;
    let is_named = |one: &Comparison| options.network.as_ref().is_none_or(|name| one.what.contains(name.as_str()));
    let chosen: Vec<&Comparison> =
        COMPARISONS.iter().filter(|one| (options.microcircuit || !one.costly) && is_named(one)).collect();
    if chosen.is_empty() {
        return Err(format!("--network {}: there is none", options.network.as_deref().unwrap_or_default()));
    }
    let mut peers = vec![Measured::default(); chosen.len()];
    let mut ours: Vec<_> = chosen.iter().map(|one| vec![Measured::default(); one.siegert.len()]).collect();
    let mut failures = Vec::new();
    for round in 1..=options.simulator_rounds {
        eprintln!("\n=== round {round} of {}\n", options.simulator_rounds);
        for ((comparison, peer), ours) in chosen.iter().zip(&mut peers).zip(&mut ours) {
            match last_answer(&mut comparison.peer(python, round)) {
                Ok(line) => peer.keep_best(Measured::of_peer(&line)),
                Err(message) => failures.push(message),
            }
            for (variant, best) in comparison.siegert.iter().zip(ours) {
                match last_answer(&mut comparison.siegert(variant, round)) {
                    Ok(answer) => best.keep_best(Measured::of_siegert(&answer)),
                    Err(message) => failures.push(message),
                }
            }
        }
    }
    let rows = chosen.iter().zip(peers).zip(ours).flat_map(|((comparison, peer), ours)| {
        let row = move |(variant, siegert)| Row { title: comparison.title(variant), peer: peer.clone(), siegert };
        comparison.siegert.iter().zip(ours).map(row)
    });
    println!("\n{}", report(&rows.collect::<Vec<_>>()));
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The JSON that the program prints: one value over many lines, or the last line's.
fn last_answer(command: &mut Command) -> Result<Value, String> {
    eprintln!("{}", command::shown(command));
    let text = command::output(command)?;
    if let Ok(answer) = serde_json::from_str(&text) {
        return Ok(answer);
    }
    json_lines(&text)?.pop().ok_or_else(|| format!("`{}` printed nothing", command::shown(command)))
}

fn report(rows: &[Row]) -> Table {
    let mut table = Table::new(&[
        "network",
        "peer",
        "peer simulates",
        "siegert simulates",
        "ratio",
        "peer builds",
        "siegert builds",
        "ratio",
        "peer's memory",
        "siegert's memory",
        "peer's rate",
        "siegert's rate",
        "peer's CV",
        "siegert's CV",
    ]);
    for Row { title, peer, siegert } in rows {
        table.row(&[
            title.clone(),
            peer.program.clone(),
            shown(peer.simulate_s, "s/s"),
            shown(siegert.simulate_s, "s/s"),
            ratio(peer.simulate_s, siegert.simulate_s),
            shown(peer.build_s, "s"),
            shown(siegert.build_s, "s"),
            ratio(peer.build_s, siegert.build_s),
            shown(peer.memory_mb, "MB"),
            shown(siegert.memory_mb, "MB"),
            of_seeds(&peer.rates_hz, 2, " Hz"),
            of_seeds(&siegert.rates_hz, 2, " Hz"),
            of_seeds(&peer.cvs, 3, ""),
            of_seeds(&siegert.cvs, 3, ""),
        ]);
    }
    table
}

fn ratio(peer: Option<f64>, siegert: Option<f64>) -> String {
    peer.zip(siegert).map_or("-".to_owned(), |(peer, siegert)| format!("{:.1}", peer / siegert))
}

/// The mean over seeds, of several with its standard error.
fn of_seeds(values: &[f64], digits: usize, unit: &str) -> String {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    match values.len() {
        0 => "-".to_owned(),
        1 => format!("{mean:.digits$}{unit}"),
        _ => format!("{mean:.digits$} ± {:.digits$}{unit}", (squares / (count - 1.0) / count).sqrt()),
    }
}

/// Three digits or more.
fn shown(value: Option<f64>, unit: &str) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.abs() < 1.0 => format!("{value:.3} {unit}"),
        Some(value) if value.abs() < 100.0 => format!("{value:.2} {unit}"),
        Some(value) => format!("{value:.0} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_peer_builds_in_two_phases() {
        let line = json!({"peer": "nest", "version": "3.10.0", "result": {
            "build_wall_s": 2.0, "prepare_wall_s": 0.5, "realtime_factor": 9.0, "peak_memory_mb": 640.0, "rate_hz": 37.5, "cv": 0.25}});
        let expected = Measured {
            program: "nest 3.10.0".to_owned(),
            build_s: Some(2.5),
            simulate_s: Some(9.0),
            memory_mb: Some(640.0),
            rates_hz: vec![37.5],
            cvs: vec![0.25],
        };
        assert_eq!(Measured::of_peer(&line), expected);
    }

    #[test]
    fn means_count_neurons_not_populations() {
        let answer = json!({"populations": [{"size": 3, "rate_hz": 2.0, "cv": 0.5}, {"size": 1, "rate_hz": 6.0, "cv": null}],
            "performance": {"build_s": 1.0, "realtime_factor": 0.5, "peak_memory_mb": null}});
        let measured = Measured::of_siegert(&answer);
        assert_eq!((measured.rates_hz, measured.simulate_s, measured.memory_mb), (vec![3.0], Some(0.5), None));
        assert_eq!(measured.cvs, Vec::<f64>::new());
    }

    #[test]
    fn the_shortest_times_and_all_rates_are_kept() {
        let run = |simulate_s, build_s, rates: &[f64]| Measured {
            simulate_s,
            build_s,
            rates_hz: rates.to_vec(),
            ..Measured::default()
        };
        let mut best = Measured::default();
        best.keep_best(run(Some(3.0), Some(1.0), &[37.0]));
        best.keep_best(run(Some(2.0), None, &[38.0]));
        best.keep_best(run(Some(4.0), Some(2.0), &[39.0]));
        assert_eq!(best, run(Some(2.0), Some(1.0), &[37.0, 38.0, 39.0]));
        assert_eq!(of_seeds(&best.rates_hz, 2, " Hz"), "38.00 ± 0.58 Hz");
        assert_eq!((of_seeds(&[1.5], 1, ""), of_seeds(&[], 1, "")), ("1.5".to_owned(), "-".to_owned()));
    }

    #[test]
    fn a_side_that_failed_leaves_its_cells_empty() {
        let siegert = Measured { simulate_s: Some(0.5), ..Measured::default() };
        let text = report(&[Row { title: "Brunel A".to_owned(), peer: Measured::default(), siegert }]).to_string();
        let cells: Vec<&str> = text.lines().nth(1).map(|line| line.split("  ").collect()).unwrap_or_default();
        let filled: Vec<&str> = cells.into_iter().map(str::trim).filter(|cell| !matches!(*cell, "" | "-")).collect();
        assert_eq!(filled, ["Brunel A", "0.500 s/s"]);
    }

    #[test]
    fn titles_name_the_variant_and_the_threads() {
        let titles: Vec<String> =
            COMPARISONS.iter().flat_map(|one| one.siegert.iter().map(|variant| one.title(variant))).collect();
        let microcircuit = ["microcircuit, explicit, 2 threads", "microcircuit, redrawn, 2 threads"];
        assert_eq!(titles[..2], ["Brunel A, 1 thread", "Brunel A, 2 threads"]);
        assert_eq!(titles[2..4], microcircuit);
        let spiking = ["exponential neurons, 1 thread", "adaptive exponential neurons, 1 thread"];
        assert_eq!(titles[4..6], spiking);
        assert_eq!(titles[6..], ["conductances, 1 thread"]);
    }
}
