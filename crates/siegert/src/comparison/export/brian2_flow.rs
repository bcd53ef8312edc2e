//! What neurons do in the Brian 2 script: the slope of the potential, adaptation, threshold and reset.
//!
//! Brian solves linear equations exactly. The others are followed by the method of Runge and Kutta of fourth order, with what makes a spike held at its
//! value at `V_peak`: beyond it a spike is counted at the end of the step anyway.

use super::ExportError;
use super::brian2::of_own_time;
use super::exported_network::ExportedNetwork;
use super::python::number;
use crate::network::{Neuron, NeuronModel};

/// The method where the equations are not linear, or have no point at rest, for which Brian's exact integration solves. Without leak the potential is the
/// integral of what decays exponentially, in which a step of this method errs by `(dt / tau_syn)^5 / 120`.
const RUNGE_KUTTA: &str = "rk4";
/// The largest exponent of a spike.
const MOST_SHARP: f64 = 700.0;
/// `dt/tau_m |V_reset - V_th|/Delta_T` up to which the explicit method follows a quadratic neuron back from its reset.
const MOST_STIFF: f64 = 1.0;

/// Lines of a population in the script.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Terms of `tau_m dv/dt` beside the input.
    pub(super) terms: Vec<String>,
    /// Further equations, as they stand in a string of the script.
    pub(super) equations: String,
    pub(super) parameters: Vec<String>,
    /// Entries that tell the population from a LIF neuron, as lines of the script.
    pub(super) entries: String,
}

/// Whether Brian solves the neuron's equations exactly, with the threshold and the reset of a LIF neuron.
pub(super) fn is_linear(neuron: &Neuron) -> bool {
    neuron.model == NeuronModel::Lif
}

/// Refuses what the method cannot follow.
pub(super) fn flow(exported: &ExportedNetwork<'_>, population: usize) -> Result<Flow, ExportError> {
    let neuron = &exported.population(population).neuron;
    let parameter = |name: &str, value: f64, unit: &str| format!("\"{name}\": {} * {unit}", number(value));
    let spiking =
        |Delta_T_mv, V_peak_mv| [parameter("Delta_T", Delta_T_mv, "mV"), parameter("V_peak", V_peak_mv, "mV")];
    let leak = "E_L - v".to_string();
    let exponential = |Delta_T_mv: f64, V_peak_mv: f64| {
        let most = ((V_peak_mv - neuron.V_th_mv) / Delta_T_mv).min(MOST_SHARP);
        let most = match neuron.differences.V_th_mv {
            Some(_) => format!("clip((V_peak - V_th) / Delta_T, 0, {MOST_SHARP:?})"),
            None => number(most),
        };
        format!("Delta_T * exp(clip((v - V_th) / Delta_T, -{MOST_SHARP:?}, {most}))")
    };
    let mut flow = Flow::default();
    match neuron.model {
        NeuronModel::Lif => flow.terms.push(leak),
        NeuronModel::Perfect => flow.entries = entries(None, None),
        NeuronModel::Eif { Delta_T_mv, V_peak_mv } => {
            flow.terms = vec![leak, exponential(Delta_T_mv, V_peak_mv)];
            flow.parameters.extend(spiking(Delta_T_mv, V_peak_mv));
            flow.entries = entries(Some("v >= V_peak"), None);
        }
        NeuronModel::Adex { Delta_T_mv, V_peak_mv, a_ns, b_pa, tau_w_ms } => {
            flow.terms = vec![leak, exponential(Delta_T_mv, V_peak_mv)];
            flow.parameters.extend(spiking(Delta_T_mv, V_peak_mv));
            flow.entries = entries(Some("v >= V_peak"), None);
            // without a capacitance there is no adaptation, as the network's checks have made sure
            if let Some(R) = neuron.resistance_mv_per_pa() {
                let own = neuron.differences.tau_m_ms.map_or(String::new(), |_| of_own_time(neuron.tau_m_ms));
                flow.terms.push(format!("-{} * mV / pA{own} * w_adapt", number(R)));
                // V within a step of the method may be far beyond the peak, which w must not follow
                flow.equations =
                    "\\ndw_adapt/dt = (a * (clip(v, -1000 * volt, V_peak) - E_L) - w_adapt) / tau_w : amp".to_string();
                let adaptation = [("a", a_ns, "nS"), ("b", b_pa, "pA"), ("tau_w", tau_w_ms, "ms")];
                flow.parameters.extend(adaptation.map(|(name, value, unit)| parameter(name, value, unit)));
                flow.entries = entries(Some("v >= V_peak"), Some("v = V_reset; w_adapt += b"));
            }
        }
        NeuronModel::Qif { Delta_T_mv, V_peak_mv } => {
            let name = || exported.name(population).to_string();
            if V_peak_mv.is_infinite() || neuron.V_reset_mv.is_infinite() {
                return Err(ExportError::Infinite { population: name() });
            }
            let stiffness = exported.options.dt_ms / neuron.tau_m_ms / Delta_T_mv;
            let lowest_mv = neuron.V_th_mv - MOST_STIFF / stiffness;
            if neuron.V_reset_mv < lowest_mv {
                return Err(ExportError::Stiff { population: name(), V_reset_mv: neuron.V_reset_mv, lowest_mv });
            }
            let square =
                format!("clip(v - V_th, {} * mV, V_peak - V_th)**2 / (2 * Delta_T)", number(-MOST_STIFF / stiffness));
            flow.terms = vec!["E_L - V_th".to_string(), square];
            flow.parameters.extend(spiking(Delta_T_mv, V_peak_mv));
            flow.entries = entries(Some("v >= V_peak"), None);
        }
    }
    Ok(flow)
}

/// The method, and threshold and reset where they are not those of a LIF neuron.
fn entries(threshold: Option<&str>, reset: Option<&str>) -> String {
    let all = [("method", Some(RUNGE_KUTTA)), ("threshold", threshold), ("reset", reset)];
    let line = |(key, value): (&str, Option<&str>)| value.map(|value| format!("        \"{key}\": \"{value}\",\n"));
    all.into_iter().filter_map(line).collect()
}

/// The entries of a neuron whose equations are those of a LIF neuron, but not linear.
pub(super) fn not_linear() -> String {
    entries(None, None)
}
