//! Curves cut where they leave the frame.

/// The pieces of a curve between two heights, cut where they pass through; points that are not finite break it.
pub(super) fn pieces_between(curve: &[(f64, f64)], from: f64, to: f64) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    for pair in curve.windows(2) {
        let Some((a, b)) = cut(pair[0], pair[1], from, to) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&a) => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
    }
    pieces
}

type Segment = ((f64, f64), (f64, f64));

/// The part of a segment between two heights.
fn cut(a: (f64, f64), b: (f64, f64), from: f64, to: f64) -> Option<Segment> {
    if !(a.1.is_finite() && b.1.is_finite()) || a.1.max(b.1) < from || a.1.min(b.1) > to {
        return None;
    }
    let at = |height: f64| (a.0 + (b.0 - a.0) * (height - a.1) / (b.1 - a.1), height);
    let end = |point: (f64, f64)| match point.1 {
        y if y < from => at(from),
        y if y > to => at(to),
        _ => point,
    };
    Some((end(a), end(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_cut_where_it_leaves_the_frame_and_broken_where_it_is_not_finite() {
        let curve = [(0.0, 4.0), (1.0, 2.0), (2.0, 0.0), (3.0, f64::NEG_INFINITY), (4.0, 1.0), (5.0, 1.0)];
        let pieces = pieces_between(&curve, 1.0, 3.0);
        assert_eq!(pieces, [vec![(0.5, 3.0), (1.0, 2.0), (1.5, 1.0)], vec![(4.0, 1.0), (5.0, 1.0)]]);
    }

    #[test]
    fn a_segment_that_crosses_the_whole_frame_is_cut_on_both_sides() {
        assert_eq!(pieces_between(&[(0.0, -1.0), (4.0, 3.0)], 0.0, 2.0), [[(1.0, 0.0), (3.0, 2.0)]]);
        assert!(pieces_between(&[(0.0, 5.0), (4.0, 6.0)], 0.0, 2.0).is_empty());
    }
}
