//! Self-consistency of one population: the rate that comes out over the rate that goes in; states are where they agree.

use plotters::style::RGBColor;
use siegert::theory::FixedPoint;

use super::Drawing;
use super::canvas::{self, Axis, Layers, MARGIN, axes, corners, inside, place_exactly, write_title};
use super::colour::{FAINT, INK, of_population};
use super::legend::{self, Entry, Sample};
use super::marks;
use super::pieces::pieces_between;
use super::shapes::{RADIUS, line, state_mark};
use super::state_kind::StateKind;
use crate::error::PlotError;
use siegert::number::rate;

const SIZE: (u32, u32) = (920, 600);
/// Points of the curve.
const SAMPLES: usize = 600;

/// The rates of the population in its states.
pub(super) fn rates_hz(states: &[FixedPoint]) -> impl Iterator<Item = f64> {
    states.iter().flat_map(|state| state.populations.first()).map(|population| population.rate_hz)
}

/// The axis of the rate that goes in.
pub(super) fn axis(population: &str, states: &[FixedPoint]) -> Axis {
    let highest = rates_hz(states).fold(0.0, f64::max);
    let to = if highest > 0.0 { 1.6 * highest } else { 100.0 };
    Axis::of_rates(name(population, "input"), to, rates_hz(states))
}

fn name(population: &str, which: &str) -> String {
    format!("{which} rate of {population} (Hz)")
}

/// Draws the curve, the diagonal and the states.
pub(super) fn draw(
    title: &str,
    small_print: &str,
    population: &str,
    states: &[FixedPoint],
    output_rate_hz: impl Fn(f64) -> f64,
) -> Result<Drawing, PlotError> {
    let x = axis(population, states);
    let to = x.to;
    let sample = |index: usize| to * index as f64 / (SAMPLES - 1) as f64;
    let curve: Vec<(f64, f64)> = (0..SAMPLES).map(sample).map(|rate| (rate, output_rate_hz(rate))).collect();
    let finite = curve.iter().map(|point| point.1).filter(|rate| rate.is_finite());
    // A curve that starts very high would press the crossing into a corner.
    let ceiling = finite.fold(to, f64::max).min(2.5 * to);
    let y = Axis::of_rates(name(population, "output"), 1.05 * ceiling, rates_hz(states));
    let colour = of_population(population, 0);
    let entries = entries(states, colour);
    canvas::draw_in_layers(SIZE, |sheet| {
        let top = write_title(sheet, title, small_print)?;
        let width = legend::width(sheet, &entries, 260);
        let area = inside(sheet, [top, MARGIN, MARGIN, width + 2 * MARGIN]);
        let mut plane = axes(&area, &x, &y)?;
        line(&mut plane, vec![(0.0, 0.0), (to, to)], FAINT, 1)?;
        for piece in pieces_between(&curve, y.from, y.to) {
            line(&mut plane, piece, colour, 2)?;
        }
        let mut places = Vec::new();
        for state in states {
            let Some(of) = state.populations.first() else { continue };
            let at = (of.rate_hz, of.rate_hz);
            state_mark(&mut plane, at, StateKind::of(state.stability()), (INK, RADIUS))?;
            places.push(place_exactly(sheet, &plane, at));
        }
        legend::write(sheet, &entries, (SIZE.0 as i32 - MARGIN - width, top), width)?;
        Ok(Layers { above: marks::numbers(&places, corners(sheet, &plane)), ..Layers::default() })
    })
}

fn entries(states: &[FixedPoint], colour: RGBColor) -> Vec<Entry> {
    let mut entries =
        vec![Entry::new(Sample::Line(colour), "output"), Entry::new(Sample::Line(FAINT), "output = input")];
    let labels = states.iter().filter_map(|state| {
        let of = state.populations.first()?;
        Some((state.stability(), format!("{} Hz", rate(of.rate_hz, of.log10_rate_hz))))
    });
    entries.extend(marks::entries(&labels.collect::<Vec<_>>()));
    entries
}
