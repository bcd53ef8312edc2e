//! Following a stationary state from the uncoupled network to the coupled one.
//!
//! All input from the network is scaled by a coupling `c` from 0 to 1. At `c = 0` the state is known: `r = f(mu_ext,
//! sigma_ext)`. The curve of states `(u, c)`, `u` as in `newton`, is followed by pseudo-arclength steps: predict along the tangent,
//! correct by Newton's method within the plane across it; folds, where `c` turns back, are no obstacle (Keller 1977, in
//! *Applications of Bifurcation Theory*, Academic Press). A population without external noise gets some on the way,
//! `(1 - c)` times a tenth of `(V_th - V_reset)^2`, so that its log-rate starts finite.

use std::ops::ControlFlow;

use super::map::{AlongCurve, RateMap, Stage};
use super::newton::{Iterate, NO_FLOOR, Outcome, jacobian, newton, output_slope, rates, residuals, u_of};
use crate::input::Sum;
use crate::numerics::linear::{Matrix, largest};

/// Steps along the curve before it is given up.
const MOST_STEPS: usize = 5000;
/// Steps along a curve that may have more than one state to give, for few populations and for many, where each costs more.
const MOST_STEPS_BEYOND: usize = 600;
const FEW: usize = 32;
const MOST_STEPS_OF_MANY: usize = 30;
/// The coupling at which a curve is left: states beyond the first lie on it where it turns back.
const FARTHEST: f64 = 2.0;
/// Corrector iterations before a step is shortened.
const MOST_CORRECTIONS: usize = 8;
/// A last correction of this size leaves a point on the curve: the next would be its square.
const ON_THE_CURVE: f64 = 1e-7;
/// No correction of a step that is worth taking is as large.
const LARGEST_CORRECTION: f64 = 50.0;
/// Evaluations of Newton's method at the end of the curve.
const MOST_FINAL_ITERATIONS: usize = 30;
const FIRST_STEP: f64 = 0.05;
const LONGEST_STEP: f64 = 5.0;
const SHORTEST_STEP: f64 = 1e-10;
/// The unknown of the curve is the coupling times this, so that it counts about as much as the rates.
const COUPLING_SCALE: f64 = 50.0;
/// Cosines of angles between successive tangents: below the first a step is too long, above the second it may grow.
const SHARP_TURN: f64 = 0.9;
const SLIGHT_TURN: f64 = 0.98;
/// The corrector may move a prediction by this part of the step.
const LONGEST_CORRECTION: f64 = 0.3;
/// A log-rate (Hz) that only a network running away reaches.
const RUNAWAY: f64 = 20.0;

/// How a continuation ended.
pub(super) enum End {
    /// A state of the coupled network.
    Arrived(Iterate),
    /// Rates grow without bound (no refractory time) before full coupling.
    Runaway,
    /// The curve was lost.
    Lost(Iterate),
}

/// A point on the curve, `u` and `c` times [`COUPLING_SCALE`], as one vector of `n + 1` entries.
type Point = Vec<f64>;

/// Follows the curve to `c = 1`.
pub(super) fn follow(map: &RateMap) -> End {
    let mut arrived = None;
    let end = walk(map, MOST_STEPS, |state| {
        arrived = Some(state);
        ControlFlow::Break(())
    });
    arrived.map_or(end, End::Arrived)
}

/// The states at which the curve crosses `c = 1`, as far as it leads in a while.
///
/// `silent` populations stay silent all along.
pub(super) fn states_on_the_way(map: &RateMap, silent: &[bool]) -> Vec<Iterate> {
    let awake: Vec<usize> = (0..map.len()).filter(|&a| !silent[a]).collect();
    let mut states = Vec::new();
    let most_steps = if awake.len() <= FEW { MOST_STEPS_BEYOND } else { MOST_STEPS_OF_MANY };
    walk(&map.restricted_to(&awake), most_steps, |state| {
        let mut u = vec![f64::NEG_INFINITY; map.len()];
        awake.iter().zip(&state.u).for_each(|(&a, &value)| u[a] = value);
        states.push(Iterate { u, ..state });
        ControlFlow::Continue(())
    });
    states
}

/// Follows the curve and calls `visit` with each state of full coupling, until it says to end, or coupling is
/// [`FARTHEST`], or the curve is lost.
fn walk(map: &RateMap, most_steps: usize, mut visit: impl FnMut(Iterate) -> ControlFlow<()>) -> End {
    let curve = Curve::new(map);
    let mut iterations = 1;
    let mut point = curve.start();
    let (mut tangent, orientation) = curve.tangent(&point, None);
    let mut length = FIRST_STEP;
    for _ in 0..most_steps {
        if map.work.is_cancelled() {
            break;
        }
        let Some(step) = curve.step(&point, (&tangent, orientation), length, &mut iterations) else {
            length *= 0.5;
            if length < SHORTEST_STEP {
                return End::Lost(curve.iterate(&point, iterations));
            }
            continue;
        };
        if let Some(last) = curve.crossing(&point, &step.point) {
            // a chord too long to start from is followed in shorter steps
            match newton(map, last[..curve.n].to_vec(), MOST_FINAL_ITERATIONS) {
                Outcome::Converged(state) => {
                    if visit(Iterate { iterations: iterations + state.iterations, ..state }).is_break() {
                        break;
                    }
                }
                Outcome::Stuck(_) if length < SHORTEST_STEP => return End::Lost(curve.iterate(&last, iterations)),
                Outcome::Stuck(_) => {
                    length *= 0.25;
                    continue;
                }
            }
        }
        if step.point[..curve.n].iter().any(|&u| u > RUNAWAY) {
            return End::Runaway;
        }
        if step.point[curve.n] > FARTHEST * COUPLING_SCALE {
            break;
        }
        if step.corrections <= 3 && step.turn > SLIGHT_TURN {
            length = (1.6 * length).min(LONGEST_STEP);
        }
        (point, tangent) = (step.point, step.tangent);
    }
    End::Lost(curve.iterate(&point, iterations))
}

/// One step along the curve.
struct Step {
    point: Point,
    tangent: Point,
    corrections: usize,
    /// Cosine of the angle between the old tangent and the new.
    turn: f64,
}

/// The equations with the coupling as one more unknown.
struct Curve<'a> {
    map: &'a RateMap,
    n: usize,
    /// Variance added at `c = 0`.
    start_variance: Vec<f64>,
}

impl<'a> Curve<'a> {
    fn new(map: &'a RateMap) -> Self {
        let variance = |(a, transfer): (usize, &crate::transfer::Transfer)| {
            let width = transfer.voltage_scale_mv();
            if map.has_noise_from_outside(a, 0.0) { 0.0 } else { 0.1 * width * width }
        };
        Curve { map, n: map.len(), start_variance: map.transfers.iter().enumerate().map(variance).collect() }
    }

    fn stage(&self, coupling: f64) -> Stage {
        let fading = |variance: &f64| variance * (1.0 - coupling).max(0.0);
        Stage { coupling, extra_variance_mv2: self.start_variance.iter().map(fading).collect() }
    }

    /// The state of the uncoupled network.
    fn start(&self) -> Point {
        let uncoupled = self.map.evaluate_at(&vec![0.0; self.n], &self.stage(0.0)).evaluation.ln_output;
        let mut point: Point = uncoupled.into_iter().map(u_of).collect();
        point.push(0.0);
        point
    }

    fn evaluate(&self, point: &Point) -> (AlongCurve, Vec<f64>) {
        let u = &point[..self.n];
        let here = self.map.evaluate_at(&rates(u), &self.stage(point[self.n] / COUPLING_SCALE));
        let residual = residuals(&here.evaluation, u, NO_FLOOR);
        (here, residual)
    }

    /// The derivatives of the equations by `u` and `c`, with `last` as last row.
    fn bordered(&self, point: &Point, here: &AlongCurve, last: &[f64]) -> Matrix {
        let inner = jacobian(&here.evaluation, &point[..self.n], NO_FLOOR);
        let mut matrix = Matrix::zeros(self.n + 1, self.n + 1);
        for a in 0..self.n {
            matrix.row_mut(a)[..self.n].copy_from_slice(inner.row(a));
            // the extra noise fades as the coupling grows
            let per_coupling = here.per_coupling[a] - here.per_input[a].per(Sum::Variance) * self.start_variance[a];
            let outer = output_slope(&here.evaluation, a, NO_FLOOR);
            matrix.row_mut(a)[self.n] = if outer == 0.0 { 0.0 } else { outer * per_coupling / COUPLING_SCALE };
        }
        matrix.row_mut(self.n).copy_from_slice(last);
        matrix
    }

    /// A step of this length; `None` if it is too long: the corrector fails or moves far, the tangent turns sharply or
    /// its orientation changes (it has jumped to another stretch of curve), or the coupling would be negative (there the curve cannot lead back).
    fn step(&self, point: &Point, along: (&Point, i8), length: f64, iterations: &mut usize) -> Option<Step> {
        let (tangent, orientation) = along;
        let predicted: Point = point.iter().zip(tangent).map(|(x, t)| x + length * t).collect();
        let (point, corrections) = self.correct(predicted.clone(), tangent, iterations)?;
        let moved: f64 = point.iter().zip(&predicted).map(|(x, p)| (x - p) * (x - p)).sum();
        if point[self.n] < 0.0 || moved > (LONGEST_CORRECTION * length).powi(2) {
            return None;
        }
        let (next, next_orientation) = self.tangent(&point, Some(tangent));
        let turn: f64 = next.iter().zip(tangent).map(|(p, q)| p * q).sum();
        (turn > SHARP_TURN && next_orientation == orientation).then_some(Step {
            point,
            tangent: next,
            corrections,
            turn,
        })
    }

    /// The unit tangent that goes on in the direction of the last one; at the start, towards growing `c`.
    ///
    /// Its orientation, the sign of the determinant of the derivatives bordered by the direction, is the same all along a
    /// curve. Where it differs, the point belongs to a neighbouring stretch that runs the other way.
    fn tangent(&self, point: &Point, last: Option<&Point>) -> (Point, i8) {
        let (here, _) = self.evaluate(point);
        let mut unit = vec![0.0; self.n + 1];
        unit[self.n] = 1.0;
        let border = last.unwrap_or(&unit);
        let (mut tangent, orientation) = self.bordered(point, &here, border).solve_with_sign(&unit);
        let norm = tangent.iter().map(|t| t * t).sum::<f64>().sqrt();
        tangent.iter_mut().for_each(|t| *t /= norm);
        (tangent, orientation)
    }

    /// Newton's method in the plane across the tangent; the point and how many corrections it took.
    fn correct(&self, mut point: Point, tangent: &Point, iterations: &mut usize) -> Option<(Point, usize)> {
        let mut previous = f64::INFINITY;
        for corrections in 0..MOST_CORRECTIONS {
            let (here, residual) = self.evaluate(&point);
            *iterations += 1;
            let size = largest(&residual);
            let diverges = size.is_nan() || size > 10.0 * previous;
            if diverges {
                return None;
            }
            previous = size;
            let mut right: Vec<f64> = residual.iter().map(|r| -r).collect();
            right.push(0.0);
            let step = self.bordered(&point, &here, tangent).solve(&right);
            let longest = largest(&step);
            if longest.is_nan() || longest > LARGEST_CORRECTION {
                return None;
            }
            point.iter_mut().zip(&step).for_each(|(x, s)| *x += s);
            if longest <= ON_THE_CURVE {
                return Some((point, corrections));
            }
        }
        None
    }

    /// The point of the chord at `c = 1`, where the curve passes it.
    fn crossing(&self, from: &Point, to: &Point) -> Option<Point> {
        if (from[self.n] < COUPLING_SCALE) == (to[self.n] < COUPLING_SCALE) {
            return None;
        }
        let part = (COUPLING_SCALE - from[self.n]) / (to[self.n] - from[self.n]);
        Some(from.iter().zip(to).map(|(x, z)| x + part * (z - x)).collect())
    }

    fn iterate(&self, point: &Point, iterations: usize) -> Iterate {
        let u = point[..self.n].to_vec();
        let evaluation = self.map.evaluate(&rates(&u));
        Iterate { residual: largest(&residuals(&evaluation, &u, NO_FLOOR)), u, iterations }
    }
}
