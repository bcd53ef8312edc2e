//! `siegert check`: reads and checks a file, and prints what follows from it.

use siegert::report::CheckReport;

use crate::arguments::CheckArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::{command, deliver, file_format};

/// `siegert check FILE`.
pub(crate) fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    file_format(&arguments.output)?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let mut report = CheckReport::new(&network)?;
    report.provenance.command = command();
    deliver(&arguments.output, &report, CheckReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&report.warnings);
    }
    Ok(())
}
