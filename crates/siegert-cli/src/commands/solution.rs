//! Stationary states as text, JSON and rows.

use std::fmt::Write;

use serde::Serialize;
use siegert::stationary::{Method, Search};
use siegert::theory::{FixedPoint, PopulationState};

use crate::commands::trust;
use crate::library::{Network, Solution, Stability, printable};
use crate::number::{count, decimals, rate, signed, significant};
use crate::output::Report;
use crate::output::json::Parameters;
use crate::output::table::{Column, Table};
use crate::output::text::{Align, aligned};

/// A solution beside the network that it is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct SolutionReport<'a> {
    pub(super) network: &'a Network,
    pub(super) solution: &'a Solution,
    /// Whether the text has the Kramers-Moyal coefficients.
    pub(super) kramers_moyal: bool,
}

const HEADER: [(&str, Align); 6] = [
    ("population", Align::Left),
    ("size", Align::Right),
    ("rate (Hz)", Align::Right),
    ("mean input (mV)", Align::Right),
    ("std input (mV)", Align::Right),
    ("CV", Align::Right),
];

impl Report for SolutionReport<'_> {
    fn text(&self) -> String {
        let mut text = title(self.network);
        let states = &self.solution.fixed_points;
        for state in states.iter().enumerate() {
            text.push_str(&state_text(self.network, state, states.len(), self.kramers_moyal));
        }
        let (search, permutations) = (&self.solution.search, permutations(states));
        let _ = write!(
            text,
            "\n{permutations}{}\n{}\n",
            completeness(self.network, search, states.len()),
            stability_lines()
        );
        let _ = write!(text, "\n{}", trust::LEGEND);
        text
    }

    fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Solution<'a> {
            network: &'a str,
            parameters: Parameters<'a>,
            fixed_points: &'a [FixedPoint],
            search: Search,
            stability: &'a str,
            warnings: &'a [String],
        }
        Solution {
            network: &self.solution.network,
            parameters: Parameters(&self.solution.parameters),
            fixed_points: &self.solution.fixed_points,
            search: self.solution.search,
            stability: STABILITY,
            warnings: &self.solution.warnings,
        }
    }

    fn table(&self) -> Table {
        population_table(&self.solution.fixed_points.iter().collect::<Vec<_>>(), self.network)
    }
}

impl SolutionReport<'_> {
    /// All warnings as sentences; one that holds for several populations or states is said once.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.solution.warnings.iter().cloned().chain(trust::warnings(&self.solution.fixed_points)).collect()
    }
}

/// One row a population of each state.
pub(super) fn population_table(states: &[&FixedPoint], network: &Network) -> Table {
    let rows: Vec<(usize, &FixedPoint, &PopulationState, u64)> = states
        .iter()
        .enumerate()
        .flat_map(|(index, state)| {
            let with_size = state.populations.iter().zip(&network.populations);
            with_size.map(move |(population, of)| (index, *state, population, of.size))
        })
        .collect();
    let numbers = |name, value: fn(&PopulationState) -> Option<f64>| {
        Column::numbers(name, rows.iter().map(move |(_, _, population, _)| value(population)))
    };
    let of_state = || rows.iter().map(|(_, state, ..)| *state);
    let mut columns = vec![
        Column::integers("state", rows.iter().map(|(index, ..)| *index as u64 + 1)),
        Column::flags("stable", of_state().map(|state| state.stable)),
        Column::flags("saddle", of_state().map(|state| state.saddle)),
        Column::texts("population", rows.iter().map(|(_, _, population, _)| population.name.as_str())),
        Column::integers("size", rows.iter().map(|(.., size)| *size)),
        numbers("rate_hz", |p| Some(p.rate_hz)),
        numbers("log10_rate_hz", |p| Some(p.log10_rate_hz.unwrap_or(f64::NEG_INFINITY))),
        numbers("mean_input_mv", |p| Some(p.mean_input_mv)),
        numbers("std_input_mv", |p| Some(p.std_input_mv)),
        numbers("cv", |p| p.cv),
        Column::numbers("residual", of_state().map(|state| Some(state.residual))),
        Column::texts("trust", of_state().map(|state| trust::word(state.verdict.trust))),
    ];
    let validity: Vec<_> = rows.iter().map(|(_, _, population, _)| &population.validity).collect();
    columns.extend(trust::columns(&validity));
    if states.iter().any(|state| state.multiplicity > 1) {
        columns.push(Column::integers("multiplicity", of_state().map(|state| state.multiplicity)));
    }
    Table { columns }
}

/// One state: its headline, its populations, how far to trust it.
pub(super) fn state_text(network: &Network, state: (usize, &FixedPoint), states: usize, kramers_moyal: bool) -> String {
    let (index, state) = state;
    let mut text = format!("\n{}\n\n", headline(state, index, states));
    let sizes = network.populations.iter().map(|population| population.size);
    let rows = state.populations.iter().zip(sizes).map(|(population, size)| row(population, size));
    text.push_str(&aligned(&HEADER, rows));
    let _ = write!(text, "\n{}\n", trust::block(state));
    if kramers_moyal {
        let _ = writeln!(text, "{}", trust::coefficients(state));
    }
    let _ = writeln!(text, "  {}", effort(state));
    text
}

/// What is said of stability, and what it decides.
pub(super) const STABILITY: &str = "Stability is that of the rate dynamics tau_m dr/dt = -r + f(mu(r), sigma(r)); the network leaves a \
                         saddle, too, but whether oscillations grow in it depends on delays and the neurons' response.";

/// [`STABILITY`] in two lines.
pub(super) fn stability_lines() -> String {
    STABILITY.replacen("; ", ";\n", 1)
}

/// How many states the list stands for, where populations can be exchanged.
fn permutations(states: &[FixedPoint]) -> String {
    let all = states.iter().map(|state| state.multiplicity).fold(0, u64::saturating_add);
    if all == states.len() as u64 {
        return String::new();
    }
    let stable =
        states.iter().filter(|state| state.stable).map(|state| state.multiplicity).fold(0, u64::saturating_add);
    format!(
        "Populations can be exchanged without changing the equations: of the permutations of a state one is listed.\n\
         With all of them there are {} states, {} of them stable.\n",
        count(all),
        count(stable)
    )
}

/// Whether there can be other states.
fn completeness(network: &Network, search: &Search, states: usize) -> String {
    let bounded = network.populations.iter().all(|population| population.neuron.t_ref_ms >= 1e-3);
    let range = if bounded { "" } else { " with rates up to 1 MHz" };
    let these = match states {
        1 => format!("This is the only state{range}"),
        states => format!("These {states} are all the states{range}"),
    };
    let populations = match search.effective_populations {
        1 => "1 effective population".to_string(),
        n => format!("{n} effective populations"),
    };
    if search.complete {
        return format!("{these}: proved for {populations} ({} parts of the range of rates).", search.parts);
    }
    if search.starts == 1 {
        return "Others were not looked for.".to_string();
    }
    format!("Others were looked for and not found, which proves nothing: {} searches, {populations}.", search.starts)
}

/// Width of the lines of parameters.
const LINE: usize = 100;

/// The network's name, and its parameters in lines below.
pub(super) fn title(network: &Network) -> String {
    let mut text = format!("{}\n", printable(&network.name));
    let mut width = 0;
    let parameters = network.parameter_list();
    for (index, parameter) in parameters.iter().enumerate() {
        let more = if index + 1 < parameters.len() { "," } else { "" };
        let length = parameter.chars().count() + more.len();
        if width > 0 && width + 1 + length > LINE {
            text.push('\n');
            width = 0;
        }
        let space = if width > 0 { " " } else { "" };
        text.push_str(&format!("{space}{parameter}{more}"));
        width += space.len() + length;
    }
    if width > 0 {
        text.push('\n');
    }
    text
}

fn headline(state: &FixedPoint, index: usize, states: usize) -> String {
    let stability = match state.stability() {
        Stability::Stable => "stable under the rate dynamics",
        Stability::Saddle => "a saddle, unstable in the spiking network, too",
        Stability::Unstable if state.rate_eigenvalues_per_s.is_empty() => "unstable",
        Stability::Unstable => "unstable under the rate dynamics, without oscillating",
        Stability::Oscillating => "oscillating under the rate dynamics, which decides nothing for the network",
    };
    let mode = match state.rate_eigenvalues_per_s.first() {
        None if state.index == 0 => {
            ": driven exactly to threshold without noise, it ends at the least spike".to_string()
        }
        None => String::new(),
        Some(mode) => {
            let which = if state.stable { "slowest mode" } else { "fastest growth" };
            let oscillation = if mode.frequency_hz == 0.0 {
                String::new()
            } else {
                format!(" at {} Hz", significant(mode.frequency_hz.abs(), 3))
            };
            format!(" ({which} {} /s{oscillation})", signed(mode.growth_per_s, 1))
        }
    };
    let permutations = match state.multiplicity {
        1 => String::new(),
        several => format!(", one of {} permutations", count(several)),
    };
    format!("State {} of {states}{permutations}, {stability}{mode}", index + 1)
}

fn row(population: &PopulationState, size: u64) -> Vec<String> {
    vec![
        population.name.clone(),
        count(size),
        rate(population.rate_hz, population.log10_rate_hz),
        decimals(Some(population.mean_input_mv), 3),
        decimals(Some(population.std_input_mv), 3),
        decimals(population.cv, 3),
    ]
}

fn effort(state: &FixedPoint) -> String {
    let method = match state.method {
        Method::Newton => "Newton's method",
        Method::Continuation => "continuation from the uncoupled network",
    };
    let evaluations = if state.iterations == 1 { "evaluation" } else { "evaluations" };
    format!("residual {:.1e} after {} {evaluations} by {method}", state.residual, state.iterations)
}
