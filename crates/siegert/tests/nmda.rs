//! NMDA synapses: what flows through them is what the gates of each source and the block by magnesium say, and neither threads nor checkpoints change it.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V

#[path = "support/simulating.rs"]
mod simulating;
mod support;

use siegert::comparison::export::{ExportTarget, script};
use siegert::network::{ReadOptions, Synapse, parse};
use siegert::simulation::{Chosen, Connectivity, Recording, SimulationOptions};
use siegert::testing::read;
use siegert::theory::{Theory, TheoryOptions};
use simulating::{advance, built};
use support::{number, table};

/// A drive of NEST's neurons.
const AMPA: &str = "kind = \"poisson\"\nrate = \"3 kHz\"\nweight = \"1.5 nS\"\nsynapse = \"ampa\"";

fn options(duration_ms: f64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms: 0.0, threads: Some(1), ..SimulationOptions::default() }
}

/// Ten sources that spike at every event of a Poisson train and are heard by all of T through NMDA; those fire by themselves, and inhibit each other.
const NETWORK: &str = r#"
[neurons.source]
model = "lif"
tau_m = "10 ms"
E_L = "0 mV"
V_th = "5 mV"
V_reset = "0 mV"
t_ref = "0 ms"
[neurons.target]
model = "lif"
C_m = "500 pF"
g_L = "25 nS"
E_L = "-70 mV"
V_th = "-50 mV"
V_reset = "-55 mV"
t_ref = "2 ms"
[synapses]
nmda = { kind = "nmda", tau_rise = "2 ms", tau_decay = "100 ms", alpha = "0.5 /ms", E_rev = "0 mV" }
gaba = { kind = "exponential_conductance", tau = "5 ms", E_rev = "-70 mV" }
[populations]
S = { size = 10, neuron = "source" }
T = { size = 300, neuron = "target" }
[[projections]]
from = "S"
to = "T"
probability = 1
weight = "20 nS"
delay = "0.5 ms"
synapse = "nmda"
[[projections]]
from = "T"
to = "T"
in_degree = 20
weight = "1 nS"
delay = "1 ms"
synapse = "gaba"
[[drives]]
to = "S"
kind = "poisson"
rate = "20 Hz"
weight = "10 mV"
[[drives]]
to = "T"
kind = "noise"
mean = "3 mV"
std = "2 mV"
"#;

#[test]
fn what_flows_is_what_the_gates_of_each_source_and_the_block_say() {
    // without inhibition the current is that of NMDA alone
    let alone = NETWORK.replace("\"1 nS\"", "\"0 nS\"");
    let mut simulator = built(&read(&alone), &options(800.0));
    let of = Chosen { population: 1, first: 0, last: 0 };
    simulator
        .record(&[Recording::Potentials { of, every_ms: 0.1 }, Recording::Currents { of, every_ms: 0.1 }])
        .expect("they can be recorded");
    let spikes = advance(&mut simulator, u64::MAX);
    let recorded = simulator.take_recorded();
    let (mut gates, mut g, mut on_their_way) = (vec![(0.0, 0.0); 10], 0.0, vec![0.0; 8010]);
    let (tau_decay_ms, opened) = (100.0, 1.0 - f64::exp(-0.5 * 2.0));
    for (step, neuron) in spikes.iter().filter(|(_, neuron)| *neuron < 10) {
        let (s, before): &mut (f64, f64) = &mut gates[*neuron as usize];
        let time_ms = 0.1 * *step as f64;
        *s *= f64::exp(-(time_ms - *before) / tau_decay_ms);
        *before = time_ms;
        let opens = (1.0 - *s) * opened;
        *s += opens;
        on_their_way[*step as usize + 5] += 20.0 * opens;
    }
    let mut largest: f64 = 0.0;
    for (row, (V, I)) in recorded[0].iter().zip(&recorded[1]).enumerate() {
        // row r is of step r + 1
        g = g * f64::exp(-0.1 / tau_decay_ms) + on_their_way[row + 1];
        let (V, I) = (V.value, I.value);
        let expected = g * (0.0 - V) / (1.0 + f64::exp(-0.062 * V) / 3.57);
        largest = largest.max(expected);
        assert!((I - expected).abs() < 1e-4 * expected.abs() + 1e-6, "step {}: {I} pA, not {expected}", row + 1);
    }
    assert!(largest > 100.0, "{largest} pA at most");
}

#[test]
fn neurons_fire_as_those_of_nest_that_follow_the_rise_of_the_gates() {
    for row in table("nest_nmda") {
        let of = |name: &str| number(&row, name);
        let text = NETWORK
            .replace("V_reset = \"-55 mV\"", "V_reset = \"-60 mV\"")
            .replace("\"20 nS\"", "\"0.6 nS\"")
            .replace("\"1 nS\"", "\"0 nS\"")
            .replace("S = { size = 10,", "S = { size = 100,")
            .replace("T = { size = 300,", "T = { size = 40,")
            .replace("rate = \"20 Hz\"", &format!("rate = \"{} Hz\"", of("source_hz")))
            .replace("kind = \"noise\"\nmean = \"3 mV\"\nstd = \"2 mV\"", AMPA);
        let text = text.replace(
            "gaba =",
            "ampa = { kind = \"exponential_conductance\", tau = \"2 ms\", E_rev = \"0 mV\" }\ngaba =",
        );
        assert!(text.contains(AMPA) && text.contains("ampa ="), "the network is that of NEST");
        let mut simulator = built(&read(&text), &SimulationOptions { warmup_ms: 1000.0, ..options(10_000.0) });
        advance(&mut simulator, u64::MAX);
        let populations = simulator.result().populations;
        let (found, membrane) = (&populations[1], populations[1].membrane.as_ref().expect("it is sampled"));
        // to the rate that the sources had, to whose logarithm that of the neurons grows by about a third
        let expected_hz = of("rate_hz") * (populations[0].rate_hz / of("source_hz")).powf(1.0 / 3.0);
        println!("{} Hz: {} Hz, NEST {expected_hz}; V {} mV", of("source_hz"), found.rate_hz, membrane.mean_mv);
        assert!((found.rate_hz / expected_hz - 1.0).abs() < 0.02, "{} Hz, NEST {expected_hz} Hz", found.rate_hz);
        assert!((membrane.mean_mv - of("V_mean_mv")).abs() < 0.06, "{} mV", membrane.mean_mv);
        assert!((membrane.std_mv / of("V_std_mv") - 1.0).abs() < 0.015, "{} mV", membrane.std_mv);
    }
}

#[test]
fn neither_threads_nor_connectivity_nor_checkpoints_change_what_nmda_does() {
    let network = read(NETWORK);
    let run = |threads, connectivity| {
        let options = SimulationOptions { threads: Some(threads), connectivity, ..options(400.0) };
        let mut simulator = built(&network, &options);
        let spikes = advance(&mut simulator, u64::MAX);
        (spikes, simulator.result().populations)
    };
    let expected = run(1, Connectivity::Explicit);
    assert!(expected.1[1].rate_hz > 2.0, "{} Hz", expected.1[1].rate_hz);
    assert!(run(3, Connectivity::Explicit) == expected && run(2, Connectivity::Redrawn) == expected, "another run");
    let mut simulator = built(&network, &options(400.0));
    let mut spikes = advance(&mut simulator, 1777);
    let mut saved = Vec::new();
    simulator.save(&mut saved).expect("memory can be written");
    let mut later = built(&network, &SimulationOptions { threads: Some(2), ..options(400.0) });
    later.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
    spikes.extend(advance(&mut later, u64::MAX));
    assert!(spikes == expected.0, "another run after it was taken up");
}

#[test]
fn the_constants_of_nmda_have_units_defaults_and_limits() {
    let of = |text: &str| read(text).projections[0].synapse;
    let Synapse::Nmda { alpha_per_ms, Mg, beta_per_mv, gamma, .. } = of(NETWORK) else { panic!("it is nmda") };
    assert_eq!((alpha_per_ms, Mg, beta_per_mv, gamma), (0.5, 1.0, 0.062, 3.57));
    let with = |more: &str| NETWORK.replace("alpha = \"0.5 /ms\"", &format!("alpha = \"0.5 /ms\", {more}"));
    let Synapse::Nmda { Mg, beta_per_mv, gamma, .. } = of(&with("Mg = 0.5, beta = \"0.08 /mV\", gamma = 3")) else {
        panic!("it is nmda")
    };
    assert_eq!((Mg, gamma), (0.5, 3.0));
    assert!((beta_per_mv - 0.08).abs() < 1e-15);
    let refused = |text: &str| parse(text, "test", &ReadOptions::default()).expect_err("a mistake").to_string();
    assert!(refused(&with("beta = \"0.08 mV\"")).contains("beta"));
    assert!(refused(&with("Mg = -1")).contains("Mg"));
    assert!(refused(&NETWORK.replace("alpha = \"0.5 /ms\"", "alpha = \"0.5 ms\"")).contains("alpha"));
    assert!(refused(&NETWORK.replace("alpha = \"0.5 /ms\", ", "")).contains("alpha"));
    assert!(refused(&NETWORK.replace("tau_rise = \"2 ms\"", "tau_rise = \"200 ms\"")).contains("tau_rise"));
}

#[test]
fn what_is_not_there_yet_for_nmda_is_refused_by_name() {
    let network = read(NETWORK);
    let kinds: String = (0..3)
        .map(|k| {
            format!(
                "[synapses.more{k}]\nkind = \"nmda\"\ntau_rise = \"1 ms\"\ntau_decay = \"{} ms\"\nalpha = \"0.5 /ms\"\nE_rev = \"0 mV\"\n\
                 [[projections]]\nfrom = \"S\"\nto = \"T\"\nin_degree = 2\nweight = \"1 nS\"\nsynapse = \"more{k}\"\n",
                50 + k
            )
        })
        .collect();
    let many = read(&format!("{NETWORK}{kinds}"));
    let error = Theory::new(&many, &TheoryOptions::default()).expect_err("too many kinds").to_string();
    assert!(error.contains("nmda synapses are of 4 kinds"), "{error}");
    // sources of jumps of the potential are not NEST's neuron with NMDA receptors, which alone sends through them
    let error = script(&network, ExportTarget::Nest, &SimulationOptions::default()).expect_err("no script").to_string();
    assert!(
        error.contains("population S") && error.contains("conductances alone") && error.contains("brian2"),
        "{error}"
    );
    let driven = format!(
        "{NETWORK}[[drives]]\nto = \"T\"\nkind = \"poisson\"\nrate = \"5 Hz\"\nweight = \"1 nS\"\nsynapse = \"nmda\"\n"
    );
    for target in [ExportTarget::Nest, ExportTarget::Brian2] {
        let error = script(&read(&driven), target, &SimulationOptions::default()).expect_err("no script").to_string();
        assert!(error.contains("drive of T") && error.contains("source by source"), "{error}");
    }
}

/// Trains from outside, each with gates of its own, do in the mean what the same trains do as a population; and neither threads nor checkpoints change what they do.
#[test]
fn trains_from_outside_open_the_gates_of_their_sources() {
    let base = NETWORK.split("[[projections]]").next().expect("what comes before projections");
    let heard = |steady: bool, shared: bool, law: bool| {
        let weight =
            if law { "{ mean = \"0.2 nS\", std = \"0.1 nS\", distribution = \"lognormal\" }" } else { "\"0.2 nS\"" };
        let course = if steady { "" } else { "modulation = { amplitude = 0.5, frequency = \"10 Hz\" }\n" };
        read(&format!(
            "{base}[[drives]]\nto = \"T\"\nkind = \"poisson\"\nrate = \"40 Hz\"\nin_degree = 30\nweight = {weight}\nsynapse = \"nmda\"\nshared = {shared}\n{course}"
        ))
    };
    // of 30 sources at 40 Hz, of whose gates the part q r tau/(1 + q r tau) is open
    let opened = 1.0 - f64::exp(-1.0);
    let open = opened * 0.04 * 100.0 / (1.0 + opened * 0.04 * 100.0);
    let network = heard(true, false, false);
    let mut simulator = built(&network, &SimulationOptions { warmup_ms: 1000.0, ..options(4000.0) });
    advance(&mut simulator, u64::MAX);
    let membrane = simulator.result().populations[1].membrane.clone().expect("potentials are sampled");
    let (g_L, g) = (25.0, 30.0 * 0.2 * open);
    let V = membrane.mean_mv;
    let let_through = 1.0 / (1.0 + f64::exp(-0.062 * V) / 3.57);
    // where what leaks is what flows in; the potential hardly fluctuates
    let flows = g * let_through * -V;
    assert!((flows / (g_L * (V + 70.0)) - 1.0).abs() < 0.02, "{V} mV: {flows} and {}", g_L * (V + 70.0));

    for (steady, shared, law) in [(true, false, false), (false, false, true), (true, true, true), (false, true, false)]
    {
        let network = heard(steady, shared, law);
        let run = |threads: usize, taken_up: bool| {
            let options = SimulationOptions { threads: Some(threads), ..options(200.0) };
            let mut simulator = built(&network, &options);
            if taken_up {
                advance(&mut simulator, 777);
                let mut saved = Vec::new();
                simulator.save(&mut saved).expect("memory can be written");
                simulator = built(&network, &options);
                simulator.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
            }
            advance(&mut simulator, u64::MAX);
            simulator.result().populations[1].membrane.clone().expect("potentials are sampled")
        };
        let expected = run(1, false);
        assert!(expected.mean_mv > -69.5, "{expected:?}");
        assert_eq!(run(2, false), expected, "{steady} {shared} {law}: threads");
        assert_eq!(run(1, true), expected, "{steady} {shared} {law}: taken up");
    }
}
