//! Inputs from a CSV file: every bad cell is named with its line and column.

use std::io::BufRead;

use thiserror::Error;

use super::inputs::{Input, Points};
use super::neuron::TransferNeuron;
use crate::Shown;
use crate::neuron::NeuronParameters;
use crate::neuron::lif::SynapticFilter;
use crate::number::count;

/// Bad rows that are described; further ones are not looked for.
const MAX_MISTAKES: usize = 20;

/// Longest line in bytes.
const MAX_LINE: usize = 1 << 16;
/// The most numbers that are read; all of them are in memory.
const MAX_NUMBERS: usize = 50_000_000;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Columns of what rows cannot replace.
const LATER: [&str; 4] = ["a_ns", "b_pa", "tau_w_ms", "C_m_pf"];
/// Columns of the answer.
const ANSWERS: [&str; 4] = ["rate_hz", "log10_rate_hz", "cv", "diffusion_rate_hz"];

/// Why there are no points to be had from a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PointsError {
    /// What is wrong in it, a line for each place.
    #[error("{0}")]
    Mistakes(String),
    /// It cannot be read.
    #[error("{name} cannot be read: {error}")]
    Unreadable {
        /// What messages call it.
        name: String,
        /// The system's words.
        error: std::io::Error,
    },
}

impl Points {
    /// Reads points from CSV with a header; messages call the source `name`. `neuron` holds what the rows do not replace, and `filter` says how their
    /// synaptic time constants will be taken.
    ///
    /// # Errors
    ///
    /// Every bad cell with its line and column; a source that cannot be read.
    pub fn read(
        source: impl BufRead,
        name: &str,
        neuron: &TransferNeuron,
        filter: SynapticFilter,
    ) -> Result<Points, PointsError> {
        parse(source, name, neuron, filter)
    }
}

fn parse(
    source: impl BufRead,
    name: &str,
    neuron: &TransferNeuron,
    filter: SynapticFilter,
) -> Result<Points, PointsError> {
    let mut lines = Lines { source, name, number: 0, line: Vec::new(), ended_by_return: false };
    let empty =
        || PointsError::Mistakes(format!("{name} is empty; it must start with a header such as mu_mv,sigma_mv"));
    let inputs =
        if lines.advance()? { columns(&lines.cells(), name, lines.number, neuron.model)? } else { return Err(empty()) };
    let mut values = vec![Vec::new(); inputs.len()];
    let mut mistakes = Vec::new();
    let mut row = vec![0.0; inputs.len()];
    while lines.advance()? && mistakes.len() < MAX_MISTAKES {
        let known = mistakes.len();
        read_row(&lines.cells(), (&inputs, neuron.model), &mut row, &mut mistakes);
        if mistakes.len() == known {
            mistakes.extend(mistake_of(&inputs, &row, neuron, filter));
        }
        for mistake in &mut mistakes[known..] {
            *mistake = format!("{name}:{}: {mistake}", lines.number);
        }
        values.iter_mut().zip(&row).for_each(|(values, value)| values.push(*value));
        if values[0].len() * values.len() > MAX_NUMBERS {
            let rows = count((MAX_NUMBERS / values.len()) as u64);
            return Err(PointsError::Mistakes(format!(
                "{name} has more than {rows} rows, the most that are read at once; cut it in pieces"
            )));
        }
    }
    if !mistakes.is_empty() {
        let more = if mistakes.len() >= MAX_MISTAKES { "\n... there may be more" } else { "" };
        return Err(PointsError::Mistakes(format!("{}{more}", mistakes.join("\n"))));
    }
    if values[0].is_empty() {
        return Err(PointsError::Mistakes(format!("{name} has a header but no rows")));
    }
    Ok(Points { inputs, values })
}

/// The lines of a file that are not blank, with their numbers. (The csv crate numbers rows after blank lines wrongly, and
/// would read a line without end.)
struct Lines<'a, R> {
    source: R,
    name: &'a str,
    number: usize,
    line: Vec<u8>,
    /// A line feed that follows is of the same end.
    ended_by_return: bool,
}

impl<R: BufRead> Lines<'_, R> {
    /// Goes to the next line that is not blank; false at the end.
    fn advance(&mut self) -> Result<bool, PointsError> {
        loop {
            self.line.clear();
            let read = self.read_line();
            if !read.map_err(|error| PointsError::Unreadable { name: self.name.to_string(), error })? {
                return Ok(false);
            }
            self.number += 1;
            if self.line.len() > MAX_LINE {
                return Err(PointsError::Mistakes(format!("{}:{}: the line is too long", self.name, self.number)));
            }
            if self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
                self.line.drain(..BYTE_ORDER_MARK.len());
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Reads a line without its end, or the beginning of one that is too long; false if there is none. A line ends with a line
    /// feed, a carriage return, or both.
    fn read_line(&mut self) -> std::io::Result<bool> {
        let mut found = false;
        loop {
            let bytes = self.source.fill_buf()?;
            let bytes = match bytes {
                [] => return Ok(found),
                [b'\n', ..] if self.ended_by_return => {
                    self.source.consume(1);
                    self.ended_by_return = false;
                    continue;
                }
                bytes => bytes,
            };
            (found, self.ended_by_return) = (true, false);
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let length = end.unwrap_or(bytes.len());
            self.line.extend_from_slice(&bytes[..length]);
            self.ended_by_return = end.is_some_and(|end| bytes[end] == b'\r');
            self.source.consume(length + usize::from(end.is_some()));
            if end.is_some() || self.line.len() > MAX_LINE {
                return Ok(true);
            }
        }
    }

    /// The cells of the line, without spaces around them and without quotes: they are numbers and names.
    fn cells(&self) -> Vec<&[u8]> {
        self.line.split(|&byte| byte == b',').map(|cell| unquoted(cell.trim_ascii())).collect()
    }
}

fn unquoted(cell: &[u8]) -> &[u8] {
    match cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")) {
        Some(inside) => inside.trim_ascii(),
        None => cell,
    }
}

/// What the columns of the header are.
fn columns(header: &[&[u8]], name: &str, line: usize, model: &str) -> Result<Vec<Input>, PointsError> {
    let refuse = |message: String| Err(PointsError::Mistakes(format!("{name}:{line}: {message}")));
    let names: Vec<String> = header.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    if let [only] = &names[..]
        && only.contains([';', '\t'])
    {
        return refuse("the columns must be separated by commas".to_string());
    }
    let mut inputs = Vec::new();
    for column in &names {
        match Input::ALL.into_iter().find(|input| input.name() == column) {
            Some(Input::EL) if !Input::EL.belongs_to(model) && !names.iter().any(|name| name == Input::Jump.name()) => {
                return refuse("the column E_L_mv has no effect, since mu_mv contains it; leave it out".to_string());
            }
            Some(input) if !input.belongs_to(model) && input != Input::EL => {
                return refuse(format!("the column {column} means nothing for the model {model}; leave it out"));
            }
            Some(input) if inputs.contains(&input) => return refuse(format!("the column {column} occurs twice")),
            Some(input) => inputs.push(input),
            None => return refuse(unknown_column(column, model)),
        }
    }
    for needed in [Input::Mu, Input::Sigma] {
        if !inputs.contains(&needed) {
            return refuse(format!("the column {} is missing; the header is \"{}\"", needed.name(), names.join(",")));
        }
    }
    Ok(inputs)
}

fn unknown_column(column: &str, model: &str) -> String {
    let known: Vec<&str> = Input::ALL.into_iter().filter(|input| input.belongs_to(model)).map(Input::name).collect();
    let list = known.join(", ");
    if LATER.contains(&column) {
        return format!("the column {column} cannot be replaced row by row");
    }
    if ANSWERS.contains(&column) {
        return format!("the column {column} is part of the answer; leave it out of the points");
    }
    if column.parse::<f64>().is_ok() {
        return format!("the first line must be a header such as mu_mv,sigma_mv, and it has \"{column}\"");
    }
    let likeness = |name: &str| strsim::jaro(&name.to_lowercase(), &column.to_lowercase());
    match known.into_iter().map(|name| (likeness(name), name)).max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, name)) if likeness > 0.7 => {
            format!("the column \"{column}\" is not known; did you mean {name}? Known are: {list}")
        }
        _ => format!("the column \"{column}\" is not known; known are: {list}"),
    }
}

/// The numbers of one row; what is none becomes a mistake.
fn read_row(cells: &[&[u8]], (inputs, model): (&[Input], &str), row: &mut [f64], mistakes: &mut Vec<String>) {
    if cells.len() != inputs.len() {
        let (found, expected) = (cells.len(), inputs.len());
        mistakes.push(format!("the row has {found} cells, and the header has {expected}"));
        return;
    }
    for ((cell, input), value) in cells.iter().zip(inputs).zip(row) {
        match std::str::from_utf8(cell).ok().and_then(|cell| cell.parse::<f64>().ok()) {
            Some(number) if number.is_finite() || input.infinity(model) == Some(number) => *value = number,
            Some(number) => mistakes.push(format!("{} is {}, not a finite number", input.name(), Shown(number))),
            None if cell.is_empty() => mistakes.push(format!("{} is empty", input.name())),
            None => mistakes.push(format!("{} is '{}', not a number", input.name(), shown(cell))),
        }
    }
}

/// A cell for a message: not longer than a line.
fn shown(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    if text.chars().count() <= 40 { text.into_owned() } else { text.chars().take(40).chain(['…']).collect() }
}

/// What is wrong with a row of numbers.
fn mistake_of(inputs: &[Input], row: &[f64], neuron: &TransferNeuron, filter: SynapticFilter) -> Option<String> {
    for (input, &value) in inputs.iter().zip(row) {
        if matches!(input, Input::Sigma | Input::TauSyn | Input::TauRise | Input::Jump) && value < 0.0 {
            return Some(format!("{} is {}; it must not be negative", input.name(), Shown(value)));
        }
    }
    let cell = |wanted| inputs.iter().position(|input| *input == wanted).map_or(0.0, |index| row[index]);
    let (tau_rise_ms, tau_syn_ms) = (cell(Input::TauRise), cell(Input::TauSyn));
    if tau_rise_ms > tau_syn_ms {
        let (rise, decay) = (Shown(tau_rise_ms), Shown(tau_syn_ms));
        return Some(format!(
            "tau_rise_ms ({rise}) must not be longer than tau_syn_ms ({decay}), the time of the decay"
        ));
    }
    if tau_rise_ms > 0.0 && !filter.knows_rises() {
        let filter = filter.name();
        return Some(format!(
            "tau_rise_ms is {}; --filter {filter} is published for exponential currents: take --filter auto, full or none",
            Shown(tau_rise_ms)
        ));
    }
    if cell(Input::Jump) > 0.0 && (tau_syn_ms > 0.0 || neuron.differing.is_some()) {
        let what = if tau_syn_ms > 0.0 { "tau_syn_ms is above 0" } else { "the neurons differ" };
        return Some(format!(
            "jump_mv is {} and {what}: single jumps are computed for instantaneous synapses and neurons that are alike",
            Shown(cell(Input::Jump))
        ));
    }
    if inputs.len() == 2 {
        return None;
    }
    neuron.with(&parameters_of(inputs, row, &neuron.parameters)).err().map(|error| error.to_string())
}

/// The neuron of a row.
pub(super) fn parameters_of(inputs: &[Input], row: &[f64], neuron: &NeuronParameters) -> NeuronParameters {
    let mut parameters = *neuron;
    for (input, &value) in inputs.iter().zip(row) {
        match input {
            Input::TauM => parameters.tau_m_ms = value,
            Input::TRef => parameters.t_ref_ms = value,
            Input::VTh => parameters.V_th_mv = value,
            Input::VReset => parameters.V_reset_mv = value,
            Input::DeltaT => parameters.Delta_T_mv = value,
            Input::VPeak => parameters.V_peak_mv = value,
            Input::EL => parameters.E_L_mv = value,
            Input::Mu | Input::Sigma | Input::TauSyn | Input::TauRise | Input::Jump => {}
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn parsed_for(model: &str, text: &[u8]) -> Result<Points, String> {
        let neuron = TransferNeuron::of_model(model).unwrap();
        parse(text, "points.csv", &neuron, SynapticFilter::default()).map_err(|failure| failure.to_string())
    }

    fn parsed(text: &[u8]) -> Result<Points, String> {
        parsed_for("lif", text)
    }

    #[test]
    fn each_model_has_its_columns_and_a_quadratic_neuron_infinite_bounds() {
        let points = parsed_for("qif", b"mu_mv,sigma_mv,V_reset_mv,V_peak_mv,Delta_T_mv\n1,2,-inf,inf,3\n").unwrap();
        assert_eq!(points.values[2..], [[f64::NEG_INFINITY], [f64::INFINITY], [3.0]]);
        assert!(parsed_for("perfect", b"mu_mv,sigma_mv,E_L_mv\n1,2,-3\n").is_ok());
        for (model, text, expected) in [
            ("qif", "mu_mv,sigma_mv,V_reset_mv\n1,2,inf\n", "csv:2: V_reset_mv is inf, not a finite number"),
            ("eif", "mu_mv,sigma_mv,V_peak_mv\n1,2,40\n1,2,inf\n", "csv:3: V_peak_mv is inf, not a finite number"),
            ("eif", "mu_mv,sigma_mv,V_peak_mv\n1,2,40\n1,2,15\n", "csv:3: V_reset (20 mV) must lie below V_th (15 mV)"),
            ("eif", "mu_mv,sigma_mv,Delta_T_mv\n1,2,0\n", "csv:2: Delta_T_mv is 0"),
            ("eif", "mu_mv,sigma_mv,E_L_mv\n1,2,0\n", "E_L_mv has no effect"),
            ("perfect", "mu_mv,sigma_mv,V_peak_mv\n1,2,0\n", "V_peak_mv means nothing for the model perfect"),
            ("qif", "mu_mv,sigma_mv,delta_T\n1,2,0\n", "did you mean Delta_T_mv?"),
        ] {
            let message = parsed_for(model, text.as_bytes()).unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn columns_may_stand_in_any_order_with_byte_order_mark_and_carriage_returns() {
        let points = parsed(b"\xef\xbb\xbfsigma_mv, mu_mv\r\n5,15\r\n\r\n\"6\", 1.6e1\r\n").unwrap();
        assert_eq!(points.inputs, [Input::Sigma, Input::Mu]);
        assert_eq!(points.values, [[5.0, 6.0], [15.0, 16.0]]);
    }

    #[test]
    fn lines_end_with_a_line_feed_a_carriage_return_or_both() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["mu_mv,sigma_mv", "1,2", "", "3,x"].join(end);
            assert_eq!(parsed(text.as_bytes()).unwrap_err(), "points.csv:4: sigma_mv is 'x', not a number", "{end:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = BufReader::new(std::io::repeat(b'1'));
        let failure =
            parse(endless, "zero", &TransferNeuron::of_model("lif").unwrap(), SynapticFilter::Full).unwrap_err();
        assert_eq!(failure.to_string(), "zero:1: the line is too long");
    }

    #[test]
    fn every_bad_cell_is_named_with_line_and_column() {
        let text = b"mu_mv,sigma_mv,V_reset_mv\n1,abc,0\n\n2,-1,0\nNaN,,0\n1,2\n1,2,20\n1,2,10\n";
        let expected = [
            "points.csv:2: sigma_mv is 'abc', not a number",
            "points.csv:4: sigma_mv is -1; it must not be negative",
            "points.csv:5: mu_mv is NaN, not a finite number",
            "points.csv:5: sigma_mv is empty",
            "points.csv:6: the row has 2 cells, and the header has 3",
            "points.csv:7: V_reset (20 mV) must lie below V_th (20 mV)",
        ];
        assert_eq!(parsed(text).unwrap_err().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_rise_is_part_of_a_time_course_for_which_the_filter_is_defined() {
        let text = b"mu_mv,sigma_mv,tau_syn_ms,tau_rise_ms\n15,5,2,2\n15,5,2,3\n15,5,0,0\n";
        let late = "points.csv:3: tau_rise_ms (3) must not be longer than tau_syn_ms (2), the time of the decay";
        assert_eq!(parsed(text).unwrap_err(), late);
        let neuron = TransferNeuron::of_model("lif").unwrap();
        let message = parse(&text[..], "p", &neuron, SynapticFilter::ThresholdShift).unwrap_err().to_string();
        assert!(message.starts_with("p:2: tau_rise_ms is 2; --filter shift is published for exponential"), "{message}");
    }

    #[test]
    fn a_thousand_bad_rows_give_twenty_messages() {
        let text = format!("mu_mv,sigma_mv\n{}", "x,1\n".repeat(1000));
        let message = parsed(text.as_bytes()).unwrap_err();
        assert_eq!(message.lines().count(), MAX_MISTAKES + 1, "{message}");
        assert!(message.ends_with("... there may be more"));
    }

    #[test]
    fn a_header_that_is_wrong_is_explained() {
        for (text, expected) in [
            ("", "is empty"),
            ("\n\n", "is empty"),
            ("mu_mv,sigma_mv\n", "no rows"),
            ("mu_mv\n1\n", "sigma_mv is missing"),
            ("mu_mv;sigma_mv\n1;2\n", "separated by commas"),
            ("mu_mv,sigma\n1,2\n", "did you mean sigma_mv?"),
            ("mu_mv,sigma_mv,Delta_T_mv\n1,2,3\n", "means nothing for the model lif"),
            ("mu_mv,sigma_mv,tau_w_ms\n1,2,3\n", "cannot be replaced row by row"),
            ("mu_mv,sigma_mv,mu_mv\n1,2,3\n", "occurs twice"),
            ("mu_mv,sigma_mv,cv\n1,2,3\n", "part of the answer"),
            ("15,5\n16,5\n", "must be a header"),
        ] {
            let message = parsed(text.as_bytes()).unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }
}
