//! States by the law of threshold crossings, from those by the closed forms.
//!
//! The law of crossings (`neuron::coloured`) costs milliseconds, a closed form a microsecond, and they differ by a few per cent. So states are looked for by the closed
//! forms. At a state the law of crossings says by which factor the time from release to spike is longer there ([`Transfer::lengthening`]); with these factors held the
//! state moves a little, and the factors hardly: repeated, this converges by a factor of ten and more a time.
//!
//! Stability and index are those of the closed forms with the factors held: gains that are a few per cent off.
//!
//! [`Transfer::lengthening`]: crate::transfer::Transfer::lengthening

use super::map::RateMap;
use super::newton::{Iterate, Outcome, newton, rates};
use super::search::State;
use super::solve::MOST_ITERATIONS;

/// States that move less than this, in `ln r`, have arrived.
const ARRIVED: f64 = 1e-8;

/// Most times that a state moves.
const MOST_MOVES: usize = 40;

/// The state of the law of crossings near one of the closed forms; `None` where it is lost on the way, or the work is cancelled.
pub(super) fn refined(map: &RateMap, state: &State) -> Option<State> {
    let (mut u, mut iterations) = (state.u.clone(), state.iterations);
    for _ in 0..MOST_MOVES {
        if map.work.is_cancelled() {
            return None;
        }
        let there = map.refined_at(&rates(&u));
        let Outcome::Converged(iterate) = newton(&there, u.clone(), MOST_ITERATIONS) else { return None };
        let moved = iterate.u.iter().zip(&u).filter(|(to, from)| to != from).map(|(to, from)| (to - from).abs());
        let moved = moved.fold(0.0, f64::max);
        iterations += iterate.iterations;
        if moved < ARRIVED {
            let iterate = Iterate { iterations, ..iterate };
            return Some(State { multiplicity: state.multiplicity, ..State::new(&there, iterate, state.method) });
        }
        u = iterate.u;
    }
    None
}
