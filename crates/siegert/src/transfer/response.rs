//! The linear response of a population's rate to modulations of what it receives.
//!
//! ```text
//! r(t) = r + [chi_mu d mu + chi_var d sigma^2] exp(lambda t)
//! ```
//!
//! Of LIF neurons that are all alike, by the closed form (`neuron::lif`). Noise through synapses with a time constant moves threshold and reset, as it does in the rate; where the law of threshold crossings makes the time from release to spike longer
//! than that by a factor, the neuron is one whose membrane is slower by this factor, which has that time and so the same response to slow modulations.

use num_complex::Complex64;

use super::{Input, Transfer};
use crate::neuron::lif::{Lif, LifParameters, Modulated, Response, SynapticFilter};

/// Why the response of a population is not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoResponse {
    /// Of neurons of its model.
    Model,
    /// Its neurons differ.
    Differs,
    /// Synapses act on its conductances.
    Conductances,
    /// Jumps count one by one.
    Jumps,
}

impl Transfer {
    /// The neuron that has the response, at an input.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub(crate) fn responding(&self, input: &Input) -> Result<Modulated, NoResponse> {
        if self.is_average() {
            return Err(NoResponse::Differs);
        }
        if self.has_conductances() {
            return Err(NoResponse::Conductances);
        }
        if !self.input.is_diffusion() {
            return Err(NoResponse::Jumps);
        }
        let lif = *self.lif().ok_or(NoResponse::Model)?;
        let lif = match self.filter {
            SynapticFilter::BrunelWang => {
                let shift = SynapticFilter::shift(input.tau_syn_over_tau_m);
                lif.at_brunel_wang_threshold(input.mean_mv, input.std_mv, shift)
            }
            _ => lif,
        };
        let LifParameters { tau_m_ms, .. } = lif.parameters();
        let slower = LifParameters { tau_m_ms: tau_m_ms * self.ln_longer.exp(), ..lif.parameters() };
        Ok(Lif::new(slower).unwrap_or(lif).modulated(input.mean_mv, input.std_mv, self.shift(input)))
    }

    /// Response of the rate at an input and a complex frequency, in 1/ms.
    ///
    /// # Errors
    ///
    /// What only rates are known of.
    pub fn response(&self, input: &Input, lambda_per_ms: Complex64) -> Result<Response, NoResponse> {
        Ok(self.responding(input)?.response(lambda_per_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::coloured::FilteredNoise;
    use crate::neuron::lif::BRUNEL;

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
