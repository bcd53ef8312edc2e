//! A simulation whose spikes and recordings go to files, and that is kept in a checkpoint: it can be stopped at any moment, and gone on with to the
//! same bytes.

mod advance;
mod checkpoint;
mod identity;
mod journal;
mod kept;
mod lock;
mod record;
#[cfg(feature = "sonata")]
mod sonata;
mod spikes;
mod spikes_file;

use std::path::{Path, PathBuf};

use crate::files::Place;
use crate::job::JobError;
use crate::network::Network;
use crate::report::time;
use crate::simulation::{Simulation, SimulationOptions, Simulator};
use crate::{Provenance, Work};
use advance::{Checkpoints, advance};
use checkpoint::{Checkpoint, Header};
use kept::Kept;
use lock::Lock;
pub use record::RecordSpec;
use record::Records;
pub use spikes::SpikesFormat;
use spikes_file::SpikesFile;

/// Endings of the files that stand beside a file of spikes or recordings until it is complete, and of what is said beside one of CSV.
pub const BESIDE_SPIKES: [&str; 1] = [".partial"];

/// The files of a simulation.
#[derive(Clone, Debug, Default)]
pub struct SimulationFiles {
    /// Where all spikes go.
    pub spikes: Option<PathBuf>,
    /// What is recorded, and where it goes.
    pub records: Vec<RecordSpec>,
    /// Where the state is kept.
    pub checkpoint: Option<PathBuf>,
    /// Time simulated between two states that are kept.
    pub checkpoint_every_ms: f64,
    /// The checkpoint that is gone on with.
    pub resume: Option<PathBuf>,
    /// What the files say of where they come from.
    pub provenance: Provenance,
}

/// What came of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct SimulationOutcome {
    /// What was measured.
    pub simulation: Simulation,
    /// How far it came and how to go on, if it was stopped.
    pub stopped: Option<String>,
    /// What should be known of the files.
    pub remarks: Vec<String>,
}

impl SimulationFiles {
    /// Whether the run goes on in the checkpoint from which it comes, under whatever name.
    pub fn goes_on_in_its_checkpoint(&self) -> bool {
        match (&self.resume, &self.checkpoint) {
            (Some(resume), Some(checkpoint)) => Place::of(checkpoint).path == Place::of(resume).path,
            _ => false,
        }
    }

    /// Refuses to replace a checkpoint that is needed.
    ///
    /// # Errors
    ///
    /// A run that can be gone on with, or another file, stands where the state is to be kept.
    pub fn check(&self) -> Result<(), JobError> {
        match &self.checkpoint {
            Some(path) if !self.goes_on_in_its_checkpoint() => checkpoint::refuse_what_is_needed(path),
            _ => Ok(()),
        }
    }

    /// Simulates a network, or goes on with it; `work` counts steps and stops it.
    ///
    /// # Errors
    ///
    /// What cannot be simulated or recorded; a checkpoint that is damaged or of another run; files that cannot be written.
    pub fn run(
        &self,
        network: &Network,
        options: &SimulationOptions,
        work: &Work,
    ) -> Result<SimulationOutcome, JobError> {
        let _lock = self.checkpoint.as_deref().map(Lock::new).transpose()?;
        let identity = identity::identity(network, options);
        let resumed = self.resume.as_deref().map(|path| resumed(path, &identity)).transpose()?;
        let header = resumed.as_ref().map(|checkpoint| &checkpoint.header);
        let spikes = SpikesFile::planned(self.spikes.as_deref(), header)?;
        let records = match header {
            None => Records::start(&self.records)?,
            Some(header) => Records::resume(&self.records, &header.records, header.complete)?,
        };
        let mut remarks = Vec::new();
        remarks.extend(header.filter(|header| header.complete).map(complete_already));
        let (path, every_ms) = (self.checkpoint.as_deref(), self.checkpoint_every_ms);
        let checkpoints = path.map(|path| Checkpoints { path, every_ms, run: &identity });
        let run = Run { network, options, work, about: &self.provenance };
        run.carried_out(resumed, Kept { spikes, records }, checkpoints.as_ref(), remarks)
    }
}

/// What to say where a run has nothing left to do.
fn complete_already(header: &Header) -> String {
    let spikes = header.spikes.as_ref().map(|so_far| format!("; its spikes are in {}", so_far.path));
    format!("the run was complete: nothing is simulated{}", spikes.unwrap_or_default())
}

fn resumed(path: &Path, identity: &str) -> Result<Checkpoint, JobError> {
    let checkpoint = Checkpoint::read(path)?;
    checkpoint.require(identity)?;
    Ok(checkpoint)
}

/// A run that is to be carried out.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    network: &'a Network,
    options: &'a SimulationOptions,
    work: &'a Work,
    about: &'a Provenance,
}

impl Run<'_> {
    fn carried_out(
        &self,
        resumed: Option<Checkpoint>,
        mut kept: Kept,
        checkpoints: Option<&Checkpoints<'_>>,
        mut remarks: Vec<String>,
    ) -> Result<SimulationOutcome, JobError> {
        let recordings = kept.records.recordings(self.network)?;
        let mut simulator = Simulator::build(self.network, self.options, self.work)?;
        kept.records.begin(&recordings, &mut simulator)?;
        let header =
            resumed.map(|checkpoint| checkpoint.restore(|reader| Ok(simulator.restore(reader)?))).transpose()?;
        advance(&mut simulator, self.work, &mut kept, checkpoints).map_err(|error| match (error, checkpoints) {
            (JobError::Work(message), Some(checkpoints)) if checkpoints.path.exists() => {
                let path = checkpoints.path.display();
                JobError::Work(format!("{message}; --resume {path} goes on from the last checkpoint"))
            }
            (error, _) => error,
        })?;
        let was_complete = header.is_some_and(|header| header.complete);
        let stopped = if simulator.steps_done() < simulator.steps_total() {
            Some(self.stop(&simulator, kept, checkpoints, &mut remarks)?)
        } else {
            if !was_complete {
                self.finish(&simulator, kept, checkpoints)?;
            }
            None
        };
        Ok(SimulationOutcome { simulation: simulator.result(), stopped, remarks })
    }

    /// Puts the files where they are to be; only then the run counts as complete, and only then the journals go.
    fn finish(
        &self,
        simulator: &Simulator,
        mut kept: Kept,
        checkpoints: Option<&Checkpoints<'_>>,
    ) -> Result<(), JobError> {
        kept.write(self.network, simulator, self.about)?;
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
        remarks: &mut Vec<String>,
    ) -> Result<String, JobError> {
        let steps_ms = |steps: u64| time(steps as f64 * simulator.dt_ms());
        let (done, all) = (steps_ms(simulator.steps_done()), steps_ms(simulator.steps_total()));
        let far = format!("stopped after {done} of {all}, warm-up included");
        if let Some(checkpoints) = checkpoints {
            checkpoints.write(simulator, &mut kept)?;
            return Ok(format!("{far}; the same command with --resume {} goes on there", checkpoints.path.display()));
        }
        kept.write(self.network, simulator, self.about)?;
        remarks.extend(kept.remarks(&done));
        kept.remove()?;
        Ok(far)
    }
}
