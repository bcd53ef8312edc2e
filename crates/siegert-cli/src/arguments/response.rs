//! The arguments of `siegert response`.

use clap::{Args, ValueHint};
use siegert::axis::frequencies_hz;

use super::{NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};

/// `siegert response`.
#[derive(Debug, Args)]
pub(crate) struct ResponseArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// Frequencies in Hz: A:B:N (N of them in equal ratios), or a list as in 1,10,100
    #[arg(long, value_name = "HZ", default_value = "1:1000:121", value_parser = frequencies, help_heading = "Theory")]
    pub(crate) frequencies: Frequencies,
    /// Which state, counted from 1 in order of ascending total rate; the first stable one if none is said
    #[arg(long, value_name = "K", help_heading = "Theory")]
    pub(crate) state: Option<usize>,
    /// Find the values of a parameter, NAME or NAME=A:B (a tenth to ten times its value without a range), at which the
    /// network begins to oscillate: those next to the present value
    #[arg(long, value_name = "NAME=RANGE", help_heading = "Theory")]
    pub(crate) critical: Option<String>,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// Frequencies in Hz.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frequencies(pub(crate) Vec<f64>);

pub(super) fn frequencies(text: &str) -> Result<Frequencies, String> {
    frequencies_hz(text).map(Frequencies)
}
