//! What a panel does to the solution at any complex frequency: power series in the frequency, by which a solution is carried through it in a tenth of a microsecond.
//!
//! ```text
//! u' = s c w,    w' = b u - a w,    w = (du/dV)/s
//! u = sum s^n u_n,  w = sum s^n w_n:    w_n' = b u_n - a w_n,    u_{n+1} = int c w_n
//! ```
//!
//! from the two beginnings `(u, w) = (1, 0)` and `(0, 1)`. The series converge everywhere, like those of a hyperbolic cosine of the square root, or of an exponential where the flow carries everything along. A panel must be so short that
//! their terms stay small up to a largest `|s|`, where they are to be summed: then nothing cancels, and `u` and `w` are as smooth as the coefficients.

use super::equation::Equation;
use super::grid::{Cell, Kind};
use crate::numerics::panel::{PANEL, POINTS, Values};

/// At the largest frequency the terms of `u` together are no larger than this beside its beginning, and no more than so many.
const MOST_GROWTH: f64 = 4.0;
const MOST_TERMS: usize = 30;
/// Terms that are smaller beside their sum are left out.
const NEGLIGIBLE: f64 = 1e-17;

/// Sums that are made of the series, each from both beginnings.
pub(super) const SUMS: usize = 8;

/// The order of the sums: those from the beginning of `u` have even places, those from the beginning of `w` odd ones.
pub(super) mod place {
    /// `int c w`, by which `u/s` grows.
    pub(crate) const RISE: usize = 0;
    /// `w` at the upper end.
    pub(crate) const END: usize = 2;
    /// `int Q b w`.
    pub(crate) const FORCE: usize = 4;
    /// `int Q w'`.
    pub(crate) const NOISE: usize = 6;

    /// The same of sums that depend on the potential: `int Q b w x`.
    pub(crate) const FORCE_AT: usize = 0;
    /// `int Q w'/g^2`, with `x` and with `x^2`.
    pub(crate) const NOISES_AT: [usize; 3] = [2, 4, 6];
}

/// Coefficients of `(s/radius)^n`, all sums side by side.
pub(super) type Series = Vec<[f64; SUMS]>;

/// `u_n` and `w_n` from one beginning, with `w_n` at the upper end: each is asked for once.
struct Solution<'a> {
    cell: &'a Cell,
    equation: &'a Equation,
    radius: f64,
    u: Values,
    start: f64,
}

impl<'a> Solution<'a> {
    fn new(cell: &'a Cell, equation: &'a Equation, radius: f64, [u, w]: [f64; 2]) -> Self {
        Solution { cell, equation, radius, u: [u; POINTS], start: w }
    }

    /// The next order: `u` and `w` at the points, `w` at the upper end, and `int c w`.
    fn next(&mut self) -> (Values, Values, f64, f64) {
        let (cell, half) = (self.cell, self.cell.half());
        let [b, c] = [&cell.coefficients.b, &cell.coefficients.c];
        let source: Values = std::array::from_fn(|k| b[k] * self.u[k]);
        let (w, end) = self.equation.solve_upward(cell, &source, self.start);
        let rate: Values = std::array::from_fn(|k| half * c[k] * w[k]);
        let factor = self.radius;
        let u = std::mem::replace(&mut self.u, PANEL.integrals(&rate).map(|sum| factor * sum));
        self.start = 0.0;
        (u, w, end, PANEL.integral(&rate))
    }
}

/// Whether a panel is short enough for frequencies up to a radius.
pub(super) fn converges(cell: &Cell, radius: f64) -> bool {
    let equation = Equation::upward(cell);
    let mut from_u = Solution::new(cell, &equation, radius, [1.0, 0.0]);
    let mut grown = 0.0;
    for _ in 0..MOST_TERMS {
        let (.., rise) = from_u.next();
        let term = (radius * rise).abs();
        grown += term;
        // no number is as small as it is going to be
        if grown.is_nan() || grown > MOST_GROWTH {
            return grown.is_nan();
        }
        if term < NEGLIGIBLE {
            return true;
        }
    }
    false
}

/// One order of a solution in a panel.
struct Order {
    /// `w` at the points, and `dw/dy`.
    w: Values,
    slopes: Values,
    /// `w` at the upper end, and `int c w`.
    end: f64,
    rise: f64,
}

/// The series of a panel, given the occupation `Q` at its points.
pub(super) fn series(cell: &Cell, radius: f64, occupied: &Values) -> Series {
    let (half, b) = (cell.half(), &cell.coefficients.b);
    series_of(cell, radius, |Order { w, slopes, end, rise }| {
        let forced: Values = std::array::from_fn(|k| occupied[k] * b[k] * w[k]);
        let spread: Values = std::array::from_fn(|k| occupied[k] * slopes[k]);
        [rise, end, half * PANEL.integral(&forced), half * PANEL.integral(&spread)]
    })
}

/// The series of what a force does that is the potential's distance `x` from one, and noise that is 1, `x` and `x^2`.
pub(super) fn series_at(cell: &Cell, radius: f64, occupied: &Values, origin_mv: f64) -> Series {
    let (half, [b, c]) = (cell.half(), [&cell.coefficients.b, &cell.coefficients.c]);
    let x = cell.coefficients.V_mv.map(|V_mv| V_mv - origin_mv);
    // 1/g^2
    let quiet: Values = std::array::from_fn(|k| 0.5 * b[k] / c[k]);
    series_of(cell, radius, |Order { w, slopes, .. }| {
        let forced: Values = std::array::from_fn(|k| occupied[k] * b[k] * w[k] * x[k]);
        let spread: Values = std::array::from_fn(|k| occupied[k] * slopes[k] * quiet[k]);
        let by: Values = std::array::from_fn(|k| spread[k] * x[k]);
        let squared: Values = std::array::from_fn(|k| by[k] * x[k]);
        [forced, spread, by, squared].map(|values| half * PANEL.integral(&values))
    })
}

/// Sums of each order, from both beginnings.
fn series_of(cell: &Cell, radius: f64, sums: impl Fn(Order) -> [f64; SUMS / 2]) -> Series {
    let equation = Equation::upward(cell);
    let mut solutions = [[1.0, 0.0], [0.0, 1.0]].map(|start| Solution::new(cell, &equation, radius, start));
    let half = cell.half();
    let [a, b] = [&cell.coefficients.a, &cell.coefficients.b];
    let mut terms = Series::with_capacity(MOST_TERMS);
    let mut sizes = [0.0_f64; SUMS];
    for _ in 0..MOST_TERMS {
        let mut term = [0.0; SUMS];
        for (which, solution) in solutions.iter_mut().enumerate() {
            let (u, w, end, rise) = solution.next();
            // where noise is weak, b u and a w are nearly the same
            let slopes: Values = match cell.kind {
                Kind::Stiff => PANEL.slopes(&w).map(|slope| slope / half),
                _ => std::array::from_fn(|k| b[k] * u[k] - a[k] * w[k]),
            };
            for (place, sum) in sums(Order { w, slopes, end, rise }).into_iter().enumerate() {
                term[2 * place + which] = sum;
            }
        }
        terms.push(term);
        let mut is_last = true;
        for (size, term) in sizes.iter_mut().zip(term) {
            *size += term.abs();
            is_last &= term.abs() <= NEGLIGIBLE * *size;
        }
        if is_last {
            break;
        }
    }
    terms
}
