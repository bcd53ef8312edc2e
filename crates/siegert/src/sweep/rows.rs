//! From a point of the grid to its rows: one a state, or one that says why there is none.

use std::ops::Range;

use crate::network::{Network, NetworkFileError};
use crate::stationary::{RateMap, SolveError, states};

use super::quantity::{Quantity, push};
use super::{Axis, Sweep};

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, with the unit and the population where there are such: `rate_hz_E`.
    pub name: String,
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
    /// A number, missing if NaN.
    pub(super) fn number(value: f64) -> Self {
        if value.is_nan() { Cell::Missing } else { Cell::Number(value) }
    }
}

/// Rows of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    width: usize,
    cells: Vec<Cell>,
}

impl Rows {
    /// The rows, each with one cell a column.
    pub fn iter(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.width)
    }
}

/// Columns between the parameters and the quantities.
const STATE_COLUMNS: [(&str, Kind); 4] =
    [("states", Kind::Integer), ("state", Kind::Integer), ("stable", Kind::Flag), ("complete", Kind::Flag)];

pub(super) fn columns(axes: &[Axis], quantities: &[Quantity], network: &Network) -> Vec<Column> {
    let column = |name: String, kind| Column { name, kind };
    let mut columns: Vec<Column> = axes.iter().map(|axis| column(axis.column(), Kind::Number)).collect();
    columns.extend(STATE_COLUMNS.map(|(name, kind)| column(name.to_string(), kind)));
    for quantity in quantities {
        let whole = matches!(quantity, Quantity::Index | Quantity::Multiplicity);
        let kind = if whole { Kind::Integer } else { Kind::Number };
        if quantity.is_of_populations() {
            let of = |population: &str| column(format!("{}_{population}", quantity.name()), kind);
            columns.extend(network.populations.iter().map(|population| of(&population.name)));
        } else {
            columns.push(column(quantity.name().to_string(), kind));
        }
    }
    columns.push(column("error".to_string(), Kind::Text));
    columns
}

impl Sweep {
    /// The rows of some points, on this thread.
    pub fn rows(&self, points: Range<u64>) -> Rows {
        let mut rows = Rows { width: self.columns.len(), cells: Vec::new() };
        let points = points.map(|index| self.grid.point(index));
        self.family.visit(points, |point, network| match network {
            Ok(network) => self.push_states(&mut rows, &point, network),
            Err(error) => self.push_error(&mut rows, &point, of_file(&error)),
        });
        rows
    }

    fn push_states(&self, rows: &mut Rows, point: &[f64], network: &Network) {
        let map = match RateMap::new(network, self.options.filter) {
            Ok(map) => map,
            Err(error) => return self.push_error(rows, point, error.to_string()),
        };
        let found = match states(&map) {
            Ok(found) => found,
            Err(error) => return self.push_error(rows, point, without_advice(&error)),
        };
        for (index, state) in found.states.iter().enumerate() {
            rows.cells.extend(point.iter().map(|&value| Cell::Number(value)));
            rows.cells.extend([
                Cell::Integer(found.states.len() as i64),
                Cell::Integer(index as i64 + 1),
                Cell::Flag(state.stable),
                Cell::Flag(found.search.complete),
            ]);
            push(&mut rows.cells, &self.quantities, (network, &map), state);
            rows.cells.push(Cell::Missing);
        }
    }

    fn push_error(&self, rows: &mut Rows, point: &[f64], message: String) {
        let end = rows.cells.len() + rows.width;
        rows.cells.extend(point.iter().map(|&value| Cell::Number(value)));
        rows.cells.push(Cell::Integer(0));
        rows.cells.resize(end - 1, Cell::Missing);
        rows.cells.push(Cell::Text(message));
    }
}

/// The first mistake, on one line.
fn of_file(error: &NetworkFileError) -> String {
    let Some(first) = error.diagnostics.first() else { return "the network is wrong".to_string() };
    let place = first.span().map(|span| format!("line {}: ", error.line_and_column(span.start).0)).unwrap_or_default();
    let more = match error.diagnostics.len() + error.omitted - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    format!("{place}{}{more}", first.message())
}

/// The advice of a message, behind its first semicolon, is for one who looks at one network.
fn without_advice(error: &SolveError) -> String {
    let message = error.to_string();
    message.split(';').next().unwrap_or_default().to_string()
}
