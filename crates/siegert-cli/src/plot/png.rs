//! A PNG from an SVG, with the embedded font and no other.

use std::sync::Arc;

use plotters::style::RGBColor;
use resvg::tiny_skia::{Color, Pixmap, PremultipliedColorU8, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::canvas::FONT_BYTES;
use super::shapes::Raster;
use crate::failure::Failure;

/// Pixels of the picture for one unit of the drawing.
const SCALE: f32 = 2.0;

/// Renders the drawing.
pub(super) fn of_svg(svg: &str) -> Result<Vec<u8>, Failure> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT_BYTES.to_vec());
    let options = Options { fontdb: Arc::new(fonts), font_family: "DejaVu Sans".to_string(), ..Options::default() };
    let tree =
        Tree::from_str(svg, &options).map_err(|error| Failure::Work(format!("the plot cannot be drawn: {error}")))?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width() as f32 * SCALE, size.height() as f32 * SCALE);
    let mut picture =
        Pixmap::new(width as u32, height as u32).ok_or_else(|| Failure::Work("the plot is too large".to_string()))?;
    picture.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    encoded(&picture)
}

/// A PNG of opaque pixels.
pub(super) fn of_pixels(raster: &Raster) -> Result<Vec<u8>, Failure> {
    let mut picture = Pixmap::new(raster.columns as u32, raster.rows as u32)
        .ok_or_else(|| Failure::Work("an image in the plot is empty or too large".to_string()))?;
    for (pixel, &RGBColor(red, green, blue)) in picture.pixels_mut().iter_mut().zip(&raster.pixels) {
        // An opaque colour is valid whatever its parts.
        *pixel = PremultipliedColorU8::from_rgba(red, green, blue, 255).unwrap_or(PremultipliedColorU8::TRANSPARENT);
    }
    encoded(&picture)
}

fn encoded(picture: &Pixmap) -> Result<Vec<u8>, Failure> {
    picture.encode_png().map_err(|error| Failure::Work(format!("the plot cannot be encoded: {error}")))
}
