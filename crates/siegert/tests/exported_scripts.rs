//! Exported scripts under Brian2, every bundled network among them, and small cases under NEST and Brian2.
//!
//! Needs Pythons with NEST 3.10 in `SIEGERT_NEST_PYTHON` and with Brian 2.9 in `SIEGERT_BRIAN2_PYTHON`, which `cargo xtask test` sets up;
//! without one of them its tests say so and pass. Brian2 runs with numpy, which needs no compiler, and all scripts of a test in one process:
//! it takes seconds to start.

#[path = "support/agreement.rs"]
#[allow(dead_code)] // spectra are compared elsewhere
mod agreement;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use agreement::{Comparison, relative_error_of_variance};
use serde_json::Value;
use siegert::Work;
use siegert::comparison::export::{ExportTarget, script};
use siegert::input::overview;
use siegert::network::{Network, ReadOptions, bundled, parse};
use siegert::simulation::{SimulationOptions, Simulator};
use siegert::stationary::balance::{Sizes, largest_in_degree, with_in_degree};
use siegert::testing::{TestNetwork, brunel, open};

/// Networks with more synapses are run smaller, with about this number.
const MOST_SYNAPSES: f64 = 2e5;
const MOST_STANDARD_ERRORS: f64 = 4.0;
const BIN_S: f64 = 0.05;

/// Runs scripts one after another, each as if alone.
const DRIVER: &str = "\
import runpy, sys
for path in sys.argv[1:]:
    sys.argv = [path, '--spikes', path + '.csv']
    runpy.run_path(path, run_name='__main__')
";

fn python(target: ExportTarget) -> Option<PathBuf> {
    let variable = match target {
        ExportTarget::Nest => "SIEGERT_NEST_PYTHON",
        ExportTarget::Brian2 => "SIEGERT_BRIAN2_PYTHON",
    };
    let python = env::var_os(variable).map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped, since {variable} names no Python (cargo xtask test sets it up)");
    }
    python
}

/// What a script printed, and its spikes as population and time in ms, and the neurons that they are of.
struct Ran {
    printed: Value,
    spikes: Vec<(String, f64)>,
    neurons: Vec<usize>,
}

/// Runs the scripts of these networks.
fn run(target: ExportTarget, networks: &[(Network, SimulationOptions)]) -> Option<Vec<Ran>> {
    let python = python(target)?;
    let directory = tempfile::tempdir().expect("a directory for the scripts");
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("driver.py"), DRIVER).expect("the driver can be written");
    std::fs::write(path("brian_preferences"), "codegen.target = 'numpy'\n").expect("preferences can be written");
    let names: Vec<String> = (0..networks.len()).map(|index| format!("network_{index}.py")).collect();
    for ((network, options), name) in networks.iter().zip(&names) {
        let script = script(network, target, options).unwrap_or_else(|error| panic!("{}: {error}", network.name));
        std::fs::write(path(name), script.text).expect("the script can be written");
    }
    let mut printed = String::new();
    // A process for all, or, with NEST's single kernel, one for each.
    let batches: Vec<&[String]> = match target {
        ExportTarget::Nest => names.chunks(1).collect(),
        ExportTarget::Brian2 => vec![&names],
    };
    for batch in batches {
        let mut command = Command::new(&python);
        let output =
            command.current_dir(directory.path()).arg("driver.py").args(batch).output().expect("Python starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{batch:?}: {}\n{said}", output.status);
        printed += &String::from_utf8(output.stdout).expect("the result is text");
    }
    let printed = serde_json::Deserializer::from_str(&printed).into_iter::<Value>();
    let printed: Vec<Value> = printed.map(|value| value.expect("the result is JSON")).collect();
    assert_eq!(printed.len(), networks.len());
    let spikes = names.iter().map(|name| {
        let rows =
            csv::Reader::from_path(path(&format!("{name}.csv"))).expect("the script wrote spikes").into_records();
        let rows = rows.map(|row| row.expect("a row"));
        let spike = |row: csv::StringRecord| -> ((String, f64), usize) {
            ((row[0].to_string(), row[2].parse().expect("a time")), row[1].parse().expect("a number"))
        };
        rows.map(spike).unzip::<_, _, Vec<_>, Vec<_>>()
    });
    let ran = printed.into_iter().zip(spikes).map(|(printed, (spikes, neurons))| Ran { printed, spikes, neurons });
    Some(ran.collect())
}

fn network_of(text: &str, overrides: &[(&str, &str)]) -> Network {
    let overrides = overrides.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    parse(text, "test", &ReadOptions { overrides, case: None }).unwrap_or_else(|error| panic!("{error}"))
}

fn options(duration_ms: f64, warmup_ms: f64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms, threads: Some(1), ..SimulationOptions::default() }
}

/// The network, smaller where it has many synapses.
fn small(network: Network) -> Network {
    let synapses = overview(&network).unwrap().synapses;
    if synapses <= MOST_SYNAPSES {
        return network;
    }
    let scale = (MOST_SYNAPSES / synapses).sqrt();
    with_in_degree(&network, scale * largest_in_degree(&network), Sizes::Grow).expect("it has projections")
}

#[test]
fn every_bundled_network_that_is_simulated_runs_under_brian2() {
    let networks: Vec<(Network, SimulationOptions)> = bundled::all()
        .iter()
        // neurons that run to infinity are refused (`comparison::export`, tests)
        .filter(|bundled| bundled.name != "montbrio2015")
        .map(|bundled| open(bundled.name, None, &[]))
        .map(|network| (small(network), options(10.0, 5.0)))
        .collect();
    let Some(ran) = run(ExportTarget::Brian2, &networks) else { return };
    for ((network, options), ran) in networks.iter().zip(ran) {
        let populations = ran.printed["populations"].as_array().expect("populations");
        let names: Vec<&str> = populations.iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, network.populations.iter().map(|one| one.name.as_str()).collect::<Vec<_>>());
        assert!(populations.iter().all(|one| (0.0..1000.0).contains(&one["rate_hz"].as_f64().expect("a rate"))));
        let (ours, theirs) = (spikes_of_siegert(network, options), ran.spikes.len() as f64);
        println!("{}: {ours} and {theirs} spikes", network.name);
        // Counts scatter more than Poisson's, since all neurons start at once.
        assert!((ours - theirs).abs() <= 10.0 * (ours + theirs).sqrt(), "{}: {ours} and {theirs} spikes", network.name);
    }
}

/// Number of all spikes, those of the warm-up included.
fn spikes_of_siegert(network: &Network, options: &SimulationOptions) -> f64 {
    let running = Work::default();
    let mut simulator = Simulator::build(network, options, &running).expect("it can be simulated");
    let mut spikes = 0;
    let count = |_, neurons: &[u32]| {
        spikes += neurons.len();
        Ok::<(), std::convert::Infallible>(())
    };
    simulator.advance(u64::MAX, &running, count).expect("nothing can fail");
    spikes as f64
}

/// The time from each spike of one population to the next of the other, once the start is forgotten.
fn lags_ms(spikes: &[(String, f64)], from: &str, to: &str) -> Vec<f64> {
    let times =
        |of: &str| -> Vec<f64> { spikes.iter().filter(|(name, _)| name == of).map(|(_, time)| *time).collect() };
    let to = times(to);
    let after = |time: &f64| to.iter().map(|other| other - time).filter(|lag| *lag > 0.0).reduce(f64::min);
    times(from).iter().filter(|time| **time > 100.0).filter_map(after).collect()
}

/// Spikes of a driver reach their target after the same time in every simulator.
fn assert_lags(target: ExportTarget, text: &str, expected: &[(&str, &str, f64)]) {
    let networks: Vec<_> =
        expected.iter().map(|(name, value, _)| (network_of(text, &[(name, value)]), options(450.0, 0.0))).collect();
    let Some(ran) = run(target, &networks) else { return };
    for ((name, value, lag_ms), ran) in expected.iter().zip(ran) {
        let lags = lags_ms(&ran.spikes, "D", "T");
        assert!(
            !lags.is_empty() && lags.iter().all(|lag| (lag - lag_ms).abs() < 1e-6),
            "{name} = {value}: {lags:?} ms"
        );
    }
}

const TIES: [(&str, &str, f64); 3] = [("d", "0.15 ms", 0.2), ("d", "0.25 ms", 0.3), ("d", "0.35 ms", 0.4)];
const EQUAL_TIMES: [(&str, &str, f64); 3] =
    [("tau_s", "10 ms", 5.1), ("tau_s", "10.0000001 ms", 5.1), ("tau_s", "10.00001 ms", 5.1)];

#[test]
fn delays_half_way_between_two_steps_take_the_later_one_in_both_simulators() {
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        assert_lags(target, include_str!("networks/cases/delay_ties.toml"), &TIES);
    }
}

#[test]
fn a_synapse_may_be_as_slow_as_the_membrane_in_both_simulators() {
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        assert_lags(target, include_str!("networks/cases/one_time_constant.toml"), &EQUAL_TIMES);
    }
}

#[test]
fn independent_neurons_have_the_fano_factor_of_one_at_every_time_step() {
    let text = include_str!("networks/cases/independent.toml");
    let networks: Vec<(Network, SimulationOptions)> = [0.7, 3.0]
        .map(|dt_ms| {
            let mut network = network_of(text, &[]);
            network.populations[0].size = 4000;
            (network, SimulationOptions { dt_ms, ..options(6000.0, 300.0) })
        })
        .to_vec();
    let Some(ran) = run(ExportTarget::Nest, &networks) else { return };
    for ((_, SimulationOptions { dt_ms, .. }), ran) in networks.iter().zip(ran) {
        let found = &ran.printed["populations"][0];
        let [fano_factor, single] =
            ["fano_factor", "single_neuron_fano_factor"].map(|key| found[key].as_f64().expect("a number"));
        let error = single * relative_error_of_variance(6.0 / BIN_S);
        assert!(
            (fano_factor - single).abs() < MOST_STANDARD_ERRORS * error,
            "dt = {dt_ms}: {fano_factor}, of one neuron {single}"
        );
    }
}

#[test]
fn without_chance_the_spikes_behind_plastic_synapses_are_the_same_under_brian2() {
    assert_equal_spikes(&[network_of(include_str!("networks/no_chance_plasticity.toml"), &[])]);
}

#[test]
fn without_chance_the_spikes_behind_nmda_receptors_are_the_same_under_brian2() {
    // a switched current is added as if nothing but the leak were open, so the neuron that hears one hears no conductance
    let text = include_str!("networks/no_chance_nmda.toml").replace("\"15 nS\"", "\"0 nS\"");
    let plastic = "gamma = 3.2, plasticity = { U = 0.4, tau_rec = \"60 ms\", tau_fac = \"40 ms\" }";
    assert_equal_spikes(&[text.clone(), text.replace("gamma = 3.2", plastic)].map(|text| network_of(&text, &[])));
}

/// Networks without chance, one neuron a population, have the same spikes once the start is forgotten.
fn assert_equal_spikes(networks: &[Network]) {
    let runs: Vec<(Network, SimulationOptions)> =
        networks.iter().map(|network| (network.clone(), options(600.0, 600.0))).collect();
    let Some(ran) = run(ExportTarget::Brian2, &runs) else { return };
    for ((network, options), ran) in runs.iter().zip(ran) {
        assert_spikes_of_siegert(network, options, &ran);
    }
}

fn assert_spikes_of_siegert(network: &Network, options: &SimulationOptions, ran: &Ran) {
    let mut simulator = Simulator::build(network, options, &Work::default()).expect("it can be simulated");
    let mut ours = Vec::new();
    let taken = simulator.advance(u64::MAX, &Work::default(), |step, neurons: &[u32]| {
        ours.extend(neurons.iter().map(|&neuron| (neuron, step)));
        Ok::<(), std::convert::Infallible>(())
    });
    taken.expect("nothing can fail");
    for (index, population) in network.populations.iter().enumerate() {
        let own = ours.iter().filter(|(neuron, step)| *neuron == index as u32 && *step > 6000).map(|(_, step)| *step);
        let own: Vec<u64> = own.collect();
        let theirs = ran.spikes.iter().filter(|(name, time)| *name == population.name && *time > 600.0);
        let theirs: Vec<u64> = theirs.map(|(_, time)| (time / options.dt_ms).round() as u64).collect();
        assert!(own.len() > 5, "{} is nearly silent", population.name);
        assert_eq!(own, theirs, "steps of the spikes of {}", population.name);
    }
}

#[test]
fn a_network_of_conductances_does_under_brian2_what_it_does_here() {
    let network = network_of(include_str!("networks/coba.toml"), &[("N_E", "800"), ("K_E", "80")]);
    assert_that_brian2_does_the_same(&network, 0.2);
}

#[test]
fn a_delta_network_does_under_brian2_what_it_does_here() {
    let network = brunel(&[("N_E", "400"), ("K_E", "40"), ("J", "0.45 mV"), ("eta", "1.5")]);
    // Both round to the grid alike, so a coarse one tells as much.
    assert_that_brian2_does_the_same(&network, 0.5);
}

/// Simulates on both sides with three seeds, and compares rate and CV of each population.
fn assert_that_brian2_does_the_same(network: &Network, dt_ms: f64) {
    let runs: Vec<(Network, SimulationOptions)> =
        (1..=3).map(|seed| (network.clone(), SimulationOptions { dt_ms, seed, ..options(1500.0, 200.0) })).collect();
    let Some(ran) = run(ExportTarget::Brian2, &runs) else { return };
    let running = Work::default();
    let ours = runs.iter().map(|(network, options)| {
        let mut simulator = Simulator::build(network, options, &running).expect("it can be simulated");
        simulator.advance(u64::MAX, &running, |_, _| Ok::<(), std::convert::Infallible>(())).expect("nothing can fail");
        simulator.result().populations
    });
    let ours: Vec<_> = ours.collect();
    for (index, population) in network.populations.iter().enumerate() {
        let found = |key: &str| {
            ran.iter().map(|ran| ran.printed["populations"][index][key].as_f64().expect("a number")).collect::<Vec<_>>()
        };
        let (rates, cvs, fano_factor) = (found("rate_hz"), found("cv"), agreement::mean(&found("fano_factor")));
        let size = population.size as f64;
        let error = (fano_factor * agreement::mean(&rates) / (size * 1.5)).sqrt();
        let rate = Comparison::new(&ours.iter().map(|run| run[index].rate_hz).collect::<Vec<_>>(), &rates, error);
        let cv = ours.iter().filter_map(|run| run[index].cv).collect::<Vec<_>>();
        let cv = Comparison::new(&cv, &cvs, 0.25 * agreement::mean(&cvs) / size.sqrt());
        println!("{}: {rate:?} {cv:?}", population.name);
        assert!(rate.is_within(MOST_STANDARD_ERRORS, 0.0), "rate of {}: {rate:?}", population.name);
        assert!(cv.is_within(MOST_STANDARD_ERRORS, 0.0), "CV of {}: {cv:?}", population.name);
    }
}

#[test]
fn perfect_neurons_do_under_brian2_what_they_do_here() {
    let text = r#"
[neurons.n]
model = "perfect"
tau_m = "20 ms"
C_m = "250 pF"
E_L = "-65 mV"
V_th = "-50 mV"
V_reset = "-60 mV"
t_ref = "2 ms"
[synapses.slow]
kind = "exponential_current"
tau = "5 ms"
[populations]
steady = { size = 20, neuron = "n" }
noisy = { size = 400, neuron = "n" }
slow = { size = 400, neuron = "n" }
[[drives]]
to = "steady"
kind = "current"
value = "16.00001 mV"
[[drives]]
to = "noisy"
kind = "noise"
mean = "16 mV"
std = "3 mV"
[[drives]]
to = "slow"
kind = "poisson"
rate = "1 kHz"
weight = { distribution = "exponential", mean = "50 pA" }
redraw_weights = true
synapse = "slow"
[[projections]]
from = "noisy"
to = "slow"
in_degree = 20
weight = "-5 pA"
synapse = "slow"
delay = "1.5 ms"
"#;
    let (network, options) = (network_of(text, &[]), options(1450.0, 145.0));
    let Some(ran) = run(ExportTarget::Brian2, &[(network.clone(), options.clone())]) else { return };
    let running = Work::default();
    let mut simulator = Simulator::build(&network, &options, &running).expect("it can be simulated");
    simulator.advance(u64::MAX, &running, |_, _| Ok::<(), std::convert::Infallible>(())).expect("nothing can fail");
    let ours = simulator.result().populations;
    // a spike every 14.5 ms: 125 steps of 0.08 mV and 2 ms
    assert_eq!(ours[0].spikes, 2000);
    let steady = ran[0].printed["populations"][0]["rate_hz"].as_f64().expect("a rate");
    assert!((steady / ours[0].rate_hz - 1.0).abs() < 1e-12, "{steady} {}", ours[0].rate_hz);
    for (index, ours) in ours.iter().enumerate().skip(1) {
        let found = |key: &str| ran[0].printed["populations"][index][key].as_f64().expect("a number");
        // the scatter of both: CV / sqrt(spikes) each, with some 40,000 spikes
        let cv = ours.cv.expect("many spikes");
        let within = MOST_STANDARD_ERRORS * cv * (2.0 / ours.spikes as f64).sqrt();
        assert!(
            (found("rate_hz") / ours.rate_hz - 1.0).abs() < within,
            "{}: {} {}",
            ours.name,
            found("rate_hz"),
            ours.rate_hz
        );
        assert!((found("cv") / cv - 1.0).abs() < 0.05, "{}: {} {cv}", ours.name, found("cv"));
    }
}

#[test]
fn weights_that_are_drawn_anew_are_nothing_that_a_connection_of_nest_has() {
    let network = |weight: &str| {
        TestNetwork::one_population(10)
            .drive("A", &format!("kind = \"poisson\"\nrate = \"1 kHz\"\nweight = {weight}\nredraw_weights = true"))
            .read()
    };
    let script = |weight: &str| script(&network(weight), ExportTarget::Nest, &options(10.0, 0.0));
    let refused = script("{ mean = \"1 mV\", std = \"0.1 mV\" }").expect_err("no such connection").to_string();
    assert!(refused.contains("redraw_weights") && refused.contains("export brian2"), "{refused}");
    assert!(script("\"1 mV\"").is_ok(), "one weight is the same, drawn anew or not");
}

#[test]
fn neurons_whose_spikes_begin_by_themselves_do_under_brian2_what_they_do_here() {
    let text = r#"
[neurons]
e = { model = "eif", tau_m = "20 ms", C_m = "250 pF", E_L = "-65 mV", V_th = "-50 mV", V_reset = "-60 mV", t_ref = "2 ms", Delta_T = "2 mV", V_peak = "-20 mV" }
a = { model = "adex", tau_m = "20 ms", C_m = "250 pF", E_L = "-65 mV", V_th = "-50 mV", V_reset = "-60 mV", t_ref = "2 ms", Delta_T = "2 mV", V_peak = "-20 mV", a = "2 nS", b = "40 pA", tau_w = "100 ms" }
q = { model = "qif", tau_m = "20 ms", C_m = "250 pF", E_L = "-65 mV", V_th = "-55 mV", V_reset = "-75 mV", t_ref = "2 ms", Delta_T = "1 mV", V_peak = "-5 mV" }
[synapses.slow]
kind = "exponential_current"
tau = "5 ms"
[populations]
E = { size = 400, neuron = "e" }
A = { size = 400, neuron = "a" }
Q = { size = 400, neuron = "q" }
[[drives]]
to = ["E", "A"]
kind = "noise"
mean = "17 mV"
std = "4 mV"
[[drives]]
to = "Q"
kind = "poisson"
rate = "1 kHz"
weight = "50 pA"
synapse = "slow"
[[projections]]
from = "E"
to = ["A", "Q"]
in_degree = 20
weight = "-5 pA"
synapse = "slow"
delay = "1.5 ms"
[[projections]]
from = "Q"
to = "E"
in_degree = 20
weight = "-0.2 mV"
delay = "1 ms"
"#;
    let (network, options) = (network_of(text, &[]), options(1500.0, 300.0));
    let Some(ran) = run(ExportTarget::Brian2, &[(network.clone(), options.clone())]) else { return };
    let running = Work::default();
    let mut simulator = Simulator::build(&network, &options, &running).expect("it can be simulated");
    simulator.advance(u64::MAX, &running, |_, _| Ok::<(), std::convert::Infallible>(())).expect("nothing can fail");
    for (index, ours) in simulator.result().populations.iter().enumerate() {
        let found = |key: &str| ran[0].printed["populations"][index][key].as_f64().expect("a number");
        // the scatter of both: CV / sqrt(spikes) each
        let cv = ours.cv.expect("many spikes");
        let within = MOST_STANDARD_ERRORS * cv * (2.0 / ours.spikes as f64).sqrt();
        println!("{}: {} Hz, {} here, within {within}", ours.name, found("rate_hz"), ours.rate_hz);
        assert!(ours.rate_hz > 5.0, "{}: {} Hz", ours.name, ours.rate_hz);
        assert!((found("rate_hz") / ours.rate_hz - 1.0).abs() < within, "{}: {}", ours.name, found("rate_hz"));
        assert!((found("cv") / cv - 1.0).abs() < 0.05, "{}: {} {cv}", ours.name, found("cv"));
    }
}

/// Neurons that differ in all that can differ; NEST has those before `only_brian2`.
const DIFFERING: &str = r#"
[neurons]
l = { model = "lif", tau_m = { mean = "20 ms", std = "2 ms" }, C_m = "250 pF", E_L = { mean = "-65 mV", std = "0.5 mV" }, V_th = { mean = "-50 mV", std = "1 mV" }, V_reset = "-60 mV", t_ref = "2 ms", I_e = { distribution = "uniform", low = "200 pA", high = "250 pA" } }
a = { model = "adex", tau_m = { distribution = "lognormal", mean = "20 ms", std = "2 ms" }, C_m = "250 pF", E_L = "-65 mV", V_th = { distribution = "uniform", low = "-51 mV", high = "-49 mV" }, V_reset = "-60 mV", t_ref = "2 ms", Delta_T = "2 mV", V_peak = "-20 mV", a = "1 nS", b = "10 pA", tau_w = "100 ms", I_e = "300 pA" }
c = { model = "lif", tau_m = "10 ms", E_L = "-65 mV", V_th = "-50 mV", V_reset = "-60 mV", t_ref = "2 ms", I_e = { distribution = "lorentzian", center = "17 mV", half_width = "0.5 mV" } }
q = { model = "qif", tau_m = "20 ms", C_m = "250 pF", E_L = "-65 mV", V_th = { mean = "-55 mV", std = "0.7 mV" }, V_reset = "-75 mV", t_ref = "2 ms", Delta_T = "1 mV", V_peak = "-5 mV", I_e = "13 mV" }
p = { model = "perfect", tau_m = { mean = "20 ms", std = "2 ms" }, V_th = { mean = "20 mV", std = "2 mV" }, V_reset = "0 mV", t_ref = "2 ms", I_e = { mean = "25 mV", std = "1 mV" } }
[synapses.s]
kind = "exponential_current"
tau = "5 ms"
[populations]
L = { size = 1000, neuron = "l" }
A = { size = 1000, neuron = "a" }
C = { size = 1000, neuron = "c" }
#only_brian2 Q = { size = 1000, neuron = "q" }
#only_brian2 P = { size = 1000, neuron = "p" }
[[drives]]
to = "L"
kind = "poisson"
rate = "1 kHz"
weight = "10 pA"
synapse = "s"
"#;

#[test]
fn neurons_that_differ_have_the_rates_and_the_spread_of_rates_that_they_have_here() {
    let running = Work::default();
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        let text = match target {
            ExportTarget::Nest => DIFFERING.to_string(),
            ExportTarget::Brian2 => DIFFERING.replace("#only_brian2 ", ""),
        };
        let (network, options) = (network_of(&text, &[]), options(1500.0, 300.0));
        let Some(ran) = run(target, &[(network.clone(), options.clone())]) else { continue };
        let mut simulator = Simulator::build(&network, &options, &running).expect("it can be simulated");
        simulator.advance(u64::MAX, &running, |_, _| Ok::<(), std::convert::Infallible>(())).expect("nothing can fail");
        for ours in &simulator.result().populations {
            let size = ours.size as usize;
            let mut counts = vec![0.0; size];
            for ((name, time_ms), neuron) in ran[0].spikes.iter().zip(&ran[0].neurons) {
                if *name == ours.name && *time_ms > options.warmup_ms {
                    counts[*neuron] += 1.0;
                }
            }
            let mut rates: Vec<f64> = counts.iter().map(|count| count / 1.5).collect();
            let rate = agreement::mean(&rates);
            // the middle half, since a few neurons decide on the standard deviation of what has a Lorentzian law
            rates.sort_by(f64::total_cmp);
            let spread = rates[3 * size / 4] - rates[size / 4];
            let [_, at_25, _, at_75, _] = ours.rate_distribution.quantiles_hz;
            let own = at_75 - at_25;
            let std_hz = ours.rate_distribution.std_hz.expect("rates differ");
            // both draw their own neurons
            let error = std_hz * (2.0 / size as f64).sqrt();
            println!("{target:?} {}: {rate} and {} Hz, apart by {spread} and {own}", ours.name, ours.rate_hz);
            assert!(
                (rate - ours.rate_hz).abs() < MOST_STANDARD_ERRORS * error,
                "{}: {rate} {}",
                ours.name,
                ours.rate_hz
            );
            // 3 standard errors of both, 6 % each, hold the middle half of a thousand, and rates are counts over 1.5 s: one more or less at either end
            let allowed = 0.25 * own + 2.0 / 1.5;
            assert!((spread - own).abs() < allowed, "{}: {spread} {own}", ours.name);
            assert!(std_hz > 1.0, "{}: {std_hz}", ours.name);
        }
    }
}

/// The potential is the sum of exponentials of up to three time constants, two or all three of which may be equal.
#[test]
fn currents_that_rise_make_the_same_spikes_under_brian2_as_here() {
    let text = include_str!("networks/rising_currents.toml").replace(
        "equal = {",
        "double = { kind = \"double_exponential_current\", tau_rise = \"1 ms\", tau_decay = \"5 ms\" }\nequal = {",
    );
    let double = text.replace("synapse   = \"slow\"", "synapse   = \"double\"");
    let runs: Vec<(Network, SimulationOptions)> =
        [&text, &double].map(|text| (network_of(text, &[]), options(600.0, 600.0))).to_vec();
    let Some(ran) = run(ExportTarget::Brian2, &runs) else { return };
    for ((network, options), ran) in runs.iter().zip(ran) {
        let running = Work::default();
        let mut simulator = Simulator::build(network, options, &running).expect("it can be simulated");
        let mut ours = Vec::new();
        let keep = |step: u64, neurons: &[u32]| {
            let name = |number: &u32| network.populations[*number as usize].name.clone();
            ours.extend(neurons.iter().map(|number| (name(number), step)));
            Ok::<(), std::convert::Infallible>(())
        };
        simulator.advance(u64::MAX, &running, keep).expect("nothing can fail");
        let mut theirs: Vec<(String, u64)> =
            ran.spikes.iter().map(|(name, time_ms)| (name.clone(), (time_ms / options.dt_ms).round() as u64)).collect();
        for spikes in [&mut ours, &mut theirs] {
            // where the potentials started is forgotten when the drives begin
            spikes.retain(|(_, step)| *step > 6000);
            spikes.sort();
        }
        assert!(ours.len() > 60 && ours.len() == theirs.len(), "{ours:?} {theirs:?}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            // a time constant that is told apart from the membrane's moves a spike among dozens by a step, and those after it
            let allowed = if ours.0 == "EQUAL" { 3 } else { 0 };
            assert!(ours.0 == theirs.0 && ours.1.abs_diff(theirs.1) <= allowed, "{ours:?} {theirs:?}");
        }
    }
}
