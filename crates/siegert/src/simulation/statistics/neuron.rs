//! What is kept of each neuron: 48 bytes, whatever the length of the run.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use crate::simulation::fired::step_of;

/// Fewest spikes from which a CV is taken.
const LEAST_SPIKES: u64 = 10;
const NOT_SAMPLED: u16 = u16::MAX;

/// The spikes of one neuron in the window. What belongs together for one spike stands together, for the sake of the cache.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct NeuronSpikes {
    spikes: u64,
    /// Tick of the first spike, and of the last; 0 without one.
    first: u64,
    last: u64,
    /// Sum over the interspike intervals of the square of their deviation from their mean, in ticks squared.
    interval_deviations: f64,
    /// Sum of the squares of the counts of the bins before that of the last spike.
    earlier_squares: u64,
    /// Spikes in the bin of the last spike.
    bin_count: u32,
    /// Place in the sample of its population.
    sampled: u16,
}

impl Default for NeuronSpikes {
    fn default() -> Self {
        Self {
            spikes: 0,
            first: 0,
            last: 0,
            interval_deviations: 0.0,
            earlier_squares: 0,
            bin_count: 0,
            sampled: NOT_SAMPLED,
        }
    }
}

impl NeuronSpikes {
    #[expect(clippy::expect_used, reason = "some hundred neurons are sampled")]
    pub(super) fn set_sampled(&mut self, place: usize) {
        self.sampled = u16::try_from(place).expect("samples are small");
    }

    pub(super) fn sampled(&self) -> Option<usize> {
        (self.sampled != NOT_SAMPLED).then_some(usize::from(self.sampled))
    }

    pub(super) fn spikes(&self) -> u64 {
        self.spikes
    }

    /// Takes a spike at a tick; `bin_start` is the first step of the present bin.
    #[inline]
    pub(super) fn spike(&mut self, tick: u64, bin_start: u64) {
        if self.spikes == 0 {
            self.first = tick;
        } else if self.spikes > 1 {
            self.interval_deviations += self.deviation_of(tick - self.last);
        }
        if step_of(self.last) < bin_start {
            self.earlier_squares += square(self.bin_count);
            self.bin_count = 0;
        }
        self.spikes += 1;
        self.bin_count += 1;
        self.last = tick;
    }

    /// What one more interval x adds to the sum of squared deviations of the k before it, which have the mean m (Welford 1962):
    ///
    /// ```text
    /// (x - m)^2 k / (k + 1) = (k x - k m)^2 / (k (k + 1)),    k m = last - first
    /// ```
    ///
    /// All of it is whole numbers but the division, and no term is negative: a regular train has exactly 0. Ticks are steps times a power of two, so
    /// a CV of spikes at the ends of steps has the bits that it has in steps.
    fn deviation_of(&self, interval: u64) -> f64 {
        let intervals = (self.spikes - 1) as f64;
        let deviation = intervals * interval as f64 - (self.last - self.first) as f64;
        deviation * deviation / (intervals * (intervals + 1.0))
    }

    /// Standard deviation (n - 1) over mean of the interspike intervals, with at least 10 spikes.
    pub(super) fn cv(&self) -> Option<f64> {
        if self.spikes < LEAST_SPIKES {
            return None;
        }
        let intervals = (self.spikes - 1) as f64;
        let mean = (self.last - self.first) as f64 / intervals;
        Some((self.interval_deviations / (intervals - 1.0)).sqrt() / mean)
    }

    /// Counts of the bins before the present one, which begins with step `bin_start`.
    pub(super) fn counts(&self, bin_start: u64) -> Counts {
        let squares = u128::from(self.earlier_squares);
        if step_of(self.last) < bin_start {
            Counts { sum: self.spikes, squares: squares + u128::from(square(self.bin_count)) }
        } else {
            Counts { sum: self.spikes - u64::from(self.bin_count), squares }
        }
    }
}

fn square(count: u32) -> u64 {
    u64::from(count) * u64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::TICKS_PER_STEP;

    #[test]
    fn a_neuron_takes_forty_eight_bytes() {
        assert_eq!(size_of::<NeuronSpikes>(), 48);
    }

    #[test]
    fn the_cv_of_a_train_that_began_days_ago_keeps_its_digits() {
        // Intervals 99 and 101 in turn: mean 100, sum of squared deviations 1 each.
        let (mut neuron, start) = (NeuronSpikes::default(), 1 << 60); // ticks
        let mut step = start;
        neuron.spike(step, 1);
        for index in 0..1_000_000 {
            step += if index % 2 == 0 { 99 } else { 101 };
            neuron.spike(step, 1);
        }
        let (cv, expected) = (neuron.cv().expect("enough spikes"), (1e6_f64 / 999_999.0).sqrt() / 100.0);
        assert!((cv / expected - 1.0).abs() < 1e-13, "{cv}, expected {expected}");
    }

    #[test]
    fn a_cv_is_that_of_the_times_within_the_steps() {
        // intervals of 10.25 and 9.75 steps in turn
        let ticks = |interval: f64| (interval * TICKS_PER_STEP as f64) as u64;
        let (mut neuron, mut tick) = (NeuronSpikes::default(), ticks(1.0));
        neuron.spike(tick, 1);
        for index in 0..1000 {
            tick += ticks(if index % 2 == 0 { 10.25 } else { 9.75 });
            neuron.spike(tick, 1);
        }
        let (cv, expected) = (neuron.cv().expect("enough spikes"), (1000.0_f64 / 999.0).sqrt() * 0.025);
        assert!((cv / expected - 1.0).abs() < 1e-12, "{cv}, expected {expected}");
    }
}
