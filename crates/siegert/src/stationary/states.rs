//! From the solution of the equations to what a user reads: inputs, CVs, stability, and where an assumption fails.

use crate::input::shared_input_fraction;
use crate::network::Network;
use crate::neuron::lif::LARGEST_SMALL_K;

use super::map::{Input, RateMap};
use super::newton::{ln_rate, rates};
use super::result::{FixedPoint, PopulationState, Search, Solution, Validity};
use super::search::State;
use super::stability::rate_eigenvalues;

/// Rates above this fraction of `1/t_ref` are near saturation.
const SATURATED: f64 = 0.9;
/// Shares of filtered noise at which neither the white nor the filtered limit describes the input.
const MIXED: std::ops::Range<f64> = 0.02..0.98;

/// All about the states found.
pub(super) fn solution(network: &Network, map: &RateMap, states: &[State], search: Search) -> Solution {
    Solution {
        network: network.name.clone(),
        parameters: network.parameters.clone(),
        search,
        fixed_points: states.iter().map(|state| fixed_point(network, map, state)).collect(),
        warnings: map.warnings.clone(),
    }
}

fn fixed_point(network: &Network, map: &RateMap, state: &State) -> FixedPoint {
    FixedPoint {
        stable: state.stable,
        rate_eigenvalues_per_s: rate_eigenvalues(map, &state.u).unwrap_or_default(),
        index: state.index,
        residual: state.residual,
        method: state.method,
        iterations: state.iterations,
        populations: population_states(network, map, &state.u),
    }
}

fn population_states(network: &Network, map: &RateMap, u: &[f64]) -> Vec<PopulationState> {
    let inputs = map.inputs(&rates(u));
    let state = |a: usize| {
        let (input, ln_rate) = (inputs[a], ln_rate(u[a]));
        let at = map.neurons[a].state(input.mean_mv, input.std_mv, map.shift(&input));
        PopulationState {
            name: network.populations[a].name.clone(),
            rate_hz: ln_rate.exp(),
            log10_rate_hz: (ln_rate > f64::NEG_INFINITY).then_some(ln_rate / std::f64::consts::LN_10),
            mean_input_mv: input.mean_mv,
            std_input_mv: input.std_mv,
            cv: at.ok().and_then(|state| state.cv),
            validity: validity(network, map, a, &input, ln_rate.exp()),
        }
    };
    (0..map.len()).map(state).collect()
}

pub(super) fn validity(network: &Network, map: &RateMap, a: usize, input: &Input, rate_hz: f64) -> Validity {
    let k = input.tau_syn_over_tau_m.sqrt();
    let mut warnings = Vec::new();
    if k > LARGEST_SMALL_K {
        warnings.push(format!(
            "sqrt(tau_syn/tau_m) = {k:.2} is not small: the first order in it errs by 4 % at 0.3 and by more beyond."
        ));
    }
    if MIXED.contains(&input.filtered_fraction) {
        warnings.push(format!(
            "{:.0} % of the noise comes through synapses with a time constant, the rest is instantaneous: for such a mixture \
             the correction for the time constant is an interpolation.",
            100.0 * input.filtered_fraction
        ));
    }
    let saturation = rate_hz / map.neurons[a].rate_limit_hz();
    if saturation > SATURATED {
        warnings.push(format!("The rate is {:.0} % of 1/t_ref: the population is saturated.", 100.0 * saturation));
    }
    Validity {
        tau_syn_over_tau_m: input.tau_syn_over_tau_m,
        shared_input_fraction: shared_input_fraction(network, a),
        warnings,
    }
}
