//! From what a population receives to the rate at which it fires: its transfer function, with the gradient in its input.
//!
//! A [`Transfer`] belongs to one population. The solver of the self-consistency asks it for the logarithm of the rate and for
//! scales (of voltages, of time, of rates), and knows nothing of the neuron behind it. There are two today: the LIF neuron in white
//! noise and in filtered noise, which differ in what becomes of the time constants of synapses ([`SynapticFilter`]).
//!
//! ```text
//! ln Phi = ln f(mu, sigma, shift),    shift = (alpha/2) sqrt(F/sigma^2),    F = sum S tau_syn/tau_m
//! ```
//!
//! where `S` are the contributions to `sigma^2`. What only the closed forms of the LIF offer, on which the proof of all states and the
//! jumps of finite size rest, is reached through [`Transfer::lif`].

use crate::error::DomainError;
use crate::network::{NeuronModel, Population};
use crate::neuron::lif::{Lif, LifParameters, LogRate, SynapticFilter};

/// What one population receives at given rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// `mu`.
    pub mean_mv: f64,
    /// `sigma`.
    pub std_mv: f64,
    /// Noise-weighted `tau_syn/tau_m`.
    pub tau_syn_over_tau_m: f64,
    /// The part of `sigma^2` that comes through synapses with a time constant.
    pub filtered_fraction: f64,
}

impl Input {
    /// White noise of mean `mu` and standard deviation `sigma`.
    pub fn white(mean_mv: f64, std_mv: f64) -> Self {
        Input { mean_mv, std_mv, tau_syn_over_tau_m: 0.0, filtered_fraction: 0.0 }
    }
}

/// Derivatives of `ln Phi` with respect to `mu`, `sigma^2` and the filter sum `F`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gradient {
    /// Per mV.
    pub mean: f64,
    /// Per mV^2.
    pub variance: f64,
    /// Per mV^2.
    pub filter: f64,
}

/// Why a population has no transfer function yet.
#[derive(Clone, Debug, PartialEq)]
pub enum TransferError {
    /// A neuron model that is not computed yet.
    Model(NeuronModel),
    /// Parameters that make no neuron.
    Neuron(DomainError),
}

/// The transfer function of one population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    lif: Lif,
    filter: SynapticFilter,
}

impl Transfer {
    /// The transfer function of a population's neurons.
    ///
    /// # Errors
    ///
    /// A model that is not computed yet; parameters out of their range.
    pub fn new(population: &Population, filter: SynapticFilter) -> Result<Self, TransferError> {
        let neuron = &population.neuron;
        if neuron.model != NeuronModel::Lif {
            return Err(TransferError::Model(neuron.model));
        }
        let parameters = LifParameters {
            tau_m_ms: neuron.tau_m_ms,
            t_ref_ms: neuron.t_ref_ms,
            V_th_mv: neuron.V_th_mv,
            V_reset_mv: neuron.V_reset_mv,
        };
        Lif::new(parameters).map(|lif| Transfer { lif, filter }).map_err(TransferError::Neuron)
    }

    /// The transfer function of a LIF neuron.
    pub fn of_lif(lif: Lif, filter: SynapticFilter) -> Self {
        Transfer { lif, filter }
    }

    /// The closed forms of the neuron.
    pub fn lif(&self) -> &Lif {
        &self.lif
    }

    /// What becomes of the time constants of synapses.
    pub fn filter(&self) -> SynapticFilter {
        self.filter
    }

    /// Whether the rate rises with the mean and is never negative: not if it is expanded in the time constants of synapses.
    pub fn is_monotonic(&self) -> bool {
        self.filter != SynapticFilter::TaylorExpansion
    }

    /// The highest rate, `1/t_ref`; infinite without refractory time.
    pub fn rate_limit_hz(&self) -> f64 {
        self.lif.rate_limit_hz()
    }

    /// The time in which the potential follows its input, `tau_m`.
    pub fn time_constant_ms(&self) -> f64 {
        self.lif.parameters().tau_m_ms
    }

    /// What a jump of the potential is measured by, `V_th - V_reset`.
    pub fn voltage_scale_mv(&self) -> f64 {
        let parameters = self.lif.parameters();
        parameters.V_th_mv - parameters.V_reset_mv
    }

    /// The mean input from which the neuron fires without noise, `V_th`.
    pub fn rheobase_mv(&self) -> f64 {
        self.lif.parameters().V_th_mv
    }

    /// Whether the neuron never fires: no noise, and a mean that does not carry it over threshold.
    pub fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool {
        variance_mv2 == 0.0 && mean_mv <= self.rheobase_mv()
    }

    /// The logarithm of the rate at an input, with its derivatives.
    pub fn log_rate(&self, input: &Input) -> LogRate {
        let shift = SynapticFilter::shift(input.tau_syn_over_tau_m);
        self.lif.filtered_log_rate(self.filter, input.mean_mv, input.std_mv, shift)
    }

    /// The gradient that belongs to a rate from [`Transfer::log_rate`]; the shift depends on `F/sigma^2`.
    pub fn gradient(&self, input: &Input, rate: &LogRate) -> Gradient {
        let ratio = input.tau_syn_over_tau_m;
        if ratio == 0.0 || rate.d_shift == 0.0 {
            return Gradient { mean: rate.d_mu, variance: rate.d_variance, filter: 0.0 };
        }
        // d shift = shift/(2 ratio) d ratio, d ratio = (dF - ratio d sigma^2)/sigma^2
        let per_ratio = rate.d_shift * SynapticFilter::shift(ratio) / (2.0 * ratio);
        let per_filter = per_ratio / (input.std_mv * input.std_mv);
        Gradient { mean: rate.d_mu, variance: rate.d_variance - per_filter * ratio, filter: per_filter }
    }

    /// The shift of both boundaries at an input, in units of `sigma`; 0 if synapses count as instantaneous.
    pub fn shift(&self, input: &Input) -> f64 {
        match self.filter {
            SynapticFilter::Ignore => 0.0,
            _ => SynapticFilter::shift(input.tau_syn_over_tau_m),
        }
    }

    /// The CV of the intervals at an input; `None` without spikes.
    pub fn cv(&self, input: &Input) -> Option<f64> {
        self.lif.state(input.mean_mv, input.std_mv, self.shift(input)).ok().and_then(|state| state.cv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::BRUNEL;

    fn input(mean_mv: f64, variance_mv2: f64, filter_mv2: f64) -> Input {
        Input {
            mean_mv,
            std_mv: variance_mv2.sqrt(),
            tau_syn_over_tau_m: filter_mv2 / variance_mv2,
            filtered_fraction: if filter_mv2 > 0.0 { 1.0 } else { 0.0 },
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_logarithm_of_the_rate_in_all_three_sums() {
        for filter in [SynapticFilter::Ignore, SynapticFilter::ThresholdShift, SynapticFilter::TaylorExpansion] {
            let transfer = Transfer::of_lif(BRUNEL, filter);
            for (mean, variance, sum) in [(14.0, 9.0, 0.2), (19.0, 25.0, 1.0), (24.0, 4.0, 0.05), (5.0, 30.0, 0.5)] {
                let at = |mean, variance, sum| transfer.log_rate(&input(mean, variance, sum)).ln_rate_hz;
                let here = input(mean, variance, sum);
                let gradient = transfer.gradient(&here, &transfer.log_rate(&here));
                // differences over twice a relative step of 1e-5: a relative error of some 1e-9
                let slope = |up: f64, down: f64, step: f64| (up - down) / (2.0 * step);
                let (m, v, f) = (1e-5 * mean, 1e-5 * variance, 1e-5 * sum);
                let expected = [
                    (gradient.mean, slope(at(mean + m, variance, sum), at(mean - m, variance, sum), m)),
                    (gradient.variance, slope(at(mean, variance + v, sum), at(mean, variance - v, sum), v)),
                    (gradient.filter, slope(at(mean, variance, sum + f), at(mean, variance, sum - f), f)),
                ];
                for (found, difference) in expected {
                    let allowed = 1e-7 * difference.abs() + 1e-9;
                    assert!((found - difference).abs() < allowed, "{filter:?} {mean} {variance}: {found} {difference}");
                }
            }
        }
    }

    #[test]
    fn a_neuron_is_silent_without_noise_up_to_its_threshold() {
        let transfer = Transfer::of_lif(BRUNEL, SynapticFilter::default());
        assert!(transfer.is_silent(20.0, 0.0) && !transfer.is_silent(20.0 + 1e-12, 0.0));
        assert!(!transfer.is_silent(0.0, 1e-300));
        assert_eq!(
            transfer
                .log_rate(&Input { mean_mv: 20.0, std_mv: 0.0, tau_syn_over_tau_m: 0.0, filtered_fraction: 0.0 })
                .ln_rate_hz,
            f64::NEG_INFINITY
        );
    }
}
