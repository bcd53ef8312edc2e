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
//! Every neuron is taken: adaptation by its mean (`adaptation`), neurons that differ as a few classes that stand for all (`group`), conductances as the effective time constant that stationary states have them by, with noise
//! that depends on the potential where they act at once (`input`), plastic synapses and gates of NMDA by their own equations (`sent`). Synapses that act at once may send jumps of the size that they have in place of white
//! noise (`jumps`, `remap`). Finite numbers of neurons, and what chance makes of their rates, are in `finite`; equations for rates alone, made from the densities' modes or responses, in `rate_equations`.
//!
//! The method: fluxes of Scharfetter and Gummel on a line of nodes (`line`, `mesh`), TR-BDF2 in time; steps are short after anything abrupt and grow from there, as rates change with
//! the square root of the time then. Where delays are shorter than a step, the step is repeated until its rates are those that it assumed.
//!
//! Rates alone, by equations that stand for the densities, are `rate_equations`; the modes of a density are `operator` and `relaxation`.
//!
//! Source: Brunel and Hakim (1999), Neural Comput 11:1621, eqs. 2.6 to 2.12; Brunel (2000), J Comput Neurosci 8:183, section 3.
//! Accuracy: errors fall with the square of the distances of nodes and of steps, which the accuracy asked for sets: see the tests for what is reached.

mod adaptation;
mod density;
mod finite;
mod group;
mod input;
mod jumps;
mod line;
mod members;
mod mesh;
mod operator;
mod past;
mod population;
mod rate_equations;
mod relaxation;
mod remap;
mod run;
mod sent;

use crate::Warning;
use crate::network::{Drive, Network};
use crate::neuron::lif::SynapticFilter;
use crate::theory::SolveError;
use crate::transfer::InputTheory;
use crate::work::Cancelled;

pub use density::{Density, DensityOptions};
pub use finite::{FiniteEquation, FiniteSize};
pub(crate) use input::Course;
pub use operator::{Mode, modes};
pub use rate_equations::{Departure, Misfit, RateEquation, evolve_rates};
pub use relaxation::{relaxation, relaxations};
pub(crate) use run::check;
pub use run::{evolve, rates_of_start};

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
    /// With potentials drawn as the network says, and where it says nothing evenly between rest and threshold.
    File,
}

impl Start {
    /// What is started from if nothing is said: the potentials of the network where it gives any, else the first stable state.
    pub fn usual(network: &Network) -> Self {
        let is_given = network.populations.iter().any(|population| population.initial_mv.is_some());
        if is_given { Start::File } else { Start::State }
    }
}

/// How an evolution is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct EvolutionOptions {
    /// How long.
    pub duration_ms: f64,
    /// The time between rates that are kept.
    pub dt_ms: f64,
    /// The relative error of rates that is aimed at.
    pub accuracy: f64,
    /// Where it starts.
    pub start: Start,
    /// By how much potentials of each population are shifted at time 0, in mV; by nothing, if none are said.
    pub kicks_mv: Vec<f64>,
    /// How the time constants of synapses enter: `ThresholdShift`, `Ignore`, or `Auto` for the one that is defined.
    pub filter: SynapticFilter,
    /// What spikes are taken for: white noise, or, through synapses that act at once, jumps of the size that they have.
    pub input: InputTheory,
    /// How much of the densities is kept; nothing, if none is said.
    pub densities: Option<DensityOptions>,
    /// With the chance of a finite number of neurons; without, of infinitely many.
    pub finite_size: Option<FiniteSize>,
}

impl Default for EvolutionOptions {
    fn default() -> Self {
        EvolutionOptions {
            duration_ms: 1000.0,
            dt_ms: 1.0,
            accuracy: 1e-3,
            start: Start::default(),
            kicks_mv: Vec::new(),
            filter: SynapticFilter::Auto,
            input: InputTheory::Diffusion,
            densities: None,
            finite_size: None,
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
    /// The same averaged over the time since the one before; at time 0 that at time 0.
    pub mean_rates_hz: Vec<Vec<f64>>,
    /// Mean potentials of each population then, of neurons that are refractory the reset.
    pub mean_V_mv: Vec<Vec<f64>>,
    /// The density of each population, where densities are kept.
    pub densities: Vec<Density>,
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
    /// Jumps that are not counted one by one.
    #[error(
        "population '{population}': jumps are not counted one by one at {what}; --equation density takes them for white noise"
    )]
    Jumps {
        /// The population.
        population: String,
        /// At what.
        what: &'static str,
    },
    /// Neurons and synapses of which there is no rate equation.
    #[error("population '{population}': there is no rate equation of neurons {what}; --equation density takes them")]
    NoRateEquation {
        /// The population.
        population: String,
        /// What they have.
        what: &'static str,
    },
    /// Finite numbers of neurons of which there are no equations.
    #[error(
        "population '{population}': the chance of a finite number of neurons is not computed for those {what}; --equation density takes them, for infinitely many"
    )]
    Finite {
        /// The population.
        population: String,
        /// Which.
        what: &'static str,
    },
    /// Neurons that differ more than a few of them show.
    #[error(
        "population '{population}': its neurons differ so much, beside their noise, that no few hundred of them stand for all at this accuracy; ask for less --accuracy, or for smaller differences"
    )]
    Members {
        /// The population.
        population: String,
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
        "--start reset, --start file and --kick are of potentials, of which rate equations know nothing; take --start state, the number of a state, or --equation density"
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
    /// Kicks that are not one for each population.
    #[error("{found} kicks were given for {expected} populations")]
    Kicks {
        /// Populations.
        expected: usize,
        /// Kicks given.
        found: usize,
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

/// The network with the drives that acted before time 0, for ever, as they were then and without modulation: where an evolution starts from.
pub fn before_the_start(network: &Network) -> Network {
    let acted =
        |drive: &&Drive| drive.start_ms.is_none_or(|start| start < 0.0) && drive.stop_ms.is_none_or(|stop| stop >= 0.0);
    let then = |drive: &Drive| drive.times(drive.course.as_ref().map_or(1.0, |course| course.at(0.0)));
    let drives = network.drives.iter().map(then).collect();
    with_lasting_drives(&Network { drives, ..network.clone() }, acted)
}

/// The network with some of its drives, which act for ever and are not modulated.
fn with_lasting_drives(network: &Network, some: impl FnMut(&&Drive) -> bool) -> Network {
    let lasting = |drive: &Drive| Drive::new(drive.target, drive.kind.clone());
    Network { drives: network.drives.iter().filter(some).map(lasting).collect(), ..network.clone() }
}
