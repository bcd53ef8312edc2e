//! The kernel of the variance of first-passage times, `K(-v) = int_v^inf exp(v^2 - y^2) erfcx(y)^2 dy`, and its integral.
//!
//! Both are polynomials in `t = (v - k)/(v + k)`, `k = 3.75`, divided by `(v + k)^3` and `(v + k)^2`: they fall as
//! `1/(2 pi v^3)` and `1/(4 pi v^2)`. Coefficients: `cargo xtask coefficients`.
//!
//! Range: `v` from 0 to 1e100. Accuracy: relative error at most 1e-15 (against 30 digits; `tests/accuracy.rs`).

use super::erfcx::K;
use super::polynomial::{horner, horner_with_difference};
use super::tables::{CV_KERNEL, CV_KERNEL_INTEGRAL};

/// `K(-v)` for `v >= 0`.
pub fn cv_kernel(v: f64) -> f64 {
    let p = 1.0 / (v + K);
    horner(&CV_KERNEL, (v - K) * p) * p * p * p
}

/// `int_low^high K(-v) dv` for `0 <= low <= high`, where `width = high - low`; without cancellation.
pub fn cv_kernel_integral_between(low: f64, high: f64, width: f64) -> f64 {
    let (p_low, p_high) = (1.0 / (low + K), 1.0 / (high + K));
    let (t_low, t_high) = ((low - K) * p_low, (high - K) * p_high);
    let (m_high, slope) = horner_with_difference(&CV_KERNEL_INTEGRAL, t_high, t_low);
    let t_rise = 2.0 * K * width * p_low * p_high;
    // m(t_low)/(low + K)^2 - m(t_high)/(high + K)^2
    p_low * (p_low * (-slope * t_rise) + m_high * (width * p_high) * (p_low + p_high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_integral_from_zero_is_pi_over_sixteen() {
        let found = cv_kernel_integral_between(0.0, 1e100, 1e100);
        assert!((found * 16.0 / std::f64::consts::PI - 1.0).abs() < 1e-15, "{found}");
    }

    #[test]
    fn the_integral_over_a_tiny_interval_is_the_kernel() {
        for v in [0.0, 0.7, 3.0, 20.0, 1e4] {
            let found = cv_kernel_integral_between(v, v, 1e-9) / 1e-9;
            assert!((found / cv_kernel(v) - 1.0).abs() < 2e-14, "v = {v}: {found} {}", cv_kernel(v));
        }
    }

    #[test]
    fn the_kernel_falls_as_its_asymptotic_law() {
        let v: f64 = 1e6;
        assert!((cv_kernel(v) * 2.0 * std::f64::consts::PI * v.powi(3) - 1.0).abs() < 1e-11);
    }
}
