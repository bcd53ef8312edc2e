//! The scaled complementary error function `erfcx(v) = exp(v^2) erfc(v)` for `v >= 0`, its integral, and differences of both.
//!
//! All are polynomials in `t = (v - k)/(v + k)`, `k = 3.75`, which maps the half line onto `-1 <= t < 1`; the coefficients
//! come from `cargo xtask coefficients`. Differences are formed inside the polynomial, so they keep their relative
//! accuracy however close the two arguments are.
//!
//! Range: `v` from 0 to 1e300. For negative arguments `erfcx(-v) = 2 exp(v^2) - erfcx(v)`, which callers write out, since
//! they need it scaled.
//! Accuracy: relative error at most 5e-16 for [`erfcx`], 7e-16 for [`erfcx_drop`] and [`scaled_integral_between`], 3e-15
//! for [`product_rise`] (against 40 digits; `tests/accuracy.rs`).

use std::f64::consts::FRAC_2_SQRT_PI;

use super::elementary::ln_1p;
use super::polynomial::{horner, horner_with_difference};
use super::tables::{ERFCX, ERFCX_INTEGRAL};

pub(super) const K: f64 = 3.75;

/// `erfcx(v)` for `v >= 0`.
#[inline(always)]
pub fn erfcx(v: f64) -> f64 {
    horner(&ERFCX, (v - K) / (v + K)) / (1.0 + 2.0 * v)
}

/// `erfcx(low) - erfcx(high)` for `0 <= low <= high`, where `width = high - low`.
pub fn erfcx_drop(low: f64, high: f64, width: f64) -> f64 {
    let (t_low, t_high) = ((low - K) / (low + K), (high - K) / (high + K));
    let (p_high, slope) = horner_with_difference(&ERFCX, t_high, t_low);
    let p_drop = -slope * (2.0 * K * width / (high + K) / (low + K));
    (p_drop + p_high * (2.0 * width / (1.0 + 2.0 * high))) / (1.0 + 2.0 * low)
}

/// `high erfcx(high) - low erfcx(low)` for `0 <= low <= high`, where `width = high - low`.
///
/// Both products tend to `1/sqrt(pi)`: beyond 8 the difference is that of their asymptotic series in `1/v^2`.
pub fn product_rise(low: f64, high: f64, width: f64) -> f64 {
    if low >= 8.0 {
        let (y_low, y_high) = (1.0 / (low * low), 1.0 / (high * high));
        let y_drop = (width / high) * ((high + low) / high) * y_low;
        let (_, slope) = horner_with_difference(&PRODUCT_SERIES, y_low, y_high);
        return -0.5 * FRAC_2_SQRT_PI * slope * y_drop;
    }
    let (t_low, t_high) = ((low - K) / (low + K), (high - K) / (high + K));
    let (p_high, slope) = horner_with_difference(&ERFCX, t_high, t_low);
    let p_rise = slope * (2.0 * K * width / (high + K) / (low + K));
    (p_high * (width / (1.0 + 2.0 * high)) + low * p_rise) / (1.0 + 2.0 * low)
}

/// `sqrt(pi) v erfcx(v) = 1 - y/2 + 3 y^2/4 - 15 y^3/8 + ...`, `y = 1/v^2`; 4e-17 for `v >= 8`.
const PRODUCT_SERIES: [f64; 17] = {
    let mut c = [1.0; 17];
    let mut n = 1;
    while n < 17 {
        c[n] = -c[n - 1] * (2 * n - 1) as f64 / 2.0;
        n += 1;
    }
    c
};

/// `sqrt(pi) int_from^to erfcx` for `from`, `to >= 0` in any order, where `width = to - from`.
///
/// For wide intervals it grows as `ln(to / from)`.
#[inline(always)]
pub fn scaled_integral_between(from: f64, to: f64, width: f64) -> f64 {
    let (p_from, p_to) = (1.0 / (from + K), 1.0 / (to + K));
    let (t_from, t_to) = ((from - K) * p_from, (to - K) * p_to);
    let (_, slope) = horner_with_difference(&ERFCX_INTEGRAL, t_from, t_to);
    let x = width * p_from;
    ln_1p(x) + slope * (2.0 * K * x * p_to)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(error < 5e-16, "v = {v}: {error:e}");
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
