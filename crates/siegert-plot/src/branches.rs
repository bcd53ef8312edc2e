//! States at neighbouring values of a parameter linked into branches, which end in folds where two states meet.
//!
//! A state continues as the one at the next value that is nearest to it, or to where its own past points, in `asinh` of
//! the quantity (so that 0.01 and 10 Hz are as far apart as 10 Hz and 10 kHz) or in the quantity itself; too far is no
//! link. Of the states that are left over a saddle and one that is none have met between the two values (where rows do not tell
//! saddles: two of opposite stability, or two unstable ones that come nearer): near a fold the square of their distance
//! shrinks linearly, which tells where.

use super::state_kind::StateKind;
use super::sweep::GridStates;

/// Distance in `asinh(value/scale)`, `scale` this part of the largest value, up to which states are linked ...
const NEAR_ASINH: f64 = 2.5;
const SCALE: f64 = 1e-4;
/// ... or in the value relative to the largest.
const NEAR_LINEAR: f64 = 0.12;
/// The same between two values with a single state each.
const NEAR_ALONE: f64 = 0.35;
/// Added to the distance of a saddle and a state that is none (of a stable and an unstable one).
const OTHER_STABILITY: f64 = 0.7;

/// How the states over one parameter hang together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Branches {
    /// For each state the one that continues it at the next value.
    pub(super) next: Vec<Option<usize>>,
    pub(super) previous: Vec<Option<usize>>,
    pub(super) folds: Vec<Fold>,
}

/// Two states that meet before the neighbouring value of the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fold {
    pub(super) states: [usize; 2],
    /// The point of the grid that they belong to.
    pub(super) point: usize,
    /// Where they meet: so far from the point, on the axis of `x`; negative to the left.
    pub(super) reach: f64,
}

/// What the links are made from.
struct Linker<'a> {
    x: &'a [f64],
    states: &'a GridStates,
    /// `values[state]`: one entry a population, relative to the largest of all.
    values: Vec<Vec<f64>>,
}

/// Links states over the places `x` of the grid by the values of some quantity, `values[population][state]`.
pub(super) fn link(x: &[f64], states: &GridStates, values: &[&[f64]]) -> Branches {
    let count = states.kinds.len();
    let largest = values
        .iter()
        .flat_map(|list| list.iter())
        .filter(|value| value.is_finite())
        .fold(0.0f64, |m, v| m.max(v.abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let relative = |state: usize| values.iter().map(|list| list[state] / scale).collect();
    let linker = Linker { x, states, values: (0..count).map(relative).collect() };
    let mut branches = Branches { next: vec![None; count], previous: vec![None; count], folds: Vec::new() };
    for point in 1..x.len() {
        linker.link_points(point - 1, point, &mut branches);
    }
    for point in 1..x.len() {
        linker.find_folds(point - 1, point, &mut branches);
        linker.find_folds(point, point - 1, &mut branches);
    }
    branches
}

impl Linker<'_> {
    /// The nearest pairs first.
    fn link_points(&self, left: usize, right: usize, branches: &mut Branches) {
        let alone = self.states.at(left).len() == 1 && self.states.at(right).len() == 1;
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for p in self.states.at(left) {
            for q in self.states.at(right) {
                let guesses = [Some(self.values[p].clone()), self.predicted(p, right, branches)];
                let near = |guess: &Vec<f64>| self.distance(guess, &self.values[q], alone);
                let distance = guesses.iter().flatten().filter_map(near).fold(f64::INFINITY, f64::min);
                if distance.is_finite() {
                    let differ = self.differ(p, q);
                    pairs.push((distance + if differ { OTHER_STABILITY } else { 0.0 }, p, q));
                }
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, p, q) in pairs {
            if branches.next[p].is_none() && branches.previous[q].is_none() {
                branches.next[p] = Some(q);
                branches.previous[q] = Some(p);
            }
        }
    }

    /// Where the state's own past points.
    fn predicted(&self, state: usize, point: usize, branches: &Branches) -> Option<Vec<f64>> {
        let before = branches.previous[state]?;
        let ratio = (self.x[point] - self.x[point - 1]) / (self.x[point - 1] - self.x[point.checked_sub(2)?]);
        let (now, then) = (&self.values[state], &self.values[before]);
        Some(now.iter().zip(then).map(|(now, then)| now + ratio * (now - then)).collect())
    }

    /// Distance of two states if they are near enough to be linked; states without values are all alike.
    fn distance(&self, p: &[f64], q: &[f64], alone: bool) -> Option<f64> {
        let most = |f: &dyn Fn(f64) -> f64| p.iter().zip(q).map(|(p, q)| (f(*p) - f(*q)).abs()).fold(0.0, f64::max);
        let (curved, straight) = (most(&|value| (value / SCALE).asinh()), most(&|value| value));
        let near = if alone { NEAR_ALONE } else { NEAR_LINEAR };
        (curved < NEAR_ASINH || straight < near).then_some(curved)
    }

    /// Pairs of states at `point` that have no partner at the neighbouring point `beyond`.
    fn find_folds(&self, point: usize, beyond: usize, branches: &mut Branches) {
        if self.states.at(beyond).is_empty() {
            return;
        }
        let partner = if beyond > point { &branches.next } else { &branches.previous };
        let mut left_over: Vec<usize> = self.states.at(point).filter(|&state| partner[state].is_none()).collect();
        loop {
            let pairs = left_over.iter().enumerate().flat_map(|(i, &p)| left_over[..i].iter().map(move |&q| (p, q)));
            let nearest = pairs
                .filter(|&(p, q)| self.may_meet(point, beyond, [p, q], branches))
                .min_by(|a, b| self.gap(a.0, a.1).total_cmp(&self.gap(b.0, b.1)));
            let Some((p, q)) = nearest else { return };
            left_over.retain(|&state| state != p && state != q);
            let reach = self.reach(point, beyond, [p, q], branches);
            branches.folds.push(Fold { states: [p, q], point, reach });
        }
    }

    /// Whether one is a saddle and the other is none; where that is not known, whether one is stable and the other is not.
    fn differ(&self, p: usize, q: usize) -> bool {
        let (p, q) = (self.states.kinds[p], self.states.kinds[q]);
        p.can_meet(q).unwrap_or((p == StateKind::Stable) != (q == StateKind::Stable))
    }

    /// A saddle and one that is none; where that is not known states of opposite stability, or unstable ones, which differ in
    /// the number of growing modes, if they come nearer.
    fn may_meet(&self, point: usize, beyond: usize, [p, q]: [usize; 2], branches: &Branches) -> bool {
        let back = if beyond > point { &branches.previous } else { &branches.next };
        let kinds = [self.states.kinds[p], self.states.kinds[q]];
        match (kinds, back[p], back[q]) {
            ([StateKind::Unstable, StateKind::Unstable], Some(before_p), Some(before_q)) => {
                self.gap(p, q) < self.gap(before_p, before_q)
            }
            _ => self.differ(p, q),
        }
    }

    fn gap(&self, p: usize, q: usize) -> f64 {
        self.values[p].iter().zip(&self.values[q]).map(|(p, q)| (p - q) * (p - q)).sum::<f64>().sqrt()
    }

    /// How far the pair reaches beyond its point, from how its distance has shrunk since the point before.
    fn reach(&self, point: usize, beyond: usize, [p, q]: [usize; 2], branches: &Branches) -> f64 {
        let step = self.x[beyond] - self.x[point];
        let back = if beyond > point { &branches.previous } else { &branches.next };
        let (Some(before_p), Some(before_q)) = (back[p], back[q]) else { return 0.5 * step };
        let before = if beyond > point { point - 1 } else { point + 1 };
        let (now, then) = (self.gap(p, q).powi(2), self.gap(before_p, before_q).powi(2));
        let estimate = (self.x[point] - self.x[before]) * now / (then - now);
        if then > now && estimate.is_finite() {
            step.signum() * estimate.abs().min(0.98 * step.abs())
        } else {
            0.5 * step
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_kind::StateKind::{Neither, Saddle, Stable, Unstable};

    /// States `y` with `y^3/300 - 20 y + 600 ... = x`-like branches: real roots of `x = (y - 50)^3/50 - 30 (y - 50)`.
    fn hysteresis(x: &[f64]) -> (GridStates, Vec<f64>) {
        let f = |y: f64| (y - 50.0).powi(3) / 50.0 - 30.0 * (y - 50.0);
        let (mut first, mut kinds, mut values) = (vec![0], Vec::new(), Vec::new());
        for &x in x {
            let mut y = -10.0;
            while y < 110.0 {
                let (mut a, mut b) = (y, y + 0.01);
                if (f(a) - x) * (f(b) - x) <= 0.0 {
                    for _ in 0..60 {
                        let c = 0.5 * (a + b);
                        if (f(a) - x) * (f(c) - x) <= 0.0 { b = c } else { a = c }
                    }
                    values.push(a);
                    kinds.push(if 3.0 * (a - 50.0).powi(2) / 50.0 > 30.0 { Stable } else { Saddle });
                }
                y += 0.01;
            }
            first.push(values.len());
        }
        (GridStates { first, kinds }, values)
    }

    #[test]
    fn a_hysteresis_has_three_branches_joined_at_two_folds() {
        // folds at y = 50 -+ sqrt(500), x = +-447.2135955
        for steps in [12, 40, 137, 1000] {
            let x: Vec<f64> = (0..=steps).map(|k| -800.0 + 1600.0 * f64::from(k) / f64::from(steps)).collect();
            let (states, values) = hysteresis(&x);
            let branches = link(&x, &states, &[&values]);
            let starts = branches.previous.iter().filter(|previous| previous.is_none()).count();
            assert_eq!((starts, branches.folds.len()), (3, 2), "{steps}: {:?}", branches.folds);
            for (p, next) in branches.next.iter().enumerate() {
                let Some(q) = next else { continue };
                assert_eq!(states.kinds[p], states.kinds[*q], "{steps}: a link across a fold");
            }
            let step = 1600.0 / f64::from(steps);
            for fold in &branches.folds {
                let tip = x[fold.point] + fold.reach;
                assert!((tip.abs() - 447.2135955).abs() < 0.5 * step, "{steps}: {tip}");
                assert!(fold.states.iter().any(|&state| states.kinds[state] == Saddle));
            }
        }
    }

    #[test]
    fn two_unstable_states_that_come_nearer_meet_and_two_that_part_do_not() {
        let states =
            GridStates { first: vec![0, 2, 4, 4 + 1], kinds: vec![Unstable, Unstable, Unstable, Unstable, Stable] };
        let near = link(&[0.0, 1.0, 2.0], &states, &[&[4.0, 6.0, 4.5, 5.5, 300.0]]);
        // the squares of their distances are 4 and 1: 0 is reached a third of a step further
        assert_eq!((near.folds.len(), near.folds[0].states.contains(&2)), (1, true));
        assert!((near.folds[0].reach - 1.0 / 3.0).abs() < 1e-9, "{:?}", near.folds);
        assert!(link(&[0.0, 1.0, 2.0], &states, &[&[4.5, 5.5, 4.0, 6.0, 300.0]]).folds.is_empty());
    }

    #[test]
    fn a_saddle_and_a_state_that_oscillates_meet_and_two_that_are_no_saddles_never() {
        let values: [f64; 5] = [4.0, 6.0, 4.5, 5.5, 300.0];
        let with = |kind| GridStates { first: vec![0, 2, 4, 5], kinds: vec![Saddle, kind, Saddle, kind, Stable] };
        assert_eq!(link(&[0.0, 1.0, 2.0], &with(Neither), &[&values]).folds.len(), 1);
        let kinds = vec![Neither, Stable, Neither, Stable, Stable];
        let states = GridStates { first: vec![0, 2, 4, 5], kinds };
        assert!(link(&[0.0, 1.0, 2.0], &states, &[&values]).folds.is_empty());
        // along a branch an oscillation may begin to grow
        let states = GridStates { first: vec![0, 1, 2], kinds: vec![Stable, Neither] };
        assert_eq!(link(&[0.0, 1.0], &states, &[&[4.0, 4.5]]).next[0], Some(1));
    }

    #[test]
    fn a_jump_between_two_single_states_is_no_branch() {
        let states = GridStates { first: vec![0, 1, 2, 3, 4], kinds: vec![Stable; 4] };
        let branches = link(&[0.0, 1.0, 2.0, 3.0], &states, &[&[0.1, 0.2, 200.0, 210.0]]);
        assert_eq!(branches.next, [Some(1), None, Some(3), None]);
        assert!(branches.folds.is_empty());
    }

    #[test]
    fn states_keep_their_branch_where_rates_cross() {
        // two populations: the states differ in which of them is active
        let states = GridStates { first: vec![0, 2, 4, 6], kinds: vec![Stable; 6] };
        let (a, b) = ([1.0, 50.0, 52.0, 1.0, 1.0, 54.0], [48.0, 1.0, 1.0, 52.0, 55.0, 1.0]);
        let branches = link(&[0.0, 1.0, 2.0], &states, &[&a, &b]);
        assert_eq!(branches.next[..4], [Some(3), Some(2), Some(5), Some(4)]);
    }

    #[test]
    fn a_point_without_states_ends_branches_without_a_fold() {
        let states = GridStates { first: vec![0, 2, 2, 4], kinds: vec![Stable, Saddle, Stable, Saddle] };
        let branches = link(&[0.0, 1.0, 2.0], &states, &[&[1.0, 2.0, 1.0, 2.0]]);
        assert_eq!(branches.next, [None; 4]);
        assert!(branches.folds.is_empty());
    }
}
