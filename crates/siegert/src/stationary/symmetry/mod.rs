//! Populations that can be exchanged: what that tells of the stationary states.
//!
//! Where bundles of populations (`find`) can be exchanged, every permutation of a state is a state. One of each kind is
//! listed, with the number of its permutations. In such a state the bundles are at a few *levels*, those of a level
//! with the same rates (`levels`); the network reduced to one bundle a level is small, whatever the number of bundles. Its
//! states are followed as bundles change their level one by one (`growth`).
//!
//! What is guaranteed: every state listed is one. That none is missing is not proved here.

mod curve;
mod exchange;
mod find;
mod growth;
mod levels;

use super::map::RateMap;
use super::newton::same_state;

pub(crate) use exchange::Exchange;
pub(crate) use find::Group;
pub(super) use growth::Growth;
pub(super) use levels::{Reduction, Sizes};

/// The groups of populations of a map that can be exchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Symmetry {
    pub(crate) groups: Vec<Group>,
}

/// Bundles with the same values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    /// The values of one bundle.
    pub(super) values: Vec<f64>,
    /// Number of bundles.
    pub(super) size: usize,
}

impl Symmetry {
    pub(super) fn new(map: &RateMap) -> Self {
        // bundles are made of forms that are linear in the rates
        Symmetry { groups: if map.sums.are_linear() { find::groups(map) } else { Vec::new() } }
    }

    pub(super) fn is_trivial(&self) -> bool {
        self.groups.is_empty()
    }

    /// The levels of each group in a state, the highest first.
    pub(super) fn levels(&self, u: &[f64]) -> Vec<Vec<Level>> {
        let of_group = |group: &Group| {
            let mut levels: Vec<Level> = Vec::new();
            for bundle in &group.bundles {
                let values: Vec<f64> = bundle.iter().map(|&a| u[a]).collect();
                match levels.iter_mut().find(|level| same_state(&level.values, &values)) {
                    Some(level) => level.size += 1,
                    None => levels.push(Level { values, size: 1 }),
                }
            }
            levels.sort_by(|p, q| descending(&p.values, &q.values));
            levels
        };
        self.groups.iter().map(of_group).collect()
    }

    /// Of all permutations of a state the one whose bundles stand in descending order, with the number of permutations.
    ///
    /// Bundles of a level get equal values.
    pub(super) fn canonical(&self, u: Vec<f64>) -> (Vec<f64>, u64) {
        if self.is_trivial() {
            return (u, 1);
        }
        let levels = self.levels(&u);
        let multiplicity = levels.iter().fold(1u64, |product, levels| product.saturating_mul(arrangements(levels)));
        (self.arranged(u, &levels), multiplicity)
    }

    /// A state with the bundles of each group at the levels given, in order.
    pub(super) fn arranged(&self, mut u: Vec<f64>, levels: &[Vec<Level>]) -> Vec<f64> {
        for (group, levels) in self.groups.iter().zip(levels) {
            let each = levels.iter().flat_map(|level| std::iter::repeat_n(&level.values, level.size));
            for (bundle, values) in group.bundles.iter().zip(each) {
                bundle.iter().zip(values).for_each(|(&a, &value)| u[a] = value);
            }
        }
        u
    }

    /// Whether an earlier population can take the place of this one.
    pub(super) fn is_copy(&self, a: usize) -> bool {
        self.groups.iter().any(|group| group.bundles[1..].iter().any(|bundle| bundle.contains(&a)))
    }
}

fn descending(p: &[f64], q: &[f64]) -> std::cmp::Ordering {
    let pairs = p.iter().zip(q);
    pairs.map(|(p, q)| q.total_cmp(p)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

/// In how many ways bundles can be given to levels of these sizes; the largest number there is if there are more.
fn arrangements(levels: &[Level]) -> u64 {
    let (mut placed, mut product) = (0u128, 1u128);
    for level in levels {
        for k in 1..=level.size as u128 {
            placed += 1;
            // the product of the first k factors of a binomial coefficient is whole
            product = product.saturating_mul(placed) / k;
        }
    }
    u64::try_from(product).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
