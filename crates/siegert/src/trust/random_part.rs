//! Spectral radius of the random part of the connections: how strongly differences between neurons feed on themselves.
//!
//! ```text
//! G_ab = tau_a (J dr_a/dmu + J^2 dr_a/dsigma^2)                 gain of one synapse from b to a
//! M_ab = K_ab (<G^2> - (K_ab/N_b) <G>^2)                        K_ab <G^2> where a source may be drawn again
//! R^2  = largest eigenvalue of M
//! ```
//!
//! Eigenvalues of the connections other than those of the mean fill a disc of radius `R`. Beyond 1 differences between neurons
//! grow: rates fluctuate slowly and the theory of equal neurons in white noise does not hold. In spiking networks that is a
//! marker, not a proof.
//!
//! Source: Rajan and Abbott (2006), Phys Rev Lett 97:188104; Ostojic (2014), Nat Neurosci 17:594 (there without `1 - K/N`).
//! Range: static gains. Accuracy: that of the derivatives of the rate, 1e-10.

use crate::input::{Source, Stream};
use crate::network::Network;
use crate::numerics::linear::Matrix;
use crate::stationary::{Input, RateMap};

const S_PER_MS: f64 = 1e-3;

/// The spectral radius in a state, from what every population receives in it; 0 without connections or gain.
pub(super) fn spectral_radius(network: &Network, map: &RateMap, inputs: &[Input]) -> f64 {
    let gains: Vec<Gain> = inputs.iter().enumerate().map(|(a, input)| Gain::new(network, map, a, input)).collect();
    let mut variances = Matrix::zeros(map.len(), map.len());
    for stream in &map.streams.streams {
        if let Source::Population(b) = stream.source {
            variances[(stream.target, b)] += gains[stream.target].variance(stream);
        }
    }
    let moduli = variances.eigenvalues().unwrap_or_default().into_iter().map(|(re, im)| re.hypot(im));
    moduli.fold(0.0, f64::max).sqrt()
}

/// What a jump of the potential does to a rate: per mV in the mean, per mV^2 in the variance.
struct Gain {
    per_mean: f64,
    per_variance: f64,
}

impl Gain {
    fn new(network: &Network, map: &RateMap, a: usize, input: &Input) -> Self {
        let rate = map.log_rate(a, input);
        let tau_m_s = network.populations[a].neuron.tau_m_ms * S_PER_MS;
        let [per_mean, per_variance] = [rate.d_mu, rate.d_variance].map(|slope| tau_m_s * slope * rate.rate_hz());
        // a silent population has no gain, whatever its derivatives are
        let finite = |gain: f64| if gain.is_finite() { gain } else { 0.0 };
        Gain { per_mean: finite(per_mean), per_variance: finite(per_variance) }
    }

    /// `M_ab` of one stream.
    fn variance(&self, stream: &Stream) -> f64 {
        let Gain { per_mean, per_variance } = *self;
        let [first, second, third, fourth] = stream.jump_moments;
        let mean = first * per_mean + second * per_variance;
        let square = second * per_mean.powi(2) + 2.0 * third * per_mean * per_variance + fourth * per_variance.powi(2);
        let again = 1.0 - stream.sampling_factor;
        (stream.in_degree.mean * (square - again * mean * mean)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::neuron::lif::SynapticFilter;
    use crate::stationary::{Options, search};

    /// Radius of the only state, beside the lone formula for equal neurons in two populations.
    fn radius(name: &str, case: &str) -> f64 {
        let network = open(name, &ReadOptions { case: Some(case.into()), ..ReadOptions::default() }).unwrap();
        let map = RateMap::new(&network, SynapticFilter::default()).unwrap();
        let state = &search(&network, &Options::default()).unwrap().fixed_points[0];
        let rates: Vec<f64> = state.populations.iter().map(|population| population.rate_hz).collect();
        spectral_radius(&network, &map, &map.inputs(&rates))
    }

    #[test]
    fn the_published_networks_lie_on_both_sides_of_the_critical_coupling() {
        let (weak, strong) = (radius("ostojic2014", "weak"), radius("ostojic2014", "strong"));
        assert!(weak < 1.0 && strong > 1.0, "{weak} {strong}");
    }
}
