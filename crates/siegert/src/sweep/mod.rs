//! Stationary states over grids of parameters.
//!
//! A [`Sweep`] is a network file, the [`Axis`] of each varied parameter and the quantities asked for. [`Sweep::run`] computes
//! it on several threads and hands over [`Rows`] in the order of the grid, the last axis fastest: one row a state, or one
//! that says why there is none. Each point is solved by itself, so no row depends on the number of threads or on where a
//! run begins, and only the rows in hand are in memory.

mod grid;
mod phases;
mod report;
mod rows;
mod run;

use thiserror::Error;

use crate::network::{Family, Free, NetworkFileError, Parameter, ReadOptions};
use crate::report::Quantity;
use crate::stationary::{RateMap, SolveError, TheoryOptions};

pub use crate::axis::{Axis, AxisError, Range, Spacing};
pub use phases::{PhaseBorder, PhaseDiagram, PhaseError, PhaseOf};
pub use report::{OverAxis, SweepHeader, SweepReport};
pub use rows::{Cell, Column, Kind, Rows, empty_table};
pub use run::Control;

use grid::Grid;

/// The most points of a grid.
pub const MAX_POINTS: u64 = 10_000_000_000;

/// A network to be solved at every point of a grid.
#[derive(Clone, Debug)]
pub struct Sweep {
    family: Family,
    grid: Grid,
    quantities: Vec<Quantity>,
    options: TheoryOptions,
    columns: Vec<Column>,
}

/// Why there can be no such sweep.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The network file, or a varied parameter, is wrong.
    #[error(transparent)]
    NetworkFile(#[from] NetworkFileError),
    /// The network has parts that are not computed yet.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// Nothing is varied.
    #[error("a sweep needs a parameter to vary, as in g=3:8:50")]
    NoAxis,
    /// A parameter is varied twice.
    #[error("{name} is varied twice; each parameter has one range")]
    RepeatedAxis {
        /// The parameter.
        name: String,
    },
    /// The grid is too large.
    #[error("a grid of {points} points is too large; at most {MAX_POINTS} are")]
    TooManyPoints {
        /// "1000 x 1000".
        points: String,
    },
    /// A quantity that is not computed.
    #[error("there is no quantity \"{name}\"; {advice}")]
    UnknownQuantity {
        /// What was asked for.
        name: String,
        /// What there is.
        advice: String,
    },
    /// Two columns would have one name.
    #[error("two columns of the result would be called \"{column}\": {one} and {other}; {advice}")]
    RepeatedColumn {
        /// The name.
        column: String,
        /// What the one is.
        one: String,
        /// What the other is.
        other: String,
        /// Which name to change.
        advice: String,
    },
    /// Threads cannot be started.
    #[error("threads cannot be started: {reason}")]
    Threads {
        /// The system's words.
        reason: String,
    },
}

impl Sweep {
    /// Checks everything that can be checked before the first point is computed.
    ///
    /// `quantities` by name: all that the theory knows of a state (one column) or of its populations (one column each), see
    /// [`Quantity::all`]. Without any, `rate_hz`.
    ///
    /// # Errors
    ///
    /// A wrong network file, unknown parameters and quantities, dimensions that do not fit, grids that are too large,
    /// models that are not computed. A network that is wrong at some points only is no error: their rows say so.
    pub fn new(
        text: &str,
        source_name: &str,
        read: &ReadOptions,
        axes: Vec<Axis>,
        quantities: &[String],
        options: &TheoryOptions,
    ) -> Result<Self, SweepError> {
        let grid = Grid::new(axes)?;
        let free: Vec<Free<'_>> = grid.axes().iter().map(|axis| (axis.name.as_str(), axis.unit.as_str())).collect();
        let family = Family::open(text, source_name, read, &free)?;
        RateMap::new(family.own(), *options)?;
        let quantities = named(quantities)?;
        let columns = rows::columns(grid.axes(), &quantities, family.own())?;
        Ok(Sweep { family, grid, quantities, options: *options, columns })
    }

    /// The file that is varied, with its own values.
    pub fn family(&self) -> &Family {
        &self.family
    }

    /// The parameters of the network that are the same at all points, as far as the ends and the middle of the grid tell; none if there is no
    /// network at any of these.
    pub fn parameters_that_stay(&self) -> Vec<Parameter> {
        let last = self.len() - 1; // a grid has a point
        let networks = [0, last / 2, last].map(|index| self.family.at(&self.point(index)).ok());
        let mut networks = networks.into_iter().flatten();
        let Some(first) = networks.next() else { return Vec::new() };
        let varied = |name: &str| self.axes().iter().any(|axis| axis.name == name);
        let mut stay: Vec<Parameter> = first.parameters.into_iter().filter(|p| !varied(&p.name)).collect();
        networks.for_each(|network| stay.retain(|parameter| network.parameters.contains(parameter)));
        stay
    }

    /// The axes, slowest first.
    pub fn axes(&self) -> &[Axis] {
        self.grid.axes()
    }

    /// The columns of the rows.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How synaptic time constants enter.
    pub fn options(&self) -> &TheoryOptions {
        &self.options
    }

    /// Number of points.
    pub fn len(&self) -> u64 {
        self.grid.len()
    }

    /// The values of the parameters at a point, one an axis.
    pub fn point(&self, index: u64) -> Vec<f64> {
        self.grid.point(index)
    }

    /// Whether there is no point; there always is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The quantities of these names, each once; the rate if there are none.
fn named(names: &[String]) -> Result<Vec<Quantity>, SweepError> {
    let mut quantities = Vec::new();
    let default = ["rate_hz".to_string()];
    for name in if names.is_empty() { &default } else { names } {
        let quantity = Quantity::among(name, Quantity::is_of_theory)
            .map_err(|advice| SweepError::UnknownQuantity { name: name.clone(), advice })?;
        if !quantities.contains(&quantity) {
            quantities.push(quantity);
        }
    }
    Ok(quantities)
}
