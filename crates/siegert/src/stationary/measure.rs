//! Quantities of a state, each computed only when it is asked for.

use crate::network::Network;

use super::map::RateMap;
use super::newton::ln_rate;
use super::search::State;
use super::states::cv;
use crate::transfer::Input;
use crate::trust::{Validity, validity};

impl State {
    /// Minus infinity for a population that is silent for want of noise.
    pub(crate) fn log10_rate_hz(&self, a: usize) -> f64 {
        ln_rate(self.u[a]) / std::f64::consts::LN_10
    }

    /// The assumptions of every population.
    pub(crate) fn validities(&self, network: &Network, map: &RateMap, inputs: &[Input]) -> Vec<Validity> {
        validity(network, map, &self.rates_hz(), &cv(map, inputs))
    }
}

/// The assumptions at rates that need not be those of a state, for the names of what is measured.
pub(crate) fn any_validity(network: &Network, map: &RateMap) -> Validity {
    let rates_hz = vec![1.0; map.len()];
    validity(network, map, &rates_hz, &cv(map, &map.inputs(&rates_hz))).swap_remove(0)
}
