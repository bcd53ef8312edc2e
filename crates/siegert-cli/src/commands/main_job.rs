//! `siegert` alone: the bundled default network predicted, simulated, and both side by side.

use siegert::report::MainReport;

use crate::arguments::{Format, SolveOptions};
use crate::commands::simulate;
use crate::commands::solve::{refuse_files, solution};
use crate::commands::{read, target};
use crate::failure::Failure;
use crate::library::{self, Theory};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::{command, deliver, file_format, print_text, stdout_format};
use crate::plot::{self, Beside, Drawing, Kind};
use crate::signals::stop_on_signals;

/// `siegert`: the main job on the default network, and what to try next.
pub(crate) fn run(options: &SolveOptions) -> Result<(), Failure> {
    let name = library::bundled::all().first().map_or("brunel2000", |network| network.name);
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
    file_format(&options.output)?;
    let picture = options.plot.picture()?;
    refuse_files(Files::default(), options)?;
    let network = read::network(name, &options.network)?;
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &options.theory.options())?.watched(&work).seeded(options.output.seed());
    let solution = solution(&theory, options, &work)?;
    if stdout_format(&options.output) == Some(Format::Text) {
        // people read the prediction while the simulation runs
        print_text(&solution.text(options.shown()))?;
    }
    let run = options.output.simulation_options();
    let outcome = simulate::simulated(&network, &run, None, (options.output.quiet, &work))?;
    let mut report = MainReport::new(&theory, solution, outcome.simulation);
    report.theory.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &drawing(&theory, &report, options)?)?;
    }
    deliver(&options.output, &report, |report| report.text(options.details))?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.theory.all_warnings());
        print_warnings(&report.simulation.warnings);
    }
    outcome.stopped.map_or(Ok(()), |_| Err(Failure::Work("stopped before the simulation was complete".to_string())))
}

/// The simulation beside the theory, unless a picture of the states is asked for by name.
fn drawing(theory: &Theory, report: &MainReport, options: &SolveOptions) -> Result<Drawing, Failure> {
    match options.plot_kind {
        Kind::Auto => {
            let (states, map) = (&report.theory.fixed_points[..], theory.map());
            let beside = Beside { states, map, comparison: report.comparison.as_ref() };
            plot::side_by_side(theory.network(), &beside, &report.simulation)
        }
        kind => plot::of_solution(theory, &report.theory, kind),
    }
}
