//! Recorders: what watches a run and keeps what it saw.
//!
//! A recorder of spikes sees the neurons of the whole network that fire in each step; a recorder of a block sees what is inside its
//! neurons at the end of each step. Both are plain data, so a checkpoint holds them as they are.

pub(super) mod probe;
pub(super) mod recording;
pub(super) mod sample;
pub(super) mod spikes;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::channel::Channel;
use super::fired::StepSpikes;
use super::plan::{Block, Plan, SAMPLE};
use probe::Probe;
use recording::Recording;
use sample::Sample;

/// Watches the spikes of the network.
pub(super) trait SpikeRecorder: Serialize + DeserializeOwned {
    /// Takes the spikes of the next step. Every step from 1 on must be given, also those without spikes.
    fn observe(&mut self, spikes: StepSpikes<'_>);
}

/// Watches the neurons of a block.
pub(super) trait BlockRecorder: Serialize + DeserializeOwned {
    /// Whether it wants to know what arrives in a step.
    fn wants_input(&self, step: u64) -> bool;

    /// Takes what arrived in a step, and what there is at its end.
    fn observe(&mut self, step: u64, input: &Input<'_>, view: &BlockView<'_>);
}

/// What came to the neurons of a block in a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    /// Mean of currents and noise, and the noise's variance, as they enter mu and sigma^2.
    pub(super) outside: (f64, f64),
    /// Jumps of V by noise, of the neurons for which a probe wants it.
    pub(super) noise: &'a [f32],
    /// What arrived at the neurons that are watched through the channels, as a jump in mV.
    pub(super) arriving: &'a [f64],
}

/// What is inside the neurons of a block at the end of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockView<'a> {
    /// Potentials relative to `E_L`, in mV.
    pub(super) potential: &'a [f64],
    /// Steps that each neuron still stays at reset.
    pub(super) refractory: &'a [i32],
    pub(super) channels: &'a [Channel],
}

/// The recorders of a block, and room for what they want to know.
#[derive(Debug)]
pub(super) struct BlockRecorders {
    /// Of the first neurons of the population.
    pub(super) sample: Option<Sample>,
    pub(super) probes: Vec<Probe>,
    /// Whether the input of this step is wanted.
    wanted: bool,
    outside: (f64, f64),
    noise: Vec<f32>,
    arriving: Vec<f64>,
}

impl BlockRecorders {
    pub(super) fn new(plan: &Plan, block: &Block) -> Self {
        let sampled = SAMPLE.saturating_sub(block.first).min(block.size);
        let population = &plan.populations[block.population];
        Self {
            sample: (sampled > 0).then(|| Sample::new(plan, population, sampled)),
            probes: Vec::new(),
            wanted: false,
            outside: (0.0, 0.0),
            noise: Vec::new(),
            arriving: vec![0.0; sampled as usize],
        }
    }

    /// Watches what these recordings want of the block.
    pub(super) fn record(&mut self, plan: &Plan, block: &Block, recordings: &[Recording]) {
        self.probes =
            recordings.iter().enumerate().filter_map(|recording| Probe::new(plan, block, recording)).collect();
        let wanted = self.probes.iter().map(Probe::inputs_wanted).max().unwrap_or(0);
        self.noise = vec![0.0; wanted];
        self.arriving.resize(self.arriving.len().max(wanted), 0.0);
    }

    /// Begins a step: what comes from outside as [`Input::outside`] says, and the jumps of V by noise.
    #[inline(always)]
    pub(super) fn begin_step(&mut self, step: u64, outside: (f64, f64), noise: &[f32]) {
        self.wanted = self.sample.as_ref().is_some_and(|sample| sample.wants_input(step))
            || (!self.probes.is_empty() && self.probes_want_input(step));
        if self.wanted {
            self.outside = outside;
            self.arriving.fill(0.0);
            let watched = self.noise.len();
            self.noise.copy_from_slice(&noise[..watched]);
        }
    }

    /// Takes what arrives through one channel, where an input of 1 has the charge of a jump by so many mV.
    #[inline(always)]
    pub(super) fn take_arriving(&mut self, charge: f64, input: &[f32]) {
        if self.wanted {
            for (arriving, &input) in self.arriving.iter_mut().zip(input) {
                *arriving += charge * f64::from(input);
            }
        }
    }

    /// Ends a step.
    #[inline(always)]
    pub(super) fn observe(&mut self, step: u64, view: &BlockView<'_>) {
        let input = Input { outside: self.outside, noise: &self.noise, arriving: &self.arriving };
        if let Some(sample) = &mut self.sample {
            sample.observe(step, &input, view);
        }
        if !self.probes.is_empty() {
            observe_by_probes(&mut self.probes, step, &input, view);
        }
    }

    /// Out of line: a run without recordings, which most are, does not pay for them in its innermost loop.
    #[inline(never)]
    fn probes_want_input(&self, step: u64) -> bool {
        self.probes.iter().any(|probe| probe.wants_input(step))
    }
}

/// Out of line, as [`BlockRecorders::probes_want_input`] is.
#[inline(never)]
fn observe_by_probes(probes: &mut [Probe], step: u64, input: &Input<'_>, view: &BlockView<'_>) {
    probes.iter_mut().for_each(|probe| probe.observe(step, input, view));
}
