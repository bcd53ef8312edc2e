//! The columns of a sweep's rows: where what is drawn stands, and what it is called.

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
    let series = |quantity: &String| {
        let of = |(index, column): (usize, &String)| {
            let rest = column.strip_prefix(quantity.as_str())?;
            let population = if rest.is_empty() { rest } else { rest.strip_prefix('_')? };
            // "rate_hz" is no population "hz" of a quantity "rate", and "cv_x_E" belongs to a quantity "cv_x" if it is asked for.
            let longer = |other: &String| other.len() > quantity.len() && column.starts_with(other.as_str());
            let unit = UNITS.iter().any(|(suffix, _)| suffix.len() > 2 && rest.starts_with(&format!("{suffix}_")));
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

/// "mean input (mV)" from "mean_input_mv".
pub(super) fn spelled(quantity: &str) -> String {
    let (stem, unit) = stem_and_unit(quantity);
    with_unit(&if stem == "cv" { "CV".to_string() } else { stem.replace('_', " ") }, unit)
}

/// "mean input (mV)" from its parts.
pub(super) fn with_unit(stem: &str, unit: &str) -> String {
    if unit.is_empty() { stem.to_string() } else { format!("{stem} ({unit})") }
}

/// How units are written at the end of names.
const UNITS: [(&str, &str); 9] = [
    ("_per_s", "1/s"),
    ("_ms", "ms"),
    ("_mv", "mV"),
    ("_hz", "Hz"),
    ("_pa", "pA"),
    ("_pf", "pF"),
    ("_ns", "nS"),
    ("_s", "s"),
    ("_mv2", "mV²"),
];

/// "tau_m" and "ms" from "tau_m_ms".
pub(super) fn stem_and_unit(name: &str) -> (&str, &str) {
    let split = UNITS.iter().find_map(|(suffix, unit)| Some((name.strip_suffix(suffix)?, *unit)));
    split.filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""))
}
