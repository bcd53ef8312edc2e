//! The backward equation of jumps between elements, as a matrix.
//!
//! ```text
//! (V - E)/tau_m T' - s^2/(2 tau_m) T'' + sum_b R_b [T - int T(V + J) rho_b(J) dJ] = 1,    T = 0 from V_th up
//! ```
//!
//! `T` is a polynomial in each element, in Legendre's form, and the equation is multiplied by each polynomial and integrated: the discontinuous method of
//! Galerkin. The leak takes `T` at an edge from the side nearer the resting level, towards which it pulls. Jumps of one size, or of one part of the way to a reversal potential, take polynomials to polynomials,
//! with elements cut where edges are reached from (`landing`); laws are integrated over in panels between the sizes at which edges meet (those of parts in `towards`). Below the lowest element `T` is what it is at its edge. A column
//! of ones in the lowest polynomials gives the rates at which jumps end the passage, `killed`: these are computed by themselves, without the
//! differences in which small ones would be lost.
//!
//! White noise is added by the interior penalty method.
//!
//! Source: Reed and Hill (1973), Los Alamos report LA-UR-73-479; Cockburn and Shu (2001), J Sci Comput 16:173, section 2; Arnold (1982), SIAM J Numer Anal
//! 19:742 (the penalty).

use super::Jump;
use super::law::JumpLaw;
use super::mesh::{Mesh, is_fixed};
use crate::numerics::quadrature::points_6;

/// Polynomials in an element.
pub(super) const P: usize = 6;

/// Weight of the jumps of `T` at edges, where white noise makes it continuous.
const PENALTY: f64 = 2.0;

/// A part of a matrix: the rows of one element, the columns of another.
pub(super) struct Block {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) entries: [[f64; P]; P],
}

/// `int phi_i(V) int T(V + J) rho(J) dJ dV` for the jumps of one kind.
pub(super) struct Gain {
    pub(super) blocks: Vec<Block>,
    /// `int phi_i(V) P(V + J >= V_th) dV`.
    pub(super) killed: Vec<[f64; P]>,
}

/// Legendre's polynomials at a place in [-1, 1].
pub(super) fn legendre(x: f64) -> [f64; P] {
    let mut values = [1.0; P];
    values[1] = x;
    for k in 1..P - 1 {
        let n = k as f64;
        values[k + 1] = ((2.0 * n + 1.0) * x * values[k] - n * values[k - 1]) / (n + 1.0);
    }
    values
}

/// At the upper or lower edge.
pub(super) fn at_edge(upper: bool) -> [f64; P] {
    std::array::from_fn(|k| if upper || k.is_multiple_of(2) { 1.0 } else { -1.0 })
}

/// `int phi_k^2 dV` of an element of this length.
pub(super) fn mass(length: f64, k: usize) -> f64 {
    length / (2.0 * k as f64 + 1.0)
}

impl Mesh {
    pub(super) fn length(&self, element: usize) -> f64 {
        self.edges[element + 1] - self.edges[element]
    }

    /// The polynomials of an element at a potential.
    pub(super) fn polynomials(&self, element: usize, V: f64) -> [f64; P] {
        legendre(2.0 * (V - self.edges[element]) / self.length(element) - 1.0)
    }

    /// The leak: blocks of `int phi_i (V - E)/tau_m T'`, and the rate at which it ends the passage, of one kind.
    ///
    /// With `per_resting` its derivative with respect to the resting level.
    pub(super) fn leak(&self, tau_m: f64, per_resting: bool) -> Gain {
        let last = self.len() - 1;
        let mut gain = Gain { blocks: Vec::with_capacity(2 * self.len()), killed: vec![[0.0; P]; self.len()] };
        for element in 0..self.len() {
            let (low, high, length) = (self.edges[element], self.edges[element + 1], self.length(element));
            let middle = 0.5 * (low + high);
            let mut own = [[0.0; P]; P];
            for (i, row) in own.iter_mut().enumerate() {
                for (j, entry) in row.iter_mut().enumerate() {
                    let (plain, first) = drift_integrals(i, j);
                    *entry = match per_resting {
                        true => -plain / tau_m,
                        false => ((middle - self.resting) * plain + 0.5 * length * first) / tau_m,
                    };
                }
            }
            // the jump at the edge from which the leak brings the potential's future
            let upwards = middle < self.resting;
            let edge = if upwards { high } else { low };
            let speed = (edge - self.resting).abs() / tau_m;
            if speed > 0.0 {
                let sign = if upwards { 1.0 } else { -1.0 };
                let speed = if per_resting { sign / tau_m } else { speed };
                let here = at_edge(upwards);
                let there = at_edge(!upwards);
                let neighbour = if upwards { element + 1 } else { element.wrapping_sub(1) };
                let mut other = [[0.0; P]; P];
                for i in 0..P {
                    for j in 0..P {
                        own[i][j] += speed * here[i] * here[j];
                        other[i][j] = -speed * here[i] * there[j];
                    }
                }
                if upwards && element == last {
                    let killed = gain.killed[element].iter_mut();
                    killed.zip(here).for_each(|(killed, here)| *killed += speed * here);
                } else if neighbour <= last {
                    gain.blocks.push(Block { row: element, column: neighbour, entries: other });
                }
            }
            gain.blocks.push(Block { row: element, column: element, entries: own });
        }
        gain
    }

    /// White noise: blocks of `-int phi_i T''`, each edge with the mean of the slopes, the same for the polynomials it is multiplied by, and a penalty.
    ///
    /// At the threshold `T` is 0, at the lowest edge its slope.
    pub(super) fn diffusion(&self) -> Gain {
        let mut gain = Gain { blocks: Vec::new(), killed: vec![[0.0; P]; self.len()] };
        let slope_at = |element: usize, upper: bool| -> [f64; P] {
            let per_length = 2.0 / self.length(element);
            std::array::from_fn(|k| {
                let sign = if upper || k % 2 == 1 { 1.0 } else { -1.0 };
                sign * 0.5 * (k * (k + 1)) as f64 * per_length
            })
        };
        for element in 0..self.len() {
            let mut own = [[0.0; P]; P];
            let per_length = 2.0 / self.length(element);
            for (i, row) in own.iter_mut().enumerate() {
                for (j, entry) in row.iter_mut().enumerate() {
                    let least = i.min(j);
                    *entry = if (i + j).is_multiple_of(2) { per_length * (least * (least + 1)) as f64 } else { 0.0 };
                }
            }
            gain.blocks.push(Block { row: element, column: element, entries: own });
        }
        for lower in 0..self.len() {
            // values and slopes at the upper edge, the jump counted from below
            let sides: &[(usize, bool, f64)] = match lower + 1 < self.len() {
                true => &[(lower, true, 1.0), (lower + 1, false, -1.0)],
                false => &[(lower, true, 1.0)],
            };
            let shortest = sides.iter().map(|side| self.length(side.0)).fold(f64::INFINITY, f64::min);
            let penalty = PENALTY * (P * P) as f64 / shortest;
            let share = 1.0 / sides.len() as f64;
            for (row, upper_row, sign_row) in sides {
                let (phi, slope_phi) = (at_edge(*upper_row), slope_at(*row, *upper_row));
                for (column, upper_column, sign_column) in sides {
                    let (t, slope_t) = (at_edge(*upper_column), slope_at(*column, *upper_column));
                    let entries = std::array::from_fn(|i| {
                        std::array::from_fn(|j| {
                            penalty * sign_row * sign_column * phi[i] * t[j]
                                - share * (sign_row * phi[i] * slope_t[j] + sign_column * t[j] * slope_phi[i])
                        })
                    });
                    gain.blocks.push(Block { row: *row, column: *column, entries });
                }
                if sides.len() == 1 {
                    let killed = gain.killed[*row].iter_mut().zip(phi.iter().zip(slope_phi));
                    killed.for_each(|(killed, (phi, slope))| *killed += penalty * phi - slope);
                }
            }
        }
        gain
    }

    /// What jumps of one kind bring.
    pub(super) fn gain(&self, jump: &Jump) -> Gain {
        let mut gain = Gain { blocks: Vec::new(), killed: vec![[0.0; P]; self.len()] };
        for element in 0..self.len() {
            match (is_fixed(jump.law), jump.reversal_mv) {
                (Some(size), _) => self.shifted(element, jump, size, &mut gain),
                (None, None) => self.spread(element, jump.law, &mut gain),
                (None, Some(E)) => self.spread_towards(element, E, jump.law, &mut gain),
            }
        }
        gain
    }

    /// Jumps of one size, or of one part of the way: elements are cut where edges are reached from.
    fn shifted(&self, element: usize, jump: &Jump, size: f64, gain: &mut Gain) {
        let (low, high) = (self.edges[element], self.edges[element + 1]);
        let inside = self.edges.partition_point(|edge| jump.origin(*edge, size) <= low);
        let mut cuts = vec![low];
        cuts.extend(self.edges[inside..].iter().map(|edge| jump.origin(*edge, size)).take_while(|cut| *cut < high));
        cuts.push(high);
        for ends in cuts.windows(2) {
            let middle = jump.landing(0.5 * (ends[0] + ends[1]), size);
            let top = self.edges[self.len()];
            if middle >= top {
                for (V, weight) in points_6(ends[0], ends[1]) {
                    let here = self.polynomials(element, V);
                    (0..P).for_each(|i| gain.killed[element][i] += weight * here[i]);
                }
                continue;
            }
            let target = self.element_of(middle);
            let mut entries = [[0.0; P]; P];
            for (V, weight) in points_6(ends[0], ends[1]) {
                let here = self.polynomials(element, V);
                let there = self.polynomials(target, jump.landing(V, size).max(self.edges[0]));
                for i in 0..P {
                    (0..P).for_each(|j| entries[i][j] += weight * here[i] * there[j]);
                }
            }
            push(&mut gain.blocks, element, target, entries);
        }
    }

    /// Jumps of a law. For each pair of elements the integral over `V` is a polynomial in the size of the jump between sizes at which edges meet: these cut the
    /// integral over the law, which is otherwise smooth.
    fn spread(&self, element: usize, law: JumpLaw, gain: &mut Gain) {
        let (low, high) = (self.edges[element], self.edges[element + 1]);
        let (bottom, top) = (self.edges[0], self.edges[self.len()]);
        for target in 0..self.len() {
            let (from, to) = (self.edges[target], self.edges[target + 1]);
            let mut sizes = [from - high, from - low, to - high, to - low];
            sizes.sort_by(f64::total_cmp);
            let mut entries = [[0.0; P]; P];
            let mut any = false;
            for ends in sizes.windows(2) {
                law.between(ends[0], ends[1], |size, part| {
                    any = true;
                    let reached = (low.max(from - size), high.min(to - size));
                    for (V, weight) in points_6(reached.0, reached.1) {
                        let here = self.polynomials(element, V);
                        let there = self.polynomials(target, V + size);
                        for i in 0..P {
                            let factor = part * weight * here[i];
                            (0..P).for_each(|j| entries[i][j] += factor * there[j]);
                        }
                    }
                });
            }
            if target == 0 {
                // below the lowest element T is what it is at its edge
                let at = at_edge(false);
                let mut below = [0.0; P];
                below[0] = law.below(bottom - high) * (high - low);
                law.between(bottom - high, bottom - low, |size, part| {
                    for (V, weight) in points_6(low, bottom - size) {
                        let here = self.polynomials(element, V);
                        (0..P).for_each(|i| below[i] += part * weight * here[i]);
                    }
                });
                any |= below.iter().any(|part| *part != 0.0);
                for i in 0..P {
                    (0..P).for_each(|j| entries[i][j] += below[i] * at[j]);
                }
            }
            if any {
                gain.blocks.push(Block { row: element, column: target, entries });
            }
        }
        let killed = &mut gain.killed[element];
        killed[0] += law.above(top - low) * (high - low);
        law.between(top - high, top - low, |size, part| {
            for (V, weight) in points_6(top - size, high) {
                let here = self.polynomials(element, V);
                (0..P).for_each(|i| killed[i] += part * weight * here[i]);
            }
        });
    }
}

/// Adds a block to the last one if that is of the same place.
fn push(blocks: &mut Vec<Block>, row: usize, column: usize, entries: [[f64; P]; P]) {
    match blocks.last_mut() {
        Some(last) if last.row == row && last.column == column => {
            for (sum, part) in last.entries.iter_mut().flatten().zip(entries.iter().flatten()) {
                *sum += part;
            }
        }
        _ => blocks.push(Block { row, column, entries }),
    }
}

/// `int P_i P_j' dx` and `int P_i x P_j' dx` over [-1, 1].
fn drift_integrals(i: usize, j: usize) -> (f64, f64) {
    let (i_f, j_f) = (i as f64, j as f64);
    let plain = if j > i && (i + j) % 2 == 1 { 2.0 } else { 0.0 };
    // x P_j' = j P_j + P_(j-1)', and P_j' is made of all polynomials below of the other parity
    let first = match j.cmp(&i) {
        std::cmp::Ordering::Equal => 2.0 * j_f / (2.0 * i_f + 1.0),
        std::cmp::Ordering::Greater if (i + j).is_multiple_of(2) => 2.0,
        _ => 0.0,
    };
    (plain, first)
}
