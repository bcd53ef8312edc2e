//! The arguments of `siegert sweep` and of `siegert plot`, which draws what a sweep has written.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};
use crate::library::Axis;
use crate::plot::WhichState;

/// `siegert sweep`.
///
/// The last parameter named varies fastest. Each state is a row; a point without a state has one row, whose last column says
/// why. With --output the rows go to PATH.partial first, and PATH.progress says how far they are to be trusted: whatever
/// stops the command, the same command with --resume goes on there.
#[derive(Debug, Args)]
#[command(
    after_help = "A RANGE is one value, A:B:N (N values from A to B) or log:A:B:N (logarithmic steps), in the parameter's own \
                        unit, as in --over \"tau_m=5 ms:20 ms:16\".\n\nQuantities: rate_hz (or rate), log10_rate_hz, \
                        mean_input_mv, std_input_mv, cv, distance_to_threshold_over_sigma, the numbers of validity such as \
                        shared_input_fraction or rate_std_hz (a column for each population); index, multiplicity, residual, \
                        growth_per_s, oscillation_hz (one column). A wrong name is answered with all of them."
)]
pub(crate) struct SweepArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// A parameter and its range; may be repeated
    #[arg(long, value_name = "NAME=RANGE", value_parser = Axis::parse, required = true)]
    pub(crate) over: Vec<Axis>,
    /// What is computed of each state; may be repeated, or a list: rate_hz,cv (rate_hz if nothing is said)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) quantity: Vec<String>,
    /// Name the states over two parameters (asynchronous or synchronous, regular or irregular, ...), with the borders between them
    #[arg(long, conflicts_with_all = ["quantity", "population", "resume", "restart"])]
    pub(crate) phases: bool,
    /// Go on with an unfinished sweep
    #[arg(long, requires = "output", conflicts_with = "restart")]
    pub(crate) resume: bool,
    /// Throw away an unfinished sweep and begin anew
    #[arg(long, requires = "output")]
    pub(crate) restart: bool,
    /// Draw these populations only, in this order; may be repeated or separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "plot")]
    pub(crate) population: Vec<String>,
    /// The state that a heat map or a phase diagram shows
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    pub(crate) state: WhichState,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// `siegert plot`.
///
/// Draws what a command has written as JSON (solve, simulate, compare, balance, transfer), or the rows of a sweep: over one parameter curves, over
/// two a heat map of the first quantity and population. Nothing is solved or simulated again.
#[derive(Debug, Args)]
pub(crate) struct PlotArguments {
    /// A report as .json; or rows, in a .csv, .json or .parquet that `siegert sweep` has written, or CSV under another name: swept
    /// parameters, states, state, stable, saddle, and a column for each quantity and population (rate_hz_E)
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The picture to write: .svg or .png
    #[arg(value_name = "PICTURE", value_hint = ValueHint::FilePath)]
    pub(crate) picture: PathBuf,
    /// What is drawn, as the columns name it; may be repeated or separated by commas
    #[arg(long, value_name = "QUANTITY", value_delimiter = ',', default_value = "rate_hz")]
    pub(crate) quantity: Vec<String>,
    /// These populations only, in this order; may be repeated or separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) population: Vec<String>,
    /// The state that a heat map shows
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    pub(crate) state: WhichState,
    /// What is written above the rows of a sweep; the file's name if nothing is said
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Which picture of a report: those of --plot-kind of the command that wrote it
    #[arg(long, value_name = "KIND")]
    pub(crate) plot_kind: Option<String>,
}
