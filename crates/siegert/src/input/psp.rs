//! The course of the potential after one spike that comes through a current.
//!
//! Per mV of jump (the charge over the capacitance), with `a = 1/tau_m`, `b = 1/tau_syn`, `c = 1/tau_rise`:
//!
//! ```text
//! k(t) = b/(b - a) (exp(-a t) - exp(-b t)),     peak = (tau_syn/tau_m)^(tau_syn/(tau_m - tau_syn))                            without a rise
//! int_0^inf k^n dt = n! b^n / prod_{j=0}^n ((n - j) a + j b) = (tau_m/n) n! / prod_{j=1}^n (j + (n - j) tau_syn/tau_m)        the same
//! k(t) = b c f(t),     f = int_0^t exp(-a (t - s)) (exp(-b s) - exp(-c s))/(c - b) ds                                         with one
//! ```
//!
//! The integrals are the cumulants of the free membrane by Campbell's theorem; for instantaneous jumps they are `tau_m/n`. With a rise the peak is where
//! `f' = (exp(-b t) - exp(-c t))/(c - b) - a f` is 0, and integrals are sums over panels of times that double.
//!
//! Source: Campbell (1909), Proc Camb Phil Soc 15:117; the integral from expanding `k^n` and summing partial fractions.
//! Range: every positive time constant, equal ones included. Accuracy: a few roundings; of integrals with a rise 1e-10.

use super::Kinetics;
use crate::numerics::decays::{self, three, two};
use crate::numerics::quadrature::integrate_16;

/// Panels of times double from this part of the fastest time constant to this multiple of the slowest.
const FIRST: f64 = 0.5;
const LAST: f64 = 50.0;

/// Halvings of the time of the peak: of the peak's value no digit depends on more.
const HALVINGS: usize = 40;

/// Peak of the potential per mV of jump; `1/e` for an exponential current of the membrane's time constant.
pub(super) fn peak(tau_m: f64, kinetics: Kinetics) -> f64 {
    match kinetics {
        Kinetics::Delta => 1.0,
        Kinetics::Exponential { tau_rise_ms: 0.0, tau_ms } => decays::peak(tau_m, tau_ms),
        Kinetics::Exponential { tau_rise_ms, tau_ms } => {
            let [a, b, c] = [tau_m, tau_ms, tau_rise_ms].map(f64::recip);
            let rises = |t: f64| two(b, c, t) > a * three(a, b, c, t);
            // the course is log-concave: its peak lies before three times its mean
            let (mut low, mut high) = (0.0, 3.0 * (tau_m + tau_ms + tau_rise_ms));
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                if rises(middle) { low = middle } else { high = middle }
            }
            b * c * three(a, b, c, 0.5 * (low + high))
        }
    }
}

/// `int k^n dt` over `tau_m/n`, its value for instantaneous jumps.
pub(super) fn power_integral(n: u8, tau_m: f64, kinetics: Kinetics) -> f64 {
    match kinetics {
        Kinetics::Delta => 1.0,
        Kinetics::Exponential { tau_rise_ms: 0.0, tau_ms } => {
            let factor = |j: u8| f64::from(j) / (f64::from(j) + f64::from(n - j) * tau_ms / tau_m);
            (1..=n).map(factor).product()
        }
        Kinetics::Exponential { tau_rise_ms, tau_ms } => {
            let times = [tau_m, tau_ms, tau_rise_ms];
            let [a, b, c] = times.map(f64::recip);
            let course = |t: f64| (b * c * three(a, b, c, t)).powi(n.into());
            let [fastest, slowest] = [f64::min, f64::max].map(|of| times.into_iter().fold(tau_m, of));
            let (mut from, mut to, mut integral) = (0.0, FIRST * fastest, 0.0);
            while from < LAST * slowest {
                integral += integrate_16(from, to, course);
                (from, to) = (to, 1.5 * to);
            }
            integral * f64::from(n) / tau_m
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sudden(tau_ms: f64) -> Kinetics {
        Kinetics::Exponential { tau_rise_ms: 0.0, tau_ms }
    }

    #[test]
    fn the_psp_of_the_microcircuit_peaks_at_a_seventh_of_a_millivolt() {
        // 87.80849 pA, C_m = 250 pF, tau_m = 10 ms, tau_s = 0.5 ms: 0.15 mV (Potjans and Diesmann 2014)
        let psp = 87.80849352920843 * 0.5 / 250.0 * peak(10.0, sudden(0.5));
        assert!((psp - 0.15).abs() < 1e-14, "{psp}");
    }

    #[test]
    fn the_psp_is_continuous_where_time_constants_are_equal() {
        assert!((peak(10.0, sudden(10.0)) - (-1f64).exp()).abs() < 1e-15);
        assert!((peak(10.0 + 1e-9, sudden(10.0)) - peak(10.0, sudden(10.0))).abs() < 1e-9);
        // t^2/2 e^-t at its peak: three equal ones
        let equal = Kinetics::Exponential { tau_rise_ms: 10.0, tau_ms: 10.0 };
        assert!((peak(10.0, equal) - 2.0 * (-2f64).exp()).abs() < 1e-14);
    }

    #[test]
    fn a_rise_that_is_over_at_once_is_none() {
        let rising = Kinetics::Exponential { tau_rise_ms: 1e-6, tau_ms: 3.0 };
        assert!((peak(10.0, rising) - peak(10.0, sudden(3.0))).abs() < 1e-6);
        for n in 1..=4 {
            assert!((power_integral(n, 10.0, rising) - power_integral(n, 10.0, sudden(3.0))).abs() < 1e-6);
        }
    }

    #[test]
    fn integrals_of_powers_of_the_psp_agree_with_quadrature() {
        let rising = |tau_rise_ms, tau_ms| Kinetics::Exponential { tau_rise_ms, tau_ms };
        for (tau_m, kinetics) in [
            (10.0, sudden(0.5)),
            (20.0, sudden(5.0)),
            (10.0, sudden(10.0)),
            (5.0, sudden(30.0)),
            (10.0, rising(2.0, 2.0)),
            (20.0, rising(0.5, 5.0)),
            (10.0, rising(10.0, 10.0)),
            (5.0, rising(3.0, 30.0)),
        ] {
            let Kinetics::Exponential { tau_rise_ms, tau_ms } = kinetics else { unreachable!("all are") };
            let k = |t: f64| match (tau_rise_ms == 0.0, tau_m == tau_ms) {
                (true, true) => t / tau_m * (-t / tau_m).exp(),
                (true, false) => tau_m / (tau_m - tau_ms) * ((-t / tau_m).exp() - (-t / tau_ms).exp()),
                (false, _) => 1.0 / (tau_ms * tau_rise_ms) * three(1.0 / tau_m, 1.0 / tau_ms, 1.0 / tau_rise_ms, t),
            };
            let step = 0.002;
            let course: Vec<f64> = (1..500_000).map(|i| k(f64::from(i) * step)).collect();
            for n in 1..=4u8 {
                let sum: f64 = course.iter().map(|k| k.powi(n.into())).sum::<f64>() * step;
                let found = power_integral(n, tau_m, kinetics) * tau_m / f64::from(n);
                assert!((found / sum - 1.0).abs() < 1e-5, "tau_m = {tau_m}, {kinetics:?}, n = {n}: {found} {sum}");
            }
            let highest = course.iter().copied().fold(0.0, f64::max);
            assert!((peak(tau_m, kinetics) / highest - 1.0).abs() < 1e-6, "{kinetics:?}: {highest}");
        }
    }

    #[test]
    fn the_variance_behind_two_filters_is_the_integral_of_the_squared_psp() {
        for (m, s, r) in [(10.0f64, 2.0, 2.0), (20.0, 5.0, 0.01), (10.0, 30.0, 10.0)] {
            let found = power_integral(2, m, Kinetics::Exponential { tau_rise_ms: r, tau_ms: s });
            let expected = m * (m * s + s * r + r * m) / ((m + s) * (s + r) * (r + m));
            assert!((found / expected - 1.0).abs() < 1e-10, "{m} {s} {r}: {found} {expected}");
            let whole = power_integral(1, m, Kinetics::Exponential { tau_rise_ms: r, tau_ms: s });
            assert!((whole - 1.0).abs() < 1e-10, "{whole}");
        }
    }
}
