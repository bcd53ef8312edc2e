//! The curve of states on which bundles move from one level to another, one after the other.
//!
//! The equations of the reduced network (`levels`) hold for any real number `t` of bundles at the level that gains, from 0 to
//! the number at both. The curve of their solutions `(u, t)` is followed by pseudo-arclength steps, as in `continuation`; where it
//! passes whole `t`, there is a state. Two curves cross where two levels meet (a simple branch point): there
//! the orientation of the tangent changes, which short steps allow.

use std::ops::ControlFlow;

use crate::input::Sums;
use crate::numerics::linear::{Matrix, largest};
use crate::stationary::map::{AlongCurve, RateMap};
use crate::stationary::newton::{Iterate, NO_FLOOR, Outcome, jacobian, newton, output_slope, rates, residuals};

use super::levels::{Reduction, Sizes};

const FIRST_STEP: f64 = 0.3;
const LONGEST_STEP: f64 = 3.0;
const SHORTEST_STEP: f64 = 1e-6;
/// Steps along one curve.
const MOST_STEPS: usize = 400;
const MOST_CORRECTIONS: usize = 6;
/// A last correction of this size leaves a point on the curve: the next would be its square.
const ON_THE_CURVE: f64 = 1e-6;
/// Cosines of angles between successive tangents: below the first a step is too long, above the second it may grow.
const SHARP_TURN: f64 = 0.9;
const SLIGHT_TURN: f64 = 0.98;
/// The corrector may move a prediction by this part of the step.
const LONGEST_CORRECTION: f64 = 0.3;
/// A step as short as this may lead through a branch point.
const SHORT_STEP: f64 = 0.02;
/// Evaluations of Newton's method for a state on the curve.
const MOST_ITERATIONS: usize = 20;

/// The levels between which bundles move.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    pub(super) group: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The way in which the number of bundles at the level that gains changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// The equations along a curve.
pub(super) struct Curve {
    /// With no bundle at the level that gains.
    start: RateMap,
    /// What each bundle that moves changes.
    change: Sums,
    /// Bundles at both levels.
    total: f64,
}

/// A point on a curve, `u` and `t` as one vector.
type Point = Vec<f64>;

/// A point with the tangent there, its orientation, and how long the next step may be.
struct Position {
    point: Point,
    tangent: Point,
    orientation: i8,
    length: f64,
}

impl Curve {
    pub(super) fn new(reduction: Reduction<'_>, sizes: &Sizes, transfer: Transfer) -> Self {
        let Transfer { group, from, to } = transfer;
        let total = sizes[group][from] + sizes[group][to];
        let with = |moved: f64| {
            let mut sizes = sizes.clone();
            (sizes[group][from], sizes[group][to]) = (total - moved, moved);
            reduction.map(&sizes)
        };
        let (start, next) = (with(0.0), with(1.0));
        let change = next.sums.plus(-1.0, &start.sums);
        Curve { start, change, total }
    }

    /// Follows the curve from `(u, t)` and visits each state with whole `t`, until told to end, `t` is 0 or all, or the curve is
    /// lost; steps are added to `steps`.
    pub(super) fn follow(
        &self,
        from: (&[f64], f64),
        direction: Direction,
        steps: &mut usize,
        mut visit: impl FnMut(Iterate, f64) -> ControlFlow<()>,
    ) {
        let Some(mut at) = self.begin(from, direction) else { return };
        for _ in 0..MOST_STEPS {
            if self.start.work.is_cancelled() {
                return;
            }
            *steps += 1;
            let next = self.step(&at).and_then(|next| self.states_between(&at, &next).map(|states| (next, states)));
            let Some((next, states)) = next else {
                at.length *= 0.4;
                if at.length < SHORTEST_STEP {
                    return;
                }
                continue;
            };
            for (state, t) in states {
                if visit(state, t).is_break() || t == 0.0 || t == self.total {
                    return;
                }
            }
            at = next;
        }
    }

    fn begin(&self, (u, t): (&[f64], f64), direction: Direction) -> Option<Position> {
        let mut point = u.to_vec();
        point.push(t);
        let mut ahead = vec![0.0; point.len()];
        ahead[u.len()] = if direction == Direction::Up { 1.0 } else { -1.0 };
        let (tangent, orientation) = self.tangent(&point, &ahead);
        largest(&tangent).is_finite().then_some(Position { point, tangent, orientation, length: FIRST_STEP })
    }

    fn map_at(&self, t: f64) -> RateMap {
        self.start.with(self.start.transfers.clone(), self.start.sums.plus(t, &self.change))
    }

    fn evaluate(&self, point: &Point) -> (AlongCurve, Vec<f64>) {
        let (u, t) = (&point[..point.len() - 1], point[point.len() - 1]);
        let here = self.map_at(t).evaluate_along_curve(&rates(u));
        let residual = residuals(&here.evaluation, u, NO_FLOOR);
        (here, residual)
    }

    /// The derivatives of the equations by `u` and `t`, with `last` as last row.
    fn bordered(&self, point: &Point, here: &AlongCurve, last: &[f64]) -> Matrix {
        let n = point.len() - 1;
        let u = &point[..n];
        let inner = jacobian(&here.evaluation, u, NO_FLOOR);
        let along = RateMap::along(&self.change, here, &rates(u));
        let mut matrix = Matrix::zeros(n + 1, n + 1);
        for a in 0..n {
            let row = matrix.row_mut(a);
            row[..n].copy_from_slice(inner.row(a));
            row[n] =
                if u[a] == f64::NEG_INFINITY { 0.0 } else { output_slope(&here.evaluation, a, NO_FLOOR) * along[a] };
        }
        matrix.row_mut(n).copy_from_slice(last);
        matrix
    }

    /// The unit tangent that goes on in the direction `last`, and its orientation.
    fn tangent(&self, point: &Point, last: &[f64]) -> (Point, i8) {
        let (here, _) = self.evaluate(point);
        let mut unit = vec![0.0; point.len()];
        unit[point.len() - 1] = 1.0;
        let (mut tangent, orientation) = self.bordered(point, &here, last).solve_with_sign(&unit);
        let norm = tangent.iter().map(|t| t * t).sum::<f64>().sqrt();
        tangent.iter_mut().for_each(|t| *t /= norm);
        (tangent, orientation)
    }

    /// A step; `None` if it is too long: the corrector fails or moves far, or the tangent turns sharply, or changes its orientation.
    fn step(&self, at: &Position) -> Option<Position> {
        let predicted: Point = at.point.iter().zip(&at.tangent).map(|(x, t)| x + at.length * t).collect();
        let (point, corrections) = self.correct(predicted.clone(), &at.tangent)?;
        if distance(&point, &predicted) > LONGEST_CORRECTION * at.length {
            return None;
        }
        let (tangent, orientation) = self.tangent(&point, &at.tangent);
        let turn: f64 = tangent.iter().zip(&at.tangent).map(|(p, q)| p * q).sum();
        let same_stretch = orientation == at.orientation || at.length < SHORT_STEP && turn > SLIGHT_TURN;
        let grows = corrections <= 3 && turn > SLIGHT_TURN;
        let length = if grows { (1.6 * at.length).min(LONGEST_STEP) } else { at.length };
        (turn > SHARP_TURN && same_stretch).then_some(Position { point, tangent, orientation, length })
    }

    /// Newton's method in the plane across the tangent; the point and how many corrections it took.
    fn correct(&self, mut point: Point, tangent: &Point) -> Option<(Point, usize)> {
        let mut previous = f64::INFINITY;
        for corrections in 0..MOST_CORRECTIONS {
            let (here, residual) = self.evaluate(&point);
            let size = largest(&residual);
            if !size.is_finite() || size > 10.0 * previous {
                return None;
            }
            previous = size;
            let mut right: Vec<f64> = residual.iter().map(|r| -r).collect();
            right.push(0.0);
            let step = self.bordered(&point, &here, tangent).solve(&right);
            let longest = largest(&step);
            if longest.is_nan() || longest >= LONGEST_STEP {
                return None;
            }
            point.iter_mut().zip(&step).for_each(|(x, s)| *x += s);
            if longest <= ON_THE_CURVE {
                return Some((point, corrections));
            }
        }
        None
    }

    /// The states with whole `t` between two points, in order; `None` if one is not near the chord.
    fn states_between(&self, from: &Position, to: &Position) -> Option<Vec<(Iterate, f64)>> {
        let n = from.point.len() - 1;
        let (first, last) = (from.point[n], to.point[n]);
        let mut whole: Vec<f64> = (0..=self.total as usize)
            .map(|t| t as f64)
            .filter(|&t| t != first && (t - first) * (last - t) >= 0.0)
            .collect();
        if last < first {
            whole.reverse();
        }
        let state = |t: f64| {
            let part = (t - first) / (last - first);
            let between = |(x, z): (&f64, &f64)| if x == z { *x } else { x + part * (z - x) };
            let chord: Vec<f64> = from.point[..n].iter().zip(&to.point[..n]).map(between).collect();
            match newton(&self.map_at(t), chord.clone(), MOST_ITERATIONS) {
                Outcome::Converged(state) if distance(&state.u, &chord) <= LONGEST_CORRECTION * from.length => {
                    Some((state, t))
                }
                _ => None,
            }
        };
        whole.into_iter().map(state).collect()
    }
}

fn distance(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(p, q)| if p == q { 0.0 } else { (p - q) * (p - q) }).sum::<f64>().sqrt()
}
