//! Fixed points of the reduced equations, as text, rows and JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::table::{Column, Table};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::network::{Network, Parameter};
use crate::number::significant;
use crate::reduced::{ReducedError, ReducedState, ReducedStates, Search, states};
use crate::work::Work;
use crate::{Provenance, Warning};

/// Eigenvalues and populations that the text shows.
const MOST_EIGENVALUES: usize = 4;
const MOST_POPULATIONS: usize = 16;

/// All fixed points of the exact reduction that were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReducedReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Which equation it is: "reduced".
    pub equation: String,
    /// In order of ascending total rate.
    pub fixed_points: Vec<ReducedFixedPoint>,
    /// How they were looked for.
    pub search: ReducedSearch,
    /// What is left out.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// How fixed points were looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReducedSearch {
    /// Whether they are all, as the roots of a polynomial.
    pub complete: bool,
    /// From how many places Newton's method started, else.
    pub starts: Option<usize>,
}

/// A fixed point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReducedFixedPoint {
    /// Whether no eigenvalue grows.
    pub stable: bool,
    /// One entry a population.
    pub populations: Vec<ReducedPopulation>,
    /// Eigenvalues of the linearised equations with kinetics and delays, rightmost first; with delays, those furthest to the right.
    pub eigenvalues_per_s: Vec<Eigenvalue>,
}

/// A complex number in 1/s: growth, and angular frequency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Eigenvalue {
    /// Growth.
    pub re: f64,
    /// Angular frequency.
    pub im: f64,
}

/// A population in a fixed point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReducedPopulation {
    /// Its name.
    pub name: String,
    /// Its size in the network; the equations are those of infinitely many.
    pub size: u64,
    /// Rate.
    pub rate_hz: f64,
    /// Mean of the potential over the neurons (a principal value).
    pub mean_V_mv: f64,
    /// Mean input of the neuron at the centre of the law, conductances as they act at the mean potential.
    pub mean_input_mv: f64,
    /// Half width of the law of the inputs.
    pub half_width_mv: f64,
    /// Noise of the input: none.
    pub std_input_mv: f64,
    /// CV of the interspike intervals: 0, each neuron is a clock.
    pub cv: f64,
}

impl ReducedReport {
    /// The fixed points of a network with the drives that act before time 0.
    ///
    /// # Errors
    ///
    /// As of [`states`].
    pub fn new(network: &Network, work: &Work) -> Result<Self, ReducedError> {
        let ReducedStates { states, search, warnings } = states(network, work)?;
        let fixed_point = |state: &ReducedState| ReducedFixedPoint {
            stable: state.stable,
            populations: network
                .populations
                .iter()
                .enumerate()
                .map(|(a, population)| ReducedPopulation {
                    name: population.name.clone(),
                    size: population.size,
                    rate_hz: state.rates_hz[a],
                    mean_V_mv: state.mean_V_mv[a],
                    mean_input_mv: state.mean_input_mv[a],
                    half_width_mv: state.half_width_mv[a],
                    std_input_mv: 0.0,
                    cv: 0.0,
                })
                .collect(),
            eigenvalues_per_s: state.eigenvalues_per_s.iter().map(|z| Eigenvalue { re: z.re, im: z.im }).collect(),
        };
        Ok(ReducedReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            equation: "reduced".to_string(),
            fixed_points: states.iter().map(fixed_point).collect(),
            search: match search {
                Search::ClosedForm => ReducedSearch { complete: true, starts: None },
                Search::Searched { starts } => ReducedSearch { complete: false, starts: Some(starts) },
            },
            warnings,
            provenance: Provenance::new("reduced", network),
        })
    }

    /// All of it for people; with all eigenvalues, or the first of them.
    pub fn text(&self, all_eigenvalues: bool) -> String {
        let mut text = title(self.about());
        let said = "Exact reduction of quadratic neurons: rate and mean potential of infinitely many whose currents differ by a Lorentzian law.";
        let _ = write!(text, "\n{}", filled(said, "", "  "));
        for (index, state) in self.fixed_points.iter().enumerate() {
            let stability = if state.stable { "stable" } else { "unstable" };
            let _ = write!(text, "\nState {} of {}, {stability}\n\n", index + 1, self.fixed_points.len());
            let header = [
                ("population", Align::Left),
                ("rate (Hz)", Align::Right),
                ("mean V (mV)", Align::Right),
                ("mean input (mV)", Align::Right),
                ("half width (mV)", Align::Right),
            ];
            let row = |p: &ReducedPopulation| {
                let numbers = [p.rate_hz, p.mean_V_mv, p.mean_input_mv, p.half_width_mv];
                std::iter::once(p.name.clone()).chain(numbers.map(|x| significant(x, 6))).collect()
            };
            text.push_str(&aligned(&header, state.populations.iter().take(MOST_POPULATIONS).map(row)));
            if state.populations.len() > MOST_POPULATIONS {
                let _ = writeln!(text, "  and {} more populations", state.populations.len() - MOST_POPULATIONS);
            }
            let shown = if all_eigenvalues { usize::MAX } else { MOST_EIGENVALUES };
            // a pair is said once
            let mut eigenvalues: Vec<String> =
                state.eigenvalues_per_s.iter().filter(|z| z.im >= 0.0).map(Eigenvalue::shown).collect();
            let more = eigenvalues.len().saturating_sub(shown);
            eigenvalues.truncate(shown);
            let more = if more > 0 { format!(" and {more} more (--details)") } else { String::new() };
            let said = format!("Eigenvalues (1/s): {}{more}", eigenvalues.join(", "));
            let _ = write!(text, "\n{}", filled(&said, "  ", "    "));
        }
        let found = match self.search.starts {
            None => "These are all: the positive roots of a polynomial.".to_string(),
            Some(starts) => {
                format!("Searched from {starts} places by Newton's method: there may be states that it did not find.")
            }
        };
        let _ = write!(text, "\n{}", filled(&found, "", ""));
        text
    }
}

impl Eigenvalue {
    /// "-12.3", or "-12.3 +- 45.6 i (7.26 Hz)".
    fn shown(&self) -> String {
        let growth = significant(self.re, 5);
        if self.im == 0.0 {
            return growth;
        }
        let hz = significant(self.im / std::f64::consts::TAU, 4);
        format!("{growth} +- {} i ({hz} Hz)", significant(self.im, 5))
    }
}

impl Report for ReducedReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows: Vec<(usize, &ReducedFixedPoint, &ReducedPopulation)> = self
            .fixed_points
            .iter()
            .enumerate()
            .flat_map(|(k, state)| state.populations.iter().map(move |p| (k, state, p)))
            .collect();
        let numbers = |name: &'static str, of: fn(&ReducedPopulation) -> f64| {
            Column::numbers(name, rows.iter().map(|(.., p)| Some(of(p))))
        };
        let first =
            |of: fn(&Eigenvalue) -> f64| rows.iter().map(move |(_, state, _)| state.eigenvalues_per_s.first().map(of));
        Table {
            columns: vec![
                Column::integers("state", rows.iter().map(|(k, ..)| *k as u64 + 1)),
                Column::flags("stable", rows.iter().map(|(_, state, _)| state.stable)),
                Column::texts("population", rows.iter().map(|(.., p)| p.name.as_str())),
                Column::integers("size", rows.iter().map(|(.., p)| p.size)),
                numbers("rate_hz", |p| p.rate_hz),
                numbers("mean_V_mv", |p| p.mean_V_mv),
                numbers("mean_input_mv", |p| p.mean_input_mv),
                numbers("half_width_mv", |p| p.half_width_mv),
                numbers("std_input_mv", |p| p.std_input_mv),
                numbers("cv", |p| p.cv),
                Column::numbers("growth_per_s", first(|z| z.re)),
                Column::numbers("angular_frequency_per_s", first(|z| z.im.abs())),
            ],
        }
    }
}
