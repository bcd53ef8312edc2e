//! `--over NAME=RANGE` of `siegert balance`: the parameter that plays the part of `K`, and its values.

use std::str::FromStr;

use crate::number::shortest;
use crate::range::{Range, Spacing, number, split_unit};

/// More values than this are not asked for at once.
const MOST_VALUES: usize = 10_000;

/// A parameter and its values, all in one unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Over {
    pub(crate) name: String,
    range: Range,
    unit: String,
}

impl Over {
    /// The values as they are written in a network file, "0.1 mV", beside their numbers.
    pub(super) fn values(&self) -> impl Iterator<Item = (f64, String)> {
        (0..self.range.len()).map(|index| {
            let value = self.range.value(index);
            (value, format!("{} {}", shortest(value), self.unit).trim_end().to_string())
        })
    }

    /// Number of values.
    pub(super) fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether the values stand in equal ratios.
    pub(super) fn is_logarithmic(&self) -> bool {
        self.range.spacing() == Spacing::Logarithmic
    }

    /// The unit as it was typed.
    pub(super) fn unit(&self) -> &str {
        &self.unit
    }
}

impl FromStr for Over {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "as in K=100:1e6:9";
        let (name, range) = text.split_once('=').ok_or(format!("it must be NAME=RANGE, {example}"))?;
        let name = name.trim();
        if name.is_empty() || range.trim().is_empty() {
            return Err(format!("it must be NAME=RANGE, {example}"));
        }
        let mut unit = "";
        let mut numbers = Vec::new();
        for part in range.split(':').map(str::trim) {
            let (digits, said) = if matches!(part, "log" | "lin") { (part, "") } else { split_unit(part) };
            if !said.is_empty() && !unit.is_empty() && said != unit {
                return Err(format!("the values are in {unit} and in {said}; one unit is needed"));
            }
            unit = if said.is_empty() { unit } else { said };
            numbers.push(digits);
        }
        let range = Range::parse(&numbers.join(":"), Spacing::Logarithmic, number)
            .map_err(|error| error.replace("\"0 mV:40 mV:41\"", "\"K=100:1e6:9\""))?;
        if range.len() > MOST_VALUES {
            return Err(format!("{} values are too many; at most {MOST_VALUES} are computed at once", range.len()));
        }
        Ok(Over { name: name.to_string(), range, unit: unit.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_equal_ratios_unless_said_otherwise() {
        let values = |text: &str| text.parse::<Over>().unwrap().values().collect::<Vec<_>>();
        let logarithmic = values("K=100:1e6:3");
        assert!((logarithmic[1].0 / 1e4 - 1.0).abs() < 1e-14, "{logarithmic:?}");
        assert_eq!((logarithmic[0].1.as_str(), logarithmic[2].1.as_str()), ("100", "1000000"));
        assert_eq!(values("tau_m = lin:5 ms:20 ms:3")[1], (12.5, "12.5 ms".to_string()));
        assert_eq!(values("J=0.1:0.2 mV:2")[0], (0.1, "0.1 mV".to_string()));
        assert_eq!(values("K=500"), [(500.0, "500".to_string())]);
    }

    #[test]
    fn what_is_no_range_is_refused_in_words() {
        for (text, expected) in [
            ("K", "NAME=RANGE"),
            ("=1:2:3", "NAME=RANGE"),
            ("K=", "NAME=RANGE"),
            ("K=0:10:3", "positive"),
            ("K=1:10", "K=100:1e6:9"),
            ("K=a:10:3", "not a number"),
            ("t=1 ms:1 s:3", "one unit"),
            ("K=1:10:1000000", "too many"),
        ] {
            let message = text.parse::<Over>().unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }
}
