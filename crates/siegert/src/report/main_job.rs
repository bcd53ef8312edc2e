//! The states of a network, a simulation of it, and the nearest state beside the simulation: what `siegert` alone prints.

use serde::{Deserialize, Serialize};

use super::comparison::rows;
use super::simulation::{run_lines, time};
use super::table::{Column, Table};
use super::{About, Report};
use crate::comparison::StateComparison;
use crate::simulation::Simulation;
use crate::theory::{Solution, Theory};

/// States and simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MainReport {
    /// The states, as `siegert solve` gives them.
    #[serde(flatten)]
    pub theory: Solution,
    /// The simulation.
    pub simulation: Simulation,
    /// The nearest state beside it.
    pub comparison: Option<StateComparison>,
}

impl MainReport {
    /// Of a network in theory and simulation.
    pub fn new(theory: &Theory<'_>, solution: Solution, simulation: Simulation) -> Self {
        let states = &solution.fixed_points;
        let nearest = theory.nearest_state(states, &simulation);
        let comparison = nearest.map(|index| theory.compare(states, index, &simulation));
        let mut solution = solution;
        solution.provenance.report = "main".to_string();
        solution.provenance.seed = Some(simulation.run.seed);
        MainReport { theory: solution, simulation, comparison }
    }

    /// What follows the states: the comparison.
    pub fn text(&self, details: bool) -> String {
        let run = &self.simulation.run;
        let lasted = format!("{} after a warm-up of {}", time(run.duration_ms), time(run.warmup_ms));
        let table = match &self.comparison {
            Some(comparison) => {
                let state = match self.theory.fixed_points.len() {
                    1 => String::new(),
                    _ => format!(" (state {}, the nearest)", comparison.state),
                };
                let (table, reasons) = (rows::table(comparison, details), rows::reasons(comparison, details));
                format!("Theory{state} beside a simulation of {lasted}\n\n{table}\n{reasons}")
            }
            None => format!("There is no state to compare with a simulation of {lasted}\n"),
        };
        format!("\n{table}\n{}\n{}", run_lines(&self.simulation), rows::legend(details, self.theory.provenance.input))
    }
}

impl Report for MainReport {
    fn about(&self) -> About<'_> {
        self.theory.about()
    }

    /// The rows of the states; each has what was measured of its population.
    fn table(&self) -> Table {
        let mut table = self.theory.table();
        let states = self.theory.fixed_points.len();
        let populations = &self.simulation.populations;
        let mut measured = |name, values: Vec<Option<f64>>| {
            let rows = std::iter::repeat_n(values, states).flatten();
            table.columns.push(Column::numbers(name, rows));
        };
        measured("simulated_rate_hz", populations.iter().map(|p| Some(p.rate_hz)).collect());
        let errors = populations.iter().map(|p| p.rate_standard_error_hz);
        measured("simulated_rate_standard_error_hz", errors.collect());
        measured("simulated_cv", populations.iter().map(|p| p.cv).collect());
        let input = || populations.iter().map(|p| p.input.as_ref());
        measured("simulated_mean_input_mv", input().map(|input| Some(input?.mean_mv)).collect());
        measured("simulated_std_input_mv", input().map(|input| Some(input?.std_mv)).collect());
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::simulation::made_up::{population, simulation};
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::report::table::Values;
    use crate::theory::TheoryOptions;

    #[test]
    fn states_and_simulation_are_one_result_in_every_form() {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let solution = theory.solution().unwrap();
        let simulation = simulation(vec![population("E", 10_000, 37.0), population("I", 2_500, 36.0)]);
        let report = MainReport::new(&theory, solution.clone(), simulation);

        let text = report.text(false);
        assert!(text.contains("Theory beside a simulation of 1 s after a warm-up of 500 ms"), "{text}");
        assert!(text.contains("+2.6 %") && text.contains("seed 1"), "{text}");

        let json = serde_json::to_value(&report).unwrap();
        let alone = serde_json::to_value(&solution).unwrap();
        for (key, value) in alone.as_object().unwrap().iter().filter(|(key, _)| *key != "provenance") {
            assert_eq!(&json[key], value, "the keys of solve stay: {key}");
        }
        assert_eq!(json["simulation"]["populations"][1]["rate_hz"], 36.0);
        assert_eq!(json["comparison"]["state"], 1);

        let table = report.table();
        let column = table.column("simulated_rate_hz").unwrap();
        assert_eq!(column.values, Values::Numbers(vec![37.0, 36.0]));
        assert_eq!(table.len(), 2);
    }
}
