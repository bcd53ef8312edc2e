//! The parameter values at which a state has wanted properties: inverse problems such as "which drive gives 5 Hz?".
//!
//! Unknown are the state `u` (see `newton`) and as many parameters as there are targets; the equations are those of the state and
//! one a target. Newton's method on all of them starts from every state at every point of a grid over the ranges of the
//! parameters. The derivatives by the parameters are difference quotients: they decide how fast it converges, not to what.
//!
//! Solutions between two points of the grid that hide from every start would be missed: all are found in practice, none is
//! proved to be the last.

use thiserror::Error;

use super::map::{RateMap, cv};
use super::newton::{FLOOR, Iterate, Outcome, jacobian, ln_rate, newton, rates, residuals, same_state};
use super::refine::{farthest, settled};
use super::result::Method;
use super::search::{State, states};
use super::solve::{SolveError, TheoryOptions};
use super::symmetry::Exchange;
use crate::Shown;
use crate::network::{Family, Network, NetworkFileError};
use crate::neuron::lif::SynapticFilter;
use crate::numerics::linear::{Matrix, largest};
use crate::work::Work;

/// Points of the grid along each parameter, by the number of parameters.
const GRID: [usize; 5] = [1, 65, 13, 6, 4];
/// The most parameters, and targets.
pub const MOST_TARGETS: usize = GRID.len() - 1;
/// Grid points for one parameter where a search for all states takes long.
const GRID_OF_MANY: usize = 17;
const MANY: usize = 3;
/// Step of the difference quotients in a parameter, as part of its range.
const STEP: f64 = 1e-5;
const MOST_ITERATIONS: usize = 40;
const MOST_HALVINGS: i32 = 8;
/// No step changes a parameter by more than this part of its range.
const LONGEST_STEP: f64 = 0.25;
/// The residual at which the equations count as solved.
const SOLVED: f64 = 1e-11;

/// What can be wanted of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetQuantity {
    /// The rate in Hz.
    Rate,
    /// `mu` in mV.
    MeanInput,
    /// `sigma` in mV.
    StdInput,
    /// The coefficient of variation of the interspike intervals.
    Cv,
}

/// A wanted value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Index of the population.
    pub population: usize,
    /// What is wanted of it.
    pub quantity: TargetQuantity,
    /// In Hz, mV or as a number.
    pub value: f64,
}

/// The range of a parameter of the family, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// One end.
    pub from: f64,
    /// The other.
    pub to: f64,
}

/// One way to meet the targets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TargetSolution {
    /// Values of the free parameters, in their units.
    pub values: Vec<f64>,
    /// The network with these values.
    pub network: Network,
    /// The state of it that meets the targets.
    pub state: State,
}

/// All ways that were found, in order of the first parameter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Targeted {
    /// The solutions.
    pub solutions: Vec<TargetSolution>,
    /// Points of the grid at which states were found.
    pub points: usize,
    /// Starting points of the iteration.
    pub starts: usize,
    /// Least and largest value of each target's quantity over the states of the grid; `None` without any state.
    pub reached: Vec<Option<(f64, f64)>>,
}

/// Why targets cannot be looked for.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// As many parameters as targets.
    #[error(
        "{targets} targets and {parameters} parameters to vary: there must be as many of the one as of the other, at most {MOST_TARGETS}"
    )]
    Count {
        /// Targets.
        targets: usize,
        /// Parameters.
        parameters: usize,
    },
    /// A rate that the neuron cannot have.
    #[error(
        "{population} cannot fire at {} Hz: its rates lie between 0 and 1/t_ref = {} Hz",
        Shown(*value_hz),
        Shown(*limit_hz)
    )]
    Rate {
        /// The population.
        population: String,
        /// What is wanted.
        value_hz: f64,
        /// The limit.
        limit_hz: f64,
    },
    /// The network is wrong at every point of the grid.
    #[error(transparent)]
    NetworkFile(#[from] NetworkFileError),
    /// Parts of the network are not computed yet.
    #[error(transparent)]
    Solve(#[from] SolveError),
}

/// The values of the family's free parameters, within `spans`, at which a state meets all targets.
///
/// # Errors
///
/// Numbers of targets and parameters that differ, rates out of reach, models that are not computed. That there is no solution
/// is none: see [`Targeted::reached`]. `work` counts points of the grid, and stops it.
pub fn find_targets(
    family: &Family,
    spans: &[Span],
    targets: &[Target],
    options: &TheoryOptions,
    work: &Work,
) -> Result<Targeted, TargetError> {
    if spans.len() != targets.len() || spans.is_empty() || spans.len() > MOST_TARGETS {
        return Err(TargetError::Count { targets: targets.len(), parameters: spans.len() });
    }
    let own = RateMap::new(family.own(), *options)?;
    for target in targets.iter().filter(|target| target.quantity == TargetQuantity::Rate) {
        let limit_hz = own.transfers[target.population].rate_limit_hz();
        if !(target.value > 0.0 && target.value < limit_hz) {
            let population = family.own().populations[target.population].name.clone();
            return Err(TargetError::Rate { population, value_hz: target.value, limit_hz });
        }
    }
    // the law of threshold crossings is asked where the closed forms find a solution
    let filter = if options.filter.is_full() { SynapticFilter::ThresholdShift } else { options.filter };
    let closed = TheoryOptions { filter, ..*options };
    let problem = Problem { family, spans, targets, options: closed, longer: &[], work };
    let mut finder = Finder { problem, found: Vec::new(), points: 0, starts: 0, reached: vec![None; targets.len()] };
    finder.search()?;
    work.check().map_err(SolveError::from)?;
    finder.finish(*options)
}

impl Span {
    /// The value at a part of the range, from 0 to 1; in equal ratios if the range spans decades.
    fn value(&self, part: f64) -> f64 {
        let decades = self.from > 0.0 && self.to > 0.0 && (self.to / self.from).ln().abs() > 2.0;
        if decades {
            (self.from.ln() * (1.0 - part) + self.to.ln() * part).exp()
        } else {
            self.from * (1.0 - part) + self.to * part
        }
    }
}

#[derive(Clone, Copy)]
struct Problem<'a> {
    family: &'a Family,
    spans: &'a [Span],
    targets: &'a [Target],
    options: TheoryOptions,
    /// Logarithms of the factors by which the times from release to spike are longer than the closed forms say; none if empty.
    longer: &'a [f64],
    work: &'a Work,
}

/// A state and the parts of the ranges, together a candidate.
#[derive(Clone)]
struct Point {
    u: Vec<f64>,
    parts: Vec<f64>,
}

impl Problem<'_> {
    fn values(&self, parts: &[f64]) -> Vec<f64> {
        self.spans.iter().zip(parts).map(|(span, &part)| span.value(part)).collect()
    }

    fn network(&self, parts: &[f64]) -> Result<Network, NetworkFileError> {
        self.family.at(&self.values(parts))
    }

    fn map(&self, parts: &[f64]) -> Option<RateMap> {
        Some(RateMap::of_checked(&self.network(parts).ok()?, self.options).ok()?.lengthened(self.longer))
    }

    /// The quantity of a target.
    fn quantity(&self, target: &Target, map: &RateMap, u: &[f64]) -> f64 {
        let input = || map.inputs(&rates(u));
        match target.quantity {
            TargetQuantity::Rate => ln_rate(u[target.population]).exp(),
            TargetQuantity::MeanInput => input()[target.population].mean_mv,
            TargetQuantity::StdInput => input()[target.population].std_mv,
            TargetQuantity::Cv => cv(map, &input())[target.population].unwrap_or(f64::NAN),
        }
    }

    /// How far a target is from being met; for rates in their logarithm.
    fn miss(&self, target: &Target, map: &RateMap, u: &[f64]) -> f64 {
        match target.quantity {
            TargetQuantity::Rate => ln_rate(u[target.population]) - target.value.ln(),
            _ => self.quantity(target, map, u) - target.value,
        }
    }

    /// Residuals of the state, then of the targets.
    fn residuals(&self, map: &RateMap, u: &[f64]) -> Vec<f64> {
        let mut all = residuals(&map.evaluate(&rates(u)), u, FLOOR);
        all.extend(self.targets.iter().map(|target| self.miss(target, map, u)));
        all
    }

    /// The derivatives of all residuals by the state and by the parts of the ranges.
    fn derivatives(&self, map: &RateMap, at: &Point) -> Option<Matrix> {
        let (n, m) = (at.u.len(), self.targets.len());
        let mut matrix = Matrix::zeros(n + m, n + m);
        let inner = jacobian(&map.evaluate(&rates(&at.u)), &at.u, FLOOR);
        (0..n).for_each(|a| matrix.row_mut(a)[..n].copy_from_slice(inner.row(a)));
        for b in (0..n).filter(|&b| at.u[b].is_finite()) {
            let step = STEP * (1.0 + at.u[b].abs());
            let moved = |by: f64| {
                let mut u = at.u.clone();
                u[b] += by;
                u
            };
            let (up, down) = (moved(step), moved(-step));
            for (k, target) in self.targets.iter().enumerate() {
                matrix[(n + k, b)] = (self.miss(target, map, &up) - self.miss(target, map, &down)) / (2.0 * step);
            }
        }
        for j in 0..m {
            let moved = |by: f64| {
                let mut parts = at.parts.clone();
                parts[j] = (parts[j] + by).clamp(0.0, 1.0);
                parts
            };
            let (up, down) = (moved(STEP), moved(-STEP));
            let width = up[j] - down[j];
            let (up, down) = (self.residuals(&self.map(&up)?, &at.u), self.residuals(&self.map(&down)?, &at.u));
            (0..n + m).for_each(|i| matrix[(i, n + j)] = (up[i] - down[i]) / width);
        }
        Some(matrix)
    }

    /// Newton's method on all equations.
    fn solve(&self, mut at: Point) -> Option<Point> {
        let mut map = self.map(&at.parts)?;
        let mut residual = self.residuals(&map, &at.u);
        for _ in 0..MOST_ITERATIONS {
            if largest(&residual) <= SOLVED {
                return Some(at);
            }
            if self.work.is_cancelled() {
                return None;
            }
            let step = self.derivatives(&map, &at)?.solve(&residual.iter().map(|r| -r).collect::<Vec<_>>());
            let (of_state, of_parts) = step.split_at(at.u.len());
            let longest = (LONGEST_STEP / largest(of_parts)).min(10.0 / largest(of_state)).min(1.0);
            let next = (0..MOST_HALVINGS).find_map(|halvings| {
                let by = longest * 0.5f64.powi(halvings);
                let u = at.u.iter().zip(of_state).map(|(u, s)| u + by * s).collect();
                // the ends belong to the range; a little beyond decides on which side a solution is
                let parts = at.parts.iter().zip(of_parts).map(|(t, s)| (t + by * s).clamp(0.0, 1.0)).collect();
                let next = Point { u, parts };
                let map = self.map(&next.parts)?;
                let next_residual = self.residuals(&map, &next.u);
                (largest(&next_residual) < largest(&residual)).then_some((next, map, next_residual))
            });
            let Some(next) = next else { return (largest(&residual) <= 1e-9).then_some(at) };
            (at, map, residual) = next;
        }
        None
    }
}

impl Problem<'_> {
    /// The solution by the law of threshold crossings near one by the closed forms, and what lengthens the times there (`refine`).
    fn refined(&self, at: Point) -> Option<(Point, Vec<f64>)> {
        if !self.map(&at.parts)?.is_refined() {
            return Some((at, Vec::new()));
        }
        // a point without a map has no factors, and does not move
        let factors_at = |at: &Point| self.map(&at.parts).map_or(Vec::new(), |map| map.lengthenings_at(&rates(&at.u)));
        let moved = |at: &Point, longer: &[f64]| Problem { longer, ..*self }.solve(at.clone());
        settled(at, factors_at, moved, |to, from| farthest(&to.u, &from.u).max(farthest(&to.parts, &from.parts)))
    }
}

struct Finder<'a> {
    problem: Problem<'a>,
    found: Vec<Point>,
    points: usize,
    starts: usize,
    reached: Vec<Option<(f64, f64)>>,
}

impl Finder<'_> {
    /// From every state at every point of the grid; the first mistake if the network is wrong at all of them.
    fn search(&mut self) -> Result<(), TargetError> {
        let m = self.problem.spans.len();
        let along = if m == 1 && self.problem.family.own().populations.len() > MANY { GRID_OF_MANY } else { GRID[m] };
        let mut mistake = None;
        for point in 0..along.pow(m as u32) {
            let part = |j: u32| (point / along.pow(j) % along) as f64 / (along - 1) as f64;
            let parts: Vec<f64> = (0..m as u32).map(part).collect();
            self.problem.work.check().map_err(SolveError::from)?;
            self.problem.work.set_progress(point as u64, along.pow(m as u32) as u64);
            match self.problem.network(&parts) {
                Err(error) => mistake = Some(error),
                Ok(network) => {
                    let map = RateMap::of_checked(&network, self.problem.options)?.watched(&self.problem.work.part());
                    self.start_from_states(&map, &parts);
                }
            }
        }
        match mistake {
            Some(error) if self.points == 0 => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn start_from_states(&mut self, map: &RateMap, parts: &[f64]) {
        let Ok(found) = states(map) else { return };
        self.points += 1;
        let exchange = Exchange::new(map);
        // of populations that can be exchanged the list has one order only; the targets may need another
        let aimed_at: Vec<usize> = self.problem.targets.iter().map(|target| target.population).collect();
        let variants = found.states.iter().flat_map(|state| exchange.variants(&state.u, &aimed_at));
        for u in variants.collect::<Vec<_>>() {
            for (target, reached) in self.problem.targets.iter().zip(&mut self.reached) {
                let value = self.problem.quantity(target, map, &u);
                if value.is_finite() {
                    let (least, most) = reached.unwrap_or((value, value));
                    *reached = Some((value.min(least), value.max(most)));
                }
            }
            if self.problem.work.is_cancelled() {
                return;
            }
            self.starts += 1;
            if let Some(solution) = self.problem.solve(Point { u, parts: parts.to_vec() }) {
                self.keep(solution);
            }
        }
    }

    fn keep(&mut self, solution: Point) {
        if !self
            .found
            .iter()
            .any(|known| same_state(&known.u, &solution.u) && same_state(&known.parts, &solution.parts))
        {
            self.found.push(solution);
        }
    }

    fn finish(mut self, options: TheoryOptions) -> Result<Targeted, TargetError> {
        self.found.sort_by(|p, q| p.parts.partial_cmp(&q.parts).unwrap_or(std::cmp::Ordering::Equal));
        let mut solutions = Vec::new();
        for point in &self.found {
            let Some((point, longer)) = Problem { options, ..self.problem }.refined(point.clone()) else { continue };
            let network = self.problem.network(&point.parts)?;
            let map = RateMap::new(&network, options)?.lengthened(&longer);
            let iterate = match newton(&map, point.u.clone(), MOST_ITERATIONS) {
                Outcome::Converged(state) => state,
                Outcome::Stuck(_) => Iterate { u: point.u.clone(), residual: 0.0, iterations: 0 },
            };
            let mut state = State::new(&map, iterate, Method::Newton);
            state.multiplicity = Exchange::new(&map).multiplicity(&state.u);
            solutions.push(TargetSolution { values: self.problem.values(&point.parts), network, state });
        }
        Ok(Targeted { solutions, points: self.points, starts: self.starts, reached: self.reached })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, bundled};
    use crate::testing::theory;

    fn family(name: &str, case: Option<&str>, free: &[(&str, &str)]) -> Family {
        let options = ReadOptions { case: case.map(str::to_owned), ..ReadOptions::default() };
        Family::open(bundled::find(name).unwrap().text, name, &options, free).unwrap()
    }

    fn rate(population: usize, value: f64) -> Target {
        Target { population, quantity: TargetQuantity::Rate, value }
    }

    #[test]
    fn the_drive_of_a_known_state_is_found_again() {
        let family = family("sanzeni2020", Some("SDN nu_ext=10"), &[("nu_ext", "Hz")]);
        let wanted = [rate(0, 88.10518765002571)];
        let found = find_targets(
            &family,
            &[Span { from: 1.0, to: 100.0 }],
            &wanted,
            &TheoryOptions::default(),
            &Work::default(),
        )
        .unwrap();
        assert_eq!(found.solutions.len(), 1, "{:?}", found.solutions);
        assert!((found.solutions[0].values[0] - 10.0).abs() < 1e-8, "{:?}", found.solutions[0].values);
        assert!((found.solutions[0].state.rates_hz()[1] - 54.51837595492777).abs() < 1e-6);
    }

    #[test]
    fn every_branch_that_meets_a_target_counts() {
        // inhibition-stabilised onset: E rises and falls again with the drive, so 0.5 Hz is met on both sides
        let family = family("sanzeni2020", Some("ROS nu_ext=5"), &[("nu_ext", "Hz")]);
        let found = find_targets(
            &family,
            &[Span { from: 5.0, to: 50.0 }],
            &[rate(0, 0.5)],
            &TheoryOptions::default(),
            &Work::default(),
        )
        .unwrap();
        assert_eq!(found.solutions.len(), 2, "{:?}", found.solutions.iter().map(|s| &s.values).collect::<Vec<_>>());
        for solution in &found.solutions {
            assert!((solution.state.rates_hz()[0] - 0.5).abs() < 1e-9);
        }
    }

    #[test]
    fn two_targets_take_two_parameters() {
        let family = family("brunel2000", None, &[("g", ""), ("eta", "")]);
        let wanted = [
            Target { population: 0, quantity: TargetQuantity::Rate, value: 10.0 },
            Target { population: 0, quantity: TargetQuantity::Cv, value: 0.8 },
        ];
        let spans = [Span { from: 4.2, to: 8.0 }, Span { from: 1.0, to: 4.0 }];
        let found = find_targets(&family, &spans, &wanted, &TheoryOptions::default(), &Work::default()).unwrap();
        assert!(!found.solutions.is_empty(), "{:?}", found.reached);
        for solution in &found.solutions {
            let theory = theory(&solution.network);
            let population = &theory.fixed_point(&solution.state).populations[0];
            assert!((population.rate_hz - 10.0).abs() < 1e-8 && (population.cv.unwrap() - 0.8).abs() < 1e-8);
        }
    }

    #[test]
    fn a_target_is_met_by_the_law_of_threshold_crossings_too() {
        let family = family("potjans_diesmann2014", None, &[("rate_ext", "Hz")]);
        let spans = [Span { from: 6.0, to: 10.0 }];
        let options = TheoryOptions::from(SynapticFilter::Full);
        let found = find_targets(&family, &spans, &[rate(2, 5.0)], &options, &Work::default()).unwrap();
        assert_eq!(found.solutions.len(), 1);
        let solution = &found.solutions[0];
        let map = RateMap::new(&solution.network, options.filter).unwrap();
        let full = map.transfers[2].full(&map.inputs(&solution.state.rates_hz())[2]).unwrap();
        assert!((full.ln_rate_hz.exp() - 5.0).abs() < 1e-5, "{full:?}");
    }

    #[test]
    fn what_cannot_be_reached_is_said_with_what_can() {
        let family = family("brunel2000", None, &[("eta", "")]);
        let spans = [Span { from: 1.2, to: 2.0 }];
        let found =
            find_targets(&family, &spans, &[rate(0, 200.0)], &TheoryOptions::default(), &Work::default()).unwrap();
        assert!(found.solutions.is_empty());
        let (least, most) = found.reached[0].unwrap();
        assert!(least < most && most < 200.0, "{least} {most}");
        let error =
            find_targets(&family, &spans, &[rate(0, 600.0)], &TheoryOptions::default(), &Work::default()).unwrap_err();
        assert!(error.to_string().contains("1/t_ref = 500 Hz"), "{error}");
        assert!(matches!(
            find_targets(&family, &spans, &[rate(0, 5.0), rate(1, 5.0)], &TheoryOptions::default(), &Work::default()),
            Err(TargetError::Count { targets: 2, parameters: 1 })
        ));
    }
}
