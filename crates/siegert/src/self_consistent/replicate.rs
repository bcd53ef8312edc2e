//! One replicate of the iteration: neurons of each population simulated in what they hear, and the rates with which that is the same as before.
//!
//! ```text
//! ln T_a = ln T_a^white(mu(r), sigma(r)) + c_a,    T the time from release to spike
//! ```
//!
//! `c_a` is what the simulation says of the time beside the theory of white noise at the same mean and variance. With it held, Newton's method finds the rates that make their own input. So
//! the steep dependence of mean inputs on rates needs no derivative of a simulation, and an error of `c` moves the rates less than itself wherever inhibition holds them.

use std::sync::Arc;

use super::bands::Grid;
use super::heard::{Heard, Receiver, Sent};
use super::noise::{Transforms, add_gaussian};
use super::result::SimulatedInput;
use super::shared::SharedInput;
use super::trajectory::{Membrane, Neuron, Spikes};
use crate::neuron::lif::MS_PER_S;
use crate::numerics::random::Stream;
use crate::stationary::{RateMap, SolveError, solve_from};
use crate::work::{Cancelled, Work};

/// The purpose of its random numbers: "self".
const PURPOSE: u32 = 0x7365_6c66;
/// The part of a new spectrum that enters the next input, beside the last one.
const NEW_PART: f64 = 0.8;
/// A population that fires more rarely is not simulated.
pub(super) const LEAST_RATE_HZ: f64 = 0.02;

/// What all replicates share.
pub(super) struct Problem<'a> {
    /// The equations in white noise.
    pub(super) white: &'a RateMap,
    /// One receiver for each class of populations that are alike.
    pub(super) receivers: Vec<Receiver>,
    /// For each population its class.
    pub(super) class: Vec<usize>,
    pub(super) grid: Grid,
    pub(super) transforms: Transforms,
    pub(super) seed: u64,
    pub(super) work: &'a Work,
}

/// Counts of one class over records.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) time_ms: f64,
    pub(super) spikes: f64,
    /// Number of intervals, their sum and the sum of their squares.
    pub(super) intervals: [f64; 3],
    /// Power of the spikes over the time, band by band, in 1/ms, times the records.
    pub(super) power: Vec<f64>,
    pub(super) records: f64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) {
        self.time_ms += other.time_ms;
        self.spikes += other.spikes;
        self.records += other.records;
        self.intervals.iter_mut().zip(other.intervals).for_each(|(sum, own)| *sum += own);
        self.power.resize(other.power.len(), 0.0);
        self.power.iter_mut().zip(&other.power).for_each(|(sum, own)| *sum += own);
    }

    /// The CV of the intervals; `None` of fewer than three.
    pub(super) fn cv(&self) -> Option<f64> {
        let [number, sum, squares] = self.intervals;
        (number >= 3.0).then(|| (number * squares / (sum * sum) - 1.0).max(0.0).sqrt()).filter(|cv| cv.is_finite())
    }
}

/// One replicate, which knows nothing of the others.
#[derive(Clone, Debug)]
pub(super) struct Replicate {
    number: u64,
    pub(super) rates_hz: Vec<f64>,
    pub(super) ln_longer: Vec<f64>,
    /// Spectra over rates at the middles of the bands, one a class.
    spectra: Vec<Arc<[f64]>>,
    neurons: Vec<Neuron>,
    /// What was counted in the last iteration, one a class; nothing of those that were not simulated.
    pub(super) counted: Vec<Option<Tally>>,
    pub(super) inputs: Vec<SimulatedInput>,
}

impl Replicate {
    /// At the state with Poisson input.
    pub(super) fn new(number: u64, problem: &Problem<'_>, rates_hz: &[f64], ln_longer: &[f64]) -> Self {
        let poisson: Arc<[f64]> = vec![1.0; problem.grid.bands()].into();
        let at_reset = |receiver: &Receiver| Neuron::at_reset(&problem.membrane(receiver).thresholds);
        Replicate {
            number,
            rates_hz: rates_hz.to_vec(),
            ln_longer: ln_longer.to_vec(),
            spectra: vec![poisson; problem.receivers.len()],
            neurons: problem.receivers.iter().map(at_reset).collect(),
            counted: vec![None; problem.receivers.len()],
            inputs: vec![SimulatedInput::None; problem.receivers.len()],
        }
    }

    /// One iteration: `records` records of a neuron of each class, then the rates.
    pub(super) fn iterate(
        &mut self,
        problem: &Problem<'_>,
        shared: Option<&SharedInput>,
        iteration: u64,
        records: u64,
    ) -> Result<(), SolveError> {
        let inputs = problem.white.inputs(&self.rates_hz);
        let spectra: Vec<&[f64]> = problem.class.iter().map(|&class| &*self.spectra[class]).collect();
        let sent = Sent { rates_hz: &self.rates_hz, spectra: &spectra };
        let mut found = self.spectra.clone();
        let mut ln_longer = self.ln_longer.clone();
        for (class, receiver) in problem.receivers.iter().enumerate() {
            let a = receiver.population;
            self.counted[class] = None;
            self.inputs[class] = SimulatedInput::None;
            if self.rates_hz[a] < LEAST_RATE_HZ {
                continue;
            }
            let of_others = match shared {
                Some(shared) => shared.of(a, &self.rates_hz, &spectra),
                None => vec![0.0; problem.grid.bands()],
            };
            let heard = receiver.heard(inputs[a].mean_mv, &sent, &of_others, &problem.grid, &problem.transforms);
            self.inputs[class] = if heard.jumps.is_empty() { SimulatedInput::Gaussian } else { SimulatedInput::Jumps };
            let place = (iteration << 32) | (self.number << 16) | class as u64;
            let tally = problem.simulate(receiver, &heard, &mut self.neurons[class], place, records)?;
            // one more of each, so that no spike at all is a number
            let expected =
                problem.white.transfers()[a].clone().lengthened(self.ln_longer[a]).log_rate(&inputs[a]).rate_hz()
                    * tally.time_ms
                    / MS_PER_S;
            let rate_hz = (tally.spikes + 1.0) / (expected + 1.0) * expected * MS_PER_S / tally.time_ms;
            if let Some(by) = problem.white.transfers()[a].lengthening_to(rate_hz, &inputs[a]) {
                problem.class.iter().enumerate().filter(|(_, of)| **of == class).for_each(|(b, _)| ln_longer[b] = by);
            }
            if tally.spikes > 0.0 {
                let scale = tally.time_ms / (tally.records * tally.spikes);
                let mixed = self.spectra[class].iter().zip(&tally.power);
                found[class] = mixed.map(|(old, new)| old + NEW_PART * (new * scale - old)).collect();
            }
            self.counted[class] = Some(tally);
        }
        let state = solve_from(&problem.white.clone().lengthened(&ln_longer), &self.rates_hz)?;
        self.rates_hz = state.rates_hz();
        self.ln_longer = ln_longer;
        self.spectra = found;
        Ok(())
    }
}

impl Problem<'_> {
    fn membrane(&self, receiver: &Receiver) -> Membrane {
        let thresholds = self.white.transfers()[receiver.population].thresholds();
        Membrane { thresholds, step_ms: self.grid.step_ms }
    }

    /// A neuron through some records.
    fn simulate(
        &self,
        receiver: &Receiver,
        heard: &Heard,
        neuron: &mut Neuron,
        place: u64,
        records: u64,
    ) -> Result<Tally, Cancelled> {
        let (grid, membrane) = (&self.grid, self.membrane(receiver));
        let mut random = Stream::new(self.seed, PURPOSE, place).sequence();
        let mut space = self.transforms.workspace();
        let mut times = vec![0.0; grid.steps];
        let mut spikes = Spikes::new(grid.steps);
        let kinds = heard.jumps.len();
        let mut counts: Vec<u16> = vec![0; kinds * grid.steps];
        let mut tally = Tally { power: vec![0.0; grid.bands()], ..Tally::default() };
        for _ in 0..records {
            self.work.check()?;
            spikes.clear();
            if kinds == 0 {
                space.frequencies.fill(num_complex::Complex64::ZERO);
            } else {
                for (x, counts) in times.iter_mut().zip(counts.chunks_exact_mut(kinds)) {
                    *x = 0.0;
                    for (count, jumps) in counts.iter_mut().zip(&heard.jumps) {
                        let drawn = jumps.count.draw(random.word());
                        *count = drawn.min(u32::from(u16::MAX)) as u16;
                        *x += (f64::from(*count) - jumps.mean) * jumps.size_mv;
                    }
                }
                self.transforms.forward(&mut times, &mut space);
                let scale = grid.record_ms().recip();
                space.frequencies.iter_mut().zip(&heard.after_impulse).for_each(|(z, filter)| *z *= filter * scale);
            }
            if !heard.gaussian.is_empty() {
                add_gaussian(&heard.gaussian, &mut random, &mut space.frequencies);
            }
            self.transforms.backward(&mut space, &mut times);
            match kinds {
                0 => membrane.through_gaussian(heard, &times, neuron, &mut random, &mut spikes),
                _ => membrane.through_jumps(heard, (&counts, &times), neuron, &mut random, &mut spikes),
            }
            tally.spikes += spikes.number as f64;
            tally.intervals.iter_mut().zip(spikes.intervals).for_each(|(sum, own)| *sum += own);
            self.transforms.forward(&mut spikes.counts, &mut space);
            let power = |k: usize| space.frequencies[k].norm_sqr() / grid.record_ms();
            grid.add_means(power, &mut tally.power);
            tally.time_ms += grid.record_ms();
            tally.records += 1.0;
        }
        Ok(tally)
    }
}
