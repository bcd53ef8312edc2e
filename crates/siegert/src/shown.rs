//! Numbers as people write them, for messages and sentences.

use std::fmt;

/// A number in a text for people: `0.3`, not `0.30000000000000004`; `1e300`, not 301 digits; `0`, not `-0`.
///
/// At most 12 significant digits, the shortest that say the same, in powers of ten where plain digits would be long. Results for
/// programs (JSON, CSV, scripts) keep all digits and are not written this way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown(pub f64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded: f64 = format!("{:.11e}", self.0).parse().unwrap_or(self.0);
        let magnitude = rounded.abs();
        if magnitude == 0.0 {
            f.write_str("0")
        } else if magnitude.is_finite() && !(1e-4..1e15).contains(&magnitude) {
            write!(f, "{rounded:e}")
        } else {
            write!(f, "{rounded}")
        }
    }
}

/// From here on a number is written with a power of ten.
const LARGE: f64 = 1e9;

/// A number with a fixed number of decimals: `0.000`, not `-0.000`, and few digits where it is huge.
pub fn fixed_decimals(value: f64, decimals: usize) -> String {
    if value.is_finite() && value.abs() >= LARGE {
        return format!("{value:.decimals$e}");
    }
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_string(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_as_many_as_asked_for_and_few_where_a_number_is_huge() {
        let texts = [-0.0004, -0.0005, 12.3456, 1e300, f64::NAN].map(|value| fixed_decimals(value, 3));
        assert_eq!(texts, ["0.000", "-0.001", "12.346", "1.000e300", "NaN"]);
    }

    #[test]
    fn numbers_in_messages_are_as_people_write_them() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (0.6000000000000001, "0.6"),
            (-70.0, "-70"),
            (12500.0, "12500"),
            (1e300, "1e300"),
            (2.5e-9, "2.5e-9"),
            (0.001, "0.001"),
            (-0.0, "0"),
            (-1e-400, "0"),
            (1.0 / 3.0, "0.333333333333"),
            (f64::MAX, "1.79769313486e308"),
            (f64::MIN_POSITIVE, "2.22507385851e-308"),
            (5e-324, "5e-324"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Shown(value).to_string(), text);
        }
    }
}
