//! The conditions under which the balanced limit exists, and that of its stability, each as a sentence with its numbers.

use serde::{Deserialize, Serialize};

use super::{LimitPoint, Problem, SINGULAR, Stability};
use crate::fixed_decimals;
use crate::numerics::linear::Singularity;
use crate::transfer::Transfer;

/// Populations that a sentence names; of more it says only how many.
const MOST_NAMED: usize = 8;
/// Parts of a unit vector below this are left out of a sentence.
const NEGLIGIBLE: f64 = 0.01;
/// The external input counts as balanceable if less than this part of it cannot be cancelled.
const CONSISTENT: f64 = 1e-8;
/// From this condition number on the sentence says how little the rates are determined.
const POORLY_DETERMINED: f64 = 1e3;

/// One thing that the limit depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Condition {
    /// Which.
    pub condition: ConditionKind,
    /// Whether it is met.
    pub holds: bool,
    /// What was found, and why it fails if it does.
    pub sentence: String,
}

/// The conditions, in the order in which they are asked; the later ones only where the earlier allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// Means are linear in the rates: currents, through synapses whose strength does not depend on them.
    Linear,
    /// `A r + b = 0` has one solution.
    UniqueRates,
    /// All its rates are positive.
    PositiveRates,
    /// All its rates are below `1/t_ref`.
    BelowSaturation,
    /// One excitatory and one inhibitory population: `b_E/b_I > A_EI/A_II > A_EE/A_IE`. Positive rates, and no saddle.
    Inequality,
    /// It is stable under the fast rate dynamics: no condition of its existence.
    Stability,
}

impl Condition {
    /// Whether the limit can exist as far as this is concerned.
    pub fn allows_existence(&self) -> bool {
        self.holds || self.condition == ConditionKind::Stability
    }
}

impl Problem<'_> {
    /// The conditions, given the balanced rates (if unique) and what the neurons do there (if possible).
    pub(super) fn conditions(
        &self,
        singularity: &Singularity,
        rates_hz: Option<&[f64]>,
        point: Option<&LimitPoint>,
    ) -> Vec<Condition> {
        if !self.map.is_linear_in_rates() {
            return vec![self.not_linear()];
        }
        let mut conditions = vec![self.unique(singularity, rates_hz.is_some())];
        if let Some(rates) = rates_hz {
            conditions.push(self.positive(rates));
            conditions.push(self.below_saturation(rates));
        }
        conditions.extend(self.inequality());
        conditions.extend(point.map(|point| self.stable(point)));
        conditions
    }

    /// Why weights of order `1/sqrt(K)` are no scaling of such a network.
    fn not_linear(&self) -> Condition {
        let has_conductances = self.map.transfers.iter().any(Transfer::has_conductances);
        let sentence = match has_conductances {
            true => {
                "Weights of order 1/sqrt(K) are a scaling of currents. With conductances the mean input is a ratio of sums, and conductances shorten \
                 the time constant until noise is gone: firing stays irregular at large K for weights of order 1/ln K \
                 (Sanzeni, Histed and Brunel 2022)."
            }
            false => {
                "The limit is that of synapses whose strength does not depend on the rates. With short-term plasticity the mean inputs are not linear in them."
            }
        };
        Condition { condition: ConditionKind::Linear, holds: false, sentence: sentence.to_string() }
    }

    fn unique(&self, singularity: &Singularity, holds: bool) -> Condition {
        let number = singularity.condition_number;
        let sentence = if holds {
            let weak = if number < POORLY_DETERMINED {
                String::new()
            } else {
                format!(
                    ": poorly determined, a change of A by one part in {number:.0e} can change the rates by as much as themselves, \
                     and the limit is approached only where sqrt(K) is far above the condition number"
                )
            };
            format!("The balance equations A r + b = 0 have one solution (condition number {number:.3}{weak}).")
        } else if singularity.right.is_empty() {
            "No population hears another: there is nothing to balance the drives.".to_string()
        } else {
            let open = if self.is_consistent(singularity) {
                "along it they are not determined at this order, but by what is left of the input"
            } else {
                "and no rates at all cancel the external input: populations must be silent or saturated"
            };
            format!(
                "The balance equations A r + b = 0 have no unique solution (condition number {number:.1e}, at most {SINGULAR:.0e} \
                 allowed): a change of the rates in the proportion {} changes no mean input; {open}.",
                self.direction(&singularity.right)
            )
        };
        Condition { condition: ConditionKind::UniqueRates, holds, sentence }
    }

    /// Whether some rates cancel the external input although `A` is singular.
    fn is_consistent(&self, singularity: &Singularity) -> bool {
        let scaled: Vec<f64> = (0..self.len()).map(|a| self.external_mv[a] / self.row_scale(a)).collect();
        let left_over: f64 = singularity.left.iter().zip(&scaled).map(|(left, b)| left * b).sum();
        left_over.abs() <= CONSISTENT * scaled.iter().map(|b| b * b).sum::<f64>().sqrt()
    }

    /// "E 0.78 : I 0.62", with the sign that makes the largest part positive.
    fn direction(&self, vector: &[f64]) -> String {
        let largest = vector.iter().fold(0.0, |largest: f64, x| if x.abs() > largest.abs() { *x } else { largest });
        let parts = vector.iter().zip(&self.names).map(|(x, name)| (x * largest.signum(), name));
        let parts = parts.filter(|(x, _)| x.abs() > NEGLIGIBLE).map(|(x, name)| format!("{name} {x:.2}"));
        listed(parts.collect(), " : ")
    }

    fn positive(&self, rates: &[f64]) -> Condition {
        let failing: Vec<usize> = (0..self.len()).filter(|&a| rates[a].is_nan() || rates[a] <= 0.0).collect();
        let sentence = if failing.is_empty() {
            format!(
                "All balanced rates are positive; the lowest is {} Hz.",
                fixed_decimals(rates.iter().copied().fold(f64::MAX, f64::min), 4)
            )
        } else {
            let why = failing
                .iter()
                .map(|&a| format!("{} would need {} Hz ({})", self.names[a], fixed_decimals(rates[a], 4), self.why(a)));
            format!("Not all balanced rates are positive: {}.", listed(why.collect(), "; "))
        };
        Condition { condition: ConditionKind::PositiveRates, holds: failing.is_empty(), sentence }
    }

    /// Why the rate of a population cannot be positive.
    fn why(&self, a: usize) -> String {
        match self.drive_without(a) {
            Some(drive) if drive < 0.0 => format!(
                "the others, balanced without it, inhibit it more than they and the drives excite it: net {} mV, growing \
                 as sqrt(K)",
                fixed_decimals(drive, 1)
            ),
            Some(0.0) => "the others, balanced without it, leave it without any drive of order sqrt(K)".to_string(),
            Some(drive) => format!(
                "the others, balanced without it, excite it by {} mV, and more spikes of its own would excite it further",
                fixed_decimals(drive, 1)
            ),
            None => "the others cannot be balanced without it".to_string(),
        }
    }

    fn below_saturation(&self, rates: &[f64]) -> Condition {
        let limit = |a: usize| self.map.transfers[a].rate_limit_hz();
        let failing = (0..self.len()).filter(|&a| rates[a] >= limit(a));
        let failing = failing.map(|a| {
            format!(
                "{} would need {} Hz of {}",
                self.names[a],
                fixed_decimals(rates[a], 1),
                fixed_decimals(limit(a), 1)
            )
        });
        let failing: Vec<String> = failing.collect();
        let holds = failing.is_empty();
        let sentence = if holds {
            "All balanced rates are below 1/t_ref.".to_string()
        } else {
            format!("Not all balanced rates are below 1/t_ref: {}.", listed(failing, "; "))
        };
        Condition { condition: ConditionKind::BelowSaturation, holds, sentence }
    }

    fn stable(&self, point: &LimitPoint) -> Condition {
        let matrix = self.fast_dynamics_per_s(&self.all(), &point.inputs);
        let growth = matrix.eigenvalues().unwrap_or_default();
        let (leftmost, rightmost) = growth
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), (re, _)| (re.min(least), re.max(most)));
        let stability = self.stability(&self.all(), &point.inputs);
        let verdict = match stability {
            Some(Stability::Stable) => "is stable under",
            Some(Stability::Saddle) => "is a saddle, unstable also in the spiking network, by",
            Some(Stability::Unstable) => "is unstable, without oscillating, under",
            Some(Stability::Oscillating) => "oscillates, with an amplitude that grows, under",
            None => "has no eigenvalues of",
        };
        let trace = match self.len() {
            2 => format!(", trace {} /s (to be negative)", fixed_decimals(matrix[(0, 0)] + matrix[(1, 1)], 1)),
            _ => String::new(),
        };
        let rest = match stability {
            Some(Stability::Saddle) => "",
            Some(Stability::Oscillating) => "; for the network, which has delays, that decides nothing",
            _ => "; what delays make of it at a finite K, `siegert solve` says",
        };
        Condition {
            condition: ConditionKind::Stability,
            holds: stability == Some(Stability::Stable),
            sentence: format!(
                "The balanced state {verdict} the fast rate dynamics diag(f'/tau_m) A: real parts of its eigenvalues from \
                 {} to {} /s{trace}, growing as sqrt(K){rest}.",
                fixed_decimals(leftmost, 1),
                fixed_decimals(rightmost, 1)
            ),
        }
    }

    /// The inequality of van Vreeswijk and Sompolinsky, where the network is theirs: one column of each sign, both driven.
    fn inequality(&self) -> Option<Condition> {
        if self.len() != 2 {
            return None;
        }
        let column = |b: usize| [self.per_hz[(0, b)], self.per_hz[(1, b)]];
        let excitatory = |b: usize| column(b).iter().all(|x| *x >= 0.0) && column(b).iter().any(|x| *x > 0.0);
        let inhibitory = |b: usize| column(b).iter().all(|x| *x < 0.0);
        let (e, i) = match (excitatory(0), excitatory(1)) {
            (true, false) if inhibitory(1) => (0, 1),
            (false, true) if inhibitory(0) => (1, 0),
            _ => return None,
        };
        if !(self.external_mv[e] > 0.0 && self.external_mv[i] > 0.0 && self.per_hz[(i, e)] > 0.0) {
            return None;
        }
        let ratio = |b: usize| self.per_hz[(e, b)] / self.per_hz[(i, b)];
        let (outside, inhibition, excitation) = (self.external_mv[e] / self.external_mv[i], ratio(i), ratio(e));
        let holds = outside > inhibition && inhibition > excitation;
        let (E, I) = (self.names[e], self.names[i]);
        let verdict = if holds { "holds" } else { "fails" };
        let reversed = match outside < inhibition && inhibition < excitation {
            true => ": both the other way round, so that the rates are positive but the state is a saddle",
            false => "",
        };
        Some(Condition {
            condition: ConditionKind::Inequality,
            holds,
            sentence: format!(
                "b_{E}/b_{I} > A_{E}{I}/A_{I}{I} > A_{E}{E}/A_{I}{E} {verdict}: {}{reversed}.",
                [outside, inhibition, excitation].map(|ratio| fixed_decimals(ratio, 4)).join(", ")
            ),
        })
    }
}

/// Joins what a sentence lists, the first few of many.
fn listed(mut parts: Vec<String>, separator: &str) -> String {
    let more = parts.len().saturating_sub(MOST_NAMED);
    parts.truncate(MOST_NAMED);
    let rest = if more > 0 { format!("{separator}and {more} more") } else { String::new() };
    format!("{}{rest}", parts.join(separator))
}
