//! Rows of a comparison as text.

use crate::library::{Cause, ComparedQuantity, Outcome, PopulationComparison, QuantityComparison, StateComparison};
use crate::number::decimals;
use crate::output::text::{Align, aligned};

/// Beyond this number of populations each has one line, its rate.
const MOST_WHOLE: usize = 12;

const HEADER: [(&str, Align); 9] = [
    ("population", Align::Left),
    ("quantity", Align::Left),
    ("theory", Align::Right),
    ("on the grid", Align::Right),
    ("corrected", Align::Right),
    ("simulation", Align::Right),
    ("deviation", Align::Right),
    ("errors", Align::Right),
    ("because of", Align::Left),
];

/// When a row is marked.
pub(crate) const MARKED: &str = "\
beyond 3 standard errors and 1 % (std of input and V: 2 %; means of them: 1 % of V_th - V_reset; spread of rates: 1 % of the rate;
quantiles of rates: 5 % of the rate, or one spike)";

/// What the columns mean.
pub(crate) fn legend() -> String {
    format!(
        "on the grid: the theory for a threshold that is looked at once a time step; corrected: for the grid, for jumps of their size and\n\
         for sources heard more than once; simulation: with its standard error; deviation: of the theory from the simulation, and in\n\
         standard errors, which are those of one network in time; *: {MARKED};\nthen the causes that bear on it, largest first\n"
    )
}

/// The table for people.
pub(crate) fn table(comparison: &StateComparison) -> String {
    let populations = &comparison.populations;
    let shown = if populations.len() > MOST_WHOLE { 1 } else { usize::MAX };
    let rows = populations.iter().flat_map(|population| {
        let name = |index: usize| if index == 0 { population.name.clone() } else { String::new() };
        population.quantities.iter().take(shown).enumerate().map(move |(index, row)| line(name(index), row))
    });
    aligned(&HEADER, rows)
}

fn line(population: String, row: &QuantityComparison) -> Vec<String> {
    let mark = if row.deviates { "*" } else { "" };
    let value = |value: Option<f64>| decimals(value, digits(row));
    let error = row.standard_error.map_or(String::new(), |error| format!(" ± {}", value(Some(error))));
    let corrected = |of: Option<f64>| of.map_or(String::new(), |of| value(Some(of)));
    vec![
        population,
        words(row.quantity).to_string(),
        value(row.theory),
        corrected(row.theory_on_grid),
        corrected(row.theory_corrected),
        format!("{}{error}", value(row.simulation)),
        format!("{mark}{}", deviation(row)),
        errors(row.z),
        row.causes.iter().map(|cause| cause.words()).collect::<Vec<_>>().join(", "),
    ]
}

/// The deviation of a row: in mV where percentages depend on where 0 mV is.
pub(crate) fn deviation(row: &QuantityComparison) -> String {
    let text = match row.theory.zip(row.simulation) {
        Some((theory, simulation)) if row.quantity.is_mean_voltage() => Some(format!("{:+.3} mV", theory - simulation)),
        _ => row.deviation_percent.map(percent),
    };
    text.unwrap_or_else(|| "-".to_string())
}

/// "+1.3 %", "+2e4 %".
pub(crate) fn percent(deviation: f64) -> String {
    match deviation.abs() {
        large if large >= 1000.0 => format!("{deviation:+.0e} %"),
        _ => format!("{deviation:+.1} %"),
    }
}

/// "+1.5", or nothing where no error is known.
pub(crate) fn errors(z: Option<f64>) -> String {
    z.filter(|z| z.is_finite()).map_or(String::new(), |z| format!("{z:+.1}"))
}

/// Decimals that show the smaller of value and error.
pub(crate) fn digits(row: &QuantityComparison) -> usize {
    match row.simulation.or(row.theory) {
        Some(value) if value != 0.0 && value.abs() < 0.1 => 4,
        _ => 3,
    }
}

/// A quantity as people call it, with its unit.
pub(crate) fn words(quantity: ComparedQuantity) -> &'static str {
    match quantity {
        ComparedQuantity::Rate => "rate (Hz)",
        ComparedQuantity::Cv => "CV",
        ComparedQuantity::MeanInput => "mean input (mV)",
        ComparedQuantity::StdInput => "std input (mV)",
        ComparedQuantity::MembraneMean => "mean V (mV)",
        ComparedQuantity::MembraneStd => "std V (mV)",
        ComparedQuantity::RateStd => "spread of rates (Hz)",
        ComparedQuantity::RateQ05 => "rate at 5 % (Hz)",
        ComparedQuantity::RateQ50 => "median rate (Hz)",
        ComparedQuantity::RateQ95 => "rate at 95 % (Hz)",
    }
}

/// "the simulation stayed there".
pub(crate) fn whereabouts(outcome: Outcome) -> String {
    match outcome {
        Outcome::Stayed => "the simulation stayed there".to_string(),
        Outcome::Left { to } => format!("the simulation left it for state {to}"),
        Outcome::Elsewhere => "the simulation is far from every state".to_string(),
    }
}

/// The verdict, and every cause with its share.
pub(crate) fn reasons(comparison: &StateComparison) -> String {
    let mut text = format!("  {}\n", comparison.verdict);
    for (index, cause) in comparison.causes.iter().enumerate() {
        text.push_str(&format!(
            "  {}. {} ({}): {}\n",
            index + 1,
            cause.kind.words(),
            measure(cause, comparison),
            cause.sentence
        ));
    }
    text
}

/// "+3.2 % of the rate, in E", "1.5 times its limit, in E".
pub(crate) fn measure(cause: &Cause, comparison: &StateComparison) -> String {
    let place = if comparison.populations.len() > 1 { format!(", in {}", cause.population) } else { String::new() };
    match cause.share_percent {
        Some(share) => format!("{share:+.1} % of the rate{place}"),
        None if cause.severity >= 1.0 => format!("{:.1} times its limit{place}", cause.severity),
        None => format!("{:.1} of its limit{place}", cause.severity),
    }
}

/// Whether the table leaves rows out.
pub(crate) fn is_short(populations: &[PopulationComparison]) -> bool {
    populations.len() > MOST_WHOLE
}
