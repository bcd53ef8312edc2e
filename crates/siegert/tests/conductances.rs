//! Neurons with conductances: single ones against a Monte Carlo of its own, a network against NEST, and the simulator against itself (threads,
//! connectivity, checkpoints).

#![allow(non_snake_case)] // symbols of the field keep their capitals: V

#[path = "support/driven_conductances.rs"]
mod driven_conductances;
#[path = "support/simulating.rs"]
mod simulating;
mod support;

use driven_conductances::driven;
use siegert::network::{Expectation, ExpectationKind, Network};
use siegert::simulation::{
    Chosen, Connectivity, Membrane, PopulationActivity, RecordedValue, Recording, Simulation, SimulationOptions,
};
use siegert::testing::read;
use simulating::{advance, built};
use support::{number, table};

const ALL_KINDS: &str = include_str!("networks/conductances.toml");

fn run(network: &Network, options: &SimulationOptions) -> (Vec<(u64, u32)>, Simulation) {
    let mut simulator = built(network, options);
    let spikes = advance(&mut simulator, u64::MAX);
    (spikes, simulator.result())
}

/// Mean and standard deviation of the potential of neurons that are not refractory.
fn of_free_neurons(membrane: &Membrane, clamp_mv: f64) -> (f64, f64) {
    let (held, free) = (membrane.refractory_fraction, 1.0 - membrane.refractory_fraction);
    let mean = (membrane.mean_mv - held * clamp_mv) / free;
    let square = membrane.std_mv.powi(2) + membrane.mean_mv.powi(2);
    (mean, ((square - held * clamp_mv.powi(2)) / free - mean.powi(2)).sqrt())
}

#[test]
fn single_neurons_do_what_a_monte_carlo_of_its_own_says() {
    const NEURONS: u64 = 500;
    const DURATION_MS: f64 = 1200.0;
    for row in table("conductance") {
        let options = SimulationOptions {
            dt_ms: number(&row, "dt_ms"),
            duration_ms: DURATION_MS,
            warmup_ms: 200.0,
            ..SimulationOptions::default()
        };
        let result = run(&driven(&row, NEURONS), &options).1;
        let PopulationActivity { rate_hz, cv, membrane, input, .. } = &result.populations[0];
        let membrane = membrane.as_ref().expect("potentials are sampled");
        let expected_hz = number(&row, "rate_hz");
        let known_cv = (!row["cv"].is_empty()).then(|| number(&row, "cv"));
        // of a renewal process
        let spikes = expected_hz * NEURONS as f64 * 1e-3 * DURATION_MS;
        let own_error = known_cv.unwrap_or(1.0) * expected_hz / spikes.sqrt();
        let z = (rate_hz - expected_hz) / own_error.hypot(number(&row, "sem_hz"));
        let (mean_mv, std_mv) = match number(&row, "clamp") {
            0.0 => of_free_neurons(membrane, number(&row, "V_reset_mv")),
            _ => (membrane.mean_mv, membrane.std_mv),
        };
        let mean = mean_mv - number(&row, "V_mean_mv");
        let std = std_mv / number(&row, "V_std_mv") - 1.0;
        println!(
            "{expected_hz:7.2} Hz: {rate_hz:7.2} (z {z:5.2}), cv {cv:?} of {known_cv:?}, V {mean:.4} mV, std {std:.4}"
        );
        assert!(z.abs() < 4.0, "{rate_hz} Hz, expected {expected_hz} Hz: {z} standard errors");
        if let (Some(cv), Some(expected)) = (cv, known_cv)
            && expected_hz > 30.0
        {
            // of windows that are not long, which are without the longest intervals
            assert!((cv / expected - 1.0).abs() < 0.04, "CV {cv}, expected {expected}");
        }
        assert!(mean.abs() < 0.05, "mean potential off by {mean} mV at {expected_hz} Hz");
        // at low rates most of the variance is that of the few spikes
        assert!(
            std.abs() < 0.01 + own_error / expected_hz,
            "standard deviation of the potential off by {std} of it at {expected_hz} Hz"
        );
        assert!(input.is_none(), "what comes through a conductance is no input in mV");
    }
}

/// Mean of a number over the seeds, and the error of the mean.
fn over_seeds(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

const OF_NEST: &str = include_str!("networks/coba.toml");

#[test]
fn a_network_of_conductances_does_what_nest_says() {
    let rows = table("nest_conductance");
    let network = read(OF_NEST);
    let ours: Vec<Simulation> = [11, 12, 13, 14]
        .map(|seed| {
            let options =
                SimulationOptions { seed, duration_ms: 3000.0, warmup_ms: 500.0, ..SimulationOptions::default() };
            run(&network, &options).1
        })
        .into();
    type Of = fn(&PopulationActivity) -> Option<f64>;
    let quantities: [(&str, Of, f64); 6] = [
        ("rate_hz", |of| Some(of.rate_hz), 0.01),
        ("cv", |of| of.cv, 0.01),
        ("single_neuron_fano_factor", |of| of.single_neuron_fano_factor, 0.01),
        ("fano_factor", |of| of.fano_factor, 0.1),
        ("membrane_mean_mv", |of| of.membrane.as_ref().map(|membrane| membrane.mean_mv), 0.001),
        ("membrane_std_mv", |of| of.membrane.as_ref().map(|membrane| membrane.std_mv), 0.01),
    ];
    for (index, population) in ["E", "I"].into_iter().enumerate() {
        for (name, of, floor) in &quantities {
            let of_nest: Vec<f64> = rows
                .iter()
                .filter(|row| row["population"] == population && !row[*name].is_empty())
                .map(|row| number(row, name))
                .collect();
            if of_nest.is_empty() {
                continue;
            }
            let found: Vec<f64> = ours.iter().map(|run| of(&run.populations[index]).expect("it is measured")).collect();
            let ((ours, own_error), (nest, error)) = (over_seeds(&found), over_seeds(&of_nest));
            // three seeds tell their scatter within a factor of two: not less than the floor is taken for it
            let error = own_error.hypot(error).max(floor * nest.abs());
            println!("{population} {name}: {ours:.4}, NEST {nest:.4}, {:.2} errors", (ours - nest) / error);
            assert!((ours - nest).abs() < 4.0 * error, "{population} {name}: {ours}, NEST {nest} +- {error}");
        }
    }
}

/// Simulates a bundled network in one of its cases, and holds it to the values of the file that are of simulations; how many there were.
fn meets_its_simulations(name: &str, case: Option<&str>, duration_ms: f64) -> usize {
    let network = siegert::testing::open(name, case, &[]);
    let options = SimulationOptions { seed: 31, duration_ms, warmup_ms: 200.0, ..SimulationOptions::default() };
    let result = run(&network, &options).1;
    let of_case = |it: &&Expectation| it.kind == ExpectationKind::Simulation && it.case.as_deref() == case;
    let mut met = 0;
    for expectation in network.expectations.iter().filter(of_case) {
        for (population, expected) in &expectation.values {
            let population = population.as_deref().expect("a value a population");
            let found =
                result.populations.iter().find(|it| it.name == population).expect("a population of the network");
            let value = if expectation.quantity == "cv" { found.cv } else { Some(found.rate_hz) };
            let off = value.expect("it spikes") / expected - 1.0;
            let name = format!("{name} {case:?} {population} {}", expectation.quantity);
            println!("{name}: {value:?}, expected {expected}");
            assert!(off.abs() < expectation.tolerance, "{name}: {value:?}, expected {expected}");
            met += 1;
        }
    }
    met
}

#[test]
fn the_rate_in_balanced_conductances_rises_and_falls_as_the_bundled_neuron_says() {
    for case in ["low", "middle", "high"] {
        assert_eq!(meets_its_simulations("kuhn2004", Some(case), 4000.0), 2);
    }
    let rates = ["low", "middle", "high"].map(|case| {
        let state = siegert::testing::state(&siegert::testing::open("kuhn2004", Some(case), &[]));
        (state.populations[0].rate_hz, state.populations[0].mean_input_mv)
    });
    assert!(rates[1].0 > 2.0 * rates[0].0 && rates[1].0 > 2.0 * rates[2].0, "{rates:?}");
    assert!(rates.iter().all(|(_, mean_mv)| (mean_mv + 53.0).abs() < 1e-9), "{rates:?}");
}

#[test]
fn strongly_coupled_conductances_fire_irregularly_as_the_bundled_network_says() {
    assert_eq!(meets_its_simulations("sanzeni2022", None, 1000.0), 4);
    assert_eq!(meets_its_simulations("sanzeni2022", Some("strong"), 500.0), 4);
}

fn options(duration_ms: f64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms: 50.0, threads: Some(1), ..SimulationOptions::default() }
}

#[test]
fn spikes_through_conductances_do_not_depend_on_threads_or_on_how_connections_are_held() {
    let network = read(ALL_KINDS);
    let (expected, reference) = run(&network, &options(200.0));
    for population in &reference.populations {
        assert!(population.rate_hz > 2.0, "{}: {} Hz", population.name, population.rate_hz);
    }
    for (threads, connectivity) in [(2, Connectivity::Explicit), (3, Connectivity::Redrawn)] {
        let options = SimulationOptions { threads: Some(threads), connectivity, ..options(200.0) };
        let (spikes, result) = run(&network, &options);
        assert!(spikes == expected, "{threads} threads, {connectivity:?}: {} spikes", spikes.len());
        assert_eq!(result.populations, reference.populations, "{threads} threads, {connectivity:?}");
    }
}

#[test]
fn a_run_with_open_conductances_that_is_taken_up_goes_on_to_the_same_spikes() {
    let network = read(ALL_KINDS);
    let (expected, reference) = run(&network, &options(100.0));
    let mut simulator = built(&network, &options(100.0));
    let mut spikes = advance(&mut simulator, 777);
    let mut saved = Vec::new();
    simulator.save(&mut saved).expect("memory can be written");
    let mut later = built(&network, &SimulationOptions { threads: Some(2), ..options(100.0) });
    later.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
    spikes.extend(advance(&mut later, u64::MAX));
    assert!(spikes == expected, "another run after it was taken up");
    assert_eq!(later.result().populations, reference.populations);
}

/// What is recorded of the first neuron in one step after another.
fn recorded(text: &str, recording: fn(Chosen, f64) -> Recording, steps: u32) -> Vec<f64> {
    let options = SimulationOptions { warmup_ms: 0.0, ..options(0.1 * f64::from(steps)) };
    let mut simulator = built(&read(text), &options);
    simulator.record(&[recording(Chosen { population: 0, first: 0, last: 0 }, 0.1)]).expect("it can be recorded");
    advance(&mut simulator, u64::MAX);
    simulator.take_recorded()[0].iter().map(|value: &RecordedValue| value.value).collect()
}

#[test]
fn no_pulse_of_a_conductance_takes_a_potential_across_the_reversal_potentials() {
    // in a step, 200 pulses of the leak's own size and half it: to the mean of both reversal potentials, weighted by their conductances
    let text = "[neurons.n]\nmodel = \"lif\"\ng_L = \"10 nS\"\nC_m = \"200 pF\"\nE_L = \"-60 mV\"\nV_th = \"10 mV\"\nV_reset = \"-60 mV\"\n\
                t_ref = \"2 ms\"\n[populations]\nA = { size = 1, neuron = \"n\" }\n[synapses]\n\
                a = { kind = \"delta_conductance\", E_rev = \"0 mV\" }\nb = { kind = \"delta_conductance\", E_rev = \"-90 mV\" }\n\
                [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"2000 kHz\"\nweight = \"10 nS\"\nsynapse = \"a\"\n\
                [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"2000 kHz\"\nweight = \"5 nS\"\nsynapse = \"b\"\n";
    let potentials = recorded(text, |of, every_ms| Recording::Potentials { of, every_ms }, 500);
    assert_eq!(potentials.len(), 500);
    assert!(potentials.iter().all(|V| (-90.0..=0.0).contains(V)), "a potential is beyond");
    let mean = potentials.iter().sum::<f64>() / 500.0;
    assert!((mean + 30.0).abs() < 0.3, "the mean is {mean} mV");
}
