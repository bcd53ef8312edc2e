//! Courses of drives, starts and kicks from the command line, and rates in time of theory and simulation side by side.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{SMALL, names, read, siegert_in, with_small_network};

const COURSE: &str = "course = { file = \"input.csv\" }\n";

/// The small network with a table beside it, as `cued.toml`.
fn with_cued_network(table: &str) -> tempfile::TempDir {
    let directory = with_small_network();
    let text = SMALL.replace("size = 50", "size = 50\ninitial = { mean = \"5 mV\", std = \"2 mV\" }");
    let text = text.replace("weight = \"-g * 0.2 mV\"", "weight = \"-g * 0.2 mV\"\ndelay = \"1.5 ms\"");
    fs::write(directory.path().join("cued.toml"), format!("{text}{COURSE}")).unwrap();
    fs::write(directory.path().join("input.csv"), table).unwrap();
    directory
}

fn json(directory: &Path, line: &str) -> Value {
    let run = siegert_in(directory, &format!("{line} --format json -q"), "");
    assert_eq!(run.status, 0, "{line}: {}", run.stderr);
    serde_json::from_str(&run.stdout).expect("the output is JSON")
}

#[test]
fn a_mistake_in_a_table_names_its_line_and_underlines_the_file() {
    let directory = with_cued_network("time_ms,factor\n0,1\n50,x\n");
    let run = siegert_in(directory.path(), "check cued.toml", "");
    assert_eq!(run.status, 2);
    for part in [
        "input.csv is wrong in line 3: factor is \"x\", which is no number",
        COURSE.trim(),
        "numbers stand without units",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    let run = siegert_in(directory.path(), "check -", &fs::read_to_string(directory.path().join("cued.toml")).unwrap());
    assert!(run.status == 2 && run.stderr.contains("line 3"), "{}", run.stderr);
}

#[test]
fn a_course_is_followed_in_time_and_its_last_factor_is_what_states_hear() {
    let directory = with_cued_network("time_ms,factor\n0,1\n50,1.3\n100,0.5\n");
    let path = directory.path();
    let run = siegert_in(path, "solve cued.toml", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("last factors of their courses (the first 0.5)"), "{said}");
    let rates = json(path, "evolve cued.toml --start state --duration 150");
    let rate = |at: usize| rates["populations"][0]["rate_hz"][at].as_f64().unwrap();
    assert!(rate(90) > 1.2 * rate(0) && rate(149) < 0.5 * rate(0), "{} {} {}", rate(0), rate(90), rate(149));
    // the file says where its neurons are
    let started = json(path, "evolve cued.toml --duration 1");
    assert_eq!(started["start"], "file");
    let mean_mv = |population: usize| started["populations"][population]["mean_V_mv"][0].as_f64().unwrap();
    assert!((mean_mv(0) - 10.0).abs() < 0.01 && (mean_mv(1) - 5.0).abs() < 0.01);
}

#[test]
fn a_simulation_starts_where_it_is_told_and_is_kicked() {
    let directory = with_cued_network("time_ms,factor\n0,1\n");
    let path = directory.path();
    let first = |options: &str| -> Vec<f64> {
        let record = "--record potentials:I:every=0.1ms:to=V.csv --record mean_potentials:I:every=0.1ms:to=m.csv";
        let run = siegert_in(path, &format!("simulate cued.toml --duration 0.1 --warmup 0 {options} {record} -q"), "");
        assert_eq!(run.status, 0, "{options}: {}", run.stderr);
        let text = String::from_utf8(read(path, "V.csv")).unwrap();
        let potentials: Vec<f64> =
            text.lines().skip(1).map(|row| row.rsplit(',').next().unwrap().parse().unwrap()).collect();
        let means = String::from_utf8(read(path, "m.csv")).unwrap();
        let mean: f64 = means.lines().nth(1).unwrap().rsplit(',').next().unwrap().parse().unwrap();
        assert!((mean - potentials.iter().sum::<f64>() / 50.0).abs() < 1e-9, "{means}");
        potentials
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let file = first("");
    let std = (file.iter().map(|v| (v - mean(&file)).powi(2)).sum::<f64>() / 49.0).sqrt();
    assert!((mean(&file) - 5.0).abs() < 1.2 && (1.4..2.8).contains(&std), "{} {std}", mean(&file));
    assert!(first("--start reset").iter().all(|v| (9.0..11.0).contains(v)));
    let kicked = first("--kick \"I=3 mV\"");
    assert!(file.iter().zip(&kicked).all(|(v, kicked)| (kicked - v - 3.0).abs() < 1e-4));
    // all spike and are at the reset
    assert!(first("--kick \"I=100 mV\"").iter().all(|v| *v == 10.0));
    let run = siegert_in(path, "simulate cued.toml --start state --duration 100 --warmup 50 -q", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    for (line, message) in [
        ("simulate cued.toml --kick \"X=3 mV\"", "--kick: there is no population \"X\"; there are E, I"),
        ("evolve cued.toml --kick \"E=3\"", "the shift has no unit"),
        ("simulate cued.toml --start 9", "--start: there is no state 9"),
        ("simulate cued.toml --start there", "it must be state, reset, file or the number of a state"),
    ] {
        let run = siegert_in(path, line, "");
        assert!(run.status == 2 && run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}

#[test]
fn rates_in_time_are_compared_bin_by_bin() {
    let directory = with_cued_network("time_ms,factor\n0,1\n50,1.3\n");
    let path = directory.path();
    let line = "compare cued.toml --evolve --start state --duration 100 --warmup 50 --seeds 3 --bin 10";
    let found = json(path, line);
    let population = &found["populations"][1];
    for key in ["theory_hz", "simulation_hz", "standard_error_hz", "z"] {
        assert_eq!(population[key].as_array().unwrap().len(), 10, "{key}");
    }
    assert_eq!((&found["simulations"], &found["to_ms"][9]), (&Value::from(3), &Value::from(100.0)));
    let run = siegert_in(path, line, "");
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Rates in 10 bins of 10 ms, densities in time beside 3 simulations"), "{said}");
    let run = siegert_in(path, &format!("{line} --plot rates.svg --output rates.csv"), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(String::from_utf8(read(path, "rates.csv")).unwrap().lines().count(), 21);
    assert!(names(path).contains(&"rates.svg".to_string()));
    for (line, message) in [
        (
            "compare cued.toml --evolve --bin 0.25",
            "--bin: a bin of 0.25 ms: it must be a multiple of the time step, 0.1 ms",
        ),
        ("compare cued.toml --evolve --duration 1", "--bin: a bin of 5 ms"),
        ("compare cued.toml --bin 5", "--evolve"),
        ("compare cued.toml --evolve --seeds 0", "--seeds"),
        ("compare cued.toml --evolve --state 1", "--state"),
    ] {
        let run = siegert_in(path, line, "");
        assert!(run.status == 2 && run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}
