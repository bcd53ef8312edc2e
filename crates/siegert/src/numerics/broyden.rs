//! Broyden's method: a system of equations by an inverse Jacobian that learns from the steps taken.
//!
//! ```text
//! x <- x - H f(x),    H <- H + (s - H y) s^T H / (s^T H y),    s the step, y the change of f
//! ```
//!
//! Source: Broyden (1965), Math Comput 19:577 (the first of his methods, by the formula of Sherman and Morrison).
//! Range: a start near the solution, or an inverse Jacobian that is good there.

use super::linear::{Matrix, largest};

/// When an iteration ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// Largest modulus of a residual at a solution.
    pub(crate) tolerance: f64,
    pub(crate) most_iterations: usize,
    /// No step changes an unknown by more than this.
    pub(crate) longest_step: f64,
}

/// The solution of `residual(x) = 0` near `x`, from the inverse Jacobian there; `None` if it is not reached.
pub(crate) fn broyden(
    residual: impl Fn(&[f64]) -> Vec<f64>,
    mut x: Vec<f64>,
    inverse_jacobian: impl FnOnce() -> Matrix,
    limits: &Limits,
) -> Option<Vec<f64>> {
    let mut last = residual(&x);
    if largest(&last) <= limits.tolerance {
        return Some(x);
    }
    let mut inverse = inverse_jacobian();
    for _ in 0..limits.most_iterations {
        let mut step = inverse.times(&last);
        let length = (limits.longest_step / largest(&step)).min(1.0);
        step.iter_mut().for_each(|step| *step *= -length);
        x.iter_mut().zip(&step).for_each(|(x, step)| *x += step);
        let next = residual(&x);
        let size = largest(&next);
        if size <= limits.tolerance {
            return Some(x);
        }
        if !size.is_finite() {
            return None;
        }
        let change: Vec<f64> = next.iter().zip(&last).map(|(next, last)| next - last).collect();
        update(&mut inverse, &step, &change);
        last = next;
    }
    None
}

/// Broyden's update of an inverse Jacobian.
fn update(inverse: &mut Matrix, step: &[f64], change: &[f64]) {
    let predicted = inverse.times(change);
    let weights = inverse.transposed_times(step);
    let scale: f64 = step.iter().zip(&predicted).map(|(s, p)| s * p).sum();
    if scale == 0.0 {
        return;
    }
    for (a, (step, predicted)) in step.iter().zip(&predicted).enumerate() {
        let factor = (step - predicted) / scale;
        inverse.row_mut(a).iter_mut().zip(&weights).for_each(|(entry, weight)| *entry += factor * weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minus_identity() -> Matrix {
        let mut matrix = Matrix::zeros(2, 2);
        matrix[(0, 0)] = -1.0;
        matrix[(1, 1)] = -1.0;
        matrix
    }

    #[test]
    fn a_coupled_system_is_solved_from_a_rough_jacobian() {
        let residual = |x: &[f64]| vec![(0.5 * x[1]).cos() - x[0], 0.3 * x[0] * x[0] + 0.1 - x[1]];
        let limits = Limits { tolerance: 1e-13, most_iterations: 30, longest_step: 2.0 };
        let x = broyden(residual, vec![0.0, 0.0], minus_identity, &limits).unwrap();
        assert!(residual(&x).iter().all(|r| r.abs() < 1e-13), "{x:?}");
        let never = Limits { most_iterations: 1, ..limits };
        assert_eq!(broyden(residual, vec![0.0, 0.0], minus_identity, &never), None);
    }

    #[test]
    fn equations_without_solution_or_numbers_end_the_iteration() {
        let limits = Limits { tolerance: 1e-13, most_iterations: 50, longest_step: 2.0 };
        assert_eq!(broyden(|x| vec![x[0] * x[0] + 1.0, 0.0], vec![1.0, 0.0], minus_identity, &limits), None);
        assert_eq!(broyden(|_| vec![f64::NAN, 0.0], vec![1.0, 0.0], minus_identity, &limits), None);
    }

    #[test]
    fn an_updated_inverse_maps_the_last_change_to_the_last_step() {
        let mut inverse = Matrix::zeros(2, 2);
        inverse.row_mut(0).copy_from_slice(&[-1.0, 0.3]);
        inverse.row_mut(1).copy_from_slice(&[0.2, -1.0]);
        let (step, change) = ([0.4, -0.1], [-0.5, 0.3]);
        update(&mut inverse, &step, &change);
        let again = inverse.times(&change);
        assert!(again.iter().zip(step).all(|(again, step)| (again - step).abs() < 1e-15), "{again:?}");
    }
}
