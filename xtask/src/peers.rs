//! `cargo xtask peers DIR`: the programs that siegert is timed against, in an environment of their own. For the tests, NEST alone.

use std::path::{Path, PathBuf};

use crate::command::{program, root, run};

/// Installs NNMT and NEST in a Python environment in `dir`; a second call finds its work done.
pub(crate) fn install(dir: &Path) -> Result<(), String> {
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    run(program("sh").arg(root().join("peers/install.sh")).arg(&dir))?;
    eprintln!("now: cargo xtask bench --peers {}", dir.display());
    Ok(())
}

/// The Python of an environment with NEST for the tests, in `target/nest-env`; made at the first call, which takes a minute.
pub(crate) fn nest() -> Result<PathBuf, String> {
    let dir = root().join("target/nest-env");
    run(program("sh").arg(root().join("peers/install.sh")).arg("--nest").arg(&dir))?;
    python(&dir)
}

/// The environment's Python, or what to do if it is not there.
pub(crate) fn python(dir: &Path) -> Result<PathBuf, String> {
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let python = dir.join("bin/python");
    let missing = || format!("no peers in {}; install them with `cargo xtask peers {0}`", dir.display());
    if dir.join("peers.pins").is_file() && python.is_file() { Ok(python) } else { Err(missing()) }
}
