//! `[[drives]]`: input from outside, written out for each population driven.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::courses::{Base, PreparedCourse};
use super::fields::{Field, Fields};
use super::laws::PreparedLaw;
use super::parameters::Parameters;
use super::projections::MAX_PAIRS;
use super::sources::Scope;
use super::{Known, Reader};
use crate::network::checks::{self, weight_measure};
use crate::network::error::Problem;
use crate::network::keys;
use crate::network::quantity::Measure;
use crate::network::receptors::Receptors;
use crate::network::{Drive, DriveKind, Law, Modulation, Population};

/// What a drive is before its weights are evaluated and currents become voltages.
enum Prototype<'v> {
    Poisson(Box<Poisson<'v>>),
    /// Drawn once for each neuron, where it has a law.
    CurrentInPicoampere(Law),
    Other(DriveKind),
}

/// Poisson trains, with weights still to be evaluated.
struct Poisson<'v> {
    rate_hz: f64,
    in_degree: f64,
    weight: PreparedLaw,
    delay: Option<PreparedLaw>,
    synapse_type: &'v str,
    receptors: Receptors,
    shared: bool,
    redraw_weights: bool,
}

/// The current `I_e` that belongs to a type of neuron: a drive of each of its populations.
pub(super) struct OwnCurrent {
    law: Law,
    in_pa: bool,
    span: Range<usize>,
}

impl Prototype<'_> {
    /// What the values of a course are divided by.
    fn base(&self) -> Base {
        match self {
            Prototype::Poisson(poisson) => Base::RateHz(poisson.rate_hz),
            Prototype::CurrentInPicoampere(law) => Base::CurrentPa(*law),
            Prototype::Other(DriveKind::Current { value_mv, .. }) => Base::CurrentMv(*value_mv),
            Prototype::Other(_) => Base::Noise,
        }
    }
}

/// When a drive acts, and how it is modulated.
struct Course {
    start_ms: Option<f64>,
    stop_ms: Option<f64>,
    modulation: Option<Modulation>,
    course: Option<PreparedCourse>,
}

impl Reader<'_> {
    pub(super) fn drives<'v>(&mut self, file: &Fields<'v>, known: &mut Known<'v>) -> Option<Vec<Drive>> {
        let mut drives = Vec::new();
        let mut all_good = true;
        for (index, value) in self.list(file, "drives").into_iter().enumerate() {
            all_good &= self.drive(index, value, known, &mut drives).is_some();
            known.drive_ends.push(drives.len());
            if drives.len() > MAX_PAIRS {
                self.report(value.span(), Problem::TooManyPairs { limit: MAX_PAIRS });
                return None;
            }
        }
        all_good.then_some(drives)
    }

    pub(super) fn drive<'v>(
        &mut self,
        index: usize,
        value: &'v Spanned<DeValue<'v>>,
        known: &mut Known<'v>,
        drives: &mut Vec<Drive>,
    ) -> Option<()> {
        let fields = self.open(&keys::DRIVE, value, || format!("drive {}", index + 1))?;
        let targets = self.population_list(&fields, "to", known);
        let course = self.course(&fields, known);
        let prototype = match fields.variant {
            Some("poisson") => self.poisson(&fields, known),
            Some("current") => self.current(&fields, known),
            Some(_) => self.noise(&fields, known),
            None => None,
        };
        let (targets, course, prototype) = (targets?, course?, prototype?);
        let Course { start_ms, stop_ms, modulation, course } = course;
        let course = match course {
            Some(course) => Some(self.course_of(course, prototype.base())?),
            None => None,
        };
        for target in targets {
            let kinds = self.drive_kinds(&prototype, &fields, target, known)?;
            let drive =
                |kind| Drive { start_ms, stop_ms, modulation, course: course.clone(), ..Drive::new(target, kind) };
            drives.extend(kinds.into_iter().map(drive));
        }
        Some(())
    }

    fn poisson<'v>(&mut self, fields: &Fields<'v>, known: &mut Known<'v>) -> Option<Prototype<'v>> {
        let rate = self.not_negative(fields, "rate", Measure::Rate, &mut known.parameters).value();
        let in_degree = self.not_negative(fields, "in_degree", Measure::Number, &mut known.parameters).or_default(1.0);
        let synapse = self.synapse_of(fields, known);
        let weight = synapse.as_ref().and_then(|(_, receptors, _)| {
            self.law(fields, "weight", weight_measure(&receptors.first()), Scope::Once, &mut known.parameters)
        });
        let delay = self.delay(fields, Scope::Once, known);
        let shared = self.flag(fields, "shared").or_default(false);
        let redraw_weights = self.flag(fields, "redraw_weights").or_default(false);
        let (synapse_type, receptors, _) = synapse?;
        Some(Prototype::Poisson(Box::new(Poisson {
            rate_hz: rate?,
            in_degree: in_degree?,
            weight: weight?,
            delay: delay?,
            synapse_type,
            receptors,
            shared: shared?,
            redraw_weights: redraw_weights?,
        })))
    }

    fn current<'v>(&mut self, fields: &Fields<'v>, known: &mut Known<'v>) -> Option<Prototype<'v>> {
        self.current_at(fields, "value", &mut known.parameters)
    }

    /// A current at a key, as it stands.
    fn current_at<'p>(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        parameters: &mut Parameters<'_>,
    ) -> Option<Prototype<'p>> {
        let (law, in_pa) = self.current_law(fields, key, parameters)?;
        Some(match in_pa {
            true => Prototype::CurrentInPicoampere(law),
            false => Prototype::Other(DriveKind::Current { value_mv: law, given_in_pa: false }),
        })
    }

    /// The current `I_e` of a neuron type, if it has one: `None` where it is wrong.
    pub(super) fn own_current(
        &mut self,
        name: &str,
        fields: &Fields<'_>,
        parameters: &mut Parameters<'_>,
    ) -> Option<Option<OwnCurrent>> {
        if !fields.has("I_e") {
            return Some(None);
        }
        let (law, in_pa) = self.current_law(fields, "I_e", parameters)?;
        let span = fields.span_of("I_e");
        if in_pa && !["C_m", "g_L"].iter().any(|key| fields.has(key)) {
            self.report(span, checks::needs_capacitance(name, "a current in pA"));
            return None;
        }
        Some(Some(OwnCurrent { law, in_pa, span }))
    }

    /// The currents that belong to the neurons of the populations, as drives of these.
    pub(super) fn own_currents(&mut self, known: &Known<'_>) -> Option<Vec<Drive>> {
        let mut drives = Vec::new();
        let mut all_good = true;
        for (target, population) in known.populations.iter().enumerate() {
            let Some(population) = population else { continue };
            let Some(Some(own)) = known.own_currents.get(population.neuron_type.as_str()) else { continue };
            let kind = match own.in_pa {
                true => self.current_in_pa(&own.law, population, own.span.clone()),
                false => Some(DriveKind::Current { value_mv: own.law, given_in_pa: false }),
            };
            all_good &= kind.is_some();
            drives.extend(kind.map(|kind| Drive::new(target, kind)));
        }
        all_good.then_some(drives)
    }

    /// A current in pA as the voltage that it is for the neurons of a population.
    fn current_in_pa(&mut self, law: &Law, population: &Population, span: Range<usize>) -> Option<DriveKind> {
        let Some(resistance) = population.neuron.resistance_mv_per_pa() else {
            let problem = checks::needs_capacitance(&population.neuron_type, "a current in pA");
            self.report(span, problem);
            return None;
        };
        let value_mv = law.times(resistance);
        if let Err(problem) = checks::current(&value_mv) {
            self.report(span, problem);
            return None;
        }
        Some(DriveKind::Current { value_mv, given_in_pa: true })
    }

    fn noise<'v>(&mut self, fields: &Fields<'v>, known: &mut Known<'v>) -> Option<Prototype<'v>> {
        let mean_mv = self.quantity(fields, "mean", Measure::Voltage, &mut known.parameters).value();
        let std_mv = self.not_negative(fields, "std", Measure::Voltage, &mut known.parameters).value()?;
        if let Err(problem) = checks::noise(std_mv) {
            self.report(fields.span_of("std"), problem);
            return None;
        }
        Some(Prototype::Other(DriveKind::Noise { mean_mv: mean_mv?, std_mv }))
    }

    /// The drives of a population: of Poisson trains one for each receptor of their synapse.
    fn drive_kinds(
        &mut self,
        prototype: &Prototype<'_>,
        fields: &Fields<'_>,
        target: usize,
        known: &Known<'_>,
    ) -> Option<Vec<DriveKind>> {
        let population = known.populations[target].as_ref()?;
        match prototype {
            Prototype::Other(kind) => Some(vec![kind.clone()]),
            Prototype::CurrentInPicoampere(law) => {
                self.current_in_pa(law, population, fields.span_of("value")).map(|kind| vec![kind])
            }
            Prototype::Poisson(poisson) => {
                let sizes = [0.0, population.size as f64];
                let weight = self.weight_for_pair(&poisson.weight, &known.parameters, sizes);
                let delay = match &poisson.delay {
                    Some(delay) => self.delay_for_pair(delay, &known.parameters, sizes).map(Some),
                    None => Some(None),
                };
                self.check_capacitance(&poisson.receptors.first(), fields.span_of("synapse"), target, known)?;
                let (weight, delay_ms) = (weight?, delay?);
                let shares = poisson.receptors.of_poisson(poisson.in_degree, poisson.rate_hz);
                let kind = |(synapse, in_degree, rate_hz)| DriveKind::Poisson {
                    rate_hz,
                    in_degree,
                    weight,
                    delay_ms,
                    synapse_type: poisson.synapse_type.to_string(),
                    synapse,
                    plasticity: poisson.receptors.plasticity(),
                    shared: poisson.shared,
                    redraw_weights: poisson.redraw_weights,
                };
                Some(shares.into_iter().map(kind).collect())
            }
        }
    }

    fn course<'v>(&mut self, fields: &Fields<'v>, known: &mut Known<'v>) -> Option<Course> {
        let start = self.quantity(fields, "start", Measure::Time, &mut known.parameters).optional();
        let stop = self.quantity(fields, "stop", Measure::Time, &mut known.parameters).optional();
        let modulation = self.modulation(fields, known).optional();
        let course = self.tabulated(fields, known).optional();
        let (start_ms, stop_ms) = (start?, stop?);
        if let Err(problem) = checks::course(start_ms, stop_ms) {
            self.report(fields.span_of("stop"), problem);
            return None;
        }
        Some(Course { start_ms, stop_ms, modulation: modulation?, course: course? })
    }

    fn modulation<'v>(&mut self, drive: &Fields<'v>, known: &mut Known<'v>) -> Field<Modulation> {
        let Some((_, value)) = drive.get("modulation") else { return Field::Absent };
        let Some(fields) = self.open(&keys::MODULATION, value, || "the modulation".to_string()) else {
            return Field::Failed;
        };
        let amplitude = self.quantity(&fields, "amplitude", Measure::Number, &mut known.parameters).value();
        let frequency = self.not_negative(&fields, "frequency", Measure::Rate, &mut known.parameters).value();
        let (Some(amplitude), Some(frequency_hz)) = (amplitude, frequency) else { return Field::Failed };
        if let Err(problem) = checks::amplitude(amplitude, drive.variant == Some("poisson")) {
            self.report(fields.span_of("amplitude"), problem);
            return Field::Failed;
        }
        Field::Value(Modulation { amplitude, frequency_hz })
    }
}
