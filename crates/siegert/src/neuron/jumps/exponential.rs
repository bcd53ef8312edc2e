//! Jumps of exponential laws: mean and variance of the time from release to spike, in closed form but for one integral.
//!
//! Excitatory jumps of mean `a` at the rate `R`, inhibitory ones of means `-a_i` at `R_i`; voltages from the resting level, where the potential
//! goes without input; `k = tau_m R`, `k_i = tau_m R_i`, `L = V_th - V_reset`:
//!
//! ```text
//! T/tau_m = int_0^(1/a) ds/s (1 - a s)^k prod_i (1 + a_i s)^(k_i) [exp(s V_th)/(1 - a s) - exp(s V_reset)]
//!         = int_0^inf du exp(g(u)) (1 - exp(-u - s L))/(a s),     s = (1 - exp(-u))/a,     g = -k u + s V_th + sum_i k_i ln(1 + a_i s)
//! ```
//!
//! In `u` nothing is singular, whatever `k`, and `g` has one maximum, from which panels of 16 points lead down on both sides. The derivatives of `ln T` with
//! respect to resting level and rates are means of `-s`, `-u` and `ln(1 + a_i s)` over the integrand. With `h = (1 - a s)^k prod_i (1 + a_i s)^(k_i)`, the Laplace transform of the time,
//!
//! ```text
//! <exp(-lambda t)> = int_0^(1/a) ds s^(lambda tau_m - 1) h exp(s V_reset) / int_0^(1/a) ds s^(lambda tau_m - 1) h exp(s V_th)/(1 - a s)
//! ```
//!
//! to second order in `lambda` gives its variance, `1 + 2 N/B - 2 B_1/B^2` of its squared mean: `B = T/tau_m`, `B_1` the same integral with a factor
//! `ln s`, `N` the finite part of the numerator at `lambda = 0`.
//!
//! Source: Richardson and Swarbrick (2010), Phys Rev Lett 105:178102, eq. 6 (`u`, the derivatives and the variance derived here).
//! Range: a resting level below `V_th`; any depth below threshold: `ln T` is finite where `T` overflows.
//! Accuracy: relative error at most 1e-12 of the rate (against 24 digits) and 1e-7 of the derivatives (as far as differences tell).

use super::MOST_LAWS;
use crate::numerics::quadrature::points_16;

/// Parts of the integrand smaller than `exp(-42)` are left out.
const LEAST: f64 = 42.0;
/// By how much the exponent changes within a panel at most.
const LARGEST_CHANGE: f64 = 7.0;
/// Where `s` does not change any more.
const SATURATED: f64 = 40.0;

/// Jumps of exponential laws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exponentials<'a> {
    /// `V_th` and `V_reset` from the resting level.
    pub(super) th: f64,
    pub(super) reset: f64,
    /// Mean of the excitatory jumps, and how many come within `tau_m`.
    pub(super) excitation: (f64, f64),
    /// The same for each kind of inhibitory ones, their size positive.
    pub(super) inhibition: &'a [(f64, f64)],
}

/// The time from release to spike.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PassageTime {
    /// `ln(T/tau_m)`.
    pub(super) ln_mean: f64,
    /// Its derivative with respect to the resting level.
    pub(super) d_resting: f64,
    /// Its derivative with respect to the number of excitatory jumps within `tau_m`.
    pub(super) d_excitation: f64,
    /// The same for inhibitory ones.
    pub(super) d_inhibition: [f64; MOST_LAWS],
    /// Variance over squared mean.
    pub(super) relative_variance: f64,
}

/// Sums over the panels.
#[derive(Default)]
struct Sums {
    time: f64,
    s: f64,
    u: f64,
    ln_s: f64,
    inhibition: [f64; MOST_LAWS],
    finite_part: f64,
}

impl Exponentials<'_> {
    /// `g` and its first two derivatives.
    fn exponent(&self, u: f64) -> [f64; 3] {
        let (mean, events) = self.excitation;
        let q = (-u).exp();
        let s = -(-u).exp_m1() / mean;
        let (mut g, mut slope, mut bend) = (s * self.th - events * u, self.th, 0.0);
        for (size, events) in self.inhibition {
            let part = size / (1.0 + size * s);
            g += events * (size * s).ln_1p();
            slope += events * part;
            bend += events * part * part;
        }
        let per_s = q / mean;
        [g, per_s * slope - events, -per_s * slope - per_s * per_s * bend]
    }

    /// Where `g` is largest.
    fn peak(&self) -> f64 {
        let [_, slope, _] = self.exponent(0.0);
        if slope <= 0.0 {
            return 0.0;
        }
        let events = self.excitation.1;
        // the slope has the sign of a function that falls, and is below 0 from here on
        let (mut low, mut high) = (0.0, ((slope + events) / events).ln().min(2.0 * SATURATED));
        let mut u = 0.5 * high;
        for _ in 0..60 {
            let [_, slope, bend] = self.exponent(u);
            if slope > 0.0 {
                low = u
            } else {
                high = u
            }
            let next = u - slope / bend;
            let next = if low < next && next < high { next } else { 0.5 * (low + high) };
            if (next - u).abs() < 1e-3 * (-bend).sqrt().recip() || high - low < 1e-9 {
                return next;
            }
            u = next;
        }
        u
    }

    /// How far a panel reaches from a place, in one direction.
    fn width(&self, u: f64, slope: f64, bend: f64) -> f64 {
        let mean = self.excitation.0;
        // |slope| w + |bend| w^2/2 = change
        let by_exponent = 2.0 * LARGEST_CHANGE
            / (slope.abs() + (slope * slope + 2.0 * LARGEST_CHANGE * bend.abs()).sqrt()).max(1e-300);
        let per_u = 1.0 + (self.th - self.reset) / mean * (-u).exp();
        let argument = u - (-u).exp_m1() * (self.th - self.reset) / mean;
        let by_bracket = if argument < LEAST { 12.0 / per_u } else { f64::INFINITY };
        // the branch points of the inhibitory factors, at s = -1/a_i
        let by_branch = self.inhibition.iter().map(|(size, _)| 1.5 * (u + (mean / size).ln_1p())).fold(2.0, f64::min);
        let by_branch = if u < 8.0 { by_branch } else { 8.0 };
        by_exponent.min(by_bracket).min(by_branch)
    }

    /// Mean and variance of the time, with the derivatives of the mean.
    pub(super) fn passage(&self) -> PassageTime {
        let (mean, _) = self.excitation;
        let peak = self.peak();
        let [top, ..] = self.exponent(peak);
        let mut sums = Sums::default();
        let mut u = peak;
        while u > 0.0 {
            let [g, slope, bend] = self.exponent(u);
            if g < top - LEAST {
                break;
            }
            // to the left exponent and bend only grow
            let width = self.width(0.5 * u, slope, bend).min(self.width(u, slope, bend));
            let low = if width > 0.8 * u { 0.0 } else { u - width };
            self.add(&mut sums, low, u, top);
            u = low;
        }
        let mut last = peak;
        loop {
            let [g, slope, bend] = self.exponent(last);
            if g < top - LEAST || last > SATURATED {
                break;
            }
            let next = last + self.width(last, slope, bend);
            self.add(&mut sums, last, next, top);
            last = next;
        }
        let s_last = -(-last).exp_m1() / mean;
        if last > SATURATED {
            self.add_tail(&mut sums, last, top);
        }
        let finite_part = sums.finite_part + (-top).exp() * s_last.ln();
        // a scale of s near which the integrand is, so that little cancels
        let ln_scale = sums.ln_s / sums.time;
        let n = finite_part - (-top).exp() * ln_scale;
        let mut d_inhibition = [0.0; MOST_LAWS];
        d_inhibition.iter_mut().zip(sums.inhibition).for_each(|(d, sum)| *d = sum / sums.time);
        PassageTime {
            ln_mean: top + sums.time.ln(),
            d_resting: -sums.s / sums.time,
            d_excitation: -sums.u / sums.time,
            d_inhibition,
            // at this scale B_1 vanishes
            relative_variance: 1.0 + 2.0 * n / sums.time,
        }
    }

    fn add(&self, sums: &mut Sums, low: f64, high: f64, top: f64) {
        let (mean, events) = self.excitation;
        let width_mv = self.th - self.reset;
        for (u, weight) in points_16(low, high) {
            let a_s = -(-u).exp_m1();
            let s = a_s / mean;
            let mut g = s * self.th - events * u;
            let mut logarithms = [0.0; MOST_LAWS];
            for ((size, events), logarithm) in self.inhibition.iter().zip(&mut logarithms) {
                *logarithm = (size * s).ln_1p();
                g += events * *logarithm;
            }
            let x = u + s * width_mv;
            let factor = weight * (g - top).exp() / a_s;
            let value = -factor * (-x).exp_m1();
            sums.time += value;
            sums.s += value * s;
            sums.u += value * u;
            if low > 0.0 {
                sums.ln_s += value * s.ln();
            }
            for (sum, logarithm) in sums.inhibition.iter_mut().zip(&logarithms[..self.inhibition.len()]) {
                *sum += value * logarithm;
            }
            let part = g - x + u;
            // exp(-u) (exp(part) - 1), each where it keeps its digits
            sums.finite_part += if top < 1.0 {
                weight / a_s * (-u - top).exp() * part.exp_m1()
            } else {
                weight / a_s * ((g - x - top).exp() - (-u - top).exp())
            };
        }
        if low == 0.0 {
            self.add_logarithm(sums, high, top);
        }
    }

    /// `ln s` over the panel at 0, by the fifth root of `u`, in which it is smooth enough.
    fn add_logarithm(&self, sums: &mut Sums, high: f64, top: f64) {
        let (mean, _) = self.excitation;
        for (root, weight) in points_16(0.0, 1.0) {
            let u = high * root.powi(5);
            let a_s = -(-u).exp_m1();
            let s = a_s / mean;
            let [g, ..] = self.exponent(u);
            let x = u + s * (self.th - self.reset);
            let value = -weight * 5.0 * high * root.powi(4) * (g - top).exp() * (-x).exp_m1() / a_s;
            sums.ln_s += value * s.ln();
        }
    }

    /// What is beyond the place where `s` has reached `1/a`.
    fn add_tail(&self, sums: &mut Sums, from: f64, top: f64) {
        let (mean, events) = self.excitation;
        let s = 1.0 / mean;
        let [g, ..] = self.exponent(from);
        let value = (g - top).exp() / events;
        sums.time += value;
        sums.s += value * s;
        sums.u += value * (from + 1.0 / events);
        sums.ln_s += value * s.ln();
        for (sum, (size, _)) in sums.inhibition.iter_mut().zip(self.inhibition) {
            *sum += value * (size * s).ln_1p();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Jump, JumpLaw, ShotNoiseInput};
    use crate::measured::{Row, Worst, number, relative_error, table};
    use crate::neuron::lif::{BRUNEL, Lif, of_row};

    const ACCURACY_OF_RATE: f64 = 1e-12;
    const ACCURACY_OF_DERIVATIVES: f64 = 1e-7;

    fn jumps(row: &Row) -> Vec<Jump> {
        let jump = |rate: &str, mean: &str| {
            Jump::of_size(JumpLaw::Exponential { mean_mv: number(row, mean) }, number(row, rate))
        };
        let all = [jump("R_e_per_ms", "J_e_mv"), jump("R_i_per_ms", "J_i_mv")];
        all.into_iter().filter(|jump| jump.rate_per_ms > 0.0).collect()
    }

    fn lif(row: &Row) -> Lif {
        let with_mean = Row::from_iter(row.clone().into_iter().chain([("mu_mv".to_string(), "0".to_string())]));
        of_row(&with_mean).0
    }

    #[test]
    fn rates_agree_with_the_closed_form_by_many_digits() {
        let mut worst = Worst::default();
        for row in table("shot_noise_exponential") {
            let rate = lif(&row).rate_in_shot_noise(&ShotNoiseInput::of_jumps(0.0, &jumps(&row)));
            worst.add(relative_error(rate.ln_rate_hz.exp(), &row["rate_hz"]), &row);
        }
        worst.must_be_at_most(ACCURACY_OF_RATE);
    }

    /// Deep below threshold and far above it, with few and with many jumps, one or two kinds of inhibition.
    fn inputs() -> Vec<(f64, Vec<Jump>)> {
        let jump = |mean_mv: f64, rate_per_ms: f64| Jump::of_size(JumpLaw::Exponential { mean_mv }, rate_per_ms);
        vec![
            (0.0, vec![jump(0.2, 5.75), jump(-0.2, 2.0)]),
            (0.0, vec![jump(1.0, 0.01)]),
            (-3.0, vec![jump(1.0, 0.9), jump(-2.0, 0.1), jump(-0.3, 0.5)]),
            (-60.0, vec![jump(0.1, 5.0), jump(-0.5, 1.0)]),
            (5.0, vec![jump(0.5, 20.0), jump(-1.0, 0.1)]),
            (19.0, vec![jump(0.1, 0.001), jump(-0.1, 2.0)]),
        ]
    }

    #[test]
    fn derivatives_are_those_of_the_logarithm_of_the_rate() {
        let mut worst = Worst::default();
        for (resting, jumps) in inputs() {
            let rate = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &jumps));
            assert!(rate.ln_rate_hz.is_finite(), "{rate:?}");
            let step = 1e-4;
            // differences of fourth order, their rounding some 1e-11
            let slope = |at: &dyn Fn(f64) -> f64| {
                (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
            };
            let expected =
                slope(&|by| BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting + by, &jumps)).ln_rate_hz);
            worst.add((rate.d_resting / expected - 1.0).abs(), (resting, &jumps, "resting"));
            for b in 0..jumps.len() {
                let expected = slope(&|by| {
                    let mut moved = jumps.clone();
                    moved[b].rate_per_ms *= 1.0 + by;
                    BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(resting, &moved)).ln_rate_hz
                });
                let found = rate.d_rates[b] * jumps[b].rate_per_ms;
                worst.add((found - expected).abs() / expected.abs().max(1e-3), (resting, &jumps, b));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_DERIVATIVES);
    }

    #[test]
    fn jumps_of_next_to_no_size_are_white_noise() {
        for mu in [5.0, 15.0, 19.5] {
            let (size, sigma): (f64, f64) = (1e-3, 4.0);
            // half the noise from each side
            let rate = sigma * sigma / (2.0 * 20.0 * 2.0 * size * size);
            let jump = |mean_mv: f64| Jump::of_size(JumpLaw::Exponential { mean_mv }, rate);
            let found = BRUNEL.rate_in_shot_noise(&ShotNoiseInput::of_jumps(mu, &[jump(size), jump(-size)]));
            let white = BRUNEL.log_rate(mu, sigma, 0.0);
            // the overshoot of one jump
            assert!((found.ln_rate_hz - white.ln_rate_hz).abs() < 2e-3, "mu = {mu}: {found:?} {white:?}");
            assert!((found.d_resting / white.d_mu - 1.0).abs() < 2e-3, "mu = {mu}: {found:?} {white:?}");
        }
    }
}
