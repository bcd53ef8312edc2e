//! The density of the potential on a line of nodes: how neurons move from node to node, and one step of time.
//!
//! ```text
//! tau_m dV = F dt + sigma sqrt(tau_m) dW,   F = f(V) + mu,   D = sigma^2/(2 tau_m),   P_i = (F_i + F_(i+1)) d_i/(2 tau_m D)
//! J_(i+1/2) = kappa_i (D/d_i) [B(-P_i) p_i - B(P_i) p_(i+1)],   B(P) = P/(e^P - 1),   kappa_i = 1 - (F_(i+1) - F_i) d_i/(2 tau_m D) g(P_i),   g = (B(P) + B(-P) - 2)/P^2
//! w_i dp_i/dt = J_(i-1/2) - J_(i+1/2) + b(t) [i = reset],   p = 0 at the spike,   r(t) = J at the last face
//! ```
//!
//! With `kappa = 1` this is the flux of Scharfetter and Gummel, exact where flux, force and noise are constant between two nodes; `kappa` makes it exact to first order in how much the
//! force changes, so that without noise what leaves a node is `p_i F_i/tau_m`. What moves is never negative, and what leaves one cell enters the next.
//!
//! With conductances `F = f(V) + mu - G V`; where noise depends on the potential, `sigma_i^2 p_i` is in place of `sigma^2 p_i` and `F_i/sigma_i^2` of `F_i/sigma^2`, which is the equation in the sense of Ito:
//! `J = F p/tau_m - (sigma^2 p)'/(2 tau_m)`.
//!
//! A step in time is TR-BDF2: the trapezoidal rule over `gamma = 2 - sqrt 2` of it, the second backward difference over all of it, with one matrix for both. A neuron
//! without refractory time is at its reset in the same moment: a correction of rank one. The elimination adds positive numbers only, so that no digit of a mass is lost.
//!
//! Source: Scharfetter and Gummel (1969), IEEE Trans Electron Devices 16:64; Bank et al. (1985), IEEE Trans Electron Devices 32:1992 (TR-BDF2); Hosea and Shampine
//! (1996), Appl Numer Math 20:21.

use super::input::{Bent, Felt};
use crate::neuron::Model;

/// `gamma/2`: what of a step the matrix of both stages is made for.
pub(super) const IMPLICIT: f64 = 1.0 - std::f64::consts::FRAC_1_SQRT_2;
/// The weights of the first two stages; `IMPLICIT` is that of the third.
const EXPLICIT: f64 = std::f64::consts::SQRT_2 / 4.0;
/// The range of `kappa`: beyond it the nodes are too few for the force.
const CORRECTIONS: (f64, f64) = (1e-3, 2.0);

/// Where nodes are, and the force there without input.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// Potentials of the nodes, rising.
    pub(super) V_mv: Vec<f64>,
    /// Widths of their cells.
    pub(super) width_mv: Vec<f64>,
    /// Distances to the next node, of the last one to the spike.
    pub(super) distance_mv: Vec<f64>,
    /// `f` at the nodes, and at the spike.
    pub(super) force_mv: Vec<f64>,
    /// The node of the reset.
    pub(super) reset: usize,
    /// Membrane time constant.
    pub(super) tau_m_ms: f64,
}

impl Line {
    /// The potential of the spike.
    pub(super) fn end_mv(&self) -> f64 {
        self.V_mv.last().copied().unwrap_or(0.0) + self.distance_mv.last().copied().unwrap_or(0.0)
    }

    /// The same nodes with the forces and the time constant of another neuron.
    pub(super) fn with_forces_of(mut self, neuron: &Model) -> Self {
        self.tau_m_ms = neuron.thresholds().tau_m_ms;
        let force = |V_mv: f64| neuron.drift_mv_per_ms(0.0, V_mv) * self.tau_m_ms;
        self.force_mv = self.V_mv.iter().copied().chain([self.end_mv()]).map(force).collect();
        self
    }
}

/// `B(P)`, `B(-P)` and `g(P)`.
fn bernoulli(P: f64) -> [f64; 3] {
    let size = P.abs();
    let [down, up, bend] = if size < 0.05 {
        let square = P * P;
        let even = square * (1.0 / 12.0 - square * (1.0 / 720.0 - square / 30240.0));
        let bend = 1.0 / 6.0 - square * (1.0 / 360.0 - square / 15120.0);
        [1.0 - 0.5 * size + even, 1.0 + 0.5 * size + even, bend]
    } else {
        let down = (size / size.min(690.0).exp_m1()).max(f64::MIN_POSITIVE);
        [down, down + size, (2.0 * down + size - 2.0) / (size * size)]
    };
    if P >= 0.0 { [down, up, bend] } else { [up, down, bend] }
}

/// How often neurons move from a node to the next above and below, per ms, at one input.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Moves {
    /// From each node to the next, from the last to the spike.
    pub(super) up: Vec<f64>,
    /// From the next node to each.
    pub(super) down: Vec<f64>,
}

impl Moves {
    /// Those at an input, in the place of others.
    pub(super) fn set(&mut self, line: &Line, felt: &Felt) {
        let n = line.V_mv.len();
        self.up.resize(n, 0.0);
        self.down.resize(n, 0.0);
        for i in 0..n {
            let (up, down) = across(line, i, felt);
            self.up[i] = up / line.width_mv[i];
            self.down[i] = line.width_mv.get(i + 1).map_or(0.0, |width_mv| down / width_mv);
        }
    }

    /// Of the neurons at the last node, how many spike per ms.
    pub(super) fn spiking(&self) -> f64 {
        self.up.last().copied().unwrap_or(0.0)
    }

    /// The masses that do not change, with those refractory 1 in all, and the rate per ms; all at the reset and no rate where nobody fires.
    pub(super) fn stationary(&self, reset: usize, t_ref_ms: f64) -> (Vec<f64>, f64) {
        let n = self.up.len();
        let mut masses = vec![0.0; n];
        let (mut flux, mut above) = (1.0, 0.0);
        for i in (0..n).rev() {
            let through = if i >= reset { flux } else { 0.0 };
            above = (through + self.down[i] * above) / self.up[i];
            masses[i] = above;
            // a barrier may be higher than a number can tell
            if above > 1e200 {
                let scale = 1.0 / above;
                masses[i..].iter_mut().for_each(|mass| *mass *= scale);
                (flux, above) = (flux * scale, 1.0);
            }
        }
        let sum = masses.iter().sum::<f64>() + flux * t_ref_ms;
        masses.iter_mut().for_each(|mass| *mass /= sum);
        (masses, flux / sum)
    }
}

/// The least of the variance at a mean that noise is anywhere.
const LEAST_NOISE: f64 = 1e-4;

/// Flux over density at the node below, and at the one above, through the face behind a node.
fn across(line: &Line, i: usize, felt: &Felt) -> (f64, f64) {
    let Felt { mean_mv, variance_mv2, conductance, .. } = *felt;
    let (mut here, mut there, d) = (line.force_mv[i] + mean_mv, line.force_mv[i + 1] + mean_mv, line.distance_mv[i]);
    if conductance == 0.0 && felt.bent.is_none() {
        let [down, up, bend] = bernoulli((here + there) * d / variance_mv2);
        let kappa = (1.0 - (there - here) * d / variance_mv2 * bend).clamp(CORRECTIONS.0, CORRECTIONS.1);
        let scale = kappa * 0.5 * variance_mv2 / (d * line.tau_m_ms);
        return (scale * up, scale * down);
    }
    let V_mv = [line.V_mv[i], line.V_mv[i] + d];
    here -= conductance * V_mv[0];
    there -= conductance * V_mv[1];
    let variances = V_mv.map(|V_mv| match felt.bent {
        Some(Bent { at_mv, slope_mv, curvature }) => {
            let x_mv = V_mv - at_mv;
            (variance_mv2 + x_mv * (slope_mv + x_mv * curvature)).max(LEAST_NOISE * variance_mv2)
        }
        None => variance_mv2,
    });
    let (here, there) = (here / variances[0], there / variances[1]);
    let [down, up, bend] = bernoulli((here + there) * d);
    let kappa = (1.0 - (there - here) * d * bend).clamp(CORRECTIONS.0, CORRECTIONS.1);
    let scale = kappa * 0.5 / (d * line.tau_m_ms);
    (scale * up * variances[0], scale * down * variances[1])
}

/// Of the neurons at the last node, how many spike per ms at an input.
pub(super) fn spiking_at(line: &Line, felt: &Felt) -> f64 {
    let Some(last) = line.V_mv.len().checked_sub(1) else { return 0.0 };
    across(line, last, felt).0 / line.width_mv[last]
}

/// `1 - alpha A`, eliminated.
#[derive(Clone, Debug, Default)]
pub(super) struct Factors {
    alpha_ms: f64,
    inverse: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// Where one that is reset goes, where that takes no time, and what of the last node's mass it counts with.
    back: Vec<f64>,
    back_per_last: f64,
}

impl Factors {
    /// For an `alpha`, in the place of others; with the node of the reset where neurons are there as they spike.
    pub(super) fn set(&mut self, moves: &Moves, alpha_ms: f64, at_once: Option<usize>) {
        let n = moves.up.len();
        for values in [&mut self.inverse, &mut self.lower, &mut self.upper] {
            values.resize(n, 0.0);
        }
        self.alpha_ms = alpha_ms;
        // what a pivot is beyond alpha up_i: no difference is taken
        let (mut excess, mut lower) = (1.0, 0.0);
        for i in 0..n {
            let (up, down) = (alpha_ms * moves.up[i], alpha_ms * moves.down[i]);
            let inverse = 1.0 / (excess + up);
            self.inverse[i] = inverse;
            self.lower[i] = lower;
            self.upper[i] = down * inverse;
            lower = up * inverse;
            excess = 1.0 + down * excess * inverse;
        }
        self.back.clear();
        if let Some(reset) = at_once {
            let mut back = std::mem::take(&mut self.back);
            back.resize(n, 0.0);
            back[reset] = 1.0;
            self.solve_without_reset(&mut back);
            let spiking = alpha_ms * moves.spiking();
            self.back_per_last = spiking / (1.0 - spiking * back[n - 1]);
            self.back = back;
        }
    }

    fn solve_without_reset(&self, masses: &mut [f64]) {
        let mut last = 0.0;
        for (mass, lower) in masses.iter_mut().zip(&self.lower) {
            last = *mass + lower * last;
            *mass = last;
        }
        let mut next = 0.0;
        for ((mass, inverse), upper) in masses.iter_mut().zip(&self.inverse).zip(&self.upper).rev() {
            next = *mass * inverse + upper * next;
            *mass = next;
        }
    }

    fn solve(&self, masses: &mut [f64]) {
        self.solve_without_reset(masses);
        if let (Some(&last), false) = (masses.last(), self.back.is_empty()) {
            let gain = self.back_per_last * last;
            masses.iter_mut().zip(&self.back).for_each(|(mass, back)| *mass += gain * back);
        }
    }
}

/// The part of the neurons at each node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Masses {
    /// Now.
    pub(super) now: Vec<f64>,
    middle: Vec<f64>,
    before: Vec<f64>,
}

impl Masses {
    /// These.
    pub(super) fn new(now: Vec<f64>) -> Self {
        Masses { now, ..Masses::default() }
    }

    /// A step of TR-BDF2 with factors for `IMPLICIT` of it, `entering` per ms at the reset besides those that are there at once; returns what spikes.
    pub(super) fn step(&mut self, moves: &Moves, factors: &Factors, h_ms: f64, reset: usize, entering: f64) -> f64 {
        let n = self.now.len();
        let (alpha_ms, spiking) = (IMPLICIT * h_ms, moves.spiking());
        self.middle.resize(n, 0.0);
        self.before.resize(n, 0.0);
        let (now, middle) = (&self.now, &mut self.middle);
        let mut from_below = 0.0;
        for i in 0..n {
            let from_above = now.get(i + 1).map_or(0.0, |above| moves.down[i] * above);
            let net = moves.up[i] * now[i] - from_above;
            middle[i] = now[i] + alpha_ms * (from_below - net);
            from_below = net;
        }
        let first = spiking * now[n - 1];
        let at_once = if factors.back.is_empty() { 0.0 } else { first };
        middle[reset] += alpha_ms * (at_once + 2.0 * entering);
        factors.solve(middle);
        let second = spiking * middle[n - 1];
        for ((next, now), middle) in self.before.iter_mut().zip(now).zip(middle.iter()) {
            *next = now + EXPLICIT / IMPLICIT * (middle - now);
        }
        self.before[reset] += alpha_ms * entering;
        factors.solve(&mut self.before);
        let third = spiking * self.before[n - 1];
        std::mem::swap(&mut self.now, &mut self.before);
        h_ms * EXPLICIT * (first + second) + alpha_ms * third
    }

    /// Takes the last step back; only once.
    pub(super) fn undo(&mut self) {
        std::mem::swap(&mut self.now, &mut self.before);
    }

    /// A step of backward Euler with factors for all of it, in which nothing becomes negative; returns what spikes.
    pub(super) fn step_of_first_order(
        &mut self,
        moves: &Moves,
        factors: &Factors,
        h_ms: f64,
        reset: usize,
        entering: f64,
    ) -> f64 {
        self.now[reset] += h_ms * entering;
        factors.solve(&mut self.now);
        h_ms * moves.spiking() * self.now.last().copied().unwrap_or(0.0)
    }
}
