//! JSON: indented, numbers with all their digits, null for what is no finite number.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};
use siegert::network::Parameter;

use crate::library::is_printable;
use crate::number::shortest;

/// Writes a value and a line feed.
pub(crate) fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Indented(PrettyFormatter::new())))?;
    out.write_all(b"\n")
}

/// Writes a value on one line, without a line feed.
pub(crate) fn write_compact(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
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

/// `[parameters]` as an object: a number where it has no dimension, else a text as in the network file, "0.1 mV".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<'a>(pub(crate) &'a [Parameter]);

impl Serialize for Parameters<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for parameter in self.0 {
            if parameter.unit.is_empty() {
                map.serialize_entry(&parameter.name, &parameter.value)?;
            } else {
                map.serialize_entry(&parameter.name, &format!("{} {}", shortest(parameter.value), parameter.unit))?;
            }
        }
        map.end()
    }
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

    #[test]
    fn a_parameter_is_a_number_or_a_quantity_as_in_the_file() {
        let parameter = |name: &str, value, unit: &str| Parameter { name: name.into(), value, unit: unit.into() };
        let parameters = [parameter("g", 5.0, ""), parameter("J", 0.1, "mV"), parameter("bad", f64::NAN, "")];
        let mut out = Vec::new();
        write(&mut out, &Parameters(&parameters)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\n  \"g\": 5.0,\n  \"J\": \"0.1 mV\",\n  \"bad\": null\n}\n");
    }
}
