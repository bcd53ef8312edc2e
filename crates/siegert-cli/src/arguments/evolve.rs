//! The arguments of `siegert evolve`.

use clap::{Args, ValueEnum, ValueHint};
use siegert::axis::{Kick, positive_ms as positive};
use siegert::evolution::Start;

use super::{DensityArguments, NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};

/// `siegert evolve`.
#[derive(Debug, Args)]
#[command(
    after_help = "A TIME has its unit, as in \"10 s\" or \"500 ms\"; a plain number is ms.\n\nTime 0 is where drives are counted from: one with start = \"0 ms\" is not part of the state that is started from, and steps in."
)]
pub(crate) struct EvolveArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// How long
    #[arg(long = "duration", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "1 s", help_heading = "Theory")]
    pub(crate) duration_ms: f64,
    /// Time between the rates that are written; of a finite number of neurons each is a mean over it
    #[arg(long = "dt", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "1 ms", help_heading = "Theory")]
    pub(crate) dt_ms: f64,
    /// Relative error of the rates that is aimed at
    #[arg(long, value_name = "ERROR", default_value_t = 1e-3, help_heading = "Theory")]
    pub(crate) accuracy: f64,
    /// What is evolved
    #[arg(long, value_name = "EQUATION", value_enum, default_value_t = Equation::Density, help_heading = "Theory")]
    pub(crate) equation: Equation,
    /// Where it starts: state (the first stable one of what acts before time 0), the number of a state, reset (all neurons at V_reset), or file (the
    /// potentials that the file gives as initial); file if it gives any, else state
    #[arg(long, value_name = "START", value_parser = start, help_heading = "Theory")]
    pub(crate) start: Option<Start>,
    /// Shift the potentials of a population at time 0, as in "E=5 mV"; those above the threshold spike at once; may be given several times
    #[arg(long = "kick", value_name = "NAME=SHIFT", help_heading = "Theory")]
    pub(crate) kicks: Vec<Kick>,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) density: DensityArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// Equations in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Equation {
    /// The density of the potential of every population (Fokker-Planck)
    Density,
    /// The same with jumps of the size that they have in place of white noise, through synapses that act at once (lif)
    Jumps,
    /// Densities with the noise of a finite number of neurons; --seed says which
    Stochastic,
    /// The mesoscopic equation: spikes drawn from what those before let expect; --seed says which
    Mesoscopic,
    /// Rates alone, by two of the slowest modes of every density; says how far it is from the density
    Spectral,
    /// Rates alone, by filters before the stationary rate (linear-nonlinear cascade); likewise
    Cascade,
    /// The exact reduction of quadratic neurons to rate and mean potential
    Reduced,
}

/// A start as it is typed.
pub(super) fn start(text: &str) -> Result<Start, String> {
    match text {
        "file" => Ok(Start::File),
        "state" => Ok(Start::State),
        "reset" => Ok(Start::Reset),
        number => match number.parse() {
            Ok(number) if number > 0 => Ok(Start::Numbered(number)),
            _ => Err("it must be state, reset, file or the number of a state, counted from 1".to_string()),
        },
    }
}
