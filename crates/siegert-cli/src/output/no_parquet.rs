//! A build without Parquet files: there is no writer, and asking for one ends with a sentence.

use std::path::Path;

use super::file::AtomicFile;
use super::table::Table;
use crate::failure::Failure;

/// A Parquet file in the making: there is none.
pub(crate) enum ParquetWriter {}

/// Refuses a file of Parquet.
pub(crate) fn accept(path: &Path) -> Result<(), Failure> {
    Err(no_parquet(&path.display().to_string()))
}

/// The sentence, after what was asked for.
pub(crate) fn no_parquet(asked: &str) -> Failure {
    Failure::Input(format!(
        "{asked}: this siegert was built without Parquet files; build it with --features parquet, which is the default"
    ))
}

impl ParquetWriter {
    pub(crate) fn new(_: AtomicFile, _: &Table) -> Result<Self, Failure> {
        Err(no_parquet("a Parquet file"))
    }

    pub(crate) fn write(&mut self, _: &Table) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) fn finish(self) -> Result<AtomicFile, Failure> {
        match self {}
    }
}
