//! Where the range of potentials is cut: panels in which the solutions are polynomials, found from the flow alone.
//!
//! With `a = (2F/g^2) dV/dy` and `Phi = int a dy`, times `R` and occupation `Q` obey `R' = -a R + b` and `Q' = a Q - c`. Three kinds of panels do
//! for all noise, from much to nearly none:
//!
//! - `Resolved`: `Phi` changes by no more than 6, so that `exp(Phi)` is a polynomial of degree 23 to rounding, and the equation a quadrature.
//! - `Stiff`: `F > 0`, and `Phi` is 40 away from all places where a solution begins (bounds, reset, places where the flow turns): both solutions
//!   have forgotten them (`exp(-40)` is 4e-18), are as smooth as `1/F`, and are found by collocation.
//! - `Leap`: uphill, so far from where `exp(Phi)` and `exp(-Phi)` have their largest values that nothing is added to the one or the other: the solutions
//!   change by `exp(Phi)` alone.

use super::super::flow::{Bounds, Flow};
use crate::numerics::panel::{PANEL, POINTS, Values, largest};

/// So far in `Phi` a beginning is forgotten.
const FORGOTTEN: f64 = 40.0;
/// So much may `Phi` change in a resolved panel.
const MOST_CHANGE: f64 = 6.0;
/// A function whose last coefficients are smaller beside it is a polynomial.
const SMOOTH: f64 = 1e-13;
/// A change of `Phi` that changes nothing.
const NO_CHANGE: f64 = 2e-14;
/// Roundings of a potential that a function of it may have.
const ROUNDINGS: f64 = 16.0 * f64::EPSILON;
/// No more panels, and no more stretches, are made: bounds on the time, far from where they are reached.
pub(super) const MOST_PANELS: usize = 20_000;
const MOST_STRETCHES: usize = 1000;
/// So many times the change of a resolved panel is never resolved.
const TOO_MANY: f64 = 5.0;
/// The most parts that a panel is cut into at once, and the most steps to a place with a value of `Phi`.
const MOST_PARTS: f64 = 1000.0;
const MOST_STEPS: usize = 200;
/// How well a place where the flow turns is known, beside the length of its panel.
const TURN: f64 = 1e-9;
/// The shortest panel beside the distance from reset to the spike.
const SHORTEST: f64 = 1e-12;

/// What panels are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Times alone.
    Times,
    /// The occupation as well, which has a kink at the reset and ends at the spike: panels there are resolved.
    Occupation,
    /// Solutions that depend on a frequency: the same, and no leaps, over which they would change with it.
    Modulations,
}

/// How a panel is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Resolved,
    Stiff,
    Leap,
}

/// The coefficients of the equations at the points of a panel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coefficients {
    /// `a = (2F/g^2) dV/dy`.
    pub(super) a: Values,
    /// `b = (2/g^2) dV/dy`.
    pub(super) b: Values,
    /// `c = dV/dy`.
    pub(super) c: Values,
    /// `V`.
    pub(super) V_mv: Values,
}

/// A panel.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) kind: Kind,
    /// Whether it lies above the reset.
    pub(super) above_reset: bool,
    pub(super) coefficients: Box<Coefficients>,
    /// The change of `Phi`.
    pub(super) rise: f64,
    /// What rounding of the force makes of `1/F` in a stiff panel.
    pub(super) rounding: f64,
}

impl Cell {
    fn new(flow: &impl Flow, (from, to): (f64, f64), kind: Kind, above_reset: bool) -> Self {
        let coefficients = Box::new(Coefficients::new(flow, from, to));
        let rise = 0.5 * (to - from) * PANEL.integral(&coefficients.a);
        Cell { from, to, kind, above_reset, coefficients, rise, rounding: 0.0 }
    }

    /// Half its length.
    pub(super) fn half(&self) -> f64 {
        0.5 * (self.to - self.from)
    }

    /// `c/|a|` at the upper end of a leap, over which the solutions change by a factor `e` there.
    pub(super) fn lag_at_upper_end(&self) -> f64 {
        PANEL.right(&self.coefficients.c) / PANEL.right(&self.coefficients.a).abs()
    }

    /// `Phi` at the points less that at the left end.
    pub(super) fn risen(&self) -> Values {
        PANEL.integrals(&self.coefficients.a).map(|sum| self.half() * sum)
    }

    /// Where a coordinate lies between -1 and 1.
    pub(super) fn place(&self, y: f64) -> f64 {
        (y - 0.5 * (self.from + self.to)) / self.half()
    }

    /// Its two halves; none if it is as short as it may be.
    pub(super) fn halves(&self, flow: &impl Flow) -> Option<[Cell; 2]> {
        let middle = 0.5 * (self.from + self.to);
        let part =
            |from, to| Cell { rounding: self.rounding, ..Cell::new(flow, (from, to), self.kind, self.above_reset) };
        (self.to - self.from > shortest(flow)).then(|| [part(self.from, middle), part(middle, self.to)])
    }
}

impl Coefficients {
    fn new(flow: &impl Flow, from: f64, to: f64) -> Self {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let [mut a, mut b, mut c, mut V_mv] = [[0.0; POINTS]; 4];
        for k in 0..POINTS {
            (V_mv[k], c[k]) = flow.potential(middle + half * PANEL.x[k]);
            b[k] = 2.0 * c[k] / flow.noise_mv2(V_mv[k]);
            a[k] = flow.force_mv(V_mv[k]) * b[k];
        }
        Coefficients { a, b, c, V_mv }
    }
}

/// What rounding of the coordinate, and of the potential there, makes of a function of it in a panel: nothing finer is to be seen.
pub(crate) fn rounding(f: &Values, V_mv: &Values, (from, to): (f64, f64)) -> f64 {
    let (half, farthest) = (0.5 * (to - from), from.abs().max(to.abs()));
    let unseen = |k: usize| {
        let in_place = farthest / (half * (PANEL.x[k] - PANEL.x[k - 1]));
        let in_potential = V_mv[k].abs().max(V_mv[k - 1].abs()) / (V_mv[k] - V_mv[k - 1]);
        (f[k] - f[k - 1]).abs() * in_place.max(in_potential)
    };
    ROUNDINGS * (1..POINTS).map(unseen).filter(|unseen| unseen.is_finite()).fold(0.0, f64::max)
}

fn shortest(flow: &impl Flow) -> f64 {
    let Bounds { reset, spike, .. } = flow.bounds();
    SHORTEST * (spike - reset)
}

fn rises(flow: &impl Flow, y: f64) -> bool {
    flow.force_at_mv(y) > 0.0
}

/// A stretch in which the flow goes one way, with `Phi` at both ends.
struct Stretch {
    from: f64,
    to: f64,
    phi: [f64; 2],
    rise: f64,
    is_rising: bool,
    above_reset: bool,
}

impl Stretch {
    fn new(flow: &impl Flow, (from, to): (f64, f64), is_rising: bool, above_reset: bool) -> Self {
        let a = Coefficients::new(flow, from, to).a;
        let half = 0.5 * (to - from);
        Stretch { from, to, phi: [0.0; 2], rise: half * PANEL.integral(&a), is_rising, above_reset }
    }

    /// Where `Phi`, from its value at the lower end, has about this one.
    fn place_from_lower_end(&self, flow: &impl Flow, phi: f64) -> f64 {
        self.place(flow, self.from, self.to, (phi - self.phi[0]).abs())
    }

    /// Where `Phi`, from its value at the upper end, has about this one.
    fn place_from_upper_end(&self, flow: &impl Flow, phi: f64) -> f64 {
        self.place(flow, self.to, self.from, (self.phi[1] - phi).abs())
    }

    /// The place between two ends whose `Phi` differs from that of the first by this much, or by up to a fifth more.
    fn place(&self, flow: &impl Flow, end: f64, other: f64, distance: f64) -> f64 {
        // nor is a place looked for that rounding does not tell from the end, as where potentials are infinite or spikes begin
        let resolution = f64::EPSILON * end.abs().max(other.abs());
        let (V_mv, stretch) = flow.potential(end);
        let speed = 2.0 * (flow.force_mv(V_mv) / flow.noise_mv2(V_mv) * stretch).abs();
        if distance == 0.0 || distance < speed * resolution {
            return end;
        }
        let (mut near, mut far) = (0.0, 1.0);
        // Phi leaves a place where the flow turns with the square of the distance, and others in proportion
        let mut part = (distance / self.rise.abs()).clamp(0.0, 1.0);
        for _ in 0..MOST_STEPS {
            let place = end + (other - end) * part;
            let a = Coefficients::new(flow, end.min(place), end.max(place)).a;
            let passed = 0.5 * ((place - end) * PANEL.integral(&a)).abs();
            if passed >= distance && passed <= 1.2 * distance {
                return place;
            }
            if passed < distance {
                near = part
            } else {
                far = part
            }
            let next = part * (1.1 * distance / passed).sqrt();
            part = if next > near && next < far { next } else { 0.5 * (near + far) };
            if part == near || part == far {
                break;
            }
        }
        end + (other - end) * far
    }
}

/// The lowest coordinate from which anything is felt at the reset or above.
fn lowest(flow: &impl Flow) -> f64 {
    let Bounds { lowest, reset, spike } = flow.bounds();
    let mut length = 0.25 * (spike - reset);
    let (mut to, mut phi, mut highest) = (reset, 0.0, 0.0_f64);
    loop {
        let from = (to - length).max(lowest);
        let a = Coefficients::new(flow, from, to).a;
        let half = 0.5 * (to - from);
        let (so_far, whole) = (PANEL.integrals(&a), PANEL.integral(&a));
        for k in (0..POINTS).rev() {
            let here = phi - half * (whole - so_far[k]);
            highest = highest.max(here);
            if here < highest - FORGOTTEN && a[k] > 0.0 {
                return 0.5 * (from + to) + half * PANEL.x[k];
            }
        }
        phi -= half * whole;
        to = from;
        length *= 2.0;
        if to <= lowest || !phi.is_finite() {
            return to;
        }
    }
}

/// Cuts a range into panels in which the flow is a polynomial, and these where it turns.
fn stretches(flow: &impl Flow, (from, to): (f64, f64), above_reset: bool, found: &mut Vec<Stretch>) {
    if to <= from {
        return;
    }
    let Coefficients { a, V_mv, .. } = Coefficients::new(flow, from, to);
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    let tail = PANEL.tail(&a);
    let rounding = rounding(&a, &V_mv, (from, to));
    if tail > SMOOTH * largest(&a)
        && tail > rounding
        && half * tail > NO_CHANGE
        && to - from > shortest(flow)
        && found.len() < MOST_STRETCHES
    {
        stretches(flow, (from, middle), above_reset, found);
        return stretches(flow, (middle, to), above_reset, found);
    }
    // the ends are looked at, too: the flow may turn between the outermost point and the end
    let mut knots = Vec::with_capacity(POINTS + 4);
    knots.push(from);
    knots.extend(PANEL.x.map(|x| middle + half * x));
    knots.push(to);
    let hidden = (1..POINTS - 1).filter_map(|k| turned_between(flow, &knots[k..k + 3], [a[k - 1], a[k], a[k + 1]]));
    let hidden: Vec<f64> = hidden.collect();
    knots.extend(hidden);
    knots.sort_by(f64::total_cmp);
    let (mut start, mut was_rising) = (from, rises(flow, from));
    for pair in knots.windows(2) {
        let [mut below, mut above] = [pair[0], pair[1]];
        let is_rising = rises(flow, above);
        if is_rising != was_rising {
            while above - below > TURN * (to - from) {
                let y = 0.5 * (below + above);
                // of a range that is hardly more than a rounding wide, as at a kink of the noise
                if y <= below || y >= above {
                    break;
                }
                if rises(flow, y) == was_rising { below = y } else { above = y }
            }
            let turn = 0.5 * (below + above);
            if turn > start {
                found.push(Stretch::new(flow, (start, turn), was_rising, above_reset));
            }
            (start, was_rising) = (turn, is_rising);
        }
    }
    if to > start {
        found.push(Stretch::new(flow, (start, to), was_rising, above_reset));
    }
}

/// A place between three points, of whose forces the middle one is nearest to 0, where the force has turned and turned back unseen.
fn turned_between(flow: &impl Flow, places: &[f64], [before, here, after]: [f64; 3]) -> Option<f64> {
    let is_nearest = here * before > 0.0 && here * after > 0.0 && here.abs() <= before.abs().min(after.abs());
    // as far as a parabola may be wrong about it
    if !is_nearest || here.abs() > 2.0 * (before.abs().max(after.abs()) - here.abs()) {
        return None;
    }
    let distance = |y: f64| here.signum() * flow.force_at_mv(y);
    let (mut below, mut above) = (places[0], places[2]);
    for _ in 0..MOST_STEPS {
        let third = (above - below) / 3.0;
        let (left, right) = (below + third, above - third);
        let [at_left, at_right] = [distance(left), distance(right)];
        if at_left < 0.0 || at_right < 0.0 {
            return Some(if at_left < 0.0 { left } else { right });
        }
        if at_left < at_right {
            above = right
        } else {
            below = left
        }
        if third <= TURN * (places[2] - places[0]) {
            break;
        }
    }
    None
}

/// Adds the rises up, from where the flow is slowest: towards infinite potentials they are so large that nothing can be added to them.
fn add_up(flow: &impl Flow, all: &mut [Stretch]) {
    let speed = |y: f64| {
        let (V_mv, stretch) = flow.potential(y);
        (flow.force_mv(V_mv) / flow.noise_mv2(V_mv) * stretch).abs()
    };
    let slowest = (0..all.len()).min_by(|&i, &j| speed(all[i].from).total_cmp(&speed(all[j].from))).unwrap_or(0);
    let mut phi = 0.0;
    for stretch in &mut all[slowest..] {
        stretch.phi = [phi, phi + stretch.rise];
        phi = stretch.phi[1];
    }
    phi = 0.0;
    for stretch in all[..slowest].iter_mut().rev() {
        stretch.phi = [phi - stretch.rise, phi];
        phi = stretch.phi[0];
    }
}

/// The panels from the lowest potential that matters to the spike.
pub(super) fn cells(flow: &impl Flow, purpose: Purpose) -> Vec<Cell> {
    let Bounds { reset, spike, .. } = flow.bounds();
    let mut all = Vec::with_capacity(16);
    stretches(flow, (lowest(flow), reset), false, &mut all);
    let above = all.len();
    stretches(flow, (reset, spike), true, &mut all);
    add_up(flow, &mut all);
    let heights = Heights::new(&all, above, purpose != Purpose::Times);
    let mut cells = Vec::with_capacity(64);
    for (i, stretch) in all.iter().enumerate() {
        let [start, end] = stretch.phi;
        // between these two values of Phi something else than resolved panels will do
        let ([first, last], kind) = if stretch.is_rising {
            ([(heights.begun[i] + FORGOTTEN).max(start), (heights.ends[i] - FORGOTTEN).min(end)], Kind::Stiff)
        } else {
            (heights.leap(i, stretch), Kind::Leap)
        };
        let direction = if stretch.is_rising { 1.0 } else { -1.0 };
        let is_allowed = kind == Kind::Stiff || purpose != Purpose::Modulations;
        let is_worth_it = is_allowed && (last - first) * direction >= 2.0 * MOST_CHANGE;
        let (from, to) = match is_worth_it {
            true => (stretch.place_from_lower_end(flow, first), stretch.place_from_upper_end(flow, last)),
            false => (stretch.to, stretch.to),
        };
        if from >= to {
            resolve(flow, (stretch.from, stretch.to), stretch, &mut cells);
            continue;
        }
        resolve(flow, (stretch.from, from), stretch, &mut cells);
        smooth(flow, (from, to), kind, stretch.above_reset, &mut cells);
        resolve(flow, (to, stretch.to), stretch, &mut cells);
    }
    cells
}

/// What the ends of the stretches say of each other.
struct Heights {
    /// The highest `Phi` up to each end, and the lowest from there on (above the reset).
    highest: Vec<f64>,
    lowest: Vec<f64>,
    /// The largest difference from a place down to a later one: the height of the barrier.
    barrier: f64,
    /// `Phi` where the flow of each rising stretch began to rise, and where it ends or where something begins that comes down.
    begun: Vec<f64>,
    ends: Vec<f64>,
    above: usize,
}

impl Heights {
    fn new(all: &[Stretch], above: usize, layers: bool) -> Self {
        let count = all.len();
        let phi = |end: usize| if end == 0 { all[0].phi[0] } else { all[end - 1].phi[1] };
        let mut highest = vec![phi(0); count + 1];
        for end in 1..=count {
            highest[end] = phi(end).max(highest[end - 1]);
        }
        let mut lowest = vec![phi(count); count + 1];
        for end in (0..count).rev() {
            lowest[end] = if end >= above { phi(end).min(lowest[end + 1]) } else { lowest[end + 1] };
        }
        let barrier = (above..=count).map(|end| highest[end] - phi(end)).fold(0.0, f64::max);
        let mut begun = vec![0.0; count];
        for i in 0..count {
            begun[i] = if i > 0 && all[i - 1].is_rising { begun[i - 1] } else { phi(i) };
        }
        let mut ends = vec![f64::INFINITY; count];
        for i in (0..count).rev() {
            let is_last = i + 1 == count;
            if layers && (is_last || i + 1 == above) || !is_last && !all[i + 1].is_rising {
                ends[i] = phi(i + 1);
            } else if !is_last {
                ends[i] = ends[i + 1];
            }
        }
        Heights { highest, lowest, barrier, begun, ends, above }
    }

    /// The part of a falling stretch that is too low to add to what comes and too high to be added to, if there is one.
    fn leap(&self, i: usize, stretch: &Stretch) -> [f64; 2] {
        let [start, end] = stretch.phi;
        let no_source =
            self.lowest[i + 1].min(if i >= self.above { end } else { f64::INFINITY }) + self.barrier - FORGOTTEN;
        // what lies below the reset is no place that is passed on the way up
        let no_goal = if i >= self.above { self.highest[i] - self.barrier + FORGOTTEN } else { f64::NEG_INFINITY };
        [no_source.min(start), no_goal.max(end)]
    }
}

/// Adds resolved panels between two places of a stretch.
fn resolve(flow: &impl Flow, (from, to): (f64, f64), stretch: &Stretch, cells: &mut Vec<Cell>) {
    if to <= from {
        return;
    }
    let mut cell = Cell::new(flow, (from, to), Kind::Resolved, stretch.above_reset);
    let count = (cell.rise.abs() / MOST_CHANGE).ceil();
    if count <= 1.0 || to - from <= shortest(flow) || cells.len() > MOST_PANELS {
        // a panel that is too short to be cut, where the flow is so fast that Phi runs away within it
        if count > TOO_MANY {
            cell.kind = if cell.rise > 0.0 { Kind::Stiff } else { Kind::Leap };
        }
        cells.push(cell);
        return;
    }
    // where Phi has changed by one part of the whole; what a straight line between two points misses is cut again
    let risen = cell.risen();
    let knot = |k: usize| match k {
        0 => (from, 0.0),
        k if k == POINTS + 1 => (to, cell.rise),
        k => (cell.from + cell.half() * (1.0 + PANEL.x[k - 1]), risen[k - 1]),
    };
    let count = count.min(MOST_PARTS);
    let (mut last, mut k) = (from, 0);
    for part in 1..=count as usize {
        let wanted = cell.rise * part as f64 / count;
        while k < POINTS && (knot(k + 1).1 - wanted) * cell.rise < 0.0 {
            k += 1;
        }
        let ((left, low), (right, high)) = (knot(k), knot(k + 1));
        let share = if high == low { 1.0 } else { ((wanted - low) / (high - low)).clamp(0.0, 1.0) };
        let next = if part as f64 == count { to } else { left + (right - left) * share };
        if next > last && (last, next) != (from, to) {
            let part = Cell::new(flow, (last, next), Kind::Resolved, stretch.above_reset);
            match part.rise.abs() > 1.5 * MOST_CHANGE {
                true => resolve(flow, (last, next), stretch, cells),
                false => cells.push(part),
            }
            last = next;
        }
    }
}

/// Adds panels in which `1/F` is a polynomial.
fn smooth(flow: &impl Flow, (from, to): (f64, f64), kind: Kind, above_reset: bool, cells: &mut Vec<Cell>) {
    if to <= from {
        return;
    }
    let mut cell = Cell::new(flow, (from, to), kind, above_reset);
    if kind == Kind::Stiff {
        let Coefficients { a, b, .. } = &*cell.coefficients;
        let slow: Values = std::array::from_fn(|k| b[k] / a[k]);
        let rounding = rounding(&slow, &cell.coefficients.V_mv, (from, to));
        cell.rounding = rounding;
        let tail = PANEL.tail(&slow);
        if cell.rise <= MOST_CHANGE {
            cell.kind = Kind::Resolved;
        } else if tail > SMOOTH * largest(&slow)
            && tail > rounding
            && to - from > shortest(flow)
            && cells.len() < MOST_PANELS
        {
            let middle = 0.5 * (from + to);
            smooth(flow, (from, middle), kind, above_reset, cells);
            return smooth(flow, (middle, to), kind, above_reset, cells);
        }
    }
    cells.push(cell);
}
