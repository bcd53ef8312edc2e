//! What is measured inside neurons: membrane potential and input of the first neurons of each population.

use serde::{Deserialize, Serialize};

use super::plan::{Plan, PopulationPlan};
use super::result::{Histogram, MeasuredInput, Membrane};

/// Bins of the histogram of potentials.
const BINS: usize = 300;
/// How far below reset and rest the histogram reaches, in units of the distance to threshold.
const REACH: f64 = 2.0;

/// Sums over the measured time, for the sampled neurons of one block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    /// Number of the block's first neurons that are sampled.
    pub(super) neurons: u32,
    /// Potentials, relative to `E_L`, once a millisecond.
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
    pub(super) fn new(population: &PopulationPlan, neurons: u32) -> Self {
        let (low, width) = bins(population);
        Self {
            neurons,
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

    /// Takes the potentials, relative to `E_L`, at one time.
    pub(super) fn take_potentials(&mut self, potential: &[f64], refractory: &[i32]) {
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

    /// Begins a step: what is the same for all neurons, mean and variance as they enter mu and sigma^2.
    #[inline(always)]
    pub(super) fn begin_step(&mut self, external_mean: f64, external_variance: f64) {
        self.steps += 1;
        self.external_mean += external_mean;
        self.external_variance += external_variance;
    }

    /// Takes what arrives at the neurons in one step, in mV.
    #[inline(always)]
    pub(super) fn take_input(&mut self, input: &[f64]) {
        for (sums, x) in self.input.iter_mut().zip(input) {
            sums.0 += x;
            sums.1 += x * x;
        }
    }
}

fn bins(population: &PopulationPlan) -> (f64, f64) {
    let neuron = &population.neuron;
    let V_th = neuron.V_th_mv - neuron.E_L_mv;
    let bottom = (neuron.V_reset_mv - neuron.E_L_mv).min(0.0).min(V_th);
    let distance = if V_th > bottom { V_th - bottom } else { V_th - (neuron.V_reset_mv - neuron.E_L_mv) };
    let low = bottom - REACH * distance;
    (low, (V_th - low) / BINS as f64)
}

/// Potential and input of a population, from the samples of its blocks in order.
pub(super) fn measured(
    plan: &Plan,
    population: &PopulationPlan,
    samples: &[&Sample],
) -> (Option<Membrane>, Option<MeasuredInput>) {
    (membrane(population, samples), input(plan, population, samples))
}

fn membrane(population: &PopulationPlan, samples: &[&Sample]) -> Option<Membrane> {
    let count: u64 = samples.iter().map(|sample| sample.samples).sum();
    if count == 0 {
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
fn input(plan: &Plan, population: &PopulationPlan, samples: &[&Sample]) -> Option<MeasuredInput> {
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
