//! Dense linear algebra: the border behind which the library `nalgebra` stands.

use nalgebra::linalg::{LU, SVD, Schur};
use nalgebra::{DMatrix, DVector, Dyn};
use num_complex::Complex64;

/// Sweeps of the QR algorithm for each eigenvalue, at most; two or three are usual.
const SWEEPS: usize = 30;

/// What counts as zero beside its neighbours on the diagonal, in the QR algorithm: the first is enough but for rare matrices.
const ZERO: [f64; 3] = [8.0 * f64::EPSILON, 64.0 * f64::EPSILON, 512.0 * f64::EPSILON];

/// A dense matrix of real numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

/// A dense square matrix of complex numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComplexMatrix(DMatrix<Complex64>);

impl ComplexMatrix {
    /// A matrix of zeros.
    pub(crate) fn zeros(size: usize) -> Self {
        ComplexMatrix(DMatrix::zeros(size, size))
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.0.nrows()
    }

    /// Rows and columns exchanged.
    pub(crate) fn transposed(&self) -> Self {
        ComplexMatrix(self.0.transpose())
    }

    /// The determinant.
    pub(crate) fn determinant(&self) -> Complex64 {
        self.0.determinant()
    }

    /// The eigenvalues; `None` where the iteration does not end.
    pub(crate) fn eigenvalues(&self) -> Option<Vec<Complex64>> {
        if self.0.is_empty() {
            return Some(Vec::new());
        }
        let is_finite = self.0.iter().all(|entry| entry.is_finite());
        let decomposed = is_finite.then(|| Schur::try_new(self.0.clone(), ZERO[0], SWEEPS * self.0.nrows()))??;
        Some(decomposed.unpack().1.diagonal().iter().copied().collect())
    }

    /// `(1 - self)^-1`; `None` where 1 is an eigenvalue.
    pub(crate) fn propagator(&self) -> Option<Self> {
        let n = self.0.nrows();
        (DMatrix::identity(n, n) - &self.0).try_inverse().map(ComplexMatrix)
    }

    /// `self diag(of) self^+`, `+` for the conjugate transpose.
    pub(crate) fn around(&self, of: &[f64]) -> Self {
        let mut scaled = self.0.clone();
        for (mut column, by) in scaled.column_iter_mut().zip(of) {
            column.scale_mut(*by);
        }
        ComplexMatrix(scaled * self.0.adjoint())
    }

    /// The unit column that the matrix shrinks most, its largest entry real and positive; by inverse iteration, for a matrix that is nearly singular.
    pub(crate) fn nearly_null(&self) -> Vec<Complex64> {
        let n = self.0.nrows();
        let mut decomposed = self.0.clone().lu();
        // one that is singular to the last digit has the same column a little beside it
        let largest = self.0.iter().map(|entry| entry.norm()).fold(f64::MIN_POSITIVE, f64::max);
        for roundings in [8.0, 64.0, 512.0] {
            if decomposed.is_invertible() {
                break;
            }
            decomposed = (self.0.clone() + DMatrix::identity(n, n).scale(roundings * f64::EPSILON * largest)).lu();
        }
        // no vector that symmetries make orthogonal to it
        let mut x = DVector::from_fn(n, |i, _| Complex64::new(1.0, 0.3 * (i + 1) as f64));
        for _ in 0..3 {
            let Some(next) = decomposed.solve(&x) else { break };
            let size = next.norm();
            if !(size.is_finite() && size > 0.0) {
                break;
            }
            x = next.unscale(size);
        }
        let largest = x.iter().copied().max_by(|a, b| a.norm().total_cmp(&b.norm())).unwrap_or(Complex64::ONE);
        let turn = largest.conj() / largest.norm();
        x.iter().map(|entry| entry * turn).collect()
    }
}

impl std::ops::Index<(usize, usize)> for ComplexMatrix {
    type Output = Complex64;

    fn index(&self, place: (usize, usize)) -> &Complex64 {
        &self.0[place]
    }
}

impl std::ops::IndexMut<(usize, usize)> for ComplexMatrix {
    fn index_mut(&mut self, place: (usize, usize)) -> &mut Complex64 {
        &mut self.0[place]
    }
}

/// The smallest singular value beside the largest, and its vectors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Singularity {
    /// Largest over smallest singular value; 4.5e15 = 1/eps for a matrix that is singular to rounding, not a number for zeros.
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
        self.solve_with(&self.decomposed(), b)
    }

    /// The inverse; not finite where the matrix is singular.
    pub fn inverse(&self) -> Self {
        // of no equations nothing is asked: the library cannot
        if self.rows == 0 {
            return self.clone();
        }
        let inverse = self.decomposed().try_inverse();
        let entry = |i, j| inverse.as_ref().map_or(f64::NAN, |inverse| inverse[(i, j)]);
        let values = (0..self.rows).flat_map(|i| (0..self.columns).map(move |j| (i, j)));
        Matrix { rows: self.rows, columns: self.columns, values: values.map(|(i, j)| entry(i, j)).collect() }
    }

    /// As [`Matrix::solve`], with the sign of the determinant: 1, -1, or 0 for a singular matrix.
    pub fn solve_with_sign(&self, b: &[f64]) -> (Vec<f64>, i8) {
        let decomposed = self.decomposed();
        (self.solve_with(&decomposed, b), sign_of(&decomposed))
    }

    /// The sign of the determinant: 1, -1, or 0 for a singular matrix.
    pub fn determinant_sign(&self) -> i8 {
        sign_of(&self.decomposed())
    }

    /// The eigenvalues as (real part, imaginary part), or `None` if they could not be computed (entries not finite).
    pub fn eigenvalues(&self) -> Option<Vec<(f64, f64)>> {
        if !self.values.iter().all(|x| x.is_finite()) {
            return None;
        }
        if self.rows == 0 {
            return Some(Vec::new());
        }
        let matrix = self.as_nalgebra();
        // An entry below the diagonal counts as zero beside its neighbours on it. A matrix of low rank may have none that are large, one with
        // many equal eigenvalues keeps entries of a few roundings: then another diagonal helps, or a coarser zero.
        let shift = largest(&self.values);
        ZERO.iter().flat_map(|&zero| [(zero, 0.0), (zero, shift)]).find_map(|(zero, shift)| {
            let shifted = &matrix + DMatrix::from_diagonal_element(self.rows, self.columns, shift);
            let schur = Schur::try_new(shifted, zero, SWEEPS * self.rows)?;
            Some(schur.complex_eigenvalues().iter().map(|z| (z.re - shift, z.im)).collect())
        })
    }

    /// How nearly singular the matrix is, and along what; `None` if it has no entry or one that is not finite.
    pub(crate) fn singularity(&self) -> Option<Singularity> {
        if self.values.is_empty() || !self.values.iter().all(|x| x.is_finite()) {
            return None;
        }
        let (sweeps, last) = (SWEEPS * self.rows.max(self.columns), self.rows.min(self.columns) - 1);
        let svd = SVD::try_new(self.as_nalgebra(), true, true, 5.0 * f64::EPSILON, sweeps)?;
        let (left, right) = (svd.u?, svd.v_t?);
        let largest = svd.singular_values[0];
        Some(Singularity {
            condition_number: largest / svd.singular_values[last].max(f64::EPSILON * largest),
            right: right.row(last).iter().copied().collect(),
            left: left.column(last).iter().copied().collect(),
        })
    }

    fn as_nalgebra(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.rows, self.columns, &self.values)
    }

    fn decomposed(&self) -> Decomposed {
        LU::new(self.as_nalgebra())
    }

    fn solve_with(&self, decomposed: &Decomposed, b: &[f64]) -> Vec<f64> {
        let mut x = DVector::from_column_slice(b);
        if self.rows > 0 && !decomposed.solve_mut(&mut x) {
            x.fill(f64::NAN);
        }
        x.data.into()
    }
}

/// Rows exchanged, lower and upper triangle.
type Decomposed = LU<f64, Dyn, Dyn>;

/// The sign of the determinant of what was decomposed, which itself may be beyond the range of numbers.
fn sign_of(decomposed: &Decomposed) -> i8 {
    let diagonal = decomposed.lu_internal().diagonal().iter().map(|&x| sign(x)).product::<i8>();
    diagonal * sign(decomposed.p().determinant::<f64>())
}

fn sign(x: f64) -> i8 {
    i8::from(x > 0.0) - i8::from(x < 0.0)
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
    fn what_a_matrix_with_equal_rows_shrinks_is_found_to_the_last_digits() {
        // (1, -c) from both sides, whatever rounding leaves of the second pivot
        for k in 1..200 {
            let z = Complex64::from_polar(1.0 + 0.01 * f64::from(k), 0.1 * f64::from(k));
            let mut matrix = ComplexMatrix::zeros(2);
            let row = [z, z * Complex64::new(0.3, -0.7)];
            (0..4).for_each(|place| matrix[(place / 2, place % 2)] = row[place % 2]);
            let (right, left) = (matrix.nearly_null(), matrix.transposed().nearly_null());
            assert!((row[0] * right[0] + row[1] * right[1]).norm() < 1e-13, "{k}: {right:?}");
            assert!((left[0] + left[1]).norm() < 1e-13, "{k}: {left:?}");
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

    /// Numbers between -0.5 and 0.5, the same in every run.
    fn random(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        }
    }

    fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> Matrix {
        let mut matrix = Matrix::zeros(n, n);
        (0..n).for_each(|i| (0..n).for_each(|j| matrix[(i, j)] = entry(i, j)));
        matrix
    }

    /// The largest distance of an eigenvalue from its partner among those expected.
    fn distance(matrix: &Matrix, mut expected: Vec<(f64, f64)>) -> f64 {
        let found = matrix.eigenvalues().unwrap();
        assert_eq!(found.len(), expected.len());
        let nearest = |found: (f64, f64)| {
            let apart = |e: &(f64, f64)| (e.0 - found.0).hypot(e.1 - found.1);
            let best =
                (0..expected.len()).min_by(|&i, &j| apart(&expected[i]).total_cmp(&apart(&expected[j]))).unwrap();
            apart(&expected.swap_remove(best))
        };
        found.into_iter().map(nearest).fold(0.0, f64::max)
    }

    #[test]
    fn clusters_alike_have_the_eigenvalues_of_one_cluster_many_times() {
        // two kinds of populations in every cluster; a is what a cluster does to itself besides what it does to all
        let (m, a, b) = (20, [[-50.0, -30.0], [70.0, -90.0]], [[3.0, -2.5], [4.0, -5.5]]);
        let clusters = matrix(2 * m, |i, j| {
            let (p, q) = (i / m, j / m);
            b[p][q] + if i % m == j % m { a[p][q] } else { 0.0 }
        });
        let of_two = |x: [[f64; 2]; 2]| {
            let (half, det) = (0.5 * (x[0][0] + x[1][1]), x[0][0] * x[1][1] - x[0][1] * x[1][0]);
            let root = (det - half * half).sqrt();
            [(half, root), (half, -root)]
        };
        let all = std::array::from_fn(|p| std::array::from_fn(|q| a[p][q] + m as f64 * b[p][q]));
        let mut expected = of_two(all).to_vec();
        (1..m).for_each(|_| expected.extend(of_two(a)));
        let found = distance(&clusters, expected);
        assert!(found < 1e-12, "{found}");
    }

    #[test]
    fn rotations_of_all_places_have_the_roots_of_one() {
        for n in [3, 4, 10, 50] {
            let turn = matrix(n, |i, j| f64::from(u8::from(i == (j + 1) % n)));
            let root = |k: usize| {
                let angle = std::f64::consts::TAU * k as f64 / n as f64;
                (angle.cos(), angle.sin())
            };
            assert!(distance(&turn, (0..n).map(root).collect()) < 1e-13, "{n}");
        }
    }

    #[test]
    fn matrices_of_rank_one_none_and_no_size_have_eigenvalues() {
        let (u, v) = (|i: usize| 1.0 + (i % 7) as f64, |j: usize| 0.5 - (j % 5) as f64);
        let n = 254;
        let trace = (0..n).map(|i| u(i) * v(i)).sum();
        let mut expected = vec![(0.0, 0.0); n];
        expected[0].0 = trace;
        let found = distance(&matrix(n, |i, j| u(i) * v(j)), expected);
        assert!(found < 1e-12 * f64::abs(trace), "{found}");
        assert_eq!(Matrix::zeros(3, 3).eigenvalues(), Some(vec![(0.0, 0.0); 3]));
        let none = Matrix::zeros(0, 0);
        assert_eq!((none.eigenvalues(), none.solve(&[]), none.inverse()), (Some(vec![]), vec![], none.clone()));
        assert_eq!(none.singularity(), None);
    }

    #[test]
    fn eigenvalues_of_any_size_have_the_sums_of_their_powers() {
        let mut random = random(1);
        for n in (1..=20).chain([33, 100, 254]) {
            let mut a = Matrix::zeros(n, n);
            (0..n).for_each(|i| a.row_mut(i).fill_with(&mut random));
            let values = a.eigenvalues().unwrap();
            let trace: f64 = (0..n).map(|i| a[(i, i)]).sum();
            let squares: f64 =
                (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| a[(i, j)] * a[(j, i)]).sum();
            assert!((values.iter().map(|z| z.0).sum::<f64>() - trace).abs() < 1e-13 * n as f64, "{n}");
            let found = values.iter().map(|z| z.0 * z.0 - z.1 * z.1).sum::<f64>();
            assert!((found - squares).abs() < 1e-13 * (n * n) as f64, "{n}: {found} {squares}");
        }
    }

    #[test]
    fn systems_of_any_size_are_solved_and_singular_ones_are_not() {
        let mut random = random(2);
        for n in (1..=20).chain([33, 100, 254]) {
            let mut a = Matrix::zeros(n, n);
            (0..n).for_each(|i| a.row_mut(i).fill_with(&mut random));
            let x: Vec<f64> = (0..n).map(|_| random()).collect();
            let b = a.times(&x);
            let (found, sign) = a.solve_with_sign(&b);
            let condition_number = a.singularity().unwrap().condition_number;
            let error = found.iter().zip(&x).map(|(f, x)| (f - x).abs()).fold(0.0, f64::max);
            assert!(error < 1e-15 * condition_number * n as f64, "{n}: {error} {condition_number}");
            assert_eq!((&found, sign), (&a.solve(&b), a.determinant_sign()));
            let again = a.inverse().times(&b);
            assert!(again.iter().zip(&x).all(|(f, x)| (f - x).abs() < 1e-14 * condition_number * n as f64), "{n}");
            a.row_mut(n - 1).fill(0.0);
            let (found, sign) = a.solve_with_sign(&b);
            assert!(found.iter().all(|x| !x.is_finite()) && sign == 0, "{n}: {found:?}");
            assert!(a.inverse().row(0).iter().all(|x| !x.is_finite()));
        }
    }

    #[test]
    fn a_matrix_has_the_singular_values_that_it_was_made_of() {
        // a product of two reflections and a diagonal, down to singular to rounding
        for (n, least) in [(3, 1e-3), (8, 1e-8), (40, 1e-14), (254, 1e-6)] {
            let reflection = |seed| {
                let mut random = random(seed);
                let axis: Vec<f64> = (0..n).map(|_| random()).collect();
                let square: f64 = axis.iter().map(|x| x * x).sum();
                matrix(n, |i, j| f64::from(u8::from(i == j)) - 2.0 * axis[i] * axis[j] / square)
            };
            let (left, right) = (reflection(3), reflection(4));
            let value = |k: usize| f64::powf(least, k as f64 / (n - 1) as f64);
            let made = matrix(n, |i, j| (0..n).map(|k| left[(i, k)] * value(k) * right[(k, j)]).sum());
            let found = made.singularity().unwrap();
            assert!(
                (found.condition_number * least - 1.0).abs() < 1e-15 / least * n as f64,
                "{n}: {}",
                found.condition_number
            );
            let along: f64 = found.right.iter().zip(right.row(n - 1)).map(|(a, b)| a * b).sum();
            let across: f64 = found.left.iter().zip(left.row(n - 1)).map(|(a, b)| a * b).sum();
            assert!((along.abs() - 1.0).abs() < 1e-3 && (across.abs() - 1.0).abs() < 1e-3, "{n}: {along} {across}");
        }
    }
}
