//! The lock of a checkpoint: a file beside it that keeps other runs away.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::files::Place;
use crate::files::{beside, try_locked};
use crate::job::JobError;

/// Keeps other runs from a checkpoint as long as it lasts.
///
/// The checkpoint itself cannot be locked: it does not exist from the beginning, and each new one is another file.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    /// Locked until it is closed.
    _file: File,
}

impl Lock {
    pub(super) fn new(checkpoint: &Path) -> Result<Self, JobError> {
        let (name, path) = (checkpoint.display(), beside(&Place::of(checkpoint).path, ".lock"));
        let Some(file) = try_locked(&path)? else {
            return Err(JobError::Work(format!(
                "{name} is the checkpoint of another siegert that is running; each run needs its own"
            )));
        };
        if file.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            let lock = path.display();
            return Err(JobError::Input(format!(
                "{lock} is to keep other runs from {name}, and is another file; rename it"
            )));
        }
        Ok(Lock { path, _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // what a killed run has left is taken over by the next
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_checkpoint_is_of_one_run_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let (path, inner) = (directory.path().join("run.ckpt"), directory.path().join("./run.ckpt"));
        let lock = Lock::new(&path).unwrap();
        let failure = Lock::new(&inner).unwrap_err();
        assert!(!failure.is_bad_input() && failure.to_string().contains("another siegert"), "{failure}");
        drop(lock);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        fs::write(directory.path().join("run.ckpt.lock"), "my own notes").unwrap();
        assert!(Lock::new(&path).unwrap_err().is_bad_input());
        assert_eq!(fs::read_to_string(directory.path().join("run.ckpt.lock")).unwrap(), "my own notes");
    }
}
