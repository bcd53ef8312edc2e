//! The membrane potential that the theory expects a recording to show.
//!
//! ```text
//! <V>   = mu (1 - r t_ref) - r tau_m (V_th - V_reset) + V_reset r t_ref
//! Var V : second moment of neuron::lif (density) with sigma_V in place of sigma,    sigma_V^2 = sigma^2/(1 + tau_syn/tau_m)
//! ```
//!
//! Filtered noise moves the free potential by `sigma_V/sqrt(2)` only, so the density is that of white noise of this amplitude; the
//! rate, and with it the share of the refractory, is that of the state.
//!
//! Source: as `neuron::lif` (density); the variance of a filtered Ornstein-Uhlenbeck process.
//! Range: white noise exactly; filtered noise an approximation (near threshold the true density does not vanish linearly).
//! Accuracy: of independent neurons in filtered shot noise, at `tau_syn/tau_m` of 0.05, 0.1, 0.2 and 0.5, the standard deviation is 0.2 % too
//! small and 0.8, 2.5 and 5.6 % too large, the mean within 0.02 mV (`tests/comparison.rs` repeats the second).

use crate::neuron::lif::{Lif, MembranePotential};
use crate::stationary::Input;

const MS_PER_S: f64 = 1000.0;

/// Mean and standard deviation, refractory neurons at `V_reset`, of a neuron that fires at `rate_hz` with this input.
pub fn expected_membrane(lif: &Lif, input: &Input, rate_hz: f64) -> MembranePotential {
    lif.membrane_potential_at(input.mean_mv, sigma_of_potential_mv(input), rate_hz)
}

/// The density in 1/mV of neurons that are not refractory, at the potentials `V_mv`; `None` without noise below threshold.
pub fn expected_density_per_mv(lif: &Lif, input: &Input, rate_hz: f64, V_mv: &[f64]) -> Option<Vec<f64>> {
    let sigma = sigma_of_potential_mv(input);
    let density = lif.density_per_mv(input.mean_mv, sigma, 0.0, V_mv).ok()?;
    // its integral is 1 - r' t_ref with the rate r' that white noise of this amplitude makes
    let t_ref_s = lif.parameters().t_ref_ms / MS_PER_S;
    let free = (1.0 - rate_hz * t_ref_s) / (1.0 - lif.rate_hz(input.mean_mv, sigma).ok()? * t_ref_s);
    Some(density.into_iter().map(|density| density * free).collect())
}

fn sigma_of_potential_mv(input: &Input) -> f64 {
    input.std_mv / (1.0 + input.tau_syn_over_tau_m).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::LifParameters;

    #[test]
    fn white_noise_has_the_moments_of_the_density() {
        let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap();
        let input = Input { mean_mv: 18.0, std_mv: 5.0, tau_syn_over_tau_m: 0.0, filtered_fraction: 0.0 };
        let rate_hz = lif.rate_hz(18.0, 5.0).unwrap();
        let (found, known) = (expected_membrane(&lif, &input, rate_hz), lif.membrane_potential(18.0, 5.0).unwrap());
        assert!((found.mean_mv - known.mean_mv).abs() < 1e-12 && (found.std_mv - known.std_mv).abs() < 1e-12);
        let V: Vec<f64> = (0..=60_000).map(|k| -40.0 + 0.001 * f64::from(k)).collect();
        let sum: f64 = expected_density_per_mv(&lif, &input, rate_hz, &V).unwrap().iter().sum();
        assert!((0.001 * sum - (1.0 - 0.002 * rate_hz)).abs() < 1e-5, "{sum}");
    }
}
