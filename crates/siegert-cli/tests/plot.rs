//! `siegert plot`: rows of a sweep as pictures.

mod support;

use std::fmt::Write;
use std::fs;

use support::{siegert, siegert_in};

/// The rows of a sweep of `brunel2000` at g = 3 over eta, taken from `siegert solve`.
fn rows() -> String {
    let mut rows = "eta,states,state,stable,rate_hz_E,rate_hz_I,error\n".to_string();
    for eta in ["0.6", "0.7", "0.8", "0.9"] {
        let run = siegert(&format!("solve brunel2000 --set g=3 --set eta={eta} --format csv --quiet"));
        // state, stable, saddle, population, size, rate: two lines a state
        let lines: Vec<Vec<&str>> = run.stdout.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let states = lines.len() / 2;
        for pair in lines.chunks(2) {
            let (e, i) = (&pair[0], &pair[1]);
            let _ = writeln!(rows, "{eta},{states},{},{},{},{},", e[0], e[1], e[5], i[5]);
        }
    }
    rows + "1.0,0,,,,,no state\n"
}

#[test]
fn rows_of_a_sweep_are_drawn_as_svg_and_png() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("rows.csv"), rows()).unwrap();
    for (name, start) in [("a.svg", &b"<svg "[..]), ("a.png", b"\x89PNG")] {
        let run = siegert_in(directory.path(), &format!("plot rows.csv {name} --title \"Three states\""), "");
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        assert!(fs::read(directory.path().join(name)).unwrap().starts_with(start), "{name}");
    }
    let svg = fs::read_to_string(directory.path().join("a.svg")).unwrap();
    for text in ["Three states", "rate (Hz)", "E, I", "unstable", "eta"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn what_cannot_be_drawn_leaves_no_file_and_says_what_there_is() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("rows.csv"), rows()).unwrap();
    for (options, message) in [
        ("--quantity nonsense", "rate_hz_E, rate_hz_I"),
        ("--population nonsense", "there are: E, I"),
        ("--state middle", "lowest, highest"),
    ] {
        let run = siegert_in(directory.path(), &format!("plot rows.csv a.svg {options}"), "");
        assert_eq!(run.status, 2, "{options}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{options}: {}", run.stderr);
        assert!(!directory.path().join("a.svg").exists(), "{options}");
    }
}

#[test]
fn rows_that_are_not_there_yet_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for header in ["eta,states,state,stable,rate_hz_E,error\n", "g,eta,states,state,stable,rate_hz_E,error\n"] {
        fs::write(directory.path().join("rows.csv"), header).unwrap();
        let run = siegert_in(directory.path(), "plot rows.csv a.svg", "");
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains("no rows to draw"), "{}", run.stderr);
    }
}

#[test]
fn a_sweep_draws_the_same_picture_whatever_becomes_of_its_rows() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let sweep = "sweep brunel2000 --set g=3 --over eta=log:0.6:0.9:7 --quiet";
    let plain = siegert(sweep).stdout;
    for (picture, options) in [
        ("csv", "--output rows.csv"),
        ("json", "--output rows.json"),
        ("parquet", "--output rows.parquet"),
        ("printed", ""),
        ("text", "--format text"),
    ] {
        let run = siegert_in(directory, &format!("{sweep} {options} --plot {picture}.svg"), "");
        assert_eq!(run.status, 0, "{options}: {}", run.stderr);
        assert!(!options.is_empty() || run.stdout == plain, "a picture changes what is printed");
    }
    assert_eq!(fs::read_to_string(directory.join("rows.csv")).unwrap(), plain);
    let read = |name: &str| fs::read_to_string(directory.join(format!("{name}.svg"))).unwrap();
    let svg = read("csv");
    assert!(["json", "parquet", "printed", "text"].iter().all(|name| read(name) == svg));
    for text in ["Brunel (2000), model A", "g = 3", "unstable", "rate (Hz)"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("eta = "), "a parameter that is swept has no value");
    let left: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3 + 5, "{left:?}");
}

#[test]
fn a_sweep_over_two_parameters_is_a_heat_map_of_the_state_and_population_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let sweep = "sweep brunel2000 --over g=3:5:3 --over eta=0.6:0.9:4 --quiet --output rows.csv --population I";
    let run = siegert_in(directory.path(), &format!("{sweep} --state highest --plot a.svg"), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let svg = fs::read_to_string(directory.path().join("a.svg")).unwrap();
    for text in ["rate of I (Hz)", "highest stable state", "3 states"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn rows_in_any_form_make_the_same_picture() {
    let directory = tempfile::tempdir().unwrap();
    for (name, over) in
        [("curves", "--set g=3 --over eta=log:0.6:0.9:7"), ("map", "--over g=3:5:4 --over eta=0.6:0.9:4")]
    {
        let drawn = ["csv", "json", "parquet"].map(|form| {
            let sweep = format!("sweep brunel2000 {over} --quantity rate_hz,cv --quiet --output {name}.{form}");
            assert_eq!(siegert_in(directory.path(), &sweep, "").status, 0);
            let plot = format!("plot {name}.{form} {form}.svg --quantity rate_hz,cv --title same");
            let run = siegert_in(directory.path(), &plot, "");
            assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
            fs::read_to_string(directory.path().join(format!("{form}.svg"))).unwrap()
        });
        assert!(drawn[0].contains("eta") && drawn[0] == drawn[1] && drawn[0] == drawn[2], "{name}");
    }
    for (name, message) in [("rows.json", "line 1"), ("rows.parquet", "cannot be read as Parquet")] {
        fs::write(directory.path().join(name), rows()).unwrap();
        let run = siegert_in(directory.path(), &format!("plot {name} a.svg"), "");
        assert!(run.status == 2 && run.stderr.contains(message), "{name}: {}", run.stderr);
    }
}

#[test]
fn a_finished_sweep_is_drawn_from_its_rows_and_only_if_it_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let sweep = |over: &str, file: &str, options: &str| {
        let line = format!("sweep brunel2000 --set g=3 \"--over={over}\" --quiet --output {file} {options}");
        siegert_in(directory.path(), &line, "")
    };
    let eta = "eta=0.6:0.9:4";
    let read = |name: &str| fs::read(directory.path().join(name)).unwrap();
    assert_eq!(sweep(eta, "b.csv", "--plot b.svg").status, 0);
    for file in ["a.csv", "a.json", "a.parquet"] {
        assert_eq!(sweep(eta, file, "").status, 0);
        let run = sweep(eta, file, "--resume --plot a.svg");
        assert_eq!(run.status, 0, "{file}: {}", run.stderr);
        assert_eq!(read("a.svg"), read("b.svg"), "{file}");
    }
    for (over, file, message) in [
        ("eta=0.6:0.8:4", "a.csv", "other values of the parameters"),
        ("eta=0.6:0.9:7", "a.csv", "other values of the parameters"),
        ("J=0.1 mV:0.2 mV:4", "a.csv", "is not the result of this sweep"),
        ("J=0.1 mV:0.2 mV:4", "a.json", "is not the result of this sweep"),
    ] {
        let run = sweep(over, file, "--resume --plot c.svg");
        assert_eq!(run.status, 2, "{over} {file}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{over} {file}: {}", run.stderr);
        assert!(!directory.path().join("c.svg").exists());
    }
}

#[test]
fn a_picture_that_cannot_be_is_refused_before_the_sweep_starts() {
    let directory = tempfile::tempdir().unwrap();
    // An hour of work, if it were begun.
    let sweep = "sweep working_memory_lif --over w_plus=1:2.6:30000 --output a.csv";
    for (options, status, message) in [
        ("--plot a.pdf", 2, ".svg or .png"),
        ("--plot absent/a.svg", 1, "the directory does not exist"),
        ("--plot .", 2, ".svg or .png"),
        ("--plot a.svg --population nobody", 2, "there are: "),
        ("--population E", 2, "--plot"),
    ] {
        let run = siegert_in(directory.path(), &format!("{sweep} {options}"), "");
        assert_eq!(run.status, status, "{options}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{options}: {}", run.stderr);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{options}");
    }
    let run = siegert("sweep brunel2000 --over g=3:8:900 --over eta=0.5:4:900 --over K_E=100:900:900 --plot a.svg");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("at most 4,000,000 points"), "{}", run.stderr);
    let run = siegert("sweep brunel2000 --over g=3:8:9 --over eta=0.5:4:9 --over K_E=100:900:9 --plot a.svg");
    assert!(run.status == 2 && run.stderr.contains("over 3; leave --plot out"), "{}", run.stderr);
}
