//! `siegert solve --equation reduced`: fixed points of the exact reduction of quadratic neurons.

use siegert::reduced::ReducedError;
use siegert::report::ReducedReport;

use crate::arguments::{FilterKind, SolveArguments, TheoryArguments};
use crate::commands::read;
use crate::commands::solve::{refuse_files, refuse_other_input};
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format};
use crate::signals::stop_on_signals;

/// `siegert solve FILE --equation reduced`.
pub(super) fn run(arguments: &SolveArguments) -> Result<(), Failure> {
    let options = &arguments.options;
    refuse_other_input(&options.theory)?;
    refuse_filter(&options.theory)?;
    for (is_there, name, remedy) in [
        (!options.target.is_empty(), "--target", "targets are sought with the transfer functions of single neurons"),
        (options.start.is_some(), "--start", "all fixed points are found"),
        (options.kramers_moyal, "--kramers-moyal", "there is no noise to expand"),
        (options.plot.plot.is_some(), "--plot", "draw the course of siegert evolve --equation reduced"),
    ] {
        if is_there {
            return Err(Failure::Input(format!("{name} is not for --equation reduced: {remedy}")));
        }
    }
    file_format(&options.output)?;
    refuse_files(Files::of_network(&arguments.file), options)?;
    let network = read::network(&arguments.file, &options.network)?;
    let work = stop_on_signals()?;
    let mut report = {
        let _bar = Progress::watching(&work, options.output.quiet, options.output.output.is_none());
        ReducedReport::new(&network, &work)?
    };
    report.provenance.command = command();
    deliver(&options.output, &report, |report| report.text(options.details))?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings);
    }
    Ok(())
}

/// Refuses a treatment of filtered noise, of which the reduction has none.
pub(super) fn refuse_filter(theory: &TheoryArguments) -> Result<(), Failure> {
    match theory.filter {
        FilterKind::Auto | FilterKind::Full => Ok(()),
        _ => Err(Failure::Input(
            "--filter is not for --equation reduced, in which the time constants of synapses are what they are"
                .to_string(),
        )),
    }
}

impl From<ReducedError> for Failure {
    fn from(error: ReducedError) -> Self {
        match error {
            ReducedError::Evolution(error) => error.into(),
            ReducedError::Cancelled(_) | ReducedError::NoState { .. } | ReducedError::Stuck { .. } => {
                Failure::Work(error.to_string())
            }
            _ => Failure::Input(error.to_string()),
        }
    }
}
