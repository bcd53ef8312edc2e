//! What is seen of densities in time, and what the bundled networks that change in time are there to show.

use siegert::comparison::expected_density_per_mv;
use siegert::evolution::{Density, DensityOptions, Evolution, EvolutionOptions, evolve};
use siegert::network::Network;
use siegert::report::{EvolutionReport, ResponseReport};
use siegert::simulation::SimulationOptions;
use siegert::testing::{TestNetwork, open, theory_by_shift};
use siegert::{Complex64, Work};

fn evolved(network: &Network, duration_ms: f64, accuracy: f64) -> Evolution {
    let options = EvolutionOptions {
        duration_ms,
        accuracy,
        densities: Some(DensityOptions::default()),
        ..EvolutionOptions::default()
    };
    evolve(network, &options, &Work::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// By how much all neurons are not 1 at a time.
fn missing(density: &Density, k: usize) -> f64 {
    let width_mv = density.potentials_mv[1] - density.potentials_mv[0];
    let outside = density.refractory_fraction[k] + density.below_fraction[k] + density.above_fraction[k];
    (density.density_per_mv[k].iter().sum::<f64>() * width_mv + outside - 1.0).abs()
}

#[test]
fn densities_that_are_kept_hold_every_neuron_at_every_time() {
    let quadratic = r#"[neurons.n]
model = "qif"
tau_m = "20 ms"
E_L = "0 mV"
V_th = "0 mV"
Delta_T = "0.5 mV"
V_peak = "inf"
V_reset = "-inf"
t_ref = "0 ms"
[populations]
A = { size = 100, neuron = "n" }
[[drives]]
to = "A"
kind = "noise"
mean = "0.5 mV"
std = "1 mV"
"#;
    for network in
        [open("step_response", None, &[]), open("driven_oscillation", None, &[]), siegert::testing::read(quadratic)]
    {
        let found = evolved(&network, 100.0, 1e-3);
        for density in &found.densities {
            assert_eq!(density.times_ms, found.times_ms);
            let most = (0..density.times_ms.len()).map(|k| missing(density, k)).fold(0.0, f64::max);
            assert!(most < 1e-12, "{}: {most:e}", network.name);
            assert!(density.density_per_mv.iter().flatten().all(|p| *p >= 0.0));
        }
    }
}

#[test]
fn the_density_of_a_state_is_that_of_the_closed_form() {
    let network = TestNetwork::one_population(1000).noise("A", 18.0, 5.0).read();
    let theory = theory_by_shift(&network);
    let rate_hz = theory.solve().unwrap().rates_hz()[0];
    let input = theory.map().inputs(&[rate_hz])[0];
    let found = &evolved(&network, 10.0, 1e-4).densities[0];
    let expected =
        expected_density_per_mv(&theory.map().transfers()[0], &input, rate_hz, &found.potentials_mv).unwrap();
    let highest = expected.iter().copied().fold(0.0, f64::max);
    for k in [0, 10] {
        for ((potential_mv, p), expected) in found.potentials_mv.iter().zip(&found.density_per_mv[k]).zip(&expected) {
            // at the reset the density has a kink, which a bin rounds off
            assert!((p - expected).abs() < 3e-3 * highest, "{p} for {expected} at {potential_mv} mV");
        }
        assert!((found.refractory_fraction[k] - 2e-3 * rate_hz).abs() < 1e-5);
    }
}

#[test]
fn a_step_rings_at_the_frequency_of_the_leading_mode_and_decays_with_it() {
    // root of the interval's Laplace transform at mean 24 mV and sigma 1 mV, by parabolic cylinder functions with 25 digits
    let (frequency_hz, decay_per_ms) = (37.417763916, 0.010836923024);
    let found = evolved(&open("step_response", None, &[]), 800.0, 1e-4);
    let rates = &found.rates_hz[0];
    assert!(rates[..50].iter().all(|hz| *hz < 0.01), "silent before the step");
    let end = rates[800];
    assert!((end / 37.3392060116406 - 1.0).abs() < 1e-3, "{end}");
    // what rings obeys x(t + h) = 2 e^(-a h) cos(b h) x(t) - e^(-2 a h) x(t - h), once faster modes are over
    let x = |ms: usize| rates[ms] - end;
    let (mut normal, mut right) = ([0.0; 3], [0.0; 2]);
    const H: usize = 6;
    for ms in 200..350 {
        let (before, now, after) = (x(ms - H), x(ms), x(ms + H));
        normal = [normal[0] + now * now, normal[1] + now * before, normal[2] + before * before];
        right = [right[0] + now * after, right[1] + before * after];
    }
    let determinant = normal[0] * normal[2] - normal[1] * normal[1];
    let p = (right[0] * normal[2] - right[1] * normal[1]) / determinant;
    let q = (right[1] * normal[0] - right[0] * normal[1]) / determinant;
    let decay = -0.5 * (-q).ln() / H as f64;
    let frequency = (0.5 * p / (-q).sqrt()).acos() / (std::f64::consts::TAU * H as f64) * 1000.0;
    println!("{frequency} Hz for {frequency_hz}, {decay} per ms for {decay_per_ms}");
    assert!((frequency / frequency_hz - 1.0).abs() < 2e-3, "{frequency} Hz for {frequency_hz}");
    assert!((decay / decay_per_ms - 1.0).abs() < 2e-2, "{decay} per ms for {decay_per_ms}");
    // and is seen: three maxima above the end, each lower than the one before
    let maxima: Vec<f64> =
        (60..300).filter(|&k| rates[k] > rates[k - 1] && rates[k] >= rates[k + 1]).map(|k| rates[k]).collect();
    assert!(maxima.len() >= 4 && maxima.windows(2).all(|pair| pair[0] > pair[1]), "{maxima:?}");
}

#[test]
fn a_cue_is_remembered_until_it_is_switched_off() {
    let network = open("working_memory_cue", None, &[]);
    let states = theory_by_shift(&network).states().unwrap().states;
    let [spontaneous, active] = [0, 2].map(|k: usize| states[k].rates_hz());
    let found = evolved(&network, 1000.0, 3e-3);
    let close = |ms: usize, state: &[f64]| {
        for (rates, expected) in found.rates_hz.iter().zip(state) {
            assert!((rates[ms] / expected - 1.0).abs() < 0.01, "{} Hz for {expected} at {ms} ms", rates[ms]);
        }
    };
    close(190, &spontaneous);
    close(690, &active);
    close(1000, &spontaneous);
}

/// The part of a course at a frequency, over whole periods at its end.
fn component(times_ms: &[f64], rates_hz: &[f64], frequency_hz: f64, from_ms: f64) -> Complex64 {
    let last = times_ms[times_ms.len() - 1];
    let at = times_ms.iter().zip(rates_hz).filter(|(t, _)| **t > from_ms && **t <= last);
    let (mut sum, mut count) = (Complex64::new(0.0, 0.0), 0.0);
    for (t, hz) in at {
        sum += Complex64::from_polar(*hz, -std::f64::consts::TAU * frequency_hz * t / 1000.0);
        count += 1.0;
    }
    sum * (2.0 / count)
}

#[test]
fn a_weak_drive_is_followed_with_the_amplitude_and_the_phase_of_the_linear_response() {
    let (depth, mean_mv, frequency_hz) = (0.02, 3.0, 10.0);
    let network = open("driven_oscillation", None, &[("depth", "0.02")]);
    let theory = theory_by_shift(&network);
    let states = theory.states().unwrap().states;
    let report = ResponseReport::new(&theory, &states, None, &[frequency_hz], &Work::default()).unwrap();
    let of = |re: &[f64], im: &[f64]| Complex64::new(re[0], im[0]);
    let to_mean: Vec<_> =
        report.populations.iter().map(|p| of(&p.transfer_re_hz_per_mv, &p.transfer_im_hz_per_mv)).collect();
    let to_variance: Vec<_> = report
        .populations
        .iter()
        .map(|p| of(&p.variance_transfer_re_hz_per_mv2, &p.variance_transfer_im_hz_per_mv2))
        .collect();
    // r_a = N_a (mean from outside + sum_b tau K J e^(-i w d) r_b) + the same of the variance
    let delay = Complex64::from_polar(1.0, -std::f64::consts::TAU * frequency_hz * 1.5e-3);
    let connection = |a: usize, in_degree: f64, weight_mv: f64| {
        0.02 * in_degree * weight_mv * delay * (to_mean[a] + to_variance[a] * weight_mv)
    };
    let m = [
        [connection(0, 100.0, 0.1), connection(0, 25.0, -0.5)],
        [connection(1, 100.0, 0.1), connection(1, 25.0, -0.4)],
    ];
    let driven = to_mean[0] * depth * mean_mv;
    let determinant = (1.0 - m[0][0]) * (1.0 - m[1][1]) - m[0][1] * m[1][0];
    let expected = [driven * (1.0 - m[1][1]) / determinant, driven * m[1][0] / determinant];
    let found = evolved(&network, 800.0, 3e-4);
    for (a, expected) in expected.iter().enumerate() {
        let found = component(&found.times_ms, &found.rates_hz[a], frequency_hz, 400.0);
        let error = (found - expected).norm() / expected.norm();
        println!("{a}: {found} for {expected}, {error:.1e}");
        assert!(error < 5e-3, "{a}: {found} for {expected}");
    }
}

#[test]
fn simulated_neurons_are_where_the_density_says_and_as_active() {
    for name in ["step_response", "driven_oscillation"] {
        let network = open(name, None, &[]);
        let options = EvolutionOptions {
            duration_ms: 120.0,
            densities: Some(DensityOptions::default()),
            ..EvolutionOptions::default()
        };
        let mut report = EvolutionReport::new(&network, &options, &Work::default()).unwrap();
        // a fine grid, on which neurons meet the threshold where the density does
        let simulation = SimulationOptions { dt_ms: 0.02, ..SimulationOptions::default() };
        report.add_simulation(&network, &options, &simulation, &Work::default()).unwrap();
        for population in &report.populations {
            let (density, simulated) = (population.density.as_ref().unwrap(), population.simulated.as_ref().unwrap());
            let neurons = simulated.neurons as f64;
            // the density of a bin of the histogram, five of the density's own, at the nearest time
            let (bins, mut worst, mut sum, mut count) = (simulated.potentials_mv.len(), 0.0f64, 0.0, 0.0);
            let width_mv = simulated.potentials_mv[1] - simulated.potentials_mv[0];
            let together = density.potentials_mv.len() / bins;
            for (at_ms, row) in simulated.times_ms.iter().zip(&simulated.density_per_mv) {
                let k = density.times_ms.iter().position(|t| (t - at_ms).abs() < 0.05);
                let Some(expected) = k.map(|k| &density.density_per_mv[k]) else { continue };
                for (p, expected) in row.iter().zip(expected.chunks(together)) {
                    let part = expected.iter().sum::<f64>() / together as f64 * width_mv;
                    let error = ((part + 1.0 / neurons) / neurons).sqrt();
                    let z = (p * width_mv - part) / error;
                    (worst, sum, count) = (worst.max(z.abs()), sum + z * z, count + 1.0);
                }
            }
            println!("{name} {}: {} bins, z^2 {}, at most {worst}", population.name, count, sum / count);
            assert!(count > 1000.0, "{name}: only {count} bins");
            // a network of finite size fluctuates as a whole, beyond the sampling of its neurons
            assert!(sum / count < 4.0, "{name} {}: {}", population.name, sum / count);
        }
    }
}
