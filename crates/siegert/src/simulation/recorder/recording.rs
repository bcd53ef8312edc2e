//! What is to be recorded of a run besides its statistics, and the rows that come of it.

use serde::{Deserialize, Serialize};

use crate::numerics::steps;
use crate::simulation::SimulationError;
use crate::simulation::plan::{Channel, Plan};

/// Something to record over the whole run, warm-up included; times in whole steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Recording {
    /// Spikes of some neurons; the value is the part of the step that was over, 1 where spikes are at the ends of steps.
    Spikes(Chosen),
    /// Rates in Hz of a population, or of each, in successive bins; a row stands at the last step of its bin.
    Rates {
        /// Index of the population; all, if none is said.
        population: Option<usize>,
        /// Width of the bins.
        bin_ms: f64,
    },
    /// Membrane potentials of some neurons, in mV, at the end of a step.
    Potentials {
        /// Whose.
        of: Chosen,
        /// Time from one to the next.
        every_ms: f64,
    },
    /// The mean potential of all neurons of a population, or of each, in mV, at the end of a step; of neurons that are refractory the reset.
    MeanPotentials {
        /// Index of the population; all, if none is said.
        population: Option<usize>,
        /// Time from one to the next.
        every_ms: f64,
    },
    /// Synaptic currents of some neurons, all kinds of synapse together, in pA, at the end of a step, with what arrived then.
    Currents {
        /// Whose.
        of: Chosen,
        /// Time from one to the next.
        every_ms: f64,
    },
    /// Inputs of some neurons on the axis of the potential, in mV, averaged over the time since the row before: `E_L + R I + tau_m <x> / dt`,
    /// where `x` is what arrives in a step as a jump of the potential, noise included. Its mean is the theory's `mu`.
    Inputs {
        /// Whose.
        of: Chosen,
        /// Time from one to the next.
        every_ms: f64,
    },
}

/// Neurons of a population with successive numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Index of the population.
    pub population: usize,
    /// Number of the first in its population, from 0.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
}

/// One value of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedValue {
    /// The step at whose end it is, or with which its time ends.
    pub step: u64,
    /// The neuron, counted through all populations; the index of the population where it is a rate or a mean.
    pub index: u32,
    /// In the unit of the recording.
    pub value: f64,
}

impl Recording {
    /// Time in ms from one row of a neuron or population to the next; spikes have none.
    pub fn every_ms(&self) -> Option<f64> {
        match *self {
            Recording::Spikes(_) => None,
            Recording::Rates { bin_ms, .. } => Some(bin_ms),
            Recording::Potentials { every_ms, .. }
            | Recording::MeanPotentials { every_ms, .. }
            | Recording::Currents { every_ms, .. }
            | Recording::Inputs { every_ms, .. } => Some(every_ms),
        }
    }

    /// Whose neurons they are; rates and means are of populations.
    pub fn chosen(&self) -> Option<Chosen> {
        match *self {
            Recording::Rates { .. } | Recording::MeanPotentials { .. } => None,
            Recording::Spikes(of)
            | Recording::Potentials { of, .. }
            | Recording::Currents { of, .. }
            | Recording::Inputs { of, .. } => Some(of),
        }
    }

    /// Refuses what the network does not have.
    pub(in crate::simulation) fn check(&self, plan: &Plan) -> Result<(), SimulationError> {
        let populations = plan.populations.len();
        let population = match (self, self.chosen()) {
            (_, Some(of)) => Some(of.population),
            (Recording::Rates { population, .. } | Recording::MeanPotentials { population, .. }, _) => *population,
            _ => None,
        };
        if let Some(index) = population.filter(|index| *index >= populations) {
            return Err(SimulationError::RecordedPopulation { index, populations });
        }
        if let Some(of) = self.chosen() {
            let own = &plan.populations[of.population];
            let (size, population) = (u64::from(own.size), own.name.clone());
            if of.first > of.last || of.last >= size {
                return Err(SimulationError::RecordedNeurons { population, first: of.first, last: of.last, size });
            }
            let flows = |channel: &Channel| !matches!(channel, Channel::Delta | Channel::Pulse { .. });
            if matches!(self, Recording::Currents { .. }) && !own.channels.iter().any(flows) {
                return Err(SimulationError::NoCurrents { population });
            }
            if matches!(self, Recording::Inputs { .. }) && own.conducts() {
                return Err(SimulationError::NoInputs { population });
            }
        }
        if let Some(every_ms) = self.every_ms() {
            let steps = steps::half_up(every_ms, plan.dt_ms);
            let whole = (steps * plan.dt_ms - every_ms).abs() <= 1e-6 * plan.dt_ms;
            if !(every_ms.is_finite() && (1.0..1e15).contains(&steps) && whole) {
                return Err(SimulationError::RecordedTimes { every_ms, dt_ms: plan.dt_ms });
            }
        }
        Ok(())
    }

    /// Steps from one row to the next.
    pub(in crate::simulation) fn every_steps(&self, plan: &Plan) -> u64 {
        self.every_ms().map_or(1, |every_ms| steps::half_up(every_ms, plan.dt_ms).max(1.0) as u64)
    }
}
