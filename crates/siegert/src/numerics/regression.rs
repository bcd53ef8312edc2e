//! A straight line through points with errors: weighted least squares.
//!
//! ```text
//! y = a + b x,    minimal sum_i (y_i - a - b x_i)^2/s_i^2;    Var b = 1/S_xx,    Var a = 1/S + x_mean^2/S_xx
//! S = sum 1/s_i^2,    S_xx = sum (x_i - x_mean)^2/s_i^2
//! ```
//!
//! Source: Press et al. (2007), *Numerical Recipes*, section 15.2. The errors of `a` and `b` are those of the points carried on.
//! Accuracy: a few roundings of the largest `|y|` (centred sums).

/// A point with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// Where.
    pub(crate) x: f64,
    /// How much.
    pub(crate) y: f64,
    /// Standard error of `y`, positive.
    pub(crate) standard_error: f64,
}

/// A straight line with its standard errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// `y` at `x = 0`.
    pub(crate) intercept: f64,
    /// Of the intercept.
    pub(crate) intercept_standard_error: f64,
    /// `dy/dx`.
    pub(crate) slope: f64,
    /// Of the slope.
    pub(crate) slope_standard_error: f64,
}

/// The line through points; `None` unless there are two at different places, all numbers finite and errors positive.
pub(crate) fn line(points: &[Point]) -> Option<Line> {
    let usable =
        |p: &Point| p.x.is_finite() && p.y.is_finite() && p.standard_error > 0.0 && p.standard_error.is_finite();
    let apart = points.iter().any(|p| p.x != points[0].x);
    if !points.iter().all(usable) || !apart {
        return None;
    }
    let weight = |p: &Point| p.standard_error.powi(-2);
    let sum = |of: &dyn Fn(&Point) -> f64| points.iter().map(|p| weight(p) * of(p)).sum::<f64>();
    let total = sum(&|_| 1.0);
    let (x, y) = (sum(&|p| p.x) / total, sum(&|p| p.y) / total);
    let spread = sum(&|p| (p.x - x).powi(2));
    let slope = sum(&|p| (p.x - x) * (p.y - y)) / spread;
    let found = Line {
        intercept: y - slope * x,
        intercept_standard_error: (1.0 / total + x * x / spread).sqrt(),
        slope,
        slope_standard_error: spread.sqrt().recip(),
    };
    (found.slope.is_finite() && found.slope_standard_error.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_give_the_line_whatever_their_errors() {
        let point = |x: f64, standard_error| Point { x, y: 3.0 - 2.0 * x, standard_error };
        let found = line(&[point(1.0, 0.1), point(2.0, 0.5), point(4.0, 2.0)]).unwrap();
        assert!((found.intercept - 3.0).abs() < 1e-14 && (found.slope + 2.0).abs() < 1e-14, "{found:?}");
    }

    #[test]
    fn errors_are_those_of_the_points_carried_on() {
        // two points: slope (y2 - y1)/2, intercept at 0 is y1 + (y1 - y2)/2
        let points = [(1.0, 0.3), (3.0, 0.4)].map(|(x, standard_error)| Point { x, y: x, standard_error });
        let found = line(&points).unwrap();
        assert!((found.slope_standard_error - 0.25).abs() < 1e-14, "{found:?}");
        let expected = f64::hypot(1.5 * 0.3, 0.5 * 0.4);
        assert!((found.intercept_standard_error - expected).abs() < 1e-14, "{found:?}");
    }

    #[test]
    fn what_determines_no_line_gives_none() {
        let point = Point { x: 1.0, y: 1.0, standard_error: 0.1 };
        let elsewhere = Point { standard_error: 0.3, ..point };
        for points in [
            &[][..],
            &[point],
            &[point, point],
            &[point, elsewhere],
            &[point, Point { x: 2.0, standard_error: 0.0, ..point }],
        ] {
            assert_eq!(line(points), None, "{points:?}");
        }
    }
}
