//! `siegert compare-models`: one network with several neurons in place of its own.

use siegert::report::{ModelsComparedReport, compare_models};

use crate::arguments::CompareModelsArguments;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert compare-models FILE`.
pub(crate) fn run(arguments: &CompareModelsArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let mut report = compare_models(&network, &arguments.models, &arguments.theory.options(), &work)?;
    if work.is_cancelled() {
        return Err(Failure::Work("stopped before all models were solved".to_string()));
    }
    report.provenance.command = command();
    destinations.deliver(&report, plot::of_models_compared, ModelsComparedReport::text)?;
    destinations.warn(network.warnings.iter().chain(&report.warnings));
    Ok(())
}
