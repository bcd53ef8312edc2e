//! All points of a sweep, on several threads, in the order of the grid.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Rows, Sweep, SweepError};
use crate::work::Work;

/// Points of a piece: a thread's next piece of work. Fewer for large networks, of which each point takes long.
pub(super) const MOST_POINTS: usize = 1024;
const LEAST_POINTS: usize = 16;
const POINTS_TIMES_POPULATIONS: usize = 2048;
/// Pieces a thread that are computed between two chances to stop.
const PIECES: u64 = 4;

/// How a sweep is run.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    /// Number of threads; all of the machine if none is said. Results do not depend on it.
    pub threads: Option<usize>,
    /// Counts the points that were taken, and stops the run; pieces that are not complete are left out.
    pub work: &'a Work,
}

impl Sweep {
    /// Computes the points from number `from` on.
    ///
    /// `each` is called on the threads, once a piece, to make of its rows what is wanted; `take` on the calling thread, piece
    /// after piece in the order of the grid, with the points of the piece. Returns the number of points that have been
    /// taken, those before `from` included: all, unless the run was cancelled.
    ///
    /// # Errors
    ///
    /// What `take` returns stops the run; threads that cannot be started.
    pub fn run<T, E>(
        &self,
        from: u64,
        control: &Control<'_>,
        each: impl Fn(&Rows) -> T + Sync,
        mut take: impl FnMut(Range<u64>, T) -> Result<(), E>,
    ) -> Result<u64, E>
    where
        T: Send,
        E: From<SweepError>,
    {
        let pool = pool(control.threads)?;
        let abandoned = AtomicBool::new(false);
        let stop = || control.work.is_cancelled() || abandoned.load(Ordering::Relaxed);
        let searching = control.work.part();
        let mut done = from;
        thread::scope(|scope| {
            // one batch is computed while the last one is taken
            let (sender, receiver) = sync_channel(1);
            scope.spawn(|| self.compute(from, &pool, (&stop, &searching), &each, sender));
            let outcome = take_all(receiver, &mut done, |points, rows| -> Result<(), E> {
                let end = points.end;
                take(points, rows)?;
                control.work.set_progress(end, self.len());
                Ok(())
            });
            abandoned.store(true, Ordering::Relaxed);
            outcome
        })?;
        Ok(done)
    }

    fn compute<T: Send>(
        &self,
        from: u64,
        pool: &ThreadPool,
        (stop, searching): (&(impl Fn() -> bool + Sync), &Work),
        each: &(impl Fn(&Rows) -> T + Sync),
        sender: SyncSender<Batch<T>>,
    ) {
        let piece = self.piece();
        let batch = piece * PIECES * pool.current_num_threads() as u64;
        let mut start = from;
        while start < self.len() && !stop() {
            let end = self.len().min(start.saturating_add(batch));
            let pieces: Vec<Range<u64>> =
                (start..end).step_by(piece as usize).map(|first| first..end.min(first + piece)).collect();
            let work = |points: Range<u64>| {
                let rows = (!stop()).then(|| self.rows(points.clone(), searching))?;
                // rows of a search that was stopped would say that there is no state
                (!searching.is_cancelled()).then(|| (points, each(&rows)))
            };
            let computed: Batch<T> = pool.install(|| pieces.into_par_iter().map(work).collect());
            if sender.send(computed).is_err() {
                return; // nobody takes any more
            }
            start = end;
        }
    }

    /// Points of a piece; they depend on the network alone.
    fn piece(&self) -> u64 {
        let populations = self.family.own().populations.len().max(1);
        (POINTS_TIMES_POPULATIONS / populations).clamp(LEAST_POINTS, MOST_POINTS) as u64
    }
}

/// Pieces in order; None where the run was stopped before one was computed.
type Batch<T> = Vec<Option<(Range<u64>, T)>>;

/// Takes pieces up to the first that is missing.
fn take_all<T, E>(
    receiver: Receiver<Batch<T>>,
    done: &mut u64,
    mut take: impl FnMut(Range<u64>, T) -> Result<(), E>,
) -> Result<(), E> {
    for piece in receiver.into_iter().flatten() {
        let Some((points, piece)) = piece else { return Ok(()) };
        let end = points.end;
        take(points, piece)?;
        *done = end;
    }
    Ok(())
}

pub(super) fn pool(threads: Option<usize>) -> Result<ThreadPool, SweepError> {
    let mut builder = ThreadPoolBuilder::new();
    if let Some(threads) = threads {
        builder = builder.num_threads(threads);
    }
    builder.build().map_err(|error| SweepError::Threads { reason: error.to_string() })
}
