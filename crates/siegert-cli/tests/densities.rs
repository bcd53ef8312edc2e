//! `siegert evolve`: densities as pictures, in motion, as numbers, and beside a simulation.

mod support;

use std::fs;

use serde_json::Value;
use support::{siegert, siegert_in};

const SMALL: &str = r#"[neurons.n]
model = "lif"
tau_m = "20 ms"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "2 ms"
[populations]
A = { size = 200, neuron = "n" }
[[drives]]
to = "A"
kind = "noise"
mean = "18 mV"
std = "5 mV"
"#;

#[test]
fn densities_are_drawn_moved_and_written_at_once_and_drawn_again_from_json() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("small.toml"), SMALL).unwrap();
    let line = "evolve small.toml --duration 20 --plot a.svg --movie a.gif --densities-to a.csv --output a.json --with-simulation";
    let run = siegert_in(directory.path(), line, "");
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(fs::read(at("a.gif")).unwrap().starts_with(b"GIF89a"));
    let svg = fs::read_to_string(at("a.svg")).unwrap();
    assert!(svg.contains("threshold") && svg.contains("rate (Hz)"));
    let rows = fs::read_to_string(at("a.csv")).unwrap();
    assert!(rows.starts_with("time_ms,population,V_mv,density_per_mv\n0.0,A,"), "{}", &rows[..100]);
    assert_eq!(rows.lines().count(), 1 + 21 * 200);
    let report: Value = serde_json::from_str(&fs::read_to_string(at("a.json")).unwrap()).unwrap();
    let population = &report["populations"][0];
    let (density, simulated) = (&population["density"], &population["simulated"]);
    assert_eq!(density["density_per_mv"].as_array().unwrap().len(), 21);
    assert_eq!((&density["V_th_mv"], &density["V_reset_mv"]), (&Value::from(20.0), &Value::from(10.0)));
    assert_eq!(simulated["neurons"], 200);
    let again = siegert_in(directory.path(), "plot a.json b.svg", "");
    assert_eq!(again.status, 0, "{}", again.stderr);
    assert_eq!(fs::read_to_string(at("b.svg")).unwrap(), svg);
}

#[test]
fn densities_are_in_the_json_where_they_are_asked_for() {
    let keys = |more: &str| {
        let run = siegert(&format!("evolve step_response --duration 5 --format json --quiet{more}"));
        let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
        report["populations"][0].get("density").is_some()
    };
    assert_eq!([keys(""), keys(" --densities")], [false, true]);
}

#[test]
fn what_cannot_be_shown_is_refused_before_anything_is_computed() {
    let directory = tempfile::tempdir().unwrap();
    for (options, message) in [
        ("--movie a.png", "--movie a.png: the ending must be .svg or .gif"),
        ("--densities-to a.json", "--densities-to a.json: the ending must be .csv or .parquet"),
        ("--densities-to a.txt", "--densities-to a.txt: the ending must be"),
        ("--movie a.svg --plot a.svg", "--plot and --movie cannot both be a.svg"),
        ("--with-simulation --equation mesoscopic", "go with the densities of infinitely many neurons"),
        ("--densities --equation reduced", "go with the densities of infinitely many neurons"),
    ] {
        let run = siegert_in(directory.path(), &format!("evolve step_response --duration 1e9 {options}"), "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{options}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{options}: {}", run.stderr);
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}
