//! The density of one population, its neurons that are refractory, and what it sends.

use super::input::Felt;
use super::line::{Factors, IMPLICIT, Line, Masses, Moves, spiking_at};
use super::mesh;
use super::past::Past;
use crate::neuron::Model;

/// Where a step of second order leaves a mass below this, one of first order is taken instead.
const LEAST_MASS: f64 = -1e-15;
/// Parts of a step of first order.
const PARTS: u32 = 4;
/// Means and variances that differ by less than this part of `sigma` are one.
const SAME: f64 = 1e-12;

/// One population.
#[derive(Clone, Debug)]
pub(super) struct Population {
    neuron: Model,
    line: Line,
    t_ref_ms: f64,
    moves: Moves,
    factors: Factors,
    masses: Masses,
    felt: Felt,
    factored_ms: f64,
    /// The smallest variance that its nodes can show.
    least_variance_mv2: f64,
    /// The mass at the lowest node from which on more nodes are needed below.
    most_at_the_end: f64,
    /// What was before a step that may be taken back.
    saved: Vec<f64>,
    /// The mass that is most negative so far.
    pub(super) least_mass: f64,
}

impl Population {
    /// All at the reset.
    pub(super) fn new(neuron: Model, line: Line, accuracy: f64) -> Self {
        let closest_mv = line.distance_mv.iter().copied().fold(f64::INFINITY, f64::min);
        let mut masses = vec![0.0; line.V_mv.len()];
        masses[line.reset] = 1.0;
        Population {
            neuron,
            t_ref_ms: neuron.thresholds().t_ref_ms,
            moves: Moves::default(),
            factors: Factors::default(),
            masses: Masses::new(masses),
            felt: Felt { mean_mv: f64::NAN, variance_mv2: f64::NAN },
            factored_ms: f64::NAN,
            least_variance_mv2: (1e-3 * closest_mv).powi(2),
            most_at_the_end: 1e-3 * accuracy,
            saved: Vec::new(),
            least_mass: 0.0,
            line,
        }
    }

    /// The stationary density at an input instead; returns the rate per ms.
    pub(super) fn settle(&mut self, felt: Felt) -> f64 {
        self.moves.set(&self.line, felt.mean_mv, felt.variance_mv2.max(self.least_variance_mv2));
        let (masses, rate) = self.moves.stationary(self.line.reset, self.t_ref_ms);
        self.masses = Masses::new(masses);
        (self.felt, self.factored_ms) = (felt, f64::NAN);
        rate
    }

    /// Refractory time, within which no step may be longer; infinite where there is none.
    pub(super) fn longest_step_ms(&self) -> f64 {
        if self.t_ref_ms > 0.0 { self.t_ref_ms } else { f64::INFINITY }
    }

    /// The number of its nodes.
    pub(super) fn nodes(&self) -> usize {
        self.masses.now.len()
    }

    pub(super) fn t_ref_ms(&self) -> f64 {
        self.t_ref_ms
    }

    pub(super) fn tau_m_ms(&self) -> f64 {
        self.line.tau_m_ms
    }

    /// The node of the reset.
    pub(super) fn reset(&self) -> usize {
        self.line.reset
    }

    /// The part of the neurons at each node.
    pub(super) fn masses(&self) -> &[f64] {
        &self.masses.now
    }

    /// What rounding has taken or added of all masses together, and nothing more, is put back at the reset.
    pub(super) fn keep(&mut self, sum: f64) {
        const ROUNDING: f64 = 1e-13;
        let lost = sum - self.masses.now.iter().sum::<f64>();
        if lost.abs() <= ROUNDING {
            self.masses.now[self.line.reset] += lost;
        }
    }

    /// How they moved in the last step.
    pub(super) fn moves(&self) -> &Moves {
        &self.moves
    }

    /// The rate per ms at an input.
    pub(super) fn rate(&self, felt: Felt) -> f64 {
        let variance_mv2 = felt.variance_mv2.max(self.least_variance_mv2);
        spiking_at(&self.line, felt.mean_mv, variance_mv2) * self.masses.now.last().copied().unwrap_or(0.0)
    }

    /// The part of the neurons that is there, refractory ones included: 1 but for rounding.
    pub(super) fn whole(&self, past: &Past, at_ms: f64) -> f64 {
        let refractory = past.spikes_until(at_ms) - past.spikes_until(at_ms - self.t_ref_ms);
        self.masses.now.iter().sum::<f64>() + refractory
    }

    /// Remembers what is, for [`Population::restore`].
    pub(super) fn save(&mut self) {
        self.saved.clone_from(&self.masses.now);
    }

    /// As it was when it was saved.
    pub(super) fn restore(&mut self) {
        self.masses.now.clone_from(&self.saved);
    }

    /// One step at an input; returns what spikes.
    pub(super) fn step(&mut self, felt: Felt, past: &Past, from_ms: f64, to_ms: f64) -> f64 {
        let h_ms = to_ms - from_ms;
        let std_mv = felt.variance_mv2.max(self.least_variance_mv2).sqrt();
        let is_same = (felt.mean_mv - self.felt.mean_mv).abs() <= SAME * std_mv
            && (felt.variance_mv2 - self.felt.variance_mv2).abs() <= SAME * std_mv * std_mv;
        if !is_same {
            self.felt = felt;
            self.moves.set(&self.line, felt.mean_mv, std_mv * std_mv);
        }
        let at_once = (self.t_ref_ms == 0.0).then_some(self.line.reset);
        let is_factored = (h_ms - self.factored_ms).abs() <= 1e-9 * h_ms;
        if !is_same || !is_factored {
            self.factors.set(&self.moves, IMPLICIT * h_ms, at_once);
            self.factored_ms = h_ms;
        }
        // steps whose factors are those of another by rounding are that one
        let h_ms = self.factored_ms;
        let entering = match at_once {
            Some(_) => 0.0,
            None => {
                let [from, to] = [from_ms, to_ms].map(|at| past.spikes_until(at - self.t_ref_ms));
                ((to - from) / h_ms).max(0.0)
            }
        };
        let spiked = self.masses.step(&self.moves, &self.factors, h_ms, self.line.reset, entering);
        let least = self.masses.now.iter().copied().fold(f64::INFINITY, f64::min);
        if least >= LEAST_MASS && spiked >= 0.0 {
            self.least_mass = self.least_mass.min(least);
            return spiked;
        }
        self.masses.undo();
        let part_ms = h_ms / f64::from(PARTS);
        self.factors.set(&self.moves, part_ms, at_once);
        self.factored_ms = f64::NAN;
        let step = |masses: &mut Masses| {
            masses.step_of_first_order(&self.moves, &self.factors, part_ms, self.line.reset, entering)
        };
        (0..PARTS).map(|_| step(&mut self.masses)).sum()
    }

    /// More nodes below, where neurons have come to the end of the line; between steps.
    pub(super) fn extend(&mut self) {
        if self.masses.now[0] <= self.most_at_the_end || self.line.reset == 0 {
            return;
        }
        let more = mesh::extend_below(&mut self.line, &self.neuron);
        self.masses.now.splice(0..0, std::iter::repeat_n(0.0, more));
        self.felt = Felt { mean_mv: f64::NAN, variance_mv2: f64::NAN };
    }
}
