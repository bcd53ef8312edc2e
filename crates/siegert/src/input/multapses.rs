//! Noise that comes of hearing a source more than once.
//!
//! Where `K` inputs are drawn from `N` sources with repetition, a source that is heard `n` times brings jumps of `n J`:
//!
//! ```text
//! <sum n^2> = K + K (K - 1)/N,    so sigma^2 grows by tau_m sum_b K (K - 1)/N_b <J>^2 r_b
//! ```
//!
//! Diffusion moments take all inputs for independent trains and leave this out. At `K/N` of a tenth it is a tenth of the noise of the network.
//!
//! Source: the second moment of a multinomial count. Accuracy: a few roundings; against simulated networks in `comparison`.

use crate::network::Network;

use super::diffusion::{Linear, S_PER_MS};
use super::{Source, Stream, Streams};

/// What multapses add to `sigma^2` of every population, linear in the rates, in mV^2; those of the streams that are `counted`.
///
/// With one delay the jumps of a source that is heard again arrive together; with a law of delays they arrive within its width, which is
/// the same for a membrane that is slower, but not for what is measured in single steps.
pub fn multapse_variance(network: &Network, streams: &Streams, counted: impl Fn(&Stream) -> bool) -> Linear {
    let mut sum = Linear::zeros(network.populations.len());
    for stream in streams.streams.iter().filter(|stream| counted(stream)) {
        // a factor below 1 says that a source is heard once at most
        let (Source::Population(b), true) = (stream.source, stream.sampling_factor == 1.0) else { continue };
        let tau_m_s = network.populations[stream.target].neuron.tau_m_ms * S_PER_MS;
        let (inputs, sources) = (stream.in_degree.mean, network.populations[b].size.max(1) as f64);
        let again = inputs * (inputs - 1.0).max(0.0) / sources;
        sum.per_hz[(stream.target, b)] += tau_m_s * again * stream.jump_moments[0].powi(2);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Diffusion;
    use crate::network::{ReadOptions, open};

    fn share(name: &str, multapses: bool) -> f64 {
        let mut network = open(name, &ReadOptions::default()).unwrap();
        network.projections.iter_mut().for_each(|projection| projection.multapses = multapses);
        let streams = Streams::new(&network).unwrap();
        let rates = vec![10.0; network.populations.len()];
        let again = multapse_variance(&network, &streams, |_| true).at(0, &rates, 1.0);
        again / (Diffusion::new(&network, &streams).variance.per_hz.times(&rates))[0]
    }

    #[test]
    fn a_tenth_of_the_sources_heard_with_repetition_adds_a_tenth_to_the_noise_of_the_network() {
        let share_of_brunel = share("brunel2000", true);
        assert!((share_of_brunel - 0.0997).abs() < 1e-4, "{share_of_brunel}");
        assert_eq!(share("brunel2000", false), 0.0);
    }
}
