//! Firing rates over arrays of inputs.
//!
//! The same arithmetic as `rate`, point by point and bit by bit, arranged in loops over short blocks that the compiler
//! turns into vector instructions; compiled twice, for any processor and for those with AVX2. Points outside the plain
//! range (very far below threshold, almost no noise, reset and threshold almost equal) are done singly afterwards.

use super::Lif;
use super::passage::{Interval, growth};
use crate::error::{DomainError, all_finite};

/// Points per block: their intermediate values stay in the first-level cache.
const BLOCK: usize = 32;

impl Lif {
    /// Stationary firing rates in Hz, one for each pair of mean input and noise amplitude.
    ///
    /// `mu_mv` and `sigma_mv` have shape `(n,)`, in mV; the result has the same shape and order. Each rate depends on
    /// its own `mu` and `sigma` only: cutting the input in pieces changes no bit of the result.
    ///
    /// # Errors
    ///
    /// Lengths that differ, a `mu` that is not finite, a `sigma` that is negative or not finite: the first one is named.
    pub fn rates_hz(&self, mu_mv: &[f64], sigma_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        let mut rates = vec![0.0; mu_mv.len()];
        self.rates_into(mu_mv, sigma_mv, &mut rates)?;
        Ok(rates)
    }

    /// As [`Lif::rates_hz`], into a slice of the same length.
    ///
    /// # Errors
    ///
    /// As [`Lif::rates_hz`].
    pub fn rates_into(&self, mu_mv: &[f64], sigma_mv: &[f64], rates_hz: &mut [f64]) -> Result<(), DomainError> {
        for (second, second_length) in [("sigma_mv", sigma_mv.len()), ("rates_hz", rates_hz.len())] {
            if second_length != mu_mv.len() {
                return Err(DomainError::Lengths { first: "mu_mv", first_length: mu_mv.len(), second, second_length });
            }
        }
        all_finite("mu_mv", mu_mv)?;
        all_finite("sigma_mv", sigma_mv)?;
        if let Some(index) = sigma_mv.iter().position(|&sigma| sigma < 0.0) {
            return Err(DomainError::Negative { name: "sigma_mv", index, value: sigma_mv[index] });
        }
        let blocks = mu_mv.chunks(BLOCK).zip(sigma_mv.chunks(BLOCK)).zip(rates_hz.chunks_mut(BLOCK));
        for ((mu, sigma), rates) in blocks {
            block(self, mu, sigma, rates);
        }
        Ok(())
    }
}

fn block(lif: &Lif, mu: &[f64], sigma: &[f64], rates: &mut [f64]) {
    let mut work = Work::new();
    work.mu[..mu.len()].copy_from_slice(mu);
    work.sigma[..mu.len()].copy_from_slice(sigma);
    plain_rates_best(lif, &mut work);
    finish(lif, &work, mu.len(), rates);
}

/// One block: inputs, intermediate values, results.
struct Work {
    mu: [f64; BLOCK],
    sigma: [f64; BLOCK],
    reset: [f64; BLOCK],
    th: [f64; BLOCK],
    width: [f64; BLOCK],
    integral: [f64; BLOCK],
}

impl Work {
    /// A short last block is filled up with a harmless point.
    fn new() -> Self {
        let zero = [0.0; BLOCK];
        Work { mu: zero, sigma: [1.0; BLOCK], reset: zero, th: zero, width: zero, integral: zero }
    }
}

/// The widest version that the processor has.
fn plain_rates_best(lif: &Lif, work: &mut Work) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the line above found avx512f and avx512dq on this processor.
            return unsafe { plain_rates_avx512(lif, work) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the line above found avx2 on this processor.
            return unsafe { plain_rates_avx2(lif, work) };
        }
    }
    plain_rates(lif, work);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn plain_rates_avx512(lif: &Lif, work: &mut Work) {
    plain_rates(lif, work);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn plain_rates_avx2(lif: &Lif, work: &mut Work) {
    plain_rates(lif, work);
}

/// The formula of `passage::plain` for all points of a block, in loops without branches.
#[inline(always)]
fn plain_rates(lif: &Lif, work: &mut Work) {
    for i in 0..BLOCK {
        let Interval { reset, th, width } = lif.interval(work.mu[i], work.sigma[i], 0.0);
        (work.reset[i], work.th[i], work.width[i]) = (reset, th, width);
    }
    // Two points a turn: each is one long chain of dependent operations, and two fill the processor better.
    for i in 0..BLOCK / 2 {
        work.integral[i] = work.interval(i).slow_part();
        work.integral[i + BLOCK / 2] = work.interval(i + BLOCK / 2).slow_part();
    }
    // G is exactly 0 for negative arguments: skipping a block of them changes no bit.
    if work.th.iter().any(|&x| x > 0.0) {
        for i in 0..BLOCK {
            work.integral[i] += growth(work.th[i]);
        }
    }
    if work.reset.iter().any(|&x| x > 0.0) {
        for i in 0..BLOCK {
            work.integral[i] -= growth(work.reset[i]);
        }
    }
}

impl Work {
    #[inline(always)]
    fn interval(&self, i: usize) -> Interval {
        Interval { reset: self.reset[i], th: self.th[i], width: self.width[i] }
    }
}

fn finish(lif: &Lif, work: &Work, count: usize, rates: &mut [f64]) {
    for (i, rate) in rates.iter_mut().enumerate().take(count) {
        *rate = if work.interval(i).is_plain() {
            lif.rate_of_passage(work.integral[i])
        } else {
            lif.rate(work.mu[i], work.sigma[i], 0.0)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::BRUNEL;
    use super::*;

    /// Inputs from far below threshold to saturation, with and without noise.
    fn inputs() -> (Vec<f64>, Vec<f64>) {
        let mut mu = Vec::new();
        let mut sigma = Vec::new();
        for i in 0..101 {
            for s in [0.0, 1e-160, 1e-6, 0.3, 1.0, 5.0, 50.0, 1e4] {
                mu.push(-100.0 + 3.7 * f64::from(i));
                sigma.push(s);
            }
        }
        (mu, sigma)
    }

    #[test]
    fn a_rate_is_the_same_to_the_last_bit_alone_and_among_others() {
        let (mu, sigma) = inputs();
        let together = BRUNEL.rates_hz(&mu, &sigma).unwrap();
        for i in 0..mu.len() {
            let alone = BRUNEL.rates_hz(&mu[i..=i], &sigma[i..=i]).unwrap()[0];
            assert_eq!(together[i].to_bits(), alone.to_bits(), "mu = {}, sigma = {}", mu[i], sigma[i]);
            let scalar = BRUNEL.rate_hz(mu[i], sigma[i]).unwrap();
            assert_eq!(scalar.to_bits(), alone.to_bits(), "mu = {}, sigma = {}", mu[i], sigma[i]);
        }
    }

    /// Its name, and what computes a block.
    type Version = (&'static str, fn(&Lif, &mut Work));

    /// The versions that this processor can run, the portable one not among them.
    fn wide_versions() -> Vec<Version> {
        let mut versions: Vec<Version> = vec![("the chosen version", plain_rates_best)];
        #[cfg(target_arch = "x86_64")]
        {
            match is_x86_feature_detected!("avx2") {
                // SAFETY: avx2 was found.
                true => versions.push(("AVX2", |lif, work| unsafe { plain_rates_avx2(lif, work) })),
                false => eprintln!("skipped: this processor has no AVX2"),
            }
            match is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                // SAFETY: avx512f and avx512dq were found.
                true => versions.push(("AVX-512", |lif, work| unsafe { plain_rates_avx512(lif, work) })),
                false => eprintln!("skipped: this processor has no AVX-512"),
            }
        }
        versions
    }

    #[test]
    fn all_compiled_versions_agree_to_the_last_bit() {
        let (mu, sigma) = inputs();
        let versions = wide_versions();
        for (mu, sigma) in mu.chunks(BLOCK).zip(sigma.chunks(BLOCK)) {
            let filled = || {
                let mut work = Work::new();
                work.mu[..mu.len()].copy_from_slice(mu);
                work.sigma[..mu.len()].copy_from_slice(sigma);
                work
            };
            let mut portable = filled();
            plain_rates(&BRUNEL, &mut portable);
            for (name, plain_rates) in &versions {
                let mut wide = filled();
                plain_rates(&BRUNEL, &mut wide);
                for i in (0..BLOCK).filter(|&i| portable.interval(i).is_plain()) {
                    let (expected, found) = (portable.integral[i], wide.integral[i]);
                    assert_eq!(found.to_bits(), expected.to_bits(), "{name}: {found}, portable {expected}");
                }
            }
        }
    }

    #[test]
    fn arrays_of_every_short_length_are_done_and_bad_entries_named() {
        for n in 0..70 {
            assert_eq!(BRUNEL.rates_hz(&vec![15.0; n], &vec![3.0; n]).unwrap().len(), n);
        }
        let error = BRUNEL.rates_hz(&[1.0, f64::INFINITY], &[1.0, 1.0]).unwrap_err();
        assert_eq!(error.to_string(), "mu_mv[1] is inf; it must be a finite number");
        let error = BRUNEL.rates_hz(&[1.0, 2.0], &[1.0, -1.0]).unwrap_err();
        assert_eq!(error.to_string(), "sigma_mv[1] is -1; it must not be negative");
        let error = BRUNEL.rates_hz(&[1.0, 2.0], &[1.0]).unwrap_err();
        assert_eq!(error.to_string(), "mu_mv has 2 entries and sigma_mv has 1; they must have as many");
    }
}
