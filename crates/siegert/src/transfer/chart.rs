//! A law as the coordinate over which it is integrated: smooth, of bounded range, and with a density that falls to nothing at its ends.
//!
//! ```text
//! normal:        x = m + s z,           exp(-z^2/2)/sqrt(2 pi)     |z| < 12
//! lognormal:     x = +-exp(l + s z),    the same
//! uniform:       x,                     1/(high - low)
//! exponential:   x = m e,               exp(-e)                    0 < e < 40
//! lorentzian:    x = c + w sinh t,      1/(pi cosh t)              |t| < 70
//! ```
//!
//! The sinh makes the tails of the Lorentzian law exponential, whatever power of `x` is averaged. Bounds of a law (`network::differences`) are ends of the range, and
//! the density is then divided by what is left.

use std::f64::consts::{PI, TAU};

use crate::network::{CutLaw, Law, of_logarithm};

const FARTHEST_NORMAL: f64 = 12.0;
const FARTHEST_EXPONENTIAL: f64 = 40.0;
const FARTHEST_LORENTZIAN: f64 = 70.0;
/// Panels of a normal law at first.
const NORMAL_ENDS: [f64; 5] = [-FARTHEST_NORMAL, -4.0, 0.0, 4.0, FARTHEST_NORMAL];

/// A law with its coordinate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chart {
    cut: CutLaw,
    /// One over what is kept of the law.
    per_kept: f64,
    from: f64,
    to: f64,
}

impl Chart {
    pub(super) fn new(cut: CutLaw) -> Self {
        let CutLaw { law, low, high } = cut;
        // the coordinate of a value, infinite where the value is
        let coordinate = |x: f64| match law {
            Law::Constant { .. } => 0.0,
            Law::Normal { mean, std } => (x - mean) / std,
            Law::Lognormal { mean, std } => {
                let (location, width) = of_logarithm(mean.abs(), std);
                ((x * mean.signum()).max(0.0).ln() - location) / width
            }
            Law::Uniform { .. } => x,
            Law::Exponential { mean } => x / mean,
            Law::Lorentzian { center, half_width } => ((x - center) / half_width).asinh(),
        };
        let (least, most) = match law {
            Law::Constant { .. } => (0.0, 0.0),
            Law::Normal { .. } | Law::Lognormal { .. } => (-FARTHEST_NORMAL, FARTHEST_NORMAL),
            Law::Uniform { low, high } => (low, high),
            Law::Exponential { .. } => (0.0, FARTHEST_EXPONENTIAL),
            Law::Lorentzian { .. } => (-FARTHEST_LORENTZIAN, FARTHEST_LORENTZIAN),
        };
        let (a, b) = (coordinate(low), coordinate(high));
        // coordinates of laws with a negative sign fall with the value
        let (from, to) = (a.min(b).max(least), a.max(b).min(most));
        Chart { cut, per_kept: 1.0 / cut.kept(), from, to }
    }

    /// Whether values far out are as common as those of a Lorentzian law.
    pub(super) fn has_heavy_tails(&self) -> bool {
        matches!(self.cut.law, Law::Lorentzian { .. })
    }

    /// The law, unless it is cut.
    pub(super) fn whole(&self) -> Option<&Law> {
        (CutLaw::whole(self.cut.law) == self.cut).then_some(&self.cut.law)
    }

    /// The value below which the part `p` lies.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.cut.quantile(p)
    }

    /// The value at a coordinate.
    pub(super) fn value(&self, at: f64) -> f64 {
        match self.cut.law {
            Law::Constant { value } => value,
            Law::Normal { mean, std } => mean + std * at,
            Law::Lognormal { mean, std } => {
                let (location, width) = of_logarithm(mean.abs(), std);
                mean.signum() * (location + width * at).exp()
            }
            Law::Uniform { .. } => at,
            Law::Exponential { mean } => mean * at,
            Law::Lorentzian { center, half_width } => center + half_width * at.sinh(),
        }
    }

    /// The density of the coordinate.
    pub(super) fn density(&self, at: f64) -> f64 {
        self.per_kept
            * match self.cut.law {
                Law::Constant { .. } => 1.0,
                Law::Normal { .. } | Law::Lognormal { .. } => (-0.5 * at * at).exp() / TAU.sqrt(),
                Law::Uniform { low, high } => 1.0 / (high - low),
                Law::Exponential { .. } => (-at).exp(),
                Law::Lorentzian { .. } => 1.0 / (PI * at.cosh()),
            }
    }

    /// How far values lie apart, roughly.
    pub(super) fn width(&self) -> f64 {
        match self.cut.law {
            Law::Constant { .. } => 0.0,
            Law::Normal { std, .. } | Law::Lognormal { std, .. } => std,
            Law::Uniform { low, high } => high - low,
            Law::Exponential { mean } => mean.abs(),
            Law::Lorentzian { half_width, .. } => half_width,
        }
    }

    /// The ends of the range.
    pub(super) fn range(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// The ends of the first panels.
    pub(super) fn ends(&self) -> Vec<f64> {
        let inner: &[f64] = match self.cut.law {
            Law::Constant { .. } | Law::Uniform { .. } => &[],
            Law::Normal { .. } | Law::Lognormal { .. } => &NORMAL_ENDS,
            Law::Exponential { .. } => &[4.0, 14.0],
            Law::Lorentzian { .. } => &[-20.0, -6.0, -2.0, 0.0, 2.0, 6.0, 20.0],
        };
        self.panels(self.from, inner, self.to)
    }

    /// The ends of as few panels as say the mean of a smooth function to a part in a thousand or so: without what is far out.
    pub(super) fn few_ends(&self) -> Vec<f64> {
        let (low, inner, high): (f64, &[f64], f64) = match self.cut.law {
            Law::Constant { .. } | Law::Uniform { .. } => (self.from, &[], self.to),
            Law::Normal { .. } | Law::Lognormal { .. } => (-5.0, &[], 5.0),
            Law::Exponential { .. } => (0.0, &[], 14.0),
            Law::Lorentzian { .. } => (-12.0, &[-2.5, 2.5], 12.0),
        };
        // a law that is cut far out has nothing but that
        let (from, to) = (self.from.max(low), self.to.min(high));
        if from < to { self.panels(from, inner, to) } else { self.ends() }
    }

    fn panels(&self, from: f64, inner: &[f64], to: f64) -> Vec<f64> {
        let inside = inner.iter().copied().filter(|end| from < *end && *end < to);
        std::iter::once(from).chain(inside).chain([to]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::adaptive::{Effort, integrate};

    const LAWS: [Law; 7] = [
        Law::Normal { mean: 20.0, std: 3.0 },
        Law::Lognormal { mean: 20.0, std: 5.0 },
        Law::Lognormal { mean: -20.0, std: 5.0 },
        Law::Uniform { low: 18.0, high: 23.0 },
        Law::Exponential { mean: 4.0 },
        Law::Exponential { mean: -4.0 },
        Law::Lorentzian { center: 20.0, half_width: 1.0 },
    ];

    #[test]
    fn densities_are_one_in_sum_and_quantiles_are_theirs() {
        let effort = Effort { relative_error: 1e-13, most_panels: 200 };
        for law in LAWS {
            let middle = law.quantile(0.5);
            for (low, high) in
                [(f64::NEG_INFINITY, f64::INFINITY), (middle - 2.5, f64::INFINITY), (-50.0, middle + 1.0)]
            {
                let chart = Chart::new(CutLaw { law, low, high });
                let (from, to) = chart.range();
                let part = |ends: &[f64]| {
                    let [part] = integrate(ends, effort, |t| [chart.density(t)]);
                    part
                };
                let all = part(&chart.ends());
                assert!((all - 1.0).abs() < 1e-12, "{law:?} {low} {high}: {all}");
                // where the quantile is, by halving; values of laws with a negative sign fall with the coordinate
                let rises = chart.value(to) > chart.value(from);
                let (mut start, mut end) = (from, to);
                for _ in 0..200 {
                    let middle = 0.5 * (start + end);
                    if (chart.value(middle) < chart.quantile(0.3)) == rises { start = middle } else { end = middle }
                }
                let inside: Vec<f64> = chart.ends().into_iter().filter(|at| *at < start).chain([start]).collect();
                let below = if rises { part(&inside) } else { all - part(&inside) };
                assert!((below - 0.3).abs() < 1e-9, "{law:?} {low} {high}: {below}");
                let inside = |x: f64| low <= x && x <= high;
                assert!(inside(chart.value(from + 1e-9)) && inside(chart.value(to - 1e-9)), "{law:?} {low} {high}");
            }
        }
    }
}
