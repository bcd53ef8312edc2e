//! The map from rates to rates whose fixed points are the stationary states, with its derivatives.
//!
//! ```text
//! Phi_a(r) = f(mu_a(r), sigma_a(r)),
//! d ln Phi_a/d r_b = (d ln f/d mu) d mu_a/d r_b + (d ln f/d sigma^2) d sigma_a^2/d r_b + (d ln f/d shift) d shift_a/d r_b
//! ```
//!
//! where `shift = (alpha/2) sqrt(tau_syn/tau_m)` belongs to synapses with a time constant (`neuron::lif::SynapticFilter`).
//! Everything is in logarithms, so that silent populations (rates of 1e-300 Hz and far below) are no special case.

use crate::input::{Diffusion, Linear, Streams};
use crate::network::{Network, NeuronModel};
use crate::neuron::lif::{Lif, LifParameters, LogRate, SynapticFilter};
use crate::numerics::linear::Matrix;

use super::SolveError;
use super::classes::Classes;
use super::exhaustive::MOST_HZ;

/// The self-consistency equations of a network.
#[derive(Clone, Debug)]
pub struct RateMap {
    pub(crate) neurons: Vec<Lif>,
    pub(crate) input: Diffusion,
    pub(crate) filter: SynapticFilter,
    /// What the moments are sums of; none where populations are left out.
    pub(crate) streams: Streams,
}

/// A stage on the way from the uncoupled network to the network as it is.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// Factor of all input from the network.
    pub(super) coupling: f64,
    /// Added to `sigma^2` of each population; none if empty.
    pub(super) extra_variance_mv2: Vec<f64>,
}

impl Stage {
    /// The network as it is.
    const FULL: Stage = Stage { coupling: 1.0, extra_variance_mv2: Vec::new() };

    fn extra_variance(&self, a: usize) -> f64 {
        self.extra_variance_mv2.get(a).copied().unwrap_or(0.0)
    }
}

/// What one population receives at given rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// `mu`.
    pub mean_mv: f64,
    /// `sigma`.
    pub std_mv: f64,
    /// Noise-weighted `tau_syn/tau_m`.
    pub tau_syn_over_tau_m: f64,
    /// The part of `sigma^2` that comes through synapses with a time constant.
    pub filtered_fraction: f64,
}

/// `ln Phi` and its derivatives.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
    /// `ln Phi_a`; minus infinity for a population that is silent for want of noise.
    pub(super) ln_output: Vec<f64>,
    /// `d ln Phi_a / d r_b` per Hz.
    pub(crate) per_hz: Matrix,
    /// `d ln Phi_a / d coupling`.
    pub(super) per_coupling: Vec<f64>,
    /// Derivatives of `ln Phi_a` with respect to its input.
    pub(super) per_input: Vec<Sensitivities>,
}

/// Derivatives of `ln Phi` with respect to `mu`, `sigma^2` and the filter sum `F`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sensitivities {
    mean: f64,
    /// Per mV^2.
    pub(super) variance: f64,
    filter: f64,
}

impl RateMap {
    /// The equations of a network of LIF neurons with delta or exponential-current synapses.
    ///
    /// # Errors
    ///
    /// Neuron models and synapses that are not computed yet, by name.
    pub fn new(network: &Network, filter: SynapticFilter) -> Result<Self, SolveError> {
        let streams = Streams::new(network).map_err(SolveError::Synapse)?;
        let neurons = network.populations.iter().map(lif_of).collect::<Result<Vec<_>, _>>()?;
        let input = Diffusion::new(network, &streams);
        let top_hz: Vec<f64> = neurons.iter().map(|lif| lif.rate_limit_hz().min(MOST_HZ)).collect();
        if let Some(a) = (0..network.populations.len()).find(|&a| !input.is_finite(a, &top_hz)) {
            return Err(SolveError::InputTooLarge { population: network.populations[a].name.clone() });
        }
        Ok(RateMap { neurons, input, filter, streams })
    }

    /// The equations of the populations `kept` alone, by index; the others count as silent.
    pub(super) fn restricted_to(&self, kept: &[usize]) -> Self {
        RateMap {
            neurons: kept.iter().map(|&a| self.neurons[a]).collect(),
            input: self.input.restricted_to(kept),
            filter: self.filter,
            streams: Streams::default(),
        }
    }

    /// The equations of the classes of populations, one unknown a class.
    pub(super) fn merged(&self, classes: &Classes) -> Self {
        let first = |class: usize| classes.of.iter().position(|&c| c == class).expect("every class has a member");
        RateMap {
            neurons: (0..classes.count).map(|class| self.neurons[first(class)]).collect(),
            input: self.input.merged(&classes.of, classes.count),
            filter: self.filter,
            streams: Streams::default(),
        }
    }

    /// Equations of the same kind of other populations.
    pub(super) fn with(&self, neurons: Vec<Lif>, input: Diffusion) -> Self {
        RateMap { neurons, input, filter: self.filter, streams: Streams::default() }
    }

    /// `d ln Phi_a` along a change of all coefficients, at rates that `evaluation` belongs to.
    pub(super) fn along(change: &Diffusion, evaluation: &Evaluation, rates_hz: &[f64]) -> Vec<f64> {
        let of = |(a, per_input): (usize, &Sensitivities)| {
            let terms = [
                (per_input.mean, &change.mean),
                (per_input.variance, &change.variance),
                (per_input.filter, &change.filter),
            ];
            terms.iter().map(|(per_unit, linear)| per_unit * linear.at(a, rates_hz, 1.0)).sum()
        };
        evaluation.per_input.iter().enumerate().map(of).collect()
    }

    /// Whether two populations have the same rate in every state: the same neuron, the same input.
    pub(super) fn alike(&self, a: usize, b: usize) -> bool {
        self.neurons[a] == self.neurons[b] && self.input.alike(a, b)
    }

    /// For each population the index of its effective population, numbered in order of their first members.
    ///
    /// Populations with the same neuron and the same input at all rates have the same rate in every state.
    pub fn effective_populations(&self) -> Vec<usize> {
        Classes::new(self).of
    }

    /// Whether a population receives noise through synapses with a time constant.
    pub(super) fn has_synaptic_times(&self, a: usize) -> bool {
        self.input.filter.constant[a] != 0.0 || self.input.filter.per_hz.row(a).iter().any(|per_hz| *per_hz != 0.0)
    }

    /// How synaptic time constants enter.
    pub(super) fn filter(&self) -> SynapticFilter {
        self.filter
    }

    /// Number of populations.
    pub fn len(&self) -> usize {
        self.neurons.len()
    }

    /// Whether there is no population.
    pub fn is_empty(&self) -> bool {
        self.neurons.is_empty()
    }

    /// What every population receives at the rates `rates_hz`, shape `(populations,)`.
    pub fn inputs(&self, rates_hz: &[f64]) -> Vec<Input> {
        (0..self.len()).map(|a| self.input(a, rates_hz, &Stage::FULL)).collect()
    }

    /// The rates in Hz that the input made by `rates_hz` would give.
    pub fn output_rates_hz(&self, rates_hz: &[f64]) -> Vec<f64> {
        self.inputs(rates_hz).iter().enumerate().map(|(a, input)| self.log_rate(a, input).rate_hz()).collect()
    }

    /// Natural logarithm of the rate in Hz that population `a` has with an input; finite where the rate underflows.
    pub fn ln_output_hz(&self, a: usize, input: &Input) -> f64 {
        self.log_rate(a, input).ln_rate_hz
    }

    fn input(&self, a: usize, rates_hz: &[f64], stage: &Stage) -> Input {
        let of = |linear: &Linear| linear.at(a, rates_hz, stage.coupling);
        let variance = of(&self.input.variance) + stage.extra_variance(a);
        // parts of a bundle (`symmetry`) can have negative coefficients
        let variance = if variance < 0.0 { 0.0 } else { variance };
        let share = |part: f64| if variance > 0.0 && part > 0.0 { part / variance } else { 0.0 };
        Input {
            mean_mv: of(&self.input.mean),
            std_mv: variance.sqrt(),
            tau_syn_over_tau_m: share(of(&self.input.filter)),
            filtered_fraction: share(of(&self.input.filtered_variance)),
        }
    }

    /// The neurons, one a population.
    pub fn neurons(&self) -> &[Lif] {
        &self.neurons
    }

    /// The logarithm of the rate of population `a` at an input.
    pub(crate) fn log_rate(&self, a: usize, input: &Input) -> LogRate {
        let shift = SynapticFilter::shift(input.tau_syn_over_tau_m);
        self.neurons[a].filtered_log_rate(self.filter, input.mean_mv, input.std_mv, shift)
    }

    /// The shift that belongs to an input, 0 if synapses count as instantaneous.
    pub(crate) fn shift(&self, input: &Input) -> f64 {
        match self.filter {
            SynapticFilter::Ignore => 0.0,
            _ => SynapticFilter::shift(input.tau_syn_over_tau_m),
        }
    }

    /// `ln Phi` with its derivatives.
    pub(crate) fn evaluate(&self, rates_hz: &[f64]) -> Evaluation {
        self.evaluate_at(rates_hz, &Stage::FULL)
    }

    /// The inverse Jacobian of `ln Phi(r) - ln r` in the logarithms of the rates; silent populations count as constant.
    pub(crate) fn inverse_log_jacobian(&self, rates_hz: &[f64]) -> Matrix {
        let evaluation = self.evaluate(rates_hz);
        let mut jacobian = Matrix::zeros(self.len(), self.len());
        for a in 0..self.len() {
            let per_hz = evaluation.per_hz.row(a);
            for (entry, (per_hz, rate)) in jacobian.row_mut(a).iter_mut().zip(per_hz.iter().zip(rates_hz)) {
                *entry = if *rate > 0.0 && per_hz.is_finite() { per_hz * rate } else { 0.0 };
            }
            jacobian[(a, a)] -= 1.0;
        }
        jacobian.inverse()
    }

    /// As [`RateMap::evaluate`], on the way to the network as it is.
    pub(super) fn evaluate_at(&self, rates_hz: &[f64], stage: &Stage) -> Evaluation {
        let n = self.len();
        let zeros = || vec![0.0; n];
        let mut result = Evaluation {
            ln_output: zeros(),
            per_hz: Matrix::zeros(n, n),
            per_coupling: zeros(),
            per_input: vec![Sensitivities::default(); n],
        };
        for a in 0..n {
            let input = self.input(a, rates_hz, stage);
            let rate = self.log_rate(a, &input);
            result.ln_output[a] = rate.ln_rate_hz;
            let per_input = self.sensitivities(&input, &rate);
            result.per_input[a] = per_input;
            let columns = self.input.mean.per_hz.row(a).iter().zip(self.input.variance.per_hz.row(a));
            let columns = columns.zip(self.input.filter.per_hz.row(a));
            let row = result.per_hz.row_mut(a);
            for (b, ((mean, variance), filter)) in columns.enumerate() {
                let full = per_input.mean * mean + per_input.variance * variance + per_input.filter * filter;
                result.per_coupling[a] += full * rates_hz[b];
                row[b] = stage.coupling * full;
            }
        }
        result
    }

    /// Derivatives of `ln Phi`; `shift` depends on `F/sigma^2`.
    fn sensitivities(&self, input: &Input, rate: &LogRate) -> Sensitivities {
        let ratio = input.tau_syn_over_tau_m;
        if ratio == 0.0 || rate.d_shift == 0.0 {
            return Sensitivities { mean: rate.d_mu, variance: rate.d_variance, filter: 0.0 };
        }
        // d shift = shift/(2 ratio) d ratio, d ratio = (dF - ratio d sigma^2)/sigma^2
        let per_ratio = rate.d_shift * SynapticFilter::shift(ratio) / (2.0 * ratio);
        let per_filter = per_ratio / (input.std_mv * input.std_mv);
        Sensitivities { mean: rate.d_mu, variance: rate.d_variance - per_filter * ratio, filter: per_filter }
    }
}

fn lif_of(population: &crate::network::Population) -> Result<Lif, SolveError> {
    let neuron = &population.neuron;
    if neuron.model != NeuronModel::Lif {
        return Err(SolveError::NeuronModel {
            model: neuron.model.name(),
            neuron_type: population.neuron_type.clone(),
            population: population.name.clone(),
        });
    }
    let parameters = LifParameters {
        tau_m_ms: neuron.tau_m_ms,
        t_ref_ms: neuron.t_ref_ms,
        V_th_mv: neuron.V_th_mv,
        V_reset_mv: neuron.V_reset_mv,
    };
    Lif::new(parameters).map_err(|error| SolveError::Neuron { population: population.name.clone(), error })
}
