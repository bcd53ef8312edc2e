//! The balanced limit: what the rates tend to as in-degrees `K` grow and weights shrink as `1/sqrt(K)`.
//!
//! Mean inputs then grow as `sqrt(K)` unless excitation and inhibition cancel, while `sigma` stays:
//!
//! ```text
//! mu_a = E_L + sum_b A_ab r_b + b_a,    A and b grow as sqrt(K)
//! leading order    A r + b = 0
//! next order       r(K) = r + A^-1 (mu - E_L) + O(1/K),    f_a(mu_a, sigma_a(r)) = r_a
//! ```
//!
//! `A` (mV per Hz) is `tau_m` times in-degree times mean weight, negative for inhibition. `b` (mV) is all that the drives
//! add to the mean: Poisson drives, currents and the mean of noise drives count as growing with `sqrt(K)` like the
//! projections. `E_L` and the variance of a noise drive do not grow.
//!
//! Nothing here assumes a number of populations. [`balanced_limit`] also says under which conditions the limit exists and,
//! apart from that, whether it is stable under the fast rate dynamics `diag(f'/tau_m) A`, a saddle, or neither, which decides
//! nothing for the spiking network ([`Stability`]); and which populations fall silent or saturate where it does not exist
//! ([`Alternative`]). [`beside_the_limit`] puts a state at finite `K` beside it.
//!
//! Source: van Vreeswijk and Sompolinsky (1996), Science 274:1724; (1998), Neural Comput 10:1321, sections 3 and 4 (there
//! with binary neurons and two populations); the correction of order `1/sqrt(K)` follows from the two equations above.
//! Range: LIF neurons with the synapses that [`RateMap`] takes. The limit itself does not depend on `K`.
//! Accuracy: limit rates 1e-12, times the condition number where that is large; mean and standard deviation 1e-8,
//! coefficient 1e-7 (relative, against independent values of `models/balanced_ei.toml`). In a state at finite `K` the mean
//! is a difference of two numbers of order `sqrt(K)`: of its digits about `2e-16 sqrt(K)` times a few mV is lost (1e-10 mV at
//! `K = 1e10`); the rates, which adapt to cancel it, lose none.

mod alternatives;
mod approach;
mod conditions;
mod scaled;

#[cfg(test)]
mod tests;

pub use alternatives::{Alternative, AlternativePopulation, Role};
pub use approach::{AtValue, BalancePopulation, BalanceState, Regime, beside_the_limit, departures_from_scaling};
pub use conditions::{Condition, ConditionKind};
pub use scaled::{Sizes, with_in_degree};

use serde::{Deserialize, Serialize};

use super::map::RateMap;
use super::stability::{Stability, of_matrix};
use crate::Warning;
use crate::input::in_degrees;
use crate::network::Network;
use crate::numerics::linear::{Matrix, Singularity, largest};
use crate::transfer::Input;

/// Beyond this condition number rounding decides what the rates are: there is no unique limit.
const SINGULAR: f64 = 1e10;
/// A balanced rate below this part of the largest is rounding.
const ROUNDING: f64 = 1e-13;

/// What the rates of a network tend to as `K` grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BalancedLimit {
    /// Whether every condition but that of stability holds: a state of the network tends to it.
    pub exists: bool,
    /// Whether it is stable under the fast rate dynamics; `None` where no input gives the rates.
    pub stable: Option<bool>,
    /// Whether it is a saddle; where it is neither this nor stable, the rate dynamics decides nothing for the network, or see
    /// the sentence of the condition.
    pub saddle: Option<bool>,
    /// What the fast rate dynamics says of it.
    pub stability: Option<Stability>,
    /// `K` of the network as it stands: the largest mean in-degree among its projections.
    pub in_degree: f64,
    /// Condition number of `A`, each row divided by its largest entry; what is not known of `A` enters the rates so many times.
    #[serde(with = "crate::provenance::number_or_null")]
    pub condition_number: f64,
    /// One entry a population, in the order of the file.
    pub populations: Vec<LimitPopulation>,
    /// What its existence depends on, as far as it could be asked, and its stability last.
    pub conditions: Vec<Condition>,
    /// States of the limit in which at least one population is silent or saturated.
    pub alternatives: Vec<Alternative>,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

/// One population in the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitPopulation {
    /// Its name.
    pub name: String,
    /// The rate that solves the balance equations, negative where they cannot be met; `None` if they have no unique solution.
    pub limit_rate_hz: Option<f64>,
    /// The mean input that is left when the terms of order `sqrt(K)` have cancelled.
    pub limit_mean_input_mv: Option<f64>,
    /// `sigma`.
    pub limit_std_input_mv: Option<f64>,
    /// `c` of `rate(K) = limit + c / sqrt(K) + O(1/K)`, with `K` as in [`BalancedLimit::in_degree`].
    pub first_order_coefficient_hz_sqrtK: Option<f64>,
}

impl BalancedLimit {
    /// Where the rates go: the balanced limit if it is reached, else the only alternative that the network may stay at; `None`
    /// where there are several or none.
    pub fn limit_rates_hz(&self) -> Option<Vec<f64>> {
        if self.is_reached() {
            return self.populations.iter().map(|population| population.limit_rate_hz).collect();
        }
        let mut possible = self.alternatives.iter().filter(|alternative| alternative.stability.may_stay());
        let only = possible.next().filter(|_| possible.next().is_none())?;
        Some(only.populations.iter().map(|population| population.limit_rate_hz).collect())
    }

    /// Whether it exists and is stable, or oscillates under the fast rate dynamics, which decides nothing.
    pub fn is_reached(&self) -> bool {
        self.exists && self.stability.is_some_and(Stability::may_stay)
    }

    /// The rates to first order at an in-degree, `limit + c / sqrt(K)`; `None` where the limit has no coefficient.
    pub fn first_order_rates_hz(&self, in_degree: f64) -> Option<Vec<f64>> {
        let rate =
            |p: &LimitPopulation| Some(p.limit_rate_hz? + p.first_order_coefficient_hz_sqrtK? / in_degree.sqrt());
        self.populations.iter().map(rate).collect()
    }
}

/// The balanced limit of a network, by its own scaling: see the module for what grows with `K`.
///
/// A limit that does not exist is no error: the conditions say what fails, the alternatives what happens instead.
///
/// `map` belongs to `network`.
pub fn balanced_limit(network: &Network, map: &RateMap) -> BalancedLimit {
    let problem = Problem::new(network, map);
    let singularity = problem.singularity();
    let unique = singularity.condition_number < SINGULAR && map.is_linear_in_rates();
    let rates = if unique { Some(problem.balanced_rates()) } else { None };
    let point = rates.as_ref().and_then(|rates| problem.point(rates));
    let in_degree = largest_in_degree(network);
    let stability = point.as_ref().and_then(|point| problem.stability(&problem.all(), &point.inputs));
    let conditions = problem.conditions(&singularity, rates.as_deref(), point.as_ref());
    let (alternatives, omitted) = if map.is_linear_in_rates() { problem.alternatives() } else { (Vec::new(), None) };
    let coefficient = |a: usize| point.as_ref().map(|point| point.correction_hz[a] * in_degree.sqrt());
    let populations = network.populations.iter().enumerate().map(|(a, population)| LimitPopulation {
        name: population.name.clone(),
        limit_rate_hz: rates.as_ref().map(|rates| rates[a]),
        limit_mean_input_mv: point.as_ref().map(|point| point.mean_mv[a]),
        limit_std_input_mv: point.as_ref().map(|point| point.inputs[a].std_mv),
        first_order_coefficient_hz_sqrtK: coefficient(a).filter(|_| in_degree > 0.0),
    });
    BalancedLimit {
        exists: conditions.iter().all(Condition::allows_existence) && point.is_some(),
        stable: stability.map(|stability| stability == Stability::Stable),
        saddle: stability.map(|stability| stability == Stability::Saddle),
        stability,
        in_degree,
        condition_number: singularity.condition_number,
        populations: populations.collect(),
        conditions,
        alternatives,
        warnings: map.streams.warnings.iter().cloned().chain(omitted).collect(),
    }
}

/// The largest mean in-degree among the projections; 0 without any.
pub fn largest_in_degree(network: &Network) -> f64 {
    in_degrees(network).fold(0.0, f64::max)
}

/// The terms of a network that grow with `sqrt(K)`, and the rest.
struct Problem<'a> {
    map: &'a RateMap,
    names: Vec<&'a str>,
    /// `A` in mV per Hz.
    per_hz: &'a Matrix,
    /// `b` in mV.
    external_mv: Vec<f64>,
    /// `E_L` in mV.
    rest_mv: Vec<f64>,
}

/// What the neurons do where the terms of order `sqrt(K)` cancel at possible rates.
struct LimitPoint {
    /// Mean inputs that give the rates.
    mean_mv: Vec<f64>,
    /// The inputs there, with these means.
    inputs: Vec<Input>,
    /// `A^-1 (mu - E_L)`.
    correction_hz: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(network: &'a Network, map: &'a RateMap) -> Self {
        let rest_mv: Vec<f64> = network.populations.iter().map(|population| population.neuron.E_L_mv).collect();
        let mean = map.sums.mean();
        Problem {
            map,
            names: network.populations.iter().map(|population| population.name.as_str()).collect(),
            per_hz: &mean.per_hz,
            external_mv: mean.constant.iter().zip(&rest_mv).map(|(constant, rest)| constant - rest).collect(),
            rest_mv,
        }
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    /// What row `a` of `A` and of the right-hand side is divided by, so that units and time constants do not count.
    fn row_scale(&self, a: usize) -> f64 {
        let scale = largest(self.per_hz.row(a));
        if scale > 0.0 { scale } else { 1.0 }
    }

    /// The rows and columns of `A` of the populations `of`, each row divided by its scale.
    fn scaled(&self, of: &[usize]) -> Matrix {
        let mut matrix = Matrix::zeros(of.len(), of.len());
        for (i, &a) in of.iter().enumerate() {
            let scale = self.row_scale(a);
            of.iter().enumerate().for_each(|(j, &b)| matrix[(i, j)] = self.per_hz[(a, b)] / scale);
        }
        matrix
    }

    fn all(&self) -> Vec<usize> {
        (0..self.len()).collect()
    }

    fn singularity(&self) -> Singularity {
        let nothing = || Singularity { condition_number: f64::INFINITY, right: Vec::new(), left: Vec::new() };
        let found = self.scaled(&self.all()).singularity().unwrap_or_else(nothing);
        // 0/0 where nobody hears anybody
        if found.condition_number.is_nan() { nothing() } else { found }
    }

    /// The solution of `A r = right` among the populations `of`.
    fn solve(&self, of: &[usize], right: impl Fn(usize) -> f64) -> Vec<f64> {
        let right: Vec<f64> = of.iter().map(|&a| right(a) / self.row_scale(a)).collect();
        self.scaled(of).solve(&right)
    }

    /// `-A^-1 b`; what is rounding beside the largest rate is 0.
    fn balanced_rates(&self) -> Vec<f64> {
        let rates = self.solve(&self.all(), |a| -self.external_mv[a]);
        let largest = largest(&rates);
        rates.into_iter().map(|rate| if rate.abs() <= ROUNDING * largest { 0.0 } else { rate }).collect()
    }

    /// Net input of order `sqrt(K)` of one population in mV, and the size of what adds up to it.
    fn net_drive(&self, a: usize, rates_hz: &[f64]) -> (f64, f64) {
        let terms = self.per_hz.row(a).iter().zip(rates_hz).map(|(per_hz, rate)| per_hz * rate);
        let start = (self.external_mv[a], self.external_mv[a].abs());
        terms.fold(start, |(net, size), term| (net + term, size + term.abs()))
    }

    fn rate_is_possible(&self, a: usize, rate_hz: f64) -> bool {
        rate_hz > 0.0 && rate_hz < self.map.transfers[a].rate_limit_hz()
    }

    /// The neurons at the balanced rates; `None` if no input gives these.
    fn point(&self, rates_hz: &[f64]) -> Option<LimitPoint> {
        let mut inputs = self.map.inputs(rates_hz);
        for (a, input) in inputs.iter_mut().enumerate() {
            *input = self.input_for_rate(a, rates_hz[a], *input)?;
        }
        let mean_mv: Vec<f64> = inputs.iter().map(|input| input.mean_mv).collect();
        let correction_hz = self.solve(&self.all(), |a| mean_mv[a] - self.rest_mv[a]);
        Some(LimitPoint { mean_mv, inputs, correction_hz })
    }

    /// The input whose mean gives population `a` this rate, all else as in `input`.
    fn input_for_rate(&self, a: usize, rate_hz: f64, input: Input) -> Option<Input> {
        self.rate_is_possible(a, rate_hz).then(|| self.map.transfers[a].input_for_rate(rate_hz, input))?
    }

    /// What the fast rate dynamics among the populations `of` says of the state with these inputs; `None` if it has no numbers.
    fn stability(&self, of: &[usize], inputs: &[Input]) -> Option<Stability> {
        let (index, modes) = of_matrix(&self.fast_dynamics_per_s(of, inputs), of.len());
        modes.map(|modes| Stability::of(index, &modes))
    }

    /// The fast rate dynamics `diag(f'/tau_m) A` among the populations `of`, in 1/s.
    fn fast_dynamics_per_s(&self, of: &[usize], inputs: &[Input]) -> Matrix {
        let mut matrix = Matrix::zeros(of.len(), of.len());
        for (i, &a) in of.iter().enumerate() {
            let rate = self.map.log_rate(a, &inputs[a]);
            let gain = rate.rate_hz() * rate.d_mu * 1000.0 / self.map.transfers[a].time_constant_ms();
            of.iter().enumerate().for_each(|(j, &b)| matrix[(i, j)] = gain * self.per_hz[(a, b)]);
        }
        matrix
    }
}
