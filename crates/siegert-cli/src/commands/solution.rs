//! Stationary states as text, JSON and rows.

use std::fmt::Write;

use serde::Serialize;
use siegert::report::quantity::{OfNetwork, Quantity, Scope};
use siegert::stationary::{Method, Search};
use siegert::theory::{FixedPoint, PopulationState};

use crate::commands::trust;
use crate::library::{Network, Solution, Stability, printable};
use crate::number::{count, decimals, rate, signed, significant};
use crate::output::Report;
use crate::output::json::Parameters;
use crate::output::table::{Column, Table};
use crate::output::text::{Align, aligned, filled};

/// A solution beside the network that it is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct SolutionReport<'a> {
    pub(super) network: &'a Network,
    pub(super) solution: &'a Solution,
    pub(super) shown: ShownInText,
}

/// What a text has beside the answer itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ShownInText {
    /// The assumptions as measured numbers, and how states were looked for.
    pub(super) details: bool,
    /// The Kramers-Moyal coefficients.
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
            text.push_str(&state_text(self.network, state, states.len(), self.shown));
        }
        let (search, permutations) = (&self.solution.search, permutations(states));
        let completeness = completeness(self.network, search, states.len(), self.shown.details);
        let _ = write!(text, "\n{permutations}{}", filled(&completeness, "", ""));
        if self.shown.details {
            let _ = write!(text, "\n{}\n{}", filled(STABILITY, "", ""), filled(trust::LEGEND, "", ""));
        } else {
            text.push_str("More with --details: the assumptions of the theory as measured numbers.\n");
        }
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

/// One row a population of each state: what it is of, then every quantity that the theory knows.
pub(super) fn population_table(states: &[&FixedPoint], network: &Network) -> Table {
    let populations = &network.populations;
    let rows: Vec<(usize, OfNetwork<'_>, usize)> = states
        .iter()
        .enumerate()
        .flat_map(|(index, state)| (0..populations.len()).map(move |a| (index, OfNetwork { network, state }, a)))
        .collect();
    let of_state = || rows.iter().map(|(_, of, _)| of.state);
    let mut columns = vec![
        Column::integers("state", rows.iter().map(|(index, ..)| *index as u64 + 1)),
        Column::flags("stable", of_state().map(|state| state.stable)),
        Column::flags("saddle", of_state().map(|state| state.saddle)),
        Column::texts("population", rows.iter().map(|(.., a)| populations[*a].name.as_str())),
        Column::integers("size", rows.iter().map(|(.., a)| populations[*a].size)),
    ];
    for quantity in Quantity::all().filter(Quantity::is_of_theory) {
        let value = |(_, of, a): &(usize, OfNetwork<'_>, usize)| match quantity.scope() {
            Scope::State => quantity.of_state(of),
            _ => quantity.of_population(of, *a),
        };
        columns.push(Column::quantity(&quantity, rows.iter().map(value)));
    }
    let consistent = rows.iter().map(|(_, of, a)| of.state.populations[*a].validity.rate_distribution.self_consistent);
    columns.push(Column::flags("rate_distribution_self_consistent", consistent));
    columns.push(Column::texts("trust", of_state().map(|state| trust::word(state.verdict.trust))));
    Table { columns }
}

/// One state: its headline, its populations, how far to trust it.
pub(super) fn state_text(network: &Network, state: (usize, &FixedPoint), states: usize, shown: ShownInText) -> String {
    let (index, state) = state;
    let mut text = format!("\n{}\n", filled(&headline(state, index, states), "", "  "));
    let sizes = network.populations.iter().map(|population| population.size);
    let rows = state.populations.iter().zip(sizes).map(|(population, size)| row(population, size));
    text.push_str(&aligned(&HEADER, rows));
    let _ = write!(text, "\n{}", trust::line(state));
    if shown.details {
        let _ = write!(text, "\n{}", trust::measures(state));
    }
    if shown.kramers_moyal {
        let _ = write!(text, "\n{}", trust::coefficients(state));
    }
    if shown.details {
        let _ = write!(text, "\n{}", filled(&effort(state), "  ", "  "));
    }
    text
}

/// What is said of stability, and what it decides.
pub(super) const STABILITY: &str = "Stability is that of the rate dynamics tau_m dr/dt = -r + f(mu(r), sigma(r)); the network leaves a \
                                    saddle, too, but whether oscillations grow in it depends on delays and the neurons' response.";

/// How many states the list stands for, where populations can be exchanged.
fn permutations(states: &[FixedPoint]) -> String {
    let all = states.iter().map(|state| state.multiplicity).fold(0, u64::saturating_add);
    if all == states.len() as u64 {
        return String::new();
    }
    let stable =
        states.iter().filter(|state| state.stable).map(|state| state.multiplicity).fold(0, u64::saturating_add);
    format!(
        "Populations can be exchanged without changing the equations: of the permutations\n\
         of a state one is listed. With all of them there are {} states, {} of them\nstable.\n",
        count(all),
        count(stable)
    )
}

/// Whether there can be other states.
fn completeness(network: &Network, search: &Search, states: usize, details: bool) -> String {
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
        let parts = if details { format!(" ({} parts of the range of rates)", search.parts) } else { String::new() };
        return format!("{these}: proved for {populations}{parts}.");
    }
    if search.starts == 1 {
        return "Others were not looked for.".to_string();
    }
    format!("Others were looked for and not found, which proves nothing: {} searches, {populations}.", search.starts)
}

/// The network's name, and its parameters in lines below.
pub(super) fn title(network: &Network) -> String {
    let name = filled(&printable(&network.name), "", "  ");
    // a parameter and its value are not parted
    let parameters: Vec<String> = network.parameter_list().iter().map(|text| text.replace(' ', "\u{a0}")).collect();
    if parameters.is_empty() {
        return name;
    }
    name + &filled(&parameters.join(", "), "", "").replace('\u{a0}', " ")
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
