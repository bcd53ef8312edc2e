//! Noise that comes of hearing a source more than once.
//!
//! A source that is heard `n_s` times through projection `s` brings jumps of `sum n_s J_s`, not single ones:
//!
//! ```text
//! sigma^2 = tau_m sum_b r_b sum_j <(sum_s n_s J_s)^2>
//!         = diffusion + tau_m sum_b r_b { sum_s <n_s (n_s - 1)> <J_s>^2 + sum_(s != t) <n_s n_t> <J_s> <J_t> exp(-|d_s - d_t|/tau_m) }
//! ```
//!
//! with sums over the sources `j` of population `b`, and over the projections from it:
//!
//! | rule | `sum_j <n (n - 1)>` |
//! | --- | --- |
//! | fixed in-degree `K` | `K (K - 1)/N` |
//! | fixed total over `T` targets | `K (K - 1/T)/N` |
//! | pairwise probability, or no multapses | 0 |
//!
//! and `sum_j <n_s n_t> = K_s K_t/N` for two projections of any rule, since they are drawn independently. So one connection that is written as
//! several makes the same noise: `K_1 (K_1 - 1) + K_2 (K_2 - 1) + 2 K_1 K_2 = K (K - 1)`. Projections of opposite sign from one population
//! take noise away. Jumps of two projections with different delays arrive apart; the exponential is the correlation that is left in the
//! free membrane potential.
//!
//! Diffusion moments take all inputs for independent trains and leave this out. At `K/N` of a tenth it is a tenth of the noise of the network.
//!
//! Source: the second moments of multinomial counts; Campbell's theorem for the two delays.
//! Range: laws of delays count with their means, filtered synapses as jumps of their charge.
//! Accuracy: a few roundings; against connections drawn at random within the sampling error (`tests/trust.rs`), against simulated networks in
//! `tests/comparison.rs`.

use std::collections::BTreeMap;

use crate::network::{Law, Network};

use super::sums::{Linear, S_PER_MS};
use super::{Source, Stream, Streams};

/// Over what time jumps of one source count as together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoincidenceWindow {
    /// The memory of the membrane: delays that differ by much less are as good as equal.
    MembraneMemory,
    /// A single step: only equal delays make one jump.
    SingleStep,
}

/// What multapses add to `sigma^2` of every population, linear in the rates, in mV^2.
///
/// With a law of delays the jumps of a source that is heard again arrive within its width, which is the same for a membrane that is slower,
/// but not for what is measured in single steps.
pub fn multapse_variance(network: &Network, streams: &Streams, window: CoincidenceWindow) -> Linear {
    let mut connections: BTreeMap<(usize, usize), Vec<&Stream>> = BTreeMap::new();
    for stream in &streams.streams {
        let spread = !matches!(stream.delay_ms, None | Some(Law::Constant { .. }));
        if let Source::Population(b) = stream.source
            && !(spread && window == CoincidenceWindow::SingleStep)
        {
            connections.entry((stream.target, b)).or_default().push(stream);
        }
    }
    let mut sum = Linear::zeros(network.populations.len());
    for ((a, b), streams) in connections {
        // shorter than the neuron's where conductances count as currents
        let tau_m_ms = streams.first().map_or(network.populations[a].neuron.tau_m_ms, |stream| stream.tau_m_ms);
        let again: f64 = streams.iter().map(|stream| stream.repeated_pairs * stream.jump_moments()[0].powi(2)).sum();
        let left = |apart_ms: f64| match window {
            CoincidenceWindow::MembraneMemory => (-apart_ms / tau_m_ms).exp(),
            CoincidenceWindow::SingleStep => f64::from(u8::from(apart_ms == 0.0)),
        };
        sum.per_hz[(a, b)] = tau_m_ms * S_PER_MS * (again + between_projections(&streams, left));
    }
    sum
}

/// `sum_(s != t) <n_s n_t> <J_s> <J_t>` of the projections of one connection, each pair times what `left` leaves of it at the difference of
/// their delays; a product for differences that add up.
fn between_projections(streams: &[&Stream], left: impl Fn(f64) -> f64) -> f64 {
    let delay_ms = |stream: &Stream| stream.delay_ms.map_or(0.0, |law| law.moments()[0]);
    let mut jumps: Vec<(f64, f64)> =
        streams.iter().map(|stream| (delay_ms(stream), stream.in_degree.mean * stream.jump_moments()[0])).collect();
    jumps.sort_by(|p, q| p.0.total_cmp(&q.0));
    let candidates = streams.iter().fold(0.0, |most: f64, stream| most.max(stream.candidates));
    // of the earlier ones, what is left when the next arrives
    let (mut earlier, mut at, mut sum) = (0.0, f64::NEG_INFINITY, 0.0);
    for (delay, jump) in jumps {
        earlier *= if at.is_finite() { left(delay - at) } else { 0.0 };
        sum += 2.0 * earlier * jump;
        earlier += jump;
        at = delay;
    }
    if candidates > 0.0 { sum / candidates } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Sums;
    use crate::testing::{TestNetwork, open};

    fn share(name: &str, multapses: bool) -> f64 {
        let mut network = open(name, None, &[]);
        network.projections.iter_mut().for_each(|projection| projection.multapses = multapses);
        let streams = Streams::new(&network).unwrap();
        let rates = vec![10.0; network.populations.len()];
        let again = multapse_variance(&network, &streams, CoincidenceWindow::MembraneMemory).at(0, &rates, 1.0);
        again / (Sums::new(&streams, &[]).variance().per_hz.times(&rates))[0]
    }

    #[test]
    fn a_tenth_of_the_sources_heard_with_repetition_adds_a_tenth_to_the_noise_of_the_network() {
        let share_of_brunel = share("brunel2000", true);
        assert!((share_of_brunel - 0.0997).abs() < 1e-4, "{share_of_brunel}");
        assert_eq!(share("brunel2000", false), 0.0);
    }

    /// What the projections in `lines` add to `sigma^2` of 50 neurons that hear 100, in mV^2 at 1 Hz over `tau_m` in s.
    fn added(projections: &[&str], window: CoincidenceWindow) -> f64 {
        let neurons = TestNetwork::of(&[("A", 100), ("B", 50)])
            .neuron("tau_m", "10 ms")
            .neuron("C_m", "250 pF")
            .exponential_synapse("s", 0.5);
        let joined =
            projections.iter().fold(neurons, |all, lines| all.projection("A", "B", &lines.replace("; ", "\n")));
        let network = joined.read();
        let streams = Streams::new(&network).unwrap();
        multapse_variance(&network, &streams, window).per_hz[(1, 0)] / 0.01
    }

    fn is(projections: &[&str], expected: f64) {
        let found = added(projections, CoincidenceWindow::MembraneMemory);
        assert!((found - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{projections:?}: {found}, not {expected}");
    }

    #[test]
    fn the_rules_repeat_sources_as_their_moments_say() {
        let delay = "delay = \"1 ms\"; weight = \"1 mV\"";
        is(&[&format!("in_degree = 40; {delay}")], 40.0 * 39.0 / 100.0);
        is(&[&format!("in_degree = 40; multapses = false; {delay}")], 0.0);
        is(&[&format!("probability = 0.4; {delay}")], 0.0);
        is(&[&format!("total = 2000; {delay}")], 2000.0 * 1999.0 / (100.0 * 50.0 * 50.0));
    }

    #[test]
    fn projections_from_one_population_meet_in_its_neurons() {
        let of =
            |rule: &str, weight: f64, delay: f64| format!("{rule}; weight = \"{weight} mV\"; delay = \"{delay} ms\"");
        let whole = 40.0 * 39.0 / 100.0;
        is(&[&of("in_degree = 10", 1.0, 1.0), &of("in_degree = 30", 1.0, 1.0)], whole);
        is(&[&of("in_degree = 10", 1.0, 1.0), &of("in_degree = 20", 1.0, 1.0), &of("in_degree = 10", 1.0, 1.0)], whole);
        // K_1 K_2 J_1 J_2/N, twice, for rules that repeat no source
        let (once, pairwise) = (of("in_degree = 40\nmultapses = false", 1.0, 1.0), of("probability = 0.2", -0.5, 1.0));
        is(&[&once, &pairwise], -2.0 * 40.0 * 20.0 * 0.5 / 100.0);
        // every source heard with 1 mV and with -1 mV: all noise is taken away
        let (all, minus) = (of("probability = 1", 1.0, 1.0), of("probability = 1", -1.0, 1.0));
        is(&[&all, &minus], -200.0);
    }

    #[test]
    fn jumps_that_arrive_apart_are_together_as_far_as_the_membrane_remembers() {
        let of = |delay: f64| format!("probability = 0.4; weight = \"1 mV\"; delay = \"{delay} ms\"");
        let (early, late, latest) = (of(1.0), of(3.0), of(6.0));
        let pair = 2.0 * 40.0 * 40.0 / 100.0;
        is(&[&late, &early], pair * (-0.2f64).exp());
        let three = (-0.2f64).exp() + (-0.3f64).exp() + (-0.5f64).exp();
        is(&[&late, &latest, &early], pair * three);
        assert_eq!(added(&[&late, &early], CoincidenceWindow::SingleStep), 0.0);
        assert!((added(&[&late, &early, &late], CoincidenceWindow::SingleStep) - pair).abs() < 1e-12);
        let spread = "probability = 0.4; weight = \"1 mV\"; delay = { mean = \"3 ms\", std = \"1 ms\" }";
        is(&[&late, spread], pair);
        assert_eq!(added(&[&late, spread], CoincidenceWindow::SingleStep), 0.0);
    }

    #[test]
    fn a_filtered_projection_counts_with_the_jump_of_its_charge() {
        let current = "probability = 0.4; weight = \"500 pA\"; delay = \"1 ms\"; synapse = \"s\"";
        is(&[current, "probability = 0.4; weight = \"0.5 mV\"; delay = \"1 ms\""], 2.0 * 16.0 * 0.5);
    }
}
