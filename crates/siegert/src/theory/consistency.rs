//! What is to be said of states whose input was made self-consistent: lost ones, those that became one, those that did not come to rest.

use super::FixedPoint;
use crate::self_consistent::PopulationFluctuations;
use crate::{Warning, WarningKind};

/// Rates nearer to each other are of one state: in standard errors, and as a part.
const ONE_IN_ERRORS: f64 = 4.0;
const ONE_PART: f64 = 0.01;

/// Whether two states are one, within their sampling errors.
pub(super) fn are_one(p: &FixedPoint, q: &FixedPoint) -> bool {
    p.populations.iter().zip(&q.populations).all(|(p, q)| {
        let error =
            |state: &super::PopulationState| state.self_consistent.as_ref().map_or(0.0, |own| own.rate_error_hz);
        let difference = (p.rate_hz - q.rate_hz).abs();
        difference <= ONE_IN_ERRORS * error(p).hypot(error(q)) || difference <= ONE_PART * p.rate_hz.max(q.rate_hz)
    })
}

/// No state is left near the one with this index.
pub(super) fn lost(index: usize) -> Warning {
    let sentence = format!(
        "Near state {} of the Poisson theory there is none with a self-consistent input: it is lost on the way.",
        index + 1
    );
    Warning::new(WarningKind::StateLost, sentence).with_value((index + 1) as f64)
}

/// The one with this index has become one of those before.
pub(super) fn merged(index: usize) -> Warning {
    let sentence = format!(
        "State {} of the Poisson theory and one before it are the same with a self-consistent input, within the sampling error: they are listed once.",
        index + 1
    );
    Warning::new(WarningKind::StatesMerged, sentence).with_value((index + 1) as f64)
}

/// What a state lacks, by its index in the list.
pub(super) fn warnings(point: &FixedPoint, index: usize) -> Vec<Warning> {
    let Some(run) = &point.self_consistent else { return Vec::new() };
    let mut warnings = Vec::new();
    if !run.converged {
        let iterations = run.iterations;
        let sentence = format!(
            "State {}: after {iterations} iterations rates or CVs still moved by more than their sampling error.",
            index + 1
        );
        warnings.push(Warning::new(WarningKind::NotConverged, sentence).with_value(iterations as f64));
    }
    if run.population_fluctuations == PopulationFluctuations::Oscillating {
        let sentence = format!(
            "State {}: by linear theory the populations begin to oscillate in it. The spectrum is that of neurons that hear each other without the oscillation, whose amplitude is not known: \
             rates and CVs of the network may differ by much.",
            index + 1
        );
        warnings.push(Warning::new(WarningKind::Oscillating, sentence));
    }
    warnings
}
