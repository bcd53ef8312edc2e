//! Correlations of pairs of neurons: each pair of populations with and without feedback, and the covariances over the size of the network.

use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::canvas::{
    Axis, Frame, LABEL_SIZE, MARGIN, Scale, Sheet, axes, draw, ends, framed_axes, inside, place, text,
    write_in_the_middle, write_text, write_title,
};
use super::colour::{FAINT, INK, RED, of_curve};
use super::response::axis;
use super::shapes::{circle, dashes, line};
use super::spectrum::write_names;
use crate::error::PlotError;
use siegert::report::{CorrelationsReport, Report};

const WIDTH: u32 = 1060;
const HEADER: u32 = 110;
const PANEL_HEIGHT: u32 = 420;
/// Pairs of populations that are drawn: those that differ most from 0.
const MOST_PAIRS: usize = 10;
/// Decades below the largest that are shown.
const DECADES: f64 = 6.0;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_correlations(report: &CorrelationsReport) -> Result<Drawing, PlotError> {
    let title = format!("{}: correlations around state {} of {}", report.network, report.state, report.states);
    draw((WIDTH, HEADER + PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let panels = inside(sheet, [top, 6, 0, 0]).split_evenly((1, 2));
        paint_pairs(&inside(&panels[0], [6, 6, MARGIN, 6]), report)?;
        paint_sizes(&inside(&panels[1], [6, 6, 6, MARGIN]), report)
    })
}

/// The pairs that are drawn, by their places.
fn shown(report: &CorrelationsReport) -> Vec<usize> {
    let size = |k: usize| report.pairs[k].covariance_hz.map_or(0.0, f64::abs);
    let mut places: Vec<usize> = (0..report.pairs.len()).filter(|k| report.pairs[*k].covariance_hz.is_some()).collect();
    places.sort_by(|a, b| size(*b).total_cmp(&size(*a)));
    places.truncate(MOST_PAIRS);
    places
}

fn name(report: &CorrelationsReport, k: usize) -> String {
    format!("{} - {}", report.pairs[k].a, report.pairs[k].b)
}

/// What feedback leaves of the covariance that shared sources make.
fn paint_pairs(area: &Sheet<'_>, report: &CorrelationsReport) -> Result<(), PlotError> {
    let places = shown(report);
    let with = |k: usize| report.pairs[k].covariance_hz.unwrap_or_default();
    let without = |k: usize| report.pairs[k].covariance_without_feedback_hz;
    let all = places.iter().flat_map(|&k| [with(k), without(k)]).chain([0.0]);
    let x = axis("covariance of a pair (Hz)", Scale::Linear, ends(all), (-1.0, 1.0), 0.1);
    let y = Axis {
        name: "pair of populations".to_string(),
        from: -(places.len() as f64) - 0.5,
        to: 0.5,
        scale: Scale::Linear,
    };
    // the rows have names in place of numbers
    let mut plane = framed_axes(area, &x, &y, &Frame { most_ticks: [6, 0], ..Frame::default() })?;
    dashes(&mut plane, vec![(0.0, y.from), (0.0, y.to)], FAINT, 1)?;
    for (row, &k) in places.iter().enumerate() {
        let height = -(row as f64) - 0.5;
        line(&mut plane, vec![(without(k), height), (with(k), height)], FAINT, 2)?;
        circle(&mut plane, (without(k), height), 5, INK, None)?;
        circle(&mut plane, (with(k), height), 5, RED, None)?;
        let at = place(area, &plane, (with(k).min(without(k)), height));
        let style = text(LABEL_SIZE, INK, HPos::Left, VPos::Bottom);
        write_text(area, &name(report, k), (at.0 + 8, at.1 - 5), &style)?;
    }
    write_names(area, &plane, [("red: with feedback", RED), ("black: shared sources alone", INK)].into_iter())?;
    if places.is_empty() { write_in_the_middle(area, &plane, "no pairs") } else { Ok(()) }
}

/// Covariances over the size of the network, with the line of `1/N`.
fn paint_sizes(area: &Sheet<'_>, report: &CorrelationsReport) -> Result<(), PlotError> {
    let places = shown(report);
    let curve = |k: usize| -> Vec<(f64, f64)> {
        let points = report.scaling.iter().filter_map(|at| Some((at.size_factor, at.covariances_hz[k]?.abs())));
        points.map(|(x, y)| (x.log10(), y.log10())).filter(|(_, y)| y.is_finite()).collect()
    };
    let curves: Vec<Vec<(f64, f64)>> = places.iter().map(|&k| curve(k)).collect();
    let all = || curves.iter().flatten();
    let x = axis(
        "size of the network, same in-degrees (1 as it is)",
        Scale::Logarithmic,
        ends(all().map(|at| at.0)),
        (-0.6, 1.2),
        0.02,
    );
    let found = ends(all().map(|at| at.1)).map(|(from, to)| (from.max(to - DECADES), to));
    let y = axis("|covariance| (Hz); dashed: 1/N", Scale::Logarithmic, found, (-4.0, 0.0), 0.08);
    let mut plane = axes(area, &x, &y)?;
    if let Some(highest) = curves.iter().flatten().map(|at| at.0 + at.1).reduce(f64::max) {
        let along = |x: f64| (x, highest + 0.1 - x);
        dashes(
            &mut plane,
            vec![along(x.from), along(x.to)].into_iter().filter(|at| at.1 >= y.from).collect(),
            FAINT,
            1,
        )?;
    }
    for (row, points) in curves.iter().enumerate() {
        let colour = of_curve(row, curves.len());
        line(&mut plane, points.iter().copied().filter(|at| at.1 >= y.from).collect(), colour, 2)?;
        for at in points.iter().filter(|at| at.1 >= y.from) {
            circle(&mut plane, *at, 3, colour, None)?;
        }
    }
    if curves.iter().all(Vec::is_empty) { write_in_the_middle(area, &plane, "no pairs") } else { Ok(()) }
}
