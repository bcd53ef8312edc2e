//! What a search for stationary states returns.

use serde::{Deserialize, Serialize};

pub use super::stability::Stability;

/// How states were looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Search {
    /// Whether it is proved that no other state exists.
    ///
    /// The argument: populations that share all inputs count as one; of up to three effective populations the range of rates,
    /// from 0 to `1/t_ref` (to 1 MHz without refractory time), is divided until each part is shown to hold no state, or one
    /// at most, which is then found. In ordinary arithmetic with margins for rounding.
    pub complete: bool,
    /// Populations that differ in their inputs.
    pub effective_populations: usize,
    /// Parts of the range of rates that the proof looked at; 0 if none was tried.
    pub parts: usize,
    /// Other searches: starting points of Newton's method, plain and deflated, and continuations. 0 if none was needed.
    pub starts: usize,
    /// Sum of the indices of the states found, each with its permutations; over all states of a network with refractory times it
    /// is 1.
    pub index_sum: i64,
    /// Whether refractory times bound all rates; without them the proof ends at 1 MHz and the sum may be any.
    pub bounded: bool,
}

impl Search {
    /// Whether the sum of the indices says that a state is missing. That it is right proves nothing: states come and go in pairs.
    pub fn lacks_states(&self) -> bool {
        !self.complete && self.bounded && self.index_sum != 1
    }
}

/// A complex eigenvalue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Eigenvalue {
    /// Real part: growth rate.
    pub growth_per_s: f64,
    /// Imaginary part as an angular rate, over 2 pi.
    pub frequency_hz: f64,
}

/// How a state was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Damped Newton iteration.
    Newton,
    /// Continuation from the uncoupled network, for which the state is known.
    Continuation,
}
