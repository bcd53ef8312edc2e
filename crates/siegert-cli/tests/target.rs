//! `siegert solve --target ... --vary ...`: parameter values for wanted states, and what is refused.

mod support;

use support::{json, siegert};

#[test]
fn the_drive_for_a_wanted_rate_is_found_and_the_state_has_it() {
    let found = json("solve brunel2000 --target \"E.rate=10 Hz\" --vary eta=1:4 --format json");
    let solutions = found["solutions"].as_array().unwrap();
    assert_eq!(solutions.len(), 1, "{found}");
    let eta = solutions[0]["vary"][0]["value"].as_f64().unwrap();
    let rate = solutions[0]["fixed_point"]["populations"][0]["rate_hz"].as_f64().unwrap();
    assert!((rate - 10.0).abs() < 1e-9, "{rate}");
    let again = json(&format!("solve brunel2000 --set eta={eta} --format json"));
    assert!((again["fixed_points"][0]["populations"][0]["rate_hz"].as_f64().unwrap() - 10.0).abs() < 1e-6, "{again}");
}

#[test]
fn none_in_a_range_is_status_1_and_says_what_can_be_reached() {
    let run = siegert("solve brunel2000 --target \"E.rate=100 Hz\" --vary eta=1:2");
    assert_eq!(run.status, 1);
    for part in ["none in this range", "eta from 1 to 2", "E.rate is between", "wider range"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn wrong_targets_are_refused_with_advice() {
    for (arguments, part) in [
        ("--target E.rate --vary eta", "POPULATION.QUANTITY=VALUE"),
        ("--target \"X.rate=5 Hz\" --vary eta", "no population \"X\"; there are E, I"),
        ("--target \"E.rat=5 Hz\" --vary eta", "no quantity \"rat\"; did you mean rate?"),
        ("--target \"E.fano_factor=1\" --vary eta", "there are rate_hz, mean_input_mv, std_input_mv, cv"),
        ("--target E.rate=5 --vary eta", "must be a value in Hz"),
        ("--target \"E.rate=5 mV\" --vary eta", "must be a value in Hz"),
        ("--target \"E.rate=600 Hz\" --vary eta", "1/t_ref = 500 Hz"),
        ("--target \"E.rate=5 Hz\" --vary nothing", "no parameter \"nothing\""),
        ("--target \"E.rate=5 Hz\" --vary eta=1", "a range is A:B"),
        ("--target \"E.rate=5 Hz\" --vary eta=2:2", "two different"),
        ("--target \"E.rate=5 Hz\" --vary \"J=0.1 mV:3 ms\"", "different units"),
        ("--target \"E.rate=5 Hz\"", "--vary"),
        ("--target \"E.rate=5 Hz\" --target E.cv=0.5 --vary eta", "2 targets and 1 parameters"),
    ] {
        let run = siegert(&format!("solve brunel2000 {arguments}"));
        assert_eq!(run.status, 2, "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{arguments}: {}", run.stderr);
    }
}
