//! Every `[[expect]]` table of the bundled networks: published and independently computed values, theory and simulation.

use std::collections::HashMap;

use siegert::network::{Expectation, ExpectationFilter, ExpectationKind, Network, ReadOptions, bundled, parse};
use siegert::neuron::lif::SynapticFilter;
use siegert::stationary::{FixedPoint, Options, PopulationState, search, solve, solve_from};

/// The network of a bundled file under the parameters of an expectation.
fn network_of(name: &str, expectation: &Expectation) -> Network {
    let options = ReadOptions { overrides: expectation.overrides.clone(), case: expectation.case.clone() };
    parse(bundled::find(name).unwrap().text, name, &options).unwrap_or_else(|e| panic!("{e}"))
}

fn options_of(expectation: &Expectation) -> Options {
    let filter = match expectation.filter {
        ExpectationFilter::Shift => SynapticFilter::ThresholdShift,
        ExpectationFilter::Taylor => SynapticFilter::TaylorExpansion,
        ExpectationFilter::None => SynapticFilter::Ignore,
    };
    Options { filter }
}

/// What tells one state of one network from another.
type Key = (Option<String>, Vec<(String, String)>, Option<usize>);

fn key(expectation: &Expectation) -> Key {
    (expectation.case.clone(), expectation.overrides.clone(), expectation.state)
}

/// Rates listed for the states of a file, as starting points: several states can be told apart only by starting near each.
fn listed_rates(expectations: &[Expectation]) -> HashMap<Key, HashMap<String, f64>> {
    let mut listed: HashMap<Key, HashMap<String, f64>> = HashMap::new();
    for expectation in expectations.iter().filter(|e| e.state.is_some() && e.quantity.ends_with("rate")) {
        let rates = listed.entry(key(expectation)).or_default();
        for (population, value) in &expectation.values {
            let rate = if expectation.quantity == "log10_rate" { 10f64.powf(*value) } else { *value };
            rates.insert(population.clone().expect("rates name their population"), rate);
        }
    }
    listed
}

/// The state that an expectation speaks of: the one found from nothing known, or, where the file lists several, the one
/// found from a start that is wrong by 3 %.
fn state_of(network: &Network, expectation: &Expectation, listed: &HashMap<Key, HashMap<String, f64>>) -> FixedPoint {
    let options = options_of(expectation);
    let solution = match listed.get(&key(expectation)) {
        None => solve(network, &options),
        Some(rates) => {
            let start: Vec<f64> = network.populations.iter().map(|p| 1.03 * rates[&p.name]).collect();
            solve_from(network, &options, &start)
        }
    };
    solution.unwrap_or_else(|e| panic!("{e}")).fixed_points.remove(0)
}

/// The quantity of a population in a state, and what it is called; `None` for quantities of other theories.
fn quantity(state: &PopulationState, name: &str) -> Option<f64> {
    match name {
        "rate" => Some(state.rate_hz),
        "log10_rate" => state.log10_rate_hz,
        "mean_input" => Some(state.mean_input_mv),
        "std_input" => Some(state.std_input_mv),
        "cv" => state.cv,
        _ => None,
    }
}

/// Compares one file; returns how many values were compared.
fn check(name: &str) -> usize {
    let default =
        parse(bundled::find(name).unwrap().text, name, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let listed = listed_rates(&default.expectations);
    let mut compared = 0;
    for expectation in default.expectations.iter().filter(|e| e.gate && e.kind == ExpectationKind::Theory) {
        if expectation.quantity == "states" {
            let found = search(&network_of(name, expectation), &options_of(expectation)).unwrap().fixed_points.len();
            assert_eq!(found as f64, expectation.values[0].1, "{name} {:?}: number of states", expectation.case);
            compared += 1;
            continue;
        }
        let network = network_of(name, expectation);
        let state = state_of(&network, expectation, &listed);
        for (population, expected) in &expectation.values {
            let population = population.as_deref().expect("the quantity of a population");
            let found = state.populations.iter().find(|p| p.name == population).unwrap();
            let found = quantity(found, &expectation.quantity).unwrap();
            let error = (found - expected).abs() / expected.abs();
            assert!(
                error <= expectation.tolerance,
                "{name} {:?} {:?} {} of {population}: found {found}, expected {expected} (relative {error:.1e})",
                expectation.case,
                expectation.overrides,
                expectation.quantity
            );
            compared += 1;
        }
        assert!(state.residual < 1e-10, "{name}: residual {}", state.residual);
    }
    compared
}

macro_rules! reproduced {
    ($($test:ident: $network:literal, $least:literal;)*) => {$(
        #[test]
        fn $test() {
            let compared = check($network);
            assert!(compared >= $least, "only {compared} values were compared");
        }
    )*};
}

reproduced! {
    brunel2000_is_reproduced: "brunel2000", 40;
    brunel2000_nest_is_reproduced: "brunel2000_nest", 20;
    brunel_hakim1999_is_reproduced: "brunel_hakim1999", 10;
    potjans_diesmann2014_is_reproduced: "potjans_diesmann2014", 80;
    bos2016_is_reproduced: "bos2016", 40;
    ostojic2014_is_reproduced: "ostojic2014", 20;
    neuronal_dynamics_is_reproduced: "neuronal_dynamics", 20;
}

#[test]
fn every_bundled_network_has_values_to_meet_and_a_source_for_each() {
    for bundled in bundled::all() {
        let network = parse(bundled.text, bundled.name, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
        assert!(!network.expectations.is_empty(), "{}", bundled.name);
        assert!(network.expectations.iter().all(|e| !e.source.is_empty()), "{}", bundled.name);
        assert!(network.warnings.is_empty() || bundled.name == "bos2016", "{}: {:?}", bundled.name, network.warnings);
    }
}
