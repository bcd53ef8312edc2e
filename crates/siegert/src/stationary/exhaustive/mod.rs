//! Every stationary state of one or two populations (or three), with a proof that none was missed.
//!
//! Populations that share all inputs count as one (`classes`). What is left is divided until each part of the range of rates
//! is decided: `line` for one population, by convexity; `boxes` for more, by monotony and bounds of derivatives (`bounds`).
//! Populations that can be silent for want of noise are `sleep`'s.
//!
//! What is guaranteed: if [`Exhaustive::complete`], the list holds every state with rates up to `1/t_ref` (up to
//! [`MOST_HZ`] without refractory time). The arguments are exact; they are applied in ordinary arithmetic, with a margin of
//! [`MARGIN`] where rounding could mislead, not with outward rounding. Where two states meet, to a relative distance of 1e-9 in
//! the rates, or where the work exceeds its budget, the list is not called complete.

mod bounds;
mod boxes;
mod line;
mod sleep;
#[cfg(test)]
mod tests;

use super::map::RateMap;
use super::newton::{Iterate, u_of};
use crate::neuron::lif::SynapticFilter;
use boxes::Search;
use line::Line;

/// Bounds are widened by this part of what they are computed from.
const MARGIN: f64 = 1e-12;
/// Lower rates are not told apart from 0 by the bounds of a part; the states within have theirs.
const LEAST_HZ: f64 = 1e-200;
/// The highest rate looked at where there is no refractory time.
pub(super) const MOST_HZ: f64 = 1e6;
/// Parts looked at before the search is given up, by number of populations.
const BUDGET: [usize; 4] = [1, 10_000, 20_000, 20_000];

/// The rates among which states are looked for.
struct Domain {
    /// The highest rate of each population.
    top_hz: Vec<f64>,
    /// Sets of populations that have no state with all rates up to this, but for silence.
    gaps: Vec<(Vec<usize>, f64)>,
}

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

/// All states of a map whose populations are not alike; none, and not complete, for more populations than are tried.
pub(super) fn exhaustive(map: &RateMap) -> Exhaustive {
    if map.len() >= BUDGET.len() || map.filter() == SynapticFilter::TaylorExpansion {
        return Exhaustive::default();
    }
    let mut all = Exhaustive { complete: true, ..Exhaustive::default() };
    for silent in sleep::silent_sets(map) {
        if silent.is_empty() {
            all.add(of_awake(map), |state| state);
            continue;
        }
        let awake: Vec<usize> = (0..map.len()).filter(|a| !silent.contains(a)).collect();
        all.add(of_awake(&map.restricted_to(&awake)), |state| {
            let mut u = vec![f64::NEG_INFINITY; map.len()];
            awake.iter().zip(&state.u).for_each(|(&a, &value)| u[a] = value);
            Iterate { u, ..state }
        });
    }
    all
}

impl Exhaustive {
    fn add(&mut self, found: Outcome, whole: impl Fn(Iterate) -> Iterate) {
        self.complete &= found.unresolved == 0;
        self.parts += found.parts;
        self.states.extend(found.states.into_iter().map(whole));
    }
}

/// The states in which every population fires, however rarely.
fn of_awake(map: &RateMap) -> Outcome {
    let mut gaps = Vec::new();
    let mut unresolved = 0;
    for set in sleep::silent_sets(map).into_iter().filter(|set| !set.is_empty()) {
        match sleep::gap_hz(map, &set) {
            Some(rate) => gaps.push((set, rate)),
            None => unresolved += 1,
        }
    }
    let top_hz = map.neurons.iter().map(|lif| lif.rate_limit_hz().min(MOST_HZ)).collect();
    let domain = Domain { top_hz, gaps };
    let budget = BUDGET[map.len()];
    let mut outcome = match map.len() {
        0 => Outcome { states: vec![Iterate { u: Vec::new(), residual: 0.0, iterations: 0 }], parts: 0, unresolved: 0 },
        1 if has_white_noise(map) => on_line(map, &domain),
        1 => Search::<1>::run(map, &domain, budget),
        2 => Search::<2>::run(map, &domain, budget),
        _ => Search::<3>::run(map, &domain, budget),
    };
    outcome.unresolved += unresolved;
    outcome
}

fn has_white_noise(map: &RateMap) -> bool {
    map.filter() == SynapticFilter::Ignore
        || map.input.filter.constant[0] == 0.0 && map.input.filter.per_hz[(0, 0)] == 0.0
}

fn on_line(map: &RateMap, domain: &Domain) -> Outcome {
    let linear = |linear: &crate::input::Linear| [linear.constant[0], linear.per_hz[(0, 0)]];
    let line = Line { lif: map.neurons[0], mean: linear(&map.input.mean), variance: linear(&map.input.variance) };
    let from_hz = domain.gaps.first().map_or(0.0, |(_, rate)| *rate);
    let found = line.states(from_hz, domain.top_hz[0]);
    let state = |&ln_rate: &f64| Iterate { u: vec![u_of(ln_rate)], residual: 0.0, iterations: found.evaluations };
    Outcome {
        states: found.ln_rates.iter().map(state).collect(),
        parts: found.evaluations,
        unresolved: found.unresolved_hz.len(),
    }
}
