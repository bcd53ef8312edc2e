//! The files that a run writes while it goes on: its spikes and what is recorded of it.

use std::path::Path;

use super::journal::SoFar;
use super::record::{RecordSoFar, Records};
use super::spikes_file::SpikesFile;
use crate::Provenance;
use crate::job::JobError;
use crate::network::Network;
use crate::simulation::{Simulator, StepSpikes};

/// Spikes, where they are wanted, and recordings.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) spikes: Option<SpikesFile>,
    pub(super) records: Records,
}

impl Kept {
    /// Keeps the spikes of a step, in order of time.
    pub(super) fn append(&mut self, spikes: StepSpikes<'_>) -> Result<(), JobError> {
        let Some(file) = &mut self.spikes else { return Ok(()) };
        let mut rows: Vec<(u64, u32)> = spikes.ticks().collect();
        rows.sort_unstable();
        file.journal.append(rows)
    }

    /// Keeps what was recorded since the last call.
    pub(super) fn take(&mut self, simulator: &mut Simulator) -> Result<(), JobError> {
        self.records.append(simulator.take_recorded())
    }

    /// Brings all of it to the disk for a checkpoint, which then needs it.
    pub(super) fn so_far(&mut self) -> Result<(Option<SoFar>, Vec<RecordSoFar>), JobError> {
        let spikes = self.spikes.as_mut().map(|spikes| spikes.journal.so_far()).transpose()?;
        Ok((spikes, self.records.so_far()?))
    }

    /// Writes the files from what is kept.
    pub(super) fn write(
        &mut self,
        network: &Network,
        simulator: &Simulator,
        about: &Provenance,
    ) -> Result<(), JobError> {
        if let Some(spikes) = &mut self.spikes {
            spikes.write(network, simulator, about)?;
        }
        self.records.write(network, simulator.dt_ms(), about)
    }

    /// Which files hold what up to a time.
    pub(super) fn remarks(&self, done: &str) -> Vec<String> {
        let spikes = self.spikes.iter().map(|spikes| (spikes.journal.target(), "the spikes"));
        let records = self.records.targets().map(|target| (target, "what was recorded"));
        let remark = |(target, what): (&Path, &str)| format!("{} holds {what} up to {done}", target.display());
        spikes.chain(records).map(remark).collect()
    }

    /// Removes what is no longer needed once the files are written.
    pub(super) fn remove(self) -> Result<(), JobError> {
        if let Some(spikes) = self.spikes {
            spikes.journal.remove()?;
        }
        self.records.remove()
    }
}
