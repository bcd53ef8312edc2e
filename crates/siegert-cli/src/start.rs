//! Starting rates of `solve --start`: one for all populations, or one each.

use std::str::FromStr;

use crate::failure::Failure;

/// Positive rates in Hz.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StartRates(Vec<f64>);

impl StartRates {
    /// One rate for each of `populations`.
    pub(crate) fn rates_hz(&self, populations: usize) -> Result<Vec<f64>, Failure> {
        match &self.0[..] {
            [one] => Ok(vec![*one; populations]),
            each if each.len() == populations => Ok(each.to_vec()),
            each => Err(Failure::Input(format!(
                "--start gives {} rates, the network has {populations} populations: give one rate for all or one each",
                each.len()
            ))),
        }
    }
}

impl FromStr for StartRates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(rate_hz).collect::<Result<_, _>>().map(StartRates)
    }
}

fn rate_hz(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let number = text.strip_suffix("Hz").unwrap_or(text).trim();
    match number.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err(format!("{text:?} is not a positive rate in Hz, as in \"5\" or \"5 Hz\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rate_serves_all_populations_and_a_list_serves_each() {
        let rates = |text: &str, n| text.parse::<StartRates>().unwrap().rates_hz(n).ok();
        assert_eq!(rates("5 Hz", 3), Some(vec![5.0; 3]));
        assert_eq!(rates("5, 10Hz", 2), Some(vec![5.0, 10.0]));
        assert_eq!(rates("5,10", 3), None);
    }

    #[test]
    fn what_is_not_a_positive_rate_is_refused() {
        for text in ["", "0", "-1", "nan", "inf", "5 mV", "5,,6"] {
            assert!(text.parse::<StartRates>().is_err(), "{text:?}");
        }
    }
}
