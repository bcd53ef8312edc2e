//! How the rate follows small modulations of the flow, and the transform of the law of the intervals, at any complex frequency.
//!
//! ```text
//! F u' + (g^2/2) u'' = s u,    u bounded at the lowest potential,    s = lambda tau_m
//! r -> r + eps chi exp(lambda t)  for  F -> F + eps F_1 exp(lambda t),  g^2 -> g^2 + eps G_1 exp(lambda t):
//! chi = (1/tau_m) int p_0 [F_1 u' + G_1 u''/2] dV / [u(V_c) - exp(-lambda t_ref) u(V_r)],    p_0 = 2 rate tau_m Q/g^2
//! rho(lambda) = <exp(-lambda T)> = exp(-lambda t_ref) u(V_r)/u(V_c)
//! ```
//!
//! `F_1` is 1 or the distance `x` from a potential, `G_1` is `g^2`, 1, `x` or `x^2`: what depends on the potential is asked of neurons with conductances only ([`Modulation::at_distances_from`]).
//!
//! `u` is the adjoint of the modulated density: multiplied with the equation of the latter and integrated by parts, nothing is left but the flux at the bounds. With `w = u'/s`, which is the `R` of `passage` at
//! `s = 0`, no number is divided by a small frequency: `[u(V_c) - exp(-lambda t_ref) u(V_r)]/s = int_{V_r}^{V_c} w dV + u(V_r) (1 - exp(-lambda t_ref))/s`.
//!
//! What does not depend on the frequency is prepared once, for all frequencies up to a radius at a time: panels so short that `u` is a power series in each (`series`). A frequency then costs 0.1 to 0.2 microseconds a panel, 10 to 50 in all up to
//! `|s| = 1000`; the preparation some milliseconds.
//!
//! Source: Richardson (2007), Phys Rev E 76:021919 (the modulated density, integrated downward); the adjoint and the series are ours. `rho` is that of Darling and Siegert (1953), Ann Math Stat 24:624.
//! Range: `|s|` up to 2.6e5; beyond it is not a number. To the left of the imaginary axis to [`Modulation::least_order`].
//! Accuracy: relative error at most 1e-13 of the response to the mean, 1e-13 of that to the variance and 1e-13 of the spectrum (LIF against 20 digits, 0.1 Hz to 10 kHz); of the perfect neuron 2e-12 (closed
//! form, complex frequencies), the noise and the force of which may depend on the potential; of EIF neurons 1e-9 (collocation of the modulated density, which may be as wrong), and at rest 1e-12 beside the derivatives of the rate.

use std::sync::{Arc, OnceLock};

use num_complex::Complex64;

use super::super::flow::{Bounds, Flow};
use super::grid::{Cell, MOST_PANELS};
use super::occupation::occupied;
use super::passage::{Extent, LARGE, Passage, Passed};
use super::series::{SUMS, Series, converges, place, series, series_at};
use crate::numerics::panel::PANEL;
use crate::numerics::parabolic::mean_decay;

/// Radii of frequencies for which panels are prepared: 1, 4, 16 and so on, the last one 2.6e5.
const RADII: usize = 10;
/// More terms than a series has.
const MOST_POWERS: usize = 32;
/// To the left of this nothing is known of the LIF either, and the part of the way to a branch point that is gone.
const LEAST_ORDER: f64 = -4.0;
const BEFORE_BRANCH: f64 = 0.75;
/// Farther to the left.
const BEYOND_ORDER: f64 = -5.0;

/// A flow that is kept.
struct Kept(Arc<dyn Flow + Send + Sync>);

impl Flow for Kept {
    fn force_mv(&self, V_mv: f64) -> f64 {
        self.0.force_mv(V_mv)
    }

    fn noise_mv2(&self, V_mv: f64) -> f64 {
        self.0.noise_mv2(V_mv)
    }

    fn bounds(&self) -> Bounds {
        self.0.bounds()
    }

    fn force_rounding_mv(&self, V_mv: f64) -> f64 {
        self.0.force_rounding_mv(V_mv)
    }

    fn potential(&self, y: f64) -> (f64, f64) {
        self.0.potential(y)
    }

    fn force_at_mv(&self, y: f64) -> f64 {
        self.0.force_at_mv(y)
    }

    fn coordinate(&self, V_mv: f64) -> f64 {
        self.0.coordinate(V_mv)
    }
}

/// A panel, prepared for a radius.
struct Prepared {
    series: Series,
    /// Of what depends on the potential, where that is asked.
    series_at: Option<Series>,
    above_reset: bool,
    /// The factor of its occupation, over the mean time.
    weight: f64,
}

/// A neuron at an input, to be asked at many frequencies.
pub(crate) struct Modulation {
    flow: Kept,
    /// The panels of the mean time.
    cells: Vec<Cell>,
    /// `ln(T/tau_m)`.
    ln_mean: f64,
    /// `t_ref/tau_m`.
    delay: f64,
    /// `w` beside `u` at the lowest potential.
    slowness: f64,
    /// Of each panel the change of `Phi` and the integral of `sqrt(b c)`, halves and squares: by what `u` grows is about `sqrt((a/2)^2 + s b c) - a/2`.
    growths: Vec<[f64; 2]>,
    /// From where the potential is counted by what depends on it.
    origin_mv: Option<f64>,
    prepared: [OnceLock<Vec<Prepared>>; RADII],
}

/// What a neuron says at one frequency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modulations {
    /// `tau_m chi`, in 1/mV, of a force that is the same at all potentials.
    pub(crate) by_force: Complex64,
    /// `tau_m chi` of noise that changes by the same factor everywhere.
    pub(crate) by_ln_noise: Complex64,
    /// `tau_m chi` of a force `x`, the distance from a potential.
    pub(crate) by_force_at: Complex64,
    /// `tau_m chi` of noise `g^2` of 1 mV^2, of `x` and of `x^2`.
    pub(crate) by_noise_at: [Complex64; 3],
    /// `(1 - rho)/s`.
    pub(crate) gap: Complex64,
    /// `u(V_r)/u(V_c)`, the transform without refractory time.
    pub(crate) ratio: Complex64,
    /// Direction of `u(V_c)` in the complex plane beside that of a function without zeros and poles, which turns about as fast.
    pub(crate) direction: Complex64,
}

impl Modulations {
    const NO_NUMBER: Modulations = {
        let nan = Complex64::new(f64::NAN, f64::NAN);
        let (by_force_at, by_noise_at) = (nan, [nan; 3]);
        Modulations { by_force: nan, by_ln_noise: nan, by_force_at, by_noise_at, gap: nan, ratio: nan, direction: nan }
    };
}

impl std::fmt::Debug for Modulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Modulation").field("ln_mean", &self.ln_mean).field("delay", &self.delay).finish_non_exhaustive()
    }
}

impl Modulation {
    /// Of a flow whose time from reset to spike is a number; `delay` is `t_ref/tau_m`.
    pub(crate) fn new(flow: impl Flow + Send + 'static, delay: f64) -> Self {
        let passage = Passage::new(&flow, Extent::Modulations);
        let ln_mean = passage.ln_mean;
        let cells: Vec<Cell> = passage.panels.into_iter().map(|Passed { cell, .. }| cell).collect();
        let slowness = cells.first().map_or(0.0, |cell| {
            let [a, b] = [&cell.coefficients.a, &cell.coefficients.b].map(|f| PANEL.left(f));
            b / a
        });
        let growths = cells.iter().map(|cell| {
            let [b, c] = [&cell.coefficients.b, &cell.coefficients.c];
            let width = cell.half() * PANEL.integral(&std::array::from_fn(|k| (b[k] * c[k]).sqrt()));
            [0.25 * cell.rise * cell.rise, width * width]
        });
        let growths = growths.collect();
        let prepared = std::array::from_fn(|_| OnceLock::new());
        Modulation { flow: Kept(Arc::new(flow)), cells, ln_mean, delay, slowness, growths, origin_mv: None, prepared }
    }

    /// The same that is also asked for what depends on the potential, counted from one of the flow.
    pub(crate) fn at_distances_from(self, origin_mv: f64) -> Self {
        Modulation { origin_mv: Some(origin_mv), ..self }
    }

    /// `ln(T/tau_m)` of the time from reset to spike.
    pub(crate) fn ln_mean(&self) -> f64 {
        self.ln_mean
    }

    /// The real part of `s` down to which there is one bounded solution: right of the branch point `-F^2/(2 g^2)` of a flow that does not grow towards low potentials.
    pub(crate) fn least_order(&self) -> f64 {
        let of_branch = self.cells.first().map_or(0.0, |cell| {
            let [a, b, c] = [&cell.coefficients.a, &cell.coefficients.b, &cell.coefficients.c].map(|f| PANEL.left(f));
            a * a / (4.0 * b * c)
        });
        LEAST_ORDER.max(-BEFORE_BRANCH * of_branch)
    }

    /// At `s = lambda tau_m`.
    pub(crate) fn at(&self, s: Complex64) -> Modulations {
        let size = s.norm();
        let Some((which, radius)) = (0..RADII).map(|k| (k, radius(k))).find(|(_, radius)| size <= *radius) else {
            return Modulations::NO_NUMBER;
        };
        let panels = self.prepared[which].get_or_init(|| self.prepare(radius));
        let mut powers = [Complex64::ONE; MOST_POWERS];
        for n in 1..MOST_POWERS {
            powers[n] = powers[n - 1] * (s / radius);
        }
        // u, w, u at the reset, and the integrals of w above it, of Q b w and of Q w', with a common positive factor
        let mut front = [Complex64::ONE, Complex64::from(self.slowness), Complex64::ZERO, Complex64::ZERO];
        let mut numerators = [Complex64::ZERO; 6];
        let mut was_above = false;
        for Prepared { series, series_at, above_reset, weight } in panels {
            if *above_reset && !was_above {
                front[2] = front[0];
            }
            was_above = *above_reset;
            let sums = summed(series, &powers);
            let [u, w, at_reset, risen] = front;
            let of = |place: usize| sums[place] * u + sums[place + 1] * w;
            let rise = of(place::RISE);
            numerators[0] += *weight * of(place::FORCE);
            numerators[1] += *weight * of(place::NOISE);
            if let Some(series_at) = series_at {
                let sums = summed(series_at, &powers);
                let of = |place: usize| sums[place] * u + sums[place + 1] * w;
                numerators[2] += *weight * of(place::FORCE_AT);
                for (numerator, place) in numerators[3..].iter_mut().zip(place::NOISES_AT) {
                    *numerator += *weight * of(place);
                }
            }
            front = [u + s * rise, of(place::END), at_reset, if *above_reset { risen + rise } else { risen }];
            let size = front[0].norm() + front[1].norm();
            if !(1.0 / LARGE..=LARGE).contains(&size) {
                front = front.map(|value| value / size);
                numerators = numerators.map(|value| value / size);
            }
        }
        let [u, _, at_reset, risen] = front;
        // (u(V_c) - exp(-lambda t_ref) u(V_r))/s
        let difference = risen + self.delay * mean_decay(s * self.delay) * at_reset;
        let share = 1.0 / (1.0 + self.delay * (-self.ln_mean).exp());
        let [by_force, by_ln_noise, by_force_at, of_noise, by_noise, squared] =
            numerators.map(|numerator| share * numerator.fdiv(difference));
        Modulations {
            by_force,
            by_ln_noise,
            by_force_at,
            by_noise_at: [of_noise, by_noise, squared],
            // numbers whose squares are none
            gap: difference.fdiv(u),
            ratio: at_reset.fdiv(u),
            direction: u / u.norm() * self.turned(s).conj(),
        }
    }

    /// The turns of a function that grows about as `u` does, and has no zeros or singularities in the range.
    fn turned(&self, s: Complex64) -> Complex64 {
        let inside = s - BEYOND_ORDER;
        let growth: f64 =
            self.growths.iter().map(|[of_drift, of_width]| (of_drift + inside * of_width).sqrt().im).sum();
        Complex64::cis(growth)
    }

    /// Panels so short that series converge up to a radius.
    fn prepare(&self, radius: f64) -> Vec<Prepared> {
        let mut waiting: Vec<Cell> = self.cells.iter().rev().cloned().collect();
        let mut cells = Vec::with_capacity(waiting.len());
        while let Some(cell) = waiting.pop() {
            if !converges(&cell, radius)
                && cells.len() + waiting.len() < MOST_PANELS
                && let Some([lower, upper]) = cell.halves(&self.flow)
            {
                waiting.extend([upper, lower]);
                continue;
            }
            cells.push(cell);
        }
        let by_reference: Vec<&Cell> = cells.iter().collect();
        let occupied = occupied(&by_reference, self.ln_mean);
        let prepared = cells.iter().zip(&occupied).map(|(cell, (values, scale))| Prepared {
            series: series(cell, radius, values),
            series_at: self.origin_mv.map(|origin_mv| series_at(cell, radius, values, origin_mv)),
            above_reset: cell.above_reset,
            weight: scale.exp(),
        });
        prepared.collect()
    }
}

fn radius(k: usize) -> f64 {
    4f64.powi(k as i32)
}

/// The sums of a panel's series at a frequency, by its powers.
fn summed(series: &Series, powers: &[Complex64; MOST_POWERS]) -> [Complex64; SUMS] {
    let (mut re, mut im) = ([0.0; SUMS], [0.0; SUMS]);
    for (terms, power) in series.iter().zip(powers) {
        for k in 0..SUMS {
            re[k] += terms[k] * power.re;
            im[k] += terms[k] * power.im;
        }
    }
    std::array::from_fn(|k| Complex64::new(re[k], im[k]))
}

#[cfg(test)]
mod tests {
    use super::super::super::exponential::Eif;
    use super::super::super::flow::{Drifting, Leaky};
    use super::super::super::models::NeuronParameters;
    use super::super::super::one_dimensional::OneDimensional;
    use super::*;
    use crate::measured::{Row, Worst, number, table};

    const ACCURACY_TO_THE_MEAN: f64 = 1e-13;
    const ACCURACY_TO_THE_VARIANCE: f64 = 1e-13;
    const ACCURACY_OF_THE_SPECTRUM: f64 = 1e-13;
    const ACCURACY_OF_THE_PERFECT: f64 = 2e-12;
    const ACCURACY_OF_THE_EIF: f64 = 1e-9;
    const ACCURACY_AT_REST: f64 = 1e-12;

    fn imaginary(row: &Row) -> Complex64 {
        Complex64::new(0.0, std::f64::consts::TAU * number(row, "frequency_hz") * number(row, "tau_m_ms") / 1000.0)
    }

    fn complex(row: &Row, name: &str) -> Complex64 {
        Complex64::new(number(row, &format!("{name}_re")), number(row, &format!("{name}_im")))
    }

    fn relative(found: Complex64, expected: Complex64) -> f64 {
        (found - expected).norm() / expected.norm()
    }

    fn leaky(row: &Row) -> Leaky {
        let of = |name: &str| number(row, name);
        Leaky { mean_mv: of("mu_mv"), std_mv: of("sigma_mv"), V_reset_mv: of("V_reset_mv"), V_th_mv: of("V_th_mv") }
    }

    fn solved(row: &Row) -> Modulations {
        Modulation::new(leaky(row), number(row, "t_ref_ms") / number(row, "tau_m_ms")).at(imaginary(row))
    }

    #[test]
    fn the_response_of_the_lif_is_that_of_20_digits() {
        let (mut of_mean, mut of_variance) = (Worst::default(), Worst::default());
        for row in table("lif_response") {
            let found = solved(&row);
            let (per_s, variance) = (1000.0 / number(&row, "tau_m_ms"), number(&row, "sigma_mv").powi(2));
            of_mean.add(relative(per_s * found.by_force, complex(&row, "mean")), &row);
            of_variance.add(relative(per_s / variance * found.by_ln_noise, complex(&row, "variance")), &row);
        }
        of_mean.must_be_at_most(ACCURACY_TO_THE_MEAN);
        of_variance.must_be_at_most(ACCURACY_TO_THE_VARIANCE);
    }

    #[test]
    fn the_transform_of_the_intervals_of_the_lif_and_their_spectrum_are_those_of_20_digits() {
        let mut worst = Worst::default();
        for row in table("lif_power_spectrum") {
            let (found, s) = (solved(&row), imaginary(&row));
            let refractory = (-s * number(&row, "t_ref_ms") / number(&row, "tau_m_ms")).exp();
            worst.add((found.ratio * refractory - complex(&row, "transform")).norm(), &row);
            let power = -2.0 * found.gap.im / (s.im * found.gap.norm_sqr()) - 1.0;
            worst.add((number(&row, "rate_hz") * power / number(&row, "power_hz") - 1.0).abs(), &row);
        }
        worst.must_be_at_most(ACCURACY_OF_THE_SPECTRUM);
    }

    /// `chi_mu = r k (1 - exp(-k L))/(lambda [1 - exp(-lambda t_ref - k L)])`, `chi_var = k chi_mu/2`, `k = 2 s/[sqrt(m^2 + 2 s sigma^2) + m]` in units of `tau_m`; `rho = exp(-k L)`.
    #[test]
    fn the_response_of_the_perfect_neuron_is_its_closed_form_at_complex_frequencies() {
        let mut worst = Worst::default();
        for (drift_mv, std_mv) in [(5.0, 4.0), (20.0, 1.0), (1.0, 10.0), (300.0, 0.5)] {
            for delay in [0.0, 0.1] {
                let variance_mv2 = std_mv * std_mv;
                let flow = Drifting { drift_mv, variance_mv2, V_reset_mv: -60.0, V_th_mv: -50.0 };
                let modulation = Modulation::new(flow, delay);
                let least = modulation.least_order();
                for s in [
                    (0.0, 0.1),
                    (0.0, 3.0),
                    (0.0, 1000.0),
                    (2.0, 5.0),
                    (3.0, 0.0),
                    (0.3 * least, 0.2),
                    (0.9 * least, 5.0),
                ] {
                    let s = Complex64::new(s.0, s.1);
                    let k = 2.0 * s / ((drift_mv * drift_mv + 2.0 * s * variance_mv2).sqrt() + drift_mv);
                    let passed = (-10.0 * k).exp();
                    let rate = 1.0 / (delay + 10.0 / drift_mv);
                    let expected = rate * k * (1.0 - passed) / (s * (1.0 - (-s * delay).exp() * passed));
                    let found = modulation.at(s);
                    let at = (drift_mv, std_mv, delay, s);
                    worst.add(relative(found.by_force, expected), ("mean", at));
                    worst.add(relative(found.by_ln_noise, 0.5 * variance_mv2 * k * expected), ("noise", at));
                    worst.add((found.ratio - passed).norm() / passed.norm().max(1.0), ("ratio", at));
                }
            }
        }
        worst.must_be_at_most(ACCURACY_OF_THE_PERFECT);
    }

    /// A perfect neuron in the coordinate `-ln(E - V)`.
    struct Towards {
        drift: f64,
        noise: f64,
        V_reset_mv: f64,
        V_th_mv: f64,
    }

    const REVERSAL_MV: f64 = -10.0;

    impl Flow for Towards {
        fn force_mv(&self, V_mv: f64) -> f64 {
            self.drift * (REVERSAL_MV - V_mv)
        }

        fn noise_mv2(&self, V_mv: f64) -> f64 {
            self.noise * (REVERSAL_MV - V_mv).powi(2)
        }

        fn bounds(&self) -> Bounds {
            Bounds { lowest: f64::NEG_INFINITY, reset: self.V_reset_mv, spike: self.V_th_mv }
        }
    }

    /// `tau dV = (E - V) [f dt + k sqrt(tau) dW]` is `tau dy = (f + k^2/2) dt + k sqrt(tau) dW` with `y = -ln(E - V)`: a force `E - V` adds 1 to the drift there, and noise `(E - V)^2` adds 1 to the noise and 1/2 to the drift.
    #[test]
    fn forces_and_noise_that_depend_on_the_potential_have_the_closed_form_of_the_perfect_neuron() {
        let mut worst = Worst::default();
        for (drift, noise) in [(0.5, 0.1), (2.0, 0.5), (0.3, 0.02)] {
            let flow = Towards { drift, noise, V_reset_mv: -60.0, V_th_mv: -50.0 };
            let modulation = Modulation::new(flow, 0.1).at_distances_from(-55.0);
            let length = (50.0_f64 / 40.0).ln();
            let m = drift + 0.5 * noise;
            for s in [(0.0, 0.1), (0.0, 3.0), (0.0, 300.0), (2.0, 5.0)] {
                let s = Complex64::new(s.0, s.1);
                let k = 2.0 * s / ((m * m + 2.0 * s * noise).sqrt() + m);
                let passed = (-length * k).exp();
                let rate = 1.0 / (0.1 + length / m);
                let by_drift = rate * k * (1.0 - passed) / (s * (1.0 - (-s * 0.1).exp() * passed));
                let by_noise = 0.5 * k * by_drift + 0.5 * by_drift;
                let found = modulation.at(s);
                // E - V = (E + 55) - x
                let a = REVERSAL_MV + 55.0;
                let [one, x, xx] = found.by_noise_at;
                let at = (drift, noise, s);
                worst.add(relative(a * found.by_force - found.by_force_at, by_drift), ("force", at));
                worst.add(relative(a * a * one - 2.0 * a * x + xx, by_noise), ("noise", at));
                worst.add(relative(found.by_ln_noise / noise, by_noise), ("all of it", at));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_THE_PERFECT);
    }

    fn eif(row: &Row) -> Eif {
        let of = |name: &str| number(row, name);
        let parameters = NeuronParameters {
            tau_m_ms: of("tau_m_ms"),
            t_ref_ms: of("t_ref_ms"),
            E_L_mv: 0.0,
            V_th_mv: of("V_th_mv"),
            V_reset_mv: of("V_reset_mv"),
            Delta_T_mv: of("Delta_T_mv"),
            V_peak_mv: of("V_peak_mv"),
            adaptation: None,
        };
        Eif::checked(&parameters).unwrap()
    }

    #[test]
    fn the_response_of_the_eif_is_that_of_collocation_downward() {
        let mut worst = Worst::default();
        for row in table("eif_response") {
            let (tau_m_ms, variance) = (number(&row, "tau_m_ms"), number(&row, "sigma_mv").powi(2));
            let flow = eif(&row).at(number(&row, "mu_mv"), variance);
            let found = Modulation::new(flow, number(&row, "t_ref_ms") / tau_m_ms).at(imaginary(&row));
            let per_s = 1000.0 / tau_m_ms;
            worst.add(relative(per_s * found.by_force, complex(&row, "mean")), ("mean", &row));
            worst.add(relative(per_s / variance * found.by_ln_noise, complex(&row, "variance")), ("variance", &row));
        }
        worst.must_be_at_most(ACCURACY_OF_THE_EIF);
    }

    /// Of EIF neurons down to rates that nobody waits for, which the leaps of the mean time pass.
    #[test]
    fn at_rest_the_response_is_the_derivative_of_the_rate() {
        let mut worst = Worst::default();
        let row = &table("eif_response")[0];
        for std_mv in [0.3, 1.0, 4.0, 20.0] {
            for mean_mv in [-70.0, -60.0, -55.0, -52.0, -45.0, -20.0] {
                let flow = eif(row).at(mean_mv, std_mv * std_mv);
                let passage = Passage::new(&flow, Extent::Occupation);
                if passage.ln_mean > 600.0 {
                    continue;
                }
                let occupation = super::super::Occupation::new(&passage);
                for delay in [0.0, 0.2] {
                    let found = Modulation::new(flow, delay).at(Complex64::ZERO);
                    // dr/r over d ln T is r T
                    let share = 1.0 / (1.0 + delay * (-passage.ln_mean).exp());
                    let rate = share * (-passage.ln_mean).exp();
                    let by_force = -rate * share * occupation.d_ln_mean_per_force(|_| 1.0);
                    let by_ln_noise = -rate * share * occupation.d_ln_mean_per_ln_noise();
                    worst.add((found.by_force.re / by_force - 1.0).abs(), ("force", mean_mv, std_mv, delay));
                    let scale = by_ln_noise.abs().max(1e-3 * std_mv * by_force);
                    worst.add((found.by_ln_noise.re - by_ln_noise).abs() / scale, ("noise", mean_mv, std_mv, delay));
                    worst.add((found.gap.re * rate - 1.0).abs(), ("renewal", mean_mv, std_mv, delay));
                }
            }
        }
        worst.must_be_at_most(ACCURACY_AT_REST);
    }
}
