//! The proof on networks whose states are known, and at its edges.

use super::exhaustive;
use crate::network::{Network, ReadOptions, bundled, parse};
use crate::stationary::newton::rates;
use crate::stationary::{RateMap, states};
use crate::theory::{Theory, TheoryOptions};

fn map(network: &Network) -> RateMap {
    RateMap::new(network, TheoryOptions::default().filter).unwrap()
}

fn bundled_case(name: &str, case: &str) -> Network {
    let options = ReadOptions { case: Some(case.to_string()), ..ReadOptions::default() };
    parse(bundled::find(name).unwrap().text, name, &options).unwrap()
}

/// One population with recurrent weight `weight` mV, in-degree 100, and a drive.
fn one(t_ref_ms: f64, weight_mv: f64, drive: &str) -> Network {
    let text = format!(
        "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
         t_ref = \"{t_ref_ms} ms\"\n[populations]\nA = {{ size = 1000, neuron = \"n\" }}\n[[projections]]\nfrom = \"A\"\n\
         to = \"A\"\nin_degree = 100\nweight = \"{weight_mv} mV\"\n[[drives]]\nto = \"A\"\n{drive}\n"
    );
    parse(&text, "one", &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn noise(mean_mv: f64, std_mv: f64) -> String {
    format!("kind = \"noise\"\nmean = \"{mean_mv} mV\"\nstd = \"{std_mv} mV\"")
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
                let network = one(2.0, weight, &noise(mean, std));
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
    let text = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"19.99 mV\"\n\
                t_ref = \"5 ms\"\n[populations]\nA = { size = 1000, neuron = \"n\" }\n[[projections]]\nfrom = \"A\"\nto = \"A\"\n\
                in_degree = 10\nweight = \"0.6186 mV\"\n";
    let network = parse(text, "reset", &ReadOptions::default()).unwrap();
    let found = states(&map(&network)).unwrap();
    let rates: Vec<f64> = found.states.iter().map(|state| state.rates_hz()[0]).collect();
    assert!(found.search.complete && found.search.index_sum == 1, "{:?} {rates:?}", found.search);
    assert!(rates.len() == 3 && rates[0] == 0.0 && rates[1] > 100.0 && rates[2] > rates[1], "{rates:?}");
}

#[test]
fn a_current_just_above_threshold_keeps_its_state_where_nothing_else_makes_noise() {
    // inputs of B move A by 1e-8 mV, its noise is 1e-4 mV: bounds of the mean that a rate needs decide
    let text = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"5 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"15 mV\"\n\
                t_ref = \"5 ms\"\n[populations]\nA = { size = 1000, neuron = \"n\" }\nB = { size = 1000, neuron = \"n\" }\n\
                [[projections]]\nfrom = \"B\"\nto = \"A\"\nin_degree = 300\nweight = \"2.262 mV\"\n\
                [[projections]]\nfrom = \"A\"\nto = \"B\"\nin_degree = 300\nweight = \"-0.02024 mV\"\n\
                [[drives]]\nto = \"A\"\nkind = \"current\"\nvalue = \"20.0000001 mV\"\n\
                [[drives]]\nto = \"B\"\nkind = \"current\"\nvalue = \"20.0000001 mV\"\n";
    let network = parse(text, "above", &ReadOptions::default()).unwrap();
    let found = exhaustive(&map(&network));
    assert!(found.complete && found.states.len() == 1, "{:?}", found.states);
}

#[test]
fn a_network_without_noise_from_outside_is_silent_or_keeps_itself_going() {
    // driven below threshold by a current; excitation can sustain itself
    let network = one(2.0, 0.6, "kind = \"current\"\nvalue = \"15 mV\"");
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
        for drive in ["kind = \"current\"\nvalue = \"20 mV\"".to_string(), noise(20.0, 0.0)] {
            let found = Theory::new(&one(2.0, weight, &drive), &TheoryOptions::default())
                .and_then(|theory| theory.solution())
                .unwrap();
            assert!(found.search.complete && found.search.index_sum == 1, "{weight} {drive}: {:?}", found.search);
            let states: Vec<_> = found.fixed_points.iter().map(|s| (s.stable, s.saddle, s.index)).collect();
            assert_eq!(states, [(false, false, 0), (true, false, 1)], "{weight} {drive}");
            assert_eq!(found.fixed_points[0].rates_hz(), [0.0]);
            assert!(found.fixed_points[1].rates_hz()[0] > 0.1);
        }
    }
}

#[test]
fn a_pair_at_and_below_threshold_is_silent_for_good_where_the_one_below_answers_too_little() {
    // E at threshold hears only I, which hears only E: p = tau_m (V_th - mu)^2 / (2 s) = (20 - drive)^2/16
    let pair = |drive_mv: f64, weight_mv: f64| {
        let text = format!(
            "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"10 mV\"\n\
             t_ref = \"2 ms\"\n[populations]\nE = {{ size = 1000, neuron = \"n\" }}\nI = {{ size = 1000, neuron = \"n\" }}\n\
             [[projections]]\nfrom = \"E\"\nto = \"I\"\nin_degree = 800\nweight = \"0.1 mV\"\n\
             [[projections]]\nfrom = \"I\"\nto = \"E\"\nin_degree = 200\nweight = \"{weight_mv} mV\"\n\
             [[drives]]\nto = \"E\"\nkind = \"current\"\nvalue = \"20 mV\"\n\
             [[drives]]\nto = \"I\"\nkind = \"current\"\nvalue = \"{drive_mv} mV\"\n"
        );
        parse(&text, "pair", &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"))
    };
    for weight_mv in [-0.5, 0.5] {
        for (drive_mv, indices) in [(15.0, vec![1, -1, 1]), (18.0, vec![0, 1]), (10.0, vec![1, -1, 1])] {
            let found = Theory::new(&pair(drive_mv, weight_mv), &TheoryOptions::default())
                .and_then(|theory| theory.solution())
                .unwrap();
            assert!(found.search.complete && found.search.index_sum == 1, "{drive_mv}: {:?}", found.search);
            let of_states: Vec<i8> = found.fixed_points.iter().map(|state| state.index).collect();
            assert_eq!(of_states, indices, "{weight_mv} mV, {drive_mv} mV");
        }
    }
}

#[test]
fn without_refractory_time_states_up_to_a_megahertz_are_found() {
    let found = Theory::new(&one(0.0, 0.01, &noise(25.0, 2.0)), &TheoryOptions::default())
        .and_then(|theory| theory.solution())
        .unwrap();
    assert!(found.search.complete && found.fixed_points.len() == 1, "{:?}", found.search);
    let runs_away =
        Theory::new(&one(0.0, 5.0, &noise(25.0, 2.0)), &TheoryOptions::default()).and_then(|theory| theory.solution());
    assert!(runs_away.is_err(), "{runs_away:?}");
}

#[test]
fn three_populations_are_settled_with_all_their_states() {
    let found = exhaustive(&map(&bundled_case("working_memory_lif", "w_plus=2")));
    assert!(found.complete && found.states.len() == 3, "{} parts, {} states", found.parts, found.states.len());
}

#[test]
fn states_that_meet_in_a_fold_are_found_or_the_list_is_not_called_complete() {
    // eta at which two states of Brunel's network meet, bracketed to the last digits
    let count = |eta: f64| {
        let overrides = vec![("g".to_string(), "3".to_string()), ("eta".to_string(), format!("{eta:?}"))];
        let options = ReadOptions { overrides, ..ReadOptions::default() };
        let network = parse(bundled::find("brunel2000").unwrap().text, "brunel2000", &options).unwrap();
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
