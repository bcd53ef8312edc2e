//! Rows of a comparison as text.

use crate::comparison::{
    Cause, CauseKind, ComparedQuantity, Outcome, PopulationComparison, QuantityComparison, StateComparison,
};
use crate::number::decimals;
use crate::report::text::{filled, in_blocks};
use crate::theory::InputTheory;

/// Beyond this number of populations each has one line, its rate.
const MOST_WHOLE: usize = 12;

/// When a row is marked.
pub const MARKED: &str = "\
beyond 3 standard errors and 1 % (std of input and V: 2 %; means of them: 1 % of V_th - V_reset; spread of rates: 1 % of the rate;
quantiles of rates: 5 % of the rate, or one spike)";

/// What the columns mean.
pub fn legend(details: bool, input: InputTheory) -> String {
    let first = "Deviation: of the theory from the simulation, and in standard errors, which are those of one network in time; the numbers \
                 are those of the causes that bear on it.";
    if !details {
        return filled(&format!("{first} *: more than chance and a trifle."), "", "");
    }
    let corrected = match input {
        InputTheory::Diffusion => "for the grid, for jumps of their size and for sources heard more than once",
        InputTheory::ShotNoise => "for the grid and for sources heard more than once",
        InputTheory::SelfConsistent => "for the grid",
    };
    let more = format!(
        "On the grid: the theory for a threshold that is looked at once a time step; corrected: {corrected}; *: "
    );
    filled(first, "", "") + &filled(&format!("{more}{}.", MARKED.replace('\n', " ")), "", "")
}

/// The tables for people: one a population, or, for many populations, their rates.
pub fn table(comparison: &StateComparison, details: bool) -> String {
    let populations = &comparison.populations;
    if is_short(populations) {
        let names: Vec<&str> = populations.iter().map(|population| population.name.as_str()).collect();
        let rows: Vec<&QuantityComparison> =
            populations.iter().filter_map(|population| population.row(ComparedQuantity::Rate)).collect();
        return in_blocks("rate (Hz)", &names, &columns(comparison, &rows, details));
    }
    let of = |population: &PopulationComparison| {
        let rows: Vec<&QuantityComparison> = population.quantities.iter().collect();
        let names: Vec<&str> = rows.iter().map(|row| words(row.quantity)).collect();
        in_blocks(&population.name, &names, &columns(comparison, &rows, details))
    };
    populations.iter().map(of).collect::<Vec<_>>().join("\n")
}

fn columns(comparison: &StateComparison, rows: &[&QuantityComparison], details: bool) -> Vec<(String, Vec<String>)> {
    let column = |header: &str, of: &dyn Fn(&QuantityComparison) -> String| {
        (header.to_string(), rows.iter().map(|row| of(row)).collect())
    };
    let value = |row: &QuantityComparison, value: Option<f64>| decimals(value, digits(row));
    let corrected =
        move |row: &QuantityComparison, of: Option<f64>| of.map_or(String::new(), |of| value(row, Some(of)));
    let simulation = |row: &QuantityComparison| {
        let error = row.standard_error.map_or(String::new(), |error| format!(" ± {}", value(row, Some(error))));
        format!("{}{error}", value(row, row.simulation))
    };
    let causes = |row: &QuantityComparison| {
        let number = |kind: &CauseKind| comparison.causes.iter().position(|cause| cause.kind == *kind);
        let mut numbers: Vec<usize> = row.causes.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.iter().map(|index| (index + 1).to_string()).collect::<Vec<_>>().join(", ")
    };
    let mut columns = vec![
        column("theory", &|row| value(row, row.theory)),
        column("simulation", &simulation),
        column("deviation", &|row| format!("{}{}", if row.deviates { "*" } else { "" }, deviation(row))),
        column("errors", &|row| errors(row.z)),
        column("causes", &causes),
    ];
    if details {
        columns.insert(1, column("on the grid", &|row| corrected(row, row.theory_on_grid)));
        columns.insert(2, column("corrected", &|row| corrected(row, row.theory_corrected)));
    }
    columns
}

/// The deviation of a row: in mV where percentages depend on where 0 mV is.
pub fn deviation(row: &QuantityComparison) -> String {
    let text = match row.theory.zip(row.simulation) {
        Some((theory, simulation)) if row.quantity.is_mean_voltage() => Some(format!("{:+.3} mV", theory - simulation)),
        _ => row.deviation_percent.map(percent),
    };
    text.unwrap_or_else(|| "-".to_string())
}

/// "+1.3 %", "+2e4 %".
pub fn percent(deviation: f64) -> String {
    match deviation.abs() {
        large if large >= 1000.0 => format!("{deviation:+.0e} %"),
        _ => format!("{deviation:+.1} %"),
    }
}

/// "+1.5", or nothing where no error is known.
pub fn errors(z: Option<f64>) -> String {
    z.filter(|z| z.is_finite()).map_or(String::new(), |z| format!("{z:+.1}"))
}

/// Decimals that show the smaller of value and error.
pub fn digits(row: &QuantityComparison) -> usize {
    match row.simulation.or(row.theory) {
        Some(value) if value != 0.0 && value.abs() < 0.1 => 4,
        _ => 3,
    }
}

/// A quantity as people call it, with its unit.
pub fn words(quantity: ComparedQuantity) -> &'static str {
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
        ComparedQuantity::Correlation => "correlation of pairs",
        ComparedQuantity::FanoFactor => "Fano factor",
        ComparedQuantity::SingleNeuronFanoFactor => "Fano f. of a neuron",
        ComparedQuantity::Oscillation => "oscillation (Hz)",
    }
}

/// "the simulation stayed there".
pub fn whereabouts(outcome: Outcome) -> String {
    match outcome {
        Outcome::Stayed => "the simulation stayed there".to_string(),
        Outcome::Left { to } => format!("the simulation left it for state {to}"),
        Outcome::Elsewhere => "the simulation is far from every state".to_string(),
    }
}

/// The verdict, and every cause with its share; only in the details what it does, in a sentence.
pub fn reasons(comparison: &StateComparison, details: bool) -> String {
    let mut text = filled(&comparison.verdict, "  ", "  ");
    for (index, cause) in comparison.causes.iter().enumerate() {
        let named = format!("{} ({})", cause.kind.words(), measure(cause, comparison));
        let line = if details { format!("{named}: {}", cause.sentence) } else { named };
        text.push_str(&filled(&line, &format!("  {}. ", index + 1), "     "));
    }
    text
}

/// "+3.2 % of the rate, in E", "1.5 times its limit, in E".
pub fn measure(cause: &Cause, comparison: &StateComparison) -> String {
    let place = if comparison.populations.len() > 1 { format!(", in {}", cause.population) } else { String::new() };
    match cause.share_percent {
        Some(share) => format!("{share:+.1} % of the rate{place}"),
        None if cause.severity >= 1.0 => format!("{:.1} times its limit{place}", cause.severity),
        None => format!("{:.1} of its limit{place}", cause.severity),
    }
}

/// Whether the table leaves rows out.
pub fn is_short(populations: &[PopulationComparison]) -> bool {
    populations.len() > MOST_WHOLE
}
