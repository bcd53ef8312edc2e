//! A cell of potentials: polynomials of a low degree for every mode, and what crosses its ends.
//!
//! ```text
//! w_n = F p_n + s (sqrt(n) p_{n-1} + sqrt(n+1) p_{n+1}) - D dp_n/dV,    dw_n/dV + n (tau_m/tau_k) p_n = 0
//! inside:    p = weight u,    -int phi' w + [phi w] + decay int phi p = 0 for every polynomial phi
//! at ends:   w = w(value at the end) + tau (p - value at the end), outwards
//! ```
//!
//! A discontinuous Galerkin method with single values at the ends (hybridised). The weight `1/sqrt(F^2 + v^2)` follows the density where the force carries
//! everything along, so that a spike takes few cells. `tau` is more than half the largest velocity against the end, which makes the equations of a cell
//! definite; where all velocities point one way it is 0 on the side from which they come, and the flux is that of what flows in.
//!
//! Source: Nguyen, Peraire and Cockburn (2009), J Comput Phys 228:3232 (the method for convection and diffusion, section 3).

use super::super::super::flow::Flow;
use super::modes::Modes;
use crate::numerics::panel::{PANEL, POINTS, Values};

/// Coefficients of a polynomial in a cell: integrals of the solution converge with the ninth power of the length.
pub(super) const TERMS: usize = 5;
/// The part of the largest velocity against an end that `tau` is: more than half, as little as is safe, since more of it smears.
const OF_VELOCITY: f64 = 0.55;

/// Coefficients for Legendre polynomials.
pub(super) type Row = [f64; TERMS];
/// A matrix between them, by rows.
pub(super) type Block = [Row; TERMS];

/// The value of each polynomial at the lower and the upper end, and its slope there on the interval from -1 to 1.
pub(super) const LOWER: Row = [1.0, -1.0, 1.0, -1.0, 1.0];
pub(super) const UPPER: Row = [1.0; TERMS];
pub(super) const LOWER_SLOPE: Row = [0.0, 1.0, -3.0, 6.0, -10.0];
pub(super) const UPPER_SLOPE: Row = [0.0, 1.0, 3.0, 6.0, 10.0];

/// What all cells of a problem share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales {
    /// The velocity of the noise, `v` of the weight.
    pub(super) velocity_mv: f64,
    /// `D = sigma_w^2/2`.
    pub(super) white_mv2: f64,
    /// From where potentials are counted in moments.
    pub(super) V_reset_mv: f64,
}

/// The matrices of a cell that belong to no mode.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// `-int phi_i' F weight phi_j`, with what leaves by the spike.
    pub(super) forced: Block,
    /// The same for a force of 1.
    pub(super) pushed: Block,
    /// `int phi_i weight phi_j dV`.
    pub(super) mass: Block,
    /// `int (V - V_reset)^k weight phi_j dV` for k = 0, 1, 2.
    pub(super) moments: [Row; 3],
    /// Of white noise.
    pub(super) diffusion: Diffusion,
    /// Force and weight at the ends.
    pub(super) force_mv: [f64; 2],
    pub(super) weight: [f64; 2],
    /// What the difference to the value at each end drives.
    pub(super) tau_mv: [f64; 2],
    /// `dV` at the ends for a step of 1 on the interval from -1 to 1.
    pub(super) stretch_mv: [f64; 2],
    /// The velocity with which the first mode leaves by the spike, and the part of a velocity of 1; in the last cell.
    pub(super) exit: Option<[f64; 2]>,
    weights: Values,
    V_mv: Values,
    ends_mv: [f64; 2],
}

/// What white noise with `D = 1` does: `dp/dV = Q^-1 (-B u + upper value - lower value)`, coefficient by coefficient.
#[derive(Clone, Debug)]
pub(super) struct Diffusion {
    inverse: Block,
    gradient: Block,
    /// `E^T Q^-1 B`, `E` between slopes and polynomials.
    pub(super) inside: Block,
    /// `E^T Q^-1` of both ends.
    pub(super) lifted: [Row; 2],
    /// `B^T Q^-1` of both ends.
    pub(super) seen: [Row; 2],
    /// `Q^-1` between lower and lower, lower and upper, upper and upper end.
    pub(super) between: [f64; 3],
}

/// Legendre polynomials and their slopes at the points of a panel.
struct Legendre {
    values: [Values; TERMS],
    slopes: [Values; TERMS],
}

impl Legendre {
    fn new() -> Self {
        let mut values = [[1.0; POINTS]; TERMS];
        let mut slopes = [[0.0; POINTS]; TERMS];
        values[1] = PANEL.x;
        slopes[1] = [1.0; POINTS];
        for n in 2..TERMS {
            let degree = n as f64;
            for (k, x) in PANEL.x.iter().enumerate() {
                values[n][k] =
                    ((2.0 * degree - 1.0) * x * values[n - 1][k] - (degree - 1.0) * values[n - 2][k]) / degree;
                slopes[n][k] = slopes[n - 2][k] + (2.0 * degree - 1.0) * values[n - 1][k];
            }
        }
        Legendre { values, slopes }
    }
}

pub(super) fn dot(a: &Row, b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `A x`.
fn times(a: &Block, x: &Row) -> Row {
    a.map(|row| dot(&row, x))
}

/// `A B`.
pub(super) fn product(a: &Block, b: &Block) -> Block {
    a.map(|row| std::array::from_fn(|j| row.iter().zip(b).map(|(entry, b)| entry * b[j]).sum()))
}

/// `A^T`.
pub(super) fn transposed(a: &Block) -> Block {
    std::array::from_fn(|i| a.map(|row| row[i]))
}

/// `A += factor left right^T`.
pub(super) fn add_outer(a: &mut Block, factor: f64, left: &Row, right: &Row) {
    for (row, left) in a.iter_mut().zip(left) {
        for (entry, right) in row.iter_mut().zip(right) {
            *entry += factor * left * right;
        }
    }
}

/// `int left_i right_j factor` on the interval from -1 to 1.
fn integrals(left: &[Values; TERMS], right: &[Values; TERMS], factor: impl Fn(usize) -> f64) -> Block {
    let weighted: Values = std::array::from_fn(|k| PANEL.weights[k] * factor(k));
    left.each_ref()
        .map(|left| right.each_ref().map(|right| (0..POINTS).map(|k| weighted[k] * left[k] * right[k]).sum()))
}

/// The inverse of a positive matrix.
fn inverse(mut a: Block) -> Block {
    let mut b: Block = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    for i in 0..TERMS {
        let down = 1.0 / a[i][i];
        a[i] = a[i].map(|entry| entry * down);
        b[i] = b[i].map(|entry| entry * down);
        let (own_a, own_b) = (a[i], b[i]);
        for row in (0..TERMS).filter(|&row| row != i) {
            let factor = a[row][i];
            for k in 0..TERMS {
                a[row][k] -= factor * own_a[k];
                b[row][k] -= factor * own_b[k];
            }
        }
    }
    b
}

impl Cell {
    /// The cell between two coordinates; the spike is at the upper end of the last one.
    pub(super) fn new(flow: &impl Flow, (from, to): (f64, f64), is_last: bool, modes: &Modes, scales: &Scales) -> Self {
        let Legendre { values, slopes } = Legendre::new();
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let places = PANEL.x.map(|x| flow.potential(middle + half * x));
        let V_mv = places.map(|(V_mv, _)| V_mv);
        let forces = V_mv.map(|V_mv| flow.force_mv(V_mv));
        let weight_at = |force_mv: f64| 1.0 / force_mv.hypot(scales.velocity_mv);
        let weights = forces.map(weight_at);
        let lengths = places.map(|(_, stretch)| half * stretch);
        let ends = [from, to].map(|y| flow.potential(y));
        let ends_mv = ends.map(|(V_mv, _)| V_mv);
        let force_mv = ends_mv.map(|V_mv| flow.force_mv(V_mv));
        let weight = force_mv.map(weight_at);
        // what white noise drives over the length of the cell counts as a velocity
        let diffusive = scales.white_mv2 / PANEL.integral(&lengths);
        let against = |velocity_mv: f64| OF_VELOCITY * (modes.fastest_mv + velocity_mv).max(0.0) + diffusive;
        let exit = is_last.then(|| leaving(force_mv[1], modes.fastest_mv));
        let mut cell = Cell {
            forced: integrals(&slopes, &values, |k| -forces[k] * weights[k]),
            pushed: integrals(&slopes, &values, |k| -weights[k]),
            mass: integrals(&values, &values, |k| weights[k] * lengths[k]),
            moments: [0, 1, 2].map(|power| {
                integrals(&values, &values, |k| weights[k] * lengths[k] * (V_mv[k] - scales.V_reset_mv).powi(power))[0]
            }),
            diffusion: Diffusion::new(&values, &slopes, &weights, &lengths),
            force_mv,
            weight,
            tau_mv: [against(-force_mv[0]), if is_last { 0.0 } else { against(force_mv[1]) }],
            stretch_mv: ends.map(|(_, stretch)| half * stretch),
            exit,
            weights,
            V_mv,
            ends_mv,
        };
        if let Some([velocity_mv, part]) = exit {
            add_outer(&mut cell.forced, velocity_mv * weight[1], &UPPER, &UPPER);
            add_outer(&mut cell.pushed, part * weight[1], &UPPER, &UPPER);
        }
        cell
    }

    /// `forced` for a change `f(V)` of the force, and `f` at the ends, as it counts there.
    pub(super) fn forced_by(&self, f: &impl Fn(f64) -> f64) -> (Block, [f64; 2]) {
        let Legendre { values, slopes } = Legendre::new();
        let mut forced = integrals(&slopes, &values, |k| -f(self.V_mv[k]) * self.weights[k]);
        let mut ends = self.ends_mv.map(f);
        if let Some([_, part]) = self.exit {
            ends[1] *= part;
            add_outer(&mut forced, ends[1] * self.weight[1], &UPPER, &UPPER);
        }
        (forced, ends)
    }

    /// `dp/dV` inside, from coefficients and the values at both ends.
    pub(super) fn gradient(&self, u: &[f64], ends: [f64; 2]) -> Row {
        let Diffusion { inverse, gradient, .. } = &self.diffusion;
        let [lower, upper] = [ends[0] * self.weight[0], ends[1] * self.weight[1]];
        times(inverse, &std::array::from_fn(|i| UPPER[i] * upper - LOWER[i] * lower - dot(&gradient[i], u)))
    }
}

/// How fast the first mode leaves by the spike, and the part of what noise drives: all of it where all velocities point there.
///
/// Otherwise the flux of Harten, Lax and van Leer with nothing beyond the spike.
fn leaving(force_mv: f64, fastest_mv: f64) -> [f64; 2] {
    let back_mv = (fastest_mv - force_mv).max(0.0);
    let part = (fastest_mv + force_mv).max(0.0) / (fastest_mv + force_mv + back_mv);
    if part.is_finite() { [part * (force_mv + back_mv), part] } else { [force_mv.max(0.0), 1.0] }
}

impl Diffusion {
    fn new(values: &[Values; TERMS], slopes: &[Values; TERMS], weights: &Values, lengths: &Values) -> Self {
        let inverse = inverse(integrals(values, values, |k| lengths[k]));
        let gradient = integrals(slopes, values, |k| weights[k]);
        let slope = transposed(&integrals(slopes, values, |_| 1.0));
        let [lower, upper] = [LOWER, UPPER].map(|end| times(&inverse, &end));
        let gradient_transposed = transposed(&gradient);
        Diffusion {
            inside: product(&slope, &product(&inverse, &gradient)),
            lifted: [times(&slope, &lower), times(&slope, &upper)],
            seen: [times(&gradient_transposed, &lower), times(&gradient_transposed, &upper)],
            between: [dot(&LOWER, &lower), dot(&LOWER, &upper), dot(&UPPER, &upper)],
            inverse,
            gradient,
        }
    }
}

/// `int psi dq/dx` on the interval from -1 to 1, for two rows of coefficients.
pub(super) fn slope_product(psi: &[f64], q: &Row) -> f64 {
    // int P_i P_j' = 2 for i < j of different parity
    let below = |j: usize| psi[..j].iter().rev().step_by(2).sum::<f64>();
    (0..TERMS).map(|j| 2.0 * q[j] * below(j)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::super::super::flow::Bounds;
    use super::super::modes::Passage;
    use super::*;

    /// A constant force.
    struct Constant(f64);

    impl Flow for Constant {
        fn force_mv(&self, _V_mv: f64) -> f64 {
            self.0
        }

        fn noise_mv2(&self, _V_mv: f64) -> f64 {
            1.0
        }

        fn bounds(&self) -> Bounds {
            Bounds { lowest: f64::NEG_INFINITY, reset: 0.0, spike: 1.0 }
        }
    }

    #[test]
    fn a_cell_integrates_differentiates_and_weighs_polynomials_exactly() {
        let scales = Scales { velocity_mv: 4.0, white_mv2: 1.0, V_reset_mv: 0.0 };
        let cell = Cell::new(
            &Constant(3.0),
            (0.0, 2.0),
            false,
            &Modes::new(&[], Passage { onset: 1.0, depth: 0.0 }, 1.0),
            &scales,
        );
        // weight 1/5: u = 5 (x + 1)^2 is p = V^2 with dp/dV = 2 V
        let u = [20.0 / 3.0, 10.0, 10.0 / 3.0, 0.0, 0.0];
        for (moment, expected) in cell.moments.iter().zip([8.0 / 3.0, 4.0, 6.4]) {
            assert!((dot(moment, &u) - expected).abs() < 1e-13, "{moment:?}");
        }
        let gradient = cell.gradient(&u, [0.0, 20.0]);
        for (found, expected) in gradient.iter().zip([2.0, 2.0, 0.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-12, "{gradient:?}");
        }
        // int (x + 1)^2 d(x^2)/dx dx = 8/3
        let product = slope_product(&[4.0 / 3.0, 2.0, 2.0 / 3.0, 0.0, 0.0], &[1.0 / 3.0, 0.0, 2.0 / 3.0, 0.0, 0.0]);
        assert!((product - 8.0 / 3.0).abs() < 1e-14, "{product}");
    }
}
