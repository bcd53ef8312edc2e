//! States at finite `K` beside the balanced limit: what excites, what inhibits, what is left, and how far the limit is.

use serde::{Deserialize, Serialize};

use super::{BalancedLimit, largest_in_degree};
use crate::input::{Linear, Streams};
use crate::network::Network;
use crate::stationary::{RateMap, SolveError, Stability, State};

/// Rates below this count as silence in a regime's name.
const SILENT_HZ: f64 = 1e-3;
/// Rates above this part of `1/t_ref` count as saturated.
const SATURATED: f64 = 0.9;
/// An exponent this far from the expected one is a departure (sizes and in-degrees may be rounded).
const EXPONENT_TOLERANCE: f64 = 0.01;
/// What the drives add (mV, mV^2) is rounding if it is this small.
const NEGLIGIBLE: f64 = 1e-12;

/// A stationary state beside the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BalanceState {
    /// Whether it is stable under the rate dynamics.
    pub stable: bool,
    /// Whether it is a saddle: then the spiking network leaves it, too.
    pub saddle: bool,
    /// What the rate dynamics says of it.
    pub stability: Stability,
    /// What kind of state it is.
    pub regime: Regime,
    /// One entry a population.
    pub populations: Vec<BalancePopulation>,
}

/// A state's kind, by its rates alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// No population has 0.001 Hz.
    Quiescent,
    /// Some populations have less than 0.001 Hz, others more.
    PartlySilent,
    /// All populations fire, none near saturation.
    Active,
    /// A population has more than 90 % of `1/t_ref`.
    Saturated,
}

impl Regime {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Regime::Quiescent => "quiescent",
            Regime::PartlySilent => "partly silent",
            Regime::Active => "active",
            Regime::Saturated => "saturated",
        }
    }
}

/// One population of such a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BalancePopulation {
    /// Its name.
    pub name: String,
    /// Its rate.
    pub rate_hz: f64,
    /// Decadic logarithm of the rate, finite where the rate underflows.
    pub log10_rate_hz: Option<f64>,
    /// What all excitation adds to the mean, drives included; currents count with the sign of their sum.
    pub excitatory_mean_mv: f64,
    /// What all inhibition adds to the mean: negative.
    pub inhibitory_mean_mv: f64,
    /// `mu = E_L + excitation + inhibition`, on the axis of `V_th`.
    pub mean_input_mv: f64,
    /// `sigma`.
    pub std_input_mv: f64,
    /// Rate minus [`BalancedLimit::limit_rates_hz`], that is the balanced limit or else the only alternative that is no saddle.
    pub distance_to_limit_hz: Option<f64>,
    /// Rate minus `limit + c / sqrt(K)`; `None` if the balanced limit is not [`BalancedLimit::is_reached`].
    pub distance_to_first_order_hz: Option<f64>,
}

/// A state of the network beside the limit; `map` belongs to `network`, `state` to `map`.
pub fn beside_the_limit(network: &Network, map: &RateMap, state: &State, limit: &BalancedLimit) -> BalanceState {
    let rates = state.rates_hz();
    let means = signed_means(network, &map.streams, &rates);
    let inputs = map.inputs(&rates);
    let limit_rates = limit.limit_rates_hz();
    let first_order = limit.first_order_rates_hz(largest_in_degree(network));
    let populations = network.populations.iter().enumerate().map(|(a, population)| BalancePopulation {
        name: population.name.clone(),
        rate_hz: rates[a],
        log10_rate_hz: Some(state.log10_rate_hz(a)).filter(|log10| log10.is_finite()),
        excitatory_mean_mv: means[a].0,
        inhibitory_mean_mv: means[a].1,
        mean_input_mv: inputs[a].mean_mv,
        std_input_mv: inputs[a].std_mv,
        distance_to_limit_hz: limit_rates.as_ref().map(|limit| rates[a] - limit[a]),
        distance_to_first_order_hz: first_order
            .as_ref()
            .filter(|_| limit.is_reached())
            .map(|first| rates[a] - first[a]),
    });
    BalanceState {
        stable: state.stable,
        saddle: state.saddle(),
        stability: state.stability(map),
        regime: regime(network, &rates),
        populations: populations.collect(),
    }
}

/// What excites and what inhibits each population, in mV.
fn signed_means(network: &Network, streams: &Streams, rates_hz: &[f64]) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); network.populations.len()];
    let mut add = |a: usize, mean_mv: f64| {
        let (excitation, inhibition) = &mut sums[a];
        *if mean_mv > 0.0 { excitation } else { inhibition } += mean_mv;
    };
    for (a, steady) in streams.steady.iter().enumerate() {
        add(a, steady.mean_mv - network.populations[a].neuron.E_L_mv);
    }
    for stream in &streams.streams {
        add(stream.target, stream.jump_sum_per_hz(1) * stream.sent_hz(rates_hz));
    }
    sums
}

fn regime(network: &Network, rates_hz: &[f64]) -> Regime {
    let saturated = |(rate, population): (&f64, &crate::network::Population)| {
        rate * population.neuron.t_ref_ms / 1000.0 > SATURATED
    };
    let silent = rates_hz.iter().filter(|rate| **rate < SILENT_HZ).count();
    if rates_hz.iter().zip(&network.populations).any(saturated) {
        Regime::Saturated
    } else if silent == rates_hz.len() {
        Regime::Quiescent
    } else if silent > 0 {
        Regime::PartlySilent
    } else {
        Regime::Active
    }
}

/// A network at one value of the parameter that is to play the part of `K`.
#[derive(Clone, Copy, Debug)]
pub struct AtValue<'a> {
    /// The network.
    pub network: &'a Network,
    /// The value.
    pub value: f64,
}

/// Parts of the input that do not scale with a parameter as in a balanced limit: means as its root, variances not at all.
///
/// Each is a sentence with the exponent found between two values of the parameter, which must be positive and differ.
///
/// # Errors
///
/// Models that are not computed yet.
pub fn departures_from_scaling(name: &str, two: [AtValue<'_>; 2]) -> Result<Vec<String>, SolveError> {
    let input = |at: &AtValue<'_>| -> Result<[Linear; 2], SolveError> {
        let map = RateMap::new(at.network, crate::neuron::lif::SynapticFilter::Ignore)?;
        let [mut mean, variance] = [map.sums.mean().clone(), map.sums.variance().clone()];
        let rests = at.network.populations.iter().map(|population| population.neuron.E_L_mv);
        mean.constant.iter_mut().zip(rests).for_each(|(constant, rest)| *constant -= rest);
        Ok([mean, variance])
    };
    let ([mean_before, variance_before], [mean_after, variance_after]) = (input(&two[0])?, input(&two[1])?);
    let ln_ratio = (two[1].value / two[0].value).ln();
    let names: Vec<&str> = two[1].network.populations.iter().map(|population| population.name.as_str()).collect();
    let mut departures = Vec::new();
    for (what, before, after, expected) in
        [("mean", &mean_before, &mean_after, 0.5), ("variance", &variance_before, &variance_after, 0.0)]
    {
        for (a, source, x, y) in entries(before, after) {
            let exponent = (y / x).abs().ln() / ln_ratio;
            if (exponent - expected).abs() > EXPONENT_TOLERANCE || exponent.is_nan() {
                let from = source.map_or("the drives", |b| names[b]);
                let target = names[a];
                departures.push(format!(
                    "The {what} of the input of {target} from {from} goes as {name}^{exponent:.2}, not {expected}."
                ));
            }
        }
    }
    Ok(departures)
}

/// Target, source (`None`: outside) and the two values of every part of an input that is not negligible.
fn entries(before: &Linear, after: &Linear) -> Vec<(usize, Option<usize>, f64, f64)> {
    let mut entries = Vec::new();
    for a in 0..before.constant.len() {
        let (x, y) = (before.per_hz.row(a), after.per_hz.row(a));
        entries.extend((0..x.len()).map(|b| (a, Some(b), x[b], y[b])).filter(|(.., x, y)| *x != 0.0 || *y != 0.0));
        let (x, y) = (before.constant[a], after.constant[a]);
        if x.abs().max(y.abs()) > NEGLIGIBLE {
            entries.push((a, None, x, y));
        }
    }
    entries
}
