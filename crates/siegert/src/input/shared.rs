//! Noise that two neurons of a population have in common because they hear the same sources.
//!
//! ```text
//! c_a = tau_m sum_b N_b (sum p <J>)^2 r_b,    p = K/N_b the chance that a source is heard;    input correlation = c_a/sigma_a^2
//! ```
//!
//! The inner sum runs over the projections from `b`, the outer one over populations and shared Poisson drives. The weights of two
//! neurons are independent, so their mean counts. This takes the sources as independent Poisson trains; in a recurrent network
//! feedback cancels most of the correlation.
//!
//! Source: De la Rocha et al. (2007), Nature 448:802; Renart et al. (2010), Science 327:587.
//! Accuracy: a few roundings.

use crate::network::Network;

use super::diffusion::S_PER_MS;
use super::{Source, Streams};

/// The shared part of `sigma^2` of every population at the rates `rates_hz`, shape `(populations,)`.
pub fn shared_variance_mv2(network: &Network, streams: &Streams, rates_hz: &[f64]) -> Vec<f64> {
    let n = network.populations.len();
    let mut shared = vec![0.0; n];
    // sum p <J> over the projections from b to a
    let mut heard = vec![0.0; n * n];
    for stream in &streams.streams {
        let a = stream.target;
        let mean_mv = stream.jump_moments[0];
        let tau_m_s = network.populations[a].neuron.tau_m_ms * S_PER_MS;
        match stream.source {
            Source::Population(b) => {
                let size = network.populations[b].size.max(1) as f64;
                heard[a * n + b] += stream.in_degree.mean / size * mean_mv;
            }
            Source::Outside { rate_hz } => {
                shared[a] += tau_m_s * stream.shared_fraction * stream.in_degree.mean * mean_mv * mean_mv * rate_hz;
            }
        }
    }
    for (a, population) in network.populations.iter().enumerate() {
        let sources = network.populations.iter().zip(rates_hz).zip(&heard[a * n..(a + 1) * n]);
        let sum: f64 = sources.map(|((source, rate), heard)| source.size as f64 * heard * heard * rate).sum();
        shared[a] += population.neuron.tau_m_ms * S_PER_MS * sum;
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Diffusion;
    use crate::network::{ReadOptions, bundled, parse};

    #[test]
    fn two_neurons_of_brunels_network_share_a_tenth_of_their_recurrent_noise() {
        let text = bundled::find("brunel2000").unwrap().text;
        let network = parse(text, "brunel2000", &ReadOptions::default()).unwrap();
        let streams = Streams::new(&network).unwrap();
        let rates = [38.0, 38.0];
        let recurrent = 0.02 * 38.0 * (1000.0 * 0.01 + 250.0 * 0.25);
        for shared in shared_variance_mv2(&network, &streams, &rates) {
            assert!((shared / (0.1 * recurrent) - 1.0).abs() < 1e-12, "{shared}");
        }
        let sigma_square = Diffusion::new(&network, &streams).variance.at(0, &rates, 1.0);
        assert!(sigma_square > recurrent, "the drive is independent for each neuron");
    }
}
