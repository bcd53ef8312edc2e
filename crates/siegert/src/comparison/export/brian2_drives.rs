//! The drives of the Brian 2 script: what is added in each step, after the decay and before the threshold.
//!
//! `t` is the time at which a step begins. A drive acts in the steps that end in `(start, stop]`, a delay later, and is modulated as in
//! their middle.

use super::ExportError;
use super::brian2::{Variables, draw_source, law_source};
use super::exported_network::{Driven, ExportedNetwork, Value};
use super::python::{list, number, string};
use crate::network::{DriveKind, Interpolation, NeuronModel, Synapse};
use crate::numerics::steps::tidy;

/// Spikes of one source in a step, at most: they are drawn as one or none.
const MOST_SPIKES_A_STEP: f64 = 0.1;

/// Times of a course that is written as an expression.
const MOST_TIMES: usize = 200;

const MS_PER_S: f64 = 1000.0;

/// A drive in the script, as the row of a table.
enum Row {
    /// Code that is run in every step.
    Code(String),
    /// Trains that all hear: their mean number of spikes in a step, and what they do.
    Shared(String),
    /// Sources with weights of their own.
    Own(String),
    /// The same, heard by all.
    SharedSources(String),
}

/// The tables of drives, with the code that applies them.
pub(super) fn drives(exported: &ExportedNetwork<'_>, variables: &Variables) -> Result<String, ExportError> {
    let (mut code, mut shared, mut own, mut shared_sources) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for driven in &exported.drives {
        match row(exported, driven, variables, shared.len())? {
            Some(Row::Code(text)) => code.push(text),
            Some(Row::Shared(text)) => shared.push(text),
            Some(Row::Own(text)) => own.push(text),
            Some(Row::SharedSources(text)) => shared_sources.push(text),
            None => {}
        }
    }
    let mut text = String::new();
    let mut add = |rows: Vec<String>, name: &str, comment: &str, apply: &str| {
        if !rows.is_empty() {
            text += &format!("# {comment}\n{}{apply}\n", list(name, rows));
        }
    };
    add(code, "DRIVES", "Drives: target, and what is added in a step that begins at t.", APPLY_CODE);
    add(
        shared,
        "SHARED",
        "Trains that all neurons of a population hear: target, mean spikes in a step, what they do.",
        APPLY_SHARED,
    );
    add(
        own,
        "SOURCES",
        "Sources with weights of their own: target, sources of a neuron, rate, variable, weights (text: of each spike).",
        APPLY_OWN,
    );
    add(
        shared_sources,
        "SHARED_SOURCES",
        "Sources that all neurons hear, each with its weight: as above.",
        APPLY_SHARED_SOURCES,
    );
    Ok(text)
}

const APPLY_CODE: &str = "\
for target, code in DRIVES:
    groups[target].run_regularly(code, when=\"synapses\")
";

const APPLY_SHARED: &str = "\
begins = np.arange(round((warmup + duration) / DT)) * DT  # of the steps, ms
for number, (target, mean, code) in enumerate(SHARED):
    train = random.poisson(mean(begins), begins.size)
    groups[target].namespace[f\"train_{number}\"] = b2.TimedArray(train.astype(float), dt=DT * ms)
    groups[target].run_regularly(code, when=\"synapses\")
";

const APPLY_OWN: &str = "\
for target, number, rates, variable, weight in SOURCES:
    size = POPULATIONS[target][\"size\"]
    on_pre = ARRIVAL[variable] if callable(weight) else f\"w = {weight}\\n{ARRIVAL[variable]}\"
    sources = b2.PoissonGroup(number * size, rates, namespace={})
    synapses = b2.Synapses(sources, groups[target], \"w : 1\", on_pre=on_pre)
    synapses.connect(i=np.arange(number * size), j=np.repeat(np.arange(size), number))
    synapses.w = weight(number * size) if callable(weight) else 0
    network.add(sources, synapses)
";

const APPLY_SHARED_SOURCES: &str = "\
for target, number, rates, variable, weight in SHARED_SOURCES:
    on_pre = ARRIVAL[variable] if callable(weight) else f\"w = {weight}\\n{ARRIVAL[variable]}\"
    sources = b2.PoissonGroup(number, rates, namespace={})
    synapses = b2.Synapses(sources, groups[target], \"w : 1\", on_pre=on_pre)
    synapses.connect()
    synapses.w = weight(len(synapses)) if callable(weight) else 0
    network.add(sources, synapses)
";

/// None for a steady current, which is among the neuron's parameters.
fn row(
    exported: &ExportedNetwork<'_>,
    driven: &Driven<'_>,
    variables: &Variables,
    trains: usize,
) -> Result<Option<Row>, ExportError> {
    let Driven { drive, course } = driven;
    if let Some(said) = drive.course.as_ref().filter(|said| said.times_ms.len() > MOST_TIMES) {
        let (place, times) = (exported.place_of_drive(drive), said.times_ms.len());
        return Err(ExportError::LongCourse { place, times, most: MOST_TIMES });
    }
    let target = string(exported.name(drive.target));
    let steps = exported.options.dt_ms / exported.population(drive.target).neuron.tau_m_ms;
    let (of_mean, of_noise) = match exported.population(drive.target).neuron.model {
        NeuronModel::Lif => (-(-steps).exp_m1(), (-(-2.0 * steps).exp_m1() / 2.0).sqrt()),
        NeuronModel::Eif { .. } | NeuronModel::Adex { .. } => (-(-steps).exp_m1(), steps.sinh().sqrt()),
        NeuronModel::Perfect | NeuronModel::Qif { .. } => (steps, steps.sqrt()),
    };
    let added = |what: String| {
        Some(Row::Code(format!(
            "({target}, \"v += {what}{} * mV * int(not_refractory)\")",
            factor(exported, driven, 0.0)
        )))
    };
    Ok(match drive.kind {
        DriveKind::Current { value_mv, .. } if course.is_some() => added(number(value_mv.center() * of_mean)),
        DriveKind::Current { .. } => None,
        DriveKind::Noise { mean_mv, std_mv: 0.0 } => {
            if course.is_some() {
                added(number(mean_mv * of_mean))
            } else {
                None
            }
        }
        DriveKind::Noise { std_mv, .. } if course.is_none() => {
            added(format!("{} * randn()", number(std_mv * of_noise)))
        }
        DriveKind::Noise { mean_mv, std_mv } => {
            added(format!("({} + {} * randn())", number(mean_mv * of_mean), number(std_mv * of_noise)))
        }
        DriveKind::Poisson { .. } => Some(poisson(exported, driven, variables, trains)?),
    })
}

fn poisson(
    exported: &ExportedNetwork<'_>,
    driven: &Driven<'_>,
    variables: &Variables,
    trains: usize,
) -> Result<Row, ExportError> {
    let drive = driven.drive;
    let DriveKind::Poisson { rate_hz, in_degree, weight, synapse, shared, redraw_weights, .. } = &drive.kind else {
        unreachable!("called for Poisson drives only")
    };
    let (target, dt_ms) = (string(exported.name(drive.target)), exported.options.dt_ms);
    let (variable, unit) = (variables.of(synapse), Variables::unit_of(synapse));
    let lost = if *synapse == Synapse::Delta { " * int(not_refractory)" } else { "" };
    let weight = match Value::new(weight) {
        Value::Fixed(weight) => weight,
        law => {
            let total_hz = rate_hz * in_degree;
            // sources that keep no weight are as many as need be
            let number_of_sources = match redraw_weights {
                true => (total_hz * dt_ms / MS_PER_S / MOST_SPIKES_A_STEP).ceil().max(1.0),
                false => in_degree.round().max(1.0),
            };
            let rate_hz = total_hz / number_of_sources;
            if rate_hz * dt_ms / MS_PER_S > MOST_SPIKES_A_STEP {
                return Err(ExportError::FastSources { place: exported.place_of_drive(drive), rate_hz });
            }
            // A source's spike acts a step after it was drawn.
            let rate = format!("{} * Hz{}", number(tidy(rate_hz)), factor(exported, driven, -dt_ms));
            let weights = if *redraw_weights { string(&draw_source(&law)) } else { law_source(&law) };
            let row = format!("({target}, {number_of_sources}, \"{rate}\", \"{variable}\", {weights})");
            return Ok(if *shared { Row::SharedSources(row) } else { Row::Own(row) });
        }
    };
    let [weight, total_hz] = [weight, tidy(rate_hz * in_degree)].map(number);
    let factor = factor(exported, driven, 0.0);
    Ok(if *shared {
        let mean = number(tidy(rate_hz * in_degree * dt_ms / MS_PER_S));
        let factor = in_numpy(&factor);
        let code = format!("{variable} += {weight} * {unit} * train_{trains}(t){lost}");
        Row::Shared(format!("({target}, lambda t: {mean}{factor}, \"{code}\")"))
    } else {
        let spikes = format!("poisson({total_hz} * Hz * dt{factor})");
        Row::Code(format!("({target}, \"{variable} += {weight} * {unit} * {spikes}{lost}\")"))
    })
}

/// The course as factors of an expression, in a step that begins at `t`; `later_ms` is added to the delay.
fn factor(exported: &ExportedNetwork<'_>, driven: &Driven<'_>, later_ms: f64) -> String {
    let Some(course) = &driven.course else { return String::new() };
    let half_ms = exported.options.dt_ms / 2.0;
    let late_ms = course.delay_ms.unwrap_or(0.0) + later_ms;
    let border = |time_ms: f64| number(tidy(time_ms + late_ms - half_ms));
    let mut text = String::new();
    if let Some(start_ms) = course.start_ms {
        text += &format!(" * int(t > {} * ms)", border(start_ms));
    }
    if let Some(stop_ms) = course.stop_ms {
        text += &format!(" * int(t < {} * ms)", border(stop_ms));
    }
    if let Some(modulation) = course.modulation {
        let (amplitude, frequency) = (number(modulation.amplitude), number(modulation.frequency_hz));
        let (sign, middle_ms) = if half_ms < late_ms { ('-', late_ms - half_ms) } else { ('+', half_ms - late_ms) };
        let middle = number(tidy(middle_ms));
        text += &format!(" * (1 + {amplitude} * cos(2 * pi * {frequency} * Hz * (t {sign} {middle} * ms)))");
    }
    if let Some(said) = &driven.drive.course {
        let of = |k: usize| (said.factors[k], said.factors[k + 1]);
        let changes = (0..said.times_ms.len() - 1).filter(|k| of(*k).0 != of(*k).1).map(|k| {
            let ((from, to), [time, next]) = (of(k), [said.times_ms[k], said.times_ms[k + 1]]);
            match said.interpolation {
                Interpolation::Step => format!(" + {} * int(t > {} * ms)", number(tidy(to - from)), border(next)),
                Interpolation::Linear => {
                    let slope = number((to - from) / (next - time));
                    format!(" + {slope} * (clip(t / ms, {0}, {1}) - {0})", border(time), border(next))
                }
            }
        });
        text += &format!(" * ({}{})", number(said.factors[0]), changes.collect::<String>()).replace("+ -", "- ");
    }
    text
}

/// The same factors for arrays of times in ms.
fn in_numpy(factor: &str) -> String {
    let factor = factor.replace("int", "").replace(" * ms", "").replace("t / ms", "t").replace("clip", "np.clip");
    factor.replace("cos", "np.cos").replace("pi", "np.pi").replace("Hz", "1e-3")
}
