//! The bundled published networks, as text, rows and JSON.

use serde::{Deserialize, Serialize};

use super::table::{Column, Table};
use super::text::{Align, aligned};
use super::{About, Report};
use crate::Provenance;
use crate::network::{NetworkFileError, ReadOptions, bundled, parse};
use crate::number::count;

/// The list of bundled networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelsReport {
    /// The networks.
    pub models: Vec<BundledModel>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// One bundled network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BundledModel {
    /// The name by which it is asked for.
    pub name: String,
    /// What the file calls it.
    pub title: String,
    /// The paper that it is from.
    pub reference: Option<String>,
    /// Its populations.
    pub populations: Vec<String>,
    /// Neurons in all.
    pub neurons: u64,
    /// Its cases.
    pub cases: Vec<String>,
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

impl ModelsReport {
    /// The networks that come with siegert.
    ///
    /// # Errors
    ///
    /// None: their files are right, which a test holds.
    pub fn bundled() -> Result<Self, NetworkFileError> {
        let mut models = Vec::new();
        for bundled in bundled::all() {
            let network = parse(bundled.text, bundled.name, &ReadOptions::default())?;
            models.push(BundledModel {
                name: bundled.name.to_string(),
                title: network.name,
                reference: network.reference,
                neurons: network.populations.iter().map(|population| population.size).sum(),
                populations: network.populations.into_iter().map(|population| population.name).collect(),
                cases: network.cases.into_iter().map(|case| case.name).collect(),
            });
        }
        Ok(ModelsReport { models, provenance: Provenance::program("models") })
    }

    /// For people.
    pub fn text(&self) -> String {
        let header =
            [("name", Align::Left), ("populations", Align::Right), ("neurons", Align::Right), ("network", Align::Left)];
        let rows = self.models.iter().flat_map(|model| {
            let (populations, neurons) = (model.populations.len().to_string(), count(model.neurons));
            let first = vec![model.name.clone(), populations, neurons];
            let firsts = std::iter::once(first).chain(std::iter::repeat(vec![String::new(); 3]));
            let lines = textwrap::wrap(&model.title, TITLE).into_iter();
            lines.zip(firsts).map(|(line, first)| [first, vec![line.into_owned()]].concat()).collect::<Vec<_>>()
        });
        let networks = aligned(&header, rows);
        let with_cases = self.models.iter().filter(|model| !model.cases.is_empty());
        let rows = with_cases.flat_map(|model| {
            let names = std::iter::once(model.name.as_str()).chain(std::iter::repeat(""));
            names.zip(case_lines(&model.cases)).map(|(name, line)| vec![name.to_string(), line])
        });
        let cases = aligned(&[("name", Align::Left), ("cases, for --case", Align::Left)], rows);
        format!("{networks}\n{cases}")
    }
}

impl Report for ModelsReport {
    fn about(&self) -> About<'_> {
        About { network: "", parameters: &[], provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        // names may have spaces and commas
        let joined = |parts: &[String]| parts.join(";");
        let populations: Vec<String> = self.models.iter().map(|model| joined(&model.populations)).collect();
        let cases: Vec<String> = self.models.iter().map(|model| joined(&model.cases)).collect();
        Table {
            columns: vec![
                Column::texts("name", self.models.iter().map(|model| model.name.as_str())),
                Column::texts("title", self.models.iter().map(|model| model.title.as_str())),
                Column::texts("populations", populations.iter().map(String::as_str)),
                Column::integers("neurons", self.models.iter().map(|model| model.neurons)),
                Column::texts("cases", cases.iter().map(String::as_str)),
            ],
        }
    }
}
