//! Closing the loop: the rates that make the input are the rates that the input makes, `r = f(mu(r), sigma(r))`.
//!
//! [`RateMap`] is the right-hand side with its derivatives; [`solve()`] finds a fixed point by Newton's method in the
//! logarithms of the rates (`newton`), if need be by following the state of the uncoupled network as the coupling grows
//! (`continuation`), and says whether it is stable under the rate dynamics (`stability`).
//! [`balance`] is the limit of many weak synapses. What costs too much for a search, the law of threshold crossings in filtered noise, is asked at
//! the states that were found (`refine`), and at some places of a curve that is drawn (`interpolated`).
//!
//! What is guaranteed: with refractory times the rates are bounded, so the branch that starts at the uncoupled network
//! (one state) cannot end before full coupling (Leray and Schauder): following it finds a state. [`states()`] finds all: of up
//! to three effective populations with proof (`exhaustive`), of more from many starts, which proves nothing; [`Search`]
//! says which.

mod at_threshold;
pub mod balance;
mod classes;
mod continuation;
mod exhaustive;
mod interpolated;
mod map;
mod newton;
mod refine;
mod result;
mod search;
mod solve;
mod stability;
mod symmetry;
mod target;

pub use crate::transfer::Input;
pub use interpolated::Interpolated;
pub use map::RateMap;
pub(crate) use map::{cv, times_of};
pub(crate) use newton::{ln_rate, rates, u_of};
pub use result::{Eigenvalue, Method, Search, Stability};
pub use search::{Found, State, states};
pub(crate) use search::{index_sum, is_bounded};
pub use solve::{SolveError, TheoryOptions, solve, solve_from};
pub(crate) use symmetry::Exchange;
pub use target::{MOST_TARGETS, Span, Target, TargetError, TargetQuantity, TargetSolution, Targeted, find_targets};
