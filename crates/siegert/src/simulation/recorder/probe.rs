//! A probe: potentials, their mean, synaptic currents or inputs of chosen neurons of a block, every so many steps.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::recording::{RecordedValue, Recording};
use super::{BlockRecorder, BlockView, Input};
use crate::simulation::plan::{Block, Plan};

/// The part of a recording that lies in one block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulation) struct Probe {
    /// Number of the recording.
    pub(in crate::simulation) recording: usize,
    of: Quantity,
    /// Numbers of the neurons in the block.
    neurons: Range<usize>,
    /// Number of the block's first neuron, counted through all populations.
    first_neuron: u32,
    every_steps: u64,
    rows: Vec<RecordedValue>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Quantity {
    Potential {
        E_L_mv: f64,
    },
    /// The block's part of the mean of its population, by index, with so many neurons.
    MeanPotential {
        population: u32,
        E_L_mv: f64,
        neurons: f64,
    },
    Current,
    Input {
        E_L_mv: f64,
        /// tau_m / dt: what a jump of 1 mV in a step is on the axis of the potential.
        per_jump: f64,
        /// Of each neuron since the last row.
        sums: Vec<f64>,
    },
}

impl Probe {
    /// `None` where the recording has nothing to see in the block.
    pub(in crate::simulation) fn new(
        plan: &Plan,
        block: &Block,
        (number, recording): (usize, &Recording),
    ) -> Option<Self> {
        let own = &plan.populations[block.population];
        let neuron = &own.neuron;
        if let Recording::MeanPotentials { population, .. } = recording {
            let of = Quantity::MeanPotential {
                population: block.population as u32,
                E_L_mv: neuron.E_L_mv,
                neurons: f64::from(own.size.max(1)),
            };
            return population.is_none_or(|population| population == block.population).then(|| Self {
                recording: number,
                of,
                neurons: 0..block.size as usize,
                first_neuron: plan.first_neuron(block),
                every_steps: recording.every_steps(plan),
                rows: Vec::new(),
            });
        }
        let of = recording.chosen().filter(|of| of.population == block.population)?;
        let (first, end) = (u64::from(block.first), u64::from(block.first + block.size));
        let neurons = (of.first.max(first) - first) as usize..((of.last + 1).min(end).max(first) - first) as usize;
        let quantity = match recording {
            _ if neurons.is_empty() => None,
            Recording::Potentials { .. } => Some(Quantity::Potential { E_L_mv: neuron.E_L_mv }),
            Recording::Currents { .. } => Some(Quantity::Current),
            Recording::Inputs { .. } => Some(Quantity::Input {
                E_L_mv: neuron.E_L_mv,
                per_jump: neuron.tau_m_ms / plan.dt_ms,
                sums: vec![0.0; neurons.len()],
            }),
            Recording::Spikes(_) | Recording::Rates { .. } | Recording::MeanPotentials { .. } => None,
        };
        Some(Self {
            recording: number,
            of: quantity?,
            neurons,
            first_neuron: plan.first_neuron(block),
            every_steps: recording.every_steps(plan),
            rows: Vec::new(),
        })
    }

    /// The number of the block's first neurons whose input it wants.
    pub(super) fn inputs_wanted(&self) -> usize {
        if matches!(self.of, Quantity::Input { .. }) { self.neurons.end } else { 0 }
    }

    /// Whether another probe is of the same recording and neurons.
    pub(in crate::simulation) fn is_like(&self, other: &Probe) -> bool {
        (self.recording, &self.neurons, self.every_steps) == (other.recording, &other.neurons, other.every_steps)
    }

    /// Moves the rows so far behind others.
    pub(in crate::simulation) fn take(&mut self, rows: &mut Vec<RecordedValue>) {
        rows.append(&mut self.rows);
    }
}

impl BlockRecorder for Probe {
    fn wants_input(&self, _step: u64) -> bool {
        self.inputs_wanted() > 0
    }

    fn observe(&mut self, step: u64, input: &Input<'_>, view: &BlockView<'_>) {
        let neurons = self.neurons.clone();
        if let Quantity::Input { per_jump, sums, .. } = &mut self.of {
            let arriving = input.arriving[neurons.clone()].iter().zip(&input.noise[neurons.clone()]);
            for (sum, (&arriving, &noise)) in sums.iter_mut().zip(arriving) {
                *sum += input.outside.0 + *per_jump * (arriving + f64::from(noise));
            }
        }
        if !step.is_multiple_of(self.every_steps) {
            return;
        }
        let Self { of, first_neuron, every_steps, rows, .. } = self;
        if let Quantity::MeanPotential { population, E_L_mv, neurons: all } = of {
            let sum: f64 = view.potential[neurons].iter().map(|V| *E_L_mv + V).sum();
            rows.push(RecordedValue { step, index: *population, value: sum / *all });
            return;
        }
        let steps = *every_steps as f64;
        for (place, neuron) in neurons.enumerate() {
            let value = match of {
                Quantity::Potential { E_L_mv } | Quantity::MeanPotential { E_L_mv, .. } => {
                    *E_L_mv + view.potential[neuron]
                }
                Quantity::Current => {
                    let V = view.potential[neuron];
                    view.channels.iter().filter_map(|channel| channel.current(neuron, V)).sum()
                }
                Quantity::Input { E_L_mv, sums, .. } => *E_L_mv + std::mem::take(&mut sums[place]) / steps,
            };
            rows.push(RecordedValue { step, index: *first_neuron + neuron as u32, value });
        }
    }
}
