//! The rows that a sweep has written, read again to be drawn: from CSV, JSON and Parquet to the same picture.
//!
//! JSON has no word for an infinite number: it is missing there, and so it is in a picture, which would not show it either.

mod csv;
mod json;
#[cfg(feature = "parquet")]
mod parquet;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};

use siegert_plot::{RowsError, SweepTable};

use crate::failure::Failure;
use crate::output::FileFormat;

/// The longest row, in bytes, with the header.
const MAX_ROW: u64 = 16 << 20;
/// Bytes that are read at a time.
const BUFFER: usize = 1 << 20;

/// What is to be drawn of the rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// As the columns name them.
    pub(crate) quantities: &'a [String],
    /// In this order; all if there are none.
    pub(crate) populations: &'a [String],
}

/// The form of a file of rows: that of its ending, CSV where the ending says nothing.
pub(crate) fn form(path: &std::path::Path) -> Result<FileFormat, Failure> {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("json") => Ok(FileFormat::Json),
        Some("parquet") => FileFormat::parquet(path),
        _ => Ok(FileFormat::Csv),
    }
}

/// Reads the rows of the file `name`.
pub(crate) fn read(file: File, name: &str, form: FileFormat, wanted: Wanted<'_>) -> Result<SweepTable, Failure> {
    match form {
        FileFormat::Csv => csv::read(file, name, wanted),
        FileFormat::Json => json::read(file, name, wanted),
        #[cfg(feature = "parquet")]
        FileFormat::Parquet => parquet::read(file, name, wanted),
        #[cfg(not(feature = "parquet"))]
        FileFormat::Parquet => Err(crate::output::parquet::no_parquet(name)),
    }
}

/// Reads rows of CSV.
pub(crate) fn read_csv(source: impl Read, name: &str, wanted: Wanted<'_>) -> Result<SweepTable, Failure> {
    csv::read(source, name, wanted)
}

/// What is wrong with the rows of the file `name`.
fn wrong(name: &str, error: &RowsError) -> Failure {
    Failure::Input(format!("{name}: {error}"))
}

/// What is wrong with one of them, where it is the entry of a row.
fn wrong_at(name: &str, row: u64, error: &RowsError) -> Failure {
    match error {
        RowsError::NotANumber { .. } => Failure::Input(format!("{name}:{row}: {error}")),
        _ => wrong(name, error),
    }
}

/// A source of rows, each of bounded length: what has no end, or no ends of lines, would fill the memory.
struct Bounded<'a, R> {
    source: R,
    /// Bytes that the row may still have; who reads the rows gives [`MAX_ROW`] to the next one.
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            let message = "a row of it has more than 16 MiB; is it the result of a sweep?";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let read = self.source.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        Ok(read)
    }
}

/// The failure to read on.
fn cannot_read(name: &str, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::InvalidData => Failure::Input(format!("{name}: {error}")),
        _ => Failure::Work(format!("{name} cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const CSV: &str = "g,states,state,stable,saddle,complete,rate_hz_E,rate_hz_I,error\n\
        3,2,1,true,false,true,0.1,1,\n3,2,2,false,true,true,4.000000000000001,8,\n4,0,,,,,,,\"no state, sadly\"\n";

    pub(super) fn wanted(quantities: &[String]) -> Wanted<'_> {
        Wanted { quantities, populations: &[] }
    }

    fn of_file(text: &str, form: FileFormat) -> Result<SweepTable, Failure> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        read(file, "rows", form, wanted(&["rate_hz".to_string()]))
    }

    #[test]
    fn json_says_the_same_as_csv() {
        let json = r#"{ "network": "x", "over": [ { "name": "g", "column": "g" } ], "rows": [
            {"g": 3, "states": 2, "state": 1, "stable": true, "saddle": false, "complete": true, "rate_hz_E": 0.1, "rate_hz_I": 1.0, "error": null},
            {"g": 3.0, "states": 2, "state": 2, "stable": false, "saddle": true, "complete": true, "rate_hz_E": 4.000000000000001, "rate_hz_I": 8, "error": null},
            {"g": 4, "states": 0, "state": null, "stable": null, "saddle": null, "complete": null, "rate_hz_E": null, "rate_hz_I": null, "error": "no state, \"sadly\""}
        ] }"#;
        let (csv, json) = (of_file(CSV, FileFormat::Csv).unwrap(), of_file(json, FileFormat::Json).unwrap());
        assert_eq!(csv, json);
        assert_eq!(
            (&csv.states.first[..], &csv.quantities[0].series[0].values[..]),
            (&[0, 2, 2][..], &[0.1, 4.000000000000001][..])
        );
    }

    #[test]
    fn json_that_is_no_result_of_a_sweep_is_refused_with_its_place() {
        for (text, message) in [
            ("[1, 2]", "rows: line 1: "),
            ("{ \"populations\": [] }", "there are no rows"),
            ("{ \"rows\": [ {\"g\": 1} ] }", "no column 'states'"),
            (
                "{ \"rows\": [\n{\"g\": 1, \"states\": 1, \"state\": 1, \"stable\": true, \"rate_hz_E\": \"x\"} ] }",
                "rows:1: rate_hz_E",
            ),
            (
                "{ \"rows\": [\n{\"g\": 1, \"states\": 1, \"state\": 1, \"stable\": true, \"rate_hz_E\": 1}, {\"g\": 1} ] }",
                "other columns",
            ),
            ("{ \"rows\": [\n", "rows: line 2: "),
        ] {
            let error = of_file(text, FileFormat::Json).unwrap_err();
            assert!(error.exit_status() == 2 && error.to_string().contains(message), "{text}: {error}");
        }
    }
}
