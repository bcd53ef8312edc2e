//! Whether a file that is there already is the result of this very sweep.
//!
//! A result holds its rows and nothing else, no word on what they are of. So its columns and all its points are compared with
//! those of the sweep, and points from everywhere are computed again, at least [`LEAST`], and as many as [`PATIENCE`] allows
//! (all of most sweeps): their rows must be the same to the last digit.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

#[cfg(feature = "parquet")]
use parquet::{
    file::reader::SerializedFileReader,
    record::{Field, Row as ParquetRow, reader::RowIter},
};
use rayon::prelude::*;
use siegert::sweep::{Cell, Column};

use super::cells::{csv_header, write_json_row};
use super::finish::Rows;
use super::printed::{write_json_end, write_json_start};
use crate::failure::Failure;
use crate::library::{Sweep, Work};
use crate::output::FileFormat;

/// Points that are always computed again, and those that are between two looks at the clock.
const LEAST: usize = 64;
/// The time after which no further points are computed again.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest line of a JSON file, in bytes.
const MAX_LINE: u64 = 16 << 20;

/// Refuses a file that is not the result of `sweep`.
pub(super) fn require(sweep: &Sweep, path: &Path, format: FileFormat, work: &Work) -> Result<(), Failure> {
    let difference = match Found::open(path, format, sweep) {
        Ok(found) => difference(sweep, found, &again(sweep, work)),
        Err(difference) => Some(difference),
    };
    match difference {
        _ if work.is_cancelled() => Err(Failure::Work("stopped".to_string())),
        None => Ok(()),
        Some(difference) => Err(Failure::Input(format!(
            "{} is there, and is not the result of this sweep: {difference}; --restart computes it and replaces the file",
            path.display()
        ))),
    }
}

/// The rows of some points, by the number of the point.
type Again = HashMap<u64, Vec<Vec<Cell>>>;

/// Computes points again, from everywhere on the grid.
fn again(sweep: &Sweep, work: &Work) -> Again {
    let started = Instant::now();
    let stride = stride(sweep.len());
    // products stay below MAX_POINTS^2, far within u128
    let place = |index: u64| (u128::from(index) * u128::from(stride) % u128::from(sweep.len())) as u64;
    let rows = |index: u64| {
        (place(index), sweep.rows(place(index)..place(index) + 1, work).iter().map(<[Cell]>::to_vec).collect())
    };
    let mut again = Again::new();
    for start in (0..sweep.len()).step_by(LEAST) {
        let end = sweep.len().min(start + LEAST as u64);
        // rows of a search that was stopped would say that there is no state
        again.par_extend((start..end).into_par_iter().map(rows).filter(|_| !work.is_cancelled()));
        if started.elapsed() > PATIENCE || work.is_cancelled() {
            break;
        }
    }
    again
}

/// A step that leads to every one of `len` points, the first few of which are far apart.
fn stride(len: u64) -> u64 {
    let golden = (len as f64 * 0.618_033_988_749_895) as u64;
    let divisor = |mut a: u64, mut b: u64| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    (golden.max(1)..).find(|&step| divisor(step, len) == 1).unwrap_or(1)
}

/// What of the file is not as the sweep has it, in words.
fn difference(sweep: &Sweep, mut found: Found<'_>, again: &Again) -> Option<String> {
    // the point that is being read, the row in it, and how many rows it should have if that is known
    let (mut next, mut row_of_point) = (0, 0);
    let mut expected: Option<&Vec<Vec<Cell>>> = None;
    let lacks =
        |expected: Option<&Vec<Vec<Cell>>>, rows: usize| expected.is_some_and(|expected| expected.len() != rows);
    loop {
        let row = match found.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(reason) => return Some(reason),
        };
        if row.begins_point(sweep.axes().len()) {
            if lacks(expected, row_of_point) {
                return Some(other_numbers(sweep, next - 1));
            }
            (next, row_of_point, expected) = (next + 1, 0, again.get(&next));
        }
        if next == 0 || next > sweep.len() || !row.is_at(&sweep.point(next - 1), sweep.columns()) {
            return Some("it has other values of the parameters".to_string());
        }
        if expected
            .is_some_and(|expected| !expected.get(row_of_point).is_some_and(|cells| row.is(cells, sweep.columns())))
        {
            return Some(other_numbers(sweep, next - 1));
        }
        row_of_point += 1;
    }
    if lacks(expected, row_of_point) {
        return Some(other_numbers(sweep, next - 1));
    }
    (next < sweep.len()).then(|| format!("it has {next} of {} points", sweep.len()))
}

fn other_numbers(sweep: &Sweep, point: u64) -> String {
    let values = sweep.axes().iter().zip(sweep.point(point));
    let values: Vec<String> = values.map(|(axis, value)| format!("{} = {value} {}", axis.name, axis.unit)).collect();
    format!("it has other numbers at {}", values.join(", ").trim_end())
}

/// The rows of the file in its form.
enum Found<'a> {
    Csv(Rows<'a>),
    Json {
        lines: BufReader<File>,
        end: Vec<u8>,
    },
    #[cfg(feature = "parquet")]
    Parquet(Box<RowIter<'static>>),
}

/// One row of the file.
enum Row {
    Cells(Vec<Cell>),
    /// An object on a line.
    Json(String),
}

impl<'a> Found<'a> {
    /// Opens the file; the error says what is not as expected before the first row.
    fn open(path: &Path, format: FileFormat, sweep: &'a Sweep) -> Result<Self, String> {
        let file = || File::open(path).map_err(|error| format!("it cannot be read ({error})"));
        let other_columns = || "it has other columns".to_string();
        match format {
            FileFormat::Csv => {
                let header = csv_header(sweep.columns());
                starts_with(&mut file()?, header.as_bytes()).then_some(()).ok_or_else(other_columns)?;
                ends_with_line_feed(&mut file()?).then_some(()).ok_or("its last line is not complete")?;
                Ok(Found::Csv(Rows::open(path, sweep.columns()).map_err(|failure| failure.to_string())?))
            }
            FileFormat::Json => {
                let (mut start, mut end) = (Vec::new(), Vec::new());
                let written = write_json_start(&mut start, sweep).and_then(|()| write_json_end(&mut end));
                written.map_err(|error| error.to_string())?;
                let mut lines = BufReader::with_capacity(1 << 16, file()?);
                let other = || "it has another network's name or other parameters".to_string();
                starts_with(&mut lines, &start).then_some(()).ok_or_else(other)?;
                Ok(Found::Json { lines, end })
            }
            #[cfg(not(feature = "parquet"))]
            FileFormat::Parquet => Err("this siegert was built without Parquet files".to_string()),
            #[cfg(feature = "parquet")]
            FileFormat::Parquet => {
                let foreign = |error| format!("it cannot be read as Parquet ({error})");
                let reader = SerializedFileReader::new(file()?).map_err(foreign)?;
                let rows = RowIter::from_file_into(Box::new(reader));
                Ok(Found::Parquet(Box::new(rows)))
            }
        }
    }

    /// The next row; the error says what is there in place of one.
    fn next(&mut self) -> Result<Option<Row>, String> {
        match self {
            Found::Csv(rows) => Ok(rows.next().map_err(|failure| failure.to_string())?.map(Row::Cells)),
            Found::Json { lines, end } => json_row(lines, end),
            #[cfg(feature = "parquet")]
            Found::Parquet(rows) => match rows.next() {
                Some(Ok(row)) => cells(&row).map(|cells| Some(Row::Cells(cells))),
                Some(Err(error)) => Err(format!("it cannot be read as Parquet ({error})")),
                None => Ok(None),
            },
        }
    }
}

fn starts_with(source: &mut impl Read, start: &[u8]) -> bool {
    let mut found = Vec::new();
    source.take(start.len() as u64).read_to_end(&mut found).is_ok() && found == start
}

fn ends_with_line_feed(file: &mut File) -> bool {
    let mut last = [0];
    file.seek(SeekFrom::End(-1)).is_ok() && file.read_exact(&mut last).is_ok() && last == *b"\n"
}

/// The next line that is an object; at the end what must stand there.
fn json_row(lines: &mut BufReader<File>, end: &[u8]) -> Result<Option<Row>, String> {
    let mut line = String::new();
    let read = |line: &mut String, lines: &mut BufReader<File>| lines.take(MAX_LINE).read_line(line);
    let unreadable = |error: std::io::Error| format!("it cannot be read ({error})");
    read(&mut line, lines).map_err(unreadable)?;
    if line == "\n" {
        // the line of what stands before the rows
        line.clear();
        read(&mut line, lines).map_err(unreadable)?;
    }
    let row = line.trim_end_matches('\n').trim_end_matches(',');
    if let Some(row) = row.strip_prefix("    ").filter(|row| row.starts_with('{') && row.ends_with('}')) {
        return Ok(Some(Row::Json(row.to_string())));
    }
    let mut rest = line.into_bytes();
    lines.take(MAX_LINE).read_to_end(&mut rest).map_err(unreadable)?;
    // the line feed before it belongs to the last row
    match end.strip_prefix(b"\n") == Some(&rest[..]) {
        true => Ok(None),
        false => Err("it does not end as a result".to_string()),
    }
}

#[cfg(feature = "parquet")]
fn cells(row: &ParquetRow) -> Result<Vec<Cell>, String> {
    let cell = |field: &Field| match field {
        Field::Null => Ok(Cell::Missing),
        Field::Double(value) => Ok(Cell::Number(*value)),
        Field::Long(value) => Ok(Cell::Integer(*value)),
        Field::Bool(value) => Ok(Cell::Flag(*value)),
        Field::Str(text) if text.is_empty() => Ok(Cell::Missing),
        Field::Str(text) => Ok(Cell::Text(text.clone())),
        _ => Err("it has other columns".to_string()),
    };
    row.get_column_iter().map(|(_, field)| cell(field)).collect()
}

impl Row {
    /// Whether it is the first row of its point: its state is the first, or there is none.
    fn begins_point(&self, axes: usize) -> bool {
        match self {
            Row::Cells(cells) => matches!(cells.get(axes + 1), Some(Cell::Integer(0 | 1))),
            Row::Json(text) => text.contains("\"state\": 1,") || text.contains("\"state\": 0,"),
        }
    }

    /// Whether it is a row of the point with these values of the parameters.
    fn is_at(&self, point: &[f64], columns: &[Column]) -> bool {
        let values: Vec<Cell> = point.iter().map(|value| Cell::Number(*value)).collect();
        match self {
            Row::Cells(cells) => cells.len() == columns.len() && cells.starts_with(&values),
            Row::Json(text) => text.starts_with(json(&columns[..values.len()], &values).trim_end_matches('}')),
        }
    }

    fn is(&self, expected: &[Cell], columns: &[Column]) -> bool {
        match self {
            Row::Cells(cells) => cells == expected,
            Row::Json(text) => *text == json(columns, expected),
        }
    }
}

fn json(columns: &[Column], row: &[Cell]) -> String {
    let mut text = Vec::new();
    // writing to memory does not fail
    let _ = write_json_row(&mut text, columns, row);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_lead_to_every_point() {
        for len in [1, 2, 3, 10, 64, 97, 1000] {
            let step = stride(len);
            let mut seen: Vec<u64> = (0..len).map(|index| index * step % len).collect();
            seen.sort_unstable();
            assert!(seen.iter().copied().eq(0..len), "{len}");
        }
    }
}
