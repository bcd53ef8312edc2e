//! How many of a block's connections come from each source: exact draws.

use rand::RngExt;
use rand_distr::{Binomial, Distribution};

use crate::numerics::random::Sequence;

/// Drops `total` connections on places of these weights, each independently: a multinomial law.
///
/// Place by place: given what is left, the number that fall on one place is binomial.
pub(super) fn multinomial(total: u64, weights: impl Iterator<Item = u64> + Clone, random: &mut Sequence) -> Vec<u64> {
    let mut left = total;
    let mut weight_left: u64 = weights.clone().sum();
    weights
        .map(|weight| {
            let share =
                if weight >= weight_left { left } else { binomial(left, weight as f64 / weight_left as f64, random) };
            left -= share;
            weight_left -= weight;
            share
        })
        .collect()
}

/// Chooses `total` of the pairs, which lie in groups of these sizes, none twice: a multivariate hypergeometric law.
///
/// A binomial number of each group, with a probability a little below `total` over all pairs, is a uniformly random set of
/// pairs whatever its size; the few that are missing are added, uniformly among those that are not in it. Where more than half of
/// the pairs are wanted, those that are not are chosen.
pub(super) fn without_repetition(
    total: u64,
    sizes: impl Iterator<Item = u64> + Clone,
    random: &mut Sequence,
) -> Vec<u64> {
    let pairs: u64 = sizes.clone().sum();
    if 2 * total > pairs {
        let left_out = without_repetition(pairs - total, sizes.clone(), random);
        return sizes.zip(left_out).map(|(size, out)| size - out).collect();
    }
    let wanted = total as f64;
    // four standard deviations: rarely more than the total, and then drawn again
    let probability = (wanted - 4.0 * wanted.sqrt()).max(0.0) / (pairs.max(1) as f64);
    let mut shares: Vec<u64> = loop {
        let shares: Vec<u64> = sizes.clone().map(|size| binomial(size, probability, random)).collect();
        if shares.iter().sum::<u64>() <= total {
            break shares;
        }
    };
    let sizes: Vec<u64> = sizes.collect();
    let ends: Vec<u64> = sizes
        .iter()
        .scan(0, |end, size| {
            Some(*{
                *end += size;
                end
            })
        })
        .collect();
    for _ in shares.iter().sum::<u64>()..total {
        loop {
            // a pair at random; it is in the set with the share of its group
            let pair = random.random_range(0..pairs);
            let group = ends.partition_point(|&end| end <= pair);
            if random.random_range(0..sizes[group]) >= shares[group] {
                shares[group] += 1;
                break;
            }
        }
    }
    shares
}

/// A binomial number.
#[expect(clippy::expect_used, reason = "callers give a probability between 0 and 1")]
pub(super) fn binomial(n: u64, p: f64, random: &mut Sequence) -> u64 {
    Binomial::new(n, p).expect("a probability").sample(random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::random::Stream;

    /// Over many draws: the mean of each place, and the covariance of two, against the law's own.
    fn check(
        draw: impl Fn(&mut Sequence) -> Vec<u64>,
        mean: [f64; 3],
        variance: [f64; 3],
        covariance_of_first_two: f64,
        total: u64,
    ) {
        let mut random = Stream::new(11, 1, 0).sequence();
        let draws = 20_000;
        let mut sums = [0.0; 3];
        let mut product = 0.0;
        for _ in 0..draws {
            let shares = draw(&mut random);
            assert_eq!(shares.iter().sum::<u64>(), total);
            for (sum, &share) in sums.iter_mut().zip(&shares) {
                *sum += share as f64 / f64::from(draws);
            }
            product += (shares[0] as f64 - mean[0]) * (shares[1] as f64 - mean[1]) / f64::from(draws);
        }
        for ((sum, mean), variance) in sums.iter().zip(mean).zip(variance) {
            assert!((sum - mean).abs() < 4.0 * (variance / f64::from(draws)).sqrt(), "{sums:?}");
        }
        let error = 4.0 * (variance[0] * variance[1] * 2.0 / f64::from(draws)).sqrt();
        assert!((product - covariance_of_first_two).abs() < error, "{product} for {covariance_of_first_two}");
    }

    #[test]
    fn multinomial_numbers_have_the_moments_of_their_law() {
        let p = [0.2, 0.3, 0.5];
        let weights = [2, 3, 5];
        check(
            |random| multinomial(40, weights.into_iter(), random),
            p.map(|p| 40.0 * p),
            p.map(|p| 40.0 * p * (1.0 - p)),
            -40.0 * p[0] * p[1],
            40,
        );
    }

    #[test]
    fn numbers_without_repetition_have_the_moments_of_their_law() {
        let sizes = [20, 30, 50];
        let p = [0.2, 0.3, 0.5];
        let finite = (100.0 - 40.0) / 99.0;
        check(
            |random| without_repetition(40, sizes.into_iter(), random),
            p.map(|p| 40.0 * p),
            p.map(|p| 40.0 * p * (1.0 - p) * finite),
            -40.0 * p[0] * p[1] * finite,
            40,
        );
        assert_eq!(without_repetition(100, sizes.into_iter(), &mut Stream::new(1, 1, 1).sequence()), sizes);
    }
}
