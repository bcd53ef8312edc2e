//! Perfect neurons in the simulator against the closed forms of the theory.
//!
//! The simulator looks at the threshold once a step. What white noise leads across it and back meanwhile is not seen, and what is above it at the
//! end of a step is lost, as if the threshold were `0.5826 sigma sqrt(dt / tau_m) + (dt / tau_m) mu / 4` higher, to second order in the
//! climb of a step beside its noise (Siegmund 1979, Adv Appl Prob 11:701-719); the theory is asked with that threshold.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V_th

use siegert::Work;
use siegert::network::{Network, ReadOptions, parse};
use siegert::simulation::{PopulationActivity, SimulationOptions, Simulator};
use siegert::theory::{Theory, TheoryOptions};

/// `-zeta(1/2) / sqrt(2 pi)`.
const SHIFT: f64 = 0.582_597_157_939_010_6;

/// 2000 neurons with a reset 10 mV below threshold.
fn text(V_th_mv: f64, t_ref_ms: f64, more: &str) -> String {
    format!(
        r#"
[neurons.n]
model = "perfect"
tau_m = "20 ms"
C_m = "250 pF"
E_L = "-65 mV"
V_th = "{V_th_mv} mV"
V_reset = "-60 mV"
t_ref = "{t_ref_ms} ms"
[synapses.slow]
kind = "exponential_current"
tau = "5 ms"
[populations]
A = {{ size = 2000, neuron = "n" }}
[[drives]]
to = "A"
{more}
"#
    )
}

fn network(text: &str) -> Network {
    parse(text, "test.toml", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn simulated(text: &str, dt_ms: f64, duration_ms: f64) -> PopulationActivity {
    let options = SimulationOptions { duration_ms, dt_ms, threads: Some(1), ..SimulationOptions::default() };
    let work = Work::default();
    let mut simulator = Simulator::build(&network(text), &options, &work).unwrap();
    simulator.advance(u64::MAX, &work, |_, _| Ok::<(), std::convert::Infallible>(())).unwrap();
    simulator.result().populations.swap_remove(0)
}

/// Rate in Hz, CV and the standard deviation of the input in mV.
fn predicted(text: &str) -> (f64, f64, f64) {
    let network = network(text);
    let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
    let found = theory.states().unwrap();
    let state = theory.fixed_point(&found.states[0]);
    let population = &state.populations[0];
    (population.rate_hz, population.cv.unwrap(), population.std_input_mv)
}

/// How much higher the threshold seems.
fn shift_mv(mean_mv: f64, std_mv: f64, dt_ms: f64) -> f64 {
    SHIFT * std_mv * (dt_ms / 20.0).sqrt() + dt_ms / 20.0 * mean_mv / 4.0
}

fn close(what: &str, found: f64, expected: f64, within: f64) {
    assert!((found / expected - 1.0).abs() < within, "{what}: {found} for {expected}, within {within}");
}

#[test]
fn rate_and_cv_in_noise_are_those_of_the_closed_forms() {
    for (mean, std, t_ref, dt, duration) in [
        (15.0, 3.0, 2.0, 0.1, 2000.0),
        (15.0, 3.0, 0.0, 0.025, 2000.0),
        (4.0, 6.0, 2.0, 0.1, 8000.0),
        (25.0, 6.0, 1.0, 0.1, 2000.0),
    ] {
        let noise = format!("kind = \"noise\"\nmean = \"{mean} mV\"\nstd = \"{std} mV\"\n");
        let seen = simulated(&text(-50.0, t_ref, &noise), dt, duration);
        let (rate, cv, _) = predicted(&text(-50.0 + shift_mv(mean, std, dt), t_ref, &noise));
        let case = format!("mu {mean} mV, sigma {std} mV, t_ref {t_ref} ms, dt {dt} ms");
        // sampling: CV / sqrt(spikes) is below 0.0016, and the CV of the 150 intervals of a neuron a little too small
        close(&format!("rate at {case}"), seen.rate_hz, rate, 0.005);
        close(&format!("CV at {case}"), seen.cv.unwrap(), cv, 0.02);
    }
}

#[test]
fn a_constant_current_is_added_up_without_loss() {
    // (10 mV / 16 mV) 20 ms = 12.5 ms, whatever E_L is; 125 steps, and 20 of refractory time
    let seen = simulated(&text(-50.0, 2.0, "kind = \"current\"\nvalue = \"16.00001 mV\"\n"), 0.1, 1450.0);
    assert_eq!(seen.spikes, 2000 * 100);
    let silent = simulated(&text(-50.0, 2.0, "kind = \"current\"\nvalue = \"0 mV\"\n"), 0.1, 500.0);
    assert_eq!(silent.spikes, 0, "nothing draws the potential anywhere");
}

#[test]
fn the_charge_of_slow_synapses_is_added_up_without_loss() {
    // 1 kHz x 50 pA x 5 ms / 250 pF = 1 mV/ms: 10 ms from reset to threshold
    let slow = "kind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"50 pA\"\nsynapse = \"slow\"\n";
    let seen = simulated(&text(-50.0, 0.0, slow), 0.1, 5000.0);
    // at the end of a step the potential is half a step's climb above threshold, in the mean a little more: it fires while it climbs
    close("rate", seen.rate_hz, 100.0, 0.01);
    assert!(seen.rate_hz < 100.0, "what is above threshold is lost: {} Hz", seen.rate_hz);
}

#[test]
fn a_network_that_inhibits_itself_fires_as_the_theory_says() {
    let recurrent = "kind = \"noise\"\nmean = \"40 mV\"\nstd = \"3 mV\"\n[[projections]]\nfrom = \"A\"\nto = \"A\"\n\
                     in_degree = 200\nweight = \"-0.1 mV\"\ndelay = \"1.5 ms\"\n";
    // without refractory time no input is lost, so the rate follows from the mean input alone, however the neurons are correlated
    let seen = simulated(&text(-50.0, 0.0, recurrent), 0.1, 1000.0);
    let (_, _, std) = predicted(&text(-50.0, 0.0, recurrent));
    let mean = 40.0 - 20.0 * 200.0 * 0.1 * seen.rate_hz / 1000.0;
    let (rate, _, _) = predicted(&text(-50.0 + shift_mv(mean, std, 0.1), 0.0, recurrent));
    close("rate", seen.rate_hz, rate, 0.005);
}
