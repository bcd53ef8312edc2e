//! How the LIF neuron in white noise follows small modulations of its input, and the power spectrum of its spikes.
//!
//! ```text
//! mu -> mu + eps exp(lambda t):          r -> r + eps chi_mu exp(lambda t),        chi_mu = (r/sigma)/(1 + s) [u'(b) - u'(a)]/[u(b) - exp(-lambda t_ref) u(a)]
//! sigma^2 -> sigma^2 + eps exp(lambda t):                                           chi_var = (r/sigma^2)/(2 (2 + s)) [u''(b) - u''(a)]/[the same]
//! rho(lambda) = <exp(-lambda T)> = exp(-lambda t_ref) u(a)/u(b),    S(f) = r (1 - |rho|^2)/|1 - rho|^2 at lambda = 2 pi i f
//! ```
//!
//! with `s = lambda tau_m`, `a = x_reset`, `b = x_th`, `u = u_s` of `numerics::parabolic`, and `T` the interval between spikes. `lambda` is imaginary for an oscillation, real for growth or decay, or both.
//! At `lambda = 0` these are the derivatives of the rate. Filtered noise moves `a` and `b` by `shift` (see `filter`), which holds for `|lambda| sqrt(tau_m tau_syn)` well below 1.
//!
//! Source: Brunel and Hakim (1999), Neural Comput 11:1621, eq. 3.24; Lindner and Schimansky-Geier (2001), Phys Rev Lett 86:2934 (modulated noise; spectrum); Schuecker, Diesmann and
//! Helias (2015), Phys Rev E 92:052119 (filtered noise).
//! Range: all of `rate`, `x_th` from -1000, and `|lambda| tau_m` up to 1e4.
//! Accuracy: relative error at most 1e-11 of the response to the mean, 1e-11 of that to the variance and 1e-11 of the spectrum (against 20 digits, 0.1 Hz to 10 kHz), and at 0.001 Hz 1e-6 beside the
//! derivatives of the rate.

use num_complex::Complex64;

use super::cv::cv;
use super::rate::is_noiseless;
use super::{Lif, MS_PER_S};
use crate::numerics::parabolic::{ParabolicRatios, direction, mean_decay};

/// What a rate follows with at one complex frequency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Response {
    /// In Hz for a mV of the mean input.
    pub hz_per_mv: Complex64,
    /// In Hz for a mV^2 of the variance of its noise.
    pub hz_per_mv2: Complex64,
    /// To what depends on the potential's distance `x` from the one where noise is taken: a force `x` (in Hz), noise `x` (Hz/mV) and `x^2` (Hz). 0 of neurons without conductances.
    pub by_potential: [Complex64; 3],
    /// `(1 - rho) rate/lambda`, by which both are divided: 1 at `lambda = 0`, and 0 where the density of an uncoupled neuron relaxes.
    pub renewal: Complex64,
}

/// The transform of the law of the intervals, without cancellation at small frequencies.
struct Intervals {
    ratios: ParabolicRatios,
    /// `exp(-lambda t_ref)`.
    refractory: Complex64,
    /// `(1 - rho)/s`.
    gap: Complex64,
}

/// A neuron at one input, to be asked at many frequencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Modulated {
    lif: Lif,
    mu_mv: f64,
    sigma_mv: f64,
    shift: f64,
    rate_hz: f64,
    /// `a` and `b`; nothing where there is no noise.
    bounds: Option<[f64; 2]>,
}

/// `(1 - |rho|^2)/|1 - rho|^2`, the power of spikes over their rate, from `gap = (1 - rho)/s` at `s = i omega tau_m`.
pub(crate) fn renewal_power(gap: Complex64, omega_tau: f64) -> f64 {
    // 1 - |rho|^2 = 2 Re(1 - rho) - |1 - rho|^2, and 1 - rho = s gap
    let size = gap.norm();
    -2.0 * (gap.im / size) / (omega_tau * size) - 1.0
}

impl Response {
    /// To forces and noise, each one number per unit of what is modulated: a force of 1 mV, noise of 1 mV^2, a force `x`, noise `x` and `x^2`.
    pub(crate) fn to(&self, parts: &[f64; 5]) -> Complex64 {
        let [at, noise_at, noise_squared] = self.by_potential;
        let [force, noise, force_at, by_x, by_square] = parts;
        force * self.hz_per_mv + noise * self.hz_per_mv2 + force_at * at + by_x * noise_at + by_square * noise_squared
    }

    /// The same times a factor.
    pub(crate) fn times(self, factor: Complex64) -> Self {
        Response {
            hz_per_mv: factor * self.hz_per_mv,
            hz_per_mv2: factor * self.hz_per_mv2,
            by_potential: self.by_potential.map(|response| factor * response),
            ..self
        }
    }
}

impl Lif {
    /// Response of the rate at `lambda`, growth and angular frequency in 1/ms; 0 for a neuron that never fires.
    pub fn response(&self, mu_mv: f64, sigma_mv: f64, shift: f64, lambda_per_ms: Complex64) -> Response {
        self.modulated(mu_mv, sigma_mv, shift).response(lambda_per_ms)
    }

    /// The transform `<exp(-lambda T)>` of the law of the intervals, the refractory time included; `None` for a neuron that never fires.
    pub fn interval_transform(
        &self,
        mu_mv: f64,
        sigma_mv: f64,
        shift: f64,
        lambda_per_ms: Complex64,
    ) -> Option<Complex64> {
        self.modulated(mu_mv, sigma_mv, shift).interval_transform(lambda_per_ms)
    }

    /// Power spectrum of the spike train in Hz at a frequency, two-sided, without the peak at 0; 0 for a neuron that never fires.
    pub fn power_spectrum_hz(&self, mu_mv: f64, sigma_mv: f64, shift: f64, frequency_hz: f64) -> f64 {
        self.modulated(mu_mv, sigma_mv, shift).power_spectrum_hz(frequency_hz)
    }

    /// What of all this does not depend on the frequency.
    pub(crate) fn modulated(&self, mu_mv: f64, sigma_mv: f64, shift: f64) -> Modulated {
        let interval = self.interval(mu_mv, sigma_mv, shift);
        let bounds = (!is_noiseless(&interval)).then_some([interval.reset, interval.th]);
        let rate_hz = self.log_rate(mu_mv, sigma_mv, shift).rate_hz();
        Modulated { lif: *self, mu_mv, sigma_mv, shift, rate_hz, bounds }
    }
}

impl Modulated {
    /// [`Lif::response`].
    pub(crate) fn response(&self, lambda_per_ms: Complex64) -> Response {
        let Modulated { sigma_mv, shift, rate_hz, .. } = *self;
        if rate_hz == 0.0 {
            return Response { renewal: Complex64::ONE, ..Response::default() };
        }
        let Some(bounds) = self.bounds else { return self.noiseless_response(lambda_per_ms) };
        let s = self.order(lambda_per_ms);
        let Intervals { ratios, gap, .. } = self.intervals(bounds, lambda_per_ms);
        // squares of large numbers overflow, and products of a low rate with a small number underflow
        let per_gap = gap.finv();
        let slope = per_gap * (ratios.slope_at_b - ratios.slope_at_a);
        let curvature = per_gap * (ratios.curvature_at_b - ratios.curvature_at_a);
        let hz_per_mv = rate_hz * slope / (sigma_mv * (1.0 + s));
        Response {
            hz_per_mv,
            // the shift is one in units of sigma: both boundaries follow it, as if the mean went the other way
            hz_per_mv2: rate_hz * curvature / (sigma_mv * sigma_mv * 2.0 * (2.0 + s))
                - hz_per_mv * shift / (2.0 * sigma_mv),
            renewal: self.renewal(gap),
            ..Response::default()
        }
    }

    /// [`Lif::interval_transform`].
    pub(crate) fn interval_transform(&self, lambda_per_ms: Complex64) -> Option<Complex64> {
        let Some(bounds) = self.bounds else {
            return (self.rate_hz > 0.0).then(|| (-lambda_per_ms * (MS_PER_S / self.rate_hz)).exp());
        };
        let Intervals { ratios, refractory, .. } = self.intervals(bounds, lambda_per_ms);
        Some(refractory * ratios.ratio)
    }

    /// The transform of the time from release to spike, `None` without noise or spikes.
    pub(crate) fn passage_transform(&self, lambda_per_ms: Complex64) -> Option<Complex64> {
        let bounds = self.bounds.filter(|_| self.rate_hz > 0.0)?;
        Some(self.intervals(bounds, lambda_per_ms).ratios.ratio)
    }

    /// Whether its intervals have a density.
    pub(crate) fn has_noise(&self) -> bool {
        self.bounds.is_some() && self.rate_hz > 0.0
    }

    /// Its refractory time.
    pub(crate) fn t_ref_ms(&self) -> f64 {
        self.lif.t_ref_ms
    }

    /// The neuron and the mean and amplitude of its noise, for another route to the same.
    #[cfg(test)]
    pub(crate) fn of(&self) -> (Lif, f64, f64) {
        (self.lif, self.mu_mv, self.sigma_mv)
    }

    /// Its membrane time constant.
    pub(crate) fn tau_m_ms(&self) -> f64 {
        self.lif.tau_m_ms
    }

    /// [`Lif::power_spectrum_hz`].
    pub(crate) fn power_spectrum_hz(&self, frequency_hz: f64) -> f64 {
        let Modulated { lif, mu_mv, sigma_mv, shift, rate_hz, .. } = *self;
        let Some(bounds) = self.bounds.filter(|_| rate_hz > 0.0) else { return 0.0 };
        let omega_per_ms = std::f64::consts::TAU * frequency_hz / MS_PER_S;
        if omega_per_ms == 0.0 {
            return cv(&lif, mu_mv, sigma_mv, shift).map_or(0.0, |cv| rate_hz * cv * cv);
        }
        let gap = self.intervals(bounds, Complex64::new(0.0, omega_per_ms)).gap;
        rate_hz * renewal_power(gap, omega_per_ms * lif.tau_m_ms)
    }

    /// Direction in the complex plane of `u(b)`, by which the responses and `renewal` are divided, beside `u` at a point so far to the left that it has no zeros there: times it they have no poles.
    pub(crate) fn direction_at_threshold(&self, lambda_per_ms: Complex64) -> Complex64 {
        self.bounds.map_or(Complex64::ONE, |[a, b]| direction(self.order(lambda_per_ms), a, b))
    }

    /// `s`.
    fn order(&self, lambda_per_ms: Complex64) -> Complex64 {
        lambda_per_ms * self.lif.tau_m_ms
    }

    fn renewal(&self, gap: Complex64) -> Complex64 {
        gap * (self.lif.tau_m_ms * self.rate_hz / MS_PER_S)
    }

    fn intervals(&self, [a, b]: [f64; 2], lambda_per_ms: Complex64) -> Intervals {
        let t_ref_ms = self.lif.t_ref_ms;
        let ratios = ParabolicRatios::between(self.order(lambda_per_ms), a, b);
        let refractory = (-lambda_per_ms * t_ref_ms).exp();
        let gap = ratios.gap + self.passed(lambda_per_ms, t_ref_ms) * ratios.ratio;
        Intervals { ratios, refractory, gap }
    }

    /// The limit without noise, above threshold: `u(x)` is `|x|^(-s)`.
    fn noiseless_response(&self, lambda_per_ms: Complex64) -> Response {
        let Modulated { lif, mu_mv, rate_hz, .. } = *self;
        let s = self.order(lambda_per_ms);
        let (from_reset, from_th) = (mu_mv - lif.V_reset_mv, mu_mv - lif.V_th_mv);
        let ratio = (-s * (from_reset / from_th).ln()).exp();
        let gap = self.passed(lambda_per_ms, MS_PER_S / rate_hz);
        let per_gap = rate_hz / gap;
        let per_mv = 1.0 / from_th - ratio / from_reset;
        let per_mv2 = 1.0 / (from_th * from_th) - ratio / (from_reset * from_reset);
        Response {
            hz_per_mv: per_gap * per_mv / (1.0 + s),
            hz_per_mv2: per_gap * per_mv2 * (1.0 + s) / (2.0 * (2.0 + s)),
            renewal: self.renewal(gap),
            ..Response::default()
        }
    }

    /// `(1 - exp(-lambda t))/s`.
    fn passed(&self, lambda_per_ms: Complex64, time_ms: f64) -> Complex64 {
        mean_decay(lambda_per_ms * time_ms) * (time_ms / self.lif.tau_m_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BRUNEL, of_row};
    use super::*;
    use crate::measured::{Worst, number, table};

    const ACCURACY_TO_THE_MEAN: f64 = 1e-11;
    const ACCURACY_TO_THE_VARIANCE: f64 = 1e-11;
    const ACCURACY_OF_THE_SPECTRUM: f64 = 1e-11;
    const ACCURACY_AT_REST: f64 = 1e-6;

    fn at_hz(frequency_hz: f64) -> Complex64 {
        Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / MS_PER_S)
    }

    fn relative(found: Complex64, expected: Complex64) -> f64 {
        (found - expected).norm() / expected.norm()
    }

    #[test]
    fn responses_agree_with_20_digits_from_a_tenth_of_a_hertz_to_10_khz() {
        let (mut of_mean, mut of_variance) = (Worst::default(), Worst::default());
        for row in table("lif_response") {
            let (lif, mu, sigma) = of_row(&row);
            let found = lif.response(mu, sigma, 0.0, at_hz(number(&row, "frequency_hz")));
            let expected =
                |name: &str| Complex64::new(number(&row, &format!("{name}_re")), number(&row, &format!("{name}_im")));
            of_mean.add(relative(found.hz_per_mv, expected("mean")), &row);
            of_variance.add(relative(found.hz_per_mv2, expected("variance")), &row);
        }
        of_mean.must_be_at_most(ACCURACY_TO_THE_MEAN);
        of_variance.must_be_at_most(ACCURACY_TO_THE_VARIANCE);
    }

    /// Of the paper itself, in white and in filtered noise.
    #[test]
    fn threshold_and_reset_that_are_shifted_give_the_published_response_in_filtered_noise() {
        let mut worst = Worst::default();
        for row in table("schuecker2015") {
            let (lif, mu, sigma) = of_row(&row);
            let shift = super::super::SynapticFilter::shift(number(&row, "tau_syn_ms") / number(&row, "tau_m_ms"));
            let found = lif.response(mu, sigma, shift, at_hz(number(&row, "frequency_hz"))).hz_per_mv;
            let expected = Complex64::new(number(&row, "mean_re"), number(&row, "mean_im"));
            worst.add(relative(found, expected), &row);
        }
        worst.must_be_at_most(ACCURACY_TO_THE_MEAN);
    }

    #[test]
    fn spectra_and_transforms_of_intervals_agree_with_20_digits() {
        let mut worst = Worst::default();
        for row in table("lif_power_spectrum") {
            let (lif, mu, sigma) = of_row(&row);
            let frequency_hz = number(&row, "frequency_hz");
            let found = lif.power_spectrum_hz(mu, sigma, 0.0, frequency_hz);
            worst.add((found / number(&row, "power_hz") - 1.0).abs(), &row);
            let transform = lif.interval_transform(mu, sigma, 0.0, at_hz(frequency_hz)).unwrap();
            let expected = Complex64::new(number(&row, "transform_re"), number(&row, "transform_im"));
            worst.add((transform - expected).norm(), &row);
        }
        worst.must_be_at_most(ACCURACY_OF_THE_SPECTRUM);
    }

    /// From the deepest silence to saturation, and from no noise to nothing else.
    #[test]
    fn the_response_to_slow_modulations_is_the_slope_of_the_rate_everywhere() {
        let mut worst = Worst::default();
        for row in table("lif_rate") {
            let (lif, mu, sigma) = of_row(&row);
            let rate = lif.log_rate(mu, sigma, 0.0);
            let rate_hz = rate.rate_hz();
            if rate_hz < 1e-250 || (lif.V_th_mv - mu) / sigma < -1000.0 {
                continue;
            }
            let slow = lif.response(mu, sigma, 0.0, at_hz(1e-3 * rate_hz.min(1.0)));
            for (found, per_unit) in [(slow.hz_per_mv, rate.d_mu), (slow.hz_per_mv2, rate.d_variance)] {
                // a slope near its change of sign is small beside what it is made of
                let scale = (rate_hz * per_unit).abs().max(1e-4 * rate_hz * rate.d_mu.abs() / sigma);
                worst.add((found.re - rate_hz * per_unit).abs() / scale, (&row["mu_mv"], &row["sigma_mv"]));
            }
        }
        worst.must_be_at_most(ACCURACY_AT_REST);
    }

    /// The limits of high frequencies: (r/sigma) sqrt(2/s), and r/sigma^2.
    #[test]
    fn fast_modulations_are_followed_as_the_flux_at_the_threshold_says() {
        let rate_hz = BRUNEL.log_rate(18.0, 5.0, 0.0).rate_hz();
        let lambda = at_hz(7e4);
        let found = BRUNEL.response(18.0, 5.0, 0.0, lambda);
        let expected = rate_hz / 5.0 * (2.0 / (lambda * 20.0)).sqrt();
        assert!(relative(found.hz_per_mv, expected) < 1e-2, "{found:?} {expected}");
        assert!((found.hz_per_mv2 / (rate_hz / 25.0) - 1.0).norm() < 1e-2, "{found:?}");
        let power = BRUNEL.power_spectrum_hz(18.0, 5.0, 0.0, 7e4);
        assert!((power / rate_hz - 1.0).abs() < 1e-9);
    }

    #[test]
    fn weak_noise_has_the_response_of_none() {
        let lambda = Complex64::new(0.01, 0.3);
        let (none, weak) = (BRUNEL.response(23.0, 0.0, 0.0, lambda), BRUNEL.response(23.0, 0.003, 0.0, lambda));
        assert!(relative(weak.hz_per_mv, none.hz_per_mv) < 1e-4, "{weak:?} {none:?}");
        assert!(relative(weak.hz_per_mv2, none.hz_per_mv2) < 1e-4, "{weak:?} {none:?}");
        let silent = Response { renewal: Complex64::ONE, ..Response::default() };
        assert_eq!(BRUNEL.response(12.0, 0.0, 0.0, lambda), silent);
    }

    #[test]
    fn very_slow_fluctuations_have_the_power_of_counts() {
        for (mu, sigma) in [(18.0, 5.0), (5.0, 3.0), (40.0, 2.0)] {
            let [zero, slow] = [0.0, 1e-4].map(|f| BRUNEL.power_spectrum_hz(mu, sigma, 0.0, f));
            assert!((zero / slow - 1.0).abs() < 1e-8, "{zero} {slow}");
        }
    }
}
