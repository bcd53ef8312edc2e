//! Fluctuations in theory beside those of a simulation: correlations of pairs, Fano factors, the frequency of an oscillation, power spectra.
//!
//! Standard errors are those of variances of independent counts, `sqrt(2/bins)` of the variance: of the population's count for its Fano factor and, over the number of pairs, for the correlation.
//!
//! An oscillation is in theory the mode that grows fastest, or else the peak of the power spectrum beside that of independent neurons; in the simulation the peak of the spectrum that was measured. Peaks below a certain height are none.

use crate::response::{CharacteristicRoots, CountStatistics, Fluctuations, Spectra};
use crate::simulation::{PopulationActivity, Simulation, Spectrum};
use crate::theory::Theory;
use crate::work::Work;

use super::quantities::Row;
use super::{ComparedQuantity, PredictedSpectrum, StateComparison};

/// A peak has at least so many times the power of independent neurons.
const LEAST_PEAK: f64 = 2.0;
/// A measured spectrum is the mean of at least so many segments of time: of fewer its scatter has peaks of that height.
const FEWEST_SEGMENTS: u64 = 15;
/// A spectrum is not looked at for a peak below this.
const LOWEST_HZ: f64 = 3.0;
/// A spectrum is drawn at so many places at most.
const PLACES: usize = 240;
/// Up to this frequency: beyond, spectra have a peak at each multiple of the inverse delay.
const HIGHEST_HZ: f64 = 2000.0;
/// A part of the value below which deviations of second moments do not count.
const TRIFLE: f64 = 0.1;
/// Frequencies agree within a band of the measured spectrum, but at least within this part.
const TRIFLE_OF_FREQUENCY: f64 = 0.05;
/// Correlations below this are zero.
const TRIFLE_OF_CORRELATION: f64 = 2e-4;

impl Theory<'_> {
    /// Adds to a comparison what theory and simulation say of fluctuations around the state; nothing where the response of the neurons is not computed, and of so many populations that
    /// their modes are not computed unasked.
    pub fn compare_fluctuations(&self, comparison: &mut StateComparison, simulation: &Simulation) {
        if !self.describes_modes() {
            return;
        }
        let work = Work::default();
        let Some(fluctuations) =
            self.solve_from(&comparison.fixed_point.rates_hz()).ok().and_then(|state| self.fluctuations(&state).ok())
        else {
            return;
        };
        let counts = CountStatistics::new(&fluctuations, simulation.run.count_bin_ms, &work).ok();
        let growing_hz = CharacteristicRoots::of(fluctuations.connectivity(), &work)
            .ok()
            .and_then(|roots| roots.oscillation_hz().map(|hz| (hz, roots.roots[0].participation.clone())));
        let mut predictions = Predictions::default();
        let bins = (simulation.run.duration_ms / simulation.run.count_bin_ms).floor();
        for (a, (population, measured)) in comparison.populations.iter_mut().zip(&simulation.populations).enumerate() {
            if let Some(counts) = &counts {
                population.quantities.extend(of_counts(a, counts, measured, bins));
            }
            let Some(spectrum) = &measured.spectrum else { continue };
            let predicted = predictions.beside(a, &fluctuations, spectrum);
            let growing = growing_hz.as_ref().filter(|(_, parts)| parts[a] > 0.0).map(|(hz, _)| *hz);
            let in_theory = growing.or_else(|| peak_hz(a, &fluctuations, &predicted));
            let simulated = measured_peak_hz(measured, spectrum);
            if in_theory.is_some() || simulated.is_some() {
                let trifle = simulated.map(|hz| (TRIFLE_OF_FREQUENCY * hz).max(2.0));
                let row =
                    Row { theory: in_theory, simulation: simulated, trifle, ..Row::new(ComparedQuantity::Oscillation) };
                population.quantities.push(row.beside(None, None));
            }
            population.predicted_spectrum = Some(predicted);
        }
    }
}

fn of_counts(
    a: usize,
    counts: &CountStatistics,
    measured: &PopulationActivity,
    bins: f64,
) -> impl Iterator<Item = super::QuantityComparison> {
    let known = |value: f64| Some(value).filter(|value| value.is_finite());
    let error = (2.0 / bins).sqrt();
    let neurons = measured.size as f64;
    let [together, alone] = [measured.fano_factor, measured.single_neuron_fano_factor];
    let of_pairs = together.zip(alone).map(|(together, alone)| error * together / (alone * (neurons - 1.0)));
    let rows = [
        (
            ComparedQuantity::Correlation,
            known(counts.correlations[a][a]),
            measured.correlation_all_pairs,
            of_pairs,
            TRIFLE_OF_CORRELATION,
        ),
        (
            ComparedQuantity::FanoFactor,
            known(counts.populations_fano_factor[a]),
            together,
            together.map(|fano| error * fano),
            0.0,
        ),
        (
            ComparedQuantity::SingleNeuronFanoFactor,
            known(counts.neurons_fano_factor[a]),
            alone,
            alone.map(|fano| error * fano / neurons.sqrt()),
            0.0,
        ),
    ];
    rows.into_iter().filter(|(_, theory, simulation, ..)| theory.is_some() && simulation.is_some()).map(
        |(quantity, theory, simulation, standard_error, least)| {
            let trifle = simulation.map(|value| (TRIFLE * value.abs()).max(least));
            Row { theory, simulation, standard_error, trifle, ..Row::new(quantity) }.beside(None, None)
        },
    )
}

/// Spectra in theory at frequencies of a measured one: one solution at each is that of all populations.
#[derive(Default)]
struct Predictions {
    measured_at_hz: Vec<f64>,
    found: Vec<(f64, Spectra)>,
}

impl Predictions {
    /// The spectrum of a population at frequencies of the measured one, in about equal ratios.
    fn beside(&mut self, a: usize, fluctuations: &Fluctuations, measured: &Spectrum) -> PredictedSpectrum {
        if self.measured_at_hz != measured.frequency_hz {
            let places = places_hz(&measured.frequency_hz).into_iter();
            self.found = places.filter_map(|hz| Some((hz, fluctuations.at(hz)?))).collect();
            self.measured_at_hz.clone_from(&measured.frequency_hz);
        }
        let powers = self.found.iter().map(|(hz, spectra)| (*hz, spectra.populations_hz[a][a].re));
        let (frequency_hz, power_hz) = powers.unzip();
        PredictedSpectrum { frequency_hz, power_hz }
    }
}

/// Some of the frequencies, in about equal ratios.
fn places_hz(all: &[f64]) -> Vec<f64> {
    let lowest = all.iter().copied().find(|hz| *hz > 0.0).unwrap_or(1.0);
    let ratio = (all.last().copied().unwrap_or(lowest) / lowest).max(1.0).powf(1.0 / PLACES as f64);
    let mut next = 0.0;
    let mut is_next = |hz: f64| {
        let is_next = hz >= next;
        if is_next {
            next = hz * ratio;
        }
        is_next
    };
    all.iter().copied().filter(|hz| *hz > 0.0 && *hz <= HIGHEST_HZ && is_next(*hz)).collect()
}

fn peak_hz(a: usize, fluctuations: &Fluctuations, predicted: &PredictedSpectrum) -> Option<f64> {
    let independent = fluctuations.rates_hz()[a] / fluctuations.sizes()[a];
    highest(predicted.frequency_hz.iter().copied().zip(predicted.power_hz.iter().copied()), independent)
}

fn measured_peak_hz(measured: &PopulationActivity, spectrum: &Spectrum) -> Option<f64> {
    if spectrum.segments < FEWEST_SEGMENTS {
        return None;
    }
    let independent = measured.rate_hz / measured.size as f64;
    highest(spectrum.frequency_hz.iter().copied().zip(spectrum.power_hz.iter().copied()), independent)
}

/// Where the power is highest, if that is a peak.
fn highest(spectrum: impl Iterator<Item = (f64, f64)>, independent: f64) -> Option<f64> {
    let looked_at = spectrum.filter(|(hz, power)| *hz >= LOWEST_HZ && power.is_finite());
    let (hz, power) = looked_at.max_by(|p, q| p.1.total_cmp(&q.1))?;
    (power > LEAST_PEAK * independent).then_some(hz)
}
