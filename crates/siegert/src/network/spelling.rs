//! What a user may have meant: the nearest known name, and the names that other tools give to the same thing.

use super::keys::Section;

/// Names beyond this number are not compared: suggestions are for people, not for generated files.
const MAX_COMPARED: usize = 500;
/// Names beyond this number are not listed.
const MAX_LISTED: usize = 12;
/// Longer names are not compared, since the time grows as the product of the lengths.
const MAX_LENGTH: usize = 64;

/// The known name that `name` is a likely misspelling of; never `name` itself.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > MAX_LENGTH {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(name);
    let distance = |candidate: &str| strsim::osa_distance(&wanted, &plain(candidate));
    known
        .take(MAX_COMPARED)
        .filter(|candidate| candidate.len() <= MAX_LENGTH && *candidate != name)
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance == 0 || *distance <= wanted.chars().count() / 3)
        .map(|(_, candidate)| candidate)
}

/// The names in quotes, separated by commas.
pub(crate) fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("\"{}\"", shortened(name))).collect();
    match names.len().saturating_sub(MAX_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A name short enough for a message.
pub(crate) fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_string(),
    }
}

/// Advice for a key that `section` does not have.
pub(crate) fn key_advice(key: &str, section: &Section) -> Option<String> {
    let known = |name: &str| section.keys.iter().any(|known| known.name == name);
    for (section_name, spellings, right) in ALIASES {
        if (*section_name == section.name || section_name.is_empty()) && spellings.contains(&key) {
            return Some(match known(right) {
                true => format!("it is called \"{right}\" here"),
                false => (*right).to_string(),
            });
        }
    }
    if let Some(name) = nearest(key, section.keys.iter().map(|known| known.name)) {
        return Some(format!("did you mean \"{name}\"?"));
    }
    let folded = key.to_lowercase();
    ALIASES
        .iter()
        .filter(|(section_name, ..)| *section_name == section.name)
        .find(|(_, spellings, _)| spellings.iter().any(|spelling| spelling.to_lowercase() == folded))
        .filter(|(.., right)| known(right))
        .map(|(.., right)| format!("it is called \"{right}\" here"))
}

const ABSOLUTE_TH: &str = "voltages are absolute here: write \"V_th\" as E_L + the relative threshold";
const ABSOLUTE_RESET: &str = "voltages are absolute here: write \"V_reset\" as E_L + the relative reset";
const SYNAPSE_TABLE: &str =
    "synaptic times belong to a synapse: [synapses.NAME] with kind and tau, named by \"synapse\" in a projection";
const NOT_USED: &str = "a stationary state does not depend on initial values; remove it";
const CONNECTIONS: &str = "connections are written as [[projections]] with from, to, weight and delay";

/// The value that other tools' word for a model, kind or distribution stands for.
pub(crate) fn choice_alias(value: &str) -> Option<&'static str> {
    let folded = value.to_lowercase();
    CHOICES.iter().find(|(spellings, _)| spellings.contains(&folded.as_str())).map(|(_, right)| *right)
}

const CHOICES: &[(&[&str], &str)] = &[
    (&["iaf", "leaky", "if", "iaf_psc_delta", "iaf_psc_exp", "iaf_cond_exp", "if_curr_exp", "if_cond_exp"], "lif"),
    (&["aeif", "aeif_psc_exp", "aeif_cond_exp", "eif_cond_exp_isfa_ista", "adexp"], "adex"),
    (&["pif", "perfect_if", "nlif", "leakless"], "perfect"),
    (&["quadratic", "theta", "izhikevich"], "qif"),
    (&["exponential_if", "expif"], "eif"),
    (&["dc", "dc_generator", "dcsource", "constant", "step", "ac", "ac_generator"], "current"),
    (&["poisson_generator", "spikesourcepoisson", "poissongroup", "poissoninput"], "poisson"),
    (&["white_noise", "noise_generator", "gwn", "noisycurrentsource", "ornstein_uhlenbeck"], "noise"),
    (&["exp", "exponential", "exp_curr", "exp_current", "psc_exp", "current"], "exponential_current"),
    (&["alpha", "alpha_curr", "psc_alpha", "if_curr_alpha", "curr_alpha", "alpha_function"], "alpha_current"),
    (
        &[
            "bi_exponential",
            "biexponential",
            "double_exp",
            "double_exponential",
            "dexp",
            "two_exponential",
            "beta",
            "exp2syn",
        ],
        "double_exponential_current",
    ),
    (&["cond", "conductance", "exp_cond", "exp_conductance", "cond_exp"], "exponential_conductance"),
    (&["gaussian", "gauss"], "normal"),
    (&["cauchy", "lorentz"], "lorentzian"),
];

/// Section (of keys.rs), the spellings of PyNN, NEST, NNMT and Brian, and the key here, or an explanation.
const ALIASES: &[(&str, &[&str], &str)] = &[
    ("neuron", &["cm", "C", "c_m", "Cm", "capacitance"], "C_m"),
    ("neuron", &["gL", "g_l", "gl", "G_L", "g_leak"], "g_L"),
    ("neuron", &["tau_refrac", "tau_r", "t_refrac", "refractory", "tau_ref", "tref", "t_rp", "tau_rp"], "t_ref"),
    ("neuron", &["v_thresh", "V_th_abs", "threshold", "theta", "Vt", "VT", "V_T", "v_th", "V_thr", "vth"], "V_th"),
    ("neuron", &["v_reset", "V_0_abs", "V_0", "reset", "v_r", "Vr", "V_r", "V_re", "vreset"], "V_reset"),
    ("neuron", &["v_rest", "El", "EL", "V_rest", "e_l", "E_leak", "V_L", "v_leak"], "E_L"),
    ("neuron", &["tau", "taum", "tau_mem", "tau_membrane"], "tau_m"),
    ("neuron", &["delta_T", "DeltaT", "deltaT", "delta_t", "sharpness"], "Delta_T"),
    ("neuron", &["v_spike", "V_spike", "V_cut", "v_peak", "cutoff"], "V_peak"),
    ("neuron", &["tau_adapt", "tauw", "tau_W"], "tau_w"),
    ("neuron", &["type", "kind", "neuron_model"], "model"),
    ("neuron", &["V_th_rel", "V_th_relative"], ABSOLUTE_TH),
    ("neuron", &["V_0_rel", "V_reset_rel"], ABSOLUTE_RESET),
    (
        "neuron",
        &["tau_syn", "tau_syn_E", "tau_syn_I", "tau_syn_ex", "tau_syn_in", "tau_s", "tau_minus", "tau_e", "tau_i"],
        SYNAPSE_TABLE,
    ),
    (
        "neuron",
        &["e_rev_E", "e_rev_I", "E_ex", "E_in", "E_rev"],
        "reversal potentials belong to a synapse: [synapses.NAME] with E_rev",
    ),
    ("neuron", &["i_offset", "I_ext", "I"], "I_e"),
    ("neuron", &["V_m", "v_init", "v"], NOT_USED),
    ("synapse", &["tau_syn", "tau_s", "tau_syn_E", "tau_syn_I", "tau_syn_ex", "tau_syn_in", "time_constant"], "tau"),
    ("synapse", &["e_rev", "E", "reversal", "E_syn", "e_rev_E", "e_rev_I", "E_ex", "E_in"], "E_rev"),
    ("synapse", &["type", "model"], "kind"),
    ("synapse", &["tau_r", "rise", "rise_time", "tau_rise_ms"], "tau_rise"),
    ("synapse", &["tau_d", "decay", "decay_time", "tau_decay_ms"], "tau_decay"),
    ("population", &["N", "n", "number", "count", "num_neurons", "neurons"], "size"),
    ("population", &["type", "model", "cell", "celltype", "neuron_type", "cellclass"], "neuron"),
    ("population", &["V_m", "V_init", "v_init", "V0", "V_0", "initial_V", "start"], "initial"),
    ("projection", &["source", "sources", "pre", "presynaptic", "presynaptic_population"], "from"),
    ("projection", &["target", "targets", "post", "postsynaptic", "postsynaptic_population"], "to"),
    ("projection", &["K", "indegree", "C", "C_E", "C_I", "fan_in", "in_degrees"], "in_degree"),
    ("projection", &["p", "p_connect", "conn_prob", "connection_probability", "prob", "epsilon"], "probability"),
    ("projection", &["N", "n_syn", "N_syn", "number", "synapses"], "total"),
    ("projection", &["outdegree", "out_degree"], "give the in_degree, or total = \"outdegree * N_pre\""),
    ("projection", &["w", "J", "j", "weights", "strength", "g"], "weight"),
    ("projection", &["d", "d_e", "d_i", "d_ex", "d_in", "delays", "D"], "delay"),
    ("projection", &["synapse_type", "syn_spec", "receptor_type", "receptor"], "synapse"),
    ("projection", &["allow_autapses", "allow_self_connections", "self_connections"], "autapses"),
    ("projection", &["allow_multapses", "with_replacement"], "multapses"),
    ("projection", &["rule"], "the rule follows from the key: in_degree, probability or total"),
    ("drive", &["target", "targets", "post", "population", "populations"], "to"),
    ("drive", &["type", "model"], "kind"),
    ("drive", &["nu_ext", "nu", "frequency", "rates", "nu_x"], "rate"),
    ("drive", &["K", "K_ext", "indegree", "N", "n", "number", "C_ext"], "in_degree"),
    ("drive", &["w", "J", "J_ext", "weights", "w_ext"], "weight"),
    ("drive", &["d", "delays"], "delay"),
    ("drive", &["synapse_type", "receptor_type"], "synapse"),
    ("drive", &["amplitude", "I_e", "I", "i_offset", "current", "amp"], "value"),
    ("drive", &["mu", "mu_ext"], "mean"),
    ("drive", &["sigma", "sigma_ext", "stdev"], "std"),
    ("modulation", &["f", "freq", "rate"], "frequency"),
    ("modulation", &["a", "depth"], "amplitude"),
    ("drive", &["schedule", "trace", "waveform", "times", "profile"], "course"),
    ("course", &["time", "t", "times_ms"], "times"),
    ("course", &["factor", "scale", "scales"], "factors"),
    ("course", &["rate", "rates_hz"], "rates"),
    ("course", &["value", "amplitude", "amplitudes", "currents"], "values"),
    ("course", &["path", "csv", "table"], "file"),
    ("course", &["interpolate", "kind", "method"], "interpolation"),
    ("law", &["mu", "loc"], "mean"),
    ("law", &["sigma", "sd", "stdev", "scale"], "std"),
    ("law", &["min", "a"], "low"),
    ("law", &["max", "b"], "high"),
    ("law", &["type", "law", "kind"], "distribution"),
    ("file", &["neuron", "cells"], "neurons"),
    ("file", &["population", "layers"], "populations"),
    ("file", &["projection", "synapse"], "projections"),
    ("file", &["connections", "connection", "connectivity"], CONNECTIONS),
    ("file", &["drive", "inputs", "input", "stimulus", "external"], "drives"),
    ("file", &["params", "parameter", "network_params", "constants"], "parameters"),
    ("file", &["case", "states"], "cases"),
    ("file", &["expectations", "expected"], "expect"),
    ("file", &["title", "label"], "name"),
    ("file", &["simulation", "sim"], "the duration, time step and seed of a simulation are options of the command"),
    ("", &["unit", "units"], "units stand in the value: \"20 ms\""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["V_th", "V_reset", "tau_m"];
        assert_eq!(nearest("tua_m", known.into_iter()), Some("tau_m"));
        assert_eq!(nearest("v_RESET", known.into_iter()), Some("V_reset"));
        assert_eq!(nearest("weight", known.into_iter()), None);
    }

    #[test]
    fn other_spellings_lead_to_a_key_or_to_an_explanation_and_are_no_keys_themselves() {
        for (section_name, spellings, right) in ALIASES {
            let Some(section) = crate::network::keys::SECTIONS.iter().find(|s| s.name == *section_name) else {
                assert!(section_name.is_empty());
                continue;
            };
            assert!(right.contains(' ') || section.key(right).is_some(), "{section_name}: {right}");
            for spelling in *spellings {
                assert!(section.key(spelling).is_none(), "{section_name}: {spelling} is a key");
            }
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..100).map(|i| format!("P{i}")).collect();
        let text = listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(text.ends_with("\"P11\" and 88 more"), "{text}");
    }
}
