//! The threshold at which a leaky integrate-and-fire neuron in white noise fires at a given rate.
//!
//! The rate falls strictly as the threshold rises, from `1/t_ref` at the reset to 0, so the answer is unique. Solved for the logarithm of the
//! rate, by Newton's method within a shrinking bracket.
//!
//! Source: Siegert's formula as in `rate`.
//! Range: rates above 0 and below `1/t_ref`; where the reset lies more than 3 `sigma` above `mu`, a rate may need a threshold that no
//! number tells from the reset, and without noise intervals of more than 30 `tau_m` one that no number tells from `mu`.
//! Accuracy: error of the logarithm of the rate at most 1e-11 beyond one rounding of the threshold (against the rate itself, from
//! `ln rate` of -691 to `1/t_ref` less a millionth, `sigma` from 0 to 1000 mV).

use super::Lif;

/// Steps of the safeguarded iteration.
const MOST_STEPS: usize = 100;
const TOLERANCE: f64 = 1e-11;

impl Lif {
    /// The threshold in mV, or the neuron's own where no other is found; `ln_rate_hz` is the logarithm of the rate.
    pub(crate) fn threshold_for_rate_mv(&self, mu_mv: f64, sigma_mv: f64, ln_rate_hz: f64) -> f64 {
        let (mut low, mut high) = (self.V_reset_mv, f64::INFINITY);
        let mut threshold = self.V_th_mv;
        for _ in 0..MOST_STEPS {
            let found = Lif { V_th_mv: threshold, ..*self }.log_rate(mu_mv, sigma_mv, 0.0);
            let excess = found.ln_rate_hz - ln_rate_hz;
            if excess.abs() <= TOLERANCE {
                return threshold;
            }
            if excess > 0.0 {
                low = threshold;
            } else if excess < 0.0 {
                high = threshold;
            } else {
                return self.V_th_mv; // no rate, or no number
            }
            let newton = threshold - excess / found.d_V_th;
            threshold = match newton > low && newton < high {
                true => newton,
                false if high.is_finite() => 0.5 * (low + high),
                false => threshold + (threshold - self.V_reset_mv),
            };
        }
        threshold
    }
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-11;

    #[test]
    fn the_threshold_found_gives_the_rate_from_silence_to_saturation() {
        let mut worst = Worst::default();
        for (mu, sigma) in [-1e4, -50.0, 10.0, 10.5, 15.0, 20.0, 26.0, 100.0, 1e4]
            .into_iter()
            .flat_map(|mu| [0.0, 1e-6, 0.01, 0.3, 3.0, 30.0, 1000.0].map(|sigma| (mu, sigma)))
        {
            for rate in [1e-300, 1e-100, 1e-9, 1e-3, 1.0, 20.0, 150.0, 400.0, 499.0, 500.0 * (1.0 - 1e-6)] {
                let x_reset = (BRUNEL.V_reset_mv - mu) / sigma;
                let V_th_mv = BRUNEL.threshold_for_rate_mv(mu, sigma, f64::ln(rate));
                let too_often = x_reset.is_nan() || x_reset >= 20.0 || (x_reset > 3.0 && V_th_mv == BRUNEL.V_reset_mv);
                let too_rarely = sigma == 0.0 && 1000.0 / rate > 30.0 * BRUNEL.tau_m_ms;
                if too_often || too_rarely {
                    continue; // no threshold, or none that differs from reset or mean, lets it fire so
                }
                let found = Lif { V_th_mv, ..BRUNEL }.log_rate(mu, sigma, 0.0);
                let rounding = f64::EPSILON * V_th_mv.abs() * found.d_V_th.abs();
                worst.add((found.ln_rate_hz - rate.ln()).abs() - rounding, (mu, sigma, rate, V_th_mv, found));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn the_threshold_found_gives_the_rate_with_much_noise_and_with_none() {
        for (mu, sigma, rate) in
            [(15.0, 5.0, 3.0), (15.0, 5.0, 30.0), (24.0, 0.0, 50.0), (400.0, 3.0, 470.0), (0.0, 3.0, 1e-9)]
        {
            let V_th_mv = BRUNEL.threshold_for_rate_mv(mu, sigma, f64::ln(rate));
            let found = Lif { V_th_mv, ..BRUNEL }.rate_hz(mu, sigma).unwrap();
            assert!((found / rate - 1.0).abs() < 1e-10, "mu = {mu}: {V_th_mv} mV, {found} Hz, expected {rate} Hz");
        }
        let own = BRUNEL.log_rate(15.0, 5.0, 0.0).ln_rate_hz;
        assert_eq!(BRUNEL.threshold_for_rate_mv(15.0, 5.0, own), 20.0);
        assert_eq!(BRUNEL.threshold_for_rate_mv(15.0, 0.0, f64::NEG_INFINITY), 20.0);
    }
}
