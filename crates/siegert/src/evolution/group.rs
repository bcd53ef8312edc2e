//! A population: its neurons in classes of those that are alike, each with a density, or jumps.
//!
//! Neurons that differ by laws are a few classes at the places of a quadrature, weighted by the law (`transfer::members`). What the population sends is the mean over them; those that are refractory
//! come back to their own class.

use super::density::Seen;
use super::input::Felt;
use super::jumps::Jumping;
use super::past::Past;
use super::population::Population;
use crate::network::Law;
use crate::neuron::lif::SynapticFilter;
use crate::transfer::Member;

/// What neurons that are alike are in.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Density(Box<Population>),
    Jumps(Box<Jumping>),
}

/// Neurons that are alike.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// How they differ from the one at the centre, and which part of the population they are.
    pub(super) member: Member,
    pub(super) body: Body,
    past: Past,
    /// Steps in the past when it was saved.
    saved: usize,
}

/// One population.
#[derive(Clone, Debug)]
pub(super) struct Group {
    classes: Vec<Class>,
    t_ref_ms: f64,
}

impl Class {
    pub(super) fn new(member: Member, body: Body) -> Self {
        Class { member, body, past: Past::new(0.0, 0.0), saved: 0 }
    }

    fn settle(&mut self, felt: Felt) -> f64 {
        let felt = felt_by(&self.member, felt);
        let rate = match &mut self.body {
            Body::Density(density) => density.settle(felt),
            Body::Jumps(jumping) => jumping.settle(felt),
        };
        self.past = Past::new(rate, rate);
        rate
    }

    fn rate(&self, felt: Felt) -> f64 {
        let felt = felt_by(&self.member, felt);
        match &self.body {
            Body::Density(density) => density.rate(felt),
            Body::Jumps(jumping) => jumping.rate(felt),
        }
    }

    /// The part of the neurons that is not refractory.
    fn free(&self) -> f64 {
        match &self.body {
            Body::Density(density) => density.free(),
            Body::Jumps(jumping) => jumping.now().iter().sum(),
        }
    }

    fn mean_potential_mv(&self) -> f64 {
        match &self.body {
            Body::Density(density) => density.mean_potential_mv(),
            Body::Jumps(jumping) => jumping.mean_potential_mv(),
        }
    }

    fn least_mass(&self) -> f64 {
        match &self.body {
            Body::Density(density) => density.least_mass,
            Body::Jumps(jumping) => jumping.least_mass,
        }
    }
}

/// What one of the neurons feels of the input of the one at the centre.
pub(super) fn felt_by(member: &Member, felt: Felt) -> Felt {
    let Member { scale, added_mv, .. } = *member;
    if scale == 1.0 {
        return Felt { mean_mv: felt.mean_mv + added_mv, ..felt };
    }
    // spikes and currents through the resistance bring more to slower membranes
    let shift_mv = |variance_mv2: f64| match felt.filter_mv2 > 0.0 && variance_mv2 > 0.0 {
        true => variance_mv2.sqrt() * SynapticFilter::shift(felt.filter_mv2 / variance_mv2),
        false => 0.0,
    };
    let variance_mv2 = felt.fixed_variance_mv2 + scale * (felt.variance_mv2 - felt.fixed_variance_mv2);
    let mean_mv = felt.mean_mv + shift_mv(felt.variance_mv2);
    let own_mv = felt.fixed_mean_mv + scale * (mean_mv - felt.fixed_mean_mv) + added_mv;
    Felt { mean_mv: own_mv - shift_mv(variance_mv2), variance_mv2, ..felt }
}

impl Group {
    pub(super) fn new(classes: Vec<Class>, t_ref_ms: f64) -> Self {
        Group { classes, t_ref_ms }
    }

    /// The density of all neurons, where they are alike; else why there is none.
    pub(super) fn into_density(mut self) -> Result<Population, &'static str> {
        match (self.classes.pop().map(|class| class.body), self.classes.is_empty()) {
            (Some(Body::Density(density)), true) if density.adapts() => Err("that adapt"),
            (Some(Body::Density(density)), true) => Ok(*density),
            (Some(Body::Jumps(_)), _) => Err("that hear jumps one by one"),
            _ => Err("that differ"),
        }
    }

    /// The stationary densities at an input instead; returns the rate per ms.
    pub(super) fn settle(&mut self, felt: Felt) -> f64 {
        self.classes.iter_mut().map(|class| class.member.part * class.settle(felt)).sum()
    }

    /// Potentials of a law instead; those above the threshold spike at once.
    pub(super) fn start_from(&mut self, law: &Law) {
        self.densities().for_each(|density| density.start_from(law));
    }

    /// All potentials shifted; those that come above the threshold spike at once.
    pub(super) fn kick(&mut self, shift_mv: f64) {
        self.densities().for_each(|density| density.kick(shift_mv));
    }

    /// With the rates at an input where potentials have been moved; returns that of all.
    pub(super) fn restart(&mut self, felt: Felt) -> f64 {
        for class in &mut self.classes {
            let rate = class.rate(felt);
            class.past.restart(rate);
        }
        self.rate(felt)
    }

    /// Whether neurons start above the threshold.
    pub(super) fn has_above(&mut self) -> bool {
        self.densities().any(|density| density.has_above())
    }

    /// Whether jumps are counted one by one.
    pub(super) fn has_jumps(&self) -> bool {
        self.classes.iter().any(|class| matches!(class.body, Body::Jumps(_)))
    }

    fn densities(&mut self) -> impl Iterator<Item = &mut Population> {
        self.classes.iter_mut().filter_map(|class| match &mut class.body {
            Body::Density(density) => Some(density.as_mut()),
            Body::Jumps(_) => None,
        })
    }

    /// The mean potential, of neurons that are refractory the reset.
    pub(super) fn mean_potential_mv(&self) -> f64 {
        self.classes.iter().map(|class| class.member.part * class.mean_potential_mv()).sum()
    }

    /// What there is, for drawing.
    pub(super) fn seen(&self, past: &Past, at_ms: f64) -> Seen {
        let seen = |class: &Class| match &class.body {
            Body::Density(density) => (class.member.part, density.seen()),
            Body::Jumps(jumping) => (class.member.part, jumping.seen()),
        };
        let refractory = past.spikes_until(at_ms) - past.spikes_until(at_ms - self.t_ref_ms);
        Seen { refractory: refractory.max(0.0), ..Seen::mean(self.classes.iter().map(seen).collect()) }
    }

    /// Refractory time, and what jumps ask for: no step may be longer; infinite where there is neither.
    pub(super) fn longest_step_ms(&self) -> f64 {
        let of = |class: &Class| match &class.body {
            Body::Density(_) => f64::INFINITY,
            Body::Jumps(jumping) => jumping.longest_step_ms,
        };
        let t_ref_ms = if self.t_ref_ms > 0.0 { self.t_ref_ms } else { f64::INFINITY };
        self.classes.iter().map(of).fold(t_ref_ms, f64::min)
    }

    /// What a step costs, in nodes.
    pub(super) fn nodes(&self) -> usize {
        let of = |class: &Class| match &class.body {
            Body::Density(density) => density.nodes(),
            Body::Jumps(jumping) => jumping.cost(),
        };
        self.classes.iter().map(of).sum()
    }

    pub(super) fn t_ref_ms(&self) -> f64 {
        self.t_ref_ms
    }

    /// The rate per ms at an input.
    pub(super) fn rate(&self, felt: Felt) -> f64 {
        self.classes.iter().map(|class| class.member.part * class.rate(felt)).sum()
    }

    /// The part of the neurons that is there, refractory ones included: 1 but for rounding.
    pub(super) fn whole(&self, past: &Past, at_ms: f64) -> f64 {
        let refractory = past.spikes_until(at_ms) - past.spikes_until(at_ms - self.t_ref_ms);
        let free = |class: &Class| class.member.part * class.free();
        self.classes.iter().map(free).sum::<f64>() + refractory
    }

    /// The mass that is most negative so far.
    pub(super) fn least_mass(&self) -> f64 {
        self.classes.iter().map(Class::least_mass).fold(0.0, f64::min)
    }

    /// Remembers what is, for [`Group::restore`].
    pub(super) fn save(&mut self) {
        for class in &mut self.classes {
            class.saved = class.past.steps();
            match &mut class.body {
                Body::Density(density) => density.save(),
                Body::Jumps(jumping) => jumping.save(),
            }
        }
    }

    /// As it was when it was saved.
    pub(super) fn restore(&mut self) {
        for class in &mut self.classes {
            while class.past.steps() > class.saved {
                class.past.pop();
            }
            match &mut class.body {
                Body::Density(density) => density.restore(),
                Body::Jumps(jumping) => jumping.restore(),
            }
        }
    }

    /// One step at an input; returns what spikes.
    pub(super) fn step(&mut self, felt: Felt, past: &Past, from_ms: f64, to_ms: f64) -> f64 {
        let is_one = self.classes.len() == 1;
        let mut spiked = 0.0;
        for class in &mut self.classes {
            let felt = felt_by(&class.member, felt);
            let past = if is_one { past } else { &class.past };
            let own = match &mut class.body {
                Body::Density(density) => density.step(felt, past, from_ms, to_ms),
                Body::Jumps(jumping) => jumping.step(felt, past, from_ms, to_ms),
            };
            if !is_one {
                class.past.push(to_ms, own, own / (to_ms - from_ms));
            }
            spiked += class.member.part * own;
        }
        spiked
    }

    /// Leaves out what is older than a time.
    pub(super) fn forget(&mut self, before_ms: f64) {
        self.classes.iter_mut().for_each(|class| class.past.forget(before_ms));
    }

    /// More nodes below, where neurons have come to the end of the line; between steps.
    pub(super) fn extend(&mut self) {
        for class in &mut self.classes {
            if let Body::Density(density) = &mut class.body {
                density.extend();
            }
        }
    }
}
