//! The run itself, in pieces: between them it can be seen, stopped and kept.

use std::path::Path;
use std::time::{Duration, Instant};

use super::checkpoint::{self, Header};
use super::kept::Kept;
use crate::Work;
use crate::job::JobError;
use crate::simulation::Simulator;

/// About so long takes a piece: Ctrl-C should not have to wait.
const PIECE: Duration = Duration::from_millis(100);
/// Values that are recorded in a piece, at most: they are in memory until its end.
const MOST_VALUES: f64 = 1e6;
/// Steps of the first piece.
const FIRST: u64 = 100;

/// Where the state of a run is kept, and how often.
#[derive(Debug)]
pub(super) struct Checkpoints<'a> {
    pub(super) path: &'a Path,
    pub(super) every_ms: f64,
    /// All that identifies the run.
    pub(super) run: &'a str,
}

impl Checkpoints<'_> {
    /// Writes the state; what is kept so far is on the disk before it is.
    pub(super) fn write(&self, simulator: &Simulator, kept: &mut Kept) -> Result<(), JobError> {
        self.write_as(simulator, kept, false)
    }

    /// Writes the state of a run that is complete and whose files are where they are to be.
    pub(super) fn write_complete(&self, simulator: &Simulator, kept: &mut Kept) -> Result<(), JobError> {
        self.write_as(simulator, kept, true)
    }

    fn write_as(&self, simulator: &Simulator, kept: &mut Kept, complete: bool) -> Result<(), JobError> {
        let (spikes, records) = kept.so_far()?;
        let header = Header {
            run: self.run.to_string(),
            time_ms: simulator.steps_done() as f64 * simulator.dt_ms(),
            total_ms: simulator.steps_total() as f64 * simulator.dt_ms(),
            complete,
            spikes,
            records,
        };
        checkpoint::write(self.path, &header, |out| simulator.save(out))
    }

    /// Steps from one checkpoint to the next.
    fn every_steps(&self, simulator: &Simulator) -> u64 {
        // a number beyond u64 becomes the largest: never
        ((self.every_ms / simulator.dt_ms()).round() as u64).max(1)
    }
}

/// Advances to the end, or until `work` is set.
pub(super) fn advance(
    simulator: &mut Simulator,
    work: &Work,
    kept: &mut Kept,
    checkpoints: Option<&Checkpoints<'_>>,
) -> Result<(), JobError> {
    let every = checkpoints.map(|checkpoints| checkpoints.every_steps(simulator));
    let mut next = every.map(|every| simulator.steps_done().saturating_add(every));
    let most = longest_piece(simulator.recorded_a_step());
    let mut steps = FIRST.min(most);
    while simulator.steps_done() < simulator.steps_total() && !work.is_cancelled() {
        let before = simulator.steps_done();
        let started = Instant::now();
        let piece = next.map_or(steps, |next| steps.min(next.saturating_sub(before)).max(1));
        simulator.advance_timed(piece, work, |spikes| kept.append(spikes))?;
        kept.take(simulator)?;
        let done = simulator.steps_done();
        steps = paced(done - before, started.elapsed()).min(most);
        if let (Some(checkpoints), Some(at), Some(every)) = (checkpoints, next, every)
            && done >= at
            && done < simulator.steps_total()
        {
            checkpoints.write(simulator, kept)?;
            next = Some(at.saturating_add(every));
        }
    }
    Ok(())
}

/// Steps of the longest piece whose recorded values stay in memory; without any there is no limit.
fn longest_piece(recorded_a_step: f64) -> u64 {
    // compared, not divided: a sum of nothing is -0, whose reciprocal is the wrong infinity
    if recorded_a_step > 0.0 { (MOST_VALUES / recorded_a_step).max(1.0) as u64 } else { u64::MAX }
}

/// Steps of the next piece, after some took so long; at most twice as many, since the first ones of a run may be quiet.
fn paced(steps: u64, took: Duration) -> u64 {
    let factor = PIECE.as_secs_f64() / took.as_secs_f64().max(1e-6);
    ((steps as f64 * factor.min(2.0)) as u64).clamp(1, 1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_short_only_where_much_is_recorded() {
        let nothing: f64 = [].iter().sum();
        assert_eq!(longest_piece(nothing), u64::MAX);
        assert_eq!(longest_piece(0.5), 2_000_000);
        assert_eq!(longest_piece(1e9), 1);
    }

    #[test]
    fn pieces_grow_to_a_tenth_of_a_second_and_never_vanish() {
        assert_eq!(paced(100, Duration::from_millis(1)), 200);
        assert_eq!(paced(1000, Duration::from_millis(200)), 500);
        assert_eq!(paced(1, Duration::from_secs(60)), 1);
        assert_eq!(paced(0, Duration::ZERO), 1);
    }
}
