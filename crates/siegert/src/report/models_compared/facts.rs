//! What a neuron model can give and what not: the one place where this is said.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::network::{Neuron, NeuronModel};

/// What a neuron model can give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelFacts {
    /// Whether rate and CV are closed forms; else the stationary Fokker-Planck equation is solved.
    pub closed_form: bool,
    /// Whether it can be proved that no state is missing, for up to three effective populations.
    pub proof: bool,
    /// Whether networks of the neuron reduce exactly to a few equations: a qif whose spike and reset are infinite, without refractory time.
    pub exact_reduction: bool,
    /// How a spike begins.
    pub spike_onset: Cow<'static, str>,
}

impl ModelFacts {
    /// Of a neuron.
    pub(super) fn of(neuron: &Neuron) -> Self {
        let facts = |closed_form, proof, spike_onset: &'static str| ModelFacts {
            closed_form,
            proof,
            exact_reduction: false,
            spike_onset: spike_onset.into(),
        };
        match neuron.model {
            NeuronModel::Lif => facts(true, true, "sharp threshold"),
            NeuronModel::Perfect => facts(true, false, "sharp threshold, no leak"),
            NeuronModel::Eif { .. } => facts(false, false, "exponential"),
            NeuronModel::Adex { .. } => facts(false, false, "exponential, with adaptation"),
            NeuronModel::Qif { V_peak_mv, .. } => ModelFacts {
                exact_reduction: V_peak_mv == f64::INFINITY
                    && neuron.V_reset_mv == f64::NEG_INFINITY
                    && neuron.t_ref_ms == 0.0,
                ..facts(false, false, "quadratic")
            },
        }
    }
}
