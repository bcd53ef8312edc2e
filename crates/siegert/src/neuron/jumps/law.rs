//! The law of the size of a jump: its tails, its moments, its generating function, and sums over it.
//!
//! ```text
//! above(x) = P(J >= x),     growth(s) = <exp(s J)> - 1,     sum over jumps between low and high = int_low^high rho(J) f(J) dJ
//! ```
//!
//! Source: Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, chapter 26.
//! Range: a lognormal law is cut five standard deviations of its logarithm above its median in `growth`, where it is infinite otherwise.
//! Accuracy: tails and sums 1e-8, absolute (against one another, and against the moments).

use crate::numerics::normal;
use crate::numerics::quadrature::points_6;

/// Beyond so many standard deviations nothing is left of a normal law.
const FARTHEST: f64 = 8.5;
/// Beyond so many means nothing is left of an exponential law.
const FARTHEST_MEANS: f64 = 32.0;
/// The widest panel of six points, in standard deviations or means.
const WIDEST: f64 = 1.5;
/// Where the generating function of a lognormal law is cut, in standard deviations of its logarithm.
const LARGEST_LOGARITHM: f64 = 5.0;

/// The law of the size of the jumps of one kind, in mV; negative for inhibition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum JumpLaw {
    /// All jumps have one size.
    Fixed {
        /// The size.
        size_mv: f64,
    },
    /// Exponential, with the sign of its mean.
    Exponential {
        /// Mean.
        mean_mv: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean_mv: f64,
        /// Standard deviation.
        std_mv: f64,
    },
    /// Lognormal, with the sign of its mean.
    Lognormal {
        /// Mean.
        mean_mv: f64,
        /// Standard deviation.
        std_mv: f64,
    },
    /// Uniform between two sizes.
    Uniform {
        /// Lower end.
        low_mv: f64,
        /// Upper end.
        high_mv: f64,
    },
}

impl JumpLaw {
    /// The same law by its simplest name: one without width is of one size.
    pub(super) fn simplest(self) -> Self {
        match self {
            JumpLaw::Normal { mean_mv, std_mv: 0.0 } => JumpLaw::Fixed { size_mv: mean_mv },
            JumpLaw::Lognormal { mean_mv, std_mv } if std_mv == 0.0 || mean_mv == 0.0 => {
                JumpLaw::Fixed { size_mv: mean_mv }
            }
            JumpLaw::Uniform { low_mv, high_mv } if low_mv == high_mv => JumpLaw::Fixed { size_mv: low_mv },
            JumpLaw::Exponential { mean_mv: 0.0 } => JumpLaw::Fixed { size_mv: 0.0 },
            law => law,
        }
    }

    /// Mean in mV.
    pub fn mean_mv(self) -> f64 {
        match self {
            JumpLaw::Fixed { size_mv } => size_mv,
            JumpLaw::Exponential { mean_mv } | JumpLaw::Normal { mean_mv, .. } | JumpLaw::Lognormal { mean_mv, .. } => {
                mean_mv
            }
            JumpLaw::Uniform { low_mv, high_mv } => 0.5 * (low_mv + high_mv),
        }
    }

    /// Standard deviation in mV.
    pub fn std_mv(self) -> f64 {
        match self {
            JumpLaw::Fixed { .. } => 0.0,
            JumpLaw::Exponential { mean_mv } => mean_mv.abs(),
            JumpLaw::Normal { std_mv, .. } | JumpLaw::Lognormal { std_mv, .. } => std_mv,
            JumpLaw::Uniform { low_mv, high_mv } => (high_mv - low_mv) / 12f64.sqrt(),
        }
    }

    /// Mean square in mV^2.
    pub fn mean_square_mv2(self) -> f64 {
        self.mean_mv().powi(2) + self.std_mv().powi(2)
    }

    /// The probability of jumps of at least `x`; its relative accuracy holds in the upper tail.
    pub(super) fn above(self, x: f64) -> f64 {
        match self {
            JumpLaw::Fixed { size_mv } => f64::from(u8::from(size_mv >= x)),
            JumpLaw::Exponential { mean_mv } => {
                let means = (x / mean_mv).max(0.0);
                if mean_mv > 0.0 { (-means).exp() } else { -(-means).exp_m1() }
            }
            JumpLaw::Normal { mean_mv, std_mv } => normal::cumulative((mean_mv - x) / std_mv),
            JumpLaw::Lognormal { mean_mv, std_mv } => {
                let (location, width) = of_logarithm(mean_mv.abs(), std_mv);
                let size = x * mean_mv.signum();
                if size <= 0.0 {
                    return if mean_mv > 0.0 { 1.0 } else { 0.0 };
                }
                let z = (size.ln() - location) / width;
                normal::cumulative(if mean_mv > 0.0 { -z } else { z })
            }
            JumpLaw::Uniform { low_mv, high_mv } => ((high_mv - x) / (high_mv - low_mv)).clamp(0.0, 1.0),
        }
    }

    /// The probability of jumps below `x`; its relative accuracy holds in the lower tail.
    pub(super) fn below(self, x: f64) -> f64 {
        match self {
            JumpLaw::Fixed { size_mv } => f64::from(u8::from(size_mv < x)),
            // the mirrored law, above the mirrored place
            _ => self.mirrored().above(-x),
        }
    }

    /// The law of sizes that are so many times as large.
    #[cfg(test)]
    pub(super) fn times(self, factor: f64) -> Self {
        match self {
            JumpLaw::Fixed { size_mv } => JumpLaw::Fixed { size_mv: factor * size_mv },
            JumpLaw::Exponential { mean_mv } => JumpLaw::Exponential { mean_mv: factor * mean_mv },
            JumpLaw::Normal { mean_mv, std_mv } => {
                JumpLaw::Normal { mean_mv: factor * mean_mv, std_mv: factor * std_mv }
            }
            JumpLaw::Lognormal { mean_mv, std_mv } => {
                JumpLaw::Lognormal { mean_mv: factor * mean_mv, std_mv: factor * std_mv }
            }
            JumpLaw::Uniform { low_mv, high_mv } => {
                JumpLaw::Uniform { low_mv: factor * low_mv, high_mv: factor * high_mv }
            }
        }
    }

    fn mirrored(self) -> Self {
        match self {
            JumpLaw::Fixed { size_mv } => JumpLaw::Fixed { size_mv: -size_mv },
            JumpLaw::Exponential { mean_mv } => JumpLaw::Exponential { mean_mv: -mean_mv },
            JumpLaw::Normal { mean_mv, std_mv } => JumpLaw::Normal { mean_mv: -mean_mv, std_mv },
            JumpLaw::Lognormal { mean_mv, std_mv } => JumpLaw::Lognormal { mean_mv: -mean_mv, std_mv },
            JumpLaw::Uniform { low_mv, high_mv } => JumpLaw::Uniform { low_mv: -high_mv, high_mv: -low_mv },
        }
    }

    /// Tells `note` of jumps between two sizes, each with its weight, so that sums over them are integrals over the law.
    pub(super) fn between(self, low: f64, high: f64, mut note: impl FnMut(f64, f64)) {
        match self {
            JumpLaw::Fixed { size_mv } => {
                if low <= size_mv && size_mv < high {
                    note(size_mv, 1.0);
                }
            }
            JumpLaw::Exponential { mean_mv } => {
                let ends = (low / mean_mv, high / mean_mv);
                let (from, to) = (ends.0.min(ends.1).max(0.0), ends.0.max(ends.1).min(FARTHEST_MEANS));
                panels(from, to, |y, weight| note(mean_mv * y, weight * (-y).exp()));
            }
            JumpLaw::Normal { mean_mv, std_mv } => {
                let (from, to) = ((low - mean_mv) / std_mv, (high - mean_mv) / std_mv);
                panels(from.max(-FARTHEST), to.min(FARTHEST), |z, weight| {
                    note(mean_mv + std_mv * z, weight * normal_density(z));
                });
            }
            JumpLaw::Lognormal { mean_mv, std_mv } => {
                let (location, width) = of_logarithm(mean_mv.abs(), std_mv);
                let sign = mean_mv.signum();
                let ends = (low * sign, high * sign);
                let z = |size: f64| if size > 0.0 { (size.ln() - location) / width } else { -FARTHEST };
                let (from, to) = (z(ends.0.min(ends.1)), z(ends.0.max(ends.1)));
                panels(from.max(-FARTHEST), to.min(FARTHEST), |z, weight| {
                    note(sign * (location + width * z).exp(), weight * normal_density(z));
                });
            }
            JumpLaw::Uniform { low_mv, high_mv } => {
                let (from, to) = (low.max(low_mv), high.min(high_mv));
                if from < to {
                    let density = 1.0 / (high_mv - low_mv);
                    points_6(from, to).into_iter().for_each(|(x, weight)| note(x, weight * density));
                }
            }
        }
    }

    /// Sizes at which the law is not smooth, and by how much each is blurred: those that make kinks, `None` where there are none.
    pub(super) fn kinks(self) -> [Option<(f64, f64)>; 2] {
        const NARROW: f64 = 0.35;
        match self {
            JumpLaw::Fixed { size_mv } => [Some((size_mv, 0.0)), None],
            JumpLaw::Uniform { low_mv, high_mv } => [Some((low_mv, 0.0)), Some((high_mv, 0.0))],
            JumpLaw::Normal { mean_mv, std_mv } | JumpLaw::Lognormal { mean_mv, std_mv }
                if std_mv < NARROW * mean_mv.abs() =>
            {
                [Some((mean_mv, std_mv)), None]
            }
            _ => [None, None],
        }
    }

    /// Where `<exp(s J)>` is infinite from, as a function of `s > 0`.
    pub(super) fn pole(self) -> f64 {
        match self {
            JumpLaw::Exponential { mean_mv } if mean_mv > 0.0 => 1.0 / mean_mv,
            _ => f64::INFINITY,
        }
    }

    /// `<exp(s J)> - 1` and its derivative in `s`, for `s > 0` below the pole.
    pub(super) fn growth(self, s: f64) -> (f64, f64) {
        match self {
            JumpLaw::Fixed { size_mv } => ((s * size_mv).exp_m1(), size_mv * (s * size_mv).exp()),
            JumpLaw::Exponential { mean_mv } => {
                let part = 1.0 - mean_mv * s;
                (mean_mv * s / part, mean_mv / (part * part))
            }
            JumpLaw::Normal { mean_mv, std_mv } => {
                let exponent = s * (mean_mv + 0.5 * s * std_mv * std_mv);
                (exponent.exp_m1(), (mean_mv + s * std_mv * std_mv) * exponent.exp())
            }
            JumpLaw::Lognormal { mean_mv, std_mv } => {
                let (location, width) = of_logarithm(mean_mv.abs(), std_mv);
                let last = (location + LARGEST_LOGARITHM * width).exp();
                let (mut growth, mut slope) = (0.0, 0.0);
                let (low, high) = if mean_mv > 0.0 { (0.0, last) } else { (-last, 0.0) };
                self.between(low, high, |x, weight| {
                    growth += weight * (s * x).exp_m1();
                    slope += weight * x * (s * x).exp();
                });
                (growth, slope)
            }
            JumpLaw::Uniform { low_mv, high_mv } => {
                let (mut growth, mut slope) = (0.0, 0.0);
                self.between(low_mv, high_mv, |x, weight| {
                    growth += weight * (s * x).exp_m1();
                    slope += weight * x * (s * x).exp();
                });
                (growth, slope)
            }
        }
    }
}

/// Points of panels that are not too wide, each with its weight.
fn panels(from: f64, to: f64, mut note: impl FnMut(f64, f64)) {
    if from >= to {
        return;
    }
    let number = ((to - from) / WIDEST).ceil().max(1.0);
    let width = (to - from) / number;
    for panel in 0..number as usize {
        let low = from + width * panel as f64;
        points_6(low, low + width).into_iter().for_each(|(x, weight)| note(x, weight));
    }
}

fn normal_density(z: f64) -> f64 {
    const FACTOR: f64 = 0.398_942_280_401_432_7; // 1/sqrt(2 pi)
    FACTOR * (-0.5 * z * z).exp()
}

/// Mean and standard deviation of the logarithm of a lognormal number with this mean and standard deviation.
fn of_logarithm(mean: f64, std: f64) -> (f64, f64) {
    let variance = (std / mean).powi(2).ln_1p();
    (mean.ln() - variance / 2.0, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-8;

    const LAWS: [JumpLaw; 7] = [
        JumpLaw::Exponential { mean_mv: 0.7 },
        JumpLaw::Exponential { mean_mv: -1.3 },
        JumpLaw::Normal { mean_mv: 0.4, std_mv: 0.3 },
        JumpLaw::Lognormal { mean_mv: 0.4, std_mv: 0.3 },
        JumpLaw::Lognormal { mean_mv: -0.4, std_mv: 1.0 },
        JumpLaw::Uniform { low_mv: -0.2, high_mv: 0.9 },
        JumpLaw::Normal { mean_mv: -2.0, std_mv: 0.1 },
    ];

    #[test]
    fn sums_over_a_law_have_its_tails_and_moments() {
        let mut worst = Worst::default();
        for law in LAWS {
            for x in [-2.5, -0.3, 0.1, 0.45, 1.5] {
                let (mut above, mut below) = (0.0, 0.0);
                law.between(x, 1e9, |_, weight| above += weight);
                law.between(-1e9, x, |_, weight| below += weight);
                worst.add((above - law.above(x)).abs(), (law, x, "above"));
                worst.add((below - law.below(x)).abs(), (law, x, "below"));
            }
            let (mut mean, mut square) = (0.0, 0.0);
            law.between(-1e9, 1e9, |x, weight| {
                mean += weight * x;
                square += weight * x * x;
            });
            worst.add((mean - law.mean_mv()).abs(), (law, "mean"));
            worst.add((square - law.mean_square_mv2()).abs(), (law, "mean square"));
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn the_generating_function_begins_with_the_moments_and_its_slope_is_its_derivative() {
        for law in LAWS.into_iter().chain([JumpLaw::Fixed { size_mv: 0.4 }]) {
            let (growth, slope) = law.growth(1e-4);
            let expected = 1e-4 * law.mean_mv() + 0.5e-8 * law.mean_square_mv2();
            // the lognormal law is cut, which takes a little of its moments
            assert!((growth / expected - 1.0).abs() < 1e-3, "{law:?}: {growth} {expected}");
            assert!((slope / law.mean_mv() - 1.0).abs() < 1e-2, "{law:?}: {slope}");
            let difference = (law.growth(0.5 + 1e-5).0 - law.growth(0.5 - 1e-5).0) / 2e-5;
            assert!((law.growth(0.5).1 / difference - 1.0).abs() < 1e-6, "{law:?}");
        }
    }
}
