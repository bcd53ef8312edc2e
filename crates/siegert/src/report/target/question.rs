//! What is wanted of a state and which parameters may change for it, from texts as people write them: "E.rate=5 Hz", "nu_ext=1 Hz:100 Hz".

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{MetTarget, TargetReport, TargetSearch, ValueOf};
use crate::Work;
use crate::network::{Family, Network, NetworkFileError, ReadOptions, amount, parse};
use crate::number::significant;
use crate::provenance::Provenance;
use crate::report::Quantity;
use crate::stationary::{SolveError, Span, Target, TargetError, Targeted, TheoryOptions, find_targets};
use crate::theory::{STABILITY, Theory};

/// Without a range a parameter is varied from this part of its value to the value over this.
const USUAL_RANGE: f64 = 0.1;

/// A question for parameter values, ready to be answered.
#[derive(Clone, Debug)]
pub struct TargetQuestion {
    family: Family,
    wanted: Vec<Wanted>,
    varied: Vec<Varied>,
}

/// A wanted value as it was said: "E.rate", 5, "Hz".
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    name: String,
    target: Target,
    unit: &'static str,
}

/// A parameter to vary, with its range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Varied {
    /// Its name.
    pub name: String,
    /// The unit of the ends of its range.
    pub unit: String,
    /// One end.
    pub from: f64,
    /// The other.
    pub to: f64,
}

impl Varied {
    /// The name of its column.
    pub fn column(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!("_{}", self.unit.to_lowercase()) };
        format!("{}{unit}", self.name)
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TargetQuestionError {
    /// A wanted value that makes no sense.
    #[error("target {text}: {reason}")]
    Target {
        /// As it was said.
        text: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// A parameter to vary that makes no sense.
    #[error("vary {text}: {reason}")]
    Vary {
        /// As it was said.
        text: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// One thing twice.
    #[error("{option}: {name} is {what} twice")]
    Twice {
        /// "target" or "vary".
        option: &'static str,
        /// What is there twice.
        name: String,
        /// "wanted", "varied" or "a column".
        what: &'static str,
    },
    /// The question makes no sense for the network.
    #[error(transparent)]
    Targets(#[from] TargetError),
    /// The network file is wrong.
    #[error(transparent)]
    NetworkFile(#[from] NetworkFileError),
    /// The network cannot be solved.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// No state within the ranges is as wanted.
    #[error("{0}")]
    NoneFound(String),
}

impl TargetQuestion {
    /// The question about a network file; `source_name` is what messages call it.
    ///
    /// # Errors
    ///
    /// A file that is wrong; what is wanted or varied makes no sense, or is there twice.
    pub fn new(
        (text, source_name): (&str, &str),
        read: &ReadOptions,
        targets: &[String],
        vary: &[String],
    ) -> Result<Self, TargetQuestionError> {
        let network = parse(text, source_name, read)?;
        let wanted = targets.iter().map(|text| {
            wanted(text, &network).map_err(|reason| TargetQuestionError::Target { text: text.clone(), reason })
        });
        let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
        let varied = vary.iter().map(|text| {
            varied(text, &network).map_err(|reason| TargetQuestionError::Vary { text: text.clone(), reason })
        });
        let varied = varied.collect::<Result<Vec<_>, _>>()?;
        refuse_twice("vary", "varied", varied.iter().map(|varied| varied.name.as_str()))?;
        refuse_twice("target", "wanted", wanted.iter().map(|wanted| wanted.name.as_str()))?;
        let free: Vec<(&str, &str)> = varied.iter().map(|v| (v.name.as_str(), v.unit.as_str())).collect();
        Ok(TargetQuestion { family: Family::open(text, source_name, read, &free)?, wanted, varied })
    }

    /// The network with its own values.
    pub fn network(&self) -> &Network {
        self.family.own()
    }

    /// Refuses a table with two columns of one name.
    ///
    /// # Errors
    ///
    /// A varied parameter that is called as a column is.
    pub fn refuse_columns(&self) -> Result<(), TargetQuestionError> {
        let table = super::super::solution::population_table(&[]);
        let names = table.names();
        for varied in &self.varied {
            if names.contains(&varied.column().as_str()) {
                let column = varied.column();
                let reason =
                    format!("the table has a column \"{column}\" already; give the parameter another name in the file");
                return Err(TargetQuestionError::Vary { text: varied.name.clone(), reason });
            }
        }
        let columns: Vec<String> = self.varied.iter().map(Varied::column).collect();
        refuse_twice("vary", "a column", columns.iter().map(String::as_str))
    }

    /// Looks for the values of the varied parameters; `work` counts points of the grid, and stops it.
    ///
    /// # Errors
    ///
    /// No state within the ranges is as wanted; what cannot be solved.
    pub fn answer(&self, options: &TheoryOptions, work: &Work) -> Result<TargetReport, TargetQuestionError> {
        let spans: Vec<Span> = self.varied.iter().map(|v| Span { from: v.from, to: v.to }).collect();
        let targets: Vec<Target> = self.wanted.iter().map(|w| w.target).collect();
        let found = find_targets(&self.family, &spans, &targets, options, work)?;
        if found.solutions.is_empty() {
            return Err(TargetQuestionError::NoneFound(none_found(&self.wanted, &self.varied, &found)));
        }
        let solutions = found.solutions.iter().map(|solution| {
            let each = self.varied.iter().zip(&solution.values);
            let value =
                |(of, value): (&Varied, &f64)| ValueOf { name: of.name.clone(), value: *value, unit: of.unit.clone() };
            let fixed_point = Theory::new(&solution.network, options)?.fixed_point(&solution.state);
            Ok(MetTarget { vary: each.map(value).collect(), fixed_point })
        });
        let solutions = solutions.collect::<Result<Vec<_>, SolveError>>()?;
        let wanted = self.wanted.iter();
        let network = self.network();
        Ok(TargetReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            targets: wanted
                .map(|w| super::WantedValue { target: w.name.clone(), value: w.target.value, unit: w.unit.to_string() })
                .collect(),
            vary: self.varied.clone(),
            solutions,
            search: TargetSearch { points: found.points, starts: found.starts },
            stability: STABILITY.into(),
            warnings: network.warnings.clone(),
            provenance: Provenance::new("target", network).of_theory(*options),
        })
    }
}

/// Refuses a name that is there twice: it would count as two unknowns, or as two conditions.
fn refuse_twice<'a>(
    option: &'static str,
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), TargetQuestionError> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(TargetQuestionError::Twice { option, name: name.to_string(), what });
        }
        seen.push(name);
    }
    Ok(())
}

/// "E.rate=5 Hz".
fn wanted(text: &str, network: &Network) -> Result<Wanted, String> {
    let form = || "it must be POPULATION.QUANTITY=VALUE, as in \"E.rate=5 Hz\"".to_string();
    let (name, value) = text.split_once('=').ok_or_else(form)?;
    let (population, quantity) = name.trim().rsplit_once('.').ok_or_else(form)?;
    let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
    let index = names
        .iter()
        .position(|known| *known == population.trim())
        .ok_or_else(|| format!("there is no population \"{}\"; there are {}", population.trim(), names.join(", ")))?;
    let quantity = quantity.trim();
    let wanted = Quantity::among(quantity, |known| known.target().is_some());
    let wanted = wanted.map_err(|advice| match Quantity::find(quantity) {
        Some(known) => format!("parameters cannot be looked for by {}; {advice}", known.name()),
        None => format!("there is no quantity \"{quantity}\"; {advice}"),
    })?;
    let unit = wanted.unit();
    let Some(kind) = wanted.target() else { return Err(form()) };
    let (value, said) = amount(value).map_err(|problem| problem.to_string())?;
    if said != unit || !value.is_finite() {
        let expected = if unit.is_empty() { "a plain number".to_string() } else { format!("a value in {unit}") };
        return Err(format!("{quantity} must be {expected}"));
    }
    let target = Target { population: index, quantity: kind, value };
    Ok(Wanted { name: format!("{}.{quantity}", population.trim()), target, unit })
}

/// "nu_ext" or "nu_ext=1 Hz:100 Hz".
pub(in crate::report) fn varied(text: &str, network: &Network) -> Result<Varied, String> {
    let (name, range) = text.split_once('=').map_or((text, None), |(name, range)| (name, Some(range)));
    let name = name.trim();
    let Some(own) = network.parameters.iter().find(|parameter| parameter.name == name) else {
        let names: Vec<&str> = network.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        return Err(format!("the network has no parameter \"{name}\"; it has {}", names.join(", ")));
    };
    let varied = |from: f64, to: f64, unit: String| Ok(Varied { name: name.to_string(), unit, from, to });
    let Some(range) = range else {
        if own.value == 0.0 {
            return Err(format!("{name} is 0; say a range, as in \"{name}=A:B\""));
        }
        return varied(USUAL_RANGE * own.value, own.value / USUAL_RANGE, own.unit.clone());
    };
    let ends = range.split_once(':').ok_or_else(|| "a range is A:B, as in \"1 Hz:100 Hz\"".to_string())?;
    let end = |text: &str| amount(text).map_err(|problem| problem.to_string());
    let ((from, unit), (to, other)) = (end(ends.0)?, end(ends.1)?);
    let unit = if unit.is_empty() && from == 0.0 { other.clone() } else { unit };
    let same_unit = unit == other || other.is_empty() && to == 0.0;
    if !same_unit {
        return Err("the ends of the range have different units".to_string());
    }
    if from == to || !from.is_finite() || !to.is_finite() {
        return Err("the ends of the range must be two different finite values".to_string());
    }
    varied(from, to, unit)
}

/// "12.5 Hz".
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    format!("{} {unit}", significant(value, 8)).trim_end().to_string()
}

fn none_found(wanted: &[Wanted], varied: &[Varied], found: &Targeted) -> String {
    let targets: Vec<String> =
        wanted.iter().map(|w| format!("{} = {}", w.name, with_unit(w.target.value, w.unit))).collect();
    let ranges: Vec<String> = varied
        .iter()
        .map(|v| format!("{} from {} to {}", v.name, with_unit(v.from, &v.unit), with_unit(v.to, &v.unit)))
        .collect();
    let mut text = format!("none in this range: no state with {} for {}", targets.join(", "), ranges.join(", "));
    for (wanted, reached) in wanted.iter().zip(&found.reached) {
        if let Some((least, most)) = reached {
            let (least, most) = (significant(*least, 4), with_unit(*most, wanted.unit));
            text +=
                &format!("; {} is between {least} and {most} at the {} points looked at", wanted.name, found.points);
        }
    }
    text + "; try a wider range, NAME=A:B"
}
