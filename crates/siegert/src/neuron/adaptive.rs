//! The adaptive exponential integrate-and-fire neuron (AdEx), its adaptation taken at its mean.
//!
//! ```text
//! tau_m dV/dt = -(V - mu) + Delta_T exp((V - V_th)/Delta_T) - w/g_L + sigma sqrt(tau_m) xi(t),    spike at V_peak, then V_reset for t_ref
//! tau_w dw/dt = a (V - E_L) - w,    w -> w + b at a spike
//! <w> = a (<V> - E_L) + b tau_w rate,    mu' = mu - <w>/g_L:    rate and <V> are those of the EIF at mu'
//! ```
//!
//! The adaptation is slow beside the membrane, and its mean is found together with the rate that it makes. `G(mu') = mu' + <w>(mu')/g_L - mu` rises from minus
//! infinity to infinity, so that there is a root for every input. It rises everywhere, and the root is the only one, unless `a > 0` and the mean potential
//! falls with the input faster than `(1 + b tau_w/g_L d rate/dmu')/(a/g_L)`, as it can where hardly any noise hides the onset of firing; the root next to the
//! middle of what encloses all of them is taken there. Where `a < 0` or `b < 0` the adaptation feeds on itself and there can be several: such neurons are refused.
//! `<V>` is that of the density, refractory neurons at `V_reset`, where `w` goes on relaxing towards `a (V_reset - E_L)`.
//!
//! Derivatives are implicit: `d ln rate/dmu = (d ln rate/dmu')/G'`. Where `a > 0` those of `<V>` are difference quotients; derivatives by the
//! neuron's own parameters are given where `a = 0` only, and else are no numbers.
//!
//! What is left out: the variance of `w`, and the correlation that it makes between intervals. Of a Poisson process of spikes its standard deviation is `b sqrt(rate
//! tau_w/2)`, `1/sqrt(2 rate tau_w)` of its mean: the more spikes in `tau_w`, the better. `trust` measures it beside `sigma`. While it is less than a
//! fifth of `sigma` rates are within 3 % of simulated ones, up to half of it within 11 %, most of them too low; the CV comes out too large, by a tenth and by up
//! to a factor of 2. Stability is that of an adaptation that follows at once.
//!
//! Source: Brette and Gerstner (2005), J Neurophysiol 94:3637 (the neuron); Gigante, Mattia and Del Giudice (2007), Phys Rev Lett 98:148101, and Augustin et al.
//! (2017), PLoS Comput Biol 13:e1005545, section "Adaptation" (the mean in place of the adaptation).
//! Range: `a >= 0`, `b >= 0`; all inputs. As good as the mean is, see above.
//! Accuracy: relative error of the equation of the mean 1e-10 (against its parts); rates for it as `neuron::exponential`.

use rayon::prelude::*;

use super::coloured::{FilteredNoise, FilteredState, total_variance_mv2};
use super::exponential::Eif;
use super::lif::{LogRate, MS_PER_S, MembranePotential, SynapticFilter, check_input};
use super::models::{Adaptation, NeuronParameters, WhiteNoiseNeuron};
use super::one_dimensional::log_rate_and_potential;
use super::thresholds::Thresholds;
use crate::error::DomainError;

/// How well the equation of the mean is solved, beside the potentials in it, and the most steps to that.
const SOLVED: f64 = 3e-13;
const MOST_STEPS: usize = 200;
/// The same in filtered noise, beside the noise: rates are known to some 1e-4 there.
const SOLVED_IN_FILTERED_NOISE: f64 = 1e-8;
/// The step of difference quotients of the mean potential, beside the scale of the noise or of the spike.
const STEP: f64 = 1e-4;

/// An adaptive exponential neuron whose parameters have been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adex {
    eif: Eif,
    E_L_mv: f64,
    Delta_T_mv: f64,
    adaptation: Adaptation,
}

/// The adaptation of a neuron at an input: its mean, what the theory leaves out, and by what it is small.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MeanAdaptation {
    /// `<w>/g_L`.
    pub mean_mv: f64,
    /// The standard deviation of `w/g_L`: of spikes as irregular as they are, and of the potential as `w` follows it.
    pub std_mv: f64,
    /// `rate tau_w`.
    pub spikes_per_tau_w: f64,
}

/// The neuron at an input: the equation of the mean at its root.
struct Closed {
    /// `mu'`.
    mean_mv: f64,
    rate: LogRate,
    /// `G'`, and the derivative of `<V>` by the variance.
    slope: f64,
    d_potential_d_variance: f64,
}

/// The neuron with its adaptation frozen at its mean, and what the mean would follow.
pub(super) struct Frozen {
    /// `mu'`.
    pub(super) mean_mv: f64,
    pub(super) rate_hz: f64,
    /// `a d<V>/dmu'` and `a d<V>/d sigma^2`, over the leak.
    pub(super) potential_per_mv: f64,
    pub(super) potential_per_mv2: f64,
    /// `b tau_w` over the leak, in mV/Hz.
    pub(super) per_hz_mv: f64,
    pub(super) tau_w_ms: f64,
}

impl Adex {
    /// The neuron without its adaptation, this, and the potential from which that is counted.
    pub(crate) fn parts(&self) -> (Eif, Adaptation, f64) {
        (self.eif, self.adaptation, self.E_L_mv)
    }

    /// With the adaptation that it has at an input.
    pub(super) fn frozen(&self, mean_mv: f64, std_mv: f64) -> Frozen {
        let (per_hz_mv, tau_w_ms) = (self.per_hz_mv(), self.adaptation.tau_w_ms);
        let silent =
            Frozen { mean_mv, rate_hz: 0.0, potential_per_mv: 0.0, potential_per_mv2: 0.0, per_hz_mv, tau_w_ms };
        let is_silent = WhiteNoiseNeuron::is_silent(self, mean_mv, std_mv * std_mv);
        let Some(closed) = self.closed(mean_mv, std_mv).filter(|_| !is_silent) else { return silent };
        let Closed { mean_mv, rate, slope, d_potential_d_variance } = closed;
        let by_spikes = per_hz_mv * rate.rate_hz();
        Frozen {
            mean_mv,
            rate_hz: rate.rate_hz(),
            potential_per_mv: slope - 1.0 - by_spikes * rate.d_mu,
            potential_per_mv2: d_potential_d_variance - by_spikes * rate.d_variance,
            ..silent
        }
    }

    /// `b tau_w/g_L` times 1 Hz, in mV.
    fn per_hz_mv(&self) -> f64 {
        self.adaptation.per_spike_mv * self.adaptation.tau_w_ms / MS_PER_S
    }

    /// `a/g_L (<V> - E_L)`, in mV; 0 where the potential rests without noise, since the neuron is silent there.
    fn below_threshold_mv(&self, mean_mv: f64, std_mv: f64) -> f64 {
        if self.adaptation.per_mv == 0.0 {
            return 0.0;
        }
        let potential_mv = self.eif.membrane_potential(mean_mv, std_mv).map_or(mean_mv, |potential| potential.mean_mv);
        self.adaptation.per_mv * (potential_mv - self.E_L_mv)
    }

    /// `<w>/g_L` at `mu'`, and the rate there.
    fn at(&self, mean_mv: f64, std_mv: f64) -> (f64, LogRate) {
        let (rate, potential_mv) = match self.adaptation.per_mv == 0.0 {
            true => (self.eif.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0), None),
            false => log_rate_and_potential(&self.eif, mean_mv, std_mv),
        };
        let below_threshold_mv = match potential_mv {
            Some(potential_mv) => self.adaptation.per_mv * (potential_mv - self.E_L_mv),
            None => self.below_threshold_mv(mean_mv, std_mv),
        };
        (below_threshold_mv + self.per_hz_mv() * rate.rate_hz(), rate)
    }

    /// The derivatives of `<w>/g_L` by `mu'` and by the variance.
    fn slopes(&self, mean_mv: f64, std_mv: f64, rate: &LogRate) -> (f64, f64) {
        let by_spikes = self.per_hz_mv() * rate.rate_hz();
        let (mut d_mean, mut d_variance) = (by_spikes * rate.d_mu, by_spikes * rate.d_variance);
        if self.adaptation.per_mv > 0.0 {
            let variance = std_mv * std_mv;
            // not across the onset of firing
            let room_mv = if variance == 0.0 { mean_mv - self.eif.rheobase_mv() } else { f64::INFINITY };
            let step_mv = (STEP * std_mv.max(self.Delta_T_mv)).min(0.5 * room_mv);
            let at = |mean_mv: f64, variance: f64| self.below_threshold_mv(mean_mv, variance.sqrt());
            d_mean += (at(mean_mv + step_mv, variance) - at(mean_mv - step_mv, variance)) / (2.0 * step_mv);
            let step = STEP * variance.max(self.Delta_T_mv * self.Delta_T_mv);
            let below = (variance - step).max(0.0);
            d_variance += (at(mean_mv, variance + step) - at(mean_mv, below)) / (variance + step - below);
        }
        (d_mean, d_variance)
    }

    /// Solves the equation of the mean; `None` for an input that is no number.
    fn closed(&self, mean_mv: f64, std_mv: f64) -> Option<Closed> {
        check_input(mean_mv, std_mv).ok()?;
        let excess = |inside_mv: f64| {
            let (adaptation_mv, rate) = self.at(inside_mv, std_mv);
            (inside_mv + adaptation_mv - mean_mv, rate)
        };
        let is_noisy = std_mv * std_mv > 0.0;
        // without noise the neuron fires, and has a mean potential, beyond the onset only
        let floor_mv = if is_noisy { f64::NEG_INFINITY } else { self.eif.rheobase_mv() };
        let scale_mv = WhiteNoiseNeuron::voltage_scale_mv(&self.eif).max(std_mv);
        let (mut low, mut high) = (mean_mv, mean_mv.max(floor_mv));
        let mut step = scale_mv;
        while excess(high).0 < 0.0 {
            low = high;
            high += step;
            step *= 2.0;
            if !high.is_finite() {
                return None;
            }
        }
        step = scale_mv;
        while low > floor_mv && excess(low).0 > 0.0 {
            high = high.min(low);
            low = (low - step).max(floor_mv);
            step *= 2.0;
            if low == f64::NEG_INFINITY {
                return None;
            }
        }
        let allowed = SOLVED * (mean_mv.abs() + scale_mv);
        let mut inside_mv = 0.5 * (low + high);
        let mut last: Option<(f64, f64)> = None;
        for _ in 0..MOST_STEPS {
            let (excess, rate) = excess(inside_mv);
            // the slope of the spikes alone at first, then that between two places
            let by_spikes = 1.0 + self.per_hz_mv() * rate.rate_hz() * rate.d_mu;
            let between = last.map(|(before_mv, then)| (excess - then) / (inside_mv - before_mv));
            let slope = between.filter(|slope| *slope > 0.0).unwrap_or(by_spikes);
            last = Some((inside_mv, excess));
            if excess < 0.0 {
                low = inside_mv
            } else {
                high = inside_mv
            }
            let newton = inside_mv - excess / slope;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            if excess.abs() <= allowed || next == inside_mv || high - low <= allowed {
                break;
            }
            inside_mv = next;
        }
        let rate = self.eif.log_rate(SynapticFilter::Ignore, inside_mv, std_mv, 0.0);
        let (d_mean, d_potential_d_variance) = self.slopes(inside_mv, std_mv, &rate);
        Some(Closed { mean_mv: inside_mv, rate, slope: 1.0 + d_mean, d_potential_d_variance })
    }

    /// The state of the EIF at the mean of the adaptation that it makes, where `state_at` says the state at `mu'` in noise not far from white noise of this amplitude.
    pub(super) fn at_mean_adaptation(
        &self,
        mean_mv: f64,
        std_mv: f64,
        state_at: impl Fn(&Eif, f64) -> Option<FilteredState>,
    ) -> Option<FilteredState> {
        let Closed { mean_mv: mut inside_mv, mut slope, .. } = self.closed(mean_mv, std_mv)?;
        let mut last: Option<(f64, f64)> = None;
        for _ in 0..MOST_STEPS {
            let state = state_at(&self.eif, inside_mv)?;
            let potential_mv = state.potential?.mean_mv;
            let adaptation_mv =
                self.adaptation.per_mv * (potential_mv - self.E_L_mv) + self.per_hz_mv() * state.ln_rate_hz.exp();
            let excess = inside_mv + adaptation_mv - mean_mv;
            if excess.abs() <= SOLVED_IN_FILTERED_NOISE * std_mv {
                return Some(state);
            }
            // the slope between two places, near that in white noise
            let between = last.map(|(before_mv, then)| (excess - then) / (inside_mv - before_mv));
            slope = between.filter(|between| *between > 0.5 * slope && *between < 2.0 * slope).unwrap_or(slope);
            last = Some((inside_mv, excess));
            inside_mv -= excess / slope;
        }
        None
    }

    /// With a mean conductance over the leak: as the EIF, the adaptation over all that leaks.
    pub(super) fn shunted(&self, conductance: f64) -> Self {
        let over = 1.0 + conductance;
        let Adaptation { per_mv, per_spike_mv, tau_w_ms } = self.adaptation;
        let adaptation = Adaptation { per_mv: per_mv / over, per_spike_mv: per_spike_mv / over, tau_w_ms };
        Adex { eif: self.eif.shunted(conductance), adaptation, ..*self }
    }

    /// The derivative of the logarithm of the rate of [`Adex::shunted`] with the conductance, at the same mean and variance: implicit, with a difference quotient of the mean potential where
    /// `a > 0`.
    pub(super) fn d_ln_rate_per_conductance(&self, conductance: f64, (mean_mv, std_mv): (f64, f64)) -> f64 {
        let (own, over) = (self.shunted(conductance), 1.0 + conductance);
        let Some(Closed { mean_mv: inside_mv, rate, slope, .. }) = own.closed(mean_mv, std_mv) else { return 0.0 };
        let directly = self.eif.d_ln_rate_per_conductance(conductance, &rate);
        let step = STEP * over;
        let at = |conductance: f64| own.with_eif(self.eif.shunted(conductance)).below_threshold_mv(inside_mv, std_mv);
        let by_potential = match own.adaptation.per_mv > 0.0 {
            true => (at(conductance + step) - at(conductance - step)) / (2.0 * step),
            false => 0.0,
        };
        // all of the adaptation is over 1 + G
        let adaptation_mv = by_potential + own.per_hz_mv() * rate.rate_hz() * directly - (mean_mv - inside_mv) / over;
        directly - rate.d_mu * adaptation_mv / slope
    }

    fn with_eif(&self, eif: Eif) -> Self {
        Adex { eif, ..*self }
    }

    /// The neuron without adaptation.
    pub(super) fn eif(&self) -> &Eif {
        &self.eif
    }

    /// `mu'`.
    fn inside_mv(&self, mean_mv: f64, std_mv: f64) -> Result<f64, DomainError> {
        check_input(mean_mv, std_mv)?;
        if self.is_silent(mean_mv, std_mv * std_mv) {
            return Err(DomainError::NotPositive { name: "sigma_mv", value: std_mv });
        }
        let closed =
            self.closed(mean_mv, std_mv).ok_or(DomainError::NotPositive { name: "sigma_mv", value: std_mv })?;
        Ok(closed.mean_mv)
    }
}

impl WhiteNoiseNeuron for Adex {
    fn new(parameters: &NeuronParameters) -> Result<Self, DomainError> {
        let adaptation = parameters.adaptation.unwrap_or(Adaptation { per_mv: 0.0, per_spike_mv: 0.0, tau_w_ms: 1.0 });
        let Adaptation { per_mv, per_spike_mv, tau_w_ms } = adaptation;
        for (name, value) in [("a", per_mv), ("b", per_spike_mv)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(DomainError::OutOfRange { name, value, least: 0.0 });
            }
        }
        if !(tau_w_ms > 0.0 && tau_w_ms.is_finite()) {
            return Err(DomainError::NotPositive { name: "tau_w_ms", value: tau_w_ms });
        }
        if !parameters.E_L_mv.is_finite() {
            return Err(DomainError::OutOfRange { name: "E_L_mv", value: parameters.E_L_mv, least: f64::MIN });
        }
        let eif = <Eif as WhiteNoiseNeuron>::new(parameters)?;
        Ok(Adex { eif, E_L_mv: parameters.E_L_mv, Delta_T_mv: parameters.Delta_T_mv, adaptation })
    }

    fn thresholds(&self) -> Thresholds {
        WhiteNoiseNeuron::thresholds(&self.eif)
    }

    fn voltage_scale_mv(&self) -> f64 {
        WhiteNoiseNeuron::voltage_scale_mv(&self.eif)
    }

    // without adaptation, whose mean depends on the noise
    fn drift_mv_per_ms(&self, mean_mv: f64, V_mv: f64) -> f64 {
        self.eif.drift_mv_per_ms(mean_mv, V_mv)
    }

    fn rheobase_mv(&self) -> f64 {
        // at the onset the potential stays where the force is smallest
        let Thresholds { V_th_mv, V_reset_mv, .. } = WhiteNoiseNeuron::thresholds(&self.eif);
        WhiteNoiseNeuron::rheobase_mv(&self.eif) + self.adaptation.per_mv * (V_th_mv.max(V_reset_mv) - self.E_L_mv)
    }

    fn has_closed_form(&self) -> bool {
        false
    }

    fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool {
        variance_mv2 == 0.0 && mean_mv <= WhiteNoiseNeuron::rheobase_mv(self)
    }

    fn has_filtered_theory(&self) -> bool {
        true
    }

    /// The equation of the mean with rate and `<V>` of the EIF in filtered noise.
    fn in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<FilteredState> {
        let variance_mv2 = total_variance_mv2(white_variance_mv2, filtered);
        self.at_mean_adaptation(mean_mv, variance_mv2.sqrt(), |eif, inside_mv| {
            eif.in_filtered_noise(inside_mv, white_variance_mv2, filtered)
        })
    }

    fn log_rate(&self, _filter: SynapticFilter, mean_mv: f64, std_mv: f64, _shift: f64) -> LogRate {
        if self.is_silent(mean_mv, std_mv * std_mv) {
            return LogRate { ln_rate_hz: f64::NEG_INFINITY, ..LogRate::default() };
        }
        let Some(Closed { rate, slope, d_potential_d_variance, .. }) = self.closed(mean_mv, std_mv) else {
            return LogRate { ln_rate_hz: f64::NAN, ..LogRate::default() };
        };
        // d mu' = -(d<w>/g_L by the parameter)/G'
        let d_parameter = |own: f64| match self.adaptation.per_mv == 0.0 {
            true => own - rate.d_mu * self.per_hz_mv() * rate.rate_hz() * own / slope,
            false => f64::NAN,
        };
        LogRate {
            ln_rate_hz: rate.ln_rate_hz,
            d_mu: rate.d_mu / slope,
            d_variance: rate.d_variance - rate.d_mu * d_potential_d_variance / slope,
            d_shift: 0.0,
            d_tau_m: d_parameter(rate.d_tau_m),
            d_t_ref: d_parameter(rate.d_t_ref),
            d_V_th: d_parameter(rate.d_V_th),
            d_V_reset: d_parameter(rate.d_V_reset),
        }
    }

    fn cv(&self, mean_mv: f64, std_mv: f64, shift: f64) -> Option<f64> {
        self.eif.cv(self.inside_mv(mean_mv, std_mv).ok()?, std_mv, shift)
    }

    fn interval_skewness(&self, mean_mv: f64, std_mv: f64) -> Option<f64> {
        self.eif.interval_skewness(self.inside_mv(mean_mv, std_mv).ok()?, std_mv)
    }

    fn density_per_mv(&self, mean_mv: f64, std_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        self.eif.density_per_mv(self.inside_mv(mean_mv, std_mv)?, std_mv, V_mv)
    }

    fn membrane_potential(&self, mean_mv: f64, std_mv: f64) -> Result<MembranePotential, DomainError> {
        self.eif.membrane_potential(self.inside_mv(mean_mv, std_mv)?, std_mv)
    }

    fn mean_for_rate_mv(&self, rate_hz: f64, std_mv: f64) -> Result<f64, DomainError> {
        let inside_mv = self.eif.mean_for_rate_mv(rate_hz, std_mv)?;
        Ok(inside_mv + self.below_threshold_mv(inside_mv, std_mv) + self.per_hz_mv() * rate_hz)
    }

    fn rates_into(&self, means_mv: &[f64], stds_mv: &[f64], rates_hz: &mut [f64]) -> Result<(), DomainError> {
        let inputs = means_mv.par_iter().copied().zip(stds_mv.par_iter().copied());
        rates_hz.par_iter_mut().zip(inputs).try_for_each(|(rate_hz, (mean_mv, std_mv))| {
            check_input(mean_mv, std_mv)?;
            *rate_hz = self.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
            Ok(())
        })
    }

    fn mean_adaptation(&self, mean_mv: f64, std_mv: f64) -> Option<MeanAdaptation> {
        let inside_mv = self.inside_mv(mean_mv, std_mv).ok()?;
        let (_, rate) = self.at(inside_mv, std_mv);
        let Thresholds { tau_m_ms, .. } = WhiteNoiseNeuron::thresholds(self);
        let Adaptation { per_mv, per_spike_mv, tau_w_ms } = self.adaptation;
        let spikes_per_tau_w = rate.rate_hz() * tau_w_ms / MS_PER_S;
        let cv = self.eif.cv(inside_mv, std_mv, 0.0).unwrap_or(0.0);
        let by_spikes = per_spike_mv * cv * (0.5 * spikes_per_tau_w).sqrt();
        let potential_mv = self.eif.membrane_potential(inside_mv, std_mv).ok()?.std_mv;
        let by_potential = per_mv * potential_mv * (tau_m_ms / (tau_m_ms + tau_w_ms)).sqrt();
        Some(MeanAdaptation { mean_mv: mean_mv - inside_mv, std_mv: by_spikes.hypot(by_potential), spikes_per_tau_w })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-10;

    /// The neuron of Brette and Gerstner (2005), `g_L` = 30 nS.
    const PARAMETERS: NeuronParameters = NeuronParameters {
        tau_m_ms: 9.37,
        t_ref_ms: 2.0,
        E_L_mv: -70.6,
        V_th_mv: -50.4,
        V_reset_mv: -70.6,
        Delta_T_mv: 2.0,
        V_peak_mv: 20.0,
        adaptation: Some(Adaptation { per_mv: 4.0 / 30.0, per_spike_mv: 80.5 / 30.0, tau_w_ms: 144.0 }),
    };

    const INPUTS: [(f64, f64); 6] = [(-65.0, 4.0), (-55.0, 3.0), (-45.0, 0.5), (-45.0, 0.0), (-30.0, 8.0), (60.0, 5.0)];

    fn with(per_mv: f64, per_spike_mv: f64) -> NeuronParameters {
        NeuronParameters { adaptation: Some(Adaptation { per_mv, per_spike_mv, tau_w_ms: 144.0 }), ..PARAMETERS }
    }

    fn rate(parameters: &NeuronParameters, mean_mv: f64, std_mv: f64) -> LogRate {
        Adex::new(parameters).unwrap().log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0)
    }

    #[test]
    fn the_rate_is_that_of_the_eif_at_the_mean_less_the_adaptation_that_it_makes() {
        let mut worst = Worst::default();
        let eif = <Eif as WhiteNoiseNeuron>::new(&PARAMETERS).unwrap();
        for (per_mv, per_spike_mv) in [(4.0 / 30.0, 80.5 / 30.0), (1.0, 0.0), (0.0, 3.0)] {
            let adex = Adex::new(&with(per_mv, per_spike_mv)).unwrap();
            for (mean_mv, std_mv) in INPUTS {
                if adex.is_silent(mean_mv, std_mv) {
                    continue;
                }
                let rate_hz = rate(&with(per_mv, per_spike_mv), mean_mv, std_mv).rate_hz();
                let potential_mv = adex.membrane_potential(mean_mv, std_mv).unwrap().mean_mv;
                let adaptation_mv = per_mv * (potential_mv + 70.6) + per_spike_mv * 0.144 * rate_hz;
                let found = adex.mean_adaptation(mean_mv, std_mv).unwrap();
                worst.add((found.mean_mv - adaptation_mv).abs() / 20.0, ("mean", mean_mv, std_mv));
                assert!((found.spikes_per_tau_w / (0.144 * rate_hz) - 1.0).abs() < 1e-9);
                let without = eif.log_rate(SynapticFilter::Ignore, mean_mv - adaptation_mv, std_mv, 0.0).rate_hz();
                worst.add((rate_hz / without - 1.0).abs() * 1e-1, ("rate", mean_mv, std_mv));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn without_adaptation_it_is_the_eif() {
        let eif = <Eif as WhiteNoiseNeuron>::new(&PARAMETERS).unwrap();
        for (mean_mv, std_mv) in INPUTS {
            let expected = eif.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
            let found = rate(&with(0.0, 0.0), mean_mv, std_mv);
            assert!((found.ln_rate_hz - expected.ln_rate_hz).abs() < 1e-10 * expected.ln_rate_hz.abs().max(1.0));
            assert!((found.d_variance - expected.d_variance).abs() <= 1e-9 * expected.d_variance.abs());
        }
    }

    #[test]
    fn derivatives_are_difference_quotients() {
        for (per_mv, per_spike_mv) in [(4.0 / 30.0, 80.5 / 30.0), (0.0, 3.0)] {
            let parameters = with(per_mv, per_spike_mv);
            for (mean_mv, std_mv) in INPUTS {
                let variance = std_mv * std_mv;
                if variance == 0.0 {
                    continue;
                }
                let found = rate(&parameters, mean_mv, std_mv);
                let at = |mean_mv: f64, variance: f64| rate(&parameters, mean_mv, variance.sqrt()).ln_rate_hz;
                let slope = (at(mean_mv + 1e-3, variance) - at(mean_mv - 1e-3, variance)) / 2e-3;
                assert!((found.d_mu / slope - 1.0).abs() < 1e-5, "{mean_mv} {std_mv}: {} {slope}", found.d_mu);
                let slope = (at(mean_mv, variance + 1e-4) - at(mean_mv, variance - 1e-4)) / 2e-4;
                assert!((found.d_variance - slope).abs() < 1e-4 * slope.abs() + 1e-8, "{mean_mv} {std_mv}: {slope}");
                let threshold =
                    |d: f64| rate(&NeuronParameters { V_th_mv: -50.4 + d, ..parameters }, mean_mv, std_mv).ln_rate_hz;
                let slope = (threshold(1e-3) - threshold(-1e-3)) / 2e-3;
                assert!(found.d_V_th.is_nan() || (found.d_V_th / slope - 1.0).abs() < 1e-5, "{mean_mv} {std_mv}");
                assert_eq!(found.d_V_th.is_nan(), per_mv > 0.0);
            }
        }
    }

    #[test]
    fn the_mean_of_a_rate_is_found_and_the_onset_without_noise_is_that_of_the_adapted_rest() {
        let adex = Adex::new(&PARAMETERS).unwrap();
        for std_mv in [0.0, 3.0] {
            for rate_hz in [0.5, 20.0, 200.0] {
                let mean_mv = adex.mean_for_rate_mv(rate_hz, std_mv).unwrap();
                let again = rate(&PARAMETERS, mean_mv, std_mv).rate_hz();
                assert!((again / rate_hz - 1.0).abs() < 1e-7, "{rate_hz} {std_mv}: {again}");
            }
        }
        let rheobase_mv = WhiteNoiseNeuron::rheobase_mv(&adex);
        assert!((rheobase_mv - (-52.4 + 4.0 / 30.0 * 20.2)).abs() < 1e-12, "{rheobase_mv}");
        assert_eq!(rate(&PARAMETERS, rheobase_mv, 0.0).ln_rate_hz, f64::NEG_INFINITY);
        let just_above = rate(&PARAMETERS, rheobase_mv + 1e-3, 0.0).rate_hz();
        assert!(just_above > 0.0 && just_above < 1.0, "{just_above}");
    }

    /// Rates and CVs of single neurons, by a simulation of 100 s in steps of 0.01 ms; standard errors of the rates are 0.4 to 2.6 %.
    #[test]
    fn the_mean_is_as_good_as_simulated_neurons_say() {
        // mu, sigma, a/g_L, b/g_L, tau_w; rate, CV
        for [mean_mv, std_mv, per_mv, per_spike_mv, tau_w_ms, rate_hz, cv] in [
            [-50.0, 4.0, 4.0 / 30.0, 2.683, 144.0, 7.150, 0.479],
            [-40.0, 4.0, 4.0 / 30.0, 2.683, 144.0, 23.710, 0.342],
            [-20.0, 6.0, 4.0 / 30.0, 2.683, 144.0, 55.340, 0.266],
            [-50.0, 4.0, 4.0 / 30.0, 0.8, 144.0, 11.600, 0.575],
            [-45.0, 6.0, 0.0, 1.0, 50.0, 41.180, 0.349],
            [-50.0, 4.0, 4.0 / 30.0, 2.683, 500.0, 3.090, 0.460],
            [-45.0, 8.0, 1.0, 0.0, 144.0, 11.490, 0.808],
            [-52.0, 6.0, 0.0, 0.5, 144.0, 17.460, 0.584],
        ] {
            let adaptation = Some(Adaptation { per_mv, per_spike_mv, tau_w_ms });
            let adex = Adex::new(&NeuronParameters { adaptation, ..PARAMETERS }).unwrap();
            let found = adex.mean_adaptation(mean_mv, std_mv).unwrap();
            let is_steady = found.std_mv < 0.2 * std_mv;
            let rate = adex.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
            let [most, most_of_cv] = if is_steady { [0.03, 1.2] } else { [0.11, 2.0] };
            assert!((rate / rate_hz - 1.0).abs() < most, "{mean_mv} {std_mv}: {rate} {rate_hz}");
            let ratio = adex.cv(mean_mv, std_mv, 0.0).unwrap() / cv;
            assert!(ratio > 0.95 && ratio < most_of_cv, "{mean_mv} {std_mv}: {ratio}");
        }
    }

    #[test]
    fn adaptation_that_feeds_on_itself_is_refused() {
        assert!(Adex::new(&with(-0.1, 1.0)).is_err() && Adex::new(&with(0.1, -1.0)).is_err());
        assert!(Adex::new(&NeuronParameters { E_L_mv: f64::NAN, ..PARAMETERS }).is_err());
        assert!(Adex::new(&NeuronParameters { V_peak_mv: -60.0, ..PARAMETERS }).is_err());
    }

    #[test]
    fn adaptation_is_at_its_mean_in_filtered_noise_too() {
        let adaptation = Adaptation { per_mv: 0.2, per_spike_mv: 3.0, tau_w_ms: 150.0 };
        let parameters = NeuronParameters {
            tau_m_ms: 20.0,
            t_ref_ms: 2.0,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -60.0,
            Delta_T_mv: 2.0,
            V_peak_mv: -20.0,
            adaptation: Some(adaptation),
        };
        let neuron = Adex::new(&parameters).unwrap();
        for (mean_mv, tau_ms) in [(-48.0, 5.0), (-40.0, 20.0)] {
            let noise = [FilteredNoise::exponential(25.0, tau_ms)];
            let state = neuron.in_filtered_noise(mean_mv, 0.0, &noise).unwrap();
            let adaptation_mv = adaptation.per_mv * (state.potential.unwrap().mean_mv + 65.0)
                + adaptation.per_spike_mv * 0.15 * state.ln_rate_hz.exp();
            let eif = Eif::new(&parameters).unwrap();
            let inside = WhiteNoiseNeuron::in_filtered_noise(&eif, mean_mv - adaptation_mv, 0.0, &noise).unwrap();
            assert!((inside.ln_rate_hz - state.ln_rate_hz).abs() < 1e-6, "{mean_mv}: {inside:?} {state:?}");
        }
    }
}
