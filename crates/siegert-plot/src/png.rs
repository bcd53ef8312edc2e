//! A PNG from an SVG, with the embedded font and no other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plotters::style::RGBColor;
use resvg::tiny_skia::{
    Color, FilterQuality, Paint, Pattern, Pixmap, PremultipliedColorU8, Rect, SpreadMode, Transform,
};
use resvg::usvg::{Options, Tree};
use roxmltree::{Document, Node};

use super::canvas::FINE;
use super::outlines;
use super::shapes::Raster;
use crate::error::PlotError;

/// Pixels of the picture for one unit of the drawing.
const SCALE: f32 = 2.0;

/// Renders the drawing: what lies before an image, the image, and so on to the end.
pub(super) fn of_svg(svg: &str) -> Result<Vec<u8>, PlotError> {
    let outlined = outlines::of_texts(svg)?;
    let document = Document::parse(&outlined).map_err(|error| PlotError::Drawing(error.to_string()))?;
    let root = document.root_element();
    let images = root.children().filter(|node| node.has_tag_name("image"));
    let head = &outlined[..root.first_child().map_or(outlined.len(), |child| child.range().start)];
    let mut picture: Option<Pixmap> = None;
    let mut done = head.len();
    for image in images {
        let range = image.range();
        let before = paint(&format!("{head}{}</svg>", &outlined[done..range.start]), picture.take(), SCALE)?;
        picture = Some(with_image(before, &image)?);
        done = range.end;
    }
    encoded(&paint(&format!("{head}{}", &outlined[done..]), picture, SCALE)?)
}

/// A drawing without images, a pixel for each of its own, over a picture or over white.
pub(super) fn rendered(svg: &str, picture: Option<Pixmap>) -> Result<Pixmap, PlotError> {
    paint(&outlines::of_texts(svg)?, picture, 1.0)
}

/// Draws over the picture, or over a white one of the right size.
fn paint(svg: &str, picture: Option<Pixmap>, scale: f32) -> Result<Pixmap, PlotError> {
    let tree = Tree::from_str(svg, &Options::default()).map_err(|error| PlotError::Drawing(error.to_string()))?;
    let mut picture = match picture {
        Some(picture) => picture,
        None => {
            let size = tree.size().to_int_size();
            let (width, height) = (size.width() as f32 * scale, size.height() as f32 * scale);
            let mut white = Pixmap::new(width as u32, height as u32).ok_or(PlotError::TooLarge)?;
            white.fill(Color::WHITE);
            white
        }
    };
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut picture.as_mut());
    Ok(picture)
}

/// Draws an image as [`image`](super::shapes::image) writes it: the renderer, as it is built here, knows none.
fn with_image(mut picture: Pixmap, image: &Node<'_, '_>) -> Result<Pixmap, PlotError> {
    let number = |name: &str| image.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0.0f32);
    let data = image.attribute("href").and_then(|data| data.split_once("base64,")).map_or("", |(_, data)| data);
    let pixels = STANDARD.decode(data).map_err(|error| PlotError::Drawing(error.to_string()))?;
    let pixels = Pixmap::decode_png(&pixels).map_err(|error| PlotError::Drawing(error.to_string()))?;
    let (columns, rows) = (pixels.width() as f32, pixels.height() as f32);
    let sharp = image.attribute("image-rendering").is_some();
    let quality = if sharp { FilterQuality::Nearest } else { FilterQuality::Bicubic };
    let shader = Pattern::new(pixels.as_ref(), SpreadMode::Pad, quality, 1.0, Transform::identity());
    let scale = SCALE / FINE as f32;
    let place = Transform::from_scale(scale, scale)
        .pre_translate(number("x"), number("y"))
        .pre_scale(number("width") / columns, number("height") / rows);
    let area = Rect::from_xywh(0.0, 0.0, columns, rows).ok_or(PlotError::ImageTooLarge)?;
    picture.fill_rect(area, &Paint { shader, ..Paint::default() }, place, None);
    Ok(picture)
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
