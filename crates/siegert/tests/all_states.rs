//! No state is missed: random networks of two populations against a scan of the whole plane of rates.
//!
//! The scan knows nothing of the search: it evaluates both equations on a grid in a variable that resolves rates from
//! 1e-300 Hz to saturation, and starts an iteration of its own in every cell in which both change sign.

#![allow(non_snake_case)] // symbols of the field keep their capitals

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use siegert::network::{DriveKind, Network, Neuron};
use siegert::neuron::lif::SynapticFilter;
use siegert::stationary::{RateMap, states};
use siegert::testing::{BRUNEL, coupled};

/// Grid points along each side; cells below saturation are finer.
const POINTS: usize = 72;

fn neuron(tau_m_ms: f64, t_ref_ms: f64, V_reset_mv: f64) -> Neuron {
    Neuron { tau_m_ms, C_m_pf: Some(250.0), V_reset_mv, t_ref_ms, ..BRUNEL }
}

/// Two populations; weights in mV and in-degrees as `[[E to E, I to E], [E to I, I to I]]`.
fn network(
    neurons: [Neuron; 2],
    weights: [[f64; 2]; 2],
    in_degrees: [[f64; 2]; 2],
    drives: [(f64, f64); 2],
    tau_syn_ms: Option<f64>,
) -> Network {
    let drives = drives.map(|(mean_mv, std_mv)| Some(DriveKind::Noise { mean_mv, std_mv }));
    let [weights, in_degrees] = [weights, in_degrees].map(|of| of.map(Vec::from));
    coupled(neurons.to_vec(), &weights, &in_degrees, drives.to_vec(), tau_syn_ms)
}

/// Anything between weak and strong, dominated by excitation or inhibition, silent and saturated; delta and filtered.
fn any_network() -> impl Strategy<Value = Network> {
    let neurons = [any_neuron(), any_neuron()];
    let excitation = [0.0..1.2f64, 0.0..1.2f64];
    let inhibition = [-4.0..0.0f64, -4.0..0.0f64];
    let degrees = [[10.0..1500.0f64, 10.0..400.0f64], [10.0..1500.0f64, 10.0..400.0f64]];
    let drives = [(-20.0..60.0f64, 0.2..10.0f64), (-20.0..60.0f64, 0.2..10.0f64)];
    let filter = prop_oneof![3 => Just(None), 1 => (0.2..5.0f64).prop_map(Some)];
    (neurons, excitation, inhibition, degrees, drives, filter)
        .prop_map(|(n, e, i, k, d, filter)| network(n, [[e[0], i[0]], [e[1], i[1]]], k, d, filter))
}

fn any_neuron() -> impl Strategy<Value = Neuron> {
    (5.0..40.0f64, 0.3..5.0f64, -10.0..19.0f64).prop_map(|(tau, t_ref, reset)| neuron(tau, t_ref, reset))
}

/// The variable of the scan, for rates from 1e-300 Hz up.
fn ln_rate(x: f64) -> f64 {
    if x > 0.0 { x } else { -x * x }
}

/// Values of the variable from 1e-300 Hz to the rate limit, denser towards it.
fn grid(limit_hz: f64) -> Vec<f64> {
    let below = (0..POINTS).map(|i| -26.3 + (26.3 + limit_hz.ln() - 0.05) * i as f64 / POINTS as f64);
    let near = (0..=POINTS / 2).map(|i| (limit_hz * (1.0 - 0.05 * 0.8f64.powi(i as i32))).ln());
    below.chain(near).collect()
}

/// `ln f - ln r` of both populations.
fn residuals(map: &RateMap, x: [f64; 2]) -> [f64; 2] {
    let ln = x.map(ln_rate);
    let rates = ln.map(f64::exp);
    let inputs = map.inputs(&rates);
    std::array::from_fn(|a| map.ln_output_hz(a, &inputs[a]) - ln[a])
}

/// States found by scanning the plane, as logarithms of rates.
fn scanned(map: &RateMap, limits: [f64; 2]) -> Vec<[f64; 2]> {
    let axes = limits.map(grid);
    let values: Vec<Vec<[f64; 2]>> =
        axes[0].iter().map(|&x| axes[1].iter().map(|&y| residuals(map, [x, y])).collect()).collect();
    let mut found: Vec<[f64; 2]> = Vec::new();
    for i in 1..axes[0].len() {
        for j in 1..axes[1].len() {
            let corners = [values[i - 1][j - 1], values[i - 1][j], values[i][j - 1], values[i][j]];
            let changes = |a: usize| corners.iter().any(|c| c[a] > 0.0) && corners.iter().any(|c| c[a] <= 0.0);
            if !(changes(0) && changes(1)) {
                continue;
            }
            let middle = [0.5 * (axes[0][i - 1] + axes[0][i]), 0.5 * (axes[1][j - 1] + axes[1][j])];
            let Some(state) = iterated(map, middle) else { continue };
            let known = |s: &[f64; 2]| s.iter().zip(&state).all(|(p, q)| (p - q).abs() < 1e-6 * (1.0 + p.abs()));
            if !found.iter().any(known) {
                found.push(state);
            }
        }
    }
    found
}

/// Newton's method with differences for derivatives.
fn iterated(map: &RateMap, mut x: [f64; 2]) -> Option<[f64; 2]> {
    for _ in 0..50 {
        let f = residuals(map, x);
        if f.iter().zip(&x).all(|(f, x)| f.abs() < 1e-10 * (1.0 + ln_rate(*x).abs())) {
            return Some(x.map(ln_rate));
        }
        let h = x.map(|x| 1e-6 * (1.0 + x.abs()));
        let (p, q) = (residuals(map, [x[0] + h[0], x[1]]), residuals(map, [x[0], x[1] + h[1]]));
        let d = [[(p[0] - f[0]) / h[0], (q[0] - f[0]) / h[1]], [(p[1] - f[1]) / h[0], (q[1] - f[1]) / h[1]]];
        let determinant = d[0][0] * d[1][1] - d[0][1] * d[1][0];
        let step = [(d[0][1] * f[1] - d[1][1] * f[0]) / determinant, (d[1][0] * f[0] - d[0][0] * f[1]) / determinant];
        let longest = step[0].abs().max(step[1].abs());
        if !longest.is_finite() {
            return None;
        }
        let part = (1.0 / longest).min(1.0);
        x = [x[0] + part * step[0], x[1] + part * step[1]];
    }
    None
}

/// Two times 5,000 networks, so that two processors share the work.
fn many(seed: u64) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..ProptestConfig::with_cases(5_000) }
}

proptest! {
    #![proptest_config(many(4))]

    #[test]
    fn the_search_misses_no_state_that_a_scan_of_the_plane_finds(net in any_network()) {
        check(&net)?;
    }
}

proptest! {
    #![proptest_config(many(5))]

    #[test]
    fn nor_does_it_in_as_many_other_networks(net in any_network()) {
        check(&net)?;
    }
}

fn check(net: &Network) -> Result<(), TestCaseError> {
    // the proof is one of the closed forms
    let map = RateMap::new(net, SynapticFilter::ThresholdShift).unwrap();
    let found = states(&map).unwrap();
    let limits = [0, 1].map(|a| 1000.0 / net.populations[a].neuron.t_ref_ms);
    let ours: Vec<Vec<f64>> = found.states.iter().map(|state| state.ln_rates_hz()).collect();
    for state in scanned(&map, limits) {
        let same = |s: &Vec<f64>| s.iter().zip(&state).all(|(p, q)| (p - q).abs() < 1e-5 * (1.0 + p.abs()));
        prop_assert!(ours.iter().any(same), "missed {state:?}; found {ours:?}, {:?}", found.search);
    }
    prop_assert!(found.search.complete, "not proved: {ours:?}, {:?}", found.search);
    prop_assert_eq!(found.search.index_sum, 1, "{:?}", ours);
    for state in &found.states {
        let size = state.ln_rates_hz().iter().fold(1.0, |size: f64, ln| size.max(ln.abs()));
        prop_assert!(state.residual <= 1e-10 * size, "residual {} at {:?}", state.residual, state.rates_hz());
    }
    Ok(())
}
