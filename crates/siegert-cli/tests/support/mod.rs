//! Running the command as a user does, and reading what it says.

#![allow(dead_code)] // every test file uses some of this

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use assert_cmd::Command;
use serde_json::Value;

/// What one run said.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `siegert` in a directory with the arguments of a line, cut at spaces outside double quotes.
pub(crate) fn siegert_in(directory: &Path, line: &str, input: &str) -> Run {
    let arguments = line.split('"').enumerate().flat_map(|(index, part)| {
        if index % 2 == 1 { vec![part.to_string()] } else { part.split_whitespace().map(str::to_string).collect() }
    });
    let mut command = Command::cargo_bin("siegert").expect("the binary is built with the tests");
    let output = command.current_dir(directory).args(arguments).write_stdin(input).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("messages are UTF-8");
    Run {
        status: output.status.code().expect("no signal ends it"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs `siegert` where no files are needed.
pub(crate) fn siegert(line: &str) -> Run {
    siegert_in(Path::new("."), line, "")
}

/// The JSON that a run prints; it must have succeeded.
pub(crate) fn json(line: &str) -> Value {
    let run = siegert(line);
    assert_eq!(run.status, 0, "{line}: {}", run.stderr);
    serde_json::from_str(&run.stdout).expect("the output is JSON")
}

/// A result without where it comes from: the command, and the text of the file.
pub(crate) fn without_provenance(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    value.as_object_mut().expect("a report").remove("provenance").expect("every report has it");
    value
}

/// Whether two numbers agree to a relative `tolerance`.
pub(crate) fn near(value: &Value, expected: f64, tolerance: f64) -> bool {
    value.as_f64().is_some_and(|value| (value / expected - 1.0).abs() <= tolerance)
}

/// A small network: 200 excitatory and 50 inhibitory neurons, and a population of nobody.
pub(crate) const SMALL: &str = r#"
name = "small"
[parameters]
g = 5
[neurons.lif]
model = "lif"
tau_m = "20 ms"
E_L = "0 mV"
V_th = "20 mV"
V_reset = "10 mV"
t_ref = "2 ms"
[populations.E]
size = 200
neuron = "lif"
[populations.I]
size = 50
neuron = "lif"
[[projections]]
from = "E"
to = ["E", "I"]
in_degree = 20
weight = "0.2 mV"
delay = "1.5 ms"
synapse = "delta"
[[projections]]
from = "I"
to = ["E", "I"]
in_degree = 5
weight = "-g * 0.2 mV"
synapse = "delta"
[[drives]]
to = ["E", "I"]
kind = "poisson"
rate = "15 Hz"
in_degree = 1000
weight = "0.1 mV"
synapse = "delta"
"#;

/// A directory with the small network as `small.toml`.
pub(crate) fn with_small_network() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("small.toml"), SMALL).unwrap();
    directory
}

/// What lies in a directory, but for the small network, and for what is said beside files of CSV.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "small.toml" && !name.ends_with(".csv-metadata.json"));
    names.sort();
    names
}

/// The bytes of a file.
pub(crate) fn read(directory: &Path, name: &str) -> Vec<u8> {
    fs::read(directory.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Starts `siegert` without waiting for it; its output goes to `stdout.json`.
pub(crate) fn spawn(directory: &Path, line: &str) -> Child {
    let arguments = line.split('"').enumerate().flat_map(|(index, part)| {
        if index % 2 == 1 { vec![part.to_string()] } else { part.split_whitespace().map(str::to_string).collect() }
    });
    let stdout = fs::File::create(directory.join("stdout.json")).unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("siegert"));
    command.current_dir(directory).args(arguments).stdout(stdout).stderr(Stdio::null());
    command.spawn().expect("it runs")
}
