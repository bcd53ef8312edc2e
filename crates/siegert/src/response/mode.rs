//! A characteristic root with its modes: what rings, and what a change of each part does to it.
//!
//! ```text
//! M(lambda) = diag(renewal) - N(lambda),    M u = 0,    v M = 0 at a root,    d lambda = -(v dM u)/(v M' u)
//! ```
//!
//! The root itself is found by Newton's method on the smallest of `M`, `lambda -= (v M u)/(v M' u)`.
//!
//! Source: Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132, eq. 7, there for an eigenvalue of `W` at a frequency.

use num_complex::Complex64;

use super::connectivity::EffectiveConnectivity;
use super::roots::characteristic;
use crate::numerics::linear::ComplexMatrix;
use crate::numerics::stencil::slopes;

/// Steps of Newton's method.
const MOST_STEPS: usize = 40;
/// The step of the difference quotients, times the slowest time.
const STEP: f64 = 0.02;
/// A last step of this size, relative to the root and the slowest time, leaves one found.
const FOUND: f64 = 1e-13;

/// Where steps do not shrink any more, one of this size does: what responses are rounded by counts some hundred times where excitation and inhibition nearly cancel.
const NEARLY: f64 = 1e-8;

/// A root with its modes.
#[derive(Clone, Debug)]
pub(super) struct Mode {
    pub(super) lambda_per_ms: Complex64,
    /// `u`, the modulation of each rate.
    pub(super) right: Vec<Complex64>,
    /// `v`.
    pub(super) left: Vec<Complex64>,
    /// `v M' u` in ms.
    pub(super) slope: Complex64,
}

impl Mode {
    /// The root nearest to a place; `None` where Newton's method finds none.
    pub(super) fn near(connectivity: &EffectiveConnectivity, start_per_ms: Complex64) -> Option<Self> {
        let slowest_ms = connectivity.slowest_ms();
        let step_per_ms = STEP / slowest_ms;
        let at = |lambda: Complex64| characteristic(&connectivity.rows(lambda));
        let (mut lambda, mut before) = (start_per_ms, f64::INFINITY);
        for _ in 0..MOST_STEPS {
            let matrix = at(lambda);
            let (right, left) = (matrix.nearly_null(), matrix.transposed().nearly_null());
            let between = |matrix: &ComplexMatrix| between(&left, matrix, &right);
            let [slope] = slopes(step_per_ms, |by| [between(&at(lambda + by))]);
            let moved = between(&matrix) / slope;
            if !moved.is_finite() {
                return None;
            }
            // a real root stays one
            lambda -= if start_per_ms.im == 0.0 { Complex64::from(moved.re) } else { moved };
            // no nearer than the rounding of what single neurons answer
            let scale = lambda.norm() + 1.0 / slowest_ms;
            let is_found =
                moved.norm() <= FOUND * scale || moved.norm() <= NEARLY * scale && moved.norm() > 0.5 * before;
            before = moved.norm();
            if is_found {
                return Some(Mode { lambda_per_ms: lambda, right, left, slope });
            }
        }
        None
    }
}

/// `v M u`.
pub(super) fn between(left: &[Complex64], matrix: &ComplexMatrix, right: &[Complex64]) -> Complex64 {
    let row = |a: usize| right.iter().enumerate().map(|(b, u)| matrix[(a, b)] * u).sum::<Complex64>();
    left.iter().enumerate().map(|(a, v)| v * row(a)).sum()
}
