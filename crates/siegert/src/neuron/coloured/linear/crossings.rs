//! The law of threshold crossings, from which rate and CV follow.
//!
//! ```text
//! j(w, u) = stationary and released crossings of the free membrane - those that follow an earlier crossing
//!         = (w/tau_m) [ T p_free(X, w, u) + int_0^inf (<p_t from reset> - <p_t from threshold>) dt ]
//! ```
//!
//! The free membrane (`free`) crosses the threshold many times; a neuron fires at the first crossing after its release. Crossings that are not the first follow
//! another one, and the free membrane forgets everything but its state at that one. So the law `j` of the state at a spike, counted once for each spike, obeys an integral
//! equation of the second kind, with the Gaussian law of the free membrane for a kernel, and nothing is approximated: not that `tau_k` is small, nor that it is large.
//! `T` is the mean time from release to spike. That nobody is beyond the threshold gives it:
//!
//! ```text
//! T P_free(x > X) = int_0^inf ( P(x_t > X from threshold) - P(x_t > X from reset) ) dt
//! ```
//!
//! The second moment of the interval follows from the same equations, expanded in the variable of the Laplace transform.
//!
//! Source: the equation of renewal for crossings of a smooth process is that of Rice (1944), Bell Syst Tech J 23:282, for a process with the states that make it
//! Markovian.

use multiversion::multiversion;
use rayon::prelude::*;

use super::free::{Each, FreeMembrane, MOST, Motion, Pairs, Spread, Spreading, dot};
use super::places::{Given, Hermite, Others, Velocities};
use super::times::{Times, at_times};
use crate::numerics::elementary::exp_of_sum;
use crate::numerics::erfcx::erfcx;
use crate::numerics::linear::Matrix;
use crate::numerics::normal::cumulative;

/// `exp(-x)` beyond it counts as nothing.
const NOTHING: f64 = 32.0;

/// Starts count for the width of a peak if their density at the threshold is at least `exp(-x)` of the largest.
const COUNTED: f64 = 20.0;

/// Threshold and reset relative to the mean input, and the refractory time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) threshold: f64,
    pub(super) reset: f64,
    pub(super) t_ref: f64,
}

/// All places and times that the integrals need.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    velocities: Velocities,
    hermite: Hermite,
    /// Around which coordinates the polynomials are.
    center: Each,
    returns: Times,
    first: Times,
}

/// What is asked of the law of crossings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The mean interval.
    Mean,
    /// Its variance, too, which needs integrals weighted with time.
    Variance,
}

impl Extent {
    /// Powers of time up to which integrals over it are taken.
    fn powers(self) -> std::ops::Range<usize> {
        match self {
            Extent::Mean => 0..1,
            Extent::Variance => 0..2,
        }
    }
}

/// What follows from the law of crossings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Law {
    /// Logarithm of the mean time from release to spike, in ms.
    pub(super) ln_time: f64,
    /// Its variance over the square of the mean; not a number if it was not asked for.
    pub(super) relative_variance: f64,
    /// Means of the currents at a spike, and of their products.
    pub(super) currents: Each,
    pub(super) products: Pairs,
    /// Mean of the coordinates of the slower components at a spike.
    pub(super) coordinates: Each,
    /// How far the laws of spikes and releases are from having the same mass: 0 if all integrals are exact.
    pub(super) defect: f64,
}

/// The states from which one starts: at a crossing, or at the reset after the refractory time.
#[derive(Clone, Debug)]
pub(super) struct Starts {
    /// What of the components is left, and the covariances of what came in the meantime.
    left: Each,
    come: Pairs,
    from: f64,
    to: f64,
    tau: Each,
    tau_m: f64,
    /// By velocity and point: the components at the crossing.
    currents: Vec<Each>,
}

impl Starts {
    fn new(free: &FreeMembrane, bounds: &Bounds, is_reset: bool, currents: Vec<Each>) -> Self {
        let (left, from) =
            if is_reset { (free.decay(bounds.t_ref), bounds.reset) } else { ([1.0; MOST], bounds.threshold) };
        let come: Pairs =
            std::array::from_fn(|j| std::array::from_fn(|k| free.currents[j][k] * (1.0 - left[j] * left[k])));
        Starts { left, come, from, to: bounds.threshold, tau: free.tau, tau_m: free.tau_m, currents }
    }

    /// How the state moves, from the components at the crossing on.
    fn seen(&self, motion: &Motion, spread: &Spread) -> (Motion, Spread) {
        let all = spread.plus(&Spread::of_start(&self.come, motion));
        let fade = |of: &Each| -> Each { std::array::from_fn(|k| of[k] * self.left[k]) };
        (Motion { reached: fade(&motion.reached), decay: fade(&motion.decay), ..*motion }, all)
    }

    /// How far in ms one may go from a time without missing a peak of the density at the threshold: the width of the narrowest that is there, or half of
    /// the way to the next; infinite if none arrives any more.
    pub(super) fn narrowest(&self, free: &FreeMembrane, t: f64, spread: &Spread) -> f64 {
        let (motion, spread) = self.seen(&free.motion(t), spread);
        let determinant = spread.xx * spread.velocity_given_potential();
        let (mut fastest, mut soonest): (f64, f64) = (0.0, f64::INFINITY);
        for y in &self.currents {
            let x = motion.membrane * self.from + dot(y, &motion.reached);
            let dx = self.to - x;
            let y: Each = std::array::from_fn(|k| y[k] * motion.decay[k]);
            let w = y.iter().sum::<f64>() - x;
            let way = dx.abs() - (2.0 * COUNTED * spread.xx).sqrt();
            if way > 0.0 {
                if dx * w > 0.0 {
                    soonest = soonest.min(0.5 * self.tau_m * way / w.abs());
                }
                continue;
            }
            let x_moves = w / self.tau_m;
            let w_moves = -x_moves - y.iter().zip(&self.tau).map(|(y, tau)| y / tau).sum::<f64>();
            let square =
                x_moves * x_moves * spread.ww - 2.0 * x_moves * w_moves * spread.xw + w_moves * w_moves * spread.xx;
            fastest = fastest.max(square / determinant);
        }
        fastest.sqrt().recip().min(soonest)
    }
}

/// Arrivals at the threshold at one time from one start: a normal law of velocities, and of the other components at each.
#[derive(Debug)]
struct Arrival {
    t: f64,
    /// Density at the peak of the velocities, times the weight of the time.
    density: f64,
    velocity: f64,
    half_over_variance: f64,
    /// Mean of each coordinate at `w = 0` and its change with `w`; covariance minus one.
    mean: Each,
    per_velocity: Each,
    excess: Pairs,
}

/// Sums over times for one start.
#[derive(Clone, Debug)]
struct Sums {
    /// By polynomial and velocity: the density of arrivals, and the same times `t`.
    arrivals: [Vec<f64>; 2],
    /// Probability to be beyond the threshold, and the same times `t`.
    beyond: [f64; 2],
}

/// Room for the polynomials at every velocity.
#[derive(Debug)]
struct Room {
    density: Vec<f64>,
    values: Vec<Vec<f64>>,
}

/// Adds arrivals at the velocities that they have, those that are in reach of the mean of them; `with_time` is empty if it is not asked for.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
fn add(sums: &mut [Vec<f64>; 2], room: &mut Room, arrival: &Arrival, w: &[f64], hermite: &Hermite) {
    let Arrival { t, density, velocity, half_over_variance, .. } = *arrival;
    let n = w.len();
    let reach = (NOTHING / half_over_variance).sqrt();
    let from = w.partition_point(|w| *w < velocity - reach);
    let to = w.partition_point(|w| *w <= velocity + reach);
    let w = &w[from..to];
    let [sum, with_time] = sums;
    let is_timed = !with_time.is_empty();
    for (place, w) in room.density.iter_mut().zip(w) {
        let off = w - velocity;
        *place = density * exp_of_sum(-off * off * half_over_variance, 0.0);
    }
    let density = &room.density[..w.len()];
    sum[from..to].iter_mut().zip(density).for_each(|(sum, density)| *sum += density);
    if is_timed {
        with_time[from..to].iter_mut().zip(density).for_each(|(sum, density)| *sum += t * density);
    }
    for (k, step) in hermite.steps.iter().enumerate() {
        let (before, rest) = room.values.split_at_mut(k + 1);
        let value = &mut rest[0][..w.len()];
        let below = &before[step.below][..w.len()];
        let (mean, slope) = (arrival.mean[step.variable], arrival.per_velocity[step.variable]);
        for ((value, w), below) in value.iter_mut().zip(w).zip(below) {
            *value = (mean + slope * w) * below;
        }
        for &(j, number, at) in &step.two_below {
            let (factor, lower) = (number * arrival.excess[step.variable][j], &before[at][..w.len()]);
            value.iter_mut().zip(lower).for_each(|(value, lower)| *value += factor * lower);
        }
        let scale = hermite.scale[k + 1];
        let range = (k + 1) * n + from..(k + 1) * n + to;
        if is_timed {
            let sums = sum[range.clone()].iter_mut().zip(&mut with_time[range]);
            for ((sum, with_time), (value, density)) in sums.zip(value.iter().zip(density)) {
                let part = scale * value * density;
                *sum += part;
                *with_time += t * part;
            }
        } else {
            for (sum, (value, density)) in sum[range].iter_mut().zip(value.iter().zip(density)) {
                *sum += scale * value * density;
            }
        }
    }
}

/// One time as seen from all starts.
#[derive(Debug)]
struct Moment {
    t: f64,
    weight: f64,
    motion: Motion,
    /// Standard coordinates given voltage and velocity: change with either, and covariance minus one; and the change with the velocity beyond that of the
    /// stationary coordinates.
    per_potential: Each,
    per_velocity: Each,
    per_velocity_beyond: Each,
    excess: Pairs,
    /// Of the potential one over its standard deviation, of the velocity the mean beside it and one over twice the variance; and the peak of the density of both.
    over_std: f64,
    per_distance: f64,
    half_over_variance: f64,
    peak: f64,
}

impl Moment {
    fn new(t: f64, weight: f64, motion: Motion, spread: Spread, others: &Others) -> Self {
        let velocity_variance = spread.velocity_given_potential();
        // regression of the components on (x, w)
        let on_velocity: Each =
            std::array::from_fn(|k| (spread.wy[k] - spread.xw / spread.xx * spread.xy[k]) / velocity_variance);
        let on_potential: Each = std::array::from_fn(|k| (spread.xy[k] - on_velocity[k] * spread.xw) / spread.xx);
        let left: Pairs = std::array::from_fn(|j| {
            std::array::from_fn(|k| spread.yy[j][k] - on_potential[j] * spread.xy[k] - on_velocity[j] * spread.wy[k])
        });
        let mut excess = others.standard_covariance(&left);
        for (k, row) in excess.iter_mut().enumerate() {
            row[k] -= 1.0;
        }
        let per_velocity = others.standard(&on_velocity);
        let stationary = others.standard(&others.per_velocity);
        Moment {
            t,
            weight,
            motion,
            per_potential: others.standard(&on_potential),
            per_velocity,
            per_velocity_beyond: std::array::from_fn(|k| per_velocity[k] - stationary[k]),
            excess,
            over_std: spread.xx.sqrt().recip(),
            per_distance: spread.xw / spread.xx,
            half_over_variance: 0.5 / velocity_variance,
            peak: 1.0 / (std::f64::consts::TAU * (spread.xx * velocity_variance).sqrt()),
        }
    }
}

/// The equation's kernel for one kind of start: by start (column) and arrival (row).
struct Kernel {
    /// `int p dt` and `int t p dt`, the stationary density taken off.
    arrivals: [Matrix; 2],
    /// The same for the probability to be beyond the threshold.
    beyond: [Vec<f64>; 2],
}

/// What all kernels share.
struct Scene<'a> {
    extent: Extent,
    free: &'a FreeMembrane,
    bounds: &'a Bounds,
    grid: &'a Grid,
    others: Others,
    /// Density of the free membrane at the threshold by polynomial and velocity, and its probability to be beyond.
    density: Vec<f64>,
    beyond: f64,
}

impl Scene<'_> {
    fn size(&self) -> usize {
        self.grid.velocities.w.len() * self.grid.hermite.len()
    }

    fn kernel(&self, starts: &Starts, times: &Times) -> Kernel {
        let Grid { velocities, hermite, .. } = self.grid;
        let (n, points, powers) = (velocities.w.len(), hermite.u.len(), self.extent.powers());
        // what is not asked for has no entries
        let size = |power: usize| if powers.contains(&power) { self.size() } else { 0 };
        let moments: Vec<Moment> = at_times(self.free, &times.t)
            .into_iter()
            .zip(times.t.iter().zip(&times.weight))
            .map(|((motion, spread), (&t, &weight))| {
                let (motion, spread) = starts.seen(&motion, &spread);
                Moment::new(t, weight, motion, spread, &self.others)
            })
            .collect();
        // the stationary law, taken off at all times
        let total: f64 = times.before + times.weight.iter().sum::<f64>();
        let total_with_time = 0.5 * times.before * times.before
            + times.t.iter().zip(&times.weight).map(|(t, weight)| t * weight).sum::<f64>();
        let columns: Vec<Vec<Sums>> = (0..n)
            .into_par_iter()
            .map(|start| {
                let mut room = Room { density: vec![0.0; n], values: vec![vec![1.0; n]; hermite.len()] };
                let nothing = Sums { arrivals: [0, 1].map(|power| vec![0.0; size(power)]), beyond: [0.0; 2] };
                let mut by_polynomial = vec![nothing.clone(); hermite.len()];
                for point in 0..points {
                    let mut sums = nothing.clone();
                    self.add_all(&mut sums, &mut room, &starts.currents[start * points + point], starts.from, &moments);
                    for (into, factor) in by_polynomial.iter_mut().zip(&hermite.weighted[point]) {
                        for power in powers.clone() {
                            into.beyond[power] += factor * sums.beyond[power];
                            let all = into.arrivals[power].iter_mut().zip(&sums.arrivals[power]);
                            all.for_each(|(into, part)| *into += factor * part);
                        }
                    }
                }
                for (power, total) in [total, total_with_time].into_iter().enumerate() {
                    by_polynomial[0].beyond[power] -= total * self.beyond;
                    let all = by_polynomial[0].arrivals[power].iter_mut().zip(&self.density);
                    all.for_each(|(into, density)| *into -= total * density);
                }
                by_polynomial
            })
            .collect();
        let mut kernel = Kernel {
            arrivals: [0, 1].map(|power| Matrix::zeros(size(power), size(power))),
            beyond: [0, 1].map(|power| vec![0.0; size(power)]),
        };
        for (start, by_polynomial) in columns.iter().enumerate() {
            let weight = velocities.weight[start];
            for (polynomial, sums) in by_polynomial.iter().enumerate() {
                let column = polynomial * n + start;
                for power in powers.clone() {
                    kernel.beyond[power][column] = weight * sums.beyond[power];
                    for (row, value) in sums.arrivals[power].iter().enumerate() {
                        let flux = velocities.w[row % n] / self.free.tau_m;
                        kernel.arrivals[power][(row, column)] = weight * flux * value;
                    }
                }
            }
        }
        kernel
    }

    /// Adds what one start does at all times.
    fn add_all(&self, sums: &mut Sums, room: &mut Room, start: &Each, from: f64, moments: &[Moment]) {
        let w = &self.grid.velocities.w;
        let is_single = self.others.count == 0;
        for moment in moments {
            let Moment { motion, t, weight, .. } = moment;
            let x = motion.membrane * from + dot(start, &motion.reached);
            let dx = self.bounds.threshold - x;
            let in_std = dx * moment.over_std;
            let exponent = 0.5 * in_std * in_std;
            if exponent > NOTHING {
                if dx < 0.0 {
                    sums.beyond[0] += weight;
                    sums.beyond[1] += t * weight;
                }
                continue;
            }
            let beyond = weight * cumulative(-in_std);
            sums.beyond[0] += beyond;
            sums.beyond[1] += t * beyond;
            let y: Each = std::array::from_fn(|k| start[k] * motion.decay[k]);
            let mean_velocity = y.iter().sum::<f64>() - x;
            let mut arrival = Arrival {
                t: *t,
                density: weight * (-exponent).exp() * moment.peak,
                velocity: mean_velocity + moment.per_distance * dx,
                half_over_variance: moment.half_over_variance,
                mean: [0.0; MOST],
                per_velocity: moment.per_velocity_beyond,
                excess: moment.excess,
            };
            if !is_single {
                let expected: Each =
                    std::array::from_fn(|k| y[k] - self.others.per_potential[k] * self.bounds.threshold);
                let expected = self.others.standard(&expected);
                // components that there are not stand at 0 in all of these
                arrival.mean = std::array::from_fn(|k| {
                    expected[k] - self.grid.center[k] + moment.per_potential[k] * dx
                        - moment.per_velocity[k] * mean_velocity
                });
            }
            add(&mut sums.arrivals, room, &arrival, w, &self.grid.hermite);
        }
    }
}

impl Grid {
    /// For a membrane and its bounds; polynomials in the slower components up to a degree.
    pub(super) fn new(free: &FreeMembrane, bounds: &Bounds, degree: usize, center: Each) -> Self {
        let current = free.currents.iter().flatten().sum::<f64>().sqrt();
        let fastest_rise = (2.0 * current - bounds.reset).max(f64::MIN_POSITIVE);
        let shortest = bounds.t_ref + free.tau_m * ((bounds.threshold - bounds.reset) / fastest_rise).min(1.0);
        let ridge = if free.has_rise() {
            let change = Spreading::new(free).until(shortest);
            change.yy.iter().flatten().sum::<f64>().sqrt() / current
        } else {
            (-(-2.0 * shortest / free.slowest()).exp_m1()).sqrt()
        };
        let velocities = Velocities::new(free, bounds.threshold, ridge);
        let hermite = Hermite::new(free.count - 1, degree);
        let currents = currents_at(&velocities, &hermite, &Others::new(free), bounds.threshold, &center);
        let first = Times::of_first(free, &Starts::new(free, bounds, true, currents));
        Grid { velocities, hermite, center, returns: Times::of_returns(free), first }
    }
}

fn currents_at(
    velocities: &Velocities,
    hermite: &Hermite,
    others: &Others,
    threshold: f64,
    center: &Each,
) -> Vec<Each> {
    let places = velocities.w.iter().flat_map(|&w| hermite.u.iter().map(move |u| (w, u)));
    let around = |u: &Each| -> Each { std::array::from_fn(|k| center[k] + u[k]) };
    places.map(|(w, u)| others.currents(threshold, w, &around(u))).collect()
}

/// The law of crossings on a grid.
pub(super) fn law(free: &FreeMembrane, bounds: &Bounds, grid: &Grid, extent: Extent) -> Law {
    let Grid { velocities, hermite, .. } = grid;
    let n = velocities.w.len();
    let others = Others::new(free);
    let X = bounds.threshold;
    let in_std = X / (2.0 * free.potential).sqrt();
    let normal = |x: f64, variance: f64| (-0.5 * x * x / variance).exp() / (std::f64::consts::TAU * variance).sqrt();
    // the stationary law of the coordinates around the centre
    let stationary = Given::of_state(free);
    let mut excess = others.standard_covariance(&stationary.covariance);
    for (k, row) in excess.iter_mut().enumerate() {
        row[k] = if k < others.count { row[k] - 1.0 } else { 0.0 };
    }
    let parts = |w: f64| -> Vec<f64> {
        let beside: Each = std::array::from_fn(|k| {
            (stationary.per_potential[k] - others.per_potential[k]) * X
                + (stationary.per_velocity[k] - others.per_velocity[k]) * w
        });
        let beside = others.standard(&beside);
        hermite.of_normal(&std::array::from_fn(|k| beside[k] - grid.center[k]), &excess)
    };
    let parts: Vec<Vec<f64>> = velocities.w.iter().map(|&w| parts(w)).collect();
    let by_polynomial = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
        let at = |polynomial: usize| velocities.w.iter().zip(&parts).map(move |(&w, parts)| parts[polynomial] * of(w));
        (0..hermite.len()).flat_map(at).collect()
    };
    let density = by_polynomial(&|w| normal(X, free.potential) * normal(w, free.velocity));
    let beyond = cumulative(-X / free.potential.sqrt());
    // stationary crossings over the probability to be beyond, finite however small both are
    let hazard = if X > 0.0 {
        (2.0 / (std::f64::consts::PI * free.potential)).sqrt() / erfcx(in_std)
    } else {
        normal(X, free.potential) / beyond
    };
    let hazards = by_polynomial(&|w| w / free.tau_m * hazard * normal(w, free.velocity));
    let currents = currents_at(velocities, hermite, &others, X, &grid.center);
    let scene = Scene { extent, free, bounds, grid, others, density, beyond };
    let returns = scene.kernel(&Starts::new(free, bounds, false, currents.clone()), &grid.returns);
    let first = scene.kernel(&Starts::new(free, bounds, true, currents.clone()), &grid.first);
    let size = scene.size();
    // unknowns: j, the mean (or second moment) scaled with the probability to be beyond, and the defect
    let system = |has_first: bool| {
        let mut matrix = Matrix::zeros(size + 2, size + 2);
        let taken = if has_first { 1.0 } else { 0.0 };
        for row in 0..size {
            for column in 0..size {
                matrix[(row, column)] = returns.arrivals[0][(row, column)] - taken * first.arrivals[0][(row, column)];
            }
            matrix[(row, row)] += 1.0;
        }
        for column in 0..size {
            matrix[(size, column)] = returns.beyond[0][column] - taken * first.beyond[0][column];
        }
        matrix[(size, size)] = -1.0;
        let top = velocities.weight.iter().sum::<f64>();
        for (row, hazard) in hazards.iter().enumerate() {
            matrix[(row, size)] = -hazard;
        }
        for i in 0..n {
            matrix[(i, size + 1)] = 1.0 / top;
            matrix[(size + 1, i)] = velocities.weight[i];
        }
        matrix
    };
    let mut right = vec![0.0; size + 2];
    right[size + 1] = 1.0;
    let solution = system(true).solve(&right);
    let (spikes, mean, defect) = (&solution[..size], solution[size], solution[size + 1]);
    let relative_variance = if extent == Extent::Variance {
        let column = returns.arrivals[1].times(spikes);
        let released = first.arrivals[1].times(spikes);
        let sum = |row: &[f64]| -> f64 { row.iter().zip(spikes).map(|(a, b)| a * b).sum() };
        let mut right: Vec<f64> =
            column.iter().zip(&released).map(|(returned, released)| beyond * (released - returned)).collect();
        right.extend([beyond * (sum(&first.beyond[1]) - sum(&returns.beyond[1])), mean]);
        2.0 * system(false).solve(&right)[size] / (mean * mean) - 1.0
    } else {
        f64::NAN
    };
    let mut law = Law {
        ln_time: mean.ln() - ln_beyond(X, free.potential),
        relative_variance,
        currents: [0.0; MOST],
        products: [[0.0; MOST]; MOST],
        coordinates: grid.center,
        defect,
    };
    for (k, mean) in law.coordinates.iter_mut().enumerate().take(scene.others.count) {
        // the polynomials of first degree come after the constant
        let first = (k + 1) * n;
        if hermite.len() > 1 {
            *mean += spikes[first..first + n].iter().zip(&velocities.weight).map(|(j, weight)| j * weight).sum::<f64>();
        }
    }
    let points = hermite.u.len();
    for (start, weight) in velocities.weight.iter().enumerate() {
        for point in 0..points {
            let part: f64 =
                hermite.weighted[point].iter().enumerate().map(|(k, factor)| factor * spikes[k * n + start]).sum();
            let y = &currents[start * points + point];
            for j in 0..free.count {
                law.currents[j] += weight * part * y[j];
                for k in 0..free.count {
                    law.products[j][k] += weight * part * y[j] * y[k];
                }
            }
        }
    }
    law
}

/// `ln P(x > X)` for a normal `x`.
fn ln_beyond(X: f64, variance: f64) -> f64 {
    let z = X / (2.0 * variance).sqrt();
    if z > 0.0 { (0.5 * erfcx(z)).ln() - z * z } else { cumulative(-X / variance.sqrt()).ln() }
}
