//! What the spikes before tell of the neurons left, and spikes drawn from it: the mesoscopic equation.
//!
//! ```text
//! A(t) = n/(N h),    n binomial of mean N h (r(t) + c(t)),    r(t) = int P(t|t') A(t') dt',    D(t) = 1 - int S(t|t') A(t') dt'
//! c = q D + (1/s - q) x,    (w/s) dx/dt = D - x,    s = sqrt(k2),    w = sqrt(max(k2^2/2 - k4/12, 0)),    q = 2/(s + sqrt(k2 + 2 w))
//! ```
//!
//! `P(t|t')` is the density of the intervals of a neuron that spiked at `t'` and has heard what the population heard since, `S` what has survived. The sum over the classes of neurons that spiked
//! together needs no class: it is the flux of one density into which `A` is put, so that `P` is that of the neuron itself, exactly, at any input and for any neuron that is its potential alone (no escape rate
//! is fitted), at the cost of a density. `D` is what the classes lack for 1: it is negative where more spiked than were expected to.
//!
//! Schwalger, Deger and Gerstner (2017) have `c = Lambda D` with a mean `Lambda` of the hazard over the classes. Around a state, `A - r - c` being white with `r/N`, the spectrum is
//!
//! ```text
//! N S(f) = r |G|^2/|1 - rho|^2,    G = i w/(i w + Lambda), to be compared with |G|^2 = 1 - |rho|^2 of independent neurons
//! ```
//!
//! which a hazard that is constant after a refractory time has exactly, with `Lambda` one over the standard deviation of the intervals. `k2` and `k4` are the second and fourth cumulant of the intervals of the neuron at the input of
//! late: with them `1/|G|^2 - 1` is that of `1/(1 - |rho|^2) - 1` up to the fourth power of the frequency, `k2 w^2 + w^4 (k2^2/2 - k4/12)` over one more, `c` being what the one
//! causal `G` of that power asks for. It is `D/s` where the bracket is 0 or below.
//!
//! Source: Schwalger, Deger and Gerstner (2017), PLoS Comput Biol 13:e1005507 (population equation of renewal neurons in discrete time); the second term of `c` is derived here.
//! Accuracy: `|G|^2` within 2.5 % of `1 - |rho|^2` at every frequency for a `lif` whose CV is 0.35 or more, 5 % at 0.2 (with `Lambda` alone, 18 %); the activity of the first intervals after the start
//! fluctuates less, as if all had been expected before.

use rand_distr::{Binomial, Distribution};

use super::grained;
use crate::evolution::line::Moves;
use crate::evolution::population::Population;
use crate::numerics::random::{Sequence, Stream};

/// Between looks at what intervals are like, over the membrane time constant.
const LOOK: f64 = 0.1;

/// What intervals between spikes are like.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Intervals {
    /// Standard deviation, `s`.
    std_ms: f64,
    /// `w`.
    shape_ms2: f64,
}

/// Of neurons that start at a node and move until they spike, by the moments of the time that takes.
fn intervals(moves: &Moves, reset: usize, times: &mut Vec<f64>) -> Intervals {
    let n = moves.up.len();
    times.clear();
    times.resize(n, 0.0);
    times[reset] = 1.0;
    // moments over factorials and powers of the mean
    let (mut mean_ms, mut moments) = (1.0, [0.0; 4]);
    for (power, moment) in moments.iter_mut().enumerate() {
        // what comes in at each node goes out at the top
        let mut through = 0.0;
        times.iter_mut().for_each(|time| {
            through += *time;
            *time = through;
        });
        let mut above = 0.0;
        for i in (0..n).rev() {
            above = (times[i] + moves.down[i] * above) / moves.up[i];
            times[i] = above;
        }
        let sum: f64 = times.iter().sum();
        if power == 0 {
            mean_ms = sum;
        }
        *moment = if power == 0 { 1.0 } else { sum / mean_ms };
        times.iter_mut().for_each(|time| *time /= mean_ms);
    }
    let [m1, m2, m3, m4] = [moments[0], 2.0 * moments[1], 6.0 * moments[2], 24.0 * moments[3]];
    let k2 = m2 - m1 * m1;
    let k4 = m4 - 4.0 * m3 * m1 - 3.0 * m2 * m2 + 12.0 * m2 * m1 * m1 - 6.0 * m1.powi(4);
    match (mean_ms * mean_ms).is_finite() && k2 > 0.0 && k4.is_finite() {
        true => Intervals {
            std_ms: mean_ms * k2.sqrt(),
            shape_ms2: mean_ms * mean_ms * (k2 * k2 / 2.0 - k4 / 12.0).max(0.0).sqrt(),
        },
        // spikes that hardly ever come are those of a Poisson process
        false => Intervals { std_ms: if mean_ms > 0.0 { mean_ms } else { f64::INFINITY }, shape_ms2: 0.0 },
    }
}

/// The correction of one population, and its spikes.
pub(super) struct Correction {
    size: u64,
    random: Sequence,
    /// `D`.
    missing: f64,
    /// `x`.
    filtered: f64,
    /// The moves of late, in the mean.
    late: Moves,
    intervals: Intervals,
    until_look_ms: f64,
    space: Vec<f64>,
}

impl Correction {
    /// None so far.
    pub(super) fn new(size: u64, random: Stream) -> Self {
        Correction {
            size: size.max(1),
            random: random.sequence(),
            missing: 0.0,
            filtered: 0.0,
            late: Moves::default(),
            intervals: Intervals { std_ms: f64::INFINITY, shape_ms2: 0.0 },
            until_look_ms: 0.0,
            space: Vec::new(),
        }
    }

    /// `D`.
    pub(super) fn missing(&self) -> f64 {
        self.missing
    }

    /// Spikes of a step in which the classes are expected to send some.
    pub(super) fn step(&mut self, population: &Population, expected: f64, h_ms: f64) -> f64 {
        self.look(population, h_ms);
        let Intervals { std_ms, shape_ms2 } = self.intervals;
        // no faster than a step
        let std_ms = std_ms.max(2.0 * h_ms);
        let fast = 2.0 / (std_ms + (std_ms * std_ms + 2.0 * shape_ms2).sqrt());
        let more = fast * self.missing + (1.0 / std_ms - fast) * self.filtered;
        let probability = (expected + h_ms * more).clamp(0.0, 1.0);
        let drawn = Binomial::new(self.size, probability).map_or(0, |law| law.sample(&mut self.random));
        let spikes = grained(drawn as f64 / self.size as f64);
        self.missing += expected - spikes;
        let lost = if shape_ms2 > 0.0 { -(-h_ms * std_ms / shape_ms2).exp_m1() } else { 1.0 };
        self.filtered += lost * (self.missing - self.filtered);
        spikes
    }

    /// Follows what the neurons hear, and now and then finds what intervals are like.
    fn look(&mut self, population: &Population, h_ms: f64) {
        let moves = population.moves();
        if self.late.up.len() == moves.up.len() {
            let part = (h_ms / population.tau_m_ms()).min(1.0);
            let follow = |late: &mut [f64], now: &[f64]| {
                late.iter_mut().zip(now).for_each(|(late, now)| *late += part * (now - *late));
            };
            follow(&mut self.late.up, &moves.up);
            follow(&mut self.late.down, &moves.down);
        } else {
            self.late = moves.clone();
        }
        self.until_look_ms -= h_ms;
        if self.until_look_ms <= 0.0 {
            self.until_look_ms = LOOK * population.tau_m_ms();
            self.intervals = intervals(&self.late, population.reset(), &mut self.space);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_a_chain_that_only_goes_up_are_those_of_the_gamma_law() {
        for (nodes, per_ms) in [(1, 0.02), (1, 1e-40), (4, 0.1), (30, 2.0), (400, 10.0)] {
            let moves = Moves { up: vec![per_ms; nodes], down: vec![0.0; nodes] };
            let found = intervals(&moves, 0, &mut Vec::new());
            let k = nodes as f64;
            let expected = [k.sqrt() / per_ms, (0.5 * (k * k - k)).sqrt() / (per_ms * per_ms)];
            assert!((found.std_ms / expected[0] - 1.0).abs() < 1e-11, "{nodes}: {found:?} {expected:?}");
            // the cumulants are differences of moments
            let error = (found.shape_ms2 - expected[1]).abs() / (found.std_ms * found.std_ms);
            assert!(error < 1e-6, "{nodes}: {found:?} {expected:?}");
        }
    }

    #[test]
    fn neurons_that_hardly_ever_spike_are_a_poisson_process() {
        // a barrier that is climbed once in 1e300 ms: powers of that are no numbers
        let (up, down) = (vec![1e-3; 100], vec![1.0; 100]);
        let found = intervals(&Moves { up, down }, 0, &mut Vec::new());
        assert!(found.std_ms > 1e290 && found.shape_ms2 >= 0.0 && !found.shape_ms2.is_nan(), "{found:?}");
    }
}
