//! Populations of a finite number of neurons in time: what chance makes of their rates, and what the network answers to it.
//!
//! Both equations evolve densities as `evolution` does, in steps of one length. What a population sends is its activity `A`, spikes per neuron, with the chance in it: it is heard through the couplings,
//! and the same spikes come back to the reset after the refractory time.
//!
//! | equation | where the chance is |
//! | --- | --- |
//! | stochastic | in every move of a neuron from node to node, as of `N` neurons that move by themselves (`fluctuation`) |
//! | mesoscopic | in the number of spikes, with what the spikes before tell of the neurons left (`correction`) |
//!
//! All neurons of a population hear the same spikes: that connections differ from neuron to neuron is left out, as it is in the linear theory of fluctuations without its random part.
//! What arrives is what was sent a delay ago, between steps by interpolation, and after one step at least. Rates that are kept are means over the time between two of them, of whole steps: what is
//! sent at a moment is a number of spikes, not a rate.
//!
//! Source: Brunel and Hakim (1999), Neural Comput 11:1621; Schwalger, Deger and Gerstner (2017), PLoS Comput Biol 13:e1005507.

mod correction;
mod fluctuation;

use super::group::Group;
use super::input::Felt;
use super::past::Past;
use super::population::Population;
use super::run::Run;
use super::{Evolution, EvolutionError, EvolutionOptions, Start};
use crate::network::Network;
use crate::neuron::lif::MS_PER_S;
use crate::numerics::random::Stream;
use crate::work::Work;
use correction::Correction;
use fluctuation::Fluctuation;

/// The step over the shortest membrane time constant and over the shortest time constant of synapses, and no more than so many ms, at which 500 Hz are followed; for an accuracy of 1e-3. The noise of the density is of first
/// order in time, all else of second.
const STEPS_STOCHASTIC: [f64; 3] = [0.005, 0.25, 0.1];
const STEPS_MESOSCOPIC: [f64; 3] = [0.02, 0.5, 0.2];
/// What the random numbers are for; one stream a population.
const PURPOSE: u32 = 1;
/// Steps between looks at whether to stop.
const STEPS_A_LOOK: u64 = 256;
/// Steps times nodes at most.
const MOST_WORK: f64 = 1e11;

/// Equations for a finite number of neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiniteEquation {
    /// The density with the noise of neurons that move by themselves.
    Stochastic,
    /// The density of what is expected of the spikes before, and spikes drawn from it.
    Mesoscopic,
}

/// A finite number of neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiniteSize {
    /// By which equation.
    pub equation: FiniteEquation,
    /// The seed of the random numbers.
    pub seed: u64,
}

/// The neurons at all nodes together, by what came and left, without the rounding of a sum: steps are too many for that of each.
#[derive(Clone, Copy, Debug, Default)]
struct Ledger {
    sum: f64,
    rest: f64,
}

impl Ledger {
    fn add(&mut self, mass: f64) {
        let sum = self.sum + mass;
        let of_mass = sum - self.sum;
        self.rest += (self.sum - (sum - of_mass)) + (mass - of_mass);
        self.sum = sum;
    }

    /// A step of a population that hears an input and gets back what spiked before; returns what spikes.
    fn step(&mut self, population: &mut Population, felt: Felt, past: &Past, (from_ms, to_ms): (f64, f64)) -> f64 {
        let spikes = grained(population.step(felt, past, from_ms, to_ms));
        let t_ref_ms = population.t_ref_ms();
        if t_ref_ms > 0.0 {
            self.add((past.spikes_until(to_ms - t_ref_ms) - past.spikes_until(from_ms - t_ref_ms)).max(0.0));
            self.add(-spikes);
        }
        population.keep(self.sum + self.rest);
        spikes
    }
}

/// Spikes per neuron to a part in 10^13, so that sums and differences of many have no rounding and all that is sent comes back.
fn grained(spikes: f64) -> f64 {
    const GRAINS: f64 = (1u64 << 44) as f64;
    (spikes * GRAINS).round() / GRAINS
}

/// A population with the chance in it.
struct Member {
    ledger: Ledger,
    chance: Chance,
}

/// What chance there is in a population.
enum Chance {
    /// With the spikes that are expected of a neuron.
    Stochastic(Box<(Fluctuation, Past)>),
    Mesoscopic(Box<Correction>),
}

impl Member {
    /// One step: the spikes of the population, per neuron.
    fn step(&mut self, population: &mut Population, felt: Felt, past: &Past, (from_ms, to_ms): (f64, f64)) -> f64 {
        match &mut self.chance {
            Chance::Stochastic(both) => {
                let (fluctuation, expected) = both.as_mut();
                let of_one = self.ledger.step(population, felt, expected, (from_ms, to_ms));
                let more = fluctuation.step(population, felt, (past, &*expected), (from_ms, to_ms));
                expected.push(to_ms, of_one, of_one / (to_ms - from_ms));
                of_one + more
            }
            Chance::Mesoscopic(correction) => {
                let expected = self.ledger.step(population, felt, past, (from_ms, to_ms));
                correction.step(population, expected, to_ms - from_ms)
            }
        }
    }

    fn forget(&mut self, before_ms: f64) {
        if let Chance::Stochastic(both) = &mut self.chance {
            both.1.forget(before_ms);
        }
    }

    /// The mean potential, of neurons that are refractory the reset.
    fn mean_potential_mv(&self, population: &Population) -> f64 {
        let more_mv = match &self.chance {
            Chance::Stochastic(both) => population.away_mv(both.0.masses()),
            Chance::Mesoscopic(_) => 0.0,
        };
        population.mean_potential_mv() + more_mv
    }

    /// The neurons of the population, refractory ones included: 1 but for rounding.
    fn whole(&self, population: &Population, past: &Past, at_ms: f64) -> f64 {
        match &self.chance {
            Chance::Stochastic(both) => {
                let (fluctuation, expected) = both.as_ref();
                population.whole(expected, at_ms) + fluctuation.whole(past, expected, at_ms)
            }
            Chance::Mesoscopic(correction) => population.whole(past, at_ms) + correction.missing(),
        }
    }
}

/// The activities of all populations in time.
///
/// # Errors
///
/// As without chance.
pub(super) fn evolve(
    network: &Network,
    options: &EvolutionOptions,
    finite: FiniteSize,
    work: &Work,
) -> Result<Evolution, EvolutionError> {
    let mut run = Run::new(network, options, work)?;
    let alike = |(group, described): (Group, &crate::network::Population)| {
        let population = || described.name.clone();
        group.into_density().map_err(|what| EvolutionError::Finite { population: population(), what })
    };
    let groups = std::mem::take(&mut run.populations).into_iter();
    let mut populations: Vec<Population> = groups.zip(&network.populations).map(alike).collect::<Result<_, _>>()?;
    let EvolutionOptions { duration_ms, dt_ms, .. } = *options;
    let outputs = ((duration_ms / dt_ms) * (1.0 + 1e-12)).floor().max(1.0) as u64;
    let between_ms = dt_ms.min(duration_ms);
    let longest_ms = longest_step_ms(&run, &populations, options, finite.equation);
    let parts = (between_ms / longest_ms - 1e-9).ceil().max(1.0);
    let nodes = populations.iter().map(Population::nodes).sum();
    let steps = outputs as f64 * parts;
    if steps.is_nan() || steps * nodes as f64 > MOST_WORK {
        return Err(EvolutionError::TooLong { steps, longest_ms, nodes });
    }
    let step_ms = between_ms / parts;
    run.heard.on_a_grid(step_ms);
    let t_ref_ms = populations.iter().map(Population::t_ref_ms).fold(0.0, f64::max);
    let memory_ms = run.heard.longest_delay_ms().max(t_ref_ms) + 4.0 * step_ms;
    let is_settled = options.start != Start::Reset;
    let member = |(a, population): (usize, &Population)| {
        let size = network.populations[a].size;
        let random = Stream::new(finite.seed, PURPOSE, a as u64);
        let chance = match finite.equation {
            FiniteEquation::Stochastic => {
                let mut fluctuation = Fluctuation::new(population, size, random);
                if is_settled {
                    fluctuation.settle(population, &run.pasts[a]);
                }
                Chance::Stochastic(Box::new((fluctuation, run.pasts[a].clone())))
            }
            FiniteEquation::Mesoscopic => Chance::Mesoscopic(Box::new(Correction::new(size, random))),
        };
        Member { ledger: Ledger { sum: population.free(), rest: 0.0 }, chance }
    };
    let mut members: Vec<Member> = populations.iter().enumerate().map(member).collect();
    let mut spikes = vec![0.0; members.len()];
    let mut now_ms = 0.0;
    work.set_progress(0, outputs);
    for k in 0..outputs {
        let end_ms = between_ms * (k + 1) as f64;
        let mut counted = vec![0.0; members.len()];
        for part in 0..parts as u64 {
            // one step begins where the last ended, to the last digit
            let left = parts - (part + 1) as f64;
            let span = (now_ms, if left > 0.0 { end_ms - step_ms * left } else { end_ms });
            now_ms = span.1;
            run.heard.listen(&run.pasts, span.0, span.1);
            for (a, population) in populations.iter_mut().enumerate() {
                population.extend();
                let felt = run.heard.over(a, span.0, span.1);
                spikes[a] = members[a].step(population, felt, &run.pasts[a], span);
                counted[a] += spikes[a];
            }
            run.heard.pass();
            for ((past, member), spikes) in run.pasts.iter_mut().zip(&mut members).zip(&spikes) {
                past.push(span.1, *spikes, spikes / step_ms);
                past.forget(span.1 - memory_ms);
                member.forget(span.1 - memory_ms);
            }
            run.found.steps += 1;
            if run.found.steps.is_multiple_of(STEPS_A_LOOK) {
                work.check()?;
            }
        }
        run.found.times_ms.push(end_ms);
        for (a, population) in populations.iter().enumerate() {
            run.found.rates_hz[a].push(counted[a] / between_ms * MS_PER_S);
            run.found.mean_rates_hz[a].push(counted[a] / between_ms * MS_PER_S);
            run.found.mean_V_mv[a].push(members[a].mean_potential_mv(population));
            let whole = members[a].whole(population, &run.pasts[a], end_ms);
            run.found.conservation_error = run.found.conservation_error.max((whole - 1.0).abs());
            run.found.least_mass = run.found.least_mass.min(population.least_mass);
        }
        work.advance(1);
    }
    Ok(run.found)
}

/// The longest step that follows neurons, synapses and what populations send each other.
fn longest_step_ms(run: &Run, populations: &[Population], options: &EvolutionOptions, equation: FiniteEquation) -> f64 {
    let [of_membranes, of_synapses, most_ms] = match equation {
        FiniteEquation::Stochastic => STEPS_STOCHASTIC,
        FiniteEquation::Mesoscopic => STEPS_MESOSCOPIC,
    };
    let scale = (options.accuracy / 1e-3).sqrt();
    // conductances make membranes faster
    let leak = |a: usize| 1.0 + run.heard.at(a, &run.pasts, 0.0).conductance;
    let time_ms = |(a, population): (usize, &Population)| population.tau_m_ms() / leak(a);
    let tau_m_ms = populations.iter().enumerate().map(time_ms).fold(f64::INFINITY, f64::min);
    let longest_ms = (of_membranes * tau_m_ms).min(of_synapses * run.heard.shortest_time_ms()).min(most_ms) * scale;
    let longest_ms = longest_ms.min(run.heard.shortest_mean_delay_ms());
    populations.iter().map(Population::t_ref_ms).filter(|t_ref_ms| *t_ref_ms > 0.0).fold(longest_ms, f64::min)
}
