//! The perfect (leakless) integrate-and-fire membrane: it adds up what it receives.
//!
//! `tau_m dV/dt = mu` exactly over a step h, with V and mu relative to `E_L` and i the current of a kind of synapse:
//!
//! ```text
//! V <- V + sum (tau_syn / C_m) (1 - e^(-h/tau_syn)) i + (h / tau_m) R I + noise + delta input due now
//! ```
//!
//! The threshold is looked at once a step. White noise crosses it between steps and comes back, and what is above it at the end of a step is
//! lost at reset: the neuron fires as if the threshold were `0.5826 sigma sqrt(h / tau_m)` higher (Siegmund 1979, Adv Appl Prob 11:701-719).

use super::lif::relaxed;
use super::relaxation::noise_at_end;
use super::threshold::{Felt, Potentials, Threshold};
use super::{Conducts, Membrane};
use crate::network::CurrentCourse;
use crate::numerics::decays::three;
use crate::simulation::channel::MembraneInput;
use crate::simulation::plan::{Plan, PopulationPlan};

/// What takes a block of such neurons from one step to the next.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Perfect {
    h_ms: f64,
    tau_m_ms: f64,
    threshold: Threshold,
}

impl Membrane for Perfect {
    type State = Potentials;

    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        Self { h_ms: plan.dt_ms, tau_m_ms: population.neuron.tau_m_ms, threshold: Threshold::new(population) }
    }

    /// Between `V_reset` and `V_th`: nothing draws the potential to `E_L`, which may be anywhere.
    fn start_mv(&self) -> (f64, f64) {
        (self.threshold.V_reset, self.threshold.V_th)
    }

    fn state(&self, potential: &[f64]) -> Potentials {
        Potentials::new(potential)
    }

    fn current_gain(&self) -> f64 {
        self.h_ms / self.tau_m_ms
    }

    fn noise_gain(&self) -> f64 {
        (self.h_ms / self.tau_m_ms).sqrt()
    }

    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        -(-self.h_ms / tau_syn_ms).exp_m1() * tau_syn_ms / C_m_pf
    }

    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        three(0.0, 1.0 / course.tau_decay_ms, 1.0 / course.tau_rise_ms, self.h_ms) / C_m_pf
    }

    #[inline(always)]
    fn step(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.threshold.step(state, input, fires, |V, common, current, kick| V + common + current + kick)
    }

    #[inline(always)]
    fn step_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| V + felt.common + felt.current + felt.kick)
    }

    fn crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        let V = before.potential[neuron];
        self.threshold.on_the_line(V, V + felt.common + felt.current + felt.kick)
    }
}

/// The only leak is that of conductances.
impl Conducts for Perfect {
    fn times_ms(&self) -> (f64, f64) {
        (self.h_ms, self.tau_m_ms)
    }

    #[inline(always)]
    fn noise_left(&self, leak: f64) -> f64 {
        noise_at_end(leak)
    }

    #[inline(always)]
    fn conduct(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.threshold.conduct(state, input, fires, relaxed)
    }

    #[inline(always)]
    fn conduct_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| felt.end(relaxed(V, felt.input(), felt.opened.leak)))
    }

    fn conducted_crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        let V = before.potential[neuron];
        self.threshold.on_the_line(V, felt.end(relaxed(V, felt.input(), felt.opened.leak)))
    }
}
