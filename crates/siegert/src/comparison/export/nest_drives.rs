//! The drives of the PyNEST script: generators, and how they are connected.
//!
//! When NEST's generators act, as measured in 3.10 (the documentation leaves a step open). With `start` and `stop`, and a connection as
//! short as it may be, currents flow in the steps that end in `(start + dt, stop + dt]`. Spikes are stamped in the same steps by a
//! `poisson_generator`, and two steps earlier by a `sinusoidal_poisson_generator`; they arrive a delay later. The rate of the latter is
//! that of its spike's stamp, the current of an `ac_generator` in the step that ends at `t` is that of `t - 2 dt`.
//!
//! Here a drive acts in the steps that end in `(start, stop]`, a delay later, and is modulated as in their middle.

use super::ExportError;
use super::exported_network::{Course, Driven, ExportedNetwork, Value};
use super::nest::{resistance, weight_source, weight_unit};
use super::nest_models::Receptors;
use super::python::{Entries, dict, list, number, string};
use crate::Shown;
use crate::network::DriveKind;
use crate::numerics::steps::tidy;

const DEGREES: f64 = 360.0;
const MS_PER_S: f64 = 1000.0;

/// The course of what is always the same.
const ALWAYS: Course = Course { start_ms: None, stop_ms: None, modulation: None, delay_ms: None };

/// A generator, and how it reaches a population.
struct Generator {
    target: usize,
    model: &'static str,
    parameters: Entries,
    synapse: Entries,
    sources: Sources,
    comment: String,
}

/// Who hears what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sources {
    /// Each neuron its own train, or the same current.
    Simple,
    /// Each neuron so many trains of its own, each with its own weight.
    Own(u64),
    /// All neurons the same trains, so many.
    Shared(u64),
}

/// The tables of generators, with the code that makes and connects them.
pub(super) fn drives(exported: &ExportedNetwork<'_>, receptors: &[Receptors]) -> Result<String, ExportError> {
    let mut generators = Vec::new();
    for driven in &exported.drives {
        generators.extend(generator(exported, driven, &receptors[driven.drive.target])?);
    }
    let unit = weight_unit(receptors);
    let row = |generator: &Generator, number: Option<u64>| {
        let Generator { target, model, parameters, synapse, comment, .. } = generator;
        let number = number.map_or(String::new(), |number| format!("{number}, "));
        let target = string(exported.name(*target));
        format!("# {comment}\n    ({target}, \"{model}\", {}, {number}{})", dict(parameters), dict(synapse))
    };
    let rows = |wanted: fn(Sources) -> Option<Option<u64>>| -> Vec<String> {
        generators.iter().filter_map(|generator| Some(row(generator, wanted(generator.sources)?))).collect()
    };
    let mut text = String::new();
    let simple = rows(|sources| (sources == Sources::Simple).then_some(None));
    if !simple.is_empty() {
        text += &format!("# Drives: target, generator, its parameters, synapse (weight in {unit}, delay in ms).\n");
        text += &list("DRIVES", simple);
        text += "for target, model, parameters, synapse in DRIVES:\n    \
                 nest.Connect(nest.Create(model, params=parameters), populations[target], syn_spec=synapse)\n\n";
    }
    let own = rows(|sources| if let Sources::Own(number) = sources { Some(Some(number)) } else { None });
    if !own.is_empty() {
        text += "# Sources with weights of their own: target, generator, parameters, sources of a neuron, synapse. Every connection of a\n\
                 # Poisson generator carries its own train.\n";
        text += &list("SOURCES", own);
        text += "for target, model, parameters, number, synapse in SOURCES:\n    rule = {\"rule\": \"fixed_indegree\", \"indegree\": \
                 number}\n    nest.Connect(nest.Create(model, params=parameters), populations[target], rule, synapse)\n\n";
    }
    let shared = rows(|sources| if let Sources::Shared(number) = sources { Some(Some(number)) } else { None });
    if !shared.is_empty() {
        text += "# Trains that all neurons of a population hear: target, generator, parameters, trains, synapse. A parrot neuron\n\
                 # passes the same train on to all.\n";
        text += &list("SHARED", shared);
        text += "for target, model, parameters, number, synapse in SHARED:\n    parrots = nest.Create(\"parrot_neuron\", number)\n    \
                 nest.Connect(nest.Create(model, params=parameters), parrots, syn_spec={\"delay\": DT})\n    \
                 nest.Connect(parrots, populations[target], syn_spec=synapse)\n\n";
    }
    Ok(text)
}

/// None for a steady current, which is among the neuron's parameters.
fn generator(
    exported: &ExportedNetwork<'_>,
    driven: &Driven<'_>,
    receptors: &Receptors,
) -> Result<Option<Generator>, ExportError> {
    let Driven { drive, course } = driven;
    if drive.course.is_some() {
        return Err(ExportError::Course { place: exported.place_of_drive(drive) });
    }
    let R = resistance(exported, drive.target);
    // a model without I_e hears its steady current from a generator
    let course = course.as_ref().or(receptors.has_no_current().then_some(&ALWAYS));
    match drive.kind {
        DriveKind::Poisson { redraw_weights: true, weight, .. } if matches!(Value::new(&weight), Value::Law(_)) => {
            Err(ExportError::RedrawnWeights { place: exported.place_of_drive(drive) })
        }
        DriveKind::Poisson { .. } => Ok(Some(poisson(exported, driven, receptors)?)),
        DriveKind::Current { value_mv, .. } => {
            let mean_mv = value_mv.center();
            Ok(course.map(|course| current(exported, drive.target, mean_mv / R, course)))
        }
        DriveKind::Noise { mean_mv, std_mv: 0.0 } => {
            Ok(course.map(|course| current(exported, drive.target, mean_mv / R, course)))
        }
        DriveKind::Noise { mean_mv, std_mv } => {
            if course.is_some_and(|course| course.modulation.is_some()) {
                return Err(ExportError::ModulatedNoise { place: exported.place_of_drive(drive) });
            }
            Ok(Some(noise(exported, drive.target, course, (mean_mv, std_mv))))
        }
    }
}

fn poisson(
    exported: &ExportedNetwork<'_>,
    driven: &Driven<'_>,
    receptors: &Receptors,
) -> Result<Generator, ExportError> {
    let DriveKind::Poisson { rate_hz, in_degree, weight, synapse: kind, shared, delay_ms, .. } = &driven.drive.kind
    else {
        unreachable!("called for Poisson drives only")
    };
    let dt_ms = exported.options.dt_ms;
    let weight = receptors.weight(kind, Value::new(weight), || exported.place_of_drive(driven.drive))?;
    let number_of_sources = in_degree.round().max(1.0) as u64;
    let sources = match (weight, shared) {
        (Value::Fixed(_), false) => Sources::Simple,
        (Value::Fixed(_), true) => Sources::Shared(1),
        (Value::Law(_), false) => Sources::Own(number_of_sources),
        (Value::Law(_), true) => Sources::Shared(number_of_sources),
    };
    let trains = if let Sources::Own(number) | Sources::Shared(number) = sources { number as f64 } else { 1.0 };
    // A delay moves nothing but the course. Without one, spikes take the time that lets NEST exchange them as rarely as it may.
    let delay_ms = match (&driven.course, delay_ms.as_ref().map(Value::new)) {
        (Some(course), _) => course.delay_ms.unwrap_or(dt_ms),
        (None, Some(Value::Fixed(ms))) => exported.rounded(ms, 1.0),
        (None, _) => exported.shortest_delay_ms(),
    };
    let way_ms = if matches!(sources, Sources::Shared(_)) { delay_ms + dt_ms } else { delay_ms };
    let (model, parameters) = trains_of(rate_hz * in_degree / trains, driven.course.as_ref(), way_ms, dt_ms);
    let mut synapse = vec![("weight", weight_source(&weight)), ("delay", number(delay_ms))];
    synapse.extend(receptors.port(kind));
    let comment = match sources {
        Sources::Simple => format!("{} sources of {} Hz for each neuron", Shown(*in_degree), Shown(*rate_hz)),
        _ => format!("{} sources of {} Hz", Shown(*in_degree), Shown(*rate_hz)),
    };
    Ok(Generator { target: driven.drive.target, model, parameters, synapse, sources, comment })
}

/// The generator of trains of a rate, and its parameters; its spikes are on their way for `way_ms`.
fn trains_of(rate_hz: f64, course: Option<&Course>, way_ms: f64, dt_ms: f64) -> (&'static str, Entries) {
    let mut parameters = vec![("rate", number(tidy(rate_hz)))];
    let Some(course) = course else { return ("poisson_generator", parameters) };
    let late_ms = course.delay_ms.unwrap_or(0.0) - way_ms;
    let (model, early_ms) = match course.modulation {
        None => ("poisson_generator", dt_ms),
        Some(modulation) => {
            parameters.extend([
                ("amplitude", number(tidy(rate_hz * modulation.amplitude))),
                ("frequency", number(modulation.frequency_hz)),
                ("phase", phase(modulation.frequency_hz, -late_ms - dt_ms / 2.0)),
            ]);
            ("sinusoidal_poisson_generator", -dt_ms)
        }
    };
    parameters.extend(start_and_stop(course, late_ms - early_ms));
    (model, parameters)
}

fn current(exported: &ExportedNetwork<'_>, target: usize, mean_pa: f64, course: &Course) -> Generator {
    let dt_ms = exported.options.dt_ms;
    let (model, mut parameters): (_, Entries) = match course.modulation {
        None => ("dc_generator", vec![("amplitude", number(tidy(mean_pa)))]),
        Some(modulation) => (
            "ac_generator",
            vec![
                ("offset", number(tidy(mean_pa))),
                ("amplitude", number(tidy(mean_pa * modulation.amplitude))),
                ("frequency", number(modulation.frequency_hz)),
                ("phase", phase(modulation.frequency_hz, 1.5 * dt_ms)),
            ],
        ),
    };
    parameters.extend(start_and_stop(course, -dt_ms));
    let comment = "a current (pA)".to_string();
    Generator { target, model, parameters, synapse: vec![("delay", number(dt_ms))], sources: Sources::Simple, comment }
}

/// White noise: a current that is drawn anew in each step, with the standard deviation that gives V the increments of the process,
/// `std sqrt((1 - e^(-2 dt/tau_m)) / 2)`.
fn noise(
    exported: &ExportedNetwork<'_>,
    target: usize,
    course: Option<&Course>,
    (mean_mv, std_mv): (f64, f64),
) -> Generator {
    let (R, dt_ms) = (resistance(exported, target), exported.options.dt_ms);
    let steps = dt_ms / exported.population(target).neuron.tau_m_ms;
    let gain = (-(-2.0 * steps).exp_m1() / 2.0).sqrt() / -(-steps).exp_m1();
    let mut parameters = vec![("std", number(std_mv * gain / R)), ("dt", number(dt_ms))];
    let delay_ms = match course {
        Some(course) => {
            parameters.insert(0, ("mean", number(tidy(mean_mv / R))));
            parameters.extend(start_and_stop(course, -dt_ms));
            dt_ms
        }
        None => exported.shortest_delay_ms(),
    };
    let comment = format!("white noise (pA): its sigma is {} mV", Shown(std_mv));
    let synapse = vec![("delay", number(delay_ms))];
    Generator { target, model: "noise_generator", parameters, synapse, sources: Sources::Simple, comment }
}

/// The phase in degrees that makes a sine a cosine, so much earlier.
fn phase(frequency_hz: f64, earlier_ms: f64) -> String {
    number(tidy(DEGREES / 4.0 + DEGREES * frequency_hz * earlier_ms / MS_PER_S))
}

/// The generator's own times, so much later than those of the drive.
fn start_and_stop(course: &Course, later_ms: f64) -> Entries {
    let time = |time_ms: f64| number(tidy((time_ms + later_ms).max(0.0)));
    let start = course.start_ms.map(|start_ms| ("start", time(start_ms)));
    start.into_iter().chain(course.stop_ms.map(|stop_ms| ("stop", time(stop_ms)))).collect()
}
