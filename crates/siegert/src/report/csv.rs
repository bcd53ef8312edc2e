//! Tables as CSV: numbers with all their digits, missing ones empty, texts quoted where they must be.
//!
//! A CSV file has no place for what is known of it. What the W3C recommends ("Metadata Vocabulary for Tabular Data", 2015) is a file of
//! JSON beside it, `rates.csv-metadata.json`: [`metadata`] says the unit of each column there, and what the rows are of.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Provenance;
use super::table::{Table, Values};

fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(out)
}

/// Writes the names of the columns.
///
/// # Errors
///
/// Those of writing.
pub fn write_header<W: Write>(out: W, names: &[&str]) -> io::Result<()> {
    let mut writer = writer(out);
    writer.write_record(names)?;
    writer.flush()
}

/// Writes the rows, without header.
///
/// # Errors
///
/// Those of writing.
pub fn write_rows<W: Write>(out: W, table: &Table) -> io::Result<()> {
    let mut writer = writer(out);
    let mut number = zmij::Buffer::new();
    for row in 0..table.len() {
        for column in &table.columns {
            match &column.values {
                Values::Numbers(values) => writer.write_field(number_field(&mut number, values[row])),
                Values::Integers(values) => writer.write_field(optional(values[row])),
                Values::Flags(values) => writer.write_field(optional(values[row])),
                Values::Texts(values) => writer.write_field(&values[row]),
                Values::Names { names, which } => writer.write_field(&names[which[row] as usize]),
                Values::Unsigned(values) => writer.write_field(values[row].to_string()),
            }?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

/// The shortest text that reads back as the same number; nothing if it is NaN.
fn number_field(buffer: &mut zmij::Buffer, value: f64) -> &str {
    match value {
        _ if value.is_finite() => buffer.format_finite(value),
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => "",
    }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Writes a table with its header.
///
/// # Errors
///
/// Those of writing.
pub fn write<W: Write>(mut out: W, table: &Table) -> io::Result<()> {
    write_header(&mut out, &table.names())?;
    write_rows(out, table)
}

/// What is said beside a file of CSV: its name, the type and unit of each column, and what the rows are of.
pub fn metadata(file_name: &str, table: &Table, provenance: &Provenance) -> Value {
    let columns = table.columns.iter().map(|column| {
        let datatype = match column.values {
            Values::Numbers(_) => "double",
            Values::Integers(_) => "long",
            Values::Flags(_) => "boolean",
            Values::Texts(_) | Values::Names { .. } => "string",
            Values::Unsigned(_) => "unsignedInt",
        };
        let mut said =
            Map::from_iter([("titles".to_string(), json!(column.name)), ("datatype".to_string(), json!(datatype))]);
        if !column.unit.is_empty() {
            said.insert("siegert:unit".to_string(), json!(column.unit));
        }
        Value::Object(said)
    });
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": file_name,
        "tableSchema": { "columns": columns.collect::<Vec<_>>() },
        "siegert:provenance": provenance,
    })
}

#[cfg(test)]
mod tests {
    use super::super::table::Column;
    use super::*;

    #[test]
    fn missing_numbers_are_empty_and_texts_with_commas_are_quoted() {
        let table = Table {
            columns: vec![
                Column::numbers("x_mv", [Some(0.1), None, Some(f64::NEG_INFINITY), Some(1e-300)].into_iter()),
                Column::texts("name", ["E", "a,b", "say \"x\"", ""].into_iter()),
            ],
        };
        let mut out = Vec::new();
        write(&mut out, &table).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "x_mv,name\n0.1,E\n,\"a,b\"\n-inf,\"say \"\"x\"\"\"\n1e-300,\n");
    }

    #[test]
    fn what_is_beside_a_file_says_the_units() {
        let table = Table { columns: vec![Column::numbers("x_mv", [Some(0.1)].into_iter())] };
        let said = metadata("rates.csv", &table, &Provenance::default());
        assert_eq!(said["tableSchema"]["columns"][0]["siegert:unit"], "mV");
        assert_eq!(said["url"], "rates.csv");
    }
}
