//! How far a potential relaxes in a step, by arithmetic without branches or calls, so that loops over neurons become vector instructions.
//!
//! `dV/ds = -V + X` has after `a` the solution `e^(-a) V + (1 - e^(-a)) X`. With open conductances, `a` and `X` are others for each neuron and step.
//!
//! Accuracy: both functions 2e-11 of themselves, and 1e-15 for `a` below 0.01, for `a` between -600 and 600 (against the standard library's functions).

/// 1.5 * 2^52: adding it rounds a number to an integer that stands in the low bits of the sum.
const ROUND: f64 = 6755399441055744.0;
/// ln 2 in two parts; multiples of the first up to 2^20 are exact.
const LN_2_HIGH: f64 = 0.693147180369123816490;
const LN_2_LOW: f64 = 1.90821492927058770002e-10;
/// 1023 in the place of the exponent.
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// `e^(-a)`, and its mean `(1 - e^(-a))/a` from 0 to `a`.
#[inline(always)]
pub(in crate::simulation) fn decay_and_mean(a: f64) -> (f64, f64) {
    let y = (-a).clamp(-700.0, 700.0);
    let shifted = y * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (y - n * LN_2_HIGH) - n * LN_2_LOW;
    let power = f64::from_bits(ONE.wrapping_add(shifted.to_bits() << 52));
    // (e^r - 1)/r by its Taylor series to r^9
    let square = r * r;
    let low = (1.0 + r * (1.0 / 2.0)) + square * (1.0 / 6.0 + r * (1.0 / 24.0));
    let middle = (1.0 / 120.0 + r * (1.0 / 720.0)) + square * (1.0 / 5040.0 + r * (1.0 / 40320.0));
    let fourth = square * square;
    let series = low + fourth * (middle + fourth * (1.0 / 362880.0 + r * (1.0 / 3628800.0)));
    // e^y - 1 without a difference of near numbers: where n is 0, it is r times the series
    let rest = power * (r * series);
    let mean = if y == 0.0 { 1.0 } else { (rest + (power - 1.0)) / y };
    (power + rest, mean)
}

/// What noise of standard deviation `sqrt(a)` per unit of noise, spread over the step, is at its end: `sqrt((1 - e^(-2a))/(2a))` of it.
#[inline(always)]
pub(super) fn noise_at_end(a: f64) -> f64 {
    decay_and_mean(2.0 * a).1.sqrt()
}

/// `sqrt(sinh(a)/a)` for `a` up to 1 to 2 %, and bounded by its series beyond: the noise of a step in the middle of which the potential is looked at.
#[inline(always)]
pub(super) fn noise_of_middle(a: f64) -> f64 {
    let square = a * a;
    (1.0 + square * (1.0 / 6.0 + square * (1.0 / 120.0))).sqrt()
}

/// Where the pulses of delta conductances take a potential: `pulse` is the sum of `w/g_L`, `toward` that of `w/g_L E_rev`.
#[inline(always)]
pub(super) fn pulsed(V: f64, pulse: f64, toward: f64) -> f64 {
    let (decay, mean) = decay_and_mean(pulse);
    decay * V + mean * toward
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 2e-11;
    const WHERE_SMALL: f64 = 1e-15;

    #[test]
    fn decay_and_its_mean_agree_with_the_standard_library() {
        for index in -600_000..=600_000 {
            for a in [f64::from(index) * 1e-3, f64::from(index) * 1e-8] {
                let (decay, mean) = decay_and_mean(a);
                let expected = (f64::exp(-a), if a == 0.0 { 1.0 } else { -f64::exp_m1(-a) / a });
                let bound = if a.abs() < 0.01 { WHERE_SMALL } else { ACCURACY };
                assert!((decay / expected.0 - 1.0).abs() <= bound, "a = {a}: {decay}, expected {}", expected.0);
                assert!((mean / expected.1 - 1.0).abs() <= bound, "a = {a}: {mean}, expected {}", expected.1);
            }
        }
    }

    #[test]
    fn nothing_is_too_large() {
        assert_eq!(decay_and_mean(0.0), (1.0, 1.0));
        let (decay, mean) = decay_and_mean(1e300);
        // above 0, so that infinity stays infinity
        assert!(decay > 0.0 && decay < 1e-300 && (0.0..0.01).contains(&mean), "{decay} {mean}");
    }
}
