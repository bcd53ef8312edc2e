//! From the rows of a sweep to its picture, whatever form of file they come from.
//!
//! Columns by name: the swept parameters stand before `states`; `stable` and `saddle` (which rows of earlier versions have not)
//! say of what kind a state is; a quantity has a column `rate_hz_E` for every population, or one of its own name; rows with an
//! `error` are points without states.

use siegert::number::count;

use super::state_kind::StateKind;
use super::sweep::{GridStates, Quantity, Series, SweepAxis};
use siegert::report::table::stem_and_unit;

use super::sweep_columns::{Columns, columns, spelled, with_unit};

/// The most numbers that are kept; all of them are in memory.
const MAX_NUMBERS: usize = 32_000_000;

/// What the rows tell.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepTable {
    /// The parameters; the first varies slowest.
    pub axes: Vec<SweepAxis>,
    /// Which states there are.
    pub states: GridStates,
    /// Those that were asked for.
    pub quantities: Vec<Quantity>,
}

/// One entry of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry<'a> {
    /// Nothing.
    Missing,
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A text; where the form of the file knows nothing else, also numbers and flags, and nothing if it is empty.
    Text(&'a [u8]),
}

/// Why rows cannot be drawn; the file's name is for those to say who know it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A column that every result of a sweep has.
    #[error("there is no column '{column}'; is it the result of a sweep?")]
    NoColumn {
        /// Its name.
        column: &'static str,
    },
    /// Two columns of one name.
    #[error("there are two columns '{column}'")]
    TwoColumns {
        /// Their name.
        column: String,
    },
    /// A quantity that no column has.
    #[error("no column is called '{quantity}' or begins with '{quantity}_'; there are: {}", columns.join(", "))]
    NoQuantity {
        /// What was asked for.
        quantity: String,
        /// What there is.
        columns: Vec<String>,
    },
    /// A population that has no column.
    #[error("there is no population '{population}'; there are: {}", known.join(", "))]
    NoPopulation {
        /// What was asked for.
        population: String,
        /// What there is.
        known: Vec<String>,
    },
    /// An entry of a row; which row is for the reader of the file to say.
    #[error("{column} is not a number")]
    NotANumber {
        /// The column.
        column: String,
    },
    /// More rows than can be kept.
    #[error(
        "it has more than {} rows, the most that can be drawn; draw fewer quantities or populations, or a part of it",
        count(*most)
    )]
    TooMany {
        /// How many can be.
        most: u64,
    },
    /// Rows at points of which most are missing.
    #[error("the rows are no grid of parameters")]
    NoGrid,
}

/// Rows as they are read.
#[derive(Clone, Debug)]
pub struct SweepRows {
    columns: Columns,
    /// One list an axis.
    parameters: Vec<Vec<f64>>,
    /// Whether the row is a state; otherwise it stands for a point without.
    state: Vec<bool>,
    kinds: Vec<StateKind>,
    /// One list a column of a quantity.
    values: Vec<Vec<f64>>,
}

impl SweepRows {
    /// No rows yet, of columns with the names of `header`; `quantities` are the names asked for, of the `populations` in this
    /// order, or of all if there are none.
    ///
    /// # Errors
    ///
    /// If these are not the columns of a sweep, or what is asked for is not among them.
    pub fn new(header: &[String], quantities: &[String], populations: &[String]) -> Result<Self, RowsError> {
        let columns = columns(header, quantities, populations)?;
        let width = columns.quantities.iter().map(|(_, series)| series.len()).sum();
        Ok(SweepRows {
            parameters: vec![Vec::new(); columns.axes.len()],
            state: Vec::new(),
            kinds: Vec::new(),
            values: vec![Vec::new(); width],
            columns,
        })
    }

    /// Takes over a row, of which `entry` gives the entry of a column.
    ///
    /// # Errors
    ///
    /// If there are too many, or a number is none.
    pub fn push<'a>(&mut self, entry: impl Fn(usize) -> Entry<'a>) -> Result<(), RowsError> {
        let columns = &self.columns;
        let numbers = columns.axes.len() + self.values.len();
        if self.state.len() * numbers >= MAX_NUMBERS {
            return Err(RowsError::TooMany { most: (MAX_NUMBERS / numbers) as u64 });
        }
        let not_a_number = |column: String| RowsError::NotANumber { column };
        for (list, (column, name)) in self.parameters.iter_mut().zip(&columns.axes) {
            let value = entry(*column).number().filter(|value| value.is_finite());
            list.push(value.ok_or_else(|| not_a_number(name.clone()))?);
        }
        let is_empty = |column: usize| entry(column).is_empty();
        let is_state = columns.error.is_none_or(is_empty) && !is_empty(columns.stable);
        self.state.push(is_state);
        let saddle = columns.saddle.map(|column| entry(column).is_true());
        self.kinds.push(StateKind::of_row(entry(columns.stable).is_true(), saddle));
        let series = columns.quantities.iter().flat_map(|(name, series)| series.iter().map(move |one| (name, one)));
        for (list, (quantity, (population, column))) in self.values.iter_mut().zip(series) {
            let missing = !is_state || is_empty(*column);
            let name = || if population.is_empty() { quantity.clone() } else { format!("{quantity}_{population}") };
            list.push(if missing { f64::NAN } else { entry(*column).number().ok_or_else(|| not_a_number(name()))? });
        }
        Ok(())
    }

    /// All rows as a grid.
    ///
    /// # Errors
    ///
    /// If they are not at the points of one.
    pub fn into_table(self) -> Result<SweepTable, RowsError> {
        let columns = &self.columns;
        let axes: Vec<SweepAxis> =
            columns.axes.iter().zip(&self.parameters).map(|((_, name), values)| axis(name, values)).collect();
        let points: usize = axes.iter().fold(1, |product, axis| product.saturating_mul(axis.values.len()));
        if points > 8 * self.state.len() + 64 {
            return Err(RowsError::NoGrid);
        }
        let point_of = |row: usize| {
            let place = |(axis, list): (&SweepAxis, &Vec<f64>)| axis.values.partition_point(|value| *value < list[row]);
            axes.iter()
                .zip(&self.parameters)
                .fold(0, |point, (axis, list)| point * axis.values.len() + place((axis, list)))
        };
        let mut order: Vec<(usize, usize)> =
            (0..self.state.len()).filter(|&row| self.state[row]).map(|row| (point_of(row), row)).collect();
        order.sort_unstable();
        let mut first = vec![0; points + 1];
        order.iter().for_each(|(point, _)| first[point + 1] += 1);
        (0..points).for_each(|point| first[point + 1] += first[point]);
        let mut values = self.values.iter().map(|list| order.iter().map(|(_, row)| list[*row]).collect());
        let mut quantity = |(name, series): &(String, Vec<(String, usize)>)| Quantity {
            name: spelled(name),
            series: series
                .iter()
                .map(|(population, _)| Series {
                    population: population.clone(),
                    values: values.next().unwrap_or_default(),
                })
                .collect(),
        };
        let quantities = columns.quantities.iter().map(&mut quantity).collect();
        let kinds = order.iter().map(|(_, row)| self.kinds[*row]).collect();
        Ok(SweepTable { axes, states: GridStates { first, kinds }, quantities })
    }
}

impl Entry<'_> {
    fn number(self) -> Option<f64> {
        match self {
            Entry::Number(value) => Some(value),
            Entry::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
            Entry::Missing | Entry::Flag(_) => None,
        }
    }

    fn is_empty(self) -> bool {
        matches!(self, Entry::Missing | Entry::Text(b""))
    }

    fn is_true(self) -> bool {
        matches!(self, Entry::Flag(true) | Entry::Text(b"true"))
    }
}

/// The different values of a parameter, ascending; logarithmic if their ratios are equal and their differences are not.
fn axis(name: &str, values: &[f64]) -> SweepAxis {
    // Most values repeat the one before: sorting the changes is sorting far less.
    let mut different = values.to_vec();
    different.dedup();
    different.sort_by(f64::total_cmp);
    different.dedup();
    let even = |place: &dyn Fn(f64) -> f64| {
        let steps = different.windows(2).map(|pair| place(pair[1]) - place(pair[0]));
        let (least, most) = steps.fold((f64::INFINITY, 0.0f64), |(a, b), step| (a.min(step), b.max(step)));
        most - least <= 1e-6 * most
    };
    let positive = different.first().is_some_and(|least| *least > 0.0);
    let logarithmic = different.len() > 2 && positive && even(&f64::ln) && !even(&|value| value);
    let (stem, unit) = stem_and_unit(name);
    SweepAxis { column: name.to_string(), name: with_unit(stem, unit), values: different, logarithmic }
}

/// Reads rows of comma-separated entries, none of them quoted.
#[cfg(test)]
pub(super) fn of_text(text: &str, quantities: &[&str], populations: &[&str]) -> Result<SweepTable, RowsError> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = names(&lines.next().unwrap_or_default());
    let mut rows = SweepRows::new(&header, &names(quantities), &names(populations))?;
    lines.try_for_each(|row| rows.push(|column| Entry::Text(row[column].as_bytes())))?;
    rows.into_table()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_kind::StateKind::{Neither, Saddle, Stable, Unstable};
    use crate::sweep::WhichState;

    const TABLE: &str = "g,tau_m_ms,states,state,stable,complete,rate_hz_E,rate_hz_I,log10_rate_hz_E,cv_E,error\n\
        3,5,2,1,true,true,0.5,1,-0.3,1,\n\
        3,5,2,2,false,true,4,8,0.6,,\n\
        3,10,0,,,,,,,,no state\n\
        4,5,1,1,true,true,inf,2,3,0.5,\n\
        4,10,1,1,true,true,6,3,3,0.5,\n";

    fn of(text: &str, quantities: &[&str]) -> Result<SweepTable, RowsError> {
        of_text(text, quantities, &[])
    }

    #[test]
    fn columns_are_found_by_name_and_points_without_states_stay_empty() {
        let table = of(TABLE, &["rate_hz", "cv"]).unwrap();
        assert_eq!(table.axes[1].name, "tau_m (ms)");
        assert_eq!((&table.axes[0].values[..], &table.axes[1].values[..]), (&[3.0, 4.0][..], &[5.0, 10.0][..]));
        assert_eq!(table.states.first, [0, 2, 2, 3, 4]);
        assert_eq!(table.states.kinds, [Stable, Unstable, Stable, Stable]);
        let rates = &table.quantities[0];
        assert_eq!((rates.name.as_str(), rates.series.len()), ("rate (Hz)", 2));
        assert_eq!(
            (rates.series[1].population.as_str(), &rates.series[1].values[..]),
            ("I", &[1.0, 8.0, 2.0, 3.0][..])
        );
        assert!(table.quantities[1].series[0].values[1].is_nan(), "a value that is missing");
    }

    #[test]
    fn states_that_are_no_saddles_are_told_from_saddles_where_the_rows_say_so() {
        let rows = "g,states,state,stable,saddle,complete,rate_hz_E,error\n\
            3,3,1,true,false,true,0.5,\n3,3,2,false,true,true,4,\n3,3,3,false,false,true,9,\n";
        let states = of(rows, &["rate_hz"]).unwrap().states;
        assert_eq!(states.kinds, [Stable, Saddle, Neither]);
        assert_eq!(states.shown(0, WhichState::Highest), Some(0), "one that is stable goes before one that may be");
        let oscillating = of(&rows.replace("true,false,true,0.5", "false,true,true,0.5"), &["rate_hz"]).unwrap().states;
        assert_eq!(oscillating.shown(0, WhichState::Lowest), Some(2));
    }

    #[test]
    fn populations_are_chosen_by_name_and_unknown_names_are_refused() {
        let of =
            |quantity: &str, population: &str| of_text(TABLE, &[quantity], &[population]).map(|table| table.quantities);
        for name in ["rate_hz", "rate"] {
            assert_eq!(of(name, "I").unwrap()[0].series[0].values[0], 1.0);
        }
        for (quantity, population, message) in
            [("rate_hz", "X", "there are: E, I"), ("weight", "E", "there are: state,")]
        {
            let error = of(quantity, population).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_sweep_that_is_not_finished_leaves_points_without_states() {
        let half: String = TABLE.lines().take(5).map(|line| format!("{line}\n")).collect();
        assert_eq!(of(&half, &["rate_hz"]).unwrap().states.first, [0, 2, 2, 3, 3]);
    }

    #[test]
    fn what_is_no_result_of_a_sweep_is_refused_with_its_column() {
        for (text, message) in [
            ("a,b\n1,2\n", "no column 'states'"),
            ("g,states,state\n", "no column 'stable'"),
            ("g,states,state,stable,rate_hz_E\n1,1,1,true,x\n", "rate_hz_E is not a number"),
            ("g,states,state,stable,rate_hz_E\nnan,1,1,true,2\n", "g is not a number"),
            ("states,states,state,stable,rate_hz_E\n1,1,1,true,2\n", "two columns 'states'"),
            ("g,states,state,stable,rate_hz_E\n1,1,1,true,2\n", ""),
        ] {
            let error = of(text, &["rate_hz"]).map_or_else(|error| error.to_string(), |_| String::new());
            assert!(error.contains(message) && error.is_empty() == message.is_empty(), "{error}");
        }
    }

    #[test]
    fn entries_mean_the_same_whether_they_are_written_out_or_not() {
        let header = ["g", "states", "state", "stable", "saddle", "rate_hz_E", "error"].map(str::to_string);
        let table = |rows: &[[Entry<'static>; 7]]| {
            let mut read = SweepRows::new(&header, &["rate_hz".to_string()], &[]).unwrap();
            rows.iter().for_each(|row| read.push(|column| row[column]).unwrap());
            read.into_table().unwrap()
        };
        let (text, number) = (|text: &'static str| Entry::Text(text.as_bytes()), Entry::Number);
        let written = [
            [text("3"), text("2"), text("1"), text("true"), text("false"), text("0.1"), text("")],
            [text("3"), text("2"), text("2"), text("false"), text("true"), text("7"), text("")],
            [text("4"), text("0"), text(""), text(""), text(""), text(""), text("none")],
        ];
        let missing = Entry::Missing;
        let (yes, no) = (Entry::Flag(true), Entry::Flag(false));
        let typed = [
            [number(3.0), number(2.0), number(1.0), yes, no, number(0.1), missing],
            [number(3.0), number(2.0), number(2.0), no, yes, number(7.0), missing],
            [number(4.0), number(0.0), missing, missing, missing, missing, text("none")],
        ];
        let found = table(&typed);
        assert_eq!(found, table(&written));
        assert_eq!((&found.states.first[..], &found.states.kinds[..]), (&[0, 2, 2][..], &[Stable, Saddle][..]));
    }

    #[test]
    fn axes_are_logarithmic_where_ratios_are_equal() {
        assert!(axis("K", &[100.0, 1000.0, 1e4]).logarithmic);
        assert!(!axis("K", &[1.0, 2.0, 3.0]).logarithmic && !axis("K", &[1.0, 2.0]).logarithmic);
        assert!(!axis("K", &[-1.0, 0.0, 1.0]).logarithmic && !axis("K", &[5.0]).logarithmic);
    }
}
