//! The names of populations below their bars: level where they fit, upright where they do not, some left out where they are many.

use plotters::prelude::FontTransform;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{LABEL_SIZE, Plane, Sheet, place, shortened, text, text_width, write_text};
use super::colour::INK;
use crate::error::PlotError;

/// Longest name, in pixels.
const MAX_NAME: i32 = 130;

/// Names in the order of the bars, the middle of the first of which is at 0.5, of the second at 1.5, ...
#[derive(Clone, Debug)]
pub(super) struct BarNames {
    names: Vec<String>,
    /// Names read from below to above if they are wider than a bar.
    upright: bool,
    /// Every so many names are written.
    every: usize,
}

impl BarNames {
    /// Names below bars that are `pitch` pixels apart.
    pub(super) fn new<'a>(area: &Sheet<'_>, names: impl Iterator<Item = &'a str>, pitch: f64) -> Self {
        let names: Vec<String> = names.map(|name| shortened(area, name, LABEL_SIZE, MAX_NAME)).collect();
        let upright = f64::from(widest(area, &names)) + 4.0 > pitch;
        let line = LABEL_SIZE + 2.0;
        let every = if upright && pitch < line { (line / pitch).ceil() as usize } else { 1 };
        BarNames { names, upright, every }
    }

    /// Pixels that they take.
    pub(super) fn height(&self, area: &Sheet<'_>) -> i32 {
        10 + if self.upright { widest(area, &self.names) } else { LABEL_SIZE as i32 + 4 }
    }

    /// Writes one of them below the plane, whose lower edge is at zero.
    pub(super) fn write(&self, area: &Sheet<'_>, plane: &Plane<'_, '_>, index: usize) -> Result<(), PlotError> {
        if !index.is_multiple_of(self.every) {
            return Ok(());
        }
        let (x, bottom) = place(area, plane, (index as f64 + 0.5, 0.0));
        let style = if self.upright {
            text(LABEL_SIZE, INK, HPos::Right, VPos::Center).transform(FontTransform::Rotate270)
        } else {
            text(LABEL_SIZE, INK, HPos::Center, VPos::Top)
        };
        write_text(area, &self.names[index], (x, bottom + 7), &style)
    }
}

fn widest(area: &Sheet<'_>, names: &[String]) -> i32 {
    names.iter().map(|name| text_width(area, name, LABEL_SIZE)).max().unwrap_or(0)
}
