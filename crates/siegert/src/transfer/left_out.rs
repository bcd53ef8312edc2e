//! Rates at an input of which something is left out: time constants of synapses, jumps of finite size, noise that depends on the potential.
//!
//! The rate of a state over such a rate says what the thing left out does. All are at the same mean and variance of the input.

use super::{Input, InputTheory, Transfer};
use crate::neuron::lif::{LogRate, SynapticFilter};

impl Transfer {
    /// Whether rates at an input depend on the time constants of synapses in this theory.
    pub(crate) fn takes_time_constants(&self, input: &Input) -> bool {
        let is_filtered = input.filtered_fraction > 0.0 && input.std_mv > 0.0;
        is_filtered && self.filter != SynapticFilter::Ignore && (self.is_full(input) || self.is_shifted())
    }

    /// Whether closed forms know a shift: of the LIF, and of the perfect neuron with the leak that conductances are.
    fn is_shifted(&self) -> bool {
        self.neuron.lif().is_some() || self.has_conductances() && self.neuron.has_sharp_threshold()
    }

    /// The rate with instantaneous synapses, where it is a closed form or that of the general solver.
    pub(crate) fn without_time_constants(&self, input: &Input) -> LogRate {
        let shunt = input.shunt.without_time_constants();
        let white = Input { tau_syn_over_tau_m: 0.0, filtered_fraction: 0.0, shunt, ..*input };
        Transfer { filter: SynapticFilter::Ignore, ..self.clone().lengthened(0.0) }.log_rate(&white)
    }

    /// The rate with jumps so small that they are white noise; `None` where that is what the input is taken for already.
    pub(crate) fn without_jumps(&self, input: &Input) -> Option<LogRate> {
        self.in_shot_noise(input)?;
        let diffusion = self.clone().with_input(InputTheory::Diffusion);
        // with conductances white noise depends on the potential as the jumps do
        let full = if self.has_conductances() { diffusion.full_ln_rate_hz(input) } else { None };
        Some(full.map_or_else(|| diffusion.log_rate(input), |ln_rate_hz| LogRate { ln_rate_hz, ..LogRate::default() }))
    }

    /// Logarithm of the factor by which noise that depends on the potential makes the time from release to spike longer, beside noise that is the same everywhere; `None` without
    /// conductances, and where the theory does not tell their time constants apart.
    pub(crate) fn ln_longer_by_conductance_noise(&self, input: &Input) -> Option<f64> {
        self.has_conductances().then(|| self.conducting(input, |it| it.ln_lengthening())).flatten()
    }

    /// The logarithm of a rate whose time from release to spike becomes longer by the factor `exp(ln_longer)`.
    pub(crate) fn longer_by(&self, ln_rate_hz: f64, ln_longer: f64) -> f64 {
        self.clone().lengthened(ln_longer).longer(LogRate { ln_rate_hz, ..LogRate::default() }).ln_rate_hz
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::coloured::FilteredNoise;
    use crate::neuron::lif::BRUNEL;

    #[test]
    fn without_time_constants_the_rate_is_that_in_white_noise() {
        let input = Input::filtered(18.0, FilteredNoise::exponential(25.0, 5.0), 0.25);
        let white = BRUNEL.log_rate(18.0, 5.0, 0.0).ln_rate_hz;
        for filter in [SynapticFilter::Auto, SynapticFilter::ThresholdShift, SynapticFilter::TaylorExpansion] {
            let transfer = Transfer::of_lif(BRUNEL, filter).lengthened(0.3);
            assert!(transfer.takes_time_constants(&input) && !transfer.takes_time_constants(&Input::white(18.0, 5.0)));
            assert_eq!(transfer.without_time_constants(&input).ln_rate_hz, white);
        }
        assert!(!Transfer::of_lif(BRUNEL, SynapticFilter::Ignore).takes_time_constants(&input));
    }

    #[test]
    fn a_longer_time_and_then_a_shorter_one_leave_the_rate() {
        let transfer = Transfer::of_lif(BRUNEL, SynapticFilter::Auto);
        for ln_rate_hz in [-300.0, 0.0, 5.0] {
            let there = transfer.longer_by(ln_rate_hz, 0.4);
            assert!(there < ln_rate_hz && (transfer.longer_by(there, -0.4) - ln_rate_hz).abs() < 1e-12);
        }
        // without refractory time they are inverse to each other
        assert!((transfer.longer_by(-300.0, 0.4) + 300.4).abs() < 1e-12);
    }
}
