//! The rows of a sweep on standard output, as they are computed.

use std::io::{self, BufWriter, Write};

use siegert::job::{as_csv, csv_header};
use siegert::report::json;
use siegert::report::text::{Align, aligned};
use siegert::sweep::{Cell, Column, Kind, Rows, SweepHeader};

use super::control;
use super::picture::{Kept, Picture};
use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::library::{Sweep, Work, printable_lines};
use crate::number::{count, decimals, significant};
use crate::output::progress::Progress;

/// The most points of a table for people.
const MOST_SHOWN: u64 = 1000;

/// Prints all rows, as CSV if nothing else is said; then draws them if a picture is wanted.
pub(super) fn print(
    sweep: &Sweep,
    header: &SweepHeader,
    options: &OutputOptions,
    picture: Option<&Picture<'_>>,
    work: &Work,
) -> Result<(), Failure> {
    let format = options.format.unwrap_or(Format::Csv);
    refuse_long_table(sweep, format)?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout());
    let mut lines = Vec::new();
    let mut first = true;
    match format {
        Format::Csv => out.write_all(csv_header(sweep.columns()).as_bytes())?,
        Format::Json => header.write_start(&mut out)?,
        Format::Text => {}
    }
    let mut progress = Progress::new(sweep.len() as usize, options.quiet, true);
    let mut kept = picture.map(|_| Kept::new(sweep)).transpose()?;
    let drawn = kept.is_some();
    let each =
        |rows: &Rows| (printed(rows, sweep, format), if drawn { as_csv(rows, sweep.columns()) } else { Vec::new() });
    let done = sweep.run(0, &control(options.threads, work), each, |points, (piece, csv)| {
        if let Some(kept) = &mut kept {
            kept.append(&csv)?;
        }
        match piece {
            Piece::Bytes(bytes) => {
                let start = if format == Format::Json && std::mem::take(&mut first) { 1 } else { 0 };
                out.write_all(&bytes[start..])?;
            }
            Piece::Lines(more) => lines.extend(more),
        }
        progress.reached(points.end as usize);
        Ok::<(), Failure>(())
    })?;
    drop(progress);
    match format {
        Format::Csv => {}
        Format::Json => json::write_end(&mut out)?,
        Format::Text => out.write_all(printable_lines(&table(sweep, lines)).as_bytes())?,
    }
    out.flush()?;
    if done < sweep.len() {
        let (done, all) = (count(done), count(sweep.len()));
        return Err(Failure::Work(format!(
            "stopped after {done} of {all} points; with --output a sweep can be resumed"
        )));
    }
    kept.zip(picture).map_or(Ok(()), |(kept, picture)| kept.draw(picture))
}

fn refuse_long_table(sweep: &Sweep, format: Format) -> Result<(), Failure> {
    if format != Format::Text || sweep.len() <= MOST_SHOWN {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "a table of {} points is more than people read (at most {} are shown): leave --format text out for CSV, or write a file \
         with --output",
        count(sweep.len()),
        count(MOST_SHOWN)
    )))
}

enum Piece {
    Bytes(Vec<u8>),
    Lines(Vec<Vec<String>>),
}

/// Some rows in the form of standard output; in JSON with a comma before each.
fn printed(rows: &Rows, sweep: &Sweep, format: Format) -> Piece {
    let mut bytes = Vec::new();
    match format {
        Format::Csv => bytes = as_csv(rows, sweep.columns()),
        // writing to memory does not fail
        Format::Json => drop(json::write_rows(&mut bytes, &rows.table(sweep.columns()), false)),
        Format::Text => {
            let line =
                |row: &[Cell]| sweep.columns().iter().zip(row).map(|(column, cell)| shown(cell, column)).collect();
            return Piece::Lines(rows.iter().map(line).collect());
        }
    }
    Piece::Bytes(bytes)
}

/// The table, without the column of errors if there is none.
fn table(sweep: &Sweep, mut lines: Vec<Vec<String>>) -> String {
    let mut columns = sweep.columns().to_vec();
    if lines.iter().all(|line| line.last().is_none_or(|error| error == "-")) {
        columns.pop();
        lines.iter_mut().for_each(|line| drop(line.pop()));
    }
    let align = |kind| if kind == Kind::Text { Align::Left } else { Align::Right };
    let header: Vec<(&str, Align)> = columns.iter().map(|column| (column.name.as_str(), align(column.kind))).collect();
    aligned(&header, lines.into_iter())
}

/// A cell for people.
fn shown(cell: &Cell, column: &Column) -> String {
    match cell {
        Cell::Missing => "-".to_string(),
        Cell::Number(value) if column.name.starts_with("cv_") => decimals(Some(*value), 3),
        Cell::Number(value) => significant(*value, 5),
        Cell::Integer(value) => value.to_string(),
        Cell::Flag(value) => if *value { "yes" } else { "no" }.to_string(),
        Cell::Text(value) => value.clone(),
    }
}
