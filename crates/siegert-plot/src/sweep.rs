//! Pictures of a sweep: what they are made of, and which one is drawn.

use super::state_kind::StateKind;
use super::{Drawing, curves, heat};
use crate::error::PlotError;

/// States over a grid of one or two parameters.
#[derive(Clone, Debug)]
pub struct SweepPicture {
    /// Above the picture.
    pub title: String,
    /// Below the title.
    pub small_print: String,
    /// The first varies slowest.
    pub axes: Vec<SweepAxis>,
    /// Which states there are.
    pub states: GridStates,
    /// What is drawn: all of them over one parameter, the first over two.
    pub quantities: Vec<Quantity>,
    /// Which state is drawn over two parameters.
    pub which: WhichState,
}

/// A swept parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepAxis {
    /// The name of its column: "tau_m_ms".
    pub column: String,
    /// With its unit: "tau_m (ms)".
    pub name: String,
    /// Ascending.
    pub values: Vec<f64>,
    /// Whether its axis is.
    pub logarithmic: bool,
}

/// Which states belong to which point of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct GridStates {
    /// Point `p` has the states `first[p]..first[p + 1]`, in order of ascending total rate.
    pub first: Vec<usize>,
    /// One a state.
    pub kinds: Vec<StateKind>,
}

/// A quantity with a value for every state and population.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// With its unit: "rate (Hz)".
    pub name: String,
    /// One a population.
    pub series: Vec<Series>,
}

/// The values of one population, or of the state as a whole if the name is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub population: String,
    /// One a state.
    pub values: Vec<f64>,
}

/// The state that a heat map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhichState {
    /// The stable state of the lowest total rate; where none is stable, the lowest that is no saddle
    #[default]
    Lowest,
    /// The stable state of the highest total rate; where none is stable, the highest that is no saddle
    Highest,
}

impl GridStates {
    /// The states of a point.
    pub(super) fn at(&self, point: usize) -> std::ops::Range<usize> {
        self.first[point]..self.first[point + 1]
    }

    /// The number of states of every point.
    pub(super) fn counts(&self) -> Vec<usize> {
        self.first.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// The state of a point that is shown, if it has one that is stable or undecided.
    pub(super) fn shown(&self, point: usize, which: WhichState) -> Option<usize> {
        let of = |kind: StateKind| {
            let mut states = self.at(point);
            match which {
                WhichState::Lowest => states.find(|&state| self.kinds[state] == kind),
                WhichState::Highest => states.rev().find(|&state| self.kinds[state] == kind),
            }
        };
        of(StateKind::Stable).or_else(|| of(StateKind::Neither))
    }
}

/// Curves over one parameter, a heat map over two.
///
/// # Errors
///
/// If there is nothing to draw, or the sweep is over another number of parameters.
pub fn of_sweep(table: &SweepPicture) -> Result<Drawing, PlotError> {
    if table.quantities.iter().all(|quantity| quantity.series.is_empty()) {
        return Err(PlotError::NoQuantity);
    }
    if table.axes.iter().any(|axis| axis.values.is_empty()) {
        return Err(PlotError::NoRows);
    }
    match &table.axes[..] {
        [axis] => curves::draw(table, axis),
        [slow, fast] => heat::draw(table, slow, fast),
        axes => Err(PlotError::WrongParameters { parameters: axes.len() }),
    }
}
