//! `[[expect]]`: published values that the network is to reproduce.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::cases::Cases;
use super::fields::{Fields, in_order};
use super::{Known, Reader};
use crate::network::error::{Origin, Problem};
use crate::network::keys;
use crate::network::quantity::Measure;
use crate::network::{Expectation, ExpectationFilter, ExpectationKind};
use crate::quantities::{Named, Scope};

impl Reader<'_> {
    pub(super) fn expectations<'v>(
        &mut self,
        file: &Fields<'v>,
        known: &mut Known<'v>,
        cases: &Cases<'v>,
    ) -> Option<Vec<Expectation>> {
        let mut expectations = Vec::new();
        for (index, value) in self.list(file, "expect").into_iter().enumerate() {
            expectations.push(self.expectation(index, value, known, cases));
        }
        expectations.into_iter().collect()
    }

    pub(super) fn expectation<'v>(
        &mut self,
        index: usize,
        value: &'v Spanned<DeValue<'v>>,
        known: &mut Known<'v>,
        cases: &Cases<'v>,
    ) -> Option<Expectation> {
        let fields = self.open(&keys::EXPECT, value, || format!("expectation {}", index + 1))?;
        let case = self.case_of(&fields, cases);
        let overrides = match fields.get("set") {
            Some((_, value)) => self.overrides("set", value),
            None => Vec::new(),
        };
        self.check_overrides(&overrides, &known.parameters);
        let written = self.text_and_span(&fields, "quantity");
        let quantity = written.as_ref().and_then(|(name, span)| self.quantity_named(name, span.clone()));
        let state = self.index(&fields, "state").optional();
        let values = quantity.and_then(|quantity| self.expected_values(&fields, quantity, known));
        let tolerance = self.not_negative(&fields, "tolerance", Measure::Number, &mut known.parameters).value();
        let kind = self.choice(&fields, "kind", keys::EVIDENCE).value();
        let filter = self.choice(&fields, "filter", keys::FILTERS).or_default("shift");
        let gate = self.flag(&fields, "gate").or_default(true);
        let source = self.text_of(&fields, "source");
        Some(Expectation {
            case: case?,
            overrides: self.written_overrides(&overrides),
            quantity: quantity?.name.to_string(),
            state: state?,
            values: values?,
            tolerance: tolerance?,
            kind: if kind? == "theory" { ExpectationKind::Theory } else { ExpectationKind::Simulation },
            filter: match filter? {
                "taylor" => ExpectationFilter::Taylor,
                "none" => ExpectationFilter::None,
                "full" => ExpectationFilter::Full,
                "auto" => ExpectationFilter::Auto,
                "brunel-wang" => ExpectationFilter::BrunelWang,
                _ => ExpectationFilter::Shift,
            },
            gate: gate?,
            source: source?.to_string(),
        })
    }

    /// The quantity of this name.
    fn quantity_named(&mut self, name: &str, span: Range<usize>) -> Option<&'static Named> {
        let found = Named::find(name);
        if found.is_none() {
            let known: Vec<&str> = Named::all_names().collect();
            self.report_unknown(span, "quantity", name, &known);
        }
        found
    }

    /// The case's name as `[cases]` spells it; `Some(None)` if none is named.
    fn case_of(&mut self, fields: &Fields<'_>, cases: &Cases<'_>) -> Option<Option<String>> {
        if !fields.has("case") {
            return Some(None);
        }
        let (name, span) = self.text_and_span(fields, "case")?;
        let index = self.find_case(name, Origin::File(span), cases)?;
        Some(Some(cases.list[index].case.name.clone()))
    }

    fn expected_values<'v>(
        &mut self,
        fields: &Fields<'v>,
        quantity: &Named,
        known: &mut Known<'v>,
    ) -> Option<Vec<(Option<String>, f64)>> {
        match (fields.get("value"), fields.get("values")) {
            (Some((_, value)), None) => {
                let number = self.expected_value("value", value, quantity, known)?;
                let only = match known.population_names[..] {
                    [only] if quantity.scope == Scope::Population => Some(only.to_string()),
                    _ => None,
                };
                Some(vec![(only, number)])
            }
            (None, Some((_, value))) => self.values_of_populations(value, quantity, known),
            (Some(_), Some((key_span, _))) => {
                self.report(key_span, Problem::ValueOrValues);
                None
            }
            (None, None) => {
                self.report(fields.span(), Problem::ValueOrValues);
                None
            }
        }
    }

    fn values_of_populations<'v>(
        &mut self,
        value: &'v Spanned<DeValue<'v>>,
        quantity: &Named,
        known: &mut Known<'v>,
    ) -> Option<Vec<(Option<String>, f64)>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(value.span(), "values", "a table of populations and values", value.get_ref());
            return None;
        };
        let mut values = Vec::new();
        let mut all_good = true;
        for (name, span, value) in in_order(table) {
            if !known.population_index.contains_key(name) {
                self.report_unknown(span, "population", name, &known.population_names);
                all_good = false;
            }
            match self.expected_value(name, value, quantity, known) {
                Some(number) => values.push((Some(name.to_string()), number)),
                None => all_good = false,
            }
        }
        all_good.then_some(values)
    }

    fn expected_value<'v>(
        &mut self,
        key: &str,
        value: &'v Spanned<DeValue<'v>>,
        quantity: &Named,
        known: &mut Known<'v>,
    ) -> Option<f64> {
        let source = self.source(key, value)?;
        let found = self.value_of(&source, &mut known.parameters)?;
        let measure = match quantity.unit {
            "Hz" | "1/s" => Measure::Rate,
            "mV" => Measure::Voltage,
            "" => Measure::Number,
            _ => return Some(found.shown().0),
        };
        self.measured(found, measure, key, &source.place)
    }
}
