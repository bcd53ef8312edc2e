//! The states of a map, with each quantity computed only when it is asked for.

use crate::network::Network;

use super::map::{Input, RateMap};
use super::newton::{Iterate, ln_rate, rates};
use super::result::{Eigenvalue, Validity};
use super::search::search_map;
use super::solve::SolveError;
use super::stability::{index, rightmost};
use super::states::{residual_of_logarithms, validity};

/// All states that were found, in order of ascending total rate.
pub(crate) struct States<'m> {
    pub(crate) states: Vec<State<'m>>,
    /// Whether it is sure that there are no others.
    pub(crate) complete: bool,
}

/// One of them.
pub(crate) struct State<'m> {
    map: &'m RateMap,
    iterate: Iterate,
    rates_hz: Vec<f64>,
}

/// The states of the equations `map`.
pub(crate) fn states(map: &RateMap) -> Result<States<'_>, SolveError> {
    let (found, _) = search_map(map)?;
    let state = |iterate: Iterate| State { map, rates_hz: rates(&iterate.u), iterate };
    let mut states: Vec<State<'_>> = found.into_iter().map(|(iterate, _)| state(iterate)).collect();
    let total = |state: &State<'_>| state.rates_hz.iter().sum::<f64>();
    states.sort_by(|p, q| total(p).total_cmp(&total(q)));
    Ok(States { states, complete: false })
}

impl State<'_> {
    pub(crate) fn rates_hz(&self) -> &[f64] {
        &self.rates_hz
    }

    /// Minus infinity for a population that is silent for want of noise.
    pub(crate) fn log10_rate_hz(&self, a: usize) -> f64 {
        ln_rate(self.iterate.u[a]) / std::f64::consts::LN_10
    }

    pub(crate) fn inputs(&self) -> Vec<Input> {
        self.map.inputs(&self.rates_hz)
    }

    /// The CV of population `a` with this input; `None` without spikes.
    pub(crate) fn cv(&self, a: usize, input: &Input) -> Option<f64> {
        self.map.neurons[a].state(input.mean_mv, input.std_mv, self.map.shift(input)).ok()?.cv
    }

    pub(crate) fn validity(&self, network: &Network, a: usize, input: &Input) -> Validity {
        validity(network, self.map, a, input, self.rates_hz[a])
    }

    /// The rightmost eigenvalue of the rate dynamics.
    pub(crate) fn rightmost(&self) -> Option<Eigenvalue> {
        rightmost(self.map, &self.iterate.u)
    }

    pub(crate) fn index(&self) -> i8 {
        index(self.map, &self.iterate.u)
    }

    pub(crate) fn residual(&self) -> f64 {
        residual_of_logarithms(self.map, &self.iterate.u)
    }
}

/// The assumptions of population `a` as far as they can be measured without a state, for the names of what is measured.
pub(crate) fn any_validity(network: &Network, map: &RateMap, a: usize) -> Validity {
    let input = map.inputs(&vec![1.0; map.len()])[a];
    validity(network, map, a, &input, 1.0)
}
