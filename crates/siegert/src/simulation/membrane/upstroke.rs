//! What the exponential of a spike adds to the potential, by arithmetic without branches or calls, so that loops over neurons become vector
//! instructions.
//!
//! ```text
//! tau_m dV/dt = Delta_T e^y,    y = (V - V_th)/Delta_T,    has after a time h the solution    V + Delta_T rise,    rise = -ln(1 - (h/tau_m) e^y)
//! ```
//!
//! and is at infinity if `(h/tau_m) e^y >= 1`. Exact at any V: the exponential needs no bound, and no step is too long for it. The functions of
//! [`crate::numerics`] for exp and ln have all digits and take half as long again; the random numbers of a step have 24 bits.
//!
//! Range: every y that is a number.
//! Accuracy: error of `rise` at most 1e-10 of it and 1e-15 beside it, whatever h (against the standard library's functions).

/// 1.5 * 2^52: adding it rounds a number to an integer that stands in the low bits of the sum.
const ROUND: f64 = 6755399441055744.0;
/// ln 2 in two parts; multiples of the first up to 2^20 are exact.
const LN_2_HIGH: f64 = 0.693147180369123816490;
const LN_2_LOW: f64 = 1.90821492927058770002e-10;

/// The rise over a time `h_over_tau_m` from `y`, in units of `Delta_T`; infinite where the potential is.
#[inline(always)]
pub(super) fn rise(y: f64, h_over_tau_m: f64) -> f64 {
    let used = h_over_tau_m * exp(y);
    let logarithm = ln_of_part(1.0 - used);
    if used < 1.0 { -logarithm } else { f64::INFINITY }
}

/// `e^y`, held within -708 and 709, by its Taylor series to `y^9` between `-ln(2)/2` and `ln(2)/2`: 7e-12 of it.
#[inline(always)]
fn exp(y: f64) -> f64 {
    let y = y.clamp(-708.0, 709.0);
    let shifted = y * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (y - n * LN_2_HIGH) - n * LN_2_LOW;
    let square = r * r;
    let low = (1.0 + r) + square * (1.0 / 2.0 + r * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + square * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let high = 1.0 / 40320.0 + r * (1.0 / 362880.0);
    let fourth = square * square;
    let series = low + fourth * (middle + fourth * high);
    f64::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// `ln u` of a part `u` of 1 that is not below the least normal number; anything where `u` is not positive.
///
/// `u = 2^k m` with `m` between `sqrt(1/2)` and `sqrt(2)`, `ln m = 2 (s + s^3/3 + ...)`, `s = (m - 1)/(m + 1)`, to `s^11`: 5e-11 of it.
#[inline(always)]
fn ln_of_part(u: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
    let moved = u.to_bits().wrapping_add(ONE - SQRT_HALF);
    let k = f64::from_bits((moved >> 52) | TWO_TO_52) - (4503599627370496.0 + 1023.0);
    let m = f64::from_bits((moved & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF));
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    let fourth = square * square;
    let low = 2.0 + square * (2.0 / 3.0);
    let middle = 2.0 / 5.0 + square * (2.0 / 7.0);
    let high = 2.0 / 9.0 + square * (2.0 / 11.0);
    k * std::f64::consts::LN_2 + s * (low + fourth * (middle + fourth * high))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 1e-10;
    const BESIDE: f64 = 1e-15;

    #[test]
    fn the_rise_agrees_with_the_standard_library_at_any_potential() {
        for h in [1e-6, 1e-3, 0.005, 0.3, 2.0] {
            for index in -800_000..=7_200 {
                let y = f64::from(index) * 1e-3;
                let (found, used) = (rise(y, h), h * y.exp());
                if (used - 1.0).abs() < 1e-9 {
                    continue;
                }
                let expected = if used < 1.0 { -(-used).ln_1p() } else { f64::INFINITY };
                // near the end of the spike the logarithm passes on what is relative to 1 - used
                let passed_on = if used < 1.0 { used / (1.0 - used) } else { 0.0 };
                let bound = ACCURACY * (expected.min(1e3) + passed_on) + BESIDE;
                assert!(found == expected || (found - expected).abs() <= bound, "y = {y}, h = {h}: {found} {expected}");
            }
        }
    }

    #[test]
    fn no_potential_is_too_high_or_too_low() {
        assert_eq!([rise(1e300, 1e-3), rise(f64::INFINITY, 1e-3), rise(709.0, 0.1)], [f64::INFINITY; 3]);
        assert_eq!([rise(-1e300, 10.0), rise(f64::NEG_INFINITY, 0.1), rise(-60.0, 0.1)], [0.0; 3]);
    }
}
