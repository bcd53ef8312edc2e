//! The balanced limit against states at finite `K`, hand-made systems, and networks where it does not exist.

use super::*;
use crate::network::{ReadOptions, bundled, parse};
use crate::neuron::lif::SynapticFilter;
use crate::testing::{self, solution, theory};
use crate::theory::{FixedPoint, Theory, TheoryOptions};

fn bundled_network(name: &str, set: &[(&str, &str)]) -> Network {
    testing::open(name, None, set)
}

fn limit(network: &Network) -> BalancedLimit {
    theory(network).balanced_limit()
}

fn rates(state: &FixedPoint) -> Vec<f64> {
    state.rates_hz()
}

fn holds(limit: &BalancedLimit, kind: ConditionKind) -> Option<bool> {
    limit.conditions.iter().find(|condition| condition.condition == kind).map(|condition| condition.holds)
}

/// The largest distance of the only state at `K` from the first order.
fn distance(network: &Network, limit: &BalancedLimit, options: &TheoryOptions) -> f64 {
    let states = Theory::new(network, options).and_then(|theory| theory.solution()).unwrap().fixed_points;
    assert_eq!(states.len(), 1);
    let first = limit.first_order_rates_hz(largest_in_degree(network)).unwrap();
    rates(&states[0]).iter().zip(first).map(|(rate, first)| (rate - first).abs()).fold(0.0, f64::max)
}

#[test]
fn states_approach_the_limit_with_its_correction_as_one_over_the_in_degree_up_to_ten_billion() {
    let limit = limit(&bundled_network("balanced_ei", &[]));
    assert!(limit.exists, "{:?}", limit.conditions);
    let at = |K: &str| distance(&bundled_network("balanced_ei", &[("K", K)]), &limit, &TheoryOptions::default());
    let distances = ["1e6", "1e8", "1e10"].map(at);
    for pair in distances.windows(2) {
        assert!((pair[0] / pair[1] / 100.0 - 1.0).abs() < 0.15, "{distances:?}");
    }
}

#[test]
fn with_synapses_that_have_a_time_constant_the_correction_follows_the_filter() {
    let file = bundled::find("balanced_ei").unwrap().text;
    let file = file
        .replace("tau_m   = \"20 ms\"", "tau_m = \"20 ms\"\nC_m = \"250 pF\"")
        .replace(" / sqrt(K)\"", " * 250 pF / (1 ms * sqrt(K))\"\nsynapse = \"exp\"");
    let file = format!("{file}\n[synapses.exp]\nkind = \"exponential_current\"\ntau = \"1 ms\"\n");
    let network = |K: &str| {
        let options = ReadOptions { overrides: vec![("K".into(), K.into())], case: None };
        parse(&file, "filtered", &options).unwrap_or_else(|e| panic!("{e}"))
    };
    let mut means = Vec::new();
    for filter in [SynapticFilter::ThresholdShift, SynapticFilter::TaylorExpansion, SynapticFilter::Ignore] {
        let options = TheoryOptions::from(filter);
        let limit = Theory::new(&network("1e6"), &options).unwrap().balanced_limit();
        let [near, nearer] = ["1e6", "1e8"].map(|K| distance(&network(K), &limit, &options));
        assert!((near / nearer / 100.0 - 1.0).abs() < 0.15, "{filter:?}: {near} {nearer}");
        means.push(limit.populations[0].limit_mean_input_mv.unwrap());
    }
    // sigma k alpha/2 = 1.549 * sqrt(1/20) * 1.0326 mV
    assert!((means[0] - means[2] - 0.3577).abs() < 1e-3, "{means:?}");
    assert!((means[1] - means[0]).abs() > 1e-3, "{means:?}");
}

#[test]
fn identical_inputs_to_all_populations_leave_no_unique_limit() {
    let limit = limit(&bundled_network("brunel2000", &[]));
    assert!(!limit.exists);
    assert!(limit.condition_number > 1e14, "{}", limit.condition_number);
    let sentence = &limit.conditions[0].sentence;
    // A is (100, -125) in both rows: rates in the proportion 5 : 4 cancel, as a unit vector
    assert!(sentence.contains("E 0.78 : I 0.62") && sentence.contains("not determined at this order"), "{sentence}");
    assert!(limit.populations.iter().all(|population| population.limit_rate_hz.is_none()));
    // inputs to I that no rates balance while those to E are
    let mut other = bundled_network("brunel2000", &[]);
    other.drives.pop();
    let sentence = &theory(&other).balanced_limit().conditions[0].sentence;
    assert!(sentence.contains("no rates at all cancel the external input"), "{sentence}");
}

/// The rates of the stable alternatives, each with its limit beside it if that exists, in ascending order of total rate.
fn limit_states(limit: &BalancedLimit) -> Vec<Vec<f64>> {
    let of = |a: &Alternative| a.populations.iter().map(|p| p.limit_rate_hz).collect::<Vec<f64>>();
    let mut states: Vec<Vec<f64>> = limit.alternatives.iter().filter(|a| a.stable).map(of).collect();
    if limit.exists && limit.stable == Some(true) {
        states.push(limit.populations.iter().map(|p| p.limit_rate_hz.unwrap()).collect());
    }
    states.sort_by(|x, y| x.iter().sum::<f64>().total_cmp(&y.iter().sum()));
    states
}

#[test]
fn where_balance_fails_the_states_of_large_networks_are_the_alternatives() {
    // weights and external weights, and what it is a case of
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], "balanced"),
        (&[("j_IX", "2 mV")], "E silent, I balanced"),
        (&[("j_EE", "6 mV")], "both saturated"),
        (&[("j_EI", "1 mV"), ("j_II", "0.5 mV"), ("j_EE", "0.1 mV")], "E saturated"),
        (&[("j_IX", "0.1 mV"), ("j_IE", "0.5 mV")], "E saturated, I balanced or both"),
    ];
    for (set, what) in cases {
        let at = |K: &'static str| {
            let set: Vec<(&str, &str)> = set.iter().copied().chain([("K", K)]).collect();
            bundled_network("balanced_ei", &set)
        };
        let expected = limit_states(&limit(&at("1e8")));
        let found = solution(&at("1e8")).fixed_points;
        let stable: Vec<Vec<f64>> = found.iter().filter(|state| state.stable).map(rates).collect();
        assert_eq!(stable.len(), expected.len(), "{what}: {stable:?}, expected {expected:?}");
        assert!(!stable.is_empty(), "{what}");
        for (rate, limit) in stable.iter().flatten().zip(expected.iter().flatten()) {
            assert!((rate - limit).abs() < 0.02 * (1.0 + limit), "{what}: {stable:?}, expected {expected:?}");
        }
    }
}

#[test]
fn the_microcircuit_goes_where_two_of_its_populations_are_silent() {
    let network = with_in_degree(&bundled_network("potjans_diesmann2014", &[]), 1e8, Sizes::Grow).unwrap();
    let limit = limit(&network);
    assert!(!limit.exists);
    let silent = limit.alternatives[0].populations.iter().filter(|p| p.role == Role::Silent).map(|p| p.name.as_str());
    assert_eq!((limit.alternatives.len(), silent.collect::<Vec<_>>()), (1, vec!["L5E", "L6E"]));
    let theory = theory(&network);
    let state = theory.states().unwrap().states.remove(0);
    for population in theory.beside_the_limit(&state, &limit).populations {
        let distance = population.distance_to_limit_hz.unwrap().abs();
        assert!(distance < 0.01 * population.rate_hz.max(1.0), "{population:?}");
        assert_eq!(population.distance_to_first_order_hz, None);
    }
}

#[test]
fn a_population_that_cannot_be_balanced_is_named_with_its_reason() {
    let limit = limit(&bundled_network("balanced_ei", &[("j_IX", "2 mV")]));
    assert_eq!(holds(&limit, ConditionKind::PositiveRates), Some(false));
    assert_eq!(holds(&limit, ConditionKind::Inequality), Some(false));
    let sentence = &limit.conditions.iter().find(|c| c.condition == ConditionKind::PositiveRates).unwrap().sentence;
    assert!(sentence.contains("E would need -5.0000 Hz") && sentence.contains("inhibit it more"), "{sentence}");
    assert!(sentence.contains("I would need 0.0000 Hz") && sentence.contains("without any drive"), "{sentence}");
    let silent = &limit.alternatives[0].populations;
    assert_eq!((silent[0].role, silent[1].role), (Role::Silent, Role::Balanced));
    // 2 * 5 / 3.6
    assert!((silent[1].limit_rate_hz - 10.0 / 3.6).abs() < 1e-12);
    assert!(silent[0].net_drive_mv < 0.0);
}

#[test]
fn the_inequality_of_two_populations_has_its_three_ratios() {
    let limit = limit(&bundled_network("balanced_ei", &[]));
    let inequality = limit.conditions.iter().find(|c| c.condition == ConditionKind::Inequality).unwrap();
    assert!(inequality.holds);
    assert!(inequality.sentence.contains("1.2500, 1.1111, 1.0000"), "{}", inequality.sentence);
}

/// A network of `n` populations with given `A` (mV/Hz at an in-degree of 100) that is balanced at the rates given.
fn balanced_at(A: &[&[f64]], rates: &[f64]) -> Network {
    let template = bundled_network("balanced_ei", &[("K", "100")]);
    let mut network =
        Network { populations: Vec::new(), projections: Vec::new(), drives: Vec::new(), ..template.clone() };
    for (a, row) in A.iter().enumerate() {
        let name = format!("P{a}");
        network.populations.push(crate::network::Population { name, ..template.populations[0].clone() });
        for (b, weight) in row.iter().enumerate() {
            // tau_m K = 2 s
            let weight = crate::network::Law::Constant { value: weight / 2.0 };
            let projection =
                crate::network::Projection { source: b, target: a, weight, ..template.projections[0].clone() };
            network.projections.push(projection);
        }
        let mean_mv = -row.iter().zip(rates).map(|(x, rate)| x * rate).sum::<f64>();
        let kind = crate::network::DriveKind::Noise { mean_mv, std_mv: 1.0 };
        network.drives.push(crate::network::Drive { target: a, kind, ..template.drives[0].clone() });
    }
    network
}

#[test]
fn the_rates_of_any_number_of_populations_solve_the_balance_equations() {
    let network = balanced_at(&[&[1.0, -3.0, -0.5], &[2.0, -4.0, -1.0], &[1.5, -1.0, -2.0]], &[7.0, 3.0, 11.0]);
    let found = limit(&network);
    for (population, expected) in found.populations.iter().zip([7.0, 3.0, 11.0]) {
        assert!((population.limit_rate_hz.unwrap() / expected - 1.0).abs() < 1e-12, "{found:?}");
    }
    assert_eq!(holds(&found, ConditionKind::PositiveRates), Some(true));
    assert_eq!(holds(&found, ConditionKind::Inequality), None, "that is for two populations");
}

#[test]
fn rates_that_balance_but_not_stably_are_a_limit_all_the_same() {
    // more excitation than inhibition onto itself
    let found = limit(&balanced_at(&[&[3.0, -2.0], &[2.0, -1.0]], &[5.0, 5.0]));
    assert_eq!(holds(&found, ConditionKind::PositiveRates), Some(true));
    assert_eq!(holds(&found, ConditionKind::Stability), Some(false));
    assert_eq!((found.exists, found.stable, found.saddle), (true, Some(false), Some(false)));
}

#[test]
fn slow_inhibition_leaves_the_limit_and_takes_its_stability() {
    let of = |tau_I: &str| {
        let text = include_str!("../../../tests/networks/slow_inhibition.toml");
        let overrides = vec![("tau_I".to_string(), tau_I.to_string())];
        limit(&parse(text, "slow", &ReadOptions { overrides, case: None }).unwrap())
    };
    let (slow, fast) = (of("50 ms"), of("3 ms"));
    for (found, stability) in [(&slow, Stability::Oscillating), (&fast, Stability::Stable)] {
        // A = [[0.85, -1.27], [1.65, -0.33]] mV/Hz, b = (9.06, 1.54) mV: 9.06/1.54 > 1.27/0.33 > 0.85/1.65
        assert_eq!((found.exists, holds(found, ConditionKind::Inequality)), (true, Some(true)), "{found:?}");
        let expected = [(0.33 * 9.06 - 1.27 * 1.54) / 1.815, (1.65 * 9.06 - 0.85 * 1.54) / 1.815];
        for (population, rate) in found.populations.iter().zip(expected) {
            assert!((population.limit_rate_hz.unwrap() / rate - 1.0).abs() < 1e-12, "{population:?}, expected {rate}");
        }
        assert_eq!(found.stability, Some(stability), "{found:?}");
        assert_eq!(found.limit_rates_hz().unwrap().len(), 2, "the rates go there");
    }
    assert_eq!((slow.stable, slow.saddle, fast.stable), (Some(false), Some(false), Some(true)));
}

#[test]
fn the_inequality_the_other_way_round_gives_positive_rates_and_a_saddle() {
    // A_EI/A_II = 0.25 < A_EE/A_IE = 2, and b_E/b_I between 0 and both
    let found = limit(&balanced_at(&[&[2.0, -1.0], &[1.0, -4.0]], &[1.0, 3.0]));
    assert_eq!(holds(&found, ConditionKind::PositiveRates), Some(true));
    assert_eq!((holds(&found, ConditionKind::Inequality), found.exists), (Some(false), false));
    assert_eq!((found.stable, found.saddle), (Some(false), Some(true)));
    let sentence = &found.conditions.iter().find(|c| c.condition == ConditionKind::Inequality).unwrap().sentence;
    assert!(sentence.contains("the other way round"), "{sentence}");
}

#[test]
fn many_populations_have_a_limit_but_their_alternatives_are_not_enumerated() {
    let n = 40;
    let rows: Vec<Vec<f64>> = (0..n).map(|a| (0..n).map(|b| if a == b { -3.0 } else { 0.05 }).collect()).collect();
    let rows: Vec<&[f64]> = rows.iter().map(|row| &row[..]).collect();
    let rates: Vec<f64> = (0..n).map(|a| 1.0 + a as f64).collect();
    let found = limit(&balanced_at(&rows, &rates));
    assert!(found.exists, "{:?}", found.conditions);
    assert!(
        found.populations.iter().zip(&rates).all(|(p, rate)| (p.limit_rate_hz.unwrap() / rate - 1.0).abs() < 1e-12)
    );
    assert!(
        found.alternatives.is_empty() && found.warnings[0].sentence.contains("not looked for"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn other_in_degrees_scale_the_means_as_their_root_and_leave_variances_and_the_limit() {
    for name in ["brunel2000", "potjans_diesmann2014", "brunel_hakim1999", "ostojic2014"] {
        let network = bundled_network(name, &[]);
        let K = largest_in_degree(&network);
        let scaled = [2.5 * K, 40.0 * K].map(|K| with_in_degree(&network, K, Sizes::Grow).unwrap());
        assert!((largest_in_degree(&scaled[0]) / (2.5 * K) - 1.0).abs() < 1e-14, "{name}");
        let two = [AtValue { network: &scaled[0], value: 2.5 }, AtValue { network: &scaled[1], value: 40.0 }];
        assert_eq!(departures_from_scaling("K", two).unwrap(), Vec::<String>::new(), "{name}");
        let [one, other] = [&network, &scaled[1]].map(limit);
        for (one, other) in one.populations.iter().zip(&other.populations) {
            let close = |x: Option<f64>, y: Option<f64>| {
                x.is_some() == y.is_some() && x.zip(y).is_none_or(|(x, y)| (x - y).abs() <= 1e-9 * x.abs())
            };
            assert!(close(one.limit_rate_hz, other.limit_rate_hz), "{name}: {one:?} {other:?}");
            assert!(close(one.first_order_coefficient_hz_sqrtK, other.first_order_coefficient_hz_sqrtK), "{name}");
        }
    }
}

#[test]
fn a_parameter_by_which_the_input_does_not_scale_is_found_out_with_the_exponents() {
    let at = |name, value| bundled_network("balanced_ei", &[(name, value)]);
    let (low, high) = (at("nu_X", "5 Hz"), at("nu_X", "10 Hz"));
    let two = [AtValue { network: &low, value: 5.0 }, AtValue { network: &high, value: 10.0 }];
    let departures = departures_from_scaling("nu_X", two).unwrap();
    assert!(
        departures.contains(&"The mean of the input of E from E goes as nu_X^0.00, not 0.5.".to_string()),
        "{departures:?}"
    );
    assert!(departures.contains(&"The mean of the input of E from the drives goes as nu_X^1.00, not 0.5.".to_string()));
    assert!(
        departures.contains(&"The variance of the input of I from the drives goes as nu_X^1.00, not 0.".to_string())
    );
    let (low, high) = (at("K", "1000"), at("K", "1e6"));
    let two = [AtValue { network: &low, value: 1e3 }, AtValue { network: &high, value: 1e6 }];
    assert!(departures_from_scaling("K", two).unwrap().is_empty());
}

#[test]
fn excitation_and_inhibition_grow_and_what_is_left_of_them_is_the_mean() {
    let mut excitation = Vec::new();
    for K in ["4000", "1e6", "1e8"] {
        let network = bundled_network("balanced_ei", &[("K", K)]);
        let limit = limit(&network);
        let theory = theory(&network);
        let states = theory.states().unwrap().states;
        let states: Vec<BalanceState> = states.iter().map(|state| theory.beside_the_limit(state, &limit)).collect();
        let regimes: Vec<Regime> = states.iter().map(|state| state.regime).collect();
        if K == "4000" {
            assert_eq!(regimes, [Regime::Quiescent, Regime::PartlySilent, Regime::Active]);
        } else {
            assert_eq!(regimes, [Regime::Active]);
        }
        let last = states.last().unwrap();
        for population in &last.populations {
            let (up, down) = (population.excitatory_mean_mv, population.inhibitory_mean_mv);
            assert!(up > 0.0 && down < 0.0);
            assert!((up + down - population.mean_input_mv).abs() <= 1e-14 * up, "{population:?}");
        }
        excitation.push(last.populations[0].excitatory_mean_mv);
    }
    // rates at 1e6 are within 10 % of the limit, so excitation grows about tenfold
    assert!((excitation[2] / excitation[1] / 10.0 - 1.0).abs() < 0.1, "{excitation:?}");
}
