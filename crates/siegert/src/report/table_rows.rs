//! A table as a list of objects, a row each: how rows are read back from JSON.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::table::{Column, Table, Values};

/// One entry of a row.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Missing(()),
}

/// A column whose kind is told by the first entry that is there.
enum Growing {
    /// So many entries are missing, and none is there.
    Missing(usize),
    Known(Values),
}

impl Growing {
    fn push(&mut self, entry: Entry) -> Result<(), &'static str> {
        if let (Growing::Missing(count), false) = (&*self, matches!(entry, Entry::Missing(()))) {
            *self = Growing::Known(match entry {
                Entry::Flag(_) => Values::Flags(vec![None; *count]),
                Entry::Integer(_) => Values::Integers(vec![None; *count]),
                Entry::Text(_) => Values::Texts(vec![String::new(); *count]),
                Entry::Number(_) | Entry::Missing(()) => Values::Numbers(vec![f64::NAN; *count]),
            });
        }
        match (self, entry) {
            (Growing::Missing(count), _) => *count += 1,
            (Growing::Known(values), entry) => push(values, entry)?,
        }
        Ok(())
    }

    fn into_values(self) -> Values {
        match self {
            Growing::Missing(count) => Values::Numbers(vec![f64::NAN; count]),
            Growing::Known(values) => values,
        }
    }
}

fn push(values: &mut Values, entry: Entry) -> Result<(), &'static str> {
    match (&mut *values, entry) {
        (Values::Flags(values), Entry::Flag(value)) => values.push(Some(value)),
        (Values::Flags(values), Entry::Missing(())) => values.push(None),
        (Values::Integers(values), Entry::Integer(value)) => values.push(Some(value)),
        (Values::Integers(values), Entry::Missing(())) => values.push(None),
        (Values::Integers(whole), Entry::Number(value)) => {
            let numbers = whole.iter().map(|value| value.map_or(f64::NAN, |value| value as f64));
            *values = Values::Numbers(numbers.chain([value]).collect());
        }
        (Values::Numbers(values), Entry::Number(value)) => values.push(value),
        (Values::Numbers(values), Entry::Integer(value)) => values.push(value as f64),
        (Values::Numbers(values), Entry::Missing(())) => values.push(f64::NAN),
        (Values::Texts(values), Entry::Text(value)) => values.push(value),
        (Values::Texts(values), Entry::Missing(())) => values.push(String::new()),
        _ => return Err("entries of different kinds"),
    }
    Ok(())
}

/// A row as it is read into the columns that are there.
struct Row<'a>(&'a mut Vec<(String, Growing)>, usize);

impl<'de> serde::de::DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Row(columns, row) = self;
        let mut index = 0;
        while let Some((name, entry)) = map.next_entry::<String, Entry>()? {
            if row == 0 {
                columns.push((name, Growing::Missing(0)));
            } else if columns.get(index).is_none_or(|(known, _)| *known != name) {
                return Err(A::Error::custom(format!("row {} has other columns than the first", row + 1)));
            }
            let (name, values) = &mut columns[index];
            values.push(entry).map_err(|what| A::Error::custom(format!("the column \"{name}\" has {what}")))?;
            index += 1;
        }
        if index < columns.len() {
            return Err(A::Error::custom(format!("row {} has fewer columns than the first", row + 1)));
        }
        Ok(())
    }
}

/// A table is read from a list of objects with the same keys in the same order.
impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;
        impl<'de> Visitor<'de> for Rows {
            type Value = Table;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Table, A::Error> {
                let mut columns = Vec::new();
                let mut row = 0;
                while rows.next_element_seed(Row(&mut columns, row))?.is_some() {
                    row += 1;
                }
                let columns = columns.into_iter().map(|(name, values)| Column::new(name, values.into_values()));
                Ok(Table { columns: columns.collect() })
            }
        }
        deserializer.deserialize_seq(Rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json;

    #[test]
    fn rows_are_written_as_they_were_read() {
        let text = "\n    {\"g\": 3.0, \"state\": null, \"stable\": null, \"rate_hz_E\": null, \"error\": \"no \\\"state\\\"\"},\
            \n    {\"g\": 3.5, \"state\": 1, \"stable\": true, \"rate_hz_E\": 1e-300, \"error\": null}";
        let table: Table = serde_json::from_str(&format!("[{text}]")).unwrap();
        assert_eq!(table.names(), ["g", "state", "stable", "rate_hz_E", "error"]);
        assert_eq!(table.column("state").unwrap().values, Values::Integers(vec![None, Some(1)]));
        let mut out = Vec::new();
        json::write_rows(&mut out, &table, true).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn rows_of_different_columns_are_refused() {
        for (text, message) in [
            ("[{\"a\": 1}, {\"b\": 1}]", "row 2 has other columns"),
            ("[{\"a\": 1, \"b\": 1}, {\"a\": 1}]", "row 2 has fewer columns"),
            ("[{\"a\": 1}, {\"a\": true}]", "the column \"a\" has entries of different kinds"),
        ] {
            let error = serde_json::from_str::<Table>(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
