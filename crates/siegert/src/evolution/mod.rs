//! The network in time: the density of the potential in every population, coupled through the projections.
//!
//! ```text
//! dp/dt = -dJ/dV + r(t - t_ref) delta(V - V_reset),   J = F(V, mu(t)) p/tau_m - sigma^2(t)/(2 tau_m) dp/dV,   p(V_th) = 0,   r(t) = J(V_th)
//! int p dV + int_(t - t_ref)^t r = 1
//! ```
//!
//! with `mu(t)` and `sigma^2(t)` from the rates of all populations and the drives, later by their delays and filtered by their synapses (`input`). It is the limit of infinitely many
//! neurons that hear many small jumps: what stands still in it is a stationary state of the same theory, what moves a little follows its linear response.
//!
//! Every one-dimensional neuron is taken (`neuron::Model::flow`). What is not there yet is refused by name: adaptation, conductances, synapses whose weight depends on
//! the spikes before, neurons that differ; and nothing is said of jumps of finite size nor of a finite number of neurons.
//!
//! The method: fluxes of Scharfetter and Gummel on a line of nodes (`line`, `mesh`), TR-BDF2 in time; steps are short after anything abrupt and grow from there, as rates change with
//! the square root of the time then. Where delays are shorter than a step, the step is repeated until its rates are those that it assumed.
//!
//! Rates alone, by equations that stand for the densities, are `rate_equations`; the modes of a density are `operator` and `relaxation`.
//!
//! Source: Brunel and Hakim (1999), Neural Comput 11:1621, eqs. 2.6 to 2.12; Brunel (2000), J Comput Neurosci 8:183, section 3.
//! Accuracy: errors fall with the square of the distances of nodes and of steps, which the accuracy asked for sets: see the tests for what is reached.

mod input;
mod line;
mod mesh;
mod operator;
mod past;
mod population;
mod rate_equations;
mod relaxation;
mod run;

use crate::Warning;
use crate::network::{Drive, Network, NeuronModel, Population as Described};
use crate::neuron::lif::SynapticFilter;
use crate::theory::SolveError;
use crate::work::Cancelled;

pub use operator::{Mode, modes};
pub use rate_equations::{Departure, Misfit, RateEquation, evolve_rates};
pub use relaxation::{relaxation, relaxations};
pub use run::evolve;

/// Where an evolution starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// In the first stable state of the drives that act before time 0, modulations left out.
    #[default]
    State,
    /// In a state of a number, counted from 1 in order of ascending total rate.
    Numbered(usize),
    /// With all neurons at their reset.
    Reset,
}

/// How an evolution is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvolutionOptions {
    /// How long.
    pub duration_ms: f64,
    /// The time between rates that are kept.
    pub dt_ms: f64,
    /// The relative error of rates that is aimed at.
    pub accuracy: f64,
    /// Where it starts.
    pub start: Start,
    /// How the time constants of synapses enter: `ThresholdShift`, `Ignore`, or `Auto` for the one that is defined.
    pub filter: SynapticFilter,
}

impl Default for EvolutionOptions {
    fn default() -> Self {
        EvolutionOptions {
            duration_ms: 1000.0,
            dt_ms: 1.0,
            accuracy: 1e-3,
            start: Start::default(),
            filter: SynapticFilter::Auto,
        }
    }
}

/// Rates in time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evolution {
    /// Times from 0 on.
    pub times_ms: Vec<f64>,
    /// Rates of each population then.
    pub rates_hz: Vec<Vec<f64>>,
    /// By how much the neurons of a population were not 1 in all, at most.
    pub conservation_error: f64,
    /// The smallest part of the neurons at a node: negative by rounding at most.
    pub least_mass: f64,
    /// How the time constants of synapses entered.
    pub filter: SynapticFilter,
    /// Steps that were taken.
    pub steps: u64,
    /// What is left out or taken by an approximation.
    pub warnings: Vec<Warning>,
}

/// Why a network is not evolved.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvolutionError {
    /// Neurons or synapses whose density is not computed.
    #[error("population '{population}': the density of neurons {what} is not computed yet; simulate takes the network")]
    NotYet {
        /// The population.
        population: String,
        /// What they have.
        what: &'static str,
    },
    /// A filter that is none of those in time.
    #[error(
        "--filter {filter}: in time there are --filter shift (threshold and reset are shifted) and none (synapses filter the mean and add no shift)"
    )]
    Filter {
        /// Its name.
        filter: &'static str,
    },
    /// A population without noise, whose density is no function.
    #[error(
        "population '{population}' hears no noise at the start: its density is a single point, which no grid shows; give it a noise or a Poisson drive"
    )]
    NoNoise {
        /// The population.
        population: String,
    },
    /// What is known are rates, and where all neurons are at their reset these do not say it.
    #[error(
        "--start reset: rate equations know nothing of potentials; take --start state, the number of a state, or --equation density"
    )]
    OnlyRates,
    /// There is no state to start from.
    #[error("no state to start from: {0}; --start reset needs none")]
    Solve(#[from] SolveError),
    /// There are fewer states.
    #[error("there is no state {asked}: the network has {found}, counted from 1 in order of ascending total rate")]
    NoState {
        /// The number that was asked for.
        asked: usize,
        /// How many there are.
        found: usize,
    },
    /// Potentials or noise for which there are no nodes.
    #[error("population '{population}': no grid resolves potentials and noise as far apart as these")]
    Grid {
        /// The population.
        population: String,
    },
    /// Without delays the populations would change each other without end.
    #[error(
        "from {time_ms} ms on the populations, which hear each other without delay, find no rates that agree (where all noise comes from the network itself, nothing says what it is at a moment); give the projections a delay"
    )]
    NoAgreement {
        /// When.
        time_ms: f64,
    },
    /// It would take too long.
    #[error(
        "it would take {steps:.1e} steps of {longest_ms:.1e} ms on {nodes} nodes; ask for a shorter --duration or less --accuracy, or leave out times (t_ref, tau_m, tau) as short as that"
    )]
    TooLong {
        /// Steps.
        steps: f64,
        /// The longest step.
        longest_ms: f64,
        /// Nodes of all populations.
        nodes: usize,
    },
    /// A time or an accuracy that makes no sense.
    #[error("{name} is {value}; it must be {right}")]
    Option {
        /// Which.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would do.
        right: &'static str,
    },
    /// It was stopped.
    #[error("stopped before the end")]
    Cancelled(#[from] Cancelled),
}

/// The network with the drives that acted before time 0, for ever and without modulation: where an evolution starts from.
pub fn before_the_start(network: &Network) -> Network {
    let acted =
        |drive: &&Drive| drive.start_ms.is_none_or(|start| start < 0.0) && drive.stop_ms.is_none_or(|stop| stop > 0.0);
    with_lasting_drives(network, acted)
}

/// The network with some of its drives, which act for ever and are not modulated.
fn with_lasting_drives(network: &Network, some: impl FnMut(&&Drive) -> bool) -> Network {
    let lasting = |drive: &Drive| Drive { start_ms: None, stop_ms: None, modulation: None, ..drive.clone() };
    Network { drives: network.drives.iter().filter(some).map(lasting).collect(), ..network.clone() }
}

/// What neurons of a population have that is not there yet.
fn adaptation_of(population: &Described) -> Option<&'static str> {
    matches!(population.neuron.model, NeuronModel::Adex { .. }).then_some("with adaptation (adex)")
}
