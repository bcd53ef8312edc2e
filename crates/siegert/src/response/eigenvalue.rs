//! How each connection moves the eigenvalue of the effective connectivity that makes the network resonate at a frequency.
//!
//! ```text
//! W u = lambda u,  v W = lambda v:    Z_ab = v_a W_ab u_b/(v u) = d lambda/d ln W_ab,    sum Z = lambda
//! k = (1 - lambda)/|1 - lambda|:      amplitude Re(k* Z), towards the point 1, where the peak is infinite;  frequency Re((i k)* Z), along the curve of lambda
//! ```
//!
//! The eigenvalue is that nearest to 1 at the frequency.
//!
//! Source: Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132, eq. 7 and after it.
//! Accuracy: 1e-8 of the largest entry beside differences of eigenvalues.

use num_complex::Complex64;

use super::connectivity::EffectiveConnectivity;
use super::mode::between;
use crate::numerics::linear::ComplexMatrix;

/// The eigenvalue nearest to 1 at a frequency, with its sensitivity to each connection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EigenvalueSensitivity {
    /// The frequency.
    pub frequency_hz: f64,
    /// The eigenvalue.
    pub eigenvalue: Complex64,
    /// `Z`, row by row: `[a][b]` is of the connection from population `b` to `a`.
    pub entries: Vec<Vec<Complex64>>,
}

impl EigenvalueSensitivity {
    /// At a frequency; `None` where the eigenvalues cannot be computed, or the nearest is a double one.
    pub fn at(connectivity: &EffectiveConnectivity, frequency_hz: f64) -> Option<Self> {
        let coupling = connectivity.coupling(Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / 1000.0));
        let near_one = |z: &Complex64| (z - 1.0).norm();
        let eigenvalue = coupling.eigenvalues()?.into_iter().min_by(|a, b| near_one(a).total_cmp(&near_one(b)))?;
        let n = coupling.len();
        let mut shifted = ComplexMatrix::zeros(n);
        for a in 0..n {
            for b in 0..n {
                shifted[(a, b)] = coupling[(a, b)] - if a == b { eigenvalue } else { Complex64::ZERO };
            }
        }
        let (right, left) = (shifted.nearly_null(), shifted.transposed().nearly_null());
        let whole: Complex64 = left.iter().zip(&right).map(|(v, u)| v * u).sum();
        let entry = |a: usize, b: usize| left[a] * coupling[(a, b)] * right[b] / whole;
        let entries: Vec<Vec<Complex64>> = (0..n).map(|a| (0..n).map(|b| entry(a, b)).collect()).collect();
        // what the eigenvectors make of it, right to the last digits
        let eigenvalue = between(&left, &coupling, &right) / whole;
        let is_known = entries.iter().flatten().all(|entry| entry.is_finite());
        is_known.then_some(EigenvalueSensitivity { frequency_hz, eigenvalue, entries })
    }

    /// The part of the sensitivity to the connection from `b` to `a` that raises the peak.
    pub fn amplitude(&self, a: usize, b: usize) -> f64 {
        (self.towards_one().conj() * self.entries[a][b]).re
    }

    /// The part across it, that moves the peak along the frequencies.
    pub fn frequency(&self, a: usize, b: usize) -> f64 {
        ((Complex64::I * self.towards_one()).conj() * self.entries[a][b]).re
    }

    /// `k`; at 1 itself, where there is no direction, along the real axis.
    fn towards_one(&self) -> Complex64 {
        let way = 1.0 - self.eigenvalue;
        if way.norm() > 0.0 { way / way.norm() } else { Complex64::ONE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::stencil::slopes;
    use crate::theory::{Theory, TheoryOptions};

    const ACCURACY: f64 = 1e-8;

    #[test]
    fn each_entry_is_the_derivative_of_the_eigenvalue_with_its_connection() {
        for (model, frequency_hz) in [("brunel2000", 124.0), ("potjans_diesmann2014", 85.0)] {
            let network = crate::testing::open(model, None, &[]);
            let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
            let state = theory.solve().unwrap();
            let connectivity = EffectiveConnectivity::new(&network, theory.map(), &state).unwrap();
            let found = EigenvalueSensitivity::at(&connectivity, frequency_hz).unwrap();
            let sum: Complex64 = found.entries.iter().flatten().sum();
            assert!((sum - found.eigenvalue).norm() < 1e-10, "{sum} {}", found.eigenvalue);
            let lambda = Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / 1000.0);
            let (n, largest) =
                (found.entries.len(), found.entries.iter().flatten().map(|z| z.norm()).fold(0.0, f64::max));
            for (a, b) in (0..n * n).map(|k| (k / n, k % n)) {
                let at = |by: f64| {
                    let mut coupling = connectivity.coupling(lambda);
                    coupling[(a, b)] *= 1.0 + by;
                    let near = |z: &Complex64| (z - found.eigenvalue).norm();
                    [coupling.eigenvalues().unwrap().into_iter().min_by(|x, y| near(x).total_cmp(&near(y))).unwrap()]
                };
                let [expected] = slopes(1e-4, at);
                let error = (found.entries[a][b] - expected).norm() / largest;
                assert!(error < ACCURACY, "{model} {a} {b}: {} {expected}", found.entries[a][b]);
                let parts = Complex64::new(found.amplitude(a, b), found.frequency(a, b));
                assert!((parts * found.towards_one() - found.entries[a][b]).norm() < 1e-12 * largest);
            }
        }
    }
}
