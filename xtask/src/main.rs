//! The project's own chores as one program: `cargo xtask test`, `cargo xtask bench`, ...

mod bench;
mod command;
mod peers;
mod scripts;
mod table;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run everything that must be green: format, clippy, docs, all tests, a release build and its main job; `--quick` a part of it
    Test(test::Options),
    /// Time the library and, where they are installed, other programs on the same work
    Bench(bench::Options),
    /// Install the other programs (NNMT, NEST) in a Python environment in DIR
    Peers {
        /// Where to put the environment; it is made if it is not there
        dir: PathBuf,
    },
    /// Compute the reference numbers of the tests again (tools/reference.py)
    Reference {
        /// Passed on to the script
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Compute the coefficients of the special functions again (tools/coefficients.py)
    Coefficients {
        /// Passed on to the script
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Test(options) => test::run(&options),
        Chore::Bench(options) => bench::run(&options),
        Chore::Peers { dir } => peers::install(&dir),
        Chore::Reference { arguments } => scripts::run_in_environment("reference.py", &arguments),
        Chore::Coefficients { arguments } => scripts::run_in_environment("coefficients.py", &arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}
