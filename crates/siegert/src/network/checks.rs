//! What the values of a network must satisfy: each check once, with its sentence, for the file's reader and for networks made in code.
//!
//! A check that compares numbers is silent about NaN, which [`finite`] names. Networks are checked before each use, so what has passed costs
//! nothing but the comparison: the sentences are made in functions of their own.

use super::printable::{is_printable, printable};
use super::problem::Problem;
use super::quantity::Measure;
use super::spelling::shortened;
use super::{ConnectionRule, CutLaw, Law, Neuron, NeuronModel, Plasticity, Population, Synapse};
use crate::Shown;

/// The least part of a law that must be left when values that make no neuron are drawn again.
const LEAST_KEPT: f64 = 0.5;

/// The largest number of neurons of a population.
const MOST_NEURONS: f64 = 1e12;

/// A number with its unit, for messages.
pub(super) fn with_unit(value: f64, measure: Measure) -> String {
    match measure.unit() {
        "" => Shown(value).to_string(),
        unit => format!("{} {unit}", Shown(value)),
    }
}

/// The dimension of a weight.
pub(super) fn weight_measure(synapse: &Synapse) -> Measure {
    match synapse {
        Synapse::Delta => Measure::Voltage,
        Synapse::ExponentialCurrent { .. }
        | Synapse::AlphaCurrent { .. }
        | Synapse::DoubleExponentialCurrent { .. } => Measure::Current,
        Synapse::ExponentialConductance { .. } | Synapse::DeltaConductance { .. } | Synapse::Nmda { .. } => {
            Measure::Conductance
        }
    }
}

#[inline]
pub(super) fn finite(value: f64) -> Result<(), Problem> {
    if value.is_finite() { Ok(()) } else { Err(not_finite(value)) }
}

#[cold]
fn not_finite(value: f64) -> Problem {
    match value.is_nan() {
        true => Problem::NotFinite { found: "NaN".to_string() },
        false => Problem::InfinityNotAllowed,
    }
}

#[inline]
pub(super) fn positive(key: &str, value: f64, measure: Measure) -> Result<(), Problem> {
    if value <= 0.0 { Err(not_positive(key, value, measure)) } else { Ok(()) }
}

#[cold]
fn not_positive(key: &str, value: f64, measure: Measure) -> Problem {
    Problem::NotPositive { key: key.to_string(), value: with_unit(value, measure) }
}

#[inline]
pub(super) fn not_negative(key: &str, value: f64, measure: Measure) -> Result<(), Problem> {
    if value < 0.0 { Err(negative(key, value, measure)) } else { Ok(()) }
}

#[cold]
fn negative(key: &str, value: f64, measure: Measure) -> Problem {
    Problem::Negative { key: key.to_string(), value: with_unit(value, measure) }
}

/// A name that can be shown and typed; `kind` is what has it.
#[inline]
pub(super) fn name(kind: &'static str, name: &str) -> Result<(), Problem> {
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain { Ok(()) } else { unusual_name(kind, name) }
}

#[cold]
fn unusual_name(kind: &'static str, name: &str) -> Result<(), Problem> {
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.trim() != name {
        "it begins or ends with a space"
    } else if name.chars().any(char::is_control) {
        "it contains a control character"
    } else if !name.chars().all(is_printable) {
        "it contains a character that cannot be seen"
    } else {
        return Ok(());
    };
    let name = printable(&shortened(name)).into_owned();
    Err(Problem::BadName { kind, name, reason: reason.to_string() })
}

/// A number of neurons.
pub(super) fn size(size: f64) -> Result<u64, Problem> {
    let rounded = size.round();
    if !(0.0..=MOST_NEURONS).contains(&rounded) || (size - rounded).abs() > 1e-9 {
        return Err(Problem::BadSize { size });
    }
    Ok(rounded as u64)
}

/// How reset, threshold and peak must lie; each problem with the key that it is about.
#[inline]
pub(super) fn potentials(
    model: &NeuronModel,
    V_th_mv: f64,
    V_reset_mv: f64,
) -> [Result<(), (&'static str, Problem)>; 2] {
    let V_peak_mv = match *model {
        NeuronModel::Lif | NeuronModel::Perfect => {
            let below = match V_reset_mv >= V_th_mv {
                true => Err(("V_reset", Problem::ResetNotBelowThreshold { V_reset_mv, V_th_mv })),
                false => Ok(()),
            };
            return [below, Ok(())];
        }
        NeuronModel::Eif { V_peak_mv, .. }
        | NeuronModel::Qif { V_peak_mv, .. }
        | NeuronModel::Adex { V_peak_mv, .. } => V_peak_mv,
    };
    let reset = match V_reset_mv >= V_peak_mv {
        true => Err(("V_reset", Problem::ResetNotBelowPeak { V_reset_mv, V_peak_mv })),
        false => Ok(()),
    };
    let threshold = match V_th_mv >= V_peak_mv {
        true => Err(("V_peak", Problem::ThresholdNotBelowPeak { V_th_mv, V_peak_mv })),
        false => Ok(()),
    };
    [reset, threshold]
}

/// "delta" names the synapse that needs no entry.
#[inline]
pub(super) fn delta_is_delta(name: &str, kind: &str) -> Result<(), Problem> {
    match kind != "delta" && name == "delta" {
        true => Err(Problem::DeltaRedefined { kind: kind.to_string() }),
        false => Ok(()),
    }
}

/// A current does not rise more slowly than it decays.
#[inline]
pub(super) fn rise(tau_rise_ms: f64, tau_decay_ms: f64) -> Result<(), Problem> {
    match tau_rise_ms > tau_decay_ms {
        true => Err(Problem::RiseLongerThanDecay { tau_rise_ms, tau_decay_ms }),
        false => Ok(()),
    }
}

#[cold]
pub(super) fn needs_capacitance(neuron_type: &str, quantity: &'static str) -> Problem {
    Problem::NeedsCapacitance { neuron_type: neuron_type.to_string(), quantity }
}

/// What needs a capacitance in adaptation, if `a` or `b` is not 0.
pub(super) fn adaptation(neuron_type: &str, a_ns: f64, b_pa: f64, has_capacitance: bool) -> Result<(), Problem> {
    match (a_ns != 0.0 || b_pa != 0.0) && !has_capacitance {
        true => Err(needs_capacitance(neuron_type, "adaptation in nS and pA")),
        false => Ok(()),
    }
}

/// Currents and conductances become voltages through the target's capacitance.
#[inline]
pub(super) fn capacitance(synapse: &Synapse, target: &Population) -> Result<(), Problem> {
    let quantity = match synapse {
        Synapse::Delta => return Ok(()),
        Synapse::ExponentialCurrent { .. }
        | Synapse::AlphaCurrent { .. }
        | Synapse::DoubleExponentialCurrent { .. } => "a weight in pA",
        Synapse::ExponentialConductance { .. } | Synapse::DeltaConductance { .. } | Synapse::Nmda { .. } => {
            "a weight in nS"
        }
    };
    match target.neuron.C_m_pf {
        Some(_) => Ok(()),
        None => Err(needs_capacitance(&target.neuron_type, quantity)),
    }
}

/// What a connection rule is called in the file, and its number.
pub(super) fn key_and_value(rule: &ConnectionRule) -> (&'static str, f64) {
    match *rule {
        ConnectionRule::FixedInDegree { in_degree } => ("in_degree", in_degree),
        ConnectionRule::PairwiseProbability { probability } => ("probability", probability),
        ConnectionRule::FixedTotal { total } => ("total", total),
    }
}

/// What can be said of a connection rule without its populations.
pub(super) fn rule_alone(rule: &ConnectionRule) -> Result<(), Problem> {
    match *rule {
        ConnectionRule::PairwiseProbability { probability } if !(0.0..=1.0).contains(&probability) => {
            Err(Problem::NotAProbability { probability })
        }
        ConnectionRule::PairwiseProbability { .. } => Ok(()),
        ConnectionRule::FixedInDegree { in_degree } => not_negative("in_degree", in_degree, Measure::Number),
        ConnectionRule::FixedTotal { total } => not_negative("total", total, Measure::Number),
    }
}

/// The populations of a projection, and which pairs of their neurons may be connected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs<'n> {
    pub(super) from: &'n Population,
    pub(super) to: &'n Population,
    /// Whether the two are the same population.
    pub(super) recurrent: bool,
    pub(super) autapses: bool,
    /// Whether a pair may be connected more than once; none if that is not said, which allows it but does not ask for it.
    pub(super) multapses: Option<bool>,
}

/// Whether populations of these sizes can have so many connections.
pub(super) fn rule(rule: &ConnectionRule, pairs: &Pairs<'_>) -> Result<(), Problem> {
    rule_alone(rule)?;
    let Pairs { from, to, .. } = pairs;
    let excluded = u64::from(pairs.recurrent && !pairs.autapses);
    let available = from.size.saturating_sub(excluded);
    let may_repeat = pairs.multapses == Some(true) && available > 0;
    let names = || (from.name.clone(), to.name.clone());
    match *rule {
        ConnectionRule::PairwiseProbability { .. } => Ok(()),
        ConnectionRule::FixedInDegree { in_degree } if in_degree > 0.0 && from.size == 0 => {
            Err(Problem::InDegreeFromEmpty { in_degree, source_name: from.name.clone() })
        }
        ConnectionRule::FixedInDegree { in_degree } if in_degree <= available as f64 || may_repeat => Ok(()),
        ConnectionRule::FixedInDegree { in_degree } => {
            let (source_name, target_name) = names();
            Err(Problem::InDegreeTooLarge { in_degree, available, source_name, target_name })
        }
        ConnectionRule::FixedTotal { total } => {
            let pairs = available as f64 * to.size as f64;
            if total <= pairs || (may_repeat && to.size > 0) {
                return Ok(());
            }
            let (source_name, target_name) = names();
            Err(Problem::TotalTooLarge { total, available: pairs, source_name, target_name })
        }
    }
}

/// What every law must satisfy whose widths are not negative.
fn shape(law: &Law) -> Result<(), Problem> {
    match *law {
        Law::Lognormal { mean, std } if mean == 0.0 && std > 0.0 => Err(Problem::LognormalAroundZero),
        Law::Uniform { low, high } if low >= high => Err(Problem::EmptyInterval { low, high }),
        _ => Ok(()),
    }
}

/// What the law of a weight or a delay must satisfy whose widths are not negative.
#[inline]
pub(super) fn law(law: &Law) -> Result<(), Problem> {
    shape(law)?;
    if matches!(law, Law::Lorentzian { .. }) {
        return Err(Problem::NoMean { what: "weights, delays and time constants" });
    }
    match law.moments().iter().all(|moment| moment.is_finite()) {
        true => Ok(()),
        false => Err(Problem::Overflow),
    }
}

/// What a weight must satisfy besides.
#[inline]
pub(super) fn weight(law: &Law, measure: Measure) -> Result<(), Problem> {
    let value = least(law);
    match measure == Measure::Conductance && value < 0.0 {
        true => Err(Problem::NegativeConductance { value }),
        false => Ok(()),
    }
}

/// What a delay must satisfy besides.
#[inline]
pub(super) fn delay(law: &Law) -> Result<(), Problem> {
    match (least(law), law) {
        (0.0, Law::Uniform { .. }) => Ok(()),
        (0.0, _) => Err(Problem::NoDelay),
        (least, _) => not_negative("delay", least, Measure::Time),
    }
}

/// The value that must not be negative where negative values make no sense; a normal law is judged by its mean.
fn least(law: &Law) -> f64 {
    match *law {
        Law::Constant { value } => value,
        Law::Normal { mean, .. } | Law::Lognormal { mean, .. } | Law::Exponential { mean } => mean,
        Law::Uniform { low, .. } => low,
        Law::Lorentzian { center, .. } => center,
    }
}

/// What the law of a current must satisfy over the neurons of a population.
pub(super) fn current(law: &Law) -> Result<(), Problem> {
    shape(law)?;
    match law.center().is_finite() {
        true => Ok(()),
        false => Err(Problem::Overflow),
    }
}

/// What the laws of a neuron's parameters must satisfy, each problem with the key that it is about. The neuron itself has passed its checks.
pub(super) fn differences(neuron: &Neuron) -> [Result<(), (&'static str, Problem)>; 3] {
    let checked = |key: &'static str, own: f64, cut: Option<CutLaw>, check: fn(&Law) -> Result<(), Problem>| {
        let Some(cut) = cut else { return Ok(()) };
        let all = || {
            check(&cut.law)?;
            let center = cut.law.center();
            if own != center {
                return Err(Problem::NotTheCenter { key, own, center });
            }
            let kept = cut.kept();
            match kept >= LEAST_KEPT {
                true => Ok(()),
                false => Err(Problem::MostlyCut { key, percent: 100.0 * kept, low: cut.low, high: cut.high }),
            }
        };
        all().map_err(|problem| (key, problem))
    };
    [
        checked("V_th", neuron.V_th_mv, neuron.V_th_law(), current),
        checked("tau_m", neuron.tau_m_ms, neuron.tau_m_law(), law),
        checked("E_L", neuron.E_L_mv, neuron.E_L_law(), current),
    ]
}

/// What short-term plasticity must satisfy, each problem with the key that it is about.
pub(super) fn plasticity(plasticity: &Plasticity) -> [(&'static str, Result<(), Problem>); 3] {
    let Plasticity { U, tau_rec_ms, tau_fac_ms } = *plasticity;
    let part = |U: f64| if U > 0.0 && U <= 1.0 { Ok(()) } else { Err(Problem::NoPart { value: U }) };
    let time = |key, value| finite(value).and_then(|()| not_negative(key, value, Measure::Time));
    [
        ("U", finite(U).and_then(|()| part(U))),
        ("tau_rec", time("tau_rec", tau_rec_ms)),
        ("tau_fac", time("tau_fac", tau_fac_ms)),
    ]
}

/// The square of a noise drive's standard deviation must be a number.
pub(super) fn noise(std_mv: f64) -> Result<(), Problem> {
    match (std_mv * std_mv).is_infinite() {
        true => Err(Problem::Overflow),
        false => Ok(()),
    }
}

pub(super) fn course(start_ms: Option<f64>, stop_ms: Option<f64>) -> Result<(), Problem> {
    match (start_ms, stop_ms) {
        (Some(start_ms), Some(stop_ms)) if start_ms >= stop_ms => Err(Problem::StopNotAfterStart { start_ms, stop_ms }),
        _ => Ok(()),
    }
}

/// Rates cannot become negative, currents can.
pub(super) fn amplitude(amplitude: f64, is_poisson: bool) -> Result<(), Problem> {
    match is_poisson && amplitude.abs() > 1.0 {
        true => Err(Problem::ModulationTooStrong { amplitude }),
        false => Ok(()),
    }
}
