//! JSON: indented, numbers with all their digits, null for what is no finite number.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::table::{Table, Values};
use crate::network::is_printable;

/// Writes a value and a line feed.
///
/// # Errors
///
/// Those of writing.
pub fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Indented(PrettyFormatter::new())))?;
    out.write_all(b"\n")
}

/// Writes a value on one line, without a line feed.
///
/// # Errors
///
/// Those of writing.
pub fn write_compact(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Compact))?)
}

/// A piece of a string, with what a terminal would obey as escapes: another spelling of the same text.
fn write_piece(out: &mut (impl Write + ?Sized), piece: &str) -> io::Result<()> {
    if piece.chars().all(is_printable) {
        return out.write_all(piece.as_bytes());
    }
    for character in piece.chars() {
        if is_printable(character) {
            write!(out, "{character}")?;
        } else {
            character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
        }
    }
    Ok(())
}

struct Compact;

impl Formatter for Compact {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, piece: &str) -> io::Result<()> {
        write_piece(out, piece)
    }
}

/// All but the pieces of strings as the formatter within has it.
struct Indented(PrettyFormatter<'static>);

macro_rules! as_within {
    ($($name:ident($($argument:ident: $kind:ty)?);)*) => {$(
        fn $name<W: Write + ?Sized>(&mut self, out: &mut W $(, $argument: $kind)?) -> io::Result<()> {
            self.0.$name(out $(, $argument)?)
        }
    )*};
}

impl Formatter for Indented {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, piece: &str) -> io::Result<()> {
        write_piece(out, piece)
    }

    as_within! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }
}

/// Writes what stands before a list of rows: an object that is left open, with these entries (key and JSON, from [`compact`] or [`listed`]), each on
/// a line, and the key of the list.
///
/// # Errors
///
/// Those of writing.
pub fn write_start(out: &mut impl Write, entries: &[(&str, String)], rows: &str) -> io::Result<()> {
    out.write_all(b"{")?;
    for (key, value) in entries {
        write!(out, "\n  \"{key}\": {value},")?;
    }
    write!(out, "\n  \"{rows}\": [")
}

/// A value on one line.
///
/// # Errors
///
/// None for plain data.
pub fn compact(value: &impl Serialize) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&text(value)?).into_owned())
}

/// A list with a line for each entry.
///
/// # Errors
///
/// None for plain data.
pub fn listed(entries: &[impl Serialize]) -> io::Result<String> {
    let lines = entries.iter().map(compact).collect::<io::Result<Vec<_>>>()?;
    Ok(format!("[\n    {}\n  ]", lines.join(",\n    ")))
}

/// Writes what stands behind the last row.
///
/// # Errors
///
/// Those of writing.
pub fn write_end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\n  ]\n}\n")
}

/// Writes the rows of a table as objects, each on a line of its own in the list where they stand; `first` where nothing is written there yet.
///
/// # Errors
///
/// Those of writing.
pub fn write_rows(out: &mut impl Write, table: &Table, mut first: bool) -> io::Result<()> {
    let names = table.columns.iter().map(|column| text(&column.name)).collect::<io::Result<Vec<_>>>()?;
    let mut number = zmij::Buffer::new();
    for row in 0..table.len() {
        out.write_all(if std::mem::take(&mut first) { b"\n    {" } else { b",\n    {" })?;
        for (index, (column, name)) in table.columns.iter().zip(&names).enumerate() {
            out.write_all(if index > 0 { b", " } else { b"" })?;
            out.write_all(name)?;
            out.write_all(b": ")?;
            match &column.values {
                Values::Numbers(values) if values[row].is_finite() => {
                    out.write_all(number.format_finite(values[row]).as_bytes())?;
                }
                Values::Numbers(_) => out.write_all(b"null")?,
                Values::Integers(values) => serde_json::to_writer(&mut *out, &values[row])?,
                Values::Flags(values) => serde_json::to_writer(&mut *out, &values[row])?,
                Values::Texts(values) if values[row].is_empty() => out.write_all(b"null")?,
                Values::Texts(values) => write_compact(out, &values[row])?,
                Values::Names { names, which } => write_compact(out, &names[which[row] as usize])?,
                Values::Unsigned(values) => write!(out, "{}", values[row])?,
            }
        }
        out.write_all(b"}")?;
    }
    Ok(())
}

fn text(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    write_compact(&mut text, value)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_reads_back() {
        let text = "a\u{1b}\u{9b}\u{7f}\u{202e}\u{1fffe}\"é🧠\n";
        for write in [write, write_compact] {
            let mut out = Vec::new();
            write(&mut out, &[text]).unwrap();
            let written = String::from_utf8(out).unwrap();
            assert!(written.contains(r#""a\u001b\u009b\u007f\u202e\ud83f\udffe\"é🧠\n""#), "{written}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&written).unwrap()[0], text);
        }
    }
}
