//! `siegert simulate`: the spiking network itself, and the statistics of what it does.

mod advance;
mod checkpoint;
mod identity;
mod journal;
mod kept;
mod lock;
mod record;
mod report;
#[cfg(feature = "sonata")]
mod sonata;
mod spikes;
mod spikes_file;

use std::path::Path;

use crate::arguments::SimulateArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::{Network, Simulation, SimulationOptions, Simulator, Work};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::place::Place;
use crate::output::progress::Progress;
use crate::output::{FileFormat, deliver};
use crate::plot::{self, PictureFormat};
use crate::signals::stop_on_signals;

use advance::{Checkpoints, advance};
use checkpoint::{Checkpoint, Header};
use journal::Journal;
use kept::Kept;
use lock::Lock;
use record::Records;
use report::SimulationReport;
use spikes::SpikesFormat;
use spikes_file::SpikesFile;

pub(crate) use record::{RecordSpec, record_spec};
#[cfg(test)]
pub(super) use report::made_up;
pub(super) use report::{run_lines, time};

/// Endings of the files that stand beside a file of spikes until it is complete.
pub(super) const BESIDE_SPIKES: [&str; 1] = [".partial"];

/// `siegert simulate FILE`.
pub(crate) fn run(arguments: &SimulateArguments) -> Result<(), Failure> {
    let picture = refuse_files(arguments)?;
    let network = read::network(&arguments.file, &arguments.network)?;
    let options = arguments.options();
    let _lock = arguments.checkpoint().map(Lock::new).transpose()?;
    let identity = identity::identity(&network, &options);
    let resumed = arguments.resume.as_deref().map(|path| resumed(path, &identity)).transpose()?;
    let header = resumed.as_ref().map(|checkpoint| &checkpoint.header);
    let kept = Kept { spikes: SpikesFile::planned(arguments, header)?, records: planned_records(arguments, header)? };
    if let Some(checkpoint) =
        resumed.as_ref().filter(|checkpoint| checkpoint.header.complete && !arguments.output.quiet)
    {
        print_remark(&complete_already(&checkpoint.header));
    }
    let checkpoints = arguments.checkpoint().map(|path| Checkpoints {
        path,
        every_ms: arguments.checkpoint_every_ms(),
        run: &identity,
    });
    let work = stop_on_signals()?;
    let run = Run { network: &network, options: &options, quiet: arguments.output.quiet, work: &work };
    let outcome = run.carried_out(resumed, kept, checkpoints.as_ref())?;
    let simulation = &outcome.simulation;
    let drawn = match (&arguments.plot.plot, picture) {
        (Some(path), Some(format)) => plot::of_simulation(&network, simulation, arguments.plot_kind)
            .and_then(|drawing| plot::write(path, format, &drawing)),
        _ => Ok(()),
    };
    // A picture that fails does not keep the statistics from the user.
    deliver(&arguments.output, &SimulationReport { network: &network, simulation })?;
    if !arguments.output.quiet {
        print_warnings(&network.warnings);
        print_warnings(&simulation.warnings);
    }
    drawn?;
    outcome.stopped.map_or(Ok(()), |message| {
        let way = if checkpoints.is_some() { "" } else { "; with --checkpoint PATH a run can be gone on with" };
        Err(Failure::Work(format!("{message}{way}")))
    })
}

/// Simulates for a comparison, without checkpoints; the spikes go to a file if one is named.
pub(super) fn simulated(
    network: &Network,
    options: &SimulationOptions,
    spikes: Option<&Path>,
    (quiet, work): (bool, &Work),
) -> Result<Outcome, Failure> {
    let spikes = spikes.map(|path| SpikesFile::of(path, Journal::start)).transpose()?;
    let kept = Kept { spikes, records: Records::default() };
    Run { network, options, quiet, work }.carried_out(None, kept, None)
}

/// Refuses a file for spikes that cannot be written.
pub(super) fn refuse_spikes(path: &Path) -> Result<(), Failure> {
    SpikesFormat::of(path).map(drop)
}

/// Refuses files that cannot be written, or that would be replaced by one another, before anything runs.
fn refuse_files(arguments: &SimulateArguments) -> Result<Option<PictureFormat>, Failure> {
    FileFormat::of_output(&arguments.output)?;
    let picture = arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    arguments.spikes.as_deref().map(SpikesFormat::of).transpose()?;
    if arguments.checkpoint_every_ms.is_some() && arguments.checkpoint().is_none() {
        let message = "--checkpoint-every needs --checkpoint PATH, the file in which the state is kept";
        return Err(Failure::Input(message.to_string()));
    }
    // A resumed run goes on in its own checkpoint; any other must not be lost.
    let resumed = arguments.resume.as_deref().filter(|resumed| !is_checkpoint(arguments, resumed));
    let files = Files::of_network(&arguments.file)
        .input("--resume", resumed)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .output_with("--spikes", arguments.spikes.as_deref(), &BESIDE_SPIKES)
        .output_with("--checkpoint", arguments.checkpoint(), &[".lock"]);
    let recorded =
        |files: Files, spec: &RecordSpec| files.output_with("--record", Some(spec.to.as_path()), &BESIDE_SPIKES);
    arguments.records.iter().fold(files, recorded).check()?;
    if let Some(path) = arguments.checkpoint().filter(|_| arguments.resume.is_none() || resumed.is_some()) {
        checkpoint::refuse_what_is_needed(path)?;
    }
    Ok(picture)
}

/// Whether the run goes on in the checkpoint from which it comes, under whatever name.
fn is_checkpoint(arguments: &SimulateArguments, resumed: &Path) -> bool {
    arguments.checkpoint().is_some_and(|checkpoint| Place::of(checkpoint).path == Place::of(resumed).path)
}

/// What to say where a run has nothing left to do.
fn complete_already(header: &Header) -> String {
    let spikes = header.spikes.as_ref().map(|so_far| format!("; its spikes are in {}", so_far.path));
    format!("the run was complete: nothing is simulated{}", spikes.unwrap_or_default())
}

fn resumed(path: &Path, identity: &str) -> Result<Checkpoint, Failure> {
    let checkpoint = Checkpoint::read(path)?;
    checkpoint.require(identity)?;
    Ok(checkpoint)
}

/// Starts the journals of what is recorded, or opens those of the run that goes on.
fn planned_records(arguments: &SimulateArguments, resumed: Option<&Header>) -> Result<Records, Failure> {
    match resumed {
        None => Records::start(&arguments.records),
        Some(header) => Records::resume(&arguments.records, &header.records, header.complete),
    }
}

/// A run that is to be carried out.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    network: &'a Network,
    options: &'a SimulationOptions,
    quiet: bool,
    work: &'a Work,
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) simulation: Simulation,
    /// How far it came and how to go on, if it was stopped.
    pub(super) stopped: Option<String>,
}

impl Run<'_> {
    fn carried_out(
        &self,
        resumed: Option<Checkpoint>,
        mut kept: Kept,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<Outcome, Failure> {
        let recordings = kept.records.recordings(self.network)?;
        let mut simulator = Simulator::build(self.network, self.options, self.work)?;
        kept.records.begin(&recordings, &mut simulator)?;
        let header =
            resumed.map(|checkpoint| checkpoint.restore(|reader| Ok(simulator.restore(reader)?))).transpose()?;
        let progress = Progress::new(simulator.steps_total() as usize, self.quiet, false);
        advance(&mut simulator, self.work, progress, &mut kept, checkpoints).map_err(|failure| {
            match (failure, checkpoints) {
                (Failure::Work(message), Some(checkpoints)) if checkpoints.path.exists() => Failure::Work(format!(
                    "{message}; --resume {} goes on from the last checkpoint",
                    checkpoints.path.display()
                )),
                (failure, _) => failure,
            }
        })?;
        let was_complete = header.is_some_and(|header| header.complete);
        let stopped = if simulator.steps_done() < simulator.steps_total() {
            Some(self.stop(&simulator, kept, checkpoints)?)
        } else {
            if !was_complete {
                self.finish(&simulator, kept, checkpoints)?;
            }
            None
        };
        Ok(Outcome { simulation: simulator.result(), stopped })
    }

    /// Puts the files where they are to be; only then the run counts as complete, and only then the journals go.
    fn finish(
        &self,
        simulator: &Simulator,
        mut kept: Kept,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<(), Failure> {
        kept.write(self.network, simulator)?;
        if let Some(checkpoints) = checkpoints {
            checkpoints.write_complete(simulator, &mut kept)?;
        }
        kept.remove()
    }

    /// Keeps what is done, and says how to go on.
    fn stop(
        &self,
        simulator: &Simulator,
        mut kept: Kept,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<String, Failure> {
        let steps_ms = |steps: u64| time(steps as f64 * simulator.dt_ms());
        let (done, all) = (steps_ms(simulator.steps_done()), steps_ms(simulator.steps_total()));
        let far = format!("stopped after {done} of {all}, warm-up included");
        if let Some(checkpoints) = checkpoints {
            checkpoints.write(simulator, &mut kept)?;
            return Ok(format!("{far}; the same command with --resume {} goes on there", checkpoints.path.display()));
        }
        kept.write(self.network, simulator)?;
        if !self.quiet {
            kept.remark(&done);
        }
        kept.remove()?;
        Ok(far)
    }
}
