//! The gates that Poisson trains from outside open at NMDA synapses: those of each source of each neuron, exact between its spikes.
//!
//! A neuron has as many sources as the drive's `in_degree` says, and a spike of a step comes from one of them, each as likely. All neurons that share a drive hear the same sources, whose gates
//! each block follows by itself. See `sending` for what a spike sends.

use super::arrays::{Array, ArrayMut};
use super::plan::{DriveStep, Plan};
use super::sending::Saturation;

/// The gates of one drive at the neurons of a block.
#[derive(Clone, Debug)]
pub(super) struct Gates {
    saturation: Saturation,
    dt_ms: f64,
    /// Sources of a neuron.
    sources: usize,
    /// The part that is open just after the spike before, and the step of that, source by source of each neuron in turn.
    open: Vec<f64>,
    last: Vec<f64>,
}

impl Gates {
    /// Of each drive of the population of a block; `None` where nothing saturates.
    pub(super) fn of_block(plan: &Plan, block: usize) -> Vec<Option<Self>> {
        let own = &plan.blocks[block];
        let drives = plan.drives.iter().filter(|drive| drive.population == own.population);
        let of = |kind: &DriveStep| match *kind {
            DriveStep::Poisson { saturation: Some(saturation), sources, shared, .. } => {
                let sources = sources as usize;
                let all = if shared { sources } else { sources * own.size as usize };
                Some(Gates { saturation, dt_ms: plan.dt_ms, sources, open: vec![0.0; all], last: vec![0.0; all] })
            }
            _ => None,
        };
        drives.map(|drive| of(&drive.kind)).collect()
    }

    /// Bytes of memory that those of all drives take.
    pub(super) fn bytes(plan: &Plan) -> f64 {
        let of = |kind: &DriveStep, population: usize| match *kind {
            DriveStep::Poisson { saturation: Some(_), sources, shared, .. } => {
                let population = &plan.populations[population];
                let copies = if shared { population.blocks.len() as f64 } else { f64::from(population.size) };
                16.0 * f64::from(sources) * copies
            }
            _ => 0.0,
        };
        plan.drives.iter().map(|drive| of(&drive.kind, drive.population)).sum()
    }

    /// The part of its weight that a spike of a source sends to a neuron; of a shared drive the neuron is 0.
    pub(super) fn spike(&mut self, neuron: usize, source: u32, step: u64) -> f32 {
        let place = neuron * self.sources + source as usize;
        let (open, last) = (&mut self.open[place], &mut self.last[place]);
        let since_ms = (step as f64 - *last) * self.dt_ms;
        *last = step as f64;
        self.saturation.spike(open, since_ms) as f32
    }

    /// The state by names.
    pub(super) fn arrays(&self) -> [(&'static str, Array<'_>); 2] {
        [("gates", Array::Reals(&self.open)), ("gates opened", Array::Reals(&self.last))]
    }

    /// The same, to be filled.
    pub(super) fn arrays_mut(&mut self) -> [(&'static str, ArrayMut<'_>); 2] {
        [("gates", ArrayMut::Reals(&mut self.open)), ("gates opened", ArrayMut::Reals(&mut self.last))]
    }
}
