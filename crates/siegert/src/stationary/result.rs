//! What a search for stationary states returns.

use serde::Serialize;

pub use super::stability::Stability;
use crate::network::Parameter;
pub use crate::trust::Validity;
use crate::trust::Verdict;

/// The stationary states of a network that were found, and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Solution {
    /// The network's name.
    pub network: String,
    /// The parameters in force.
    pub parameters: Vec<Parameter>,
    /// The states, in order of ascending total rate.
    pub fixed_points: Vec<FixedPoint>,
    /// How they were looked for.
    pub search: Search,
    /// What was left out or stretched: sentences for the user.
    pub warnings: Vec<String>,
}

/// How states were looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
}

/// One stationary state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FixedPoint {
    /// Whether it is stable under the rate dynamics `tau_m dr/dt = -r + f(mu(r), sigma(r))`.
    pub stable: bool,
    /// Whether it is a saddle, `det(1 - D Phi) < 0`: then the spiking network leaves it, whatever its delays. A state that is
    /// neither stable nor a saddle: see [`FixedPoint::stability`].
    pub saddle: bool,
    /// Eigenvalues of that dynamics, rightmost first.
    pub rate_eigenvalues_per_s: Vec<Eigenvalue>,
    /// Sign of `det(1 - D Phi)`, `Phi` the map from rates to rates: 1, -1 (then the state is a saddle), or 0 at a fold and for silence
    /// that the least spike ends, because populations are driven exactly to threshold without noise.
    pub index: i8,
    /// How many states this one stands for: itself and those that differ from it only by an exchange of populations that can be
    /// exchanged without changing the equations. Of these, the one is listed whose rates descend in the order of the file.
    pub multiplicity: u64,
    /// Largest `|ln f(r) - ln r|` over the populations: the relative error with which the equations are solved.
    pub residual: f64,
    /// How the state was reached.
    pub method: Method,
    /// Evaluations of the equations with their derivatives.
    pub iterations: usize,
    /// How far to trust it.
    pub verdict: Verdict,
    /// One entry a population, in the order of the file.
    pub populations: Vec<PopulationState>,
}

impl FixedPoint {
    /// What the rate dynamics says of it, and whether that decides anything for the spiking network.
    pub fn stability(&self) -> Stability {
        match Stability::of(self.index, &self.rate_eigenvalues_per_s) {
            _ if self.stable => Stability::Stable,
            _ if self.saddle => Stability::Saddle,
            _ if self.index == 0 => Stability::Unstable,
            // eigenvalues that could not be computed decide nothing
            Stability::Stable => Stability::Oscillating,
            other => other,
        }
    }

    /// The rates, one a population.
    pub fn rates_hz(&self) -> Vec<f64> {
        self.populations.iter().map(|population| population.rate_hz).collect()
    }
}

/// A complex eigenvalue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Eigenvalue {
    /// Real part: growth rate.
    pub growth_per_s: f64,
    /// Imaginary part as an angular rate, over 2 pi.
    pub frequency_hz: f64,
}

/// How a state was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Damped Newton iteration.
    Newton,
    /// Continuation from the uncoupled network, for which the state is known.
    Continuation,
}

/// One population in a stationary state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PopulationState {
    /// The population's name.
    pub name: String,
    /// Rate; 0 where it underflows, see `log10_rate_hz`.
    pub rate_hz: f64,
    /// Decadic logarithm of the rate, finite where the rate underflows; `None` for a rate that is exactly 0 (no noise).
    pub log10_rate_hz: Option<f64>,
    /// `mu` on the axis of `V_th`.
    pub mean_input_mv: f64,
    /// `sigma`; the free membrane's standard deviation is `sigma / sqrt(2)` for white noise.
    pub std_input_mv: f64,
    /// Coefficient of variation of the interspike intervals; `None` without spikes.
    pub cv: Option<f64>,
    /// The assumptions as measured numbers.
    pub validity: Validity,
}
