//! The measures of a state, each computed only when it is asked for.

use crate::network::Network;
use crate::stationary::{RateMap, State, cv};

use super::{Validity, validity};

/// The assumptions of every population in a state.
pub(crate) fn validities(network: &Network, map: &RateMap, state: &State) -> Vec<Validity> {
    let rates_hz = state.rates_hz();
    validity(network, map, &rates_hz, &cv(map, &map.inputs(&rates_hz)))
}

/// The assumptions at rates that need not be those of a state, for the names of what is measured.
pub(crate) fn any_validity(network: &Network, map: &RateMap) -> Validity {
    let rates_hz = vec![1.0; map.len()];
    validity(network, map, &rates_hz, &cv(map, &map.inputs(&rates_hz))).swap_remove(0)
}
