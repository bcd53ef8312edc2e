//! A law of time constants: the receptors of one type of synapse, which differ in how long a spike lasts.
//!
//! The law is cut below 0 and divided into `N` parts of equal probability. Each part is a receptor whose time constant is the mean of the
//! part, so that the mean over receptors, and with it the mean input, is that of the law:
//!
//! ```text
//! tau_i = N int_{i/N}^{(i+1)/N} Q(p) dp          Q: the quantiles of the law
//! ```
//!
//! What spreads within a part is left out: of the variance of a normal law two receptors keep 64 %, three 79 %, four 86 %, eight 95 %.
//! A projection, or a Poisson drive, over such a synapse is `N` of them, each over one receptor and with its share of the connections: the
//! `N`-th part of a number of inputs (whole parts of a whole number) or of the probability of a connection.
//! The theory and the simulator then see time constants as they see those of any other projections.
//!
//! Accuracy: 1e-7, relative, of the mean over receptors (against the means of laws that are not cut; laws that are ten times broader than their mean).

use super::checks;
use super::dimension::Measure;
use super::law::integral_over_quantiles;
use super::problem::Problem;
use super::{ConnectionRule, CutLaw, Law, Plasticity, Synapse};

/// Receptors of a law if nothing is said.
pub(crate) const USUAL_RECEPTORS: usize = 4;
/// The most receptors of one law.
pub(crate) const MOST_RECEPTORS: usize = 64;

/// The kinds of synapse of which one type consists: one, or several that differ in their time constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Receptors {
    each: Vec<Synapse>,
    /// The law and the number of receptors that was asked for.
    law: Option<(Law, usize)>,
    /// Short-term plasticity, the same at all of them.
    plasticity: Option<Plasticity>,
}

impl From<Synapse> for Receptors {
    fn from(synapse: Synapse) -> Self {
        Receptors { each: vec![synapse], law: None, plasticity: None }
    }
}

/// What the law of a synaptic time constant must satisfy, and how many receptors may share it; each problem with its key.
pub(super) fn check(law: &Law, count: usize) -> Result<(), (&'static str, Problem)> {
    let positive = || match *law {
        // cut at 0, as all laws are
        Law::Uniform { low, .. } => checks::not_negative("tau", low, Measure::Time),
        _ => checks::positive("tau", law.mean(), Measure::Time),
    };
    checks::law(law).and_then(|()| positive()).map_err(|problem| ("tau", problem))?;
    match (1..=MOST_RECEPTORS).contains(&count) {
        true => Ok(()),
        false => Err(("receptors", Problem::ReceptorCount { count, most: MOST_RECEPTORS })),
    }
}

impl Receptors {
    /// Those of a law of time constants in ms; `kind` makes a synapse of a time constant.
    pub(crate) fn of_law(law: Law, count: usize, kind: impl Fn(f64) -> Synapse) -> Self {
        let part = |i: usize| kind(mean_of_part(law, i, count));
        // what cannot be is refused by `check`
        Receptors {
            each: (0..count.clamp(1, MOST_RECEPTORS)).map(part).collect(),
            law: Some((law, count)),
            plasticity: None,
        }
    }

    /// The same with short-term plasticity.
    pub(crate) fn with_plasticity(self, plasticity: Option<Plasticity>) -> Self {
        Receptors { plasticity, ..self }
    }

    /// Short-term plasticity, the same at all of them.
    pub(crate) fn plasticity(&self) -> Option<Plasticity> {
        self.plasticity
    }

    /// The first of them, which has the kind and the unit of weights of all.
    pub(crate) fn first(&self) -> Synapse {
        // there is one at least, by construction
        self.each.first().copied().unwrap_or(Synapse::Delta)
    }

    /// The law of the time constants, and the number of receptors that was asked for.
    pub(crate) fn law(&self) -> Option<(Law, usize)> {
        self.law
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.each.len()
    }

    /// Each of them with the connections that fall to it.
    ///
    /// # Errors
    ///
    /// Fewer connections than receptors.
    pub(crate) fn of_rule(&self, rule: ConnectionRule) -> Result<Vec<(Synapse, ConnectionRule)>, Problem> {
        let count = self.each.len();
        if let ConnectionRule::FixedInDegree { in_degree: number } | ConnectionRule::FixedTotal { total: number } = rule
            && count > 1
            && number > 0.0
            && number < count as f64
        {
            return Err(Problem::FewerThanReceptors { connections: number, receptors: count });
        }
        let with_share = |(i, synapse): (usize, &Synapse)| (*synapse, share_of_rule(rule, i, count));
        Ok(self.each.iter().enumerate().map(with_share).collect())
    }

    /// Each of them with its share of a Poisson drive: the number of its sources, and their rate.
    ///
    /// Where there are fewer sources than receptors each spike finds one of these by chance, which makes independent trains of a Poisson train.
    pub(crate) fn of_poisson(&self, in_degree: f64, rate_hz: f64) -> Vec<(Synapse, f64, f64)> {
        let count = self.each.len();
        let with_share = |(i, synapse): (usize, &Synapse)| match in_degree < count as f64 {
            true => (*synapse, in_degree, rate_hz / count as f64),
            false => (*synapse, share(in_degree, i, count), rate_hz),
        };
        self.each.iter().enumerate().map(with_share).collect()
    }
}

/// The rule of the connections that fall to receptor `i` of `count`.
fn share_of_rule(rule: ConnectionRule, i: usize, count: usize) -> ConnectionRule {
    match rule {
        ConnectionRule::FixedInDegree { in_degree } => {
            ConnectionRule::FixedInDegree { in_degree: share(in_degree, i, count) }
        }
        ConnectionRule::FixedTotal { total } => ConnectionRule::FixedTotal { total: share(total, i, count) },
        ConnectionRule::PairwiseProbability { probability } => {
            ConnectionRule::PairwiseProbability { probability: probability / count as f64 }
        }
    }
}

/// The share of receptor `i`: whole numbers of a whole number, as even as they can be.
fn share(number: f64, i: usize, count: usize) -> f64 {
    let up_to = |i: usize| number * i as f64 / count as f64;
    match number == number.round() {
        true => up_to(i + 1).round() - up_to(i).round(),
        false => number / count as f64,
    }
}

/// The mean of the values in part `i` of `count`.
fn mean_of_part(law: Law, i: usize, count: usize) -> f64 {
    if law.differing().is_none() {
        return law.mean();
    }
    let cut = CutLaw { law, low: 0.0, high: f64::INFINITY };
    let ends = [i, i + 1].map(|i| i as f64 / count as f64);
    integral_over_quantiles(|p| cut.quantile(p), ends, |tau_ms| tau_ms) * count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::normal;

    fn times(law: Law, count: usize) -> Vec<f64> {
        let receptors = Receptors::of_law(law, count, |tau_ms| Synapse::ExponentialCurrent { tau_ms });
        let time = |synapse: &Synapse| match synapse {
            Synapse::ExponentialCurrent { tau_ms } => *tau_ms,
            other => unreachable!("{other:?}"),
        };
        receptors.each.iter().map(time).collect()
    }

    #[test]
    fn the_mean_over_receptors_is_that_of_the_law() {
        let laws = [
            Law::Constant { value: 5.0 },
            Law::Normal { mean: 5.0, std: 0.5 },
            Law::Lognormal { mean: 5.0, std: 4.0 },
            Law::Lognormal { mean: 5.0, std: 50.0 },
            Law::Uniform { low: 1.0, high: 9.0 },
            Law::Exponential { mean: 5.0 },
        ];
        for law in laws {
            for count in [1, 2, 3, 4, 16] {
                let times = times(law, count);
                let mean = times.iter().sum::<f64>() / count as f64;
                assert!((mean / 5.0 - 1.0).abs() < 1e-7, "{law:?} {count}: {mean}");
                assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
            }
        }
    }

    #[test]
    fn receptors_of_normal_and_exponential_laws_have_the_means_of_the_parts_in_closed_form() {
        // of a normal law the mean between two quantiles is the difference of densities there; 5 ms are 10 standard deviations
        let density = |p: f64| {
            let z = if p <= 0.0 || p >= 1.0 { f64::INFINITY } else { normal::quantile(p) };
            (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
        };
        for (i, found) in times(Law::Normal { mean: 5.0, std: 0.5 }, 4).into_iter().enumerate() {
            let expected = 5.0 + 0.5 * 4.0 * (density(0.25 * i as f64) - density(0.25 * (i as f64 + 1.0)));
            assert!((found - expected).abs() < 1e-8, "{i}: {found} {expected}");
        }
        // int ln(1/q) dq = q (1 - ln q)
        let integral = |q: f64| if q > 0.0 { q * (1.0 - q.ln()) } else { 0.0 };
        for (i, found) in times(Law::Exponential { mean: 2.0 }, 3).into_iter().enumerate() {
            let (from, to) = (1.0 - i as f64 / 3.0, 1.0 - (i as f64 + 1.0) / 3.0);
            let expected = 2.0 * 3.0 * (integral(from) - integral(to.max(0.0)));
            assert!((found - expected).abs() < 1e-8, "{i}: {found} {expected}");
        }
    }

    #[test]
    fn the_parts_of_the_variance_of_a_normal_law_that_receptors_keep_are_those_of_the_header() {
        for (count, percent) in [(2, 64.0), (3, 79.0), (4, 86.0), (8, 95.0)] {
            let kept = times(Law::Normal { mean: 5.0, std: 0.5 }, count);
            let variance = kept.iter().map(|tau| (tau - 5.0) * (tau - 5.0)).sum::<f64>() / count as f64;
            assert!((100.0 * variance / 0.25 - percent).abs() < 0.7, "{count}: {variance}");
        }
    }

    #[test]
    fn the_connections_of_all_receptors_are_those_of_the_projection() {
        for in_degree in [4.0, 10.0, 101.0, 7.5] {
            let parts: Vec<f64> = (0..4).map(|i| share(in_degree, i, 4)).collect();
            assert_eq!(parts.iter().sum::<f64>(), in_degree);
            let whole = in_degree == in_degree.round();
            assert!(parts.iter().all(|part| !whole || *part == part.round()), "{parts:?}");
            assert!(parts.iter().all(|part| (part - in_degree / 4.0).abs() < 1.0), "{parts:?}");
        }
    }
}
