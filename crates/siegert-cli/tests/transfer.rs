//! `siegert transfer`: grids, points, files, plots and what it refuses.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{json, near, siegert, siegert_in};

fn points(line: &str, csv: &str) -> Value {
    let run = siegert_in(Path::new("."), &format!("transfer {line} --points - --format json"), csv);
    assert_eq!(run.status, 0, "{}", run.stderr);
    serde_json::from_str::<Value>(&run.stdout).unwrap()["points"].take()
}

#[test]
fn a_grid_is_computed_with_sigma_varying_fastest() {
    let points = json("transfer --mu \"10 mV:20 mV:2\" --sigma 1:5:3 --format json")["points"].take();
    let inputs: Vec<(f64, f64)> = points
        .as_array()
        .unwrap()
        .iter()
        .map(|point| (point["mu_mv"].as_f64().unwrap(), point["sigma_mv"].as_f64().unwrap()))
        .collect();
    assert_eq!(inputs, [(10.0, 1.0), (10.0, 3.0), (10.0, 5.0), (20.0, 1.0), (20.0, 3.0), (20.0, 5.0)]);
}

#[test]
fn rows_replace_parameters_and_keep_their_order_of_columns() {
    // tests/reference of the library: V_th = 20, V_reset = 10, tau_m = 20, t_ref = 2 without noise at mu = 25
    let points = points("", "sigma_mv,V_reset_mv,mu_mv,t_ref_ms\n0,10,25,2\n0,10,25,0\n");
    assert!(near(&points[0]["rate_hz"], 41.71490687414834, 1e-13), "{points}");
    assert!(points[1]["rate_hz"].as_f64() > points[0]["rate_hz"].as_f64());
    let run = siegert_in(Path::new("."), "transfer --points - --format csv", "sigma_mv,V_reset_mv,mu_mv\n5,10,20\n");
    assert!(
        run.stdout.starts_with("sigma_mv,V_reset_mv,mu_mv,rate_hz,log10_rate_hz,cv\n5.0,10.0,20.0,"),
        "{}",
        run.stdout
    );
}

#[test]
fn log_rates_are_finite_where_rates_underflow_and_null_where_they_are_zero() {
    let points = points("", "mu_mv,sigma_mv\n0,0.5\n0,0\n");
    assert_eq!(points[0]["rate_hz"], 0.0);
    let log10 = points[0]["log10_rate_hz"].as_f64().unwrap();
    assert!((-700.0..-690.0).contains(&log10), "{log10}");
    assert!(points[1]["log10_rate_hz"].is_null() && points[1]["cv"].is_null(), "{points}");
    let run = siegert("transfer --mu 0 --sigma 0 --format csv");
    assert_eq!(run.stdout, "mu_mv,sigma_mv,rate_hz,log10_rate_hz,cv\n0.0,0.0,0.0,-inf,\n");
    assert!(siegert("transfer --mu 0 --sigma 0.5").stdout.contains("10^-69"));
}

#[test]
fn synapses_with_a_time_constant_lower_the_rate_unless_ignored() {
    let row = "mu_mv,sigma_mv,tau_syn_ms\n16,4,0.5\n";
    let rate = |line: &str| points(line, row)[0]["rate_hz"].as_f64().unwrap();
    assert!((rate("") / rate("--filter shift") - 1.0).abs() < 0.03 && rate("") == rate("--filter full"));
    let white = json("transfer --mu 16 --sigma 4 --format json")["points"][0]["rate_hz"].as_f64().unwrap();
    assert_eq!(rate("--synaptic-filter none"), white);
    assert!(rate("") < white && rate("--synaptic-filter taylor") < white);
    assert!((rate("") / rate("--synaptic-filter taylor") - 1.0).abs() < 0.1);
    let run = siegert_in(Path::new("."), "transfer --points - --filter shift", "mu_mv,sigma_mv,tau_syn_ms\n16,4,5\n");
    assert!(run.stderr.contains("sqrt(tau_syn / tau_m)"), "{}", run.stderr);
}

#[test]
fn every_model_has_a_transfer_function_by_its_name_and_as_a_neuron_type() {
    // without noise: t_ref + 2 Delta_T tau_m/root (pi/2 - atan((V_reset - V_th)/root)), root = sqrt(2 Delta_T (mu - V_th))
    let root = 20_f64;
    let time_ms = 2.0 + 4.0 * 20.0 / root * (std::f64::consts::FRAC_PI_2 + (10.0 / root).atan());
    let of = |line: &str| json(&format!("transfer {line} --format json"))["points"].take();
    assert!(near(&of("--neuron qif --mu 120 --sigma 0")[0]["rate_hz"], 1000.0 / time_ms, 1e-12));
    // adaptation lowers the rate of the eif; the mean that it needs more is said by nothing else
    let adapted = of("--neuron adex --mu 30 --sigma 3")[0]["rate_hz"].as_f64();
    assert!(
        adapted > Some(0.0) && adapted < of("--neuron eif --mu 30 --sigma 3")[0]["rate_hz"].as_f64(),
        "{adapted:?}"
    );
    assert!(near(&of("--neuron perfect --mu 20 --sigma 3")[0]["rate_hz"], 1000.0 / 12.0, 1e-12));
    // by name, by rows and from a file they are the same
    let eif = of("--neuron eif --mu 15:21:3 --sigma 3");
    let rows = "mu_mv,sigma_mv,Delta_T_mv,V_peak_mv\n15,3,2,60\n18,3,2,60\n21,3,2,60\n";
    let replaced = points("--neuron eif", rows);
    let file = siegert("models brunel2000")
        .stdout
        .replace("model   = \"lif\"", "model = \"eif\"\nDelta_T = \"2 mV\"\nV_peak = \"60 mV\"");
    let run = siegert_in(Path::new("."), "transfer - --neuron lif --mu 15:21:3 --sigma 3 --format json", &file);
    let of_type = serde_json::from_str::<Value>(&run.stdout).unwrap()["points"].take();
    for row in 0..3 {
        assert_eq!(eif[row]["rate_hz"], replaced[row]["rate_hz"]);
        assert_eq!((&eif[row]["rate_hz"], &eif[row]["cv"]), (&of_type[row]["rate_hz"], &of_type[row]["cv"]));
    }
    let infinite = points("--neuron qif", "mu_mv,sigma_mv,V_reset_mv\n20,2,-inf\n");
    assert!(infinite[0]["rate_hz"].as_f64() > Some(1.0) && infinite[0]["V_reset_mv"].is_null(), "{infinite}");
    let run = siegert_in(
        Path::new("."),
        "transfer --neuron eif --points - --filter shift",
        "mu_mv,sigma_mv,tau_syn_ms\n15,3,5\n",
    );
    assert!(run.stderr.contains("count as instantaneous"), "{}", run.stderr);
    let filtered = points("--neuron eif", "mu_mv,sigma_mv,tau_syn_ms\n15,3,5\n15,3,0\n");
    assert!(filtered[0]["rate_hz"].as_f64() < filtered[1]["rate_hz"].as_f64(), "{filtered}");
}

#[test]
fn jumps_of_a_size_make_the_same_mean_and_noise_as_white_noise() {
    let points = "mu_mv,sigma_mv,jump_mv\n10,5,0\n10,5,2\n15,5,0.5\n";
    let run = siegert_in(Path::new("."), "transfer --points - --input shot-noise --format json", points);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found = serde_json::from_str::<Value>(&run.stdout).unwrap()["points"].take();
    // white noise, and exact rates of `shot_noise_fixed.csv`
    for (row, rate_hz) in [0.8819234559756666, 1.4786983353422944, 9.093295538533264].into_iter().enumerate() {
        let answer = found[row]["rate_hz"].as_f64().unwrap();
        assert!((answer / rate_hz - 1.0).abs() < 1e-6, "{row}: {answer} {rate_hz}");
    }
    for (line, points, message) in [
        ("transfer --mu 15 --sigma 5 --input shot-noise", "", "a column jump_mv"),
        ("transfer --mu 15 --sigma 5 --jump -1:1:3", "", "must not be negative"),
        ("transfer --neuron eif --mu 15 --sigma 5 --jump 0:1:3", "", "computed for the model lif"),
        ("transfer --sigma 5 --jump 0:1:3", "", "--mu"),
        ("transfer --points - --jump 0:1:3", points, "cannot be used with"),
        ("transfer --points - --neuron eif", points, "means nothing for the model eif"),
        ("transfer --points -", "mu_mv,sigma_mv,jump_mv\n10,5,-1\n", "must not be negative"),
        ("transfer --points -", "mu_mv,sigma_mv,jump_mv,tau_syn_ms\n10,5,1,2\n", "instantaneous synapses"),
    ] {
        let run = siegert_in(Path::new("."), line, points);
        assert!(run.status == 2 && run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}

#[test]
fn sizes_of_jumps_of_a_grid_have_the_rate_in_white_noise_beside_them_in_rows_and_picture() {
    let directory = tempfile::tempdir().unwrap();
    let line = "transfer --mu 10 --sigma 5 --jump 0:2:3 --plot jumps.svg";
    let run = siegert_in(directory.path(), &format!("{line} --format json"), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found = serde_json::from_str::<Value>(&run.stdout).unwrap()["points"].take();
    let number = |row: usize, name: &str| found[row][name].as_f64().unwrap();
    assert_eq!([0, 1, 2].map(|row| number(row, "jump_mv")), [0.0, 1.0, 2.0]);
    // white noise, and the exact rate of `shot_noise_fixed.csv`
    assert!((number(2, "rate_hz") / 1.4786983353422944 - 1.0).abs() < 1e-6, "{found}");
    for row in 0..3 {
        assert!((number(row, "diffusion_rate_hz") / 0.8819234559756666 - 1.0).abs() < 1e-6, "{found}");
    }
    assert_eq!(number(0, "rate_hz"), number(0, "diffusion_rate_hz"));
    let picture = fs::read_to_string(directory.path().join("jumps.svg")).unwrap();
    assert!(picture.contains("size of jumps J (mV)") && picture.contains("white noise (diffusion)"));
    // without jumps there is nothing beside
    assert!(!siegert("transfer --mu 10 --sigma 5 --format csv").stdout.contains("diffusion"));
    let text = siegert("transfer --mu 10 --sigma 5 --jump 1").stdout;
    assert!(text.contains("  diffusion_rate (Hz)\n") && text.contains("0.8819\n"), "{text}");
}

#[test]
fn results_do_not_depend_on_threads_or_on_the_file_they_go_to() {
    let directory = tempfile::tempdir().unwrap();
    let grid = "transfer --mu -10:40:301 --sigma 0:10:301 -q";
    let one = siegert_in(directory.path(), &format!("{grid} --threads 1 --format csv"), "").stdout;
    let two = siegert_in(directory.path(), &format!("{grid} --threads 2 --output a.csv"), "");
    assert_eq!((two.status, two.stdout.as_str()), (0, ""), "{}", two.stderr);
    assert_eq!(one.lines().count(), 301 * 301 + 1);
    assert!(one == fs::read_to_string(directory.path().join("a.csv")).unwrap());
    for file in ["a.parquet", "a.json"] {
        assert_eq!(siegert_in(directory.path(), &format!("{grid} --output {file}"), "").status, 0);
    }
    let written: Value = serde_json::from_slice(&fs::read(directory.path().join("a.json")).unwrap()).unwrap();
    assert_eq!(written["points"].as_array().unwrap().len(), 301 * 301);
}

#[test]
fn curves_are_drawn_on_linear_and_logarithmic_axes() {
    let directory = tempfile::tempdir().unwrap();
    let by_name = "transfer --neuron qif --mu 10:30:5 --sigma 1:3:2 -o b.csv --plot b.svg";
    assert_eq!(siegert_in(directory.path(), by_name, "").status, 0);
    assert!(fs::read_to_string(directory.path().join("b.svg")).unwrap().contains("V_peak = inf mV"));
    for options in ["--plot a.svg", "--plot a.svg --log", "--plot a.png --log"] {
        let line = format!("transfer brunel2000 --mu 0:40:41 --sigma 0:9:4 -o a.csv {options}");
        assert_eq!(siegert_in(directory.path(), &line, "").status, 0, "{options}");
    }
    let svg = fs::read_to_string(directory.path().join("a.svg")).unwrap();
    for text in ["mean input mu (mV)", "rate (Hz)", "sigma = 3 mV"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_printed() {
    for (line, input, message) in [
        ("transfer", "", "--points CSV"),
        ("transfer --mu 0:1:2", "", "--sigma"),
        ("transfer --mu 0:1:2 --sigma -1:1:2", "", "negative"),
        ("transfer --mu \"0 Hz:1:2\" --sigma 1", "", "not a unit of voltage"),
        ("transfer --mu 0:1:100000 --sigma 1:2:100000", "", "too large"),
        ("transfer --mu 1 --sigma 1 --neuron nonsense", "", "no such neuron model"),
        ("transfer --mu 1 --sigma 1 --set g=1", "", "no FILE"),
        ("transfer brunel2000 --mu 1 --sigma 1 --neuron nonsense", "", "there are: lif"),
        ("transfer --points -", "mu_mv,sigma_mv\n1,abc\n", "<standard input>:2: sigma_mv is 'abc', not a number"),
        ("transfer --points -", "mu_mv,sigma_mv,Delta_T_mv\n1,2,3\n", "Delta_T_mv"),
        (
            "transfer --neuron qif --points -",
            "mu_mv,sigma_mv,Delta_T_mv\n1,2,3\n1,2,0\n",
            "<standard input>:3: Delta_T_mv is 0",
        ),
        ("transfer --points no_such.csv", "", "no_such.csv does not exist"),
        ("transfer --points a.csv --mu 1 --sigma 1", "", "cannot be used with"),
    ] {
        let run = siegert_in(Path::new("."), line, input);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}
