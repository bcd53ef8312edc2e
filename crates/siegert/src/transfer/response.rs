//! The linear response of a population's rate to modulations of what it receives.
//!
//! ```text
//! r(t) = r + [chi_mu d mu + chi_var d sigma^2] exp(lambda t)
//! ```
//!
//! Of LIF neurons by the closed form (`neuron::lif`), of others by the general solver (`neuron::fokker_planck`). Noise through synapses with a time constant moves threshold and reset of the LIF, as it does in the rate; where the law of threshold
//! crossings, or the equation of potential and noise, makes the time from release to spike longer than that by a factor, the neuron is one whose membrane is slower by this factor, which has that time and so the same response to slow modulations.
//! Neurons with conductances have the response of the general solver, with force and noise that depend on the potential, at the rate of their state (`neuron::conductance`); mean and variance are those at the membrane with its mean conductance. What synapses do to
//! such neurons is in `effects`.
//! Neurons that differ have the mean response of 64 of them that stand for all, times the factors that make it the derivative of the mean rate at rest; with so little noise that each fires like a clock the mean is not known.

use std::sync::Arc;

use num_complex::Complex64;

use super::{Average, Input, Transfer};
use crate::neuron::lif::{Response, SynapticFilter};
use crate::neuron::{Model, Modulated};

/// Resonances that are farther apart, in units of half their width, are not those of a continuum; and the part of all spikes that neurons with such may have.
const FARTHEST_APART: f64 = 1.5;
const MOST_ALONE: f64 = 0.1;

/// Why the response of a population is not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoResponse {
    /// Its neurons differ, and fire like clocks: the mean over them has a resonance of each.
    Differs,
    /// Jumps count one by one.
    Jumps,
}

/// Whether neurons that stand for many have resonances at their rates that do not run into each other: with half the width `pi CV^2` of the rate, farther apart than that and a half.
fn has_lone_resonances(some: &[(Transfer, Input)]) -> bool {
    let mut all: Vec<[f64; 2]> = some
        .iter()
        .map(|(own, here)| [own.log_rate(here).rate_hz(), own.cv(here).unwrap_or(0.0)])
        .filter(|[rate_hz, _]| *rate_hz > 0.0)
        .collect();
    all.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let total: f64 = all.iter().map(|[rate_hz, _]| rate_hz).sum();
    let lone = all.windows(2).filter(|pair| {
        let [[below, _], [rate_hz, cv]] = [pair[0], pair[1]];
        rate_hz - below > FARTHEST_APART * std::f64::consts::PI * cv * cv * rate_hz
    });
    lone.map(|pair| pair[1][0]).sum::<f64>() > MOST_ALONE * total
}

impl Transfer {
    /// The neuron that has the response, at an input.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub(crate) fn responding(&self, input: &Input) -> Result<Modulated, NoResponse> {
        if !self.input.has_gaussian_transfer() {
            return Err(NoResponse::Jumps);
        }
        if self.has_conductances() {
            let (shunted, rate_hz) = (self.shunted(input), self.log_rate(input).rate_hz());
            let noise = input.shunt.noise_of_solver();
            return Ok(self.as_conducting(&shunted, input, &noise, |it| it.modulated(rate_hz)));
        }
        if let Some(average) = self.average() {
            return self.responding_on_average(average, input);
        }
        let neuron = match (self.filter, self.lif()) {
            (SynapticFilter::BrunelWang, Some(lif)) => {
                let shift = SynapticFilter::shift(input.tau_syn_over_tau_m);
                Model::Lif(lif.at_brunel_wang_threshold(input.mean_mv, input.std_mv, shift))
            }
            _ => self.neuron,
        };
        Ok(neuron.modulated(input.mean_mv, input.std_mv, self.shift(input), self.ln_longer.exp()))
    }

    /// Of neurons that differ some that stand for all, and the derivatives of the mean rate of all.
    fn responding_on_average(&self, average: &Average, input: &Input) -> Result<Modulated, NoResponse> {
        let some = average.some(self, input);
        if has_lone_resonances(&some) {
            return Err(NoResponse::Differs);
        }
        let some: Arc<[Modulated]> = some.iter().map(|(own, here)| own.responding(here)).collect::<Result<_, _>>()?;
        let at_rest = Modulated::Many(some.clone(), [1.0; 2]).response(Complex64::ZERO);
        let rate = self.log_rate(input);
        let factor = |per_unit: f64, found: Complex64| {
            let factor = rate.rate_hz() * per_unit / found.re;
            if factor.is_finite() { factor } else { 1.0 }
        };
        let factors = [factor(rate.d_mu, at_rest.hz_per_mv), factor(rate.d_variance, at_rest.hz_per_mv2)];
        Ok(Modulated::Many(some, factors))
    }

    /// Response of the rate at an input and a complex frequency, in 1/ms.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub fn response(&self, input: &Input, lambda_per_ms: Complex64) -> Result<Response, NoResponse> {
        Ok(self.responding(input)?.response(lambda_per_ms))
    }

    /// The transform `<exp(-lambda T)>` of the law of the intervals; nothing of neurons that never fire, differ or adapt.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub fn interval_transform(&self, input: &Input, lambda_per_ms: Complex64) -> Result<Option<Complex64>, NoResponse> {
        Ok(self.responding(input)?.interval_transform(lambda_per_ms))
    }

    /// Power spectrum of the spike train in Hz at a frequency, two-sided, without the peak at 0.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub fn power_spectrum_hz(&self, input: &Input, frequency_hz: f64) -> Result<f64, NoResponse> {
        Ok(self.responding(input)?.power_spectrum_hz(frequency_hz))
    }

    /// The densities of the intervals in 1/ms at times after a spike in ms; nothing without noise or spikes, and of neurons that differ or adapt.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub fn interval_density_per_ms(&self, input: &Input, t_ms: &[f64]) -> Result<Vec<Option<f64>>, NoResponse> {
        let neuron = self.responding(input)?;
        Ok(t_ms.iter().map(|t_ms| neuron.interval_density_per_ms(*t_ms)).collect())
    }

    /// The hazards, densities over the part of the intervals that are longer, at the same times; nothing where hardly any are, either.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub fn hazard_per_ms(&self, input: &Input, t_ms: &[f64]) -> Result<Vec<Option<f64>>, NoResponse> {
        let neuron = self.responding(input)?;
        Ok(t_ms.iter().map(|t_ms| neuron.hazard_per_ms(*t_ms)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::coloured::FilteredNoise;
    use crate::neuron::lif::BRUNEL;
    use crate::neuron::{Adaptation, NeuronParameters};

    fn parameters() -> NeuronParameters {
        NeuronParameters {
            tau_m_ms: 12.0,
            t_ref_ms: 1.5,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -60.0,
            Delta_T_mv: 1.5,
            V_peak_mv: -20.0,
            adaptation: Some(Adaptation { per_mv: 0.0, per_spike_mv: 1.5, tau_w_ms: 120.0 }),
        }
    }

    /// Of every model, whatever became of the time constants of synapses.
    #[test]
    fn slow_modulations_of_every_neuron_are_followed_as_rates_change_with_the_input() {
        for name in Model::NAMES {
            let neuron = Model::named(name, &parameters()).unwrap().unwrap();
            for (ln_longer, std_mv) in [(0.0, 4.0), (0.07, 4.0), (0.0, 0.0)] {
                let transfer = Transfer::of(neuron, SynapticFilter::Auto).lengthened(ln_longer);
                let input = Input::white(-48.0, std_mv);
                let rate = transfer.log_rate(&input);
                let found = transfer.response(&input, Complex64::new(0.0, 1e-8)).unwrap();
                for (found, per_unit) in [(found.hz_per_mv, rate.d_mu), (found.hz_per_mv2, rate.d_variance)] {
                    let expected = rate.rate_hz() * per_unit;
                    let error = (found.re - expected).abs() / expected.abs().max(1e-9);
                    assert!(error < 1e-6, "{name} {ln_longer} {std_mv}: {found:?} {expected} {error:e}");
                }
            }
        }
    }

    /// Of neurons that differ, beside a difference of their mean rates; those that fire like clocks are refused.
    #[test]
    fn slow_modulations_of_neurons_that_differ_are_followed_as_their_mean_rate_changes() {
        let text = |model: &str, keys: &str| {
            format!(
                "[neurons.n]\nmodel = \"{model}\"\n{keys}tau_m = \"20 ms\"\nt_ref = \"2 ms\"\nE_L = \"-65 mV\"\nV_th = {{ mean = \"-50 mV\", std = \"2 mV\" }}\nV_reset = \"-60 mV\"\n\
                 [populations.I]\nsize = 1000\nneuron = \"n\"\n[[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"12 mV\"\nstd = \"4 mV\"\n"
            )
        };
        for (model, keys) in [("lif", ""), ("eif", "Delta_T = \"2 mV\"\nV_peak = \"-30 mV\"\n")] {
            let network = crate::testing::read(&text(model, keys));
            let transfer = Transfer::new(&network, 0, SynapticFilter::Ignore).unwrap();
            let input = Input::white(-53.0, 4.0);
            let rate = transfer.log_rate(&input);
            let found = transfer.response(&input, Complex64::new(0.0, 1e-7)).unwrap();
            for (found, per_unit) in [(found.hz_per_mv, rate.d_mu), (found.hz_per_mv2, rate.d_variance)] {
                let expected = rate.rate_hz() * per_unit;
                assert!((found.re / expected - 1.0).abs() < 1e-6, "{model}: {found:?} {expected}");
            }
            let Modulated::Many(_, factors) = transfer.responding(&input).unwrap() else { panic!("{model}") };
            assert!(factors.iter().all(|factor| (factor - 1.0).abs() < 0.02), "{model}: {factors:?}");
            assert_eq!(transfer.response(&Input::white(-40.0, 0.1), Complex64::ZERO), Err(NoResponse::Differs));
        }
    }

    /// An adaptation that is slow beside the modulation does nothing to it; one that follows makes it smaller.
    #[test]
    fn fast_modulations_of_a_neuron_that_adapts_are_those_of_a_frozen_adaptation() {
        let adaptation = Some(Adaptation { per_mv: 0.1, per_spike_mv: 1.5, tau_w_ms: 120.0 });
        let [adex, eif] = ["adex", "eif"]
            .map(|name| Model::named(name, &NeuronParameters { adaptation, ..parameters() }).unwrap().unwrap());
        let input = Input::white(-46.0, 4.0);
        let inside_mv = input.mean_mv - adex.mean_adaptation(input.mean_mv, input.std_mv).unwrap().mean_mv;
        let [adapting, frozen] = [(adex, input.mean_mv), (eif, inside_mv)].map(|(neuron, mean_mv)| {
            let transfer = Transfer::of(neuron, SynapticFilter::Ignore);
            [0.0, 1.0, 1000.0].map(|frequency_hz| {
                let lambda = Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / 1000.0);
                transfer.response(&Input { mean_mv, ..input }, lambda).unwrap()
            })
        });
        let beside = |k: usize| (adapting[k].hz_per_mv / frozen[k].hz_per_mv).norm();
        assert!(beside(0) < 0.7 && beside(0) < beside(1) && beside(1) < 0.9, "{} {}", beside(0), beside(1));
        assert!((beside(2) - 1.0).abs() < 2e-3, "{}", beside(2));
        assert!((adapting[2].hz_per_mv2 / frozen[2].hz_per_mv2 - 1.0).norm() < 2e-3);
    }

    /// A slow modulation is followed as the rate is, whatever became of the time constants of synapses.
    #[test]
    fn slow_modulations_are_followed_as_rates_change_with_the_input() {
        for filter in [SynapticFilter::Ignore, SynapticFilter::ThresholdShift, SynapticFilter::Auto] {
            for ln_longer in [0.0, 0.07] {
                let transfer = Transfer::of_lif(BRUNEL, filter).lengthened(ln_longer);
                let input = Input::filtered(18.0, FilteredNoise::exponential(25.0, 0.5), 0.025);
                let rate = transfer.log_rate(&input);
                let found = transfer.response(&input, Complex64::new(0.0, 1e-7)).unwrap();
                let expected = rate.rate_hz() * rate.d_mu;
                assert!((found.hz_per_mv.re / expected - 1.0).abs() < 1e-6, "{filter:?}: {found:?} {expected}");
            }
        }
    }
}
