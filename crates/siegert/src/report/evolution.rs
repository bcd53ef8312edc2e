//! Rates in time by the density of the potential, as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::density_in_time::DensityInTime;
use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::comparison::SimulatedInTime;
use crate::evolution::{
    Departure, Evolution, EvolutionError, EvolutionOptions, FiniteEquation, RateEquation, Start, evolve, evolve_rates,
};
use crate::network::{Network, Parameter, printable};
use crate::number::significant;
use crate::reduced::{self, ReducedError, ReducedEvolution};
use crate::theory::TheoryOptions;
use crate::work::Work;
use crate::{Provenance, Warning};

/// Times and populations that the text shows.
const MOST_TIMES: usize = 11;
const MOST_POPULATIONS: usize = 8;

/// Rates in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EvolutionReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Which equation it is: "density", "jumps", "stochastic", "mesoscopic", "spectral", "cascade" or "reduced".
    pub equation: String,
    /// Where it started: "state", "reset", "file" or the number of a state.
    pub start: String,
    /// The relative error of rates that was aimed at.
    pub accuracy: f64,
    /// Times, shape `(times,)`, from 0 on.
    pub times_ms: Vec<f64>,
    /// One entry a population.
    pub populations: Vec<PopulationEvolution>,
    /// By how much the neurons of a population were not 1 in all, at most.
    pub conservation_error: f64,
    /// Steps that were taken.
    pub steps: u64,
    /// What is unusual.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// The rate of a population in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationEvolution {
    /// The population's name.
    pub name: String,
    /// Its rate at each time; of a finite number of neurons ("stochastic", "mesoscopic") the mean activity since the time before.
    pub rate_hz: Vec<f64>,
    /// The mean potential of its neurons at each time, of those that are refractory the reset; of the reduced equations a principal value, and none where all neurons are at a reset of minus infinity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_V_mv: Option<Vec<Option<f64>>>,
    /// The density of its potential, where densities are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<DensityInTime>,
    /// What simulated neurons do, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<SimulatedInTime>,
    /// How far a rate equation is from the density; nothing where the density itself is evolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_equation: Option<RateEquationError>,
}

/// How far the linear response of a rate equation is from that of the density, at the input that the population has in the end: root mean square over frequencies from 1 to 1000 Hz (for `tau_m` = 20 ms, and higher in proportion
/// for shorter ones), over the largest response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateEquationError {
    /// Of the response to the mean input.
    pub mean_response_error: f64,
    /// Of the response to the variance of the input.
    pub variance_response_error: f64,
    /// In what time the density forgets there; nothing where modes are not asked for.
    pub relaxation_ms: Option<f64>,
}

impl EvolutionReport {
    /// The evolution of a network.
    ///
    /// # Errors
    ///
    /// As of [`evolve`].
    pub fn new(network: &Network, options: &EvolutionOptions, work: &Work) -> Result<Self, EvolutionError> {
        let equation = match options.finite_size.map(|finite| finite.equation) {
            None if options.input.is_diffusion() => "density",
            None => "jumps",
            Some(FiniteEquation::Stochastic) => "stochastic",
            Some(FiniteEquation::Mesoscopic) => "mesoscopic",
        };
        let mut report = Self::of(network, options, equation, evolve(network, options, work)?);
        report.provenance.seed = options.finite_size.map(|finite| finite.seed);
        Ok(report)
    }

    /// The evolution of a network by a rate equation.
    ///
    /// # Errors
    ///
    /// As of [`evolve_rates`].
    pub fn of_rates(
        network: &Network,
        options: &EvolutionOptions,
        equation: RateEquation,
        work: &Work,
    ) -> Result<Self, EvolutionError> {
        let (found, departures) = evolve_rates(network, options, equation, work)?;
        let name = match equation {
            RateEquation::Spectral => "spectral",
            RateEquation::Cascade => "cascade",
        };
        let mut report = Self::of(network, options, name, found);
        for (population, departure) in report.populations.iter_mut().zip(departures) {
            population.rate_equation = Some(RateEquationError::of(&departure));
        }
        Ok(report)
    }

    fn of(network: &Network, options: &EvolutionOptions, equation: &str, found: Evolution) -> Self {
        let Evolution { times_ms, rates_hz, mean_V_mv, densities, conservation_error, steps, filter, warnings, .. } =
            found;
        let start = name_of(options.start);
        // where there are densities, and potentials that are finite
        let mut potentials = mean_V_mv.into_iter();
        let mut mean_V_mv = || {
            let finite = potentials.next().filter(|V_mv| V_mv.iter().all(|V_mv| V_mv.is_finite()))?;
            Some(finite.into_iter().map(Some).collect())
        };
        let mut densities = densities.into_iter();
        let named = network.populations.iter().zip(rates_hz);
        EvolutionReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            equation: equation.to_string(),
            start,
            accuracy: options.accuracy,
            times_ms,
            populations: named
                .map(|(population, rate_hz)| PopulationEvolution {
                    name: population.name.clone(),
                    rate_hz,
                    mean_V_mv: mean_V_mv(),
                    density: densities.next().map(|density| DensityInTime::new(population, density)),
                    simulated: None,
                    rate_equation: None,
                })
                .collect(),
            conservation_error,
            steps,
            warnings,
            provenance: Provenance::new("evolve", network).of_theory(TheoryOptions { filter, input: options.input }),
        }
    }

    /// The reduced equations of a network in time.
    ///
    /// # Errors
    ///
    /// As of [`reduced::evolve`].
    pub fn reduced(network: &Network, options: &EvolutionOptions, work: &Work) -> Result<Self, ReducedError> {
        let ReducedEvolution { times_ms, rates_hz, mean_V_mv, steps, warnings, .. } =
            reduced::evolve(network, options, work)?;
        let named = network.populations.iter().zip(rates_hz).zip(mean_V_mv);
        Ok(EvolutionReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            equation: "reduced".to_string(),
            start: name_of(options.start),
            accuracy: options.accuracy,
            times_ms,
            populations: named
                .map(|((population, rate_hz), mean_V_mv)| {
                    let name = population.name.clone();
                    PopulationEvolution {
                        name,
                        rate_hz,
                        mean_V_mv: Some(mean_V_mv),
                        density: None,
                        simulated: None,
                        rate_equation: None,
                    }
                })
                .collect(),
            conservation_error: 0.0,
            steps,
            warnings,
            provenance: Provenance::new("evolve", network),
        })
    }

    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let start = match self.start.as_str() {
            "reset" => "all neurons at their reset".to_string(),
            "file" => "the potentials that the network says".to_string(),
            "state" => "the first stable state of what acts before time 0".to_string(),
            number => format!("state {number} of what acts before time 0"),
        };
        let what = match (self.equation.as_str(), self.provenance.seed) {
            ("stochastic", Some(seed)) => {
                format!("Densities with the noise of finite numbers of neurons (seed {seed})")
            }
            ("mesoscopic", Some(seed)) => format!("Mesoscopic activities of finite numbers of neurons (seed {seed})"),
            ("jumps", _) => "Densities of the potential in time, jumps counted one by one".to_string(),
            _ => "Densities of the potential in time".to_string(),
        };
        let steps = self.steps;
        let said = match self.equation.as_str() {
            "reduced" => format!(
                "Exact reduction of quadratic neurons: rate and mean potential of infinitely many in time, from {start}: {steps} steps."
            ),
            "spectral" => {
                format!("Two modes of the density and one decay for all others in time, from {start}: {steps} steps.")
            }
            "cascade" => format!("Filtered inputs before the stationary rate in time, from {start}: {steps} steps."),
            _ => format!(
                "{what}, from {start}: {steps} steps, neurons in all 1 to {}.",
                significant(self.conservation_error, 2)
            ),
        };
        let _ = write!(text, "\n{}", filled(&said, "", "  "));
        let shown = self.populations.len().min(MOST_POPULATIONS);
        let of_rates = |p: &PopulationEvolution| format!("{} (Hz)", p.name);
        let has_potentials = self.equation == "reduced";
        let of_potentials = |p: &PopulationEvolution| has_potentials.then(|| format!("{} V (mV)", p.name));
        let names = self.populations.iter().take(shown).flat_map(|p| [Some(of_rates(p)), of_potentials(p)]).flatten();
        let names: Vec<String> = std::iter::once("time (ms)".to_string()).chain(names).collect();
        let header: Vec<(&str, Align)> = names.iter().map(|name| (name.as_str(), Align::Right)).collect();
        let count = self.times_ms.len();
        let rows = count.min(MOST_TIMES);
        let places = (0..rows).map(|k| if rows > 1 { k * (count - 1) / (rows - 1) } else { 0 });
        let rows = places.map(|k| {
            let rates = self.populations.iter().take(shown);
            let rate = |p: &PopulationEvolution| p.rate_hz.get(k).map_or_else(String::new, |hz| significant(*hz, 5));
            let potential = |p: &PopulationEvolution| {
                let all = p.mean_V_mv.as_ref().filter(|_| has_potentials)?;
                Some(all.get(k).copied().flatten().map_or_else(|| "-inf".to_string(), |mv| significant(mv, 5)))
            };
            let numbers = rates.flat_map(|p| [Some(rate(p)), potential(p)]).flatten();
            std::iter::once(significant(self.times_ms[k], 6)).chain(numbers).collect()
        });
        let _ = write!(text, "\n{}", aligned(&header, rows));
        let hidden = self.populations.len() - shown;
        if hidden > 0 {
            let _ = writeln!(text, "  and {hidden} more populations");
        }
        text.push_str(&self.rate_equation_errors());
        text
    }

    /// How far rate equations are from densities, if they are what is evolved.
    fn rate_equation_errors(&self) -> String {
        let known: Vec<(&str, &RateEquationError)> = self
            .populations
            .iter()
            .take(MOST_POPULATIONS)
            .filter_map(|p| Some((p.name.as_str(), p.rate_equation.as_ref()?)))
            .collect();
        if known.is_empty() {
            return String::new();
        }
        let header = [
            ("population", Align::Left),
            ("to the mean", Align::Right),
            ("to the variance", Align::Right),
            ("relaxation (ms)", Align::Right),
        ];
        let percent = |error: f64| format!("{} %", significant(100.0 * error, 2));
        let rows = known.iter().map(|(name, error)| {
            vec![
                printable(name).into_owned(),
                percent(error.mean_response_error),
                percent(error.variance_response_error),
                error.relaxation_ms.map_or_else(|| "-".to_string(), |ms| significant(ms, 4)),
            ]
        });
        let about = "Error of the linear response beside that of the density, at the last input (of the largest, over all frequencies)";
        format!("\n{}\n{}", filled(about, "", ""), aligned(&header, rows))
    }
}

impl RateEquationError {
    fn of(departure: &Departure) -> Self {
        let slowest = departure.eigenvalues_per_ms.iter().map(|lambda| lambda.re).fold(f64::NEG_INFINITY, f64::max);
        RateEquationError {
            mean_response_error: departure.misfit.mean,
            variance_response_error: departure.misfit.variance,
            relaxation_ms: Some(-1.0 / slowest).filter(|ms| *ms > 0.0),
        }
    }
}

impl Report for EvolutionReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows = || (0..self.times_ms.len()).flat_map(|k| self.populations.iter().map(move |p| (k, p)));
        let mut columns = vec![
            Column::numbers("time_ms", rows().map(|(k, _)| Some(self.times_ms[k]))),
            Column::texts("population", rows().map(|(_, p)| p.name.as_str())),
            Column::numbers("rate_hz", rows().map(|(k, p)| p.rate_hz.get(k).copied())),
        ];
        if self.populations.iter().any(|p| p.mean_V_mv.is_some()) {
            let potential = |(k, p): (usize, &PopulationEvolution)| p.mean_V_mv.as_ref()?.get(k).copied().flatten();
            columns.push(Column::numbers("mean_V_mv", rows().map(potential)));
        }
        Table { columns }
    }
}

/// The name of a start.
fn name_of(start: Start) -> String {
    match start {
        Start::State => "state".to_string(),
        Start::Reset => "reset".to_string(),
        Start::File => "file".to_string(),
        Start::Numbered(number) => number.to_string(),
    }
}
