//! A sweep on its way to a file: it can be stopped at any moment, and gone on with to the same bytes.

mod cells;
mod finish;
mod finished;
mod identity;
mod unfinished;

use std::path::{Path, PathBuf};

use crate::job::JobError;
use crate::number::count;
use crate::report::FileFormat;
use crate::sweep::{Control, Rows, Sweep, SweepHeader};
pub use cells::{as_csv, csv_header};
use identity::SweepIdentity;
pub use unfinished::{BESIDE_ROWS, Begin};
use unfinished::{Start, Unfinished};

/// The file that the rows of a sweep go to.
#[derive(Clone, Debug)]
pub struct SweepFile {
    /// Its path; its ending says its form.
    pub path: PathBuf,
    /// Its form.
    pub format: FileFormat,
    /// What is done where there is an unfinished sweep.
    pub begin: Begin,
}

/// What was found or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepOutcome {
    /// The rows were computed.
    Computed,
    /// They were there already.
    WasFinished,
}

impl SweepFile {
    /// Computes the rows that are not there yet, and gives the file its name when all are. `control.work` counts points; `rows` is handed the
    /// file of rows (CSV) when all are done, before it gets its last form, to be drawn for example.
    ///
    /// # Errors
    ///
    /// What stands there is not this sweep; those of writing; a stop, after which it can be gone on with.
    pub fn fill<E: From<JobError>>(
        &self,
        (sweep, header): (&Sweep, &SweepHeader),
        control: &Control<'_>,
        rows: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<SweepOutcome, E> {
        let identity = SweepIdentity::new(sweep);
        let mut unfinished = match Unfinished::start(&self.path, self.begin, &identity, sweep.len())? {
            Start::Unfinished(unfinished) => *unfinished,
            Start::Finished => {
                finished::require(sweep, &self.path, self.format, control.work)?;
                return Ok(SweepOutcome::WasFinished);
            }
        };
        write_rows(&mut unfinished, sweep, control)?;
        // Work on the rows that fails does not keep them from their file.
        let done = rows(unfinished.partial());
        finish::finish(unfinished, sweep, header, self.format)?;
        done.map(|()| SweepOutcome::Computed)
    }
}

/// Writes all rows that are not there yet.
fn write_rows(unfinished: &mut Unfinished, sweep: &Sweep, control: &Control<'_>) -> Result<(), JobError> {
    if unfinished.is_empty() {
        unfinished.append(0, csv_header(sweep.columns()).as_bytes())?;
    }
    let each = |rows: &Rows| as_csv(rows, sweep.columns());
    let done = sweep.run(unfinished.done(), control, each, |points, text| unfinished.append(points.end, &text))?;
    unfinished.vouch()?;
    if done < sweep.len() {
        let (done, all) = (count(done), count(sweep.len()));
        return Err(JobError::Work(format!(
            "stopped after {done} of {all} points; the same command with --resume goes on there"
        )));
    }
    Ok(())
}
