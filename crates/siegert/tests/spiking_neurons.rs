//! Neurons whose spikes begin by themselves, simulated: rates in white and in filtered noise against what other methods found, the times of spikes
//! within a step, and that nothing depends on threads, on how connections are held, or on being stopped.
//!
//! Spikes are at the ends of steps, so an interval between two is longer by half a step in the mean: that much is expected. In longer runs, with sampling
//! errors of 0.1 to 0.7 %, all 29 rates agreed as well, the worst by 2.0 standard errors.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V, C_m

use std::convert::Infallible;

use siegert::Work;
use siegert::network::Network;
use siegert::simulation::{
    Chosen, Connectivity, PopulationActivity, RecordedValue, Recording, Simulation, SimulationOptions, Simulator,
    SpikeTimes, TICKS_PER_STEP,
};
use siegert::testing::read;

const MS_PER_S: f64 = 1000.0;
/// Of a difference.
const MOST_STANDARD_ERRORS: f64 = 4.0;

fn options(duration_ms: f64, dt_ms: f64) -> SimulationOptions {
    SimulationOptions { duration_ms, warmup_ms: 100.0, dt_ms, threads: Some(1), ..SimulationOptions::default() }
}

/// Spikes as time in ticks and number of the neuron, and the statistics.
fn run(network: &Network, options: &SimulationOptions) -> (Vec<(u64, u32)>, Simulation) {
    let running = Work::default();
    let mut simulator = Simulator::build(network, options, &running).unwrap_or_else(|error| panic!("{error}"));
    let spikes = advance(&mut simulator, u64::MAX);
    (spikes, simulator.result())
}

fn advance(simulator: &mut Simulator, steps: u64) -> Vec<(u64, u32)> {
    let mut spikes = Vec::new();
    simulator
        .advance_timed(steps, &Work::default(), |now| {
            spikes.extend(now.ticks());
            Ok::<(), Infallible>(())
        })
        .expect("nothing can fail");
    spikes
}

/// Asserts the rate of equal neurons whose spikes are counted at the ends of steps; `known` is the relative error of what is expected.
fn assert_rate(what: &str, found: &PopulationActivity, duration_ms: f64, dt_ms: f64, expected_hz: f64, known: f64) {
    let expected = 1.0 / (1.0 / expected_hz + dt_ms / 2.0 / MS_PER_S);
    let count = found.size as f64 * duration_ms / MS_PER_S * expected;
    let sampling = found.cv.unwrap_or(1.0) / count.sqrt();
    let z = (found.rate_hz / expected - 1.0) / sampling.hypot(known);
    println!("{what}: {} Hz, expected {expected} Hz, {z:.1} standard errors of {sampling:.4}", found.rate_hz);
    assert!(z.abs() < MOST_STANDARD_ERRORS, "{what}: {} Hz, expected {expected} Hz: {z:.1}", found.rate_hz);
}

/// Rows of a reference of rates that fire between some Hz; a column that is not a number is infinite.
fn rows(text: &str) -> Vec<Vec<f64>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').map(|field| field.parse().expect("a number")).collect()).collect()
}

#[test]
fn exponential_neurons_in_white_noise_have_the_rates_of_the_reference() {
    let (dt_ms, mut tested) = (0.05, 0);
    for row in rows(include_str!("reference/eif_rate.csv")) {
        let [mu, sigma, tau_m, t_ref, Delta_T, V_th, V_reset, V_peak, _, rate_hz] = row[..] else { panic!("{row:?}") };
        if rate_hz < 4.0 {
            continue;
        }
        let duration_ms = 2e4 / rate_hz;
        let network = read(&format!(
            "[neurons.n]\nmodel = \"eif\"\ntau_m = \"{tau_m} ms\"\nE_L = \"{mu} mV\"\nV_th = \"{V_th} mV\"\nV_reset = \"{V_reset} mV\"\n\
             t_ref = \"{t_ref} ms\"\nDelta_T = \"{Delta_T} mV\"\nV_peak = \"{V_peak} mV\"\n[populations]\nA = {{ size = 400, neuron = \"n\" }}\n\
             [[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = 0\nstd = \"{sigma} mV\"\n"
        ));
        let (_, found) = run(&network, &options(duration_ms, dt_ms));
        assert_rate(&format!("{row:?}"), &found.populations[0], found.run.duration_ms, dt_ms, rate_hz, 0.0);
        tested += 1;
    }
    assert!(tested > 7, "{tested} rates");
}

#[test]
fn quadratic_neurons_in_white_noise_have_the_rates_of_the_reference_infinite_ones_too() {
    let (tau_m_ms, dt_ms, mut tested) = (20.0, 0.05, 0);
    for row in rows(include_str!("reference/qif_rate.csv")) {
        let [eta, sigma, v_reset, v_spike, time_over_tau] = row[..] else { panic!("{row:?}") };
        let rate_hz = MS_PER_S / (tau_m_ms * time_over_tau);
        // noise that crosses a low peak between steps and comes back is another matter
        let wanted = (5.0..100.0).contains(&rate_hz) && v_spike >= 10.0 && [-0.5, 0.0, 1.0].contains(&eta);
        if !wanted {
            continue;
        }
        let duration_ms = 2e4 / rate_hz;
        let network = read(&format!(
            "[neurons.n]\nmodel = \"qif\"\ntau_m = \"{tau_m_ms} ms\"\nE_L = \"{eta} mV\"\nV_th = \"0 mV\"\nt_ref = \"0 ms\"\n\
             Delta_T = \"0.5 mV\"\nV_reset = {}\nV_peak = {}\n[populations]\nA = {{ size = 400, neuron = \"n\" }}\n\
             [[drives]]\nto = \"A\"\nkind = \"noise\"\nmean = 0\nstd = \"{sigma} mV\"\n",
            limit(v_reset),
            limit(v_spike)
        ));
        let (_, found) = run(&network, &options(duration_ms, dt_ms));
        assert_rate(&format!("{row:?}"), &found.populations[0], found.run.duration_ms, dt_ms, rate_hz, 0.0);
        assert_eq!(found.populations[0].membrane.is_none(), v_reset.is_infinite(), "infinite potentials have no mean");
        tested += 1;
    }
    assert!(tested > 6, "{tested} rates");
}

fn limit(V: f64) -> String {
    if V.is_finite() { format!("\"{V} mV\"") } else { format!("\"{V}\"") }
}

/// Filtered noise: exponential currents of so many weak spikes of either sign that they add up to a diffusion.
fn in_filtered_noise(neuron: &str, tau_m_ms: f64, mu_mv: f64, sigma_mv: f64, tau_syn_ms: f64) -> Network {
    let (C_m_pf, rate_khz) = (250.0, 20.0_f64);
    let weight = sigma_mv * tau_m_ms.sqrt() / (tau_syn_ms * (2.0 * rate_khz).sqrt()) * C_m_pf / tau_m_ms;
    read(&format!(
        "[neurons.n]\n{neuron}\nC_m = \"{C_m_pf} pF\"\ntau_m = \"{tau_m_ms} ms\"\nE_L = \"{mu_mv} mV\"\nt_ref = \"2 ms\"\n\
         [synapses.s]\nkind = \"exponential_current\"\ntau = \"{tau_syn_ms} ms\"\n[populations]\nA = {{ size = 150, neuron = \"n\" }}\n\
         [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate_khz} kHz\"\nweight = \"{weight} pA\"\nsynapse = \"s\"\n\
         [[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate_khz} kHz\"\nweight = \"-{weight} pA\"\nsynapse = \"s\"\n"
    ))
}

#[test]
fn neurons_in_filtered_noise_have_the_rates_and_cvs_of_another_simulation() {
    let eif = "model = \"eif\"\nV_th = \"15 mV\"\nV_reset = \"5 mV\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"";
    let qif = "model = \"qif\"\nV_th = \"10 mV\"\nV_reset = \"-20 mV\"\nDelta_T = \"2 mV\"\nV_peak = \"80 mV\"";
    // tau_m, mu, sigma, tau_syn; rate, its standard error, CV, mean and std of V: Monte Carlo of 256 neurons, V by Heun's method in steps of 0.01
    // and 0.02 ms, thresholds interpolated
    let cases = [
        (eif, [20.0, 12.0, 5.0, 0.5], 7.211849, 0.0222, 0.745388, [10.79024, 3.85822]),
        (eif, [20.0, 12.0, 5.0, 20.0], 4.2139974, 0.0147, 0.889286, [11.69433, 2.97091]),
        (eif, [20.0, 16.0, 3.0, 2.0], 16.751894, 0.0311, 0.369478, [12.62269, 4.05844]),
        (qif, [10.0, 12.0, 3.0, 0.5], 23.36818, 0.0417, 0.35693, [8.937058, 11.2615]),
        (qif, [10.0, 8.0, 5.0, 10.0], 4.75, 0.0153, 0.886392, [7.467007, 5.39974]),
    ];
    let dt_ms = 0.05;
    for (neuron, [tau_m, mu, sigma, tau_syn], rate_hz, error_hz, cv, [mean_mv, std_mv]) in cases {
        let network = in_filtered_noise(neuron, tau_m, mu, sigma, tau_syn);
        let (_, found) = run(&network, &options(4e4 / rate_hz, dt_ms));
        let activity = &found.populations[0];
        let what = format!("{neuron}, mu = {mu}, sigma = {sigma}, tau_syn = {tau_syn}");
        assert_rate(&what, activity, found.run.duration_ms, dt_ms, rate_hz, error_hz / rate_hz);
        let found_cv = activity.cv.expect("many spikes");
        assert!((found_cv / cv - 1.0).abs() < 0.03, "{what}: CV {found_cv}, expected {cv}");
        let membrane = activity.membrane.as_ref().expect("finite potentials");
        let found = [membrane.mean_mv, membrane.std_mv];
        assert!((found[0] - mean_mv).abs() < 0.1 && (found[1] / std_mv - 1.0).abs() < 0.03, "{what}: {found:?}");
    }
}

const NETWORK: &str = r#"
projections = [
  { from = "E", to = ["A", "Q"], in_degree = 40, weight = "30 pA", delay = "1.5 ms", synapse = "s" },
  { from = "A", to = ["E", "Q"], probability = 0.1, weight = { mean = "-40 pA", std = "10 pA" }, delay = { mean = "1 ms", std = "0.3 ms" }, synapse = "s" },
  { from = "Q", to = "A", in_degree = 10, weight = "0.2 mV", delay = "0.7 ms" },
]
drives = [
  { to = ["E", "A"], kind = "noise", mean = "17 mV", std = "4 mV" },
  { to = "Q", kind = "poisson", in_degree = 100, rate = "100 Hz", weight = "0.1 mV" },
]
[neurons]
e = { model = "eif", C_m = "250 pF", tau_m = "20 ms", E_L = "-65 mV", V_th = "-50 mV", V_reset = "-60 mV", t_ref = "2 ms", Delta_T = "2 mV", V_peak = "-20 mV" }
a = { model = "adex", C_m = "250 pF", tau_m = "20 ms", E_L = "-65 mV", V_th = "-50 mV", V_reset = "-60 mV", t_ref = "2 ms", Delta_T = "2 mV", V_peak = "-20 mV", a = "2 nS", b = "40 pA", tau_w = "100 ms" }
q = { model = "qif", C_m = "250 pF", tau_m = "20 ms", E_L = "-65 mV", V_th = "-55 mV", V_reset = "-inf", t_ref = "1 ms", Delta_T = "1 mV", V_peak = "inf" }
[synapses]
s = { kind = "exponential_current", tau = "2 ms" }
[populations]
E = { size = 900, neuron = "e" }
A = { size = 300, neuron = "a" }
Q = { size = 200, neuron = "q" }
"#;

fn network_options(spike_times: SpikeTimes) -> SimulationOptions {
    SimulationOptions { warmup_ms: 50.0, spike_times, ..options(250.0, 0.1) }
}

#[test]
fn spikes_and_their_times_depend_on_the_seed_and_not_on_threads_or_connectivity() {
    let network = read(NETWORK);
    for spike_times in [SpikeTimes::Grid, SpikeTimes::Interpolated] {
        let options = network_options(spike_times);
        let (expected, reference) = run(&network, &options);
        for population in &reference.populations {
            assert!(population.rate_hz > 2.0, "{}: {} Hz", population.name, population.rate_hz);
        }
        for (threads, connectivity) in
            [(1, Connectivity::Redrawn), (2, Connectivity::Explicit), (3, Connectivity::Redrawn)]
        {
            let other = SimulationOptions { threads: Some(threads), connectivity, ..options.clone() };
            let (spikes, result) = run(&network, &other);
            assert!(spikes == expected, "{threads} threads, {connectivity:?}: {} spikes", spikes.len());
            assert_eq!(result.populations, reference.populations, "{threads} threads, {connectivity:?}");
        }
        let other_seed = run(&network, &SimulationOptions { seed: 2, ..options }).0;
        assert!(other_seed != expected, "another seed gives other spikes");
    }
}

#[test]
fn a_run_that_is_saved_goes_on_with_its_adaptation() {
    let network = read(NETWORK);
    let unbroken = network_options(SpikeTimes::Interpolated);
    let (expected, reference) = run(&network, &unbroken);
    for steps in [1, 1234] {
        let mut simulator = Simulator::build(&network, &unbroken, &Work::default()).expect("it was built before");
        let mut spikes = advance(&mut simulator, steps);
        let mut saved = Vec::new();
        simulator.save(&mut saved).expect("memory can be written");
        let mut later = Simulator::build(&network, &unbroken, &Work::default()).expect("it was built before");
        later.restore(&mut saved.as_slice()).unwrap_or_else(|error| panic!("{error}"));
        spikes.extend(advance(&mut later, u64::MAX));
        assert!(spikes == expected, "broken after {steps} steps");
        assert_eq!(later.result().populations, reference.populations, "broken after {steps} steps");
    }
    let grid = SimulationOptions { spike_times: SpikeTimes::Grid, ..unbroken };
    let simulator = Simulator::build(&network, &grid, &Work::default()).expect("it was built before");
    let mut saved = Vec::new();
    simulator.save(&mut saved).expect("memory can be written");
    let options = network_options(SpikeTimes::Interpolated);
    let mut other = Simulator::build(&network, &options, &Work::default()).expect("it was built before");
    assert!(other.restore(&mut saved.as_slice()).is_err(), "times of another kind are another run");
}

#[test]
fn interpolated_times_lie_in_the_steps_of_the_same_spikes() {
    let network = read(NETWORK);
    let grid = run(&network, &network_options(SpikeTimes::Grid));
    let timed = run(&network, &network_options(SpikeTimes::Interpolated));
    assert_eq!(grid.0.len(), timed.0.len());
    let (mut sums, mut counts) = ([0.0; 3], [0.0; 3]);
    for (&(end, neuron), &(tick, same)) in grid.0.iter().zip(&timed.0) {
        assert_eq!((neuron, end % TICKS_PER_STEP), (same, 0));
        assert!(tick <= end && end - tick < TICKS_PER_STEP, "{tick} is not in the step before {end}");
        let population = usize::from(neuron >= 900) + usize::from(neuron >= 1200);
        sums[population] += (end - tick) as f64 / TICKS_PER_STEP as f64;
        counts[population] += 1.0;
    }
    for population in 0..3 {
        // as likely anywhere in a step: a half in the mean, 0.29 the standard deviation
        let (mean, error) = (sums[population] / counts[population], 0.29 / f64::sqrt(counts[population]));
        assert!((mean - 0.5).abs() < 5.0 * error, "{mean} of a step before its end, +- {error}");
        let [grid, timed] = [&grid.1, &timed.1].map(|run| &run.populations[population]);
        assert_eq!((grid.rate_hz, grid.fano_factor), (timed.rate_hz, timed.fano_factor));
    }
}

#[test]
fn recorded_spikes_have_their_times_and_are_in_their_order() {
    let network = read(NETWORK);
    let options = network_options(SpikeTimes::Interpolated);
    let mut simulator = Simulator::build(&network, &options, &Work::default()).expect("it was built before");
    let adapting = Chosen { population: 1, first: 0, last: 299 };
    simulator.record(&[Recording::Spikes(adapting)]).expect("there are so many");
    let mut expected = advance(&mut simulator, u64::MAX);
    expected.retain(|(_, neuron)| (900..1200).contains(neuron));
    expected.sort_unstable();
    let recorded = simulator.take_recorded().remove(0);
    let tick = |row: &RecordedValue| ((row.step as f64 - 1.0 + row.value) * TICKS_PER_STEP as f64).round() as u64;
    let found: Vec<(u64, u32)> = recorded.iter().map(|row| (tick(row), row.index)).collect();
    assert!(found == expected && found.len() > 100, "{} recorded, {} fired", found.len(), expected.len());
}

#[test]
fn interpolated_times_are_those_of_the_closed_forms_without_noise() {
    // tau_m = 10 ms, 7.3 mV above the threshold, from 10 mV below it, t_ref = 2 ms, dt = 0.5 ms
    let neuron = |model: &str| {
        read(&format!(
            "[neurons.n]\n{model}\ntau_m = \"10 ms\"\nE_L = \"0 mV\"\nV_th = \"10 mV\"\nt_ref = \"2 ms\"\n\
             [populations]\nA = {{ size = 1, neuron = \"n\" }}\n\
             [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"17.3 mV\"\n"
        ))
    };
    let dt_ms = 0.5;
    let lif = 10.0 * f64::ln(17.3 / 7.3);
    let perfect = 10.0 * 10.0 / 17.3;
    let qif = 10.0 * std::f64::consts::PI / f64::sqrt(7.3);
    for (model, climb_ms, within_ms) in [
        ("model = \"lif\"\nV_reset = \"0 mV\"", lif, 4e-3),
        ("model = \"perfect\"\nV_reset = \"0 mV\"", perfect, 2e-5),
        ("model = \"qif\"\nV_reset = \"-inf\"\nV_peak = \"inf\"\nDelta_T = \"0.5 mV\"", qif, 2e-5),
    ] {
        let network = neuron(model);
        let options = SimulationOptions { spike_times: SpikeTimes::Interpolated, ..options(500.0, dt_ms) };
        let (spikes, result) = run(&network, &options);
        assert!(spikes.len() > 20, "{model}: {} spikes", spikes.len());
        for pair in spikes.windows(2) {
            let ticks = |tick: u64| tick as f64 / TICKS_PER_STEP as f64 * dt_ms;
            // the climb begins when the refractory time after the end of the step of the spike is over
            let begins_ms = (ticks(pair[0].0) / dt_ms).ceil() * dt_ms + 2.0;
            let found_ms = ticks(pair[1].0) - begins_ms;
            assert!((found_ms - climb_ms).abs() < within_ms, "{model}: {found_ms} ms, expected {climb_ms} ms");
        }
        assert!(result.populations[0].cv.expect("many spikes") < 0.02);
    }
}
