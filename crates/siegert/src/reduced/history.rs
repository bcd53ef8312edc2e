//! What populations have sent so far: the rates as polynomials over each step that was taken.
//!
//! A step is kept as values at Chebyshev points of it, between which the polynomial through them is evaluated in barycentric form; its degree is that of the solver's dense output.

use std::f64::consts::PI;

/// Points of a step.
pub(super) const POINTS: usize = 8;

/// A step: its ends, and for each point the rates of all populations.
#[derive(Clone, Debug)]
struct Piece {
    from_ms: f64,
    to_ms: f64,
    rates: Vec<f64>,
}

/// The rates per ms of populations over time.
#[derive(Clone, Debug)]
pub(super) struct History {
    populations: usize,
    /// Before the first step.
    before: Vec<f64>,
    pieces: std::collections::VecDeque<Piece>,
    memory_ms: f64,
}

/// The points of a step as parts of it, rising from 0 to 1.
pub(super) fn points() -> [f64; POINTS] {
    std::array::from_fn(|k| 0.5 - 0.5 * (PI * k as f64 / (POINTS - 1) as f64).cos())
}

impl History {
    pub(super) fn new(before: Vec<f64>, memory_ms: f64) -> Self {
        History { populations: before.len(), before, pieces: std::collections::VecDeque::new(), memory_ms }
    }

    /// A step: the rates of all populations at its points, one point after the other.
    pub(super) fn push(&mut self, from_ms: f64, to_ms: f64, rates: Vec<f64>) {
        self.pieces.push_back(Piece { from_ms, to_ms, rates });
        while self.pieces.front().is_some_and(|piece| piece.to_ms < from_ms - self.memory_ms) {
            self.pieces.pop_front();
        }
    }

    /// The rate of a population at a time that has passed.
    pub(super) fn rate(&self, population: usize, time_ms: f64) -> f64 {
        // the first piece begins at time 0, and what is asked for is kept
        if time_ms <= 0.0 || self.pieces.is_empty() {
            return self.before[population];
        }
        let next = self.pieces.partition_point(|piece| piece.to_ms < time_ms).min(self.pieces.len() - 1);
        let piece = &self.pieces[next];
        let part = ((time_ms - piece.from_ms) / (piece.to_ms - piece.from_ms)).clamp(0.0, 1.0);
        let (mut above, mut below) = (0.0, 0.0);
        for (k, point) in points().into_iter().enumerate() {
            let value = piece.rates[k * self.populations + population];
            let distance = part - point;
            if distance == 0.0 {
                return value;
            }
            let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
            let weight = if k == 0 || k == POINTS - 1 { 0.5 * sign } else { sign } / distance;
            above += weight * value;
            below += weight;
        }
        above / below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polynomial_is_kept_as_it_is_and_before_the_start_nothing_changed() {
        let course = |t: f64| 1.0 + t - 0.3 * t.powi(3) + 0.01 * t.powi(7);
        let mut history = History::new(vec![1.0, -2.0], 10.0);
        for (from, to) in [(0.0, 0.7), (0.7, 1.5)] {
            let rates = points().into_iter().flat_map(|p| [course(from + p * (to - from)), 2.0]).collect();
            history.push(from, to, rates);
        }
        for t in [0.01, 0.3, 0.7, 0.9, 1.4999, 1.5] {
            assert!((history.rate(0, t) - course(t)).abs() < 1e-14, "{t}");
            assert!((history.rate(1, t) - 2.0).abs() < 1e-15);
        }
        assert_eq!((history.rate(0, -3.0), history.rate(1, 0.0)), (1.0, -2.0));
    }
}
