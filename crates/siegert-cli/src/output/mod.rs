//! Where results go: standard output in the form asked for, and files that are never half-written.

pub(crate) mod clash;
pub(crate) mod csv;
pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod messages;
#[cfg(not(feature = "parquet"))]
#[path = "no_parquet.rs"]
pub(crate) mod parquet;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
pub(crate) mod place;
pub(crate) mod progress;
pub(crate) mod table;
pub(crate) mod text;

use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::library::printable_lines;
use crate::output::file::AtomicFile;
use crate::output::messages::print_remark;
use crate::output::table::Table;

/// A result that can be written in every form.
pub(crate) trait Report {
    /// For people.
    fn text(&self) -> String;
    /// For programs, whole.
    fn json(&self) -> impl Serialize;
    /// For spreadsheets: rows and columns.
    fn table(&self) -> Table;
}

/// The form of a file, by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    Json,
    Csv,
    Parquet,
}

impl FileFormat {
    /// The form of the file that `--output` names, if it is given.
    pub(crate) fn of_output(options: &OutputOptions) -> Result<Option<Self>, Failure> {
        options.output.as_deref().map(Self::of).transpose()
    }

    /// Parquet, if this build has it.
    pub(crate) fn parquet(path: &Path) -> Result<Self, Failure> {
        parquet::accept(path).map(|()| FileFormat::Parquet)
    }

    fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Ok(FileFormat::Json),
            Some("csv") => Ok(FileFormat::Csv),
            Some("parquet") => Self::parquet(path),
            _ => {
                let path = path.display();
                Err(Failure::Input(format!("--output {path}: the ending must be .json, .csv or .parquet")))
            }
        }
    }
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

/// Writes a result to the file of `--output` and to standard output.
pub(crate) fn deliver(options: &OutputOptions, report: &impl Report) -> Result<(), Failure> {
    if let (Some(path), Some(format)) = (&options.output, FileFormat::of_output(options)?) {
        let was_there = path.is_file();
        write_file(path, format, report)?;
        if was_there && !options.quiet {
            print_remark(&format!("{} was there and has been replaced", path.display()));
        }
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    match stdout_format(options) {
        Some(Format::Text) => stdout.write_all(printable_lines(&report.text()).as_bytes())?,
        Some(Format::Json) => json::write(&mut stdout, &report.json())?,
        Some(Format::Csv) => {
            let table = report.table();
            csv::write_header(&mut stdout, &table.names())?;
            csv::write_rows(&mut stdout, &table)?;
        }
        None => {}
    }
    Ok(stdout.flush()?)
}

fn write_file(path: &Path, format: FileFormat, report: &impl Report) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    match format {
        FileFormat::Json => file.checked(|file| json::write(file, &report.json()))?,
        FileFormat::Csv => file.checked(|file| {
            let table = report.table();
            csv::write_header(file, &table.names())?;
            csv::write_rows(file, &table)
        })?,
        FileFormat::Parquet => {
            let table = report.table();
            let mut writer = parquet::ParquetWriter::new(file, &table)?;
            writer.write(&table)?;
            file = writer.finish()?;
        }
    }
    file.commit()
}
