//! Panels of 24 Gauss-Legendre points: what is known of a function at the points of a panel says all that is needed of it.
//!
//! ```text
//! int_{-1}^{x_j} f = sum_k S_jk f(x_k),    f(1) = sum_k R_k f(x_k),    c_23 = (47/2) sum_k w_k P_23(x_k) f(x_k)
//! S_jk = (w_k/2) [1 + x_j + sum_{n=1}^{23} P_n(x_k) (P_{n+1}(x_j) - P_{n-1}(x_j))]
//! ```
//!
//! Integrals up to each point, values at both ends, and the last Legendre coefficients, by which one sees whether 24 points are enough.
//!
//! Source: Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 25.4.29 (points and weights) and 22.7.10 (recurrence); the
//! integrals follow from `(2n+1) P_n = P'_{n+1} - P'_{n-1}`.
//! Range: functions that a polynomial of degree 23 follows within a panel; [`Panel::tail`] tells.
//! Accuracy: for such polynomials integrals at most 2e-15, values at the ends 2e-14 and slopes 2e-13 off, relative to the largest value (against exact ones);
//! [`product`] has one rounding, and [`largest`] none.

use std::sync::LazyLock;

use multiversion::multiversion;

/// Points of a panel.
pub(crate) const POINTS: usize = 24;

/// One number for each point of a panel.
pub(crate) type Values = [f64; POINTS];

/// Points and rules on the interval from -1 to 1.
#[derive(Debug)]
pub(crate) struct Panel {
    /// `x_k`.
    pub(crate) x: Values,
    /// `w_k`.
    pub(crate) weights: Values,
    /// `S`, by columns: entry `[k][j]` is what the value at `x_k` adds to the integral up to `x_j`.
    up_to: [Values; POINTS],
    /// The same by rows: what the values add to the integral up to `x_j`, and to that from there to 1.
    pub(crate) integral_up_to: [Values; POINTS],
    pub(crate) integral_from: [Values; POINTS],
    left: Values,
    right: Values,
    last_coefficients: [Values; 2],
    barycentric: Values,
    /// The slope at each point, by columns.
    slopes: [Values; POINTS],
}

/// The panel of all: its rules are computed once.
pub(crate) static PANEL: LazyLock<Panel> = LazyLock::new(Panel::new);

impl Panel {
    fn new() -> Self {
        let x: Values = std::array::from_fn(root);
        let weights = x.map(|x| {
            let slope = slope_of_last(x);
            2.0 / ((1.0 - x * x) * slope * slope)
        });
        let at_points = x.map(legendre);
        let up_to: [Values; POINTS] = std::array::from_fn(|k| {
            std::array::from_fn(|j| {
                let (from, to) = (&at_points[k], &at_points[j]);
                let sum: f64 = (1..POINTS).map(|n| from[n] * (to[n + 1] - to[n - 1])).sum();
                0.5 * weights[k] * (1.0 + x[j] + sum)
            })
        });
        let degree = |n: usize| 0.5 * (2 * n + 1) as f64;
        // the interpolating polynomial at a place, by its Legendre coefficients
        let value_at = |place: f64| -> Values {
            let there = legendre(place);
            std::array::from_fn(|k| {
                weights[k] * (0..POINTS).map(|n| degree(n) * at_points[k][n] * there[n]).sum::<f64>()
            })
        };
        let coefficient = |n: usize| std::array::from_fn(|k| degree(n) * weights[k] * at_points[k][n]);
        let integral_up_to: [Values; POINTS] = std::array::from_fn(|j| std::array::from_fn(|k| up_to[k][j]));
        let barycentric: Values = std::array::from_fn(|k| {
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            sign * ((1.0 - x[k] * x[k]) * weights[k]).sqrt()
        });
        let slope = |j: usize, k: usize| barycentric[k] / (barycentric[j] * (x[j] - x[k]));
        let slopes: [Values; POINTS] = std::array::from_fn(|k| {
            std::array::from_fn(|j| match j == k {
                true => -(0..POINTS).filter(|other| *other != j).map(|other| slope(j, other)).sum::<f64>(),
                false => slope(j, k),
            })
        });
        Panel {
            slopes,
            up_to,
            integral_up_to,
            integral_from: std::array::from_fn(|j| std::array::from_fn(|k| weights[k] - up_to[k][j])),
            left: value_at(-1.0),
            right: value_at(1.0),
            last_coefficients: [coefficient(POINTS - 2), coefficient(POINTS - 1)],
            barycentric,
            x,
            weights,
        }
    }

    /// `int_{-1}^{1} f`.
    pub(crate) fn integral(&self, f: &Values) -> f64 {
        dot(&self.weights, f)
    }

    /// `int_{-1}^{x_j} f` for every point.
    pub(crate) fn integrals(&self, f: &Values) -> Values {
        columns(&self.up_to, f)
    }

    /// `f'` at every point: a polynomial of degree 23 is as much as 200 times steeper at the ends than it is large.
    pub(crate) fn slopes(&self, f: &Values) -> Values {
        columns(&self.slopes, f)
    }

    /// `f(-1)`.
    pub(crate) fn left(&self, f: &Values) -> f64 {
        dot(&self.left, f)
    }

    /// `f(1)`.
    pub(crate) fn right(&self, f: &Values) -> f64 {
        dot(&self.right, f)
    }

    /// `f` between -1 and 1.
    pub(crate) fn at(&self, place: f64, f: &Values) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for (&f, (&x, &factor)) in f.iter().zip(self.x.iter().zip(&self.barycentric)) {
            if place == x {
                return f;
            }
            let weight = factor / (place - x);
            above += weight * f;
            below += weight;
        }
        above / below
    }

    /// The larger of the last two Legendre coefficients: how much of `f` the points may not see.
    pub(crate) fn tail(&self, f: &Values) -> f64 {
        self.last_coefficients.iter().map(|rule| dot(rule, f).abs()).fold(0.0, f64::max)
    }
}

/// The largest modulus.
pub(crate) fn largest(f: &Values) -> f64 {
    f.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()))
}

/// A product, point by point.
pub(crate) fn product(f: &Values, g: &Values) -> Values {
    std::array::from_fn(|k| f[k] * g[k])
}

/// The sum of columns, each times a value.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn columns(columns: &[Values; POINTS], f: &Values) -> Values {
    let mut sums = [0.0; POINTS];
    for (column, f) in columns.iter().zip(f) {
        for (sum, entry) in sums.iter_mut().zip(column) {
            *sum += entry * f;
        }
    }
    sums
}

fn dot(rule: &Values, f: &Values) -> f64 {
    // four sums, which a processor adds at once
    let mut sums = [0.0; 4];
    for (rule, f) in rule.chunks_exact(4).zip(f.chunks_exact(4)) {
        for (sum, (rule, f)) in sums.iter_mut().zip(rule.iter().zip(f)) {
            *sum += rule * f;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// `P_0` to `P_24`.
fn legendre(x: f64) -> [f64; POINTS + 1] {
    let mut p = [1.0; POINTS + 1];
    p[1] = x;
    for n in 1..POINTS {
        p[n + 1] = ((2 * n + 1) as f64 * x * p[n] - n as f64 * p[n - 1]) / (n + 1) as f64;
    }
    p
}

/// `P'_24`.
fn slope_of_last(x: f64) -> f64 {
    let p = legendre(x);
    POINTS as f64 * (p[POINTS - 1] - x * p[POINTS]) / (1.0 - x * x)
}

/// The roots of `P_24`, from the least, by Newton's method.
fn root(k: usize) -> f64 {
    let guess = -(std::f64::consts::PI * (k as f64 + 0.75) / (POINTS as f64 + 0.5)).cos();
    (0..8).fold(guess, |x, _| x - legendre(x)[POINTS] / slope_of_last(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;

    const ACCURACY_OF_INTEGRALS: f64 = 2e-15;
    const ACCURACY_AT_THE_ENDS: f64 = 2e-14;
    const ACCURACY_OF_SLOPES: f64 = 2e-13;

    #[test]
    fn powers_up_to_degree_23_are_integrated_and_continued_exactly() {
        let (mut integrals, mut ends, mut slopes) = (Worst::default(), Worst::default(), Worst::default());
        for degree in 0..POINTS as i32 {
            let f = PANEL.x.map(|x| x.powi(degree));
            let antiderivative = |x: f64| x.powi(degree + 1) / f64::from(degree + 1);
            let whole = antiderivative(1.0) - antiderivative(-1.0);
            integrals.add((PANEL.integral(&f) - whole).abs(), degree);
            for (found, x) in PANEL.integrals(&f).iter().zip(PANEL.x) {
                integrals.add((found - (antiderivative(x) - antiderivative(-1.0))).abs(), degree);
            }
            ends.add((PANEL.right(&f) - 1.0).abs(), degree);
            ends.add((PANEL.left(&f) - f64::powi(-1.0, degree)).abs(), degree);
            ends.add((PANEL.at(0.3, &f) - f64::powi(0.3, degree)).abs(), degree);
            assert_eq!(PANEL.at(PANEL.x[5], &f), f[5]);
            for (found, x) in PANEL.slopes(&f).iter().zip(PANEL.x) {
                let slope = if degree == 0 { 0.0 } else { f64::from(degree) * x.powi(degree - 1) };
                slopes.add((found - slope).abs(), degree);
            }
        }
        integrals.must_be_at_most(ACCURACY_OF_INTEGRALS);
        ends.must_be_at_most(ACCURACY_AT_THE_ENDS);
        slopes.must_be_at_most(ACCURACY_OF_SLOPES);
    }

    #[test]
    fn the_tail_is_rounding_where_the_points_are_enough_and_not_where_they_are_too_few() {
        let smooth = PANEL.x.map(|x| (3.0 * x).exp());
        assert!(PANEL.tail(&smooth) < 1e-14 * largest(&smooth));
        let steep = PANEL.x.map(|x| 1.0 / (1.02 + x));
        assert!(PANEL.tail(&steep) > 1e-4 * largest(&steep));
        assert_eq!(product(&steep, &[2.0; POINTS])[3], 2.0 * steep[3]);
    }
}
