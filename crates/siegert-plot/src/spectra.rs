//! Power spectra of the populations' activities on logarithmic axes, beside those of the theory and of Poisson neurons of the same rates.

use super::beside::Beside;
use super::canvas::{Axis, Scale, Sheet, axes};
use super::colour::lightened;
use super::shapes::{dashes, line};
use super::simulation::{Subject, below_strip, write_remark};
use crate::error::PlotError;
use siegert::comparison::PopulationComparison;
use siegert::simulation::PopulationActivity;

/// Decades below the highest power that are shown.
const DECADES: f64 = 8.0;
/// Decades that the powers span at least: the scatter of a flat spectrum is no structure.
const FEWEST_DECADES: f64 = 1.0;

/// Draws the spectra of all populations that have curves.
pub(super) fn paint(area: &Sheet<'_>, subject: &Subject<'_>, theory: Option<&Beside<'_>>) -> Result<(), PlotError> {
    let curves: Vec<Vec<(f64, f64)>> = subject.with_curves().map(|(population, _)| curve(population)).collect();
    let levels: Vec<Option<f64>> = subject.with_curves().map(|(population, _)| poisson_level(population)).collect();
    let predicted: Vec<Vec<(f64, f64)>> = match theory.and_then(|theory| theory.comparison) {
        Some(comparison) => comparison.populations.iter().take(curves.len()).map(in_theory).collect(),
        None => Vec::new(),
    };
    let empty = curves.iter().all(Vec::is_empty);
    let points = || curves.iter().flatten();
    let x = axis("frequency (Hz)", points().map(|at| at.0), (0.0, 3.0), 0.0);
    let powers = points()
        .chain(predicted.iter().flatten())
        .map(|at| at.1)
        .chain(levels.iter().copied().flatten().filter(|_| !empty));
    let y = axis("power (Hz)", powers, (-3.0, 0.0), FEWEST_DECADES);
    let plot_area = below_strip(area);
    let mut plane = axes(&plot_area, &x, &y)?;
    for (points, colour) in predicted.iter().zip(&subject.colours).filter(|_| !empty) {
        let visible = points.iter().copied().filter(|at| at.1 >= y.from).collect();
        line(&mut plane, visible, lightened(*colour, 0.6), 6)?;
    }
    for (points, colour) in curves.iter().zip(&subject.colours) {
        let visible = points.iter().copied().filter(|at| at.1 >= y.from).collect();
        line(&mut plane, visible, *colour, 2)?;
    }
    for ((level, colour), _) in levels.iter().zip(&subject.colours).zip(&curves).filter(|(_, curve)| !curve.is_empty())
    {
        if let Some(level) = level.filter(|level| *level >= y.from) {
            dashes(&mut plane, vec![(x.from, level), (x.to, level)], *colour, 1)?;
        }
    }
    let remark = match predicted.iter().all(Vec::is_empty) {
        true => "dashed: Poisson, rate / size",
        false => "wide: theory; dashed: Poisson, rate / size",
    };
    write_remark(area, &plane, remark, empty.then_some("no spectrum"))
}

/// Decadic logarithms of frequency and power, where both are positive.
fn curve(population: &PopulationActivity) -> Vec<(f64, f64)> {
    let Some(spectrum) = &population.spectrum else { return Vec::new() };
    let pairs = spectrum.frequency_hz.iter().zip(&spectrum.power_hz);
    pairs.map(|(frequency, power)| (frequency.log10(), power.log10())).filter(finite).collect()
}

/// The same in theory.
fn in_theory(population: &PopulationComparison) -> Vec<(f64, f64)> {
    let Some(spectrum) = &population.predicted_spectrum else { return Vec::new() };
    let pairs = spectrum.frequency_hz.iter().zip(&spectrum.power_hz);
    pairs.map(|(frequency, power)| (frequency.log10(), power.log10())).filter(finite).collect()
}

fn finite(at: &(f64, f64)) -> bool {
    at.0.is_finite() && at.1.is_finite()
}

/// Decadic logarithm of the power of as many independent Poisson processes of the population's rate.
fn poisson_level(population: &PopulationActivity) -> Option<f64> {
    Some((population.rate_hz / population.size as f64).log10()).filter(|level| level.is_finite())
}

/// A logarithmic axis over the values, at least so many decades wide; over `otherwise` without values.
fn axis(name: &str, values: impl Iterator<Item = f64> + Clone, otherwise: (f64, f64), fewest: f64) -> Axis {
    let to = values.clone().fold(f64::NEG_INFINITY, f64::max);
    let from = values.filter(|value| *value >= to - DECADES).fold(f64::INFINITY, f64::min);
    let (from, to) = if from <= to { (from, to) } else { otherwise };
    let lacking = 0.5 * (fewest - (to - from)).max(if to > from { 0.0 } else { 0.2 });
    let room = lacking + if fewest > 0.0 { 0.04 * (to - from) } else { 0.0 };
    Axis { name: name.to_string(), from: from - room, to: to + room, scale: Scale::Logarithmic }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::made_up;

    #[test]
    fn the_level_of_poisson_neurons_is_their_rate_over_their_number() {
        let simulation = made_up(&[("E", 1000, 10.0), ("I", 0, 10.0), ("silent", 10, 0.0)]);
        let levels: Vec<Option<f64>> = simulation.populations.iter().map(poisson_level).collect();
        assert!((levels[0].unwrap_or(f64::NAN) + 2.0).abs() < 0.1, "{levels:?}");
        assert_eq!(levels[1..], [None, None]);
    }

    #[test]
    fn axes_hold_all_powers_but_the_tiniest_and_are_never_narrow() {
        let of = |values: &[f64]| axis("power (Hz)", values.iter().copied(), (-3.0, 0.0), 1.0);
        let flat = of(&[-2.0, -1.9]);
        assert!(flat.to - flat.from >= 1.0 && flat.from < -2.0 && flat.to > -1.9, "{flat:?}");
        let wide = of(&[-40.0, -5.0, 1.0]);
        assert!(wide.from > -6.0 && wide.from < -5.0 && wide.to > 1.0, "{wide:?}");
        assert_eq!(of(&[]).from.partial_cmp(&of(&[]).to), Some(std::cmp::Ordering::Less));
    }
}
