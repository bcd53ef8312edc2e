//! A pseudo-random permutation of the numbers below n, of which any stretch can be computed by itself.
//!
//! A Feistel network on pairs `(left, right)` with `left < a`, `right < b`, where `a = ceil(sqrt n)` and `b = ceil(n / a)`:
//! rounds in turn add to the one half, modulo its size, a keyed hash of the other (Black and Rogaway 2002, Ciphers with
//! arbitrary finite domains, CT-RSA, section 5, generalised Feistel). Pairs whose number is not below n, fewer than one in
//! `sqrt n`, are permuted again until it is (cycle walking, section 3 there), so the whole is a bijection of the numbers below n.

use crate::numerics::random::Stream;

/// Numbers that are permuted side by side, for the vector units.
pub(super) const LANES: usize = 32;
const ROUNDS: usize = 8;
/// A permutation of fewer numbers than this is better drawn as a table.
pub(super) const LEAST: u32 = 4096;

/// A permutation of the numbers below `n`.
#[derive(Clone, Debug)]
pub(super) struct Permutation {
    n: u32,
    a: u32,
    b: u32,
    keys: [u32; ROUNDS],
}

impl Permutation {
    /// The permutation that the first words of a stream choose; `n` must be at least [`LEAST`].
    pub(super) fn new(n: u32, stream: Stream) -> Self {
        assert!(n >= LEAST, "small permutations are drawn as tables");
        let a = f64::from(n).sqrt().ceil() as u32;
        let mut keys = [0; ROUNDS];
        stream.fill(&mut keys);
        Self { n, a, b: n.div_ceil(a), keys }
    }

    /// The images of `first`, `first + 1`, ...; those beyond `n` are of no meaning.
    #[inline(always)]
    pub(super) fn images(&self, first: u32) -> [u32; LANES] {
        let (row, column) = (first / self.b, first % self.b);
        let (mut left, mut right) = ([0; LANES], [0; LANES]);
        for lane in 0..LANES {
            let place = column + lane as u32;
            // b is at least 64, so at most one row ends within the lanes
            let next = u32::from(place >= self.b);
            left[lane] = row + next;
            right[lane] = place - next * self.b;
        }
        let mut images = self.mixed(left, right);
        // Only what started below n is sure to come back below n.
        for image in images.iter_mut().take((self.n - first) as usize) {
            while *image >= self.n {
                *image = self.mixed([*image / self.b], [*image % self.b])[0];
            }
        }
        images
    }

    #[inline(always)]
    fn mixed<const N: usize>(&self, mut left: [u32; N], mut right: [u32; N]) -> [u32; N] {
        for keys in self.keys.chunks_exact(2) {
            for lane in 0..N {
                left[lane] = sum_modulo(left[lane], below(hash(right[lane], keys[0]), self.a), self.a);
            }
            for lane in 0..N {
                right[lane] = sum_modulo(right[lane], below(hash(left[lane], keys[1]), self.b), self.b);
            }
        }
        let mut images = [0; N];
        for lane in 0..N {
            images[lane] = left[lane] * self.b + right[lane];
        }
        images
    }
}

/// A hash of 32 bits with full avalanche (the constants are those of Wellons 2018, "hash prospector", lowbias32).
#[inline(always)]
fn hash(x: u32, key: u32) -> u32 {
    let mut x = x ^ key;
    x = (x ^ x >> 16).wrapping_mul(0x7feb_352d);
    x = (x ^ x >> 15).wrapping_mul(0x846c_a68b);
    x ^ x >> 16
}

#[inline(always)]
fn below(word: u32, bound: u32) -> u32 {
    ((u64::from(word) * u64::from(bound)) >> 32) as u32
}

/// `x + y mod bound`, for both below a bound of at most 2^31.
#[inline(always)]
fn sum_modulo(x: u32, y: u32, bound: u32) -> u32 {
    let sum = x + y;
    sum.min(sum.wrapping_sub(bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permutation(n: u32, seed: u64) -> Vec<u32> {
        let permutation = Permutation::new(n, Stream::new(seed, 1, 0));
        let mut all: Vec<u32> = (0..n).step_by(LANES).flat_map(|first| permutation.images(first)).collect();
        all.truncate(n as usize);
        all
    }

    #[test]
    fn every_number_below_n_comes_once() {
        for n in [LEAST, 4097, 10_000, 65_536, 100_003, 999_999] {
            let mut seen = permutation(n, 1);
            seen.sort_unstable();
            assert!(seen.iter().copied().eq(0..n), "n = {n}");
        }
    }

    #[test]
    fn the_last_stretch_ends_whatever_the_key() {
        // numbers beyond n may never come back below it
        for seed in 0..3000 {
            let permutation = Permutation::new(LEAST + 1, Stream::new(seed, 1, 0));
            assert!(permutation.images(LEAST)[0] <= LEAST);
        }
    }

    #[test]
    fn a_stretch_by_itself_is_the_same_as_in_the_whole() {
        let n = 50_000;
        let whole = permutation(n, 2);
        let permutation = Permutation::new(n, Stream::new(2, 1, 0));
        for first in [0, 1, 17, 223, 224, 225, 30_001, n - 5] {
            let images = permutation.images(first);
            let known = (n - first).min(LANES as u32) as usize;
            assert_eq!(images[..known], whole[first as usize..first as usize + known], "from {first}");
        }
    }

    #[test]
    fn images_of_neighbours_are_as_far_apart_as_random_numbers() {
        // Differences of successive images, and of images with successive keys, in 20 classes of equal probability.
        let n = 200_000;
        let (first, second) = (permutation(n, 3), permutation(n, 4));
        let differences = |pairs: &mut dyn Iterator<Item = (u32, u32)>| {
            let mut counts = [0u32; 20];
            let mut total = 0.0;
            for (x, y) in pairs {
                let difference = (u64::from(x) + u64::from(n) - u64::from(y)) % u64::from(n);
                counts[(difference * 20 / u64::from(n)) as usize] += 1;
                total += 1.0;
            }
            counts.iter().map(|&count| (f64::from(count) - total / 20.0).powi(2) / (total / 20.0)).sum::<f64>()
        };
        for lag in [1, 2, 32, 448] {
            let chi_square = differences(&mut first.iter().copied().zip(first[lag..].iter().copied()));
            assert!(chi_square < 43.8, "lag {lag}: chi square {chi_square} (19 degrees of freedom, p = 0.001 at 43.8)");
        }
        let chi_square = differences(&mut first.into_iter().zip(second));
        assert!(chi_square < 43.8, "other key: chi square {chi_square}");
    }
}
