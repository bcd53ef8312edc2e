//! Which neuron `siegert transfer` is about: a neuron type of a file, or a model with the parameters of Brunel (2000).

use siegert::network::NeuronModel;

use crate::arguments::TransferArguments;
use crate::commands::read;
use crate::failure::Failure;
use crate::library::{LifParameters, Network};
use crate::number::significant;

/// Brunel (2000), J Comput Neurosci 8:183, section 2.1; potentials relative to rest.
const BRUNEL: LifParameters = LifParameters { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 };

/// Models of the network file that have no transfer function yet.
const NOT_COMPUTED: [&str; 4] = ["eif", "qif", "perfect", "adex"];

/// A neuron and what to call it.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) parameters: LifParameters,
    pub(super) title: String,
    pub(super) network: Option<Network>,
}

impl Subject {
    /// The parameters in a line.
    pub(super) fn description(&self) -> String {
        let LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv } = self.parameters;
        let [tau_m, t_ref, V_th, V_reset] =
            [tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv].map(|value| significant(value, 6));
        format!("tau_m = {tau_m} ms, t_ref = {t_ref} ms, V_th = {V_th} mV, V_reset = {V_reset} mV")
    }
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
    match name {
        "lif" => Ok(Subject { parameters: BRUNEL, title: "LIF neuron of Brunel (2000)".to_string(), network: None }),
        name if NOT_COMPUTED.contains(&name) => Err(not_computed(name)),
        name => Err(Failure::Input(format!(
            "--neuron {name}: there is no such neuron model; there is lif (a neuron type of a file needs FILE)"
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
    if neuron.model != NeuronModel::Lif {
        return Err(not_computed(neuron.model.name()));
    }
    let parameters = LifParameters {
        tau_m_ms: neuron.tau_m_ms,
        t_ref_ms: neuron.t_ref_ms,
        V_th_mv: neuron.V_th_mv,
        V_reset_mv: neuron.V_reset_mv,
    };
    Ok(Subject { parameters, title: format!("neuron \"{name}\" of {}", network.name), network: Some(network) })
}

fn not_computed(model: &str) -> Failure {
    Failure::Input(format!("the neuron model {model} is not computed by transfer in this version; lif is"))
}
