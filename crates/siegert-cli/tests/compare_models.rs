//! `siegert compare-models`: text, rows, JSON, the picture, and what is refused.

mod support;

use support::{json, near, siegert, siegert_in};

#[test]
fn three_models_stand_side_by_side_with_their_states() {
    let directory = tempfile::tempdir().unwrap();
    let run = siegert_in(directory.path(), "compare-models brunel2000 --models lif,eif,qif --plot a.svg", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    for words in [
        "Working points of the network's own neurons",
        "own neuron",
        "37.950",
        "sharp threshold",
        "proved to be all",
        "searched, no proof",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 90), "{}", run.stdout);
    let svg = std::fs::read_to_string(directory.path().join("a.svg")).unwrap();
    assert!(svg.contains("mean input mu (mV)") && svg.contains("qif"));
}

#[test]
fn rheobases_and_slopes_are_matched_and_the_own_model_is_the_file_itself() {
    let found = json("compare-models brunel2000 --models lif,qif --format json -q");
    let solved = json("solve brunel2000 --format json -q");
    let models = found["models"].as_array().unwrap();
    assert_eq!(models.len(), 2);
    let rate = solved["fixed_points"][0]["populations"][0]["rate_hz"].as_f64().unwrap();
    assert!(near(&models[0]["fixed_points"][0]["populations"][0]["rate_hz"], rate, 1e-9));
    for model in models {
        let neuron = &model["neurons"][0];
        assert!(near(&neuron["rheobase_mv"], 20.0, 1e-6), "{neuron}");
        if neuron["matching"] == "slope" {
            assert!(near(&neuron["slope_ratio"], 1.0, 1e-6), "{neuron}");
        }
        assert!(model["solve_s"].as_f64().unwrap() >= 0.0);
    }
    let rows = siegert("compare-models brunel2000 --models lif --format csv -q").stdout;
    assert!(rows.starts_with("model,complete,state,stable,saddle,population,rate_hz"), "{rows}");
    assert_eq!(rows.lines().count(), 1 + 2);
}

/// A network of one type whose neurons no leaky neuron can replace, since their reset is infinite.
const INFINITE: &str = "[neurons.q]\nmodel = \"qif\"\ntau_m = \"20 ms\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\nV_reset = \"-inf\"\n\
    V_peak = \"inf\"\nDelta_T = \"2 mV\"\nt_ref = \"0 ms\"\n[populations]\nE = { size = 100, neuron = \"q\" }\n[[drives]]\n\
    to = \"E\"\nkind = \"noise\"\nmean = \"21 mV\"\nstd = \"2 mV\"\n";

#[test]
fn a_model_that_cannot_take_the_place_does_not_keep_the_others() {
    let run = siegert_in(std::path::Path::new("."), "compare-models - --models qif,lif", INFINITE);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("no lif neuron can take the place of q: "), "{}", run.stdout);
    let qif = run.stdout.lines().find(|line| line.trim_start().starts_with("qif") && line.contains("quadratic"));
    assert!(qif.is_some_and(|line| line.contains(" yes ")), "{}", run.stdout);
}

#[test]
fn what_cannot_be_compared_is_refused_in_words() {
    for (line, message) in [
        ("compare-models brunel2000 --models lif,eiff", "did you mean eif?"),
        ("compare-models brunel2000 --models ,", "no model is named"),
        ("compare-models brunel2000 --models adex", "adex is the eif with adaptation"),
        ("compare-models brunel2000 --plot a.pdf", ".svg or .png"),
        ("compare-models brunel2000 --input shot-noise", "shot-noise is for solve"),
        ("compare-models no_such_network", "no_such_network"),
    ] {
        let run = siegert(line);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
}
