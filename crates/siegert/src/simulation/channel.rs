//! Channels: how the spikes that arrive become what a membrane feels.
//!
//! ```text
//! delta:                V jumps by the input due now
//! exponential current:  i acts on V in this step;    then i <- e^(-h/tau_syn) i + input due now
//! rising current:       i and g act on V in this step;    then i <- e^(-h/tau_decay) i + P g,    g <- e^(-h/tau_rise) g + slope (input due now)
//! ```
//!
//! Conductances stand in `conductance`. So an input current acts on V one step later than a delta input. A current that rises, `di/dt = -i/tau_decay + g`, is fed by `g`, the slope of what the spikes
//! made; `P = (e^(-h/tau_decay) - e^(-h/tau_rise))/(1/tau_rise - 1/tau_decay)`, and `slope` makes the current of one spike peak at its weight. This
//! is NEST's `iaf_psc_alpha` for equal times (its `dI`, `I`), and keeps its digits where they are nearly equal, which a difference of two currents would not.

use super::aligned::Aligned;
use super::arrays::{Array, ArrayMut};
use super::conductance::{BlockedConductance, DeltaConductance, ExponentialConductance, Opened};
use super::membrane::Membrane;
use super::plan::{Channel as Kind, Plan};
use crate::network::CurrentCourse;
use crate::numerics::decays::two;

/// What the neurons of a block feel in a step.
#[derive(Debug)]
pub(super) struct MembraneInput {
    /// What every neuron feels alike of currents, in the unit that the membrane gives them by its gains: mostly mV that are added to V.
    pub(super) common: f64,
    /// Jumps of V: noise, and delta input due now.
    pub(super) kicks: Aligned<f32>,
    /// The same of each neuron's synaptic currents; 0 where there are none.
    pub(super) from_currents: Aligned<f64>,
    /// What conductances do; empty where no conductance reaches the neurons.
    pub(super) opened: Opened,
    /// By what the currents that differ between neurons are multiplied in this step.
    pub(super) factors: Vec<f64>,
}

impl MembraneInput {
    /// Room for so many neurons, and currents that differ between them.
    pub(super) fn new(neurons: usize, differing: usize) -> Self {
        let (kicks, from_currents) = (Aligned::zeros(neurons), Aligned::zeros(neurons));
        Self { common: 0.0, kicks, from_currents, opened: Opened::none(), factors: vec![0.0; differing] }
    }

    /// The same with what conductances do.
    pub(super) fn opened(self, opened: Opened) -> Self {
        Self { opened, ..self }
    }
}

/// A kind of synapse at the neurons of a block, with its state.
#[derive(Debug)]
pub(super) enum Channel {
    Delta,
    Exponential(ExponentialCurrent),
    Rising(RisingCurrent),
    Conductance(ExponentialConductance),
    Blocked(BlockedConductance),
    Pulse(DeltaConductance),
}

/// Currents that decay exponentially.
#[derive(Debug)]
pub(super) struct ExponentialCurrent {
    /// e^(-h/tau_syn).
    decay: f64,
    /// What 1 pA is to the membrane in a step.
    to_potential: f64,
    /// The same of each neuron, where they differ.
    to_each: Option<Vec<f64>>,
    /// tau_syn / C_m: the jump in mV of an instantaneous synapse with the same charge, for 1 pA.
    charge: f64,
    /// In pA.
    current: Aligned<f64>,
}

/// Currents that rise before they decay.
#[derive(Debug)]
pub(super) struct RisingCurrent {
    /// e^(-h/tau_decay), e^(-h/tau_rise).
    decay: f64,
    rise_decay: f64,
    /// P: what a slope of 1 pA/ms at the beginning of a step makes of the current in it.
    to_current: f64,
    /// The slope in pA/ms with which the current of a spike begins that peaks at 1 pA.
    slope: f64,
    /// What a current of 1 pA and a slope of 1 pA/ms are to the membrane in a step.
    to_potential: f64,
    slope_to_potential: f64,
    /// The same of each neuron, where they differ.
    to_each: Option<(Vec<f64>, Vec<f64>)>,
    /// As that of an exponential current.
    charge: f64,
    /// In pA, and pA/ms.
    current: Aligned<f64>,
    rising: Aligned<f64>,
}

impl Channel {
    /// Without any current, at so many neurons of a membrane.
    pub(super) fn new(plan: &Plan, kind: Kind, membrane: &impl Membrane, neurons: usize) -> Self {
        match kind {
            Kind::Delta => Channel::Delta,
            Kind::Exponential { tau_ms, C_m_pf } => Channel::Exponential(ExponentialCurrent {
                decay: (-plan.dt_ms / tau_ms).exp(),
                to_potential: membrane.synaptic_gain(tau_ms, C_m_pf),
                to_each: membrane.synaptic_gains(tau_ms, C_m_pf),
                charge: tau_ms / C_m_pf,
                current: Aligned::zeros(neurons),
            }),
            Kind::Rising { course, C_m_pf } => {
                let CurrentCourse { tau_rise_ms, tau_decay_ms } = course;
                let decay = |tau_ms: f64| (-plan.dt_ms / tau_ms).exp();
                Channel::Rising(RisingCurrent {
                    decay: decay(tau_decay_ms),
                    rise_decay: decay(tau_rise_ms),
                    to_current: two(1.0 / tau_decay_ms, 1.0 / tau_rise_ms, plan.dt_ms),
                    slope: course.charge_ms() / (tau_rise_ms * tau_decay_ms),
                    to_potential: membrane.synaptic_gain(tau_decay_ms, C_m_pf),
                    slope_to_potential: membrane.rising_gain(&course, C_m_pf),
                    to_each: membrane.synaptic_gains(tau_decay_ms, C_m_pf).zip(membrane.rising_gains(&course, C_m_pf)),
                    charge: course.charge_ms() / C_m_pf,
                    current: Aligned::zeros(neurons),
                    rising: Aligned::zeros(neurons),
                })
            }
            Kind::Conductance { tau_ms, C_m_pf, E_rev_mv } => {
                Channel::Conductance(ExponentialConductance::new((plan.dt_ms, tau_ms), C_m_pf, E_rev_mv, neurons))
            }
            Kind::Blocked { tau_ms, C_m_pf, E_rev_mv, block, beta_per_mv } => {
                let open = ExponentialConductance::new((plan.dt_ms, tau_ms), C_m_pf, E_rev_mv, neurons);
                Channel::Blocked(BlockedConductance::new(open, block, beta_per_mv))
            }
            Kind::Pulse { C_m_pf, E_rev_mv } => Channel::Pulse(DeltaConductance::new(
                membrane.resistance(C_m_pf),
                membrane.resistances(C_m_pf),
                E_rev_mv,
            )),
        }
    }

    /// Whether it adds to V by a current, or by one through a conductance.
    #[inline(always)]
    pub(super) fn is_current(&self) -> bool {
        matches!(self, Channel::Exponential(_) | Channel::Rising(_)) || self.is_leak()
    }

    /// Whether it is a conductance that is open for a while.
    #[inline(always)]
    pub(super) fn is_leak(&self) -> bool {
        matches!(self, Channel::Conductance(_) | Channel::Blocked(_))
    }

    /// The jump in mV that has the charge of an input of 1; none of a conductance, whose charge depends on the potential.
    #[inline(always)]
    pub(super) fn charge(&self) -> f64 {
        match self {
            Channel::Delta => 1.0,
            Channel::Conductance(_) | Channel::Blocked(_) | Channel::Pulse(_) => 0.0,
            Channel::Exponential(exponential) => exponential.charge,
            Channel::Rising(rising) => rising.charge,
        }
    }

    /// Goes on by a step in which this arrives at neurons with these potentials, where it is a conductance that is open for a while.
    #[inline(always)]
    pub(super) fn open(&mut self, input: &[f32], membrane_input: &mut MembraneInput, potential: &[f64]) {
        let MembraneInput { opened, from_currents, .. } = membrane_input;
        match self {
            Channel::Conductance(conductance) => conductance.receive(input, opened, from_currents),
            Channel::Blocked(conductance) => conductance.receive(input, opened, from_currents, potential),
            _ => {}
        }
    }

    /// Goes on by a step in which this arrives, but for what [`Channel::open`] does.
    #[inline(always)]
    pub(super) fn receive(&mut self, input: &[f32], membrane_input: &mut MembraneInput) {
        match self {
            Channel::Delta => {
                for (kick, input) in membrane_input.kicks.iter_mut().zip(input) {
                    *kick += input;
                }
            }
            Channel::Exponential(ExponentialCurrent { decay, to_each: Some(to_each), current, .. }) => {
                let sums = membrane_input.from_currents.iter_mut().zip(to_each);
                for (((sum, gain), current), &input) in sums.zip(current.iter_mut()).zip(input) {
                    let gain: f64 = *gain;
                    *sum += gain * *current;
                    *current = *decay * *current + f64::from(input);
                }
            }
            Channel::Exponential(ExponentialCurrent { decay, to_potential, current, .. }) => {
                let (decay, to_potential) = (*decay, *to_potential);
                for ((sum, current), &input) in
                    membrane_input.from_currents.iter_mut().zip(current.iter_mut()).zip(input)
                {
                    *sum += to_potential * *current;
                    *current = decay * *current + f64::from(input);
                }
            }
            Channel::Rising(rising) => rising.receive(input, &mut membrane_input.from_currents),
            Channel::Conductance(_) | Channel::Blocked(_) => {}
            Channel::Pulse(pulse) => pulse.receive(input, &mut membrane_input.opened),
        }
    }

    /// The current in pA into a neuron of this potential relative to `E_L`; none of what is over at once.
    pub(super) fn current(&self, neuron: usize, V: f64) -> Option<f64> {
        match self {
            Channel::Delta | Channel::Pulse(_) => None,
            Channel::Exponential(exponential) => exponential.current.get(neuron).copied(),
            Channel::Rising(rising) => rising.current.get(neuron).copied(),
            Channel::Conductance(conductance) => conductance.current(neuron, V),
            Channel::Blocked(conductance) => conductance.current(neuron, V),
        }
    }

    /// The arrays of its state, each with what it is called.
    pub(super) fn arrays(&self) -> Vec<(&'static str, Array<'_>)> {
        match self {
            Channel::Delta | Channel::Pulse(_) => Vec::new(),
            Channel::Conductance(open) | Channel::Blocked(BlockedConductance { open, .. }) => {
                vec![("conductance", Array::Reals(&open.conductance))]
            }
            Channel::Exponential(exponential) => vec![("current", Array::Reals(&exponential.current))],
            Channel::Rising(rising) => {
                vec![("current", Array::Reals(&rising.current)), ("slope", Array::Reals(&rising.rising))]
            }
        }
    }

    /// The same, to be filled.
    pub(super) fn arrays_mut(&mut self) -> Vec<(&'static str, ArrayMut<'_>)> {
        match self {
            Channel::Delta | Channel::Pulse(_) => Vec::new(),
            Channel::Conductance(open) | Channel::Blocked(BlockedConductance { open, .. }) => {
                vec![("conductance", ArrayMut::Reals(&mut open.conductance))]
            }
            Channel::Exponential(exponential) => vec![("current", ArrayMut::Reals(&mut exponential.current))],
            Channel::Rising(rising) => {
                vec![("current", ArrayMut::Reals(&mut rising.current)), ("slope", ArrayMut::Reals(&mut rising.rising))]
            }
        }
    }
}

impl RisingCurrent {
    /// Goes on by a step in which this arrives; adds what the membrane feels.
    #[inline(always)]
    fn receive(&mut self, input: &[f32], from_currents: &mut [f64]) {
        let Self { decay, rise_decay, to_current, slope, to_potential, slope_to_potential, .. } = *self;
        let states = self.current.iter_mut().zip(self.rising.iter_mut());
        if let Some((of_current, of_slope)) = &self.to_each {
            let felt = from_currents.iter_mut().zip(of_current.iter().zip(of_slope));
            for (((sum, gains), (current, rising)), &input) in felt.zip(states).zip(input) {
                *sum += gains.0 * *current + gains.1 * *rising;
                *current = decay * *current + to_current * *rising;
                *rising = rise_decay * *rising + slope * f64::from(input);
            }
            return;
        }
        for ((sum, (current, rising)), &input) in from_currents.iter_mut().zip(states).zip(input) {
            *sum += to_potential * *current + slope_to_potential * *rising;
            *current = decay * *current + to_current * *rising;
            *rising = rise_decay * *rising + slope * f64::from(input);
        }
    }
}
