//! Zeros of an analytic function in a rectangle, none of them missed: they are counted first, and looked for until there are as many.
//!
//! ```text
//! zeros inside = (1/2 pi) change of arg f along the edge    (argument principle)
//! ```
//!
//! The function is real on the real axis, `f(conj z) = conj f(z)`, and the rectangle symmetric about it, so that half of the edge is enough. Along it `f` is asked again between two places until it turns by a
//! small part of a circle from one to the next. Zeros are looked for by Muller's method, those that are known divided out, from ever more places until there are as many.
//!
//! Source: Kravanja and Van Barel (2000), *Computing the Zeros of Analytic Functions* (counting); Muller (1956), Math Tables Aids Comput 10:208.
//! Accuracy: [`zeros`] and [`zeros_from`] 1e-11 of their modulus (polynomials and an entire function with known zeros), as far as `f` is known.

use num_complex::Complex64;

use super::root::{root, with_secants};

/// Along the edge `f` turns by no more than this from one place to the next, and no more places are looked at.
const MOST_TURN: f64 = 0.7;
const MOST_PLACES: usize = 20_000;
/// An edge has at least so many pieces at first, and these grow with the distance from 0 by this part of it.
const LEAST_PIECES: f64 = 16.0;
const GROWTH: f64 = 0.2;
/// Steps of Muller's method, and the step beside `z` at which a zero is found.
const MOST_STEPS: usize = 60;
const FOUND: f64 = 1e-12;
/// Zeros this near each other, beside their modulus, are the same.
const SAME: f64 = 1e-7;
/// At a zero this part is left of what the function has so far beside it.
const LEFT: f64 = 1e-3;
const BESIDE: f64 = 1e-4;
/// Intervals of the real axis in which a sign may change, closer together to the left, where they decay.
const REAL_PLACES: usize = 64;
/// Zeros are looked for from so many places along each side of the rectangle, one number after the other.
const STARTS: [usize; 3] = [5, 11, 23];

/// The upper half of a rectangle that is symmetric about the real axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rectangle {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) steps: Steps,
}

/// Changes of the place within which a function does not turn round, so that a turn by whole circles is not taken for none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Steps {
    /// Next to 0, from where they grow with the distance.
    pub(crate) least: f64,
    /// Everywhere.
    pub(crate) most: f64,
}

impl Steps {
    /// For functions that hardly turn between a sixteenth of an edge and the next.
    #[cfg(test)]
    pub(crate) const LONG: Steps = Steps { least: f64::INFINITY, most: f64::INFINITY };

    /// Places from one end of an edge, which is left out, to the other.
    fn between(self, from: Complex64, to: Complex64) -> Vec<Complex64> {
        let (length, mut places) = ((to - from).norm(), Vec::new());
        let direction = (to - from) / length;
        let most = self.most.min(length / LEAST_PIECES);
        let mut done = 0.0;
        while places.len() < MOST_PLACES {
            // where it is nearer to 0 at the end of the step, this counts
            let step_at = |done: f64| most.min(self.least.max(GROWTH * (from + direction * done).norm()));
            let step = step_at(done).min(step_at((done + step_at(done)).min(length)));
            done += step;
            if done >= length {
                break;
            }
            places.push(from + direction * done);
        }
        places.push(to);
        places
    }
}

/// Zeros in a rectangle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Zeros {
    /// From right to left; of a pair the one above the real axis.
    pub(crate) values: Vec<Complex64>,
    /// Whether they are as many as were counted.
    pub(crate) complete: bool,
}

impl Rectangle {
    fn contains(&self, z: Complex64) -> bool {
        z.re >= self.left && z.re <= self.right && z.im.abs() <= self.top
    }
}

/// The turn of `f` along a path of straight lines, in radians; `None` if it turns too fast to be followed. First it is asked at places `steps` apart at most.
fn turn_along(
    f: &impl Fn(Complex64) -> Complex64,
    corners: &[Complex64],
    steps: Steps,
    places: &mut usize,
) -> Option<f64> {
    let mut turned = 0.0;
    for ends in corners.windows(2) {
        let valued = |z: Complex64| (z, f(z));
        let mut here = valued(ends[0]);
        let mut waiting: Vec<(Complex64, Complex64)> =
            steps.between(ends[0], ends[1]).into_iter().map(valued).collect();
        waiting.reverse();
        while let Some(next) = waiting.pop() {
            *places += 1;
            let middle = valued(0.5 * (next.0 + here.0));
            let [turn, half] = [next, middle].map(|(_, value)| (value / here.1).arg());
            // a turn by nearly a whole circle looks like a small one, but not its half
            if !(turn.abs() <= MOST_TURN && (half - 0.5 * turn).abs() <= 0.2 * MOST_TURN) {
                if *places > MOST_PLACES || (next.0 - here.0).norm() < 1e-12 * next.0.norm() {
                    return None;
                }
                waiting.extend([next, middle]);
                continue;
            }
            turned += turn;
            here = next;
        }
    }
    Some(turned)
}

/// How many zeros lie in the rectangle, in both halves; `None` if the function turns too fast to be followed, as where one lies on the edge.
fn count(f: &impl Fn(Complex64) -> Complex64, rectangle: Rectangle) -> Option<usize> {
    let Rectangle { left, right, top, steps } = rectangle;
    let corners = [(right, 0.0), (right, top), (left, top), (left, 0.0)].map(|(re, im)| Complex64::new(re, im));
    let zeros = turn_along(f, &corners, steps, &mut 0)? / std::f64::consts::PI;
    let is_whole = (zeros - zeros.round()).abs() < 1e-3 && zeros > -0.5;
    is_whole.then(|| zeros.round() as usize)
}

/// A zero near a place by Muller's method, those that are known divided out.
fn zero(f: &impl Fn(Complex64) -> Complex64, start: Complex64, size: f64, known: &[Complex64]) -> Option<Complex64> {
    let value = |z: Complex64| {
        let pairs =
            known.iter().flat_map(|zero| [*zero, zero.conj()].into_iter().take(1 + usize::from(zero.im != 0.0)));
        pairs.fold(f(z), |value, zero| value * size / (z - zero))
    };
    let step = 0.02 * size;
    let mut places = [start - step, start + step, start];
    let mut values = places.map(value);
    for _ in 0..MOST_STEPS {
        let [x, y, z] = places;
        let [at_x, at_y, at_z] = values;
        let (first, second) = ((at_y - at_x) / (y - x), (at_z - at_y) / (z - y));
        let curvature = (second - first) / (z - x);
        let slope = second + curvature * (z - y);
        let root = (slope * slope - 4.0 * curvature * at_z).sqrt();
        let below = [slope + root, slope - root].into_iter().max_by(|p, q| p.norm().total_cmp(&q.norm()))?;
        let step = -2.0 * at_z / below;
        let next = z + step;
        if !next.is_finite() {
            return None;
        }
        if step.norm() <= FOUND * next.norm().max(1e-3 * size) {
            return Some(next);
        }
        places = [y, z, next];
        values = [at_y, at_z, value(next)];
    }
    None
}

/// The zeros in a rectangle besides those inside that are known, which are left out.
///
/// `counted` is what its turns are followed of: `f`, or `f` times a function of modulus 1 that takes its poles away.
pub(crate) fn zeros(
    counted: &impl Fn(Complex64) -> Complex64,
    f: &impl Fn(Complex64) -> Complex64,
    rectangle: Rectangle,
    known: &[Complex64],
) -> Zeros {
    let counted = count(counted, rectangle).and_then(|all| all.checked_sub(number(known)));
    let Some(expected) = counted else { return Zeros { values: Vec::new(), complete: false } };
    let mut values = known.to_vec();
    search(f, rectangle, number(known) + expected, &mut values);
    values.drain(..known.len());
    values.sort_by(|p, q| q.re.total_cmp(&p.re).then(p.im.total_cmp(&q.im)));
    let complete = number(&values) == expected;
    Zeros { values, complete }
}

/// The zeros that are found first from some places, those that are known divided out; of a pair there is the one above the real axis. They are not counted, so that some may be missed. `size` is what
/// distances are measured by.
pub(crate) fn zeros_from(
    f: &impl Fn(Complex64) -> Complex64,
    starts: &[Complex64],
    size: f64,
    known: &[Complex64],
) -> Vec<Complex64> {
    let mut values = known.to_vec();
    for start in starts {
        let Some(mut found) = zero(f, *start, size, &values) else { continue };
        let length = found.norm().max(1e-3 * size);
        found.im = if found.im.abs() < SAME * length { 0.0 } else { found.im.abs() };
        let is_new = values.iter().all(|value| (found - value).norm() > SAME * length);
        let is_zero = f(found).norm() < LEFT * f(found + BESIDE * length).norm();
        if is_new && is_zero {
            values.push(found);
        }
    }
    values.split_off(known.len())
}

/// With both of each pair.
fn number(values: &[Complex64]) -> usize {
    values.iter().map(|zero| 1 + usize::from(zero.im != 0.0)).sum()
}

/// Looks for zeros where the function, real on the real axis, changes its sign there: slow modes are mostly such, and Muller's method may come to them from few places only.
fn search_real(
    f: &impl Fn(Complex64) -> Complex64,
    rectangle: Rectangle,
    expected: usize,
    values: &mut Vec<Complex64>,
) {
    let Rectangle { left, right, .. } = rectangle;
    let on_axis = |x: f64| f(Complex64::from(x)).re;
    let place = |k: usize| left + (right - left) * (k as f64 / REAL_PLACES as f64).powi(2);
    let mut before = (left, on_axis(left));
    for here in (1..=REAL_PLACES).map(place).map(|x| (x, on_axis(x))) {
        let ends = std::mem::replace(&mut before, here);
        if number(values) >= expected {
            return;
        }
        if (ends.1 < 0.0) == (here.1 < 0.0) || !(ends.1.is_finite() && here.1.is_finite()) {
            continue;
        }
        let [negative, positive] = if ends.1 < 0.0 { [ends.0, here.0] } else { [here.0, ends.0] };
        let middle = 0.5 * (negative + positive);
        let slopes = with_secants([ends, here], on_axis);
        let found = Complex64::from(root([negative, positive], middle, 0.0, |x| FOUND * x.abs(), slopes));
        let length = found.norm().max(1e-3 * (right - left));
        let is_new = values.iter().all(|known| (found - known).norm() > SAME * length);
        // a sign that changes at a pole is that of no zero
        if is_new && f(found).norm() < LEFT * f(found + BESIDE * length).norm() {
            values.push(found);
        }
    }
}

/// Looks for zeros until there are as many more as expected, from ever more places.
fn search(f: &impl Fn(Complex64) -> Complex64, rectangle: Rectangle, expected: usize, values: &mut Vec<Complex64>) {
    let Rectangle { left, right, top, .. } = rectangle;
    let size = (right - left).hypot(top);
    search_real(f, rectangle, expected, values);
    for starts in STARTS {
        let part = |k: usize| (k as f64 + 0.5) / starts as f64;
        for (re, im) in (0..starts).flat_map(|i| (0..=starts).map(move |j| (i, j))) {
            let height = if im == starts { 0.0 } else { part(im) * top };
            let start = Complex64::new(left + part(re) * (right - left), height);
            while number(values) < expected {
                let Some(mut found) = zero(f, start, size, values) else { break };
                let length = found.norm().max(1e-3 * size);
                // on the real axis, or one of a pair
                found.im = if found.im.abs() < SAME * length { 0.0 } else { found.im.abs() };
                let is_new = values.iter().all(|known| (found - known).norm() > SAME * length);
                // where steps end without a zero there is none
                let is_zero = f(found).norm() < LEFT * f(found + BESIDE * length).norm();
                if !(is_new && is_zero && rectangle.contains(found)) {
                    break;
                }
                values.push(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-11;

    fn must_be(f: impl Fn(Complex64) -> Complex64, rectangle: Rectangle, expected: &[Complex64]) {
        let found = zeros(&f, &f, rectangle, &[]);
        assert!(found.complete && found.values.len() == expected.len(), "{found:?} {expected:?}");
        if expected.is_empty() {
            return;
        }
        let mut worst = Worst::default();
        for zero in expected {
            let error = found.values.iter().map(|other| (other - zero).norm()).fold(f64::INFINITY, f64::min);
            worst.add(error / zero.norm().max(1e-3), zero);
        }
        worst.must_be_at_most(ACCURACY);
    }

    /// Of a function that rises so much along the axis that few places lead to its zeros.
    #[test]
    fn real_zeros_are_found_without_a_long_search() {
        let evaluations = std::cell::Cell::new(0);
        let f = |z: Complex64| {
            evaluations.set(evaluations.get() + 1);
            (z + 0.0766) * (z + 0.02) * (-40.0 * z).exp()
        };
        let steps = Steps { least: 0.01, most: 0.02 };
        let found = zeros(&f, &f, Rectangle { left: -0.1, right: 1.0, top: 1.0, steps }, &[]);
        assert!(found.complete && found.values.len() == 2, "{found:?}");
        assert!((found.values[0] + 0.02).norm() < 1e-14 && (found.values[1] + 0.0766).norm() < 1e-14, "{found:?}");
        assert!(evaluations.get() < 5000, "{}", evaluations.get());
    }

    #[test]
    fn zeros_of_polynomials_are_found_with_their_pairs_and_those_outside_are_not() {
        let known = [(-1.0, 0.0), (0.5, 2.0), (-0.3, 7.0), (-0.31, 7.0), (2.0, 0.0), (-5.0, 1.0), (0.0, 20.0)];
        let known = known.map(|(re, im)| Complex64::new(re, im));
        let f = |z: Complex64| {
            known.iter().fold(Complex64::ONE, |product, zero| {
                product * (z - zero) * if zero.im != 0.0 { z - zero.conj() } else { Complex64::ONE }
            })
        };
        must_be(f, Rectangle { left: -2.0, right: 3.0, top: 10.0, steps: Steps::LONG }, &known[..5]);
        must_be(f, Rectangle { left: 2.5, right: 3.0, top: 10.0, steps: Steps::LONG }, &[]);
    }

    /// `1 + q exp(-z d)`: a chain of zeros, as delays make.
    #[test]
    fn chains_of_zeros_are_complete() {
        let (q, delay) = (0.7_f64, 1.5_f64);
        let f = |z: Complex64| 1.0 + q * (-z * delay).exp();
        let expected: Vec<Complex64> = (0..10)
            .map(|n| Complex64::new(q.ln() / delay, f64::from(2 * n + 1) * std::f64::consts::PI / delay))
            .collect();
        must_be(
            f,
            Rectangle { left: -1.0, right: 1.0, top: 20.0 * std::f64::consts::PI / delay, steps: Steps::LONG },
            &expected,
        );
    }

    #[test]
    fn zeros_next_to_places_are_found_besides_those_that_are_known() {
        let pair = Complex64::new(-1.0, 2.0);
        let f = |z: Complex64| z * (z + 0.5) * (z - pair) * (z - pair.conj());
        let found = zeros_from(&f, &[Complex64::new(-0.4, 0.1), pair * 1.1], 1.0, &[Complex64::ZERO]);
        let mut worst = Worst::default();
        for zero in [Complex64::from(-0.5), pair] {
            let error = found.iter().map(|other| (other - zero).norm()).fold(f64::INFINITY, f64::min);
            worst.add(error / zero.norm(), zero);
        }
        worst.must_be_at_most(ACCURACY);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        let on_the_edge = |z: Complex64| z - 1.0;
        assert!(
            !zeros(&on_the_edge, &on_the_edge, Rectangle { left: 1.0, right: 2.0, top: 1.0, steps: Steps::LONG }, &[])
                .complete
        );
        let nothing = |_: Complex64| Complex64::new(f64::NAN, 0.0);
        assert!(
            !zeros(&nothing, &nothing, Rectangle { left: 0.0, right: 2.0, top: 1.0, steps: Steps::LONG }, &[]).complete
        );
    }
}
