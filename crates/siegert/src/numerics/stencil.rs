//! Derivatives of smooth functions by central differences of sixth order.
//!
//! ```text
//! f'(0)  = [45 (f(h) - f(-h)) - 9 (f(2h) - f(-2h)) + f(3h) - f(-3h)]/(60 h) - h^6 f^(7)/140
//! f''(0) = [270 (f(h) + f(-h)) - 27 (f(2h) + f(-2h)) + 2 (f(3h) + f(-3h)) - 490 f(0)]/(180 h^2) - h^6 f^(8)/560
//! ```
//!
//! Source: Abramowitz and Stegun (1964), table 25.2.
//! Range: functions that are smooth over `3 h` to both sides; exact for polynomials up to the sixth degree, to rounding over `h`.
//! Accuracy: of [`slopes`] 1e-13 and of [`curvature`] 1e-11 of the derivative of an exponential at `h` of a hundredth of its scale.

use num_complex::Complex64;

/// Places over `h`, and the weights of a function there over `1/h`: their sum is the derivative at 0.
pub(crate) const SIXTH_ORDER: [(f64, f64); 6] = [
    (1.0, 45.0 / 60.0),
    (-1.0, -45.0 / 60.0),
    (2.0, -9.0 / 60.0),
    (-2.0, 9.0 / 60.0),
    (3.0, 1.0 / 60.0),
    (-3.0, -1.0 / 60.0),
];

/// The derivatives of several functions at 0.
pub(crate) fn slopes<const N: usize>(step: f64, f: impl Fn(f64) -> [Complex64; N]) -> [Complex64; N] {
    let mut sum = [Complex64::ZERO; N];
    for (weight, places) in [(45.0, 1.0), (-9.0, 2.0), (1.0, 3.0)] {
        let (up, down) = (f(places * step), f(-places * step));
        sum.iter_mut().zip(up.iter().zip(down)).for_each(|(sum, (up, down))| *sum += weight * (up - down));
    }
    sum.map(|sum| sum / (60.0 * step))
}

/// The second derivative of a function at 0.
pub(crate) fn curvature(step: f64, f: impl Fn(f64) -> f64) -> f64 {
    let pair = |places: f64| f(places * step) + f(-places * step);
    (270.0 * pair(1.0) - 27.0 * pair(2.0) + 2.0 * pair(3.0) - 490.0 * f(0.0)) / (180.0 * step * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 1e-13;
    const ACCURACY_OF_CURVATURE: f64 = 1e-11;

    #[test]
    fn the_slope_of_an_exponential_is_its_rate() {
        let rate = Complex64::new(1.0, -0.5);
        let [found, of_polynomial] = slopes(0.01, |x| [(rate * x).exp(), Complex64::from(2.0 * x - x.powi(6))]);
        assert!((found - rate).norm() < ACCURACY * rate.norm(), "{found}");
        assert!((of_polynomial - 2.0).norm() < ACCURACY * 2.0, "{of_polynomial}");
        let by_weights: Complex64 =
            SIXTH_ORDER.into_iter().map(|(places, weight)| weight / 0.01 * (rate * 0.01 * places).exp()).sum();
        assert!((by_weights - found).norm() < ACCURACY, "{by_weights}");
    }

    #[test]
    fn the_curvature_of_an_exponential_is_the_square_of_its_rate() {
        let found = curvature(0.01, |x| (-0.7 * x).exp());
        assert!((found / 0.49 - 1.0).abs() < ACCURACY_OF_CURVATURE, "{found}");
        assert!((curvature(0.5, |x| 3.0 * x * x - x.powi(6)) - 6.0).abs() < ACCURACY_OF_CURVATURE);
    }
}
