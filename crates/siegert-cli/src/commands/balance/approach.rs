//! The states at every value of a parameter beside the limit of the last one; a value that fails does not keep the others.

use super::report::{Approach, BalanceReport, OverName, Point};
use super::{Scaling, Values};
use crate::failure::Failure;
use crate::library::{
    AtValue, BalancedLimit, Found, Network, Shown, Theory, TheoryOptions, Work, departures_from_scaling,
    largest_in_degree,
};
use crate::number::significant;
use crate::output::progress::Progress;

/// Departures from the scaling that are said one by one.
const MOST_DEPARTURES: usize = 6;
/// Values that a warning names; further ones are counted.
const MOST_VALUES: usize = 3;
/// Values at which something fails that are said one by one.
const MOST_FAILURES: usize = 6;

/// What came of a value.
struct At {
    value: f64,
    /// As people write it: "0.1 mV".
    text: String,
    outcome: Result<(Theory<'static>, Found), Failure>,
}

impl At {
    fn network(&self) -> Option<AtValue<'_>> {
        self.outcome.as_ref().ok().map(|(theory, _)| AtValue { network: theory.network(), value: self.value })
    }
}

/// The report on all values; a failure only where none of them has a state.
pub(super) fn over(
    mut base: Network,
    values: &Values<'_>,
    options: &TheoryOptions,
    (progress, work): (Progress, &Work),
) -> Result<BalanceReport, Failure> {
    let scaling = values.scaling(&base)?;
    let name = &values.over.name;
    let mut solved = solved(&base, values, (scaling, options), (progress, work));
    if solved.is_empty() {
        return Err(Failure::Work(format!("stopped before the first value of {name} was solved")));
    }
    let networks: Vec<AtValue<'_>> = solved.iter().filter_map(At::network).collect();
    let Some(last) = networks.last() else {
        let At { text, outcome, .. } = solved.swap_remove(0);
        return Err(outcome.expect_err("none has a network").about(&format!("{name} = {text}")));
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
    warnings.extend(repeated.sentences(name));
    // the parameters that are shown are those that stay
    base.parameters.retain(|one| networks.iter().all(|at| at.network.parameters.contains(one)));
    let over = OverName { name: name.clone(), unit: values.over.unit.clone(), scaling };
    let logarithmic = values.over.range.is_logarithmic();
    Ok(BalanceReport { network: base, limit, approach: Some(Approach { over, points, logarithmic }), warnings })
}

fn solved(
    base: &Network,
    values: &Values<'_>,
    (scaling, options): (Scaling, &TheoryOptions),
    (mut progress, work): (Progress, &Work),
) -> Vec<At> {
    let mut at = |index: usize| {
        let (value, text) = values.written(index);
        let outcome = values.network(scaling, base, (value, &text)).and_then(|network| {
            let theory = Theory::new(&network, options)?.watched(work);
            let found = theory.states()?;
            Ok((theory.into_owned(), found))
        });
        progress.reached(index + 1);
        At { value, text: format!("{} {}", Shown(value), values.over.unit).trim_end().to_string(), outcome }
    };
    // of a value at which the search was stopped nothing is known
    (0..values.over.range.len()).map(&mut at).take_while(|_| !work.is_cancelled()).collect()
}

fn point(at: &At, limit: &BalancedLimit) -> Point {
    let mut point =
        Point { value: at.value, in_degree: None, fixed_points: Vec::new(), error: None, rest_mv: Vec::new() };
    match &at.outcome {
        Err(failure) => point.error = Some(failure.in_short()),
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
struct Repeated(Vec<(String, Vec<String>)>);

impl Repeated {
    fn note(&mut self, warning: String, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, values)) => values.push(value),
            None => self.0.push((warning, vec![value])),
        }
    }

    /// "K = 100, 200, 400 and 5 more: what is to be said of them".
    fn sentences(&self, name: &str) -> Vec<String> {
        let sentence = |(warning, values): &(String, Vec<String>)| {
            let shown = values[..values.len().min(MOST_VALUES)].join(", ");
            match values.len().saturating_sub(MOST_VALUES) {
                0 => format!("{name} = {shown}: {warning}"),
                more => format!("{name} = {shown} and {more} more: {warning}"),
            }
        };
        self.0.iter().map(sentence).collect()
    }
}

/// "K = 150: no stationary state was found"; the same reason once, with all the values it holds for.
fn failures(name: &str, solved: &[At]) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for at in solved {
        let Err(failure) = &at.outcome else { continue };
        let reason = failure.in_short();
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
    told
}

/// What to say of the way in which the input scales between the last two values.
fn scaling_warnings(name: &str, networks: &[AtValue<'_>], scaling: Scaling) -> Result<Vec<String>, Failure> {
    let [.., before, after] = networks else { return Ok(Vec::new()) };
    if scaling == Scaling::InDegree || before.value == after.value {
        return Ok(Vec::new());
    }
    if before.value <= 0.0 || after.value <= 0.0 {
        return Ok(vec![format!(
            "How the input scales with {name} is not checked, since not all its values are positive."
        )]);
    }
    let mut departures = departures_from_scaling(name, [*before, *after])?;
    if departures.is_empty() {
        return Ok(departures);
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
    Ok(departures)
}
