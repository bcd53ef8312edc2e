//! Stability of a stationary state under the rate dynamics `tau_m dr/dt = -r + Phi(r)`.
//!
//! The eigenvalues are those of `diag(1/tau_m) (D Phi - 1)`. A zero eigenvalue is a saddle node of the spiking network too;
//! oscillatory instabilities of the network depend on delays and on the neuron's response and are another question.

use std::f64::consts::TAU;

use crate::numerics::linear::Matrix;

use super::map::RateMap;
use super::newton::{jacobian, rates};
use super::result::Eigenvalue;

/// Eigenvalues at the state `u`, rightmost first; `None` if they cannot be computed.
pub(super) fn rate_eigenvalues(map: &RateMap, u: &[f64]) -> Option<Vec<Eigenvalue>> {
    let mut values: Vec<Eigenvalue> = rate_matrix(map, u)
        .eigenvalues()?
        .into_iter()
        .map(|(re, im)| Eigenvalue { growth_per_s: re, frequency_hz: im / TAU })
        .collect();
    values.sort_by(|p, q| q.growth_per_s.total_cmp(&p.growth_per_s).then(q.frequency_hz.total_cmp(&p.frequency_hz)));
    Some(values)
}

/// The first of [`rate_eigenvalues`]; for one and two populations from trace and determinant, which takes a tenth of the time.
pub(super) fn rightmost(map: &RateMap, u: &[f64]) -> Option<Eigenvalue> {
    if u.len() > 2 {
        return rate_eigenvalues(map, u)?.first().copied();
    }
    let matrix = rate_matrix(map, u);
    let value = match u.len() {
        1 => Eigenvalue { growth_per_s: matrix[(0, 0)], frequency_hz: 0.0 },
        _ => rightmost_of_two(matrix[(0, 0)], matrix[(0, 1)], matrix[(1, 0)], matrix[(1, 1)]),
    };
    value.growth_per_s.is_finite().then_some(value)
}

/// The rightmost eigenvalue of `(p q; r s)`.
fn rightmost_of_two(p: f64, q: f64, r: f64, s: f64) -> Eigenvalue {
    let (mean, half) = (0.5 * (p + s), 0.5 * (p - s));
    let discriminant = half * half + q * r;
    if discriminant < 0.0 {
        return Eigenvalue { growth_per_s: mean, frequency_hz: (-discriminant).sqrt() / TAU };
    }
    let root = discriminant.sqrt();
    // of two terms of opposite signs the sum would lose the digits that decide on stability
    let growth_per_s = if mean < 0.0 { (p * s - q * r) / (mean - root) } else { mean + root };
    Eigenvalue { growth_per_s, frequency_hz: 0.0 }
}

/// `diag(1/tau_m) (D Phi - 1)` per second, in the variable `u`.
fn rate_matrix(map: &RateMap, u: &[f64]) -> Matrix {
    // D Phi in the rates and D u(Phi) in u are similar matrices at a fixed point
    let mut matrix = jacobian(&map.evaluate(&rates(u)), u);
    for (a, lif) in map.neurons.iter().enumerate() {
        let per_s = 1000.0 / lif.parameters().tau_m_ms;
        matrix.row_mut(a).iter_mut().for_each(|x| *x *= per_s);
    }
    matrix
}

/// The sign of `det(1 - D Phi)` at the state `u`: 1, -1, or 0 at a fold.
///
/// Over all states of a network whose rates are bounded the indices add up to 1 (Brouwer's degree).
pub(super) fn index(map: &RateMap, u: &[f64]) -> i8 {
    let matrix = jacobian(&map.evaluate(&rates(u)), u);
    let (_, sign) = matrix.solve_with_sign(&vec![0.0; u.len()]);
    // det(1 - D Phi) = (-1)^n det(D Phi - 1)
    if u.len().is_multiple_of(2) { sign } else { -sign }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_and_determinant_give_the_eigenvalue_of_the_general_solver() {
        let entries = [-50.0, -3.0, 0.0, 1e-3, 7.5, 400.0];
        let pairs = || entries.iter().flat_map(|&x| entries.iter().map(move |&y| (x, y)));
        for (p, q) in pairs() {
            for (r, s) in pairs() {
                let mut matrix = Matrix::zeros(2, 2);
                matrix.row_mut(0).copy_from_slice(&[p, q]);
                matrix.row_mut(1).copy_from_slice(&[r, s]);
                let general = matrix.eigenvalues().unwrap();
                let (growth, angular) = general.into_iter().max_by(|x, y| x.0.total_cmp(&y.0)).unwrap();
                let found = rightmost_of_two(p, q, r, s);
                // a double eigenvalue moves by the square root of a rounding
                let near = |x: f64, y: f64| (x - y).abs() <= 1e-6 * (1.0 + p.abs() + q.abs() + r.abs() + s.abs());
                assert!(near(found.growth_per_s, growth), "({p} {q}; {r} {s}): {found:?}, {growth}");
                assert!(near(found.frequency_hz * TAU, angular.abs()), "({p} {q}; {r} {s}): {found:?}, {angular}");
            }
        }
    }
}
