//! The spikes of a run that is not complete: `PATH.partial`, a record of 12 bytes a spike.
//!
//! A run without checkpoints leaves no journal behind, or one that the next run may replace. From the first checkpoint on the
//! journal says of itself that it is needed. A checkpoint records how many spikes the journal holds and their checksum; what is
//! behind them is cut off when the run goes on.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::number::count;
use siegert::files::Place;
use siegert::files::{beside, cannot_write, locked_for, refuse_unwritable};

/// What a journal begins with; behind it stands whether a checkpoint needs it.
const MAGIC: [u8; 8] = *b"SIEGSPK1";
const HEADER: u64 = 12;
/// Number of the step (u64) and of the neuron, counted through all populations (u32), both little-endian.
const RECORD: u64 = 12;

/// A spike: the step, and the neuron counted through all populations.
pub(super) type Spike = (u64, u32);

/// What a checkpoint knows of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SpikesSoFar {
    /// The file that the spikes are to go to.
    pub(super) path: String,
    /// Their number.
    pub(super) spikes: u64,
    /// CRC-32 of their records.
    pub(super) crc32: u32,
}

/// Spikes that are being written.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    target: PathBuf,
    file: BufWriter<File>,
    spikes: u64,
    checksum: Hasher,
    needed: bool,
}

impl Journal {
    /// Whether there is a journal of spikes that are to go to `target`.
    pub(super) fn exists(target: &Path) -> bool {
        beside(&Place::of(target).path, ".partial").exists()
    }

    /// Starts the journal of spikes that are to go to `target`.
    pub(super) fn start(target: &Path) -> Result<Self, Failure> {
        let (target, path) = places(target)?;
        let mut file = locked_for(&path, &target)?;
        refuse_what_is_needed(&path, &mut file)?;
        let started = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| {
            file.write_all(&MAGIC)?;
            file.write_all(&[0; 4])
        });
        started.map_err(|error| cannot_write(&path, &error))?;
        let file = BufWriter::with_capacity(1 << 16, file);
        Ok(Journal { path, target, file, spikes: 0, checksum: Hasher::new(), needed: false })
    }

    /// Opens the journal of a run that goes on, and cuts off what was written after its checkpoint.
    pub(super) fn resume(target: &Path, so_far: &SpikesSoFar) -> Result<Self, Failure> {
        let (target, path) = places(target)?;
        let name = path.display();
        let lost =
            |reason: String| Failure::Input(format!("the spikes up to the checkpoint are lost: {name} {reason}"));
        if !path.exists() {
            return Err(lost("is missing (a run that is complete makes its spikes file of it)".to_string()));
        }
        let mut file = locked_for(&path, &target)?;
        let read = checksum(&mut file, so_far.spikes).map_err(|error| lost(format!("cannot be read: {error}")))?;
        let checksum = match read {
            Found::Checksum(checksum) if checksum.clone().finalize() == so_far.crc32 => checksum,
            Found::Checksum(_) => return Err(lost("holds other spikes, or is damaged".to_string())),
            Found::Short(spikes) => {
                let (found, wanted) = (count(spikes), count(so_far.spikes));
                return Err(lost(format!("holds {found} spikes, the checkpoint speaks of {wanted}")));
            }
            Found::NoJournal => return Err(lost("is no journal of spikes".to_string())),
        };
        let cut = file.set_len(HEADER + so_far.spikes * RECORD).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(|error| cannot_write(&path, &error))?;
        let file = BufWriter::with_capacity(1 << 16, file);
        Ok(Journal { path, target, file, spikes: so_far.spikes, checksum, needed: true })
    }

    /// Appends the spikes of one step.
    pub(super) fn append(&mut self, step: u64, neurons: &[u32]) -> Result<(), Failure> {
        for neuron in neurons {
            let mut record = [0; RECORD as usize];
            record[..8].copy_from_slice(&step.to_le_bytes());
            record[8..].copy_from_slice(&neuron.to_le_bytes());
            self.checksum.update(&record);
            self.file.write_all(&record).map_err(|error| cannot_write(&self.path, &error))?;
        }
        self.spikes += neurons.len() as u64;
        Ok(())
    }

    /// Brings the spikes to the disk for a checkpoint, which then needs the journal.
    pub(super) fn so_far(&mut self) -> Result<SpikesSoFar, Failure> {
        self.write_through().map_err(|error| cannot_write(&self.path, &error))?;
        self.needed = true;
        Ok(SpikesSoFar {
            path: self.target.display().to_string(),
            spikes: self.spikes,
            crc32: self.checksum.clone().finalize(),
        })
    }

    fn write_through(&mut self) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        if !self.needed {
            file.seek(SeekFrom::Start(MAGIC.len() as u64))?;
            file.write_all(&1u32.to_le_bytes())?;
            file.seek(SeekFrom::End(0))?;
        }
        file.sync_data()
    }

    /// The file that the spikes are to go to.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// All spikes, in order.
    pub(super) fn spikes(&mut self) -> Result<Spikes, Failure> {
        self.file.flush().map_err(|error| cannot_write(&self.path, &error))?;
        let unreadable = |error| cannot_read(&self.path, &error);
        let mut file = File::open(&self.path).map_err(unreadable)?;
        file.seek(SeekFrom::Start(HEADER)).map_err(unreadable)?;
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok(Spikes { path: self.path.clone(), reader, left: self.spikes })
    }

    /// Removes the journal, once the spikes are where they are to be.
    pub(super) fn remove(mut self) -> Result<(), Failure> {
        // dropping it has nothing left to do then
        self.needed = true;
        fs::remove_file(&self.path)
            .map_err(|error| Failure::Work(format!("{} cannot be removed: {error}", self.path.display())))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if !self.needed {
            // what stopped the run is said elsewhere; a journal that stays is replaced by the next run
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The spikes of a journal, one after the other.
#[derive(Debug)]
pub(super) struct Spikes {
    path: PathBuf,
    reader: BufReader<File>,
    left: u64,
}

impl Spikes {
    /// The next spike.
    pub(super) fn next(&mut self) -> Result<Option<Spike>, Failure> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut record = [0; RECORD as usize];
        self.reader.read_exact(&mut record).map_err(|error| cannot_read(&self.path, &error))?;
        self.left -= 1;
        let (step, neuron) = record.split_at(8);
        let step = u64::from_le_bytes(step.try_into().expect("eight bytes stand before the neuron"));
        let neuron = u32::from_le_bytes(neuron.try_into().expect("four bytes stand behind the step"));
        Ok(Some((step, neuron)))
    }
}

/// The file that spikes are to go to, if it can be written, and the journal beside it.
fn places(target: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    refuse_unwritable(target)?;
    // A link stays a link; a run that goes on from another directory must find its journal.
    let target = Place::of(target).path;
    let path = beside(&target, ".partial");
    Ok((target, path))
}

/// Refuses to replace a journal that a checkpoint needs, or a file that is none.
fn refuse_what_is_needed(path: &Path, file: &mut File) -> Result<(), Failure> {
    let mut header = Vec::new();
    file.take(HEADER).read_to_end(&mut header).map_err(|error| cannot_read(path, &error))?;
    let name = path.display();
    let of_journal = header.len().min(MAGIC.len());
    if header[..of_journal] != MAGIC[..of_journal] {
        return Err(Failure::Input(format!(
            "the spikes are kept in {name} until the run is complete, and there is another file of that name; rename it, or \
             give another --spikes PATH"
        )));
    }
    match header.get(MAGIC.len()) {
        None | Some(0) => Ok(()),
        Some(_) => Err(Failure::Input(format!(
            "{name} holds the spikes of a run that was stopped: --resume with its checkpoint goes on there; to begin anew, remove \
             {name}"
        ))),
    }
}

/// What is found in a journal.
enum Found {
    Checksum(Hasher),
    /// So many spikes only.
    Short(u64),
    NoJournal,
}

/// The checksum of the first spikes of a journal.
fn checksum(file: &mut File, spikes: u64) -> io::Result<Found> {
    let length = file.metadata()?.len();
    let mut magic = [0; MAGIC.len()];
    if length < HEADER || file.read_exact(&mut magic).is_err() || magic != MAGIC {
        return Ok(Found::NoJournal);
    }
    let found = (length - HEADER) / RECORD;
    if found < spikes {
        return Ok(Found::Short(found));
    }
    file.seek(SeekFrom::Start(HEADER))?;
    let mut checksum = Hasher::new();
    let mut left = spikes * RECORD;
    let mut block = vec![0; 1 << 16];
    while left > 0 {
        let length = left.min(block.len() as u64) as usize;
        file.read_exact(&mut block[..length])?;
        checksum.update(&block[..length]);
        left -= length as u64;
    }
    Ok(Found::Checksum(checksum))
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::Work(format!("{} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(journal: &mut Journal) -> Vec<Spike> {
        let mut spikes = journal.spikes().unwrap();
        std::iter::from_fn(|| spikes.next().unwrap()).collect()
    }

    #[test]
    fn spikes_come_back_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::start(&directory.path().join("spikes.csv")).unwrap();
        journal.append(3, &[0, 7]).unwrap();
        journal.append(u64::MAX, &[u32::MAX]).unwrap();
        assert_eq!(all(&mut journal), [(3, 0), (3, 7), (u64::MAX, u32::MAX)]);
        journal.append(9, &[1]).unwrap();
        assert_eq!(all(&mut journal).len(), 4, "reading does not end the writing");
        journal.remove().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_journal_that_no_checkpoint_needs_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("spikes.csv");
        let mut journal = Journal::start(&target).unwrap();
        journal.append(3, &[0, 7]).unwrap();
        drop(journal);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        // one that a killed run has left is replaced
        fs::write(beside(&target, ".partial"), b"SIEGSPK1\0\0\0\0half a spike").unwrap();
        assert_eq!(all(&mut Journal::start(&target).unwrap()), []);
    }

    #[test]
    fn a_run_that_goes_on_has_the_spikes_of_its_checkpoint_and_no_others() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("spikes.csv");
        let mut journal = Journal::start(&target).unwrap();
        journal.append(1, &[5, 6]).unwrap();
        let so_far = journal.so_far().unwrap();
        journal.append(2, &[7]).unwrap();
        let later = journal.so_far().unwrap();
        drop(journal);
        let mut journal = Journal::resume(&target, &so_far).unwrap();
        assert_eq!(all(&mut journal), [(1, 5), (1, 6)]);
        assert_eq!(fs::metadata(beside(&target, ".partial")).unwrap().len(), HEADER + 2 * RECORD);
        journal.append(2, &[7]).unwrap();
        assert_eq!(journal.so_far().unwrap(), later, "as if nothing had happened");
    }

    #[test]
    fn spikes_that_a_checkpoint_needs_are_neither_replaced_nor_trusted_blindly() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("spikes.csv");
        let partial = beside(&target, ".partial");
        let mut journal = Journal::start(&target).unwrap();
        journal.append(1, &[5, 6]).unwrap();
        let so_far = journal.so_far().unwrap();
        drop(journal);
        let refused = |failure: Failure, message: &str| {
            assert_eq!(failure.exit_status(), 2, "{failure}");
            assert!(failure.to_string().contains(message), "{failure}");
        };
        refused(Journal::start(&target).unwrap_err(), "--resume");
        let whole = fs::read(&partial).unwrap();
        let mut damaged = whole.clone();
        damaged[20] ^= 1;
        fs::write(&partial, damaged).unwrap();
        refused(Journal::resume(&target, &so_far).unwrap_err(), "damaged");
        fs::write(&partial, &whole[..30]).unwrap();
        refused(Journal::resume(&target, &so_far).unwrap_err(), "holds 1 spikes, the checkpoint speaks of 2");
        fs::write(&partial, "my own notes").unwrap();
        refused(Journal::resume(&target, &so_far).unwrap_err(), "no journal");
        refused(Journal::start(&target).unwrap_err(), "another file");
        assert_eq!(fs::read_to_string(&partial).unwrap(), "my own notes");
        fs::remove_file(&partial).unwrap();
        refused(Journal::resume(&target, &so_far).unwrap_err(), "is missing");
        assert!(!partial.exists());
    }

    #[test]
    fn spikes_that_cannot_be_written_are_named_before_anything_runs() {
        let directory = tempfile::tempdir().unwrap();
        for target in [directory.path().to_path_buf(), directory.path().join("no/such/place.csv")] {
            let failure = Journal::start(&target).unwrap_err();
            assert_eq!(failure.exit_status(), 1, "{failure}");
            assert!(failure.to_string().contains(&target.display().to_string()), "{failure}");
        }
    }
}
