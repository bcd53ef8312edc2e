//! Stability of a stationary state under the rate dynamics `tau_m dr/dt = -r + Phi(r)`.
//!
//! The eigenvalues are those of `diag(1/tau_m) (D Phi - 1)`. A zero eigenvalue is a saddle node of the spiking network too;
//! oscillatory instabilities of the network depend on delays and on the neuron's response and are another question.

use super::map::{Evaluation, RateMap};
use super::newton::{FLOOR, jacobian, ln_rate, rates};
use super::result::Eigenvalue;
use crate::numerics::linear::Matrix;

/// The logarithm of the least rate that a number holds.
const LEAST_LN_RATE: f64 = -745.0;

/// What follows from the equations and their derivatives at a state.
pub(super) struct Linearised {
    /// Largest `|ln f(r) - ln r|`.
    pub(super) residual: f64,
    /// The sign of `det(1 - D Phi)`: 1, -1, or 0 at a fold.
    ///
    /// Over all states of a network whose rates are bounded the indices add up to 1 (Brouwer's degree).
    pub(super) index: i8,
    /// The rightmost eigenvalue; `None` if it cannot be computed.
    pub(super) rightmost: Option<Eigenvalue>,
}

/// The linearisation at the state `u`.
pub(super) fn linearised(map: &RateMap, u: &[f64]) -> Linearised {
    let evaluation = map.evaluate(&rates(u));
    let matrix = rate_jacobian(map, &evaluation, u);
    // D Phi - 1 and this differ by positive factors; det(1 - D Phi) = (-1)^n det(D Phi - 1)
    let (index, rightmost) = match u.len() {
        0 => (1, None),
        1 => (sign(-matrix[(0, 0)]), Some(Eigenvalue { growth_per_s: matrix[(0, 0)], frequency_hz: 0.0 })),
        2 => of_two(&matrix),
        n => {
            let (_, sign) = matrix.solve_with_sign(&vec![0.0; n]);
            (if n.is_multiple_of(2) { sign } else { -sign }, eigenvalues(&matrix).and_then(|all| all.first().copied()))
        }
    };
    Linearised { residual: residual(&evaluation, u), index, rightmost }
}

/// Index and rightmost eigenvalue from trace and determinant.
fn of_two(matrix: &Matrix) -> (i8, Option<Eigenvalue>) {
    let half_trace = 0.5 * (matrix[(0, 0)] + matrix[(1, 1)]);
    let half_difference = 0.5 * (matrix[(0, 0)] - matrix[(1, 1)]);
    let determinant = matrix[(0, 0)] * matrix[(1, 1)] - matrix[(0, 1)] * matrix[(1, 0)];
    let discriminant = half_difference * half_difference + matrix[(0, 1)] * matrix[(1, 0)];
    let (growth_per_s, omega) = if discriminant < 0.0 {
        (half_trace, (-discriminant).sqrt())
    } else if half_trace < 0.0 {
        // the other root is the large one: no cancellation
        (determinant / (half_trace - discriminant.sqrt()), 0.0)
    } else {
        (half_trace + discriminant.sqrt(), 0.0)
    };
    (sign(determinant), Some(Eigenvalue { growth_per_s, frequency_hz: omega / std::f64::consts::TAU }))
}

fn sign(x: f64) -> i8 {
    i8::from(x > 0.0) - i8::from(x < 0.0)
}

/// Largest `|ln Phi - ln r|`, relative to the logarithm where the rate is 0 as a number.
fn residual(evaluation: &Evaluation, u: &[f64]) -> f64 {
    let difference = |(&output, &u): (&f64, &f64)| {
        let ln_rate = ln_rate(u);
        if output == ln_rate { 0.0 } else { (output - ln_rate).abs() / (ln_rate / LEAST_LN_RATE).max(1.0) }
    };
    evaluation.ln_output.iter().zip(u).map(difference).fold(0.0, f64::max)
}

/// Eigenvalues at the state `u`, rightmost first; `None` if they cannot be computed.
pub(super) fn rate_eigenvalues(map: &RateMap, u: &[f64]) -> Option<Vec<Eigenvalue>> {
    eigenvalues(&rate_jacobian(map, &map.evaluate(&rates(u)), u))
}

/// A matrix with the eigenvalues of `diag(1/tau_m) (D Phi - 1)`, per second.
fn rate_jacobian(map: &RateMap, evaluation: &Evaluation, u: &[f64]) -> Matrix {
    // D Phi in the rates and D u(Phi) in u are similar matrices at a fixed point
    let mut matrix = jacobian(evaluation, u, FLOOR);
    for (a, lif) in map.neurons.iter().enumerate() {
        let per_s = 1000.0 / lif.parameters().tau_m_ms;
        matrix.row_mut(a).iter_mut().for_each(|x| *x *= per_s);
    }
    matrix
}

fn eigenvalues(matrix: &Matrix) -> Option<Vec<Eigenvalue>> {
    let mut values: Vec<Eigenvalue> = matrix
        .eigenvalues()?
        .into_iter()
        .map(|(re, im)| Eigenvalue { growth_per_s: re, frequency_hz: im / std::f64::consts::TAU })
        .collect();
    values.sort_by(|p, q| q.growth_per_s.total_cmp(&p.growth_per_s).then(q.frequency_hz.total_cmp(&p.frequency_hz)));
    Some(values)
}
