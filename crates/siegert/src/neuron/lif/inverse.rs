//! The mean input at which a leaky integrate-and-fire neuron fires at a given rate.
//!
//! The rate rises strictly with `mu` from 0 to `1/t_ref`, so the answer is unique. Solved for the logarithm of the
//! passage time, `ln I(mu) = ln((1/rate - t_ref)/tau_m)`, by Newton's method within a shrinking bracket.
//!
//! Source: Siegert's formula as in `rate`.
//! Range: rates from 1e-300000 Hz (given as logarithm) to `1/t_ref`, `sigma` from 0.
//! Accuracy: error of `mu` at most 1e-15 of the scale `sigma + |V_th - mu|` beyond 4 roundings of `mu` and what 8 roundings of the rate's
//! logarithm do (against the rate itself, `x_th` from -1e6 to 500): near `1/t_ref` the rate hardly determines `mu`.

use super::waiting::LnPassage;
use super::{Lif, MS_PER_S, check_input};
use crate::error::DomainError;
use crate::numerics::root::root;

/// A mean above threshold by so many times the noise makes spikes as a constant current.
const DRIVEN: f64 = 3.0;
/// Below this rates are handled by their logarithm alone.
const LEAST_LN_RATE: f64 = -600.0;

impl Lif {
    /// The `mu` in mV at which the neuron fires at `rate_hz` with the noise `sigma_mv`.
    ///
    /// # Errors
    ///
    /// [`DomainError::RateOutOfReach`] unless `0 < rate < 1/t_ref`.
    pub fn mu_for_rate_mv(&self, rate_hz: f64, sigma_mv: f64) -> Result<f64, DomainError> {
        let passage_ms = MS_PER_S / rate_hz - self.t_ref_ms;
        self.mu_for_ln_passage_mv((passage_ms / self.tau_m_ms).ln(), rate_hz, sigma_mv)
    }

    /// As [`Lif::mu_for_rate_mv`] for a rate given by its natural logarithm, which may lie far below what a number holds.
    ///
    /// # Errors
    ///
    /// [`DomainError::RateOutOfReach`] unless the rate lies above 0 and below `1/t_ref`.
    pub fn mu_for_log_rate_mv(&self, ln_rate_hz: f64, sigma_mv: f64) -> Result<f64, DomainError> {
        if ln_rate_hz > LEAST_LN_RATE {
            return self.mu_for_rate_mv(ln_rate_hz.exp(), sigma_mv);
        }
        // so rare that the refractory time does not count
        self.mu_for_ln_passage_mv(MS_PER_S.ln() - ln_rate_hz - self.tau_m_ms.ln(), 0.0, sigma_mv)
    }

    /// `wanted` is `ln I`.
    pub(crate) fn mu_for_ln_passage_mv(&self, wanted: f64, rate_hz: f64, sigma_mv: f64) -> Result<f64, DomainError> {
        check_input(0.0, sigma_mv)?;
        if !wanted.is_finite() {
            return Err(DomainError::RateOutOfReach { rate_hz, limit_hz: self.rate_limit_hz() });
        }
        // without noise: (mu - V_reset)/(mu - V_th) = exp(I)
        let quiet = self.V_th_mv + (self.V_th_mv - self.V_reset_mv) / wanted.exp().exp_m1();
        if sigma_mv == 0.0 {
            return Ok(quiet);
        }
        Ok(self.search_mu(wanted, sigma_mv, quiet))
    }

    /// `ln I` falls with `mu`: it is too large at `low`, too small at `high`.
    fn search_mu(&self, wanted: f64, sigma: f64, quiet: f64) -> f64 {
        let low = self.V_th_mv - sigma * (wanted.max(0.0).sqrt() + 10.0);
        let high = quiet + 10.0 * sigma;
        // well above threshold noise hardly counts; from below, a slope of 1/sigma would hold the iteration at threshold
        let is_driven = quiet - self.V_th_mv > DRIVEN * sigma;
        let mu = if wanted > 2.0 && !is_driven { self.V_th_mv - sigma * wanted.sqrt() } else { quiet };
        let mu = mu.clamp(low, high);
        let excess = |mu: f64| {
            let LnPassage { ln, d_mu: slope, .. } = self.ln_passage(mu, sigma * sigma);
            (ln - wanted, slope)
        };
        root([high, low], mu, 0.0, |mu| f64::EPSILON * (mu.abs() + sigma), excess)
    }
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-15;

    #[test]
    fn the_inverse_returns_the_input_of_the_rate() {
        let mut worst = Worst::default();
        for sigma in [1e-9, 1e-4, 0.01, 0.3, 3.0, 30.0, 1000.0] {
            for x_th in [-1e6, -300.0, -30.0, -3.0, -0.5, 0.0, 0.7, 3.0, 10.0, 24.0, 26.0, 60.0, 500.0] {
                let mu = 20.0 - x_th * sigma;
                let found = BRUNEL.mu_for_log_rate_mv(BRUNEL.log_rate(mu, sigma, 0.0).ln_rate_hz, sigma).unwrap();
                // near saturation the rate says little about mu: allow for roundings of ln rate
                let slack = 4e-16 / BRUNEL.log_rate(mu, sigma, 0.0).d_mu;
                let beyond = (found - mu).abs() - 4.0 * slack - 4.0 * f64::EPSILON * mu.abs();
                worst.add(beyond / (sigma + (20.0 - mu).abs()), (sigma, mu, found));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn without_noise_the_inverse_is_that_of_the_constant_current() {
        let rate = BRUNEL.rate_hz(24.0, 0.0).unwrap();
        assert!((BRUNEL.mu_for_rate_mv(rate, 0.0).unwrap() - 24.0).abs() < 1e-12);
    }

    #[test]
    fn the_least_noise_leaves_the_input_of_the_constant_current() {
        for rate in [1.0, 22.1, 90.0, 300.0, 499.0] {
            let quiet = BRUNEL.mu_for_rate_mv(rate, 0.0).unwrap();
            for sigma in [1e-160, 1e-50, 1e-20, 1e-14] {
                let mu = BRUNEL.mu_for_rate_mv(rate, sigma).unwrap();
                // rates near 1 Hz need less than a rounding above threshold
                let allowed = 10.0 * sigma + 4.0 * f64::EPSILON * quiet;
                assert!((mu - quiet).abs() <= allowed, "{rate} Hz, sigma = {sigma}: {mu}, without noise {quiet}");
            }
        }
    }

    #[test]
    fn rates_that_no_input_gives_are_refused() {
        for rate in [0.0, -3.0, 500.0, 501.0, f64::NAN] {
            let error = BRUNEL.mu_for_rate_mv(rate, 5.0).unwrap_err();
            assert!(matches!(error, DomainError::RateOutOfReach { limit_hz: 500.0, .. }), "{rate}: {error}");
        }
    }
}
