//! When a drive acts, and how strongly: start, stop, modulation, and the delay with which it arrives.

use std::f64::consts::PI;

use super::laws::Delays;
use crate::network::{Drive, DriveKind, Modulation};
use crate::numerics::steps;

/// The time course of a drive as a factor of its rate or current.
///
/// In the step that ends at `t` the factor is `1 + amplitude cos(2 pi frequency (t - dt / 2))` if `start < t <= stop`, not
/// below 0 for spikes, else 0. With delays it is the average over them of the factor so much earlier.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule {
    dt_ms: f64,
    /// The first step in which it acts, and the last.
    steps: (u64, u64),
    modulation: Option<Modulation>,
    /// Delays in steps, each as probable.
    delays: Vec<u16>,
    /// Whether a negative factor counts as 0.
    never_negative: bool,
}

/// Delays that stand for a law of them.
const DELAYS: usize = 256;

impl Schedule {
    pub(super) fn new(drive: &Drive, delays: Option<&Delays>, dt_ms: f64) -> Self {
        let step = |ms: f64| steps::half_up(ms, dt_ms).max(0.0) as u64;
        Self {
            dt_ms,
            steps: (drive.start_ms.map_or(0, step).saturating_add(1), drive.stop_ms.map_or(u64::MAX, step)),
            modulation: drive.modulation,
            delays: match delays {
                None => vec![0],
                Some(Delays::Constant(steps)) => vec![*steps],
                Some(spread) => {
                    // evenly spaced probabilities stand for the law
                    let word = |index: usize| ((index as u64 * 2 + 1) << 32) / (2 * DELAYS as u64);
                    (0..DELAYS).map(|index| spread.draw(word(index) as u32)).collect()
                }
            },
            never_negative: matches!(drive.kind, DriveKind::Poisson { .. }),
        }
    }

    /// Whether the factor is 1 at every step.
    pub(super) fn is_constant(&self) -> bool {
        self.modulation.is_none() && self.steps == (1, u64::MAX)
    }

    /// The largest factor.
    pub(super) fn largest(&self) -> f64 {
        1.0 + self.modulation.map_or(0.0, |modulation| modulation.amplitude.abs())
    }

    /// The factor in step `step` (which ends at `step` times dt).
    pub(super) fn factor(&self, step: u64) -> f64 {
        if self.is_constant() {
            return 1.0;
        }
        let sum: f64 = self.delays.iter().map(|&delay| self.undelayed(step as i128 - i128::from(delay))).sum();
        sum / self.delays.len() as f64
    }

    fn undelayed(&self, step: i128) -> f64 {
        let (first, last) = self.steps;
        // a drive without start has acted before the run, too
        let started = first == 1 || step >= i128::from(first);
        if !started || step > i128::from(last) {
            return 0.0;
        }
        let factor = self.modulation.map_or(1.0, |modulation| {
            let t_s = (step as f64 - 0.5) * self.dt_ms / 1000.0;
            1.0 + modulation.amplitude * (2.0 * PI * modulation.frequency_hz * t_s).cos()
        });
        if self.never_negative { factor.max(0.0) } else { factor }
    }
}
