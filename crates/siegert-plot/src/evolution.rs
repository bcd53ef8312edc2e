//! Rates in time: one curve a population.

use super::Drawing;
use super::canvas::{MARGIN, Scale, axes, draw, ends, inside, write_title};
use super::colour::of_populations;
use super::error::PlotError;
use super::response::{axis, legend};
use super::shapes::line;
use siegert::report::{EvolutionReport, Report};

const WIDTH: u32 = 1060;
const HEADER: u32 = 130;
const PANEL_HEIGHT: u32 = 420;
/// Points of a curve at most: more are not seen apart.
const MOST_POINTS: usize = 5000;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_evolution(report: &EvolutionReport) -> Result<Drawing, PlotError> {
    let names: Vec<String> = report.populations.iter().map(|population| population.name.clone()).collect();
    let colours = of_populations(&names);
    let title = format!("{}: rates in time", report.network);
    draw((WIDTH, HEADER + PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, &names, &colours)?;
        let area = inside(sheet, [top + 6, 6, MARGIN, MARGIN]);
        let every = report.times_ms.len().div_ceil(MOST_POINTS).max(1);
        let curves: Vec<Vec<(f64, f64)>> = report
            .populations
            .iter()
            .map(|p| {
                let points = report.times_ms.iter().copied().zip(p.rate_hz.iter().copied()).step_by(every);
                points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
            })
            .collect();
        let all = || curves.iter().flatten();
        let x = axis("time (ms)", Scale::Linear, ends(all().map(|at| at.0)), (0.0, 1.0), 0.0);
        let y = axis("rate (Hz)", Scale::Linear, ends(all().map(|at| at.1).chain([0.0])), (0.0, 1.0), 0.04);
        let mut plane = axes(&area, &x, &y)?;
        for (points, colour) in curves.iter().zip(&colours) {
            line(&mut plane, points.clone(), *colour, 2)?;
        }
        Ok(())
    })
}
