//! A legend in a column beside a plot.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{LABEL_SIZE, Sheet, shortened, text, text_width, write_text};
use super::colour::{FAINT, INK};
use super::shapes::{arrow, dot, open_diamond, rectangle, stroke};
use crate::error::PlotError;

/// What stands before the text of an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    Line(RGBColor),
    Dashes(RGBColor),
    Dots(RGBColor),
    Filled(RGBColor),
    Open(RGBColor),
    Diamond(RGBColor),
    Patch(RGBColor),
    /// As regions of a heat map are stippled.
    Stipple(RGBColor),
    Arrow(RGBColor),
    /// Text alone, below that of the entry before.
    Blank,
    /// Text alone, from the left edge.
    None,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) sample: Sample,
    pub(super) text: String,
}

impl Entry {
    pub(super) fn new(sample: Sample, text: impl Into<String>) -> Self {
        Entry { sample, text: text.into() }
    }
}

const SAMPLE_WIDTH: i32 = 26;
const GAP: i32 = 8;
const LINE_HEIGHT: i32 = 22;

/// Width of the entries in pixels, at most `most`.
pub(super) fn width(sheet: &Sheet<'_>, entries: &[Entry], most: i32) -> i32 {
    let widest = entries.iter().map(|entry| indent(entry) + text_width(sheet, &entry.text, LABEL_SIZE)).max();
    widest.map_or(0, |width| width + 2).min(most)
}

fn indent(entry: &Entry) -> i32 {
    if entry.sample == Sample::None { 0 } else { SAMPLE_WIDTH + GAP }
}

/// Writes the entries below each other into a column of the given width.
pub(super) fn write(sheet: &Sheet<'_>, entries: &[Entry], at: (i32, i32), width: i32) -> Result<(), PlotError> {
    for (place, entry) in entries.iter().enumerate() {
        let (left, y) = (at.0, at.1 + LINE_HEIGHT / 2 + LINE_HEIGHT * place as i32);
        draw_sample(sheet, entry.sample, left, y)?;
        let indent = indent(entry);
        let fitting = shortened(sheet, &entry.text, LABEL_SIZE, width - indent);
        let colour = if matches!(entry.sample, Sample::Blank | Sample::None) { FAINT } else { INK };
        write_text(sheet, &fitting, (left + indent, y), &text(LABEL_SIZE, colour, HPos::Left, VPos::Center))?;
    }
    Ok(())
}

fn draw_sample(sheet: &Sheet<'_>, sample: Sample, left: i32, y: i32) -> Result<(), PlotError> {
    let (right, middle) = (left + SAMPLE_WIDTH, left + SAMPLE_WIDTH / 2);
    match sample {
        Sample::Line(colour) => stroke(sheet, &[(left, y), (right, y)], colour, 3),
        Sample::Dashes(colour) => {
            [left, left + 10, left + 20].into_iter().try_for_each(|x| stroke(sheet, &[(x, y), (x + 6, y)], colour, 3))
        }
        Sample::Dots(colour) => {
            (0..5).map(|k| left + 6 * k).try_for_each(|x| stroke(sheet, &[(x, y), (x + 2, y)], colour, 3))
        }
        Sample::Filled(colour) => dot(sheet, (middle, y), colour, colour),
        Sample::Open(colour) => dot(sheet, (middle, y), WHITE, colour),
        Sample::Diamond(colour) => open_diamond(sheet, (middle, y), colour),
        Sample::Stipple(colour) => {
            let rows = [(y - 5, 0), (y, 5), (y + 5, 0)];
            let places = rows.into_iter().flat_map(|(y, shift)| [3, 13, 23].map(|x| (left + x - shift, y)));
            places.filter(|at| at.0 >= left).try_for_each(|(x, y)| rectangle(sheet, (x, y - 1), (x + 2, y + 1), colour))
        }
        Sample::Patch(colour) => rectangle(sheet, (left, y - 7), (right, y + 7), colour),
        Sample::Arrow(colour) => {
            arrow(sheet, (f64::from(left) + 3.0, f64::from(y)), (f64::from(right) - 3.0, f64::from(y)), colour)
        }
        Sample::Blank | Sample::None => Ok(()),
    }
}
