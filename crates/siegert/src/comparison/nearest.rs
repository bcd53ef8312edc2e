//! Which of several stationary states a simulation is at.

use crate::simulation::Simulation;
use crate::stationary::Exchange;
use crate::theory::{FixedPoint, Theory};

use super::Outcome;
use super::quantities::{CHANCE, rate_error_hz};

/// Rates that differ by less are near each other whatever their ratio, in Hz: silence is silence.
const NEARBY_HZ: f64 = 0.1;
/// A simulation whose rates are farther than this factor from those of every state is at none.
const FAR: f64 = 2.0;

impl Theory<'_> {
    /// The state that the simulation is nearest to, of those that the network may stay at if there are any.
    ///
    /// Near in the sum over populations of the squared logarithm of the ratio of rates, in whatever order populations that can be
    /// exchanged are.
    pub fn nearest_state(&self, states: &[FixedPoint], simulation: &Simulation) -> Option<usize> {
        let may_stay = |index: &usize| states[*index].stability().may_stay();
        let any = (0..states.len()).any(|index| may_stay(&index));
        let candidates = (0..states.len()).filter(|index| may_stay(index) || !any);
        nearest(&Exchange::new(self.map()), states, simulation, candidates)
    }
}

/// Whether the simulation is at the state with this index, in whatever order populations that can be exchanged are.
pub(super) fn outcome(exchange: &Exchange, states: &[FixedPoint], index: usize, simulation: &Simulation) -> Outcome {
    // an unstable state that is asked about is a place to be, too
    let candidates = (0..states.len()).filter(|&other| states[other].stability().may_stay() || other == index);
    let nearest = nearest(exchange, states, simulation, candidates).unwrap_or(index);
    match is_far(exchange, &states[nearest], simulation) {
        true => Outcome::Elsewhere,
        false if nearest == index => Outcome::Stayed,
        false => Outcome::Left { to: nearest + 1 },
    }
}

/// For each population the one whose place in the state it has in the simulation.
pub(super) fn places(exchange: &Exchange, state: &FixedPoint, simulation: &Simulation) -> Vec<usize> {
    exchange.closest(|a, place| log_ratio(state, simulation, (a, place)).powi(2))
}

fn nearest(
    exchange: &Exchange,
    states: &[FixedPoint],
    simulation: &Simulation,
    among: impl Iterator<Item = usize>,
) -> Option<usize> {
    let distance = |index: usize| {
        let places = places(exchange, &states[index], simulation);
        let ratio = |(a, place)| log_ratio(&states[index], simulation, (a, place));
        places.into_iter().enumerate().map(ratio).map(|ratio| ratio * ratio).sum::<f64>()
    };
    among.map(|index| (index, distance(index))).min_by(|p, q| p.1.total_cmp(&q.1)).map(|(index, _)| index)
}

/// Whether a population's rate is off by a large factor, and by more than its error.
fn is_far(exchange: &Exchange, state: &FixedPoint, simulation: &Simulation) -> bool {
    places(exchange, state, simulation).into_iter().enumerate().any(|(a, place)| {
        let measured = &simulation.populations[a];
        let error = rate_error_hz(measured, measured.size.max(1) as f64, simulation.run.duration_ms).unwrap_or(0.0);
        log_ratio(state, simulation, (a, place)).abs() > FAR.ln()
            && (state.populations[place].rate_hz - measured.rate_hz).abs() > CHANCE * error
    })
}

/// Of a population in the simulation to one in the state.
fn log_ratio(state: &FixedPoint, simulation: &Simulation, (a, place): (usize, usize)) -> f64 {
    ((state.populations[place].rate_hz + NEARBY_HZ) / (simulation.populations[a].rate_hz + NEARBY_HZ)).ln()
}
