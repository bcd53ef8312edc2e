//! `siegert evolve`: densities and rates in time, and rates by equations that stand for densities.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use siegert::evolution::{EvolutionError, EvolutionOptions, RateEquation};
use siegert::report::EvolutionReport;

use crate::arguments::{Equation, EvolveArguments};
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert evolve FILE`.
pub(crate) fn run(arguments: &EvolveArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    let rate_equation = match arguments.equation {
        Equation::Density => None,
        Equation::Spectral => Some(RateEquation::Spectral),
        Equation::Cascade => Some(RateEquation::Cascade),
        other => {
            let value = other.to_possible_value();
            let name = value.as_ref().map_or("", PossibleValue::get_name);
            return Err(Failure::Input(format!(
                "--equation {name} is not there yet; this version has --equation density, spectral and cascade"
            )));
        }
    };
    let destinations = Destinations::checked(&arguments.file, &arguments.plot, &arguments.output)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let options = EvolutionOptions {
        duration_ms: arguments.duration_ms,
        dt_ms: arguments.dt_ms,
        accuracy: arguments.accuracy,
        start: arguments.start,
        filter: arguments.theory.options().filter,
    };
    let _progress = destinations.progress(&work);
    let mut report = match rate_equation {
        None => EvolutionReport::new(&network, &options, &work)?,
        Some(equation) => EvolutionReport::of_rates(&network, &options, equation, &work)?,
    };
    report.provenance.command = command();
    destinations.deliver(&report, plot::of_evolution, EvolutionReport::text)?;
    destinations.warn(network.warnings.iter().chain(&report.warnings));
    Ok(())
}

impl From<EvolutionError> for Failure {
    fn from(error: EvolutionError) -> Self {
        match error {
            EvolutionError::Cancelled(_) => Failure::Work(error.to_string()),
            EvolutionError::NoState { .. } => Failure::Input(format!("--start: {error}")),
            _ => Failure::Input(error.to_string()),
        }
    }
}
