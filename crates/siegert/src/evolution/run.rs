//! All populations step by step.

use super::density::Densities;
use super::group::Group;
use super::input::{Felt, Heard, Listening};
use super::members::{Described, described};
use super::past::Past;
use super::population::SPIKING_MS;
use super::{Evolution, EvolutionError, EvolutionOptions, Start, before_the_start, finite, with_lasting_drives};
use crate::input::Streams;
use crate::network::{Drive, DriveKind, Network};
use crate::neuron::lif::{MS_PER_S, SynapticFilter};
use crate::theory::{State, Theory, TheoryOptions};
use crate::transfer::InputTheory;
use crate::work::Work;
use crate::{Warning, WarningKind};

/// The longest step over the shortest time of neurons, synapses and modulations, for an accuracy of 1e-3.
const LONGEST: f64 = 0.05;
/// The first step after something abrupt over the longest, and how much longer steps are for each time that has passed since.
const FIRST: f64 = 1.0 / 1024.0;
const GROWTH: f64 = 0.125;
/// By how much a rate may change in a step, for an accuracy of 1e-3; beyond, the next is half as long.
const MOST_CHANGE: f64 = 0.1;
/// Halvings of a step that rates may ask for.
const MOST_HALVINGS: i32 = 8;
/// A step is not made shorter than this for a delay alone; shorter delays are met by repeating the step.
const LEAST_DELAY_MS: f64 = 0.05;
/// Halvings of a step whose rates do not become one, at most.
const MOST_HALVINGS_TO_AGREE: i32 = 14;
/// Repetitions of a step at most, and when its rates are those that were assumed.
const REPETITIONS: usize = 30;
const AGREED: f64 = 1e-9;
/// Steps times nodes at most, a quarter of an hour; and rates that are kept.
const MOST_WORK: f64 = 1e11;
const MOST_OUTPUTS: f64 = 1e8;
/// Steps between looks at whether to stop.
const STEPS_A_LOOK: u64 = 256;

/// The rates of all populations in time.
///
/// # Errors
///
/// What is not computed, by name and with the remedy; no state to start from; a stop.
pub fn evolve(network: &Network, options: &EvolutionOptions, work: &Work) -> Result<Evolution, EvolutionError> {
    check(options)?;
    let (expected, found) = (network.populations.len(), options.kicks_mv.len());
    if found != 0 && found != expected {
        return Err(EvolutionError::Kicks { expected, found });
    }
    if let Some(value) = options.kicks_mv.iter().copied().find(|kick_mv| !kick_mv.is_finite()) {
        return Err(EvolutionError::Option { name: "the kick in mV", value, right: "a number" });
    }
    if let Some(finite) = options.finite_size {
        return finite::evolve(network, options, finite, work);
    }
    let mut run = Run::new(network, options, work)?;
    run.advance_to_end(work)?;
    Ok(run.found)
}

pub(crate) fn check(options: &EvolutionOptions) -> Result<(), EvolutionError> {
    let positive = |name, value: f64| match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(EvolutionError::Option { name, value, right: "a positive number" }),
    };
    positive("the duration in ms", options.duration_ms)?;
    positive("dt in ms", options.dt_ms)?;
    match options.accuracy >= 1e-8 && options.accuracy <= 0.1 {
        true => Ok(()),
        false => {
            Err(EvolutionError::Option { name: "the accuracy", value: options.accuracy, right: "between 1e-8 and 0.1" })
        }
    }
}

/// The filter that is taken.
pub(super) fn filter_of(network: &Network, asked: SynapticFilter) -> Result<SynapticFilter, EvolutionError> {
    let refused = |filter| Err(EvolutionError::Filter { filter });
    match asked {
        SynapticFilter::Auto if Streams::with_rises(network).is_some() => Ok(SynapticFilter::Ignore),
        SynapticFilter::Auto | SynapticFilter::ThresholdShift => Ok(SynapticFilter::ThresholdShift),
        SynapticFilter::Ignore => Ok(SynapticFilter::Ignore),
        SynapticFilter::Full => refused("full"),
        SynapticFilter::TaylorExpansion => refused("taylor"),
        SynapticFilter::BrunelWang => refused("brunel-wang"),
    }
}

/// The streams of all drives, whenever they act.
pub(super) fn streams_of(network: &Network) -> Result<Streams, EvolutionError> {
    Ok(Streams::new(&with_lasting_drives(network, |_| true)).map_err(crate::theory::SolveError::Network)?)
}

/// The rates in Hz of the state that an evolution would start from: of the drives that act before time 0.
///
/// # Errors
///
/// No such state, or none at all; a stop.
pub fn rates_of_start(
    network: &Network,
    start: Start,
    options: &TheoryOptions,
    work: &Work,
) -> Result<Option<Vec<f64>>, EvolutionError> {
    rates_at_start(&Theory::new(&before_the_start(network), options)?.watched(work), start)
}

/// The rates in Hz to start from; nothing where all start at their reset.
pub(super) fn rates_at_start(theory: &Theory<'_>, start: Start) -> Result<Option<Vec<f64>>, EvolutionError> {
    let found = match start {
        Start::Reset | Start::File => {
            let found = theory.states().map(|found| found.states).unwrap_or_default();
            return Ok(first_stable(&found).map(State::rates_hz));
        }
        Start::State | Start::Numbered(_) => theory.states()?.states,
    };
    let state = match start {
        Start::Numbered(asked) => {
            let place = asked.checked_sub(1).and_then(|index| found.get(index));
            Some(place.ok_or(EvolutionError::NoState { asked, found: found.len() })?)
        }
        _ => first_stable(&found),
    };
    state.map(|state| Some(state.rates_hz())).ok_or(EvolutionError::NoState { asked: 1, found: 0 })
}

fn first_stable(states: &[State]) -> Option<&State> {
    states.iter().find(|state| state.stable).or(states.first())
}

/// What a user should know of the approximation.
pub(super) fn warnings(network: &Network, heard: &Heard, input: InputTheory) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if input == InputTheory::ShotNoise && heard.is_filtered() {
        let sentence = "Through synapses with a time constant spikes are white noise through a filter here, and jumps of their charge where stationary states are found: what starts in a state moves a little.";
        warnings.push(Warning::new(WarningKind::FilteredInTime, sentence.to_string()));
    }
    if heard.is_filtered() {
        let sentence = "The variance of noise through synapses with a time constant follows the filtered rate, and threshold and reset are shifted as in a stationary state: \
                        approximations for rates that change as fast as synapses do.";
        warnings.push(Warning::new(WarningKind::FilteredInTime, sentence.to_string()));
    }
    if heard.has_blocks() {
        let sentence = "NMDA conductances are linearised at the mean potential that a stationary state would have at the inputs of each moment.";
        warnings.push(Warning::new(WarningKind::FilteredInTime, sentence.to_string()));
    }
    let is_shared = |drive: &&Drive| matches!(drive.kind, DriveKind::Poisson { shared: true, .. });
    if let Some(drive) = network.drives.iter().find(is_shared) {
        let name = &network.populations[drive.target].name;
        let sentence = format!("All neurons of {name} hear the same Poisson trains; their correlation is left out.");
        warnings.push(Warning::new(WarningKind::SharedDrive, sentence).about(name));
    }
    warnings
}

pub(super) struct Run {
    options: EvolutionOptions,
    pub(super) populations: Vec<Group>,
    pub(super) pasts: Vec<Past>,
    pub(super) heard: Heard,
    pub(super) found: Evolution,
    now_ms: f64,
    /// When something abrupt was last, and when it will be next, the next last.
    abrupt_ms: f64,
    coming_ms: Vec<f64>,
    longest_ms: f64,
    halvings: i32,
    /// Whether delays are shorter than steps.
    is_implicit: bool,
    /// The longest time that is looked back.
    memory_ms: f64,
    most_change: f64,
}

impl Run {
    pub(super) fn new(network: &Network, options: &EvolutionOptions, work: &Work) -> Result<Self, EvolutionError> {
        let filter = filter_of(network, options.filter)?;
        let streams = streams_of(network)?;
        let described = described(network, &streams, filter, options.input)?;
        let n = described.len();
        let listening: Vec<Listening> = described.iter().map(|it| it.listening.clone()).collect();
        let mut heard = Heard::new(&listening, &network.drives, &streams.streams);
        let from_potentials = matches!(options.start, Start::Reset | Start::File);
        let before = before_the_start(network);
        let theory = match Theory::new(&before, &TheoryOptions { filter, input: options.input }) {
            Ok(theory) => Some(theory.watched(work)),
            Err(_) if from_potentials => None,
            Err(error) => return Err(error.into()),
        };
        let start_hz = theory.map_or(Ok(None), |theory| rates_at_start(&theory, options.start))?;
        let is_silent = start_hz.is_none();
        let rates: Vec<f64> = start_hz.unwrap_or_else(|| vec![0.0; n]).iter().map(|hz| hz / MS_PER_S).collect();
        let mut pasts: Vec<Past> = rates.iter().map(|rate| Past::new(*rate, *rate)).collect();
        // nodes for every input that there will be if rates stay
        heard.settle(&pasts, 0.0);
        let mut inputs: Vec<Vec<Felt>> = vec![Vec::new(); n];
        let mut note = |heard: &Heard, pasts: &[Past], at_ms: f64| {
            inputs.iter_mut().enumerate().for_each(|(a, inputs)| inputs.push(heard.at(a, pasts, at_ms)));
        };
        note(&heard, &pasts, 0.0);
        let coming_ms = heard.abrupt_ms(options.duration_ms, &[]);
        let extremes_ms = heard.extremes_ms(options.duration_ms);
        for at_ms in coming_ms.iter().chain(&extremes_ms).chain([&options.duration_ms, &1e-6]) {
            for later_ms in [*at_ms, at_ms + 1e-6] {
                let mut then = heard.clone();
                then.settle(&pasts, later_ms);
                note(&then, &pasts, later_ms);
            }
        }
        let mut populations = Vec::with_capacity(n);
        for (a, (described, inputs)) in described.iter().zip(&inputs).enumerate() {
            let is_noisy = |felt: &Felt| felt.variance_mv2 > 0.0 || felt.jumps_per_ms.iter().any(|rate| *rate > 0.0);
            if !is_noisy(&inputs[0]) && (!from_potentials || !inputs.iter().any(is_noisy)) {
                return Err(EvolutionError::NoNoise { population: network.populations[a].name.clone() });
            }
            populations.push(described.group(inputs, heard.kinds(a), options.accuracy)?);
        }
        let is_moved = options.start == Start::File || options.kicks_mv.iter().any(|kick_mv| *kick_mv != 0.0);
        if let Some(a) = populations.iter().position(Group::has_jumps).filter(|_| is_moved) {
            let what = "potentials that start from the file or with a kick";
            return Err(EvolutionError::Jumps { population: network.populations[a].name.clone(), what });
        }
        let mut first_hz = vec![0.0; n];
        match options.start {
            Start::Reset | Start::File => {
                pasts = vec![Past::new(0.0, 0.0); n];
                heard.settle(&pasts, 0.0);
                if options.start == Start::File {
                    let all = populations.iter_mut().zip(&network.populations);
                    all.for_each(|(population, described)| population.start_from(&described.start_mv()));
                }
            }
            Start::State | Start::Numbered(_) if !is_silent => {
                for (a, population) in populations.iter_mut().enumerate() {
                    let rate = population.settle(heard.at(a, &pasts, 0.0));
                    first_hz[a] = rate * MS_PER_S;
                }
                pasts = first_hz.iter().map(|hz| Past::new(hz / MS_PER_S, hz / MS_PER_S)).collect();
                heard.settle(&pasts, 0.0);
            }
            Start::State | Start::Numbered(_) => {}
        }
        populations.iter_mut().zip(&options.kicks_mv).for_each(|(population, kick_mv)| population.kick(*kick_mv));
        if is_moved {
            let now = |(a, population): (usize, &mut Group)| population.restart(heard.at(a, &pasts, 0.0));
            let rates: Vec<f64> = populations.iter_mut().enumerate().map(now).collect();
            for ((past, hz), rate) in pasts.iter_mut().zip(&mut first_hz).zip(rates) {
                past.restart(rate);
                *hz = rate * MS_PER_S;
            }
        }
        let coming_ms = match populations.iter_mut().any(Group::has_above) {
            true => heard.abrupt_ms(options.duration_ms, &[SPIKING_MS]),
            false => coming_ms,
        };
        let scale = (options.accuracy / 1e-3).sqrt();
        // conductances make membranes faster
        let time_ms = |(it, inputs): (&Described, &Vec<Felt>)| {
            let leak = inputs.iter().map(|felt| 1.0 + felt.conductance).fold(1.0, f64::max);
            it.neuron().thresholds().tau_m_ms / leak
        };
        let tau_m_ms = described.iter().zip(&inputs).map(time_ms).fold(f64::INFINITY, f64::min);
        let shortest_delay_ms = heard.shortest_delay_ms();
        let longest_ms = (LONGEST * scale * tau_m_ms)
            .min(2.0 * LONGEST * scale * heard.shortest_time_ms())
            .min(if shortest_delay_ms >= LEAST_DELAY_MS { shortest_delay_ms } else { f64::INFINITY })
            .min(heard.longest_step_ms())
            .min(options.dt_ms);
        let longest_ms = populations.iter().map(Group::longest_step_ms).fold(longest_ms, f64::min);
        let steps = options.duration_ms / longest_ms;
        let nodes = populations.iter().map(Group::nodes).sum();
        let kept = options.duration_ms / options.dt_ms * n as f64;
        if steps.is_nan() || steps * nodes as f64 > MOST_WORK || kept > MOST_OUTPUTS {
            return Err(EvolutionError::TooLong { steps, longest_ms, nodes });
        }
        let t_ref_ms = populations.iter().map(Group::t_ref_ms).fold(0.0, f64::max);
        Ok(Run {
            found: Evolution {
                times_ms: vec![0.0],
                rates_hz: first_hz.iter().map(|hz| vec![*hz]).collect(),
                mean_rates_hz: first_hz.iter().map(|hz| vec![*hz]).collect(),
                mean_V_mv: populations.iter().map(|population| vec![population.mean_potential_mv()]).collect(),
                densities: Vec::new(),
                conservation_error: 0.0,
                least_mass: 0.0,
                filter,
                steps: 0,
                warnings: warnings(network, &heard, options.input),
            },
            populations,
            pasts,
            memory_ms: heard.longest_delay_ms().max(t_ref_ms).max(options.dt_ms) + longest_ms,
            is_implicit: shortest_delay_ms < longest_ms,
            heard,
            now_ms: 0.0,
            abrupt_ms: 0.0,
            coming_ms: coming_ms.into_iter().rev().collect(),
            longest_ms,
            halvings: 0,
            options: options.clone(),
            most_change: MOST_CHANGE * scale,
        })
    }

    fn advance_to_end(&mut self, work: &Work) -> Result<(), EvolutionError> {
        let EvolutionOptions { duration_ms, dt_ms, .. } = self.options;
        let outputs = ((duration_ms / dt_ms) * (1.0 + 1e-12)).floor().max(1.0) as u64;
        work.set_progress(0, outputs);
        let nodes = self.populations.iter().map(Group::nodes).sum();
        let kept = self.options.densities;
        let mut densities = kept.map(|kept| Densities::new(kept, outputs, self.populations.len(), nodes));
        self.look(&mut densities, 0, 0.0);
        for k in 1..=outputs {
            let at_ms = (dt_ms * k as f64).min(duration_ms);
            while self.now_ms < at_ms {
                let coming_ms = self.coming_ms.last().copied().unwrap_or(f64::INFINITY);
                let next_ms = self.step_towards(at_ms.min(coming_ms))?;
                self.now_ms = next_ms;
                if next_ms >= coming_ms {
                    self.coming_ms.pop();
                    self.abrupt_ms = next_ms;
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
                self.found.mean_V_mv[a].push(self.populations[a].mean_potential_mv());
                self.found.rates_hz[a].push(past.rate_now() * MS_PER_S);
                let whole = self.populations[a].whole(past, at_ms);
                self.found.conservation_error = self.found.conservation_error.max((whole - 1.0).abs());
                self.found.least_mass = self.found.least_mass.min(self.populations[a].least_mass());
            }
            self.look(&mut densities, k, at_ms);
            work.advance(1);
        }
        self.found.densities = densities.map(Densities::shown).unwrap_or_default();
        Ok(())
    }

    /// Keeps the densities at an output, where they are kept.
    fn look(&self, densities: &mut Option<Densities>, output: u64, at_ms: f64) {
        if let Some(densities) = densities {
            densities.look(output, at_ms, |a| self.populations[a].seen(&self.pasts[a], at_ms));
        }
    }

    /// One step, not beyond a time; returns where it ends.
    fn step_towards(&mut self, end_ms: f64) -> Result<f64, EvolutionError> {
        let since_ms = self.now_ms - self.abrupt_ms;
        let grown_ms = self.longest_ms * FIRST + GROWTH * since_ms;
        let by_events = if grown_ms < self.longest_ms { (self.longest_ms / grown_ms).log2().ceil() as i32 } else { 0 };
        let wanted_ms = self.longest_ms * 0.5f64.powi(by_events.max(self.halvings));
        let left_ms = end_ms - self.now_ms;
        // steps of equal length to the end: their matrix is one
        let steps = (left_ms / wanted_ms - 1e-9).ceil().max(1.0);
        let next_ms = if steps == 1.0 { end_ms } else { self.now_ms + left_ms / steps };
        self.populations.iter_mut().for_each(Group::extend);
        let before: Vec<f64> = self.pasts.iter().map(Past::rate_now).collect();
        if !self.is_implicit {
            self.step(next_ms);
        } else if !self.step_until_agreed(next_ms) {
            // in a shorter step populations change each other less
            self.halvings = by_events.max(self.halvings) + 1;
            if self.halvings > MOST_HALVINGS_TO_AGREE {
                return Err(EvolutionError::NoAgreement { time_ms: self.now_ms });
            }
            return self.step_towards(end_ms);
        }
        self.heard.pass();
        let largest = before.iter().copied().fold(0.0, f64::max);
        let change = |(past, before): (&Past, &f64)| {
            (past.rate_now() - before).abs() / (before.max(past.rate_now()).max(1e-2 * largest) + f64::MIN_POSITIVE)
        };
        let change = self.pasts.iter().zip(&before).map(change).fold(0.0, f64::max);
        if change > self.most_change {
            self.halvings = (by_events.max(self.halvings) + 1).min(MOST_HALVINGS);
        } else if change < 0.25 * self.most_change && self.halvings > 0 {
            self.halvings -= 1;
        }
        for past in &mut self.pasts {
            past.forget(next_ms - self.memory_ms);
        }
        self.populations.iter_mut().for_each(|population| population.forget(next_ms - self.memory_ms));
        Ok(next_ms)
    }

    fn step(&mut self, next_ms: f64) {
        let from_ms = self.now_ms;
        self.heard.listen(&self.pasts, from_ms, next_ms);
        let felt: Vec<Felt> = (0..self.populations.len()).map(|a| self.heard.over(a, from_ms, next_ms)).collect();
        let mut spikes = Vec::with_capacity(felt.len());
        for ((population, past), felt) in self.populations.iter_mut().zip(&self.pasts).zip(felt) {
            spikes.push(population.step(felt, past, from_ms, next_ms));
        }
        // what acts at the end of the step is known once all have sent
        let assumed: Vec<f64> = spikes.iter().map(|spikes| spikes / (next_ms - from_ms)).collect();
        for ((past, spikes), rate) in self.pasts.iter_mut().zip(&spikes).zip(&assumed) {
            past.push(next_ms, *spikes, *rate);
        }
        let rates: Vec<f64> = (0..self.populations.len())
            .map(|a| self.populations[a].rate(self.heard.at(a, &self.pasts, next_ms)))
            .collect();
        for ((past, spikes), rate) in self.pasts.iter_mut().zip(spikes).zip(rates) {
            past.pop();
            past.push(next_ms, spikes, rate);
        }
    }

    /// A step whose input depends on its own rates: repeated with those that it found; taken back, and false, where they do not become one.
    fn step_until_agreed(&mut self, next_ms: f64) -> bool {
        self.populations.iter_mut().for_each(Group::save);
        // at first as if rates stayed
        self.step(next_ms);
        for _ in 0..REPETITIONS {
            let found: Vec<f64> = self.pasts.iter().map(Past::rate_now).collect();
            self.populations.iter_mut().for_each(Group::restore);
            self.step_again(next_ms);
            let agrees = |(past, found): (&Past, &f64)| (past.rate_now() - found).abs() <= AGREED * found.abs();
            if self.pasts.iter().zip(&found).all(agrees) {
                return true;
            }
        }
        self.populations.iter_mut().for_each(Group::restore);
        self.pasts.iter_mut().for_each(Past::pop);
        false
    }

    /// The step again, with what it sent before as what is heard.
    fn step_again(&mut self, next_ms: f64) {
        let from_ms = self.now_ms;
        self.heard.listen(&self.pasts, from_ms, next_ms);
        let felt: Vec<Felt> = (0..self.populations.len()).map(|a| self.heard.over(a, from_ms, next_ms)).collect();
        let ends: Vec<Felt> = (0..felt.len()).map(|a| self.heard.at(a, &self.pasts, next_ms)).collect();
        for (a, population) in self.populations.iter_mut().enumerate() {
            self.pasts[a].pop();
            let spikes = population.step(felt[a], &self.pasts[a], from_ms, next_ms);
            self.pasts[a].push(next_ms, spikes, population.rate(ends[a]));
        }
    }
}
