//! Mean time from reset to threshold in units of the membrane time constant, and what its derivatives are made of.
//!
//! ```text
//! I(a, b) = sqrt(pi) int_a^b erfcx(-u) du,    a = x_reset,  b = x_th
//! ```
//!
//! Source: Siegert (1951), Phys Rev 81:617; Brunel (2000), J Comput Neurosci 8:183, eq. 21 (there with
//! `exp(u^2) (1 + erf u) = erfcx(-u)`).
//!
//! Evaluation: with `erfcx(-u) = 2 exp(u^2) - erfcx(u)`, for every sign of `a` and `b`,
//!
//! ```text
//! I = [H(|a|) - H(|b|)] + G(max(b, 0)) - G(max(a, 0)),
//! H(v) = sqrt(pi) int_0^v erfcx,    G(x) = 2 sqrt(pi) exp(x^2) D(x)    (D: Dawson's integral)
//! ```
//!
//! The bracket is formed without cancellation (`numerics::erfcx`). `G(b) - G(a)` cancels only if both are positive and
//! close; then `int exp(u^2)` is integrated numerically. Above `b = 25` everything is scaled by `exp(-b^2)`, so nothing
//! overflows.
//!
//! Range: every `a < b`, including `a` and `b` of 1e150.
//! Accuracy: relative error of `I` at most 4e-15, of its slopes 1.2e-15, for limits that are exact (against 110 digits, `b` from -1e8 to
//! 100), the slope at reset beyond `b^2` roundings for positive `b`. One rounding of `b` alone does `2 b^2` roundings.

use std::f64::consts::PI;

use crate::numerics::dawson::dawson;
use crate::numerics::elementary::exp_of_square;
use crate::numerics::erfcx::{erfcx, erfcx_drop, product_rise, scaled_integral_between};
use crate::numerics::quadrature::integrate_6;

pub(crate) const SQRT_PI: f64 = 1.7724538509055159;
/// Beyond this `x_th` results are scaled by `exp(-x_th^2)`, which overflows at 26.6.
const LARGEST_UNSCALED: f64 = 25.0;

/// Reset and threshold in units of the noise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    /// `x_reset`, `a` of the formulas.
    pub(crate) reset: f64,
    /// `x_th`, `b` of the formulas.
    pub(crate) th: f64,
    /// Their difference, which subtraction would make less accurate.
    pub(crate) width: f64,
}

/// `I(a, b) = integral * exp(ln_scale)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage {
    pub(crate) ln_scale: f64,
    pub(crate) integral: f64,
}

/// Derivatives of `I` with respect to its limits, divided by the same `exp(ln_scale)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slopes {
    /// `dI/db = sqrt(pi) erfcx(-b)`.
    pub(crate) th: f64,
    /// `-dI/da = sqrt(pi) erfcx(-a)`.
    pub(crate) reset: f64,
    /// `th - reset`, without cancellation.
    pub(crate) difference: f64,
    /// `b th - a reset`, without cancellation.
    pub(crate) weighted: f64,
}

impl Interval {
    /// Whether [`plain`] holds: limits that are finite numbers, no scaling needed, no cancellation.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.reset > -1e150 && self.th < LARGEST_UNSCALED && !self.is_narrow()
    }

    /// Whether `G(b) - G(a)` would lose more than one digit.
    #[inline(always)]
    fn is_narrow(&self) -> bool {
        (self.reset > 0.0) & (self.width * (self.reset + self.th) < 0.1)
    }

    /// `|a| - |b|`, from the width where signs allow.
    #[inline(always)]
    fn modulus_difference(&self) -> f64 {
        let mixed = -(self.reset + self.th);
        let same = if self.th <= 0.0 { self.width } else { mixed };
        if self.reset >= 0.0 { -self.width } else { same }
    }

    /// `H(|a|) - H(|b|)`.
    #[inline(always)]
    pub(crate) fn slow_part(&self) -> f64 {
        scaled_integral_between(self.th.abs(), self.reset.abs(), self.modulus_difference())
    }
}

/// `G(x) = 2 sqrt(pi) exp(x^2) D(x)` for `0 <= x <= 26.6`; 0 for negative `x`.
#[inline(always)]
pub(crate) fn growth(x: f64) -> f64 {
    let x = x.max(0.0);
    2.0 * SQRT_PI * exp_of_square(x) * dawson(x)
}

/// `I` where [`Interval::is_plain`].
#[inline(always)]
pub(crate) fn plain(interval: &Interval) -> f64 {
    interval.slow_part() + growth(interval.th) - growth(interval.reset)
}

/// `I` for any interval.
pub(crate) fn passage(interval: &Interval) -> Passage {
    if interval.is_plain() {
        return Passage { ln_scale: 0.0, integral: plain(interval) };
    }
    let ln_scale = ln_scale(interval.th);
    let Interval { reset: a, th: b, width } = *interval;
    let decay = (-ln_scale).exp();
    let fast = if interval.is_narrow() {
        let top = if ln_scale == 0.0 { exp_of_square(b) } else { 1.0 };
        top * integrate_6(0.0, width, |down| (-down * (2.0 * b - down)).exp())
    } else {
        dawson(b) - if a > 0.0 { (-width * (a + b)).exp() * dawson(a) } else { 0.0 }
    };
    let slow = if decay > 0.0 { decay * interval.slow_part() } else { 0.0 };
    Passage { ln_scale, integral: 2.0 * SQRT_PI * fast + slow }
}

/// The logarithm of the scale of an interval's results.
fn ln_scale(b: f64) -> f64 {
    if b < LARGEST_UNSCALED { 0.0 } else { b * b }
}

/// Derivatives of `I`, on the scale of [`passage`].
pub(crate) fn slopes(interval: &Interval) -> Slopes {
    let Interval { reset: a, th: b, width } = *interval;
    if b <= 0.0 {
        let (low, high) = (-b, -a);
        return Slopes {
            th: SQRT_PI * erfcx(low),
            reset: SQRT_PI * erfcx(high),
            difference: SQRT_PI * erfcx_drop(low, high, width),
            weighted: SQRT_PI * product_rise(low, high, width),
        };
    }
    let ln_scale = ln_scale(b);
    let decay = (-ln_scale).exp();
    // exp(b^2) on the scale of the results
    let top = if ln_scale == 0.0 { exp_of_square(b) } else { 1.0 };
    let th = SQRT_PI * (2.0 * top - decay * erfcx(b));
    if a > 0.0 {
        let ratio = -width * (a + b); // a^2 - b^2
        let difference = SQRT_PI * (-2.0 * top * ratio.exp_m1() + decay * erfcx_drop(a, b, width));
        let reset = SQRT_PI * (2.0 * top * ratio.exp() - decay * erfcx(a));
        return Slopes { th, reset, difference, weighted: width * th + a * difference };
    }
    let reset = SQRT_PI * decay * erfcx(-a);
    let difference = if ln_scale == 0.0 {
        // each of the three terms is positive; exp_m1(b^2) would be wrong by b^2 roundings for large b
        let growth = if b < 1.0 { (b * b).exp_m1() } else { top - 1.0 };
        SQRT_PI * (2.0 * growth + erfcx_drop(0.0, b, b) + erfcx_drop(0.0, -a, -a))
    } else {
        th - reset
    };
    Slopes { th, reset, difference, weighted: b * th - a * reset }
}

/// The slope `S'(x) = 2 x S(x) + 2` of `S(x) = sqrt(pi) erfcx(-x)`, scaled; `slope` is the scaled `S(x)`.
pub(crate) fn curvature(x: f64, slope: f64, ln_scale: f64) -> f64 {
    if x < -1.0 {
        // 2 - 2 v sqrt(pi) erfcx(v) by its own difference, from v to infinity
        return 2.0 * SQRT_PI * product_rise(-x, 1e300, 1e300);
    }
    2.0 * x * slope + 2.0 * (-ln_scale).exp()
}

/// `sqrt(pi)` and the constants of this file agree with the standard library's.
const _: () = assert!(SQRT_PI * SQRT_PI - PI < 1e-15 && PI - SQRT_PI * SQRT_PI < 1e-15);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Worst, number, relative_error, table};

    const ACCURACY_OF_PASSAGE: f64 = 4e-15;
    const ACCURACY_OF_SLOPES: f64 = 1.2e-15;

    #[test]
    fn passage_times_and_their_slopes_agree_with_110_digits_from_silence_to_saturation() {
        let (mut passages, mut all_slopes) = (Worst::default(), Worst::default());
        for row in table("lif_passage") {
            let interval = interval(number(&row, "x_reset"), number(&row, "x_th"));
            passages.add(relative_error(passage(&interval).integral, &row["passage"]), interval);
            let Slopes { th, reset, difference, weighted } = slopes(&interval);
            let rounding = interval.th.max(0.0).powi(2) * f64::EPSILON;
            for (name, found, rounding) in [
                ("slope_th", th, 0.0),
                ("slope_reset", reset, rounding),
                ("difference", difference, 0.0),
                ("weighted", weighted, 0.0),
            ] {
                if number(&row, name).abs() > 1e-290 {
                    all_slopes.add(relative_error(found, &row[name]) - rounding, (name, interval));
                }
            }
        }
        passages.must_be_at_most(ACCURACY_OF_PASSAGE);
        all_slopes.must_be_at_most(ACCURACY_OF_SLOPES);
    }

    fn interval(reset: f64, th: f64) -> Interval {
        Interval { reset, th, width: th - reset }
    }

    /// `I` by 16-point panels of its integrand, for moderate limits.
    fn by_quadrature(a: f64, b: f64) -> f64 {
        let f = |u: f64| if u < 0.0 { erfcx(-u) } else { 2.0 * exp_of_square(u) - erfcx(u) };
        let panels = 400;
        let h = (b - a) / f64::from(panels);
        SQRT_PI
            * (0..panels)
                .map(|i| crate::numerics::quadrature::integrate_16(a + h * f64::from(i), a + h * f64::from(i + 1), f))
                .sum::<f64>()
    }

    #[test]
    fn the_closed_form_agrees_with_quadrature_for_every_sign_of_the_limits() {
        for (a, b) in
            [(-9.0, -4.0), (-3.0, -0.1), (-2.0, 0.0), (-5.0, 2.0), (-0.01, 0.01), (0.0, 1.0), (1.0, 3.0), (3.0, 3.01)]
        {
            let found = passage(&interval(a, b)).integral;
            let expected = by_quadrature(a, b);
            assert!((found / expected - 1.0).abs() < 2e-14, "({a}, {b}): {found}, by quadrature {expected}");
        }
    }

    #[test]
    fn scaled_and_plain_results_join_at_the_border() {
        let (below, above) = (passage(&interval(3.0, 25.0 - 1e-9)), passage(&interval(3.0, 25.0)));
        let ln = |p: &Passage| p.ln_scale + p.integral.ln();
        assert!((ln(&below) - ln(&above) + 2.0 * 25.0 * 1e-9).abs() < 1e-10);
    }

    #[test]
    fn slopes_are_the_derivatives_of_the_passage_time() {
        for (a, b) in [(-9.0, -4.0), (-2.0, -0.1), (-1.0, 1.5), (0.5, 2.0), (4.0, 4.02), (10.0, 26.0)] {
            let h = 1e-5;
            let scale = passage(&interval(a, b)).ln_scale;
            let i = |a: f64, b: f64| {
                let p = passage(&interval(a, b));
                p.integral * (p.ln_scale - scale).exp()
            };
            let s = slopes(&interval(a, b));
            let d_th = (i(a, b + h) - i(a, b - h)) / (2.0 * h);
            let d_reset = -(i(a + h, b) - i(a - h, b)) / (2.0 * h);
            let allowed = 1e-6 * s.th;
            assert!((d_th - s.th).abs() < allowed, "({a}, {b}): th {} {d_th}", s.th);
            assert!((d_reset - s.reset).abs() < allowed, "({a}, {b}): reset {} {d_reset}", s.reset);
            assert!((s.difference - (s.th - s.reset)).abs() < 1e-12 * s.th, "({a}, {b}): difference");
            assert!((s.weighted - (b * s.th - a * s.reset)).abs() < 1e-11 * s.th, "({a}, {b}): weighted");
        }
    }
}
