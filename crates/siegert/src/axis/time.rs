//! Times as a user writes them: with a unit as in the network file, or plain numbers of ms.

use crate::Shown;
use crate::network::amount;

/// A time above 0, in ms.
///
/// # Errors
///
/// What is wrong with the text, and what would be right.
pub fn positive_ms(text: &str) -> Result<f64, String> {
    match milliseconds(text)? {
        time if time > 0.0 => Ok(time),
        time => Err(format!("it is {} ms; it must be longer than 0", Shown(time))),
    }
}

/// A time from 0 on, in ms.
///
/// # Errors
///
/// What is wrong with the text, and what would be right.
pub fn from_zero_ms(text: &str) -> Result<f64, String> {
    match milliseconds(text)? {
        time if time >= 0.0 => Ok(time),
        time => Err(format!("it is {} ms; it must be 0 or longer", Shown(time))),
    }
}

fn milliseconds(text: &str) -> Result<f64, String> {
    const EXAMPLE: &str = "it must be a time, as in \"10 s\" or \"0.1 ms\"";
    let (value, unit) = amount(text).map_err(|problem| format!("{problem}; {EXAMPLE}"))?;
    match unit.as_str() {
        "" | "ms" if value.is_finite() => Ok(value),
        "" | "ms" => Err(format!("it is {}; {EXAMPLE}", Shown(value))),
        other => Err(format!("\"{other}\" is not a unit of time; {EXAMPLE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_unit_or_is_in_milliseconds() {
        for (text, time_ms) in [("10 s", 10_000.0), ("0.1 ms", 0.1), ("500", 500.0), ("100 us", 0.1), ("2*5 ms", 10.0)]
        {
            assert_eq!(positive_ms(text), Ok(time_ms), "{text}");
        }
        assert_eq!(from_zero_ms("0"), Ok(0.0));
        assert_eq!(from_zero_ms("0 s"), Ok(0.0));
    }

    #[test]
    fn what_is_no_time_is_refused_with_what_would_be_right() {
        for (text, message) in [
            ("0", "longer than 0"),
            ("-1 ms", "longer than 0"),
            ("10 mV", "\"mV\" is not a unit of time"),
            ("5 Hz", "\"Hz\" is not a unit of time"),
            ("soon", "as in \"10 s\""),
            ("", "as in \"10 s\""),
            ("1e999", "as in \"10 s\""),
        ] {
            let refusal = positive_ms(text).unwrap_err();
            assert!(refusal.contains(message), "{text:?}: {refusal}");
        }
        assert!(from_zero_ms("-1 ms").unwrap_err().contains("0 or longer"));
    }
}
