//! The spikes of a run that is not complete, or what is recorded of it: `PATH.partial`, rows of some bytes each.
//!
//! A run without checkpoints leaves no journal behind, or one that the next run may replace. From the first checkpoint on the
//! journal says of itself that it is needed. A checkpoint records how many rows the journal holds and their checksum; what is
//! behind them is cut off when the run goes on.

mod row;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{Damage, Partial, Place, VouchedFor, beside, cannot_read, cannot_write, refuse_unwritable};
use crate::job::JobError;
use crate::number::count;
use row::MOST_BYTES;
pub(super) use row::{Row, Spike};

/// Bytes that say what it is and whether a checkpoint needs it.
const HEADER: u64 = 12;
/// What a checkpoint knows of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SoFar {
    /// The file that the rows are to go to.
    pub(super) path: String,
    /// Their number.
    pub(super) rows: u64,
    /// CRC-32 of their bytes.
    pub(super) crc32: u32,
}

/// Rows that are being written.
#[derive(Debug)]
pub(super) struct Journal<R: Row = Spike> {
    target: PathBuf,
    partial: Partial,
    rows: u64,
    needed: bool,
    /// Of the rows that come next.
    bytes: Vec<u8>,
    of: PhantomData<R>,
}

impl<R: Row> Journal<R> {
    /// Whether there is a journal of rows that are to go to `target`.
    pub(super) fn exists(target: &Path) -> bool {
        beside(&Place::of(target).path, ".partial").exists()
    }

    /// Starts the journal of rows that are to go to `target`.
    pub(super) fn start(target: &Path) -> Result<Self, JobError> {
        let (target, path) = places(target)?;
        let mut partial = Partial::behind_header(&path, &target, HEADER)?;
        refuse_what_is_needed::<R>(&path, partial.file())?;
        partial.cut()?;
        partial.write_header(&header::<R>(false)).map_err(|error| cannot_write(&path, &error))?;
        Ok(Journal { target, partial, rows: 0, needed: false, bytes: Vec::new(), of: PhantomData })
    }

    /// Opens the journal of a run that goes on, and cuts off what was written after its checkpoint.
    pub(super) fn resume(target: &Path, so_far: &SoFar) -> Result<Self, JobError> {
        let (target, path) = places(target)?;
        let name = path.display();
        let lost =
            |reason: String| JobError::Input(format!("the {} up to the checkpoint are lost: {name} {reason}", R::WHAT));
        if !path.exists() {
            return Err(lost(format!("is missing (a run that is complete makes its {} file of it)", R::WHAT)));
        }
        let mut partial = Partial::behind_header(&path, &target, HEADER)?;
        let mut magic = [0; 8];
        let mut file = partial.file();
        if file.rewind().and_then(|()| file.read_exact(&mut magic)).is_err() || magic != R::MAGIC {
            return Err(lost(format!("is no journal of {}", R::WHAT)));
        }
        let bytes = R::BYTES as u64;
        match partial.trust(VouchedFor { bytes: so_far.rows * bytes, crc32: so_far.crc32 }) {
            Ok(()) => {}
            Err(Damage::Altered) => return Err(lost(format!("holds other {}, or is damaged", R::WHAT))),
            Err(Damage::Lost { there }) => {
                let (found, wanted) = (count(there / bytes), count(so_far.rows));
                return Err(lost(format!("holds {found} {}, the checkpoint speaks of {wanted}", R::WHAT)));
            }
            Err(Damage::Unreadable(error)) => return Err(lost(format!("cannot be read: {error}"))),
        }
        partial.cut()?;
        Ok(Journal { target, partial, rows: so_far.rows, needed: true, bytes: Vec::new(), of: PhantomData })
    }

    /// Appends rows.
    pub(super) fn append(&mut self, rows: impl IntoIterator<Item = R>) -> Result<(), JobError> {
        self.bytes.clear();
        rows.into_iter().for_each(|row| row.write(&mut self.bytes));
        self.rows += (self.bytes.len() / R::BYTES) as u64;
        Ok(self.partial.append(&self.bytes).map_err(|error| cannot_write(self.partial.path(), &error))?)
    }

    /// Brings the rows to the disk for a checkpoint, which then needs the journal.
    pub(super) fn so_far(&mut self) -> Result<SoFar, JobError> {
        let written = self.write_through().map_err(|error| cannot_write(self.partial.path(), &error))?;
        self.needed = true;
        Ok(SoFar { path: self.target.display().to_string(), rows: self.rows, crc32: written.crc32 })
    }

    fn write_through(&mut self) -> io::Result<VouchedFor> {
        if !self.needed {
            self.partial.write_header(&header::<R>(true))?;
        }
        self.partial.sync()
    }

    /// The file that the rows are to go to.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// All rows, in order.
    pub(super) fn all(&mut self) -> Result<Rows<R>, JobError> {
        let path = self.partial.path().to_path_buf();
        self.partial.flush().map_err(|error| cannot_write(&path, &error))?;
        let unreadable = |error| cannot_read(&path, &error);
        let mut file = File::open(&path).map_err(unreadable)?;
        file.seek(SeekFrom::Start(HEADER)).map_err(unreadable)?;
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok(Rows { path, reader, left: self.rows, of: PhantomData })
    }

    /// Removes the journal, once the rows are where they are to be.
    pub(super) fn remove(mut self) -> Result<(), JobError> {
        // dropping it has nothing left to do then
        self.needed = true;
        let path = self.partial.path();
        fs::remove_file(path).map_err(|error| JobError::Work(format!("{} cannot be removed: {error}", path.display())))
    }
}

impl<R: Row> Drop for Journal<R> {
    fn drop(&mut self) {
        if !self.needed {
            // what stopped the run is said elsewhere; a journal that stays is replaced by the next run
            let _ = fs::remove_file(self.partial.path());
        }
    }
}

/// The rows of a journal, one after the other.
#[derive(Debug)]
pub(super) struct Rows<R: Row = Spike> {
    path: PathBuf,
    reader: BufReader<File>,
    left: u64,
    of: PhantomData<R>,
}

impl<R: Row> Rows<R> {
    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<R>, JobError> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut row = [0; MOST_BYTES];
        let row = &mut row[..R::BYTES];
        self.reader.read_exact(row).map_err(|error| cannot_read(&self.path, &error))?;
        self.left -= 1;
        Ok(Some(R::read(row)))
    }
}

/// The file that rows are to go to, if it can be written, and the journal beside it.
fn places(target: &Path) -> Result<(PathBuf, PathBuf), JobError> {
    refuse_unwritable(target)?;
    // A link stays a link; a run that goes on from another directory must find its journal.
    let target = Place::of(target).path;
    let path = beside(&target, ".partial");
    Ok((target, path))
}

/// Refuses to replace a journal that a checkpoint needs, or a file that is none.
fn refuse_what_is_needed<R: Row>(path: &Path, file: &File) -> Result<(), JobError> {
    let mut header = Vec::new();
    file.take(HEADER).read_to_end(&mut header).map_err(|error| cannot_read(path, &error))?;
    let name = path.display();
    let of_journal = header.len().min(R::MAGIC.len());
    if header[..of_journal] != R::MAGIC[..of_journal] {
        return Err(JobError::Input(format!(
            "the {} are kept in {name} until the run is complete, and there is another file of that name; rename it, or \
             give another {}",
            R::WHAT,
            R::OPTION
        )));
    }
    match header.get(R::MAGIC.len()) {
        None | Some(0) => Ok(()),
        Some(_) => Err(JobError::Input(format!(
            "{name} holds the {} of a run that was stopped: --resume with its checkpoint goes on there; to begin anew, remove \
             {name}",
            R::WHAT
        ))),
    }
}

/// The beginning of a journal: what it is, and whether a checkpoint needs it.
fn header<R: Row>(needed: bool) -> Vec<u8> {
    [&R::MAGIC[..], &u32::from(needed).to_le_bytes()].concat()
}
