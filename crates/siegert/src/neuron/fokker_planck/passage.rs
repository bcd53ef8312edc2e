//! The time from reset to the next spike: its mean, and the cumulants of its law.
//!
//! ```text
//! T = tau_m int_{V_r}^{V_c} R,           R' = -(2F/g^2) R + 2/g^2
//! Var T = tau_m^2 int_{V_r}^{V_c} W,     W' = -(2F/g^2) W + 2 R^2
//! kappa_3 = 6 tau_m^3 int_{V_r}^{V_c} Z, Z' = -(2F/g^2) Z + R W
//! ```
//!
//! All are integrated from the lowest potential that matters upward. Nothing is ever subtracted, so that the variance is as good in the
//! mean-driven regime, where it is a small part of `T^2`, as elsewhere; a common factor `exp(scale)` is kept apart, so that nothing overflows.
//!
//! Source: `R = -T'/tau_m` with the backward equation `F T' + (g^2/2) T'' = -tau_m` (Siegert 1951, Phys Rev 81:617); the others are the next orders of
//! the logarithm of the law's Laplace transform, `psi' + (2F/g^2) psi + psi^2 = 2 s tau_m/g^2`.

use super::super::flow::Flow;
use super::equation::Equation;
use super::grid::{Cell, Kind, MOST_PANELS, Purpose, cells};
use crate::numerics::panel::{PANEL, POINTS, Values, largest, product};

/// A solution whose last coefficients are larger beside it is solved again in two halves.
const RESOLVED: f64 = 1e-11;
/// What is by `exp(-36)` smaller than a sum does not change it.
const NEGLIGIBLE: f64 = 36.0;
/// Numbers beyond it, or below its inverse, are scaled.
pub(super) const LARGE: f64 = 1e30;

/// What is asked of a passage besides its mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Nothing.
    Mean,
    /// Variance and skewness.
    Cumulants,
    /// What [`Occupation`](super::Occupation) needs.
    Occupation,
    /// Both.
    All,
    /// What [`Modulation`](super::Modulation) needs.
    Modulations,
}

/// A panel with `R exp(-scale)` at its points.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) cell: Cell,
    pub(super) times: Values,
    pub(super) scale: f64,
}

/// The time from reset to the next spike.
#[derive(Debug)]
pub(crate) struct Passage {
    /// `ln(T/tau_m)`.
    pub(crate) ln_mean: f64,
    /// `Var T/T^2`.
    pub(crate) relative_variance: f64,
    /// `kappa_3/T^3`.
    pub(crate) relative_third_cumulant: f64,
    pub(super) panels: Vec<Passed>,
}

/// `R`, `W` and `Z` where the next panel begins, times `exp(-scale)` to the power 1, 2 and 3.
#[derive(Clone, Copy)]
struct Front {
    values: [f64; 3],
    scale: f64,
}

impl Front {
    /// The values without noise where a panel begins.
    fn without_noise(cell: &Cell) -> Self {
        let [a, b, c] = [&cell.coefficients.a, &cell.coefficients.b, &cell.coefficients.c].map(|f| PANEL.left(f));
        let lag = c / a;
        Front { values: [1.0, 2.0 * lag, 2.0 * lag * lag], scale: (b / a).ln() }
    }

    /// `ln R`.
    fn ln_time(&self) -> f64 {
        self.values[0].ln() + self.scale
    }

    fn rescale(&mut self) {
        if self.values[0] > LARGE || (self.values[0] < 1.0 / LARGE && self.values[0] > 0.0) {
            let change = self.values[0].ln();
            self.scale += change;
            for (order, value) in (1..).zip(&mut self.values) {
                *value *= (-f64::from(order) * change).exp();
            }
        }
    }
}

/// The integrals of `R`, `W` and `Z` above the reset, in the largest scale so far.
struct Integrals {
    values: [f64; 3],
    scale: f64,
}

impl Integrals {
    /// The logarithm of the time so far, over `tau_m`.
    fn ln_time(&self) -> f64 {
        self.values[0].ln() + self.scale
    }

    fn add(&mut self, parts: [f64; 3], scale: f64) {
        let larger = scale.max(self.scale);
        for (order, (value, part)) in (1..).zip(self.values.iter_mut().zip(parts)) {
            let [own, new] = [self.scale, scale].map(|scale| (f64::from(order) * (scale - larger)).exp());
            *value = *value * own + part * new;
        }
        self.scale = larger;
    }
}

impl Passage {
    /// Solves the equations; the neuron must reach the spike with noise.
    pub(crate) fn new(flow: &impl Flow, extent: Extent) -> Self {
        let purpose = match extent {
            Extent::Mean | Extent::Cumulants => Purpose::Times,
            Extent::Occupation | Extent::All => Purpose::Occupation,
            Extent::Modulations => Purpose::Modulations,
        };
        let mut waiting = cells(flow, purpose);
        waiting.reverse();
        let mut panels = Vec::with_capacity(waiting.len());
        let mut front = waiting.last().map_or(Front { values: [0.0; 3], scale: 0.0 }, Front::without_noise);
        let mut integrals = Integrals { values: [0.0; 3], scale: front.scale };
        while let Some(cell) = waiting.pop() {
            if cell.kind == Kind::Leap {
                let [rise, lag] = [cell.rise, cell.lag_at_upper_end()];
                let above_reset = cell.above_reset;
                panels.push(Passed { cell, times: [0.0; POINTS], scale: front.scale });
                front.scale -= rise;
                // R grows as exp(-Phi), W as its square and Z as its cube; what they add is added at the upper end
                let time = front.values[0];
                let spread = 2.0 * time * time * lag;
                let third = 0.5 * time * spread * lag;
                front.values = [time, spread, third];
                if above_reset {
                    integrals.add([time * lag, spread * lag / 2.0, third * lag / 3.0], front.scale);
                }
                continue;
            }
            if cell.kind == Kind::Stiff {
                // behind a barrier what is left of the times at its top is forgotten, before it is as small as the times here
                let slow = Front::without_noise(&cell);
                let left_over = front.ln_time() - PANEL.left(&cell.coefficients.a).ln();
                if front.ln_time() > slow.ln_time() + 1.0 && left_over < integrals.ln_time() - NEGLIGIBLE {
                    front = slow;
                }
            }
            let equation = Equation::upward(&cell);
            let down = (-front.scale).exp();
            let (times, end) = equation.solve_upward(&cell, &cell.coefficients.b.map(|b| b * down), front.values[0]);
            if PANEL.tail(&times) > (RESOLVED * largest(&times)).max(cell.rounding * down)
                && panels.len() + waiting.len() < MOST_PANELS
                && let Some([lower, upper]) = cell.halves(flow)
            {
                waiting.extend([upper, lower]);
                continue;
            }
            front.values[0] = end;
            let integral = |f: &Values| cell.half() * PANEL.integral(&product(f, &cell.coefficients.c));
            let mut parts = [integral(&times), 0.0, 0.0];
            if matches!(extent, Extent::Cumulants | Extent::All) {
                let spent = product(&times, &cell.coefficients.c);
                let source = product(&spent, &times).map(|square| 2.0 * square);
                let (spreads, end) = equation.solve_upward(&cell, &source, front.values[1]);
                front.values[1] = end;
                let (thirds, end) = equation.solve_upward(&cell, &product(&spent, &spreads), front.values[2]);
                front.values[2] = end;
                parts = [parts[0], integral(&spreads), integral(&thirds)];
            }
            if cell.above_reset {
                integrals.add(parts, front.scale);
            }
            panels.push(Passed { cell, times, scale: front.scale });
            front.rescale();
        }
        let [mean, variance, third] = integrals.values;
        Passage {
            ln_mean: integrals.ln_time(),
            relative_variance: variance / (mean * mean),
            relative_third_cumulant: 6.0 * third / (mean * mean * mean),
            panels,
        }
    }
}
