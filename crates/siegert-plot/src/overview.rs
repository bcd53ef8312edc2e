//! The whole of a simulation in one picture: what the neurons did in time, how it is distributed, and the theory beside it.

use super::beside::Beside;
use super::canvas::{self, Frame, Layers, MARGIN, Sheet, inside};
use super::distributions::{self, Quantity};
use super::legend;
use super::simulation::Subject;
use super::{Drawing, comparison, operating_points, raster, rate_traces, spectra};
use crate::error::PlotError;

const WIDTH: u32 = 1100;
const HEADER_HEIGHT: u32 = 96;
/// The verdict: three lines.
const VERDICT_HEIGHT: u32 = 62;
const RASTER_HEIGHT: u32 = 330;
const RATE_HEIGHT: u32 = 200;
const PANEL_HEIGHT: u32 = 270;
/// Left of raster and rates, at least: a rate with five digits and its axis' name.
const LEFT: i32 = 90;

/// Draws a simulation, and the theory beside it if there is one.
pub(super) fn draw(subject: &Subject<'_>, theory: Option<&Beside<'_>>) -> Result<Drawing, PlotError> {
    let panels = if theory.is_some() { 2 } else { 1 };
    let verdict = theory.and_then(|theory| theory.comparison);
    let header = HEADER_HEIGHT + if verdict.is_some() { VERDICT_HEIGHT } else { 0 };
    let height = header + RASTER_HEIGHT + RATE_HEIGHT + panels * PANEL_HEIGHT;
    canvas::draw_in_layers((WIDTH, height), |sheet| {
        let mut top = subject.write_title(sheet)?;
        if let Some(comparison) = verdict {
            let first = comparison.causes.first().map_or("", |cause| cause.sentence.as_str());
            top = canvas::write_lines(sheet, top, &format!("{} {first}", comparison.verdict), 3)?;
        }
        let panels_top = (height - panels * PANEL_HEIGHT) as i32;
        let layers = paint_times(sheet, subject, (top, panels_top))?;
        paint_panels(&row(sheet, panels_top, PANEL_HEIGHT as i32), subject, theory)?;
        if let Some(theory) = theory {
            let area = row(sheet, panels_top + PANEL_HEIGHT as i32, PANEL_HEIGHT as i32);
            paint_theory(&area, subject, theory)?;
        }
        Ok(layers)
    })
}

/// A row of the sheet.
fn row<'a>(sheet: &Sheet<'a>, top: i32, height: i32) -> Sheet<'a> {
    inside(sheet, [top, canvas::size(sheet).1 - top - height, MARGIN, MARGIN])
}

/// Raster and rates below each other, over the same time.
fn paint_times(sheet: &Sheet<'_>, subject: &Subject<'_>, (top, bottom): (i32, i32)) -> Result<Layers, PlotError> {
    let mut area = row(sheet, top, bottom - top);
    // The names beside the raster say whose colours the curves have, unless these are too many.
    if subject.without_curves() > 0 {
        let entries = subject.entries();
        let width = legend::width(sheet, &entries, WIDTH as i32 / 5);
        legend::write(sheet, &entries, (WIDTH as i32 - MARGIN - width, top), width)?;
        area = inside(&area, [0, 0, 0, width + MARGIN]);
    }
    let left = LEFT.max(raster::names_width(sheet, subject));
    let [upper, lower] = [(0, RATE_HEIGHT as i32), (bottom - top - RATE_HEIGHT as i32, 0)]
        .map(|(above, below)| inside(&area, [above, below, 0, 0]));
    let frame = Frame { left, below: 10, x_labels: false, ..Frame::default() };
    let layers = raster::paint(&upper, subject, &frame)?;
    rate_traces::paint(&lower, subject, &Frame { left, ..Frame::default() })?;
    Ok(layers)
}

fn paint_panels(area: &Sheet<'_>, subject: &Subject<'_>, theory: Option<&Beside<'_>>) -> Result<(), PlotError> {
    let panels = inside(area, [8, 8, 0, 0]).split_evenly((1, 3));
    distributions::paint_beside(&inside(&panels[0], [0, 0, 0, 10]), subject, Quantity::Potential, theory)?;
    distributions::paint(&inside(&panels[1], [0, 0, 5, 5]), subject, Quantity::Rate)?;
    spectra::paint(&inside(&panels[2], [0, 0, 10, 0]), subject, theory)
}

fn paint_theory(area: &Sheet<'_>, subject: &Subject<'_>, theory: &Beside<'_>) -> Result<(), PlotError> {
    let panels = inside(area, [8, 8, 0, 0]).split_evenly((1, 3));
    operating_points::paint(&inside(&panels[0], [0, 0, 0, 10]), subject, theory)?;
    comparison::paint([&inside(&panels[1], [0, 0, 5, 5]), &inside(&panels[2], [0, 0, 10, 0])], subject, theory)
}
