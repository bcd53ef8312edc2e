//! Small dense matrices, row by row: products and factors for the elimination of the chain of cells.
//!
//! Loops over rows that the compiler vectorises, compiled for several processors: a library made for large matrices takes twice the time for these of
//! 10 to 100 rows.

use multiversion::multiversion;

/// A square matrix, row by row.
#[derive(Clone, Debug)]
pub(super) struct Square {
    pub(super) size: usize,
    pub(super) entries: Vec<f64>,
}

impl Square {
    /// A matrix of zeros.
    pub(super) fn zeros(size: usize) -> Self {
        Square { size, entries: vec![0.0; size * size] }
    }

    /// A row as a slice.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.entries[row * self.size..(row + 1) * self.size]
    }

    /// A row to write to.
    pub(super) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.entries[row * self.size..(row + 1) * self.size]
    }

    /// `self -= A B`.
    pub(super) fn subtract_product(&mut self, a: &Square, b: &Square) {
        subtract_product(&mut self.entries, &a.entries, &b.entries, self.size);
    }

    /// The same with the other sign everywhere.
    pub(super) fn negated(mut self) -> Self {
        self.entries.iter_mut().for_each(|entry| *entry = -*entry);
        self
    }

    /// `A x`.
    pub(super) fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.size).map(|row| self.row(row).iter().zip(x).map(|(a, x)| a * x).sum()).collect()
    }

    /// `A^T x`.
    pub(super) fn transposed_times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for (row, &x) in x.iter().enumerate() {
            add_multiple(&mut product, x, self.row(row));
        }
        product
    }
}

/// `sum += factor * row`.
pub(super) fn add_multiple(sum: &mut [f64], factor: f64, row: &[f64]) {
    for (sum, row) in sum.iter_mut().zip(row) {
        *sum += factor * row;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn subtract_product(sum: &mut [f64], a: &[f64], b: &[f64], size: usize) {
    for (sum, a) in sum.chunks_exact_mut(size).zip(a.chunks_exact(size)) {
        // four rows at once: one pass through the sum for each four
        let mut rows = b.chunks_exact(4 * size);
        let mut factors = a.chunks_exact(4);
        for (rows, factors) in rows.by_ref().zip(factors.by_ref()) {
            let (first, rest) = rows.split_at(size);
            let (second, rest) = rest.split_at(size);
            let (third, fourth) = rest.split_at(size);
            for ((((sum, a), b), c), d) in sum.iter_mut().zip(first).zip(second).zip(third).zip(fourth) {
                *sum -= (factors[0] * a + factors[1] * b) + (factors[2] * c + factors[3] * d);
            }
        }
        for (row, factor) in rows.remainder().chunks_exact(size).zip(factors.remainder()) {
            for (sum, row) in sum.iter_mut().zip(row) {
                *sum -= factor * row;
            }
        }
    }
}

/// Triangular factors of a square matrix, with partial pivoting.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    factors: Square,
    order: Vec<usize>,
}

impl Factors {
    /// Of a matrix.
    pub(super) fn new(mut matrix: Square) -> Self {
        let mut order: Vec<usize> = (0..matrix.size).collect();
        factorise(&mut matrix.entries, &mut order);
        Factors { factors: matrix, order }
    }

    /// The solution of `A X = B`, `B` by rows of any length.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let size = self.factors.size;
        let width = b.len() / size.max(1);
        let mut x = Vec::with_capacity(b.len());
        for &from in &self.order {
            x.extend_from_slice(&b[from * width..(from + 1) * width]);
        }
        substitute(&self.factors.entries, size, &mut x, width);
        x
    }

    /// The solution of `A^T x = b`.
    pub(super) fn solve_transposed(&self, b: &[f64]) -> Vec<f64> {
        let size = self.factors.size;
        let mut y = b.to_vec();
        for i in 0..size {
            let row = self.factors.row(i);
            y[i] /= row[i];
            let (done, rest) = y.split_at_mut(i + 1);
            add_multiple(rest, -done[i], &row[i + 1..]);
        }
        for i in (0..size).rev() {
            let row = self.factors.row(i);
            let (rest, done) = y.split_at_mut(i);
            add_multiple(rest, -done[0], &row[..i]);
        }
        let mut x = vec![0.0; size];
        for (&to, y) in self.order.iter().zip(y) {
            x[to] = y;
        }
        x
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn factorise(matrix: &mut [f64], order: &mut [usize]) {
    let size = order.len();
    for i in 0..size {
        let mut best = i;
        for row in i + 1..size {
            if matrix[row * size + i].abs() > matrix[best * size + i].abs() {
                best = row;
            }
        }
        if best != i {
            order.swap(i, best);
            let (upper, lower) = matrix.split_at_mut(best * size);
            upper[i * size..(i + 1) * size].swap_with_slice(&mut lower[..size]);
        }
        let (upper, lower) = matrix.split_at_mut((i + 1) * size);
        let pivot = &upper[i * size..];
        let inverse = 1.0 / pivot[i];
        for row in lower.chunks_exact_mut(size) {
            let factor = row[i] * inverse;
            row[i] = factor;
            for (entry, pivot) in row[i + 1..].iter_mut().zip(&pivot[i + 1..]) {
                *entry -= factor * pivot;
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn substitute(factors: &[f64], size: usize, x: &mut [f64], width: usize) {
    for i in 0..size {
        let (done, rest) = x.split_at_mut(i * width);
        let own = &mut rest[..width];
        for (row, factor) in done.chunks_exact(width).zip(&factors[i * size..]) {
            for (own, row) in own.iter_mut().zip(row) {
                *own -= factor * row;
            }
        }
    }
    for i in (0..size).rev() {
        let (rest, done) = x.split_at_mut((i + 1) * width);
        let own = &mut rest[i * width..];
        for (row, factor) in done.chunks_exact(width).zip(&factors[i * size + i + 1..]) {
            for (own, row) in own.iter_mut().zip(row) {
                *own -= factor * row;
            }
        }
        let inverse = 1.0 / factors[i * size + i];
        own.iter_mut().for_each(|own| *own *= inverse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries as arbitrary as those of a sine.
    fn matrix(size: usize, phase: f64) -> Square {
        Square { size, entries: (0..size * size).map(|k| (phase + 1.7 * (k * k) as f64).sin()).collect() }
    }

    #[test]
    fn solutions_satisfy_their_equations_and_the_transposed_ones() {
        for size in [1, 2, 5, 8, 19] {
            let a = matrix(size, 0.3);
            let factors = Factors::new(a.clone());
            let b: Vec<f64> = (0..size).map(|k| (k as f64).cos()).collect();
            let back = a.times(&factors.solve(&b));
            let back_transposed = a.transposed_times(&factors.solve_transposed(&b));
            for k in 0..size {
                assert!((back[k] - b[k]).abs() < 1e-11, "{size}: {} for {}", back[k], b[k]);
                assert!((back_transposed[k] - b[k]).abs() < 1e-11, "{size}: {} for {}", back_transposed[k], b[k]);
            }
            // several right-hand sides at once: A A^-1 B - B = 0
            let b = matrix(size, 1.1);
            let mut left = b.clone();
            left.subtract_product(&a, &Square { size, entries: factors.solve(&b.entries) });
            assert!(left.entries.iter().all(|entry| entry.abs() < 1e-11), "{size}");
        }
    }
}
