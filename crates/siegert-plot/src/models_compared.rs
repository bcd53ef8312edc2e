//! Neuron models side by side: the transfer curves around the working point, left, and the rates that they give the network, right.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::bar_names::BarNames;
use super::canvas::{
    Axis, LABEL_SIZE, MARGIN, Scale, Sheet, axes, bar_axes, draw as draw_sheet, inside, size, text, text_width,
    write_text, write_title,
};
use super::colour::{BLUE, FAINT, GREEN, INK, OTHERS, RED, lightened};
use super::pieces::pieces_between;
use super::shapes::{bar, circle, dashes, line, rectangle};
use crate::error::PlotError;
use siegert::number::significant;
use siegert::report::{ModelInNetwork, ModelState, ModelsComparedReport, Report, WorkingPoint};
use siegert::stationary::Stability;

const SIZE: (u32, u32) = (1060, 520);
/// Pixels that the axis of rates takes, near enough to lay out names.
const AXIS_WIDTH: i32 = 92;
/// The part of a population's place that bars fill.
const FILLED: f64 = 0.8;

/// The colour of a model, wherever it stands.
fn colour(index: usize) -> RGBColor {
    match index {
        0 => BLUE,
        1 => RED,
        2 => GREEN,
        _ => OTHERS[index % OTHERS.len()],
    }
}

/// The state that is drawn: the first stable one, or the first.
fn drawn(model: &ModelInNetwork) -> Option<&ModelState> {
    let states = &model.fixed_points;
    states.iter().find(|state| state.stability == Stability::Stable).or(states.first())
}

/// Draws the curves of the first neuron type and the rates of all populations.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_models_compared(report: &ModelsComparedReport) -> Result<Drawing, PlotError> {
    let names: Vec<&str> = report.models.iter().map(|model| model.model.as_str()).collect();
    let title = format!("{}: {}", report.network, names.join(", "));
    draw_sheet(SIZE, |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, report)?;
        let panels = inside(sheet, [top, MARGIN, 0, 0]).split_evenly((1, 2));
        if let Some(point) = report.working_points.first() {
            paint_curves(&inside(&panels[0], [6, 0, MARGIN, 12]), report, point)?;
        }
        paint_rates(&inside(&panels[1], [6, 0, 12, MARGIN]), report)
    })
}

/// A row of the models with their colours, below it what the marks mean; returns where the panels begin.
fn legend(sheet: &Sheet<'_>, top: i32, report: &ModelsComparedReport) -> Result<i32, PlotError> {
    let y = top + 8;
    let mut left = MARGIN;
    for (index, model) in report.models.iter().enumerate() {
        let none = if model.fixed_points.is_empty() { " (no state)" } else { "" };
        let name = format!("{}{none}", model.model);
        rectangle(sheet, (left, y - 6), (left + 18, y + 6), colour(index))?;
        write_text(sheet, &name, (left + 25, y), &text(LABEL_SIZE, INK, HPos::Left, VPos::Center))?;
        left += 25 + text_width(sheet, &name, LABEL_SIZE) + 22;
    }
    let of_point = report.working_points.first().map_or(String::new(), |point| {
        format!(
            "left: {} at sigma = {} mV, dot: its own model where it works; ",
            point.neuron_type,
            significant(point.std_input_mv, 3)
        )
    });
    let rest = format!("{of_point}right: the first stable state, light where none is stable");
    let below = y + 22;
    write_text(sheet, &rest, (MARGIN, below), &text(LABEL_SIZE, FAINT, HPos::Left, VPos::Center))?;
    Ok(below + 18)
}

/// A linear axis of rates up to the highest, with some room.
fn rates_axis(highest: f64) -> Axis {
    let to = if highest > 0.0 { 1.08 * highest } else { 1.0 };
    Axis { name: "rate (Hz)".to_string(), from: 0.0, to, scale: Scale::Linear }
}

fn paint_curves(area: &Sheet<'_>, report: &ModelsComparedReport, point: &WorkingPoint) -> Result<(), PlotError> {
    let (Some(&from), Some(&to)) = (point.curve_mu_mv.first(), point.curve_mu_mv.last()) else { return Ok(()) };
    let curves = || {
        let first =
            |(index, model): (usize, &'_ ModelInNetwork)| Some((index, model.neurons.first()?.curve_rates_hz.clone()));
        report.models.iter().enumerate().filter_map(first)
    };
    let highest = curves().flat_map(|(_, rates)| rates).chain([point.rate_hz]).fold(0.0, f64::max);
    let x = Axis { name: "mean input mu (mV)".to_string(), from, to, scale: Scale::Linear };
    let y = rates_axis(highest);
    let mut plane = axes(area, &x, &y)?;
    dashes(&mut plane, vec![(point.mean_input_mv, 0.0), (point.mean_input_mv, y.to)], FAINT, 1)?;
    for (index, rates) in curves() {
        let points: Vec<(f64, f64)> = point.curve_mu_mv.iter().copied().zip(rates).collect();
        for piece in pieces_between(&points, y.from, y.to) {
            line(&mut plane, piece, colour(index), 2)?;
        }
    }
    circle(&mut plane, (point.mean_input_mv, point.rate_hz), 5, INK, None)
}

fn paint_rates(area: &Sheet<'_>, report: &ModelsComparedReport) -> Result<(), PlotError> {
    let states: Vec<(usize, &ModelState)> =
        report.models.iter().enumerate().filter_map(|(index, model)| Some((index, drawn(model)?))).collect();
    let Some((_, first)) = states.first() else { return Ok(()) };
    let count = first.populations.len().max(1);
    let pitch = f64::from(size(area).0 - AXIS_WIDTH) / count as f64;
    let names = BarNames::new(area, first.populations.iter().map(|population| population.name.as_str()), pitch);
    let rates = states.iter().flat_map(|(_, state)| state.populations.iter().map(|population| population.rate_hz));
    let x = Axis { name: String::new(), from: 0.0, to: count as f64, scale: Scale::Linear };
    let mut plane = bar_axes(area, &x, &rates_axis(rates.fold(0.0, f64::max)), names.height(area))?;
    let width = FILLED / report.models.len() as f64;
    for (index, state) in &states {
        let edge = colour(*index);
        let fill = if state.stability == Stability::Stable { edge } else { lightened(edge, 0.8) };
        for (a, population) in state.populations.iter().enumerate() {
            let left = a as f64 + 0.5 * (1.0 - FILLED) + *index as f64 * width;
            bar(&mut plane, [(left, 0.0), (left + 0.92 * width, population.rate_hz)], fill, (edge, 1))?;
        }
    }
    (0..first.populations.len()).try_for_each(|a| names.write(area, &plane, a))
}

#[cfg(test)]
mod tests {
    use siegert::network::{ReadOptions, open};
    use siegert::report::compare_models;
    use siegert::theory::TheoryOptions;

    use super::*;

    #[test]
    fn every_model_has_its_curve_and_its_bars() {
        let network = open("brunel2000", &ReadOptions::default()).unwrap();
        let models = ["lif", "perfect"].map(String::from);
        let mut report =
            compare_models(&network, &models, &TheoryOptions::default(), &siegert::Work::default()).unwrap();
        let svg = of_models_compared(&report).unwrap().svg().to_string();
        for words in ["lif", "perfect", "mean input mu (mV)", "rate (Hz)"] {
            assert!(svg.contains(words), "{words}");
        }
        report.models[1].fixed_points.clear();
        assert!(of_models_compared(&report).unwrap().svg().contains("perfect (no state)"));
        report.models.iter_mut().for_each(|model| model.fixed_points.clear());
        of_models_compared(&report).unwrap();
    }
}
