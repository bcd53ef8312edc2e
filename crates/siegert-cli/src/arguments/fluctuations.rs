//! The arguments of `siegert spectrum` and `siegert correlations`.

use clap::{Args, ValueHint};
use siegert::axis::positive_ms as positive;
use siegert::report::SpectrumFormula;

use super::response::{Frequencies, frequencies};
use super::{NetworkOptions, OutputOptions, PlotOptions, TheoryArguments};

/// `siegert spectrum`.
#[derive(Debug, Args)]
pub(crate) struct SpectrumArguments {
    #[command(flatten)]
    pub(crate) fluctuations: FluctuationArguments,
    /// Frequencies in Hz: A:B:N (N of them in equal ratios), or a list as in 1,10,100
    #[arg(long, value_name = "HZ", default_value = "1:1000:121", value_parser = frequencies, help_heading = "Theory")]
    pub(crate) frequencies: Frequencies,
}

/// `siegert correlations`.
#[derive(Debug, Args)]
pub(crate) struct CorrelationsArguments {
    #[command(flatten)]
    pub(crate) fluctuations: FluctuationArguments,
    /// Width of the bins in which spikes are counted
    #[arg(long = "bin", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "50 ms", help_heading = "Theory")]
    pub(crate) bin_ms: f64,
}

/// What both have.
#[derive(Debug, Args)]
pub(crate) struct FluctuationArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// Which state, counted from 1 in order of ascending total rate; the first stable one if none is said
    #[arg(long, value_name = "K", help_heading = "Theory")]
    pub(crate) state: Option<usize>,
    /// Add what the random part of the connections makes of the spectra of neurons that do not hear each other
    #[arg(long, help_heading = "Theory")]
    random_part: bool,
    /// As published by Bos et al. (2016): Poisson neurons, no modulation of noise
    #[arg(long, conflicts_with = "random_part", help_heading = "Theory")]
    published: bool,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

impl FluctuationArguments {
    /// The formula that is asked for.
    pub(crate) fn formula(&self) -> SpectrumFormula {
        match (self.random_part, self.published) {
            (true, _) => SpectrumFormula::RandomPart,
            (_, true) => SpectrumFormula::Published,
            _ => SpectrumFormula::Full,
        }
    }
}
