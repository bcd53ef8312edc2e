//! `siegert solve FILE --target "E.rate=5 Hz" --vary nu_ext`: the parameter values at which a state is as wanted.

use std::fmt::Write;

use serde::Serialize;
use siegert::network::{Family, amount};
use siegert::report::Quantity;
use siegert::stationary::{Span, Target, TargetSolution, Targeted, find_targets};
use siegert::theory::{FixedPoint, Theory};

use crate::arguments::{Format, SolveOptions};
use crate::commands::read;
use crate::commands::solution::{STABILITY, population_table, state_text, title};
use crate::commands::solve::refuse_files;
use crate::commands::trust;
use crate::failure::Failure;
use crate::library::Network;
use crate::number::significant;
use crate::output::clash::Files;
use crate::output::messages::print_warnings;
use crate::output::table::{Column, Table, Values};
use crate::output::text::filled;
use crate::output::{FileFormat, Report, deliver, stdout_format};
use crate::signals::stop_on_signals;

/// Without a range a parameter is varied from this part of its value to the value over this.
const USUAL_RANGE: f64 = 0.1;

/// A wanted value as it was typed: "E.rate", 5, "Hz".
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    name: String,
    target: Target,
    unit: &'static str,
}

/// A parameter to vary, with its range.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Varied {
    name: String,
    unit: String,
    from: f64,
    to: f64,
}

impl Varied {
    /// The name of its column.
    fn column(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!("_{}", self.unit.to_lowercase()) };
        format!("{}{unit}", self.name)
    }
}

/// Looks for the values of the varied parameters.
pub(super) fn run(file: &str, options: &SolveOptions) -> Result<(), Failure> {
    FileFormat::of_output(&options.output)?;
    refuse_files(Files::of_network(file), options)?;
    let (text, source_name) = read::text(file)?;
    let read = options.network.read_options();
    let network = crate::library::parse(&text, &source_name, &read)?;
    let wanted = options.target.iter().map(|text| wanted(text, &network)).collect::<Result<Vec<_>, _>>()?;
    let varied = options.vary.iter().map(|text| varied(text, &network)).collect::<Result<Vec<_>, _>>()?;
    refuse_twice("--vary", "varied", varied.iter().map(|varied| varied.name.as_str()))?;
    refuse_twice("--target", "wanted", wanted.iter().map(|wanted| wanted.name.as_str()))?;
    refuse_columns(options, &varied, &network)?;
    let free: Vec<(&str, &str)> = varied.iter().map(|v| (v.name.as_str(), v.unit.as_str())).collect();
    let family = Family::open(&text, &source_name, &read, &free)?;
    let spans: Vec<Span> = varied.iter().map(|v| Span { from: v.from, to: v.to }).collect();
    let targets: Vec<Target> = wanted.iter().map(|w| w.target).collect();
    let found = find_targets(&family, &spans, &targets, &options.theory.options(), &stop_on_signals()?)?;
    if found.solutions.is_empty() {
        return Err(Failure::Work(none_found(&wanted, &varied, &found)));
    }
    let theory = options.theory.options();
    let fixed_point = |solution: &TargetSolution| -> Result<FixedPoint, crate::library::SolveError> {
        Ok(Theory::new(&solution.network, &theory)?.fixed_point(&solution.state))
    };
    let states = found.solutions.iter().map(fixed_point).collect::<Result<Vec<_>, _>>()?;
    let report =
        TargetReport { network: &network, wanted: &wanted, varied: &varied, found: &found, states: &states, options };
    deliver(&options.output, &report)?;
    if !options.output.quiet {
        print_warnings(&network.warnings);
        for state in &states {
            print_warnings(&trust::warnings(std::slice::from_ref(state)));
        }
    }
    Ok(())
}

/// Refuses a name that is there twice: it would count as two unknowns, or as two conditions.
fn refuse_twice<'a>(option: &str, what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(Failure::Input(format!("{option}: {name} is {what} twice")));
        }
        seen.push(name);
    }
    Ok(())
}

/// Refuses a table with two columns of one name.
fn refuse_columns(options: &SolveOptions, varied: &[Varied], network: &Network) -> Result<(), Failure> {
    let to_file = matches!(FileFormat::of_output(&options.output)?, Some(FileFormat::Csv | FileFormat::Parquet));
    if !to_file && stdout_format(&options.output) != Some(Format::Csv) {
        return Ok(());
    }
    let table = population_table(&[], network);
    let names = table.names();
    for varied in varied {
        if names.contains(&varied.column().as_str()) {
            return Err(Failure::Input(format!(
                "--vary {}: the table has a column \"{}\" already; give the parameter another name in the file",
                varied.name,
                varied.column()
            )));
        }
    }
    refuse_twice("--vary", "a column", varied.iter().map(Varied::column).collect::<Vec<_>>().iter().map(String::as_str))
}

/// "E.rate=5 Hz".
fn wanted(text: &str, network: &Network) -> Result<Wanted, Failure> {
    let refused = |message: String| Failure::Input(format!("--target {text}: {message}"));
    let form = || refused("it must be POPULATION.QUANTITY=VALUE, as in \"E.rate=5 Hz\"".to_string());
    let (name, value) = text.split_once('=').ok_or_else(form)?;
    let (population, quantity) = name.trim().rsplit_once('.').ok_or_else(form)?;
    let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
    let index = names.iter().position(|known| *known == population.trim()).ok_or_else(|| {
        refused(format!("there is no population \"{}\"; there are {}", population.trim(), names.join(", ")))
    })?;
    let quantity = quantity.trim();
    let wanted = Quantity::among(quantity, |known| known.target().is_some());
    let wanted = wanted.map_err(|advice| match Quantity::find(quantity) {
        Some(known) => refused(format!("parameters cannot be looked for by {}; {advice}", known.name())),
        None => refused(format!("there is no quantity \"{quantity}\"; {advice}")),
    })?;
    let unit = wanted.unit();
    let Some(kind) = wanted.target() else { return Err(form()) };
    let (value, said) = amount(value).map_err(|problem| refused(problem.to_string()))?;
    if said != unit || !value.is_finite() {
        let expected = if unit.is_empty() { "a plain number".to_string() } else { format!("a value in {unit}") };
        return Err(refused(format!("{quantity} must be {expected}")));
    }
    let target = Target { population: index, quantity: kind, value };
    Ok(Wanted { name: format!("{}.{quantity}", population.trim()), target, unit })
}

/// "nu_ext" or "nu_ext=1 Hz:100 Hz".
fn varied(text: &str, network: &Network) -> Result<Varied, Failure> {
    let refused = |message: String| Failure::Input(format!("--vary {text}: {message}"));
    let (name, range) = text.split_once('=').map_or((text, None), |(name, range)| (name, Some(range)));
    let name = name.trim();
    let Some(own) = network.parameters.iter().find(|parameter| parameter.name == name) else {
        let names: Vec<&str> = network.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        return Err(refused(format!("the network has no parameter \"{name}\"; it has {}", names.join(", "))));
    };
    let varied = |from: f64, to: f64, unit: String| Ok(Varied { name: name.to_string(), unit, from, to });
    let Some(range) = range else {
        if own.value == 0.0 {
            return Err(refused(format!("{name} is 0; say a range, as in \"{name}=A:B\"")));
        }
        return varied(USUAL_RANGE * own.value, own.value / USUAL_RANGE, own.unit.clone());
    };
    let ends = range.split_once(':').ok_or_else(|| refused("a range is A:B, as in \"1 Hz:100 Hz\"".to_string()))?;
    let end = |text: &str| amount(text).map_err(|problem| refused(problem.to_string()));
    let ((from, unit), (to, other)) = (end(ends.0)?, end(ends.1)?);
    let unit = if unit.is_empty() && from == 0.0 { other.clone() } else { unit };
    let same_unit = unit == other || other.is_empty() && to == 0.0;
    if !same_unit {
        return Err(refused("the ends of the range have different units".to_string()));
    }
    if from == to || !from.is_finite() || !to.is_finite() {
        return Err(refused("the ends of the range must be two different finite values".to_string()));
    }
    varied(from, to, unit)
}

fn with_unit(value: f64, unit: &str) -> String {
    format!("{} {unit}", significant(value, 8)).trim_end().to_string()
}

fn none_found(wanted: &[Wanted], varied: &[Varied], found: &Targeted) -> String {
    let targets: Vec<String> =
        wanted.iter().map(|w| format!("{} = {}", w.name, with_unit(w.target.value, w.unit))).collect();
    let ranges: Vec<String> = varied
        .iter()
        .map(|v| format!("{} from {} to {}", v.name, with_unit(v.from, &v.unit), with_unit(v.to, &v.unit)))
        .collect();
    let mut text = format!("none in this range: no state with {} for {}", targets.join(", "), ranges.join(", "));
    for (wanted, reached) in wanted.iter().zip(&found.reached) {
        if let Some((least, most)) = reached {
            let (least, most) = (significant(*least, 4), with_unit(*most, wanted.unit));
            let _ = write!(
                text,
                "; {} is between {least} and {most} at the {} points looked at",
                wanted.name, found.points
            );
        }
    }
    text + "; try a wider range with --vary NAME=A:B"
}

/// The solutions, as text, JSON and rows.
struct TargetReport<'a> {
    network: &'a Network,
    wanted: &'a [Wanted],
    varied: &'a [Varied],
    found: &'a Targeted,
    /// One a solution.
    states: &'a [FixedPoint],
    options: &'a SolveOptions,
}

impl TargetReport<'_> {
    /// "nu_ext = 12.5 Hz".
    fn values(&self, solution: &TargetSolution) -> String {
        let each = self.varied.iter().zip(&solution.values);
        let each = each.map(|(varied, value)| format!("{} = {}", varied.name, with_unit(*value, &varied.unit)));
        each.collect::<Vec<_>>().join(", ")
    }
}

impl Report for TargetReport<'_> {
    fn text(&self) -> String {
        let mut text = title(self.network);
        for wanted in self.wanted {
            let _ = writeln!(text, "wanted: {} = {}", wanted.name, with_unit(wanted.target.value, wanted.unit));
        }
        let count = self.found.solutions.len();
        for (index, solution) in self.found.solutions.iter().enumerate() {
            let _ = write!(text, "\nSolution {} of {count}: {}\n", index + 1, self.values(solution));
            let state = (0, &self.states[index]);
            text.push_str(&state_text(&solution.network, state, 1, self.options.shown()));
        }
        let searched = format!(
            "Looked for from {} states at {} points of the range. Other states may exist at the same values: solve with --set shows them.",
            self.found.starts, self.found.points
        );
        let _ = write!(text, "\n{}", filled(&searched, "", ""));
        if self.options.details {
            let _ = write!(text, "\n{}", filled(STABILITY, "", ""));
        }
        text
    }

    fn json(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Json<'a> {
            network: &'a str,
            targets: Vec<JsonTarget<'a>>,
            vary: &'a [Varied],
            solutions: Vec<JsonSolution<'a>>,
            search: JsonSearch,
            stability: &'a str,
        }
        #[derive(Serialize)]
        struct JsonTarget<'a> {
            target: &'a str,
            value: f64,
            unit: &'a str,
        }
        #[derive(Serialize)]
        struct JsonValue<'a> {
            name: &'a str,
            value: f64,
            unit: &'a str,
        }
        #[derive(Serialize)]
        struct JsonSolution<'a> {
            vary: Vec<JsonValue<'a>>,
            fixed_point: &'a FixedPoint,
        }
        #[derive(Serialize)]
        struct JsonSearch {
            points: usize,
            starts: usize,
        }
        let values = |solution: &TargetSolution| -> Vec<JsonValue<'_>> {
            let each = self.varied.iter().zip(&solution.values);
            each.map(|(varied, &value)| JsonValue { name: &varied.name, value, unit: &varied.unit }).collect()
        };
        let solution = |(solution, fixed_point)| JsonSolution { vary: values(solution), fixed_point };
        Json {
            network: &self.network.name,
            targets: self
                .wanted
                .iter()
                .map(|w| JsonTarget { target: &w.name, value: w.target.value, unit: w.unit })
                .collect(),
            vary: self.varied,
            solutions: self.found.solutions.iter().zip(self.states).map(solution).collect(),
            search: JsonSearch { points: self.found.points, starts: self.found.starts },
            stability: STABILITY,
        }
    }

    fn table(&self) -> Table {
        let states: Vec<&FixedPoint> = self.states.iter().collect();
        let mut table = population_table(&states, self.network);
        let populations = self.network.populations.len();
        for (j, varied) in self.varied.iter().enumerate().rev() {
            let of = |solution: &TargetSolution| std::iter::repeat_n(solution.values[j], populations);
            let values = self.found.solutions.iter().flat_map(of).collect();
            table.columns.insert(0, Column { name: varied.column().into(), values: Values::Numbers(values) });
        }
        table
    }
}
