//! Power spectra of the activity of populations: Welch's method, segment by segment while the run goes on.
//!
//! The activity is `x = count / (n dt)`, spikes per neuron and second in each step. Segments of 1 s overlap by half; of each
//! the mean is taken off, which goes into no frequency but 0, and a Hann window w is laid over it:
//!
//! ```text
//! S(f) = dt |sum w x exp(-i 2 pi f t)|^2 / sum w^2      two-sided, so r / n for n independent Poisson neurons of rate r
//! ```
//!
//! Source: Welch (1967), The use of fast Fourier transform for the estimation of power spectra. IEEE Trans Audio 15:70-73.
//! Range: frequencies 1, 2, 3 Hz, ... up to half the sampling rate; counts of steps, so nothing is lost to binning but the
//! delay of less than a step. The Hann window lets a sharp line leak into the frequencies 1 Hz beside it.

use std::f64::consts::PI;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};
use serde::{Deserialize, Serialize};

use super::{MS_PER_S, Window};
use crate::simulation::result::Spectrum;

const SEGMENT_MS: f64 = 1000.0;
/// A run too short for a segment is one segment if it has at least this length.
const LEAST_MS: f64 = 100.0;
/// Fewest steps that make a segment.
const LEAST_STEPS: u64 = 8;
/// Width of a band over its frequency.
const BAND: f64 = 0.05;

/// Spectra of all populations, as sums over the segments so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Spectra {
    dt_ms: f64,
    /// Steps in a segment.
    segment_steps: usize,
    /// Steps in the open segment.
    filled: usize,
    /// Closed segments.
    segments: u64,
    populations: Vec<PopulationSpectrum>,
    /// What transforms a segment, from the first one on: its preparation takes as long as the transform itself.
    #[serde(skip)]
    periodogram: Option<Periodogram>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PopulationSpectrum {
    size: u64,
    /// Spikes of each step of the open segment; 0 in those to come.
    counts: Vec<u32>,
    /// Sum of the power over closed segments, band by band.
    power_hz: Vec<f64>,
}

impl Spectra {
    pub(super) fn new(sizes: &[u64], window: &Window) -> Self {
        let segment_steps = segment_steps(window.dt_ms) as usize;
        let population = |&size: &u64| PopulationSpectrum {
            size,
            counts: vec![0; stored_steps(window) as usize],
            power_hz: vec![0.0; bands(segment_steps).len()],
        };
        let populations = sizes.iter().map(population).collect();
        Self { dt_ms: window.dt_ms, segment_steps, filled: 0, segments: 0, populations, periodogram: None }
    }

    /// Takes the number of spikes of a population in the present step.
    pub(super) fn add(&mut self, population: usize, count: u32) {
        self.populations[population].counts[self.filled] += count;
    }

    pub(super) fn end_step(&mut self) {
        self.filled += 1;
        if self.filled == self.segment_steps {
            self.close_segment();
        }
    }

    /// Adds the power of the segment, and keeps its second half as the first of the next.
    fn close_segment(&mut self) {
        let periodogram = self.periodogram.get_or_insert_with(|| Periodogram::new(self.segment_steps, self.dt_ms));
        let kept = self.segment_steps / 2;
        for population in &mut self.populations {
            for (sum, power_hz) in
                population.power_hz.iter_mut().zip(periodogram.power_hz(&population.counts, population.size))
            {
                *sum += power_hz;
            }
            population.counts.copy_within(self.segment_steps - kept.., 0);
            population.counts[kept..].fill(0);
        }
        self.filled = kept;
        self.segments += 1;
    }

    /// The spectrum of a population; `None` if the time measured was too short, or there are no neurons.
    pub(super) fn spectrum(&self, population: usize) -> Option<Spectrum> {
        let population = &self.populations[population];
        if population.size == 0 {
            return None;
        }
        if self.segments > 0 {
            let power_hz = population.power_hz.iter().map(|sum| sum / self.segments as f64).collect();
            return Some(self.spectrum_of(power_hz, self.segment_steps, self.segments));
        }
        // The border is that of whole steps: a tenth of a second must not be missed by rounding.
        if (self.filled as u64) < LEAST_STEPS.max((LEAST_MS / self.dt_ms).round() as u64) {
            return None;
        }
        let periodogram = Periodogram::new(self.filled, self.dt_ms);
        Some(self.spectrum_of(periodogram.power_hz(&population.counts[..self.filled], population.size), self.filled, 1))
    }

    fn spectrum_of(&self, power_hz: Vec<f64>, steps: usize, segments: u64) -> Spectrum {
        let segment_ms = steps as f64 * self.dt_ms;
        let centre_hz = |band: Range<usize>| (band.start + band.end - 1) as f64 / 2.0 * MS_PER_S / segment_ms;
        let frequency_hz = bands(steps).into_iter().map(centre_hz).collect();
        Spectrum { frequency_hz, power_hz, segments, segment_ms }
    }

    pub(super) fn memory_bytes(sizes: &[u64], window: &Window) -> u64 {
        let bands = bands(segment_steps(window.dt_ms) as usize).len() as u64;
        let population = stored_steps(window) * size_of::<u32>() as u64 + bands * size_of::<f64>() as u64;
        // While a segment is transformed: its window, its values and its transform with their working space.
        sizes.len() as u64 * population + 6 * stored_steps(window) * size_of::<f64>() as u64
    }
}

/// Steps in a segment: never fewer than a transform makes sense of.
fn segment_steps(dt_ms: f64) -> u64 {
    ((SEGMENT_MS / dt_ms).round() as u64).max(LEAST_STEPS)
}

/// Steps whose counts are stored: no more than will come.
fn stored_steps(window: &Window) -> u64 {
    segment_steps(window.dt_ms).min(window.measured_steps)
}

/// Bands of neighbouring frequencies, as multiples of the lowest: single ones first, then about 5 % wide.
fn bands(segment_steps: usize) -> Vec<Range<usize>> {
    let end = segment_steps / 2 + 1;
    let next = |band: &Range<usize>| {
        let width = ((band.end as f64 * BAND).round() as usize).max(1);
        (band.end < end).then(|| band.end..(band.end + width).min(end))
    };
    std::iter::successors((end > 1).then_some(1..2), next).collect()
}

/// The power spectrum of one segment.
#[derive(Clone)]
struct Periodogram {
    fft: Arc<dyn RealToComplex<f64>>,
    hann: Vec<f64>,
    /// `dt sum w^2`, in s.
    norm_s: f64,
}

impl fmt::Debug for Periodogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Periodogram").field("steps", &self.hann.len()).finish_non_exhaustive()
    }
}

impl Periodogram {
    fn new(steps: usize, dt_ms: f64) -> Self {
        let hann: Vec<f64> = (0..steps).map(|k| 0.5 - 0.5 * (2.0 * PI * k as f64 / steps as f64).cos()).collect();
        let norm_s = hann.iter().map(|weight| weight * weight).sum::<f64>() * dt_ms / MS_PER_S;
        Self { fft: RealFftPlanner::new().plan_fft_forward(steps), hann, norm_s }
    }

    /// Mean power in each band, from the counts of a population of `size` neurons.
    #[expect(clippy::expect_used, reason = "the lengths are those of the plan")]
    fn power_hz(&self, counts: &[u32], size: u64) -> Vec<f64> {
        let bands = bands(counts.len());
        let sum: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        if sum == 0 {
            return vec![0.0; bands.len()];
        }
        let mean = sum as f64 / counts.len() as f64;
        let mut values: Vec<f64> =
            counts.iter().zip(&self.hann).map(|(&count, weight)| (f64::from(count) - mean) * weight).collect();
        let mut transform = self.fft.make_output_vec();
        self.fft.process(&mut values, &mut transform).expect("lengths agree");
        let norm = self.norm_s * (size as f64).powi(2);
        let mean_power = |band: Range<usize>| {
            let number = band.len() as f64;
            transform[band].iter().map(|value| value.norm_sqr()).sum::<f64>() / (number * norm)
        };
        bands.into_iter().map(mean_power).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_hold_every_frequency_once_and_widen_by_five_percent() {
        for steps in [8, 9, 1000, 10_000, 100_001] {
            let bands = bands(steps);
            assert_eq!((bands[0].clone(), bands[bands.len() - 1].end), (1..2, steps / 2 + 1), "{steps} steps");
            for pair in bands.windows(2) {
                assert_eq!(pair[0].end, pair[1].start, "{steps} steps");
                let width = pair[1].len() as f64 / pair[1].start as f64;
                assert!(pair[1].len() == 1 || width < 0.075, "{pair:?}");
            }
        }
        assert_eq!(bands(10_000).len(), 133);
        assert!(bands(1).is_empty());
    }

    /// Spectrum of a population of `size` with counts that depend on the step (from 0).
    fn spectrum_of(size: u64, window: Window, count: impl Fn(u64) -> u32) -> Option<Spectrum> {
        let mut spectra = Spectra::new(&[size], &window);
        for step in 0..window.measured_steps {
            spectra.add(0, count(step));
            spectra.end_step();
        }
        spectra.spectrum(0)
    }

    fn window(dt_ms: f64, measured_steps: u64) -> Window {
        Window { dt_ms, warmup_steps: 0, measured_steps }
    }

    #[test]
    fn a_regular_train_has_lines_at_multiples_of_its_rate_and_nothing_between() {
        // All 5 neurons spike together every 25 ms: 40 Hz. A line carries r^2 of variance on either side, and the Hann
        // window spreads it over 1.5 frequencies of 1 Hz, 2 / 3 at its centre and 1 / 6 beside it.
        let spectrum = spectrum_of(5, window(1.0, 3000), |step| if step % 25 == 0 { 5 } else { 0 }).expect("3 s");
        assert_eq!((spectrum.segments, spectrum.segment_ms), (5, 1000.0));
        let (line, band) = (40.0_f64.powi(2), |hz: f64| {
            let index = spectrum.frequency_hz.iter().rposition(|&frequency| frequency <= hz).expect("a low one");
            (spectrum.frequency_hz[index], spectrum.power_hz[index])
        });
        // The bands about 40 Hz: 38 and 39, 40 and 41, 42 and 43.
        assert!((band(40.5).0 - 40.5).abs() < 1e-12, "{:?}", spectrum.frequency_hz);
        assert!((band(40.5).1 / (line * (2.0 / 3.0 + 1.0 / 6.0) / 2.0) - 1.0).abs() < 1e-12, "{:?}", band(40.5));
        assert!((band(38.5).1 / (line / 6.0 / 2.0) - 1.0).abs() < 1e-12, "{:?}", band(38.5));
        for (frequency, power) in spectrum.frequency_hz.iter().zip(&spectrum.power_hz) {
            assert!(*frequency > 37.0 || *power < 1e-20, "{power} Hz at {frequency} Hz");
        }
    }

    #[test]
    fn a_run_below_a_second_is_one_segment_and_below_a_tenth_none() {
        let count = |step: u64| (step % 3) as u32;
        let spectrum = spectrum_of(2, window(0.1, 4000), count).expect("0.4 s");
        assert_eq!((spectrum.segments, spectrum.segment_ms), (1, 400.0));
        assert_eq!(spectrum.frequency_hz[0], 2.5);
        assert!(spectrum_of(2, window(0.1, 1000), count).is_some());
        assert_eq!(spectrum_of(2, window(0.1, 999), count), None);
        assert_eq!(spectrum_of(2, window(100.0, 7), count), None);
        assert_eq!(spectrum_of(2, window(0.1, 0), count), None);
        assert_eq!(spectrum_of(0, window(0.1, 4000), |_| 0), None);
    }

    #[test]
    fn a_silent_population_has_no_power() {
        let spectrum = spectrum_of(3, window(0.1, 20_000), |_| 0).expect("2 s");
        assert!(spectrum.power_hz.iter().all(|&power| power == 0.0) && spectrum.segments == 3, "{spectrum:?}");
    }
}
