//! NEST's neuron models: which one has the equations of a neuron, and with which parameters.

use super::ExportError;
use super::exported_network::{ExportedNetwork, Input, Value};
use super::nest::capacitance_pf;
use super::nest_nmda::{self, Gated};
use super::python::{Entries, number};
use crate::network::{Neuron, NeuronModel, Synapse};

/// Relative difference of a synapse's time constant from the membrane's, where NEST takes no equal ones.
const LEAST_DIFFERENCE: f64 = 1e-12;
/// `(V_peak - V_th)/Delta_T` from which NEST fears an overflow: the logarithm of the largest number over 1e20.
const MOST_SHARP: f64 = 663.0;
/// The part of weights of a conductance that may be negative.
const MOST_NEGATIVE: f64 = 1e-6;
/// NEST's own tolerance of the steps within a step, of the neurons that have an exponential or NMDA receptors.
const GSL_TOLERANCE: f64 = 1e-6;
/// The time constant of an adaptation that is none.
const ANY_TAU_W_MS: f64 = 100.0;

/// How the synapses of a population arrive at its neuron model.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Receptors {
    /// Jumps of the potential.
    Delta,
    /// Currents, one time constant for positive weights, one for negative ones.
    BySign { shape: Shape, tau_ex_ms: f64, tau_in_ms: f64 },
    /// Conductances: time constant and reversal potential of positive weights, and of negative ones.
    Conductances { excitation: (f64, f64), inhibition: (f64, f64) },
    /// Conductances, those of NMDA receptors among them, here or where the population sends to.
    Gated(Gated),
    /// Currents at ports 1, 2, ...
    Ports { shape: Shape, kinds: Vec<Synapse> },
}

/// The course of currents, by which NEST's models differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    Exponential,
    Alpha,
}

impl Shape {
    /// NEST's name of exponential neurons with such currents.
    fn model_of_aeif(self) -> &'static str {
        match self {
            Shape::Exponential => "aeif_psc_exp",
            Shape::Alpha => "aeif_psc_alpha",
        }
    }
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
                if let Receptors::Ports { shape, .. } = receptors {
                    return Err(ExportError::Ports { population: name(), model: shape.model_of_aeif() });
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

    /// Those of a population with conductances, if it has some: NEST tells them apart by the sign of the weight, which is made negative for that of the
    /// lower reversal potential.
    fn of_conductances(exported: &ExportedNetwork<'_>, population: usize) -> Result<Option<Self>, ExportError> {
        let inputs = &exported.inputs[population];
        let name = || exported.name(population).to_string();
        let (mut open, mut other) = (Vec::new(), None);
        for input in inputs {
            match input.synapse {
                Synapse::ExponentialConductance { tau_ms, E_rev_mv } => open.push((tau_ms, E_rev_mv)),
                Synapse::DeltaConductance { .. } => {
                    return Err(ExportError::Pulses { population: name(), simulator: "NEST" });
                }
                synapse => other = Some(synapse.kind()),
            }
        }
        if let (false, Some(second)) = (open.is_empty(), other) {
            return Err(ExportError::BothKinds { population: name(), first: "exponential_conductance", second });
        }
        open.sort_by(|a, b| b.1.total_cmp(&a.1));
        match open[..] {
            [] => Ok(None),
            [one] => Ok(Some(Receptors::Conductances { excitation: one, inhibition: one })),
            [excitation, inhibition] => Ok(Some(Receptors::Conductances { excitation, inhibition })),
            _ => Err(ExportError::Conductances { population: name() }),
        }
    }

    fn of_synapses(exported: &ExportedNetwork<'_>, population: usize) -> Result<Self, ExportError> {
        if let Some(gated) = Gated::new(exported, population)? {
            return Ok(Receptors::Gated(gated));
        }
        if let Some(conductances) = Self::of_conductances(exported, population)? {
            return Ok(conductances);
        }
        let inputs = &exported.inputs[population];
        let name = || exported.name(population).to_string();
        // delta synapses have no time constant
        let course = |input: &Input| match input.synapse {
            Synapse::ExponentialCurrent { tau_ms } => Ok(Some((Shape::Exponential, tau_ms))),
            Synapse::AlphaCurrent { tau_ms } => Ok(Some((Shape::Alpha, tau_ms))),
            Synapse::DoubleExponentialCurrent { .. } => Err(ExportError::TwoTimes { population: name() }),
            _ => Ok(None),
        };
        let courses: Vec<_> = inputs.iter().map(course).collect::<Result<_, _>>()?;
        let currents: Vec<(Shape, f64)> = courses.iter().copied().flatten().collect();
        let Some(&(shape, _)) = currents.first() else { return Ok(Receptors::Delta) };
        let both = |first, second| Err(ExportError::BothKinds { population: name(), first, second });
        if currents.len() < inputs.len() {
            return both("delta", if shape == Shape::Alpha { "alpha" } else { "exponential" });
        }
        if currents.iter().any(|(other, _)| *other != shape) {
            return both("alpha", "exponential");
        }
        match (&inputs[..], &currents[..]) {
            (_, [(_, tau)]) => Ok(Receptors::BySign { shape, tau_ex_ms: *tau, tau_in_ms: *tau }),
            ([a, b], [(_, first), (_, second)]) if !a.negative && !b.positive => {
                Ok(Receptors::BySign { shape, tau_ex_ms: *first, tau_in_ms: *second })
            }
            ([a, b], [(_, first), (_, second)]) if !a.positive && !b.negative => {
                Ok(Receptors::BySign { shape, tau_ex_ms: *second, tau_in_ms: *first })
            }
            _ => Ok(Receptors::Ports { shape, kinds: inputs.iter().map(|input| input.synapse).collect() }),
        }
    }

    /// NEST's name of the model of a neuron with such synapses.
    pub(super) fn model(&self, neuron: &Neuron) -> &'static str {
        match (self, neuron.model) {
            (Receptors::Gated(_), _) => nest_nmda::MODEL,
            (Receptors::Conductances { .. }, NeuronModel::Lif) => "iaf_cond_exp",
            (Receptors::Conductances { .. }, _) => "aeif_cond_exp",
            (Receptors::Delta, NeuronModel::Lif) => "iaf_psc_delta",
            (Receptors::BySign { shape: Shape::Exponential, .. }, NeuronModel::Lif) => "iaf_psc_exp",
            (Receptors::BySign { shape: Shape::Alpha, .. }, NeuronModel::Lif) => "iaf_psc_alpha",
            (Receptors::Ports { shape: Shape::Exponential, .. }, _) => "iaf_psc_exp_multisynapse",
            (Receptors::Ports { shape: Shape::Alpha, .. }, _) => "iaf_psc_alpha_multisynapse",
            (Receptors::Delta, _) => "aeif_psc_delta",
            (Receptors::BySign { shape, .. }, _) => shape.model_of_aeif(),
        }
    }

    /// What a connection must say to arrive where it belongs.
    pub(super) fn port(&self, synapse: &Synapse) -> Option<(&'static str, String)> {
        let port = match self {
            Receptors::Ports { kinds, .. } => 1 + kinds.iter().position(|kind| kind == synapse)?,
            Receptors::Gated(gated) => gated.receptor(synapse).into(),
            _ => return None,
        };
        Some(("receptor_type", port.to_string()))
    }

    /// The weight as the model takes it: negative for a conductance of inhibition.
    pub(super) fn weight(
        &self,
        synapse: &Synapse,
        weight: Value,
        place: impl FnOnce() -> String,
    ) -> Result<Value, ExportError> {
        let Receptors::Conductances { excitation, .. } = self else { return Ok(weight) };
        if let Value::Law(law) = weight
            && law.cumulative(0.0) > MOST_NEGATIVE
        {
            return Err(ExportError::NegativeConductances { place: place() });
        }
        let is_excitation = matches!(*synapse, Synapse::ExponentialConductance { tau_ms, E_rev_mv } if (tau_ms, E_rev_mv) == *excitation);
        Ok(if is_excitation { weight } else { weight.negated() })
    }

    /// Whether the model is told `g_L` rather than `tau_m`.
    pub(super) fn leaks(&self, neuron: &Neuron) -> bool {
        matches!(self, Receptors::Conductances { .. } | Receptors::Gated(_))
            || matches!(neuron.model, NeuronModel::Eif { .. } | NeuronModel::Adex { .. })
    }

    /// Whether the model takes its steady current from a generator, having no `I_e`.
    pub(super) fn has_no_current(&self) -> bool {
        matches!(self, Receptors::Gated(_))
    }

    /// Time constants of the synapses as parameters of the model.
    fn taus(&self, neuron: &Neuron) -> Entries {
        match self {
            Receptors::Delta => Vec::new(),
            Receptors::Gated(gated) => gated.parameters(GSL_TOLERANCE),
            Receptors::BySign { tau_ex_ms, tau_in_ms, .. } => {
                vec![("tau_syn_ex", number(*tau_ex_ms)), ("tau_syn_in", number(*tau_in_ms))]
            }
            Receptors::Conductances { excitation, inhibition } => vec![
                ("tau_syn_ex", number(excitation.0)),
                ("tau_syn_in", number(inhibition.0)),
                ("E_ex", number(excitation.1)),
                ("E_in", number(inhibition.1)),
            ],
            Receptors::Ports { kinds, .. } => {
                let tau = |kind: &Synapse| match kind {
                    // iaf_psc_exp_multisynapse refuses equal times, and is exact where they differ by this.
                    Synapse::ExponentialCurrent { tau_ms } if *tau_ms == neuron.tau_m_ms => {
                        number(tau_ms * (1.0 + LEAST_DIFFERENCE))
                    }
                    Synapse::ExponentialCurrent { tau_ms } | Synapse::AlphaCurrent { tau_ms } => number(*tau_ms),
                    _ => unreachable!("ports are made for these currents only"),
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
        _ if receptors.leaks(neuron) => vec![("g_L", number(C_m_pf / neuron.tau_m_ms))],
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
