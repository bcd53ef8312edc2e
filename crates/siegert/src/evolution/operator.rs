//! The operator of the density on a line of nodes, asked at complex growth: its eigenvalues, its modes, and how the rate follows a modulated input.
//!
//! ```text
//! lambda m_i = J_(i-1/2) - J_(i+1/2) + [i = reset] exp(-lambda t_ref) r,    J_(i+1/2) = up_i m_i - down_i m_(i+1),    r = J at the spike
//! E(lambda) = J below the lowest node, from r = 1 downward:    E = 0 at an eigenvalue
//! modulated: the same with  + up'_i m0_i - down'_i m0_(i+1)  in the flux, from r = 0:  P(lambda),    chi = -P/E,    residue at an eigenvalue  -P/E'
//! ```
//!
//! The masses `m` of an eigenvalue are its right mode, neurons that are refractory included: `r (1 - exp(-lambda t_ref))/lambda`. The left mode is what a neuron at a potential adds to it,
//! `lambda psi_i = up_i (psi_(i+1) - psi_i) + down_(i-1) (psi_(i-1) - psi_i)`, `psi = exp(-lambda t_ref) psi_reset` at the spike. Modes are scaled so that
//! `sum psi_i m_i + t_ref r exp(-lambda t_ref) psi_reset = 1`, the second part being that of refractory neurons, and the right one so that `r = 1/ms`.
//!
//! Source: Mattia and Del Giudice (2002), Phys Rev E 66:051917, for modes, their scale and the response; the threshold integration is that of Richardson (2007), Phys Rev E 76:021919, on the fluxes of
//! `line`.
//! Accuracy: that of the line: with the nodes of an accuracy of 1e-4 the slowest eigenvalues have 7e-4 of their modulus (LIF; 2e-3 EIF; against the general solver, `neuron::fokker_planck`). Products of different modes are 0 to 1e-9.

use num_complex::Complex64;

use super::input::Felt;
use super::line::{Line, Moves};
use super::mesh;
use crate::neuron::Model;
use crate::numerics::contour::{Rectangle, Steps, Zeros, zeros, zeros_from};
use crate::numerics::root::root;

/// Numbers beyond it are scaled.
const LARGE: f64 = 1e100;
/// The change of an input by which derivatives are taken, over `sigma`.
const CHANGE: f64 = 1e-4;
/// Real eigenvalues are looked for down to here, over `1/tau_m`, between so many places.
const LEAST_REAL: f64 = -10.0;
const PLACES: u32 = 100;
/// So far to the right of the imaginary axis, beside the range to its left, eigenvalues are counted.
const RIGHT: f64 = 0.02;

/// The operator at an input.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    line: Line,
    moves: Moves,
    t_ref_ms: f64,
    /// The stationary masses and the rate per ms.
    masses: Vec<f64>,
    pub(super) rate: f64,
    /// What the mean and the variance add to the flux behind each node, per mV and per mV^2.
    by_mean: Vec<f64>,
    by_variance: Vec<f64>,
}

/// What the operator says at a growth, all by the same factor.
#[derive(Clone, Copy, Debug)]
struct Answer {
    gap: Complex64,
    slope: Complex64,
    driven: [Complex64; 2],
}

/// A mode of the density of neurons that hear the same white noise.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mode {
    /// Its eigenvalue, growth and angular frequency.
    pub eigenvalue_per_ms: Complex64,
    /// Potentials.
    pub V_mv: Vec<f64>,
    /// Widths of the cells around them.
    pub width_mv: Vec<f64>,
    /// The right mode there, a density for a rate of 1 per ms.
    pub right_per_mv: Vec<Complex64>,
    /// The part of it that is refractory.
    pub refractory: Complex64,
    /// The left mode there: by how much a neuron at this potential excites it.
    pub left: Vec<Complex64>,
    /// What the reset counts for after the refractory time, `t_ref exp(-lambda t_ref) psi(V_reset)`: the part of refractory neurons in the product of both, which is 1.
    pub refractory_product: Complex64,
}

impl Operator {
    /// At a mean and a standard deviation of the input; `None` where there is no line of nodes for it.
    pub(super) fn new(neuron: &Model, mean_mv: f64, std_mv: f64, accuracy: f64) -> Option<Self> {
        let line = mesh::line(neuron, &[(mean_mv, std_mv)], accuracy)?;
        let t_ref_ms = neuron.thresholds().t_ref_ms;
        let variance_mv2 = std_mv * std_mv;
        let at = |mean_mv: f64, variance_mv2: f64| {
            let mut moves = Moves::default();
            moves.set(&line, &Felt::white(mean_mv, variance_mv2));
            moves
        };
        let moves = at(mean_mv, variance_mv2);
        let (masses, rate) = moves.stationary(line.reset, t_ref_ms);
        let added = |more: Moves, less: Moves, change: f64| -> Vec<f64> {
            let flux = |moves: &Moves, i: usize| {
                moves.up[i] * masses[i] - masses.get(i + 1).map_or(0.0, |above| moves.down[i] * above)
            };
            (0..masses.len()).map(|i| (flux(&more, i) - flux(&less, i)) / (2.0 * change)).collect()
        };
        let (d_mean, d_variance) = (CHANGE * std_mv, CHANGE * variance_mv2);
        let by_mean = added(at(mean_mv + d_mean, variance_mv2), at(mean_mv - d_mean, variance_mv2), d_mean);
        let by_variance =
            added(at(mean_mv, variance_mv2 + d_variance), at(mean_mv, variance_mv2 - d_variance), d_variance);
        let is_finite = rate.is_finite() && rate > 0.0 && by_mean.iter().chain(&by_variance).all(|x| x.is_finite());
        is_finite.then_some(Operator { line, moves, t_ref_ms, masses, rate, by_mean, by_variance })
    }

    /// `E` times a positive number.
    fn gap(&self, lambda: Complex64) -> Complex64 {
        let returned = (-lambda * self.t_ref_ms).exp();
        let (mut flux, mut above) = (Complex64::ONE, Complex64::ZERO);
        let mut unit = 1.0;
        for i in (0..self.moves.up.len()).rev() {
            above = (flux + above * self.moves.down[i]) / self.moves.up[i];
            flux += lambda * above;
            if i == self.line.reset {
                flux -= returned * unit;
            }
            let size = above.norm_sqr() + flux.norm_sqr();
            if size > LARGE * LARGE {
                let scale = 1.0 / size.sqrt();
                (flux, above, unit) = (flux * scale, above * scale, unit * scale);
            }
        }
        flux
    }

    fn answer(&self, lambda: Complex64) -> Answer {
        let returned = (-lambda * self.t_ref_ms).exp();
        let zero = Complex64::ZERO;
        let (mut flux, mut above) = ([Complex64::ONE, zero, zero, zero], [zero; 4]);
        let mut unit = 1.0;
        for i in (0..self.moves.up.len()).rev() {
            let added = [0.0, 0.0, self.by_mean[i] * unit, self.by_variance[i] * unit];
            for ((above, flux), added) in above.iter_mut().zip(&mut flux).zip(added) {
                *above = (*flux - added + *above * self.moves.down[i]) / self.moves.up[i];
                *flux += lambda * *above;
            }
            // the second is the derivative of the first
            flux[1] += above[0];
            if i == self.line.reset {
                flux[0] -= returned * unit;
                flux[1] += returned * (unit * self.t_ref_ms);
            }
            let size = above.iter().chain(&flux).map(|value| value.norm_sqr()).fold(0.0, f64::max);
            if size > LARGE * LARGE {
                let scale = 1.0 / size.sqrt();
                flux.iter_mut().chain(&mut above).for_each(|value| *value *= scale);
                unit *= scale;
            }
        }
        Answer { gap: flux[0], slope: flux[1], driven: [flux[2], flux[3]] }
    }

    /// The response of the rate per ms to the mean per mV and to the variance per mV^2.
    pub(super) fn response(&self, lambda_per_ms: Complex64) -> [Complex64; 2] {
        let Answer { gap, driven, .. } = self.answer(lambda_per_ms);
        driven.map(|driven| -driven / gap)
    }

    /// At an eigenvalue, the residues of both responses.
    pub(super) fn residues(&self, lambda_per_ms: Complex64) -> [Complex64; 2] {
        let Answer { slope, driven, .. } = self.answer(lambda_per_ms);
        driven.map(|driven| -driven / slope)
    }

    /// The slowest eigenvalues besides 0, of pairs the one above; mostly all of them down to `-10/tau_m`, but they are not counted.
    ///
    /// Real ones are where `E` changes its sign, pairs are looked for next to the rate and where noise moves them.
    pub(super) fn eigenvalues(&self) -> Vec<Complex64> {
        let per_ms = 1.0 / self.line.tau_m_ms;
        let real = |lambda: f64| self.gap(Complex64::from(lambda)).re;
        let step = LEAST_REAL * per_ms / f64::from(PLACES);
        let mut found = vec![Complex64::ZERO];
        let mut above = (0.5 * step, real(0.5 * step));
        for k in 1..PLACES {
            let below = (step * (f64::from(k) + 0.5), real(step * (f64::from(k) + 0.5)));
            if above.1 * below.1 < 0.0 {
                let ends = if above.1 < 0.0 { [above.0, below.0] } else { [below.0, above.0] };
                let by_slope = |lambda: f64| {
                    let Answer { gap, slope, .. } = self.answer(Complex64::from(lambda));
                    (gap.re, slope.re)
                };
                let short = |lambda: f64| 1e-13 * lambda.abs();
                found.push(Complex64::from(root(ends, 0.5 * (above.0 + below.0), 0.0, short, by_slope)));
            }
            above = below;
        }
        let turn = std::f64::consts::TAU * self.rate;
        let starts =
            [(-0.5 * per_ms, turn), (-2.0 * per_ms, turn + per_ms), (-3.0 * per_ms, 2.0 * turn + 3.0 * per_ms)];
        let starts = starts.map(|(re, im)| Complex64::new(re, im));
        let pairs = zeros_from(&|lambda| self.gap(lambda), &starts, per_ms, &found);
        found.extend(pairs);
        found.retain(|lambda| lambda.re < 0.0);
        found.sort_by(|a, b| b.re.total_cmp(&a.re));
        found
    }

    /// All eigenvalues besides 0 down to a real part and up to an imaginary part, the slowest decay first, by the argument principle; `None` where they are not as many as are counted.
    pub(super) fn eigenvalues_within(&self, least_per_ms: f64, most_per_ms: f64) -> Option<Vec<Complex64>> {
        let turns = 1.0 / self.t_ref_ms;
        let right = RIGHT * least_per_ms.abs();
        let rectangle =
            Rectangle { left: least_per_ms, right, top: most_per_ms, steps: Steps { least: turns, most: turns } };
        let gap = |lambda: Complex64| self.gap(lambda);
        let Zeros { values, complete } = zeros(&gap, &gap, rectangle, &[Complex64::ZERO]);
        complete.then_some(values)
    }

    /// The mode of an eigenvalue.
    pub(super) fn mode(&self, lambda_per_ms: Complex64) -> Mode {
        let (lambda, n, reset) = (lambda_per_ms, self.masses.len(), self.line.reset);
        let moves = &self.moves;
        let returned = (-lambda * self.t_ref_ms).exp();
        let mut right = vec![Complex64::ZERO; n];
        let (mut flux, mut above, mut unit) = (Complex64::ONE, Complex64::ZERO, 1.0);
        for i in (0..n).rev() {
            above = (flux + above * moves.down[i]) / moves.up[i];
            right[i] = above;
            flux += lambda * above - if i == reset { returned * unit } else { Complex64::ZERO };
            if above.norm() > LARGE {
                let scale = 1.0 / above.norm();
                right[i..].iter_mut().for_each(|mass| *mass *= scale);
                (flux, above, unit) = (flux * scale, above * scale, unit * scale);
            }
        }
        // by as much as one spikes per ms; where that is more than a number can tell, by the largest mass
        let per_rate = if unit > 1.0 / LARGE { 1.0 / unit } else { 1.0 };
        let rate = unit * per_rate;
        right.iter_mut().for_each(|mass| *mass *= per_rate);
        let mut left = vec![Complex64::ONE; n];
        let (mut here, mut rise) = (Complex64::ONE, Complex64::ZERO);
        for i in 0..n - 1 {
            // rise = psi_i - psi_(i-1)
            let back = if i > 0 { rise * moves.down[i - 1] } else { Complex64::ZERO };
            rise = (lambda * here + back) / moves.up[i];
            here += rise;
            left[i + 1] = here;
            if here.norm() > LARGE {
                let scale = 1.0 / here.norm();
                left[..=i + 1].iter_mut().for_each(|psi| *psi *= scale);
                (here, rise) = (here * scale, rise * scale);
            }
        }
        let refractory_product = left[reset] * returned * (self.t_ref_ms * rate);
        let product: Complex64 =
            left.iter().zip(&right).map(|(psi, m)| psi * m).sum::<Complex64>() + refractory_product;
        left.iter_mut().for_each(|psi| *psi /= product);
        let refractory = if lambda.norm() * self.t_ref_ms > 0.0 {
            (1.0 - returned) / lambda * rate
        } else {
            Complex64::from(self.t_ref_ms * rate)
        };
        Mode {
            eigenvalue_per_ms: lambda,
            V_mv: self.line.V_mv.clone(),
            right_per_mv: right.iter().zip(&self.line.width_mv).map(|(mass, width_mv)| mass / width_mv).collect(),
            width_mv: self.line.width_mv.clone(),
            refractory,
            left,
            refractory_product: refractory_product / product,
        }
    }
}

/// The stationary mode and some of the slowest others of neurons in white noise, on the nodes of an accuracy; `None` of neurons that are more than their potential, and without noise.
pub fn modes(neuron: &Model, mean_mv: f64, std_mv: f64, count: usize, accuracy: f64) -> Option<Vec<Mode>> {
    let operator = Operator::new(neuron, mean_mv, std_mv, accuracy)?;
    let others = operator.eigenvalues();
    let all = std::iter::once(Complex64::ZERO).chain(others.into_iter().take(count));
    Some(all.map(|lambda| operator.mode(lambda)).collect())
}
