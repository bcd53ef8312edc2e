//! The colours of a heat map, its colour bar, and the levels of its contour lines.

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{RGBColor, WHITE};

use super::canvas::{Axis, FINE, LABEL_SIZE, Sheet, text, write_text};
use super::colour::INK;
use super::scale::Span;
use super::shapes::{Raster, image, stroke};
use super::ticks::Ticks;
use crate::error::PlotError;

/// A contour line.
#[derive(Clone, Debug)]
pub(super) struct Level {
    /// Along the scale.
    pub(super) place: f64,
    pub(super) label: String,
    /// Visible on the colours around it.
    pub(super) ink: RGBColor,
}

/// Contour lines at most.
const MAX_LEVELS: usize = 7;
/// Colours of the bar.
const STEPS: usize = 256;
const WIDTH: i32 = 20;
/// The lower part of the colour map, where white lines are seen better than black ones.
const DARK: f64 = 0.6;

/// The colour at a place of the scale: viridis, which grows lighter evenly and needs no red or green to be told apart.
pub(super) fn colour(span: &Span, place: f64) -> RGBColor {
    let colour = colorous::VIRIDIS.eval_continuous(fraction(&span.axis, place));
    RGBColor(colour.r, colour.g, colour.b)
}

fn fraction(axis: &Axis, place: f64) -> f64 {
    let fraction = (place - axis.from) / (axis.to - axis.from);
    if fraction.is_nan() { 0.5 } else { fraction.clamp(0.0, 1.0) }
}

/// Round levels inside the scale.
pub(super) fn levels(span: &Span) -> Vec<Level> {
    let ticks = Ticks::of(&span.axis, MAX_LEVELS);
    let width = span.axis.to - span.axis.from;
    let inside = |place: &f64| *place > span.axis.from + 1e-3 * width && *place < span.axis.to - 1e-3 * width;
    let level = |(place, label): (&f64, &String)| Level {
        place: *place,
        label: label.clone(),
        ink: if fraction(&span.axis, *place) < DARK { WHITE } else { INK },
    };
    ticks.at.iter().zip(&ticks.labels).filter(|(place, _)| inside(place)).map(level).collect()
}

/// Where the colour bar is, in pixels of the sheet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) height: i32,
}

impl Bar {
    /// Paints frame and ticks; returns the SVG of the colours, to lie below.
    pub(super) fn paint(&self, sheet: &Sheet<'_>, span: &Span) -> Result<String, PlotError> {
        let (from, to) = (span.axis.from, span.axis.to);
        let place = |step: usize| to - (to - from) * (step as f64 + 0.5) / STEPS as f64;
        let pixels = (0..STEPS).map(|step| colour(span, place(step))).collect();
        let (right, bottom) = (self.left + WIDTH, self.top + self.height);
        let fine = |(x, y): (i32, i32)| (x * FINE, y * FINE);
        let raster = Raster { columns: 1, rows: STEPS, pixels };
        let colours = image(&raster, fine((self.left, self.top)), fine((right, bottom)))?;
        let corners =
            [(self.left, self.top), (right, self.top), (right, bottom), (self.left, bottom), (self.left, self.top)];
        stroke(sheet, &corners, INK, 1)?;
        let ticks = Ticks::of(&span.axis, (self.height / 28).clamp(2, 9) as usize);
        let style = text(LABEL_SIZE, INK, HPos::Left, VPos::Center);
        for (at, label) in ticks.at.iter().zip(&ticks.labels) {
            let y = bottom - (f64::from(self.height) * (at - from) / (to - from)).round() as i32;
            stroke(sheet, &[(right, y), (right + 5, y)], INK, 1)?;
            write_text(sheet, label, (right + 9, y), &style)?;
        }
        if span.clipped {
            write_text(sheet, "and below", (right + 56, bottom), &style)?;
        }
        Ok(colours)
    }
}
