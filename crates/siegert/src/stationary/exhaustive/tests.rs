//! The proof on networks whose states are known, and at its edges.

use super::exhaustive;
use crate::network::Network;
use crate::stationary::newton::rates;
use crate::stationary::{RateMap, states};
use crate::testing::{self, TestNetwork, solution};
use crate::theory::TheoryOptions;

fn map(network: &Network) -> RateMap {
    RateMap::new(network, TheoryOptions::default().filter).unwrap()
}

/// One population with recurrent weight `weight` mV, in-degree 100, without its drive.
fn undriven(t_ref_ms: f64, weight_mv: f64) -> TestNetwork {
    TestNetwork::one_population(1000)
        .neuron("t_ref", &format!("{t_ref_ms} ms"))
        .fixed_in_degree("A", "A", 100, weight_mv)
}

/// The same in white noise.
fn one(t_ref_ms: f64, weight_mv: f64, (mean_mv, std_mv): (f64, f64)) -> Network {
    undriven(t_ref_ms, weight_mv).noise("A", mean_mv, std_mv).read()
}

/// Sign changes of `f(r) - r` on a fine grid.
fn sign_changes(map: &RateMap) -> usize {
    let excess = |i: i32| {
        let rate =
            if i < 4000 { 10f64.powf(-300.0 + f64::from(i) * 0.0755) } else { 499.9 * (1.0 - 0.9_f64.powi(i - 4000)) };
        let input = map.inputs(&[rate])[0];
        map.ln_output_hz(0, &input) > rate.ln()
    };
    let signs: Vec<bool> = (0..4000).map(excess).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

#[test]
fn one_population_has_the_states_that_a_fine_grid_shows() {
    for weight in [-3.0, -0.5, 0.05, 0.2, 0.5, 1.0, 4.0] {
        for mean in [-20.0, 5.0, 14.0, 19.0, 24.0, 60.0] {
            for std in [0.5, 3.0, 12.0] {
                let network = one(2.0, weight, (mean, std));
                let found = exhaustive(&map(&network));
                assert!(found.complete, "weight {weight}, drive {mean}, {std}");
                let below: usize = found.states.iter().filter(|state| rates(&state.u)[0] < 90.0).count();
                let expected = sign_changes(&map(&network));
                assert!(below >= expected.saturating_sub(1) && expected <= found.states.len(), "{weight} {mean} {std}");
                assert_eq!(found.states.len() % 2, 1, "{weight} {mean} {std}: {:?}", found.states);
            }
        }
    }
}

#[test]
fn states_above_half_of_saturation_are_found_where_the_reset_is_next_to_threshold() {
    // saddle and upper state both above 100 Hz = 0.5/t_ref; the threshold state is silent
    let network = TestNetwork::one_population(1000)
        .neuron("V_reset", "19.99 mV")
        .neuron("t_ref", "5 ms")
        .fixed_in_degree("A", "A", 10, 0.6186)
        .read();
    let found = states(&map(&network)).unwrap();
    let rates: Vec<f64> = found.states.iter().map(|state| state.rates_hz()[0]).collect();
    assert!(found.search.complete && found.search.index_sum == 1, "{:?} {rates:?}", found.search);
    assert!(rates.len() == 3 && rates[0] == 0.0 && rates[1] > 100.0 && rates[2] > rates[1], "{rates:?}");
}

#[test]
fn a_current_just_above_threshold_keeps_its_state_where_nothing_else_makes_noise() {
    // inputs of B move A by 1e-8 mV, its noise is 1e-4 mV: bounds of the mean that a rate needs decide
    let network = TestNetwork::of(&[("A", 1000), ("B", 1000)])
        .neuron("tau_m", "5 ms")
        .neuron("V_reset", "15 mV")
        .neuron("t_ref", "5 ms")
        .fixed_in_degree("B", "A", 300, 2.262)
        .fixed_in_degree("A", "B", 300, -0.02024)
        .current("A", 20.0000001)
        .current("B", 20.0000001)
        .read();
    let found = exhaustive(&map(&network));
    assert!(found.complete && found.states.len() == 1, "{:?}", found.states);
}

#[test]
fn a_network_without_noise_from_outside_is_silent_or_keeps_itself_going() {
    // driven below threshold by a current; excitation can sustain itself
    let network = undriven(2.0, 0.6).current("A", 15.0).read();
    let found = states(&map(&network)).unwrap();
    assert!(found.search.complete, "{:?}", found.search);
    let rates: Vec<f64> = found.states.iter().map(|state| state.rates_hz()[0]).collect();
    assert_eq!(rates[0], 0.0, "{rates:?}");
    assert_eq!(rates.len(), 3, "{rates:?}");
    assert!(rates[1] > 0.1 && rates[2] > 100.0, "{rates:?}");
    assert_eq!(found.states.iter().map(|state| state.index).collect::<Vec<_>>(), [1, -1, 1]);
}

#[test]
fn silence_at_threshold_without_noise_is_a_state_that_the_least_spike_ends() {
    // excitation, then inhibition among them; a noise of 0 mV is none
    for weight in [0.6, -0.6] {
        let undriven = undriven(2.0, weight);
        for driven in [undriven.clone().current("A", 20.0), undriven.noise("A", 20.0, 0.0)] {
            let found = solution(&driven.read());
            assert!(found.search.complete && found.search.index_sum == 1, "{weight} {driven:?}: {:?}", found.search);
            let states: Vec<_> = found.fixed_points.iter().map(|s| (s.stable, s.saddle, s.index)).collect();
            assert_eq!(states, [(false, false, 0), (true, false, 1)], "{weight} {driven:?}");
            assert_eq!(found.fixed_points[0].rates_hz(), [0.0]);
            assert!(found.fixed_points[1].rates_hz()[0] > 0.1);
        }
    }
}

#[test]
fn a_pair_at_and_below_threshold_is_silent_for_good_where_the_one_below_answers_too_little() {
    // E at threshold hears only I, which hears only E: p = tau_m (V_th - mu)^2 / (2 s) = (20 - drive)^2/16
    let pair = |drive_mv: f64, weight_mv: f64| {
        TestNetwork::two_populations([1000, 1000])
            .fixed_in_degree("E", "I", 800, 0.1)
            .fixed_in_degree("I", "E", 200, weight_mv)
            .current("E", 20.0)
            .current("I", drive_mv)
            .read()
    };
    for weight_mv in [-0.5, 0.5] {
        for (drive_mv, indices) in [(15.0, vec![1, -1, 1]), (18.0, vec![0, 1]), (10.0, vec![1, -1, 1])] {
            let found = solution(&pair(drive_mv, weight_mv));
            assert!(found.search.complete && found.search.index_sum == 1, "{drive_mv}: {:?}", found.search);
            let of_states: Vec<i8> = found.fixed_points.iter().map(|state| state.index).collect();
            assert_eq!(of_states, indices, "{weight_mv} mV, {drive_mv} mV");
        }
    }
}

#[test]
fn without_refractory_time_states_up_to_a_megahertz_are_found() {
    let found = solution(&one(0.0, 0.01, (25.0, 2.0)));
    assert!(found.search.complete && found.fixed_points.len() == 1, "{:?}", found.search);
    let network = one(0.0, 5.0, (25.0, 2.0));
    let runs_away = testing::theory(&network).solution();
    assert!(runs_away.is_err(), "{runs_away:?}");
}

#[test]
fn three_populations_are_settled_with_all_their_states() {
    let found = exhaustive(&map(&testing::open("working_memory_lif", Some("w_plus=2"), &[])));
    assert!(found.complete && found.states.len() == 3, "{} parts, {} states", found.parts, found.states.len());
}

#[test]
fn states_that_meet_in_a_fold_are_found_or_the_list_is_not_called_complete() {
    // eta at which two states of Brunel's network meet, bracketed to the last digits
    let count = |eta: f64| {
        let network = testing::brunel(&[("g", "3"), ("eta", &format!("{eta:?}"))]);
        let found = states(&map(&network)).unwrap();
        (found.states.len(), found.search.complete)
    };
    let (mut three, mut one) = (0.7, 1.2);
    assert_eq!((count(three).0, count(one).0), (3, 1));
    for _ in 0..60 {
        let middle = 0.5 * (three + one);
        if middle == three || middle == one {
            break;
        }
        match count(middle) {
            (1, _) => one = middle,
            _ => three = middle,
        }
    }
    for eta in [three, one, three - 1e-13, one + 1e-13, three - 1e-9, one + 1e-9] {
        let (states, complete) = count(eta);
        assert!(!complete || states == 1 || states == 3, "eta = {eta}: {states} states called complete");
    }
    assert!(count(three - 1e-6) == (3, true) && count(one + 1e-6) == (1, true));
}
