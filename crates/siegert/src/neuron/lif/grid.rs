//! The neuron whose threshold is only looked at every `dt`, as a simulation on a grid of time does.
//!
//! Its intervals are whole steps:
//!
//! ```text
//! interval = t_ref + E(ceil(T/dt)) dt,    T = time from reset to threshold in continuous time
//! ```
//!
//! without noise `ceil` of one number; where `T` varies by more than a step, `T + dt/2` on average.
//!
//! Between two looks white noise carries the potential past the threshold and back, unseen. On the grid it crosses as if
//! the threshold were higher, while the reset stays where it is:
//!
//! ```text
//! V_th -> V_th + beta sigma sqrt(dt/tau_m),    beta = -zeta(1/2)/sqrt(2 pi) = 0.5826
//! ```
//!
//! That is the limit of small drift in a step. With the drift `delta = (mu - V_th) sqrt(dt/tau_m)/sigma` in a step, in units of the
//! step's noise, the mean overshoot is `rho(delta)` instead of `beta`, and the interval is longer by
//!
//! ```text
//! w dt,    w = (rho(delta) - beta)/delta:    1/4 for no drift, 1/2 for strong drift and for filtered noise
//! ```
//!
//! so one formula leads from noise that decides to noise that does not matter: `T(V_th + beta ...) + w dt`, and the difference of
//! `E(ceil(x))` and `x + 1/2` for a normal `x` of the mean and the width of `T/dt`, which vanishes for widths beyond a step.
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
//! Glasserman and Kou (1997), Math Finance 7:325; `rho(delta)` by Spitzer's identity and, for small drift, its series in Chang and
//! Peres, theorem 1. The factors are exact moments of the recursion
//! `V <- V exp(-dt/tau_m) + input`.
//! Range: many events in a step; where they are few, jumps of finite size (`shot_noise`) overshoot more than the grid does.
//! Input through synapses with a time constant moves the potential smoothly: the threshold is where it is, and only the step delays.
//! Accuracy: 1e-4 of the rate, and 2e-4 where the grid takes a fifth of it, from far below threshold to `mu = 20 V_th`, with
//! noise that moves intervals by a quarter of a step or by a hundred of them, `dt` up to 0.5 ms at `tau_m = 20 ms` (against the exact
//! rate of the sampled process). Of `w`, 3e-6 (against Spitzer's identity, drifts from 0.05 to 1.5). Exact without noise.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::Lif;
use crate::numerics::erfcx::erfcx;
use crate::numerics::steps;

/// `-zeta(1/2)/sqrt(2 pi)`.
const OVERSHOOT: f64 = 0.5825971579390106;

/// `zeta(-1/2 - k)/(k! (2 k + 1) (2 k + 2) (-2)^k)`, `k` = 0 to 3: the series of the overshoot in the drift.
const SERIES: [f64; 4] = [
    -0.207_886_224_977_354_57 / 2.0,
    0.025_485_201_889_833_036 / 24.0,
    0.008_516_928_778_503_306 / 240.0,
    -0.004_441_013_335_470_48 / 2688.0,
];
/// Drifts up to this go by the series, to 3e-6.
const LARGEST_SERIES_DRIFT: f64 = 1.5;
/// Beyond this width, in steps, the phase on the grid is forgotten to 1e-12.
const WIDE: f64 = 1.2;

/// How the time to threshold counts on the grid, in units of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rounded {
    /// What its mean is longer by.
    pub(crate) delay: f64,
    /// What its variance is larger by.
    pub(crate) variance: f64,
}

/// Of a time of `steps` steps and half a step more, normal with standard deviation `width`: what rounding up makes of it beyond that.
pub(crate) fn rounded_up(steps: f64, width: f64) -> Rounded {
    if !(width <= WIDE && steps.is_finite()) {
        return Rounded { delay: 0.0, variance: 1.0 / 12.0 };
    }
    let middle = steps.round();
    let reach = (9.0 * width).ceil() + 1.0;
    // a time that ends on the grid but for rounding ends there
    let at_or_below = |k: f64| {
        let excess = middle + k - steps;
        if width > 0.0 { below(excess / width) } else { f64::from(u8::from(excess > -1e-9)) }
    };
    let (mut mean, mut square) = (0.0, 0.0);
    let (mut k, mut last) = (-reach, 0.0);
    while k <= reach {
        let until = at_or_below(k);
        mean += k * (until - last);
        square += k * k * (until - last);
        last = until;
        k += 1.0;
    }
    Rounded { delay: middle + mean - steps - 0.5, variance: square - mean * mean - width * width }
}

/// `w`: what the grid adds to an interval beyond the higher threshold, in steps, with this drift in a step over the noise of a step.
pub(crate) fn step_delay(drift: f64) -> f64 {
    if drift.is_nan() || drift == f64::INFINITY {
        return 0.5;
    }
    if drift <= LARGEST_SERIES_DRIFT {
        // farther below threshold spikes are so rare that a part of a step is nothing
        let drift = drift.max(-LARGEST_SERIES_DRIFT);
        let sum = SERIES.iter().rev().fold(0.0, |sum, term| sum * drift * drift + term);
        return 0.25 - drift / (2.0 * PI).sqrt() * sum;
    }
    // rho = <X^2>/(2 <X>) - sum_n <S_n^->/n of a walk whose steps X have mean `drift` and variance 1
    let lost = |n: f64| {
        let x = drift * n.sqrt();
        ((-0.5 * x * x).exp() / (2.0 * PI).sqrt() - x * below(-x)) / n.sqrt()
    };
    let terms = (80.0 / (drift * drift)).ceil().max(1.0) as u32;
    let rho = 0.5 * (drift + 1.0 / drift) - (1..=terms).map(|n| lost(f64::from(n))).sum::<f64>();
    (rho - OVERSHOOT) / drift
}

/// The probability that a standard normal deviate lies below `z`.
fn below(z: f64) -> f64 {
    let tail = 0.5 * erfcx(z.abs() * FRAC_1_SQRT_2) * (-0.5 * z * z).exp();
    if z < 0.0 { tail } else { 1.0 - tail }
}

impl Lif {
    /// Standard deviation in ms of the time from reset to threshold where noise is weak; infinite unless `mu` is above threshold.
    ///
    /// `sigma tau_m sqrt(1/(mu - V_th)^2 - 1/(mu - V_reset)^2)/sqrt(2)`, the limit of the CV for weak noise.
    pub(crate) fn weak_noise_spread_ms(&self, mu_mv: f64, sigma_mv: f64) -> f64 {
        let (above_th, above_reset) = (mu_mv - self.V_th_mv, mu_mv - self.V_reset_mv);
        if above_th <= 0.0 {
            return f64::INFINITY;
        }
        let width = self.V_th_mv - self.V_reset_mv;
        let difference = width * (above_th + above_reset) / (above_th * above_reset).powi(2);
        sigma_mv * self.tau_m_ms * (0.5 * difference).sqrt()
    }

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

/// `(mu, sigma, dt, rate)`: mean passage on the grid by a linear system on Gaussian nodes; `BRUNEL`.
#[cfg(test)]
pub(crate) const SAMPLED: [(f64, f64, f64, f64); 13] = [
    (10.0, 5.0, 0.1, 0.76515),
    (10.0, 5.0, 0.2, 0.72074),
    (15.0, 5.0, 0.1, 8.81929),
    (18.0, 2.0, 0.1, 7.24096),
    (24.0, 4.0, 0.1, 40.33922),
    (24.0, 0.5, 0.1, 36.88104),
    (24.0, 4.0, 0.5, 38.91116),
    (60.0, 5.0, 0.5, 146.71774),
    (60.0, 1.0, 0.1, 153.42195),
    (200.0, 10.0, 0.1, 316.88612),
    (288.0, 3.0, 0.1, 359.07421),
    (400.0, 10.0, 0.1, 388.16505),
    (400.0, 3.0, 0.1, 387.79002),
];

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::*;
    use crate::measured::Worst;
    use crate::numerics::normal;

    const ACCURACY: f64 = 1e-4;
    const ACCURACY_ON_A_COARSE_GRID: f64 = 2e-4;
    const ACCURACY_OF_DELAY: f64 = 3e-6;

    #[test]
    fn higher_threshold_and_longer_interval_give_the_rate_of_the_sampled_process_from_silence_to_saturation() {
        let (mut fine, mut coarse) = (Worst::default(), Worst::default());
        for (mu, sigma, dt, expected) in SAMPLED {
            let higher = BRUNEL.with_higher_threshold(BRUNEL.grid_overshoot_mv(sigma, dt));
            let continuous = BRUNEL.rate_hz(mu, sigma).unwrap();
            let delay = step_delay((mu - 20.0) * (dt / 20.0).sqrt() / sigma);
            let climb = 1000.0 / higher.rate_hz(mu, sigma).unwrap() - 2.0;
            let phase = rounded_up(climb / dt + delay - 0.5, higher.weak_noise_spread_ms(mu, sigma) / dt).delay;
            let rate = 1000.0 / (2.0 + climb + (delay + phase) * dt);
            let worst = if continuous > 1.15 * expected { &mut coarse } else { &mut fine };
            worst.add((rate / expected - 1.0).abs(), (mu, sigma, dt, rate, continuous / expected - 1.0));
        }
        fine.must_be_at_most(ACCURACY);
        coarse.must_be_at_most(ACCURACY_ON_A_COARSE_GRID);
    }

    #[test]
    fn the_delay_is_that_of_the_mean_overshoot_by_spitzers_identity() {
        let mut worst = Worst::default();
        for i in 1..=30 {
            let drift = 0.05 * f64::from(i);
            // <S^-> of a normal sum of n steps, down to exp(-40)
            let lost = |n: f64| {
                let x = drift * n.sqrt();
                ((-0.5 * x * x).exp() / (2.0 * PI).sqrt() - x * normal::cumulative(-x)) / n.sqrt()
            };
            let terms = (80.0 / (drift * drift)).ceil() as u32;
            let rho = 0.5 * (drift + 1.0 / drift) - (1..=terms).map(|n| lost(f64::from(n))).sum::<f64>();
            worst.add((step_delay(drift) - (rho - OVERSHOOT) / drift).abs(), drift);
        }
        worst.must_be_at_most(ACCURACY_OF_DELAY);
    }

    #[test]
    fn times_are_rounded_up_to_whole_steps_without_noise_and_by_half_a_step_with_it() {
        for (steps, expected) in [(10.259, 11.0), (10.99, 11.0), (3.0, 3.0), (0.2, 1.0)] {
            assert!((steps + 0.5 + rounded_up(steps, 0.0).delay - expected).abs() < 1e-12, "{steps}");
            // a little noise changes nothing, much of it forgets the phase
            assert!(steps == 3.0 || (rounded_up(steps, 1e-4).delay - rounded_up(steps, 0.0).delay).abs() < 1e-9);
            let wide = rounded_up(steps, 1.19);
            assert!(wide.delay.abs() < 1e-11 && (wide.variance - 1.0 / 12.0).abs() < 1e-9, "{steps}: {wide:?}");
        }
        // half of the times before the step, half after it
        assert!(rounded_up(3.0, 0.01).delay.abs() < 1e-12);
    }

    #[test]
    fn series_and_sum_of_the_overshoot_meet_and_have_their_limits() {
        assert_eq!(step_delay(0.0), 0.25);
        assert!(
            (step_delay(1.5) - step_delay(1.5 + 1e-12)).abs() < 1e-5,
            "{} {}",
            step_delay(1.5),
            step_delay(1.5 + 1e-12)
        );
        // far above: rho = delta/2 + 1/(2 delta)
        assert!((step_delay(50.0) - (0.5 + (0.01 - OVERSHOOT) / 50.0)).abs() < 1e-12);
        assert_eq!(step_delay(f64::INFINITY), 0.5);
    }

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
