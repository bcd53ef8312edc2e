//! Networks with populations that can be exchanged: known lists of states, and random ones against a search of another kind.

use super::*;
use crate::input::{Steady, Streams, Sum};
use crate::neuron::lif::{Lif, LifParameters, SynapticFilter};
use crate::stationary::newton::{Outcome, newton, u_of};
use crate::stationary::{Found, states};
use crate::testing::{case, solution, theory_by_shift};
use crate::transfer::Transfer;

/// A splitmix generator: random numbers for tests.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn whole(&mut self, least: usize, most: usize) -> usize {
        least + (self.bits() % (most + 1 - least) as u64) as usize
    }
}

/// Equations without connections; `tau_m` and `t_ref` in ms, mean and variance of the drive of each population.
fn unconnected(populations: &[(f64, f64, f64, f64)]) -> RateMap {
    let lif = |&(tau_m_ms, t_ref_ms, ..): &(f64, f64, f64, f64)| {
        Lif::new(LifParameters { tau_m_ms, t_ref_ms, V_th_mv: 20.0, V_reset_mv: 10.0 }).unwrap()
    };
    let steady = |of: &(f64, f64, f64, f64)| Steady { mean_mv: of.2, variance_mv2: of.3 };
    let streams = Streams { steady: populations.iter().map(steady).collect(), ..Streams::default() };
    let filter = SynapticFilter::default();
    let transfers: Vec<Transfer> = populations.iter().map(|of| Transfer::of_lif(lif(of), filter)).collect();
    RateMap::of_parts(transfers, streams)
}

/// Adds `in_degree` synapses of `weight` mV from `b` to `a`.
fn connect(map: &mut RateMap, (a, b): (usize, usize), in_degree: f64, weight: f64) {
    let events = 1e-3 * map.transfers[a].time_constant_ms() * in_degree;
    map.sums.get_mut(Sum::Mean).unwrap().per_hz[(a, b)] += events * weight;
    map.sums.get_mut(Sum::Variance).unwrap().per_hz[(a, b)] += events * weight * weight;
}

/// Populations that excite themselves and inhibit each other.
fn winner_take_all(random: &mut Random, n: usize) -> RateMap {
    let (mean, std) = (random.between(8.0, 20.0), random.between(2.0, 6.0));
    let (own, cross) = (random.between(0.0, 0.6), random.between(-0.6, -0.02) * 3.0 / n as f64);
    let mut map = unconnected(&vec![(20.0, random.between(1.0, 4.0), mean, std * std); n]);
    for a in 0..n {
        (0..n).for_each(|b| connect(&mut map, (a, b), 100.0, if a == b { own } else { cross }));
    }
    map
}

/// Clusters of an excitatory and an inhibitory population, after Rost, Deger and Nawrot (2018).
fn clusters(random: &mut Random, n: usize) -> RateMap {
    let (rep, inhibitory) = (random.between(1.2, 0.6 * n as f64), random.between(0.0, 1.0));
    let jip = 1.0 + (rep - 1.0) * inhibitory;
    let strength = random.between(0.3, 1.0);
    let noise = random.between(1.0, 9.0);
    let drive = [(20.0, 5.0, random.between(18.0, 28.0), noise), (10.0, 5.0, random.between(12.0, 18.0), noise)];
    let mut map = unconnected(&drive.iter().flat_map(|of| vec![*of; n]).collect::<Vec<_>>());
    let weights = [[(0.2, 1.12), (0.125, -2.155)], [(0.5, 0.894), (0.125, -3.578)]];
    for a in 0..2 * n {
        for b in 0..2 * n {
            let (share, weight) = weights[a / n][b / n];
            let within = if a / n == 0 && b / n == 0 { rep } else { jip };
            let factor = if a % n == b % n { within } else { (n as f64 - within) / (n as f64 - 1.0) };
            connect(&mut map, (a, b), 4000.0 * share / n as f64, strength * factor * weight);
        }
    }
    map
}

/// Selective populations, a nonselective one and inhibition, after Amit and Brunel (1997).
fn memories(random: &mut Random, n: usize) -> RateMap {
    let (f, plus) = (random.between(0.4, 0.95) / n as f64, random.between(1.2, 2.4));
    let minus = 1.0 - f * (plus - 1.0) / (1.0 - f);
    let outside = 0.8 * random.between(6.0, 9.0);
    let drive =
        |tau: f64, t_ref: f64, weight: f64| (tau, t_ref, tau * outside * weight, tau * outside * weight * weight);
    let mut populations = vec![drive(20.0, 2.0, 0.2); n + 1];
    populations.push(drive(10.0, 1.0, 0.24));
    let mut map = unconnected(&populations);
    for a in 0..n + 2 {
        let (excitation, inhibition) = if a == n + 1 { (0.24, -0.96) } else { (0.2, -0.8) };
        for b in 0..=n {
            let in_degree = 800.0 * if b < n { f } else { 1.0 - n as f64 * f };
            let potentiation = if a >= n {
                1.0
            } else if a == b {
                plus
            } else {
                minus
            };
            connect(&mut map, (a, b), in_degree, potentiation * excitation);
        }
        connect(&mut map, (a, n + 1), 200.0, inhibition);
    }
    map
}

/// States that Newton's method reaches from random rates, of few values over the populations.
fn from_random_starts(random: &mut Random, map: &RateMap, starts: usize) -> Vec<Vec<f64>> {
    let mut found = Vec::new();
    for _ in 0..starts {
        let values = [0, 1, 2].map(|_| random.between(-4.0, 6.0));
        let start = (0..map.len()).map(|_| u_of(values[random.whole(0, 2)])).collect();
        if let Outcome::Converged(state) = newton(map, start, 60) {
            found.push(state.u);
        }
    }
    found
}

fn check(map: &RateMap, random: &mut Random, name: &str) -> Found {
    let found = states(map).unwrap();
    assert_eq!(found.search.index_sum, 1, "{name}: {:?} {:?}", found.search, rates_of(&found));
    let symmetry = Symmetry::new(map);
    for u in from_random_starts(random, map, 25) {
        let (canonical, _) = symmetry.canonical(u);
        let is_known = found.states.iter().any(|known| same_state(&known.u, &canonical));
        let rates = crate::stationary::newton::rates(&canonical);
        assert!(is_known, "{name}: {rates:?} is missing of {:?}", rates_of(&found));
    }
    found
}

fn rates_of(found: &Found) -> Vec<(Vec<f64>, u64)> {
    found.states.iter().map(|state| (state.rates_hz(), state.multiplicity)).collect()
}

/// Networks of each kind with 4 to 12 populations that can be exchanged.
fn many(seed: u64, kind: fn(&mut Random, usize) -> RateMap, sizes: (usize, usize), count: usize) {
    let mut random = Random(seed);
    for case in 0..count {
        let n = random.whole(sizes.0, sizes.1);
        let map = kind(&mut random, n);
        check(&map, &mut random, &format!("case {case} of {n}"));
    }
}

#[test]
fn no_state_of_random_winner_take_all_networks_is_missed() {
    many(1, winner_take_all, (4, 12), 80);
}

#[test]
fn no_state_of_random_clusters_is_missed() {
    many(2, clusters, (4, 6), 60);
}

#[test]
fn no_state_of_random_memories_is_missed() {
    many(3, memories, (4, 10), 60);
}

#[test]
fn three_populations_that_can_be_exchanged_have_thirteen_states() {
    let found = solution(&case("permutations", &[]));
    let all: u64 = found.fixed_points.iter().map(|state| state.multiplicity).sum();
    assert_eq!((found.fixed_points.len(), all, found.search.index_sum), (5, 13, 1));
    let [low, high] = [1.8244, 0.1541];
    let rates = found.fixed_points[1].rates_hz();
    assert!(rates.iter().zip([low, high, high]).all(|(r, e)| (r - e).abs() < 1e-3), "descending: {rates:?}");
}

#[test]
fn five_memories_have_81_states_20_of_them_stable_and_no_warning() {
    let found = solution(&case("five_memories", &[]));
    let all: u64 = found.fixed_points.iter().map(|state| state.multiplicity).sum();
    let stable: Vec<_> = found.fixed_points.iter().filter(|state| state.stable).collect();
    assert_eq!((all, stable.iter().map(|state| state.multiplicity).sum::<u64>()), (81, 20));
    assert_eq!(found.search.index_sum, 1);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    let three = stable.iter().map(|state| state.rates_hz()).find(|rates| (rates[2] - 114.7).abs() < 0.1).unwrap();
    assert!((three[3] - 22.8).abs() < 0.1 && (three[6] - 76.2).abs() < 0.1, "{three:?}");
}

#[test]
fn of_twenty_clusters_ten_or_more_can_be_active() {
    let network = case("twenty_clusters", &[]);
    let theory = theory_by_shift(&network);
    let found = theory.solution().unwrap();
    assert_eq!(found.search.index_sum, 1);
    let stable: Vec<u64> = found.fixed_points.iter().filter(|state| state.stable).map(|s| s.multiplicity).collect();
    let mut choices = vec![184_756u64];
    (11..=20).for_each(|m| choices.push(choices.last().unwrap() * (21 - m) / m));
    assert_eq!(stable, choices);
    let of_ten = found.fixed_points.iter().find(|state| state.stable && state.multiplicity == 184_756).unwrap();
    let rates = of_ten.rates_hz();
    let expected = |a: usize| [[3.093, 0.02183], [5.893, 0.05532]][a / 20][a % 20 / 10];
    assert!(rates.iter().enumerate().all(|(a, r)| (r / expected(a) - 1.0).abs() < 3e-4), "{rates:?}");
    let near: Vec<f64> = (0..40).map(expected).collect();
    let state = theory.solve_from(&near).unwrap();
    assert!(state.stable && state.multiplicity == 184_756);
    assert!(state.rates_hz().iter().zip(&rates).all(|(p, q)| (p / q - 1.0).abs() < 1e-9));
}

#[test]
fn populations_in_any_order_have_the_same_states() {
    let mut random = Random(5);
    let map = clusters(&mut random, 4);
    let order = [5, 2, 0, 7, 3, 6, 1, 4];
    let moved = map.restricted_to(&order);
    let groups = Symmetry::new(&moved).groups;
    assert_eq!(groups, [Group { bundles: vec![vec![0, 6], vec![5, 1], vec![7, 2], vec![3, 4]] }]);
    let [one, other] = [states(&map).unwrap(), states(&moved).unwrap()];
    assert_eq!(one.states.len(), other.states.len());
    for (p, q) in one.states.iter().zip(&other.states) {
        assert_eq!((p.multiplicity, p.stable, p.index), (q.multiplicity, q.stable, q.index));
        let sorted = |u: &[f64]| {
            let mut u = u.to_vec();
            u.sort_by(f64::total_cmp);
            u
        };
        assert!(same_state(&sorted(&p.u), &sorted(&q.u)));
    }
}

#[test]
fn independent_groups_are_exchanged_independently() {
    // four that compete, three others that compete, all inhibited by one
    let mut random = Random(11);
    let mut populations = vec![(20.0, 2.0, 14.0, 9.0); 4];
    populations.extend(vec![(15.0, 2.0, 15.0, 9.0); 3]);
    populations.push((10.0, 1.0, 10.0, 9.0));
    let mut map = unconnected(&populations);
    for a in 0..8 {
        for b in 0..7 {
            let weight = if a == b {
                0.4
            } else if a < 4 && b < 4 || a > 3 && b > 3 && a < 7 {
                -0.15
            } else {
                0.05
            };
            connect(&mut map, (a, b), 100.0, weight);
        }
        connect(&mut map, (a, 7), 100.0, -0.2);
    }
    let groups = Symmetry::new(&map).groups;
    assert_eq!(groups.iter().map(|group| group.bundles.len()).collect::<Vec<_>>(), [4, 3]);
    let found = check(&map, &mut random, "four and three");
    assert!(found.states.iter().any(|state| state.multiplicity > 4), "{:?}", rates_of(&found));
}

#[test]
fn the_states_of_a_network_that_is_not_quite_symmetric_are_near() {
    let mut random = Random(13);
    let map = memories(&mut random, 4);
    let mut other = map.clone();
    other.sums.get_mut(Sum::Mean).unwrap().constant[1] *= 1.0 + 1e-9;
    assert!(!Symmetry::new(&other).groups[0].bundles.contains(&vec![1]));
    for state in states(&map).unwrap().states {
        let Outcome::Converged(near) = newton(&other, state.u.clone(), 30) else { panic!("{:?}", state.rates_hz()) };
        assert!(near.u.iter().zip(&state.u).all(|(p, q)| (p - q).abs() < 1e-5), "{:?}", state.rates_hz());
    }
}

#[test]
fn a_ring_has_no_populations_that_can_be_exchanged_one_by_one() {
    // of five on a ring only reflections leave the couplings as they are
    let mut map = unconnected(&[(20.0, 2.0, 15.0, 9.0); 5]);
    for a in 0..5 {
        connect(&mut map, (a, (a + 1) % 5), 100.0, -0.1);
        connect(&mut map, ((a + 1) % 5, a), 100.0, -0.1);
    }
    let groups = Symmetry::new(&map).groups;
    assert!(groups.iter().all(|group| group.bundles.len() == 2), "{groups:?}");
    assert_eq!(states(&map).unwrap().search.index_sum, 1);
}

#[test]
fn couplings_that_differ_by_rounding_are_equal() {
    let mut random = Random(17);
    let mut map = winner_take_all(&mut random, 6);
    map.sums.get_mut(Sum::Mean).unwrap().per_hz[(2, 3)] *= 1.0 + 4e-16;
    assert_eq!(Symmetry::new(&map).groups[0].bundles.len(), 6);
    map.sums.get_mut(Sum::Mean).unwrap().per_hz[(2, 3)] *= 1.0 + 1e-9;
    assert_eq!(Symmetry::new(&map).groups[0].bundles.len(), 4);
}

#[test]
fn permutations_are_counted_and_too_many_saturate() {
    let level = |size| Level { values: vec![size as f64], size };
    assert_eq!(arrangements(&[level(10), level(10)]), 184_756);
    assert_eq!(arrangements(&[level(2), level(1), level(2)]), 30);
    assert_eq!(arrangements(&[level(100), level(100), level(100)]), u64::MAX);
}
