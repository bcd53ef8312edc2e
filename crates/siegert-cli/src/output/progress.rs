//! A progress bar for work that takes longer than a second.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use siegert::Work;

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long work that is watched is not looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How far the work is; drawn on standard error, if that is a terminal and results do not go to the same one.
#[derive(Debug)]
pub(crate) struct Progress {
    total: u64,
    started: Option<Instant>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Starts the clock; nothing is ever drawn if `quiet`.
    pub(crate) fn new(total: usize, quiet: bool, prints_results: bool) -> Self {
        let shown = !quiet && io::stderr().is_terminal() && !(prints_results && io::stdout().is_terminal());
        Self { total: total as u64, started: shown.then(Instant::now), bar: None }
    }

    /// `done` of the total are done.
    pub(crate) fn reached(&mut self, done: usize) {
        if self.bar.is_none() && self.started.is_some_and(|started| started.elapsed() > PATIENCE) {
            let style = ProgressStyle::with_template("{wide_bar} {percent} %, {eta} left");
            let bar = ProgressBar::new(self.total).with_style(style.expect("the template is valid"));
            // what was done before this run says nothing about the time left
            self.bar = Some(bar.with_position(done as u64));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
    }
}

/// A bar that follows work which tells by itself how far it is, until it is dropped.
#[derive(Debug)]
pub(crate) struct Watching {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Follows `work`; nothing is ever drawn if `quiet`.
    pub(crate) fn watching(work: &Work, quiet: bool, prints_results: bool) -> Watching {
        let (over, work) = (Arc::new(AtomicBool::new(false)), work.clone());
        let mut progress = Progress::new(0, quiet, prints_results);
        let ended = Arc::clone(&over);
        let watch = move || {
            while !ended.load(Ordering::Relaxed) {
                let far = work.progress();
                progress.total = far.total;
                if far.total > 0 {
                    progress.reached(far.done as usize);
                }
                thread::park_timeout(LOOK);
            }
        };
        // without a thread there is no bar, and the work is done all the same
        let shown = !quiet && io::stderr().is_terminal();
        Watching { over, thread: if shown { thread::Builder::new().spawn(watch).ok() } else { None } }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // a bar that fails is no failure of the work
            let _ = thread.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
