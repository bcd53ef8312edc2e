//! What a spike sends where that depends on the spikes before it: the state of each source neuron, exact between its spikes.
//!
//! ```text
//! short-term plasticity:  x <- 1 + (x - u x - 1) e^(-Delta/tau_rec),  then u <- U + (1 - U) u e^(-Delta/tau_fac);  a spike sends u x of the weight
//! gating that saturates:  s <- s e^(-Delta/tau_decay),  d = (1 - s) (1 - e^(-alpha tau_rise)),  s <- s + d;          a spike sends d of the weight
//! ```
//!
//! with `Delta` the time since the neuron's spike before, on the grid; the first spike finds `u = U` and `x = 1`. This is NEST's `tsodyks2_synapse`, but for its first spike, which finds there
//! what a spike at time 0 would have left. All connections of a neuron with the same parameters send the same, so the state is one for each source and set of
//! parameters. The gating is that of NMDA receptors, `s' = -s/tau_decay + alpha x (1 - s)` (Brunel and Wang 2001), in its jump form: it opens at once where it would rise
//! within `tau_rise`. As the sum of the sources' gatings decays with one time constant, the target feels it as a conductance that jumps by what is sent. With short-term
//! plasticity too, a spike opens `1 - e^(-alpha tau_rise u x)`. Each segment follows all sources for itself, by the same spikes: there is nothing that threads would have to wait for.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::network::{Plasticity, Projection, Synapse};

/// The parameters of what is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sending {
    plasticity: Option<Plasticity>,
    saturation: Option<Saturation>,
}

/// Gating that saturates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Saturation {
    /// alpha tau_rise.
    strength: f64,
    tau_decay_ms: f64,
}

impl Saturation {
    /// Of a synapse, unless it does not saturate.
    pub(super) fn of(synapse: &Synapse) -> Option<Self> {
        match *synapse {
            Synapse::Nmda { tau_rise_ms, tau_decay_ms, alpha_per_ms, .. } => {
                Some(Saturation { strength: alpha_per_ms * tau_rise_ms, tau_decay_ms })
            }
            _ => None,
        }
    }

    /// What a spike of a source without plasticity opens, and sends, so long after the spike before.
    pub(super) fn spike(&self, open: &mut f64, since_ms: f64) -> f64 {
        *open *= (-since_ms / self.tau_decay_ms).exp();
        let opens = (1.0 - *open) * self.opened(1.0);
        *open += opens;
        opens
    }

    /// What of the closed gates a spike opens, of which this part arrives.
    fn opened(&self, part: f64) -> f64 {
        -(-self.strength * part).exp_m1()
    }
}

impl Sending {
    /// Of a projection, unless all its spikes send the same.
    pub(super) fn of(projection: &Projection) -> Option<Self> {
        let saturation = Saturation::of(&projection.synapse);
        let plasticity = projection.plasticity;
        (plasticity.is_some() || saturation.is_some()).then_some(Sending { plasticity, saturation })
    }

    /// What a spike sends in the mean of Poisson processes of this rate, `u` and `x` taken as independent; exact where either stays the same.
    pub(super) fn mean_of_poisson(&self, rate_hz: f64) -> f64 {
        let rate = 1e-3 * rate_hz;
        let part = self.plasticity.map_or(1.0, |Plasticity { U, tau_rec_ms, tau_fac_ms }| {
            let u = U * (1.0 + rate * tau_fac_ms) / (1.0 + U * rate * tau_fac_ms);
            u / (1.0 + u * rate * tau_rec_ms)
        });
        self.saturation.map_or(part, |saturation| {
            let opened = saturation.opened(part);
            opened / (1.0 + rate * saturation.tau_decay_ms * opened)
        })
    }

    fn initial_u(&self) -> f64 {
        self.plasticity.map_or(1.0, |plasticity| plasticity.U)
    }
}

/// The states of the neurons of one population for one set of parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct States {
    u: Vec<f64>,
    x: Vec<f64>,
    /// The open gates just after the spike before.
    s: Vec<f64>,
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
            let state = |of: &Sending| States {
                u: vec![of.initial_u(); size],
                x: vec![1.0; size],
                s: vec![0.0; size],
                last: vec![0; size],
            };
            sendings.iter().map(state).collect()
        });
        Self { states: states.collect() }
    }

    /// Bytes of memory that they take.
    pub(super) fn bytes(plan: &Plan) -> u64 {
        let all = plan.populations.iter().zip(&plan.sendings);
        all.map(|(population, sendings)| 32 * u64::from(population.size) * sendings.len() as u64).sum()
    }

    /// Whether the others are of as many neurons and parameters.
    pub(super) fn is_like(&self, other: &Sources) -> bool {
        let lengths = |states: &States| [states.u.len(), states.x.len(), states.s.len(), states.last.len()];
        let all = |sources: &Sources| -> Vec<Vec<[usize; 4]>> {
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
        let (u, x, last) = (&mut self.u[neuron], &mut self.x[neuron], &mut self.last[neuron]);
        let is_first = *last == 0;
        let since_ms = (step - *last) as f64 * dt_ms;
        let left = |tau_ms: f64| if tau_ms > 0.0 { (-since_ms / tau_ms).exp() } else { 0.0 };
        *last = step;
        if let (Some(Plasticity { U, tau_rec_ms, tau_fac_ms }), false) = (sending.plasticity, is_first) {
            *x = 1.0 + (*x - *u * *x - 1.0) * left(tau_rec_ms);
            *u = U + (1.0 - U) * *u * left(tau_fac_ms);
        }
        let part = *u * *x;
        let Some(saturation) = sending.saturation else { return part };
        let s = &mut self.s[neuron];
        *s *= left(saturation.tau_decay_ms);
        let opens = (1.0 - *s) * saturation.opened(part);
        *s += opens;
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::random::Stream;

    /// Gating of NMDA receptors as in Brunel and Wang (2001), its mean over a long time: with the rise as it is, in small steps, and by jumps; and the rate that
    /// the spikes had.
    fn mean_gating(rate_hz: f64) -> (f64, f64, f64) {
        const STEP_MS: f64 = 0.1;
        const STEPS: u64 = 4_000_000;
        let (tau_rise, tau_decay, alpha) = (2.0, 100.0, 0.5);
        let saturation = Saturation { strength: alpha * tau_rise, tau_decay_ms: tau_decay };
        let sending = Sending { plasticity: None, saturation: Some(saturation) };
        let mut states = States { u: vec![1.0], x: vec![1.0], s: vec![0.0], last: vec![0] };
        let mut random = Stream::new(5, 1, 0).sequence();
        let bound = 1e-3 * rate_hz * STEP_MS;
        let (x_left, half) = (f64::exp(-STEP_MS / tau_rise), f64::exp(-0.5 * STEP_MS / tau_decay));
        let (mut x, mut s, mut by_jumps) = (0.0, 0.0, 0.0);
        let (mut sum, mut sum_by_jumps, mut spikes) = (0.0, 0.0, 0.0);
        for step in 1..=STEPS {
            // half of the decay, the opening exactly, half of the decay
            s *= half;
            s = 1.0 - (1.0 - s) * f64::exp(-alpha * x * tau_rise * (1.0 - x_left));
            s *= half;
            x *= x_left;
            by_jumps *= half * half;
            if f64::from(random.word()) * 2f64.powi(-32) < bound {
                x += 1.0;
                spikes += 1.0;
                by_jumps += states.spike(&sending, 0, step, STEP_MS);
            }
            sum += s;
            sum_by_jumps += by_jumps;
        }
        let steps = STEPS as f64;
        (sum / steps, sum_by_jumps / steps, spikes / (1e-3 * STEP_MS * steps))
    }

    #[test]
    fn gating_by_jumps_is_within_one_and_a_half_percent_of_gating_that_rises() {
        for rate_hz in [5.0, 20.0, 50.0] {
            let (rising, by_jumps, rate_hz) = mean_gating(rate_hz);
            println!("{rate_hz} Hz: {rising:.4} with the rise, {by_jumps:.4} by jumps");
            assert!((by_jumps / rising - 1.0).abs() < 0.015, "{rate_hz} Hz: {rising} {by_jumps}");
            // exact for jumps of a Poisson process
            let opened = 1.0 - f64::exp(-1.0);
            let closed = 1e-3 * rate_hz * 100.0 * opened / (1.0 + 1e-3 * rate_hz * 100.0 * opened);
            assert!((by_jumps / closed - 1.0).abs() < 0.01, "{rate_hz} Hz: {by_jumps}, closed form {closed}");
        }
    }
}
