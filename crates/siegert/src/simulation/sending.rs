//! What a spike sends where that depends on the spikes before it: the state of each source neuron, exact between its spikes.
//!
//! ```text
//! short-term plasticity:  x <- 1 + (x - u x - 1) e^(-Delta/tau_rec),  then u <- U + (1 - U) u e^(-Delta/tau_fac);  a spike sends u x of the weight
//! ```
//!
//! with `Delta` the time since the neuron's spike before, on the grid; the first spike finds `u = U` and `x = 1`. This is NEST's `tsodyks2_synapse`, but for its first spike, which finds there
//! what a spike at time 0 would have left. All connections of a neuron with the same parameters send the same, so the state is one for each source and set of
//! parameters. Each segment follows all sources for itself, by the same spikes: there is nothing that threads would have to wait for.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::network::{Plasticity, Projection};

/// The parameters of what is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sending {
    plasticity: Plasticity,
}

impl Sending {
    /// Of a projection, unless all its spikes send the same.
    pub(super) fn of(projection: &Projection) -> Option<Self> {
        projection.plasticity.map(|plasticity| Sending { plasticity })
    }

    /// What a spike sends in the mean of Poisson processes of this rate, `u` and `x` taken as independent; exact where either stays the same.
    pub(super) fn mean_of_poisson(&self, rate_hz: f64) -> f64 {
        let Plasticity { U, tau_rec_ms, tau_fac_ms } = self.plasticity;
        let (recovered, facilitated) = (1e-3 * rate_hz * tau_rec_ms, 1e-3 * rate_hz * tau_fac_ms);
        let u = U * (1.0 + facilitated) / (1.0 + U * facilitated);
        u / (1.0 + u * recovered)
    }
}

/// The states of the neurons of one population for one set of parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct States {
    u: Vec<f64>,
    x: Vec<f64>,
    /// Step of the spike before; 0 if there was none.
    last: Vec<u64>,
}

/// The states of all sources: of each population, one for each of its sets of parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sources {
    states: Vec<Vec<States>>,
}

/// What the spikes of a step send: for each spike, a part of the weight for each set of parameters of its population.
#[derive(Debug, Default)]
pub(super) struct Sent {
    parts: Vec<f32>,
    per_spike: usize,
}

impl Sent {
    /// Of the spike of this number among those of the step.
    #[inline(always)]
    pub(super) fn of(&self, spike: usize) -> &[f32] {
        &self.parts[spike * self.per_spike..(spike + 1) * self.per_spike]
    }
}

impl Sources {
    /// Before any spike.
    pub(super) fn new(plan: &Plan) -> Self {
        let states = plan.populations.iter().zip(&plan.sendings).map(|(population, sendings)| {
            let size = population.size as usize;
            let state =
                |of: &Sending| States { u: vec![of.plasticity.U; size], x: vec![1.0; size], last: vec![0; size] };
            sendings.iter().map(state).collect()
        });
        Self { states: states.collect() }
    }

    /// Bytes of memory that they take.
    pub(super) fn bytes(plan: &Plan) -> u64 {
        let all = plan.populations.iter().zip(&plan.sendings);
        all.map(|(population, sendings)| 24 * u64::from(population.size) * sendings.len() as u64).sum()
    }

    /// Whether the others are of as many neurons and parameters.
    pub(super) fn is_like(&self, other: &Sources) -> bool {
        let lengths = |states: &States| [states.u.len(), states.x.len(), states.last.len()];
        let all = |sources: &Sources| -> Vec<Vec<[usize; 3]>> {
            sources.states.iter().map(|states| states.iter().map(lengths).collect()).collect()
        };
        all(self) == all(other)
    }

    /// Follows the spikes of a step, of neurons in ascending order.
    pub(super) fn spike(&mut self, plan: &Plan, step: u64, neurons: &[u32], sent: &mut Sent) {
        sent.per_spike = self.states.iter().map(Vec::len).max().unwrap_or(0);
        sent.parts.clear();
        sent.parts.resize(neurons.len() * sent.per_spike, 1.0);
        if sent.per_spike == 0 {
            return;
        }
        let mut population = 0;
        for (&neuron, parts) in neurons.iter().zip(sent.parts.chunks_exact_mut(sent.per_spike)) {
            while neuron >= plan.populations[population].first + plan.populations[population].size {
                population += 1;
            }
            let own = (neuron - plan.populations[population].first) as usize;
            let all = self.states[population].iter_mut().zip(&plan.sendings[population]);
            for ((states, sending), part) in all.zip(parts) {
                *part = states.spike(sending, own, step, plan.dt_ms) as f32;
            }
        }
    }
}

impl States {
    /// The part of the weight that a spike of the neuron sends.
    fn spike(&mut self, sending: &Sending, neuron: usize, step: u64, dt_ms: f64) -> f64 {
        let Plasticity { U, tau_rec_ms, tau_fac_ms } = sending.plasticity;
        let (u, x, last) = (&mut self.u[neuron], &mut self.x[neuron], &mut self.last[neuron]);
        if *last > 0 {
            let since_ms = (step - *last) as f64 * dt_ms;
            let left = |tau_ms: f64| if tau_ms > 0.0 { (-since_ms / tau_ms).exp() } else { 0.0 };
            *x = 1.0 + (*x - *u * *x - 1.0) * left(tau_rec_ms);
            *u = U + (1.0 - U) * *u * left(tau_fac_ms);
        }
        *last = step;
        *u * *x
    }
}
