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

use num_complex::Complex64;

use crate::input::{Source, Stream};
use crate::numerics::linear::Matrix;
use crate::stationary::{Input, RateMap};

use super::S_PER_MS;

/// The spectral radius in a state, from what every population receives in it; 0 without connections or gain.
pub(super) fn spectral_radius(map: &RateMap, inputs: &[Input]) -> f64 {
    let gains: Vec<Gain> = inputs.iter().enumerate().map(|(a, input)| Gain::new(map, a, input)).collect();
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
    fn new(map: &RateMap, a: usize, input: &Input) -> Self {
        let rate = map.log_rate(a, input);
        let tau_m_s = map.transfers[a].time_constant_ms() * S_PER_MS;
        let [per_mean, per_variance] = [rate.d_mu, rate.d_variance].map(|slope| tau_m_s * slope * rate.rate_hz());
        // a silent population has no gain, whatever its derivatives are
        let finite = |gain: f64| if gain.is_finite() { gain } else { 0.0 };
        Gain { per_mean: finite(per_mean), per_variance: finite(per_variance) }
    }

    /// `M_ab` of one stream.
    fn variance(&self, stream: &Stream) -> f64 {
        stream.variance_over_draws([self.per_mean, self.per_variance].map(Complex64::from), 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::neuron::lif::SynapticFilter;
    use crate::theory::{Theory, TheoryOptions};

    /// The network in a case, and what its populations receive in the only state.
    fn state(name: &str, case: &str) -> (RateMap, Vec<Input>) {
        let network = open(name, &ReadOptions { case: Some(case.into()), ..ReadOptions::default() }).unwrap();
        let map = RateMap::new(&network, SynapticFilter::default()).unwrap();
        let state = &Theory::new(&network, &TheoryOptions::default())
            .and_then(|theory| theory.solution())
            .unwrap()
            .fixed_points[0];
        let rates = state.rates_hz();
        let inputs = map.inputs(&rates);
        (map, inputs)
    }

    #[test]
    fn the_published_networks_lie_on_both_sides_of_the_critical_coupling() {
        let [weak, strong] = ["weak", "strong"].map(|case| {
            let (map, inputs) = state("ostojic2014", case);
            spectral_radius(&map, &inputs)
        });
        assert!(weak < 1.0 && strong > 1.0, "{weak} {strong}");
    }

    #[test]
    fn the_radius_is_that_of_the_rate_that_one_more_spike_a_second_makes() {
        for case in ["weak", "strong"] {
            let (map, inputs) = state("ostojic2014", case);
            let tau_m_s = map.transfers[0].time_constant_ms() * S_PER_MS;
            // both populations are alike: R^2 = sum of K (1 - K/N) G^2 over what one of them hears
            let of = |stream: &Stream| {
                let [first, second, ..] = stream.jump_moments();
                let rate = |extra_hz: f64| {
                    let variance = inputs[0].std_mv.powi(2) + tau_m_s * second * extra_hz;
                    let mean_mv = inputs[0].mean_mv + tau_m_s * first * extra_hz;
                    map.log_rate(0, &Input { mean_mv, std_mv: variance.sqrt(), ..inputs[0] }).rate_hz()
                };
                let gain = (rate(1e-3) - rate(-1e-3)) / 2e-3;
                stream.in_degree.mean * stream.sampling_factor * gain * gain
            };
            let heard = map.streams.streams.iter().filter(|stream| stream.target == 0);
            let expected = heard.map(of).sum::<f64>().sqrt();
            let radius = spectral_radius(&map, &inputs);
            assert!((radius / expected - 1.0).abs() < 1e-7, "{case}: {radius}, expected {expected}");
        }
    }
}
