//! The distribution of rates over the neurons of each population, self-consistently.
//!
//! ```text
//! r = f(mu + Delta z, sigma), z ~ N(0, 1);    n1 = int Dz r,  n2 = int Dz r^2
//! mu, sigma from n1 (`Sums`), Delta from n1 and n2 (`Heterogeneity`)
//! ```
//!
//! Where neurons differ themselves (`transfer::average`), `r` and `r^2` are averaged over their laws beside `z`, which is then one of these laws.
//!
//! solved for `ln n1` and `ln(n2/n1^2)` of all populations by Broyden's method from the state in which all neurons are equal, with the
//! exact Jacobian of that state: so a state that is unstable, or far from the limit of weak coupling, is no special case.
//!
//! The integrals are trapezoidal sums over `|z| <= 10` in steps of 1/6, which converge exponentially for a Gaussian weight.
//!
//! Source: van Vreeswijk and Sompolinsky (1998), Neural Comput 10:1321; Amit and Brunel (1997), Network 8:373; Roxin et al. (2011),
//! J Neurosci 31:16217.
//! Range: `Delta` up to a few `sigma`; that `sigma` differs between neurons is neglected.
//! Accuracy: quantiles of neurons that differ are those of 2,000 that stand for all, 1 %. Else 1e-9 of the rates for `Delta < 2 sigma` (against a sum three times finer and twice as wide, `tests/trust.rs`).

use crate::input::Heterogeneity;
use crate::network::Network;
use crate::numerics::broyden::{Limits, broyden};
use crate::numerics::erfcx::erfcx;
use crate::numerics::linear::Matrix;
use crate::stationary::{Input, RateMap};

use super::{Quantiles, RateDistribution};

/// Neurons that stand for all where they differ.
const NEURONS: usize = 2000;
const NODES: usize = 121;
const FARTHEST: f64 = 10.0;
/// Standard normal deviates with 5 % and 25 % beyond.
const Z_05: f64 = 1.6448536269514722;
const Z_25: f64 = 0.6744897501960817;
/// Neurons below this rate count as silent.
const SILENT_HZ: f64 = 0.1;
/// Rates below this count as this where others hear them.
const LEAST_RATE_HZ: f64 = 1e-300;
/// Second moments below this are lost: the population is left where it is.
const LEAST_SECOND_MOMENT: f64 = 1e-290;
const LIMITS: Limits = Limits { tolerance: 1e-10, most_iterations: 50, longest_step: 2.0 };

/// The distribution of rates in each population at the state with rates `rates_hz`.
pub(super) fn rate_distributions(network: &Network, map: &RateMap, rates_hz: &[f64]) -> Vec<RateDistribution> {
    let equations = Equations { map, heterogeneity: Heterogeneity::new(network, &map.streams), nodes: Nodes::new() };
    let start = equations.equal_neurons(rates_hz);
    let (x, self_consistent) = match equations.solve(rates_hz, start.clone()) {
        Some(x) => (x, true),
        None => (start, false),
    };
    let slopes: Vec<f64> =
        map.inputs(rates_hz).iter().enumerate().map(|(a, input)| map.log_rate(a, input).d_mu).collect();
    let (_, responses) = equations.respond(&x);
    let of = |(a, response): (usize, &Response)| equations.distribution(a, response, slopes[a], self_consistent);
    responses.iter().enumerate().map(of).collect()
}

/// Standard normal deviates with weights that add up to 1.
struct Nodes {
    z: [f64; NODES],
    weight: [f64; NODES],
}

impl Nodes {
    fn new() -> Self {
        let z = std::array::from_fn(|i| FARTHEST * (2.0 * i as f64 / (NODES - 1) as f64 - 1.0));
        let weight = z.map(|z| (-0.5 * z * z).exp());
        let sum: f64 = weight.iter().sum();
        Nodes { z, weight: weight.map(|weight| weight / sum) }
    }
}

struct Equations<'a> {
    map: &'a RateMap,
    heterogeneity: Heterogeneity,
    nodes: Nodes,
}

/// What the neurons of a population do with inputs that differ.
struct Response {
    input: Input,
    delta_mv: f64,
    mean_hz: f64,
    mean_square_hz2: f64,
}

impl Equations<'_> {
    /// The unknowns where all neurons of a population are equal.
    fn equal_neurons(&self, rates_hz: &[f64]) -> Vec<f64> {
        let n = rates_hz.len();
        let mut x = vec![0.0; 2 * n];
        x.iter_mut().zip(rates_hz).for_each(|(x, rate)| *x = rate.max(LEAST_RATE_HZ).ln());
        x
    }

    /// The residuals at the unknowns, and what is behind them.
    fn respond(&self, x: &[f64]) -> (Vec<f64>, Vec<Response>) {
        let n = x.len() / 2;
        let means: Vec<f64> = x[..n].iter().map(|x| x.exp()).collect();
        let mean_squares: Vec<f64> = x[n..].iter().zip(&means).map(|(x, mean)| x.exp() * (mean * mean)).collect();
        let variances = self.heterogeneity.variances_mv2(&means, &mean_squares);
        let inputs = self.map.inputs(&means).into_iter().zip(variances).enumerate();
        let responses: Vec<Response> =
            inputs.map(|(a, (input, variance))| self.population(a, input, variance.sqrt())).collect();
        let mut residual = vec![0.0; 2 * n];
        for (a, response) in responses.iter().enumerate() {
            let lost = response.mean_square_hz2 <= LEAST_SECOND_MOMENT;
            if !lost {
                residual[a] = response.mean_hz.ln() - x[a];
                residual[n + a] = (response.mean_square_hz2 / (response.mean_hz * response.mean_hz)).ln() - x[n + a];
            }
        }
        (residual, responses)
    }

    fn population(&self, a: usize, input: Input, delta_mv: f64) -> Response {
        let transfer = &self.map.transfers[a];
        if let Some(average) = transfer.average() {
            let [mean_hz, mean_square_hz2] = average.with_input_spread(delta_mv).moments_hz(transfer, &input);
            return Response { input, delta_mv, mean_hz, mean_square_hz2 };
        }
        if delta_mv == 0.0 {
            let rate = self.rate_hz(a, &input, 0.0);
            return Response { input, delta_mv, mean_hz: rate, mean_square_hz2: rate * rate };
        }
        let mut rates = [0.0; NODES];
        self.rates_into(a, &input, delta_mv, &mut rates);
        let weighted = || rates.iter().zip(&self.nodes.weight);
        let mean_hz = weighted().map(|(rate, weight)| weight * rate).sum();
        let mean_square_hz2 = weighted().map(|(rate, weight)| weight * rate * rate).sum();
        Response { input, delta_mv, mean_hz, mean_square_hz2 }
    }

    /// Rates at the nodes.
    fn rates_into(&self, a: usize, input: &Input, delta_mv: f64, rates: &mut [f64; NODES]) {
        if !self.map.transfers[a].is_monotonic() {
            *rates = self.nodes.z.map(|z| self.rate_hz(a, input, delta_mv * z));
            return;
        }
        // boundaries that move up are a mean that moves down
        let mean_mv = input.mean_mv - self.map.transfers[a].shift(input) * input.std_mv;
        let mu = self.nodes.z.map(|z| mean_mv + delta_mv * z);
        if self.map.transfers[a].white_rates_into(&mu, &[input.std_mv; NODES], rates).is_err() {
            rates.fill(f64::NAN); // an input that is not finite
        }
    }

    /// The rate of a neuron whose mean input differs by `excess_mv`; 0 where an expansion has none.
    fn rate_hz(&self, a: usize, input: &Input, excess_mv: f64) -> f64 {
        let rate = self.map.log_rate(a, &Input { mean_mv: input.mean_mv + excess_mv, ..*input }).rate_hz();
        let negative = rate.is_nan() && !self.map.transfers[a].is_monotonic();
        if negative { 0.0 } else { rate }
    }

    /// The unknowns that reproduce themselves; `None` if they are not found.
    fn solve(&self, rates_hz: &[f64], x: Vec<f64>) -> Option<Vec<f64>> {
        broyden(|x| self.respond(x).0, x, || self.inverse_jacobian(rates_hz), &LIMITS)
    }

    /// The inverse Jacobian of the residuals where all neurons are equal.
    fn inverse_jacobian(&self, rates_hz: &[f64]) -> Matrix {
        let n = rates_hz.len();
        let rates = self.map.inverse_log_jacobian(rates_hz);
        let mut inverse = Matrix::zeros(2 * n, 2 * n);
        for a in 0..n {
            inverse.row_mut(a)[..n].copy_from_slice(rates.row(a));
            inverse[(n + a, n + a)] = -1.0;
        }
        inverse
    }

    fn distribution(&self, a: usize, response: &Response, d_ln_rate: f64, self_consistent: bool) -> RateDistribution {
        let Response { input, delta_mv, mean_hz, mean_square_hz2 } = response;
        let (quantiles_hz, silent_fraction) = self.quantiles_hz(a, input, *delta_mv);
        RateDistribution {
            mean_hz: *mean_hz,
            // `max` would make 0 of what is not a number
            std_hz: if mean_square_hz2.is_nan() {
                f64::NAN
            } else {
                (mean_square_hz2 - mean_hz * mean_hz).max(0.0).sqrt()
            },
            quantiles_hz,
            silent_fraction,
            delta_mv: *delta_mv,
            delta_dln_rate_dmu: if *delta_mv == 0.0 { 0.0 } else { delta_mv * d_ln_rate },
            self_consistent,
        }
    }

    /// The quantiles, and the fraction of neurons below [`SILENT_HZ`].
    fn quantiles_hz(&self, a: usize, input: &Input, delta_mv: f64) -> (Quantiles, f64) {
        let transfer = &self.map.transfers[a];
        let Some(average) = transfer.average() else {
            let at = |z: f64| self.rate_hz(a, input, delta_mv * z);
            let quantiles = Quantiles { q05: at(-Z_05), q25: at(-Z_25), q50: at(0.0), q75: at(Z_25), q95: at(Z_05) };
            return (quantiles, self.silent_fraction(a, input, delta_mv));
        };
        let rates = average.with_input_spread(delta_mv).rates_hz(transfer, input, NEURONS);
        let at = |percent: usize| {
            let place = percent * NEURONS / 100;
            0.5 * (rates[place - 1] + rates[place])
        };
        let quantiles = Quantiles { q05: at(5), q25: at(25), q50: at(50), q75: at(75), q95: at(95) };
        (quantiles, rates.partition_point(|rate| *rate < SILENT_HZ) as f64 / NEURONS as f64)
    }

    /// The fraction of neurons below [`SILENT_HZ`]; the rate rises with `z`.
    fn silent_fraction(&self, a: usize, input: &Input, delta_mv: f64) -> f64 {
        let silent = |z: f64| self.rate_hz(a, input, delta_mv * z) < SILENT_HZ;
        let (mut low, mut high) = (-FARTHEST, FARTHEST);
        if !silent(low) {
            return 0.0;
        }
        if silent(high) {
            return 1.0;
        }
        while high - low > 1e-6 {
            let middle = 0.5 * (low + high);
            if silent(middle) { low = middle } else { high = middle }
        }
        below(0.5 * (low + high))
    }
}

/// The probability that a standard normal deviate lies below `z`.
fn below(z: f64) -> f64 {
    let tail = 0.5 * erfcx(z.abs() * std::f64::consts::FRAC_1_SQRT_2) * (-0.5 * z * z).exp();
    if z < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_probabilities_belong_together() {
        for (z, probability) in [(-Z_05, 0.05), (-Z_25, 0.25), (0.0, 0.5), (Z_25, 0.75), (Z_05, 0.95)] {
            assert!((below(z) - probability).abs() < 1e-15, "{z}: {}", below(z));
        }
    }

    #[test]
    fn the_nodes_integrate_a_lognormal_law_and_its_square() {
        // exp(s z): mean exp(s^2/2), mean square exp(2 s^2)
        let nodes = Nodes::new();
        for s in [0.0, 0.5, 1.0, 2.0] {
            let mean =
                |power: f64| -> f64 { (0..NODES).map(|i| nodes.weight[i] * (power * s * nodes.z[i]).exp()).sum() };
            for power in [1.0, 2.0] {
                let expected = (0.5f64 * (power * s) * (power * s)).exp();
                assert!((mean(power) / expected - 1.0).abs() < 3e-8, "s = {s}, power {power}: {}", mean(power));
            }
        }
    }
}
