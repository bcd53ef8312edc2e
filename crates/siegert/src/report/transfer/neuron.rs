//! The neuron whose transfer function is asked for: a model with its parameters.

use crate::error::DomainError;
use crate::network::{Differences, Neuron, NeuronModel};
use crate::neuron::{Adaptation, Model, NeuronParameters};
use crate::number::significant;
use crate::transfer::parameters_of;

/// Brunel (2000), J Comput Neurosci 8:183, section 2.1, potentials relative to rest; the sharpness of a spike and where it is counted are those of no paper.
const BRUNEL: NeuronParameters = NeuronParameters {
    tau_m_ms: 20.0,
    t_ref_ms: 2.0,
    E_L_mv: 0.0,
    V_th_mv: 20.0,
    V_reset_mv: 10.0,
    Delta_T_mv: 2.0,
    V_peak_mv: 60.0,
    // Brette and Gerstner (2005), J Neurophysiol 94:3637: a = 4 nS, b = 80.5 pA, g_L = 30 nS
    adaptation: Some(Adaptation { per_mv: 4.0 / 30.0, per_spike_mv: 80.5 / 30.0, tau_w_ms: 144.0 }),
};

/// A neuron of a model that has a theory; rows may replace its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransferNeuron {
    /// The name of its model.
    pub(super) model: &'static str,
    pub(super) parameters: NeuronParameters,
    /// The neuron of the network, if its neurons differ: the answer is then the mean over them.
    pub(super) differing: Option<Neuron>,
}

impl TransferNeuron {
    /// A model by its name with the parameters of Brunel (2000), `Delta_T` = 2 mV, `V_peak` = 60 mV (infinite of a qif), and the adaptation of Brette and Gerstner
    /// (2005); `None` for a name that is no model with a theory.
    pub fn of_model(name: &str) -> Option<Self> {
        let model = *Model::NAMES.iter().find(|known| **known == name)?;
        let V_peak_mv = if model == "qif" { f64::INFINITY } else { BRUNEL.V_peak_mv };
        Some(TransferNeuron { model, parameters: NeuronParameters { V_peak_mv, ..BRUNEL }, differing: None })
    }

    /// A neuron of a network; `None` if its model has no theory.
    pub fn of_network(neuron: &Neuron) -> Option<Self> {
        let model = *Model::NAMES.iter().find(|known| **known == neuron.model.name())?;
        let differing = Some(*neuron).filter(|neuron| !neuron.differences.is_none());
        Some(TransferNeuron { model, parameters: parameters_of(neuron), differing })
    }

    /// The name of its model.
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// What stands against jumps of finite size, for people; `None` where their theory is for this neuron.
    pub fn no_jumps_since(&self) -> Option<String> {
        if self.model != "lif" {
            return Some(format!("single jumps are computed for the model lif, and this is {}", self.model));
        }
        self.differing.map(|_| "single jumps are computed for neurons that are alike, and these differ".to_string())
    }

    /// The neuron with these parameters in place of its own.
    pub(super) fn with(&self, parameters: &NeuronParameters) -> Result<Model, DomainError> {
        // the name is one of the list
        Model::named(self.model, parameters).unwrap_or(Err(DomainError::NotPositive { name: "model", value: f64::NAN }))
    }

    /// The neuron of the network with these parameters in place of its own, each of which no longer differs; `None` if its neurons do not differ.
    pub(super) fn differing_with(&self, parameters: &NeuronParameters) -> Option<Neuron> {
        let own = self.differing?;
        let NeuronParameters { tau_m_ms, t_ref_ms, E_L_mv, V_th_mv, V_reset_mv, Delta_T_mv, V_peak_mv, .. } =
            *parameters;
        let kept = |law, value: f64, before: f64| if value == before { law } else { None };
        let differences = Differences {
            V_th_mv: kept(own.differences.V_th_mv, V_th_mv, own.V_th_mv),
            tau_m_ms: kept(own.differences.tau_m_ms, tau_m_ms, own.tau_m_ms),
            E_L_mv: kept(own.differences.E_L_mv, E_L_mv, own.E_L_mv),
        };
        let model = match own.model {
            NeuronModel::Eif { .. } => NeuronModel::Eif { Delta_T_mv, V_peak_mv },
            NeuronModel::Qif { .. } => NeuronModel::Qif { Delta_T_mv, V_peak_mv },
            NeuronModel::Adex { a_ns, b_pa, tau_w_ms, .. } => {
                NeuronModel::Adex { Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms }
            }
            model @ (NeuronModel::Lif | NeuronModel::Perfect) => model,
        };
        Some(Neuron { model, tau_m_ms, t_ref_ms, E_L_mv, V_th_mv, V_reset_mv, differences, ..own })
    }

    /// Its parameters in a line.
    pub fn description(&self) -> String {
        let NeuronParameters { tau_m_ms, t_ref_ms, E_L_mv, V_th_mv, V_reset_mv, Delta_T_mv, V_peak_mv, adaptation } =
            self.parameters;
        let of = |name: &str, value: f64, unit: &str| format!("{name} = {} {unit}", significant(value, 6));
        let mut parts = vec![
            of("tau_m", tau_m_ms, "ms"),
            of("t_ref", t_ref_ms, "ms"),
            of("V_th", V_th_mv, "mV"),
            of("V_reset", V_reset_mv, "mV"),
        ];
        match self.model {
            "eif" | "qif" => parts.extend([of("Delta_T", Delta_T_mv, "mV"), of("V_peak", V_peak_mv, "mV")]),
            "adex" => {
                parts.extend([of("E_L", E_L_mv, "mV"), of("Delta_T", Delta_T_mv, "mV"), of("V_peak", V_peak_mv, "mV")]);
                if let Some(Adaptation { per_mv, per_spike_mv, tau_w_ms }) = adaptation {
                    let [a, b] = [per_mv, per_spike_mv].map(|value| significant(value, 4));
                    parts.push(format!("a/g_L = {a}, b/g_L = {b} mV, {}", of("tau_w", tau_w_ms, "ms")));
                }
            }
            "perfect" => parts.push(of("E_L", E_L_mv, "mV")),
            _ => {}
        }
        if let Some(Differences { V_th_mv, tau_m_ms, E_L_mv }) = self.differing.map(|neuron| neuron.differences) {
            let laws = [("V_th", V_th_mv), ("tau_m", tau_m_ms), ("E_L", E_L_mv)];
            let differing: Vec<&str> = laws.iter().filter(|(_, law)| law.is_some()).map(|(name, _)| *name).collect();
            parts.push(format!("the mean over neurons whose {} differs", differing.join(" and ")));
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_with_a_theory_has_parameters_that_make_a_neuron() {
        for name in Model::NAMES {
            let neuron = TransferNeuron::of_model(name).unwrap();
            let rheobase_mv = neuron.with(&neuron.parameters).unwrap().rheobase_mv();
            assert!((0.0..=21.0).contains(&rheobase_mv), "{name}: {rheobase_mv}");
            assert!(neuron.description().starts_with("tau_m = 20 ms, t_ref = 2 ms, V_th = 20 mV"));
        }
        assert!(TransferNeuron::of_model("nonsense").is_none());
    }
}
