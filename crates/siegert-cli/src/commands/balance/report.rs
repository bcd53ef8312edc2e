//! The balanced limit and the states beside it as text, JSON and rows.

use std::fmt::Write;

use serde::Serialize;

use super::Scaling;
use crate::commands::solution::title;
use crate::library::{
    Alternative, BalancePopulation, BalanceState, BalancedLimit, Condition, ConditionKind, Network, Regime, Role,
    Stability,
};
use crate::number::{decimals, rate, significant};
use crate::output::Report;
use crate::output::json::Parameters;
use crate::output::table::{Column, Table};
use crate::output::text::{Align, aligned};

/// Alternatives that the text shows.
const MOST_ALTERNATIVES: usize = 8;
/// Columns of the table of states.
const COLUMNS: usize = 10;
/// Width of the sentences.
const LINE: usize = 100;

/// What `siegert balance` found.
#[derive(Clone, Debug)]
pub(crate) struct BalanceReport {
    pub(crate) network: Network,
    pub(crate) limit: BalancedLimit,
    /// With `--over`.
    pub(crate) approach: Option<Approach>,
    pub(super) warnings: Vec<String>,
}

/// The states at every value of the parameter.
#[derive(Clone, Debug)]
pub(crate) struct Approach {
    pub(crate) over: OverName,
    pub(crate) points: Vec<Point>,
    /// Whether the values stand in equal ratios.
    #[cfg_attr(not(feature = "pictures"), expect(dead_code, reason = "only a picture has an axis"))]
    pub(crate) logarithmic: bool,
}

/// The parameter.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OverName {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) scaling: Scaling,
}

/// The states at one value.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) value: f64,
    /// None where there is no network.
    pub(crate) in_degree: Option<f64>,
    pub(crate) fixed_points: Vec<BalanceState>,
    /// Why there is no state.
    pub(crate) error: Option<String>,
    /// `E_L` of every population.
    #[serde(skip)]
    pub(crate) rest_mv: Vec<f64>,
}

impl Report for BalanceReport {
    fn text(&self) -> String {
        let mut text = title(&self.network);
        let exists = self.exists();
        let K = significant(self.limit.in_degree, 6);
        let _ = write!(
            text,
            "\nThe balanced limit {exists}.\nc: rate = limit + c / sqrt(K), with K the largest in-degree (here {K}).\n\n"
        );
        text.push_str(&self.limit_table());
        let existence = |condition: &&Condition| condition.condition != ConditionKind::Stability;
        text.push_str("\nExistence\n\n");
        self.limit.conditions.iter().filter(existence).for_each(|condition| text.push_str(&written(condition)));
        for condition in self.limit.conditions.iter().filter(|condition| !existence(condition)) {
            let _ = write!(text, "\nStability\n\n{}", written(condition));
        }
        text.push_str(&alternatives(&self.limit.alternatives));
        if let Some(approach) = &self.approach {
            text.push_str(&approach.text());
        }
        text
    }

    fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Balance<'a> {
            network: &'a str,
            parameters: Parameters<'a>,
            limit: &'a BalancedLimit,
            over: Option<&'a OverName>,
            points: &'a [Point],
            warnings: &'a [String],
        }
        Balance {
            network: &self.network.name,
            parameters: Parameters(&self.network.parameters),
            limit: &self.limit,
            over: self.approach.as_ref().map(|approach| &approach.over),
            points: self.approach.as_ref().map_or(&[], |approach| &approach.points),
            warnings: &self.warnings,
        }
    }

    fn table(&self) -> Table {
        match &self.approach {
            None => self.limit_rows(),
            Some(approach) => approach.rows(),
        }
    }
}

impl BalanceReport {
    /// "exists; under the fast rate dynamics it is stable".
    fn exists(&self) -> String {
        let limit = &self.limit;
        let stability = match limit.stability.filter(|_| limit.exists) {
            None => "",
            Some(Stability::Stable) => "; under the fast rate dynamics it is stable",
            Some(Stability::Saddle) => " as a saddle, which the network leaves",
            Some(Stability::Unstable) => "; under the fast rate dynamics it is unstable",
            Some(Stability::Oscillating) => {
                "; under the fast rate dynamics it oscillates, which decides nothing for the network"
            }
        };
        format!("{}{stability}", if limit.exists { "exists" } else { "does not exist" })
    }

    fn limit_table(&self) -> String {
        let header = [
            ("population", Align::Left),
            ("limit (Hz)", Align::Right),
            ("mean input (mV)", Align::Right),
            ("std input (mV)", Align::Right),
            ("c (Hz)", Align::Right),
        ];
        let rows = self.limit.populations.iter().map(|population| {
            vec![
                population.name.clone(),
                decimals(population.limit_rate_hz, 3),
                decimals(population.limit_mean_input_mv, 3),
                decimals(population.limit_std_input_mv, 3),
                population.first_order_coefficient_hz_sqrtK.map_or("-".to_string(), |c| significant(c, 5)),
            ]
        });
        aligned(&header, rows)
    }

    fn limit_rows(&self) -> Table {
        let populations = || self.limit.populations.iter();
        Table {
            columns: vec![
                Column::texts("population", populations().map(|p| p.name.as_str())),
                Column::flags("limit_exists", populations().map(|_| self.limit.exists)),
                Column::some_flags("limit_stable", populations().map(|_| self.limit.stable)),
                Column::some_flags("limit_saddle", populations().map(|_| self.limit.saddle)),
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
}

fn written(condition: &Condition) -> String {
    wrapped(if condition.holds { "yes" } else { "no" }, &condition.sentence)
}

/// A word and a sentence beside it, broken between words.
fn wrapped(word: &str, sentence: &str) -> String {
    let mut text = format!("  {word:<3} ");
    let mut width = 0;
    for part in sentence.split(' ') {
        if width > 0 && width + 1 + part.chars().count() > LINE {
            text.push_str("\n      ");
            width = 0;
        }
        text.push(' ');
        text.push_str(part);
        width += 1 + part.chars().count();
    }
    text.push('\n');
    text
}

/// Two decimals, without the sign of what rounds to zero.
fn millivolts(value: f64) -> String {
    decimals(Some(if value.abs() < 0.005 { 0.0 } else { value }), 2)
}

/// The states of the limit in which not all are balanced.
fn alternatives(alternatives: &[Alternative]) -> String {
    if alternatives.is_empty() {
        return String::new();
    }
    let mut text = "\nStates of the limit with silent or saturated populations\n\n".to_string();
    let rows = alternatives.iter().take(MOST_ALTERNATIVES).enumerate().flat_map(|(index, alternative)| {
        alternative.populations.iter().enumerate().map(move |(place, population)| {
            let first =
                if place == 0 { format!("{}, {}", index + 1, alternative.stability.word()) } else { String::new() };
            let role = match population.role {
                Role::Balanced => "balanced",
                Role::Silent => "silent",
                Role::Saturated => "saturated",
            };
            vec![first, population.name.clone(), role.to_string(), decimals(Some(population.limit_rate_hz), 3)]
        })
    });
    let header =
        [("state", Align::Left), ("population", Align::Left), ("input", Align::Left), ("limit (Hz)", Align::Right)];
    text.push_str(&aligned(&header, rows));
    if alternatives.len() > MOST_ALTERNATIVES {
        let _ = writeln!(text, "  and {} more, in --format json", alternatives.len() - MOST_ALTERNATIVES);
    }
    text
}

fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::Quiescent => "quiescent",
        Regime::PartlySilent => "partly silent",
        Regime::Active => "active",
        Regime::Saturated => "saturated",
    }
}

/// A state of a point, counted from 1, with one of its populations.
type Row<'a> = (&'a Point, usize, &'a BalanceState, usize, &'a BalancePopulation);

fn states_of(point: &Point) -> impl Iterator<Item = Row<'_>> {
    point.fixed_points.iter().enumerate().flat_map(move |(index, state)| {
        let populations = state.populations.iter().enumerate();
        populations.map(move |(place, population)| (point, index + 1, state, place, population))
    })
}

/// The row of a value without states.
fn failed_row(point: &Point) -> Vec<String> {
    let mut row = vec![significant(point.value, 6), "failed".to_string(), String::new()];
    row.resize(COLUMNS, "-".to_string());
    row
}

fn row((point, number, state, place, population): Row<'_>) -> Vec<String> {
    let first = |text: String, shown: bool| if shown { text } else { String::new() };
    let distance = |distance: Option<f64>| distance.map_or("-".to_string(), |x| significant(x, 3));
    let states = point.fixed_points.len();
    let kind = format!("{number} of {states}: {}, {}", regime(state.regime), state.stability.word());
    vec![
        first(significant(point.value, 6), place == 0 && number == 1),
        first(kind, place == 0),
        population.name.clone(),
        rate(population.rate_hz, population.log10_rate_hz),
        millivolts(population.excitatory_mean_mv),
        millivolts(population.inhibitory_mean_mv),
        decimals(Some(population.mean_input_mv), 3),
        decimals(Some(population.std_input_mv), 3),
        distance(population.distance_to_limit_hz),
        distance(population.distance_to_first_order_hz),
    ]
}

impl Approach {
    fn text(&self) -> String {
        let made = match self.over.scaling {
            Scaling::File => format!("as the file depends on {}", self.over.name),
            Scaling::InDegree => {
                "in-degrees and sizes as K, weights as 1/sqrt(K), currents and means of noise drives as \
                                  sqrt(K)"
                    .to_string()
            }
        };
        let unit = if self.over.unit.is_empty() { String::new() } else { format!(" ({})", self.over.unit) };
        let name = format!("{}{unit}", self.over.name);
        let header: [_; COLUMNS] = [
            (name.as_str(), Align::Right),
            ("state", Align::Left),
            ("population", Align::Left),
            ("rate (Hz)", Align::Right),
            ("excitation (mV)", Align::Right),
            ("inhibition (mV)", Align::Right),
            ("mean (mV)", Align::Right),
            ("std (mV)", Align::Right),
            ("to limit (Hz)", Align::Right),
            ("to limit + c/sqrt(K)", Align::Right),
        ];
        let rows = self.points.iter().flat_map(|point| match point.error {
            None => states_of(point).map(row).collect(),
            Some(_) => vec![failed_row(point)],
        });
        format!("\nStates over {}: {made}\n\n{}", self.over.name, aligned(&header, rows))
    }

    /// One row a population of each state, or one that says why there is none.
    fn rows(&self) -> Table {
        type Cell<'a> = (&'a Point, Option<(usize, &'a BalanceState, &'a BalancePopulation)>);
        let of = |point| match states_of(point)
            .map(|(_, number, state, _, of)| (point, Some((number, state, of))))
            .collect::<Vec<Cell<'_>>>()
        {
            rows if rows.is_empty() => vec![(point, None)],
            rows => rows,
        };
        let rows: Vec<Cell<'_>> = self.points.iter().flat_map(of).collect();
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
                Column::texts("regime", state().map(|state| text(state.map(|state| regime(state.regime))))),
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
}
