//! A block of neurons: what they receive, how they go from one step to the next, and what watches them.

use multiversion::multiversion;

use super::aligned::Aligned;
use super::arrays::{Array, ArrayMut};
use super::channel::{Channel, MembraneInput};
use super::conductance::{Opened, OpenedOne};
use super::drives::{DriveSource, SourceKind};
use super::fired::{Fired, SpikeTimes, lag};
use super::gates::Gates;
#[cfg(test)]
use super::membrane::{Adex, Conducting, Differing, Eif, Lif, Perfect, Qif};
use super::membrane::{Felt, Membrane, State};
use super::plan::{Block, Channel as Kind, Plan};
use super::recorder::{BlockRecorders, BlockView};
use super::ring::Ring;
use super::streams::{Purpose, stream};

/// The neurons of a block.
#[derive(Debug)]
pub(super) struct Neurons {
    /// Number of the block.
    pub(super) block: usize,
    pub(super) population: usize,
    /// Place of its first neuron in the segment.
    pub(super) place: usize,
    pub(super) size: usize,
    pub(super) recorders: BlockRecorders,
    /// Number of its first neuron, counted through all populations.
    first_neuron: u32,
    dynamics: Box<dyn BlockDynamics>,
}

/// Where a block is: its number, its first neuron counted through all populations, and the places of all in the segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockPosition {
    block: usize,
    first_neuron: u32,
    place: usize,
    size: usize,
}

/// Neurons of some membrane. A call through this table makes many steps.
pub(super) trait BlockDynamics: std::fmt::Debug + Send + Sync {
    /// Advances by the steps `first`, `first + 1`, ..., one for each list of `spikes`; appends the neurons that fire.
    fn advance(
        &mut self,
        position: BlockPosition,
        drives: &[DriveSource],
        ring: &mut Ring,
        first: u64,
        spikes: &mut [Fired],
        recorders: &mut BlockRecorders,
    );

    /// The state by names.
    fn arrays(&self) -> Vec<(String, Array<'_>)>;

    /// The same, to be filled.
    fn arrays_mut(&mut self) -> Vec<(String, ArrayMut<'_>)>;

    /// For tests that force a version of the steps.
    #[cfg(test)]
    fn as_any(&mut self) -> &mut dyn std::any::Any;
}

impl Neurons {
    pub(super) fn new(plan: &Plan, block: usize, place: usize) -> Self {
        let own = &plan.blocks[block];
        Self {
            block,
            population: own.population,
            place,
            size: own.size as usize,
            recorders: BlockRecorders::new(plan, own),
            first_neuron: plan.first_neuron(own),
            dynamics: {
                let population = &plan.populations[own.population];
                population.builders.of(population)(plan, block)
            },
        }
    }

    /// Advances as [`BlockDynamics::advance`] says.
    pub(super) fn advance(&mut self, drives: &[DriveSource], ring: &mut Ring, first: u64, spikes: &mut [Fired]) {
        let Self { block, first_neuron, place, size, .. } = *self;
        self.dynamics.advance(
            BlockPosition { block, first_neuron, place, size },
            drives,
            ring,
            first,
            spikes,
            &mut self.recorders,
        );
    }

    /// As [`Neurons::advance`], inlined, so that it is compiled with the instructions of the caller.
    #[cfg(test)]
    #[inline(always)]
    pub(super) fn advance_inline(&mut self, drives: &[DriveSource], ring: &mut Ring, first: u64, spikes: &mut [Fired]) {
        let Self { block, first_neuron, place, size, .. } = *self;
        let position = BlockPosition { block, first_neuron, place, size };
        let (neurons, recorders) = (self.dynamics.as_any(), &mut self.recorders);
        // without a closure, which would be compiled for any processor
        macro_rules! of_membrane {
            ($($membrane:ty),*) => {
                $(if let Some(neurons) = neurons.downcast_mut::<MembraneNeurons<$membrane>>() {
                    return steps(neurons, position, drives, ring, first, spikes, recorders);
                })*
            };
        }
        of_membrane!(Lif, Eif, Qif, Adex, Perfect);
        of_membrane!(Differing<Lif>, Differing<Eif>, Differing<Qif>, Differing<Adex>, Differing<Perfect>);
        of_membrane!(Conducting<Lif>, Conducting<Eif>, Conducting<Qif>, Conducting<Adex>, Conducting<Perfect>);
        of_membrane!(Differing<Conducting<Lif>>, Differing<Conducting<Eif>>, Differing<Conducting<Qif>>);
        of_membrane!(Differing<Conducting<Adex>>, Differing<Conducting<Perfect>>);
        unreachable!("every membrane is among these");
    }

    /// The state by names.
    pub(super) fn arrays(&self) -> Vec<(String, Array<'_>)> {
        self.dynamics.arrays()
    }

    /// The same, to be filled.
    pub(super) fn arrays_mut(&mut self) -> Vec<(String, ArrayMut<'_>)> {
        self.dynamics.arrays_mut()
    }
}

/// The neurons of a block with a membrane `M`.
#[derive(Debug)]
pub(super) struct MembraneNeurons<M: Membrane> {
    membrane: M,
    state: M::State,
    channels: Vec<Channel>,
    /// Of each drive, where they saturate.
    gates: Vec<Option<Gates>>,
    /// What `R I` of 1 mV adds to V in a step.
    current_gain: f64,
    /// Standard deviation that white noise of std 1 mV gives V in a step.
    noise_gain: f64,
    /// The step in which all potentials jump, and by how many mV.
    kick: (u64, f32),
    membrane_input: MembraneInput,
    fires: Aligned<u8>,
    /// The state at the beginning of a step, where spikes are to have times in it.
    beginning: Option<M::State>,
}

impl<M: Membrane> MembraneNeurons<M> {
    /// Potentials are at the reset, drawn from a law, or drawn where the membrane lets them start; there are no currents.
    pub(super) fn boxed(plan: &Plan, block: usize) -> Box<dyn BlockDynamics> {
        let Block { population, size, .. } = plan.blocks[block];
        let own = &plan.populations[population];
        let size = size as usize;
        let membrane = M::of_block(plan, own, block);
        let mut words = vec![0; size];
        stream(plan.seed, Purpose::Potentials, 0, block, 0).fill(&mut words);
        let start = |(neuron, word): (usize, &u32)| {
            let (low, high) = membrane.start_of(neuron);
            let part = (f64::from(*word) + 0.5) * 2f64.powi(-32);
            own.start_mv(part).unwrap_or(low + (high - low) * part)
        };
        let potential: Vec<f64> = words.iter().enumerate().map(start).collect();
        let has_pulses = own.channels.iter().any(|channel| matches!(channel, Kind::Pulse { .. }));
        let opened = if M::CONDUCTS { Opened::new(size, has_pulses) } else { Opened::none() };
        Box::new(Self {
            state: membrane.state(&potential),
            beginning: (plan.spike_times == SpikeTimes::Interpolated).then(|| membrane.state(&potential)),
            channels: own.channels.iter().map(|&kind| Channel::new(plan, kind, &membrane, size)).collect(),
            gates: Gates::of_block(plan, block),
            current_gain: membrane.current_gain(),
            noise_gain: membrane.noise_gain(),
            kick: (plan.zero_step + 1, own.kick_mv as f32),
            membrane_input: MembraneInput::new(size, own.differing_currents.len()).opened(opened),
            fires: Aligned::zeros(size),
            membrane,
        })
    }
}

impl<M: Membrane> BlockDynamics for MembraneNeurons<M> {
    fn advance(
        &mut self,
        position: BlockPosition,
        drives: &[DriveSource],
        ring: &mut Ring,
        first: u64,
        spikes: &mut [Fired],
        recorders: &mut BlockRecorders,
    ) {
        advance(self, position, drives, ring, first, spikes, recorders);
    }

    fn arrays(&self) -> Vec<(String, Array<'_>)> {
        let state = self.state.arrays().into_iter().map(|(name, array)| (name.to_string(), array));
        let of_channel = |(index, channel)| named(index, Channel::arrays(channel));
        let opened = self.gates.iter().enumerate().filter_map(|(index, gates)| Some((index, gates.as_ref()?)));
        let of_gates = opened.flat_map(|(index, gates)| named(index, gates.arrays().into()));
        state.chain(self.channels.iter().enumerate().flat_map(of_channel)).chain(of_gates).collect()
    }

    fn arrays_mut(&mut self) -> Vec<(String, ArrayMut<'_>)> {
        let state = self.state.arrays_mut().into_iter().map(|(name, array)| (name.to_string(), array));
        let of_channel = |(index, channel)| named(index, Channel::arrays_mut(channel));
        let opened = self.gates.iter_mut().enumerate().filter_map(|(index, gates)| Some((index, gates.as_mut()?)));
        let of_gates = opened.flat_map(|(index, gates)| named(index, gates.arrays_mut().into()));
        state.chain(self.channels.iter_mut().enumerate().flat_map(of_channel)).chain(of_gates).collect()
    }

    #[cfg(test)]
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

/// The arrays of a channel by names of its own.
fn named<T>(channel: usize, arrays: Vec<(&'static str, T)>) -> impl Iterator<Item = (String, T)> {
    arrays.into_iter().map(move |(name, array)| (format!("{name} {channel}"), array))
}

/// The steps of [`BlockDynamics::advance`], compiled for each membrane and each width of the vector units.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn advance<M: Membrane>(
    neurons: &mut MembraneNeurons<M>,
    position: BlockPosition,
    drives: &[DriveSource],
    ring: &mut Ring,
    first: u64,
    spikes: &mut [Fired],
    recorders: &mut BlockRecorders,
) {
    steps(neurons, position, drives, ring, first, spikes, recorders);
}

/// What each version of [`advance`] compiles.
#[inline(always)]
fn steps<M: Membrane>(
    neurons: &mut MembraneNeurons<M>,
    position: BlockPosition,
    drives: &[DriveSource],
    ring: &mut Ring,
    first: u64,
    spikes: &mut [Fired],
    recorders: &mut BlockRecorders,
) {
    for (step, spikes) in (first..).zip(spikes) {
        let outside = neurons.external(position, drives, ring, step);
        recorders.begin_step(step, outside, &neurons.membrane_input.kicks);
        if let Some(beginning) = &mut neurons.beginning {
            beginning.remember(&neurons.state);
        }
        if M::CONDUCTS {
            neurons.open(position, ring, step, outside.1);
        }
        neurons.receive(position, ring, step, recorders);
        if step == neurons.kick.0 && neurons.kick.1 != 0.0 {
            neurons.membrane_input.kicks.iter_mut().for_each(|kick| *kick += neurons.kick.1);
        }
        if neurons.membrane.step(&mut neurons.state, &neurons.membrane_input, &mut neurons.fires) {
            let known = spikes.neurons.len();
            collect(&neurons.fires, position.first_neuron, &mut spikes.neurons);
            if let Some(beginning) = &neurons.beginning {
                neurons.time(beginning, position.first_neuron, known, spikes);
            }
        }
        let (potential, refractory) = (neurons.state.potential(), neurons.state.refractory());
        recorders.observe(step, &BlockView { potential, refractory, channels: &neurons.channels });
    }
}

impl<M: Membrane> MembraneNeurons<M> {
    /// What the drives do in a step; returns mean and variance of currents and noise as they enter mu and sigma^2.
    #[inline(always)]
    fn external(&mut self, position: BlockPosition, drives: &[DriveSource], ring: &mut Ring, step: u64) -> (f64, f64) {
        let (mut mean, mut variance, mut differing) = (0.0, 0.0, 0.0);
        let places = position.place..position.place + position.size;
        self.membrane_input.kicks.fill(0.0);
        for (drive, gates) in drives.iter().zip(&mut self.gates) {
            let factor = drive.schedule.factor(step);
            match &drive.kind {
                SourceKind::Poisson(source) => {
                    let input = &mut ring.slot(step, source.channel)[places.clone()];
                    match gates {
                        Some(gates) => drive.add_gated((source, gates), position.block, step, factor, input),
                        None => drive.add_spikes(source, position.block, step, factor, input),
                    }
                }
                SourceKind::Current { mean_mv } => mean += mean_mv * factor,
                SourceKind::DifferingCurrent { mean_mv, index } => {
                    self.membrane_input.factors[*index] = factor;
                    differing += mean_mv * factor;
                }
                SourceKind::Noise { mean_mv, std_mv } => {
                    mean += mean_mv * factor;
                    let std = std_mv * factor;
                    variance += std * std;
                    if std != 0.0 {
                        let kick = (std * self.noise_gain) as f32;
                        drive.add_noise(position.block, step, kick, &mut self.membrane_input.kicks);
                    }
                }
            }
        }
        self.membrane.scale_noise(&mut self.membrane_input.kicks);
        self.membrane_input.common = mean * self.current_gain;
        (mean + differing, variance)
    }

    /// Takes what arrives in a step out of the ring, through the channels of conductances, before all others: how much of the noise stays, of this
    /// variance of its drives, depends on what is open.
    #[inline(always)]
    fn open(&mut self, position: BlockPosition, ring: &mut Ring, step: u64, variance: f64) {
        let places = position.place..position.place + position.size;
        self.membrane_input.opened.close();
        self.membrane_input.from_currents.fill(0.0);
        for (index, channel) in self.channels.iter_mut().enumerate().filter(|(_, channel)| channel.is_leak()) {
            let input = &mut ring.slot(step, index)[places.clone()];
            channel.open(input, &mut self.membrane_input, self.state.potential());
            input.fill(0.0);
        }
        if variance > 0.0 {
            self.membrane.damp_noise(&mut self.membrane_input);
        }
    }

    /// Takes what arrives in a step out of the ring, through the channels.
    #[inline(always)]
    fn receive(&mut self, position: BlockPosition, ring: &mut Ring, step: u64, recorders: &mut BlockRecorders) {
        let places = position.place..position.place + position.size;
        if !M::CONDUCTS && self.channels.iter().any(Channel::is_current) {
            self.membrane_input.from_currents.fill(0.0);
        }
        for (index, channel) in self.channels.iter_mut().enumerate() {
            if M::CONDUCTS && channel.is_leak() {
                continue;
            }
            let input = &mut ring.slot(step, index)[places.clone()];
            recorders.take_arriving(channel.charge(), input);
            channel.receive(input, &mut self.membrane_input);
            input.fill(0.0);
        }
    }
}

impl<M: Membrane> MembraneNeurons<M> {
    /// Appends when in the step the neurons of the block spiked, which stand in the list from the place `known` on.
    #[inline(never)]
    fn time(&self, beginning: &M::State, first_neuron: u32, known: usize, spikes: &mut Fired) {
        let MembraneInput { from_currents, kicks, opened, .. } = &self.membrane_input;
        spikes.lags.extend(spikes.neurons[known..].iter().map(|number| {
            let neuron = (number - first_neuron) as usize;
            let common = self.membrane.common_of(neuron, &self.membrane_input);
            let opened = if M::CONDUCTS { opened.of(neuron) } else { OpenedOne::NONE };
            let felt = Felt { common, current: from_currents[neuron], kick: f64::from(kicks[neuron]), opened };
            lag(self.membrane.crossing(beginning, neuron, felt))
        }));
    }
}

/// Appends the numbers of the neurons that fire.
#[inline(always)]
fn collect(fires: &[u8], first_neuron: u32, spikes: &mut Vec<u32>) {
    for (group, flags) in fires.chunks(32).enumerate() {
        // most groups are silent: one look at all
        if flags.iter().fold(0, |any, flag| any | flag) == 0 {
            continue;
        }
        for (place, flag) in flags.iter().enumerate() {
            if *flag != 0 {
                spikes.push(first_neuron + (32 * group + place) as u32);
            }
        }
    }
}
