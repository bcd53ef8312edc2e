//! How the mean input differs between the neurons of a population, since their sources and weights differ.
//!
//! With the rates of the source population over its neurons, mean `n1`, mean square `n2`:
//!
//! ```text
//! Delta_a^2 = tau_m^2 sum { K (<J^2> - <J>^2) n2 + <J>^2 [ s K (n2 - n1^2) + Var(K) n1^2 ] }
//! ```
//!
//! with `s = 1 - K/N` where a source is heard once at most, else 1. For a pairwise probability `p` this is
//! `K (<J^2> - p <J>^2) n2`, for a fixed in-degree the variance of `K` is 0. A Poisson drive has `n2 = n1^2`, so only its weights differ, and
//! these not where each spike draws its weight anew.
//! That `sigma` differs, too, by a relative `1/sqrt(K)`, is neglected.
//!
//! Source: van Vreeswijk and Sompolinsky (1998), Neural Comput 10:1321; Roxin et al. (2011), J Neurosci 31:16217 (there for
//! `p << 1`; the terms with `K/N` are the variance of drawing without replacement).
//! Accuracy: a few roundings; against mean inputs drawn at random within the sampling error (`tests/trust.rs`).

use crate::network::Network;

use super::sums::{Linear, S_PER_MS};
use super::{Source, Streams};

/// The variance of `mu` over neurons, linear in the moments of the rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Heterogeneity {
    /// Per mean square `n2` of the rates: from weights that differ. In mV^2 per Hz^2; the constant is that of the drives.
    weights: Linear,
    /// Per `n2 - n1^2`: from hearing faster or slower neurons.
    sources: Linear,
    /// Per `n1^2`: from hearing more or fewer neurons.
    in_degrees: Linear,
}

impl Heterogeneity {
    /// Adds up the streams of a network.
    pub fn new(network: &Network, streams: &Streams) -> Self {
        let zeros = || Linear::zeros(network.populations.len());
        let mut sum = Heterogeneity { weights: zeros(), sources: zeros(), in_degrees: zeros() };
        for stream in &streams.streams {
            let tau_m_s = stream.tau_m_ms * S_PER_MS;
            let square = tau_m_s * tau_m_s;
            let [mean, ..] = stream.jump_moments();
            let mean_square = mean * mean;
            let inputs = stream.in_degree.mean;
            let quenched_mv2 = if stream.redraw_weights { 0.0 } else { stream.jump_variance_mv2() };
            let weights = square * inputs * quenched_mv2;
            let in_degrees = square * mean_square * stream.in_degree.variance;
            match stream.source {
                Source::Population(b) => {
                    let place = (stream.target, b);
                    sum.weights.per_hz[place] += weights;
                    sum.sources.per_hz[place] += square * mean_square * stream.sampling_factor * inputs;
                    sum.in_degrees.per_hz[place] += in_degrees;
                }
                Source::Outside { rate_hz } => {
                    sum.weights.constant[stream.target] += (weights + in_degrees) * rate_hz * rate_hz;
                }
            }
        }
        sum
    }

    /// `Delta^2` in mV^2 of every population, from the mean and the mean square of every population's rates.
    pub fn variances_mv2(&self, mean_hz: &[f64], mean_square_hz2: &[f64]) -> Vec<f64> {
        let squares: Vec<f64> = mean_hz.iter().map(|mean| mean * mean).collect();
        let variances: Vec<f64> = mean_square_hz2.iter().zip(&squares).map(|(n2, square)| n2 - square).collect();
        let sum = |a: usize| {
            self.weights.at(a, mean_square_hz2, 1.0)
                + self.sources.at(a, &variances, 1.0)
                + self.in_degrees.at(a, &squares, 1.0)
        };
        // not f64::max, which would drop a NaN
        let not_negative = |sum: f64| if sum < 0.0 { 0.0 } else { sum };
        (0..mean_hz.len()).map(|a| not_negative(sum(a))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestNetwork;

    fn variance(lines: &str, n1: f64, n2: f64) -> f64 {
        let network = TestNetwork::one_population(400)
            .neuron("tau_m", "10 ms")
            .neuron("C_m", "250 pF")
            .exponential_synapse("exp", 0.3)
            .projection("A", "A", lines)
            .read();
        Heterogeneity::new(&network, &Streams::new(&network).unwrap()).variances_mv2(&[n1], &[n2])[0]
    }

    #[test]
    fn the_rules_have_the_variances_of_their_formulas() {
        // n1 = 10 Hz, n2 = 150 Hz^2; K = 40 of 400 and J = 0.2 mV, in (10 ms)^2
        let unit = 1e-4 * 40.0 * 0.04;
        for (lines, expected) in [
            ("probability = 0.1\nweight = \"0.2 mV\"", unit * (1.0 - 0.1) * 150.0),
            ("in_degree = 40\nweight = \"0.2 mV\"", unit * 50.0),
            ("in_degree = 40\nmultapses = false\nweight = \"0.2 mV\"", unit * 0.9 * 50.0),
            ("total = 16000\nweight = \"0.2 mV\"", unit * (150.0 - 100.0 / 400.0)),
            ("in_degree = 40\nweight = { mean = \"0.2 mV\", std = \"0.1 mV\" }", unit * (0.25 * 150.0 + 50.0)),
        ] {
            let found = variance(lines, 10.0, 150.0);
            assert!((found / expected - 1.0).abs() < 1e-12, "{lines}: {found}, expected {expected}");
        }
    }

    #[test]
    fn equal_rates_in_degrees_and_weights_give_exactly_no_variance() {
        for weight in ["weight = \"0.1 mV\"", "weight = \"87.8 pA\"\nsynapse = \"exp\""] {
            let rate = 7.3;
            assert_eq!(variance(&format!("in_degree = 40\n{weight}"), rate, rate * rate), 0.0, "{weight}");
        }
    }
}
