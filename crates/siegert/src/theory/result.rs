//! All that is worth knowing of stationary states, as commands print it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::full_dynamics::{FullDynamics, StateName};
use crate::network::Parameter;
use crate::self_consistent::{SelfConsistentPopulation, SelfConsistentRun};
use crate::stationary::{Eigenvalue, Method, Search, Stability};
use crate::trust::{Validity, Verdict};
use crate::{Provenance, Warning};

/// The stationary states of a network that were found, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Solution {
    /// The network's name.
    pub network: String,
    /// The parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// The states, in order of ascending total rate.
    pub fixed_points: Vec<FixedPoint>,
    /// How they were looked for.
    pub search: Search,
    /// What is meant by their stability, in a sentence: [`STABILITY`].
    pub stability: Cow<'static, str>,
    /// Why the full dynamics is not there, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_dynamics_note: Option<String>,
    /// What was left out or stretched.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What is said of stability, and what it decides.
pub const STABILITY: &str = "Stability is that of the rate dynamics tau_m dr/dt = -r + f(mu(r), sigma(r)); the network leaves a saddle, too. \
                             Whether oscillations grow in it depends on delays and the neurons' response: that is its full dynamics.";

/// One stationary state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FixedPoint {
    /// Whether it is stable under the rate dynamics `tau_m dr/dt = -r + f(mu(r), sigma(r))`.
    pub stable: bool,
    /// Whether it is a saddle, `det(1 - D Phi) < 0`: then the spiking network leaves it, whatever its delays. A state that is
    /// neither stable nor a saddle: see [`FixedPoint::stability`].
    pub saddle: bool,
    /// What the network does with its delays, synapses and neurons as they are; nothing where that was not asked for, or is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_dynamics: Option<FullDynamics>,
    /// What the state is called for it; nothing for a state that the network leaves without oscillating, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_name: Option<StateName>,
    /// Eigenvalues of the rate dynamics, rightmost first.
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
    /// How its input was made self-consistent; `None` where it is taken for Poisson processes. Stability, eigenvalues and index are then those of the state with
    /// Poisson input, and `residual` is the largest relative standard error of the rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_consistent: Option<SelfConsistentRun>,
    /// One entry a population, in the order of the file.
    pub populations: Vec<PopulationState>,
}

impl FixedPoint {
    /// What the rate dynamics says of it, and whether that decides anything for the spiking network.
    pub fn stability(&self) -> Stability {
        Stability::of_state(self.stable, self.index, &self.rate_eigenvalues_per_s)
    }

    /// The rates, one a population.
    pub fn rates_hz(&self) -> Vec<f64> {
        self.populations.iter().map(|population| population.rate_hz).collect()
    }
}

/// One population in a stationary state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationState {
    /// The population's name.
    pub name: String,
    /// Number of neurons.
    pub size: u64,
    /// Rate; 0 where it underflows, see `log10_rate_hz`.
    pub rate_hz: f64,
    /// Decadic logarithm of the rate, finite where the rate underflows; `None` for a rate that is exactly 0 (no noise).
    pub log10_rate_hz: Option<f64>,
    /// `mu` on the axis of `V_th`.
    pub mean_input_mv: f64,
    /// `sigma`; the free membrane's standard deviation is `sigma / sqrt(2)` for white noise.
    pub std_input_mv: f64,
    /// `(V_th - mu) / sigma`, positive where noise makes the spikes; `None` without noise.
    pub distance_to_threshold_over_sigma: Option<f64>,
    /// Coefficient of variation of the interspike intervals; `None` without spikes.
    pub cv: Option<f64>,
    /// What conductances make of the membrane; `None` without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conductances: Option<ShuntedMembrane>,
    /// The assumptions as measured numbers.
    pub validity: Validity,
    /// Errors by sampling, the spectrum of the spikes and the Poisson theory beside, where the input is self-consistent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_consistent: Option<SelfConsistentPopulation>,
}

/// What the conductances of a population make of its membrane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShuntedMembrane {
    /// `G`, the mean conductance over the leak, that of NMDA as it is linearised: far above 1 the network is strongly coupled.
    pub conductance_over_leak: f64,
    /// `tau_m/(1 + G)`, in which the membrane follows its input.
    pub tau_eff_ms: f64,
    /// The mean that conductances alone would make: `mu` for `G` so large that leak and currents do not count. `None` without conductances that are open.
    pub mean_of_conductances_mv: Option<f64>,
}
