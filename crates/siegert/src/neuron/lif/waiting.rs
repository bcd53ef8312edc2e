//! The logarithm of the mean passage time as a function of mean and variance of the input, and why it can be bounded.
//!
//! ```text
//! L(mu, v) = ln I(x_reset, x_th),    v = sigma^2,    1/rate = t_ref + tau_m exp(L)
//! ```
//!
//! With `erfcx(-u) = (2/sqrt(pi)) int_0^inf exp(-t^2 + 2 u t) dt` and `s = 2 t/sigma` the integral of `passage` becomes
//!
//! ```text
//! I = int_0^inf w(s) exp(-mu s - v s^2/4) ds,    w(s) = [exp(V_th s) - exp(V_reset s)]/s > 0,
//! ```
//!
//! a Laplace transform in `mu` and `v` of something positive. Three facts follow, for every LIF neuron in white noise, and the
//! search for all stationary states stands on them (derived here):
//!
//! 1. `L` falls strictly with `mu` and with `v`: `dL/dmu = -<s>`, `dL/dv = -<s^2>/4`, means under the integrand.
//! 2. `L` is convex in `(mu, v)` jointly (Hoelder's inequality): it lies above its tangents and below its chords. `mu` and `v`
//!    are affine in the rates of a network, so `L` is convex in these.
//! 3. Both slopes rise (towards 0) with `mu` and with `v`, since `s` and `s^2` are positively correlated: over a rectangle
//!    of inputs they lie between their values at its lowest and its highest corner.
//!
//! Range: as `passage`.
//! Accuracy: error of `L` at most 1e-15, of `L` where that is more, and relative error of its slopes at most 1.5e-15, both beyond `2 b^2`
//! roundings, `b = x_th > 0` (against 110 digits, `b` from -1000 to 40).

use super::passage::{passage, slopes};
use super::rate::is_noiseless;
use super::{Lif, noiseless};

/// `L` with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LnPassage {
    /// `ln I`; infinite for a neuron that never fires.
    pub(crate) ln: f64,
    /// With respect to `mu`, per mV; minus infinity where `ln` is infinite.
    pub(crate) d_mu: f64,
    /// With respect to `sigma^2`, per mV^2; minus infinity where `ln` is infinite.
    pub(crate) d_variance: f64,
}

impl Lif {
    /// `L` at mean `mu` and variance `sigma^2`, for white noise. NaN in, NaN out.
    pub(crate) fn ln_passage(&self, mu: f64, variance: f64) -> LnPassage {
        let sigma = variance.sqrt();
        let interval = self.interval(mu, sigma, 0.0);
        if is_noiseless(&interval) {
            return self.noiseless_ln_passage(mu);
        }
        let time = passage(&interval);
        let slopes = slopes(&interval);
        let per_mv = -1.0 / (sigma * time.integral);
        LnPassage {
            ln: time.ln_scale + time.integral.ln(),
            d_mu: per_mv * slopes.difference,
            d_variance: 0.5 * per_mv * slopes.weighted / sigma,
        }
    }

    fn noiseless_ln_passage(&self, mu: f64) -> LnPassage {
        let climb = noiseless::climb(self, mu);
        if climb == f64::INFINITY {
            return LnPassage { ln: climb, d_mu: f64::NEG_INFINITY, d_variance: f64::NEG_INFINITY };
        }
        let (above_th, above_reset) = (mu - self.V_th_mv, mu - self.V_reset_mv);
        let d_mu = -(self.V_th_mv - self.V_reset_mv) / (above_th * above_reset * climb);
        LnPassage { ln: climb.ln(), d_mu, d_variance: 0.25 * d_mu * (1.0 / above_th + 1.0 / above_reset) }
    }

    /// `ln I` at which the neuron fires at a rate given by its logarithm: `ln((1/rate - t_ref)/tau_m)`.
    ///
    /// Minus infinity from `1/t_ref` on.
    pub(crate) fn ln_passage_for(&self, ln_rate_hz: f64) -> f64 {
        let free = 1.0 - self.t_ref_ms * ln_rate_hz.exp() / super::MS_PER_S;
        super::MS_PER_S.ln() - ln_rate_hz - self.tau_m_ms.ln() + free.max(0.0).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BRUNEL, of_row};
    use crate::measured::{Worst, number, table};

    const ACCURACY: f64 = 1e-15;
    const ACCURACY_OF_SLOPES: f64 = 1.5e-15;

    #[test]
    fn logarithm_of_the_passage_time_and_slopes_agree_with_110_digits_from_silence_to_saturation() {
        let (mut values, mut slopes) = (Worst::default(), Worst::default());
        for row in table("lif_derivatives") {
            let (lif, mu, sigma) = of_row(&row);
            let of = |name: &str| number(&row, name);
            // free = 1 - rate t_ref: rate = free/(tau_m I), d ln rate = -free dL
            let free = -of("d_tau_m") * lif.tau_m_ms;
            let expected = (free * 1000.0 / lif.tau_m_ms).ln() - of("ln_rate_hz");
            let rounding = 2.0 * ((lif.V_th_mv - mu) / sigma).max(0.0).powi(2) * f64::EPSILON;
            let found = lif.ln_passage(mu, sigma * sigma);
            values.add((found.ln - expected).abs() / expected.abs().max(1.0) - rounding, (lif, mu, sigma));
            for (found, expected) in [(found.d_mu, -of("d_mu") / free), (found.d_variance, -of("d_variance") / free)] {
                slopes.add((found / expected - 1.0).abs() - rounding, (lif, mu, sigma));
            }
        }
        values.must_be_at_most(ACCURACY);
        slopes.must_be_at_most(ACCURACY_OF_SLOPES);
    }

    /// Means from deep subthreshold to saturation, variances from almost none to very much.
    fn inputs() -> Vec<(f64, f64)> {
        let means = [-400.0, -30.0, 5.0, 12.0, 19.0, 20.0, 21.0, 26.0, 80.0, 2000.0];
        let variances = [1e-4, 0.03, 0.5, 4.0, 25.0, 300.0, 1e5];
        means.iter().flat_map(|&mu| variances.map(|v| (mu, v))).collect()
    }

    #[test]
    fn the_rate_of_a_passage_time_is_the_rate() {
        for (mu, v) in inputs() {
            let ln_rate = BRUNEL.log_rate(mu, v.sqrt(), 0.0).ln_rate_hz;
            let (found, expected) = (BRUNEL.ln_passage(mu, v).ln, BRUNEL.ln_passage_for(ln_rate));
            // near saturation 1/rate - t_ref cancels
            let slack = 4e-16 * (1.0 + ln_rate.abs()) * (1.0 + 1.0 / (1.0 - 0.002 * ln_rate.exp()));
            assert!((found - expected).abs() <= slack + 4e-16 * found.abs(), "({mu}, {v}): {found} {expected}");
        }
    }

    #[test]
    fn the_logarithm_of_the_passage_time_lies_above_its_tangents_and_its_slopes_rise() {
        let all = inputs();
        for &(mu, v) in &all {
            let here = BRUNEL.ln_passage(mu, v);
            assert!(here.d_mu < 0.0 && here.d_variance < 0.0, "({mu}, {v}): {here:?}");
            for &(other_mu, other_v) in &all {
                let there = BRUNEL.ln_passage(other_mu, other_v);
                let tangent = here.ln + here.d_mu * (other_mu - mu) + here.d_variance * (other_v - v);
                let rounding = 1e-13 * (1.0 + tangent.abs() + there.ln.abs() + (here.d_mu * (other_mu - mu)).abs());
                assert!(there.ln >= tangent - rounding, "({mu}, {v}) ({other_mu}, {other_v}): {there:?} {tangent}");
                if other_mu >= mu && other_v >= v {
                    let slack = 1.0 - 1e-12;
                    assert!(there.d_mu >= here.d_mu / slack, "({mu}, {v}) ({other_mu}, {other_v})");
                    assert!(there.d_variance >= here.d_variance / slack, "({mu}, {v}) ({other_mu}, {other_v})");
                }
            }
        }
    }

    #[test]
    fn slopes_agree_with_difference_quotients() {
        for (mu, v) in [(15.0, 25.0), (19.0, 1.0), (25.0, 4.0), (2.0, 9.0), (60.0, 100.0)] {
            let (h, at) = (1e-4, |mu, v| BRUNEL.ln_passage(mu, v).ln);
            let found = BRUNEL.ln_passage(mu, v);
            let by_mu = (at(mu + h, v) - at(mu - h, v)) / (2.0 * h);
            let by_v = (at(mu, v + h) - at(mu, v - h)) / (2.0 * h);
            assert!((found.d_mu / by_mu - 1.0).abs() < 1e-7, "({mu}, {v}): {} {by_mu}", found.d_mu);
            assert!((found.d_variance / by_v - 1.0).abs() < 1e-7, "({mu}, {v}): {} {by_v}", found.d_variance);
        }
    }

    #[test]
    fn little_noise_and_none_agree() {
        let (little, none) = (BRUNEL.ln_passage(23.0, 1e-9), BRUNEL.ln_passage(23.0, 0.0));
        assert!((little.ln - none.ln).abs() < 1e-9 && (little.d_mu / none.d_mu - 1.0).abs() < 1e-8);
        assert!((little.d_variance / none.d_variance - 1.0).abs() < 1e-7, "{little:?} {none:?}");
        assert_eq!(BRUNEL.ln_passage(19.0, 0.0).ln, f64::INFINITY);
    }
}
