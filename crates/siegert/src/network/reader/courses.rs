//! `course = { ... }` of a drive: times with factors, rates or values, in the file or in a CSV file beside it.

use std::ops::Range;
use std::path::Path;

use toml::de::DeValue;

use super::fields::{Field, Fields};
use super::sources::Place;
use super::{Known, Reader};
use crate::network::Law;
use crate::network::drive_course::{Course, CoursePart, Interpolation, MOST_TIMES};
use crate::network::error::Problem;
use crate::network::keys;
use crate::network::quantity::{Measure, Quantity};
use crate::network::source::read_table;
use crate::network::spelling::{nearest, shortened};

/// What the values of a course are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Factor,
    RateHz,
    CurrentPa,
    CurrentMv,
}

/// The columns of a file beside `time_ms`.
const COLUMNS: [(&str, Unit); 4] =
    [("factor", Unit::Factor), ("rate_hz", Unit::RateHz), ("value_mv", Unit::CurrentMv), ("value_pa", Unit::CurrentPa)];
const ALL_COLUMNS: &str = "factor, rate_hz, value_mv and value_pa";
const KEYS: &str = "factors, rates and values";

/// A course as it is written, before its values are divided by the drive's own.
pub(super) struct PreparedCourse {
    times_ms: Vec<f64>,
    values: Vec<f64>,
    unit: Unit,
    interpolation: Interpolation,
    places: Places,
}

/// Where the parts of a course are written.
struct Places {
    times: Range<usize>,
    values: Range<usize>,
    /// Of each time and value; none where they are in another file.
    each: Option<[Vec<Range<usize>>; 2]>,
    /// The file, where it is one.
    file: Option<String>,
}

/// What a drive has of its own, which a course multiplies.
pub(super) enum Base {
    RateHz(f64),
    CurrentPa(Law),
    CurrentMv(Law),
    Noise,
}

impl Reader<'_> {
    /// The course of a drive.
    pub(super) fn tabulated<'v>(&mut self, drive: &Fields<'v>, known: &mut Known<'v>) -> Field<PreparedCourse> {
        let Some((_, value)) = drive.get("course") else { return Field::Absent };
        let Some(fields) = self.open(&keys::COURSE, value, || "the course".to_string()) else { return Field::Failed };
        let interpolation = match self.choice(&fields, "interpolation", keys::INTERPOLATIONS) {
            Field::Failed => return Field::Failed,
            Field::Value("linear") => Interpolation::Linear,
            _ => Interpolation::Step,
        };
        let parts: Vec<&str> =
            ["times", "factors", "rates", "values", "file"].into_iter().filter(|k| fields.has(k)).collect();
        let read = match parts[..] {
            ["file"] => self.course_in_file(&fields, interpolation),
            ["times", key @ ("factors" | "rates" | "values")] => {
                self.course_in_lists(&fields, key, interpolation, known)
            }
            _ => {
                let found = if parts.is_empty() { "none of these".to_string() } else { parts.join(", ") };
                self.report(fields.span(), Problem::CourseParts { possible: KEYS, found });
                None
            }
        };
        read.map_or(Field::Failed, Field::Value)
    }

    fn course_in_lists<'v>(
        &mut self,
        fields: &Fields<'v>,
        key: &'static str,
        interpolation: Interpolation,
        known: &mut Known<'v>,
    ) -> Option<PreparedCourse> {
        let times = self.quantities(fields, "times", &[(Measure::Time, Unit::Factor)], known);
        let possible: &[(Measure, Unit)] = match key {
            "factors" => &[(Measure::Number, Unit::Factor)],
            "rates" => &[(Measure::Rate, Unit::RateHz)],
            _ => &[(Measure::Current, Unit::CurrentPa), (Measure::Voltage, Unit::CurrentMv)],
        };
        let (times_ms, of_times, _) = times?;
        let (values, of_values, unit) = self.quantities(fields, key, possible, known)?;
        let places = Places {
            times: fields.span_of("times"),
            values: fields.span_of(key),
            each: Some([of_times, of_values]),
            file: None,
        };
        Some(PreparedCourse { times_ms, values, unit, interpolation, places })
    }

    /// A list of quantities in one of some dimensions, which the first one decides; with the place of each.
    fn quantities<'v>(
        &mut self,
        fields: &Fields<'v>,
        key: &'static str,
        possible: &[(Measure, Unit)],
        known: &mut Known<'v>,
    ) -> Option<(Vec<f64>, Vec<Range<usize>>, Unit)> {
        let (_, value) = fields.get(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value.span(), key, "a list", value.get_ref());
            return None;
        };
        if items.is_empty() {
            self.report(value.span(), Problem::EmptyList);
            return None;
        }
        let places = items.iter().map(|item| item.span()).collect();
        let quantity = |item| {
            let source = self.source(key, item)?;
            Some((self.value_of(&source, &mut known.parameters)?, source.place))
        };
        let quantities: Vec<_> = items.iter().map(quantity).collect();
        // 0 may stand for any of the dimensions
        let decided = quantities.iter().flatten().find_map(|(quantity, _)| {
            let fits = |(measure, _): &&(Measure, Unit)| quantity.fits(measure.dimension()) && !quantity.is_zero();
            possible.iter().find(fits)
        });
        let (measure, unit) = *decided.or(possible.first())?;
        let value = |quantity: Option<(Quantity, Place)>| {
            let (quantity, place) = quantity?;
            self.measured(quantity, measure, key, &place)
        };
        let values: Vec<Option<f64>> = quantities.into_iter().map(value).collect();
        Some((values.into_iter().collect::<Option<_>>()?, places, unit))
    }

    fn course_in_file(&mut self, fields: &Fields<'_>, interpolation: Interpolation) -> Option<PreparedCourse> {
        let (name, span) = self.text_and_span(fields, "file")?;
        let folder = self.folder.clone();
        let text = match self.tables.get(name) {
            Some(text) => text.clone(),
            None => match read_table(&folder.join(name)) {
                Ok(text) => {
                    self.tables.insert(name.to_string(), text.clone());
                    text
                }
                Err(reason) => {
                    let advice = match Path::new(name).is_absolute() {
                        true => None,
                        false if folder.as_os_str().is_empty() => {
                            Some("its path is relative to the directory in which siegert runs".to_string())
                        }
                        false => {
                            Some(format!("its path is relative to that of the network file, {}", folder.display()))
                        }
                    };
                    self.report(span, Problem::CourseFile { path: shortened(name), reason, advice });
                    return None;
                }
            },
        };
        match rows(&text) {
            Ok((times_ms, values, unit)) => {
                let places = Places { times: span.clone(), values: span, each: None, file: Some(shortened(name)) };
                Some(PreparedCourse { times_ms, values, unit, interpolation, places })
            }
            Err((reason, advice)) => {
                self.report(span, Problem::CourseFile { path: shortened(name), reason, advice });
                None
            }
        }
    }

    /// The course as factors of what the drive has of its own.
    pub(super) fn course_of(&mut self, prepared: PreparedCourse, base: Base) -> Option<Course> {
        let PreparedCourse { times_ms, values, unit, interpolation, places } = prepared;
        let is_poisson = matches!(base, Base::RateHz(_));
        let (key, own, reason, base) = match (unit, &base) {
            (Unit::Factor, _) => ("", "", "", Ok(1.0)),
            (Unit::RateHz, Base::RateHz(rate_hz)) => ("rates", "rate", "is 0", not_zero(*rate_hz)),
            (Unit::RateHz, _) => ("rates", "rate", "only a poisson drive has", Err(())),
            (_, Base::RateHz(_) | Base::Noise) => ("values", "value", "only a current drive has", Err(())),
            (Unit::CurrentPa, Base::CurrentPa(law)) | (Unit::CurrentMv, Base::CurrentMv(law)) => {
                match law.differing() {
                    Some(_) => ("values", "value", "differs between neurons", Err(())),
                    None => ("values", "value", "is 0", not_zero(law.center())),
                }
            }
            (Unit::CurrentPa, _) => ("values", "value", "is in mV, and they are in pA", Err(())),
            (Unit::CurrentMv, _) => ("values", "value", "is in pA, and they are in mV", Err(())),
        };
        let Ok(base) = base else {
            self.report(places.values, Problem::CourseWithoutBase { key, own, reason });
            return None;
        };
        let factors = values.iter().map(|value| value / base).collect();
        let course = Course { times_ms, factors, interpolation };
        match course.check(is_poisson) {
            Ok(()) => Some(course),
            Err((part, problem)) => {
                self.report_part(&places, part, problem);
                None
            }
        }
    }

    /// Reports what is wrong with a part of a course, where it is written.
    fn report_part(&mut self, places: &Places, part: CoursePart, problem: Problem) {
        let place = match (part, &places.each) {
            (CoursePart::Times, _) => places.times.clone(),
            (CoursePart::Factors, _) => places.values.clone(),
            (CoursePart::Time(k), Some([times, _])) => times[k].clone(),
            (CoursePart::Factor(k), Some([_, values])) => values[k].clone(),
            (CoursePart::Time(_) | CoursePart::Factor(_), None) => places.times.clone(),
        };
        let problem = match (&places.file, part) {
            (Some(path), CoursePart::Time(k) | CoursePart::Factor(k)) => {
                let reason = format!("is wrong in row {}: {problem}", k + 1);
                Problem::CourseFile { path: path.clone(), reason, advice: problem.help() }
            }
            _ => problem,
        };
        self.report(place, problem);
    }
}

fn not_zero(value: f64) -> Result<f64, ()> {
    if value == 0.0 { Err(()) } else { Ok(value) }
}

/// What is wrong with a table, and what to do about it.
type Wrong = (String, Option<String>);

/// Times, values and what they are.
fn rows(text: &str) -> Result<(Vec<f64>, Vec<f64>, Unit), Wrong> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let no_table = |error: csv::Error| (format!("is no table: {error}"), None);
    let header = reader.headers().map_err(no_table)?.clone();
    let header: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
    let lacks = |what: String| {
        (what, Some(format!("its header has time_ms and one of {ALL_COLUMNS}, as in \"time_ms,factor\"")))
    };
    let place = |wanted: &str| header.iter().position(|name| *name == wanted);
    let Some(time) = place("time_ms") else {
        let meant = nearest("time_ms", header.iter().copied())
            .map_or(String::new(), |name| format!(" (\"{}\" is there)", shortened(name)));
        return Err(lacks(format!("has no column time_ms{meant}")));
    };
    let found: Vec<(usize, Unit)> = COLUMNS.iter().filter_map(|(name, unit)| Some((place(name)?, *unit))).collect();
    let [(column, unit)] = found[..] else {
        return Err(lacks(match found.len() {
            0 => format!("has none of the columns {ALL_COLUMNS}"),
            _ => format!("has more than one of the columns {ALL_COLUMNS}"),
        }));
    };
    let (mut times_ms, mut values) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(no_table)?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: usize| -> Result<f64, Wrong> {
            let field = record.get(column).unwrap_or_default();
            match field.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err((
                    format!(
                        "is wrong in line {line}: {} is \"{}\", which is no number",
                        header[column],
                        shortened(field)
                    ),
                    Some("numbers stand without units there".to_string()),
                )),
            }
        };
        times_ms.push(number(time)?);
        values.push(number(column)?);
        if times_ms.len() > MOST_TIMES {
            return Err((format!("has more than {MOST_TIMES} rows"), None));
        }
    }
    if times_ms.is_empty() {
        return Err(("has no rows below its header".to_string(), None));
    }
    Ok((times_ms, values, unit))
}
