//! All stationary states of a network, found without a guess.
//!
//! Populations that share all inputs count as one. Of up to three effective populations every state is found, with a proof
//! that none was missed where it succeeds (`exhaustive`). For more, or where the proof does not end in time, states are
//! looked for from many starting points:
//!
//! - from the state that [`super::solve()`] finds, and every state of the curve from the uncoupled network to the
//!   coupled one and beyond (`continuation`);
//! - from equal rates between silence and saturation;
//! - in a scan of each population (up to 32): its rate is held at a grid of values, the equations of the others are solved,
//!   and where the rate that its own input would give crosses the one held, there is a state;
//! - again from the equal rates with the states found deflated (`newton`), until nothing new comes;
//! - where the indices say that a state is missing, in a finer scan around each state found.
//!
//! Neurons without closed forms are looked at by tables of their rates (`transfer::table`), and means over neurons that differ with little effort, both right to a thousandth or so where they fire: all
//! of the above is done with these, and each state found again by the rates themselves. Where one is not, or the indices lack one, everything is done again without tables.
//!
//! The indices of all states of a network with refractory times add up to 1; where those found do not, at least one
//! is missing and the result says so. That the sum is right proves nothing: states come and go in pairs.

use std::borrow::Cow;
use std::cmp::Ordering;

use rayon::prelude::*;

use super::at_threshold::Roles;
use super::classes::Classes;
use super::continuation::states_on_the_way;
use super::exhaustive::{Exhaustive, MOST_HZ, exhaustive};
use super::map::RateMap;
use super::newton::{Iterate, Outcome, ln_rate, newton, newton_clamped, newton_deflated, rates, same_state, u_of};
use super::refine::{exchanged, rearranged, refined};
use super::result::{Eigenvalue, Method, Search};
use super::solve::{MOST_ITERATIONS, SolveError, one_state, silenced, silent};
use super::stability::{Linearised, Stability, linearised, rate_eigenvalues};
use super::symmetry::{Growth, Reduction, Sizes, Symmetry};

/// Equal rates in Hz to start from.
const EQUAL_RATES_HZ: [f64; 6] = [1e-30, 1e-6, 0.1, 5.0, 30.0, 100.0];
/// A start near saturation: this part of `1/t_ref`, or of 1 kHz if there is no refractory time.
const NEAR_SATURATION: f64 = 0.95;
/// Up to this number of populations each is scanned.
const MOST_SCANNED: usize = 32;
/// The scan: values of `u` (see `newton`), from 1e-300 Hz in equal steps to saturation.
const SCAN_FROM: f64 = -52.0;
const SCAN_POINTS: u32 = 160;
/// Totals are one if their logarithms differ by less.
const SAME_TOTAL: f64 = 1e-9;
/// Points within a step of the scan at which is looked near a state.
const POINTS_NEAR: u32 = 16;
/// Halvings of a step of the scan in which a crossing lies, before Newton's method takes over.
const HALVINGS: usize = 12;
/// Evaluations for the other populations at one point of a scan.
const MOST_SCAN_ITERATIONS: usize = 40;
/// Evaluations from a start with the states known deflated.
const MOST_DEFLATED_ITERATIONS: usize = 60;
/// As many for more populations than are scanned, where each costs more.
const MOST_DEFLATED_ITERATIONS_OF_MANY: usize = 12;

/// A stationary state: its rates and what follows from the equations there, but nothing that costs more.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct State {
    pub(super) u: Vec<f64>,
    /// Logarithms of the factors by which the times from release to spike are longer than the closed forms say; none if empty.
    pub(super) ln_longer: Vec<f64>,
    /// Whether it is stable under the rate dynamics `tau_m dr/dt = -r + f(mu(r), sigma(r))`.
    pub stable: bool,
    /// Sign of `det(1 - D Phi)`; 1, -1 (then the state is a saddle), or 0 at a fold and for silence that the least spike ends.
    pub index: i8,
    /// How many states this one stands for: its permutations by populations that can be exchanged.
    pub multiplicity: u64,
    /// The rightmost eigenvalue of the rate dynamics; `None` if it cannot be computed or is infinite.
    pub rightmost: Option<Eigenvalue>,
    /// Largest `|ln f(r) - ln r|`.
    pub residual: f64,
    /// How it was reached.
    pub method: Method,
    /// Evaluations of the equations.
    pub iterations: usize,
}

impl State {
    /// Whether it is a saddle, `det(1 - D Phi) < 0`: then the spiking network leaves it, too.
    pub fn saddle(&self) -> bool {
        self.index < 0
    }

    /// The state with what follows from the equations of its map.
    pub(super) fn new(map: &RateMap, iterate: Iterate, method: Method) -> Self {
        let Linearised { residual, index, rightmost, stable } = linearised(map, &iterate.u);
        State {
            stable,
            u: iterate.u,
            ln_longer: map.lengthenings(),
            index,
            multiplicity: 1,
            rightmost,
            residual,
            method,
            iterations: iterate.iterations,
        }
    }

    /// The state of the populations from that of their classes.
    ///
    /// Differences between populations of a class have no input: they decay with `tau_m`, which adds eigenvalues.
    fn expanded(self, reduced: &RateMap, classes: &Classes) -> Self {
        let differences = (0..classes.count).filter(|class| classes.of.iter().filter(|&of| of == class).count() > 1);
        let decays = differences.map(|class| -1000.0 / reduced.transfers[class].time_constant_ms());
        let slowest = decays.map(|growth_per_s| Eigenvalue { growth_per_s, frequency_hz: 0.0 });
        let rightmost = self.rightmost.map(|own| {
            slowest.fold(own, |most, other| if other.growth_per_s > most.growth_per_s { other } else { most })
        });
        State { u: classes.expanded(&self.u), ln_longer: classes.expanded(&self.ln_longer), rightmost, ..self }
    }

    /// The unknowns of the equations, one a population: see `newton`.
    pub(crate) fn unknowns(&self) -> &[f64] {
        &self.u
    }

    /// What [`RateMap::lengthenings_at`] says of its rates, known since they were found.
    pub(crate) fn lengthenings<'a>(&'a self, map: &RateMap) -> Cow<'a, [f64]> {
        let is_known = self.ln_longer.len() == map.len() && self.ln_longer.iter().any(|by| *by != 0.0);
        if is_known { Cow::Borrowed(&self.ln_longer) } else { Cow::Owned(map.lengthenings_at(&self.rates_hz())) }
    }

    /// Minus infinity for a population that is silent for want of noise.
    pub(crate) fn log10_rate_hz(&self, a: usize) -> f64 {
        ln_rate(self.u[a]) / std::f64::consts::LN_10
    }

    /// Eigenvalues of the rate dynamics of its map, with what the law of threshold crossings says of it, rightmost first; none where they cannot be computed or are infinite.
    pub fn rate_eigenvalues_per_s(&self, map: &RateMap) -> Vec<Eigenvalue> {
        let held = map.held(&self.ln_longer);
        self.rightmost.and_then(|_| rate_eigenvalues(&held, &self.u)).unwrap_or_default()
    }

    /// What the rate dynamics of its map says of it, and whether that decides anything for the spiking network.
    pub fn stability(&self, map: &RateMap) -> Stability {
        Stability::of_state(self.stable, self.index, &self.rate_eigenvalues_per_s(map))
    }

    /// Natural logarithms of the rates in Hz, one a population; minus infinity for a rate of exactly 0.
    pub fn ln_rates_hz(&self) -> Vec<f64> {
        self.u.iter().map(|&u| ln_rate(u)).collect()
    }

    /// Rates in Hz, 0 where they underflow.
    pub fn rates_hz(&self) -> Vec<f64> {
        rates(&self.u)
    }
}

/// The stationary states of a map, in order of ascending total rate, and how they were looked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// The states.
    pub states: Vec<State>,
    /// How they were looked for, and whether none can be missing.
    pub search: Search,
    /// States by the closed forms near which the law of threshold crossings has none that could be found.
    pub lost: usize,
}

/// The stationary states of a map.
///
/// For up to three effective populations all of them: see [`Search::complete`].
///
/// # Errors
///
/// No state found from any start.
pub fn states(map: &RateMap) -> Result<Found, SolveError> {
    let (classes, reduced) = Classes::with_equations(map);
    let symmetry = Symmetry::new(&reduced);
    let Exhaustive { states, complete, parts } = exhaustive(&reduced);
    let mut search = StateSearch::new(&reduced, &symmetry);
    search.keep_all(states);
    let bounded = is_bounded(map);
    if complete && bounded {
        search.settle_silence_at_threshold();
    }
    // a second opinion on the proof, whose arithmetic is not outwards: what the indices add up to
    let complete = complete && (search.index_sum() == 1 || !bounded);
    // without refractory times a state may lie beyond what the proof covers
    let beyond = complete && !bounded && search.states.is_empty();
    let complete = complete && !beyond;
    if !complete {
        let looked = search.look();
        map.work.check()?;
        looked?;
        search.look_beyond_silence();
        if bounded && search.index_sum() != 1 {
            search.look_near_states();
        }
    }
    map.work.check()?;
    if search.states.is_empty() {
        return Err(SolveError::Runaway);
    }
    let (starts, index_sum) = (search.starts, search.index_sum());
    let mut states: Vec<State> = search.states.into_iter().map(|state| state.expanded(&reduced, &classes)).collect();
    states.sort_by(in_order);
    let effective_populations = classes.count;
    let search = Search { complete, effective_populations, parts, starts, index_sum, bounded };
    let found = Found { states, search, lost: 0 };
    if map.is_refined() { all_refined(map, found) } else { Ok(found) }
}

/// The states by the law of threshold crossings, of which nothing is proved.
fn all_refined(map: &RateMap, found: Found) -> Result<Found, SolveError> {
    let mut states: Vec<State> = Vec::new();
    let mut looked_at: Vec<(&State, Option<State>)> = Vec::new();
    for state in &found.states {
        // one that is another with populations exchanged is that one refined, with populations exchanged
        let again = looked_at.iter().find_map(|(like, refined)| {
            let places = exchanged(map, state, like)?;
            let refined = refined.as_ref()?;
            rearranged(map, state, refined, &places)
        });
        let refined = again.or_else(|| refined(map, state));
        looked_at.push((state, refined.clone()));
        map.work.check()?;
        // two states may have become one
        states.extend(refined.filter(|refined| states.iter().all(|other| !same_state(&other.u, &refined.u))));
    }
    if states.is_empty() {
        return Err(SolveError::NotRefined);
    }
    let search = Search { complete: false, index_sum: index_sum(&states), ..found.search };
    Ok(Found { lost: found.states.len() - states.len(), states, search })
}

/// By their total rates; of those with one total the one first whose first population that differs fires more.
fn in_order(p: &State, q: &State) -> Ordering {
    // what rounding left of equal numbers is no difference
    let digits = |x: f64| (x / SAME_TOTAL).round();
    let totals = |state: &State| {
        let (rates_hz, unknowns) = total(state);
        [digits(rates_hz.ln()), digits(unknowns)]
    };
    let by_total = totals(p).into_iter().zip(totals(q)).map(|(a, b)| a.total_cmp(&b));
    let by_population = p.u.iter().zip(&q.u).map(|(a, b)| digits(*b).total_cmp(&digits(*a)));
    by_total.chain(by_population).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Total rate; where all are silent, the sum of the unknowns.
fn total(state: &State) -> (f64, f64) {
    (rates(&state.u).iter().sum(), state.u.iter().sum())
}

/// Whether no rate leaves the range that the proof looks at.
pub(crate) fn is_bounded(map: &RateMap) -> bool {
    map.transfers.iter().all(|transfer| transfer.rate_limit_hz() <= MOST_HZ)
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

/// The states of a map whose populations cannot be exchanged, or as if they could not.
fn states_without_symmetry(map: &RateMap) -> Vec<State> {
    let symmetry = Symmetry::default();
    let mut search = StateSearch::new(map, &symmetry);
    let Exhaustive { states, complete, .. } = exhaustive(map);
    search.keep_all(states);
    if !complete {
        // none is found where there is none
        let _ = search.look_everywhere();
    }
    search.states
}

/// States of a small map that scans find.
pub(super) fn scanned(map: &RateMap) -> Vec<Vec<f64>> {
    let symmetry = Symmetry::default();
    let mut search = StateSearch::new(map, &symmetry);
    search.equal_starts().into_iter().for_each(|start| search.start(start));
    search.scan(&(0..map.len()).collect::<Vec<_>>());
    search.states.into_iter().map(|state| state.u).collect()
}

/// States found so far, up to permutation.
pub(super) struct StateSearch<'a> {
    pub(super) map: &'a RateMap,
    pub(super) symmetry: &'a Symmetry,
    silent: Vec<bool>,
    pub(super) states: Vec<State>,
    pub(super) starts: usize,
}

impl<'a> StateSearch<'a> {
    fn new(map: &'a RateMap, symmetry: &'a Symmetry) -> Self {
        StateSearch { map, symmetry, silent: silent(map), states: Vec::new(), starts: 0 }
    }

    fn keep_all(&mut self, states: Vec<Iterate>) {
        for state in states {
            self.keep((state, Method::Newton));
        }
    }

    /// Every search there is; where rates are costly by tables of them, if what is found that way holds.
    fn look(&mut self) -> Result<(), SolveError> {
        if let Some(tabulated) = self.map.tabulated()
            && self.look_by_tables(&tabulated)
        {
            return Ok(());
        }
        if self.symmetry.is_trivial() { self.look_everywhere() } else { self.look_with_symmetry() }
    }

    /// Looks for states in which populations keep each other going that would be silent for want of noise: a proof finds these by itself, a search does not, which leaves silent
    /// populations out.
    fn look_beyond_silence(&mut self) {
        let may_be_proved =
            self.map.is_linear_in_rates() && self.map.transfers.iter().all(|transfer| transfer.proof().is_some());
        if may_be_proved || !self.silent.contains(&true) {
            return;
        }
        let silent = std::mem::replace(&mut self.silent, vec![false; self.map.len()]);
        // none is found where there is none
        let _ = self.look_everywhere();
        self.silent = silent;
    }

    /// Looks for states by tables of rates, and for those found by the rates themselves; whether each of them is one, and none is missing as far as indices tell.
    fn look_by_tables(&mut self, tabulated: &RateMap) -> bool {
        let mut quick = StateSearch::new(tabulated, self.symmetry);
        if quick.look().is_err() {
            return false;
        }
        self.starts += quick.starts;
        let mut reached: Vec<usize> = Vec::new();
        for State { u, method, iterations, .. } in quick.states {
            let Outcome::Converged(state) = newton(self.map, silenced(&self.silent, u), MOST_ITERATIONS) else {
                return false;
            };
            let place = self.keep((Iterate { iterations: iterations + state.iterations, ..state }, method));
            if reached.contains(&place) {
                return false;
            }
            reached.push(place);
        }
        !self.lacks_states()
    }

    /// The states in which exchangeable populations are alike, what can be reached from them, and what the search finds besides.
    fn look_with_symmetry(&mut self) -> Result<(), SolveError> {
        let reduction = Reduction { map: self.map, symmetry: self.symmetry };
        let alike = Growth::alike(reduction);
        self.keep_reduced(reduction, &alike);
        let mut growth = Growth::default();
        growth.run(self);
        self.look_everywhere()?;
        growth.run(self);
        if self.lacks_states() {
            Growth::jump(self);
            growth.run(self);
        }
        Ok(())
    }

    /// Whether the indices say that something is missing.
    fn lacks_states(&self) -> bool {
        is_bounded(self.map) && self.index_sum() != 1
    }

    /// The states of a reduced network.
    fn keep_reduced(&mut self, reduction: Reduction<'_>, sizes: &Sizes) {
        for state in states_without_symmetry(&reduction.map(sizes)) {
            self.starts += 1;
            let u = reduction.expanded(&state.u, sizes);
            self.keep((Iterate { u, residual: state.residual, iterations: state.iterations }, state.method));
        }
    }

    /// Every search there is; an error if it ends without any state.
    fn look_everywhere(&mut self) -> Result<(), SolveError> {
        self.starts += 1;
        let first = one_state(self.map);
        if let Ok(state) = &first {
            self.keep(state.clone());
        }
        self.starts += 1;
        for state in states_on_the_way(self.map, &self.silent) {
            self.keep((state, Method::Continuation));
        }
        for start in self.equal_starts() {
            self.start(start);
        }
        if (2..=MOST_SCANNED).contains(&self.map.len()) {
            // what a scan of one finds, one of its copies finds permuted
            self.scan(&(0..self.map.len()).filter(|&a| !self.symmetry.is_copy(a)).collect::<Vec<_>>());
        }
        self.deflate();
        if self.states.is_empty() { first.map(|_| ()) } else { Ok(()) }
    }

    fn equal_starts(&self) -> Vec<Vec<f64>> {
        let equal = EQUAL_RATES_HZ.iter().map(|rate| vec![u_of(rate.ln()); self.map.len()]);
        let high = (0..self.map.len()).map(|a| u_of((NEAR_SATURATION * self.limit_hz(a)).ln())).collect();
        equal.chain(std::iter::once(high)).collect()
    }

    /// From the equal rates with the states found deflated, until nothing new comes.
    fn deflate(&mut self) {
        let few = self.map.len() <= MOST_SCANNED;
        let most = if few { MOST_DEFLATED_ITERATIONS } else { MOST_DEFLATED_ITERATIONS_OF_MANY };
        for start in self.equal_starts() {
            loop {
                self.starts += 1;
                let known: Vec<&[f64]> = self.states.iter().map(|state| state.u.as_slice()).collect();
                let start = silenced(&self.silent, start.clone());
                let Some(state) = newton_deflated(self.map, &known, start, most) else { break };
                let before = self.states.len();
                self.keep((state, Method::Newton));
                if self.states.len() == before {
                    break;
                }
            }
        }
    }

    /// Gives silence at threshold the index that those of all other states leave to it (`at_threshold`).
    fn settle_silence_at_threshold(&mut self) {
        let others_lack = 1 - self.index_sum();
        let mut open = self.states.iter_mut().filter(|state| Roles::new(self.map, &state.u).hear_rare_spikes());
        if let (Some(state), None) = (open.next(), open.next())
            && others_lack != 0
            && state.multiplicity == 1
            && let Ok(index @ -1..=1) = i8::try_from(i64::from(state.index) + others_lack)
        {
            (state.index, state.stable, state.rightmost) = (index, false, None);
        }
    }

    fn index_sum(&self) -> i64 {
        index_sum(&self.states)
    }

    fn limit_hz(&self, a: usize) -> f64 {
        self.map.transfers[a].rate_limit_hz().min(1000.0)
    }

    /// Holds the rates of some populations, one at a time, at a grid of values, and starts where they can be states.
    fn scan(&mut self, populations: &[usize]) {
        // scans know nothing of each other nor of what was found, so that threads change nothing
        let crossings: Vec<Vec<Vec<f64>>> = populations.par_iter().map(|&a| self.crossings(a)).collect();
        crossings.into_iter().flatten().for_each(|start| self.start(start));
    }

    /// Holds the rate of one population at a grid of values, from the lowest to saturation: places near which its own input would give it
    /// the rate that is held.
    fn crossings(&self, a: usize) -> Vec<Vec<f64>> {
        let mut crossings = Vec::new();
        if self.silent[a] {
            return crossings;
        }
        let top = u_of(self.limit_hz(a).ln());
        let step = (top - SCAN_FROM) / f64::from(SCAN_POINTS);
        let from = silenced(&self.silent, vec![u_of(1.0); self.map.len()]);
        self.crossings_at(a, from, (0..=SCAN_POINTS).map(|i| SCAN_FROM + step * f64::from(i)), &mut crossings);
        crossings
    }

    /// Holds a population at these values, one after another: the others from where they were, at first from a point; adds the places between two of them.
    fn crossings_at(&self, a: usize, from: Vec<f64>, values: impl Iterator<Item = f64>, crossings: &mut Vec<Vec<f64>>) {
        let mut last: Option<Held> = None;
        for value in values {
            if self.map.work.is_cancelled() {
                return;
            }
            let mut guess = last.as_ref().map_or_else(|| from.clone(), |held| held.u.clone());
            guess[a] = value;
            let held = self.hold(a, guess);
            if let (Some(before), Some(here)) = (&last, &held)
                && before.excess * here.excess <= 0.0
            {
                crossings.push(self.crossing(a, before.clone(), here.clone()));
            }
            last = held.or(last);
        }
    }

    /// Where the indices say that a state is missing: two states may lie within one step of the scan, so that each population is held at rates nearer and nearer to those of the states known.
    fn look_near_states(&mut self) {
        if self.map.len() > MOST_SCANNED {
            return;
        }
        let populations: Vec<usize> = (0..self.map.len()).filter(|&a| !self.symmetry.is_copy(a)).collect();
        let known: Vec<Vec<f64>> = self.states.iter().map(|state| state.u.clone()).collect();
        let places: Vec<(&Vec<f64>, usize)> =
            known.iter().flat_map(|u| populations.iter().map(move |&a| (u, a))).collect();
        let crossings: Vec<Vec<Vec<f64>>> = places.par_iter().map(|(u, a)| self.crossings_near(u, *a)).collect();
        crossings.into_iter().flatten().for_each(|start| self.start(start));
    }

    /// As [`StateSearch::crossings`], within a step of a state.
    fn crossings_near(&self, u: &[f64], a: usize) -> Vec<Vec<f64>> {
        let mut crossings = Vec::new();
        if self.silent[a] || u[a] < SCAN_FROM {
            return crossings;
        }
        let step = (u_of(self.limit_hz(a).ln()) - SCAN_FROM) / f64::from(SCAN_POINTS);
        for direction in [-1.0, 1.0] {
            let far = |i: u32| direction * step * f64::from(i) / f64::from(POINTS_NEAR);
            self.crossings_at(a, u.to_vec(), (1..=POINTS_NEAR).map(|i| u[a] + far(i)), &mut crossings);
        }
        crossings
    }

    /// Halves the step that a crossing lies in.
    fn crossing(&self, a: usize, mut low: Held, mut high: Held) -> Vec<f64> {
        for _ in 0..HALVINGS {
            let guess: Vec<f64> = low.u.iter().zip(&high.u).map(|(&p, &q)| middle(p, q)).collect();
            match self.hold(a, guess) {
                None => break,
                Some(held) if low.excess * held.excess <= 0.0 => high = held,
                Some(held) => low = held,
            }
        }
        low.u.iter().zip(&high.u).map(|(&p, &q)| middle(p, q)).collect()
    }

    /// Solves the equations of the others with the rate of `a` held.
    fn hold(&self, a: usize, u: Vec<f64>) -> Option<Held> {
        let (state, excess) = newton_clamped(self.map, a, u, MOST_SCAN_ITERATIONS)?;
        Some(Held { excess, u: state.u })
    }

    /// Newton's method from a point; what it reaches is kept.
    pub(super) fn start(&mut self, u: Vec<f64>) {
        self.starts += 1;
        self.map.work.advance(1);
        if let Outcome::Converged(state) = newton(self.map, silenced(&self.silent, u), MOST_ITERATIONS) {
            self.keep((state, Method::Newton));
        }
    }

    /// Keeps a state or finds it among those that are kept; its place.
    pub(super) fn keep(&mut self, (iterate, method): (Iterate, Method)) -> usize {
        let (u, multiplicity) = self.symmetry.canonical(iterate.u);
        if let Some(known) = self.states.iter().position(|known| same_state(&known.u, &u)) {
            return known;
        }
        let state = State::new(self.map, Iterate { u, ..iterate }, method);
        self.states.push(State { multiplicity, ..state });
        self.states.len() - 1
    }
}

/// The sum of the indices of states with all their permutations; the farthest number there is if it is farther from 0.
pub(crate) fn index_sum(states: &[State]) -> i64 {
    let sum: i128 = states.iter().map(|state| i128::from(state.index) * i128::from(state.multiplicity)).sum();
    sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::SynapticFilter;
    use crate::testing::{TestNetwork, open, solution};
    use crate::theory::FixedPoint;

    #[test]
    fn the_three_states_of_a_bistable_network_are_found_in_ascending_order() {
        let found = solution(&open("brunel2000", Some("bistable"), &[]));
        let rates: Vec<f64> = found.fixed_points.iter().map(|state| state.populations[0].rate_hz).collect();
        let expected = [9.528151612079726e-10, 6.625730050910419, 299.46196378981386];
        assert_eq!(rates.len(), 3, "{rates:?}");
        assert!(rates.iter().zip(expected).all(|(r, e)| (r / e - 1.0).abs() < 1e-8), "{rates:?}");
        let stable: Vec<bool> = found.fixed_points.iter().map(|state| state.stable).collect();
        assert_eq!(stable, [true, false, true]);
        let saddles: Vec<bool> = found.fixed_points.iter().map(|state| state.saddle).collect();
        assert_eq!(saddles, [false, true, false]);
    }

    #[test]
    fn of_two_uncoupled_bistable_populations_four_states_are_saddles_and_one_is_unstable_in_both() {
        use super::super::Stability::{Saddle, Stable, Unstable};
        let network = TestNetwork::of(&[("A", 1000), ("B", 1000)])
            .fixed_in_degree("A", "A", 200, 0.4)
            .fixed_in_degree("B", "B", 200, 0.41)
            .noise("A, B", 12.0, 2.0)
            .read();
        let found = solution(&network);
        let kinds: Vec<_> = found.fixed_points.iter().map(FixedPoint::stability).collect();
        let count = |kind| kinds.iter().filter(|found| **found == kind).count();
        assert_eq!((count(Stable), count(Saddle), count(Unstable)), (4, 4, 1), "{kinds:?}");
        assert!(found.fixed_points.iter().all(|state| state.saddle == (state.index == -1)));
        assert_eq!(found.search.index_sum, 1);
    }

    /// Two bistable populations of exponential neurons, coupled a little: of nine states no search is sure to find all.
    #[test]
    fn by_tables_of_rates_no_state_is_missed_that_is_found_by_the_rates_themselves() {
        let network = TestNetwork::of(&[("A", 1000), ("B", 1000)])
            .neuron("model", "eif")
            .neuron("Delta_T", "1 mV")
            .neuron("V_peak", "40 mV")
            .fixed_in_degree("A", "A", 200, 0.4)
            .fixed_in_degree("B", "B", 200, 0.41)
            .fixed_in_degree("A", "B", 2, 0.1)
            .noise("A, B", 11.0, 2.0)
            .read();
        let map = RateMap::new(&network, SynapticFilter::Ignore).unwrap();
        let found = states(&map).unwrap();
        let symmetry = Symmetry::new(&map);
        let mut search = StateSearch::new(&map, &symmetry);
        search.look_everywhere().unwrap();
        assert!(search.states.len() >= 7, "{:?}", search.states);
        for state in &search.states {
            assert!(found.states.iter().any(|known| same_state(&known.u, &state.u)), "{state:?} {found:?}");
        }
        assert!(found.states.iter().all(|state| state.residual < 1e-9), "{found:?}");
    }

    #[test]
    fn networks_with_one_state_have_one_and_no_warning() {
        for (name, case) in [("brunel2000", Some("AI")), ("potjans_diesmann2014", None), ("ostojic2014", None)] {
            let found = solution(&open(name, case, &[]));
            assert_eq!((found.fixed_points.len(), found.search.index_sum), (1, 1), "{name}");
            assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
        }
    }
}
