//! The balanced limit and the states beside it for people.

use std::fmt::Write;

use super::{BalancePoint, BalanceReport, Over, Row, Scaling, states_of};
use crate::number::{decimals, rate, significant};
use crate::report::Report;
use crate::report::text::{Align, aligned, filled, title};
use crate::stationary::Stability;
use crate::stationary::balance::{Alternative, Condition, ConditionKind, Role};
use crate::theory::ShuntedMembrane;

/// Alternatives that the text shows.
const MOST_ALTERNATIVES: usize = 8;
/// Width of the sentences.
const LINE: usize = 72;

impl BalanceReport {
    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
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
        text.push_str(&self.of_conductances());
        text.push_str(&alternatives(&self.limit.alternatives));
        if let Some(over) = &self.over {
            text.push_str(&approach(over, &self.points));
        }
        text
    }

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

    /// What balances drift and noise where synapses are conductances.
    fn of_conductances(&self) -> String {
        if self.conductance_states.is_empty() {
            return String::new();
        }
        let header = [
            ("state", Align::Right),
            ("population", Align::Left),
            ("rate (Hz)", Align::Right),
            ("CV", Align::Right),
            ("G / leak", Align::Right),
            ("tau_eff (ms)", Align::Right),
            ("mu (mV)", Align::Right),
            ("of G alone", Align::Right),
            ("(V_th - mu)/sigma", Align::Right),
        ];
        let states = self.conductance_states.iter().enumerate();
        let rows = states.flat_map(|(index, state)| {
            state.populations.iter().map(move |population| {
                let of = |value: fn(&ShuntedMembrane) -> Option<f64>| population.conductances.as_ref().and_then(value);
                vec![
                    (index + 1).to_string(),
                    population.name.clone(),
                    rate(population.rate_hz, population.log10_rate_hz),
                    decimals(population.cv, 3),
                    of(|it| Some(it.conductance_over_leak)).map_or("-".to_string(), |G| significant(G, 3)),
                    of(|it| Some(it.tau_eff_ms)).map_or("-".to_string(), |tau| significant(tau, 3)),
                    decimals(Some(population.mean_input_mv), 2),
                    decimals(of(|it| it.mean_of_conductances_mv), 2),
                    decimals(population.distance_to_threshold_over_sigma, 2),
                ]
            })
        });
        let table = aligned(&header, rows);
        let said = wrapped(
            "",
            "Where conductances are far above the leak, mu hardly depends on K, tau_eff falls as 1/(J K), and sigma^2 as J. A rate stays what it is while \
             tau_eff rate stays at exp(-((V_th - mu)/sigma)^2): for weights J of order 1/ln K. A parameter of the file that scales them so shows it: \
             siegert sweep FILE --over \"K=log:500:8000:9\".",
        );
        format!("\nBalance of drift and noise\n\n{table}\n{said}")
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

/// What a table says of a state beside its number.
#[derive(Clone, Copy)]
enum Kinds {
    Said,
    Numbered,
}

/// The first columns of a row: the value, which state of it, the population; each once.
fn places((point, number, state, place, population): Row<'_>, kinds: Kinds) -> [String; 3] {
    let first = |text: String, shown: bool| if shown { text } else { String::new() };
    let kind = match kinds {
        Kinds::Said => format!("{number}: {}, {}", state.regime.words(), state.stability.word()),
        Kinds::Numbered => number.to_string(),
    };
    [first(significant(point.value, 6), place == 0 && number == 1), first(kind, place == 0), population.name.clone()]
}

/// The rows of a table, one a population of each state; of a value without states one that says so.
fn table_rows<const N: usize>(
    points: &[BalancePoint],
    kinds: Kinds,
    numbers: fn(Row<'_>) -> [String; N],
) -> Vec<Vec<String>> {
    let of = |point: &BalancePoint| match point.error {
        None => states_of(point).map(|row| [&places(row, kinds)[..], &numbers(row)].concat()).collect(),
        Some(_) => {
            let failed = [significant(point.value, 6), "failed".to_string(), String::new()];
            vec![failed.into_iter().chain(std::iter::repeat_n("-".to_string(), N)).collect()]
        }
    };
    points.iter().flat_map(of).collect()
}

/// Rates, and how far they are from what they tend to.
fn rates((.., population): Row<'_>) -> [String; 3] {
    let distance = |distance: Option<f64>| distance.map_or("-".to_string(), |x| significant(x, 3));
    [
        rate(population.rate_hz, population.log10_rate_hz),
        distance(population.distance_to_limit_hz),
        distance(population.distance_to_first_order_hz),
    ]
}

/// What makes up the input.
fn inputs((.., population): Row<'_>) -> [String; 4] {
    [
        millivolts(population.excitatory_mean_mv),
        millivolts(population.inhibitory_mean_mv),
        decimals(Some(population.mean_input_mv), 3),
        decimals(Some(population.std_input_mv), 3),
    ]
}

fn approach(over: &Over, points: &[BalancePoint]) -> String {
    let made = match over.scaling {
        Scaling::File => format!("as the file depends on {}", over.name),
        Scaling::InDegree => "in-degrees and sizes as K, weights as 1/sqrt(K), currents and means of noise drives as \
                              sqrt(K)"
            .to_string(),
    };
    let unit = if over.unit.is_empty() { String::new() } else { format!(" ({})", over.unit) };
    let name = format!("{}{unit}", over.name);
    let header = |numbers: &[&'static str]| -> Vec<(String, Align)> {
        let first =
            [(name.clone(), Align::Right), ("state".to_string(), Align::Left), ("population".to_string(), Align::Left)];
        first.into_iter().chain(numbers.iter().map(|number| (number.to_string(), Align::Right))).collect()
    };
    let table = |numbers: &[&'static str], rows: Vec<Vec<String>>| {
        let header = header(numbers);
        let header: Vec<(&str, Align)> = header.iter().map(|(name, align)| (name.as_str(), *align)).collect();
        aligned(&header, rows.into_iter())
    };
    let said = filled(&format!("States over {}: {made}", over.name), "", "  ");
    format!(
        "\n{said}\n{}\nto limit: rate minus limit; order 1: rate minus (limit + c/sqrt(K))\n\nTheir input in mV\n\n{}",
        table(&["rate (Hz)", "to limit", "order 1"], table_rows(points, Kinds::Said, rates)),
        table(&["excitation", "inhibition", "mean", "std"], table_rows(points, Kinds::Numbered, inputs)),
    )
}
