//! `siegert evolve`: densities and rates in time, and rates by equations that stand for densities.

use siegert::axis::Kick;
use siegert::evolution::{
    DensityOptions, EvolutionError, EvolutionOptions, FiniteEquation, FiniteSize, RateEquation, Start,
};
use siegert::report::{EvolutionReport, write_table};
use siegert::theory::InputTheory;

use crate::arguments::{Equation, EvolveArguments, InputKind};
use crate::commands::read;
use crate::commands::reduced::refuse_filter;
use crate::commands::solve::refuse_other_input;
use crate::failure::Failure;
use crate::library::Network;
use crate::output::command;
use crate::output::destinations::Destinations;
use crate::plot;
use crate::signals::stop_on_signals;

/// `siegert evolve FILE`.
pub(crate) fn run(arguments: &EvolveArguments) -> Result<(), Failure> {
    if arguments.theory.input == InputKind::ShotNoise {
        let remedy = "evolve has jumps of the size that they have with --equation jumps";
        return Err(Failure::Input(format!("--input shot-noise: {remedy}")));
    }
    refuse_other_input(&arguments.theory)?;
    if arguments.equation == Equation::Reduced {
        refuse_filter(&arguments.theory)?;
    }
    let input = if arguments.equation == Equation::Jumps { InputTheory::ShotNoise } else { InputTheory::Diffusion };
    let finite = |equation| Some(FiniteSize { equation, seed: arguments.output.seed() });
    let finite_size = match arguments.equation {
        Equation::Density | Equation::Jumps | Equation::Spectral | Equation::Cascade | Equation::Reduced => None,
        Equation::Stochastic => finite(FiniteEquation::Stochastic),
        Equation::Mesoscopic => finite(FiniteEquation::Mesoscopic),
    };
    let density = &arguments.density;
    let (rows, movie) = (density.rows()?, density.movie()?);
    // rates alone do not start with potentials
    let has_potentials = !matches!(arguments.equation, Equation::Spectral | Equation::Cascade | Equation::Reduced);
    let has_densities = matches!(arguments.equation, Equation::Density | Equation::Jumps);
    if !has_densities && (density.are_kept(false) || density.with_simulation) {
        return Err(Failure::Input(
            "--densities, --densities-to, --movie and --with-simulation go with the densities of infinitely many neurons: --equation density and jumps have them".to_string(),
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
        start: arguments.start.unwrap_or_else(|| if has_potentials { Start::usual(&network) } else { Start::State }),
        kicks_mv: kicks_mv(&arguments.kicks, &network)?,
        filter: arguments.theory.options().filter,
        input,
        densities: (has_densities && density.are_kept(arguments.plot.plot.is_some()))
            .then(DensityOptions::default),
        finite_size,
    };
    let _progress = destinations.progress(&work);
    let mut report = match arguments.equation {
        Equation::Reduced => EvolutionReport::reduced(&network, &options, &work)?,
        Equation::Spectral => EvolutionReport::of_rates(&network, &options, RateEquation::Spectral, &work)?,
        Equation::Cascade => EvolutionReport::of_rates(&network, &options, RateEquation::Cascade, &work)?,
        _ => EvolutionReport::new(&network, &options, &work)?,
    };
    if density.with_simulation {
        let simulation = arguments.output.simulation_options();
        let added = report.add_simulation(&network, &options, &simulation, &work);
        added.map_err(|error| Failure::from(error).about("--with-simulation"))?;
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

/// What `--kick` shifts each population by.
pub(super) fn kicks_mv(kicks: &[Kick], network: &Network) -> Result<Vec<f64>, Failure> {
    Kick::shifts_mv(kicks, network).map_err(|problem| Failure::Input(format!("--kick: {problem}")))
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
