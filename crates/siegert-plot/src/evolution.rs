//! Rates in time, one curve a population; above them, where densities are kept, the density of each over the same time; below, of the reduced equations, the mean potentials.

use plotters::style::RGBColor;

use super::Drawing;
use super::canvas::{
    Axis, Frame, Layers, MARGIN, Plane, Scale, Sheet, draw_in_layers, ends, framed_axes, inside, write_in_the_middle,
    write_title,
};
use super::colour::{lightened, of_populations};
use super::error::PlotError;
use super::response::{axis, legend};
use super::shapes::line;
use super::space_time;
use siegert::report::{DensityInTime, EvolutionReport, PopulationEvolution, Report};

const WIDTH: u32 = 1060;
const HEADER: u32 = 112;
const PANEL_HEIGHT: u32 = 420;
/// Heights of the panel of a density, and of the rates below such.
const DENSITY_HEIGHT: u32 = 196;
const RATES_HEIGHT: u32 = 290;
/// Of the panel of mean potentials.
const POTENTIALS_HEIGHT: u32 = 300;
/// Populations whose densities are drawn; those of others are left out, and the title says so.
pub(super) const MOST_DENSITIES: usize = 4;
/// Pixels left of planes that stand above each other.
const LEFT: i32 = 92;
/// Points of a curve at most: more are not seen apart.
const MOST_POINTS: usize = 5000;
/// Curves at most; the legend counts the others.
const MOST_CURVES: usize = 10;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_evolution(report: &EvolutionReport) -> Result<Drawing, PlotError> {
    let (names, colours) = curves_of(report);
    let densities = densities_of(report);
    let shown = densities.len().min(MOST_DENSITIES);
    let has_potentials = report.equation == "reduced";
    let what = match (shown, report.populations.len()) {
        _ if has_potentials => "rates and mean potentials in time".to_string(),
        (0, _) => "rates in time".to_string(),
        (_, 1) => "density of the potential and rate in time".to_string(),
        (some, all) if some < all => format!("densities of the first {some} of {all} populations and rates in time"),
        _ => "densities of the potential and rates in time".to_string(),
    };
    let (rates_height, right) =
        if shown > 0 { (RATES_HEIGHT, space_time::BESIDE + MARGIN) } else { (PANEL_HEIGHT, MARGIN) };
    let potentials_height = if has_potentials { POTENTIALS_HEIGHT } else { 0 };
    let height = HEADER + shown as u32 * DENSITY_HEIGHT + rates_height + potentials_height;
    draw_in_layers((WIDTH, height), |sheet| {
        let title = format!("{}: {what}", report.network);
        let simulated = report.populations.iter().any(|population| population.simulated.is_some());
        let pale = simulated.then(|| "pale: simulation".to_string());
        let small: Vec<String> = pale.into_iter().chain(report.about().parameter_list()).collect();
        let top = write_title(sheet, &title, &small.join(", "))?;
        let mut top = legend(sheet, top, &names, &colours)?;
        let x = time_axis(report);
        let mut layers = Layers::default();
        for (name, density) in densities.iter().take(shown) {
            let bottom = height as i32 - top - DENSITY_HEIGHT as i32;
            let area = inside(sheet, [top, bottom, MARGIN, MARGIN]);
            layers.below += &space_time::paint(sheet, &area, (name, density), (&x, LEFT))?;
            top += DENSITY_HEIGHT as i32;
        }
        let area = inside(sheet, [top + 6, 6 + potentials_height as i32, MARGIN, right]);
        paint_rates(&area, report, &x, LEFT)?;
        if has_potentials {
            let above = height as i32 - potentials_height as i32;
            paint_potentials(&inside(sheet, [above + 6, 6, MARGIN, right]), report, &x)?;
        }
        Ok(layers)
    })
}

/// The populations with densities, and these.
pub(super) fn densities_of(report: &EvolutionReport) -> Vec<(&str, &DensityInTime)> {
    let density = |population: &'_ PopulationEvolution| population.density.is_some();
    let kept = report.populations.iter().filter(|population| density(population));
    kept.filter_map(|population| Some((population.name.as_str(), population.density.as_ref()?))).collect()
}

/// Names and colours of all populations.
pub(super) fn curves_of(report: &EvolutionReport) -> (Vec<String>, Vec<RGBColor>) {
    let names: Vec<String> = report.populations.iter().map(|population| population.name.clone()).collect();
    // those that have curves differ from each other
    let mut colours = of_populations(&names[..names.len().min(MOST_CURVES)]);
    colours.resize(names.len(), super::colour::FAINT);
    (names, colours)
}

pub(super) fn time_axis(report: &EvolutionReport) -> Axis {
    axis("time (ms)", Scale::Linear, ends(report.times_ms.iter().copied()), (0.0, 1.0), 0.0)
}

/// The curves of the rates, those of a simulation beneath; returns their plane.
pub(super) fn paint_rates<'a, 'b>(
    area: &'a Sheet<'b>,
    report: &EvolutionReport,
    x: &Axis,
    left: i32,
) -> Result<Plane<'a, 'b>, PlotError> {
    let (_, colours) = curves_of(report);
    let every = report.times_ms.len().div_ceil(MOST_POINTS).max(1);
    let finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    let curve = |p: &PopulationEvolution| -> Vec<(f64, f64)> {
        report.times_ms.iter().copied().zip(p.rate_hz.iter().copied()).step_by(every).filter(finite).collect()
    };
    let simulated = |p: &PopulationEvolution| -> Vec<(f64, f64)> {
        let Some(of) = &p.simulated else { return Vec::new() };
        let step = |(k, hz): (usize, &f64)| [(of.bin_ms * k as f64, *hz), (of.bin_ms * (k as f64 + 1.0), *hz)];
        of.rate_hz
            .iter()
            .enumerate()
            .flat_map(step)
            .filter(finite)
            .filter(|at| at.0 >= x.from && at.0 <= x.to)
            .collect()
    };
    let shown = || report.populations.iter().take(MOST_CURVES);
    let curves: Vec<Vec<(f64, f64)>> = shown().map(curve).collect();
    let steps: Vec<Vec<(f64, f64)>> = shown().map(simulated).collect();
    let all = || curves.iter().chain(&steps).flatten();
    let y = axis("rate (Hz)", Scale::Linear, ends(all().map(|at| at.1).chain([0.0])), (0.0, 1.0), 0.04);
    let y = Axis { from: if all().any(|at| at.1 < 0.0) { y.from } else { 0.0 }, ..y };
    let mut plane = framed_axes(area, x, &y, &Frame { left, ..Frame::default() })?;
    for (points, colour) in steps.into_iter().zip(&colours) {
        line(&mut plane, points, lightened(*colour, 0.55), 1)?;
    }
    for (points, colour) in curves.iter().zip(&colours) {
        line(&mut plane, points.clone(), *colour, 2)?;
    }
    if curves.iter().flatten().all(|at| at.1 == 0.0) {
        write_in_the_middle(area, &plane, if curves.iter().all(Vec::is_empty) { "no rates" } else { "no spikes" })?;
    }
    Ok(plane)
}

/// The mean potentials; of a start at a reset of minus infinity without the lowest hundredth.
fn paint_potentials(area: &Sheet<'_>, report: &EvolutionReport, x: &Axis) -> Result<(), PlotError> {
    let (_, colours) = curves_of(report);
    let every = report.times_ms.len().div_ceil(MOST_POINTS).max(1);
    let curve = |p: &PopulationEvolution| -> Vec<(f64, f64)> {
        let values = p.mean_V_mv.iter().flatten().map(|mv| mv.unwrap_or(f64::NAN));
        let points = report.times_ms.iter().copied().zip(values).step_by(every);
        points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let curves: Vec<Vec<(f64, f64)>> = report.populations.iter().take(MOST_CURVES).map(curve).collect();
    let mut values: Vec<f64> = curves.iter().flatten().map(|at| at.1).collect();
    values.sort_by(f64::total_cmp);
    let least = if report.start == "reset" { values.get(values.len() / 100) } else { values.first() };
    let least = least.copied().unwrap_or(0.0);
    let shown = || curves.iter().flatten().filter(|at| at.1 >= least);
    let y = axis("mean potential (mV)", Scale::Linear, ends(shown().map(|at| at.1)), (-1.0, 1.0), 0.04);
    let mut plane = framed_axes(area, x, &y, &Frame { left: LEFT, ..Frame::default() })?;
    for (points, colour) in curves.iter().zip(&colours) {
        line(&mut plane, points.iter().copied().filter(|at| at.1 >= least).collect(), *colour, 2)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{Kept, evolution};
    use crate::pictures::check;

    const EIGHT: [&str; 8] = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "a population with quite a long name"];

    #[test]
    fn densities_and_rates_of_one_and_of_many_populations_are_drawn_apart() {
        for (name, names) in [("one", &["E"][..]), ("two", &["E", "I"]), ("eight", &EIGHT)] {
            for (what, kept) in [("rates", Kept::Rates), ("densities", Kept::Densities), ("simulated", Kept::Simulated)]
            {
                for silent in [false, true] {
                    let drawing = of_evolution(&evolution(names, silent, kept)).unwrap();
                    let state = if silent { "_silent" } else { "" };
                    check(&format!("evolution_{name}_{what}{state}"), &drawing);
                    let images = drawing.svg.matches("<image").count();
                    let panels = if kept == Kept::Rates { 0 } else { names.len().min(MOST_DENSITIES) };
                    // each with its scale of colours
                    assert_eq!(images, 2 * panels, "{name} {what}");
                }
            }
        }
    }

    #[test]
    fn the_title_says_how_many_densities_are_hidden() {
        let svg = of_evolution(&evolution(&EIGHT, false, Kept::Densities)).unwrap().svg;
        assert!(svg.contains("densities of the first 4 of 8 populations"), "{}", &svg[..2000]);
        for word in ["threshold", "reset", "p(V) (1/mV)", "L23E: V (mV)", "rate (Hz)", "time (ms)"] {
            assert!(svg.contains(word), "{word}");
        }
    }

    #[test]
    fn broken_reports_are_drawn_without_what_is_broken() {
        let mut report = evolution(&["E"], false, Kept::Simulated);
        let density = report.populations[0].density.as_mut().unwrap();
        density.density_per_mv.truncate(3);
        density.potentials_mv = vec![f64::NAN; 4];
        report.populations[0].rate_hz[5] = f64::NAN;
        of_evolution(&report).unwrap();
        report.times_ms.clear();
        of_evolution(&report).unwrap();
    }
}
