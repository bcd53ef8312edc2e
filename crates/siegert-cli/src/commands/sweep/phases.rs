//! `siegert sweep --phases`: the states over two parameters by name, with the borders between them.

use siegert::sweep::{PhaseDiagram, PhaseError, PhaseOf};

use crate::arguments::SweepArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Sweep;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot::{self, WhichState};
use crate::signals::stop_on_signals;

/// `siegert sweep FILE --phases`.
pub(super) fn run(arguments: &SweepArguments) -> Result<(), Failure> {
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let (text, source_name) = read::text(&arguments.file)?;
    let read = arguments.network.read_options();
    let sweep =
        Sweep::new(&text, &source_name, &read, arguments.over.clone(), &[], &arguments.theory.options())?;
    let work = stop_on_signals()?;
    let which = match arguments.state {
        WhichState::Lowest => PhaseOf::Lowest,
        WhichState::Highest => PhaseOf::Highest,
    };
    let progress = destinations.progress(&work);
    let diagram = PhaseDiagram::new(&sweep, which, arguments.output.threads.map(usize::from), &work);
    drop(progress);
    let mut diagram = diagram?;
    diagram.provenance.command = command();
    destinations.deliver(&diagram, plot::of_phases, PhaseDiagram::text)?;
    destinations.warn(&sweep.family().own().warnings);
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
