//! NEST's `iaf_bw_2001`, its one neuron with NMDA receptors: which populations must be of it, and whether they can be.
//!
//! At a spike NEST opens `k_0 + k_1 s` of the gates, with `k_1 = -(1 - e^(-a))`, `k_0 = (a)^r gamma(1 - r, a)`, `a = alpha tau_rise`, `r = tau_rise/tau_decay`
//! (the documentation of the model). With `r` next to 0 and `a` kept, `k_0` is `1 - e^(-a)`, and the jump that of [`crate::simulation`], `(1 - s)(1 - e^(-a))`; neither alpha nor
//! tau_rise is used for anything else. `iaf_bw_2001_exact` follows the rise by two equations for each connection, hundreds of times the work.

use super::ExportError;
use super::differing::Differing;
use super::exported_network::ExportedNetwork;
use super::python::{Entries, number};
use crate::Shown;
use crate::network::{NeuronModel, Synapse};
use crate::numerics::steps::tidy;

/// NEST's name of the model.
pub(super) const MODEL: &str = "iaf_bw_2001";
/// The constants of the block that stand in the model, 1/mV and mM, and how far a network's may be from the first.
const BETA_PER_MV: f64 = 0.062;
const GAMMA: f64 = 3.57;
const MOST_DIFFERENCE: f64 = 1e-9;
/// `tau_rise/tau_decay` in the script.
const LEAST_RISE: f64 = 1e-9;
/// NEST takes no magnesium at all for a mistake; what this blocks is nothing.
const LEAST_MAGNESIUM: f64 = 1e-30;

/// What such a population hears. Conductances are time constant and reversal potential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gated {
    /// alpha tau_rise.
    strength: f64,
    tau_decay_ms: f64,
    /// Of the NMDA receptors and of excitation.
    E_ex_mv: f64,
    magnesium: f64,
    excitation: Option<(f64, f64)>,
    inhibition: Option<(f64, f64)>,
}

fn is_nmda(synapse: &Synapse) -> bool {
    matches!(synapse, Synapse::Nmda { .. })
}

impl Gated {
    /// None for a population that neither hears nor sends through NMDA receptors; refuses what the model cannot do.
    pub(super) fn new(exported: &ExportedNetwork<'_>, population: usize) -> Result<Option<Self>, ExportError> {
        let name = || exported.name(population).to_string();
        let refused = |why| Err(ExportError::Nmda { population: name(), why });
        let heard = exported.inputs[population].iter().map(|input| input.synapse).filter(is_nmda);
        let hears = heard.clone().next().is_some();
        let own = exported.projections.iter().map(|connected| connected.projection).filter(|projection| {
            is_nmda(&projection.synapse) && (projection.source == population || projection.target == population)
        });
        let mut kinds = own.clone().map(|projection| projection.synapse).chain(heard);
        let Some(kind) = kinds.next() else { return Ok(None) };
        let Synapse::Nmda { tau_rise_ms, tau_decay_ms, alpha_per_ms, E_rev_mv, Mg, beta_per_mv, gamma } = kind else {
            return Ok(None);
        };
        if kinds.any(|other| other != kind) {
            return refused(
                "has receptors of one kind: make its nmda synapses, those that it hears and those that it sends through, all of one kind",
            );
        }
        if exported.population(population).neuron.model != NeuronModel::Lif {
            return refused(
                "is a leaky integrate-and-fire neuron, on both sides of the synapse: make the neuron's model lif",
            );
        }
        if (beta_per_mv / BETA_PER_MV - 1.0).abs() > MOST_DIFFERENCE {
            return refused("has a block with beta = 0.062 /mV: take that");
        }
        if own.clone().any(|projection| projection.plasticity.is_some()) {
            return refused("opens its gates without short-term plasticity: leave plasticity out of nmda synapses");
        }
        if Differing::new(exported, population).has_current() {
            return refused("takes no current that differs between neurons: give the current one value");
        }
        let mut open = Vec::new();
        for input in &exported.inputs[population] {
            match input.synapse {
                Synapse::Nmda { .. } => {}
                Synapse::ExponentialConductance { tau_ms, E_rev_mv } => open.push((tau_ms, E_rev_mv)),
                Synapse::DeltaConductance { .. } => {
                    return Err(ExportError::Pulses { population: name(), simulator: "NEST" });
                }
                _ => {
                    return refused(
                        "hears conductances alone, on both sides of the synapse: make its other synapses of kind exponential_conductance",
                    );
                }
            }
        }
        open.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (excitation, inhibition) = match open[..] {
            [] => (None, None),
            [one] if hears && one.1 != E_rev_mv => (None, Some(one)),
            [one] => (Some(one), None),
            [first, second] if !hears || first.1 == E_rev_mv => (Some(first), Some(second)),
            [first, second] if second.1 == E_rev_mv => (Some(second), Some(first)),
            _ => {
                return refused(
                    "has one conductance with the E_rev of its NMDA receptors and one more: make two such kinds of its exponential conductances",
                );
            }
        };
        let E_ex_mv = if hears { E_rev_mv } else { excitation.map_or(E_rev_mv, |(_, E_rev_mv)| E_rev_mv) };
        let magnesium = tidy(Mg * GAMMA / gamma).max(LEAST_MAGNESIUM);
        let strength = alpha_per_ms * tau_rise_ms;
        Ok(Some(Gated { strength, tau_decay_ms, E_ex_mv, magnesium, excitation, inhibition }))
    }

    /// NEST's number of the receptors of a synapse.
    pub(super) fn receptor(&self, synapse: &Synapse) -> u8 {
        match *synapse {
            Synapse::ExponentialConductance { tau_ms, E_rev_mv } if self.excitation == Some((tau_ms, E_rev_mv)) => 1,
            Synapse::ExponentialConductance { .. } => 2,
            _ => 3,
        }
    }

    /// The synapses as parameters of the model.
    pub(super) fn parameters(&self, gsl_error_tol: f64) -> Entries {
        let rise_ms = tidy(LEAST_RISE * self.tau_decay_ms);
        let mut parameters = vec![("E_ex", number(self.E_ex_mv))];
        parameters.extend(self.excitation.map(|(tau_ms, _)| ("tau_AMPA", number(tau_ms))));
        if let Some((tau_ms, E_rev_mv)) = self.inhibition {
            parameters.extend([("E_in", number(E_rev_mv)), ("tau_GABA", number(tau_ms))]);
        }
        parameters.extend([
            ("tau_decay_NMDA", number(self.tau_decay_ms)),
            ("tau_rise_NMDA", number(rise_ms)),
            ("alpha", number(tidy(self.strength / rise_ms))),
            ("conc_Mg2", number(self.magnesium)),
            ("gsl_error_tol", number(gsl_error_tol)),
        ]);
        parameters
    }
}

/// What the docstring says of NMDA; nothing where there is none.
pub(super) fn remark(exported: &ExportedNetwork<'_>) -> String {
    let kinds = exported.projections.iter().map(|connected| connected.projection.synapse);
    let Some(Synapse::Nmda { tau_rise_ms, alpha_per_ms, .. }) = kinds.into_iter().find(is_nmda) else {
        return String::new();
    };
    format!(
        " A spike opens the part (1 - s) (1 - exp(-alpha tau_rise)) of the NMDA gates of its source at once, as in siegert: it is the limit of NEST's jump for a \
         tau_rise next to nothing, with the alpha tau_rise of the network (there alpha = {} /ms, tau_rise = {} ms, with which NEST's jumps allow for what closes within the rise).",
        Shown(alpha_per_ms),
        Shown(tau_rise_ms)
    )
}
