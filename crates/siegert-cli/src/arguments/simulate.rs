//! The arguments of `siegert simulate`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use siegert::axis::{Kick, from_zero_ms as from_zero, positive_ms as positive};
use siegert::evolution::Start;
use siegert::job::RecordSpec;

use super::evolve::start;
use super::{NetworkOptions, OutputOptions, PlotOptions};
use crate::library::{Connectivity, SimulationOptions, SpikeTimes};
use crate::plot::SimulationPlot;

/// Biological time between checkpoints, in ms, if nothing is said.
const CHECKPOINT_EVERY_MS: f64 = 10_000.0;

/// The times of a run, for every command that simulates or has another program do so.
#[derive(Clone, Debug, Args)]
pub(crate) struct TimeOptions {
    /// Time that is measured
    #[arg(long = "duration", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "1 s", help_heading = "Simulation")]
    pub(crate) duration_ms: f64,
    /// Time before it that is not measured
    #[arg(long = "warmup", value_name = "TIME", value_parser = from_zero, allow_hyphen_values = true, default_value = "500 ms", help_heading = "Simulation")]
    pub(crate) warmup_ms: f64,
    /// Time step
    #[arg(long = "dt", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "0.1 ms", help_heading = "Simulation")]
    pub(crate) dt_ms: f64,
    /// Delay of projections for which the file gives none
    #[arg(long = "delay", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, default_value = "1.5 ms", help_heading = "Simulation")]
    pub(crate) delay_ms: f64,
}

impl TimeOptions {
    /// The same options with these times.
    pub(super) fn applied_to(&self, options: SimulationOptions) -> SimulationOptions {
        let Self { duration_ms, warmup_ms, dt_ms, delay_ms: open_delay_ms } = *self;
        SimulationOptions { duration_ms, warmup_ms, dt_ms, open_delay_ms, ..options }
    }
}

/// How a network is simulated, for every command that does.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) time: TimeOptions,
    /// How connections are held; the spikes do not depend on it
    #[arg(long, value_name = "HOW", value_enum, default_value_t = ConnectivityKind::Auto, help_heading = "Simulation")]
    pub(crate) connectivity: ConnectivityKind,
    /// When spikes are in files and for CVs: at the ends of steps, or where the potential met the threshold; what neurons do is the same
    #[arg(long = "spike-times", value_name = "HOW", value_enum, default_value_t = SpikeTimesKind::Grid, help_heading = "Simulation")]
    pub(crate) spike_times: SpikeTimesKind,
}

impl RunOptions {
    /// The same for the library, with the seed and the threads that were asked for.
    pub(crate) fn options(&self, output: &OutputOptions) -> SimulationOptions {
        SimulationOptions {
            connectivity: self.connectivity.into(),
            spike_times: self.spike_times.into(),
            ..self.time.applied_to(output.simulation_options())
        }
    }
}

/// `siegert simulate`.
///
/// Statistics are of the duration; the warm-up before it is left out of them. The spikes are the same for any number of
/// threads and either way of holding connections. Ctrl-C ends the run and prints the statistics so far.
#[derive(Debug, Args)]
#[command(
    after_help = "A TIME has its unit, as in \"10 s\" or \"500 ms\"; a plain number is ms.\n\nSpikes (--spikes) are rows of population, \
                  neuron (its number within the population, from 0) and time_ms, counted from the start of the run, the \
                  warm-up included. Until the run is complete they are in PATH.partial.\n\n\
                  A recording (--record) is WHAT:POPULATION:NEURONS:every=TIME:to=PATH, warm-up included:\n\x20 \
                  spikes:E:0-99:to=PATH                  spikes of chosen neurons (numbers from 0)\n\x20 \
                  rates:bin=5ms:to=PATH                  rate of each population in bins (rates:E:... of one)\n\x20 \
                  potentials:E:0-9:every=1ms:to=PATH     membrane potentials, mV\n\x20 \
                  mean_potentials:every=1ms:to=PATH      mean potential of each population (mean_potentials:E:... of one)\n\x20 \
                  currents:E:0-9:every=1ms:to=PATH       synaptic currents, pA\n\x20 \
                  inputs:E:0-9:every=1ms:to=PATH         all input on the axis of V_th, mV, averaged over TIME\n\
                  PATH ends in .csv or .parquet; without NEURONS all are recorded, without a time 1 ms is taken.\n\nA run that was stopped or killed goes \
                  on with the same command and --resume CHECKPOINT: its statistics and spikes are those of an unbroken run."
)]
pub(crate) struct SimulateArguments {
    /// A network file, the name of a bundled network, or - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    /// Write all spikes, warm-up included: .parquet, .csv, or .h5 (SONATA, with the feature sonata)
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Simulation")]
    pub(crate) spikes: Option<PathBuf>,
    /// Where it starts: file (potentials that the file gives as initial, else drawn evenly between rest and threshold), reset (all neurons at V_reset),
    /// state (near the first stable one of what acts before time 0), or the number of a state; time 0 of drives is then after the warm-up
    #[arg(long, value_name = "START", default_value = "file", value_parser = start, help_heading = "Simulation")]
    pub(crate) start: Start,
    /// Shift the potentials of a population at time 0, as in "E=5 mV"; those above the threshold spike at once; may be given several times
    #[arg(long = "kick", value_name = "NAME=SHIFT", help_heading = "Simulation")]
    pub(crate) kicks: Vec<Kick>,
    /// Record something of the whole run, as in rates:bin=5ms:to=rates.csv; may be given several times
    #[arg(long = "record", value_name = "SPEC", help_heading = "Simulation")]
    pub(crate) records: Vec<RecordSpec>,
    /// Keep the state of the run in this file, from which --resume goes on
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Simulation")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Simulated time from one checkpoint to the next (10 s, if nothing is said)
    #[arg(long = "checkpoint-every", value_name = "TIME", value_parser = positive, allow_hyphen_values = true, help_heading = "Simulation")]
    pub(crate) checkpoint_every_ms: Option<f64>,
    /// Go on from a checkpoint, and keep the state in the same file unless --checkpoint names another
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Simulation")]
    pub(crate) resume: Option<PathBuf>,
    /// What --plot draws
    #[arg(long, value_name = "KIND", value_enum, default_value_t, requires = "plot", help_heading = "Output")]
    pub(crate) plot_kind: SimulationPlot,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) plot: PlotOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

impl SimulateArguments {
    /// How the network is to be simulated.
    pub(crate) fn options(&self) -> SimulationOptions {
        self.run.options(&self.output)
    }

    /// Where the state of the run is kept.
    pub(crate) fn checkpoint(&self) -> Option<&Path> {
        self.checkpoint.as_deref().or(self.resume.as_deref())
    }

    /// Biological time between checkpoints, in ms.
    pub(crate) fn checkpoint_every_ms(&self) -> f64 {
        self.checkpoint_every_ms.unwrap_or(CHECKPOINT_EVERY_MS)
    }
}

impl OutputOptions {
    /// The seed of random numbers.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(SimulationOptions::default().seed)
    }

    /// The defaults of a simulation with the seed and the threads that were asked for.
    pub(crate) fn simulation_options(&self) -> SimulationOptions {
        let defaults = SimulationOptions::default();
        SimulationOptions {
            seed: self.seed.unwrap_or(defaults.seed),
            threads: self.threads.map(usize::from),
            ..defaults
        }
    }
}

/// Times of spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpikeTimesKind {
    /// At the end of the step in which the neuron came to threshold
    Grid,
    /// Within the step, where the potential met the threshold
    Interpolated,
}

impl From<SpikeTimesKind> for SpikeTimes {
    fn from(kind: SpikeTimesKind) -> Self {
        match kind {
            SpikeTimesKind::Grid => SpikeTimes::Grid,
            SpikeTimesKind::Interpolated => SpikeTimes::Interpolated,
        }
    }
}

/// Ways to hold connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConnectivityKind {
    /// Stored where they fit into memory, drawn again where they do not
    Auto,
    /// Every synapse stored
    Explicit,
    /// Drawn again, from the same random numbers, whenever a neuron spikes
    Redrawn,
}

impl From<ConnectivityKind> for Connectivity {
    fn from(kind: ConnectivityKind) -> Self {
        match kind {
            ConnectivityKind::Auto => Connectivity::Auto,
            ConnectivityKind::Explicit => Connectivity::Explicit,
            ConnectivityKind::Redrawn => Connectivity::Redrawn,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn what_is_not_said_is_as_the_library_has_it() {
        let arguments = Arguments::try_parse_from(["siegert", "simulate", "brunel2000"]).unwrap();
        let Some(Command::Simulate(arguments)) = arguments.command else { panic!("another command") };
        assert_eq!(arguments.options(), SimulationOptions::default());
        assert_eq!((arguments.checkpoint(), arguments.checkpoint_every_ms()), (None, 10_000.0));
    }

    #[test]
    fn a_resumed_run_keeps_its_state_where_it_was_unless_told_otherwise() {
        let checkpoint = |line: &str| {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            let Some(Command::Simulate(arguments)) = arguments.command else { panic!("another command") };
            arguments.checkpoint().map(Path::to_path_buf)
        };
        assert_eq!(checkpoint("siegert simulate x --resume a"), Some(PathBuf::from("a")));
        assert_eq!(checkpoint("siegert simulate x --resume a --checkpoint b"), Some(PathBuf::from("b")));
    }
}
