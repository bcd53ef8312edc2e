//! Polynomials by Horner's rule, and their divided differences, which lose no digit where two arguments nearly agree.

/// `c[0] + c[1] t + c[2] t^2 + ...`.
#[inline(always)]
pub(crate) fn horner<const N: usize>(c: &[f64; N], t: f64) -> f64 {
    let mut p = c[N - 1];
    for n in (0..N - 1).rev() {
        p = p * t + c[n];
    }
    p
}

/// As [`horner`], even and odd powers in two chains that a processor works on at the same time: half the waiting.
#[inline(always)]
pub(crate) fn horner_in_two_chains<const N: usize>(c: &[f64; N], t: f64) -> f64 {
    let square = t * t;
    let (mut even, mut odd) = (0.0, 0.0);
    for n in (0..N).rev() {
        if n % 2 == 0 {
            even = even * square + c[n];
        } else {
            odd = odd * square + c[n];
        }
    }
    even + t * odd
}

/// The value `p(t)` and the divided difference `(p(s) - p(t)) / (s - t)`, which for `s = t` is the derivative.
///
/// The difference is summed without subtracting values of the polynomial, so it keeps its relative accuracy for
/// `s -> t`; it costs as much as a second value.
#[inline(always)]
pub(crate) fn horner_with_difference<const N: usize>(c: &[f64; N], t: f64, s: f64) -> (f64, f64) {
    let (mut p, mut d) = (c[N - 1], 0.0);
    for n in (0..N - 1).rev() {
        d = d * s + p;
        p = p * t + c[n];
    }
    (p, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUBIC: [f64; 4] = [1.0, -2.0, 0.5, 3.0];

    #[test]
    fn values_and_differences_of_a_cubic_are_those_of_its_formula() {
        let p = |t: f64| 1.0 - 2.0 * t + 0.5 * t * t + 3.0 * t * t * t;
        assert_eq!(horner(&CUBIC, 2.0), p(2.0));
        assert_eq!(horner_in_two_chains(&CUBIC, 2.0), p(2.0));
        let (value, difference) = horner_with_difference(&CUBIC, 0.5, 2.0);
        assert_eq!(value, p(0.5));
        assert!((difference - (p(2.0) - p(0.5)) / 1.5).abs() < 1e-14);
    }

    #[test]
    fn the_difference_of_equal_arguments_is_the_derivative() {
        let (_, difference) = horner_with_difference(&CUBIC, 0.5, 0.5);
        assert_eq!(difference, -2.0 + 0.5 + 9.0 * 0.25);
    }
}
