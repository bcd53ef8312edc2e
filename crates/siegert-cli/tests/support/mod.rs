//! Running the command as a user does, and reading what it says.

#![allow(dead_code)] // every test file uses some of this

use std::path::Path;

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

/// Whether two numbers agree to a relative `tolerance`.
pub(crate) fn near(value: &Value, expected: f64, tolerance: f64) -> bool {
    value.as_f64().is_some_and(|value| (value / expected - 1.0).abs() <= tolerance)
}
