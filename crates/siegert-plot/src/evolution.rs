//! Rates in time: one curve a population, and mean potentials below where the reduced equations have them.

use plotters::style::RGBColor;

use super::Drawing;
use super::canvas::{MARGIN, Scale, Sheet, axes, draw, ends, inside, write_title};
use super::colour::of_populations;
use super::error::PlotError;
use super::response::{axis, legend};
use super::shapes::line;
use siegert::report::{EvolutionReport, PopulationEvolution, Report};

const WIDTH: u32 = 1060;
const HEADER: u32 = 130;
const PANEL_HEIGHT: u32 = 420;
/// Of the panel of mean potentials.
const POTENTIALS_HEIGHT: u32 = 300;
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
    let has_potentials = report.populations.iter().any(|population| population.mean_V_mv.is_some());
    let title = match has_potentials {
        true => format!("{}: rates and mean potentials in time", report.network),
        false => format!("{}: rates in time", report.network),
    };
    let potentials_height = if has_potentials { POTENTIALS_HEIGHT } else { 0 };
    draw((WIDTH, HEADER + PANEL_HEIGHT + potentials_height), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, &names, &colours)?;
        let area = inside(sheet, [top + 6, 6, MARGIN, MARGIN]);
        let rest = area.dim_in_pixel().1 * PANEL_HEIGHT / (PANEL_HEIGHT + potentials_height);
        let (area, below) = if has_potentials { area.split_vertically(rest) } else { (area.clone(), area) };
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
        if has_potentials { potentials(report, &below, &colours, every) } else { Ok(()) }
    })
}

/// The mean potentials; of a start at a reset of minus infinity without the lowest hundredth.
fn potentials(report: &EvolutionReport, area: &Sheet<'_>, colours: &[RGBColor], every: usize) -> Result<(), PlotError> {
    let curve = |p: &PopulationEvolution| -> Vec<(f64, f64)> {
        let values = p.mean_V_mv.iter().flatten().map(|mv| mv.unwrap_or(f64::NAN));
        let points = report.times_ms.iter().copied().zip(values).step_by(every);
        points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let curves: Vec<Vec<(f64, f64)>> = report.populations.iter().map(curve).collect();
    let mut values: Vec<f64> = curves.iter().flatten().map(|at| at.1).collect();
    values.sort_by(f64::total_cmp);
    let least = if report.start == "reset" { values.get(values.len() / 100) } else { values.first() };
    let least = least.copied().unwrap_or(0.0);
    let shown = || curves.iter().flatten().filter(|at| at.1 >= least);
    let times = ends(report.times_ms.iter().copied());
    let x = axis("time (ms)", Scale::Linear, times, (0.0, 1.0), 0.0);
    let y = axis("mean potential (mV)", Scale::Linear, ends(shown().map(|at| at.1)), (-1.0, 1.0), 0.04);
    let mut plane = axes(area, &x, &y)?;
    for (points, colour) in curves.iter().zip(colours) {
        line(&mut plane, points.iter().copied().filter(|at| at.1 >= least).collect(), *colour, 2)?;
    }
    Ok(())
}
