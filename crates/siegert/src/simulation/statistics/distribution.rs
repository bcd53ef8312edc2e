//! How a quantity varies over the neurons of a population.

use crate::simulation::result::{Histogram, RateStatistics};

/// Bins of a histogram: at most so many, and at least two fifths of it where the values are not too few.
const BINS: u64 = 50;
/// Least range that a histogram of values is made for; below it there is one bin or two.
const LEAST_RANGE: f64 = 0.05;
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Mean and standard deviation (n - 1), as far as there are enough values.
pub(super) fn mean_and_std(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let number = values.len() as f64;
    if values.is_empty() {
        return (None, None);
    }
    let mean = values.iter().sum::<f64>() / number;
    let deviations: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (Some(mean), (values.len() > 1).then(|| (deviations / (number - 1.0)).sqrt()))
}

/// The rates of neurons with so many spikes in so many seconds. Without neurons or time it says nothing.
pub(super) fn rate_distribution(mut spikes: Vec<u64>, seconds: f64) -> RateStatistics {
    let silent = spikes.iter().filter(|&&count| count == 0).count();
    let silent_fraction = if spikes.is_empty() { 0.0 } else { silent as f64 / spikes.len() as f64 };
    if spikes.is_empty() || seconds <= 0.0 {
        let (quantiles_hz, histogram) = ([0.0; 5], Histogram::default());
        return RateStatistics { std_hz: None, silent_fraction, quantiles_hz, histogram };
    }
    spikes.sort_unstable();
    let rates: Vec<f64> = spikes.iter().map(|&count| count as f64 / seconds).collect();
    RateStatistics {
        std_hz: mean_and_std(&rates).1,
        silent_fraction,
        quantiles_hz: QUANTILES.map(|probability| quantile(&rates, probability)),
        histogram: count_histogram(&spikes, seconds),
    }
}

/// The quantile of ascending values, on straight lines between them: the least is that of 0, the greatest that of 1.
fn quantile(ascending: &[f64], probability: f64) -> f64 {
    let place = probability * (ascending.len() - 1) as f64;
    let (below, above) = (ascending[place.floor() as usize], ascending[place.ceil() as usize]);
    below + place.fract() * (above - below)
}

/// Rates of neurons with so many spikes, ascending. Bins are a round number of spikes wide: rates are multiples of one spike
/// per run, and another width would hold more of these multiples in some bins than in others.
fn count_histogram(ascending: &[u64], seconds: f64) -> Histogram {
    let most = ascending.last().copied().unwrap_or(0);
    let width = (round_up(most as f64 / BINS as f64).max(1.0)) as u64;
    let mut counts = vec![0; (most / width + 1) as usize];
    for count in ascending {
        counts[(count / width) as usize] += 1;
    }
    Histogram { low: 0.0, width: width as f64 / seconds, counts }
}

/// Histogram of values in bins of a round width; `None` without values.
pub(super) fn value_histogram(values: &[f64]) -> Option<Histogram> {
    let least = values.iter().copied().reduce(f64::min)?;
    let greatest = values.iter().copied().fold(least, f64::max);
    let width = round_up((greatest - least).max(LEAST_RANGE) / BINS as f64);
    let first = (least / width).floor();
    let bin = |value: f64| ((value / width).floor() - first) as usize;
    let mut counts = vec![0; bin(greatest) + 1];
    for &value in values {
        counts[bin(value)] += 1;
    }
    Some(Histogram { low: first * width, width, counts })
}

/// The least of 1, 2 and 5 times the powers of ten that is not below a positive number; 0 for 0.
fn round_up(number: f64) -> f64 {
    if number <= 0.0 {
        return 0.0;
    }
    // A negative power is divided by, for 10^-2 is not exact and 1 / 10^2 is the nearest number to 0.01.
    let exponent = number.log10().floor() as i32;
    let times_power =
        |factor: f64| if exponent < 0 { factor / 10f64.powi(-exponent) } else { factor * 10f64.powi(exponent) };
    [1.0, 2.0, 5.0].map(times_power).into_iter().find(|&round| round >= number).unwrap_or(times_power(10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_round() {
        let expected = [(0.0, 0.0), (1.0, 1.0), (1.1, 2.0), (0.02, 0.02), (0.021, 0.05), (51.0, 100.0), (0.6e-3, 1e-3)];
        for (number, width) in expected {
            assert_eq!(round_up(number), width, "{number}");
        }
    }

    #[test]
    fn quantiles_lie_on_lines_between_the_neurons() {
        let distribution = rate_distribution(vec![30, 0, 10, 20, 40], 2.0);
        assert_eq!(distribution.quantiles_hz, [1.0, 5.0, 10.0, 15.0, 19.0]);
        assert_eq!(distribution.std_hz, Some(62.5_f64.sqrt()));
        assert_eq!(distribution.silent_fraction, 0.2);
    }

    #[test]
    fn bins_hold_equally_many_of_the_possible_rates() {
        // One neuron for each number of spikes below 200, in 0.7 s: 40 bins of 5 spikes.
        let distribution = rate_distribution((0..200).collect(), 0.7);
        assert_eq!(distribution.histogram, Histogram { low: 0.0, width: 5.0 / 0.7, counts: vec![5; 40] });
    }

    #[test]
    fn one_neuron_and_a_silent_population_have_a_bin() {
        let alone = rate_distribution(vec![7], 1.0);
        assert_eq!((alone.std_hz, alone.quantiles_hz), (None, [7.0; 5]));
        assert_eq!(alone.histogram.counts, [0, 0, 0, 0, 0, 0, 0, 1]);
        let silent = rate_distribution(vec![0; 9], 2.0);
        assert_eq!((silent.std_hz, silent.silent_fraction), (Some(0.0), 1.0));
        assert_eq!(silent.histogram, Histogram { low: 0.0, width: 0.5, counts: vec![9] });
    }

    #[test]
    fn a_histogram_of_values_begins_near_the_least_and_counts_all() {
        let values: Vec<f64> = (0..1000).map(|index| 0.6 + 0.0008 * f64::from(index)).collect();
        let histogram = value_histogram(&values).expect("there are values");
        assert!((histogram.low - 0.6).abs() < 1e-12 && histogram.width == 0.02, "{histogram:?}");
        assert_eq!((histogram.counts.len(), histogram.counts.iter().sum::<u64>()), (40, 1000));
        assert_eq!(value_histogram(&[0.0; 3]), Some(Histogram { low: 0.0, width: 0.001, counts: vec![3] }));
        assert_eq!(value_histogram(&[]), None);
    }
}
