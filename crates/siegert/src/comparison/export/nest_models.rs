//! NEST's neuron models: which one has the equations of a neuron, and with which parameters.

use super::ExportError;
use super::exported_network::{ExportedNetwork, Input};
use super::nest::capacitance_pf;
use super::python::{Entries, number};
use crate::network::{Neuron, NeuronModel, Synapse};

/// Relative difference of a synapse's time constant from the membrane's, where NEST takes no equal ones.
const LEAST_DIFFERENCE: f64 = 1e-12;
/// `(V_peak - V_th)/Delta_T` from which NEST fears an overflow: the logarithm of the largest number over 1e20.
const MOST_SHARP: f64 = 663.0;
/// NEST's own tolerance of the steps within a step, of the neurons that have an exponential.
const GSL_TOLERANCE: f64 = 1e-6;
/// The time constant of an adaptation that is none.
const ANY_TAU_W_MS: f64 = 100.0;

/// How the synapses of a population arrive at its neuron model.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Receptors {
    /// Jumps of the potential.
    Delta,
    /// Exponential currents, one time constant for positive weights, one for negative ones.
    BySign { tau_ex_ms: f64, tau_in_ms: f64 },
    /// Exponential currents at ports 1, 2, ...
    Ports(Vec<Synapse>),
}

impl Receptors {
    /// Refuses a neuron that NEST does not have, with these synapses or any.
    pub(super) fn new(exported: &ExportedNetwork<'_>, population: usize) -> Result<Self, ExportError> {
        let receptors = Self::of_synapses(exported, population)?;
        let name = || exported.name(population).to_string();
        let neuron = &exported.population(population).neuron;
        match neuron.model {
            NeuronModel::Lif => Ok(receptors),
            NeuronModel::Perfect => Err(ExportError::Leakless { population: name() }),
            NeuronModel::Qif { .. } => Err(ExportError::Quadratic { population: name() }),
            NeuronModel::Eif { Delta_T_mv, V_peak_mv } | NeuronModel::Adex { Delta_T_mv, V_peak_mv, .. } => {
                if matches!(receptors, Receptors::Ports(_)) {
                    return Err(ExportError::Ports { population: name() });
                }
                let sharpness = (V_peak_mv - neuron.V_th_mv) / Delta_T_mv;
                match sharpness < MOST_SHARP {
                    true => Ok(receptors),
                    false => {
                        let highest_mv = neuron.V_th_mv + MOST_SHARP * Delta_T_mv;
                        Err(ExportError::Sharp { population: name(), V_peak_mv, highest_mv })
                    }
                }
            }
        }
    }

    fn of_synapses(exported: &ExportedNetwork<'_>, population: usize) -> Result<Self, ExportError> {
        let inputs = &exported.inputs[population];
        let tau_ms = |input: &Input| match input.synapse {
            Synapse::ExponentialCurrent { tau_ms } => Some(tau_ms),
            _ => None,
        };
        let taus_ms: Vec<f64> = inputs.iter().filter_map(tau_ms).collect();
        if taus_ms.is_empty() {
            return Ok(Receptors::Delta);
        }
        if taus_ms.len() < inputs.len() {
            return Err(ExportError::BothKinds { population: exported.name(population).to_string() });
        }
        match (&inputs[..], &taus_ms[..]) {
            (_, [tau]) => Ok(Receptors::BySign { tau_ex_ms: *tau, tau_in_ms: *tau }),
            ([a, b], [first, second]) if !a.negative && !b.positive => {
                Ok(Receptors::BySign { tau_ex_ms: *first, tau_in_ms: *second })
            }
            ([a, b], [first, second]) if !a.positive && !b.negative => {
                Ok(Receptors::BySign { tau_ex_ms: *second, tau_in_ms: *first })
            }
            _ => Ok(Receptors::Ports(inputs.iter().map(|input| input.synapse).collect())),
        }
    }

    /// NEST's name of the model of a neuron with such synapses.
    pub(super) fn model(&self, neuron: &Neuron) -> &'static str {
        match (self, neuron.model) {
            (Receptors::Delta, NeuronModel::Lif) => "iaf_psc_delta",
            (Receptors::BySign { .. }, NeuronModel::Lif) => "iaf_psc_exp",
            (Receptors::Ports(_), _) => "iaf_psc_exp_multisynapse",
            (Receptors::Delta, _) => "aeif_psc_delta",
            (Receptors::BySign { .. }, _) => "aeif_psc_exp",
        }
    }

    /// What a connection must say to arrive where it belongs.
    pub(super) fn port(&self, synapse: &Synapse) -> Option<(&'static str, String)> {
        let Receptors::Ports(kinds) = self else { return None };
        let place = kinds.iter().position(|kind| kind == synapse)?;
        Some(("receptor_type", (place + 1).to_string()))
    }

    /// Time constants of the synapses as parameters of the model.
    fn taus(&self, neuron: &Neuron) -> Entries {
        match self {
            Receptors::Delta => Vec::new(),
            Receptors::BySign { tau_ex_ms, tau_in_ms } => {
                vec![("tau_syn_ex", number(*tau_ex_ms)), ("tau_syn_in", number(*tau_in_ms))]
            }
            Receptors::Ports(kinds) => {
                let tau = |kind: &Synapse| match kind {
                    // iaf_psc_exp_multisynapse refuses equal times, and is exact where they differ by this.
                    Synapse::ExponentialCurrent { tau_ms } if *tau_ms == neuron.tau_m_ms => {
                        number(tau_ms * (1.0 + LEAST_DIFFERENCE))
                    }
                    Synapse::ExponentialCurrent { tau_ms } => number(*tau_ms),
                    _ => unreachable!("ports are made for exponential currents only"),
                };
                let taus: Vec<String> = kinds.iter().map(tau).collect();
                vec![("tau_syn", format!("[{}]", taus.join(", ")))]
            }
        }
    }
}

/// The parameters of a neuron under NEST's names.
pub(super) fn parameters(neuron: &Neuron, refractory_ms: f64, receptors: &Receptors) -> Entries {
    let C_m_pf = capacitance_pf(neuron);
    let spike = |Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms| -> Entries {
        vec![
            ("g_L", number(C_m_pf / neuron.tau_m_ms)),
            ("Delta_T", number(Delta_T_mv)),
            ("V_peak", number(V_peak_mv)),
            ("a", number(a_ns)),
            ("b", number(b_pa)),
            ("tau_w", number(tau_w_ms)),
            ("gsl_error_tol", number(GSL_TOLERANCE)),
        ]
    };
    let mut parameters = match neuron.model {
        NeuronModel::Eif { Delta_T_mv, V_peak_mv } => spike(Delta_T_mv, V_peak_mv, 0.0, 0.0, ANY_TAU_W_MS),
        NeuronModel::Adex { Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms } => {
            spike(Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms)
        }
        _ => vec![("tau_m", number(neuron.tau_m_ms))],
    };
    parameters.extend([
        ("C_m", number(C_m_pf)),
        ("E_L", number(neuron.E_L_mv)),
        ("V_th", number(neuron.V_th_mv)),
        ("V_reset", number(neuron.V_reset_mv)),
        ("t_ref", number(refractory_ms)),
    ]);
    parameters.extend(receptors.taus(neuron));
    parameters
}
