//! Input on its way: for each future step and channel, what arrives at each neuron of a segment.
//!
//! A segment is a stretch of neurons that one thread owns, at most 65,536, so that a target is a `u16` and every access is
//! within bounds by its type: the inner loop of the simulator has no check. Pages of a slot beyond the segment's neurons are
//! never touched and take no memory.

use super::prefetch::prefetch;

/// Places of a slot, whatever the number of neurons.
pub(super) const SLOT: usize = 1 << 16;

/// From the beginning of a slot to that of the next. Were it a power of two, the places of one neuron in all slots would compete
/// for the same few lines of the caches: where delays vary, an event would cost three times as much.
const STRIDE: usize = SLOT + 2064;

/// What arrives in one step through one channel.
pub(super) type Slot = [f32; SLOT];

/// The slots of a segment.
#[derive(Debug)]
pub(super) struct Ring {
    channels: usize,
    /// Slots in time, less one; a power of two less one.
    mask: u64,
    data: Vec<f32>,
}

impl Ring {
    pub(super) fn new(channels: usize, longest_delay: u16) -> Self {
        let slots = usize::from(longest_delay).next_power_of_two();
        Self { channels, mask: slots as u64 - 1, data: vec![0.0; slots * channels * STRIDE] }
    }

    /// Bytes of memory that are touched.
    pub(super) fn bytes(channels: usize, longest_delay: u16, neurons: u64) -> u64 {
        let slots = u64::from(longest_delay).next_power_of_two();
        4 * slots * channels as u64 * neurons.next_multiple_of(1024)
    }

    /// Where the slot of a step and channel begins.
    #[inline(always)]
    fn first(&self, step: u64, channel: usize) -> usize {
        ((step & self.mask) as usize * self.channels + channel) * STRIDE
    }

    /// Asks for the place of a neuron in a slot that will be added to soon.
    #[inline(always)]
    pub(super) fn prefetch(&self, step: u64, channel: usize, place: u16) {
        prefetch(&self.data, self.first(step, channel) + usize::from(place));
    }

    /// What arrives in step `step`.
    #[inline(always)]
    pub(super) fn slot(&mut self, step: u64, channel: usize) -> &mut Slot {
        let first = self.first(step, channel);
        let slot = &mut self.data[first..first + SLOT];
        slot.try_into().expect("the slice has the length of a slot")
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
