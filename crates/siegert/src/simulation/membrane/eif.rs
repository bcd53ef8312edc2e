//! The exponential integrate-and-fire membrane.
//!
//! The leak and the input are solved exactly for half a step, the exponential for a whole one, and the first again (Strang 1968, SIAM J Numer Anal
//! 5:506-517). With V relative to `E_L` and `x` what a LIF membrane would add for currents in a step:
//!
//! ```text
//! tau_m dV/dt = -V + Delta_T exp((V - V_th)/Delta_T) + R I,    d = e^(-h/(2 tau_m))
//! V1 = d V + x/(1 + d)
//! V2 = V1 - Delta_T ln(1 - (h/tau_m) exp((V1 - V_th)/Delta_T))
//! V  <- d V2 + x/(1 + d) + noise + delta input due now;    a spike where V2 >= V_peak or V >= V_peak
//! ```
//!
//! Far below `V_th` this is the LIF membrane with its exact step; near the end of a spike, where the exponential is all, it is exact again. In between
//! it errs in second order of h. No V is too high for it: a spike that ends within the step is at infinity (see `upstroke`). White noise, an increment of
//! `sigma sqrt(sinh(h/tau_m))`, is that of a step in the middle of which V is looked at, so rates too err in second order by it; what is of first
//! order is that spikes are at the ends of steps, as everywhere in this simulator: an interval between two is longer by half a step in the mean.

use super::lif::{exact_rising_gain, exact_synaptic_gain};
use super::relaxation::{decay_and_mean, noise_of_middle};
use super::threshold::{Felt, Potentials, Threshold};
use super::upstroke::rise;
use super::{Conducts, Membrane};
use crate::network::{CurrentCourse, NeuronModel};
use crate::simulation::channel::MembraneInput;
use crate::simulation::plan::{Plan, PopulationPlan};

/// What takes a block of such neurons from one step to the next.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Eif {
    h_ms: f64,
    tau_m_ms: f64,
    h_over_tau_m: f64,
    /// e^(-h/(2 tau_m)).
    half_decay: f64,
    /// The part of a step's input that comes before the exponential, and as much after it.
    share: f64,
    V_th: f64,
    Delta_T: f64,
    per_Delta_T: f64,
    pub(super) threshold: Threshold,
}

impl Eif {
    /// The exponential membrane of a neuron that adapts or does not.
    pub(super) fn of(plan: &Plan, population: &PopulationPlan, Delta_T: f64, V_peak_mv: f64) -> Self {
        let neuron = &population.neuron;
        let (h_ms, tau_m_ms) = (plan.dt_ms, neuron.tau_m_ms);
        let half_decay = (-h_ms / (2.0 * tau_m_ms)).exp();
        Self {
            h_ms,
            tau_m_ms,
            h_over_tau_m: h_ms / tau_m_ms,
            half_decay,
            share: 1.0 / (1.0 + half_decay),
            V_th: neuron.V_th_mv - neuron.E_L_mv,
            Delta_T,
            per_Delta_T: 1.0 / Delta_T,
            threshold: Threshold::at(V_peak_mv, population),
        }
    }

    /// Potential at the end of a step of a neuron that is not refractory; infinite where it spikes.
    #[inline(always)]
    pub(super) fn moved(&self, V: f64, input: f64, kick: f64) -> f64 {
        self.through(V, self.half_decay, self.share * input) + kick
    }

    /// The same without a kick, if half a step leaves so much of the potential and adds this to it.
    #[inline(always)]
    fn through(&self, V: f64, half_decay: f64, half: f64) -> f64 {
        let before = half_decay * V + half;
        let after = before + self.Delta_T * rise((before - self.V_th) * self.per_Delta_T, self.h_over_tau_m);
        let end = half_decay * after + half;
        if after >= self.threshold.V_th { f64::INFINITY } else { end }
    }

    /// Where a step takes a neuron that is not refractory, but for what comes at its end, with a leak by conductances: half of leak and input before the
    /// exponential, half after it.
    #[inline(always)]
    pub(super) fn conducted(&self, V: f64, input: f64, leak: f64) -> f64 {
        let (half_decay, mean) = decay_and_mean(0.5 * (self.h_over_tau_m + leak));
        self.through(V, half_decay, 0.5 * mean * input)
    }

    /// As [`Eif::crossing_of`], with a leak by conductances.
    pub(super) fn conducted_crossing_of(&self, V: f64, input: f64, felt: Felt) -> f64 {
        let (half_decay, mean) = decay_and_mean(0.5 * (self.h_over_tau_m + felt.opened.leak));
        let end = || felt.end(self.conducted(V, input, felt.opened.leak));
        self.by_the_exponential(half_decay * V + 0.5 * mean * input)
            .unwrap_or_else(|| self.threshold.on_the_line(V, end()))
    }

    /// The part of a step after which the exponential takes a neuron to `V_peak` from this potential, if it does in the step.
    fn by_the_exponential(&self, before: f64) -> Option<f64> {
        let left = |V: f64| ((self.V_th - V) * self.per_Delta_T).exp();
        let part = (left(before) - left(self.threshold.V_th)) / self.h_over_tau_m;
        (part <= 1.0).then_some(part.max(0.0))
    }

    /// The part of the step after which a neuron reaches `V_peak` that felt this: when the exponential takes it there; where a line from beginning to end
    /// does if it needs a kick.
    pub(super) fn crossing_of(&self, V: f64, input: f64, kick: f64) -> f64 {
        let before = self.half_decay * V + self.share * input;
        let end = || self.moved(V, input, kick);
        self.by_the_exponential(before).unwrap_or_else(|| self.threshold.on_the_line(V, end()))
    }
}

impl Membrane for Eif {
    type State = Potentials;

    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        let NeuronModel::Eif { Delta_T_mv, V_peak_mv } = population.neuron.model else {
            unreachable!("the list of membranes goes by the names of models")
        };
        Self::of(plan, population, Delta_T_mv, V_peak_mv)
    }

    /// As LIF neurons: between `E_L` and `V_th`; between `V_reset` and `V_th` if `E_L` is not below `V_th`.
    fn start_mv(&self) -> (f64, f64) {
        let V_reset = self.threshold.V_reset.min(self.V_th);
        (if self.V_th > 0.0 { 0.0 } else { V_reset }, self.V_th)
    }

    fn state(&self, potential: &[f64]) -> Potentials {
        Potentials::new(potential)
    }

    /// 1 - e^(-h/tau_m).
    fn current_gain(&self) -> f64 {
        -(-self.h_over_tau_m).exp_m1()
    }

    /// sqrt(sinh(h/tau_m)).
    fn noise_gain(&self) -> f64 {
        self.h_over_tau_m.sinh().sqrt()
    }

    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        exact_synaptic_gain(self.h_ms, self.tau_m_ms, tau_syn_ms, C_m_pf)
    }

    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        exact_rising_gain(self.h_ms, self.tau_m_ms, course, C_m_pf)
    }

    #[inline(always)]
    fn step(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.threshold.step(state, input, fires, |V, common, current, kick| self.moved(V, common + current, kick))
    }

    #[inline(always)]
    fn step_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| self.moved(V, felt.common + felt.current, felt.kick))
    }

    fn crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        self.crossing_of(before.potential[neuron], felt.common + felt.current, felt.kick)
    }
}

impl Conducts for Eif {
    fn times_ms(&self) -> (f64, f64) {
        (self.h_ms, self.tau_m_ms)
    }

    /// sqrt(sinh(a)/a) with `a = h/tau_m + l`.
    #[inline(always)]
    fn noise_left(&self, leak: f64) -> f64 {
        noise_of_middle(self.h_over_tau_m + leak)
    }

    #[inline(always)]
    fn conduct(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.threshold.conduct(state, input, fires, |V, input, leak| self.conducted(V, input, leak))
    }

    #[inline(always)]
    fn conduct_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| felt.end(self.conducted(V, felt.input(), felt.opened.leak)))
    }

    fn conducted_crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        self.conducted_crossing_of(before.potential[neuron], felt.input(), felt)
    }
}
