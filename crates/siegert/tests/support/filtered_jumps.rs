//! A neuron that receives jumps through a synapse with a time constant: rows of `tests/reference/shot_noise_filtered.csv`.

use crate::support::{Row, number};

/// The network file of a row.
pub(crate) fn filtered_jumps(row: &Row) -> String {
    let of = |name: &str| number(row, name);
    let (tau_m, tau_syn) = (of("tau_m_ms"), of("tau_syn_ms"));
    let rest = of("mu_mv") - tau_m * (of("R_e_per_ms") * of("J_e_mv") + of("R_i_per_ms") * of("J_i_mv"));
    let mut text = format!(
        "[neurons.n]\nmodel = \"lif\"\ntau_m = \"{tau_m} ms\"\nC_m = \"250 pF\"\nE_L = \"{rest} mV\"\nV_th = \"{} mV\"\n\
         V_reset = \"{} mV\"\nt_ref = \"{} ms\"\n[synapses.s]\nkind = \"exponential_current\"\ntau = \"{tau_syn} ms\"\n\
         [populations]\nA = {{ size = 1, neuron = \"n\" }}\n",
        of("V_th_mv"),
        of("V_reset_mv"),
        of("t_ref_ms")
    );
    for (rate, jump) in [("R_e_per_ms", "J_e_mv"), ("R_i_per_ms", "J_i_mv")] {
        let (rate_hz, weight) = (1000.0 * of(rate), of(jump) * 250.0 / tau_syn);
        text += &format!(
            "[[drives]]\nto = \"A\"\nkind = \"poisson\"\nrate = \"{rate_hz} Hz\"\nweight = \"{weight} pA\"\nsynapse = \"s\"\n"
        );
    }
    text
}
