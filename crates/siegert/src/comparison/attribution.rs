//! Which causes stand beside which deviation, the largest first.
//!
//! Of rate, CV and input the corrected states tell what each correction changes, feedback included; what remains is owed to what can
//! only be measured, its largest severity first:
//!
//! ```text
//! deviation = sum of shares (size of jumps, multapses, time grid, spread of rates) + remainder
//! ```
//!
//! A share of the other sign explains nothing, but makes the remainder larger. Shares depend on the order in which the corrections are
//! added, here the order above, by about their product.

use crate::stationary::FixedPoint;

use super::causes::Measured;
use super::{Cause, CauseKind, Corrected, PopulationComparison, QuantityComparison};

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
    /// Jumps of their size; `None` where the expansion is of no use.
    pub(super) jumps: Option<Corrected>,
    /// The same, and multapses.
    pub(super) multapses: Option<Corrected>,
    /// The same, and the grid.
    pub(super) all: Option<Corrected>,
    pub(super) dt_ms: f64,
}

/// A kind with its part of a deviation in percent of the value.
type Share = (CauseKind, f64);

/// What bears on one population.
pub(super) struct Bearing<'a> {
    pub(super) index: usize,
    pub(super) state: &'a FixedPoint,
    pub(super) corrections: &'a Corrections,
    pub(super) measured: Vec<Measured>,
    /// Whether it hears a population whose rate deviates.
    pub(super) other_rates: bool,
    /// Whether the simulation left the state for another: then nothing else matters.
    pub(super) left: bool,
}

impl Bearing<'_> {
    /// Names the causes beside every row that deviates, and describes each; the order is that of their weight.
    pub(super) fn name(&self, population: &mut PopulationComparison) {
        let mut weights: Vec<(CauseKind, f64)> = Vec::new();
        for row in population.quantities.iter_mut().filter(|row| row.deviates) {
            let named = self.parts(row);
            let importance = importance(row);
            for (kind, part) in &named {
                match weights.iter_mut().find(|(other, _)| other == kind) {
                    Some((_, weight)) => *weight += importance * part,
                    None => weights.push((*kind, importance * part)),
                }
            }
            row.causes = named.into_iter().map(|(kind, _)| kind).collect();
        }
        weights.sort_by(|p, q| q.1.total_cmp(&p.1));
        let rate = &population.quantities[0];
        let shares = self.shares(rate);
        population.causes = weights
            .into_iter()
            .filter_map(|(kind, weight)| self.cause(kind, weight, &population.name, &shares))
            .collect();
    }

    /// The causes of a row, each with its part of the deviation; the remainder is owed to the first measured cause, half as much to the next.
    fn parts(&self, row: &QuantityComparison) -> Vec<(CauseKind, f64)> {
        if self.left {
            return vec![(CauseKind::OtherState, 1.0)];
        }
        let Some(percent) = row.deviation_percent.filter(|percent| *percent != 0.0) else {
            return self.measured.iter().map(|cause| (cause.kind, 1.0)).collect();
        };
        let shares = self.shares(row);
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

    /// What each correction changes of a quantity, in percent of the simulation's value.
    fn shares(&self, row: &QuantityComparison) -> Vec<Share> {
        let (Some(theory), Some(simulation)) = (row.theory, row.simulation.filter(|value| *value != 0.0)) else {
            return Vec::new();
        };
        let value = |corrected: &Option<Corrected>| {
            let corrected = corrected.as_ref()?;
            match row.quantity {
                "rate_hz" => Some(corrected.rates_hz[self.index]),
                "cv" => corrected.cv[self.index],
                "std_input_mv" => Some(corrected.inputs[self.index].std_mv),
                _ => None,
            }
        };
        let percent = |before: f64, after: f64| 100.0 * (before - after) / simulation.abs();
        let Corrections { jumps, multapses, all, .. } = self.corrections;
        let after_jumps = value(jumps).unwrap_or(theory);
        let after_multapses = value(multapses).unwrap_or(after_jumps);
        let after_grid = value(all).unwrap_or(after_multapses);
        let mut shares = vec![
            (CauseKind::ShotNoise, percent(theory, after_jumps)),
            (CauseKind::Multapses, percent(after_jumps, after_multapses)),
            (CauseKind::TimeGrid, percent(after_multapses, after_grid)),
        ];
        if row.quantity == "rate_hz" {
            let unequal = self.state.populations[self.index].validity.rate_distribution.mean_hz;
            shares.push((CauseKind::RateSpread, percent(theory, unequal)));
        }
        shares
    }

    /// A cause in words; what only follows from others has none.
    fn cause(&self, kind: CauseKind, weight: f64, population: &str, shares: &[Share]) -> Option<Cause> {
        let population = population.to_string();
        if let Some(Measured { severity, sentence, .. }) = self.measured.iter().find(|cause| cause.kind == kind) {
            let (severity, sentence) = (*severity, sentence.clone());
            return Some(Cause { kind, population, severity, share_percent: None, weight, sentence });
        }
        let (_, share) = *shares.iter().find(|(other, _)| *other == kind)?;
        let what = match kind {
            CauseKind::ShotNoise => "With jumps of their size the rate is".to_string(),
            CauseKind::Multapses => {
                "Sources that are heard more than once bring larger jumps and more noise; with them the rate is"
                    .to_string()
            }
            CauseKind::TimeGrid => {
                format!("With a threshold that is looked at every {} ms the rate is", self.corrections.dt_ms)
            }
            CauseKind::RateSpread => "Neurons differ, and the mean of their rates is".to_string(),
            _ => return None,
        };
        let direction = if share < 0.0 { "higher" } else { "lower" };
        Some(Cause {
            kind,
            population,
            severity: share.abs() / SHARE_LIMIT_PERCENT,
            share_percent: Some(share),
            weight,
            sentence: format!("{what} {:.1} % {direction}.", share.abs()),
        })
    }
}

/// How much a row weighs in the order of causes.
fn importance(row: &QuantityComparison) -> f64 {
    let weight = match row.quantity {
        "rate_hz" => WEIGHTS[0],
        "cv" => WEIGHTS[1],
        _ => WEIGHTS[2],
    };
    weight * row.deviation_percent.unwrap_or(MOST_PERCENT).abs().min(MOST_PERCENT)
}

/// Quantities that other populations' rates make.
fn follows_from_rates(quantity: &str) -> bool {
    !matches!(quantity, "rate_hz" | "cv")
}
