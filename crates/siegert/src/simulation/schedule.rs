//! When a drive acts, and how strongly: start, stop, modulation, course, and the delay with which it arrives.

use std::f64::consts::PI;

use super::laws::Delays;
use crate::network::{Course, Drive, DriveKind, Modulation};
use crate::numerics::steps;

/// The time course of a drive as a factor of its rate or current.
///
/// In the step that ends at `t` the factor is `1 + amplitude cos(2 pi frequency (t - dt / 2))` if `start < t <= stop`, not
/// below 0 for spikes, else 0; times that of the course at `t - dt / 2`. With delays it is the average over them of the factor so much earlier.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule {
    dt_ms: f64,
    /// The first step after time 0 in which it acts, and the last; whether it does not act before time 0.
    steps: (i128, i128),
    starts: bool,
    modulation: Option<Modulation>,
    course: Option<Course>,
    /// The step at whose end time is 0; before it nothing is modulated, unless it is the start of the run.
    pub(super) zero: u64,
    /// Delays in steps, each as probable.
    delays: Vec<u16>,
    /// Whether a negative factor counts as 0.
    never_negative: bool,
}

/// Delays that stand for a law of them.
const DELAYS: usize = 256;

impl Schedule {
    pub(super) fn new(drive: &Drive, delays: Option<&Delays>, dt_ms: f64) -> Self {
        let step = |ms: f64| steps::half_up(ms, dt_ms) as i128;
        let first = drive.start_ms.map_or(0, |ms| step(ms.max(0.0))).saturating_add(1);
        Self {
            dt_ms,
            steps: (first, drive.stop_ms.map_or(i128::MAX, step)),
            starts: drive.start_ms.is_some_and(|ms| ms >= 0.0),
            modulation: drive.modulation,
            course: drive.course.clone(),
            zero: 0,
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
        self.modulation.is_none()
            && self.course.is_none()
            && self.steps == (1, i128::MAX)
            && !(self.starts && self.zero > 0)
    }

    /// The largest factor.
    pub(super) fn largest(&self) -> f64 {
        let modulated = 1.0 + self.modulation.map_or(0.0, |modulation| modulation.amplitude.abs());
        let course = self.course.as_ref().map_or(1.0, Course::largest);
        // of a course that is always 0 no spike is kept
        if course > 0.0 { modulated * course } else { modulated }
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
        let since_zero = step - i128::from(self.zero);
        // a drive without start has acted before the run, too
        let has_always_acted = first == 1 && !(self.starts && self.zero > 0);
        if !(has_always_acted || since_zero >= first) || since_zero > last {
            return 0.0;
        }
        let t_ms = (since_zero as f64 - 0.5) * self.dt_ms;
        let is_modulated = self.zero == 0 || since_zero > 0;
        let modulated = self.modulation.filter(|_| is_modulated).map_or(1.0, |modulation| {
            1.0 + modulation.amplitude * (2.0 * PI * modulation.frequency_hz * t_ms / 1000.0).cos()
        });
        let factor = self.course.as_ref().map_or(1.0, |course| course.at(t_ms)) * modulated;
        if self.never_negative { factor.max(0.0) } else { factor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{DriveKind, Interpolation};

    fn noise() -> Drive {
        Drive::new(0, DriveKind::Noise { mean_mv: 1.0, std_mv: 1.0 })
    }

    #[test]
    fn a_course_changes_in_the_first_step_after_its_time() {
        let course =
            |interpolation| Some(Course { times_ms: vec![0.0, 1.0, 2.0], factors: vec![1.0, 2.0, 0.0], interpolation });
        let steps = Schedule::new(&Drive { course: course(Interpolation::Step), ..noise() }, None, 0.1);
        let factors: Vec<f64> = [1, 10, 11, 20, 21, 1000].map(|step| steps.factor(step)).to_vec();
        assert_eq!((factors, steps.largest()), (vec![1.0, 1.0, 2.0, 2.0, 0.0, 0.0], 2.0));
        let line = Schedule::new(&Drive { course: course(Interpolation::Linear), ..noise() }, None, 0.1);
        assert!((line.factor(1) - 1.05).abs() < 1e-12 && (line.factor(20) - 0.1).abs() < 1e-12);
        let late =
            Schedule::new(&Drive { course: course(Interpolation::Step), ..noise() }, Some(&Delays::Constant(5)), 0.1);
        assert_eq!([15, 16].map(|step| late.factor(step)), [1.0, 2.0]);
    }

    #[test]
    fn time_zero_may_come_later_than_the_run_begins() {
        let modulation = Some(Modulation { amplitude: 0.5, frequency_hz: 10.0 });
        let drive = Drive { start_ms: Some(0.0), stop_ms: Some(2.0), ..noise() };
        let mut schedule = Schedule::new(&drive, None, 0.1);
        schedule.zero = 100;
        assert_eq!([1, 100, 101, 120, 121].map(|step| schedule.factor(step)), [0.0, 0.0, 1.0, 1.0, 0.0]);
        let mut schedule = Schedule::new(&Drive { modulation, ..noise() }, None, 0.1);
        schedule.zero = 100;
        assert_eq!([1, 100].map(|step| schedule.factor(step)), [1.0, 1.0]);
        assert!((schedule.factor(101) - 1.5).abs() < 1e-4);
    }
}
