//! Pearson coefficients of the spike counts of a sample of neurons.

use rand::Rng;
use rand::seq::index;
use serde::{Deserialize, Serialize};

/// Most neurons in a sample.
const MOST: usize = 200;

/// The neurons of a sample in a population of so many: at most 200, each set of them as likely as any other.
pub(super) fn draw(size: usize, random: &mut impl Rng) -> Vec<usize> {
    index::sample(random, size, size.min(MOST)).into_vec()
}

/// Sums, and sums of products, of the counts of a sample in bins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sample {
    /// Counts in the open bin.
    open: Vec<u32>,
    /// Who spiked in it: only their pairs have products.
    spiked: Vec<u16>,
    sums: Vec<u64>,
    /// Lower triangle with its diagonal, row by row.
    products: Vec<u64>,
}

/// Mean Pearson coefficient over the pairs of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Correlation {
    pub(super) mean: Option<f64>,
    pub(super) standard_error: Option<f64>,
    /// Neurons whose counts varied; the others have no coefficient.
    pub(super) neurons: u64,
}

impl Sample {
    pub(super) fn new(population_size: u64) -> Self {
        let size = population_size.min(MOST as u64) as usize;
        let (sums, products) = (vec![0; size], vec![0; row_start(size)]);
        Self { open: vec![0; size], spiked: Vec::with_capacity(size), sums, products }
    }

    /// Takes a spike of the neuron at a place of the sample.
    pub(super) fn spike(&mut self, place: usize) {
        if self.open[place] == 0 {
            self.spiked.push(place as u16);
        }
        self.open[place] += 1;
    }

    pub(super) fn close_bin(&mut self) {
        self.spiked.sort_unstable();
        for (index, &second) in self.spiked.iter().enumerate() {
            let second = usize::from(second);
            let count = u64::from(self.open[second]);
            self.sums[second] += count;
            let row = &mut self.products[row_start(second)..][..=second];
            for &first in &self.spiked[..=index] {
                row[usize::from(first)] += count * u64::from(self.open[usize::from(first)]);
            }
        }
        for place in self.spiked.drain(..) {
            self.open[usize::from(place)] = 0;
        }
    }

    /// Mean Pearson coefficient of the counts of so many closed bins; `None` with fewer than 2 of them or of the neurons.
    pub(super) fn correlation(&self, bins: u64) -> Correlation {
        let varying: Vec<usize> =
            (0..self.sums.len()).filter(|&place| self.covariance(place, place, bins) > 0).collect();
        let neurons = varying.len() as u64;
        if neurons < 2 {
            return Correlation { neurons, ..Correlation::default() };
        }
        let scales: Vec<f64> =
            varying.iter().map(|&place| (self.covariance(place, place, bins) as f64).sqrt()).collect();
        let mut sum = 0.0;
        for (second, &row) in varying.iter().enumerate() {
            for (first, &column) in varying[..second].iter().enumerate() {
                sum += self.covariance(row, column, bins) as f64 / (scales[first] * scales[second]);
            }
        }
        let pairs = (neurons * (neurons - 1) / 2) as f64;
        Correlation { mean: Some(sum / pairs), standard_error: Some((pairs * bins as f64).sqrt().recip()), neurons }
    }

    /// Covariance times `bins^2`, for `column <= row`: a whole number, so nothing cancels.
    fn covariance(&self, row: usize, column: usize, bins: u64) -> i128 {
        let product = self.products[row_start(row) + column];
        i128::from(bins) * i128::from(product) - i128::from(self.sums[row]) * i128::from(self.sums[column])
    }

    pub(super) fn memory_bytes(population_size: u64) -> u64 {
        let size = population_size.min(MOST as u64) as usize;
        (size * (size_of::<u32>() + size_of::<u16>() + size_of::<u64>()) + row_start(size) * size_of::<u64>()) as u64
    }
}

/// Where a row of the lower triangle begins.
fn row_start(row: usize) -> usize {
    row * (row + 1) / 2
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn correlation_of(bins: &[&[u32]]) -> Correlation {
        let mut sample = Sample::new(bins[0].len() as u64);
        for counts in bins {
            for (place, &count) in counts.iter().enumerate().rev() {
                (0..count).for_each(|_| sample.spike(place));
            }
            sample.close_bin();
        }
        sample.correlation(bins.len() as u64)
    }

    #[test]
    fn coefficients_are_one_minus_one_and_a_half() {
        // In the last, deviations are (-1, 0, 1) and (0, -1, 1): covariance 1, variances 2.
        let cases: [(&[&[u32]], f64); 3] =
            [(&[&[1, 2], &[4, 8], &[0, 0]], 1.0), (&[&[1, 0], &[0, 1]], -1.0), (&[&[0, 1], &[1, 0], &[2, 2]], 0.5)];
        for (counts, expected) in cases {
            let mean = correlation_of(counts).mean.expect("both vary");
            assert!((mean - expected).abs() < 1e-15, "{counts:?}: {mean}, expected {expected}");
        }
    }

    #[test]
    fn neurons_whose_counts_do_not_vary_are_left_out() {
        let correlation = correlation_of(&[&[1, 0, 2, 3], &[1, 0, 4, 6], &[1, 0, 0, 0]]);
        assert_eq!(correlation.neurons, 2);
        assert!((correlation.mean.expect("two vary") - 1.0).abs() < 1e-15);
        assert_eq!(correlation.standard_error, Some(1.0 / 3f64.sqrt()));
        assert_eq!(correlation_of(&[&[1, 0], &[2, 0]]), Correlation { neurons: 1, ..Correlation::default() });
        assert_eq!(correlation_of(&[&[1, 2]]), Correlation::default());
    }

    #[test]
    fn a_sample_holds_each_neuron_once_and_depends_on_the_seed_alone() {
        let drawn = |size, seed| draw(size, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
        let sample = drawn(10_000, 1);
        assert_eq!((sample.len(), sample.iter().collect::<HashSet<_>>().len()), (200, 200));
        assert_eq!(sample, drawn(10_000, 1));
        assert_ne!(sample, drawn(10_000, 2));
        // Mean of 200 numbers below 10,000: 5000, standard error 202.
        let mean = sample.iter().sum::<usize>() as f64 / 200.0;
        assert!((mean - 5000.0).abs() < 5.0 * 202.0, "{mean}");
        assert_eq!((drawn(30, 1).len(), drawn(0, 1).len()), (30, 0));
    }
}
