//! Rows of the transfer function as they are computed: to standard output, to a file, or to both.

use std::io::{self, BufWriter, Stdout, Write};

use crate::arguments::{Format, OutputOptions};
use crate::failure::Failure;
use crate::number::{decimals, rate, significant};
use crate::output::file::AtomicFile;
use crate::output::parquet::ParquetWriter;
use crate::output::table::{Table, Values};
use crate::output::{FileFormat, csv, stdout_format};

/// Width of a column of text.
const WIDTH: usize = 15;

/// All destinations of the rows.
pub(super) struct Writers {
    file: Option<FileWriter>,
    stdout: StdoutWriter,
}

enum FileWriter {
    Rows(Rows<AtomicFile>),
    /// Starts with the first block, which tells the columns.
    Parquet(ParquetStart),
}

enum ParquetStart {
    Waiting(AtomicFile),
    Started(Box<ParquetWriter>),
}

/// Standard output, to be finished after the files.
pub(super) struct StdoutWriter(Option<Rows<BufWriter<Stdout>>>);

impl Writers {
    /// Opens the destinations and writes what comes before the first row.
    pub(super) fn start(
        options: &OutputOptions,
        file_format: Option<FileFormat>,
        names: &[&str],
    ) -> Result<Self, Failure> {
        let file = match (&options.output, file_format) {
            (Some(path), Some(format)) => {
                let file = AtomicFile::create(path)?;
                Some(match format {
                    FileFormat::Json => FileWriter::Rows(Rows::start(file, Format::Json, names)?),
                    FileFormat::Csv => FileWriter::Rows(Rows::start(file, Format::Csv, names)?),
                    FileFormat::Parquet => FileWriter::Parquet(ParquetStart::Waiting(file)),
                })
            }
            _ => None,
        };
        let stdout = stdout_format(options)
            .map(|format| Rows::start(BufWriter::with_capacity(1 << 16, io::stdout()), format, names))
            .transpose()?;
        Ok(Self { file, stdout: StdoutWriter(stdout) })
    }

    /// Writes rows everywhere.
    pub(super) fn write(&mut self, block: &Table) -> Result<(), Failure> {
        self.file = match self.file.take() {
            Some(FileWriter::Rows(mut rows)) => {
                let (format, first) = (rows.format, std::mem::take(&mut rows.first));
                rows.out.checked(|file| write_rows(file, format, first, block))?;
                Some(FileWriter::Rows(rows))
            }
            Some(FileWriter::Parquet(ParquetStart::Waiting(file))) => {
                Some(started(ParquetWriter::new(file, block)?, block)?)
            }
            Some(FileWriter::Parquet(ParquetStart::Started(writer))) => Some(started(*writer, block)?),
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
            Some(FileWriter::Rows(mut rows)) => {
                let format = rows.format;
                rows.out.checked(|file| write_end(file, format))?;
                rows.out.commit()?;
            }
            Some(FileWriter::Parquet(ParquetStart::Started(writer))) => writer.finish()?.commit()?,
            Some(FileWriter::Parquet(ParquetStart::Waiting(_))) | None => {}
        }
        Ok(self.stdout)
    }
}

fn started(mut writer: ParquetWriter, block: &Table) -> Result<FileWriter, Failure> {
    writer.write(block)?;
    Ok(FileWriter::Parquet(ParquetStart::Started(Box::new(writer))))
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
    fn start(mut out: W, format: Format, names: &[&str]) -> io::Result<Self> {
        match format {
            Format::Csv => csv::write_header(&mut out, names)?,
            Format::Json => out.write_all(b"{\n  \"points\": [")?,
            Format::Text => {
                let titles = names.iter().filter(|name| **name != "log10_rate_hz");
                let line: String = titles.map(|name| format!("{:>WIDTH$}", title(name))).collect();
                writeln!(out, "{line}\n  {}", "-".repeat(line.len() - 2))?;
            }
        }
        Ok(Self { out, format, first: true })
    }
}

fn write_rows(out: &mut impl Write, format: Format, first: bool, block: &Table) -> io::Result<()> {
    match format {
        Format::Csv => csv::write_rows(out, block),
        Format::Json => write_objects(out, first, block),
        Format::Text => write_lines(out, block),
    }
}

fn write_end(out: &mut impl Write, format: Format) -> io::Result<()> {
    if format == Format::Json { out.write_all(b"\n  ]\n}\n") } else { Ok(()) }
}

fn write_objects(out: &mut impl Write, mut first: bool, block: &Table) -> io::Result<()> {
    let mut number = zmij::Buffer::new();
    for row in 0..block.len() {
        out.write_all(if first { b"\n    {" } else { b",\n    {" })?;
        first = false;
        for (index, column) in block.columns.iter().enumerate() {
            let value = value(block, index, row);
            let text = if value.is_finite() { number.format_finite(value) } else { "null" };
            let comma = if index == 0 { "" } else { ", " };
            write!(out, "{comma}\"{}\": {text}", column.name)?;
        }
        out.write_all(b"}")?;
    }
    Ok(())
}

fn write_lines(out: &mut impl Write, block: &Table) -> io::Result<()> {
    let names = block.names();
    let log10 = names.iter().position(|name| *name == "log10_rate_hz");
    for row in 0..block.len() {
        for (index, name) in names.iter().enumerate() {
            let value = value(block, index, row);
            let text = match *name {
                "log10_rate_hz" => continue,
                "rate_hz" => {
                    let log10 = log10.map(|log10| self::value(block, log10, row));
                    rate(value, log10.filter(|log10| log10.is_finite()))
                }
                "cv" => decimals(Some(value), 3),
                _ => significant(value, 6),
            };
            write!(out, "{text:>WIDTH$}")?;
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

/// The heading of a column of text: its name and its unit.
fn title(name: &str) -> String {
    let units = [("_mv", "mV"), ("_ms", "ms"), ("_hz", "Hz")];
    match units.iter().find_map(|(ending, unit)| name.strip_suffix(ending).map(|stem| (stem, unit))) {
        Some((stem, unit)) => format!("{stem} ({unit})"),
        None => name.to_uppercase(),
    }
}
