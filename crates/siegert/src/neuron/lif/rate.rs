//! Stationary firing rate of the leaky integrate-and-fire neuron in white noise, its logarithm and its derivatives.
//!
//! ```text
//! 1/rate = t_ref + tau_m I(x_reset, x_th)
//! ```
//!
//! with `I` of `passage`. Derivatives, with `S(x) = sqrt(pi) erfcx(-x)`:
//!
//! ```text
//! d rate/d mu      = rate^2 (tau_m/sigma) [S(x_th) - S(x_reset)] > 0
//! d rate/d sigma   = rate^2 (tau_m/sigma) [x_th S(x_th) - x_reset S(x_reset)] > 0
//! d rate/d V_th    = -rate^2 (tau_m/sigma) S(x_th)         d rate/d V_reset = rate^2 (tau_m/sigma) S(x_reset)
//! d rate/d tau_m   = -rate^2 I (mu, sigma held)            d rate/d t_ref   = -rate^2
//! ```
//!
//! All are returned as derivatives of `ln rate`, which stay finite where the rate underflows.
//!
//! Source: Siegert (1951), Phys Rev 81:617; Brunel (2000), J Comput Neurosci 8:183, eq. 21.
//! Range: every finite `mu`, `sigma` from 0 (see `noiseless`) to thousands of mV.
//! Accuracy: rate 2e-15 and log-rate 4e-16 (relative, for `|ln rate| > 1`) beyond what rounding the inputs does (against 24
//! digits at 263 points, `tests/reference.rs`); derivatives 2e-15 beyond `2 b^2` roundings, `b = x_th > 0` (against
//! differences in 110 digits at 66 points, `tests/neuron_properties.rs`).

use super::passage::{Interval, Passage, passage, slopes};
use super::{Lif, MS_PER_S, check_input, cv, noiseless};
use crate::error::DomainError;

/// The logarithm of the rate and its derivatives; minus infinity where the rate is exactly 0.
///
/// Derivatives are those of `ln rate`, per mV, per mV^2 (variance), per ms; `d_shift` is with respect to a common shift
/// of `x_reset` and `x_th`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogRate {
    /// `ln(rate / Hz)`.
    pub ln_rate_hz: f64,
    /// With respect to `mu`, all else held.
    pub d_mu: f64,
    /// With respect to `sigma^2`.
    pub d_variance: f64,
    /// With respect to a shift of both boundaries in units of `sigma`.
    pub d_shift: f64,
    /// With respect to `tau_m`, with `mu` and `sigma` held.
    pub d_tau_m: f64,
    /// With respect to `t_ref`.
    pub d_t_ref: f64,
    /// With respect to `V_th`.
    pub d_V_th: f64,
    /// With respect to `V_reset`.
    pub d_V_reset: f64,
}

impl LogRate {
    /// The rate; 0 where it underflows.
    pub fn rate_hz(&self) -> f64 {
        self.ln_rate_hz.exp()
    }
}

/// What a neuron does at one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Rate; 0 where it underflows.
    pub rate_hz: f64,
    /// Decadic logarithm of the rate; `None` where the rate is exactly 0.
    pub log10_rate_hz: Option<f64>,
    /// Coefficient of variation of the interspike intervals; `None` without spikes.
    pub cv: Option<f64>,
}

impl Lif {
    /// The stationary rate in Hz at one input.
    ///
    /// # Errors
    ///
    /// `mu` not finite; `sigma` negative or not finite.
    pub fn rate_hz(&self, mu_mv: f64, sigma_mv: f64) -> Result<f64, DomainError> {
        check_input(mu_mv, sigma_mv)?;
        Ok(self.rate(mu_mv, sigma_mv, 0.0))
    }

    /// Rate, log-rate and CV at one input, boundaries moved by `shift` times `sigma` (0 for white noise; see
    /// [`super::SynapticFilter`]).
    ///
    /// # Errors
    ///
    /// `mu` not finite; `sigma` negative or not finite.
    pub fn state(&self, mu_mv: f64, sigma_mv: f64, shift: f64) -> Result<State, DomainError> {
        check_input(mu_mv, sigma_mv)?;
        let ln_rate = self.log_rate(mu_mv, sigma_mv, shift).ln_rate_hz;
        Ok(State {
            rate_hz: self.rate(mu_mv, sigma_mv, shift),
            log10_rate_hz: (ln_rate > f64::NEG_INFINITY).then_some(ln_rate / std::f64::consts::LN_10),
            cv: cv::cv(self, mu_mv, sigma_mv, shift),
        })
    }

    /// The rate in Hz at a checked input; NaN in, NaN out.
    pub(super) fn rate(&self, mu: f64, sigma: f64, shift: f64) -> f64 {
        let interval = self.interval(mu, sigma, shift);
        if interval.is_plain() {
            return self.rate_of_passage(super::passage::plain(&interval));
        }
        if is_noiseless(&interval) {
            return if sigma.is_nan() { f64::NAN } else { noiseless::rate_hz(self, mu) };
        }
        let time = passage(&interval);
        if time.ln_scale == 0.0 {
            self.rate_of_passage(time.integral)
        } else {
            self.ln_rate_of_passage(time.ln_scale, time.integral).exp()
        }
    }

    #[inline(always)]
    pub(super) fn rate_of_passage(&self, integral: f64) -> f64 {
        MS_PER_S / (self.t_ref_ms + self.tau_m_ms * integral)
    }

    fn ln_rate_of_passage(&self, ln_scale: f64, integral: f64) -> f64 {
        let passage_ms = self.tau_m_ms * integral;
        MS_PER_S.ln() - (ln_scale + (passage_ms + self.t_ref_ms * (-ln_scale).exp()).ln())
    }

    /// The logarithm of the rate and its derivatives, boundaries moved by `shift` times `sigma` (0 for white noise).
    ///
    /// For inputs that are not finite or a negative `sigma` the result is not a number.
    pub fn log_rate(&self, mu_mv: f64, sigma_mv: f64, shift: f64) -> LogRate {
        let interval = self.interval(mu_mv, sigma_mv, shift);
        if is_noiseless(&interval) {
            return noiseless::log_rate(self, mu_mv);
        }
        let time = passage(&interval);
        if time.ln_scale == f64::INFINITY {
            return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        }
        let slopes = slopes(&interval);
        let free = self.free_fraction(time.ln_scale, time.integral);
        let per_integral = free / time.integral;
        let per_mv = per_integral / sigma_mv;
        // sigma scales the distances to mu, not the shift
        let weighted = slopes.weighted - shift * slopes.difference;
        LogRate {
            ln_rate_hz: self.ln_rate_of_passage(time.ln_scale, time.integral),
            d_mu: per_mv * slopes.difference,
            d_variance: per_mv * weighted / (2.0 * sigma_mv),
            d_shift: -per_integral * slopes.difference,
            d_tau_m: -free / self.tau_m_ms,
            d_t_ref: -self.spikes_per_ms(&time),
            d_V_th: -per_mv * slopes.th,
            d_V_reset: per_mv * slopes.reset,
        }
    }

    /// The rate per ms; not by `(1 - free) / t_ref`, which loses every digit where spikes are rare.
    fn spikes_per_ms(&self, time: &Passage) -> f64 {
        let decay = (-time.ln_scale).exp();
        decay / (self.tau_m_ms * time.integral + self.t_ref_ms * decay)
    }

    /// `1 - rate t_ref`: the fraction of time in which the neuron is not refractory.
    pub(super) fn free_fraction(&self, ln_scale: f64, integral: f64) -> f64 {
        let passage_ms = self.tau_m_ms * integral;
        passage_ms / (passage_ms + self.t_ref_ms * (-ln_scale).exp())
    }
}

/// Whether the noise is so small that distances in its units overflow, or is 0.
pub(super) fn is_noiseless(interval: &Interval) -> bool {
    let finite = interval.reset > -1e150 && interval.th < 1e150; // false for 0/0, too
    !finite
}
