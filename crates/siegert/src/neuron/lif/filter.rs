//! Exponentially filtered noise: synapses with a time constant, to first order in `k = sqrt(tau_syn / tau_m)`.
//!
//! ```text
//! tau_m dV/dt = -(V - mu) + I,    tau_syn dI/dt = -I + sigma sqrt(tau_m) xi(t)
//! shift:    x_reset and x_th both grow by k alpha/2,    alpha = sqrt(2) |zeta(1/2)| = 2.0653
//! Taylor:   rate = rate_0 - (d rate_0/d mu) sigma k alpha/2
//! Brunel and Wang:   x_th -> x_th (1 + k^2/2) + 1.03 k - k^2/2,    x_reset stays
//! ```
//!
//! The two agree to first order; the shift stays positive and is the more accurate one. `sigma` is that of white noise
//! and is not reduced besides.
//!
//! Source: Brunel and Sergi (1998), J Theor Biol 195:87; Fourcaud and Brunel (2002), Neural Comput 14:2057, eq. 4.33; Brunel and Wang (2001), J Comput
//! Neurosci 11:63, appendix.
//! Range: small `k`, where white noise errs by 7 to 37 % from 0.05 to 0.32. Beyond `k = 0.3` the order is not small: callers warn.
//! Accuracy: of the formulas as such, 1e-15 of the rate (against 25 digits) and 1e-8 of their derivatives, of 1 where these are smaller
//! (as far as difference quotients tell). Of the theory, by the shift: 4e-2 of the rate for these `k` (against Monte
//! Carlo, beyond three standard errors of half a hundredth).

use serde::{Deserialize, Serialize};

use super::passage::{Slopes, curvature, passage, slopes};
use super::rate::is_noiseless;
use super::{Lif, LogRate};

/// `|zeta(1/2)| / sqrt(2)`, half of `alpha`.
const HALF_ALPHA: f64 = 1.0326265761156086;

/// `alpha/2` as Brunel and Wang (2001) print it.
const BRUNEL_WANG_SHIFT: f64 = 1.03;

/// The least distance of their threshold from the reset, over what it is.
const LEAST_DISTANCE: f64 = 1e-9;

/// Beyond this `sqrt(tau_syn / tau_m)` the first order is not small.
pub(crate) const LARGEST_SMALL_K: f64 = 0.3;

/// How the time constant of synapses enters the rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SynapticFilter {
    /// Threshold and reset move by `sigma k alpha/2`, as published: right to first order without refractory time.
    #[serde(rename = "shift")]
    ThresholdShift,
    /// The rate is expanded to first order in `k`.
    #[serde(rename = "taylor")]
    TaylorExpansion,
    /// Synapses count as instantaneous.
    #[serde(rename = "none")]
    Ignore,
    /// The law of threshold crossings, for any time constants (`neuron::coloured`); the closed forms beside it shift.
    #[serde(rename = "full")]
    Full,
    /// The theory of Brunel and Wang (2001), appendix, for results that were made with it: the threshold moves to second order in `k` and the reset does not, sources
    /// within the network add no noise, and gates of NMDA are open by their series.
    #[serde(rename = "brunel-wang")]
    BrunelWang,
    /// As `Full` where the shift is off by more than 1 %.
    #[default]
    #[serde(rename = "auto")]
    Auto,
}

impl SynapticFilter {
    /// Whether the law of threshold crossings is asked at all.
    pub fn is_full(self) -> bool {
        matches!(self, SynapticFilter::Full | SynapticFilter::Auto)
    }

    /// Whether it is defined for currents that rise before they decay, as the published forms are not.
    pub fn knows_rises(self) -> bool {
        self.is_full() || self == SynapticFilter::Ignore
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            SynapticFilter::ThresholdShift => "shift",
            SynapticFilter::TaylorExpansion => "taylor",
            SynapticFilter::Ignore => "none",
            SynapticFilter::Full => "full",
            SynapticFilter::BrunelWang => "brunel-wang",
            SynapticFilter::Auto => "auto",
        }
    }

    /// The shift of `x_reset` and `x_th` for a ratio `tau_syn / tau_m`.
    pub fn shift(tau_syn_over_tau_m: f64) -> f64 {
        HALF_ALPHA * tau_syn_over_tau_m.sqrt()
    }
}

impl Lif {
    /// The logarithm of the rate with its derivatives for noise filtered with `shift = k alpha/2`
    /// ([`SynapticFilter::shift`]), by the method chosen.
    ///
    /// The Taylor expansion can be negative: then the logarithm is not a number.
    pub fn filtered_log_rate(&self, filter: SynapticFilter, mu_mv: f64, sigma_mv: f64, shift: f64) -> LogRate {
        match filter {
            SynapticFilter::Ignore => LogRate { d_shift: 0.0, ..self.log_rate(mu_mv, sigma_mv, 0.0) },
            SynapticFilter::ThresholdShift | SynapticFilter::Full | SynapticFilter::Auto => {
                self.log_rate(mu_mv, sigma_mv, shift)
            }
            SynapticFilter::TaylorExpansion => self.expanded_log_rate(mu_mv, sigma_mv, shift),
            SynapticFilter::BrunelWang => self.brunel_wang_log_rate(mu_mv, sigma_mv, shift),
        }
    }

    /// The neuron whose threshold is where Brunel and Wang (2001) have it; the reset stays.
    ///
    /// Far above threshold their expansion would have it below the reset: there the two are next to each other, and the neuron fires at its limit.
    pub(crate) fn at_brunel_wang_threshold(&self, mu_mv: f64, sigma_mv: f64, shift: f64) -> Self {
        Lif { V_th_mv: self.brunel_wang_threshold_mv(mu_mv, sigma_mv, shift).0, ..*self }
    }

    /// Where they have it, and whether it is next to the reset.
    fn brunel_wang_threshold_mv(&self, mu_mv: f64, sigma_mv: f64, shift: f64) -> (f64, bool) {
        let k = shift / HALF_ALPHA;
        let moved_mv = 0.5 * k * k * (self.V_th_mv - mu_mv) + sigma_mv * (BRUNEL_WANG_SHIFT - 0.5 * k) * k;
        let lowest_mv = self.V_reset_mv + LEAST_DISTANCE * (self.V_th_mv - self.V_reset_mv);
        let V_th_mv = self.V_th_mv + moved_mv;
        if V_th_mv < lowest_mv { (lowest_mv, true) } else { (V_th_mv, false) }
    }

    fn brunel_wang_log_rate(&self, mu: f64, sigma: f64, shift: f64) -> LogRate {
        let k = shift / HALF_ALPHA;
        let (V_th_mv, is_next_to_reset) = self.brunel_wang_threshold_mv(mu, sigma, shift);
        let rate = Lif { V_th_mv, ..*self }.log_rate(mu, sigma, 0.0);
        let per_mv = if is_next_to_reset { 0.0 } else { rate.d_V_th };
        let d_sigma = per_mv * (BRUNEL_WANG_SHIFT - 0.5 * k) * k;
        let d_k = per_mv * (k * (self.V_th_mv - mu) + sigma * (BRUNEL_WANG_SHIFT - k));
        LogRate {
            d_mu: rate.d_mu - 0.5 * k * k * per_mv,
            d_variance: if sigma > 0.0 { rate.d_variance + d_sigma / (2.0 * sigma) } else { rate.d_variance },
            d_shift: d_k / HALF_ALPHA,
            d_V_th: per_mv * (1.0 + 0.5 * k * k),
            ..rate
        }
    }

    /// `ln(rate_0) + ln(1 - g shift)`, `g = free [S(x_th) - S(x_reset)] / I = -d ln rate_0 / d shift`.
    ///
    /// The derivatives of `g` follow from `S'(x) = 2 x S(x) + 2` and `d I = S(x_th) d x_th - S(x_reset) d x_reset`.
    fn expanded_log_rate(&self, mu: f64, sigma: f64, shift: f64) -> LogRate {
        let base = self.log_rate(mu, sigma, 0.0);
        let interval = self.interval(mu, sigma, 0.0);
        if is_noiseless(&interval) || base.ln_rate_hz == f64::NEG_INFINITY {
            return base;
        }
        let time = passage(&interval);
        let Slopes { th, reset, difference, .. } = slopes(&interval);
        let free = self.free_fraction(time.ln_scale, time.integral);
        let g = -base.d_shift;
        let factor = 1.0 - g * shift;
        let (bend_th, bend_reset) =
            (curvature(interval.th, th, time.ln_scale), curvature(interval.reset, reset, time.ln_scale));
        // d ln g for changes of the two boundaries
        let d_ln_g = |d_th: f64, d_reset: f64| {
            let d_ln_integral = (th * d_th - reset * d_reset) / time.integral;
            (bend_th * d_th - bend_reset * d_reset) / difference - free * d_ln_integral
        };
        let add = |base: f64, d_ln_g: f64| base - g * shift * d_ln_g / factor;
        LogRate {
            ln_rate_hz: base.ln_rate_hz + factor.ln(),
            d_mu: add(base.d_mu, d_ln_g(-1.0 / sigma, -1.0 / sigma)),
            d_variance: add(base.d_variance, d_ln_g(-interval.th, -interval.reset) / (2.0 * sigma * sigma)),
            d_shift: -g / factor,
            d_tau_m: add(base.d_tau_m, (1.0 - free) / self.tau_m_ms),
            d_t_ref: add(base.d_t_ref, base.d_t_ref),
            d_V_th: add(base.d_V_th, d_ln_g(1.0 / sigma, 0.0)),
            d_V_reset: add(base.d_V_reset, d_ln_g(0.0, 1.0 / sigma)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BRUNEL, of_row};
    use super::*;
    use crate::measured::{Worst, number, relative_error, table};

    const ACCURACY_OF_FORMULAS: f64 = 1e-15;
    const ACCURACY_OF_DERIVATIVES: f64 = 1e-8;
    const ACCURACY_OF_THEORY: f64 = 4e-2;

    #[test]
    fn first_order_formulas_for_filtered_noise_agree_with_25_digits() {
        let mut worst = Worst::default();
        for row in table("lif_colored_noise") {
            let (lif, mu, sigma) = of_row(&row);
            let shift = SynapticFilter::shift(number(&row, "tau_syn_ms") / number(&row, "tau_m_ms"));
            for (filter, column) in [
                (SynapticFilter::Ignore, "rate_white_hz"),
                (SynapticFilter::ThresholdShift, "rate_shift_hz"),
                (SynapticFilter::TaylorExpansion, "rate_taylor_hz"),
            ] {
                let found = lif.filtered_log_rate(filter, mu, sigma, shift).rate_hz();
                worst.add(relative_error(found, &row[column]), (filter, &row));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_FORMULAS);
    }

    #[test]
    fn the_shift_is_within_four_percent_of_a_simulated_neuron_with_filtered_noise() {
        let mut worst = Worst::default();
        for row in table("lif_colored_noise") {
            let (lif, mu, sigma) = of_row(&row);
            let shift = SynapticFilter::shift(number(&row, "tau_syn_ms") / number(&row, "tau_m_ms"));
            let found = lif.filtered_log_rate(SynapticFilter::ThresholdShift, mu, sigma, shift).rate_hz();
            let simulated = number(&row, "rate_monte_carlo_hz");
            let slack = 3.0 * number(&row, "monte_carlo_standard_error_hz") / simulated;
            worst.add((found / simulated - 1.0).abs() - slack, &row);
        }
        worst.must_be_at_most(ACCURACY_OF_THEORY);
    }

    #[test]
    fn shift_and_expansion_agree_to_first_order() {
        for (mu, sigma) in [(18.0, 5.0), (12.0, 4.0), (26.0, 3.0)] {
            let difference = |ratio: f64| {
                let shift = SynapticFilter::shift(ratio);
                let of = |filter| BRUNEL.filtered_log_rate(filter, mu, sigma, shift).ln_rate_hz;
                of(SynapticFilter::ThresholdShift) - of(SynapticFilter::TaylorExpansion)
            };
            // second order in k: a hundredth of the ratio, a hundredth of the difference
            let order = difference(1e-3) / difference(1e-5);
            assert!((order / 100.0 - 1.0).abs() < 0.1, "mu = {mu}: {order}");
        }
    }

    #[test]
    fn derivatives_of_both_forms_agree_with_difference_quotients() {
        let (sigma, shift, h) = (4.0, 0.05, 1e-5);
        for filter in [SynapticFilter::ThresholdShift, SynapticFilter::TaylorExpansion, SynapticFilter::BrunelWang] {
            for mu in [8.0, 16.0, 21.0, 60.0] {
                let ln = |lif: &Lif, mu: f64, variance: f64, shift: f64| {
                    lif.filtered_log_rate(filter, mu, variance.sqrt(), shift).ln_rate_hz
                };
                let v = sigma * sigma;
                let found = BRUNEL.filtered_log_rate(filter, mu, sigma, shift);
                let near = |name: &str, found: f64, plus: f64, minus: f64| {
                    let quotient = (plus - minus) / (2.0 * h);
                    let allowed = ACCURACY_OF_DERIVATIVES * (1.0 + quotient.abs());
                    assert!((found - quotient).abs() < allowed, "{filter:?} mu = {mu}, {name}: {found} {quotient}");
                };
                let b = BRUNEL;
                near("mu", found.d_mu, ln(&b, mu + h, v, shift), ln(&b, mu - h, v, shift));
                near("variance", found.d_variance, ln(&b, mu, v + h, shift), ln(&b, mu, v - h, shift));
                near("shift", found.d_shift, ln(&b, mu, v, shift + h), ln(&b, mu, v, shift - h));
                let with = |d_tau: f64, d_ref: f64, d_th: f64, d_reset: f64| Lif {
                    tau_m_ms: 20.0 + d_tau,
                    t_ref_ms: 2.0 + d_ref,
                    V_th_mv: 20.0 + d_th,
                    V_reset_mv: 10.0 + d_reset,
                };
                let at = |lif: Lif| ln(&lif, mu, v, shift);
                near("tau_m", found.d_tau_m, at(with(h, 0.0, 0.0, 0.0)), at(with(-h, 0.0, 0.0, 0.0)));
                near("t_ref", found.d_t_ref, at(with(0.0, h, 0.0, 0.0)), at(with(0.0, -h, 0.0, 0.0)));
                near("V_th", found.d_V_th, at(with(0.0, 0.0, h, 0.0)), at(with(0.0, 0.0, -h, 0.0)));
                near("V_reset", found.d_V_reset, at(with(0.0, 0.0, 0.0, h)), at(with(0.0, 0.0, 0.0, -h)));
            }
        }
    }
}
