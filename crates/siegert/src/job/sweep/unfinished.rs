//! The rows of a sweep on their way to a file: `PATH.partial`, and the record `PATH.progress` that vouches for them.
//!
//! Rows are appended; then, a few times a second, they are brought to the disk, and only then the record says so. Whatever
//! stops the command, what the record vouches for is there; the rest is cut off when the sweep goes on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::identity::{Record, SweepIdentity};
use crate::files::{
    Damage, Partial, Place, Standing, VouchedFor, beside, cannot_read, cannot_write, keep_metadata, read_record,
    write_record,
};
use crate::job::JobError;
use crate::number::count;

/// The longest that rows are computed without being vouched for.
const TRUST: Duration = Duration::from_millis(250);

/// Endings of the files that stand beside the result until it is complete.
pub const BESIDE_ROWS: [&str; 3] = [".partial", ".progress", ".progress.new"];

/// How to begin where there may be an unfinished sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// It is gone on with.
    Resume,
    /// It is thrown away.
    Anew,
    /// An unfinished sweep is refused.
    WhereNothingIs,
}

/// A sweep that is being written.
pub(super) struct Unfinished {
    paths: Paths,
    partial: Partial,
    record: Record,
    vouched: Instant,
}

/// Where a sweep stands that is to go to a file.
pub(super) enum Start {
    /// It has rows to compute.
    Unfinished(Box<Unfinished>),
    /// A file of its name is there, and nothing unfinished.
    Finished,
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
        let target = Place::of(path).path;
        Paths { partial: beside(&target, ".partial"), progress: beside(&target, ".progress"), target }
    }

    /// The error for what cannot be gone on with.
    fn useless(&self, reason: &str) -> JobError {
        JobError::Input(format!("{reason}; --restart begins anew"))
    }
}

impl Unfinished {
    /// Opens the files of the sweep that is to go to `path`, at the point where it is to go on.
    pub(super) fn start(path: &Path, begin: Begin, identity: &SweepIdentity, points: u64) -> Result<Start, JobError> {
        let paths = Paths::new(path);
        let exists = (paths.partial.exists(), paths.progress.exists());
        match (begin, exists) {
            (Begin::Resume, (false, false)) if is_file(&paths.target) => return Ok(Start::Finished),
            (Begin::WhereNothingIs, (true, _) | (_, true)) => return Err(refusal(&paths)),
            (Begin::Resume, (false, true)) if is_finished(&paths)? => {
                // it was stopped just before it could remove its record
                fs::remove_file(&paths.progress).map_err(|error| cannot_write(&paths.progress, &error))?;
                return Ok(Start::Finished);
            }
            _ => {}
        }
        let mut partial = Partial::open(&paths.partial, &paths.target)?;
        let old = match begin {
            Begin::Resume => vouched(&paths, &mut partial, identity)?,
            _ => None,
        };
        let new = || Record { sweep: identity.clone(), points, done: 0, vouched: VouchedFor::default() };
        let record = old.unwrap_or_else(new);
        let mut unfinished = Unfinished { paths, partial, record, vouched: Instant::now() };
        // The record first: rows of another sweep must not be vouched for.
        unfinished.write_record()?;
        unfinished.partial.cut()?;
        Ok(Start::Unfinished(Box::new(unfinished)))
    }

    /// Whether nothing has been written.
    pub(super) fn is_empty(&self) -> bool {
        self.partial.written().bytes == 0
    }

    /// Points that are done.
    pub(super) fn done(&self) -> u64 {
        self.record.done
    }

    pub(super) fn partial(&self) -> &Path {
        &self.paths.partial
    }

    pub(super) fn target(&self) -> &Path {
        &self.paths.target
    }

    /// Appends the rows of the points before number `done`.
    pub(super) fn append(&mut self, done: u64, rows: &[u8]) -> Result<(), JobError> {
        self.partial.append(rows).map_err(|error| self.stopped(&self.paths.partial, &error))?;
        self.record.done = done;
        if self.vouched.elapsed() > TRUST { self.vouch() } else { Ok(()) }
    }

    /// Brings the rows to the disk and says so in the record.
    pub(super) fn vouch(&mut self) -> Result<(), JobError> {
        self.partial.sync().map_err(|error| self.stopped(&self.paths.partial, &error))?;
        self.write_record()?;
        self.vouched = Instant::now();
        Ok(())
    }

    fn write_record(&mut self) -> Result<(), JobError> {
        self.record.vouched = self.partial.written();
        write_record(&self.paths.progress, &self.record).map_err(|error| self.stopped(&self.paths.progress, &error))
    }

    fn stopped(&self, path: &Path, error: &io::Error) -> JobError {
        let message = cannot_write(path, error).to_string();
        if self.record.done == 0 {
            return JobError::Work(message);
        }
        JobError::Work(format!("{message}; what is done is kept: the same command with --resume goes on there"))
    }

    /// Whether the result is to be written to a device or a pipe, which cannot be renamed over.
    pub(super) fn goes_to_special(&self) -> bool {
        matches!(Place::of(&self.paths.target).standing, Standing::Special)
    }

    /// Gives the rows their name: they are the result.
    pub(super) fn rename_to_target(self) -> Result<(), JobError> {
        if let Ok(old) = fs::metadata(&self.paths.target) {
            keep_metadata(&old, self.partial.file());
        }
        fs::rename(&self.paths.partial, &self.paths.target)
            .map_err(|error| cannot_write(&self.paths.target, &error))?;
        remove(&self.paths.progress)
    }

    /// Removes the rows and their record, once the result has been made of them.
    pub(super) fn remove(self) -> Result<(), JobError> {
        remove(&self.paths.partial)?;
        remove(&self.paths.progress)
    }
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn remove(path: &Path) -> Result<(), JobError> {
    fs::remove_file(path).map_err(|error| JobError::Work(format!("{} cannot be removed: {error}", path.display())))
}

fn refusal(paths: &Paths) -> JobError {
    let so_far = match read_record::<Record>(&paths.progress) {
        Ok(Some(record)) => format!(" ({} of {} points are done)", count(record.done), count(record.points)),
        _ => String::new(),
    };
    let partial = paths.partial.display();
    JobError::Input(format!(
        "{partial} belongs to an unfinished sweep{so_far}; --resume goes on with it, --restart throws it away and begins anew"
    ))
}

/// Whether the record without rows is that of a sweep whose result has its name already.
fn is_finished(paths: &Paths) -> Result<bool, JobError> {
    let record = record(paths)?;
    Ok(record.is_some_and(|record| record.done == record.points) && paths.target.exists())
}

fn record(paths: &Paths) -> Result<Option<Record>, JobError> {
    read_record(&paths.progress)
        .map_err(|error| paths.useless(&format!("{} cannot be read ({error})", paths.progress.display())))
}

/// The record, if it vouches for rows of this very sweep; `None` if there is nothing to go on with.
fn vouched(paths: &Paths, partial: &mut Partial, identity: &SweepIdentity) -> Result<Option<Record>, JobError> {
    let (rows, progress) = (paths.partial.display(), paths.progress.display());
    let Some(record) = record(paths)? else {
        let length = partial.length().map_err(|error| cannot_write(&paths.partial, &error))?;
        return match length {
            0 => Ok(None),
            _ => Err(paths.useless(&format!("{progress} is missing, which says how far {rows} can be trusted"))),
        };
    };
    let differences = record.sweep.differences(identity);
    if !differences.is_empty() {
        let what = differences.join(", ");
        return Err(paths.useless(&format!("{rows} belongs to another sweep: what differs is {what}")));
    }
    match partial.trust(record.vouched) {
        Ok(()) => Ok(Some(record)),
        Err(Damage::Lost { there }) => Err(paths.useless(&format!(
            "{rows} has {there} bytes, {progress} speaks of {}: some are lost",
            record.vouched.bytes
        ))),
        Err(Damage::Altered) => {
            Err(paths.useless(&format!("rows of {rows} have been altered since they were written")))
        }
        Err(Damage::Unreadable(error)) => Err(cannot_read(&paths.partial, &error).into()),
    }
}
