//! Which populations of a map can be exchanged without changing its equations.
//!
//! An exchange is a permutation of the populations under which neurons and inputs stay what they are. Looked for are those
//! that swap two populations `a` and `b` and, with them, as few others as must go along: a population that `a` and `b` treat
//! differently must have a partner. So the excitatory and the inhibitory population of a cluster go together as one
//! *bundle*. Swaps of one bundle with each of several others make all permutations of these bundles.
//!
//! Other symmetries (the rotations of a ring) are not looked for, nor are groups that share populations with one found before.

use crate::stationary::map::RateMap;

/// Numbers that differ by less than this relative to their size are one: in-degrees are summed in any order.
const ROUNDING: f64 = 1e-12;
/// Comparisons of couplings before the search for exchanges is given up.
const MOST_COMPARISONS: usize = 20_000_000;

/// Bundles of populations, any two of which can be exchanged; each lists its populations in corresponding order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) bundles: Vec<Vec<usize>>,
}

impl Group {
    /// Number of populations of a bundle.
    pub(super) fn width(&self) -> usize {
        self.bundles[0].len()
    }

    pub(super) fn len(&self) -> usize {
        self.bundles.len()
    }
}

/// Pairs of populations that change places.
type Swap = Vec<(usize, usize)>;

/// The groups of a map, none of which shares a population with another.
pub(super) fn groups(map: &RateMap) -> Vec<Group> {
    if map.len() < 2 {
        return Vec::new();
    }
    let mut finder = Finder { map, comparisons: 0, free: vec![true; map.len()] };
    let mut groups = Vec::new();
    for a in 0..map.len() {
        if !finder.free[a] {
            continue;
        }
        let swaps: Vec<(usize, Swap)> =
            (a + 1..map.len()).filter_map(|b| finder.swap(a, b).map(|swap| (b, swap))).collect();
        if let Some(group) = group(a, &swaps) {
            group.bundles.iter().flatten().for_each(|&a| finder.free[a] = false);
            groups.push(group);
        }
    }
    groups
}

struct Finder<'a> {
    map: &'a RateMap,
    comparisons: usize,
    free: Vec<bool>,
}

impl Finder<'_> {
    /// A permutation that changes nothing, swaps `a` and `b`, and moves no population of a group that is known.
    fn swap(&mut self, a: usize, b: usize) -> Option<Swap> {
        let mut swap = Vec::new();
        (self.can_swap(a, b, &swap) && {
            swap.push((a, b));
            self.completed(&mut swap)
        })
        .then_some(swap)
    }

    /// Adds the pairs that must move, too; false if that leads nowhere.
    fn completed(&mut self, swap: &mut Swap) -> bool {
        let moved = |x: usize, swap: &Swap| swap.iter().any(|&(p, q)| p == x || q == x);
        let asks = |finder: &mut Self, x: usize| {
            let alike = |&(p, q): &(usize, usize)| finder.same((p, x), (q, x)) && finder.same((x, p), (x, q));
            !moved(x, swap) && !swap.iter().all(alike)
        };
        let Some(x) = (0..self.map.len()).find(|&x| asks(self, x)) else { return true };
        for y in 0..self.map.len() {
            if y != x && !moved(y, swap) && self.can_swap(x, y, swap) {
                swap.push((x, y));
                if self.completed(swap) {
                    return true;
                }
                swap.pop();
            }
        }
        false
    }

    /// Whether two populations are alike, with respect to themselves and to the pairs that move.
    fn can_swap(&mut self, x: usize, y: usize, swap: &Swap) -> bool {
        self.free[x]
            && self.free[y]
            && self.map.transfers[x] == self.map.transfers[y]
            && self.map.sums.forms().all(|form| close(form.constant[x], form.constant[y]))
            && self.same((x, x), (y, y))
            && self.same((x, y), (y, x))
            && swap.iter().all(|&(p, q)| {
                self.same((p, x), (q, y))
                    && self.same((x, p), (y, q))
                    && self.same((q, x), (p, y))
                    && self.same((x, q), (y, p))
            })
    }

    /// Whether two couplings, each a target and a source, are the same.
    fn same(&mut self, one: (usize, usize), other: (usize, usize)) -> bool {
        self.comparisons += 1;
        self.comparisons <= MOST_COMPARISONS
            && self.map.sums.forms().all(|form| close(form.per_hz[one], form.per_hz[other]))
    }
}

fn close(p: f64, q: f64) -> bool {
    p == q || (p - q).abs() <= ROUNDING * p.abs().max(q.abs())
}

/// The largest group of bundles that the swaps of `a` with others make.
fn group(a: usize, swaps: &[(usize, Swap)]) -> Option<Group> {
    let (_, first) = swaps.first()?;
    // what moves whichever bundle `a` changes places with is its own
    let common = |(_, other): &(usize, Swap)| -> Vec<usize> {
        let moved: Vec<usize> = other.iter().flat_map(|&(p, q)| [p, q]).collect();
        first.iter().flat_map(|&(p, q)| [p, q]).filter(|x| moved.contains(x)).collect()
    };
    let pair = || first.iter().map(|&(p, _)| p).collect();
    let mut best: Option<Group> = None;
    for own in std::iter::once(pair()).chain(swaps[1..].iter().map(common)) {
        let group = of_bundle(own, a, swaps);
        if group.len() > best.as_ref().map_or(1, Group::len) {
            best = Some(group);
        }
    }
    best
}

/// The bundle `own` with all that it changes places with.
fn of_bundle(mut own: Vec<usize>, a: usize, swaps: &[(usize, Swap)]) -> Group {
    own.sort_unstable();
    let mut group = Group { bundles: vec![own.clone()] };
    if !own.contains(&a) {
        return group;
    }
    for (_, swap) in swaps {
        let partner = |x: usize| swap.iter().find_map(|&(p, q)| if p == x { Some(q) } else { (q == x).then_some(p) });
        let Some(other) = own.iter().map(|&x| partner(x)).collect::<Option<Vec<usize>>>() else { continue };
        let is_new = |x: &usize| !group.bundles.iter().flatten().any(|known| known == x);
        if swap.len() == own.len() && other.iter().all(is_new) {
            group.bundles.push(other);
        }
    }
    group.bundles.sort_by_key(|bundle| bundle.iter().min().copied());
    group
}
