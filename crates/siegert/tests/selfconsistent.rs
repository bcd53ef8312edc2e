//! Stationary states of networks against reference states with 25 digits, every row of `tests/reference/selfconsistent_*.csv`.

mod support;

use siegert::network::{Network, ReadOptions, parse};
use siegert::testing::{brunel, solution, state, state_from, theory};
use siegert::theory::FixedPoint;
use support::{Row, number, table};

/// Relative error that the double-precision check of the tables reached, several times over.
const TOLERANCE: f64 = 3e-14;

fn network(text: &str, overrides: &[(&str, String)]) -> Network {
    let overrides = overrides.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    parse(text, "test", &ReadOptions { overrides, case: None }).unwrap_or_else(|e| panic!("{e}"))
}

fn near(network: &Network, rates_hz: &[f64]) -> FixedPoint {
    let start: Vec<f64> = rates_hz.iter().map(|r| 1.02 * r).collect();
    state_from(network, &start)
}

fn assert_close(found: f64, expected: f64, what: &str, row: &Row) {
    assert!((found / expected - 1.0).abs() <= TOLERANCE, "{what} is {found}, expected {expected}: {row:?}");
}

#[test]
fn brunels_network_is_solved_over_the_whole_phase_diagram() {
    for row in table("selfconsistent_brunel") {
        let net = brunel(&[("g", &row["g"]), ("eta", &row["eta"])]);
        let state = if row["states"] == "1" { state(&net) } else { near(&net, &[number(&row, "rate_hz"); 2]) };
        for population in &state.populations {
            assert_close(population.rate_hz, number(&row, "rate_hz"), "rate", &row);
            assert_close(population.mean_input_mv, number(&row, "mean_input_mv"), "mean input", &row);
            assert_close(population.std_input_mv, number(&row, "std_input_mv"), "std input", &row);
        }
        assert_eq!(state.stable, row["stable"] == "true", "{row:?}");
        // the eigenvalue that is not -1/tau_m is (slope - 1)/tau_m
        let expected = (number(&row, "slope") - 1.0) / 0.02;
        let closest = state.rate_eigenvalues_per_s.iter().map(|e| (e.growth_per_s - expected).abs());
        assert!(closest.fold(f64::INFINITY, f64::min) < 1e-9 * expected.abs().max(50.0), "{row:?}");
    }
}

const INHIBITORY: &str = r#"
[parameters]
tau_m = "20 ms"
t_ref = "2 ms"
V_th = "20 mV"
V_reset = "10 mV"
K = 100
J = "-0.1 mV"
mu_ext = "30 mV"
sigma_ext = "3 mV"
[neurons.lif]
model = "lif"
tau_m = "tau_m"
E_L = "0 mV"
V_th = "V_th"
V_reset = "V_reset"
t_ref = "t_ref"
[populations.I]
size = 100000
neuron = "lif"
[[projections]]
from = "I"
to = "I"
in_degree = "K"
weight = "J"
delay = "2 ms"
[[drives]]
to = "I"
kind = "noise"
mean = "mu_ext"
std = "sigma_ext"
"#;

#[test]
fn inhibitory_populations_are_solved_from_nothing_known() {
    for row in table("selfconsistent_inhibitory") {
        let with = |column: &str, unit: &str| format!("{} {unit}", row[column]);
        let overrides = [
            ("tau_m", with("tau_m_ms", "ms")),
            ("t_ref", with("t_ref_ms", "ms")),
            ("V_th", with("V_th_mv", "mV")),
            ("V_reset", with("V_reset_mv", "mV")),
            ("K", row["K"].clone()),
            ("J", with("J_mv", "mV")),
            ("mu_ext", with("mu_ext_mv", "mV")),
            ("sigma_ext", with("sigma_ext_mv", "mV")),
        ];
        let state = state(&network(INHIBITORY, &overrides));
        assert_close(state.populations[0].rate_hz, number(&row, "rate_hz"), "rate", &row);
    }
}

/// The working-memory network of `selfconsistent_working_memory.csv`, whose header gives the numbers.
const WORKING_MEMORY: &str = r#"
[parameters]
f = 0.1
w_plus = 2
w_minus = "(1 - f * w_plus)/(1 - f)"
K_E = 800
K_I = 200
[neurons.E]
model = "lif"
tau_m = "20 ms"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "2 ms"
[neurons.I]
model = "lif"
tau_m = "10 ms"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "1 ms"
[populations]
S = { size = "8000 * f", neuron = "E" }
N = { size = "8000 * (1 - f)", neuron = "E" }
I = { size = 2000, neuron = "I" }
"#;

fn working_memory() -> Network {
    let mut text = WORKING_MEMORY.to_string();
    let mut projection = |from: &str, to: &str, in_degree: &str, weight: &str| {
        text += &format!(
            "[[projections]]\nfrom = \"{from}\"\nto = \"{to}\"\nin_degree = \"{in_degree}\"\nweight = \"{weight}\"\ndelay = \"1 ms\"\n"
        );
    };
    projection("S", "S", "f * K_E", "w_plus * 0.2 mV");
    projection("N", "S", "(1 - f) * K_E", "w_minus * 0.2 mV");
    projection("S", "N", "f * K_E", "w_minus * 0.2 mV");
    projection("N", "N", "(1 - f) * K_E", "0.2 mV");
    projection("S", "I", "f * K_E", "0.24 mV");
    projection("N", "I", "(1 - f) * K_E", "0.24 mV");
    for (to, weight) in [("S", "-0.8 mV"), ("N", "-0.8 mV"), ("I", "-0.96 mV")] {
        projection("I", to, "K_I", weight);
    }
    for (to, mean) in [("S", "28.48 mV"), ("N", "28.48 mV"), ("I", "23.62 mV")] {
        text += &format!("[[drives]]\nto = \"{to}\"\nkind = \"noise\"\nmean = \"{mean}\"\nstd = \"1 mV\"\n");
    }
    network(&text, &[])
}

#[test]
fn the_three_states_of_a_working_memory_are_reached_from_starts_near_them() {
    let net = working_memory();
    for row in table("selfconsistent_working_memory") {
        let expected = ["selective", "nonselective", "inhibitory"].map(|name| number(&row, &format!("rate_{name}_hz")));
        let state = near(&net, &expected);
        for (population, expected) in state.populations.iter().zip(expected) {
            assert!((population.rate_hz / expected - 1.0).abs() <= 2e-13, "{} {expected}", population.rate_hz);
        }
        assert_eq!(state.stable, row["stable"] == "true", "{row:?}");
        let mut growth: Vec<f64> =
            (0..3).map(|k| 1000.0 * number(&row, &format!("eigenvalue_{k}_re_per_ms"))).collect();
        growth.sort_by(|p, q| q.total_cmp(p));
        for (found, expected) in state.rate_eigenvalues_per_s.iter().zip(growth) {
            assert!((found.growth_per_s - expected).abs() <= 1e-9 * 1000.0, "{found:?} {expected}");
        }
    }
}

#[test]
fn the_search_finds_the_three_states_of_a_working_memory() {
    let found = solution(&working_memory());
    let rates: Vec<f64> = found.fixed_points.iter().map(|state| state.populations[0].rate_hz).collect();
    let expected: Vec<f64> =
        table("selfconsistent_working_memory").iter().map(|row| number(row, "rate_selective_hz")).collect();
    assert_eq!(rates.len(), expected.len(), "{rates:?}");
    assert!(rates.iter().zip(&expected).all(|(r, e)| (r / e - 1.0).abs() < 1e-12), "{rates:?}");
}

/// Without a leak the rate is that of the mean alone: `r (t_ref + tau_m L/(mu - E_L)) = 1` with `mu = mu_ext - tau_m K |J| r`, a quadratic equation.
#[test]
fn a_network_of_perfect_neurons_has_the_roots_of_a_quadratic() {
    let text = INHIBITORY.replace("model = \"lif\"", "model = \"perfect\"");
    assert_ne!(text, INHIBITORY);
    for (mu_ext, weight, k) in [(15.0, 0.2, 500.0), (40.0, 0.1, 1000.0), (3.0, 0.5, 100.0)] {
        let overrides = [
            ("tau_m", "20 ms".to_string()),
            ("t_ref", "2 ms".to_string()),
            ("V_th", "20 mV".to_string()),
            ("V_reset", "10 mV".to_string()),
            ("K", format!("{k}")),
            ("J", format!("-{weight} mV")),
            ("mu_ext", format!("{mu_ext} mV")),
            ("sigma_ext", "3 mV".to_string()),
        ];
        let network = network(&text, &overrides);
        let theory = theory(&network);
        let found = theory.states().unwrap();
        // in seconds: (mu_ext - w r)(1 - r t_ref) = tau_m L r, w = tau_m K J
        let (w, t_ref, tau_l): (f64, f64, f64) = (0.02 * k * weight, 0.002, 0.02 * 10.0);
        let b = w + mu_ext * t_ref + tau_l;
        let root = 2.0 * mu_ext / (b + (b * b - 4.0 * w * t_ref * mu_ext).sqrt());
        assert_eq!(found.states.len(), 1, "{:?}", found.states);
        let state = theory.fixed_point(&found.states[0]);
        assert!((state.populations[0].rate_hz / root - 1.0).abs() < 1e-12, "{} {root}", state.populations[0].rate_hz);
        assert!(state.stable && state.index == 1);
        // that no other exists is not proved: the proof rests on the waiting time of a LIF neuron
        assert!(!found.search.complete && found.search.index_sum == 1);
        let (mean, std) = (state.populations[0].mean_input_mv, state.populations[0].std_input_mv);
        let climb_ms = 20.0 * 10.0 / mean;
        let spread_ms = std * (10.0 / mean).sqrt() * 20.0 / mean;
        let cv = spread_ms / (climb_ms + 2.0);
        assert!((state.populations[0].cv.unwrap() / cv - 1.0).abs() < 1e-12);
        // nothing is said of the size of jumps, for which there is no theory of this neuron
        assert_eq!(state.populations[0].validity.shot_noise_deviation, None);
        assert_ne!(state.verdict.measure, Some(siegert::trust::Measure::ShotNoise));
    }
}

const QUADRATIC: &str = r#"
[parameters]
mu_ext = "-50 mV"
sigma_ext = "3 mV"
[neurons.qif]
model = "qif"
tau_m = "20 ms"
V_th = "-50 mV"
Delta_T = "2 mV"
V_peak = "inf"
V_reset = "-inf"
t_ref = 0
[populations.I]
size = 1000
neuron = "qif"
[[projections]]
from = "I"
to = "I"
in_degree = 100
weight = "-0.1 mV"
[[drives]]
to = "I"
kind = "noise"
mean = "mu_ext"
std = "sigma_ext"
"#;

/// At the saddle-node the time between infinite bounds is `2^(1/3) pi^2 s^(-2/3) [Ai(0)^2 + Bi(0)^2] tau_m` with `s = sigma/(2 Delta_T)`: drives are chosen
/// that lead there.
#[test]
fn a_network_of_quadratic_neurons_with_infinite_bounds_has_the_state_of_airy_functions() {
    const AIRY: [f64; 2] = [0.355_028_053_887_817_2, 0.614_926_627_446_000_7];
    for sigma_mv in [1.0_f64, 6.0, 40.0] {
        let squares = AIRY[0] * AIRY[0] + AIRY[1] * AIRY[1];
        let time_s = 0.02 * 2f64.cbrt() * std::f64::consts::PI.powi(2) * squares / (sigma_mv / 4.0).cbrt().powi(2);
        let rate_hz = 1.0 / time_s;
        let [mean_mv, variance_mv2] = [0.02 * 100.0 * 0.1 * rate_hz, 0.02 * 100.0 * 0.01 * rate_hz];
        let overrides = [
            ("mu_ext", format!("{:e} mV", -50.0 + mean_mv)),
            ("sigma_ext", format!("{:e} mV", (sigma_mv * sigma_mv - variance_mv2).sqrt())),
        ];
        let network = network(QUADRATIC, &overrides);
        let solution = solution(&network);
        let [state] = &solution.fixed_points[..] else { panic!("{:?}", solution.fixed_points) };
        let population = &state.populations[0];
        assert!((population.rate_hz / rate_hz - 1.0).abs() < 1e-12, "{} {rate_hz}", population.rate_hz);
        assert!((population.cv.unwrap() - 1.0 / 3f64.sqrt()).abs() < 1e-11);
        // what is infinite is left out, and the report reads back as it was
        assert_eq!(population.validity.kramers_moyal.d1_at_V_reset_mv_per_ms, None);
        assert_eq!(population.validity.psp_over_threshold_distance, 0.1 / 4.0);
        let mut written = Vec::new();
        siegert::report::json::write(&mut written, &solution).unwrap();
        let siegert::Saved::Solution(read) = siegert::Saved::read(&written).unwrap() else { panic!("a solution") };
        assert_eq!(*read, solution);
    }
}
