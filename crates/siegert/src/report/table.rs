//! Rows and columns with their units: what CSV, Parquet and lists of objects in JSON are written from.

use std::borrow::Cow;

use super::Quantity;

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns, in their order.
    pub columns: Vec<Column>,
}

/// A column with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name, the unit at its end: `rate_hz`.
    pub name: Cow<'static, str>,
    /// Its unit; empty for what has none.
    pub unit: Cow<'static, str>,
    /// What is in it.
    pub values: Values,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; NaN is a missing one.
    Numbers(Vec<f64>),
    /// Whole numbers, some of which may be missing.
    Integers(Vec<Option<i64>>),
    /// Truth values, some of which may be missing.
    Flags(Vec<Option<bool>>),
    /// Texts.
    Texts(Vec<String>),
    /// Texts of which there are few.
    Names {
        /// All of them.
        names: Vec<String>,
        /// Which one each row has.
        which: Vec<u32>,
    },
    /// Whole numbers from 0, none missing.
    Unsigned(Vec<u32>),
}

impl Values {
    /// The numbers, if it is of such.
    pub fn numbers(&self) -> &[f64] {
        match self {
            Values::Numbers(values) => values,
            _ => &[],
        }
    }

    fn len(&self) -> usize {
        match self {
            Values::Numbers(values) => values.len(),
            Values::Integers(values) => values.len(),
            Values::Flags(values) => values.len(),
            Values::Texts(values) => values.len(),
            Values::Names { which, .. } => which.len(),
            Values::Unsigned(values) => values.len(),
        }
    }
}

impl Table {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same columns without rows.
    pub fn without_rows(&self) -> Table {
        let empty = |values: &Values| match values {
            Values::Numbers(_) => Values::Numbers(Vec::new()),
            Values::Integers(_) => Values::Integers(Vec::new()),
            Values::Flags(_) => Values::Flags(Vec::new()),
            Values::Texts(_) => Values::Texts(Vec::new()),
            Values::Names { names, .. } => Values::Names { names: names.clone(), which: Vec::new() },
            Values::Unsigned(_) => Values::Unsigned(Vec::new()),
        };
        let column = |of: &Column| Column { name: of.name.clone(), unit: of.unit.clone(), values: empty(&of.values) };
        Table { columns: self.columns.iter().map(column).collect() }
    }

    /// Appends rows of the same columns.
    pub fn append(&mut self, rows: Table) {
        for (column, more) in self.columns.iter_mut().zip(rows.columns) {
            match (&mut column.values, more.values) {
                (Values::Numbers(values), Values::Numbers(more)) => values.extend(more),
                (Values::Integers(values), Values::Integers(more)) => values.extend(more),
                (Values::Flags(values), Values::Flags(more)) => values.extend(more),
                (Values::Texts(values), Values::Texts(more)) => values.extend(more),
                (Values::Names { which, .. }, Values::Names { which: more, .. }) => which.extend(more),
                (Values::Unsigned(values), Values::Unsigned(more)) => values.extend(more),
                // they are no rows of these columns
                _ => {}
            }
        }
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_ref()).collect()
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    /// A column whose unit is told by the end of its name.
    pub fn new(name: impl Into<Cow<'static, str>>, values: Values) -> Self {
        let name = name.into();
        Column { unit: unit_of(&name).into(), name, values }
    }

    /// Numbers, some of which may be missing.
    pub fn numbers(name: &'static str, values: impl Iterator<Item = Option<f64>>) -> Self {
        Column::new(name, Values::Numbers(values.map(|value| value.unwrap_or(f64::NAN)).collect()))
    }

    /// The values of a quantity, some of which may be undefined.
    pub fn quantity(quantity: &Quantity, values: impl Iterator<Item = Option<f64>>) -> Self {
        let values = match quantity.is_whole() {
            // a count beyond all numbers of this kind is cut at its largest
            true => Values::Integers(values.map(|value| value.map(|value| value as i64)).collect()),
            false => Values::Numbers(values.map(|value| value.unwrap_or(f64::NAN)).collect()),
        };
        Column { name: quantity.name().into(), unit: quantity.unit().into(), values }
    }

    /// Whole numbers.
    pub fn integers(name: &'static str, values: impl Iterator<Item = u64>) -> Self {
        Column::some_integers(name, values.map(Some))
    }

    /// Whole numbers, some of which may be missing.
    pub fn some_integers(name: &'static str, values: impl Iterator<Item = Option<u64>>) -> Self {
        let values = values.map(|value| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)));
        Column::new(name, Values::Integers(values.collect()))
    }

    /// Truth values, some of which may be missing.
    pub fn some_flags(name: &'static str, values: impl Iterator<Item = Option<bool>>) -> Self {
        Column::new(name, Values::Flags(values.collect()))
    }

    /// Truth values.
    pub fn flags(name: &'static str, values: impl Iterator<Item = bool>) -> Self {
        Column::some_flags(name, values.map(Some))
    }

    /// Texts.
    pub fn texts<'a>(name: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        Column::new(name, Values::Texts(values.map(str::to_string).collect()))
    }
}

/// Endings of names, and the units that they stand for; the longer before those that they end with.
const UNITS: [(&str, &str); 22] = [
    ("_hz_sqrtK", "Hz"),
    ("_hz_per_mv", "Hz/mV"),
    ("_hz_per_mv2", "Hz/mV^2"),
    ("_mv_per_ms", "mV/ms"),
    ("_mv2_per_ms", "mV^2/ms"),
    ("_mv3_per_ms", "mV^3/ms"),
    ("_mv4_per_ms", "mV^4/ms"),
    ("_per_mv", "1/mV"),
    ("_per_ms", "1/ms"),
    ("_per_s", "1/s"),
    ("log10_rate_hz", ""),
    ("_percent", "%"),
    ("_mv2", "mV^2"),
    ("_hz", "Hz"),
    ("_mv", "mV"),
    ("_ms", "ms"),
    ("_pa", "pA"),
    ("_pf", "pF"),
    ("_ns", "nS"),
    ("_mb", "MB"),
    ("_s", "s"),
    ("_mM", "mM"),
];

/// The unit that a name ends with: `Hz` of `rate_hz`; none of a plain number.
pub fn unit_of(name: &str) -> &'static str {
    UNITS.iter().find(|(ending, _)| name.ends_with(ending)).map_or("", |(_, unit)| unit)
}

/// A name without its unit, and the unit: `tau_m` and `ms` of `tau_m_ms`.
pub fn stem_and_unit(name: &str) -> (&str, &'static str) {
    let split = UNITS.iter().find_map(|(ending, unit)| Some((name.strip_suffix(ending)?, *unit)));
    split.filter(|(stem, unit)| !stem.is_empty() && !unit.is_empty()).unwrap_or((name, ""))
}

/// Whether what stands behind the stem of a name is a unit and more: `_hz_E`.
pub fn begins_with_unit(rest: &str) -> bool {
    UNITS.iter().any(|(ending, _)| ending.len() > 2 && rest.starts_with(&format!("{ending}_")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::quantity::Scope;

    #[test]
    fn the_unit_of_every_quantity_is_told_by_its_name() {
        for quantity in Quantity::all().filter(|quantity| quantity.scope() != Scope::Frequency) {
            assert_eq!(unit_of(quantity.name()), quantity.unit(), "{}", quantity.name());
        }
    }

    #[test]
    fn longer_endings_are_seen_before_shorter_ones() {
        for (index, (ending, _)) in UNITS.iter().enumerate() {
            let before = UNITS[..index].iter().find(|(earlier, _)| ending.ends_with(earlier));
            assert_eq!(before, None, "{ending}");
        }
        assert_eq!(["V_th_mv", "weight", "first_order_coefficient_hz_sqrtK"].map(unit_of), ["mV", "", "Hz"]);
    }
}
