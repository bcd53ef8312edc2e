//! Files that appear whole or not at all: written without a name, which they get when they are complete.
//!
//! Where the system cannot write files without a name, they have one beside their place, `.siegert-...`, until then. Devices,
//! pipes and sockets are written to as they are.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::place::{Place, Standing, is_still, keep_metadata};
use super::{FileError, cannot_write};

/// A file that takes its name when it is complete; dropped before, it leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    /// As the user wrote it.
    path: PathBuf,
    place: Place,
    file: BufWriter<File>,
    until: Until,
}

/// Where a file is until it is complete.
#[derive(Debug)]
enum Until {
    /// Nowhere: it has no name.
    #[cfg(target_os = "linux")]
    Unnamed,
    /// Beside its place.
    Beside(TempPath),
    /// In its place: it is a device or a pipe.
    InPlace,
}

/// What to do where the file exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced.
    Replace,
    /// It stays, and the new one fails.
    Keep,
}

impl AtomicFile {
    /// Starts a file that is to be called `path`; fails where that cannot be.
    ///
    /// # Errors
    ///
    /// A place where it cannot be.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let place = Place::of(path);
        let started = place.require_writable().and_then(|()| match place.standing {
            Standing::Special => {
                let file = OpenOptions::new().append(true).open(&place.path)?;
                Ok((file, Until::InPlace))
            }
            _ => started(place.directory()),
        });
        let (file, until) = started.map_err(|error| cannot_write(path, &reason(&error)))?;
        Ok(Self { path: path.to_path_buf(), place, file: BufWriter::with_capacity(1 << 16, file), until })
    }

    /// As [`AtomicFile::create`], with the path where it lies until it has its name, for libraries that open files themselves.
    ///
    /// # Errors
    ///
    /// A place where it cannot be, or that is no regular file.
    pub fn create_beside(path: &Path) -> Result<(Self, PathBuf), FileError> {
        let place = Place::of(path);
        if let Standing::Special = place.standing {
            return Err(FileError::Input(format!("{} is no regular file, as this form needs", path.display())));
        }
        let started = place.require_writable().and_then(|()| beside_its_place(place.directory()));
        let (file, until) = started.map_err(|error| cannot_write(path, &reason(&error)))?;
        let temporary = match &until {
            Until::Beside(temporary) => temporary.to_path_buf(),
            _ => unreachable!("it was started beside its place"),
        };
        Ok((Self { path: path.to_path_buf(), place, file: BufWriter::new(file), until }, temporary))
    }

    /// Lets `write` write; a failure names the file.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn checked(&mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<(), FileError> {
        write(self).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Brings what was written to the disk, so that not even a power cut leaves the name without it.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        match self.until {
            // pipes and devices have no disk
            Until::InPlace => Ok(()),
            _ => self.file.get_ref().sync_data(),
        }
    }

    /// Gives the file its name, replacing what was there.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn commit(self) -> Result<(), FileError> {
        self.commit_over(Existing::Replace)
    }

    /// Gives the file its name; fails where a file that is to be kept has it.
    ///
    /// # Errors
    ///
    /// A file that is to be kept; those of the file system.
    pub fn commit_over(self, existing: Existing) -> Result<(), FileError> {
        let Self { path, place, file, until } = self;
        let file = file.into_inner().map_err(|error| cannot_write(&path, error.error()))?;
        if let (Existing::Replace, Ok(old)) = (existing, fs::metadata(&place.path))
            && !matches!(until, Until::InPlace)
        {
            keep_metadata(&old, &file);
        }
        let outcome = match until {
            #[cfg(target_os = "linux")]
            Until::Unnamed => unnamed::name(&file, &place, existing),
            Until::Beside(temporary) => match existing {
                Existing::Replace => temporary.persist(&place.path).map_err(|error| error.error),
                Existing::Keep => temporary.persist_noclobber(&place.path).map_err(|error| error.error),
            },
            Until::InPlace => Ok(()),
        };
        outcome.map_err(|error| cannot_write(&path, &reason(&error)))
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

/// A file in `directory` that is not seen yet.
fn started(directory: &Path) -> io::Result<(File, Until)> {
    #[cfg(target_os = "linux")]
    if let Some(file) = unnamed::file(directory) {
        return Ok((file, Until::Unnamed));
    }
    beside_its_place(directory)
}

fn beside_its_place(directory: &Path) -> io::Result<(File, Until)> {
    let mut builder = Builder::new();
    builder.prefix(".siegert-");
    // As any new file: readable as far as the user's mask allows. Temporary files are private otherwise.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let (file, path) = builder.tempfile_in(directory)?.into_parts();
    Ok((file, Until::Beside(path)))
}

/// Files without a name, of which nothing is left whatever ends the command.
#[cfg(target_os = "linux")]
mod unnamed {
    use std::fs::{self, File};
    use std::io::{self, ErrorKind};
    use std::os::fd::AsRawFd;
    use std::path::Path;
    use std::sync::atomic::{AtomicU32, Ordering};

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

    use super::{Existing, Place};

    /// Open files by their numbers: through it a file without a name can get one.
    const DESCRIPTORS: &str = "/proc/self/fd";

    /// None where the file system knows no such files.
    pub(super) fn file(directory: &Path) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = open(directory, flags, Mode::from_raw_mode(0o666)).ok()?;
        Path::new(DESCRIPTORS).is_dir().then(|| File::from(file))
    }

    /// Gives `file` its name.
    pub(super) fn name(file: &File, place: &Place, existing: Existing) -> io::Result<()> {
        match (link(file, &place.path), existing) {
            (Err(error), Existing::Replace) if error.kind() == ErrorKind::AlreadyExists => replace(file, place),
            (outcome, _) => outcome,
        }
    }

    fn link(file: &File, path: &Path) -> io::Result<()> {
        let open = format!("{DESCRIPTORS}/{}", file.as_raw_fd());
        Ok(linkat(CWD, open, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    }

    /// A name cannot be linked over: for a moment the file has another one.
    fn replace(file: &File, place: &Place) -> io::Result<()> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let beside = loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let beside = place.directory().join(format!(".siegert-{}-{number}", std::process::id()));
            match link(file, &beside) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 1000 => {}
                linked => break linked.map(|()| beside)?,
            }
        };
        fs::rename(&beside, &place.path).inspect_err(|_| drop(fs::remove_file(&beside)))
    }
}

/// The reason without the name of the temporary file, which means nothing to a user.
fn reason(error: &io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "the directory does not exist"),
        kind if error.get_ref().is_some_and(|inner| inner.to_string().contains(".siegert-")) => kind.into(),
        kind => io::Error::new(kind, error.to_string()),
    }
}

/// The file of the same name with an ending more: `spikes.csv.partial`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Opens a file that grows, as it is or new, so that no other command writes it at the same time.
///
/// # Errors
///
/// Another command has it; what is no regular file.
pub fn locked(path: &Path) -> Result<File, FileError> {
    let in_use = || FileError::World(format!("{} is being written by another siegert", path.display()));
    try_locked(path)?.ok_or_else(in_use)
}

/// As [`locked`]; none if another command has it.
///
/// # Errors
///
/// What is no regular file, or cannot be written.
pub fn try_locked(path: &Path) -> Result<Option<File>, FileError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(cannot_write(path, &io::Error::other("it is no regular file")));
    }
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(|error| cannot_write(path, &reason(&error)))?;
    let locked = match file.try_lock() {
        Err(TryLockError::WouldBlock) => false,
        // Where files cannot be locked, we must do without. One that was renamed meanwhile is another's result.
        Ok(()) | Err(TryLockError::Error(_)) => is_still(&file, path),
    };
    Ok(locked.then_some(file))
}

/// As [`locked`], for a file that is to be kept as secret as the one that will be made of it.
///
/// # Errors
///
/// As for [`locked`].
pub fn locked_for(path: &Path, target: &Path) -> Result<File, FileError> {
    let file = locked(path)?;
    if let Ok(metadata) = fs::metadata(target)
        && metadata.is_file()
    {
        keep_metadata(&metadata, &file);
    }
    Ok(file)
}

/// Refuses a file that cannot be written, without changing anything.
///
/// # Errors
///
/// It cannot be written.
pub fn refuse_unwritable(path: &Path) -> Result<(), FileError> {
    match Place::of(path).standing {
        // opening a pipe and closing it again would end it for its reader
        Standing::Special => Ok(()),
        _ => AtomicFile::create(path).map(drop),
    }
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
        assert!(matches!(failure, FileError::World(_)));
    }

    #[test]
    fn a_file_beside_its_place_takes_its_name_too() {
        // the way of systems without unnamed files
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rates.csv");
        for (text, existing) in [("new", Existing::Keep), ("newer", Existing::Replace)] {
            let (file, until) = beside_its_place(directory.path()).unwrap();
            let place = Place::of(&path);
            let mut file = AtomicFile { path: path.clone(), place, file: BufWriter::new(file), until };
            file.write_all(text.as_bytes()).unwrap();
            file.commit_over(existing).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt, symlink};

        use super::*;

        fn written(path: &Path, text: &str) -> Result<(), FileError> {
            let mut file = AtomicFile::create(path)?;
            file.checked(|file| file.write_all(text.as_bytes()))?;
            file.commit()
        }

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn a_file_that_is_replaced_keeps_its_mode() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("rates.csv");
            for mode_of_old in [0o600, 0o640, 0o755, 0o666] {
                fs::write(&path, "old").unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode_of_old)).unwrap();
                written(&path, "new").unwrap();
                assert_eq!((mode(&path), fs::read_to_string(&path).unwrap().as_str()), (mode_of_old, "new"));
            }
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        }

        #[test]
        fn a_file_that_is_read_only_stays_as_it_is() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("rates.csv");
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
            let failure = written(&path, "new").unwrap_err();
            assert!(failure.to_string().contains("read-only") && matches!(failure, FileError::World(_)), "{failure}");
            assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        }

        #[test]
        fn a_link_stays_a_link_also_where_it_leads_to_nothing_yet() {
            let directory = tempfile::tempdir().unwrap();
            let at = |name: &str| directory.path().join(name);
            symlink("file", at("link")).unwrap();
            for text in ["first", "second"] {
                written(&at("link"), text).unwrap();
                assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
                assert_eq!(fs::read_to_string(at("file")).unwrap(), text);
            }
        }

        #[test]
        fn devices_are_written_to_and_stay() {
            written(Path::new("/dev/null"), "x").unwrap();
            assert!(!fs::metadata("/dev/null").unwrap().is_file());
            let failure = written(Path::new("/dev/full"), "x").unwrap_err();
            assert!(failure.to_string().starts_with("/dev/full cannot be written: "), "{failure}");
        }

        #[test]
        fn a_file_that_has_become_anothers_result_is_not_taken() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a.partial");
            let held = locked(&path).unwrap();
            assert!(locked(&path).unwrap_err().to_string().contains("another siegert"));
            drop(held);
            drop(locked(&path).unwrap());
            assert!(locked(directory.path()).unwrap_err().to_string().contains("no regular file"));
        }
    }
}
