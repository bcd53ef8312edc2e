//! The evolution of densities against other solutions, stationary states and linear responses.

mod support;

use std::f64::consts::TAU;

use siegert::evolution::{Evolution, EvolutionError, EvolutionOptions, Start, evolve};
use siegert::network::Network;
use siegert::neuron::lif::SynapticFilter;
use siegert::report::ResponseReport;
use siegert::testing::{TestNetwork, brunel, theory_by_shift};
use siegert::theory::{Theory, TheoryOptions};
use siegert::{Complex64, Work};
use support::{Row, number, table};

fn evolved(network: &Network, options: EvolutionOptions) -> Evolution {
    evolve(network, &options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn last(found: &Evolution, population: usize) -> f64 {
    *found.rates_hz[population].last().unwrap()
}

fn noise(mean_mv: f64, std_mv: f64) -> String {
    format!("kind = \"noise\"\nmean = \"{mean_mv} mV\"\nstd = \"{std_mv} mV\"")
}

/// The largest error of the rates after a step of the mean.
fn error_after_a_step(case: &str, accuracy: f64) -> f64 {
    let rows: Vec<Row> = table("fp_step").into_iter().filter(|row| row["case"] == case).collect();
    let of = |name: &str| number(&rows[0], name);
    let network = TestNetwork::one_population(1000)
        .neuron("tau_m", &format!("{} ms", of("tau_m_ms")))
        .neuron("t_ref", &format!("{} ms", of("t_ref_ms")))
        .drive("A", &noise(of("mean_before_mv"), of("std_mv")))
        .drive("A", &format!("{}\nstart = \"0 ms\"", noise(of("mean_after_mv") - of("mean_before_mv"), 0.0)))
        .read();
    let found =
        evolved(&network, EvolutionOptions { duration_ms: 100.0, dt_ms: 0.1, accuracy, ..EvolutionOptions::default() });
    assert!((found.rates_hz[0][0] / of("rate_before_hz") - 1.0).abs() < accuracy, "{case}: before the step");
    let error = |row: &Row| {
        let found_hz = found.rates_hz[0][(number(row, "time_ms") / 0.1).round() as usize];
        (found_hz / number(row, "rate_hz") - 1.0).abs()
    };
    rows.iter().map(error).fold(0.0, f64::max)
}

const CASES: [&str; 3] = ["up_noref", "up_ref2", "down_ref2"];

#[test]
fn rates_after_a_step_are_those_of_another_solution_at_every_time() {
    for case in CASES {
        for accuracy in [1e-3, 1e-4] {
            let error = error_after_a_step(case, accuracy);
            println!("{case}: {error:.2e} for {accuracy:.0e}");
            assert!(error < accuracy, "{case}: {error} for {accuracy}");
        }
    }
}

#[test]
fn errors_fall_with_the_square_of_distances_and_steps() {
    for case in CASES {
        // distances and steps of an accuracy are as its square root
        let order = (error_after_a_step(case, 4e-3) / error_after_a_step(case, 2.5e-4)).log2() / 2.0;
        println!("{case}: order {order:.3}");
        assert!((order - 2.0).abs() < 0.1, "{case}: order {order}");
    }
}

#[test]
fn neurons_are_neither_lost_nor_made_in_many_steps() {
    for t_ref in ["0 ms", "2 ms"] {
        let drive = format!("{}\nmodulation = {{ amplitude = 0.1, frequency = \"20 Hz\" }}", noise(18.0, 5.0));
        let network = TestNetwork::one_population(1000).neuron("t_ref", t_ref).drive("A", &drive).read();
        let options =
            EvolutionOptions { duration_ms: 20_000.0, dt_ms: 0.4, accuracy: 0.01, ..EvolutionOptions::default() };
        let found = evolved(&network, options);
        println!("{t_ref}: {} steps, {:e}, {:e}", found.steps, found.conservation_error, found.least_mass);
        assert!(found.steps >= 50_000 && found.conservation_error < 1e-12, "{}", found.conservation_error);
        assert!(found.least_mass > -1e-15, "{}", found.least_mass);
    }
}

/// Recurrent inhibition through delayed synapses, of which something is said.
fn inhibited(synapse: &str) -> Network {
    let (weight, lines) = match synapse {
        "delta" => ("-0.2 mV", ""),
        _ => ("-10 pA", "synapse = \"exp\"\n"),
    };
    let network = TestNetwork::one_population(1000).neuron("C_m", "250 pF").poisson("A", 10_000.0, 1, 0.2);
    let projection =
        format!("in_degree = 100\nweight = \"{weight}\"\ndelay = {{ mean = \"1.5 ms\", std = \"0.5 ms\" }}\n{lines}");
    network.exponential_synapse("exp", 5.0).projection("A", "A", &projection).read()
}

#[test]
fn what_stands_still_is_the_stationary_state() {
    for synapse in ["delta", "exponential"] {
        let network = inhibited(synapse);
        let state = theory_by_shift(&network).solve().unwrap().rates_hz()[0];
        for start in [Start::State, Start::Reset] {
            let options = EvolutionOptions {
                duration_ms: 400.0,
                dt_ms: 5.0,
                accuracy: 1e-5,
                start,
                ..EvolutionOptions::default()
            };
            let found = evolved(&network, options);
            let error = (last(&found, 0) / state - 1.0).abs();
            println!("{synapse} {start:?}: {error:.1e}, {} steps, {:e}", found.steps, found.least_mass);
            assert!(error < 2e-6, "{synapse} {start:?}: {} for {state}", last(&found, 0));
        }
    }
    let network = brunel(&[]);
    let state = theory_by_shift(&network).solve().unwrap().rates_hz()[0];
    let found =
        evolved(&network, EvolutionOptions { duration_ms: 100.0, accuracy: 3e-6, ..EvolutionOptions::default() });
    let error = (last(&found, 0) / state - 1.0).abs();
    println!("brunel2000: {error:.1e}");
    assert!(error < 1e-6, "{}", last(&found, 0));
}

#[test]
fn neurons_of_every_model_keep_their_stationary_rate() {
    for model in ["lif", "eif", "qif", "perfect"] {
        let network = TestNetwork::one_population(1000).neuron("model", model);
        let network = match model {
            "eif" => network.neuron("Delta_T", "2 mV").neuron("V_peak", "40 mV"),
            "qif" => {
                network.neuron("Delta_T", "2 mV").neuron("V_peak", "inf").neuron("V_reset", "-inf").neuron("t_ref", "0")
            }
            _ => network,
        };
        let network = network.drive("A", &noise(19.0, 4.0)).read();
        let state = theory_by_shift(&network).solve().unwrap().rates_hz()[0];
        for start in [Start::State, Start::Reset] {
            let options = EvolutionOptions { duration_ms: 600.0, start, ..EvolutionOptions::default() };
            let found = evolved(&network, options);
            let error = (last(&found, 0) / state - 1.0).abs();
            println!("{model} {start:?}: {error:.1e}, {} steps, {:e}", found.steps, found.least_mass);
            assert!(error < 1e-3, "{model} {start:?}: {} for {state}", last(&found, 0));
        }
    }
}

/// Amplitude and phase of a rate at a frequency, over its last periods.
fn component(found: &Evolution, frequency_hz: f64, periods: f64) -> Complex64 {
    let end_ms = found.times_ms.last().unwrap();
    let from_ms = end_ms - periods * 1000.0 / frequency_hz;
    let within = found.times_ms.iter().zip(&found.rates_hz[0]).filter(|(time_ms, _)| **time_ms > from_ms + 1e-9);
    let turned =
        |(time_ms, rate_hz): (&f64, &f64)| Complex64::from_polar(*rate_hz, -TAU * frequency_hz * time_ms / 1000.0);
    let values: Vec<Complex64> = within.map(turned).collect();
    2.0 * values.iter().sum::<Complex64>() / values.len() as f64
}

#[test]
fn small_modulations_are_followed_as_the_linear_response_says() {
    let amplitude_mv = 0.02;
    for frequency_hz in [5.0, 20.0, 100.0] {
        let modulated = format!(
            "{}\nmodulation = {{ amplitude = 1, frequency = \"{frequency_hz} Hz\" }}",
            noise(amplitude_mv, 0.0)
        );
        let network = TestNetwork::one_population(1000).drive("A", &noise(17.0, 5.0)).drive("A", &modulated).read();
        let theory = Theory::new(&network, &TheoryOptions::from(SynapticFilter::ThresholdShift)).unwrap();
        let states = theory.states().unwrap().states;
        let response = ResponseReport::new(&theory, &states, None, &[frequency_hz], &Work::default()).unwrap();
        let response = &response.populations[0];
        let expected = Complex64::new(response.transfer_re_hz_per_mv[0], response.transfer_im_hz_per_mv[0]);
        let options =
            EvolutionOptions { duration_ms: 800.0, dt_ms: 0.2, accuracy: 2e-4, ..EvolutionOptions::default() };
        let found = component(&evolved(&network, options), frequency_hz, 2.0) / amplitude_mv;
        let error = (found - expected).norm() / expected.norm();
        println!("{frequency_hz} Hz: {found} for {expected}, {error:.1e}");
        assert!(error < 1e-3, "{frequency_hz} Hz: {found} for {expected}");
    }
}

#[test]
fn what_is_not_evolved_is_refused_by_name() {
    let refusal = |network: &Network| match evolve(network, &EvolutionOptions::default(), &Work::default()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("not refused"),
    };
    let without_noise = TestNetwork::one_population(10).neuron("C_m", "250 pF");
    let conductance = "[synapses.g]\nkind = \"exponential_conductance\"\ntau = \"3 ms\"\nE_rev = \"70 mV\"\n";
    let text = without_noise.neuron("V_th", "20 mV").noise("A", 10.0, 3.0).text();
    let text = text.replace("V_th = \"20 mV\"", "V_th = { mean = \"20 mV\", std = \"1 mV\" }")
        + conductance
        + "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"100 Hz\"\nweight = \"1 nS\"\nsynapse = \"g\"\n";
    let differing = refusal(&siegert::testing::read(&text));
    assert!(differing.contains("that differ and have conductances is not computed yet; simulate"), "{differing}");
    let silent = TestNetwork::one_population(10).current("A", 30.0).read();
    assert!(refusal(&silent).contains("population 'A' hears no noise at the start"), "{}", refusal(&silent));
    let endless = EvolutionOptions { duration_ms: 1e15, ..EvolutionOptions::default() };
    let network = TestNetwork::one_population(10).noise("A", 18.0, 5.0).read();
    assert!(matches!(evolve(&network, &endless, &Work::default()), Err(EvolutionError::TooLong { .. })));
    let stopped = Work::default();
    stopped.cancel();
    assert!(evolve(&network, &EvolutionOptions::default(), &stopped).is_err());
}

#[test]
fn populations_that_hear_each_other_at_once_find_the_stationary_state_if_there_is_noise_beside() {
    let network = TestNetwork::one_population(1000).noise("A", 22.0, 3.0).fixed_in_degree("A", "A", 100, -0.2).read();
    let state = theory_by_shift(&network).solve().unwrap().rates_hz()[0];
    let options =
        EvolutionOptions { duration_ms: 200.0, dt_ms: 5.0, start: Start::Reset, ..EvolutionOptions::default() };
    let found = evolved(&network, options);
    println!("{} steps, {} for {state}", found.steps, last(&found, 0));
    assert!((last(&found, 0) / state - 1.0).abs() < 1e-3, "{} for {state}", last(&found, 0));
    // all noise from the network itself, at once: how much there is at a moment has no answer
    let network = siegert::testing::open("balanced_ei", None, &[]);
    let refused = evolve(&network, &EvolutionOptions::default(), &Work::default());
    assert!(matches!(refused, Err(EvolutionError::NoAgreement { .. })), "{refused:?}");
}
