//! Laws of a random weight, delay or parameter of a neuron: their moments, transforms, probabilities and quantiles.
//!
//! ```text
//! phi(omega) = <exp(-i omega x)>
//! constant:     exp(-i omega x)                       normal:   exp(-i omega m - omega^2 s^2/2)
//! uniform:      exp(-i omega (l+h)/2) sinc(omega (h-l)/2)       exponential:   1/(1 + i omega m)
//! lorentzian:   exp(-i omega c - |omega| w)
//! ```
//!
//! and the same at a complex `lambda` in place of `i omega`.
//!
//! A lognormal law, and a normal one that is cut at a bound, are integrated by Gauss and Legendre's rule in panels over which the integrand turns
//! by less than a fourth of a circle.
//!
//! Range: `omega` up to some thousand over the standard deviation; beyond, the number of panels grows with it.
//! Accuracy: 1e-14, absolute (against quadrature by another rule).

use std::f64::consts::PI;

use num_complex::Complex64;
use serde::Serialize;

use crate::numerics::normal;
use crate::numerics::quadrature::integrate_16;

/// Beyond so many standard deviations nothing is left of a normal law.
const FARTHEST: f64 = 9.0;
/// The widest panel of an integral over a normal law, in standard deviations, and the largest turn of the integrand in it.
const WIDEST: f64 = 0.5;
const LARGEST_TURN: f64 = 1.5;
/// Panels towards an end of a law, each half as wide as the one before: 1 is still told from the last of them.
const HALVINGS: i32 = 44;
/// How far a path is moved into the complex plane at most, in standard deviations: what is integrated grows by `exp` of half its square.
const MOST_DEPTH: f64 = 1.5;
/// Where a lognormal law is cut that has no transform, in standard deviations of its logarithm.
const LARGEST_LOGARITHM: f64 = 5.0;

/// The law of a weight or a delay over the synapses of one projection, or of a parameter over the neurons of a type.
///
/// The unit is that of the quantity that has the law: ms for times; mV for voltages; for weights mV (delta synapses), pA (currents,
/// peak) or nS (conductances).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "distribution")]
pub enum Law {
    /// Every synapse has the same value.
    Constant {
        /// The value.
        value: f64,
    },
    /// Normal law; a delay is redrawn while it is shorter than one time step, a weight is not cut.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// Lognormal law with the sign of its mean.
    Lognormal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// Uniform law between two values.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Exponential law with the sign of its mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Lorentzian (Cauchy) law, which has no mean: of currents and voltages of neurons only.
    #[serde(rename_all = "snake_case")]
    Lorentzian {
        /// Median and mode.
        center: f64,
        /// Half width at half maximum.
        half_width: f64,
    },
}

impl Law {
    /// The raw moments `<x>`, `<x^2>`, `<x^3>`, `<x^4>`; not numbers of a Lorentzian law, which has none.
    pub fn moments(&self) -> [f64; 4] {
        match *self {
            Law::Constant { value: x } => [x, x * x, x * x * x, x * x * x * x],
            Law::Normal { mean: m, std: s } => {
                let (m2, s2) = (m * m, s * s);
                [m, m2 + s2, m * (m2 + 3.0 * s2), m2 * m2 + 6.0 * m2 * s2 + 3.0 * s2 * s2]
            }
            Law::Lognormal { mean: m, std: s } => {
                let q = if m == 0.0 { 1.0 } else { 1.0 + (s / m) * (s / m) };
                [m, m * m * q, m.powi(3) * q.powi(3), m.powi(4) * q.powi(6)]
            }
            Law::Uniform { low, high } => {
                let (l, h) = (low, high);
                [
                    (l + h) / 2.0,
                    (l * l + l * h + h * h) / 3.0,
                    (l + h) * (l * l + h * h) / 4.0,
                    (l.powi(4) + l.powi(3) * h + l * l * h * h + l * h.powi(3) + h.powi(4)) / 5.0,
                ]
            }
            Law::Exponential { mean: m } => [m, 2.0 * m * m, 6.0 * m.powi(3), 24.0 * m.powi(4)],
            Law::Lorentzian { .. } => [f64::NAN; 4],
        }
    }

    /// The transform `<exp(-i omega x)>`, `omega` in the inverse unit of the values.
    pub fn transform(&self, omega: f64) -> Complex64 {
        let turned = |angle: f64| Complex64::from_polar(1.0, -angle);
        match *self {
            Law::Constant { value } => turned(omega * value),
            Law::Normal { mean, std } => turned(omega * mean) * (-0.5 * (omega * std).powi(2)).exp(),
            Law::Lognormal { mean, std } if mean == 0.0 || std == 0.0 => turned(omega * mean),
            Law::Lognormal { mean, std } => {
                let transform = of_lognormal(omega.abs() * mean.abs(), (std / mean).abs());
                if omega * mean < 0.0 { transform.conj() } else { transform }
            }
            Law::Uniform { low, high } => {
                let half = 0.5 * omega * (high - low);
                let sinc = if half.abs() < 1e-4 { 1.0 - half * half / 6.0 } else { half.sin() / half };
                turned(0.5 * omega * (low + high)) * sinc
            }
            Law::Exponential { mean } => Complex64::new(1.0, omega * mean).inv(),
            Law::Lorentzian { center, half_width } => turned(omega * center) * (-omega.abs() * half_width).exp(),
        }
    }

    /// The transform of the values that are not below `least`, as if others were drawn again: of delays that have to last a step.
    ///
    /// Only a normal law is cut; the others are what they are.
    pub fn transform_above(&self, least: f64, omega: f64) -> Complex64 {
        let turned = |angle: f64| Complex64::from_polar(1.0, -angle);
        match *self {
            Law::Normal { mean, std } if std > 0.0 && least > mean - FARTHEST * std => {
                let from = (least - mean) / std;
                over_normal(from, omega * std) * turned(omega * mean) / over_normal(from, 0.0).re
            }
            _ => self.transform(omega),
        }
    }

    /// The same at any complex `lambda`, in the inverse unit of the values: `<exp(-lambda x)>` of the values that are not below `least`.
    ///
    /// To the left of the imaginary axis a lognormal law, which has no such mean there, is cut at five standard deviations of its logarithm; a Lorentzian one has none
    /// off the axis at all.
    pub fn laplace_above(&self, least: f64, lambda: Complex64) -> Complex64 {
        if lambda.re == 0.0 {
            return self.transform_above(least, lambda.im);
        }
        match *self {
            Law::Constant { value } => (-lambda * value).exp(),
            Law::Normal { mean, std } if std > 0.0 && least > mean - FARTHEST * std => {
                // the square is completed: a normal law elsewhere
                let (from, growth) = ((least - mean) / std, lambda.re * std);
                let moved = from + growth;
                let cut = |from: f64| 0.5 * from.max(0.0).powi(2);
                let factor = Complex64::new(0.5 * growth * growth + cut(from) - cut(moved), lambda.im * std * growth);
                (factor - lambda * mean).exp() * over_normal(moved, lambda.im * std) / over_normal(from, 0.0).re
            }
            Law::Normal { mean, std } => (0.5 * lambda * lambda * std * std - lambda * mean).exp(),
            Law::Lognormal { mean, std } if mean == 0.0 || std == 0.0 => (-lambda * mean).exp(),
            Law::Lognormal { mean, std } => lognormal_laplace(lambda * mean, (std / mean).abs()),
            Law::Uniform { low, high } => {
                let half = 0.5 * lambda * (high - low);
                let sinhc = if half.norm() < 1e-4 { 1.0 + half * half / 6.0 } else { half.sinh() / half };
                (-0.5 * lambda * (low + high)).exp() * sinhc
            }
            Law::Exponential { mean } => (1.0 + lambda * mean).inv(),
            Law::Lorentzian { .. } => Complex64::new(f64::NAN, f64::NAN),
        }
    }

    /// The law of the values times a factor.
    pub fn times(&self, factor: f64) -> Self {
        match *self {
            Law::Constant { value } => Law::Constant { value: value * factor },
            Law::Normal { mean, std } => Law::Normal { mean: mean * factor, std: std * factor.abs() },
            Law::Lognormal { mean, std } => Law::Lognormal { mean: mean * factor, std: std * factor.abs() },
            Law::Uniform { low, high } if factor < 0.0 => Law::Uniform { low: high * factor, high: low * factor },
            Law::Uniform { low, high } => Law::Uniform { low: low * factor, high: high * factor },
            Law::Exponential { mean } => Law::Exponential { mean: mean * factor },
            Law::Lorentzian { center, half_width } => {
                Law::Lorentzian { center: center * factor, half_width: half_width * factor.abs() }
            }
        }
    }

    /// The mean of a function of the values.
    pub(crate) fn mean_of(&self, f: impl Fn(f64) -> f64) -> f64 {
        match self.differing() {
            None => f(self.center()),
            Some(law) => integral_over_quantiles(|p| law.quantile(p), [0.0, 1.0], f),
        }
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.moments()[0]
    }

    /// The mean; of a Lorentzian law its centre.
    pub fn center(&self) -> f64 {
        match *self {
            Law::Lorentzian { center, .. } => center,
            _ => self.mean(),
        }
    }

    /// The law, unless it gives one value only.
    pub fn differing(self) -> Option<Self> {
        let is_one_value = match self {
            Law::Constant { .. } => true,
            Law::Normal { std, .. } => std == 0.0,
            Law::Lognormal { mean, std } => mean == 0.0 || std == 0.0,
            Law::Uniform { low, high } => low == high,
            Law::Exponential { mean } => mean == 0.0,
            Law::Lorentzian { half_width, .. } => half_width == 0.0,
        };
        (!is_one_value).then_some(self)
    }

    /// The probability of values below `x`.
    pub(crate) fn cumulative(&self, x: f64) -> f64 {
        if x.is_infinite() {
            return if x > 0.0 { 1.0 } else { 0.0 };
        }
        match *self {
            Law::Constant { value } => f64::from(u8::from(value < x)),
            Law::Normal { mean, std } => normal::cumulative((x - mean) / std),
            Law::Lognormal { mean, std } => {
                let (location, width) = of_logarithm(mean.abs(), std);
                let size = x * mean.signum();
                let below = if size > 0.0 { normal::cumulative((size.ln() - location) / width) } else { 0.0 };
                if mean < 0.0 { 1.0 - below } else { below }
            }
            Law::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Law::Exponential { mean } => {
                let least = (x / mean).max(0.0);
                if mean < 0.0 { (-least).exp() } else { -(-least).exp_m1() }
            }
            Law::Lorentzian { center, half_width } => 0.5 + ((x - center) / half_width).atan() / PI,
        }
    }

    /// The value below which the part `p` of all values lies.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        match *self {
            Law::Constant { value } => value,
            Law::Normal { mean, std } => mean + std * normal::quantile(p),
            Law::Lognormal { mean, std } => {
                let (location, width) = of_logarithm(mean.abs(), std);
                mean.signum() * (location + width * mean.signum() * normal::quantile(p)).exp()
            }
            Law::Uniform { low, high } => low + p * (high - low),
            Law::Exponential { mean } if mean < 0.0 => -mean * p.ln(),
            Law::Exponential { mean } => -mean * (-p).ln_1p(),
            Law::Lorentzian { center, half_width } => {
                // as the law is symmetric, each half by the tail that keeps its digits
                let tail = half_width / (PI * p.min(1.0 - p)).tan();
                if p < 0.5 { center - tail } else { center + tail }
            }
        }
    }
}

/// One value for all.
impl From<f64> for Law {
    fn from(value: f64) -> Self {
        Law::Constant { value }
    }
}

/// `int f(Q(p)) dp` over a range of probabilities `p`, for a quantile `Q` that may grow without bound towards 0 and 1: panels that halve towards both ends.
pub(super) fn integral_over_quantiles(
    quantile: impl Fn(f64) -> f64,
    [from, to]: [f64; 2],
    f: impl Fn(f64) -> f64,
) -> f64 {
    let middle = 0.5 * (from + to);
    let towards = |end: f64| {
        let at = |k: i32| middle + (end - middle) * (1.0 - 0.5f64.powi(k));
        let panel = |k: i32| integrate_16(at(k), at(k + 1), |p| f(quantile(p)));
        (0..HALVINGS).map(panel).sum::<f64>()
    };
    towards(to) - towards(from)
}

/// `int_from exp(-z^2/2 - i omega z) dz`, relative to the density at `from` where that lies above 0.
fn over_normal(from: f64, omega: f64) -> Complex64 {
    let offset = from.max(0.0);
    let to = (offset * offset + FARTHEST * FARTHEST).sqrt();
    let width = WIDEST.min(1.0 / offset.max(1.0)).min(LARGEST_TURN / omega.abs());
    // so that nothing underflows however far out the bound is
    let integrand = |z: f64| Complex64::from_polar((-0.5 * (z - offset) * (z + offset)).exp(), -omega * z);
    integral(from.max(-FARTHEST), to, |_| width, integrand)
}

/// The transform of a lognormal law of mean 1 at `omega` from 0 up; `spread` is its standard deviation.
///
/// The path of the logarithm is moved so far into the complex plane that values whose phase turns fast count little.
fn of_lognormal(omega: f64, spread: f64) -> Complex64 {
    let (location, width) = of_logarithm(1.0, spread);
    let depth = MOST_DEPTH.min(std::f64::consts::FRAC_PI_2 / width);
    let (sin, cos) = (width * depth).sin_cos();
    let value = |z: f64| omega * (location + width * z).exp();
    // where the density alone, or the growing values, have made the integrand vanish
    let last = ((FARTHEST * FARTHEST / (2.0 * omega * sin)).ln() - location) / width;
    let panel = |z: f64| {
        let turn = |z: f64| LARGEST_TURN / (width * value(z) + depth);
        let widest = WIDEST.min(turn(z));
        widest.min(turn(z + widest))
    };
    let integrand = |z: f64| {
        let of_density = Complex64::new(-0.5 * (z - depth) * (z + depth), depth * z);
        (of_density - value(z) * Complex64::new(sin, cos)).exp()
    };
    let to = FARTHEST.min(last.max(-FARTHEST) + WIDEST);
    integral(-FARTHEST, to, panel, integrand) / std::f64::consts::TAU.sqrt()
}

/// The transform of a lognormal law of mean 1 at a complex `lambda`, without a path into the complex plane: where it has no value, of a part of the law.
fn lognormal_laplace(lambda: Complex64, spread: f64) -> Complex64 {
    let (location, width) = of_logarithm(1.0, spread);
    let value = |z: f64| (location + width * z).exp();
    let to = if lambda.re < 0.0 { LARGEST_LOGARITHM } else { FARTHEST };
    let panel = |z: f64| {
        let turn = |z: f64| LARGEST_TURN / (width * lambda.norm() * value(z));
        let widest = WIDEST.min(turn(z));
        widest.min(turn(z + widest))
    };
    // where the values have made the integrand vanish
    let last = if lambda.re > 0.0 { ((FARTHEST * FARTHEST / lambda.re).ln() - location) / width } else { to };
    let integrand = |z: f64| (-0.5 * z * z - lambda * value(z)).exp();
    integral(-FARTHEST, to.min(last.max(-FARTHEST) + WIDEST), panel, integrand) / std::f64::consts::TAU.sqrt()
}

/// Gauss and Legendre's rule in panels of the width that `panel` gives at their lower end.
fn integral(from: f64, to: f64, panel: impl Fn(f64) -> f64, integrand: impl Fn(f64) -> Complex64) -> Complex64 {
    let (mut sum, mut low) = (Complex64::ZERO, from);
    while low < to {
        let high = (low + panel(low)).min(to);
        sum +=
            Complex64::new(integrate_16(low, high, |z| integrand(z).re), integrate_16(low, high, |z| integrand(z).im));
        low = high;
    }
    sum
}

/// Mean and standard deviation of the logarithm of a lognormal number with this mean and standard deviation.
pub(crate) fn of_logarithm(mean: f64, std: f64) -> (f64, f64) {
    let variance = (std / mean).powi(2).ln_1p();
    (mean.ln() - variance / 2.0, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [Law; 8] = [
        Law::Constant { value: 1.5 },
        Law::Normal { mean: 1.5, std: 0.75 },
        Law::Normal { mean: -0.2, std: 0.02 },
        Law::Lognormal { mean: 0.15, std: 0.015 },
        Law::Lognormal { mean: -2.0, std: 1.0 },
        Law::Uniform { low: 0.5, high: 2.0 },
        Law::Uniform { low: -1e-6, high: 1e-6 },
        Law::Exponential { mean: -0.7 },
    ];
    const LORENTZIAN: Law = Law::Lorentzian { center: 1.5, half_width: 0.2 };
    const OMEGAS: [f64; 7] = [0.0, 1e-6, 0.05, -0.8, 3.0, 12.0, -60.0];

    /// `<exp(-i omega x)>` over equal steps of `z` in a normal density from `least` up, which the trapezoidal rule integrates to rounding.
    fn normal_sum(omega: f64, x: impl Fn(f64) -> f64, least: f64) -> Complex64 {
        let steps = 400_000;
        let (from, to) = (least.max(-10.0), least.max(0.0) + 10.0);
        let step = (to - from) / f64::from(steps);
        let term = |k: i32| {
            let z = from + step * f64::from(k);
            // Simpson's weights, for the bound at which the density is cut
            let end = if k == 0 || k == steps { 1.0 } else { [2.0, 4.0][(k % 2) as usize] };
            let weight = end * (-0.5 * (z * z - least.max(0.0).powi(2))).exp();
            (Complex64::from_polar(weight, -omega * x(z)), weight)
        };
        // sums of sums, which lose fewer digits
        let add = |(p, q): (Complex64, f64), (r, s): (Complex64, f64)| (p + r, q + s);
        let block = |from: i32| (from..(from + 1000).min(steps + 1)).map(term).fold((Complex64::ZERO, 0.0), add);
        let (sum, all) = (0..=steps).step_by(1000).map(block).fold((Complex64::ZERO, 0.0), add);
        sum / all
    }

    #[test]
    fn transforms_are_those_of_sums_over_the_law() {
        for law in LAWS {
            for omega in OMEGAS {
                let found = law.transform(omega);
                let expected = match law {
                    Law::Lorentzian { .. } => unreachable!("it is not among these"),
                    Law::Constant { value } => Complex64::from_polar(1.0, -omega * value),
                    Law::Normal { mean, std } => normal_sum(omega, |z| mean + std * z, -10.0),
                    Law::Lognormal { mean, std } => {
                        let (location, width) = of_logarithm(mean.abs(), std);
                        normal_sum(omega, |z| mean.signum() * (location + width * z).exp(), -10.0)
                    }
                    Law::Uniform { low, high } => {
                        let panels = (0..64).map(|k| low + (high - low) * f64::from(k) / 64.0);
                        panels
                            .map(|from| {
                                let part = |of: fn(f64) -> f64| {
                                    integrate_16(from, from + (high - low) / 64.0, |x| of(omega * x)) / (high - low)
                                };
                                Complex64::new(part(f64::cos), -part(f64::sin))
                            })
                            .sum()
                    }
                    Law::Exponential { mean } => {
                        let panels = (0..4000).map(|k| 0.01 * f64::from(k));
                        panels
                            .map(|from| {
                                let part = |of: fn(f64) -> f64| {
                                    integrate_16(from, from + 0.01, |z| (-z).exp() * of(omega * mean * z))
                                };
                                Complex64::new(part(f64::cos), -part(f64::sin))
                            })
                            .sum()
                    }
                };
                assert!((found - expected).norm() < 2e-13, "{law:?} {omega}: {found} {expected}");
            }
        }
    }

    #[test]
    fn transforms_at_complex_arguments_are_means_over_the_law() {
        for law in LAWS {
            for lambda in [Complex64::new(0.4, 0.0), Complex64::new(0.7, 2.5), Complex64::new(-0.3, 0.9)] {
                // where the mean is one of values that grow without bound
                let grows = matches!(law, Law::Lognormal { .. } | Law::Exponential { .. });
                if grows && lambda.re * law.mean() < 0.0 {
                    continue;
                }
                let part = |of: fn(Complex64) -> f64| law.mean_of(|x| of((-lambda * x).exp()));
                let expected = Complex64::new(part(|z| z.re), part(|z| z.im));
                let found = law.laplace_above(f64::NEG_INFINITY, lambda);
                assert!((found - expected).norm() < 1e-9 * expected.norm(), "{law:?} {lambda}: {found} {expected}");
            }
        }
        // beside the imaginary axis, and of a law that is cut
        for law in LAWS {
            let [on, beside] = [0.0, 1e-9].map(|growth| law.laplace_above(0.1, Complex64::new(growth, 2.0)));
            assert!((on - beside).norm() < 1e-7, "{law:?}: {on} {beside}");
        }
        let law = Law::Normal { mean: 1.5, std: 0.75 };
        for (least, lambda) in [(0.5, Complex64::new(0.6, 1.0)), (2.5, Complex64::new(-0.8, 3.0))] {
            let part = |of: fn(Complex64) -> f64| {
                let density = |x: f64| (-0.5 * ((x - 1.5) / 0.75).powi(2)).exp();
                let over = |f: &dyn Fn(f64) -> f64| {
                    (0..400)
                        .map(|k| integrate_16(least + 0.02 * f64::from(k), least + 0.02 * f64::from(k + 1), f))
                        .sum::<f64>()
                };
                over(&|x| density(x) * of((-lambda * x).exp())) / over(&density)
            };
            let expected = Complex64::new(part(|z| z.re), part(|z| z.im));
            let found = law.laplace_above(least, lambda);
            assert!((found - expected).norm() < 1e-11 * expected.norm(), "{least} {lambda}: {found} {expected}");
        }
    }

    #[test]
    fn a_broad_lognormal_law_has_the_transform_of_its_square_root_twice() {
        // the product of two independent lognormal numbers is lognormal: phi(omega) = <phi_half(omega y)>
        let half = Law::Lognormal { mean: 1.5, std: 2.0 };
        let (location, width) = of_logarithm(1.5, 2.0);
        let twice = 2.0f64.sqrt() * width;
        let mean = (2.0 * location + twice * twice / 2.0).exp();
        let whole = Law::Lognormal { mean, std: mean * twice.powi(2).exp_m1().sqrt() };
        for omega in [1e-3, 0.1, 1.0, -5.0] {
            let step = 1.0 / 32.0;
            let at = |k: i32| {
                let z = step * f64::from(k);
                half.transform(omega * (location + width * z).exp()) * (-0.5 * z * z).exp()
            };
            let expected = (-300..=300).map(at).sum::<Complex64>() * step / std::f64::consts::TAU.sqrt();
            let found = whole.transform(omega);
            assert!((found - expected).norm() < 1e-12, "{omega}: {found} {expected}");
        }
    }

    #[test]
    fn a_normal_law_that_is_cut_has_the_transform_of_what_is_left() {
        let law = Law::Normal { mean: 1.5, std: 0.75 };
        for least in [-20.0, -1.0, 0.1, 1.5, 4.0, 12.0] {
            for omega in OMEGAS {
                let found = law.transform_above(least, omega);
                let expected = normal_sum(omega, |z| 1.5 + 0.75 * z, (least - 1.5) / 0.75);
                assert!((found - expected).norm() < 1e-11, "{least} {omega}: {found} {expected}");
            }
        }
        assert_eq!(
            Law::Constant { value: 0.05 }.transform_above(0.1, 2.0),
            Law::Constant { value: 0.05 }.transform(2.0)
        );
    }

    #[test]
    fn quantiles_and_probabilities_are_inverse_to_each_other() {
        for law in LAWS.into_iter().filter(|law| law.differing().is_some()).chain([LORENTZIAN]) {
            for p in [1e-9, 0.02, 0.3, 0.5, 0.7, 0.999] {
                let found = law.cumulative(law.quantile(p));
                // a quantile near the centre of a law far from 0 is rounded by a part of its distance from 0
                assert!((found - p).abs() < 1e-12 + 1e-8 * p, "{law:?} {p}: {found}");
            }
        }
    }

    #[test]
    fn a_lorentzian_law_has_the_transform_of_its_quantiles() {
        let n = 200_000;
        for omega in OMEGAS.into_iter().filter(|omega| omega.abs() < 10.0) {
            let turned =
                |k: i32| Complex64::from_polar(1.0, -omega * LORENTZIAN.quantile((f64::from(k) + 0.5) / f64::from(n)));
            let expected = (0..n).map(turned).sum::<Complex64>() / f64::from(n);
            let found = LORENTZIAN.transform(omega);
            assert!((found - expected).norm() < 1e-4, "{omega}: {found} {expected}");
        }
    }

    #[test]
    fn the_moments_are_the_derivatives_of_the_transform_at_zero() {
        for law in LAWS {
            let [first, second, ..] = law.moments();
            let step = 1e-4 / second.sqrt().max(1e-12);
            let (up, down) = (law.transform(step), law.transform(-step));
            let slope = (up - down) / (2.0 * step);
            let bend = (up + down - 2.0) / (step * step);
            let scale = second.sqrt();
            assert!((slope.im + first).abs() < 1e-6 * scale && slope.re.abs() < 1e-6 * scale, "{law:?}: {slope}");
            assert!((bend.re + second).abs() < 1e-6 * second, "{law:?}: {bend} {second}");
        }
    }
}
