//! `siegert balance`: the balanced limit of a network, and how its states approach it.

mod approach;
mod report;

use std::path::Path;

pub(crate) use report::{Approach, BalanceReport};

use crate::arguments::BalanceArguments;
use crate::commands::read::Source;
use crate::commands::solve::refuse_shot_noise;
use crate::failure::Failure;
use crate::library::{Axis, Network, ReadOptions, Sizes, Theory, largest_in_degree, with_in_degree};
use crate::number::shortest;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::progress::Progress;
use crate::output::{FileFormat, deliver, stdout_format};
use crate::plot::{self, PictureFormat};
use crate::signals::stop_on_signals;

/// The parameter that stands for the in-degree in files that have none of this name.
const IN_DEGREE: &str = "K";

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
    let work = stop_on_signals()?;
    let report = match &arguments.over {
        None => BalanceReport {
            limit: Theory::new(&network, &theory)?.balanced_limit(),
            network,
            approach: None,
            warnings: Vec::new(),
        },
        Some(over) => {
            let prints = stdout_format(&arguments.output).is_some();
            let progress = Progress::new(over.range.len(), arguments.output.quiet, prints);
            approach::over(network, &Values { source: &source, read: &read, over }, &theory, (progress, &work))?
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
    if work.is_cancelled() {
        return Err(Failure::Work("stopped before all values were solved".to_string()));
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
                let beyond = || Failure::Input("the network cannot be scaled so far".to_string());
                with_in_degree(base, value, Sizes::Grow).ok_or_else(beyond)
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
