//! Input on its way: for each future step and channel, what arrives at each neuron of a segment.
//!
//! A segment is a stretch of neurons that one thread owns, at most 65,536, so that a target is a `u16` and every access is
//! within bounds by its type: the inner loop of the simulator has no check. A slot has room for the segment's neurons only; the
//! view of it reaches into the slots behind, where no target lies, and there is room for one whole view behind the last slot.

use super::SimulationError;
use super::prefetch::prefetch;

/// Places of a slot as it is seen, whatever the number of neurons.
pub(super) const SLOT: usize = 1 << 16;

/// Numbers of 32 bits in a line of the caches.
const LINE: usize = 16;

/// From the beginning of a slot to that of the next: an odd number of lines. Were it a multiple of a power of two, the places of one
/// neuron in all slots would compete for the same few lines of the caches: where delays vary, an event would cost three times as much.
fn stride(neurons: usize) -> usize {
    (neurons.div_ceil(LINE) | 1) * LINE
}

/// What arrives in one step through one channel.
pub(super) type Slot = [f32; SLOT];

/// The slots of a segment.
#[derive(Debug)]
pub(super) struct Ring {
    channels: usize,
    stride: usize,
    /// Slots in time, less one; a power of two less one.
    mask: u64,
    data: Vec<f32>,
}

impl Ring {
    /// For a segment of so many neurons.
    pub(super) fn new(channels: usize, longest_delay: u16, neurons: usize) -> Result<Self, SimulationError> {
        let (slots, length) = size(channels, longest_delay, neurons);
        let mut data = Vec::new();
        data.try_reserve_exact(length).map_err(|_| SimulationError::Allocation {
            what: "the input on its way",
            needed_mb: 4e-6 * length as f64,
        })?;
        data.resize(length, 0.0);
        Ok(Self { channels, stride: stride(neurons), mask: slots as u64 - 1, data })
    }

    /// Bytes of memory that it takes.
    pub(super) fn bytes(channels: usize, longest_delay: u16, neurons: usize) -> u64 {
        4 * size(channels, longest_delay, neurons).1 as u64
    }

    /// Where the slot of a step and channel begins.
    #[inline(always)]
    fn first(&self, step: u64, channel: usize) -> usize {
        ((step & self.mask) as usize * self.channels + channel) * self.stride
    }

    /// Asks for the place of a neuron in a slot that will be added to soon.
    #[inline(always)]
    pub(super) fn prefetch(&self, step: u64, channel: usize, place: u16) {
        prefetch(&self.data, self.first(step, channel) + usize::from(place));
    }

    /// What arrives in step `step`.
    #[inline(always)]
    #[expect(clippy::expect_used, reason = "the slice has the length of a slot")]
    pub(super) fn slot(&mut self, step: u64, channel: usize) -> &mut Slot {
        let first = self.first(step, channel);
        let slot = &mut self.data[first..first + SLOT];
        slot.try_into().expect("a slot")
    }

    /// The same, to be read only.
    pub(super) fn arriving(&self, step: u64, channel: usize) -> &[f32] {
        let first = self.first(step, channel);
        &self.data[first..first + SLOT]
    }

    /// Steps ahead for which there are slots.
    pub(super) fn slots(&self) -> u64 {
        self.mask + 1
    }
}

/// Slots in time, and the numbers that all slots and the view behind the last one take.
fn size(channels: usize, longest_delay: u16, neurons: usize) -> (usize, usize) {
    let slots = usize::from(longest_delay).next_power_of_two();
    (slots, slots * channels * stride(neurons) + SLOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_do_not_overlap_where_neurons_are() {
        for neurons in [1, 16, 500, 65_536] {
            let mut ring = Ring::new(2, 3, neurons).expect("a small one");
            for (step, channel) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)] {
                let value = (10 * step + channel) as f32 + 1.0;
                ring.slot(step, channel as usize)[..neurons].fill(value);
            }
            for (step, channel) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)] {
                let value = (10 * step + channel) as f32 + 1.0;
                assert!(ring.arriving(step + 4, channel as usize)[..neurons].iter().all(|&x| x == value), "{neurons}");
            }
        }
    }

    #[test]
    fn long_delays_take_memory_for_the_neurons_that_there_are() {
        // delays of 1 s at 0.1 ms, 500 neurons: 16,384 slots of 528 numbers, and one view
        assert_eq!(Ring::bytes(1, 10_000, 500), 4 * (16_384 * 528 + 65_536));
    }
}
