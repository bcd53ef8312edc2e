//! Pictures of a simulation; not drawn yet.

use clap::ValueEnum;

use super::Drawing;
use crate::failure::Failure;
use crate::library::{Network, Simulation};

/// Pictures of a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimulationPlot {
    /// Raster and rates, and below them potentials, rates over neurons and spectrum
    #[default]
    Overview,
    /// Spikes of some neurons
    Raster,
    /// Rates of the populations over time
    Rate,
    /// Rates and CVs over neurons
    Distributions,
    /// Power spectra of the populations
    Spectrum,
}

/// A simulation as a picture of the given kind.
pub(crate) fn of_simulation(
    _network: &Network,
    _simulation: &Simulation,
    kind: SimulationPlot,
) -> Result<Drawing, Failure> {
    Err(Failure::Work(format!("the picture {kind:?} of a simulation is not drawn in this version")))
}
