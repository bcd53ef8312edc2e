//! Where a path leads: the file behind all links and spellings, and what stands there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::FileError;

/// Links in a row that are followed; the system follows as many.
const MAX_LINKS: usize = 40;

/// A place for a file.
#[derive(Debug)]
pub struct Place {
    /// The path behind all links.
    pub path: PathBuf,
    /// What is there.
    pub standing: Standing,
}

/// What stands at a place.
#[derive(Debug)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A regular file.
    File(Box<Metadata>),
    /// A directory.
    Directory,
    /// A device, a pipe, a socket, or an open file of this process: written to as it is, never replaced.
    Special,
}

/// By what a file is known, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Device and number of a file that exists.
    Existing(u64, u64),
    /// The path of a file that does not exist yet.
    New(PathBuf),
}

impl Place {
    /// The place that `path` leads to.
    pub fn of(path: &Path) -> Self {
        let path = behind_links(path);
        let standing = match fs::metadata(&path) {
            Ok(_) if is_descriptor(&path) => Standing::Special,
            Ok(metadata) if metadata.is_file() => Standing::File(Box::new(metadata)),
            Ok(metadata) if metadata.is_dir() => Standing::Directory,
            Ok(_) => Standing::Special,
            Err(_) => Standing::Nothing,
        };
        Place { path, standing }
    }

    /// The directory in which the file is.
    pub fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// Fails where a file must not be written.
    ///
    /// # Errors
    ///
    /// It is a directory, or protected.
    pub fn require_writable(&self) -> io::Result<()> {
        match &self.standing {
            Standing::Directory => Err(io::ErrorKind::IsADirectory.into()),
            // who may do everything has protected the file all the same
            Standing::File(metadata) if metadata.permissions().readonly() => {
                Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
            }
            Standing::File(_) => OpenOptions::new().write(true).open(&self.path).map(drop),
            Standing::Nothing | Standing::Special => Ok(()),
        }
    }

    /// By what the file is known; none for a device, which any number of outputs may go to.
    pub fn identity(&self) -> Option<Identity> {
        match (&self.standing, fs::metadata(&self.path)) {
            (Standing::Special, Ok(metadata)) if is_device(&metadata) => None,
            (_, Ok(metadata)) => Some(identity_of(&metadata, &self.path)),
            (_, Err(_)) => Some(Identity::New(self.path.clone())),
        }
    }
}

/// The path behind the links that `path` is, also where the last one leads to nothing.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) if !is_descriptor(&path) => path = path.parent().unwrap_or(Path::new("")).join(target),
            _ => break,
        }
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return path };
    if is_descriptor(&path) {
        return path;
    }
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    // without its directory the file cannot be written, which is said elsewhere
    fs::canonicalize(parent).map_or(path.clone(), |directory| directory.join(name))
}

/// Whether it is a name for a file that this process has open already.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|start| path.starts_with(start))
}

fn is_device(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        metadata.file_type().is_char_device() || metadata.file_type().is_block_device()
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

fn identity_of(metadata: &Metadata, path: &Path) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let _ = path;
        Identity::Existing(metadata.dev(), metadata.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Identity::New(fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()))
    }
}

/// Whether `path` still leads to the file that was opened there.
pub fn is_still(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(opened), Ok(found)) => identity_of(&opened, path) == identity_of(&found, path),
        _ => false,
    }
}

/// Gives a file the mode of the one that it replaces, and its owner and group as far as that is allowed.
pub fn keep_metadata(of: &Metadata, file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let own = file.metadata().map(|own| (own.uid(), own.gid()));
        if own.is_ok_and(|own| own != (of.uid(), of.gid())) {
            // a user may give a file to a group of hers, though not to another user
            let _ = fchown(file, Some(of.uid()), Some(of.gid())).or_else(|_| fchown(file, None, Some(of.gid())));
        }
        // a file system without modes has none to keep
        let _ = file.set_permissions(fs::Permissions::from_mode(of.mode() & 0o777));
    }
    #[cfg(not(unix))]
    let _ = (of, file);
}

/// Opens a file to be read that is given by name.
///
/// # Errors
///
/// It does not exist, is a directory, or cannot be read.
pub fn open_to_read(path: &Path) -> Result<File, FileError> {
    let name = path.display();
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => FileError::Input(format!("{name} does not exist")),
        _ => FileError::World(format!("{name} cannot be read: {error}")),
    })?;
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => Err(FileError::Input(format!("{name} is a directory"))),
        _ => Ok(file),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn one_file_has_one_identity_whatever_it_is_called() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir(at("inner")).unwrap();
        fs::write(at("old"), "x").unwrap();
        fs::hard_link(at("old"), at("hard")).unwrap();
        symlink("old", at("soft")).unwrap();
        symlink("soft", at("soft of soft")).unwrap();
        symlink("inner/../new", at("to new")).unwrap();
        symlink(at("inner"), at("to inner")).unwrap();
        let identity = |name: &str| Place::of(&at(name)).identity().unwrap();
        for name in ["./old", "inner/../old", "hard", "soft", "soft of soft", "to inner/../old"] {
            assert_eq!(identity(name), identity("old"), "{name}");
        }
        for name in ["./new", "inner/../new", "to new"] {
            assert_eq!(identity(name), identity("new"), "{name}");
        }
        assert_eq!(identity("to inner/a"), identity("inner/a"));
        assert_ne!(identity("inner/a"), identity("a"));
    }

    #[test]
    fn devices_are_special_and_no_two_outputs_meet_there() {
        let null = Place::of(Path::new("/dev/null"));
        assert!(matches!(null.standing, Standing::Special) && null.identity().is_none());
        assert!(matches!(Place::of(Path::new("/dev/stdout")).standing, Standing::Special));
    }
}
