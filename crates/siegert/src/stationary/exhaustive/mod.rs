//! Every stationary state of one or two populations (or three), with a proof that none was missed.
//!
//! Populations that share all inputs count as one (`classes`). What is left is divided until each part of the range of rates
//! is decided: `line` for one population, by convexity; `boxes` for more, by monotony and bounds of derivatives (`bounds`).
//! Populations so rarely active that nothing feels them are left out of the search and added afterwards (`quiet`).
//!
//! What is guaranteed: if [`Exhaustive::complete`], the list holds every state with rates up to `1/t_ref` (up to
//! [`MOST_HZ`] without refractory time). The arguments are exact; they are applied in ordinary arithmetic, with a margin of
//! [`MARGIN`] where rounding could mislead, not with outward rounding. Where two states meet, to a relative distance of about 1e-6
//! (one population) or 1e-3 (more) in the rates, the work exceeds its budget and the list is not called complete.

mod bounds;
mod boxes;
mod line;
mod quiet;
#[cfg(test)]
mod tests;

use super::map::RateMap;
use super::newton::{Iterate, same_state, u_of};
use crate::transfer::Transfer;
use boxes::Search;
use line::Line;
use quiet::Joined;

/// Bounds are widened by this part of what they are computed from.
const MARGIN: f64 = 1e-12;
/// The lowest rates that are searched.
const LEAST_HZ: f64 = quiet::QUIET_HZ;
/// The highest rate looked at where there is no refractory time.
pub(super) const MOST_HZ: f64 = 1e6;
/// Parts looked at before the search is given up, by number of populations.
const BUDGET: [usize; 4] = [1, 10_000, 20_000, 20_000];

/// States of a map, and how far the list is known to be complete.
#[derive(Clone, Debug, Default)]
pub(super) struct Exhaustive {
    pub(super) states: Vec<Iterate>,
    /// Whether no other state exists.
    pub(super) complete: bool,
    /// Parts of the range of rates that were looked at.
    pub(super) parts: usize,
}

/// The result of one search.
struct Outcome {
    states: Vec<Iterate>,
    parts: usize,
    unresolved: usize,
}

impl Outcome {
    /// Nothing is known: a transfer offers no proof.
    const UNDECIDED: Self = Outcome { states: Vec::new(), parts: 0, unresolved: 1 };
}

/// All states of a map whose populations are not alike; none, and not complete, for more populations than are tried.
pub(super) fn exhaustive(map: &RateMap) -> Exhaustive {
    let tried = map.len() < BUDGET.len()
        && map.is_linear_in_rates()
        && map.transfers.iter().all(|transfer| transfer.proof().is_some());
    if !tried || !quiet::nothing_is_felt(map) {
        return Exhaustive::default();
    }
    let mut all = Exhaustive { complete: true, ..Exhaustive::default() };
    let top_hz = top_hz(&map.transfers);
    for set in quiet::sets(map, &top_hz) {
        if set.is_empty() {
            let found = all.count(of_awake(map, &top_hz));
            found.into_iter().for_each(|state| all.keep(Joined::State(state)));
            continue;
        }
        let awake: Vec<usize> = (0..map.len()).filter(|a| !set.contains(a)).collect();
        let top_hz: Vec<f64> = awake.iter().map(|&a| top_hz[a]).collect();
        for state in all.count(of_awake(&map.restricted_to(&awake), &top_hz)) {
            all.keep(quiet::joined(map, &set, &awake, &state));
        }
    }
    all
}

impl Exhaustive {
    /// Counts what a search has done; the states that it found.
    fn count(&mut self, found: Outcome) -> Vec<Iterate> {
        self.complete &= found.unresolved == 0;
        self.parts += found.parts;
        found.states
    }

    /// Keeps a state of all populations, if it is one and is not known.
    fn keep(&mut self, joined: Joined) {
        match joined {
            Joined::State(state) if self.states.iter().any(|known| same_state(&known.u, &state.u)) => {}
            Joined::State(state) => self.states.push(state),
            Joined::Loud => {}
            Joined::Undecided => self.complete = false,
        }
    }
}

/// The highest rate of each population.
pub(super) fn top_hz(transfers: &[Transfer]) -> Vec<f64> {
    transfers.iter().map(|transfer| transfer.rate_limit_hz().min(MOST_HZ)).collect()
}

/// The states in which no population is quiet.
fn of_awake(map: &RateMap, top_hz: &[f64]) -> Outcome {
    let budget = BUDGET[map.len()];
    match map.len() {
        0 => Outcome { states: vec![Iterate { u: Vec::new(), residual: 0.0, iterations: 0 }], parts: 0, unresolved: 0 },
        1 if !map.is_filtered(0) => on_line(map, top_hz[0], budget),
        1 => Search::<1>::run(map, top_hz, budget),
        2 => Search::<2>::run(map, top_hz, budget),
        _ => Search::<3>::run(map, top_hz, budget),
    }
}

fn on_line(map: &RateMap, top_hz: f64, budget: usize) -> Outcome {
    let Some(lif) = map.transfers[0].proof() else { return Outcome::UNDECIDED };
    let linear = |linear: &crate::input::Linear| [linear.constant[0], linear.per_hz[(0, 0)]];
    let line = Line { lif: *lif, mean: linear(map.sums.mean()), variance: linear(map.sums.variance()) };
    let found = line.states(LEAST_HZ, top_hz, budget);
    let state = |&ln_rate: &f64| Iterate { u: vec![u_of(ln_rate)], residual: 0.0, iterations: found.evaluations };
    Outcome {
        states: found.ln_rates.iter().map(state).collect(),
        parts: found.evaluations,
        unresolved: found.unresolved_hz.len(),
    }
}
