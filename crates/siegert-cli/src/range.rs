//! Ranges: one value, `A:B:N`, `log:A:B:N` or `lin:A:B:N`; of voltages, or of whatever another reader of values says.

use std::str::FromStr;

/// Values from `first` to `last`, in equal steps or equal ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    first: f64,
    last: f64,
    count: usize,
    spacing: Spacing,
}

/// What is equal between the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    Linear,
    Logarithmic,
}

impl Range {
    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The value at `index`; both ends are met exactly.
    pub(crate) fn value(&self, index: usize) -> f64 {
        if index == 0 {
            return self.first;
        }
        if index + 1 >= self.count {
            return self.last;
        }
        let x = index as f64 / (self.count - 1) as f64;
        match self.spacing {
            // Weighted ends, since their difference could overflow.
            Spacing::Linear => self.first * (1.0 - x) + self.last * x,
            Spacing::Logarithmic => (self.first.ln() * (1.0 - x) + self.last.ln() * x).exp(),
        }
    }

    /// The smallest value.
    pub(crate) fn least(&self) -> f64 {
        self.first.min(self.last)
    }
}

impl Range {
    /// Reads a range whose ends `value_of` reads; without `log:` or `lin:` the spacing is `usual`.
    pub(crate) fn parse(
        text: &str,
        usual: Spacing,
        value_of: impl Fn(&str) -> Result<f64, String>,
    ) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (said, parts) = match parts.split_first() {
            Some((&"log", rest)) => (Some(Spacing::Logarithmic), rest),
            Some((&"lin", rest)) => (Some(Spacing::Linear), rest),
            _ => (None, &parts[..]),
        };
        let spacing = said.unwrap_or(usual);
        let (first, last, count) = match *parts {
            [value] if said.is_none() => (value_of(value)?, value_of(value)?, 1),
            [first, last, count] => (value_of(first)?, value_of(last)?, count_of(count)?),
            _ => return Err("it must be a value, A:B:N or log:A:B:N, as in \"0 mV:40 mV:41\"".to_string()),
        };
        if count == 1 && first != last {
            return Err(format!("one value cannot be both {first} and {last}"));
        }
        if spacing == Spacing::Logarithmic && !(first > 0.0 && last > 0.0) {
            return Err("both ends of a logarithmic range must be positive; lin:A:B:N is linear".to_string());
        }
        Ok(Range { first, last, count, spacing })
    }

    /// Equal steps or equal ratios.
    pub(crate) fn spacing(&self) -> Spacing {
        self.spacing
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Range::parse(text, Spacing::Linear, millivolts)
    }
}

fn count_of(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!("the number of values is \"{text}\"; it must be a whole number, at least 1")),
    }
}

/// A number and its unit, which may be missing: "1e3 mV", "1e3mV", "40".
pub(crate) fn split_unit(text: &str) -> (&str, &str) {
    // The unit starts at the first letter that is no exponent.
    let unit_at = text.find(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E')).unwrap_or(text.len());
    (text[..unit_at].trim(), text[unit_at..].trim())
}

/// A finite number.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("\"{text}\" is not a number"))?;
    if value.is_finite() { Ok(value) } else { Err(format!("\"{text}\" is not a finite number")) }
}

/// A voltage in mV: a number, with or without its unit.
fn millivolts(text: &str) -> Result<f64, String> {
    let (digits, unit) = split_unit(text);
    let power = match unit {
        "" | "mV" => 0,
        "V" => 3,
        "uV" | "µV" | "μV" => -3,
        _ if digits.is_empty() => return Err(format!("\"{text}\" is not a number")),
        _ => return Err(format!("\"{unit}\" is not a unit of voltage; V, mV and uV are")),
    };
    let value = number(digits)?;
    let value = if power < 0 { value / 1000.0 } else { value * 10f64.powi(power) };
    if value.is_finite() { Ok(value) } else { Err(format!("\"{text}\" is not a finite number")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        let range: Range = text.parse().unwrap();
        (0..range.len()).map(|index| range.value(index)).collect()
    }

    #[test]
    fn a_range_meets_both_ends_exactly() {
        assert_eq!(values("0:1:5"), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(values("-70.1 mV:-49.9 mV:2"), [-70.1, -49.9]);
        assert_eq!(values("5"), [5.0]);
        assert_eq!(values("2:1:2"), [2.0, 1.0]);
        let logarithmic = values("log:0.1:10:3");
        assert_eq!((logarithmic[0], logarithmic[2]), (0.1, 10.0));
        assert!((logarithmic[1] - 1.0).abs() < 1e-15, "{logarithmic:?}");
    }

    #[test]
    fn a_voltage_has_its_unit_or_is_in_millivolts() {
        assert_eq!(values("0.04 V"), [40.0]);
        assert_eq!(values("1e3uV"), [1.0]);
        assert_eq!(values("1e1"), [10.0]);
    }

    #[test]
    fn what_is_no_range_is_refused_in_words() {
        for (text, expected) in [
            ("0:1", "A:B:N"),
            ("0:1:0", "at least 1"),
            ("0:1:1", "cannot be both"),
            ("log:0:1:5", "positive"),
            ("5 Hz", "\"Hz\" is not a unit of voltage"),
            ("abc", "not a number"),
            ("nan", "not a number"),
            ("1e999", "not a finite number"),
            ("", "not a number"),
            ("1:2:3:4", "A:B:N"),
            ("0:1:-3", "whole number"),
        ] {
            let message = text.parse::<Range>().unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }
}
