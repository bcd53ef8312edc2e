//! `siegert evolve`: densities and rates in time.

use siegert::evolution::{EvolutionError, EvolutionOptions};
use siegert::report::EvolutionReport;

use crate::arguments::{Equation, EvolveArguments};
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert evolve FILE`.
pub(crate) fn run(arguments: &EvolveArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    if arguments.equation != Equation::Density {
        let name = arguments.equation.name();
        return Err(Failure::Input(format!("--equation {name} is not there yet; this version has --equation density")));
    }
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let options = EvolutionOptions {
        duration_ms: arguments.duration_ms,
        dt_ms: arguments.dt_ms,
        accuracy: arguments.accuracy,
        start: arguments.start,
        filter: arguments.theory.options().filter,
    };
    let _progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let mut report = EvolutionReport::new(&network, &options, &work)?;
    report.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_evolution(&report)?)?;
    }
    deliver(&arguments.output, &report, EvolutionReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings);
    }
    Ok(())
}

impl From<EvolutionError> for Failure {
    fn from(error: EvolutionError) -> Self {
        match error {
            EvolutionError::Cancelled(_) => Failure::Work(error.to_string()),
            EvolutionError::NoState { .. } => Failure::Input(format!("--start: {error}")),
            _ => Failure::Input(error.to_string()),
        }
    }
}
