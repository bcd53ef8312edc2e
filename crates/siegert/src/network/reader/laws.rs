//! Weights and delays: one value, or a law of random values.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::Fields;
use super::parameters::Parameters;
use super::sources::{Prepared, Scope};
use super::{Known, Reader};
use crate::network::checks;
use crate::network::error::Problem;
use crate::network::quantity::Measure;
use crate::network::{Law, keys};

/// A weight or a delay, still to be evaluated for each pair of populations.
pub(super) struct PreparedLaw {
    shape: Shape,
    measure: Measure,
    span: Range<usize>,
}

enum Shape {
    Constant(Prepared),
    Normal { mean: Prepared, std: Located },
    Lognormal { mean: Prepared, std: Located },
    Uniform { low: Located, high: Prepared },
    Exponential { mean: Prepared },
}

struct Located {
    value: Prepared,
    span: Range<usize>,
}

impl Reader<'_> {
    /// The law at `key`; None if it is absent or has a mistake.
    pub(super) fn law(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        measure: Measure,
        scope: Scope,
        parameters: &mut Parameters<'_>,
    ) -> Option<PreparedLaw> {
        let (_, value) = fields.get(key)?;
        let span = value.span();
        let shape = match value.get_ref() {
            DeValue::Table(_) => self.distribution(key, value, measure, scope, parameters)?,
            _ => Shape::Constant(self.prepared(key, value, measure, scope, parameters)?),
        };
        Some(PreparedLaw { shape, measure, span })
    }

    fn distribution<'v>(
        &mut self,
        key: &'static str,
        value: &'v Spanned<DeValue<'v>>,
        measure: Measure,
        scope: Scope,
        parameters: &mut Parameters<'_>,
    ) -> Option<Shape> {
        let fields = self.open(&keys::LAW, value, || format!("the {key}'s distribution"))?;
        let kind = fields.variant?;
        let mut part = |key: &'static str| {
            let (_, value) = fields.get(key)?;
            self.prepared(key, value, measure, scope, parameters)
        };
        let located = |key: &'static str, value: Prepared| Located { value, span: fields.span_of(key) };
        match kind {
            "uniform" => {
                let (low, high) = (part("low"), part("high"));
                Some(Shape::Uniform { low: located("low", low?), high: high? })
            }
            "exponential" => Some(Shape::Exponential { mean: part("mean")? }),
            _ => {
                let (mean, std) = (part("mean"), part("std"));
                let (mean, std) = (mean?, located("std", std?));
                Some(if kind == "normal" { Shape::Normal { mean, std } } else { Shape::Lognormal { mean, std } })
            }
        }
    }

    /// The law for one pair of populations, after the checks that every law must pass.
    fn law_for_pair(&mut self, law: &PreparedLaw, parameters: &Parameters<'_>, sizes: [f64; 2]) -> Option<Law> {
        let checked = match &law.shape {
            Shape::Constant(value) => Law::Constant { value: self.for_pair(value, parameters, sizes)? },
            Shape::Exponential { mean } => Law::Exponential { mean: self.for_pair(mean, parameters, sizes)? },
            Shape::Normal { mean, std } => {
                let mean = self.for_pair(mean, parameters, sizes);
                let std = self.std_for_pair(std, law.measure, parameters, sizes);
                Law::Normal { mean: mean?, std: std? }
            }
            Shape::Lognormal { mean, std } => {
                let mean = self.for_pair(mean, parameters, sizes);
                let std = self.std_for_pair(std, law.measure, parameters, sizes);
                Law::Lognormal { mean: mean?, std: std? }
            }
            Shape::Uniform { low, high } => {
                let low = self.for_pair(&low.value, parameters, sizes);
                let high = self.for_pair(high, parameters, sizes);
                Law::Uniform { low: low?, high: high? }
            }
        };
        if let Err(problem) = checks::law(&checked) {
            let span = match (&problem, &law.shape) {
                (Problem::EmptyInterval { .. }, Shape::Uniform { low, .. }) => &low.span,
                _ => &law.span,
            };
            self.report(span.clone(), problem);
            return None;
        }
        Some(checked)
    }

    fn std_for_pair(
        &mut self,
        std: &Located,
        measure: Measure,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
    ) -> Option<f64> {
        let value = self.for_pair(&std.value, parameters, sizes)?;
        if let Err(problem) = checks::not_negative("std", value, measure) {
            self.report(std.span.clone(), problem);
            return None;
        }
        Some(value)
    }

    pub(super) fn weight_for_pair(
        &mut self,
        law: &PreparedLaw,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
    ) -> Option<Law> {
        let weight = self.law_for_pair(law, parameters, sizes)?;
        self.passed(law, weight, checks::weight(&weight, law.measure))
    }

    /// The law at `delay`; `Some(None)` if there is none.
    pub(super) fn delay<'v>(
        &mut self,
        fields: &Fields<'v>,
        scope: Scope,
        known: &mut Known<'v>,
    ) -> Option<Option<PreparedLaw>> {
        if !fields.has("delay") {
            return Some(None);
        }
        self.law(fields, "delay", Measure::Time, scope, &mut known.parameters).map(Some)
    }

    pub(super) fn delay_for_pair(
        &mut self,
        law: &PreparedLaw,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
    ) -> Option<Law> {
        let delay = self.law_for_pair(law, parameters, sizes)?;
        self.passed(law, delay, checks::delay(&delay))
    }

    /// `value` if it has passed; else the problem is reported at the law.
    fn passed(&mut self, law: &PreparedLaw, value: Law, check: Result<(), Problem>) -> Option<Law> {
        match check {
            Ok(()) => Some(value),
            Err(problem) => {
                self.report(law.span.clone(), problem);
                None
            }
        }
    }
}
