//! The rows of a sweep on their way to a file: `PATH.partial`, and the journal `PATH.progress` that vouches for them.
//!
//! Rows are appended; then, a few times a second, they are brought to the disk, and only then the journal says so. Whatever
//! stops the command, what the journal vouches for is there; the rest is cut off when the sweep goes on.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crc32fast::Hasher;

use super::journal::{Fingerprint, Journal};
use crate::failure::Failure;
use crate::number::count;
use crate::output::file::{beside, cannot_write, locked_for};
use crate::output::place::{Place, Standing, keep_metadata};

/// The longest that rows are computed without being vouched for.
const TRUST: Duration = Duration::from_millis(250);

/// Endings of the files that stand beside the result until it is complete.
pub(super) const BESIDE_ROWS: [&str; 3] = [".partial", ".progress", ".progress.new"];

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
    /// Of the bytes of the journal.
    checksum: Hasher,
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
    fn useless(&self, reason: &str) -> Failure {
        Failure::Input(format!("{reason}; --restart begins anew"))
    }
}

impl Unfinished {
    /// Opens the files of the sweep that is to go to `path`, at the point where it is to go on.
    pub(super) fn start(path: &Path, begin: Begin, fingerprint: &Fingerprint, points: u64) -> Result<Start, Failure> {
        let paths = Paths::new(path);
        let exists = (paths.partial.exists(), paths.progress.exists());
        match (begin, exists) {
            (Begin::Resume, (false, false)) if is_file(&paths.target) => return Ok(Start::Finished),
            (Begin::WhereNothingIs, (true, _) | (_, true)) => return Err(refusal(&paths)),
            (Begin::Resume, (false, true)) if is_finished(&paths)? => {
                // it was stopped just before it could remove its journal
                fs::remove_file(&paths.progress).map_err(|error| cannot_write(&paths.progress, &error))?;
                return Ok(Start::Finished);
            }
            _ => {}
        }
        let file = locked_for(&paths.partial, &paths.target)?;
        let old = match begin {
            Begin::Resume => vouched(&paths, &file, fingerprint)?,
            _ => None,
        };
        let new = || (Journal { sweep: fingerprint.clone(), points, done: 0, bytes: 0, crc32: 0 }, Hasher::new());
        let (journal, checksum) = old.unwrap_or_else(new);
        let mut unfinished = Unfinished { paths, file, journal, checksum, vouched: Instant::now() };
        unfinished.cut()?;
        Ok(Start::Unfinished(Box::new(unfinished)))
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
        self.checksum.update(rows);
        if self.vouched.elapsed() > TRUST { self.vouch() } else { Ok(()) }
    }

    /// Brings the rows to the disk and says so in the journal.
    pub(super) fn vouch(&mut self) -> Result<(), Failure> {
        self.file.sync_data().map_err(|error| self.stopped(&self.paths.partial, &error))?;
        self.write_journal()?;
        self.vouched = Instant::now();
        Ok(())
    }

    fn write_journal(&mut self) -> Result<(), Failure> {
        self.journal.crc32 = self.checksum.clone().finalize();
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

    /// Whether the result is to be written to a device or a pipe, which cannot be renamed over.
    pub(super) fn goes_to_special(&self) -> bool {
        matches!(Place::of(&self.paths.target).standing, Standing::Special)
    }

    /// Gives the rows their name: they are the result.
    pub(super) fn rename_to_target(self) -> Result<(), Failure> {
        if let Ok(old) = fs::metadata(&self.paths.target) {
            keep_metadata(&old, &self.file);
        }
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

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
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
fn vouched(paths: &Paths, file: &File, fingerprint: &Fingerprint) -> Result<Option<(Journal, Hasher)>, Failure> {
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
    let checksum = checksum(file, journal.bytes).map_err(|error| cannot_read(&paths.partial, &error))?;
    if checksum.clone().finalize() != journal.crc32 {
        return Err(paths.useless(&format!("rows of {partial} have been altered since they were written")));
    }
    Ok(Some((journal, checksum)))
}

/// The checksum of the first bytes of a file.
fn checksum(mut file: &File, bytes: u64) -> io::Result<Hasher> {
    file.rewind()?;
    let mut reader = BufReader::with_capacity(1 << 16, file.take(bytes));
    let mut checksum = Hasher::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(checksum),
            read => checksum.update(&block[..read]),
        }
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::Work(format!("{} cannot be read: {error}", path.display()))
}
