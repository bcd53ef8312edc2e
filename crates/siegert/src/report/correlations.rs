//! Correlations of pairs of neurons around a stationary state, and what finite size makes of counts, as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::spectrum::{Around, FluctuationsReportError, SpectrumFormula};
use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::network::Parameter;
use crate::number::significant;
use crate::response::CountStatistics;
use crate::theory::{FullDynamics, State, Theory};
use crate::work::Work;
use crate::{Provenance, Warning};

/// Sizes at which the covariances are told as well, over that of the network.
const FACTORS: [f64; 7] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];

/// Correlations of pairs of neurons, averages over all pairs of different neurons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CorrelationsReport {
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
    /// The width of the bins in which spikes are counted.
    pub bin_ms: f64,
    /// One entry a pair of populations, those within one first.
    pub pairs: Vec<PairCorrelation>,
    /// One entry a population.
    pub populations: Vec<PopulationCounts>,
    /// Spectral radius of the random part of the connections; at 1 no linear theory holds.
    pub spectral_radius: f64,
    /// The covariances of networks of other sizes, whose neurons hear as many sources as here.
    pub scaling: Vec<SizeScaling>,
    /// What the network does around the state; nothing with the published formula.
    pub full_dynamics: Option<FullDynamics>,
    /// What is unusual.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// The pairs of one neuron of `a` with another of `b`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairCorrelation {
    /// The one population.
    pub a: String,
    /// The other, or the same.
    pub b: String,
    /// Pearson coefficient of the counts; nothing where there is no pair, or nobody fires.
    pub correlation: Option<f64>,
    /// Cross spectrum at frequency 0: covariance of counts in long bins over their width.
    pub covariance_hz: Option<f64>,
    /// The same as shared sources alone would make it, were these independent: what feedback leaves of it stands before.
    pub covariance_without_feedback_hz: f64,
}

/// The counts of a population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationCounts {
    /// The population's name.
    pub name: String,
    /// Number of neurons.
    pub size: u64,
    /// Its rate in the state.
    pub rate_hz: f64,
    /// Variance over mean of the population's count.
    pub fano_factor: Option<f64>,
    /// Variance over mean of the count of one neuron.
    pub single_neuron_fano_factor: Option<f64>,
}

/// Covariances of a network of another size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SizeScaling {
    /// Its size over that of the network.
    pub size_factor: f64,
    /// As in `pairs`, and in their order.
    pub covariances_hz: Vec<Option<f64>>,
}

impl CorrelationsReport {
    /// Around one of the states that were found: the one of this number, counted from 1, or the first that is stable under the rate dynamics.
    ///
    /// # Errors
    ///
    /// Neurons and synapses whose response is not computed; no such state; a random part of the connections that is critical; a stop.
    pub fn new(
        theory: &Theory<'_>,
        states: &[State],
        which: Option<usize>,
        bin_ms: f64,
        formula: SpectrumFormula,
        work: &Work,
    ) -> Result<Self, FluctuationsReportError> {
        let network = theory.network();
        let Around { index, fluctuations, random_radius, dynamics, warnings } =
            Around::new(theory, states, which, formula, work)?;
        let counts = CountStatistics::new(&fluctuations, bin_ms, work)?;
        let n = network.populations.len();
        let places: Vec<(usize, usize)> =
            (0..n).map(|a| (a, a)).chain((0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)))).collect();
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let covariances_hz = |of: &crate::response::Fluctuations| -> Option<Vec<Option<f64>>> {
            let spectra = of.at(0.0)?;
            Some(places.iter().map(|&(a, b)| finite(spectra.pairs_hz[a][b].re)).collect())
        };
        let own_hz = covariances_hz(&fluctuations).unwrap_or_else(|| vec![None; places.len()]);
        let without_hz = fluctuations.pairs_without_feedback_hz();
        let pair = |(&(a, b), covariance_hz): (&(usize, usize), &Option<f64>)| PairCorrelation {
            a: network.populations[a].name.clone(),
            b: network.populations[b].name.clone(),
            correlation: finite(counts.correlations[a][b]).filter(|_| covariance_hz.is_some()),
            covariance_hz: *covariance_hz,
            covariance_without_feedback_hz: without_hz[a][b],
        };
        let population = |(a, population): (usize, &crate::network::Population)| PopulationCounts {
            name: population.name.clone(),
            size: population.size,
            rate_hz: fluctuations.rates_hz()[a],
            fano_factor: finite(counts.populations_fano_factor[a]),
            single_neuron_fano_factor: finite(counts.neurons_fano_factor[a]),
        };
        let scaled = |factor: f64| {
            let covariances_hz = covariances_hz(&fluctuations.clone().of_sizes(factor))?;
            Some(SizeScaling { size_factor: factor, covariances_hz })
        };
        let sizes = FACTORS.into_iter().filter(|factor| fluctuations.densest() <= *factor);
        Ok(CorrelationsReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            state: index + 1,
            states: states.len(),
            formula,
            bin_ms,
            pairs: places.iter().zip(&own_hz).map(pair).collect(),
            populations: network.populations.iter().enumerate().map(population).collect(),
            spectral_radius: random_radius,
            scaling: sizes.filter_map(scaled).collect(),
            full_dynamics: dynamics,
            warnings,
            provenance: Provenance::new("correlations", network).of_theory(theory.options()),
        })
    }

    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let _ = write!(
            text,
            "\n{}",
            filled(
                &format!(
                    "Pairs of different neurons around state {} of {}: Pearson coefficient of counts in {} ms, covariance of counts in long bins over their width, and that which shared sources alone would make.",
                    self.state,
                    self.states,
                    significant(self.bin_ms, 4)
                ),
                "",
                "  "
            )
        );
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_string(), |value| significant(value, 4));
        let header = [
            ("pair", Align::Left),
            ("correlation", Align::Right),
            ("covariance (Hz)", Align::Right),
            ("without feedback (Hz)", Align::Right),
        ];
        let rows = self.pairs.iter().map(|pair| {
            vec![
                format!("{} - {}", pair.a, pair.b),
                number(pair.correlation),
                number(pair.covariance_hz),
                significant(pair.covariance_without_feedback_hz, 4),
            ]
        });
        let _ = write!(text, "\n{}", aligned(&header, rows));
        let header = [
            ("population", Align::Left),
            ("size", Align::Right),
            ("rate (Hz)", Align::Right),
            ("Fano factor", Align::Right),
            ("of one neuron", Align::Right),
        ];
        let rows = self.populations.iter().map(|p| {
            vec![
                p.name.clone(),
                crate::number::count(p.size),
                significant(p.rate_hz, 4),
                number(p.fano_factor),
                number(p.single_neuron_fano_factor),
            ]
        });
        let _ = write!(text, "\n{}", aligned(&header, rows));
        let radius = format!(
            "Spectral radius of the random part of the connections: {} (critical: 1).",
            significant(self.spectral_radius, 3)
        );
        let _ = write!(text, "\n{}", filled(&radius, "", ""));
        text
    }
}

impl Report for CorrelationsReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let pairs = || self.pairs.iter();
        Table {
            columns: vec![
                Column::texts("a", pairs().map(|pair| pair.a.as_str())),
                Column::texts("b", pairs().map(|pair| pair.b.as_str())),
                Column::numbers("correlation", pairs().map(|pair| pair.correlation)),
                Column::numbers("covariance_hz", pairs().map(|pair| pair.covariance_hz)),
                Column::numbers(
                    "covariance_without_feedback_hz",
                    pairs().map(|pair| Some(pair.covariance_without_feedback_hz)),
                ),
            ],
        }
    }
}
