//! Tables as CSV: numbers with all their digits, missing ones empty, texts quoted where they must be.

use std::io::{self, Write};

use super::table::{Table, Values};

/// The names of the columns.
pub(crate) fn write_header(out: &mut impl Write, names: &[&str]) -> io::Result<()> {
    let mut line = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            line.push(b',');
        }
        push_text(&mut line, name);
    }
    line.push(b'\n');
    out.write_all(&line)
}

/// The rows, without header.
pub(crate) fn write_rows(out: &mut impl Write, table: &Table) -> io::Result<()> {
    let mut line = Vec::with_capacity(256);
    for row in 0..table.len() {
        line.clear();
        for (index, column) in table.columns.iter().enumerate() {
            if index > 0 {
                line.push(b',');
            }
            match &column.values {
                Values::Numbers(values) => push_number(&mut line, values[row]),
                Values::Integers(values) => push_some(&mut line, values[row]),
                Values::Flags(values) => push_some(&mut line, values[row]),
                Values::Texts(values) => push_text(&mut line, &values[row]),
                Values::Names { names, which } => push_text(&mut line, &names[which[row] as usize]),
                Values::Unsigned(values) => push_some(&mut line, Some(values[row])),
            }
        }
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

/// Appends what there is.
pub(crate) fn push_some(line: &mut Vec<u8>, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        line.extend_from_slice(value.to_string().as_bytes());
    }
}

/// Appends a number, the shortest text that reads back as the same; nothing if it is NaN.
pub(crate) fn push_number(line: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        line.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_infinite() {
        line.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
    }
}

/// Appends a text, quoted if it must be.
pub(crate) fn push_text(line: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        line.push(b'"');
        line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Column;
    use super::*;

    #[test]
    fn missing_numbers_are_empty_and_texts_with_commas_are_quoted() {
        let table = Table {
            columns: vec![
                Column::numbers("x", [Some(0.1), None, Some(f64::NEG_INFINITY), Some(1e-300)].into_iter()),
                Column::texts("name", ["E", "a,b", "say \"x\"", ""].into_iter()),
            ],
        };
        let mut out = Vec::new();
        write_rows(&mut out, &table).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "0.1,E\n,\"a,b\"\n-inf,\"say \"\"x\"\"\"\n1e-300,\n");
    }
}
