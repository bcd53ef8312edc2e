//! How rare it is that jumps bring the potential to the threshold: the slope of the logarithm of its density far from where it usually is.
//!
//! ```text
//! p(V) ~ exp(-int s(V) dV),    -(V - E) s/tau_m + s_white^2 s^2/(2 tau_m) + sum_b R_b (<exp(s J_b(V))> - 1) = 0,    s > 0 for V above the mean
//! ```
//!
//! This says where elements have to be short. Beyond a depth of `exp(-30)` it also says the rate: a threshold is lowered to where this depth is reached, and the
//! rate there multiplied by what remains, and by the ratio of the distances from the mean that the law of Kramers has for white noise.
//!
//! Source: Freidlin and Wentzell (1984), *Random Perturbations of Dynamical Systems*, chapter 5.

use super::{Jump, ShotNoiseInput};
use crate::numerics::quadrature::points_6;

/// Beyond this logarithm of the rate, times `tau_m`, rates are those of large deviations.
const DEEPEST: f64 = 30.0;

/// A neuron and its jumps, from where the potential escapes over the threshold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Escape<'a> {
    pub(super) th: f64,
    pub(super) resting: f64,
    pub(super) tau_m: f64,
    pub(super) jumps: &'a [Jump],
    /// Variance of white noise beside them.
    pub(super) white: f64,
    /// One, and the mean conductance over the leak.
    pub(super) leak: f64,
    /// Mean and noise of the diffusion approximation; noise of jumps towards a reversal potential as it is at the mean.
    pub(super) mean: f64,
    pub(super) sigma: f64,
    /// The slope at threshold, where that is above the mean.
    pub(super) slope_at_th: Option<f64>,
}

/// What a lower threshold leaves out.
#[derive(Clone, Debug, Default)]
pub(super) struct Remainder {
    /// Logarithm of the rate at the true threshold over that at the lowered one.
    pub(super) ln_ratio: f64,
    /// Its derivatives with respect to the resting level and the rates of jumps.
    pub(super) d_resting: f64,
    pub(super) d_rates: Vec<f64>,
    pub(super) d_white: f64,
}

impl<'a> Escape<'a> {
    pub(super) fn of(th: f64, tau_m: f64, input: &ShotNoiseInput<'a>) -> Self {
        let ShotNoiseInput { resting_mv: resting, white_variance_mv2: white, jumps } = *input;
        let white = white.max(0.0);
        let sum = |of: &dyn Fn(&Jump) -> f64| tau_m * jumps.iter().map(|jump| jump.rate_per_ms * of(jump)).sum::<f64>();
        let leak = 1.0 + sum(&Jump::part);
        let mean = (resting + sum(&Jump::drive_mv)) / leak;
        let variance = (white + sum(&|jump| jump.mean_square_at(mean))) / leak;
        let sigma = variance.sqrt();
        let mut escape = Escape { th, resting, tau_m, jumps, white, leak, mean, sigma, slope_at_th: None };
        escape.slope_at_th = escape.slope(th);
        escape
    }

    /// `H(V, s)` and its derivative in `s`.
    fn generator(&self, V: f64, s: f64) -> (f64, f64) {
        let leak = -(V - self.resting) / self.tau_m;
        let white = self.white / (2.0 * self.tau_m);
        self.jumps.iter().fold((leak * s + white * s * s, leak + 2.0 * white * s), |(value, slope), jump| {
            let (growth, per_s) = jump.growth_at(V, s);
            (value + jump.rate_per_ms * growth, slope + jump.rate_per_ms * per_s)
        })
    }

    /// The slope `s` at a potential; `None` at the mean and below it, and where no jump leads up.
    fn slope(&self, V: f64) -> Option<f64> {
        let ups = self.jumps.iter().any(|jump| jump.leads_up_from(V));
        if !(ups || self.white > 0.0) || V <= self.mean || self.sigma <= 0.0 {
            return None;
        }
        let pole = self.jumps.iter().map(Jump::pole).fold(f64::INFINITY, f64::min);
        let guess = 2.0 * (V - self.mean) / (self.sigma * self.sigma);
        let (mut low, mut high) = (0.0, guess.min(0.999 * pole));
        for _ in 0..200 {
            if self.generator(V, high).0 > 0.0 {
                break;
            }
            low = high;
            high = if pole.is_finite() { pole - 0.5 * (pole - high) } else { 2.0 * high };
        }
        let mut s = high;
        for step in 0..120 {
            let (value, slope) = self.generator(V, s);
            if value > 0.0 {
                high = s
            } else {
                low = s
            }
            let next = s - value / slope;
            // where jumps make it grow exponentially, Newton's steps alone are short
            let by_newton = low < next && next < high && step % 3 != 2;
            let next = if by_newton { next } else { 0.5 * (low + high) };
            if (next - s).abs() <= 1e-10 * s {
                return Some(next);
            }
            s = next;
        }
        Some(s)
    }

    fn depth(&self, from: f64, to: f64) -> f64 {
        points_6(from, to).iter().map(|(V, weight)| weight * self.slope(*V).unwrap_or(0.0)).sum()
    }

    /// A threshold that is not too deep, and what it leaves out; `None` where the threshold itself is not.
    pub(super) fn lowered(&self) -> Option<(Escape<'a>, Remainder)> {
        if self.slope_at_th.is_none() || self.depth(self.mean, self.th) <= DEEPEST {
            return None;
        }
        let (mut low, mut high) = (self.mean, self.th);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if self.depth(self.mean, middle) > DEEPEST { high = middle } else { low = middle }
        }
        // so far out that halving never left the mean, it has left it once more
        let th = if low > self.mean { low } else { high };
        if th <= self.mean {
            return None;
        }
        let ln_ratio = ((self.th - self.mean) / (th - self.mean)).ln();
        let per_mean = 1.0 / (th - self.mean) - 1.0 / (self.th - self.mean);
        let per_rate = |jump: &Jump| per_mean * self.tau_m * jump.mean_at(self.mean) / self.leak;
        let d_rates = self.jumps.iter().map(per_rate).collect();
        let mut remainder = Remainder { ln_ratio, d_resting: per_mean / self.leak, d_rates, d_white: 0.0 };
        // panels over which the slope changes by a factor of two
        let mut from = th;
        while from < self.th {
            let to = (from + (from - self.mean)).min(self.th);
            for (V, weight) in points_6(from, to) {
                let Some(s) = self.slope(V) else { continue };
                remainder.ln_ratio -= weight * s;
                let (_, per_s) = self.generator(V, s);
                remainder.d_resting += weight * s / (self.tau_m * per_s);
                remainder.d_white += weight * s * s / (2.0 * self.tau_m * per_s);
                for (d, jump) in remainder.d_rates.iter_mut().zip(self.jumps) {
                    *d += weight * jump.growth_at(V, s).0 / per_s;
                }
            }
            from = to;
        }
        let input = ShotNoiseInput { resting_mv: self.resting, white_variance_mv2: self.white, jumps: self.jumps };
        Some((Escape::of(th, self.tau_m, &input), remainder))
    }
}
