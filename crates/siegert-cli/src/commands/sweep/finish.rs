//! From the rows of a sweep, all of them done, to the file that was asked for.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use siegert::sweep::{Cell, Column as SweepColumn, Kind};

use super::cells::{from_csv, write_json_row};
use super::printed::{write_json_end, write_json_start};
use super::unfinished::Unfinished;
use crate::failure::Failure;
use crate::library::Sweep;
use crate::output::FileFormat;
use crate::output::file::AtomicFile;
use crate::output::parquet::ParquetWriter;
use crate::output::table::{Column, Table, Values};

/// Rows of a row group.
const BLOCK: usize = 1 << 16;

/// Makes the file; only then are the rows and their journal removed.
pub(super) fn finish(unfinished: Unfinished, sweep: &Sweep, format: FileFormat) -> Result<(), Failure> {
    if format == FileFormat::Csv && !unfinished.goes_to_special() {
        return unfinished.rename_to_target();
    }
    let file = AtomicFile::create(unfinished.target())?;
    let rows = || Rows::open(unfinished.partial(), sweep.columns());
    let file = match format {
        FileFormat::Json => json(file, rows()?, sweep)?,
        FileFormat::Parquet => parquet(file, rows()?, sweep)?,
        FileFormat::Csv => copy(file, unfinished.partial())?,
    };
    file.commit()?;
    unfinished.remove()
}

fn copy(mut file: AtomicFile, rows: &Path) -> Result<AtomicFile, Failure> {
    let mut source = File::open(rows).map_err(|error| cannot_read(&rows.display().to_string(), &error.to_string()))?;
    file.checked(|file| io::copy(&mut source, file).map(drop))?;
    Ok(file)
}

fn json(mut file: AtomicFile, mut rows: Rows<'_>, sweep: &Sweep) -> Result<AtomicFile, Failure> {
    file.checked(|file| write_json_start(file, sweep))?;
    let mut first = true;
    while let Some(row) = rows.next()? {
        file.checked(|file| {
            file.write_all(if std::mem::take(&mut first) { b"\n    " } else { b",\n    " })?;
            write_json_row(file, sweep.columns(), &row)
        })?;
    }
    file.checked(write_json_end)?;
    Ok(file)
}

fn parquet(file: AtomicFile, mut rows: Rows<'_>, sweep: &Sweep) -> Result<AtomicFile, Failure> {
    let mut writer = ParquetWriter::new(file, &empty_table(sweep.columns()))?;
    loop {
        let mut table = empty_table(sweep.columns());
        while table.len() < BLOCK
            && let Some(row) = rows.next()?
        {
            table.columns.iter_mut().zip(row).for_each(|(column, cell)| push(&mut column.values, cell));
        }
        if table.len() == 0 {
            return writer.finish();
        }
        writer.write(&table)?;
    }
}

fn empty_table(columns: &[SweepColumn]) -> Table {
    let values = |kind| match kind {
        Kind::Number => Values::Numbers(Vec::new()),
        Kind::Integer => Values::Integers(Vec::new()),
        Kind::Flag => Values::Flags(Vec::new()),
        Kind::Text => Values::Texts(Vec::new()),
    };
    let column = |column: &SweepColumn| Column { name: column.name.clone().into(), values: values(column.kind) };
    Table { columns: columns.iter().map(column).collect() }
}

fn push(values: &mut Values, cell: Cell) {
    match (values, cell) {
        (Values::Numbers(values), Cell::Number(value)) => values.push(value),
        (Values::Numbers(values), _) => values.push(f64::NAN),
        (Values::Integers(values), Cell::Integer(value)) => values.push(Some(value)),
        (Values::Integers(values), _) => values.push(None),
        (Values::Flags(values), Cell::Flag(value)) => values.push(Some(value)),
        (Values::Flags(values), _) => values.push(None),
        (Values::Texts(values), Cell::Text(value)) => values.push(value),
        (Values::Texts(values), _) => values.push(String::new()),
        // `empty_table` makes no such columns
        (Values::Names { .. } | Values::Unsigned(_), _) => {}
    }
}

/// The rows of a file of CSV, one after the other.
pub(super) struct Rows<'a> {
    name: String,
    columns: &'a [SweepColumn],
    reader: csv::Reader<BufReader<File>>,
    record: csv::StringRecord,
}

impl<'a> Rows<'a> {
    pub(super) fn open(path: &Path, columns: &'a [SweepColumn]) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| cannot_read(&name, &error.to_string()))?;
        let reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 16, file));
        Ok(Rows { name, columns, reader, record: csv::StringRecord::new() })
    }

    pub(super) fn next(&mut self) -> Result<Option<Vec<Cell>>, Failure> {
        let read = self.reader.read_record(&mut self.record);
        if !read.map_err(|error| cannot_read(&self.name, &io::Error::from(error).to_string()))? {
            return Ok(None);
        }
        let cells = self.columns.iter().zip(&self.record).map(|(column, text)| from_csv(text, column.kind));
        let cells: Option<Vec<Cell>> = cells.collect();
        match cells.filter(|cells| cells.len() == self.columns.len()) {
            Some(cells) => Ok(Some(cells)),
            None => {
                let line = self.record.position().map_or(0, csv::Position::line);
                Err(cannot_read(&self.name, &format!("line {line} is damaged; --restart begins anew")))
            }
        }
    }
}

fn cannot_read(name: &str, reason: &str) -> Failure {
    Failure::Work(format!("{name} cannot be read: {reason}"))
}
