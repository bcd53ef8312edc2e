//! The file of spikes: started, gone on with, and written once the run is over.

use std::path::{Path, PathBuf};

use super::checkpoint::Header;
use super::journal::{Journal, SoFar, Spike};
use super::spikes::{self, Neurons, SpikesFormat};
use crate::Provenance;
use crate::files::Place;
use crate::job::JobError;
use crate::network::Network;
use crate::simulation::Simulator;

/// The file of spikes that is wanted, and their journal.
#[derive(Debug)]
pub(super) struct SpikesFile {
    format: SpikesFormat,
    pub(super) journal: Journal,
}

impl SpikesFile {
    /// Starts the journal, or opens that of the run that goes on; none where no spikes are wanted or all are written.
    pub(super) fn planned(wanted: Option<&Path>, resumed: Option<&Header>) -> Result<Option<Self>, JobError> {
        let Some(header) = resumed else {
            return wanted.map(|path| SpikesFile::of(path, Journal::start)).transpose();
        };
        match (&header.spikes, wanted) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(JobError::Input(
                "the run was started without --spikes, and its spikes up to the checkpoint are not kept; leave --spikes out, or \
                 begin anew without --resume"
                    .to_string(),
            )),
            (Some(so_far), Some(wanted)) if header.complete => refuse_lost_spikes(so_far, wanted).map(|()| None),
            (Some(_), None) if header.complete => Ok(None),
            (Some(so_far), wanted) => {
                let path = wanted.map_or_else(|| PathBuf::from(&so_far.path), Path::to_path_buf);
                if !Journal::<Spike>::exists(&path) && Journal::<Spike>::exists(Path::new(&so_far.path)) {
                    let (kept, path) = (&so_far.path, path.display());
                    return Err(JobError::Input(format!(
                        "--spikes {path}: the run keeps its spikes for {kept}; leave --spikes out, or move {kept}.partial to \
                         {path}.partial"
                    )));
                }
                SpikesFile::of(&path, |path| Journal::resume(path, so_far)).map(Some)
            }
        }
    }

    pub(super) fn of(path: &Path, journal: impl FnOnce(&Path) -> Result<Journal, JobError>) -> Result<Self, JobError> {
        Ok(SpikesFile { format: SpikesFormat::of(path)?, journal: journal(path)? })
    }

    pub(super) fn write(
        &mut self,
        network: &Network,
        simulator: &Simulator,
        about: &Provenance,
    ) -> Result<(), JobError> {
        let neurons = Neurons::new(network, simulator.dt_ms());
        let spikes = self.journal.all()?;
        spikes::write(self.journal.target(), self.format, &neurons, spikes, about)
    }
}

/// Refuses spikes of a complete run that are wanted where they are not: the run does not keep them.
fn refuse_lost_spikes(so_far: &SoFar, wanted: &Path) -> Result<(), JobError> {
    let (kept, name) = (Path::new(&so_far.path), wanted.display());
    if Place::of(wanted).path != Place::of(kept).path {
        return Err(JobError::Input(format!(
            "--spikes {name}: the run is complete, and its spikes were written to {}; copy them, or begin anew without --resume",
            so_far.path
        )));
    }
    if !kept.exists() {
        return Err(JobError::Input(format!(
            "--spikes {name}: the run is complete, and its spikes, written there, are gone; begin anew without --resume, with \
             another --checkpoint"
        )));
    }
    Ok(())
}
