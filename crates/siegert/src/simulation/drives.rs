//! What comes from outside: the spikes, currents and noise of the drives, for one block and one step.
//!
//! The two loops that draw random numbers for all neurons are functions of their own, compiled for each width of the vector units and not
//! inlined into the step of a membrane: they need all vector registers, and how many they get must not depend on what stands around them.

use multiversion::multiversion;

use super::gates::Gates;
use super::laws::{NORMAL, Weights};
use super::plan::{DrivePlan, DriveStep, Plan};
use super::schedule::Schedule;
use super::streams::{Purpose, stream};
use crate::numerics::random::{GROUP, GuideTable, MappedTable, QuantileTable, Sequence, Stream};

/// A drive, ready to be drawn.
#[derive(Clone, Debug)]
pub(super) struct DriveSource {
    /// Number of the drive, which its random numbers depend on.
    id: u32,
    seed: u64,
    pub(super) schedule: Schedule,
    pub(super) kind: SourceKind,
}

#[derive(Clone, Debug)]
pub(super) enum SourceKind {
    Poisson(PoissonSource),
    /// R I in mV.
    Current {
        mean_mv: f64,
    },
    /// Of each neuron its own; R I at the centre of its law in mV, and which of the currents that differ.
    DifferingCurrent {
        mean_mv: f64,
        index: usize,
    },
    /// White noise.
    Noise {
        mean_mv: f64,
        std_mv: f64,
    },
}

#[derive(Clone, Debug)]
pub(super) struct PoissonSource {
    /// Number of spikes in a step where the schedule's factor is largest.
    spikes: GuideTable,
    /// What they add, if all weights are the same.
    jumps: Option<MappedTable>,
    sources: u32,
    weights: Weights,
    pub(super) channel: usize,
    shared: bool,
    /// Each spike draws its weight anew at each neuron.
    redraw_weights: bool,
}

/// The drives of each population.
pub(super) fn of_populations(plan: &Plan) -> Vec<Vec<DriveSource>> {
    let mut sources = vec![Vec::new(); plan.populations.len()];
    for (id, drive) in plan.drives.iter().enumerate() {
        sources[drive.population].push(DriveSource::new(plan.seed, id as u32, drive));
    }
    sources
}

impl DriveSource {
    fn new(seed: u64, id: u32, drive: &DrivePlan) -> Self {
        let kind = match drive.kind {
            DriveStep::Current { mean_mv } => SourceKind::Current { mean_mv },
            DriveStep::DifferingCurrent { mean_mv, index } => SourceKind::DifferingCurrent { mean_mv, index },
            DriveStep::Noise { mean_mv, std_mv } => SourceKind::Noise { mean_mv, std_mv },
            DriveStep::Poisson { mean, sources, weights, channel, shared, redraw_weights, .. } => {
                let spikes = GuideTable::poisson(mean * drive.schedule.largest());
                let jumps = match weights {
                    Weights::Constant(weight) => Some(spikes.mapped(|count| weight * count as f32)),
                    _ => None,
                };
                SourceKind::Poisson(PoissonSource { spikes, jumps, sources, weights, channel, shared, redraw_weights })
            }
        };
        Self { id, seed, schedule: drive.schedule.clone(), kind }
    }

    /// Adds the spikes of one step to what arrives at the neurons of a block.
    #[inline(always)]
    pub(super) fn add_spikes(&self, source: &PoissonSource, block: usize, step: u64, factor: f64, input: &mut [f32]) {
        let kept = factor / self.schedule.largest();
        if kept <= 0.0 {
            return;
        }
        if source.shared {
            self.add_shared(source, block, step, kept, input);
            return;
        }
        let spikes = stream(self.seed, Purpose::DriveSpikes, self.id, block, step);
        match &source.jumps {
            Some(jumps) if kept >= 1.0 => add_jumps(&spikes, jumps, input),
            _ => {
                let mut sampler = SpikeSampler::new(self, block, step, kept);
                for (group, neurons) in input.chunks_mut(GROUP).enumerate() {
                    let words = spikes.group(group as u32);
                    for (place, (input, word)) in neurons.iter_mut().zip(words).enumerate() {
                        let neuron = (group * GROUP + place) as u32;
                        for _ in 0..source.spikes.draw(word) {
                            if sampler.keeps_spike() {
                                *input += self.weight(source, &mut sampler, block, neuron);
                            }
                        }
                    }
                }
            }
        }
    }

    /// As [`DriveSource::add_spikes`], of a drive whose gates saturate: each spike sends what it opens.
    #[inline(never)]
    pub(super) fn add_gated(
        &self,
        (source, gates): (&PoissonSource, &mut Gates),
        block: usize,
        step: u64,
        factor: f64,
        input: &mut [f32],
    ) {
        let kept = factor / self.schedule.largest();
        if kept <= 0.0 {
            return;
        }
        let drawn_for = if source.shared { 0 } else { block };
        let mut sampler = SpikeSampler::new(self, drawn_for, step, kept);
        let spikes = stream(self.seed, Purpose::DriveSpikes, self.id, drawn_for, step);
        let mut redrawn = stream(self.seed, Purpose::DriveRedrawnWeights, self.id, block, step).sequence();
        let mut weight = |neuron: usize, origin: u32| match source.weights {
            Weights::Constant(weight) => weight,
            weights if source.redraw_weights => weights.draw(redrawn.word()),
            weights => self.weight_at(weights, block, neuron as u32, origin),
        };
        if source.shared {
            for _ in 0..source.spikes.draw(spikes.word(0)) {
                if sampler.keeps_spike() {
                    let origin = sampler.origins.below(source.sources);
                    let opens = gates.spike(0, origin, step);
                    let all = input.iter_mut().enumerate();
                    all.for_each(|(neuron, input)| *input += weight(neuron, origin) * opens);
                }
            }
            return;
        }
        for (group, neurons) in input.chunks_mut(GROUP).enumerate() {
            let words = spikes.group(group as u32);
            for (place, (input, word)) in neurons.iter_mut().zip(words).enumerate() {
                let neuron = group * GROUP + place;
                for _ in 0..source.spikes.draw(word) {
                    if sampler.keeps_spike() {
                        let origin = sampler.origins.below(source.sources);
                        *input += weight(neuron, origin) * gates.spike(neuron, origin, step);
                    }
                }
            }
        }
    }

    /// The weight of one spike at a neuron.
    fn weight(&self, source: &PoissonSource, sampler: &mut SpikeSampler, block: usize, neuron: u32) -> f32 {
        match source.weights {
            Weights::Constant(weight) => weight,
            weights if source.redraw_weights => weights.draw(sampler.origins.word()),
            weights => self.weight_at(weights, block, neuron, sampler.origins.below(source.sources)),
        }
    }

    /// The weight of one of the sources at a neuron: the same whenever it is asked for.
    fn weight_at(&self, weights: Weights, block: usize, neuron: u32, origin: u32) -> f32 {
        weights.draw(stream(self.seed, Purpose::DriveWeights, self.id, block, u64::from(neuron)).word(origin))
    }

    /// Spikes that all neurons of the population hear.
    fn add_shared(&self, source: &PoissonSource, block: usize, step: u64, kept: f64, input: &mut [f32]) {
        let mut sampler = SpikeSampler::new(self, 0, step, kept);
        let spikes = stream(self.seed, Purpose::DriveSpikes, self.id, 0, step);
        let mut own = stream(self.seed, Purpose::DriveRedrawnWeights, self.id, block, step).sequence();
        for _ in 0..source.spikes.draw(spikes.word(0)) {
            if !sampler.keeps_spike() {
                continue;
            }
            match source.weights {
                Weights::Constant(weight) => input.iter_mut().for_each(|input| *input += weight),
                weights if source.redraw_weights => {
                    input.iter_mut().for_each(|input| *input += weights.draw(own.word()));
                }
                weights => {
                    let origin = sampler.origins.below(source.sources);
                    for (neuron, input) in input.iter_mut().enumerate() {
                        *input += self.weight_at(weights, block, neuron as u32, origin);
                    }
                }
            }
        }
    }

    /// Adds Gaussian numbers of standard deviation `std` to the kicks of a block's neurons.
    #[inline(always)]
    pub(super) fn add_noise(&self, block: usize, step: u64, std: f32, kicks: &mut [f32]) {
        add_gaussian(&stream(self.seed, Purpose::DriveNoise, self.id, block, step), std, kicks);
    }
}

/// Adds to each neuron what its spikes of a step add up to.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn add_jumps(words: &Stream, jumps: &MappedTable, input: &mut [f32]) {
    add_jumps_inline(words, jumps, input);
}

/// What each version of [`add_jumps`] compiles.
#[inline(always)]
pub(super) fn add_jumps_inline(words: &Stream, jumps: &MappedTable, input: &mut [f32]) {
    for (group, neurons) in input.chunks_mut(GROUP).enumerate() {
        let words = words.group(group as u32);
        jumps.add(&words, neurons);
    }
}

/// Adds to each kick a Gaussian number of standard deviation `std`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn add_gaussian(words: &Stream, std: f32, kicks: &mut [f32]) {
    add_gaussian_inline(words, std, kicks);
}

/// What each version of [`add_gaussian`] compiles.
#[inline(always)]
pub(super) fn add_gaussian_inline(words: &Stream, std: f32, kicks: &mut [f32]) {
    let normal: &QuantileTable = &NORMAL;
    for (group, neurons) in kicks.chunks_mut(GROUP).enumerate() {
        let words = words.group(group as u32);
        for (kick, word) in neurons.iter_mut().zip(words) {
            *kick += std * normal.draw(word);
        }
    }
}

/// Draws for each spike of a step whether a schedule that lowers the rate keeps it, and which source it came from.
struct SpikeSampler {
    thinning: Sequence,
    origins: Sequence,
    /// Spikes whose random word lies below it are kept.
    bound: u64,
}

impl SpikeSampler {
    fn new(drive: &DriveSource, block: usize, step: u64, kept: f64) -> Self {
        let sequence = |purpose| stream(drive.seed, purpose, drive.id, block, step).sequence();
        Self {
            thinning: sequence(Purpose::DriveThinning),
            origins: sequence(Purpose::DriveSources),
            bound: (kept * 2f64.powi(32)) as u64,
        }
    }

    fn keeps_spike(&mut self) -> bool {
        self.bound >= 1 << 32 || u64::from(self.thinning.word()) < self.bound
    }
}
