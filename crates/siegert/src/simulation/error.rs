//! Why a network cannot be simulated.

use thiserror::Error;

use crate::Shown;
use crate::network::NetworkError;

/// A network or an option that the simulator cannot take, or a machine that is too small.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// A network made in code with mistakes.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A neuron model that is not simulated.
    #[error("population {population}: neuron model \"{model}\" is not simulated in this version; {simulated}")]
    Model {
        /// Name of the population.
        population: String,
        /// Name of the model.
        model: &'static str,
        /// Those that are, as "lif and ... are".
        simulated: String,
    },
    /// Short-term plasticity of the trains of a drive.
    #[error(
        "{place}: short-term plasticity of Poisson trains from outside is not simulated; make the sources a population that spikes at their rate"
    )]
    PlasticDrive {
        /// The drive.
        place: String,
    },
    /// A time that must be positive.
    #[error("{name} is {} ms; it must be {wanted}", Shown(*value_ms))]
    Time {
        /// Which one.
        name: &'static str,
        /// Its value.
        value_ms: f64,
        /// What would be right.
        wanted: &'static str,
    },
    /// A recording of a population that does not exist.
    #[error("a recording is of population {index}; the network has {populations}, numbered from 0")]
    RecordedPopulation {
        /// The index asked for.
        index: usize,
        /// Populations.
        populations: usize,
    },
    /// A recording of neurons that a population does not have.
    #[error(
        "population {population} has {size} neurons, numbered from 0; {first}-{last} cannot be recorded: give the first and the last, below {size}"
    )]
    RecordedNeurons {
        /// Name of the population.
        population: String,
        /// First neuron asked for.
        first: u64,
        /// Last neuron asked for.
        last: u64,
        /// Neurons of the population.
        size: u64,
    },
    /// A recording of currents where none flow.
    #[error(
        "population {population} has no synaptic currents, since none of its synapses is one of currents; record inputs instead, in mV"
    )]
    NoCurrents {
        /// Name of the population.
        population: String,
    },
    /// A recording of inputs in mV where conductances arrive.
    #[error(
        "population {population} has synapses that are conductances, whose input is none in mV; record its currents instead, in pA"
    )]
    NoInputs {
        /// Name of the population.
        population: String,
    },
    /// Times between values that are no whole steps.
    #[error(
        "values every {} ms cannot be recorded: it must be a whole number of steps of {} ms, at least one", Shown(*every_ms), Shown(*dt_ms)
    )]
    RecordedTimes {
        /// Time asked for.
        every_ms: f64,
        /// Time step.
        dt_ms: f64,
    },
    /// A recording that would miss the beginning of the run.
    #[error("what is recorded must be said before the first step; {steps_done} are done")]
    RecordedLate {
        /// Steps done.
        steps_done: u64,
    },
    /// Rates to hold that are not one for each population.
    #[error("{found} rates to start near were given for {expected} populations")]
    HeldRates {
        /// Populations.
        expected: usize,
        /// Rates given.
        found: usize,
    },
    /// Kicks that are not one for each population.
    #[error("{found} kicks were given for {expected} populations")]
    Kicks {
        /// Populations.
        expected: usize,
        /// Kicks given.
        found: usize,
    },
    /// A quantity for which a machine has no room.
    #[error("{what}: {}; at most {} can be simulated", Shown(*value), Shown(*most))]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its value.
        value: f64,
        /// The limit.
        most: f64,
    },
    /// A connection rule that cannot be redrawn.
    #[error(
        "{place}: connections with a fixed in-degree can be redrawn only with autapses and multapses; use --connectivity explicit, or allow both"
    )]
    CannotRedraw {
        /// The projection.
        place: String,
    },
    /// More connections than there are pairs.
    #[error("{place}: {wanted} connections without multapses, but only {possible} are possible")]
    TooManyConnections {
        /// The projection.
        place: String,
        /// Number asked for.
        wanted: u64,
        /// Number possible.
        possible: u64,
    },
    /// Memory that the machine does not have.
    #[error(
        "the simulation needs {needed_mb:.0} MB of memory ({connectivity} connectivity), and {available_mb:.0} MB are available; {remedy}"
    )]
    Memory {
        /// Memory needed, in MB.
        needed_mb: f64,
        /// Memory available, in MB.
        available_mb: f64,
        /// "explicit" or "redrawn".
        connectivity: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Memory that the system refuses although it seemed to be there.
    #[error("the system gives no {needed_mb:.0} MB of memory for {what}; make the network smaller, or raise the limit")]
    Allocation {
        /// What it is for.
        what: &'static str,
        /// Memory asked for, in MB.
        needed_mb: f64,
    },
    /// Stopped while building.
    #[error("stopped while the network was being built")]
    Cancelled,
    /// A checkpoint that does not belong to this simulation, or is damaged.
    #[error("the checkpoint {reason}")]
    Checkpoint {
        /// What is wrong with it.
        reason: String,
    },
}
