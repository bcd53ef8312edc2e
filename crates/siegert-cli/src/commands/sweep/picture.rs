//! The picture of a sweep (`--plot`): what can be checked before the sweep starts, and the drawing when its rows are done.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use siegert_plot::{PlotError, SweepAxis, SweepPicture, SweepTable, of_sweep};

use super::cells::csv_header;
use crate::arguments::SweepArguments;
use crate::failure::Failure;
use crate::library::{Axis, Sweep};
use crate::number::count;
use crate::output::FileFormat;
use crate::plot::{self, PictureFormat};
use crate::rows::{self, Wanted};

/// The most points of a picture; all of its rows are in memory.
const MOST_POINTS: u64 = 4_000_000;

/// A picture that is to be drawn.
pub(super) struct Picture<'a> {
    path: &'a Path,
    format: PictureFormat,
    sweep: &'a Sweep,
    quantities: Vec<String>,
    arguments: &'a SweepArguments,
}

impl<'a> Picture<'a> {
    /// The picture that `--plot` asks for, if it can be drawn and written.
    pub(super) fn planned(sweep: &'a Sweep, arguments: &'a SweepArguments) -> Result<Option<Self>, Failure> {
        let Some(path) = arguments.plot.plot.as_deref() else { return Ok(None) };
        let quantities = match &arguments.quantity[..] {
            [] => vec!["rate_hz".to_string()],
            names => names.to_vec(),
        };
        let picture = Picture { path, format: PictureFormat::of(path)?, sweep, quantities, arguments };
        if sweep.len() > MOST_POINTS {
            return Err(Failure::Input(format!(
                "--plot draws at most {} points, and this sweep has {}: leave --plot out, or take larger steps",
                count(MOST_POINTS),
                count(sweep.len())
            )));
        }
        if !(1..=2).contains(&sweep.axes().len()) {
            return Err(PlotError::WrongParameters { parameters: sweep.axes().len() }.into());
        }
        // The header alone tells whether there are such populations.
        picture.own(rows::read_csv(csv_header(sweep.columns()).as_bytes(), "--plot", picture.wanted())?, "--plot")?;
        Ok(Some(picture))
    }

    /// Draws the rows that are in a file of this form.
    pub(super) fn draw_file(&self, rows: &Path, form: FileFormat) -> Result<(), Failure> {
        let name = rows.display().to_string();
        let file = File::open(rows).map_err(|error| Failure::Work(format!("{name} cannot be read: {error}")))?;
        self.draw(file, &name, form)
    }

    fn draw(&self, rows: File, name: &str, form: FileFormat) -> Result<(), Failure> {
        let table = self.own(rows::read(rows, name, form, self.wanted())?, name)?;
        if !table.axes.iter().zip(self.sweep.axes()).all(|(found, axis)| is_of(found, axis)) {
            return Err(Failure::Input(format!(
                "--plot: {name} holds other values of the parameters than --over asks for; --restart computes them"
            )));
        }
        plot::write(self.path, self.format, &of_sweep(&self.of_table(table))?)
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { quantities: &self.quantities, populations: &self.arguments.population }
    }

    /// The rows, if they are over the parameters of the sweep.
    fn own(&self, table: SweepTable, name: &str) -> Result<SweepTable, Failure> {
        let columns = self.sweep.axes().iter().map(Axis::column);
        if table.axes.iter().map(|axis| axis.column.clone()).eq(columns) {
            return Ok(table);
        }
        Err(Failure::Input(format!(
            "--plot: {name} holds the rows of another sweep; --restart computes those of this one"
        )))
    }

    fn of_table(&self, table: SweepTable) -> SweepPicture {
        let own = self.sweep.family().own();
        let swept = |parameter: &String| {
            self.sweep.axes().iter().any(|axis| parameter.split(" = ").next() == Some(axis.name.as_str()))
        };
        let axis = |(found, axis): (SweepAxis, &Axis)| SweepAxis {
            name: if axis.unit.is_empty() { axis.name.clone() } else { format!("{} ({})", axis.name, axis.unit) },
            logarithmic: axis.range.is_logarithmic(),
            ..found
        };
        SweepPicture {
            title: own.name.clone(),
            small_print: own
                .parameter_list()
                .into_iter()
                .filter(|parameter| !swept(parameter))
                .collect::<Vec<_>>()
                .join(", "),
            axes: table.axes.into_iter().zip(self.sweep.axes()).map(axis).collect(),
            states: table.states,
            quantities: table.quantities,
            which: self.arguments.state.into(),
        }
    }
}

/// Whether the values that were found are those of the range.
fn is_of(found: &SweepAxis, axis: &Axis) -> bool {
    let (first, last) = (axis.range.value(0), axis.range.value(axis.range.len() - 1));
    let count = if first == last { 1 } else { axis.range.len() };
    found.values.len() == count
        && found.values.first() == Some(&first.min(last))
        && found.values.last() == Some(&first.max(last))
}

/// Rows that are printed, kept as CSV in a file without a name until the picture is drawn.
pub(super) struct Kept {
    file: BufWriter<File>,
}

impl Kept {
    pub(super) fn new(sweep: &Sweep) -> Result<Self, Failure> {
        let mut kept =
            Kept { file: BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(|error| failed(&error))?) };
        kept.append(csv_header(sweep.columns()).as_bytes())?;
        Ok(kept)
    }

    pub(super) fn append(&mut self, rows: &[u8]) -> Result<(), Failure> {
        self.file.write_all(rows).map_err(|error| failed(&error))
    }

    pub(super) fn draw(self, picture: &Picture<'_>) -> Result<(), Failure> {
        let mut file = self.file.into_inner().map_err(|error| failed(error.error()))?;
        file.rewind().map_err(|error| failed(&error))?;
        picture.draw(file, "the rows for --plot", FileFormat::Csv)
    }
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::Work(format!("the rows for --plot cannot be kept in a temporary file: {error}"))
}
