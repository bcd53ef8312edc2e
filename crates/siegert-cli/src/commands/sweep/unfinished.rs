//! The rows of a sweep on their way to a file: `PATH.partial`, and the journal `PATH.progress` that vouches for them.
//!
//! Rows are appended; then, a few times a second, they are brought to the disk, and only then the journal says so. Whatever
//! stops the command, what the journal vouches for is there; the rest is cut off when the sweep goes on.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::journal::{Fingerprint, Journal};
use crate::failure::Failure;
use crate::number::count;
use crate::output::file::{beside, cannot_write, locked};

/// The longest that rows are computed without being vouched for.
const TRUST: Duration = Duration::from_millis(250);

/// How to begin where there may be an unfinished sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Resume,
    Anew,
    /// An unfinished sweep is refused.
    WhereNothingIs,
}

/// A sweep that is being written.
pub(super) struct Unfinished {
    paths: Paths,
    file: File,
    journal: Journal,
    vouched: Instant,
}

/// The files of a sweep.
#[derive(Clone, Debug)]
struct Paths {
    target: PathBuf,
    partial: PathBuf,
    progress: PathBuf,
}

impl Paths {
    fn new(path: &Path) -> Self {
        // A link stays a link: the file that it leads to is written.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        Paths { partial: beside(&target, ".partial"), progress: beside(&target, ".progress"), target }
    }

    /// The error for what cannot be gone on with.
    fn useless(&self, reason: &str) -> Failure {
        Failure::Input(format!("{reason}; --restart begins anew"))
    }
}

impl Unfinished {
    /// Opens the files of the sweep that is to go to `path`, at the point where it is to go on; `None` if it is finished.
    pub(super) fn start(
        path: &Path,
        begin: Begin,
        fingerprint: &Fingerprint,
        points: u64,
    ) -> Result<Option<Self>, Failure> {
        let paths = Paths::new(path);
        if paths.target.is_dir() {
            return Err(cannot_write(&paths.target, &io::ErrorKind::IsADirectory.into()));
        }
        let exists = (paths.partial.exists(), paths.progress.exists());
        match (begin, exists) {
            (Begin::Resume, (false, false)) if paths.target.exists() => return Ok(None),
            (Begin::WhereNothingIs, (true, _) | (_, true)) => return Err(refusal(&paths)),
            (Begin::Resume, (false, true)) if is_finished(&paths)? => {
                // it was stopped just before it could remove its journal
                fs::remove_file(&paths.progress).map_err(|error| cannot_write(&paths.progress, &error))?;
                return Ok(None);
            }
            _ => {}
        }
        let file = locked(&paths.partial)?;
        let old = match begin {
            Begin::Resume => vouched(&paths, &file, fingerprint)?,
            _ => None,
        };
        let journal = old.unwrap_or(Journal { sweep: fingerprint.clone(), points, done: 0, bytes: 0 });
        let mut unfinished = Unfinished { paths, file, journal, vouched: Instant::now() };
        unfinished.cut()?;
        Ok(Some(unfinished))
    }

    /// Removes what the journal does not vouch for.
    fn cut(&mut self) -> Result<(), Failure> {
        // The journal first: rows of another sweep must not be vouched for.
        self.write_journal()?;
        let cut = self.file.set_len(self.journal.bytes).and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map(drop).map_err(|error| cannot_write(&self.paths.partial, &error))
    }

    /// Whether nothing has been written.
    pub(super) fn is_empty(&self) -> bool {
        self.journal.bytes == 0
    }

    /// Points that are done.
    pub(super) fn done(&self) -> u64 {
        self.journal.done
    }

    pub(super) fn partial(&self) -> &Path {
        &self.paths.partial
    }

    pub(super) fn target(&self) -> &Path {
        &self.paths.target
    }

    /// Appends the rows of the points before number `done`.
    pub(super) fn append(&mut self, done: u64, rows: &[u8]) -> Result<(), Failure> {
        self.file.write_all(rows).map_err(|error| self.stopped(&self.paths.partial, &error))?;
        self.journal.done = done;
        self.journal.bytes += rows.len() as u64;
        if self.vouched.elapsed() > TRUST { self.vouch() } else { Ok(()) }
    }

    /// Brings the rows to the disk and says so in the journal.
    pub(super) fn vouch(&mut self) -> Result<(), Failure> {
        self.file.sync_data().map_err(|error| self.stopped(&self.paths.partial, &error))?;
        self.write_journal()?;
        self.vouched = Instant::now();
        Ok(())
    }

    fn write_journal(&self) -> Result<(), Failure> {
        let written = self.journal.write(&self.paths.progress, &beside(&self.paths.progress, ".new"));
        written.map_err(|error| self.stopped(&self.paths.progress, &error))
    }

    fn stopped(&self, path: &Path, error: &io::Error) -> Failure {
        match cannot_write(path, error) {
            Failure::Work(message) if self.journal.done > 0 => {
                Failure::Work(format!("{message}; what is done is kept: the same command with --resume goes on there"))
            }
            failure => failure,
        }
    }

    /// Gives the rows their name: they are the result.
    pub(super) fn rename_to_target(self) -> Result<(), Failure> {
        fs::rename(&self.paths.partial, &self.paths.target)
            .map_err(|error| cannot_write(&self.paths.target, &error))?;
        remove(&self.paths.progress)
    }

    /// Removes the rows and their journal, once the result has been made of them.
    pub(super) fn remove(self) -> Result<(), Failure> {
        remove(&self.paths.partial)?;
        remove(&self.paths.progress)
    }
}

fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| Failure::Work(format!("{} cannot be removed: {error}", path.display())))
}

fn refusal(paths: &Paths) -> Failure {
    let so_far = match Journal::read(&paths.progress) {
        Ok(Some(journal)) => format!(" ({} of {} points are done)", count(journal.done), count(journal.points)),
        _ => String::new(),
    };
    let partial = paths.partial.display();
    Failure::Input(format!(
        "{partial} belongs to an unfinished sweep{so_far}; --resume goes on with it, --restart throws it away and begins anew"
    ))
}

/// Whether the journal without rows is that of a sweep whose result has its name already.
fn is_finished(paths: &Paths) -> Result<bool, Failure> {
    let journal = journal(paths)?;
    Ok(journal.is_some_and(|journal| journal.done == journal.points) && paths.target.exists())
}

fn journal(paths: &Paths) -> Result<Option<Journal>, Failure> {
    Journal::read(&paths.progress)
        .map_err(|error| paths.useless(&format!("{} cannot be read ({error})", paths.progress.display())))
}

/// The journal, if it vouches for rows of this very sweep; `None` if there is nothing to go on with.
fn vouched(paths: &Paths, file: &File, fingerprint: &Fingerprint) -> Result<Option<Journal>, Failure> {
    let (partial, progress) = (paths.partial.display(), paths.progress.display());
    let length = file.metadata().map_err(|error| cannot_write(&paths.partial, &error))?.len();
    let Some(journal) = journal(paths)? else {
        return match length {
            0 => Ok(None),
            _ => Err(paths.useless(&format!("{progress} is missing, which says how far {partial} can be trusted"))),
        };
    };
    let differences = journal.sweep.differences(fingerprint);
    if !differences.is_empty() {
        let what = differences.join(", ");
        return Err(paths.useless(&format!("{partial} belongs to another sweep: what differs is {what}")));
    }
    if length < journal.bytes {
        return Err(paths
            .useless(&format!("{partial} has {length} bytes, {progress} speaks of {}: some are lost", journal.bytes)));
    }
    Ok(Some(journal))
}
