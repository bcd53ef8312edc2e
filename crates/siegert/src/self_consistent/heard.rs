//! What one neuron of a population hears while it is simulated: a mean, jumps, white and coloured noise.
//!
//! ```text
//! D(f) = sum s K <J^2> |h(f)|^2 S_b(f) + D_shared(f) + sigma_0^2/tau_m
//! ```
//!
//! over the streams, each with its sources' spectrum `S_b` (two-sided; the rate of Poisson sources), the transform `h` of its kinetics, and `s` the part of its noise that
//! neurons do not share, `1 - K/N` where a source is heard once at most. `D_shared` is of the fluctuations of whole populations (`shared`).
//!
//! Source: Lerchner et al. (2006), Neural Comput 18:634; Dummer, Wieland and Lindner (2014), Front Comput Neurosci 8:104, eqs. 3 to 7.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::bands::Grid;
use super::noise::{Transforms, amplitudes};
use crate::input::{Kinetics, Source, Steady, Stream};
use crate::neuron::lif::MS_PER_S;
use crate::numerics::random::GuideTable;
use crate::transfer::Transfer;

/// Jumps below this part of `V_th - V_reset` are as good as Gaussian noise.
const SMALLEST_JUMP: f64 = 0.01;
/// Most jumps of a step, in the mean: with more their order costs too much, and does not matter.
const MOST_JUMPS: f64 = 40.0;

/// Jumps of one size.
#[derive(Clone, Debug)]
pub(super) struct JumpsOfSize {
    pub(super) size_mv: f64,
    /// How many there are in a step.
    pub(super) count: GuideTable,
    /// Their mean number.
    pub(super) mean: f64,
}

/// What a neuron hears.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// `mu`.
    pub(super) mean_mv: f64,
    /// The jumps; none where all is Gaussian.
    pub(super) jumps: Vec<JumpsOfSize>,
    /// `H - 1` of the filter that gives the jumps their spectrum.
    pub(super) after_impulse: Vec<Complex64>,
    /// Amplitudes of the Gaussian noise at each frequency.
    pub(super) gaussian: Vec<f64>,
    /// The white part of the Gaussian noise, in mV^2/ms.
    pub(super) white: f64,
}

/// All that the neurons of one population receive, whatever the rates.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub(super) population: usize,
    pub(super) streams: Vec<Stream>,
    pub(super) steady: Steady,
    /// `V_th - V_reset`.
    pub(super) distance_mv: f64,
    pub(super) tau_m_ms: f64,
    /// `|h|^2` at the middles of the bands, one entry a stream.
    kinetics: Vec<Vec<f64>>,
    /// `sin^2(pi f h)/(pi f h)^2` there: what the mean over a step leaves.
    step: Vec<f64>,
}

/// What the populations send: one entry each.
pub(super) struct Sent<'a> {
    pub(super) rates_hz: &'a [f64],
    /// Spectra over the rate, at the middles of the bands.
    pub(super) spectra: &'a [&'a [f64]],
}

impl Receiver {
    pub(super) fn new(
        population: usize,
        transfer: &Transfer,
        streams: Vec<Stream>,
        steady: Steady,
        grid: &Grid,
    ) -> Self {
        let middles = grid.middles_per_ms();
        let of = |stream: &Stream| middles.iter().map(|f| stream.kinetics.transform(2.0 * PI * f).norm_sqr()).collect();
        let sinc = |f: &f64| {
            let x = PI * f * grid.step_ms;
            if x == 0.0 { 1.0 } else { (x.sin() / x).powi(2) }
        };
        Receiver {
            population,
            kinetics: streams.iter().map(of).collect(),
            step: middles.iter().map(sinc).collect(),
            distance_mv: transfer.voltage_scale_mv(),
            tau_m_ms: transfer.time_constant_ms(),
            streams,
            steady,
        }
    }

    /// The shortest time constant of its synapses.
    pub(super) fn shortest_synapse_ms(&self) -> f64 {
        let times = self.streams.iter().map(|stream| stream.kinetics.time_ms()).filter(|time| *time > 0.0);
        times.fold(f64::INFINITY, f64::min)
    }

    /// The sizes of its jumps, each with its rate per ms; a law of sizes counts as the two that have its first three moments.
    fn sizes(&self, rates_hz: &[f64]) -> Vec<(f64, f64)> {
        let mut sizes: Vec<(f64, f64)> = Vec::new();
        for stream in self.streams.iter().filter(|stream| stream.kinetics == Kinetics::Delta) {
            let per_ms = stream.in_degree.mean * stream.source_hz(rates_hz) / MS_PER_S;
            for (part, size) in two_sizes(stream.jump_moments()) {
                match sizes.iter_mut().find(|(_, known)| *known == size) {
                    Some((so_far, _)) => *so_far += part * per_ms,
                    None => sizes.push((part * per_ms, size)),
                }
            }
        }
        sizes.retain(|(per_ms, size)| *per_ms > 0.0 && *size != 0.0);
        sizes
    }

    /// What it hears; `shared` is the spectrum of what all of its neurons hear alike, at the middles of the bands.
    pub(super) fn heard(
        &self,
        mean_mv: f64,
        sent: &Sent<'_>,
        shared: &[f64],
        grid: &Grid,
        transforms: &Transforms,
    ) -> Heard {
        let white_of = |stream: &Stream, private: f64| {
            private * stream.jump_sum_per_hz(2) * stream.source_hz(sent.rates_hz) / self.tau_m_ms
        };
        let own_white = self.steady.variance_mv2 / self.tau_m_ms;
        let (mut by_jumps, mut by_currents) = (shared.to_vec(), vec![0.0; grid.bands()]);
        // the level of the jumps at high frequencies, where sources are Poisson processes
        let (mut jump_level, mut all_jumps) = (0.0, 0.0);
        for (stream, kinetics) in self.streams.iter().zip(&self.kinetics) {
            let (spectrum, private) = match stream.source {
                Source::Population(b) => (sent.spectra.get(b).copied(), stream.sampling_factor),
                Source::Outside { .. } => (None, 1.0),
            };
            let level = white_of(stream, private);
            let is_jump = stream.kinetics == Kinetics::Delta;
            if is_jump {
                jump_level += level;
                all_jumps += white_of(stream, 1.0);
            }
            let into = if is_jump { &mut by_jumps } else { &mut by_currents };
            for (band, power) in into.iter_mut().enumerate() {
                let ratio = spectrum.and_then(|spectrum| spectrum.get(band)).copied().unwrap_or(1.0);
                *power += level * ratio * kinetics[band];
            }
        }
        let shared_level = if jump_level > 0.0 { shared.last().copied().unwrap_or(0.0) } else { 0.0 };
        let sizes = self.sizes(sent.rates_hz);
        let largest = sizes.iter().map(|(_, size)| size.abs()).fold(0.0, f64::max);
        let per_step = sizes.iter().map(|(per_ms, _)| per_ms * grid.step_ms).sum::<f64>();
        let jumps_matter = largest >= SMALLEST_JUMP * self.distance_mv && per_step <= MOST_JUMPS;
        // Gaussian white noise and jumps that both cross the threshold within a step are beyond the scheme
        if jumps_matter && own_white == 0.0 {
            let ratio: Vec<f64> = by_jumps.iter().map(|power| power / all_jumps).collect();
            let smooth: Vec<f64> = by_currents.iter().zip(&self.step).map(|(power, step)| power * step).collect();
            let has_currents = by_currents.iter().any(|power| *power > 0.0);
            let count = |&(per_ms, size_mv): &(f64, f64)| {
                let mean = per_ms * grid.step_ms;
                JumpsOfSize { size_mv, count: GuideTable::poisson(mean), mean }
            };
            return Heard {
                mean_mv,
                jumps: sizes.iter().map(count).collect(),
                after_impulse: transforms.after_impulse(&grid.at_frequencies(&ratio)),
                gaussian: if has_currents { gaussian(&smooth, grid) } else { Vec::new() },
                white: 0.0,
            };
        }
        let white = own_white + jump_level + shared_level;
        let smoothed = |((jumps, currents), step): ((&f64, &f64), &f64)| {
            let coloured = jumps + own_white - white + currents;
            (white + coloured * step).max(0.0)
        };
        let power: Vec<f64> = by_jumps.iter().zip(&by_currents).zip(&self.step).map(smoothed).collect();
        Heard { mean_mv, jumps: Vec::new(), after_impulse: Vec::new(), gaussian: gaussian(&power, grid), white }
    }
}

fn gaussian(of_bands: &[f64], grid: &Grid) -> Vec<f64> {
    amplitudes(&grid.at_frequencies(of_bands), grid.record_ms())
}

/// The sizes, with their probabilities, of the law of two sizes with these moments: mean, variance and third moment are kept.
fn two_sizes(moments: [f64; 4]) -> Vec<(f64, f64)> {
    let [mean, square, cube, _] = moments;
    let variance = square - mean * mean;
    if variance <= 1e-12 * square {
        return vec![(1.0, mean)];
    }
    let std = variance.sqrt();
    let half_skewness = 0.5 * (cube - 3.0 * mean * square + 2.0 * mean.powi(3)) / (variance * std);
    let root = half_skewness.hypot(1.0);
    let lower = 0.5 * (1.0 + half_skewness / root);
    vec![(lower, mean + std * (half_skewness - root)), (1.0 - lower, mean + std * (half_skewness + root))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Law;

    #[test]
    fn two_sizes_have_the_first_three_moments_of_their_law() {
        for law in [
            Law::Constant { value: -0.5 },
            Law::Normal { mean: 0.2, std: 0.1 },
            Law::Lognormal { mean: 0.2, std: 0.3 },
            Law::Exponential { mean: -1.0 },
        ] {
            let moments = law.moments();
            for n in 0..3 {
                let found: f64 = two_sizes(moments).iter().map(|(part, size)| part * size.powi(n as i32 + 1)).sum();
                assert!((found / moments[n] - 1.0).abs() < 1e-10, "{law:?} {n}: {found}");
            }
        }
    }
}
