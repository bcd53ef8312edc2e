//! Currents that stand still while a neuron fires, and noise too weak for the law of crossings.
//!
//! ```text
//! r = int Dz r_0(mu + s z),    s^2 = sum_k sigma_k^2 tau_m/(2 tau_k)            tau_k of a current with a rise: rise and decay together
//! ```
//!
//! over the slow currents' stationary law, `r_0` the rate with what is left of the noise (Moreno-Bote and Parga 2004, Phys Rev Lett 92:028102). What is missing falls as
//! a power of `1/tau_k`; it is known at the longest time constant `tau_0` for which the law of crossings is solved and at half of it, so that the two are joined without a step:
//!
//! ```text
//! ln r(tau_k) = ln r_slow + (tau_0/tau_k)^p (ln r(tau_0) - ln r_slow),    s held
//! ```
//!
//! For weak noise the average is exact to second order where `s` is small beside what the rate changes with, because first-order effects cancel in the mean; what is far faster
//! than the membrane counts as white there.

use super::{Extent, FilteredNoise, FilteredState, Noise};
use crate::neuron::lif::{Lif, MS_PER_S};

/// Range of the standard normal variable, and steps: with noise left the rate is smooth in it, without it has the corner of the noiseless neuron.
const RANGE: f64 = 8.0;
const STEPS_WITH_NOISE: usize = 48;
const STEPS_WITHOUT: usize = 4000;

/// Weak currents faster than that many `tau_m` count as white.
const FAST: f64 = 0.1;

/// The error of what is missing, in units of itself.
const UNCERTAIN: f64 = 3.0;

/// No average over a current that stands still is closer.
const LEAST_ERROR: f64 = 1e-5;

/// The least power with which what is missing falls.
const LEAST_POWER: f64 = 0.2;

/// `ln int Dz exp(ln_rate(z))` by the trapezoidal rule.
fn ln_average(steps: usize, ln_rate: impl Fn(f64) -> f64) -> f64 {
    let step = 2.0 * RANGE / steps as f64;
    let terms: Vec<f64> = (0..=steps)
        .map(|i| {
            let z = step * i as f64 - RANGE;
            ln_rate(z) - 0.5 * z * z
        })
        .collect();
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + (step * terms.iter().map(|term| (term - largest).exp()).sum::<f64>()).ln()
        - 0.5 * std::f64::consts::TAU.ln()
}

fn std_of(slow: &[FilteredNoise], tau_m_ms: f64) -> f64 {
    slow.iter().map(|it| 0.5 * it.variance_mv2 * tau_m_ms / it.time_ms()).sum::<f64>().sqrt()
}

/// Averaged over the currents slower than `still_ms`.
pub(super) fn averaged(lif: &Lif, mean_mv: f64, noise: &Noise, still_ms: f64, extent: Extent) -> FilteredState {
    let (slow, rest): (Vec<FilteredNoise>, Vec<FilteredNoise>) =
        noise.filtered.iter().partition(|it| it.time_ms() > still_ms);
    let std_mv = std_of(&slow, lif.parameters().tau_m_ms);
    let is_smooth = noise.white_mv2 + rest.iter().map(|it| it.variance_mv2).sum::<f64>() > 0.0;
    let at = |z: f64| {
        lif.ln_rate_in_filtered_noise(mean_mv + std_mv * z, noise.white_mv2, &rest).unwrap_or(f64::NEG_INFINITY)
    };
    let slowest = ln_average(if is_smooth { STEPS_WITH_NOISE } else { STEPS_WITHOUT }, at);
    // the same currents as fast as they may be, and twice as fast
    let at_time = |tau_ms: f64, extent: Extent| {
        let as_fast = |it: &FilteredNoise| {
            let part = tau_ms / it.time_ms();
            FilteredNoise {
                variance_mv2: part * it.variance_mv2,
                tau_ms: part * it.tau_ms,
                tau_rise_ms: part * it.tau_rise_ms,
            }
        };
        let all: Vec<FilteredNoise> = slow.iter().map(as_fast).chain(rest.iter().copied()).collect();
        lif.filtered(mean_mv, noise.white_mv2, &all, extent)
    };
    let (Ok(state), Ok(faster)) = (at_time(still_ms, extent), at_time(0.5 * still_ms, Extent::Mean)) else {
        return FilteredState { ln_rate_hz: slowest, cv: None, potential: None, error: 1.0 };
    };
    let (missing, before) = (state.ln_rate_hz - slowest, faster.ln_rate_hz - slowest);
    let power = (before / missing).log2();
    let power = if power.is_nan() { 1.0 } else { power.clamp(LEAST_POWER, 1.0) };
    let fastest_of_slow = slow.iter().map(FilteredNoise::time_ms).fold(f64::INFINITY, f64::min);
    let missing = missing * (still_ms / fastest_of_slow).powf(power);
    let ln_rate_hz = if missing.is_finite() { slowest + missing } else { slowest };
    FilteredState { ln_rate_hz, cv: None, error: state.error.max(UNCERTAIN * missing.abs()).max(LEAST_ERROR), ..state }
}

/// Noise so weak that the intervals hardly differ.
pub(super) fn weak(lif: &Lif, mean_mv: f64, noise: &Noise) -> FilteredState {
    let tau_m_ms = lif.parameters().tau_m_ms;
    // what is far faster than the membrane is white for it
    let (slow, fast): (Vec<FilteredNoise>, Vec<FilteredNoise>) =
        noise.filtered.iter().partition(|it| it.time_ms() > FAST * tau_m_ms);
    let std_mv = std_of(&slow, tau_m_ms);
    let white_mv = (noise.white_mv2 + fast.iter().map(|it| it.variance_mv2).sum::<f64>()).sqrt();
    let ln_rate = |z: f64| lif.log_rate(mean_mv + std_mv * z, white_mv, 0.0).ln_rate_hz;
    let ln_rate_hz = ln_average(STEPS_WITHOUT, ln_rate);
    let without = ln_rate(0.0);
    // each current, averaged over an interval, moves its length
    let interval_ms = MS_PER_S / without.exp();
    let gain = lif.log_rate(mean_mv, white_mv, 0.0).d_mu;
    let moved: f64 = slow
        .iter()
        .map(|it| {
            let ratio = interval_ms / it.time_ms();
            0.5 * it.variance_mv2 * tau_m_ms / it.time_ms() * 2.0 / ratio * (1.0 + (-ratio).exp_m1() / ratio)
        })
        .sum();
    let white = lif.state(mean_mv, white_mv, 0.0).ok().and_then(|state| state.cv).unwrap_or(0.0);
    let cv = (white * white + gain * gain * moved).sqrt();
    FilteredState {
        ln_rate_hz,
        cv: cv.is_finite().then_some(cv),
        potential: lif.membrane_potential(mean_mv, white_mv).ok(),
        error: (ln_rate_hz - without).abs().max(cv * cv),
    }
}
