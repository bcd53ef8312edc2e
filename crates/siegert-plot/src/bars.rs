//! Rates of several populations as bars, one panel for each stationary state.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use siegert::theory::{FixedPoint, PopulationState};

use super::Drawing;
use super::bar_names::BarNames;
use super::canvas::{
    self, Axis, LABEL_SIZE, MARGIN, Plane, SMALL_SIZE, Scale, Sheet, inside, place, text, text_width, write_text,
    write_title,
};
use super::colour::{INK, lightened, of_population};
use super::shapes::{bar, dots, outline};
use super::state_kind::StateKind;
use crate::error::PlotError;
use siegert::number::{rate, significant};
use siegert::stationary::Stability;

const PANEL_HEIGHT: u32 = 330;
const HEADER_HEIGHT: u32 = 90;
/// Rates below this are silence, in Hz.
const OBSERVABLE: f64 = 1e-3;
/// Panels; further states are only counted.
const MAX_PANELS: usize = 8;

/// Draws the states.
pub(super) fn draw(title: &str, small_print: &str, states: &[FixedPoint]) -> Result<Drawing, PlotError> {
    let populations = states.first().map_or(0, |state| state.populations.len()) as u32;
    let width = (240 + 70 * populations).clamp(640, 1500);
    let panels = states.len().clamp(1, MAX_PANELS);
    let title = if states.len() > panels {
        format!("{title} (the first {panels} of {} states)", states.len())
    } else {
        title.to_string()
    };
    canvas::draw((width, HEADER_HEIGHT + panels as u32 * PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, small_print)?;
        let areas = inside(sheet, [top, 0, 0, 0]).split_evenly((panels, 1));
        for (index, (state, area)) in states.iter().zip(&areas).enumerate() {
            paint_panel(area, state, &headline(state, index, states.len()))?;
        }
        Ok(())
    })
}

fn headline(state: &FixedPoint, index: usize, states: usize) -> String {
    let stability = match state.stability() {
        Stability::Saddle => "a saddle, unstable in the spiking network too".to_string(),
        other => format!("{} under the rate dynamics", other.word()),
    };
    format!("State {} of {states}, {stability}", index + 1)
}

/// How the texts of the bars are laid out.
struct Layout {
    names: BarNames,
    values: Option<Orientation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Orientation {
    Level,
    Upright,
}

fn layout(area: &Sheet<'_>, state: &FixedPoint, pitch: f64) -> Layout {
    let names = BarNames::new(area, state.populations.iter().map(|population| population.name.as_str()), pitch);
    let value_width = state.populations.iter().map(|p| text_width(area, &value(p), SMALL_SIZE)).max().unwrap_or(0);
    let values = if f64::from(value_width) + 4.0 <= pitch {
        Some(Orientation::Level)
    } else if pitch >= SMALL_SIZE + 1.0 {
        Some(Orientation::Upright)
    } else {
        None
    };
    Layout { names, values }
}

/// The rate above a bar: three digits, or a power of ten.
fn value(population: &PopulationState) -> String {
    if population.rate_hz >= 0.01 {
        significant(population.rate_hz, 3)
    } else {
        rate(population.rate_hz, population.log10_rate_hz)
    }
}

fn paint_panel(area: &Sheet<'_>, state: &FixedPoint, headline: &str) -> Result<(), PlotError> {
    write_text(area, headline, (MARGIN, 6), &text(LABEL_SIZE, INK, HPos::Left, VPos::Top))?;
    let count = state.populations.len().max(1);
    let (width, height) = canvas::size(area);
    // The axis takes about 110 pixels; near enough to choose a layout.
    let layout = layout(area, state, (f64::from(width) - 110.0 - f64::from(MARGIN)) / count as f64);
    let below = layout.names.height(area);
    let highest = state.populations.iter().map(|population| population.rate_hz).fold(0.0, f64::max);
    let above = match layout.values {
        Some(Orientation::Level) => 26.0,
        Some(Orientation::Upright) => 62.0,
        None => 10.0,
    };
    let inner = f64::from(height) - 34.0 - f64::from(below) - f64::from(MARGIN);
    // Silence stays flat: bars of 1e-9 Hz would look like activity.
    let to = if highest >= OBSERVABLE { highest * inner / (inner - above) } else { 1.0 };
    let x = Axis { name: String::new(), from: 0.0, to: count as f64, scale: Scale::Linear };
    let y = Axis { name: "rate (Hz)".to_string(), from: 0.0, to, scale: Scale::Linear };
    let plot_area = inside(area, [34, MARGIN, MARGIN, MARGIN]);
    let mut plane = canvas::bar_axes(&plot_area, &x, &y, below)?;
    for (index, population) in state.populations.iter().enumerate() {
        let colour = of_population(&population.name, index);
        let left = index as f64;
        let corners = [(left + 0.14, 0.0), (left + 0.86, population.rate_hz)];
        // As with the marks of states elsewhere: only what is stable is filled.
        let light = lightened(colour, 0.8);
        match StateKind::of(state.stability()) {
            StateKind::Stable => bar(&mut plane, corners, colour, (colour, 2))?,
            StateKind::Saddle | StateKind::Unstable => bar(&mut plane, corners, light, (colour, 2))?,
            StateKind::Neither => {
                bar(&mut plane, corners, light, (light, 1))?;
                dots(&mut plane, outline(corners), colour, 2)?;
            }
        }
        write_labels(area, &plane, &layout, index, population)?;
    }
    Ok(())
}

fn write_labels(
    area: &Sheet<'_>,
    plane: &Plane<'_, '_>,
    layout: &Layout,
    index: usize,
    population: &PopulationState,
) -> Result<(), PlotError> {
    let middle = index as f64 + 0.5;
    let (x, top) = place(area, plane, (middle, population.rate_hz));
    match layout.values {
        Some(Orientation::Level) => {
            write_text(area, &value(population), (x, top - 5), &text(SMALL_SIZE, INK, HPos::Center, VPos::Bottom))?;
        }
        Some(Orientation::Upright) => {
            let style = text(SMALL_SIZE, INK, HPos::Left, VPos::Center).transform(FontTransform::Rotate270);
            write_text(area, &value(population), (x, top - 6), &style)?;
        }
        None => {}
    }
    layout.names.write(area, plane, index)
}
