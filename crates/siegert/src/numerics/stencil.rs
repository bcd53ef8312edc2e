//! Derivatives of smooth functions by central differences of sixth order.
//!
//! ```text
//! f'(0) = [45 (f(h) - f(-h)) - 9 (f(2h) - f(-2h)) + f(3h) - f(-3h)]/(60 h) - h^6 f^(7)/140
//! ```
//!
//! Source: Abramowitz and Stegun (1964), table 25.2.
//! Range: functions that are smooth over `3 h` to both sides; exact for polynomials up to the sixth degree, to rounding over `h`.
//! Accuracy: of [`slopes`] 1e-13 of the derivative of an exponential at `h` of a hundredth of its scale.

use num_complex::Complex64;

/// The derivatives of several functions at 0.
pub(crate) fn slopes<const N: usize>(step: f64, f: impl Fn(f64) -> [Complex64; N]) -> [Complex64; N] {
    let mut sum = [Complex64::ZERO; N];
    for (weight, places) in [(45.0, 1.0), (-9.0, 2.0), (1.0, 3.0)] {
        let (up, down) = (f(places * step), f(-places * step));
        sum.iter_mut().zip(up.iter().zip(down)).for_each(|(sum, (up, down))| *sum += weight * (up - down));
    }
    sum.map(|sum| sum / (60.0 * step))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 1e-13;

    #[test]
    fn the_slope_of_an_exponential_is_its_rate() {
        let rate = Complex64::new(1.0, -0.5);
        let [found, of_polynomial] = slopes(0.01, |x| [(rate * x).exp(), Complex64::from(2.0 * x - x.powi(6))]);
        assert!((found - rate).norm() < ACCURACY * rate.norm(), "{found}");
        assert!((of_polynomial - 2.0).norm() < ACCURACY * 2.0, "{of_polynomial}");
    }
}
