//! Lines, marks and arrows, in the units of the axes or in pixels of the sheet, and SVG that the drawing library lacks.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::canvas::{FINE, Plane, SMALL_SIZE, Sheet, failure};
use super::png;
use super::state_kind::StateKind;
use crate::error::PlotError;

/// Radius of the mark of a state.
pub(super) const RADIUS: i32 = 6;

/// A polyline in the units of the axes.
pub(super) fn line(
    plane: &mut Plane<'_, '_>,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    width: u32,
) -> Result<(), PlotError> {
    let path = PathElement::new(points, colour.stroke_width(width * FINE as u32));
    plane.draw_series([path]).map_err(failure).map(drop)
}

/// A filled bar between two opposite corners, in the units of the axes, with an edge of the given width.
pub(super) fn bar(
    plane: &mut Plane<'_, '_>,
    corners: [(f64, f64); 2],
    fill: RGBColor,
    (edge, width): (RGBColor, u32),
) -> Result<(), PlotError> {
    plane.draw_series([Rectangle::new(corners, fill.filled())]).map_err(failure)?;
    // The library draws the border of a rectangle as a hairline.
    line(plane, outline(corners), edge, width)
}

/// The edge of a bar between two opposite corners.
pub(super) fn outline([(left, low), (right, high)]: [(f64, f64); 2]) -> Vec<(f64, f64)> {
    vec![(left, low), (left, high), (right, high), (right, low), (left, low)]
}

/// A dashed polyline in the units of the axes.
pub(super) fn dashes(
    plane: &mut Plane<'_, '_>,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    width: u32,
) -> Result<(), PlotError> {
    let path = DashedPathElement::new(points, 6 * FINE, 4 * FINE, colour.stroke_width(width * FINE as u32));
    plane.draw_series([path]).map_err(failure).map(drop)
}

/// A dotted polyline in the units of the axes.
pub(super) fn dots(
    plane: &mut Plane<'_, '_>,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    width: u32,
) -> Result<(), PlotError> {
    let path = DashedPathElement::new(points, 2 * FINE, 4 * FINE, colour.stroke_width(width * FINE as u32));
    plane.draw_series([path]).map_err(failure).map(drop)
}

/// A filled circle in the units of the axes, with a rim of another colour if one is said.
pub(super) fn circle(
    plane: &mut Plane<'_, '_>,
    at: (f64, f64),
    radius: i32,
    fill: RGBColor,
    rim: Option<RGBColor>,
) -> Result<(), PlotError> {
    let radius = radius * FINE;
    plane.draw_series([Circle::new(at, radius, fill.filled())]).map_err(failure)?;
    if let Some(rim) = rim {
        plane.draw_series([Circle::new(at, radius, rim.stroke_width(2 * FINE as u32))]).map_err(failure)?;
    }
    Ok(())
}

/// The mark of a state: filled if it is stable, open if it is a saddle, a diamond if neither.
pub(super) fn state_mark(
    plane: &mut Plane<'_, '_>,
    at: (f64, f64),
    kind: StateKind,
    (colour, radius): (RGBColor, i32),
) -> Result<(), PlotError> {
    match kind {
        StateKind::Stable => circle(plane, at, radius, colour, Some(colour)),
        StateKind::Saddle | StateKind::Unstable => circle(plane, at, radius, WHITE, Some(colour)),
        StateKind::Neither => {
            let corners = diamond((0, 0), radius);
            let inside = EmptyElement::at(at) + Polygon::new(corners.clone(), WHITE.filled());
            plane.draw_series([inside]).map_err(failure)?;
            let rim = EmptyElement::at(at) + PathElement::new(corners, colour.stroke_width(2 * FINE as u32));
            plane.draw_series([rim]).map_err(failure).map(drop)
        }
    }
}

/// The corners of a diamond of about the area of a circle, closed, in fine pixels.
fn diamond((x, y): (i32, i32), radius: i32) -> Vec<(i32, i32)> {
    let reach = (f64::from(radius * FINE) * 1.25).round() as i32;
    vec![(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y), (x, y - reach), (x + reach, y)]
}

/// The mark of a state that is neither stable nor a saddle, in pixels of the sheet.
pub(super) fn open_diamond(sheet: &Sheet<'_>, at: (i32, i32), rim: RGBColor) -> Result<(), PlotError> {
    let corners = diamond((at.0 * FINE, at.1 * FINE), RADIUS);
    sheet.draw(&Polygon::new(corners.clone(), WHITE.filled())).map_err(failure)?;
    sheet.draw(&PathElement::new(corners, rim.stroke_width(2 * FINE as u32))).map_err(failure)
}

/// The mark of a state in pixels of the sheet.
pub(super) fn dot(sheet: &Sheet<'_>, at: (i32, i32), fill: RGBColor, rim: RGBColor) -> Result<(), PlotError> {
    let at = (at.0 * FINE, at.1 * FINE);
    sheet.draw(&Circle::new(at, RADIUS * FINE, fill.filled())).map_err(failure)?;
    sheet.draw(&Circle::new(at, RADIUS * FINE, rim.stroke_width(2 * FINE as u32))).map_err(failure)
}

/// A polyline in pixels of the sheet.
pub(super) fn stroke(sheet: &Sheet<'_>, points: &[(i32, i32)], colour: RGBColor, width: u32) -> Result<(), PlotError> {
    let points: Vec<(i32, i32)> = points.iter().map(|at| (at.0 * FINE, at.1 * FINE)).collect();
    sheet.draw(&PathElement::new(points, colour.stroke_width(width * FINE as u32))).map_err(failure)
}

/// A filled rectangle in pixels of the sheet.
pub(super) fn rectangle(
    sheet: &Sheet<'_>,
    from: (i32, i32),
    to: (i32, i32),
    colour: RGBColor,
) -> Result<(), PlotError> {
    let corners = [(from.0 * FINE, from.1 * FINE), (to.0 * FINE, to.1 * FINE)];
    sheet.draw(&Rectangle::new(corners, colour.filled())).map_err(failure)
}

/// An arrow in pixels of the sheet.
pub(super) fn arrow(sheet: &Sheet<'_>, from: (f64, f64), to: (f64, f64), colour: RGBColor) -> Result<(), PlotError> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    if !(length > 0.0 && length.is_finite()) {
        return Ok(());
    }
    let head = (0.45 * length).min(5.5);
    let (ux, uy) = (dx / length * head, dy / length * head);
    let fine = |x: f64, y: f64| ((x * f64::from(FINE)).round() as i32, (y * f64::from(FINE)).round() as i32);
    let style = colour.stroke_width(FINE as u32);
    sheet.draw(&PathElement::new(vec![fine(from.0, from.1), fine(to.0 - ux, to.1 - uy)], style)).map_err(failure)?;
    let corners = vec![
        fine(to.0, to.1),
        fine(to.0 - ux - 0.45 * uy, to.1 - uy + 0.45 * ux),
        fine(to.0 - ux + 0.45 * uy, to.1 - uy - 0.45 * ux),
    ];
    sheet.draw(&Polygon::new(corners, colour.filled())).map_err(failure)
}

/// SVG of a text with a white halo, centred at a pixel of the sheet and turned by degrees clockwise.
pub(super) fn haloed_text(content: &str, at: (f64, f64), degrees: f64, bold: bool) -> String {
    let fine = f64::from(FINE);
    let escaped = content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (x, y) = ((at.0 * fine).round(), ((at.1 + 0.35 * SMALL_SIZE) * fine).round());
    let turn = if degrees == 0.0 {
        String::new()
    } else {
        format!(" transform=\"rotate({degrees:.1} {x} {})\"", (at.1 * fine).round())
    };
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"{}\" \
         fill=\"#232328\" stroke=\"#ffffff\" stroke-width=\"{}\" stroke-opacity=\"0.85\" stroke-linejoin=\"round\" \
         paint-order=\"stroke\"{}{turn}>{escaped}</text>",
        SMALL_SIZE * fine,
        3.0 * fine,
        if bold { " font-weight=\"bold\"" } else { "" },
    );
    svg
}

/// SVG of many short level strokes as one path, which is small where those of a row follow each other; `places` are their
/// left ends, and `size` their length and height, in the fine pixels of [`Plane`].
pub(super) fn strokes(places: &[(i32, i32)], size: (i32, i32), colour: RGBColor) -> String {
    let mut path = String::new();
    let mut pen: Option<(i32, i32)> = None;
    for &(x, y) in places {
        let _ = match pen {
            Some(pen) => write!(path, "m{} {}h{}", x - pen.0, y - pen.1, size.0),
            None => write!(path, "M{x} {y}h{}", size.0),
        };
        pen = Some((x + size.0, y));
    }
    let RGBColor(red, green, blue) = colour;
    format!(
        "<path d=\"{path}\" fill=\"none\" stroke=\"#{red:02x}{green:02x}{blue:02x}\" stroke-width=\"{}\"/>\n",
        size.1
    )
}

/// A picture of opaque pixels, row by row from the top.
#[derive(Clone, Debug)]
pub(super) struct Raster {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) pixels: Vec<RGBColor>,
}

/// SVG of an image that fills a rectangle given in the fine pixels of [`Plane`]; its pixels stay sharp if they are large.
pub(super) fn image(raster: &Raster, from: (i32, i32), to: (i32, i32)) -> Result<String, PlotError> {
    let encoded = STANDARD.encode(png::of_pixels(raster)?);
    let (width, height) = (to.0 - from.0, to.1 - from.1);
    let sharp = raster.columns as i32 * FINE < width || (raster.rows as i32) * FINE < height;
    Ok(format!(
        "<image x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\"{} \
         href=\"data:image/png;base64,{encoded}\"/>\n",
        from.0,
        from.1,
        if sharp { " image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\"" } else { "" },
    ))
}
