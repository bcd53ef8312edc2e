//! Who is connected to whom: the connections of a projection into a block, of which any source's row can be drawn by itself.
//!
//! Explicit connectivity stores these rows ([`rows`]), redrawn connectivity draws them again at every spike: both have the
//! same connections, weights and delays. How a row is drawn follows the rule:
//!
//! | rule | the row of a source |
//! | --- | --- |
//! | fixed in-degree | the (target, slot) pairs of the block, numbered, are permuted; each source has the stretch that its drawn out-degree entitles it to (exactly: every slot's source is uniform and independent) |
//! | the same without autapses or multapses | a list, drawn target by target |
//! | fixed total | an out-degree, multinomial; targets uniform |
//! | the same without multapses | an out-degree, multivariate hypergeometric; distinct targets |
//! | pairwise probability | a binomial number of distinct targets |
//!
//! The laws of blocks, sources and targets multiply to the rule's own; nothing is approximated but that the permutation is
//! pseudo-random.

mod degrees;
mod listed;
mod permutation;
pub(super) mod rows;
#[cfg(test)]
mod tests;

use multiversion::multiversion;

use super::laws::{Delays, Weights};
use super::plan::{Block, Connection, Plan, Rule, Strength};
use super::prefetch::prefetch;
use super::streams::{Purpose, stream};
use crate::numerics::random::{Sequence, Stream};
use degrees::{binomial, multinomial, without_repetition};
use permutation::{LANES, LEAST, Permutation};

/// The connections of one projection into one block.
#[derive(Clone, Debug)]
pub(super) struct Table {
    seed: u64,
    /// Number of the projection.
    id: u32,
    block: usize,
    /// Neurons of the block.
    targets: u32,
    /// The block's own neurons among the sources, if a neuron must not connect to itself.
    excluded: Option<(u32, u32)>,
    kind: Kind,
}

/// How rows are drawn. `offsets[s]` is the number of connections of the sources before `s`.
#[derive(Clone, Debug)]
enum Kind {
    Permuted { permutation: Permutation, offsets: Vec<u32>, in_degree: u32 },
    Independent { offsets: Vec<u32> },
    Distinct { offsets: Vec<u32> },
    Bernoulli { probability: f64 },
    Listed { offsets: Vec<u32>, targets: Vec<u16> },
}

impl Kind {
    /// Empty where numbers are drawn row by row.
    #[inline(always)]
    fn offsets(&self) -> &[u32] {
        match self {
            Kind::Permuted { offsets, .. }
            | Kind::Independent { offsets }
            | Kind::Distinct { offsets }
            | Kind::Listed { offsets, .. } => offsets,
            Kind::Bernoulli { .. } => &[],
        }
    }
}

/// A source's connections into a block, and room to draw them.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Targets, counted in the block.
    pub(super) targets: Vec<u16>,
    /// Delays in steps, if they are not all the same.
    pub(super) delays: Vec<u16>,
    /// Weights in the unit of the part, if they are not all the same.
    pub(super) weights: Vec<i16>,
    words: Vec<u32>,
    marks: Vec<u64>,
}

/// Connections of a fixed total in each block of the target population; empty for other rules.
pub(super) fn totals_of_blocks(plan: &Plan, connection: &Connection) -> Vec<u64> {
    let Rule::Total(total) = connection.rule else { return Vec::new() };
    let blocks = &plan.blocks[plan.populations[connection.target].blocks.clone()];
    let sources = u64::from(plan.populations[connection.source].size);
    let pairs = blocks.iter().map(|block| (sources - u64::from(!connection.autapses)) * u64::from(block.size));
    let mut random = stream(plan.seed, Purpose::Degrees, connection.id, 0, (1 << 44) - 1).sequence();
    if connection.multapses {
        multinomial(total, pairs, &mut random)
    } else {
        without_repetition(total, pairs, &mut random)
    }
}

/// Whether the rows of the connection can be drawn again without being listed.
pub(super) fn can_be_redrawn(connection: &Connection) -> bool {
    !matches!(connection.rule, Rule::InDegree(_)) || (connection.autapses && connection.multapses)
}

impl Table {
    /// Draws what the rows need; `total` is the block's share of a fixed total.
    pub(super) fn new(plan: &Plan, connection: &Connection, block: usize, total: u64) -> Self {
        let Block { first, size, .. } = plan.blocks[block];
        let sources = plan.populations[connection.source].size;
        let excluded = (!connection.autapses).then_some((first, first + size));
        let mut random = stream(plan.seed, Purpose::Degrees, connection.id, block, 0).sequence();
        // pairs that a source has in this block
        let pairs = (0..sources).map(|source| {
            let inside = excluded.is_some_and(|(first, end)| (first..end).contains(&source));
            u64::from(size) - u64::from(inside)
        });
        let kind = match connection.rule {
            Rule::Probability(probability) => Kind::Bernoulli { probability },
            Rule::Total(_) if connection.multapses => {
                Kind::Independent { offsets: offsets(&multinomial(total, pairs, &mut random)) }
            }
            Rule::Total(_) => Kind::Distinct { offsets: offsets(&without_repetition(total, pairs, &mut random)) },
            Rule::InDegree(in_degree) if can_be_redrawn(connection) => {
                let equal = (0..sources).map(|_| 1);
                let offsets = offsets(&multinomial(u64::from(in_degree) * u64::from(size), equal, &mut random));
                let n = in_degree * size;
                if n < LEAST {
                    let targets = listed::shuffled(size, in_degree, &mut random);
                    Kind::Listed { offsets, targets }
                } else {
                    let keys = stream(plan.seed, Purpose::Permutation, connection.id, block, 0);
                    Kind::Permuted { permutation: Permutation::new(n, keys), offsets, in_degree }
                }
            }
            Rule::InDegree(in_degree) => {
                let (offsets, targets) = listed::target_by_target(
                    sources,
                    (first, size),
                    in_degree,
                    excluded.is_some(),
                    connection.multapses,
                    &mut random,
                );
                Kind::Listed { offsets, targets }
            }
        };
        Self { seed: plan.seed, id: connection.id, block, targets: size, excluded, kind }
    }

    /// Rows of the mean lengths that a connection has in a network so many times larger, drawn pair by pair whatever the rule: to measure
    /// how long their delivery takes.
    pub(super) fn alike(plan: &Plan, connection: &Connection, block: usize, scale: f64) -> Self {
        let sources = f64::from(plan.populations[connection.source].size);
        let probability = (plan.in_degree(connection) / (scale * sources)).min(1.0);
        Self {
            seed: plan.seed,
            id: connection.id,
            block,
            targets: plan.blocks[block].size,
            excluded: None,
            kind: Kind::Bernoulli { probability },
        }
    }

    /// Number of connections; the expected one where they are drawn pair by pair.
    pub(super) fn connections(&self, sources: u32) -> f64 {
        if let Kind::Bernoulli { probability } = self.kind {
            let itself = self.excluded.map_or(0.0, |(first, end)| f64::from(end - first));
            return (f64::from(sources) * f64::from(self.targets) - itself) * probability;
        }
        f64::from(self.kind.offsets().last().copied().unwrap_or(0))
    }

    /// Asks for what a source's row will need first.
    #[inline(always)]
    pub(super) fn prefetch(&self, source: u32) {
        prefetch(self.kind.offsets(), source as usize);
    }

    /// Targets that the source may have.
    #[inline(always)]
    fn candidates(&self, source: u32) -> (u32, Option<u32>) {
        match self.excluded {
            Some((first, end)) if (first..end).contains(&source) => (self.targets - 1, Some(source - first)),
            _ => (self.targets, None),
        }
    }

    #[inline(always)]
    fn draw_targets(&self, source: u32, row: &mut Row) {
        row.targets.clear();
        let stretch = |offsets: &[u32]| (offsets[source as usize], offsets[source as usize + 1]);
        match &self.kind {
            Kind::Listed { offsets, targets } => {
                let (start, end) = stretch(offsets);
                row.targets.extend_from_slice(&targets[start as usize..end as usize]);
            }
            Kind::Permuted { permutation, offsets, in_degree } => {
                let (start, end) = stretch(offsets);
                permuted(permutation, (start, end), *in_degree, &mut row.targets);
            }
            Kind::Independent { offsets } => {
                let (start, end) = stretch(offsets);
                self.independent(source, end - start, row);
            }
            Kind::Distinct { offsets } => {
                let (start, end) = stretch(offsets);
                self.distinct(source, end - start, &mut self.stream(Purpose::Targets, source).sequence(), row);
            }
            Kind::Bernoulli { probability } => {
                let mut random = self.stream(Purpose::Targets, source).sequence();
                let (candidates, _) = self.candidates(source);
                let count = binomial(u64::from(candidates), *probability, &mut random) as u32;
                self.distinct(source, count, &mut random, row);
            }
        }
    }

    #[inline(always)]
    fn stream(&self, purpose: Purpose, source: u32) -> Stream {
        stream(self.seed, purpose, self.id, self.block, u64::from(source))
    }

    #[inline(always)]
    fn independent(&self, source: u32, count: u32, row: &mut Row) {
        row.words.resize(count as usize, 0);
        self.stream(Purpose::Targets, source).fill(&mut row.words);
        let (candidates, itself) = self.candidates(source);
        let skip = itself.unwrap_or(u32::MAX);
        row.targets.resize(count as usize, 0);
        for (place, &word) in row.targets.iter_mut().zip(&row.words) {
            // at most 2^15 candidates: none is more probable than another by more than 2^-17
            let target = ((u64::from(word) * u64::from(candidates)) >> 32) as u32;
            *place = (target + u32::from(target >= skip)) as u16;
        }
    }

    fn distinct(&self, source: u32, count: u32, random: &mut Sequence, row: &mut Row) {
        let (candidates, itself) = self.candidates(source);
        let skip = itself.unwrap_or(u32::MAX);
        row.marks.clear();
        row.marks.resize(candidates.div_ceil(64) as usize, 0);
        // Mark the smaller of the two: those that are chosen, or those that are not.
        let inverted = count > candidates / 2;
        let marked = if inverted { candidates - count } else { count };
        for _ in 0..marked {
            loop {
                let target = random.below(candidates);
                let (word, bit) = ((target / 64) as usize, 1u64 << (target % 64));
                if row.marks[word] & bit == 0 {
                    row.marks[word] |= bit;
                    break;
                }
            }
        }
        for target in 0..candidates {
            let chosen = row.marks[(target / 64) as usize] >> (target % 64) & 1 == 1;
            if chosen != inverted {
                row.targets.push((target + u32::from(target >= skip)) as u16);
            }
        }
    }
}

#[inline(always)]
fn permuted(permutation: &Permutation, (start, end): (u32, u32), in_degree: u32, targets: &mut Vec<u16>) {
    // Exact: images are below 2^32, and (image + 1/2) / in_degree is nowhere within 2^-33 of a whole number.
    let per_target = 1.0 / f64::from(in_degree);
    let mut first = start;
    while first < end {
        let images = permutation.images(first);
        let mut drawn = [0u16; LANES];
        for (target, image) in drawn.iter_mut().zip(images) {
            *target = ((f64::from(image) + 0.5) * per_target) as u32 as u16;
        }
        targets.extend_from_slice(&drawn[..(end - first).min(LANES as u32) as usize]);
        first = first.saturating_add(LANES as u32);
    }
}

/// Draws the row of a source: targets, and weights and delays where they vary.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn draw(table: &Table, connection: &Connection, strength: Strength, source: u32, row: &mut Row) {
    draw_inline(table, connection, strength, source, row);
}

/// What each version of [`draw`] compiles.
#[inline(always)]
pub(super) fn draw_inline(table: &Table, connection: &Connection, strength: Strength, source: u32, row: &mut Row) {
    table.draw_targets(source, row);
    let count = row.targets.len();
    row.words.resize(count, 0);
    row.delays.clear();
    row.weights.clear();
    if count == 0 {
        return;
    }
    if let Delays::Spread(law) = &connection.delays {
        table.stream(Purpose::Delays, source).fill(&mut row.words);
        row.delays.resize(count, 0);
        // a loop rather than extend, which would be compiled for the oldest processor
        for (delay, &word) in row.delays.iter_mut().zip(&row.words) {
            *delay = law.draw(word) as u16;
        }
    }
    if let Strength::Multiples(unit) = strength {
        table.stream(Purpose::Weights, source).fill(&mut row.words);
        row.weights.resize(count, 0);
        let per_unit = 1.0 / unit;
        // loops rather than for_each, whose closures may be compiled for the oldest processor
        match connection.weights {
            // the usual law has a loop without a choice in it
            Weights::Normal(mean, std) => {
                for (place, &word) in row.weights.iter_mut().zip(&row.words) {
                    *place = nearest_multiple(Weights::Normal(mean, std).draw(word) * per_unit);
                }
            }
            law => {
                for (place, &word) in row.weights.iter_mut().zip(&row.words) {
                    *place = nearest_multiple(law.draw(word) * per_unit);
                }
            }
        }
    }
}

/// A saturating cast: weights beyond the largest are cut, fewer than one in 10^12.
#[inline(always)]
fn nearest_multiple(units: f32) -> i16 {
    units.round_ties_even() as i16
}

/// Sums of the numbers before each, and of all.
#[expect(clippy::expect_used, reason = "blocks are cut so that their connections can be numbered in 32 bits")]
fn offsets(counts: &[u64]) -> Vec<u32> {
    let mut sum = 0u64;
    let mut offsets = Vec::with_capacity(counts.len() + 1);
    offsets.push(0);
    for count in counts {
        sum += count;
        offsets.push(u32::try_from(sum).expect("blocks are small enough"));
    }
    offsets
}
