//! The network on the grid of time: everything rounded, numbered and checked, before memory is taken.
//!
//! Neurons are numbered through all populations. They are dealt with in blocks, which the network alone determines: a block
//! is the piece whose connections and random numbers are drawn together, so that nothing depends on the number of threads.

use std::ops::Range;

use super::laws::{Delays, MAX_DELAY_STEPS, Weights};
use super::schedule::Schedule;
use super::statistics::Window;
use super::{Options, SimulationError};
use crate::network::{ConnectionRule, Drive, DriveKind, Law, Network, Neuron, NeuronModel, Projection, Synapse};

/// Blocks that a network has, unless they would be smaller or larger than the next two say.
const BLOCKS: u32 = 64;
const LEAST_BLOCK: u32 = 256;
/// A block's neurons are numbered in 16 bits, and two blocks fit into a segment.
const LARGEST_BLOCK: u32 = 32_768;
/// Connections of a block are numbered in 32 bits.
const CONNECTIONS_OF_A_BLOCK: f64 = 4.0e9;
/// Steps that neurons are advanced by before spikes are exchanged, at most.
const LONGEST_INTERVAL: u16 = 64;
/// Steps of a run: random numbers have 44 bits for them.
const MOST_STEPS: f64 = 8e12;
/// A Poisson drive may deliver this many spikes a neuron and step, in the mean.
const MOST_SPIKES_A_STEP: f64 = 1e7;
/// Neurons of a population, from its first on, whose potential and input are measured.
pub(super) const SAMPLE: u32 = 1000;

/// The network on the grid.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) dt_ms: f64,
    pub(super) seed: u64,
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
    pub(super) drives: Vec<DrivePlan>,
    /// Steps between two exchanges of spikes: not more than the shortest delay.
    pub(super) interval: u16,
    pub(super) longest_delay: u16,
    pub(super) warnings: Vec<String>,
}

/// A population on the grid; voltages are relative to `E_L`.
#[derive(Clone, Debug)]
pub(super) struct PopulationPlan {
    pub(super) name: String,
    pub(super) first: u32,
    pub(super) size: u32,
    pub(super) neuron: Neuron,
    /// Steps that a neuron stays at reset after a spike.
    pub(super) refractory_steps: i32,
    /// Ways in which input arrives: kinds of synapse, told apart by their time constants.
    pub(super) channels: Vec<Channel>,
    pub(super) blocks: Range<usize>,
}

/// A kind of synapse at a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Channel {
    /// Jumps of the potential; weights in mV.
    Delta,
    /// Exponential currents; weights in pA.
    Exponential { tau_ms: f64 },
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
pub(super) enum Rule {
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
}

/// Connections of one source population that are stored together: one channel, and one weight or weights in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) channel: usize,
    pub(super) strength: Strength,
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
    },
    /// R I in mV.
    Current { mean_mv: f64 },
    /// White noise.
    Noise { mean_mv: f64, std_mv: f64 },
}

impl Plan {
    pub(super) fn new(network: &Network, options: &Options) -> Result<Self, SimulationError> {
        let (warmup_steps, measured_steps) = steps(options)?;
        let mut plan = Self {
            dt_ms: options.dt_ms,
            seed: options.seed,
            warmup_steps,
            measured_steps,
            populations: Vec::new(),
            blocks: Vec::new(),
            connections: Vec::new(),
            from: Vec::new(),
            parts: Vec::new(),
            drives: Vec::new(),
            interval: LONGEST_INTERVAL,
            longest_delay: 1,
            warnings: Vec::new(),
        };
        plan.add_populations(network)?;
        for (id, projection) in network.projections.iter().enumerate() {
            plan.add_projection(network, id as u32, projection, options)?;
        }
        for drive in &network.drives {
            plan.add_drive(network, drive)?;
        }
        plan.sort_into_parts();
        plan.cut_into_blocks();
        for connection in &plan.connections {
            let (shortest, longest) = connection.delays.range();
            plan.interval = plan.interval.min(shortest);
            plan.longest_delay = plan.longest_delay.max(longest);
        }
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

    /// Number of the block's first neuron, counted through all populations.
    pub(super) fn first_neuron(&self, block: &Block) -> u32 {
        self.populations[block.population].first + block.first
    }

    fn add_populations(&mut self, network: &Network) -> Result<(), SimulationError> {
        let mut first = 0u64;
        for population in &network.populations {
            let (name, neuron) = (population.name.clone(), population.neuron);
            if neuron.model != NeuronModel::Lif {
                return Err(SimulationError::Model { population: name, model: neuron.model.name() });
            }
            if first + population.size > u64::from(u32::MAX) {
                let value = (first + population.size) as f64;
                return Err(SimulationError::TooLarge {
                    what: "neurons".to_string(),
                    value,
                    most: f64::from(u32::MAX),
                });
            }
            let refractory = (neuron.t_ref_ms / self.dt_ms).round();
            if refractory > f64::from(i32::MAX) {
                let what = format!("population {name}: t_ref in steps");
                return Err(SimulationError::TooLarge { what, value: refractory, most: f64::from(i32::MAX) });
            }
            self.note_rounding(&format!("population {name}: t_ref"), neuron.t_ref_ms, refractory);
            self.populations.push(PopulationPlan {
                name,
                first: first as u32,
                size: population.size as u32,
                neuron,
                refractory_steps: refractory as i32,
                channels: Vec::new(),
                blocks: 0..0,
            });
            first += population.size;
        }
        Ok(())
    }

    fn note_rounding(&mut self, what: &str, value_ms: f64, steps: f64) {
        let rounded = steps * self.dt_ms;
        if (rounded - value_ms).abs() > 1e-6 * self.dt_ms {
            self.warnings.push(format!("{what} of {value_ms} ms is simulated as {rounded} ms, a multiple of dt"));
        }
    }

    fn channel(&mut self, population: usize, synapse: &Synapse, place: &str) -> Result<usize, SimulationError> {
        let channel = match *synapse {
            Synapse::Delta => Channel::Delta,
            Synapse::ExponentialCurrent { tau_ms } => Channel::Exponential { tau_ms },
            Synapse::ExponentialConductance { .. } | Synapse::DeltaConductance { .. } => {
                return Err(SimulationError::Synapse { place: place.to_string(), kind: synapse.kind() });
            }
        };
        let channels = &mut self.populations[population].channels;
        Ok(channels.iter().position(|known| *known == channel).unwrap_or_else(|| {
            channels.push(channel);
            channels.len() - 1
        }))
    }

    fn add_projection(
        &mut self,
        network: &Network,
        id: u32,
        projection: &Projection,
        options: &Options,
    ) -> Result<(), SimulationError> {
        let name = |index: usize| network.populations[index].name.as_str();
        let place = format!("projection {} -> {}", name(projection.source), name(projection.target));
        let channel = self.channel(projection.target, &projection.synapse, &place)?;
        let law = projection.delay_ms.unwrap_or_else(|| {
            let assumed = options.open_delay_ms;
            self.warnings.push(format!("{place}: the file gives no delay; {assumed} ms is taken"));
            Law::Constant { value: assumed }
        });
        let (delays, cut) = Delays::new(&law, self.dt_ms, &place)?;
        if let (Law::Constant { value }, Delays::Constant(steps)) = (law, &delays) {
            self.note_rounding(&format!("{place}: delay"), value, f64::from(*steps));
        }
        if cut > 0.05 {
            let percent = 100.0 * cut;
            self.warnings
                .push(format!("{place}: {percent:.0} % of the delays are shorter than dt and are drawn again"));
        }
        let rule = self.rule(projection, &place)?;
        if matches!(rule, Rule::InDegree(0) | Rule::Total(0) | Rule::Probability(0.0)) {
            return Ok(());
        }
        let multapses = projection.multapses && !matches!(rule, Rule::Probability(_));
        let autapses = projection.autapses || projection.source != projection.target;
        self.connections.push(Connection {
            id,
            source: projection.source,
            target: projection.target,
            channel,
            part: 0,
            rule,
            autapses,
            multapses,
            weights: Weights::new(&projection.weight),
            delays,
        });
        Ok(())
    }

    /// Rounds the numbers of connections, and sees that there are sources and pairs enough for them.
    fn rule(&mut self, projection: &Projection, place: &str) -> Result<Rule, SimulationError> {
        let [sources, targets] =
            [projection.source, projection.target].map(|index| u64::from(self.populations[index].size));
        let itself = u64::from(!projection.autapses && projection.source == projection.target);
        let candidates = sources.saturating_sub(itself);
        let (rule, wanted, possible) = match projection.rule {
            ConnectionRule::PairwiseProbability { probability } => return Ok(Rule::Probability(probability)),
            ConnectionRule::FixedInDegree { .. } if targets == 0 => return Ok(Rule::InDegree(0)),
            ConnectionRule::FixedInDegree { in_degree } => {
                let rounded = in_degree.round();
                if rounded > f64::from(u32::MAX / 2) {
                    let what = format!("{place}: in-degree");
                    return Err(SimulationError::TooLarge { what, value: rounded, most: f64::from(u32::MAX / 2) });
                }
                (Rule::InDegree(rounded as u32), rounded as u64, candidates)
            }
            ConnectionRule::FixedTotal { total } => {
                let rounded = total.round();
                if rounded > 1e15 {
                    return Err(SimulationError::TooLarge {
                        what: format!("{place}: total"),
                        value: rounded,
                        most: 1e15,
                    });
                }
                (Rule::Total(rounded as u64), rounded as u64, candidates * targets)
            }
        };
        if wanted > 0 && (possible == 0 || (!projection.multapses && wanted > possible)) {
            return Err(SimulationError::TooManyConnections { place: place.to_string(), wanted, possible });
        }
        Ok(rule)
    }

    fn add_drive(&mut self, network: &Network, drive: &Drive) -> Result<(), SimulationError> {
        let place = format!("drive of {}", network.populations[drive.target].name);
        let mut delay = None;
        let kind = match &drive.kind {
            DriveKind::Poisson { rate_hz, in_degree, weight, delay_ms, synapse, shared, .. } => {
                let mean = rate_hz * in_degree * self.dt_ms / 1000.0;
                let channel = self.channel(drive.target, synapse, &place)?;
                delay =
                    delay_ms.map(|law| Delays::new(&law, self.dt_ms, &place)).transpose()?.map(|(delays, _)| delays);
                let sources = in_degree.round().clamp(1.0, f64::from(u32::MAX)) as u32;
                DriveStep::Poisson { mean, sources, weights: Weights::new(weight), channel, shared: *shared }
            }
            DriveKind::Current { value_mv } => DriveStep::Current { mean_mv: *value_mv },
            DriveKind::Noise { mean_mv, std_mv } => DriveStep::Noise { mean_mv: *mean_mv, std_mv: *std_mv },
        };
        let schedule = Schedule::new(drive, delay.as_ref(), self.dt_ms);
        if let DriveStep::Poisson { mean, .. } = kind
            && mean * schedule.largest() > MOST_SPIKES_A_STEP
        {
            let what = format!("{place}: spikes that a neuron receives in a step");
            return Err(SimulationError::TooLarge { what, value: mean * schedule.largest(), most: MOST_SPIKES_A_STEP });
        }
        self.drives.push(DrivePlan { population: drive.target, kind, schedule });
        Ok(())
    }

    /// Groups the connections by source population, and in it into parts; those of one weight come first.
    fn sort_into_parts(&mut self) {
        let mut sorted = Vec::with_capacity(self.connections.len());
        for source in 0..self.populations.len() {
            let mut parts: Vec<Part> = Vec::new();
            let first = sorted.len();
            let own = |connection: &&Connection| connection.source == source;
            let uniform = |connection: &Connection| matches!(connection.weights, Weights::Constant(_));
            for wanted in [true, false] {
                for connection in self.connections.iter().filter(own).filter(|it| uniform(it) == wanted) {
                    let part = part_of(&mut parts, connection);
                    sorted.push(Connection { part, ..connection.clone() });
                }
            }
            sorted[first..].sort_by_key(|connection| connection.part);
            self.from.push(first..sorted.len());
            self.parts.push(parts);
        }
        self.connections = sorted;
    }

    fn cut_into_blocks(&mut self) {
        let wanted = (self.neurons() / BLOCKS).clamp(LEAST_BLOCK, LARGEST_BLOCK);
        for (index, population) in self.populations.iter_mut().enumerate() {
            let into = self.connections.iter().filter(|connection| connection.target == index);
            let largest_in_degree = into.filter_map(|connection| match connection.rule {
                Rule::InDegree(in_degree) => Some(f64::from(in_degree)),
                Rule::Total(total) => Some(2.0 * total as f64 / f64::from(population.size)),
                Rule::Probability(_) => None,
            });
            let most = CONNECTIONS_OF_A_BLOCK / largest_in_degree.fold(1.0, f64::max);
            let size = wanted.min(most.max(1.0) as u32);
            let count = population.size.div_ceil(size);
            let start = self.blocks.len();
            let edge = |block: u32| (u64::from(population.size) * u64::from(block) / u64::from(count.max(1))) as u32;
            for block in 0..count {
                self.blocks.push(Block { population: index, first: edge(block), size: edge(block + 1) - edge(block) });
            }
            population.blocks = start..self.blocks.len();
        }
    }
}

/// The part that the connection belongs to, made or widened where necessary.
fn part_of(parts: &mut Vec<Part>, connection: &Connection) -> usize {
    let channel = connection.channel;
    let strength = match connection.weights {
        Weights::Constant(weight) => Strength::Uniform(weight),
        weights => Strength::Multiples(weights.largest() / f32::from(i16::MAX)),
    };
    let same = |part: &Part| {
        part.channel == channel
            && match (part.strength, strength) {
                (Strength::Uniform(a), Strength::Uniform(b)) => a.to_bits() == b.to_bits(),
                (Strength::Multiples(_), Strength::Multiples(_)) => true,
                _ => false,
            }
    };
    match parts.iter().position(same) {
        Some(index) => {
            if let (Strength::Multiples(unit), Strength::Multiples(other)) = (&mut parts[index].strength, strength) {
                *unit = unit.max(other);
            }
            index
        }
        None => {
            parts.push(Part { channel, strength });
            parts.len() - 1
        }
    }
}

/// Steps of the warm-up and of the time measured.
fn steps(options: &Options) -> Result<(u64, u64), SimulationError> {
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
        let steps = (value_ms / options.dt_ms).round();
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
