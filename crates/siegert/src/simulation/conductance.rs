//! Conductances at the neurons of a block: those that decay, and pulses that are over at once.
//!
//! ```text
//! exponential conductance:  the mean of g over this step acts on V;   then g <- e^(-h/tau_syn) g + input due now
//! delta conductance:        V is drawn to E_rev at the end of this step by the input due now
//! ```
//!
//! While a conductance is open, V relaxes faster and to somewhere else: `C_m dV/dt = ... + g (E_rev - V)`. Its integral over a step,
//! `g tau_syn (1 - e^(-h/tau_syn))`, is exact since input comes at the ends of steps, as that of exponential currents does. Conductances do not stop where a
//! neuron is refractory.

use super::aligned::Aligned;
use super::membrane::decay_and_mean;

/// What conductances do to the neurons of a block in a step, all of them together. Potentials are relative to `E_L`.
#[derive(Debug)]
pub(super) struct Opened {
    /// `int g dt / C_m` over the step, beside which `int g dt E_rev / C_m` has been added to what the membrane feels of currents, in mV.
    pub(super) leak: Aligned<f64>,
    /// Whether there are pulses at all.
    pub(super) has_pulses: bool,
    /// The sum of `w/g_L` of the pulses at the end of the step.
    pub(super) pulse: Aligned<f64>,
    /// The sum of `w/g_L E_rev`.
    pub(super) toward: Aligned<f64>,
}

/// The same for one neuron.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenedOne {
    pub(super) leak: f64,
    pub(super) pulse: f64,
    pub(super) toward: f64,
}

impl OpenedOne {
    /// No conductance.
    pub(super) const NONE: Self = OpenedOne { leak: 0.0, pulse: 0.0, toward: 0.0 };
}

impl Opened {
    /// Room for so many neurons.
    pub(super) fn new(neurons: usize, has_pulses: bool) -> Self {
        let zeros = |wanted| Aligned::zeros(if wanted { neurons } else { 0 });
        Self { leak: zeros(true), has_pulses, pulse: zeros(has_pulses), toward: zeros(has_pulses) }
    }

    /// Of neurons that no conductance reaches.
    pub(super) fn none() -> Self {
        Self::new(0, false)
    }

    /// Begins a step: nothing is open.
    #[inline(always)]
    pub(super) fn close(&mut self) {
        self.leak.fill(0.0);
        self.pulse.fill(0.0);
        self.toward.fill(0.0);
    }

    /// What one neuron feels.
    #[inline(always)]
    pub(super) fn of(&self, neuron: usize) -> OpenedOne {
        let (pulse, toward) = if self.has_pulses { (self.pulse[neuron], self.toward[neuron]) } else { (0.0, 0.0) };
        OpenedOne { leak: self.leak[neuron], pulse, toward }
    }
}

/// Conductances that decay exponentially, each with its reversal potential relative to `E_L`.
#[derive(Debug)]
pub(super) struct ExponentialConductance {
    /// e^(-h/tau_syn).
    decay: f64,
    /// `int g dt / C_m` over a step at whose beginning g is 1 nS.
    to_leak: f64,
    E_rev: f64,
    /// In nS.
    pub(super) conductance: Aligned<f64>,
}

impl ExponentialConductance {
    pub(super) fn new((dt_ms, tau_ms): (f64, f64), C_m_pf: f64, E_rev: f64, neurons: usize) -> Self {
        let steps = dt_ms / tau_ms;
        let to_leak = -tau_ms * (-steps).exp_m1() / C_m_pf;
        Self { decay: (-steps).exp(), to_leak, E_rev, conductance: Aligned::zeros(neurons) }
    }

    /// Goes on by a step in which this arrives; adds what the membrane feels.
    #[inline(always)]
    pub(super) fn receive(&mut self, input: &[f32], opened: &mut Opened, from_currents: &mut [f64]) {
        let Self { decay, to_leak, E_rev, .. } = *self;
        let sums = from_currents.iter_mut().zip(opened.leak.iter_mut());
        for (((sum, leak), conductance), &input) in sums.zip(self.conductance.iter_mut()).zip(input) {
            let own = to_leak * *conductance;
            *leak += own;
            *sum += own * E_rev;
            *conductance = decay * *conductance + f64::from(input);
        }
    }

    /// The current in pA into a neuron whose potential is this.
    pub(super) fn current(&self, neuron: usize, V: f64) -> Option<f64> {
        self.conductance.get(neuron).map(|conductance| conductance * (self.E_rev - V))
    }
}

/// Conductances that decay exponentially, blocked by magnesium.
///
/// The current through it, `g (E_rev - V)/(1 + c e^(-beta V))`, is taken with its tangent at the potential of the step's beginning, so that its leak and where it leads are as good to
/// second order of h as those of other conductances.
#[derive(Debug)]
pub(super) struct BlockedConductance {
    pub(super) open: ExponentialConductance,
    /// c, with V relative to `E_L`.
    block: f64,
    beta: f64,
}

/// As good as minus infinity for the block.
const FAR_BELOW: f64 = -1e4;

impl BlockedConductance {
    pub(super) fn new(open: ExponentialConductance, block: f64, beta: f64) -> Self {
        Self { open, block, beta }
    }

    /// As [`ExponentialConductance::receive`], of neurons with these potentials.
    #[inline(always)]
    pub(super) fn receive(&mut self, input: &[f32], opened: &mut Opened, from_currents: &mut [f64], potential: &[f64]) {
        let Self { open, block, beta } = self;
        let ExponentialConductance { decay, to_leak, E_rev, .. } = *open;
        let (block, beta) = (*block, *beta);
        let sums = from_currents.iter_mut().zip(opened.leak.iter_mut()).zip(potential);
        for ((((sum, leak), V), conductance), &input) in sums.zip(open.conductance.iter_mut()).zip(input) {
            let V = V.max(FAR_BELOW);
            let free = 1.0 / (1.0 + block * decay_and_mean(beta * V).0);
            // minus the derivative of free (E_rev - V)
            let own_leak = to_leak * *conductance * free * (1.0 - beta * (1.0 - free) * (E_rev - V));
            *leak += own_leak;
            *sum += to_leak * *conductance * free * (E_rev - V) + own_leak * V;
            *conductance = decay * *conductance + f64::from(input);
        }
    }

    /// As [`ExponentialConductance::current`].
    pub(super) fn current(&self, neuron: usize, V: f64) -> Option<f64> {
        self.open.current(neuron, V).map(|current| current / (1.0 + self.block * (-self.beta * V).exp()))
    }
}

/// Pulses of a conductance that are over at once.
#[derive(Debug)]
pub(super) struct DeltaConductance {
    /// 1/g_L, in 1/nS.
    per_leak: f64,
    /// The same of each neuron, where they differ.
    per_each: Option<Vec<f64>>,
    E_rev: f64,
}

impl DeltaConductance {
    pub(super) fn new(per_leak: f64, per_each: Option<Vec<f64>>, E_rev: f64) -> Self {
        Self { per_leak, per_each, E_rev }
    }

    /// Adds what the membrane feels of this input.
    #[inline(always)]
    pub(super) fn receive(&self, input: &[f32], opened: &mut Opened) {
        let sums = opened.pulse.iter_mut().zip(opened.toward.iter_mut()).zip(input);
        if let Some(per_each) = &self.per_each {
            for (((pulse, toward), &input), per_leak) in sums.zip(per_each) {
                let own = per_leak * f64::from(input);
                *pulse += own;
                *toward += own * self.E_rev;
            }
            return;
        }
        for ((pulse, toward), &input) in sums {
            let own = self.per_leak * f64::from(input);
            *pulse += own;
            *toward += own * self.E_rev;
        }
    }
}
