//! `siegert spectrum` and `siegert correlations`, and what `solve` says of the full dynamics: text, rows, JSON, pictures, and what is refused.

mod support;

use support::{json, siegert, siegert_in};

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// At high frequencies neurons fire independently of each other; the published formula has Poisson neurons.
#[test]
fn fast_fluctuations_are_those_of_independent_neurons() {
    let found = json("spectrum brunel2000 --frequencies 20000 --format json -q");
    let population = &found["populations"][0];
    let (rate, power) = (number(&population["rate_hz"]), number(&population["single_neuron_power_hz"][0]));
    assert!((power / rate - 1.0).abs() < 0.02, "{found}");
    let published = json("spectrum brunel2000 --frequencies 1 --published --format json -q");
    let full = json("spectrum brunel2000 --frequencies 1 --format json -q");
    let [published, full] =
        [published, full].map(|found| number(&found["populations"][0]["single_neuron_power_hz"][0]));
    // CVs of 0.68
    assert!(full < 0.7 * published, "{full} {published}");
}

#[test]
fn the_spectrum_at_rest_is_the_covariance_of_long_counts() {
    let spectrum = json("spectrum brunel2000 --frequencies 0 --format json -q");
    let correlations = json("correlations brunel2000 --format json -q");
    let pair = correlations["pairs"].as_array().unwrap().iter().find(|pair| pair["a"] != pair["b"]).unwrap();
    let cross = number(&spectrum["cross"][0]["re_hz"][0]);
    assert!((number(&pair["covariance_hz"]) / cross - 1.0).abs() < 1e-12, "{pair} {cross}");
    assert_eq!(correlations["bin_ms"], 50.0);
    // inhibition cancels most of what shared sources make
    let own = &correlations["pairs"][0];
    assert!(number(&own["covariance_hz"]).abs() < 0.5 * number(&own["covariance_without_feedback_hz"]), "{own}");
    let long = json("correlations brunel2000 --bin 20000 --format json -q");
    let [ratio, fano] = [&long, &spectrum].map(|found| match found["bin_ms"].is_null() {
        true => {
            number(&found["populations"][0]["power_hz"][0]) * 10_000.0 / number(&found["populations"][0]["rate_hz"])
        }
        false => number(&found["populations"][0]["fano_factor"]),
    });
    assert!((ratio / fano - 1.0).abs() < 0.02, "{ratio} {fano}");
}

#[test]
fn the_states_of_brunel_have_the_names_that_he_gave_them() {
    for (parameters, name) in [
        ("--set g=3 --set eta=2", "synchronous_regular"),
        ("--set g=6 --set eta=4", "synchronous_irregular_fast"),
        ("--set g=5 --set eta=2", "asynchronous_irregular"),
        ("--set g=4.5 --set eta=0.9", "synchronous_irregular_slow"),
        ("--set g=6 --set eta=0.5", "quiescent"),
    ] {
        let found = json(&format!("solve brunel2000 {parameters} --format json -q"));
        let state = &found["fixed_points"][0];
        assert_eq!(state["state_name"], name, "{parameters}: {}", state["full_dynamics"]);
        assert_eq!(state["full_dynamics"]["stable"], !name.starts_with("synchronous"), "{parameters}");
    }
    let run = siegert("solve brunel2000 --set g=6 --set eta=4");
    let text = run.stdout;
    assert!(text.contains("synchronous irregular, fast: unstable (fastest growth\n  +51.5 /s at 190 Hz)"), "{text}");
    assert!(text.contains("Trust: caution, for synchrony"), "{text}");
    assert!(run.stderr.contains("begins to oscillate at 190 Hz"), "{}", run.stderr);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

/// Figure 2A of Brunel (2000): for eta = 2 the network is synchronous and regular up to g = 4, then asynchronous and irregular.
#[test]
fn the_phase_diagram_of_brunel_has_his_states_with_borders_between_them() {
    let directory = tempfile::tempdir().unwrap();
    let line = "sweep brunel2000 --over g=3:8:21 --over eta=0.5:4:15 --phases --plot a.svg --output a.json -q";
    let run = siegert_in(directory.path(), line, "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(directory.path().join("a.json")).unwrap()).unwrap();
    let name = |g: usize, eta: usize| found["names"][g * 15 + eta].as_str().unwrap_or("none");
    // eta = 2
    assert_eq!(
        [name(0, 6), name(8, 6), name(20, 6)],
        ["synchronous_regular", "asynchronous_irregular", "asynchronous_irregular"]
    );
    // g = 6, eta = 4, and eta = 0.5
    assert_eq!([name(12, 14), name(12, 0)], ["synchronous_irregular_fast", "quiescent"]);
    let borders = found["borders"].as_array().unwrap();
    let between = |a: &str, b: &str| {
        let of = |border: &&serde_json::Value| border["between"][0] == a && border["between"][1] == b;
        borders.iter().filter(of).flat_map(|border| border["points"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    // where the fast oscillation begins nothing grows: the mode is followed by the growth at two points beside
    let onset = between("asynchronous_irregular", "synchronous_irregular_fast");
    assert!(onset.len() > 5, "{borders:?}");
    let at = &onset[onset.len() / 2];
    let (g, eta) = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
    let solved = json(&format!("solve brunel2000 --set g={g} --set eta={eta} --format json -q"));
    let growth = solved["fixed_points"][0]["full_dynamics"]["growth_per_s"].as_f64().unwrap();
    assert!(growth.abs() < 3.0, "{g} {eta} {growth}");
    assert!(found["computed"].as_u64().unwrap() <= 21 * 15);
    let svg = std::fs::read_to_string(directory.path().join("a.svg")).unwrap();
    assert!(svg.contains("SI fast") && svg.contains("asynchronous irregular"));
}

#[test]
fn text_rows_and_pictures_have_all_populations() {
    let directory = tempfile::tempdir().unwrap();
    for (command, rows, words) in [
        ("spectrum potjans_diesmann2014 --frequencies 1:300:7", 1 + 7 * (8 + 28), "coherence of populations"),
        ("correlations brunel2000", 1 + 3, "size of the network"),
    ] {
        let run = siegert_in(directory.path(), &format!("{command} --plot a.svg"), "");
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
        let svg = std::fs::read_to_string(directory.path().join("a.svg")).unwrap();
        assert!(svg.contains(words), "{command}");
        assert_eq!(siegert(&format!("{command} --format csv -q")).stdout.lines().count(), rows, "{command}");
    }
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    for (line, status, words) in [
        ("correlations ostojic2014 --case strong --random-part", 1, "differences between neurons feed on themselves"),
        ("correlations brunel2000 --bin 0", 2, "--bin"),
        ("correlations brunel2000 --bin -5ms", 2, "--bin"),
        ("sweep brunel2000 --over g=3:8:5 --phases", 2, "over two parameters"),
        ("spectrum brunel2000 --state 3", 2, "there is no state 3: the network has 1"),
        ("spectrum brunel2000 --input shot-noise", 2, "--input diffusion"),
    ] {
        let run = siegert(line);
        assert_eq!(run.status, status, "{line}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(words), "{line}: {}", run.stderr);
    }
    // what could not be before
    for line in ["solve mongillo2008", "solve vogels_abbott2005_coba"] {
        let found = siegert(line).stdout;
        assert!(!found.contains("is not known"), "{line}: {found}");
    }
}
