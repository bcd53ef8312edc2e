//! One network with several neurons in place of its own, matched and side by side.

mod facts;
mod text;

use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::table::{Column, Table};
use super::{About, Report};
use crate::network::spelling::nearest;
use crate::network::{Network, Neuron, NeuronModel, Parameter};
use crate::neuron::Model;
use crate::stationary::{SolveError, Stability, TheoryOptions};
use crate::theory::{FixedPoint, Solution, Theory};
pub use crate::transfer::Matching;
use crate::transfer::{curve, matched, response};
use crate::{Provenance, Warning, Work};
pub use facts::ModelFacts;

/// Means of a curve, and how many amplitudes it reaches to either side.
const CURVE_POINTS: usize = 41;
const CURVE_REACH: f64 = 3.0;
/// The reach of a curve without noise, in mV.
const NOISELESS_REACH_MV: f64 = 3.0;

/// Several neuron models in one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelsComparedReport {
    /// The network's name.
    pub network: String,
    /// The parameters in force.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// Where the network's own neurons work, one entry a neuron type.
    pub working_points: Vec<WorkingPoint>,
    /// The models, in the order in which they were asked for.
    pub models: Vec<ModelInNetwork>,
    /// What is unusual about the network.
    pub warnings: Vec<Warning>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Where a neuron type works: the input of its first population in the first stable state of the network as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkingPoint {
    /// The neuron type.
    pub neuron_type: String,
    /// Its populations; the first is the one looked at.
    pub populations: Vec<String>,
    /// The model of the file.
    pub model: String,
    /// `mu`.
    pub mean_input_mv: f64,
    /// `sigma`.
    pub std_input_mv: f64,
    /// The rate in white noise of that mean and amplitude.
    pub rate_hz: f64,
    /// Its derivative with respect to the mean.
    pub slope_hz_per_mv: f64,
    /// The mean from which the neuron fires without noise.
    pub rheobase_mv: f64,
    /// The means of the curves, from `mu - 3 sigma` to `mu + 3 sigma`.
    pub curve_mu_mv: Vec<f64>,
}

/// A model in place of the network's own neurons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelInNetwork {
    /// Its name.
    pub model: String,
    /// What it can give; nothing where there is no such neuron.
    pub facts: Option<ModelFacts>,
    /// Its neurons, one a neuron type; none where one cannot be made.
    pub neurons: Vec<MatchedNeuron>,
    /// The stationary states.
    pub fixed_points: Vec<ModelState>,
    /// Whether it is proved that there are no others.
    pub complete: bool,
    /// How long it took to find them.
    pub solve_s: Option<f64>,
    /// Why there is no neuron, or no state.
    pub error: Option<String>,
}

/// A neuron that takes the place of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MatchedNeuron {
    /// The neuron type whose place it takes.
    pub neuron_type: String,
    /// What of it is as it was.
    pub matching: Matching,
    /// Threshold.
    pub V_th_mv: f64,
    /// Sharpness of the spike, of models that have it.
    pub Delta_T_mv: Option<f64>,
    /// Where a spike is counted, of models that have it; nothing, too, where it is infinite.
    pub V_peak_mv: Option<f64>,
    /// The mean from which it fires without noise.
    pub rheobase_mv: f64,
    /// Its rate at the working point.
    pub rate_hz: f64,
    /// The derivative of its rate with respect to the mean there.
    pub slope_hz_per_mv: f64,
    /// That over the slope of the network's own neuron; nothing where that has none.
    pub slope_ratio: Option<f64>,
    /// Its rates at the means of the curve.
    pub curve_rates_hz: Vec<f64>,
}

/// A stationary state of the network with other neurons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelState {
    /// What the rate dynamics says of it.
    pub stability: Stability,
    /// One entry a population, in the order of the file.
    pub populations: Vec<ModelPopulation>,
}

/// A population in such a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelPopulation {
    /// Its name.
    pub name: String,
    /// Rate; 0 where it underflows, see `log10_rate_hz`.
    pub rate_hz: f64,
    /// Decadic logarithm of the rate; nothing for a rate that is exactly 0.
    pub log10_rate_hz: Option<f64>,
    /// Coefficient of variation of the intervals.
    pub cv: Option<f64>,
    /// `mu`.
    pub mean_input_mv: f64,
    /// `sigma`.
    pub std_input_mv: f64,
}

/// Why models cannot be compared.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ModelsComparedError {
    /// Nothing to compare.
    #[error("no model is named: one or more of {}, as in lif,eif,qif", Model::NAMES.join(", "))]
    None,
    /// A name that is no model.
    #[error("there is no neuron model \"{name}\"{}; there are: {}", nearest(name, Model::NAMES.iter().copied()).map_or(String::new(), |near| format!(" (did you mean {near}?)")), Model::NAMES.join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// Adaptation that the network does not have.
    #[error(
        "adex is the eif with adaptation, and nothing in {neuron_type} ({model}) says how strong that should be: compare eif, or give the adaptation in the file"
    )]
    Adaptation {
        /// The neuron type.
        neuron_type: String,
        /// Its model.
        model: &'static str,
    },
    /// The network as it is has no theory, or no state.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// Parameters out of range.
    #[error(transparent)]
    Neuron(#[from] crate::error::DomainError),
}

/// The network with the neurons of each model in place of its own.
///
/// Neurons that differ are matched at the centre of their laws; their laws of time constants, resting potentials and currents stay what they are.
///
/// # Errors
///
/// Names that are no models, or none; a network without a theory, or without a state that neurons could be matched at. A model that cannot take the
/// place of the network's neurons, or has no state there, is no error: its entry says why.
pub fn compare_models(
    network: &Network,
    models: &[String],
    options: &TheoryOptions,
    work: &Work,
) -> Result<ModelsComparedReport, ModelsComparedError> {
    let models = asked_for(network, models)?;
    let theory = Theory::new(network, options)?.watched(work);
    let solution = theory.solution()?;
    let types = types_of(network);
    let working_points = match working_state(&solution) {
        Some(state) => types.iter().map(|of| working_point(network, of, state)).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let in_network = |&model: &&'static str| in_network(network, &types, &working_points, model, options, work);
    Ok(ModelsComparedReport {
        network: network.name.clone(),
        parameters: network.parameters.clone(),
        models: models.iter().map(in_network).collect(),
        working_points,
        warnings: solution.warnings,
        provenance: Provenance::new("compare-models", network).of_theory(theory.options()),
    })
}

/// The models by their names, each once.
fn asked_for(network: &Network, names: &[String]) -> Result<Vec<&'static str>, ModelsComparedError> {
    let mut models = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let known = Model::NAMES.iter().find(|known| **known == name);
        let Some(&known) = known else { return Err(ModelsComparedError::Unknown { name: name.to_string() }) };
        let without = || network.populations.iter().find(|population| population.neuron.model.name() != known);
        if let Some(of) = without().filter(|_| known == "adex") {
            let (neuron_type, model) = (of.neuron_type.clone(), of.neuron.model.name());
            return Err(ModelsComparedError::Adaptation { neuron_type, model });
        }
        if !models.contains(&known) {
            models.push(known);
        }
    }
    if models.is_empty() { Err(ModelsComparedError::None) } else { Ok(models) }
}

/// The populations of each neuron type, by index.
fn types_of(network: &Network) -> Vec<Vec<usize>> {
    let mut types: Vec<Vec<usize>> = Vec::new();
    for (a, population) in network.populations.iter().enumerate() {
        let is_of = |of: &&mut Vec<usize>| {
            let first = &network.populations[of[0]];
            (&first.neuron_type, &first.neuron) == (&population.neuron_type, &population.neuron)
        };
        match types.iter_mut().find(is_of) {
            Some(of) => of.push(a),
            None => types.push(vec![a]),
        }
    }
    types
}

/// The first stable state, or the first.
fn working_state(solution: &Solution) -> Option<&FixedPoint> {
    let states = &solution.fixed_points;
    states.iter().find(|state| state.stable).or(states.first())
}

fn working_point(network: &Network, of: &[usize], state: &FixedPoint) -> Result<WorkingPoint, ModelsComparedError> {
    let (first, input) = (&network.populations[of[0]], &state.populations[of[0]]);
    let (mean_mv, std_mv) = (input.mean_input_mv, input.std_input_mv);
    let found = response(&first.neuron, mean_mv, std_mv)?;
    let reach_mv = if std_mv > 0.0 { CURVE_REACH * std_mv } else { NOISELESS_REACH_MV };
    let part = |k: usize| 2.0 * k as f64 / (CURVE_POINTS - 1) as f64 - 1.0;
    Ok(WorkingPoint {
        neuron_type: first.neuron_type.clone(),
        populations: of.iter().map(|&a| network.populations[a].name.clone()).collect(),
        model: first.neuron.model.name().to_string(),
        mean_input_mv: mean_mv,
        std_input_mv: std_mv,
        rate_hz: found.rate_hz,
        slope_hz_per_mv: found.slope_hz_per_mv,
        rheobase_mv: found.rheobase_mv,
        curve_mu_mv: (0..CURVE_POINTS).map(|k| mean_mv + reach_mv * part(k)).collect(),
    })
}

/// A model in the network: its neurons, and the states if there are such neurons.
fn in_network(
    network: &Network,
    types: &[Vec<usize>],
    points: &[WorkingPoint],
    model: &str,
    options: &TheoryOptions,
    work: &Work,
) -> ModelInNetwork {
    let mut found = ModelInNetwork {
        model: model.to_string(),
        facts: None,
        neurons: Vec::new(),
        fixed_points: Vec::new(),
        complete: false,
        solve_s: None,
        error: None,
    };
    let mut replaced = network.clone();
    for (of, point) in types.iter().zip(points) {
        let own = network.populations[of[0]].neuron;
        if own.differences.V_th_mv.is_some() && own.model.name() != model {
            let neuron_type = &point.neuron_type;
            found.error = Some(format!(
                "no {model} neuron can take the place of {neuron_type}, whose thresholds differ between neurons: its own V_th is chosen so that both fire alike; give V_th one value"
            ));
            return found;
        }
        let new = matched(&own, model, point.mean_input_mv, point.std_input_mv)
            .and_then(|(neuron, matching)| Ok((neuron, described(&neuron, matching, point)?)));
        match new {
            Ok((neuron, described)) => {
                found.facts = Some(ModelFacts::of(&neuron));
                found.neurons.push(described);
                of.iter().for_each(|&a| replaced.populations[a].neuron = neuron);
            }
            Err(error) => {
                let neuron_type = &point.neuron_type;
                found.error = Some(format!("no {model} neuron can take the place of {neuron_type}: {error}"));
                return found;
            }
        }
    }
    let started = Instant::now();
    match Theory::new(&replaced, options).and_then(|theory| theory.watched(work).solution()) {
        Ok(solution) => {
            found.complete = solution.search.complete;
            found.fixed_points = solution.fixed_points.iter().map(state_of).collect();
        }
        Err(error) => found.error = Some(error.to_string()),
    }
    found.solve_s = Some(started.elapsed().as_secs_f64());
    found
}

fn described(
    neuron: &Neuron,
    matching: Matching,
    point: &WorkingPoint,
) -> Result<MatchedNeuron, crate::error::DomainError> {
    let is = response(neuron, point.mean_input_mv, point.std_input_mv)?;
    let spike = match neuron.model {
        NeuronModel::Lif | NeuronModel::Perfect => None,
        NeuronModel::Eif { Delta_T_mv, V_peak_mv }
        | NeuronModel::Qif { Delta_T_mv, V_peak_mv }
        | NeuronModel::Adex { Delta_T_mv, V_peak_mv, .. } => Some((Delta_T_mv, V_peak_mv)),
    };
    Ok(MatchedNeuron {
        neuron_type: point.neuron_type.clone(),
        matching,
        V_th_mv: neuron.V_th_mv,
        Delta_T_mv: spike.map(|spike| spike.0),
        V_peak_mv: spike.map(|spike| spike.1).filter(|V_peak_mv| V_peak_mv.is_finite()),
        rheobase_mv: is.rheobase_mv,
        rate_hz: is.rate_hz,
        slope_hz_per_mv: is.slope_hz_per_mv,
        slope_ratio: (point.slope_hz_per_mv > 0.0)
            .then(|| is.slope_hz_per_mv / point.slope_hz_per_mv)
            .filter(|ratio| ratio.is_finite()),
        curve_rates_hz: curve(neuron, &point.curve_mu_mv, point.std_input_mv)?,
    })
}

fn state_of(state: &FixedPoint) -> ModelState {
    let population = |of: &crate::theory::PopulationState| ModelPopulation {
        name: of.name.clone(),
        rate_hz: of.rate_hz,
        log10_rate_hz: of.log10_rate_hz,
        cv: of.cv,
        mean_input_mv: of.mean_input_mv,
        std_input_mv: of.std_input_mv,
    };
    ModelState { stability: state.stability(), populations: state.populations.iter().map(population).collect() }
}

/// A model, one of its states, counted from 1, and a population of it; no state where the model has none.
type Row<'a> = (&'a ModelInNetwork, Option<(usize, &'a ModelState, &'a ModelPopulation)>);

impl ModelsComparedReport {
    fn rows(&self) -> Vec<Row<'_>> {
        let of = |model| match rows_of(model) {
            rows if rows.is_empty() => vec![(model, None)],
            rows => rows,
        };
        self.models.iter().flat_map(of).collect()
    }
}

fn rows_of(model: &ModelInNetwork) -> Vec<Row<'_>> {
    let states = model.fixed_points.iter().enumerate();
    states
        .flat_map(|(index, state)| {
            state.populations.iter().map(move |population| (model, Some((index + 1, state, population))))
        })
        .collect()
}

impl Report for ModelsComparedReport {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let rows = self.rows();
        let numbers = |name, value: fn(&ModelPopulation) -> Option<f64>| {
            Column::numbers(name, rows.iter().map(move |(_, of)| of.and_then(|(.., population)| value(population))))
        };
        let state = |value: fn(&ModelState) -> bool| rows.iter().map(move |(_, of)| of.map(|(_, of, _)| value(of)));
        Table {
            columns: vec![
                Column::texts("model", rows.iter().map(|(model, _)| model.model.as_str())),
                Column::flags("complete", rows.iter().map(|(model, _)| model.complete)),
                Column::some_integers("state", rows.iter().map(|(_, of)| of.map(|(number, ..)| number as u64))),
                Column::some_flags("stable", state(|state| state.stability == Stability::Stable)),
                Column::some_flags("saddle", state(|state| state.stability == Stability::Saddle)),
                Column::texts("population", rows.iter().map(|(_, of)| of.map_or("", |(.., of)| of.name.as_str()))),
                numbers("rate_hz", |of| Some(of.rate_hz)),
                numbers("log10_rate_hz", |of| Some(of.log10_rate_hz.unwrap_or(f64::NEG_INFINITY))),
                numbers("cv", |of| of.cv),
                numbers("mean_input_mv", |of| Some(of.mean_input_mv)),
                numbers("std_input_mv", |of| Some(of.std_input_mv)),
                Column::texts("error", rows.iter().map(|(model, _)| model.error.as_deref().unwrap_or_default())),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};

    fn compared(models: &[&str]) -> Result<ModelsComparedReport, ModelsComparedError> {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let models: Vec<String> = models.iter().map(|model| model.to_string()).collect();
        compare_models(&network, &models, &TheoryOptions::default(), &Work::default())
    }

    #[test]
    fn the_own_model_has_the_states_of_the_file_and_others_their_own() {
        let report = compared(&["lif", "eif", "lif", "qif"]).unwrap();
        let names: Vec<&str> = report.models.iter().map(|model| model.model.as_str()).collect();
        assert_eq!(names, ["lif", "eif", "qif"]);
        let lif = &report.models[0];
        assert!((lif.fixed_points[0].populations[0].rate_hz - 37.94969709576336).abs() < 1e-6 && lif.complete);
        assert_eq!((lif.neurons[0].matching, lif.neurons[0].slope_ratio), (Matching::Own, Some(1.0)));
        let point = &report.working_points[0];
        assert!((point.curve_mu_mv[20] - point.mean_input_mv).abs() < 1e-12 && point.curve_mu_mv.len() == 41);
        for model in &report.models[1..] {
            let neuron = &model.neurons[0];
            assert!((neuron.rheobase_mv - 20.0).abs() < 1e-6 && !model.complete, "{neuron:?}");
            assert!((neuron.curve_rates_hz[20] / neuron.rate_hz - 1.0).abs() < 1e-9);
            let off = (neuron.slope_ratio.unwrap() - 1.0).abs();
            assert_eq!(off < 1e-6, neuron.matching == Matching::Slope, "{neuron:?}");
            assert!(!model.fixed_points.is_empty() && model.error.is_none());
        }
        assert!(report.text().contains("sharp threshold"), "{}", report.text());
    }

    #[test]
    fn what_is_no_model_or_has_nothing_to_be_matched_by_is_refused() {
        for (models, message) in [
            (&["liv"][..], "did you mean lif?"),
            (&[], "no model is named"),
            (&["adex"], "adex is the eif with adaptation"),
        ] {
            let error = compared(models).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
