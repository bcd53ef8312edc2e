//! Which causes stand beside which deviation, the largest first.
//!
//! Of rate, CV, input and potential the corrected states tell what each correction changes, feedback included; what remains is owed to
//! what can only be measured, its largest severity first:
//!
//! ```text
//! deviation = sum of shares (size of jumps, multapses, time grid, spread of rates) + remainder
//! ```
//!
//! A share of the other sign explains nothing, but makes the remainder larger. Shares depend on the order in which the corrections are
//! added, here the order above, by about their product.

use crate::Shown;
use crate::theory::FixedPoint;
use crate::trust::short;

use super::causes::Measured;
use super::quantities::of_corrected;
use super::{Cause, CauseKind, ComparedQuantity, Corrected, PopulationComparison, QuantityComparison};

/// Shares below this are not named, in percent of the value.
const SMALLEST_SHARE_PERCENT: f64 = 0.5;
/// Nor below this part of the deviation.
const SMALLEST_PART: f64 = 0.1;
/// Share of the rate that counts as 1 in severity, in percent.
const SHARE_LIMIT_PERCENT: f64 = 2.0;
/// How much a deviation weighs in the order of the causes of a state: rate, CV, others.
const WEIGHTS: [f64; 3] = [1.0, 0.5, 0.05];
/// Deviations beyond this weigh no more, in percent.
const MOST_PERCENT: f64 = 100.0;

/// The theory with its corrections added one after the other.
pub(super) struct Corrections {
    /// Jumps of their size; `None` where the expansion is of no use, and where the theory counts jumps one by one already.
    pub(super) jumps: Option<Corrected>,
    /// The same, and multapses.
    pub(super) multapses: Option<Corrected>,
    /// The same, and the grid.
    pub(super) all: Option<Corrected>,
    pub(super) dt_ms: f64,
}

/// What a correction makes of a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    kind: CauseKind,
    before: f64,
    after: f64,
}

/// What bears on one population.
pub(super) struct Attribution<'a> {
    pub(super) index: usize,
    pub(super) state: &'a FixedPoint,
    pub(super) corrections: &'a Corrections,
    pub(super) measured: Vec<Measured>,
    /// Whether it hears a population whose rate deviates.
    pub(super) other_rates: bool,
    /// Whether the simulation left the state for another: then nothing else matters.
    pub(super) left: bool,
    /// `V_th - V_reset`.
    pub(super) threshold_distance_mv: f64,
}

impl Attribution<'_> {
    /// Names the causes beside every row that deviates, and describes each; the order is that of their weight.
    pub(super) fn name(&self, population: &mut PopulationComparison) {
        let mut weights: Vec<(CauseKind, f64)> = Vec::new();
        for row in population.quantities.iter_mut().filter(|row| row.deviates) {
            let named = self.parts(row);
            let importance = self.importance(row);
            for (kind, part) in &named {
                match weights.iter_mut().find(|(other, _)| other == kind) {
                    Some((_, weight)) => *weight += importance * part,
                    None => weights.push((*kind, importance * part)),
                }
            }
            row.causes = named.into_iter().map(|(kind, _)| kind).collect();
        }
        weights.sort_by(|p, q| q.1.total_cmp(&p.1));
        let rate = population.row(ComparedQuantity::Rate);
        let causes =
            weights.into_iter().filter_map(|(kind, weight)| self.cause((kind, weight), &population.name, rate));
        population.causes = causes.collect();
    }

    /// The causes of a row, each with its part of the deviation; the remainder is owed to the first measured cause, half as much to the next.
    fn parts(&self, row: &QuantityComparison) -> Vec<(CauseKind, f64)> {
        if self.left {
            return vec![(CauseKind::OtherState, 1.0)];
        }
        let (Some(unit), Some(theory), Some(simulation)) = (self.unit(row), row.theory, row.simulation) else {
            return self.measured.iter().map(|cause| (cause.kind, 1.0)).collect();
        };
        let percent = (theory - simulation) / unit;
        let steps = self.steps(row).into_iter().map(|step| (step.kind, (step.before - step.after) / unit));
        let shares: Vec<(CauseKind, f64)> = steps.collect();
        let remainder = percent - shares.iter().map(|(_, share)| share).sum::<f64>();
        let smallest = SMALLEST_SHARE_PERCENT.max(SMALLEST_PART * percent.abs());
        let told = shares.into_iter().filter(|(_, share)| share * percent > 0.0 && share.abs() > smallest);
        let mut parts: Vec<(CauseKind, f64)> = told.map(|(kind, share)| (kind, share / percent)).collect();
        // where computed shares exceed the deviation, what is measured has opposed them and explains nothing
        let mut part = remainder / percent;
        if part > SMALLEST_PART {
            if self.other_rates && follows_from_rates(row.quantity) {
                parts.push((CauseKind::OtherRates, part));
            }
            for cause in self.measured.iter().filter(|cause| cause.bears_on(row.quantity, remainder)) {
                parts.push((cause.kind, part));
                part *= 0.5;
            }
        }
        parts.sort_by(|p, q| q.1.total_cmp(&p.1));
        parts
    }

    /// One percent: of the simulated value, or, for mean voltages, of `V_th - V_reset`. None of nothing.
    fn unit(&self, row: &QuantityComparison) -> Option<f64> {
        let whole = if row.quantity.is_mean_voltage() { self.threshold_distance_mv } else { row.simulation?.abs() };
        (whole > 0.0).then_some(0.01 * whole)
    }

    /// How much a row weighs in the order of causes.
    fn importance(&self, row: &QuantityComparison) -> f64 {
        let weight = match row.quantity {
            ComparedQuantity::Rate => WEIGHTS[0],
            ComparedQuantity::Cv => WEIGHTS[1],
            _ => WEIGHTS[2],
        };
        let difference = row.theory.zip(row.simulation).map(|(theory, simulation)| theory - simulation);
        let percent = difference.zip(self.unit(row)).map(|(difference, unit)| difference / unit);
        weight * percent.unwrap_or(MOST_PERCENT).abs().min(MOST_PERCENT)
    }

    /// What each correction changes of a quantity, each after the ones before.
    fn steps(&self, row: &QuantityComparison) -> Vec<Step> {
        let Some(theory) = row.theory else { return Vec::new() };
        let Corrections { jumps, multapses, all, .. } = self.corrections;
        let corrections =
            [(CauseKind::ShotNoise, jumps), (CauseKind::Multapses, multapses), (CauseKind::TimeGrid, all)];
        let mut before = theory;
        let mut steps = Vec::new();
        for (kind, corrected) in corrections {
            let Some(after) =
                corrected.as_ref().and_then(|corrected| of_corrected(corrected, self.index, row.quantity))
            else {
                continue;
            };
            steps.push(Step { kind, before, after });
            before = after;
        }
        if row.quantity == ComparedQuantity::Rate {
            let after = self.state.populations[self.index].validity.rate_distribution.mean_hz;
            steps.push(Step { kind: CauseKind::RateSpread, before: theory, after });
        }
        steps
    }

    /// A cause in words, with its share of the rate; what only follows from others has none.
    fn cause(
        &self,
        (kind, weight): (CauseKind, f64),
        population: &str,
        rate: Option<&QuantityComparison>,
    ) -> Option<Cause> {
        let population = population.to_string();
        if let Some(Measured { severity, sentence, .. }) = self.measured.iter().find(|cause| cause.kind == kind) {
            let (severity, sentence) = (*severity, sentence.clone());
            return Some(Cause { kind, population, severity, share_percent: None, weight, sentence });
        }
        let Step { before, after, .. } = self.steps(rate?).into_iter().find(|step| step.kind == kind)?;
        let what = match kind {
            CauseKind::ShotNoise => "Jumps of their size".to_string(),
            CauseKind::Multapses => {
                "Sources that are heard more than once bring larger jumps and more noise, which".to_string()
            }
            CauseKind::TimeGrid => format!("A threshold that is looked at every {} ms", Shown(self.corrections.dt_ms)),
            CauseKind::RateSpread => "Neurons differ, which".to_string(),
            _ => return None,
        };
        let verb = if kind == CauseKind::ShotNoise { "take" } else { "takes" };
        let percent = self.unit(rate?).map(|unit| (before - after) / unit);
        Some(Cause {
            kind,
            population,
            severity: percent.unwrap_or(0.0).abs() / SHARE_LIMIT_PERCENT,
            share_percent: percent,
            weight,
            sentence: format!("{what} {verb} the rate from {} to {} Hz.", short(before), short(after)),
        })
    }
}

/// Quantities that other populations' rates make.
fn follows_from_rates(quantity: ComparedQuantity) -> bool {
    !matches!(quantity, ComparedQuantity::Rate | ComparedQuantity::Cv)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::CauseKind::{Multapses, RandomPart, TimeGrid};
    use crate::testing::{brunel, solution};

    fn row(quantity: ComparedQuantity, theory: f64, simulation: f64) -> QuantityComparison {
        QuantityComparison {
            quantity,
            theory: Some(theory),
            theory_on_grid: None,
            theory_corrected: None,
            simulation: Some(simulation),
            standard_error: None,
            confidence_interval_95: None,
            deviation_percent: Some(100.0 * (theory - simulation) / simulation.abs()),
            z: None,
            corrected_deviation_percent: None,
            deviates: true,
            causes: Vec::new(),
        }
    }

    /// States of brunel2000, its corrections made up: the theory says 38 Hz.
    fn with_attribution<T>(multapses_hz: f64, grid_hz: f64, use_it: impl FnOnce(&Attribution) -> T) -> T {
        let network = brunel(&[]);
        let state = &solution(&network).fixed_points[0];
        let at = |rate_hz: f64| {
            Some(Corrected { rates_hz: vec![rate_hz; 2], cv: vec![None; 2], inputs: Vec::new(), membrane: Vec::new() })
        };
        let corrections = Corrections { jumps: None, multapses: at(multapses_hz), all: at(grid_hz), dt_ms: 0.1 };
        let measured = vec![Measured {
            kind: RandomPart,
            severity: 0.8,
            direction: -1.0,
            sentence: "The random part.".to_string(),
        }];
        let mut state = state.clone();
        state.populations[0].validity.rate_distribution.mean_hz = 38.0;
        use_it(&Attribution {
            index: 0,
            state: &state,
            corrections: &corrections,
            measured,
            other_rates: false,
            left: false,
            threshold_distance_mv: 10.0,
        })
    }

    fn kinds(parts: &[(CauseKind, f64)]) -> Vec<CauseKind> {
        parts.iter().map(|(kind, _)| *kind).collect()
    }

    #[test]
    fn shares_of_the_deviations_sign_are_named_by_size_and_the_remainder_goes_to_what_fits() {
        // 38 against 36 Hz: multapses take it up by 1, the grid down by 2.5, and 0.5 Hz remain
        let parts =
            with_attribution(39.0, 36.5, |attribution| attribution.parts(&row(ComparedQuantity::Rate, 38.0, 36.0)));
        assert_eq!(kinds(&parts), [TimeGrid], "the random part makes the theory too low, not too high: {parts:?}");
        assert!((parts[0].1 - 1.25).abs() < 1e-12, "{parts:?}");
        // 38 against 41 Hz: multapses explain 1 of 3, the grid opposes, 4.5 remain
        let parts =
            with_attribution(39.0, 36.5, |attribution| attribution.parts(&row(ComparedQuantity::Rate, 38.0, 41.0)));
        assert_eq!(kinds(&parts), [RandomPart, Multapses], "{parts:?}");
    }

    #[test]
    fn a_share_is_told_by_the_rates_that_it_leads_from_and_to() {
        let rate = row(ComparedQuantity::Rate, 38.0, 10.0);
        let cause =
            with_attribution(39.0, 19.0, |attribution| attribution.cause((TimeGrid, 1.0), "E", Some(&rate))).unwrap();
        assert_eq!(cause.sentence, "A threshold that is looked at every 0.1 ms takes the rate from 39.0 to 19.0 Hz.");
        assert_eq!(cause.share_percent, Some(200.0));
    }

    #[test]
    fn mean_voltages_weigh_the_same_wherever_zero_is() {
        let weight = |shift: f64| {
            let row = row(ComparedQuantity::MembraneMean, 13.0 + shift, 12.5 + shift);
            with_attribution(38.0, 38.0, |attribution| attribution.importance(&row))
        };
        assert!((weight(0.0) - weight(-12.5)).abs() < 1e-12 && (weight(0.0) - weight(-70.0)).abs() < 1e-12);
    }
}
