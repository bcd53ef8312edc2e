//! Derivatives of the time from reset to spike by whatever is in the equations: one solution of the transposed ones serves all.
//!
//! ```text
//! dT = worth . d(equations) . density
//! ```
//!
//! Each cell is counted with the worth of its ends, so that what is the same everywhere drops out.

use super::cell::{Block, LOWER, LOWER_SLOPE, TERMS, UPPER, UPPER_SLOPE, dot, slope_product};
use super::chain::{Chain, Field, Worth, WorthInCell};

/// Density and worth of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gradient<'a> {
    pub(super) chain: &'a Chain,
    pub(super) density: &'a Field,
    pub(super) worth: &'a Worth,
}

/// The coefficients of a mode.
pub(super) fn coefficients(cell: &[f64], mode: usize) -> &[f64] {
    &cell[mode * TERMS..(mode + 1) * TERMS]
}

/// `left . block . right`.
pub(super) fn between(left: &[f64], block: &Block, right: &[f64]) -> f64 {
    left.iter().zip(block).map(|(left, row)| left * dot(row, right)).sum()
}

impl Gradient<'_> {
    /// Worth and density of a mode in a cell.
    fn pair(&self, i: usize, mode: usize) -> (&[f64], &[f64]) {
        (coefficients(&self.worth.cells[i].inside, mode), coefficients(&self.density.cells[i], mode))
    }

    /// By a change of the velocity with which a mode drives itself, or another one, in a cell: `block` inside, `ends` there.
    fn by_velocity(&self, i: usize, (to, from): (usize, usize), block: &Block, ends: [f64; 2]) -> f64 {
        let cell = &self.chain.elements[i].cell;
        let u = coefficients(&self.density.cells[i], from);
        let WorthInCell { ends: worth, inside, .. } = &self.worth.cells[i];
        let psi = coefficients(inside, to);
        let [lower, upper] = [0, 1].map(|end| (worth[end][to], self.density.nodes[i + end][from]));
        let at_upper =
            if cell.exit.is_some() { upper.0 * dot(&UPPER, u) } else { (upper.0 - dot(&UPPER, psi)) * upper.1 };
        let at_lower = (lower.0 - dot(&LOWER, psi)) * lower.1;
        cell.weight[1] * ends[1] * at_upper - cell.weight[0] * ends[0] * at_lower - between(psi, block, u)
    }

    /// By a change `f(V)` of the force.
    pub(super) fn by_force(&self, f: impl Fn(f64) -> f64) -> f64 {
        let in_cell = |i: usize| {
            let (block, ends) = self.chain.elements[i].cell.forced_by(&f);
            (0..self.chain.modes.len()).map(|n| self.by_velocity(i, (n, n), &block, ends)).sum::<f64>()
        };
        (0..self.chain.elements.len()).map(in_cell).sum()
    }

    /// By the standard deviation of a filtered noise.
    pub(super) fn by_std(&self, noise: usize) -> f64 {
        let in_cell = |i: usize| {
            let cell = &self.chain.elements[i].cell;
            let ends = [1.0, cell.exit.map_or(1.0, |[_, part]| part)];
            let couplings = self.chain.modes.all_couplings().filter(|coupling| coupling.noise == noise);
            couplings
                .map(|coupling| {
                    let [up, down] = [(coupling.upper, coupling.lower), (coupling.lower, coupling.upper)]
                        .map(|pair| self.by_velocity(i, pair, &cell.pushed, ends));
                    coupling.root * (up + down)
                })
                .sum::<f64>()
        };
        (0..self.chain.elements.len()).map(in_cell).sum()
    }

    /// By `tau_m/tau_k` of a filtered noise, at a given standard deviation.
    pub(super) fn by_decay(&self, noise: usize) -> f64 {
        let in_cell = |i: usize| {
            let mass = &self.chain.elements[i].cell.mass;
            let mode = |n: usize| {
                let (psi, u) = self.pair(i, n);
                f64::from(self.chain.modes.degrees[n][noise]) * between(psi, mass, u)
            };
            (0..self.chain.modes.len()).map(mode).sum::<f64>()
        };
        -(0..self.chain.elements.len()).map(in_cell).sum::<f64>()
    }

    /// By `D` of the white noise.
    pub(super) fn by_diffusion(&self) -> f64 {
        let in_cell = |i: usize| {
            let mode = |n: usize| {
                let (psi, u) = self.pair(i, n);
                let q = self.chain.elements[i].cell.gradient(u, [i, i + 1].map(|node| self.density.nodes[node][n]));
                let [lower, upper] = [0, 1].map(|end| self.worth.cells[i].ends[end][n]);
                slope_product(psi, &q) + lower * dot(&LOWER, &q) - upper * dot(&UPPER, &q)
            };
            (0..self.chain.modes.len()).map(mode).sum::<f64>()
        };
        (0..self.chain.elements.len()).map(in_cell).sum()
    }

    /// By the reset, which the law of the modes enters.
    pub(super) fn by_reset(&self, law: &[f64]) -> f64 {
        let reset = self.chain.reset;
        let slope = |n: usize| {
            let above = dot(&LOWER_SLOPE, coefficients(&self.worth.cells[reset].inside, n))
                / self.chain.elements[reset].cell.stretch_mv[0];
            let Some(i) = reset.checked_sub(1) else { return above };
            let below = dot(&UPPER_SLOPE, coefficients(&self.worth.cells[i].inside, n))
                / self.chain.elements[i].cell.stretch_mv[1];
            0.5 * (above + below)
        };
        law.iter().enumerate().map(|(n, law)| law * slope(n)).sum()
    }
}
