//! The values that a parameter is given, from first to last, and how people write them.

use serde::{Deserialize, Serialize};
use thiserror::Error;

mod kick;
mod said;
mod time;

pub use kick::Kick;
pub use said::frequencies_hz;
pub use time::{from_zero_ms, positive_ms};

use crate::Shown;

/// Values from `first` to `last`, in equal steps or equal ratios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    first: f64,
    last: f64,
    count: usize,
    spacing: Spacing,
}

/// How the values of a range lie between its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spacing {
    /// Equal steps.
    Linear,
    /// Equal ratios.
    Logarithmic,
}

/// Why there is no such range.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AxisError {
    /// An end that is NaN or infinite.
    #[error("an end of the range is {}, not a finite number", Shown(*value))]
    NotFinite {
        /// The end.
        value: f64,
    },
    /// No values.
    #[error("a range needs at least 1 value")]
    Empty,
    /// One value at two places.
    #[error("one value cannot be both {} and {}", Shown(*first), Shown(*last))]
    OneValueTwoEnds {
        /// One end.
        first: f64,
        /// The other.
        last: f64,
    },
    /// Ratios between numbers that are not positive.
    #[error("both ends of a logarithmic range must be positive")]
    NotPositive,
}

impl Range {
    /// `count` values from `first` to `last`.
    ///
    /// # Errors
    ///
    /// Ends that are not finite (or, for equal ratios, not positive), no values, one value with two ends.
    pub fn new(first: f64, last: f64, count: usize, spacing: Spacing) -> Result<Self, AxisError> {
        if let Some(&value) = [first, last].iter().find(|end| !end.is_finite()) {
            return Err(AxisError::NotFinite { value });
        }
        if count == 0 {
            return Err(AxisError::Empty);
        }
        if count == 1 && first != last {
            return Err(AxisError::OneValueTwoEnds { first, last });
        }
        if spacing == Spacing::Logarithmic && !(first > 0.0 && last > 0.0) {
            return Err(AxisError::NotPositive);
        }
        Ok(Range { first, last, count, spacing })
    }

    /// Number of values.
    #[expect(clippy::len_without_is_empty, reason = "there is always a value")]
    pub fn len(&self) -> usize {
        self.count
    }

    /// The value at `index`; both ends are met exactly.
    pub fn value(&self, index: usize) -> f64 {
        if index == 0 {
            return self.first;
        }
        if index + 1 >= self.count {
            return self.last;
        }
        let (steps, before, behind) = (self.count - 1, index, self.count - 1 - index);
        let weighted = |first: f64, last: f64| (first * behind as f64 + last * before as f64) / steps as f64;
        match self.spacing {
            // whole values come out whole; the sum of very large ends would overflow
            Spacing::Linear if self.first.abs().max(self.last.abs()) < 1e280 => weighted(self.first, self.last),
            Spacing::Linear => steps as f64 * weighted(self.first / steps as f64, self.last / steps as f64),
            Spacing::Logarithmic => weighted(self.first.ln(), self.last.ln()).exp(),
        }
    }

    /// The smallest value.
    pub fn least(&self) -> f64 {
        self.first.min(self.last)
    }

    /// Whether the values are in equal ratios.
    pub fn is_logarithmic(&self) -> bool {
        self.spacing == Spacing::Logarithmic
    }
}

/// A varied parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Its name in `[parameters]`.
    pub name: String,
    /// The unit of its values, empty for numbers.
    pub unit: String,
    /// Its values.
    #[serde(flatten)]
    pub range: Range,
}

impl Axis {
    /// The name of its column: `g`, `tau_m_ms`.
    pub fn column(&self) -> String {
        match self.unit.as_str() {
            "" => self.name.clone(),
            unit => format!(
                "{}_{}",
                self.name,
                unit.to_lowercase().replace('/', "_per_").replace('*', "_").replace('^', "")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_make_no_sense_are_refused() {
        for (first, last, count, spacing) in [
            (f64::NAN, 1.0, 2, Spacing::Linear),
            (0.0, f64::INFINITY, 2, Spacing::Linear),
            (0.0, 1.0, 0, Spacing::Linear),
            (0.0, 1.0, 1, Spacing::Linear),
            (0.0, 1.0, 5, Spacing::Logarithmic),
        ] {
            assert!(Range::new(first, last, count, spacing).is_err(), "{first} {last} {count} {spacing:?}");
        }
    }

    #[test]
    fn equal_steps_meet_the_values_that_a_person_would_write() {
        let values = |first, last, count| {
            let range = Range::new(first, last, count, Spacing::Linear).unwrap();
            (0..count).map(|index| range.value(index)).collect::<Vec<f64>>()
        };
        assert_eq!(values(0.5, 3.5, 7), [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]);
        assert!(values(100.0, 1000.0, 901).iter().enumerate().all(|(i, value)| *value == 100.0 + i as f64));
        assert!(values(-f64::MAX, f64::MAX, 1001).iter().all(|value| value.is_finite()));
    }

    #[test]
    fn columns_are_named_by_parameter_and_unit() {
        let range = Range::new(1.0, 2.0, 2, Spacing::Linear).unwrap();
        let named = |unit: &str| Axis { name: "x".to_string(), unit: unit.to_string(), range }.column();
        assert_eq!([named(""), named("ms"), named("mV/ms"), named("Hz^2")], ["x", "x_ms", "x_mv_per_ms", "x_hz2"]);
    }
}
