//! From a point of the grid to its rows: one a state, or one that says why there is none.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use crate::network::Network;
use crate::report::quantity::{AsAsked, Quantity, Scope, StateNumbers};
use crate::report::{Column as TableColumn, Table, Values};
use crate::stationary::{RateMap, SolveError, states};
use crate::theory::{InputTheory, Theory};
use crate::work::Work;

use super::run::MOST_POINTS;
use super::{Axis, Sweep, SweepError};

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name, with the unit and the population where there are such: `rate_hz_E`.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: String,
    /// What is in it.
    pub kind: Kind,
}

/// What is in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Whole numbers.
    Integer,
    /// True or false.
    Flag,
    /// Text.
    Text,
}

/// One entry of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Missing,
    /// A number; not NaN.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// Text.
    Text(String),
}

impl Cell {
    /// Appends it to the values of its column.
    pub fn push_to(&self, values: &mut Values) {
        match (values, self) {
            (Values::Numbers(values), Cell::Number(value)) => values.push(*value),
            (Values::Numbers(values), _) => values.push(f64::NAN),
            (Values::Integers(values), Cell::Integer(value)) => values.push(Some(*value)),
            (Values::Integers(values), _) => values.push(None),
            (Values::Flags(values), Cell::Flag(value)) => values.push(Some(*value)),
            (Values::Flags(values), _) => values.push(None),
            (Values::Texts(values), Cell::Text(value)) => values.push(value.clone()),
            (Values::Texts(values), _) => values.push(String::new()),
            // `empty_table` makes no such columns
            (Values::Names { .. } | Values::Unsigned(_), _) => {}
        }
    }

    /// A number, missing if there is none or it is NaN.
    fn number(value: Option<f64>) -> Self {
        value.filter(|value| !value.is_nan()).map_or(Cell::Missing, Cell::Number)
    }
}

/// Rows of equal length.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rows {
    width: usize,
    cells: Vec<Cell>,
}

impl Rows {
    /// The rows, each with one cell a column.
    pub fn iter(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.width)
    }

    /// As a table with these columns, those of the sweep.
    pub fn table(&self, columns: &[Column]) -> Table {
        let mut table = empty_table(columns);
        for row in self.iter() {
            table.columns.iter_mut().zip(row).for_each(|(column, cell)| cell.push_to(&mut column.values));
        }
        table
    }

    /// Appends the quantities of one state, in the order of the columns.
    fn push_quantities(&mut self, quantities: &[Quantity], populations: usize, numbers: &dyn StateNumbers) {
        for quantity in quantities {
            if quantity.scope() == Scope::Population {
                self.cells.extend((0..populations).map(|a| Cell::number(quantity.of_population(numbers, a))));
            } else if let (true, Some(whole)) = (quantity.is_whole(), quantity.of_state(numbers)) {
                // counts of permutations beyond all numbers of this kind are cut at its largest
                self.cells.push(Cell::Integer(whole as i64));
            } else {
                self.cells.push(Cell::number(quantity.of_state(numbers)));
            }
        }
    }
}

/// A table with these columns, and no rows yet.
pub fn empty_table(columns: &[Column]) -> Table {
    let values = |kind| match kind {
        Kind::Number => Values::Numbers(Vec::new()),
        Kind::Integer => Values::Integers(Vec::new()),
        Kind::Flag => Values::Flags(Vec::new()),
        Kind::Text => Values::Texts(Vec::new()),
    };
    let column = |column: &Column| TableColumn {
        name: column.name.clone().into(),
        unit: column.unit.clone().into(),
        values: values(column.kind),
    };
    Table { columns: columns.iter().map(column).collect() }
}

/// Columns between the parameters and the quantities.
const STATE_COLUMNS: [(&str, Kind); 5] = [
    ("states", Kind::Integer),
    ("state", Kind::Integer),
    ("stable", Kind::Flag),
    ("saddle", Kind::Flag),
    ("complete", Kind::Flag),
];

/// The columns of the rows; two of one name are refused.
pub(super) fn columns(axes: &[Axis], quantities: &[Quantity], network: &Network) -> Result<Vec<Column>, SweepError> {
    let mut columns: Vec<(Column, What<'_>)> = Vec::new();
    let mut push =
        |name: String, unit: &str, kind, what| columns.push((Column { name, unit: unit.to_string(), kind }, what));
    axes.iter().for_each(|axis| push(axis.column(), &axis.unit, Kind::Number, What::Parameter(&axis.name)));
    STATE_COLUMNS.iter().for_each(|(name, kind)| push((*name).to_string(), "", *kind, What::State));
    for quantity in quantities {
        let kind = if quantity.is_whole() { Kind::Integer } else { Kind::Number };
        if quantity.scope() == Scope::Population {
            for population in &network.populations {
                let name = format!("{}_{}", quantity.name(), population.name);
                push(name, quantity.unit(), kind, What::Quantity(quantity.name(), Some(&population.name)));
            }
        } else {
            push(quantity.name().to_string(), quantity.unit(), kind, What::Quantity(quantity.name(), None));
        }
    }
    push("error".to_string(), "", Kind::Text, What::State);
    refuse_repeated(&columns)?;
    Ok(columns.into_iter().map(|(column, _)| column).collect())
}

/// What a column is of, for the message that there are two of one name.
#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Parameter(&'a str),
    /// What every result has.
    State,
    Quantity(&'a str, Option<&'a str>),
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Parameter(name) => write!(f, "the parameter \"{name}\""),
            What::State => f.write_str("a column of every sweep"),
            What::Quantity(name, Some(population)) => write!(f, "{name} of the population \"{population}\""),
            What::Quantity(name, None) => write!(f, "the quantity {name}"),
        }
    }
}

/// Columns are found by their names.
fn refuse_repeated(columns: &[(Column, What<'_>)]) -> Result<(), SweepError> {
    let mut seen: HashMap<&str, What<'_>> = HashMap::new();
    for (column, what) in columns {
        let Some(before) = seen.insert(&column.name, *what) else { continue };
        let advice = match (before, what) {
            (What::Parameter(name), _) => format!("give the parameter \"{name}\" another name in the file"),
            _ => "give a population another name in the file, or ask for these quantities one by one".to_string(),
        };
        let (column, one, other) = (column.name.clone(), before.to_string(), what.to_string());
        return Err(SweepError::RepeatedColumn { column, one, other, advice });
    }
    Ok(())
}

impl Sweep {
    /// The rows of some points, on this thread; of no use where `work` was cancelled meanwhile.
    pub fn rows(&self, points: Range<u64>, work: &Work) -> Rows {
        // most points have one state
        let expected = usize::try_from(points.end - points.start).unwrap_or(0).min(MOST_POINTS) * self.columns.len();
        let mut rows = Rows { width: self.columns.len(), cells: Vec::with_capacity(expected) };
        let points = points.take_while(|_| !work.is_cancelled()).map(|index| self.grid.point(index));
        self.family.visit(points, |point, network| match network {
            Ok(network) => self.push_states(&mut rows, &point, network, work),
            Err(error) => self.push_error(&mut rows, &point, error.in_short()),
        });
        rows
    }

    fn push_states(&self, rows: &mut Rows, point: &[f64], network: &Network, work: &Work) {
        let map = match RateMap::of_checked(network, self.options) {
            Ok(map) => map.watched(work),
            Err(error) => return self.push_error(rows, point, error.to_string()),
        };
        let found = match states(&map) {
            Ok(found) => found,
            Err(error) => return self.push_error(rows, point, without_advice(&error)),
        };
        if self.options.input == InputTheory::SelfConsistent {
            // its records are not points
            let theory = Theory::of_map(network, map.watched(&work.part()));
            return match theory.self_consistent_points(&found.states) {
                Ok((points, _)) => {
                    let states = points.len();
                    for (index, state) in points.iter().enumerate() {
                        let found = (index, states, state.stable, state.saddle, found.search.complete);
                        self.push_state(rows, point, found, network.populations.len(), state);
                    }
                }
                Err(error) => self.push_error(rows, point, without_advice(&error)),
            };
        }
        for (index, state) in found.states.iter().enumerate() {
            let numbers = AsAsked::new(network, &map, state);
            let found = (index, found.states.len(), state.stable, state.saddle(), found.search.complete);
            self.push_state(rows, point, found, map.len(), &numbers);
        }
    }

    /// One row: which state of how many, whether it is stable, whether a saddle, whether these are all.
    fn push_state(
        &self,
        rows: &mut Rows,
        point: &[f64],
        (index, states, stable, saddle, complete): (usize, usize, bool, bool, bool),
        populations: usize,
        numbers: &dyn StateNumbers,
    ) {
        rows.cells.extend(point.iter().map(|&value| Cell::Number(value)));
        rows.cells.extend([
            Cell::Integer(states as i64),
            Cell::Integer(index as i64 + 1),
            Cell::Flag(stable),
            Cell::Flag(saddle),
            Cell::Flag(complete),
        ]);
        rows.push_quantities(&self.quantities, populations, numbers);
        rows.cells.push(Cell::Missing);
    }

    fn push_error(&self, rows: &mut Rows, point: &[f64], message: String) {
        rows.cells.extend(point.iter().map(|&value| Cell::Number(value)));
        // what is no number has a value even so, or readers of CSV would take whole numbers and flags for something else
        let last = rows.width - 1;
        rows.cells.extend(self.columns[point.len()..last].iter().map(|column| match column.kind {
            Kind::Integer => Cell::Integer(0),
            Kind::Flag => Cell::Flag(false),
            Kind::Number | Kind::Text => Cell::Missing,
        }));
        rows.cells.push(Cell::Text(message));
    }
}

/// The advice of a message, behind its first semicolon, is for one who looks at one network.
fn without_advice(error: &SolveError) -> String {
    let message = error.to_string();
    message.split(';').next().unwrap_or_default().to_string()
}
