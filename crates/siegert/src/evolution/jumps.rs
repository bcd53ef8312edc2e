//! A population whose inputs are jumps of the size that they have: the master equation.
//!
//! ```text
//! dp/dt = d/dV [((1 + G) V - mu) p]/tau_m + sum_b R_b(t) [T_b p - p] + s^2/(2 tau_m) d^2p/dV^2 + r(t - t_ref) delta(V - V_reset)
//! T_b p(V) = <p(V - J)>_J,    of a conductance open for an instant <e^A p(E + (V - E) e^A)>_A,    r = what of it is above V_th, and what the leak and the noise bring there
//! ```
//!
//! A step is three parts in the order noise, leak, jumps, leak, noise (Strang): the leak moves every face of the cells back along its exponential, jumps come in a number that is Poisson, each a movement of all
//! faces (`remap`), with those that are beyond the threshold taken out after each; what is left of the input as white noise is a step of the density without force (`line`). Each keeps masses positive and their sum.
//! Laws of sizes are sums over quantiles with their mean and variance exact. Neurons enter along the way that the leak leads from the reset, as long as they would have been on it: all at one place they would be a comb
//! that no cells resolve.
//!
//! Source: Stein (1965), Biophys J 5:173; Nykamp and Tranchina (2000), J Comput Neurosci 8:19; de Kamps (2003), Neural Comput 15:2129; Strang (1968), SIAM J Numer Anal 5:506; Jensen (1953),
//! Skand Aktuarietidskr 36:87 (the number of jumps).
//! Range: LIF neurons; jumps that are no smaller than a hundredth of `sigma` in reasonable time.

use super::density::Seen;
use super::input::{Felt, MOST_KINDS};
use super::line::{Factors, IMPLICIT, Line, Masses, Moves};
use super::past::Past;
use super::remap::{Cumulative, Origin, masses_between};
use crate::input::JumpKind;
use crate::network::Law;
use crate::neuron::Thresholds;
use crate::numerics::quadrature::points_6;

/// Distance of faces over `sigma`, and over the smallest jumps that matter, for an accuracy of 1e-3.
const APART: f64 = 0.06;
const APART_OF_JUMPS: f64 = 0.3;
/// Jumps whose part in all noise is smaller do not matter for that.
const MATTERS: f64 = 0.02;
/// How far the leak leads at the threshold in a step, over the smallest upward jumps that matter, for an accuracy of 1e-3.
const LEAK_A_JUMP: f64 = 0.15;
/// Cells at most, and below the reset at least.
const MOST_CELLS: f64 = 6000.0;
const CELLS_BELOW: f64 = 8.0;
/// Where a step of second order of the noise leaves a mass below this, one of first order is taken instead, in so many parts.
const LEAST_MASS: f64 = -1e-15;
const PARTS: u32 = 4;
/// Jumps that are more than this many in a step, in the mean, come in several sums.
const MOST_JUMPS: f64 = 100.0;
/// The part of all sums of numbers of jumps that is left out of their Poisson law.
const UNSEEN: f64 = 1e-15;
/// Places in a cell that stand for those who enter.
const PLACES_A_CELL: f64 = 4.0;
/// A step of the search for the stationary density over the time constant, and so many of these times at most.
const SEARCH: f64 = 0.05;
const MOST_TIMES: u32 = 100;
const MOST_STEPS_A_TIME: f64 = 1e4;
/// Parts of quantiles over which sums for laws go.
const QUANTILES: [f64; 10] = [0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.997, 1.0];

/// One population in jumps.
#[derive(Clone, Debug)]
pub(super) struct Jumping {
    t_ref_ms: f64,
    tau_m_ms: f64,
    /// Steps are not longer.
    pub(super) longest_step_ms: f64,
    lowest_mv: f64,
    line: Line,
    /// Distance of faces.
    apart_mv: f64,
    kinds: Vec<Vec<Origin>>,
    masses: Masses,
    moves: Moves,
    factors: Factors,
    /// Variance and step, twice, that these are made for.
    made_for: (f64, f64, bool),
    cumulative: Cumulative,
    /// By how much the flux over a step is more than that of the densities at its ends.
    bias_per_ms: f64,
    below: Vec<f64>,
    before: Vec<f64>,
    so_far: Vec<f64>,
    pub(super) saved: Vec<f64>,
    pub(super) least_mass: f64,
}

/// Sizes that stand for a law, with their parts.
fn sizes(law: Law) -> Vec<(f64, f64)> {
    let Some(differing) = law.differing() else { return vec![(law.center(), 1.0)] };
    let panels = QUANTILES.windows(2);
    let mut sizes: Vec<(f64, f64)> = panels
        .flat_map(|ends| points_6(ends[0], ends[1]))
        .map(|(quantile, part)| (differing.quantile(quantile), part))
        .collect();
    let mean_of = |sizes: &[(f64, f64)]| sizes.iter().map(|(size, part)| part * size).sum::<f64>();
    let mean = mean_of(&sizes);
    let variance = sizes.iter().map(|(size, part)| part * (size - mean).powi(2)).sum::<f64>();
    let [first, second, ..] = law.moments();
    let wider = ((second - first * first) / variance).sqrt();
    if wider.is_finite() && wider > 0.0 {
        sizes.iter_mut().for_each(|(size, _)| *size = first + wider * (*size - mean));
    }
    sizes
}

/// Adds neurons to cells, by their parts.
fn enter(masses: &mut [f64], parts: &[(usize, f64)], neurons: f64) {
    if neurons != 0.0 {
        parts.iter().for_each(|(cell, part)| masses[*cell] += part * neurons);
    }
}

/// What a neuron is like and hears, for the cells to be chosen.
pub(super) struct Foreseen<'a> {
    pub(super) thresholds: Thresholds,
    pub(super) kinds: &'a [JumpKind],
    /// Inputs that there will be.
    pub(super) inputs: &'a [Felt],
    pub(super) accuracy: f64,
}

impl Foreseen<'_> {
    /// Sizes of jumps in mV near the threshold, each with its rate per ms at an input.
    fn jumps(&self, felt: &Felt) -> Vec<(f64, f64)> {
        let near_mv = self.thresholds.V_th_mv;
        let of = |(kind, rate): (&JumpKind, &f64)| {
            let size_mv = |size: f64| kind.reversal_mv.map_or(size, |E_mv| (E_mv - near_mv) * -(-size).exp_m1());
            sizes(kind.law).into_iter().map(move |(size, part)| (size_mv(size), part * rate)).collect::<Vec<_>>()
        };
        self.kinds.iter().zip(&felt.jumps_per_ms).flat_map(of).collect()
    }

    /// `sigma` of everything.
    fn std_mv(&self, felt: &Felt) -> f64 {
        let of_jumps: f64 = self.jumps(felt).iter().map(|(size_mv, rate)| rate * size_mv * size_mv).sum();
        (felt.variance_mv2.max(0.0) + self.thresholds.tau_m_ms * of_jumps).sqrt()
    }

    /// The longest step: those who have come near the threshold must be led away by the leak in several.
    fn longest_step_ms(&self) -> f64 {
        let Thresholds { V_th_mv, tau_m_ms, .. } = self.thresholds;
        let scale = (self.accuracy / 1e-3).sqrt();
        let of = |felt: &Felt| {
            let std_mv = self.std_mv(felt);
            let matters = |(kind, rate): &(&JumpKind, &f64)| {
                let [first, second, ..] = kind.moments_at(V_th_mv);
                first > 0.0 && tau_m_ms * **rate * second > MATTERS * std_mv * std_mv
            };
            let size_mv = |(kind, _): (&JumpKind, &f64)| kind.moments_at(V_th_mv)[0];
            let smallest_mv =
                self.kinds.iter().zip(&felt.jumps_per_ms).filter(matters).map(size_mv).fold(f64::INFINITY, f64::min);
            let force_mv = (felt.mean_mv - (1.0 + felt.conductance) * V_th_mv).abs();
            LEAK_A_JUMP * scale * smallest_mv * tau_m_ms / force_mv
        };
        self.inputs.iter().map(of).fold(f64::INFINITY, f64::min)
    }

    /// The distance of faces, and how far down they reach; `None` without noise.
    fn cells(&self) -> Option<(f64, f64)> {
        let Thresholds { V_th_mv, V_reset_mv, tau_m_ms, .. } = self.thresholds;
        let scale = (self.accuracy / 1e-3).sqrt();
        let noisy = || self.inputs.iter().filter(|felt| self.std_mv(felt) > 0.0);
        let mut apart_mv = f64::INFINITY;
        let mut lowest_mv = V_reset_mv;
        for felt in noisy() {
            let std_mv = self.std_mv(felt);
            apart_mv = apart_mv.min(APART * scale * std_mv);
            let jumps = self.jumps(felt);
            for (kind, rate) in self.kinds.iter().zip(&felt.jumps_per_ms) {
                let [first, second, ..] = kind.moments_at(V_th_mv);
                if tau_m_ms * rate * second > MATTERS * std_mv * std_mv {
                    apart_mv = apart_mv.min(APART_OF_JUMPS * scale * first.abs().max(0.3 * second.sqrt()));
                }
            }
            // P(V < E - x) < exp(K(theta) - theta x), K the cumulants of what noise and jumps have brought since the reset, at most
            let leak = 1.0 + felt.conductance;
            let ln_unseen = (1e-4 * self.accuracy).ln();
            let cumulants = |theta: f64| {
                let brought = |u: f64| {
                    let of = |(size_mv, rate): &(f64, f64)| rate * (-theta * size_mv * u).min(600.0).exp_m1() / u;
                    let noise = 0.5 * felt.variance_mv2.max(0.0) / tau_m_ms * theta * theta * u;
                    noise + jumps.iter().map(of).sum::<f64>()
                };
                let points = points_6(0.0, 1.0);
                points.into_iter().map(|(u, part)| part * brought(u).max(0.0)).sum::<f64>() * tau_m_ms / leak
            };
            let reach = |k: i32| {
                let theta = 1.2f64.powi(k) / std_mv;
                (cumulants(theta) - ln_unseen) / theta
            };
            let reach_mv = (-20..30).map(reach).fold(f64::INFINITY, f64::min);
            lowest_mv = lowest_mv.min((felt.mean_mv / leak).min(V_reset_mv) - reach_mv);
        }
        // conductances do not lead beyond where they lead to
        let ends = self.kinds.iter().map(|kind| kind.reversal_mv.unwrap_or(f64::NEG_INFINITY));
        let end_mv = ends.fold(f64::INFINITY, f64::min);
        if end_mv.is_finite() && self.inputs.iter().all(|felt| felt.variance_mv2 <= 0.0 && felt.mean_mv >= end_mv) {
            lowest_mv = lowest_mv.max(end_mv.min(V_reset_mv) - apart_mv);
        }
        let is_some = apart_mv.is_finite() && apart_mv > 0.0 && lowest_mv.is_finite();
        is_some.then_some((apart_mv.min(0.1 * (V_th_mv - V_reset_mv)), lowest_mv))
    }
}

impl Jumping {
    /// All at the reset; `None` where no cells resolve what is foreseen.
    pub(super) fn new(foreseen: &Foreseen<'_>) -> Option<Self> {
        let Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms } = foreseen.thresholds;
        let (apart_mv, lowest_mv) = foreseen.cells()?;
        // the reset is the middle of a cell, the threshold a face
        let above = ((V_th_mv - V_reset_mv) / apart_mv - 0.5).ceil();
        let apart_mv = (V_th_mv - V_reset_mv) / (above + 0.5);
        let below = ((V_reset_mv - lowest_mv) / apart_mv).ceil() + CELLS_BELOW;
        if (below + above).is_nan() || below + above >= MOST_CELLS {
            return None;
        }
        let (reset, n) = (below as usize, below as usize + above as usize + 1);
        let lowest_mv = V_th_mv - apart_mv * n as f64;
        let origins = |kind: &JumpKind| {
            let of = |(size, part): (f64, f64)| match kind.reversal_mv {
                None => Origin { offset: -size / apart_mv, stretch: 1.0, part },
                Some(E_mv) => {
                    let at = (E_mv - lowest_mv) / apart_mv;
                    Origin { offset: at * -size.exp_m1(), stretch: size.exp(), part }
                }
            };
            sizes(kind.law).into_iter().map(of).collect()
        };
        let mut masses = vec![0.0; n];
        masses[reset] = 1.0;
        let mut distance_mv = vec![apart_mv; n];
        distance_mv[n - 1] *= 0.5;
        Some(Jumping {
            t_ref_ms,
            tau_m_ms,
            longest_step_ms: foreseen.longest_step_ms(),
            lowest_mv,
            line: Line {
                V_mv: (0..n).map(|k| lowest_mv + apart_mv * (k as f64 + 0.5)).collect(),
                width_mv: vec![apart_mv; n],
                distance_mv,
                force_mv: vec![0.0; n + 1],
                reset,
                tau_m_ms,
            },
            apart_mv,
            kinds: foreseen.kinds.iter().map(origins).collect(),
            masses: Masses::new(masses),
            moves: Moves::default(),
            factors: Factors::default(),
            made_for: (f64::NAN, f64::NAN, false),
            cumulative: Cumulative::default(),
            bias_per_ms: 0.0,
            below: vec![0.0; n + 1],
            before: Vec::new(),
            so_far: Vec::new(),
            saved: Vec::new(),
            least_mass: 0.0,
        })
    }

    pub(super) fn now(&self) -> &[f64] {
        &self.masses.now
    }

    /// The mean potential, of neurons that are refractory the reset.
    pub(super) fn mean_potential_mv(&self) -> f64 {
        let V_reset_mv = self.line.V_mv[self.line.reset];
        let away = |(mass, V_mv): (&f64, &f64)| mass * (V_mv - V_reset_mv);
        V_reset_mv + self.masses.now.iter().zip(&self.line.V_mv).map(away).sum::<f64>()
    }

    /// What there is, for drawing; refractory neurons are not counted here.
    pub(super) fn seen(&self) -> Seen {
        let n = self.masses.now.len();
        Seen {
            borders_mv: (0..=n).map(|k| self.lowest_mv + self.apart_mv * k as f64).collect(),
            masses: self.masses.now.clone(),
            refractory: 0.0,
            above: 0.0,
            reset_mv: self.line.V_mv[self.line.reset],
        }
    }

    pub(super) fn save(&mut self) {
        self.saved.clone_from(&self.masses.now);
    }

    pub(super) fn restore(&mut self) {
        self.masses.now.clone_from(&self.saved);
    }

    /// What a step costs, over that of a density of one node.
    pub(super) fn cost(&self) -> usize {
        let origins: usize = self.kinds.iter().map(Vec::len).sum();
        self.masses.now.len() * (1 + origins)
    }

    /// The rate per ms at an input: the flux of the density, and what the parts of the last step have it wrong by in the mean.
    pub(super) fn rate(&self, felt: Felt) -> f64 {
        (self.flux(felt) + self.bias_per_ms).max(0.0)
    }

    fn flux(&self, felt: Felt) -> f64 {
        let mut cumulative = Cumulative::default();
        cumulative.set(&self.masses.now);
        let n = self.masses.now.len();
        let over = |origins: &Vec<Origin>| {
            let below = |it: &Origin| it.part * cumulative.at(it.offset + it.stretch * n as f64);
            cumulative.all() - origins.iter().map(below).sum::<f64>()
        };
        let by_jumps: f64 = self.kinds.iter().zip(&felt.jumps_per_ms).map(|(it, rate)| rate.max(0.0) * over(it)).sum();
        let end_mv = self.lowest_mv + self.apart_mv * n as f64;
        let force_mv = felt.mean_mv - (1.0 + felt.conductance) * end_mv;
        let by_force = match felt.variance_mv2 > 0.0 {
            // then the density is 0 at the threshold
            true => felt.variance_mv2 / (self.apart_mv * self.apart_mv) * self.masses.now[n - 1],
            false => force_mv.max(0.0) * cumulative.slope_at_end() / self.apart_mv,
        };
        by_jumps + by_force / self.tau_m_ms
    }

    /// The stationary density at an input; returns the rate per ms. Found by waiting for it, those that spike being at the reset at once.
    pub(super) fn settle(&mut self, felt: Felt) -> f64 {
        let time_ms = self.tau_m_ms / (1.0 + felt.conductance);
        let steps_a_time = (time_ms / (SEARCH * time_ms).min(self.longest_step_ms)).ceil().min(MOST_STEPS_A_TIME);
        let h_ms = time_ms / steps_a_time;
        let mut last = f64::NAN;
        for _ in 0..MOST_TIMES {
            let spiked: f64 = (0..steps_a_time as u32).map(|_| self.step_of(felt, h_ms, 0.0, true)).sum();
            let rate = spiked / time_ms;
            let is_found = (rate - last).abs() <= 1e-8 * rate;
            last = rate;
            if is_found {
                break;
            }
        }
        let free = 1.0 / (1.0 + last * self.t_ref_ms);
        self.masses.now.iter_mut().for_each(|mass| *mass *= free);
        self.bias_per_ms = last * free - self.flux(felt);
        last * free
    }

    /// One step at an input; returns what spikes.
    pub(super) fn step(&mut self, felt: Felt, past: &Past, from_ms: f64, to_ms: f64) -> f64 {
        let entering = match self.t_ref_ms > 0.0 {
            true => {
                let [from, to] = [from_ms, to_ms].map(|at| past.spikes_until(at - self.t_ref_ms));
                (to - from).max(0.0)
            }
            false => 0.0,
        };
        let h_ms = to_ms - from_ms;
        let before = self.flux(felt);
        let spiked = self.step_of(felt, h_ms, entering, self.t_ref_ms == 0.0);
        self.bias_per_ms = spiked / h_ms - 0.5 * (before + self.flux(felt));
        self.least_mass = self.masses.now.iter().copied().fold(self.least_mass, f64::min);
        spiked
    }

    fn step_of(&mut self, felt: Felt, h_ms: f64, entering: f64, at_once: bool) -> f64 {
        let half_ms = 0.5 * h_ms;
        let on_the_way = self.on_the_way(felt, (0.0, half_ms));
        let first = self.diffuse(felt, half_ms, at_once) + self.relax(felt, half_ms, at_once, &on_the_way);
        enter(&mut self.masses.now, &on_the_way, 0.5 * entering);
        let middle = self.jump(felt, h_ms, at_once);
        let last = self.relax(felt, half_ms, at_once, &on_the_way);
        enter(&mut self.masses.now, &on_the_way, 0.5 * entering);
        first + middle + last + self.diffuse(felt, half_ms, at_once)
    }

    /// Where neurons are that have been on the way from the reset for some time between two: cells with their parts, whose mean is that of the places.
    fn on_the_way(&self, felt: Felt, (from_ms, to_ms): (f64, f64)) -> Vec<(usize, f64)> {
        let leak = 1.0 + felt.conductance;
        let to = (felt.mean_mv / leak - self.lowest_mv) / self.apart_mv;
        let place = |time_ms: f64| to + (self.line.reset as f64 + 0.5 - to) * (-time_ms * leak / self.tau_m_ms).exp();
        let count = (PLACES_A_CELL * (place(to_ms) - place(from_ms)).abs()).ceil().clamp(1.0, MOST_CELLS);
        let last = self.masses.now.len() - 2;
        let mut parts = Vec::new();
        for k in 0..count as u32 {
            let at = place(from_ms + (to_ms - from_ms) * (f64::from(k) + 0.5) / count) - 0.5;
            let cell = (at.max(0.0) as usize).min(last);
            let above = (at - cell as f64).clamp(0.0, 1.0);
            parts.extend([(cell, (1.0 - above) / count), (cell + 1, above / count)]);
        }
        parts
    }

    /// By white noise alone.
    fn diffuse(&mut self, felt: Felt, h_ms: f64, at_once: bool) -> f64 {
        if felt.variance_mv2 <= 0.0 {
            return 0.0;
        }
        let reset = self.line.reset;
        let back = at_once.then_some(reset);
        let is_made = self.made_for.2 == at_once
            && (self.made_for.0 - felt.variance_mv2).abs() <= 1e-12 * felt.variance_mv2
            && (self.made_for.1 - h_ms).abs() <= 1e-9 * h_ms;
        if !is_made {
            self.moves.set(&self.line, &Felt { variance_mv2: felt.variance_mv2, ..Felt::default() });
            self.factors.set(&self.moves, IMPLICIT * h_ms, back);
            self.made_for = (felt.variance_mv2, h_ms, at_once);
        }
        let h_ms = self.made_for.1;
        let spiked = self.masses.step(&self.moves, &self.factors, h_ms, reset, 0.0);
        let least = self.masses.now.iter().copied().fold(f64::INFINITY, f64::min);
        if least >= LEAST_MASS && spiked >= 0.0 {
            return spiked;
        }
        self.masses.undo();
        let part_ms = h_ms / f64::from(PARTS);
        let mut factors = Factors::default();
        factors.set(&self.moves, part_ms, back);
        (0..PARTS).map(|_| self.masses.step_of_first_order(&self.moves, &factors, part_ms, reset, 0.0)).sum()
    }

    /// Along the force.
    fn relax(&mut self, felt: Felt, h_ms: f64, at_once: bool, on_the_way: &[(usize, f64)]) -> f64 {
        let leak = 1.0 + felt.conductance;
        let stretch = (h_ms * leak / self.tau_m_ms).exp();
        let to = (felt.mean_mv / leak - self.lowest_mv) / self.apart_mv;
        let origin = Origin { offset: to * (1.0 - stretch), stretch, part: 1.0 };
        self.cumulative.set(&self.masses.now);
        self.below.fill(0.0);
        self.cumulative.add_moved(origin, &mut self.below);
        let spiked = masses_between(&self.below, self.cumulative.all(), &mut self.masses.now);
        if at_once {
            enter(&mut self.masses.now, on_the_way, spiked);
        }
        spiked
    }

    /// By jumps.
    fn jump(&mut self, felt: Felt, h_ms: f64, at_once: bool) -> f64 {
        let rates = felt.jumps_per_ms.map(|rate| rate.max(0.0));
        let all: f64 = rates[..self.kinds.len().min(MOST_KINDS)].iter().sum();
        let times = (all * h_ms / MOST_JUMPS).ceil();
        if times.is_nan() || times < 1.0 {
            return 0.0;
        }
        let on_the_way = if at_once { self.on_the_way(felt, (-0.5 * h_ms, 0.5 * h_ms)) } else { Vec::new() };
        (0..times as u64).map(|_| self.jump_some(&rates, all, all * h_ms / times, &on_the_way)).sum()
    }

    /// A number of jumps that is Poisson with this mean.
    fn jump_some(&mut self, rates: &[f64; MOST_KINDS], all: f64, mean: f64, on_the_way: &[(usize, f64)]) -> f64 {
        let mut probability = (-mean).exp();
        let mut left = 1.0;
        let mut spiked = 0.0;
        self.before.clone_from(&self.masses.now);
        self.so_far.clear();
        self.so_far.resize(self.masses.now.len(), 0.0);
        for number in 1u32.. {
            // who has had this number of jumps
            let is_last = left - probability < UNSEEN || probability == 0.0 && f64::from(number) > mean;
            let part = if is_last { left } else { probability };
            self.so_far.iter_mut().zip(&self.before).for_each(|(sum, mass)| *sum += part * mass);
            left -= part;
            if is_last {
                break;
            }
            self.cumulative.set(&self.before);
            self.below.fill(0.0);
            for (origins, rate) in self.kinds.iter().zip(rates).filter(|(_, rate)| **rate > 0.0) {
                for origin in origins {
                    let part = origin.part * rate / all;
                    self.cumulative.add_moved(Origin { part, ..*origin }, &mut self.below);
                }
            }
            let beyond = masses_between(&self.below, self.cumulative.all(), &mut self.before);
            // by the jump of this number, if there are as many
            spiked += left * beyond;
            enter(&mut self.before, on_the_way, beyond);
            probability *= mean / f64::from(number);
        }
        std::mem::swap(&mut self.masses.now, &mut self.so_far);
        spiked
    }
}
