//! Which of several stationary states a simulation is at.

use crate::simulation::Simulation;
use crate::stationary::FixedPoint;

use super::Outcome;
use super::quantities::{CHANCE, rate_error_hz};

/// Rates that differ by less are near each other whatever their ratio, in Hz: silence is silence.
const NEARBY_HZ: f64 = 0.1;
/// A simulation whose rates are farther than this factor from those of every state is at none.
const FAR: f64 = 2.0;

/// The state that the simulation is nearest to, of those that the network may stay at if there are any.
///
/// Near in the sum over populations of the squared logarithm of the ratio of rates.
pub fn nearest_state(states: &[FixedPoint], simulation: &Simulation) -> Option<usize> {
    let may_stay = |index: &usize| states[*index].stability().may_stay();
    let any = (0..states.len()).any(|index| may_stay(&index));
    let candidates = (0..states.len()).filter(|index| may_stay(index) || !any);
    nearest(states, simulation, candidates)
}

/// Whether the simulation is at the state with this index.
pub(super) fn outcome(states: &[FixedPoint], index: usize, simulation: &Simulation) -> Outcome {
    // an unstable state that is asked about is a place to be, too
    let candidates = (0..states.len()).filter(|&other| states[other].stability().may_stay() || other == index);
    let nearest = nearest(states, simulation, candidates).unwrap_or(index);
    match is_far(&states[nearest], simulation) {
        true => Outcome::Elsewhere,
        false if nearest == index => Outcome::Stayed,
        false => Outcome::Left { to: nearest + 1 },
    }
}

fn nearest(states: &[FixedPoint], simulation: &Simulation, among: impl Iterator<Item = usize>) -> Option<usize> {
    let distance = |index: usize| log_ratios(&states[index], simulation).map(|ratio| ratio * ratio).sum::<f64>();
    among.min_by(|&p, &q| distance(p).total_cmp(&distance(q)))
}

/// Whether a population's rate is off by a large factor, and by more than its error.
fn is_far(state: &FixedPoint, simulation: &Simulation) -> bool {
    let pairs = state.populations.iter().zip(&simulation.populations);
    pairs.zip(log_ratios(state, simulation)).any(|((theory, measured), ratio)| {
        let error = rate_error_hz(measured, measured.size.max(1) as f64, simulation.run.duration_ms).unwrap_or(0.0);
        ratio.abs() > FAR.ln() && (theory.rate_hz - measured.rate_hz).abs() > CHANCE * error
    })
}

fn log_ratios<'a>(state: &'a FixedPoint, simulation: &'a Simulation) -> impl Iterator<Item = f64> + 'a {
    let pairs = state.populations.iter().zip(&simulation.populations);
    pairs.map(|(p, q)| ((p.rate_hz + NEARBY_HZ) / (q.rate_hz + NEARBY_HZ)).ln())
}
