//! One population of quadratic neurons that hear each other at once: its states, saddle-nodes and cusp in closed form.
//!
//! In units of Montbrio, Pazo and Roxin, with `R = tau r`:
//!
//! ```text
//! -pi^2 R^4 + J R^3 + eta R^2 + Delta^2/(4 pi^2) = 0,     v = -Delta/(2 pi R),     tau lambda = 2 v +- sqrt(2 R (J - 2 pi^2 R))
//! saddle-node:  J = Delta^2/(2 pi^2 R^3) + 2 pi^2 R,   eta = -pi^2 R^2 - 3 Delta^2/(4 pi^2 R^2);     cusp:  R^4 = 3 Delta^2/(4 pi^4)
//! ```
//!
//! Source: Montbrio, Pazo and Roxin (2015), Phys Rev X 5:021028, section III; the cusp is where `dJ/dR = d eta/dR = 0`.
//! Accuracy: 1e-12 (`tests/reduced.rs`).

use std::f64::consts::PI;

use num_complex::Complex64;

use super::roots::positive_roots;

/// A fixed point in units of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MontbrioState {
    /// `R = tau r`, spikes within the time constant.
    pub R: f64,
    /// Mean potential.
    pub v: f64,
    /// Both eigenvalues, in units of `1/tau`, the one to the right first.
    pub eigenvalues: [Complex64; 2],
}

/// A saddle-node in units of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SaddleNode {
    /// `R = tau r`.
    pub R: f64,
    /// Coupling.
    pub J: f64,
    /// Centre of the currents.
    pub eta: f64,
}

/// The cusp, where both saddle-nodes meet, in units of the paper.
pub type Cusp = SaddleNode;

/// All fixed points at `eta`, `J` and `Delta > 0`, rising; nothing where there are none or numbers make no sense.
pub fn montbrio_states(eta: f64, J: f64, Delta: f64) -> Vec<MontbrioState> {
    if !(Delta > 0.0 && Delta.is_finite()) {
        return Vec::new();
    }
    let state = |R: f64| {
        let v = -Delta / (2.0 * PI * R);
        let root = Complex64::new(2.0 * R * (J - 2.0 * PI * PI * R), 0.0).sqrt();
        MontbrioState { R, v, eigenvalues: [2.0 * v + root, 2.0 * v - root] }
    };
    let polynomial = [(Delta / (2.0 * PI)).powi(2), 0.0, eta, J, -PI * PI];
    positive_roots(&polynomial).into_iter().map(state).collect()
}

/// The saddle-node at `R`, for a half width `Delta`: one point of the curve in the plane of `J` and `eta`.
pub fn saddle_node_at(R: f64, Delta: f64) -> SaddleNode {
    let p = PI * PI;
    SaddleNode {
        R,
        J: Delta * Delta / (2.0 * p * R.powi(3)) + 2.0 * p * R,
        eta: -p * R * R - 3.0 * Delta * Delta / (4.0 * p * R * R),
    }
}

/// The cusp for a half width `Delta`; below its `J` there is one state at any `eta`.
pub fn cusp(Delta: f64) -> Cusp {
    saddle_node_at((3.0 * Delta * Delta / 4.0).sqrt().sqrt() / PI, Delta)
}

/// Both saddle-nodes at a coupling, that of the lower rate first; none below the cusp.
pub fn saddle_nodes(J: f64, Delta: f64) -> Vec<SaddleNode> {
    // R^3 (J - 2 pi^2 R) = Delta^2/(2 pi^2)
    let polynomial = [-Delta * Delta / (2.0 * PI * PI), 0.0, 0.0, J, -2.0 * PI * PI];
    let at = |R: f64| SaddleNode { J, ..saddle_node_at(R, Delta) };
    positive_roots(&polynomial).into_iter().map(at).collect()
}
