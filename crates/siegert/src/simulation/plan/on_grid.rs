//! What the simulator makes of a network before it draws anything, for those who write the network down for other simulators.

use super::{Plan, Rule};
use crate::Warning;
use crate::network::Network;
use crate::simulation::{SimulationError, SimulationOptions};

/// A network with its numbers of connections and its times rounded as they are simulated.
#[derive(Clone, Debug)]
pub(crate) struct OnGrid {
    /// Steps that a neuron of each population stays at reset after a spike.
    pub(crate) refractory_steps: Vec<i32>,
    /// How each projection is drawn; none where it has no connections.
    pub(crate) wirings: Vec<Option<Wiring>>,
    /// What was rounded or assumed, as sentences.
    pub(crate) warnings: Vec<Warning>,
}

/// How a projection is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wiring {
    pub(crate) rule: Rule,
    pub(crate) autapses: bool,
    pub(crate) multapses: bool,
}

impl OnGrid {
    /// Refuses what the simulator refuses.
    pub(crate) fn new(network: &Network, options: &SimulationOptions) -> Result<Self, SimulationError> {
        let plan = Plan::new(network, options)?;
        let mut wirings = vec![None; network.projections.len()];
        for connection in &plan.connections {
            let Some(wiring) = wirings.get_mut(connection.id as usize) else { continue };
            let (rule, autapses, multapses) = (connection.rule, connection.autapses, connection.multapses);
            *wiring = Some(Wiring { rule, autapses, multapses });
        }
        let refractory_steps = plan.populations.iter().map(|population| population.refractory_steps).collect();
        Ok(Self { refractory_steps, wirings, warnings: plan.warnings })
    }
}
