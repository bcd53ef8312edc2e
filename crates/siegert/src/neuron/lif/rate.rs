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
//! Accuracy: relative error of the rate at most 5e-16 beyond what rounding the inputs does, of the log-rate 2e-15 (of 1, where it is
//! smaller; against 24 digits, from `ln rate` of -1593 to saturation); of the derivatives 2e-15 beyond `2 b^2` roundings,
//! `b = x_th > 0` (against differences in 110 digits, `b` from -1000 to 40).

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
#[non_exhaustive]
pub struct LifState {
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
    pub fn state(&self, mu_mv: f64, sigma_mv: f64, shift: f64) -> Result<LifState, DomainError> {
        check_input(mu_mv, sigma_mv)?;
        let ln_rate = self.log_rate(mu_mv, sigma_mv, shift).ln_rate_hz;
        Ok(LifState {
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

#[cfg(test)]
mod tests {
    use super::super::of_row;
    use crate::measured::{Worst, number, relative_error, table};

    const ACCURACY_OF_RATE: f64 = 5e-16;
    const ACCURACY_OF_LOG_RATE: f64 = 2e-15;
    const ACCURACY_OF_DERIVATIVES: f64 = 2e-15;

    #[test]
    fn rates_agree_with_24_digits_up_to_the_rounding_of_the_inputs() {
        let mut worst = Worst::default();
        for row in table("lif_rate") {
            let (lif, mu, sigma) = of_row(&row);
            if number(&row, "rate_hz") < 1e-305 {
                continue; // not a normal number: see the log-rate
            }
            let error = relative_error(lif.rate_hz(mu, sigma).unwrap(), &row["rate_hz"]);
            worst.add(error - number(&row, "rounding_floor"), (lif, mu, sigma));
        }
        worst.must_be_at_most(ACCURACY_OF_RATE);
    }

    #[test]
    fn log_rates_agree_with_24_digits_down_to_1e_minus_692() {
        let mut worst = Worst::default();
        for row in table("lif_rate") {
            let (lif, mu, sigma) = of_row(&row);
            let expected = number(&row, "ln_rate_hz");
            let found = lif.log_rate(mu, sigma, 0.0).ln_rate_hz;
            worst.add((found - expected).abs() / expected.abs().max(1.0), (lif, mu, sigma));
            let decadic = lif.state(mu, sigma, 0.0).unwrap().log10_rate_hz.unwrap();
            worst.add((decadic - number(&row, "log10_rate_hz")).abs() / expected.abs().max(1.0), (lif, mu, sigma));
        }
        worst.must_be_at_most(ACCURACY_OF_LOG_RATE);
    }

    #[test]
    fn all_derivatives_of_the_log_rate_agree_with_differences_in_110_digits() {
        let mut worst = Worst::default();
        for row in table("lif_derivatives") {
            let (lif, mu, sigma) = of_row(&row);
            let found = lif.log_rate(mu, sigma, 0.0);
            for (column, found) in [
                ("d_mu", found.d_mu),
                ("d_variance", found.d_variance),
                ("d_tau_m", found.d_tau_m),
                ("d_t_ref", found.d_t_ref),
                ("d_V_th", found.d_V_th),
                ("d_V_reset", found.d_V_reset),
            ] {
                if number(&row, column).abs() < 1e-300 {
                    assert!(found.abs() <= 2e-300, "{column}: {found} in {row:?}"); // not a normal number
                    continue;
                }
                let x_th = (lif.V_th_mv - mu) / sigma;
                let error = relative_error(found, &row[column]);
                worst.add(error - 2.0 * x_th.max(0.0).powi(2) * f64::EPSILON, (column, lif, mu, sigma));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_DERIVATIVES);
    }

    #[test]
    fn derivatives_with_respect_to_mu_agree_with_24_digits_where_rates_underflow() {
        for row in table("lif_rate") {
            let (lif, mu, sigma) = of_row(&row);
            // d ln rate/d mu = (d rate/d mu)/rate, by strings since both can underflow
            let (rate, slope) = (decimal(&row["rate_hz"]), decimal(&row["drate_dmu_hz_per_mv"]));
            let expected = slope.0 / rate.0 * 10f64.powi(slope.1 - rate.1);
            let error = (lif.log_rate(mu, sigma, 0.0).d_mu / expected - 1.0).abs();
            let rounding = 4.0 * number(&row, "rounding_floor");
            assert!(error <= 1e-14 + rounding, "{lif:?}, mu = {mu}, sigma = {sigma}: {error:e}");
        }
    }

    /// Mantissa and decimal exponent of a number that may lie outside of what an `f64` holds.
    fn decimal(text: &str) -> (f64, i32) {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        (mantissa.parse().unwrap(), exponent.parse().unwrap())
    }

    #[test]
    fn rates_over_an_array_are_those_of_single_inputs() {
        for row in table("lif_rate") {
            let (lif, mu, sigma) = of_row(&row);
            let single = lif.rate_hz(mu, sigma).unwrap();
            assert_eq!(lif.rates_hz(&[mu; 3], &[sigma; 3]).unwrap(), [single; 3]);
        }
    }
}
