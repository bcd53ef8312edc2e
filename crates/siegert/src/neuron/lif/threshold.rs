//! The threshold at which a leaky integrate-and-fire neuron in white noise fires at a given rate.
//!
//! The rate falls strictly as the threshold rises, from `1/t_ref` at the reset to 0, so the answer is unique. Solved for the logarithm of the
//! rate, by Newton's method within a shrinking bracket.
//!
//! Source: Siegert's formula as in `rate`. Range: rates above 0 and below `1/t_ref`. Accuracy: 1e-11 in the logarithm of the rate.

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
