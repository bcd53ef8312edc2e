//! `siegert balance`: the balanced limit of a network, and how its states approach it.

mod report;

use std::path::Path;

pub(crate) use report::{Approach, BalanceReport, Point};

use crate::arguments::BalanceArguments;
use crate::commands::read::Source;
use crate::commands::solve::refuse_shot_noise;
use crate::failure::Failure;
use crate::library::{
    AtValue, Axis, BalancedLimit, Network, Options, ReadOptions, Sizes, balanced_limit, beside_the_limit,
    departures_from_scaling, largest_in_degree, search, with_in_degree,
};
use crate::number::{shortest, significant};
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{FileFormat, deliver, stdout_format};
use crate::plot::{self, PictureFormat};

/// The parameter that stands for the in-degree in files that have none of this name.
const IN_DEGREE: &str = "K";
/// Values that a warning names; further ones are counted.
const MOST_VALUES: usize = 3;
/// Departures from the scaling that are said one by one.
const MOST_DEPARTURES: usize = 6;

/// `siegert balance FILE`.
pub(crate) fn run(arguments: &BalanceArguments) -> Result<(), Failure> {
    refuse_shot_noise(&arguments.theory)?;
    FileFormat::of_output(&arguments.output)?;
    let picture = picture(arguments)?;
    Files::of_network(&arguments.file)
        .output("--output", arguments.output.output.as_deref())
        .output("--plot", arguments.plot.plot.as_deref())
        .check()?;
    let source = Source::new(&arguments.file)?;
    let read = arguments.network.read_options();
    let network = source.network(&read)?;
    let theory = arguments.theory.options();
    let report = match &arguments.over {
        None => {
            BalanceReport { limit: balanced_limit(&network, &theory)?, network, approach: None, warnings: Vec::new() }
        }
        Some(over) => {
            let prints = stdout_format(&arguments.output).is_some();
            let progress = Progress::new(over.range.len(), arguments.output.quiet, prints);
            approach(network, &Values { source: &source, read: &read, over }, &theory, progress)?
        }
    };
    if let (Some((path, format)), Some(approach)) = (picture, &report.approach) {
        plot::write(path, format, &plot::balance::draw(&report, approach)?)?;
    }
    deliver(&arguments.output, &report)?;
    if !arguments.output.quiet {
        print_warnings(&report.network.warnings);
        print_warnings(&report.limit.warnings);
        print_warnings(&report.warnings);
    }
    Ok(())
}

fn picture(arguments: &BalanceArguments) -> Result<Option<(&Path, PictureFormat)>, Failure> {
    let Some(path) = arguments.plot.plot.as_deref() else { return Ok(None) };
    if arguments.over.is_none() {
        return Err(Failure::Input(
            "--plot needs --over, as in --over K=100:1e6:9: it draws states over K".to_string(),
        ));
    }
    Ok(Some((path, PictureFormat::of(path)?)))
}

/// How the network at a value is made.
struct Values<'a> {
    source: &'a Source<'a>,
    read: &'a ReadOptions,
    over: &'a Axis,
}

/// Who makes the network scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scaling {
    /// The file, by its own parameter.
    File,
    /// In-degrees, sizes, weights and drives are scaled here.
    InDegree,
}

impl Values<'_> {
    /// A value as number, and as it is written in a network file, "0.1 mV".
    fn written(&self, index: usize) -> (f64, String) {
        let value = self.over.range.value(index);
        (value, format!("{} {}", shortest(value), self.over.unit).trim_end().to_string())
    }

    fn scaling(&self, network: &Network) -> Result<Scaling, Failure> {
        let name = &self.over.name;
        if network.parameters.iter().any(|parameter| parameter.name == *name) {
            return Ok(Scaling::File);
        }
        if name == IN_DEGREE && !self.over.unit.is_empty() {
            return Err(Failure::Input(format!(
                "--over {IN_DEGREE}: an in-degree has no unit, not {}",
                self.over.unit
            )));
        }
        if name == IN_DEGREE && largest_in_degree(network) > 0.0 {
            return Ok(Scaling::InDegree);
        }
        if name == IN_DEGREE {
            return Err(Failure::Input(format!("--over {IN_DEGREE}: the network has no projections to scale")));
        }
        Err(Failure::Input(unknown_parameter(name, network)))
    }

    /// The network at a value, given as number and as text.
    fn network(&self, scaling: Scaling, base: &Network, (value, text): (f64, &str)) -> Result<Network, Failure> {
        match scaling {
            Scaling::File => {
                let mut read = self.read.clone();
                read.overrides.push((self.over.name.clone(), text.to_string()));
                self.source.network(&read)
            }
            Scaling::InDegree => {
                Ok(with_in_degree(base, value, Sizes::Grow).expect("the base has projections and ranges are finite"))
            }
        }
    }
}

fn unknown_parameter(name: &str, network: &Network) -> String {
    let names: Vec<&str> = network.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let closest = names.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    let guess = closest.filter(|closest| strsim::jaro(closest, name) > 0.75);
    let guess = guess.map(|closest| format!(" (did you mean {closest}?)")).unwrap_or_default();
    let has = if names.is_empty() { "none".to_string() } else { names.join(", ") };
    format!(
        "--over {name}: the network has no parameter \"{name}\"{guess}; it has {has}. --over {IN_DEGREE}=... scales the \
         in-degrees of any network"
    )
}

/// The states at every value beside the limit of the last one.
fn approach(
    mut base: Network,
    values: &Values<'_>,
    theory: &Options,
    mut progress: Progress,
) -> Result<BalanceReport, Failure> {
    let scaling = values.scaling(&base)?;
    let mut solved = Vec::new();
    for index in 0..values.over.range.len() {
        let (value, text) = values.written(index);
        let network = values.network(scaling, &base, (value, &text))?;
        let solution = search(&network, theory)
            .map_err(|error| Failure::from(error).about(&format!("{} = {text}", values.over.name)))?;
        solved.push((value, network, solution));
        progress.reached(index + 1);
    }
    let networks: Vec<AtValue<'_>> =
        solved.iter().map(|(value, network, _)| AtValue { network, value: *value }).collect();
    let limit = balanced_limit(networks[networks.len() - 1].network, theory)?;
    let mut warnings = scaling_warnings(&values.over.name, &networks, scaling)?;
    let mut points = Vec::new();
    let mut repeated = Repeated::default();
    for (value, network, solution) in &solved {
        let new = solution.warnings.iter().filter(|warning| !limit.warnings.contains(warning));
        new.for_each(|warning| repeated.note(warning, significant(*value, 6)));
        points.push(point(*value, network, &solution.fixed_points, &limit)?);
    }
    warnings.extend(repeated.sentences(&values.over.name));
    // the parameters that are shown are those that stay
    base.parameters.retain(|one| networks.iter().all(|at| at.network.parameters.contains(one)));
    let over = report::OverName { name: values.over.name.clone(), unit: values.over.unit.clone(), scaling };
    let logarithmic = values.over.range.is_logarithmic();
    Ok(BalanceReport { network: base, limit, approach: Some(Approach { over, points, logarithmic }), warnings })
}

/// Warnings with the values at which they hold.
#[derive(Default)]
struct Repeated<'a>(Vec<(&'a str, Vec<String>)>);

impl<'a> Repeated<'a> {
    fn note(&mut self, warning: &'a str, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, values)) => values.push(value),
            None => self.0.push((warning, vec![value])),
        }
    }

    /// "K = 100, 200, 400 and 5 more: what is to be said of them".
    fn sentences(&self, name: &str) -> Vec<String> {
        let sentence = |(warning, values): &(&str, Vec<String>)| {
            let shown = values[..values.len().min(MOST_VALUES)].join(", ");
            match values.len().saturating_sub(MOST_VALUES) {
                0 => format!("{name} = {shown}: {warning}"),
                more => format!("{name} = {shown} and {more} more: {warning}"),
            }
        };
        self.0.iter().map(sentence).collect()
    }
}

fn point(
    value: f64,
    network: &Network,
    states: &[siegert::stationary::FixedPoint],
    limit: &BalancedLimit,
) -> Result<Point, Failure> {
    let states = states.iter().map(|state| beside_the_limit(network, state, limit));
    let fixed_points = states.collect::<Result<Vec<_>, _>>()?;
    let rest_mv = network.populations.iter().map(|population| population.neuron.E_L_mv).collect();
    Ok(Point { value, in_degree: largest_in_degree(network), fixed_points, rest_mv })
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
