//! Dense linear algebra: the border behind which the library `faer` stands.

use faer::prelude::Solve;
use faer::{Mat, MatRef};

/// A dense matrix of real numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
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

    /// The solution of `self x = b`; not finite where the matrix is singular.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let right = Mat::from_fn(self.rows, 1, |i, _| b[i]);
        let x = self.as_faer().partial_piv_lu().solve(right);
        (0..self.rows).map(|i| x[(i, 0)]).collect()
    }

    /// The eigenvalues as (real part, imaginary part), or `None` if they could not be computed (entries not finite).
    pub fn eigenvalues(&self) -> Option<Vec<(f64, f64)>> {
        if !self.values.iter().all(|x| x.is_finite()) {
            return None;
        }
        let values = self.as_faer().eigenvalues().ok()?;
        Some(values.iter().map(|z| (z.re, z.im)).collect())
    }

    fn as_faer(&self) -> MatRef<'_, f64> {
        MatRef::from_row_major_slice(&self.values, self.rows, self.columns)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        let mut a = Matrix::zeros(2, 2);
        a.row_mut(0).copy_from_slice(&[2.0, 1.0]);
        a.row_mut(1).copy_from_slice(&[-1.0, 3.0]);
        let x = a.solve(&[4.0, 5.0]);
        assert!((x[0] - 1.0).abs() < 1e-15 && (x[1] - 2.0).abs() < 1e-15);
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
    fn what_is_not_finite_has_no_eigenvalues() {
        let mut a = Matrix::zeros(1, 1);
        a[(0, 0)] = f64::NAN;
        assert_eq!(a.eigenvalues(), None);
    }
}
