//! Which neuron `siegert transfer` is about: a neuron type of a file, or a model with the parameters of Brunel (2000).

use siegert::neuron::Model;
use siegert::report::transfer::TransferNeuron;

use crate::arguments::TransferArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::Network;

/// A neuron and what to call it.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) neuron: TransferNeuron,
    pub(super) title: String,
    pub(super) network: Option<Network>,
}

/// The neuron that the arguments name.
pub(super) fn subject(arguments: &TransferArguments) -> Result<Subject, Failure> {
    match &arguments.file {
        Some(file) => of_network(read::network(file, &arguments.network)?, file, arguments.neuron.as_deref()),
        None => {
            for (given, option) in
                [(!arguments.network.set.is_empty(), "--set"), (arguments.network.case.is_some(), "--case")]
            {
                if given {
                    return Err(Failure::Input(format!("{option} replaces parameters of FILE, and no FILE is given")));
                }
            }
            of_model(arguments.neuron.as_deref().unwrap_or("lif"))
        }
    }
}

fn of_model(name: &str) -> Result<Subject, Failure> {
    let models = Model::NAMES.join(", ");
    match TransferNeuron::of_model(name) {
        Some(neuron) => {
            let title = format!("{} neuron of Brunel (2000)", if name == "perfect" { "Perfect".into() } else { name.to_uppercase() });
            Ok(Subject { neuron, title, network: None })
        }
        None => Err(Failure::Input(format!(
            "--neuron {name}: there is no such neuron model; there are {models} (a neuron type of a file needs FILE)"
        ))),
    }
}

fn of_network(network: Network, file: &str, name: Option<&str>) -> Result<Subject, Failure> {
    let mut types: Vec<&str> = Vec::new();
    for population in &network.populations {
        if !types.contains(&population.neuron_type.as_str()) {
            types.push(&population.neuron_type);
        }
    }
    let list = types.join(", ");
    let name = match (name, &types[..]) {
        (Some(name), _) if types.contains(&name) => name,
        (Some(name), _) => {
            return Err(Failure::Input(format!(
                "--neuron {name}: no population of {file} has this type; there are: {list}"
            )));
        }
        (None, [only]) => only,
        (None, _) => {
            return Err(Failure::Input(format!("{file} has several neuron types; say which with --neuron: {list}")));
        }
    };
    let population = network.populations.iter().find(|population| population.neuron_type == name);
    let neuron = population.expect("the name is one of the populations' types").neuron;
    let transfer = TransferNeuron::of_network(&neuron).ok_or_else(|| not_computed(neuron.model.name()))?;
    Ok(Subject { neuron: transfer, title: format!("neuron \"{name}\" of {}", network.name), network: Some(network) })
}

fn not_computed(model: &str) -> Failure {
    let models = Model::NAMES.join(", ");
    Failure::Input(format!("the neuron model {model} is not computed by transfer in this version; {models} are"))
}
