//! Rows of the transfer function as they are computed: to standard output, to a file, or to both.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::PathBuf;

use siegert::report::table::unit_of;
use siegert::report::transfer::TransferReport;
use siegert::report::{FileFormat, ParquetFile, Provenance, Table, Values, csv, json, write_metadata};

use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::number::{decimals, rate, significant};
use crate::output::stdout_format;
use siegert::files::AtomicFile;

/// Width of a column of text.
const WIDTH: usize = 15;

/// All destinations of the rows.
pub(super) struct Writers {
    file: Option<FileWriter>,
    stdout: StdoutWriter,
    provenance: Provenance,
}

enum FileWriter {
    /// JSON.
    Rows(Rows<AtomicFile>),
    /// Rows with their columns, and where the file is to be.
    Csv(Rows<AtomicFile>, PathBuf, Table),
    /// Starts with the first block, which tells the columns.
    Waiting(PathBuf),
    Parquet(Box<ParquetFile>),
}

/// Standard output, to be finished after the files.
pub(super) struct StdoutWriter(Option<Rows<BufWriter<Stdout>>>);

impl Writers {
    /// Opens the destinations and writes what comes before the first row.
    pub(super) fn start(
        options: &OutputOptions,
        file_format: Option<FileFormat>,
        (names, provenance): (&[&str], &Provenance),
    ) -> Result<Self, Failure> {
        let file = match (&options.output, file_format) {
            (Some(path), Some(format)) => {
                let file = AtomicFile::create(path)?;
                let rows = |file, format| Rows::start(file, format, names, provenance);
                Some(match format {
                    FileFormat::Json => FileWriter::Rows(rows(file, Format::Json)?),
                    FileFormat::Csv => FileWriter::Csv(rows(file, Format::Csv)?, path.clone(), Table::default()),
                    FileFormat::Parquet => FileWriter::Waiting(path.clone()), // it can be written
                })
            }
            _ => None,
        };
        let stdout = stdout_format(options)
            .map(|format| Rows::start(BufWriter::with_capacity(1 << 16, io::stdout()), format, names, provenance));
        Ok(Self { file, stdout: StdoutWriter(stdout.transpose()?), provenance: provenance.clone() })
    }

    /// Writes rows everywhere.
    pub(super) fn write(&mut self, block: &Table) -> Result<(), Failure> {
        self.file = match self.file.take() {
            Some(FileWriter::Rows(mut rows)) => {
                rows.checked(block)?;
                Some(FileWriter::Rows(rows))
            }
            Some(FileWriter::Csv(mut rows, path, _)) => {
                rows.checked(block)?;
                Some(FileWriter::Csv(rows, path, block.without_rows()))
            }
            Some(FileWriter::Waiting(path)) => {
                let mut writer = ParquetFile::create(&path, block, Some(&self.provenance))?;
                writer.write(block)?;
                Some(FileWriter::Parquet(Box::new(writer)))
            }
            Some(FileWriter::Parquet(mut writer)) => {
                writer.write(block)?;
                Some(FileWriter::Parquet(writer))
            }
            None => None,
        };
        if let Some(rows) = &mut self.stdout.0 {
            write_rows(&mut rows.out, rows.format, std::mem::take(&mut rows.first), block)?;
        }
        Ok(())
    }

    /// Completes the file; standard output is left.
    pub(super) fn finish_file(self) -> Result<StdoutWriter, Failure> {
        match self.file {
            Some(FileWriter::Rows(rows)) => rows.commit()?,
            Some(FileWriter::Csv(rows, path, columns)) => {
                rows.commit()?;
                write_metadata(&path, &columns, &self.provenance)?;
            }
            Some(FileWriter::Parquet(writer)) => writer.commit()?,
            Some(FileWriter::Waiting(_)) | None => {}
        }
        Ok(self.stdout)
    }
}

impl StdoutWriter {
    /// Writes what comes after the last row.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if let Some(mut rows) = self.0 {
            write_end(&mut rows.out, rows.format)?;
            rows.out.flush()?;
        }
        Ok(())
    }
}

/// One destination.
struct Rows<W: Write> {
    out: W,
    format: Format,
    first: bool,
}

impl<W: Write> Rows<W> {
    fn start(mut out: W, format: Format, names: &[&str], provenance: &Provenance) -> io::Result<Self> {
        match format {
            Format::Csv => csv::write_header(&mut out, names)?,
            Format::Json => TransferReport::write_start(&mut out, provenance)?,
            Format::Text => {
                let titles = names.iter().filter(|name| **name != "log10_rate_hz");
                let line: String = titles.map(|name| format!("{:>1$}", title(name), width(name))).collect();
                writeln!(out, "{line}\n  {}", "-".repeat(line.len() - 2))?;
            }
        }
        Ok(Self { out, format, first: true })
    }
}

impl Rows<AtomicFile> {
    fn checked(&mut self, block: &Table) -> Result<(), Failure> {
        let (format, first) = (self.format, std::mem::take(&mut self.first));
        Ok(self.out.checked(|file| write_rows(file, format, first, block))?)
    }

    fn commit(mut self) -> Result<(), Failure> {
        let format = self.format;
        self.out.checked(|file| write_end(file, format))?;
        Ok(self.out.commit()?)
    }
}

fn write_rows(out: &mut impl Write, format: Format, first: bool, block: &Table) -> io::Result<()> {
    match format {
        Format::Csv => csv::write_rows(out, block),
        Format::Json => json::write_rows(out, block, first),
        Format::Text => write_lines(out, block),
    }
}

fn write_end(out: &mut impl Write, format: Format) -> io::Result<()> {
    if format == Format::Json { json::write_end(out) } else { Ok(()) }
}

fn write_lines(out: &mut impl Write, block: &Table) -> io::Result<()> {
    let names = block.names();
    let log10 = names.iter().position(|name| *name == "log10_rate_hz");
    for row in 0..block.len() {
        for (index, name) in names.iter().enumerate() {
            let value = value(block, index, row);
            let text = match *name {
                "log10_rate_hz" => continue,
                "diffusion_rate_hz" => rate(value, (value > 0.0).then(|| value.log10())),
                "rate_hz" => {
                    let log10 = log10.map(|log10| self::value(block, log10, row));
                    rate(value, log10.filter(|log10| log10.is_finite()))
                }
                "cv" => decimals(Some(value), 3),
                _ => significant(value, 6),
            };
            write!(out, "{text:>width$}", width = width(name))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn value(block: &Table, column: usize, row: usize) -> f64 {
    match &block.columns[column].values {
        Values::Numbers(values) => values[row],
        _ => f64::NAN,
    }
}

/// The width of a column of text, at least two spaces beside its heading.
fn width(name: &str) -> usize {
    WIDTH.max(title(name).len() + 2)
}

/// The heading of a column of text: its name and its unit.
fn title(name: &str) -> String {
    match (unit_of(name), name.rsplit_once('_')) {
        (unit, Some((stem, _))) if !unit.is_empty() => format!("{stem} ({unit})"),
        _ => name.to_uppercase(),
    }
}
