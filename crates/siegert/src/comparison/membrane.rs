//! The membrane potential that the theory expects a recording to show.
//!
//! ```text
//! <V>   = mu (1 - r t_ref) - r tau_m (V' - V_reset - l) + V_reset r t_ref,    V' such that white noise sigma_V gives the rate r
//! Var V : second moment of neuron::lif (density) in the same way,             sigma_V^2 = sigma^2/(1 + tau_syn/tau_m)
//! l     = tau_syn I/tau_m exp(-t_ref/tau_syn),                                I = <filtered noise at threshold>
//! ```
//!
//! Filtered noise moves the free potential by `sigma_V/sqrt(2)` only, so the density is that of white noise of this amplitude, with a threshold
//! at which it has the rate of the state. After a spike the noise is still high, and what is left of it at the end of the refractory
//! time lifts the neuron by `l`. `I` is the mean of a Gaussian weighted with the speed `mu - V_th + I` of the potential, times a factor that leads to
//! the limit of short time constants, `sigma alpha/2 sqrt(tau_m/tau_syn)`, where the drift is weak.
//!
//! Source: as `neuron::lif` (density); the variance of a filtered Ornstein-Uhlenbeck process; the factor is an interpolation of our own.
//! Range: white noise exactly; filtered noise an approximation (near threshold the true density does not vanish linearly).
//! Accuracy: of neurons in filtered noise whose rate is known, `tau_syn/tau_m` up to 0.1: mean 0.12 mV of 10 to 15 mV between reset and threshold,
//! standard deviation 0.1 to 5 % too large (Monte Carlo, in the tests below); at `tau_syn/tau_m` of 0.25 the mean is 0.24 mV off.

use crate::neuron::lif::{Lif, MembranePotential, Potentials, Steps};
use crate::numerics::erfcx::erfcx;
use crate::transfer::{Input, Transfer};

const MS_PER_S: f64 = 1000.0;

/// Mean and standard deviation, refractory neurons at `V_reset`, of a neuron that fires at `rate_hz` with this input.
///
/// By the jumps of conductances where these count one by one, by the law of threshold crossings where the transfer asks for it; the formulas above are for what is left. Of a neuron without the closed forms of the LIF neuron: what white noise of the amplitude of the free potential makes; not a number without a
/// stationary density.
pub fn expected_membrane(transfer: &Transfer, input: &Input, rate_hz: f64) -> MembranePotential {
    if let Some(potential) = transfer.potential_of_jumps(input) {
        return potential;
    }
    if let Some(potential) = transfer.full(input).and_then(|state| state.potential) {
        return potential;
    }
    match transfer.lif() {
        Some(lif) => expected_membrane_of_lif(lif, input, rate_hz),
        None => transfer
            .white_potential(input.mean_mv, sigma_of_potential_mv(input))
            .unwrap_or(MembranePotential { mean_mv: f64::NAN, std_mv: f64::NAN }),
    }
}

/// The same of a LIF neuron.
pub(super) fn expected_membrane_of_lif(lif: &Lif, input: &Input, rate_hz: f64) -> MembranePotential {
    lif.membrane_potential_at(potentials(lif, input), rate_hz, Steps::None)
}

/// The same as it is recorded in steps of `dt_ms`, for an input with the moments that it has in such steps.
pub(super) fn expected_membrane_in_steps(lif: &Lif, input: &Input, rate_hz: f64, dt_ms: f64) -> MembranePotential {
    lif.membrane_potential_at(potentials(lif, input), rate_hz, Steps::Of { dt_ms })
}

fn potentials(lif: &Lif, input: &Input) -> Potentials {
    let sigma_mv = sigma_of_potential_mv(input);
    Potentials { mu_mv: input.mean_mv, sigma_mv, released_mv: released_mv(lif, input) }
}

/// `l`; 0 without filtered noise.
fn released_mv(lif: &Lif, input: &Input) -> f64 {
    /// Mean of the filtered noise at threshold over its standard deviation without drift: of a Gaussian weighted with its speed.
    const WITHOUT_DRIFT: f64 = 1.2533141373155001;
    /// The same in the limit of short time constants, `|zeta(1/2)|`, over it, minus 1.
    const MORE_IN_LIMIT: f64 = 1.4603545088095868 / WITHOUT_DRIFT - 1.0;
    /// Where there is white noise beside it, as a function of the filtered part; Monte Carlo.
    const MIXED: [f64; 2] = [0.685, 0.315];
    let part = input.filtered_fraction;
    if part <= 0.0 || input.std_mv <= 0.0 {
        return 0.0;
    }
    let neuron = lif.parameters();
    let tau_syn = input.tau_syn_over_tau_m / part; // over tau_m
    let filtered_mv = input.std_mv * (part / (2.0 * tau_syn)).sqrt();
    let drift = ((input.mean_mv - neuron.V_th_mv) / filtered_mv).max(-3.0);
    let density = (-0.5 * drift * drift).exp() / std::f64::consts::TAU.sqrt();
    let above = 0.5 * erfcx(drift.abs() * std::f64::consts::FRAC_1_SQRT_2) * (-0.5 * drift * drift).exp();
    let above = if drift < 0.0 { above } else { 1.0 - above };
    let mean = above / (density + drift * above) * (1.0 + MORE_IN_LIMIT * (-drift.max(0.0)).exp());
    let mixed = (MIXED[0] * part + MIXED[1] * part.powi(4)) / part.sqrt();
    mixed * filtered_mv * mean * tau_syn * (-neuron.t_ref_ms / (tau_syn * neuron.tau_m_ms)).exp()
}

/// The density in 1/mV of neurons that are not refractory, at the potentials `V_mv`; `None` without noise below threshold.
pub fn expected_density_per_mv(transfer: &Transfer, input: &Input, rate_hz: f64, V_mv: &[f64]) -> Option<Vec<f64>> {
    let sigma = sigma_of_potential_mv(input);
    let density = transfer.white_density_per_mv(input.mean_mv, sigma, V_mv).ok()?;
    let mut white = [0.0];
    transfer.white_rates_into(&[input.mean_mv], &[sigma], &mut white).ok()?;
    // its integral is 1 - r' t_ref with the rate r' that white noise of this amplitude makes
    let t_ref_s = transfer.thresholds().t_ref_ms / MS_PER_S;
    let free = (1.0 - rate_hz * t_ref_s) / (1.0 - white[0] * t_ref_s);
    Some(density.into_iter().map(|density| density * free).collect())
}

fn sigma_of_potential_mv(input: &Input) -> f64 {
    input.std_mv / (1.0 + input.tau_syn_over_tau_m).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_potential_in_filtered_noise_is_that_of_simulated_neurons() {
        // tau_m, t_ref, V_th, V_reset, mu, sigma, tau_syn; rate, mean and std of V by Monte Carlo without a grid (dt of 0.01 and 0.02 ms,
        // threshold interpolated, refractory neurons at V_reset)
        let simulated = [
            ([10.0, 2.0, 15.0, 0.0, 13.0, 6.0, 0.5], 29.159669, 7.455503, 4.26783),
            ([20.0, 0.0, 20.0, 10.0, 20.0, 4.0, 0.5], 23.009374, 15.3934, 2.58801),
            ([20.0, 2.0, 20.0, 10.0, 14.0, 5.0, 0.5], 4.833724, 12.89878, 3.08086),
            ([20.0, 2.0, 20.0, 10.0, 18.0, 5.0, 2.0], 13.68981, 14.74252, 2.82852),
            ([20.0, 2.0, 20.0, 10.0, 24.0, 3.0, 0.5], 37.223625, 15.22387, 3.09408),
            ([20.0, 2.0, 20.0, 10.0, 24.0, 3.0, 5.0], 35.733981, 15.6654, 3.11391),
        ];
        for ([tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv, mean_mv, std_mv, tau_syn_ms], rate_hz, mean, std) in simulated {
            let lif = Lif::new(LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv }).unwrap();
            let tau_syn_over_tau_m = tau_syn_ms / tau_m_ms;
            let input = Input { tau_syn_over_tau_m, filtered_fraction: 1.0, ..Input::white(mean_mv, std_mv) };
            let found = expected_membrane_of_lif(&lif, &input, rate_hz);
            let case =
                format!("mu = {mean_mv}, sigma = {std_mv}, tau_syn = {tau_syn_ms}: {found:?}, simulated {mean} {std}");
            assert!((found.mean_mv - mean).abs() < 0.12 && (found.std_mv / std - 1.0).abs() < 0.05, "{case}");
        }
    }
    use crate::neuron::lif::{LifParameters, SynapticFilter};

    #[test]
    fn white_noise_has_the_moments_of_the_density() {
        let lif = Lif::new(LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap();
        let of_lif = Transfer::of_lif(lif, SynapticFilter::default());
        let input = Input::white(18.0, 5.0);
        let rate_hz = lif.rate_hz(18.0, 5.0).unwrap();
        let (found, known) = (expected_membrane(&of_lif, &input, rate_hz), lif.membrane_potential(18.0, 5.0).unwrap());
        assert!((found.mean_mv - known.mean_mv).abs() < 1e-12 && (found.std_mv - known.std_mv).abs() < 1e-12);
        let V: Vec<f64> = (0..=60_000).map(|k| -40.0 + 0.001 * f64::from(k)).collect();
        let sum: f64 = expected_density_per_mv(&of_lif, &input, rate_hz, &V).unwrap().iter().sum();
        assert!((0.001 * sum - (1.0 - 0.002 * rate_hz)).abs() < 1e-5, "{sum}");
    }
}
