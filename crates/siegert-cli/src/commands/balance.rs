//! `siegert balance`: the balanced limit of a network, and how its states approach it.

use siegert::report::{BalanceReport, OverValues, approach};

use crate::arguments::BalanceArguments;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::library::{Axis, Theory};
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert balance FILE`.
pub(crate) fn run(arguments: &BalanceArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    if arguments.plot.plot.is_some() && arguments.over.is_none() {
        return Err(Failure::Input(
            "--plot needs --over, as in --over K=100:1e6:9: it draws states over K".to_string(),
        ));
    }
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let options = arguments.theory.options();
    let work = stop_on_signals()?;
    let mut report = match &arguments.over {
        None => BalanceReport::of_limit(&network, &Theory::new(&network, &options)?),
        Some(over) => {
            let _progress = destinations.progress(&work);
            approach(&network, &values(over), &options, &work)?
        }
    };
    report.provenance.command = command();
    destinations.deliver(&report, plot::of_balance, BalanceReport::text)?;
    destinations.warn(network.warnings.iter().chain(&report.limit.warnings).chain(&report.warnings));
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
