//! The response of neurons and network: amplitude and phase over frequency, the eigenvalues of the effective connectivity in the complex plane, and the modes of the network.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::canvas::{
    Axis, LABEL_SIZE, MARGIN, Plane, Scale, Sheet, axes, draw, ends, inside, place, text, text_width, write_text,
    write_title,
};
use super::colour::{FAINT, GREEN, INK, RED, of_curve, of_populations};
use super::shapes::{circle, dashes, line, stroke};
use crate::error::PlotError;
use siegert::report::{Report, ResponseReport};

const WIDTH: u32 = 1060;
const HEADER: u32 = 130;
const PANEL_HEIGHT: u32 = 360;
/// Population names in the legend; of more it says so.
const MOST_NAMES: usize = 10;
/// Decades that amplitudes span at most.
const DECADES: f64 = 5.0;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_response(report: &ResponseReport) -> Result<Drawing, PlotError> {
    let names: Vec<String> = report.populations.iter().map(|population| population.name.clone()).collect();
    let colours = of_populations(&names);
    let title = format!("{}: response around state {} of {}", report.network, report.state, report.states);
    draw((WIDTH, HEADER + 2 * PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, &names, &colours)?;
        let panels = inside(sheet, [top, 6, 0, 0]).split_evenly((2, 2));
        let area =
            |k: usize| inside(&panels[k], if k.is_multiple_of(2) { [6, 6, MARGIN, 6] } else { [6, 6, 6, MARGIN] });
        paint_curves(&area(0), report, &colours, &AMPLITUDE)?;
        paint_connectivity(&area(1), report)?;
        paint_curves(&area(2), report, &colours, &PHASE)?;
        paint_modes(&area(3), report)
    })
}

pub(super) fn legend(sheet: &Sheet<'_>, top: i32, names: &[String], colours: &[RGBColor]) -> Result<i32, PlotError> {
    let y = top + 8;
    let mut left = MARGIN;
    for (name, colour) in names.iter().zip(colours).take(MOST_NAMES) {
        stroke(sheet, &[(left, y), (left + 24, y)], *colour, 3)?;
        write_text(sheet, name, (left + 31, y), &text(LABEL_SIZE, INK, HPos::Left, VPos::Center))?;
        left += 31 + text_width(sheet, name, LABEL_SIZE) + 20;
    }
    let hidden = names.len().saturating_sub(MOST_NAMES);
    let rest = if hidden > 0 { format!("and {hidden} more") } else { String::new() };
    write_text(sheet, &rest, (left, y), &text(LABEL_SIZE, FAINT, HPos::Left, VPos::Center))?;
    Ok(y + 18)
}

/// What is drawn over frequency, of a complex number.
struct Curve {
    name: &'static str,
    scale: Scale,
    value: fn(f64, f64) -> f64,
}

const AMPLITUDE: Curve =
    Curve { name: "|response to the mean| (Hz/mV)", scale: Scale::Logarithmic, value: |re, im| re.hypot(im).log10() };
const PHASE: Curve = Curve { name: "phase (degrees)", scale: Scale::Linear, value: |re, im| im.atan2(re).to_degrees() };

fn paint_curves(
    area: &Sheet<'_>,
    report: &ResponseReport,
    colours: &[RGBColor],
    curve: &Curve,
) -> Result<(), PlotError> {
    let curves: Vec<Vec<(f64, f64)>> = report
        .populations
        .iter()
        .map(|p| {
            let values = p.transfer_re_hz_per_mv.iter().zip(&p.transfer_im_hz_per_mv);
            let points = report.frequencies_hz.iter().zip(values);
            let points = points.map(|(f, (re, im))| (f.log10(), (curve.value)(*re, *im)));
            points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
        })
        .collect();
    let all = || curves.iter().flatten();
    let x = axis("frequency (Hz)", Scale::Logarithmic, ends(all().map(|at| at.0)), (0.0, 3.0), 0.0);
    let found = ends(all().map(|at| at.1));
    let found = match curve.scale {
        Scale::Logarithmic => found.map(|(from, to)| (from.max(to - DECADES), to)),
        Scale::Linear => found,
    };
    let y = axis(curve.name, curve.scale, found, (-1.0, 1.0), 0.06);
    let mut plane = axes(area, &x, &y)?;
    for (points, colour) in curves.iter().zip(colours) {
        let visible = points.iter().copied().filter(|at| at.1 >= y.from).collect();
        line(&mut plane, visible, *colour, 2)?;
    }
    if let Some(frequency) = report.oscillation_hz.map(f64::log10).filter(|f| *f >= x.from && *f <= x.to) {
        dashes(&mut plane, vec![(frequency, y.from), (frequency, y.to)], GREEN, 1)?;
    }
    Ok(())
}

/// Curves of the eigenvalues, with the point 1: where one comes near it the network resonates.
fn paint_connectivity(area: &Sheet<'_>, report: &ResponseReport) -> Result<(), PlotError> {
    let curves: Vec<Vec<(f64, f64)>> = report
        .connectivity_eigenvalues
        .iter()
        .map(|curve| {
            let points = curve.re.iter().copied().zip(curve.im.iter().copied());
            points.filter(|(re, im)| re.is_finite() && im.is_finite()).collect()
        })
        .collect();
    // an eigenvalue that is 0 everywhere is none
    let seen: Vec<&Vec<(f64, f64)>> =
        curves.iter().filter(|points| points.iter().any(|(re, im)| re.hypot(*im) > 1e-6)).collect();
    let all = || seen.iter().copied().flatten();
    let re = ends(all().map(|at| at.0).chain([0.0, 1.0]));
    let im = ends(all().map(|at| at.1).chain([0.0]));
    let x = axis("eigenvalues of the connectivity: real part", Scale::Linear, re, (-1.0, 1.0), 0.06);
    let y = axis("imaginary part", Scale::Linear, im, (-1.0, 1.0), 0.06);
    let mut plane = axes(area, &x, &y)?;
    dashes(&mut plane, vec![(x.from, 0.0), (x.to, 0.0)], FAINT, 1)?;
    for (k, points) in seen.iter().enumerate() {
        line(&mut plane, points.to_vec(), of_curve(k, seen.len()), 2)?;
    }
    circle(&mut plane, (1.0, 0.0), 5, RED, None)?;
    label(area, &plane, (1.0, 0.0), "1")
}

/// Modes in the plane of growth and frequency, with the border of growth.
fn paint_modes(area: &Sheet<'_>, report: &ResponseReport) -> Result<(), PlotError> {
    let modes = &report.eigenvalues;
    let growth = ends(modes.iter().map(|mode| mode.growth_per_s).chain([0.0]));
    let frequency = ends(modes.iter().map(|mode| mode.frequency_hz).chain([0.0]));
    let x = axis("growth of a mode (1/s)", Scale::Linear, growth, (-1.0, 1.0), 0.08);
    let y = axis("its frequency (Hz)", Scale::Linear, frequency, (0.0, 1.0), 0.08);
    let mut plane = axes(area, &x, &y)?;
    dashes(&mut plane, vec![(0.0, y.from), (0.0, y.to)], FAINT, 1)?;
    for mode in modes {
        let colour = if mode.growth_per_s >= 0.0 { RED } else { INK };
        circle(&mut plane, (mode.growth_per_s, mode.frequency_hz), 5, colour, None)?;
    }
    match modes.first() {
        Some(_) => Ok(()),
        None => super::canvas::write_in_the_middle(area, &plane, "none to the right of the line"),
    }
}

fn label(area: &Sheet<'_>, plane: &Plane<'_, '_>, at: (f64, f64), name: &str) -> Result<(), PlotError> {
    let (x, y) = place(area, plane, at);
    write_text(area, name, (x + 9, y - 10), &text(LABEL_SIZE, INK, HPos::Left, VPos::Center))
}

/// An axis over what was found, with room on both sides.
pub(super) fn axis(name: &str, scale: Scale, found: Option<(f64, f64)>, otherwise: (f64, f64), room: f64) -> Axis {
    let (from, to) = found.unwrap_or(otherwise);
    let room = if to > from { room * (to - from) } else { 0.5 * to.abs().max(1.0) };
    Axis { name: name.to_string(), from: from - room, to: to + room, scale }
}
