//! Spike counts in bins of about 50 ms: their variances, Fano factors and what follows for a population.

use serde::{Deserialize, Serialize};

use super::MS_PER_S;
use super::batches::Batches;
use super::sample::Sample;

/// Sum, and sum of the squares, of counts in bins.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) sum: u64,
    pub(super) squares: u128,
}

impl Counts {
    pub(super) fn add(&mut self, count: u64) {
        self.sum += count;
        self.squares += u128::from(count) * u128::from(count);
    }

    /// The variance (n - 1) times `bins (bins - 1)`: a whole number, so nothing cancels.
    pub(super) fn scaled_variance(&self, bins: u64) -> u128 {
        u128::from(bins) * self.squares - u128::from(self.sum) * u128::from(self.sum)
    }

    /// Variance (n - 1) over mean of the counts of so many bins; `None` without spikes or with fewer than 2 bins.
    pub(super) fn fano_factor(&self, bins: u64) -> Option<f64> {
        let defined = bins >= 2 && self.sum > 0;
        defined.then(|| self.scaled_variance(bins) as f64 / ((bins - 1) as f64 * self.sum as f64))
    }
}

/// The spikes of a population in the window.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PopulationCounts {
    pub(super) size: u64,
    /// Spikes, those of the open bin included.
    pub(super) spikes: u64,
    /// Spikes of all neurons together in the closed bins.
    pub(super) binned: Counts,
    /// Neurons whose correlations are measured.
    pub(super) sample: Sample,
    /// Spikes in the open bin.
    open_count: u64,
    batches: Batches,
}

impl PopulationCounts {
    pub(super) fn new(size: u64) -> Self {
        let (binned, batches) = (Counts::default(), Batches::default());
        Self { size, spikes: 0, binned, sample: Sample::new(size), open_count: 0, batches }
    }

    pub(super) fn add(&mut self, count: u64) {
        self.spikes += count;
        self.open_count += count;
    }

    pub(super) fn close_bin(&mut self) {
        self.binned.add(self.open_count);
        self.batches.add(self.open_count);
        self.sample.close_bin();
        self.open_count = 0;
    }

    /// Standard error of the rate by batch means, in Hz, of bins of this length.
    pub(super) fn rate_standard_error_hz(&self, bin_ms: f64) -> Option<f64> {
        let neuron_seconds = self.size as f64 * bin_ms / MS_PER_S;
        (self.size > 0).then(|| self.batches.standard_error().map(|error| error / neuron_seconds)).flatten()
    }

    /// Mean covariance of the counts of all pairs over the mean variance, from the counts of each neuron:
    ///
    /// ```text
    /// (Var(sum) - sum Var) / (n (n - 1)) / (sum Var / n)
    /// ```
    pub(super) fn correlation_all_pairs(&self, neurons: &[Counts], bins: u64) -> Option<f64> {
        let own: u128 = neurons.iter().map(|counts| counts.scaled_variance(bins)).sum();
        if self.size < 2 || own == 0 {
            return None;
        }
        let of_sum = self.binned.scaled_variance(bins);
        let covariances = if of_sum >= own { (of_sum - own) as f64 } else { -((own - of_sum) as f64) };
        Some(covariances / ((self.size - 1) as f64 * own as f64))
    }

    pub(super) fn memory_bytes(size: u64) -> u64 {
        size_of::<Self>() as u64 + Sample::memory_bytes(size) + Batches::memory_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fano_factor_of_large_counts_keeps_its_digits() {
        // 10^12 and 10^12 + 2 in turn over 1000 bins: variance 1000 / 999, mean 10^12 + 1.
        let mut counts = Counts::default();
        for bin in 0..1000 {
            counts.add(1_000_000_000_000 + 2 * (bin % 2));
        }
        let (fano, expected) = (counts.fano_factor(1000).expect("spikes"), 1000.0 / 999.0 / 1_000_000_000_001.0);
        assert!((fano / expected - 1.0).abs() < 1e-15, "{fano}, expected {expected}");
    }

    #[test]
    fn neurons_that_all_do_the_same_are_fully_correlated() {
        let mut population = PopulationCounts::new(7);
        let mut neuron = Counts::default();
        for count in [3, 0, 1, 8] {
            neuron.add(count);
            population.add(7 * count);
            population.close_bin();
        }
        assert_eq!(population.correlation_all_pairs(&[neuron; 7], 4), Some(1.0));
    }
}
