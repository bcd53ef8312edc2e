//! Values of the file as they are written, numbers or expressions, and their evaluation.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{Field, Fields};
use super::parameters::Parameters;
use super::{MAX_WORK, Reader};
use crate::Shown;
use crate::network::checks;
use crate::network::error::{Origin, Problem};
pub(super) use crate::network::expression::Scope;
use crate::network::expression::{Expression, Failure, compile, without_underscores};
use crate::network::quantity::{Measure, Quantity};
use crate::network::spelling::shortened;

/// What is written at a place.
#[derive(Clone)]
pub(super) struct Source<'v> {
    pub(super) written: Literal<'v>,
    pub(super) place: Place,
}

#[derive(Clone, Copy)]
pub(super) enum Literal<'v> {
    Number(f64),
    Text(&'v str),
}

/// Where an expression is written.
#[derive(Clone)]
pub(super) enum Place {
    /// In the file; `content` is the first byte of the text in the quotes, if no escapes move the bytes after it.
    File { span: Range<usize>, content: Option<usize> },
    /// In an override of the options.
    Override { index: usize, name: String, length: usize },
}

impl Place {
    pub(super) fn whole(&self) -> Origin {
        match self {
            Self::File { span, .. } => Origin::File(span.clone()),
            Self::Override { index, name, length } => {
                Origin::Override { index: *index, name: name.clone(), span: Some(0..*length) }
            }
        }
    }

    /// The bytes `part` of the expression.
    fn part(&self, part: Range<usize>) -> Origin {
        match self {
            Self::File { span, .. } if part.is_empty() => Origin::File(span.clone()),
            Self::File { content: Some(start), .. } => Origin::File(start + part.start..start + part.end),
            Self::File { span, .. } => Origin::File(span.clone()),
            Self::Override { index, name, .. } => {
                Origin::Override { index: *index, name: name.clone(), span: Some(part) }
            }
        }
    }
}

/// The first byte of a TOML string's content, if the content is written without escapes.
fn content_start(text: &str, span: &Range<usize>, decoded: &str) -> Option<usize> {
    let raw = text.get(span.clone())?;
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    let mut start = quotes;
    if quotes == 3 {
        let after = raw.get(3..)?;
        start += if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
    }
    (raw.get(start..raw.len().checked_sub(quotes)?)? == decoded).then_some(span.start + start)
}

/// A compiled source: its value, or an expression still to be evaluated for each pair of populations.
pub(super) enum Prepared {
    Fixed(f64),
    PerPair { expression: Expression, place: Place, key: &'static str, measure: Measure },
}

impl Reader<'_> {
    /// What is written at `value`: a number, or text that is an expression.
    pub(super) fn source<'v>(&mut self, key: &str, value: &'v Spanned<DeValue<'v>>) -> Option<Source<'v>> {
        let span = value.span();
        let plain = |number: f64| Source {
            written: Literal::Number(number),
            place: Place::File { span: value.span(), content: None },
        };
        match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => self.finite(integer.as_str(), span).map(plain),
            DeValue::Integer(integer) => match u128::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => Some(plain(number as f64)),
                Err(_) => {
                    self.report(span, Problem::Overflow);
                    None
                }
            },
            DeValue::Float(float) => self.finite(float.as_str(), span).map(plain),
            DeValue::String(text) => {
                let content = content_start(self.text, &span, text);
                Some(Source { written: Literal::Text(text), place: Place::File { span, content } })
            }
            other => {
                self.wrong_type(span, key, "a number, or a quantity in quotes", other);
                None
            }
        }
    }

    /// A number of TOML, which may be written as infinite but neither NaN nor too large.
    fn finite(&mut self, written: &str, span: Range<usize>) -> Option<f64> {
        let number = without_underscores(written).unwrap_or(f64::NAN);
        if number.is_nan() {
            self.report(span, Problem::NotFinite { found: shortened(written) });
            return None;
        }
        if number.is_infinite() && !written.contains("inf") {
            self.report(span, Problem::Overflow);
            return None;
        }
        Some(number)
    }

    /// The expression of a source, with its names resolved; its parameters count as used.
    pub(super) fn compiled(
        &mut self,
        source: &Source<'_>,
        parameters: &mut Parameters<'_>,
        scope: Scope,
    ) -> Option<Result<Quantity, Expression>> {
        let compiled = self.compiled_without_use(source, parameters, scope)?;
        if let Err(expression) = &compiled {
            parameters.mark_used(expression);
        }
        Some(compiled)
    }

    pub(super) fn compiled_without_use(
        &mut self,
        source: &Source<'_>,
        parameters: &Parameters<'_>,
        scope: Scope,
    ) -> Option<Result<Quantity, Expression>> {
        let text = match source.written {
            Literal::Number(number) if number.is_infinite() => {
                self.report_at(source.place.whole(), Problem::InfinityNotAllowed);
                return None;
            }
            Literal::Number(number) => return Some(Ok(Quantity::number(number))),
            Literal::Text(text) => text,
        };
        let place = match &source.place {
            Place::File { span, .. } => Some(span.start),
            Place::Override { .. } => None,
        };
        if let Some(known) = place.and_then(|place| self.kept.as_ref()?.get(&place)) {
            return Some(Err(known.clone()));
        }
        match compile(text, &parameters.names(!self.is_full()), scope) {
            Ok(expression) => {
                if let (Some(place), Some(kept)) = (place, &mut self.kept) {
                    kept.insert(place, expression.clone());
                }
                Some(Err(expression))
            }
            Err(faults) => {
                for (problem, part) in faults {
                    self.report_at(source.place.part(part), problem);
                }
                None
            }
        }
    }

    pub(super) fn evaluated(
        &mut self,
        expression: &Expression,
        place: &Place,
        parameters: &Parameters<'_>,
        sizes: Option<[f64; 2]>,
    ) -> Option<Quantity> {
        match expression.evaluate(parameters, sizes) {
            Ok(quantity) => Some(quantity),
            Err(Failure::Reported) => None,
            Err(Failure::Fault(fault)) => {
                let (problem, part) = *fault;
                self.report_at(place.part(part), problem);
                None
            }
        }
    }

    /// The value of a source that does not depend on pairs of populations.
    pub(super) fn value_of(&mut self, source: &Source<'_>, parameters: &mut Parameters<'_>) -> Option<Quantity> {
        match self.compiled(source, parameters, Scope::Once)? {
            Ok(quantity) => Some(quantity),
            Err(expression) => self.evaluated(&expression, &source.place, parameters, None),
        }
    }

    /// `quantity` in the unit of `measure`.
    pub(super) fn measured(&mut self, quantity: Quantity, measure: Measure, key: &str, place: &Place) -> Option<f64> {
        if !quantity.fits(measure.dimension()) {
            self.report_dimension(quantity, &[measure], key, place);
            return None;
        }
        let value = quantity.in_scale(measure.scale());
        if !value.is_finite() || (value == 0.0 && !quantity.is_zero()) {
            let problem = if value == 0.0 { Problem::Underflow } else { Problem::Overflow };
            self.report_at(place.whole(), problem);
            return None;
        }
        Some(value + 0.0) // so that -0.0 becomes 0.0
    }

    pub(super) fn report_dimension(&mut self, quantity: Quantity, measures: &[Measure], key: &str, place: &Place) {
        let key = shortened(key);
        let expected = measures.iter().map(Measure::to_string).collect::<Vec<_>>().join(" or ");
        let problem = match quantity.dimension() == Measure::Number.dimension() {
            true => {
                let value = Shown(quantity.base()).to_string();
                Problem::MissingUnit { key, value, expected, unit: measures[0].unit() }
            }
            false => Problem::WrongDimension { key, expected, found: quantity.dimension().to_string() },
        };
        self.report_at(place.whole(), problem);
    }

    pub(super) fn quantity(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        measure: Measure,
        parameters: &mut Parameters<'_>,
    ) -> Field<f64> {
        let Some((_, value)) = fields.get(key) else { return Field::Absent };
        let value = self.source(key, value).and_then(|source| {
            let quantity = self.value_of(&source, parameters)?;
            self.measured(quantity, measure, key, &source.place)
        });
        value.map_or(Field::Failed, Field::Value)
    }

    /// A quantity that must be greater than 0.
    pub(super) fn positive(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        measure: Measure,
        parameters: &mut Parameters<'_>,
    ) -> Field<f64> {
        match self.quantity(fields, key, measure, parameters) {
            Field::Value(value) => self.checked(value, fields, key, checks::positive(key, value, measure)),
            field => field,
        }
    }

    /// A quantity that must not be negative.
    pub(super) fn not_negative(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        measure: Measure,
        parameters: &mut Parameters<'_>,
    ) -> Field<f64> {
        match self.quantity(fields, key, measure, parameters) {
            Field::Value(value) => self.checked(value, fields, key, checks::not_negative(key, value, measure)),
            field => field,
        }
    }

    /// `value` if the check of it has passed; else the problem is reported at `key`.
    pub(super) fn checked<T>(
        &mut self,
        value: T,
        fields: &Fields<'_>,
        key: &str,
        check: Result<(), Problem>,
    ) -> Field<T> {
        match check {
            Ok(()) => Field::Value(value),
            Err(problem) => {
                self.report(fields.span_of(key), problem);
                Field::Failed
            }
        }
    }

    /// A quantity of a projection: evaluated now, unless it depends on the sizes of its populations.
    pub(super) fn prepared(
        &mut self,
        key: &'static str,
        value: &Spanned<DeValue<'_>>,
        measure: Measure,
        scope: Scope,
        parameters: &mut Parameters<'_>,
    ) -> Option<Prepared> {
        let source = self.source(key, value)?;
        let quantity = match self.compiled(&source, parameters, scope)? {
            Ok(quantity) => quantity,
            Err(expression) if expression.depends_on_pair => {
                return Some(Prepared::PerPair { expression, place: source.place, key, measure });
            }
            Err(expression) => self.evaluated(&expression, &source.place, parameters, None)?,
        };
        self.measured(quantity, measure, key, &source.place).map(Prepared::Fixed)
    }

    /// The value for one pair of populations.
    pub(super) fn for_pair(
        &mut self,
        prepared: &Prepared,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
    ) -> Option<f64> {
        match prepared {
            Prepared::Fixed(value) => Some(*value),
            Prepared::PerPair { expression, place, key, measure } => {
                self.work += expression.len() as u64;
                if self.work > MAX_WORK {
                    self.report_at(place.whole(), Problem::TooMuchWork);
                    return None;
                }
                let quantity = self.evaluated(expression, place, parameters, Some(sizes))?;
                self.measured(quantity, *measure, key, place)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_a_string_is_found_behind_its_quotes() {
        for (raw, decoded, expected) in [
            ("\"J * 2\"", "J * 2", Some(1)),
            ("'J'", "J", Some(1)),
            ("\"\"\"\nJ\"\"\"", "J", Some(4)),
            ("\"\\u004A\"", "J", None),
        ] {
            assert_eq!(content_start(raw, &(0..raw.len()), decoded), expected, "{raw}");
        }
    }
}
