//! States by the law of threshold crossings, from those by the closed forms.
//!
//! The law of crossings (`neuron::coloured`) costs milliseconds, a closed form a microsecond, and they differ by a few per cent. So states are looked for by the closed
//! forms. At a state the law of crossings says by which factor the time from release to spike is longer there ([`Transfer::lengthening`]); with these factors held the
//! state moves a little, and the factors hardly: repeated, this converges by a factor of ten and more a time. What the last moves changed tells where it leads to, and
//! the next factors are those mixed accordingly: a few moves fewer.
//!
//! Stability and index are those of the closed forms with the factors held: gains that are a few per cent off.
//!
//! Source: Anderson (1965), J ACM 12:547 (the mixing).
//!
//! [`Transfer::lengthening`]: crate::transfer::Transfer::lengthening

use super::map::RateMap;
use super::newton::{Iterate, Outcome, newton, rates};
use super::search::State;
use super::solve::MOST_ITERATIONS;

/// States that move less than this, in `ln r`, have arrived.
const ARRIVED: f64 = 1e-8;

/// Rates that differ by less, in their logarithms, are those of one state with populations exchanged.
const SAME_RATE: f64 = 1e-9;

/// Most times that a state moves.
const MOST_MOVES: usize = 40;

/// So many moves are looked back.
const LOOKED_BACK: usize = 3;

/// A change of which less is new beside those looked at already says nothing.
const NEW: f64 = 1e-4;

/// The largest difference; those that are equal, minus infinity too, differ by 0.
pub(super) fn farthest(to: &[f64], from: &[f64]) -> f64 {
    to.iter().zip(from).filter(|(to, from)| to != from).map(|(to, from)| (to - from).abs()).fold(0.0, f64::max)
}

/// Where a place of the closed forms moves to, and the factors there: `factors_at` says them at a place, `moved` leads to the place with given ones. `None` where it is
/// lost on the way.
pub(super) fn settled<P>(
    mut at: P,
    factors_at: impl Fn(&P) -> Vec<f64>,
    moved: impl Fn(&P, &[f64]) -> Option<P>,
    distance: impl Fn(&P, &P) -> f64,
) -> Option<(P, Vec<f64>)> {
    let mut mixing = Mixing::default();
    let mut held = factors_at(&at);
    for _ in 0..MOST_MOVES {
        let next = moved(&at, &held)?;
        let far = distance(&next, &at);
        at = next;
        if far < ARRIVED {
            return Some((at, held));
        }
        let found = factors_at(&at);
        held = mixing.next(held, found);
    }
    None
}

/// Factors that were held, and those found there, the last ones last.
#[derive(Default)]
struct Mixing {
    moves: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Mixing {
    /// The factors to be held next.
    fn next(&mut self, held: Vec<f64>, found: Vec<f64>) -> Vec<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
        let change = |held: &[f64], found: &[f64]| minus(found, held);
        let here = change(&held, &found);
        // what did not come nearer is not looked back beyond
        let is_farther = |(held, found): &(Vec<f64>, Vec<f64>)| {
            let before = change(held, found);
            dot(&here, &here) > dot(&before, &before)
        };
        if self.moves.last().is_some_and(is_farther) {
            self.moves.clear();
        }
        let mut next = found.clone();
        // directions in which changes differed, each beside those before, and what the factors did along them
        let mut directions: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for (held_then, found_then) in self.moves.iter().rev().take(LOOKED_BACK) {
            let (mut of_change, mut of_found) =
                (minus(&here, &change(held_then, found_then)), minus(&found, found_then));
            let whole = dot(&of_change, &of_change).sqrt();
            for (direction, along) in &directions {
                let part = dot(&of_change, direction);
                of_change.iter_mut().zip(direction).for_each(|(x, d)| *x -= part * d);
                of_found.iter_mut().zip(along).for_each(|(x, d)| *x -= part * d);
            }
            let length = dot(&of_change, &of_change).sqrt();
            if length.is_nan() || length <= NEW * whole {
                continue;
            }
            of_change.iter_mut().chain(&mut of_found).for_each(|x| *x /= length);
            let part = dot(&here, &of_change);
            next.iter_mut().zip(&of_found).for_each(|(x, d)| *x -= part * d);
            directions.push((of_change, of_found));
        }
        self.moves.push((held, found));
        next
    }
}

/// The state of the law of crossings near one of the closed forms; `None` where it is lost on the way, or the work is cancelled.
pub(super) fn refined(map: &RateMap, state: &State) -> Option<State> {
    let start = Iterate { u: state.u.clone(), residual: state.residual, iterations: state.iterations };
    let moved = |at: &Iterate, factors: &[f64]| {
        let there = map.clone().lengthened(factors);
        match newton(&there, at.u.clone(), MOST_ITERATIONS) {
            Outcome::Converged(state) if !map.work.is_cancelled() => {
                Some(Iterate { iterations: at.iterations + state.iterations, ..state })
            }
            _ => None,
        }
    };
    let factors_at = |at: &Iterate| map.lengthenings_at(&rates(&at.u));
    let (iterate, factors) = settled(start, factors_at, moved, |to, from| farthest(&to.u, &from.u))?;
    let there = map.clone().lengthened(&factors);
    Some(State { multiplicity: state.multiplicity, ..State::new(&there, iterate, state.method) })
}

/// The place of each population of a state in another one that differs from it by exchanges of populations with the same neurons; `None` if it is another state.
pub(super) fn exchanged(map: &RateMap, state: &State, like: &State) -> Option<Vec<usize>> {
    let mut is_taken = vec![false; state.u.len()];
    let place = |a: usize| {
        let is_same =
            |b: usize| farthest(&[like.u[b]], &[state.u[a]]) < SAME_RATE && map.transfers[a] == map.transfers[b];
        // itself if it can be, so that populations stay where they are
        let b = std::iter::once(a).chain(0..state.u.len()).find(|&b| !is_taken[b] && is_same(b))?;
        is_taken[b] = true;
        Some(b)
    };
    (0..state.u.len()).map(place).collect()
}

/// A state by the law of crossings with each population in the place of another, if the equations say so, too.
pub(super) fn rearranged(map: &RateMap, state: &State, refined: &State, places: &[usize]) -> Option<State> {
    let of = |values: &[f64]| places.iter().map(|&place| values[place]).collect::<Vec<f64>>();
    let there = map.clone().lengthened(&of(&refined.ln_longer));
    let start = of(&refined.u);
    match newton(&there, start.clone(), MOST_ITERATIONS) {
        Outcome::Converged(iterate) if farthest(&iterate.u, &start) < ARRIVED => {
            Some(State { multiplicity: state.multiplicity, ..State::new(&there, iterate, state.method) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::SynapticFilter;
    use crate::stationary::states;
    use crate::testing::TestNetwork;

    fn two_populations(synapses: [&str; 2]) -> TestNetwork {
        let [excitatory, inhibitory] = synapses;
        TestNetwork::of(&[("E", 800), ("I", 200)])
            .neuron("tau_m", "20 ms")
            .neuron("C_m", "200 pF")
            .neuron("t_ref", "2 ms")
            .exponential_synapse("ampa", 5.0)
            .exponential_synapse("gaba", 10.0)
            .projection(
                "E",
                "E",
                &format!("in_degree = 80\nsynapse = \"{excitatory}\"\nweight = \"{}\"", weight(excitatory, 0.1)),
            )
            .projection(
                "E",
                "I",
                &format!("in_degree = 80\nsynapse = \"{excitatory}\"\nweight = \"{}\"", weight(excitatory, 0.15)),
            )
            .projection(
                "I",
                "E",
                &format!("in_degree = 20\nsynapse = \"{inhibitory}\"\nweight = \"{}\"", weight(inhibitory, -0.5)),
            )
            .drive("E", "kind = \"noise\"\nmean = \"17 mV\"\nstd = \"3 mV\"")
            .drive("I", "kind = \"current\"\nvalue = \"19 mV\"")
    }

    /// A jump of that many mV, by its charge where it takes a while.
    fn weight(synapse: &str, jump_mv: f64) -> String {
        match synapse {
            "ampa" => format!("{} pA", jump_mv * 200.0 / 5.0),
            "gaba" => format!("{} pA", jump_mv * 200.0 / 10.0),
            _ => format!("{jump_mv} mV"),
        }
    }

    #[test]
    fn rates_are_those_of_the_law_of_crossings_at_the_input_that_they_make() {
        let network = two_populations(["ampa", "gaba"]).read();
        let map = RateMap::new(&network, SynapticFilter::Full).unwrap();
        let found = states(&map).unwrap();
        assert!(!found.search.complete && found.lost == 0 && found.states.len() == 1);
        let rates_hz = found.states[0].rates_hz();
        for (a, input) in map.inputs(&rates_hz).iter().enumerate() {
            let full = map.transfers()[a].full(input).unwrap();
            assert!((full.ln_rate_hz - rates_hz[a].ln()).abs() < 1e-7, "{a}: {full:?} {rates_hz:?}");
        }
        let shifted = states(&RateMap::new(&network, SynapticFilter::ThresholdShift).unwrap()).unwrap();
        let apart = (shifted.states[0].rates_hz()[0] / rates_hz[0] - 1.0).abs();
        assert!(apart > 0.01, "the shift would have been enough: {apart}");
    }

    /// A map along whose three directions changes become smaller by factors of 0.9, -0.7 and 0.8: 170 moves by itself.
    #[test]
    fn factors_that_are_mixed_arrive_in_a_few_moves_and_alone_would_take_many() {
        let found_at =
            |x: &Vec<f64>| vec![0.9 * x[0] + 0.1 + 0.02 * x[1] * x[1], 0.5 * x[2] - 0.7 * x[1], 0.8 * x[2] + 0.2];
        let moves = std::cell::Cell::new(0);
        let moved = |_: &Vec<f64>, factors: &[f64]| {
            moves.set(moves.get() + 1);
            Some(factors.to_vec())
        };
        let (at, factors) = settled(vec![0.0; 3], found_at, moved, |to, from| farthest(to, from)).unwrap();
        assert!(farthest(&found_at(&at), &factors) < 1e-7 && at == factors, "{at:?}");
        assert!(moves.get() < 15, "{} moves", moves.get());
    }

    #[test]
    fn without_time_constants_nothing_is_refined() {
        let network = two_populations(["delta", "delta"]).read();
        let at = |filter| states(&RateMap::new(&network, filter).unwrap()).unwrap();
        let (auto, shift) = (at(SynapticFilter::Auto), at(SynapticFilter::ThresholdShift));
        assert!(auto.search.complete);
        assert_eq!(auto.states[0].rates_hz(), shift.states[0].rates_hz());
    }
}
