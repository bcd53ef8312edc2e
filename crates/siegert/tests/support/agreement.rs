//! Whether two simulators that draw their networks anew with every seed do the same, within the sampling error of both.
//!
//! The error of a seed is estimated twice: from the scatter between seeds, of which there are few, and from the theory of the statistic, which
//! leaves out that every seed draws another network. The larger one counts.

/// A statistic of two simulators.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    /// Of the difference of both means over seeds.
    pub(crate) standard_error: f64,
}

impl Comparison {
    /// From the values of both sides, one a seed; `error_of_one` is what theory expects as the standard error of one of them.
    pub(crate) fn new(ours: &[f64], theirs: &[f64], error_of_one: f64) -> Self {
        let variance = pooled_variance(ours, theirs).max(error_of_one * error_of_one);
        let standard_error = (variance * (1.0 / ours.len() as f64 + 1.0 / theirs.len() as f64)).sqrt();
        Self { ours: mean(ours), theirs: mean(theirs), standard_error }
    }

    pub(crate) fn difference(&self) -> f64 {
        self.ours - self.theirs
    }

    /// The difference in standard errors.
    pub(crate) fn z(&self) -> f64 {
        self.difference() / self.standard_error
    }

    /// Whether the difference is at most so many standard errors, or at most the margin; never if it is not a number.
    pub(crate) fn is_within(&self, standard_errors: f64, margin: f64) -> bool {
        self.difference().abs() <= margin.max(standard_errors * self.standard_error)
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance about the mean of each side; zero if there is one seed a side.
fn pooled_variance(one: &[f64], other: &[f64]) -> f64 {
    let squares = |side: &[f64]| side.iter().map(|value| (value - mean(side)).powi(2)).sum::<f64>();
    let degrees = (one.len() + other.len()).saturating_sub(2);
    if degrees == 0 { 0.0 } else { (squares(one) + squares(other)) / degrees as f64 }
}

/// Relative standard error of a variance, hence of a Fano factor, from so many bins: `sqrt(2/(bins - 1))`.
pub(crate) fn relative_error_of_variance(bins: f64) -> f64 {
    (2.0 / (bins - 1.0)).sqrt()
}

/// Standard error of the mean correlation between `neurons` neurons: that of the variance of their common count, which is
/// `1 + (neurons - 1) correlation` times the sum of their variances. `1/sqrt(pairs bins)` for independent neurons.
pub(crate) fn correlation_error(correlation: f64, neurons: f64, bins: f64) -> f64 {
    (1.0 / neurons + correlation.max(0.0)) * relative_error_of_variance(bins)
}

/// A power spectrum at ascending frequencies, and the time in which it was measured.
#[derive(Clone, Debug)]
pub(crate) struct PowerSpectrum {
    pub(crate) frequency_hz: Vec<f64>,
    pub(crate) power_hz: Vec<f64>,
    pub(crate) duration_s: f64,
}

impl PowerSpectrum {
    /// Mean power between two frequencies.
    pub(crate) fn band_power_hz(&self, low_hz: f64, high_hz: f64) -> f64 {
        let (width_hz, power, _) = self.integrals(low_hz, high_hz);
        power / width_hz
    }

    /// Relative standard error of the power of a band, `sqrt(int S^2 df / duration) / int S df`: a peak counts for less than its band.
    pub(crate) fn relative_band_error(&self, low_hz: f64, high_hz: f64) -> f64 {
        let (_, power, square) = self.integrals(low_hz, high_hz);
        (square / self.duration_s).sqrt() / power
    }

    /// Width of the part of the band that the frequencies cover, and the integrals of power and of its square over it.
    fn integrals(&self, low_hz: f64, high_hz: f64) -> (f64, f64, f64) {
        let mut sums = (0.0, 0.0, 0.0);
        for (f, s) in self.frequency_hz.windows(2).zip(self.power_hz.windows(2)) {
            if f[0] >= low_hz && f[1] <= high_hz {
                let width = f[1] - f[0];
                sums.0 += width;
                sums.1 += width * (s[0] + s[1]) / 2.0;
                sums.2 += width * (s[0] * s[0] + s[1] * s[1]) / 2.0;
            }
        }
        sums
    }
}

mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_difference_falls_with_the_seeds_of_both_sides() {
        let comparison = Comparison::new(&[2.0; 4], &[1.0; 2], 0.5);
        assert!((comparison.standard_error - 0.5 * 0.75_f64.sqrt()).abs() < 1e-15);
        assert!((comparison.z() - 1.0 / comparison.standard_error).abs() < 1e-12);
    }

    #[test]
    fn scatter_between_seeds_counts_where_it_exceeds_what_is_expected() {
        // 1 and 3 about 2, 4 and 6 about 5: squares 4 over two degrees of freedom.
        let comparison = Comparison::new(&[1.0, 3.0], &[4.0, 6.0], 0.1);
        assert!((comparison.standard_error - 2.0_f64.sqrt()).abs() < 1e-15, "{comparison:?}");
    }

    #[test]
    fn a_difference_passes_by_its_error_or_by_the_margin_and_never_as_nan() {
        let comparison = |ours| Comparison::new(&[ours], &[10.0], 0.5_f64.sqrt());
        assert!(comparison(12.9).is_within(3.0, 0.0) && !comparison(13.1).is_within(3.0, 0.0));
        assert!(comparison(13.1).is_within(3.0, 3.2) && !comparison(6.7).is_within(3.0, 3.2));
        assert!(!comparison(f64::NAN).is_within(3.0, 100.0));
    }

    #[test]
    fn independent_neurons_correlate_by_one_over_the_root_of_pairs_and_bins() {
        let (neurons, bins) = (200.0_f64, 100.0_f64);
        let pairs = neurons * (neurons - 1.0) / 2.0;
        let error = correlation_error(0.0, neurons, bins);
        assert!((error * (pairs * bins).sqrt() - 1.0).abs() < 0.01, "{error}");
    }

    /// Fano factors of 2,000 windows of 60 bins with binomial counts: they scatter as expected.
    #[test]
    fn fano_factors_scatter_as_expected() {
        let mut state = 1_u64;
        let mut bit = || {
            // The generator of splitmix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let bins = 60;
        let fano_factors: Vec<f64> = (0..2000)
            .map(|_| {
                let counts: Vec<f64> = (0..bins).map(|_| f64::from(bit().count_ones())).collect();
                let average = mean(&counts);
                counts.iter().map(|count| (count - average).powi(2)).sum::<f64>() / (f64::from(bins) - 1.0) / average
            })
            .collect();
        let average = mean(&fano_factors);
        let scatter = pooled_variance(&fano_factors, &[0.0]);
        let expected = average * relative_error_of_variance(f64::from(bins));
        assert!((average - 0.5).abs() < 0.01, "a binomial count of 64 fair bits has Fano factor 1/2, not {average}");
        assert!((scatter.sqrt() / expected - 1.0).abs() < 0.05, "{} {expected}", scatter.sqrt());
    }

    #[test]
    fn the_power_of_a_flat_band_is_known_to_one_over_the_root_of_time_and_width() {
        let frequency_hz: Vec<f64> = (0..=100).map(f64::from).collect();
        let flat = PowerSpectrum { power_hz: vec![3.0; 101], frequency_hz, duration_s: 4.0 };
        assert!((flat.band_power_hz(10.0, 35.0) - 3.0).abs() < 1e-12);
        assert!((flat.relative_band_error(10.0, 35.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn a_peak_makes_the_power_of_its_band_less_certain() {
        let frequency_hz: Vec<f64> = (0..=100).map(f64::from).collect();
        let power_hz = frequency_hz.iter().map(|f| if (20.0..22.0).contains(f) { 50.0 } else { 1.0 }).collect();
        let peaked = PowerSpectrum { power_hz, frequency_hz, duration_s: 4.0 };
        let (with, without) = (peaked.relative_band_error(10.0, 60.0), peaked.relative_band_error(30.0, 80.0));
        assert!(with > 3.0 * without, "{with} {without}");
    }
}
