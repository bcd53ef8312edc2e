//! Dense linear algebra: the border behind which the library `faer` stands.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::lu::partial_pivoting::factor::{lu_in_place, lu_in_place_scratch};
use faer::linalg::lu::partial_pivoting::solve::{solve_in_place, solve_in_place_scratch};
use faer::linalg::solvers::{DenseSolveCore, PartialPivLu};
use faer::prelude::Solve;
use faer::{Mat, MatMut, MatRef, Par, Spec};

/// A dense matrix of real numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

/// The smallest singular value beside the largest, and its vectors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Singularity {
    /// Largest over smallest singular value; infinite or very large for a singular matrix, not a number for zeros.
    pub(crate) condition_number: f64,
    /// Unit column that the matrix shrinks most: along it a solution is hardly determined.
    pub(crate) right: Vec<f64>,
    /// Unit row combination that vanishes most: right-hand sides along it can hardly be met.
    pub(crate) left: Vec<f64>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Matrix { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// A row as a slice.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// A row to write to.
    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// The product with a column.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.rows).map(|i| self.row(i).iter().zip(x).map(|(a, b)| a * b).sum()).collect()
    }

    /// The product of a row with the matrix: the transposed matrix times a column.
    pub fn transposed_times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.columns];
        for (i, x) in x.iter().enumerate() {
            product.iter_mut().zip(self.row(i)).for_each(|(sum, a)| *sum += x * a);
        }
        product
    }

    /// The solution of `self x = b`; not finite where the matrix is singular.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        // Newton's method spends a sixth of its time here: without the copies that the library's own decomposition makes to be kept
        let (n, sequential) = (self.rows, Par::Seq);
        let room = StackReq::any_of(&[
            lu_in_place_scratch::<usize, f64>(n, n, sequential, Spec::default()),
            solve_in_place_scratch::<usize, f64>(n, 1, sequential),
        ]);
        let mut memory = MemBuffer::new(room);
        let stack = MemStack::new(&mut memory);
        let mut decomposed = self.as_faer().to_owned();
        let (mut forward, mut backward) = (vec![0usize; n], vec![0usize; n]);
        let (_, rows) =
            lu_in_place(decomposed.as_mut(), &mut forward, &mut backward, sequential, stack, Spec::default());
        let mut x = b.to_vec();
        let right = MatMut::from_column_major_slice_mut(&mut x, n, 1);
        solve_in_place(decomposed.as_ref(), decomposed.as_ref(), rows, right, sequential, stack);
        x
    }

    /// The inverse; not finite where the matrix is singular.
    pub fn inverse(&self) -> Self {
        let inverse = self.as_faer().partial_piv_lu().inverse();
        let values = (0..self.rows).flat_map(|i| (0..self.columns).map(move |j| (i, j)));
        Matrix { rows: self.rows, columns: self.columns, values: values.map(|place| inverse[place]).collect() }
    }

    /// As [`Matrix::solve`], with the sign of the determinant: 1, -1, or 0 for a singular matrix.
    pub fn solve_with_sign(&self, b: &[f64]) -> (Vec<f64>, i8) {
        let lu = self.as_faer().partial_piv_lu();
        let x = lu.solve(Mat::from_fn(self.rows, 1, |i, _| b[i]));
        ((0..self.rows).map(|i| x[(i, 0)]).collect(), sign_of(&lu))
    }

    /// The sign of the determinant: 1, -1, or 0 for a singular matrix.
    pub fn determinant_sign(&self) -> i8 {
        sign_of(&self.as_faer().partial_piv_lu())
    }

    /// The eigenvalues as (real part, imaginary part), or `None` if they could not be computed (entries not finite).
    pub fn eigenvalues(&self) -> Option<Vec<(f64, f64)>> {
        if !self.values.iter().all(|x| x.is_finite()) {
            return None;
        }
        let values = self.as_faer().eigenvalues().ok()?;
        Some(values.iter().map(|z| (z.re, z.im)).collect())
    }

    /// How nearly singular the matrix is, and along what; `None` if it has no entry or one that is not finite.
    pub(crate) fn singularity(&self) -> Option<Singularity> {
        if self.values.is_empty() || !self.values.iter().all(|x| x.is_finite()) {
            return None;
        }
        let svd = self.as_faer().thin_svd().ok()?;
        let (values, last) = (svd.S().column_vector(), self.rows.min(self.columns) - 1);
        Some(Singularity {
            condition_number: values[0] / values[last],
            right: (0..self.columns).map(|i| svd.V()[(i, last)]).collect(),
            left: (0..self.rows).map(|i| svd.U()[(i, last)]).collect(),
        })
    }

    fn as_faer(&self) -> MatRef<'_, f64> {
        MatRef::from_row_major_slice(&self.values, self.rows, self.columns)
    }
}

/// The sign of the determinant of what was decomposed.
fn sign_of(lu: &PartialPivLu<f64>) -> i8 {
    let upper = lu.U();
    let diagonal = (0..upper.nrows()).map(|i| sign(upper[(i, i)])).product::<i8>();
    diagonal * parity(lu.P().arrays().0)
}

fn sign(x: f64) -> i8 {
    i8::from(x > 0.0) - i8::from(x < 0.0)
}

/// 1 for an even permutation, -1 for an odd one.
fn parity(permutation: &[usize]) -> i8 {
    let mut seen = vec![false; permutation.len()];
    let mut parity = 1;
    for start in 0..permutation.len() {
        let mut i = start;
        let mut length = 0;
        while !seen[i] {
            seen[i] = true;
            i = permutation[i];
            length += 1;
        }
        if length > 0 && length % 2 == 0 {
            parity = -parity;
        }
    }
    parity
}

impl std::ops::Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.values[row * self.columns + column]
    }
}

impl std::ops::IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.values[row * self.columns + column]
    }
}

/// The largest modulus of the entries; NaN if one of them is.
pub(crate) fn largest(values: &[f64]) -> f64 {
    // not f64::max, which would drop a NaN
    values.iter().fold(0.0, |worst: f64, x| if x.abs() <= worst || worst.is_nan() { worst } else { x.abs() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_entries_one_of_which_is_no_number_is_none() {
        assert_eq!(largest(&[1.0, -3.0, 2.0]), 3.0);
        assert_eq!(largest(&[]), 0.0);
        for values in [[f64::NAN, 1.0, 2.0], [1.0, f64::NAN, 2.0], [1.0, 2.0, f64::NAN]] {
            assert!(largest(&values).is_nan(), "{values:?}");
        }
    }

    #[test]
    fn a_small_system_is_solved() {
        let mut a = Matrix::zeros(2, 2);
        a.row_mut(0).copy_from_slice(&[2.0, 1.0]);
        a.row_mut(1).copy_from_slice(&[-1.0, 3.0]);
        let x = a.solve(&[4.0, 5.0]);
        assert!((x[0] - 1.0).abs() < 1e-15 && (x[1] - 2.0).abs() < 1e-15);
        assert_eq!(a.transposed_times(&[1.0, 2.0]), [0.0, 7.0]);
        let again = a.inverse().times(&[4.0, 5.0]);
        assert!((again[0] - 1.0).abs() < 1e-15 && (again[1] - 2.0).abs() < 1e-15);
    }

    #[test]
    fn the_sign_of_the_determinant_counts_the_exchanged_rows() {
        let rows = [[0.0, 2.0, 0.0], [0.0, 0.0, 3.0], [4.0, 0.0, 0.0]];
        for (exchange, expected) in [(None, 1), (Some((0, 1)), -1), (Some((1, 2)), -1)] {
            let mut rows = rows;
            if let Some((i, j)) = exchange {
                rows.swap(i, j);
            }
            let mut a = Matrix::zeros(3, 3);
            (0..3).for_each(|i| a.row_mut(i).copy_from_slice(&rows[i]));
            let (x, sign) = a.solve_with_sign(&a.times(&[1.0, 2.0, 3.0]));
            assert_eq!((x, sign), (vec![1.0, 2.0, 3.0], expected), "{exchange:?}");
        }
    }

    #[test]
    fn a_rotation_has_a_pair_of_complex_eigenvalues() {
        let mut a = Matrix::zeros(2, 2);
        a[(0, 1)] = -3.0;
        a[(1, 0)] = 3.0;
        let mut values = a.eigenvalues().unwrap();
        values.sort_by(|x, y| x.1.total_cmp(&y.1));
        assert!(values.iter().zip([-3.0, 3.0]).all(|(z, im)| z.0.abs() < 1e-15 && (z.1 - im).abs() < 1e-14));
    }

    #[test]
    fn equal_rows_make_a_matrix_singular_along_what_they_cancel() {
        let mut a = Matrix::zeros(2, 2);
        a.row_mut(0).copy_from_slice(&[4.0, -3.0]);
        a.row_mut(1).copy_from_slice(&[4.0, -3.0]);
        let found = a.singularity().unwrap();
        assert!(found.condition_number > 1e14, "{}", found.condition_number);
        let along = found.right[1] / found.right[0];
        assert!((along - 4.0 / 3.0).abs() < 1e-14, "{:?}", found.right);
        assert!((found.left[1] / found.left[0] + 1.0).abs() < 1e-14, "{:?}", found.left);
        a.row_mut(1).copy_from_slice(&[3.0, 4.0]);
        assert!((a.singularity().unwrap().condition_number - 1.0).abs() < 1e-14, "a rotation");
    }

    #[test]
    fn what_is_not_finite_has_no_eigenvalues() {
        let mut a = Matrix::zeros(1, 1);
        a[(0, 0)] = f64::NAN;
        assert_eq!(a.eigenvalues(), None);
    }

    #[test]
    fn a_solution_without_copies_is_the_librarys_to_the_last_bit() {
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        for n in (1..=20).chain([33, 64, 100]) {
            let mut matrix = Matrix::zeros(n, n);
            (0..n).for_each(|i| matrix.row_mut(i).fill_with(&mut random));
            let b: Vec<f64> = (0..n).map(|_| random()).collect();
            let expected = matrix.as_faer().partial_piv_lu().solve(Mat::from_fn(n, 1, |i, _| b[i]));
            let expected: Vec<f64> = (0..n).map(|i| expected[(i, 0)]).collect();
            assert_eq!(matrix.solve(&b), expected, "{n}");
        }
    }
}
