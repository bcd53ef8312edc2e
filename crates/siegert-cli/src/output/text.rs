//! Aligned tables for people.

use comfy_table::{CellAlignment, Table as Grid, presets};

/// How the texts of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table with a line under its header, each line indented by two spaces.
pub(crate) fn aligned(header: &[(&str, Align)], rows: impl Iterator<Item = Vec<String>>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
