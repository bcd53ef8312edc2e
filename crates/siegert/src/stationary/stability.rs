//! Stability of a stationary state under the rate dynamics `tau_m dr/dt = -r + Phi(r)`.
//!
//! The eigenvalues are those of `diag(1/tau_m) (D Phi - 1)`. This dynamics shares its states with the spiking network and,
//! at frequency zero, its response; delays, synapses and the neurons' response at other frequencies it has not. So
//!
//! - an odd number of real eigenvalues that grow, `det(1 - D Phi) < 0`, is a saddle of the spiking network too, whatever its
//!   delays and time constants: `det(1 - W(s))`, `W` the network's response, goes from `det(1 - D Phi)` at 0 to 1 at infinity
//!   and so has a real root `s > 0`;
//! - a complex pair decides nothing in either direction: its growth depends on what the rate dynamics has not;
//! - an even number of real eigenvalues that grow has no such proof (roots may meet and become a pair), but these are growing
//!   directions of the whole network where populations differ in nothing but their rates: unstable, and said to be so.

use serde::{Deserialize, Serialize};

use super::at_threshold::Roles;
use super::map::{Evaluation, RateMap};
use super::newton::{FLOOR, jacobian, ln_rate, rates};
use super::result::Eigenvalue;
use crate::numerics::linear::Matrix;

/// The logarithm of the least rate that a number holds.
const LEAST_LN_RATE: f64 = -745.0;
/// A frequency below this part of the growth is that of a double real eigenvalue which rounding has made a pair.
const REAL: f64 = 1e-6;

/// What the rate dynamics says of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stability {
    /// All its modes decay. The network can still oscillate, because of its delays.
    Stable,
    /// `det(1 - D Phi) < 0`: the spiking network leaves it, too.
    Saddle,
    /// A real mode does not decay, but no saddle: an even number of them grow, or one neither grows nor decays (a fold).
    Unstable,
    /// Nothing grows but complex pairs: the network may oscillate around it, or sit still there.
    Oscillating,
}

impl Stability {
    /// From the sign of `det(1 - D Phi)` and the eigenvalues of the rate dynamics, rightmost first.
    pub(super) fn of(index: i8, eigenvalues: &[Eigenvalue]) -> Self {
        let is_real =
            |mode: &Eigenvalue| (std::f64::consts::TAU * mode.frequency_hz).abs() <= REAL * mode.growth_per_s.abs();
        if eigenvalues.first().is_none_or(|rightmost| rightmost.growth_per_s < 0.0) {
            return Stability::Stable;
        }
        let mut growing = eigenvalues.iter().take_while(|mode| mode.growth_per_s >= 0.0);
        match index {
            ..0 => Stability::Saddle,
            0 => Stability::Unstable,
            1.. if growing.any(is_real) => Stability::Unstable,
            1.. => Stability::Oscillating,
        }
    }

    /// Of a state with all its eigenvalues; where they could not be computed, they decide nothing.
    pub(crate) fn of_state(stable: bool, index: i8, eigenvalues: &[Eigenvalue]) -> Self {
        match Stability::of(index, eigenvalues) {
            _ if stable => Stability::Stable,
            _ if index < 0 => Stability::Saddle,
            _ if index == 0 => Stability::Unstable,
            Stability::Stable => Stability::Oscillating,
            other => other,
        }
    }

    /// Whether the spiking network can be expected to stay: it is stable, or what grows decides nothing.
    pub fn may_stay(self) -> bool {
        matches!(self, Stability::Stable | Stability::Oscillating)
    }

    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Stability::Stable => "stable",
            Stability::Saddle => "saddle",
            Stability::Unstable => "unstable",
            Stability::Oscillating => "oscillating",
        }
    }
}

/// What follows from the equations and their derivatives at a state.
pub(super) struct Linearised {
    /// Largest `|ln f(r) - ln r|`.
    pub(super) residual: f64,
    /// The sign of `det(1 - D Phi)`: 1, -1, or 0 at a fold and where silence ends by a spike (`at_threshold`).
    ///
    /// Over all states of a network whose rates are bounded the indices add up to 1 (Brouwer's degree).
    pub(super) index: i8,
    /// The rightmost eigenvalue; `None` if it cannot be computed or is infinite (`at_threshold`).
    pub(super) rightmost: Option<Eigenvalue>,
    /// Whether every mode decays.
    pub(super) stable: bool,
}

/// The linearisation at the state `u`.
pub(super) fn linearised(map: &RateMap, u: &[f64]) -> Linearised {
    let evaluation = map.evaluate(&rates(u));
    let residual = residual(&evaluation, u);
    if Roles::are_ended_by_a_spike(map, u) {
        return Linearised { residual, index: 0, rightmost: None, stable: false };
    }
    let matrix = rate_jacobian(map, &evaluation, u);
    // D Phi - 1 and this differ by positive factors
    let (index, rightmost) = match u.len() {
        0 => (1, None),
        1 => (sign(-matrix[(0, 0)]), Some(Eigenvalue { growth_per_s: matrix[(0, 0)], frequency_hz: 0.0 })),
        2 => of_two(&matrix),
        _ => (index_of(&matrix, u.len()), eigenvalues(&matrix).and_then(|all| all.first().copied())),
    };
    let stable = rightmost.is_none_or(|rightmost| rightmost.growth_per_s < 0.0);
    Linearised { residual, index, rightmost, stable }
}

/// The sign of `det(-matrix)`, `n` its size.
fn index_of(matrix: &Matrix, n: usize) -> i8 {
    let sign = matrix.determinant_sign();
    if n.is_multiple_of(2) { sign } else { -sign }
}

/// Index and eigenvalues, rightmost first, of a linear dynamics.
pub(super) fn of_matrix(matrix: &Matrix, n: usize) -> (i8, Option<Vec<Eigenvalue>>) {
    (index_of(matrix, n), eigenvalues(matrix))
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
    let inputs = map.inputs(&rates(u));
    for (a, transfer) in map.transfers.iter().enumerate() {
        let per_s = 1000.0 / transfer.time_constant_at_ms(&inputs[a]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(index: i8, modes: &[(f64, f64)]) -> Stability {
        let modes: Vec<Eigenvalue> =
            modes.iter().map(|&(growth_per_s, frequency_hz)| Eigenvalue { growth_per_s, frequency_hz }).collect();
        Stability::of(index, &modes)
    }

    #[test]
    fn an_odd_number_of_real_growing_modes_is_a_saddle_an_even_one_is_unstable_and_a_pair_oscillates() {
        assert_eq!(of(1, &[(-3.0, 8.0), (-3.0, -8.0)]), Stability::Stable);
        assert_eq!(of(-1, &[(5.0, 0.0), (-3.0, 0.0)]), Stability::Saddle);
        // a saddle in three directions, two of which are a pair
        assert_eq!(of(-1, &[(50.0, 8.0), (50.0, -8.0), (5.0, 0.0)]), Stability::Saddle);
        assert_eq!(of(1, &[(9.0, 0.0), (5.0, 0.0)]), Stability::Unstable);
        assert_eq!(of(1, &[(50.0, 8.0), (50.0, -8.0), (9.0, 0.0), (5.0, 0.0)]), Stability::Unstable);
        assert_eq!(of(1, &[(30.0, 8.0), (30.0, -8.0), (-5.0, 0.0)]), Stability::Oscillating);
        assert_eq!(of(0, &[(0.0, 0.0), (-5.0, 0.0)]), Stability::Unstable, "a fold");
        // rounding has made a pair of a double real eigenvalue
        assert_eq!(of(1, &[(9.0, 1e-8), (9.0, -1e-8)]), Stability::Unstable);
    }

    #[test]
    fn the_index_of_a_matrix_is_the_sign_of_the_determinant_of_its_negative() {
        for (diagonal, index) in [([-1.0, -2.0, -3.0], 1), ([1.0, -2.0, -3.0], -1), ([1.0, 2.0, -3.0], 1)] {
            let mut matrix = Matrix::zeros(3, 3);
            (0..3).for_each(|i| matrix[(i, i)] = diagonal[i]);
            assert_eq!(of_matrix(&matrix, 3).0, index, "{diagonal:?}");
        }
    }
}
