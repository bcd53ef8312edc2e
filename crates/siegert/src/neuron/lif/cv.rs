//! Coefficient of variation of the interspike intervals of the leaky integrate-and-fire neuron in white noise.
//!
//! ```text
//! CV^2 = 2 pi (rate tau_m)^2 int_a^b K(x) dx,    K(x) = exp(x^2) int_{-inf}^x exp(-y^2) erfcx(-y)^2 dy
//! ```
//!
//! with `a = x_reset`, `b = x_th` and the rate with its refractory time.
//!
//! Source: Brunel (2000), J Comput Neurosci 8:183, appendix A.1 (there with `exp(y^2) (1 + erf y)^2`).
//!
//! Evaluation: below 0, `K(-v)` and its integral from `v` to infinity are polynomials (`numerics`). Above 0,
//!
//! ```text
//! K(x) = exp(x^2) [2 K(0) + 4 exp(x^2) D(x) - (4/sqrt(pi)) H(x)] - K(-x)
//! ```
//!
//! is integrated numerically, scaled by `exp(-2 b^2)`, over the stretch below `b` that counts.
//!
//! Range: all of `rate`. A CV above 1 (reset near threshold, `mu` far below) is no error: spikes come in bursts.
//! Accuracy: relative error at most 1e-15 at 30 points (against 24 digits), and at most 4e-14 (against another order of the integrals)
//! for `x_th` from -8192 to 25.5 and `(V_th - V_reset)/sigma` from a millionth to 8192.

use super::Lif;
use super::passage::{Interval, SQRT_PI, passage};
use super::rate::is_noiseless;
use crate::numerics::cv_kernel::{cv_kernel, cv_kernel_integral_between};
use crate::numerics::dawson::dawson;
use crate::numerics::elementary::exp_of_square;
use crate::numerics::erfcx::scaled_integral_between;
use crate::numerics::quadrature::integrate_16;

/// Beyond this `x_th`, terms of relative order `exp(-x_th^2)` no longer count and CV = (1 - rate t_ref) to 16 digits.
const RARE: f64 = 20.0;
/// Contributions smaller by `exp(-44)` are left out.
const NEGLIGIBLE: f64 = 22.0;

/// The CV at one input, boundaries moved by `shift`; `None` if the neuron never fires.
pub(super) fn cv(lif: &Lif, mu: f64, sigma: f64, shift: f64) -> Option<f64> {
    let interval = lif.interval(mu, sigma, shift);
    if is_noiseless(&interval) {
        return (mu > lif.V_th_mv).then_some(0.0);
    }
    let time = passage(&interval);
    let free = lif.free_fraction(time.ln_scale, time.integral);
    let ratio = if interval.th > RARE && interval.reset < interval.th - 1.0 {
        1.0
    } else {
        let decay = decay(interval.th);
        let integral = if time.ln_scale == 0.0 { time.integral * decay } else { time.integral };
        (2.0 * std::f64::consts::PI * kernel_integral(&interval, decay)).sqrt() / integral
    };
    Some(free * ratio)
}

/// `exp(-b^2)` for positive `b`, to full accuracy; 1 for negative `b`; it counts no more beyond 25.
fn decay(b: f64) -> f64 {
    if b > 25.0 { 0.0 } else { 1.0 / exp_of_square(b.max(0.0)) }
}

/// `decay^2 int_a^b K`, `decay = exp(-max(b, 0)^2)`.
fn kernel_integral(interval: &Interval, decay: f64) -> f64 {
    let Interval { reset: a, th: b, width } = *interval;
    if b <= 0.0 {
        return cv_kernel_integral_between(-b, -a, width);
    }
    let below = if a < 0.0 { cv_kernel_integral_between(0.0, -a, -a) * decay * decay } else { 0.0 };
    // the stretch below b that counts, at most down to 0; not by b - sqrt(b^2 - 22), which is 0 for large b
    let counting = if b * b > NEGLIGIBLE { NEGLIGIBLE / (b + (b * b - NEGLIGIBLE).sqrt()) } else { b };
    let length = if a > 0.0 { counting.min(width) } else { counting };
    let panels = length.max(length * (2.0 * b - length) / 4.0).ceil().max(1.0);
    let h = length / panels;
    let panel = |i: usize| {
        // measured down from b: exp(x^2 - b^2) keeps its digits
        let start = h * i as f64;
        integrate_16(start, start + h, |down| positive_kernel(b - down, (-down * (2.0 * b - down)).exp(), decay))
    };
    below + (0..panels as usize).map(panel).sum::<f64>()
}

/// `decay^2 K(x)` for `x >= 0`, where `fast = exp(x^2) decay`.
fn positive_kernel(x: f64, fast: f64, decay: f64) -> f64 {
    let bracket = 2.0 * cv_kernel(0.0) - 4.0 / SQRT_PI * scaled_integral_between(0.0, x, x);
    fast * (4.0 * fast * dawson(x) + decay * bracket) - decay * decay * cv_kernel(x)
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::super::of_row;
    use super::*;
    use crate::measured::{Worst, gaussian_growth, graded_integral, relative_error, table};
    use crate::numerics::erfcx::erfcx;

    const ACCURACY_AT_LISTED_POINTS: f64 = 1e-15;
    const ACCURACY: f64 = 4e-14;

    #[test]
    fn cvs_agree_with_24_digits() {
        let mut worst = Worst::default();
        for row in table("lif_cv") {
            let (lif, mu, sigma) = of_row(&row);
            worst.add(relative_error(cv(&lif, mu, sigma, 0.0).unwrap(), &row["cv"]), (lif, mu, sigma));
        }
        worst.must_be_at_most(ACCURACY_AT_LISTED_POINTS);
    }

    /// `decay^2 int_a^b K` as `int_{-inf}^b dy erfcx(-y)^2 int_{max(a, y)}^b dx exp(x^2 - y^2)`, by quadrature alone.
    fn kernel_integral_by_quadrature(b: f64, width: f64, decay: f64) -> f64 {
        let slope = |y: f64| if y > 0.0 { 2.0 * exp_of_square(y) - erfcx(y) } else { erfcx(-y) };
        let integrand = |down: f64, excess: f64| (slope(b - down) * decay).powi(2) * gaussian_growth(b, down, excess);
        let scale = |x: f64| 1.0 / x.abs().max(1.0);
        let a = b - width;
        let below = if a > 0.0 { a + 7.0 } else { 45.0 / ((a * a + 45.0).sqrt() - a) }; // there it has fallen by exp(-45)
        graded_integral(width, scale(b), |down| integrand(down, 0.0))
            + graded_integral(below, scale(a), |excess| integrand(width + excess, excess))
    }

    #[test]
    fn cvs_agree_with_another_order_of_the_integrals_from_deep_below_threshold_to_saturation() {
        let mut worst = Worst::default();
        let far = [-8192.0, -1024.0, -64.0, -9.0, -3.0, -1.0, -0.25];
        let near = [0.0, 0.0625, 0.75, 1.5, 3.0, 6.0, 11.0, 16.0, 19.5, 21.0, 25.5];
        for x_th in far.into_iter().chain(near) {
            for width in [-20, -10, -4, -1, 1, 3, 6, 13].map(|power| 2f64.powi(power)) {
                let lif = Lif { t_ref_ms: 0.0, V_th_mv: 0.0, V_reset_mv: -width, ..BRUNEL };
                let time = passage(&lif.interval(-x_th, 1.0, 0.0));
                let decay = 1.0 / exp_of_square(x_th.max(0.0));
                let time = time.integral * if time.ln_scale == 0.0 { decay } else { 1.0 };
                let integral = kernel_integral_by_quadrature(x_th, width, decay);
                let expected = (2.0 * std::f64::consts::PI * integral).sqrt() / time;
                worst.add((cv(&lif, -x_th, 1.0, 0.0).unwrap() / expected - 1.0).abs(), (x_th, width));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn rare_spikes_are_a_poisson_process() {
        for sigma in [0.2, 0.5, 1.0] {
            let cv = cv(&BRUNEL, 0.0, sigma, 0.0).unwrap();
            assert!((cv - 1.0).abs() < 1e-14, "sigma = {sigma}: {cv}");
        }
    }

    #[test]
    fn little_noise_gives_the_law_of_small_fluctuations() {
        // CV^2 = (sigma^2/2) (rate tau_m)^2 [1/(mu - V_th)^2 - 1/(mu - V_reset)^2]
        for (mu, sigma) in [(25.0f64, 1e-4), (21.0, 1e-5), (1e4, 1e-3)] {
            let rate_tau = BRUNEL.rate_hz(mu, sigma).unwrap() * 0.02;
            let expected = sigma / 2f64.sqrt() * rate_tau * ((mu - 20.0).powi(-2) - (mu - 10.0).powi(-2)).sqrt();
            let found = cv(&BRUNEL, mu, sigma, 0.0).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-7, "mu = {mu}: {found}, expected {expected}");
        }
    }

    #[test]
    fn without_noise_intervals_are_equal_or_there_are_none() {
        assert_eq!(cv(&BRUNEL, 25.0, 0.0, 0.0), Some(0.0));
        assert_eq!(cv(&BRUNEL, 15.0, 0.0, 0.0), None);
        // a shift in units of a noise that does not count does not count either
        let at_zero = Lif { V_th_mv: 0.0, V_reset_mv: -10.0, ..BRUNEL };
        assert_eq!(cv(&at_zero, 1e-300, 1e-200, 0.1), Some(0.0));
    }

    #[test]
    fn far_below_threshold_bursts_follow_the_law_of_a_constant_slope() {
        // CV^2 = coth(b (b - a)) for b -> infinity: a random walk against a constant drift
        for x_th in [1e5, 1e7, 1e9, 1e12] {
            let lif = Lif { t_ref_ms: 0.0, V_th_mv: 0.0, V_reset_mv: -1.0 / x_th, ..BRUNEL };
            let found = cv(&lif, -x_th, 1.0, 0.0).unwrap();
            let expected = (1.0f64.cosh() / 1.0f64.sinh()).sqrt();
            assert!((found / expected - 1.0).abs() < 2.0 / x_th.powi(2) + 1e-14, "x_th = {x_th}: {found}");
        }
    }

    #[test]
    fn bursts_give_a_cv_above_one() {
        let lif = Lif { t_ref_ms: 0.0, V_reset_mv: 19.0, ..BRUNEL };
        let found = cv(&lif, 10.0, 5.0, 0.0).unwrap();
        assert!((found - 1.776).abs() < 5e-4, "{found}");
    }
}
