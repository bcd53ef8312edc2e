//! Quantities of a state, each computed only when it is asked for.

use crate::network::Network;

use super::map::{Input, RateMap};
use super::newton::ln_rate;
use super::result::Validity;
use super::search::State;
use super::states::validity;

impl State {
    /// Minus infinity for a population that is silent for want of noise.
    pub(crate) fn log10_rate_hz(&self, a: usize) -> f64 {
        ln_rate(self.u[a]) / std::f64::consts::LN_10
    }

    /// The CV of population `a` with this input; `None` without spikes.
    pub(crate) fn cv(&self, map: &RateMap, a: usize, input: &Input) -> Option<f64> {
        map.neurons[a].state(input.mean_mv, input.std_mv, map.shift(input)).ok()?.cv
    }

    /// The assumptions of every population.
    pub(crate) fn validities(&self, network: &Network, map: &RateMap) -> Vec<Validity> {
        validities(network, map, &self.rates_hz())
    }
}

/// The assumptions at rates that need not be those of a state, for the names of what is measured.
pub(crate) fn any_validity(network: &Network, map: &RateMap) -> Validity {
    validities(network, map, &vec![1.0; map.len()]).swap_remove(0)
}

fn validities(network: &Network, map: &RateMap, rates_hz: &[f64]) -> Vec<Validity> {
    let inputs = map.inputs(rates_hz);
    (0..map.len()).map(|a| validity(network, map, a, &inputs[a], rates_hz[a])).collect()
}
