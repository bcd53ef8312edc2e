//! `siegert simulate`: what it prints, files of spikes, and runs that are stopped, killed and go on.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{SMALL, json, names, read, siegert, siegert_in, spawn, with_small_network};

/// Starts a run and sends `signal` as soon as it has written its checkpoint anew; gives the exit status.
#[cfg(unix)]
fn interrupted(directory: &Path, line: &str, checkpoint: &str, signal: &str) -> Option<i32> {
    let path = directory.join(checkpoint);
    let written = || fs::metadata(&path).and_then(|of| of.modified()).ok();
    let (before, mut child, patience) = (written(), spawn(directory, line), Instant::now());
    while written() == before {
        assert!(child.try_wait().unwrap().is_none(), "it ended before its first checkpoint");
        assert!(patience.elapsed() < Duration::from_secs(60), "no checkpoint came");
        std::thread::sleep(Duration::from_millis(2));
    }
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    child.wait().unwrap().code()
}

/// A result without what differs from run to run: times, memory, threads.
fn without_costs(text: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(text).unwrap_or_else(|error| panic!("{error}"));
    for key in ["build_s", "simulate_s", "realtime_factor", "peak_memory_mb"] {
        value["performance"][key].take();
    }
    value["simulation"]["threads"].take();
    value["provenance"]["command"].take();
    value
}

#[test]
fn the_json_has_the_fields_of_the_contract() {
    let directory = with_small_network();
    let run = siegert_in(directory.path(), "simulate small.toml --format json --seed 3 --threads 2", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let result: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&result["network"], &result["parameters"]["g"]), (&"small".into(), &5.0.into()));
    let simulation = &result["simulation"];
    assert_eq!((&simulation["duration_ms"], &simulation["warmup_ms"]), (&1000.0.into(), &500.0.into()));
    assert_eq!((&simulation["dt_ms"], &simulation["seed"]), (&0.1.into(), &3.into()));
    assert_eq!((&simulation["threads"], &simulation["complete"]), (&2.into(), &true.into()));
    let populations = result["populations"].as_array().unwrap();
    assert_eq!(populations.len(), 2);
    for (population, (name, size)) in populations.iter().zip([("E", 200), ("I", 50)]) {
        assert_eq!((&population["name"], &population["size"]), (&name.into(), &size.into()));
        for key in ["rate_hz", "cv", "correlation", "fano_factor", "single_neuron_fano_factor"] {
            assert!(population[key].is_number(), "{key}: {population}");
        }
        // above silence and below 1/t_ref
        let rate_hz = population["rate_hz"].as_f64().unwrap();
        assert!(rate_hz > 0.1 && rate_hz < 500.0, "{rate_hz}");
    }
    let performance = &result["performance"];
    assert_eq!((&performance["neurons"], &performance["synapses"]), (&250.into(), &6250.into()));
    for key in ["spikes", "synaptic_events", "build_s", "simulate_s", "realtime_factor", "peak_memory_mb"] {
        assert!(performance.get(key).is_some(), "{key}: {performance}");
    }
}

#[test]
fn the_spikes_file_has_the_spikes_that_the_rates_count() {
    let directory = with_small_network();
    let line = "simulate small.toml --warmup 0 --duration \"400 ms\" --spikes a.csv --format json -q";
    let run = siegert_in(directory.path(), line, "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(names(directory.path()), ["a.csv"], "no journal is left");
    let result: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = String::from_utf8(read(directory.path(), "a.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("population,neuron,time_ms"));
    let rows: Vec<(&str, u32, f64)> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0], cells[1].parse().unwrap(), cells[2].parse().unwrap())
        })
        .collect();
    for population in result["populations"].as_array().unwrap() {
        let name = population["name"].as_str().unwrap();
        let found = rows.iter().filter(|(of, ..)| *of == name).count();
        assert_eq!(population["spikes"], found, "{name}");
    }
    let size = |name: &str| if name == "E" { 200 } else { 50 };
    assert!(rows.iter().all(|(name, neuron, time)| *neuron < size(name) && (0.0..=400.0).contains(time)));
    assert!(rows.is_sorted_by_key(|(.., time)| *time), "in order of time");
    // as Parquet, of the same run
    let line = line.replace("a.csv", "a.parquet").replace("--format json", "--output b.csv");
    assert_eq!(siegert_in(directory.path(), &line, "").status, 0);
    let bytes = read(directory.path(), "a.parquet");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let table = String::from_utf8(read(directory.path(), "b.csv")).unwrap();
    assert!(table.starts_with("population,size,rate_hz,mean_input_mv,std_input_mv,cv,membrane_mean_mv,"), "{table}");
    assert_eq!(table.lines().count(), 3);
}

/// Long enough to be interrupted.
const LONG: &str = "simulate small.toml --duration \"60 s\" --format json -q";

#[test]
#[cfg(unix)]
fn a_run_that_was_stopped_goes_on_to_the_same_spikes_and_statistics() {
    let directory = with_small_network();
    let path = directory.path();
    let whole = siegert_in(path, &format!("{LONG} --spikes whole.csv --threads 1"), "");
    assert_eq!(whole.status, 0, "{}", whole.stderr);
    let line = format!("{LONG} --spikes broken.csv --checkpoint run.ckpt --checkpoint-every \"1 s\" --threads 2");
    assert_eq!(interrupted(path, &line, "run.ckpt", "-INT"), Some(1));
    let stopped: Value = serde_json::from_slice(&read(path, "stdout.json")).unwrap();
    assert_eq!(stopped["simulation"]["complete"], false, "the statistics so far are printed");
    assert!(!path.join("broken.csv").exists() && path.join("broken.csv.partial").exists());

    // begun anew, it would lose what is done
    let anew = siegert_in(path, &line, "");
    assert!(anew.status == 2 && anew.stderr.contains("--resume"), "{}", anew.stderr);
    for (other, what) in [
        (line.replace("60 s", "61 s"), "--duration (60000 ms then, 61000 ms now)"),
        (format!("{line} --dt 0.2"), "--dt (0.1 ms then, 0.2 ms now)"),
        (format!("{line} --seed 2"), "--seed (1 then, 2 now)"),
        (format!("{line} --set g=6"), "parameter g (5.0 then, 6.0 now)"),
    ] {
        let refused = siegert_in(path, &format!("{other} --resume run.ckpt"), "");
        assert!(refused.status == 2 && refused.stderr.contains(what), "{what}: {}", refused.stderr);
    }

    let moved = siegert_in(path, &format!("{} --resume run.ckpt", line.replace("broken.csv", "other.csv")), "");
    assert!(moved.status == 2 && moved.stderr.contains("broken.csv; leave --spikes out"), "{}", moved.stderr);

    // --resume alone: it goes on with its own spikes, in its own checkpoint, with other threads and connectivity
    let last = siegert_in(path, &format!("{LONG} --resume run.ckpt --threads 1 --connectivity redrawn"), "");
    assert_eq!(last.status, 0, "{}", last.stderr);
    assert!(read(path, "whole.csv") == read(path, "broken.csv"));
    let (mut whole, mut last) = (without_costs(whole.stdout.as_bytes()), without_costs(last.stdout.as_bytes()));
    assert_ne!(whole["simulation"]["connectivity"].take(), last["simulation"]["connectivity"].take());
    assert_eq!(whole, last);
    assert_eq!(names(path), ["broken.csv", "run.ckpt", "stdout.json", "whole.csv"]);

    // complete as it is, it can be asked again
    let again = siegert_in(path, &format!("{LONG} --resume run.ckpt"), "");
    let mut again = without_costs(again.stdout.as_bytes());
    again["simulation"]["connectivity"].take();
    assert_eq!(again, whole);
}

#[test]
#[cfg(unix)]
fn killed_three_times_and_resumed_the_spikes_are_those_of_an_unbroken_run() {
    let directory = with_small_network();
    let path = directory.path();
    assert_eq!(siegert_in(path, &format!("{LONG} --spikes whole.parquet"), "").status, 0);
    let line = format!("{LONG} --spikes broken.parquet --checkpoint run.ckpt --checkpoint-every \"2 s\"");
    assert_eq!(interrupted(path, &line, "run.ckpt", "-KILL"), None);
    let resumed = format!("{line} --resume run.ckpt");
    assert_eq!(interrupted(path, &resumed, "run.ckpt", "-KILL"), None);
    assert_eq!(interrupted(path, &resumed, "run.ckpt", "-TERM"), Some(1));
    assert!(!path.join("broken.parquet").exists(), "nothing reads as complete");
    let last = siegert_in(path, &resumed, "");
    assert_eq!(last.status, 0, "{}", last.stderr);
    assert!(read(path, "whole.parquet") == read(path, "broken.parquet"));
    assert_eq!(names(path), ["broken.parquet", "run.ckpt", "stdout.json", "whole.parquet"]);
}

#[test]
#[cfg(unix)]
fn a_killed_run_without_checkpoint_leaves_nothing_that_stands_in_the_way() {
    let directory = with_small_network();
    let path = directory.path();
    let mut child = spawn(path, &format!("{LONG} --spikes a.csv"));
    let patience = Instant::now();
    while !path.join("a.csv.partial").exists() {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!path.join("a.csv").exists());
    let run = siegert_in(path, "simulate small.toml --duration 100 --spikes a.csv -q", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(names(path), ["a.csv", "stdout.json"]);
}

#[test]
#[cfg(unix)]
fn ctrl_c_without_checkpoint_keeps_the_spikes_so_far() {
    let directory = with_small_network();
    let path = directory.path();
    let mut child = spawn(path, &LONG.replace("60 s", "600 s").replace("json", "json --spikes a.csv"));
    let patience = Instant::now();
    while fs::metadata(path.join("a.csv.partial")).map_or(0, |of| of.len()) < 100_000 {
        assert!(patience.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let result: Value = serde_json::from_slice(&read(path, "stdout.json")).unwrap();
    assert_eq!(result["simulation"]["complete"], false);
    assert_eq!(names(path), ["a.csv", "stdout.json"]);
    let spikes = String::from_utf8(read(path, "a.csv")).unwrap().lines().count() - 1;
    assert_eq!(result["performance"]["spikes"], spikes);
}

#[test]
fn a_damaged_checkpoint_and_lost_spikes_are_refused() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "simulate small.toml --duration 300 --warmup 0 --format json -q";
    let run = siegert_in(path, &format!("{line} --checkpoint run.ckpt --checkpoint-every 100"), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let whole = read(path, "run.ckpt");
    let refused = |message: &str| {
        let run = siegert_in(path, &format!("{line} --resume run.ckpt"), "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    };
    let mut damaged = whole.clone();
    damaged[whole.len() - 9] ^= 1;
    fs::write(path.join("run.ckpt"), damaged).unwrap();
    refused("run.ckpt: the checkpoint is damaged: a checksum is wrong");
    fs::write(path.join("run.ckpt"), &whole[..whole.len() / 2]).unwrap();
    refused("run.ckpt: the checkpoint is damaged: it ends too early");
    let mut damaged = whole.clone();
    damaged[30] ^= 1;
    fs::write(path.join("run.ckpt"), damaged).unwrap();
    refused("run.ckpt is damaged");
    fs::write(path.join("run.ckpt"), "no checkpoint at all").unwrap();
    refused("run.ckpt is no checkpoint of siegert");
    fs::remove_file(path.join("run.ckpt")).unwrap();
    refused("run.ckpt does not exist");
    // whole again, it goes on; but not with spikes that it never kept
    fs::write(path.join("run.ckpt"), &whole).unwrap();
    let again = siegert_in(path, &format!("{line} --resume run.ckpt"), "");
    assert_eq!(without_costs(again.stdout.as_bytes()), without_costs(run.stdout.as_bytes()));
    let spikes = siegert_in(path, &format!("{line} --resume run.ckpt --spikes a.csv"), "");
    assert!(spikes.status == 2 && spikes.stderr.contains("without --spikes"), "{}", spikes.stderr);
}

#[test]
fn what_is_wrong_is_refused_before_anything_runs() {
    let directory = with_small_network();
    for (line, message) in [
        ("--dt 0", "longer than 0"),
        ("--dt \"-0.1 ms\"", "0.1 ms"),
        ("--dt \"0.1 mV\"", "is not a unit of time"),
        ("--duration soon", "as in \"10 s\""),
        ("--duration 0", "longer than 0"),
        ("--warmup \"5 Hz\"", "is not a unit of time"),
        ("--delay 0", "longer than 0"),
        ("--connectivity some", "auto"),
        ("--spikes x.txt", ".csv, .parquet or .h5"),
        ("--output x.txt", ".json, .csv or .parquet"),
        ("--plot x.pdf", ".svg or .png"),
        ("--checkpoint-every 100", "--checkpoint PATH"),
        ("--spikes x.csv --output x.csv", "--output and --spikes cannot both be x.csv"),
        ("--resume nothing.ckpt", "does not exist"),
        ("--seed x", "--seed"),
        ("--plot-kind raster", "--plot"),
    ] {
        let run = siegert_in(directory.path(), &format!("simulate small.toml --duration \"1 s\" {line}"), "");
        // --duration twice is another mistake than the one meant
        let run = if line.starts_with("--duration") {
            siegert_in(directory.path(), &format!("simulate small.toml {line}"), "")
        } else {
            run
        };
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
    }
    for option in ["--spikes", "--output", "--checkpoint"] {
        let line = format!("simulate small.toml {option} no/such/place.csv");
        let run = siegert_in(directory.path(), &line, "");
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{line}: {}", run.stderr);
        assert!(run.stderr.contains("no/such/place.csv cannot be written"), "{line}: {}", run.stderr);
    }
    assert!(names(directory.path()).is_empty(), "{:?}", names(directory.path()));
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_no_file_that_reads_as_complete() {
    let directory = with_small_network();
    // a limit on the size of files stands for a full disk
    let program = assert_cmd::cargo::cargo_bin("siegert");
    let arguments = LONG.replace('"', "'");
    let script = format!("trap '' XFSZ; ulimit -f 40; exec {} {arguments} --spikes a.csv", program.display());
    let output = Command::new("sh").arg("-c").arg(script).current_dir(directory.path()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("a.csv.partial cannot be written"), "{message}");
    assert!(names(directory.path()).is_empty(), "{:?}", names(directory.path()));
}

#[test]
fn a_population_without_neurons_has_no_rate_to_divide_by() {
    let directory = tempfile::tempdir().unwrap();
    let nobody = format!("{SMALL}\n[populations.nobody]\nsize = 0\nneuron = \"lif\"\n");
    fs::write(directory.path().join("nobody.toml"), nobody).unwrap();
    let run = siegert_in(directory.path(), "simulate nobody.toml --duration 100 --warmup 0 --format json", "");
    // either the file is refused with a reason, or nobody is silent; never a panic, never NaN
    if run.status == 2 {
        assert!(run.stderr.contains("size"), "{}", run.stderr);
    } else {
        assert_eq!(run.status, 0, "{}", run.stderr);
        let result: Value = serde_json::from_str(&run.stdout).unwrap();
        let nobody = &result["populations"][2];
        assert_eq!((&nobody["size"], &nobody["spikes"], &nobody["rate_hz"]), (&0.into(), &0.into(), &0.0.into()));
    }
}

#[test]
fn neurons_whose_spikes_begin_by_themselves_are_simulated() {
    let directory = tempfile::tempdir().unwrap();
    let qif = SMALL.replace("model = \"lif\"", "model = \"qif\"\nDelta_T = \"1 mV\"\nV_peak = \"40 mV\"");
    fs::write(directory.path().join("qif.toml"), qif).unwrap();
    let run = siegert_in(directory.path(), "simulate qif.toml --duration \"200 ms\" --format json", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let result: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(result["populations"][0]["spikes"].as_u64().unwrap() > 100, "{}", run.stdout);
}

#[test]
fn interpolated_times_are_in_order_and_in_the_steps_of_the_same_spikes() {
    let directory = with_small_network();
    let rows = |how: &str| -> (Vec<(String, f64)>, Value) {
        let line = format!(
            "simulate small.toml --warmup 0 --duration \"400 ms\" --spike-times {how} --spikes {how}.csv --format json -q"
        );
        let run = siegert_in(directory.path(), &line, "");
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        let text = String::from_utf8(read(directory.path(), &format!("{how}.csv"))).unwrap();
        let row = |line: &str| {
            let (who, time) = line.rsplit_once(',').unwrap();
            (who.to_string(), time.parse().unwrap())
        };
        (text.lines().skip(1).map(row).collect(), serde_json::from_str(&run.stdout).unwrap())
    };
    let ((mut grid, on_grid), (mut timed, interpolated)) = (rows("grid"), rows("interpolated"));
    assert!(timed.is_sorted_by_key(|row| row.1) && timed.len() == grid.len() && grid.len() > 100);
    let later = |a: &(String, f64), b: &(String, f64)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
    grid.sort_by(later);
    timed.sort_by(later);
    for ((who, end), (same, time)) in grid.iter().zip(&timed) {
        assert!(who == same && *time <= *end && *time > end - 0.1 - 1e-9, "{who} at {end}, {same} at {time}");
    }
    assert!(grid.iter().zip(&timed).filter(|(grid, timed)| grid.1 == timed.1).count() < grid.len() / 10);
    assert_eq!(on_grid["simulation"].get("spike_times"), None);
    assert_eq!(interpolated["simulation"]["spike_times"], "interpolated");
    assert_eq!(on_grid["populations"][0]["rate_hz"], interpolated["populations"][0]["rate_hz"]);
}

#[test]
fn the_text_is_a_table_of_populations_and_a_word_on_the_run() {
    let directory = with_small_network();
    let run = siegert_in(directory.path(), "simulate small.toml --duration \"2 s\"", "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    for part in ["small\ng = 5\n", "Simulated for 2 s after a warm-up of 500 ms", "Fano factor", "seed 1, dt = 0.1 ms"]
    {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
}

#[test]
fn siegert_alone_prints_theory_and_simulation_side_by_side() {
    let started = Instant::now();
    let run = siegert("");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("Theory beside a simulation of 1 s after a warm-up of 500 ms"), "{}", run.stdout);
    assert!(run.stdout.contains("37.950") && run.stderr.contains("try next"), "{}{}", run.stdout, run.stderr);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let result = json("--format json --seed 7");
    assert_eq!(result["simulation"]["simulation"]["seed"], 7);
    let rates = &result["comparison"]["populations"][0]["quantities"][0];
    // the theory of this network is good to some percent
    assert!(rates["deviation_percent"].as_f64().unwrap().abs() < 10.0, "{rates}");
    let bytes = |line: &str| json(line)["simulation"]["populations"].to_string();
    assert_eq!(bytes("--format json --seed 7 --threads 1"), result["simulation"]["populations"].to_string());
}

#[test]
fn what_is_recorded_is_written_as_tidy_rows() {
    let directory = with_small_network();
    let path = directory.path();
    let line = "simulate small.toml --warmup 100 --duration 200 -q --spikes all.csv --record rates:bin=50ms:to=rates.csv \
                --record potentials:I:3-4:every=100ms:to=V.csv --record inputs:E:7:every=150ms:to=x.csv \
                --record spikes:E:0-19:to=some.csv --record rates:E:bin=50ms:to=rates.parquet";
    let run = siegert_in(path, line, "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        names(path),
        ["V.csv", "all.csv", "rates.csv", "rates.parquet", "some.csv", "x.csv"],
        "no journal is left"
    );
    let text = |name: &str| String::from_utf8(read(path, name)).unwrap();
    let rates = text("rates.csv");
    let rows: Vec<Vec<&str>> = rates.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["population", "from_ms", "to_ms", "rate_hz"]);
    assert_eq!(rows[1][..3], ["E", "0.0", "50.0"]);
    assert_eq!((rows[12][..3].to_vec(), rows.len()), (vec!["I", "250.0", "300.0"], 13));
    // all bins of E together have its spikes: 200 neurons, 50 ms
    let all = text("all.csv");
    let summed: f64 = rows.iter().filter(|row| row[0] == "E").map(|row| row[3].parse::<f64>().unwrap()).sum();
    let spikes = all.lines().filter(|line| line.starts_with("E,")).count() as f64;
    assert!(spikes > 0.0 && (summed * 200.0 * 0.05 - spikes).abs() < 1e-6, "{rates}");
    let some: Vec<&str> = all
        .lines()
        .filter(|line| line.starts_with("E,") && line.split(',').nth(1).unwrap().parse::<u32>().unwrap() < 20)
        .collect();
    assert_eq!(text("some.csv").lines().skip(1).collect::<Vec<_>>(), some);
    let places =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_string()).collect() };
    let potentials = places(&text("V.csv"));
    let expected =
        ["population,neuron,time_ms", "I,3,100.0", "I,4,100.0", "I,3,200.0", "I,4,200.0", "I,3,300.0", "I,4,300.0"];
    assert_eq!(potentials, expected);
    assert!(text("V.csv").starts_with("population,neuron,time_ms,potential_mv\n"));
    assert_eq!(places(&text("x.csv")), ["population,neuron,time_ms", "E,7,150.0", "E,7,300.0"]);
    assert!(read(path, "rates.parquet").starts_with(b"PAR1"));
}

#[test]
fn a_recording_that_cannot_be_is_refused_with_its_place_and_what_can_be() {
    let directory = with_small_network();
    let path = directory.path();
    for (spec, message) in [
        ("weights:to=w.csv", "cannot be recorded; spikes, rates, potentials, mean_potentials, currents, inputs can"),
        ("rates:bin=5ms", "as in rates:bin=5ms:to=rates.csv"),
        ("spikes:X:to=a.csv", "there is no population \"X\"; there are E, I"),
        ("spikes:E:0-200:to=a.csv", "--record spikes:E:0-200:to=a.csv: population E has 200 neurons"),
        ("currents:E:0:to=a.csv", "record inputs instead"),
        (
            "potentials:E:0:every=0.25ms:to=a.csv",
            "every=0.25ms:to=a.csv: values every 0.25 ms cannot be recorded: it must be a whole number of steps of 0.1 ms",
        ),
        ("rates:to=small.toml", "the ending must be .csv or .parquet"),
        ("rates:to=no/such/place.csv", "no/such/place.csv"),
    ] {
        let run = siegert_in(path, &format!("simulate small.toml --duration 100 -q --record {spec}"), "");
        let status = if spec.contains("no/such") { 1 } else { 2 };
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{spec}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{spec}: {}", run.stderr);
    }
    let twice = "simulate small.toml --duration 100 -q --record rates:to=a.csv --record spikes:E:to=a.csv";
    let run = siegert_in(path, twice, "");
    assert!(run.status == 2 && run.stderr.contains("a.csv"), "{}", run.stderr);
    assert_eq!(names(path), [""; 0], "nothing is left");
}

#[test]
#[cfg(unix)]
fn a_run_that_was_killed_goes_on_with_what_it_recorded() {
    let directory = with_small_network();
    let path = directory.path();
    let recorded = |name: &str| {
        format!(
            "--record rates:bin=3ms:to={name}-rates.csv --record potentials:E:0-2:every=1ms:to={name}-V.parquet \
             --record inputs:I:0-1:every=700ms:to={name}-x.csv"
        )
    };
    assert_eq!(siegert_in(path, &format!("{LONG} {}", recorded("whole")), "").status, 0);
    let line = format!("{LONG} {} --checkpoint run.ckpt --checkpoint-every \"1 s\"", recorded("broken"));
    assert_eq!(interrupted(path, &line, "run.ckpt", "-KILL"), None);
    let other = siegert_in(path, &format!("{LONG} --record rates:to=r.csv --resume run.ckpt"), "");
    assert!(other.status == 2 && other.stderr.contains("leave --record out"), "{}", other.stderr);
    assert_eq!(interrupted(path, &format!("{line} --resume run.ckpt"), "run.ckpt", "-TERM"), Some(1));
    let last = siegert_in(path, &format!("{LONG} --resume run.ckpt"), "");
    assert_eq!(last.status, 0, "{}", last.stderr);
    for file in ["rates.csv", "V.parquet", "x.csv"] {
        assert!(read(path, &format!("whole-{file}")) == read(path, &format!("broken-{file}")), "{file}");
        assert!(!path.join(format!("broken-{file}.partial")).exists());
    }
    // complete as it is, it can be asked again
    let again = siegert_in(path, &format!("{LONG} --resume run.ckpt"), "");
    assert_eq!(without_costs(again.stdout.as_bytes()), without_costs(last.stdout.as_bytes()));
}
