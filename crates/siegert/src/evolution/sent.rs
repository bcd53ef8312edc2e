//! What synapses send whose strength depends on the spikes before, as it follows the rate of their sources.
//!
//! ```text
//! short-term plasticity:   v' = -v/tau_fac + U r (1 - v),    u = U + (1 - U) v,    x' = (1 - x)/tau_rec - u x r;    mean u x r,    noise (u x)^2 r
//! gates of NMDA:           s' = (s(r) - s)/tau(r),    tau(r) = tau_d/(1 + q r tau_d);    mean s/tau_d,    noise n' = (n(r) - n)/tau(r)
//! ```
//!
//! with `s(r)` and `n(r)` those of a stationary rate (`input::Sent`, whose equations these are), so that what stands still is the stationary state, and what moves a little follows its linear response.
//! Over a step, at the rate that arrives in its mean, each variable is an exponential; `x` sees the mean of `u`. A current through gates decays with them: it is not filtered a second time.
//!
//! Source: Tsodyks, Pawelzik and Markram (1998), Neural Comput 10:821, section 3; Brunel and Wang (2001), J Comput Neurosci 11:63, eqs. 6 and 7.
//! Range: sources that fire like Poisson processes, as in `input::Sent`. Where a projection has a law of delays, all its synapses follow the mean of the rates that arrive.

use crate::input::Sent;
use crate::network::Plasticity;
use crate::neuron::lif::MS_PER_S;

/// What a source sends, with what it depends on: use and resources, or what gates add to means and variances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    sent: Sent,
    /// At the beginning of a step, and at its end.
    state: [f64; 2],
    next: [f64; 2],
}

/// What follows `x' = into - rate x` over a step: its end and its mean.
fn followed(from: f64, into: f64, rate: f64, h_ms: f64) -> (f64, f64) {
    if rate.is_nan() || rate <= 0.0 {
        return (from, from);
    }
    let to = into / rate;
    let lost = -(-rate * h_ms).exp_m1();
    (to + (from - to) * (1.0 - lost), to + (from - to) * lost / (rate * h_ms))
}

impl Sending {
    pub(super) fn new(sent: Sent) -> Self {
        let mut sending = Sending { sent, state: [0.0; 2], next: [0.0; 2] };
        sending.settle(0.0);
        sending
    }

    pub(super) fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether what is sent has decayed as the synapse does.
    pub(super) fn is_filtered_already(&self) -> bool {
        matches!(self.sent, Sent::Saturating(_))
    }

    /// As it has been at a rate for long; returns mean and noise.
    pub(super) fn settle(&mut self, hz: f64) -> [f64; 2] {
        let hz = hz.max(0.0);
        self.state = match self.sent {
            Sent::Rate => [0.0; 2],
            Sent::Plastic(Plasticity { U, tau_rec_ms, tau_fac_ms }) => {
                let per_ms = hz / MS_PER_S;
                let v = U * per_ms * tau_fac_ms / (1.0 + U * per_ms * tau_fac_ms);
                let used = U + (1.0 - U) * v;
                [v, 1.0 / (1.0 + used * per_ms * tau_rec_ms)]
            }
            Sent::Saturating(_) => [self.sent.mean(hz).value, self.sent.noise(hz).value],
        };
        self.next = self.state;
        self.at(hz)
    }

    /// A step at a rate that arrives in the mean; returns mean and noise over it.
    pub(super) fn listen(&mut self, hz: f64, h_ms: f64) -> [f64; 2] {
        let [first, second] = self.state;
        match self.sent {
            Sent::Rate => [hz; 2],
            Sent::Plastic(Plasticity { U, tau_rec_ms, tau_fac_ms }) => {
                let per_ms = hz.max(0.0) / MS_PER_S;
                let (end, v) = match tau_fac_ms > 0.0 {
                    true => followed(first, U * per_ms, 1.0 / tau_fac_ms + U * per_ms, h_ms),
                    false => (0.0, 0.0),
                };
                let used = U + (1.0 - U) * v;
                let (left, x) = match tau_rec_ms > 0.0 {
                    true => followed(second, 1.0 / tau_rec_ms, 1.0 / tau_rec_ms + used * per_ms, h_ms),
                    false => (1.0, 1.0),
                };
                self.next = [end, left];
                [used * x * hz, (used * x).powi(2) * hz]
            }
            Sent::Saturating(_) => {
                let rate = 1.0 / self.sent.slowest_ms(hz.max(0.0));
                let [mean, noise] = [self.sent.mean(hz.max(0.0)), self.sent.noise(hz.max(0.0))];
                let (mean_end, mean) = followed(first, mean.value * rate, rate, h_ms);
                let (noise_end, noise) = followed(second, noise.value * rate, rate, h_ms);
                self.next = [mean_end, noise_end];
                [mean, noise]
            }
        }
    }

    /// Mean and noise at the end of the step, at the rate that arrives then.
    pub(super) fn at(&self, hz: f64) -> [f64; 2] {
        match self.sent {
            Sent::Rate => [hz; 2],
            Sent::Plastic(Plasticity { U, .. }) => {
                let part = (U + (1.0 - U) * self.next[0]) * self.next[1];
                [part * hz, part * part * hz]
            }
            Sent::Saturating(_) => self.next,
        }
    }

    /// The step has passed.
    pub(super) fn pass(&mut self) {
        self.state = self.next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Gates;
    use num_complex::Complex64;

    const SENT: [Sent; 3] = [
        Sent::Plastic(Plasticity { U: 0.19, tau_rec_ms: 200.0, tau_fac_ms: 300.0 }),
        Sent::Plastic(Plasticity { U: 0.5, tau_rec_ms: 100.0, tau_fac_ms: 0.0 }),
        Sent::Saturating(Gates { tau_rise_ms: 2.0, tau_decay_ms: 100.0, alpha_per_ms: 0.5, by_series: false }),
    ];

    #[test]
    fn what_stands_still_sends_as_in_a_stationary_state() {
        for sent in SENT {
            for hz in [0.0, 3.0, 40.0] {
                let mut sending = Sending::new(sent);
                for _ in 0..10_000 {
                    sending.listen(hz, 1.0);
                    sending.pass();
                }
                let settled = Sending::new(sent).settle(hz);
                for (k, expected) in [sent.mean(hz).value, sent.noise(hz).value].into_iter().enumerate() {
                    assert!((sending.at(hz)[k] - expected).abs() < 1e-10 * expected.max(1.0), "{sent:?} {hz}");
                    assert!((settled[k] - expected).abs() < 1e-10 * expected.max(1.0), "{sent:?} {hz}");
                }
            }
        }
    }

    #[test]
    fn small_modulations_are_followed_as_the_linear_response_says() {
        let (rate_hz, small, omega, h_ms) = (20.0, 1e-5, std::f64::consts::TAU * 5e-3, 0.1);
        for sent in SENT {
            let mut sending = Sending::new(sent);
            sending.settle(rate_hz);
            let (period, mut sums) = (2000, [Complex64::ZERO; 2]);
            for step in 0..8 * period {
                let [from, to] = [step, step + 1].map(|step| omega * h_ms * f64::from(step));
                let mean = (to.sin() - from.sin()) / (to - from);
                let found = sending.listen(rate_hz * (1.0 + small * mean), h_ms);
                sending.pass();
                if step >= 7 * period {
                    let turn = 2.0 / f64::from(period) * Complex64::cis(-0.5 * (from + to));
                    sums = [0, 1].map(|k| sums[k] + turn * found[k] / (small * rate_hz));
                }
            }
            let lambda = Complex64::new(0.0, omega);
            let filtered = match sent {
                Sent::Saturating(gates) => 1.0 + lambda * gates.tau_decay_ms,
                _ => Complex64::ONE,
            };
            for (found, expected) in sums.into_iter().zip(sent.responses(rate_hz, lambda)) {
                let error = (found - expected / filtered).norm();
                assert!(error < 1e-3 * (expected / filtered).norm(), "{sent:?}: {found} {}", expected / filtered);
            }
        }
    }
}
