//! Power and cross spectra of the activities of populations around a stationary state, as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::response::{NoState, chosen};
use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::network::Parameter;
use crate::number::significant;
use crate::response::{CharacteristicRoots, CountsError, Fluctuations, KnownSpectrum, ResponseError};
use crate::self_consistent::SpikeSpectrum;
use crate::theory::{FullDynamics, InputTheory, PopulationState, SolveError, State, Theory};
use crate::work::{Cancelled, Work};
use crate::{Provenance, Warning, WarningKind};

/// Power and cross spectra of the activities of populations around a state: two-sided, without the peaks at frequency 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpectrumReport {
    /// The network's name.
    pub network: String,
    /// The parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Which state it is, counted from 1 in order of ascending total rate.
    pub state: usize,
    /// Number of states that were found.
    pub states: usize,
    /// Which formula it is.
    pub formula: SpectrumFormula,
    /// Frequencies.
    pub frequencies_hz: Vec<f64>,
    /// One entry a population.
    pub populations: Vec<PopulationSpectra>,
    /// One entry a pair of different populations.
    pub cross: Vec<CrossSpectrum>,
    /// What the network does around the state; nothing with the published formula, which is to be fast.
    pub full_dynamics: Option<FullDynamics>,
    /// What is unusual.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Which formula spectra are computed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpectrumFormula {
    /// Neurons with the intervals that they have, modulations of the mean of their input and of its noise.
    #[default]
    Full,
    /// That with what the random part of the connections adds to the spectra of neurons that do not hear each other.
    RandomPart,
    /// As Bos et al. (2016) have it: Poisson neurons, no modulations of noise.
    Published,
}

impl SpectrumFormula {
    fn of(self, fluctuations: Fluctuations) -> Fluctuations {
        match self {
            SpectrumFormula::Full => fluctuations,
            SpectrumFormula::RandomPart => fluctuations.with_random_part(),
            SpectrumFormula::Published => fluctuations.as_published(),
        }
    }
}

/// The spectra of a population; nothing at frequencies where the random part of the connections is critical.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationSpectra {
    /// The population's name.
    pub name: String,
    /// Number of neurons.
    pub size: u64,
    /// Its rate in the state.
    pub rate_hz: f64,
    /// Spectrum of the activity, spikes a neuron and second.
    pub power_hz: Vec<Option<f64>>,
    /// Mean spectrum of the spikes of one neuron.
    pub single_neuron_power_hz: Vec<Option<f64>>,
}

/// The cross spectrum of two populations, `<A_a A_b^*>`: its phase is that by which `a` is ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CrossSpectrum {
    /// The one population.
    pub a: String,
    /// The other.
    pub b: String,
    /// Real part.
    pub re_hz: Vec<Option<f64>>,
    /// Imaginary part.
    pub im_hz: Vec<Option<f64>>,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FluctuationsReportError {
    /// Neurons or synapses whose response is not computed.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// There are fewer states.
    #[error(transparent)]
    NoState(#[from] NoState),
    /// There is no state whose input is self-consistent.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// Counts have no statistics.
    #[error(transparent)]
    Counts(#[from] CountsError),
    /// It was stopped.
    #[error("stopped before all frequencies were done")]
    Cancelled,
}

impl From<Cancelled> for FluctuationsReportError {
    fn from(_: Cancelled) -> Self {
        FluctuationsReportError::Cancelled
    }
}

/// What reports of fluctuations share: the state, what fluctuates around it, and what the network does there.
pub(super) struct Around {
    pub(super) index: usize,
    pub(super) fluctuations: Fluctuations,
    pub(super) random_radius: f64,
    pub(super) dynamics: Option<FullDynamics>,
    pub(super) warnings: Vec<Warning>,
}

impl Around {
    pub(super) fn new(
        theory: &Theory<'_>,
        states: &[State],
        which: Option<usize>,
        formula: SpectrumFormula,
        work: &Work,
    ) -> Result<Self, FluctuationsReportError> {
        let (index, state) = chosen(states, which)?;
        let mut fluctuations = theory.fluctuations(state)?;
        if theory.input() == InputTheory::SelfConsistent {
            fluctuations = fluctuations.with_spectra(self_consistent_spectra(theory, state)?);
        }
        let dynamics = match formula {
            SpectrumFormula::Published => None,
            _ => Some(FullDynamics::of(&CharacteristicRoots::of(fluctuations.connectivity(), work)?)),
        };
        let fluctuations = formula.of(fluctuations);
        let mut warnings = theory.streams().warnings.clone();
        let of_modes = dynamics.map(|of| (of.stable, of.growth_per_s, of.frequency_hz));
        if let Some((Some(false), Some(growth), Some(frequency))) = of_modes {
            let what = match frequency > 0.0 {
                true => format!(
                    "oscillates at {} Hz, growing by {} per s",
                    significant(frequency, 4),
                    significant(growth, 3)
                ),
                false => format!("leaves it, by {} per s", significant(growth, 3)),
            };
            let sentence = format!(
                "The network does not stay in this state: it {what}. What keeps the oscillation small is not in this linear theory, whose spectra near that frequency are not those of the network."
            );
            warnings.push(Warning::new(WarningKind::Asynchrony, sentence).with_value(growth).with_limit(0.0));
        }
        let random_radius = fluctuations.random_radius();
        if random_radius >= 1.0 && formula != SpectrumFormula::Published {
            let sentence = format!(
                "The random part of the connections has the spectral radius {random_radius:.2} (critical: 1): differences between neurons feed on themselves, and rates fluctuate slowly by more than this linear theory has."
            );
            warnings.push(
                Warning::new(WarningKind::CriticalRandomPart, sentence).with_value(random_radius).with_limit(1.0),
            );
        }
        Ok(Around { index, fluctuations, random_radius, dynamics, warnings })
    }
}

/// Those of neurons in the noise that the neurons of the network make.
fn self_consistent_spectra(theory: &Theory<'_>, state: &State) -> Result<Vec<KnownSpectrum>, SolveError> {
    let known = |population: PopulationState| {
        let spectrum = population.self_consistent.and_then(|own| own.spectrum).unwrap_or_default();
        let SpikeSpectrum { frequency_hz, power_hz, .. } = spectrum;
        KnownSpectrum { rate_hz: population.rate_hz, frequency_hz, power_hz }
    };
    Ok(theory.self_consistent(state)?.populations.into_iter().map(known).collect())
}

impl SpectrumReport {
    /// The spectra around one of the states that were found: the one of this number, counted from 1, or the first that is stable under the rate dynamics.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed; no such state; a stop.
    pub fn new(
        theory: &Theory<'_>,
        states: &[State],
        which: Option<usize>,
        frequencies_hz: &[f64],
        formula: SpectrumFormula,
        work: &Work,
    ) -> Result<Self, FluctuationsReportError> {
        let network = theory.network();
        let Around { index, fluctuations, dynamics, warnings, .. } = Around::new(theory, states, which, formula, work)?;
        let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
        let rates_hz = fluctuations.rates_hz().to_vec();
        let of_population = |(a, population): (usize, &crate::network::Population)| PopulationSpectra {
            name: population.name.clone(),
            size: population.size,
            rate_hz: rates_hz[a],
            power_hz: Vec::new(),
            single_neuron_power_hz: Vec::new(),
        };
        let mut populations: Vec<PopulationSpectra> =
            network.populations.iter().enumerate().map(of_population).collect();
        let pairs: Vec<(usize, usize)> =
            (0..names.len()).flat_map(|a| (a + 1..names.len()).map(move |b| (a, b))).collect();
        let of_pair = |&(a, b): &(usize, usize)| CrossSpectrum {
            a: names[a].to_string(),
            b: names[b].to_string(),
            re_hz: Vec::new(),
            im_hz: Vec::new(),
        };
        let mut cross: Vec<CrossSpectrum> = pairs.iter().map(of_pair).collect();
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        for &frequency_hz in frequencies_hz {
            work.check()?;
            let spectra = fluctuations.at(frequency_hz);
            let spectra = spectra.as_ref();
            for (a, population) in populations.iter_mut().enumerate() {
                population.power_hz.push(spectra.and_then(|all| finite(all.populations_hz[a][a].re)));
                population.single_neuron_power_hz.push(spectra.and_then(|all| finite(all.neurons_hz[a])));
            }
            for (&(a, b), own) in pairs.iter().zip(&mut cross) {
                own.re_hz.push(spectra.and_then(|all| finite(all.populations_hz[a][b].re)));
                own.im_hz.push(spectra.and_then(|all| finite(all.populations_hz[a][b].im)));
            }
        }
        Ok(SpectrumReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            state: index + 1,
            states: states.len(),
            formula,
            frequencies_hz: frequencies_hz.to_vec(),
            populations,
            cross,
            full_dynamics: dynamics,
            warnings,
            provenance: Provenance::new("spectrum", network).of_theory(theory.options()),
        })
    }

    /// All of it for people: where each spectrum is highest, and how far from that of independent neurons.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let formula = match self.formula {
            SpectrumFormula::Full if self.provenance.input == InputTheory::SelfConsistent => {
                "Neurons in the noise that they make, modulations of mean and noise."
            }
            SpectrumFormula::Full => "Neurons with their intervals, modulations of mean and noise.",
            SpectrumFormula::RandomPart => {
                "Neurons with their intervals, modulations of mean and noise, the random part of the connections."
            }
            SpectrumFormula::Published => "As published: Poisson neurons, modulations of the mean.",
        };
        let _ = write!(
            text,
            "\n{}",
            filled(&format!("Spectra around state {} of {}. {formula}", self.state, self.states), "", "  ")
        );
        let header = [
            ("population", Align::Left),
            ("size", Align::Right),
            ("rate (Hz)", Align::Right),
            ("peak at (Hz)", Align::Right),
            ("power (Hz)", Align::Right),
            ("over independent", Align::Right),
        ];
        let rows = self.populations.iter().map(|p| {
            let peak = p.peak();
            let number = |value: Option<f64>| value.map_or_else(|| "-".to_string(), |value| significant(value, 4));
            vec![
                p.name.clone(),
                crate::number::count(p.size),
                significant(p.rate_hz, 4),
                number(peak.map(|k| self.frequencies_hz[k])),
                number(peak.and_then(|k| p.power_hz[k])),
                number(peak.and_then(|k| p.over_independent(k))),
            ]
        });
        let _ = write!(text, "\n{}", aligned(&header, rows));
        text.push_str("\nThe spectra themselves: --format json or csv, --output, --plot.\n");
        text
    }
}

impl PopulationSpectra {
    /// The place of the highest power beside that of as many independent neurons; nothing where there is no power.
    pub fn peak(&self) -> Option<usize> {
        let all = (0..self.power_hz.len()).filter_map(|k| Some((k, self.over_independent(k)?)));
        all.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(k, _)| k)
    }

    /// The power at a frequency over that of as many independent neurons with the spectrum of one.
    pub fn over_independent(&self, k: usize) -> Option<f64> {
        let (power, own) = ((*self.power_hz.get(k)?)?, (*self.single_neuron_power_hz.get(k)?)?);
        Some(self.size as f64 * power / own).filter(|ratio| ratio.is_finite())
    }
}

impl Report for SpectrumReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let count = self.frequencies_hz.len();
        let powers = || self.populations.iter().flat_map(move |p| (0..count).map(move |k| (p, k)));
        let crosses = || self.cross.iter().flat_map(move |own| (0..count).map(move |k| (own, k)));
        let of_powers = |of: fn(&PopulationSpectra) -> &Vec<Option<f64>>| {
            powers().map(move |(p, k)| of(p)[k]).chain(crosses().map(|_| None))
        };
        let of_crosses = |of: fn(&CrossSpectrum) -> &Vec<Option<f64>>| {
            powers().map(|_| None).chain(crosses().map(move |(own, k)| of(own)[k]))
        };
        Table {
            columns: vec![
                Column::texts(
                    "a",
                    powers().map(|(p, _)| p.name.as_str()).chain(crosses().map(|(own, _)| own.a.as_str())),
                ),
                Column::texts(
                    "b",
                    powers().map(|(p, _)| p.name.as_str()).chain(crosses().map(|(own, _)| own.b.as_str())),
                ),
                Column::numbers(
                    "frequency_hz",
                    powers().map(|at| at.1).chain(crosses().map(|at| at.1)).map(|k| Some(self.frequencies_hz[k])),
                ),
                Column::numbers("power_hz", of_powers(|p| &p.power_hz)),
                Column::numbers("single_neuron_power_hz", of_powers(|p| &p.single_neuron_power_hz)),
                Column::numbers("cross_re_hz", of_crosses(|own| &own.re_hz)),
                Column::numbers("cross_im_hz", of_crosses(|own| &own.im_hz)),
            ],
        }
    }
}
