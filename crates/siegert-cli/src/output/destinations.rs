//! Where a command puts a report that can be drawn: standard output, a file, a picture, and what is said of it on standard error.

use std::path::Path;

use siegert::report::Report;
use siegert::{Warning, Work};

use super::clash::Files;
use super::messages::print_warnings;
use super::progress::{Progress, Watching};
use super::{deliver, file_format, stdout_format};
use crate::arguments::{OutputOptions, PlotOptions};
use crate::failure::Failure;
use crate::plot::{self, Drawing, PictureFormat};

/// The places, looked at before anything is computed.
pub(crate) struct Destinations<'a> {
    output: &'a OutputOptions,
    picture: Option<(&'a Path, PictureFormat)>,
}

impl<'a> Destinations<'a> {
    /// Those of a command that reads a network: forms that are known, and files that are not lost to each other.
    pub(crate) fn checked(file: &str, plot: &'a PlotOptions, output: &'a OutputOptions) -> Result<Self, Failure> {
        Self::checked_with(file, plot, output, &[])
    }

    /// As [`Destinations::checked`], with further files that the command writes by itself, under the names of their options.
    pub(crate) fn checked_with(
        file: &str,
        plot: &'a PlotOptions,
        output: &'a OutputOptions,
        further: &[(&str, Option<&Path>)],
    ) -> Result<Self, Failure> {
        file_format(output)?;
        let picture = plot.picture()?;
        let files =
            Files::of_network(file).output("--output", output.output.as_deref()).output("--plot", plot.plot.as_deref());
        let further = further.iter().fold(files, |files, (option, path)| files.output(option, *path));
        further.check(output.quiet)?;
        Ok(Destinations { output, picture })
    }

    /// The progress of work that ends in the report.
    pub(crate) fn progress(&self, work: &Work) -> Watching {
        Progress::watching(work, self.output.quiet, stdout_format(self.output).is_some())
    }

    /// Draws the report where a picture is wanted, and writes it as file and on standard output.
    pub(crate) fn deliver<R: Report>(
        &self,
        report: &R,
        draw: impl FnOnce(&R) -> Result<Drawing, Failure>,
        text: impl FnOnce(&R) -> String,
    ) -> Result<(), Failure> {
        if let Some((path, format)) = self.picture {
            plot::write(path, format, &draw(report)?)?;
        }
        deliver(self.output, report, text)
    }

    /// Says what is unusual, unless nothing is to be said.
    pub(crate) fn warn<'w>(&self, warnings: impl IntoIterator<Item = &'w Warning>) {
        if !self.output.quiet {
            print_warnings(warnings);
        }
    }
}
