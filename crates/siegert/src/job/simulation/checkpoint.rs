//! A checkpoint: one file with what the run is of, how far it is, its spikes and recorded values so far, and the state of the simulator.
//!
//! `SIEGCKPT`, number of the format (u32), length of the header (u32), header (JSON), CRC-32 of all before it (u32), and the state;
//! numbers are little-endian. The simulator knows by itself whether the state is damaged.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

use super::identity;
use super::journal::SoFar;
use super::record::RecordSoFar;
use crate::files::AtomicFile;
use crate::files::{Place, Standing, open_to_read};
use crate::job::JobError;
use crate::report::time;

const MAGIC: [u8; 8] = *b"SIEGCKPT";
const FORMAT: u32 = 2;
/// Bytes before the header, and of the checksum behind it.
const START: usize = 16;
const CHECKSUM: u64 = 4;

/// What a checkpoint says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    /// All that identifies the run, see [`identity`].
    pub(super) run: String,
    /// Time simulated, in ms, warm-up included.
    pub(super) time_ms: f64,
    /// Time of the whole run, in ms.
    pub(super) total_ms: f64,
    /// Whether the run is complete, and its files are where they are to be.
    pub(super) complete: bool,
    /// The spikes so far, if they are kept.
    pub(super) spikes: Option<SoFar>,
    /// The same of what is recorded.
    pub(super) records: Vec<RecordSoFar>,
}

/// Writes a checkpoint, whole or not at all; `save` writes the state.
pub(super) fn write(
    path: &Path,
    header: &Header,
    save: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), JobError> {
    let mut file = AtomicFile::create(path)?;
    file.checked(|file| {
        let header = serde_json::to_vec(header)?;
        let length =
            u32::try_from(header.len()).map_err(|_| io::Error::other("the network's description is too long"))?;
        let mut start = Vec::with_capacity(START);
        start.extend_from_slice(&MAGIC);
        start.extend_from_slice(&FORMAT.to_le_bytes());
        start.extend_from_slice(&length.to_le_bytes());
        file.write_all(&start)?;
        file.write_all(&header)?;
        file.write_all(&checksum(&start, &header).to_le_bytes())?;
        save(file)?;
        file.sync()
    })?;
    Ok(file.commit()?)
}

/// A checkpoint whose header was read and is not damaged, before its state.
#[derive(Debug)]
pub(super) struct Checkpoint {
    path: PathBuf,
    pub(super) header: Header,
    state: BufReader<File>,
}

impl Checkpoint {
    /// Reads the header of a checkpoint, up to the state.
    pub(super) fn read(path: &Path) -> Result<Self, JobError> {
        let wrong = |reason: String| JobError::Input(format!("{} {reason}", path.display()));
        match Place::of(path).standing {
            Standing::Nothing => return Err(wrong("does not exist; --checkpoint PATH makes it".to_string())),
            Standing::File(_) => {}
            // a pipe would be waited for
            Standing::Directory | Standing::Special => return Err(wrong("is no checkpoint of siegert".to_string())),
        }
        let mut file = open_to_read(path)?;
        let header = read_header(&mut file).map_err(|problem| match problem {
            Problem::Foreign => wrong("is no checkpoint of siegert".to_string()),
            Problem::Format(found) => wrong(format!(
                "has format {found} of checkpoints; this version of siegert reads format {FORMAT}: go on with the version that \
                 wrote it"
            )),
            Problem::Damaged => wrong("is damaged; go on from an older checkpoint, or begin anew".to_string()),
            Problem::Unreadable(error) => JobError::Work(format!("{} cannot be read: {error}", path.display())),
        })?;
        let state = BufReader::with_capacity(1 << 16, file);
        Ok(Checkpoint { path: path.to_path_buf(), header, state })
    }

    /// Refuses a checkpoint of another run.
    pub(super) fn require(&self, run: &str) -> Result<(), JobError> {
        let differences = identity::differences(&self.header.run, run);
        if differences.is_empty() {
            return Ok(());
        }
        let (path, what) = (self.path.display(), differences.join(", "));
        Err(JobError::Input(format!(
            "{path} belongs to another run: what differs is {what}; give the options that it was started with"
        )))
    }

    /// Lets `restore` take up the state, all of it.
    pub(super) fn restore(
        mut self,
        restore: impl FnOnce(&mut dyn Read) -> Result<(), JobError>,
    ) -> Result<Header, JobError> {
        let about = |failure: JobError| failure.about(&self.path.display().to_string());
        restore(&mut self.state).map_err(about)?;
        let mut more = [0];
        match self.state.read(&mut more) {
            Ok(0) => Ok(self.header),
            Ok(_) => Err(about(JobError::Input("the state is longer than this version of siegert knows".to_string()))),
            Err(error) => Err(about(JobError::Work(error.to_string()))),
        }
    }
}

/// Refuses to replace the checkpoint of a run that can be gone on with, or a file that is none.
pub(super) fn refuse_what_is_needed(path: &Path) -> Result<(), JobError> {
    if !path.exists() {
        return Ok(());
    }
    let name = path.display();
    match Checkpoint::read(path) {
        Ok(Checkpoint { header, .. }) if header.complete => Ok(()),
        Ok(Checkpoint { header, .. }) => Err(JobError::Input(format!(
            "{name} is the checkpoint of a run that was stopped after {} of {}, or is still going on: --resume {name} goes on \
             with it if none does; to begin anew, remove {name}",
            time(header.time_ms),
            time(header.total_ms)
        ))),
        Err(failure) => Err(JobError::Input(format!("--checkpoint would replace {name}: {failure}"))),
    }
}

/// What can be wrong with a file.
enum Problem {
    Foreign,
    Format(u32),
    Damaged,
    Unreadable(io::Error),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Problem::Unreadable(error)
    }
}

/// The header; the file stands at the start of the state then.
fn read_header(file: &mut File) -> Result<Header, Problem> {
    let length = file.metadata()?.len();
    let mut start = [0; START];
    if length < START as u64 || file.read_exact(&mut start).is_err() || start[..8] != MAGIC {
        return Err(Problem::Foreign);
    }
    let number = |at: usize| u32::from_le_bytes([start[at], start[at + 1], start[at + 2], start[at + 3]]);
    let (format, of_header) = (number(8), number(12));
    if format != FORMAT {
        return Err(Problem::Format(format));
    }
    if length < START as u64 + u64::from(of_header) + CHECKSUM {
        return Err(Problem::Damaged);
    }
    let (mut header, mut sum) = (vec![0; of_header as usize], [0; CHECKSUM as usize]);
    file.read_exact(&mut header)?;
    file.read_exact(&mut sum)?;
    if u32::from_le_bytes(sum) != checksum(&start, &header) {
        return Err(Problem::Damaged);
    }
    serde_json::from_slice(&header).map_err(|_| Problem::Damaged)
}

/// CRC-32 of the header and what stands before it.
fn checksum(start: &[u8], header: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(start);
    hasher.update(header);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const STATE: &[u8] = b"potentials and such";

    fn header() -> Header {
        Header {
            run: "{\"options\":{\"dt\":\"0.1 ms\"}}".to_string(),
            time_ms: 250.0,
            total_ms: 1500.0,
            complete: false,
            spikes: Some(SoFar { path: "/tmp/spikes.csv".to_string(), rows: 12, crc32: 34 }),
            records: Vec::new(),
        }
    }

    fn written(header: &Header) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run.checkpoint");
        write(&path, header, |out| out.write_all(STATE)).unwrap();
        (directory, path)
    }

    fn refused(path: &Path, message: &str) {
        let failure = Checkpoint::read(path).unwrap_err();
        assert!(failure.is_bad_input(), "{failure}");
        assert!(failure.to_string().contains(message), "{message}: {failure}");
    }

    #[test]
    fn header_and_state_come_back() {
        let (_directory, path) = written(&header());
        let checkpoint = Checkpoint::read(&path).unwrap();
        assert_eq!(checkpoint.header, header());
        let mut state = Vec::new();
        let restored = checkpoint.restore(|reader| {
            reader.read_to_end(&mut state)?;
            Ok(())
        });
        assert_eq!((restored.unwrap(), &state[..]), (header(), STATE));
    }

    #[test]
    fn every_damaged_byte_of_the_header_and_every_missing_one_is_noticed() {
        let (_directory, path) = written(&header());
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() - STATE.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(&path, &damaged).unwrap();
            refused(
                &path,
                if at < 8 {
                    "no checkpoint"
                } else if at < 12 {
                    "format"
                } else {
                    "damaged"
                },
            );
            fs::write(&path, &whole[..at]).unwrap();
            refused(&path, if at < START { "no checkpoint" } else { "damaged" });
        }
        fs::remove_file(&path).unwrap();
        refused(&path, "does not exist");
    }

    #[test]
    fn a_state_that_is_not_taken_up_whole_is_refused() {
        let (_directory, path) = written(&header());
        let half = |reader: &mut dyn Read| Ok(reader.read_exact(&mut [0; 5])?);
        let failure = Checkpoint::read(&path).unwrap().restore(half).unwrap_err();
        assert!(failure.to_string().contains("longer"), "{failure}");
    }

    #[test]
    fn another_run_is_refused_with_what_differs() {
        let (_directory, path) = written(&header());
        let checkpoint = Checkpoint::read(&path).unwrap();
        checkpoint.require(&header().run).unwrap();
        let failure = checkpoint.require(&header().run.replace("0.1", "0.2")).unwrap_err();
        assert!(failure.is_bad_input());
        assert!(failure.to_string().contains("--dt (0.1 ms then, 0.2 ms now)"), "{failure}");
    }

    #[test]
    fn only_the_checkpoint_of_a_complete_run_is_replaced() {
        let (directory, path) = written(&header());
        let failure = refuse_what_is_needed(&path).unwrap_err();
        assert!(failure.is_bad_input() && failure.to_string().contains("--resume"), "{failure}");
        assert!(failure.to_string().contains("after 250 ms of 1.5 s"), "{failure}");
        write(&path, &Header { complete: true, ..header() }, |out| out.write_all(STATE)).unwrap();
        refuse_what_is_needed(&path).unwrap();
        refuse_what_is_needed(&directory.path().join("new")).unwrap();
        fs::write(&path, "my own notes").unwrap();
        assert!(refuse_what_is_needed(&path).unwrap_err().is_bad_input());
    }
}
