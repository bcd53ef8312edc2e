//! Projections through NMDA receptors in the Brian 2 script: each synapse keeps the gates of its source as they were a delay ago, updated when a spike arrives.
//!
//! A delay later than in the source, whatever spikes are on their way: so what a spike sends is right however long the delay, where a gate held by the source would
//! have gone on. It costs 16 bytes a synapse.

use super::brian2::{Variables, delay_source, law_source, rule_source};
use super::brian2_plastic::LEAST_MS;
use super::exported_network::{Connected, ExportedNetwork};
use super::python::{list, number, string};
use crate::network::{Plasticity, Synapse};

const COMMENT: &str = "\
# Projections through NMDA receptors: as above, alpha tau_rise, tau_decay (ms)";
const COMMENT_OF_GATE: &str = "\
# A synapse keeps the open gates of its source as they were a delay ago, so a spike sends what it opened when it left, however long the delay.
";

const CONNECT: &str = r#"for source, target, rule, number, variable, weight, delay, strength, decay in NMDA:
    i, j = rule(POPULATIONS[source]["size"], POPULATIONS[target]["size"], number)
    arrival = "gate = gate * exp((last_spike - t) / tau_decay)\nlast_spike = t\n"
    arrival += ARRIVAL[variable].replace("+= w", "+= w * (1 - gate) * opened")
    arrival += "\ngate = gate + (1 - gate) * opened"
    constants = {"opened": -np.expm1(-strength), "tau_decay": decay * ms}
    synapses = b2.Synapses(
        groups[source], groups[target], "w : 1\ngate : 1\nlast_spike : second", on_pre=arrival, namespace=constants
    )
    synapses.connect(i=i, j=j)
    synapses.w = weight(len(i))
    synapses.gate, synapses.last_spike = 0, -1e9 * ms
    synapses.delay = (delay(len(i)) - DT) * ms
    network.add(synapses)

"#;

const CONNECT_PLASTIC: &str = r#"for source, target, rule, number, variable, weight, delay, strength, decay, U, rec, fac in PLASTIC_NMDA:
    i, j = rule(POPULATIONS[source]["size"], POPULATIONS[target]["size"], number)
    arrival = "x = 1 + (x - u * x - 1) * exp((last_spike - t) / tau_rec)\n"
    arrival += "u = U + (1 - U) * u * exp((last_spike - t) / tau_fac)\n"
    arrival += "gate = gate * exp((last_spike - t) / tau_decay)\nlast_spike = t\n"
    arrival += ARRIVAL[variable].replace("+= w", "+= w * (1 - gate) * (1 - exp(-strength * u * x))")
    arrival += "\ngate = gate + (1 - gate) * (1 - exp(-strength * u * x))"
    constants = {"strength": strength, "tau_decay": decay * ms}
    constants.update({"U": U, "tau_rec": rec * ms, "tau_fac": fac * ms})
    state = "w : 1\ngate : 1\nu : 1\nx : 1\nlast_spike : second"
    synapses = b2.Synapses(groups[source], groups[target], state, on_pre=arrival, namespace=constants)
    synapses.connect(i=i, j=j)
    synapses.w = weight(len(i))
    synapses.gate, synapses.u, synapses.x, synapses.last_spike = 0, U, 1, -1e9 * ms
    synapses.delay = (delay(len(i)) - DT) * ms
    network.add(synapses)

"#;

/// The tables of such projections, with the code that connects them; nothing where there are none.
pub(super) fn projections(exported: &ExportedNetwork<'_>, variables: &Variables) -> String {
    let (mut fixed, mut plastic) = (Vec::new(), Vec::new());
    for Connected { projection, wiring, weight, delay } in &exported.projections {
        let Synapse::Nmda { tau_rise_ms, tau_decay_ms, alpha_per_ms, .. } = projection.synapse else { continue };
        let (rule, amount) = rule_source(wiring);
        let [source, target] = [projection.source, projection.target].map(|index| string(exported.name(index)));
        let (weight, delay) = (law_source(weight), delay_source(delay));
        let variable = variables.of(&projection.synapse);
        let [strength, tau_decay] = [alpha_per_ms * tau_rise_ms, tau_decay_ms].map(number);
        let row =
            format!("{source}, {target}, {rule}, {amount}, \"{variable}\", {weight}, {delay}, {strength}, {tau_decay}");
        match projection.plasticity {
            None => fixed.push(format!("({row})")),
            Some(Plasticity { U, tau_rec_ms, tau_fac_ms }) => {
                let [U, tau_rec, tau_fac] = [U, tau_rec_ms.max(LEAST_MS), tau_fac_ms.max(LEAST_MS)].map(number);
                plastic.push(format!("({row}, {U}, {tau_rec}, {tau_fac})"));
            }
        }
    }
    let mut text = String::new();
    if !fixed.is_empty() {
        text += &format!("{COMMENT}.\n{COMMENT_OF_GATE}{}{CONNECT}", list("NMDA", fixed));
    }
    if !plastic.is_empty() {
        let table = list("PLASTIC_NMDA", plastic);
        text += &format!(
            "{COMMENT}, and short-term plasticity: U, tau_rec, tau_fac (ms).\n{COMMENT_OF_GATE}{table}{CONNECT_PLASTIC}"
        );
    }
    text
}
