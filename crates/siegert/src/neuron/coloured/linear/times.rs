//! At which times after a release one looks for crossings, and with what weights the integrals over time are sums.
//!
//! Returns to the threshold happen on all scales down to zero (the slower a crossing, the sooner the next), smoothly in `ln t`: the trapezoidal
//! rule in `ln t` converges faster than any power. A release from the reset reaches the threshold in a time that noise makes narrow or wide: panels of
//! Gauss-Legendre points, none longer than the narrowest peak of any start asks for, and later as long as the time that has passed.

use super::crossings::Starts;
use super::free::{FreeMembrane, Motion, Spread, Spreading};
use crate::numerics::quadrature::points_6;

/// Step of the trapezoidal rule in `ln t`.
const STEP: f64 = 0.33;

/// First time in units of the fastest time constant, and last in units of the slowest.
const FIRST: f64 = 1e-7;
const LAST: f64 = 30.0;

/// Longest panel: in units of the peak's width, and of the time that has passed.
const PANEL_OVER_WIDTH: f64 = 5.0;
const PANEL_OVER_TIME: f64 = 0.8;

/// First time at which a release from the reset is looked at, in units of the fastest time constant.
const FIRST_FROM_RESET: f64 = 1e-3;

/// Times with their weights.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    pub(super) t: Vec<f64>,
    pub(super) weight: Vec<f64>,
    /// From 0 to the first panel, in which nothing arrives.
    pub(super) before: f64,
}

impl Times {
    /// For returns to the threshold.
    pub(super) fn of_returns(free: &FreeMembrane) -> Self {
        let (first, last) = ((FIRST * free.fastest()).ln(), (LAST * free.slowest()).ln());
        let count = ((last - first) / STEP).ceil() as usize;
        let t: Vec<f64> = (0..=count).map(|i| (first + STEP * i as f64).exp()).collect();
        Times { weight: t.iter().map(|t| t * STEP).collect(), t, before: 0.0 }
    }

    /// For what begins at the reset.
    pub(super) fn of_first(free: &FreeMembrane, starts: &Starts) -> Self {
        let last = LAST * free.slowest();
        let mut from = FIRST_FROM_RESET * free.fastest();
        let mut times = Times { before: from, ..Times::default() };
        let mut spreading = Spreading::new(free);
        let mut width = starts.narrowest(free, from, &spreading.until(from));
        while from < last {
            let mut length = (PANEL_OVER_TIME * from).min(PANEL_OVER_WIDTH * width);
            // a peak that begins within the panel
            let mut ahead = spreading.clone();
            let mut next = starts.narrowest(free, from + length, &ahead.until(from + length));
            while length > 2.0 * PANEL_OVER_WIDTH * next {
                length *= 0.6;
                ahead = spreading.clone();
                next = starts.narrowest(free, from + length, &ahead.until(from + length));
            }
            let (t, weight): (Vec<f64>, Vec<f64>) = points_6(from, from + length).into_iter().unzip();
            times.t.extend(t);
            times.weight.extend(weight);
            from += length;
            (spreading, width) = (ahead, next);
        }
        times
    }
}

/// How means and covariances are at each time.
pub(super) fn at_times(free: &FreeMembrane, t: &[f64]) -> Vec<(Motion, Spread)> {
    let mut spreading = Spreading::new(free);
    t.iter().map(|&t| (free.motion(t), spreading.until(t))).collect()
}
