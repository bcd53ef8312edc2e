//! The course of the potential after one spike that comes through an exponential current.
//!
//! Per mV of jump (the charge over the capacitance), with `a = 1/tau_m`, `b = 1/tau_syn`:
//!
//! ```text
//! k(t) = b/(b - a) (exp(-a t) - exp(-b t)),     peak = (tau_syn/tau_m)^(tau_syn/(tau_m - tau_syn))
//! int_0^inf k^n dt = n! b^n / prod_{j=0}^n ((n - j) a + j b) = (tau_m/n) n! / prod_{j=1}^n (j + (n - j) tau_syn/tau_m)
//! ```
//!
//! The integrals are the cumulants of the free membrane by Campbell's theorem; for instantaneous jumps they are `tau_m/n`.
//!
//! Source: Campbell (1909), Proc Camb Phil Soc 15:117; the integral from expanding `k^n` and summing partial fractions.
//! Range: every positive time constant, equal ones included. Accuracy: a few roundings.

/// Peak of the potential per mV of jump; `1/e` for equal time constants.
pub(super) fn peak(tau_m: f64, tau_syn: f64) -> f64 {
    let excess = (tau_m - tau_syn) / tau_syn;
    // ln(tau_m/tau_s)/excess -> 1 for equal time constants
    let exponent = if excess == 0.0 { 1.0 } else { excess.ln_1p() / excess };
    (-exponent).exp()
}

/// `int k^n dt` over `tau_m/n`, its value for instantaneous jumps.
pub(super) fn power_integral(n: u8, tau_syn_over_tau_m: f64) -> f64 {
    let factor = |j: u8| f64::from(j) / (f64::from(j) + f64::from(n - j) * tau_syn_over_tau_m);
    (1..=n).map(factor).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_psp_of_the_microcircuit_peaks_at_a_seventh_of_a_millivolt() {
        // 87.80849 pA, C_m = 250 pF, tau_m = 10 ms, tau_s = 0.5 ms: 0.15 mV (Potjans and Diesmann 2014)
        let psp = 87.80849352920843 * 0.5 / 250.0 * peak(10.0, 0.5);
        assert!((psp - 0.15).abs() < 1e-14, "{psp}");
    }

    #[test]
    fn the_psp_is_continuous_where_time_constants_are_equal() {
        assert!((peak(10.0, 10.0) - (-1f64).exp()).abs() < 1e-15);
        assert!((peak(10.0 + 1e-9, 10.0) - peak(10.0, 10.0)).abs() < 1e-9);
    }

    #[test]
    fn integrals_of_powers_of_the_psp_agree_with_quadrature() {
        for (tau_m, tau_syn) in [(10.0, 0.5), (20.0, 5.0), (10.0, 10.0), (5.0, 30.0)] {
            let k = |t: f64| match tau_m == tau_syn {
                true => t / tau_m * (-t / tau_m).exp(),
                false => tau_m / (tau_m - tau_syn) * ((-t / tau_m).exp() - (-t / tau_syn).exp()),
            };
            let step = 0.002;
            for n in 1..=4u8 {
                let sum: f64 = (1..500_000).map(|i| k(f64::from(i) * step).powi(n.into())).sum::<f64>() * step;
                let found = power_integral(n, tau_syn / tau_m) * tau_m / f64::from(n);
                assert!(
                    (found / sum - 1.0).abs() < 1e-5,
                    "tau_m = {tau_m}, tau_syn = {tau_syn}, n = {n}: {found} {sum}"
                );
            }
        }
    }
}
