//! `siegert balance`: the balanced limit of a network, and how its states approach it.

use std::path::Path;

use siegert::report::{BalanceReport, OverValues, approach};

use crate::arguments::BalanceArguments;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::library::{Axis, Theory};
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format, stdout_format};
use crate::plot::{self, PictureFormat};
use crate::signals::stop_on_signals;

/// `siegert balance FILE`.
pub(crate) fn run(arguments: &BalanceArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    file_format(&arguments.output)?;
    let picture = picture(arguments)?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check(arguments.output.quiet)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let options = arguments.theory.options();
    let work = stop_on_signals()?;
    let mut report = match &arguments.over {
        None => BalanceReport::of_limit(&network, &Theory::new(&network, &options)?),
        Some(over) => {
            let prints = stdout_format(&arguments.output).is_some();
            let _progress = Progress::watching(&work, arguments.output.quiet, prints);
            approach(&network, &values(over), &options, &work)?
        }
    };
    report.provenance.command = command();
    if let Some((path, format)) = picture {
        plot::write(path, format, &plot::of_balance(&report)?)?;
    }
    deliver(&arguments.output, &report, BalanceReport::text)?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&report.limit.warnings);
        print_warnings(&report.warnings);
    }
    if work.is_cancelled() {
        return Err(Failure::Work("stopped before all values were solved".to_string()));
    }
    Ok(())
}

fn values(over: &Axis) -> OverValues {
    OverValues {
        name: over.name.clone(),
        unit: over.unit.clone(),
        values: (0..over.range.len()).map(|index| over.range.value(index)).collect(),
        logarithmic: over.range.is_logarithmic(),
    }
}

fn picture(arguments: &BalanceArguments) -> Result<Option<(&Path, PictureFormat)>, Failure> {
    if arguments.plot.plot.is_some() && arguments.over.is_none() {
        return Err(Failure::Input(
            "--plot needs --over, as in --over K=100:1e6:9: it draws states over K".to_string(),
        ));
    }
    arguments.plot.picture()
}
