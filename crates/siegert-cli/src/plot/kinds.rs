//! The kinds of pictures as they are asked for.

use clap::ValueEnum;

/// Pictures of stationary states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Crossing for one population, nullclines for two, bars for more; those that hear the same count as one
    #[default]
    Auto,
    /// The rate that comes out over the rate that goes in, for one population
    Crossing,
    /// The plane of two rates: nullclines, states and flow
    Nullclines,
    /// Rates as bars
    Bars,
}

/// Pictures of a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimulationPlot {
    /// Raster and rates over time; below them potentials, rates of neurons and spectra
    #[default]
    Overview,
    /// The spikes of some neurons over the last stretch of time, a row each
    Raster,
    /// The rates of the populations over the same time
    Rate,
    /// How rates and CVs are distributed over the neurons
    Distributions,
    /// Power spectra of the populations' activities, on logarithmic axes
    Spectrum,
}

/// Pictures of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ComparisonPlot {
    /// The study if there is one (--scaling, --dt-study), else the story
    #[default]
    Auto,
    /// The whole story: raster, rates, potentials, spectra, transfer curves, theory beside simulation, verdict
    Story,
    /// Potentials as simulated, and the density that the theory expects
    Potential,
    /// Where the populations are on their transfer curves
    Transfer,
    /// Rates and CVs, theory beside simulation
    Bars,
    /// Power spectra, theory beneath simulation
    Spectrum,
    /// Deviations and correlations over the in-degree, with --scaling
    Scaling,
    /// Rates over the time step, with --dt-study
    TimeStep,
}

/// The state that a heat map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhichState {
    /// The stable state of the lowest total rate; where none is stable, the lowest that is no saddle
    #[default]
    Lowest,
    /// The stable state of the highest total rate; where none is stable, the highest that is no saddle
    Highest,
}
