//! All stationary states of a few populations: the box of all rates is divided until each part is decided.
//!
//! A part is cut to the rates that can be states (`bounds`). If nothing is left it is done; if it can be shown to hold at most
//! one state, Newton's method looks for it: where that arrives inside, the state is found and nothing is left to do;
//! where it arrives at a state outside and the hull of both holds at most one, the part is empty; else it is divided. Around
//! each state found, the box in which it is the only one is kept, and parts within are dropped.

use super::bounds::{Equations, RateBox};
use super::line::{division, is_narrow};
use super::{LEAST_HZ, Outcome};
use crate::numerics::range::Range;
use crate::stationary::map::RateMap;
use crate::stationary::newton::{self, Iterate, newton, rates, same_state, u_of};

/// Evaluations of Newton's method within a part.
const MOST_ITERATIONS: usize = 30;
/// Rounds of cutting before a part is looked at again.
const MOST_CUTS: usize = 4;
/// A cut is worth another if it leaves less than this of a side.
const WORTHWHILE: f64 = 0.8;
/// Newton's method may end outside a part by this, relative to the rate: states on the border belong to both sides.
const BORDER: f64 = 1e-9;
/// Growth of the box around a state, from this relative size by this factor.
const FIRST_SIZE: f64 = 1e-6;
const GROWTH: f64 = 2.0;

/// A state with a box that holds no other.
struct Known<const N: usize> {
    around: RateBox<N>,
    state: Iterate,
}

pub(super) struct Search<'a, const N: usize> {
    map: &'a RateMap,
    equations: Equations<N>,
    top_hz: &'a [f64],
    known: Vec<Known<N>>,
    unresolved: usize,
}

impl<'a, const N: usize> Search<'a, N> {
    /// All states of a map of `N` populations with rates from [`LEAST_HZ`] up, after at most `budget` parts.
    pub(super) fn run(map: &'a RateMap, top_hz: &'a [f64], budget: usize) -> Outcome {
        let Some(equations) = Equations::new(map) else { return Outcome::UNDECIDED };
        let mut search = Search { map, equations, top_hz, known: Vec::new(), unresolved: 0 };
        let whole: RateBox<N> = std::array::from_fn(|a| Range::new(LEAST_HZ, top_hz[a]));
        let mut open = vec![whole];
        let mut parts = 0;
        while let Some(part) = open.pop() {
            if parts >= budget || map.work.is_cancelled() {
                search.unresolved += 1 + open.len();
                break;
            }
            parts += 1;
            if let Some(rest) = search.look(part) {
                let (low, high) = search.divided(&rest);
                open.push(high);
                open.push(low);
            }
        }
        let states = search.known.into_iter().map(|known| known.state).collect();
        Outcome { states, parts, unresolved: search.unresolved }
    }

    /// Decides a part; what is left of it, to be divided, if it cannot.
    fn look(&mut self, part: RateBox<N>) -> Option<RateBox<N>> {
        let mut rates = part;
        for _ in 0..MOST_CUTS {
            if self.is_settled(&rates) {
                return None;
            }
            let before = rates;
            rates = self.equations.narrowed(rates)?;
            let shrinks = |(p, q): (&Range, &Range)| q.width() < WORTHWHILE * p.width();
            if !before.iter().zip(&rates).any(shrinks) {
                break;
            }
        }
        if self.is_settled(&rates) || self.equations.at_most_one(&rates) && self.finds_the_only_state(&rates) {
            return None;
        }
        if rates.iter().all(|side| is_narrow(side.lo, side.hi)) {
            self.unresolved += 1;
            return None;
        }
        Some(rates)
    }

    /// Whether a part lies where nothing new can be.
    fn is_settled(&self, rates: &RateBox<N>) -> bool {
        self.known.iter().any(|known| holds(&known.around, rates))
    }

    /// Looks for the state of a part that holds at most one; whether that settles the part.
    fn finds_the_only_state(&mut self, part: &RateBox<N>) -> bool {
        let start = part.iter().map(|side| u_of(middle_ln(side))).collect();
        let newton::Outcome::Converged(state) = newton(self.map, start, MOST_ITERATIONS) else { return false };
        let at = rates(&state.u);
        // the state may lie on the border, or outside and be the only one of the hull: then the part is empty
        let hull: RateBox<N> = std::array::from_fn(|a| Range::new(part[a].lo.min(at[a]), part[a].hi.max(at[a])));
        if hull != *part && !self.equations.at_most_one(&hull) {
            return false;
        }
        let inside = part
            .iter()
            .zip(&at)
            .all(|(side, rate)| *rate >= side.lo * (1.0 - BORDER) && *rate <= side.hi * (1.0 + BORDER));
        if inside {
            self.keep(hull, state);
        }
        true
    }

    /// Keeps a state with the larger of the part that it is the only one of and a box grown around it.
    fn keep(&mut self, part: RateBox<N>, state: Iterate) {
        let at = rates(&state.u);
        let mut around = part;
        let mut size = FIRST_SIZE;
        loop {
            let grown: RateBox<N> = std::array::from_fn(|a| {
                let top = self.top_hz[a];
                Range::new(around[a].lo.min(at[a] / (1.0 + size)), around[a].hi.max(at[a] * (1.0 + size)).min(top))
            });
            if !self.equations.at_most_one(&grown) {
                break;
            }
            around = grown;
            size *= GROWTH;
            if size > 1e6 {
                break;
            }
        }
        match self.known.iter_mut().find(|known| same_state(&known.state.u, &state.u)) {
            Some(known) => known.around = around,
            None => self.known.push(Known { around, state }),
        }
    }

    /// Two halves, across the side that matters most for the inputs.
    fn divided(&self, rates: &RateBox<N>) -> (RateBox<N>, RateBox<N>) {
        let widths: [f64; N] = std::array::from_fn(|b| self.equations.influence(rates, b));
        let side = (0..N).max_by(|&p, &q| widths[p].total_cmp(&widths[q])).unwrap_or(0);
        let at = division(rates[side].lo, rates[side].hi);
        let (mut low, mut high) = (*rates, *rates);
        low[side].hi = at;
        high[side].lo = at;
        (low, high)
    }
}

fn holds<const N: usize>(outer: &RateBox<N>, inner: &RateBox<N>) -> bool {
    outer.iter().zip(inner).all(|(o, i)| o.lo <= i.lo && i.hi <= o.hi)
}

/// The logarithm of a rate in the middle of a side.
fn middle_ln(side: &Range) -> f64 {
    division(side.lo, side.hi).ln()
}
