//! Bins of time that are laid over the steps of the window.

use serde::{Deserialize, Serialize};

/// Bins of one width: bin b is `(b width, (b + 1) width]` from the start of the window. The width need be no multiple of `dt`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Bins {
    pub(super) dt_ms: f64,
    pub(super) width_ms: f64,
}

/// What a step on the border of a bin may lie beyond it by rounding, in widths.
const BORDER: f64 = 1e-6;
/// What the end of the last whole bin may lie beyond the end of the time by rounding, in widths.
const END: f64 = 1e-9;

impl Bins {
    /// The bin of a step; the first step of the window is 1.
    pub(super) fn of_step(&self, step: u64) -> u64 {
        ((step as f64 * self.dt_ms / self.width_ms - BORDER).ceil() as u64).saturating_sub(1)
    }

    /// The number of whole bins in so many steps.
    pub(super) fn whole(&self, steps: u64) -> u64 {
        (steps as f64 * self.dt_ms / self.width_ms + END) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_on_the_border_belongs_to_the_bin_that_it_ends() {
        let bins = Bins { dt_ms: 0.1, width_ms: 50.0 };
        // 0.1 is no binary fraction: borders must hold for all lengths of run, here up to 14 hours.
        for border in (1..1000).chain(1_000_000..1_001_000) {
            let last = border * 500;
            assert_eq!((bins.of_step(last), bins.of_step(last + 1)), (border - 1, border), "step {last}");
            assert_eq!((bins.whole(last - 1), bins.whole(last)), (border - 1, border), "step {last}");
        }
    }

    #[test]
    fn a_step_that_straddles_a_border_belongs_to_the_later_bin() {
        let bins = Bins { dt_ms: 0.3, width_ms: 50.0 };
        // 166 dt = 49.8 ms, 167 dt = 50.1 ms
        assert_eq!((bins.of_step(166), bins.of_step(167)), (0, 1));
        assert_eq!((bins.whole(166), bins.whole(167)), (0, 1));
    }

    #[test]
    fn steps_longer_than_a_bin_leave_bins_out() {
        let bins = Bins { dt_ms: 120.0, width_ms: 50.0 };
        assert_eq!((bins.of_step(1), bins.whole(1), bins.of_step(2), bins.whole(5)), (2, 2, 4, 12));
    }
}
