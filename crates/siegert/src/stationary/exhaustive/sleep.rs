//! Populations that can be silent for want of noise, and rates that they cannot have.
//!
//! A population whose only noise is that of the network, and whose input without it does not exceed threshold, is silent
//! if all that feed it are: rate exactly 0. The populations that can be silent together are the closed sets within those of
//! `solve::silent`. Apart from that exact zero there is a gap. With all rates of a closed set at most `r`,
//!
//! ```text
//! mu <= mu_0 + A r,   sigma^2 <= B r,   f <= 1000 exp(-y^2)/(sqrt(pi) tau_m (b - a)),   y = (a + b)/2,
//! b = (V_th - mu)/sigma,   a = max((V_reset - mu)/sigma, 0)
//! ```
//!
//! (`int_a^b exp(u^2) du >= (b - a) exp(y^2)`, Jensen, and `erfcx(-u) >= exp(u^2)`). If that bound is below `r`, and `y^2 > 1/2`,
//! it is below the largest rate of the set for every smaller one, since bound over rate then falls with the rate: the set
//! has no state with rates in `(0, r]`. A synaptic time constant lowers `f` further.

use crate::neuron::lif::MS_PER_S;
use crate::stationary::map::RateMap;
use crate::stationary::solve::silent;

/// Rates that are tried, from here down.
const LARGEST_GAP_HZ: f64 = 1.0;
const GAP_FACTOR: f64 = 0.25;
const MOST_TRIALS: usize = 40;

/// The sets of populations that can be silent together; the first is empty, the last all that can.
///
/// Exponential in the number of such populations: for few.
pub(super) fn silent_sets(map: &RateMap) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..map.len()).zip(silent(map)).filter(|(_, silent)| *silent).map(|(a, _)| a).collect();
    let subset = |bits: usize| all.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, &a)| a).collect();
    (0..1usize << all.len()).map(subset).filter(|set: &Vec<usize>| is_closed(map, set)).collect()
}

/// Whether a set hears none but itself.
fn is_closed(map: &RateMap, set: &[usize]) -> bool {
    let hears = |a: usize, b: usize| map.input.variance.per_hz[(a, b)] > 0.0;
    set.iter().all(|&a| (0..map.len()).all(|b| set.contains(&b) || !hears(a, b)))
}

/// A rate up to which a closed set has no state but silence; `None` if none can be shown.
pub(super) fn gap_hz(map: &RateMap, set: &[usize]) -> Option<f64> {
    let mut rate = LARGEST_GAP_HZ;
    for _ in 0..MOST_TRIALS {
        if set.iter().all(|&a| stays_below(map, set, a, rate)) {
            return Some(rate);
        }
        rate *= GAP_FACTOR;
    }
    None
}

fn stays_below(map: &RateMap, set: &[usize], a: usize, rate: f64) -> bool {
    let p = map.neurons[a].parameters();
    let excitation: f64 = set.iter().map(|&b| map.input.mean.per_hz[(a, b)].max(0.0)).sum();
    let noise: f64 = set.iter().map(|&b| map.input.variance.per_hz[(a, b)]).sum();
    let (mean, sigma) = (map.input.mean.constant[a] + excitation * rate, (noise * rate).sqrt());
    if sigma == 0.0 {
        return mean <= p.V_th_mv;
    }
    let (high, low) = ((p.V_th_mv - mean) / sigma, ((p.V_reset_mv - mean) / sigma).max(0.0));
    let middle = 0.5 * (high + low);
    let bound = MS_PER_S * (-middle * middle).exp() / (std::f64::consts::PI.sqrt() * p.tau_m_ms * (high - low));
    high > 0.0 && middle * middle > 0.5 && bound < 0.5 * rate
}
