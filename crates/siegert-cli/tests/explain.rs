//! `siegert explain` and `siegert response --critical`: text, rows, JSON, the picture, and what is refused.

mod support;

use support::{json, siegert, siegert_in};

#[test]
fn the_text_says_which_projection_makes_the_rhythm_and_the_picture_shows_it() {
    let directory = tempfile::tempdir().unwrap();
    let line = "explain brunel2000 --set g=6 --set eta=4 --of frequency --plot a.svg";
    let run = siegert_in(directory.path(), line, "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "frequency_hz of mode 1 is 190.209 Hz",
        "it depends most on the delay of I -> I",
        "Its loop is I -> I",
        "1 % more",
    ] {
        assert!(text.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    let svg = std::fs::read_to_string(directory.path().join("a.svg")).unwrap();
    assert!(svg.contains("change of frequency_hz for 1 % more (Hz)"));
    let rows = siegert("explain brunel2000 --of E.rate --format csv -q").stdout;
    assert!(rows.starts_with("kind,index,from,to,parameter,value,unit,per_percent,per_unit"), "{rows}");
    assert_eq!(rows.lines().count(), 1 + 4 * 3 + 2 * 3, "{rows}");
}

/// The derivative with a drive's rate, beside two networks that are solved.
#[test]
fn a_derivative_is_what_a_changed_network_makes_of_the_number() {
    let found = json("explain brunel2000 --of growth --format json -q");
    let of_rates: f64 = found["derivatives"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|by| by["parameter"] == "rate")
        .map(|by| 100.0 * by["per_percent"].as_f64().unwrap())
        .sum();
    let growth = |eta: f64| {
        let report = json(&format!("response brunel2000 --set eta={eta} --frequencies 10 --format json -q"));
        report["eigenvalues"][0]["growth_per_s"].as_f64().unwrap()
    };
    let difference = 2.0 * (growth(2.002) - growth(1.998)) / 0.004;
    assert!((of_rates / difference - 1.0).abs() < 1e-5, "{of_rates} {difference}");
}

#[test]
fn the_drive_from_which_on_the_network_oscillates_is_told() {
    let found = json("response brunel2000 --frequencies 10 --critical eta=1:5.5 --format json -q");
    let critical = &found["critical"]["values"][0];
    assert!((critical["value"].as_f64().unwrap() / 4.674232691069492 - 1.0).abs() < 1e-8, "{critical}");
    assert!((critical["frequency_hz"].as_f64().unwrap() / 193.13783875327994 - 1.0).abs() < 1e-8, "{critical}");
    let run = siegert("response brunel2000 --frequencies 10 --critical eta=1.8:2.2");
    assert!(run.stdout.contains("None: nothing begins to grow where it was looked"), "{}{}", run.stdout, run.stderr);
    let run = siegert("response brunel2000 --frequencies 10 --critical delay");
    assert!(run.stdout.contains("an oscillation of"), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    for (line, status, words) in [
        ("explain brunel2000 --of frequncy", 2, "did you mean frequency?"),
        ("explain brunel2000 --of cv", 2, "say which of E, I"),
        ("explain brunel2000 --of cv --population X", 2, "there are E, I"),
        ("explain brunel2000 --of E.cv --root 2", 2, "no number of a root"),
        ("explain brunel2000 --of growth --root 99", 2, "there is no root 99"),
        ("explain brunel2000 --of growth --root 0", 2, "there is no root 0"),
        ("explain brunel2000 --of growth --state 7", 2, "there is no state 7"),
        ("explain brunel2000 --of E.peak --root 2", 2, "no number of a root"),
        ("response brunel2000 --critical nothing", 2, "no parameter \"nothing\""),
        ("response brunel2000 --critical eta=1mV:2mV", 2, "plain numbers"),
        ("response brunel2000 --critical delay=1:2", 2, "must be in ms"),
    ] {
        let run = siegert(line);
        assert_eq!(run.status, status, "{line}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(words), "{line}: {}", run.stderr);
    }
}
