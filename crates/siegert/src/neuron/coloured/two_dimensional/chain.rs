//! The chain of cells from the lowest potential to the spike: one elimination, from both ends to the reset, for all that is asked.
//!
//! ```text
//! flux up to node i by the cell above it - flux up to it by the cell below it = what enters there
//! ```
//!
//! The flux of the first mode is known: 0 below the reset, and above it that of the spikes. Its equations say so, in place of the difference of two
//! fluxes, which far below threshold would be that of large and nearly equal numbers: rates keep their digits down to 1e-22 Hz.

use super::dense::{Factors, Square};
use super::element::Element;
use super::modes::Modes;

/// From so many cells times the third power of the modes on, some milliseconds of work, it pays to wait for other cores.
const LARGE: f64 = 3e5;

/// Whether a chain is so large that it is worth several cores.
pub(super) fn is_large(cells: usize, modes: &Modes) -> bool {
    cells as f64 * (modes.len() as f64).powi(3) > LARGE
}

/// The eliminated chain.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) modes: Modes,
    pub(super) elements: Vec<Element>,
    /// The node of the reset.
    pub(super) reset: usize,
    factors: Vec<Factors>,
    /// From a node's value to that of the node farther from the reset, with the other sign.
    follows: Vec<Square>,
    /// What a flux of 1 in the first mode adds to the value at each node above the reset.
    carried: Vec<Vec<f64>>,
}

/// Values at the nodes and coefficients in the cells.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) nodes: Vec<Vec<f64>>,
    pub(super) cells: Vec<Vec<f64>>,
}

/// What a neuron is worth at the nodes, and in each cell beside what it is worth at the lower end of it in the first mode.
///
/// Far below threshold it is nearly the same everywhere; what is done with the differences needs all digits of them.
#[derive(Debug)]
pub(super) struct Worth {
    pub(super) nodes: Vec<Vec<f64>>,
    pub(super) cells: Vec<WorthInCell>,
}

/// The same in a cell.
#[derive(Debug)]
pub(super) struct WorthInCell {
    /// At the lower end, in the first mode: what the others are counted from.
    pub(super) base: f64,
    pub(super) ends: [Vec<f64>; 2],
    pub(super) inside: Vec<f64>,
}

impl Chain {
    /// Eliminates all nodes but the reset, and then this one.
    pub(super) fn new(modes: Modes, mut elements: Vec<Element>, reset: usize) -> Self {
        let (count, size) = (elements.len(), modes.len());
        for (i, element) in elements.iter_mut().enumerate() {
            let [below, above] = &mut element.exchange[1];
            above.row_mut(0).fill(0.0);
            // what leaves by the spike is still asked for
            if i + 1 < count {
                below.row_mut(0).fill(0.0);
            }
        }
        // what lies below the reset and what lies above it know of each other only there
        let of_below = || eliminated_below(&elements, reset);
        let of_above = || eliminated_above(&elements, reset);
        let (below, above) =
            if is_large(count, &modes) { rayon::join(of_below, of_above) } else { (of_below(), of_above()) };
        let mut at_reset = below.at_reset;
        if let Some(follow) = above.follows.first() {
            at_reset.subtract_product(&elements[reset].exchange[0][1], follow);
        }
        let mut factors = below.factors;
        factors.push(Factors::new(at_reset));
        factors.extend(above.factors);
        let mut follows = below.follows;
        follows.push(Square::zeros(0));
        follows.extend(above.follows);
        let mut carried = vec![vec![0.0; size]; reset + 1];
        carried.extend(above.carried);
        carried.truncate(count);
        Chain { modes, elements, reset, factors, follows, carried }
    }

    /// What enters at the reset, less what the first mode does above it.
    fn entering(&self, law: &[f64]) -> Vec<f64> {
        let Some(carried) = self.carried.get(self.reset + 1) else { return law.to_vec() };
        let above = self.elements[self.reset].exchange[0][1].times(carried);
        law.iter().zip(above).map(|(entering, above)| entering - law[0] * above).collect()
    }

    /// From the flux that enters at the reset to that of the spikes, mode by mode.
    pub(super) fn passed(&self) -> Square {
        let (count, size) = (self.elements.len(), self.modes.len());
        let mut chain = self.elements[count - 1].exchange[1][0].clone();
        let mut first = vec![0.0; size];
        for i in (self.reset + 1..count).rev() {
            for (first, part) in first.iter_mut().zip(chain.times(&self.carried[i])) {
                *first += part;
            }
            let mut next = Square::zeros(size);
            next.subtract_product(&chain, &self.follows[i]);
            chain = next;
        }
        let mut unit = vec![0.0; size];
        unit[0] = 1.0;
        let entering = self.entering(&unit);
        let mut passed = Square::zeros(size);
        for (row, first) in first.iter().enumerate() {
            let solved = self.factors[self.reset].solve_transposed(chain.row(row));
            passed.row_mut(row).copy_from_slice(&solved);
            passed.row_mut(row)[0] = first + solved.iter().zip(&entering).map(|(a, b)| a * b).sum::<f64>();
        }
        passed
    }

    /// The density for a flux that enters at the reset.
    pub(super) fn density(&self, law: &[f64]) -> Field {
        let (count, size) = (self.elements.len(), self.modes.len());
        let mut nodes = vec![vec![0.0; size]; count + 1];
        nodes[self.reset] = self.factors[self.reset].solve(&self.entering(law));
        for i in (0..self.reset).rev() {
            nodes[i] = self.follows[i].times(&nodes[i + 1]).into_iter().map(|x| -x).collect();
        }
        for i in self.reset + 1..count {
            let follow = self.follows[i].times(&nodes[i - 1]);
            nodes[i] = self.carried[i].iter().zip(follow).map(|(carried, follow)| law[0] * carried - follow).collect();
        }
        let inside = |(i, element): (usize, &Element)| element.inside(&self.modes, [&nodes[i], &nodes[i + 1]]);
        let cells = self.elements.iter().enumerate().map(inside).collect();
        Field { nodes, cells }
    }

    /// The transposed equations: what a neuron is worth everywhere, for what is summed in each cell on the way to the spike, and what is due there.
    pub(super) fn worth(&self, sums: &[Vec<f64>], at_spike: &[f64]) -> Worth {
        let (count, size) = (self.elements.len(), self.modes.len());
        let nothing = vec![0.0; size];
        let mut right = vec![nothing.clone(); count + 1];
        for (i, (element, sum)) in self.elements.iter().zip(sums).enumerate() {
            let upper = if i + 1 == count { at_spike } else { &nothing[..] };
            let x = element.inside_transposed(&self.modes, sum, [&nothing, upper]);
            for (right, end) in right[i..].iter_mut().zip(element.entering_transposed(&self.modes, &x)) {
                right.iter_mut().zip(end).for_each(|(right, end)| *right += end);
            }
        }
        let across = self.elements[count - 1].across();
        right[count - 1].iter_mut().zip(at_spike).for_each(|(right, due)| *right += across * due);
        let mut nodes = self.solve_transposed(right);
        // from the differences of the first mode, which belong to the known flux, to its values
        let differences: Vec<f64> = nodes.iter().map(|node| node[0]).collect();
        let mut sum = 0.0;
        for node in nodes.iter_mut().rev() {
            sum += node[0];
            node[0] = sum;
        }
        nodes.push(at_spike.to_vec());
        let in_cell = |(i, element): (usize, &Element)| {
            let mut ends = [nodes[i].clone(), nodes[i + 1].clone()];
            (ends[0][0], ends[1][0]) = (0.0, -differences[i]);
            let inside = element.inside_transposed(&self.modes, &sums[i], [&ends[0], &ends[1]]);
            WorthInCell { base: nodes[i][0], ends, inside }
        };
        let cells = self.elements.iter().enumerate().map(in_cell).collect();
        Worth { nodes, cells }
    }

    /// The transposed equations of the nodes.
    fn solve_transposed(&self, mut right: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        let count = self.elements.len();
        let subtract = |from: &mut [f64], part: Vec<f64>| from.iter_mut().zip(part).for_each(|(x, part)| *x -= part);
        for i in 0..self.reset {
            let part = self.follows[i].transposed_times(&right[i]);
            subtract(&mut right[i + 1], part);
        }
        for i in (self.reset + 1..count).rev() {
            let part = self.follows[i].transposed_times(&right[i]);
            subtract(&mut right[i - 1], part);
        }
        right.truncate(count);
        let mut nodes = right;
        nodes[self.reset] = self.factors[self.reset].solve_transposed(&nodes[self.reset]);
        for i in (0..self.reset).rev() {
            let part = self.elements[i].exchange[1][0].transposed_times(&nodes[i + 1]);
            nodes[i].iter_mut().zip(part).for_each(|(right, part)| *right += part);
            nodes[i] = self.factors[i].solve_transposed(&nodes[i]);
        }
        for i in self.reset + 1..count {
            let part = self.elements[i - 1].exchange[0][1].transposed_times(&nodes[i - 1]);
            subtract(&mut nodes[i], part);
            nodes[i] = self.factors[i].solve_transposed(&nodes[i]);
        }
        nodes
    }
}

/// What is left of the nodes below the reset, from the lowest upwards.
struct Below {
    factors: Vec<Factors>,
    follows: Vec<Square>,
    at_reset: Square,
}

/// What is left of those above it, from the reset upwards.
struct Above {
    factors: Vec<Factors>,
    follows: Vec<Square>,
    carried: Vec<Vec<f64>>,
}

fn eliminated_below(elements: &[Element], reset: usize) -> Below {
    let size = elements[0].exchange[0][0].size;
    let mut diagonal = elements[0].exchange[0][0].clone();
    let (mut factors, mut follows) = (Vec::with_capacity(reset), Vec::with_capacity(reset));
    for i in 0..reset {
        let own = Factors::new(diagonal);
        // the entries below the diagonal are the fluxes with the other sign
        let follow = Square { size, entries: own.solve(&elements[i].exchange[0][1].entries) }.negated();
        diagonal = difference(elements, i + 1);
        diagonal.subtract_product(&elements[i].exchange[1][0], &follow);
        factors.push(own);
        follows.push(follow.negated());
    }
    Below { factors, follows, at_reset: diagonal }
}

fn eliminated_above(elements: &[Element], reset: usize) -> Above {
    let (count, size) = (elements.len(), elements[0].exchange[0][0].size);
    // from the spike down, and turned round at the end
    let mut above = Above { factors: Vec::new(), follows: Vec::new(), carried: Vec::new() };
    for i in (reset + 1..count).rev() {
        let mut diagonal = difference(elements, i);
        let mut entering = vec![0.0; size];
        entering[0] = 1.0;
        if let (Some(follow), Some(carried)) = (above.follows.last(), above.carried.last()) {
            diagonal.subtract_product(&elements[i].exchange[0][1], follow);
            let from_above = elements[i].exchange[0][1].times(carried);
            entering.iter_mut().zip(from_above).for_each(|(entering, above)| *entering -= above);
        }
        let own = Factors::new(diagonal);
        above.carried.push(own.solve(&entering));
        above.follows.push(Square { size, entries: own.solve(&elements[i - 1].exchange[1][0].entries) }.negated());
        above.factors.push(own);
    }
    above.factors.reverse();
    above.follows.reverse();
    above.carried.reverse();
    above
}

/// The difference of the fluxes at a node by the value there.
fn difference(elements: &[Element], node: usize) -> Square {
    let mut square = elements[node].exchange[0][0].clone();
    square
        .entries
        .iter_mut()
        .zip(&elements[node - 1].exchange[1][1].entries)
        .for_each(|(entry, below)| *entry -= below);
    square
}

/// The law of the modes at the reset, that of the first being 1: `kept` is what the refractory time leaves of each mode of the spikes.
pub(super) fn stationary(passed: &Square, kept: &[f64]) -> Vec<f64> {
    let right = (1..passed.size).map(|i| kept[i] * passed.row(i)[0]).collect();
    let mut law = vec![1.0];
    law.extend(without_first(passed.size, |i, j| kept[i] * passed.row(i)[j], right));
    law
}

/// What each mode at the reset is worth with all that follows, but for the first one, from what it is worth until the spike.
pub(super) fn with_all_that_follows(passed: &Square, kept: &[f64], until_spike: &[f64]) -> Vec<f64> {
    let mut worth = vec![0.0];
    worth.extend(without_first(passed.size, |i, j| kept[j] * passed.row(j)[i], until_spike[1..].to_vec()));
    worth
}

/// The solution of `(1 - A) x = right` for all modes but the first.
fn without_first(size: usize, a: impl Fn(usize, usize) -> f64, right: Vec<f64>) -> Vec<f64> {
    let mut matrix = Square::zeros(size - 1);
    for i in 1..size {
        for (j, entry) in (1..size).zip(matrix.row_mut(i - 1)) {
            *entry = f64::from(u8::from(i == j)) - a(i, j);
        }
    }
    if right.is_empty() { right } else { Factors::new(matrix).solve(&right) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stationary_law_is_left_behind_by_its_own_spikes() {
        // what is worth nothing until the spike is worth what follows: an eigenvector for 1 of the transposed matrix
        let passed = Square { size: 3, entries: vec![1.0, 0.0, 0.0, 0.3, 0.5, 0.1, -0.2, 0.2, 0.4] };
        let kept = [1.0, 0.9, 0.8];
        let law = stationary(&passed, &kept);
        for (i, again) in passed.times(&law).iter().enumerate() {
            assert!((kept[i] * again - law[i]).abs() < 1e-15, "{law:?}");
        }
        let until_spike = [5.0, 2.0, -1.0];
        let worth = with_all_that_follows(&passed, &kept, &until_spike);
        let due: Vec<f64> = worth.iter().zip(kept).map(|(worth, kept)| worth * kept).collect();
        for (i, later) in passed.transposed_times(&due).iter().enumerate().skip(1) {
            assert!((until_spike[i] + later - worth[i]).abs() < 1e-14, "{worth:?}");
        }
        assert_eq!(stationary(&Square { size: 1, entries: vec![1.0] }, &[1.0]), [1.0]);
    }
}
