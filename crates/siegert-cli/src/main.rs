//! The `siegert` command: arguments in, tables, files and plots out; no theory.

#![forbid(unsafe_code)]
#![allow(non_snake_case)] // symbols of the field keep their capitals: V_th, V_reset, Delta_T

mod arguments;
mod commands;
mod diagnostics;
mod failure;
mod library;
mod output;
mod plot;
#[cfg(feature = "pictures")]
mod rows;
mod signals;
mod start;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use siegert::number;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::library::printable_lines;
use crate::output::messages::print_error;

/// Commands of the interface that a later version will have.
const NOT_YET: [&str; 1] = ["continue"];

fn main() -> ExitCode {
    let arguments = match parsed(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let status = failure.exit_status();
            match failure {
                Failure::NetworkFile(error) => drop(diagnostics::report(&error, &overrides())),
                failure if failure.is_closed_pipe() => {}
                failure => print_error(&failure.to_string()),
            }
            ExitCode::from(status)
        }
    }
}

/// The arguments; options before the command count as if they stood behind it.
fn parsed(typed: Vec<OsString>) -> Result<Arguments, clap::Error> {
    let error = match Arguments::try_parse_from(&typed) {
        Err(error) if matches!(error.kind(), ErrorKind::ArgumentConflict | ErrorKind::UnknownArgument) => error,
        outcome => return outcome,
    };
    let definition = Arguments::command();
    let is_command = |word: &OsString| word.to_str().is_some_and(|word| definition.find_subcommand(word).is_some());
    // a value of an option may be called as a command is: the last place that makes sense counts
    let places = (2..typed.len()).rev().filter(|&place| is_command(&typed[place]));
    let moved = |place: usize| {
        let (before, behind) = typed[1..].split_at(place - 1);
        Arguments::try_parse_from(typed[..1].iter().chain(behind).chain(before)).ok()
    };
    places.map(moved).find_map(|arguments| arguments).ok_or(error)
}

/// What was said with `--set`, for messages; the arguments were understood.
fn overrides() -> Vec<(String, String)> {
    let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let mut overrides = Vec::new();
    while let Some(word) = words.next() {
        let said = if word == "--set" { words.next() } else { word.strip_prefix("--set=").map(str::to_string) };
        let pair = said.as_deref().and_then(|said| said.split_once('='));
        overrides.extend(pair.map(|(name, value)| (name.trim().to_string(), value.to_string())));
    }
    overrides
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None => commands::main_job::run(&arguments.bare),
        Some(command) => command.run(),
    }
}

fn arguments_are_printable() -> bool {
    std::env::args_os().all(|argument| argument.to_string_lossy().chars().all(library::is_printable))
}

/// Arguments that cannot be understood (status 2), or a request for help (status 0).
fn refuse(error: &clap::Error) -> ExitCode {
    if let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(name))) =
        (error.kind(), error.get(ContextKind::InvalidSubcommand))
    {
        if NOT_YET.contains(&name.as_str()) {
            print_error(&format!("\"{name}\" is not in this version yet; siegert --help lists what is"));
            return ExitCode::from(2);
        }
        if library::bundled::find(name).is_some() || name.ends_with(".toml") {
            print_error(&format!("\"{name}\" is not a command; for its stationary states: siegert solve {name}"));
            return ExitCode::from(2);
        }
    }
    let status = u8::from(error.use_stderr()) * 2;
    // Help for a reader who has gone is no failure.
    let plain = error.render().to_string();
    let _ = match printable_lines(&plain) {
        Cow::Borrowed(_) if arguments_are_printable() => error.print(),
        // Without the colours, which cannot be told from what was typed.
        shown => write!(io::stderr(), "{shown}"),
    };
    ExitCode::from(status)
}
