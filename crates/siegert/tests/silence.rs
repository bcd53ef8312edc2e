//! Silence and extremes: populations that fire once in longer than the age of anything, and values as large or small as numbers are.
//!
//! The networks of `networks/cases` went wrong once; the right values are those of closed forms (a population under a drive of its own) and
//! of a simulation from rest.

use std::time::{Duration, Instant};

use siegert::network::{ReadOptions, parse};
use siegert::testing::{self, solution};
use siegert::theory::{Solution, Theory, TheoryOptions};

/// No network of a few populations takes as long, on the slowest of days.
const PATIENCE: Duration = Duration::from_secs(5);

fn case(name: &str, set: &[(&str, &str)]) -> Solution {
    solution(&testing::case(name, set))
}

/// Decadic logarithms of the rates of a state.
fn logarithms(solution: &Solution, state: usize) -> Vec<Option<f64>> {
    solution.fixed_points[state].populations.iter().map(|population| population.log10_rate_hz).collect()
}

#[test]
fn what_hears_only_a_silent_population_is_silent() {
    for nu in [5, 8, 10, 12, 15, 20, 25, 30] {
        let solution = case("chain", &[("nu", &format!("{nu} Hz"))]);
        assert!(solution.search.complete && solution.fixed_points.len() == 1, "{nu} Hz: {:?}", solution.search);
        let state = &solution.fixed_points[0];
        assert!(state.stable && state.populations[1].rate_hz == 0.0, "{nu} Hz: {state:?}");
    }
    // Siegert's formula far below threshold, y exp(-y^2)/(tau_m sqrt(pi)), y = (20 - 6)/sqrt(1.2), right to 1/(2 y^2)
    let y = 14.0 / 1.2f64.sqrt();
    let expected = (y / (0.02 * std::f64::consts::PI.sqrt())).log10() - y * y / std::f64::consts::LN_10;
    let found = logarithms(&case("chain", &[("nu", "15 Hz")]), 0)[0].unwrap();
    assert!((found - expected).abs() < 2e-3, "{found} {expected}");
}

#[test]
fn feedback_inhibition_has_its_quiescent_state_and_two_more_where_the_drive_is_strong() {
    let weak = case("feedback", &[("nu", "10 Hz")]);
    let strong = case("feedback", &[("nu", "20 Hz")]);
    assert!(weak.search.complete && strong.search.complete);
    assert_eq!(strong.fixed_points.len(), 3);
    for solution in [&weak, &strong] {
        let quiescent = &solution.fixed_points[0];
        assert!(quiescent.stable && quiescent.rates_hz().iter().all(|rate| *rate < 1e-30), "{quiescent:?}");
    }
}

#[test]
fn a_population_below_threshold_by_a_million_times_its_noise_is_silent() {
    let solution = case("quiet_and_current", &[]);
    assert!(solution.search.complete && solution.fixed_points.len() == 1, "{:?}", solution.search);
    // y = (20 - 10)/2
    let found = logarithms(&solution, 0);
    assert!((found[0].unwrap() + 8.717).abs() < 1e-3, "{found:?}");
    assert!(found[1].unwrap() < -1e11, "{found:?}");
}

#[test]
fn a_rate_of_ten_to_the_minus_ten_to_the_twelve_is_told() {
    let found = logarithms(&case("very_silent", &[]), 0);
    assert!((10f64.powf(found[0].unwrap()) / 3.8358566e-9 - 1.0).abs() < 1e-7, "{found:?}");
    assert!((found[1].unwrap() / -1.01898e12 - 1.0).abs() < 1e-5, "{found:?}");
    let chain = case("bistable_chain", &[]);
    assert_eq!((chain.fixed_points.len(), chain.search.complete), (3, true));
    assert!(chain.fixed_points[0].stable && !chain.fixed_points[1].stable && chain.fixed_points[2].stable);
}

#[test]
fn a_leak_or_a_time_constant_beyond_all_bounds_is_answered() {
    for name in ["huge_leak", "huge_tau"] {
        let start = Instant::now();
        let rate = case(name, &[]).fixed_points[0].populations[0].rate_hz;
        assert!(rate < 1e-200 && start.elapsed() < PATIENCE, "{name}: {rate} Hz in {:?}", start.elapsed());
    }
}

/// Two or four populations that hear each other, one value of the file replaced.
fn extreme(populations: usize, key: &str, value: &str) -> String {
    let of = |name: &str, usual: &str| if name == key { value.to_string() } else { usual.to_string() };
    let mut text = format!(
        "neurons.n = {{ model = \"lif\", tau_m = \"{}\", E_L = \"{}\", V_th = \"{}\", V_reset = \"{}\", t_ref = \"{}\" }}\n",
        of("tau_m", "10 ms"),
        of("E_L", "0 mV"),
        of("V_th", "15 mV"),
        of("V_reset", "0 mV"),
        of("t_ref", "2 ms")
    );
    for a in 0..populations {
        text += &format!("populations.P{a} = {{ size = 1000, neuron = \"n\" }}\n");
    }
    for pair in 0..populations * populations {
        let (source, target) = (pair % populations, pair / populations);
        let weight = if source % 2 == 0 { of("weight", "0.2 mV") } else { of("inhibition", "-0.3 mV") };
        text += &format!(
            "[[projections]]\nfrom = \"P{source}\"\nto = \"P{target}\"\nin_degree = {}\nweight = \"{weight}\"\n",
            10 + target
        );
    }
    for a in 0..populations {
        let (mean, std) = (of("mean", "14 mV"), of("std", "4 mV"));
        text += &format!("[[drives]]\nto = \"P{a}\"\nkind = \"noise\"\nmean = \"{mean}\"\nstd = \"{std}\"\n");
    }
    text
}

#[test]
fn values_as_large_or_small_as_numbers_are_have_an_answer_or_a_clear_error() {
    let keys = ["tau_m", "E_L", "V_th", "V_reset", "t_ref", "weight", "inhibition", "mean", "std"];
    let mut answered = 0;
    for (populations, key) in [2, 4].into_iter().flat_map(|n| keys.map(|key| (n, key))) {
        for exponent in [-300, -160, -50, 50, 153, 155, 160, 300] {
            let unit = if key == "tau_m" || key == "t_ref" { "ms" } else { "mV" };
            for value in [format!("1e{exponent} {unit}"), format!("-1e{exponent} {unit}")] {
                let Ok(network) = parse(&extreme(populations, key, &value), key, &ReadOptions::default()) else {
                    continue;
                };
                let start = Instant::now();
                let result = Theory::new(&network, &TheoryOptions::default()).and_then(|theory| theory.solution());
                assert!(start.elapsed() < PATIENCE, "{key} = {value}: {:?}", start.elapsed());
                match result {
                    Ok(solution) => {
                        answered += 1;
                        let finite = |rate: &f64| rate.is_finite();
                        assert!(
                            solution.fixed_points.iter().all(|state| state.rates_hz().iter().all(finite)),
                            "{key} = {value}"
                        );
                    }
                    Err(error) => assert!(error.is_bad_input(), "{populations} populations, {key} = {value}: {error}"),
                }
            }
        }
    }
    assert!(answered > 150, "{answered}");
}
