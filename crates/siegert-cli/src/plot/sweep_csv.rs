//! The picture of a sweep from the rows that the sweep has written.
//!
//! Columns by name: the swept parameters stand before `states`; `stable` and `saddle` (which rows of earlier versions have not)
//! say of what kind a state is; a quantity has a column `rate_hz_E` for every population, or one of its own name; rows with an
//! `error` are points without states.

use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::state_kind::StateKind;
use super::sweep::{GridStates, Quantity, Series, SweepAxis};
use crate::failure::Failure;
use crate::number::count;

/// The longest row, in bytes, with the header.
const MAX_ROW: u64 = 16 << 20;
/// Bytes that are read at a time.
const BUFFER: usize = 1 << 20;
/// The most numbers that are read; all of them are in memory.
const MAX_NUMBERS: usize = 32_000_000;

/// What the rows tell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SweepTable {
    pub(crate) axes: Vec<SweepAxis>,
    pub(crate) states: GridStates,
    pub(crate) quantities: Vec<Quantity>,
}

/// Where the columns are.
struct Columns {
    axes: Vec<(usize, String)>,
    stable: usize,
    saddle: Option<usize>,
    error: Option<usize>,
    /// Name of the quantity; population and place of each column.
    quantities: Vec<(String, Vec<(String, usize)>)>,
}

/// Rows as they are read.
struct Rows {
    /// One list an axis.
    parameters: Vec<Vec<f64>>,
    /// Whether the row is a state; otherwise it stands for a point without.
    state: Vec<bool>,
    kinds: Vec<StateKind>,
    /// One list a column of a quantity.
    values: Vec<Vec<f64>>,
}

/// Reads the rows of a sweep from the file `name`; `quantities` are the names asked for, as in the header, of the
/// `populations` in this order, or of all if there are none.
pub(crate) fn read(
    source: impl Read,
    name: &str,
    quantities: &[String],
    populations: &[String],
) -> Result<SweepTable, Failure> {
    let source = Bounded { source, left: MAX_ROW };
    let mut reader = ReaderBuilder::new().buffer_capacity(BUFFER).from_reader(source);
    let unreadable = |error| unreadable(name, error);
    let header: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(str::to_string).collect();
    let columns = columns(&header, name, quantities, populations)?;
    let width = columns.quantities.iter().map(|(_, series)| series.len()).sum();
    let mut rows = Rows {
        parameters: vec![Vec::new(); columns.axes.len()],
        state: Vec::new(),
        kinds: Vec::new(),
        values: vec![Vec::new(); width],
    };
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        reader.get_mut().left = MAX_ROW;
        let line = || record.position().map_or(0, line);
        if rows.state.len() * (columns.axes.len() + width) >= MAX_NUMBERS {
            let most = count((MAX_NUMBERS / (columns.axes.len() + width)) as u64);
            return Err(Failure::Input(format!(
                "{name} has more than {most} rows, the most that can be drawn; draw fewer quantities or populations, or a part of it"
            )));
        }
        rows.push(&record, &columns)
            .map_err(|column| Failure::Input(format!("{name}:{}: {} is not a number", line(), header[column])))?;
    }
    rows.into_table(name, &columns)
}

/// A source of rows, each of bounded length: what has no end, or no ends of lines, would fill the memory.
struct Bounded<R> {
    source: R,
    /// Bytes that the row may still have.
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TOO_LONG));
        }
        let read = self.source.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

const TOO_LONG: &str = "a row of it has more than 16 MiB; is it the result of a sweep?";

fn unreadable(name: &str, error: csv::Error) -> Failure {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            Failure::Input(format!("{name}: {error}"))
        }
        csv::ErrorKind::Io(error) => Failure::Work(format!("{name} cannot be read: {error}")),
        // rows of unequal length, bytes that are no text
        _ => Failure::Input(format!("{name}: {error}")),
    }
}

/// The line of a row; where lines end with carriage returns alone, the reader counts rows only.
fn line(position: &csv::Position) -> u64 {
    if position.line() == 1 { position.record() + 1 } else { position.line() }
}

fn columns(header: &[String], name: &str, quantities: &[String], populations: &[String]) -> Result<Columns, Failure> {
    let find = |wanted: &str| header.iter().position(|column| column == wanted);
    let missing =
        |column: &str| Failure::Input(format!("{name}: there is no column '{column}'; is it the result of a sweep?"));
    let states = find("states").ok_or_else(|| missing("states"))?;
    if let Some(column) = header.iter().enumerate().find_map(|(at, name)| header[..at].contains(name).then_some(name)) {
        return Err(Failure::Input(format!("{name}: there are two columns '{column}'")));
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
            return Err(Failure::Input(format!(
                "{name}: no column is called '{quantity}' or begins with '{quantity}_'; there are: {}",
                header[states + 1..].join(", ")
            )));
        }
        Ok((quantity.clone(), chosen(all, populations, name)?))
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
fn chosen(all: Vec<(String, usize)>, populations: &[String], name: &str) -> Result<Vec<(String, usize)>, Failure> {
    if populations.is_empty() || all.iter().all(|(population, _)| population.is_empty()) {
        return Ok(all);
    }
    let find = |wanted: &String| {
        all.iter().find(|(population, _)| population == wanted).cloned().ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|(population, _)| population.as_str()).collect();
            Failure::Input(format!("{name}: there is no population '{wanted}'; there are: {}", known.join(", ")))
        })
    };
    populations.iter().map(find).collect()
}

impl Rows {
    /// Takes over a row; the error is the column that is no number.
    fn push(&mut self, record: &ByteRecord, columns: &Columns) -> Result<(), usize> {
        for (list, (column, _)) in self.parameters.iter_mut().zip(&columns.axes) {
            list.push(number(record, *column).filter(|value| value.is_finite()).ok_or(*column)?);
        }
        let text = |column: usize| record.get(column).unwrap_or_default();
        let is_state = columns.error.is_none_or(|column| text(column).is_empty()) && !text(columns.stable).is_empty();
        self.state.push(is_state);
        let saddle = columns.saddle.map(|column| text(column) == b"true");
        self.kinds.push(StateKind::of_row(text(columns.stable) == b"true", saddle));
        let series = columns.quantities.iter().flat_map(|(_, series)| series);
        for (list, (_, column)) in self.values.iter_mut().zip(series) {
            let missing = !is_state || text(*column).is_empty();
            list.push(if missing { f64::NAN } else { number(record, *column).ok_or(*column)? });
        }
        Ok(())
    }

    fn into_table(self, name: &str, columns: &Columns) -> Result<SweepTable, Failure> {
        let axes: Vec<SweepAxis> =
            columns.axes.iter().zip(&self.parameters).map(|((_, name), values)| axis(name, values)).collect();
        let points: usize = axes.iter().fold(1, |product, axis| product.saturating_mul(axis.values.len()));
        if points > 8 * self.state.len() + 64 {
            return Err(Failure::Input(format!("{name}: the rows are no grid of parameters")));
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

fn number(record: &ByteRecord, column: usize) -> Option<f64> {
    std::str::from_utf8(record.get(column)?).ok()?.trim().parse().ok()
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

/// "mean input (mV)" from "mean_input_mv".
fn spelled(quantity: &str) -> String {
    let (stem, unit) = stem_and_unit(quantity);
    with_unit(&if stem == "cv" { "CV".to_string() } else { stem.replace('_', " ") }, unit)
}

fn with_unit(stem: &str, unit: &str) -> String {
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
fn stem_and_unit(name: &str) -> (&str, &str) {
    let split = UNITS.iter().find_map(|(suffix, unit)| Some((name.strip_suffix(suffix)?, *unit)));
    split.filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::state_kind::StateKind::{Neither, Saddle, Stable, Unstable};
    use crate::plot::sweep::WhichState;

    const TABLE: &str = "g,tau_m_ms,states,state,stable,complete,rate_hz_E,rate_hz_I,log10_rate_hz_E,cv_E,error\n\
        3,5,2,1,true,true,0.5,1,-0.3,1,\n\
        3,5,2,2,false,true,4,8,0.6,,\n\
        3,10,0,,,,,,,,\"no state, sadly\"\n\
        4,5,1,1,true,true,inf,2,3,0.5,\n\
        4,10,1,1,true,true,6,3,3,0.5,\n";

    fn of(text: &str, quantities: &[&str]) -> Result<SweepTable, Failure> {
        let quantities: Vec<String> = quantities.iter().map(|name| (*name).to_string()).collect();
        read(text.as_bytes(), "a.csv", &quantities, &[])
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
        let of = |quantity: &str, population: &str| {
            read(TABLE.as_bytes(), "a.csv", &[quantity.to_string()], &[population.to_string()])
                .map(|table| table.quantities)
        };
        assert_eq!(of("rate_hz", "I").unwrap()[0].series[0].values[0], 1.0);
        for (quantity, population, message) in [("rate_hz", "X", "there are: E, I"), ("rate", "E", "there are: state,")]
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
    fn what_is_no_result_of_a_sweep_is_refused_with_its_place() {
        for (text, message) in [
            ("a,b\n1,2\n", "no column 'states'"),
            ("g,states,state\n", "no column 'stable'"),
            ("g,states,state,stable,rate_hz_E\n1,1,1,true,x\n", "a.csv:2: rate_hz_E is not a number"),
            ("g,states,state,stable,rate_hz_E\nnan,1,1,true,2\n", "a.csv:2: g is not a number"),
            ("g,states,state,stable,rate_hz_E\r1,1,1,true,2\r1,1,1,true,x\r", "a.csv:3: rate_hz_E is not a number"),
            ("g,states,state,stable,rate_hz_E\n1,1\n", "a.csv: CSV error: record 1"),
            ("states,states,state,stable,rate_hz_E\n1,1,1,true,2\n", "two columns 'states'"),
        ] {
            let error = of(text, &["rate_hz"]).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_row_without_end_is_refused_before_it_fills_the_memory() {
        for (start, endless) in [
            ("", io::repeat(b'1')),
            ("\"", io::repeat(b'\n')),
            ("g,states,state,stable,rate_hz_E\n1,", io::repeat(b'0')),
        ] {
            let failure = read(start.as_bytes().chain(endless), "zero", &["rate_hz".to_string()], &[]).unwrap_err();
            assert!(failure.exit_status() == 2 && failure.to_string().contains("16 MiB"), "{start:?}: {failure}");
        }
    }

    #[test]
    fn axes_are_logarithmic_where_ratios_are_equal() {
        assert!(axis("K", &[100.0, 1000.0, 1e4]).logarithmic);
        assert!(!axis("K", &[1.0, 2.0, 3.0]).logarithmic && !axis("K", &[1.0, 2.0]).logarithmic);
        assert!(!axis("K", &[-1.0, 0.0, 1.0]).logarithmic && !axis("K", &[5.0]).logarithmic);
    }
}
