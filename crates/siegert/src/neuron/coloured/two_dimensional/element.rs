//! A cell with all its modes: from the values at its ends to the fluxes through them, and to the values inside.
//!
//! The equations inside are eliminated group by group: block tridiagonal, with blocks of a few rows, where the modes coupled to each other would make
//! one matrix of hundreds. Definite as they are, they need no pivots between groups.

use multiversion::multiversion;

use super::cell::{Block, Cell, LOWER, Row, TERMS, UPPER, add_outer, dot, product, transposed};
use super::dense::Square;
use super::modes::Modes;

/// The equations inside a cell, eliminated.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) cell: Cell,
    white_mv2: f64,
    /// The inverse of what is left of the diagonal of each group.
    inverses: Vec<Vec<f64>>,
    /// Fluxes at the lower and upper end by the values at the lower and upper end.
    pub(super) exchange: [[Square; 2]; 2],
}

/// Which equations: those of the density, or the transposed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Forward,
    Backward,
}

/// What links both ends of a cell with its inside, for a mode itself and for one that it is coupled to with a strength of 1.
struct Links {
    own: [Row; 2],
    coupled: [Row; 2],
}

/// From which mode to which, and how strongly they are coupled; `None` for a mode with itself.
type Pair = (usize, usize, Option<f64>);

fn pairs(modes: &Modes) -> impl Iterator<Item = Pair> {
    let own = (0..modes.len()).map(|mode| (mode, mode, None));
    let coupled = modes.all_couplings().flat_map(|coupling| {
        let strength = Some(coupling.strength_mv);
        [(coupling.upper, coupling.lower, strength), (coupling.lower, coupling.upper, strength)]
    });
    own.chain(coupled)
}

impl Links {
    fn of(&self, strength: Option<f64>) -> [Row; 2] {
        match strength {
            None => self.own,
            Some(strength) => self.coupled.map(|row| row.map(|entry| strength * entry)),
        }
    }
}

impl Element {
    pub(super) fn new(cell: Cell, modes: &Modes, white_mv2: f64) -> Self {
        let inverses = eliminated(&cell, modes, white_mv2);
        let exchange = std::array::from_fn(|_| std::array::from_fn(|_| Square::zeros(modes.len())));
        let mut element = Element { cell, white_mv2, inverses, exchange };
        let inside = element.by_ends(modes);
        element.add_fluxes(modes, &inside);
        element
    }

    /// What the values at the ends add to the equations of the modes.
    fn entering(&self) -> Links {
        let Cell { force_mv, weight, tau_mv, exit, diffusion, .. } = &self.cell;
        let lower = LOWER.map(|end| end * weight[0]);
        let upper = UPPER.map(|end| if exit.is_some() { 0.0 } else { -end * weight[1] });
        let white = |end: usize, i: usize| self.white_mv2 * diffusion.lifted[end][i] * weight[end];
        Links {
            own: [
                std::array::from_fn(|i| lower[i] * (force_mv[0] + tau_mv[0]) - white(0, i)),
                std::array::from_fn(|i| upper[i] * (force_mv[1] - tau_mv[1]) + white(1, i)),
            ],
            coupled: [lower, upper],
        }
    }

    /// What the values inside add to the fluxes at both ends.
    fn leaving(&self) -> Links {
        let Cell { weight, tau_mv, exit, diffusion, .. } = &self.cell;
        let [velocity, part] = exit.unwrap_or([tau_mv[1], 0.0]);
        let white = |end: usize, i: usize| self.white_mv2 * diffusion.seen[end][i];
        Links {
            own: [
                std::array::from_fn(|i| white(0, i) - LOWER[i] * tau_mv[0] * weight[0]),
                std::array::from_fn(|i| white(1, i) + UPPER[i] * velocity * weight[1]),
            ],
            coupled: [[0.0; TERMS], UPPER.map(|end| end * part * weight[1])],
        }
    }

    /// Coefficients inside by values at the ends: rows of coefficients, columns of both ends of each mode.
    fn by_ends(&self, modes: &Modes) -> Vec<f64> {
        let width = 2 * modes.len();
        let rows = TERMS * width;
        let pushed = &self.cell.pushed;
        let mut inside = vec![0.0; modes.len() * rows];
        let links = self.entering();
        for (from, to, strength) in pairs(modes) {
            for (end, link) in links.of(strength).iter().enumerate() {
                for (i, entry) in link.iter().enumerate() {
                    inside[to * rows + i * width + 2 * from + end] += entry;
                }
            }
        }
        let mut buffer = Vec::new();
        let groups = &modes.groups;
        for (d, group) in groups.iter().enumerate() {
            // on the way up, groups know only of those up to the next one
            let known = 2 * groups.get(d + 1).unwrap_or(group).end;
            if d > 0 {
                for coupling in &modes.couplings[d - 1] {
                    let (below, above) = inside.split_at_mut(coupling.upper * rows);
                    let below = &below[coupling.lower * rows..];
                    subtract(&mut above[..rows], below, pushed, coupling.strength_mv, width, known);
                }
            }
            multiply(&self.inverses[d], &mut inside[group.start * rows..group.end * rows], &mut buffer, width, known);
        }
        let mut coupled = Vec::new();
        for (d, group) in groups.iter().enumerate().rev().skip(1) {
            coupled.clear();
            coupled.resize(group.len() * rows, 0.0);
            for coupling in &modes.couplings[d] {
                let own = &mut coupled[(coupling.lower - group.start) * rows..][..rows];
                let above = &inside[coupling.upper * rows..];
                subtract(own, above, pushed, coupling.strength_mv, width, width);
            }
            multiply(&self.inverses[d], &mut coupled, &mut buffer, width, width);
            for (inside, coupled) in inside[group.start * rows..].iter_mut().zip(&coupled) {
                *inside += coupled;
            }
        }
        inside
    }

    /// Fluxes by values at the ends, by way of the inside and directly.
    fn add_fluxes(&mut self, modes: &Modes, inside: &[f64]) {
        let (size, width) = (modes.len(), 2 * modes.len());
        let links = self.leaving();
        let mut sum = vec![0.0; width];
        for (from, to, strength) in pairs(modes) {
            for (end, link) in links.of(strength).iter().enumerate().filter(|(_, link)| **link != [0.0; TERMS]) {
                sum.fill(0.0);
                for (entry, row) in link.iter().zip(inside[from * TERMS * width..].chunks_exact(width)) {
                    sum.iter_mut().zip(row).for_each(|(sum, row)| *sum += entry * row);
                }
                let [lower, upper] = &mut self.exchange[end];
                let rows = lower.row_mut(to).iter_mut().zip(upper.row_mut(to));
                for ((lower, upper), pair) in rows.zip(sum.chunks_exact(2)) {
                    *lower += pair[0];
                    *upper += pair[1];
                }
            }
        }
        let Cell { force_mv, weight, tau_mv, diffusion, .. } = &self.cell;
        let [lower, across, upper] = diffusion.between.map(|between| self.white_mv2 * between);
        let [[lower_lower, lower_upper], [upper_lower, upper_upper]] = &mut self.exchange;
        for (from, to, strength) in pairs(modes) {
            let k = to * size + from;
            if strength.is_none() {
                lower_upper.entries[k] -= weight[1] * across;
                upper_lower.entries[k] += weight[0] * across;
            }
            lower_lower.entries[k] += weight[0] * strength.unwrap_or(force_mv[0] + tau_mv[0] + lower);
            upper_upper.entries[k] += weight[1] * strength.unwrap_or(force_mv[1] - tau_mv[1] - upper);
        }
    }

    /// How much of the value at the lower end the flux at the upper end is directly.
    pub(super) fn across(&self) -> f64 {
        self.white_mv2 * self.cell.diffusion.between[1] * self.cell.weight[0]
    }

    /// The coefficients inside from the values at both ends.
    pub(super) fn inside(&self, modes: &Modes, ends: [&[f64]; 2]) -> Vec<f64> {
        let mut x = vec![0.0; modes.len() * TERMS];
        let links = self.entering();
        for (from, to, strength) in pairs(modes) {
            for (link, end) in links.of(strength).iter().zip(ends) {
                for (x, entry) in x[to * TERMS..].iter_mut().zip(link) {
                    *x += entry * end[from];
                }
            }
        }
        self.solve(modes, &mut x, Way::Forward);
        x
    }

    /// The coefficients of the transposed equations from what they sum, and the values at both ends.
    pub(super) fn inside_transposed(&self, modes: &Modes, sum: &[f64], ends: [&[f64]; 2]) -> Vec<f64> {
        let mut x = sum.to_vec();
        let links = self.leaving();
        for (to, from, strength) in pairs(modes) {
            let [lower, upper] = links.of(strength);
            for i in 0..TERMS {
                x[to * TERMS + i] += upper[i] * ends[1][from] - lower[i] * ends[0][from];
            }
        }
        self.solve(modes, &mut x, Way::Backward);
        x
    }

    /// What coefficients of the transposed equations add to the right-hand side at both ends.
    pub(super) fn entering_transposed(&self, modes: &Modes, x: &[f64]) -> [Vec<f64>; 2] {
        let links = self.entering();
        let mut ends = [vec![0.0; modes.len()], vec![0.0; modes.len()]];
        for (to, from, strength) in pairs(modes) {
            for (end, link) in ends.iter_mut().zip(links.of(strength)) {
                end[to] += dot(&link, &x[from * TERMS..]);
            }
        }
        ends
    }

    /// Solves the equations inside, in place.
    fn solve(&self, modes: &Modes, x: &mut [f64], way: Way) {
        let pushed = match way {
            Way::Forward => self.cell.pushed,
            Way::Backward => transposed(&self.cell.pushed),
        };
        let push = |from: &[f64]| pushed.map(|row| dot(&row, from));
        for (d, group) in modes.groups.iter().enumerate() {
            if d > 0 {
                for coupling in &modes.couplings[d - 1] {
                    let pushed = push(&x[coupling.lower * TERMS..]);
                    for (x, pushed) in x[coupling.upper * TERMS..].iter_mut().zip(pushed) {
                        *x -= coupling.strength_mv * pushed;
                    }
                }
            }
            let own = &mut x[group.start * TERMS..group.end * TERMS];
            own.copy_from_slice(&times(&self.inverses[d], own, way));
        }
        for (d, group) in modes.groups.iter().enumerate().rev().skip(1) {
            let mut coupled = vec![0.0; group.len() * TERMS];
            for coupling in &modes.couplings[d] {
                let pushed = push(&x[coupling.upper * TERMS..]);
                for (coupled, pushed) in coupled[(coupling.lower - group.start) * TERMS..].iter_mut().zip(pushed) {
                    *coupled -= coupling.strength_mv * pushed;
                }
            }
            for (x, coupled) in x[group.start * TERMS..].iter_mut().zip(times(&self.inverses[d], &coupled, way)) {
                *x += coupled;
            }
        }
    }
}

/// The product of a square matrix, or its transposed one, with a column.
fn times(matrix: &[f64], x: &[f64], way: Way) -> Vec<f64> {
    let size = x.len();
    let entry = |i: usize, j: usize| match way {
        Way::Forward => matrix[i * size + j],
        Way::Backward => matrix[j * size + i],
    };
    (0..size).map(|i| x.iter().enumerate().map(|(j, x)| entry(i, j) * x).sum()).collect()
}

/// The inverse of what is left of the diagonal of each group when those before it are eliminated.
fn eliminated(cell: &Cell, modes: &Modes, white_mv2: f64) -> Vec<Vec<f64>> {
    let mut own = cell.forced;
    add_outer(&mut own, cell.tau_mv[0] * cell.weight[0], &LOWER, &LOWER);
    add_outer(&mut own, cell.tau_mv[1] * cell.weight[1], &UPPER, &UPPER);
    let mut inverses: Vec<Vec<f64>> = Vec::with_capacity(modes.groups.len());
    for (d, group) in modes.groups.iter().enumerate() {
        let size = group.len() * TERMS;
        let mut left = vec![0.0; size * size];
        let mut add = |to: usize, from: usize, block: &dyn Fn(usize, usize) -> f64| {
            for i in 0..TERMS {
                for j in 0..TERMS {
                    left[((to - group.start) * TERMS + i) * size + (from - group.start) * TERMS + j] += block(i, j);
                }
            }
        };
        for mode in group.clone() {
            let decay = modes.decays[mode];
            add(mode, mode, &|i, j| own[i][j] + white_mv2 * cell.diffusion.inside[i][j] + decay * cell.mass[i][j]);
        }
        if let Some(inverse) = inverses.last() {
            let before = &modes.groups[d - 1];
            let width = before.len() * TERMS;
            for a in &modes.couplings[d - 1] {
                for b in &modes.couplings[d - 1] {
                    let (row, column) = ((a.lower - before.start) * TERMS, (b.lower - before.start) * TERMS);
                    let between: Block =
                        std::array::from_fn(|i| std::array::from_fn(|j| inverse[(row + i) * width + column + j]));
                    let passed = product(&cell.pushed, &product(&between, &cell.pushed));
                    let strength = a.strength_mv * b.strength_mv;
                    add(a.upper, b.upper, &|i, j| -strength * passed[i][j]);
                }
            }
        }
        inverses.push(inverse(left, size));
    }
    inverses
}

/// The inverse of a matrix, with pivots.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn inverse(mut a: Vec<f64>, size: usize) -> Vec<f64> {
    let mut order: Vec<usize> = (0..size).collect();
    let mut own = Vec::with_capacity(size);
    for i in 0..size {
        let best =
            (i..size).fold(i, |best, row| if a[row * size + i].abs() > a[best * size + i].abs() { row } else { best });
        if best != i {
            order.swap(i, best);
            (0..size).for_each(|k| a.swap(i * size + k, best * size + k));
        }
        let down = 1.0 / a[i * size + i];
        a[i * size + i] = 1.0;
        a[i * size..(i + 1) * size].iter_mut().for_each(|entry| *entry *= down);
        own.clear();
        own.extend_from_slice(&a[i * size..(i + 1) * size]);
        for (_, row) in a.chunks_exact_mut(size).enumerate().filter(|(row, _)| *row != i) {
            let factor = std::mem::replace(&mut row[i], 0.0);
            row.iter_mut().zip(&own).for_each(|(entry, own)| *entry -= factor * own);
        }
    }
    // columns in the order of the rows before pivoting
    let mut inverse = vec![0.0; size * size];
    for (inverse, row) in inverse.chunks_exact_mut(size).zip(a.chunks_exact(size)) {
        for (&to, entry) in order.iter().zip(row) {
            inverse[to] = *entry;
        }
    }
    inverse
}

/// `target -= strength block source` for rows of which only the first `known` entries are not zero.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn subtract(target: &mut [f64], source: &[f64], block: &Block, strength: f64, width: usize, known: usize) {
    for (target, factors) in target.chunks_exact_mut(width).zip(block) {
        for (factor, source) in factors.iter().zip(source.chunks_exact(width)) {
            let factor = strength * factor;
            for (target, source) in target[..known].iter_mut().zip(source) {
                *target -= factor * source;
            }
        }
    }
}

/// `rows = matrix rows`, with the same about the first entries.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn multiply(matrix: &[f64], rows: &mut [f64], buffer: &mut Vec<f64>, width: usize, known: usize) {
    buffer.clear();
    buffer.extend_from_slice(rows);
    let size = rows.len() / width;
    for (row, factors) in rows.chunks_exact_mut(width).zip(matrix.chunks_exact(size)) {
        let row = &mut row[..known];
        row.fill(0.0);
        for (factor, source) in factors.iter().zip(buffer.chunks_exact(width)) {
            for (row, source) in row.iter_mut().zip(source) {
                *row += factor * source;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_is_one_where_pivots_are_needed_too() {
        let a = vec![0.0, 2.0, 1.0, 1.0, 0.0, 3.0, 4.0, 1.0, 0.0];
        let inverse = inverse(a.clone(), 3);
        for i in 0..3 {
            for j in 0..3 {
                let entry: f64 = (0..3).map(|k| a[3 * i + k] * inverse[3 * k + j]).sum();
                assert!((entry - f64::from(u8::from(i == j))).abs() < 1e-14, "{i} {j}: {entry}");
            }
        }
    }
}
