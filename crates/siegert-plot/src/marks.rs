//! Numbers beside the marks of states, and what the legend says of them.

use super::colour::INK;
use super::legend::{Entry, Sample};
use super::shapes::haloed_text;
use super::state_kind::{StateKind, words};
use siegert::stationary::Stability;

/// States that the legend lists.
const MAX_LISTED: usize = 9;
/// Where a number may stand beside its mark, in pixels; the first place that is free is taken.
const PLACES: [(f64, f64); 8] =
    [(14.0, -12.0), (-14.0, -12.0), (14.0, 13.0), (-14.0, 13.0), (18.0, 0.0), (0.0, -18.0), (0.0, 18.0), (-18.0, 0.0)];
/// Closer than this, a number and a mark or another number touch.
const CLEAR: f64 = 13.0;
/// Numbers stay away from the axes by this.
const EDGE: f64 = 7.0;

/// "1", "2", ... beside marks at these pixels, as SVG to lie above everything; nothing for a single mark.
///
/// `corners` are two opposite corners of the plane, outside of which no number stands.
pub(super) fn numbers(marks: &[(f64, f64)], corners: [(f64, f64); 2]) -> String {
    let between = |value: f64, p: f64, q: f64| value > p.min(q) + EDGE && value < p.max(q) - EDGE;
    let inside =
        |at: &(f64, f64)| between(at.0, corners[0].0, corners[1].0) && between(at.1, corners[0].1, corners[1].1);
    let mut taken = marks.to_vec();
    let mut svg = String::new();
    for (index, mark) in marks.iter().enumerate().filter(|_| marks.len() > 1) {
        let beside = PLACES.map(|(dx, dy)| (mark.0 + dx, mark.1 + dy));
        let room =
            |at: &(f64, f64)| taken.iter().map(|other| (other.0 - at.0).hypot(other.1 - at.1)).fold(CLEAR, f64::min);
        let room = |at: &(f64, f64)| room(at) - if inside(at) { 0.0 } else { CLEAR };
        // max_by takes the last of equals, and the first places are the better ones.
        let best = beside.into_iter().rev().max_by(|p, q| room(p).total_cmp(&room(q))).unwrap_or(*mark);
        taken.push(best);
        svg.push_str(&haloed_text(&(index + 1).to_string(), best, 0.0, true));
    }
    svg
}

/// The legend's lines on states, each with its stability and its rates in words.
pub(super) fn entries(states: &[(Stability, String)]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, (stability, rates)) in states.iter().take(MAX_LISTED).enumerate() {
        let (sample, word) = (StateKind::of(*stability).mark(INK), words(*stability));
        let number = if states.len() > 1 { format!("{}: ", index + 1) } else { String::new() };
        entries.push(Entry::new(sample, format!("{number}{word}")));
        entries.push(Entry::new(Sample::Blank, rates.as_str()));
    }
    if states.len() > MAX_LISTED {
        entries.push(Entry::new(Sample::None, format!("and {} more", states.len() - MAX_LISTED)));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_neighbouring_marks_do_not_touch() {
        let svg = numbers(&[(100.0, 100.0), (108.0, 96.0), (300.0, 300.0)], [(90.0, 400.0), (400.0, 0.0)]);
        let value = |text: &str, name: &str| -> f64 {
            let start = text.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
            text[start..].split('"').next().unwrap().parse::<f64>().unwrap() / 10.0
        };
        let places: Vec<(f64, f64)> = svg.lines().map(|line| (value(line, "x"), value(line, "y"))).collect();
        assert_eq!(places.len(), 3);
        assert!((places[0].0 - places[1].0).hypot(places[0].1 - places[1].1) >= CLEAR, "{places:?}");
    }
}
