//! Mean and standard deviation of the potential in filtered noise: exact relations to the rate and to the currents at a spike.
//!
//! ```text
//! <y_k>   = -r <y_k>_s tau_k (1 - d_k)                                                    d_k = e^(-t_ref/tau_k)
//! <x>     = sum_k <y_k> - r tau_m (X - X_r)
//! <y y_k> = S_jk - what refractory neurons have of it
//! <x y_k> = [ sum_j <y_j y_k>/tau_m - r (X - X_r d_k) <y_k>_s ] / (1/tau_m + 1/tau_k)
//! <x^2>   = sum_k <x y_k> + (sigma_w^2/2) (1 - r t_ref) - (r tau_m/2) (X^2 - X_r^2)
//! ```
//!
//! Averages `< >` are over the neurons that are not refractory and add up to `1 - r t_ref`, `< >_s` over spikes; `x = V - mu`, `X` and `X_r` are threshold and reset on
//! that axis, `S` the covariances of the currents, `sigma_w` white noise beside them. Each says that a moment does not change in the stationary state: what the
//! dynamics gives to it, spikes and releases take. Refractory neurons count at the reset.

use super::crossings::{Bounds, Law};
use super::free::{Each, FreeMembrane, MOST, Pairs};
use crate::neuron::lif::MembranePotential;

/// The potential of neurons that fire `rate` times in a ms; the first `currents` components are currents, and not stand-ins for white noise.
pub(super) fn potential(
    free: &FreeMembrane,
    bounds: &Bounds,
    law: &Law,
    rate: f64,
    currents: usize,
    white_variance_mv2: f64,
    mean_mv: f64,
) -> MembranePotential {
    let Bounds { threshold, reset, t_ref } = *bounds;
    let left = free.decay(t_ref);
    let is_current = |k: usize| k < currents;
    let free_part = 1.0 - rate * t_ref;
    let mean_current: f64 = (0..currents).map(|k| -rate * law.currents[k] * free.tau[k] * (1.0 - left[k])).sum();
    let x = mean_current - rate * free.tau_m * (threshold - reset);
    // of each pair: the refractory neurons have what was left of a spike's and what came anew
    let products: Pairs = std::array::from_fn(|j| {
        std::array::from_fn(|k| {
            if !(is_current(j) && is_current(k)) {
                return 0.0;
            }
            let decay = 1.0 / free.tau[j] + 1.0 / free.tau[k];
            let forgotten = -(-decay * t_ref).exp_m1() / decay;
            let refractory = law.products[j][k] * forgotten + free.currents[j][k] * (t_ref - forgotten);
            free.currents[j][k] - rate * refractory
        })
    });
    let with_potential: Each = std::array::from_fn(|k| {
        if k >= MOST || !is_current(k) {
            return 0.0;
        }
        let given = products.iter().map(|row| row[k]).sum::<f64>() / free.tau_m;
        let taken = rate * (threshold - reset * left[k]) * law.currents[k];
        (given - taken) / (1.0 / free.tau_m + 1.0 / free.tau[k])
    });
    let square = with_potential.iter().sum::<f64>() + 0.5 * white_variance_mv2 * free_part
        - 0.5 * rate * free.tau_m * (threshold * threshold - reset * reset);
    // refractory neurons at the reset
    let first = x + rate * t_ref * reset;
    let second = square + rate * t_ref * reset * reset;
    MembranePotential { mean_mv: mean_mv + first, std_mv: (second - first * first).max(0.0).sqrt() }
}
