//! Dawson's integral `D(x) = exp(-x^2) int_0^x exp(u^2) du` for `x >= 0`.
//!
//! `(1 + 2 x^2) D(x)/x`, which lies between 1 and 1.4, is tabulated in 128 pieces of `u = 2/(2 + x)`, each a polynomial
//! of degree 7 (`cargo xtask coefficients`). One polynomial over the half line would need degree 100 and more: at large
//! `x` the function hides terms of order `exp(-x^2)`.
//!
//! Range: `x` from 0 to 1e150; beyond, `x^2` overflows.
//! Accuracy: relative error at most 6e-16 for [`dawson`] (against 40 digits).

use super::polynomial::horner_in_two_chains;
use super::tables::DAWSON;

const PIECES: f64 = 128.0;
/// 1.5 * 2^52, see `elementary`.
const ROUND: f64 = 6755399441055744.0;

/// `D(x)` for `x >= 0`.
#[inline(always)]
pub(crate) fn dawson(x: f64) -> f64 {
    let y = PIECES * 2.0 / (2.0 + x);
    // The piece is floor(y), found by rounding y - 1/2; y = 128 (x = 0) belongs to the last one.
    let shifted = (y - 0.5).min(PIECES - 1.0) + ROUND;
    let start = ((shifted.to_bits() & 127) as usize) * 8;
    let s = 2.0 * (y - (shifted - ROUND)) - 1.0;
    let c: [f64; 8] = std::array::from_fn(|n| DAWSON[start + n]);
    horner_in_two_chains(&c, s) * (x / (1.0 + 2.0 * x * x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::worst_of;

    const ACCURACY: f64 = 6e-16;

    #[test]
    fn dawson_agrees_with_forty_digits_over_its_range() {
        worst_of("dawson", |x, _| dawson(x)).must_be_at_most(ACCURACY);
    }

    #[test]
    fn dawson_agrees_with_listed_values() {
        // mpmath, 40 digits
        let reference = [
            (1e-10, 1e-10),
            (0.1, 0.09933599239785286),
            (0.9241388730045916, 0.5410442246351816),
            (2.0, 0.30134038892379195),
            (5.0, 0.10213407442427684),
            (26.0, 0.019245024851840636),
            (1e8, 5e-9),
        ];
        for (x, expected) in reference {
            let error = (dawson(x) / expected - 1.0).abs();
            assert!(error < ACCURACY, "x = {x}: {} {error:e}", dawson(x));
        }
        assert_eq!(dawson(0.0), 0.0);
    }

    #[test]
    fn neighbouring_pieces_join() {
        for i in 1..128 {
            let x = 256.0 / f64::from(i) - 2.0;
            let (below, above) = (dawson(x * (1.0 - 1e-15)), dawson(x * (1.0 + 1e-15)));
            assert!((below / above - 1.0).abs() < 4e-15, "x = {x}");
        }
    }
}
