//! Self-consistency of one population: the rate that comes out over the rate that goes in; states are where they agree.

use plotters::style::WHITE;
use plotters::style::text_anchor::{HPos, VPos};
use siegert::stationary::FixedPoint;

use super::Drawing;
use super::canvas::{
    self, Axis, LABEL_SIZE, MARGIN, Plane, Scale, Sheet, axes, circle, inside, line, place, text, text_width,
    write_text, write_title,
};
use super::colour::{FAINT, INK, of_population};
use super::pieces::pieces_between;
use crate::failure::Failure;
use crate::number::rate;

const SIZE: (u32, u32) = (820, 600);
/// Points of the curve.
const SAMPLES: usize = 600;

/// Draws the curve, the diagonal and the states.
pub(super) fn draw(
    title: &str,
    small_print: &str,
    population: &str,
    states: &[FixedPoint],
    output_rate_hz: impl Fn(f64) -> f64,
) -> Result<Drawing, Failure> {
    let rates = || states.iter().flat_map(|state| state.populations.first()).map(|population| population.rate_hz);
    let highest = rates().fold(0.0, f64::max);
    let to = if highest > 0.0 { 1.6 * highest } else { 100.0 };
    let sample = |index: usize| to * index as f64 / (SAMPLES - 1) as f64;
    let curve: Vec<(f64, f64)> = (0..SAMPLES).map(sample).map(|rate| (rate, output_rate_hz(rate))).collect();
    let finite = curve.iter().map(|point| point.1).filter(|rate| rate.is_finite());
    // A curve that starts very high would press the crossing into a corner.
    let ceiling = finite.fold(to, f64::max).min(2.5 * to);
    let name = |which: &str| format!("{which} rate of {population} (Hz)");
    let x = Axis { name: name("input"), from: 0.0, to, scale: Scale::Linear };
    // The label of a state near zero stands below it: it needs room above the axis.
    let floor = if rates().any(|rate| rate < 0.06 * ceiling) { -0.07 * ceiling } else { 0.0 };
    let y = Axis { name: name("output"), from: floor, to: 1.05 * ceiling, scale: Scale::Linear };
    canvas::draw(SIZE, |sheet| {
        let top = write_title(sheet, title, small_print)?;
        let area = inside(sheet, [top, MARGIN, MARGIN, 2 * MARGIN]);
        let mut plane = axes(&area, &x, &y)?;
        line(&mut plane, vec![(0.0, 0.0), (to, to)], FAINT, 1)?;
        for piece in pieces_between(&curve, y.from, y.to) {
            line(&mut plane, piece, of_population(population, 0), 2)?;
        }
        mark_states(sheet, &mut plane, states, population, to)?;
        let (right, diagonal) = place(sheet, &plane, (0.97 * to, 0.97 * to));
        let style = text(LABEL_SIZE, FAINT, HPos::Right, VPos::Bottom);
        write_text(sheet, "output = input", (right - 12, diagonal - 4), &style)
    })
}

/// Stable states are filled circles, unstable ones open.
fn mark_states(
    sheet: &Sheet<'_>,
    plane: &mut Plane<'_, '_>,
    states: &[FixedPoint],
    population: &str,
    to: f64,
) -> Result<(), Failure> {
    let colour = of_population(population, 0);
    for state in states {
        let Some(of) = state.populations.first() else { continue };
        let at = (of.rate_hz, of.rate_hz);
        circle(plane, at, 6, if state.stable { colour } else { WHITE }, Some(colour))?;
        let label =
            format!("{} Hz, {}", rate(of.rate_hz, of.log10_rate_hz), if state.stable { "stable" } else { "unstable" });
        let (x, y) = place(sheet, plane, at);
        let room = place(sheet, plane, (to, 0.0)).0 - x;
        let fits = text_width(sheet, &label, LABEL_SIZE) + 14 < room;
        let (dx, side) = if fits { (14, HPos::Left) } else { (-14, HPos::Right) };
        write_text(sheet, &label, (x + dx, y + 16), &text(LABEL_SIZE, INK, side, VPos::Center))?;
    }
    Ok(())
}
