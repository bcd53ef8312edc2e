//! The network on the grid of time: everything rounded, numbered and checked, before memory is taken.
//!
//! Neurons are numbered through all populations. They are dealt with in blocks, which the network alone determines: a block
//! is the piece whose connections and random numbers are drawn together, so that nothing depends on the number of threads.

mod arrange;
mod describe;
mod hold;
mod on_grid;

use std::ops::Range;

use super::laws::{Delays, MAX_DELAY_STEPS, Weights};
use super::membrane::Builders;
use super::schedule::Schedule;
use super::sending::{Saturation, Sending};
use super::statistics::Window;
use super::{SimulationError, SimulationOptions, SpikeTimes};
use crate::network::{CurrentCourse, Drive, DriveKind, Law, Network, Neuron};
use crate::numerics::steps;
use crate::warning::{Noted, Warning, Warnings};

pub(crate) use hold::held_ms;
pub(crate) use on_grid::{OnGrid, Wiring};

/// Steps that neurons are advanced by before spikes are exchanged, at most.
const LONGEST_INTERVAL: u16 = 64;
/// Steps of a run: random numbers have 44 bits for them.
const MOST_STEPS: f64 = 8e12;
/// Neurons of a population, from its first on, whose potential and input are measured.
pub(super) const SAMPLE: u32 = 1000;

/// The network on the grid.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) dt_ms: f64,
    pub(super) seed: u64,
    pub(super) spike_times: SpikeTimes,
    /// Steps whose spikes are not delivered, since the neurons hear Poisson processes instead; the first part of the warm-up.
    pub(super) held_steps: u64,
    pub(super) warmup_steps: u64,
    pub(super) measured_steps: u64,
    pub(super) populations: Vec<PopulationPlan>,
    pub(super) blocks: Vec<Block>,
    /// By source population, and in it by part.
    pub(super) connections: Vec<Connection>,
    /// Connections of each source population.
    pub(super) from: Vec<Range<usize>>,
    /// Parts of each source population.
    pub(super) parts: Vec<Vec<Part>>,
    /// Ways in which the spikes of each source population send less than the weight.
    pub(super) sendings: Vec<Vec<Sending>>,
    pub(super) drives: Vec<DrivePlan>,
    /// Steps between two exchanges of spikes: not more than the shortest delay.
    pub(super) interval: u16,
    pub(super) longest_delay: u16,
    /// What was rounded or assumed, as it is noted, and as sentences.
    notes: Warnings,
    pub(super) warnings: Vec<Warning>,
}

/// A population on the grid; voltages are relative to `E_L`.
#[derive(Clone, Debug)]
pub(super) struct PopulationPlan {
    pub(super) name: String,
    pub(super) first: u32,
    pub(super) size: u32,
    pub(super) neuron: Neuron,
    /// Makes a block of these neurons.
    pub(super) builders: Builders,
    /// Currents that differ between the neurons.
    pub(super) differing_currents: Vec<DifferingCurrent>,
    /// Steps that a neuron stays at reset after a spike.
    pub(super) refractory_steps: i32,
    /// Ways in which input arrives: kinds of synapse, told apart by their time constants.
    pub(super) channels: Vec<Channel>,
    pub(super) blocks: Range<usize>,
}

impl PopulationPlan {
    /// Whether conductances reach its neurons.
    pub(super) fn conducts(&self) -> bool {
        self.channels.iter().any(|channel| {
            matches!(channel, Channel::Conductance { .. } | Channel::Blocked { .. } | Channel::Pulse { .. })
        })
    }

    /// Whether its neurons differ in more than their connections.
    pub(super) fn differs(&self) -> bool {
        !self.neuron.differences.is_none() || !self.differing_currents.is_empty()
    }
}

/// A current that differs between the neurons of a population.
#[derive(Clone, Copy, Debug)]
pub(super) struct DifferingCurrent {
    /// Number of the drive in the network, which the random numbers depend on.
    pub(super) drive: u32,
    /// `R I` in mV, by the `R` of the neuron at the centre of all laws.
    pub(super) law: Law,
    /// Whether another `R` makes another `R I`.
    pub(super) given_in_pa: bool,
}

/// A kind of synapse at a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Channel {
    /// Jumps of the potential; weights in mV.
    Delta,
    /// Exponential currents; weights in pA, which the population's capacitance turns into voltages.
    Exponential { tau_ms: f64, C_m_pf: f64 },
    /// Currents that rise before they decay; weights in pA, their peak.
    Rising { course: CurrentCourse, C_m_pf: f64 },
    /// Exponential conductances; weights in nS, the reversal potential relative to `E_L`.
    Conductance { tau_ms: f64, C_m_pf: f64, E_rev_mv: f64 },
    /// The same blocked by magnesium: `Mg e^(-beta E_L)/gamma`, and beta in 1/mV.
    Blocked { tau_ms: f64, C_m_pf: f64, E_rev_mv: f64, block: f64, beta_per_mv: f64 },
    /// Conductances that are open for an instant.
    Pulse { C_m_pf: f64, E_rev_mv: f64 },
}

/// Neurons of one population with successive numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) population: usize,
    /// First neuron, counted in its population.
    pub(super) first: u32,
    pub(super) size: u32,
}

/// How the number of connections is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    InDegree(u32),
    Probability(f64),
    Total(u64),
}

/// A projection on the grid.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    /// Number in the network, which its random numbers depend on.
    pub(super) id: u32,
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) channel: usize,
    /// Index in the parts of the source population.
    pub(super) part: usize,
    pub(super) rule: Rule,
    pub(super) autapses: bool,
    pub(super) multapses: bool,
    pub(super) weights: Weights,
    pub(super) delays: Delays,
    /// What its spikes send, if that is not always the weight.
    pub(super) sending: Option<Sending>,
}

/// Connections of one source population that are stored together: one channel, one way of sending, and one weight or weights in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) channel: usize,
    pub(super) strength: Strength,
    /// Index in the ways of sending of the source population.
    pub(super) sending: Option<usize>,
}

impl Part {
    /// The part of the weight that a spike sends, of those that its neuron sends.
    #[inline(always)]
    pub(super) fn sent(&self, sent: &[f32]) -> f32 {
        self.sending.map_or(1.0, |index| sent[index])
    }
}

/// Weights of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Strength {
    /// The same for all.
    Uniform(f32),
    /// Whole multiples of this, in 16 bits.
    Multiples(f32),
}

/// A drive on the grid.
#[derive(Clone, Debug)]
pub(super) struct DrivePlan {
    pub(super) population: usize,
    pub(super) kind: DriveStep,
    pub(super) schedule: Schedule,
}

/// What a drive does in one step.
#[derive(Clone, Debug)]
pub(super) enum DriveStep {
    Poisson {
        /// Mean number of spikes that a neuron receives in a step.
        mean: f64,
        sources: u32,
        weights: Weights,
        channel: usize,
        shared: bool,
        redraw_weights: bool,
        /// What each spike opens of the gates of its source, where these saturate.
        saturation: Option<Saturation>,
    },
    /// R I in mV.
    Current { mean_mv: f64 },
    /// Of each neuron its own: R I at the centre of the law in mV, and which of the population's it is.
    DifferingCurrent { mean_mv: f64, index: usize },
    /// White noise.
    Noise { mean_mv: f64, std_mv: f64 },
}

impl Plan {
    pub(super) fn new(network: &Network, options: &SimulationOptions) -> Result<Self, SimulationError> {
        network.check()?;
        let (warmup_steps, measured_steps) = steps(options)?;
        let mut plan = Self {
            dt_ms: options.dt_ms,
            seed: options.seed,
            spike_times: options.spike_times,
            held_steps: 0,
            warmup_steps,
            measured_steps,
            populations: Vec::new(),
            blocks: Vec::new(),
            connections: Vec::new(),
            from: Vec::new(),
            parts: Vec::new(),
            sendings: Vec::new(),
            drives: Vec::new(),
            interval: LONGEST_INTERVAL,
            longest_delay: 1,
            notes: Warnings::default(),
            warnings: Vec::new(),
        };
        plan.note_rounding("the run", "duration", options.duration_ms, measured_steps as f64);
        plan.note_rounding("the run", "warm-up", options.warmup_ms, warmup_steps as f64);
        plan.add_populations(network)?;
        for (id, projection) in network.projections.iter().enumerate() {
            plan.add_projection(network, id as u32, projection, options)?;
        }
        for (id, drive) in network.drives.iter().enumerate() {
            refuse_plastic(network, drive)?;
            plan.add_drive(network, id as u32, drive)?;
        }
        if let Some(rates_hz) = &options.held_rates_hz {
            plan.hold(network, options, rates_hz)?;
        }
        plan.sort_into_parts();
        plan.cut_into_blocks();
        for connection in &plan.connections {
            let (shortest, longest) = connection.delays.range();
            plan.interval = plan.interval.min(shortest);
            plan.longest_delay = plan.longest_delay.max(longest);
        }
        plan.warnings = plan.notes.said(Noted::with_names);
        Ok(plan)
    }

    pub(super) fn neurons(&self) -> u32 {
        self.populations.last().map_or(0, |last| last.first + last.size)
    }

    pub(super) fn sizes(&self) -> Vec<u64> {
        self.populations.iter().map(|population| u64::from(population.size)).collect()
    }

    pub(super) fn window(&self) -> Window {
        let Self { dt_ms, warmup_steps, measured_steps, .. } = *self;
        Window { dt_ms, warmup_steps, measured_steps }
    }

    /// Expected number of a neuron's inputs through a connection.
    pub(super) fn in_degree(&self, connection: &Connection) -> f64 {
        let [sources, targets] = [connection.source, connection.target].map(|of| f64::from(self.populations[of].size));
        match connection.rule {
            Rule::InDegree(in_degree) => f64::from(in_degree),
            Rule::Probability(p) => p * (sources - f64::from(u8::from(!connection.autapses))),
            Rule::Total(total) => total as f64 / targets.max(1.0),
        }
    }

    /// Expected number of synapses of a connection.
    pub(super) fn synapses(&self, connection: &Connection) -> f64 {
        self.in_degree(connection) * f64::from(self.populations[connection.target].size)
    }

    /// Number of the block's first neuron, counted through all populations.
    pub(super) fn first_neuron(&self, block: &Block) -> u32 {
        self.populations[block.population].first + block.first
    }
}

/// Trains from outside have no sources whose states could be followed.
fn refuse_plastic(network: &Network, drive: &Drive) -> Result<(), SimulationError> {
    let DriveKind::Poisson { plasticity: Some(_), .. } = &drive.kind else { return Ok(()) };
    Err(SimulationError::PlasticDrive { place: format!("drive of {}", network.populations[drive.target].name) })
}

/// Steps of the warm-up and of the time measured.
fn steps(options: &SimulationOptions) -> Result<(u64, u64), SimulationError> {
    let time = |name, value_ms, wanted| SimulationError::Time { name, value_ms, wanted };
    if !(options.dt_ms.is_finite() && options.dt_ms > 0.0) {
        return Err(time("dt", options.dt_ms, "a positive number"));
    }
    if !(options.open_delay_ms.is_finite() && options.open_delay_ms > 0.0) {
        return Err(time("the delay where the file gives none", options.open_delay_ms, "a positive number"));
    }
    let of = |name, value_ms: f64| {
        if !(value_ms.is_finite() && value_ms >= 0.0) {
            return Err(time(name, value_ms, "a finite number, 0 or more"));
        }
        let steps = steps::half_up(value_ms, options.dt_ms);
        if steps > MOST_STEPS {
            return Err(SimulationError::TooLarge { what: format!("{name} in steps"), value: steps, most: MOST_STEPS });
        }
        Ok(steps as u64)
    };
    let measured = of("the duration", options.duration_ms)?;
    if measured == 0 {
        return Err(time("the duration", options.duration_ms, "at least one time step"));
    }
    Ok((of("the warm-up", options.warmup_ms)?, measured))
}

const _: () = assert!(MAX_DELAY_STEPS <= u16::MAX as u64);
