//! Studies of several simulations as text.

use super::rows;
use crate::comparison::study::{FinerRun, ScalingStudy, TimeStepStudy, deviation, row};
use crate::comparison::{MeasuredValue, PowerLaw};
use crate::number::{count, decimals, significant};
use crate::report::text::{Align, aligned};

/// Time steps, a line each.
pub(super) fn time_steps(study: &TimeStepStudy, first: &FinerRun) -> String {
    let header = [
        ("population", Align::Left),
        ("quantity", Align::Left),
        ("dt (ms)", Align::Right),
        ("theory on the grid", Align::Right),
        ("simulation", Align::Right),
        ("deviation", Align::Right),
        ("errors", Align::Right),
    ];
    let mut rows = Vec::new();
    for limit in &study.limits {
        for (index, run) in std::iter::once(first).chain(&study.finer).enumerate() {
            let Some(row) = row(run, &limit.population, limit.quantity) else { continue };
            let name = if index == 0 { limit.population.clone() } else { String::new() };
            let quantity = if index == 0 { rows::words(limit.quantity) } else { "" };
            let simulation = row.simulation.zip(row.standard_error);
            let simulation = simulation.map(|(value, standard_error)| MeasuredValue { value, standard_error });
            let dt = significant(run.dt_ms, 6);
            rows.push(line([name, quantity.to_string(), dt], row.theory_on_grid, simulation));
        }
        let place = [String::new(), String::new(), "to 0".to_string()];
        rows.push(line(place, limit.theory, limit.extrapolated));
    }
    let law = if study.power == 1.0 { "dt" } else { "sqrt(dt)" };
    format!("Time steps, extrapolated to none in {law}\n\n{}", aligned(&header, rows.into_iter()))
}

fn line(
    [population, quantity, dt]: [String; 3],
    theory: Option<f64>,
    simulation: Option<MeasuredValue>,
) -> Vec<String> {
    let simulated = simulation.map_or("-".to_string(), |at| {
        format!("{} ± {}", decimals(Some(at.value), 3), decimals(Some(at.standard_error), 3))
    });
    let (percent, z) = deviation(theory, simulation);
    vec![
        population,
        quantity,
        dt,
        decimals(theory, 3),
        simulated,
        percent.map_or("-".to_string(), rows::percent),
        rows::errors(z),
    ]
}

/// In-degrees, a line each, and the laws through them.
pub(super) fn scaling(study: &ScalingStudy) -> String {
    let header = [
        ("population", Align::Left),
        ("K", Align::Right),
        ("neurons", Align::Right),
        ("theory (Hz)", Align::Right),
        ("simulation (Hz)", Align::Right),
        ("deviation (%)", Align::Right),
        ("corrected (%)", Align::Right),
        ("of the CV (%)", Align::Right),
        ("correlation", Align::Right),
    ];
    let mut rows = Vec::new();
    for (index, fits) in study.fits.iter().enumerate() {
        for (number, point) in study.points.iter().enumerate() {
            let population = &point.populations[index];
            let measured = |at: Option<MeasuredValue>, digits: usize| {
                let error = |at: MeasuredValue| decimals(Some(at.standard_error), digits);
                at.map_or("-".to_string(), |at| format!("{:+.digits$} ± {}", at.value, error(at)))
            };
            rows.push(vec![
                if number == 0 { fits.population.clone() } else { String::new() },
                significant(point.in_degree, 6),
                count(point.neurons),
                decimals(population.theory_rate_hz, 3),
                decimals(population.rate_hz, 3),
                measured(population.deviation_percent, 1),
                measured(population.corrected_deviation_percent, 1),
                measured(population.cv_deviation_percent, 1),
                measured(population.correlation, 5),
            ]);
        }
        let law = |law: &Option<PowerLaw>| {
            law.as_ref()
                .map_or("-".to_string(), |law| format!("K^({:.2} ± {:.2})", law.exponent, law.exponent_standard_error))
        };
        let mut row = vec![String::new(), "~".to_string()];
        row.extend(std::iter::repeat_n(String::new(), 3));
        row.extend([&fits.deviation, &fits.corrected_deviation, &fits.cv_deviation, &fits.correlation].map(law));
        rows.push(row);
    }
    format!("In-degrees, with weights ~ 1/sqrt(K); sizes {}\n\n{}", study.sizes, aligned(&header, rows.into_iter()))
}
