//! What a simulation will need, before anything is built.

use serde::Serialize;

use super::{Options, SimulationError};
use crate::network::Network;

/// Memory and time that a simulation will take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Memory needed with the connectivity chosen, in MB.
    pub memory_mb: f64,
    /// Memory needed with every synapse stored, in MB.
    pub explicit_mb: f64,
    /// Memory needed with connections drawn again, in MB; none where they cannot be.
    pub redrawn_mb: Option<f64>,
    /// Memory that the machine has to spare, in MB, where the system tells it.
    pub available_mb: Option<f64>,
    /// The connectivity chosen: "explicit", "redrawn", or "none" where there are no connections.
    pub connectivity: &'static str,
    /// Time to simulate one second, in s, at `assumed_rate_hz`.
    pub seconds_per_biological_second: f64,
    /// Mean rate over all neurons that this is for, in Hz.
    pub assumed_rate_hz: f64,
}

/// Estimates what a simulation of the network needs.
///
/// # Errors
///
/// A network that cannot be simulated; see [`SimulationError`].
pub fn estimate(_network: &Network, _options: &Options) -> Result<Estimate, SimulationError> {
    // Until the simulator says what it needs, nothing is known, which is no fault of the network.
    Err(SimulationError::Cancelled)
}
