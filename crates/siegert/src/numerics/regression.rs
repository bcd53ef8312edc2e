//! A straight line through points with errors: weighted least squares.
//!
//! ```text
//! y = a + b x,    minimal sum_i (y_i - a - b x_i)^2/s_i^2;    Var b = 1/S_xx,    Var a = 1/S + x_mean^2/S_xx
//! S = sum 1/s_i^2,    S_xx = sum (x_i - x_mean)^2/s_i^2
//! ```
//!
//! Source: Press et al. (2007), *Numerical Recipes*, section 15.2. The errors of `a` and `b` are those of the points carried on.
//! Range: points whose `x` differ by a tenth of themselves or more, errors within a factor of 100 of each other.
//! Accuracy: of [`line`], 4e-14 of the largest `|y|` for the intercept and for the slope times the largest `|x|`; standard errors
//! 1e-15 of themselves (against fractions of integers).

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
    use crate::measured::Worst;
    use crate::numerics::random::Stream;

    const ACCURACY_OF_LINE: f64 = 4e-14;
    const ACCURACY_OF_ERRORS: f64 = 1e-15;

    #[test]
    fn lines_agree_with_the_normal_equations_in_integers() {
        let (mut lines, mut errors) = (Worst::default(), Worst::default());
        let mut words = Stream::new(11, 4, 0).sequence();
        for case in 0..2000 {
            // standard errors are powers of 1/2, weights those of 4: all sums are integers
            let points: Vec<(i128, i128, i32)> = (0..2 + words.below(8))
                .map(|i| {
                    let x = 1000 + i128::from(i) * 100 + i128::from(words.below(90));
                    (x, i128::from(words.below(20_001)) - 10_000, words.below(7) as i32)
                })
                .collect();
            let sum = |of: &dyn Fn(i128, i128) -> i128| {
                points.iter().map(|&(x, y, halvings)| of(x, y) << (2 * halvings)).sum::<i128>()
            };
            let (s, x, y, xx, xy) =
                (sum(&|_, _| 1), sum(&|x, _| x), sum(&|_, y| y), sum(&|x, _| x * x), sum(&|x, y| x * y));
            let determinant = (s * xx - x * x) as f64;
            let of = |&(x, y, halvings): &(i128, i128, i32)| Point {
                x: x as f64,
                y: y as f64,
                standard_error: 0.5f64.powi(halvings),
            };
            let found = line(&points.iter().map(of).collect::<Vec<_>>()).unwrap();
            let largest = |of: &dyn Fn(&(i128, i128, i32)) -> i128| points.iter().map(of).max().unwrap() as f64;
            let (largest_x, largest_y) = (largest(&|p| p.0), largest(&|p| p.1.abs()));
            let slope = (s * xy - x * y) as f64 / determinant;
            let intercept = (xx * y - x * xy) as f64 / determinant;
            lines.add((found.slope - slope).abs() * largest_x / largest_y, case);
            lines.add((found.intercept - intercept).abs() / largest_y, case);
            errors.add((found.slope_standard_error / (s as f64 / determinant).sqrt() - 1.0).abs(), case);
            errors.add((found.intercept_standard_error / (xx as f64 / determinant).sqrt() - 1.0).abs(), case);
        }
        lines.must_be_at_most(ACCURACY_OF_LINE);
        errors.must_be_at_most(ACCURACY_OF_ERRORS);
    }

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
