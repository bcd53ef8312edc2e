//! Populations whose rates are so low that nothing feels them: the part of the range of rates that is not searched.
//!
//! A population that fires below [`QUIET_HZ`] moves the mean input of no other by a rounding, nor its variance, where that
//! comes from elsewhere. What hears no other noise than such is silent itself: its rate is `exp(-(V_th - mu)^2/sigma^2)`, which
//! falls faster than any power of the rates that make `sigma^2`. So, for every set `S` of populations, the states in which just
//! `S` is quiet are those of the network without `S`, each with the rates that it leaves to `S`, if these are quiet. It is
//! solved for the others by the search; the rates of `S` follow by inserting them (its members may drive each other).
//!
//! That `S` has no more than one such set of rates is checked: over `[0, q]^S` the derivatives of its outputs by its own rates,
//!
//! ```text
//! |dF_a/dr_b| <= F_a(highest input) |dL_a/d(mu, sigma^2)|(lowest input) (|mean_ab|, var_ab),
//! ```
//!
//! must be small (`L` as in `neuron::lif::waiting`: its slopes fall with both inputs). Without noise from elsewhere the slope at
//! the lowest input is infinite; there `F |dL/dv|` rises with `v` as long as `(V_th - mu)^2 > 2 v` and the highest input counts.
//!
//! A population driven exactly to threshold without noise has no such bound. But where it hears spikes at any rate that counts it
//! is loud (`2/(tau_m ln(1/r))`, see `at_threshold`), so it is quiet only where it hears none, and adds no state.

use crate::stationary::at_threshold::Roles;
use crate::stationary::map::RateMap;
use crate::stationary::newton::{Iterate, Outcome, newton, rates, same_state, u_of};
use crate::transfer::Input;

/// Rates up to this are quiet.
pub(super) const QUIET_HZ: f64 = 1e-100;
/// The most that a quiet rate may move an input, in units of `V_th - V_reset`.
const LARGEST_INFLUENCE: f64 = 1e-30;
/// Squared distance from threshold over the variance from which the variance makes no spikes that could matter.
const FAR: f64 = 1e3;
/// The most that the derivatives of the outputs of a quiet set may add up to, as a logarithm.
const LARGEST_SLOPE_LN: f64 = -10.0;
/// Evaluations for a quiet state to settle among the others.
const MOST_ITERATIONS: usize = 10;
/// Slack in telling quiet from not: a state on the border is found from both sides.
const BORDER: f64 = 1e-6;

/// What is left of a state of the others when a set is added to it.
pub(super) enum Joined {
    /// The state of all.
    State(Iterate),
    /// The set would not be quiet.
    Loud,
    /// It cannot be shown to have one set of rates only.
    Undecided,
}

/// The sets of populations that may be quiet together, by index; the empty set is the first.
pub(super) fn sets(map: &RateMap, top_hz: &[f64]) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..map.len()).filter(|&a| can_be_quiet(map, a, top_hz)).collect();
    let subset = |bits: usize| all.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, &a)| a).collect();
    (0..1usize << all.len()).map(subset).collect()
}

/// Whether quiet rates move no input of the network.
pub(super) fn nothing_is_felt(map: &RateMap) -> bool {
    (0..map.len()).all(|a| {
        let width = map.transfers[a].voltage_scale_mv();
        let (mean, variance) = (map.sums.mean().per_hz.row(a), map.sums.variance().per_hz.row(a));
        mean.iter().all(|per_hz| per_hz.abs() * QUIET_HZ <= LARGEST_INFLUENCE * width)
            && variance.iter().all(|per_hz| per_hz * QUIET_HZ <= LARGEST_INFLUENCE * width * width)
    })
}

/// Whether the lowest input that a population can have makes it quiet.
fn can_be_quiet(map: &RateMap, a: usize, top_hz: &[f64]) -> bool {
    let inhibition: f64 =
        map.sums.mean().per_hz.row(a).iter().zip(top_hz).map(|(per_hz, top)| per_hz.min(0.0) * top).sum();
    let (mean, variance) = (map.sums.mean().constant[a] + inhibition, map.sums.variance().constant[a]);
    // synaptic filters lower the rate further, by at most a shift of the boundaries
    map.has_synaptic_times(a) || ln_output(map, a, mean, variance) <= (QUIET_HZ * (1.0 + BORDER)).ln()
}

/// The state of all with `set` quiet beside the state `others` of the `awake`.
pub(super) fn joined(map: &RateMap, set: &[usize], awake: &[usize], others: &Iterate) -> Joined {
    let mut u = vec![f64::NEG_INFINITY; map.len()];
    awake.iter().zip(&others.u).for_each(|(&a, &value)| u[a] = value);
    // as many rounds as members: each may hear only the one before
    for _ in 0..=set.len() {
        let rates_hz = rates(&u);
        let ln_output: Vec<f64> = (0..map.len()).map(|a| map.ln_output(a, &rates_hz)).collect();
        if set.iter().any(|&a| ln_output[a] > (QUIET_HZ * (1.0 + BORDER)).ln()) {
            return Joined::Loud;
        }
        set.iter().for_each(|&a| u[a] = u_of(ln_output[a]));
    }
    let roles = Roles::new(map, &u);
    if !set.iter().all(|&a| roles.is_at_threshold(a) || is_isolated(map, set, a, &u)) {
        return Joined::Undecided;
    }
    let state = Iterate { u, residual: others.residual, iterations: others.iterations };
    match newton(map, state.u.clone(), MOST_ITERATIONS) {
        Outcome::Converged(settled) if same_state(&settled.u, &state.u) => Joined::State(settled),
        _ => Joined::State(state),
    }
}

/// Whether the outputs of a member hardly depend on the rates of the set.
fn is_isolated(map: &RateMap, set: &[usize], a: usize, u: &[f64]) -> bool {
    let mut rates_hz = rates(u);
    set.iter().for_each(|&b| rates_hz[b] = 0.0);
    let (mean, variance) = (map.sums.mean().at(a, &rates_hz, 1.0), map.sums.variance().at(a, &rates_hz, 1.0));
    let sum = |of: &dyn Fn(usize) -> f64| set.iter().map(|&b| of(b)).sum::<f64>();
    let excitation = sum(&|b| map.sums.mean().per_hz[(a, b)].max(0.0));
    let inhibition = sum(&|b| map.sums.mean().per_hz[(a, b)].min(0.0));
    let noise = sum(&|b| map.sums.variance().per_hz[(a, b)]);
    let high = (mean + excitation * QUIET_HZ, variance + noise * QUIET_HZ);
    let ln_most = ln_output(map, a, high.0, high.1);
    let distance = map.transfers[a].rheobase_mv() - high.0;
    if noise > 0.0 && variance == 0.0 && !(distance > 0.0 && distance * distance > FAR * high.1) {
        return false;
    }
    if ln_most == f64::NEG_INFINITY {
        return true;
    }
    let at = if variance == 0.0 { high } else { (mean + inhibition * QUIET_HZ, variance) };
    let Some(lif) = map.transfers[a].proof() else { return false };
    let slopes = lif.ln_passage(at.0, at.1);
    let slope = slopes.d_mu.abs() * (excitation - inhibition) + slopes.d_variance.abs() * noise;
    slope == 0.0 || ln_most + slope.ln() < LARGEST_SLOPE_LN
}

/// `ln F` in white noise, which is faster than filtered noise.
fn ln_output(map: &RateMap, a: usize, mean: f64, variance: f64) -> f64 {
    map.transfers[a].log_rate(&Input::white(mean, variance.sqrt())).ln_rate_hz
}
