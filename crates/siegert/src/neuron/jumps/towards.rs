//! The backward equation of jumps towards a reversal potential whose exponents have a law.
//!
//! ```text
//! int phi_i(V) int T(E + (V - E) exp(-A)) rho(A) dA dV,    u = -ln|V - E|:    u -> u + A
//! ```
//!
//! For each pair of elements the integral over `V` is a polynomial in `exp(A)` and `exp(-A)` between the exponents at which edges meet, which are differences of `u`: these cut the
//! integral over the law, which is otherwise smooth, as the sizes of jumps do in `equation`.
//!
//! Source: as of `equation`; the coordinate `u` is ours.
//! Cost: a rate with two laws of exponents takes 2.6 to 3.0 ms, 0.8 to 1.6 ms on elements that are known (normal, lognormal, exponential); with conductances of one weight, which need none of this, 0.08 to 0.27 ms.

use super::equation::{Block, Gain, P, at_edge};
use super::law::JumpLaw;
use super::mesh::Mesh;
use crate::numerics::quadrature::points_6;

/// What is nearer the reversal potential than this part of all potentials is as far.
const NEAREST: f64 = 1e-12;

/// The coordinate `u` on one side of a reversal potential.
#[derive(Clone, Copy)]
struct Side {
    E: f64,
    /// 1 for potentials below it.
    sign: f64,
    nearest: f64,
}

impl Side {
    fn place(self, V: f64) -> f64 {
        -(self.sign * (self.E - V)).max(self.nearest).ln()
    }

    /// Both ends of an element, the lower `u` first.
    fn ordered(self, low: f64, high: f64) -> (f64, f64) {
        let (a, b) = (self.place(low), self.place(high));
        if self.sign > 0.0 { (a, b) } else { (b, a) }
    }

    /// Points of the potential, with their weights, between two places.
    fn points(self, from: f64, to: f64) -> [(f64, f64); 6] {
        let V = |place: f64| self.E - self.sign * (-place).exp();
        if self.sign > 0.0 { points_6(V(from), V(to)) } else { points_6(V(to), V(from)) }
    }
}

impl Mesh {
    /// What they bring to an element.
    pub(super) fn spread_towards(&self, element: usize, E: f64, law: JumpLaw, gain: &mut Gain) {
        let (low, high) = (self.edges[element], self.edges[element + 1]);
        let (bottom, top) = (self.edges[0], self.edges[self.len()]);
        let is_below = |low: f64, high: f64| 0.5 * (low + high) < E;
        let sign = if is_below(low, high) { 1.0 } else { -1.0 };
        let side = Side { E, sign, nearest: NEAREST * (top - bottom) };
        let (first, last) = side.ordered(low, high);
        // where jumps towards E, and back from it, leave all elements
        let (towards, away) = if sign > 0.0 { (top, bottom) } else { (bottom, top) };
        let passes = sign * (E - towards) > 0.0;
        let beyond = |edge: f64, is_towards: bool| -> [f64; P] {
            let edge = side.place(edge);
            let mut left = [0.0; P];
            left[0] = (high - low) * if is_towards { law.above(edge - first) } else { law.below(edge - last) };
            law.between(edge - last, edge - first, |exponent, part| {
                let (from, to) = if is_towards { (edge - exponent, last) } else { (first, edge - exponent) };
                for (V, weight) in side.points(from, to) {
                    let here = self.polynomials(element, V);
                    (0..P).for_each(|i| left[i] += part * weight * here[i]);
                }
            });
            left
        };
        let by_towards = if passes { beyond(towards, true) } else { [0.0; P] };
        let by_away = beyond(away, false);
        let (up, down) = if sign > 0.0 { (by_towards, by_away) } else { (by_away, by_towards) };
        gain.killed[element].iter_mut().zip(up).for_each(|(killed, up)| *killed += up);
        for target in 0..self.len() {
            let (from_mv, to_mv) = (self.edges[target], self.edges[target + 1]);
            let mut entries = [[0.0; P]; P];
            let mut any = false;
            if is_below(from_mv, to_mv) == (sign > 0.0) {
                let (from, to) = side.ordered(from_mv, to_mv);
                let mut exponents = [from - last, from - first, to - last, to - first];
                exponents.sort_by(f64::total_cmp);
                for ends in exponents.windows(2) {
                    law.between(ends[0], ends[1], |exponent, part| {
                        any = true;
                        let shrunk = (-exponent).exp();
                        for (V, weight) in side.points(first.max(from - exponent), last.min(to - exponent)) {
                            let here = self.polynomials(element, V);
                            let there = self.polynomials(target, E + (V - E) * shrunk);
                            for i in 0..P {
                                let factor = part * weight * here[i];
                                (0..P).for_each(|j| entries[i][j] += factor * there[j]);
                            }
                        }
                    });
                }
            }
            // below the lowest element T is what it is at its edge
            if target == 0 && down.iter().any(|part| *part != 0.0) {
                any = true;
                let at = at_edge(false);
                for (row, down) in entries.iter_mut().zip(down) {
                    row.iter_mut().zip(at).for_each(|(entry, at)| *entry += down * at);
                }
            }
            if any {
                gain.blocks.push(Block { row: element, column: target, entries });
            }
        }
    }
}
