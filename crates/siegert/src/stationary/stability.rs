//! Stability of a stationary state under the rate dynamics `tau_m dr/dt = -r + Phi(r)`.
//!
//! The eigenvalues are those of `diag(1/tau_m) (D Phi - 1)`. A zero eigenvalue is a saddle node of the spiking network too;
//! oscillatory instabilities of the network depend on delays and on the neuron's response and are another question.

use super::map::RateMap;
use super::newton::{jacobian, rates};
use super::result::Eigenvalue;

/// Eigenvalues at the state `u`, rightmost first; `None` if they cannot be computed.
pub(super) fn rate_eigenvalues(map: &RateMap, u: &[f64]) -> Option<Vec<Eigenvalue>> {
    let evaluation = map.evaluate(&rates(u));
    // D Phi in the rates and D u(Phi) in u are similar matrices at a fixed point
    let mut matrix = jacobian(&evaluation, u);
    for (a, lif) in map.neurons.iter().enumerate() {
        let per_s = 1000.0 / lif.parameters().tau_m_ms;
        matrix.row_mut(a).iter_mut().for_each(|x| *x *= per_s);
    }
    let mut values: Vec<Eigenvalue> = matrix
        .eigenvalues()?
        .into_iter()
        .map(|(re, im)| Eigenvalue { growth_per_s: re, frequency_hz: im / std::f64::consts::TAU })
        .collect();
    values.sort_by(|p, q| q.growth_per_s.total_cmp(&p.growth_per_s).then(q.frequency_hz.total_cmp(&p.frequency_hz)));
    Some(values)
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
