//! The states at every value of a parameter beside the limit of the last one; a value that fails does not keep the others.

use thiserror::Error;

use super::{BalancePoint, BalanceReport, Over, Scaling};
use crate::network::{Network, NetworkFileError, Parameter, parse};
use crate::number::{shortest, significant};
use crate::stationary::balance::{
    AtValue, BalancedLimit, Sizes, departures_from_scaling, largest_in_degree, with_in_degree,
};
use crate::stationary::{Found, SolveError, TheoryOptions};
use crate::theory::Theory;
use crate::{Provenance, Shown, Warning, WarningKind, Work};

/// The parameter that stands for the in-degree in files that have none of this name.
const IN_DEGREE: &str = "K";
/// Departures from the scaling that are said one by one.
const MOST_DEPARTURES: usize = 6;
/// Values that a warning names; further ones are counted.
const MOST_VALUES: usize = 3;
/// Values at which something fails that are said one by one.
const MOST_FAILURES: usize = 6;

/// A parameter with the values that it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct OverValues {
    /// Its name; `K` stands for the in-degree in networks that have no parameter of this name.
    pub name: String,
    /// The unit of the values, empty for numbers.
    pub unit: String,
    /// The values; the limit is that of the last.
    pub values: Vec<f64>,
    /// Whether they stand in equal ratios.
    pub logarithmic: bool,
}

/// Why there is no network, or no state, at a value, or at all.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ApproachError {
    /// The network file is wrong with this value.
    #[error("{}", .0.in_short())]
    NetworkFile(Box<NetworkFileError>),
    /// The network cannot be solved.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// An in-degree that the network cannot have.
    #[error("the network cannot be scaled so far")]
    TooFar,
    /// The parameter cannot be varied.
    #[error("over {name}: {reason}")]
    Parameter {
        /// The parameter.
        name: String,
        /// Why, and what can be done.
        reason: String,
    },
    /// Nothing was solved before the work was stopped.
    #[error("stopped before the first value of {0} was solved")]
    Stopped(String),
    /// None of the values has a network; this is what the first one lacks.
    #[error("{place}: {error}")]
    Everywhere {
        /// "K = 150".
        place: String,
        /// What it lacks.
        error: Box<ApproachError>,
    },
}

impl From<NetworkFileError> for ApproachError {
    fn from(error: NetworkFileError) -> Self {
        ApproachError::NetworkFile(Box::new(error))
    }
}

/// What came of a value.
struct At {
    value: f64,
    /// As people write it: "0.1 mV".
    text: String,
    outcome: Result<(Theory<'static>, Found), ApproachError>,
}

impl At {
    fn network(&self) -> Option<AtValue<'_>> {
        self.outcome.as_ref().ok().map(|(theory, _)| AtValue { network: theory.network(), value: self.value })
    }
}

/// The states of a network at the values of a parameter, and the limit of the last value that has a state. `work` counts values; what was solved
/// before it was stopped is reported.
///
/// # Errors
///
/// A parameter that cannot be varied; no value with a state.
pub fn approach(
    base: &Network,
    over: &OverValues,
    options: &TheoryOptions,
    work: &Work,
) -> Result<BalanceReport, ApproachError> {
    let scaling = scaling(base, over)?;
    let name = &over.name;
    let mut solved = solved(base, over, (scaling, options), work);
    if solved.is_empty() {
        return Err(ApproachError::Stopped(name.clone()));
    }
    let networks: Vec<AtValue<'_>> = solved.iter().filter_map(At::network).collect();
    let Some(last) = networks.last() else {
        let At { text, outcome, .. } = solved.swap_remove(0);
        return Err(match outcome {
            Err(error) => ApproachError::Everywhere { place: format!("{name} = {text}"), error: Box::new(error) },
            Ok(_) => ApproachError::Stopped(name.clone()), // none has a network
        });
    };
    let limit = Theory::new(last.network, options)?.balanced_limit();
    let mut warnings = failures(name, &solved);
    warnings.extend(scaling_warnings(name, &networks, scaling)?);
    let mut points = Vec::new();
    let mut repeated = Repeated::default();
    for at in &solved {
        if let Ok((theory, found)) = &at.outcome {
            let new = theory.warnings(found).into_iter().filter(|warning| !limit.warnings.contains(warning));
            new.for_each(|warning| repeated.note(warning, significant(at.value, 6)));
        }
        points.push(point(at, &limit));
    }
    warnings.extend(repeated.said(name));
    // the parameters that are shown are those that stay
    let stays = |one: &&Parameter| networks.iter().all(|at| at.network.parameters.contains(one));
    Ok(BalanceReport {
        network: base.name.clone(),
        parameters: base.parameters.iter().filter(stays).cloned().collect(),
        limit,
        over: Some(Over { name: name.clone(), unit: over.unit.clone(), scaling, logarithmic: over.logarithmic }),
        points,
        conductance_states: Vec::new(),
        warnings,
        provenance: Provenance::new("balance", base).of_theory(*options),
    })
}

/// A number with its unit, as in a network file: "0.1 mV".
fn written(value: f64, unit: &str) -> String {
    format!("{} {unit}", shortest(value)).trim_end().to_string()
}

fn scaling(network: &Network, over: &OverValues) -> Result<Scaling, ApproachError> {
    let refused = |reason: String| Err(ApproachError::Parameter { name: over.name.clone(), reason });
    if network.parameters.iter().any(|parameter| parameter.name == over.name) {
        return match network.read_from.as_ref() {
            Some(_) => Ok(Scaling::File),
            None => refused("the network was made in code, and no file says what depends on it".to_string()),
        };
    }
    if over.name != IN_DEGREE {
        return refused(unknown_parameter(&over.name, network));
    }
    if !over.unit.is_empty() {
        return refused(format!("an in-degree has no unit, not {}", over.unit));
    }
    if largest_in_degree(network) > 0.0 {
        return Ok(Scaling::InDegree);
    }
    refused("the network has no projections to scale".to_string())
}

fn unknown_parameter(name: &str, network: &Network) -> String {
    let names: Vec<&str> = network.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let closest = names.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    let guess = closest.filter(|closest| strsim::jaro(closest, name) > 0.75);
    let guess = guess.map(|closest| format!(" (did you mean {closest}?)")).unwrap_or_default();
    let has = if names.is_empty() { "none".to_string() } else { names.join(", ") };
    format!(
        "the network has no parameter \"{name}\"{guess}; it has {has}. {IN_DEGREE}=... scales the in-degrees of any network"
    )
}

/// The network at a value.
fn network_at(base: &Network, over: &OverValues, scaling: Scaling, value: f64) -> Result<Network, ApproachError> {
    match (scaling, base.read_from.as_ref()) {
        (Scaling::File, Some(file)) => {
            let mut read = file.options.clone();
            read.overrides.push((over.name.clone(), written(value, &over.unit)));
            Ok(parse(&file.text, &file.name, &read)?)
        }
        _ => with_in_degree(base, value, Sizes::Grow).ok_or(ApproachError::TooFar),
    }
}

fn solved(base: &Network, over: &OverValues, (scaling, options): (Scaling, &TheoryOptions), work: &Work) -> Vec<At> {
    work.set_progress(0, over.values.len() as u64);
    let at = |&value: &f64| {
        let outcome = network_at(base, over, scaling, value).and_then(|network| {
            let theory = Theory::new(&network, options)?.watched(work);
            let found = theory.states()?;
            Ok((theory.into_owned(), found))
        });
        work.advance(1);
        At { value, text: format!("{} {}", Shown(value), over.unit).trim_end().to_string(), outcome }
    };
    // of a value at which the search was stopped nothing is known
    over.values.iter().map(at).take_while(|_| !work.is_cancelled()).collect()
}

fn point(at: &At, limit: &BalancedLimit) -> BalancePoint {
    let mut point =
        BalancePoint { value: at.value, in_degree: None, fixed_points: Vec::new(), error: None, rest_mv: Vec::new() };
    match &at.outcome {
        Err(error) => point.error = Some(error.to_string()),
        Ok((theory, found)) => {
            let network = theory.network();
            point.fixed_points = found.states.iter().map(|state| theory.beside_the_limit(state, limit)).collect();
            point.in_degree = Some(largest_in_degree(network));
            point.rest_mv = network.populations.iter().map(|population| population.neuron.E_L_mv).collect();
        }
    }
    point
}

/// Warnings with the values at which they hold.
#[derive(Default)]
struct Repeated(Vec<(Warning, Vec<String>)>);

impl Repeated {
    fn note(&mut self, warning: Warning, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, values)) => values.push(value),
            None => self.0.push((warning, vec![value])),
        }
    }

    /// "K = 100, 200, 400 and 5 more: what is to be said of them".
    fn said(self, name: &str) -> Vec<Warning> {
        let said = |(warning, values): (Warning, Vec<String>)| {
            let shown = values[..values.len().min(MOST_VALUES)].join(", ");
            let sentence = match values.len().saturating_sub(MOST_VALUES) {
                0 => format!("{name} = {shown}: {warning}"),
                more => format!("{name} = {shown} and {more} more: {warning}"),
            };
            Warning { sentence, ..warning }
        };
        self.0.into_iter().map(said).collect()
    }
}

/// "K = 150: no stationary state was found"; the same reason once, with all the values it holds for.
fn failures(name: &str, solved: &[At]) -> Vec<Warning> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for at in solved {
        let Err(error) = &at.outcome else { continue };
        let reason = error.to_string();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, values)) => values.push(&at.text),
            None => reasons.push((reason, vec![&at.text])),
        }
    }
    let more = reasons.len().saturating_sub(MOST_FAILURES);
    reasons.truncate(MOST_FAILURES);
    let said = |(reason, values): (String, Vec<&str>)| {
        let rest = values.len().saturating_sub(MOST_FAILURES);
        let rest = if rest > 0 { format!(" and {rest} more values") } else { String::new() };
        let listed: Vec<&str> = values.into_iter().take(MOST_FAILURES).collect();
        format!("{name} = {}{rest}: {reason}", listed.join(", "))
    };
    let mut told: Vec<String> = reasons.into_iter().map(said).collect();
    if more > 0 {
        told.push(format!("Further values of {name} fail for {more} further reasons, in --format json."));
    }
    let reached = solved.iter().rev().find(|at| at.outcome.is_ok());
    if let (Some(reached), Some(At { outcome: Err(_), .. })) = (reached, solved.last()) {
        told.push(format!("The limit shown is that of {name} = {}, the last value with a state.", reached.text));
    }
    told.into_iter().map(|sentence| Warning::new(WarningKind::NoState, sentence)).collect()
}

/// What to say of the way in which the input scales between the last two values.
fn scaling_warnings(name: &str, networks: &[AtValue<'_>], scaling: Scaling) -> Result<Vec<Warning>, SolveError> {
    let [.., before, after] = networks else { return Ok(Vec::new()) };
    if scaling == Scaling::InDegree || before.value == after.value {
        return Ok(Vec::new());
    }
    if before.value <= 0.0 || after.value <= 0.0 {
        let sentence =
            format!("How the input scales with {name} is not checked, since not all its values are positive.");
        return Ok(vec![Warning::new(WarningKind::Scaling, sentence)]);
    }
    let mut departures = departures_from_scaling(name, [*before, *after])?;
    if departures.is_empty() {
        return Ok(Vec::new());
    }
    let more = departures.len().saturating_sub(MOST_DEPARTURES);
    departures.truncate(MOST_DEPARTURES);
    if more > 0 {
        departures.push(format!("So it is with {more} further inputs."));
    }
    departures.insert(
        0,
        format!(
            "The network does not scale with {name} as for a balanced limit, mean inputs as {name}^0.5 and variances not at \
             all; the limit shown is that of {name} = {}, and others have other limits.",
            significant(after.value, 6)
        ),
    );
    Ok(departures.into_iter().map(|sentence| Warning::new(WarningKind::Scaling, sentence)).collect())
}
