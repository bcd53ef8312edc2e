//! What follows from a network's description before anything is solved: in-degrees, synapses, PSPs, shared input.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::network::{ConnectionRule, Differences, DriveKind, Network, NetworkError, Projection, Synapse};

use super::Kinetics;
use super::psp::peak;
use super::shared_input_fractions;
use super::stream::in_degree;

/// Numbers that follow from the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Overview {
    /// The network's name.
    pub network: String,
    /// Neurons in all.
    pub neurons: u64,
    /// Synapses in all, as expected (drives not counted).
    pub synapses: f64,
    /// One entry a population.
    pub populations: Vec<PopulationOverview>,
    /// One entry a pair of source and target.
    pub projections: Vec<ProjectionOverview>,
}

/// Numbers of one population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PopulationOverview {
    /// Its name.
    pub name: String,
    /// Number of neurons.
    pub size: u64,
    /// Its neuron type.
    pub neuron: String,
    /// Neuron model.
    pub model: Cow<'static, str>,
    /// What differs between its neurons beside their connections, by the names of the network file; currents are "I_e".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Inputs of one neuron from the network, on average.
    pub in_degree: f64,
    /// Expected fraction of these that two neurons of the population share; without them, of the spikes of drives where one is shared;
    /// `None` where nothing can be shared.
    pub shared_input_fraction: Option<f64>,
}

/// Numbers of one projection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProjectionOverview {
    /// Source population.
    pub from: String,
    /// Target population.
    pub to: String,
    /// How connections are drawn: fixed_in_degree, pairwise_probability or fixed_total.
    pub rule: Cow<'static, str>,
    /// The probability of pairwise connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The fixed number of connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// Mean in-degree.
    pub in_degree: f64,
    /// Its standard deviation over neurons.
    pub in_degree_std: f64,
    /// Number of synapses, as expected.
    pub synapses: f64,
    /// Synapse type.
    pub synapse: String,
    /// Decay time of its current or conductance, of an alpha function the time to its peak; receptors of one type differ in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tau_syn_ms: Option<f64>,
    /// Mean weight in `weight_unit`.
    pub weight: f64,
    /// Standard deviation of the weights.
    pub weight_std: f64,
    /// mV, pA or nS.
    pub weight_unit: Cow<'static, str>,
    /// The jump of the potential that a spike of mean weight amounts to; `None` for conductances.
    pub jump_mv: Option<f64>,
    /// Peak of the potential that it causes; `None` for conductances.
    pub psp_mv: Option<f64>,
    /// Mean delay (before any is redrawn for being shorter than a time step); `None` if the file gives none.
    pub delay_ms: Option<f64>,
    /// Standard deviation of the delays.
    pub delay_std_ms: Option<f64>,
}

/// The numbers that follow from a network's description.
///
/// # Errors
///
/// Mistakes of a network made in code.
pub fn overview(network: &Network) -> Result<Overview, NetworkError> {
    network.check()?;
    let projections: Vec<_> = network.projections.iter().map(|p| of_projection(network, p)).collect();
    let shared = shared_input_fractions(network).into_iter().enumerate();
    let populations = shared.map(|(a, shared)| of_population(network, a, shared)).collect();
    Ok(Overview {
        network: network.name.clone(),
        neurons: network.populations.iter().map(|p| p.size).sum(),
        synapses: total(projections.iter().map(|p| p.synapses)),
        populations,
        projections,
    })
}

fn of_population(network: &Network, a: usize, shared_input_fraction: Option<f64>) -> PopulationOverview {
    let population = &network.populations[a];
    PopulationOverview {
        name: population.name.clone(),
        size: population.size,
        neuron: population.neuron_type.clone(),
        model: population.neuron.model.name().into(),
        differs: differs(network, a),
        in_degree: total(network.projections.iter().filter(|p| p.target == a).map(|p| in_degree(network, p).mean)),
        shared_input_fraction,
    }
}

/// What differs between the neurons of a population.
fn differs(network: &Network, a: usize) -> Vec<String> {
    let Differences { V_th_mv, tau_m_ms, E_L_mv } = network.populations[a].neuron.differences;
    let current = network.drives.iter().find_map(|drive| match drive.kind {
        DriveKind::Current { value_mv, .. } if drive.target == a => value_mv.differing(),
        _ => None,
    });
    let laws = [("tau_m", tau_m_ms), ("E_L", E_L_mv), ("V_th", V_th_mv), ("I_e", current)];
    laws.iter().filter(|(_, law)| law.is_some()).map(|(name, _)| (*name).to_string()).collect()
}

/// The sum of nothing is 0, not -0 as that of `Iterator::sum`.
fn total(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

fn of_projection(network: &Network, projection: &Projection) -> ProjectionOverview {
    let (source, target) = (&network.populations[projection.source], &network.populations[projection.target]);
    let inputs = in_degree(network, projection);
    let [weight, weight_square, ..] = projection.weight.moments();
    let delay = projection.delay_ms.map(|law| law.moments());
    let std = |mean: f64, square: f64| (square - mean * mean).max(0.0).sqrt();
    let (jump_mv, psp_mv) = match (projection.synapse, projection.synapse.current()) {
        (Synapse::Delta, _) => (Some(weight), Some(weight)),
        (_, Some(course)) => {
            let jump = target.neuron.C_m_pf.map(|C_m| weight * course.charge_ms() / C_m);
            let kinetics = Kinetics::from(course);
            (jump, jump.map(|jump| jump * peak(target.neuron.tau_m_ms, kinetics)))
        }
        (_, None) => (None, None),
    };
    let (rule, probability, total) = match projection.rule {
        ConnectionRule::FixedInDegree { .. } => ("fixed_in_degree", None, None),
        ConnectionRule::PairwiseProbability { probability } => ("pairwise_probability", Some(probability), None),
        ConnectionRule::FixedTotal { total } => ("fixed_total", None, Some(total)),
    };
    ProjectionOverview {
        from: source.name.clone(),
        to: target.name.clone(),
        rule: rule.into(),
        probability,
        total,
        in_degree: inputs.mean,
        in_degree_std: inputs.variance.sqrt(),
        synapses: inputs.mean * target.size as f64,
        synapse: projection.synapse_type.clone(),
        tau_syn_ms: match projection.synapse {
            Synapse::Delta | Synapse::DeltaConductance { .. } => None,
            Synapse::ExponentialCurrent { tau_ms }
            | Synapse::AlphaCurrent { tau_ms }
            | Synapse::ExponentialConductance { tau_ms, .. } => Some(tau_ms),
            Synapse::DoubleExponentialCurrent { tau_decay_ms, .. } | Synapse::Nmda { tau_decay_ms, .. } => {
                Some(tau_decay_ms)
            }
        },
        weight,
        weight_std: std(weight, weight_square),
        weight_unit: projection.synapse.weight_unit().into(),
        jump_mv,
        psp_mv,
        delay_ms: delay.map(|[mean, ..]| mean),
        delay_std_ms: delay.map(|[mean, square, ..]| std(mean, square)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::case;

    #[test]
    fn an_overview_does_not_depend_on_how_often_a_connection_is_written() {
        let [two, one] = ["1", "2"].map(|n| overview(&case("split_projection", &[("n", n)])).unwrap());
        assert_eq!((&two.populations, two.synapses), (&one.populations, one.synapses));
        assert_eq!(one.populations[0].shared_input_fraction, Some(0.4));
    }

    #[test]
    fn neurons_that_hear_one_generator_share_all_their_input_and_hear_no_neuron() {
        let overview = overview(&case("shared_drive", &[])).unwrap();
        let PopulationOverview { in_degree, shared_input_fraction, .. } = overview.populations[0];
        assert_eq!((in_degree.to_bits(), overview.synapses.to_bits()), (0, 0), "0, not -0");
        assert_eq!(shared_input_fraction, Some(1.0));
    }
}
