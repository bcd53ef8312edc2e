//! The perfect (leakless) integrate-and-fire neuron in white noise: all in closed form.
//!
//! ```text
//! tau_m dV/dt = mu - E_L + sigma sqrt(tau_m) xi(t),    spike at V_th, then V_reset for t_ref
//! m = (mu - E_L)/tau_m,    s^2 = sigma^2/tau_m,    L = V_th - V_reset,    a = 2 m/s^2
//!
//! 1/rate = t_ref + L/m  (m > 0; else the rate is exactly 0)        CV = rate sqrt(s^2 L/m^3)
//! P(V)   = (rate/m) (1 - exp(-a (V_th - V)))  from V_reset up,     (rate/m) (exp(-a (V_reset - V)) - exp(-a (V_th - V)))  below
//! <V - V_reset> = L/2 - 1/a,    <(V - V_reset)^2> = L^2/3 - L/a + 2/a^2    (neurons that are not refractory)
//! ```
//!
//! Without a leak nothing holds the potential: noise alone never makes it fire, and the rate does not depend on noise at all, nor on whether it is
//! filtered (threshold and reset move by as much). `E_L` is where the axis of `mu` begins.
//!
//! Conductances give it a leak, with which it is a LIF neuron or nearly none (`leaking`).
//!
//! Source: Gerstein and Mandelbrot (1964), Biophys J 4:41 (the intervals are inverse Gaussian); density and moments follow from the
//! Fokker-Planck equation with constant drift.
//! Range: all of it.
//! Accuracy: relative error of rate, CV and moments 1e-14 (against sums over the intervals' law and the density, in quadrature).

use super::coloured::{FilteredNoise, FilteredState, total_variance_mv2};
use super::leaking::Leaking;
use super::lif::{LogRate, MS_PER_S, MembranePotential, SynapticFilter, check_input};
use super::models::{NeuronParameters, Relaxation, WhiteNoiseNeuron};
use super::shunted::AtInput;
use super::thresholds::Thresholds;
use crate::error::DomainError;

/// A perfect integrate-and-fire neuron whose parameters have been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perfect {
    E_L_mv: f64,
    thresholds: Thresholds,
    /// What conductances add; the force begins at `E_L` and falls with the distance from the reset.
    leaking: Option<Leaking>,
}

impl Perfect {
    /// With a mean conductance over what would be the leak, `tau_m dV/dt = mu - E_L - G V + noise`, divided by `1 + G`.
    pub(super) fn shunted(&self, conductance: f64) -> Self {
        let over = 1.0 + conductance;
        let thresholds = Thresholds { tau_m_ms: self.thresholds.tau_m_ms / over, ..self.thresholds };
        let E_L_mv = (self.E_L_mv + conductance * thresholds.V_reset_mv) / over;
        Perfect { E_L_mv, thresholds, leaking: Leaking::new(thresholds, conductance / over) }
    }

    /// The derivative of the logarithm of the rate of [`Perfect::shunted`] with the conductance, at the same mean and variance.
    pub(super) fn d_ln_rate_per_conductance(&self, conductance: f64, at: AtInput) -> f64 {
        let AtInput { mean_mv, std_mv, filter, shift } = at;
        let over = 1.0 + conductance;
        let own = self.shunted(conductance);
        let drift_mv = mean_mv - own.E_L_mv;
        // of no leak the derivative by it is that of the smallest
        let least = || Leaking::new(own.thresholds, 2.0 * Leaking::LEAST).filter(|_| drift_mv > 0.0);
        let Some(leaking) = own.leaking.or_else(least) else { return 0.0 };
        let found = leaking.log_rate(filter, drift_mv, std_mv, shift);
        let per_rest = (own.thresholds.V_reset_mv - self.E_L_mv) / (over * over);
        let per_tau = -own.thresholds.tau_m_ms / over;
        found.rate.d_tau_m * per_tau - found.rate.d_mu * per_rest + found.d_leak / (over * over)
    }

    /// The drift at reset, in mV, and the leak.
    pub(super) fn drift_and_leak(&self, mean_mv: f64) -> (f64, f64) {
        (mean_mv - self.E_L_mv, self.leaking.map_or(0.0, |leaking| leaking.leak()))
    }

    /// The neuron with its leak, where it counts for more than the rate.
    fn leaking_at(&self, mean_mv: f64, std_mv: f64) -> Option<Leaking> {
        self.leaking.filter(|leaking| !leaking.is_negligible(mean_mv - self.E_L_mv, std_mv))
    }

    /// `m`, in mV/ms.
    fn drift(&self, mean_mv: f64) -> f64 {
        (mean_mv - self.E_L_mv) / self.thresholds.tau_m_ms
    }

    /// `L`, in mV.
    fn width(&self) -> f64 {
        self.thresholds.V_th_mv - self.thresholds.V_reset_mv
    }

    /// `1/a` in mV, the depth to which noise reaches against the drift.
    fn depth(&self, mean_mv: f64, std_mv: f64) -> f64 {
        0.5 * std_mv * std_mv / (mean_mv - self.E_L_mv)
    }

    /// The mean interval; infinite where the neuron never fires.
    fn interval_ms(&self, mean_mv: f64) -> f64 {
        let drift = self.drift(mean_mv);
        if drift > 0.0 { self.thresholds.t_ref_ms + self.width() / drift } else { f64::INFINITY }
    }

    /// An input at which there is a stationary density.
    fn check_density(&self, mean_mv: f64, std_mv: f64) -> Result<(), DomainError> {
        check_input(mean_mv, std_mv)?;
        if mean_mv > self.E_L_mv {
            return Ok(());
        }
        Err(DomainError::NotPositive { name: "mu_mv - E_L_mv", value: mean_mv - self.E_L_mv })
    }
}

impl WhiteNoiseNeuron for Perfect {
    fn new(parameters: &NeuronParameters) -> Result<Self, DomainError> {
        let NeuronParameters { tau_m_ms, t_ref_ms, E_L_mv, V_th_mv, V_reset_mv, .. } = *parameters;
        if !E_L_mv.is_finite() {
            return Err(DomainError::OutOfRange { name: "E_L_mv", value: E_L_mv, least: f64::MIN });
        }
        let thresholds = Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms }.checked()?;
        Ok(Perfect { E_L_mv, thresholds, leaking: None })
    }

    fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    fn drift_mv_per_ms(&self, mean_mv: f64, V_mv: f64) -> f64 {
        let (_, leak) = self.drift_and_leak(mean_mv);
        let held_mv = if leak == 0.0 { 0.0 } else { leak * (V_mv - self.thresholds.V_reset_mv) };
        self.drift(mean_mv) - held_mv / self.thresholds.tau_m_ms
    }

    fn rheobase_mv(&self) -> f64 {
        self.E_L_mv + self.leaking.map_or(0.0, |leaking| leaking.leak() * self.width())
    }

    fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool {
        mean_mv <= self.rheobase_mv() && (self.leaking.is_none() || variance_mv2 == 0.0)
    }

    fn log_rate(&self, filter: SynapticFilter, mean_mv: f64, std_mv: f64, shift: f64) -> LogRate {
        if mean_mv.is_nan() || std_mv.is_nan() {
            return LogRate { ln_rate_hz: f64::NAN, ..LogRate::default() };
        }
        if let Some(leaking) = self.leaking {
            return leaking.log_rate(filter, mean_mv - self.E_L_mv, std_mv, shift).rate;
        }
        let interval_ms = self.interval_ms(mean_mv);
        if interval_ms == f64::INFINITY {
            return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        }
        let (drift, width) = (self.drift(mean_mv), self.width());
        let per_mv = 1.0 / (drift * interval_ms);
        LogRate {
            ln_rate_hz: (MS_PER_S / interval_ms).ln(),
            d_mu: width / drift / (interval_ms * (mean_mv - self.E_L_mv)),
            d_tau_m: -width / (drift * self.thresholds.tau_m_ms * interval_ms),
            d_t_ref: -1.0 / interval_ms,
            d_V_th: -per_mv,
            d_V_reset: per_mv,
            ..LogRate::default()
        }
    }

    fn cv(&self, mean_mv: f64, std_mv: f64, shift: f64) -> Option<f64> {
        if let Some(leaking) = self.leaking_at(mean_mv, std_mv) {
            let drift_mv = mean_mv - self.E_L_mv;
            let variance_mv2 = leaking.lif_variance_mv2(std_mv * std_mv);
            if variance_mv2 == 0.0 {
                return leaking.fires_without_noise(drift_mv).then_some(0.0);
            }
            return leaking.lif().cv(leaking.lif_mean_mv(drift_mv), variance_mv2.sqrt(), shift * leaking.leak().sqrt());
        }
        let drift = self.drift(mean_mv);
        let spread_ms = (self.width() / drift).sqrt() * std_mv / (self.thresholds.tau_m_ms.sqrt() * drift);
        (drift > 0.0).then(|| spread_ms / self.interval_ms(mean_mv))
    }

    fn density_per_mv(&self, mean_mv: f64, std_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        if let Some(leaking) = self.leaking_at(mean_mv, std_mv) {
            let lif_std_mv = leaking.lif_variance_mv2(std_mv * std_mv).sqrt();
            let lif_mean_mv = leaking.lif_mean_mv(mean_mv - self.E_L_mv);
            return WhiteNoiseNeuron::density_per_mv(leaking.lif(), lif_mean_mv, lif_std_mv, V_mv);
        }
        self.check_density(mean_mv, std_mv)?;
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.thresholds;
        let per_mv = 1.0 / (self.interval_ms(mean_mv) * self.drift(mean_mv));
        let depth = self.depth(mean_mv, std_mv);
        // without noise all are between reset and threshold
        let decay = |distance_mv: f64| if distance_mv > 0.0 { (-distance_mv / depth).exp() } else { 1.0 };
        let at = |&V: &f64| match V {
            _ if V.is_nan() => f64::NAN,
            _ if V >= V_th_mv => 0.0,
            _ if V >= V_reset_mv => per_mv * (1.0 - decay(V_th_mv - V)),
            _ => per_mv * decay(V_reset_mv - V) * (1.0 - decay(self.width())),
        };
        Ok(V_mv.iter().map(at).collect())
    }

    fn membrane_potential(&self, mean_mv: f64, std_mv: f64) -> Result<MembranePotential, DomainError> {
        if let Some(leaking) = self.leaking_at(mean_mv, std_mv) {
            let lif_std_mv = leaking.lif_variance_mv2(std_mv * std_mv).sqrt();
            return leaking.lif().membrane_potential(leaking.lif_mean_mv(mean_mv - self.E_L_mv), lif_std_mv);
        }
        self.check_density(mean_mv, std_mv)?;
        let (width, depth) = (self.width(), self.depth(mean_mv, std_mv));
        let free = 1.0 - self.thresholds.t_ref_ms / self.interval_ms(mean_mv);
        let (mean, variance) = (0.5 * width - depth, width * width / 12.0 + depth * depth);
        Ok(MembranePotential {
            mean_mv: self.thresholds.V_reset_mv + free * mean,
            // of the free neurons, and between them and those at reset
            std_mv: (free * (variance + (1.0 - free) * mean * mean)).sqrt(),
        })
    }

    fn mean_for_rate_mv(&self, rate_hz: f64, std_mv: f64) -> Result<f64, DomainError> {
        check_input(0.0, std_mv)?;
        let climb_ms = MS_PER_S / rate_hz - self.thresholds.t_ref_ms;
        if !(climb_ms > 0.0 && climb_ms.is_finite()) {
            return Err(DomainError::NotPositive { name: "1/rate - t_ref", value: climb_ms });
        }
        let without_leak_mv = self.thresholds.tau_m_ms * self.width() / climb_ms;
        let Some(leaking) = self.leaking else { return Ok(self.E_L_mv + without_leak_mv) };
        let found = leaking.drift_for_rate_mv(rate_hz, std_mv, without_leak_mv);
        let limit_hz = MS_PER_S / self.thresholds.t_ref_ms;
        found.map(|drift_mv| self.E_L_mv + drift_mv).ok_or(DomainError::RateOutOfReach { rate_hz, limit_hz })
    }

    fn has_filtered_theory(&self) -> bool {
        self.leaking.is_some()
    }

    /// That of the LIF neuron that it is with its leak; without one filters are of no account for the rate, and CV and potential are those in white noise.
    fn in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<FilteredState> {
        let variance_mv2 = total_variance_mv2(white_variance_mv2, filtered);
        let drift_mv = mean_mv - self.E_L_mv;
        let leaking = self.leaking.filter(|leaking| !leaking.is_small(drift_mv, variance_mv2.sqrt()));
        let Some(leaking) = leaking else {
            let ln_rate_hz = self.log_rate(SynapticFilter::Ignore, mean_mv, variance_mv2.sqrt(), 0.0).ln_rate_hz;
            return ln_rate_hz.is_finite().then(|| FilteredState {
                ln_rate_hz,
                cv: self.cv(mean_mv, variance_mv2.sqrt(), 0.0),
                potential: self.membrane_potential(mean_mv, variance_mv2.sqrt()).ok(),
                error: 0.0,
            });
        };
        let of_lif = |noise: &FilteredNoise| FilteredNoise {
            variance_mv2: leaking.lif_variance_mv2(noise.variance_mv2),
            ..*noise
        };
        let all: Vec<FilteredNoise> = filtered.iter().map(of_lif).collect();
        let white_mv2 = leaking.lif_variance_mv2(white_variance_mv2);
        WhiteNoiseNeuron::in_filtered_noise(leaking.lif(), leaking.lif_mean_mv(drift_mv), white_mv2, &all)
    }

    fn relaxation(&self, mean_mv: f64, std_mv: f64, within: (f64, f64)) -> Option<Relaxation> {
        let leaking = self.leaking_at(mean_mv, std_mv)?;
        let lif_std_mv = leaking.lif_variance_mv2(std_mv * std_mv).sqrt();
        leaking.lif().relaxation(leaking.lif_mean_mv(mean_mv - self.E_L_mv), lif_std_mv, within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;
    use crate::numerics::quadrature::integrate_16;

    const ACCURACY: f64 = 1e-14;

    fn neuron(t_ref_ms: f64) -> Perfect {
        let parameters = NeuronParameters {
            tau_m_ms: 20.0,
            t_ref_ms,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -60.0,
            Delta_T_mv: f64::NAN,
            V_peak_mv: f64::NAN,
            adaptation: None,
        };
        Perfect::new(&parameters).unwrap()
    }

    /// From nearly no noise to a hundred times what separates reset from threshold; from near rest to far above.
    fn inputs() -> impl Iterator<Item = (f64, f64)> {
        let means = [0.02, 0.5, 3.0, 15.0, 200.0];
        means
            .into_iter()
            .flat_map(|drive| [0.05, 0.3, 1.0, 6.0, 100.0].map(|noise: f64| (drive - 65.0, (noise * drive).sqrt())))
    }

    /// `int t^power f(t) dt` over the inverse Gaussian law of the intervals, by the trapezoidal rule in `ln t`.
    fn moment(neuron: &Perfect, (mean_mv, std_mv): (f64, f64), power: i32) -> f64 {
        let (drift, width) = (neuron.drift(mean_mv), neuron.width());
        let variance = std_mv * std_mv / neuron.thresholds.tau_m_ms;
        let step = 1.0 / 256.0;
        let at = |k: i32| {
            let t = width / drift * (step * f64::from(k)).exp();
            let exponent = -(width - drift * t).powi(2) / (2.0 * variance * t);
            width / (std::f64::consts::TAU * variance * t).sqrt() * exponent.exp() * t.powi(power)
        };
        step * (-8000..8000).map(at).sum::<f64>()
    }

    #[test]
    fn rate_and_cv_are_those_of_inverse_gaussian_intervals() {
        let mut worst = Worst::default();
        for t_ref_ms in [0.0, 2.0] {
            let neuron = neuron(t_ref_ms);
            for (mean_mv, std_mv) in inputs() {
                let [climb_ms, square] = [1, 2].map(|power| moment(&neuron, (mean_mv, std_mv), power));
                let rate_hz = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
                worst.add((rate_hz * (climb_ms + t_ref_ms) / MS_PER_S - 1.0).abs(), ("rate", mean_mv, std_mv));
                // the second moment loses digits where the variance is small beside the square of the mean
                let lost = square / (square - climb_ms * climb_ms);
                let cv = (square - climb_ms * climb_ms).sqrt() / (climb_ms + t_ref_ms);
                let error = (neuron.cv(mean_mv, std_mv, 0.0).unwrap() / cv - 1.0).abs();
                worst.add(error / lost.max(1.0), ("cv", mean_mv, std_mv));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn the_density_holds_all_that_are_not_refractory_and_has_the_moments() {
        let mut worst = Worst::default();
        for t_ref_ms in [0.0, 2.0] {
            let neuron = neuron(t_ref_ms);
            let Thresholds { V_th_mv, V_reset_mv, .. } = neuron.thresholds;
            for (mean_mv, std_mv) in inputs() {
                let depth = neuron.depth(mean_mv, std_mv);
                // panels that are short beside what the density varies over, on each side of reset and below threshold
                let above = (0..400).map(|k| {
                    let edge = |k: i32| V_th_mv - neuron.width() * (1.0 - f64::from(k) / 400.0).powi(3);
                    (edge(k), edge(k + 1))
                });
                let below = (0..80)
                    .map(|k| (V_reset_mv - 0.5 * depth * f64::from(k + 1), V_reset_mv - 0.5 * depth * f64::from(k)));
                let panels: Vec<(f64, f64)> = above.chain(below).collect();
                let integral = |power: i32| -> f64 {
                    let at = |V: f64| {
                        neuron.density_per_mv(mean_mv, std_mv, &[V]).unwrap()[0] * (V - V_reset_mv).powi(power)
                    };
                    panels.iter().map(|&(from, to)| integrate_16(from, to, at)).sum()
                };
                let [mass, first, second] = [0, 1, 2].map(integral);
                let rate_hz = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
                worst.add((mass - (1.0 - rate_hz * t_ref_ms / MS_PER_S)).abs(), ("mass", mean_mv, std_mv));
                let found = neuron.membrane_potential(mean_mv, std_mv).unwrap();
                let scale = neuron.width() + depth;
                worst.add((found.mean_mv - V_reset_mv - first).abs() / scale, ("mean", mean_mv, std_mv));
                let variance = second - first * first;
                worst.add((found.std_mv.powi(2) - variance).abs() / (scale * scale), ("variance", mean_mv, std_mv));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn derivatives_are_difference_quotients_and_noise_is_of_no_account() {
        let neuron = neuron(2.0);
        for (mean_mv, std_mv) in inputs() {
            let at = |mean_mv: f64| neuron.log_rate(SynapticFilter::ThresholdShift, mean_mv, std_mv, 0.3);
            let step = 1e-5 * (mean_mv + 65.0);
            let slope = (at(mean_mv + step).ln_rate_hz - at(mean_mv - step).ln_rate_hz) / (2.0 * step);
            assert!((at(mean_mv).d_mu / slope - 1.0).abs() < 1e-6, "{mean_mv}");
            assert_eq!((at(mean_mv).d_variance, at(mean_mv).d_shift), (0.0, 0.0));
            assert_eq!(at(mean_mv), neuron.log_rate(SynapticFilter::Ignore, mean_mv, 0.0, 0.0));
        }
    }

    #[test]
    fn it_fires_above_rest_only_whatever_the_noise_and_the_mean_is_found_again() {
        let neuron = neuron(2.0);
        for std_mv in [0.0, 5.0, 1e3] {
            assert!(neuron.is_silent(-65.0, std_mv * std_mv) && !neuron.is_silent(-64.9, 0.0));
            assert_eq!(neuron.log_rate(SynapticFilter::Ignore, -65.0, std_mv, 0.0).ln_rate_hz, f64::NEG_INFINITY);
            assert_eq!(neuron.cv(-70.0, std_mv, 0.0), None);
            assert!(neuron.density_per_mv(-65.0, std_mv, &[-55.0]).is_err());
            for rate_hz in [1e-6, 3.0, 499.0] {
                let mean_mv = neuron.mean_for_rate_mv(rate_hz, std_mv).unwrap();
                let again = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
                assert!((again / rate_hz - 1.0).abs() < 1e-8, "{rate_hz}");
            }
            assert!(neuron.mean_for_rate_mv(500.0, std_mv).is_err());
        }
        // without noise the density is flat between reset and threshold
        let density = neuron.density_per_mv(-45.0, 0.0, &[-61.0, -60.0, -50.1, -50.0]).unwrap();
        assert_eq!((density[0], density[3]), (0.0, 0.0));
        assert!(density[1] == density[2] && (density[1] * 10.0 - (1.0 - 2.0 / 12.0)).abs() < 1e-12, "{density:?}");
    }
}
