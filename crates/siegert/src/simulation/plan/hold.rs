//! The start near given rates: neurons hear Poisson processes of these rates in place of each other, and are then let go.
//!
//! What a projection would bring, `K` sources of rate `r` with its weights and delays, a drive brings that stops when the
//! time is over; spikes of that time are delivered nowhere. So input neither pauses nor doubles when the network is let go.
//! In-degrees are the mean ones, and so is what synapses with short-term plasticity send.

use super::Plan;
use crate::network::{Drive, DriveKind, Law, Network, Neuron, NeuronModel};
use crate::numerics::steps;
use crate::simulation::sending::Sending;
use crate::simulation::{SimulationError, SimulationOptions};

/// The time for which rates are held, in units of the longest time constant of a membrane or its adaptation: the start is forgotten to `exp(-5)`.
const HELD: f64 = 5.0;

/// The longest time constant of a neuron.
fn slowest_ms(neuron: &Neuron) -> f64 {
    match neuron.model {
        NeuronModel::Adex { tau_w_ms, .. } => neuron.tau_m_ms.max(tau_w_ms),
        _ => neuron.tau_m_ms,
    }
}

/// How long rates are held.
pub(crate) fn held_ms(network: &Network) -> f64 {
    HELD * network.populations.iter().map(|population| slowest_ms(&population.neuron)).fold(0.0, f64::max)
}

impl Plan {
    pub(super) fn hold(
        &mut self,
        network: &Network,
        options: &SimulationOptions,
        rates_hz: &[f64],
    ) -> Result<(), SimulationError> {
        let (expected, found) = (self.populations.len(), rates_hz.len());
        if expected != found {
            return Err(SimulationError::HeldRates { expected, found });
        }
        self.held_steps = steps::half_up(held_ms(network), self.dt_ms) as u64;
        self.warmup_steps += self.held_steps;
        let held: Vec<(usize, f64)> =
            self.connections.iter().map(|connection| (connection.id as usize, self.in_degree(connection))).collect();
        for (id, in_degree) in held {
            let projection = &network.projections[id];
            let sent = Sending::of(projection).map_or(1.0, |of| of.mean_of_poisson(rates_hz[projection.source]));
            let drive = Drive {
                target: projection.target,
                kind: DriveKind::Poisson {
                    rate_hz: rates_hz[projection.source],
                    in_degree,
                    weight: projection.weight.times(sent),
                    delay_ms: Some(projection.delay_ms.unwrap_or(Law::Constant { value: options.open_delay_ms })),
                    synapse_type: projection.synapse_type.clone(),
                    synapse: projection.synapse,
                    plasticity: None,
                    shared: false,
                    redraw_weights: false,
                },
                start_ms: None,
                stop_ms: Some(self.held_steps as f64 * self.dt_ms),
                modulation: None,
            };
            // of spikes, which draw by their number in the plan
            self.add_drive(network, u32::MAX, &drive)?;
        }
        Ok(())
    }
}
