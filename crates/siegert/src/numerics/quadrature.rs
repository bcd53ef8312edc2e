//! Gauss-Legendre quadrature with a fixed number of points.
//!
//! ```text
//! int_low^high f = half sum_i w_i f(middle + half x_i)
//! ```
//!
//! Source: Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 25.4.30; nodes and weights by `cargo xtask coefficients`.
//! Range: what a polynomial follows within a panel, of degree 11 and 31; callers cut their ranges into panels accordingly.
//! Accuracy: for these polynomials at most 5e-16 by [`integrate_6`] (and sums over [`points_6`]) and 2e-15 by [`integrate_16`] (and sums over [`points_16`]), relative to the integral of
//! their modulus (against exact values).

use super::tables::{GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_16};

/// `int_low^high f` by 6 points: exact for polynomials of degree 11.
pub(crate) fn integrate_6(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    sum(&GAUSS_LEGENDRE_6, low, high, f)
}

/// `int_low^high f` by 16 points: exact for polynomials of degree 31.
pub fn integrate_16(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    sum(&GAUSS_LEGENDRE_16, low, high, f)
}

/// Points and weights of [`integrate_6`].
pub(crate) fn points_6(low: f64, high: f64) -> [(f64, f64); 6] {
    points(&GAUSS_LEGENDRE_6, low, high)
}

/// Points and weights of [`integrate_16`].
pub(crate) fn points_16(low: f64, high: f64) -> [(f64, f64); 16] {
    points(&GAUSS_LEGENDRE_16, low, high)
}

fn points<const N: usize>(rule: &[(f64, f64); N], low: f64, high: f64) -> [(f64, f64); N] {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    rule.map(|(node, weight)| (middle + half * node, half * weight))
}

fn sum(rule: &[(f64, f64)], low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    half * rule.iter().map(|&(node, weight)| weight * f(middle + half * node)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;

    const ACCURACY_OF_6: f64 = 5e-16;
    const ACCURACY_OF_16: f64 = 2e-15;

    #[test]
    fn powers_up_to_the_stated_degree_are_integrated_to_rounding() {
        let (mut by_6, mut by_16) = (Worst::default(), Worst::default());
        let error = |integral: f64, degree: i32| (integral * f64::from(degree + 1) - 1.0).abs();
        for degree in 0..=31 {
            if degree <= 11 {
                by_6.add(error(integrate_6(0.0, 1.0, |x| x.powi(degree)), degree), degree);
            }
            by_16.add(error(integrate_16(0.0, 1.0, |x| x.powi(degree)), degree), degree);
        }
        by_6.must_be_at_most(ACCURACY_OF_6);
        by_16.must_be_at_most(ACCURACY_OF_16);
        assert!(error(integrate_6(0.0, 1.0, |x| x.powi(12)), 12) > 1e-7, "the next power is no longer exact");
    }

    #[test]
    fn polynomials_are_integrated_exactly() {
        assert!((integrate_6(-1.0, 2.0, |x| x.powi(11)) - 4095.0 / 12.0).abs() < 1e-10);
        assert!((integrate_16(0.0, 1.0, |x| x.powi(31)) - 1.0 / 32.0).abs() < 1e-15);
    }
}
