//! `cargo xtask reference` and `cargo xtask coefficients`: Python scripts under `tools/` that need mpmath.
//!
//! The environment lies in `.venv` of the project, made at the first use from `tools/requirements.txt`.

use std::fs;
use std::path::PathBuf;

use crate::command::{program, root, run};

/// Runs `tools/SCRIPT` in the project's Python environment.
pub(crate) fn run_in_environment(script: &str, arguments: &[String]) -> Result<(), String> {
    let path = root().join("tools").join(script);
    if !path.is_file() {
        return Err(format!("there is no tools/{script}"));
    }
    run(program(environment()?).arg(path).args(arguments))
}

/// The Python of the project's environment, which is set up if it is missing or out of date.
fn environment() -> Result<PathBuf, String> {
    let dir = root().join(".venv");
    let python = dir.join("bin/python");
    let requirements = root().join("tools/requirements.txt");
    let wanted = fs::read_to_string(&requirements).map_err(|error| format!("tools/requirements.txt: {error}"))?;
    let stamp = dir.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    eprintln!("setting up .venv for the scripts in tools/");
    if !python.is_file() {
        run(program("python3").args(["-m", "venv"]).arg(&dir))
            .map_err(|error| format!("{error}; Python 3 with its venv module has to be there"))?;
    }
    run(program(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(&requirements))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}
