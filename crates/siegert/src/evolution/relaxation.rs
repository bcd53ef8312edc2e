//! How the density of neurons forgets while their input stays: its slowest modes, none missed.
//!
//! They are counted by the operator on a line of nodes, which is asked in microseconds (`operator`), and found again by the general solver, which has nine digits (`neuron::fokker_planck`, eigenvalues). The
//! relaxation time is `-1/Re lambda_1`.
//!
//! Source: Knight, Manin and Sirovich (1996); Mattia and Del Giudice (2002), Phys Rev E 66:051917.
//! Range: neurons that are their potential alone and have a leak.
//! Accuracy: 1e-9 of the modulus (LIF against 18 digits).

use rayon::prelude::*;

use super::operator::Operator;
use crate::neuron::lif::{MS_PER_S, SynapticFilter};
use crate::neuron::{Model, RelaxationMode};
use crate::theory::{State, Theory};
use crate::work::{Cancelled, Work};

/// The accuracy of the nodes.
const NODES: f64 = 1e-3;
/// Windows in which modes are counted, each larger than the one before.
const MOST_WINDOWS: usize = 6;

/// The slowest modes at a mean and a standard deviation of white noise, at most so many, of a pair one; `None` without noise or spikes, of neurons with adaptation or without a leak, and where they are not found.
pub fn relaxation(neuron: &Model, mean_mv: f64, std_mv: f64, count: usize) -> Option<Vec<RelaxationMode>> {
    if std_mv.is_nan() || std_mv <= 0.0 || matches!(neuron, Model::Perfect(_)) {
        return None;
    }
    let operator = Operator::new(neuron, mean_mv, std_mv, NODES)?;
    let ln_rate_hz = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).ln_rate_hz;
    let per_ms = 1.0 / neuron.thresholds().tau_m_ms;
    // as far as membranes reach, and next to the first resonance of neurons that fire like clocks
    let (mut decay, mut frequency) =
        (2.5 * per_ms, (1.5 * std::f64::consts::TAU * ln_rate_hz.exp() / MS_PER_S).max(2.0 * per_ms));
    let mut found = Vec::new();
    for _ in 0..MOST_WINDOWS {
        match operator.eigenvalues_within(-decay, frequency) {
            Some(more) => found = more,
            None => break,
        }
        if found.len() >= count {
            break;
        }
        (decay, frequency) = (2.0 * decay, 1.5 * frequency);
    }
    found.truncate(count);
    neuron.refined_modes(mean_mv, std_mv, &found).filter(|modes| !modes.is_empty())
}

/// The same for each population in a state.
///
/// # Errors
///
/// A stop.
pub fn relaxations(
    theory: &Theory<'_>,
    state: &State,
    count: usize,
    work: &Work,
) -> Result<Vec<Option<Vec<RelaxationMode>>>, Cancelled> {
    let map = theory.map();
    let lengthenings = state.lengthenings(map);
    let held = map.held(&lengthenings);
    let inputs = held.inputs(&state.rates_hz());
    let of_each = held.transfers().par_iter().zip(&inputs).map(|(transfer, input)| {
        work.check()?;
        let alone = transfer.relaxing(input);
        Ok(alone.and_then(|(neuron, mean_mv, std_mv)| relaxation(&neuron, mean_mv, std_mv, count)))
    });
    of_each.collect()
}
