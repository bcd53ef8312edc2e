//! By how much the neurons at each node differ from what is expected: the noise of `N` neurons that move by themselves.
//!
//! ```text
//! m = y + delta,    y the density of one neuron (what is expected of it given what it hears),    N Cov(delta) = diag(y) - y y^T
//! (1 - h A) delta(t + h) = delta(t) + (what comes back from refractoriness) + (g_(i-1/2) - g_(i+1/2))/sqrt N,    spikes: h J(V_th) of delta + g_last/sqrt N
//! Cov(g) = diag(h (up_i y_i + down_i y_(i+1))) + h^2 F diag(y) F^T,    (F x)_i = up_i x_i - down_i x_(i+1)
//! ```
//!
//! Each move of a neuron across a face is taken from one node and put to the next, each spike is taken from the last node, so that nothing is lost: `sum delta` and what is refractory of it remain 0.
//! A noise on the threshold's flux alone, of `r/N`, has the spectrum `r/|1 - rho|^2` for neurons that are independent, without end at frequency 0 (`rho` the transform of the intervals); theirs is
//! `r (1 - |rho|^2)/|1 - rho|^2`. The rest is the noise of the diffusion within the density, which stands here.
//!
//! The noise `g` is the one with which this step, backward Euler's, keeps the covariance of `N` independent neurons: with `y(t + h) = (1 - h A)^-1 y(t)` each of them moves by a random matrix of
//! probabilities, `R = (1 - h A)^-1`, so that what is drawn has `N Cov = diag(y(t + h)) - R diag(y(t)) R^T`; with `(1 - h A)` on both sides that is the covariance of `g`. Faces are correlated with their neighbours only: a factor of Cholesky of two diagonals, one random number a face. Amplitudes are those of `y`, which is never negative, rather than
//! of a density that fluctuates: so a node with less than one neuron in it counts with what it has in the mean.
//!
//! Source: derived here. Noise of diffusing particles on the flux: Dean (1996), J Phys A 29:L613.
//! Accuracy: covariances to rounding at a constant input (tests). A neuron's time to the threshold `T` is counted in steps of random length: its variance is larger by `h T`.

use rand::RngExt;
use rand_distr::StandardNormal;

use super::grained;
use crate::evolution::input::Felt;
use crate::evolution::line::{Factors, Masses};
use crate::evolution::past::Past;
use crate::evolution::population::Population;
use crate::numerics::random::{Sequence, Stream};

/// The fluctuation of one population.
pub(super) struct Fluctuation {
    /// `1/sqrt N`.
    scale: f64,
    random: Sequence,
    masses: Masses,
    factors: Factors,
    /// What the factors are for.
    factored: Option<(Felt, f64)>,
    /// Of the neurons that are refractory at time 0, how many more there are than expected.
    refractory: f64,
    t_ref_ms: f64,
}

impl Fluctuation {
    /// None, as where all neurons are at one potential.
    pub(super) fn new(population: &Population, size: u64, random: Stream) -> Self {
        Fluctuation {
            scale: 1.0 / (size.max(1) as f64).sqrt(),
            random: random.sequence(),
            masses: Masses::default(),
            factors: Factors::default(),
            factored: None,
            refractory: 0.0,
            t_ref_ms: population.t_ref_ms(),
        }
    }

    /// That of neurons drawn from the density of a population, with what it sent before.
    pub(super) fn settle(&mut self, population: &Population, past: &Past) {
        let expected = population.masses();
        let mut drawn = |mass: f64| self.scale * mass.max(0.0).sqrt() * self.random.sample::<f64, _>(StandardNormal);
        let mut masses: Vec<f64> = expected.iter().map(|mass| drawn(*mass)).collect();
        let part = past.spikes_until(0.0) - past.spikes_until(-self.t_ref_ms);
        let refractory = drawn(part);
        // those that spike at once are as many as they are
        let sum = (masses.iter().sum::<f64>() + refractory) / (expected.iter().sum::<f64>() + part);
        masses.iter_mut().zip(expected).for_each(|(mass, expected)| *mass -= expected * sum);
        self.refractory = refractory - part * sum;
        self.masses = Masses::new(masses);
    }

    /// By how much there are more neurons at each node than expected.
    pub(super) fn masses(&self) -> &[f64] {
        &self.masses.now
    }

    /// Of those refractory at time 0, what is left at a time; they come back evenly.
    fn left(&self, at_ms: f64) -> f64 {
        if at_ms < self.t_ref_ms { self.refractory * (1.0 - at_ms / self.t_ref_ms) } else { 0.0 }
    }

    /// One step after one of the population; returns by how much more it spikes than a neuron is expected to, from what all and what one sent before.
    pub(super) fn step(
        &mut self,
        population: &Population,
        felt: Felt,
        (past, expected): (&Past, &Past),
        (from_ms, to_ms): (f64, f64),
    ) -> f64 {
        let h_ms = to_ms - from_ms;
        let (moves, reset, t_ref_ms) = (population.moves(), population.reset(), self.t_ref_ms);
        let at_once = (t_ref_ms == 0.0).then_some(reset);
        let y = population.masses();
        let n = y.len();
        let is_factored = self.factored.is_some_and(|(known, known_ms)| {
            known == felt && (known_ms - h_ms).abs() <= 1e-9 * h_ms && self.masses.now.len() == n
        });
        // steps whose factors are those of another by rounding are that one
        let h_ms = match self.factored.filter(|_| is_factored) {
            Some((_, known_ms)) => known_ms,
            None => {
                self.factors.set(moves, h_ms, at_once);
                self.factored = Some((felt, h_ms));
                h_ms
            }
        };
        // nodes are added below
        let added = n - self.masses.now.len().min(n);
        self.masses.now.splice(0..0, std::iter::repeat_n(0.0, added));
        let delta = &mut self.masses.now;
        let (mut before, mut shared, mut below) = (0.0, 0.0, 0.0);
        for i in 0..n {
            let mass = y[i].max(0.0);
            let (up, down) = (h_ms * moves.up[i], h_ms * moves.down[i]);
            let above = y.get(i + 1).map_or(0.0, |above| above.max(0.0));
            let variance = up * (1.0 + up) * mass + down * (1.0 + down) * above - shared * shared;
            let own = variance.max(0.0).sqrt();
            let drawn: f64 = self.random.sample(StandardNormal);
            let flux = self.scale * (own * drawn + shared * before);
            delta[i] += below - flux;
            (below, before) = (flux, drawn);
            let next_up = moves.up.get(i + 1).map_or(0.0, |up| h_ms * up);
            shared = if own > 0.0 { -down * next_up * above / own } else { 0.0 };
        }
        if at_once.is_some() {
            delta[reset] += below;
        }
        let entering = match at_once {
            Some(_) => 0.0,
            None => {
                let [from, to] = [from_ms, to_ms].map(|at_ms| at_ms - t_ref_ms);
                let more = |past: &Past| past.spikes_until(to) - past.spikes_until(from);
                more(past) - more(expected) + self.left(from_ms) - self.left(to_ms)
            }
        };
        let lost = below + self.masses.step_of_first_order(moves, &self.factors, h_ms, reset, entering / h_ms);
        if at_once.is_some() {
            return lost;
        }
        let spikes = grained(lost);
        self.masses.now[reset] += lost - spikes;
        spikes
    }

    /// All of it, what is refractory of it included: 0 but for rounding.
    pub(super) fn whole(&self, past: &Past, expected: &Past, at_ms: f64) -> f64 {
        let refractory = |past: &Past| past.spikes_until(at_ms) - past.spikes_until(at_ms - self.t_ref_ms);
        self.masses.now.iter().sum::<f64>() + refractory(past) - refractory(expected) + self.left(at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evolution::mesh;
    use crate::neuron::lif::SynapticFilter;
    use crate::testing::TestNetwork;
    use crate::transfer::Transfer;

    /// The variances, over time, of the part of 100 neurons below the reset, above it and refractory, which it takes a while to come to from none.
    #[test]
    fn neurons_are_distributed_as_if_each_were_drawn_from_the_density() {
        for t_ref in ["2 ms", "0 ms"] {
            let network = TestNetwork::one_population(100).neuron("t_ref", t_ref).noise("A", 18.0, 5.0).read();
            let neuron = *Transfer::new(&network, 0, SynapticFilter::Ignore).unwrap().model();
            let accuracy = 0.01;
            let line = mesh::line(&neuron, &[(18.0, 5.0)], accuracy).unwrap();
            let mut population = Population::new(neuron, line, accuracy, None);
            let felt = Felt::white(18.0, 25.0);
            let rate = population.settle(felt);
            let (mut expected, mut past) = (Past::new(rate, rate), Past::new(rate, rate));
            let mut fluctuation = Fluctuation::new(&population, 100, Stream::new(3, 1, 0));
            let (h_ms, reset) = (0.2, population.reset());
            let below: f64 = population.masses()[..reset].iter().sum();
            let parts = [below, 1.0 - below - rate * population.t_ref_ms(), rate * population.t_ref_ms()];
            let (mut squares, mut samples) = ([0.0; 3], 0.0);
            let mut now_ms = 0.0;
            for step in 1..=120_000 {
                let span = (now_ms, h_ms * f64::from(step));
                now_ms = span.1;
                let of_one = population.step(felt, &expected, span.0, span.1);
                let more = fluctuation.step(&population, felt, (&past, &expected), span);
                expected.push(now_ms, of_one, of_one / h_ms);
                past.push(now_ms, of_one + more, (of_one + more) / h_ms);
                for own in [&mut expected, &mut past] {
                    own.forget(now_ms - 10.0);
                }
                assert!(fluctuation.whole(&past, &expected, now_ms).abs() < 1e-12);
                if step > 1000 && step % 20 == 0 {
                    let delta = &fluctuation.masses.now;
                    let [lower, all]: [f64; 2] = [delta[..reset].iter().sum(), delta.iter().sum()];
                    for (square, part) in squares.iter_mut().zip([lower, all - lower, -all]) {
                        *square += part * part;
                    }
                    samples += 1.0;
                }
            }
            for (square, part) in squares.iter().zip(parts).filter(|(_, part)| *part > 0.0) {
                let (found, right) = (100.0 * square / samples, part * (1.0 - part));
                println!("{t_ref}: {part:.4}: {:+.1} %", 100.0 * (found / right - 1.0));
                assert!((found / right - 1.0).abs() < 0.08, "{t_ref}: {found} for {right}");
            }
        }
    }
}
