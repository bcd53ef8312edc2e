//! The arguments of `siegert explain`.

use clap::{Args, ValueHint};

use super::{NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};

/// `siegert explain`.
///
/// The derivatives of one number of a state with weight, in-degree, delay and time constant of every projection, and with
/// the drives; no equation is solved anew for them.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// The number: rate, mean_input, std_input, cv, peak_frequency or peak_power (of the power spectrum) of a population, as in E.rate; or growth or frequency of a mode
    #[arg(long, value_name = "QUANTITY", help_heading = "Theory")]
    pub(crate) of: String,
    /// The population whose number it is
    #[arg(long, value_name = "NAME", help_heading = "Theory")]
    pub(crate) population: Option<String>,
    /// Which state, counted from 1 in order of ascending total rate; the first stable one if none is said
    #[arg(long, value_name = "K", help_heading = "Theory")]
    pub(crate) state: Option<usize>,
    /// Which mode, counted from 1, the fastest growing first; the first if none is said
    #[arg(long, value_name = "K", help_heading = "Theory")]
    pub(crate) root: Option<usize>,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}
