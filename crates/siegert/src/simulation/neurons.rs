//! The neurons of a block: their state, and how it goes from one step to the next.
//!
//! Exact integration of the linear subthreshold dynamics over a step h (Rotter and Diesmann 1999, Biol Cybern 81:381-402), in
//! the order of NEST's `iaf_psc_delta` and `iaf_psc_exp`. With V relative to E_L and i the current of a kind of synapse:
//!
//! ```text
//! not refractory:  V <- e^(-h/tau_m) V + sum P21 i + (1 - e^(-h/tau_m)) R I + noise + delta input due now
//! refractory:      V stays at V_reset; one step less to go; delta input due now is lost
//! always:          i <- e^(-h/tau_syn) i + current input due now
//! V >= V_th:       a spike; V <- V_reset; refractory for t_ref / h steps
//! ```
//!
//! So an input current acts on V one step later than a delta input. `P21 = R tau_syn / (tau_m - tau_syn) (e^(-h/tau_m) -
//! e^(-h/tau_syn))`, and `R h / tau_m e^(-h/tau_m)` in the limit of equal time constants.

use multiversion::multiversion;

use super::drives::{DriveSource, SourceKind};
use super::membrane::Sample;
use super::plan::{Block, Channel, Plan, PopulationPlan, SAMPLE};
use super::ring::Ring;
use super::streams::{Purpose, stream};
use crate::numerics::steps;

/// What takes a population from one step to the next.
#[derive(Clone, Debug)]
pub(super) struct Propagator {
    /// e^(-h/tau_m).
    decay: f64,
    /// 1 - e^(-h/tau_m).
    current_gain: f64,
    /// Standard deviation that white noise of std 1 mV gives V in a step: sqrt((1 - e^(-2h/tau_m)) / 2).
    noise_gain: f64,
    V_th: f64,
    V_reset: f64,
    refractory_steps: i32,
    channels: Vec<ChannelStep>,
    /// Steps between two samples of the potential.
    sample_every: u64,
}

#[derive(Clone, Copy, Debug)]
enum ChannelStep {
    Delta,
    Exponential {
        /// e^(-h/tau_syn).
        decay: f64,
        /// P21 in mV/pA.
        to_potential: f64,
        /// tau_syn / C_m: the jump in mV of an instantaneous synapse with the same charge, for 1 pA.
        charge: f64,
    },
}

impl Propagator {
    pub(super) fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        let neuron = &population.neuron;
        let (h, tau_m) = (plan.dt_ms, neuron.tau_m_ms);
        let channels = population.channels.iter().map(|channel| match *channel {
            Channel::Delta => ChannelStep::Delta,
            Channel::Exponential { tau_ms, C_m_pf: C_m } => {
                let decay = (-h / tau_ms).exp();
                let relative = h * (1.0 / tau_ms - 1.0 / tau_m);
                // expm1(x) / x keeps its digits where the time constants are nearly equal
                let ratio = if relative == 0.0 { 1.0 } else { relative.exp_m1() / relative };
                ChannelStep::Exponential { decay, to_potential: h / C_m * decay * ratio, charge: tau_ms / C_m }
            }
        });
        Self {
            decay: (-h / tau_m).exp(),
            current_gain: -(-h / tau_m).exp_m1(),
            noise_gain: (-(-2.0 * h / tau_m).exp_m1() / 2.0).sqrt(),
            V_th: neuron.V_th_mv - neuron.E_L_mv,
            V_reset: neuron.V_reset_mv - neuron.E_L_mv,
            refractory_steps: population.refractory_steps,
            channels: channels.collect(),
            sample_every: steps::half_up(1.0, h).max(1.0) as u64,
        }
    }
}

/// The state of a block's neurons.
#[derive(Clone, Debug)]
pub(super) struct Neurons {
    /// Number of the block.
    pub(super) block: usize,
    pub(super) population: usize,
    /// Number of its first neuron, counted through all populations.
    pub(super) first_neuron: u32,
    /// Place of its first neuron in the segment.
    pub(super) place: usize,
    /// Relative to E_L, in mV.
    pub(super) potential: Vec<f64>,
    /// Steps that a neuron still stays at reset.
    pub(super) refractory: Vec<i32>,
    /// For each exponential channel, the currents in pA; empty for a delta channel.
    pub(super) currents: Vec<Vec<f64>>,
    pub(super) sample: Option<Sample>,
    scratch: Scratch,
}

#[derive(Clone, Debug, Default)]
struct Scratch {
    /// What is added to V of each neuron in this step, apart from what is the same for all.
    kicks: Vec<f32>,
    from_currents: Vec<f64>,
    /// What arrives in this step as a jump in mV, for the sample.
    arriving: Vec<f64>,
    fires: Vec<u8>,
}

impl Neurons {
    /// Initial potentials are uniform between E_L and V_th (between V_reset and V_th if E_L is not below V_th); no currents.
    pub(super) fn new(plan: &Plan, block: usize, place: usize) -> Self {
        let Block { population, first, size } = plan.blocks[block];
        let own = &plan.populations[population];
        let (V_th, V_reset) = (own.neuron.V_th_mv - own.neuron.E_L_mv, own.neuron.V_reset_mv - own.neuron.E_L_mv);
        let lowest = if V_th > 0.0 { 0.0 } else { V_reset };
        let mut words = vec![0; size as usize];
        stream(plan.seed, Purpose::Potentials, 0, block, 0).fill(&mut words);
        let uniform = |word: &u32| lowest + (V_th - lowest) * (f64::from(*word) + 0.5) * 2f64.powi(-32);
        let currents = |channel: &Channel| match channel {
            Channel::Delta => Vec::new(),
            Channel::Exponential { .. } => vec![0.0; size as usize],
        };
        let sampled = SAMPLE.saturating_sub(first).min(size);
        Self {
            block,
            population,
            first_neuron: plan.first_neuron(&plan.blocks[block]),
            place,
            potential: words.iter().map(uniform).collect(),
            refractory: vec![0; size as usize],
            currents: own.channels.iter().map(currents).collect(),
            sample: (sampled > 0).then(|| Sample::new(own, sampled)),
            scratch: Scratch {
                kicks: vec![0.0; size as usize],
                from_currents: vec![0.0; size as usize],
                arriving: vec![0.0; sampled as usize],
                fires: vec![0; size as usize],
            },
        }
    }
}

/// Advances a block by the steps `first`, `first + 1`, ..., one for each list of `spikes`; appends the neurons that fire.
///
/// Potential and input are sampled in steps after `warmup`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn advance(
    neurons: &mut Neurons,
    propagator: &Propagator,
    drives: &[DriveSource],
    ring: &mut Ring,
    times: (u64, u64),
    spikes: &mut [Vec<u32>],
) {
    advance_inline(neurons, propagator, drives, ring, times, spikes);
}

/// What each version of [`advance`] compiles.
#[inline(always)]
pub(super) fn advance_inline(
    neurons: &mut Neurons,
    propagator: &Propagator,
    drives: &[DriveSource],
    ring: &mut Ring,
    (first, warmup): (u64, u64),
    spikes: &mut [Vec<u32>],
) {
    for (step, spikes) in (first..).zip(spikes) {
        let measured = step > warmup;
        let common = neurons.external(propagator, drives, ring, step, measured);
        neurons.receive(propagator, ring, step, measured);
        let fired = neurons.step(propagator, common);
        if fired {
            neurons.collect(spikes);
        }
        if measured
            && (step - warmup).is_multiple_of(propagator.sample_every)
            && let Some(sample) = &mut neurons.sample
        {
            sample.take_potentials(&neurons.potential, &neurons.refractory);
        }
    }
}

impl Neurons {
    /// What the drives do in a step; returns what currents add to every V.
    #[inline(always)]
    fn external(
        &mut self,
        propagator: &Propagator,
        drives: &[DriveSource],
        ring: &mut Ring,
        step: u64,
        measured: bool,
    ) -> f64 {
        let (mut mean, mut variance) = (0.0, 0.0);
        let places = self.place..self.place + self.potential.len();
        self.scratch.kicks.fill(0.0);
        for drive in drives {
            let factor = drive.schedule.factor(step);
            match &drive.kind {
                SourceKind::Poisson(source) => {
                    let input = &mut ring.slot(step, source.channel)[places.clone()];
                    drive.add_spikes(source, self.block, step, factor, input);
                }
                SourceKind::Current { mean_mv } => mean += mean_mv * factor,
                SourceKind::Noise { mean_mv, std_mv } => {
                    mean += mean_mv * factor;
                    let std = std_mv * factor;
                    variance += std * std;
                    if std != 0.0 {
                        let kick = (std * propagator.noise_gain) as f32;
                        drive.add_noise(self.block, step, kick, &mut self.scratch.kicks);
                    }
                }
            }
        }
        if measured && let Some(sample) = &mut self.sample {
            sample.begin_step(mean, variance);
        }
        mean * propagator.current_gain
    }

    /// Takes what arrives in a step out of the ring: delta input becomes kicks, currents act and are renewed.
    #[inline(always)]
    fn receive(&mut self, propagator: &Propagator, ring: &mut Ring, step: u64, measured: bool) {
        let places = self.place..self.place + self.potential.len();
        let Scratch { kicks, from_currents, arriving, .. } = &mut self.scratch;
        from_currents.fill(0.0);
        arriving.fill(0.0);
        for (channel, (of, currents)) in propagator.channels.iter().zip(&mut self.currents).enumerate() {
            let input = &mut ring.slot(step, channel)[places.clone()];
            if measured {
                let charge = match of {
                    ChannelStep::Delta => 1.0,
                    ChannelStep::Exponential { charge, .. } => *charge,
                };
                for (arriving, &input) in arriving.iter_mut().zip(&*input) {
                    *arriving += charge * f64::from(input);
                }
            }
            match *of {
                ChannelStep::Delta => {
                    for (kick, input) in kicks.iter_mut().zip(&*input) {
                        *kick += input;
                    }
                }
                ChannelStep::Exponential { decay, to_potential, .. } => {
                    for ((sum, current), &input) in from_currents.iter_mut().zip(currents).zip(&*input) {
                        *sum += to_potential * *current;
                        *current = decay * *current + f64::from(input);
                    }
                }
            }
            input.fill(0.0);
        }
        if measured && let Some(sample) = &mut self.sample {
            sample.take_input(arriving);
        }
    }

    /// Moves every V; marks who fires, and says whether anyone does.
    #[inline(always)]
    fn step(&mut self, propagator: &Propagator, common: f64) -> bool {
        let Propagator { decay, V_th, V_reset, refractory_steps, .. } = *propagator;
        let Scratch { kicks, from_currents, fires, .. } = &mut self.scratch;
        let mut any = 0;
        // Without a branch, so that the vector units take it.
        let state = self.potential.iter_mut().zip(&mut self.refractory);
        for (((V, left), fires), (kick, current)) in state.zip(fires).zip(kicks.iter().zip(&*from_currents)) {
            let moved = decay * *V + common + current + f64::from(*kick);
            let free = *left == 0;
            let moved = if free { moved } else { V_reset };
            let spike = moved >= V_th;
            *left = if spike { refractory_steps } else { *left - i32::from(!free) };
            *V = if spike { V_reset } else { moved };
            *fires = u8::from(spike);
            any |= *fires;
        }
        any != 0
    }

    /// Appends the numbers of those that are marked.
    #[inline(always)]
    fn collect(&self, spikes: &mut Vec<u32>) {
        for (group, marks) in self.scratch.fires.chunks(32).enumerate() {
            // most groups are silent: one look at all
            if marks.iter().fold(0, |any, mark| any | mark) == 0 {
                continue;
            }
            for (place, mark) in marks.iter().enumerate() {
                if *mark != 0 {
                    spikes.push(self.first_neuron + (32 * group + place) as u32);
                }
            }
        }
    }
}
