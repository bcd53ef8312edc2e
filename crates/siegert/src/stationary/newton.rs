//! Damped Newton iteration for `Phi(r) = r` in a variable `u` in which the equations are nearly linear.
//!
//! ```text
//! u = ln r for r > 1/e Hz,    u = 1 - 2 sqrt(-ln r) below
//! ```
//!
//! The logarithm keeps rates positive and serves populations that fire. Far below threshold `ln Phi = -(V_th -
//! mu)^2/sigma^2`, so its root makes a rate of 1e-300 Hz as good an unknown as one of 100 Hz. A step is shortened until the
//! equations are better satisfied (largest residual).
//!
//! A rate below 1e-325 Hz is 0 as a number: it moves no other rate, and how far below it lies cannot matter for the iteration.
//! A population that hears only such rates may be at 10^(-1e74) Hz. So outputs count as [`FLOOR`] from there down, and
//! only a state that is found gets its true logarithms, which are those of the outputs.

use super::map::{Evaluation, RateMap};
use crate::numerics::linear::{Matrix, largest};

/// No step changes a `u` by more than this.
const LONGEST_STEP: f64 = 30.0;
/// A step shortened below this fraction is a failure.
const SHORTEST_FRACTION: f64 = 1.0 / 4096.0;
/// A residual that rounding alone explains, relative to `1 + |u|`.
const ROUNDING: f64 = 4e-15;
/// The `u` of exp(-750) Hz: such a rate is exactly 0 in `f64`.
pub(super) const FLOOR: f64 = -53.772255750516614;
/// For curves of states, which must be smooth: silent populations count as low as they are.
pub(super) const NO_FLOOR: f64 = f64::NEG_INFINITY;
/// Residual from which the iteration converges quadratically.
const NEAR: f64 = 1e-9;

/// Inverse of the first step of the relaxation.
const FIRST_PULL: f64 = 1.0;
/// A step of the relaxation is at most this much longer than the last (its inverse).
const MOST_GROWTH: f64 = 0.5;
/// Residual at which the relaxation hands over to Newton's method, and evaluations that this may take.
const NEAR_RELAXED: f64 = 1e-2;
const MOST_FINAL_ITERATIONS: usize = 30;
/// Residual at which the deflated iteration hands over to the plain one.
const NEAR_DEFLATED: f64 = 1e-3;
/// Halvings of a deflated step.
const MOST_HALVINGS: i32 = 12;

/// Where an iteration stands.
#[derive(Clone, Debug)]
pub(super) struct Iterate {
    /// The state; minus infinity for populations that are silent for want of noise.
    pub(super) u: Vec<f64>,
    /// Largest `|u(Phi) - u|`.
    pub(super) residual: f64,
    /// Evaluations so far.
    pub(super) iterations: usize,
}

/// The outcome of an iteration.
pub(super) enum Outcome {
    Converged(Iterate),
    /// The best point reached.
    Stuck(Iterate),
}

/// `u` from `ln r`.
pub(crate) fn u_of(ln_rate: f64) -> f64 {
    if ln_rate > -1.0 { ln_rate } else { 1.0 - 2.0 * (-ln_rate).sqrt() }
}

/// `ln r` from `u`.
pub(crate) fn ln_rate(u: f64) -> f64 {
    if u > -1.0 { u } else { -0.25 * (1.0 - u) * (1.0 - u) }
}

/// A `u` that is told apart from lower ones: at least [`FLOOR`]; NaN stays.
fn floored(u: f64) -> f64 {
    from(FLOOR, u)
}

fn from(floor: f64, u: f64) -> f64 {
    if u < floor { floor } else { u }
}

fn all_floored(u: Vec<f64>) -> Vec<f64> {
    u.into_iter().map(floored).collect()
}

/// Whether an output is a rate of 0, to be taken as it comes.
fn is_silent(ln_output: f64) -> bool {
    u_of(ln_output) < FLOOR
}

/// `du/d ln r`.
fn slope(ln_rate: f64) -> f64 {
    if ln_rate > -1.0 { 1.0 } else { 1.0 / (-ln_rate).sqrt() }
}

/// States whose `u` differ by less than this, relative to `1 + |u|`, are one.
const SAME: f64 = 1e-6;

/// Whether two states are one.
pub(super) fn same_state(one: &[f64], other: &[f64]) -> bool {
    one.iter().zip(other).map(|(&p, &q)| (floored(p), floored(q))).all(|(p, q)| (p - q).abs() <= SAME * (1.0 + p.abs()))
}

/// Rates from the state.
pub(crate) fn rates(u: &[f64]) -> Vec<f64> {
    u.iter().map(|&u| ln_rate(u).exp()).collect()
}

/// `u(Phi) - u`, both from the floor up; 0 for a population that is silent and stays so.
pub(super) fn residuals(evaluation: &Evaluation, u: &[f64], floor: f64) -> Vec<f64> {
    let of = |(&output, &u): (&f64, &f64)| {
        if output == u { 0.0 } else { from(floor, u_of(output)) - from(floor, u) }
    };
    evaluation.ln_output.iter().zip(u).map(of).collect()
}

/// The matrix `d u(Phi_a)/d u_b - delta_ab`; the row of a silent population is that of `-1`.
pub(super) fn jacobian(evaluation: &Evaluation, u: &[f64], floor: f64) -> Matrix {
    let n = u.len();
    let mut matrix = Matrix::zeros(n, n);
    // d r_b / d u_b
    let rate_slopes: Vec<f64> = u
        .iter()
        .map(|&u| {
            let ln_rate = ln_rate(u);
            let rate = ln_rate.exp();
            if rate == 0.0 { 0.0 } else { rate / slope(ln_rate) }
        })
        .collect();
    for a in 0..n {
        let outer = output_slope(evaluation, a, floor);
        let row = matrix.row_mut(a);
        for (entry, (per_hz, per_u)) in row.iter_mut().zip(evaluation.per_hz.row(a).iter().zip(&rate_slopes)) {
            *entry = if outer == 0.0 || *per_u == 0.0 { 0.0 } else { outer * per_hz * per_u };
        }
        row[a] -= 1.0;
    }
    matrix
}

/// `d u(Phi_a) / d ln Phi_a`; 0 below the floor.
pub(super) fn output_slope(evaluation: &Evaluation, a: usize, floor: f64) -> f64 {
    let ln_output = evaluation.ln_output[a];
    if u_of(ln_output) < floor { 0.0 } else { slope(ln_output) }
}

/// The state with what its silent populations would fire at, however rarely; their rates are 0 for all others.
pub(super) fn with_silent_outputs(evaluation: &Evaluation, mut state: Iterate) -> Iterate {
    for (u, &output) in state.u.iter_mut().zip(&evaluation.ln_output) {
        if is_silent(output) {
            *u = u_of(output);
        }
    }
    state
}

/// Iterates from `u` for at most `most_iterations` evaluations.
pub(super) fn newton(map: &RateMap, u: Vec<f64>, most_iterations: usize) -> Outcome {
    newton_with(Equations { map, clamped: None }, u, most_iterations)
}

/// As [`newton`], with the rate of one population held where it starts and its equation left out; with the `u` that its own input would
/// give it, minus the one that it is held at.
pub(super) fn newton_clamped(
    map: &RateMap,
    clamped: usize,
    u: Vec<f64>,
    most_iterations: usize,
) -> Option<(Iterate, f64)> {
    let (state, mut evaluation) = iterated(Equations { map, clamped: Some(clamped) }, u, 0, most_iterations).ok()?;
    let own_output = |state: &Iterate| map.ln_output(clamped, &rates(&state.u));
    let mut output = own_output(&state);
    evaluation.ln_output[clamped] = output;
    let state = with_silent_outputs(&evaluation, state);
    if is_silent(output) {
        // what would be silent is held as silent
        output = own_output(&state);
    }
    let excess = u_of(output) - state.u[clamped];
    Some((state, excess))
}

/// The equations, all of them or all but one.
#[derive(Clone, Copy)]
struct Equations<'a> {
    map: &'a RateMap,
    clamped: Option<usize>,
}

impl Equations<'_> {
    fn evaluate(&self, u: &[f64]) -> (Evaluation, Vec<f64>) {
        let evaluation = match self.clamped {
            None => self.map.evaluate(&rates(u)),
            Some(a) => self.map.evaluate_all_but(a, &rates(u)),
        };
        let mut residual = residuals(&evaluation, u, FLOOR);
        if let Some(a) = self.clamped {
            residual[a] = 0.0;
        }
        (evaluation, residual)
    }

    fn jacobian(&self, evaluation: &Evaluation, u: &[f64]) -> Matrix {
        let mut matrix = jacobian(evaluation, u, FLOOR);
        if let Some(a) = self.clamped {
            matrix.row_mut(a).fill(0.0);
            matrix[(a, a)] = -1.0;
        }
        matrix
    }
}

fn newton_with(equations: Equations, u: Vec<f64>, most_iterations: usize) -> Outcome {
    newton_from(equations, u, 0, most_iterations)
}

/// As [`newton_with`], after evaluations that count.
fn newton_from(equations: Equations, u: Vec<f64>, before: usize, most_iterations: usize) -> Outcome {
    match iterated(equations, u, before, most_iterations) {
        Ok((state, evaluation)) => Outcome::Converged(with_silent_outputs(&evaluation, state)),
        Err(best) => Outcome::Stuck(best),
    }
}

/// The state reached with the equations there, or the best point.
fn iterated(
    equations: Equations,
    u: Vec<f64>,
    before: usize,
    most_iterations: usize,
) -> Result<(Iterate, Evaluation), Iterate> {
    let most_iterations = before + most_iterations;
    let u = all_floored(u);
    let (mut evaluation, residual) = equations.evaluate(&u);
    let mut now = Iterate { residual: largest(&residual), u, iterations: before + 1 };
    let mut residual = residual;
    loop {
        let size = 1.0 + largest(&now.u.iter().map(|&u| if u > FLOOR { u } else { 0.0 }).collect::<Vec<_>>());
        if now.residual <= ROUNDING * size {
            return Ok((now, evaluation));
        }
        if equations.map.work.is_cancelled() {
            return Err(now);
        }
        let step = equations.jacobian(&evaluation, &now.u).solve(&residual.iter().map(|r| -r).collect::<Vec<_>>());
        let Some((next, next_evaluation, next_residual)) = shortened(equations, &now, &step, most_iterations) else {
            // Rounding keeps a well-converged residual from falling any further.
            return if now.residual < NEAR { Ok((now, evaluation)) } else { Err(now) };
        };
        (now, evaluation, residual) = (next, next_evaluation, next_residual);
    }
}

/// Follows the relaxation `du/dt = u(Phi) - u` by implicit steps that grow as it slows down, then Newton's method.
///
/// Steps need not improve the residual, so a long way round is no obstacle; it ends at states that the relaxation holds stable.
///
/// Source: pseudo-transient continuation, Kelley and Keyes (1998), SIAM J Numer Anal 35:508.
pub(super) fn relaxed(map: &RateMap, mut u: Vec<f64>, most_iterations: usize) -> Outcome {
    let equations = Equations { map, clamped: None };
    u = all_floored(u);
    let mut pull = FIRST_PULL;
    let (mut evaluation, mut residual) = equations.evaluate(&u);
    for iterations in 1..=most_iterations {
        let size = largest(&residual);
        if size < NEAR_RELAXED {
            return newton_from(equations, u, iterations, MOST_FINAL_ITERATIONS);
        }
        if map.work.is_cancelled() {
            break;
        }
        let mut matrix = equations.jacobian(&evaluation, &u);
        (0..u.len()).for_each(|a| matrix[(a, a)] -= pull);
        let step = matrix.solve(&residual.iter().map(|r| -r).collect::<Vec<_>>());
        let fraction = (LONGEST_STEP / largest(&step)).min(1.0);
        u.iter_mut().zip(&step).for_each(|(u, s)| *u += fraction * s);
        (evaluation, residual) = equations.evaluate(&u);
        pull *= (largest(&residual) / size).clamp(MOST_GROWTH, 2.0);
    }
    Outcome::Stuck(Iterate { residual: largest(&residual), u, iterations: most_iterations })
}

/// As [`newton`], pushed away from states that are known; `None` if nothing is found.
///
/// The equations are multiplied by `prod_k (1/|u - u_k|^2 + 1)`, so those states are no roots any more. The Newton step of the
/// product is the plain one over `1 - s`, `s` the derivative of the logarithm of the factor along it.
///
/// Source: Farrell, Birkisson and Funke (2015), SIAM J Sci Comput 37:A2026.
pub(super) fn newton_deflated(
    map: &RateMap,
    known: &[&[f64]],
    mut u: Vec<f64>,
    most_iterations: usize,
) -> Option<Iterate> {
    let equations = Equations { map, clamped: None };
    u = all_floored(u);
    let (mut evaluation, mut residual) = equations.evaluate(&u);
    let mut size = largest(&residual) * deflation(known, &u, &residual).0;
    for _ in 0..most_iterations {
        if map.work.is_cancelled() {
            return None;
        }
        let step = equations.jacobian(&evaluation, &u).solve(&residual.iter().map(|r| -r).collect::<Vec<_>>());
        let (_, along) = deflation(known, &u, &step);
        let mut fraction = 1.0 / (1.0 - along);
        fraction *= (LONGEST_STEP / (fraction.abs() * largest(&step))).min(1.0);
        let next = (0..MOST_HALVINGS).find_map(|halvings| {
            let part = fraction * 0.5f64.powi(halvings);
            let next: Vec<f64> = u.iter().zip(&step).map(|(u, s)| u + part * s).collect();
            let (evaluation, residual) = equations.evaluate(&next);
            let next_size = largest(&residual) * deflation(known, &next, &residual).0;
            (next_size < size).then_some((next, evaluation, residual, next_size))
        })?;
        (u, evaluation, residual, size) = next;
        if largest(&residual) < NEAR_DEFLATED {
            return match newton_with(equations, u, most_iterations) {
                Outcome::Converged(state) => Some(state),
                Outcome::Stuck(_) => None,
            };
        }
    }
    None
}

/// The factor `prod_k (1/|u - u_k|^2 + 1)` at `u`, and the derivative of its logarithm along `step`.
fn deflation(known: &[&[f64]], u: &[f64], step: &[f64]) -> (f64, f64) {
    let mut result = (1.0, 0.0);
    for state in known {
        let apart = |(u, k): (&f64, &f64)| floored(*u) - floored(*k);
        let square: f64 = u.iter().zip(*state).map(apart).map(|d| d * d).sum();
        let along: f64 = u.iter().zip(*state).map(apart).zip(step).map(|(d, s)| d * s).sum();
        result.0 *= 1.0 / square + 1.0;
        result.1 -= 2.0 * along / (square * (1.0 + square));
    }
    result
}

type Trial = (Iterate, Evaluation, Vec<f64>);

/// The longest part of the step that improves the residual: all of it, or what [`LONGEST_STEP`] allows, or half, a quarter ...
fn shortened(equations: Equations, now: &Iterate, step: &[f64], most_iterations: usize) -> Option<Trial> {
    let mut fraction = (LONGEST_STEP / largest(step)).min(1.0);
    // near a state a step fails by rounding only, or by what a rate without closed form is off by, where shorter ones are not worth their time
    let is_final = now.residual < NEAR && !equations.map.has_closed_forms();
    let shortest = if is_final { fraction } else { fraction * SHORTEST_FRACTION };
    let mut iterations = now.iterations;
    // the last steps to a state that is nearly reached are always affordable
    while fraction >= shortest && (iterations < most_iterations || now.residual < NEAR) {
        let u: Vec<f64> = now.u.iter().zip(step).map(|(u, s)| u + fraction * s).collect();
        let (evaluation, residual) = equations.evaluate(&u);
        iterations += 1;
        let size = largest(&residual);
        if size < now.residual * (1.0 - 0.1 * fraction) {
            return Some((Iterate { u, residual: size, iterations }, evaluation, residual));
        }
        fraction *= 0.5;
    }
    None
}
