//! Stationary density and flux of the membrane potential of the leaky integrate-and-fire neuron in white noise.
//!
//! ```text
//! P(V) = (2 rate tau_m / sigma) exp(-x^2) int_{max(x, x_reset)}^{x_th} exp(u^2) du,    x = (V - mu)/sigma
//! flux(V) = rate for V_reset < V < V_th, else 0
//! int P dV = 1 - rate t_ref
//! ```
//!
//! `P` is the density of neurons that are not refractory; the others sit at `V_reset`. Moments of it:
//!
//! ```text
//! <V>   = mu (1 - rate t_ref) - rate tau_m (V_th - V_reset)
//! <V^2> = mu <V> + (sigma^2/2) (1 - rate t_ref) - (rate tau_m/2) (V_th^2 - V_reset^2)
//! ```
//!
//! Source: Brunel (2000), J Comput Neurosci 8:183, eq. 19; the moments follow from the Fokker-Planck equation.
//! Range: all of `rate`; no noise and `mu <= V_th`: the density is a point mass, an error.
//! Accuracy: relative error of the density between reset and threshold at most 1.5e-14 beyond what rounding the inputs does (against
//! quadrature, `x_th` from -8192 to 26); error of its integral 4e-14 (against `1 - rate t_ref`), of mean and standard deviation of the
//! potential 3e-12 mV and 5e-10 mV (against moments of the density, `V_th` of 20 mV).

use super::passage::{Interval, passage};
use super::rate::is_noiseless;
use super::{Lif, MS_PER_S, check_input};
use crate::error::{DomainError, all_finite};
use crate::numerics::dawson::dawson;
use crate::numerics::quadrature::integrate_6;

/// Mean and variance of the membrane potential, refractory neurons counted at the reset potential.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MembranePotential {
    /// Mean.
    pub mean_mv: f64,
    /// Standard deviation.
    pub std_mv: f64,
}

impl Lif {
    /// The stationary density in 1/mV at the potentials `V_mv`, shape `(n,)`; 0 at and above threshold.
    ///
    /// Boundaries are moved by `shift` times `sigma` (0 for white noise; see [`super::SynapticFilter`]).
    ///
    /// # Errors
    ///
    /// An input or potential that is not finite, a negative `sigma`; no noise with `mu <= V_th`.
    pub fn density_per_mv(&self, mu_mv: f64, sigma_mv: f64, shift: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        check_input(mu_mv, sigma_mv)?;
        all_finite("V_mv", V_mv)?;
        let interval = self.interval(mu_mv, sigma_mv, shift);
        if is_noiseless(&interval) {
            if mu_mv <= self.V_th_mv {
                return Err(DomainError::NoDensity { mu_mv });
            }
            let rate_tau = self.rate(mu_mv, sigma_mv, shift) * self.tau_m_ms / MS_PER_S;
            let inside = |V: f64| V >= self.V_reset_mv && V < self.V_th_mv;
            return Ok(V_mv.iter().map(|&V| if inside(V) { rate_tau / (mu_mv - V) } else { 0.0 }).collect());
        }
        let time = passage(&interval);
        let free = self.free_fraction(time.ln_scale, time.integral);
        // rate tau_m = free / I; I carries exp(ln_scale), the shape below exp(top)
        let top = interval.th.max(0.0).powi(2);
        let factor = 2.0 * free / (sigma_mv * time.integral * (time.ln_scale - top).exp());
        Ok(V_mv
            .iter()
            .map(|&V| {
                if V < self.V_th_mv + shift * sigma_mv {
                    factor * shape(&interval, (V - mu_mv) / sigma_mv + shift, top)
                } else {
                    0.0
                }
            })
            .collect())
    }

    /// The stationary probability flux in Hz at the potentials `V_mv`: the rate between reset and threshold, else 0.
    ///
    /// # Errors
    ///
    /// An input or potential that is not finite, a negative `sigma`.
    pub fn flux_hz(&self, mu_mv: f64, sigma_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        let rate = self.rate_hz(mu_mv, sigma_mv)?;
        all_finite("V_mv", V_mv)?;
        let inside = |V: f64| V > self.V_reset_mv && V < self.V_th_mv;
        Ok(V_mv.iter().map(|&V| if inside(V) { rate } else { 0.0 }).collect())
    }

    /// Mean time in ms until the first spike from the potential `V_mv`, without refractory time; infinite if it never comes.
    ///
    /// # Errors
    ///
    /// An input that is not finite, a negative `sigma`; 0 from `V_th` and above.
    pub fn mean_first_passage_ms(&self, mu_mv: f64, sigma_mv: f64, V_mv: f64) -> Result<f64, DomainError> {
        check_input(mu_mv, sigma_mv)?;
        all_finite("V_mv", &[V_mv])?;
        if V_mv >= self.V_th_mv {
            return Ok(0.0);
        }
        let from_here = Lif { V_reset_mv: V_mv, ..*self };
        let interval = from_here.interval(mu_mv, sigma_mv, 0.0);
        if is_noiseless(&interval) {
            return Ok(self.tau_m_ms * super::noiseless::climb(&from_here, mu_mv));
        }
        let time = passage(&interval);
        Ok((time.ln_scale + (self.tau_m_ms * time.integral).ln()).exp())
    }

    /// Mean and standard deviation of the membrane potential as a recording shows it: refractory neurons at `V_reset`.
    ///
    /// # Errors
    ///
    /// An input that is not finite, a negative `sigma`.
    pub fn membrane_potential(&self, mu_mv: f64, sigma_mv: f64) -> Result<MembranePotential, DomainError> {
        let input = Potentials { mu_mv, sigma_mv, released_mv: 0.0 };
        Ok(self.membrane_potential_at(input, self.rate_hz(mu_mv, sigma_mv)?, Steps::None))
    }

    /// The same for a neuron that fires at `rate_hz`, whatever makes it do so: its potentials are those of a neuron in white noise whose
    /// threshold is such that it fires at this rate. A rate that does not belong to the boundaries would leave moments that
    /// are differences of large numbers, far off where the neuron fires fast.
    ///
    /// In single steps `E = exp(-dt/tau_m)`, the sums over the states before each step, `W` from reset to threshold, give
    ///
    /// ```text
    /// <V>   = mu (1 - r t_ref) - r A (W - W_0),    A = dt/(1 - E)
    /// <V^2> = {2 E mu <V> + (1 - E) mu^2 (1 - r t_ref) + (1 + E) sigma^2/2 (1 - r t_ref) - r A (W^2 - W_0^2)}/(1 + E)
    /// ```
    ///
    /// from `V_reset`, `W_0` being where the neuron is released; `A = tau_m` and `E = 1` in continuous time.
    pub(crate) fn membrane_potential_at(&self, input: Potentials, rate_hz: f64, steps: Steps) -> MembranePotential {
        let Potentials { mu_mv, sigma_mv, released_mv } = input;
        let released = Lif { V_reset_mv: self.V_reset_mv + released_mv, ..*self };
        let threshold_mv = released.threshold_for_rate_mv(mu_mv, sigma_mv, rate_hz.ln());
        let rate_per_ms = rate_hz / MS_PER_S;
        let (decay, time_ms) = match steps {
            Steps::None => (1.0, self.tau_m_ms),
            Steps::Of { dt_ms } => ((-dt_ms / self.tau_m_ms).exp(), dt_ms / -(-dt_ms / self.tau_m_ms).exp_m1()),
        };
        // voltages relative to V_reset, so that a large offset costs no digits
        let (mu, width) = (mu_mv - self.V_reset_mv, threshold_mv - self.V_reset_mv);
        let (free, climbed) = (1.0 - rate_per_ms * self.t_ref_ms, rate_per_ms * time_ms);
        let mean = mu * free - climbed * (width - released_mv);
        let noise = 0.5 * sigma_mv * sigma_mv * free;
        let square = 2.0 * decay * mu * mean + (1.0 - decay) * mu * mu * free + (1.0 + decay) * noise
            - climbed * (width - released_mv) * (width + released_mv);
        let variance = square / (1.0 + decay) - mean * mean;
        MembranePotential { mean_mv: self.V_reset_mv + mean, std_mv: variance.max(0.0).sqrt() }
    }
}

/// What makes the potentials of a neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Potentials {
    /// Mean input.
    pub(crate) mu_mv: f64,
    /// Noise.
    pub(crate) sigma_mv: f64,
    /// How far above `V_reset` the neuron seems to be released, since noise with a memory goes on.
    pub(crate) released_mv: f64,
}

/// The steps of time, if there are any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Steps {
    /// Continuous time.
    None,
    /// Potentials are recorded, and the threshold is looked at, once a step.
    Of {
        /// The step.
        dt_ms: f64,
    },
}

/// `exp(-x^2 - top) int_m^b exp(u^2) du`, `m = max(x, a)`; every exponent that occurs is at most 0.
fn shape(interval: &Interval, x: f64, top: f64) -> f64 {
    let Interval { reset: a, th: b, .. } = *interval;
    let m = x.max(a);
    if (b - m) * (b.abs() + m.abs()).max(1.0) < 0.5 {
        return integrate_6(m, b, |u| ((u - x) * (u + x) - top).exp());
    }
    let odd = |u: f64| dawson(u.abs()).copysign(u);
    ((b - x) * (b + x) - top).exp() * odd(b) - ((m - x) * (m + x) - top).exp() * odd(m)
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::*;
    use crate::measured::{Worst, gaussian_growth};
    use crate::numerics::quadrature::integrate_16;

    const ACCURACY_OF_DENSITY: f64 = 1.5e-14;
    const ACCURACY_OF_INTEGRAL: f64 = 4e-14;
    const ACCURACY_OF_MEAN: f64 = 3e-12;
    const ACCURACY_OF_STD: f64 = 5e-10;

    #[test]
    fn densities_agree_with_quadrature_from_silence_to_saturation() {
        let mut worst = Worst::default();
        // all numbers are exact in binary
        let far = [-8192.0, -1024.0, -64.0, -9.0, -3.0, -1.0, -0.25];
        let near = [0.0, 0.0625, 0.75, 1.5, 3.0, 6.0, 11.0, 16.0, 24.5, 25.5];
        for x_th in far.into_iter().chain(near) {
            for width in [-20, -10, -4, -1, 1, 3, 6, 13].map(|power| 2f64.powi(power)) {
                let lif = Lif { V_th_mv: 0.0, V_reset_mv: -width, ..BRUNEL };
                let time = passage(&lif.interval(-x_th, 1.0, 0.0));
                let per_mv = 2.0 * lif.free_fraction(time.ln_scale, time.integral) / time.integral;
                for part in [1.0, 0.75, 0.5, 0.125, 2f64.powi(-7), 2f64.powi(-12)] {
                    let expected = per_mv * gaussian_growth(x_th, part * width, 0.0) * (-time.ln_scale).exp();
                    if expected > 1e-290 {
                        let found = lif.density_per_mv(-x_th, 1.0, 0.0, &[-part * width]).unwrap()[0];
                        // what one rounding of x does to exp(-x^2) and to the distance from threshold
                        let (down, x) = (part * width, x_th.abs().max((x_th - part * width).abs()));
                        let rounding = f64::EPSILON * x * (2.0 * x + 1.0 / down);
                        worst.add((found / expected - 1.0).abs() - rounding, (x_th, width, part));
                    }
                }
            }
        }
        worst.must_be_at_most(ACCURACY_OF_DENSITY);
    }

    /// `int V^power P dV` by panels that meet at the reset.
    fn moment(mu: f64, sigma: f64, power: i32) -> f64 {
        let x_reset = (10.0 - mu) / sigma;
        // there the density has fallen by exp(-49) of its largest value
        let inside = x_reset.min(0.0);
        let below = x_reset.max(0.0) + 49.0 / ((inside * inside + 49.0).sqrt() - inside);
        let part = |from: f64, to: f64| {
            let h = (to - from) / 60.0;
            let density = |V: f64| BRUNEL.density_per_mv(mu, sigma, 0.0, &[V]).unwrap()[0] * V.powi(power);
            (0..60).map(|i| integrate_16(from + h * f64::from(i), from + h * f64::from(i + 1), density)).sum::<f64>()
        };
        part(10.0 - sigma * below, 10.0) + part(10.0, 20.0)
    }

    #[test]
    fn mass_and_moments_are_those_of_the_fokker_planck_equation() {
        let (mut integrals, mut means, mut stds) = (Worst::default(), Worst::default(), Worst::default());
        let silent = [(-60.0, 3.0), (-20.0, 2.0), (5.0, 3.0), (12.0, 4.0), (19.0, 0.5)];
        let driven = [(20.0, 5.0), (26.0, 1.0), (40.0, 6.0), (20.0, 60.0), (400.0, 10.0), (4000.0, 30.0)];
        for (mu, sigma) in silent.into_iter().chain(driven) {
            let rate = BRUNEL.rate_hz(mu, sigma).unwrap() / 1000.0;
            integrals.add((moment(mu, sigma, 0) - (1.0 - 2.0 * rate)).abs(), (mu, sigma));
            let potential = BRUNEL.membrane_potential(mu, sigma).unwrap();
            let mean = moment(mu, sigma, 1) + 2.0 * rate * 10.0;
            means.add((mean - potential.mean_mv).abs(), (mu, sigma));
            let std = (moment(mu, sigma, 2) + 2.0 * rate * 100.0 - mean * mean).sqrt();
            stds.add((std - potential.std_mv).abs(), (mu, sigma));
        }
        integrals.must_be_at_most(ACCURACY_OF_INTEGRAL);
        means.must_be_at_most(ACCURACY_OF_MEAN);
        stds.must_be_at_most(ACCURACY_OF_STD);
    }

    #[test]
    fn the_density_is_never_negative_and_its_slope_at_threshold_carries_the_rate() {
        for (mu, sigma) in [(15.0, 5.0), (-80.0, 2.0), (200.0, 3.0), (19.0, 0.05)] {
            let V: Vec<f64> = (0..=4000).map(|i| 21.0 - f64::from(i) * 0.03).collect();
            let density = BRUNEL.density_per_mv(mu, sigma, 0.0, &V).unwrap();
            assert!(density.iter().all(|&p| p >= 0.0), "mu = {mu}");
            let step = 1e-6;
            let slope = BRUNEL.density_per_mv(mu, sigma, 0.0, &[20.0 - step]).unwrap()[0] / step;
            let expected = 2.0 * BRUNEL.rate_hz(mu, sigma).unwrap() / 1000.0 * 20.0 / (sigma * sigma);
            assert!((slope - expected).abs() <= 1e-3 * expected + 1e-300, "mu = {mu}: {slope} {expected}");
        }
    }

    #[test]
    fn little_noise_leaves_the_density_of_the_constant_current() {
        let quiet = BRUNEL.density_per_mv(25.0, 0.0, 0.0, &[9.0, 12.0, 19.0, 20.0]).unwrap();
        let noisy = BRUNEL.density_per_mv(25.0, 1e-4, 0.0, &[9.0, 12.0, 19.0, 20.0]).unwrap();
        for (q, n) in quiet.iter().zip(&noisy) {
            assert!((q - n).abs() < 1e-6, "{quiet:?} {noisy:?}");
        }
        assert!(BRUNEL.density_per_mv(15.0, 0.0, 0.0, &[9.0]).is_err());
    }

    #[test]
    fn the_first_passage_from_reset_is_the_interval_without_refractory_time() {
        for (mu, sigma) in [(15.0, 5.0), (25.0, 0.0), (25.0, 2.0)] {
            let time = BRUNEL.mean_first_passage_ms(mu, sigma, 10.0).unwrap();
            assert!((1000.0 / (time + 2.0) / BRUNEL.rate_hz(mu, sigma).unwrap() - 1.0).abs() < 1e-14);
        }
        assert_eq!(BRUNEL.mean_first_passage_ms(15.0, 5.0, 20.0).unwrap(), 0.0);
        assert_eq!(BRUNEL.mean_first_passage_ms(15.0, 0.0, 10.0).unwrap(), f64::INFINITY);
    }

    #[test]
    fn the_flux_is_the_rate_between_reset_and_threshold() {
        let rate = BRUNEL.rate_hz(15.0, 5.0).unwrap();
        assert_eq!(BRUNEL.flux_hz(15.0, 5.0, &[9.0, 15.0, 20.5]).unwrap(), [0.0, rate, 0.0]);
    }
}
