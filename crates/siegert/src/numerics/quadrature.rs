//! Gauss-Legendre quadrature with a fixed number of points.

use super::tables::{GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_16};

/// `int_low^high f` by 6 points: exact for polynomials of degree 11.
pub fn integrate_6(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    sum(&GAUSS_LEGENDRE_6, low, high, f)
}

/// `int_low^high f` by 16 points: exact for polynomials of degree 31.
pub fn integrate_16(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    sum(&GAUSS_LEGENDRE_16, low, high, f)
}

fn sum(rule: &[(f64, f64)], low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    half * rule.iter().map(|&(node, weight)| weight * f(middle + half * node)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        assert!((integrate_6(-1.0, 2.0, |x| x.powi(11)) - 4095.0 / 12.0).abs() < 1e-10);
        assert!((integrate_16(0.0, 1.0, |x| x.powi(31)) - 1.0 / 32.0).abs() < 1e-15);
    }
}
