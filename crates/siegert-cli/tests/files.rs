//! Files: none is lost to another under another name, none is taken for what it is not, and what is there keeps its nature.

#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{SMALL, names, read, siegert_in, spawn, with_small_network};

const SHORT: &str = "simulate small.toml --duration 20 --warmup 0 -q";
const SWEEP: &str = "sweep small.toml --over g=3:8:6 -q";

fn refused(directory: &Path, line: &str, message: &str) {
    let run = siegert_in(directory, line, "");
    assert_eq!(run.status, 2, "{line}: {}", run.stderr);
    assert!(run.stderr.contains(message), "{line}: {message}: {}", run.stderr);
}

fn done(directory: &Path, line: &str) {
    let run = siegert_in(directory, line, "");
    assert_eq!(run.status, 0, "{line}: {}", run.stderr);
}

#[test]
fn two_outputs_that_are_one_file_are_refused_under_whatever_names() {
    let directory = with_small_network();
    let path = directory.path();
    fs::create_dir(path.join("inner")).unwrap();
    symlink("a.csv", path.join("to_a.csv")).unwrap();
    fs::write(path.join("b.csv"), "old").unwrap();
    fs::hard_link(path.join("b.csv"), path.join("hard.csv")).unwrap();
    for (one, other) in [
        ("a.csv", "a.csv"),
        ("a.csv", "./a.csv"),
        ("a.csv", "inner/../a.csv"),
        ("a.csv", "to_a.csv"),
        ("to_a.csv", "a.csv"),
        ("b.csv", "hard.csv"),
    ] {
        refused(path, &format!("{SHORT} --spikes {one} --output {other}"), "--spikes");
        refused(path, &format!("compare small.toml -q --spikes {one} --output {other}"), "--spikes");
    }
    refused(path, &format!("{SHORT} --spikes a.csv --checkpoint a.csv.partial"), "its .partial");
}

#[test]
fn an_input_is_never_an_output() {
    let directory = with_small_network();
    let path = directory.path();
    for name in ["net.csv", "net.svg", "net.py", "net.csv.partial", "net.csv.progress", "net.html"] {
        fs::write(path.join(name), SMALL).unwrap();
    }
    fs::write(path.join("points.csv"), "mu_mv,sigma_mv\n10,5\n").unwrap();
    done(path, &format!("{SWEEP} --output rows.csv"));
    symlink("rows.csv", path.join("rows.svg")).unwrap();
    let message = "would replace";
    for line in [
        "solve net.csv --output ./net.csv",
        "solve net.svg --plot net.svg",
        "check net.csv --output net.csv",
        "balance net.csv --output net.csv",
        "compare-models net.csv --output net.csv",
        "response net.csv --output net.csv",
        "explain net.csv --of E.rate --output net.csv",
        "transfer net.csv --mu 0:1:2 --sigma 1 --output net.csv",
        "transfer --points points.csv --output points.csv",
        "simulate net.csv --spikes net.csv",
        "simulate net.csv.partial --spikes net.csv",
        "compare net.html --report net.html",
        "export nest net.py --output net.py",
        "sweep net.csv --over g=3:8:6 --output net.csv --restart",
        "sweep net.csv.progress --over g=3:8:6 --output net.csv --restart",
        "plot rows.csv rows.svg",
    ] {
        refused(path, line, message);
    }
    // the same file by way of standard input
    let binary = assert_cmd::cargo::cargo_bin("siegert");
    let output = Command::new(binary)
        .args(["solve", "-", "--output", "net.csv"])
        .stdin(fs::File::open(path.join("net.csv")).unwrap())
        .current_dir(path)
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains(message));
    for name in ["net.csv", "net.svg", "net.py", "net.csv.partial", "net.csv.progress", "net.html"] {
        assert_eq!(read(path, name), SMALL.as_bytes(), "{name}");
    }
}

#[test]
fn what_is_replaced_keeps_its_mode_and_what_is_protected_stays() {
    let directory = with_small_network();
    let path = directory.path();
    let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
    let protect = |name: &str, mode| fs::set_permissions(path.join(name), fs::Permissions::from_mode(mode)).unwrap();
    for (line, name) in [
        ("solve small.toml -q --output NAME", "a.csv"),
        ("solve small.toml -q --output NAME", "a.json"),
        ("solve small.toml -q --plot NAME", "a.svg"),
        (&format!("{SHORT} --spikes NAME"), "b.csv"),
        (&format!("{SWEEP} --output NAME"), "c.csv"),
        (&format!("{SWEEP} --output NAME"), "c.parquet"),
    ] {
        let line = line.replace("NAME", name);
        fs::write(path.join(name), "old").unwrap();
        protect(name, 0o600);
        done(path, &line);
        assert_eq!(mode(name), 0o600, "{line}");
        assert_ne!(read(path, name), b"old");
        protect(name, 0o444);
        let before = read(path, name);
        let run = siegert_in(path, &line, "");
        assert!(run.status == 1 && run.stderr.contains("read-only"), "{line}: {}", run.stderr);
        assert!(read(path, name) == before, "{line}");
    }
}

#[test]
fn a_pipe_is_written_to_and_stays_a_pipe() {
    let directory = with_small_network();
    let path = directory.path();
    done(path, &format!("{SWEEP} --output rows.csv"));
    done(path, "solve small.toml -q --output solve.csv");
    for (line, expected) in [("solve small.toml -q --output pipe.csv", "solve.csv"), (SWEEP, "rows.csv")] {
        let line = if line == SWEEP { format!("{SWEEP} --output pipe.csv") } else { line.to_string() };
        let pipe = path.join("pipe.csv");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
        done(path, &line);
        let found = reader.wait_with_output().unwrap().stdout;
        assert!(found == read(path, expected), "{line}");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo(), "{line}");
        fs::remove_file(&pipe).unwrap();
    }
}

#[test]
fn only_the_result_of_this_very_sweep_counts_as_finished() {
    let directory = with_small_network();
    let path = directory.path();
    fs::write(path.join("other.toml"), SMALL.replace("15 Hz", "16 Hz")).unwrap();
    for ending in ["csv", "json", "parquet"] {
        let line = format!("{SWEEP} --output a.{ending}");
        done(path, &line);
        let whole = read(path, &format!("a.{ending}"));
        done(path, &format!("{line} --resume"));
        for other in [
            line.replace("3:8:6", "3:8:7"),
            line.replace("3:8:6", "3:8:5"),
            line.replace("g=3:8:6", "g=4:9:6"),
            line.replace("small.toml", "other.toml"),
            format!("{line} --quantity cv"),
        ] {
            refused(path, &format!("{other} --resume"), "is not the result of this sweep");
        }
        assert!(read(path, &format!("a.{ending}")) == whole);
        for foreign in [&b"my own notes"[..], b"", &whole[..whole.len() / 2], &whole[..whole.len() - 1]] {
            fs::write(path.join(format!("a.{ending}")), foreign).unwrap();
            refused(path, &format!("{line} --resume"), "--restart");
            assert!(read(path, &format!("a.{ending}")) == foreign);
        }
        let altered = String::from_utf8_lossy(&whole).replacen("5.0,1,1,true", "5.0,1,1,false", 1);
        let altered = altered.replacen(
            "\"g\": 5.0, \"states\": 1, \"state\": 1, \"stable\": true",
            "\"g\": 5.0, \"states\": 1, \"state\": 1, \"stable\": false",
            1,
        );
        if ending != "parquet" {
            assert_ne!(altered.as_bytes(), whole);
            fs::write(path.join(format!("a.{ending}")), altered).unwrap();
            refused(path, &format!("{line} --resume"), "other numbers at g = 5");
        }
        done(path, &format!("{line} --restart"));
        assert!(read(path, &format!("a.{ending}")) == whole);
        assert_eq!(names(path), [&format!("a.{ending}"), "other.toml"]);
        fs::remove_file(path.join(format!("a.{ending}"))).unwrap();
    }
}

#[test]
fn rows_of_an_unfinished_sweep_that_were_altered_are_not_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let line =
        "sweep brunel_hakim1999 \"--over=mu_ext=10 mV:40 mV:400\" \"--over=J=0.05 mV:0.5 mV:250\" -q --output a.csv";
    let mut child = spawn(path, line);
    let patience = Instant::now();
    while fs::read_to_string(path.join("a.csv.progress")).map_or(true, |text| text.contains("\"done\":0")) {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    let hidden = names(path).into_iter().filter(|name| name.starts_with(".siegert")).count();
    assert_eq!(hidden, 0);
    let mut rows = read(path, "a.csv.partial");
    let digit = rows.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end / 2);
    let digit = (digit..rows.len()).find(|&at| rows[at].is_ascii_digit()).unwrap();
    rows[digit] = if rows[digit] == b'7' { b'8' } else { b'7' };
    // beyond what the journal vouches for nothing counts: the first row is within
    let first = rows.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    rows[first] = if rows[first] == b'7' { b'8' } else { b'7' };
    fs::write(path.join("a.csv.partial"), rows).unwrap();
    refused(path, &format!("{line} --resume"), "have been altered");
}

#[test]
fn a_complete_run_that_is_resumed_says_where_its_spikes_are() {
    let directory = with_small_network();
    let path = directory.path();
    done(path, &format!("{SHORT} --checkpoint run.ckpt --spikes a.csv"));
    let again = SHORT.replace(" -q", " --resume run.ckpt");
    let run = siegert_in(path, &format!("{again} --spikes ./a.csv"), "");
    assert!(run.status == 0 && run.stderr.contains("the run was complete"), "{}", run.stderr);
    assert!(run.stderr.contains("a.csv"), "{}", run.stderr);
    refused(path, &format!("{again} --spikes b.csv"), "copy them");
    fs::remove_file(path.join("a.csv")).unwrap();
    refused(path, &format!("{again} --spikes a.csv"), "are gone");
    assert_eq!(names(path), ["run.ckpt"]);
}

#[test]
fn a_checkpoint_is_not_shared_and_nothing_is_left_of_a_killed_run() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "simulate small.toml --duration \"600 s\" --checkpoint run.ckpt -q";
    let mut child = spawn(path, line);
    let patience = Instant::now();
    while !path.join("run.ckpt.lock").exists() {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    let second = siegert_in(path, &line.replace("run.ckpt", "./run.ckpt"), "");
    assert!(second.status == 1 && second.stderr.contains("another siegert"), "{}", second.stderr);
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    let left = names(path);
    assert!(left.iter().all(|name| ["run.ckpt", "run.ckpt.lock", "stdout.json"].contains(&name.as_str())), "{left:?}");
    let _ = fs::remove_file(path.join("run.ckpt"));
    done(path, &format!("{SHORT} --checkpoint run.ckpt"));
    assert_eq!(names(path), ["run.ckpt", "stdout.json"]);
}

#[test]
fn a_signal_that_nohup_ignores_stays_ignored() {
    let directory = with_small_network();
    let path = directory.path();
    let program = assert_cmd::cargo::cargo_bin("siegert");
    let script =
        format!("trap '' HUP; exec {} simulate small.toml --duration '600 s' -q --spikes a.csv", program.display());
    let mut child = Command::new("sh").arg("-c").arg(script).current_dir(path).stdout(Stdio::null()).spawn().unwrap();
    let patience = Instant::now();
    while fs::metadata(path.join("a.csv.partial")).map_or(0, |of| of.len()) < 100_000 {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    let signal = |name: &str| Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    signal("-HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert!(path.join("a.csv.partial").exists() && !path.join("a.csv").exists(), "it goes on");
    signal("-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(names(path), ["a.csv"]);
}

#[test]
fn a_full_disk_is_told_without_the_name_of_a_file_that_nobody_knows() {
    let directory = with_small_network();
    let program = assert_cmd::cargo::cargo_bin("siegert");
    let run = "transfer --mu 0:40:1000 --sigma 0:9:100 --output a.csv";
    let script = format!("trap '' XFSZ; ulimit -f 40; exec {} {run}", program.display());
    let output = Command::new("sh").arg("-c").arg(script).current_dir(directory.path()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.starts_with("error: a.csv cannot be written: ") && !message.contains(".siegert"), "{message}");
    assert!(names(directory.path()).is_empty());
}

#[test]
fn endless_files_are_refused_soon() {
    let directory = with_small_network();
    for (line, message) in [
        ("plot /dev/zero a.svg", "16 MiB"),
        ("transfer --points /dev/zero", "too long"),
        ("solve /dev/zero", "16 MiB"),
        ("simulate small.toml --resume /dev/zero", "no checkpoint"),
    ] {
        refused(directory.path(), line, message);
    }
}

#[test]
fn columns_of_one_name_are_refused_in_every_form() {
    // sweep_names.toml: parameters that are called as columns are
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    fs::write(path.join("names.toml"), include_str!("../../siegert/tests/networks/cases/sweep_names.toml")).unwrap();
    for name in ["states", "state", "error", "stable", "rate_hz_A", "complete"] {
        for form in ["", "--format json", "--format text", "--output a.csv", "--output a.json", "--output a.parquet"] {
            let line = format!("sweep names.toml --over {name}=1:2:2 -q {form}");
            refused(path, &line, &format!("would be called \"{name}\""));
        }
    }
    refused(
        path,
        "solve names.toml --target \"A.rate=5 Hz\" --vary state=1:20 --format csv",
        "a column \"state\" already",
    );
    assert_eq!(names(path), ["names.toml"]);
}

#[test]
fn mistakes_have_their_line_in_files_of_long_lines_and_of_carriage_returns() {
    let directory = with_small_network();
    let wrong = SMALL.replace("weight = \"0.2 mV\"", "weight = \"0.2 Hz\"");
    let line = wrong.lines().position(|line| line.contains("0.2 Hz")).unwrap() + 1;
    let long = wrong.replace("weight = \"0.2 Hz\"", &format!("weight = \"0.2 Hz\" # {}", "x".repeat(20_000)));
    let before = wrong.replace("in_degree = 20\n", &format!("in_degree = 20 # {}\n", "x".repeat(20_000)));
    let all = [("long", long), ("before", before), ("windows", wrong.replace('\n', "\r\n"))];
    for (name, text) in all {
        let run = siegert_in(directory.path(), "check -", &text);
        assert_eq!(run.status, 2, "{name}");
        assert!(run.stderr.contains(&format!(":{line}:10]")), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("0.2 Hz") && run.stderr.len() < 2000, "{name}: {}", run.stderr);
    }
    let old_mac = siegert_in(directory.path(), "check -", &wrong.replace('\n', "\r"));
    assert!(old_mac.status == 2 && old_mac.stderr.contains(":2:1]"), "{}", old_mac.stderr);
}

#[test]
fn a_parameter_that_is_varied_twice_is_answered() {
    let two = "solve brunel2000 --target \"E.rate=30 Hz\" --target \"I.rate=30 Hz\"";
    refused(Path::new("."), &format!("{two} --vary eta --vary eta=1:2"), "eta is varied twice");
    let twice = "solve brunel2000 --target \"E.rate=30 Hz\" --target \" E.rate=40 Hz\" --vary eta --vary g";
    refused(Path::new("."), twice, "E.rate is wanted twice");
}
