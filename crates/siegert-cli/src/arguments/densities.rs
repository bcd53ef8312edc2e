//! What `siegert evolve` keeps of the densities, and in which form they are seen.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use siegert::report::FileFormat;

use crate::failure::Failure;
use crate::plot::MovieFormat;

/// Densities, as numbers and in motion.
#[derive(Debug, Default, Args)]
pub(crate) struct DensityArguments {
    /// Keep the densities p(V, t) in the result (JSON), too; --plot and --movie do so by themselves
    #[arg(long, help_heading = "Output")]
    pub(crate) densities: bool,
    /// Write the densities as rows of time_ms, population, V_mv and density_per_mv: .csv or .parquet
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) densities_to: Option<PathBuf>,
    /// Show the densities in motion: .svg (animated) or .gif
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) movie: Option<PathBuf>,
    /// Simulate the same network, too, and show it in picture, movie and JSON: its rates and the histogram of its potentials
    #[arg(long, help_heading = "Simulation")]
    pub(crate) with_simulation: bool,
}

impl DensityArguments {
    /// Whether densities are kept, given that a picture is drawn or not.
    pub(crate) fn are_kept(&self, is_drawn: bool) -> bool {
        self.densities || self.densities_to.is_some() || self.movie.is_some() || is_drawn
    }

    /// The file of their rows and its form.
    pub(crate) fn rows(&self) -> Result<Option<(&Path, FileFormat)>, Failure> {
        let Some(path) = self.densities_to.as_deref() else { return Ok(None) };
        match FileFormat::of(path).map_err(|error| Failure::Input(format!("--densities-to {error}")))? {
            FileFormat::Json => Err(Failure::Input(format!(
                "--densities-to {}: the ending must be .csv or .parquet; --densities keeps them in --output PATH.json",
                path.display()
            ))),
            format => Ok(Some((path, format))),
        }
    }

    /// The file of the movie and its form.
    pub(crate) fn movie(&self) -> Result<Option<(&Path, MovieFormat)>, Failure> {
        self.movie.as_deref().map(|path| Ok((path, MovieFormat::of(path)?))).transpose()
    }

    /// The files, under the names of their options.
    pub(crate) fn files(&self) -> [(&'static str, Option<&Path>); 2] {
        [("--densities-to", self.densities_to.as_deref()), ("--movie", self.movie.as_deref())]
    }
}
