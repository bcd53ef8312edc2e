//! Files that appear whole or not at all: written beside their place, then renamed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::failure::Failure;

/// A file that takes its name when it is complete; dropped before, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

/// What to do where the file exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    Replace,
    Keep,
}

impl AtomicFile {
    /// Starts a file in the directory of `path`.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::create_with(path, None)
    }

    /// As [`AtomicFile::create`], under the given name until it is finished, so that the next try replaces what a killed one
    /// has left.
    pub(crate) fn create_as(path: &Path, name: &OsStr) -> Result<Self, Failure> {
        Self::create_with(path, Some(name))
    }

    fn create_with(path: &Path, name: Option<&OsStr>) -> Result<Self, Failure> {
        // A link stays a link: the file that it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if path.is_dir() {
            return Err(cannot_write(&path, &io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = Builder::new();
        match name {
            None => drop(builder.prefix(".siegert-")),
            Some(name) => {
                // if it cannot be removed, it cannot be created either, which is said below
                let _ = fs::remove_file(directory.join(name));
                builder.prefix(name).rand_bytes(0);
            }
        }
        set_permissions(&mut builder);
        let file = builder.tempfile_in(directory).map_err(|error| cannot_write(&path, &reason(&error)))?;
        Ok(Self { path, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Where it lies until it has its name, for libraries that open files themselves.
    #[cfg(feature = "sonata")]
    pub(crate) fn temporary_path(&self) -> &Path {
        self.file.get_ref().path()
    }

    /// Lets `write` write; a failure names the file.
    pub(crate) fn checked(&mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<(), Failure> {
        write(self).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Brings what was written to the disk, so that not even a power cut leaves the name without it.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().as_file().sync_data()
    }

    /// Gives the file its name, replacing what was there.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        self.commit_over(Existing::Replace)
    }

    /// Gives the file its name; fails where a file that is to be kept has it.
    pub(crate) fn commit_over(self, existing: Existing) -> Result<(), Failure> {
        let path = self.path;
        let file = self.file.into_inner().map_err(|error| cannot_write(&path, error.error()))?;
        let outcome = match existing {
            Existing::Replace => file.persist(&path),
            Existing::Keep => file.persist_noclobber(&path),
        };
        outcome.map(drop).map_err(|error| cannot_write(&path, &error.error))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// As any new file: readable as far as the user's mask allows. Temporary files are private otherwise.
fn set_permissions(builder: &mut Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// The reason without the name of the temporary file, which means nothing to a user.
fn reason(error: &io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "the directory does not exist"),
        kind => kind.into(),
    }
}

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Work(format!("{} cannot be written: {error}", path.display()))
}

/// The file of the same name with an ending more: `spikes.csv.partial`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Opens a file that grows, as it is or new, so that no other command writes it at the same time.
pub(crate) fn locked(path: &Path) -> Result<File, Failure> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            cannot_write(path, &io::Error::new(io::ErrorKind::NotFound, "the directory does not exist"))
        }
        _ => cannot_write(path, &error),
    })?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Failure::Work(format!("{} is being written by another siegert", path.display())))
        }
        // Where files cannot be locked, we must do without.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// Refuses files that cannot be written, or that would be replaced by one another, before anything runs; each with its option.
pub(crate) fn refuse_files_that_clash(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    for (index, (option, path)) in files.iter().enumerate() {
        let Some(path) = path else { continue };
        if let Some((other, _)) = files[..index].iter().find(|(_, other)| *other == Some(*path)) {
            return Err(Failure::Input(format!("{other} and {option} cannot both be {}", path.display())));
        }
        drop(AtomicFile::create(path)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rates.csv");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_to_be_kept_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mine.toml");
        fs::write(&path, "old").unwrap();
        let file = AtomicFile::create(&path).unwrap();
        assert!(file.commit_over(Existing::Keep).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn a_directory_that_does_not_exist_is_named() {
        let failure = AtomicFile::create(Path::new("no/such/place/rates.csv")).unwrap_err();
        assert!(failure.to_string().starts_with("no/such/place/rates.csv cannot be written"), "{failure}");
        assert_eq!(failure.exit_status(), 1);
    }
}
