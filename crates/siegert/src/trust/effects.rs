//! What jumps of finite size, time constants of synapses and conductances each do to the rate of a state, from computed rates.
//!
//! ```text
//! jumps              f(jumps of their size) / f(white noise)                  the series of `neuron::lif`, or jump by jump (`neuron::jumps`)
//! filter             f(noise with its time constants) / f(white noise)        the shift, or the law of threshold crossings (`neuron::coloured`)
//! conductance noise  f(noise at each potential) / f(noise at mu_eff)          `neuron::conductance`
//! ```
//!
//! All at the mean, the variance and the time constant of the membrane that the state has. One of the two rates is that of the state, or what leads to it: of a neuron with
//! conductances `rate = f(white noise) filter conductance_noise`. The law of crossings is not asked again: what it says at a state is known as the factor of the
//! time from release to spike ([`RateMap::lengthenings_at`]), so that an effect costs a closed form, and two times in white noise where there are conductances.
//!
//! Of both rates the accuracy is that of the theory that each is computed by.

use super::{Effect, Effects, Held, Validity};
use crate::stationary::{Input, RateMap};
use crate::transfer::{InputTheory, Transfer};

/// A state with the inputs that populations have in it, conductances among them.
pub(super) struct Computed<'a> {
    map: &'a RateMap,
    held: Held<'a>,
    inputs: Vec<Input>,
}

impl<'a> Computed<'a> {
    pub(super) fn new(map: &'a RateMap, held: Held<'a>) -> Self {
        Computed { map, held, inputs: map.inputs(held.rates_hz) }
    }

    /// The input of a population.
    pub(super) fn input(&self, a: usize) -> &Input {
        &self.inputs[a]
    }

    /// The effects in a population; `validity` is what is known of its jumps.
    pub(super) fn of_population(&self, a: usize, validity: &Validity) -> Effects {
        let ln_rate_hz = self.held.rates_hz[a].ln();
        if !ln_rate_hz.is_finite() {
            return Effects::default();
        }
        let (input, ln_longer) = (&self.inputs[a], self.held.ln_longer[a]);
        let transfer = self.map.transfers()[a].clone().lengthened(ln_longer);
        let jumps = match transfer.without_jumps(input) {
            Some(diffusion) => Effect::of(ln_rate_hz, diffusion.ln_rate_hz),
            None => of_jumps(ln_rate_hz, validity),
        };
        // the state has what depends on the potential, if the solver found anything; single jumps have it by themselves
        let is_in_jumps = ln_longer == 0.0 || transfer.input_theory() == InputTheory::ShotNoise;
        let dependence = if is_in_jumps { None } else { transfer.ln_longer_by_conductance_noise(input) };
        let at_mean = dependence.map(|by| transfer.longer_by(ln_rate_hz, -by));
        let conductance_noise = at_mean.and_then(|at_mean| Effect::of(ln_rate_hz, at_mean));
        let filter = is_told(&transfer, input, ln_longer).then(|| {
            let white = transfer.without_time_constants(input).ln_rate_hz;
            Effect::of(at_mean.unwrap_or(ln_rate_hz), white)
        });
        Effects { jumps, filter: filter.flatten(), conductance_noise }
    }
}

/// Whether time constants are in the rate: not of neurons without a closed form whose solver found nothing.
fn is_told(transfer: &Transfer, input: &Input, ln_longer: f64) -> bool {
    transfer.takes_time_constants(input) && (ln_longer != 0.0 || transfer.lif_at_center().is_some())
}

/// What jumps would do, where the state is one of white noise.
fn of_jumps(ln_rate_hz: f64, validity: &Validity) -> Option<Effect> {
    let deviation = validity.shot_noise_deviation.filter(|_| validity.spike_noise_fraction > 0.0)?;
    Effect::of(ln_rate_hz + deviation.ln_1p(), ln_rate_hz)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Network, ReadOptions, bundled, parse};
    use crate::neuron::lif::SynapticFilter;
    use crate::testing::{TestNetwork, read};
    use crate::theory::{FixedPoint, Theory, TheoryOptions};

    fn state(network: &Network, options: impl Into<TheoryOptions>) -> (RateMap, FixedPoint) {
        let theory = Theory::new(network, &options.into()).unwrap();
        let state = theory.fixed_point(&theory.solve().unwrap());
        (theory.map().clone(), state)
    }

    fn bundled(name: &str) -> Network {
        parse(bundled::find(name).unwrap().text, name, &ReadOptions::default()).unwrap()
    }

    fn close(found: f64, expected: f64, relative: f64) -> bool {
        (found / expected - 1.0).abs() < relative
    }

    /// Neurons that hear each other through exponential currents, beside white noise.
    fn currents(tau_ms: f64) -> Network {
        let synapse = "in_degree = 80\nsynapse = \"s\"\nweight";
        let jump = |mv: f64| mv * 200.0 / tau_ms;
        TestNetwork::of(&[("E", 800), ("I", 200)])
            .neuron("tau_m", "20 ms")
            .neuron("C_m", "200 pF")
            .neuron("t_ref", "2 ms")
            .exponential_synapse("s", tau_ms)
            .projection("E", "E", &format!("{synapse} = \"{} pA\"", jump(0.1)))
            .projection("I", "E", &format!("{synapse} = \"{} pA\"", jump(-0.5)))
            .drive("E", "kind = \"noise\"\nmean = \"17 mV\"\nstd = \"3 mV\"")
            .drive("I", "kind = \"current\"\nvalue = \"21 mV\"")
            .read()
    }

    /// Neurons that hear Poisson processes through conductances.
    fn conductances(kind: &str) -> Network {
        let synapse = |tau: &str, E_rev: &str| match kind {
            "exponential" => format!("kind = \"exponential_conductance\"\ntau = \"{tau}\"\nE_rev = \"{E_rev}\""),
            _ => format!("kind = \"delta_conductance\"\nE_rev = \"{E_rev}\""),
        };
        let weights = if kind == "exponential" { [0.6, 3.0] } else { [0.06, 0.3] };
        read(&format!(
            "[neurons.lif]\nmodel = \"lif\"\nC_m = \"200 pF\"\ng_L = \"10 nS\"\nE_L = \"-70 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
             [synapses.e]\n{}\n[synapses.i]\n{}\n[populations.E]\nsize = 800\nneuron = \"lif\"\n\
             [[drives]]\nto = \"E\"\nkind = \"poisson\"\nrate = \"9 kHz\"\nweight = \"{} nS\"\nsynapse = \"e\"\n\
             [[drives]]\nto = \"E\"\nkind = \"poisson\"\nrate = \"1.5 kHz\"\nweight = \"{} nS\"\nsynapse = \"i\"",
            synapse("3 ms", "0 mV"),
            synapse("6 ms", "-75 mV"),
            weights[0],
            weights[1]
        ))
    }

    #[test]
    fn instantaneous_synapses_have_jumps_and_nothing_else() {
        let network = bundled("brunel2000");
        let (map, state) = state(&network, SynapticFilter::default());
        let rates_hz = state.rates_hz();
        for (a, population) in state.populations.iter().enumerate() {
            let Effects { jumps, filter, conductance_noise } = population.validity.effects;
            assert_eq!((filter, conductance_noise), (None, None));
            let jumps = jumps.unwrap();
            assert!(close(jumps.without_hz, population.rate_hz, 1e-12), "{jumps:?}");
            assert!(
                close(jumps.with_hz, population.validity.shot_noise_corrected_rate_hz.unwrap(), 1e-12),
                "{jumps:?}"
            );
            // jump by jump
            let all = crate::transfer::Jumps::of_population(&map.streams, a, &rates_hz).unwrap();
            let exact = map.transfers()[a].exact_ratio(&map.inputs(&rates_hz)[a], all).unwrap();
            assert!(close(jumps.ratio, exact, 1e-3), "{jumps:?} {exact}");
        }
    }

    #[test]
    fn where_jumps_count_they_are_beside_the_diffusion_approximation_at_the_same_input() {
        let network = bundled("brunel2000");
        let options = TheoryOptions { input: InputTheory::ShotNoise, ..TheoryOptions::default() };
        let (_, state) = state(&network, options);
        let diffusion = RateMap::new(&network, SynapticFilter::default()).unwrap();
        let expected_hz = diffusion.output_rates_hz(&state.rates_hz());
        for (population, expected_hz) in state.populations.iter().zip(expected_hz) {
            let jumps = population.validity.effects.jumps.unwrap();
            assert!(close(jumps.without_hz, expected_hz, 1e-10) && close(jumps.with_hz, population.rate_hz, 1e-12));
            assert!(jumps.ratio < 0.999, "{jumps:?}");
        }
    }

    #[test]
    fn time_constants_are_beside_the_rate_of_a_theory_that_leaves_them_out() {
        let network = currents(5.0);
        let without = RateMap::new(&network, SynapticFilter::Ignore).unwrap();
        for filter in [SynapticFilter::Full, SynapticFilter::Auto, SynapticFilter::ThresholdShift] {
            let (map, state) = state(&network, filter);
            let rates_hz = state.rates_hz();
            let (inputs, white_hz) = (map.inputs(&rates_hz), without.output_rates_hz(&rates_hz));
            let effects = state.populations[0].validity.effects;
            let effect = effects.filter.unwrap();
            assert!(close(effect.without_hz, white_hz[0], 1e-12), "{effect:?} {white_hz:?}");
            // the law of crossings anew, where it is asked
            let with_hz = match map.transfers()[0].full(&inputs[0]) {
                Some(full) => full.ln_rate_hz.exp(),
                None => map.output_rates_hz(&rates_hz)[0],
            };
            assert!(close(effect.with_hz, with_hz, 1e-7), "{filter:?} {effect:?} {with_hz}");
            assert!(effect.ratio < 0.99 && effects.conductance_noise.is_none(), "{effect:?}");
            // whom no spikes reach nothing reaches through a synapse
            assert_eq!(state.populations[1].validity.effects, Effects::default());
        }
        let (_, state) = state(&network, SynapticFilter::Ignore);
        assert!(state.populations.iter().all(|population| population.validity.effects.filter.is_none()));
    }

    #[test]
    fn conductance_noise_and_time_constants_together_lead_from_white_noise_to_the_rate() {
        for kind in ["exponential", "instantaneous"] {
            let network = conductances(kind);
            let (map, state) = state(&network, SynapticFilter::Full);
            let input = map.inputs(&state.rates_hz())[0];
            let (effects, rate_hz) = (state.populations[0].validity.effects, state.populations[0].rate_hz);
            let own = map.transfers()[0].shunted(&input);
            let white_hz = own.lif().unwrap().rate_hz(input.mean_mv, input.std_mv).unwrap();
            // noise that is everywhere what it is at the mean, by the law of crossings
            let at_mean_hz = own.full(&input).map_or(white_hz, |full| full.ln_rate_hz.exp());
            let conductance_noise = effects.conductance_noise.unwrap();
            assert!(close(conductance_noise.with_hz, rate_hz, 1e-12), "{kind}: {effects:?} {rate_hz}");
            assert!(close(conductance_noise.without_hz, at_mean_hz, 1e-6), "{kind}: {effects:?} {at_mean_hz}");
            assert!((conductance_noise.ratio - 1.0).abs() > 1e-3, "{kind}: {effects:?}");
            match effects.filter {
                Some(filter) => {
                    assert!(close(filter.without_hz, white_hz, 1e-12), "{effects:?} {white_hz}");
                    assert!(close(white_hz * filter.ratio * conductance_noise.ratio, rate_hz, 1e-9), "{effects:?}");
                    assert_eq!(kind, "exponential");
                }
                None => assert_eq!(kind, "instantaneous"),
            }
        }
    }

    #[test]
    fn conductances_whose_time_constants_are_not_told_apart_have_no_noise_of_their_own() {
        let network = conductances("exponential");
        for (filter, is_filtered) in [(SynapticFilter::ThresholdShift, true), (SynapticFilter::Ignore, false)] {
            let (_, state) = state(&network, filter);
            let effects = state.populations[0].validity.effects;
            assert_eq!((effects.conductance_noise, effects.filter.is_some()), (None, is_filtered), "{filter:?}");
        }
    }

    #[test]
    fn nothing_is_said_of_neurons_without_spikes_or_without_noise_or_of_jumps_without_a_theory() {
        let silent = TestNetwork::one_population(10).drive("A", "kind = \"current\"\nvalue = \"10 mV\"").read();
        let noiseless = TestNetwork::one_population(10).drive("A", "kind = \"current\"\nvalue = \"30 mV\"").read();
        let white = TestNetwork::one_population(10).noise("A", 18.0, 4.0).read();
        for network in [silent, noiseless, white] {
            let (_, state) = state(&network, SynapticFilter::default());
            assert_eq!(state.populations[0].validity.effects, Effects::default());
        }
        let (_, state) = state(&bundled("augustin2017"), SynapticFilter::default());
        assert_eq!(state.populations[0].validity.effects.jumps, None);
    }
}
