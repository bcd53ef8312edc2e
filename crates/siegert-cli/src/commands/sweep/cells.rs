//! Rows of a sweep as CSV, as JSON and as text, and back from CSV.

use std::io::{self, Write};

use siegert::sweep::{Cell, Column, Kind, Rows};

use crate::number::{decimals, significant};
use crate::output::csv::{push_number, push_some, push_text};
use crate::output::json;

/// The names of the columns and a line feed.
pub(super) fn csv_header(columns: &[Column]) -> String {
    let mut line = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        separate(&mut line, index);
        push_text(&mut line, &column.name);
    }
    line.push(b'\n');
    String::from_utf8_lossy(&line).into_owned()
}

/// The rows, without header.
pub(super) fn as_csv(rows: &Rows) -> Vec<u8> {
    let mut text = Vec::new();
    rows.iter().for_each(|row| push_csv_row(&mut text, row));
    text
}

/// One row and a line feed.
fn push_csv_row(text: &mut Vec<u8>, row: &[Cell]) {
    for (index, cell) in row.iter().enumerate() {
        separate(text, index);
        match cell {
            Cell::Missing => {}
            Cell::Number(value) => push_number(text, *value),
            Cell::Integer(value) => push_some(text, Some(value)),
            Cell::Flag(value) => push_some(text, Some(value)),
            Cell::Text(value) => push_text(text, value),
        }
    }
    text.push(b'\n');
}

fn separate(text: &mut Vec<u8>, index: usize) {
    if index > 0 {
        text.push(b',');
    }
}

/// The cell that was written as `text`; None if nothing of the kind is.
pub(super) fn from_csv(text: &str, kind: Kind) -> Option<Cell> {
    if text.is_empty() {
        return Some(Cell::Missing);
    }
    match kind {
        Kind::Number => text.parse().ok().map(Cell::Number),
        Kind::Integer => text.parse().ok().map(Cell::Integer),
        Kind::Flag => text.parse().ok().map(Cell::Flag),
        Kind::Text => Some(Cell::Text(text.to_string())),
    }
}

/// One row as an object on one line, without line feed.
pub(super) fn write_json_row(out: &mut impl Write, columns: &[Column], row: &[Cell]) -> io::Result<()> {
    out.write_all(b"{")?;
    for (index, (column, cell)) in columns.iter().zip(row).enumerate() {
        out.write_all(if index > 0 { b", " } else { b"" })?;
        json::write_compact(out, &column.name)?;
        out.write_all(b": ")?;
        match cell {
            Cell::Missing => out.write_all(b"null")?,
            Cell::Number(value) => serde_json::to_writer(&mut *out, value)?, // null where it is infinite
            Cell::Integer(value) => serde_json::to_writer(&mut *out, value)?,
            Cell::Flag(value) => serde_json::to_writer(&mut *out, value)?,
            Cell::Text(value) => json::write_compact(out, value)?,
        }
    }
    out.write_all(b"}")
}

/// A cell for people.
pub(super) fn shown(cell: &Cell, column: &Column) -> String {
    match cell {
        Cell::Missing => "-".to_string(),
        Cell::Number(value) if column.name.starts_with("cv_") => decimals(Some(*value), 3),
        Cell::Number(value) => significant(*value, 5),
        Cell::Integer(value) => value.to_string(),
        Cell::Flag(value) => if *value { "yes" } else { "no" }.to_string(),
        Cell::Text(value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_from_csv_as_they_were() {
        let cells = [
            (Cell::Number(0.1), Kind::Number),
            (Cell::Number(f64::NEG_INFINITY), Kind::Number),
            (Cell::Number(5e-324), Kind::Number),
            (Cell::Missing, Kind::Number),
            (Cell::Integer(-1), Kind::Integer),
            (Cell::Flag(true), Kind::Flag),
            (Cell::Text("line 3: \"E\", and\nmore".to_string()), Kind::Text),
        ];
        let row: Vec<Cell> = cells.iter().map(|(cell, _)| cell.clone()).collect();
        let mut text = Vec::new();
        push_csv_row(&mut text, &row);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..]);
        let record = reader.records().next().unwrap().unwrap();
        let back: Vec<Cell> =
            record.iter().zip(&cells).map(|(text, (_, kind))| from_csv(text, *kind).unwrap()).collect();
        assert_eq!(back, row);
        assert_eq!(from_csv("0.1x", Kind::Number), None);
    }
}
