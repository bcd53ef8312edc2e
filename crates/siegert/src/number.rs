//! Numbers as people read them in tables, pictures and messages, and as a network file has them.
//!
//! One source for all faces: the same rate has the same digits in a table and in the legend of a picture.

use crate::fixed_decimals;

/// Rates below this are written with a power of ten.
const SMALL_RATE: f64 = 1e-3;
/// Values with a sign from here on.
const LARGE: f64 = 1e9;

/// A rate for people: three decimals, a power of ten where it is small, `10^-691.8` where it underflows.
pub fn rate(rate_hz: f64, log10_rate_hz: Option<f64>) -> String {
    match log10_rate_hz {
        _ if rate_hz.is_nan() => "-".to_string(),
        None => "0".to_string(),
        Some(log10) if rate_hz < f64::MIN_POSITIVE => format!("10^{log10:.1}"),
        Some(_) if rate_hz < SMALL_RATE => format!("{rate_hz:.2e}"),
        Some(_) if rate_hz < 1.0 => format!("{rate_hz:.4}"),
        Some(_) => fixed_decimals(rate_hz, 3),
    }
}

/// A value with a fixed number of decimals, or a dash.
pub fn decimals(value: Option<f64>, decimals: usize) -> String {
    match value {
        Some(value) if value.is_finite() => fixed_decimals(value, decimals),
        _ => "-".to_string(),
    }
}

/// A value with its sign and a fixed number of decimals.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = if value.abs() < LARGE { format!("{value:+.decimals$}") } else { format!("{value:+.decimals$e}") };
    // a small decay is still one, but no "-0.0"
    match text.trim_start_matches(['-', '+', '0', '.']).is_empty() && value != 0.0 {
        true => format!("{value:+.1e}"),
        false => text,
    }
}

/// At most `digits` significant digits, without trailing zeros: `0.1`, `15`, `1.2e-7`.
pub fn significant(value: f64, digits: usize) -> String {
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let Some((_, exponent)) = scientific.split_once('e') else { return value.to_string() };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let rounded: f64 = scientific.parse().unwrap_or(value);
    match rounded {
        0.0 => "0".to_string(),
        _ if !(-4..9).contains(&exponent) => format!("{rounded:e}"),
        _ => rounded.to_string(),
    }
}

/// The shortest text that reads back as the same number, as it stands in a network file: `0.1`, `1e-9`, `inf`.
pub fn shortest(value: f64) -> String {
    let magnitude = value.abs();
    if value.is_finite() && value != 0.0 && !(1e-5..1e16).contains(&magnitude) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// A count for people: `12,500`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_readable_from_saturation_to_far_below_the_smallest_number() {
        let of = |rate_hz: f64| rate(rate_hz, Some(rate_hz.log10()));
        assert_eq!([of(37.94969), of(0.04), of(4.2e-4), of(1e-300)], ["37.950", "0.0400", "4.20e-4", "1.00e-300"]);
        assert_eq!(rate(0.0, Some(-691.83)), "10^-691.8");
        assert_eq!(rate(0.0, None), "0");
    }

    #[test]
    fn shortest_text_reads_back_as_the_same_number() {
        for value in [0.1, 1.0 / 3.0, 1e-9, 5e300, -0.0, 12500.0, f64::INFINITY] {
            assert_eq!(shortest(value).parse::<f64>().unwrap().to_bits(), value.to_bits(), "{value}");
        }
        assert_eq!([shortest(0.1), shortest(1e-9), shortest(1000.0)], ["0.1", "1e-9", "1000"]);
    }

    #[test]
    fn significant_digits_come_without_trailing_zeros() {
        let texts = [significant(0.30000000000000004, 6), significant(15.0, 6), significant(1.23e-7, 3)];
        assert_eq!(texts, ["0.3", "15", "1.23e-7"]);
        assert_eq!([significant(0.0, 3), significant(-0.0, 3)], ["0", "0"]);
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign_and_what_is_huge_few_digits() {
        let texts = [Some(-0.0), Some(-0.0004), Some(-0.0005), Some(-1e300)].map(|value| decimals(value, 3));
        assert_eq!(texts, ["0.000", "0.000", "-0.001", "-1.000e300"]);
        assert_eq!(rate(2e300, Some(300.3)), "2.000e300");
        assert_eq!([signed(50.0, 1), signed(-1e303, 1)], ["+50.0", "-1.0e303"]);
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(
            [count(0), count(999), count(1000), count(77169), count(1_234_567)],
            ["0", "999", "1,000", "77,169", "1,234,567"]
        );
    }
}
