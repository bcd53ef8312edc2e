//! `siegert response`: text, rows, JSON, the picture, and what is refused.

mod support;

use support::{json, siegert, siegert_in};

/// The states of Brunel (2000) with the modes that his linear theory has: growth per s and frequency, by a second program in 25 digits.
const MODES: [(&str, f64, f64); 3] =
    [("g=6 eta=4", 51.5, 190.2), ("g=5 eta=2", -134.9, 124.3), ("g=4.5 eta=0.9", 7.93, 29.0)];

#[test]
fn the_states_of_brunel_oscillate_as_his_linear_theory_says() {
    for (parameters, growth, frequency) in MODES {
        let set = parameters.split(' ').map(|set| format!("--set {set}")).collect::<Vec<_>>().join(" ");
        let found = json(&format!("response brunel2000 {set} --frequencies 10 --format json -q"));
        let mode = &found["eigenvalues"][0];
        let number = |name: &str| mode[name].as_f64().unwrap();
        assert!((number("growth_per_s") / growth - 1.0).abs() < 2e-3, "{parameters}: {mode}");
        assert!((number("frequency_hz") / frequency - 1.0).abs() < 1e-3, "{parameters}: {mode}");
        assert_eq!(found["stable"], growth < 0.0, "{parameters}: {found}");
        assert_eq!(found["oscillation_hz"].is_null(), growth < 0.0, "{parameters}");
        let parts: f64 = mode["participation"].as_object().unwrap().values().map(|part| part.as_f64().unwrap()).sum();
        assert!((parts - 1.0).abs() < 1e-9, "{mode}");
    }
}

#[test]
fn the_text_says_what_the_network_does_and_the_picture_shows_it() {
    let directory = tempfile::tempdir().unwrap();
    let run = siegert_in(directory.path(), "response brunel2000 --set g=6 --set eta=4 --plot a.svg", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let sentence = "The network does not stay in this state: it begins to oscillate";
    for words in [sentence, "Modes of the network", "Response of the neurons", "State 1 of 1"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    let svg = std::fs::read_to_string(directory.path().join("a.svg")).unwrap();
    assert!(svg.contains("growth of a mode (1/s)") && svg.contains("phase (degrees)"));
    let rows = siegert("response brunel2000 --frequencies 1,10,100 --format csv -q").stdout;
    assert!(rows.starts_with("population,frequency_hz,transfer_re_hz_per_mv,transfer_im_hz_per_mv"), "{rows}");
    assert_eq!(rows.lines().count(), 1 + 2 * 3);
}

/// At rest it is what a change of the input does to the rate.
#[test]
fn slow_modulations_are_followed_as_the_transfer_function_says() {
    let found = json("response brunel2000 --frequencies 0.001 --format json -q");
    let solved = json("solve brunel2000 --format json -q");
    let population = &solved["fixed_points"][0]["populations"][0];
    let [mean, std] = ["mean_input_mv", "std_input_mv"].map(|name| population[name].as_f64().unwrap());
    let rate = |mean: f64| {
        let found = json(&format!("transfer --mu {mean} --sigma {std} --format json -q"));
        found["points"][0]["rate_hz"].as_f64().unwrap()
    };
    let slope = (rate(mean + 0.01) - rate(mean - 0.01)) / 0.02;
    let response = &found["populations"][0];
    let [re, im] = ["transfer_re_hz_per_mv", "transfer_im_hz_per_mv"].map(|name| response[name][0].as_f64().unwrap());
    assert!((re / slope - 1.0).abs() < 1e-5 && im.abs() < 1e-3 * re, "{re} {im} {slope}");
}

/// An oscillation of two populations with slow inhibitory conductances, and a state that facilitation keeps.
#[test]
fn conductances_and_plastic_synapses_have_modes() {
    for (line, words) in [
        ("response sanzeni2022", "nothing grows"),
        ("response vogels_abbott2005_coba --state 3", "begins to oscillate"),
        ("response mongillo2008", "stays in this"),
    ] {
        let run = siegert(line);
        assert_eq!(run.status, 0, "{line}: {}", run.stderr);
        assert!(run.stdout.contains(words), "{line}: {}", run.stdout);
    }
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    for (line, status, words) in [
        ("response brunel2000 --state 3", 2, "there is no state 3: the network has 1"),
        ("response brunel2000 --state 0", 2, "there is no state 0"),
        ("response brunel2000 --frequencies 5mV", 2, "unit of frequency"),
        ("response brunel2000 --frequencies 0:10:3", 2, "frequencies"),
        ("response brunel2000 --input shot-noise", 2, "--input diffusion"),
    ] {
        let run = siegert(line);
        assert_eq!(run.status, status, "{line}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(words), "{line}: {}", run.stderr);
    }
}
