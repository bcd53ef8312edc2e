//! A progress bar for work that takes longer than a second.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
