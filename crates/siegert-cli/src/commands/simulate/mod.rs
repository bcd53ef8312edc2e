//! `siegert simulate`: the spiking network itself, and the statistics of what it does.

mod advance;
mod checkpoint;
mod identity;
mod journal;
#[cfg(feature = "sonata")]
mod sonata;
mod spikes;

use std::path::{Path, PathBuf};

use siegert::report::{SimulationReport, time};

use crate::arguments::SimulateArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::{Network, Simulation, SimulationOptions, Simulator, Work};
use crate::output::clash::Files;
use crate::output::messages::{print_remark, print_warnings};
use crate::output::progress::Progress;
use crate::output::{command, deliver, file_format};
use crate::plot::{self, PictureFormat};
use crate::signals::stop_on_signals;
use siegert::files::Place;

use advance::{Checkpoints, advance};
use checkpoint::{Checkpoint, Header, Lock};
use journal::{Journal, SpikesSoFar};
use spikes::{Neurons, SpikesFormat};

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
    let spikes = SpikesFile::planned(arguments, resumed.as_ref().map(|checkpoint| &checkpoint.header))?;
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
    let outcome = run.carried_out(resumed, spikes, checkpoints.as_ref())?;
    let mut report = SimulationReport::new(&network, outcome.simulation);
    report.provenance.command = command();
    let simulation = &report.simulation;
    let drawn = match (&arguments.plot.plot, picture) {
        (Some(path), Some(format)) => plot::of_simulation(&network, simulation, arguments.plot_kind)
            .and_then(|drawing| plot::write(path, format, &drawing)),
        _ => Ok(()),
    };
    // A picture that fails does not keep the statistics from the user.
    deliver(&arguments.output, &report, SimulationReport::text)?;
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
    Run { network, options, quiet, work }.carried_out(None, spikes, None)
}

/// Refuses a file for spikes that cannot be written.
pub(super) fn refuse_spikes(path: &Path) -> Result<(), Failure> {
    SpikesFormat::of(path).map(drop)
}

/// Refuses files that cannot be written, or that would be replaced by one another, before anything runs.
fn refuse_files(arguments: &SimulateArguments) -> Result<Option<PictureFormat>, Failure> {
    file_format(&arguments.output)?;
    let picture = arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
    arguments.spikes.as_deref().map(SpikesFormat::of).transpose()?;
    if arguments.checkpoint_every_ms.is_some() && arguments.checkpoint().is_none() {
        let message = "--checkpoint-every needs --checkpoint PATH, the file in which the state is kept";
        return Err(Failure::Input(message.to_string()));
    }
    // A resumed run goes on in its own checkpoint; any other must not be lost.
    let resumed = arguments.resume.as_deref().filter(|resumed| !is_checkpoint(arguments, resumed));
    Files::of_network(&arguments.file)
        .input("--resume", resumed)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .output_with("--spikes", arguments.spikes.as_deref(), &BESIDE_SPIKES)
        .output_with("--checkpoint", arguments.checkpoint(), &[".lock"])
        .check()?;
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

/// The file of spikes that is wanted, and their journal.
#[derive(Debug)]
struct SpikesFile {
    format: SpikesFormat,
    journal: Journal,
}

impl SpikesFile {
    /// Starts the journal, or opens that of the run that goes on; none where no spikes are wanted or all are written.
    fn planned(arguments: &SimulateArguments, resumed: Option<&Header>) -> Result<Option<Self>, Failure> {
        let wanted = arguments.spikes.as_deref();
        let Some(header) = resumed else {
            return wanted.map(|path| SpikesFile::of(path, Journal::start)).transpose();
        };
        match (&header.spikes, wanted) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Failure::Input(
                "the run was started without --spikes, and its spikes up to the checkpoint are not kept; leave --spikes out, or \
                 begin anew without --resume"
                    .to_string(),
            )),
            (Some(so_far), Some(wanted)) if header.complete => refuse_lost_spikes(so_far, wanted).map(|()| None),
            (Some(_), None) if header.complete => Ok(None),
            (Some(so_far), wanted) => {
                let path = wanted.map_or_else(|| PathBuf::from(&so_far.path), Path::to_path_buf);
                if !Journal::exists(&path) && Journal::exists(Path::new(&so_far.path)) {
                    let (kept, path) = (&so_far.path, path.display());
                    return Err(Failure::Input(format!(
                        "--spikes {path}: the run keeps its spikes for {kept}; leave --spikes out, or move {kept}.partial to \
                         {path}.partial"
                    )));
                }
                SpikesFile::of(&path, |path| Journal::resume(path, so_far)).map(Some)
            }
        }
    }

    fn of(path: &Path, journal: impl FnOnce(&Path) -> Result<Journal, Failure>) -> Result<Self, Failure> {
        Ok(SpikesFile { format: SpikesFormat::of(path)?, journal: journal(path)? })
    }

    fn write(&mut self, network: &Network, simulator: &Simulator) -> Result<(), Failure> {
        let neurons = Neurons::new(network, simulator.dt_ms());
        let spikes = self.journal.spikes()?;
        spikes::write(self.journal.target(), self.format, &neurons, spikes)
    }
}

/// Refuses spikes of a complete run that are wanted where they are not: the run does not keep them.
fn refuse_lost_spikes(so_far: &SpikesSoFar, wanted: &Path) -> Result<(), Failure> {
    let (kept, name) = (Path::new(&so_far.path), wanted.display());
    if Place::of(wanted).path != Place::of(kept).path {
        return Err(Failure::Input(format!(
            "--spikes {name}: the run is complete, and its spikes were written to {}; copy them, or begin anew without --resume",
            so_far.path
        )));
    }
    if !kept.exists() {
        return Err(Failure::Input(format!(
            "--spikes {name}: the run is complete, and its spikes, written there, are gone; begin anew without --resume, with \
             another --checkpoint"
        )));
    }
    Ok(())
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
        mut spikes: Option<SpikesFile>,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<Outcome, Failure> {
        let mut simulator = Simulator::build(self.network, self.options, self.work)?;
        let header =
            resumed.map(|checkpoint| checkpoint.restore(|reader| Ok(simulator.restore(reader)?))).transpose()?;
        let progress = Progress::new(simulator.steps_total() as usize, self.quiet, false);
        let journal = spikes.as_mut().map(|spikes| &mut spikes.journal);
        advance(&mut simulator, self.work, progress, journal, checkpoints).map_err(|failure| {
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
            Some(self.stop(&simulator, spikes, checkpoints)?)
        } else {
            if !was_complete {
                self.finish(&simulator, spikes, checkpoints)?;
            }
            None
        };
        Ok(Outcome { simulation: simulator.result(), stopped })
    }

    /// Puts the spikes where they are to be; only then the run counts as complete, and only then the journal goes.
    fn finish(
        &self,
        simulator: &Simulator,
        mut spikes: Option<SpikesFile>,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<(), Failure> {
        if let Some(spikes) = &mut spikes {
            spikes.write(self.network, simulator)?;
        }
        if let Some(checkpoints) = checkpoints {
            checkpoints.write_complete(simulator, spikes.as_mut().map(|spikes| &mut spikes.journal))?;
        }
        spikes.map_or(Ok(()), |spikes| spikes.journal.remove())
    }

    /// Keeps what is done, and says how to go on.
    fn stop(
        &self,
        simulator: &Simulator,
        mut spikes: Option<SpikesFile>,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<String, Failure> {
        let steps_ms = |steps: u64| time(steps as f64 * simulator.dt_ms());
        let (done, all) = (steps_ms(simulator.steps_done()), steps_ms(simulator.steps_total()));
        let far = format!("stopped after {done} of {all}, warm-up included");
        if let Some(checkpoints) = checkpoints {
            checkpoints.write(simulator, spikes.as_mut().map(|spikes| &mut spikes.journal))?;
            return Ok(format!("{far}; the same command with --resume {} goes on there", checkpoints.path.display()));
        }
        if let Some(spikes) = &mut spikes {
            spikes.write(self.network, simulator)?;
            if !self.quiet {
                print_remark(&format!("{} holds the spikes up to {done}", spikes.journal.target().display()));
            }
        }
        if let Some(spikes) = spikes {
            spikes.journal.remove()?;
        }
        Ok(far)
    }
}
