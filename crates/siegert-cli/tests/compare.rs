//! `siegert compare`: theory beside simulation in every form, studies, several states, the report, and bad input.

mod support;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{names, read, siegert_in, spawn, with_small_network};

/// Two stable states, one silent: 300 neurons that excite each other.
const BISTABLE: &str = r#"
name = "bistable"
[neurons.lif]
model = "lif"
tau_m = "20 ms"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "2 ms"
[populations]
E = { size = 300, neuron = "lif" }
[[projections]]
from = "E"
to = "E"
in_degree = 60
weight = "0.5 mV"
synapse = "delta"
[[drives]]
to = "E"
kind = "noise"
mean = "10 mV"
std = "2 mV"
"#;

fn result(directory: &std::path::Path, line: &str) -> Value {
    let run = siegert_in(directory, line, "");
    assert_eq!(run.status, 0, "{line}: {}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn quantity<'a>(population: &'a Value, name: &str) -> &'a Value {
    let quantities = population["quantities"].as_array().unwrap();
    quantities.iter().find(|row| row["quantity"] == name).unwrap_or_else(|| panic!("no {name}: {population}"))
}

#[test]
fn the_json_has_the_fields_of_the_contract_and_its_numbers_fit_together() {
    let directory = with_small_network();
    let json = result(directory.path(), "compare small.toml --duration \"2 s\" --format json -q");
    assert!(json["warnings"].is_array());
    assert_eq!(json["populations"].as_array().unwrap().len(), 2);
    for population in json["populations"].as_array().unwrap() {
        for row in population["quantities"].as_array().unwrap() {
            let number = |key: &str| row[key].as_f64();
            let (Some(theory), Some(simulation)) = (number("theory"), number("simulation")) else { continue };
            if let Some(percent) = number("deviation_percent") {
                assert!((percent - 100.0 * (theory - simulation) / simulation.abs()).abs() < 1e-9, "{row}");
            }
            if let (Some(z), Some(error)) = (number("z"), number("standard_error")) {
                assert!((z - (theory - simulation) / error).abs() < 1e-9 * z.abs().max(1.0), "{row}");
            }
            if row["deviates"] == false {
                assert_eq!(row["causes"], serde_json::json!([]), "{row}");
            }
        }
        let rate = quantity(population, "rate_hz");
        assert!(rate["theory_on_grid"].is_f64() && rate["theory_corrected"].is_f64(), "{rate}");
        for name in ["cv", "mean_input_mv", "std_input_mv", "membrane_mean_mv", "membrane_std_mv", "rate_std_hz"] {
            quantity(population, name);
        }
    }
    assert_eq!((&json["state"], &json["outcome"]), (&1.into(), &"stayed".into()));
    assert_eq!(json["states"][0]["populations"], json["populations"]);
    // the simulation is that of `simulate`, to the last bit
    let simulated = result(directory.path(), "simulate small.toml --duration \"2 s\" --format json -q");
    let rate = |json: &Value, index: usize| json["populations"][index]["rate_hz"].clone();
    let compared = |index: usize| quantity(&json["populations"][index], "rate_hz")["simulation"].clone();
    assert_eq!([compared(0), compared(1)], [rate(&simulated, 0), rate(&simulated, 1)]);
}

#[test]
fn rows_are_those_of_the_json_and_files_are_whole() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "compare small.toml --duration 300 --output a.csv --plot a.svg --report a.html --spikes s.csv -q";
    let run = siegert_in(path, line, "");
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    assert_eq!(names(path), ["a.csv", "a.html", "a.svg", "s.csv"]);
    let csv = String::from_utf8(read(path, "a.csv")).unwrap();
    assert!(csv.starts_with("study,in_degree,dt_ms,state,outcome,population,quantity,theory,"), "{csv}");
    assert_eq!(csv.lines().filter(|line| line.contains(",rate_hz,")).count(), 2, "{csv}");
    let page = String::from_utf8(read(path, "a.html")).unwrap();
    for part in [
        "<!DOCTYPE html>",
        "A  Model summary",
        "G  Measurements",
        "fixed in-degree 20",
        "siegert compare small.toml --duration 300 --plot a.svg --report a.html",
        "</svg>",
        "</html>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // nothing is loaded from elsewhere
    for word in ["src=\"http", "href=\"http", "url(http", "<script", "@import"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn names_that_look_like_markup_stay_text_in_the_page() {
    let directory = with_small_network();
    let text = String::from_utf8(read(directory.path(), "small.toml")).unwrap();
    let text = text.replace("name = \"small\"", "name = \"<b>a & b</b>\"");
    fs::write(directory.path().join("odd.toml"), text).unwrap();
    let run = siegert_in(directory.path(), "compare odd.toml --duration 200 --report a.html -q", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let page = String::from_utf8(read(directory.path(), "a.html")).unwrap();
    assert!(page.contains("<h1>&lt;b&gt;a &amp; b&lt;/b&gt;</h1>") && !page.contains("<b>a & b</b>"));
}

#[test]
fn of_several_stable_states_each_is_simulated_and_said_to_have_stayed_or_left() {
    let directory = with_small_network();
    let path = directory.path();
    fs::write(path.join("bistable.toml"), BISTABLE).unwrap();
    let json = result(path, "compare bistable.toml --duration 300 --format json -q");
    let states = json["states"].as_array().unwrap();
    assert_eq!(states.iter().map(|state| state["state"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3]);
    assert!(states.iter().all(|state| state["outcome"] == "stayed"), "{states:?}");
    let rate = |state: &Value| quantity(&state["populations"][0], "rate_hz")["simulation"].as_f64().unwrap();
    assert!(rate(&states[0]) < 1.0 && rate(&states[1]) > 100.0, "{states:?}");
    let active = result(path, "compare bistable.toml --state 3 --duration 300 --format json -q");
    assert_eq!(active["states"].as_array().unwrap().len(), 1);
    assert_eq!(active["populations"], states[1]["populations"]);
    for (line, message) in [
        ("--state 4", "--state 4: the network has 3 stationary states"),
        ("--spikes s.csv", "near 2 stable states; name one with --state"),
    ] {
        let run = siegert_in(path, &format!("compare bistable.toml {line}"), "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}

#[test]
fn the_study_of_time_steps_has_three_and_extrapolates() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "compare small.toml --dt-study --duration \"1 s\" --format json --plot a.png -q";
    let json = result(path, line);
    let study = &json["dt_study"];
    let steps: Vec<f64> =
        study["finer"].as_array().unwrap().iter().map(|step| step["dt_ms"].as_f64().unwrap()).collect();
    assert_eq!((steps, &study["power"]), (vec![0.05, 0.025], &0.5.into()));
    let limits = study["limits"].as_array().unwrap();
    assert_eq!(limits.len(), 4, "rate and CV of two populations");
    for limit in limits {
        assert!(limit["extrapolated"]["standard_error"].as_f64().unwrap() > 0.0, "{limit}");
    }
    assert!(read(path, "a.png").len() > 10_000);
    let run = siegert_in(path, "compare small.toml --dt-study --duration \"1 s\" -q", "");
    assert!(run.stdout.contains("extrapolated to none in sqrt(dt)") && run.stdout.contains("to 0"), "{}", run.stdout);
}

#[test]
fn the_study_of_in_degrees_scales_sizes_unless_they_are_to_stay() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "compare small.toml --scaling K=20,40,80 --duration 400 --format json -q";
    let neurons = |json: &Value| -> Vec<u64> {
        json["scaling"]["points"].as_array().unwrap().iter().map(|point| point["neurons"].as_u64().unwrap()).collect()
    };
    let growing = result(path, line);
    assert_eq!((neurons(&growing), &growing["scaling"]["sizes"]), (vec![250, 500, 1000], &"grow".into()));
    let fixed = result(path, &format!("{line} --fixed-size"));
    assert_eq!((neurons(&fixed), &fixed["scaling"]["sizes"]), (vec![250, 250, 250], &"stay".into()));
    let fits = growing["scaling"]["fits"].as_array().unwrap();
    assert_eq!(fits.len(), 2);
    assert!(fits.iter().all(|fit| fit.get("correlation").is_some() && fit.get("deviation").is_some()));
    let run = siegert_in(path, "compare small.toml --scaling K=20,40 --duration 400 --report a.html -q", "");
    assert!(run.stdout.contains("with weights ~ 1/sqrt(K); sizes grow"), "{}", run.stdout);
    assert!(String::from_utf8(read(path, "a.html")).unwrap().contains("Growing in-degree"));
}

#[test]
fn in_degrees_that_cannot_be_are_refused_before_anything_runs() {
    let directory = with_small_network();
    let text = String::from_utf8(read(directory.path(), "small.toml")).unwrap();
    let text =
        text.replace("synapse = \"delta\"\n[[projections]]", "synapse = \"delta\"\nmultapses = false\n[[projections]]");
    fs::write(directory.path().join("once.toml"), text).unwrap();
    let run = siegert_in(directory.path(), "compare once.toml --scaling K=20,40,400 --fixed-size", "");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("--scaling K = 400: "), "{}", run.stderr);
    let lonely = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"0 mV\"\nt_ref = \"2 ms\"\n\
                  [populations]\nA = { size = 10, neuron = \"n\" }\n";
    fs::write(directory.path().join("lonely.toml"), lonely).unwrap();
    let run = siegert_in(directory.path(), "compare lonely.toml --scaling K=20,40", "");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("no projections to scale"), "{}", run.stderr);
    // silent without a drive: nothing to extrapolate, nothing to divide by
    let run = siegert_in(directory.path(), "compare lonely.toml --dt-study --duration 200 -q", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(!run.stdout.contains("inf") && !run.stdout.contains("NaN"), "{}", run.stdout);
}

#[test]
fn a_comparison_in_shot_noise_says_so_and_does_not_blame_the_size_of_jumps() {
    let directory = with_small_network();
    let line = "compare small.toml --input shot-noise --duration \"1 s\" --output jumps.json --details -q";
    let run = siegert_in(directory.path(), line, "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let json: Value = serde_json::from_slice(&read(directory.path(), "jumps.json")).unwrap();
    assert_eq!(json["provenance"]["input"], "shot-noise");
    let solved = result(directory.path(), "solve small.toml --input shot-noise --format json -q");
    let rate_hz = &solved["fixed_points"][0]["populations"][0]["rate_hz"];
    let rate = quantity(&json["populations"][0], "rate_hz");
    assert_eq!(&rate["theory"], rate_hz);
    assert!(rate["theory_on_grid"].is_number() && rate["theory_corrected"].is_number(), "{rate}");
    assert!(json["causes"].as_array().unwrap().iter().all(|cause| cause["kind"] != "shot_noise"), "{}", json["causes"]);
    // shown again as it was, and compared anew by what was saved
    let again = siegert_in(directory.path(), "compare jumps.json", "");
    assert!(again.stdout.contains(", in shot noise)") && !again.stdout.contains("size of jumps"), "{}", again.stdout);
    fs::write(directory.path().join("solved.json"), solved.to_string()).unwrap();
    let simulated =
        siegert_in(directory.path(), "simulate small.toml --duration \"1 s\" --output simulated.json -q", "");
    assert_eq!(simulated.status, 0, "{}", simulated.stderr);
    let saved = result(directory.path(), "compare simulated.json solved.json --format json -q");
    assert_eq!(saved["provenance"]["input"], "shot-noise");
    assert_eq!(quantity(&saved["populations"][0], "rate_hz")["theory_on_grid"], rate["theory_on_grid"]);
}

#[test]
fn what_is_wrong_is_refused_before_anything_runs() {
    let directory = with_small_network();
    for (line, message) in [
        ("--state two", "numbered from 1"),
        ("--state 0", "numbered from 1"),
        ("--scaling K=100", "at least two different numbers"),
        ("--scaling N=100,200", "as in K=100,400,1600"),
        ("--scaling K=100,x", "\"x\" is not a number of inputs"),
        ("--scaling K=20,40 --dt-study", "cannot be used with"),
        ("--fixed-size", "--scaling"),
        ("--report a.pdf", "the ending must be .html"),
        ("--report a.html --output a.html", "the ending must be .json, .csv or .parquet"),
        ("--plot a.svg --plot-kind scaling", "needs --scaling"),
        ("--plot a.svg --plot-kind time-step", "needs --dt-study"),
        ("--plot-kind bars", "--plot"),
        ("--spikes x.txt", ".csv, .parquet or .h5"),
        ("--input single-jumps", "[possible values: diffusion, shot-noise, self-consistent]"),
        ("--dt 0", "longer than 0"),
    ] {
        let run = siegert_in(directory.path(), &format!("compare small.toml {line}"), "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
    for option in ["--report no/such/a.html", "--plot no/such/a.svg", "--output no/such/a.csv"] {
        let run = siegert_in(directory.path(), &format!("compare small.toml {option}"), "");
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{option}: {}", run.stderr);
        assert!(run.stderr.contains("no/such/a") && run.stderr.contains("cannot be written"), "{}", run.stderr);
    }
    assert!(names(directory.path()).is_empty(), "{:?}", names(directory.path()));
}

#[test]
fn a_network_without_neurons_in_a_population_is_compared_all_the_same() {
    let directory = with_small_network();
    let text = String::from_utf8(read(directory.path(), "small.toml")).unwrap();
    let text = text.replace("[[drives]]", "[populations.nobody]\nsize = 0\nneuron = \"lif\"\n[[drives]]");
    fs::write(directory.path().join("nobody.toml"), text).unwrap();
    let json = result(directory.path(), "compare nobody.toml --duration 300 --report a.html --format json -q");
    let nobody = &json["populations"][2];
    assert!(nobody["name"] == "nobody" && quantity(nobody, "rate_hz")["simulation"].is_null(), "{nobody}");
}

#[test]
#[cfg(unix)]
fn ctrl_c_keeps_the_comparison_so_far() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "compare small.toml --duration \"600 s\" --warmup 0 --spikes a.csv --format json -q";
    let mut child = spawn(path, line);
    let patience = Instant::now();
    while fs::metadata(path.join("a.csv.partial")).map_or(0, |of| of.len()) < 100_000 {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let json: Value = serde_json::from_slice(&read(path, "stdout.json")).unwrap();
    assert_eq!(json["simulation"]["complete"], false);
    assert!(quantity(&json["populations"][0], "rate_hz")["simulation"].as_f64().unwrap() > 0.0);
    assert_eq!(names(path), ["a.csv", "stdout.json"]);
}

#[cfg(unix)]
#[test]
fn a_study_that_was_stopped_goes_on_with_the_runs_that_are_complete() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "compare small.toml --scaling K=10,20,40 --duration 400 --output a.json -q";
    let whole = siegert_in(path, &line.replace("a.json", "whole.json"), "");
    assert_eq!(whole.status, 0, "{}", whole.stderr);
    let mut child = spawn(path, line);
    let started = Instant::now();
    while !path.join("a.json.progress").exists() && child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(60), "no run was completed");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::process::Command::new("kill").args(["-KILL", &child.id().to_string()]).status().unwrap();
    let was_killed = !child.wait().unwrap().success();
    let progress = path.join("a.json.progress");
    if was_killed && progress.exists() {
        let refused = siegert_in(path, line, "");
        assert_eq!(refused.status, 2);
        assert!(refused.stderr.contains("--resume") && refused.stderr.contains("--restart"), "{}", refused.stderr);
        let resumed = siegert_in(path, &format!("{} --resume", line.replace(" -q", "")), "");
        assert_eq!(resumed.status, 0, "{}", resumed.stderr);
        assert!(resumed.stderr.contains("not simulated again"), "{}", resumed.stderr);
    }
    assert!(!progress.exists());
    let numbers = |name: &str| {
        let mut value: Value = serde_json::from_slice(&read(path, name)).unwrap();
        value["provenance"]["command"].take();
        value["states"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|state| drop(state["measured"]["performance"].take()));
        value
    };
    assert_eq!(numbers("a.json"), numbers("whole.json"));
}
