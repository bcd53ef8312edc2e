//! The gates of NMDA synapses: what is open of them at a rate of their source, mean and variance.
//!
//! ```text
//! s' = -s/tau_d + alpha x (1 - s),    x' = -x/tau_r + spikes
//! jumps:    a spike opens q = 1 - exp(-alpha tau_r) of what is closed
//!           <s> = r tau_d q/(1 + r tau_d q),    Var s = r tau_d q^2 c^2/(2 (1 + r tau_d (q - q^2/2))),    c = 1 - <s>
//! series:   <s> = x/(1 + x) [1 + 1/(1 + x) sum_n (-alpha tau_r)^n T_n/(n + 1)!],    x = r alpha tau_r tau_d
//!           T_n = prod_(k = 1..n) k tau_d/(tau_r (1 + x) + k tau_d)
//! ```
//!
//! The jumps are exact for Poisson spikes as far as gates rise at once. The series is what Brunel and Wang print; its product follows from their sum over binomial
//! coefficients by partial fractions. It is 3 to 5 % above the dynamics that it stands for, and is there for results that were made with it.
//!
//! What the noise of gates lasts is `tau_d (1 - <s>)`, shorter at high rates; here it is `tau_d`, since that is long beside a membrane in any case.
//!
//! Source: Brunel and Wang (2001), J Comput Neurosci 11:63, eqs. 6, 7 and appendix (the series).
//! Range: sources that fire like Poisson processes, `tau_rise` well below `tau_decay`.
//! Accuracy: by jumps mean and standard deviation within 1e-2 of drawn gates that rise in `tau_d/500`, which is sampling; with `tau_d/50` (of the paper) the standard deviation within 4e-2
//! (2 to 50 Hz, tests).

use super::sent::SentAt;

const S_PER_MS: f64 = 1e-3;

/// Terms of the series at most, and what is too small to count.
const MOST_TERMS: i32 = 400;
const NEGLIGIBLE: f64 = 1e-17;

/// The gates of the synapses of one source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gates {
    /// Rise time.
    pub tau_rise_ms: f64,
    /// Decay time.
    pub tau_decay_ms: f64,
    /// Rate at which they open.
    pub alpha_per_ms: f64,
    /// Whether their mean is that of the published series.
    pub by_series: bool,
}

impl Gates {
    /// `q`: what a spike opens of what is closed.
    fn opened(&self) -> f64 {
        -(-self.alpha_per_ms * self.tau_rise_ms).exp_m1()
    }

    /// How fast open gates settle at a rate of the source, `tau_d/(1 + q r tau_d)`.
    pub(super) fn relaxation_ms(&self, rate_hz: f64) -> f64 {
        self.tau_decay_ms / (1.0 + self.opened() * rate_hz * S_PER_MS * self.tau_decay_ms)
    }

    /// `<s>` at a rate of the source, and its derivative in s.
    pub fn open(&self, rate_hz: f64) -> SentAt {
        if self.by_series {
            return self.open_by_series(rate_hz);
        }
        let per_hz = self.tau_decay_ms * S_PER_MS * self.opened();
        let closed = 1.0 / (1.0 + rate_hz * per_hz);
        SentAt { value: rate_hz * per_hz * closed, slope: per_hz * closed * closed }
    }

    fn open_by_series(&self, rate_hz: f64) -> SentAt {
        let Gates { tau_rise_ms, tau_decay_ms, alpha_per_ms, .. } = *self;
        let per_hz = alpha_per_ms * tau_rise_ms * tau_decay_ms * S_PER_MS;
        let closed = 1.0 / (1.0 + rate_hz * per_hz);
        let (mut factor, mut product, mut ln_slope) = (1.0, 1.0, 0.0);
        let (mut sum, mut sum_slope) = (0.0, 0.0);
        for n in 1..=MOST_TERMS {
            let along = tau_rise_ms / closed + f64::from(n) * tau_decay_ms;
            factor *= -alpha_per_ms * tau_rise_ms / f64::from(n + 1);
            product *= f64::from(n) * tau_decay_ms / along;
            ln_slope -= tau_rise_ms * per_hz / along;
            let term = factor * product;
            sum += term;
            sum_slope += term * ln_slope;
            if term.abs() < NEGLIGIBLE {
                break;
            }
        }
        let open = rate_hz * per_hz * closed;
        let more = 1.0 + closed * sum;
        let more_slope = closed * (sum_slope - per_hz * closed * sum);
        SentAt { value: open * more, slope: per_hz * closed * closed * more + open * more_slope }
    }

    /// `Var s`, and its derivative in s.
    pub fn variance(&self, rate_hz: f64) -> SentAt {
        let (opened, tau_s) = (self.opened(), self.tau_decay_ms * S_PER_MS);
        let (first, second) = (tau_s * opened, tau_s * (opened - 0.5 * opened * opened));
        let closed = 1.0 / (1.0 + rate_hz * first);
        let spread = 1.0 / (1.0 + rate_hz * second);
        let per_hz = 0.5 * tau_s * opened * opened * closed * closed * spread;
        let ln_slope = -2.0 * first * closed - second * spread;
        SentAt { value: rate_hz * per_hz, slope: per_hz * (1.0 + rate_hz * ln_slope) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 1e-2;
    const ACCURACY_OF_THE_SPREAD_WITH_A_RISE: f64 = 4e-2;

    fn gates(by_series: bool) -> Gates {
        Gates { tau_rise_ms: 2.0, tau_decay_ms: 100.0, alpha_per_ms: 0.5, by_series }
    }

    /// Mean and standard deviation of a gate over time by the two differential equations, and the rate that the drawn spikes had.
    fn drawn(gates: &Gates, rate_hz: f64) -> [f64; 3] {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let dt_ms = gates.tau_rise_ms / 20.0;
        let (mut s, mut x, mut next_ms) = (0.0, 0.0, 0.0);
        let (mut first, mut second, mut count, mut spikes) = (0.0, 0.0, 0.0, 0.0);
        let duration_ms = 3e6;
        for step in 0..(duration_ms / dt_ms) as u64 {
            let time_ms = step as f64 * dt_ms;
            while next_ms <= time_ms {
                x += 1.0;
                spikes += 1.0;
                next_ms -= 1000.0 / rate_hz * f64::ln(uniform());
            }
            // x in the middle of the step
            let opening = gates.alpha_per_ms * x * f64::exp(-0.5 * dt_ms / gates.tau_rise_ms);
            let total = opening + 1.0 / gates.tau_decay_ms;
            s = opening / total + (s - opening / total) * f64::exp(-total * dt_ms);
            x *= f64::exp(-dt_ms / gates.tau_rise_ms);
            if time_ms > 1000.0 {
                first += s;
                second += s * s;
                count += 1.0;
            }
        }
        let mean: f64 = first / count;
        [mean, (second / count - mean * mean).sqrt(), 1000.0 * spikes / duration_ms]
    }

    #[test]
    fn gates_are_open_as_those_that_follow_their_equations() {
        let fast = Gates { tau_rise_ms: 0.2, alpha_per_ms: 5.0, ..gates(false) };
        for (gates, of_spread) in [(gates(false), ACCURACY_OF_THE_SPREAD_WITH_A_RISE), (fast, ACCURACY)] {
            for rate_hz in [2.0, 5.0, 20.0, 50.0] {
                let [mean, std, rate_hz] = drawn(&gates, rate_hz);
                let (open, spread) = (gates.open(rate_hz).value, gates.variance(rate_hz).value.sqrt());
                println!("{rate_hz} Hz: {open} of {mean}, {spread} of {std}");
                assert!((open / mean - 1.0).abs() < ACCURACY, "{rate_hz} Hz: {open}, drawn {mean}");
                assert!((spread / std - 1.0).abs() < of_spread, "{rate_hz} Hz: {spread}, drawn {std}");
            }
        }
    }

    /// The numbers of the series in the notes on theory, and the sum as it is printed.
    #[test]
    fn the_series_is_the_published_one() {
        let gates = gates(true);
        for (rate_hz, published) in [(5.0, 0.2536), (20.0, 0.5889), (50.0, 0.7869)] {
            let found = gates.open(rate_hz).value;
            assert!((found - published).abs() < 5e-5, "{rate_hz} Hz: {found}, not {published}");
            let x = rate_hz * 0.5 * 2.0 * 0.1;
            let (mut sum, mut factorial) = (0.0, 1.0);
            for n in 1..=14 {
                factorial *= f64::from(n + 1);
                let mut binomial = 1.0;
                let mut of_n = 0.0;
                for k in 0..=n {
                    let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
                    of_n += sign * binomial * 2.0 * (1.0 + x) / (2.0 * (1.0 + x) + f64::from(k) * 100.0);
                    binomial *= f64::from(n - k) / f64::from(k + 1);
                }
                sum += f64::powi(-1.0, n) * of_n / factorial;
            }
            let expected = x / (1.0 + x) * (1.0 + sum / (1.0 + x));
            assert!((found / expected - 1.0).abs() < 1e-11, "{rate_hz} Hz: {found}, not {expected}");
        }
    }

    #[test]
    fn slopes_are_difference_quotients_and_no_gate_is_open_without_spikes() {
        for gates in [gates(false), gates(true), Gates { alpha_per_ms: 5.0, ..gates(true) }] {
            for rate_hz in [0.01, 1.0, 10.0, 100.0] {
                let step = 1e-5 * rate_hz;
                for of in [Gates::open, Gates::variance] {
                    let quotient = (of(&gates, rate_hz + step).value - of(&gates, rate_hz - step).value) / (2.0 * step);
                    let slope = of(&gates, rate_hz).slope;
                    assert!((slope - quotient).abs() < 1e-7 * quotient.abs() + 1e-12, "{rate_hz}: {slope} {quotient}");
                }
                let open = gates.open(rate_hz).value;
                assert!(0.0 < open && open < 1.0, "{open}");
            }
            assert_eq!((gates.open(0.0).value, gates.variance(0.0).value), (0.0, 0.0));
        }
    }
}
