//! What makes a number of a state what it is, as text, rows and JSON: its derivatives with every parameter of every projection and drive.

use std::collections::BTreeMap;
use std::fmt::Write;

use num_complex::Complex64;
use serde::{Deserialize, Serialize};

use super::quantity::{NAMED, Named, Quantity, Scope};
use super::response::{NoState, chosen};
use super::table::{Column, Table, Values};
use super::text::{Align, aligned, filled, title};
use super::{About, Report};
use crate::network::{Network, Parameter, printable};
use crate::number::significant;
use crate::response::{ConnectionParameter, Derivative, Differentiated, Place, Sensitivities, SensitivityError};
use crate::stationary::TargetQuantity;
use crate::theory::{State, Theory};
use crate::work::Work;
use crate::{Provenance, Warning};

/// Derivatives and connections that the text shows.
const MOST_DERIVATIVES: usize = 20;
const MOST_CONNECTIONS: usize = 6;

/// The numbers of a root, which has them with the network's delays, synapses and neurons as they are.
const OF_ROOTS: [Named; 2] = [
    Named {
        name: "growth_per_s",
        also: &["growth"],
        unit: "1/s",
        scope: Scope::State,
        words: "growth of a mode of the network",
    },
    Named {
        name: "frequency_hz",
        also: &["frequency", "oscillation_hz", "oscillation"],
        unit: "Hz",
        scope: Scope::State,
        words: "frequency of a mode of the network",
    },
];

/// The numbers of the highest peak of the power spectrum of a population.
const OF_PEAKS: [Named; 2] = [
    Named {
        name: "peak_frequency_hz",
        also: &["peak_frequency", "peak_hz", "peak"],
        unit: "Hz",
        scope: Scope::Population,
        words: "frequency of the highest peak of the power spectrum",
    },
    Named {
        name: "peak_power_hz",
        also: &["peak_power"],
        unit: "Hz",
        scope: Scope::Population,
        words: "power at the highest peak of the power spectrum",
    },
];

/// Which number of which state is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExplainQuestion {
    /// The quantity by its name, as in "cv" or "frequency_hz", with its population before it if wished: "E.rate".
    pub of: String,
    /// The population, by name.
    pub population: Option<String>,
    /// Which state, counted from 1; the first that is stable under the rate dynamics if nothing is said.
    pub state: Option<usize>,
    /// Which root, counted from 1, rightmost first; the first if nothing is said.
    pub root: Option<usize>,
}

/// A number of a state with its derivatives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainReport {
    /// The network's name.
    pub network: String,
    /// Its parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Which state, counted from 1 in order of ascending total rate.
    pub state: usize,
    /// How many there are.
    pub states: usize,
    /// The number: the name of its quantity.
    pub of: String,
    /// Its unit; empty for plain numbers.
    pub unit: String,
    /// Whose it is; none of a number of a root.
    pub population: Option<String>,
    /// Which root it is of, counted from 1, rightmost first.
    pub root: Option<usize>,
    /// Its value.
    pub value: f64,
    /// Its derivatives, the largest effect of a relative change first.
    pub derivatives: Vec<ExplainedBy>,
    /// Of a number of a root, the parts of the eigenvalue 1 that each connection makes, the largest first: all together 1.
    pub connections: Vec<ConnectionPart>,
    /// Of a number of a root, the populations of the loop by the projection that matters most, in the order of the way round.
    #[serde(rename = "loop")]
    pub way_round: Vec<String>,
    /// What is unusual.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// The derivative with one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainedBy {
    /// Where the parameter stands: a projection or a drive, by its place in the network, from 0.
    pub place: Place,
    /// The source population; none of a drive.
    pub from: Option<String>,
    /// The target population.
    pub to: String,
    /// Which parameter.
    pub parameter: ConnectionParameter,
    /// Its value.
    pub value: f64,
    /// Its unit; empty for plain numbers.
    pub unit: String,
    /// Change of the number for a change of the parameter by 1 %, to first order, in the number's unit.
    pub per_percent: f64,
    /// Derivative with the parameter, in the number's unit over the parameter's.
    pub per_unit: f64,
}

/// The part of the eigenvalue 1 that a connection makes at a root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionPart {
    /// The source population.
    pub from: String,
    /// The target population.
    pub to: String,
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// A quantity that is not there, or not explained.
    #[error("of: {0}")]
    Quantity(String),
    /// A population that is not there, not said or not wanted.
    #[error("population: {0}")]
    Population(String),
    /// A root that is not wanted.
    #[error("root: {0} is no number of a root: rates, inputs, CVs and peaks belong to populations")]
    Root(&'static str),
    /// There are fewer states.
    #[error("state: {0}")]
    NoState(#[from] NoState),
    /// It is not computed.
    #[error(transparent)]
    Sensitivity(#[from] SensitivityError),
}

/// What is asked for, understood.
struct Asked {
    number: Differentiated,
    named: &'static Named,
    population: Option<usize>,
    root: Option<usize>,
    /// Of the complex derivative.
    part: fn(Complex64) -> f64,
}

impl ExplainQuestion {
    /// Whether it makes sense for a network, before anything is computed.
    ///
    /// # Errors
    ///
    /// Names that are not there; a population or a root where none is wanted, or none where one is.
    pub fn check(&self, network: &Network) -> Result<(), ExplainError> {
        self.asked(network).map(|_| ())
    }

    fn asked(&self, network: &Network) -> Result<Asked, ExplainError> {
        let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
        let find = |name: &str| names.iter().position(|known| *known == name.trim());
        let (before, quantity) = match self.of.rsplit_once('.') {
            Some((before, quantity)) if find(before).is_some() => (Some(before), quantity.trim()),
            _ => (None, self.of.trim()),
        };
        let said = self.population.as_deref().or(before);
        if let Some(named) = OF_ROOTS.iter().find(|known| known.answers_to(quantity)) {
            if said.is_some() {
                return Err(ExplainError::Population(format!(
                    "{} is a number of the network, not of a population",
                    named.name
                )));
            }
            let part: fn(Complex64) -> f64 = match named.name {
                "growth_per_s" => |z| 1000.0 * z.re,
                _ => |z| 1000.0 * z.im / std::f64::consts::TAU,
            };
            let root = self.root.unwrap_or(1);
            let number = Differentiated::Root(root.wrapping_sub(1));
            return Ok(Asked { number, named, population: None, root: Some(root), part });
        }
        let (named, number_of) = match OF_PEAKS.iter().find(|known| known.answers_to(quantity)) {
            Some(named) if named.name == "peak_power_hz" => (named, Differentiated::PeakPower as fn(usize) -> _),
            Some(named) => (named, Differentiated::PeakFrequency as fn(usize) -> _),
            None => of_population(quantity)?,
        };
        if self.root.is_some() {
            return Err(ExplainError::Root(named.name));
        }
        let listed = || names.join(", ");
        let a = match said {
            Some(name) => find(name).ok_or_else(|| {
                ExplainError::Population(format!("there is no \"{}\"; there are {}", printable(name), listed()))
            })?,
            None if names.len() == 1 => 0,
            None => {
                return Err(ExplainError::Population(format!(
                    "{} is of one population; say which of {}",
                    named.name,
                    listed()
                )));
            }
        };
        let number = number_of(a);
        Ok(Asked { number, named, population: Some(a), root: None, part: |z| z.re })
    }
}

/// A quantity of a population, and which number it is of that.
type OfPopulation = (&'static Named, fn(usize) -> Differentiated);

/// A quantity of a population by its name.
fn of_population(quantity: &str) -> Result<OfPopulation, ExplainError> {
    let among = Quantity::all().filter(|known| known.target().is_some());
    let found = among.clone().find(|known| Quantity::find(quantity).as_ref() == Some(known));
    let named = found.as_ref().and_then(|found| NAMED.iter().find(|one| one.name == found.name()));
    if let Some((found, named)) = found.zip(named) {
        return Ok((
            named,
            match found.target() {
                Some(TargetQuantity::MeanInput) => Differentiated::MeanInput,
                Some(TargetQuantity::StdInput) => Differentiated::StdInput,
                Some(TargetQuantity::Cv) => Differentiated::Cv,
                Some(TargetQuantity::Rate) | None => Differentiated::Rate,
            },
        ));
    }
    let is_explained = |one: &&Named| among.clone().any(|known| known.name() == one.name);
    let known = || NAMED.iter().filter(is_explained).chain(&OF_ROOTS).chain(&OF_PEAKS);
    let advice = crate::quantities::advice(quantity, known());
    let what = match Quantity::find(quantity) {
        Some(other) => format!("{} is not explained yet", other.name()),
        None => format!("there is no quantity \"{}\"", printable(quantity)),
    };
    Err(ExplainError::Quantity(format!("{what}; {advice}")))
}

impl ExplainReport {
    /// The answer for one of the states that were found.
    ///
    /// # Errors
    ///
    /// A question that makes no sense for the network; what is not computed; a stop.
    pub fn new(
        theory: &Theory<'_>,
        states: &[State],
        question: &ExplainQuestion,
        work: &Work,
    ) -> Result<Self, ExplainError> {
        let network = theory.network();
        let Asked { number, named, population, root, part } = question.asked(network)?;
        let (index, state) = chosen(states, question.state)?;
        let found = Sensitivities::of(network, theory.map(), state, number, work)?;
        let explained = |derivative: &Derivative| {
            let (from, to) = ends(network, derivative.place);
            let per_relative = part(derivative.per_relative);
            ExplainedBy {
                place: derivative.place,
                from,
                to,
                parameter: derivative.parameter,
                value: derivative.value,
                unit: derivative.unit.to_string(),
                per_percent: 0.01 * per_relative,
                per_unit: per_relative / derivative.value,
            }
        };
        let mut derivatives: Vec<ExplainedBy> = found.derivatives.iter().map(explained).collect();
        derivatives.sort_by(|a, b| b.per_percent.abs().total_cmp(&a.per_percent.abs()));
        let name = |a: usize| network.populations[a].name.clone();
        let mut connections = Vec::new();
        for (a, row) in found.parts.iter().flatten().enumerate() {
            for (b, part) in row.iter().enumerate().filter(|(_, part)| part.norm() > 0.0) {
                connections.push(ConnectionPart { from: name(b), to: name(a), re: part.re, im: part.im });
            }
        }
        connections.sort_by(|a, b| b.re.hypot(b.im).total_cmp(&a.re.hypot(a.im)));
        let first = derivatives.iter().find_map(|by| match by.place {
            Place::Projection(k) => network.projections.get(k),
            Place::Drive(_) => None,
        });
        let way_round = found.parts.as_ref().zip(first).map(|(parts, projection)| {
            way_round(parts, projection.source, projection.target).into_iter().map(name).collect()
        });
        Ok(ExplainReport {
            network: network.name.clone(),
            parameters: network.parameters.clone(),
            state: index + 1,
            states: states.len(),
            of: named.name.to_string(),
            unit: named.unit.to_string(),
            population: population.map(name),
            root,
            value: part(found.value),
            derivatives,
            connections,
            way_round: way_round.unwrap_or_default(),
            warnings: theory.streams().warnings.clone(),
            provenance: Provenance::new("explain", network).of_theory(theory.options()),
        })
    }

    /// All of it for people.
    pub fn text(&self) -> String {
        let mut text = title(self.about());
        let _ = write!(text, "\n{}", filled(&self.sentence(), "", ""));
        let header = [
            ("from", Align::Left),
            ("to", Align::Left),
            ("parameter", Align::Left),
            ("value", Align::Right),
            ("1 % more", Align::Right),
            ("one unit more", Align::Right),
        ];
        let rows = self.derivatives.iter().take(MOST_DERIVATIVES).map(|by| {
            vec![
                by.from.as_deref().map_or_else(|| "(drive)".to_string(), |from| printable(from).into_owned()),
                printable(&by.to).into_owned(),
                by.parameter.name().to_string(),
                with_unit(by.value, &by.unit, 4),
                significant(by.per_percent, 4),
                significant(by.per_unit, 4),
            ]
        });
        let _ = write!(text, "\nWhat changes it, in {}\n\n{}", self.unit_or_number(), aligned(&header, rows));
        let hidden = self.derivatives.len().saturating_sub(MOST_DERIVATIVES);
        if hidden > 0 {
            let _ = writeln!(text, "  and {hidden} more");
        }
        if !self.connections.is_empty() {
            let header =
                [("from", Align::Left), ("to", Align::Left), ("real", Align::Right), ("imaginary", Align::Right)];
            let rows = self.connections.iter().take(MOST_CONNECTIONS).map(|part| {
                vec![
                    printable(&part.from).into_owned(),
                    printable(&part.to).into_owned(),
                    significant(part.re, 3),
                    significant(part.im, 3),
                ]
            });
            let _ = write!(text, "\nConnections that make the mode: parts of 1\n\n{}", aligned(&header, rows));
            let hidden = self.connections.len().saturating_sub(MOST_CONNECTIONS);
            if hidden > 0 {
                let _ = writeln!(text, "  and {hidden} more");
            }
        }
        text
    }

    /// What it is and what matters most, in a few sentences.
    pub fn sentence(&self) -> String {
        let of = match (&self.population, self.root) {
            (Some(population), _) => format!(" of {}", printable(population)),
            (None, Some(root)) => format!(" of mode {root}"),
            (None, None) => String::new(),
        };
        let value = with_unit(self.value, &self.unit, 6);
        let mut text = format!("State {} of {}: {}{of} is {value}.", self.state, self.states, self.of);
        let of_projections = self.derivatives.iter().find(|by| by.from.is_some());
        let Some(by) = of_projections.or(self.derivatives.first()) else {
            return text + " Nothing that it depends on has a parameter.";
        };
        let whose = match &by.from {
            Some(from) => format!("{} -> {}", printable(from), printable(&by.to)),
            None => format!("a drive of {}", printable(&by.to)),
        };
        let change = with_unit(by.per_percent, &self.unit, 3);
        let most = if of_projections.is_some() { "Of all projections it" } else { "It" };
        let what = by.parameter.name();
        let _ = write!(text, " {most} depends most on the {what} of {whose}: 1 % more changes it by {change}.");
        if self.way_round.len() > 1 {
            let way: Vec<String> = self.way_round.iter().map(|name| printable(name).into_owned()).collect();
            let _ = write!(text, " Its loop is {}.", way.join(" -> "));
        }
        text
    }

    fn unit_or_number(&self) -> &str {
        if self.unit.is_empty() { "plain numbers" } else { &self.unit }
    }

    /// The sums of the effects of 1 % over all parameters of each pair of populations but delays, from source to target.
    pub fn by_pair(&self, parameter: ConnectionParameter) -> BTreeMap<(String, String), f64> {
        let mut sums = BTreeMap::new();
        for by in self.derivatives.iter().filter(|by| by.parameter == parameter) {
            if let Some(from) = &by.from {
                *sums.entry((from.clone(), by.to.clone())).or_insert(0.0) += by.per_percent;
            }
        }
        sums
    }
}

/// Names of source and target.
fn ends(network: &Network, place: Place) -> (Option<String>, String) {
    let name = |a: usize| network.populations.get(a).map_or_else(String::new, |population| population.name.clone());
    match place {
        Place::Projection(k) => {
            network.projections.get(k).map_or_else(Default::default, |it| (Some(name(it.source)), name(it.target)))
        }
        Place::Drive(k) => (None, network.drives.get(k).map_or_else(String::new, |drive| name(drive.target))),
    }
}

/// The populations of the strongest loop through a connection: from its source to its target, and back by the way whose parts have the largest product.
fn way_round(parts: &[Vec<Complex64>], source: usize, target: usize) -> Vec<usize> {
    if source == target {
        return vec![source, target];
    }
    let n = parts.len();
    let largest = parts.iter().flatten().map(|part| part.norm()).fold(0.0, f64::max);
    // the longer a way, the more it costs, whatever its parts
    let cost = |from: usize, to: usize| 1.0 - (parts[to][from].norm() / largest).ln();
    let (mut least, mut before) = (vec![f64::INFINITY; n], vec![usize::MAX; n]);
    least[target] = 0.0;
    for _ in 0..n {
        for from in 0..n {
            for to in 0..n {
                let through = least[from] + cost(from, to);
                if through < least[to] {
                    (least[to], before[to]) = (through, from);
                }
            }
        }
    }
    if !least[source].is_finite() {
        return vec![source, target];
    }
    let mut way = vec![source];
    while way.len() <= n && way.last() != Some(&target) {
        way.push(before[way[way.len() - 1]]);
    }
    way.push(source);
    way.reverse();
    way
}

/// "12.5 Hz".
fn with_unit(value: f64, unit: &str, digits: usize) -> String {
    format!("{} {unit}", significant(value, digits)).trim_end().to_string()
}

impl Report for ExplainReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let all = || self.derivatives.iter();
        let numbers = |name: &'static str, of: fn(&ExplainedBy) -> f64| Column {
            name: name.into(),
            unit: "".into(),
            values: Values::Numbers(all().map(of).collect()),
        };
        let kind = |by: &ExplainedBy| match by.place {
            Place::Projection(_) => "projection",
            Place::Drive(_) => "drive",
        };
        let index = |by: &ExplainedBy| match by.place {
            Place::Projection(k) | Place::Drive(k) => k as u64,
        };
        Table {
            columns: vec![
                Column::texts("kind", all().map(kind)),
                Column::integers("index", all().map(index)),
                Column::texts("from", all().map(|by| by.from.as_deref().unwrap_or(""))),
                Column::texts("to", all().map(|by| by.to.as_str())),
                Column::texts("parameter", all().map(|by| by.parameter.name())),
                numbers("value", |by| by.value),
                Column::texts("unit", all().map(|by| by.unit.as_str())),
                numbers("per_percent", |by| by.per_percent),
                numbers("per_unit", |by| by.per_unit),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(of: &str) -> Result<ExplainReport, ExplainError> {
        let network = crate::testing::brunel(&[("g", "6"), ("eta", "4")]);
        let theory = crate::testing::theory(&network);
        let states = theory.states().unwrap().states;
        ExplainReport::new(&theory, &states, &ExplainQuestion { of: of.into(), ..Default::default() }, &Work::default())
    }

    #[test]
    fn the_fast_rhythm_of_brunel_is_made_by_the_loop_of_inhibition() {
        let report = report("frequency").unwrap();
        assert!((report.value - 190.20921707058415).abs() < 1e-6, "{}", report.value);
        assert_eq!(report.way_round, ["I", "I"]);
        let first = report.derivatives.iter().find(|by| by.from.is_some()).unwrap();
        assert_eq!((first.from.as_deref(), first.parameter), (Some("I"), ConnectionParameter::Delay), "{first:?}");
        assert!(first.per_unit < 0.0, "{first:?}");
        let sentence = "it depends most on the delay of I -> I";
        assert!(report.sentence().contains(sentence), "{}", report.sentence());
        assert!(report.text().lines().all(|line| line.chars().count() <= 80), "{}", report.text());
    }

    #[test]
    fn names_that_are_not_there_are_answered_with_the_nearest() {
        for (of, words) in [
            ("frequncy", "did you mean frequency?"),
            ("E.rat", "did you mean"),
            (
                "fano_factor",
                "fano_factor is not explained yet; there are rate_hz, mean_input_mv, std_input_mv, cv, growth_per_s, frequency_hz, peak_frequency_hz, peak_power_hz",
            ),
            ("cv", "say which of E, I"),
            ("I.growth", "not of a population"),
        ] {
            let error = report(of).unwrap_err().to_string();
            assert!(error.contains(words), "{of}: {error}");
        }
    }

    #[test]
    fn a_loop_is_closed_by_the_strongest_way_back() {
        let part = |x: f64| Complex64::from(x);
        let parts = vec![
            vec![part(0.0), part(0.0), part(0.9)],
            vec![part(0.8), part(0.0), part(0.0)],
            vec![part(1e-9), part(0.7), part(0.0)],
        ];
        assert_eq!(way_round(&parts, 0, 1), [0, 1, 2, 0]);
        assert_eq!(way_round(&parts, 2, 0), [2, 0, 1, 2]);
        assert_eq!(way_round(&parts, 1, 1), [1, 1]);
    }
}
