//! What all neurons of a population hear alike: the fluctuations of the other populations, which are of finite size.
//!
//! ```text
//! delta r = W delta r + xi,    S_xi,b = S_b/N_b
//! D_shared,a(f) = sum_b |[A (1 - W)^-1]_ab|^2 S_b(f)/N_b/tau_a^2,    W_ab = chi_a A_ab,    A_ab = tau_a sum K_ab <J_ab> d_ab h_ab
//! ```
//!
//! `chi_a` is the linear response of the rate to the mean input in white noise of the state's mean and variance, `d` and `h` the transforms of delays and kinetics.
//!
//! Source: Lindner, Doiron and Longtin (2005), Phys Rev E 72:061919; Trousdale et al. (2012), PLoS Comput Biol 8:e1002408, eq. 6.
//! Range: states in which no oscillation grows; the response is that in white noise, not in the noise of the neurons heard.

use num_complex::Complex64;

use super::bands::Grid;
use crate::network::Network;
use crate::neuron::lif::MS_PER_S;
use crate::numerics::linear::ComplexMatrix;
use crate::response::EffectiveConnectivity;
use crate::stationary::RateMap;

/// `|A (1 - W)^-1|^2/(N tau^2)` at the middles of the bands: what a spectrum of one neuron in population `b`, in 1/s, adds to what those of `a` hear, in mV^2/ms.
#[derive(Clone, Debug)]
pub(super) struct SharedInput {
    /// By band, then target, then source.
    factors: Vec<f64>,
    populations: usize,
}

impl SharedInput {
    /// In a state of equations of white noise; `None` where the linear response is infinite.
    pub(super) fn new(
        connectivity: &EffectiveConnectivity,
        network: &Network,
        map: &RateMap,
        grid: &Grid,
    ) -> Option<Self> {
        let n = connectivity.len();
        let mut factors = Vec::new();
        for f in grid.middles_per_ms() {
            let lambda = Complex64::new(0.0, 2.0 * std::f64::consts::PI * f);
            let (heard, responses) = (connectivity.mean_inputs(lambda), connectivity.responses(lambda));
            let mut coupling = ComplexMatrix::zeros(n);
            for a in 0..n {
                for b in 0..n {
                    coupling[(a, b)] = responses[a].hz_per_mv * heard[(a, b)];
                }
            }
            let propagator = coupling.propagator()?;
            for a in 0..n {
                let tau_m_ms = map.transfers()[a].time_constant_ms();
                for b in 0..n {
                    let size = network.populations[b].size.max(1) as f64;
                    let gain: Complex64 = (0..n).map(|c| heard[(a, c)] * propagator[(c, b)]).sum();
                    // Hz of a spectrum are spikes^2/s; those of a gain are per s, too
                    factors.push(gain.norm_sqr() * MS_PER_S / (size * tau_m_ms * tau_m_ms));
                }
            }
        }
        factors.iter().all(|factor| factor.is_finite()).then_some(SharedInput { factors, populations: n })
    }

    /// `D_shared` of a population at the middles of the bands; `spectra_hz` are those of single neurons.
    pub(super) fn of(&self, a: usize, rates_hz: &[f64], spectra: &[&[f64]]) -> Vec<f64> {
        let n = self.populations;
        let of_band = |(band, factors): (usize, &[f64])| {
            let row = factors[a * n..(a + 1) * n].iter().zip(rates_hz).zip(spectra);
            row.map(|((factor, rate_hz), spectrum)| factor * rate_hz * spectrum.get(band).copied().unwrap_or(1.0)).sum()
        };
        self.factors.chunks_exact(n * n).enumerate().map(of_band).collect()
    }
}
