//! Predicted spectra: of the populations' activities beside those of as many independent neurons, and the coherence of pairs of populations.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::Drawing;
use super::canvas::{
    Axis, LABEL_SIZE, MARGIN, Plane, Scale, Sheet, axes, corners, draw, ends, inside, text, write_in_the_middle,
    write_text, write_title,
};
use super::colour::{of_curve, of_populations};
use super::response::{axis, legend};
use super::shapes::{dashes, line};
use crate::error::PlotError;
use siegert::report::{PopulationSpectra, Report, SpectrumReport};

const WIDTH: u32 = 1060;
const HEADER: u32 = 130;
const PANEL_HEIGHT: u32 = 420;
/// Decades below the highest power that are shown.
const DECADES: f64 = 6.0;
/// Pairs of populations whose coherence is drawn: those that have the most.
const MOST_PAIRS: usize = 8;
const LINE: i32 = 17;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_spectrum(report: &SpectrumReport) -> Result<Drawing, PlotError> {
    let names: Vec<String> = report.populations.iter().map(|population| population.name.clone()).collect();
    let colours = of_populations(&names);
    let title = format!("{}: spectra around state {} of {}", report.network, report.state, report.states);
    draw((WIDTH, HEADER + PANEL_HEIGHT), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, &names, &colours)?;
        let panels = inside(sheet, [top, 6, 0, 0]).split_evenly((1, 2));
        paint_powers(&inside(&panels[0], [6, 6, MARGIN, 6]), report, &colours)?;
        paint_coherence(&inside(&panels[1], [6, 6, 6, MARGIN]), report)
    })
}

/// Decadic logarithms of frequency and power where both are positive.
fn curve(report: &SpectrumReport, of: impl Fn(usize) -> Option<f64>) -> Vec<(f64, f64)> {
    let points = report.frequencies_hz.iter().enumerate();
    let points = points.filter_map(|(k, frequency_hz)| Some((frequency_hz.log10(), of(k)?.log10())));
    points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
}

fn paint_powers(area: &Sheet<'_>, report: &SpectrumReport, colours: &[RGBColor]) -> Result<(), PlotError> {
    let powers = |p: &PopulationSpectra| curve(report, |k| p.power_hz[k]);
    let independent = |p: &PopulationSpectra| curve(report, |k| Some(p.single_neuron_power_hz[k]? / p.size as f64));
    let curves: Vec<[Vec<(f64, f64)>; 2]> = report.populations.iter().map(|p| [powers(p), independent(p)]).collect();
    let all = || curves.iter().flatten().flatten();
    let x = axis("frequency (Hz)", Scale::Logarithmic, ends(all().map(|at| at.0)), (0.0, 3.0), 0.0);
    let found = ends(all().map(|at| at.1)).map(|(from, to)| (from.max(to - DECADES), to));
    let y = axis("power (Hz); dashed: independent neurons", Scale::Logarithmic, found, (-3.0, 0.0), 0.05);
    let mut plane = axes(area, &x, &y)?;
    for ([own, independent], colour) in curves.iter().zip(colours) {
        let visible = |points: &[(f64, f64)]| points.iter().copied().filter(|at| at.1 >= y.from).collect::<Vec<_>>();
        dashes(&mut plane, visible(independent), *colour, 1)?;
        line(&mut plane, visible(own), *colour, 2)?;
    }
    or_nothing(area, &plane, all().next().is_none())
}

/// `|C_ab|^2/(C_aa C_bb)`.
fn paint_coherence(area: &Sheet<'_>, report: &SpectrumReport) -> Result<(), PlotError> {
    let power = |name: &str, k: usize| {
        let population = report.populations.iter().find(|population| population.name == name)?;
        population.power_hz[k]
    };
    let mut curves: Vec<(String, Vec<(f64, f64)>)> = report
        .cross
        .iter()
        .map(|pair| {
            let points = report.frequencies_hz.iter().enumerate().filter_map(|(k, frequency_hz)| {
                let square = pair.re_hz[k]?.powi(2) + pair.im_hz[k]?.powi(2);
                Some((frequency_hz.log10(), square / (power(&pair.a, k)? * power(&pair.b, k)?)))
            });
            let points = points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
            (format!("{} - {}", pair.a, pair.b), points)
        })
        .collect();
    let highest = |points: &[(f64, f64)]| points.iter().map(|at| at.1).fold(0.0, f64::max);
    curves.sort_by(|a, b| highest(&b.1).total_cmp(&highest(&a.1)));
    curves.truncate(MOST_PAIRS);
    let all = || curves.iter().flat_map(|(_, points)| points);
    let x = axis("frequency (Hz)", Scale::Logarithmic, ends(all().map(|at| at.0)), (0.0, 3.0), 0.0);
    let y = Axis { name: "coherence of populations".to_string(), from: 0.0, to: 1.02, scale: Scale::Linear };
    let mut plane = axes(area, &x, &y)?;
    for (k, (_, points)) in curves.iter().enumerate() {
        line(&mut plane, points.clone(), of_curve(k, curves.len()), 2)?;
    }
    write_names(area, &plane, curves.iter().enumerate().map(|(k, own)| (own.0.as_str(), of_curve(k, curves.len()))))?;
    or_nothing(area, &plane, curves.is_empty())
}

/// Names of curves in the upper left corner of a plane, a line each.
pub(super) fn write_names<'a>(
    area: &Sheet<'_>,
    plane: &Plane<'_, '_>,
    names: impl Iterator<Item = (&'a str, RGBColor)>,
) -> Result<(), PlotError> {
    let [(left, _), (_, top)] = corners(area, plane);
    for (k, (name, colour)) in names.enumerate() {
        let at = (left as i32 + 10, top as i32 + 12 + LINE * k as i32);
        write_text(area, name, at, &text(LABEL_SIZE, colour, HPos::Left, VPos::Center))?;
    }
    Ok(())
}

fn or_nothing(area: &Sheet<'_>, plane: &Plane<'_, '_>, is_empty: bool) -> Result<(), PlotError> {
    if is_empty { write_in_the_middle(area, plane, "none") } else { Ok(()) }
}
