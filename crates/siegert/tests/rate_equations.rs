//! Rate equations (spectral, cascade) against the density that they stand for, stationary states and linear responses.

use std::f64::consts::TAU;

use siegert::evolution::{
    Departure, Evolution, EvolutionError, EvolutionOptions, RateEquation, Start, evolve, evolve_rates,
};
use siegert::network::Network;
use siegert::neuron::lif::SynapticFilter;
use siegert::report::ResponseReport;
use siegert::testing::{TestNetwork, brunel, open, read, theory_by_shift};
use siegert::theory::{Theory, TheoryOptions};
use siegert::{Complex64, Work};

const EQUATIONS: [RateEquation; 2] = [RateEquation::Spectral, RateEquation::Cascade];

fn evolved(network: &Network, equation: RateEquation, options: &EvolutionOptions) -> (Evolution, Vec<Departure>) {
    evolve_rates(network, options, equation, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn noise(mean_mv: f64, std_mv: f64) -> String {
    format!("kind = \"noise\"\nmean = \"{mean_mv} mV\"\nstd = \"{std_mv} mV\"")
}

fn stepped(before_mv: f64, after_mv: f64, std_mv: f64) -> Network {
    TestNetwork::one_population(1000)
        .drive("A", &noise(before_mv, std_mv))
        .drive("A", &format!("{}\nstart = \"0 ms\"", noise(after_mv - before_mv, 0.0)))
        .read()
}

/// Root mean square and largest difference of the rates of a population from those of the density, over the largest.
fn difference(found: &Evolution, density: &Evolution, population: usize) -> [f64; 2] {
    assert_eq!(found.times_ms, density.times_ms);
    let rates = found.rates_hz[population].iter().zip(&density.rates_hz[population]);
    let largest = density.rates_hz[population].iter().copied().fold(0.0, f64::max);
    let count = found.times_ms.len() as f64;
    let differences: Vec<f64> = rates.map(|(found, exact)| (found - exact).abs() / largest).collect();
    let square = differences.iter().map(|difference| difference * difference).sum::<f64>();
    [(square / count).sqrt(), differences.into_iter().fold(0.0, f64::max)]
}

#[test]
fn what_stands_still_is_the_stationary_state() {
    let inhibited = TestNetwork::one_population(1000)
        .neuron("C_m", "250 pF")
        .poisson("A", 10_000.0, 1, 0.2)
        .exponential_synapse("exp", 5.0)
        .projection("A", "A", "in_degree = 100\nweight = \"-10 pA\"\ndelay = \"1.5 ms\"\nsynapse = \"exp\"\n")
        .read();
    let eif = TestNetwork::one_population(1000)
        .neuron("model", "eif")
        .neuron("Delta_T", "2 mV")
        .neuron("V_peak", "40 mV")
        .noise("A", 19.0, 4.0)
        .read();
    for network in [inhibited, eif, brunel(&[])] {
        let state = theory_by_shift(&network).solve().unwrap().rates_hz()[0];
        for equation in EQUATIONS {
            let options = EvolutionOptions { duration_ms: 600.0, dt_ms: 5.0, ..EvolutionOptions::default() };
            let (found, _) = evolved(&network, equation, &options);
            let worst = found.rates_hz[0].iter().map(|rate_hz| (rate_hz / state - 1.0).abs()).fold(0.0, f64::max);
            println!("{} {equation:?}: {worst:.1e}", network.name);
            assert!(worst < 1e-6, "{} {equation:?}: {worst}", network.name);
        }
    }
}

#[test]
fn after_a_step_rates_are_those_of_the_density_but_for_some_percent() {
    // of the mean input, and the differences that are allowed: root mean square and largest
    let cases = [
        (15.0, 18.0, 5.0, [0.015, 0.04], [0.03, 0.07]),
        (18.0, 15.0, 5.0, [0.015, 0.07], [0.03, 0.08]),
        (14.0, 15.0, 4.0, [0.015, 0.04], [0.02, 0.05]),
        (12.0, 20.0, 5.0, [0.10, 0.20], [0.16, 0.34]),
        (22.0, 23.0, 2.0, [0.03, 0.10], [0.05, 0.12]),
    ];
    for (before_mv, after_mv, std_mv, of_spectral, of_cascade) in cases {
        let network = stepped(before_mv, after_mv, std_mv);
        let options = EvolutionOptions { duration_ms: 60.0, dt_ms: 0.25, ..EvolutionOptions::default() };
        let density = evolve(&network, &options, &Work::default()).unwrap();
        for (equation, allowed) in EQUATIONS.into_iter().zip([of_spectral, of_cascade]) {
            let (found, departures) = evolved(&network, equation, &options);
            let [rms, most] = difference(&found, &density, 0);
            println!("{before_mv} {after_mv} {std_mv} {equation:?}: {rms:.3} {most:.3} {:?}", departures[0]);
            assert!(
                rms < allowed[0] && most < allowed[1],
                "{before_mv} {after_mv} {std_mv} {equation:?}: {rms} {most}"
            );
        }
    }
}

/// The rate is proportional to a variance that jumps; the cascade follows with what it has at once.
#[test]
fn the_rate_jumps_with_the_variance() {
    let network = TestNetwork::one_population(1000)
        .drive("A", &noise(15.0, 4.0))
        .drive("A", &format!("{}\nstart = \"10 ms\"", noise(0.0, 3.0)))
        .read();
    let options = EvolutionOptions { duration_ms: 40.0, dt_ms: 0.01, ..EvolutionOptions::default() };
    let density = evolve(&network, &options, &Work::default()).unwrap();
    for equation in EQUATIONS {
        let (found, _) = evolved(&network, equation, &options);
        let ratio = found.rates_hz[0][1001] / found.rates_hz[0][1000];
        let [rms, most] = difference(&found, &density, 0);
        println!("{equation:?}: {ratio} {rms} {most}");
        assert!(equation != RateEquation::Spectral || (ratio - 25.0 / 16.0).abs() < 0.02, "{ratio}");
        let allowed = if equation == RateEquation::Spectral { 0.05 } else { 0.10 };
        assert!(rms < allowed, "{equation:?}: {rms}");
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
fn small_modulations_are_followed_as_the_linear_response_says_within_the_error_that_is_stated() {
    let amplitude_mv = 0.02;
    for (mean_mv, std_mv) in [(14.0, 4.0), (17.0, 5.0), (22.0, 2.0)] {
        for frequency_hz in [0.1, 5.0, 20.0, 100.0] {
            let modulated = format!(
                "{}\nmodulation = {{ amplitude = 1, frequency = \"{frequency_hz} Hz\" }}",
                noise(amplitude_mv, 0.0)
            );
            let network =
                TestNetwork::one_population(1000).drive("A", &noise(mean_mv, std_mv)).drive("A", &modulated).read();
            let theory = Theory::new(&network, &TheoryOptions::from(SynapticFilter::ThresholdShift)).unwrap();
            let states = theory.states().unwrap().states;
            let response =
                ResponseReport::new(&theory, &states, None, &[1e-3, frequency_hz], &Work::default()).unwrap();
            let at = |k: usize| {
                let of = &response.populations[0];
                Complex64::new(of.transfer_re_hz_per_mv[k], of.transfer_im_hz_per_mv[k])
            };
            let options = match frequency_hz < 1.0 {
                true => EvolutionOptions { duration_ms: 12_000.0, dt_ms: 1.0, ..EvolutionOptions::default() },
                false => {
                    EvolutionOptions { duration_ms: 800.0, dt_ms: 0.2, accuracy: 2e-4, ..EvolutionOptions::default() }
                }
            };
            for equation in EQUATIONS {
                let (found, departures) = evolved(&network, equation, &options);
                let found = component(&found, frequency_hz, 1.0) / amplitude_mv;
                let error = (found - at(1)).norm() / at(0).norm().max(at(1).norm());
                println!("{mean_mv} {std_mv} {frequency_hz} Hz {equation:?}: {error:.1e} {:?}", departures[0].misfit);
                let allowed = if frequency_hz < 1.0 { 3e-3 } else { 3.0 * departures[0].misfit.mean };
                assert!(error < allowed, "{mean_mv} {std_mv} {frequency_hz} Hz {equation:?}: {found} for {}", at(1));
            }
        }
    }
}

/// Populations that excite and inhibit each other, in the regime where they are asynchronous, under a drive that steps in and out.
#[test]
fn a_network_follows_a_step_as_its_densities_do() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/brunel2000.toml")).unwrap();
    let pulse = "\n[[drives]]\nto = [\"E\", \"I\"]\nkind = \"current\"\nvalue = \"2 mV\"\nstart = \"20 ms\"\nstop = \"60 ms\"\n";
    let network = read(&(text + pulse));
    let options = EvolutionOptions { duration_ms: 100.0, dt_ms: 0.5, ..EvolutionOptions::default() };
    let density = evolve(&network, &options, &Work::default()).unwrap();
    for equation in EQUATIONS {
        let (found, _) = evolved(&network, equation, &options);
        let [rms, most] = difference(&found, &density, 0);
        println!("{equation:?}: {rms:.3} {most:.3}");
        assert!(rms < 0.03 && most < 0.08, "{equation:?}: {rms} {most}");
    }
}

#[test]
fn what_a_rate_does_not_say_is_refused_by_name() {
    let refusal = |network: &Network, start: Start| {
        let options = EvolutionOptions { start, ..EvolutionOptions::default() };
        match evolve_rates(network, &options, RateEquation::Spectral, &Work::default()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("not refused"),
        }
    };
    let at_reset = refusal(&stepped(15.0, 18.0, 5.0), Start::Reset);
    assert!(at_reset.contains("of which rate equations know nothing"), "{at_reset}");
    assert!(refusal(&stepped(15.0, 18.0, 5.0), Start::File).contains("of which rate equations know nothing"));
    for (name, what) in [("brette_gerstner2005", "that adapt"), ("vogels_abbott2005_coba", "with conductances")] {
        let error = refusal(&open(name, None, &[]), Start::State);
        assert!(error.contains(&format!("no rate equation of neurons {what}")), "{name}: {error}");
    }
    for (name, what) in [("mongillo2008", "with plastic synapses"), ("balanced_ei", "without delay")] {
        let error = refusal(&open(name, None, &[]), Start::State);
        assert!(error.contains(what), "{name}: {error}");
    }
    let silent = TestNetwork::one_population(10).current("A", 30.0).read();
    assert!(refusal(&silent, Start::State).contains("hears no noise at the start"));
    let stopped = Work::default();
    stopped.cancel();
    let found = evolve_rates(
        &stepped(15.0, 18.0, 5.0),
        &EvolutionOptions { duration_ms: 1e5, ..EvolutionOptions::default() },
        RateEquation::Cascade,
        &stopped,
    );
    assert!(matches!(found, Err(EvolutionError::Cancelled(_) | EvolutionError::Solve(_))), "{found:?}");
}
