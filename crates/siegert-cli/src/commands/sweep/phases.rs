//! `siegert sweep --phases`: the states over two parameters by name, with the borders between them.

use siegert::sweep::{PhaseDiagram, PhaseError, PhaseOf};

use crate::arguments::SweepArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Sweep;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot::{self, WhichState};
use crate::signals::stop_on_signals;

/// `siegert sweep FILE --phases`.
pub(super) fn run(arguments: &SweepArguments) -> Result<(), Failure> {
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let (text, source_name) = read::text(&arguments.file)?;
    let read = arguments.network.read_options();
    let sweep =
        Sweep::new(&text, &source_name, &read, arguments.over.clone(), &[], &arguments.theory.options())?;
    let work = stop_on_signals()?;
    let which = match arguments.state {
        WhichState::Lowest => PhaseOf::Lowest,
        WhichState::Highest => PhaseOf::Highest,
    };
    let progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let diagram = PhaseDiagram::new(&sweep, which, arguments.output.threads.map(usize::from), &work);
    drop(progress);
    let mut diagram = diagram?;
    diagram.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_phases(&diagram)?)?;
    }
    deliver(&arguments.output, &diagram, PhaseDiagram::text)?;
    if !arguments.output.quiet {
        print_warnings(&sweep.family().own().warnings);
    }
    Ok(())
}

impl From<PhaseError> for Failure {
    fn from(error: PhaseError) -> Self {
        match error {
            PhaseError::Cancelled { .. } => Failure::Work(error.to_string()),
            PhaseError::Sweep(error) => error.into(),
            PhaseError::Axes { .. } => Failure::Input(format!("--phases: {error}")),
            _ => Failure::Input(error.to_string()),
        }
    }
}
