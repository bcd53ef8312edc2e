//! From the solution of the equations to what a user reads: inputs, CVs, stability, and how far to trust it.

use crate::network::Network;
use crate::self_consistent::{SelfConsistent, SimulatedInput};
use crate::trust::{Held, Validity, Verdict, validity_of, verdict, warnings_about};

use super::result::{FixedPoint, PopulationState, ShuntedMembrane};
use crate::stationary::{Input, RateMap, State, cv, ln_rate, rates, u_of};

/// All about a state.
pub(super) fn fixed_point(network: &Network, map: &RateMap, state: &State) -> FixedPoint {
    let populations = population_states(network, map, state.unknowns(), &state.lengthenings(map));
    FixedPoint {
        stable: state.stable,
        saddle: state.saddle(),
        full_dynamics: None,
        state_name: None,
        rate_eigenvalues_per_s: state.rate_eigenvalues_per_s(map),
        index: state.index,
        multiplicity: state.multiplicity,
        residual: state.residual,
        method: state.method,
        iterations: state.iterations,
        verdict: verdict_on(&populations),
        self_consistent: None,
        populations,
    }
}

/// All about a state whose input is self-consistent; stability is that of the one with Poisson input, `state`.
pub(super) fn self_consistent_point(
    network: &Network,
    map: &RateMap,
    state: &State,
    found: SelfConsistent,
) -> FixedPoint {
    let u: Vec<f64> = found.rates_hz.iter().map(|rate_hz| u_of(rate_hz.ln())).collect();
    let ln_longer = map.lengthenings_at(&found.rates_hz);
    let mut populations = population_states_of(network, map, &u, &ln_longer, &found.cvs);
    let errors = found.populations.iter().zip(&found.rates_hz);
    let residual =
        errors.map(|(population, rate_hz)| if *rate_hz > 0.0 { population.rate_error_hz / rate_hz } else { 0.0 });
    let residual = residual.fold(0.0, f64::max);
    for (population, own) in populations.iter_mut().zip(found.populations) {
        // what is counted is no assumption any more
        population.validity.largest_presynaptic_cv2_deviation = None;
        population.validity.low_frequency_noise_deviation = None;
        population.validity.by_single_jumps = own.input == SimulatedInput::Jumps;
        population.validity.warnings = warnings_about(&population.name, &population.validity, population.rate_hz);
        population.self_consistent = Some(own);
    }
    FixedPoint {
        residual,
        verdict: verdict_on(&populations),
        self_consistent: Some(found.run),
        populations,
        ..fixed_point(network, map, state)
    }
}

/// A state with each population in the place of another, `places` by population, that it can be exchanged with.
pub(super) fn rearranged(network: &Network, map: &RateMap, state: &FixedPoint, places: &[usize]) -> FixedPoint {
    if places.iter().enumerate().all(|(a, &place)| a == place) {
        return state.clone();
    }
    if state.self_consistent.is_some() {
        // its numbers are not those of the equations; what can be exchanged has the same neurons and inputs
        let named = |(a, &place): (usize, &usize)| PopulationState {
            name: state.populations[a].name.clone(),
            ..state.populations[place].clone()
        };
        let populations = places.iter().enumerate().map(named).collect();
        return FixedPoint { populations, ..state.clone() };
    }
    let u = |&place: &usize| {
        let ln_rate = state.populations[place].log10_rate_hz.map(|log10| log10 * std::f64::consts::LN_10);
        u_of(ln_rate.unwrap_or(f64::NEG_INFINITY))
    };
    let unknowns: Vec<f64> = places.iter().map(u).collect();
    let populations = population_states(network, map, &unknowns, &map.lengthenings_at(&rates(&unknowns)));
    FixedPoint { verdict: verdict_on(&populations), populations, ..state.clone() }
}

/// The verdict on a state of these populations.
pub(super) fn verdict_on(populations: &[PopulationState]) -> Verdict {
    verdict(populations.iter().map(|p| (p.name.as_str(), &p.validity, p.rate_hz)))
}

fn population_states(network: &Network, map: &RateMap, u: &[f64], ln_longer: &[f64]) -> Vec<PopulationState> {
    let cv = cv(map, &map.inputs(&rates(u)));
    population_states_of(network, map, u, ln_longer, &cv)
}

/// The same with CVs that are known.
fn population_states_of(
    network: &Network,
    map: &RateMap,
    u: &[f64],
    ln_longer: &[f64],
    cv: &[Option<f64>],
) -> Vec<PopulationState> {
    let rates_hz = rates(u);
    let inputs = map.inputs(&rates_hz);
    let state = |(a, validity): (usize, Validity)| {
        let ln_rate = ln_rate(u[a]);
        PopulationState {
            name: network.populations[a].name.clone(),
            size: network.populations[a].size,
            rate_hz: rates_hz[a],
            log10_rate_hz: (ln_rate > f64::NEG_INFINITY).then_some(ln_rate / std::f64::consts::LN_10),
            mean_input_mv: inputs[a].mean_mv,
            std_input_mv: inputs[a].std_mv,
            distance_to_threshold_over_sigma: inputs[a].distance_to(network.populations[a].neuron.V_th_mv),
            cv: cv[a],
            conductances: conductances(map, a, &inputs[a], &rates_hz),
            validity,
            self_consistent: None,
        }
    };
    validity_of(network, map, Held { rates_hz: &rates_hz, ln_longer }, cv).into_iter().enumerate().map(state).collect()
}

/// What conductances make of the membrane of a population.
pub(crate) fn conductances(map: &RateMap, a: usize, input: &Input, rates_hz: &[f64]) -> Option<ShuntedMembrane> {
    let transfer = &map.transfers()[a];
    let G = input.shunt.conductance;
    let of_currents_mv = map.mean_of_currents_mv(a, rates_hz);
    transfer.has_conductances().then(|| ShuntedMembrane {
        conductance_over_leak: G,
        tau_eff_ms: transfer.time_constant_at_ms(input),
        mean_of_conductances_mv: (G != 0.0).then(|| (input.mean_mv * (1.0 + G) - of_currents_mv) / G),
    })
}
