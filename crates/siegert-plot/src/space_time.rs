//! The density of a population's potential over time as an image: V upward, time to the right, threshold and reset marked, with its scale of colours beside it.

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{RGBColor, WHITE};

use super::canvas::{
    Axis, FINE, Frame, Grid, Plane, SMALL_SIZE, Scale, Sheet, corners, framed_axes, inside, place, size, text,
    write_text,
};
use super::colour::INK;
use super::levels::{Bar, colour};
use super::scale::Span;
use super::shapes::{Raster, dashes, image};
use super::spread::spread;
use crate::error::PlotError;
use siegert::report::DensityInTime;

/// Width of what stands right of the plane: the names of the marks, and the scale of colours.
pub(super) const BESIDE: i32 = 168;
/// Width of the names of the marks.
const MARKS: i32 = 78;
/// Height above the plane.
const STRIP: i32 = 20;
/// Of the densities at all places and times, how many may be beyond the scale of colours: neurons that are all at one place for a moment.
const BEYOND: f64 = 0.003;

/// Draws the panel of a population into an area of the sheet; returns the images, to lie below.
pub(super) fn paint(
    sheet: &Sheet<'_>,
    area: &Sheet<'_>,
    (name, density): (&str, &DensityInTime),
    (x, left): (&Axis, i32),
) -> Result<String, PlotError> {
    let [from, to] = range_mv(density);
    let y = Axis { name: format!("{name}: V (mV)"), from, to, scale: Scale::Linear };
    let x = Axis { name: String::new(), ..x.clone() };
    let plot_area = inside(area, [STRIP, 0, 0, BESIDE]);
    let frame = Frame { most_ticks: [9, 6], left, below: 14, x_labels: false, grid: Grid::None };
    let mut plane = framed_axes(&plot_area, &x, &y, &frame)?;
    let span = span(density);
    let below = image_of(density, &plane, &span)?;
    for V_mv in marks(density).iter().map(|mark| mark.1).filter(|V_mv| *V_mv > from && *V_mv < to) {
        dashes(&mut plane, vec![(x.from, V_mv), (x.to, V_mv)], WHITE, 1)?;
    }
    write_marks(sheet, &plane, density, [from, to])?;
    let [low, high] = corners(sheet, &plane);
    let bar_left = low.0.max(high.0) as i32 + MARKS;
    let bar = Bar { left: bar_left, top: high.1 as i32, height: (low.1 - high.1) as i32 };
    let colours = bar.paint(sheet, &span)?;
    let style = text(SMALL_SIZE, INK, HPos::Left, VPos::Bottom);
    write_text(sheet, "p(V) (1/mV)", (bar_left, high.1 as i32 - 5), &style)?;
    Ok(below + &colours)
}

/// From the lowest border of the potentials to the highest.
pub(super) fn range_mv(density: &DensityInTime) -> [f64; 2] {
    let V_mv = &density.potentials_mv;
    match V_mv[..] {
        [first, second, .., last] if first < last && (last - first).is_finite() => {
            let half = 0.5 * (second - first);
            [first - half, last + half]
        }
        [only] if only.is_finite() => [only - 1.0, only + 1.0],
        _ => [0.0, 1.0],
    }
}

/// Threshold and reset.
pub(super) fn marks(density: &DensityInTime) -> Vec<(&'static str, f64)> {
    let mark = |name, V_mv: Option<f64>| V_mv.filter(|V_mv| V_mv.is_finite()).map(|V_mv| (name, V_mv));
    [mark("threshold", density.V_th_mv), mark("reset", density.V_reset_mv)].into_iter().flatten().collect()
}

/// Densities from 0 to what almost all are below; what is above says so.
pub(super) fn span(density: &DensityInTime) -> Span {
    let mut all: Vec<f64> = density.density_per_mv.iter().flatten().copied().filter(|p| p.is_finite()).collect();
    all.sort_by(f64::total_cmp);
    let highest = all.last().copied().unwrap_or(0.0);
    let place = ((1.0 - BEYOND) * all.len() as f64) as usize;
    let most = all.get(place).copied().unwrap_or(highest);
    // a heap that is nearly everywhere the only thing there is has the scale to itself
    let most = if most > 0.0 { most } else { highest };
    let to = if most > 0.0 { most } else { 1.0 };
    let axis = Axis { name: "p(V) (1/mV)".to_string(), from: 0.0, to, scale: Scale::Linear };
    Span { axis, clipped: false }
}

/// A column for each time between two that are known, a row for each potential, the highest on top.
fn image_of(density: &DensityInTime, plane: &Plane<'_, '_>, span: &Span) -> Result<String, PlotError> {
    let rows = density.potentials_mv.len();
    let times = &density.times_ms;
    let columns = times.len().saturating_sub(1);
    if rows == 0 || columns == 0 || density.density_per_mv.len() != times.len() {
        return Ok(String::new());
    }
    let value = |k: usize, row: usize| density.density_per_mv[k].get(rows - 1 - row).copied().unwrap_or(f64::NAN);
    let pixel = |place: usize| {
        let (row, k) = (place / columns, place % columns);
        colour(span, 0.5 * (value(k, row) + value(k + 1, row)))
    };
    let pixels: Vec<RGBColor> = (0..rows * columns).map(pixel).collect();
    let [low_mv, high_mv] = range_mv(density);
    let from = plane.backend_coord(&(times[0], high_mv));
    let to = plane.backend_coord(&(times[columns], low_mv));
    image(&Raster { columns, rows, pixels }, from, to)
}

/// Names of threshold and reset right of the plane.
fn write_marks(
    sheet: &Sheet<'_>,
    plane: &Plane<'_, '_>,
    density: &DensityInTime,
    [from, to]: [f64; 2],
) -> Result<(), PlotError> {
    let mut shown: Vec<(&str, f64)> =
        marks(density).into_iter().filter(|mark| mark.1 >= from - 1e-9 && mark.1 <= to + 1e-9).collect();
    shown.sort_by(|a, b| b.1.total_cmp(&a.1));
    let right = plane.x_range().end;
    let wanted: Vec<f64> = shown.iter().map(|mark| f64::from(place(sheet, plane, (right, mark.1)).1)).collect();
    let ends = (0.0, f64::from(size(sheet).1));
    let places = spread(&wanted, SMALL_SIZE + 3.0, ends);
    for ((name, V_mv), y) in shown.iter().zip(places) {
        let x = place(sheet, plane, (right, *V_mv)).0 + 8;
        let style = text(SMALL_SIZE, INK, HPos::Left, VPos::Center);
        write_text(sheet, name, (x, y as i32), &style)?;
    }
    Ok(())
}

/// Places along an axis in fine pixels, for what moves.
pub(super) fn fine(value: f64) -> i32 {
    (value * f64::from(FINE)).round() as i32
}
