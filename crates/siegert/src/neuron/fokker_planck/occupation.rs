//! Where the neuron is between two spikes: density and moments of the potential, and what a change of the flow does to the time.
//!
//! ```text
//! Q' = (2F/g^2) Q - [V > V_r],    Q(V_c) = 0,    time spent at V per passage = 2 tau_m Q/g^2
//! dT = -2 tau_m int Q R dF/g^2,    dT = -tau_m int Q (2/g^2 - (2F/g^2) R) d ln g^2
//! ```
//!
//! `Q` is integrated downward from the spike, where it is 0. It is the solution of the adjoint of the equation of `R` (see `passage`), so one
//! integral gives the derivative of `T` with respect to anything that the flow depends on.
//!
//! Source: Richardson (2007), Phys Rev E 76:021919 (threshold integration: flux and density from the spike downward), here with panels; the
//! derivatives by the adjoint.

use super::equation::Equation;
use super::grid::{Cell, Kind};
use super::passage::{LARGE, Passage, Passed};
use crate::numerics::panel::{PANEL, POINTS, Values, product};

/// The time spent at each potential during a passage.
pub(crate) struct Occupation<'a> {
    passage: &'a Passage,
    /// `Q exp(-scale)` at the points of each panel of the passage, and the scale less the logarithm of the mean.
    panels: Vec<(Values, f64)>,
}

/// `Q exp(-scale)` at the points of panels that end at the spike, and the scale less the logarithm of the mean.
pub(super) fn occupied(cells: &[&Cell], ln_mean: f64) -> Vec<(Values, f64)> {
    let (mut end, mut scale) = (0.0_f64, 0.0_f64);
    let mut panels = Vec::with_capacity(cells.len());
    for cell in cells.iter().rev() {
        let source = if cell.above_reset { (-scale).exp() } else { 0.0 };
        let here = scale - ln_mean;
        let values = match cell.kind {
            // its value at the upper end, to which the change of `Phi` is added where it is asked for
            Kind::Leap => {
                end += source * cell.lag_at_upper_end();
                scale -= cell.rise;
                [end; POINTS]
            }
            // so far below the reset that nothing is left
            Kind::Stiff if !cell.above_reset => {
                end = 0.0;
                [0.0; POINTS]
            }
            _ => {
                let f = cell.coefficients.c.map(|c| c * source);
                let (values, next) = Equation::downward(cell).solve_downward(cell, &f, end);
                end = next;
                values
            }
        };
        panels.push((values, here));
        if end > LARGE {
            scale += end.ln();
            end = 1.0;
        }
    }
    panels.reverse();
    panels
}

impl<'a> Occupation<'a> {
    /// Solves the equation on the panels of a passage, which has [`Extent::Occupation`](super::Extent) or all.
    pub(crate) fn new(passage: &'a Passage) -> Self {
        let cells: Vec<&Cell> = passage.panels.iter().map(|passed| &passed.cell).collect();
        Occupation { passage, panels: occupied(&cells, passage.ln_mean) }
    }

    /// `int f(V) 2 Q/(g^2 T/tau_m) dV`: the mean of `f` over the potentials of neurons that are not refractory.
    pub(crate) fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.sum(|Passed { cell, .. }, values, scale| {
            if cell.kind == Kind::Leap {
                return 0.0; // less than rounding
            }
            let weight = scale.exp() * cell.half();
            let f = cell.coefficients.V_mv.map(&f);
            weight * PANEL.integral(&product(&product(values, &cell.coefficients.b), &f))
        })
    }

    /// The density in 1/mV of neurons that are not refractory, at a coordinate; its integral is 1. `noise` is `g^2` there.
    pub(crate) fn density_at(&self, y: f64, noise_mv2: f64) -> f64 {
        let after = self.passage.panels.partition_point(|passed| passed.cell.to < y);
        let (Some(Passed { cell, .. }), Some((values, scale))) =
            (self.passage.panels.get(after), self.panels.get(after))
        else {
            return 0.0;
        };
        if y < cell.from || y == cell.to && after + 1 == self.panels.len() {
            return 0.0;
        }
        let place = cell.place(y);
        let occupied = match cell.kind {
            Kind::Leap => values[0] * (scale + PANEL.at(place, &cell.risen()) - cell.rise).exp(),
            _ => PANEL.at(place, values).max(0.0) * scale.exp(),
        };
        2.0 * occupied / noise_mv2
    }

    /// `d ln T` for a change `dF(V)` of the force.
    pub(crate) fn d_ln_mean_per_force(&self, force: impl Fn(f64) -> f64) -> f64 {
        self.sum(|Passed { cell, times, scale: own }, values, scale| {
            let changed = product(&cell.coefficients.b, &cell.coefficients.V_mv.map(&force));
            // every way to the spike leads through a leap: there Q R = T/tau_m
            let passing = match cell.kind {
                Kind::Leap => PANEL.integral(&changed),
                _ => (own + scale).exp() * PANEL.integral(&product(&product(values, times), &changed)),
            };
            -cell.half() * passing
        })
    }

    /// `d ln T/d ln g^2`, where the noise changes by the same factor everywhere.
    pub(crate) fn d_ln_mean_per_ln_noise(&self) -> f64 {
        self.sum(|Passed { cell, times, scale: own }, values, scale| {
            if cell.kind == Kind::Leap {
                return cell.rise;
            }
            let (weight, down) = ((own + scale).exp() * cell.half(), (-own).exp());
            let [a, b] = [&cell.coefficients.a, &cell.coefficients.b];
            let changed: Values = std::array::from_fn(|k| values[k] * (b[k] * down - a[k] * times[k]));
            -weight * PANEL.integral(&changed)
        })
    }

    /// `d ln T` for a shift of the reset, and of the spike, in 1/mV.
    pub(crate) fn d_ln_mean_per_bound(&self) -> [f64; 2] {
        let at = |index: Option<usize>, is_left: bool| {
            let Some(Passed { times, scale, .. }) = index.and_then(|index| self.passage.panels.get(index)) else {
                return 0.0;
            };
            let value = if is_left { PANEL.left(times) } else { PANEL.right(times) };
            value * (scale - self.passage.ln_mean).exp()
        };
        let panels = &self.passage.panels;
        let reset = panels.iter().position(|passed| passed.cell.above_reset);
        [-at(reset, true), at(panels.len().checked_sub(1), false)]
    }

    fn sum(&self, part: impl Fn(&Passed, &Values, f64) -> f64) -> f64 {
        let panels = self.passage.panels.iter().zip(&self.panels);
        panels.map(|(passed, (values, scale))| part(passed, values, *scale)).sum()
    }
}
