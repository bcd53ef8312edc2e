//! What populations do together: how deep their rates are modulated in time, and how far that moves the neurons that hear them.
//!
//! ```text
//! depth^2 = 2 int_0^inf S'(f) df / r^2,           S'(f) = max(0, S(f) - r/n) where S(f) is beyond the scatter of r/n
//! var_a   = 2 int_0^inf |sum_b m_ab(f) sqrt(S'_b(f))|^2/(1 + (2 pi f tau_m)^2) df
//! m_ab(f) = tau_m K J |k(f)|,   k = 1/(1 + 2 pi i f tau_syn)         in mV per Hz; times 1/(1 + 2 pi i f tau_rise) where currents rise
//! ```
//!
//! `S` is the measured spectrum of a population's rate, `r/n` that of independent Poisson neurons. `depth` is the standard deviation of the
//! rate over the rate; `var_a` the variance of the free membrane potential that all neurons of `a` have in common.
//!
//! Source: Parseval's theorem, the gains of membrane and synapse as in Fourcaud and Brunel (2002), Neural Comput 14:2057.
//! Range: populations taken to fluctuate in phase, which is exact where they receive the same; with lags between excitation and
//! inhibition `var_a` comes out too small. Frequencies from 1 Hz to half the sampling rate.

use std::f64::consts::TAU;

use crate::input::Source;
use crate::simulation::{PopulationActivity, Spectrum};
use crate::stationary::RateMap;

const S_PER_MS: f64 = 1e-3;
/// Fewer spikes than this make no spectrum.
const FEWEST_SPIKES: u64 = 100;
/// Standard errors of the power of Poisson neurons by which a power has to be beyond it.
const SCATTER: f64 = 2.0;

/// A modulation of a population's rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Modulation {
    /// Standard deviation of the rate over the rate.
    pub depth: f64,
    /// Frequency of the highest power.
    pub peak_hz: f64,
    /// The highest power over that of independent Poisson neurons.
    pub peak_over_poisson: f64,
}

/// The modulation of a population; `None` without a spectrum or with fewer than 100 spikes.
pub fn modulation(population: &PopulationActivity) -> Option<Modulation> {
    let spectrum = population.spectrum.as_ref()?;
    let rate = population.rate_hz;
    let peak = (0..spectrum.power_hz.len()).max_by(|&p, &q| spectrum.power_hz[p].total_cmp(&spectrum.power_hz[q]))?;
    if population.spikes < FEWEST_SPIKES {
        return None;
    }
    let beyond = are_beyond(population, spectrum).zip(spectrum.power_hz.iter().zip(widths_hz(spectrum)));
    let excess =
        beyond.filter(|(beyond, _)| *beyond).map(|(_, (power, width))| (power - poisson_hz(population)) * width);
    let variance: f64 = excess.sum();
    Some(Modulation {
        depth: (2.0 * variance).sqrt() / rate,
        peak_hz: spectrum.frequency_hz[peak],
        peak_over_poisson: spectrum.power_hz[peak] / poisson_hz(population),
    })
}

/// Standard deviation of the free membrane potential that the neurons of population `a` have in common, in mV; `None` without spectra.
///
/// A frequency counts where any of the populations heard is beyond the scatter; there all of them count, since they may cancel.
pub(super) fn common_std_mv(map: &RateMap, a: usize, measured: &[PopulationActivity]) -> Option<f64> {
    let first = measured.iter().find_map(|population| population.spectrum.as_ref())?;
    let tau_m_s = map.transfers[a].time_constant_ms() * S_PER_MS;
    let bands = first.frequency_hz.len();
    let (mut amplitudes, mut counted) = (vec![0.0; bands], vec![false; bands]);
    for stream in map.streams.streams.iter().filter(|stream| stream.target == a) {
        let Source::Population(b) = stream.source else { continue };
        let Some(spectrum) = &measured[b].spectrum else { continue };
        let per_hz = stream.jump_sum_per_hz(1);
        let level = poisson_hz(&measured[b]);
        let values = spectrum.power_hz.iter().zip(&spectrum.frequency_hz).zip(are_beyond(&measured[b], spectrum));
        for (band, ((power, frequency), beyond)) in values.enumerate() {
            let excess = (power - level).max(0.0);
            let filtered = stream.kinetics.transform(TAU * frequency * S_PER_MS).norm();
            amplitudes[band] += per_hz * excess.sqrt() * filtered;
            counted[band] |= beyond;
        }
    }
    let variances = widths_hz(first).zip(&first.frequency_hz).enumerate().map(|(band, (width, frequency))| {
        let power = amplitudes[band].powi(2) / (1.0 + (TAU * frequency * tau_m_s).powi(2));
        if counted[band] { 2.0 * power * width } else { 0.0 }
    });
    Some(variances.sum::<f64>().sqrt())
}

/// Of independent Poisson neurons.
fn poisson_hz(population: &PopulationActivity) -> f64 {
    population.rate_hz / population.size as f64
}

/// Whether the power in each band is beyond that of Poisson neurons, which scatters by one part in the root of the number of values averaged.
fn are_beyond<'a>(population: &'a PopulationActivity, spectrum: &'a Spectrum) -> impl Iterator<Item = bool> + 'a {
    let (level, enough) = (poisson_hz(population), population.spikes >= FEWEST_SPIKES);
    spectrum.power_hz.iter().zip(widths_hz(spectrum)).map(move |(power, width)| {
        let values = spectrum.segments as f64 * (width / resolution_hz(spectrum)).max(1.0);
        enough && *power > level * (1.0 + SCATTER / values.sqrt())
    })
}

fn resolution_hz(spectrum: &Spectrum) -> f64 {
    1000.0 / spectrum.segment_ms
}

/// Widths of the bands, which are contiguous, from their centres.
fn widths_hz(spectrum: &Spectrum) -> impl Iterator<Item = f64> + '_ {
    let mut low = 0.5 * resolution_hz(spectrum);
    spectrum.frequency_hz.iter().map(move |centre| {
        let width = 2.0 * (centre - low);
        low += width;
        width
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_of_a_spectrum_fill_its_range() {
        // 1, 2, 3 Hz alone, then 4 to 6 Hz, then 7 to 12 Hz
        let frequency_hz = vec![1.0, 2.0, 3.0, 5.0, 9.5];
        let spectrum = Spectrum { power_hz: vec![0.0; 5], frequency_hz, segments: 1, segment_ms: 1000.0 };
        assert_eq!(widths_hz(&spectrum).collect::<Vec<_>>(), [1.0, 1.0, 1.0, 3.0, 6.0]);
    }
}
