//! A PNG from an SVG, with the embedded font and no other.

use plotters::style::RGBColor;
use resvg::tiny_skia::{Color, Pixmap, PremultipliedColorU8, Transform};
use resvg::usvg::{Options, Tree};

use super::outlines;
use super::shapes::Raster;
use crate::error::PlotError;

/// Pixels of the picture for one unit of the drawing.
const SCALE: f32 = 2.0;

/// Renders the drawing.
pub(super) fn of_svg(svg: &str) -> Result<Vec<u8>, PlotError> {
    let outlined = outlines::of_texts(svg)?;
    let tree = Tree::from_str(&outlined, &Options::default()).map_err(|error| PlotError::Drawing(error.to_string()))?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width() as f32 * SCALE, size.height() as f32 * SCALE);
    let mut picture = Pixmap::new(width as u32, height as u32).ok_or(PlotError::TooLarge)?;
    picture.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    encoded(&picture)
}

/// A PNG of opaque pixels.
pub(super) fn of_pixels(raster: &Raster) -> Result<Vec<u8>, PlotError> {
    let mut picture = Pixmap::new(raster.columns as u32, raster.rows as u32).ok_or(PlotError::ImageTooLarge)?;
    for (pixel, &RGBColor(red, green, blue)) in picture.pixels_mut().iter_mut().zip(&raster.pixels) {
        // An opaque colour is valid whatever its parts.
        *pixel = PremultipliedColorU8::from_rgba(red, green, blue, 255).unwrap_or(PremultipliedColorU8::TRANSPARENT);
    }
    encoded(&picture)
}

fn encoded(picture: &Pixmap) -> Result<Vec<u8>, PlotError> {
    picture.encode_png().map_err(|error| PlotError::Encoding(error.to_string()))
}
