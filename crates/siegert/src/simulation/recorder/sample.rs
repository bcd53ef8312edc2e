//! The sample inside neurons: membrane potential and input of the first neurons of each population, over the time measured.

use serde::{Deserialize, Serialize};

use super::{BlockRecorder, BlockView, Input};
use crate::network::NeuronModel;
use crate::numerics::steps;
use crate::simulation::plan::{Plan, PopulationPlan};
use crate::simulation::result::{Histogram, MeasuredInput, Membrane};

/// Bins of the histogram of potentials.
const BINS: usize = 300;
/// How far below reset and rest the histogram reaches, in units of the distance to threshold.
const REACH: f64 = 2.0;
/// How far above the threshold it reaches where spikes begin by themselves, in units of `Delta_T`, at most.
const REACH_OF_SPIKES: f64 = 10.0;

/// Sums over the measured time, for the sampled neurons of one block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulation) struct Sample {
    /// Number of the block's first neurons that are sampled.
    pub(in crate::simulation) neurons: u32,
    /// Steps before the measurement.
    warmup_steps: u64,
    /// Steps between two samples of the potential, about a millisecond.
    potential_every: u64,
    /// Potentials, relative to `E_L`.
    samples: u64,
    potential: f64,
    potential_square: f64,
    refractory: u64,
    low: f64,
    per_width: f64,
    histogram: Vec<u64>,
    /// Input of one step on the voltage axis, of each neuron: its sum and that of its square.
    input: Vec<(f64, f64)>,
    steps: u64,
    /// Sums over steps of the mean of currents and noise, and of the noise's variance.
    external_mean: f64,
    external_variance: f64,
}

impl Sample {
    pub(in crate::simulation) fn new(plan: &Plan, population: &PopulationPlan, neurons: u32) -> Self {
        let (low, width) = bins(population);
        Self {
            neurons,
            warmup_steps: plan.warmup_steps,
            potential_every: steps::half_up(1.0, plan.dt_ms).max(1.0) as u64,
            samples: 0,
            potential: 0.0,
            potential_square: 0.0,
            refractory: 0,
            low,
            per_width: 1.0 / width,
            histogram: vec![0; BINS],
            input: vec![(0.0, 0.0); neurons as usize],
            steps: 0,
            external_mean: 0.0,
            external_variance: 0.0,
        }
    }

    /// Takes the potentials at one time.
    fn take_potentials(&mut self, potential: &[f64], refractory: &[i32]) {
        let neurons = self.neurons as usize;
        for (&V, &left) in potential[..neurons].iter().zip(refractory) {
            self.potential += V;
            self.potential_square += V * V;
            if left > 0 {
                self.refractory += 1;
            } else {
                // a cast of what is negative gives 0
                let bin = ((V - self.low) * self.per_width) as usize;
                self.histogram[bin.min(BINS - 1)] += 1;
            }
        }
        self.samples += neurons as u64;
    }
}

impl BlockRecorder for Sample {
    #[inline(always)]
    fn wants_input(&self, step: u64) -> bool {
        step > self.warmup_steps
    }

    #[inline(always)]
    fn observe(&mut self, step: u64, input: &Input<'_>, view: &BlockView<'_>) {
        if step <= self.warmup_steps {
            return;
        }
        self.steps += 1;
        self.external_mean += input.outside.0;
        self.external_variance += input.outside.1;
        for (sums, x) in self.input.iter_mut().zip(input.arriving) {
            sums.0 += x;
            sums.1 += x * x;
        }
        if (step - self.warmup_steps).is_multiple_of(self.potential_every) {
            self.take_potentials(view.potential, view.refractory);
        }
    }
}

fn bins(population: &PopulationPlan) -> (f64, f64) {
    let neuron = &population.neuron;
    let top_mv = match neuron.model {
        NeuronModel::Lif | NeuronModel::Perfect => neuron.V_th_mv,
        NeuronModel::Eif { Delta_T_mv, V_peak_mv }
        | NeuronModel::Qif { Delta_T_mv, V_peak_mv }
        | NeuronModel::Adex { Delta_T_mv, V_peak_mv, .. } => {
            V_peak_mv.min(neuron.V_th_mv + REACH_OF_SPIKES * Delta_T_mv)
        }
    };
    let V_th = top_mv - neuron.E_L_mv;
    let bottom = (neuron.V_reset_mv - neuron.E_L_mv).min(0.0).min(V_th);
    let distance = if V_th > bottom { V_th - bottom } else { V_th - (neuron.V_reset_mv - neuron.E_L_mv) };
    let low = bottom - REACH * distance;
    (low, (V_th - low) / BINS as f64)
}

/// Potential and input of a population, from the samples of its blocks in order.
pub(in crate::simulation) fn measured(
    plan: &Plan,
    population: &PopulationPlan,
    samples: &[&Sample],
) -> (Option<Membrane>, Option<MeasuredInput>) {
    (membrane(population, samples), input(plan, population, samples))
}

fn membrane(population: &PopulationPlan, samples: &[&Sample]) -> Option<Membrane> {
    let count: u64 = samples.iter().map(|sample| sample.samples).sum();
    let infinite = match population.neuron.model {
        NeuronModel::Qif { V_peak_mv, .. } => V_peak_mv.is_infinite() || population.neuron.V_reset_mv.is_infinite(),
        _ => false,
    };
    // potentials that go to infinity have no mean
    if count == 0 || infinite {
        return None;
    }
    let sum = |of: fn(&Sample) -> f64| samples.iter().map(|sample| of(sample)).sum::<f64>() / count as f64;
    let mean = sum(|sample| sample.potential);
    let variance = (sum(|sample| sample.potential_square) - mean * mean).max(0.0);
    let mut counts = vec![0; BINS];
    for sample in samples {
        for (total, count) in counts.iter_mut().zip(&sample.histogram) {
            *total += count;
        }
    }
    let (low, width) = bins(population);
    Some(Membrane {
        neurons: samples.iter().map(|sample| u64::from(sample.neurons)).sum(),
        mean_mv: mean + population.neuron.E_L_mv,
        std_mv: variance.sqrt(),
        refractory_fraction: sum(|sample| sample.refractory as f64),
        histogram: Histogram { low: low + population.neuron.E_L_mv, width, counts },
    })
}

/// mu = E_L + R I + tau_m <x> / dt and sigma^2 = tau_m Var x / dt, where x is what arrives in one step, as a jump in mV.
///
/// What comes through conductances is no such jump: there is none of these numbers then.
fn input(plan: &Plan, population: &PopulationPlan, samples: &[&Sample]) -> Option<MeasuredInput> {
    if population.conducts() {
        return None;
    }
    let first = samples.first().filter(|sample| sample.steps > 1)?;
    let steps = first.steps as f64;
    let neurons: Vec<&(f64, f64)> = samples.iter().flat_map(|sample| &sample.input).collect();
    let count = neurons.len() as f64;
    let per_step = population.neuron.tau_m_ms / plan.dt_ms;
    let means: Vec<f64> = neurons.iter().map(|sums| per_step * sums.0 / steps).collect();
    let mean = means.iter().sum::<f64>() / count;
    let variance =
        neurons.iter().map(|(sum, square)| ((square - sum * sum / steps) / (steps - 1.0)).max(0.0)).sum::<f64>();
    let between = means.iter().map(|of| (of - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    Some(MeasuredInput {
        neurons: neurons.len() as u64,
        mean_mv: population.neuron.E_L_mv + first.external_mean / steps + mean,
        std_mv: (per_step * variance / count + first.external_variance / steps).sqrt(),
        mean_std_over_neurons_mv: between.sqrt(),
    })
}
