//! Rows as JSON: the objects under `rows`, one after the other as they are read; their keys are the columns.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, BufReader, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use siegert_plot::{Entry, SweepRows, SweepTable};

use super::{BUFFER, Bounded, MAX_ROW, Wanted, cannot_read, wrong, wrong_at};
use crate::failure::Failure;

/// Reads them.
pub(super) fn read(source: impl Read, name: &str, wanted: Wanted<'_>) -> Result<SweepTable, Failure> {
    let left = Cell::new(MAX_ROW);
    let source = BufReader::with_capacity(BUFFER, Bounded { source, left: &left });
    let found = RefCell::new(Found { rows: None, failure: None });
    let reading = Reading { name, wanted, left: &left, found: &found };
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    let read = reading.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let found = found.into_inner();
    match (found.failure, read, found.rows) {
        (Some(failure), ..) => Err(failure),
        (None, Err(error), _) if error.is_io() => Err(cannot_read(name, &io::Error::from(error))),
        (None, Err(error), _) => Err(Failure::Input(format!("{name}: line {}: {error}", error.line()))),
        (None, Ok(()), Some((_, rows))) => rows.into_table().map_err(|error| wrong(name, &error)),
        (None, Ok(()), None) => {
            Err(Failure::Input(format!("{name}: there are no rows to draw; is it the result of a sweep?")))
        }
    }
}

/// What has been read: the columns with their rows, and what was wrong with one.
struct Found {
    rows: Option<(Vec<String>, SweepRows)>,
    failure: Option<Failure>,
}

/// The file as a whole: an object, of which only `rows` is looked at.
#[derive(Clone, Copy)]
struct Reading<'a> {
    name: &'a str,
    wanted: Wanted<'a>,
    left: &'a Cell<u64>,
    found: &'a RefCell<Found>,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the result of a sweep")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "rows" => map.next_value_seed(Rows(self))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The list of rows.
struct Rows<'a>(Reading<'a>);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(row) = rows.next_element::<Row>()? {
            number += 1;
            self.0.left.set(MAX_ROW);
            if let Err(failure) = self.0.push(number, &row) {
                self.0.found.borrow_mut().failure = Some(failure);
                return Err(A::Error::custom("a row is wrong"));
            }
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn push(&self, number: u64, row: &Row) -> Result<(), Failure> {
        let mut found = self.found.borrow_mut();
        let (header, rows) = match &mut found.rows {
            Some(started) => started,
            none => {
                let header: Vec<String> = row.0.iter().map(|(column, _)| column.clone()).collect();
                let rows = SweepRows::new(&header, self.wanted.quantities, self.wanted.populations);
                none.insert((header, rows.map_err(|error| wrong(self.name, &error))?))
            }
        };
        if !row.0.iter().map(|(column, _)| column).eq(header.iter()) {
            return Err(Failure::Input(format!("{}:{number}: the row has other columns than the first", self.name)));
        }
        rows.push(|column| row.0[column].1.entry()).map_err(|error| wrong_at(self.name, number, &error))
    }
}

/// A row: its columns in order.
struct Row(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a row: an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut columns = Vec::new();
                while let Some(column) = map.next_entry()? {
                    columns.push(column);
                }
                Ok(Row(columns))
            }
        }
        deserializer.deserialize_map(Columns)
    }
}

/// An entry of a row.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Flag(bool),
    Number(f64),
    Text(String),
    Missing(()),
}

impl Value {
    fn entry(&self) -> Entry<'_> {
        match self {
            Value::Flag(value) => Entry::Flag(*value),
            Value::Number(value) => Entry::Number(*value),
            Value::Text(text) => Entry::Text(text.as_bytes()),
            Value::Missing(()) => Entry::Missing,
        }
    }
}
