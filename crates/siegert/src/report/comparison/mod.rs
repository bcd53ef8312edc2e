//! States beside simulations of the network that they are of, as text, rows and JSON.

pub mod rows;
mod studies;

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::simulation::{run_lines, time};
use super::table::{Column, Table};
use super::text::{filled, title};
use super::{About, Report};
use crate::comparison::study::{FinerRun, Prediction, ScalingStudy, StateRun, TimeStepStudy};
use crate::comparison::{Outcome, PopulationComparison, QuantityComparison, StateComparison};
use crate::network::{Network, Parameter};
use crate::simulation::{Run, Simulation};
use crate::stationary::Stability;
use crate::stationary::balance::largest_in_degree;
use crate::theory::{FixedPoint, InputTheory};
use crate::{Provenance, Warning};

/// Theory beside simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompareReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// How the first state was simulated.
    pub simulation: Run,
    /// The first state beside its simulation.
    #[serde(flatten)]
    pub first: StateComparison,
    /// Every state that was looked at, the first one, too.
    pub states: Vec<ComparedState>,
    /// At smaller time steps.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dt_study: Option<TimeStepStudy>,
    /// At growing in-degrees.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scaling: Option<ScalingStudy>,
    /// The largest in-degree of the network.
    pub in_degree: f64,
    /// All states of the theory.
    pub fixed_points: Vec<FixedPoint>,
    /// What should be known of any of it, each once.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A state beside the simulation that was started near it, or anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComparedState {
    /// Theory beside simulation.
    #[serde(flatten)]
    pub comparison: StateComparison,
    /// How it was simulated.
    pub simulation: Run,
    /// All that was measured.
    pub measured: Simulation,
}

impl CompareReport {
    /// Of the runs of a network, at least one.
    pub fn new(
        network: &Network,
        prediction: &Prediction,
        runs: Vec<StateRun>,
        dt_study: Option<TimeStepStudy>,
        scaling: Option<ScalingStudy>,
    ) -> Option<Self> {
        let first = runs.first()?;
        let finer = dt_study.iter().flat_map(|study| &study.finer);
        let scaled = scaling.iter().flat_map(|study| &study.points).map(|point| &point.compared);
        let of_runs = runs.iter().flat_map(|run| &run.simulation.warnings);
        let of_studies = finer.chain(scaled).flat_map(|run| &run.warnings);
        let mut warnings: Vec<Warning> = Vec::new();
        for warning in network.warnings.iter().chain(&prediction.solution.warnings).chain(of_runs).chain(of_studies) {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        let seed = Some(first.simulation.run.seed);
        Some(CompareReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            simulation: first.simulation.run.clone(),
            first: first.comparison.clone(),
            states: runs
                .into_iter()
                .map(|run| ComparedState {
                    comparison: run.comparison,
                    simulation: run.simulation.run.clone(),
                    measured: run.simulation,
                })
                .collect(),
            dt_study,
            scaling,
            in_degree: largest_in_degree(network),
            fixed_points: prediction.solution.fixed_points.clone(),
            warnings,
            provenance: Provenance { seed, ..Provenance::new("compare", network) }
                .of_theory(prediction.theory.options()),
        })
    }

    /// All of it for people; the details are the corrections of the theory, and what each cause does.
    pub fn text(&self, details: bool) -> String {
        let mut text = title(self.about());
        for state in &self.states {
            let comparison = &state.comparison;
            let headline = filled(&self.headline(state), "", "  ");
            let (table, reasons) = (rows::table(comparison, details), rows::reasons(comparison, details));
            let _ = write!(text, "\n{headline}\n{table}\n{reasons}\n{}", run_lines(&state.measured));
        }
        if rows::is_short(&self.first.populations) {
            text.push_str("\nOf each population the rate alone is shown; JSON, CSV and --report have the rest.\n");
        }
        if let Some(study) = &self.dt_study {
            let _ = write!(text, "\n{}", studies::time_steps(study, &self.first_run()));
        }
        if let Some(study) = &self.scaling {
            let _ = write!(text, "\n{}", studies::scaling(study));
        }
        let _ = write!(text, "\n{}", rows::legend(details, self.provenance.input));
        text
    }

    /// The first run as one of a study.
    pub fn first_run(&self) -> FinerRun {
        FinerRun::new(&self.first, &self.simulation, &[])
    }

    /// "State 1 of 1 (stable, in shot noise) beside 1 s after a warm-up of 500 ms: the simulation stayed there".
    pub fn headline(&self, state: &ComparedState) -> String {
        let number = state.comparison.state;
        let stability = match state.comparison.fixed_point.stability() {
            Stability::Oscillating => "oscillating under the rate dynamics",
            other => other.word(),
        };
        let of = &state.simulation;
        let stopped = if of.complete { "" } else { ", stopped before its end" };
        let input = match self.provenance.input {
            InputTheory::Diffusion => "",
            InputTheory::ShotNoise => ", in shot noise",
            InputTheory::SelfConsistent => ", self-consistent input",
        };
        format!(
            "State {number} of {} ({stability}{input}) beside a simulation of {} after a warm-up of {}{stopped}: {}",
            self.fixed_points.len(),
            time(of.duration_ms),
            time(of.warmup_ms),
            rows::whereabouts(state.comparison.outcome)
        )
    }

    /// Every run with the study that it is of, and its largest in-degree.
    fn all_runs(&self) -> Vec<(&'static str, f64, FinerRun)> {
        let of_states = self
            .states
            .iter()
            .map(|state| FinerRun::new(&state.comparison, &state.simulation, &[]))
            .collect::<Vec<_>>();
        let finer = self.dt_study.iter().flat_map(|study| study.finer.clone());
        let scaled = self.scaling.iter().flat_map(|study| &study.points);
        let all = of_states.into_iter().map(|run| ("none", self.in_degree, run));
        let all = all.chain(finer.map(|run| ("dt", self.in_degree, run)));
        all.chain(scaled.map(|point| ("scaling", point.in_degree, point.compared.clone()))).collect()
    }
}

impl Report for CompareReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    /// One row a quantity of each population in each state.
    fn table(&self) -> Table {
        let runs = self.all_runs();
        let rows: Vec<Row<'_>> = runs
            .iter()
            .flat_map(|(study, in_degree, run)| run.populations.iter().map(move |of| (*study, *in_degree, run, of)))
            .flat_map(|(study, in_degree, run, population)| {
                let quantities = population.quantities.iter();
                quantities.map(move |row| Row { study, in_degree, run, population, row })
            })
            .collect();
        let numbers = |name, value: fn(&QuantityComparison) -> Option<f64>| {
            Column::numbers(name, rows.iter().map(|of| value(of.row)))
        };
        let outcome = |run: &FinerRun| match run.outcome {
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
                Column::numbers("dt_ms", rows.iter().map(|of| Some(of.run.dt_ms))),
                Column::integers("state", rows.iter().map(|of| of.run.state as u64)),
                Column::texts("outcome", rows.iter().map(|of| outcome(of.run))),
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
    run: &'a FinerRun,
    population: &'a PopulationComparison,
    row: &'a QuantityComparison,
}
