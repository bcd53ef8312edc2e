//! The theory that is drawn beside a simulation.

use siegert::comparison::StateComparison;
use siegert::stationary::RateMap;
use siegert::theory::FixedPoint;

/// States, one of which a simulation was compared with.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// All that there are.
    pub states: &'a [FixedPoint],
    /// From the rates that go in to those that come out.
    pub map: &'a RateMap,
    /// The simulation beside one of them; `None` where there is no state.
    pub comparison: Option<&'a StateComparison>,
}

impl<'a> Beside<'a> {
    /// The state compared with.
    pub(super) fn state(&self) -> Option<&'a FixedPoint> {
        self.comparison.map(|comparison| &comparison.fixed_point)
    }

    /// "state 2 of 3", or nothing where there is one.
    pub(super) fn which(&self) -> Option<String> {
        let number = self.comparison?.state;
        (self.states.len() > 1).then(|| format!("state {number} of {}", self.states.len()))
    }

    pub(super) fn rates_hz(&self) -> Option<Vec<f64>> {
        self.state().map(FixedPoint::rates_hz)
    }
}
