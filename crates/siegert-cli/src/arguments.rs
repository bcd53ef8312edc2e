//! The arguments of the command line: every command, every option, and its help.

mod compare;
mod compare_models;
mod densities;
mod evolve;
mod explain;
mod export;
mod fluctuations;
mod response;
mod simulate;
mod sweep;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, ValueEnum, ValueHint};

use crate::commands::Command;
use crate::failure::Failure;
use crate::library::{Axis, InputTheory, Range, ReadOptions, SynapticFilter, TheoryOptions};
use crate::plot::{Kind, PictureFormat};
use crate::start::StartRates;

pub(crate) use compare::CompareArguments;
pub(crate) use compare_models::CompareModelsArguments;
pub(crate) use densities::DensityArguments;
pub(crate) use evolve::{Equation, EvolveArguments};
pub(crate) use explain::ExplainArguments;
pub(crate) use export::{ExportArguments, TargetKind};
pub(crate) use fluctuations::{CorrelationsArguments, FluctuationArguments, SpectrumArguments};
pub(crate) use response::ResponseArguments;
pub(crate) use simulate::{RunOptions, SimulateArguments, TimeOptions};
pub(crate) use sweep::{PlotArguments, SweepArguments};

/// Mean-field theory of networks of spiking neurons, and how far to trust it.
///
/// Without a command, siegert predicts the stationary state of the bundled default network, brunel2000, simulates the same
/// network, and prints both side by side.
#[derive(Debug, Parser)]
#[command(
    name = "siegert",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "FILE is a network file, the name of a bundled network (siegert models lists them), or - for standard \
                  input.\n\nExit status: 0 done; 1 the work could not be completed; 2 bad input."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) bare: SolveOptions,
}

/// `siegert models`.
#[derive(Debug, Args)]
pub(crate) struct ModelsArguments {
    /// Print the file of this network, exactly as it is bundled
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// `siegert new`.
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The file to write; .toml is appended if it is missing
    pub(crate) name: String,
    /// Start from a bundled network instead of the commented template
    #[arg(long, value_name = "MODEL")]
    pub(crate) from: Option<String>,
    /// Replace the file if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// No remarks
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `siegert check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// `siegert solve`.
#[derive(Debug, Args)]
pub(crate) struct SolveArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// Of which equations the states are
    #[arg(long, value_name = "EQUATION", value_enum, default_value_t = SolveEquation::Transfer, help_heading = "Theory")]
    pub(crate) equation: SolveEquation,
    #[command(flatten)]
    pub(crate) options: SolveOptions,
}

/// Equations of stationary states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SolveEquation {
    /// Rates by the transfer functions of single neurons in noise
    Transfer,
    /// The exact reduction of quadratic neurons to rate and mean potential
    Reduced,
}

/// What `siegert solve` and `siegert` share.
#[derive(Debug, Args)]
pub(crate) struct SolveOptions {
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    /// Find the state near these rates in Hz (one for all populations, or one each: 5,10) instead of looking for all
    #[arg(long, value_name = "RATES", allow_hyphen_values = true, help_heading = "Theory")]
    pub(crate) start: Option<StartRates>,
    /// Find parameter values at which a state is as wanted, as in --target "E.rate=5 Hz" --vary nu_ext; rate, mean_input,
    /// std_input or cv of a population; may be repeated
    #[arg(long, value_name = "TARGET", requires = "vary", conflicts_with_all = ["start", "plot"], help_heading = "Targets")]
    pub(crate) target: Vec<String>,
    /// A parameter to vary for --target, NAME or NAME=A:B (a tenth to ten times its value without a range); one a target
    #[arg(long, value_name = "NAME=RANGE", requires = "target", help_heading = "Targets")]
    pub(crate) vary: Vec<String>,
    /// Show more in the text: the theory's assumptions as measured numbers, what was searched, what the words mean
    #[arg(long, help_heading = "Output")]
    pub(crate) details: bool,
    /// Print the Kramers-Moyal coefficients D1 to D4, too (JSON, CSV and Parquet always have them)
    #[arg(long, help_heading = "Theory")]
    pub(crate) kramers_moyal: bool,
    /// What --plot draws
    #[arg(long, value_name = "KIND", value_enum, default_value_t, requires = "plot", help_heading = "Output")]
    pub(crate) plot_kind: Kind,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// `siegert balance`.
///
/// In the balanced limit excitation and inhibition, which grow as sqrt(K), cancel. Without --over only the limit is
/// computed, and what it depends on; with --over the stationary states at every value stand beside it.
#[derive(Debug, Args)]
#[command(
    after_help = "A RANGE is one value, or A:B:N: N values from A to B in equal ratios (lin:A:B:N: in equal steps), in the \
                        parameter's own unit. NAME is a parameter of FILE: the network is read again at each value, and \
                        must itself scale weights as 1/sqrt(NAME). If NAME is K and FILE has no such parameter, K is the \
                        largest in-degree: all in-degrees and sizes are scaled with it, weights with 1/sqrt(K), currents \
                        and the mean of noise drives with sqrt(K)."
)]
pub(crate) struct BalanceArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// Find all states at these values of a parameter too, as in --over K=100:1e6:9
    #[arg(long, value_name = "NAME=RANGE", value_parser = Axis::over_decades, help_heading = "Theory")]
    pub(crate) over: Option<Axis>,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// `siegert transfer`.
///
/// Inputs are the rows of a CSV file (--points) or a grid (--mu and --sigma). In a grid, sigma varies fastest: all sigma
/// of the first mu, then all sigma of the second, and so on. With --jump every pair has rows for all sizes of jumps, whose
/// rate stands beside that in white noise of the same mean and variance.
#[derive(Debug, Args)]
#[command(
    after_help = "A RANGE is one value, A:B:N (N values from A to B) or log:A:B:N (logarithmic steps), with units as \
                        in \"0 mV:40 mV:41\"; plain numbers are mV.\n\nThe CSV file has a header with the columns mu_mv and \
                        sigma_mv; the columns tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv, tau_syn_ms and tau_rise_ms, where they are, replace the \
                        neuron's values row by row, and so do Delta_T_mv and V_peak_mv of an eif, qif or adex and E_L_mv of an \
                        adex or perfect neuron. V_reset_mv and V_peak_mv of a qif may be -inf and inf."
)]
pub(crate) struct TransferArguments {
    /// A network file with the neuron type, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<String>,
    /// A neuron type of FILE; without FILE a model (lif, eif, qif, adex, perfect) with the parameters of Brunel (2000) and Delta_T = 2 mV
    #[arg(long, value_name = "NAME")]
    pub(crate) neuron: Option<String>,
    /// Inputs from a CSV file, or from standard input (-)
    #[arg(long, value_name = "CSV", value_hint = ValueHint::FilePath, conflicts_with_all = ["mu", "sigma", "jump"])]
    pub(crate) points: Option<PathBuf>,
    /// Mean inputs of a grid
    #[arg(long, value_name = "RANGE", value_parser = Range::voltages, requires = "sigma", allow_hyphen_values = true)]
    pub(crate) mu: Option<Range>,
    /// Noise amplitudes of a grid
    #[arg(long, value_name = "RANGE", value_parser = Range::voltages, requires = "mu", allow_hyphen_values = true)]
    pub(crate) sigma: Option<Range>,
    /// Sizes of the jumps that make mean and noise of a grid, for lif neurons; 0 is white noise
    #[arg(long, value_name = "RANGE", value_parser = Range::voltages, requires = "mu", allow_hyphen_values = true)]
    pub(crate) jump: Option<Range>,
    /// Logarithmic axis for the rates of the plot
    #[arg(long, requires = "plot")]
    pub(crate) log: bool,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// `siegert completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `siegert man`.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write one page a command into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
}

/// Which network is meant: its parameters.
#[derive(Debug, Default, Args)]
pub(crate) struct NetworkOptions {
    /// Replace a parameter of the file; may be repeated, as in --set g=6 --set J="0.2 mV"
    #[arg(long, value_name = "NAME=VALUE", value_parser = override_of, help_heading = "Network")]
    pub(crate) set: Vec<(String, String)>,
    /// Take the parameters of a case of the file; --set is applied after it
    #[arg(long, value_name = "NAME", help_heading = "Network")]
    pub(crate) case: Option<String>,
}

impl NetworkOptions {
    pub(crate) fn read_options(&self) -> ReadOptions {
        ReadOptions { overrides: self.set.clone(), case: self.case.clone() }
    }
}

/// How the theory treats the input.
#[derive(Debug, Args)]
pub(crate) struct TheoryArguments {
    /// What the input is taken for
    #[arg(long, value_name = "KIND", value_enum, default_value_t = InputKind::Diffusion, help_heading = "Theory")]
    pub(crate) input: InputKind,
    /// How the time constants of synapses enter the rate
    #[arg(long = "filter", alias = "synaptic-filter", value_name = "HOW", value_enum, default_value_t = FilterKind::Auto, help_heading = "Theory")]
    pub(crate) filter: FilterKind,
}

impl TheoryArguments {
    pub(crate) fn options(&self) -> TheoryOptions {
        TheoryOptions { filter: self.filter.into(), input: self.input.into() }
    }
}

/// Kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputKind {
    /// White noise: many small jumps
    Diffusion,
    /// Single jumps of the size that they have (lif)
    ShotNoise,
    /// Noise with the spectrum of the neurons heard, found by simulating one neuron at a time (lif, currents)
    SelfConsistent,
}

impl From<InputKind> for InputTheory {
    fn from(kind: InputKind) -> Self {
        match kind {
            InputKind::Diffusion => InputTheory::Diffusion,
            InputKind::ShotNoise => InputTheory::ShotNoise,
            InputKind::SelfConsistent => InputTheory::SelfConsistent,
        }
    }
}

/// Treatments of exponential synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilterKind {
    /// As full where the shift is off by more than 1 %
    Auto,
    /// Threshold and reset are shifted, as published
    Shift,
    /// The rate is expanded to first order
    Taylor,
    /// Synapses count as instantaneous
    None,
    /// By the law of threshold crossings, for any time constants
    Full,
    /// The theory of Brunel and Wang (2001), their saturation of NMDA with it (lif)
    BrunelWang,
}

impl From<FilterKind> for SynapticFilter {
    fn from(kind: FilterKind) -> Self {
        match kind {
            FilterKind::Shift => SynapticFilter::ThresholdShift,
            FilterKind::Taylor => SynapticFilter::TaylorExpansion,
            FilterKind::None => SynapticFilter::Ignore,
            FilterKind::Full => SynapticFilter::Full,
            FilterKind::BrunelWang => SynapticFilter::BrunelWang,
            FilterKind::Auto => SynapticFilter::Auto,
        }
    }
}

/// Drawing the result.
#[derive(Debug, Default, Args)]
pub(crate) struct PlotOptions {
    /// Draw the result: .svg or .png
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,
}

impl PlotOptions {
    /// The picture's file and form, if one is wanted.
    pub(crate) fn picture(&self) -> Result<Option<(&Path, PictureFormat)>, Failure> {
        self.plot.as_deref().map(|path| Ok((path, PictureFormat::of(path)?))).transpose()
    }
}

/// Where results go, and in which form.
#[derive(Debug, Default, Args)]
pub(crate) struct OutputOptions {
    /// What is written to standard output (text, unless --output is given)
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Write the result to a file instead: .json, .csv or .parquet
    #[arg(long, short, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// No progress and no warnings
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Number of threads; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true, hide_short_help = true, help_heading = "Output")]
    pub(crate) threads: Option<u16>,
    /// Seed of the random numbers of a simulation (1, if none is said), and of --input self-consistent; the rest of the theory uses none
    #[arg(long, value_name = "N", value_parser = seed_of, allow_negative_numbers = true, hide_short_help = true, help_heading = "Output")]
    pub(crate) seed: Option<u64>,
}

/// Forms of a result on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people
    Text,
    /// JSON
    Json,
    /// CSV with a header
    Csv,
}

/// A seed: what is none is answered with what would be one.
fn seed_of(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

fn override_of(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_string(), value.trim().to_string()))
        }
        _ => Err("it must be NAME=VALUE, as in g=5 or J=\"0.1 mV\"".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_of_all_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn numbers_below_zero_are_values_and_not_options() {
        for (line, message) in [
            ("simulate x --seed -1", "a seed is a whole number from 0 to 18446744073709551615"),
            ("simulate x --seed 1.5", "a seed is a whole number"),
            ("simulate x --threads -2", "-2 is not in 1..=1024"),
            ("export nest x --seed -1", "-1 is not in 1..=4294967295"),
            ("export nest x --threads -1", "-1 is not in 1..=1024"),
            ("compare x --state -1", "states are numbered from 1"),
            ("solve x --start -5,3", "\"-5\" is not a positive rate"),
        ] {
            let error = Arguments::try_parse_from(format!("siegert {line}").split(' ')).unwrap_err().to_string();
            assert!(error.contains(message), "{line}: {error}");
        }
    }

    #[test]
    fn an_override_is_a_name_and_a_value() {
        assert_eq!(override_of("J = 0.1 mV"), Ok(("J".to_string(), "0.1 mV".to_string())));
        assert_eq!(override_of("x=a=b"), Ok(("x".to_string(), "a=b".to_string())));
        for wrong in ["g", "=5", "g=", ""] {
            assert!(override_of(wrong).is_err(), "{wrong}");
        }
    }
}
