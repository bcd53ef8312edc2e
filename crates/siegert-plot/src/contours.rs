//! Lines along which a function on a grid has one value, by marching squares (the `contour` library).

use contour::ContourBuilder;

use super::canvas::failure;
use crate::error::PlotError;

/// A polyline on a grid: column and row, fractional between the nodes.
pub(super) type GridLine = Vec<(f64, f64)>;

/// Lines on which `values`, row by row with `columns` in a row, cross `level`; they end at the rim of the grid and where
/// a value is not finite.
///
/// Every vertex lies on an edge between two neighbouring nodes, one of them below the level and one not.
pub(super) fn lines(values: &[f64], columns: usize, level: f64) -> Result<Vec<GridLine>, PlotError> {
    let rows = values.len() / columns.max(1);
    if columns < 2 || rows < 2 {
        return Ok(Vec::new());
    }
    let found = ContourBuilder::new(columns, rows, true).lines(values, &[level]).map_err(failure)?;
    // The library closes its lines outside the grid, half a cell beyond the outermost nodes.
    let (right, lower) = ((columns - 1) as f64, (rows - 1) as f64);
    let inside = |&(x, y): &(f64, f64)| (0.0..=right).contains(&x) && (0.0..=lower).contains(&y);
    let mut lines = Vec::new();
    for ring in found.iter().flat_map(|line| &line.geometry().0) {
        let points: GridLine = ring.coords().map(|at| (at.x - 0.5, at.y - 0.5)).collect();
        lines.extend(pieces(&points, |index| inside(&points[index])));
    }
    Ok(lines)
}

/// The pieces of a closed ring (its first point is repeated at its end) made of the points to `keep`; a ring kept whole
/// stays closed.
pub(super) fn pieces(ring: &[(f64, f64)], keep: impl Fn(usize) -> bool) -> Vec<GridLine> {
    let mut pieces: Vec<GridLine> = vec![Vec::new()];
    for (index, point) in ring.iter().enumerate() {
        match pieces.last_mut() {
            Some(piece) if keep(index) => piece.push(*point),
            Some(piece) if !piece.is_empty() => pieces.push(Vec::new()),
            _ => {}
        }
    }
    let closed = ring.len() > 1 && ring.first() == ring.last() && keep(0);
    if closed && pieces.len() > 1 && keep(ring.len() - 1) {
        // The ring starts in the middle of a piece.
        let first = std::mem::take(&mut pieces[0]);
        if let Some(last) = pieces.last_mut() {
            last.extend(first.into_iter().skip(1));
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// The value at a fractional index of a list, by linear interpolation.
pub(super) fn at(list: &[f64], index: f64) -> f64 {
    let below = (index.max(0.0) as usize).min(list.len().saturating_sub(2));
    match list {
        [] => f64::NAN,
        [only] => *only,
        _ => list[below] + (list[below + 1] - list[below]) * (index - below as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f` on the nodes of a grid.
    fn grid(columns: usize, rows: usize, f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        (0..rows * columns).map(|index| f((index % columns) as f64, (index / columns) as f64)).collect()
    }

    #[test]
    fn a_circle_is_one_closed_line_at_its_radius() {
        let values = grid(41, 41, |x, y| (x - 20.0).hypot(y - 20.0));
        let lines = lines(&values, 41, 12.3).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        for &(x, y) in &lines[0] {
            assert!(((x - 20.0).hypot(y - 20.0) - 12.3).abs() < 0.02, "{x} {y}");
        }
    }

    #[test]
    fn a_line_ends_at_the_rim_on_whichever_side_the_higher_values_are() {
        for sign in [1.0, -1.0] {
            let lines = lines(&grid(30, 20, |x, y| sign * (x + 0.5 * y - 12.25)), 30, 0.0).unwrap();
            assert_eq!(lines.len(), 1);
            let mut ends = [lines[0][0], *lines[0].last().unwrap()];
            ends.sort_by(|p, q| p.0.total_cmp(&q.0));
            assert!((ends[0].0 - 2.75).abs() < 1e-9 && ends[0].1 == 19.0, "{ends:?}");
            assert!((ends[1].0 - 12.25).abs() < 1e-9 && ends[1].1 == 0.0, "{ends:?}");
        }
    }

    #[test]
    fn a_line_breaks_where_values_are_missing() {
        let hole = |x: f64, y: f64| if (10.0..14.0).contains(&x) { f64::NAN } else { y - 7.5 };
        let lines = lines(&grid(30, 20, hole), 30, 0.0).unwrap();
        assert_eq!(lines.len(), 2);
        assert!(
            lines.iter().flatten().all(|point| point.1 == 7.5 && !(9.0001..13.9999).contains(&point.0)),
            "{lines:?}"
        );
    }
}
