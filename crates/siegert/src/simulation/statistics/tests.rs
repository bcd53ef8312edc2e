//! The statistics against a direct computation from stored trains, and against processes whose statistics are known.

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{SpikeStatistics, Window};
use crate::simulation::fired::StepSpikes;
use crate::simulation::recorder::SpikeRecorder;
use crate::simulation::result::PopulationActivity;

/// Spikes as step and number of the neuron, in the order in which a simulator reports them.
type Spikes = Vec<(u64, u32)>;

fn observe(statistics: &mut SpikeStatistics, spikes: &[(u64, u32)], steps: std::ops::RangeInclusive<u64>) {
    let mut rest = &spikes[spikes.partition_point(|spike| spike.0 < *steps.start())..];
    for step in steps {
        let (now, later) = rest.split_at(rest.partition_point(|spike| spike.0 == step));
        let neurons: Vec<u32> = now.iter().map(|spike| spike.1).collect();
        statistics.observe(StepSpikes::on_grid(step, &neurons));
        rest = later;
    }
}

fn statistics_of(sizes: &[u64], window: Window, spikes: &[(u64, u32)]) -> SpikeStatistics {
    let mut statistics = SpikeStatistics::new(sizes, window, 1);
    observe(&mut statistics, spikes, 1..=window.warmup_steps + window.measured_steps);
    statistics
}

fn measured(dt_ms: f64, measured_steps: u64) -> Window {
    Window { dt_ms, warmup_steps: 0, measured_steps }
}

/// Spikes with a probability a step for each of so many neurons, from gap to gap.
fn bernoulli(neurons: std::ops::Range<u32>, steps: u64, probability: f64, random: &mut impl Rng) -> Spikes {
    let mut spikes = Vec::new();
    for neuron in neurons {
        let gap = |random: &mut _| 1 + (f64::ln(1.0 - RngExt::random::<f64>(random)) / (-probability).ln_1p()) as u64;
        let mut step = gap(random);
        while step <= steps {
            spikes.push((step, neuron));
            step += gap(random);
        }
    }
    spikes.sort_unstable();
    spikes
}

fn random(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn close(name: &str, value: Option<f64>, expected: f64, tolerance: f64) {
    let value = value.unwrap_or(f64::NAN);
    assert!((value - expected).abs() <= tolerance, "{name}: {value}, expected {expected} within {tolerance}");
}

// The cases by which /peers checks the statistics of the other simulators.

#[test]
fn independent_poisson_neurons_have_the_statistics_of_poisson_processes() {
    // 400 neurons with 20 Hz for 40 s.
    let (size, steps) = (400, 400_000);
    let spikes = bernoulli(0..size, steps, 0.002, &mut random(7));
    let activity = &statistics_of(&[400], measured(0.1, steps), &spikes).activity()[0];
    // Tolerances are 4 standard errors; the rate has sqrt(20 / (400 x 40)) = 0.035 Hz.
    close("rate", Some(activity.rate_hz), 20.0, 0.14);
    close("standard error", activity.rate_standard_error_hz, 0.0354, 0.0160); // 1 / sqrt(2 x 39) of it, or of 19
    close("cv", activity.cv, (0.998_f64).sqrt(), 0.01); // that of a geometric law; a train of 800 has 1 / sqrt(800)
    close("cv_std", activity.cv_std, 0.0354, 0.006);
    assert_eq!(activity.cv_neurons, 400);
    close("correlation", activity.correlation, 0.0, 4.0 * activity.correlation_standard_error.expect("there is one"));
    close("its standard error", activity.correlation_standard_error, 1.0 / (19_900.0 * 800.0_f64).sqrt(), 1e-15);
    assert_eq!(activity.correlation_neurons, 200);
    close("all pairs", activity.correlation_all_pairs, 0.0, 4.0 * (2.0 / 800.0_f64).sqrt() / 400.0);
    close("fano", activity.fano_factor, 0.998, 4.0 * (2.0 / 800.0_f64).sqrt());
    close("neurons' fano", activity.single_neuron_fano_factor, 0.998, 0.01);
    close("std of rates", activity.rate_distribution.std_hz, (20.0 / 40.0_f64).sqrt(), 0.1);
}

#[test]
fn a_regular_neuron_has_no_variability() {
    let spikes: Spikes = (1..=1000).map(|k| (100 * k, 0)).collect();
    let activity = &statistics_of(&[1], measured(0.1, 100_000), &spikes).activity()[0];
    assert_eq!((activity.rate_hz, activity.spikes), (100.0, 1000));
    assert_eq!((activity.cv, activity.fano_factor), (Some(0.0), Some(0.0)));
    assert_eq!((activity.single_neuron_fano_factor, activity.rate_standard_error_hz), (Some(0.0), Some(0.0)));
    assert_eq!((activity.correlation, activity.correlation_neurons), (None, 0));
    assert_eq!(activity.correlation_all_pairs, None);
}

#[test]
fn regular_neurons_out_of_step_have_small_fano_factors_at_every_time_step() {
    // 20,000 neurons spike every 60 ms, each at a phase of its own: 5/6 spikes in a bin, Fano factor 1/6 (of six values, so up to 0.5). Were
    // the bins of unequal numbers of steps, 0.8 would be added at 0.7 ms and 13 at 3 ms.
    for (dt_ms, interval) in [(0.1, 600), (0.7, 86), (3.0, 20)] {
        let (mut random, intervals) = (random(5), 30);
        let mut spikes: Spikes = Vec::new();
        for neuron in 0..20_000 {
            let first = 1 + random.random_range(0..interval);
            spikes.extend((0..intervals).map(|k| (first + k * interval, neuron)));
        }
        spikes.sort_unstable();
        let activity = &statistics_of(&[20_000], measured(dt_ms, intervals * interval), &spikes).activity()[0];
        let (fano, all_pairs) = (activity.fano_factor.expect("spikes"), activity.correlation_all_pairs.expect("pairs"));
        assert!(fano < 0.5 && all_pairs.abs() < 2e-4, "dt = {dt_ms} ms: Fano factor {fano}, correlation {all_pairs}");
    }
}

#[test]
fn shared_spikes_correlate_by_their_share() {
    // Own spikes at 16 Hz and 4 Hz common to all: counts correlate with 4 / 20.
    let (size, steps, mut random) = (400, 400_000, random(7));
    let common = bernoulli(0..1, steps, 0.0004, &mut random);
    let mut spikes = bernoulli(0..size, steps, 0.0016, &mut random);
    spikes.extend(common.iter().flat_map(|&(step, _)| (0..size).map(move |neuron| (step, neuron))));
    spikes.sort_unstable();
    spikes.dedup();
    let activity = &statistics_of(&[400], measured(0.1, steps), &spikes).activity()[0];
    close("correlation", activity.correlation, 0.2, 0.02);
    close("all pairs", activity.correlation_all_pairs, 0.2, 0.02);
    close("fano", activity.fano_factor, 0.8 + 0.2 * 400.0, 12.0);
    // The common spikes alone make a standard error of sqrt(4 / 40) = 0.32 Hz, not the 0.035 of independent neurons.
    close("standard error", activity.rate_standard_error_hz, 0.32, 0.15);
}

#[test]
fn the_spectrum_of_independent_poisson_neurons_is_flat_at_rate_over_size() {
    let (steps, size) = (1_000_000, 50);
    let spikes = bernoulli(0..size, steps, 0.002, &mut random(3));
    let activity = &statistics_of(&[50], measured(0.1, steps), &spikes).activity()[0];
    let spectrum = activity.spectrum.as_ref().expect("100 s");
    assert_eq!((spectrum.segments, spectrum.segment_ms), (199, 1000.0));
    let expected = 20.0 * 0.998 / 50.0;
    for (frequency, power) in spectrum.frequency_hz.iter().zip(&spectrum.power_hz) {
        // About 105 independent ones of 199 half-overlapping segments; a broad band averages over more, never fewer.
        let error = expected / 105_f64.sqrt();
        assert!((power - expected).abs() < 4.5 * error, "{power} Hz at {frequency} Hz, expected {expected}");
    }
    let mean = spectrum.power_hz[100..].iter().sum::<f64>() / spectrum.power_hz[100..].len() as f64;
    assert!((mean / expected - 1.0).abs() < 0.01, "{mean}, expected {expected}");
}

/// The same quantities from a stored list, as `spike_statistics.py` computes them: times and dense matrices of counts.
mod naive {
    use std::f64::consts::TAU;

    use super::*;

    const COUNT_BIN_MS: f64 = 50.0;

    pub(super) struct Trains {
        /// Times of the spikes in the window, from its start, of each neuron.
        times_ms: Vec<Vec<f64>>,
        duration_ms: f64,
        dt_ms: f64,
        bin_ms: f64,
        counts: Vec<Vec<f64>>,
        /// The counts of each neuron, their mean taken off.
        deviations: Vec<Vec<f64>>,
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn variance(values: &[f64]) -> f64 {
        let mean = mean(values);
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
    }

    fn mean_if_any(values: &[f64]) -> Option<f64> {
        (!values.is_empty()).then(|| mean(values))
    }

    impl Trains {
        pub(super) fn new(
            neurons: std::ops::Range<u32>,
            window: Window,
            steps_done: u64,
            spikes: &[(u64, u32)],
        ) -> Self {
            let (dt_ms, start_ms) = (window.dt_ms, window.warmup_steps as f64 * window.dt_ms);
            let stop_ms = steps_done as f64 * dt_ms;
            let duration_ms = stop_ms - start_ms;
            let mut times_ms = vec![Vec::new(); neurons.len()];
            for &(step, neuron) in spikes.iter().filter(|spike| neurons.contains(&spike.1)) {
                let time_ms = step as f64 * dt_ms;
                if time_ms > start_ms + 1e-6 && time_ms <= stop_ms + 1e-6 {
                    times_ms[(neuron - neurons.start) as usize].push(time_ms - start_ms);
                }
            }
            let bin_steps = (COUNT_BIN_MS / dt_ms).round().max(1.0) as usize;
            let bins = (duration_ms / dt_ms).round() as usize / bin_steps;
            let mut counts = vec![vec![0.0; bins]; neurons.len()];
            for (row, times) in counts.iter_mut().zip(&times_ms) {
                for time in times {
                    let bin = ((time / dt_ms).round() as usize - 1) / bin_steps;
                    if bin < bins {
                        row[bin] += 1.0;
                    }
                }
            }
            let deviations = |row: &Vec<f64>| {
                let mean = mean(row);
                row.iter().map(|count| count - mean).collect()
            };
            let deviations = counts.iter().map(deviations).collect();
            Self { deviations, times_ms, duration_ms, dt_ms, bin_ms: bin_steps as f64 * dt_ms, counts }
        }

        fn bins(&self) -> usize {
            self.counts[0].len()
        }

        fn sums(&self) -> Vec<f64> {
            (0..self.bins()).map(|bin| self.counts.iter().map(|row| row[bin]).sum()).collect()
        }

        pub(super) fn rate_hz(&self) -> f64 {
            let spikes: usize = self.times_ms.iter().map(Vec::len).sum();
            spikes as f64 / (self.times_ms.len() as f64 * self.duration_ms) * 1e3
        }

        pub(super) fn cvs(&self) -> Vec<f64> {
            let intervals = |times: &Vec<f64>| times.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
            let enough = self.times_ms.iter().filter(|times| times.len() >= 10).map(intervals);
            enough.map(|intervals| variance(&intervals).sqrt() / mean(&intervals)).collect()
        }

        pub(super) fn cv(&self) -> (Option<f64>, Option<f64>) {
            let cvs = self.cvs();
            (mean_if_any(&cvs), (cvs.len() > 1).then(|| variance(&cvs).sqrt()))
        }

        fn covariance(&self, a: usize, b: usize) -> f64 {
            let products = self.deviations[a].iter().zip(&self.deviations[b]).map(|(x, y)| x * y);
            products.sum::<f64>() / (self.bins() as f64 - 1.0)
        }

        pub(super) fn correlation(&self, sample: &[usize]) -> Option<f64> {
            let variances: Vec<f64> = (0..self.counts.len()).map(|neuron| self.covariance(neuron, neuron)).collect();
            let varying: Vec<usize> = sample.iter().copied().filter(|&neuron| variances[neuron] > 0.0).collect();
            let pairs =
                varying.iter().enumerate().flat_map(|(index, &b)| varying[..index].iter().map(move |&a| (a, b)));
            let pearson = |(a, b): (usize, usize)| self.covariance(a, b) / (variances[a] * variances[b]).sqrt();
            mean_if_any(&pairs.map(pearson).collect::<Vec<_>>())
        }

        pub(super) fn correlation_all_pairs(&self) -> Option<f64> {
            let number = self.counts.len();
            let variance = (0..number).map(|a| self.covariance(a, a)).sum::<f64>() / number as f64;
            let pairs: Vec<f64> = (0..number).flat_map(|b| (0..b).map(move |a| self.covariance(a, b))).collect();
            (self.bins() > 1 && variance > 0.0 && !pairs.is_empty()).then(|| mean(&pairs) / variance)
        }

        pub(super) fn fano_factor(&self) -> Option<f64> {
            let sums = self.sums();
            (sums.len() > 1 && sums.iter().sum::<f64>() > 0.0).then(|| variance(&sums) / mean(&sums))
        }

        pub(super) fn single_neuron_fano_factor(&self) -> Option<f64> {
            let spiked = self.counts.iter().filter(|row| row.len() > 1 && row.iter().sum::<f64>() > 0.0);
            mean_if_any(&spiked.map(|row| variance(row) / mean(row)).collect::<Vec<_>>())
        }

        /// From batches of the least power of two of bins with which there are at most 40.
        pub(super) fn rate_standard_error_hz(&self) -> Option<f64> {
            let (sums, mut width) = (self.sums(), 1);
            while sums.len() / width > 40 {
                width *= 2;
            }
            let batches: Vec<f64> = sums.chunks_exact(width).map(mean).collect();
            let per_bin = (batches.len() >= 5).then(|| (variance(&batches) / batches.len() as f64).sqrt())?;
            Some(per_bin / (self.times_ms.len() as f64 * self.bin_ms / 1e3))
        }

        /// Power at a frequency, averaged over half-overlapping segments; from the Fourier sum itself.
        pub(super) fn power_hz(&self, frequency_hz: f64, segment_steps: usize) -> f64 {
            let steps = (self.duration_ms / self.dt_ms).round() as usize;
            let mut activity = vec![0.0; steps];
            for time in self.times_ms.iter().flatten() {
                activity[(time / self.dt_ms).round() as usize - 1] += 1e3 / (self.dt_ms * self.times_ms.len() as f64);
            }
            let hop = segment_steps - segment_steps / 2;
            let starts = (0..).map(|segment| segment * hop).take_while(|start| start + segment_steps <= steps);
            let powers = starts.map(|start| {
                let segment = &activity[start..start + segment_steps];
                let (level, mut re, mut im, mut squares) = (mean(segment), 0.0, 0.0, 0.0);
                for (k, value) in segment.iter().enumerate() {
                    let weight = (TAU / 2.0 * k as f64 / segment_steps as f64).sin().powi(2);
                    let phase = TAU * frequency_hz * k as f64 * self.dt_ms / 1e3;
                    re += weight * (value - level) * phase.cos();
                    im -= weight * (value - level) * phase.sin();
                    squares += weight * weight;
                }
                (re * re + im * im) / squares * self.dt_ms / 1e3
            });
            mean(&powers.collect::<Vec<_>>())
        }
    }
}

fn assert_close(name: &str, value: Option<f64>, expected: Option<f64>) {
    match (value, expected) {
        (Some(value), Some(expected)) => {
            // 1e-12 of what is added up: Pearson coefficients and covariances are of order 1 and may cancel.
            let scale = if name.starts_with("correlation") { 1.0 } else { expected.abs() };
            assert!((value - expected).abs() <= 1e-12 * scale, "{name}: {value}, directly {expected}");
        }
        _ => assert_eq!(value, expected, "{name}"),
    }
}

fn assert_agrees(activity: &PopulationActivity, trains: &naive::Trains, sample: &[usize]) {
    let (cv, cv_std) = trains.cv();
    assert_close("rate_hz", Some(activity.rate_hz), Some(trains.rate_hz()));
    assert_close("cv", activity.cv, cv);
    assert_close("cv_std", activity.cv_std, cv_std);
    assert_eq!(activity.cv_neurons, trains.cvs().len() as u64);
    assert_close("correlation", activity.correlation, trains.correlation(sample));
    assert_close("correlation_all_pairs", activity.correlation_all_pairs, trains.correlation_all_pairs());
    assert_close("fano_factor", activity.fano_factor, trains.fano_factor());
    assert_close("neurons' fano", activity.single_neuron_fano_factor, trains.single_neuron_fano_factor());
    assert_close("rate_standard_error_hz", activity.rate_standard_error_hz, trains.rate_standard_error_hz());
}

/// Populations of 3, 0, 230 and 1: rare spikes, many, none, and a neuron that spikes in bursts; some spikes shared.
fn mixed_trains(steps: u64) -> ([u64; 4], Spikes) {
    let mut random = random(11);
    let mut spikes = bernoulli(0..3, steps, 0.003, &mut random);
    spikes.extend(bernoulli(3..100, steps, 0.01, &mut random));
    spikes.extend(bernoulli(100..220, steps, 0.0005, &mut random));
    let shared = bernoulli(0..1, steps, 0.002, &mut random);
    spikes.extend(shared.iter().flat_map(|&(step, _)| (3..60).map(move |neuron| (step, neuron))));
    let bursts = bernoulli(233..234, steps, 0.001, &mut random);
    spikes.extend(bursts.iter().flat_map(|&(step, neuron)| (0..4).map(move |k| (step + 2 * k, neuron))));
    spikes.retain(|spike| spike.0 <= steps);
    spikes.sort_unstable();
    spikes.dedup();
    ([3, 0, 230, 1], spikes)
}

fn sample_of(statistics: &SpikeStatistics, neurons: std::ops::Range<u32>) -> Vec<usize> {
    let own = &statistics.neurons[neurons.start as usize..neurons.end as usize];
    own.iter().enumerate().filter_map(|(index, neuron)| neuron.sampled().map(|_| index)).collect()
}

#[test]
fn statistics_agree_with_a_direct_computation_at_any_step_and_time_step() {
    for dt_ms in [0.1, 0.3, 0.7, 1.0, 12.5, 70.0] {
        let window = Window { dt_ms, warmup_steps: 777, measured_steps: 12_223 };
        let (sizes, spikes) = mixed_trains(13_000);
        let mut statistics = SpikeStatistics::new(&sizes, window, 5);
        let mut done = 0;
        // Around bins of 500 and of 167 steps after the warm-up, and at odd places.
        for stop in [943, 944, 1276, 1277, 1278, 1777, 2500, 2777, 6000, 13_000] {
            observe(&mut statistics, &spikes, done + 1..=stop);
            done = stop;
            let activity = statistics.activity();
            for (population, neurons) in [0..3, 3..3, 3..233, 233..234].into_iter().enumerate() {
                if !neurons.is_empty() {
                    let trains = naive::Trains::new(neurons.clone(), window, stop, &spikes);
                    assert_agrees(&activity[population], &trains, &sample_of(&statistics, neurons));
                }
            }
        }
    }
}

#[test]
fn spectra_agree_with_a_direct_fourier_sum() {
    for (dt_ms, segment_steps) in [(1.0, 1000), (0.7, 1429)] {
        let window = Window { dt_ms, warmup_steps: 77, measured_steps: 3500 };
        let (sizes, spikes) = mixed_trains(3577);
        let activity = statistics_of(&sizes, window, &spikes).activity();
        let trains = naive::Trains::new(3..233, window, 3577, &spikes);
        let spectrum = activity[2].spectrum.as_ref().expect("more than a second");
        // The lowest 29 are single frequencies; band 29 holds two.
        let lowest_hz = 1e3 / (segment_steps as f64 * dt_ms);
        for index in [0, 1, 7, 28] {
            let frequency_hz = (index + 1) as f64 * lowest_hz;
            assert_close("frequency", Some(spectrum.frequency_hz[index]), Some(frequency_hz));
            let (power, expected) = (spectrum.power_hz[index], trains.power_hz(frequency_hz, segment_steps));
            assert!((power / expected - 1.0).abs() < 1e-10, "{power} Hz at {frequency_hz} Hz, directly {expected}");
        }
        let band = [30.0, 31.0].map(|multiple| trains.power_hz(multiple * lowest_hz, segment_steps));
        assert_close("frequency", Some(spectrum.frequency_hz[29]), Some(30.5 * lowest_hz));
        assert!((spectrum.power_hz[29] / (band[0] + band[1]) * 2.0 - 1.0).abs() < 1e-10, "{band:?}");
    }
}

#[test]
fn a_run_taken_up_from_a_checkpoint_ends_in_the_same_statistics() {
    let window = Window { dt_ms: 0.3, warmup_steps: 1000, measured_steps: 12_000 };
    let (sizes, spikes) = mixed_trains(13_000);
    let whole = statistics_of(&sizes, window, &spikes);
    for stop in [500, 7001] {
        let mut first = SpikeStatistics::new(&sizes, window, 1);
        observe(&mut first, &spikes, 1..=stop);
        let saved = postcard::to_stdvec(&first).expect("plain data");
        let mut second: SpikeStatistics = postcard::from_bytes(&saved).expect("what was written");
        observe(&mut second, &spikes, stop + 1..=13_000);
        assert_eq!(second.activity(), whole.activity());
        assert_eq!(second.raster(), whole.raster());
        assert_eq!(second.rate_trace(), whole.rate_trace());
        assert_eq!(postcard::to_stdvec(&second).expect("plain data"), postcard::to_stdvec(&whole).expect("plain data"));
    }
}

#[test]
fn a_run_that_ends_in_the_warm_up_says_nothing() {
    let window = Window { dt_ms: 0.1, warmup_steps: 10_000, measured_steps: 10_000 };
    let (sizes, spikes) = mixed_trains(9000);
    let mut statistics = SpikeStatistics::new(&sizes, window, 1);
    observe(&mut statistics, &spikes, 1..=9000);
    for (activity, size) in statistics.activity().iter().zip(sizes) {
        assert_says_nothing(activity);
        assert_eq!((activity.size, activity.rate_standard_error_hz, &activity.spectrum), (size, None, &None));
        assert_eq!(activity.rate_distribution.silent_fraction, if size > 0 { 1.0 } else { 0.0 });
    }
    assert!(!statistics.raster().spikes.is_empty());
}

fn assert_says_nothing(activity: &PopulationActivity) {
    assert_eq!((activity.spikes, activity.rate_hz), (0, 0.0));
    assert_eq!((activity.cv, activity.cv_std, activity.cv_neurons), (None, None, 0));
    assert_eq!((activity.correlation, activity.correlation_standard_error), (None, None));
    assert_eq!((activity.correlation_neurons, activity.correlation_all_pairs), (0, None));
    assert_eq!((activity.fano_factor, activity.single_neuron_fano_factor), (None, None));
    assert_eq!((&activity.cv_distribution, activity.rate_distribution.quantiles_hz), (&None, [0.0; 5]));
}

#[test]
fn silent_populations_and_those_without_neurons_are_quiet() {
    let statistics = statistics_of(&[0, 8, 0], measured(0.1, 20_000), &[]);
    let activity = statistics.activity();
    activity.iter().for_each(assert_says_nothing);
    assert_eq!((activity[0].rate_standard_error_hz, activity[1].rate_standard_error_hz), (None, Some(0.0)));
    assert_eq!(activity[1].rate_distribution.silent_fraction, 1.0);
    assert!(activity[0].spectrum.is_none() && activity[1].spectrum.is_some());
    assert_eq!(statistics.rate_trace().rate_hz, vec![vec![0.0; 500]; 3]);
    assert!(statistics_of(&[], measured(0.1, 100), &[]).activity().is_empty());
}

#[test]
fn neurons_that_spike_in_every_step_have_the_rate_of_the_steps() {
    let spikes: Spikes = (1..=20_000).flat_map(|step| (0..3).map(move |neuron| (step, neuron))).collect();
    let statistics = statistics_of(&[2, 1], measured(0.1, 20_000), &spikes);
    for activity in statistics.activity() {
        assert_eq!((activity.rate_hz, activity.cv, activity.fano_factor), (10_000.0, Some(0.0), Some(0.0)));
        assert_eq!((activity.correlation, activity.single_neuron_fano_factor), (None, Some(0.0)));
        let power_hz = &activity.spectrum.expect("2 s").power_hz;
        assert!(power_hz.iter().all(|&power| power == 0.0), "{power_hz:?}");
    }
    let trace = statistics.rate_trace();
    assert!(trace.rate_hz.iter().flatten().all(|rate| (rate - 1e4).abs() < 1e-8), "{trace:?}");
}

#[test]
fn a_window_below_one_bin_has_rates_and_intervals_only() {
    let spikes: Spikes = (1..=20).map(|k| (20 * k, 0)).collect();
    let activity = &statistics_of(&[2], measured(0.1, 499), &spikes).activity()[0];
    assert_eq!((activity.spikes, activity.cv), (20, Some(0.0)));
    assert!((activity.rate_hz - 20.0 / 2.0 / 0.0499).abs() < 1e-12);
    assert_eq!((activity.fano_factor, activity.single_neuron_fano_factor), (None, None));
    assert_eq!((activity.correlation, activity.correlation_all_pairs), (None, None));
    assert_eq!((activity.rate_standard_error_hz, &activity.spectrum), (None, &None));
}

#[test]
fn steps_after_the_window_count_for_nothing() {
    let spikes = [(1, 0), (1000, 0), (1001, 0), (1200, 0)];
    let mut statistics = SpikeStatistics::new(&[1], measured(0.1, 1000), 1);
    observe(&mut statistics, &spikes, 1..=1000);
    let before = statistics.activity();
    assert_eq!(before[0].spikes, 2);
    statistics.observe(StepSpikes::on_grid(1001, &[0]));
    assert_eq!(statistics.activity(), before);
    assert_eq!(statistics.raster().to_ms, 100.0);
}

#[test]
fn a_million_neurons_take_fifty_megabytes_whatever_the_length() {
    let window = Window { dt_ms: 0.1, warmup_steps: 0, measured_steps: u64::MAX / 2 };
    let estimated = SpikeStatistics::memory_bytes(&[800_000, 200_000], &window);
    assert!((48_000_000..50_000_000).contains(&estimated), "{estimated} bytes");
}
