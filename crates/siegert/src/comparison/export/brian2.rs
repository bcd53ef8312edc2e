//! The Brian 2 script: neurons and connections. Its drives are in `brian2_drives`.
//!
//! Brian's usual order tests thresholds before synapses act. Here synapses act first, as in NEST. A spike then waits for the next step
//! before it is on its way, so delays are a step shorter than in the file. A spike of step `n` with a delay of `d` steps acts in step
//! `n + d`, after the decay and before the threshold: the order of [`crate::simulation`], step by step.

use std::fmt::Write;

use super::ExportError;
use super::brian2_drives;
use super::brian2_flow::{flow, is_linear, not_linear};
use super::brian2_nmda;
use super::brian2_plastic;
use super::differing::Differing;
use super::exported_network::{Connected, ExportedNetwork, Value, start_mv};
use super::header::{self, docstring};
use super::python::{fill, functions_called, list, number, string};
use crate::network::{CurrentCourse, Law, Synapse, of_logarithm};
use crate::simulation::{Rule, Wiring};

const RULES: &str = include_str!("templates/brian2_rules.py");
const LAWS: &str = include_str!("templates/brian2_laws.py");
/// Relative difference of a synapse's time constant from the membrane's, at least. The error of the potential is 2e-8 by it, and as much
/// by rounding; the one grows with the difference, the other falls.
const LEAST_DIFFERENCE: f64 = 1e-7;
/// The same of a current that rises, in whose solution the difference is squared: errors of 5e-6 by it and by rounding.
const LEAST_OF_RISES: f64 = 5e-6;
const SIMULATION: &str = "\
simulation = {\"duration_ms\": duration, \"warmup_ms\": warmup, \"dt_ms\": DT, \"seed\": options.seed, \"threads\": 1}
simulation[\"simulator\"] = f\"Brian {b2.__version__}\"
";

/// The variable that a synapse adds to: `v`, or of each kind of current of the network the current itself, or its slope where it rises.
#[derive(Debug)]
pub(super) struct Variables {
    courses: Vec<CurrentCourse>,
    /// Time constants and reversal potentials of conductances.
    conductances: Vec<(f64, f64)>,
    /// Kinds of NMDA receptors.
    nmda: Vec<Synapse>,
    delta: bool,
}

/// Names of what belongs to a kind of current. `i` alone is an index in Brian.
struct Names {
    current: String,
    tau: String,
    /// Of a current that rises, the slope that its spikes have made, and its time constant.
    slope: String,
    tau_rise: String,
}

impl Variables {
    /// Refuses what no variable of the script stands for.
    fn new(exported: &ExportedNetwork<'_>) -> Result<Self, ExportError> {
        let mut variables = Variables { courses: Vec::new(), conductances: Vec::new(), nmda: Vec::new(), delta: false };
        for (index, inputs) in exported.inputs.iter().enumerate() {
            for input in inputs {
                match (input.synapse, input.synapse.current()) {
                    (Synapse::ExponentialConductance { tau_ms, E_rev_mv }, _) => {
                        if !variables.conductances.contains(&(tau_ms, E_rev_mv)) {
                            variables.conductances.push((tau_ms, E_rev_mv));
                        }
                    }
                    (Synapse::Nmda { .. }, _) => {
                        if !variables.nmda.contains(&input.synapse) {
                            variables.nmda.push(input.synapse);
                        }
                    }
                    (Synapse::DeltaConductance { .. }, _) => {
                        let population = exported.name(index).to_string();
                        return Err(ExportError::Pulses { population, simulator: "Brian2" });
                    }
                    (_, Some(course)) if variables.courses.contains(&course) => {}
                    (_, Some(course)) => variables.courses.push(course),
                    (_, None) => variables.delta = true,
                }
            }
        }
        Ok(variables)
    }

    pub(super) fn of(&self, synapse: &Synapse) -> String {
        match *synapse {
            Synapse::ExponentialConductance { tau_ms, E_rev_mv } => self.conductance((tau_ms, E_rev_mv), "g_syn"),
            Synapse::Nmda { .. } => self.of_nmda(synapse, "g_nmda"),
            _ => synapse.current().map_or("v".to_string(), |course| self.changed(&course)),
        }
    }

    /// The name of what belongs to a conductance.
    fn conductance(&self, of: (f64, f64), name: &str) -> String {
        let place = 1 + self.conductances.iter().position(|it| *it == of).unwrap_or_default();
        format!("{name}_{place}")
    }

    /// The name of what belongs to a kind of NMDA receptors.
    fn of_nmda(&self, kind: &Synapse, name: &str) -> String {
        let place = 1 + self.nmda.iter().position(|it| it == kind).unwrap_or_default();
        format!("{name}_{place}")
    }

    fn has_conductances(&self) -> bool {
        !self.conductances.is_empty() || !self.nmda.is_empty()
    }

    /// What a spike of weight 1 adds to the variable.
    pub(super) fn unit_of(synapse: &Synapse) -> String {
        match synapse.current() {
            Some(course) => Self::unit(&course),
            None => synapse.weight_unit().to_string(),
        }
    }

    fn unit(course: &CurrentCourse) -> String {
        match course.tau_rise_ms {
            0.0 => "pA".to_string(),
            rise_ms => format!("{} * pA / ms", number(course.charge_ms() / (rise_ms * course.tau_decay_ms))),
        }
    }

    /// The variable that a spike changes.
    fn changed(&self, course: &CurrentCourse) -> String {
        let Names { current, slope, .. } = self.names(course);
        if course.tau_rise_ms == 0.0 { current } else { slope }
    }

    fn names(&self, course: &CurrentCourse) -> Names {
        let place = 1 + self.courses.iter().position(|it| it == course).unwrap_or_default();
        let name = |of: &str| if self.courses.len() < 2 { of.to_string() } else { format!("{of}_{place}") };
        Names { current: name("I_syn"), tau: name("tau_syn"), slope: name("slope_syn"), tau_rise: name("tau_rise") }
    }

    /// What a spike does, by variable.
    fn arrival(&self) -> String {
        let mut text = "# What a spike does, by the variable that it changes; a delta spike is lost on a refractory neuron.\nARRIVAL = \
                        {\n"
        .to_string();
        if self.delta {
            text += "    \"v\": \"v_post += w * mV * int(not_refractory_post)\",\n";
        }
        for course in &self.courses {
            let (variable, unit) = (self.changed(course), Self::unit(course));
            let _ = writeln!(text, "    \"{variable}\": \"{variable}_post += w * {unit}\",");
        }
        for of in &self.conductances {
            let variable = self.conductance(*of, "g_syn");
            let _ = writeln!(text, "    \"{variable}\": \"{variable}_post += w * nS\",");
        }
        for of in &self.nmda {
            let variable = self.of_nmda(of, "g_nmda");
            let _ = writeln!(text, "    \"{variable}\": \"{variable}_post += w * nS\",");
        }
        text + "}\n\n"
    }
}

/// The whole script.
pub(super) fn script(exported: &ExportedNetwork<'_>) -> Result<String, ExportError> {
    let variables = Variables::new(exported)?;
    let docstring = docstring(
        exported,
        "a script for Brian 2.9",
        "python3 SCRIPT.py [--duration MS] [--warmup MS] [--seed N] [--spikes PATH.csv]",
        "Brian 2.9 needs a numpy below 2.4. Connections are drawn with numpy. Synapses act before thresholds are tested, and spikes are timed by the ends of their steps: the \
         order of events is that of siegert and NEST, not Brian's usual one. Nothing is known to differ but the random numbers, and that a \
         Poisson source whose weights have a law spikes at most once in a step.",
    );
    let projections = projections(exported, &variables)
        + &brian2_plastic::projections(exported, &variables)
        + &brian2_nmda::projections(exported, &variables);
    let drives = brian2_drives::drives(exported, &variables)?;
    let differences = differences(exported);
    let called = format!("{projections}{drives}{differences}");
    let arrival = if called.contains("ARRIVAL") { variables.arrival() } else { String::new() };
    let populations = populations(exported, &variables)?;
    let all_linear = !variables.has_conductances()
        && exported.network.populations.iter().all(|population| is_linear(&population.neuron));
    let of_population = |key: &str, of_lif: &str| {
        let given = populations.contains(&format!("        \"{key}\": "));
        if all_linear || !given { format!("\"{of_lif}\"") } else { format!("population.get(\"{key}\", \"{of_lif}\")") }
    };
    let [method, threshold, reset] = [("method", "exact"), ("threshold", "v >= V_th"), ("reset", "v = V_reset")]
        .map(|(key, it)| of_population(key, it));
    let adapts = populations.contains("w_adapt");
    let units = match (adapts || variables.has_conductances(), variables.courses.is_empty()) {
        (true, _) => "mV, ms, nS, pA",
        (false, true) => "mV, ms",
        (false, false) => "mV, ms, pA",
    };
    Ok(fill(
        include_str!("templates/brian2.py"),
        &[
            ("options", header::options(exported.options, String::new(), &docstring)),
            ("functions", functions_called(&[RULES, LAWS], &called)),
            ("populations", populations),
            ("arrival", arrival),
            ("differences", differences),
            ("projections", projections),
            ("drives", drives),
            ("method", method),
            ("threshold", threshold),
            ("reset", reset),
            ("units", units.to_string()),
            ("docstring", docstring),
            ("network", string(&exported.network.name)),
            ("dt", number(exported.options.dt_ms)),
        ],
    ) + &header::report(exported.options.dt_ms, SIMULATION))
}

/// The equations of a current as they stand in a string of the script, and its time constants.
///
/// Brian's solution divides by differences of time constants. Those of a current that rises share a name where they are equal, and their double root is solved as
/// one; from the membrane's they are told apart.
fn current_equations(names: &Names, course: &CurrentCourse, tau_m_ms: f64) -> (String, Vec<(String, f64)>) {
    let Names { current, tau, slope, tau_rise } = names;
    let CurrentCourse { tau_rise_ms, tau_decay_ms } = *course;
    if tau_rise_ms == 0.0 {
        let tau_ms = apart(tau_decay_ms, tau_m_ms, LEAST_DIFFERENCE);
        return (format!("\\nd{current}/dt = -{current} / {tau} : amp"), vec![(tau.clone(), tau_ms)]);
    }
    let mut taus: Vec<(String, f64)> = Vec::new();
    let mut shared = |name: &str, tau_ms: f64| {
        let tau_ms = apart(tau_ms, tau_m_ms, LEAST_OF_RISES);
        let is_near = |other_ms: f64| (tau_ms - other_ms).abs() < LEAST_DIFFERENCE * other_ms;
        match taus.iter().find(|(_, other_ms)| is_near(*other_ms)) {
            Some((other, _)) => other.clone(),
            None => {
                taus.push((name.to_string(), tau_ms));
                name.to_string()
            }
        }
    };
    let (decay, rise) = (shared(tau, tau_decay_ms), shared(tau_rise, tau_rise_ms));
    let equations = format!(
        "\\nd{current}/dt = {slope} - {current} / {decay} : amp\\nd{slope}/dt = -{slope} / {rise} : amp / second"
    );
    (equations, taus)
}

/// A time constant that Brian can tell from the membrane's: its solution divides by their difference.
fn apart(tau_ms: f64, tau_m_ms: f64, least: f64) -> f64 {
    if (tau_ms - tau_m_ms).abs() < least * tau_m_ms { tau_m_ms * (1.0 + least) } else { tau_ms }
}

fn populations(exported: &ExportedNetwork<'_>, variables: &Variables) -> Result<String, ExportError> {
    let rows = (0..exported.network.populations.len()).map(|index| population(exported, variables, index));
    Ok(format!("POPULATIONS = {{\n{}}}\n", rows.collect::<Result<String, ExportError>>()?))
}

fn population(exported: &ExportedNetwork<'_>, variables: &Variables, index: usize) -> Result<String, ExportError> {
    let population = exported.population(index);
    let neuron = &population.neuron;
    let parameter = |name: &str, value: f64, unit: &str| format!("\"{name}\": {} * {unit}", number(value));
    let differing = Differing::new(exported, index);
    let own = flow(exported, index)?;
    let (mut flow, mut equations, mut currents) = (own.terms, own.equations, Vec::new());
    let mut parameters = Vec::new();
    let shared = [
        ("tau_m", neuron.tau_m_ms, "ms", "second", differing.tau_m.is_some()),
        ("E_L", neuron.E_L_mv, "mV", "volt", differing.E_L.is_some()),
        ("V_th", neuron.V_th_mv, "mV", "volt", differing.V_th.is_some()),
    ];
    for (name, value, unit, dimension, differs) in shared {
        match differs {
            true => equations += &format!("\\n{name} : {dimension} (constant)"),
            false => parameters.push(parameter(name, value, unit)),
        }
    }
    parameters.push(parameter("V_reset", neuron.V_reset_mv, "mV"));
    parameters.push(parameter("t_ref", exported.refractory_ms[index], "ms"));
    parameters.extend(own.parameters);
    let steady_mv = exported.steady_mv(index);
    if differing.has_current() {
        flow.push("RI".to_string());
        equations += "\\nRI : volt (constant)";
    } else if steady_mv != 0.0 {
        flow.push("RI".to_string());
        parameters.push(parameter("RI", steady_mv, "mV"));
    }
    for input in &exported.inputs[index] {
        let Some(course) = input.synapse.current() else { continue };
        let names = variables.names(&course);
        let (of_current, taus) = current_equations(&names, &course, neuron.tau_m_ms);
        equations += &of_current;
        parameters.extend(taus.iter().map(|(name, tau_ms)| parameter(name, *tau_ms, "ms")));
        currents.push(names.current);
    }
    for input in &exported.inputs[index] {
        let Synapse::ExponentialConductance { tau_ms, E_rev_mv } = input.synapse else { continue };
        let [g, tau, E_rev] = ["g_syn", "tau_g", "E_rev"].map(|name| variables.conductance((tau_ms, E_rev_mv), name));
        equations += &format!("\\nd{g}/dt = -{g} / {tau} : siemens");
        parameters.extend([parameter(&tau, tau_ms, "ms"), parameter(&E_rev, E_rev_mv, "mV")]);
        currents.push(format!("{g} * ({E_rev} - v)"));
    }
    for input in &exported.inputs[index] {
        let Synapse::Nmda { tau_decay_ms, E_rev_mv, Mg, beta_per_mv, gamma, .. } = input.synapse else { continue };
        let [g, tau, E, magnesium, beta, half] =
            ["g_nmda", "tau_nmda", "E_nmda", "Mg", "beta", "gamma"].map(|name| variables.of_nmda(&input.synapse, name));
        equations += &format!("\\nd{g}/dt = -{g} / {tau} : siemens");
        parameters.extend([parameter(&tau, tau_decay_ms, "ms"), parameter(&E, E_rev_mv, "mV")]);
        parameters.push(format!("\"{beta}\": {} / mV", number(beta_per_mv)));
        parameters.extend(
            [(magnesium.as_str(), Mg), (half.as_str(), gamma)]
                .map(|(name, value)| format!("\"{name}\": {}", number(value))),
        );
        currents.push(format!("{g} * ({E} - v) / (1 + {magnesium} * exp(-{beta} * v) / {half})"));
    }
    if let (false, Some(R)) = (currents.is_empty(), neuron.resistance_mv_per_pa()) {
        let own = if differing.tau_m.is_some() { of_own_time(neuron.tau_m_ms) } else { String::new() };
        flow.push(format!("R{own} * ({})", currents.join(" + ")));
        parameters.push(parameter("R", R, "mV / pA"));
    }
    if flow.is_empty() {
        flow.push("0 * mV".to_string());
    }
    let conducts = exported.inputs[index].iter().any(|input| input.synapse.is_conductance());
    // products of conductances and potentials are not linear
    let entries = if conducts && own.entries.is_empty() { not_linear() } else { own.entries };
    let flow = flow.join(" + ").replace(" + -", " - ");
    let (lowest, highest) = start_mv(population);
    Ok(format!(
        "    {}: {{\n        \"size\": {},\n        \"V_start\": ({}, {}),\n{entries}        \"equations\": \"dv/dt = ({flow}) / tau_m : volt \
         (unless refractory){equations}\",\n        \"parameters\": {{{}}},\n    }},\n",
        string(&population.name),
        population.size,
        number(lowest),
        number(highest),
        parameters.join(", "),
    ))
}

/// The factor of a resistance whose time constant is the neuron's own.
pub(super) fn of_own_time(tau_m_ms: f64) -> String {
    format!(" * tau_m / ({} * ms)", number(tau_m_ms))
}

/// Sets what differs between neurons.
fn differences(exported: &ExportedNetwork<'_>) -> String {
    let mut text = String::new();
    for (population, differing) in Differing::of_populations(exported) {
        let group = format!("groups[{}]", string(&population.name));
        for line in differing.lines() {
            let _ = writeln!(text, "{line}");
        }
        let parameters =
            [("tau_m", &differing.tau_m, "ms"), ("E_L", &differing.E_L, "mV"), ("V_th", &differing.V_th, "mV")];
        for (name, _, unit) in parameters.iter().filter(|(_, drawn, _)| drawn.is_some()) {
            let _ = writeln!(text, "{group}.{name} = {name} * {unit}");
        }
        let by_R =
            differing.by_R.as_ref().map(|by_R| format!("({by_R}) * tau_m / {}", number(population.neuron.tau_m_ms)));
        let current: Vec<String> = differing.R_I.clone().into_iter().chain(by_R).collect();
        if !current.is_empty() {
            let _ = writeln!(text, "{group}.RI = ({} + np.zeros({})) * mV", current.join(" + "), population.size);
        }
    }
    if text.is_empty() { text } else { format!("# What differs between neurons (ms, mV).\n{text}\n") }
}

fn projections(exported: &ExportedNetwork<'_>, variables: &Variables) -> String {
    // those with plasticity or gates stand in tables of their own
    let is_own = |connected: &&Connected<'_>| {
        connected.projection.plasticity.is_none() && !matches!(connected.projection.synapse, Synapse::Nmda { .. })
    };
    let own = || exported.projections.iter().filter(is_own);
    if own().next().is_none() {
        return String::new();
    }
    let has_law = |value: fn(&Connected<'_>) -> Value| own().any(|connected| matches!(value(connected), Value::Law(_)));
    let (weights, delays) = (has_law(|connected| connected.weight), has_law(|connected| connected.delay));
    let rows = own().map(|connected| {
        let Connected { projection, wiring, weight, delay } = connected;
        let (rule, amount) = rule_source(wiring);
        let [source, target] = [projection.source, projection.target].map(|index| string(exported.name(index)));
        let weight = if weights { law_source(weight) } else { fixed_source(weight) };
        let delay = if delays { delay_source(delay) } else { fixed_source(delay) };
        format!("({source}, {target}, {rule}, {amount}, \"{}\", {weight}, {delay})", variables.of(&projection.synapse))
    });
    let table = list("PROJECTIONS", rows);
    let make = if weights {
        "    synapses = b2.Synapses(groups[source], groups[target], \"w : 1\", on_pre=ARRIVAL[variable])\n"
    } else {
        "    arrival = {\"on_pre\": ARRIVAL[variable], \"namespace\": {\"w\": weight}}\n    synapses = b2.Synapses(groups[source], groups[target], \
         **arrival)\n"
    };
    let set_weights = if weights { "    synapses.w = weight(len(i))\n" } else { "" };
    let delay = if delays { "delay(len(i))" } else { "delay" };
    format!(
        "# Projections: source, target, rule, its number, variable, weight (mV, pA or nS), delay (ms).\n{table}for source, target, rule, number, \
         variable, weight, delay in PROJECTIONS:\n    i, j = rule(POPULATIONS[source][\"size\"], POPULATIONS[target][\"size\"], number)\n{make}    \
         synapses.connect(i=i, j=j)\n{set_weights}    synapses.delay = ({delay} - DT) * ms\n    network.add(synapses)\n\n"
    )
}

/// The function of the script that draws connections, and its number.
pub(super) fn rule_source(wiring: &Wiring) -> (String, String) {
    let (rule, amount) = match (wiring.rule, wiring.multapses) {
        (Rule::InDegree(in_degree), true) => ("fixed_in_degree", in_degree.to_string()),
        (Rule::InDegree(in_degree), false) => ("distinct_in_degree", in_degree.to_string()),
        (Rule::Total(total), true) => ("fixed_total", total.to_string()),
        (Rule::Total(total), false) => ("distinct_total", total.to_string()),
        (Rule::Probability(probability), _) => ("pairwise", number(probability)),
    };
    (if wiring.autapses { rule.to_string() } else { format!("without_autapses({rule})") }, amount)
}

fn fixed_source(value: &Value) -> String {
    match value {
        Value::Fixed(value) => number(*value),
        Value::Law(law) => number(law.mean()),
    }
}

/// A law of the script.
pub(super) fn law_source(value: &Value) -> String {
    match *value {
        Value::Fixed(value) | Value::Law(Law::Constant { value }) => format!("constant({})", number(value)),
        Value::Law(Law::Normal { mean, std }) => format!("normal({}, {})", number(mean), number(std)),
        Value::Law(Law::Uniform { low, high }) => format!("uniform({}, {})", number(low), number(high)),
        Value::Law(Law::Exponential { mean }) => format!("exponential({})", number(mean)),
        Value::Law(Law::Lorentzian { center, half_width }) => {
            format!("lorentzian({}, {})", number(center), number(half_width))
        }
        Value::Law(Law::Lognormal { mean, std }) => {
            let (location, scale) = of_logarithm(mean.abs(), std);
            format!("lognormal({}, {}, {})", if mean < 0.0 { -1 } else { 1 }, number(location), number(scale))
        }
    }
}

/// An expression that draws a number of a law in Brian's equations.
pub(super) fn draw_source(value: &Value) -> String {
    match *value {
        Value::Fixed(value) | Value::Law(Law::Constant { value }) => number(value),
        Value::Law(Law::Normal { mean, std }) => format!("{} + {} * randn()", number(mean), number(std)),
        Value::Law(Law::Uniform { low, high }) => format!("{} + {} * rand()", number(low), number(high - low)),
        Value::Law(Law::Exponential { mean }) => format!("{} * log(1 - rand())", number(-mean)),
        Value::Law(Law::Lorentzian { center, half_width }) => {
            format!("{} + {} * tan(pi * (rand() - 0.5))", number(center), number(half_width))
        }
        Value::Law(Law::Lognormal { mean, std }) => {
            let (location, scale) = of_logarithm(mean.abs(), std);
            let sign = if mean < 0.0 { "-" } else { "" };
            format!("{sign}exp({} + {} * randn())", number(location), number(scale))
        }
    }
}

/// A law of delays: none shorter than a step. An exponential law has no memory, so what is beyond a step is again exponential.
pub(super) fn delay_source(delay: &Value) -> String {
    let law = law_source(delay);
    match delay {
        Value::Fixed(_) | Value::Law(Law::Constant { .. }) => law,
        Value::Law(Law::Exponential { .. }) => format!("beyond_a_step({law})"),
        Value::Law(_) => format!("redrawn({law})"),
    }
}
