//! Theory beside simulation: rates and CVs of the populations as pairs of bars.

use super::bar_names::BarNames;
use super::beside::Beside;
use super::canvas::{self, Axis, Scale, Sheet, bar_axes};
use super::colour::{INK, lightened};
use super::shapes::{bar, line};
use super::simulation::{Subject, below_strip, write_remark};
use crate::error::PlotError;
use siegert::comparison::ComparedQuantity;

/// The bars of a population.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pair {
    theory: Option<f64>,
    /// The theory with all corrections.
    corrected: Option<f64>,
    simulation: Option<f64>,
    standard_error: Option<f64>,
}

/// Draws rates at the left and CVs at the right, for all populations that have curves.
pub(super) fn paint(areas: [&Sheet<'_>; 2], subject: &Subject<'_>, theory: &Beside<'_>) -> Result<(), PlotError> {
    let which = match (theory.state(), theory.which()) {
        (None, _) => "no stationary state in theory; full: simulation".to_string(),
        (Some(_), None) => "light: theory (line: corrected); full: simulation".to_string(),
        (Some(_), Some(state)) => format!("light: theory, {state}; full: simulation"),
    };
    for (area, (name, quantity)) in
        areas.into_iter().zip([("rate (Hz)", ComparedQuantity::Rate), ("CV", ComparedQuantity::Cv)])
    {
        let pairs = subject.with_curves().enumerate().map(|(index, (population, _))| {
            let compared = theory.comparison.and_then(|comparison| comparison.populations.get(index));
            let row = compared.and_then(|of| of.row(quantity));
            match row {
                Some(row) => Pair {
                    theory: row.theory,
                    corrected: row.theory_corrected,
                    simulation: row.simulation,
                    standard_error: row.standard_error,
                },
                None if quantity == ComparedQuantity::Cv => Pair { simulation: population.cv, ..Pair::default() },
                None => Pair {
                    simulation: Some(population.rate_hz),
                    standard_error: population.rate_standard_error_hz,
                    ..Pair::default()
                },
            }
        });
        paint_pairs(area, subject, (name, &which), &pairs.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn paint_pairs(
    area: &Sheet<'_>,
    subject: &Subject<'_>,
    (name, remark): (&str, &str),
    pairs: &[Pair],
) -> Result<(), PlotError> {
    let count = pairs.len().max(1) as f64;
    let plot_area = below_strip(area);
    let names = subject.with_curves().map(|(population, _)| population.name.as_str());
    let names = BarNames::new(area, names, (f64::from(canvas::size(area).0) - 90.0) / count);
    let tops = pairs.iter().flat_map(|pair| [pair.theory, pair.simulation.map(|value| value + error(pair))]);
    let highest = tops.flatten().filter(|top| top.is_finite()).fold(0.0, f64::max);
    let x = Axis { name: String::new(), from: 0.0, to: count, scale: Scale::Linear };
    let to = if highest > 0.0 { 1.06 * highest } else { 1.0 };
    let y = Axis { name: name.to_string(), from: 0.0, to, scale: Scale::Linear };
    let mut plane = bar_axes(&plot_area, &x, &y, names.height(area))?;
    for (index, (pair, colour)) in pairs.iter().zip(&subject.colours).enumerate() {
        let bars = [(pair.theory, 0.16, lightened(*colour, 0.7)), (pair.simulation, 0.5, *colour)];
        for (value, left, fill) in bars {
            let Some(value) = value.filter(|value| value.is_finite()) else { continue };
            let left = index as f64 + left;
            let corners = [(left, 0.0), (left + 0.34, value)];
            bar(&mut plane, corners, fill, (*colour, 1))?;
        }
        if let Some(value) = pair.corrected.filter(|value| value.is_finite()) {
            let left = index as f64 + 0.16;
            line(&mut plane, vec![(left, value.min(to)), (left + 0.34, value.min(to))], INK, 2)?;
        }
        if let Some(value) = pair.simulation.filter(|value| value.is_finite() && error(pair) > 0.0) {
            let (x, error) = (index as f64 + 0.67, error(pair));
            line(&mut plane, vec![(x, (value - error).max(0.0)), (x, value + error)], INK, 1)?;
        }
        names.write(&plot_area, &plane, index)?;
    }
    let nothing = pairs.iter().all(|pair| pair.theory.is_none() && pair.simulation.is_none());
    write_remark(area, &plane, remark, nothing.then_some("nothing to compare"))
}

/// The standard error, zero if none is known.
fn error(pair: &Pair) -> f64 {
    pair.standard_error.filter(|error| error.is_finite()).unwrap_or(0.0)
}
