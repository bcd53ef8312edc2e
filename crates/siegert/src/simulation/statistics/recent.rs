//! The last stretch of the run, for a picture: spikes of a few neurons, and how many spikes each population had.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{MS_PER_S, Window};
use crate::simulation::result::{Raster, RasterSpike, RateTrace};

/// Length of the stretch.
const STRETCH_MS: f64 = 500.0;
/// Width of the bins of the rates, as near as the time step allows.
const TRACE_BIN_MS: f64 = 1.0;
/// Neurons shown in all, and at least of each population.
const SHOWN: u64 = 200;
const LEAST_SHOWN: u64 = 5;
/// Rate for which memory is estimated.
const USUAL_RATE_HZ: f64 = 100.0;

/// A window that slides with the run, since the run may be stopped at any step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Recent {
    dt_ms: f64,
    warmup_steps: u64,
    stretch_steps: u64,
    step: u64,
    /// The number after the last neuron shown of each population, and how many are shown.
    shown_ends: Vec<u32>,
    shown: Vec<u64>,
    /// Step and number of the neuron.
    spikes: VecDeque<(u64, u32)>,
    /// Step, population and number of its spikes.
    counts: VecDeque<(u64, u32, u32)>,
}

impl Recent {
    /// Before the first step, for populations whose neurons end before the numbers `ends`.
    pub(super) fn new(ends: &[u32], window: &Window) -> Self {
        let sizes = sizes(ends);
        let shown = shown(&sizes);
        let first_hidden = |((&end, size), shown): ((&u32, &u64), &u64)| end - (size - shown) as u32;
        Self {
            dt_ms: window.dt_ms,
            warmup_steps: window.warmup_steps,
            stretch_steps: stretch_steps(window.dt_ms),
            step: 0,
            shown_ends: ends.iter().zip(&sizes).zip(&shown).map(first_hidden).collect(),
            shown,
            spikes: VecDeque::new(),
            counts: VecDeque::new(),
        }
    }

    /// Goes to the next step and forgets what is too old.
    pub(super) fn begin_step(&mut self, step: u64) {
        self.step = step;
        let oldest = step.saturating_sub(self.stretch_steps);
        while self.spikes.front().is_some_and(|spike| spike.0 <= oldest) {
            self.spikes.pop_front();
        }
        while self.counts.front().is_some_and(|count| count.0 <= oldest) {
            self.counts.pop_front();
        }
    }

    /// Takes the spikes of a population in the present step.
    pub(super) fn add(&mut self, population: usize, neurons: &[u32]) {
        self.counts.push_back((self.step, population as u32, neurons.len() as u32));
        let shown = neurons.iter().take_while(|&&neuron| neuron < self.shown_ends[population]);
        self.spikes.extend(shown.map(|&neuron| (self.step, neuron)));
    }

    /// The step before the stretch: the warm-up is left out unless the run has not come further.
    fn step_before(&self) -> u64 {
        let earliest = if self.step > self.warmup_steps { self.warmup_steps } else { 0 };
        self.step.saturating_sub(self.stretch_steps).max(earliest)
    }

    pub(super) fn raster(&self, ends: &[u32]) -> Raster {
        let from = self.step_before();
        let sizes = sizes(ends);
        let spike = |&(step, number): &(u64, u32)| {
            let population = ends.partition_point(|&end| end <= number);
            let neuron = u64::from(number) - (u64::from(ends[population]) - sizes[population]);
            RasterSpike { time_ms: step as f64 * self.dt_ms, population, neuron }
        };
        Raster {
            from_ms: from as f64 * self.dt_ms,
            to_ms: self.step as f64 * self.dt_ms,
            neurons: self.shown.clone(),
            spikes: self.spikes.iter().filter(|spike| spike.0 > from).map(spike).collect(),
        }
    }

    /// Rates in whole bins, each of the same number of steps.
    pub(super) fn rate_trace(&self, ends: &[u32]) -> RateTrace {
        let from = self.step_before();
        let bin_steps = (TRACE_BIN_MS / self.dt_ms).round().max(1.0) as u64;
        let bins = ((self.step - from) / bin_steps) as usize;
        let bin_ms = bin_steps as f64 * self.dt_ms;
        let mut rate_hz = vec![vec![0.0; bins]; ends.len()];
        for &(step, population, count) in self.counts.iter().filter(|count| count.0 > from) {
            let bin = ((step - from - 1) / bin_steps) as usize;
            if bin < bins {
                rate_hz[population as usize][bin] += f64::from(count);
            }
        }
        for (rates, size) in rate_hz.iter_mut().zip(sizes(ends)) {
            rates.iter_mut().for_each(|rate| *rate *= MS_PER_S / (size.max(1) as f64 * bin_ms));
        }
        RateTrace { from_ms: from as f64 * self.dt_ms, bin_ms, rate_hz }
    }

    pub(super) fn memory_bytes(sizes: &[u64], window: &Window) -> u64 {
        // an entry for each step in which a population spikes, so no more than there are spikes
        let spikes = |size: &u64| (*size as f64 * USUAL_RATE_HZ * STRETCH_MS / MS_PER_S) as u64;
        let steps = stretch_steps(window.dt_ms);
        let counts: u64 = sizes.iter().map(|size| steps.min(spikes(size)) * size_of::<(u64, u32, u32)>() as u64).sum();
        let spikes = shown(sizes).iter().sum::<u64>() as f64 * USUAL_RATE_HZ * STRETCH_MS / MS_PER_S;
        counts + spikes as u64 * size_of::<(u64, u32)>() as u64
    }
}

fn stretch_steps(dt_ms: f64) -> u64 {
    (STRETCH_MS / dt_ms).round().max(1.0) as u64
}

fn sizes(ends: &[u32]) -> Vec<u64> {
    let starts = std::iter::once(&0).chain(ends);
    ends.iter().zip(starts).map(|(end, start)| u64::from(end - start)).collect()
}

/// How many neurons of each population are shown: in proportion to the sizes, but enough to be seen.
fn shown(sizes: &[u64]) -> Vec<u64> {
    let all = sizes.iter().sum::<u64>().max(1) as f64;
    let share = |&size: &u64| ((SHOWN as f64 * size as f64 / all).round() as u64).max(LEAST_SHOWN).min(size);
    sizes.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_populations_are_shown_too() {
        assert_eq!(shown(&[8000, 2000]), [160, 40]);
        assert_eq!(shown(&[100_000, 10, 3, 0]), [200, 5, 3, 0]);
        assert_eq!(shown(&[20, 10]), [20, 10]);
        assert_eq!(shown(&[]), [0; 0]);
    }

    /// Two populations of 10 and 20; in every step neurons 0 and 12 spike, in even ones 29 as well.
    fn run(dt_ms: f64, warmup_steps: u64, steps: u64) -> (Raster, RateTrace) {
        let ends = [10, 30];
        let mut recent = Recent::new(&ends, &Window { dt_ms, warmup_steps, measured_steps: steps });
        for step in 1..=steps {
            recent.begin_step(step);
            recent.add(0, &[0]);
            recent.add(1, if step % 2 == 0 { &[12, 29] } else { &[12] });
        }
        (recent.raster(&ends), recent.rate_trace(&ends))
    }

    #[test]
    fn the_last_half_second_is_shown() {
        let (raster, trace) = run(0.5, 100, 3001);
        assert_eq!((raster.from_ms, raster.to_ms, raster.neurons), (1000.5, 1500.5, vec![10, 20]));
        assert_eq!(raster.spikes.len(), 2500);
        assert_eq!(raster.spikes[0], RasterSpike { time_ms: 1001.0, population: 0, neuron: 0 });
        assert_eq!(raster.spikes[2], RasterSpike { time_ms: 1001.0, population: 1, neuron: 19 });
        assert_eq!((trace.from_ms, trace.bin_ms), (1000.5, 1.0));
        assert_eq!(trace.rate_hz, [vec![200.0; 500], vec![150.0; 500]]);
    }

    #[test]
    fn the_warm_up_is_shown_only_if_the_run_ended_in_it() {
        let (raster, trace) = run(0.1, 100, 125);
        assert_eq!((raster.from_ms, raster.to_ms, raster.spikes.len()), (10.0, 12.5, 25 * 2 + 12));
        assert_eq!(trace.rate_hz[0], [1000.0; 2]);
        let (raster, trace) = run(0.1, 100, 100);
        assert_eq!((raster.from_ms, raster.to_ms, trace.rate_hz[0].len()), (0.0, 10.0, 10));
    }

    #[test]
    fn bins_of_the_rates_hold_whole_steps() {
        let (_, trace) = run(0.3, 0, 10);
        assert!((trace.bin_ms - 0.9).abs() < 1e-15 && trace.rate_hz[0].len() == 3, "{trace:?}");
        assert!(trace.rate_hz[0].iter().all(|rate| (rate - 1000.0 / 3.0).abs() < 1e-9), "{trace:?}");
        let (_, trace) = run(2.0, 0, 10);
        assert_eq!((trace.bin_ms, trace.rate_hz[0].as_slice()), (2.0, [50.0; 10].as_slice()));
    }
}
