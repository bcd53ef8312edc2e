//! A network with bundles that can be exchanged, reduced to one bundle for each level of rates.
//!
//! With `own` the couplings within a bundle, `cross` those from another bundle of its group, `s_l` the number of bundles at level
//! `l`, a bundle of level `k` receives
//!
//! ```text
//! own r_k + cross (sum_l s_l r_l - r_k) = (own - cross) r_k + cross sum_l s_l r_l.
//! ```
//!
//! The second form serves any real `s_l`; a level of size 0 is that of one bundle in the field of all. So all levels of a state
//! are states of one small map, `(own - cross) r` in a given field ([`field`]): it tells which further levels there can be.

use crate::input::Linear;
use crate::numerics::linear::Matrix;
use crate::stationary::map::RateMap;

use super::{Level, Symmetry};

/// One unknown of the reduced network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    /// A population that cannot be exchanged.
    Fixed(usize),
    /// A population, by its place in the bundle, at a level of a group.
    OfLevel { group: usize, level: usize, place: usize },
}

/// A division of all bundles into levels: how many are at each, by group.
pub(in crate::stationary) type Sizes = Vec<Vec<f64>>;

/// The reduced networks of a map.
#[derive(Clone, Copy)]
pub(in crate::stationary) struct Reduction<'a> {
    pub(in crate::stationary) map: &'a RateMap,
    pub(in crate::stationary) symmetry: &'a Symmetry,
}

impl Reduction<'_> {
    fn fixed(&self) -> impl Iterator<Item = usize> {
        let groups = &self.symmetry.groups;
        let moves = move |a: &usize| groups.iter().flat_map(|group| &group.bundles).flatten().any(|b| b == a);
        (0..self.map.len()).filter(move |a| !moves(a))
    }

    fn unknowns(&self, levels: impl Iterator<Item = usize>) -> Vec<Unknown> {
        let mut unknowns: Vec<Unknown> = self.fixed().map(Unknown::Fixed).collect();
        for (group, levels) in levels.enumerate() {
            let width = self.symmetry.groups[group].width();
            unknowns.extend((0..levels * width).map(|i| Unknown::OfLevel {
                group,
                level: i / width,
                place: i % width,
            }));
        }
        unknowns
    }

    /// The population that stands for an unknown.
    fn population(&self, unknown: Unknown) -> usize {
        match unknown {
            Unknown::Fixed(a) => a,
            Unknown::OfLevel { group, place, .. } => self.symmetry.groups[group].bundles[0][place],
        }
    }

    /// A coefficient of the reduced equations.
    fn coupling(&self, form: &Linear, row: Unknown, column: Unknown, sizes: &Sizes) -> f64 {
        let a = self.population(row);
        match (row, column) {
            (_, Unknown::Fixed(b)) => form.per_hz[(a, b)],
            (Unknown::OfLevel { group, level: own, .. }, Unknown::OfLevel { group: h, level, place }) if group == h => {
                let bundles = &self.symmetry.groups[group].bundles;
                let cross = form.per_hz[(a, bundles[1][place])];
                match own == level {
                    true => form.per_hz[(a, bundles[0][place])] + (sizes[group][level] - 1.0) * cross,
                    false => sizes[group][level] * cross,
                }
            }
            (_, Unknown::OfLevel { group, level, .. }) => {
                form.per_hz[(a, self.population(column))] * sizes[group][level]
            }
        }
    }

    fn form(&self, form: &Linear, unknowns: &[Unknown], sizes: &Sizes) -> Linear {
        let mut reduced =
            Linear { constant: Vec::new(), per_hz: Matrix::zeros(unknowns.len(), unknowns.len()), through: Vec::new() };
        for (i, &row) in unknowns.iter().enumerate() {
            reduced.constant.push(form.constant[self.population(row)]);
            for (entry, &column) in reduced.per_hz.row_mut(i).iter_mut().zip(unknowns) {
                *entry = self.coupling(form, row, column, sizes);
            }
        }
        reduced
    }

    /// The reduced network: first the populations that cannot be exchanged, then one bundle for each level of each group.
    pub(in crate::stationary) fn map(&self, sizes: &Sizes) -> RateMap {
        let unknowns = self.unknowns(sizes.iter().map(Vec::len));
        let transfers = unknowns.iter().map(|&unknown| self.map.transfers[self.population(unknown)].clone()).collect();
        self.map.with(transfers, self.map.sums.map(|form| self.form(form, &unknowns, sizes)))
    }

    /// One bundle of a group in the field of a state: its states are the levels that there can be.
    pub(super) fn field(&self, group: usize, rates_hz: &[f64]) -> RateMap {
        let bundles = &self.symmetry.groups[group].bundles;
        let (own, other) = (&bundles[0], &bundles[1]);
        let form = |form: &Linear| {
            let mut field =
                Linear { constant: Vec::new(), per_hz: Matrix::zeros(own.len(), own.len()), through: Vec::new() };
            for (i, &a) in own.iter().enumerate() {
                let cross = |place: usize| form.per_hz[(a, other[place])];
                let others = (0..self.map.len()).filter(|b| !own.contains(b));
                let received: f64 = others.map(|b| form.per_hz[(a, b)] * rates_hz[b]).sum();
                let first: f64 = own.iter().enumerate().map(|(place, &b)| cross(place) * rates_hz[b]).sum();
                field.constant.push(form.constant[a] + received + first);
                let row = field.per_hz.row_mut(i);
                (0..own.len()).for_each(|place| row[place] = form.per_hz[(a, own[place])] - cross(place));
            }
            field
        };
        self.map.with(own.iter().map(|&a| self.map.transfers[a].clone()).collect(), self.map.sums.map(form))
    }

    /// The unknowns of the reduced network from a state and its levels.
    pub(super) fn reduced(&self, u: &[f64], levels: &[Vec<Level>]) -> Vec<f64> {
        let of_levels = levels.iter().flatten().flat_map(|level| level.values.iter().copied());
        self.fixed().map(|a| u[a]).chain(of_levels).collect()
    }

    /// The values of one level of a group.
    pub(super) fn of_level<'u>(&self, reduced: &'u [f64], sizes: &Sizes, (group, level): (usize, usize)) -> &'u [f64] {
        let width = |group: usize| self.symmetry.groups[group].width();
        let before: usize = (0..group).map(|g| sizes[g].len() * width(g)).sum();
        let from = self.fixed().count() + before + level * width(group);
        &reduced[from..from + width(group)]
    }

    /// The state of all populations from that of the reduced network, and its levels; those of size 0 are left out.
    pub(in crate::stationary) fn expanded(&self, reduced: &[f64], sizes: &Sizes) -> Vec<f64> {
        let mut u = vec![0.0; self.map.len()];
        let mut rest = reduced.iter();
        for (a, &value) in self.fixed().zip(rest.by_ref()) {
            u[a] = value;
        }
        let mut levels = Vec::new();
        for (group, sizes) in self.symmetry.groups.iter().zip(sizes) {
            let level = |&size: &f64| Level {
                values: rest.by_ref().take(group.width()).copied().collect(),
                size: size as usize,
            };
            levels.push(sizes.iter().map(level).collect());
        }
        self.symmetry.arranged(u, &levels)
    }
}
