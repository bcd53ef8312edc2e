//! `cargo xtask peers DIR`: the programs that siegert is timed against, in an environment of their own. For the tests, NEST and Brian2.

use std::path::{Path, PathBuf};

use crate::command::{program, root, run};

/// Installs NNMT and NEST in a Python environment in `dir`; a second call finds its work done.
pub(crate) fn install(dir: &Path) -> Result<(), String> {
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    run(program("sh").arg(root().join("peers/install.sh")).arg(&dir))?;
    eprintln!("now: cargo xtask bench --peers {}", dir.display());
    Ok(())
}

/// A simulator that exported scripts are run under.
#[derive(Clone, Copy)]
pub(crate) struct Simulator {
    pub(crate) name: &'static str,
    /// Option of the installing script.
    option: &'static str,
    /// Below `target`.
    directory: &'static str,
    /// Variable that names its Python to the tests.
    pub(crate) variable: &'static str,
    /// Whether a run of all tests fails where it cannot be installed.
    pub(crate) required: bool,
}

/// Those of the tests, each in an environment of its own.
pub(crate) const SIMULATORS: [Simulator; 2] = [
    Simulator {
        name: "NEST",
        option: "--nest",
        directory: "nest-env",
        variable: "SIEGERT_NEST_PYTHON",
        required: true,
    },
    Simulator {
        name: "Brian2",
        option: "--brian2",
        directory: "brian2-env",
        variable: "SIEGERT_BRIAN2_PYTHON",
        required: false,
    },
];

impl Simulator {
    /// The Python of its environment; made at the first call, which takes a minute.
    pub(crate) fn python(&self) -> Result<PathBuf, String> {
        let dir = root().join("target").join(self.directory);
        run(program("sh").arg(root().join("peers/install.sh")).arg(self.option).arg(&dir))?;
        python(&dir)
    }
}

/// The environment's Python, or what to do if it is not there.
pub(crate) fn python(dir: &Path) -> Result<PathBuf, String> {
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let python = dir.join("bin/python");
    let missing = || format!("no peers in {}; install them with `cargo xtask peers {0}`", dir.display());
    if dir.join("peers.pins").is_file() && python.is_file() { Ok(python) } else { Err(missing()) }
}
