//! The arguments of `siegert export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{NetworkOptions, TimeOptions};
use crate::library::{ExportTarget, SimulationOptions};

/// `siegert export`.
///
/// The script states every parameter by value, draws connections by the same rules, drives the neurons in the same way,
/// and prints the statistics of siegert simulate as JSON. What the other simulator cannot do is refused.
#[derive(Debug, Args)]
#[command(
    after_help = "A TIME has its unit, as in \"10 s\" or \"500 ms\"; a plain number is ms. Times (but for the step), seed and threads become \
                  the defaults of the script's own options.\n\nScripts for NEST run under NEST 3.10, those for Brian2 under Brian 2.9."
)]
pub(crate) struct ExportArguments {
    /// The simulator that the script is for
    #[arg(value_enum)]
    pub(crate) target: TargetKind,
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) time: TimeOptions,
    /// Seed of all random numbers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true, default_value_t = 1, help_heading = "Simulation")]
    pub(crate) seed: u32,
    /// Number of threads; only for NEST (1, if none is said)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true, help_heading = "Simulation")]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    /// Write the script to a file instead of standard output: .py
    #[arg(long, short, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// No remarks
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl ExportArguments {
    /// The simulation that the script repeats.
    pub(crate) fn options(&self) -> SimulationOptions {
        let (seed, threads) = (u64::from(self.seed), self.threads.map(usize::from));
        self.time.applied_to(SimulationOptions { seed, threads, ..SimulationOptions::default() })
    }
}

/// Simulators that there are scripts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetKind {
    /// NEST, through PyNEST
    Nest,
    /// Brian 2
    Brian2,
}

impl From<TargetKind> for ExportTarget {
    fn from(kind: TargetKind) -> Self {
        match kind {
            TargetKind::Nest => ExportTarget::Nest,
            TargetKind::Brian2 => ExportTarget::Brian2,
        }
    }
}
