//! The PyNEST script: neurons, connections, and the laws of weights and delays. Its neuron models are in `nest_models`, its drives in `nest_drives`.

use std::fmt::Write;

use super::ExportError;
use super::differing::Differing;
use super::exported_network::{Connected, ExportedNetwork, Value, start_mv};
use super::header::{self, docstring, synapses};
use super::nest_drives;
use super::nest_models::{Receptors, parameters};
use super::nest_nmda;
use super::python::{Entries, dict, fill, functions_called, list, number, string};
use crate::network::{Law, Neuron, NeuronModel, Plasticity, of_logarithm};
use crate::numerics::steps::tidy;
use crate::simulation::{Rule, SimulationOptions};

/// Connections that one synapse model can have on one thread: NEST numbers them by 27 bits.
const MOST_OF_A_MODEL: f64 = 134_217_727.0;

/// NEST takes no recovery at once; what this leaves after a step is nothing.
const LEAST_RECOVERY_MS: f64 = 1e-6;

/// Laws of the script: NEST's own of connections, and numpy's of neurons.
const LAWS: &[&str] = &[include_str!("templates/nest_laws.py"), include_str!("templates/brian2_laws.py")];

/// What NEST's exponential neurons do in another way.
const OF_AEIF: &str = " NEST's aeif neurons are solved by steps within the step, in which a spike resets them: without t_ref they go on at once, \
                       and not from the end of the step; a spike that a delta synapse brings about comes a step later.";

/// The whole script.
pub(super) fn script(exported: &ExportedNetwork<'_>) -> Result<String, ExportError> {
    let SimulationOptions { dt_ms, .. } = *exported.options;
    if (dt_ms * 1000.0 - (dt_ms * 1000.0).round()).abs() > 1e-9 || dt_ms < 0.001 {
        return Err(ExportError::TimeStep { dt_ms });
    }
    let receptors: Vec<Receptors> =
        (0..exported.inputs.len()).map(|index| Receptors::new(exported, index)).collect::<Result<_, _>>()?;
    let projections = projections(exported, &receptors)?;
    let differences = differences(exported, &receptors);
    let has_exponential = |neuron: &Neuron| matches!(neuron.model, NeuronModel::Eif { .. } | NeuronModel::Adex { .. });
    let spikes_by_itself = exported.network.populations.iter().any(|population| has_exponential(&population.neuron));
    let docstring = docstring(
        exported,
        "a PyNEST script for NEST 3.10",
        "python3 SCRIPT.py [--duration MS] [--warmup MS] [--seed N] [--threads N] [--spikes PATH.csv]",
        &format!(
            "NEST gives each neuron the same order of events in a step as siegert; nothing {}is known to differ but the random numbers.{}{}",
            if spikes_by_itself { "else " } else { "" },
            if spikes_by_itself { OF_AEIF } else { "" },
            nest_nmda::remark(exported),
        ),
    );
    // neurons with NMDA receptors send by the time within the step what they opened, which a recorder would subtract
    let (recorder, steps) = match receptors.iter().any(|receptors| matches!(receptors, Receptors::Gated(_))) {
        true => (", params={\"time_in_steps\": True}", " * DT"),
        false => ("", ""),
    };
    Ok(fill(
        include_str!("templates/nest.py"),
        &[
            ("options", header::options(exported.options, threads(exported.options), &docstring)),
            ("functions", functions_called(LAWS, &format!("{projections}{differences}"))),
            ("capacitance", capacitance(exported)),
            ("populations", populations(exported, &receptors)),
            ("projections", projections),
            ("differences", differences),
            ("drives", nest_drives::drives(exported, &receptors)?),
            ("recorder", recorder.to_string()),
            ("steps", steps.to_string()),
            ("docstring", docstring),
            ("network", string(&exported.network.name)),
            ("dt", number(dt_ms)),
        ],
    ) + &header::report(dt_ms, SIMULATION))
}

const SIMULATION: &str = "\
simulation = {\"duration_ms\": duration, \"warmup_ms\": warmup, \"dt_ms\": DT, \"seed\": options.seed, \"threads\": options.threads}
simulation[\"simulator\"] = f\"NEST {nest.__version__}\"
";

fn threads(options: &SimulationOptions) -> String {
    format!(
        "parser.add_argument(\"--threads\", type=int, default={}, metavar=\"N\", help=\"(default %(default)s)\")\n",
        options.threads.unwrap_or(1)
    )
}

/// A remark where siegert's network has no capacitance.
fn capacitance(exported: &ExportedNetwork<'_>) -> String {
    if exported.network.populations.iter().all(|population| population.neuron.C_m_pf.is_some()) {
        return String::new();
    }
    "# The network has no capacitance: C_m = tau_m makes a membrane resistance of 1 mV/pA, so currents in pA are R I in mV.\n".to_string()
}

/// Membrane resistance in the script, mV/pA.
pub(super) fn resistance(exported: &ExportedNetwork<'_>, population: usize) -> f64 {
    let neuron = &exported.population(population).neuron;
    neuron.tau_m_ms / capacitance_pf(neuron)
}

/// Capacitance in the script, which NEST asks for everywhere.
///
/// Where siegert's network has none, no input is in pA, as the network's checks have made sure, and `tau_m` makes 1 pA of the script 1 mV of `R I`.
pub(super) fn capacitance_pf(neuron: &Neuron) -> f64 {
    match neuron.C_m_pf {
        Some(C_m) => C_m,
        None => neuron.tau_m_ms,
    }
}

fn populations(exported: &ExportedNetwork<'_>, receptors: &[Receptors]) -> String {
    let mut text = "POPULATIONS = {\n".to_string();
    for (index, (population, receptors)) in exported.network.populations.iter().zip(receptors).enumerate() {
        let neuron = &population.neuron;
        let mut parameters = parameters(neuron, exported.refractory_ms[index], receptors);
        let (lowest, highest) = start_mv(population);
        let current = tidy(exported.steady_mv(index) / resistance(exported, index));
        if current != 0.0 && !receptors.has_no_current() && !Differing::new(exported, index).has_current() {
            parameters.push(("I_e", number(current)));
        }
        let _ = write!(
            text,
            "    {}: {{\n        \"model\": \"{}\",\n        \"size\": {},\n        \"V_start\": ({}, {}),\n        \"parameters\": {},\n    }},\n",
            string(&population.name),
            receptors.model(neuron),
            population.size,
            number(lowest),
            number(highest),
            dict(&parameters),
        );
    }
    text + "}\n"
}

/// Sets what differs between neurons.
fn differences(exported: &ExportedNetwork<'_>, receptors: &[Receptors]) -> String {
    let mut text = String::new();
    for (population, differing) in Differing::of_populations(exported) {
        let index = exported.network.populations.iter().position(|other| other.name == population.name);
        let neuron = &population.neuron;
        let (C_m, tau_m) = (number(capacitance_pf(neuron)), number(neuron.tau_m_ms));
        let mut values: Vec<String> = Vec::new();
        values.extend(differing.V_th.as_ref().map(|_| "\"V_th\": list(V_th)".to_string()));
        values.extend(differing.E_L.as_ref().map(|_| "\"E_L\": list(E_L)".to_string()));
        let by_conductance = index.is_some_and(|index| receptors[index].leaks(neuron));
        values.extend(differing.tau_m.as_ref().map(|_| match by_conductance {
            true => format!("\"g_L\": list({C_m} / tau_m)"),
            false => "\"tau_m\": list(tau_m)".to_string(),
        }));
        let own = if differing.tau_m.is_some() { "tau_m".to_string() } else { tau_m.clone() };
        // through the neuron's own resistance, and as a current through that at the centre
        let from_mv = differing.R_I.as_ref().map(|R_I| format!("({R_I}) * {C_m} / {own}"));
        let from_pa = differing.by_R.as_ref().map(|by_R| format!("({by_R}) * {C_m} / {tau_m}"));
        let current: Vec<String> = from_mv.into_iter().chain(from_pa).collect();
        if !current.is_empty() {
            let all = format!("{} + np.zeros({})", current.join(" + "), population.size);
            values.push(format!("\"I_e\": list({all})"));
        }
        let lines: String = differing.lines().iter().map(|line| format!("{line}\n")).collect();
        let _ = writeln!(text, "{lines}populations[{}].set({{{}}})", string(&population.name), values.join(", "));
    }
    if text.is_empty() {
        return text;
    }
    format!("# What differs between neurons (ms, mV, pA).\nrandom = np.random.default_rng(options.seed)\n{text}\n")
}

fn projections(exported: &ExportedNetwork<'_>, receptors: &[Receptors]) -> Result<String, ExportError> {
    if exported.projections.is_empty() {
        return Ok(String::new());
    }
    let unit = weight_unit(receptors);
    let rows: Vec<String> = exported
        .projections
        .iter()
        .map(|connected| projection(exported, connected, &receptors[connected.projection.target]))
        .collect::<Result<_, _>>()?;
    let table = list("PROJECTIONS", rows);
    let many =
        exported.projections.iter().map(|connected| synapses(exported, connected)).sum::<f64>() > MOST_OF_A_MODEL;
    let connect = if many {
        "# A synapse model for each source: NEST can number 134 million connections of one model on one thread.\n\
         models = {source: f\"from_{number}\" for number, source in enumerate(populations)}\nfor model in models.values():\n    \
         nest.CopyModel(\"static_synapse\", model)\nfor source, target, rule, synapse in PROJECTIONS:\n    \
         nest.Connect(populations[source], populations[target], rule, {\"synapse_model\": models[source], **synapse})\n"
    } else {
        "for source, target, rule, synapse in PROJECTIONS:\n    nest.Connect(populations[source], populations[target], rule, synapse)\n"
    };
    Ok(format!("# Projections: source, target, rule, synapse (weight in {unit}, delay in ms).\n{table}{connect}\n"))
}

/// The unit of the weights in the script.
pub(super) fn weight_unit(receptors: &[Receptors]) -> &'static str {
    let gated = receptors.iter().filter(|receptors| matches!(receptors, Receptors::Gated(_))).count();
    if gated > 0 {
        return if gated == receptors.len() {
            "nS"
        } else {
            "nS for iaf_bw_2001 and models in cond_exp, negative for inhibition of the latter; mV for models in psc_delta, else pA"
        };
    }
    let conductances = receptors.iter().filter(|receptors| matches!(receptors, Receptors::Conductances { .. })).count();
    if conductances > 0 {
        return if conductances == receptors.len() {
            "nS, negative for inhibition"
        } else {
            "nS for models in cond_exp, negative for inhibition; \
            mV for models in psc_delta, else pA"
        };
    }
    match receptors.iter().filter(|receptors| **receptors == Receptors::Delta).count() {
        0 => "pA",
        all if all == receptors.len() => "mV",
        _ => "mV for models in psc_delta, else pA",
    }
}

fn projection(
    exported: &ExportedNetwork<'_>,
    connected: &Connected<'_>,
    receptors: &Receptors,
) -> Result<String, ExportError> {
    let Connected { projection, wiring, weight, delay } = connected;
    let mut rule: Entries = match wiring.rule {
        Rule::InDegree(in_degree) => {
            vec![("rule", string("fixed_indegree")), ("indegree", in_degree.to_string())]
        }
        Rule::Probability(probability) => vec![("rule", string("pairwise_bernoulli")), ("p", number(probability))],
        Rule::Total(_) if !wiring.multapses => {
            return Err(ExportError::Multapses { place: exported.place_of(projection) });
        }
        Rule::Total(total) => vec![("rule", string("fixed_total_number")), ("N", total.to_string())],
    };
    if !wiring.autapses {
        rule.push(("allow_autapses", "False".to_string()));
    }
    if let (Rule::InDegree(_), false) = (wiring.rule, wiring.multapses) {
        rule.push(("allow_multapses", "False".to_string()));
    }
    let weight = receptors.weight(&projection.synapse, *weight, || exported.place_of(projection))?;
    let mut synapse = vec![("weight", weight_source(&weight)), ("delay", delay_source(delay, exported.options.dt_ms))];
    synapse.extend(receptors.port(&projection.synapse));
    synapse.extend(projection.plasticity.iter().flat_map(plasticity));
    let [source, target] = [projection.source, projection.target].map(|index| string(exported.name(index)));
    Ok(format!("({source}, {target}, {}, {})", dict(&rule), dict(&synapse)))
}

/// Short-term plasticity: NEST's model of it, in its state before any spike.
fn plasticity(plasticity: &Plasticity) -> Entries {
    let Plasticity { U, tau_rec_ms, tau_fac_ms } = *plasticity;
    vec![
        ("synapse_model", string("tsodyks2_synapse")),
        ("U", number(U)),
        ("u", number(U)),
        ("x", number(1.0)),
        ("tau_rec", number(tau_rec_ms.max(LEAST_RECOVERY_MS))),
        ("tau_fac", number(tau_fac_ms)),
    ]
}

/// A weight, or the law that NEST draws it from.
pub(super) fn weight_source(weight: &Value) -> String {
    let signed = |mean: f64, law: String| if mean < 0.0 { format!("-{law}") } else { law };
    match *weight {
        // a Lorentzian law of weights or delays is refused by the network's checks
        Value::Fixed(value) | Value::Law(Law::Constant { value } | Law::Lorentzian { center: value, .. }) => {
            number(value)
        }
        Value::Law(Law::Normal { mean, std }) => format!("nest.random.normal({}, {})", number(mean), number(std)),
        Value::Law(Law::Uniform { low, high }) => format!("nest.random.uniform({}, {})", number(low), number(high)),
        Value::Law(Law::Exponential { mean }) => {
            signed(mean, format!("nest.random.exponential({})", number(mean.abs())))
        }
        Value::Law(Law::Lognormal { mean, std }) => {
            let (location, scale) = of_logarithm(mean.abs(), std);
            signed(mean, format!("nest.random.lognormal({}, {})", number(location), number(scale)))
        }
    }
}

/// A delay, or its law: never shorter than a step. An exponential law has no memory, so what is beyond a step is again exponential.
fn delay_source(delay: &Value, dt_ms: f64) -> String {
    match *delay {
        Value::Fixed(value) | Value::Law(Law::Constant { value } | Law::Lorentzian { center: value, .. }) => {
            number(value)
        }
        Value::Law(Law::Normal { mean, std }) => format!("normal_delay({}, {})", number(mean), number(std)),
        Value::Law(Law::Uniform { low, high }) => {
            format!("nest.random.uniform({}, {})", number(low.max(dt_ms)), number(high))
        }
        Value::Law(Law::Exponential { mean }) => format!("DT + nest.random.exponential({})", number(mean)),
        Value::Law(Law::Lognormal { mean, std }) => {
            let (location, scale) = of_logarithm(mean, std);
            format!("lognormal_delay({}, {})", number(location), number(scale))
        }
    }
}
