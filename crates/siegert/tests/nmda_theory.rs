//! The theory of NMDA synapses against simulated networks: a neuron whose potential NMDA bends, a sparse network, and a memory that is held.
//!
//! States that were computed elsewhere are in `models/brunel_wang2001.toml` (`tests/published.rs`).

#![allow(non_snake_case)] // symbols of the field keep their capitals: V

#[path = "support/simulating.rs"]
mod simulating;

use siegert::network::{Network, ReadOptions, bundled, parse};
use siegert::simulation::SimulationOptions;
use siegert::testing::read;
use siegert::theory::{FixedPoint, Theory, TheoryOptions};
use simulating::{advance, built};

const NEURONS: &str = r#"
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
V_reset = "-60 mV"
t_ref = "2 ms"
[synapses]
nmda = { kind = "nmda", tau_rise = "2 ms", tau_decay = "100 ms", alpha = "0.5 /ms", E_rev = "0 mV" }
ampa = { kind = "exponential_conductance", tau = "2 ms", E_rev = "0 mV" }
[populations]
T = { size = 400, neuron = "target" }
"#;

/// Poisson drives of T: AMPA as noise, and a hundred sources through NMDA, each with gates of its own; or a population S of such sources.
fn driven(rate_hz: f64, weight_ns: f64, by_population: bool) -> Network {
    let ampa =
        "[[drives]]\nto = \"T\"\nkind = \"poisson\"\nrate = \"3 kHz\"\nweight = \"1.5 nS\"\nsynapse = \"ampa\"\n";
    let nmda = match by_population {
        true => format!(
            "S = {{ size = 4000, neuron = \"source\" }}\n{ampa}[[drives]]\nto = \"S\"\nkind = \"poisson\"\nrate = \"{rate_hz} Hz\"\nweight = \"10 mV\"\n\
             [[projections]]\nfrom = \"S\"\nto = \"T\"\nin_degree = 100\nmultapses = false\nweight = \"{weight_ns} nS\"\ndelay = \"0.5 ms\"\nsynapse = \"nmda\"\n"
        ),
        false => format!(
            "{ampa}[[drives]]\nto = \"T\"\nkind = \"poisson\"\nrate = \"{rate_hz} Hz\"\nin_degree = 100\nweight = \"{weight_ns} nS\"\nsynapse = \"nmda\"\n"
        ),
    };
    read(&format!("{NEURONS}{nmda}"))
}

fn solved(network: &Network) -> FixedPoint {
    Theory::new(network, &TheoryOptions::default()).unwrap().solution().unwrap().fixed_points.remove(0)
}

fn options(warmup_ms: f64, duration_ms: f64) -> SimulationOptions {
    SimulationOptions { warmup_ms, duration_ms, ..SimulationOptions::default() }
}

#[test]
fn neurons_driven_through_nmda_fire_as_the_theory_says() {
    for (rate_hz, weight_ns) in [(5.0, 1.0), (20.0, 0.6), (20.0, 1.2), (60.0, 1.0)] {
        let theory = solved(&driven(rate_hz, weight_ns, false));
        let mut simulator = built(&driven(rate_hz, weight_ns, true), &options(1000.0, 10_000.0));
        advance(&mut simulator, u64::MAX);
        let simulated = &simulator.result().populations[0];
        let (found, expected) = (theory.populations[0].rate_hz, simulated.rate_hz);
        let cv = (theory.populations[0].cv.unwrap(), simulated.cv.unwrap());
        println!("{rate_hz} Hz, {weight_ns} nS: {found} Hz, simulated {expected} Hz, CV {cv:?}");
        assert!(
            (found / expected - 1.0).abs() < 0.05,
            "{rate_hz} Hz, {weight_ns} nS: {found} Hz, simulated {expected}"
        );
        assert!((cv.0 / cv.1 - 1.0).abs() < 0.06, "{rate_hz} Hz, {weight_ns} nS: CV {cv:?}");
    }
}

fn brunel_wang(overrides: &[(&str, &str)]) -> Network {
    let overrides = overrides.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let options = ReadOptions { overrides, case: None };
    parse(bundled::find("brunel_wang2001").unwrap().text, "brunel_wang2001", &options).unwrap()
}

/// The paper's model with its 1,000 neurons: a cue from 1 to 1.5 s, and rates of the two seconds after it.
#[test]
fn a_simulated_network_holds_what_it_was_shown_for_two_seconds() {
    let mut simulator = built(&brunel_wang(&[("cue", "25 Hz")]), &options(1500.0, 2000.0));
    advance(&mut simulator, u64::MAX);
    let rates: Vec<f64> = simulator.result().populations.iter().map(|population| population.rate_hz).collect();
    println!("{rates:?}");
    assert!(rates[0] > 20.0, "the one that was shown fires: {rates:?}");
    assert!(rates[1..5].iter().all(|rate| *rate < 4.0), "the others do not: {rates:?}");
    // without a cue there is nothing to remember
    let mut simulator = built(&brunel_wang(&[]), &options(1500.0, 2000.0));
    advance(&mut simulator, u64::MAX);
    let rates: Vec<f64> = simulator.result().populations.iter().map(|population| population.rate_hz).collect();
    assert!(rates[..5].iter().all(|rate| *rate < 6.0), "{rates:?}");
}
