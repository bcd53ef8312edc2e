//! Projections with short-term plasticity in the Brian 2 script: each synapse keeps its own state, updated when a spike arrives.

use super::brian2::{Variables, delay_source, law_source, rule_source};
use super::exported_network::{Connected, ExportedNetwork};
use super::python::{list, number, string};
use crate::network::{Plasticity, Synapse};

/// Brian divides by time constants; what this leaves after a step is nothing.
pub(super) const LEAST_MS: f64 = 1e-6;

const CONNECT: &str = r#"for source, target, rule, number, variable, weight, delay, U, tau_rec, tau_fac in PLASTIC:
    i, j = rule(POPULATIONS[source]["size"], POPULATIONS[target]["size"], number)
    arrival = "x = 1 + (x - u * x - 1) * exp((last_spike - t) / tau_rec)\n"
    arrival += "u = U + (1 - U) * u * exp((last_spike - t) / tau_fac)\nlast_spike = t\n"
    arrival += ARRIVAL[variable].replace("+= w", "+= w * u * x")
    constants = {"U": U, "tau_rec": tau_rec * ms, "tau_fac": tau_fac * ms}
    synapses = b2.Synapses(
        groups[source], groups[target], "w : 1\nu : 1\nx : 1\nlast_spike : second", on_pre=arrival, namespace=constants
    )
    synapses.connect(i=i, j=j)
    synapses.w = weight(len(i))
    synapses.u, synapses.x, synapses.last_spike = U, 1, -1e9 * ms
    synapses.delay = (delay(len(i)) - DT) * ms
    network.add(synapses)

"#;

/// The table of such projections, with the code that connects them; nothing where there are none.
pub(super) fn projections(exported: &ExportedNetwork<'_>, variables: &Variables) -> String {
    let row = |connected: &Connected<'_>| {
        let Connected { projection, wiring, weight, delay } = connected;
        // those with gates stand in a table of their own
        let (Plasticity { U, tau_rec_ms, tau_fac_ms }, false) =
            (projection.plasticity?, matches!(projection.synapse, Synapse::Nmda { .. }))
        else {
            return None;
        };
        let (rule, amount) = rule_source(wiring);
        let [source, target] = [projection.source, projection.target].map(|index| string(exported.name(index)));
        let [U, tau_rec, tau_fac] = [U, tau_rec_ms.max(LEAST_MS), tau_fac_ms.max(LEAST_MS)].map(number);
        let (weight, delay) = (law_source(weight), delay_source(delay));
        let variable = variables.of(&projection.synapse);
        Some(format!(
            "({source}, {target}, {rule}, {amount}, \"{variable}\", {weight}, {delay}, {U}, {tau_rec}, {tau_fac})"
        ))
    };
    let rows: Vec<String> = exported.projections.iter().filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "# Projections with short-term plasticity: as above, U, tau_rec, tau_fac (ms).\n{}{CONNECT}",
        list("PLASTIC", rows)
    )
}
