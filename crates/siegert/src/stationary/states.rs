//! From the solution of the equations to what a user reads: inputs, CVs, stability, and how far to trust it.

use crate::network::Network;
use crate::neuron::lif::Lif;
use crate::trust::{Validity, validity, verdict};

use super::map::{Input, RateMap};
use super::newton::{Iterate, ln_rate, rates};
use super::result::{FixedPoint, Method, PopulationState, Search, Solution};
use super::stability::{index, rate_eigenvalues};

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
        warnings: map.streams.warnings.clone(),
    }
}

fn fixed_point(network: &Network, map: &RateMap, iterate: &Iterate, method: Method) -> FixedPoint {
    let rate_eigenvalues_per_s = rate_eigenvalues(map, &iterate.u).unwrap_or_default();
    let populations = population_states(network, map, &iterate.u);
    FixedPoint {
        stable: rate_eigenvalues_per_s.first().is_some_and(|rightmost| rightmost.growth_per_s < 0.0),
        rate_eigenvalues_per_s,
        index: index(map, &iterate.u),
        residual: residual_of_logarithms(map, &iterate.u),
        method,
        iterations: iterate.iterations,
        verdict: verdict(populations.iter().map(|p| (p.name.as_str(), &p.validity, p.rate_hz))),
        populations,
    }
}

/// Largest `|ln Phi - ln r|`.
fn residual_of_logarithms(map: &RateMap, u: &[f64]) -> f64 {
    let outputs = map.evaluate(&rates(u)).ln_output;
    let difference = |(&output, &u): (&f64, &f64)| if output == u { 0.0 } else { (output - ln_rate(u)).abs() };
    outputs.iter().zip(u).map(difference).fold(0.0, f64::max)
}

fn population_states(network: &Network, map: &RateMap, u: &[f64]) -> Vec<PopulationState> {
    let rates_hz = rates(u);
    let inputs = map.inputs(&rates_hz);
    let cv_of = |(lif, input): (&Lif, &Input)| {
        lif.state(input.mean_mv, input.std_mv, map.shift(input)).ok().and_then(|state| state.cv)
    };
    let cv: Vec<Option<f64>> = map.neurons.iter().zip(&inputs).map(cv_of).collect();
    let state = |(a, validity): (usize, Validity)| {
        let ln_rate = ln_rate(u[a]);
        PopulationState {
            name: network.populations[a].name.clone(),
            rate_hz: rates_hz[a],
            log10_rate_hz: (ln_rate > f64::NEG_INFINITY).then_some(ln_rate / std::f64::consts::LN_10),
            mean_input_mv: inputs[a].mean_mv,
            std_input_mv: inputs[a].std_mv,
            cv: cv[a],
            validity,
        }
    };
    validity(network, map, &rates_hz, &cv).into_iter().enumerate().map(state).collect()
}
