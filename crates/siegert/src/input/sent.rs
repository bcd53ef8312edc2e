//! What a source sends at a rate: its spikes as they are, or through synapses whose strength depends on how it fired before.
//!
//! The gates of NMDA are `input::gates`: they send `<s>/tau_decay`, and `2 Var s/tau_decay` to variances.
//!
//! ```text
//! short-term plasticity:   u = U (1 + r tau_fac)/(1 + U r tau_fac),    x = 1/(1 + u r tau_rec)
//! mean      m(r) = u x r                what adds to means, in units of a spike of the whole weight
//! noise     n(r) = (u x)^2 r            what adds to variances
//! modulated  v' = -v/tau_fac + U r (1 - v),    u = U + (1 - U) v,    x' = (1 - x)/tau_rec - u x r,    m(t) = u x r,    n(t) = (u x)^2 r
//! gates      s' = -s/tau_d + q r (1 - s),      relaxing with tau_d/(1 + q r tau_d)
//! ```
//!
//! `r` is the rate of a source, Poisson. `u` and `x` are the mean use and the mean resources at a spike; `u` is exact, `x` and the noise take `u` and `x` for
//! independent of each other and of the intervals before.
//!
//! Source: Tsodyks, Pawelzik and Markram (1998), Neural Comput 10:821, section 3; Mongillo, Barak and Tsodyks (2008), Science 319:1543, supporting material.
//! Range: sources that fire like Poisson processes; the noise is that of single spikes, which leaves out that a depressing synapse sends more regularly at low frequencies.
//! Accuracy: of the mean 3e-2, relative (exact without facilitation), of the noise 0.1 below 5 Hz and up to 0.5 beyond (against drawn trains, tests).

use num_complex::Complex64;

use super::gates::Gates;
use crate::network::Plasticity;

const S_PER_MS: f64 = 1e-3;

/// What a source sends at a rate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Sent {
    /// Its spikes as they are.
    #[default]
    Rate,
    /// Spikes through synapses with short-term plasticity.
    Plastic(Plasticity),
    /// The open gates of NMDA, which saturate.
    Saturating(Gates),
}

/// What is sent, and its derivative with the rate of the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SentAt {
    /// What is sent, per s, in units of spikes of the whole weight.
    pub value: f64,
    /// Per Hz of the source.
    pub slope: f64,
}

impl SentAt {
    fn over(self, time_s: f64) -> Self {
        SentAt { value: self.value / time_s, slope: self.slope / time_s }
    }
}

impl Sent {
    /// Whether it is the rate itself.
    pub fn is_rate(self) -> bool {
        self == Sent::Rate
    }

    /// What a source of this rate sends in the mean, per s.
    pub fn mean(self, rate_hz: f64) -> SentAt {
        match self {
            Sent::Rate => SentAt { value: rate_hz, slope: 1.0 },
            Sent::Plastic(plasticity) => {
                let (part, slope) = part(&plasticity, rate_hz);
                SentAt { value: part * rate_hz, slope: slope * rate_hz + part }
            }
            Sent::Saturating(gates) => gates.open(rate_hz).over(gates.tau_decay_ms * S_PER_MS),
        }
    }

    /// What it adds to variances, per s.
    pub fn noise(self, rate_hz: f64) -> SentAt {
        match self {
            Sent::Rate => SentAt { value: rate_hz, slope: 1.0 },
            Sent::Plastic(plasticity) => {
                let (part, slope) = part(&plasticity, rate_hz);
                SentAt { value: part * part * rate_hz, slope: part * (2.0 * slope * rate_hz + part) }
            }
            Sent::Saturating(gates) => gates.variance(rate_hz).over(0.5 * gates.tau_decay_ms * S_PER_MS),
        }
    }

    /// What is sent follows `exp(lambda t)` of a rate: by mean and by noise, per Hz of the source; at `lambda = 0` the slopes of [`Sent::mean`] and [`Sent::noise`].
    pub fn responses(self, rate_hz: f64, lambda_per_ms: Complex64) -> [Complex64; 2] {
        match self {
            Sent::Rate => [Complex64::ONE; 2],
            Sent::Plastic(plasticity) => responses_of_plasticity(&plasticity, rate_hz, lambda_per_ms),
            // a current through gates decays with them
            Sent::Saturating(gates) => {
                let decaying = 1.0 + lambda_per_ms * gates.tau_decay_ms;
                let relaxing = 1.0 + lambda_per_ms * gates.relaxation_ms(rate_hz);
                [self.mean(rate_hz), self.noise(rate_hz)].map(|sent| sent.slope * decaying / relaxing)
            }
        }
    }

    /// The slowest time constant with which it follows a rate; 0 where it follows at once.
    pub fn slowest_ms(self, rate_hz: f64) -> f64 {
        match self {
            Sent::Rate => 0.0,
            Sent::Plastic(Plasticity { U, tau_rec_ms, tau_fac_ms }) => {
                let (used, per_ms) = (used(U, rate_hz * tau_fac_ms * S_PER_MS), rate_hz * S_PER_MS);
                let [of_use, of_resources] =
                    [(tau_fac_ms, U), (tau_rec_ms, used)].map(|(tau_ms, by)| tau_ms / (1.0 + by * per_ms * tau_ms));
                of_use.max(of_resources)
            }
            Sent::Saturating(gates) => gates.relaxation_ms(rate_hz),
        }
    }

    /// The part of its weight that a spike brings in the mean, at a rate of the source.
    pub fn part(self, rate_hz: f64) -> f64 {
        match self {
            Sent::Rate => 1.0,
            Sent::Plastic(plasticity) => part(&plasticity, rate_hz).0,
            Sent::Saturating(_) if rate_hz > 0.0 => self.mean(rate_hz).value / rate_hz,
            Sent::Saturating(_) => self.mean(rate_hz).slope,
        }
    }
}

/// `u` at the spikes within `tau_fac`.
fn used(U: f64, spikes: f64) -> f64 {
    U * (1.0 + spikes) / (1.0 + U * spikes)
}

/// The equations of the header, linear in small deviations of `v`, `x` and the rate.
fn responses_of_plasticity(plasticity: &Plasticity, rate_hz: f64, lambda_per_ms: Complex64) -> [Complex64; 2] {
    let Plasticity { U, tau_rec_ms, tau_fac_ms } = *plasticity;
    let per_ms = rate_hz * S_PER_MS;
    let u = used(U, per_ms * tau_fac_ms);
    let x = 1.0 / (1.0 + u * per_ms * tau_rec_ms);
    // u = U + (1 - U) v
    let closed = 1.0 / (1.0 + U * per_ms * tau_fac_ms);
    let d_u = (1.0 - U) * U * closed * tau_fac_ms / (1.0 + tau_fac_ms * (lambda_per_ms + U * per_ms));
    let d_x = -x * tau_rec_ms * (per_ms * d_u + u) / (1.0 + tau_rec_ms * (lambda_per_ms + u * per_ms));
    // of u x, a number, per spike in a ms
    let d_part = x * d_u + u * d_x;
    [u * x + per_ms * d_part, u * x * (u * x + 2.0 * per_ms * d_part)]
}

/// `u x`, and its derivative with the rate in Hz.
fn part(plasticity: &Plasticity, rate_hz: f64) -> (f64, f64) {
    let Plasticity { U, tau_rec_ms, tau_fac_ms } = *plasticity;
    let (rec, fac) = (tau_rec_ms * S_PER_MS, tau_fac_ms * S_PER_MS);
    let facilitated = 1.0 + U * rate_hz * fac;
    let u = U * (1.0 + rate_hz * fac) / facilitated;
    let du = U * fac * (1.0 - U) / (facilitated * facilitated);
    let depressed = 1.0 + u * rate_hz * rec;
    let x = 1.0 / depressed;
    let dx = -x * x * rec * (u + rate_hz * du);
    (u * x, du * x + u * dx)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNAPSES: [Plasticity; 4] = [
        Plasticity { U: 0.19, tau_rec_ms: 200.0, tau_fac_ms: 1500.0 },
        Plasticity { U: 0.5, tau_rec_ms: 800.0, tau_fac_ms: 0.0 },
        Plasticity { U: 0.05, tau_rec_ms: 100.0, tau_fac_ms: 1000.0 },
        Plasticity { U: 0.5, tau_rec_ms: 500.0, tau_fac_ms: 20.0 },
    ];

    /// `<u x>` and `<(u x)^2>` over spikes of Poisson trains, by the rule of the simulator: 400 trains of 2,000 spikes.
    fn drawn(plasticity: &Plasticity, rate_hz: f64) -> [f64; 2] {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let (mut first, mut second, mut count) = (0.0, 0.0, 0.0);
        for _ in 0..400 {
            let (mut u, mut x) = (plasticity.U, 1.0);
            for spike in 0..2000 {
                let interval_ms = -1000.0 / rate_hz * uniform().ln();
                let left = |tau_ms: f64| if tau_ms > 0.0 { (-interval_ms / tau_ms).exp() } else { 0.0 };
                x = 1.0 + (x - u * x - 1.0) * left(plasticity.tau_rec_ms);
                u = plasticity.U + (1.0 - plasticity.U) * left(plasticity.tau_fac_ms) * u;
                if spike >= 200 {
                    first += u * x;
                    second += u * u * x * x;
                    count += 1.0;
                }
            }
        }
        [first / count, second / count]
    }

    #[test]
    fn what_plastic_synapses_send_is_nearly_that_of_drawn_trains() {
        for plasticity in SYNAPSES {
            for rate_hz in [0.5, 2.0, 6.0, 20.0, 60.0] {
                let [first, second] = drawn(&plasticity, rate_hz);
                let sent = Sent::Plastic(plasticity);
                let mean = sent.mean(rate_hz).value / (rate_hz * first) - 1.0;
                let noise = sent.noise(rate_hz).value / (rate_hz * second) - 1.0;
                println!("{plasticity:?} {rate_hz} Hz: mean {:.2} %, noise {:.1} %", 100.0 * mean, 100.0 * noise);
                // sampling errors of some thousandths
                let exact = if plasticity.tau_fac_ms == 0.0 { 5e-3 } else { 3e-2 };
                assert!(mean.abs() < exact, "{plasticity:?} {rate_hz}: {mean}");
                let allowed = if rate_hz < 5.0 { 0.12 } else { 0.5 };
                assert!(noise.abs() < allowed, "{plasticity:?} {rate_hz}: {noise}");
            }
        }
    }

    /// Beside the equations themselves, in small steps over a hundred periods.
    #[test]
    fn modulated_rates_are_followed_as_the_equations_of_use_and_resources_do() {
        for plasticity in SYNAPSES {
            let Plasticity { U, tau_rec_ms, tau_fac_ms } = plasticity;
            let sent = Sent::Plastic(plasticity);
            for (rate_hz, frequency_hz) in [(3.0, 0.3), (20.0, 2.0), (50.0, 20.0)] {
                let omega = std::f64::consts::TAU * frequency_hz * S_PER_MS;
                let at_rest = sent.responses(rate_hz, Complex64::ZERO);
                for (found, expected) in at_rest.into_iter().zip([sent.mean(rate_hz), sent.noise(rate_hz)]) {
                    assert!((found - expected.slope).norm() < 1e-13, "{plasticity:?}: {found} {expected:?}");
                }
                let (period_ms, steps) = (1.0 / frequency_hz / S_PER_MS, 4000);
                let dt_ms = period_ms / f64::from(steps);
                let periods = (20.0 * tau_fac_ms.max(tau_rec_ms) / period_ms) as i32 + 2;
                let slopes = |t_ms: f64, [v, x]: [f64; 2]| {
                    let r = rate_hz * S_PER_MS * (1.0 + 1e-5 * (omega * t_ms).cos());
                    let v = if tau_fac_ms > 0.0 { v } else { 0.0 };
                    let u = U + (1.0 - U) * v;
                    let relaxing = if tau_fac_ms > 0.0 { -v / tau_fac_ms + U * r * (1.0 - v) } else { 0.0 };
                    ([relaxing, (1.0 - x) / tau_rec_ms - u * x * r], [u * x * r, u * u * x * x * r])
                };
                let (mut state, mut sums) = ([0.0, 1.0], [Complex64::ZERO; 2]);
                for step in 0..periods * steps {
                    let t_ms = f64::from(step) * dt_ms;
                    let moved = |by: [f64; 2], h: f64| [state[0] + h * by[0], state[1] + h * by[1]];
                    let (first, sent) = slopes(t_ms, state);
                    let (second, _) = slopes(t_ms + 0.5 * dt_ms, moved(first, 0.5 * dt_ms));
                    if step >= (periods - 1) * steps {
                        let turn = 2.0 / f64::from(steps) * Complex64::cis(-omega * t_ms);
                        sums = [0, 1].map(|k| sums[k] + turn * sent[k]);
                    }
                    state = moved(second, dt_ms);
                }
                let found = sent.responses(rate_hz, Complex64::new(0.0, omega));
                for k in 0..2 {
                    let expected = sums[k] / (1e-5 * rate_hz * S_PER_MS);
                    assert!((found[k] - expected).norm() < 1e-4, "{plasticity:?} {k}: {} {expected}", found[k]);
                }
            }
        }
    }

    #[test]
    fn gates_relax_faster_the_more_of_them_are_open() {
        let gates = Gates { tau_rise_ms: 2.0, tau_decay_ms: 100.0, alpha_per_ms: 0.5, by_series: false };
        let (sent, rate_hz) = (Sent::Saturating(gates), 20.0);
        let slope = sent.mean(rate_hz).slope;
        assert_eq!(sent.responses(rate_hz, Complex64::ZERO)[0], Complex64::from(slope));
        // s_1 = q (1 - s)/(lambda + 1/tau_d + q r), over tau_d
        let lambda = Complex64::new(0.0, 0.05);
        let q = 1.0 - (-1.0_f64).exp();
        let closed = 1.0 - gates.open(rate_hz).value;
        let expected = q * closed / (lambda + 0.01 + q * 0.02) / 100.0;
        let found = sent.responses(rate_hz, lambda)[0] / (1.0 + lambda * 100.0);
        assert!((found - expected).norm() < 1e-12 * expected.norm(), "{found} {expected}");
    }

    #[test]
    fn slopes_are_difference_quotients_and_what_is_sent_by_rare_spikes_is_a_part_of_them() {
        for plasticity in SYNAPSES {
            let sent = Sent::Plastic(plasticity);
            for rate_hz in [0.01, 1.0, 10.0, 100.0] {
                let step = 1e-5 * rate_hz;
                for of in [Sent::mean, Sent::noise] {
                    let quotient = (of(sent, rate_hz + step).value - of(sent, rate_hz - step).value) / (2.0 * step);
                    let slope = of(sent, rate_hz).slope;
                    assert!((slope - quotient).abs() < 1e-8 * quotient.abs().max(1e-3), "{slope} {quotient}");
                }
            }
            assert_eq!(sent.mean(0.0), SentAt { value: 0.0, slope: plasticity.U });
            assert_eq!(sent.part(0.0), plasticity.U);
        }
    }
}
