//! Silence of populations that are driven exactly to threshold without noise: a state that the least spike may end.
//!
//! A mean input of `V_th` without noise makes no spikes: the potential comes near to threshold and never reaches it. Near this
//! the rate rises faster than any linear function. With `sigma^2 = s r` from the rate `r` of a population that is heard, the
//! integral of Siegert's formula over `-(V_th - V_reset)/sigma .. 0` is `ln((V_th - V_reset)/sigma)` and a constant, so
//!
//! ```text
//! Phi(r) -> 2 / (tau_m ln(1/r))
//! ```
//!
//! (the mean moves as `r`, by less than `sigma`, and drops out). A population `b` below threshold that hears no other noise answers with
//! `exp(-(V_th - mu)^2/(s r))`, flatter than any power. So a cycle of silent populations, each hearing the one before,
//! amplifies the least spike where more of its members are at threshold than below. Where as many are, a pair of `a`, at
//! threshold, and `b` makes `r -> r^p`, `p = tau_m,a (V_th - mu)_b^2 / (2 s_ba)`, and amplifies for `p < 1`; longer such
//! cycles are taken for quiet ones.
//!
//! Such a state is left, and its index is 0: with ever so little more input there is no state near it.
//!
//! A rate that is 0 as a number but for its logarithm, as that of a population far below threshold in weak noise, would by the
//! formula make the population fire, too: once in as many `tau_m` as the logarithm counts. By the rule that such rates
//! are felt by nobody it is silent. Whether it would stay near silence follows from the other states, if all are known: all
//! indices together are 1.

use super::map::RateMap;
use super::newton::{ln_rate, rates};

/// Rates and variances up to this are nothing but for their logarithms.
const LEAST: f64 = 1e-290;

/// What a population does in silence with spikes that it hears.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Role {
    /// It fires.
    Firing,
    /// Noise makes it fire at a rate that is 0 as a number; rare spikes change nothing about it.
    Rare,
    /// At threshold, without noise.
    AtThreshold,
    /// Below threshold, without noise.
    Below,
}

/// The populations of a state, and their roles.
pub(super) struct Roles<'a> {
    map: &'a RateMap,
    rates_hz: Vec<f64>,
    roles: Vec<Role>,
}

impl<'a> Roles<'a> {
    pub(super) fn new(map: &'a RateMap, u: &[f64]) -> Self {
        let rates_hz = rates(u);
        let role = |a: usize| {
            if rates_hz[a] > LEAST {
                return Role::Firing;
            }
            let [mean, variance] = map.mean_and_variance(a, &rates_hz);
            let threshold = map.transfers[a].rheobase_mv();
            // what is said of silence at threshold is said of the LIF neuron
            let is_lif = map.transfers[a].lif().is_some();
            match () {
                () if is_lif && variance <= LEAST && mean == threshold => Role::AtThreshold,
                () if ln_rate(u[a]) > f64::NEG_INFINITY => Role::Rare,
                () => Role::Below,
            }
        };
        let roles = (0..map.len()).map(role).collect();
        Roles { map, rates_hz, roles }
    }

    /// Whether the least spike ends the silence of populations driven exactly to threshold without noise.
    pub(super) fn are_ended_by_a_spike(map: &RateMap, u: &[f64]) -> bool {
        // noise from outside leaves none of them at threshold
        let may_be = (0..map.len()).any(|a| !map.has_noise_from_outside(a, LEAST));
        may_be && Roles::new(map, u).end_by_a_spike()
    }

    fn end_by_a_spike(&self) -> bool {
        let at_threshold: Vec<usize> = (0..self.roles.len()).filter(|&a| self.is_at_threshold(a)).collect();
        !at_threshold.is_empty()
            && (at_threshold.iter().any(|&a| self.is_in_amplifying_pair(a)) || self.have_rising_cycle())
    }

    /// Whether a population is silent because its input is its threshold and has no noise.
    pub(super) fn is_at_threshold(&self, a: usize) -> bool {
        self.roles[a] == Role::AtThreshold
    }

    /// Whether a population at threshold hears one that fires, but at a rate that is 0 as a number.
    pub(super) fn hear_rare_spikes(&self) -> bool {
        let rare = |a: usize| (0..self.roles.len()).any(|b| self.roles[b] == Role::Rare && self.hears(a, b));
        (0..self.roles.len()).any(|a| self.is_at_threshold(a) && rare(a))
    }

    fn hears(&self, a: usize, b: usize) -> bool {
        self.map.hears(a, b)
    }

    /// Whether one below threshold answers `a`, at threshold, with more than it takes to keep it going.
    fn is_in_amplifying_pair(&self, a: usize) -> bool {
        let tau_m_s = self.map.transfers[a].time_constant_ms() / 1000.0;
        let answers = |b: usize| {
            let distance = self.map.transfers[b].rheobase_mv() - self.map.mean_and_variance(b, &self.rates_hz)[0];
            tau_m_s * distance * distance < 2.0 * self.map.sums.variance().per_hz[(b, a)]
        };
        (0..self.roles.len())
            .any(|b| self.roles[b] == Role::Below && self.hears(a, b) && self.hears(b, a) && answers(b))
    }

    /// Whether more members of a cycle are at threshold than below: a cycle of positive weight, found by longest ways (Floyd
    /// and Warshall).
    fn have_rising_cycle(&self) -> bool {
        let n = self.roles.len();
        let weight = |a: usize| match self.roles[a] {
            Role::AtThreshold => Some(1),
            Role::Below => Some(-1),
            Role::Firing | Role::Rare => None,
        };
        let way = |a: usize, b: usize| weight(a).filter(|_| weight(b).is_some() && self.hears(a, b));
        let mut longest: Vec<Option<i64>> = (0..n * n).map(|i| way(i / n, i % n)).collect();
        for via in 0..n {
            for i in 0..n * n {
                if let (Some(first), Some(second)) = (longest[i / n * n + via], longest[via * n + i % n]) {
                    // a sum that a rising cycle feeds is as good as any other positive number
                    let sum = (first + second).min(n as i64);
                    longest[i] = Some(longest[i].map_or(sum, |known| known.max(sum)));
                }
            }
        }
        (0..n).any(|a| longest[a * n + a].is_some_and(|weight| weight > 0))
    }
}
