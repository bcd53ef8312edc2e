//! Rows as CSV.

use std::cell::Cell;
use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};
use siegert_plot::{Entry, SweepRows, SweepTable};

use super::{BUFFER, Bounded, MAX_ROW, Wanted, cannot_read, wrong, wrong_at};
use crate::failure::Failure;

/// Reads them.
pub(super) fn read(source: impl Read, name: &str, wanted: Wanted<'_>) -> Result<SweepTable, Failure> {
    let left = Cell::new(MAX_ROW);
    let mut reader = ReaderBuilder::new().buffer_capacity(BUFFER).from_reader(Bounded { source, left: &left });
    let unreadable = |error| unreadable(name, error);
    let header: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(str::to_string).collect();
    let rows = SweepRows::new(&header, wanted.quantities, wanted.populations);
    let mut rows = rows.map_err(|error| wrong(name, &error))?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        left.set(MAX_ROW);
        let pushed = rows.push(|column| Entry::Text(record.get(column).unwrap_or_default()));
        pushed.map_err(|error| wrong_at(name, record.position().map_or(0, line), &error))?;
    }
    rows.into_table().map_err(|error| wrong(name, &error))
}

fn unreadable(name: &str, error: csv::Error) -> Failure {
    match error.kind() {
        csv::ErrorKind::Io(error) => cannot_read(name, error),
        // rows of unequal length, bytes that are no text
        _ => Failure::Input(format!("{name}: {error}")),
    }
}

/// The line of a row; where lines end with carriage returns alone, the reader counts rows only.
fn line(position: &csv::Position) -> u64 {
    if position.line() == 1 { position.record() + 1 } else { position.line() }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::super::tests::wanted;
    use super::*;

    #[test]
    fn what_is_no_result_of_a_sweep_is_refused_with_its_place() {
        for (text, message) in [
            ("a,b\n1,2\n", "a.csv: there is no column 'states'"),
            ("g,states,state,stable,rate_hz_E\n1,1,1,true,x\n", "a.csv:2: rate_hz_E is not a number"),
            ("g,states,state,stable,rate_hz_E\r1,1,1,true,2\r1,1,1,true,x\r", "a.csv:3: rate_hz_E is not a number"),
            ("g,states,state,stable,rate_hz_E\n1,1\n", "a.csv: CSV error: record 1"),
        ] {
            let error = read(text.as_bytes(), "a.csv", wanted(&["rate_hz".to_string()])).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_row_without_end_is_refused_before_it_fills_the_memory() {
        for (start, endless) in [
            ("", io::repeat(b'1')),
            ("\"", io::repeat(b'\n')),
            ("g,states,state,stable,rate_hz_E\n1,", io::repeat(b'0')),
        ] {
            let failure = read(start.as_bytes().chain(endless), "zero", wanted(&["rate_hz".to_string()])).unwrap_err();
            assert!(failure.exit_status() == 2 && failure.to_string().contains("16 MiB"), "{start:?}: {failure}");
        }
    }
}
