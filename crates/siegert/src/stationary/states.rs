//! From the solution of the equations to what a user reads: inputs, CVs, stability, and where an assumption fails.

use crate::input::shared_input_fraction;
use crate::network::Network;
use crate::neuron::lif::LARGEST_SMALL_K;

use super::map::{Input, RateMap};
use super::newton::{Iterate, ln_rate, rates};
use super::result::{FixedPoint, Method, PopulationState, Search, Solution, Validity};
use super::stability::{index, rate_eigenvalues};

/// Rates above this fraction of `1/t_ref` are near saturation.
const SATURATED: f64 = 0.9;
/// Shares of filtered noise at which neither the white nor the filtered limit describes the input.
const MIXED: std::ops::Range<f64> = 0.02..0.98;

/// All about the states found from `starts` starting points.
pub(super) fn solution(
    network: &Network,
    map: &RateMap,
    mut states: Vec<(Iterate, Method)>,
    starts: usize,
) -> Solution {
    let total = |state: &(Iterate, Method)| rates(&state.0.u).iter().sum::<f64>();
    states.sort_by(|p, q| total(p).total_cmp(&total(q)));
    let fixed_points: Vec<FixedPoint> =
        states.iter().map(|(iterate, method)| fixed_point(network, map, iterate, *method)).collect();
    Solution {
        network: network.name.clone(),
        parameters: network.parameters.clone(),
        search: Search { starts, index_sum: fixed_points.iter().map(|state| i32::from(state.index)).sum() },
        fixed_points,
        warnings: map.warnings.clone(),
    }
}

fn fixed_point(network: &Network, map: &RateMap, iterate: &Iterate, method: Method) -> FixedPoint {
    let rate_eigenvalues_per_s = rate_eigenvalues(map, &iterate.u).unwrap_or_default();
    FixedPoint {
        stable: rate_eigenvalues_per_s.first().is_some_and(|rightmost| rightmost.growth_per_s < 0.0),
        rate_eigenvalues_per_s,
        index: index(map, &iterate.u),
        residual: residual_of_logarithms(map, &iterate.u),
        method,
        iterations: iterate.iterations,
        populations: population_states(network, map, &iterate.u),
    }
}

/// Largest `|ln Phi - ln r|`.
pub(super) fn residual_of_logarithms(map: &RateMap, u: &[f64]) -> f64 {
    let outputs = map.evaluate(&rates(u)).ln_output;
    let difference = |(&output, &u): (&f64, &f64)| if output == u { 0.0 } else { (output - ln_rate(u)).abs() };
    outputs.iter().zip(u).map(difference).fold(0.0, f64::max)
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
