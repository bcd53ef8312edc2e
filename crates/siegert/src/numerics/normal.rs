//! The normal law: its distribution function and its quantiles.
//!
//! ```text
//! P(z) = erfc(-z/sqrt(2))/2 = exp(-z^2/2) erfcx(-z/sqrt(2))/2 for z < 0,    P(-z) = 1 - P(z)
//! ```
//!
//! Quantiles start from Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 26.2.23 (error 4.5e-4), and take two
//! of Halley's steps.
//!
//! Range: `z` from -37 up, `p` from 1e-300 up.
//! Accuracy: relative error at most 5e-16 for [`cumulative`] beyond `z^2` roundings in the lower tail; error at most 1e-15 times
//! `max(1, |z|)` for [`quantile`] (against 40 digits).

use super::erfcx::erfcx;

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The probability of a value below `z`; its relative accuracy holds in the lower tail, too.
pub(crate) fn cumulative(z: f64) -> f64 {
    let x = z.abs() * FRAC_1_SQRT_2;
    let tail = 0.5 * erfcx(x) * (-x * x).exp();
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// The value below which a number lies with probability `p`; `0 < p < 1`.
pub(crate) fn quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let t = (-2.0 * tail.ln()).sqrt();
    let guess =
        t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let mut z = -guess;
    for _ in 0..2 {
        let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        let step = (cumulative(z) - tail) / density;
        z -= step / (1.0 + 0.5 * z * step);
    }
    if p <= 0.5 { z } else { -z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Worst, number, relative_error, table};

    const ACCURACY_OF_CUMULATIVE: f64 = 5e-16;
    const ACCURACY_OF_QUANTILE: f64 = 1e-15;

    #[test]
    fn distribution_function_and_quantiles_agree_with_forty_digits_over_their_range() {
        let (mut probabilities, mut quantiles) = (Worst::default(), Worst::default());
        for row in table("special_functions") {
            let (x, value) = (number(&row, "x"), number(&row, "value"));
            match row["function"].as_str() {
                "cumulative" => {
                    let rounding = x.min(0.0).powi(2) * f64::EPSILON;
                    probabilities.add(relative_error(cumulative(x), &row["value"]) - rounding, x);
                }
                "quantile" => quantiles.add((quantile(x) - value).abs() / value.abs().max(1.0), x),
                _ => {}
            }
        }
        probabilities.must_be_at_most(ACCURACY_OF_CUMULATIVE);
        quantiles.must_be_at_most(ACCURACY_OF_QUANTILE);
    }

    #[test]
    fn quantiles_agree_with_tabulated_values() {
        // Abramowitz and Stegun (1964), table 26.5 and 26.6, and mpmath with 20 digits.
        let table = [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.001, -3.090_232_306_167_813_5),
            (1e-9, -5.997_807_015_007_687),
            (2f64.powi(-33), -6.337_957_754_553_789),
        ];
        for (p, z) in table {
            assert!((quantile(p) - z).abs() < 2e-14 * z.abs().max(1.0), "p = {p}: {} for {z}", quantile(p));
        }
    }

    #[test]
    fn the_distribution_function_undoes_the_quantiles() {
        for step in 1..1000 {
            let p = f64::from(step) / 1000.0;
            assert!((cumulative(quantile(p)) - p).abs() < 1e-15, "p = {p}");
            let small = 10f64.powf(-9.0 * p);
            assert!((cumulative(quantile(small)) / small - 1.0).abs() < 1e-13, "p = {small}");
        }
    }
}
