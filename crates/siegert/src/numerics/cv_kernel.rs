//! The kernel of the variance of first-passage times, `K(-v) = int_v^inf exp(v^2 - y^2) erfcx(y)^2 dy`, and its integral.
//!
//! Both are polynomials in `t = (v - k)/(v + k)`, `k = 3.75`, divided by `(v + 1)^3` and `(v + 1)^2`: they fall as
//! `1/(2 pi v^3)` and `1/(4 pi v^2)`. Coefficients: `cargo xtask coefficients`.
//!
//! Range: `v` from 0 to 1e100.
//! Accuracy: relative error at most 1e-15 for [`cv_kernel`] and 1e-15 for [`cv_kernel_integral_between`] (against 30
//! digits).

use super::erfcx::{K, value_and_drop};
use super::polynomial::horner;
use super::tables::{CV_KERNEL, CV_KERNEL_INTEGRAL};

/// `K(-v)` for `v >= 0`.
pub(crate) fn cv_kernel(v: f64) -> f64 {
    let p = 1.0 / (v + 1.0);
    horner(&CV_KERNEL, (v - K) / (v + K)) * p * p * p
}

/// `int_low^high K(-v) dv` for `0 <= low <= high`, where `width = high - low`; without cancellation.
pub(crate) fn cv_kernel_integral_between(low: f64, high: f64, width: f64) -> f64 {
    let (m_high, m_drop) = value_and_drop(&CV_KERNEL_INTEGRAL, low, high, width);
    let (p_low, p_high) = (1.0 / (low + 1.0), 1.0 / (high + 1.0));
    // m(t_low)/(low + 1)^2 - m(t_high)/(high + 1)^2; both terms are positive
    p_low * (p_low * m_drop + m_high * (width * p_high) * (p_low + p_high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::worst_of;

    const ACCURACY_OF_KERNEL: f64 = 1e-15;
    const ACCURACY_OF_INTEGRAL: f64 = 1e-15;

    #[test]
    fn kernel_and_integral_agree_with_thirty_digits_over_their_range() {
        worst_of("cv_kernel", |v, _| cv_kernel(v)).must_be_at_most(ACCURACY_OF_KERNEL);
        let integral = |low, high| cv_kernel_integral_between(low, high, high - low);
        worst_of("cv_kernel_integral_between", integral).must_be_at_most(ACCURACY_OF_INTEGRAL);
    }

    #[test]
    fn the_integral_from_zero_is_pi_over_sixteen() {
        let found = cv_kernel_integral_between(0.0, 1e100, 1e100);
        assert!((found * 16.0 / std::f64::consts::PI - 1.0).abs() < ACCURACY_OF_INTEGRAL, "{found}");
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
