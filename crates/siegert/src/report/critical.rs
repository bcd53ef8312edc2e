//! The values of a parameter at which the network begins to oscillate, as part of the report of its response.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::target::{Varied, varied};
use super::text::filled;
use crate::network::{Family, Network, NetworkFileError, ReadOptions, parse};
use crate::number::significant;
use crate::response::{Criticals, Crossing, EndOfSearch};
use crate::stationary::{Span, TheoryOptions};
use crate::theory::State;
use crate::work::Work;

/// A question for the critical values of a parameter, ready to be answered.
#[derive(Clone, Debug)]
pub struct CriticalQuestion {
    family: Family,
    varied: Varied,
    own: f64,
}

/// The critical values of a parameter next to the present one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CriticalReport {
    /// The parameter.
    pub parameter: String,
    /// The unit of its values.
    pub unit: String,
    /// Its present value.
    pub value: f64,
    /// One end of the range that was looked at.
    pub from: f64,
    /// The other.
    pub to: f64,
    /// Whether nothing grows at the present value.
    pub stable: bool,
    /// Where growth begins or ends, at most one value to each side of the present one.
    pub values: Vec<CriticalValue>,
    /// Where the search ended before it found one or came to the end of the range.
    pub ended: Vec<SearchEnded>,
    /// Values that were looked at.
    pub looked_at: usize,
}

/// A value at which the leading root crosses the imaginary axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CriticalValue {
    /// The value.
    pub value: f64,
    /// The frequency there; 0 where the state is left without oscillation.
    pub frequency_hz: f64,
    /// How growth changes with the parameter, in 1/s for its unit: positive where it begins above the value.
    pub growth_per_s_per_unit: f64,
    /// The rates there.
    pub rates_hz: BTreeMap<String, f64>,
}

/// Where a search ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchEnded {
    /// The last value.
    pub value: f64,
    /// Why.
    pub reason: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CriticalError {
    /// A parameter or a range that makes no sense.
    #[error("critical {text}: {reason}")]
    Parameter {
        /// As it was said.
        text: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// The network file is wrong.
    #[error(transparent)]
    NetworkFile(#[from] NetworkFileError),
    /// At the present value itself something cannot be computed.
    #[error("critical: at its present value: {0}")]
    End(EndOfSearch),
}

impl CriticalQuestion {
    /// The question about a parameter of a network file, "eta" or "eta=1:5"; `source_name` is what messages call the file.
    ///
    /// # Errors
    ///
    /// A file that is wrong; a parameter or a range that makes no sense.
    pub fn new((text, source_name): (&str, &str), read: &ReadOptions, said: &str) -> Result<Self, CriticalError> {
        let network = parse(text, source_name, read)?;
        let wrong = |reason: String| CriticalError::Parameter { text: said.to_string(), reason };
        let varied = varied(said, &network).map_err(wrong)?;
        let own = network.parameters.iter().find(|parameter| parameter.name == varied.name);
        let own = own.ok_or_else(|| wrong("it is no parameter".to_string()))?;
        if own.unit != varied.unit && own.value != 0.0 {
            return Err(wrong(format!(
                "its range must be in {}",
                if own.unit.is_empty() { "plain numbers" } else { &own.unit }
            )));
        }
        let free = (varied.name.as_str(), varied.unit.as_str());
        // its own value may be what --set says
        let mut others = read.clone();
        let said_before = others.overrides.iter().rposition(|(name, _)| name.trim() == varied.name);
        if said_before.is_some() {
            others.overrides.retain(|(name, _)| name.trim() != varied.name);
        }
        let family = Family::open(text, source_name, &others, &[free])?;
        Ok(CriticalQuestion { family, own: own.value, varied })
    }

    /// Looks for the values, from a state of the network as it is.
    ///
    /// # Errors
    ///
    /// What cannot be computed at the present value; a stop.
    pub fn answer(
        &self,
        network: &Network,
        state: &State,
        options: &TheoryOptions,
        work: &Work,
    ) -> Result<CriticalReport, CriticalError> {
        let span = Span { from: self.varied.from, to: self.varied.to };
        let found = Criticals::along(&self.family, self.own, span, state, options, work).map_err(CriticalError::End)?;
        let names = || network.populations.iter().map(|population| population.name.clone());
        let critical = |crossing: &Crossing| CriticalValue {
            value: crossing.value,
            frequency_hz: crossing.frequency_hz,
            growth_per_s_per_unit: crossing.growth_per_s_per_unit,
            rates_hz: names().zip(crossing.rates_hz.iter().copied()).collect(),
        };
        Ok(CriticalReport {
            parameter: self.varied.name.clone(),
            unit: self.varied.unit.clone(),
            value: self.own,
            from: span.from,
            to: span.to,
            stable: found.stable,
            values: found.crossings.iter().map(critical).collect(),
            ended: found
                .ended
                .iter()
                .map(|(value, why)| SearchEnded { value: *value, reason: why.to_string() })
                .collect(),
            looked_at: found.looked_at,
        })
    }
}

impl CriticalReport {
    /// For people.
    pub fn text(&self) -> String {
        let shown = |value: f64, digits: usize| {
            format!("{} = {} {}", self.parameter, significant(value, digits), self.unit)
                .trim_end()
                .replace(' ', "\u{a0}")
        };
        let mut text = format!("\nCritical values of {}\n\n", self.parameter);
        for critical in &self.values {
            let side = if critical.growth_per_s_per_unit > 0.0 { "above" } else { "below" };
            let what = match critical.frequency_hz > 0.0 {
                true => format!("an oscillation of {} Hz grows {side} it", significant(critical.frequency_hz, 6)),
                false => format!("the state is left {side} it, without oscillation"),
            };
            let rates = critical.rates_hz.iter().map(|(name, rate)| format!("{name}\u{a0}{}", significant(*rate, 4)));
            let rates = rates.collect::<Vec<_>>().join(", ");
            text += &filled(&format!("{}: {what} (rates there {rates} Hz).", shown(critical.value, 10)), "  ", "  ");
        }
        if self.values.is_empty() {
            let begins = if self.stable { "begins" } else { "ceases" };
            text += &filled(&format!("None: nothing {begins} to grow where it was looked."), "  ", "  ");
        }
        let looked = format!(
            "Looked for from {} to {} and {}, at {} values; two that lie within one step are not told from none.",
            shown(self.value, 6),
            shown(self.from, 6),
            shown(self.to, 6),
            self.looked_at
        );
        text += &filled(&looked, "  ", "  ");
        for end in &self.ended {
            text += &filled(&format!("The search ended at {}: {}.", shown(end.value, 6), end.reason), "  ", "  ");
        }
        text
    }
}
