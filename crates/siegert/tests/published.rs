//! Every `[[expect]]` table of the bundled networks: published and independently computed values, theory and simulation.

use siegert::network::{Expectation, ExpectationFilter, ExpectationKind, Network, ReadOptions, bundled, parse};
use siegert::neuron::lif::SynapticFilter;
use siegert::report::Quantity;
use siegert::theory::{FixedPoint, Solution, Theory, TheoryOptions};

/// The network of a bundled file under the parameters of an expectation.
fn network_of(name: &str, expectation: &Expectation) -> Network {
    let options = ReadOptions { overrides: expectation.overrides.clone(), case: expectation.case.clone() };
    parse(bundled::find(name).unwrap().text, name, &options).unwrap_or_else(|e| panic!("{e}"))
}

fn options_of(expectation: &Expectation) -> TheoryOptions {
    let filter = match expectation.filter {
        ExpectationFilter::Shift => SynapticFilter::ThresholdShift,
        ExpectationFilter::Taylor => SynapticFilter::TaylorExpansion,
        ExpectationFilter::None => SynapticFilter::Ignore,
        ExpectationFilter::Full => SynapticFilter::Full,
        ExpectationFilter::Auto => SynapticFilter::Auto,
        ExpectationFilter::BrunelWang => SynapticFilter::BrunelWang,
    };
    TheoryOptions::from(filter)
}

/// What tells one search from another: case, overrides, and how synaptic time constants enter.
type Key = (Option<String>, Vec<(String, String)>, ExpectationFilter);

/// The states of a network under each set of parameters that its expectations name, looked for once and from nothing known.
#[derive(Default)]
struct Searches {
    known: Vec<(Key, Solution)>,
}

impl Searches {
    fn solution(&mut self, name: &str, expectation: &Expectation) -> &Solution {
        let key = (expectation.case.clone(), expectation.overrides.clone(), expectation.filter);
        let place = self.known.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            let found = Theory::new(&network_of(name, expectation), &options_of(expectation))
                .and_then(|theory| theory.solution());
            self.known.push((key, found.unwrap_or_else(|e| panic!("{name}: {e}"))));
            self.known.len() - 1
        });
        &self.known[place].1
    }
}

/// The value of a quantity of a state, or of a population in it.
fn in_state(network: &Network, state: &FixedPoint, population: Option<&str>, name: &str) -> f64 {
    let quantity = Quantity::find(name).unwrap();
    let value = match population {
        Some(name) => quantity.of_population(state, network.populations.iter().position(|p| p.name == name).unwrap()),
        None => quantity.of_state(state),
    };
    value.unwrap_or_else(|| panic!("{population:?} has no {name}"))
}

/// The value of a quantity of a population in the balanced limit; `None` for other quantities.
fn of_limit(name: &str, expectation: &Expectation, population: &str) -> Option<f64> {
    let limit = Theory::new(&network_of(name, expectation), &options_of(expectation)).unwrap().balanced_limit();
    let limit = limit.populations.into_iter().find(|p| p.name == population).unwrap();
    match expectation.quantity.as_str() {
        "limit_rate_hz" => limit.limit_rate_hz,
        "limit_mean_input_mv" => limit.limit_mean_input_mv,
        "limit_std_input_mv" => limit.limit_std_input_mv,
        "first_order_coefficient_hz_sqrtK" => limit.first_order_coefficient_hz_sqrtK,
        _ => None,
    }
}

/// Compares one value of an expectation with what was found.
fn compare(name: &str, expectation: &Expectation, solution: &Solution, of: Option<&str>, expected: f64) {
    let quantity = &expectation.quantity;
    let found = if quantity == "states" {
        solution.fixed_points.len() as f64
    } else if let Some(value) = of.and_then(|population| of_limit(name, expectation, population)) {
        value
    } else {
        let index = expectation.state.unwrap_or(0);
        let state = solution.fixed_points.get(index).unwrap_or_else(|| {
            panic!("{name} {:?}: state {index} is missing of {}", expectation.case, solution.fixed_points.len())
        });
        assert!(state.residual < 1e-10, "{name}: residual {}", state.residual);
        in_state(&network_of(name, expectation), state, of, quantity)
    };
    let error = (found - expected).abs() / expected.abs();
    assert!(
        error <= expectation.tolerance,
        "{name} {:?} {:?} state {:?}, {quantity} of {of:?}: found {found}, expected {expected} (relative {error:.1e})",
        expectation.case,
        expectation.overrides,
        expectation.state
    );
}

/// Compares one file; returns how many values were compared.
fn check(name: &str) -> usize {
    let default =
        parse(bundled::find(name).unwrap().text, name, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let mut searches = Searches::default();
    let mut compared = 0;
    for expectation in default.expectations.iter().filter(|e| e.gate && e.kind == ExpectationKind::Theory) {
        let solution = searches.solution(name, expectation);
        for (of, expected) in &expectation.values {
            compare(name, expectation, solution, of.as_deref(), *expected);
            compared += 1;
        }
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
    sanzeni2020_is_reproduced: "sanzeni2020", 200;
    working_memory_lif_is_reproduced: "working_memory_lif", 100;
    balanced_ei_is_reproduced: "balanced_ei", 68;
    augustin2017_is_reproduced: "augustin2017", 4;
    brette_gerstner2005_is_reproduced: "brette_gerstner2005", 8;
    montbrio2015_is_reproduced: "montbrio2015", 6;
    mongillo2008_is_reproduced: "mongillo2008", 11;
    brunel_wang2001_is_reproduced: "brunel_wang2001", 25;
    vogels_abbott2005_cuba_is_reproduced: "vogels_abbott2005_cuba", 1;
    vogels_abbott2005_coba_is_reproduced: "vogels_abbott2005_coba", 1;
    kuhn2004_is_reproduced: "kuhn2004", 3;
    sanzeni2022_is_reproduced: "sanzeni2022", 8;
    schuecker2015_is_reproduced: "schuecker2015", 8;
    renart2010_is_reproduced: "renart2010", 9;
    step_response_is_reproduced: "step_response", 1;
    working_memory_cue_is_reproduced: "working_memory_cue", 4;
    driven_oscillation_is_reproduced: "driven_oscillation", 2;
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
