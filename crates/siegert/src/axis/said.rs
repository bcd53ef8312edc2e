//! Ranges: one value, `A:B:N`, `log:A:B:N` or `lin:A:B:N`, of voltages, frequencies or of a parameter.

use super::{Axis, Range, Spacing};
use crate::network::amount;

/// More values than this are not kept in memory at once.
const MOST_VALUES: usize = 10_000;
const MOST_FREQUENCIES: usize = 100_000;

impl Range {
    /// A range of voltages in mV: one value, `0 mV:40 mV:41`, `log:1:10:5`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and what would be right.
    pub fn voltages(text: &str) -> Result<Range, String> {
        range_of(text, "0 mV:40 mV:41", |end| Ok((millivolts(end)?, "mV".to_string()))).map(|(range, _)| range)
    }
}

/// Frequencies in Hz: `A:B:N` in equal ratios unless `lin:` is said, or a list as in `1,10,100`; units Hz and kHz may stand behind the numbers.
///
/// # Errors
///
/// What is wrong with the text, and what would be right; more frequencies than are kept in memory at once.
pub fn frequencies_hz(text: &str) -> Result<Vec<f64>, String> {
    let one = |text: &str| {
        let value = match amount(text).map_err(|problem| problem.to_string())? {
            (value, unit) if unit.is_empty() || unit == "Hz" => value,
            (value, unit) if unit == "kHz" => 1000.0 * value,
            (_, unit) => return Err(format!("\"{unit}\" is not a unit of frequency; Hz and kHz are")),
        };
        if value >= 0.0 && value.is_finite() {
            Ok(value)
        } else {
            Err(format!("{value} Hz: a frequency is 0 or above"))
        }
    };
    if !text.contains(':') {
        return text.split(',').map(|text| one(text.trim())).collect();
    }
    let spaced = ["lin:", "log:"].iter().any(|spacing| text.trim_start().starts_with(spacing));
    let text = if spaced { text.to_string() } else { format!("log:{text}") };
    let (range, _) = range_of(&text, "1:1000:61", |end| Ok((one(end)?, "Hz".to_string())))?;
    if range.len() > MOST_FREQUENCIES {
        return Err(format!(
            "{} frequencies are too many; at most {MOST_FREQUENCIES} are computed at once",
            range.len()
        ));
    }
    Ok((0..range.len()).map(|index| range.value(index)).collect())
}

impl Axis {
    /// A parameter and its range: `g=3:8:50`, `tau_m=5 ms:20 ms:16`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and what would be right.
    pub fn parse(text: &str) -> Result<Axis, String> {
        axis(text)
    }

    /// As [`Axis::parse`], with values in equal ratios unless `lin:` is said.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and what would be right; more values than are kept in memory at once.
    pub fn over_decades(text: &str) -> Result<Axis, String> {
        axis_over_decades(text)
    }
}

fn axis(text: &str) -> Result<Axis, String> {
    let Some((name, range)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
        return Err("it must be NAME=A:B:N, as in g=3:8:50 or \"tau_m=5 ms:20 ms:16\"".to_string());
    };
    let (range, unit) = range_of(range, "5 ms:20 ms:16", |end| amount(end).map_err(|problem| problem.to_string()))?;
    Ok(Axis { name: name.trim().to_string(), unit, range })
}

fn axis_over_decades(text: &str) -> Result<Axis, String> {
    let Some((name, range)) = text.split_once('=') else { return axis(text) };
    let spaced = ["lin:", "log:"].iter().any(|spacing| range.trim_start().starts_with(spacing));
    let single = !range.contains(':');
    let axis = if spaced || single { axis(text)? } else { axis(&format!("{name}=log:{range}"))? };
    if axis.range.len() > MOST_VALUES {
        return Err(format!("{} values are too many; at most {MOST_VALUES} are computed at once", axis.range.len()));
    }
    Ok(axis)
}

/// The range and its unit, which both ends must have; a bare 0 may stand for 0 of any unit.
fn range_of(
    text: &str,
    example: &str,
    value: impl Fn(&str) -> Result<(f64, String), String>,
) -> Result<(Range, String), String> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let (spacing, parts) = match parts.split_first() {
        Some((&"log", rest)) => (Spacing::Logarithmic, rest),
        Some((&"lin", rest)) => (Spacing::Linear, rest),
        _ => (Spacing::Linear, &parts[..]),
    };
    let (first, last, count) = match *parts {
        [only] if spacing == Spacing::Linear => (value(only)?, value(only)?, 1),
        [first, last, count] => (value(first)?, value(last)?, count_of(count)?),
        _ => return Err(format!("it must be a value, A:B:N or log:A:B:N, as in \"{example}\"")),
    };
    let unit = match (&first, &last) {
        ((_, one), (_, other)) if one == other => one.clone(),
        ((0.0, unit), (_, other)) | ((_, other), (0.0, unit)) if unit.is_empty() => other.clone(),
        ((_, one), (_, other)) => return Err(format!("one end is in {}, the other in {}", shown(one), shown(other))),
    };
    let range = Range::new(first.0, last.0, count, spacing).map_err(|error| error.to_string())?;
    Ok((range, unit))
}

fn shown(unit: &str) -> &str {
    if unit.is_empty() { "plain numbers" } else { unit }
}

fn count_of(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!("the number of values is \"{text}\"; it must be a whole number, at least 1")),
    }
}

/// A voltage in mV: a number, with or without its unit.
fn millivolts(text: &str) -> Result<f64, String> {
    // The unit starts at the first letter that is no exponent: "1e3 mV", "1e3mV", "40mV".
    let unit_at = text.find(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E')).unwrap_or(text.len());
    let (number, unit) = (text[..unit_at].trim(), text[unit_at..].trim());
    let power = match unit {
        "" | "mV" => 0,
        "V" => 3,
        "uV" | "µV" | "μV" => -3,
        _ if number.is_empty() => return Err(format!("\"{text}\" is not a number")),
        _ => return Err(format!("\"{unit}\" is not a unit of voltage; V, mV and uV are")),
    };
    let value: f64 = number.parse().map_err(|_| format!("\"{number}\" is not a number"))?;
    let value = if power < 0 { value / 1000.0 } else { value * 10f64.powi(power) };
    if value.is_finite() { Ok(value) } else { Err(format!("\"{text}\" is not a finite number")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        let range = Range::voltages(text).unwrap();
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
    fn frequencies_stand_in_equal_ratios_or_in_a_list() {
        let close = |found: &[f64], expected: &[f64]| {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12 * b)
        };
        assert!(close(&frequencies_hz("1:100:3").unwrap(), &[1.0, 10.0, 100.0]));
        assert!(close(&frequencies_hz("lin:10 Hz:0.03 kHz:3").unwrap(), &[10.0, 20.0, 30.0]));
        assert!(close(&frequencies_hz("5, 1 kHz").unwrap(), &[5.0, 1000.0]));
        for wrong in ["", "1:10", "0:10:5", "-1", "5 mV", "1:10:1000000", "x", "nan"] {
            assert!(frequencies_hz(wrong).is_err(), "{wrong}");
        }
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
            let message = Range::voltages(text).unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn over_decades_values_stand_in_equal_ratios_unless_said_otherwise() {
        let middle = |text: &str| axis_over_decades(text).map(|axis| axis.range.value(1));
        assert!((middle("K=100:1e6:3").unwrap() / 1e4 - 1.0).abs() < 1e-14);
        assert_eq!(middle("tau_m = lin:5 ms:20 ms:3"), Ok(12.5));
        assert_eq!(axis_over_decades("K=500").map(|axis| axis.range.len()), Ok(1));
        for (text, message) in [("K", "NAME=A:B:N"), ("K=0:10:3", "positive"), ("K=1:10:1000000", "too many")] {
            let refusal = axis_over_decades(text).unwrap_err();
            assert!(refusal.contains(message), "{text}: {refusal}");
        }
    }

    #[test]
    fn an_axis_is_a_parameter_with_a_range_in_its_unit() {
        let of = |text: &str| axis(text).map(|axis| (axis.name, axis.unit, axis.range.value(0), axis.range.value(1)));
        let expected = |name: &str, unit: &str, first, second| Ok((name.to_string(), unit.to_string(), first, second));
        assert_eq!(of("g=3:8:2"), expected("g", "", 3.0, 8.0));
        assert_eq!(of("tau_m = 0.005 s : 20 ms : 2"), expected("tau_m", "ms", 5.0, 20.0));
        assert_eq!(of("J=0:-0.5 mV:2"), expected("J", "mV", 0.0, -0.5));
        assert_eq!(of("g=1/4:3:2"), expected("g", "", 0.25, 3.0));
        for (text, message) in [
            ("g", "NAME=A:B:N"),
            ("=1:2:3", "NAME=A:B:N"),
            ("g=1:2", "A:B:N"),
            ("g=a:2:3", "neither a parameter nor a unit"),
            ("g=1:nan:3", "nan"),
            ("tau_m=5:20 ms:3", "one end is in plain numbers, the other in ms"),
            ("tau_m=5 Hz:20 ms:3", "one end is in Hz, the other in ms"),
            ("g=log:0:1:3", "positive"),
            ("g=1:2:0", "at least 1"),
        ] {
            let refusal = axis(text).unwrap_err();
            assert!(refusal.contains(message), "{text}: {refusal}");
        }
    }
}
