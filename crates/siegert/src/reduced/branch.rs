//! Branches of fixed points of a model of few variables over one parameter, and the bifurcations on them.
//!
//! A branch is followed by its arc length, so that it goes around folds. Between two points the product of all eigenvalues changes its sign at a fold or where another branch crosses; the product of the sums of all pairs does where two
//! eigenvalues cross the imaginary axis together (Hopf), or are real and opposite (which is no bifurcation). The place is then found on the curve itself by secants.
//!
//! Source: Keller (1977), in Applications of Bifurcation Theory, Academic Press; Kuznetsov, Elements of Applied Bifurcation Theory, Springer, chapter 10.
//! Accuracy: 1e-9 of the range of the parameter where the model's derivatives are those of its slopes.

use num_complex::Complex64;

use super::models::LowDimensional;
use crate::numerics::linear::Matrix;

/// Steps of Newton's method for a point, and when it is at its end.
const STEPS: usize = 12;
const CONVERGED: f64 = 1e-12;
/// Beside a point where another branch crosses steps end in rounding, along the other branch: then they are so small at most, and shrink no more.
const ROUNDING: f64 = 1e-6;
/// Steps of secants to a bifurcation.
const SECANTS: usize = 60;
/// A pair crosses the imaginary axis together if its real parts are so small beside the frequency.
const IMAGINARY: f64 = 1e-5;

/// How a branch is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BranchOptions {
    /// The longest step, in parts of the range of the parameter and of the largest variable.
    pub longest: f64,
    /// The most steps.
    pub most_steps: usize,
}

impl Default for BranchOptions {
    fn default() -> Self {
        BranchOptions { longest: 0.01, most_steps: 20_000 }
    }
}

/// What happens at a bifurcation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BifurcationKind {
    /// The branch turns around: two fixed points meet.
    Fold,
    /// Another branch crosses: a pitchfork, or an exchange of stability.
    BranchPoint,
    /// An oscillation begins, of this angular frequency.
    Hopf {
        /// In the unit of the slopes.
        omega: f64,
    },
}

/// A bifurcation on a branch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bifurcation {
    /// What it is.
    pub kind: BifurcationKind,
    /// The parameter there.
    pub parameter: f64,
    /// The variables there.
    pub y: Vec<f64>,
}

/// A branch: points in the order in which they were met, and bifurcations between them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Branch {
    /// The parameter at each point.
    pub parameters: Vec<f64>,
    /// The variables.
    pub points: Vec<Vec<f64>>,
    /// Whether each is stable.
    pub stable: Vec<bool>,
    /// The bifurcations.
    pub bifurcations: Vec<Bifurcation>,
}

/// Why a branch is not followed.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BranchError {
    /// There is no fixed point to begin with.
    #[error("Newton's method finds no fixed point near the one that the branch is to begin with, at {parameter}")]
    NoStart {
        /// The parameter.
        parameter: f64,
    },
    /// A range without an end or of no length.
    #[error("the range of the parameter must be two different finite numbers")]
    Range,
}

/// A point of a branch with what is tested there.
struct Point {
    u: Vec<f64>,
    tangent: Vec<f64>,
    eigenvalues: Vec<Complex64>,
}

struct Path<F> {
    family: F,
    /// What one unit of each coordinate is worth: variables, then the parameter.
    scales: Vec<f64>,
}

/// Follows a branch from a fixed point near `start` at the first value of the range, until the parameter leaves the range; `family` makes the model at a value.
///
/// # Errors
///
/// No fixed point to begin with; a range that is none.
pub fn branch<M: LowDimensional>(
    family: impl Fn(f64) -> M,
    start: &[f64],
    range: [f64; 2],
    options: &BranchOptions,
) -> Result<Branch, BranchError> {
    let [from, to] = range;
    if !(from.is_finite() && to.is_finite() && from != to) {
        return Err(BranchError::Range);
    }
    let y = family(from).fixed_point(start).ok_or(BranchError::NoStart { parameter: from })?;
    let largest = y.iter().map(|y| y.abs()).fold(1e-6, f64::max);
    let mut scales = vec![largest; y.len()];
    scales.push((to - from).abs());
    let path = Path { family, scales };
    let mut u = y;
    u.push(from);
    let mut direction = vec![0.0; u.len()];
    direction[u.len() - 1] = to - from;
    let mut point = path.point(u, &direction).ok_or(BranchError::NoStart { parameter: from })?;
    let mut found = Branch::default();
    let mut step = options.longest;
    found.add(&point);
    for _ in 0..options.most_steps {
        let Some(next) = path.next(&point, step) else {
            step *= 0.5;
            if step < 1e-9 {
                break;
            }
            continue;
        };
        for (test, is_product) in [(product as fn(&[Complex64]) -> f64, true), (pair_sums, false)] {
            if (test(&point.eigenvalues) > 0.0) == (test(&next.eigenvalues) > 0.0) {
                continue;
            }
            let Some(there) = path.zero(&point, step, test) else { continue };
            let kind = match is_product {
                true if path.turns(&point, &next) => BifurcationKind::Fold,
                true => BifurcationKind::BranchPoint,
                false => match omega(&there.eigenvalues) {
                    Some(omega) => BifurcationKind::Hopf { omega },
                    None => continue,
                },
            };
            let (parameter, y) = path.apart(&there.u);
            found.bifurcations.push(Bifurcation { kind, parameter, y: y.to_vec() });
        }
        point = next;
        found.add(&point);
        step = (1.3 * step).min(options.longest);
        let parameter = point.u[point.u.len() - 1];
        if parameter < from.min(to) || parameter > from.max(to) {
            break;
        }
    }
    Ok(found)
}

impl Branch {
    fn add(&mut self, point: &Point) {
        let n = point.u.len() - 1;
        self.parameters.push(point.u[n]);
        self.points.push(point.u[..n].to_vec());
        self.stable.push(point.eigenvalues.first().is_some_and(|first| first.re < 0.0));
    }
}

impl<M: LowDimensional, F: Fn(f64) -> M> Path<F> {
    fn apart<'a>(&self, u: &'a [f64]) -> (f64, &'a [f64]) {
        (u[u.len() - 1], &u[..u.len() - 1])
    }

    /// Derivatives of the slopes with all coordinates, and a last row, in units of the scales.
    fn bordered(&self, u: &[f64], last: &[f64]) -> (Vec<f64>, Matrix) {
        let (parameter, y) = self.apart(u);
        let n = y.len();
        let model = (self.family)(parameter);
        let h = 1e-6 * self.scales[n];
        let (above, below) = ((self.family)(parameter + h).slopes(y), (self.family)(parameter - h).slopes(y));
        let mut matrix = Matrix::zeros(n + 1, n + 1);
        for (i, row) in model.jacobian(y).iter().enumerate() {
            row.iter().enumerate().for_each(|(j, value)| matrix[(i, j)] = value * self.scales[j]);
            matrix[(i, n)] = (above[i] - below[i]) / (2.0 * h) * self.scales[n];
        }
        matrix.row_mut(n).copy_from_slice(last);
        (model.slopes(y), matrix)
    }

    /// A point that lies on the branch, its tangent on the side of a direction.
    fn point(&self, u: Vec<f64>, direction: &[f64]) -> Option<Point> {
        let n = u.len() - 1;
        let (_, matrix) = self.bordered(&u, direction);
        let mut right = vec![0.0; n + 1];
        right[n] = 1.0;
        let mut tangent = matrix.solve(&right);
        let size = tangent.iter().map(|t| t * t).sum::<f64>().sqrt();
        if !(size.is_finite() && size > 0.0) {
            return None;
        }
        tangent.iter_mut().for_each(|t| *t /= size);
        let (parameter, y) = self.apart(&u);
        let eigenvalues = (self.family)(parameter).eigenvalues(y);
        (eigenvalues.len() == n).then_some(Point { eigenvalues, u, tangent })
    }

    /// The point of the branch at an arc length along the tangent.
    fn next(&self, point: &Point, length: f64) -> Option<Point> {
        let along = |(u, (t, scale)): (&f64, (&f64, &f64))| u + length * t * scale;
        let mut u: Vec<f64> = point.u.iter().zip(point.tangent.iter().zip(&self.scales)).map(along).collect();
        let predicted = u.clone();
        let mut previous = f64::INFINITY;
        for _ in 0..STEPS {
            let (mut residual, matrix) = self.bordered(&u, &point.tangent);
            let off = |k: usize| (u[k] - predicted[k]) / self.scales[k] * point.tangent[k];
            residual.push((0..u.len()).map(off).sum());
            let step = matrix.solve(&residual);
            let longest = step.iter().map(|step| step.abs()).fold(0.0, f64::max);
            // too far away is another branch
            if longest.is_nan() || longest > 2.0 * length.abs() + 1e-6 {
                return None;
            }
            u.iter_mut().zip(step.iter().zip(&self.scales)).for_each(|(u, (step, scale))| *u -= step * scale);
            if longest < CONVERGED || (longest < ROUNDING && longest > 0.5 * previous) {
                return self.point(u, &point.tangent);
            }
            previous = longest;
        }
        None
    }

    /// Whether the parameter goes on in the other direction.
    fn turns(&self, point: &Point, next: &Point) -> bool {
        let n = point.u.len() - 1;
        (point.tangent[n] > 0.0) != (next.tangent[n] > 0.0)
    }

    /// Where a test vanishes within a step: the rule of false position, with the end that stays counted half (Illinois).
    fn zero(&self, point: &Point, step: f64, test: fn(&[Complex64]) -> f64) -> Option<Point> {
        let at = |length: f64| self.next(point, length);
        let (mut low, mut high) = (0.0, step);
        let (mut at_low, mut at_high) = (test(&point.eigenvalues), test(&at(high)?.eigenvalues));
        let mut found: Vec<(f64, Point)> = Vec::new();
        for _ in 0..SECANTS {
            let length = (low * at_high - high * at_low) / (at_high - at_low);
            let Some(there) = at(length) else { return self.between(found) };
            let value = test(&there.eigenvalues);
            found.push((value, there));
            if value == 0.0 || (high - low).abs() < 1e-13 {
                break;
            }
            if (value > 0.0) == (at_high > 0.0) {
                at_low *= 0.5;
            } else {
                (low, at_low) = (high, at_high);
            }
            let moved = (length - high).abs();
            (high, at_high) = (length, value);
            if moved < 1e-14 {
                break;
            }
        }
        found.pop().map(|(_, there)| there)
    }

    /// Where a line through the last two points meets the zero: where another branch crosses, Newton's method does not come nearer.
    fn between(&self, mut found: Vec<(f64, Point)>) -> Option<Point> {
        let (last, before) = (found.pop()?, found.pop()?);
        let part = last.0 / (last.0 - before.0);
        let u: Vec<f64> =
            last.1.u.iter().zip(&before.1.u).map(|(last, before)| last + part * (before - last)).collect();
        let (parameter, y) = self.apart(&u);
        Some(Point { eigenvalues: (self.family)(parameter).eigenvalues(y), u, tangent: last.1.tangent })
    }
}

/// The product of all eigenvalues.
fn product(eigenvalues: &[Complex64]) -> f64 {
    eigenvalues.iter().product::<Complex64>().re
}

/// The product of the sums of all pairs.
fn pair_sums(eigenvalues: &[Complex64]) -> f64 {
    let pairs = eigenvalues.iter().enumerate().flat_map(|(i, a)| eigenvalues[i + 1..].iter().map(move |b| a + b));
    pairs.product::<Complex64>().re
}

/// The frequency of the pair on the imaginary axis, if there is one.
fn omega(eigenvalues: &[Complex64]) -> Option<f64> {
    let upper = eigenvalues.iter().filter(|z| z.im > 0.0);
    let nearest = upper.min_by(|a, b| a.re.abs().total_cmp(&b.re.abs()))?;
    (nearest.re.abs() < IMAGINARY * nearest.im).then_some(nearest.im)
}
