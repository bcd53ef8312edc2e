//! From state to state: every way in which bundles can change their level.
//!
//! From each state that is known, bundles are moved between each pair of its levels, and from each level to further levels
//! that its field allows (`levels`), along curves (`curve`) that give every state they pass. The numbers at the ends of
//! a curve are 0: by the invariance of the degree the curves that begin there end there, so that all but closed curves
//! are reached from the states with fewer levels.

use std::ops::ControlFlow;

use crate::stationary::map::RateMap;
use crate::stationary::newton::{Iterate, Outcome, newton, rates, same_state, u_of};
use crate::stationary::result::Method;
use crate::stationary::search::{StateSearch, scanned};

use super::Level;
use super::curve::{Curve, Direction, Transfer};
use super::levels::{Reduction, Sizes};

/// Steps along all curves of a network.
const MOST_STEPS: usize = 40_000;
/// States up to permutation from which curves are followed, and the same times the cube of the populations: what their
/// stability costs.
const MOST_STATES: usize = 2_000;
const MOST_WORK: usize = 400_000_000;
/// Starts with one bundle at another level.
const MOST_STARTS: usize = 1_000;
/// Distances in `u` between the parts of a level that falls into two.
const SPLITS: [f64; 2] = [0.02, 0.15];
/// The levels of one population in a given field are looked for among this many values of `u`, from here up or from lower.
const GRID_FROM: f64 = -52.0;
const GRID_POINTS: u32 = 320;
const MOST_ITERATIONS: usize = 30;

/// What has been followed so far.
#[derive(Debug, Default)]
pub(in crate::stationary) struct Growth {
    /// For each state the pairs of levels (group, one, other) whose curve it has been found on.
    followed: Vec<Vec<(usize, usize, usize)>>,
    /// The first state whose curves have not been looked at.
    next: usize,
    steps: usize,
    curves: usize,
}

/// The start of a curve.
struct Start {
    levels: Vec<Vec<Level>>,
    transfer: Transfer,
}

impl Growth {
    /// The sizes of the levels of all groups where each has but one.
    pub(in crate::stationary) fn alike(reduction: Reduction<'_>) -> Sizes {
        reduction.symmetry.groups.iter().map(|group| vec![group.len() as f64]).collect()
    }

    /// Follows every curve from the states of the search, and from those that it finds.
    pub(in crate::stationary) fn run(&mut self, search: &mut StateSearch<'_>) {
        let before = self.curves;
        let most_states = MOST_STATES.min(MOST_WORK / search.map.len().pow(3));
        while self.next < search.states.len()
            && self.steps < MOST_STEPS
            && search.states.len() < most_states
            && !search.map.work.is_cancelled()
        {
            self.next += 1;
            self.grow_from(search, self.next - 1);
        }
        search.starts += self.curves - before;
    }

    /// Starts Newton's method from every state with one bundle at another level, and with one level fallen into two that are near:
    /// a second way, for where curves were lost.
    pub(in crate::stationary) fn jump(search: &mut StateSearch<'_>) {
        let reduction = Reduction { map: search.map, symmetry: search.symmetry };
        let most = search.starts + MOST_STARTS;
        let mut index = 0;
        while index < search.states.len() && !search.map.work.is_cancelled() {
            let u = search.states[index].u.clone();
            index += 1;
            let levels = search.symmetry.levels(&u);
            for group in 0..levels.len() {
                let mut others = levels.clone();
                let further = field_levels(&reduction.field(group, &rates(&u)));
                others[group].extend(further.into_iter().map(|values| Level { values, size: 0 }));
                for (from, to) in (0..levels[group].len()).flat_map(|p| (0..others[group].len()).map(move |q| (p, q))) {
                    if from == to || search.starts >= most {
                        continue;
                    }
                    let mut moved = others.clone();
                    moved[group][from].size -= 1;
                    moved[group][to].size += 1;
                    search.start(search.symmetry.arranged(u.clone(), &moved));
                }
                for split in (0..levels[group].len()).flat_map(|level| splits(&levels, group, level)) {
                    if search.starts < most {
                        search.start(search.symmetry.arranged(u.clone(), &split));
                    }
                }
            }
        }
    }

    fn grow_from(&mut self, search: &mut StateSearch<'_>, index: usize) {
        let reduction = Reduction { map: search.map, symmetry: search.symmetry };
        let u = search.states[index].u.clone();
        let levels = search.symmetry.levels(&u);
        for group in 0..levels.len() {
            let count = levels[group].len();
            for (from, to) in (0..count).flat_map(|to| (0..to).map(move |from| (from, to))) {
                if self.follows_first(index, (group, from, to)) {
                    let start = Start { levels: levels.clone(), transfer: Transfer { group, from, to } };
                    self.follow(search, &u, &start);
                }
            }
            for values in field_levels(&reduction.field(group, &rates(&u))) {
                if levels[group].iter().any(|level| same_state(&level.values, &values)) {
                    continue;
                }
                let mut levels = levels.clone();
                levels[group].push(Level { values, size: 0 });
                for from in 0..count {
                    let transfer = Transfer { group, from, to: count };
                    self.follow(search, &u, &Start { levels: levels.clone(), transfer });
                }
            }
        }
    }

    /// Notes that the curve of a pair of levels through a state is followed; false if it was before.
    fn follows_first(&mut self, state: usize, pair: (usize, usize, usize)) -> bool {
        if self.followed.len() <= state {
            self.followed.resize(state + 1, Vec::new());
        }
        let is_new = !self.followed[state].contains(&pair);
        if is_new {
            self.followed[state].push(pair);
        }
        is_new
    }

    /// Follows one curve in both directions; upwards only where it begins.
    fn follow(&mut self, search: &mut StateSearch<'_>, u: &[f64], start: &Start) {
        let reduction = Reduction { map: search.map, symmetry: search.symmetry };
        let Start { levels, transfer } = start;
        let sizes: Sizes = levels.iter().map(|of| of.iter().map(|level| level.size as f64).collect()).collect();
        let curve = Curve::new(reduction, &sizes, *transfer);
        let at = (&reduction.reduced(u, levels)[..], sizes[transfer.group][transfer.to]);
        self.curves += 1;
        let mut steps = 0;
        for direction in [Direction::Up, Direction::Down] {
            if direction == Direction::Up || at.1 > 0.0 {
                curve.follow(at, direction, &mut steps, |state, t| self.visit(search, (&sizes, *transfer), state, t));
            }
        }
        self.steps += steps;
    }

    /// Keeps a state on a curve; the curve ends where it was followed before.
    fn visit(
        &mut self,
        search: &mut StateSearch<'_>,
        of: (&Sizes, Transfer),
        state: Iterate,
        t: f64,
    ) -> ControlFlow<()> {
        let reduction = Reduction { map: search.map, symmetry: search.symmetry };
        let (sizes, Transfer { group, from, to }) = of;
        let mut now = sizes.clone();
        (now[group][from], now[group][to]) = (sizes[group][from] + sizes[group][to] - t, t);
        let values = |level: usize| reduction.of_level(&state.u, sizes, (group, level)).to_vec();
        let (from, to) = (values(from), values(to));
        let u = reduction.expanded(&state.u, &now);
        let index = search.keep((Iterate { u, ..state }, Method::Newton));
        let levels = &search.symmetry.levels(&search.states[index].u)[group];
        let place = |values: &[f64]| levels.iter().position(|level| same_state(&level.values, values));
        match (place(&from), place(&to)) {
            (Some(p), Some(q)) if p != q => match self.follows_first(index, (group, p.min(q), p.max(q))) {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            },
            _ => ControlFlow::Continue(()),
        }
    }
}

/// A level fallen into two, in every proportion, by little and by more.
fn splits(levels: &[Vec<Level>], group: usize, level: usize) -> Vec<Vec<Vec<Level>>> {
    let size = levels[group][level].size;
    let split = |(upper, distance): (usize, f64)| {
        let mut split = levels.to_vec();
        let Level { values, .. } = split[group][level].clone();
        let lower = distance * upper as f64 / (size - upper) as f64;
        let moved = |by: f64| values.iter().map(|value| value + by).collect();
        split[group][level] = Level { values: moved(-lower), size: size - upper };
        split[group].push(Level { values: moved(distance), size: upper });
        split
    };
    (1..size).flat_map(|upper| SPLITS.map(|distance| (upper, distance))).map(split).collect()
}

/// The states of one bundle in a given field.
fn field_levels(field: &RateMap) -> Vec<Vec<f64>> {
    if field.len() > 1 {
        return scanned(field);
    }
    let excess = |u: f64| u_of(field.evaluate(&rates(&[u])).ln_output[0]) - u;
    let top = u_of(field.transfers[0].rate_limit_hz().min(1e6).ln());
    // no rate is lower than the output at one end
    let ends = [f64::NEG_INFINITY, top].map(|u| u_of(field.evaluate(&rates(&[u])).ln_output[0]) - 1.0);
    let from = ends.into_iter().filter(|end| end.is_finite()).fold(GRID_FROM, f64::min);
    let at = |i: u32| from + (top - from) * f64::from(i) / f64::from(GRID_POINTS);
    let mut found = Vec::new();
    let mut before = excess(at(0));
    for i in 1..=GRID_POINTS {
        let after = excess(at(i));
        if before * after <= 0.0
            && let Some(u) = root(field, &excess, (at(i - 1), at(i)))
        {
            found.push(vec![u]);
        }
        before = after;
    }
    found
}

/// A root between two values of different sign.
fn root(field: &RateMap, excess: &impl Fn(f64) -> f64, (mut lo, mut hi): (f64, f64)) -> Option<f64> {
    let rises = excess(lo) < 0.0;
    for _ in 0..8 {
        let middle = 0.5 * (lo + hi);
        if (excess(middle) < 0.0) == rises { lo = middle } else { hi = middle }
    }
    match newton(field, vec![0.5 * (lo + hi)], MOST_ITERATIONS) {
        Outcome::Converged(state) => Some(state.u[0]),
        Outcome::Stuck(_) => None,
    }
}
