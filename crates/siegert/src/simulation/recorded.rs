//! What a run records besides its statistics: said before its first step, taken while it goes on.

use super::SimulationError;
use super::recorder::recording::{RecordedValue, Recording};
use super::recorder::spikes::Recordings;
use super::simulator::Simulator;

impl Simulator {
    /// Says what is recorded of the run, in place of what was said before. The values are taken by [`Simulator::take_recorded`].
    ///
    /// # Errors
    ///
    /// Recordings that the network does not have, or that come after the first step.
    pub fn record(&mut self, recordings: &[Recording]) -> Result<(), SimulationError> {
        if self.steps_done > 0 {
            return Err(SimulationError::RecordedLate { steps_done: self.steps_done });
        }
        recordings.iter().try_for_each(|recording| recording.check(&self.plan))?;
        self.recordings = Recordings::new(&self.plan, recordings.to_vec());
        for block in self.workers.iter_mut().flatten().flat_map(|segment| &mut segment.blocks) {
            block.recorders.record(&self.plan, &self.plan.blocks[block.block], recordings);
        }
        Ok(())
    }

    /// What was recorded since the last call, a list for each recording, in the order of steps and in it of neurons or populations; spikes in the order of
    /// their times.
    ///
    /// It is kept in memory until then: 24 bytes a value.
    pub fn take_recorded(&mut self) -> Vec<Vec<RecordedValue>> {
        let mut rows = vec![Vec::new(); self.recordings.all.len()];
        self.recordings.take(&mut rows);
        for block in self.workers.iter_mut().flatten().flat_map(|segment| &mut segment.blocks) {
            block.recorders.probes.iter_mut().for_each(|probe| probe.take(&mut rows[probe.recording]));
        }
        // blocks come one after the other, each with all its steps
        for (rows, recording) in rows.iter_mut().zip(&self.recordings.all) {
            match recording {
                // the value is when in the step they are
                Recording::Spikes(_) => rows
                    .sort_by(|a, b| a.step.cmp(&b.step).then(a.value.total_cmp(&b.value)).then(a.index.cmp(&b.index))),
                _ => rows.sort_by_key(|row| (row.step, row.index)),
            }
            if matches!(recording, Recording::MeanPotentials { .. }) {
                // each block has its part of the mean
                rows.dedup_by(|part, sum| {
                    let is_same = (part.step, part.index) == (sum.step, sum.index);
                    sum.value += if is_same { part.value } else { 0.0 };
                    is_same
                });
            }
        }
        rows
    }

    /// Values that are recorded in a step, in the mean, but for spikes.
    pub fn recorded_a_step(&self) -> f64 {
        let values = |recording: &Recording| {
            let of = match (recording, recording.chosen()) {
                (Recording::Spikes(_), _) => 0,
                (Recording::Rates { population: None, .. } | Recording::MeanPotentials { population: None, .. }, _) => {
                    self.plan.populations.len() as u64
                }
                (_, chosen) => chosen.map_or(1, |of| of.last - of.first + 1),
            };
            of as f64 / recording.every_steps(&self.plan) as f64
        };
        self.recordings.all.iter().map(values).sum()
    }
}
