//! The files that a run writes while it goes on: its spikes and what is recorded of it.

use super::journal::SoFar;
use super::record::{RecordSoFar, Records};
use super::spikes_file::SpikesFile;
use crate::failure::Failure;
use crate::library::{Network, Simulator};
use crate::output::messages::print_remark;

/// Spikes, where they are wanted, and recordings.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) spikes: Option<SpikesFile>,
    pub(super) records: Records,
}

impl Kept {
    /// Keeps the spikes of a step.
    pub(super) fn append(&mut self, step: u64, neurons: &[u32]) -> Result<(), Failure> {
        match &mut self.spikes {
            Some(spikes) => spikes.journal.append(neurons.iter().map(|&neuron| (step, neuron))),
            None => Ok(()),
        }
    }

    /// Keeps what was recorded since the last call.
    pub(super) fn take(&mut self, simulator: &mut Simulator) -> Result<(), Failure> {
        self.records.append(simulator.take_recorded())
    }

    /// Brings all of it to the disk for a checkpoint, which then needs it.
    pub(super) fn so_far(&mut self) -> Result<(Option<SoFar>, Vec<RecordSoFar>), Failure> {
        let spikes = self.spikes.as_mut().map(|spikes| spikes.journal.so_far()).transpose()?;
        Ok((spikes, self.records.so_far()?))
    }

    /// Writes the files from what is kept.
    pub(super) fn write(&mut self, network: &Network, simulator: &Simulator) -> Result<(), Failure> {
        if let Some(spikes) = &mut self.spikes {
            spikes.write(network, simulator)?;
        }
        self.records.write(network, simulator.dt_ms())
    }

    /// Says which files hold what up to a time.
    pub(super) fn remark(&self, done: &str) {
        if let Some(spikes) = &self.spikes {
            print_remark(&format!("{} holds the spikes up to {done}", spikes.journal.target().display()));
        }
        for target in self.records.targets() {
            print_remark(&format!("{} holds what was recorded up to {done}", target.display()));
        }
    }

    /// Removes what is no longer needed once the files are written.
    pub(super) fn remove(self) -> Result<(), Failure> {
        if let Some(spikes) = self.spikes {
            spikes.journal.remove()?;
        }
        self.records.remove()
    }
}
