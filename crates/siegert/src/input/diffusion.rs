//! The diffusion approximation: mean and variance of the input as functions of the rates.
//!
//! ```text
//! mu_a      = E_L + R I + tau_a sum_b K_ab <J_ab> r_b  (+ drives)
//! sigma_a^2 =             tau_a sum_b K_ab <J_ab^2> r_b (+ drives)
//! ```
//!
//! in the convention `tau_m dV/dt = -(V - mu) + sigma sqrt(tau_m) xi`. Exponential currents count with the jump that their
//! charge makes; their time constants enter as the noise-weighted mean `tau_syn = sum S tau_syn / sum S`, where `S` are the
//! contributions to `sigma^2` and instantaneous ones count with 0 (an approximation where several kinds meet).
//!
//! Source: Brunel (2000), J Comput Neurosci 8:183, eqs. 4 and 5; Fourcaud and Brunel (2002), Neural Comput 14:2057, eq. 3.4.

use crate::network::Network;
use crate::numerics::linear::Matrix;

use super::{Kinetics, Source, Streams};

pub(super) const S_PER_MS: f64 = 1e-3;

/// Mean, variance and filter of the input of every population, linear in the rates.
///
/// Each quantity of population `a` is `constant[a] + sum_b per_hz[a][b] rate_hz[b]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Diffusion {
    /// `mu` in mV.
    pub mean: Linear,
    /// `sigma^2` in mV^2.
    pub variance: Linear,
    /// `sum S tau_syn / tau_m` in mV^2: over `sigma^2` it is the noise-weighted `tau_syn / tau_m`.
    pub filter: Linear,
    /// The part of `sigma^2` that comes through synapses with a time constant.
    pub filtered_variance: Linear,
}

/// A quantity of every population that is linear in the rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Without any rate.
    pub constant: Vec<f64>,
    /// Per Hz of each population.
    pub per_hz: Matrix,
}

impl Linear {
    pub(super) fn zeros(n: usize) -> Self {
        Linear { constant: vec![0.0; n], per_hz: Matrix::zeros(n, n) }
    }

    /// The value for population `a`, the network's share of it times `coupling` (1 for the network as it is).
    pub fn at(&self, a: usize, rates_hz: &[f64], coupling: f64) -> f64 {
        let recurrent: f64 = self.per_hz.row(a).iter().zip(rates_hz).map(|(per_hz, rate)| per_hz * rate).sum();
        self.constant[a] + coupling * recurrent
    }

    /// The populations `kept` alone, by index; the others count as silent.
    pub fn restricted_to(&self, kept: &[usize]) -> Self {
        let mut restricted = Linear::zeros(kept.len());
        for (i, &a) in kept.iter().enumerate() {
            restricted.constant[i] = self.constant[a];
            for (j, &b) in kept.iter().enumerate() {
                restricted.per_hz[(i, j)] = self.per_hz[(a, b)];
            }
        }
        restricted
    }

    /// The rows of the first member of each class, the columns of its members added up; `class_of` has one entry a population.
    pub(crate) fn merged(&self, class_of: &[usize], classes: usize) -> Self {
        let mut merged = Linear::zeros(classes);
        for (a, &class) in class_of.iter().enumerate().rev() {
            merged.constant[class] = self.constant[a];
            let row = merged.per_hz.row_mut(class);
            row.fill(0.0);
            self.per_hz.row(a).iter().zip(class_of).for_each(|(per_hz, &source)| row[source] += per_hz);
        }
        merged
    }

    /// Whether two populations receive the same at all rates.
    pub(crate) fn alike(&self, a: usize, b: usize) -> bool {
        self.constant[a] == self.constant[b] && self.per_hz.row(a) == self.per_hz.row(b)
    }

    fn add(&mut self, target: usize, source: Source, per_hz: f64) {
        match source {
            Source::Population(b) => self.per_hz[(target, b)] += per_hz,
            Source::Outside { rate_hz } => self.constant[target] += per_hz * rate_hz,
        }
    }
}

impl Diffusion {
    /// Adds up the streams of a network.
    pub fn new(network: &Network, streams: &Streams) -> Self {
        let n = network.populations.len();
        let zeros = || Linear::zeros(n);
        let mut sum = Diffusion { mean: zeros(), variance: zeros(), filter: zeros(), filtered_variance: zeros() };
        for (a, steady) in streams.steady.iter().enumerate() {
            sum.mean.constant[a] = steady.mean_mv;
            sum.variance.constant[a] = steady.variance_mv2;
        }
        for stream in &streams.streams {
            let variance = stream.jump_sum_per_hz(2);
            sum.mean.add(stream.target, stream.source, stream.jump_sum_per_hz(1));
            sum.variance.add(stream.target, stream.source, variance);
            if let Kinetics::Exponential { tau_ms } = stream.kinetics {
                sum.filter.add(stream.target, stream.source, variance * tau_ms / stream.tau_m_ms);
                sum.filtered_variance.add(stream.target, stream.source, variance);
            }
        }
        sum
    }

    /// The populations `kept` alone, by index; the others count as silent.
    pub fn restricted_to(&self, kept: &[usize]) -> Self {
        Diffusion {
            mean: self.mean.restricted_to(kept),
            variance: self.variance.restricted_to(kept),
            filter: self.filter.restricted_to(kept),
            filtered_variance: self.filtered_variance.restricted_to(kept),
        }
    }

    /// As [`Linear::merged`].
    pub(crate) fn merged(&self, class_of: &[usize], classes: usize) -> Self {
        Diffusion {
            mean: self.mean.merged(class_of, classes),
            variance: self.variance.merged(class_of, classes),
            filter: self.filter.merged(class_of, classes),
            filtered_variance: self.filtered_variance.merged(class_of, classes),
        }
    }

    /// Whether what population `a` receives is a number at all rates up to these.
    pub(crate) fn is_finite(&self, a: usize, top_hz: &[f64]) -> bool {
        let forms = [&self.mean, &self.variance, &self.filter, &self.filtered_variance];
        let largest = |form: &Linear| {
            let terms = form.per_hz.row(a).iter().zip(top_hz).map(|(per_hz, top)| per_hz.abs() * top);
            form.constant[a].abs() + terms.sum::<f64>()
        };
        forms.iter().all(|form| largest(form).is_finite())
    }

    /// As [`Linear::alike`].
    pub(crate) fn alike(&self, a: usize, b: usize) -> bool {
        [&self.mean, &self.variance, &self.filter, &self.filtered_variance].iter().all(|linear| linear.alike(a, b))
    }
}
