//! Rates in time of theory and simulations side by side, as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::comparison::{InTime, InTimeError, InTimeOptions, PopulationInTime, rates_in_time};
use crate::evolution::Start;
use crate::network::{Network, Parameter};
use crate::number::significant;
use crate::theory::TheoryOptions;
use crate::work::Work;
use crate::{Provenance, Warning};

/// A mean `z` that is so many of its standard errors is said.
const TELLING: f64 = 4.0;

/// Rates in time, of theory and simulations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InTimeReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Where both started: "state", "reset", "file" or the number of a state.
    pub start: String,
    /// Width of a bin.
    pub bin_ms: f64,
    /// Simulations, each with another seed.
    pub simulations: usize,
    /// Time step of the simulations.
    pub dt_ms: f64,
    /// Ends of the bins, shape `(bins,)`; the first begins at time 0.
    pub to_ms: Vec<f64>,
    /// The largest `|z|` of all bins and populations that chance makes once in a hundred comparisons.
    pub limit_z: f64,
    /// One entry a population.
    pub populations: Vec<RatesInTime>,
    /// What is unusual.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// The rates of a population in bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RatesInTime {
    /// The population's name.
    pub name: String,
    /// Its neurons.
    pub size: u64,
    /// Mean rate of the theory in each bin.
    pub theory_hz: Vec<f64>,
    /// The same of the simulations.
    pub simulation_hz: Vec<f64>,
    /// Its standard error if the theory is right.
    pub standard_error_hz: Vec<f64>,
    /// How far apart they are, in standard errors.
    pub z: Vec<f64>,
    /// Variance over mean of the counts in a bin, if there are simulations enough to tell; else 1 is taken.
    pub fano_factor: Option<f64>,
    /// The largest `|z|`, and the end of its bin.
    pub max_abs_z: f64,
    /// The end of the bin in which it is.
    pub max_at_ms: f64,
    /// The mean of `z`.
    pub mean_z: f64,
    /// The root of the mean of its square: 1 where they differ by chance alone.
    pub rms_z: f64,
}

impl RatesInTime {
    fn new(name: &str, size: u64, to_ms: &[f64], rates: PopulationInTime) -> Self {
        let z: Vec<f64> = rates.all_z().collect();
        let bins = z.len().max(1) as f64;
        let worst = (0..z.len()).max_by(|&a, &b| z[a].abs().total_cmp(&z[b].abs())).unwrap_or(0);
        RatesInTime {
            name: name.to_string(),
            size,
            fano_factor: rates.fano_factor,
            max_abs_z: z.get(worst).map_or(0.0, |z| z.abs()),
            max_at_ms: to_ms.get(worst).copied().unwrap_or(0.0),
            mean_z: z.iter().sum::<f64>() / bins,
            rms_z: (z.iter().map(|z| z * z).sum::<f64>() / bins).sqrt(),
            z,
            theory_hz: rates.theory_hz,
            simulation_hz: rates.simulation_hz,
            standard_error_hz: rates.standard_error_hz,
        }
    }

    /// Whether theory and simulations differ all the time, whatever they do in single bins.
    fn differs_throughout(&self) -> bool {
        self.mean_z.abs() * (self.z.len() as f64).sqrt() > TELLING
    }
}

impl InTimeReport {
    /// The rates of a network in time, of theory and simulations.
    ///
    /// # Errors
    ///
    /// As of [`rates_in_time`].
    pub fn new(network: &Network, options: &InTimeOptions, work: &Work) -> Result<Self, InTimeError> {
        let InTime { to_ms, simulations, limit_z, populations, warnings } = rates_in_time(network, options, work)?;
        let named = network.populations.iter().zip(populations);
        let start = match options.evolution.start {
            Start::State => "state".to_string(),
            Start::Reset => "reset".to_string(),
            Start::File => "file".to_string(),
            Start::Numbered(number) => number.to_string(),
        };
        let mut provenance =
            Provenance::new("compare-evolve", network).of_theory(TheoryOptions::from(options.evolution.filter));
        provenance.seed = Some(options.simulation.seed);
        Ok(InTimeReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            start,
            bin_ms: options.evolution.dt_ms,
            simulations,
            dt_ms: options.simulation.dt_ms,
            limit_z,
            populations: named.map(|(of, rates)| RatesInTime::new(&of.name, of.size, &to_ms, rates)).collect(),
            to_ms,
            warnings,
            provenance,
        })
    }

    /// The largest `|z|` of all populations.
    pub fn max_abs_z(&self) -> f64 {
        self.populations.iter().map(|population| population.max_abs_z).fold(0.0, f64::max)
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
        let runs = match self.simulations {
            1 => "a simulation".to_string(),
            several => format!("{several} simulations"),
        };
        let said = format!(
            "Rates in {} bins of {} ms, densities in time beside {runs} at dt = {} ms, from {start}.",
            self.to_ms.len(),
            significant(self.bin_ms, 6),
            significant(self.dt_ms, 6)
        );
        let _ = write!(text, "\n{}", filled(&said, "", "  "));
        let right = Align::Right;
        let header = [
            ("population", Align::Left),
            ("neurons", right),
            ("theory (Hz)", right),
            ("simulation (Hz)", right),
            ("largest |z|", right),
            ("at (ms)", right),
            ("mean z", right),
            ("rms z", right),
            ("Fano factor", right),
        ];
        let mean = |values: &[f64]| significant(values.iter().sum::<f64>() / values.len().max(1) as f64, 4);
        let rows = self.populations.iter().map(|p| {
            vec![
                p.name.clone(),
                p.size.to_string(),
                mean(&p.theory_hz),
                mean(&p.simulation_hz),
                significant(p.max_abs_z, 3),
                significant(p.max_at_ms, 6),
                significant(p.mean_z, 2),
                significant(p.rms_z, 3),
                p.fano_factor.map_or_else(|| "1 (Poisson)".to_string(), |fano| significant(fano, 3)),
            ]
        });
        let _ = write!(text, "\n{}\n", aligned(&header, rows));
        let _ = write!(text, "{}", filled(&self.verdict(), "", "  "));
        text
    }

    fn verdict(&self) -> String {
        let (largest, limit) = (self.max_abs_z(), significant(self.limit_z, 3));
        let throughout: Vec<&str> =
            self.populations.iter().filter(|p| p.differs_throughout()).map(|p| p.name.as_str()).collect();
        let mut verdict = match largest <= self.limit_z {
            true => format!(
                "In every bin they agree within the sampling error: chance alone goes beyond |z| = {limit} once in a hundred such comparisons."
            ),
            false => format!(
                "They differ: chance alone goes beyond |z| = {limit} once in a hundred such comparisons, and the largest is {}.",
                significant(largest, 3)
            ),
        };
        if !throughout.is_empty() {
            verdict += &format!(
                " {} {} on one side most of the time: the theory has no time step, jumps of no size and no end of neurons; a smaller --dt shows what the first of these does.",
                throughout.join(", "),
                if throughout.len() == 1 { "is" } else { "are" }
            );
        }
        if self.simulations == 1 {
            verdict += " One simulation does not tell how counts vary where neurons move together; --seeds 4 does.";
        }
        verdict
    }
}

impl Report for InTimeReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows = || (0..self.to_ms.len()).flat_map(|k| self.populations.iter().map(move |p| (k, p)));
        let numbers = |name: &'static str, of: fn(&RatesInTime) -> &Vec<f64>| {
            Column::numbers(name, rows().map(move |(k, p)| of(p).get(k).copied()))
        };
        let from = |k: usize| k.checked_sub(1).map_or(0.0, |before| self.to_ms[before]);
        Table {
            columns: vec![
                Column::numbers("from_ms", rows().map(|(k, _)| Some(from(k)))),
                Column::numbers("to_ms", rows().map(|(k, _)| Some(self.to_ms[k]))),
                Column::texts("population", rows().map(|(_, p)| p.name.as_str())),
                numbers("theory_hz", |p| &p.theory_hz),
                numbers("simulation_hz", |p| &p.simulation_hz),
                numbers("standard_error_hz", |p| &p.standard_error_hz),
                numbers("z", |p| &p.z),
            ],
        }
    }
}
