//! `siegert` alone: the bundled default network predicted, simulated, and both side by side.

use serde::Serialize;

use crate::arguments::{Format, SolveOptions};
use crate::commands::compare::rows;
use crate::commands::simulate::{self, run_lines, time};
use crate::commands::solution::SolutionReport;
use crate::commands::solve::{refuse_files, refuse_shot_noise, solution};
use crate::commands::{read, target};
use crate::failure::Failure;
use crate::library::{self, Simulation, Solution, StateComparison, Theory};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::table::{Column, Table};
use crate::output::{FileFormat, Report, deliver, print_text, stdout_format};
use crate::plot::{self, Beside, Drawing, Kind, PictureFormat};
use crate::signals::stop_on_signals;

/// `siegert`: the main job on the default network, and what to try next.
pub(crate) fn run(options: &SolveOptions) -> Result<(), Failure> {
    let name = library::bundled::all().first().map_or("brunel2000", |network| network.name);
    refuse_shot_noise(&options.theory)?;
    if options.target.is_empty() {
        predict_and_simulate(name, options)?;
    } else {
        target::run(name, options)?;
    }
    if stdout_format(&options.output) == Some(Format::Text) && !options.output.quiet {
        print_remark(&format!(
            "try next:\n  siegert solve {name} --set g=6 --set eta=4   other parameters\n  siegert simulate {name} --plot \
             spikes.svg    the spikes themselves\n  siegert --details                            what the theory assumes, measured\n  siegert models                               other networks\n  siegert new \
             mine                             a network of your own\n  siegert --help"
        ));
    }
    Ok(())
}

fn predict_and_simulate(name: &str, options: &SolveOptions) -> Result<(), Failure> {
    FileFormat::of_output(&options.output)?;
    let picture = options.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    refuse_files(Files::default(), options)?;
    let network = read::network(name, &options.network)?;
    let theory = Theory::new(&network, &options.theory.options())?;
    let solution = solution(&theory, options)?;
    let states = SolutionReport { network: &network, solution: &solution, shown: options.shown() };
    if stdout_format(&options.output) == Some(Format::Text) {
        // people read the prediction while the simulation runs
        print_text(&states.text())?;
    }
    let run = options.output.simulation_options();
    let work = stop_on_signals()?;
    let outcome = simulate::simulated(&network, &run, None, (options.output.quiet, &work))?;
    let simulation = outcome.simulation;
    let comparison = compared(&theory, &solution, &simulation);
    if let (Some(path), Some(format)) = (&options.plot.plot, picture) {
        plot::write(path, format, &drawing(&theory, &solution, (comparison.as_ref(), &simulation), options)?)?;
    }
    deliver(&options.output, &MainJob { theory: states, simulation: &simulation, comparison: comparison.as_ref() })?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&states.warnings());
        print_warnings(&simulation.warnings);
    }
    outcome.stopped.map_or(Ok(()), |_| Err(Failure::Work("stopped before the simulation was complete".to_string())))
}

/// The nearest state beside the simulation.
fn compared(theory: &Theory, solution: &Solution, simulation: &Simulation) -> Option<StateComparison> {
    let states = &solution.fixed_points;
    theory.nearest_state(states, simulation).map(|index| theory.compare(states, index, simulation))
}

/// The simulation beside the theory, unless a picture of the states is asked for by name.
fn drawing(
    theory: &Theory,
    solution: &Solution,
    (comparison, simulation): (Option<&StateComparison>, &Simulation),
    options: &SolveOptions,
) -> Result<Drawing, Failure> {
    match options.plot_kind {
        Kind::Auto => {
            let beside = Beside { states: &solution.fixed_points, map: theory.map(), comparison };
            plot::side_by_side(theory.network(), &beside, simulation)
        }
        kind => plot::of_solution(theory, solution, kind),
    }
}

/// The states and the simulation. As text it is what follows the states: the comparison.
#[derive(Clone, Copy)]
struct MainJob<'a> {
    theory: SolutionReport<'a>,
    simulation: &'a Simulation,
    comparison: Option<&'a StateComparison>,
}

impl Report for MainJob<'_> {
    fn text(&self) -> String {
        let (run, details) = (&self.simulation.run, self.theory.shown.details);
        let lasted = format!("{} after a warm-up of {}", time(run.duration_ms), time(run.warmup_ms));
        let table = match self.comparison {
            Some(comparison) => {
                let state = match self.theory.solution.fixed_points.len() {
                    1 => String::new(),
                    _ => format!(" (state {}, the nearest)", comparison.state),
                };
                let (table, reasons) = (rows::table(comparison, details), rows::reasons(comparison, details));
                format!("Theory{state} beside a simulation of {lasted}\n\n{table}\n{reasons}")
            }
            None => format!("There is no state to compare with a simulation of {lasted}\n"),
        };
        format!("\n{table}\n{}\n{}", run_lines(self.simulation), rows::legend(details))
    }

    fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Whole<'a, S: Serialize> {
            #[serde(flatten)]
            theory: S,
            simulation: &'a Simulation,
            comparison: Option<&'a StateComparison>,
        }
        Whole { theory: self.theory.json(), simulation: self.simulation, comparison: self.comparison }
    }

    /// The rows of the states; each has what was measured of its population.
    fn table(&self) -> Table {
        let mut table = self.theory.table();
        let states = self.theory.solution.fixed_points.len();
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
    use super::*;
    use crate::commands::simulate::made_up::{population, simulation};
    use crate::commands::solution::ShownInText;
    use crate::library::{ReadOptions, TheoryOptions, open};
    use crate::output::table::Values;

    #[test]
    fn states_and_simulation_are_one_result_in_every_form() {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        let solution = theory.solution().unwrap();
        let simulation = simulation(vec![population("E", 10_000, 37.0), population("I", 2_500, 36.0)]);
        let comparison = compared(&theory, &solution, &simulation);
        let theory = SolutionReport { network: &network, solution: &solution, shown: ShownInText::default() };
        let report = MainJob { theory, simulation: &simulation, comparison: comparison.as_ref() };

        let text = report.text();
        assert!(text.contains("Theory beside a simulation of 1 s after a warm-up of 500 ms"), "{text}");
        assert!(text.contains("+2.6 %") && text.contains("seed 1"), "{text}");

        let json = serde_json::to_value(report.json()).unwrap();
        let alone = serde_json::to_value(report.theory.json()).unwrap();
        for (key, value) in alone.as_object().unwrap() {
            assert_eq!(&json[key], value, "the keys of solve stay: {key}");
        }
        assert_eq!(json["simulation"]["populations"][1]["rate_hz"], 36.0);
        assert_eq!(json["comparison"]["state"], 1);

        let table = report.table();
        let column = table.columns.iter().find(|column| column.name == "simulated_rate_hz").unwrap();
        assert_eq!(column.values, Values::Numbers(vec![37.0, 36.0]));
        assert_eq!(table.len(), 2);
    }
}
