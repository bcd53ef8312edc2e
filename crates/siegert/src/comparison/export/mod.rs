//! A network as a script for another simulator: an independent check of everything that siegert says about it.
//!
//! The script states every parameter by value, draws connections by the same rules, and prints the statistics of
//! [`crate::simulation`] under the same keys. What the other simulator cannot do is refused, never approximated in silence.
//!
//! ```
//! use siegert::comparison::export::{ExportTarget, script};
//! use siegert::network::{ReadOptions, open};
//! use siegert::simulation::SimulationOptions;
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let script = script(&network, ExportTarget::Nest, &SimulationOptions::default())?;
//! assert!(script.text.contains(r#"("E", "I", {"rule": "fixed_indegree", "indegree": 1000}, {"weight": 0.1, "delay": 1.5})"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod brian2;
mod brian2_drives;
mod brian2_flow;
mod brian2_nmda;
mod brian2_plastic;
mod differing;
mod exported_network;
mod header;
mod nest;
mod nest_drives;
mod nest_models;
mod nest_nmda;
mod python;
#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::network::{Network, NetworkError};
use crate::simulation::{SimulationError, SimulationOptions};
use crate::{Shown, Warning};
use exported_network::ExportedNetwork;

/// The simulator that a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportTarget {
    /// NEST 3.10, through PyNEST.
    Nest,
    /// Brian 2.9.
    Brian2,
}

/// A script, and what to know about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Script {
    /// The Python source.
    pub text: String,
    /// What was rounded or assumed, as sentences.
    pub warnings: Vec<Warning>,
}

/// The script that does what a simulation with these options does; they become the defaults of its own options.
///
/// Threads are for NEST, one if none are said; how connections are held and rates to start near have no counterpart.
///
/// # Errors
///
/// What the simulator of this crate refuses, and what the other one cannot do, each with its place in the network; mistakes of a
/// network made in code.
pub fn script(network: &Network, target: ExportTarget, options: &SimulationOptions) -> Result<Script, ExportError> {
    network.check()?;
    let exported = ExportedNetwork::new(network, options)?;
    let text = match target {
        ExportTarget::Nest => nest::script(&exported)?,
        ExportTarget::Brian2 => brian2::script(&exported)?,
    };
    Ok(Script { text, warnings: exported.warnings })
}

/// A network that a script cannot state.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A network made in code with mistakes.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// What is not simulated here cannot be compared either.
    #[error("only what siegert simulates can be exported: {0}")]
    Simulation(#[from] SimulationError),
    /// A population without neurons.
    #[error("population {population} has no neurons, which other simulators refuse; leave it out of the file")]
    Empty {
        /// Its name.
        population: String,
    },
    /// A time step that NEST's clock does not have.
    #[error("dt is {} ms; NEST's clock counts microseconds: take a multiple of 0.001 ms", Shown(*dt_ms))]
    TimeStep {
        /// The time step.
        dt_ms: f64,
    },
    /// A seed out of range.
    #[error("the seed is {seed}; NEST and Brian2 take 1 to 4294967295")]
    Seed {
        /// The seed.
        seed: u64,
    },
    /// Both kinds of synapse at one neuron.
    #[error(
        "population {population}: NEST has no neuron with both {first} and {second} synapses; make one kind of all its synapses, or \
         export brian2"
    )]
    BothKinds {
        /// Name of the population.
        population: String,
        /// One kind.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// More conductances than NEST's neurons have.
    #[error(
        "population {population}: NEST's neurons have one conductance of excitation and one of inhibition, each with its time constant and E_rev; make two \
         kinds of all its synapses that are conductances, or export brian2"
    )]
    Conductances {
        /// Name of the population.
        population: String,
    },
    /// Conductances that are open for an instant.
    #[error(
        "population {population}: {simulator} has no conductances that are open for an instant (delta_conductance); make them of kind \
         exponential_conductance with a short tau"
    )]
    Pulses {
        /// Name of the population.
        population: String,
        /// The simulator.
        simulator: &'static str,
    },
    /// NMDA receptors beyond those of NEST's one neuron that has them.
    #[error("population {population}: NEST's one neuron with NMDA receptors, iaf_bw_2001, {why}; or export brian2")]
    Nmda {
        /// Name of a population that hears or sends through such receptors.
        population: String,
        /// What the neuron is instead, and the way out.
        why: &'static str,
    },
    /// Trains of a drive that saturate.
    #[error(
        "{place}: the gating of nmda synapses saturates source by source, which a generator of Poisson trains does not do in a script; make the sources a \
         population that spikes at their rate"
    )]
    SaturatingDrive {
        /// The drive.
        place: String,
    },
    /// Weights of conductances that may be negative, for NEST.
    #[error(
        "{place}: its law of weights gives negative conductances, which NEST would add to the other kind of synapse; take a law of positive numbers \
         (lognormal, exponential), or export brian2"
    )]
    NegativeConductances {
        /// The projection or drive.
        place: String,
    },
    /// A current with two time constants, for NEST.
    #[error(
        "population {population}: NEST has no neuron with currents that rise and decay with two time constants (double_exponential_current): \
         make them of kind alpha_current or exponential_current, or export brian2"
    )]
    TwoTimes {
        /// Name of the population.
        population: String,
    },
    /// A neuron without leak, for NEST.
    #[error(
        "population {population}: NEST has no leakless (perfect) neuron with a threshold; a long tau_m in its LIF neuron is another model: \
         export brian2"
    )]
    Leakless {
        /// Name of the population.
        population: String,
    },
    /// A quadratic neuron, for NEST.
    #[error(
        "population {population}: NEST has no quadratic (qif) neuron; its izhikevich has fixed coefficients and a recovery variable: export brian2"
    )]
    Quadratic {
        /// Name of the population.
        population: String,
    },
    /// Weights that are drawn anew for each spike, for NEST.
    #[error(
        "{place}: a connection of NEST keeps its weight; leave redraw_weights out (sigma stays, neurons differ more), or export brian2"
    )]
    RedrawnWeights {
        /// The drive.
        place: String,
    },
    /// Time constants of synapses that NEST's exponential neurons cannot tell apart.
    #[error(
        "population {population}: NEST's {model} has one time constant of positive currents and one of negative ones; make these of its \
         synapses, or export brian2"
    )]
    Ports {
        /// Name of the population.
        population: String,
        /// NEST's name of the neuron.
        model: &'static str,
    },
    /// A peak so high that NEST fears an overflow.
    #[error(
        "population {population}: V_peak is {} mV; NEST takes none from {} mV on, where its exponential may overflow: a lower one changes \
         nothing that can be measured", Shown(*V_peak_mv), Shown(*highest_mv)
    )]
    Sharp {
        /// Name of the population.
        population: String,
        /// Its peak.
        V_peak_mv: f64,
        /// The limit.
        highest_mv: f64,
    },
    /// A quadratic neuron between infinities, for Brian2.
    #[error(
        "population {population}: Brian2 has no step that takes a quadratic neuron to infinity and back; give a finite V_peak and V_reset, as far \
         as the time step allows"
    )]
    Infinite {
        /// Name of the population.
        population: String,
    },
    /// A quadratic neuron whose reset is too far away for Brian2's methods.
    #[error(
        "population {population}: V_reset is {} mV; Brian2's explicit methods follow a quadratic neuron from {} mV on in this time step: take a \
         higher V_reset or a smaller dt", Shown(*V_reset_mv), Shown(*lowest_mv)
    )]
    Stiff {
        /// Name of the population.
        population: String,
        /// Its reset.
        V_reset_mv: f64,
        /// The limit.
        lowest_mv: f64,
    },
    /// A rule that NEST does not have.
    #[error("{place}: NEST draws a fixed total only with multapses; allow them, give a probability, or export brian2")]
    Multapses {
        /// The projection.
        place: String,
    },
    /// A law of delays that hardly ever gives a delay of a step.
    #[error(
        "{place}: next to all of the delays are shorter than dt, and cannot be drawn again so often; give longer ones"
    )]
    ShortDelays {
        /// The projection.
        place: String,
    },
    /// A law of initial potentials that is not written down.
    #[error(
        "population {population}: the scripts start potentials at one value or evenly between two; write initial as one value or as a uniform law"
    )]
    Initial {
        /// Name of the population.
        population: String,
    },
    /// A course that NEST's generators do not follow as they are written down.
    #[error(
        "{place}: a course in time is not stated for NEST; write steps as drives with start and stop, or export brian2"
    )]
    Course {
        /// The drive.
        place: String,
    },
    /// A course with more times than an expression should have.
    #[error("{place}: a course with {times} times is too long for an expression; {most} are the most: leave some out")]
    LongCourse {
        /// The drive.
        place: String,
        /// Times that it has.
        times: usize,
        /// How many it may have.
        most: usize,
    },
    /// Delays with a law of a drive that is switched or modulated.
    #[error("{place}: a law of its delays cannot be stated for a drive with start, stop or modulation; give one delay")]
    DriveDelays {
        /// The drive.
        place: String,
    },
    /// A current that differs between neurons and is switched or modulated.
    #[error(
        "{place}: a current that differs between neurons cannot be stated with start, stop or modulation; take these out, or give one value"
    )]
    DifferingCourse {
        /// The drive.
        place: String,
    },
    /// Noise of neurons whose time constants differ.
    #[error(
        "{place}: noise of neurons whose tau_m differs cannot be stated, since its increments in a step depend on tau_m; give tau_m one \
         value, or make the noise of Poisson trains"
    )]
    DifferingNoise {
        /// The drive.
        place: String,
    },
    /// Noise that is modulated.
    #[error(
        "{place}: NEST's noise_generator cannot modulate the standard deviation of noise this way; take the modulation out, or export \
         brian2"
    )]
    ModulatedNoise {
        /// The drive.
        place: String,
    },
    /// Poisson sources of Brian2 that would spike more than once a step.
    #[error(
        "{place}: a source of {} Hz, with its own weight, spikes too often for a step of Brian2; give more sources (in_degree) of a \
         lower rate, or export nest",
        Shown(*rate_hz)
    )]
    FastSources {
        /// The drive.
        place: String,
        /// Rate of one source.
        rate_hz: f64,
    },
}
