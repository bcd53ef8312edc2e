//! The leaky integrate-and-fire membrane.
//!
//! Exact integration of the linear subthreshold dynamics over a step h (Rotter and Diesmann 1999, Biol Cybern 81:381-402), in
//! the order of NEST's `iaf_psc_delta` and `iaf_psc_exp`. With V relative to E_L and i the current of a kind of synapse:
//!
//! ```text
//! V <- e^(-h/tau_m) V + sum P21 i + (1 - e^(-h/tau_m)) R I + noise + delta input due now
//! ```
//!
//! `P21 = R tau_syn / (tau_m - tau_syn) (e^(-h/tau_m) - e^(-h/tau_syn))`, and `R h / tau_m e^(-h/tau_m)` in the limit of equal time constants.

use super::relaxation::{decay_and_mean, noise_at_end};
use super::threshold::{Felt, Potentials, Threshold};
use super::{Conducts, Membrane};
use crate::network::CurrentCourse;
use crate::numerics::decays::three;
use crate::simulation::channel::MembraneInput;
use crate::simulation::plan::{Plan, PopulationPlan};

/// What takes a block of such neurons from one step to the next.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Lif {
    h_ms: f64,
    tau_m_ms: f64,
    h_over_tau_m: f64,
    /// e^(-h/tau_m).
    decay: f64,
    threshold: Threshold,
}

impl Membrane for Lif {
    type State = Potentials;

    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        let (h_ms, tau_m_ms) = (plan.dt_ms, population.neuron.tau_m_ms);
        let h_over_tau_m = h_ms / tau_m_ms;
        Self { h_ms, tau_m_ms, h_over_tau_m, decay: (-h_over_tau_m).exp(), threshold: Threshold::new(population) }
    }

    /// Between `E_L` and `V_th`; between `V_reset` and `V_th` if `E_L` is not below `V_th`.
    fn start_mv(&self) -> (f64, f64) {
        let Threshold { V_th, V_reset, .. } = self.threshold;
        (if V_th > 0.0 { 0.0 } else { V_reset }, V_th)
    }

    fn state(&self, potential: &[f64]) -> Potentials {
        Potentials::new(potential)
    }

    /// 1 - e^(-h/tau_m).
    fn current_gain(&self) -> f64 {
        -(-self.h_ms / self.tau_m_ms).exp_m1()
    }

    /// sqrt((1 - e^(-2h/tau_m)) / 2).
    fn noise_gain(&self) -> f64 {
        (-(-2.0 * self.h_ms / self.tau_m_ms).exp_m1() / 2.0).sqrt()
    }

    /// P21.
    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        exact_synaptic_gain(self.h_ms, self.tau_m_ms, tau_syn_ms, C_m_pf)
    }

    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        exact_rising_gain(self.h_ms, self.tau_m_ms, course, C_m_pf)
    }

    #[inline(always)]
    fn step(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        let decay = self.decay;
        self.threshold.step(state, input, fires, |V, common, current, kick| decay * V + common + current + kick)
    }

    #[inline(always)]
    fn step_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| self.decay * V + felt.common + felt.current + felt.kick)
    }

    fn crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        let V = before.potential[neuron];
        self.threshold.on_the_line(V, self.decay * V + felt.common + felt.current + felt.kick)
    }
}

/// With a leak `a = h/tau_m + l`: `V <- e^(-a) V + (1 - e^(-a))/a Q`.
impl Conducts for Lif {
    fn times_ms(&self) -> (f64, f64) {
        (self.h_ms, self.tau_m_ms)
    }

    /// sqrt((1 - e^(-2a))/(2a)).
    #[inline(always)]
    fn noise_left(&self, leak: f64) -> f64 {
        noise_at_end(self.h_over_tau_m + leak)
    }

    #[inline(always)]
    fn conduct(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        let own = self.h_over_tau_m;
        self.threshold.conduct(state, input, fires, |V, input, leak| relaxed(V, input, own + leak))
    }

    #[inline(always)]
    fn conduct_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        let leak = self.h_over_tau_m + felt.opened.leak;
        self.threshold.step_of(state, neuron, |V| felt.end(relaxed(V, felt.input(), leak)))
    }

    fn conducted_crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        let (V, leak) = (before.potential[neuron], self.h_over_tau_m + felt.opened.leak);
        self.threshold.on_the_line(V, felt.end(relaxed(V, felt.input(), leak)))
    }
}

/// The potential of a membrane after a step in which it relaxes by so much, and this comes in.
#[inline(always)]
pub(super) fn relaxed(V: f64, input: f64, leak: f64) -> f64 {
    let (decay, mean) = decay_and_mean(leak);
    decay * V + mean * input
}

/// `int_0^h e^(-(h - s)/tau_m) i(s) ds/C_m` of a membrane with a leak, for a current `i` that begins with a slope of 1 pA/ms.
pub(super) fn exact_rising_gain(h_ms: f64, tau_m_ms: f64, course: &CurrentCourse, C_m_pf: f64) -> f64 {
    three(1.0 / tau_m_ms, 1.0 / course.tau_decay_ms, 1.0 / course.tau_rise_ms, h_ms) / C_m_pf
}

/// P21 of a membrane with a leak.
pub(super) fn exact_synaptic_gain(h_ms: f64, tau_m_ms: f64, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
    let relative = h_ms * (1.0 / tau_syn_ms - 1.0 / tau_m_ms);
    // expm1(x) / x keeps its digits where the time constants are nearly equal
    let ratio = if relative == 0.0 { 1.0 } else { relative.exp_m1() / relative };
    h_ms / C_m_pf * (-h_ms / tau_syn_ms).exp() * ratio
}
