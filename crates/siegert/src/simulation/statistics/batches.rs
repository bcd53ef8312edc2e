//! Standard error of a mean over time, by batch means.
//!
//! The time is cut into batches so long that what one does tells little of the next; the variance between their means, over
//! their number, is that of the whole mean, whatever correlations there are within them.
//! Source: Flegal and Jones (2010), Batch means and spectral variance estimators in Markov chain Monte Carlo. Ann Stat 38:1034.

use serde::{Deserialize, Serialize};

use super::counts::Counts;

/// Most batches; with one more, pairs are merged and every batch is twice as long.
const MOST: usize = 40;
/// Fewest batches from which a standard error is taken.
const LEAST: usize = 5;

/// Sums over whole batches of bins, and over the bins after the last whole batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Batches {
    sums: Vec<u64>,
    bins_per_batch: u64,
    open_sum: u64,
    open_bins: u64,
}

impl Default for Batches {
    fn default() -> Self {
        Self { sums: Vec::with_capacity(MOST + 1), bins_per_batch: 1, open_sum: 0, open_bins: 0 }
    }
}

impl Batches {
    /// Takes the count of the next bin.
    pub(super) fn add(&mut self, count: u64) {
        self.open_sum += count;
        self.open_bins += 1;
        if self.open_bins < self.bins_per_batch {
            return;
        }
        self.sums.push(self.open_sum);
        (self.open_sum, self.open_bins) = (0, 0);
        if self.sums.len() > MOST {
            self.merge();
        }
    }

    /// Merges pairs; the batch without a partner becomes the open one again.
    fn merge(&mut self) {
        if self.sums.len() % 2 == 1
            && let Some(last) = self.sums.pop()
        {
            self.open_sum = last;
            self.open_bins = self.bins_per_batch;
        }
        for pair in 0..self.sums.len() / 2 {
            self.sums[pair] = self.sums[2 * pair] + self.sums[2 * pair + 1];
        }
        self.sums.truncate(self.sums.len() / 2);
        self.bins_per_batch *= 2;
    }

    /// Standard error of the mean count of a bin, from whole batches; `None` with fewer than 5.
    pub(super) fn standard_error(&self) -> Option<f64> {
        if self.sums.len() < LEAST {
            return None;
        }
        let (number, bins) = (self.sums.len() as f64, self.bins_per_batch as f64);
        let mut counts = Counts::default();
        self.sums.iter().for_each(|&sum| counts.add(sum));
        let variance = counts.scaled_variance(self.sums.len() as u64) as f64 / (number * (number - 1.0));
        Some((variance / number).sqrt() / bins)
    }

    pub(super) fn memory_bytes() -> u64 {
        ((MOST + 1) * size_of::<u64>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_twenty_to_forty_batches_and_no_bin_is_lost() {
        let mut batches = Batches::default();
        for bin in 1..=10_000_u64 {
            batches.add(bin);
            let number = batches.sums.len() as u64;
            assert!((20..=40).contains(&number) || bin < 20, "{number} batches after {bin} bins");
            let (closed, seen) = (batches.sums.iter().sum::<u64>(), bin * (bin + 1) / 2);
            assert_eq!(closed + batches.open_sum, seen, "after {bin} bins");
            assert_eq!(number * batches.bins_per_batch + batches.open_bins, bin, "after {bin} bins");
        }
        assert_eq!(batches.bins_per_batch, 256);
    }

    #[test]
    fn fewer_than_five_batches_give_no_error() {
        let mut batches = Batches::default();
        for count in [1, 2, 3, 4] {
            batches.add(count);
            assert_eq!(batches.standard_error(), None);
        }
        batches.add(5);
        // Variance 2.5 between five batches.
        assert_eq!(batches.standard_error(), Some(0.5_f64.sqrt()));
    }

    #[test]
    fn slow_changes_raise_the_error_above_that_of_independent_bins() {
        // Blocks of 256 bins with 0, then with 2 counts: 10,240 bins are 40 batches of 256, sums 0 and 512.
        let mut batches = Batches::default();
        for bin in 0..10_240 {
            batches.add(2 * (bin / 256 % 2));
        }
        let expected = (40.0 / 39.0 / 40.0_f64).sqrt(); // variance of a batch's mean 40 / 39, over 40 batches
        assert!((batches.standard_error().expect("40 batches") - expected).abs() < 1e-15);
    }
}
