//! How far to trust a state, as text, warnings and columns.

use super::text::{Align, aligned, filled, in_blocks};
use crate::Warning;
use crate::number::{decimals, rate, significant};
use crate::theory::{FixedPoint, PopulationState};
use crate::trust::{Effect, Effects, Finding, Measure, Trust, Verdict, beyond, findings};

/// Up to this number of populations each has a column of measures, and is named in warnings.
const MOST_COLUMNS: usize = 12;
/// Marks a measure beyond its limit.
const BEYOND: char = '*';

/// A measure as it is shown: what it is, its limit, the measure that marks it, its text.
struct Shown {
    name: &'static str,
    measure: Option<Measure>,
    /// Where it is something that is done to the rate: what.
    effect: Option<OfEffects>,
    text: fn(&PopulationState) -> String,
}

type OfEffects = fn(&Effects) -> Option<Effect>;

const fn shown(name: &'static str, measure: Option<Measure>, text: fn(&PopulationState) -> String) -> Shown {
    Shown { name, measure, effect: None, text }
}

const fn effect(name: &'static str, effect: OfEffects, text: fn(&PopulationState) -> String) -> Shown {
    Shown { name, measure: None, effect: Some(effect), text }
}

impl Shown {
    /// Whether it says something of these populations: adaptation is no matter of those without, nor are time constants.
    fn says_something(&self, populations: &[PopulationState]) -> bool {
        let is_optional = self.effect.is_some()
            || matches!(self.measure, Some(Measure::Adaptation | Measure::ConductanceFluctuations));
        !is_optional || populations.iter().any(|population| (self.text)(population) != NOTHING)
    }
}

/// In the place of a number that there is not.
const NOTHING: &str = "-";

static SHOWN: [Shown; 14] = [
    shown("spikes within tau_m", Some(Measure::Events), |p| significant(p.validity.events_per_tau_m, 3)),
    shown("largest PSP / (V_th - V_reset)", Some(Measure::PspSize), |p| {
        decimals(Some(p.validity.psp_over_threshold_distance), 3)
    }),
    shown("skewness of the input", Some(Measure::Skewness), |p| decimals(p.validity.skewness, 3)),
    shown("sqrt(tau_syn / tau_m)", Some(Measure::SynapticTime), |p| {
        decimals(Some(p.validity.tau_syn_over_tau_m.sqrt()), 2)
    }),
    shown("slow noise against Poisson's", Some(Measure::PresynapticIrregularity), |p| {
        percent(p.validity.low_frequency_noise_deviation)
    }),
    shown("shared inputs of two neurons", Some(Measure::SharedInput), |p| {
        decimals(p.validity.shared_input_fraction, 3)
    }),
    shown("their inputs' correlation", None, |p| decimals(p.validity.input_correlation, 3)),
    shown("rate with finite jumps (Hz)", Some(Measure::ShotNoise), |p| {
        optional_rate(p.validity.shot_noise_corrected_rate_hz)
    }),
    effect("rate, by finite jumps", |of| of.jumps, |p| change(p.validity.effects.jumps)),
    effect("rate, by synaptic times", |of| of.filter, |p| change(p.validity.effects.filter)),
    effect("rate, by conductance noise", |of| of.conductance_noise, |p| change(p.validity.effects.conductance_noise)),
    shown("std of rates over neurons (Hz)", Some(Measure::RateSpread), |p| {
        optional_rate(Some(p.validity.rate_distribution.std_hz))
    }),
    shown("std of the adaptation / sigma", Some(Measure::Adaptation), |p| {
        decimals(p.validity.adaptation_std_over_sigma, 2)
    }),
    shown("std of the conductance / mean", Some(Measure::ConductanceFluctuations), |p| {
        decimals(p.validity.conductance_std_over_mean, 2)
    }),
];

/// Those that say something of these populations.
fn shown_of(populations: &[PopulationState]) -> Vec<&'static Shown> {
    SHOWN.iter().filter(|shown| shown.says_something(populations)).collect()
}

/// What is not said by the names of the measures.
pub const LEGEND: &str = "*: beyond its limit. Slow noise: how much the noise at low frequency differs from that of Poisson inputs, \
                                 which the theory assumes. The correlation is that of independent sources; feedback in the network \
                                 cancels most of it. The rate with finite jumps is that of the same mean and standard deviation of \
                                 the input. Rate, by: what jumps of their size, synaptic time constants and noise of conductances each \
                                 do to the rate at the same input, from computed rates.";

/// "-1.2 %", "+35 %"; beyond ten times as a factor, "x 0.021".
fn change(effect: Option<Effect>) -> String {
    let Some(Effect { ratio, .. }) = effect else { return NOTHING.to_string() };
    let percent = 100.0 * (ratio - 1.0);
    match percent.abs() {
        _ if !(0.1..10.0).contains(&ratio) => format!("x {}", significant(ratio, 2)),
        nothing if nothing < 0.05 => "0.0 %".to_string(),
        small if small < 9.95 => format!("{percent:+.1} %"),
        _ => format!("{percent:+.0} %"),
    }
}

/// "-51 %", with its sign; "0 %" has none.
fn percent(part: Option<f64>) -> String {
    match part.map(|part| (100.0 * part).round()) {
        None => NOTHING.to_string(),
        Some(0.0) => "0 %".to_string(),
        Some(percent) => format!("{percent:+} %"),
    }
}

fn optional_rate(rate_hz: Option<f64>) -> String {
    rate_hz.map_or_else(|| NOTHING.to_string(), |rate_hz| rate(rate_hz, (rate_hz > 0.0).then(|| rate_hz.log10())))
}

/// The verdict in a line.
pub fn line(state: &FixedPoint) -> String {
    filled(&format!("Trust: {}.", verdict(state)), "  ", "  ")
}

/// The measures of a state: a column a population, or, for many, the worst of each.
pub fn measures(state: &FixedPoint) -> String {
    let populations = &state.populations;
    if populations.len() > MOST_COLUMNS { worst_of_each(populations) } else { by_population(populations) }
}

/// "caution, for the spread of rates over neurons in E (1.30 times its limit)".
fn verdict(state: &FixedPoint) -> String {
    let Verdict { trust, measure, population, severity, .. } = &state.verdict;
    let (Some(measure), Some(population)) = (measure, population) else { return word(*trust).to_string() };
    let reason = if *trust == Trust::Good { "nearest to its limit is" } else { "for" };
    let place = if state.populations.len() > 1 { format!(" in {population}") } else { String::new() };
    format!("{}, {reason} {}{place} ({} times the limit)", word(*trust), measure.words(), significant(*severity, 3))
}

/// The verdict in a word.
pub(super) fn word(trust: Trust) -> &'static str {
    match trust {
        Trust::Good => "good",
        Trust::Caution => "caution",
        Trust::Doubtful => "doubtful",
    }
}

fn by_population(populations: &[PopulationState]) -> String {
    let shown = shown_of(populations);
    let names: Vec<&str> = shown.iter().map(|shown| shown.name).collect();
    let column = |population: &PopulationState| {
        let severities = severities(population);
        let cell = |shown: &&Shown| {
            let beyond = severity(&severities, shown.measure).is_some_and(|severity| severity > 1.0);
            let text = (shown.text)(population);
            if beyond { format!("{BEYOND}{text}") } else { text }
        };
        (population.name.clone(), shown.iter().map(cell).collect())
    };
    in_blocks("assumption", &names, &populations.iter().map(column).collect::<Vec<_>>())
}

fn worst_of_each(populations: &[PopulationState]) -> String {
    let header =
        [("assumption", Align::Left), ("worst", Align::Right), ("in", Align::Left), ("beyond its limit", Align::Right)];
    let all: Vec<Vec<(Measure, f64)>> = populations.iter().map(severities).collect();
    let row = |shown: &Shown| {
        let of = |a: usize| match shown.effect {
            Some(effect) => effect(&populations[a].validity.effects).map_or(0.0, |effect| effect.ratio.ln().abs()),
            None => severity(&all[a], shown.measure).unwrap_or(0.0),
        };
        let worst = (0..populations.len()).reduce(|worst, a| if of(a) > of(worst) { a } else { worst }).unwrap_or(0);
        let beyond = (0..populations.len()).filter(|&a| of(a) > 1.0).count();
        let (name, text) = (populations[worst].name.clone(), (shown.text)(&populations[worst]));
        let beyond = if shown.effect.is_some() { String::new() } else { format!("{beyond} of {}", populations.len()) };
        vec![shown.name.to_string(), text, name, beyond]
    };
    let has_worst = |shown: &&Shown| shown.measure.is_some() || shown.effect.is_some();
    aligned(&header, shown_of(populations).into_iter().filter(has_worst).map(row))
}

fn severities(population: &PopulationState) -> Vec<(Measure, f64)> {
    let all = findings(&population.validity, population.rate_hz);
    all.into_iter().map(|finding| (finding.measure, finding.severity)).collect()
}

fn severity(severities: &[(Measure, f64)], measure: Option<Measure>) -> Option<f64> {
    severities.iter().find(|(of, _)| Some(*of) == measure).map(|(_, severity)| *severity)
}

/// The Kramers-Moyal coefficients of a state.
pub(super) fn coefficients(state: &FixedPoint) -> String {
    let names = ["D1 at V_reset (mV/ms)", "D1 at V_th (mV/ms)", "D2 (mV^2/ms)", "D3 (mV^3/ms)", "D4 (mV^4/ms)"];
    let column = |population: &PopulationState| {
        let d = &population.validity.kramers_moyal;
        let others = [d.d1_at_V_th_mv_per_ms, d.d2_mv2_per_ms, d.d3_mv3_per_ms, d.d4_mv4_per_ms];
        let at_reset = d.d1_at_V_reset_mv_per_ms.map_or("-".to_string(), |value| significant(value, 5));
        let values = others.map(|value| significant(value, 5));
        (population.name.clone(), [at_reset].into_iter().chain(values).collect())
    };
    in_blocks("coefficient", &names, &state.populations.iter().map(column).collect::<Vec<_>>())
}

/// A warning and where it holds.
struct Complaint<'a> {
    state: usize,
    population: &'a str,
    finding: Finding,
}

/// One warning for each measure that is beyond its limit somewhere: where, and what it is where it is worst.
pub(super) fn warnings(states: &[FixedPoint]) -> Vec<Warning> {
    let mut complaints: Vec<Complaint> = Vec::new();
    for (index, state) in states.iter().enumerate() {
        for population in &state.populations {
            let complain = |finding| Complaint { state: index, population: &population.name, finding };
            complaints.extend(beyond(&population.validity, population.rate_hz).map(complain));
        }
    }
    let mut measures: Vec<Measure> = complaints.iter().map(|complaint| complaint.finding.measure).collect();
    measures.sort();
    measures.dedup();
    let of = |measure| complaints.iter().filter(move |complaint| complaint.finding.measure == measure).collect();
    measures.into_iter().filter_map(|measure| warning(states, of(measure))).collect()
}

fn warning(states: &[FixedPoint], complaints: Vec<&Complaint>) -> Option<Warning> {
    let harder = |p: &&&Complaint, q: &&&Complaint| p.finding.severity.total_cmp(&q.finding.severity);
    // the first of equals
    let worst = complaints.iter().rev().max_by(harder)?;
    let place = places(states, &complaints);
    let same = complaints.iter().all(|complaint| complaint.finding.sentence == worst.finding.sentence);
    let only = if same { String::new() } else { format!(", worst in {}", places(states, &[worst])) };
    let sentence = format!("{place}{only}: {}", worst.finding.sentence);
    Some(Warning { sentence, ..worst.finding.clone().warning(worst.population) })
}

/// "E, I", "state 2, E", "all populations", "17 of 254 populations".
fn places(states: &[FixedPoint], complaints: &[&Complaint]) -> String {
    let populations = states[0].populations.len();
    if populations > 1 && complaints.len() == states.len() * populations {
        return "all populations".to_string();
    }
    let of_state = |index: usize| -> Vec<&str> {
        complaints.iter().filter(|complaint| complaint.state == index).map(|complaint| complaint.population).collect()
    };
    let listed = |names: &[&str]| match names.len() {
        n if n > MOST_COLUMNS => format!("{n} of {populations} populations"),
        n if n == populations && n > 2 => "all populations".to_string(),
        _ => names.join(", "),
    };
    let first = of_state(complaints[0].state);
    if complaints.len() == states.len() * first.len() && (0..states.len()).all(|index| of_state(index) == first) {
        return listed(&first);
    }
    let named = (0..states.len()).map(|index| (index, of_state(index))).filter(|(_, names)| !names.is_empty());
    let named = named.map(|(index, names)| format!("state {}, {}", index + 1, listed(&names)));
    named.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, bundled, parse};
    use crate::theory::{Theory, TheoryOptions};

    fn state(name: &str) -> FixedPoint {
        let network = parse(bundled::find(name).unwrap().text, name, &ReadOptions::default()).unwrap();
        let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
        theory.fixed_point(&theory.solve().unwrap())
    }

    #[test]
    fn many_populations_have_a_line_a_measure_and_the_worst_is_named() {
        let mut state = state("potjans_diesmann2014");
        state.populations = (0..254)
            .map(|i| {
                let mut population = state.populations[i % 8].clone();
                population.name = format!("P{i}");
                population
            })
            .collect();
        state.populations[77].validity.psp_over_threshold_distance = 0.25;
        let text = measures(&state);
        let line = text.lines().find(|line| line.trim_start().starts_with("largest PSP")).unwrap();
        assert!(
            line.split_whitespace().eq("largest PSP / (V_th - V_reset) 0.250 P77 1 of 254".split_whitespace()),
            "{line}"
        );
        assert!(text.lines().count() < 15, "{text}");
        let warnings: Vec<String> = warnings(&[state]).into_iter().map(|warning| warning.sentence).collect();
        assert!(warnings.iter().any(|warning| warning.starts_with("P77: A single PSP")), "{warnings:?}");
        assert!(warnings.len() <= 4 && warnings.iter().all(|warning| warning.len() < 400), "{warnings:?}");
    }

    #[test]
    fn a_measure_beyond_its_limit_is_marked() {
        let state = state("ostojic2014");
        let (line, measures) = (line(&state), measures(&state));
        assert!(measures.contains('*') && line.contains("times the limit"), "{line}{measures}");
    }

    #[test]
    fn a_warning_says_where_it_holds_and_where_it_is_worst() {
        let mut states = [state("brunel2000"), state("brunel2000")];
        for state in &mut states {
            for population in &mut state.populations {
                population.validity.low_frequency_noise_deviation = None;
            }
        }
        states[1].populations[0].validity.skewness = Some(-0.5);
        let first = |states: &[FixedPoint]| warnings(states).remove(0).sentence;
        assert!(first(&states).starts_with("state 2, E: The input is skewed"), "{}", first(&states));
        states[1].populations[1].validity.skewness = Some(-0.7);
        assert!(first(&states).starts_with("state 2, E, I, worst in state 2, I: "), "{}", first(&states));
    }

    #[test]
    fn changes_of_the_rate_are_percentages_and_beyond_ten_times_factors() {
        let of = |ratio: f64| change(Some(Effect { with_hz: ratio, without_hz: 1.0, ratio }));
        let ratios = [1.0, 0.9999, 0.988, 1.5, 0.25, 15.27, 2e-5];
        assert_eq!(ratios.map(of), ["0.0 %", "0.0 %", "-1.2 %", "+50 %", "-75 %", "x 15", "x 2e-5"]);
        assert_eq!(change(None), "-");
    }

    #[test]
    fn what_time_constants_do_is_shown_where_there_are_any() {
        let rows = |name: &str| {
            let shown = measures(&state(name));
            ["rate, by finite jumps", "rate, by synaptic times", "rate, by conductance noise"]
                .map(|row| shown.contains(row))
        };
        assert_eq!(rows("brunel2000"), [true, false, false]);
        assert_eq!(rows("potjans_diesmann2014"), [true, true, false]);
    }

    #[test]
    fn percentages_have_a_sign_unless_they_are_nothing() {
        assert_eq!([None, Some(-0.001), Some(-0.51), Some(1.8)].map(percent), ["-", "0 %", "-51 %", "+180 %"]);
    }
}
