//! What the names of a network in code stand for: types of neurons and synapses, populations.

use std::collections::HashMap;

use super::Builder;
use super::parts::Spikes;
use crate::network::checks::{self, weight_measure};
use crate::network::dimension::Measure;
use crate::network::keys;
use crate::network::mistake::{Mistake, NetworkError, Place};
use crate::network::problem::Problem;
use crate::network::receptors::{self, Receptors};
use crate::network::spelling::shortened;
use crate::network::validate::{check_law, check_neuron, check_synapse, unknown};
use crate::network::{Law, Neuron, Synapse};

/// The types and populations that names stand for.
pub(super) struct Names<'b> {
    builder: &'b Builder,
    populations: HashMap<&'b str, usize>,
}

impl<'b> Names<'b> {
    /// Checks the types of neurons and synapses.
    pub(super) fn new(builder: &'b Builder, found: &mut NetworkError) -> Self {
        for (index, (name, neuron)) in builder.neurons.iter().enumerate() {
            let mut note = |key, check: Result<(), Problem>| {
                if let Err(problem) = check {
                    found.add(Mistake { place: Place::NeuronType { name: name.clone() }, key, problem });
                }
            };
            note("", checks::name("neuron type", name));
            note("", not_among("neuron type", name, &builder.neurons[..index]));
            check_neuron(neuron, name, note);
        }
        for (index, (name, receptors)) in builder.synapses.iter().enumerate() {
            let mut note = |key, check: Result<(), Problem>| {
                if let Err(problem) = check {
                    found.add(Mistake { place: Place::SynapseType { name: name.clone() }, key, problem });
                }
            };
            note("", not_among("synapse", name, &builder.synapses[..index]));
            check_receptors(name, receptors, &mut note);
            for (key, check) in receptors.plasticity().iter().flat_map(checks::plasticity) {
                note(key, check);
            }
        }
        let populations = builder.populations.iter().enumerate().map(|(index, (name, ..))| (name.as_str(), index));
        Self { builder, populations: populations.collect() }
    }

    pub(super) fn neuron(&self, name: &str) -> Result<Neuron, Problem> {
        let neurons = &self.builder.neurons;
        let found = neurons.iter().find(|(known, _)| known == name).map(|(_, neuron)| *neuron);
        found.ok_or_else(|| unknown("neuron type", name, &named(neurons)))
    }

    /// Indices of populations, after a check that each is there, and once.
    pub(super) fn populations(&self, names: &[String], mut note: impl FnMut(Problem)) -> Vec<usize> {
        if names.is_empty() {
            note(Problem::EmptyList);
        }
        let mut indices: Vec<usize> = Vec::with_capacity(names.len());
        for name in names {
            match self.populations.get(name.as_str()) {
                Some(index) if indices.contains(index) => note(Problem::RepeatedName { name: shortened(name) }),
                Some(index) => indices.push(*index),
                None => {
                    let known: Vec<&str> = self.builder.populations.iter().map(|(name, ..)| name.as_str()).collect();
                    note(unknown("population", name, &known));
                }
            }
        }
        indices
    }

    /// The receptors of the synapse and the weight, which must have its unit.
    pub(super) fn synapse(
        &self,
        spikes: &Spikes,
        mut note: impl FnMut(&'static str, Problem),
    ) -> Option<(Receptors, Law)> {
        let synapses = &self.builder.synapses;
        let synapse = match synapses.iter().find(|(known, _)| *known == spikes.synapse) {
            Some((_, receptors)) => receptors.clone(),
            None if spikes.synapse == "delta" => Synapse::Delta.into(),
            None => {
                let known: Vec<&str> = ["delta"].into_iter().chain(named(synapses)).collect();
                note("synapse", unknown("synapse", &spikes.synapse, &known));
                return None;
            }
        };
        let expected = weight_measure(&synapse.first());
        match spikes.weight {
            Some((weight, measure)) if measure == expected => Some((synapse, weight)),
            Some((_, measure)) => {
                let (expected, found) = (expected.to_string(), measure.to_string());
                note("weight", Problem::WrongDimension { key: "weight".to_string(), expected, found });
                None
            }
            None => {
                let meaning = keys::PROJECTION.key("weight").map_or("", |key| key.doc);
                note("", Problem::MissingKey { key: "weight", owner: spikes.owner.to_string(), meaning });
                None
            }
        }
    }
}

/// The mistakes of a synapse, and of the law of its time constants.
fn check_receptors(name: &str, receptors: &Receptors, mut note: impl FnMut(&'static str, Result<(), Problem>)) {
    let Some((law, count)) = receptors.law() else { return check_synapse(name, &receptors.first(), note) };
    match check_law(&law, Measure::Time) {
        Ok(()) => match receptors::check(&law, count) {
            Ok(()) => check_synapse(name, &receptors.first(), note),
            Err((key, problem)) => note(key, Err(problem)),
        },
        wrong => note("tau", wrong),
    }
}

fn named<T>(entries: &[(String, T)]) -> Vec<&str> {
    entries.iter().map(|(name, _)| name.as_str()).collect()
}

fn not_among<T>(kind: &'static str, name: &str, others: &[(String, T)]) -> Result<(), Problem> {
    match others.iter().any(|(other, _)| other == name) {
        true => Err(Problem::NameTaken { kind, name: shortened(name) }),
        false => Ok(()),
    }
}
