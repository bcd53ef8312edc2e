//! Rows and columns, for CSV and Parquet.

use std::borrow::Cow;

use siegert::report::Quantity;

/// Columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
}

/// A column with its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: Cow<'static, str>,
    pub(crate) values: Values,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// Numbers; NaN is a missing one.
    Numbers(Vec<f64>),
    /// Whole numbers, some of which may be missing.
    Integers(Vec<Option<i64>>),
    /// Truth values, some of which may be missing.
    Flags(Vec<Option<bool>>),
    /// Texts.
    Texts(Vec<String>),
    /// Texts of which there are few: all of them, and which one each row has.
    Names { names: Vec<String>, which: Vec<u32> },
    /// Whole numbers from 0, none missing.
    Unsigned(Vec<u32>),
}

impl Table {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| match &column.values {
            Values::Numbers(values) => values.len(),
            Values::Integers(values) => values.len(),
            Values::Flags(values) => values.len(),
            Values::Texts(values) => values.len(),
            Values::Names { which, .. } => which.len(),
            Values::Unsigned(values) => values.len(),
        })
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_ref()).collect()
    }
}

impl Column {
    /// Numbers, some of which may be missing.
    pub(crate) fn numbers(name: &'static str, values: impl Iterator<Item = Option<f64>>) -> Self {
        Column { name: name.into(), values: Values::Numbers(values.map(|value| value.unwrap_or(f64::NAN)).collect()) }
    }

    /// The values of a quantity, some of which may be undefined.
    pub(crate) fn quantity(quantity: &Quantity, values: impl Iterator<Item = Option<f64>>) -> Self {
        let values = match quantity.is_whole() {
            // a count beyond all numbers of this kind is cut at its largest
            true => Values::Integers(values.map(|value| value.map(|value| value as i64)).collect()),
            false => Values::Numbers(values.map(|value| value.unwrap_or(f64::NAN)).collect()),
        };
        Column { name: quantity.name().into(), values }
    }

    /// Whole numbers.
    pub(crate) fn integers(name: &'static str, values: impl Iterator<Item = u64>) -> Self {
        let values = values.map(|value| Some(i64::try_from(value).unwrap_or(i64::MAX)));
        Column { name: name.into(), values: Values::Integers(values.collect()) }
    }

    /// Whole numbers, some of which may be missing.
    pub(crate) fn some_integers(name: &'static str, values: impl Iterator<Item = Option<u64>>) -> Self {
        let values = values.map(|value| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)));
        Column { name: name.into(), values: Values::Integers(values.collect()) }
    }

    /// Truth values, some of which may be missing.
    pub(crate) fn some_flags(name: &'static str, values: impl Iterator<Item = Option<bool>>) -> Self {
        Column { name: name.into(), values: Values::Flags(values.collect()) }
    }

    /// Truth values.
    pub(crate) fn flags(name: &'static str, values: impl Iterator<Item = bool>) -> Self {
        Column { name: name.into(), values: Values::Flags(values.map(Some).collect()) }
    }

    /// Texts.
    pub(crate) fn texts<'a>(name: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        Column { name: name.into(), values: Values::Texts(values.map(str::to_string).collect()) }
    }
}
