//! Conductances that are open for an instant, each spike with the jump that it makes: against simulated neurons, a simulated network, and what is refused.

#![allow(non_snake_case)] // symbols of the field keep their capitals: E_rev

#[path = "support/driven_conductances.rs"]
mod driven_conductances;
#[path = "support/simulating.rs"]
mod simulating;
mod support;

use driven_conductances::driven;
use siegert::comparison::expected_membrane;
use siegert::network::Network;
use siegert::neuron::lif::SynapticFilter;
use siegert::simulation::SimulationOptions;
use siegert::stationary::{RateMap, SolveError};
use siegert::testing::{read, state};
use siegert::theory::{FixedPoint, InputTheory, Theory, TheoryOptions};
use simulating::{advance, built};
use support::{Row, number, table};

const SHOT_NOISE: TheoryOptions = TheoryOptions { filter: SynapticFilter::Auto, input: InputTheory::ShotNoise };

/// The one state of a network, which its rates make again.
fn solved(network: &Network) -> FixedPoint {
    let theory = Theory::new(network, &SHOT_NOISE).unwrap();
    let found = theory.states().unwrap();
    assert_eq!(found.states.len(), 1, "{}", network.name);
    let rates = found.states[0].rates_hz();
    let again = theory.map().output_rates_hz(&rates);
    for (rate, again) in rates.iter().zip(&again) {
        assert!((again / rate - 1.0).abs() < 1e-7, "{rates:?} {again:?}");
    }
    theory.fixed_point(&found.states[0])
}

/// Rows of neurons that are reached through instantaneous conductances.
fn instantaneous() -> Vec<Row> {
    table("conductance").into_iter().filter(|row| number(row, "tau_ms_e") == 0.0).collect()
}

/// White noise that depends on the potential is up to 13 % off here, jumps of their size at most 1.3 %, which are the sampling errors and the grid of the simulation.
#[test]
fn rates_and_cvs_are_those_of_simulated_neurons() {
    let rows = instantaneous();
    assert!(rows.len() >= 4, "{}", rows.len());
    for row in rows {
        let of = |name: &str| number(&row, name);
        let network = driven(&row, 100);
        let (found, white_hz) = (&solved(&network).populations[0], state(&network).populations[0].rate_hz);
        let off = |rate_hz: f64| 100.0 * (rate_hz / of("rate_hz") - 1.0);
        println!(
            "{} +- {} Hz: {} ({:+.2} %), white noise {:+.2} %, CV {:?} of {}",
            of("rate_hz"),
            of("sem_hz"),
            found.rate_hz,
            off(found.rate_hz),
            off(white_hz),
            found.cv,
            row["cv"]
        );
        assert!((found.rate_hz - of("rate_hz")).abs() < (0.015 * of("rate_hz")).max(4.0 * of("sem_hz")), "{row:?}");
        assert!(off(found.rate_hz).abs() < 0.5 * off(white_hz).abs(), "{row:?}: {} {white_hz}", found.rate_hz);
        assert!((found.cv.unwrap() / of("cv") - 1.0).abs() < 0.01, "{row:?}: {:?}", found.cv);
    }
}

#[test]
fn the_effect_of_jumps_is_beside_white_noise_that_depends_on_the_potential() {
    for row in instantaneous() {
        let network = driven(&row, 100);
        let (found, white) = (solved(&network), state(&network));
        let effects = found.populations[0].validity.effects;
        let jumps = effects.jumps.unwrap();
        assert!((jumps.with_hz / found.populations[0].rate_hz - 1.0).abs() < 1e-12, "{jumps:?}");
        // one neuron type and no feedback: the same input
        assert!((jumps.without_hz / white.populations[0].rate_hz - 1.0).abs() < 1e-6, "{jumps:?} {white:?}");
        assert!(effects.conductance_noise.is_none() && effects.filter.is_none(), "{effects:?}");
        // and white noise says what it lacks
        let corrected_hz = white.populations[0].validity.shot_noise_corrected_rate_hz.unwrap();
        assert!((corrected_hz / found.populations[0].rate_hz - 1.0).abs() < 1e-6, "{corrected_hz} {found:?}");
    }
}

#[test]
fn potentials_are_those_of_simulated_neurons() {
    for row in instantaneous() {
        let of = |name: &str| number(&row, name);
        let map = RateMap::new(&driven(&row, 100), SHOT_NOISE).unwrap();
        let (input, rate_hz) = (map.inputs(&[1.0])[0], map.output_rates_hz(&[1.0])[0]);
        let found = expected_membrane(&map.transfers()[0], &input, rate_hz);
        println!("{found:?}, simulated {} and {}", of("V_mean_mv"), of("V_std_mv"));
        assert_eq!(of("clamp"), 1.0, "with refractory neurons");
        assert!((found.mean_mv - of("V_mean_mv")).abs() < 0.03, "{found:?} {row:?}");
        assert!((found.std_mv / of("V_std_mv") - 1.0).abs() < 0.01, "{found:?} {row:?}");
    }
}

/// Excitatory jumps of 0.8 mV and inhibitory ones of 10 mV near the threshold, `{more}` for what else there is.
fn strong_network(more: &str) -> Network {
    let neurons = "[neurons.n]\nmodel = \"lif\"\nC_m = \"200 pF\"\ng_L = \"10 nS\"\nE_L = \"-70 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
         [populations]\nE = { size = 800, neuron = \"n\" }\nI = { size = 200, neuron = \"n\" }\n\
         [synapses.e]\nkind = \"delta_conductance\"\nE_rev = \"0 mV\"\n[synapses.i]\nkind = \"delta_conductance\"\nE_rev = \"-75 mV\"\n";
    let projection = |source: &str, in_degree: u32, weight: &str| {
        format!(
            "[[projections]]\nfrom = \"{source}\"\nto = [\"E\", \"I\"]\nin_degree = {in_degree}\nweight = \"{weight} nS\"\nsynapse = \"{}\"\n\
             delay = {{ distribution = \"uniform\", low = \"1 ms\", high = \"10 ms\" }}\n",
            source.to_lowercase()
        )
    };
    let drive = "[[drives]]\nto = [\"E\", \"I\"]\nkind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"0.15 nS\"\nsynapse = \"e\"\n";
    read(&format!("{neurons}{}{}{drive}{more}", projection("E", 40, "0.15"), projection("I", 10, "8")))
}

/// What is left are the grid, sources heard twice and spikes that are not quite those of Poisson processes: the CV is 0.92. White noise has three times the rate.
#[test]
fn a_network_of_strong_conductances_has_the_rates_of_its_simulation() {
    let network = strong_network("");
    let options =
        SimulationOptions { dt_ms: 0.05, duration_ms: 6000.0, warmup_ms: 300.0, ..SimulationOptions::default() };
    let mut simulator = built(&network, &options);
    advance(&mut simulator, u64::MAX);
    let simulated = simulator.result();
    let (found, white) = (solved(&network), state(&network));
    let map = RateMap::new(&network, SHOT_NOISE).unwrap();
    for (a, population) in simulated.populations.iter().enumerate() {
        let [rate_hz, white_hz] = [&found, &white].map(|state| state.populations[a].rate_hz);
        println!("{} Hz: {rate_hz}, white noise {white_hz}, CV {:?}", population.rate_hz, population.cv);
        assert!((rate_hz / population.rate_hz - 1.0).abs() < 0.08, "{} Hz: {rate_hz}", population.rate_hz);
        assert!(white_hz > 2.5 * population.rate_hz, "{} Hz: {white_hz}", population.rate_hz);
        let cv = population.cv.unwrap();
        assert!((found.populations[a].cv.unwrap() / cv - 1.0).abs() < 0.05, "{cv}: {found:?}");
        let input = map.inputs(&found.rates_hz())[a];
        let potential = expected_membrane(&map.transfers()[a], &input, rate_hz);
        let membrane = population.membrane.as_ref().unwrap();
        println!("V {} and {} mV: {potential:?}", membrane.mean_mv, membrane.std_mv);
        assert!((potential.mean_mv - membrane.mean_mv).abs() < 0.2, "{potential:?} {membrane:?}");
        assert!((potential.std_mv / membrane.std_mv - 1.0).abs() < 0.03, "{potential:?} {membrane:?}");
    }
}

/// Each input adds to the rate of one neuron, whatever the law of its weights.
#[test]
fn laws_of_weights_currents_and_white_noise_may_be_beside_them() {
    let neuron = "[neurons.n]\nmodel = \"lif\"\nC_m = \"200 pF\"\ng_L = \"10 nS\"\nE_L = \"-70 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
         [populations]\nA = { size = 1, neuron = \"n\" }\n[synapses.e]\nkind = \"delta_conductance\"\nE_rev = \"0 mV\"\n\
         [synapses.c]\nkind = \"exponential_current\"\ntau = \"2 ms\"\n";
    let poisson = |rate: &str, weight: &str, synapse: &str| {
        format!(
            "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate} Hz\"\nweight = {weight}\nsynapse = \"{synapse}\"\n"
        )
    };
    let inputs = [
        poisson("800", "\"0.15 nS\"", "e"),
        poisson("200", "{ distribution = \"lognormal\", mean = \"0.2 nS\", std = \"0.1 nS\" }", "e"),
        poisson("200", "{ distribution = \"exponential\", mean = \"0.5 mV\" }", "delta"),
        poisson("200", "\"50 pA\"", "c"),
        "[[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = \"0 mV\"\nstd = \"2 mV\"\n".to_string(),
    ];
    let mut rates_hz = Vec::new();
    for many in 1..=inputs.len() {
        let network = read(&format!("{neuron}{}", inputs[..many].concat()));
        // nothing hears the neuron
        rates_hz.push(RateMap::new(&network, SHOT_NOISE).unwrap().output_rates_hz(&[1.0])[0]);
    }
    println!("{rates_hz:?}");
    assert!(rates_hz.windows(2).all(|pair| pair[1] > 1.05 * pair[0]), "{rates_hz:?}");
}

#[test]
fn conductances_with_a_time_constant_are_refused_by_name() {
    let slow = "[synapses.s]\nkind = \"exponential_conductance\"\nE_rev = \"0 mV\"\ntau = \"5 ms\"\n\
         [[drives]]\nto = \"I\"\nkind = \"poisson\"\nrate = \"10 Hz\"\nweight = \"1 nS\"\nsynapse = \"s\"\n";
    let error = RateMap::new(&strong_network(slow), SHOT_NOISE).err().unwrap();
    assert!(matches!(&error, SolveError::JumpsOf { population, .. } if population == "I"), "{error}");
    assert!(error.to_string().contains("conductances with a time constant"), "{error}");
    let eif = "[neurons.x]\nmodel = \"eif\"\nE_L = \"-70 mV\"\nC_m = \"200 pF\"\ntau_m = \"20 ms\"\nV_th = \"-55 mV\"\nDelta_T = \"1 mV\"\nV_peak = \"-30 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
         [populations.X]\nsize = 1\nneuron = \"x\"\n";
    let error = RateMap::new(&strong_network(eif), SHOT_NOISE).err().unwrap();
    assert!(matches!(error, SolveError::JumpsOfModel { .. }), "{error}");
}
