//! Linear equations of first order in one panel: `y' + a y = f` from the left, and `y' = a y - f` from the right.
//!
//! ```text
//! resolved:  y(x) = exp(-Phi(x)) [y(-1) + int_{-1}^x exp(Phi) f],    Phi(x) = int_{-1}^x a
//! stiff:     y = y(-1) + int u,  (1 + a S) u = f - a y(-1) at the points    (collocation at Gauss-Legendre points)
//! carried:   y = f/a - y'/a, again and again                                (a is so large that it converges at once)
//! ```
//!
//! In a stiff panel the value at the far end is that of the polynomial through the points, not the sum over `u`: what is left of a beginning dies
//! out, as it does in the equation.

use multiversion::multiversion;

use super::grid::{Cell, Kind};
use crate::numerics::panel::{PANEL, POINTS, Values};

/// From so many times one over the length of a stiff panel on, the flow carries everything along: a polynomial of degree 23 has no slope beside it.
const CARRIED: f64 = 1e6;
/// Times that `f/a - y'/a` is taken: each is right to some 1e-4 of the one before at most.
const CORRECTIONS: usize = 3;

/// The equation in one panel, prepared for several right-hand sides.
pub(super) enum Equation {
    /// `exp(Phi)` at the points.
    Resolved(Values),
    /// The factors of `(1 + a S)`, its rows divided by `1 + a`.
    Stiff(Box<Factors>),
    Carried,
}

impl Equation {
    /// `y' + a y = f`.
    pub(super) fn upward(cell: &Cell) -> Self {
        match cell.kind {
            Kind::Stiff if is_carried(cell) => Equation::Carried,
            Kind::Stiff => Equation::Stiff(Factors::new(cell, &PANEL.integral_up_to)),
            _ => Equation::Resolved(exponential(cell)),
        }
    }

    /// `y' = a y - f`.
    pub(super) fn downward(cell: &Cell) -> Self {
        match cell.kind {
            Kind::Stiff if is_carried(cell) => Equation::Carried,
            Kind::Stiff => Equation::Stiff(Factors::new(cell, &PANEL.integral_from)),
            _ => Equation::Resolved(exponential(cell)),
        }
    }

    /// The solution with this value at the left end: at the points, and at the right end.
    pub(super) fn solve_upward(&self, cell: &Cell, f: &Values, start: f64) -> (Values, f64) {
        let half = cell.half();
        match self {
            Equation::Resolved(growth) => {
                let source: Values = std::array::from_fn(|k| half * f[k] * growth[k]);
                let so_far = PANEL.integrals(&source);
                let end = (start + PANEL.integral(&source)) * (-cell.rise).exp();
                (std::array::from_fn(|k| (start + so_far[k]) / growth[k]), end)
            }
            Equation::Stiff(factors) => {
                let a = &cell.coefficients.a;
                let u = factors.solve(&std::array::from_fn(|k| (f[k] - a[k] * start) / (1.0 + half * a[k])));
                let y = PANEL.integrals(&u).map(|sum| start + half * sum);
                (y, PANEL.right(&y))
            }
            Equation::Carried => {
                let y = carried(cell, f, -1.0);
                (y, PANEL.right(&y))
            }
        }
    }

    /// The solution with this value at the right end: at the points, and at the left end.
    pub(super) fn solve_downward(&self, cell: &Cell, f: &Values, start: f64) -> (Values, f64) {
        let half = cell.half();
        match self {
            Equation::Resolved(growth) => {
                let source: Values = std::array::from_fn(|k| half * f[k] / growth[k]);
                let (so_far, whole) = (PANEL.integrals(&source), PANEL.integral(&source));
                let start = start * (-cell.rise).exp();
                (std::array::from_fn(|k| (start + (whole - so_far[k])) * growth[k]), start + whole)
            }
            Equation::Stiff(factors) => {
                let a = &cell.coefficients.a;
                let u = factors.solve(&std::array::from_fn(|k| (a[k] * start - f[k]) / (1.0 + half * a[k])));
                let (so_far, whole) = (PANEL.integrals(&u), PANEL.integral(&u));
                let y = so_far.map(|sum| start - half * (whole - sum));
                (y, PANEL.left(&y))
            }
            Equation::Carried => {
                let y = carried(cell, f, 1.0);
                (y, PANEL.left(&y))
            }
        }
    }
}

fn is_carried(cell: &Cell) -> bool {
    let half = cell.half();
    cell.coefficients.a.iter().all(|a| half * a > CARRIED)
}

/// The solution of `y = (f + sign y')/a`.
fn carried(cell: &Cell, f: &Values, sign: f64) -> Values {
    let (a, per_half) = (&cell.coefficients.a, sign / cell.half());
    let mut y: Values = std::array::from_fn(|k| f[k] / a[k]);
    for _ in 0..CORRECTIONS {
        let slope = PANEL.slopes(&y);
        y = std::array::from_fn(|k| (f[k] + per_half * slope[k]) / a[k]);
    }
    y
}

fn exponential(cell: &Cell) -> Values {
    PANEL.integrals(&cell.coefficients.a).map(|sum| (cell.half() * sum).exp())
}

/// Triangular factors of a matrix of 24 rows, with partial pivoting: a fixed size, and no allocation in the innermost loop of a rate.
pub(super) struct Factors {
    rows: [Values; POINTS],
    order: [usize; POINTS],
}

impl Factors {
    /// Of `(1 + half a M)/(1 + half a)`, `M` by rows and columns.
    fn new(cell: &Cell, matrix: &[Values; POINTS]) -> Box<Self> {
        let half = cell.half();
        let mut factors = Box::new(Factors { rows: *matrix, order: std::array::from_fn(|row| row) });
        for (row, entries) in factors.rows.iter_mut().enumerate() {
            let stiffness = half * cell.coefficients.a[row];
            let scale = 1.0 / (1.0 + stiffness);
            entries.iter_mut().for_each(|entry| *entry *= stiffness * scale);
            entries[row] += scale;
        }
        factorise(&mut factors.rows, &mut factors.order);
        factors
    }

    fn solve(&self, b: &Values) -> Values {
        let mut y = [0.0; POINTS];
        let product = |entries: &[f64], y: &[f64]| entries.iter().zip(y).map(|(entry, y)| entry * y).sum::<f64>();
        for i in 0..POINTS {
            y[i] = b[self.order[i]] - product(&self.rows[i][..i], &y[..i]);
        }
        for i in (0..POINTS).rev() {
            y[i] = (y[i] - product(&self.rows[i][i + 1..], &y[i + 1..])) / self.rows[i][i];
        }
        y
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn factorise(rows: &mut [Values; POINTS], order: &mut [usize; POINTS]) {
    for i in 0..POINTS {
        let mut best = i;
        for row in i + 1..POINTS {
            if rows[row][i].abs() > rows[best][i].abs() {
                best = row;
            }
        }
        if best != i {
            rows.swap(i, best);
            order.swap(i, best);
        }
        let inverse = 1.0 / rows[i][i];
        // whole rows with zeros in place of what is done: loops of a fixed length take a third of the time
        let mut pivot = rows[i];
        pivot[..=i].fill(0.0);
        for row in &mut rows[i + 1..] {
            let factor = row[i] * inverse;
            for (entry, pivot) in row.iter_mut().zip(&pivot) {
                *entry -= factor * pivot;
            }
            row[i] = factor;
        }
    }
}
