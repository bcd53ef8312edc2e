//! Low-dimensional equations in place of a network: the exact reduction of quadratic neurons, and rate models of a few variables.
//!
//! Infinitely many quadratic neurons (`qif`) with `V_peak = inf`, `V_reset = -inf`, without refractory time and noise, whose currents differ by a Lorentzian law of half width `gamma`, are
//! described without approximation by two numbers a population: the rate `r` and `x = <V> - V_th`, the mean of the potential above threshold (a principal value). With
//! `tau_m dV/dt = (V - V_th)^2/(2 Delta_T) + mu - V_th + sum_k g_k (E_k - V)` for the neuron at the centre of the law
//!
//! ```text
//! tau_m r' = gamma/(2 pi Delta_T tau_m) + r x/Delta_T - (G + q) r
//! tau_m x' = x^2/(2 Delta_T) + mu - V_th + sum_k g_k (E_k - V_th) - G x - 2 Delta_T (pi tau_m r)^2,     G = sum_k g_k
//! mu = E_L + R I + sum_b tau_m K_b J_b s_b,     g = sum_b tau_m K_b q_b s_b,     gamma = gamma_0 + sum_b Gamma_b s_b
//! u(t) = r_b(t - d),     tau_rise a' = u - a,     tau_syn s' = a - s      (s = u through synapses that act at once)
//! ```
//!
//! with the conductances `g_k` in units of the leak, gap junctions of strength `q` within the population, and weights of which the sum that a neuron hears differs by a Lorentzian law `Gamma_b`. A slow coupling of
//! the population to itself with a negative weight is an adaptation to its mean activity, which all its neurons share.
//!
//! What is not exact is refused by name ([`ReducedError::NotExact`]) but for one thing: that neurons hear spikes and not a rate vanishes in the limit of many weak synapses alone, so the noise that they are is a warning with
//! its size.
//!
//! Source: Montbrio, Pazo and Roxin (2015), Phys Rev X 5:021028, eqs. 12 (in units of the threshold: `v = x/(2 Delta_T)`, `Delta = gamma/(2 Delta_T)`); synaptic kinetics: Devalle, Roxin and Montbrio (2017), PLoS Comput Biol
//! 13:e1005881; conductances: Coombes and Byrne (2019), in Nonlinear Dynamics in Computational Neuroscience, Springer; gap junctions: Pietras et al. (2019), Phys Rev E 100:042412; adaptation to the mean: Gast, Schmidt and Knosche (2020), Neural Comput 32:1615.
//! Accuracy: fixed points 1e-12 and transients 1e-6 beside another program (`tests/reduced.rs`).

mod branch;
mod closed;
mod description;
mod equations;
mod history;
mod linearised;
mod models;
mod roots;
mod run;
mod states;

use crate::evolution::EvolutionError;
use crate::network::NetworkError;
use crate::work::Cancelled;

pub use branch::{Bifurcation, BifurcationKind, Branch, BranchError, BranchOptions, branch};
pub use closed::{Cusp, MontbrioState, SaddleNode, cusp, montbrio_states, saddle_node_at, saddle_nodes};
pub use equations::Reduction;
pub use models::{LowDimensional, WongWang, qif_inhibitory, qif_with_adaptation};
pub use run::{ReducedEvolution, evolve};
pub use states::{ReducedState, ReducedStates, Search, states};

/// Why a network is not reduced.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReducedError {
    /// Something for which the reduction is not exact.
    #[error(
        "population '{population}' has {what}, for which the reduction to rate and mean potential is not exact: {remedy}"
    )]
    NotExact {
        /// The population.
        population: String,
        /// What it has.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// All neurons alike, which have no rate to relax to.
    #[error(
        "the neurons of population '{population}' are all alike before time 0, and two numbers do not say where they are: give it a drive with kind = \"current\" and value = {{ distribution = \"lorentzian\", center = ..., half_width = ... }}, half_width above 0"
    )]
    Alike {
        /// The population.
        population: String,
    },
    /// A mistake of a network made in code.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Options that make no sense, and starts that are not there.
    #[error(transparent)]
    Evolution(#[from] EvolutionError),
    /// Potentials that have no Lorentzian law.
    #[error(
        "rate and mean potential do not say what potentials of the file or a kick make of the law of potentials; start from a state, or with --start reset"
    )]
    Start,
    /// No fixed point was found.
    #[error("no fixed point of the reduced equations was found, from {starts} starts")]
    NoState {
        /// Starts.
        starts: usize,
    },
    /// More equations with delays than eigenvalues are computed of.
    #[error(
        "{variables} equations with delays are more than the eigenvalues are computed of ({most}); reduce populations, or leave delays out"
    )]
    TooLarge {
        /// Equations.
        variables: usize,
        /// The most.
        most: usize,
    },
    /// It would take too long.
    #[error(
        "it would take {steps:.1e} steps of {shortest_ms:.1e} ms; ask for a shorter --duration or a longer --dt, or leave out delays, time constants and periods as short as that"
    )]
    TooLong {
        /// Steps.
        steps: f64,
        /// The shortest time.
        shortest_ms: f64,
    },
    /// The equations could not be integrated.
    #[error("the reduced equations could not be integrated beyond {time_ms} ms: {why}")]
    Stuck {
        /// Until when.
        time_ms: f64,
        /// What the solver says.
        why: &'static str,
    },
    /// It was stopped.
    #[error("stopped before the end")]
    Cancelled(#[from] Cancelled),
}
