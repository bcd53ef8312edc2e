//! The neurons that fire in a step, and when in it they do, where that is wanted.
//!
//! Times are counted in ticks, 65536 to a step: whole numbers, so that nothing is lost in a long run, and a spike at the end of its step has a
//! time without a remainder.

use serde::{Deserialize, Serialize};

/// Ticks of a step.
pub const TICKS_PER_STEP: u64 = 1 << 16;

/// When a spike is, of the step in which its neuron comes to threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpikeTimes {
    /// At the end of the step.
    #[default]
    Grid,
    /// Where the potential met the threshold in the step, noise and jumps of the step spread over it. What neurons do is the same: a spike acts, and refractoriness begins, as if it were at the end.
    Interpolated,
}

impl SpikeTimes {
    /// Whether spikes are at the ends of steps.
    pub fn are_on_grid(&self) -> bool {
        *self == SpikeTimes::Grid
    }
}

/// Neurons that fire in a step, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fired {
    pub(super) neurons: Vec<u32>,
    /// How long before the end of the step, in ticks; empty where all are at its end.
    pub(super) lags: Vec<u16>,
}

impl Fired {
    pub(super) fn clear(&mut self) {
        self.neurons.clear();
        self.lags.clear();
    }

    /// Adds neurons with higher numbers.
    pub(super) fn append(&mut self, others: &Fired) {
        self.neurons.extend_from_slice(&others.neurons);
        self.lags.extend_from_slice(&others.lags);
    }

    /// The same as spikes of a step.
    pub(super) fn in_step(&self, step: u64) -> StepSpikes<'_> {
        StepSpikes { step, neurons: &self.neurons, lags: &self.lags }
    }
}

/// The spikes of one step.
#[derive(Clone, Copy, Debug)]
pub struct StepSpikes<'a> {
    step: u64,
    neurons: &'a [u32],
    lags: &'a [u16],
}

impl<'a> StepSpikes<'a> {
    /// Spikes at the end of a step.
    #[cfg(test)]
    pub(super) fn on_grid(step: u64, neurons: &'a [u32]) -> Self {
        Self { step, neurons, lags: &[] }
    }

    /// Number of the step, which ends at so many times dt.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Numbers of the neurons in ascending order, counted through all populations.
    pub fn neurons(&self) -> &'a [u32] {
        self.neurons
    }

    /// Time of the spike at a place among them, in ticks.
    #[inline]
    pub fn tick(&self, place: usize) -> u64 {
        let lag = self.lags.get(place).copied().unwrap_or(0);
        self.step * TICKS_PER_STEP - u64::from(lag)
    }

    /// Times in ticks, with the neurons.
    pub fn ticks(&self) -> impl Iterator<Item = (u64, u32)> {
        self.neurons.iter().enumerate().map(|(place, &neuron)| (self.tick(place), neuron))
    }
}

/// Ticks before the end of a step at which a part of it is over.
pub(super) fn lag(part: f64) -> u16 {
    // what is beyond 16 bits, or not a number, is at the border
    ((1.0 - part) * TICKS_PER_STEP as f64) as u16
}

/// The step of a time in ticks.
#[inline]
pub(super) fn step_of(tick: u64) -> u64 {
    tick.div_ceil(TICKS_PER_STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_belongs_to_the_step_in_which_it_is() {
        assert_eq!([1.0, 0.75, 0.0, -3.0, f64::NAN, 7.0].map(lag), [0, 16384, 65535, 65535, 0, 0]);
        let fired = Fired { neurons: vec![3, 8], lags: vec![0, 65535] };
        let spikes = fired.in_step(5);
        assert_eq!(spikes.ticks().collect::<Vec<_>>(), [(5 << 16, 3), ((4 << 16) + 1, 8)]);
        assert_eq!(spikes.ticks().map(|(tick, _)| step_of(tick)).collect::<Vec<_>>(), [5, 5]);
        assert_eq!(StepSpikes::on_grid(5, &[3]).ticks().collect::<Vec<_>>(), [(5 << 16, 3)]);
    }
}
