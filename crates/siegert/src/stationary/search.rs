//! The stationary states of a network, from many starting points.
//!
//! Newton's method starts from the state that [`super::solve`] finds, from equal rates between silence and saturation, from
//! each population active alone, and from points between the states found so far, since a saddle lies between two stable
//! states. The indices of all states of a network with refractory times add up to 1; where those found do not, at least one
//! is missing and the result says so. That the sum is right proves nothing: states come in pairs.

use crate::network::Network;

use super::map::RateMap;
use super::newton::{Iterate, Outcome, newton, u_of};
use super::result::{Method, Solution};
use super::solve::{MOST_ITERATIONS, Options, SolveError, one_state, silent};
use super::states::solution;

/// Equal rates in Hz to start from.
const EQUAL_RATES_HZ: [f64; 6] = [1e-30, 1e-6, 0.1, 5.0, 30.0, 100.0];
/// A start near saturation: this part of `1/t_ref`, or of 1 kHz if there is no refractory time.
const NEAR_SATURATION: f64 = 0.95;
/// Rates in Hz of a population that is active alone, and of the others.
const ALONE_HZ: (f64, f64) = (60.0, 2.0);
/// Up to this number of populations each is tried alone, or with one other.
const MOST_ALONE: usize = 32;
/// Fractions of the way between two states to start from.
const BETWEEN: [f64; 3] = [0.5, 0.25, 0.75];
/// States whose `u` differ by less than this, relative to `1 + |u|`, are one.
const SAME: f64 = 1e-6;
/// Rounds of starting between the states found so far.
const MOST_ROUNDS: usize = 3;
/// States between which starts are made at most.
const MOST_STATES: usize = 12;

/// The stationary states of the network, in order of ascending total rate.
///
/// # Errors
///
/// Models that are not computed yet; no state found from any start.
pub fn search(network: &Network, options: &Options) -> Result<Solution, SolveError> {
    let map = RateMap::new(network, options.filter)?;
    let mut search = Search { map: &map, silent: silent(&map), states: Vec::new(), starts: 1 };
    let first = one_state(&map);
    if let Ok(state) = &first {
        search.keep(state.clone());
    }
    search.from_equal_rates();
    search.from_one_active();
    search.from_between();
    let starts = search.starts;
    let states = search.states;
    if states.is_empty() {
        return Err(first.expect_err("without a state the first search has failed"));
    }
    let mut solution = solution(network, &map, states, starts);
    let bounded = map.neurons.iter().all(|lif| lif.rate_limit_hz().is_finite());
    if bounded && solution.search.index_sum != 1 {
        solution.warnings.push(format!(
            "The indices of the states found add up to {}; over all states they would add up to 1: at least one is missing.",
            solution.search.index_sum
        ));
    }
    Ok(solution)
}

struct Search<'a> {
    map: &'a RateMap,
    silent: Vec<bool>,
    states: Vec<(Iterate, Method)>,
    starts: usize,
}

impl Search<'_> {
    fn from_equal_rates(&mut self) {
        for rate in EQUAL_RATES_HZ {
            self.start((0..self.map.len()).map(|_| u_of(rate.ln())).collect());
        }
        self.start((0..self.map.len()).map(|a| u_of((NEAR_SATURATION * self.limit_hz(a)).ln())).collect());
    }

    fn limit_hz(&self, a: usize) -> f64 {
        self.map.neurons[a].rate_limit_hz().min(1000.0)
    }

    fn from_one_active(&mut self) {
        let n = self.map.len();
        if !(2..=MOST_ALONE).contains(&n) {
            return;
        }
        for active in 0..n {
            let rate = |a: usize| if a == active { ALONE_HZ.0 } else { ALONE_HZ.1 };
            self.start((0..n).map(|a| u_of(rate(a).ln())).collect());
        }
    }

    fn from_between(&mut self) {
        let mut done = 0;
        for _ in 0..MOST_ROUNDS {
            let known = self.states.len().min(MOST_STATES);
            for second in done..known {
                for first in 0..second {
                    for part in BETWEEN {
                        let (p, q) = (&self.states[first].0.u, &self.states[second].0.u);
                        self.start(p.iter().zip(q).map(|(p, q)| p + part * (q - p)).collect());
                    }
                }
            }
            if self.states.len() == known {
                return;
            }
            done = known;
        }
    }

    fn start(&mut self, mut u: Vec<f64>) {
        self.starts += 1;
        for (u, silent) in u.iter_mut().zip(&self.silent) {
            if *silent {
                *u = f64::NEG_INFINITY;
            }
        }
        if let Outcome::Converged(state) = newton(self.map, u, MOST_ITERATIONS) {
            self.keep((state, Method::Newton));
        }
    }

    fn keep(&mut self, state: (Iterate, Method)) {
        let same = |p: f64, q: f64| p == q || (p - q).abs() <= SAME * (1.0 + p.abs());
        let known = self.states.iter().any(|(known, _)| known.u.iter().zip(&state.0.u).all(|(&p, &q)| same(p, q)));
        if !known {
            self.states.push(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, bundled, parse};

    fn states(name: &str, case: Option<&str>) -> Solution {
        let options = ReadOptions { case: case.map(str::to_owned), ..ReadOptions::default() };
        search(&parse(bundled::find(name).unwrap().text, name, &options).unwrap(), &Options::default()).unwrap()
    }

    #[test]
    fn the_three_states_of_a_bistable_network_are_found_in_ascending_order() {
        let found = states("brunel2000", Some("bistable"));
        let rates: Vec<f64> = found.fixed_points.iter().map(|state| state.populations[0].rate_hz).collect();
        let expected = [9.528151612079726e-10, 6.625730050910419, 299.46196378981386];
        assert_eq!(rates.len(), 3, "{rates:?}");
        assert!(rates.iter().zip(expected).all(|(r, e)| (r / e - 1.0).abs() < 1e-8), "{rates:?}");
        let stable: Vec<bool> = found.fixed_points.iter().map(|state| state.stable).collect();
        assert_eq!(stable, [true, false, true]);
        assert_eq!(found.search.index_sum, 1);
    }

    #[test]
    fn networks_with_one_state_have_one_and_no_warning() {
        for (name, case) in [("brunel2000", Some("AI")), ("potjans_diesmann2014", None), ("ostojic2014", None)] {
            let found = states(name, case);
            assert_eq!((found.fixed_points.len(), found.search.index_sum), (1, 1), "{name}");
            assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
        }
    }
}
