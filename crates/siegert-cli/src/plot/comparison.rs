//! Theory beside simulation: rates and CVs of the populations as pairs of bars.

use super::bar_names::BarNames;
use super::canvas::{self, Axis, Scale, Sheet, bar_axes, inside};
use super::colour::{INK, lightened};
use super::shapes::{bar, line};
use super::simulation::{Subject, below_strip, write_remark};
use crate::failure::Failure;
use crate::library::{PopulationActivity, Solution};
use crate::nearest::nearest_state;

/// The bars of a population.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pair {
    theory: Option<f64>,
    simulation: Option<f64>,
    standard_error: Option<f64>,
}

/// Draws rates at the left and CVs at the right, for all populations that have curves.
pub(super) fn paint(area: &Sheet<'_>, subject: &Subject<'_>, solution: &Solution) -> Result<(), Failure> {
    let states = &solution.fixed_points;
    let nearest = nearest_state(states, subject.simulation);
    let which = match nearest {
        None => "no stationary state in theory; full: simulation".to_string(),
        Some(_) if states.len() == 1 => "light: theory; full: simulation".to_string(),
        Some(index) => format!("light: theory, state {} of {}; full: simulation", index + 1, states.len()),
    };
    let state = nearest.map(|index| &states[index]);
    let of = |index: usize| state.and_then(|state| state.populations.get(index));
    let measured = || subject.with_curves().map(|(population, _)| population).enumerate();
    let rate = |(index, population): (usize, &PopulationActivity)| Pair {
        theory: of(index).map(|state| state.rate_hz),
        simulation: Some(population.rate_hz),
        standard_error: population.rate_standard_error_hz,
    };
    let cv = |(index, population): (usize, &PopulationActivity)| Pair {
        theory: of(index).and_then(|state| state.cv),
        simulation: population.cv,
        standard_error: None,
    };
    let panels = inside(area, [8, 8, 0, 0]).split_evenly((1, 2));
    let rates: Vec<Pair> = measured().map(rate).collect();
    let cvs: Vec<Pair> = measured().map(cv).collect();
    paint_pairs(&inside(&panels[0], [0, 0, 0, 10]), subject, ("rate (Hz)", &which), &rates)?;
    paint_pairs(&inside(&panels[1], [0, 0, 10, 0]), subject, ("CV", &which), &cvs)
}

fn paint_pairs(
    area: &Sheet<'_>,
    subject: &Subject<'_>,
    (name, remark): (&str, &str),
    pairs: &[Pair],
) -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use super::super::made_up::made_up;
    use super::super::tests::state;
    use super::*;

    #[test]
    fn the_stable_state_nearest_to_the_simulation_is_the_one_beside_it() {
        let of = |rate_hz: f64, stable: bool| state(&["E", "I"], rate_hz, stable);
        let states = [of(1e-9, true), of(9.0, false), of(60.0, true)];
        let nearest = |rate_hz: f64| nearest_state(&states, &made_up(&[("E", 10, rate_hz), ("I", 10, rate_hz)]));
        assert_eq!([nearest(0.0), nearest(0.01), nearest(9.0), nearest(300.0)], [Some(0), Some(0), Some(2), Some(2)]);
        let silent = made_up(&[("E", 10, 0.0)]);
        assert_eq!(nearest_state(&states[1..2], &silent), Some(0), "an unstable state is better than none");
        assert_eq!(nearest_state(&[], &silent), None);
    }
}
