//! The counter-based generator Philox4x32-10, one word or thousands at a time.
//!
//! Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. Proc. SC'11, section 3.
//! The known-answer tests are those of the authors' library Random123.

use std::convert::Infallible;

use rand::TryRng;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;
/// Counters that are computed side by side, for the vector units.
const LANES: usize = 16;
/// Words that a stream makes at a time.
pub(crate) const GROUP: usize = 4 * LANES;

/// The four words that belong to a counter and a key.
pub(crate) fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    rounds(counter.map(|word| [u64::from(word)]), key).map(|[word]| word as u32)
}

/// Words lie in the lower halves of 64 bits, where the products are needed; what the upper halves hold is of no meaning.
///
/// So a round is two multiplications, two shifts and two exclusive ors a vector, and no vector is widened or packed.
#[inline(always)]
fn rounds<const N: usize>(counters: [[u64; N]; 4], mut key: [u32; 2]) -> [[u64; N]; 4] {
    let low = |word: u64| word & 0xffff_ffff;
    let [mut x0, mut x1, mut x2, mut x3] = counters;
    for _ in 0..ROUNDS {
        for lane in 0..N {
            let first = u64::from(MULTIPLIERS[0]) * low(x0[lane]);
            let second = u64::from(MULTIPLIERS[1]) * low(x2[lane]);
            x0[lane] = second >> 32 ^ x1[lane] ^ u64::from(key[0]);
            x2[lane] = first >> 32 ^ x3[lane] ^ u64::from(key[1]);
            x1[lane] = second;
            x3[lane] = first;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    [x0, x1, x2, x3]
}

/// 2^34 random words that belong to a seed, a purpose and an index.
///
/// Word `i` is word `(i mod 64) / 16` of counter `16 (i / 64) + i mod 16`: an order in which no vector has to be turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    key: [u32; 2],
    tail: [u32; 3],
}

impl Stream {
    /// The stream of a seed, for one purpose and one index (a step, a neuron).
    pub(crate) fn new(seed: u64, purpose: u32, index: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], tail: [index as u32, (index >> 32) as u32, purpose] }
    }

    /// The words of a group: 64 at a time.
    #[inline(always)]
    pub(crate) fn group(&self, group: u32) -> [u32; GROUP] {
        let mut counters = [[0; LANES]; 4];
        for (lane, counter) in counters[0].iter_mut().enumerate() {
            *counter = u64::from(group.wrapping_mul(LANES as u32).wrapping_add(lane as u32));
        }
        for (words, word) in counters[1..].iter_mut().zip(self.tail) {
            *words = [u64::from(word); LANES];
        }
        let words = rounds(counters, self.key);
        let mut all = [0; GROUP];
        for (part, words) in all.chunks_exact_mut(LANES).zip(words) {
            for (place, word) in part.iter_mut().zip(words) {
                *place = word as u32;
            }
        }
        all
    }

    /// The first words.
    #[inline(always)]
    pub(crate) fn fill(&self, words: &mut [u32]) {
        for (group, part) in words.chunks_mut(GROUP).enumerate() {
            let drawn = self.group(group as u32);
            match <&mut [u32; GROUP]>::try_from(&mut *part) {
                Ok(whole) => *whole = drawn,
                Err(_) => part.copy_from_slice(&drawn[..part.len()]),
            }
        }
    }

    /// One word of the first 2^32.
    pub(crate) fn word(&self, index: u32) -> u32 {
        let (group, place) = (index / GROUP as u32, index as usize % GROUP);
        let counter = group * LANES as u32 + (place % LANES) as u32;
        philox4x32([counter, self.tail[0], self.tail[1], self.tail[2]], self.key)[place / LANES]
    }

    /// The words one after the other, as a generator for laws of `rand_distr`.
    pub(crate) fn sequence(self) -> Sequence {
        Sequence { stream: self, words: [0; GROUP], next: 0 }
    }
}

/// The words of a [`Stream`], one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    stream: Stream,
    words: [u32; GROUP],
    /// Number of the next word.
    next: u64,
}

impl Sequence {
    /// The next word.
    #[inline(always)]
    pub(crate) fn word(&mut self) -> u32 {
        let place = (self.next % GROUP as u64) as usize;
        if place == 0 {
            self.words = self.stream.group((self.next / GROUP as u64) as u32);
        }
        self.next += 1;
        self.words[place]
    }

    /// A whole number below `bound`, each as probable (Lemire 2019; rejection keeps it exact).
    #[inline(always)]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.word()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound.max(1);
            while (product as u32) < threshold {
                product = u64::from(self.word()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }
}

impl TryRng for Sequence {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(4) {
            part.copy_from_slice(&self.word().to_le_bytes()[..part.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_published_known_answers() {
        // Random123, file kat_vectors, philox4x32 10.
        let answers = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in answers {
            assert_eq!(philox4x32(counter, key), expected, "counter {counter:x?}");
        }
    }

    #[test]
    fn words_in_one_go_in_groups_and_one_by_one_are_the_same() {
        let stream = Stream::new(0x1234_5678_9abc_def0, 7, 1 << 40 | 5);
        let mut words = [0; 200];
        stream.fill(&mut words);
        let mut sequence = stream.sequence();
        for (index, &word) in words.iter().enumerate() {
            let (group, place) = (index / GROUP, index % GROUP);
            let counter = [(group * LANES + place % LANES) as u32, 5, 1 << 8, 7];
            assert_eq!(word, philox4x32(counter, [0x9abc_def0, 0x1234_5678])[place / LANES], "word {index}");
            assert_eq!(word, sequence.word(), "word {index}");
            assert_eq!(word, stream.word(index as u32), "word {index}");
        }
    }

    #[test]
    fn numbers_below_a_bound_are_equally_probable() {
        let mut sequence = Stream::new(1, 2, 3).sequence();
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[sequence.below(7) as usize] += 1;
        }
        let chi_square: f64 = counts.iter().map(|&count| (f64::from(count) - 1e4).powi(2) / 1e4).sum();
        assert!(chi_square < 22.5, "chi square {chi_square} with 6 degrees of freedom (p = 0.001 at 22.5)");
    }
}
