//! `siegert sweep`: rows, files, what it refuses, and sweeps that are stopped and go on.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{json, names, siegert, siegert_in, without_provenance};

/// 100,000 points of a network of one population.
const LARGE: &str =
    "sweep brunel_hakim1999 --over \"mu_ext=10 mV:40 mV:400\" --over \"J=0.05 mV:0.5 mV:250\" -q --quantity rate_hz,cv";
/// A few seconds of the same.
const MEDIUM: &str = "sweep brunel_hakim1999 --over \"mu_ext=10 mV:40 mV:40\" --over \"J=0.05 mV:0.5 mV:250\" -q";

fn read(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Starts `siegert` without waiting for it.
fn spawn(directory: &Path, line: &str) -> Child {
    let arguments = line.split('"').enumerate().flat_map(|(index, part)| {
        if index % 2 == 1 { vec![part.to_string()] } else { part.split_whitespace().map(str::to_string).collect() }
    });
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("siegert"));
    command.current_dir(directory).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("it runs")
}

/// `--over "x=..."` would be cut at its quotes: the whole argument is quoted here.
fn over(line: &str) -> String {
    line.replace("--over \"", "\"--over=")
}

#[test]
fn each_state_is_a_row_and_the_last_parameter_varies_fastest() {
    let run = siegert("sweep brunel2000 --over g=3:6:2 --over eta=0.7:2:2 --quantity rate_hz,index");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "g,eta,states,state,stable,saddle,complete,rate_hz_E,rate_hz_I,index,error");
    let starts = [
        "3.0,0.7,3,1,true,false,",
        "3.0,0.7,3,2,false,true,",
        "3.0,0.7,3,3,true,false,",
        "3.0,2.0,1,1,",
        "6.0,0.7,1,1,",
        "6.0,2.0,1,1,",
    ];
    assert_eq!(lines.len(), 1 + starts.len(), "{}", run.stdout);
    assert!(lines[1..].iter().zip(starts).all(|(line, start)| line.starts_with(start)), "{}", run.stdout);
    assert!(lines[2].contains(",6.6257300509"), "{}", run.stdout);
}

#[test]
fn the_forms_of_standard_output_and_of_files_say_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let line = over("sweep brunel2000 --over \"tau_m=0.005 s:20 ms:3\" --over K_E=5000:20000:2 --quantity rate_hz,cv");
    let csv = siegert(&line).stdout;
    for file in ["a.csv", "a.json", "a.parquet"] {
        let run = siegert_in(directory.path(), &format!("{line} --output {file}"), "");
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    }
    assert_eq!(names(directory.path()), ["a.csv", "a.json", "a.parquet"], "nothing else is left");
    assert_eq!(read(directory.path(), "a.csv"), csv);
    let printed = siegert(&format!("{line} --format json"));
    let file = without_provenance(&read(directory.path(), "a.json"));
    assert_eq!(file, without_provenance(&printed.stdout), "{}", printed.stderr);
    let value: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(value["over"][0]["column"], "tau_m_ms");
    let rows = value["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["tau_m_ms"], &rows[0]["stable"]), (6, &5.0.into(), &true.into()));
    assert!(rows[1]["rate_hz_E"].is_null() && rows[1]["states"] == 0, "{}", rows[1]);
    assert!(rows[1]["error"].as_str().unwrap().contains("at most 10000 different inputs"), "{}", rows[1]);
    let text = siegert(&format!("{line} --format text")).stdout;
    assert!(text.lines().next().unwrap().ends_with("cv_I  error") && text.contains("yes"), "{text}");
    let bytes = fs::read(directory.path().join("a.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
}

#[test]
fn a_sweep_agrees_with_solve() {
    let row =
        &json("sweep potjans_diesmann2014 \"--over=rate_ext=8 Hz\" --format json --quantity rate_hz,cv")["rows"][0];
    let state = &json("solve potjans_diesmann2014 --format json")["fixed_points"][0];
    for population in state["populations"].as_array().unwrap() {
        let name = population["name"].as_str().unwrap();
        assert_eq!(row[format!("rate_hz_{name}")], population["rate_hz"], "{name}");
        assert_eq!(row[format!("cv_{name}")], population["cv"], "{name}");
    }
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let directory = tempfile::tempdir().unwrap();
    for format in ["csv", "parquet"] {
        let bytes = |threads: usize| {
            let name = format!("{threads}.{format}");
            let line = format!("{} --threads {threads} --output {name}", over(MEDIUM));
            assert_eq!(siegert_in(directory.path(), &line, "").status, 0);
            fs::read(directory.path().join(name)).unwrap()
        };
        let one = bytes(1);
        let lines = one.iter().filter(|byte| **byte == b'\n').count();
        assert!(format != "csv" || lines > 10_000, "{lines}");
        assert!(one == bytes(2) && one == bytes(3), "{format}");
    }
}

/// Kills the sweep `times` times, each after a random part of the time that an unbroken one takes; then lets it finish.
#[cfg(unix)]
fn killed_and_resumed(format: &str, seed: u64, times: usize) {
    let directory = tempfile::tempdir().unwrap();
    let line = over(LARGE);
    let started = Instant::now();
    assert_eq!(siegert_in(directory.path(), &format!("{line} --output whole.{format}"), "").status, 0);
    let whole = started.elapsed();
    let resumed = format!("{line} --output broken.{format} --resume");
    let (mut state, mut kills) = (seed, 0);
    for _ in 0..times {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        // some before anything is written, some while much is, some in the last moment
        let part = (state >> 33) as f64 / (1u64 << 31) as f64 * 0.25;
        let mut child = spawn(directory.path(), &resumed);
        std::thread::sleep(whole.mul_f64(part));
        kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
    }
    let last = siegert_in(directory.path(), &resumed, "");
    assert_eq!(last.status, 0, "{}", last.stderr);
    assert!(kills >= times / 2, "only {kills} of {times} were killed before they were done");
    let read = |name: &str| fs::read(directory.path().join(name)).unwrap();
    assert!(read(&format!("whole.{format}")) == read(&format!("broken.{format}")));
    assert_eq!(names(directory.path()), [format!("broken.{format}"), format!("whole.{format}")]);
}

#[test]
#[cfg(unix)]
fn killed_ten_times_and_resumed_the_csv_file_is_that_of_an_unbroken_sweep() {
    killed_and_resumed("csv", 1, 10);
}

#[test]
#[cfg(unix)]
fn killed_ten_times_and_resumed_the_parquet_file_is_that_of_an_unbroken_sweep() {
    killed_and_resumed("parquet", 2, 10);
}

/// The points that the journal of `a.csv` vouches for; none where there is no journal yet.
fn done(directory: &Path) -> u64 {
    let journal = fs::read(directory.join("a.csv.progress")).unwrap_or_default();
    let journal: serde_json::Value = serde_json::from_slice(&journal).unwrap_or_default();
    journal["done"].as_u64().unwrap_or(0)
}

/// Starts a sweep and stops it by `signal` as soon as it has come further; gives the exit status.
#[cfg(unix)]
fn interrupted(directory: &Path, line: &str, signal: &str) -> Option<i32> {
    let (before, mut child) = (done(directory), spawn(directory, line));
    let patience = Instant::now();
    while done(directory) <= before {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    child.wait().unwrap().code()
}

#[test]
#[cfg(unix)]
fn an_interrupted_sweep_keeps_what_is_done_and_says_how_to_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let line = format!("{} --output a.csv", over(LARGE));
    assert_eq!(interrupted(directory.path(), &line, "-INT"), Some(1));
    assert_eq!(names(directory.path()), ["a.csv.partial", "a.csv.progress"]);

    let refused = siegert_in(directory.path(), &line, "");
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("--resume") && refused.stderr.contains("--restart"), "{}", refused.stderr);
    assert!(refused.stderr.contains("of 100,000 points are done"), "{}", refused.stderr);

    for (other, what) in [
        (line.replace("0.5 mV", "0.6 mV"), "what differs is --over"),
        (line.replace("rate_hz,cv", "rate_hz"), "what differs is --quantity"),
        (format!("{line} --set K=500"), "what differs is --set"),
        (format!("{line} --synaptic-filter none"), "what differs is --filter"),
        (line.replace("brunel_hakim1999", "\"brunel_hakim1999\" --case mu30"), "what differs is --case"),
    ] {
        let run = siegert_in(directory.path(), &format!("{other} --resume"), "");
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains(what) && run.stderr.contains("--restart"), "{what}: {}", run.stderr);
    }

    let before = done(directory.path());
    assert!(before > 0 && before < 100_000, "{before}");
    assert_eq!(interrupted(directory.path(), &format!("{line} --resume"), "-TERM"), Some(1));
    assert!(done(directory.path()) > before, "nothing is lost");
}

#[test]
fn what_the_journal_does_not_vouch_for_is_not_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let line = format!("{} --output a.csv", over(MEDIUM));
    let resume = || siegert_in(directory.path(), &format!("{line} --resume"), "");
    // nothing there: a resumed sweep begins; once finished it stays so
    assert_eq!(resume().status, 0);
    let whole = read(directory.path(), "a.csv");
    let again = siegert_in(directory.path(), &format!("{line} --resume").replace(" -q", ""), "");
    assert!(again.status == 0 && again.stderr.contains("finished already"), "{}", again.stderr);
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    let refused = |message: &str| {
        let run = resume();
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains(message) && run.stderr.contains("--restart"), "{message}: {}", run.stderr);
    };
    write("a.csv.partial", "rows of nobody knows what");
    refused("a.csv.progress is missing");
    write("a.csv.progress", "{ not json");
    refused("a.csv.progress cannot be read");
    assert_eq!(siegert_in(directory.path(), &format!("{line} --restart"), "").status, 0);
    assert_eq!(read(directory.path(), "a.csv"), whole);
    assert_eq!(names(directory.path()), ["a.csv"]);
}

#[test]
#[cfg(unix)]
fn where_no_more_can_be_written_what_is_done_stays_good() {
    let directory = tempfile::tempdir().unwrap();
    let line = format!("{} --output a.csv", over(MEDIUM));
    assert_eq!(siegert_in(directory.path(), &line.replace("a.csv", "whole.csv"), "").status, 0);
    // a limit on the size of files stands for a full disk: half of what is needed, in blocks of 512 or 1024 bytes
    let limit = fs::metadata(directory.path().join("whole.csv")).unwrap().len() / 4096;
    let arguments = line.replace("\"--over=", "'--over=").replace('"', "'");
    let program = assert_cmd::cargo::cargo_bin("siegert");
    let script = format!("trap '' XFSZ; ulimit -f {limit}; exec {} {arguments}", program.display());
    let output = Command::new("sh").arg("-c").arg(script).current_dir(directory.path()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("a.csv.partial cannot be written") && message.contains("--resume"), "{message}");
    let run = siegert_in(directory.path(), &format!("{line} --resume"), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(read(directory.path(), "a.csv") == read(directory.path(), "whole.csv"));
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_computed() {
    let directory = tempfile::tempdir().unwrap();
    for (line, message) in [
        ("sweep brunel2000", "--over"),
        ("sweep brunel2000 --over g", "NAME=A:B:N"),
        ("sweep brunel2000 --over g=3:8", "A:B:N"),
        ("sweep brunel2000 --over g=3:x:5", "neither a parameter nor a unit"),
        ("sweep brunel2000 --over gg=3:8:5", "there is no parameter \"gg\""),
        ("sweep brunel2000 --over tau_m=3:8:5", "tau_m must be a time (ms)"),
        ("sweep brunel2000 --over g=3:8:5 --over g=3:8:5", "varied twice"),
        ("sweep brunel2000 --over g=3:8:5 --set g=3", "both varied and set"),
        ("sweep brunel2000 --over g=3:8:5 --quantity cvs", "did you mean cv?"),
        ("sweep brunel2000 --over g=3:8:99999999 --over eta=3:8:99999999", "too large"),
        ("sweep brunel2000 --over g=3:8:5000 --format text", "--output"),
        ("sweep brunel2000 --over g=3:8:5 --output a.txt", ".json, .csv or .parquet"),
        ("sweep brunel2000 --over g=3:8:5 --output a.csv --format csv", "--format"),
        ("sweep brunel2000 --over g=3:8:5 --resume", "--output"),
        (
            "sweep brunel2000 --over g=3:8:5 --input single-jumps",
            "[possible values: diffusion, shot-noise, self-consistent]",
        ),
        ("sweep no_such_network --over g=3:8:5", "no_such_network"),
    ] {
        let run = siegert_in(directory.path(), line, "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
    let run = siegert_in(directory.path(), "sweep brunel2000 --over g=3:8:5 --output no/such/place.csv", "");
    assert!(run.status == 1 && run.stderr.contains("does not exist"), "{}", run.stderr);
    assert!(names(directory.path()).is_empty(), "{:?}", names(directory.path()));
}

#[test]
fn the_parts_of_validity_are_quantities_too() {
    let run = support::siegert(
        "sweep brunel2000 --over g=5:6:2 --quantity rate_distribution.std_hz,kramers_moyal.d3_mv3_per_ms --format csv",
    );
    assert_eq!(run.status, 0, "{}", run.stderr);
    let header = run.stdout.lines().next().unwrap();
    for column in ["rate_std_hz_E", "d3_mv3_per_ms_I"] {
        assert!(header.split(',').any(|name| name == column), "{header}");
    }
    let d3: f64 = run.stdout.lines().nth(1).unwrap().split(',').rev().nth(1).unwrap().parse().unwrap();
    assert!((d3 + 0.188).abs() < 0.001, "{}", run.stdout);
}
