//! The arguments of `siegert correlations`.

use clap::{Args, ValueHint};
use siegert::axis::positive_ms as positive;

use super::{NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};

/// `siegert correlations`.
#[derive(Debug, Args)]
pub(crate) struct CorrelationsArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// Width of the bins in which spikes are counted
    #[arg(long = "bin", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "50 ms", help_heading = "Theory")]
    pub(crate) bin_ms: f64,
    /// Which state, counted from 1 in order of ascending total rate; the first stable one if none is said
    #[arg(long, value_name = "K", help_heading = "Theory")]
    pub(crate) state: Option<usize>,
    /// Add what the random part of the connections makes of the spectra of neurons that do not hear each other
    #[arg(long, help_heading = "Theory")]
    pub(crate) random_part: bool,
    /// As published by Bos et al. (2016): Poisson neurons, no modulation of noise
    #[arg(long, conflicts_with = "random_part", help_heading = "Theory")]
    pub(crate) published: bool,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}
