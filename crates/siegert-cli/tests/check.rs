//! `siegert check`, `models`, `new` and the commands for other programs.

mod support;

use std::fs;
use std::path::Path;

use support::{json, near, siegert, siegert_in, without_provenance};

#[test]
fn all_mistakes_of_a_file_and_of_the_overrides_are_reported_in_one_go() {
    let file = siegert("models brunel2000").stdout.replace("from      =", "form      =");
    let run = siegert_in(Path::new("."), "check - --set nonsense=1 --set \"J=3 Hz +\"", &file);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    for part in ["form", "\"from\"", "--set nonsense=1", "--set J=3 Hz +", "mistakes"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(run.stderr.is_ascii(), "plain letters where no terminal is: {}", run.stderr);
}

#[test]
fn what_follows_from_the_microcircuit_is_printed() {
    let check = json("check potjans_diesmann2014 --format json");
    assert_eq!(check["neurons"], 77169);
    assert!(near(&check["projections"][0]["psp_mv"], 0.15, 1e-12));
    assert_eq!(check["populations"][0]["name"], "L23E");
    let text = siegert("check potjans_diesmann2014").stdout;
    assert!(text.contains("77,169 neurons") && text.contains("20,683"), "{text}");
}

#[test]
fn who_hears_nobody_has_an_in_degree_of_zero_without_a_sign() {
    let file = include_str!("../../siegert/tests/networks/cases/shared_drive.toml");
    let here = std::path::Path::new(".");
    let json = siegert_in(here, "check - --format json", file).stdout;
    assert!(json.contains("\"in_degree\": 0.0") && !json.contains("-0"), "{json}");
    let text = siegert_in(here, "check -", file).stdout;
    assert!(!text.contains("-0"), "{text}");
}

/// 0.1 + 0.2 is 0.30000000000000004 and 6 x 0.1 is 0.6000000000000001; 1e300 has 301 digits.
#[test]
fn numbers_are_shown_as_people_write_them() {
    let file = |threshold: &str, delay: &str| {
        format!(
            "[neurons.n]\nmodel = \"lif\"\ntau_m = \"10 ms\"\nE_L = \"0 mV\"\nV_th = \"{threshold}\"\nV_reset = \"0.1 mV + 0.2 mV\"\n\
             t_ref = \"2 ms\"\n[populations]\nA = {{ size = 10, neuron = \"n\" }}\n[[projections]]\nfrom = \"A\"\nto = \"A\"\n\
             in_degree = 2\nweight = \"0.1 mV\"\ndelay = \"{delay}\"\n"
        )
    };
    let here = std::path::Path::new(".");
    for (line, threshold, delay, words) in [
        ("check -", "0.3 mV", "1 ms", "V_reset (0.3 mV) must lie below V_th (0.3 mV)"),
        ("simulate - --duration 5 --warmup 0", "20 mV", "0.62 ms", "of 0.62 ms is simulated as 0.6 ms"),
        ("simulate - --duration 5 --warmup 0", "20 mV", "1e300 ms", "1e300"),
    ] {
        let run = siegert_in(here, line, &file(threshold, delay));
        assert!(run.stderr.contains(words) && !run.stderr.contains("000000"), "{line}: {}", run.stderr);
    }
    let text = siegert_in(here, "check -", &file("20 mV", "0.1 ms + 0.2 ms")).stdout;
    assert!(text.lines().any(|line| line.ends_with(" 0.3")), "{text}");
}

#[test]
fn a_bundled_network_is_printed_exactly_and_can_be_solved_from_the_copy() {
    let directory = tempfile::tempdir().unwrap();
    let run = siegert_in(directory.path(), "new mine --from brunel2000", "");
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let copy = fs::read_to_string(directory.path().join("mine.toml")).unwrap();
    assert_eq!(copy, siegert("models brunel2000").stdout);
    let from_copy = siegert_in(directory.path(), "solve mine.toml --format json", "").stdout;
    let bundled = siegert("solve brunel2000 --format json").stdout;
    assert_eq!(without_provenance(&from_copy), without_provenance(&bundled));
}

#[test]
fn the_template_is_a_network_without_mistakes() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(siegert_in(directory.path(), "new net.toml --quiet", "").stderr, "");
    // solving it, siegert may have a word on how far to trust the state
    for command in ["check net.toml", "solve net.toml --quiet"] {
        let run = siegert_in(directory.path(), command, "");
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command}");
    }
}

#[test]
fn new_overwrites_a_file_only_by_force() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("mine.toml"), "old").unwrap();
    let run = siegert_in(directory.path(), "new mine", "");
    assert!(run.status == 2 && run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(directory.path().join("mine.toml")).unwrap(), "old");
    assert_eq!(siegert_in(directory.path(), "new mine --force", "").status, 0);
    assert_ne!(fs::read_to_string(directory.path().join("mine.toml")).unwrap(), "old");
    assert_eq!(siegert_in(directory.path(), "new other --from nonsense", "").status, 2);
    assert_eq!(siegert_in(directory.path(), "new no/such/place", "").status, 1);
}

#[test]
fn every_bundled_network_is_listed_with_its_cases() {
    let models = json("models --format json");
    let names: Vec<&str> = models["models"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"brunel2000") && names.contains(&"potjans_diesmann2014"), "{names:?}");
    assert!(models["models"][0]["cases"].as_array().unwrap().contains(&"SR".into()));
    let run = siegert("models brunel200");
    assert!(run.status == 2 && run.stderr.contains("did you mean brunel2000"), "{}", run.stderr);
}

#[test]
fn completions_man_pages_and_schema_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(siegert(&format!("completions {shell}")).stdout.contains("siegert"), "{shell}");
    }
    assert!(siegert("man").stdout.contains(".TH siegert 1"));
    assert!(json("schema").get("properties").is_some());
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(siegert_in(directory.path(), "man --output .", "").status, 0);
    for page in ["siegert.1", "siegert-solve.1", "siegert-transfer.1"] {
        assert!(directory.path().join(page).is_file(), "{page}");
    }
}

/// Runs a line with a limit of the address space in kB, as `ulimit -v` sets it; its exit status, none if a signal ended it, and both outputs.
#[cfg(unix)]
fn with_address_space(limit_kb: u64, line: &str) -> (Option<i32>, String, String) {
    let program = assert_cmd::cargo::cargo_bin("siegert");
    let script = format!("ulimit -v {limit_kb}; exec {} {line}", program.display());
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
#[cfg(target_os = "linux")]
fn long_delays_take_the_memory_that_check_says_and_limits_of_the_address_space_count() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../siegert/tests/networks/cases/long_delay.toml");
    let check = json(&format!("check {file} --format json"));
    let estimated_mb = check["simulation"]["explicit_mb"].as_f64().unwrap();
    assert!((30.0..90.0).contains(&estimated_mb), "{estimated_mb}");
    // 16,384 slots for 500 neurons: with 64 Ki places each they asked for 4.4 GB
    let line = format!("simulate {file} --duration 20 --warmup 0 --connectivity explicit --threads 1 --format json -q");
    let (status, stdout, stderr) = with_address_space(500_000, &line);
    assert_eq!(status, Some(0), "{stderr}");
    let result: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let peak_mb = result["performance"]["peak_memory_mb"].as_f64().unwrap();
    assert!((0.5..1.2).contains(&(peak_mb / estimated_mb)), "{peak_mb} MB, estimated {estimated_mb} MB");
    let (status, stdout, stderr) = with_address_space(100_000, &line);
    assert_eq!((status.is_some_and(|status| status > 0), stdout.as_str()), (true, ""), "{status:?} {stderr}");
    assert!(stderr.contains("MB of memory") && stderr.contains("are available"), "{stderr}");
}

/// Quadratic neurons between infinite bounds and between finite ones, which an exponential one might have.
fn quadratic(reset: &str, peak: &str) -> String {
    format!(
        "[parameters]\nJ = \"-0.1 mV\"\n[neurons.q]\nmodel = \"qif\"\ntau_m = \"20 ms\"\nE_L = \"-65 mV\"\nV_th = \"-50 mV\"\nDelta_T = \"2 mV\"\n\
         V_peak = \"{peak}\"\nV_reset = \"{reset}\"\nt_ref = 0\n[populations.I]\nsize = 1000\nneuron = \"q\"\n[[projections]]\nfrom = \"I\"\n\
         to = \"I\"\nin_degree = 100\nweight = \"J\"\n[[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"18 mV\"\nstd = \"5 mV\"\n"
    )
}

#[test]
fn a_quadratic_neuron_with_the_keys_of_an_exponential_one_is_told_where_it_begins_to_fire() {
    let here = Path::new(".");
    let run = siegert_in(here, "check - --format json", &quadratic("-60 mV", "0 mV"));
    let check: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let warning = &check["warnings"][0];
    assert_eq!((warning["kind"].as_str(), warning["value"].as_f64()), (Some("quadratic_onset"), Some(2.0)));
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("V_th - Delta_T = -52 mV") && said.contains("E_L = -63 mV in place of -65 mV"), "{said}");
    let infinite = siegert_in(here, "check - --format json", &quadratic("-inf", "inf"));
    assert!(infinite.stdout.contains("\"warnings\": []"), "{}", infinite.stdout);
}

#[test]
fn infinite_bounds_pass_through_every_question_to_the_theory_without_a_number_that_is_none() {
    let (here, file) = (Path::new("."), quadratic("-inf", "inf"));
    for line in [
        "check -",
        "solve -",
        "solve - --input diffusion --format csv",
        "solve - --format json",
        "balance -",
        "balance - --format json",
        "compare-models - --models qif",
        "compare-models - --models qif --format json",
        "sweep - --over J=-0.2mV:-0.1mV:3 --format csv",
        "sweep - --over J=-0.2mV:-0.1mV:3 --format json",
        "solve - --target I.rate=5Hz --vary J=-1mV:0mV --format json",
    ] {
        let run = siegert_in(here, line, &file);
        assert_eq!(run.status, 0, "{line}: {}", run.stderr);
        // all but the file itself, which a report holds
        let lines = run.stdout.lines().filter(|line| !line.contains("V_peak"));
        let words: Vec<&str> = lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric())).collect();
        assert!(words.iter().all(|word| !["NaN", "nan", "inf", "Infinity"].contains(word)), "{line}: {}", run.stdout);
        assert!(words.len() > 5, "{line}: {}", run.stdout);
    }
}
