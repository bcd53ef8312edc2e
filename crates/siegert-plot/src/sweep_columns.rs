//! The columns of a sweep's rows: where what is drawn stands, and what it is called.

use siegert::report::Quantity;
use siegert::report::table::{begins_with_unit, stem_and_unit};

use super::sweep_rows::RowsError;

/// Where the columns are.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) axes: Vec<(usize, String)>,
    pub(super) stable: usize,
    pub(super) saddle: Option<usize>,
    pub(super) error: Option<usize>,
    /// Name of the quantity; population and place of each column.
    pub(super) quantities: Vec<(String, Vec<(String, usize)>)>,
}

/// Finds the columns of what is asked for.
pub(super) fn columns(header: &[String], quantities: &[String], populations: &[String]) -> Result<Columns, RowsError> {
    let find = |wanted: &str| header.iter().position(|column| column == wanted);
    let missing = |column: &'static str| RowsError::NoColumn { column };
    let states = find("states").ok_or_else(|| missing("states"))?;
    if let Some(column) = header.iter().enumerate().find_map(|(at, name)| header[..at].contains(name).then_some(name)) {
        return Err(RowsError::TwoColumns { column: column.clone() });
    }
    // a column has the first name of its quantity, and people may use another
    let is_there = |name: &str| header.iter().any(|column| column.starts_with(name));
    let first_name = |asked: &String| match Quantity::find(asked) {
        Some(known) if is_there(known.name()) => known.name().to_string(),
        _ => asked.clone(),
    };
    let quantities: Vec<String> = quantities.iter().map(first_name).collect();
    let series = |quantity: &String| {
        let of = |(index, column): (usize, &String)| {
            let rest = column.strip_prefix(quantity.as_str())?;
            let population = if rest.is_empty() { rest } else { rest.strip_prefix('_')? };
            // "rate_hz" is no population "hz" of a quantity "rate", and "cv_x_E" belongs to a quantity "cv_x" if it is asked for.
            let longer = |other: &String| other.len() > quantity.len() && column.starts_with(other.as_str());
            let unit = begins_with_unit(rest);
            (index > states && !unit && !quantities.iter().any(longer)).then(|| (population.to_string(), index))
        };
        let all: Vec<(String, usize)> = header.iter().enumerate().filter_map(of).collect();
        if all.is_empty() {
            let columns = header[states + 1..].to_vec();
            return Err(RowsError::NoQuantity { quantity: quantity.clone(), columns });
        }
        Ok((quantity.clone(), chosen(all, populations)?))
    };
    Ok(Columns {
        axes: header[..states].iter().cloned().enumerate().collect(),
        stable: find("stable").ok_or_else(|| missing("stable"))?,
        saddle: find("saddle"),
        error: find("error"),
        quantities: quantities.iter().map(series).collect::<Result<_, _>>()?,
    })
}

/// The columns of the populations asked for; of all if none is, and a quantity of the whole state stays.
fn chosen(all: Vec<(String, usize)>, populations: &[String]) -> Result<Vec<(String, usize)>, RowsError> {
    if populations.is_empty() || all.iter().all(|(population, _)| population.is_empty()) {
        return Ok(all);
    }
    let find = |wanted: &String| {
        all.iter().find(|(population, _)| population == wanted).cloned().ok_or_else(|| {
            let known = all.iter().map(|(population, _)| population.clone()).collect();
            RowsError::NoPopulation { population: wanted.clone(), known }
        })
    };
    populations.iter().map(find).collect()
}

/// "mean input (mV)" from "mean_input_mv"; the unit is that of the list of quantities.
pub(super) fn spelled(quantity: &str) -> String {
    let (stem, unit) = stem_and_unit(quantity);
    let unit = Quantity::find(quantity).map_or(unit, |known| known.unit());
    with_unit(&if stem == "cv" { "CV".to_string() } else { stem.replace('_', " ") }, unit)
}

/// "mean input (mV)" from its parts.
pub(super) fn with_unit(stem: &str, unit: &str) -> String {
    if unit.is_empty() { stem.to_string() } else { format!("{stem} ({unit})") }
}
