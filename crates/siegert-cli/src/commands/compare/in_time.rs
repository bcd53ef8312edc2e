//! `siegert compare FILE --evolve`: rates in time, of densities and simulations.

use siegert::comparison::{InTimeError, InTimeOptions};
use siegert::evolution::{EvolutionOptions, Start};
use siegert::report::InTimeReport;

use crate::arguments::CompareArguments;
use crate::commands::evolve::kicks_mv;
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// Width of a bin if nothing is said.
const BIN_MS: f64 = 5.0;

/// `siegert compare FILE --evolve`.
pub(super) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let (how, simulation) = (&arguments.in_time, arguments.run.options(&arguments.output));
    let options = InTimeOptions {
        evolution: EvolutionOptions {
            duration_ms: simulation.duration_ms,
            dt_ms: how.bin_ms.unwrap_or(BIN_MS),
            accuracy: how.accuracy.unwrap_or(EvolutionOptions::default().accuracy),
            start: how.start.unwrap_or_else(|| Start::usual(&network)),
            kicks_mv: kicks_mv(&how.kicks, &network)?,
            filter: arguments.theory.options().filter,
            ..EvolutionOptions::default()
        },
        simulation,
        simulations: how.seeds.unwrap_or(1) as usize,
    };
    let _progress = destinations.progress(&work);
    let mut report = InTimeReport::new(&network, &options, &work)?;
    report.provenance.command = command();
    destinations.deliver(&report, plot::of_in_time, InTimeReport::text)?;
    destinations.warn(network.warnings.iter().chain(&report.warnings));
    Ok(())
}

impl From<InTimeError> for Failure {
    fn from(error: InTimeError) -> Self {
        match error {
            InTimeError::Evolution(error) => error.into(),
            InTimeError::Simulation(error) => error.into(),
            InTimeError::Bin { .. } => Failure::Input(format!("--bin: {error}")),
            _ => Failure::Input(error.to_string()),
        }
    }
}
