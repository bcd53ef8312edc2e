//! Laws of weights and delays, ready to be drawn from random words.

use std::sync::LazyLock;

use super::SimulationError;
use crate::network::{Law, of_logarithm};
use crate::numerics::random::{GuideTable, QuantileTable};
use crate::numerics::{normal, steps};

/// Standard normal numbers.
pub(super) static NORMAL: LazyLock<QuantileTable> = LazyLock::new(|| QuantileTable::new(normal::quantile));
/// Exponential numbers of mean 1.
static EXPONENTIAL: LazyLock<QuantileTable> = LazyLock::new(|| QuantileTable::new(|p| -(-p).ln_1p()));

/// Standard deviations of a normal number beyond which lie fewer than one in 10^12.
const NORMAL_REACH: f64 = 7.1;
/// Means of an exponential number beyond which lie fewer than one in 10^12.
const EXPONENTIAL_REACH: f64 = 27.7;
/// Delays less probable than this, in sum, are left out, at the long end.
const DELAYS_LEFT_OUT: f64 = 1e-9;
/// The longest delay, in steps.
pub(super) const MAX_DELAY_STEPS: u64 = 32_768;

/// A law of weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Weights {
    /// All the same.
    Constant(f32),
    /// Mean and standard deviation.
    Normal(f32, f32),
    /// Low end and width.
    Uniform(f32, f32),
    /// Mean.
    Exponential(f32),
    /// Sign times the exponential of location plus scale times a normal number.
    Lognormal {
        /// 1 or -1.
        sign: f32,
        /// Mean of the logarithm.
        location: f32,
        /// Standard deviation of the logarithm.
        scale: f32,
    },
}

impl Weights {
    pub(super) fn new(law: &Law) -> Self {
        let constant = |value: f64| Weights::Constant(value as f32);
        match *law {
            Law::Constant { value } => constant(value),
            Law::Normal { mean, std } | Law::Lognormal { mean, std } if std == 0.0 => constant(mean),
            Law::Normal { mean, std } => Weights::Normal(mean as f32, std as f32),
            Law::Lognormal { mean: 0.0, .. } => constant(0.0),
            Law::Lognormal { mean, std } => {
                let (location, scale) = of_logarithm(mean.abs(), std);
                Weights::Lognormal { sign: mean.signum() as f32, location: location as f32, scale: scale as f32 }
            }
            Law::Uniform { low, high } if low == high => constant(low),
            Law::Uniform { low, high } => Weights::Uniform(low as f32, (high - low) as f32),
            Law::Exponential { mean: 0.0 } => constant(0.0),
            Law::Exponential { mean } => Weights::Exponential(mean as f32),
            // the network's checks refuse it
            Law::Lorentzian { center, .. } => constant(center),
        }
    }

    /// As [`Weights::largest`], of a law whose numbers 32 bits may not hold.
    pub(super) fn largest_of(law: &Law) -> f64 {
        match *law {
            Law::Constant { value } => value.abs(),
            Law::Normal { mean, std } => mean.abs() + NORMAL_REACH * std,
            Law::Uniform { low, high } => low.abs().max(high.abs()),
            Law::Exponential { mean } => EXPONENTIAL_REACH * mean.abs(),
            Law::Lorentzian { center, .. } => center.abs(),
            Law::Lognormal { mean: 0.0, .. } => 0.0,
            Law::Lognormal { mean, std } => {
                let (location, scale) = of_logarithm(mean.abs(), std);
                (location + NORMAL_REACH * scale).exp()
            }
        }
    }

    /// The weight that belongs to a random word.
    #[inline(always)]
    pub(super) fn draw(&self, word: u32) -> f32 {
        match *self {
            Weights::Constant(value) => value,
            Weights::Normal(mean, std) => mean + std * NORMAL.draw(word),
            Weights::Uniform(low, width) => low + width * ((word >> 8) as f32 + 0.5) * 2f32.powi(-24),
            Weights::Exponential(mean) => mean * EXPONENTIAL.draw(word),
            Weights::Lognormal { sign, location, scale } => sign * (location + scale * NORMAL.draw(word)).exp(),
        }
    }

    /// A size that fewer than one weight in 10^12 exceeds.
    pub(super) fn largest(&self) -> f32 {
        match *self {
            Weights::Constant(value) => value.abs(),
            Weights::Normal(mean, std) => mean.abs() + NORMAL_REACH as f32 * std,
            Weights::Uniform(low, width) => low.abs().max((low + width).abs()),
            Weights::Exponential(mean) => EXPONENTIAL_REACH as f32 * mean.abs(),
            Weights::Lognormal { location, scale, .. } => (location + NORMAL_REACH as f32 * scale).exp(),
        }
    }
}

/// A law of delays, in whole steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Delays {
    /// All the same.
    Constant(u16),
    /// Some of each length.
    Spread(GuideTable),
}

impl Delays {
    /// Rounds a law to the grid: to the nearest step, between two to the later one; what is shorter than one step is drawn again.
    ///
    /// The second number is the fraction that would have been shorter.
    pub(super) fn new(law: &Law, dt_ms: f64, place: &str) -> Result<(Self, f64), SimulationError> {
        let too_long = |ms: f64| SimulationError::TooLarge {
            what: format!("{place}: delay in steps"),
            value: steps::half_up(ms, dt_ms),
            most: MAX_DELAY_STEPS as f64,
        };
        let longest = longest(law);
        if longest / dt_ms > MAX_DELAY_STEPS as f64 {
            return Err(too_long(longest));
        }
        let constant = |ms: f64| (Delays::Constant(steps::half_up(ms, dt_ms).max(1.0) as u16), 0.0);
        match *law {
            Law::Constant { value } => return Ok(constant(value)),
            Law::Normal { mean, std } | Law::Lognormal { mean, std } if std == 0.0 => return Ok(constant(mean)),
            Law::Uniform { low, high } if low == high => return Ok(constant(low)),
            Law::Exponential { mean } | Law::Lognormal { mean, .. } if mean <= 0.0 => return Ok(constant(0.0)),
            _ => {}
        }
        let cut = law.cumulative(dt_ms);
        let last = ((longest / dt_ms).round() as usize).max(1);
        let edge = |step: usize| if step == 0 { cut } else { law.cumulative((step as f64 + 0.5) * dt_ms) };
        // Step 1 has what lies from one step to one and a half.
        let weights: Vec<f64> =
            (1..=last).map(|step| (edge(step) - if step == 1 { cut } else { edge(step - 1) }).max(0.0)).collect();
        if weights.iter().sum::<f64>() <= 0.0 {
            return Ok((Delays::Constant(1), 1.0));
        }
        let first = weights.iter().position(|&weight| weight > 0.0).unwrap_or(0);
        Ok((Delays::Spread(GuideTable::new(first as u32 + 1, &weights[first..])), cut))
    }

    /// The shortest and the longest, in steps.
    pub(super) fn range(&self) -> (u16, u16) {
        match self {
            Delays::Constant(steps) => (*steps, *steps),
            Delays::Spread(table) => (table.range().0 as u16, table.range().1 as u16),
        }
    }

    /// The delay that belongs to a random word.
    #[inline(always)]
    pub(super) fn draw(&self, word: u32) -> u16 {
        match self {
            Delays::Constant(steps) => *steps,
            Delays::Spread(table) => table.draw(word) as u16,
        }
    }
}

/// A delay that next to none exceeds.
fn longest(law: &Law) -> f64 {
    match *law {
        Law::Constant { value } => value,
        Law::Normal { mean, std } => mean - normal::quantile(DELAYS_LEFT_OUT) * std,
        Law::Lognormal { mean, std } if mean > 0.0 => {
            let (location, scale) = of_logarithm(mean, std);
            (location - normal::quantile(DELAYS_LEFT_OUT) * scale).exp()
        }
        Law::Lognormal { .. } => 0.0,
        Law::Uniform { high, .. } => high,
        Law::Exponential { mean } => -DELAYS_LEFT_OUT.ln() * mean,
        Law::Lorentzian { center, .. } => center,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::random::Stream;

    const LAWS: [Law; 5] = [
        Law::Constant { value: -0.3 },
        Law::Normal { mean: 2.0, std: 0.5 },
        Law::Lognormal { mean: -1.5, std: 0.6 },
        Law::Uniform { low: -1.0, high: 3.0 },
        Law::Exponential { mean: 0.7 },
    ];

    #[test]
    fn drawn_weights_have_the_first_two_moments_of_their_law() {
        for law in LAWS {
            let weights = Weights::new(&law);
            let mut words = vec![0; 400_000];
            Stream::new(3, 8, 0).fill(&mut words);
            let n = words.len() as f64;
            let drawn: Vec<f64> = words.iter().map(|&word| f64::from(weights.draw(word))).collect();
            let mean = drawn.iter().sum::<f64>() / n;
            let square = drawn.iter().map(|x| x * x).sum::<f64>() / n;
            let [m1, m2, _, m4] = law.moments();
            assert!((mean - m1).abs() <= 4.0 * ((m2 - m1 * m1).max(0.0) / n).sqrt() + 1e-6, "{law:?}: mean {mean}");
            assert!((square - m2).abs() <= 4.0 * ((m4 - m2 * m2).max(0.0) / n).sqrt() + 1e-6, "{law:?}: {square}");
            assert!(drawn.iter().all(|x| x.abs() <= f64::from(weights.largest())), "{law:?}");
        }
    }

    #[test]
    fn delays_are_rounded_to_the_nearest_step_and_never_below_one() {
        for (law, expected) in [(1.5, 15), (0.04, 1), (0.149, 1), (0.151, 2), (0.15, 2), (0.25, 3), (0.35, 4)] {
            let (delays, _) = Delays::new(&Law::Constant { value: law }, 0.1, "test").expect("a short delay");
            assert_eq!(delays, Delays::Constant(expected));
        }
        let (delays, cut) = Delays::new(&Law::Normal { mean: 1.5, std: 0.75 }, 0.1, "test").expect("short delays");
        assert!((cut - normal::cumulative(-1.4 / 0.75)).abs() < 1e-15);
        assert_eq!(delays.range().0, 1);
        let mut words = vec![0; 400_000];
        Stream::new(3, 9, 0).fill(&mut words);
        let mean = words.iter().map(|&word| f64::from(delays.draw(word))).sum::<f64>() / words.len() as f64;
        // Mean of a normal law cut below: m + s phi(a) / (1 - Phi(a)), a = (0.1 - m) / s.
        let a = -1.4f64 / 0.75;
        let density = (-a * a / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let expected = 10.0 * (1.5 + 0.75 * density / (1.0 - cut));
        assert!((mean - expected).abs() < 0.05, "{mean} for {expected}");
    }

    #[test]
    fn a_delay_of_a_million_steps_is_refused() {
        let error = Delays::new(&Law::Constant { value: 1e5 }, 0.1, "E -> I").expect_err("too long");
        assert!(error.to_string().contains("E -> I: delay in steps: 1000000"), "{error}");
    }
}
