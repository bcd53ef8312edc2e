//! What the theory asks of a neuron, and the one list of the neurons that answer.
//!
//! ```text
//! tau_m dV/dt = drift(V, mu) + sigma sqrt(tau_m) xi(t),    spike at V_th, then V_reset for t_ref
//! ```
//!
//! A new neuron is a file that implements [`WhiteNoiseNeuron`] and a line of the list [`Model`] at the end of this file; `docs/adding-a-neuron.md`
//! leads through it. What only one closed form can offer (the proof of all states, jumps of finite size, a threshold looked at on a grid of time)
//! is a capability, [`WhiteNoiseNeuron::lif`], that others leave out: what rests on it is then "searched, not proved", or not there.

use std::ops::Deref;

use num_complex::Complex64;

use super::adaptive::{Adex, MeanAdaptation};
use super::coloured::{FilteredNoise, FilteredState};
use super::exponential::Eif;
use super::flow::{Drifting, Flow, Leaky};
use super::fokker_planck::{Eigenvalues, Window, eigenvalues, refined};
use super::lif::{self, Lif, LogRate, MembranePotential, SynapticFilter};
use super::one_dimensional::OneDimensional;
use super::perfect::Perfect;
use super::quadratic::Qif;
use super::thresholds::Thresholds;
use crate::error::DomainError;

/// Adaptation of a neuron, over its leak conductance: `tau_w dw/dt = a (V - E_L) - w`, `w` larger by `b` after a spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adaptation {
    /// `a/g_L`.
    pub per_mv: f64,
    /// `b/g_L`.
    pub per_spike_mv: f64,
    /// `tau_w`.
    pub tau_w_ms: f64,
}

/// What neurons have; what a model does not ask for is of no account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NeuronParameters {
    /// Membrane time constant.
    pub tau_m_ms: f64,
    /// Refractory time.
    pub t_ref_ms: f64,
    /// Resting potential.
    pub E_L_mv: f64,
    /// Threshold.
    pub V_th_mv: f64,
    /// Reset potential.
    pub V_reset_mv: f64,
    /// Sharpness of the spike; no matter where spikes have none.
    pub Delta_T_mv: f64,
    /// Where a spike is counted, of neurons whose spikes begin by themselves.
    pub V_peak_mv: f64,
    /// Adaptation, of neurons that have it.
    pub adaptation: Option<Adaptation>,
}

/// A mode in which the density of the potential relaxes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelaxationMode {
    /// Real part of its eigenvalue, negative.
    pub growth_per_s: f64,
    /// Its frequency; a mode that oscillates stands for a pair.
    pub frequency_hz: f64,
}

/// How the density of neurons that hear the same input relaxes to the stationary one: the eigenvalues of the Fokker-Planck operator with reset.
///
/// The stationary density has the eigenvalue 0, which is left out. That it is the only one, and stable, holds for every neuron that fires (see
/// `fokker_planck`, eigenvalues); the slowest mode says how fast it is reached.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Relaxation {
    /// The modes that were asked for, the slowest first.
    pub modes: Vec<RelaxationMode>,
    /// Whether they are as many as there are, by the argument principle.
    pub complete: bool,
}

impl Relaxation {
    /// The modes of a flow that decay no faster and oscillate no faster than this.
    pub(super) fn of(flow: &impl Flow, thresholds: Thresholds, (decay_per_s, frequency_hz): (f64, f64)) -> Self {
        let Thresholds { tau_m_ms, t_ref_ms, .. } = thresholds;
        let tau_m_s = tau_m_ms / lif::MS_PER_S;
        let turn = std::f64::consts::TAU;
        let window = Window { least_real: -decay_per_s * tau_m_s, most_imaginary: turn * frequency_hz * tau_m_s };
        let Eigenvalues { values, complete } = eigenvalues(flow, t_ref_ms / tau_m_ms, window);
        let modes = values.into_iter().map(|value| RelaxationMode {
            growth_per_s: value.re / tau_m_s,
            frequency_hz: value.im / (turn * tau_m_s),
        });
        Relaxation { modes: modes.collect(), complete }
    }
}

/// A neuron in white noise, by closed forms or by whatever is as good.
pub trait WhiteNoiseNeuron {
    /// The neuron, its parameters checked.
    ///
    /// # Errors
    ///
    /// Parameters out of their range.
    fn new(parameters: &NeuronParameters) -> Result<Self, DomainError>
    where
        Self: Sized;

    /// Threshold, reset, refractory time and time constant.
    fn thresholds(&self) -> Thresholds;

    /// What distances of potentials are measured by, `V_th - V_reset`; of neurons whose reset may be infinite or above threshold, the width of their spike
    /// where that is more.
    fn voltage_scale_mv(&self) -> f64 {
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.thresholds();
        V_th_mv - V_reset_mv
    }

    /// The drift of the potential, `dV/dt` without noise, in mV/ms.
    fn drift_mv_per_ms(&self, mean_mv: f64, V_mv: f64) -> f64;

    /// The mean input from which the neuron fires without noise.
    fn rheobase_mv(&self) -> f64;

    /// Whether its rate is a closed form, a microsecond at most; else it costs a hundred, and does not depend on the filter of synapses.
    fn has_closed_form(&self) -> bool {
        true
    }

    /// Whether the neuron never fires at an input: its rate is exactly 0, not only small.
    fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool;

    /// The logarithm of the rate with its derivatives; `shift` is that of filtered noise, in units of `sigma` (see `lif::filter`).
    fn log_rate(&self, filter: SynapticFilter, mean_mv: f64, std_mv: f64, shift: f64) -> LogRate;

    /// The CV of the intervals between spikes; `None` without spikes.
    fn cv(&self, mean_mv: f64, std_mv: f64, shift: f64) -> Option<f64>;

    /// The logarithm of the rate in Hz, without derivatives, and the CV of the intervals: both of them where one comes with the other.
    fn ln_rate_and_cv(&self, filter: SynapticFilter, mean_mv: f64, std_mv: f64, shift: f64) -> (f64, Option<f64>) {
        (self.log_rate(filter, mean_mv, std_mv, shift).ln_rate_hz, self.cv(mean_mv, std_mv, shift))
    }

    /// Whether there is a theory of it in filtered noise of any time constants.
    fn has_filtered_theory(&self) -> bool {
        false
    }

    /// Rate, CV and potential at a mean input, white noise of a variance and filtered noise; `None` without such a theory, or where it finds nothing.
    fn in_filtered_noise(
        &self,
        _mean_mv: f64,
        _white_variance_mv2: f64,
        _filtered: &[FilteredNoise],
    ) -> Option<FilteredState> {
        None
    }

    /// The logarithm of that rate in Hz alone.
    fn ln_rate_in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<f64> {
        self.in_filtered_noise(mean_mv, white_variance_mv2, filtered).map(|state| state.ln_rate_hz)
    }

    /// The density in 1/mV of the potential of neurons that are not refractory, at the potentials `V_mv`; its integral is `1 - rate t_ref`.
    ///
    /// # Errors
    ///
    /// An input for which there is no density: no noise where the neuron does not fire.
    fn density_per_mv(&self, mean_mv: f64, std_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError>;

    /// Mean and standard deviation of the potential, refractory neurons at `V_reset`; a moment that does not exist, since potentials are infinite, is not
    /// a number.
    ///
    /// # Errors
    ///
    /// As [`WhiteNoiseNeuron::density_per_mv`].
    fn membrane_potential(&self, mean_mv: f64, std_mv: f64) -> Result<MembranePotential, DomainError>;

    /// The mean input at which the neuron has this rate with noise of this amplitude.
    ///
    /// # Errors
    ///
    /// A rate that it cannot have.
    fn mean_for_rate_mv(&self, rate_hz: f64, std_mv: f64) -> Result<f64, DomainError>;

    /// The rates in Hz at several inputs, where that is faster together.
    ///
    /// # Errors
    ///
    /// An input that is not finite.
    fn rates_into(&self, means_mv: &[f64], stds_mv: &[f64], rates_hz: &mut [f64]) -> Result<(), DomainError> {
        for (rate_hz, (&mean_mv, &std_mv)) in rates_hz.iter_mut().zip(means_mv.iter().zip(stds_mv)) {
            lif::check_input(mean_mv, std_mv)?;
            *rate_hz = self.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
        }
        Ok(())
    }

    /// The skewness of the intervals, `kappa_3/Var^(3/2)`; `None` without spikes or noise, and where it is not computed.
    fn interval_skewness(&self, _mean_mv: f64, _std_mv: f64) -> Option<f64> {
        None
    }

    /// The modes in which the density relaxes, those that decay no faster than the first of `within` (1/s) and oscillate no faster than the second (Hz);
    /// `None` without noise, and of a neuron whose operator is not known.
    fn relaxation(&self, _mean_mv: f64, _std_mv: f64, _within: (f64, f64)) -> Option<Relaxation> {
        None
    }

    /// The adaptation at an input; `None` of a neuron that has none, or does not fire.
    fn mean_adaptation(&self, _mean_mv: f64, _std_mv: f64) -> Option<MeanAdaptation> {
        None
    }

    /// The closed forms of the leaky integrate-and-fire neuron, if it is one.
    fn lif(&self) -> Option<&Lif> {
        None
    }
}

/// Makes the list: an enum of the neurons, their names, and the way to the neuron that answers.
macro_rules! models {
    ($($name:literal => $model:ident($neuron:ty),)+) => {
        /// A neuron of any model that has a theory.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Model {
            $(#[doc = concat!("`", $name, "`")] $model($neuron),)+
        }

        impl Model {
            /// The names of the models, as in the network file.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The neuron of the model with this name; `None` if it has no theory.
            ///
            /// # Errors
            ///
            /// Parameters out of their range.
            pub fn named(name: &str, parameters: &NeuronParameters) -> Option<Result<Self, DomainError>> {
                match name {
                    $($name => Some(<$neuron as WhiteNoiseNeuron>::new(parameters).map(Model::$model)),)+
                    _ => None,
                }
            }
        }

        impl Deref for Model {
            type Target = dyn WhiteNoiseNeuron;

            // a call through a table costs a hundredth of the rate that is asked for
            fn deref(&self) -> &Self::Target {
                match self { $(Model::$model(neuron) => neuron,)+ }
            }
        }
    };
}

// The list: the name in the network file, and the neuron.
models! {
    "lif" => Lif(Lif),
    "eif" => Eif(Eif),
    "qif" => Qif(Qif),
    "adex" => Adex(Adex),
    "perfect" => Perfect(Perfect),
}

impl Model {
    /// "'lif' and 'perfect' are": the end of a sentence about another model.
    pub fn those_computed() -> String {
        let quoted: Vec<String> = Model::NAMES.iter().map(|name| format!("'{name}'")).collect();
        match quoted.split_last() {
            None => "none is".to_string(),
            Some((only, [])) => format!("{only} is"),
            Some((last, others)) => format!("{} and {last} are", others.join(", ")),
        }
    }
}

impl Model {
    /// Modes in which the density relaxes, from eigenvalues in 1/ms that are nearly theirs, by the general solver; `None` where one of them is not found again, and of neurons with adaptation or without a
    /// leak.
    pub(crate) fn refined_modes(
        &self,
        mean_mv: f64,
        std_mv: f64,
        near_per_ms: &[Complex64],
    ) -> Option<Vec<RelaxationMode>> {
        let Thresholds { V_th_mv, V_reset_mv, tau_m_ms, t_ref_ms } = self.thresholds();
        let near: Vec<Complex64> = near_per_ms.iter().map(|lambda| lambda * tau_m_ms).collect();
        let (delay, variance_mv2) = (t_ref_ms / tau_m_ms, std_mv * std_mv);
        let found = match self {
            Model::Lif(_) => refined(&Leaky { mean_mv, std_mv, V_reset_mv, V_th_mv }, delay, &near),
            Model::Eif(neuron) => refined(&neuron.at(mean_mv, variance_mv2), delay, &near),
            Model::Qif(neuron) => refined(&neuron.at(mean_mv, variance_mv2), delay, &near),
            Model::Adex(_) | Model::Perfect(_) => None,
        };
        let per_s = lif::MS_PER_S / tau_m_ms;
        let mode = |value: Complex64| RelaxationMode {
            growth_per_s: value.re * per_s,
            frequency_hz: value.im * per_s / std::f64::consts::TAU,
        };
        found.map(|values| values.into_iter().map(mode).collect())
    }

    /// The neuron at an input as its flow, and the potential from which this counts potentials; `None` of a neuron that is more than its potential.
    pub(crate) fn flow(&self, mean_mv: f64, variance_mv2: f64) -> Option<(Box<dyn Flow>, f64)> {
        let Thresholds { V_th_mv, V_reset_mv, tau_m_ms, .. } = self.thresholds();
        Some(match self {
            Model::Lif(_) => (Box::new(Leaky { mean_mv, std_mv: variance_mv2.sqrt(), V_reset_mv, V_th_mv }), 0.0),
            Model::Perfect(neuron) => {
                let drift_mv = neuron.drift_mv_per_ms(mean_mv, V_reset_mv) * tau_m_ms;
                (Box::new(Drifting { drift_mv, variance_mv2, V_reset_mv, V_th_mv }), 0.0)
            }
            Model::Eif(neuron) => (Box::new(neuron.at(mean_mv, variance_mv2)), neuron.origin_mv()),
            Model::Qif(neuron) => (Box::new(neuron.at(mean_mv, variance_mv2)), neuron.origin_mv()),
            Model::Adex(_) => return None,
        })
    }
}

impl WhiteNoiseNeuron for Lif {
    fn new(parameters: &NeuronParameters) -> Result<Self, DomainError> {
        let NeuronParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv, .. } = *parameters;
        Lif::new(lif::LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv })
    }

    fn thresholds(&self) -> Thresholds {
        let lif::LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv } = self.parameters();
        Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms }
    }

    fn drift_mv_per_ms(&self, mean_mv: f64, V_mv: f64) -> f64 {
        (mean_mv - V_mv) / self.parameters().tau_m_ms
    }

    fn rheobase_mv(&self) -> f64 {
        self.parameters().V_th_mv
    }

    fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool {
        variance_mv2 == 0.0 && mean_mv <= self.rheobase_mv()
    }

    fn log_rate(&self, filter: SynapticFilter, mean_mv: f64, std_mv: f64, shift: f64) -> LogRate {
        self.filtered_log_rate(filter, mean_mv, std_mv, shift)
    }

    fn cv(&self, mean_mv: f64, std_mv: f64, shift: f64) -> Option<f64> {
        self.state(mean_mv, std_mv, shift).ok().and_then(|state| state.cv)
    }

    fn density_per_mv(&self, mean_mv: f64, std_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        Lif::density_per_mv(self, mean_mv, std_mv, 0.0, V_mv)
    }

    fn membrane_potential(&self, mean_mv: f64, std_mv: f64) -> Result<MembranePotential, DomainError> {
        Lif::membrane_potential(self, mean_mv, std_mv)
    }

    fn mean_for_rate_mv(&self, rate_hz: f64, std_mv: f64) -> Result<f64, DomainError> {
        self.mu_for_rate_mv(rate_hz, std_mv)
    }

    fn rates_into(&self, means_mv: &[f64], stds_mv: &[f64], rates_hz: &mut [f64]) -> Result<(), DomainError> {
        Lif::rates_into(self, means_mv, stds_mv, rates_hz)
    }

    fn has_filtered_theory(&self) -> bool {
        true
    }

    fn in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<FilteredState> {
        Lif::in_filtered_noise(self, mean_mv, white_variance_mv2, filtered).ok()
    }

    fn ln_rate_in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Option<f64> {
        Lif::ln_rate_in_filtered_noise(self, mean_mv, white_variance_mv2, filtered).ok()
    }

    fn relaxation(&self, mean_mv: f64, std_mv: f64, within: (f64, f64)) -> Option<Relaxation> {
        lif::check_input(mean_mv, std_mv).ok().filter(|()| std_mv > 0.0)?;
        let thresholds = self.thresholds();
        let Thresholds { V_th_mv, V_reset_mv, .. } = thresholds;
        Some(Relaxation::of(&Leaky { mean_mv, std_mv, V_reset_mv, V_th_mv }, thresholds, within))
    }

    fn lif(&self) -> Option<&Lif> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: NeuronParameters = NeuronParameters {
        tau_m_ms: 10.0,
        t_ref_ms: 2.0,
        E_L_mv: -65.0,
        V_th_mv: -50.0,
        V_reset_mv: -60.0,
        Delta_T_mv: 2.0,
        V_peak_mv: -20.0,
        adaptation: Some(Adaptation { per_mv: 0.1, per_spike_mv: 2.0, tau_w_ms: 100.0 }),
    };

    #[test]
    fn every_name_of_the_list_is_a_neuron_and_no_other_is() {
        for name in Model::NAMES {
            let neuron = Model::named(name, &PARAMETERS).unwrap().unwrap();
            assert_eq!((neuron.thresholds().V_th_mv, neuron.thresholds().t_ref_ms), (-50.0, 2.0));
            let upside_down = NeuronParameters { V_reset_mv: -10.0, ..PARAMETERS };
            assert!(matches!(Model::named(name, &upside_down), Some(Err(DomainError::ResetNotBelowThreshold { .. }))));
        }
        assert!(Model::named("nonsense", &PARAMETERS).is_none());
        assert!(Model::those_computed().ends_with("are"), "{}", Model::those_computed());
    }

    /// What any neuron owes, whatever its formulas: each answer agrees with the others.
    #[test]
    fn the_answers_of_every_neuron_agree_with_each_other() {
        for name in Model::NAMES {
            let neuron = Model::named(name, &PARAMETERS).unwrap().unwrap();
            for (mean_mv, std_mv) in [(-55.0, 4.0), (-45.0, 2.0), (-30.0, 10.0)] {
                let at = |mean_mv| neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
                let rate_hz = at(mean_mv).rate_hz();
                let slope = (at(mean_mv + 1e-4).ln_rate_hz - at(mean_mv - 1e-4).ln_rate_hz) / 2e-4;
                assert!((at(mean_mv).d_mu - slope).abs() < 1e-6 * slope.abs(), "{name}: slope");
                assert!(neuron.drift_mv_per_ms(mean_mv + 1.0, -60.0) > neuron.drift_mv_per_ms(mean_mv, -60.0));
                let again = neuron.mean_for_rate_mv(rate_hz, std_mv).unwrap();
                assert!((again - mean_mv).abs() < 1e-9, "{name}: {again} for {mean_mv}");
                let mut rates = [0.0; 2];
                neuron.rates_into(&[mean_mv; 2], &[std_mv; 2], &mut rates).unwrap();
                assert!(rates.iter().all(|rate| (rate / rate_hz - 1.0).abs() < 1e-13), "{name}: {rates:?}");
                // the density holds all that are not refractory, and has the mean
                let V: Vec<f64> = (0..200_000).map(|k| -150.0 + 1e-3 * (0.5 + f64::from(k))).collect();
                let density = neuron.density_per_mv(mean_mv, std_mv, &V).unwrap();
                let mass = 1e-3 * density.iter().sum::<f64>();
                assert!((mass - (1.0 - 2e-3 * rate_hz)).abs() < 1e-5, "{name}: {mass}");
                let mean = 1e-3 * density.iter().zip(&V).map(|(p, V)| p * V).sum::<f64>() - 60.0 * (1.0 - mass);
                let found = neuron.membrane_potential(mean_mv, std_mv).unwrap();
                assert!((found.mean_mv - mean).abs() < 1e-3, "{name}: {} for {mean}", found.mean_mv);
            }
            assert!(!neuron.is_silent(neuron.rheobase_mv() + 1e-6, 0.0) && neuron.is_silent(neuron.rheobase_mv(), 0.0));
        }
    }
}
