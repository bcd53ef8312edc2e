//! Draws of one discrete law many times: a table that guides from a random word to the value.
//!
//! Source: Chen and Asau (1974), On generating random variates from an empirical distribution. AIIE Trans 6:163-166 (the
//! method of guide tables). The upper bits of the word choose a cell; almost always the cell holds one value, else the
//! cumulated probabilities, rounded to multiples of 2^-32, are compared in order.
//!
//! Range: up to 65,536 values; the Poisson law of means up to 1e7.
//! Accuracy: cumulated probabilities of the Poisson law at most 2.5e-10 (against the law by Stirling's series, summed in full).

use super::GROUP;

/// Bits of the word that choose a cell.
const BITS: u32 = 12;
const CELLS: usize = 1 << BITS;
/// Values less probable than this, in sum, at either end are left out; words are not finer.
const LEFT_OUT: f64 = 1e-11;

/// A table of a law on whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GuideTable {
    /// The smallest value that occurs.
    first: u32,
    /// `bounds[k]`: words below it, and not below the one before, give `first + k`; the last is the largest word.
    bounds: Vec<u32>,
    /// For each cell the place of its first value in `bounds`.
    guide: Vec<u16>,
}

impl GuideTable {
    /// The table of the law whose value `first + k` has the weight `weights[k]` (they need not sum to 1).
    ///
    /// There must be 1 to 65,536 weights, none negative, with a positive finite sum.
    pub(crate) fn new(first: u32, weights: &[f64]) -> Self {
        assert!((1..=1 << 16).contains(&weights.len()), "the number of values fits the guide");
        let sum: f64 = weights.iter().sum();
        let mut cumulated = 0.0;
        let mut bounds: Vec<u32> = weights
            .iter()
            .map(|weight| {
                cumulated += weight / sum;
                (cumulated * 2f64.powi(32)).min(f64::from(u32::MAX)) as u32
            })
            .collect();
        // What rounding leaves above the last sum belongs to the last value.
        if let Some(last) = bounds.last_mut() {
            *last = u32::MAX;
        }
        let mut place = 0;
        let guide = (0..CELLS as u32)
            .map(|cell| {
                while bounds[place] <= cell << (32 - BITS) && place + 1 < bounds.len() {
                    place += 1;
                }
                place as u16
            })
            .collect();
        Self { first, bounds, guide }
    }

    /// The Poisson law of a mean from 0 to 1e7.
    pub(crate) fn poisson(mean: f64) -> Self {
        if mean <= 0.0 {
            return Self::new(0, &[1.0]);
        }
        // Chernoff: beyond this distance either tail is below LEFT_OUT.
        let reach = -LEFT_OUT.ln();
        let below = (2.0 * mean * reach).sqrt();
        let above = (2.0 * mean * reach).sqrt() + reach;
        let first = (mean - below).max(0.0).floor();
        let values = (mean + above).ceil() - first;
        let mode = (mean.floor() - first) as usize;
        // Ratios from the mode outwards: p(k+1) / p(k) = mean / (k+1).
        let mut weights = vec![1.0; values as usize + 1];
        for k in mode + 1..weights.len() {
            weights[k] = weights[k - 1] * mean / (first + k as f64);
        }
        for k in (0..mode).rev() {
            weights[k] = weights[k + 1] * (first + k as f64 + 1.0) / mean;
        }
        Self::new(first as u32, &weights)
    }

    /// The value that belongs to a random word.
    #[inline(always)]
    pub(crate) fn draw(&self, word: u32) -> u32 {
        let mut place = usize::from(self.guide[(word >> (32 - BITS)) as usize]);
        while word >= self.bounds[place] && place + 1 < self.bounds.len() {
            place += 1;
        }
        self.first + place as u32
    }

    /// Numbers that belong to the values, for draws of many at once.
    pub(crate) fn mapped(&self, number: impl Fn(u32) -> f32) -> MappedTable {
        let sole = |cell: usize| {
            let first = self.draw((cell << (32 - BITS)) as u32);
            let last = self.draw(((cell + 1) << (32 - BITS)).wrapping_sub(1) as u32);
            if first == last { number(first) } else { f32::NAN }
        };
        let numbers = (0..self.bounds.len() as u32).map(|place| number(self.first + place)).collect();
        MappedTable { cells: (0..CELLS).map(sole).collect(), numbers, mixed: self.clone() }
    }

    /// The smallest and the largest value that can come.
    pub(crate) fn range(&self) -> (u32, u32) {
        (self.first, self.first + self.bounds.len() as u32 - 1)
    }
}

/// Numbers that belong to the values of a [`GuideTable`], by cell.
#[derive(Clone, Debug)]
pub(crate) struct MappedTable {
    /// The number of the cell's value; NaN where it holds several values.
    cells: Vec<f32>,
    /// The number of each value.
    numbers: Vec<f32>,
    mixed: GuideTable,
}

impl MappedTable {
    /// Adds to each place the number that belongs to its word.
    ///
    /// The cells are looked up for all words without a branch, which vector units do at once; cells of several values, less
    /// than one in a hundred, are dealt with after them.
    #[inline(always)]
    #[expect(clippy::expect_used, reason = "there is a number for every cell")]
    pub(crate) fn add(&self, words: &[u32; GROUP], places: &mut [f32]) {
        let cells: &[f32; CELLS] = self.cells.as_slice().try_into().expect("all cells");
        let mut drawn = [0.0; GROUP];
        let mut mixed = false;
        for (drawn, word) in drawn.iter_mut().zip(words) {
            *drawn = cells[(word >> (32 - BITS)) as usize];
            mixed |= drawn.is_nan();
        }
        if mixed {
            for (drawn, &word) in drawn.iter_mut().zip(words) {
                if drawn.is_nan() {
                    *drawn = self.numbers[(self.mixed.draw(word) - self.mixed.first) as usize];
                }
            }
        }
        for (place, drawn) in places.iter_mut().zip(drawn) {
            *place += drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;
    use crate::numerics::random::Stream;

    const ACCURACY: f64 = 2.5e-10;

    /// The probability of `k` under the Poisson law, by Stirling's series.
    fn poisson(mean: f64, k: f64) -> f64 {
        if k < 16.0 {
            return (1..=k as u32).fold((-mean).exp(), |p, i| p * mean / f64::from(i));
        }
        let beyond = (1.0 - (1.0 / 30.0 - 1.0 / (105.0 * k * k)) / (k * k)) / (12.0 * k);
        let x = (mean - k) / k;
        // k ln(mean/k) - (mean - k), which far from the mean is no small difference
        let exponent = if x.abs() < 0.01 {
            k * (0..12).rev().fold(0.0, |sum, n| ratio(n) - x * sum) * -x * x
        } else {
            k * (x.ln_1p() - x)
        };
        (exponent - beyond).exp() / (2.0 * std::f64::consts::PI * k).sqrt()
    }

    /// `(x - ln(1 + x))/x^2 = 1/2 - x/3 + x^2/4 - ...`
    fn ratio(n: i32) -> f64 {
        1.0 / f64::from(n + 2)
    }

    #[test]
    fn cumulated_probabilities_are_those_of_the_poisson_law_from_rare_events_to_ten_million() {
        let mut worst = Worst::default();
        for mean in [1e-9, 1e-6, 0.02, 0.3, 2.0, 17.5, 60.0, 400.0, 700.0, 800.0, 1e3, 1e5, 1e6, 1e7] {
            let table = GuideTable::poisson(mean);
            let start = (mean - 9.0 * f64::sqrt(mean) - 40.0).max(0.0).floor() as u32;
            let mut cumulated: f64 = (start..table.first).map(|k| poisson(mean, f64::from(k))).sum();
            for (k, &bound) in table.bounds.iter().enumerate() {
                cumulated += poisson(mean, f64::from(table.first) + k as f64);
                worst.add((f64::from(bound) * 2f64.powi(-32) - cumulated).abs(), (mean, k));
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn draws_have_the_probabilities_of_the_law() {
        let weights = [0.1, 0.0, 0.5, 0.25, 0.15];
        let table = GuideTable::new(3, &weights);
        let draws = 1_000_000;
        let mut words = vec![0; draws];
        Stream::new(9, 1, 0).fill(&mut words);
        let mut counts = [0u32; 5];
        for word in words {
            counts[(table.draw(word) - 3) as usize] += 1;
        }
        assert_eq!(counts[1], 0);
        for (count, weight) in counts.iter().zip(weights) {
            let std = (draws as f64 * weight * (1.0 - weight)).sqrt();
            assert!((f64::from(*count) - draws as f64 * weight).abs() <= 4.0 * std, "{counts:?}");
        }
    }

    #[test]
    fn every_word_gives_the_value_whose_cumulated_probability_it_falls_into() {
        // Exact: all words of a coarse grid, against the cumulated sums of the Poisson law itself.
        for mean in [1e-6, 0.3, 2.0, 17.5, 400.0, 1e5] {
            let table = GuideTable::poisson(mean);
            let mut p = (-mean + 0.0f64).exp();
            if p == 0.0 {
                continue; // the direct sum underflows; the moments below test those
            }
            let mut cumulated = p;
            let mut value = 0u32;
            for step in 0..1u64 << 14 {
                let word = ((step << 18) + (1 << 17)) as u32;
                let u = f64::from(word) / 2f64.powi(32);
                while u >= cumulated {
                    value += 1;
                    p *= mean / f64::from(value);
                    cumulated += p;
                }
                assert_eq!(table.draw(word), value, "mean {mean}, u = {u}");
            }
        }
    }

    #[test]
    fn mapped_draws_are_the_numbers_of_the_single_draws() {
        let table = GuideTable::poisson(2.0);
        let number = |value: u32| 0.1 * value as f32;
        let mapped = table.mapped(number);
        for group in 0..1000 {
            let words = Stream::new(8, 1, 0).group(group);
            let mut places = [1.0; GROUP];
            mapped.add(&words, &mut places);
            for (place, word) in places.iter().zip(words) {
                assert_eq!(*place, 1.0 + number(table.draw(word)));
            }
        }
    }

    #[test]
    fn poisson_draws_have_the_mean_and_the_variance_of_their_law() {
        for mean in [0.02, 2.0, 60.0, 1e3, 1e6] {
            let table = GuideTable::poisson(mean);
            let mut words = vec![0; 400_000];
            Stream::new(4, 2, mean.to_bits()).fill(&mut words);
            let n = words.len() as f64;
            let values: Vec<f64> = words.iter().map(|&word| f64::from(table.draw(word))).collect();
            let average = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|value| (value - average).powi(2)).sum::<f64>() / n;
            assert!((average - mean).abs() < 4.0 * (mean / n).sqrt(), "mean {mean}: {average}");
            // Var of the sample variance of a Poisson law: (mean + 2 mean^2) / n
            assert!((variance - mean).abs() < 4.0 * ((mean + 2.0 * mean * mean) / n).sqrt(), "mean {mean}: {variance}");
        }
        assert_eq!(GuideTable::poisson(0.0).draw(u32::MAX), 0);
    }
}
