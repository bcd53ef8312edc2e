//! The scaled complementary error function `erfcx(v) = exp(v^2) erfc(v)` for `v >= 0`, its integral, and differences of both.
//!
//! All are polynomials in `t = (v - k)/(v + k)`, `k = 3.75`, which maps the half line onto `-1 <= t < 1`; the coefficients
//! come from `cargo xtask coefficients`. Differences are formed inside the polynomial, so they keep their relative
//! accuracy however close the two arguments are. That asks for more than a polynomial close to the function: its slope has
//! to be close to the slope, and cut-off terms count `n^2` times at `t = -1`, hence the high degrees.
//!
//! Range: `v` from 0 to 1e300, as far as results are normal numbers (differences fall as `1/v^2` and faster). For negative
//! arguments `erfcx(-v) = 2 exp(v^2) - erfcx(v)`, which callers write out, since they need it scaled.
//! Accuracy: relative error at most 5e-16 for [`erfcx`], 7e-16 for [`erfcx_drop`], 9e-16 for [`product_rise`] and
//! 7e-16 for [`scaled_integral_between`] (against 40 digits).

use super::elementary::ln_1p;
use super::polynomial::{horner, horner_with_difference};
use super::tables::{ERFCX, ERFCX_INTEGRAL, ERFCX_SLOPE};

pub(super) const K: f64 = 3.75;

/// `erfcx(v)` for `v >= 0`.
#[inline(always)]
pub(crate) fn erfcx(v: f64) -> f64 {
    horner(&ERFCX, (v - K) / (v + K)) / (v + 1.0)
}

/// `erfcx(low) - erfcx(high)` for `0 <= low <= high`, where `width = high - low`.
pub(crate) fn erfcx_drop(low: f64, high: f64, width: f64) -> f64 {
    let (p_high, p_drop) = value_and_drop(&ERFCX, low, high, width);
    // both terms are positive: the tabulated (v + 1) erfcx(v) falls, too
    (p_drop + p_high * (width / (high + 1.0))) / (low + 1.0)
}

/// `high erfcx(high) - low erfcx(low)` for `0 <= low <= high`, where `width = high - low`.
///
/// Both products tend to `1/sqrt(pi)`; tabulated is how far they are from it, times `(v + 1.25)^2`.
pub(crate) fn product_rise(low: f64, high: f64, width: f64) -> f64 {
    let (p_high, p_drop) = value_and_drop(&ERFCX_SLOPE, low, high, width);
    let (q_low, q_high) = (1.0 / (low + 1.25), 1.0 / (high + 1.25));
    q_low * (q_low * p_drop + p_high * (width * q_high) * (q_low + q_high))
}

/// Of a polynomial in `t`: the value at `high`, and the value at `low` less that at `high`.
pub(super) fn value_and_drop<const N: usize>(coefficients: &[f64; N], low: f64, high: f64, width: f64) -> (f64, f64) {
    let (p_low, p_high) = (1.0 / (low + K), 1.0 / (high + K));
    let (t_low, t_high) = ((low - K) * p_low, (high - K) * p_high);
    let (value, slope) = horner_with_difference(coefficients, t_high, t_low);
    (value, -slope * (2.0 * K * width * p_low * p_high))
}

/// `sqrt(pi) int_from^to erfcx` for `from`, `to >= 0` in any order, where `width = to - from`.
///
/// For wide intervals it grows as `ln(to / from)`.
#[inline(always)]
pub(crate) fn scaled_integral_between(from: f64, to: f64, width: f64) -> f64 {
    let (p_from, p_to) = (1.0 / (from + K), 1.0 / (to + K));
    let (t_from, t_to) = ((from - K) * p_from, (to - K) * p_to);
    let (_, slope) = horner_with_difference(&ERFCX_INTEGRAL, t_from, t_to);
    // ln((to + k)/(from + k)), by the ratio above 1: the other one loses its digits where it is small
    let x = width.abs() * p_from.max(p_to);
    ln_1p(x).copysign(width) + slope * (2.0 * K * width * p_from * p_to)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_2_SQRT_PI;

    use super::*;
    use crate::measured::worst_of;

    const ACCURACY_OF_ERFCX: f64 = 5e-16;
    const ACCURACY_OF_ERFCX_DROP: f64 = 7e-16;
    const ACCURACY_OF_PRODUCT_RISE: f64 = 9e-16;
    const ACCURACY_OF_SCALED_INTEGRAL: f64 = 7e-16;

    #[test]
    fn all_four_agree_with_forty_digits_over_their_range() {
        let between = |f: fn(f64, f64, f64) -> f64| move |low: f64, high: f64| f(low, high, high - low);
        worst_of("erfcx", |v, _| erfcx(v)).must_be_at_most(ACCURACY_OF_ERFCX);
        worst_of("erfcx_drop", between(erfcx_drop)).must_be_at_most(ACCURACY_OF_ERFCX_DROP);
        worst_of("product_rise", between(product_rise)).must_be_at_most(ACCURACY_OF_PRODUCT_RISE);
        let integral = between(scaled_integral_between);
        worst_of("scaled_integral_between", integral).must_be_at_most(ACCURACY_OF_SCALED_INTEGRAL);
    }

    #[test]
    fn erfcx_agrees_with_forty_digits() {
        // mpmath, 40 digits
        let reference = [
            (0.0, 1.0),
            (0.5, 0.6156903441929259),
            (1.0, 0.427583576155807),
            (3.0, 0.17900115118138996),
            (10.0, 0.05614099274382259),
            (1000.0, 0.0005641893014533876),
        ];
        for (v, expected) in reference {
            let error = (erfcx(v) / expected - 1.0).abs();
            assert!(error < ACCURACY_OF_ERFCX, "v = {v}: {error:e}");
        }
    }

    #[test]
    fn differences_agree_with_subtraction_where_nothing_cancels() {
        for (low, high) in [(0.0, 1.0), (0.3, 2.0), (1.0, 5.0), (7.0, 20.0), (9.0, 30.0)] {
            let drop = erfcx(low) - erfcx(high);
            assert!((erfcx_drop(low, high, high - low) / drop - 1.0).abs() < 4e-15, "{low} {high}");
            let rise = high * erfcx(high) - low * erfcx(low);
            assert!((product_rise(low, high, high - low) / rise - 1.0).abs() < 1e-12, "{low} {high}");
        }
    }

    #[test]
    fn tiny_intervals_give_the_derivative() {
        let width = 1e-12;
        for v in [0.0f64, 0.4, 3.0, 7.9, 8.1, 40.0] {
            let derivative = if v < 20.0 {
                FRAC_2_SQRT_PI - 2.0 * v * erfcx(v)
            } else {
                0.5 * FRAC_2_SQRT_PI / (v * v) * (1.0 - 1.5 / v.powi(2) + 3.75 / v.powi(4) - 13.125 / v.powi(6))
            };
            let drop = erfcx_drop(v, v + width, width) / width;
            assert!((drop / derivative - 1.0).abs() < 1e-9, "v = {v}: {drop} {derivative}");
            let integral = scaled_integral_between(v, v + width, width) / width;
            assert!((integral / (std::f64::consts::PI.sqrt() * erfcx(v)) - 1.0).abs() < 1e-11, "v = {v}");
        }
    }
}
