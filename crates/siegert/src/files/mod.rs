//! Files that appear whole or not at all, and files that grow and are vouched for: what results and unfinished work are kept in.

mod atomic;
mod partial;
mod place;

use std::io;
use std::path::Path;

use thiserror::Error;

pub use atomic::{AtomicFile, Existing, beside, locked, locked_for, refuse_unwritable, try_locked};
pub use partial::{Damage, Partial, VouchedFor, read_record, write_record};
pub use place::{Identity, Place, Standing, is_still, keep_metadata, open_to_read};

/// Why a file cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// A wrong name: the user can mend it.
    #[error("{0}")]
    Input(String),
    /// What the file system refuses.
    #[error("{0}")]
    World(String),
}

/// The error of a file that cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> FileError {
    FileError::World(format!("{} cannot be written: {error}", path.display()))
}

/// The error of a file that cannot be read.
pub fn cannot_read(path: &Path, error: &io::Error) -> FileError {
    FileError::World(format!("{} cannot be read: {error}", path.display()))
}
