//! Populations of a finite number of neurons in time: variance and spectra of their activities against the theory of renewal processes, linear response and simulations.

#[path = "support/simulating.rs"]
mod simulating;

use std::f64::consts::PI;

use siegert::Work;
use siegert::evolution::{Evolution, EvolutionOptions, FiniteEquation, FiniteSize, evolve};
use siegert::network::Network;
use siegert::report::{SpectrumFormula, SpectrumReport};
use siegert::simulation::SimulationOptions;
use siegert::testing::{TestNetwork, theory_by_shift};
use simulating::{advance, built};

const EQUATIONS: [FiniteEquation; 2] = [FiniteEquation::Stochastic, FiniteEquation::Mesoscopic];
/// Frequencies between which spectra are averaged: octaves, the lowest together, since few periods of them fit into a run.
const BANDS_HZ: [[u32; 2]; 6] = [[1, 16], [16, 32], [32, 64], [64, 128], [128, 256], [256, 500]];
/// Two octaves, for comparisons of what has sampling errors with what has, too.
const BROAD_BANDS_HZ: [[u32; 2]; 3] = [[1, 32], [32, 128], [128, 500]];
/// Time between activities that are kept.
const DT_MS: f64 = 0.5;

fn run(network: &Network, equation: FiniteEquation, seed: u64, duration_ms: f64) -> Evolution {
    run_to(4e-3, network, equation, seed, duration_ms)
}

fn run_to(accuracy: f64, network: &Network, equation: FiniteEquation, seed: u64, duration_ms: f64) -> Evolution {
    let finite_size = Some(FiniteSize { equation, seed });
    let options = EvolutionOptions { duration_ms, dt_ms: DT_MS, accuracy, finite_size, ..EvolutionOptions::default() };
    evolve(network, &options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The two-sided spectrum at 1, 2, ... 500 Hz of an activity after its first half second: segments of 1 s that overlap by half, under a Hann window.
fn spectrum_hz(rate_hz: &[f64]) -> Vec<f64> {
    let n = (1000.0 / DT_MS) as usize;
    let rate_hz = &rate_hz[n / 2..];
    let window: Vec<f64> = (0..n).map(|k| (PI * (k as f64 + 0.5) / n as f64).sin().powi(2)).collect();
    let transform = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(n);
    let mut spectrum = transform.make_output_vec();
    let mut power = vec![0.0; 500];
    let segments = rate_hz.len() / (n / 2) - 1;
    // not that of each segment, which takes a sixth of the power at 1 Hz with it
    let mean = rate_hz.iter().sum::<f64>() / rate_hz.len() as f64;
    for segment in 0..segments {
        let part = &rate_hz[segment * n / 2..][..n];
        let mut windowed: Vec<f64> = part.iter().zip(&window).map(|(hz, weight)| (hz - mean) * weight).collect();
        transform.process(&mut windowed, &mut spectrum).unwrap();
        power.iter_mut().zip(&spectrum[1..]).for_each(|(power, x)| *power += x.norm_sqr());
    }
    let scale = DT_MS / 1000.0 / window.iter().map(|weight| weight * weight).sum::<f64>() / segments as f64;
    power.iter().map(|power| power * scale).collect()
}

fn bands(power_hz: &[f64]) -> Vec<f64> {
    means_in(&BANDS_HZ, power_hz)
}

fn means_in(bands_hz: &[[u32; 2]], power_hz: &[f64]) -> Vec<f64> {
    let mean = |&[from, to]: &[u32; 2]| {
        let part = &power_hz[from as usize - 1..to as usize - 1];
        part.iter().sum::<f64>() / part.len() as f64
    };
    bands_hz.iter().map(mean).collect()
}

/// The linear theory's spectra of all populations, as activities in bins have them.
fn of_theory(network: &Network) -> Vec<Vec<f64>> {
    let theory = theory_by_shift(network);
    let states = theory.states().unwrap().states;
    let frequencies_hz: Vec<f64> = (1..=500).map(f64::from).collect();
    let report =
        SpectrumReport::new(&theory, &states, None, &frequencies_hz, SpectrumFormula::Full, &Work::default()).unwrap();
    let population =
        |own: &siegert::report::PopulationSpectra| own.power_hz.iter().map(|power| power.unwrap()).collect();
    report.populations.iter().map(population).collect()
}

/// What a spectrum becomes in bins: weaker by the mean over a bin, and with that of frequencies beyond what bins tell apart, which is that at 500 Hz here.
fn in_bins(power_hz: &[f64]) -> Vec<f64> {
    let highest = power_hz[power_hz.len() - 1];
    let weakened = |(k, power): (usize, &f64)| {
        let x = PI * (k + 1) as f64 * DT_MS / 1000.0;
        let kept = (x.sin() / x).powi(2);
        kept * power + (1.0 - kept) * highest
    };
    power_hz.iter().enumerate().map(weakened).collect()
}

fn variance(rate_hz: &[f64]) -> f64 {
    let mean = rate_hz.iter().sum::<f64>() / rate_hz.len() as f64;
    rate_hz.iter().map(|hz| (hz - mean).powi(2)).sum::<f64>() / rate_hz.len() as f64
}

fn means(rate_hz: &[f64], bins: usize) -> Vec<f64> {
    rate_hz.chunks_exact(bins).map(|part| part.iter().sum::<f64>() / bins as f64).collect()
}

fn must_agree(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let deviations: Vec<f64> = found.iter().zip(expected).map(|(found, expected)| found / expected - 1.0).collect();
    let shown: Vec<String> = deviations.iter().map(|deviation| format!("{:+.1} %", 100.0 * deviation)).collect();
    println!("{what}: {}", shown.join(", "));
    assert!(deviations.iter().all(|deviation| deviation.abs() < tolerance), "{what}: {shown:?}");
}

/// Fires irregularly, regularly (CV 0.38) and rarely.
fn apart() -> Network {
    let network = TestNetwork::of(&[("irregular", 500), ("regular", 500), ("rare", 500)]);
    network.noise("irregular", 17.0, 5.0).noise("regular", 22.0, 3.0).noise("rare", 10.0, 5.0).read()
}

#[test]
fn independent_neurons_have_the_spectra_of_renewal_processes() {
    let network = apart();
    for equation in EQUATIONS {
        let found = run(&network, equation, 1, 40_000.0);
        assert!(found.conservation_error < 1e-12, "{}", found.conservation_error);
        for (a, power_hz) in of_theory(&network).iter().enumerate() {
            let name = &network.populations[a].name;
            let expected = bands(&in_bins(power_hz));
            must_agree(&format!("{equation:?} {name}"), &bands(&spectrum_hz(&found.rates_hz[a][1..])), &expected, 0.1);
        }
    }
}

/// Recurrent inhibition that answers after a delay, and through synapses with a time constant.
fn inhibited(in_degree: u32, weight: &str, lines: &str) -> Network {
    let projection = format!(
        "in_degree = {in_degree}\nmultapses = false\nautapses = false\nweight = \"{weight}\"\ndelay = \"1.5 ms\"\n{lines}"
    );
    let network = TestNetwork::one_population(500).neuron("C_m", "250 pF").exponential_synapse("exp", 5.0);
    network.noise("A", 22.0, 5.0).projection("A", "A", &projection).read()
}

/// The activity of 500 neurons in a simulation, in bins; its steps are short, since thresholds that are looked at now and then are higher by what is missed between.
fn simulated_hz(network: &Network, duration_ms: f64) -> Vec<f64> {
    let options = SimulationOptions {
        duration_ms,
        warmup_ms: 0.0,
        dt_ms: 0.025,
        threads: Some(1),
        ..SimulationOptions::default()
    };
    let mut rate_hz = vec![0.0; (duration_ms / DT_MS) as usize];
    for (step, _) in advance(&mut built(network, &options), u64::MAX) {
        let bin = (step as f64 * options.dt_ms / DT_MS + 1e-6) as usize;
        rate_hz[bin.min((duration_ms / DT_MS) as usize - 1)] += 1000.0 / (500.0 * DT_MS);
    }
    rate_hz
}

#[test]
fn coupled_populations_have_the_spectra_of_the_linear_theory() {
    for (weight, lines) in [("-0.2 mV", ""), ("-10 pA", "synapse = \"exp\"")] {
        let network = inhibited(100, weight, lines);
        let theory = bands(&in_bins(&of_theory(&network)[0]));
        for equation in EQUATIONS {
            let found = run_to(2e-3, &network, equation, 1, 60_000.0);
            must_agree(&format!("{weight} {equation:?}"), &bands(&spectrum_hz(&found.rates_hz[0][1..])), &theory, 0.1);
        }
    }
}

#[test]
fn coupled_populations_have_variance_and_spectrum_of_the_simulation() {
    let network = inhibited(100, "-0.2 mV", "");
    let simulated_hz = simulated_hz(&network, 40_000.0);
    let simulated = spectrum_hz(&simulated_hz);
    for equation in EQUATIONS {
        let found = run(&network, equation, 1, 60_000.0);
        let rate_hz = &found.rates_hz[0][1..];
        let broad = |power_hz: &[f64]| means_in(&BROAD_BANDS_HZ, power_hz);
        must_agree(&format!("{equation:?} spectrum"), &broad(&spectrum_hz(rate_hz)), &broad(&simulated), 0.1);
        let of = |rate_hz: &[f64]| {
            let mean = rate_hz.iter().sum::<f64>() / rate_hz.len() as f64;
            // in bins of 0.5, 5 and 50 ms
            [1, 10, 100].map(|bins| variance(&means(rate_hz, bins))).into_iter().chain([mean]).collect::<Vec<f64>>()
        };
        must_agree("  variances in bins, and mean", &of(rate_hz), &of(&simulated_hz), 0.1);
    }
}

#[test]
fn the_mean_over_many_runs_is_the_density_after_a_step() {
    let network = TestNetwork::one_population(10_000)
        .noise("A", 15.0, 5.0)
        .drive("A", "kind = \"current\"\nvalue = \"5 mV\"\nstart = \"5 ms\"")
        .read();
    let options = EvolutionOptions { duration_ms: 60.0, dt_ms: DT_MS / 10.0, ..EvolutionOptions::default() };
    let density = evolve(&network, &options, &Work::default()).unwrap();
    // a rate of the density is one of a moment, an activity that of the time since the last
    let density = means(&density.rates_hz[0][1..], 10);
    const RUNS: u64 = 10;
    for equation in EQUATIONS {
        let mut mean = vec![0.0; density.len()];
        for seed in 0..RUNS {
            let found = run(&network, equation, seed, 60.0);
            mean.iter_mut().zip(&found.rates_hz[0][1..]).for_each(|(mean, hz)| *mean += hz / RUNS as f64);
        }
        // over 5 ms, where 10 runs of 10,000 neurons have a standard error of 1 % and less
        let (mean, expected) = (means(&mean, 10), means(&density, 10));
        must_agree(&format!("{equation:?}"), &mean[1..], &expected[1..], 0.03);
    }
}

#[test]
fn a_seed_says_all_and_spikes_are_whole_numbers() {
    let network = inhibited(100, "-0.2 mV", "");
    for equation in EQUATIONS {
        let [one, same, other] = [1, 1, 2].map(|seed| run(&network, equation, seed, 200.0).rates_hz);
        assert!(one == same && one != other, "{equation:?}");
    }
    let found = run(&network, FiniteEquation::Mesoscopic, 1, 200.0);
    for hz in &found.rates_hz[0][1..] {
        let spikes = hz * 500.0 * DT_MS / 1000.0;
        assert!((spikes - spikes.round()).abs() < 1e-9, "{spikes}");
    }
}

#[test]
fn neurons_are_neither_lost_nor_made_in_many_steps() {
    let network = inhibited(100, "-0.2 mV", "");
    for equation in EQUATIONS {
        let found = run(&network, equation, 1, 60_000.0);
        println!("{equation:?}: {} steps, {:e}, {:e}", found.steps, found.conservation_error, found.least_mass);
        assert!(found.steps >= 200_000 && found.conservation_error < 1e-12, "{}", found.conservation_error);
        assert!(found.least_mass > -1e-15, "{}", found.least_mass);
    }
}
