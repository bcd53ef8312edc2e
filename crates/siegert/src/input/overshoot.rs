//! How far beyond the threshold a potential is that is looked at every `dt`, where its input is jumps of any size and white noise.
//!
//! ```text
//! rho = <X^3>/(6 <X^2>) - (1/pi) int_0^inf ln|2 (1 - f(l))/(l^2 <X^2>)| dl/l^2
//! f(l) = <exp(-i l X)> = exp(dt [ sum_k r_k (<exp(-i l J_k)> - 1 + i l <J_k>) - l^2 sigma_w^2/(2 tau_m) ])
//! ```
//!
//! `X` is what arrives in a step beyond its mean. The potential walks by such steps, without drift on the scale of an overshoot; `rho` is the stationary mean overshoot `<H^2>/(2 <H>)`
//! of its ladder heights `H`. White noise alone has `rho = 0.5826 sigma sqrt(dt/tau_m)`, jumps that are rarer than steps that of the
//! jumps themselves, `J/3` of one size and `J` of an exponential law: grid and jumps are two limits of one number and do not add up.
//! At large `l` the transforms of the jumps turn or vanish, and only the mean over a turn counts: `f` without them, which turns itself, since the mean of the jumps is taken away; over a turn of it the mean of the logarithm is 0 (Jensen).
//!
//! Source: Spitzer's identity; Siegmund (1985), *Sequential Analysis*, theorem 10.55 (the integral, `<X^2> = 1`).
//! Range: instantaneous input; any rates and laws.
//! Accuracy: 2e-4 of the largest jump or of the step's standard deviation (against white noise, an exponential law, and walks on a lattice).

use super::{Kinetics, Streams};
use crate::network::Law;
use crate::numerics::quadrature::integrate_16;
use num_complex::Complex64;

/// Turns of the transform of the smallest jump after which only its mean counts.
const LAST_TURN: f64 = 60.0;
/// Where the integrand begins to vary, beside the largest length.
const FLAT_UNTIL: f64 = 3e-3;
/// Widest panels, beside their beginning, and beside a turn of the largest jump.
const WIDEST: f64 = 0.5;
const PART_OF_A_TURN: f64 = 1.5;
/// Jumps that make less than this of the variance do not say where the integral ends.
const LEAST_PART: f64 = 1e-3;
/// Most panels, where jumps of very different sizes meet.
const MOST_PANELS: u32 = 4000;
/// Where `exp(-x)` is nothing.
const NOTHING: f64 = 40.0;

/// What arrives at once at the neurons of one population.
#[derive(Clone, Debug, Default)]
pub(crate) struct InstantaneousInput {
    /// Variance of white noise, in mV^2/ms.
    white_mv2_per_ms: f64,
    /// Jumps per ms, and their law in mV.
    jumps: Vec<(f64, Law)>,
}

impl InstantaneousInput {
    /// What population `a` hears at the rates of all.
    pub(crate) fn of(streams: &Streams, a: usize, tau_m_ms: f64, rates_hz: &[f64]) -> Self {
        let white_mv2_per_ms = streams.steady[a].variance_mv2 / tau_m_ms;
        let at_once = streams.streams.iter().filter(|stream| stream.target == a && stream.kinetics == Kinetics::Delta);
        let jumps = at_once.map(|stream| {
            let per_ms = stream.events_per_hz() * stream.sent_hz(rates_hz) / stream.tau_m_ms;
            (per_ms, stream.jump_law())
        });
        InstantaneousInput { white_mv2_per_ms, jumps: jumps.filter(|(per_ms, _)| *per_ms > 0.0).collect() }
    }

    /// The mean overshoot in mV where the potential is looked at every `dt`; 0 without noise.
    pub(crate) fn overshoot_mv(&self, dt_ms: f64) -> f64 {
        let moment =
            |n: usize| dt_ms * self.jumps.iter().map(|(per_ms, law)| per_ms * law.moments()[n - 1]).sum::<f64>();
        let white = self.white_mv2_per_ms * dt_ms;
        let variance = white + moment(2);
        if !(variance > 0.0 && variance.is_finite()) {
            return 0.0;
        }
        let sizes =
            || self.jumps.iter().map(|(per_ms, law)| (dt_ms * per_ms * law.moments()[1], law.moments()[1].sqrt()));
        let largest = sizes().map(|(_, size)| size).fold(0.0, f64::max);
        let that_count = sizes().filter(|(part, _)| *part > LEAST_PART * variance).map(|(_, size)| size);
        let smallest = that_count.fold(f64::INFINITY, f64::min);
        let exponent = |l: f64| -> Complex64 {
            let of = |(per_ms, law): &(f64, Law)| {
                (law.transform(l) - 1.0 + Complex64::new(0.0, l * law.mean())) * (dt_ms * per_ms)
            };
            self.jumps.iter().map(of).sum::<Complex64>() - 0.5 * white * l * l
        };
        let (all, mean) = (dt_ms * self.jumps.iter().map(|(per_ms, _)| per_ms).sum::<f64>(), moment(1));
        let mean_exponent = |l: f64| Complex64::new(-all - 0.5 * white * l * l, l * mean);
        let integrand =
            |l: f64, exponent: Complex64| (2.0 * one_minus_exp(exponent).norm() / (l * l * variance)).ln() / (l * l);
        let scale = largest.max(variance.sqrt());
        let mut from = FLAT_UNTIL / scale;
        let mut integral = from * integrand(from, exponent(from));
        // beyond, f is nothing or turns
        let until = if smallest.is_finite() { LAST_TURN / smallest } else { f64::INFINITY };
        let mut panels = 0;
        while from < until && -exponent(from).re < NOTHING && panels < MOST_PANELS {
            panels += 1;
            let to = (from * (1.0 + WIDEST)).min(from + PART_OF_A_TURN / largest);
            integral += integrate_16(from, to, |l| integrand(l, exponent(l)));
            from = to;
        }
        let ends =
            |l: f64| -mean_exponent(l).re >= NOTHING || l * mean.abs() >= LAST_TURN || mean_exponent(l).norm() == all;
        while !ends(from) {
            let to = (from * (1.0 + WIDEST)).min(from + PART_OF_A_TURN / mean.abs());
            integral += integrate_16(from, to, |l| integrand(l, mean_exponent(l)));
            from = to;
        }
        // what neither turns nor vanishes stays
        let stays = if mean == 0.0 && white == 0.0 { -(-all).exp_m1() } else { 1.0 };
        integral += ((2.0 * stays / variance).ln() - 2.0 * from.ln() - 2.0) / from;
        moment(3) / (6.0 * variance) - integral / std::f64::consts::PI
    }
}

/// `1 - exp(z)` with its digits where `z` is small.
fn one_minus_exp(z: Complex64) -> Complex64 {
    // exp(x + i y) - 1 = expm1(x) cos y - 2 sin(y/2)^2 + i exp(x) sin y
    let half = (0.5 * z.im).sin();
    Complex64::new(2.0 * half * half - z.re.exp_m1() * z.im.cos(), -z.re.exp() * z.im.sin())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 2e-4;

    fn jumps(of: &[(f64, Law)]) -> InstantaneousInput {
        InstantaneousInput { white_mv2_per_ms: 0.0, jumps: of.to_vec() }
    }

    fn size(value: f64) -> Law {
        Law::Constant { value }
    }

    #[test]
    fn white_noise_overshoots_by_the_known_part_of_a_step() {
        for (variance, dt_ms) in [(1.0, 0.1), (25.0, 0.01), (1e-6, 1.0)] {
            let white = InstantaneousInput { white_mv2_per_ms: variance, jumps: Vec::new() };
            let expected = 0.582_597_157_939_010_6 * f64::sqrt(variance * dt_ms);
            assert!((white.overshoot_mv(dt_ms) / expected - 1.0).abs() < ACCURACY, "{variance} {dt_ms}");
        }
        // so do small jumps that are many
        let many = jumps(&[(1e5, size(0.01)), (1e5, size(-0.01))]);
        let expected = 0.582_597_157_939_010_6 * f64::sqrt(20.0 * 0.1);
        assert!((many.overshoot_mv(0.1) / expected - 1.0).abs() < 2.0 * ACCURACY + 0.003, "{}", many.overshoot_mv(0.1));
    }

    #[test]
    fn rare_jumps_overshoot_by_what_is_theirs() {
        let exponential = Law::Exponential { mean: 0.5 };
        for (input, expected) in [
            (jumps(&[(1.0, exponential)]), 0.5),
            (jumps(&[(1.0, exponential), (0.5, size(-0.4))]), 0.5),
            (jumps(&[(1.0, size(0.3))]), 0.1),
            (jumps(&[(1.0, Law::Uniform { low: 0.0, high: 0.6 })]), 0.15),
        ] {
            let found = input.overshoot_mv(1e-5);
            assert!((found - expected).abs() < ACCURACY, "{found}, not {expected}");
        }
    }

    /// Ladder heights of a walk on a lattice by brute force: the law of the first positive height of a centred compound Poisson walk, drawn.
    #[test]
    fn jumps_and_steps_together_overshoot_as_a_walk_does_that_is_drawn() {
        use rand_distr::{Distribution, Poisson};
        use rand_xoshiro::Xoshiro256PlusPlus;
        use rand_xoshiro::rand_core::SeedableRng;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        for (up, down, dt_ms) in [((10.0, 0.1), (0.0, -0.1), 0.1), ((15.8, 0.1), (1.41, -0.6), 0.1)] {
            let input = jumps(&[(up.0, size(up.1)), (down.0, size(down.1))]);
            let mean = dt_ms * (up.0 * up.1 + down.0 * down.1);
            let count = |per_ms: f64| (per_ms > 0.0).then(|| Poisson::new(per_ms * dt_ms).expect("a positive mean"));
            let (ups, downs) = (count(up.0), count(down.0));
            let mut step = || -> f64 {
                let of =
                    |law: &Option<Poisson<f64>>, random: &mut _| law.as_ref().map_or(0.0, |law| law.sample(random));
                up.1 * of(&ups, &mut random) + down.1 * of(&downs, &mut random) - mean
            };
            // from far below, so that the height at which the level is passed is the stationary one
            let level = 12.0 * (up.1 - down.1);
            let (mut sum, mut square, walks) = (0.0, 0.0, 4000);
            for walk in 0..walks {
                // a level that no lattice prefers
                let level = level + up.1 * f64::from(walk) / f64::from(walks);
                let mut at = 0.0_f64;
                let mut steps = 0_u32;
                while at < level {
                    at += step();
                    steps += 1;
                    // a walk that strays begins again where it is as far as another one
                    if at < -level || steps > 1_000_000 {
                        at = 0.0;
                        steps = 0;
                    }
                }
                sum += at - level;
                square += (at - level).powi(2);
            }
            let n = f64::from(walks);
            let (drawn, error) = (sum / n, ((square / n - (sum / n).powi(2)) / n).sqrt());
            let found = input.overshoot_mv(dt_ms);
            assert!((found - drawn).abs() < 4.0 * error, "{found}, drawn {drawn} +- {error}");
        }
    }
}
