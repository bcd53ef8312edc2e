//! Rows of a sweep as CSV, as JSON and as text, and back from CSV.

use crate::report::{csv, json};
use crate::sweep::{Cell, Column, Kind, Rows, empty_table};

/// The names of the columns and a line feed.
pub fn csv_header(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut line = Vec::new();
    // writing to memory does not fail
    let _ = csv::write_header(&mut line, &names);
    String::from_utf8_lossy(&line).into_owned()
}

/// The rows, without header.
pub fn as_csv(rows: &Rows, columns: &[Column]) -> Vec<u8> {
    let mut text = Vec::new();
    // writing to memory does not fail
    let _ = csv::write_rows(&mut text, &rows.table(columns));
    text
}

/// One row as an object on a line, as it stands in a list of rows.
pub(super) fn json_row(columns: &[Column], row: &[Cell]) -> String {
    let mut table = empty_table(columns);
    table.columns.iter_mut().zip(row).for_each(|(column, cell)| cell.push_to(&mut column.values));
    let mut text = Vec::new();
    // writing to memory does not fail
    let _ = json::write_rows(&mut text, &table, true);
    String::from_utf8_lossy(&text).trim_start().to_string()
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

#[cfg(test)]
mod tests {
    use crate::report::{Column as TableColumn, Table, Values};

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
        let values = |kind| match kind {
            Kind::Number => Values::Numbers(Vec::new()),
            Kind::Integer => Values::Integers(Vec::new()),
            Kind::Flag => Values::Flags(Vec::new()),
            Kind::Text => Values::Texts(Vec::new()),
        };
        let columns = cells.iter().map(|(cell, kind)| {
            let mut values = values(*kind);
            cell.push_to(&mut values);
            TableColumn::new("x", values)
        });
        let mut text = Vec::new();
        csv::write_rows(&mut text, &Table { columns: columns.collect() }).unwrap();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..]);
        let record = reader.records().next().unwrap().unwrap();
        let back: Vec<Cell> =
            record.iter().zip(&cells).map(|(text, (_, kind))| from_csv(text, *kind).unwrap()).collect();
        assert_eq!(back, row);
        assert_eq!(from_csv("0.1x", Kind::Number), None);
    }
}
