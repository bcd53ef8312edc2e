//! Aligned tables and filled lines for people, none wider than [`WIDTH`].

use comfy_table::{CellAlignment, Table as Grid, presets};

use super::About;
use super::table::{Column, Table, Values};
use crate::network::printable;
use crate::number::{decimals, significant};

/// The widest line of a text: a terminal has at least so many columns.
pub const WIDTH: usize = 80;

/// A text in lines of at most [`WIDTH`] columns, the first behind `first`, the others behind `others`; with a line feed at its end.
pub fn filled(text: &str, first: &str, others: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(others).break_words(false);
    textwrap::fill(text, options) + "\n"
}

/// The network's name, and its parameters in lines below.
pub fn title(about: About<'_>) -> String {
    let name = filled(&printable(about.network), "", "  ");
    // a parameter and its value are not parted
    let parameters: Vec<String> = about.parameter_list().iter().map(|text| text.replace(' ', "\u{a0}")).collect();
    if parameters.is_empty() {
        return name;
    }
    name + &filled(&parameters.join(", "), "", "").replace('\u{a0}', " ")
}

/// How the texts of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// As words do.
    Left,
    /// As numbers do.
    Right,
}

/// A table with a line under its header, each line indented by two spaces.
pub fn aligned(header: &[(&str, Align)], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut grid = Grid::new();
    grid.load_style(presets::NOTHING);
    grid.set_header(header.iter().map(|(name, _)| *name));
    for row in rows {
        grid.add_row(row);
    }
    for (index, (_, align)) in header.iter().enumerate() {
        if let Some(column) = grid.column_mut(index) {
            column.set_padding((1, 1));
            column.set_cell_alignment(match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
    }
    let lines: Vec<String> = grid.lines().map(|line| format!(" {}", line.trim_end())).collect();
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text.push_str(line);
        text.push('\n');
        if index == 0 {
            text.push_str(&format!("  {}\n", "-".repeat(width.saturating_sub(2))));
        }
    }
    text
}

/// The rows of a table for people; what is missing is a dash.
pub fn of_table(table: &Table) -> String {
    let is_text = |values: &Values| matches!(values, Values::Texts(_) | Values::Names { .. });
    let header: Vec<(&str, Align)> = table
        .columns
        .iter()
        .map(|column| (column.name.as_ref(), if is_text(&column.values) { Align::Left } else { Align::Right }))
        .collect();
    let cells = |row: usize| table.columns.iter().map(|column| cell(column, row)).collect();
    aligned(&header, (0..table.len()).map(cells))
}

fn cell(column: &Column, row: usize) -> String {
    let text = match &column.values {
        Values::Numbers(values) if values[row].is_nan() => None,
        Values::Numbers(values) if column.name.starts_with("cv") => Some(decimals(Some(values[row]), 3)),
        Values::Numbers(values) => Some(significant(values[row], 5)),
        Values::Integers(values) => values[row].map(|value| value.to_string()),
        Values::Flags(values) => values[row].map(|value| if value { "yes" } else { "no" }.to_string()),
        Values::Texts(values) => Some(values[row].clone()).filter(|text| !text.is_empty()),
        Values::Names { names, which } => Some(names[which[row] as usize].clone()),
        Values::Unsigned(values) => Some(values[row].to_string()),
    };
    text.unwrap_or_else(|| "-".to_string())
}

/// Columns of a table beside each other, as many as [`WIDTH`] holds, the others below: `names` on the left of each block.
///
/// `columns` are a header and as many texts as there are names.
pub fn in_blocks(left: &str, names: &[&str], columns: &[(String, Vec<String>)]) -> String {
    let width_of =
        |header: &str, texts: &mut dyn Iterator<Item = usize>| texts.fold(header.chars().count(), usize::max) + 2;
    let own = width_of(left, &mut names.iter().map(|name| name.chars().count()));
    let mut text = String::new();
    let mut rest = columns;
    while !rest.is_empty() {
        let mut width = own;
        let fits = rest.iter().take_while(|(header, texts)| {
            width += width_of(header, &mut texts.iter().map(|text| text.chars().count()));
            width <= WIDTH
        });
        let (block, others) = rest.split_at(fits.count().max(1));
        rest = others;
        let header: Vec<(&str, Align)> = std::iter::once((left, Align::Left))
            .chain(block.iter().map(|(name, _)| (name.as_str(), Align::Right)))
            .collect();
        let row = |(index, name): (usize, &&str)| {
            std::iter::once(name.to_string()).chain(block.iter().map(|(_, texts)| texts[index].clone())).collect()
        };
        text.push_str(&aligned(&header, names.iter().enumerate().map(row)));
        if !rest.is_empty() {
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_do_not_fit_stand_below() {
        let columns: Vec<(String, Vec<String>)> =
            (0..9).map(|i| (format!("population {i}"), vec!["1.5".to_string(), i.to_string()])).collect();
        let text = in_blocks("measure", &["size of jumps", "index"], &columns);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.matches("size of jumps").count(), 3, "{text}");
        assert!((0..9).all(|i| text.contains(&format!("population {i}"))), "{text}");
    }

    #[test]
    fn a_table_is_shown_with_dashes_for_what_is_missing() {
        let table = Table {
            columns: vec![
                Column::numbers("rate_hz", [Some(1.0 / 3.0), None].into_iter()),
                Column::numbers("cv_E", [Some(0.5), Some(0.25)].into_iter()),
                Column::some_flags("stable", [Some(true), None].into_iter()),
                Column::texts("error", ["", "no state"].into_iter()),
            ],
        };
        let text = of_table(&table);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[2], ["0.33333", "0.500", "yes", "-"]);
        assert_eq!(lines[3], ["-", "0.250", "-", "no", "state"]);
    }

    #[test]
    fn numbers_stand_right_and_names_left() {
        let rows = [["E", "37.950"], ["L23I", "1.2"]].map(|row| row.map(str::to_string).to_vec());
        let text = aligned(&[("population", Align::Left), ("rate (Hz)", Align::Right)], rows.into_iter());
        let expected = [
            "  population  rate (Hz)",
            "  ---------------------",
            "  E              37.950",
            "  L23I              1.2",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }
}
