//! What can be asked for at each state, by name.

use crate::network::Network;
use crate::network::spelling::nearest;
use crate::stationary::{Eigenvalue, RateMap, State, cv};
use crate::trust::{Validity, any_validity, validities};

use super::SweepError;
use super::rows::Cell;

/// A quantity of a state.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RowQuantity {
    Rate,
    Log10Rate,
    MeanInput,
    StdInput,
    Cv,
    Index,
    Multiplicity,
    Residual,
    Growth,
    Oscillation,
    /// A number of `Validity`, by its name in JSON.
    Validity(String),
}

/// Those that are not part of `Validity`.
const NAMED: [(&str, RowQuantity); 10] = [
    ("rate_hz", RowQuantity::Rate),
    ("log10_rate_hz", RowQuantity::Log10Rate),
    ("mean_input_mv", RowQuantity::MeanInput),
    ("std_input_mv", RowQuantity::StdInput),
    ("cv", RowQuantity::Cv),
    ("index", RowQuantity::Index),
    ("multiplicity", RowQuantity::Multiplicity),
    ("residual", RowQuantity::Residual),
    ("growth_per_s", RowQuantity::Growth),
    ("oscillation_hz", RowQuantity::Oscillation),
];

impl RowQuantity {
    pub(super) fn name(&self) -> &str {
        match self {
            RowQuantity::Validity(name) => name,
            other => NAMED.iter().find(|(_, quantity)| quantity == other).map_or("", |(name, _)| name),
        }
    }

    /// Whether each population has its own.
    pub(super) fn is_of_populations(&self) -> bool {
        !matches!(
            self,
            RowQuantity::Index
                | RowQuantity::Multiplicity
                | RowQuantity::Residual
                | RowQuantity::Growth
                | RowQuantity::Oscillation
        )
    }

    fn needs_inputs(&self) -> bool {
        matches!(self, RowQuantity::MeanInput | RowQuantity::StdInput | RowQuantity::Cv | RowQuantity::Validity(_))
    }
}

/// The quantities of these names, each once; `rate_hz` if there are none.
pub(super) fn named(names: &[String], network: &Network, map: &RateMap) -> Result<Vec<RowQuantity>, SweepError> {
    let mut quantities = Vec::new();
    for name in names {
        let known = NAMED.iter().find(|(known, _)| known == name).map(|(_, quantity)| quantity.clone());
        let quantity = match known {
            Some(quantity) => quantity,
            None => RowQuantity::Validity(of_validity(name, network, map)?),
        };
        if !quantities.contains(&quantity) {
            quantities.push(quantity);
        }
    }
    if quantities.is_empty() {
        quantities.push(RowQuantity::Rate);
    }
    Ok(quantities)
}

fn of_validity(name: &str, network: &Network, map: &RateMap) -> Result<String, SweepError> {
    let numbers: Vec<String> = numbers(&any_validity(network, map)).into_iter().map(|(name, _)| name).collect();
    if numbers.iter().any(|known| known == name) {
        return Ok(name.to_string());
    }
    let known = || NAMED.iter().map(|(known, _)| *known).chain(numbers.iter().map(String::as_str));
    let advice = match nearest(name, known()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(SweepError::UnknownQuantity { name: name.to_string(), advice })
}

/// The numbers of `validity` by name, those of its parts as `rate_distribution.std_hz`; NaN where one is missing.
fn numbers(validity: &Validity) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    push_numbers("", &serde_json::to_value(validity).unwrap_or_default(), &mut all);
    all
}

fn push_numbers(name: &str, value: &serde_json::Value, all: &mut Vec<(String, f64)>) {
    match value {
        serde_json::Value::Object(parts) => {
            for (part, value) in parts {
                let name = if name.is_empty() { part.clone() } else { format!("{name}.{part}") };
                push_numbers(&name, value, all);
            }
        }
        serde_json::Value::Number(_) | serde_json::Value::Null => {
            all.push((name.to_string(), value.as_f64().unwrap_or(f64::NAN)));
        }
        _ => {}
    }
}

/// Appends the quantities of one state, in the order of the columns.
pub(super) fn push(cells: &mut Vec<Cell>, quantities: &[RowQuantity], of: (&Network, &RateMap), state: &State) {
    let (network, map) = of;
    let rates_hz = state.rates_hz();
    let inputs = if quantities.iter().any(RowQuantity::needs_inputs) { map.inputs(&rates_hz) } else { Vec::new() };
    let cvs = if quantities.contains(&RowQuantity::Cv) { cv(map, &inputs) } else { Vec::new() };
    let validities: Vec<Vec<(String, f64)>> = match quantities.iter().any(|q| matches!(q, RowQuantity::Validity(_))) {
        true => validities(network, map, state).iter().map(numbers).collect(),
        false => Vec::new(),
    };
    for quantity in quantities {
        if !quantity.is_of_populations() {
            cells.push(of_state(quantity, state));
            continue;
        }
        for (a, &rate_hz) in rates_hz.iter().enumerate() {
            cells.push(Cell::number(match quantity {
                RowQuantity::Rate => rate_hz,
                RowQuantity::Log10Rate => state.log10_rate_hz(a),
                RowQuantity::MeanInput => inputs[a].mean_mv,
                RowQuantity::StdInput => inputs[a].std_mv,
                RowQuantity::Cv => cvs[a].unwrap_or(f64::NAN),
                RowQuantity::Validity(name) => {
                    validities[a].iter().find(|(known, _)| known == name).map_or(f64::NAN, |(_, value)| *value)
                }
                _ => f64::NAN,
            }));
        }
    }
}

fn of_state(quantity: &RowQuantity, state: &State) -> Cell {
    let rightmost = |of: fn(Eigenvalue) -> f64| state.rightmost.map_or(Cell::Missing, |value| Cell::number(of(value)));
    match quantity {
        RowQuantity::Index => Cell::Integer(state.index.into()),
        RowQuantity::Multiplicity => Cell::Integer(i64::try_from(state.multiplicity).unwrap_or(i64::MAX)),
        RowQuantity::Residual => Cell::number(state.residual),
        RowQuantity::Growth => rightmost(|value| value.growth_per_s),
        _ => rightmost(|value| value.frequency_hz.abs()),
    }
}
