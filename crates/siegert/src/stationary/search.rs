//! The stationary states of a network, from many starting points.
//!
//! Newton's method starts from the state that [`super::solve()`] finds, from equal rates between silence and saturation, and
//! from a scan of each population: its rate is held at a grid of values, the equations of the others are solved, and
//! where the rate that its own input would give crosses the one held, there is a state. For two populations the scan
//! follows the nullcline of one of them.
//!
//! The indices of all states of a network with refractory times add up to 1; where those found do not, at least one
//! is missing and the result says so. That the sum is right proves nothing: states come and go in pairs.

use crate::network::Network;

use super::map::RateMap;
use super::newton::{Iterate, Outcome, newton, newton_clamped, rates, u_of};
use super::result::{Method, Solution};
use super::solve::{MOST_ITERATIONS, Options, SolveError, one_state, silenced, silent};
use super::states::solution;

/// Equal rates in Hz to start from.
const EQUAL_RATES_HZ: [f64; 6] = [1e-30, 1e-6, 0.1, 5.0, 30.0, 100.0];
/// A start near saturation: this part of `1/t_ref`, or of 1 kHz if there is no refractory time.
const NEAR_SATURATION: f64 = 0.95;
/// Up to this number of populations each is scanned.
const MOST_SCANNED: usize = 32;
/// The scan: values of `u` (see `newton`), from 1e-300 Hz in equal steps to saturation.
const SCAN_FROM: f64 = -52.0;
const SCAN_POINTS: u32 = 160;
/// Halvings of a step of the scan in which a crossing lies, before Newton's method takes over.
const HALVINGS: usize = 12;
/// Evaluations for the other populations at one point of a scan.
const MOST_SCAN_ITERATIONS: usize = 40;
/// States whose `u` differ by less than this, relative to `1 + |u|`, are one.
const SAME: f64 = 1e-6;

/// The stationary states of the network, in order of ascending total rate.
///
/// # Errors
///
/// Models that are not computed yet; no state found from any start.
pub fn search(network: &Network, options: &Options) -> Result<Solution, SolveError> {
    let map = RateMap::new(network, options.filter)?;
    let (states, starts) = search_map(&map)?;
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

/// The states in the order in which they were found, and the number of starts.
pub(super) fn search_map(map: &RateMap) -> Result<(Vec<(Iterate, Method)>, usize), SolveError> {
    let mut search = Search { map, silent: silent(map), states: Vec::new(), starts: 1 };
    let first = one_state(map);
    if let Ok(state) = &first {
        search.keep(state.clone());
    }
    search.start_from_equal_rates();
    if (2..=MOST_SCANNED).contains(&map.len()) {
        (0..map.len()).for_each(|a| search.scan(a));
    }
    match search.states.is_empty() {
        true => Err(first.expect_err("without a state the first search has failed")),
        false => Ok((search.states, search.starts)),
    }
}

/// The other populations solved with the rate of one held.
#[derive(Clone)]
struct Held {
    u: Vec<f64>,
    /// What the held population's own input would make of its `u`, minus that `u`.
    excess: f64,
}

/// Halfway; minus infinity (a silent population) stays.
fn middle(p: f64, q: f64) -> f64 {
    if p == q { p } else { 0.5 * (p + q) }
}

struct Search<'a> {
    map: &'a RateMap,
    silent: Vec<bool>,
    states: Vec<(Iterate, Method)>,
    starts: usize,
}

impl Search<'_> {
    fn start_from_equal_rates(&mut self) {
        for rate in EQUAL_RATES_HZ {
            self.start((0..self.map.len()).map(|_| u_of(rate.ln())).collect());
        }
        self.start((0..self.map.len()).map(|a| u_of((NEAR_SATURATION * self.limit_hz(a)).ln())).collect());
    }

    fn limit_hz(&self, a: usize) -> f64 {
        self.map.neurons[a].rate_limit_hz().min(1000.0)
    }

    /// Holds the rate of one population at a grid of values, from the lowest to saturation.
    fn scan(&mut self, a: usize) {
        if self.silent[a] {
            return;
        }
        let top = u_of(self.limit_hz(a).ln());
        let step = (top - SCAN_FROM) / f64::from(SCAN_POINTS);
        let mut last: Option<Held> = None;
        for i in 0..=SCAN_POINTS {
            let mut guess = match &last {
                Some(held) => held.u.clone(),
                None => silenced(&self.silent, vec![u_of(1.0); self.map.len()]),
            };
            guess[a] = SCAN_FROM + step * f64::from(i);
            let held = self.hold(a, guess);
            if let (Some(low), Some(high)) = (&last, &held)
                && low.excess * high.excess <= 0.0
            {
                self.start_from_crossing(a, low.clone(), high.clone());
            }
            last = held.or(last);
        }
    }

    /// Halves the step that a crossing lies in, then starts there.
    fn start_from_crossing(&mut self, a: usize, mut low: Held, mut high: Held) {
        for _ in 0..HALVINGS {
            let guess: Vec<f64> = low.u.iter().zip(&high.u).map(|(&p, &q)| middle(p, q)).collect();
            match self.hold(a, guess) {
                None => break,
                Some(held) if low.excess * held.excess <= 0.0 => high = held,
                Some(held) => low = held,
            }
        }
        self.start(low.u.iter().zip(&high.u).map(|(&p, &q)| middle(p, q)).collect());
    }

    /// Solves the equations of the others with the rate of `a` held.
    fn hold(&self, a: usize, u: Vec<f64>) -> Option<Held> {
        match newton_clamped(self.map, a, u, MOST_SCAN_ITERATIONS) {
            Outcome::Stuck(_) => None,
            Outcome::Converged(state) => {
                let output = u_of(self.map.evaluate(&rates(&state.u)).ln_output[a]);
                Some(Held { excess: output - state.u[a], u: state.u })
            }
        }
    }

    fn start(&mut self, u: Vec<f64>) {
        self.starts += 1;
        if let Outcome::Converged(state) = newton(self.map, silenced(&self.silent, u), MOST_ITERATIONS) {
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
