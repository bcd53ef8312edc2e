//! A phase diagram: which state a network has over the plane of two parameters, and the borders between the states as curves.
//!
//! Every state has a name ([`StateName`]: does a mode grow, does the neuron fire, how regularly). Points of the grid are computed where the name can change: first those of a coarse lattice, then within cells whose corners differ, and next to these,
//! down to the grid that was asked for; the others have the name of their corners. A region that is narrower than 8 steps of the grid in both directions can be missed.
//!
//! A border crosses the edge between two neighbouring points where the number that decides is at its limit, by linear interpolation: growth 0, rate 0.1 Hz, CV 0.5, 100 Hz. In each cell such crossings are joined, and cells make curves.
//!
//! Source: the diagram is figure 2 of Brunel (2000), J Comput Neurosci 8:183.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::report::OverAxis;
use super::run::pool;
use super::{Sweep, SweepError};
use crate::Provenance;
use crate::axis::Axis;
use crate::network::Parameter;
use crate::report::{About, Column, Report, Table};
use crate::response::{CharacteristicRoots, ResponseError};
use crate::theory::{Activity, FullDynamics, StateName, Theory};
use crate::work::Work;

/// Steps of the grid between points of the coarse lattice.
const COARSE: usize = 8;
/// Points that are computed between two looks at what is known.
const PIECE: usize = 64;
/// Modes that decay faster are not told apart.
const LEAST_PER_S: f64 = -50.0;
/// Where a mode grows or decays more slowly than this, cells are looked into, whatever their corners are.
const NEAR_PER_S: f64 = 15.0;

/// Which of the states that the rate dynamics keeps is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseOf {
    /// That of the lowest total rate.
    #[default]
    Lowest,
    /// That of the highest total rate.
    Highest,
}

/// States by name over the plane of two parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhaseDiagram {
    /// The network's name.
    pub network: String,
    /// The parameters that are the same everywhere.
    #[serde(with = "crate::provenance::parameters_as_object")]
    pub parameters: Vec<Parameter>,
    /// The two parameters; the last varies fastest.
    pub over: Vec<OverAxis>,
    /// Which state is named.
    pub which: PhaseOf,
    /// The name at each point of the grid; nothing where the network leaves the state without oscillating, or there is none.
    pub names: Vec<Option<StateName>>,
    /// What the network does around the state, at points that were computed.
    pub full_dynamics: Vec<Option<FullDynamics>>,
    /// Points that were computed; the others have the name of their surroundings.
    pub computed: usize,
    /// The borders between states.
    pub borders: Vec<PhaseBorder>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A piece of the border between two states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhaseBorder {
    /// The states on its sides.
    pub between: [Option<StateName>; 2],
    /// Values of both parameters along it.
    pub points: Vec<[f64; 2]>,
}

/// Why there is no phase diagram.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PhaseError {
    /// The sweep is over another number of parameters.
    #[error("a phase diagram is over two parameters with at least two values each; this sweep is over {axes}")]
    Axes {
        /// Their number.
        axes: usize,
    },
    /// Neurons and synapses whose response is not computed.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// Threads cannot be started.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// It was stopped.
    #[error("stopped after {computed} points; a phase diagram is known when all are")]
    Cancelled {
        /// Points computed.
        computed: usize,
    },
}

/// What is known of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Point {
    name: Option<StateName>,
    dynamics: Option<FullDynamics>,
    activity: Activity,
}

impl Point {
    /// Growth of the rightmost mode, or a bound of it.
    fn growth_per_s(&self) -> f64 {
        self.dynamics.map_or(f64::NAN, |of| of.growth_per_s.unwrap_or(of.known_above_per_s))
    }

    fn oscillates(&self) -> bool {
        self.dynamics.is_some_and(|of| of.stable == Some(false))
    }
}

impl PhaseDiagram {
    /// Of a sweep over two parameters.
    ///
    /// # Errors
    ///
    /// Another number of parameters; neurons and synapses whose response is not computed; a stop.
    pub fn new(sweep: &Sweep, which: PhaseOf, threads: Option<usize>, work: &Work) -> Result<Self, PhaseError> {
        let axes = sweep.axes();
        let counts: Vec<usize> = axes.iter().map(|axis| axis.range.len()).collect();
        let &[rows, columns] = &counts[..] else { return Err(PhaseError::Axes { axes: axes.len() }) };
        if rows < 2 || columns < 2 {
            return Err(PhaseError::Axes { axes: axes.len() });
        }
        let mut plane = Plane { sweep, which, rows, columns, points: vec![None; rows * columns] };
        let pool = pool(threads)?;
        let mut filled: Vec<Option<Option<StateName>>> = vec![None; rows * columns];
        let mut step = COARSE.min(rows.max(columns).next_power_of_two());
        let lattice = plane.lattice(step);
        plane.compute(lattice, &pool, work)?;
        while step > 1 {
            let flagged = plane.flagged(step, &filled);
            step /= 2;
            plane.compute(flagged.inside, &pool, work)?;
            for (point, name) in flagged.outside {
                filled[point].get_or_insert(name);
            }
            // a point on an edge may differ from what its other side was filled with
            loop {
                let doubtful = plane.doubtful(step, &filled);
                if doubtful.is_empty() {
                    break;
                }
                plane.compute(doubtful, &pool, work)?;
            }
        }
        let names: Vec<Option<StateName>> = plane
            .points
            .iter()
            .zip(&filled)
            .map(|(own, filled)| own.map_or(filled.flatten(), |own| own.name))
            .collect();
        let over = |axis: &Axis| OverAxis { axis: axis.clone(), column: axis.column() };
        let network = sweep.family().own();
        Ok(PhaseDiagram {
            network: network.name.clone(),
            parameters: sweep.parameters_that_stay(),
            over: axes.iter().map(over).collect(),
            which,
            full_dynamics: plane.points.iter().map(|own| own.and_then(|own| own.dynamics)).collect(),
            computed: plane.points.iter().flatten().count(),
            borders: plane.borders(&names),
            names,
            provenance: Provenance::new("phases", network).of_theory(*sweep.options()),
        })
    }

    /// What was found, in a few lines.
    pub fn text(&self) -> String {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in &self.names {
            *counts.entry(name.map_or_else(|| "no name".to_string(), |name| name.to_string())).or_default() += 1;
        }
        let mut text = crate::report::text::title(self.about());
        let of_axis = |over: &OverAxis| {
            let range = &over.axis.range;
            format!("{} from {} to {}", over.column, range.value(0), range.value(range.len() - 1))
        };
        let head = format!(
            "States over {} and {}: {} of {} points computed, {} borders.",
            of_axis(&self.over[0]),
            of_axis(&self.over[1]),
            self.computed,
            self.names.len(),
            self.borders.len()
        );
        text.push('\n');
        text.push_str(&crate::report::text::filled(&head, "", "  "));
        text.push('\n');
        for (name, count) in counts {
            let part = 100.0 * count as f64 / self.names.len() as f64;
            text.push_str(&format!("  {part:5.1} %  {name}\n"));
        }
        text.push_str("\nThe diagram itself: --plot; names and borders: --format json, --output.\n");
        text
    }
}

impl Report for PhaseDiagram {
    fn about(&self) -> About<'_> {
        About { network: &self.network, parameters: &self.parameters, provenance: &self.provenance }
    }

    fn table(&self) -> Table {
        let columns = self.over[1].axis.range.len();
        let value = |k: usize, which: usize| {
            let index = if which == 0 { k / columns } else { k % columns };
            Some(self.over[which].axis.range.value(index))
        };
        let all = || 0..self.names.len();
        let names: Vec<String> =
            self.names.iter().map(|name| name.map_or_else(String::new, |name| name.to_string())).collect();
        let dynamics = || self.full_dynamics.iter().map(Option::as_ref);
        Table {
            columns: vec![
                Column::new(
                    self.over[0].column.clone(),
                    crate::report::Values::Numbers(all().filter_map(|k| value(k, 0)).collect()),
                ),
                Column::new(
                    self.over[1].column.clone(),
                    crate::report::Values::Numbers(all().filter_map(|k| value(k, 1)).collect()),
                ),
                Column::texts("state_name", names.iter().map(String::as_str)),
                Column::numbers("full_growth_per_s", dynamics().map(|of| of?.growth_per_s)),
                Column::numbers("full_frequency_hz", dynamics().map(|of| of?.frequency_hz)),
            ],
        }
    }
}

/// The points of the grid, row by row.
struct Plane<'a> {
    sweep: &'a Sweep,
    which: PhaseOf,
    rows: usize,
    columns: usize,
    points: Vec<Option<Point>>,
}

/// Points to be computed, and those that take a name from their surroundings.
#[derive(Default)]
struct Flagged {
    inside: Vec<usize>,
    outside: Vec<(usize, Option<StateName>)>,
}

impl Plane<'_> {
    fn at(&self, row: usize, column: usize) -> usize {
        row * self.columns + column
    }

    /// Places of a lattice along an axis: every so many, and the last.
    fn places(count: usize, step: usize) -> Vec<usize> {
        (0..count - 1).step_by(step).chain([count - 1]).collect()
    }

    fn lattice(&self, step: usize) -> Vec<usize> {
        let columns = Self::places(self.columns, step);
        Self::places(self.rows, step)
            .into_iter()
            .flat_map(|r| columns.iter().map(move |c| (r, *c)))
            .map(|(r, c)| self.at(r, c))
            .collect()
    }

    /// The corners of a cell of a lattice.
    fn corners(&self, [rows, columns]: [&[usize]; 2], i: usize, j: usize) -> [usize; 4] {
        [(i, j), (i + 1, j), (i, j + 1), (i + 1, j + 1)].map(|(i, j)| self.at(rows[i], columns[j]))
    }

    fn name(&self, point: usize, filled: &[Option<Option<StateName>>]) -> Option<StateName> {
        self.points[point].map_or(filled[point].flatten(), |own| own.name)
    }

    /// Cells of a lattice that may hold a border, as points of the next lattice, and the points of the others.
    fn flagged(&self, step: usize, filled: &[Option<Option<StateName>>]) -> Flagged {
        let (rows, columns) = (Self::places(self.rows, step), Self::places(self.columns, step));
        let (height, width) = (rows.len() - 1, columns.len() - 1);
        let is_mixed = |i: usize, j: usize| {
            let corners = self.corners([&rows, &columns], i, j);
            let first = self.name(corners[0], filled);
            let near = |corner: &usize| self.points[*corner].is_some_and(|own| own.growth_per_s().abs() < NEAR_PER_S);
            corners.iter().any(|corner| self.name(*corner, filled) != first) || corners.iter().any(near)
        };
        let mixed: Vec<bool> = (0..height * width).map(|k| is_mixed(k / width, k % width)).collect();
        let is_near = |i: usize, j: usize| {
            (i.saturating_sub(1)..=(i + 1).min(height - 1))
                .any(|i| (j.saturating_sub(1)..=(j + 1).min(width - 1)).any(|j| mixed[i * width + j]))
        };
        let mut flagged = Flagged::default();
        let half = (step / 2).max(1);
        for i in 0..height {
            for j in 0..width {
                let (top, left) = (rows[i], columns[j]);
                if is_near(i, j) {
                    for row in (top..=rows[i + 1]).filter(|row| (row - top) % half == 0 || *row == rows[i + 1]) {
                        for column in (left..=columns[j + 1]).filter(|c| (c - left) % half == 0 || *c == columns[j + 1])
                        {
                            flagged.inside.push(self.at(row, column));
                        }
                    }
                } else {
                    let name = self.name(self.at(top, left), filled);
                    for row in top..=rows[i + 1] {
                        flagged.outside.extend((left..=columns[j + 1]).map(|column| (self.at(row, column), name)));
                    }
                }
            }
        }
        flagged
    }

    /// Points without a computed name at corners of cells of a lattice whose corners differ.
    fn doubtful(&self, step: usize, filled: &[Option<Option<StateName>>]) -> Vec<usize> {
        let (rows, columns) = (Self::places(self.rows, step), Self::places(self.columns, step));
        let mut doubtful = Vec::new();
        for i in 0..rows.len() - 1 {
            for j in 0..columns.len() - 1 {
                let corners = self.corners([&rows, &columns], i, j);
                let first = self.name(corners[0], filled);
                if corners.iter().any(|corner| self.name(*corner, filled) != first) {
                    doubtful.extend(corners.into_iter().filter(|corner| self.points[*corner].is_none()));
                }
            }
        }
        doubtful
    }

    /// Computes points that are not known, on several threads.
    fn compute(&mut self, mut wanted: Vec<usize>, pool: &rayon::ThreadPool, work: &Work) -> Result<(), PhaseError> {
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|point| self.points[*point].is_none());
        let computed = |points: &[Option<Point>]| points.iter().flatten().count();
        for piece in wanted.chunks(PIECE) {
            let own = &*self;
            let found: Vec<Result<Point, PhaseError>> =
                pool.install(|| piece.par_iter().map(|point| own.point(*point, work)).collect());
            if work.is_cancelled() {
                return Err(PhaseError::Cancelled { computed: computed(&self.points) });
            }
            for (point, found) in piece.iter().zip(found) {
                self.points[*point] = Some(found?);
            }
            work.set_progress(computed(&self.points) as u64, self.points.len() as u64);
        }
        Ok(())
    }

    /// The state at a point; one that is not there has no name.
    fn point(&self, point: usize, work: &Work) -> Result<Point, PhaseError> {
        let Ok(network) = self.sweep.family().at(&self.sweep.point(point as u64)) else { return Ok(Point::default()) };
        let theory = match Theory::new(&network, self.sweep.options()) {
            Ok(theory) => theory.watched(work),
            Err(_) => return Ok(Point::default()),
        };
        let Ok(found) = theory.states() else { return Ok(Point::default()) };
        let mut stable = found.states.iter().filter(|state| state.stable);
        let state = match self.which {
            PhaseOf::Lowest => stable.next().or_else(|| found.states.iter().find(|state| !state.saddle())),
            PhaseOf::Highest => stable.next_back().or_else(|| found.states.iter().rfind(|state| !state.saddle())),
        };
        let Some(state) = state else { return Ok(Point::default()) };
        let connectivity = theory.effective_connectivity(state)?;
        let Ok(roots) = CharacteristicRoots::down_to(&connectivity, LEAST_PER_S, work) else {
            return Ok(Point::default());
        };
        let dynamics = FullDynamics::of(&roots);
        let activity = theory.activity(state);
        Ok(Point { name: StateName::of(&dynamics, &activity), dynamics: Some(dynamics), activity })
    }

    /// The part of the way from one point to another at which the name changes.
    fn crossing(&self, from: usize, to: usize) -> f64 {
        let (Some(a), Some(b)) = (self.points[from], self.points[to]) else { return 0.5 };
        // what decides about names, less its limit, in the order in which it decides
        let growth = |own: Point| own.growth_per_s();
        let ln_rate = |own: Point| (own.activity.mean_rate_hz / StateName::QUIESCENT_HZ).ln();
        let irregularity = |own: Point| own.activity.cv.unwrap_or(f64::NAN) - StateName::LEAST_IRREGULAR_CV;
        let frequency =
            |own: Point| own.dynamics.and_then(|of| of.frequency_hz).unwrap_or(f64::NAN) - StateName::FASTEST_SLOW_HZ;
        let is_zero_between = |of: &dyn Fn(Point) -> f64| {
            let (p, q) = (of(a), of(b));
            Some(p / (p - q)).filter(|part| (0.0..=1.0).contains(part))
        };
        let by_growth = if a.oscillates() != b.oscillates() { is_zero_between(&growth) } else { None };
        let others: [&dyn Fn(Point) -> f64; 3] = [&ln_rate, &irregularity, &frequency];
        by_growth.or_else(|| others.into_iter().find_map(is_zero_between)).unwrap_or(0.5)
    }

    /// All borders as curves.
    fn borders(&self, names: &[Option<StateName>]) -> Vec<PhaseBorder> {
        let value = |place: f64, which: usize| {
            let range = &self.sweep.axes()[which].range;
            let below = (place as usize).min(range.len() - 2);
            let part = place - below as f64;
            let (low, high) = (range.value(below), range.value(below + 1));
            if range.is_logarithmic() { low * (high / low).powf(part) } else { low + (high - low) * part }
        };
        let mut segments: BTreeMap<[Option<StateName>; 2], Vec<[Joint; 2]>> = BTreeMap::new();
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
                let edges: Vec<(usize, usize)> = (0..4)
                    .map(|k| (corners[k], corners[(k + 1) % 4]))
                    .map(|(p, q)| (self.at(p.0, p.1), self.at(q.0, q.1)))
                    .map(|(p, q)| (p.min(q), p.max(q)))
                    .filter(|(p, q)| names[*p] != names[*q])
                    .collect();
                let pair = |(p, q): (usize, usize)| {
                    let mut pair = [names[p], names[q]];
                    pair.sort();
                    pair
                };
                match edges[..] {
                    [] => {}
                    [first, second] => {
                        segments.entry(pair(first)).or_default().push([Joint::Edge(first), Joint::Edge(second)]);
                    }
                    _ => {
                        for edge in edges {
                            let centre = Joint::Cell(self.at(row, column));
                            segments.entry(pair(edge)).or_default().push([Joint::Edge(edge), centre]);
                        }
                    }
                }
            }
        }
        let place = |joint: Joint| match joint {
            Joint::Cell(point) => [(point / self.columns) as f64 + 0.5, (point % self.columns) as f64 + 0.5],
            Joint::Edge((from, to)) => {
                let part = self.crossing(from, to);
                let of = |point: usize| [(point / self.columns) as f64, (point % self.columns) as f64];
                let (from, to) = (of(from), of(to));
                [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]
            }
        };
        let mut borders = Vec::new();
        for (between, segments) in segments {
            for chain in chains(&segments) {
                let points = chain.into_iter().map(place).map(|at| [value(at[0], 0), value(at[1], 1)]).collect();
                borders.push(PhaseBorder { between, points });
            }
        }
        borders
    }
}

/// Where pieces of borders meet: on an edge between two points, or in the middle of a cell where more than two states do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Joint {
    Edge((usize, usize)),
    Cell(usize),
}

/// Pieces joined to curves; a closed one ends where it begins.
fn chains(segments: &[[Joint; 2]]) -> Vec<Vec<Joint>> {
    let mut at: BTreeMap<Joint, Vec<usize>> = BTreeMap::new();
    for (k, ends) in segments.iter().enumerate() {
        for end in ends {
            at.entry(*end).or_default().push(k);
        }
    }
    let mut used = vec![false; segments.len()];
    let mut chains = Vec::new();
    // from loose ends first, then rings
    let ends = at.iter().filter(|(_, segments)| segments.len() != 2).map(|(joint, _)| *joint);
    let starts: Vec<Joint> = ends.chain(at.keys().copied()).collect();
    for start in starts {
        loop {
            let mut chain = vec![start];
            let mut here = start;
            while let Some(next) = at.get(&here).and_then(|all| all.iter().copied().find(|k| !used[*k])) {
                used[next] = true;
                here = if segments[next][0] == here { segments[next][1] } else { segments[next][0] };
                chain.push(here);
                if at.get(&here).is_some_and(|all| all.len() != 2) {
                    break;
                }
            }
            if chain.len() < 2 {
                break;
            }
            chains.push(chain);
        }
    }
    chains
}
