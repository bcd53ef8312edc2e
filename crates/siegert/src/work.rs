//! One handle for anything that takes long: how far it is, and whether to stop.
//!
//! Who starts the work keeps the handle and asks [`Work::progress`] now and then, or calls [`Work::cancel`], from whatever thread or signal; who does
//! the work asks [`Work::check`] at every piece of it, within a tenth of a second.
//! Copies of a handle belong to the same work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use thiserror::Error;

/// The work was stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("stopped before the end")]
pub struct Cancelled;

/// How far some work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pieces done.
    pub done: u64,
    /// Pieces in all; 0 where that is not known.
    pub total: u64,
}

/// Progress and cancellation of some work.
///
/// ```
/// use siegert::Work;
///
/// let work = Work::default();
/// let handle = work.clone(); // for another thread, or for Ctrl-C
/// handle.cancel();
/// assert!(work.check().is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Work {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    cancelled: Arc<AtomicBool>,
    done: AtomicU64,
    total: AtomicU64,
}

impl Work {
    /// Work that is stopped by setting a flag, as signal handlers do.
    pub fn stopped_by(cancelled: Arc<AtomicBool>) -> Self {
        Work { shared: Arc::new(Shared { cancelled, ..Shared::default() }) }
    }

    /// Work with a progress of its own that is stopped with this one.
    pub(crate) fn part(&self) -> Self {
        Work::stopped_by(Arc::clone(&self.shared.cancelled))
    }

    /// Asks whoever does the work to stop.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it shall stop.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }

    /// An error where it shall stop, for `?`.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] after [`Work::cancel`].
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress { done: self.shared.done.load(Ordering::Relaxed), total: self.shared.total.load(Ordering::Relaxed) }
    }

    /// Sets how many pieces there are (0: not known) and how many are done.
    pub(crate) fn set_progress(&self, done: u64, total: u64) {
        self.shared.total.store(total, Ordering::Relaxed);
        self.shared.done.store(done, Ordering::Relaxed);
    }

    /// Notes that so many pieces more are done.
    pub(crate) fn advance(&self, pieces: u64) {
        self.shared.done.fetch_add(pieces, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_handle_stop_and_watch_the_same_work() {
        let work = Work::default();
        let watching = work.clone();
        work.set_progress(1, 10);
        work.advance(2);
        assert_eq!(watching.progress(), Progress { done: 3, total: 10 });
        assert_eq!(work.check(), Ok(()));
        watching.cancel();
        assert_eq!(work.check(), Err(Cancelled));
    }

    #[test]
    fn a_flag_that_a_signal_sets_stops_the_work() {
        let flag = Arc::new(AtomicBool::new(false));
        let work = Work::stopped_by(Arc::clone(&flag));
        assert!(!work.is_cancelled());
        flag.store(true, Ordering::Relaxed);
        assert!(work.is_cancelled());
    }
}
