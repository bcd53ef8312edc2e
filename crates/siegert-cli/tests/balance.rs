//! `siegert balance`: the limit, the states over K, and what is refused.

mod support;

use serde_json::Value;
use support::{json, near, siegert, siegert_in};

/// The populations of a state of a point.
fn populations(point: &Value, state: usize) -> &Vec<Value> {
    point["fixed_points"][state]["populations"].as_array().unwrap()
}

#[test]
fn the_limit_has_its_rates_inputs_and_correction() {
    let found = json("balance balanced_ei --format json");
    assert_eq!(
        (found["limit"]["exists"].as_bool(), &found["over"], found["points"].as_array().unwrap().len()),
        (Some(true), &Value::Null, 0)
    );
    let e = &found["limit"]["populations"][0];
    for (key, expected, tolerance) in [
        ("limit_rate_hz", 5.0, 1e-12),
        ("limit_mean_input_mv", 18.044804003347675, 1e-8),
        ("limit_std_input_mv", 1.549193338482967, 1e-9),
        ("first_order_coefficient_hz_sqrtK", 501.7475900751221, 1e-7),
    ] {
        assert!(near(&e[key], expected, tolerance), "{key}: {}", e[key]);
    }
    let conditions = found["limit"]["conditions"].as_array().unwrap();
    assert!(conditions.len() == 5 && conditions.iter().all(|condition| condition["holds"] == true), "{conditions:?}");
}

#[test]
fn over_a_parameter_of_the_file_all_states_stand_beside_the_limit() {
    let found = json("balance balanced_ei --over K=1000:4e9:3 --format json --set \"nu_X=5 Hz\"");
    let found4000 = json("balance balanced_ei --over K=4000 --format json");
    assert_eq!(found["over"]["scaling"], "file");
    let counts: Vec<usize> =
        found["points"].as_array().unwrap().iter().map(|p| p["fixed_points"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [1, 1, 1]);
    let states = found4000["points"][0]["fixed_points"].as_array().unwrap();
    let kinds: Vec<(&str, bool)> =
        states.iter().map(|s| (s["regime"].as_str().unwrap(), s["stable"].as_bool().unwrap())).collect();
    assert_eq!(kinds, [("quiescent", true), ("partly_silent", false), ("active", true)]);
    assert!(near(&populations(&found4000["points"][0], 2)[0]["rate_hz"], 9.191346494588345, 1e-8));
    let last = &populations(&found["points"][2], 0)[0];
    let number = |key: &str| last[key].as_f64().unwrap();
    assert!((number("excitatory_mean_mv") + number("inhibitory_mean_mv") - number("mean_input_mv")).abs() < 1e-9);
    assert!((number("distance_to_limit_hz") - 501.7475900751221 / 4e9f64.sqrt()).abs() < 1e-4);
    assert!(number("distance_to_first_order_hz").abs() < 1e-4);
}

#[test]
fn a_file_without_the_parameter_k_is_scaled_by_its_in_degrees() {
    // in-degrees and weights as they stand at 1000: the published state
    let found = json("balance brunel2000 --over K=1000:1e5:2 --format json --quiet");
    assert_eq!(found["over"]["scaling"], "in_degree");
    assert!(near(&populations(&found["points"][0], 0)[0]["rate_hz"], 37.94969708576336, 1e-8));
    assert_eq!(found["limit"]["exists"], false);
    assert_eq!(found["limit"]["populations"][0]["limit_rate_hz"], Value::Null);
    let excitation = |point: usize| populations(&found["points"][point], 0)[0]["excitatory_mean_mv"].as_f64().unwrap();
    assert!(excitation(1) / excitation(0) > 10.0, "it grows as the root of K, and with the rates");
}

#[test]
fn a_parameter_that_does_not_scale_the_network_is_said_with_its_exponents() {
    let run = siegert("balance balanced_ei --over \"nu_X=5 Hz:20 Hz:3\"");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("does not scale with nu_X") && run.stderr.contains("nu_X^1.00, not 0.5"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("nu_X (Hz)"), "{}", run.stdout);
}

#[test]
fn rows_and_pictures_hold_every_state() {
    let directory = tempfile::tempdir().unwrap();
    let run = siegert_in(
        directory.path(),
        "balance balanced_ei --over K=4000:1e6:2 --format csv --plot ei.svg --output ei.parquet",
        "",
    );
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("value,in_degree,state,stable,saddle,regime,population,rate_hz"), "{}", lines[0]);
    assert_eq!(lines.len(), 1 + 2 * (3 + 1));
    let svg = std::fs::read_to_string(directory.path().join("ei.svg")).unwrap();
    assert!(svg.contains("rate of I (Hz)") && svg.contains("excitation"));
    assert!(directory.path().join("ei.parquet").exists());
}

const LIMITED: &str = "[parameters]\nK = 100\n[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\n\
    V_th = \"20 mV\"\nV_reset = \"10 mV\"\nt_ref = \"2 ms\"\n[populations]\nE = { size = 2000, neuron = \"n\" }\n\
    I = { size = 2000, neuron = \"n\" }\n[[projections]]\nfrom = \"E\"\nto = [\"E\", \"I\"]\nin_degree = \"K\"\n\
    weight = \"2 mV / sqrt(K)\"\ndelay = \"1 ms\"\nmultapses = false\n[[projections]]\nfrom = \"I\"\nto = \"E\"\nin_degree = \"K\"\n\
    weight = \"-4 mV / sqrt(K)\"\ndelay = \"1 ms\"\n[[projections]]\nfrom = \"I\"\nto = \"I\"\nin_degree = \"K\"\n\
    weight = \"-3.6 mV / sqrt(K)\"\ndelay = \"1 ms\"\n[[drives]]\nto = \"E\"\nkind = \"noise\"\nmean = \"sqrt(K) * 0.2 mV\"\nstd = \"1 mV\"\n\
    [[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"sqrt(K) * 0.16 mV\"\nstd = \"1 mV\"\n";

#[test]
fn a_value_that_fails_does_not_keep_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let run = |line: &str| siegert_in(directory.path(), line, LIMITED);
    // 10,000 different inputs from 2,000 neurons there are not
    let found = run("balance - --over K=100:10000:3 --format json --plot a.svg");
    assert_eq!(found.status, 0, "{}", found.stderr);
    for words in ["warning: K = 10000: line ", "in_degree is 10000", "The limit shown is that of K = 1000"] {
        assert!(found.stderr.contains(words), "{words}: {}", found.stderr);
    }
    let json: Value = serde_json::from_str(&found.stdout).unwrap();
    let points = json["points"].as_array().unwrap();
    assert_eq!(points.len(), 3);
    assert!(points[2]["error"].as_str().unwrap().contains("in_degree is 10000"), "{}", points[2]);
    assert_eq!((&points[2]["in_degree"], points[2]["fixed_points"].as_array().unwrap().len()), (&Value::Null, 0));
    assert_eq!((&points[1]["error"], points[1]["fixed_points"].as_array().unwrap().is_empty()), (&Value::Null, false));
    let rows = run("balance - --over K=100:10000:3 --format csv -q");
    let last = rows.stdout.lines().last().unwrap();
    assert!(last.starts_with("10000.0,,,,,,,") && last.contains("in_degree is 10000"), "{last}");
    assert!(run("balance - --over K=100:10000:3 -q").stdout.contains("failed"));
    // only where none is left it is an error
    let none = run("balance - --over K=5000:10000:2");
    assert_eq!((none.status, none.stdout.as_str()), (2, ""), "{}", none.stderr);
}

#[test]
fn existence_and_stability_of_the_limit_are_said_apart() {
    let file = include_str!("../../siegert/tests/networks/slow_inhibition.toml");
    let here = std::path::Path::new(".");
    let found: Value = serde_json::from_str(&siegert_in(here, "balance - --format json", file).stdout).unwrap();
    let limit = &found["limit"];
    assert_eq!((&limit["exists"], &limit["stable"], &limit["saddle"]), (&true.into(), &false.into(), &false.into()));
    let text = siegert_in(here, "balance -", file).stdout;
    assert!(text.contains("exists; under the fast rate dynamics it oscillates, which decides nothing"), "{text}");
    let (existence, stability) = (text.find("\nExistence\n").unwrap(), text.find("\nStability\n").unwrap());
    let (inequality, trace) = (text.find("> A_EE/A_IE holds").unwrap(), text.find("trace ").unwrap());
    assert!(existence < inequality && inequality < stability && stability < trace, "{text}");
}

#[test]
fn what_cannot_be_balanced_is_refused_in_words() {
    for (line, message) in [
        ("balance balanced_ei --over nu_x=1:2:3", "did you mean nu_X?"),
        ("balance balanced_ei --over K=0:10:3", "positive"),
        ("balance balanced_ei --over K", "NAME=A:B:N"),
        ("balance balanced_ei --over K=150:1e6:2 --plot a.pdf", ".svg or .png"),
        ("balance balanced_ei --plot a.svg", "--plot needs --over"),
        ("balance brunel2000 --over \"K=1 mV:2 mV:2\"", "has no unit"),
        ("balance balanced_ei --over nu_X=1:2:3", "it must be a rate (Hz)"),
        ("balance balanced_ei --input shot-noise", "shot-noise is for solve"),
        ("balance no_such_network", "no_such_network"),
    ] {
        let run = siegert(line);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}

#[test]
fn standard_input_is_read_once_for_all_values() {
    let file = siegert("models balanced_ei").stdout;
    let run = siegert_in(std::path::Path::new("."), "balance - --over K=1e4:1e6:3 --format json", &file);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["points"], json("balance balanced_ei --over K=1e4:1e6:3 --format json")["points"]);
}
