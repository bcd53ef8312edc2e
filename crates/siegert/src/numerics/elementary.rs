//! `exp` and `ln(1 + x)` without branches, so that loops over arrays of them become vector instructions.
//!
//! The standard library's versions are calls, which keep the loop over inputs scalar: with them the batched rate of the
//! LIF neuron costs four times as much (benchmark `lif_rate`). Both functions are plain arithmetic without fused
//! operations, hence the same bits on every processor.
//!
//! Range: what exp and its argument can be in a number, and `x` above -1 to 1e300 for the logarithm.
//! Accuracy: relative error at most 4e-16 for [`exp_of_sum`], 4e-16 for [`exp_of_square`] and 3e-16 for [`ln_1p`] (against
//! 40 digits).

use super::polynomial::horner_in_two_chains;

/// 1.5 * 2^52: adding it rounds a number below 2^51 to an integer that stands in the low bits of the sum.
const ROUND: f64 = 6755399441055744.0;
const LN_2_HIGH: f64 = 0.693147180369123816490; // 33 bits, so that multiples up to 2^20 are exact
const LN_2_LOW: f64 = 1.90821492927058770002e-10;

/// `1 / n!`, n = 0..13: the Taylor series of exp, to 4e-18 for `|r| <= ln(2)/2`.
const EXP_TAYLOR: [f64; 14] = [
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40320.0,
    1.0 / 362880.0,
    1.0 / 3628800.0,
    1.0 / 39916800.0,
    1.0 / 479001600.0,
    1.0 / 6227020800.0,
];

/// `2/3, 2/5, 2/7, ...`: `ln((1 + s)/(1 - s)) = 2 s + s^3 (2/3 + 2/5 s^2 + ...)`, to 1e-17 for `|s| <= 0.172`.
const ATANH_TAYLOR: [f64; 10] = [
    2.0 / 3.0,
    2.0 / 5.0,
    2.0 / 7.0,
    2.0 / 9.0,
    2.0 / 11.0,
    2.0 / 13.0,
    2.0 / 15.0,
    2.0 / 17.0,
    2.0 / 19.0,
    2.0 / 21.0,
];

/// `exp(high + low)` for `|low| < 1e-3`; `high` is held within -708 and 709, where exp neither underflows nor overflows.
#[inline(always)]
pub(crate) fn exp_of_sum(high: f64, low: f64) -> f64 {
    let x = high.clamp(-708.0, 709.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW + low;
    let power_of_two = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    horner_in_two_chains(&EXP_TAYLOR, r) * power_of_two
}

/// `exp(x^2)` for `|x| <= 26.6`, with `x^2` carried to more digits than one number holds.
///
/// Plain `(x * x).exp()` is wrong by up to `x^2` roundings.
#[inline(always)]
pub(crate) fn exp_of_square(x: f64) -> f64 {
    let high = f64::from_bits(x.to_bits() & !0x07ff_ffff); // 26 bits: its square is exact
    let low = x - high;
    exp_of_sum(high * high, (2.0 * high + low) * low)
}

/// `ln(1 + x)` for `-1 < x < 1e300` (not checked), without losing digits for small `x`.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
    let u = 1.0 + x;
    let lost = (x - (u - 1.0)) / u; // what rounding 1 + x dropped
    // u = m 2^k with sqrt(1/2) <= m < sqrt(2)
    let moved = u.to_bits().wrapping_add(ONE - SQRT_HALF);
    let k = f64::from_bits((moved >> 52) | TWO_TO_52) - (4503599627370496.0 + 1023.0);
    let m = f64::from_bits((moved & 0x000f_ffff_ffff_ffff) + SQRT_HALF);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    // 2 s = f - s f keeps the digits of f, which is exact
    let ln_m = f - s * (f - z * horner_in_two_chains(&ATANH_TAYLOR, z));
    k * LN_2_HIGH + (k * LN_2_LOW + lost + ln_m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::worst_of;

    const ACCURACY_OF_EXP_OF_SUM: f64 = 4e-16;
    const ACCURACY_OF_EXP_OF_SQUARE: f64 = 4e-16;
    const ACCURACY_OF_LN_1P: f64 = 3e-16;

    #[test]
    fn both_functions_agree_with_forty_digits_over_their_range() {
        worst_of("exp_of_sum", exp_of_sum).must_be_at_most(ACCURACY_OF_EXP_OF_SUM);
        worst_of("exp_of_square", |x, _| exp_of_square(x)).must_be_at_most(ACCURACY_OF_EXP_OF_SQUARE);
        worst_of("ln_1p", |x, _| ln_1p(x)).must_be_at_most(ACCURACY_OF_LN_1P);
    }

    #[test]
    fn exp_agrees_with_the_standard_library() {
        for i in -7000..7090 {
            let x = f64::from(i) / 10.0 + 0.03;
            let error = (exp_of_sum(x, 0.0) / x.exp() - 1.0).abs();
            assert!(error < 5e-16, "x = {x}: {error:e}");
        }
    }

    #[test]
    fn exp_of_a_square_keeps_the_digits_of_the_square() {
        // 50 digits by mpmath; both arguments are exact in binary
        for (x, expected) in [(5.123046875, 250220729545.39822), (26.19921875, 1.2569716782459895e298)] {
            let error: f64 = exp_of_square(x) / expected - 1.0;
            assert!(error.abs() < 4e-16, "x = {x}: {error:e}");
        }
    }

    #[test]
    fn ln_1p_agrees_with_the_standard_library_over_thirty_decades() {
        for i in -2000..1500 {
            for sign in [-1.0, 1.0] {
                let x = sign * 10f64.powf(f64::from(i) / 100.0);
                if x > -1.0 {
                    let error = (ln_1p(x) / x.ln_1p() - 1.0).abs();
                    assert!(error < 5e-16, "x = {x}: {error:e}");
                }
            }
        }
        assert_eq!(ln_1p(0.0), 0.0);
    }
}
