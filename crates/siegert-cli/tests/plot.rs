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
        // state, stable, population, size, rate: two lines a state
        let lines: Vec<Vec<&str>> = run.stdout.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let states = lines.len() / 2;
        for pair in lines.chunks(2) {
            let (e, i) = (&pair[0], &pair[1]);
            let _ = writeln!(rows, "{eta},{states},{},{},{},{},", e[0], e[1], e[4], i[4]);
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
