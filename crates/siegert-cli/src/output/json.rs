//! JSON: indented, numbers with all their digits, null for what is no finite number.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use siegert::network::Parameter;

use crate::number::shortest;

/// Writes a value and a line feed.
pub(crate) fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

/// `[parameters]` as an object: a number where it has no dimension, else a text as in the network file, "0.1 mV".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<'a>(pub(crate) &'a [Parameter]);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
    fn a_parameter_is_a_number_or_a_quantity_as_in_the_file() {
        let parameter = |name: &str, value, unit: &str| Parameter { name: name.into(), value, unit: unit.into() };
        let parameters = [parameter("g", 5.0, ""), parameter("J", 0.1, "mV"), parameter("bad", f64::NAN, "")];
        let mut out = Vec::new();
        write(&mut out, &Parameters(&parameters)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\n  \"g\": 5.0,\n  \"J\": \"0.1 mV\",\n  \"bad\": null\n}\n");
    }
}
