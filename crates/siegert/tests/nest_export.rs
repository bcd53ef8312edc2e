//! Exported scripts under NEST: what they simulate is what siegert simulates.
//!
//! Where nothing is random the spikes are the same, one by one. Else statistics agree within four standard errors, taken over seeds of
//! both sides and from theory (see `support/agreement.rs`). Every bundled network that siegert simulates runs as it is exported.
//!
//! Needs a Python with NEST 3.10 in `SIEGERT_NEST_PYTHON`, which `cargo xtask test` sets up; without it the tests say so and pass.

#[path = "support/agreement.rs"]
mod agreement;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use agreement::{Comparison, correlation_error, mean, relative_error_of_variance};
use serde_json::Value;
use siegert::Work;
use siegert::comparison::export::{ExportTarget, script};
use siegert::input::overview;
use siegert::network::{Drive, DriveKind, Network, bundled};
use siegert::simulation::{PopulationActivity, SimulationOptions, Simulator};
use siegert::stationary::balance::{Sizes, largest_in_degree, with_in_degree};
use siegert::testing::{brunel, open, read, state};

const SEEDS: u64 = 3;
const BIN_S: f64 = 0.05;
const SAMPLE: f64 = 200.0;
const MOST_STANDARD_ERRORS: f64 = 4.0;
/// Networks with more synapses are run smaller, with a fifth of this number: NEST takes 40 bytes and a microsecond for each.
const MOST_SYNAPSES: f64 = 6e6;

/// One NEST at a time: memory, and processors for the tests beside it.
static NEST: Mutex<()> = Mutex::new(());

/// The Python with NEST, or a word on why nothing is tested.
fn python(test: &str) -> Option<PathBuf> {
    let python = env::var_os("SIEGERT_NEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!(
            "{test}: skipped, since SIEGERT_NEST_PYTHON does not name a Python with NEST (cargo xtask test sets it up)"
        );
    }
    python
}

fn options(duration_ms: f64, warmup_ms: f64, seed: u64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms, seed, threads: Some(1), ..SimulationOptions::default() }
}

/// Runs the exported script, and gives back what it printed.
fn nest(python: &Path, network: &Network, options: &SimulationOptions, arguments: &[&str]) -> Value {
    let script =
        script(network, ExportTarget::Nest, options).unwrap_or_else(|error| panic!("{}: {error}", network.name));
    let directory = tempfile::tempdir().expect("a directory for the script");
    let path = directory.path().join("network.py");
    std::fs::write(&path, &script.text).expect("the script can be written");
    let alone = NEST.lock();
    let output = Command::new(python).arg(&path).args(arguments).output().expect("Python starts");
    drop(alone);
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {}\n{printed}{said}", network.name, output.status);
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{}: {error}\n{printed}", network.name))
}

/// A run of siegert, with the spikes as pairs of neuron (counted through all populations) and step.
fn siegert(network: &Network, options: &SimulationOptions) -> (Vec<PopulationActivity>, Vec<(u32, u64)>) {
    let running = Work::default();
    let mut simulator = Simulator::build(network, options, &running).expect("the network can be simulated");
    let mut spikes = Vec::new();
    let keep = |step: u64, neurons: &[u32]| {
        spikes.extend(neurons.iter().map(|&neuron| (neuron, step)));
        Ok::<(), Infallible>(())
    };
    simulator.advance(u64::MAX, &running, keep).expect("nothing can fail");
    (simulator.result().populations, spikes)
}

/// The statistics under comparison, one value a seed.
#[derive(Default)]
struct Seeds(BTreeMap<&'static str, Vec<f64>>);

const STATISTICS: [&str; 5] = ["rate_hz", "cv", "correlation", "fano_factor", "single_neuron_fano_factor"];

impl Seeds {
    fn add(&mut self, values: [Option<f64>; 5]) {
        for (name, value) in STATISTICS.into_iter().zip(values) {
            self.0.entry(name).or_default().extend(value);
        }
    }

    fn mean(&self, name: &str) -> f64 {
        mean(&self.0[name])
    }
}

/// The standard error of one seed that theory expects, from what NEST found.
fn expected_error(name: &str, nest: &Seeds, size: f64, duration_s: f64) -> f64 {
    let (bins, fano_factor) = (duration_s / BIN_S, nest.mean("fano_factor"));
    let sample = size.min(SAMPLE);
    match name {
        "rate_hz" => (fano_factor * nest.mean("rate_hz") / (size * duration_s)).sqrt(),
        "correlation" => correlation_error(nest.mean("correlation"), sample, bins),
        "fano_factor" => fano_factor * relative_error_of_variance(bins),
        "single_neuron_fano_factor" => {
            nest.mean("single_neuron_fano_factor") * relative_error_of_variance(bins) / sample.sqrt()
        }
        // The CV of a neuron varies by a quarter of it or so.
        _ => 0.25 * nest.mean("cv") / size.sqrt(),
    }
}

/// Simulates on both sides with a few seeds, and compares each statistic of each population.
fn assert_that_both_do_the_same(python: &Path, network: &Network, duration_ms: f64, warmup_ms: f64) {
    let populations = network.populations.len();
    let sides = || (0..populations).map(|_| Seeds::default()).collect::<Vec<_>>();
    let (mut ours, mut theirs) = (sides(), sides());
    for seed in 1..=SEEDS {
        let options = options(duration_ms, warmup_ms, seed);
        for (seeds, found) in ours.iter_mut().zip(siegert(network, &options).0) {
            let PopulationActivity { rate_hz, cv, correlation, fano_factor, single_neuron_fano_factor, .. } = found;
            seeds.add([Some(rate_hz), cv, correlation, fano_factor, single_neuron_fano_factor]);
        }
        let printed = nest(python, network, &options, &[]);
        for (index, seeds) in theirs.iter_mut().enumerate() {
            seeds.add(STATISTICS.map(|name| printed["populations"][index][name].as_f64()));
        }
    }
    let mut different = Vec::new();
    for (index, population) in network.populations.iter().enumerate() {
        for name in STATISTICS {
            let (ours, nest) = (&ours[index].0[name], &theirs[index].0[name]);
            // Too few spikes for a CV, on both sides.
            if ours.is_empty() && nest.is_empty() {
                continue;
            }
            let error = expected_error(name, &theirs[index], population.size as f64, duration_ms / 1000.0);
            let comparison = Comparison::new(ours, nest, error);
            let line = format!(
                "{:<6} {name:<26} siegert {:>10.5} NEST {:>10.5} error {:>8.5} z {:>5.1}",
                population.name,
                comparison.ours,
                comparison.theirs,
                comparison.standard_error,
                comparison.z()
            );
            println!("{line}");
            if !comparison.is_within(MOST_STANDARD_ERRORS, 0.0) {
                different.push(line);
            }
        }
    }
    assert!(different.is_empty(), "{}\n{}", network.name, different.join("\n"));
}

#[test]
fn a_delta_network_does_under_nest_what_it_does_here() {
    let Some(python) = python("a delta network") else { return };
    let network = brunel(&[("N_E", "2000"), ("K_E", "200"), ("J", "0.2 mV"), ("eta", "1.5")]);
    assert_that_both_do_the_same(&python, &network, 2000.0, 300.0);
}

#[test]
fn a_network_with_every_rule_law_and_drive_does_under_nest_what_it_does_here() {
    let Some(python) = python("a network of all kinds") else { return };
    assert_that_both_do_the_same(&python, &read(include_str!("networks/all_kinds.toml")), 2000.0, 300.0);
}

#[test]
fn the_microcircuit_at_a_tenth_does_under_nest_what_it_does_here() {
    let Some(python) = python("the microcircuit") else { return };
    let network = open("potjans_diesmann2014", None, &[]);
    assert_that_both_do_the_same(&python, &smaller(&network, 0.1), 2000.0, 300.0);
}

#[test]
fn exponential_neurons_do_under_nest_what_they_do_here() {
    let Some(python) = python("exponential neurons") else { return };
    assert_that_both_do_the_same(&python, &read(include_str!("networks/eif.toml")), 2000.0, 300.0);
}

#[test]
fn adaptive_exponential_neurons_do_under_nest_what_they_do_here() {
    let Some(python) = python("adaptive exponential neurons") else { return };
    assert_that_both_do_the_same(&python, &read(include_str!("networks/adex.toml")), 2000.0, 600.0);
}

/// Sizes and in-degrees smaller, weights larger so that sigma stays, and currents that keep the means of the stationary state.
fn smaller(network: &Network, scale: f64) -> Network {
    let state = state(network);
    let mut small =
        with_in_degree(network, scale * largest_in_degree(network), Sizes::Grow).expect("it has projections");
    for (target, population) in network.populations.iter().enumerate() {
        let missing = 1.0 - scale.sqrt();
        let value_mv = missing * (state.populations[target].mean_input_mv - population.neuron.E_L_mv);
        let kind = DriveKind::Current { value_mv: value_mv.into(), given_in_pa: false };
        small.drives.push(Drive::new(target, kind));
    }
    small
}

#[test]
fn neurons_with_alpha_functions_do_under_nest_what_they_do_here() {
    let Some(python) = python("alpha functions at exponential neurons") else { return };
    let text = include_str!("networks/adex.toml");
    assert!(text.contains("exponential_current"), "the network has currents");
    let network = read(&text.replace("exponential_current", "alpha_current"));
    assert_that_both_do_the_same(&python, &network, 2000.0, 600.0);
}

#[test]
fn receptors_of_one_projection_do_under_nest_what_they_do_here() {
    let Some(python) = python("receptors") else { return };
    let network = read(include_str!("networks/receptors.toml"));
    assert_that_both_do_the_same(&python, &network, 2000.0, 600.0);
}

#[test]
fn without_chance_the_spikes_are_the_same_one_by_one() {
    assert_equal_spikes("a network without chance", include_str!("networks/no_chance.toml"));
}

#[test]
fn without_chance_the_spikes_of_alpha_functions_are_the_same_one_by_one() {
    assert_equal_spikes("alpha functions without chance", include_str!("networks/rising_currents.toml"));
}

#[test]
fn without_chance_the_spikes_of_conductances_are_the_same_one_by_one() {
    assert_equal_spikes("conductances without chance", include_str!("networks/no_chance_conductances.toml"));
}

#[test]
fn without_chance_the_spikes_behind_plastic_synapses_are_the_same_one_by_one() {
    assert_equal_spikes("plasticity without chance", include_str!("networks/no_chance_plasticity.toml"));
}

#[test]
fn without_chance_the_spikes_behind_nmda_receptors_are_the_same_one_by_one() {
    assert_equal_spikes("NMDA without chance", include_str!("networks/no_chance_nmda.toml"));
}

#[test]
fn neurons_with_conductances_do_under_nest_what_they_do_here() {
    let Some(python) = python("conductances") else { return };
    let text = include_str!("networks/coba.toml");
    let small = [("N_E = 4000", "N_E = 800"), ("K_E = 400", "K_E = 80")];
    let with = |changes: &[(&str, &str)]| {
        changes.iter().fold(text.to_string(), |text, (from, to)| {
            assert!(text.contains(from), "the network says {from}");
            text.replace(from, to)
        })
    };
    assert_that_both_do_the_same(&python, &read(&with(&small)), 2000.0, 300.0);
    let law = [
        ("\"g_E\"", "{ distribution = \"lognormal\", mean = \"g_E\", std = \"g_E\" }"),
        ("model   = \"lif\"", "model   = \"eif\"\nDelta_T = \"1 mV\"\nV_peak  = \"-30 mV\""),
    ];
    assert_that_both_do_the_same(&python, &read(&with(&[&small[..], &law].concat())), 2000.0, 300.0);
}

fn assert_equal_spikes(test: &str, text: &str) {
    let Some(python) = python(test) else { return };
    let network = read(text);
    let options = options(600.0, 600.0, 1);
    let directory = tempfile::tempdir().expect("a directory for the spikes");
    let path = directory.path().join("spikes.csv");
    nest(&python, &network, &options, &["--spikes", path.to_str().expect("a plain name")]);
    let mut theirs = Vec::new();
    for record in csv::Reader::from_path(&path).expect("the script wrote spikes").records() {
        let record = record.expect("a row");
        let population = network.populations.iter().position(|population| population.name == record[0]);
        let time_ms: f64 = record[2].parse().expect("a time");
        theirs.push((population.expect("a population") as u32, (time_ms / options.dt_ms).round() as u64));
    }
    // Where the potentials started is forgotten when the drives begin.
    let after_start = |spikes: Vec<(u32, u64)>| {
        let mut spikes: Vec<_> = spikes.into_iter().filter(|(_, step)| *step > 6000).collect();
        spikes.sort_unstable();
        spikes
    };
    // One neuron a population, so numbers are those of populations.
    let (ours, theirs) = (after_start(siegert(&network, &options).1), after_start(theirs));
    for (index, population) in network.populations.iter().enumerate() {
        let of = |spikes: &[(u32, u64)]| -> Vec<u64> {
            spikes.iter().filter(|(neuron, _)| *neuron == index as u32).map(|(_, step)| *step).collect()
        };
        println!("{}: {} spikes", population.name, of(&ours).len());
        assert!(of(&ours).len() > 5, "{} is nearly silent", population.name);
        assert_eq!(of(&ours), of(&theirs), "steps of the spikes of {}", population.name);
    }
}

#[test]
fn every_bundled_network_that_is_simulated_runs_under_nest() {
    let Some(python) = python("the bundled networks") else { return };
    // NEST has no quadratic neurons, which the script's maker says
    for bundled in bundled::all().iter().filter(|bundled| bundled.name != "montbrio2015") {
        let network = open(bundled.name, None, &[]);
        let synapses = overview(&network).unwrap().synapses;
        let network = if synapses > MOST_SYNAPSES {
            let scale = (MOST_SYNAPSES / 5.0 / synapses).sqrt();
            with_in_degree(&network, scale * largest_in_degree(&network), Sizes::Grow).expect("it has projections")
        } else {
            network
        };
        let printed = nest(&python, &network, &options(20.0, 10.0, 1), &[]);
        let names: Vec<&str> = printed["populations"]
            .as_array()
            .expect("populations")
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        assert_eq!(names, network.populations.iter().map(|one| one.name.as_str()).collect::<Vec<_>>());
        println!("{} ran with {:.1e} synapses", bundled.name, overview(&network).unwrap().synapses);
    }
}
