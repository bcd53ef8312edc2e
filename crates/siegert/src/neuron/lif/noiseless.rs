//! Firing of the leaky integrate-and-fire neuron driven by a constant input, without noise.
//!
//! Below threshold `tau_m dV/dt = -(V - mu)`. Starting from `V_reset`, `V` reaches `V_th` after the interval `T`, and
//!
//! ```text
//! rate = 1 / (t_ref + T),    T = tau_m ln((mu - V_reset) / (mu - V_th))    if mu > V_th,    else rate = 0
//! ```
//!
//! A little noise raises the rate: `1/rate` falls by `(tau_m sigma^2 / 4) [1/(mu - V_th)^2 - 1/(mu - V_reset)^2]`, the
//! first term of the expansion of the Siegert formula for small `sigma`.
//!
//! Source: Dayan and Abbott (2001), *Theoretical Neuroscience*, section 5.4 (there without `t_ref`).
//! Range: every finite `mu`.
//! Accuracy: relative error of the rate at most 4e-16 for `mu` from a billionth of a mV to a million V above threshold (against 40 digits).

use super::rate::LogRate;
use super::{Lif, MS_PER_S};

/// Time from reset to threshold in units of `tau_m`; infinite for `mu <= V_th`.
pub(super) fn climb(lif: &Lif, mu: f64) -> f64 {
    if mu <= lif.V_th_mv {
        return f64::INFINITY;
    }
    // ln_1p, not ln of the ratio: far above threshold the ratio tends to 1 and its logarithm would lose every digit.
    ((lif.V_th_mv - lif.V_reset_mv) / (mu - lif.V_th_mv)).ln_1p()
}

/// The rate.
pub(super) fn rate_hz(lif: &Lif, mu: f64) -> f64 {
    MS_PER_S / (lif.t_ref_ms + lif.tau_m_ms * climb(lif, mu))
}

/// The logarithm of the rate with its derivatives; minus infinity, with derivatives 0, where the neuron is silent.
pub(super) fn log_rate(lif: &Lif, mu: f64) -> LogRate {
    let climb = climb(lif, mu);
    let interval = lif.t_ref_ms + lif.tau_m_ms * climb;
    if climb == f64::INFINITY {
        return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
    }
    let (above_th, above_reset) = (mu - lif.V_th_mv, mu - lif.V_reset_mv);
    let gain = lif.tau_m_ms / interval;
    let (per_th, per_reset) = (gain / above_th, gain / above_reset);
    // per_th - per_reset without the cancellation far above threshold
    let d_mu = per_th * ((lif.V_th_mv - lif.V_reset_mv) / above_reset);
    LogRate {
        ln_rate_hz: MS_PER_S.ln() - interval.ln(),
        d_mu,
        d_variance: 0.25 * d_mu * (1.0 / above_th + 1.0 / above_reset),
        d_shift: 0.0,
        d_tau_m: -climb / interval,
        d_t_ref: -1.0 / interval,
        d_V_th: -per_th,
        d_V_reset: per_reset,
    }
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::super::of_row;
    use super::*;
    use crate::measured::{Worst, relative_error, table};

    const ACCURACY: f64 = 4e-16;

    #[test]
    fn rates_agree_with_forty_digits_from_threshold_to_very_strong_drive() {
        let mut worst = Worst::default();
        for row in table("lif_noiseless").into_iter().chain(table("lif_rate_noiseless")) {
            let (lif, mu, sigma) = of_row(&row);
            assert_eq!(sigma, 0.0);
            worst.add(relative_error(lif.rate_hz(mu, sigma).unwrap(), &row["rate_hz"]), (lif, mu));
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn a_neuron_driven_no_further_than_threshold_is_silent() {
        for mu in [-70.0, 20.0] {
            assert_eq!(rate_hz(&BRUNEL, mu), 0.0);
            assert_eq!(log_rate(&BRUNEL, mu).ln_rate_hz, f64::NEG_INFINITY);
        }
    }

    #[test]
    fn derivatives_agree_with_difference_quotients() {
        let (mu, h) = (23.0, 1e-5);
        let ln = |lif: &Lif, mu: f64| log_rate(lif, mu).ln_rate_hz;
        let found = log_rate(&BRUNEL, mu);
        let shifted = |d: f64| Lif { V_th_mv: 20.0 + d, ..BRUNEL };
        assert!((found.d_mu - (ln(&BRUNEL, mu + h) - ln(&BRUNEL, mu - h)) / (2.0 * h)).abs() < 1e-9);
        assert!((found.d_V_th - (ln(&shifted(h), mu) - ln(&shifted(-h), mu)) / (2.0 * h)).abs() < 1e-9);
        assert!((found.d_mu + found.d_V_th + found.d_V_reset).abs() < 1e-15, "a shift of all voltages changes nothing");
    }

    #[test]
    fn a_little_noise_changes_the_rate_as_the_expansion_says() {
        let slope = log_rate(&BRUNEL, 25.0).d_variance;
        let sigma = 0.01;
        let noisy = BRUNEL.log_rate(25.0, sigma, 0.0).ln_rate_hz - log_rate(&BRUNEL, 25.0).ln_rate_hz;
        assert!((noisy / (slope * sigma * sigma) - 1.0).abs() < 1e-4, "{noisy}");
    }
}
