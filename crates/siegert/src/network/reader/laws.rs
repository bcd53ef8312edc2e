//! Weights, delays and parameters that differ between neurons: one value, or a law of random values.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::Fields;
use super::parameters::Parameters;
use super::sources::{Prepared, Scope};
use super::{Known, Reader};
use crate::network::checks;
use crate::network::error::Problem;
use crate::network::quantity::{Measure, Quantity};
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
    Lorentzian { center: Prepared, half_width: Located },
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
            "lorentzian" => {
                let (center, half_width) = (part("center"), part("half_width"));
                Some(Shape::Lorentzian { center: center?, half_width: located("half_width", half_width?) })
            }
            _ => {
                let (mean, std) = (part("mean"), part("std"));
                let (mean, std) = (mean?, located("std", std?));
                Some(if kind == "normal" { Shape::Normal { mean, std } } else { Shape::Lognormal { mean, std } })
            }
        }
    }

    /// The law for one pair of populations, after the checks that every law of weights and delays must pass.
    pub(super) fn law_for_pair(
        &mut self,
        law: &PreparedLaw,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
    ) -> Option<Law> {
        self.evaluated_law(law, parameters, sizes, checks::law)
    }

    /// The law at `key` over the neurons of a type or a population, or one value for all.
    pub(super) fn law_of_neurons(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        measure: Measure,
        parameters: &mut Parameters<'_>,
    ) -> Option<Law> {
        let prepared = self.law(fields, key, measure, Scope::Once, parameters)?;
        // nothing in it depends on a pair of populations
        self.evaluated_law(&prepared, parameters, [f64::NAN; 2], checks::current)
    }

    /// The same of a current, which is given as such or as a voltage; whether it is a current in pA.
    pub(super) fn current_law(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        parameters: &mut Parameters<'_>,
    ) -> Option<(Law, bool)> {
        let (_, value) = fields.get(key)?;
        let first = match value.get_ref() {
            DeValue::Table(table) => {
                let parts = ["mean", "center", "low", "std", "half_width", "high"];
                parts.iter().find_map(|part| table.get(*part).filter(|it| !matches!(it.get_ref(), DeValue::Integer(_))))
            }
            _ => Some(value),
        };
        let Some(first) = first else {
            // the table's own check says what is missing
            let law = self.law_of_neurons(fields, key, Measure::Voltage, parameters)?;
            return Some((law, false));
        };
        let source = self.source(key, first)?;
        let quantity: Quantity = self.value_of(&source, parameters)?;
        let is = |measure: Measure| quantity.fits(measure.dimension());
        let measure = match (is(Measure::Voltage), is(Measure::Current)) {
            (true, _) => Measure::Voltage,
            (_, true) => Measure::Current,
            _ => {
                self.report_dimension(quantity, &[Measure::Current, Measure::Voltage], key, &source.place);
                return None;
            }
        };
        let law = self.law_of_neurons(fields, key, measure, parameters)?;
        Some((law, measure == Measure::Current))
    }

    fn evaluated_law(
        &mut self,
        law: &PreparedLaw,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
        check: fn(&Law) -> Result<(), Problem>,
    ) -> Option<Law> {
        let checked = match &law.shape {
            Shape::Constant(value) => Law::Constant { value: self.for_pair(value, parameters, sizes)? },
            Shape::Exponential { mean } => Law::Exponential { mean: self.for_pair(mean, parameters, sizes)? },
            Shape::Lorentzian { center, half_width } => {
                let center = self.for_pair(center, parameters, sizes);
                let half_width = self.width_for_pair("half_width", half_width, law.measure, parameters, sizes);
                Law::Lorentzian { center: center?, half_width: half_width? }
            }
            Shape::Normal { mean, std } => {
                let mean = self.for_pair(mean, parameters, sizes);
                let std = self.width_for_pair("std", std, law.measure, parameters, sizes);
                Law::Normal { mean: mean?, std: std? }
            }
            Shape::Lognormal { mean, std } => {
                let mean = self.for_pair(mean, parameters, sizes);
                let std = self.width_for_pair("std", std, law.measure, parameters, sizes);
                Law::Lognormal { mean: mean?, std: std? }
            }
            Shape::Uniform { low, high } => {
                let low = self.for_pair(&low.value, parameters, sizes);
                let high = self.for_pair(high, parameters, sizes);
                Law::Uniform { low: low?, high: high? }
            }
        };
        if let Err(problem) = check(&checked) {
            let span = match (&problem, &law.shape) {
                (Problem::EmptyInterval { .. }, Shape::Uniform { low, .. }) => &low.span,
                _ => &law.span,
            };
            self.report(span.clone(), problem);
            return None;
        }
        Some(checked)
    }

    fn width_for_pair(
        &mut self,
        key: &'static str,
        width: &Located,
        measure: Measure,
        parameters: &Parameters<'_>,
        sizes: [f64; 2],
    ) -> Option<f64> {
        let value = self.for_pair(&width.value, parameters, sizes)?;
        if let Err(problem) = checks::not_negative(key, value, measure) {
            self.report(width.span.clone(), problem);
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
