//! Statistics of the spikes of a simulation, taken while it runs: no train is kept, so any length of run has room.
//!
//! A spike of step k is at `k dt`, or in the step before that time if its time is interpolated; it counts if k lies in the window `(start, stop]` after the
//! warm-up. Rates, intervals and counts in bins of 50 ms, or as near to it as whole steps allow, are kept as whole numbers, in ticks of a step and
//! in spikes, so nothing is lost in a long run.

mod batches;
mod bins;
mod counts;
mod distribution;
mod neuron;
mod recent;
mod sample;
mod spectrum;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::fired::StepSpikes;
use super::recorder::SpikeRecorder;
use super::result::{PopulationActivity, Raster, RateTrace};
use super::streams::{Purpose, stream};
use bins::Bins;
pub use bins::count_bin_ms;
use counts::{Counts, PopulationCounts};
use distribution::{mean_and_std, rate_distribution, value_histogram};
use neuron::NeuronSpikes;
use recent::Recent;
use spectrum::Spectra;

const MS_PER_S: f64 = 1000.0;
/// Width in ms of the bins of spike counts for Fano factors, correlations and batch means, as near as whole steps allow.
const COUNT_BIN_MS: f64 = 50.0;

/// The run in steps: first the warm-up, then what is measured.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Window {
    /// Time step in ms.
    pub(super) dt_ms: f64,
    /// Steps before the measurement.
    pub(super) warmup_steps: u64,
    /// Steps measured.
    pub(super) measured_steps: u64,
}

/// What is known of the spikes up to some step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SpikeStatistics {
    window: Window,
    steps_done: u64,
    bins: Bins,
    /// Whole bins so far; all of them are closed.
    whole_bins: u64,
    /// First step of the bin after them.
    bin_start: u64,
    /// The number after the last neuron of each population.
    ends: Vec<u32>,
    neurons: Vec<NeuronSpikes>,
    populations: Vec<PopulationCounts>,
    spectra: Spectra,
    recent: Recent,
}

impl SpikeStatistics {
    /// Before the first step; `seed` draws the samples of neurons whose correlations are measured.
    #[expect(
        clippy::expect_used,
        reason = "the simulator refuses networks whose neurons cannot be numbered in 32 bits"
    )]
    pub(super) fn new(sizes: &[u64], window: Window, seed: u64) -> Self {
        let ends: Vec<u32> = sizes
            .iter()
            .scan(0, |end, &size| {
                *end += u32::try_from(size).expect("few enough neurons");
                Some(*end)
            })
            .collect();
        let mut random = stream(seed, Purpose::Samples, 0, 0, 0).sequence();
        let mut neurons = vec![NeuronSpikes::default(); ends.last().map_or(0, |&end| end as usize)];
        let population = |(&size, &end): (&u64, &u32)| {
            let own = &mut neurons[(end as usize - size as usize)..end as usize];
            for (place, neuron) in sample::draw(own.len(), &mut random).into_iter().enumerate() {
                own[neuron].set_sampled(place);
            }
            PopulationCounts::new(size)
        };
        Self {
            populations: sizes.iter().zip(&ends).map(population).collect(),
            window,
            steps_done: 0,
            bins: Bins::new(window.dt_ms),
            whole_bins: 0,
            bin_start: window.warmup_steps + 1,
            neurons,
            spectra: Spectra::new(sizes, &window),
            recent: Recent::new(&ends, &window),
            ends,
        }
    }

    fn measure(&mut self, spikes: StepSpikes<'_>) {
        let (step, mut ticks) = (spikes.step(), spikes.ticks());
        let measured = step - self.window.warmup_steps;
        for (index, own) in slices(&self.ends, spikes.neurons()) {
            let population = &mut self.populations[index];
            population.add(own.len() as u64);
            self.spectra.add(index, own.len() as u32);
            for (tick, number) in ticks.by_ref().take(own.len()) {
                let neuron = &mut self.neurons[number as usize];
                neuron.spike(tick, self.bin_start);
                if let Some(place) = neuron.sampled() {
                    population.sample.spike(place);
                }
            }
        }
        if self.bins.end_with(measured) {
            self.populations.iter_mut().for_each(PopulationCounts::close_bin);
            self.whole_bins += 1;
            self.bin_start = step + 1;
        }
        self.spectra.end_step();
    }

    /// What each population did so far, in the time measured; name, membrane and input are left for the caller to fill in.
    pub(super) fn activity(&self) -> Vec<PopulationActivity> {
        (0..self.populations.len()).map(|population| self.population_activity(population)).collect()
    }

    fn population_activity(&self, index: usize) -> PopulationActivity {
        let population = &self.populations[index];
        let end = self.ends[index] as usize;
        let neurons = &self.neurons[end - population.size as usize..end];
        let seconds = self.steps_done.saturating_sub(self.window.warmup_steps) as f64 * self.window.dt_ms / MS_PER_S;
        let binned: Vec<Counts> = neurons.iter().map(|neuron| neuron.counts(self.bin_start)).collect();
        let fano_factors = binned.iter().filter_map(|counts| counts.fano_factor(self.whole_bins)).collect::<Vec<_>>();
        let cvs: Vec<f64> = neurons.iter().filter_map(NeuronSpikes::cv).collect();
        let (cv, cv_std) = mean_and_std(&cvs);
        let correlation = population.sample.correlation(self.whole_bins);
        let neuron_seconds = population.size as f64 * seconds;
        PopulationActivity {
            name: String::new(),
            size: population.size,
            spikes: population.spikes,
            rate_hz: if neuron_seconds > 0.0 { population.spikes as f64 / neuron_seconds } else { 0.0 },
            rate_standard_error_hz: population.rate_standard_error_hz(self.bins.width_ms(self.window.dt_ms)),
            cv,
            cv_std,
            cv_neurons: cvs.len() as u64,
            cv_distribution: value_histogram(&cvs),
            correlation: correlation.mean,
            correlation_standard_error: correlation.standard_error,
            correlation_neurons: correlation.neurons,
            correlation_all_pairs: population.correlation_all_pairs(&binned, self.whole_bins),
            fano_factor: population.binned.fano_factor(self.whole_bins),
            single_neuron_fano_factor: mean_and_std(&fano_factors).0,
            rate_distribution: rate_distribution(neurons.iter().map(NeuronSpikes::spikes).collect(), seconds),
            spectrum: self.spectra.spectrum(index),
            membrane: None,
            input: None,
        }
    }

    /// Spikes of a few neurons in the last stretch of the run.
    pub(super) fn raster(&self) -> Raster {
        self.recent.raster(&self.ends)
    }

    /// Rates of the populations in the same stretch.
    pub(super) fn rate_trace(&self) -> RateTrace {
        self.recent.rate_trace(&self.ends)
    }

    /// About how much memory the statistics will hold, in bytes; rasters of usual rates assumed.
    pub(super) fn memory_bytes(sizes: &[u64], window: &Window) -> u64 {
        let neurons = sizes.iter().sum::<u64>() * size_of::<NeuronSpikes>() as u64;
        let populations: u64 = sizes.iter().map(|&size| PopulationCounts::memory_bytes(size)).sum();
        neurons + populations + Spectra::memory_bytes(sizes, window) + Recent::memory_bytes(sizes, window)
    }
}

impl SpikeRecorder for SpikeStatistics {
    /// Steps after the window are ignored.
    fn observe(&mut self, spikes: StepSpikes<'_>) {
        let step = spikes.step();
        debug_assert_eq!(step, self.steps_done + 1, "steps come in order");
        if step > self.window.warmup_steps + self.window.measured_steps {
            return;
        }
        self.steps_done = step;
        self.recent.begin_step(step);
        for (population, own) in slices(&self.ends, spikes.neurons()) {
            self.recent.add(population, own);
        }
        if step > self.window.warmup_steps {
            self.measure(spikes);
        }
    }
}

/// Cuts the ascending numbers of neurons into those of each population; populations without any are left out.
fn slices<'a>(ends: &'a [u32], neurons: &'a [u32]) -> impl Iterator<Item = (usize, &'a [u32])> {
    let (mut population, mut rest) = (0, neurons);
    std::iter::from_fn(move || {
        let first = rest.first()?;
        while *first >= ends[population] {
            population += 1;
        }
        let (own, others) = rest.split_at(rest.partition_point(|&number| number < ends[population]));
        rest = others;
        Some((population, own))
    })
}
