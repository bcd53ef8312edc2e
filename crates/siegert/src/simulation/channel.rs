//! Channels: how the spikes that arrive become what a membrane feels.
//!
//! ```text
//! delta:                V jumps by the input due now
//! exponential current:  i acts on V in this step;    then i <- e^(-h/tau_syn) i + input due now
//! ```
//!
//! So an input current acts on V one step later than a delta input.

use super::aligned::Aligned;
use super::arrays::{Array, ArrayMut};
use super::membrane::Membrane;
use super::plan::{Channel as Kind, Plan};

/// What the neurons of a block feel in a step.
#[derive(Debug)]
pub(super) struct MembraneInput {
    /// What every neuron feels alike of currents, in the unit that the membrane gives them by its gains: mostly mV that are added to V.
    pub(super) common: f64,
    /// Jumps of V: noise, and delta input due now.
    pub(super) kicks: Aligned<f32>,
    /// The same of each neuron's synaptic currents; 0 where there are none.
    pub(super) from_currents: Aligned<f64>,
    /// By what the currents that differ between neurons are multiplied in this step.
    pub(super) factors: Vec<f64>,
}

impl MembraneInput {
    /// Room for so many neurons, and currents that differ between them.
    pub(super) fn new(neurons: usize, differing: usize) -> Self {
        let (kicks, from_currents) = (Aligned::zeros(neurons), Aligned::zeros(neurons));
        Self { common: 0.0, kicks, from_currents, factors: vec![0.0; differing] }
    }
}

/// A kind of synapse at the neurons of a block, with its state.
#[derive(Debug)]
pub(super) enum Channel {
    Delta,
    Exponential(ExponentialCurrent),
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
        }
    }

    /// Whether it adds to V by a current.
    #[inline(always)]
    pub(super) fn is_current(&self) -> bool {
        matches!(self, Channel::Exponential(_))
    }

    /// The jump in mV that has the charge of an input of 1.
    #[inline(always)]
    pub(super) fn charge(&self) -> f64 {
        match self {
            Channel::Delta => 1.0,
            Channel::Exponential(exponential) => exponential.charge,
        }
    }

    /// Goes on by a step in which this arrives.
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
        }
    }

    /// The currents of the neurons in pA; none of a delta channel.
    pub(super) fn current(&self) -> &[f64] {
        match self {
            Channel::Delta => &[],
            Channel::Exponential(exponential) => &exponential.current,
        }
    }

    /// The array of its state, if it has one.
    pub(super) fn array(&self) -> Option<Array<'_>> {
        match self {
            Channel::Delta => None,
            Channel::Exponential(exponential) => Some(Array::Reals(&exponential.current)),
        }
    }

    /// The same, to be filled.
    pub(super) fn array_mut(&mut self) -> Option<ArrayMut<'_>> {
        match self {
            Channel::Delta => None,
            Channel::Exponential(exponential) => Some(ArrayMut::Reals(&mut exponential.current)),
        }
    }
}
