//! The density of neurons that are alike, those of them that are refractory, and what they send.
//!
//! Adaptation is taken at its mean, `tau_w w' = a (<V> - E_L) - w + b tau_w r`, over a step an exponential at the means of `<V>` and `r`; refractory neurons are at their reset.

use super::adaptation::Adapting;
use super::density::Seen;
use super::input::Felt;
use super::line::{Factors, IMPLICIT, Line, Masses, Moves, spiking_at};
use super::mesh;
use super::past::Past;
use crate::network::Law;
use crate::neuron::Model;

/// Where a step of second order leaves a mass below this, one of first order is taken instead.
const LEAST_MASS: f64 = -1e-15;
/// Parts of a step of first order.
const PARTS: u32 = 4;
/// The time in which those that are above the threshold at the start spike.
pub(super) const SPIKING_MS: f64 = 0.1;
/// Times that nodes are added below for those that start there.
const MOST_EXTENSIONS: usize = 100;
/// Means and variances that differ by less than this part of `sigma` are one.
const SAME: f64 = 1e-12;

/// Neurons that are alike.
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
    /// The part of the neurons that has started above the threshold and is still to spike, and how many do per ms.
    above: f64,
    above_per_ms: f64,
    /// Adaptation, if there is any.
    adapting: Option<Adapting>,
    /// What was before a step that may be taken back.
    saved: (Vec<f64>, f64),
    /// The mass that is most negative so far.
    pub(super) least_mass: f64,
}

impl Population {
    /// All at the reset.
    pub(super) fn new(neuron: Model, line: Line, accuracy: f64, adapting: Option<Adapting>) -> Self {
        let closest_mv = line.distance_mv.iter().copied().fold(f64::INFINITY, f64::min);
        let mut masses = vec![0.0; line.V_mv.len()];
        masses[line.reset] = 1.0;
        Population {
            neuron,
            t_ref_ms: neuron.thresholds().t_ref_ms,
            moves: Moves::default(),
            factors: Factors::default(),
            masses: Masses::new(masses),
            felt: Felt::NONE,
            factored_ms: f64::NAN,
            least_variance_mv2: (1e-3 * closest_mv).powi(2),
            most_at_the_end: 1e-3 * accuracy,
            above: 0.0,
            above_per_ms: 0.0,
            adapting,
            saved: (Vec::new(), 0.0),
            least_mass: 0.0,
            line,
        }
    }

    /// The stationary density at an input instead; returns the rate per ms.
    pub(super) fn settle(&mut self, felt: Felt) -> f64 {
        let Some(mut adapting) = self.adapting else { return self.settle_at(felt) };
        let rate = adapting.settle(|adaptation_mv| {
            let rate = self.settle_at(felt.lower_by(adaptation_mv));
            (rate, self.mean_potential_mv())
        });
        self.adapting = Some(adapting);
        rate
    }

    /// The same without an adaptation of its own.
    fn settle_at(&mut self, felt: Felt) -> f64 {
        self.moves.set(&self.line, &self.with_some_noise(felt));
        let (masses, rate) = self.moves.stationary(self.line.reset, self.t_ref_ms);
        self.masses = Masses::new(masses);
        (self.felt, self.factored_ms) = (felt, f64::NAN);
        rate
    }

    /// An input with as much noise as the nodes can show.
    fn with_some_noise(&self, felt: Felt) -> Felt {
        Felt { variance_mv2: felt.variance_mv2.max(self.least_variance_mv2), ..felt }
    }

    /// An input less the adaptation at present.
    fn adapted(&self, felt: Felt) -> Felt {
        felt.lower_by(self.adapting.map_or(0.0, |adapting| adapting.now_mv))
    }

    /// The mean potential, of neurons that are refractory the reset.
    pub(super) fn mean_potential_mv(&self) -> f64 {
        let V_reset_mv = self.line.V_mv[self.line.reset];
        V_reset_mv + self.away_mv(&self.masses.now) + self.above * (self.line.end_mv() - V_reset_mv)
    }

    /// The mean potential of masses at its nodes, from the reset.
    pub(super) fn away_mv(&self, masses: &[f64]) -> f64 {
        let V_reset_mv = self.line.V_mv[self.line.reset];
        masses.iter().zip(&self.line.V_mv).map(|(mass, V_mv)| mass * (V_mv - V_reset_mv)).sum()
    }

    /// The part of the neurons that is not refractory.
    pub(super) fn free(&self) -> f64 {
        self.masses.now.iter().sum::<f64>() + self.above
    }

    /// Potentials of a law instead; those above the threshold spike at once.
    pub(super) fn start_from(&mut self, law: &Law) {
        let unseen = self.most_at_the_end;
        self.extend_while(|line| law.cumulative(line.V_mv[0]) > unseen);
        let mut masses = vec![0.0; self.line.V_mv.len()];
        match law.differing() {
            None => self.put(&mut masses, law.center(), 1.0),
            Some(law) => {
                let faces = self.line.V_mv.windows(2).map(|V| 0.5 * (V[0] + V[1])).chain([self.line.end_mv()]);
                let mut below = 0.0;
                for (mass, face) in masses.iter_mut().zip(faces) {
                    let cumulative = law.cumulative(face);
                    *mass = cumulative - below;
                    below = cumulative;
                }
                self.above = 1.0 - below;
            }
        }
        self.replace(masses);
    }

    /// All potentials shifted; those that come above the threshold spike at once.
    pub(super) fn kick(&mut self, shift_mv: f64) {
        if shift_mv == 0.0 {
            return;
        }
        let lowest_mv = self.line.V_mv[0] + shift_mv;
        self.extend_while(|line| line.V_mv[0] > lowest_mv);
        let mut masses = vec![0.0; self.line.V_mv.len()];
        for i in 0..masses.len() {
            self.put(&mut masses, self.line.V_mv[i] + shift_mv, self.masses.now[i]);
        }
        self.replace(masses);
    }

    /// A mass at a potential, between two nodes so that the mean stays.
    fn put(&mut self, masses: &mut [f64], V_mv: f64, mass: f64) {
        let next = self.line.V_mv.partition_point(|node| *node < V_mv);
        match self.line.V_mv.get(next) {
            _ if V_mv > self.line.end_mv() => self.above += mass,
            Some(_) if next == 0 => masses[0] += mass,
            Some(node) => {
                let before = self.line.V_mv[next - 1];
                let part = (V_mv - before) / (node - before);
                masses[next - 1] += (1.0 - part) * mass;
                masses[next] += part * mass;
            }
            None => masses[next - 1] += mass,
        }
    }

    fn replace(&mut self, masses: Vec<f64>) {
        self.masses = Masses::new(masses);
        self.factored_ms = f64::NAN;
        self.above_per_ms = self.above / SPIKING_MS;
    }

    /// Whether neurons start above the threshold.
    pub(super) fn has_above(&self) -> bool {
        self.above > 0.0
    }

    /// The number of its nodes.
    pub(super) fn nodes(&self) -> usize {
        self.masses.now.len()
    }

    pub(super) fn t_ref_ms(&self) -> f64 {
        self.t_ref_ms
    }

    /// Whether it adapts.
    pub(super) fn adapts(&self) -> bool {
        self.adapting.is_some()
    }

    /// The part of the neurons that is there, refractory ones included: 1 but for rounding.
    pub(super) fn whole(&self, past: &Past, at_ms: f64) -> f64 {
        self.free() + past.spikes_until(at_ms) - past.spikes_until(at_ms - self.t_ref_ms)
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
        let lost = sum - self.free();
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
        let felt = self.with_some_noise(self.adapted(felt));
        let at_once = if self.above > 0.0 { self.above_per_ms } else { 0.0 };
        spiking_at(&self.line, &felt) * self.masses.now.last().copied().unwrap_or(0.0) + at_once
    }

    /// What there is, for drawing; refractory neurons are not counted here.
    pub(super) fn seen(&self) -> Seen {
        let Line { V_mv, reset, .. } = &self.line;
        let between = V_mv.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        Seen {
            borders_mv: V_mv.iter().take(1).copied().chain(between).chain([self.line.end_mv()]).collect(),
            masses: self.masses.now.clone(),
            refractory: 0.0,
            above: self.above,
            reset_mv: V_mv[*reset],
        }
    }

    /// Remembers what is, for [`Population::restore`].
    pub(super) fn save(&mut self) {
        self.saved.0.clone_from(&self.masses.now);
        self.saved.1 = self.above;
        if let Some(adapting) = &mut self.adapting {
            adapting.save();
        }
    }

    /// As it was when it was saved.
    pub(super) fn restore(&mut self) {
        self.masses.now.clone_from(&self.saved.0);
        self.above = self.saved.1;
        if let Some(adapting) = &mut self.adapting {
            adapting.restore();
        }
    }

    /// One step at an input; returns what spikes.
    pub(super) fn step(&mut self, felt: Felt, past: &Past, from_ms: f64, to_ms: f64) -> f64 {
        let Some(adapting) = self.adapting else { return self.step_at(felt, past, from_ms, to_ms) };
        let h_ms = to_ms - from_ms;
        let before_mv = self.mean_potential_mv();
        let middle_mv = adapting.middle_mv(before_mv, past.rate_now(), h_ms);
        let spiked = self.step_at(felt.lower_by(middle_mv), past, from_ms, to_ms);
        let mean_mv = 0.5 * (before_mv + self.mean_potential_mv());
        if let Some(adapting) = &mut self.adapting {
            adapting.step(mean_mv, spiked / h_ms, h_ms);
        }
        spiked
    }

    /// The same without an adaptation of its own.
    fn step_at(&mut self, felt: Felt, past: &Past, from_ms: f64, to_ms: f64) -> f64 {
        let h_ms = to_ms - from_ms;
        let felt = self.with_some_noise(felt);
        let is_same = felt.is_like(&self.felt, SAME);
        if !is_same {
            self.felt = felt;
            self.moves.set(&self.line, &felt);
        }
        let at_once = (self.t_ref_ms == 0.0).then_some(self.line.reset);
        let is_factored = (h_ms - self.factored_ms).abs() <= 1e-9 * h_ms;
        if !is_same || !is_factored {
            self.factors.set(&self.moves, IMPLICIT * h_ms, at_once);
            self.factored_ms = h_ms;
        }
        // steps whose factors are those of another by rounding are that one
        let h_ms = self.factored_ms;
        let above = self.spike_above(to_ms - from_ms);
        let entering = match at_once {
            Some(_) => above / h_ms,
            None => {
                let [from, to] = [from_ms, to_ms].map(|at| past.spikes_until(at - self.t_ref_ms));
                ((to - from) / h_ms).max(0.0)
            }
        };
        let spiked = self.masses.step(&self.moves, &self.factors, h_ms, self.line.reset, entering);
        let least = self.masses.now.iter().copied().fold(f64::INFINITY, f64::min);
        if least >= LEAST_MASS && spiked >= 0.0 {
            self.least_mass = self.least_mass.min(least);
            return spiked + above;
        }
        self.masses.undo();
        let part_ms = h_ms / f64::from(PARTS);
        self.factors.set(&self.moves, part_ms, at_once);
        self.factored_ms = f64::NAN;
        let step = |masses: &mut Masses| {
            masses.step_of_first_order(&self.moves, &self.factors, part_ms, self.line.reset, entering)
        };
        (0..PARTS).map(|_| step(&mut self.masses)).sum::<f64>() + above
    }

    /// How many of those that have started above the threshold spike in a step.
    fn spike_above(&mut self, h_ms: f64) -> f64 {
        let spiking = self.above_per_ms * h_ms;
        // the last step takes what rounding leaves, too
        let spiking = if self.above - spiking <= 1e-9 * spiking { self.above } else { spiking };
        self.above -= spiking;
        spiking
    }

    /// More nodes below, where neurons have come to the end of the line; between steps.
    pub(super) fn extend(&mut self) {
        if self.masses.now[0] <= self.most_at_the_end || self.line.reset == 0 {
            return;
        }
        self.extend_once();
    }

    fn extend_once(&mut self) {
        let more = mesh::extend_below(&mut self.line, &self.neuron);
        self.masses.now.splice(0..0, std::iter::repeat_n(0.0, more));
        self.felt = Felt::NONE;
    }

    /// More nodes below where a line has an end there, as long as they are wanted.
    fn extend_while(&mut self, wanted: impl Fn(&Line) -> bool) {
        let mut left = MOST_EXTENSIONS;
        while left > 0 && self.line.reset > 0 && wanted(&self.line) {
            self.extend_once();
            left -= 1;
        }
    }
}
