//! The parameter values at which a state is as wanted, as text, rows and JSON.

mod question;

use std::borrow::Cow;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::solution::{population_table, state_text};
use super::table::{Column, Table, Values};
use super::text::{filled, title};
use super::{About, Report, ShownInText, trust};
use crate::network::Parameter;
use crate::theory::{FixedPoint, STABILITY};
use crate::{Provenance, Warning};
pub(in crate::report) use question::varied;
use question::with_unit;
pub use question::{TargetQuestion, TargetQuestionError, Varied};

/// Where parameters must stand for a state to be as wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TargetReport {
    /// The network's name.
    pub network: String,
    /// Its parameters, with their own values.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// What is wanted.
    pub targets: Vec<WantedValue>,
    /// What may change for it.
    pub vary: Vec<Varied>,
    /// The ways that were found, in order of the first parameter.
    pub solutions: Vec<MetTarget>,
    /// How they were looked for.
    pub search: TargetSearch,
    /// What is meant by stability, in a sentence.
    pub stability: Cow<'static, str>,
    /// What is unusual about the network.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A value that is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WantedValue {
    /// "E.rate".
    pub target: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ValueOf {
    /// The parameter.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// The unit.
    pub unit: String,
}

/// One way to meet the targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetTarget {
    /// The values of the varied parameters.
    pub vary: Vec<ValueOf>,
    /// The state that is as wanted.
    pub fixed_point: FixedPoint,
}

/// How solutions were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TargetSearch {
    /// Points of the ranges at which states were found.
    pub points: usize,
    /// Starting points of the iteration.
    pub starts: usize,
}

impl TargetReport {
    /// All of it for people.
    pub fn text(&self, shown: ShownInText) -> String {
        let mut text = title(self.about());
        for wanted in &self.targets {
            let _ = writeln!(text, "wanted: {} = {}", wanted.target, with_unit(wanted.value, &wanted.unit));
        }
        let count = self.solutions.len();
        for (index, solution) in self.solutions.iter().enumerate() {
            let values = solution.vary.iter().map(|of| format!("{} = {}", of.name, with_unit(of.value, &of.unit)));
            let values = values.collect::<Vec<_>>().join(", ");
            let _ = write!(text, "\nSolution {} of {count}: {values}\n", index + 1);
            text.push_str(&state_text((0, &solution.fixed_point), 1, shown));
        }
        let searched = format!(
            "Looked for from {} states at {} points of the range. Other states may exist at the same values: solve with --set shows them.",
            self.search.starts, self.search.points
        );
        let _ = write!(text, "\n{}", filled(&searched, "", ""));
        if shown.details {
            let _ = write!(text, "\n{}", filled(STABILITY, "", ""));
        }
        text
    }

    /// All warnings, those of the states' assumptions, too.
    pub fn all_warnings(&self) -> Vec<Warning> {
        let states = self.solutions.iter();
        let of_states = states.flat_map(|solution| trust::warnings(std::slice::from_ref(&solution.fixed_point)));
        self.warnings.iter().cloned().chain(of_states).collect()
    }
}

impl Report for TargetReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let states: Vec<FixedPoint> = self.solutions.iter().map(|solution| solution.fixed_point.clone()).collect();
        let mut table = population_table(&states);
        for (j, varied) in self.vary.iter().enumerate().rev() {
            let of = |solution: &MetTarget| {
                std::iter::repeat_n(solution.vary[j].value, solution.fixed_point.populations.len())
            };
            let values = Values::Numbers(self.solutions.iter().flat_map(of).collect());
            table.columns.insert(0, Column { name: varied.column().into(), unit: varied.unit.clone().into(), values });
        }
        table
    }
}
