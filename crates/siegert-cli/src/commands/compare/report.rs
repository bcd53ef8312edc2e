//! A comparison as text, JSON and rows.

use std::fmt::Write;

use serde::Serialize;
use siegert::simulation::Run;

use crate::commands::compare::rows;
use crate::commands::compare::{DtStudy, ScalingStudy, StateRun};
use crate::commands::simulate::{run_lines, time};
use crate::commands::solution::title;
use crate::library::{
    Network, Outcome, PopulationComparison, QuantityComparison, Solution, Stability, StateComparison, largest_in_degree,
};
use crate::output::Report;
use crate::output::json::Parameters;
use crate::output::table::{Column, Table};
use crate::output::text::filled;

/// States beside simulations of the network that they are of.
#[derive(Clone, Copy, Debug)]
pub(super) struct CompareReport<'a> {
    pub(super) network: &'a Network,
    pub(super) solution: &'a Solution,
    /// At least one.
    pub(super) runs: &'a [StateRun],
    pub(super) dt_study: Option<&'a DtStudy>,
    pub(super) scaling: Option<&'a ScalingStudy>,
    /// Whether the text has the corrections of the theory, and what each cause does.
    pub(super) details: bool,
}

impl CompareReport<'_> {
    /// Every run with the study that it is of, and its largest in-degree.
    fn all_runs(&self) -> Vec<(&'static str, f64, &StateRun)> {
        let K = largest_in_degree(self.network);
        let finer = self.dt_study.iter().flat_map(|study| &study.finer);
        let scaled = self.scaling.iter().flat_map(|study| &study.points);
        let all = self.runs.iter().map(|run| ("none", K, run)).chain(finer.map(|run| ("dt", K, run)));
        all.chain(scaled.map(|point| ("scaling", point.in_degree, &point.run))).collect()
    }

    /// All warnings as sentences, each once.
    pub(super) fn warnings(&self) -> Vec<String> {
        let runs = self.all_runs();
        let simulations = runs.iter().flat_map(|(_, _, run)| &run.simulation.warnings);
        let all = self.network.warnings.iter().chain(&self.solution.warnings).chain(simulations);
        let mut warnings: Vec<String> = Vec::new();
        for warning in all {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        warnings
    }
}

impl Report for CompareReport<'_> {
    fn text(&self) -> String {
        let mut text = title(self.network);
        for run in self.runs {
            let comparison = &run.comparison;
            let (headline, table) =
                (filled(&headline(self.solution, run), "", "  "), rows::table(comparison, self.details));
            let reasons = rows::reasons(comparison, self.details);
            let _ = write!(text, "\n{headline}\n{table}\n{reasons}\n{}", run_lines(&run.simulation));
        }
        if rows::is_short(&self.runs[0].comparison.populations) {
            text.push_str("\nOf each population the rate alone is shown; JSON, CSV and --report have the rest.\n");
        }
        if let Some(study) = self.dt_study {
            let _ = write!(text, "\n{}", study.text(&self.runs[0]));
        }
        if let Some(study) = self.scaling {
            let _ = write!(text, "\n{}", study.text());
        }
        let _ = write!(text, "\n{}", rows::legend(self.details));
        text
    }

    fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct State<'a> {
            #[serde(flatten)]
            comparison: &'a StateComparison,
            simulation: &'a Run,
        }
        #[derive(Serialize)]
        struct Whole<'a, S: Serialize> {
            network: &'a str,
            parameters: Parameters<'a>,
            simulation: &'a Run,
            #[serde(flatten)]
            first: &'a StateComparison,
            states: Vec<State<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            dt_study: Option<S>,
            #[serde(skip_serializing_if = "Option::is_none")]
            scaling: Option<&'a ScalingStudy>,
            warnings: Vec<String>,
        }
        Whole {
            network: &self.network.name,
            parameters: Parameters(&self.network.parameters),
            simulation: &self.runs[0].simulation.run,
            first: &self.runs[0].comparison,
            states: self
                .runs
                .iter()
                .map(|run| State { comparison: &run.comparison, simulation: &run.simulation.run })
                .collect(),
            dt_study: self.dt_study.map(DtStudy::json),
            scaling: self.scaling,
            warnings: self.warnings(),
        }
    }

    /// One row a quantity of each population in each state.
    fn table(&self) -> Table {
        let runs = self.all_runs();
        let rows: Vec<Row<'_>> = runs
            .iter()
            .flat_map(|(study, in_degree, run)| {
                run.comparison.populations.iter().map(move |of| (*study, *in_degree, *run, of))
            })
            .flat_map(|(study, in_degree, run, population)| {
                let quantities = population.quantities.iter();
                quantities.map(move |row| Row { study, in_degree, run, population, row })
            })
            .collect();
        let numbers = |name, value: fn(&QuantityComparison) -> Option<f64>| {
            Column::numbers(name, rows.iter().map(|of| value(of.row)))
        };
        let outcome = |state: &StateComparison| match state.outcome {
            Outcome::Stayed => "stayed",
            Outcome::Left { .. } => "left",
            Outcome::Elsewhere => "elsewhere",
        };
        let causes: Vec<String> = rows
            .iter()
            .map(|of| of.row.causes.iter().map(|cause| cause.name()).collect::<Vec<_>>().join(";"))
            .collect();
        Table {
            columns: vec![
                Column::texts("study", rows.iter().map(|of| of.study)),
                Column::numbers("in_degree", rows.iter().map(|of| Some(of.in_degree))),
                Column::numbers("dt_ms", rows.iter().map(|of| Some(of.run.simulation.run.dt_ms))),
                Column::integers("state", rows.iter().map(|of| of.run.comparison.state as u64)),
                Column::texts("outcome", rows.iter().map(|of| outcome(&of.run.comparison))),
                Column::texts("population", rows.iter().map(|of| of.population.name.as_str())),
                Column::texts("quantity", rows.iter().map(|of| of.row.quantity.name())),
                numbers("theory", |row| row.theory),
                numbers("theory_on_grid", |row| row.theory_on_grid),
                numbers("theory_corrected", |row| row.theory_corrected),
                numbers("simulation", |row| row.simulation),
                numbers("standard_error", |row| row.standard_error),
                numbers("confidence_95_low", |row| row.confidence_interval_95.map(|[low, _]| low)),
                numbers("confidence_95_high", |row| row.confidence_interval_95.map(|[_, high]| high)),
                numbers("deviation_percent", |row| row.deviation_percent),
                numbers("z", |row| row.z),
                numbers("corrected_deviation_percent", |row| row.corrected_deviation_percent),
                Column::flags("deviates", rows.iter().map(|of| of.row.deviates)),
                Column::texts("causes", causes.iter().map(String::as_str)),
            ],
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy)]
struct Row<'a> {
    study: &'static str,
    in_degree: f64,
    run: &'a StateRun,
    population: &'a PopulationComparison,
    row: &'a QuantityComparison,
}

/// "State 1 of 1 (stable), beside 1 s after a warm-up of 500 ms: the simulation stayed there".
pub(super) fn headline(solution: &Solution, run: &StateRun) -> String {
    let states = &solution.fixed_points;
    let number = run.comparison.state;
    let stability = match states[number - 1].stability() {
        Stability::Oscillating => "oscillating under the rate dynamics",
        other => other.word(),
    };
    let of = &run.simulation.run;
    let stopped = if of.complete { "" } else { ", stopped before its end" };
    format!(
        "State {number} of {} ({stability}) beside a simulation of {} after a warm-up of {}{stopped}: {}",
        states.len(),
        time(of.duration_ms),
        time(of.warmup_ms),
        rows::whereabouts(run.comparison.outcome)
    )
}
