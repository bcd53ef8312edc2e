//! The measures of a state, each computed only when it is asked for.

use crate::network::Network;
use crate::stationary::{RateMap, State, cv};

use super::{Held, Validity, validity_of};

/// The assumptions of every population in a state.
pub(crate) fn validities(network: &Network, map: &RateMap, state: &State) -> Vec<Validity> {
    let rates_hz = state.rates_hz();
    let held = Held { rates_hz: &rates_hz, ln_longer: &state.lengthenings(map) };
    validity_of(network, map, held, &cv(map, &map.inputs(&rates_hz)))
}
