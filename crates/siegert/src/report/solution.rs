//! Stationary states as text and rows.

use std::fmt::Write;

use super::quantity::{Quantity, Scope};
use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report, trust};
use crate::Warning;
use crate::number::{count, decimals, rate, signed, significant};
use crate::self_consistent::SelfConsistentRun;
use crate::stationary::{Method, Search, Stability};
use crate::theory::{FixedPoint, FullDynamics, InputTheory, PopulationState, STABILITY, Solution, StateName};

/// What a text has beside the answer itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShownInText {
    /// The assumptions as measured numbers, and how states were looked for.
    pub details: bool,
    /// The Kramers-Moyal coefficients.
    pub kramers_moyal: bool,
}

const HEADER: [(&str, Align); 6] = [
    ("population", Align::Left),
    ("size", Align::Right),
    ("rate (Hz)", Align::Right),
    ("mean input (mV)", Align::Right),
    ("std input (mV)", Align::Right),
    ("CV", Align::Right),
];

/// What sampling leaves open, and the theory with Poisson input.
const BESIDE_POISSON: [(&str, Align); 5] = [
    ("population", Align::Left),
    ("rate (Hz)", Align::Right),
    ("Poisson", Align::Right),
    ("CV", Align::Right),
    ("Poisson", Align::Right),
];

impl Report for Solution {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let mut table = population_table(&self.fixed_points);
        let states = || {
            let states = self.fixed_points.iter();
            states.flat_map(|state| std::iter::repeat_n(state, state.populations.len()))
        };
        let names: Vec<String> =
            states().map(|s| s.state_name.map_or_else(String::new, |name| name.to_string())).collect();
        let dynamics = || states().map(|state| state.full_dynamics.as_ref());
        table.columns.push(Column::some_flags("full_stable", dynamics().map(|full| full?.stable)));
        table.columns.push(Column::numbers("full_growth_per_s", dynamics().map(|full| full?.growth_per_s)));
        table.columns.push(Column::numbers("full_frequency_hz", dynamics().map(|full| full?.frequency_hz)));
        table.columns.push(Column::texts("state_name", names.iter().map(String::as_str)));
        table
    }
}

impl Solution {
    /// All of it for people.
    pub fn text(&self, shown: ShownInText) -> String {
        let mut text = title(self.about());
        let states = &self.fixed_points;
        match self.provenance.input {
            InputTheory::Diffusion => {}
            InputTheory::ShotNoise => {
                text.push_str("\nIn shot noise: spikes arrive as jumps of the size that they have.\n");
            }
            InputTheory::SelfConsistent => {
                text.push_str("\nIn noise with the spectrum of the neurons heard; how each differs from Poisson input\nstands below it.\n");
            }
        }
        for state in states.iter().enumerate() {
            text.push_str(&state_text(state, states.len(), shown));
        }
        if let Some(note) = &self.full_dynamics_note {
            let _ = write!(text, "\n{}", filled(note, "", ""));
        }
        let (search, permutations) = (&self.search, permutations(states));
        let completeness = match self.provenance.input {
            InputTheory::SelfConsistent => starts_of_consistent(search),
            _ => completeness(search, states.len(), shown.details),
        };
        let _ = write!(text, "\n{permutations}{}", filled(&completeness, "", ""));
        if shown.details {
            let _ = write!(text, "\n{}\n{}", filled(STABILITY, "", ""), filled(trust::LEGEND, "", ""));
        } else {
            text.push_str("More with --details: the assumptions of the theory as measured numbers.\n");
        }
        text
    }

    /// All warnings, those of the states' assumptions, too: one that holds for several populations or states is there once.
    pub fn all_warnings(&self) -> Vec<Warning> {
        self.warnings.iter().cloned().chain(trust::warnings(&self.fixed_points)).collect()
    }
}

/// One row a population of each state: what it is of, then every quantity that the theory knows.
pub(super) fn population_table(states: &[FixedPoint]) -> Table {
    let rows: Vec<(usize, &FixedPoint, usize)> = states
        .iter()
        .enumerate()
        .flat_map(|(index, state)| (0..state.populations.len()).map(move |a| (index, state, a)))
        .collect();
    let of_state = || rows.iter().map(|(_, state, _)| *state);
    let mut columns = vec![
        Column::integers("state", rows.iter().map(|(index, ..)| *index as u64 + 1)),
        Column::flags("stable", of_state().map(|state| state.stable)),
        Column::flags("saddle", of_state().map(|state| state.saddle)),
        Column::texts("population", rows.iter().map(|(_, state, a)| state.populations[*a].name.as_str())),
        Column::integers("size", rows.iter().map(|(_, state, a)| state.populations[*a].size)),
    ];
    for quantity in Quantity::all().filter(Quantity::is_of_theory) {
        let value = |(_, state, a): &(usize, &FixedPoint, usize)| match quantity.scope() {
            Scope::State => quantity.of_state(*state),
            _ => quantity.of_population(*state, *a),
        };
        columns.push(Column::quantity(&quantity, rows.iter().map(value)));
    }
    let consistent = rows.iter().map(|(_, state, a)| state.populations[*a].validity.rate_distribution.self_consistent);
    columns.push(Column::flags("rate_distribution_self_consistent", consistent));
    columns.push(Column::texts("trust", of_state().map(|state| trust::word(state.verdict.trust))));
    Table { columns }
}

/// One state: its headline, its populations, how far to trust it.
pub(super) fn state_text(state: (usize, &FixedPoint), states: usize, shown: ShownInText) -> String {
    let (index, state) = state;
    let mut text = format!("\n{}", filled(&headline(state, index, states), "", "  "));
    if let Some(dynamics) = &state.full_dynamics {
        text.push_str(&filled(&in_full(dynamics, state.state_name), "  ", "  "));
    }
    text.push('\n');
    text.push_str(&aligned(&HEADER, state.populations.iter().map(row)));
    if let Some(run) = &state.self_consistent {
        let _ = write!(text, "\n{}", aligned(&BESIDE_POISSON, state.populations.iter().map(beside_poisson)));
        let _ = writeln!(text, "\n{}", filled(&of_run(run), "  ", "  ").trim_end());
    }
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
fn completeness(search: &Search, states: usize, details: bool) -> String {
    let range = if search.bounded { "" } else { " with rates up to 1 MHz" };
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

/// Where self-consistent states were looked for: near those of the Poisson theory.
fn starts_of_consistent(search: &Search) -> String {
    let of_poisson = match (search.complete, search.starts) {
        (true, _) => "which are all that it has, as is proved",
        (false, 1) => "of which others were not looked for",
        (false, _) => "of which others were looked for and not found, which proves nothing",
    };
    format!("Looked for near the states of the Poisson theory, {of_poisson}. Stability is that of the Poisson theory.")
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

/// What the network does with its delays, synapses and neurons as they are.
fn in_full(dynamics: &FullDynamics, name: Option<StateName>) -> String {
    let mode = match (dynamics.growth_per_s, dynamics.frequency_hz) {
        (Some(growth), Some(frequency)) if frequency > 0.0 => {
            format!("{} /s at {} Hz", signed(growth, 1), significant(frequency, 3))
        }
        (Some(growth), _) => format!("{} /s", signed(growth, 1)),
        _ => format!("below {} /s", signed(dynamics.known_above_per_s, 0)),
    };
    let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
    match dynamics.stable {
        Some(true) => format!("With delays and response {name}stable (slowest mode {mode})"),
        Some(false) => format!("With delays and response {name}unstable (fastest growth {mode})"),
        None => "With delays and response: not all modes could be found".to_string(),
    }
}

fn row(population: &PopulationState) -> Vec<String> {
    vec![
        population.name.clone(),
        count(population.size),
        rate(population.rate_hz, population.log10_rate_hz),
        decimals(Some(population.mean_input_mv), 3),
        decimals(Some(population.std_input_mv), 3),
        decimals(population.cv, 3),
    ]
}

fn beside_poisson(population: &PopulationState) -> Vec<String> {
    let Some(own) = &population.self_consistent else { return vec![population.name.clone()] };
    let of_rate = format!("{} ± {}", decimals(Some(population.rate_hz), 3), decimals(Some(own.rate_error_hz), 3));
    let cv = decimals(population.cv, 3);
    let of_cv = own.cv_error.map_or(cv.clone(), |error| format!("{cv} ± {}", decimals(Some(error), 3)));
    vec![population.name.clone(), of_rate, decimals(Some(own.poisson.rate_hz), 3), of_cv, decimals(own.poisson.cv, 3)]
}

/// How a self-consistent input was found.
fn of_run(run: &SelfConsistentRun) -> String {
    let rest = if run.converged { "" } else { ", not at rest" };
    let fluctuations = run.population_fluctuations.words();
    format!(
        "Self-consistent after {} iterations{rest}: errors by sampling, from {} replicates and {} s of a neuron of each population; {fluctuations}.",
        run.iterations,
        run.replicates,
        significant(run.simulated_s, 2)
    )
}

fn effort(state: &FixedPoint) -> String {
    let method = match state.method {
        Method::Newton => "Newton's method",
        Method::Continuation => "continuation from the uncoupled network",
    };
    let evaluations = if state.iterations == 1 { "evaluation" } else { "evaluations" };
    format!("residual {:.1e} after {} {evaluations} by {method}", state.residual, state.iterations)
}
