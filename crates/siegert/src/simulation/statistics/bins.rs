//! Bins of time that are laid over the steps of the window.

use serde::{Deserialize, Serialize};

use super::COUNT_BIN_MS;
use crate::numerics::steps;

/// Bins of equal numbers of steps: counts in bins of unequal numbers would vary with the bins, and that together in all neurons.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Bins {
    /// Steps of a bin.
    pub(super) steps: u64,
}

impl Bins {
    /// As many steps as are nearest to 50 ms, one at least.
    pub(super) fn new(dt_ms: f64) -> Self {
        Self { steps: steps::half_up(COUNT_BIN_MS, dt_ms).max(1.0) as u64 }
    }

    /// The length of a bin.
    pub(super) fn width_ms(&self, dt_ms: f64) -> f64 {
        steps::lasting_ms(self.steps as f64, dt_ms)
    }

    /// Whether the last of so many steps is the last one of a bin.
    pub(super) fn end_with(&self, steps: u64) -> bool {
        steps.is_multiple_of(self.steps)
    }
}

/// Length in ms of the bins of spike counts at a time step: 50 ms where it divides them, else the nearest whole number of steps.
pub fn count_bin_ms(dt_ms: f64) -> f64 {
    Bins::new(dt_ms).width_ms(dt_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_has_whole_steps_nearest_to_fifty_milliseconds() {
        let expected =
            [(0.1, 50.0), (0.3, 50.1), (0.7, 49.7), (3.0, 51.0), (20.0, 60.0), (120.0, 120.0), (0.025, 50.0)];
        for (dt_ms, width_ms) in expected {
            assert_eq!(count_bin_ms(dt_ms), width_ms, "dt = {dt_ms} ms");
        }
    }

    #[test]
    fn bins_end_after_equal_numbers_of_steps() {
        let bins = Bins::new(0.3);
        let ends: Vec<u64> = (1..=600).filter(|&step| bins.end_with(step)).collect();
        assert_eq!(ends, [167, 334, 501]);
    }
}
