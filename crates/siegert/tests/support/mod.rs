//! What the tests against reference numbers share: reading the tables in `tests/reference/`.

use std::collections::HashMap;

/// A row of a reference table: column name to text.
pub(crate) type Row = HashMap<String, String>;

/// Rows of `tests/reference/NAME.csv`; lines that start with `#` say how the table was made.
pub(crate) fn table(name: &str) -> Vec<Row> {
    let path = format!("{}/tests/reference/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let named = |record: csv::StringRecord| header.iter().zip(&record).map(|(k, v)| (k.into(), v.into())).collect();
    let rows: Vec<Row> = reader.records().map(|record| named(record.unwrap())).collect();
    assert!(!rows.is_empty(), "{path} is empty");
    rows
}

pub(crate) fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is '{}'", row[column]))
}
