//! `siegert correlations`: correlations of pairs of neurons.

use siegert::report::CorrelationsReport;

use crate::arguments::CorrelationsArguments;
use crate::commands::read;
use crate::commands::spectrum::{formula, refuse_single_jumps};
use crate::failure::Failure;
use crate::library::Theory;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert correlations FILE`.
pub(crate) fn run(arguments: &CorrelationsArguments) -> Result<(), Failure> {
    refuse_single_jumps(&arguments.theory)?;
    file_format(&arguments.output)?;
    let picture = arguments.plot.picture()?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let theory = Theory::new(&network, &arguments.theory.options())?.watched(&work).seeded(arguments.output.seed());
    let found = theory.states()?;
    let _progress = Progress::watching(&work, arguments.output.quiet, stdout_format(&arguments.output).is_some());
    let mut report =
        CorrelationsReport::new(&theory, &found.states, arguments.state, arguments.bin_ms, formula(arguments.random_part, arguments.published), &work)?;
    report.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_correlations(&report)?)?;
    }
    deliver(&arguments.output, &report, CorrelationsReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.warnings);
    }
    Ok(())
}
