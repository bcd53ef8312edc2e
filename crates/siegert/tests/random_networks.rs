//! No state is missed and nothing is left unproved: random networks of two and three populations, many of them without noise of their own.
//!
//! A third of the pairs is driven by constant currents, so that all noise is made by the network; in a third one population hears
//! nothing but the network, so that it may be silent to any degree; the rest has noise. 300 of the pairs are compared with a scan of the
//! plane of rates that knows nothing of the search; every list must be proved and its indices must add up to 1.

#![allow(non_snake_case)] // symbols of the field keep their capitals

use std::time::Instant;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use siegert::network::{DriveKind, Network, Neuron};
use siegert::neuron::lif::SynapticFilter;
use siegert::stationary::{RateMap, states};
use siegert::testing::{self, BRUNEL};

/// Pairs and triples that are proved, and pairs that are scanned, too.
const PAIRS: usize = 1000;
const TRIPLES: usize = 300;
const SCANNED_PAIRS: usize = 300;

fn neuron(tau_m_ms: f64, t_ref_ms: f64, V_reset_mv: f64) -> Neuron {
    Neuron { tau_m_ms, C_m_pf: Some(250.0), V_reset_mv, t_ref_ms, ..BRUNEL }
}

fn any_neuron() -> impl Strategy<Value = Neuron> {
    (5.0..40.0f64, 0.3..5.0f64, -10.0..19.0f64).prop_map(|(tau, t_ref, reset)| neuron(tau, t_ref, reset))
}

/// What drives a population.
fn noise() -> BoxedStrategy<Option<DriveKind>> {
    (-20.0..60.0f64, 0.2..10.0f64).prop_map(|(mean_mv, std_mv)| Some(DriveKind::Noise { mean_mv, std_mv })).boxed()
}

fn current() -> BoxedStrategy<Option<DriveKind>> {
    (-10.0..60.0f64)
        .prop_map(|value_mv| Some(DriveKind::Current { value_mv: value_mv.into(), given_in_pa: false }))
        .boxed()
}

fn none() -> BoxedStrategy<Option<DriveKind>> {
    Just(None).boxed()
}

/// Any coupling of populations whose sources excite or inhibit, with these drives.
fn coupled(drives: Vec<BoxedStrategy<Option<DriveKind>>>) -> impl Strategy<Value = Network> {
    let n = drives.len();
    let sources = proptest::collection::vec(any::<bool>(), n);
    let strengths = proptest::collection::vec((0.0..1.0f64, 10.0..1000.0f64), n * n);
    let filter = prop_oneof![3 => Just(None), 1 => (0.2..5.0f64).prop_map(Some)];
    (proptest::collection::vec(any_neuron(), n), sources, strengths, drives, filter).prop_map(
        |(neurons, excites, strengths, drives, filter)| network(neurons, &excites, &strengths, drives, filter),
    )
}

fn network(
    neurons: Vec<Neuron>,
    excites: &[bool],
    strengths: &[(f64, f64)],
    drives: Vec<Option<DriveKind>>,
    tau_syn_ms: Option<f64>,
) -> Network {
    let n = neurons.len();
    let jump = |source: usize, strength: f64| if excites[source] { strength } else { -3.0 * strength };
    let weights: Vec<Vec<f64>> = strengths
        .chunks(n)
        .map(|row| row.iter().enumerate().map(|(source, of)| jump(source, of.0)).collect())
        .collect();
    let in_degrees: Vec<Vec<f64>> = strengths.chunks(n).map(|row| row.iter().map(|of| of.1).collect()).collect();
    testing::coupled(neurons, &weights, &in_degrees, drives, tau_syn_ms)
}

/// A third each: noise, constant currents alone, and one population that hears only the network.
fn many(populations: usize, count: usize, seed: u64) -> Vec<Network> {
    let with = |first: fn() -> BoxedStrategy<Option<DriveKind>>, others: fn() -> BoxedStrategy<Option<DriveKind>>| {
        let mut drives = vec![others(); populations];
        drives[0] = first();
        coupled(drives)
    };
    let kinds = [with(noise, noise), with(current, current), with(none, noise), with(none, current)];
    let config = ProptestConfig { rng_seed: RngSeed::Fixed(seed), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let kind = |i: usize| if i % 3 < 2 { i % 3 } else { 2 + i / 3 % 2 };
    (0..count).map(|i| kinds[kind(i)].new_tree(&mut runner).unwrap().current()).collect()
}

/// Searches a network; what is wrong with the answer, if anything.
fn fault(network: &Network) -> Option<String> {
    let map = RateMap::new(network, SynapticFilter::ThresholdShift).unwrap();
    let start = Instant::now();
    match states(&map) {
        Err(error) => Some(format!("{error}")),
        Ok(found) if !found.search.complete || found.search.index_sum != 1 => {
            let rates: Vec<Vec<f64>> = found.states.iter().map(|state| state.ln_rates_hz()).collect();
            Some(format!("{:?} in {:?}: {rates:?}", found.search, start.elapsed()))
        }
        Ok(_) => None,
    }
}

fn no_fault_in(networks: &[Network]) {
    let faults: Vec<String> =
        networks.iter().enumerate().filter_map(|(i, net)| Some(format!("{i}: {}", fault(net)?))).collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), networks.len(), faults.join("\n"));
}

#[test]
fn of_random_pairs_every_state_is_found_with_proof() {
    no_fault_in(&many(2, PAIRS, 1));
}

#[test]
fn of_random_triples_every_state_is_found_with_proof() {
    no_fault_in(&many(3, TRIPLES, 2));
}

/// Of more populations than are proved, some of them hardly below threshold when they have fired.
#[test]
fn bounded_networks_of_four_to_six_populations_never_end_without_a_state() {
    for populations in 4..=6 {
        for (i, mut net) in many(populations, 40, 4 + populations as u64).into_iter().enumerate() {
            if i % 2 == 0 {
                net.populations[i % populations].neuron.V_reset_mv = 19.997;
            }
            let found = states(&RateMap::new(&net, SynapticFilter::ThresholdShift).unwrap());
            assert!(found.is_ok(), "{i} of {populations} populations: {:?}", found.map(|found| found.search));
        }
    }
}

/// Grid points along each side.
const POINTS: usize = 72;
/// Rates below this logarithm are not told apart by the scan.
const LEAST_LN_RATE: f64 = -700.0;

/// The variable of the scan, for rates from 1e-304 Hz up.
fn ln_rate(x: f64) -> f64 {
    if x > 0.0 { x } else { -x * x }
}

/// Values of the variable from just below the least rate to the limit, denser towards it.
fn grid(limit_hz: f64) -> Vec<f64> {
    let from = -(-LEAST_LN_RATE).sqrt() - 0.1;
    let below = (0..POINTS).map(|i| from + (limit_hz.ln() - 0.05 - from) * i as f64 / POINTS as f64);
    let near = (0..=POINTS / 2).map(|i| (limit_hz * (1.0 - 0.05 * 0.8f64.powi(i as i32))).ln());
    below.chain(near).collect()
}

/// `ln f - ln r` of both populations, outputs from the least rate up.
fn residuals(map: &RateMap, x: [f64; 2]) -> [f64; 2] {
    let ln = x.map(ln_rate);
    let inputs = map.inputs(&ln.map(f64::exp));
    std::array::from_fn(|a| map.ln_output_hz(a, &inputs[a]).max(LEAST_LN_RATE) - ln[a])
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
            if !found.iter().any(|known| same(known, &state)) {
                found.push(state);
            }
        }
    }
    found
}

fn same(p: &[f64], q: &[f64]) -> bool {
    let from_the_least = |ln: &f64| ln.max(LEAST_LN_RATE);
    p.iter().map(from_the_least).zip(q.iter().map(from_the_least)).all(|(p, q)| (p - q).abs() < 1e-5 * (1.0 + p.abs()))
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

#[test]
fn the_search_finds_in_random_pairs_what_a_scan_of_the_plane_finds() {
    let mut scanned_states = 0;
    for (i, net) in many(2, SCANNED_PAIRS, 3).iter().enumerate() {
        let map = RateMap::new(net, SynapticFilter::ThresholdShift).unwrap();
        let found = states(&map).unwrap();
        let ours: Vec<Vec<f64>> = found.states.iter().map(|state| state.ln_rates_hz()).collect();
        let limits = [0, 1].map(|a| 1000.0 / net.populations[a].neuron.t_ref_ms);
        for state in scanned(&map, limits) {
            assert!(ours.iter().any(|s| same(s, &state)), "{i}: missed {state:?}; found {ours:?}, {:?}", found.search);
            scanned_states += 1;
        }
    }
    assert!(scanned_states > SCANNED_PAIRS, "the scan found {scanned_states} states only");
}
