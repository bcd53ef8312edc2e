//! The eigenvalues of the linearised reduced equations, with delays those furthest to the right.
//!
//! Without delays they are those of a matrix. With delays, `det(lambda - A_0 - sum_d A_d e^(-lambda d)) = 0` has infinitely many roots. The operator whose eigenvalues they are is taken at the Chebyshev points of the longest
//! delay (Breda, Maset and Vermiglio 2005, SIAM J Sci Comput 27:482), and each eigenvalue there is the start of Newton's method on the determinant itself; those beside which it ends are kept.
//! Accuracy: with delays 1e-10 of the larger of the eigenvalue and one over the shortest time constant.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::ReducedError;
use super::equations::{Entry, Reduction};
use crate::numerics::linear::{ComplexMatrix, Matrix};

/// Points of the longest delay, and fewer where there are many equations.
const POINTS: usize = 32;
const LEAST_POINTS: usize = 8;
const MOST_ROWS: usize = 480;
/// Steps of Newton's method, and when it is at its end.
const STEPS: usize = 40;
const CONVERGED: f64 = 1e-12;
/// How near two roots are one, how near a root is to its guess if the points resolve it, and how many are kept beside one for each variable.
const SAME: f64 = 1e-7;
const RESOLVED: f64 = 1e-3;
const MORE: usize = 4;

/// The eigenvalues in 1/ms around variables, rightmost first.
pub(super) fn eigenvalues_per_ms(
    reduction: &Reduction,
    y: &[f64],
    factors: &[f64],
) -> Result<Vec<Complex64>, ReducedError> {
    let n = reduction.variables();
    let entries = reduction.linearised(y, factors);
    let longest_ms = entries.iter().map(|entry| entry.delay_ms).fold(0.0, f64::max);
    let mut found = if longest_ms > 0.0 {
        let points = (MOST_ROWS / n).saturating_sub(1).min(POINTS);
        if points < LEAST_POINTS {
            return Err(ReducedError::TooLarge { variables: n, most: MOST_ROWS / (LEAST_POINTS + 1) });
        }
        with_delays(&entries, n, points, longest_ms)
    } else {
        let of_matrix = reduction.jacobian(y, factors).eigenvalues().unwrap_or_default();
        of_matrix.into_iter().map(|(re, im)| Complex64::new(re, im)).collect()
    };
    found.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
    Ok(found)
}

fn with_delays(entries: &[Entry], n: usize, points: usize, longest_ms: f64) -> Vec<Complex64> {
    let Some(guesses) = discretised(entries, n, points, longest_ms).eigenvalues() else { return Vec::new() };
    let fastest = entries.iter().map(|entry| entry.value.abs()).fold(0.0, f64::max).max(1.0 / longest_ms);
    let mut guesses: Vec<Complex64> = guesses.into_iter().map(|(re, im)| Complex64::new(re, im)).collect();
    guesses.retain(|guess| guess.im >= 0.0);
    guesses.sort_by(|a, b| b.re.total_cmp(&a.re));
    let mut found: Vec<Complex64> = Vec::new();
    for guess in guesses {
        if found.len() >= n + MORE {
            break;
        }
        let Some(mut root) = refined(entries, n, guess, fastest) else { continue };
        if (root - guess).norm() > RESOLVED * (root.norm() + fastest) {
            continue;
        }
        if root.im.abs() < 1e-10 * (root.norm() + fastest) {
            root.im = 0.0;
        }
        root.im = root.im.abs();
        if found.iter().all(|known| (known - root).norm() > SAME * (root.norm() + fastest)) {
            found.push(root);
        }
    }
    let turned: Vec<Complex64> = found.iter().filter(|root| root.im > 0.0).map(Complex64::conj).collect();
    found.extend(turned);
    found
}

/// The operator at Chebyshev points: the first block is now, the last a delay ago.
fn discretised(entries: &[Entry], n: usize, points: usize, longest_ms: f64) -> Matrix {
    let nodes: Vec<f64> = (0..=points).map(|k| (PI * k as f64 / points as f64).cos()).collect();
    let weight = |k: usize| {
        let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        if k == 0 || k == points { 0.5 * sign } else { sign }
    };
    let mut matrix = Matrix::zeros(n * (points + 1), n * (points + 1));
    for entry in entries {
        // what it was a delay ago, by barycentric interpolation
        let at = 1.0 - 2.0 * entry.delay_ms / longest_ms;
        let on_node = nodes.iter().position(|node| (node - at).abs() < 1e-14);
        let shares: Vec<f64> = match on_node {
            Some(on) => (0..=points).map(|k| f64::from(u8::from(k == on))).collect(),
            None => {
                let terms: Vec<f64> = (0..=points).map(|k| weight(k) / (at - nodes[k])).collect();
                let sum: f64 = terms.iter().sum();
                terms.iter().map(|term| term / sum).collect()
            }
        };
        for (k, share) in shares.iter().enumerate() {
            matrix[(entry.row, k * n + entry.column)] += entry.value * share;
        }
    }
    for j in 1..=points {
        let mut diagonal = 0.0;
        for k in (0..=points).filter(|k| *k != j) {
            let slope = weight(k) / weight(j) / (nodes[j] - nodes[k]) * 2.0 / longest_ms;
            diagonal -= slope;
            (0..n).for_each(|i| matrix[(j * n + i, k * n + i)] += slope);
        }
        (0..n).for_each(|i| matrix[(j * n + i, j * n + i)] += diagonal);
    }
    matrix
}

/// The determinant at a place, over a power of the fastest rate.
fn determinant(entries: &[Entry], n: usize, lambda: Complex64, fastest: f64) -> Complex64 {
    let mut matrix = ComplexMatrix::zeros(n);
    for entry in entries {
        let later = (-lambda * entry.delay_ms).exp();
        matrix[(entry.row, entry.column)] -= later * entry.value / fastest;
    }
    (0..n).for_each(|i| matrix[(i, i)] += lambda / fastest);
    matrix.determinant()
}

/// A root of the determinant near a place.
fn refined(entries: &[Entry], n: usize, from: Complex64, fastest: f64) -> Option<Complex64> {
    let mut lambda = from;
    let at = |lambda: Complex64| determinant(entries, n, lambda, fastest);
    for _ in 0..STEPS {
        let scale = lambda.norm() + fastest;
        let h = 1e-5 * scale;
        let slope = (at(lambda + h) - at(lambda - h)) / (2.0 * h);
        let mut step = at(lambda) / slope;
        if !step.is_finite() {
            return None;
        }
        if step.norm() > 0.5 * scale {
            step *= 0.5 * scale / step.norm();
        }
        lambda -= step;
        if step.norm() < CONVERGED * scale {
            return Some(lambda);
        }
    }
    None
}
