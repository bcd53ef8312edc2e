//! `siegert compare-models`: one network with several neurons in place of its own.

use siegert::report::{ModelsComparedReport, compare_models};

use crate::arguments::CompareModelsArguments;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::{command, deliver, file_format};
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert compare-models FILE`.
pub(crate) fn run(arguments: &CompareModelsArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let mut report = compare_models(&network, &arguments.models, &arguments.theory.options(), &work)?;
    if work.is_cancelled() {
        return Err(Failure::Work("stopped before all models were solved".to_string()));
    }
    report.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_models_compared(&report)?)?;
    }
    deliver(&arguments.output, &report, ModelsComparedReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings);
    }
    Ok(())
}
