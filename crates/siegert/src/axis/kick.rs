//! A kick as a user writes it, `E=5 mV`: the potentials of a population are shifted at time 0.

use std::str::FromStr;

use crate::network::{Network, amount};

const EXAMPLE: &str = "it must be a population and a shift, as in \"E=5 mV\"";

/// A shift of the potentials of a population at time 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Kick {
    population: String,
    shift_mv: f64,
}

impl FromStr for Kick {
    type Err = String;

    /// Reads a kick; what is wrong with it in words.
    fn from_str(text: &str) -> Result<Self, String> {
        // a name may have an equals sign, a shift has none
        let (population, shift) = text.rsplit_once('=').ok_or(EXAMPLE)?;
        let (value, unit) = amount(shift.trim()).map_err(|problem| format!("{problem}; {EXAMPLE}"))?;
        match unit.as_str() {
            "mV" if value.is_finite() => Ok(Kick { population: population.trim().to_string(), shift_mv: value }),
            "" => Err(format!("the shift has no unit; {EXAMPLE}")),
            other => Err(format!("\"{other}\" is not a unit of voltage; {EXAMPLE}")),
        }
    }
}

impl Kick {
    /// What several kicks shift each population of a network by, in mV; those of one population add up. Nothing where there are none.
    ///
    /// # Errors
    ///
    /// A population that the network does not have, in words.
    pub fn shifts_mv(kicks: &[Kick], network: &Network) -> Result<Vec<f64>, String> {
        if kicks.is_empty() {
            return Ok(Vec::new());
        }
        let mut shifts_mv = vec![0.0; network.populations.len()];
        for Kick { population, shift_mv } in kicks {
            let Some(index) = network.populations.iter().position(|it| it.name == *population) else {
                let known: Vec<&str> = network.populations.iter().map(|it| it.name.as_str()).collect();
                return Err(format!("there is no population \"{population}\"; there are {}", known.join(", ")));
            };
            shifts_mv[index] += shift_mv;
        }
        Ok(shifts_mv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};

    #[test]
    fn a_kick_is_a_population_and_a_shift() {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let kicks: Vec<Kick> = ["E=5 mV", "I = -2000 uV", "E=1 mV"].map(|text| text.parse().unwrap()).to_vec();
        assert_eq!(Kick::shifts_mv(&kicks, &network), Ok(vec![6.0, -2.0]));
        assert_eq!(Kick::shifts_mv(&[], &network), Ok(Vec::new()));
        let other = [Kick { population: "X".to_string(), shift_mv: 1.0 }];
        assert_eq!(Kick::shifts_mv(&other, &network), Err("there is no population \"X\"; there are E, I".to_string()));
        for (text, message) in
            [("E", "as in"), ("E=5", "no unit"), ("E=5 ms", "\"ms\" is not a unit"), ("E=x mV", "as in")]
        {
            let refusal = text.parse::<Kick>().unwrap_err();
            assert!(refusal.contains(message), "{text}: {refusal}");
        }
    }
}
