//! How unfinished work is kept so that it can be gone on with: a file that grows, and a record that vouches for its beginning.
//!
//! What was computed is appended to a [`Partial`] file. Now and then it is brought to the disk, and only then a record, which is replaced as a
//! whole, says how many bytes of it hold and what their checksum is ([`VouchedFor`]). Whatever stops the work, what the record vouches for is
//! there; the rest is cut off when the work goes on. What was altered or lost meanwhile is told by the checksum.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::atomic::{beside, locked_for};
use super::{FileError, cannot_write};

/// The beginning of a file that can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VouchedFor {
    /// Its length.
    pub bytes: u64,
    /// CRC-32 of it.
    pub crc32: u32,
}

/// Why a file cannot be gone on with.
#[derive(Debug)]
#[non_exhaustive]
pub enum Damage {
    /// It is shorter than it was.
    Lost {
        /// Bytes that are there.
        there: u64,
    },
    /// It has other bytes than it had.
    Altered,
    /// It cannot be read.
    Unreadable(io::Error),
}

/// A file that grows, locked against others.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    file: BufWriter<File>,
    /// Bytes at its beginning that may change and are not vouched for.
    header: u64,
    bytes: u64,
    /// Of the bytes so far.
    checksum: Hasher,
}

impl Partial {
    /// Opens the file at `path`, as it is or new; it is kept as secret as the file `target` that will be made of it.
    ///
    /// # Errors
    ///
    /// Another command has it; what is no regular file.
    pub fn open(path: &Path, target: &Path) -> Result<Self, FileError> {
        Self::behind_header(path, target, 0)
    }

    /// As [`Partial::open`], of a file that begins with so many bytes that may change and are not vouched for.
    ///
    /// # Errors
    ///
    /// Another command has it; what is no regular file.
    pub fn behind_header(path: &Path, target: &Path, header: u64) -> Result<Self, FileError> {
        let file = BufWriter::with_capacity(1 << 16, locked_for(path, target)?);
        Ok(Partial { path: path.to_path_buf(), file, header, bytes: 0, checksum: Hasher::new() })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file itself.
    pub fn file(&self) -> &File {
        self.file.get_ref()
    }

    /// Writes the bytes at its beginning that are not vouched for.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write_header(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.rewind()?;
        file.write_all(bytes)?;
        file.seek(SeekFrom::End(0)).map(drop)
    }

    /// Length of what may be vouched for, whether it can be trusted or not.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn length(&self) -> io::Result<u64> {
        self.file().metadata().map(|metadata| metadata.len().saturating_sub(self.header))
    }

    /// Goes on behind the bytes that are vouched for; nothing is cut off before [`Partial::cut`].
    ///
    /// # Errors
    ///
    /// They are not what they were.
    pub fn trust(&mut self, vouched: VouchedFor) -> Result<(), Damage> {
        let there = self.length().map_err(Damage::Unreadable)?;
        if there < vouched.bytes {
            return Err(Damage::Lost { there });
        }
        let checksum = checksum(self.file(), self.header, vouched.bytes).map_err(Damage::Unreadable)?;
        if checksum.clone().finalize() != vouched.crc32 {
            return Err(Damage::Altered);
        }
        (self.bytes, self.checksum) = (vouched.bytes, checksum);
        Ok(())
    }

    /// Removes what is not trusted.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn cut(&mut self) -> Result<(), FileError> {
        let length = self.header + self.bytes;
        let cut = self.file.flush().and_then(|()| self.file.get_ref().set_len(length));
        let cut = cut.and_then(|()| self.file.get_mut().seek(SeekFrom::End(0)));
        cut.map(drop).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Appends to it.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        self.checksum.update(bytes);
        Ok(())
    }

    /// Brings everything to the disk; then a record may vouch for it.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn sync(&mut self) -> io::Result<VouchedFor> {
        self.flush()?;
        self.file().sync_data()?;
        Ok(self.written())
    }

    /// Hands everything to the system, so that it can be read from the file.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    /// What was written, on the disk or not.
    pub fn written(&self) -> VouchedFor {
        VouchedFor { bytes: self.bytes, crc32: self.checksum.clone().finalize() }
    }
}

/// The checksum of the first bytes of a file behind its header.
fn checksum(mut file: &File, header: u64, bytes: u64) -> io::Result<Hasher> {
    file.seek(SeekFrom::Start(header))?;
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

/// The most that is read of a record.
const MAX_RECORD: u64 = 1 << 30;

/// Reads the record at `path`; `None` if there is none.
///
/// # Errors
///
/// Those of reading; what is no such record.
pub fn read_record<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let mut bytes = Vec::new();
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it is no regular file")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    File::open(path)?.take(MAX_RECORD).read_to_end(&mut bytes)?;
    serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from)
}

/// Writes the record at `path` by way of a file beside it, so that at any moment there is one that is whole.
///
/// # Errors
///
/// Those of writing.
pub fn write_record(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let new = beside(path, ".new");
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec(record)?)?;
    file.sync_data()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_vouched_for_is_gone_on_with_and_the_rest_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let (path, record) = (directory.path().join("a.partial"), directory.path().join("a.progress"));
        let mut partial = Partial::open(&path, &directory.path().join("a")).unwrap();
        partial.append(b"one\n").unwrap();
        write_record(&record, &partial.sync().unwrap()).unwrap();
        partial.append(b"tw").unwrap();
        drop(partial);

        let vouched: VouchedFor = read_record(&record).unwrap().unwrap();
        let mut partial = Partial::open(&path, &directory.path().join("a")).unwrap();
        partial.trust(vouched).unwrap();
        partial.cut().unwrap();
        partial.append(b"two\n").unwrap();
        drop(partial);
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn what_was_lost_or_altered_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.partial");
        fs::write(&path, b"one\n").unwrap();
        let mut hasher = Hasher::new();
        hasher.update(b"one\n");
        let crc32 = hasher.finalize();
        let mut partial = Partial::open(&path, &path).unwrap();
        assert!(partial.trust(VouchedFor { bytes: 4, crc32 }).is_ok());
        assert!(matches!(partial.trust(VouchedFor { bytes: 5, crc32 }), Err(Damage::Lost { there: 4 })));
        assert!(matches!(partial.trust(VouchedFor { bytes: 4, crc32: crc32 ^ 1 }), Err(Damage::Altered)));
    }

    #[test]
    fn a_record_that_is_not_there_is_none_and_one_that_is_damaged_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.progress");
        assert!(read_record::<VouchedFor>(&path).unwrap().is_none());
        fs::write(&path, b"{\"bytes\": 3").unwrap();
        assert!(read_record::<VouchedFor>(&path).is_err());
        assert!(read_record::<VouchedFor>(directory.path()).is_err());
    }
}
