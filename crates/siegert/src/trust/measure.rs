//! The measures of a state, each computed only when it is asked for.

use crate::network::Network;
use crate::stationary::{RateMap, State, cv};

use super::{Validity, validity};

/// The assumptions of every population in a state.
pub(crate) fn validities(network: &Network, map: &RateMap, state: &State) -> Vec<Validity> {
    let rates_hz = state.rates_hz();
    validity(network, map, &rates_hz, &cv(map, &map.inputs(&rates_hz)))
}
