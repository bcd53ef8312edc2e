//! The arguments of `siegert compare`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use siegert::axis::{Kick, positive_ms as positive};
use siegert::evolution::Start;

use super::evolve::start;
use super::{NetworkOptions, OutputOptions, PlotOptions, RunOptions, TheoryArguments};
use crate::plot::ComparisonPlot;

/// `siegert compare`.
///
/// Finds the stationary states, simulates the network near each that it may stay at (stable, or oscillating under the rate
/// dynamics, which decides nothing), and prints every number that theory and simulation both know, with the error of the
/// simulation and the causes of what deviates, largest first.
#[derive(Debug, Args)]
#[command(
    after_help = "A TIME has its unit, as in \"10 s\" or \"500 ms\"; a plain number is ms.\n\nIf there is one such state, the \
                  simulation starts as siegert simulate does. If there are several, or a state is named with --state, neurons hear \
                  Poisson processes of the state's rates for five membrane time constants and are then let go; the result says \
                  whether the network stayed.\n\nK of --scaling is the largest in-degree: in-degrees grow with it, weights as \
                  1/sqrt(K), currents and the mean of noise drives as sqrt(K), sizes with K unless --fixed-size says otherwise."
)]
pub(crate) struct CompareArguments {
    /// A network file, the name of a bundled network, or - for standard input; or a report as .json: one of compare is shown again, one of
    /// simulate is compared with the theory without simulating
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    /// A report of simulate (then of the network before) or of solve, as .json: it is used in place of computing it again
    #[arg(value_name = "REPORT", value_hint = ValueHint::FilePath)]
    pub(crate) saved: Vec<PathBuf>,
    /// Compare this state alone, from 1 in order of ascending total rate, and start near it (not with --scaling)
    #[arg(long, value_name = "K", value_parser = number_of_state, allow_negative_numbers = true, help_heading = "Theory")]
    pub(crate) state: Option<usize>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    /// Write all spikes, warm-up included: .parquet, .csv, or .h5 (SONATA, with the feature sonata); of one run
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Simulation")]
    pub(crate) spikes: Option<PathBuf>,
    /// Compare rates in time, of densities (as of evolve) and simulations, bin by bin
    #[arg(long, conflicts_with_all = ["state", "dt_study", "scaling", "spikes", "report", "resume", "restart", "plot_kind", "saved", "details"], help_heading = "In time")]
    pub(crate) evolve: bool,
    #[command(flatten)]
    pub(crate) in_time: InTimeArguments,
    /// Simulate at dt, dt/2 and dt/4, and extrapolate to no time step; near the first such state, or --state
    #[arg(long, conflicts_with_all = ["scaling", "spikes"], help_heading = "Studies")]
    pub(crate) dt_study: bool,
    /// After the network as it is, compare at growing in-degree with J ~ 1/sqrt(K), as in --scaling K=100,400,1600,6400
    #[arg(long, value_name = "K=LIST", value_parser = in_degrees, conflicts_with_all = ["spikes", "state"], help_heading = "Studies")]
    pub(crate) scaling: Option<InDegrees>,
    /// Keep the sizes of populations in --scaling
    #[arg(long, requires = "scaling", help_heading = "Studies")]
    pub(crate) fixed_size: bool,
    /// Go on with a comparison that was stopped: runs that were complete are not simulated again
    #[arg(long, requires = "output", conflicts_with = "restart", help_heading = "Output")]
    pub(crate) resume: bool,
    /// Throw away the runs of a comparison that was stopped, and begin anew
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(crate) restart: bool,
    /// Write a page with tables, plots and the description of the network: .html
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) report: Option<PathBuf>,
    /// Show more in the text: the theory corrected for what can be computed, what each cause does, what the words mean
    #[arg(long, help_heading = "Output")]
    pub(crate) details: bool,
    /// What --plot draws
    #[arg(long, value_name = "KIND", value_enum, default_value_t, requires = "plot", help_heading = "Output")]
    pub(crate) plot_kind: ComparisonPlot,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) theory: TheoryArguments,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// What goes with `--evolve`.
#[derive(Debug, Args)]
pub(crate) struct InTimeArguments {
    /// Width of the bins in which rates are compared (5 ms, if nothing is said)
    #[arg(long = "bin", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, requires = "evolve", help_heading = "In time")]
    pub(crate) bin_ms: Option<f64>,
    /// Simulations, each with another seed (1, if nothing is said); several tell how counts vary
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), allow_negative_numbers = true, requires = "evolve", help_heading = "In time")]
    pub(crate) seeds: Option<u32>,
    /// Where both start, as of evolve: state, the number of a state, reset or file; file if the file gives initial potentials, else state
    #[arg(long, value_name = "START", value_parser = start, requires = "evolve", help_heading = "In time")]
    pub(crate) start: Option<Start>,
    /// Shift the potentials of a population at time 0, as in "E=5 mV"; may be given several times
    #[arg(long = "kick", value_name = "NAME=SHIFT", requires = "evolve", help_heading = "In time")]
    pub(crate) kicks: Vec<Kick>,
    /// Relative error of the theory's rates that is aimed at (1e-3, if nothing is said)
    #[arg(long, value_name = "ERROR", requires = "evolve", help_heading = "In time")]
    pub(crate) accuracy: Option<f64>,
}

/// Ascending in-degrees of `--scaling`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InDegrees(pub(crate) Vec<f64>);

fn number_of_state(text: &str) -> Result<usize, String> {
    text.trim().parse().ok().filter(|number| *number > 0).ok_or_else(|| "states are numbered from 1".to_string())
}

fn in_degrees(text: &str) -> Result<InDegrees, String> {
    let wanted = "it must be K and at least two numbers, as in K=100,400,1600";
    let list = text.trim().strip_prefix('K').and_then(|rest| rest.trim_start().strip_prefix('=')).ok_or(wanted)?;
    let number = |text: &str| match text.trim().parse::<f64>() {
        Ok(number) if number >= 1.0 && number.is_finite() => Ok(number),
        _ => Err(format!("{:?} is not a number of inputs; {wanted}", text.trim())),
    };
    let mut values = list.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    values.sort_by(f64::total_cmp);
    values.dedup();
    if values.len() < 2 {
        return Err("it must have at least two different numbers, as in K=100,400,1600".to_string());
    }
    Ok(InDegrees(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_degrees_are_a_list_in_ascending_order() {
        assert_eq!(in_degrees("K=400, 100,1600"), Ok(InDegrees(vec![100.0, 400.0, 1600.0])));
        for wrong in ["", "K", "K=", "K=100", "K=100,100", "N=100,400", "K=0.5,100", "K=nan,100", "K=1,inf", "100,400"]
        {
            assert!(in_degrees(wrong).is_err(), "{wrong:?}");
        }
    }
}
