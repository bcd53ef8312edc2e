//! `siegert solve` and `siegert` alone: numbers, files, plots, exit status.

mod support;

use std::fs;

use support::{json, near, siegert, siegert_in, without_provenance};

#[test]
fn the_brunel_network_is_solved_as_its_contract_says() {
    let solution = json("solve brunel2000 --format json");
    assert_eq!(solution["parameters"]["g"], 5.0);
    assert_eq!(solution["parameters"]["J"], "0.1 mV");
    let state = &solution["fixed_points"][0];
    assert_eq!(state["stable"], true);
    assert!(state["residual"].as_f64().unwrap() < 1e-12);
    for (index, name) in ["E", "I"].into_iter().enumerate() {
        let population = &state["populations"][index];
        assert_eq!(population["name"], name);
        // models/brunel2000.toml, case AI, checked there against 22 digits
        assert!(near(&population["rate_hz"], 37.94969708576336, 1e-9), "{population}");
        assert!(near(&population["mean_input_mv"], 21.02515145711832, 1e-9), "{population}");
        assert!(near(&population["std_input_mv"], 7.682907052304934, 1e-9), "{population}");
        assert!(population["validity"]["shared_input_fraction"].is_number());
    }
}

/// The state oscillates under the rate dynamics, with 35 /s at 13 Hz; simulated, it sits still (`tests/comparison.rs`).
#[test]
fn saddles_and_oscillations_of_the_rate_dynamics_are_called_what_they_are() {
    let file = include_str!("../../siegert/tests/networks/slow_inhibition.toml");
    let here = std::path::Path::new(".");
    let run = siegert_in(here, "solve - --format json", file);
    let state = serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap()["fixed_points"][0].clone();
    assert_eq!((&state["stable"], &state["saddle"], &state["index"]), (&false.into(), &false.into(), &1.into()));
    let text = siegert_in(here, "solve -", file).stdout;
    let headline = "State 1 of 1, oscillating under the rate dynamics, which decides nothing for the\n  network (fastest growth +35";
    assert!(text.contains(headline), "{text}");
    let bistable = json("solve brunel2000 --case bistable --format json");
    let saddles: Vec<bool> =
        bistable["fixed_points"].as_array().unwrap().iter().map(|state| state["saddle"] == true).collect();
    assert_eq!(saddles, [false, true, false]);
    let text = siegert("solve brunel2000 --case bistable").stdout.replace("\n  ", " ");
    assert!(text.contains("State 2 of 3, a saddle, unstable in the spiking network, too (fastest growth +"), "{text}");
}

#[test]
fn a_state_comes_with_measures_and_a_verdict_in_every_form() {
    let state = &json("solve ostojic2014 --case strong --format json")["fixed_points"][0];
    assert_eq!((&state["verdict"]["trust"], &state["verdict"]["measure"]), (&"doubtful".into(), &"asynchrony".into()));
    let validity = &state["populations"][0]["validity"];
    assert!(near(&validity["largest_psp_mv"], 4.0, 1e-12) && validity["kramers_moyal"]["d4_mv4_per_ms"].is_number());
    assert_eq!(validity["rate_distribution"]["quantiles_hz"].as_object().unwrap().len(), 5);
    let warning = &validity["warnings"][0];
    assert!(warning["sentence"].as_str().unwrap().contains("PSP"), "{warning}");
    assert_eq!((&warning["kind"], &warning["population"]), (&"psp_size".into(), &"E".into()), "{warning}");
    assert!(warning["value"].as_f64() > warning["limit"].as_f64(), "{warning}");
    let run = siegert("solve ostojic2014 --case strong");
    assert!(run.stdout.contains("Trust: doubtful, for synchrony in E ("), "{}", run.stdout);
    assert!(run.stderr.contains("all populations: A single PSP of 4.00 mV"), "{}", run.stderr);
    assert!(!run.stdout.contains("D3 (mV^3/ms)"));
    assert!(siegert("solve ostojic2014 --kramers-moyal").stdout.contains("D3 (mV^3/ms)"));
    let csv = siegert("solve ostojic2014 --case strong --format csv").stdout;
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| rows[0].iter().position(|column| *column == name).unwrap();
    assert_eq!(rows[1][column("trust")], "doubtful");
    assert!(near(&validity["skewness"], rows[1][column("skewness")].parse().unwrap(), 1e-15), "the same digits");
}

#[test]
fn siegert_alone_solves_the_default_network() {
    let (alone, solved) = (json("--format json"), json("solve brunel2000 --format json"));
    for (key, value) in solved.as_object().unwrap().iter().filter(|(key, _)| *key != "provenance") {
        assert_eq!(&alone[key], value, "{key}");
    }
    // two commands and two kinds of report, of which one is simulated
    let own = ["report", "command", "seed"];
    for (key, value) in solved["provenance"].as_object().unwrap().iter().filter(|(key, _)| !own.contains(&key.as_str()))
    {
        assert_eq!(&alone["provenance"][key], value, "{key}");
    }
    let run = siegert("");
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("37.950") && run.stderr.contains("try next"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn overrides_are_applied_after_the_case() {
    let with_case = json("solve brunel2000 --case SR --format json");
    assert_eq!((&with_case["parameters"]["g"], &with_case["parameters"]["eta"]), (&3.0.into(), &2.0.into()));
    let both = json("solve brunel2000 --case SR --set g=6 --set \"J=0.2 mV\" --format json");
    assert_eq!((&both["parameters"]["g"], &both["parameters"]["J"]), (&6.0.into(), &"0.2 mV".into()));
}

#[test]
fn csv_has_a_row_for_every_population() {
    let run = siegert("solve potjans_diesmann2014 --format csv");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 9);
    let header = "state,stable,saddle,population,size,rate_hz,log10_rate_hz,mean_input_mv,std_input_mv,cv";
    assert!(lines[0].starts_with(header), "{}", lines[0]);
    assert!(lines[1].starts_with("1,true,false,L23E,20683,0.75"), "{}", lines[1]);
}

#[test]
fn files_take_the_form_of_their_ending_and_replace_standard_output() {
    let directory = tempfile::tempdir().unwrap();
    for (name, start) in [("a.json", &b"{"[..]), ("a.csv", b"state,"), ("a.parquet", b"PAR1")] {
        let run = siegert_in(directory.path(), &format!("solve brunel2000 --output {name}"), "");
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        assert!(fs::read(directory.path().join(name)).unwrap().starts_with(start), "{name}");
    }
    let run = siegert_in(directory.path(), "solve brunel2000 --output a.csv --format json", "");
    assert!(run.stdout.starts_with('{'), "with --format there are both");
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        4,
        "no temporary file is left: three results, and what is said of the CSV"
    );
}

#[test]
fn plots_are_drawn_as_svg_and_png() {
    let directory = tempfile::tempdir().unwrap();
    for network in ["brunel2000", "brunel_hakim1999", "potjans_diesmann2014"] {
        for (name, start) in [("a.svg", &b"<svg "[..]), ("a.png", b"\x89PNG")] {
            let run = siegert_in(directory.path(), &format!("solve {network} --plot {name}"), "");
            assert_eq!(run.status, 0, "{}", run.stderr);
            assert!(fs::read(directory.path().join(name)).unwrap().starts_with(start), "{network} {name}");
        }
    }
    let svg = fs::read_to_string(directory.path().join("a.svg")).unwrap();
    assert!(svg.contains("rate (Hz)") && svg.contains("L23E") && svg.contains("Potjans"));
}

#[test]
fn a_file_that_cannot_be_written_is_status_1_and_a_wrong_ending_status_2() {
    for (line, status, message) in [
        ("solve brunel2000 --output no/such/place/a.json", 1, "no/such/place/a.json cannot be written"),
        ("solve brunel2000 --plot no/such/place/a.svg", 1, "no/such/place/a.svg cannot be written"),
        ("solve brunel2000 --output a.txt", 2, ".json, .csv or .parquet"),
        ("solve brunel2000 --plot a.pdf", 2, ".svg or .png"),
        ("solve potjans_diesmann2014 --plot a.svg --plot-kind nullclines", 2, "2 populations"),
        ("solve brunel2000 --plot-kind bars", 2, "--plot"),
        ("plot no_rows.csv a.svg", 2, "no_rows.csv does not exist"),
        ("plot no_rows.csv a.txt", 2, ".svg or .png"),
        ("solve augustin2017 --input shot-noise", 2, "is computed for lif neurons"),
        ("solve augustin2017 --input self-consistent", 2, "is computed for lif neurons"),
        ("solve kuhn2004 --input self-consistent", 2, "is not computed for neurons with conductances"),
        ("solve brunel2000 --input self-consistent --target E.rate=5Hz --vary eta", 2, "is for solve without --target"),
        ("solve sanzeni2022 --input shot-noise", 2, "conductances with a time constant"),
        ("solve brunel2000 --set g", 2, "NAME=VALUE"),
        ("solve brunel2000 --set nonsense=1", 2, "nonsense"),
        ("solve brunel2000 --case nonsense", 2, "nonsense"),
        ("solve no_such_network", 2, "no_such_network"),
        ("solve no_such_file.toml", 2, "no_such_file.toml"),
        ("continue brunel2000", 2, "not in this version yet"),
        ("brunel2000", 2, "siegert solve brunel2000"),
        ("solv brunel2000", 2, "solve"),
    ] {
        let run = siegert(line);
        assert_eq!(run.status, status, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{line}");
    }
}

#[test]
fn standard_input_is_a_network_file() {
    let file = siegert("models brunel2000").stdout;
    let run = siegert_in(std::path::Path::new("."), "solve - --format json", &file);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let solution: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(solution["fixed_points"], json("solve brunel2000 --format json")["fixed_points"]);
}

#[test]
fn adaptation_that_feeds_on_itself_is_refused_and_other_adaptation_lowers_the_rate() {
    let adex = "model = \"adex\"\nDelta_T = \"2 mV\"\nV_peak = \"40 mV\"\nC_m = \"200 pF\"\na = \"A nS\"\nb = \"10 pA\"\ntau_w = \"100 ms\"";
    let file = siegert("models brunel2000").stdout.replace("model   = \"lif\"", adex);
    let here = std::path::Path::new(".");
    let run = siegert_in(here, "solve -", &file.replace("A nS", "-1 nS"));
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("a is -0.1; it must be a finite number, at least 0"), "{}", run.stderr);
    let rate = |file: &str| {
        let run = siegert_in(here, "solve - --format json", file);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let solution: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let population = solution["fixed_points"][0]["populations"][0].clone();
        (population["rate_hz"].as_f64().unwrap(), population["validity"]["mean_adaptation_mv"].as_f64())
    };
    let (adapted, mean_mv) = rate(&file.replace("A nS", "1 nS"));
    let without = file.replace("A nS", "0 nS").replace("b = \"10 pA\"", "b = 0");
    let (free, none_mv) = rate(&without);
    assert!(adapted < 0.9 * free && mean_mv > Some(0.1) && none_mv == Some(0.0), "{adapted} {free} {mean_mv:?}");
}

#[test]
fn options_before_the_command_count_as_if_they_stood_behind_it() {
    let behind = siegert("solve brunel2000 --set g=6 --format json");
    let before = siegert("--set g=6 --format json solve brunel2000");
    assert_eq!(before.status, 0);
    assert_eq!(without_provenance(&before.stdout), without_provenance(&behind.stdout));
    // also those that the command alone has
    assert_eq!(siegert("--over g=3:5:2 --quantity cv sweep brunel2000 --format csv").status, 0);
    let wrong = siegert("--nonsense solve brunel2000");
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("--nonsense"), "{}", wrong.stderr);
}

#[test]
fn no_line_is_wider_than_80_columns() {
    for line in [
        "check potjans_diesmann2014",
        "check balanced_ei",
        "balance potjans_diesmann2014",
        "balance balanced_ei --over K=500:100000000:3",
        "balance brunel2000 --over K=100:10000:3",
        "models",
    ] {
        let run = siegert(line);
        let wide = run.stdout.lines().chain(run.stderr.lines()).find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{line}");
    }
    for name in
        ["brunel2000 --case bistable", "potjans_diesmann2014", "sanzeni2020", "working_memory_lif", "balanced_ei"]
    {
        for options in ["", "--details", "--details --kramers-moyal"] {
            let run = siegert(&format!("solve {name} {options}"));
            let wide = run.stdout.lines().chain(run.stderr.lines()).find(|line| line.chars().count() > 80);
            assert_eq!(wide, None, "solve {name} {options}");
        }
    }
}

#[test]
fn a_file_that_is_replaced_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let run = |options: &str| siegert_in(directory.path(), &format!("solve brunel2000 --output a.json {options}"), "");
    assert!(!run("").stderr.contains("replaced"), "there was none");
    assert!(run("").stderr.contains("a.json is there and will be replaced"));
    assert!(!run("--quiet").stderr.contains("replaced"));
}
