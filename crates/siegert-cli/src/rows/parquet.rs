//! Rows as Parquet.

use std::fs::File;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use siegert_plot::{Entry, SweepRows, SweepTable};

use super::{Wanted, wrong, wrong_at};
use crate::failure::Failure;

/// Reads them.
pub(super) fn read(file: File, name: &str, wanted: Wanted<'_>) -> Result<SweepTable, Failure> {
    let unreadable = |error: ParquetError| Failure::Input(format!("{name} cannot be read as Parquet: {error}"));
    let reader = SerializedFileReader::new(file).map_err(unreadable)?;
    let schema = reader.metadata().file_metadata().schema();
    let header: Vec<String> = schema.get_fields().iter().map(|field| field.name().to_string()).collect();
    let rows = SweepRows::new(&header, wanted.quantities, wanted.populations);
    let mut rows = rows.map_err(|error| wrong(name, &error))?;
    for (index, row) in reader.get_row_iter(None).map_err(unreadable)?.enumerate() {
        let row = row.map_err(unreadable)?;
        let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        let pushed = rows.push(|column| fields.get(column).map_or(Entry::Missing, |field| entry(field)));
        pushed.map_err(|error| wrong_at(name, index as u64 + 1, &error))?;
    }
    rows.into_table().map_err(|error| wrong(name, &error))
}

fn entry(field: &Field) -> Entry<'_> {
    match field {
        Field::Double(value) => Entry::Number(*value),
        Field::Float(value) => Entry::Number(f64::from(*value)),
        Field::Int(value) => Entry::Number(f64::from(*value)),
        // counts, far below what a number can hold
        Field::Long(value) => Entry::Number(*value as f64),
        Field::Bool(value) => Entry::Flag(*value),
        Field::Str(text) => Entry::Text(text.as_bytes()),
        _ => Entry::Missing,
    }
}
