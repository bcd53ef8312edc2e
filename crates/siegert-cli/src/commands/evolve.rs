//! `siegert evolve`: densities and rates in time.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use siegert::comparison::InTimeError;
use siegert::evolution::{DensityOptions, EvolutionError, EvolutionOptions, Start};
use siegert::report::{EvolutionReport, write_table};

use crate::arguments::{Equation, EvolveArguments};
use crate::commands::read;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::library::SimulationOptions;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert evolve FILE`.
pub(crate) fn run(arguments: &EvolveArguments) -> Result<(), Failure> {
    refuse_other_input(&arguments.theory)?;
    if arguments.equation != Equation::Density {
        let value = arguments.equation.to_possible_value();
        let name = value.as_ref().map_or("", PossibleValue::get_name);
        return Err(Failure::Input(format!("--equation {name} is not there yet; this version has --equation density")));
    }
    let density = &arguments.density;
    let (rows, movie) = (density.rows()?, density.movie()?);
    if density.with_simulation && arguments.start == Start::Reset {
        return Err(Failure::Input(
            "--with-simulation: a simulation cannot start with all neurons at their reset; leave out --start reset".to_string(),
        ));
    }
    let destinations =
        Destinations::checked_with(&arguments.file, &arguments.plot, &arguments.output, &density.files())?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let work = stop_on_signals()?;
    let options = EvolutionOptions {
        duration_ms: arguments.duration_ms,
        dt_ms: arguments.dt_ms,
        accuracy: arguments.accuracy,
        start: arguments.start,
        filter: arguments.theory.options().filter,
        densities: density.are_kept(arguments.plot.plot.is_some()).then(DensityOptions::default),
    };
    let _progress = destinations.progress(&work);
    let mut report = EvolutionReport::new(&network, &options, &work)?;
    if density.with_simulation {
        let options =
            SimulationOptions { duration_ms: arguments.duration_ms, ..arguments.output.simulation_options() };
        report.add_simulation(&network, &options, &work)?;
    }
    report.provenance.command = command();
    if let Some((path, format)) = rows {
        write_table(path, format, &report.densities(), &report.provenance)?;
    }
    if let Some((path, format)) = movie {
        plot::write_movie(path, format, &report)?;
    }
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

impl From<InTimeError> for Failure {
    fn from(error: InTimeError) -> Self {
        match error {
            InTimeError::Simulation(error) => Failure::from(error).about("--with-simulation"),
            _ => Failure::Input(format!("--with-simulation: {error}")),
        }
    }
}
