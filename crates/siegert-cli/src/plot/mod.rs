//! Plots: drawn once as SVG with an embedded font's measures; a PNG is made from the same SVG.

mod bars;
mod canvas;
mod colour;
mod crossing;
mod pieces;
mod png;
pub(crate) mod transfer;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use crate::commands::parameter_list;
use crate::failure::Failure;
use crate::library::{Network, Options, RateMap, Solution};
use crate::output::file::AtomicFile;

/// A finished drawing, as SVG.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    svg: String,
}

/// The form of a picture, by its file's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    Svg,
    Png,
}

impl PictureFormat {
    /// The form of the file that `--plot` names.
    pub(crate) fn of(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        match path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(PictureFormat::Svg),
            Some("png") => Ok(PictureFormat::Png),
            _ => Err(Failure::Input(format!("--plot {}: the ending must be .svg or .png", path.display()))),
        }
    }
}

/// Writes a drawing to a file, whole or not at all.
pub(crate) fn write(path: &Path, format: PictureFormat, drawing: &Drawing) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    match format {
        PictureFormat::Svg => file.checked(|file| file.write_all(drawing.svg.as_bytes()))?,
        PictureFormat::Png => {
            let bytes = png::of_svg(&drawing.svg)?;
            file.checked(|file| file.write_all(&bytes))?;
        }
    }
    file.commit()
}

/// Stationary states: where the curves cross for one population, bars for several.
pub(crate) fn of_solution(network: &Network, solution: &Solution, options: &Options) -> Result<Drawing, Failure> {
    let parameters = parameter_list(network).join(", ");
    match &network.populations[..] {
        [population] => {
            let map = RateMap::new(network, options.filter)?;
            let output = |rate_hz: f64| map.output_rates_hz(&[rate_hz]).first().copied().unwrap_or(f64::NAN);
            crossing::draw(&network.name, &parameters, &population.name, &solution.fixed_points, output)
        }
        _ => bars::draw(&network.name, &parameters, &solution.fixed_points),
    }
}
