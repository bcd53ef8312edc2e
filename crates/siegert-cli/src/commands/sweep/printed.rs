//! The rows of a sweep on standard output, as they are computed.

use std::io::{self, BufWriter, Write};

use siegert::job::{as_csv, csv_header};
use siegert::report::text::of_table;
use siegert::report::{Table, Values, json};
use siegert::sweep::{Rows, SweepHeader, empty_table};

use super::control;
use super::picture::{Kept, Picture};
use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::library::{Sweep, Work, printable_lines};
use crate::number::count;
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
    let mut shown = empty_table(sweep.columns());
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
            Piece::Table(more) => shown.append(more),
        }
        progress.reached(points.end as usize);
        Ok::<(), Failure>(())
    })?;
    drop(progress);
    match format {
        Format::Csv => {}
        Format::Json => json::write_end(&mut out)?,
        Format::Text => out.write_all(printable_lines(&text(shown)).as_bytes())?,
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
    Table(Table),
}

/// Some rows in the form of standard output; in JSON with a comma before each.
fn printed(rows: &Rows, sweep: &Sweep, format: Format) -> Piece {
    let mut bytes = Vec::new();
    match format {
        Format::Csv => bytes = as_csv(rows, sweep.columns()),
        // writing to memory does not fail
        Format::Json => drop(json::write_rows(&mut bytes, &rows.table(sweep.columns()), false)),
        Format::Text => return Piece::Table(rows.table(sweep.columns())),
    }
    Piece::Bytes(bytes)
}

/// The table for people, without the column of errors if there is none.
fn text(mut table: Table) -> String {
    let is_empty = |values: &Values| matches!(values, Values::Texts(texts) if texts.iter().all(String::is_empty));
    if table.columns.last().is_some_and(|column| is_empty(&column.values)) {
        table.columns.pop();
    }
    of_table(&table)
}
