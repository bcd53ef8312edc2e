//! Which of several stationary states a simulation is to be compared with.

use crate::library::{FixedPoint, Simulation};

/// Rates that differ by less are near each other whatever their ratio, in Hz: silence is silence.
const NEARBY_HZ: f64 = 0.1;

/// The state that the simulation is nearest to, of the stable ones if there are any.
pub(crate) fn nearest_state(states: &[FixedPoint], simulation: &Simulation) -> Option<usize> {
    let distance = |state: &FixedPoint| -> f64 {
        let pairs = state.populations.iter().zip(&simulation.populations);
        pairs.map(|(p, q)| ((p.rate_hz + NEARBY_HZ) / (q.rate_hz + NEARBY_HZ)).ln().powi(2)).sum()
    };
    let any_stable = states.iter().any(|state| state.stable);
    let candidates = (0..states.len()).filter(|&index| states[index].stable || !any_stable);
    candidates.min_by(|&p, &q| distance(&states[p]).total_cmp(&distance(&states[q])))
}
