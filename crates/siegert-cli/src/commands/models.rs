//! `siegert models`: the bundled published networks.

use std::io::Write;

use serde::Serialize;

use crate::arguments::ModelsArguments;
use crate::failure::Failure;
use crate::library::{self, ReadOptions, bundled};
use crate::number::count;
use crate::output::table::{Column, Table};
use crate::output::text::{Align, aligned};
use crate::output::{FileFormat, Report, deliver};

/// `siegert models [NAME]`.
pub(crate) fn run(arguments: &ModelsArguments) -> Result<(), Failure> {
    match &arguments.name {
        Some(name) => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(text_of(name)?.as_bytes())?;
            Ok(stdout.flush()?)
        }
        None => {
            FileFormat::of_output(&arguments.output)?;
            deliver(&arguments.output, &Models { models: models()? })
        }
    }
}

/// The file of a bundled network; a name that is none is answered with those that are.
pub(super) fn text_of(name: &str) -> Result<&'static str, Failure> {
    if let Some(network) = bundled::find(name) {
        return Ok(network.text);
    }
    let names: Vec<&str> = bundled::all().iter().map(|network| network.name).collect();
    let closest = names.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    let guess = closest.filter(|closest| strsim::jaro(closest, name) > 0.75);
    let guess = guess.map(|closest| format!(" (did you mean {closest}?)")).unwrap_or_default();
    Err(Failure::Input(format!("no bundled network is called \"{name}\"{guess}; there are: {}", names.join(", "))))
}

/// The list of bundled networks.
#[derive(Debug, Serialize)]
struct Models {
    models: Vec<Model>,
}

/// One bundled network.
#[derive(Debug, Serialize)]
struct Model {
    name: &'static str,
    title: String,
    reference: Option<String>,
    populations: Vec<String>,
    neurons: u64,
    cases: Vec<String>,
}

fn models() -> Result<Vec<Model>, Failure> {
    let mut models = Vec::new();
    for bundled in bundled::all() {
        let network = library::parse(bundled.text, bundled.name, &ReadOptions::default())?;
        models.push(Model {
            name: bundled.name,
            title: network.name,
            reference: network.reference,
            neurons: network.populations.iter().map(|population| population.size).sum(),
            populations: network.populations.into_iter().map(|population| population.name).collect(),
            cases: network.cases.into_iter().map(|case| case.name).collect(),
        });
    }
    Ok(models)
}

/// Width of the lines of titles, and of those of cases.
const TITLE: usize = 32;
const LINE: usize = 54;

/// The names of the cases, separated by commas, in lines that are not too long.
fn case_lines(cases: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let name = if index + 1 < cases.len() { format!("{case},") } else { case.clone() };
        match lines.last_mut() {
            Some(line) if line.len() + 1 + name.len() <= LINE => {
                line.push(' ');
                line.push_str(&name);
            }
            _ => lines.push(name),
        }
    }
    lines
}

impl Report for Models {
    fn text(&self) -> String {
        let header =
            [("name", Align::Left), ("populations", Align::Right), ("neurons", Align::Right), ("network", Align::Left)];
        let rows = self.models.iter().flat_map(|model| {
            let (populations, neurons) = (model.populations.len().to_string(), count(model.neurons));
            let first = vec![model.name.to_string(), populations, neurons];
            let firsts = std::iter::once(first).chain(std::iter::repeat(vec![String::new(); 3]));
            let lines = textwrap::wrap(&model.title, TITLE).into_iter();
            lines.zip(firsts).map(|(line, first)| [first, vec![line.into_owned()]].concat()).collect::<Vec<_>>()
        });
        let networks = aligned(&header, rows);
        let with_cases = self.models.iter().filter(|model| !model.cases.is_empty());
        let rows = with_cases.flat_map(|model| {
            let names = std::iter::once(model.name).chain(std::iter::repeat(""));
            names.zip(case_lines(&model.cases)).map(|(name, line)| vec![name.to_string(), line])
        });
        let cases = aligned(&[("name", Align::Left), ("cases, for --case", Align::Left)], rows);
        format!("{networks}\n{cases}")
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn table(&self) -> Table {
        // names may have spaces and commas
        let joined = |parts: &[String]| parts.join(";");
        let populations: Vec<String> = self.models.iter().map(|model| joined(&model.populations)).collect();
        let cases: Vec<String> = self.models.iter().map(|model| joined(&model.cases)).collect();
        Table {
            columns: vec![
                Column::texts("name", self.models.iter().map(|model| model.name)),
                Column::texts("title", self.models.iter().map(|model| model.title.as_str())),
                Column::texts("populations", populations.iter().map(String::as_str)),
                Column::integers("neurons", self.models.iter().map(|model| model.neurons)),
                Column::texts("cases", cases.iter().map(String::as_str)),
            ],
        }
    }
}
