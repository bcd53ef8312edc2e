//! Pictures of a sweep: what they are made of, and which one is drawn.

use super::state_kind::StateKind;
use super::{Drawing, curves, heat};
use crate::failure::Failure;

/// States over a grid of one or two parameters.
#[derive(Clone, Debug)]
pub(crate) struct SweepPicture {
    pub(crate) title: String,
    pub(crate) small_print: String,
    /// The first varies slowest.
    pub(crate) axes: Vec<SweepAxis>,
    pub(crate) states: GridStates,
    /// What is drawn: all of them over one parameter, the first over two.
    pub(crate) quantities: Vec<Quantity>,
    /// Which state is drawn over two parameters.
    pub(crate) which: WhichState,
}

/// A swept parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SweepAxis {
    /// The name of its column: "tau_m_ms".
    pub(crate) column: String,
    /// With its unit: "tau_m (ms)".
    pub(crate) name: String,
    /// Ascending.
    pub(crate) values: Vec<f64>,
    pub(crate) logarithmic: bool,
}

/// Which states belong to which point of the grid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GridStates {
    /// Point `p` has the states `first[p]..first[p + 1]`, in order of ascending total rate.
    pub(crate) first: Vec<usize>,
    pub(crate) kinds: Vec<StateKind>,
}

/// A quantity with a value for every state and population.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantity {
    /// With its unit: "rate (Hz)".
    pub(crate) name: String,
    pub(crate) series: Vec<Series>,
}

/// The values of one population, or of the state as a whole if the name is empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) population: String,
    /// One a state.
    pub(crate) values: Vec<f64>,
}

/// The state that a heat map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum WhichState {
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
pub(crate) fn of_sweep(table: &SweepPicture) -> Result<Drawing, Failure> {
    if table.quantities.iter().all(|quantity| quantity.series.is_empty()) {
        return Err(Failure::Input(
            "--plot: the sweep has no quantity that can be drawn; ask for one with --quantity".into(),
        ));
    }
    if table.axes.iter().any(|axis| axis.values.is_empty()) {
        return Err(Failure::Input("there are no rows to draw: the sweep has not got to its first point".into()));
    }
    match &table.axes[..] {
        [axis] => curves::draw(table, axis),
        [slow, fast] => heat::draw(table, slow, fast),
        axes => Err(refusal(axes.len())),
    }
}

/// Why a sweep over so many parameters cannot be drawn.
pub(crate) fn refusal(parameters: usize) -> Failure {
    Failure::Input(format!(
        "--plot draws sweeps over one or two parameters, and this one is over {parameters}; leave --plot out, or sweep fewer"
    ))
}
