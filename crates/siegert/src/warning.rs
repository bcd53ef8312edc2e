//! What a user should know of a result without asking: the kind, whom it concerns, the number against its limit, and a sentence that says it all.
//!
//! A kind of warning is said once, however many things it holds for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a user should know of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Warning {
    /// What kind it is, to be looked for.
    pub kind: WarningKind,
    /// The population that it concerns, if it is one.
    pub population: Option<String>,
    /// What was found, where it is a number; its unit is that of the sentence.
    pub value: Option<f64>,
    /// What it should be within, where there is such a limit.
    pub limit: Option<f64>,
    /// All of it in words.
    pub sentence: String,
}

/// The kinds of warnings; those of [`Measure`](crate::trust::Measure) have its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    /// Nothing in the network file depends on a parameter.
    UnusedParameter,
    /// No drive and no projection reaches a population.
    NoInput,
    /// An in-degree that is no whole number; the value is the first of them.
    FractionalInDegree,
    /// `multapses` is said where it means nothing.
    MultapsesWithoutEffect,
    /// A drive that stops (value: when, in ms) is left out of a stationary state.
    DriveStops,
    /// A modulated drive is taken at its mean.
    ModulatedDrive,
    /// A drive with a course is taken with its last factor (the value).
    DriveCourse,
    /// A drive is shared by the neurons of a population; their correlation is left out.
    SharedDrive,
    /// At least one state is missing; the value is the sum of the indices of those found, the limit 1.
    MissingState,
    /// Near a state of the Poisson theory (value: its number) there is none with a self-consistent input.
    StateLost,
    /// A state of the Poisson theory (value: its number) is the same as another with a self-consistent input.
    StatesMerged,
    /// An iteration did not come to rest; the value is the number of iterations.
    NotConverged,
    /// Populations begin to oscillate in a state, and the theory leaves it out.
    Oscillating,
    /// States of the balanced limit were not looked for; the value is the number of populations.
    AlternativesNotTried,
    /// How the input scales departs from what a balanced limit needs.
    Scaling,
    /// A quadratic neuron whose keys suggest an exponential one begins to fire at another input; the value is `Delta_T`, by which they differ, in mV.
    QuadraticOnset,
    /// At some values of a parameter there is no state.
    NoState,
    /// A time of the network is no multiple of the time step; the value is what is simulated, in ms.
    Rounded,
    /// The time step (value, in ms) is longer than `tau_m` (limit).
    LongStep,
    /// The file gives no delay; the value is the one taken, in ms.
    AssumedDelay,
    /// So large a part of the delays (value) is shorter than the time step and drawn again; the limit is what goes without saying.
    ShortDelays,
    /// An expansion gives negative rates, which are left out; the value is their number.
    NegativeRate,
    /// Few spikes arrive within `tau_m`.
    Events,
    /// A single PSP is large.
    PspSize,
    /// The input is skewed.
    Skewness,
    /// The size of jumps changes the rate.
    ShotNoise,
    /// The noise of spikes is left out of the reduced equations (value: its standard deviation in mV, limit: what goes without saying).
    NoiseLeftOut,
    /// In time, noise through synapses with a time constant is taken by an approximation.
    FilteredInTime,
    /// The synaptic time constant is not small.
    SynapticTime,
    /// Instantaneous synapses beside filtered ones.
    MixedSynapses,
    /// Neurons share input.
    SharedInput,
    /// Presynaptic neurons are not Poisson.
    PresynapticIrregularity,
    /// The random part of the connections is strong.
    RandomPart,
    /// Rates differ between neurons.
    RateSpread,
    /// The adaptation, which is taken at its mean, varies.
    Adaptation,
    /// The total conductance, of which the mean makes the time constant, fluctuates.
    ConductanceFluctuations,
    /// The network oscillates, leaves a state or is near to that.
    Asynchrony,
    /// The random part of the connections is so strong that no linear theory of fluctuations holds; the value is its spectral radius, the limit 1.
    CriticalRandomPart,
    /// The rate is near saturation.
    Saturation,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Warning {
    /// A warning without numbers, about nobody in particular.
    pub(crate) fn new(kind: WarningKind, sentence: String) -> Self {
        Warning { kind, population: None, value: None, limit: None, sentence }
    }

    /// The same with what was found.
    pub(crate) fn with_value(self, value: f64) -> Self {
        Warning { value: Some(value), ..self }
    }

    /// The same with what it should be within.
    pub(crate) fn with_limit(self, limit: f64) -> Self {
        Warning { limit: Some(limit), ..self }
    }

    /// The same about a population.
    pub(crate) fn about(self, population: &str) -> Self {
        Warning { population: Some(population.to_string()), ..self }
    }
}

/// Names that are said; further ones are counted.
const NAMED: usize = 3;

/// What there is to warn of, kind by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Warnings(Vec<Noted>);

/// One kind of warning, and whom it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    pub(crate) kind: WarningKind,
    /// Tells apart what is of one kind and not said together, as the times that are rounded.
    what: &'static str,
    /// What is to be said of the first.
    pub(crate) first: String,
    numbers: (Option<f64>, Option<f64>),
    /// Whether the same is to be said of all others.
    all_alike: bool,
    names: Vec<String>,
    last: String,
    count: usize,
}

/// Whom a warning concerns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// "projection E -> I"
    pub(crate) name: &'a str,
    /// What, where that tells it from others of its kind.
    pub(crate) what: &'static str,
}

impl<'a> From<&'a str> for Place<'a> {
    fn from(name: &'a str) -> Self {
        Place { name, what: "" }
    }
}

impl Warnings {
    /// A warning of this `kind` concerns `place`, of which `said` is to be said; the numbers are value and limit.
    pub(crate) fn note<'a>(
        &mut self,
        kind: WarningKind,
        place: impl Into<Place<'a>>,
        numbers: (Option<f64>, Option<f64>),
        said: String,
    ) {
        let Place { name, what } = place.into();
        let Some(warning) = self.0.iter_mut().find(|known| known.kind == kind && known.what == what) else {
            let (names, last) = (vec![name.to_string()], name.to_string());
            self.0.push(Noted { kind, what, first: said, numbers, all_alike: true, names, last, count: 1 });
            return;
        };
        warning.all_alike &= warning.first == said;
        if warning.last == name || warning.names.iter().any(|known| known == name) {
            return;
        }
        warning.count += 1;
        warning.last = name.to_string();
        if warning.names.len() < NAMED {
            warning.names.push(name.to_string());
        }
    }

    /// A warning for each kind, in the order in which they were first noted.
    pub(crate) fn said(&self, sentence: impl Fn(&Noted) -> String) -> Vec<Warning> {
        let said = |noted: &Noted| {
            let (value, limit) = noted.numbers;
            let only = noted.names[0].strip_prefix("population ").unwrap_or(&noted.names[0]);
            let is_population = noted.is_of_one() && !only.contains(' ');
            let population = is_population.then(|| only.to_string());
            Warning { kind: noted.kind, population, value, limit, sentence: sentence(noted) }
        };
        self.0.iter().map(said).collect()
    }
}

impl Noted {
    /// Whether it concerns one only.
    pub(crate) fn is_of_one(&self) -> bool {
        self.count == 1
    }

    /// "E", "E and I", "A, B, C and 17 more".
    pub(crate) fn who(&self) -> String {
        match (&self.names[..], self.count - self.names.len()) {
            ([one], 0) => one.clone(),
            ([before @ .., last], 0) => format!("{} and {last}", before.join(", ")),
            (names, more) => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// "projection E -> I: what is said of it"; of several, what is said of the first.
    pub(crate) fn with_names(&self) -> String {
        let likewise = if self.all_alike { "" } else { " (the first; likewise the others)" };
        format!("{}: {}{likewise}", self.who(), self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_a_million_pairs_make_one_sentence() {
        let mut warnings = Warnings::default();
        for pair in 0..250_000 {
            let pair = format!("P{} -> P{}", pair / 500, pair % 500);
            warnings.note(WarningKind::AssumedDelay, pair.as_str(), (Some(1.5), None), "no delay".to_string());
        }
        let said = warnings.said(Noted::with_names);
        assert_eq!((said.len(), said[0].value, &said[0].population), (1, Some(1.5), &None));
        assert_eq!(said[0].sentence, "P0 -> P0, P0 -> P1, P0 -> P2 and 249997 more: no delay");
    }

    #[test]
    fn names_are_said_as_one_would_say_them() {
        let said = |names: &[&str]| {
            let mut warnings = Warnings::default();
            for name in names {
                warnings.note(WarningKind::SharedDrive, *name, (None, None), format!("about {name}"));
            }
            warnings.said(Noted::with_names).remove(0).sentence
        };
        assert_eq!(said(&["E"]), "E: about E");
        assert_eq!(said(&["E", "E"]), "E: about E");
        assert_eq!(said(&["E", "I"]), "E and I: about E (the first; likewise the others)");
        assert!(said(&["A", "B", "C", "D"]).starts_with("A, B, C and 1 more: about A"));
    }

    #[test]
    fn one_population_is_named_and_a_pair_is_none() {
        let population = |name: &str| {
            let mut warnings = Warnings::default();
            warnings.note(WarningKind::LongStep, name, (None, None), String::new());
            warnings.said(Noted::with_names).remove(0).population
        };
        assert_eq!(population("population E").as_deref(), Some("E"));
        assert_eq!(population("E").as_deref(), Some("E"));
        assert_eq!(population("projection E -> I"), None);
    }
}
