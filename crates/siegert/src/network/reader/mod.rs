//! From the text of a network file to a [`Network`]: every mistake is collected, none is reported twice.
//!
//! Each file of this directory reads one section. What has failed yields `None` (or [`Field::Failed`]) and a
//! diagnostic; what depends on it keeps silent. Names are known before the things that they name are read, so a
//! population with a mistake is not also unknown to its projections. `again` reads the same text with other parameters.

mod cases;
mod courses;
mod drives;
mod expectations;
mod fields;
mod incremental;
mod laws;
mod neurons;
mod parameters;
mod projections;
mod sources;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::checks;
use super::error::{Diagnostic, MAX_DIAGNOSTICS, NetworkFileError, Origin, Problem};
use super::expression::Expression;
use super::keys;
use super::quantity::Measure;
use super::receptors::Receptors;
use super::spelling::{listed, nearest, shortened};
use super::{Drive, Expectation, Network, Neuron, Population, Projection, ReadFrom, ReadOptions, Synapse};
use crate::{Warning, WarningKind};
use cases::Cases;
use drives::OwnCurrent;
use fields::{Entry, Fields, in_order};
pub(in crate::network) use incremental::IncrementalReader;
use parameters::Parameters;

/// Reads the text of a network file.
///
/// `source_name` is what messages call the file.
///
/// # Errors
///
/// Every mistake of the text and of the options, each with its place.
pub fn parse(text: &str, source_name: &str, options: &ReadOptions) -> Result<Network, NetworkFileError> {
    parse_with(text, source_name, options, BTreeMap::new())
}

/// The same with tables beside the file that have been read already, by their names in the file.
pub(crate) fn parse_with(
    text: &str,
    source_name: &str,
    options: &ReadOptions,
    tables: BTreeMap<String, String>,
) -> Result<Network, NetworkFileError> {
    let mut reader = Reader { folder: folder_of(source_name), tables, ..Reader::new(text) };
    let root = reader.document();
    let network = root.as_ref().and_then(|root| reader.network(root, source_name, options));
    if let (Some(network), true) = (network, reader.is_faultless()) {
        let read_from = ReadFrom::file(source_name, text, options, reader.tables);
        return Ok(Network { warnings: reader.warnings, read_from, ..network });
    }
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.start, span.end)));
    Err(NetworkFileError {
        source_name: source_name.to_string(),
        text: Arc::from(text),
        diagnostics,
        omitted: reader.omitted,
    })
}

/// The largest number of operations for expressions that are evaluated for every pair of populations.
const MAX_WORK: u64 = 100_000_000;

/// In larger files only the first mistake of syntax is described: there may be millions, which take memory.
const MAX_RECOVERED: usize = 1 << 20;

/// What has been found out so far.
pub(in crate::network) struct Reader<'t> {
    text: &'t str,
    diagnostics: Vec<Diagnostic>,
    omitted: usize,
    warnings: Vec<Warning>,
    /// Values that stand in for wrong ones, so that one mistake does not hide others.
    stand_ins: usize,
    /// Place and value of in-degrees that are no whole numbers.
    fractional_in_degrees: Vec<(usize, f64)>,
    work: u64,
    /// Compiled expressions by the place in the text where they begin, where a text is read again and again.
    kept: Option<BTreeMap<usize, Expression>>,
    /// Where tables beside the file are looked for, and the texts of those that have been read, by their names in the file.
    folder: PathBuf,
    tables: BTreeMap<String, String>,
    /// Whether all this has been read before, so that the keys of every table are known to be right.
    keys_are_checked: bool,
}

/// What later sections need to know of earlier ones.
struct Known<'v> {
    parameters: Parameters<'v>,
    neurons: BTreeMap<&'v str, Neuron>,
    neuron_names: Vec<&'v str>,
    /// The currents that belong to types of neurons.
    own_currents: BTreeMap<&'v str, Option<OwnCurrent>>,
    synapses: BTreeMap<&'v str, Option<Receptors>>,
    synapse_names: Vec<&'v str>,
    /// Index in `populations` by name.
    population_index: BTreeMap<&'v str, usize>,
    population_names: Vec<&'v str>,
    /// None where the population has a mistake.
    populations: Vec<Option<Population>>,
    /// How many entries of the network's projections each `[[projections]]` and those before it make; so for drives.
    projection_ends: Vec<usize>,
    drive_ends: Vec<usize>,
}

/// All sections of a file as far as they could be read.
struct Sections<'v> {
    file: Fields<'v>,
    known: Known<'v>,
    cases: Cases<'v>,
    projections: Option<Vec<Projection>>,
    drives: Option<Vec<Drive>>,
    expectations: Option<Vec<Expectation>>,
}

impl<'t> Reader<'t> {
    pub(in crate::network) fn new(text: &'t str) -> Self {
        Reader {
            text,
            diagnostics: Vec::new(),
            omitted: 0,
            warnings: Vec::new(),
            fractional_in_degrees: Vec::new(),
            stand_ins: 0,
            work: 0,
            kept: None,
            folder: PathBuf::new(),
            tables: BTreeMap::new(),
            keys_are_checked: false,
        }
    }

    fn is_faultless(&self) -> bool {
        self.diagnostics.is_empty() && self.stand_ins == 0
    }

    fn network<'v>(
        &mut self,
        root: &'v Spanned<DeValue<'v>>,
        source_name: &str,
        options: &ReadOptions,
    ) -> Option<Network> {
        let mut sections = self.sections(root, options)?;
        if self.diagnostics.is_empty() {
            self.warn_about_unused(&sections)?;
            self.warn_about_fractions();
        }
        self.assembled(&mut sections, source_name)
    }

    fn sections<'v>(&mut self, root: &'v Spanned<DeValue<'v>>, options: &ReadOptions) -> Option<Sections<'v>> {
        let file = self.open(&keys::FILE, root, || "the file".to_string())?;
        let cases = self.cases(&file);
        let parameters = self.parameters(&file, &cases, options);
        let mut known = self.empty_known(parameters);
        self.neurons(&file, &mut known);
        self.synapses(&file, &mut known);
        self.populations(&file, &mut known);
        let projections = self.projections(&file, &mut known);
        let mut drives = self.drives(&file, &mut known);
        // after those of the file, whose numbers decide which random numbers they draw
        match (&mut drives, self.own_currents(&known)) {
            (Some(drives), Some(own)) => drives.extend(own),
            _ => drives = None,
        }
        let expectations = self.expectations(&file, &mut known, &cases);
        Some(Sections { file, known, cases, projections, drives, expectations })
    }

    fn assembled(&mut self, sections: &mut Sections<'_>, source_name: &str) -> Option<Network> {
        let file = &sections.file;
        Some(Network {
            name: self.text_of(file, "name").map_or_else(|| default_name(source_name), str::to_string),
            reference: self.text_of(file, "reference").map(str::to_string),
            description: self.text_of(file, "description").map(str::to_string),
            notes: self.texts_of(file, "notes"),
            parameters: sections.known.parameters.shown(),
            populations: sections.known.populations.iter().cloned().collect::<Option<_>>()?,
            projections: sections.projections.take()?,
            drives: sections.drives.take()?,
            cases: sections.cases.list.iter().map(|case| case.case.clone()).collect(),
            expectations: sections.expectations.take()?,
            warnings: Vec::new(),
            read_from: ReadFrom::default(),
        })
    }

    /// The tree of the TOML text; None if its syntax is wrong, since what follows would be guesses.
    pub(in crate::network) fn document(&mut self) -> Option<Spanned<DeValue<'t>>> {
        let whole = |root: Spanned<DeTable<'t>>| Some(Spanned::new(0..0, DeValue::Table(root.into_inner())));
        if self.text.trim_start_matches('\u{feff}').trim().is_empty() {
            self.report_at(Origin::Whole, Problem::EmptyFile);
            return None;
        }
        let errors = if self.text.len() > MAX_RECOVERED {
            match DeTable::parse(self.text) {
                Ok(root) => return whole(root),
                Err(error) => vec![error],
            }
        } else {
            match DeTable::parse_recoverable(self.text) {
                (root, errors) if errors.is_empty() => return whole(root),
                (_, errors) => errors,
            }
        };
        let mut last_line = None;
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            // One mistake of syntax often breaks the rest of its line: only the first of a line is news.
            let line_start = self.text.as_bytes()[..span.start.min(self.text.len())].iter().rposition(|&b| b == b'\n');
            if last_line != Some(line_start) || self.diagnostics.len() >= MAX_DIAGNOSTICS {
                self.report(span, Problem::Syntax { message: error.message().to_string() });
            }
            last_line = Some(line_start);
        }
        None
    }

    fn empty_known<'v>(&self, parameters: Parameters<'v>) -> Known<'v> {
        Known {
            parameters,
            neurons: BTreeMap::new(),
            neuron_names: Vec::new(),
            own_currents: BTreeMap::new(),
            synapses: BTreeMap::from([("delta", Some(Synapse::Delta.into()))]),
            synapse_names: vec!["delta"],
            population_index: BTreeMap::new(),
            population_names: Vec::new(),
            populations: Vec::new(),
            projection_ends: Vec::new(),
            drive_ends: Vec::new(),
        }
    }

    /// Counts a value that stands in for one with a mistake.
    fn stand_in<T>(&mut self, value: T) -> T {
        self.stand_ins += 1;
        value
    }

    /// Whether enough mistakes have been described.
    fn is_full(&self) -> bool {
        self.diagnostics.len() >= MAX_DIAGNOSTICS
    }

    fn report(&mut self, span: Range<usize>, problem: Problem) {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let end = self.text.ceil_char_boundary(span.end.clamp(start, self.text.len()));
        self.report_at(Origin::File(start..end), problem);
    }

    fn report_at(&mut self, origin: Origin, problem: Problem) {
        if self.is_full() {
            self.omitted += 1;
        } else {
            self.diagnostics.push(Diagnostic::new(problem, origin));
        }
    }

    fn report_unknown(&mut self, span: Range<usize>, kind: &'static str, name: &str, known: &[&str]) {
        if self.is_full() {
            self.omitted += 1;
            return;
        }
        let suggestion = nearest(name, known.iter().copied()).map(str::to_string);
        let known = listed(known);
        self.report(span, Problem::UnknownName { kind, name: shortened(name), suggestion, known });
    }

    fn populations<'v>(&mut self, file: &Fields<'v>, known: &mut Known<'v>) {
        let entries = self.named(file, "populations");
        if entries.is_empty() && !file.has("populations") {
            self.report_at(Origin::Whole, Problem::NoPopulations);
        } else if entries.is_empty() {
            self.report(file.span_of("populations"), Problem::NoPopulations);
        }
        for (name, name_span, value) in entries {
            self.check_name("population", name, name_span);
            known.population_index.insert(name, known.populations.len());
            known.population_names.push(name);
            let population = self.population(name, value, known);
            known.populations.push(population);
        }
    }

    fn population<'v>(
        &mut self,
        name: &str,
        value: &'v Spanned<DeValue<'v>>,
        known: &mut Known<'v>,
    ) -> Option<Population> {
        let fields = self.open(&keys::POPULATION, value, || format!("population \"{}\"", shortened(name)))?;
        let size = self.quantity(&fields, "size", Measure::Number, &mut known.parameters).value();
        let (neuron_type, neuron) = match self.text_and_span(&fields, "neuron") {
            None => ("", self.stand_in(neurons::ANY_NEURON)),
            Some((neuron_type, span)) => match known.neurons.get(neuron_type) {
                Some(neuron) => (neuron_type, *neuron),
                None => {
                    self.report_unknown(span, "neuron type", neuron_type, &known.neuron_names);
                    (neuron_type, self.stand_in(neurons::ANY_NEURON))
                }
            },
        };
        let initial_mv = match fields.has("initial") {
            true => Some(self.law_of_neurons(&fields, "initial", Measure::Voltage, &mut known.parameters)?),
            false => None,
        };
        match checks::size(size?) {
            Ok(size) => {
                let (name, neuron_type) = (name.to_string(), neuron_type.to_string());
                Some(Population { name, size, neuron_type, neuron, initial_mv })
            }
            Err(problem) => {
                self.report(fields.span_of("size"), problem);
                None
            }
        }
    }

    fn check_name(&mut self, kind: &'static str, name: &str, span: Range<usize>) {
        if let Err(problem) = checks::name(kind, name) {
            self.report(span, problem);
        }
    }

    /// The entries of a table of tables, in the order of the text.
    fn named<'v>(&mut self, fields: &Fields<'v>, key: &'static str) -> Vec<Entry<'v>> {
        let Some((_, value)) = fields.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Table(table) => in_order(table),
            other => {
                self.wrong_type(value.span(), key, "a table of tables by name", other);
                Vec::new()
            }
        }
    }

    /// The entries of a list of tables.
    fn list<'v>(&mut self, fields: &Fields<'v>, key: &'static str) -> Vec<&'v Spanned<DeValue<'v>>> {
        let Some((_, value)) = fields.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            other => {
                self.wrong_type(value.span(), key, "a list of tables, each under [[...]]", other);
                Vec::new()
            }
        }
    }

    fn warn_about_unused(&mut self, sections: &Sections<'_>) -> Option<()> {
        let known = &sections.known;
        let unused: Vec<&str> = known.parameters.unused().collect();
        if !unused.is_empty() {
            let sentence = format!("nothing depends on {}", listed(&unused));
            self.warnings.push(Warning::new(WarningKind::UnusedParameter, sentence));
        }
        let mut hears = vec![false; known.populations.len()];
        sections.projections.as_ref()?.iter().for_each(|projection| hears[projection.target] = true);
        sections.drives.as_ref()?.iter().for_each(|drive| hears[drive.target] = true);
        let named = known.population_names.iter().zip(&hears);
        let deaf: Vec<&str> = named.filter(|(_, hears)| !**hears).map(|(name, _)| *name).collect();
        if !deaf.is_empty() {
            let warning =
                Warning::new(WarningKind::NoInput, format!("no drive and no projection reaches {}", listed(&deaf)));
            self.warnings.push(if let [one] = deaf[..] { warning.about(one) } else { warning });
        }
        Some(())
    }
}

/// Where a file is, with what stands beside it.
fn folder_of(source_name: &str) -> PathBuf {
    Path::new(source_name).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn default_name(source_name: &str) -> String {
    std::path::Path::new(source_name)
        .file_stem()
        .map_or_else(|| source_name.to_string(), |stem| stem.to_string_lossy().into_owned())
}
