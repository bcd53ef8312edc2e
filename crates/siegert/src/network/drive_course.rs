//! The course of a drive in time: what its rate, current or mean is multiplied by, said at some times.
//!
//! ```text
//! step:    f(t) = f_k for t_k < t <= t_(k+1)          linear:  f(t) = f_k + (f_(k+1) - f_k) (t - t_k)/(t_(k+1) - t_k)
//! f(t) = f_0 for t <= t_0,   f(t) = f_n for t > t_n
//! ```
//!
//! A drive has had its first factor for ever before the first time, and keeps its last one for ever; that is what a stationary state hears of it.

use std::borrow::Cow;

use serde::Serialize;

use super::problem::Problem;
use super::{Drive, DriveKind};
use crate::Shown;

/// Times and factors of a course at most.
pub(crate) const MOST_TIMES: usize = 1_000_000;

/// What the rate, current or noise of a drive is multiplied by, as time goes on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Course {
    /// Ascending times.
    pub times_ms: Vec<f64>,
    /// A factor for each: from that time on, or at that time.
    pub factors: Vec<f64>,
    /// What the factor is between two times.
    pub interpolation: Interpolation,
}

/// What a course is between its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// It stays as it is until the next time.
    #[default]
    Step,
    /// It goes on a straight line to the next time.
    Linear,
}

impl Interpolation {
    /// The names in the network file.
    pub(crate) const NAMES: &'static [&'static str] = &["step", "linear"];
}

impl Course {
    /// The factor at a time; at a time at which it steps, the one before.
    pub fn at(&self, time_ms: f64) -> f64 {
        let next = self.times_ms.partition_point(|at| *at < time_ms);
        let (first, last) = (self.factors.first(), self.factors.last());
        let (Some(&first), Some(&last)) = (first, last) else { return 1.0 };
        match next {
            0 => first,
            _ if next >= self.times_ms.len() => last,
            _ => self.between(next - 1, time_ms),
        }
    }

    /// At a time after the time `k` and not after the next.
    fn between(&self, k: usize, time_ms: f64) -> f64 {
        let (from, to) = (self.factors[k], self.factors[k + 1]);
        match self.interpolation {
            Interpolation::Step => from,
            Interpolation::Linear => {
                from + (to - from) * (time_ms - self.times_ms[k]) / (self.times_ms[k + 1] - self.times_ms[k])
            }
        }
    }

    /// The pieces of a stretch of time on each of which the factor is constant or a straight line: from, to, and the factors there.
    pub fn pieces(&self, from_ms: f64, to_ms: f64) -> impl Iterator<Item = [f64; 4]> + '_ {
        let first = self.times_ms.partition_point(|at| *at <= from_ms);
        let end = self.times_ms.partition_point(|at| *at < to_ms);
        let borders = std::iter::once(from_ms).chain(self.times_ms[first..end.max(first)].iter().copied());
        let ends = self.times_ms[first..end.max(first)].iter().copied().chain([to_ms]);
        borders.zip(ends).map(|(from, to)| {
            // a point within belongs to no other piece
            let middle = self.at(0.5 * (from + to));
            match self.interpolation {
                Interpolation::Step => [from, to, middle, middle],
                Interpolation::Linear => [from, to, self.at(from), self.at(to)],
            }
        })
    }

    /// The last factor, which stays.
    pub fn last(&self) -> f64 {
        self.factors.last().copied().unwrap_or(1.0)
    }

    /// The largest factor, signs left out.
    pub fn largest(&self) -> f64 {
        self.factors.iter().fold(0.0, |largest, factor| factor.abs().max(largest))
    }

    /// What is wrong with it, and with which of its times or factors; rates cannot become negative.
    pub(super) fn check(&self, is_poisson: bool) -> Result<(), (CoursePart, Problem)> {
        let (times, values) = (self.times_ms.len(), self.factors.len());
        if times != values {
            return Err((CoursePart::Factors, Problem::CourseLengths { times, values }));
        }
        if times == 0 {
            return Err((CoursePart::Times, Problem::EmptyList));
        }
        if times > MOST_TIMES {
            return Err((CoursePart::Times, Problem::CourseTooLong { times, most: MOST_TIMES }));
        }
        let not_finite = |values: &[f64]| values.iter().position(|value| !value.is_finite());
        let found = |value: f64| Problem::NotFinite { found: Shown(value).to_string() };
        if let Some(k) = not_finite(&self.times_ms) {
            return Err((CoursePart::Time(k), found(self.times_ms[k])));
        }
        if let Some(k) = not_finite(&self.factors) {
            return Err((CoursePart::Factor(k), found(self.factors[k])));
        }
        if let Some(k) = self.times_ms.windows(2).position(|at| at[0] >= at[1]) {
            let (before_ms, time_ms) = (self.times_ms[k], self.times_ms[k + 1]);
            return Err((CoursePart::Time(k + 1), Problem::CourseUnordered { before_ms, time_ms }));
        }
        match self.factors.iter().position(|factor| is_poisson && *factor < 0.0) {
            Some(k) => Err((CoursePart::Factor(k), Problem::CourseNegative { factor: self.factors[k] })),
            None => Ok(()),
        }
    }
}

/// Which part of a course is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CoursePart {
    Times,
    Factors,
    Time(usize),
    Factor(usize),
}

impl Drive {
    /// The drive as it is long after all that it does: nothing of one that stops, else with its last factor.
    pub fn lasting(&self) -> Option<Cow<'_, Drive>> {
        match (self.stop_ms, &self.course) {
            (Some(_), _) => None,
            (None, None) => Some(Cow::Borrowed(self)),
            (None, Some(course)) => Some(Cow::Owned(self.times(course.last()))),
        }
    }

    /// The drive with its rate, current or noise multiplied, and without a course.
    pub fn times(&self, factor: f64) -> Drive {
        let mut kind = self.kind.clone();
        match &mut kind {
            DriveKind::Poisson { rate_hz, .. } => *rate_hz *= factor,
            DriveKind::Current { value_mv, .. } => *value_mv = value_mv.times(factor),
            DriveKind::Noise { mean_mv, std_mv } => (*mean_mv, *std_mv) = (*mean_mv * factor, *std_mv * factor.abs()),
        }
        Drive { kind, course: None, ..self.clone() }
    }

    /// Whether it is always the same.
    pub fn is_steady(&self) -> bool {
        self.start_ms.is_none() && self.stop_ms.is_none() && self.modulation.is_none() && self.course.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(times_ms: &[f64], factors: &[f64], interpolation: Interpolation) -> Course {
        Course { times_ms: times_ms.to_vec(), factors: factors.to_vec(), interpolation }
    }

    #[test]
    fn a_factor_holds_after_its_time_and_until_the_next() {
        let steps = course(&[0.0, 100.0, 300.0], &[1.0, 2.0, 0.5], Interpolation::Step);
        for (time_ms, factor) in
            [(-1e9, 1.0), (0.0, 1.0), (1.0, 1.0), (100.0, 1.0), (100.1, 2.0), (300.0, 2.0), (300.1, 0.5), (1e9, 0.5)]
        {
            assert_eq!(steps.at(time_ms), factor, "at {time_ms} ms");
        }
        let line = Course { interpolation: Interpolation::Linear, ..steps };
        for (time_ms, factor) in [(-5.0, 1.0), (50.0, 1.5), (100.0, 2.0), (200.0, 1.25), (300.0, 0.5), (400.0, 0.5)] {
            assert_eq!(line.at(time_ms), factor, "at {time_ms} ms");
        }
    }

    #[test]
    fn pieces_add_up_to_the_stretch() {
        for interpolation in [Interpolation::Step, Interpolation::Linear] {
            let course = course(&[0.0, 100.0, 300.0], &[1.0, 2.0, 0.5], interpolation);
            for (from, to) in [(-10.0, 400.0), (0.0, 100.0), (50.0, 60.0), (100.0, 300.0), (301.0, 302.0), (-5.0, -1.0)]
            {
                let pieces: Vec<_> = course.pieces(from, to).collect();
                assert_eq!((pieces[0][0], pieces[pieces.len() - 1][1]), (from, to));
                assert!(pieces.windows(2).all(|two| two[0][1] == two[1][0]));
                let n = 100_000;
                let at = |k: i32| course.at(from + (to - from) * (f64::from(k) + 0.5) / f64::from(n));
                let mean = (0..n).map(at).sum::<f64>() / f64::from(n);
                let of_pieces = pieces.iter().map(|[from, to, a, b]| 0.5 * (a + b) * (to - from)).sum::<f64>();
                assert!((of_pieces / (to - from) - mean).abs() < 1e-4, "{interpolation:?} from {from} to {to}");
            }
        }
    }

    #[test]
    fn what_lasts_of_a_drive_is_its_last_factor() {
        let kind = DriveKind::Noise { mean_mv: 10.0, std_mv: 2.0 };
        let course = course(&[0.0, 100.0], &[1.0, -0.5], Interpolation::Step);
        let drive = Drive { course: Some(course), ..Drive::new(0, kind) };
        let lasting = drive.lasting().unwrap();
        assert_eq!((&lasting.kind, lasting.is_steady()), (&DriveKind::Noise { mean_mv: -5.0, std_mv: 1.0 }, true));
        assert!(Drive { stop_ms: Some(5.0), ..drive }.lasting().is_none());
    }
}
