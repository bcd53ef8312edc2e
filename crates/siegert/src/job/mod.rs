//! Work that takes long and ends in a file: what is done is kept, so that it can be stopped at any moment and gone on with.
//!
//! One protocol serves all of it ([`crate::files`]): an identity tells all that the result depends on, a record that is replaced as a whole says how
//! far the work is, and where results are many a file grows of which the record vouches for the beginning.

mod simulation;
mod study;
mod sweep;

use thiserror::Error;

use crate::files::FileError;
use crate::simulation::SimulationError;
use crate::sweep::SweepError;
pub use simulation::{BESIDE_SPIKES, RecordSpec, SimulationFiles, SimulationOutcome, SpikesFormat};
pub use study::{BESIDE_RUNS, KeptRuns, Resumable};
pub use sweep::{BESIDE_ROWS, Begin, SweepFile, SweepOutcome, as_csv, csv_header};

/// Why work could not be carried out, or not to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JobError {
    /// What was asked for makes no sense: the user can mend it.
    #[error("{0}")]
    Input(String),
    /// The work could not be completed; what is done is kept where the message says so.
    #[error("{0}")]
    Work(String),
}

impl JobError {
    /// Whether the user can mend it.
    pub fn is_bad_input(&self) -> bool {
        matches!(self, JobError::Input(_))
    }

    /// The same with the place that it is about in front.
    pub(crate) fn about(self, place: &str) -> Self {
        match self {
            JobError::Input(text) => JobError::Input(format!("{place}: {text}")),
            JobError::Work(text) => JobError::Work(format!("{place}: {text}")),
        }
    }
}

impl From<std::io::Error> for JobError {
    fn from(error: std::io::Error) -> Self {
        JobError::Work(error.to_string())
    }
}

impl From<SimulationError> for JobError {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::Memory { .. } | SimulationError::Cancelled => JobError::Work(error.to_string()),
            other => JobError::Input(other.to_string()),
        }
    }
}

impl From<FileError> for JobError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Input(message) => JobError::Input(message),
            FileError::World(message) => JobError::Work(message),
        }
    }
}

impl From<SweepError> for JobError {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Threads { .. } => JobError::Work(error.to_string()),
            other => JobError::Input(other.to_string()),
        }
    }
}
