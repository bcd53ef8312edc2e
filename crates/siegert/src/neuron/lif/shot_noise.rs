//! Rate of the leaky integrate-and-fire neuron when jumps have a size: the correction to white noise.
//!
//! With `m_n = tau_m sum K r <J^n>`, `b' = x_th + rho/sigma`, `a = x_reset`, `rho` the mean overshoot past the threshold:
//!
//! ```text
//! T = tau_m { I(a, b') - (4 m_3/(9 sigma^3)) dU_3 - (m_4/(6 sigma^4)) dU_4 + (8 m_3^2/(81 sigma^6)) dU_6 }
//! U_n(x) = int_0^inf z^(n-1) exp(-z^2 + 2 x z) dz,     dU_n = U_n(b') - U_n(a),     1/rate = t_ref + T
//! ```
//!
//! to second order in the size of the jumps. `m_3/sigma^3 = 3 gamma_1/(2 sqrt(2))` and `m_4/sigma^4 = gamma_2`, skewness and excess
//! kurtosis of the membrane without threshold. In this form the correction serves synapses with a time constant, too: the
//! ratio of `T` to `tau_m I(a, b)` is taken at the boundaries for white noise and multiplies the time at the shifted ones. (At shifted
//! boundaries it would be too large, as simulation shows.) The overshoot lowers the rate; a positive `gamma_1` raises it, a
//! negative one (strong inhibitory weights) lowers it.
//!
//! Source: the expansion in the jump size of Richardson and Swarbrick (2010), Phys Rev Lett 105:178102, eq. 7 (exponential
//! amplitudes), with the moments of any law of the jumps.
//! Range: `b^4 gamma_2 <= 0.3` for `b = x_th > 0`, and the second order at most a tenth of `T`; beyond, no rate is given.
//! White noise errs there by 1 to 8 % for excitatory jumps of one size from 0.1 to 2 mV at 20 mV, by up to 17 % with inhibition and
//! for exponential laws, and by 2 to 21 % with exponential currents, where the correction overstates small deviations.
//! Accuracy: of `U_n`, 1e-13 (against quadrature). Of the theory, in that range, against exact rates in `tests/shot_noise.rs`: 5e-3 of the
//! rate for excitatory jumps of one size; with inhibition 1e-2 for jumps up to 0.2 and -0.8 mV, else 2.5e-2; 2.5e-2 for
//! exponential laws; with exponential currents of `sqrt(tau_syn/tau_m)` from 0.2 to 0.5, 3e-2 (Monte Carlo).

use super::Lif;
use super::passage::{Interval, passage, slopes};

/// The largest `b^4 m_4/sigma^4` at which the series is of use.
const LARGEST_DISTANCE: f64 = 0.3;
/// The largest part of `T` that the second order may make up.
const LARGEST_SECOND_ORDER: f64 = 0.1;

/// The size of the jumps that a neuron receives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JumpSize {
    /// Mean overshoot past the threshold, in mV.
    pub overshoot_mv: f64,
    /// Skewness of the membrane without threshold.
    pub skewness: f64,
    /// Excess kurtosis of the membrane without threshold.
    pub excess_kurtosis: f64,
}

/// The rate with jumps of finite size beside that in white noise.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ShotNoise {
    /// Rate over the rate in white noise of the same mean and variance; `None` where the series is of no use.
    pub rate_ratio: Option<f64>,
    /// How far the series is from its limits of use, 1 at the nearer one.
    pub expansion_parameter: f64,
}

impl ShotNoise {
    /// Of a rate in which jumps count as they are.
    pub(crate) const NOTHING_LEFT: ShotNoise = ShotNoise { rate_ratio: Some(1.0), expansion_parameter: 0.0 };
}

impl Lif {
    /// The correction of the rate for jumps of finite size, where synapses with a time constant move the boundaries by
    /// `shift` times `sigma` (0 for white noise).
    ///
    /// `mu` and `sigma` in mV are those of the diffusion approximation.
    pub fn shot_noise(&self, mu_mv: f64, sigma_mv: f64, shift: f64, jumps: &JumpSize) -> ShotNoise {
        if *jumps == JumpSize::default() {
            return ShotNoise { rate_ratio: Some(1.0), expansion_parameter: 0.0 };
        }
        let white = self.interval(mu_mv, sigma_mv, 0.0);
        let far = white.th.max(0.0).powi(4) * jumps.excess_kurtosis / LARGEST_DISTANCE;
        let over = jumps.overshoot_mv / sigma_mv;
        let moved = Interval { th: white.th + over, width: white.width + over, ..white };
        if far > 1.0 || !moved.th.is_finite() {
            return ShotNoise { rate_ratio: None, expansion_parameter: far };
        }
        let (plain, scaled) = (passage(&white), passage(&moved));
        let (first_order, second_order) = orders(&moved, (-scaled.ln_scale).exp(), jumps);
        let time = scaled.integral + first_order + second_order;
        let expansion_parameter = far.max((second_order / time).abs() / LARGEST_SECOND_ORDER);
        if expansion_parameter > 1.0 || time <= 0.0 {
            return ShotNoise { rate_ratio: None, expansion_parameter: expansion_parameter.max(1.0) };
        }
        let time_ratio = time / plain.integral * (scaled.ln_scale - plain.ln_scale).exp();
        let filtered = passage(&self.interval(mu_mv, sigma_mv, shift));
        let free = self.free_fraction(filtered.ln_scale, filtered.integral);
        ShotNoise { rate_ratio: Some(1.0 / (1.0 + free * (time_ratio - 1.0))), expansion_parameter }
    }
}

/// The two orders of `T/tau_m` beyond `I`, times `decay`, the scale of [`passage`].
fn orders(interval: &Interval, decay: f64, jumps: &JumpSize) -> (f64, f64) {
    const HALF: f64 = 0.5; // U_1(x) = sqrt(pi)/2 erfcx(-x)
    let third = 0.75 * std::f64::consts::SQRT_2 * jumps.skewness; // m_3/sigma^3
    let slopes = slopes(interval);
    let th = moments(interval.th, HALF * slopes.th, decay);
    let reset = moments(interval.reset, HALF * slopes.reset, decay);
    let difference = |n: usize| th[n - 1] - reset[n - 1];
    let second_order = -jumps.excess_kurtosis / 6.0 * difference(4) + 8.0 / 81.0 * third * third * difference(6);
    (-4.0 / 9.0 * third * difference(3), second_order)
}

/// `U_1(x)` to `U_6(x)`, times `decay`, from `U_1(x)` times `decay`.
///
/// By `U_(n+2) = x U_(n+1) + (n/2) U_n` upwards, with `U_2 = 1/2 + x U_1`; for negative `x` that cancels, and the ratios of
/// neighbours come downwards from the limit of large `n`.
fn moments(x: f64, first: f64, decay: f64) -> [f64; 6] {
    const FROM: u32 = 80; // enough at x = -1.5, more than enough below (at -1 it would leave 1e-12)
    let mut moments = [first; 6];
    if x > -1.5 {
        moments[1] = 0.5 * decay + x * first;
        for n in 1..5 {
            moments[n + 1] = x * moments[n] + 0.5 * n as f64 * moments[n - 1];
        }
        return moments;
    }
    // ratio = U_(n+1)/U_n solves ratio_n (ratio_(n+1) - x) = n/2
    let mut ratio = 0.5 * (x + (x * x + 2.0 * f64::from(FROM)).sqrt());
    let mut ratios = [0.0; 5];
    for n in (1..FROM).rev() {
        ratio = 0.5 * f64::from(n) / (ratio - x);
        if let Some(kept) = ratios.get_mut(n as usize - 1) {
            *kept = ratio;
        }
    }
    for n in 0..5 {
        moments[n + 1] = moments[n] * ratios[n];
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::*;
    use crate::measured::Worst;
    use crate::numerics::quadrature::integrate_16;

    const ACCURACY_OF_MOMENTS: f64 = 1e-13;

    #[test]
    fn the_moments_agree_with_quadrature_on_both_sides_of_zero() {
        let mut worst = Worst::default();
        for x in
            [-1e4, -300.0, -40.0f64, -5.0, -3.0, -2.0, -1.5 - 1e-9, -1.5 + 1e-9, -1.0, -0.3, 0.0, 0.7, 2.5, 6.0, 15.0]
        {
            let of = |n: i32| {
                // the integrand ends a few 1/(2|x|) from 0 for large negative x, beyond x + 6 for positive
                let end = if x < -1.0 { (30.0 / -x).min(8.0) } else { x.max(0.0) + 8.0 };
                let panel = end / 40.0;
                let f = |z: f64| z.powi(n - 1) * (-z * z + 2.0 * x * z).exp();
                (0..40).map(|i| integrate_16(f64::from(i) * panel, f64::from(i + 1) * panel, f)).sum::<f64>()
            };
            for (n, found) in (1..=6).zip(moments(x, of(1), 1.0)) {
                worst.add((found / of(n) - 1.0).abs(), (n, x));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_MOMENTS);
    }

    /// The size of excitatory jumps `J` that make all the noise: `m_n = J^(n-2) sigma^2`.
    fn excitatory(jump_mv: f64, sigma_mv: f64) -> JumpSize {
        let j = jump_mv / sigma_mv;
        JumpSize { overshoot_mv: jump_mv / 3.0, skewness: 8f64.sqrt() / 3.0 * j, excess_kurtosis: j * j }
    }

    #[test]
    fn jumps_of_no_size_change_nothing_and_small_ones_little() {
        for mu in [-1e5, 0.0, 15.0, 25.0, 1e4] {
            let none = BRUNEL.shot_noise(mu, 5.0, 0.0, &JumpSize::default());
            assert_eq!(none, ShotNoise { rate_ratio: Some(1.0), expansion_parameter: 0.0 });
        }
        // J = 1e-5 mV: a thousandth of a percent
        let jumps = excitatory(1e-5, 5.0);
        for mu in [15.0, 25.0] {
            let ratio = BRUNEL.shot_noise(mu, 5.0, 0.0, &jumps).rate_ratio.unwrap();
            assert!((ratio - 1.0).abs() < 1e-5 && ratio != 1.0, "mu = {mu}: {ratio}");
        }
        // where the rate is 1e-293 Hz its logarithm grows by m_3/sigma^3 4/9 b^3, b = 26, as large deviations have it
        let ratio = BRUNEL.shot_noise(-110.0, 5.0, 0.0, &jumps).rate_ratio.unwrap();
        let expected = 2e-6 * 4.0 / 9.0 * 26f64.powi(3) - 2.0 * 26.0 * 1e-5 / 15.0;
        assert!((ratio.ln() / expected - 1.0).abs() < 0.005, "{} {expected}", ratio.ln());
    }

    #[test]
    fn the_overshoot_alone_is_a_higher_threshold() {
        let jumps = JumpSize { overshoot_mv: 0.2, ..JumpSize::default() };
        let higher = Lif { V_th_mv: 20.2, ..BRUNEL };
        for mu in [-115.0, 12.0, 18.0, 26.0] {
            let of = |lif: &Lif| lif.log_rate(mu, 5.0, 0.0).ln_rate_hz;
            let expected = (of(&higher) - of(&BRUNEL)).exp();
            let found = BRUNEL.shot_noise(mu, 5.0, 0.0, &jumps).rate_ratio.unwrap();
            assert!((found / expected - 1.0).abs() < 1e-12, "mu = {mu}: {found} {expected}");
        }
    }

    #[test]
    fn the_rate_stays_below_its_limit_however_strong_the_filter() {
        for shift in [0.0, 0.1, 0.5] {
            let mu = 1e4;
            let ratio = BRUNEL.shot_noise(mu, 5.0, shift, &excitatory(0.5, 5.0)).rate_ratio.unwrap();
            let rate = BRUNEL.log_rate(mu, 5.0, shift).rate_hz();
            assert!(ratio * rate <= BRUNEL.rate_limit_hz() && ratio < 1.0, "shift {shift}: {ratio}");
        }
    }

    #[test]
    fn where_the_series_is_of_no_use_no_rate_is_given() {
        // 2 mV jumps two sigma below threshold: the exact rate is 68 % above Siegert's, the series means nothing
        let found = BRUNEL.shot_noise(10.0, 5.0, 0.0, &excitatory(2.0, 5.0));
        assert!(found.rate_ratio.is_none() && found.expansion_parameter > 1.0, "{found:?}");
    }
}
