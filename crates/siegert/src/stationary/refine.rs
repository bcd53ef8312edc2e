//! States by the law of threshold crossings, from those by the closed forms.
//!
//! The law of crossings (`neuron::coloured`) costs milliseconds, a closed form a microsecond, and they differ by a few per cent. So states are looked for by the closed
//! forms. At a state the law of crossings says by which factor the time from release to spike is longer there ([`Transfer::lengthening`]); with these factors held the
//! state moves a little, and the factors hardly: repeated, this converges by a factor of ten and more a time.
//!
//! Stability and index are those of the closed forms with the factors held: gains that are a few per cent off.
//!
//! [`Transfer::lengthening`]: crate::transfer::Transfer::lengthening

use super::map::RateMap;
use super::newton::{Iterate, Outcome, newton, rates};
use super::search::State;
use super::solve::MOST_ITERATIONS;

/// States that move less than this, in `ln r`, have arrived.
pub(super) const ARRIVED: f64 = 1e-8;

/// Most times that a state moves.
pub(super) const MOST_MOVES: usize = 40;

/// The largest difference; those that are equal, minus infinity too, differ by 0.
pub(super) fn farthest(to: &[f64], from: &[f64]) -> f64 {
    to.iter().zip(from).filter(|(to, from)| to != from).map(|(to, from)| (to - from).abs()).fold(0.0, f64::max)
}

/// The state of the law of crossings near one of the closed forms; `None` where it is lost on the way, or the work is cancelled.
pub(super) fn refined(map: &RateMap, state: &State) -> Option<State> {
    let (mut u, mut iterations) = (state.u.clone(), state.iterations);
    for _ in 0..MOST_MOVES {
        if map.work.is_cancelled() {
            return None;
        }
        let there = map.refined_at(&rates(&u));
        let Outcome::Converged(iterate) = newton(&there, u.clone(), MOST_ITERATIONS) else { return None };
        iterations += iterate.iterations;
        if farthest(&iterate.u, &u) < ARRIVED {
            let iterate = Iterate { iterations, ..iterate };
            return Some(State { multiplicity: state.multiplicity, ..State::new(&there, iterate, state.method) });
        }
        u = iterate.u;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::SynapticFilter;
    use crate::stationary::states;
    use crate::testing::TestNetwork;

    fn two_populations(synapses: [&str; 2]) -> TestNetwork {
        let [excitatory, inhibitory] = synapses;
        TestNetwork::of(&[("E", 800), ("I", 200)])
            .neuron("tau_m", "20 ms")
            .neuron("C_m", "200 pF")
            .neuron("t_ref", "2 ms")
            .exponential_synapse("ampa", 5.0)
            .exponential_synapse("gaba", 10.0)
            .projection(
                "E",
                "E",
                &format!("in_degree = 80\nsynapse = \"{excitatory}\"\nweight = \"{}\"", weight(excitatory, 0.1)),
            )
            .projection(
                "E",
                "I",
                &format!("in_degree = 80\nsynapse = \"{excitatory}\"\nweight = \"{}\"", weight(excitatory, 0.15)),
            )
            .projection(
                "I",
                "E",
                &format!("in_degree = 20\nsynapse = \"{inhibitory}\"\nweight = \"{}\"", weight(inhibitory, -0.5)),
            )
            .drive("E", "kind = \"noise\"\nmean = \"17 mV\"\nstd = \"3 mV\"")
            .drive("I", "kind = \"current\"\nvalue = \"19 mV\"")
    }

    /// A jump of that many mV, by its charge where it takes a while.
    fn weight(synapse: &str, jump_mv: f64) -> String {
        match synapse {
            "ampa" => format!("{} pA", jump_mv * 200.0 / 5.0),
            "gaba" => format!("{} pA", jump_mv * 200.0 / 10.0),
            _ => format!("{jump_mv} mV"),
        }
    }

    #[test]
    fn rates_are_those_of_the_law_of_crossings_at_the_input_that_they_make() {
        let network = two_populations(["ampa", "gaba"]).read();
        let map = RateMap::new(&network, SynapticFilter::Full).unwrap();
        let found = states(&map).unwrap();
        assert!(!found.search.complete && found.lost == 0 && found.states.len() == 1);
        let rates_hz = found.states[0].rates_hz();
        for (a, input) in map.inputs(&rates_hz).iter().enumerate() {
            let full = map.transfers()[a].full(input).unwrap();
            assert!((full.ln_rate_hz - rates_hz[a].ln()).abs() < 1e-7, "{a}: {full:?} {rates_hz:?}");
        }
        let shifted = states(&RateMap::new(&network, SynapticFilter::ThresholdShift).unwrap()).unwrap();
        let apart = (shifted.states[0].rates_hz()[0] / rates_hz[0] - 1.0).abs();
        assert!(apart > 0.01, "the shift would have been enough: {apart}");
    }

    #[test]
    fn without_time_constants_nothing_is_refined() {
        let network = two_populations(["delta", "delta"]).read();
        let at = |filter| states(&RateMap::new(&network, filter).unwrap()).unwrap();
        let (auto, shift) = (at(SynapticFilter::Auto), at(SynapticFilter::ThresholdShift));
        assert!(auto.search.complete);
        assert_eq!(auto.states[0].rates_hz(), shift.states[0].rates_hz());
    }
}
