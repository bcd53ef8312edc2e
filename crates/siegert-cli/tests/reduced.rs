//! The exact reduction from the command line: keys of the report, what is refused, and that both commands tell of the same states.

mod support;

use serde_json::Value;
use support::siegert;

fn json(line: &str) -> Value {
    support::json(&format!("{line} --format json -q"))
}

#[test]
fn fixed_points_are_those_that_an_evolution_starts_from() {
    let solved = json("solve montbrio2015 --equation reduced");
    let states = solved["fixed_points"].as_array().unwrap();
    assert_eq!(
        (states.len(), &solved["equation"], &solved["search"]["complete"]),
        (3, &"reduced".into(), &true.into())
    );
    let stable: Vec<bool> = states.iter().map(|state| state["stable"].as_bool().unwrap()).collect();
    assert_eq!(stable, [true, false, true]);
    for (index, state) in states.iter().enumerate() {
        let population = &state["populations"][0];
        assert_eq!((&population["name"], &population["cv"]), (&"E".into(), &0.0.into()));
        let first = &state["eigenvalues_per_s"][0];
        assert_eq!(first["re"].as_f64().unwrap() < 0.0, stable[index], "{first}");
        let evolved = json(&format!("evolve montbrio2015 --equation reduced --duration 3 --start {}", index + 1));
        assert_eq!((&evolved["equation"], &evolved["conservation_error"]), (&"reduced".into(), &0.0.into()));
        let course = &evolved["populations"][0];
        for (name, place) in [("rate_hz", 0), ("mean_V_mv", 0), ("rate_hz", 3), ("mean_V_mv", 3)] {
            let (found, expected) = (course[name][place].as_f64().unwrap(), population[name].as_f64().unwrap());
            assert!((found / expected - 1.0).abs() < 1e-6, "{name}: {found} for {expected}");
        }
    }
}

#[test]
fn a_cue_switches_the_bistable_network_on_and_off() {
    let evolved = json("evolve montbrio2015 --case cue --equation reduced --duration 1500");
    let rates = evolved["populations"][0]["rate_hz"].as_array().unwrap();
    let at = |ms: usize| rates[ms].as_f64().unwrap();
    println!("{} {} {} {}", at(90), at(690), at(990), at(1490));
    for (ms, expected) in [(90, 4.0567), (990, 51.53), (1490, 4.0567)] {
        assert!((at(ms) / expected - 1.0).abs() < 2e-3, "{ms} ms: {}", at(ms));
    }
    assert!(at(690) > 60.0);
}

#[test]
fn what_the_reduction_does_not_take_is_refused_with_the_remedy() {
    for (line, message) in [
        ("solve brunel2000 --equation reduced", "model = \"qif\""),
        ("evolve brunel2000 --equation reduced", "model = \"qif\""),
        ("solve montbrio2015 --equation reduced --start 5", "--start is not for --equation reduced"),
        ("solve montbrio2015 --equation reduced --kramers-moyal", "no noise to expand"),
        ("solve montbrio2015 --equation reduced --plot a.svg", "siegert evolve --equation reduced"),
        ("solve montbrio2015 --equation reduced --filter shift", "--filter is not for --equation reduced"),
        ("evolve montbrio2015 --equation reduced --filter none", "--filter is not for --equation reduced"),
        ("evolve montbrio2015 --equation reduced --input shot-noise", "--input shot-noise"),
        ("evolve montbrio2015 --equation reduced --start 4", "there is no state 4"),
        ("evolve montbrio2015 --equation reduced --accuracy 2", "accuracy"),
        ("evolve montbrio2015 --equation reduced --duration 1e15", "shorter --duration"),
        ("solve montbrio2015 --equation reduced --set \"Delta=0 mV\"", "half_width above 0"),
    ] {
        let run = siegert(line);
        assert_eq!(run.status, 2, "{line}: {}", run.stderr);
        let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(message), "{line}: {words}");
    }
}
