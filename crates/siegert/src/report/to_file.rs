//! Reports and tables as files that appear whole or not at all.

use std::ffi::OsStr;
use std::path::Path;

use super::{Provenance, Report, Table, csv, json};
use crate::files::{AtomicFile, FileError, Place, Standing, beside};

/// The form of a file, by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// `.json`
    Json,
    /// `.csv`
    Csv,
    /// `.parquet`
    Parquet,
}

impl FileFormat {
    /// The form that the ending of a name asks for.
    ///
    /// # Errors
    ///
    /// Another ending; Parquet where this build has none.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Ok(FileFormat::Json),
            Some("csv") => Ok(FileFormat::Csv),
            Some("parquet") => Self::parquet(path),
            _ => Err(FileError::Input(format!("{}: the ending must be .json, .csv or .parquet", path.display()))),
        }
    }

    /// Parquet, if this build has it.
    ///
    /// # Errors
    ///
    /// It has not.
    pub fn parquet(asked: &Path) -> Result<Self, FileError> {
        if cfg!(feature = "parquet") { Ok(FileFormat::Parquet) } else { Err(no_parquet(&asked.display().to_string())) }
    }
}

/// What is said after what was asked for, where there is no Parquet.
pub fn no_parquet(asked: &str) -> FileError {
    FileError::Input(format!(
        "{asked}: this siegert was built without Parquet files; build it with --features parquet, which is the default"
    ))
}

/// Writes a report.
///
/// # Errors
///
/// A place where it cannot be; those of writing.
pub fn write_report(path: &Path, format: FileFormat, report: &impl Report) -> Result<(), FileError> {
    match format {
        FileFormat::Json => {
            let mut file = AtomicFile::create(path)?;
            file.checked(|file| json::write(file, report))?;
            file.commit()
        }
        FileFormat::Csv | FileFormat::Parquet => write_table(path, format, &report.table(), report.about().provenance),
    }
}

/// Writes rows as Parquet, or else as CSV.
///
/// # Errors
///
/// A place where it cannot be; those of writing.
pub fn write_table(path: &Path, format: FileFormat, table: &Table, provenance: &Provenance) -> Result<(), FileError> {
    if format == FileFormat::Parquet {
        let mut writer = ParquetFile::create(path, table, Some(provenance))?;
        writer.write(table)?;
        return writer.commit();
    }
    let mut file = AtomicFile::create(path)?;
    file.checked(|file| csv::write(file, table))?;
    file.commit()?;
    write_metadata(path, table, provenance)
}

/// The ending of the file that says what a file of CSV has no place for.
pub const METADATA: &str = "-metadata.json";

/// Says beside a file of CSV what its columns are and what its rows are of; a device has no place for that.
///
/// # Errors
///
/// Those of writing.
pub fn write_metadata(path: &Path, table: &Table, provenance: &Provenance) -> Result<(), FileError> {
    if matches!(Place::of(path).standing, Standing::Special) {
        return Ok(());
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut file = AtomicFile::create(&beside(path, METADATA))?;
    file.checked(|file| json::write(file, &csv::metadata(&name, table, provenance)))?;
    file.commit()
}

/// A Parquet file in the making, where this build has them; every block becomes one row group.
pub struct ParquetFile(
    #[cfg(feature = "parquet")] super::parquet::ParquetWriter<AtomicFile>,
    #[cfg(not(feature = "parquet"))] std::convert::Infallible,
);

#[cfg(feature = "parquet")]
impl ParquetFile {
    /// Starts a file with the columns of `table`, of which no row is written yet.
    ///
    /// # Errors
    ///
    /// A place where it cannot be; those of writing.
    pub fn create(path: &Path, table: &Table, provenance: Option<&Provenance>) -> Result<Self, FileError> {
        let file = AtomicFile::create(path)?;
        super::parquet::ParquetWriter::new(file, table, provenance).map(ParquetFile).map_err(failure)
    }

    /// Appends rows; the columns must be those of the start.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write(&mut self, table: &Table) -> Result<(), FileError> {
        self.0.write(table).map_err(failure)
    }

    /// Writes the end of the file and gives it its name.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn commit(self) -> Result<(), FileError> {
        self.0.finish().map_err(failure)?.commit()
    }
}

#[cfg(feature = "parquet")]
fn failure(error: impl std::fmt::Display) -> FileError {
    FileError::World(format!("the Parquet file cannot be written: {error}"))
}

#[cfg(not(feature = "parquet"))]
impl ParquetFile {
    /// Refuses.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn create(_: &Path, _: &Table, _: Option<&Provenance>) -> Result<Self, FileError> {
        Err(no_parquet("a Parquet file"))
    }

    /// There is none.
    ///
    /// # Errors
    ///
    /// None.
    pub fn write(&mut self, _: &Table) -> Result<(), FileError> {
        match self.0 {}
    }

    /// There is none.
    ///
    /// # Errors
    ///
    /// None.
    pub fn commit(self) -> Result<(), FileError> {
        match self.0 {}
    }
}
