//! From the rows of a sweep, all of them done, to the file that was asked for.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use super::cells::from_csv;
use super::unfinished::Unfinished;
use crate::files::{AtomicFile, cannot_read};
use crate::job::JobError;
use crate::report::{FileFormat, ParquetFile, Table, json, write_metadata};
use crate::sweep::{Cell, Column as SweepColumn, Sweep, SweepHeader, empty_table};

/// Rows of a row group.
const BLOCK: usize = 1 << 16;

/// Makes the file; only then are the rows and their journal removed.
pub(super) fn finish(
    unfinished: Unfinished,
    sweep: &Sweep,
    header: &SweepHeader,
    format: FileFormat,
) -> Result<(), JobError> {
    let (target, columns) = (unfinished.target().to_path_buf(), empty_table(sweep.columns()));
    if format == FileFormat::Csv && !unfinished.goes_to_special() {
        unfinished.rename_to_target()?;
        return Ok(write_metadata(&target, &columns, &header.provenance)?);
    }
    let mut rows = Rows::open(unfinished.partial(), sweep.columns())?;
    match format {
        FileFormat::Json => as_json(&target, &mut rows, header)?,
        FileFormat::Parquet => as_parquet(&target, &mut rows, header)?,
        FileFormat::Csv => copy(&target, unfinished.partial())?,
    }
    unfinished.remove()
}

fn copy(target: &Path, rows: &Path) -> Result<(), JobError> {
    let mut file = AtomicFile::create(target)?;
    let mut source = File::open(rows).map_err(|error| cannot_read(rows, &error))?;
    file.checked(|file| io::copy(&mut source, file).map(drop))?;
    Ok(file.commit()?)
}

fn as_json(target: &Path, rows: &mut Rows<'_>, header: &SweepHeader) -> Result<(), JobError> {
    let mut file = AtomicFile::create(target)?;
    file.checked(|file| header.write_start(file))?;
    let mut first = true;
    while let Some(block) = rows.block()? {
        file.checked(|file| json::write_rows(file, &block, std::mem::take(&mut first)))?;
    }
    file.checked(json::write_end)?;
    Ok(file.commit()?)
}

fn as_parquet(target: &Path, rows: &mut Rows<'_>, header: &SweepHeader) -> Result<(), JobError> {
    let mut file = ParquetFile::create(target, &empty_table(rows.columns), Some(&header.provenance))?;
    while let Some(block) = rows.block()? {
        file.write(&block)?;
    }
    Ok(file.commit()?)
}

/// The rows of a file of CSV, one after the other.
pub(super) struct Rows<'a> {
    name: String,
    columns: &'a [SweepColumn],
    reader: ::csv::Reader<BufReader<File>>,
    record: ::csv::StringRecord,
}

impl<'a> Rows<'a> {
    pub(super) fn open(path: &Path, columns: &'a [SweepColumn]) -> Result<Self, JobError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
        let reader = ::csv::Reader::from_reader(BufReader::with_capacity(1 << 16, file));
        Ok(Rows { name, columns, reader, record: ::csv::StringRecord::new() })
    }

    /// The next rows as a table; none at the end.
    fn block(&mut self) -> Result<Option<Table>, JobError> {
        let mut table = empty_table(self.columns);
        while table.len() < BLOCK
            && let Some(row) = self.next()?
        {
            table.columns.iter_mut().zip(row).for_each(|(column, cell)| cell.push_to(&mut column.values));
        }
        Ok((!table.is_empty()).then_some(table))
    }

    pub(super) fn next(&mut self) -> Result<Option<Vec<Cell>>, JobError> {
        let read = self.reader.read_record(&mut self.record);
        if !read.map_err(|error| unreadable(&self.name, &io::Error::from(error).to_string()))? {
            return Ok(None);
        }
        let cells = self.columns.iter().zip(&self.record).map(|(column, text)| from_csv(text, column.kind));
        let cells: Option<Vec<Cell>> = cells.collect();
        match cells.filter(|cells| cells.len() == self.columns.len()) {
            Some(cells) => Ok(Some(cells)),
            None => {
                let line = self.record.position().map_or(0, ::csv::Position::line);
                Err(unreadable(&self.name, &format!("line {line} is damaged; --restart begins anew")))
            }
        }
    }
}

fn unreadable(name: &str, reason: &str) -> JobError {
    JobError::Work(format!("{name} cannot be read: {reason}"))
}
