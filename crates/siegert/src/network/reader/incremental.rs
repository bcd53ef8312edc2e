//! The same text read again and again with other values of some parameters.
//!
//! A network is read once; afterwards only the entries that depend on the varied parameters are read anew, by the same
//! functions and with the same checks. An entry depends on them if any text in it is an expression that mentions one of
//! them (or what follows from them), or the name of a neuron type, synapse or population that does. Some entries are read
//! in vain so; none that matters is left out. Where anything is wrong nothing is reported: the text must be read in full.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::cases::Cases;
use super::fields::{Entry, Fields, in_order};
use super::projections::RULES;
use super::{Known, Reader, Sections};
use crate::Warning;
use crate::network::expression::{Scope, compile};
use crate::network::quantity::Quantity;
use crate::network::{Drive, Network, Projection, ReadFrom, ReadOptions};

/// A network of which some parameters can be given other values.
pub(in crate::network) struct IncrementalReader<'v> {
    reader: Reader<'v>,
    known: Known<'v>,
    cases: Cases<'v>,
    network: Network,
    /// The varied parameters, and all that follows from them.
    varied: Vec<usize>,
    followers: Vec<usize>,
    /// What depends on them.
    neurons: Vec<Entry<'v>>,
    synapses: Vec<Entry<'v>>,
    populations: Vec<(usize, Entry<'v>)>,
    projections: Vec<Listed<'v>>,
    drives: Vec<Listed<'v>>,
    expectations: Vec<Listed<'v>>,
    /// Warnings and in-degrees that are no whole numbers of the rest.
    warnings: Vec<Warning>,
    fractions: Vec<(usize, f64)>,
}

/// An entry of a list: its number, and the entries of the network that it makes.
struct Listed<'v> {
    index: usize,
    value: &'v Spanned<DeValue<'v>>,
    made: Range<usize>,
}

/// What depends on the varied parameters: parameters by index, and names of neuron types, synapses and populations.
struct Dependents<'v> {
    parameters: Vec<bool>,
    names: HashSet<&'v str>,
}

impl<'v> IncrementalReader<'v> {
    /// Reads all of `root`; None if anything in it is wrong, or `varied` are no parameters of it.
    pub(in crate::network) fn start(
        text: &'v str,
        root: &'v Spanned<DeValue<'v>>,
        source_name: &str,
        options: &ReadOptions,
        varied: &[String],
    ) -> Option<Self> {
        let kept = Some(BTreeMap::new());
        let mut reader = Reader { kept, folder: super::folder_of(source_name), ..Reader::new(text) };
        let mut sections = reader.sections(root, options)?;
        reader.warn_about_unused(&sections)?;
        let (warnings, fractions) = (reader.warnings.clone(), reader.fractional_in_degrees.clone());
        reader.warn_about_fractions();
        let network = reader.assembled(&mut sections, source_name)?;
        if !reader.is_faultless() {
            return None;
        }
        let Sections { file, known, cases, .. } = sections;
        let parameters = &known.parameters;
        let varied: Vec<usize> = varied.iter().map(|name| parameters.position(name)).collect::<Option<_>>()?;
        let followers = parameters.followers(&varied);
        let mut incremental = IncrementalReader {
            network: Network {
                warnings: std::mem::take(&mut reader.warnings),
                read_from: ReadFrom::file(source_name, text, options, reader.tables.clone()),
                ..network
            },
            reader,
            known,
            cases,
            varied,
            followers,
            neurons: Vec::new(),
            synapses: Vec::new(),
            populations: Vec::new(),
            projections: Vec::new(),
            drives: Vec::new(),
            expectations: Vec::new(),
            warnings,
            fractions,
        };
        incremental.find_dependents(&file);
        Some(incremental)
    }

    fn find_dependents(&mut self, file: &Fields<'v>) {
        let mut parameters = vec![false; self.network.parameters.len()];
        self.followers.iter().for_each(|&index| parameters[index] = true);
        let mut dependents = Dependents { parameters, names: HashSet::new() };
        self.neurons = self.dependent_entries(file, "neurons", &mut dependents).into_iter().map(|(_, e)| e).collect();
        self.synapses = self.dependent_entries(file, "synapses", &mut dependents).into_iter().map(|(_, e)| e).collect();
        self.populations = self.dependent_entries(file, "populations", &mut dependents);
        self.projections = self.dependent_list(file, "projections", Some(&self.known.projection_ends), &dependents);
        self.drives = self.dependent_list(file, "drives", Some(&self.known.drive_ends), &dependents);
        self.expectations = self.dependent_list(file, "expect", None, &dependents);
        let read_again: HashSet<usize> = self.projections.iter().filter_map(|each| rule_at(each.value)).collect();
        self.fractions.retain(|(offset, _)| !read_again.contains(offset));
    }

    fn dependent_entries(
        &self,
        file: &Fields<'v>,
        key: &str,
        dependents: &mut Dependents<'v>,
    ) -> Vec<(usize, Entry<'v>)> {
        let Some(DeValue::Table(table)) = file.get(key).map(|(_, value)| value.get_ref()) else { return Vec::new() };
        let mut found: Vec<(usize, Entry<'v>)> = in_order(table).into_iter().enumerate().collect();
        found.retain(|(_, (_, _, value))| self.depends(value.get_ref(), dependents));
        dependents.names.extend(found.iter().map(|(_, (name, ..))| *name));
        found
    }

    fn dependent_list(
        &self,
        file: &Fields<'v>,
        key: &str,
        ends: Option<&[usize]>,
        dependents: &Dependents<'v>,
    ) -> Vec<Listed<'v>> {
        let Some(DeValue::Array(list)) = file.get(key).map(|(_, value)| value.get_ref()) else { return Vec::new() };
        let made = |index: usize| match ends {
            Some(ends) => index.checked_sub(1).map_or(0, |before| ends[before])..ends[index],
            None => index..index + 1,
        };
        let listed = list.iter().enumerate().filter(|(_, value)| self.depends(value.get_ref(), dependents));
        listed.map(|(index, value)| Listed { index, value, made: made(index) }).collect()
    }

    /// Whether any text in `value` depends on the varied parameters.
    fn depends(&self, value: &DeValue<'_>, on: &Dependents<'_>) -> bool {
        match value {
            DeValue::String(text) => on.names.contains(text.as_ref()) || self.mentions(text, on),
            DeValue::Array(values) => values.iter().any(|value| self.depends(value.get_ref(), on)),
            DeValue::Table(table) => table.values().any(|value| self.depends(value.get_ref(), on)),
            _ => false,
        }
    }

    fn mentions(&self, text: &str, on: &Dependents<'_>) -> bool {
        // What is no expression has been read as something else, since nothing is wrong with the file.
        let compiled = compile(text, &self.known.parameters.names(false), Scope::Pair);
        compiled.is_ok_and(|expression| expression.parameters().any(|index| on.parameters[index]))
    }

    /// Gives the varied parameters other values; None if anything is wrong with them.
    pub(in crate::network) fn vary(&mut self, values: &[Quantity]) -> Option<&Network> {
        self.reader = Reader {
            kept: self.reader.kept.take(),
            folder: std::mem::take(&mut self.reader.folder),
            tables: std::mem::take(&mut self.reader.tables),
            keys_are_checked: true,
            ..Reader::new(self.reader.text)
        };
        self.reader.fractional_in_degrees.extend_from_slice(&self.fractions);
        self.vary_parameters(values)?;
        self.vary_parts()?;
        self.vary_lists()?;
        if !self.reader.is_faultless() {
            return None;
        }
        // those of the entries that were read again are among the warnings of the start
        self.reader.warnings.clone_from(&self.warnings);
        self.reader.fractional_in_degrees.sort_by_key(|(offset, _)| *offset);
        self.reader.warn_about_fractions();
        std::mem::swap(&mut self.network.warnings, &mut self.reader.warnings);
        Some(&self.network)
    }

    fn vary_parameters(&mut self, values: &[Quantity]) -> Option<()> {
        self.known.parameters.vary(&self.varied, values, &self.followers)?;
        for &index in &self.followers {
            self.network.parameters[index] = self.known.parameters.shown_one(index)?;
        }
        Some(())
    }

    /// Neuron types, synapses and populations.
    fn vary_parts(&mut self) -> Option<()> {
        for (name, _, value) in &self.neurons {
            let (neuron, own_current) = self.reader.neuron(name, value, &mut self.known.parameters)?;
            self.known.neurons.insert(name, neuron);
            self.known.own_currents.insert(name, own_current);
        }
        for (name, _, value) in &self.synapses {
            let receptors = self.reader.synapse(name, value, &mut self.known.parameters)?;
            self.known.synapses.insert(name, Some(receptors));
        }
        for (index, (name, _, value)) in &self.populations {
            let population = self.reader.population(name, value, &mut self.known)?;
            self.network.populations[*index].clone_from(&population);
            self.known.populations[*index] = Some(population);
        }
        Some(())
    }

    /// Projections, drives and expectations.
    fn vary_lists(&mut self) -> Option<()> {
        let mut projections: Vec<Projection> = Vec::new();
        for each in &self.projections {
            self.reader.projection(each.index, each.value, &mut self.known, &mut projections).ok()?;
            put(&mut self.network.projections, each, &mut projections)?;
        }
        let mut drives: Vec<Drive> = Vec::new();
        for each in &self.drives {
            self.reader.drive(each.index, each.value, &mut self.known, &mut drives)?;
            put(&mut self.network.drives, each, &mut drives)?;
        }
        if !self.neurons.is_empty() || !self.populations.is_empty() {
            let listed = self.known.drive_ends.last().copied().unwrap_or(0);
            self.network.drives.truncate(listed);
            self.network.drives.extend(self.reader.own_currents(&self.known)?);
        }
        for each in &self.expectations {
            let expectation = self.reader.expectation(each.index, each.value, &mut self.known, &self.cases)?;
            self.network.expectations[each.index] = expectation;
        }
        Some(())
    }
}

/// Puts what an entry has made in the place of what it made before.
fn put<T>(all: &mut [T], entry: &Listed<'_>, made: &mut Vec<T>) -> Option<()> {
    let places = all.get_mut(entry.made.clone())?;
    (places.len() == made.len()).then(|| places.iter_mut().zip(made.drain(..)).for_each(|(place, new)| *place = new))
}

/// Where the connection rule of a projection is written.
fn rule_at(projection: &Spanned<DeValue<'_>>) -> Option<usize> {
    let DeValue::Table(table) = projection.get_ref() else { return None };
    RULES.iter().find_map(|rule| table.get(*rule)).map(|value| value.span().start)
}
