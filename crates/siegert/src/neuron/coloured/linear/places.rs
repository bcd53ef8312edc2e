//! Where the law of the state at a crossing is looked at: velocities, and the other components of the noise around what a velocity tells of them.
//!
//! At a crossing `x` is known, `x = X = V_th - mu`. What is left of the state is the velocity `w > 0` and, with more than one component, the slower
//! ones. Given `x` and `w` these are normal in the stationary free membrane, with means `ybar(w)` and a covariance `L L'` that does not depend
//! on `w`; `u = L^-1 (y - ybar(w))` are their standard coordinates. With currents that rise `ybar` and `L L'` are those of the currents given their sum `x + w`,
//! whatever the potential: a slow current of the free membrane that takes it over the threshold is one that grows, while a neuron that was reset climbs there whether
//! the current grows or falls. The law of `u` at crossings is written as a series
//!
//! ```text
//! j(w, u) = sum_a j_a(w) He_a(u - m)/sqrt(a!) N(u; m, 1)
//! ```
//!
//! around a centre `m`, the mean of `u` at a spike as far as it is known (spikes choose among the currents, and the series is short only where it need not say so),
//! in Hermite polynomials of a total degree up to `degree`. Integrals over `u` are Gauss-Hermite sums.
//!
//! Source: Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 22.7.14 (recurrence of `He`) and 25.4.46.

use super::free::{Each, FreeMembrane, MOST, Pairs, dot};
use crate::numerics::quadrature::points_6;

/// Most standard deviations that a normal number is followed.
const FAR: f64 = 6.5;

/// The first panel of velocities from 0 is cut at these parts of it, because the law of crossings behaves like a power of `w` there.
const GRADED: [f64; 4] = [0.0, 0.03, 0.15, 0.5];

/// Longest panel: in standard deviations of the velocity, or of the currents where the mean drives the neuron; and in units of what noise does to the
/// currents in the shortest interval.
const PANEL_OVER_VELOCITY: f64 = 2.2;
const PANEL_OVER_CURRENT: f64 = 1.2;
const PANEL_OVER_RIDGE: f64 = 2.6;
const PANEL_OVER_RIDGE_OF_RISES: f64 = 4.0;

/// Most panels of the same width.
const MOST_PANELS: usize = 32;

/// Velocities with their weights.
#[derive(Clone, Debug)]
pub(super) struct Velocities {
    pub(super) w: Vec<f64>,
    pub(super) weight: Vec<f64>,
}

impl Velocities {
    /// For a free membrane, a threshold at `X`, and what noise does to the currents in the shortest interval, in their standard deviations.
    pub(super) fn new(free: &FreeMembrane, X: f64, ridge: f64) -> Self {
        let current = free.currents.iter().flatten().sum::<f64>().sqrt();
        let velocity = free.velocity.sqrt();
        let top = (FAR * velocity).max(FAR * current - X);
        let bottom = (-X - FAR * current).max(0.0);
        // currents that rise change smoothly, and so do their laws
        let panel_over_ridge = if free.has_rise() { PANEL_OVER_RIDGE_OF_RISES } else { PANEL_OVER_RIDGE };
        let longest = if -X > 2.5 * velocity { PANEL_OVER_CURRENT * current } else { PANEL_OVER_VELOCITY * velocity };
        let longest = longest.min(panel_over_ridge * ridge * current);
        let count = (((top - bottom) / longest).ceil() as usize).clamp(1, MOST_PANELS);
        let length = (top - bottom) / count as f64;
        let even = (1..=count).map(|i| bottom + length * i as f64);
        let graded = GRADED.map(|part| bottom + part * length);
        let ends: Vec<f64> =
            graded[..if bottom == 0.0 { GRADED.len() } else { 1 }].iter().copied().chain(even).collect();
        let points = ends.windows(2).flat_map(|pair| points_6(pair[0], pair[1]));
        let (w, weight) = points.unzip();
        Velocities { w, weight }
    }
}

/// The slower components given voltage and velocity.
#[derive(Clone, Debug)]
pub(super) struct Others {
    /// Number of slower components.
    pub(super) count: usize,
    /// `ybar = per_potential x + per_velocity w`, of all components.
    pub(super) per_potential: Each,
    pub(super) per_velocity: Each,
    /// `L`, by rows.
    root: Pairs,
}

/// The law of all components given voltage and velocity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) per_potential: Each,
    pub(super) per_velocity: Each,
    pub(super) covariance: Pairs,
}

impl Given {
    /// In the stationary free membrane.
    pub(super) fn of_state(free: &FreeMembrane) -> Self {
        let with_velocity = free.with_velocity();
        let per_potential = free.with_potential.map(|c| c / free.potential);
        let per_velocity = with_velocity.map(|c| c / free.velocity);
        let covariance = std::array::from_fn(|j| {
            std::array::from_fn(|k| {
                free.currents[j][k] - free.with_potential[j] * per_potential[k] - with_velocity[j] * per_velocity[k]
            })
        });
        Given { per_potential, per_velocity, covariance }
    }

    /// Of currents of which no more is known than the sum.
    fn of_sum(free: &FreeMembrane) -> Self {
        let with_sum: Each = std::array::from_fn(|k| free.currents[k].iter().sum());
        let per_sum = with_sum.map(|c| c / with_sum.iter().sum::<f64>());
        let covariance =
            std::array::from_fn(|j| std::array::from_fn(|k| free.currents[j][k] - with_sum[j] * per_sum[k]));
        Given { per_potential: per_sum, per_velocity: per_sum, covariance }
    }
}

impl Others {
    pub(super) fn new(free: &FreeMembrane) -> Self {
        let count = free.count - 1;
        let given = if free.has_rise() { Given::of_sum(free) } else { Given::of_state(free) };
        let Given { per_potential, per_velocity, covariance } = given;
        let mut root: Pairs = [[0.0; MOST]; MOST];
        for j in 0..count {
            for k in 0..=j {
                let covariance = covariance[j][k] - dot(&root[j], &root[k]);
                // a component without any noise of its own has none here either
                root[j][k] = if j == k { covariance.max(f64::MIN_POSITIVE).sqrt() } else { covariance / root[k][k] };
            }
        }
        Others { count, per_potential, per_velocity, root }
    }

    /// All components at coordinates `u`: the fastest is what the velocity leaves for it.
    pub(super) fn currents(&self, x: f64, w: f64, u: &Each) -> Each {
        let mut y = [0.0; MOST];
        for (k, y) in y.iter_mut().enumerate().take(self.count) {
            *y = self.per_potential[k] * x + self.per_velocity[k] * w + dot(&self.root[k], u);
        }
        y[self.count] = w + x - y.iter().sum::<f64>();
        y
    }

    /// `L^-1 y` of the slower components.
    pub(super) fn standard(&self, y: &Each) -> Each {
        let mut u = [0.0; MOST];
        for k in 0..self.count {
            u[k] = (y[k] - dot(&self.root[k], &u)) / self.root[k][k];
        }
        u
    }

    /// `L^-1 C L^-T`.
    pub(super) fn standard_covariance(&self, covariance: &Pairs) -> Pairs {
        let half = covariance.map(|row| self.standard(&row));
        let transposed: Pairs = std::array::from_fn(|j| std::array::from_fn(|k| half[k][j]));
        transposed.map(|row| self.standard(&row))
    }
}

/// Hermite polynomials in several variables, and the points at which they are integrated.
#[derive(Clone, Debug)]
pub(super) struct Hermite {
    /// `1/sqrt(a!)`.
    pub(super) scale: Vec<f64>,
    /// For each but the first: the variable `i` in which it is one degree above another, that other, and `(j, number, index)` of those two degrees
    /// below, so that `<He_a> = <u_i> <He_(a-i)> + sum number (cov_ij - delta_ij) <He_(a-i-j)>` for normal `u`.
    pub(super) steps: Vec<Step>,
    /// Points.
    pub(super) u: Vec<Each>,
    /// By points: the weight times each polynomial over `sqrt(a!)` there.
    pub(super) weighted: Vec<Vec<f64>>,
}

/// How one polynomial follows from those before.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) variable: usize,
    pub(super) below: usize,
    pub(super) two_below: Vec<(usize, f64, usize)>,
}

impl Hermite {
    /// In `count` variables up to a total degree.
    pub(super) fn new(count: usize, degree: usize) -> Self {
        let mut degrees = vec![[0; MOST]];
        for total in 1..=degree {
            let before: Vec<_> = degrees.iter().filter(|it| it.iter().sum::<usize>() == total - 1).copied().collect();
            for lower in before {
                for variable in 0..count {
                    let mut next = lower;
                    next[variable] += 1;
                    if !degrees.contains(&next) {
                        degrees.push(next);
                    }
                }
            }
        }
        let index = |it: [usize; MOST]| degrees.iter().position(|other| *other == it);
        let step = |it: &[usize; MOST]| {
            let variable = it.iter().position(|&n| n > 0)?;
            let mut below = *it;
            below[variable] -= 1;
            let two_below = (0..count).filter(|&j| below[j] > 0).filter_map(|j| {
                let mut two = below;
                two[j] -= 1;
                Some((j, below[j] as f64, index(two)?))
            });
            Some(Step { variable, below: index(below)?, two_below: two_below.collect() })
        };
        let steps = degrees.iter().filter_map(step).collect();
        let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        let scale: Vec<f64> =
            degrees.iter().map(|it| it.iter().map(|&n| factorial(n)).product::<f64>().powf(-0.5)).collect();
        let mut hermite = Hermite { scale, steps, u: vec![[0.0; MOST]], weighted: Vec::new() };
        let mut weights = vec![1.0];
        let rule = gauss_hermite(degree + 1);
        for variable in 0..count {
            let all = hermite.u.iter().zip(&weights);
            let (u, next) = all
                .flat_map(|(u, weight)| {
                    rule.iter().map(move |(point, part)| {
                        let mut u = *u;
                        u[variable] = *point;
                        (u, weight * part)
                    })
                })
                .unzip();
            (hermite.u, weights) = (u, next);
        }
        hermite.weighted = hermite
            .u
            .iter()
            .zip(&weights)
            .map(|(u, weight)| {
                let mut values = vec![1.0];
                for step in &hermite.steps {
                    let lower: f64 = step
                        .two_below
                        .iter()
                        .filter(|(j, ..)| *j == step.variable)
                        .map(|(_, number, at)| number * values[*at])
                        .sum();
                    values.push(u[step.variable] * values[step.below] - lower);
                }
                values.iter().zip(&hermite.scale).map(|(value, scale)| weight * value * scale).collect()
            })
            .collect();
        hermite
    }

    /// Means of the polynomials over `sqrt(a!)` for normal variables of these means, and a covariance that is 1 and this more.
    pub(super) fn of_normal(&self, mean: &Each, excess: &Pairs) -> Vec<f64> {
        let mut values = vec![1.0];
        for step in &self.steps {
            let beside: f64 =
                step.two_below.iter().map(|&(j, number, at)| number * excess[step.variable][j] * values[at]).sum();
            values.push(mean[step.variable] * values[step.below] + beside);
        }
        values.iter().zip(&self.scale).map(|(value, scale)| value * scale).collect()
    }

    /// Number of polynomials.
    pub(super) fn len(&self) -> usize {
        self.scale.len()
    }
}

/// Points and weights for a standard normal variable: exact for polynomials below degree `2 n`.
fn gauss_hermite(n: usize) -> Vec<(f64, f64)> {
    // normalised polynomials of degree n - 1 and n at a point
    let last_two = |x: f64| {
        (0..n).fold((0.0, 1.0), |(before, last), k| {
            let k = k as f64;
            (last, (x * last - k.sqrt() * before) / (k + 1.0).sqrt())
        })
    };
    let value = |x: f64| last_two(x).1;
    let (far, steps) = (2.0 * (n as f64).sqrt() + 1.0, 40 * n);
    let at = |i: usize| far * (2.0 * i as f64 / steps as f64 - 1.0) + 1e-3;
    let between = |i: usize| {
        let (mut low, mut high) = (at(i), at(i + 1));
        (value(low) * value(high) < 0.0).then(|| {
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if value(low) * value(middle) <= 0.0 {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            let x = 0.5 * (low + high);
            (x, 1.0 / (n as f64 * last_two(x).0.powi(2)))
        })
    };
    (0..steps).filter_map(between).collect()
}
