//! Where results go: standard output in the form asked for, and files that are never half-written.

pub(crate) mod clash;
pub(crate) mod messages;
pub(crate) mod progress;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use siegert::report::{FileFormat, Report, csv, json, write_report};

use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::library::printable_lines;

/// The form of the file that `--output` names, if it is given.
pub(crate) fn file_format(options: &OutputOptions) -> Result<Option<FileFormat>, Failure> {
    let form = |path: &PathBuf| FileFormat::of(path).map_err(|error| Failure::Input(format!("--output {error}")));
    options.output.as_ref().map(form).transpose()
}

/// The form for standard output: what was asked for, text if nothing was, none if a file takes the result.
pub(crate) fn stdout_format(options: &OutputOptions) -> Option<Format> {
    options.format.or(if options.output.is_some() { None } else { Some(Format::Text) })
}

/// Writes a text for people to standard output now, without what a terminal would obey.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(printable_lines(text).as_bytes())?;
    Ok(stdout.flush()?)
}

/// The command as it was typed; that it went on with unfinished work, or began anew, makes no difference to a sweep or a comparison.
pub(crate) fn command() -> Option<Vec<String>> {
    let typed: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let can_go_on = typed.iter().any(|word| matches!(word.as_str(), "sweep" | "compare"));
    let typed = typed.into_iter().filter(|word| !(can_go_on && matches!(word.as_str(), "--resume" | "--restart")));
    Some(std::iter::once("siegert".to_string()).chain(typed).collect())
}

/// Writes a result to the file of `--output` and to standard output, `text` for people.
pub(crate) fn deliver<R: Report>(
    options: &OutputOptions,
    report: &R,
    text: impl FnOnce(&R) -> String,
) -> Result<(), Failure> {
    if let (Some(path), Some(format)) = (&options.output, file_format(options)?) {
        write_report(path, format, report)?;
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    match stdout_format(options) {
        Some(Format::Text) => stdout.write_all(printable_lines(&text(report)).as_bytes())?,
        Some(Format::Json) => json::write(&mut stdout, report)?,
        Some(Format::Csv) => csv::write(&mut stdout, &report.table())?,
        None => {}
    }
    Ok(stdout.flush()?)
}
