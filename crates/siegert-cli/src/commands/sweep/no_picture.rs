//! The picture of a sweep in a build without pictures: it is refused before the sweep starts.

use std::marker::PhantomData;
use std::path::Path;

use crate::arguments::SweepArguments;
use crate::failure::Failure;
use crate::library::Sweep;
use crate::output::FileFormat;
use crate::plot::PictureFormat;

/// A picture that is to be drawn: there is none.
pub(super) struct Picture<'a> {
    format: PictureFormat,
    sweep: PhantomData<&'a Sweep>,
}

/// Rows that are kept for a picture: there are none.
pub(super) struct Kept(PictureFormat);

impl<'a> Picture<'a> {
    /// Refuses the picture that `--plot` asks for.
    pub(super) fn planned(_: &'a Sweep, arguments: &'a SweepArguments) -> Result<Option<Self>, Failure> {
        let format = arguments.plot.plot.as_deref().map(PictureFormat::of).transpose()?;
        Ok(format.map(|format| Picture { format, sweep: PhantomData }))
    }

    pub(super) fn draw_file(&self, _: &Path, _: FileFormat) -> Result<(), Failure> {
        match self.format {}
    }
}

impl Kept {
    pub(super) fn new(_: &Sweep) -> Result<Self, Failure> {
        PictureFormat::of("rows").map(Kept)
    }

    pub(super) fn append(&mut self, _: &[u8]) -> Result<(), Failure> {
        match self.0 {}
    }

    pub(super) fn draw(self, _: &Picture<'_>) -> Result<(), Failure> {
        match self.0 {}
    }
}
