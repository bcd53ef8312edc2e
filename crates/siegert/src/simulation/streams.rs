//! Which random numbers are for what: a stream for every purpose, projection or drive, block, and neuron or step.

use crate::numerics::random::Stream;

/// What random numbers are for.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(super) enum Purpose {
    /// Connections of a block over its blocks and sources.
    Degrees = 1,
    /// Keys of the permutation of a block's connections.
    Permutation,
    /// Targets of a source in a block.
    Targets,
    /// Weights of the same.
    Weights,
    /// Delays of the same.
    Delays,
    /// Initial membrane potentials.
    Potentials,
    /// Spikes of a drive in a step.
    DriveSpikes,
    /// From which of its sources they come.
    DriveSources,
    /// Weights of a drive's sources at a neuron.
    DriveWeights,
    /// Gaussian numbers of a noise drive in a step.
    DriveNoise,
    /// Which spikes of a modulated drive count.
    DriveThinning,
    /// Neurons whose correlations are measured.
    Samples,
    /// Weights that the spikes of a shared drive draw anew at the neurons of a block.
    DriveRedrawnWeights,
    /// Thresholds, time constants and resting potentials that differ between neurons.
    NeuronParameters,
    /// Currents that do.
    NeuronCurrents,
}

/// The stream of a purpose for the projection or drive `id` (at most 2^24) at one block (2^20), and one neuron or step (2^44).
#[inline(always)]
pub(super) fn stream(seed: u64, purpose: Purpose, id: u32, block: usize, index: u64) -> Stream {
    Stream::new(seed, (purpose as u32) << 24 | id, (block as u64) << 44 | index)
}
