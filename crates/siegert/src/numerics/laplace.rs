//! A function of time from its Laplace transform, where that can be asked at complex frequencies.
//!
//! ```text
//! f(t) = exp(x t)/(l t) [Re F(x)/2 + sum_{k>0} Re F(x + i pi k/(l t)) cos(pi k/l) - Im F(...) sin(pi k/l)],    x = A/(2 l t)
//! ```
//!
//! a Fourier series, `l = 2`, which has `f(t) + exp(-A) f(5 t) + exp(-2 A) f(9 t)` and so on, `A = 30`. It is summed until the transform has died out, so that it is meant for functions that are smooth together with all their
//! derivatives, at 0 as well, as laws of passage times are in noise.
//!
//! Source: Abate and Whitt (1992), Queueing Systems 10:5 (the Fourier-series method of Dubner and Abate); Choudhury, Lucantoni and Whitt (1994), Ann Appl Probab 4:719 (the parameter `l`, which keeps rounding small).
//! Range: transforms of densities that die out within 1e5 terms, that is functions no narrower than some 1e-4 of `t`.
//! Accuracy: [`inverse`] 1e-11 over `t` (inverse Gaussian laws with a CV from 0.1 on). Errors of the transform are some 1e3 times larger in the function, times the root of the number of terms.

use num_complex::Complex64;

/// `A`.
const DAMPING: f64 = 30.0;
/// Terms that are smaller, so many after each other, are the last.
const NEGLIGIBLE: f64 = 1e-16;
const IN_A_ROW: usize = 4;
const MOST_TERMS: usize = 100_000;

/// The functions at a time whose transforms are given, all of which die out with the first.
pub(crate) fn inverse<const N: usize>(transforms: impl Fn(Complex64) -> [Complex64; N], t: f64) -> [f64; N] {
    let growth = 0.25 * DAMPING;
    let (x, step) = (growth / t, std::f64::consts::FRAC_PI_2 / t);
    let mut sums = transforms(Complex64::from(x)).map(|first| 0.5 * first.re);
    let mut small = 0;
    for k in 1..MOST_TERMS {
        let found = transforms(Complex64::new(x, step * k as f64));
        for (sum, value) in sums.iter_mut().zip(found) {
            // times i^k
            *sum += match k % 4 {
                0 => value.re,
                1 => -value.im,
                2 => -value.re,
                _ => value.im,
            };
        }
        small = if found[0].norm() < NEGLIGIBLE { small + 1 } else { 0 };
        if small == IN_A_ROW || found[0].is_nan() {
            break;
        }
    }
    sums.map(|sum| growth.exp() * sum / (2.0 * t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-11;

    /// Of mean 1 and a variance of `1/shape`, from narrow to broad.
    #[test]
    fn inverse_gaussian_laws_come_out_of_their_transforms() {
        let mut worst = Worst::default();
        for shape in [0.3f64, 1.0, 10.0, 100.0] {
            let transform = |s: Complex64| {
                let rho = (-2.0 * s / (1.0 + (1.0 + 2.0 * s / shape).sqrt())).exp();
                [rho, rho / s]
            };
            for t in [0.01, 0.3, 0.9, 1.0, 1.1, 2.0, 7.0] {
                let [density, passed] = inverse(transform, t);
                let expected = (shape / (std::f64::consts::TAU * t * t * t)).sqrt()
                    * (-shape * (t - 1.0) * (t - 1.0) / (2.0 * t)).exp();
                worst.add((density - expected).abs() * t, (shape, t));
                assert!((-1e-11..=1.0 + 1e-11).contains(&passed), "{shape} {t}: {passed}");
            }
        }
        worst.must_be_at_most(ACCURACY);
    }
}
