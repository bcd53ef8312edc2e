//! The neuron whose threshold is only looked at every `dt`, as a simulation on a grid of time does.
//!
//! Between two looks white noise carries the potential past the threshold and back, unseen. On the grid it crosses as if
//! the threshold were higher, while the reset stays where it is:
//!
//! ```text
//! V_th -> V_th + beta sigma sqrt(dt/tau_m),    beta = -zeta(1/2)/sqrt(2 pi) = 0.5826
//! ```
//!
//! Instantaneous input acts at the end of its step, undecayed, so that its mean and variance count with the factors
//!
//! ```text
//! mean: x/(1 - exp(-x)),    variance: 2 x/(1 - exp(-2 x)),    x = dt/tau_m
//! ```
//!
//! A refractory time lasts whole steps: it goes up to the next one (`numerics::steps`).
//!
//! Source: the mean overshoot of a Gaussian walk, Chang and Peres (1997), Ann Probab 25:787; as a moved boundary, Broadie,
//! Glasserman and Kou (1997), Math Finance 7:325. The factors are exact moments of the recursion
//! `V <- V exp(-dt/tau_m) + input`.
//! Range: many events in a step; where they are few, jumps of finite size (`shot_noise`) overshoot more than the grid does.
//! Input through synapses with a time constant moves the potential smoothly and is not concerned.
//! Accuracy: 0.1 % of the rate for `dt` up to 0.2 ms at `tau_m = 20 ms`, where the grid takes 3 to 20 % (against the exact rate
//! of the sampled process, in the tests below).

use super::Lif;
use crate::numerics::steps;

/// `-zeta(1/2)/sqrt(2 pi)`.
const OVERSHOOT: f64 = 0.5825971579390106;

impl Lif {
    /// How much higher, in mV, the threshold seems if it is looked at every `dt_ms`; `white_sigma_mv` is the noise without
    /// what comes through synapses with a time constant.
    pub fn grid_overshoot_mv(&self, white_sigma_mv: f64, dt_ms: f64) -> f64 {
        OVERSHOOT * white_sigma_mv * (dt_ms / self.tau_m_ms).sqrt()
    }

    /// The factors by which mean and variance of instantaneous input count on the grid.
    pub fn grid_factors(&self, dt_ms: f64) -> (f64, f64) {
        let factor = |x: f64| x / -(-x).exp_m1();
        let x = dt_ms / self.tau_m_ms;
        (factor(x), factor(2.0 * x))
    }

    /// The neuron with its threshold higher by so much, 0 or more.
    pub(crate) fn with_higher_threshold(&self, by_mv: f64) -> Self {
        Lif { V_th_mv: self.V_th_mv + by_mv, ..*self }
    }

    /// The neuron whose refractory time is rounded up to whole steps, as simulators have it.
    pub(crate) fn with_whole_refractory_steps(&self, dt_ms: f64) -> Self {
        let whole_ms = steps::lasting_ms(steps::up(self.t_ref_ms, dt_ms), dt_ms);
        let t_ref_ms = if steps::same(self.t_ref_ms, whole_ms, dt_ms) { self.t_ref_ms } else { whole_ms };
        Lif { t_ref_ms, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;

    #[test]
    fn the_higher_threshold_gives_the_rate_of_the_sampled_process() {
        // (mu, sigma, dt, rate): Fredholm equation for the mean passage on the grid; tau_m 20, t_ref 2, V_th 20, V_reset 10
        let sampled = [
            (15.0, 5.0, 0.1, 8.81929),
            (18.0, 2.0, 0.1, 7.24096),
            (24.0, 4.0, 0.1, 40.33922),
            (10.0, 5.0, 0.1, 0.76515),
            (10.0, 5.0, 0.2, 0.72074),
        ];
        for (mu, sigma, dt, expected) in sampled {
            let higher = BRUNEL.with_higher_threshold(BRUNEL.grid_overshoot_mv(sigma, dt));
            let rate = higher.rate_hz(mu, sigma).unwrap();
            assert!((rate / expected - 1.0).abs() < 1.1e-3, "mu = {mu}, dt = {dt}: {rate} Hz, expected {expected}");
            let continuous = BRUNEL.rate_hz(mu, sigma).unwrap();
            assert!((continuous / expected - 1.0).abs() > 0.02, "mu = {mu}: {continuous}");
        }
    }

    #[test]
    fn a_refractory_time_off_the_grid_lasts_until_the_next_step() {
        let of = |t_ref_ms: f64, dt_ms: f64| {
            let lif = super::Lif { t_ref_ms, ..BRUNEL };
            lif.with_whole_refractory_steps(dt_ms).t_ref_ms
        };
        assert_eq!([of(2.0, 0.1), of(3.0 * 0.1, 0.1), of(2.05, 0.1), of(0.01, 0.1)], [2.0, 3.0 * 0.1, 2.1, 0.1]);
        assert_eq!([of(2.0, 0.3), of(0.0, 0.1), of(2.0, 1e-9)], [2.1, 0.0, 2.0]);
    }

    #[test]
    fn instantaneous_input_counts_more_by_half_a_step() {
        let (mean, variance) = BRUNEL.grid_factors(0.1);
        assert!((mean - (1.0 + 0.0025)).abs() < 1e-5 && (variance - (1.0 + 0.005)).abs() < 1e-5, "{mean} {variance}");
        let (mean, variance) = BRUNEL.grid_factors(1e-12);
        assert!((mean - 1.0).abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "{mean} {variance}");
    }
}
