//! What holds for all rates of a box: which of them can be states, and whether they can be more than one.
//!
//! The equation of population `a`, solved for the mean input that its rate needs, is
//!
//! ```text
//! k_a(r) = mean_a(r) - s_a(r) - M_a(r_a, v_a(r)) = 0,    L(M_a, v) = q(r_a),
//! ```
//!
//! `s_a = (alpha/2) sqrt(sum S tau_syn/tau_m)` for synapses with a time constant (the shift of both boundaries is a shift of the
//! mean), `L` and its properties as in `neuron::lif::waiting`. Strong excitation and inhibition cancel in `mean_a` exactly,
//! since it is linear, and `M_a` rises with `r_a` and falls with `v_a`: over a box it lies between two corners. So the
//! states of a box lie between two parallel planes for each population ([`Equations::narrowed`]).
//!
//! The derivatives of `k_a`, or equally those of `L_a - q_a` over `-dL/dmu > 0`, are
//!
//! ```text
//! E_ab = mean_ab - F_ab/(2 s_a) + rho_a var_ab - delta_ab g(r_a)/|dL/dmu|,    rho = (dL/dv)/(dL/dmu),  g = 1/(r (1 - r t_ref))
//! ```
//!
//! `|dL/dmu|` and `rho` fall with `mu` and with `v`, so they too lie between their values at two corners. If every matrix
//! within these bounds is regular the equations are one-to-one on the box: it holds at most one state
//! ([`Equations::at_most_one`]).

use super::{LEAST_HZ, MARGIN};
use crate::input::Sum;
use crate::neuron::lif::{Lif, MS_PER_S, SynapticFilter};
use crate::numerics::linear::{Matrix, largest};
use crate::numerics::range::Range;
use crate::stationary::map::RateMap;
use crate::stationary::newton::u_of;
use crate::transfer::Transfer;

/// Rounding errors of a sum, relative to its largest term; far more than they are.
const ROUNDING: f64 = 1e-14;
/// Outputs are widened by this: far more than rounding, since it only decides how soon a box is cut to size.
const OUTPUT_SLACK: f64 = 1e-9;

/// A box of rates in Hz.
pub(super) type RateBox<const N: usize> = [Range; N];

/// A quantity that is linear in the rates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine<const N: usize> {
    pub(super) constant: f64,
    pub(super) per_hz: [f64; N],
}

/// One population: its neuron and its input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<const N: usize> {
    pub(super) lif: Lif,
    pub(super) mean: Affine<N>,
    pub(super) variance: Affine<N>,
    /// The square of `s`; none if synapses are instantaneous or count as such.
    pub(super) shift_squared: Option<Affine<N>>,
}

/// The equations of `N` populations.
#[derive(Clone, Debug)]
pub(super) struct Equations<const N: usize> {
    pub(super) rows: [Row<N>; N],
    /// The rates from the mean inputs; none if these do not determine them.
    inverse: Option<Inverse<N>>,
}

/// An approximate inverse `C` of the coefficients `A` of the mean inputs, and what it lacks, `1 - C A`.
#[derive(Clone, Copy, Debug)]
struct Inverse<const N: usize> {
    matrix: [[f64; N]; N],
    defect: [[f64; N]; N],
}

/// Bounds of one population's input over a box.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    variance: Range,
    shift: Range,
    /// `M`: what the mean less the shift must be.
    needed: Range,
}

impl<const N: usize> Affine<N> {
    pub(super) fn over(&self, rates: &RateBox<N>) -> Range {
        let terms = self.per_hz.iter().zip(rates).map(|(per_hz, rate)| rate.scaled(*per_hz));
        terms.fold(Range::point(self.constant), |sum, term| sum + term)
    }

    /// As [`Affine::over`], without the share of `b`.
    fn over_others(&self, rates: &RateBox<N>, b: usize) -> Range {
        let mut others = *self;
        others.per_hz[b] = 0.0;
        others.over(rates)
    }

    fn largest_term(&self, rates: &RateBox<N>) -> f64 {
        let terms = self.per_hz.iter().zip(rates).map(|(per_hz, rate)| per_hz.abs() * rate.hi);
        terms.fold(self.constant.abs(), f64::max)
    }
}

impl<const N: usize> Row<N> {
    /// `ln I` that belongs to a rate.
    fn wanted(&self, rate_hz: f64) -> f64 {
        self.lif.ln_passage_for(rate_hz.ln())
    }

    /// The mean input less the shift at which a rate is reached with a variance, widened downwards or upwards.
    fn mean_for(&self, rate_hz: f64, variance: f64, widened: f64) -> f64 {
        let wanted = self.wanted(rate_hz);
        if wanted.is_infinite() {
            return -wanted;
        }
        let sigma = variance.sqrt();
        match self.lif.mu_for_ln_passage_mv(wanted, rate_hz, sigma) {
            Ok(mean) => mean + widened * MARGIN * (sigma + mean.abs() + self.lif.parameters().V_th_mv.abs()),
            Err(_) => widened * f64::INFINITY,
        }
    }

    fn bounds(&self, a: usize, rates: &RateBox<N>) -> Bounds {
        let variance = self.variance.over(rates);
        let variance = Range::new(variance.lo.max(0.0), variance.hi.max(0.0));
        let shift = match &self.shift_squared {
            None => Range::ZERO,
            Some(squared) => {
                let squared = squared.over(rates);
                Range::new(squared.lo.max(0.0).sqrt(), squared.hi.max(0.0).sqrt())
            }
        };
        let needed =
            Range::new(self.mean_for(rates[a].lo, variance.hi, -1.0), self.mean_for(rates[a].hi, variance.lo, 1.0));
        Bounds { variance, shift, needed }
    }

    /// The output of all inputs between two corners.
    fn outputs(&self, mean: Range, variance: Range) -> Range {
        let rate = |mean: f64, variance: f64| {
            let p = self.lif.parameters();
            let waiting = self.lif.ln_passage(mean, variance).ln.exp();
            MS_PER_S / (p.t_ref_ms + p.tau_m_ms * waiting)
        };
        let (slowest, fastest) = (rate(mean.lo, variance.lo), rate(mean.hi, variance.hi));
        Range::new(slowest * (1.0 - OUTPUT_SLACK), fastest * (1.0 + OUTPUT_SLACK))
    }

    /// Row `a` of the derivatives over a box, by the rate, or by its logarithm where the side begins at the bottom.
    fn derivatives(&self, a: usize, rates: &RateBox<N>) -> [Range; N] {
        let bounds = self.bounds(a, rates);
        let received = self.mean.over(rates) - bounds.shift;
        // two forms of the equation with the same derivatives, at the inputs needed or at those received
        let needed = self.slopes(bounds.needed, bounds.variance);
        let received = self.slopes(received, bounds.variance);
        let (steepness, rho) = if spread(needed.0) <= spread(received.0) { needed } else { received };
        std::array::from_fn(|b| {
            let low = begins_low(&rates[b]);
            let mut entry = Range::point(self.mean.per_hz[b]) + rho.scaled(self.variance.per_hz[b]);
            if low {
                entry = entry * rates[b];
            }
            entry = entry - self.shift_slope(b, rates, &bounds);
            if a == b {
                let own = if low { self.free(rates[a]) } else { self.pace(rates[a]) } * steepness;
                entry = entry - Range::new(1.0 / own.hi, 1.0 / own.lo);
            }
            entry
        })
    }

    /// `F_b/(2 s)`, times the rate where the side begins at the bottom.
    fn shift_slope(&self, b: usize, rates: &RateBox<N>, bounds: &Bounds) -> Range {
        let Some(squared) = &self.shift_squared else { return Range::ZERO };
        let per_hz = squared.per_hz[b];
        if per_hz == 0.0 {
            return Range::ZERO;
        }
        if !begins_low(&rates[b]) {
            return Range::new(0.5 * per_hz / bounds.shift.hi, 0.5 * per_hz / bounds.shift.lo);
        }
        // s is at least the root of this population's own share
        let share = per_hz * rates[b].hi;
        Range::new(0.0, (0.5 * share / bounds.shift.lo).min(0.5 * share.sqrt()))
    }

    /// `1 - r t_ref`.
    fn free(&self, rates: Range) -> Range {
        let at = |rate: f64| (1.0 - rate / self.lif.rate_limit_hz()).max(0.0);
        Range::new(at(rates.hi), at(rates.lo))
    }

    /// `r (1 - r t_ref)`.
    fn pace(&self, rates: Range) -> Range {
        let limit = self.lif.rate_limit_hz();
        let free = self.free(rates);
        let (p, q) = (rates.lo * free.hi, rates.hi * free.lo);
        let over_the_top = rates.lo <= 0.5 * limit && rates.hi >= 0.5 * limit;
        Range::new(p.min(q), if over_the_top { 0.25 * limit } else { p.max(q) })
    }

    /// `|dL/dmu|` and `rho` over a rectangle of inputs.
    fn slopes(&self, mean: Range, variance: Range) -> (Range, Range) {
        let (low, high) = (self.corner(mean.lo, variance.lo, f64::INFINITY), self.corner(mean.hi, variance.hi, 0.0));
        (Range::new(high.0, low.0), Range::new(high.1, low.1))
    }

    fn corner(&self, mean: f64, variance: f64, at_infinity: f64) -> (f64, f64) {
        if mean.is_infinite() {
            return (at_infinity, at_infinity);
        }
        let at = self.lif.ln_passage(mean, variance);
        if at.ln == f64::INFINITY { (f64::INFINITY, f64::INFINITY) } else { (-at.d_mu, at.d_variance / at.d_mu) }
    }
}

/// Whether a side begins at the lowest rates.
fn begins_low(side: &Range) -> bool {
    side.lo <= LEAST_HZ
}

/// Ratio of the ends.
fn spread(range: Range) -> f64 {
    if range.lo > 0.0 { range.hi / range.lo } else { f64::INFINITY }
}

impl<const N: usize> Equations<N> {
    /// `None` where a transfer offers no proof.
    pub(super) fn new(map: &RateMap) -> Option<Self> {
        let lifs: Vec<Lif> = map.transfers.iter().filter_map(Transfer::proof).copied().collect();
        let lifs: [Lif; N] = lifs.try_into().ok()?;
        let affine = |linear: &crate::input::Linear, a: usize, factor: f64| Affine {
            constant: factor * linear.constant[a],
            per_hz: std::array::from_fn(|b| factor * linear.per_hz[(a, b)]),
        };
        let unit = SynapticFilter::shift(1.0);
        let rows: [Row<N>; N] = std::array::from_fn(|a| {
            let squared = map.sums.get(Sum::Filter).map(|filter| affine(filter, a, unit * unit));
            Row {
                lif: lifs[a],
                mean: affine(map.sums.mean(), a, 1.0),
                variance: affine(map.sums.variance(), a, 1.0),
                shift_squared: squared.filter(|_| map.is_filtered(a)),
            }
        });
        Some(Equations { rows, inverse: Inverse::new(&std::array::from_fn(|a| rows[a].mean.per_hz)) })
    }

    /// The part of a box in which states can be; `None` if it holds none.
    pub(super) fn narrowed(&self, mut rates: RateBox<N>) -> Option<RateBox<N>> {
        let mut means = [Range::ZERO; N];
        for (a, row) in self.rows.iter().enumerate() {
            let bounds = row.bounds(a, &rates);
            let received = row.mean.over(&rates) - bounds.shift;
            rates[a] = rates[a].intersection(row.outputs(received, bounds.variance))?;
            let allowed = (bounds.needed + bounds.shift).widened(ROUNDING * row.mean.largest_term(&rates));
            means[a] = row.mean.over(&rates).intersection(allowed)?;
            for b in (0..N).filter(|&b| row.mean.per_hz[b] != 0.0) {
                let share = allowed - row.mean.over_others(&rates, b);
                rates[b] = rates[b].intersection(share.scaled(1.0 / row.mean.per_hz[b]))?;
            }
        }
        if let Some(Inverse { matrix, defect }) = &self.inverse {
            for b in 0..N {
                let of = |a: usize| {
                    let term = (means[a] - Range::point(self.rows[a].mean.constant)).scaled(matrix[b][a]);
                    term + rates[a].scaled(defect[b][a])
                };
                let rounding = |a: usize| matrix[b][a].abs() * self.rows[a].mean.largest_term(&rates);
                let solved = (0..N).map(of).fold(Range::ZERO, |sum, term| sum + term);
                let slack = ROUNDING * (0..N).map(rounding).sum::<f64>();
                rates[b] = rates[b].intersection(solved.widened(slack))?;
            }
        }
        Some(rates)
    }

    /// How much the side `b` of a box changes inputs, in units of the noise: those of others, and the one that its own rate needs.
    pub(super) fn influence(&self, rates: &RateBox<N>, b: usize) -> f64 {
        let width = rates[b].width();
        let of_row = |row: &Row<N>| {
            let variance = row.variance.over(rates).middle();
            let sigma = variance.max(1e-12).sqrt();
            width * (row.mean.per_hz[b].abs() / sigma + row.variance.per_hz[b] / variance.max(1e-12))
        };
        let own = if !begins_low(&rates[b]) { u_of(rates[b].hi.ln()) - u_of(rates[b].lo.ln()) } else { 0.0 };
        self.rows.iter().map(of_row).fold(own, f64::max)
    }

    /// Whether a box can be shown to hold no two states.
    pub(super) fn at_most_one(&self, rates: &RateBox<N>) -> bool {
        let matrix: [[Range; N]; N] = std::array::from_fn(|a| self.rows[a].derivatives(a, rates));
        match N {
            0 => true,
            1 => matrix[0][0].excludes_zero(),
            // every entry occurs once: these are the exact bounds of the determinant
            2 => (matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]).excludes_zero(),
            _ => regular(matrix, rates),
        }
    }
}

/// Regularity of every matrix within bounds: times the inverse of their middle it is strictly diagonally dominant.
///
/// The columns of rates of 1e-28 Hz and of 10 Hz differ by as much: each is taken by the logarithm of its rate.
fn regular<const N: usize>(mut matrix: [[Range; N]; N], rates: &RateBox<N>) -> bool {
    for (b, side) in rates.iter().enumerate().filter(|(_, side)| !begins_low(side)) {
        matrix.iter_mut().for_each(|row| row[b] = row[b].scaled(side.hi));
    }
    if !matrix.iter().flatten().all(|entry| entry.is_finite()) {
        return false;
    }
    let middle: [[f64; N]; N] = std::array::from_fn(|a| std::array::from_fn(|b| matrix[a][b].middle()));
    let Some(inverse) = inverse(&middle) else { return false };
    (0..N).all(|a| {
        let product =
            |b: usize| (0..N).map(|c| matrix[c][b].scaled(inverse[a][c])).fold(Range::ZERO, |sum, term| sum + term);
        let off: f64 = (0..N).filter(|&b| b != a).map(|b| product(b).magnitude()).sum();
        product(a).lo > off
    })
}

impl<const N: usize> Inverse<N> {
    fn new(coefficients: &[[f64; N]; N]) -> Option<Self> {
        let matrix = inverse(coefficients)?;
        let product = |b: usize, c: usize| (0..N).map(|a| matrix[b][a] * coefficients[a][c]).sum::<f64>();
        let defect = std::array::from_fn(|b| std::array::from_fn(|c| f64::from(u8::from(b == c)) - product(b, c)));
        Some(Inverse { matrix, defect })
    }
}

/// Each row divided by its largest entry first: that of a silent population is 1e60 times those of others.
fn inverse<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let sizes: [f64; N] = std::array::from_fn(|a| largest(&matrix[a]));
    let mut m = Matrix::zeros(N, N);
    (0..N).for_each(|a| m.row_mut(a).iter_mut().zip(&matrix[a]).for_each(|(entry, x)| *entry = x / sizes[a]));
    let columns: Vec<Vec<f64>> = (0..N)
        .map(|b| {
            let mut unit = vec![0.0; N];
            unit[b] = 1.0 / sizes[b];
            m.solve(&unit)
        })
        .collect();
    let inverse = std::array::from_fn(|a| std::array::from_fn(|b: usize| columns[b][a]));
    inverse.iter().flatten().all(|x: &f64| x.is_finite()).then_some(inverse)
}
