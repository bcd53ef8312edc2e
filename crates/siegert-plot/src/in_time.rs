//! Rates in time: the theory as a curve on the band of the simulations, a panel for each population.

use super::Drawing;
use super::canvas::{MARGIN, Scale, axes, draw, ends, inside, write_title};
use super::colour::{lightened, of_populations};
use super::error::PlotError;
use super::response::{axis, legend};
use super::shapes::{bar, line};
use siegert::report::{InTimeReport, RatesInTime, Report};

const WIDTH: u32 = 1060;
const HEADER: u32 = 130;
const PANEL_HEIGHT: u32 = 260;
/// Panels at most.
const MOST_PANELS: usize = 6;
/// Bins of a band at most: more are not seen apart, and several are drawn as one.
const MOST_BINS: usize = 1000;

/// Draws it.
///
/// # Errors
///
/// The drawing library refuses.
pub fn of_in_time(report: &InTimeReport) -> Result<Drawing, PlotError> {
    let shown = &report.populations[..report.populations.len().min(MOST_PANELS)];
    let names: Vec<String> = shown.iter().map(|population| population.name.clone()).collect();
    let colours = of_populations(&names);
    let title =
        format!("{}: rates in time, theory (line) on two standard errors of the simulation (band)", report.network);
    draw((WIDTH, HEADER + PANEL_HEIGHT * shown.len().max(1) as u32), |sheet| {
        let top = write_title(sheet, &title, &report.about().parameter_list().join(", "))?;
        let top = legend(sheet, top, &names, &colours)?;
        let panels = inside(sheet, [top + 6, 6, 0, 0]).split_evenly((shown.len().max(1), 1));
        for ((panel, population), colour) in panels.iter().zip(shown).zip(&colours) {
            let bands = bands(report, population);
            let values = bands.iter().flat_map(|[_, _, low, high, theory]| [*low, *high, *theory]);
            let x = axis(
                "time (ms)",
                Scale::Linear,
                ends([0.0].into_iter().chain(report.to_ms.iter().copied())),
                (0.0, 1.0),
                0.0,
            );
            let y = axis("rate (Hz)", Scale::Linear, ends(values.chain([0.0])), (0.0, 1.0), 0.04);
            let area = inside(panel, [6, 6, MARGIN, MARGIN]);
            let mut plane = axes(&area, &x, &y)?;
            let fill = lightened(*colour, 0.6);
            for [from, to, low, high, _] in &bands {
                bar(&mut plane, [(*from, *low), (*to, *high)], fill, (fill, 1))?;
            }
            let steps = bands.iter().flat_map(|[from, to, _, _, theory]| [(*from, *theory), (*to, *theory)]);
            line(&mut plane, steps.collect(), *colour, 2)?;
        }
        Ok(())
    })
}

/// Of each bin, or of several together: from, to, the band of the simulations and the theory.
fn bands(report: &InTimeReport, population: &RatesInTime) -> Vec<[f64; 5]> {
    let together = report.to_ms.len().div_ceil(MOST_BINS).max(1);
    let mut bands = Vec::new();
    let mut from = 0;
    while from < report.to_ms.len() {
        let to = (from + together).min(report.to_ms.len());
        let bins = (to - from) as f64;
        let mean = |values: &[f64]| values[from..to].iter().sum::<f64>() / bins;
        let error = population.standard_error_hz[from..to].iter().map(|error| error * error).sum::<f64>().sqrt() / bins;
        let (theory, simulation) = (mean(&population.theory_hz), mean(&population.simulation_hz));
        let begins = from.checked_sub(1).map_or(0.0, |before| report.to_ms[before]);
        bands.push([begins, report.to_ms[to - 1], simulation - 2.0 * error, simulation + 2.0 * error, theory]);
        from = to;
    }
    bands.retain(|band| band.iter().all(|value| value.is_finite()));
    bands
}
