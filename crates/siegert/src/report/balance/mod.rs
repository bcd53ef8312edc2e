//! The balanced limit of a network and the states that approach it, as text, rows and JSON.

mod approach;
mod text;

use serde::{Deserialize, Serialize};

use super::table::{Column, Table};
use super::{About, Report};
use crate::network::{Network, Parameter};
use crate::stationary::balance::{BalancePopulation, BalanceState, BalancedLimit};
use crate::theory::{FixedPoint, Theory};
use crate::{Provenance, Warning};
pub use approach::{ApproachError, OverValues, approach};

/// What a network tends to as its synapses become many and weak, and its states on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BalanceReport {
    /// The network's name.
    pub network: String,
    /// Its parameters that stay.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// The limit; of the last value with a state where a parameter is varied.
    pub limit: BalancedLimit,
    /// The parameter that is varied.
    pub over: Option<Over>,
    /// The states at each of its values.
    pub points: Vec<BalancePoint>,
    /// The states of a network with conductances, whose balance is one of drift and noise and has no limit of this kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conductance_states: Vec<FixedPoint>,
    /// What is unusual about the network, and about some of the values.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A parameter that is varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Over {
    /// Its name.
    pub name: String,
    /// The unit of its values.
    pub unit: String,
    /// Who makes the network scale.
    pub scaling: Scaling,
    /// Whether its values stand in equal ratios.
    pub logarithmic: bool,
}

/// Who makes a network scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// The file, by its own parameter.
    File,
    /// In-degrees, sizes, weights and drives are scaled here.
    InDegree,
}

/// The states at one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BalancePoint {
    /// The value.
    pub value: f64,
    /// The largest in-degree; nothing where there is no network.
    pub in_degree: Option<f64>,
    /// The states; none where there is none.
    pub fixed_points: Vec<BalanceState>,
    /// Why there is no state.
    pub error: Option<String>,
    /// `E_L` of every population.
    pub rest_mv: Vec<f64>,
}

impl BalanceReport {
    /// The limit of a network as it stands; of one with conductances its states, as far as any are found.
    pub fn of_limit(network: &Network, theory: &Theory<'_>) -> Self {
        BalanceReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            limit: theory.balanced_limit(),
            over: None,
            points: Vec::new(),
            conductance_states: match theory.has_conductances() {
                true => theory.solution().map(|solution| solution.fixed_points).unwrap_or_default(),
                false => Vec::new(),
            },
            warnings: Vec::new(),
            provenance: Provenance::new("balance", network).of_theory(theory.options()),
        }
    }
}

impl Report for BalanceReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        match &self.over {
            None => limit_rows(&self.limit),
            Some(_) => rows(&self.points),
        }
    }
}

fn limit_rows(limit: &BalancedLimit) -> Table {
    let populations = || limit.populations.iter();
    Table {
        columns: vec![
            Column::texts("population", populations().map(|p| p.name.as_str())),
            Column::flags("limit_exists", populations().map(|_| limit.exists)),
            Column::some_flags("limit_stable", populations().map(|_| limit.stable)),
            Column::some_flags("limit_saddle", populations().map(|_| limit.saddle)),
            Column::numbers("limit_rate_hz", populations().map(|p| p.limit_rate_hz)),
            Column::numbers("limit_mean_input_mv", populations().map(|p| p.limit_mean_input_mv)),
            Column::numbers("limit_std_input_mv", populations().map(|p| p.limit_std_input_mv)),
            Column::numbers(
                "first_order_coefficient_hz_sqrtK",
                populations().map(|p| p.first_order_coefficient_hz_sqrtK),
            ),
        ],
    }
}

/// A state of a point, counted from 1, with one of its populations.
type Row<'a> = (&'a BalancePoint, usize, &'a BalanceState, usize, &'a BalancePopulation);

fn states_of(point: &BalancePoint) -> impl Iterator<Item = Row<'_>> {
    point.fixed_points.iter().enumerate().flat_map(move |(index, state)| {
        let populations = state.populations.iter().enumerate();
        populations.map(move |(place, population)| (point, index + 1, state, place, population))
    })
}

/// One row a population of each state, or one that says why there is none.
fn rows(points: &[BalancePoint]) -> Table {
    type Cell<'a> = (&'a BalancePoint, Option<(usize, &'a BalanceState, &'a BalancePopulation)>);
    let of = |point| match states_of(point)
        .map(|(_, number, state, _, of)| (point, Some((number, state, of))))
        .collect::<Vec<Cell<'_>>>()
    {
        rows if rows.is_empty() => vec![(point, None)],
        rows => rows,
    };
    let rows: Vec<Cell<'_>> = points.iter().flat_map(of).collect();
    let numbers = |name, value: fn(&BalancePopulation) -> Option<f64>| {
        Column::numbers(name, rows.iter().map(move |(_, of)| of.and_then(|(.., population)| value(population))))
    };
    let state = || rows.iter().map(|(_, of)| of.map(|(_, state, _)| state));
    let text = |of: Option<&'static str>| of.unwrap_or_default();
    Table {
        columns: vec![
            Column::numbers("value", rows.iter().map(|(point, _)| Some(point.value))),
            Column::numbers("in_degree", rows.iter().map(|(point, _)| point.in_degree)),
            Column::some_integers("state", rows.iter().map(|(_, of)| of.map(|(number, ..)| number as u64))),
            Column::some_flags("stable", state().map(|state| state.map(|state| state.stable))),
            Column::some_flags("saddle", state().map(|state| state.map(|state| state.saddle))),
            Column::texts("regime", state().map(|state| text(state.map(|state| state.regime.words())))),
            Column::texts(
                "population",
                rows.iter().map(|(_, of)| of.map_or("", |(.., population)| population.name.as_str())),
            ),
            numbers("rate_hz", |p| Some(p.rate_hz)),
            numbers("log10_rate_hz", |p| Some(p.log10_rate_hz.unwrap_or(f64::NEG_INFINITY))),
            numbers("excitatory_mean_mv", |p| Some(p.excitatory_mean_mv)),
            numbers("inhibitory_mean_mv", |p| Some(p.inhibitory_mean_mv)),
            numbers("mean_input_mv", |p| Some(p.mean_input_mv)),
            numbers("std_input_mv", |p| Some(p.std_input_mv)),
            numbers("distance_to_limit_hz", |p| p.distance_to_limit_hz),
            numbers("distance_to_first_order_hz", |p| p.distance_to_first_order_hz),
            Column::texts("error", rows.iter().map(|(point, _)| point.error.as_deref().unwrap_or_default())),
        ],
    }
}
