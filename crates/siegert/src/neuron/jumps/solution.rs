//! Any law of jumps: mean and variance of the time from release to spike, derivatives and density, by elements.
//!
//! The matrix `A` of the backward equation gives `A T = 1` for the mean time, `A T_2 = 2 T` for its mean square, and with `A^T p = c`, where `c` takes a function at
//! `V_reset`, the time `p dV` that the potential spends at `V` before it spikes. So `p` is the density times `T(V_reset)`, and the derivative of `T(V_reset)` with
//! respect to anything in `A` is `-p (dA) T`.
//!
//! Spikes may be rare: then `A` is nearly singular, with constants as what it takes to nothing. These are an unknown of their own, in place of the mean of `T`
//! in the element where the potential is most of the time; their column is the rate at which passages end, which is small but right in its digits. Elements
//! are eliminated from the threshold and from the bottom towards that one.
//!
//! Source: van Kampen (2007), *Stochastic Processes in Physics and Chemistry*, section XII.2 (mean first passage times of jump processes). Method as in `equation`.
//! Range: resting level anywhere; for laws up to some million jumps within `tau_m`, of which 1e-9 are lost in sums over the law. Below `exp(-30)/tau_m` rates are those of `escape`.
//! Accuracy: relative error at most 1e-6 of the rate for jumps of one size from 0.1 to 4 mV at thresholds of 20 mV (against another collocation), 3e-6 for conductances of one weight
//! (against a third collocation, whose error that is), 1e-6 for exponential laws (against the closed form) and 1e-5 of the CV; with white noise beside jumps 1e-3; beyond the depth of `escape` 5e-3 of the
//! logarithm of the rate.

use std::rc::Rc;

use super::equation::{Gain, P, mass};
use super::escape::{Escape, Remainder};
use super::memory::gain;
use super::mesh::Mesh;
use crate::numerics::lu::Lu;

/// The equation of a neuron and its jumps, solved.
pub(super) struct Solution<'a> {
    mesh: Mesh,
    escape: Escape<'a>,
    reset: f64,
    gains: Vec<Rc<Gain>>,
    diffusion: Option<Gain>,
    lu: Lu,
    /// Place of each element in the matrix.
    places: Vec<usize>,
    /// `T`, and the part of it that is the same everywhere.
    time: Vec<f64>,
    constant: f64,
    /// `T(V_reset)`.
    pub(super) at_reset: f64,
    remainder: Option<Remainder>,
}

/// Derivatives of `ln T`.
pub(super) struct Slopes {
    pub(super) d_resting: f64,
    pub(super) d_white_variance: f64,
    pub(super) d_rates: Vec<f64>,
}

impl<'a> Solution<'a> {
    /// The solution; `None` where there is none, since no jump ever leads to the threshold or numbers are beyond all measure.
    pub(super) fn of(escape: Escape<'a>, reset: f64) -> Option<Self> {
        let (escape, remainder) = match escape.lowered() {
            Some((lowered, remainder)) => (lowered, Some(remainder)),
            None => (escape, None),
        };
        let reset = if reset < escape.th { reset } else { escape.mean.min(reset) };
        let mesh = Mesh::of(&escape, reset)?;
        let gains: Vec<Rc<Gain>> = escape.jumps.iter().map(|jump| gain(&mesh, jump)).collect();
        let elements = mesh.len();
        let mut places = vec![0; elements];
        let order = (mesh.home + 1..elements).rev().chain(0..mesh.home).chain([mesh.home]);
        order.enumerate().for_each(|(place, element)| places[element] = place);
        let n = elements * P;
        let column = |element: usize, j: usize| match (element == mesh.home, j) {
            (true, 0) => n - 1,
            (true, j) => n - P + j - 1,
            (false, j) => places[element] * P + j,
        };
        let mut a = vec![0.0; n * n];
        let leak = mesh.leak(escape.tau_m, false);
        let mut add = |gain: &Gain, factor: f64| {
            for block in &gain.blocks {
                for (i, row) in block.entries.iter().enumerate() {
                    let start = column(block.row, i) * n;
                    for (j, entry) in row.iter().enumerate() {
                        a[start + column(block.column, j)] += factor * entry;
                    }
                }
            }
        };
        add(&leak, 1.0);
        let diffusion = (escape.white > 0.0).then(|| mesh.diffusion());
        let per_white = 0.5 * escape.white / escape.tau_m;
        if let Some(diffusion) = &diffusion {
            add(diffusion, per_white);
        }
        let mut rate = 0.0;
        for (gain, jump) in gains.iter().zip(escape.jumps) {
            add(gain, -jump.rate_per_ms);
            rate += jump.rate_per_ms;
        }
        let mut one = vec![0.0; n];
        for element in 0..elements {
            for k in 0..P {
                let at = column(element, k);
                a[at * n + at] += rate * mass(mesh.length(element), k);
                // the column of what is the same everywhere
                let jumps = gains.iter().zip(escape.jumps);
                let ended: f64 = jumps.map(|(gain, jump)| jump.rate_per_ms * gain.killed[element][k]).sum();
                let by_noise = diffusion.as_ref().map_or(0.0, |diffusion| per_white * diffusion.killed[element][k]);
                a[at * n + n - 1] = ended + leak.killed[element][k] + by_noise;
            }
            one[column(element, 0)] = mesh.length(element);
        }
        let lu = Lu::of(n, a);
        let solved = lu.solve(one);
        let mut solution = Solution {
            constant: solved[n - 1],
            time: solved,
            mesh,
            escape,
            reset,
            gains,
            diffusion,
            lu,
            places,
            at_reset: 0.0,
            remainder,
        };
        solution.time[n - 1] = 0.0;
        solution.at_reset = solution.constant + solution.at(&solution.time, reset);
        (solution.at_reset > 0.0 && solution.at_reset.is_finite()).then_some(solution)
    }

    fn column(&self, element: usize, j: usize) -> usize {
        let n = self.time.len();
        match (element == self.mesh.home, j) {
            (true, 0) => n - 1,
            (true, j) => n - P + j - 1,
            (false, j) => self.places[element] * P + j,
        }
    }

    /// The coefficients of an element.
    fn of_element(&self, coefficients: &[f64], element: usize) -> [f64; P] {
        std::array::from_fn(|k| coefficients[self.column(element, k)])
    }

    fn at(&self, coefficients: &[f64], V: f64) -> f64 {
        let element = self.mesh.element_of(V);
        let (own, here) = (self.of_element(coefficients, element), self.mesh.polynomials(element, V));
        own.iter().zip(here).map(|(own, here)| own * here).sum()
    }

    /// Logarithm of `T(V_reset)`, at the true threshold.
    pub(super) fn ln_time(&self) -> f64 {
        self.at_reset.ln() - self.remainder.as_ref().map_or(0.0, |remainder| remainder.ln_ratio)
    }

    /// Coefficients of the time that is spent at each potential.
    fn occupation(&self) -> Vec<f64> {
        let n = self.time.len();
        let mut taken = vec![0.0; n];
        let element = self.mesh.element_of(self.reset);
        for (k, value) in self.mesh.polynomials(element, self.reset).into_iter().enumerate() {
            taken[self.column(element, k)] = value;
        }
        // of what is the same everywhere all
        taken[n - 1] = 1.0;
        self.lu.solve_transposed(taken)
    }

    /// Derivatives of `ln T` with respect to the resting level and to the rates of jumps.
    pub(super) fn slopes(&self) -> Slopes {
        let p = self.occupation();
        let along = |gain: &Gain| {
            let blocks = gain.blocks.iter().map(|block| {
                let (p, t) = (self.of_element(&p, block.row), self.of_element(&self.time, block.column));
                let rows = block.entries.iter().zip(p);
                rows.map(|(row, p)| p * row.iter().zip(t).map(|(entry, t)| entry * t).sum::<f64>()).sum::<f64>()
            });
            blocks.sum::<f64>()
        };
        let ended = |gain: &Gain| {
            let each = gain.killed.iter().enumerate().map(|(element, killed)| {
                let p = self.of_element(&p, element);
                killed.iter().zip(p).map(|(killed, p)| killed * p).sum::<f64>()
            });
            self.constant * each.sum::<f64>()
        };
        let weighted = |element: usize| {
            let (p, t) = (self.of_element(&p, element), self.of_element(&self.time, element));
            (0..P).map(|k| mass(self.mesh.length(element), k) * p[k] * t[k]).sum::<f64>()
        };
        let loss: f64 = (0..self.mesh.len()).map(weighted).sum();
        let leak = self.mesh.leak(self.escape.tau_m, true);
        let mut d_resting = -(along(&leak) + ended(&leak)) / self.at_reset;
        let mut d_rates: Vec<f64> =
            self.gains.iter().map(|gain| -(loss - along(gain) + ended(gain)) / self.at_reset).collect();
        let mut d_white_variance = self.diffusion.as_ref().map_or(0.0, |diffusion| {
            -(along(diffusion) + ended(diffusion)) / (2.0 * self.escape.tau_m * self.at_reset)
        });
        if let Some(remainder) = &self.remainder {
            d_white_variance -= remainder.d_white;
            d_resting -= remainder.d_resting;
            d_rates.iter_mut().zip(&remainder.d_rates).for_each(|(d, by)| *d -= by);
        }
        Slopes { d_resting, d_white_variance, d_rates }
    }

    /// Variance of the time from release to spike over its squared mean.
    pub(super) fn relative_variance(&self) -> f64 {
        let n = self.time.len();
        let mut twice = vec![0.0; n];
        for element in 0..self.mesh.len() {
            let mut t = self.of_element(&self.time, element);
            t[0] += self.constant;
            for k in 0..P {
                twice[self.column(element, k)] = 2.0 * mass(self.mesh.length(element), k) * t[k] / self.at_reset;
            }
        }
        let mut square = self.lu.solve(twice);
        let constant = std::mem::take(&mut square[n - 1]);
        ((constant + self.at(&square, self.reset)) / self.at_reset - 1.0).max(0.0)
    }

    /// Mean and variance of the potential of neurons that are not refractory.
    pub(super) fn potential(&self) -> (f64, f64) {
        let p = self.occupation();
        let mut moments = [0.0; 3];
        for element in 0..self.mesh.len() {
            let c = self.of_element(&p, element);
            let half = 0.5 * self.mesh.length(element);
            let middle = self.mesh.edges[element] + half - self.reset;
            // int P_k x^n dx over [-1, 1]
            let of = [2.0 * c[0], 2.0 / 3.0 * c[1], 2.0 / 3.0 * c[0] + 4.0 / 15.0 * c[2]];
            moments[0] += half * of[0];
            moments[1] += half * (middle * of[0] + half * of[1]);
            moments[2] += half * (middle * middle * of[0] + 2.0 * middle * half * of[1] + half * half * of[2]);
        }
        let mean = moments[1] / moments[0];
        (self.reset + mean, (moments[2] / moments[0] - mean * mean).max(0.0))
    }

    /// The density in 1/mV of the potential of neurons that are not refractory, at these potentials.
    pub(super) fn density_per_mv(&self, V_mv: &[f64]) -> Vec<f64> {
        let p = self.occupation();
        let [low, high] = [self.mesh.edges[0], self.escape.th];
        let at = |V: &f64| if *V < low || *V >= high { 0.0 } else { (self.at(&p, *V) / self.at_reset).max(0.0) };
        V_mv.iter().map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Jump, JumpLaw, ShotNoiseInput, ShotNoiseRate};
    use super::*;
    use crate::measured::{Row, Worst, number, relative_error, table};
    use crate::neuron::lif::{BRUNEL, Lif, LifParameters, of_row};

    const ACCURACY_OF_FIXED: f64 = 1e-6;
    const ACCURACY_OF_CONDUCTANCES: f64 = 3e-6;
    const ACCURACY_OF_EXPONENTIAL: f64 = 1e-6;
    const ACCURACY_OF_CV: f64 = 1e-5;
    const ACCURACY_OF_WHITE_NOISE: f64 = 1e-3;
    const ACCURACY_OF_DEPTH: f64 = 5e-3;

    fn jumps(row: &Row, law: fn(f64) -> JumpLaw) -> Vec<Jump> {
        let jump = |rate: &str, mean: &str| Jump::of_size(law(number(row, mean)), number(row, rate));
        let all = [jump("R_e_per_ms", "J_e_mv"), jump("R_i_per_ms", "J_i_mv")];
        all.into_iter().filter(|jump| jump.rate_per_ms > 0.0).collect()
    }

    fn lif(row: &Row) -> Lif {
        of_row(&Row::from_iter(row.clone().into_iter().chain([("mu_mv".to_string(), "0".to_string())]))).0
    }

    fn fixed(size_mv: f64) -> JumpLaw {
        JumpLaw::Fixed { size_mv }
    }

    fn exponential(mean_mv: f64) -> JumpLaw {
        JumpLaw::Exponential { mean_mv }
    }

    fn jump(law: JumpLaw, rate_per_ms: f64) -> Jump {
        Jump::of_size(law, rate_per_ms)
    }

    /// By elements, whatever the laws.
    fn by_elements<'a>(lif: &Lif, resting_mv: f64, jumps: &'a [Jump]) -> Solution<'a> {
        Solution::of(lif.escape(&ShotNoiseInput::of_jumps(resting_mv, jumps)), lif.parameters().V_reset_mv).unwrap()
    }

    #[test]
    fn jumps_of_one_size_have_the_rates_of_another_collocation() {
        let mut worst = Worst::default();
        for row in table("shot_noise_fixed") {
            let rate = lif(&row).rate_in_shot_noise(&ShotNoiseInput::of_jumps(0.0, &jumps(&row, fixed)));
            worst.add(relative_error(rate.ln_rate_hz.exp(), &row["rate_hz"]), &row);
        }
        worst.must_be_at_most(ACCURACY_OF_FIXED);
    }

    #[test]
    fn exponential_laws_have_the_rates_and_cvs_of_the_closed_form() {
        let (mut rates, mut cvs) = (Worst::default(), Worst::default());
        for row in table("shot_noise_exponential") {
            let (lif, jumps) = (lif(&row), jumps(&row, exponential));
            let solution = by_elements(&lif, 0.0, &jumps);
            let rate_hz = 1000.0 / (lif.parameters().t_ref_ms + solution.at_reset);
            rates.add(relative_error(rate_hz, &row["rate_hz"]), &row);
            let cv = solution.relative_variance().sqrt() * solution.at_reset * rate_hz / 1000.0;
            cvs.add((cv / lif.cv_in_shot_noise(&ShotNoiseInput::of_jumps(0.0, &jumps)).unwrap() - 1.0).abs(), &row);
        }
        rates.must_be_at_most(ACCURACY_OF_EXPONENTIAL);
        cvs.must_be_at_most(ACCURACY_OF_CV);
    }

    #[test]
    fn rare_spikes_keep_their_digits_and_rarer_ones_are_right_to_some_per_cent_of_the_logarithm() {
        let mut worst = Worst::default();
        for resting in [-5.0, -20.0, -50.0, -100.0, -200.0] {
            for (up, down) in [(0.2, -0.2), (0.5, -1.0), (2.0, -0.5)] {
                let jumps = [jump(exponential(up), 6.0), jump(exponential(down), 3.0)];
                let closed = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &jumps));
                let solution = by_elements(&BRUNEL, resting, &jumps);
                let ln_interval = 1000f64.ln() - closed.ln_rate_hz;
                let ln_time = ln_interval + (-2.0 * (-ln_interval).exp()).ln_1p();
                if ln_time < 30.0 {
                    let error = (solution.ln_time() - ln_time).abs();
                    assert!(error < 2e-5, "{resting} {up}: {} {ln_time}", solution.ln_time());
                }
                worst.add((solution.ln_time() - ln_time).abs() / ln_time.max(10.0), (resting, up));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_DEPTH);
    }

    /// Laws of all kinds, several at a time; resting levels on both sides of reset and threshold.
    fn inputs() -> Vec<(f64, Vec<Jump>)> {
        let normal = |mean_mv: f64, std_mv: f64| JumpLaw::Normal { mean_mv, std_mv };
        let lognormal = |mean_mv: f64, std_mv: f64| JumpLaw::Lognormal { mean_mv, std_mv };
        vec![
            (0.0, vec![jump(fixed(0.5), 2.2), jump(fixed(-1.37), 0.3)]),
            (0.0, vec![jump(fixed(0.5), 1.2), jump(fixed(0.83), 0.7), jump(fixed(-1.37), 0.3)]),
            (5.0, vec![jump(normal(0.5, 0.05), 2.2), jump(normal(-1.0, 0.3), 0.5)]),
            (0.0, vec![jump(lognormal(0.5, 1.0), 2.0), jump(exponential(-1.0), 0.5)]),
            (0.0, vec![jump(JumpLaw::Uniform { low_mv: 0.2, high_mv: 1.0 }, 1.6), jump(fixed(-0.7), 0.4)]),
            (0.0, vec![jump(exponential(0.3), 2.0), jump(exponential(1.2), 0.4)]),
            (15.0, vec![jump(normal(-0.1, 1.0), 2.0)]),
            (24.0, vec![jump(fixed(0.5), 0.5), jump(fixed(-1.0), 0.5)]),
            (-20.0, vec![jump(fixed(0.5), 2.2), jump(fixed(-0.5), 0.7)]),
        ]
    }

    #[test]
    fn derivatives_are_those_of_the_logarithm_of_the_rate() {
        for (resting, jumps) in inputs() {
            let at =
                |resting: f64, jumps: &[Jump]| BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, jumps));
            let ShotNoiseRate { d_resting, d_rates, .. } = at(resting, &jumps);
            let step = 1e-2;
            // differences of fourth order
            let slope = |at: &dyn Fn(f64) -> f64| {
                (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
            };
            let expected = slope(&|by| at(resting + by, &jumps).ln_rate_hz);
            // those of large deviations less exact
            let allowed = if resting < -10.0 { 1e-2 } else { 1e-4 };
            assert!((d_resting / expected - 1.0).abs() < allowed, "{resting} {jumps:?}: {d_resting} {expected}");
            for b in 0..jumps.len() {
                let expected = slope(&|by| {
                    let mut moved = jumps.clone();
                    moved[b].rate_per_ms *= 1.0 + by;
                    at(resting, &moved).ln_rate_hz
                });
                let found = d_rates[b] * jumps[b].rate_per_ms;
                let error = (found - expected).abs() / expected.abs().max(0.1);
                assert!(error < allowed, "{resting} {jumps:?} {b}: {found} {expected}");
            }
        }
    }

    /// Jump by jump, with random numbers of its own: rate and CV of the intervals of a neuron whose `tau_m` is 20 ms.
    fn simulated([resting, V_th, V_reset]: [f64; 3], jumps: &[Jump], spikes: usize) -> (f64, f64) {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let total: f64 = jumps.iter().map(|jump| jump.rate_per_ms).sum();
        let (mut sum, mut square) = (0.0, 0.0);
        for _ in 0..spikes {
            let (mut V, mut time) = (V_reset, 0.0);
            loop {
                let wait = -uniform().ln() / total;
                let decayed = resting + (V - resting) * f64::exp(-wait / 20.0);
                if decayed >= V_th {
                    time += 20.0 * f64::ln((resting - V) / (resting - V_th));
                    break;
                }
                time += wait;
                let mut which = uniform() * total;
                let picked = jumps.iter().find(|jump| {
                    which -= jump.rate_per_ms;
                    which < 0.0
                });
                let normal = (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
                let picked = picked.unwrap_or(&jumps[0]);
                let size = match picked.law {
                    JumpLaw::Fixed { size_mv } => size_mv,
                    JumpLaw::Exponential { mean_mv } => -mean_mv * uniform().ln(),
                    JumpLaw::Normal { mean_mv, std_mv } => mean_mv + std_mv * normal,
                    JumpLaw::Lognormal { mean_mv, std_mv } => {
                        let variance = (std_mv / mean_mv).powi(2).ln_1p();
                        mean_mv * (variance.sqrt() * normal - 0.5 * variance).exp()
                    }
                    JumpLaw::Uniform { low_mv, high_mv } => low_mv + (high_mv - low_mv) * uniform(),
                };
                V = match picked.reversal_mv {
                    Some(E) => E - (E - decayed) * f64::exp(-size),
                    None => decayed + size,
                };
                if V >= V_th {
                    break;
                }
            }
            let interval = time + 2.0;
            sum += interval;
            square += interval * interval;
        }
        let mean = sum / spikes as f64;
        (1000.0 / mean, (square / spikes as f64 - mean * mean).sqrt() / mean)
    }

    #[test]
    fn rates_and_cvs_of_all_laws_are_those_of_a_simulation_jump_by_jump() {
        const SPIKES: usize = 10_000;
        let charges = inputs().into_iter().take(8).map(|(resting, jumps)| (BRUNEL, resting, jumps));
        let conductances = conducting().into_iter().filter(|it| it.1 == 0.0);
        let conductances = conductances.map(|(resting, _, jumps)| (Lif::new(CONDUCTING).unwrap(), resting, jumps));
        for (lif, resting, jumps) in charges.chain(conductances) {
            let input = ShotNoiseInput::of_jumps(resting, &jumps);
            let rate_hz = lif.rate_in_shot_noise(&input).ln_rate_hz.exp();
            let cv = lif.cv_in_shot_noise(&input).unwrap();
            let LifParameters { V_th_mv, V_reset_mv, .. } = lif.parameters();
            let (simulated_hz, simulated_cv) = simulated([resting, V_th_mv, V_reset_mv], &jumps, SPIKES);
            println!("{rate_hz} {simulated_hz} {cv} {simulated_cv} {jumps:?}");
            let error = 4.0 / (SPIKES as f64).sqrt();
            assert!((simulated_hz / rate_hz - 1.0).abs() < cv * error, "{jumps:?}: {rate_hz} {simulated_hz}");
            assert!((simulated_cv / cv - 1.0).abs() < error * 2.0, "{jumps:?}: {cv} {simulated_cv}");
        }
    }

    #[test]
    fn jumps_of_next_to_no_size_are_white_noise() {
        for mu in [5.0, 15.0, 24.0] {
            // sums over a law are right to 1e-9 of the jumps within tau_m, of which there must not be too many
            let normal = |mean_mv: f64| JumpLaw::Normal { mean_mv, std_mv: 0.2 * mean_mv.abs() };
            for (law, size) in [(fixed as fn(f64) -> JumpLaw, 1e-3), (exponential, 1e-3), (normal, 4e-3)] {
                let sigma: f64 = 4.0;
                let rate = sigma * sigma / (2.0 * 20.0 * law(size).mean_square_mv2());
                let jumps = [jump(law(size), rate), jump(law(-size), rate)];
                let solution = by_elements(&BRUNEL, mu, &jumps);
                let white = BRUNEL.log_rate(mu, sigma, 0.0);
                let ln_rate_hz = -((2.0 + solution.at_reset) / 1000.0).ln();
                println!("{mu} {:?}: {ln_rate_hz} {}", law(size), white.ln_rate_hz);
                // the overshoot of a jump
                let allowed = 1.5 * size * white.d_V_th.abs() + 2e-4;
                assert!((ln_rate_hz - white.ln_rate_hz).abs() < allowed, "mu = {mu}: {ln_rate_hz} {white:?}");
            }
        }
    }

    #[test]
    fn white_noise_beside_jumps_is_jumps_of_next_to_no_size() {
        let mut worst = Worst::default();
        for (resting, jumps) in inputs().into_iter().filter(|it| it.0 > -10.0) {
            for white in [0.01, 1.0, 16.0] {
                let input = ShotNoiseInput { resting_mv: resting, white_variance_mv2: white, jumps: &jumps };
                let found = BRUNEL.rate_in_shot_noise(&input);
                let size = 0.01 * f64::sqrt(white);
                let tiny = jump(fixed(size), white / (2.0 * 20.0 * size * size));
                let with_tiny = [&jumps[..], &[tiny, Jump { law: fixed(-size), ..tiny }]].concat();
                // the overshoot of the tiny ones is some tenths of their size, for which two sizes are extrapolated
                let coarse = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &with_tiny)).ln_rate_hz;
                let half = jump(fixed(0.5 * size), 4.0 * tiny.rate_per_ms);
                let with_half = [&jumps[..], &[half, Jump { law: fixed(-0.5 * size), ..half }]].concat();
                let fine = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &with_half)).ln_rate_hz;
                let expected = 2.0 * fine - coarse;
                println!("{white} {resting} {} {expected} {coarse} {jumps:?}", found.ln_rate_hz);
                worst.add((found.ln_rate_hz - expected).abs(), (resting, white, &jumps));
                let at = |by: f64| {
                    BRUNEL
                        .rate_in_shot_noise(&ShotNoiseInput { white_variance_mv2: white * (1.0 + by), ..input })
                        .ln_rate_hz
                };
                let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
                let error = (found.d_white_variance * white - slope).abs() / slope.abs().max(0.01);
                assert!(error < 1e-2, "{white} {jumps:?}: {} {slope}", found.d_white_variance * white);
            }
        }
        worst.must_be_at_most(ACCURACY_OF_WHITE_NOISE);
    }

    /// Inputs with conductances that are open for an instant, one beside currents and white noise.
    fn conducting() -> Vec<(f64, f64, Vec<Jump>)> {
        let towards = |E: f64, law: JumpLaw, rate: f64| Jump::towards(E, law, rate);
        let normal = JumpLaw::Normal { mean_mv: 0.03, std_mv: 0.006 };
        let lognormal = JumpLaw::Lognormal { mean_mv: 0.1, std_mv: 0.08 };
        let uniform = JumpLaw::Uniform { low_mv: 0.05, high_mv: 0.1 };
        vec![
            (-70.0, 0.0, vec![towards(0.0, fixed(0.03), 1.0), towards(-75.0, fixed(0.1), 0.3)]),
            (-70.0, 0.0, vec![towards(0.0, normal, 1.0), towards(-75.0, lognormal, 0.3)]),
            (-70.0, 0.0, vec![towards(0.0, exponential(0.02), 1.3), towards(-62.0, exponential(0.2), 0.4)]),
            (
                -65.0,
                0.0,
                vec![towards(0.0, uniform, 0.4), towards(-65.0, exponential(0.1), 0.3), jump(fixed(-0.7), 0.2)],
            ),
            (
                -65.0,
                4.0,
                vec![towards(0.0, fixed(0.02), 1.0), towards(-70.0, normal, 1.0), jump(exponential(0.5), 0.3)],
            ),
            (-55.0, 2.0, vec![towards(-80.0, exponential(0.05), 0.5), jump(normal_size(), 0.6)]),
        ]
    }

    fn normal_size() -> JumpLaw {
        JumpLaw::Normal { mean_mv: 0.5, std_mv: 0.1 }
    }

    const CONDUCTING: LifParameters =
        LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: -50.0, V_reset_mv: -60.0 };

    #[test]
    fn conductances_have_the_rates_of_another_collocation() {
        let mut worst = Worst::default();
        for row in table("shot_noise_conductance") {
            let n = |name: &str| number(&row, name);
            let lif = LifParameters {
                tau_m_ms: n("tau_m_ms"),
                t_ref_ms: n("t_ref_ms"),
                V_th_mv: n("V_th_mv"),
                V_reset_mv: n("V_reset_mv"),
            };
            let of = |s: &str| {
                Jump::towards(n(&format!("E_{s}_mv")), fixed(n(&format!("A_{s}"))), n(&format!("R_{s}_per_ms")))
            };
            let jumps: Vec<Jump> = ["e", "i"].map(of).into_iter().filter(|jump| jump.rate_per_ms > 0.0).collect();
            let input = ShotNoiseInput::of_jumps(n("E_L_mv"), &jumps);
            let rate = Lif::new(lif).unwrap().rate_in_shot_noise(&input);
            println!("{} {}", rate.ln_rate_hz.exp(), row["rate_hz"]);
            worst.add(relative_error(rate.ln_rate_hz.exp(), &row["rate_hz"]), &row);
        }
        worst.must_be_at_most(ACCURACY_OF_CONDUCTANCES);
    }

    #[test]
    fn derivatives_with_conductances_are_those_of_the_logarithm_of_the_rate() {
        let lif = Lif::new(CONDUCTING).unwrap();
        // so rare that large deviations say the rate
        let rare = (-70.0, 0.0, vec![Jump::towards(0.0, fixed(0.004), 3.0), Jump::towards(-75.0, fixed(0.02), 1.5)]);
        for (resting, white, jumps) in conducting().into_iter().chain([rare]) {
            let at = |resting: f64, white: f64, jumps: &[Jump]| {
                lif.rate_in_shot_noise(&ShotNoiseInput { resting_mv: resting, white_variance_mv2: white, jumps })
            };
            let rates = at(resting, white, &jumps);
            let step = 1e-2;
            let slope = |at: &dyn Fn(f64) -> f64| {
                (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
            };
            let mut all = vec![(rates.d_resting, slope(&|by| at(resting + by, white, &jumps).ln_rate_hz))];
            all.push((rates.d_white_variance * white, slope(&|by| at(resting, white * (1.0 + by), &jumps).ln_rate_hz)));
            for b in 0..jumps.len() {
                let moved = |by: f64| {
                    let mut moved = jumps.clone();
                    moved[b].rate_per_ms *= 1.0 + by;
                    at(resting, white, &moved).ln_rate_hz
                };
                all.push((rates.d_rates[b] * jumps[b].rate_per_ms, slope(&moved)));
            }
            println!("{} Hz {all:?}", rates.ln_rate_hz.exp());
            for (found, expected) in all {
                let error = (found - expected).abs() / expected.abs().max(0.1);
                // white noise is added with less accuracy, and large deviations have less
                let allowed = if white > 0.0 || rates.ln_rate_hz < -20.0 { 1e-2 } else { 1e-3 };
                assert!(error < allowed, "{resting} {white} {jumps:?}: {found} {expected}");
            }
        }
    }

    /// A reversal potential far away is a current.
    #[test]
    fn conductances_far_from_their_reversal_potential_are_charges() {
        let far = 1e7;
        for (resting, jumps) in inputs() {
            let charges = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &jumps)).ln_rate_hz;
            let as_conductances: Vec<Jump> =
                jumps.iter().map(|jump| Jump::towards(far, jump.law.times(1.0 / far), jump.rate_per_ms)).collect();
            let input = ShotNoiseInput::of_jumps(resting, &as_conductances);
            let found = BRUNEL.rate_in_shot_noise(&input).ln_rate_hz;
            println!("{resting} {charges} {found} {jumps:?}");
            // some 1e-6 of the jumps at the potentials of the neuron
            assert!((found - charges).abs() < 1e-4, "{resting} {jumps:?}: {found} {charges}");
        }
    }

    /// Below an infinite threshold, where nothing ends: the moments of a membrane with shot-noise conductances are sums.
    #[test]
    fn the_density_with_conductances_has_the_mean_and_variance_of_the_free_membrane() {
        let parameters = LifParameters { V_th_mv: -20.0, ..CONDUCTING };
        let lif = Lif::new(parameters).unwrap();
        for law in [fixed(0.02), exponential(0.02), JumpLaw::Lognormal { mean_mv: 0.02, std_mv: 0.01 }] {
            let jumps = [Jump::towards(0.0, law, 1.0), Jump::towards(-75.0, law, 3.0)];
            let solution =
                Solution::of(lif.escape(&ShotNoiseInput::of_jumps(-70.0, &jumps)), parameters.V_reset_mv).unwrap();
            // d<V>/dt = 0 and d<V^2>/dt = 0, a jump taking V to V + p (E - V)
            let [p, square] = [law.part(1), law.part(2)];
            let rate = |of: f64| {
                20.0 * jumps.iter().map(|jump| jump.rate_per_ms * of * jump.reversal_mv.unwrap()).sum::<f64>()
            };
            let leak = 1.0 + 20.0 * 4.0 * p;
            let mean = (-70.0 + rate(p)) / leak;
            let about = |E: f64| (E - mean) * (E - mean);
            let noise = 20.0 * square * (about(0.0) + 3.0 * about(-75.0));
            let variance = noise / (2.0 * leak - 20.0 * 4.0 * square);
            let V_mv: Vec<f64> = (0..5500).map(|i| -75.0 + 0.01 * (f64::from(i) + 0.5)).collect();
            let density = solution.density_per_mv(&V_mv);
            let moment =
                |of: &dyn Fn(f64) -> f64| V_mv.iter().zip(&density).map(|(V, p)| 0.01 * p * of(*V)).sum::<f64>();
            let found = moment(&|V| V);
            println!("{law:?} {found} {mean} {} {variance}", moment(&|V| (V - mean) * (V - mean)));
            let exact = solution.potential();
            assert!((exact.0 - mean).abs() < 1e-5 && (exact.1 / variance - 1.0).abs() < 1e-5, "{law:?}: {exact:?}");
            assert!((found - mean).abs() < 1e-3, "{law:?}: {found} {mean}");
            let found = moment(&|V| (V - mean) * (V - mean));
            assert!((found / variance - 1.0).abs() < 1e-3, "{law:?}: {found} {variance}");
        }
    }

    /// The potential may be anywhere below the resting level.
    #[test]
    fn white_noise_beside_excitation_alone_reaches_down() {
        let with = |jumps: &[Jump]| {
            BRUNEL.rate_in_shot_noise(&ShotNoiseInput { resting_mv: 10.0, white_variance_mv2: 36.0, jumps }).ln_rate_hz
        };
        let up = jump(exponential(0.5), 0.2);
        let (alone, beside) = (with(&[up]), with(&[up, jump(fixed(-0.01), 1e-9)]));
        assert!((alone - beside).abs() < 1e-4, "{alone} {beside}");
    }

    #[test]
    fn a_resting_level_that_passes_the_threshold_changes_the_rate_gradually() {
        let jumps = [jump(exponential(0.5), 1.0), jump(exponential(-0.7), 0.6)];
        let at = |resting| BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &jumps)).ln_rate_hz;
        // the closed form below, elements above
        assert!((at(20.0 - 1e-7) - at(20.0 + 1e-7)).abs() < 1e-5, "{} {}", at(20.0 - 1e-7), at(20.0 + 1e-7));
    }

    #[test]
    fn the_density_holds_all_neurons_and_ends_them_at_the_rate() {
        for (resting, jumps) in inputs() {
            let solution = by_elements(&BRUNEL, resting, &jumps);
            let p = solution.occupation();
            let mut inside = 0.0;
            for element in 0..solution.mesh.len() {
                inside += solution.mesh.length(element) * solution.of_element(&p, element)[0];
            }
            assert!((inside / solution.at_reset - 1.0).abs() < 1e-6, "{jumps:?}: {inside} {}", solution.at_reset);
            let V_mv: Vec<f64> = (0..4000).map(|i| -20.0 + 0.01 * f64::from(i) + 0.005).collect();
            let density = solution.density_per_mv(&V_mv);
            let sum: f64 = density.iter().map(|p| 0.01 * p).sum();
            if resting > -10.0 {
                assert!((sum - 1.0).abs() < 5e-3, "{resting} {jumps:?}: {sum}");
            }
        }
    }

    #[test]
    fn a_narrow_law_is_a_size_and_a_neuron_without_excitation_never_fires() {
        let narrow = |std_mv: f64| {
            let law = |mean_mv: f64| JumpLaw::Normal { mean_mv, std_mv };
            let jumps = [jump(law(1.0), 0.9), jump(law(-1.3), 0.1)];
            BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(0.0, &jumps)).ln_rate_hz
        };
        // the variance of the input changes by (std/mean)^2
        assert!((narrow(0.01) - narrow(0.0)).abs() < 1e-3, "{} {}", narrow(0.01), narrow(0.0));
        assert!((narrow(0.1) - narrow(0.0)).abs() < 2e-2, "{} {}", narrow(0.1), narrow(0.0));
        let inhibition = [jump(fixed(-1.0), 3.0)];
        let inhibited = ShotNoiseInput::of_jumps(5.0, &inhibition);
        let silent = BRUNEL.rate_in_shot_noise(&inhibited);
        assert!(silent.ln_rate_hz == f64::NEG_INFINITY && silent.d_resting == 0.0);
        assert_eq!(BRUNEL.cv_in_shot_noise(&inhibited), None);
    }
}
