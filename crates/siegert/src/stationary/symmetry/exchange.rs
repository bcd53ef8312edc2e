//! Exchanges of populations of a network, as others see them.

use super::{Symmetry, arrangements};
use crate::stationary::classes::Classes;
use crate::stationary::map::RateMap;
use crate::stationary::newton::same_state;

/// Which populations of a network can take each other's place, counted one by one (not by classes of those that are alike).
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    symmetry: Symmetry,
    /// The populations of each class.
    members: Vec<Vec<usize>>,
}

impl Exchange {
    /// The exchanges that leave the equations as they are.
    pub(crate) fn new(map: &RateMap) -> Self {
        let (classes, reduced) = Classes::with_equations(map);
        let mut members = vec![Vec::new(); classes.count];
        classes.of.iter().enumerate().for_each(|(a, &class)| members[class].push(a));
        Exchange { symmetry: Symmetry::new(&reduced), members }
    }

    /// The number of different permutations of a state.
    pub(crate) fn multiplicity(&self, u: &[f64]) -> u64 {
        let of_class: Vec<f64> = self.members.iter().map(|members| u[members[0]]).collect();
        let levels = self.symmetry.levels(&of_class);
        levels.iter().fold(1, |product, levels| product.saturating_mul(arrangements(levels)))
    }

    /// For each population the one whose place it takes, so that the sum of `distance(population, place)` is least.
    ///
    /// Found by exchanges of two bundles, each of which makes the sum less: exact for bundles of one population if the
    /// distance is a convex function of a difference.
    pub(crate) fn closest(&self, distance: impl Fn(usize, usize) -> f64) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.members.iter().map(Vec::len).sum()).collect();
        for group in &self.symmetry.groups {
            let costs: Vec<Vec<f64>> = group
                .bundles
                .iter()
                .map(|bundle| group.bundles.iter().map(|place| self.cost(bundle, place, &distance)).collect())
                .collect();
            for (bundle, &place) in group.bundles.iter().zip(&assigned(&costs)) {
                for (&class, &source) in bundle.iter().zip(&group.bundles[place]) {
                    self.members[class].iter().for_each(|&a| places[a] = self.members[source][0]);
                }
            }
        }
        places
    }

    fn cost(&self, bundle: &[usize], place: &[usize], distance: &impl Fn(usize, usize) -> f64) -> f64 {
        let pairs = bundle.iter().zip(place);
        pairs
            .flat_map(|(&class, &of)| self.members[class].iter().map(move |&a| (a, self.members[of][0])))
            .map(|(a, source)| distance(a, source))
            .sum()
    }

    /// The permutations of a state that differ in the values of some populations, the state itself first.
    pub(crate) fn variants(&self, u: &[f64], populations: &[usize]) -> Vec<Vec<f64>> {
        let mut variants = vec![u.to_vec()];
        for a in populations {
            for before in variants.clone() {
                for variant in self.exchanged(&before, *a) {
                    let same = |known: &Vec<f64>| populations.iter().all(|&a| same_state(&[known[a]], &[variant[a]]));
                    if !variants.iter().any(same) {
                        variants.push(variant);
                    }
                }
            }
        }
        variants
    }

    /// A state with the bundle of population `a` in every place.
    fn exchanged(&self, u: &[f64], a: usize) -> Vec<Vec<f64>> {
        let has = |bundle: &&Vec<usize>| bundle.iter().any(|&class| self.members[class].contains(&a));
        let groups = self.symmetry.groups.iter();
        let found = groups.filter_map(|group| group.bundles.iter().find(has).map(|own| (group, own))).next();
        let Some((group, own)) = found else { return Vec::new() };
        let with = |other: &Vec<usize>| {
            let mut exchanged = u.to_vec();
            for (&p, &q) in own.iter().zip(other) {
                self.members[p].iter().for_each(|&a| exchanged[a] = u[self.members[q][0]]);
                self.members[q].iter().for_each(|&a| exchanged[a] = u[self.members[p][0]]);
            }
            exchanged
        };
        group.bundles.iter().map(with).collect()
    }
}

/// For each bundle a place of its own, improved by exchanges of two from the order that there is.
fn assigned(costs: &[Vec<f64>]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..costs.len()).collect();
    let gain = |places: &[usize], p: usize, q: usize| {
        let now = costs[p][places[p]] + costs[q][places[q]];
        now - costs[p][places[q]] - costs[q][places[p]] > 1e-12 * now
    };
    loop {
        let pairs = (0..costs.len()).flat_map(|q| (0..q).map(move |p| (p, q)));
        let better: Vec<(usize, usize)> = pairs.filter(|&(p, q)| gain(&places, p, q)).collect();
        if better.is_empty() {
            return places;
        }
        for (p, q) in better {
            if gain(&places, p, q) {
                places.swap(p, q);
            }
        }
    }
}
