//! Beyond Poisson: states in which the input of a neuron has the spectrum of the neurons that it hears.
//!
//! The theory of the other folders takes the spikes that arrive for Poisson processes, whose spectrum is flat. Neurons of a network are none: where they are driven by their mean
//! input they fire regularly, and a neuron that hears them has less noise at low frequencies. Here the loop is closed for the spectrum, too: a neuron in noise
//! with the spectrum `S_b(f)` of its sources has the rate, the CV of intervals and the spectrum that these sources have.
//!
//! How: by simulating one neuron at a time (`trajectory`), in noise of the spectrum that is known so far (`heard`, `noise`), and again in noise of the spectrum that it makes (`replicate`).
//! Jumps that are not small have the size that spikes have, and a spectrum by the shape of what follows each; all else is Gaussian noise. What neurons of a population hear in
//! common, the fluctuations of populations of finite size, comes by linear response (`shared`).
//! The iteration goes on in independent replicates, until rates and CVs stay where they are within their sampling error; then it is averaged, and the error is that of the mean over the replicates.
//!
//! Error: by sampling, as stated with each number (0.1 % of rates, 0.3 % of CVs, typically). Left out: correlations between two neurons beyond those that populations share, higher than second-order
//! statistics of single sources, and the difference between neurons of one population.
//!
//! Source: Lerchner et al. (2006), Neural Comput 18:634; Dummer, Wieland and Lindner (2014), Front Comput Neurosci 8:104; Pena et al. (2018), Front Comput Neurosci 12:9;
//! Vellmer and Lindner (2019), Phys Rev Research 1:023024, who embed the spectrum in a Markov process instead.
//! Range: LIF neurons that are alike within a population, with current synapses of any kinetics that are not plastic.

mod bands;
mod heard;
mod noise;
mod replicate;
mod result;
mod shared;
mod trajectory;

use rayon::prelude::*;

pub use result::{
    PoissonTheory, PopulationFluctuations, SelfConsistentPopulation, SelfConsistentRun, SimulatedInput, SpikeSpectrum,
};

use bands::Grid;
use heard::Receiver;
use noise::Transforms;
use replicate::{LEAST_RATE_HZ, Problem, Replicate, Tally};
use shared::SharedInput;

use crate::network::Network;
use crate::neuron::lif::{MS_PER_S, SynapticFilter};
use crate::response::{CharacteristicRoots, EffectiveConnectivity};
use crate::stationary::{RateMap, SolveError, State, TheoryOptions, solve_from};
use crate::transfer::InputTheory;
use crate::work::Work;

/// Independent replicates.
const REPLICATES: u64 = 16;
/// Records of a replicate in an iteration at the end, if nothing is said, and how many times fewer there are on the way.
const RECORDS: u64 = 20;
const FEWER: u64 = 4;
/// Iterations on the way: at least, and at most.
const FEWEST_ITERATIONS: usize = 6;
const MOST_ITERATIONS: usize = 40;
/// Iterations at the end, and those of them that come to rest first.
const LAST_ITERATIONS: usize = 6;
const AT_REST: usize = 2;
/// What counts as no change, in standard errors and as a part.
const SAME_IN_ERRORS: f64 = 2.0;
const SAME_PART: f64 = 0.002;
/// A state that has not moved by more standard errors, or a larger part, at the end has converged.
const CONVERGED_IN_ERRORS: f64 = 4.0;
const CONVERGED_PART: f64 = 0.005;
/// Steps of the shortest membrane, of the shortest synapse and of the shortest interval.
const STEPS_OF_MEMBRANE: f64 = 200.0;
const STEPS_OF_SYNAPSE: f64 = 10.0;
const STEPS_OF_INTERVAL: f64 = 30.0;
/// The shortest step, over the membrane's time constant.
const SHORTEST_STEP: f64 = 1e-3;
/// A record in units of the longest membrane.
const RECORD: f64 = 150.0;
/// Frequencies of a spectrum that is handed back, in Hz.
const HIGHEST_FREQUENCY_HZ: f64 = 2000.0;

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Seed of the random numbers.
    pub seed: u64,
    /// Records of noise (150 membrane time constants or more) in each of 16 replicates and each of the last iterations: errors fall as one over the root.
    pub records: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling { seed: 1, records: RECORDS }
    }
}

impl Sampling {
    fn on_the_way(&self) -> u64 {
        self.records.div_ceil(FEWER)
    }

    fn at_the_end(&self) -> u64 {
        self.records.max(1)
    }

    /// How many records a state takes, of each class of populations, where it is found as soon as most are.
    pub(crate) fn expected_records(&self) -> u64 {
        let on_the_way = (FEWEST_ITERATIONS as u64 + 4) * self.on_the_way();
        REPLICATES * (on_the_way + LAST_ITERATIONS as u64 * self.at_the_end())
    }
}

/// A state with its self-consistent input.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SelfConsistent {
    /// How it was found.
    pub run: SelfConsistentRun,
    /// Rates, one a population.
    pub rates_hz: Vec<f64>,
    /// CVs.
    pub cvs: Vec<Option<f64>>,
    /// What is said besides.
    pub populations: Vec<SelfConsistentPopulation>,
}

/// Mean and standard error over replicates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Estimate {
    mean: f64,
    error: f64,
}

impl Estimate {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        Estimate { mean, error: if n > 1.0 { (squares / (n * (n - 1.0))).sqrt() } else { 0.0 } }
    }

    /// Whether two are the same, within so many errors or a part.
    fn is_near(&self, other: &Estimate, errors: f64, part: f64) -> bool {
        let difference = (self.mean - other.mean).abs();
        difference <= errors * self.error.hypot(other.error) || difference <= part * other.mean.abs()
    }
}

/// The state near one of the theory with Poisson input, which is `poisson` of `map`.
///
/// Progress of `work` grows by the records of noise that are done.
///
/// # Errors
///
/// The state is lost on the way: there is none near it. Networks that the method does not take; `work` was cancelled.
pub fn self_consistent(
    network: &Network,
    map: &RateMap,
    poisson: &State,
    sampling: &Sampling,
    work: &Work,
) -> Result<SelfConsistent, SolveError> {
    let seed = sampling.seed;
    let options = TheoryOptions { filter: SynapticFilter::Ignore, input: InputTheory::Diffusion };
    let white = RateMap::of_checked(network, options)?.watched(&work.part());
    let rates_hz = poisson.rates_hz();
    let problem = problem(&white, &rates_hz, seed, work);
    let ln_longer: Vec<f64> =
        white.with_rates(&rates_hz).transfers().iter().map(crate::transfer::Transfer::ln_longer).collect();
    let mut replicates: Vec<Replicate> =
        (0..REPLICATES).map(|number| Replicate::new(number, &problem, &rates_hz, &ln_longer)).collect();
    let mut history: Vec<Vec<Estimate>> = Vec::new();
    let mut fluctuations = Fluctuations::at(network, &problem, &rates_hz, &ln_longer)?;
    while history.len() < MOST_ITERATIONS {
        iterate(&mut replicates, &problem, fluctuations.shared.as_ref(), history.len(), sampling.on_the_way())?;
        history.push(estimates(&replicates, &problem));
        // rates have moved by most of what they move
        if history.len() + 1 == FEWEST_ITERATIONS {
            let (rates_hz, ln_longer) = means(&replicates);
            fluctuations = Fluctuations::at(network, &problem, &rates_hz, &ln_longer)?;
        }
        if history.len() >= FEWEST_ITERATIONS && rests(&history, SAME_IN_ERRORS, SAME_PART) {
            break;
        }
    }
    let on_the_way = history.len();
    let mut used: Vec<Vec<Replicate>> = Vec::new();
    for last in 0..LAST_ITERATIONS {
        iterate(&mut replicates, &problem, fluctuations.shared.as_ref(), on_the_way + last, sampling.at_the_end())?;
        history.push(estimates(&replicates, &problem));
        if last >= AT_REST {
            used.push(replicates.clone());
        }
    }
    let converged = rests(&history, CONVERGED_IN_ERRORS, CONVERGED_PART);
    let is_simulated = replicates.iter().any(|replicate| replicate.counted.iter().any(Option::is_some));
    let records = if is_simulated { used.len() as u64 * REPLICATES * sampling.at_the_end() } else { 0 };
    let run = SelfConsistentRun {
        iterations: history.len(),
        converged,
        replicates: replicates.len(),
        simulated_s: records as f64 * problem.grid.record_ms() / MS_PER_S,
        seed,
        population_fluctuations: fluctuations.said,
    };
    Ok(described(map, &problem, poisson, &used, run))
}

/// The grid, and what each class of populations receives.
fn problem<'a>(white: &'a RateMap, rates_hz: &[f64], seed: u64, work: &'a Work) -> Problem<'a> {
    let class = white.effective_populations();
    let classes = class.iter().copied().max().map_or(0, |last| last + 1);
    let first: Vec<usize> = (0..classes).filter_map(|of| class.iter().position(|&own| own == of)).collect();
    let streams =
        |a: usize| white.streams.streams.iter().filter(|stream| stream.target == a).cloned().collect::<Vec<_>>();
    let receiver =
        |&a: &usize, grid: &Grid| Receiver::new(a, &white.transfers()[a], streams(a), white.streams.steady[a], grid);
    let coarse = Grid::new(1.0, 4);
    let step_ms = |&a: &usize| {
        let tau_m_ms = white.transfers()[a].time_constant_ms();
        let synapse_ms = receiver(&a, &coarse).shortest_synapse_ms().max(tau_m_ms * SHORTEST_STEP * STEPS_OF_SYNAPSE);
        let interval_ms = (MS_PER_S / rates_hz[a]).max(tau_m_ms * SHORTEST_STEP * STEPS_OF_INTERVAL);
        (tau_m_ms / STEPS_OF_MEMBRANE).min(synapse_ms / STEPS_OF_SYNAPSE).min(interval_ms / STEPS_OF_INTERVAL)
    };
    let step_ms = first.iter().map(step_ms).fold(f64::INFINITY, f64::min);
    let longest_ms = first.iter().map(|&a| white.transfers()[a].time_constant_ms()).fold(0.0, f64::max);
    let steps = ((RECORD * longest_ms / step_ms).min(1e6) as usize).next_power_of_two().max(1024);
    let grid = Grid::new(step_ms, steps);
    let receivers = first.iter().map(|a| receiver(a, &grid)).collect();
    Problem { white, receivers, class, transforms: Transforms::new(steps), grid, seed, work }
}

/// What populations share, in a state.
struct Fluctuations {
    shared: Option<SharedInput>,
    said: PopulationFluctuations,
}

impl Fluctuations {
    fn at(network: &Network, problem: &Problem<'_>, rates_hz: &[f64], ln_longer: &[f64]) -> Result<Self, SolveError> {
        let held = problem.white.clone().lengthened(ln_longer);
        let state = solve_from(&held, rates_hz)?;
        let Ok(connectivity) = EffectiveConnectivity::new(network, &held, &state) else {
            return Ok(Fluctuations { shared: None, said: PopulationFluctuations::Unknown });
        };
        let roots = CharacteristicRoots::of(&connectivity, &problem.work.part())?;
        problem.work.check()?;
        let said = match (roots.stable(), roots.oscillation_hz()) {
            (Some(false), Some(_)) => PopulationFluctuations::Oscillating,
            (Some(false), None) => PopulationFluctuations::Growing,
            _ => PopulationFluctuations::Counted,
        };
        let is_counted = said == PopulationFluctuations::Counted;
        let shared = is_counted.then(|| SharedInput::new(&connectivity, network, &held, &problem.grid)).flatten();
        let said = if is_counted && shared.is_none() { PopulationFluctuations::Unknown } else { said };
        Ok(Fluctuations { shared, said })
    }
}

fn iterate(
    replicates: &mut [Replicate],
    problem: &Problem<'_>,
    shared: Option<&SharedInput>,
    iteration: usize,
    records: u64,
) -> Result<(), SolveError> {
    replicates.par_iter_mut().try_for_each(|replicate| {
        replicate.iterate(problem, shared, iteration as u64, records)?;
        problem.work.advance(records);
        Ok(())
    })
}

/// Rate and CV of each class in the last iteration.
fn estimates(replicates: &[Replicate], problem: &Problem<'_>) -> Vec<Estimate> {
    let of = |class: usize| {
        let a = problem.receivers[class].population;
        let rates: Vec<f64> = replicates.iter().map(|replicate| replicate.rates_hz[a]).collect();
        let cv = |replicate: &Replicate| replicate.counted[class].as_ref().and_then(Tally::cv);
        let cvs: Vec<f64> = replicates.iter().filter_map(cv).collect();
        let rarely = cvs.len() < replicates.len();
        [Estimate::of(&rates), if rarely { Estimate::default() } else { Estimate::of(&cvs) }]
    };
    (0..problem.receivers.len()).flat_map(of).collect()
}

/// Whether the last two iterations are as the two before.
fn rests(history: &[Vec<Estimate>], errors: f64, part: f64) -> bool {
    let [.., p, q, r, s] = history else { return false };
    let mean =
        |x: &Estimate, y: &Estimate| Estimate { mean: 0.5 * (x.mean + y.mean), error: 0.5 * x.error.hypot(y.error) };
    let pairs = p.iter().zip(q).zip(r.iter().zip(s));
    pairs.into_iter().all(|((p, q), (r, s))| mean(r, s).is_near(&mean(p, q), errors, part))
}

/// Rates and factors over the replicates.
fn means(replicates: &[Replicate]) -> (Vec<f64>, Vec<f64>) {
    let n = replicates.len() as f64;
    let over = |of: fn(&Replicate) -> &[f64]| {
        let length = replicates.first().map_or(0, |first| of(first).len());
        (0..length).map(|a| replicates.iter().map(|replicate| of(replicate)[a]).sum::<f64>() / n).collect()
    };
    (over(|replicate| &replicate.rates_hz), over(|replicate| &replicate.ln_longer))
}

/// The numbers of a state from the iterations that are used: each replicate has its mean, and all together theirs.
fn described(
    map: &RateMap,
    problem: &Problem<'_>,
    poisson: &State,
    used: &[Vec<Replicate>],
    run: SelfConsistentRun,
) -> SelfConsistent {
    let replicates = used.first().map_or(0, Vec::len);
    let of_each = |value: &dyn Fn(&[&Replicate]) -> Option<f64>| -> Vec<f64> {
        let own = |number: usize| used.iter().map(|all| &all[number]).collect::<Vec<_>>();
        (0..replicates).filter_map(|number| value(&own(number))).collect()
    };
    let mean_over = |value: &dyn Fn(&Replicate) -> f64, own: &[&Replicate]| {
        Some(own.iter().map(|replicate| value(replicate)).sum::<f64>() / own.len() as f64)
    };
    let (white, poisson_rates_hz) = (problem.white, poisson.rates_hz());
    let poisson_inputs = map.inputs(&poisson_rates_hz);
    let poisson_cvs = crate::stationary::cv(map, &poisson_inputs);
    let (mut rates_hz, mut cvs, mut populations) = (Vec::new(), Vec::new(), Vec::new());
    let middles: Vec<f64> = problem.grid.middles_per_ms().iter().map(|f| MS_PER_S * f).collect();
    let shown = middles.iter().take_while(|f| **f <= HIGHEST_FREQUENCY_HZ).count();
    for (a, &class) in problem.class.iter().enumerate() {
        let rate = Estimate::of(&of_each(&|own| mean_over(&|replicate| replicate.rates_hz[a], own)));
        let inputs = |replicate: &Replicate| white.inputs(&replicate.rates_hz)[a];
        let mean_input = Estimate::of(&of_each(&|own| mean_over(&|replicate| inputs(replicate).mean_mv, own)));
        let std_input = Estimate::of(&of_each(&|own| mean_over(&|replicate| inputs(replicate).std_mv, own)));
        let tally = |own: &[&Replicate]| {
            let mut sum = Tally::default();
            own.iter().filter_map(|replicate| replicate.counted[class].as_ref()).for_each(|tally| sum.add(tally));
            sum
        };
        let input = used.last().and_then(|all| all.first()).map_or(SimulatedInput::None, |one| one.inputs[class]);
        let is_simulated = input != SimulatedInput::None && rate.mean >= LEAST_RATE_HZ;
        let of_cvs = of_each(&|own| tally(own).cv());
        let cv = (is_simulated && of_cvs.len() == replicates).then(|| Estimate::of(&of_cvs));
        let spectrum = is_simulated.then(|| {
            let of_band = |band: usize| {
                let power = |own: &[&Replicate]| {
                    let tally = tally(own);
                    tally.power.get(band).map(|power| MS_PER_S * power / tally.records)
                };
                Estimate::of(&of_each(&power))
            };
            let bands: Vec<Estimate> = (0..shown).map(of_band).collect();
            SpikeSpectrum {
                frequency_hz: middles[..shown].to_vec(),
                power_hz: bands.iter().map(|band| band.mean).collect(),
                error_hz: bands.iter().map(|band| band.error).collect(),
            }
        });
        rates_hz.push(rate.mean);
        cvs.push(if is_simulated { cv.map(|cv| cv.mean) } else { poisson_cvs[a] });
        populations.push(SelfConsistentPopulation {
            input: if is_simulated { input } else { SimulatedInput::None },
            rate_error_hz: rate.error,
            cv_error: cv.map(|cv| cv.error),
            mean_input_error_mv: mean_input.error,
            std_input_error_mv: std_input.error,
            poisson: PoissonTheory {
                rate_hz: poisson_rates_hz[a],
                mean_input_mv: poisson_inputs[a].mean_mv,
                std_input_mv: poisson_inputs[a].std_mv,
                cv: poisson_cvs[a],
            },
            spectrum,
        });
    }
    SelfConsistent { run, rates_hz, cvs, populations }
}
