//! Neurons that Poisson processes reach through conductances, as network files, from rows of `reference/conductance.csv`.

use crate::support::{Row, number};
use siegert::network::Network;
use siegert::testing::read;

/// Neurons of a row of the table; `g_L` is 10 nS.
pub(crate) fn driven(row: &Row, neurons: u64) -> Network {
    let of = |name: &str| number(row, name);
    let mut text = format!(
        "[populations]\nA = {{ size = {neurons}, neuron = \"n\" }}\n[neurons.n]\nmodel = \"lif\"\ng_L = \"10 nS\"\n"
    );
    for (name, column) in [("tau_m", "tau_m_ms"), ("t_ref", "t_ref_ms")] {
        text += &format!("{name} = \"{} ms\"\n", of(column));
    }
    for name in ["V_th", "V_reset", "E_L"] {
        text += &format!("{name} = \"{} mV\"\n", of(&format!("{name}_mv")));
    }
    for input in ["e", "i"] {
        let own = |name: &str| of(&format!("{name}_{input}"));
        let (tau_ms, E_rev) = (own("tau_ms"), own("E_rev_mv"));
        let kind = match tau_ms {
            0.0 => "kind = \"delta_conductance\"".to_string(),
            tau_ms => format!("kind = \"exponential_conductance\"\ntau = \"{tau_ms} ms\""),
        };
        text += &format!("[synapses.{input}]\n{kind}\nE_rev = \"{E_rev} mV\"\n");
        let (rate, weight) = (own("rate_khz"), 10.0 * own("jump"));
        text += &format!(
            "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate} kHz\"\nweight = \"{weight} nS\"\nsynapse = \"{input}\"\n"
        );
    }
    read(&text)
}
