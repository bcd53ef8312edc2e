//! The network in time by a few ordinary differential equations for each population in place of its density: the slowest modes, or filters before a static nonlinearity.
//!
//! Populations hear each other as those with densities do (`input`), and stand still in the same states; on the way there a rate equation has the response of the density only as far as `fit`
//! says, which is computed at the input where it ends and given with the result. What it costs is a table of coefficients next to where the network goes (`chart`), once, and then about
//! half a microsecond a step and population, with what it hears.
//!
//! Source: Mattia and Del Giudice (2002), Phys Rev E 66:051917; Ostojic and Brunel (2011), PLoS Comput Biol 7:e1001056; Augustin, Ladenbauer, Baumann and Obermayer (2017), PLoS Comput Biol 13:e1005545. What
//! is different here is said in `fit` and `population`.
//! Range: as the density, but for a start at the reset, which a rate does not tell from others.

mod chart;
mod fit;
mod population;

use num_complex::Complex64;

use super::input::{Felt, Heard, Listening};
use super::members::{Described, described};
use super::past::Past;
use super::run::{check, filter_of, rates_at_start, streams_of, warnings};
use super::{Evolution, EvolutionError, EvolutionOptions, Start, before_the_start};
use crate::input::Streams;
use crate::network::Network;
use crate::neuron::Model;
use crate::neuron::lif::MS_PER_S;
use crate::theory::{InputTheory, Theory, TheoryOptions};
use crate::work::Work;
use crate::{Warning, WarningKind};
pub use fit::Misfit;
use population::Population;

/// The longest step over the shortest time of neurons, synapses and modulations, for an accuracy of 1e-3.
const LONGEST: f64 = 0.05;
/// Steps are not made shorter than this for a delay; shorter ones are heard a step late.
const LEAST_DELAY_MS: f64 = 0.05;
/// Steps of all populations at most, some minutes; and rates that are kept.
const MOST_STEPS: f64 = 1e9;
const MOST_OUTPUTS: f64 = 1e8;
/// Steps between looks at whether to stop.
const STEPS_A_LOOK: u64 = 1024;

/// Equations for rates alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateEquation {
    /// Two of the slowest modes of the density, the others as one decay.
    Spectral,
    /// A damped oscillator and a decay before the stationary rate.
    Cascade,
}

/// How far a rate equation is from the density of a population, at the input where it ends.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Departure {
    /// The difference of their responses.
    pub misfit: Misfit,
    /// The slowest eigenvalues of the density there, of pairs the one above the real axis; of the spectral equation.
    pub eigenvalues_per_ms: Vec<Complex64>,
}

/// The rates of all populations in time by a rate equation, and how far each is from its density.
///
/// # Errors
///
/// As of [`evolve`](super::evolve); a start at the reset.
pub fn evolve_rates(
    network: &Network,
    options: &EvolutionOptions,
    equation: RateEquation,
    work: &Work,
) -> Result<(Evolution, Vec<Departure>), EvolutionError> {
    check(options)?;
    let is_kicked = options.kicks_mv.iter().any(|kick_mv| *kick_mv != 0.0);
    if matches!(options.start, Start::Reset | Start::File) || is_kicked {
        return Err(EvolutionError::OnlyRates);
    }
    let mut run = Run::new(network, options, equation, work)?;
    run.advance_to_end(options, work)?;
    let departure = |population: &Population| {
        let (misfit, eigenvalues_per_ms) = population.misfit();
        Departure { misfit, eigenvalues_per_ms }
    };
    let departures = run.populations.iter().map(departure).collect();
    for (described, population) in network.populations.iter().zip(&run.populations) {
        if population.negative > 0 {
            let (name, part) = (&described.name, 100.0 * population.negative as f64 / run.found.steps as f64);
            let sentence = format!(
                "The slowest modes give {name} a negative rate in {part:.2} % of the steps, which counts as 0: its input changes by more than they can follow."
            );
            run.found.warnings.push(Warning::new(WarningKind::NegativeRate, sentence).about(name));
        }
    }
    Ok((run.found, departures))
}

/// The neurons, or what of them has no rate equation.
fn neurons_of(network: &Network, streams: &Streams, all: &[Described]) -> Result<Vec<Model>, EvolutionError> {
    let neuron = |(a, described): (usize, &Described)| {
        let is_plastic = streams.streams.iter().any(|stream| stream.target == a && !stream.sent.is_rate());
        let what = match described.neuron() {
            Model::Adex(_) => "that adapt",
            _ if described.listening.conducting.is_some() => "with conductances",
            _ if is_plastic => "with plastic synapses",
            _ if described.differ() => "that differ",
            neuron => return Ok(*neuron),
        };
        Err(EvolutionError::NoRateEquation { population: network.populations[a].name.clone(), what })
    };
    all.iter().enumerate().map(neuron).collect()
}

struct Run {
    populations: Vec<Population>,
    pasts: Vec<Past>,
    heard: Heard,
    found: Evolution,
    now_ms: f64,
    /// When something abrupt will be, the next last.
    coming_ms: Vec<f64>,
    longest_ms: f64,
    /// The longest time that is looked back.
    memory_ms: f64,
}

impl Run {
    fn new(
        network: &Network,
        options: &EvolutionOptions,
        equation: RateEquation,
        work: &Work,
    ) -> Result<Self, EvolutionError> {
        let filter = filter_of(network, options.filter)?;
        let streams = streams_of(network)?;
        let described = described(network, &streams, filter, InputTheory::Diffusion)?;
        let neurons = neurons_of(network, &streams, &described)?;
        let listening: Vec<Listening> = described.iter().map(|it| it.listening.clone()).collect();
        let mut heard = Heard::new(&listening, &network.drives, &streams.streams);
        let before = before_the_start(network);
        let theory = Theory::new(&before, &TheoryOptions::from(filter))?.watched(work);
        let none = EvolutionError::NoState { asked: 1, found: 0 };
        let first_hz = rates_at_start(&theory, options.start)?.ok_or(none)?;
        let pasts: Vec<Past> = first_hz.iter().map(|hz| Past::new(hz / MS_PER_S, hz / MS_PER_S)).collect();
        heard.settle(&pasts, 0.0);
        let mut populations = Vec::with_capacity(neurons.len());
        for (a, neuron) in neurons.iter().enumerate() {
            let felt = heard.at(a, &pasts, 0.0);
            if felt.variance_mv2 <= 0.0 {
                return Err(EvolutionError::NoNoise { population: network.populations[a].name.clone() });
            }
            populations.push(Population::new(*neuron, equation, felt));
        }
        let shortest_delay_ms = heard.shortest_delay_ms();
        if let Some(first) = network.populations.first().filter(|_| shortest_delay_ms <= 0.0) {
            let what = "that hear each other without delay";
            return Err(EvolutionError::NoRateEquation { population: first.name.clone(), what });
        }
        let scale = (options.accuracy / 1e-3).sqrt();
        let tau_m_ms = neurons.iter().map(|neuron| neuron.thresholds().tau_m_ms).fold(f64::INFINITY, f64::min);
        let longest_ms = (LONGEST * scale * tau_m_ms)
            .min(2.0 * LONGEST * scale * heard.shortest_time_ms())
            .min(shortest_delay_ms.max(LEAST_DELAY_MS))
            .min(heard.longest_step_ms())
            .min(options.dt_ms);
        let steps = options.duration_ms / longest_ms;
        let kept = options.duration_ms / options.dt_ms * neurons.len() as f64;
        if steps.is_nan() || steps * neurons.len() as f64 > MOST_STEPS || kept > MOST_OUTPUTS {
            return Err(EvolutionError::TooLong { steps, longest_ms, nodes: neurons.len() });
        }
        Ok(Run {
            found: Evolution {
                times_ms: vec![0.0],
                rates_hz: populations.iter().map(|population| vec![population.rate() * MS_PER_S]).collect(),
                mean_rates_hz: populations.iter().map(|population| vec![population.rate() * MS_PER_S]).collect(),
                mean_V_mv: Vec::new(),
                densities: Vec::new(),
                conservation_error: 0.0,
                least_mass: 0.0,
                filter,
                steps: 0,
                warnings: warnings(network, &heard, InputTheory::Diffusion),
            },
            coming_ms: heard.abrupt_ms(options.duration_ms, &[]).into_iter().rev().collect(),
            memory_ms: heard.longest_delay_ms().max(options.dt_ms) + longest_ms,
            populations,
            pasts,
            heard,
            now_ms: 0.0,
            longest_ms,
        })
    }

    fn advance_to_end(&mut self, options: &EvolutionOptions, work: &Work) -> Result<(), EvolutionError> {
        let EvolutionOptions { duration_ms, dt_ms, .. } = *options;
        let outputs = ((duration_ms / dt_ms) * (1.0 + 1e-12)).floor().max(1.0) as u64;
        work.set_progress(0, outputs);
        for k in 1..=outputs {
            let at_ms = (dt_ms * k as f64).min(duration_ms);
            while self.now_ms < at_ms {
                let coming_ms = self.coming_ms.last().copied().unwrap_or(f64::INFINITY);
                let end_ms = at_ms.min(coming_ms);
                let left_ms = end_ms - self.now_ms;
                // steps of equal length to the end: what is made for one serves the next
                let steps = (left_ms / self.longest_ms - 1e-9).ceil().max(1.0);
                let next_ms = if steps == 1.0 { end_ms } else { self.now_ms + left_ms / steps };
                self.step(next_ms);
                self.now_ms = next_ms;
                if next_ms >= coming_ms {
                    self.coming_ms.pop();
                }
                self.found.steps += 1;
                if self.found.steps.is_multiple_of(STEPS_A_LOOK) {
                    work.check()?;
                }
            }
            self.found.times_ms.push(at_ms);
            let before_ms = self.found.times_ms[k as usize - 1];
            for (a, past) in self.pasts.iter().enumerate() {
                let spikes = past.spikes_until(at_ms) - past.spikes_until(before_ms);
                self.found.mean_rates_hz[a].push(spikes / (at_ms - before_ms) * MS_PER_S);
                self.found.rates_hz[a].push(past.rate_now() * MS_PER_S);
            }
            work.advance(1);
        }
        Ok(())
    }

    fn step(&mut self, next_ms: f64) {
        let (from_ms, h_ms) = (self.now_ms, next_ms - self.now_ms);
        self.heard.listen(&self.pasts, from_ms, next_ms);
        for (a, population) in self.populations.iter_mut().enumerate() {
            let mean: Felt = self.heard.over(a, from_ms, next_ms);
            let end = self.heard.at(a, &self.pasts, next_ms);
            population.step(mean, end, h_ms);
        }
        self.heard.pass();
        for (past, population) in self.pasts.iter_mut().zip(&self.populations) {
            let spikes = 0.5 * h_ms * (past.rate_now() + population.rate());
            past.push(next_ms, spikes, population.rate());
            past.forget(next_ms - self.memory_ms);
        }
    }
}
