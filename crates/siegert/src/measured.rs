//! How far formulas are from reference numbers: what the tests that hold a header's accuracy share.

use std::fmt::Debug;

use crate::numerics::quadrature::integrate_16;

#[path = "../tests/support/mod.rs"]
mod support;

pub(crate) use support::{Row, number, table};

/// The worst error over a range, and where.
#[derive(Debug, Default)]
pub(crate) struct Worst {
    error: f64,
    at: String,
    points: usize,
}

impl Worst {
    /// Counts an error; one that is no number is the worst.
    pub(crate) fn add(&mut self, error: f64, at: impl Debug) {
        self.points += 1;
        if error > self.error || (error.is_nan() && !self.error.is_nan()) {
            (self.error, self.at) = (error, format!("{at:?}"));
        }
    }

    /// Asserts it, and prints the worst error (`cargo test -- --nocapture`).
    pub(crate) fn must_be_at_most(&self, accuracy: f64) {
        let Worst { error, at, points } = self;
        println!("{points} points, worst {error:.2e} of {accuracy:e} at {at}");
        assert!(*points > 0 && *error <= accuracy, "{error:e} > {accuracy:e} at {at}, of {points} points");
    }
}

/// The worst relative error over all points of a function of `special_functions.csv`.
pub(crate) fn worst_of(function: &str, value: impl Fn(f64, f64) -> f64) -> Worst {
    let mut worst = Worst::default();
    for row in table("special_functions").iter().filter(|row| row["function"] == function) {
        let y = if row["y"].is_empty() { f64::NAN } else { number(row, "y") };
        worst.add(relative_error(value(number(row, "x"), y), &row["value"]), (&row["x"], &row["y"]));
    }
    assert!(worst.points > 50, "{function}: only {} reference values", worst.points);
    worst
}

/// `int_0^length f` by panels that are short at 0 and grow from there, for an `f` that varies within `scale` at 0 and ever more slowly.
pub(crate) fn graded_integral(length: f64, scale: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut done, mut panel, mut sum) = (0.0, 0.25 * scale, 0.0);
    while done < length {
        let next = (done + panel).min(length);
        sum += integrate_16(done, next, &f);
        (done, panel) = (next, 1.25 * panel);
    }
    sum
}

/// `int_m^b exp(u^2 - x^2) du` by quadrature alone, `x = b - down` and `m = x + excess` between `x` and `b`.
///
/// Distances from `b` and `m` are kept, since squares of `u` and `x` themselves would lose their digits far from 0.
pub(crate) fn gaussian_growth(b: f64, down: f64, excess: f64) -> f64 {
    let scale = |x: f64| 1.0 / x.abs().max(1.0);
    let length = down - excess;
    // the integrand is largest, and varies most, at the limit farther from 0 on each side
    let positive = length.min(b.max(0.0));
    let from_b = graded_integral(positive, scale(b), |u| ((down - u) * (2.0 * b - down - u)).exp());
    let exponent = |u: f64| (excess + u) * (2.0 * b - down - (length - u));
    from_b + graded_integral(length - positive, scale(b - length), |u| exponent(u).exp())
}

/// Relative error; where 0 is expected, the value itself.
///
/// By decimals, since an expected value rounded to an `f64` would be wrong by up to 1e-16 itself.
pub(crate) fn relative_error(found: f64, expected: &str) -> f64 {
    let (expected, exponent) = decimal(expected);
    if expected == 0 || !found.is_finite() {
        return found.abs();
    }
    let (mut found, found_exponent) = decimal(&format!("{found:.24e}"));
    match found_exponent - exponent {
        0 => {}
        1 => found *= 10,
        -1 => found /= 10,
        _ => return 1.0,
    }
    ((found - expected) as f64 / expected as f64).abs()
}

/// The first 25 significant digits as an integer, and the decimal exponent.
fn decimal(text: &str) -> (i128, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits = mantissa.trim_start_matches('-').replace('.', "");
    let point = mantissa.trim_start_matches('-').find('.').unwrap_or(digits.len());
    let significant = digits.trim_start_matches('0');
    let exponent = exponent.parse::<i32>().unwrap() + point as i32 - (digits.len() - significant.len()) as i32;
    let size = format!("{significant:0<25}")[..25].parse::<i128>().unwrap();
    (if mantissa.starts_with('-') { -size } else { size }, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_beyond_the_digits_of_a_number() {
        assert!(relative_error(1.0, "1.000000000000000000000001") > 5e-25);
        assert!((relative_error(0.3, "0.3") - 3.7e-17).abs() < 1e-18);
        assert!((relative_error(0.9999999999999999, "1.0") - 1.11e-16).abs() < 1e-18);
        assert!((relative_error(-2e-300, "-2.000000000000002e-300") - 1e-15).abs() < 1e-16);
        assert_eq!(relative_error(f64::INFINITY, "1.0"), f64::INFINITY);
    }

    #[test]
    fn the_worst_error_is_the_one_that_is_no_number() {
        let mut worst = Worst::default();
        for (error, at) in [(0.5, 1), (f64::NAN, 2), (0.7, 3)] {
            worst.add(error, at);
        }
        assert!(worst.error.is_nan() && worst.at == "2" && worst.points == 3, "{worst:?}");
    }
}
