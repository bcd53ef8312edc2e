//! How the density of a neuron's potential relaxes to the stationary one: the eigenvalues of the Fokker-Planck operator with reset and refractory time.
//!
//! ```text
//! F u' + (g^2/2) u'' = s u,    u bounded at the lowest potential,    rho(s) = u(V_r)/u(V_c) = <exp(-s T/tau_m)>
//! E(s) = u(V_c) - exp(-s t_ref/tau_m) u(V_r) = 0,    s = lambda tau_m
//! ```
//!
//! `rho` is the transform of the time `T` from reset to spike, so `E(s) = 0` is the characteristic equation of the renewal process; without refractory time its
//! roots are the eigenvalues of the operator. `s = 0` is the stationary state. Since `|rho(s)| < 1` for every other `s` whose real part is not negative, all others decay: the
//! stationary state is the only one and stable, and the root next to the imaginary axis tells how fast it is reached.
//!
//! `u` and `u'` are integrated upward from the lowest potential that matters, on the panels of the mean time, by collocation at complex `s`; upward the wanted
//! solution is never the smaller one. `E` is entire in `s`, so that its zeros in a rectangle are counted, and found (`numerics::contour`): none is missed, or it is said.
//!
//! Source: the transform is that of Darling and Siegert (1953), Ann Math Stat 24:624; the characteristic equation is that of Knight, Manin and Sirovich (1996) and of Mattia and
//! Del Giudice (2002), Phys Rev E 66:051917.
//! Range: real parts to where `u` changes by less than the panels resolve, some tens of `1/tau_m`; flows as in `fokker_planck`.
//! Accuracy: eigenvalues 1e-9 of their modulus (LIF against 18 digits, with and without refractory time; Ornstein-Uhlenbeck in the limit of rare spikes).

use num_complex::Complex64;

use super::super::flow::{Bounds, Flow};
use super::grid::{Cell, Kind, Purpose, cells};
use super::passage::LARGE;
use crate::numerics::contour::{Rectangle, Steps, Zeros, zeros, zeros_from};
use crate::numerics::panel::{PANEL, POINTS, Values, largest};

/// A solution whose last coefficients are larger beside it is solved again in two halves; no more than so many panels.
const RESOLVED: f64 = 1e-11;
const MOST_PANELS: usize = 2000;
/// So far to the right of the imaginary axis the rectangle reaches in which roots are counted.
const RIGHT: f64 = 0.05;

/// An eigenvalue that is found again is so near the value that it is found from.
const NEAR: f64 = 0.05;

/// Where eigenvalues are looked for: from this real part to 0, up to this imaginary part, both in `1/tau_m`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) least_real: f64,
    pub(crate) most_imaginary: f64,
}

/// The eigenvalues in a window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Eigenvalues {
    /// In `1/tau_m`, the slowest decay first; of a pair the one with positive imaginary part. That of the stationary state, 0, is left out.
    pub(crate) values: Vec<Complex64>,
    /// Whether they are as many as the argument principle counts.
    pub(crate) complete: bool,
}

/// A panel with what does not depend on `s`: `h a_j S_jk` and `h^2 b_j (S c S)_jk`, their rows divided by `1 + h |a_j|`.
struct Prepared {
    cell: Cell,
    of_drift: Box<[Values; POINTS]>,
    of_decay: Box<[Values; POINTS]>,
    /// `h (S c)_j`.
    risen: Values,
    rows: Values,
}

impl Prepared {
    fn new(cell: Cell) -> Self {
        let half = cell.half();
        let [a, b, c] = [&cell.coefficients.a, &cell.coefficients.b, &cell.coefficients.c];
        let sums = &PANEL.integral_up_to;
        let rows: Values = std::array::from_fn(|j| 1.0 / (1.0 + half * a[j].abs()));
        let of_drift = std::array::from_fn(|j| sums[j].map(|sum| half * a[j] * rows[j] * sum));
        let of_decay = std::array::from_fn(|j| {
            let mut row = [0.0; POINTS];
            for l in 0..POINTS {
                let factor = half * half * b[j] * rows[j] * sums[j][l] * c[l];
                row.iter_mut().zip(&sums[l]).for_each(|(entry, sum)| *entry += factor * sum);
            }
            row
        });
        let risen = PANEL.integrals(c).map(|sum| half * sum);
        Prepared { of_drift: Box::new(of_drift), of_decay: Box::new(of_decay), risen, rows, cell }
    }

    /// `u` and `u'` at the upper end from those at the lower, and whether the points resolve them; `w = du'/dy` is what is solved for.
    fn through(&self, s: Complex64, [u, v]: [Complex64; 2]) -> ([Complex64; 2], bool) {
        let (cell, half) = (&self.cell, self.cell.half());
        if cell.kind == Kind::Leap {
            // the scale is the caller's
            let end = v;
            return ([u * cell.rise.exp() + end * cell.lag_at_upper_end(), end], true);
        }
        let [a, b, c] = [&cell.coefficients.a, &cell.coefficients.b, &cell.coefficients.c];
        let mut matrix: [[Complex64; POINTS]; POINTS] = std::array::from_fn(|j| {
            let identity = |k: usize| if k == j { self.rows[j] } else { 0.0 };
            std::array::from_fn(|k| identity(k) + self.of_drift[j][k] - s * self.of_decay[j][k])
        });
        let mut w: [Complex64; POINTS] =
            std::array::from_fn(|j| self.rows[j] * (s * b[j] * (u + self.risen[j] * v) - a[j] * v));
        solve(&mut matrix, &mut w);
        let parts = |f: &[Complex64; POINTS]| [f.map(|f| f.re), f.map(|f| f.im)];
        let sums = |f: &[Complex64; POINTS]| {
            let [re, im] = parts(f).map(|f| PANEL.integrals(&f));
            std::array::from_fn::<_, POINTS, _>(|k| half * Complex64::new(re[k], im[k]))
        };
        let sum = |f: &[Complex64; POINTS]| {
            let [re, im] = parts(f).map(|f| half * PANEL.integral(&f));
            Complex64::new(re, im)
        };
        let slopes = sums(&w).map(|sum| v + sum);
        let changes: [Complex64; POINTS] = std::array::from_fn(|k| c[k] * slopes[k]);
        let end = match cell.kind {
            Kind::Stiff => {
                let [re, im] = parts(&slopes).map(|f| PANEL.right(&f));
                Complex64::new(re, im)
            }
            _ => v + sum(&w),
        };
        let resolved = [slopes, sums(&changes).map(|sum| u + sum)].iter().all(|f| {
            let [re, im] = parts(f);
            let size = largest(&re).max(largest(&im));
            PANEL.tail(&re).max(PANEL.tail(&im)) <= RESOLVED * size
        });
        ([u + sum(&changes), end], resolved)
    }
}

/// Gauss elimination with partial pivoting; the right-hand side becomes the solution.
fn solve(matrix: &mut [[Complex64; POINTS]; POINTS], x: &mut [Complex64; POINTS]) {
    for i in 0..POINTS {
        let mut best = i;
        for row in i + 1..POINTS {
            if matrix[row][i].norm_sqr() > matrix[best][i].norm_sqr() {
                best = row;
            }
        }
        matrix.swap(i, best);
        x.swap(i, best);
        let (pivot, pivot_x) = (matrix[i], x[i]);
        let inverse = pivot[i].inv();
        for row in i + 1..POINTS {
            let factor = matrix[row][i] * inverse;
            for k in i + 1..POINTS {
                matrix[row][k] -= factor * pivot[k];
            }
            x[row] -= factor * pivot_x;
        }
    }
    for i in (0..POINTS).rev() {
        let known: Complex64 = (i + 1..POINTS).map(|k| matrix[i][k] * x[k]).sum();
        x[i] = (x[i] - known) / matrix[i][i];
    }
}

/// `E` of a neuron, on panels that resolve it within a window.
struct Characteristic {
    panels: Vec<Prepared>,
    delay: f64,
}

impl Characteristic {
    fn new(flow: &impl Flow, delay: f64, window: Window) -> Self {
        let corner = Complex64::new(window.least_real, window.most_imaginary);
        let mut characteristic = Characteristic { panels: Vec::new(), delay };
        let mut waiting: Vec<Prepared> = cells(flow, Purpose::Times).into_iter().map(Prepared::new).collect();
        for s in [corner, Complex64::from(corner.re), Complex64::new(0.0, corner.im)] {
            waiting.reverse();
            let mut state = characteristic.start(waiting.last(), s);
            while let Some(panel) = waiting.pop() {
                let (next, resolved) = panel.through(s, state);
                if !resolved
                    && characteristic.panels.len() + waiting.len() < MOST_PANELS
                    && let Some([lower, upper]) = panel.cell.halves(flow)
                {
                    waiting.extend([Prepared::new(upper), Prepared::new(lower)]);
                    continue;
                }
                let size = next[0].norm() + next[1].norm();
                state = next.map(|value| value / size);
                characteristic.panels.push(panel);
            }
            waiting = std::mem::take(&mut characteristic.panels);
        }
        characteristic.panels = waiting;
        characteristic
    }

    /// At the lowest potential `u` changes as slowly as it can.
    fn start(&self, first: Option<&Prepared>, s: Complex64) -> [Complex64; 2] {
        let slowness = first.map_or(0.0, |panel| {
            let [a, b] = [&panel.cell.coefficients.a, &panel.cell.coefficients.b].map(|f| PANEL.left(f));
            b / a
        });
        [Complex64::ONE, s * slowness]
    }

    /// `E(s)` times a positive number.
    fn at(&self, s: Complex64) -> Complex64 {
        let mut state = self.start(self.panels.first(), s);
        let mut scale = 0.0;
        let mut reset = (state[0], 0.0);
        for panel in &self.panels {
            if !panel.cell.above_reset {
                reset.0 = Complex64::ZERO; // not there yet
            } else if reset.0 == Complex64::ZERO {
                reset = (state[0], scale);
            }
            state = panel.through(s, state).0;
            if panel.cell.kind == Kind::Leap {
                scale -= panel.cell.rise;
            }
            let size = state[0].norm() + state[1].norm();
            if !(1.0 / LARGE..=LARGE).contains(&size) {
                state = state.map(|value| value / size);
                scale += size.ln();
            }
        }
        let (at_reset, at_scale) = reset;
        state[0] - (-s * self.delay + (at_scale - scale)).exp() * at_reset
    }
}

/// The eigenvalues of a neuron at an input in a window; `delay` is `t_ref/tau_m`.
pub(crate) fn eigenvalues(flow: &impl Flow, delay: f64, window: Window) -> Eigenvalues {
    let Bounds { reset, spike, .. } = flow.bounds();
    if reset >= spike {
        return Eigenvalues { values: Vec::new(), complete: false };
    }
    let characteristic = Characteristic::new(flow, delay, window);
    let rectangle = Rectangle {
        left: window.least_real,
        right: RIGHT.min(RIGHT * window.least_real.abs()),
        top: window.most_imaginary,
        // the refractory time turns it
        steps: Steps { least: 1.0 / delay, most: 1.0 / delay },
    };
    let at = |s: Complex64| characteristic.at(s);
    // the stationary state is known
    let Zeros { values, complete } = zeros(&at, &at, rectangle, &[Complex64::ZERO]);
    Eigenvalues { values, complete }
}

/// Eigenvalues from values that are nearly theirs; `None` where one of them is not found again.
pub(crate) fn refined(flow: &impl Flow, delay: f64, near: &[Complex64]) -> Option<Vec<Complex64>> {
    let least = |of: fn(&Complex64) -> f64| near.iter().map(of).fold(0.0, f64::min);
    let window = Window { least_real: 1.1 * least(|s| s.re), most_imaginary: -1.1 * least(|s| -s.im.abs()) };
    let Bounds { reset, spike, .. } = flow.bounds();
    if reset >= spike || near.iter().any(|s| !s.is_finite()) {
        return None;
    }
    let characteristic = Characteristic::new(flow, delay, window);
    let at = |s: Complex64| characteristic.at(s);
    let again = |s: &Complex64| {
        let found = *zeros_from(&at, &[*s], NEAR * s.norm(), &[]).first()?;
        ((found - s).norm() < NEAR * s.norm()).then_some(found)
    };
    near.iter().map(again).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::flow::Leaky;
    use super::super::super::lif::SynapticFilter;
    use super::super::super::models::{Model, NeuronParameters};
    use super::*;
    use crate::measured::Worst;

    const ACCURACY: f64 = 1e-9;

    /// `mu`, `sigma`, `t_ref/tau_m`, and real and imaginary parts.
    type Known<'a> = (f64, f64, f64, &'a [(f64, f64)]);

    #[test]
    fn the_eigenvalues_of_the_lif_are_those_of_18_digits_and_none_is_missed() {
        let window = Window { least_real: -8.5, most_imaginary: 14.0 };
        let mut worst = Worst::default();
        // by the confluent hypergeometric form
        let known: [Known<'_>; 3] = [
            (
                22.0,
                2.0,
                0.0,
                &[
                    (-1.046_278_603_780_785, 3.994_096_695_211_248),
                    (-3.758_909_493_822_019, 8.373_379_267_528_064),
                    (-7.892_809_456_010_218, 12.918_722_179_403_537),
                ],
            ),
            (
                22.0,
                2.0,
                0.1,
                &[
                    (-0.872_918_565_680_654_4, 3.768_133_661_656_334),
                    (-3.111_936_902_434_824, 7.965_308_993_536_563),
                    (-6.480_600_425_892_33, 12.481_713_668_113_817),
                ],
            ),
            (
                14.0,
                4.0,
                0.1,
                &[
                    (-1.550_302_264_582_153, 0.0),
                    (-2.803_171_219_183_676, 0.0),
                    (-3.783_090_209_780_806, 0.0),
                    (-5.502_003_963_415_688, 0.0),
                    (-7.403_960_520_555_202, 0.0),
                ],
            ),
        ];
        for (mean_mv, std_mv, delay, expected) in known {
            let flow = Leaky { mean_mv, std_mv, V_reset_mv: 10.0, V_th_mv: 20.0 };
            let found = eigenvalues(&flow, delay, window);
            for (re, im) in expected {
                let s = Complex64::new(*re, *im);
                let nearest = found.values.iter().map(|value| (value - s).norm()).fold(f64::INFINITY, f64::min);
                worst.add(nearest / s.norm(), (mean_mv, std_mv, delay, s));
            }
            assert!(found.complete && found.values.len() == expected.len(), "{found:?}");
        }
        worst.must_be_at_most(ACCURACY);
    }

    /// With little noise the phase of a regular neuron diffuses: `lambda_n = 2 pi i n rate - 2 pi^2 n^2 rate CV^2`.
    #[test]
    fn every_neuron_relaxes_and_with_little_noise_as_its_phase_diffuses() {
        let finite = NeuronParameters {
            tau_m_ms: 20.0,
            t_ref_ms: 2.0,
            E_L_mv: 0.0,
            V_th_mv: 15.0,
            V_reset_mv: 10.0,
            Delta_T_mv: 2.0,
            V_peak_mv: 40.0,
            adaptation: None,
        };
        let infinite = NeuronParameters { V_reset_mv: f64::NEG_INFINITY, V_peak_mv: f64::INFINITY, ..finite };
        for (name, parameters) in [("lif", finite), ("eif", finite), ("qif", finite), ("qif", infinite)] {
            let neuron = Model::named(name, &parameters).unwrap().unwrap();
            let noisy = neuron.relaxation(13.0, 4.0, (120.0, 60.0)).unwrap();
            assert!(noisy.complete && !noisy.modes.is_empty(), "{name}: {noisy:?}");
            assert!(noisy.modes.iter().all(|mode| mode.growth_per_s < 0.0), "{name}: {noisy:?}");
            let (mean_mv, std_mv) = (25.0, 0.3);
            let (ln_rate_hz, cv) = neuron.ln_rate_and_cv(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
            let (rate_hz, cv) = (ln_rate_hz.exp(), cv.unwrap());
            let regular = neuron.relaxation(mean_mv, std_mv, (50.0, 1.5 * rate_hz)).unwrap();
            let expected = 2.0 * std::f64::consts::PI.powi(2) * rate_hz * cv * cv;
            assert!(regular.complete && regular.modes.len() == 1, "{name}: {regular:?}");
            assert!((regular.modes[0].frequency_hz / rate_hz - 1.0).abs() < 0.01, "{name}: {regular:?} {rate_hz}");
            assert!((-regular.modes[0].growth_per_s / expected - 1.0).abs() < 0.05, "{name}: {regular:?} {expected}");
        }
    }

    /// Without spikes the operator is that of Ornstein and Uhlenbeck, whose eigenvalues are the negative whole numbers.
    #[test]
    fn where_spikes_are_rare_the_eigenvalues_are_the_negative_whole_numbers() {
        let flow = Leaky { mean_mv: 0.0, std_mv: 3.0, V_reset_mv: 10.0, V_th_mv: 20.0 };
        let found = eigenvalues(&flow, 0.0, Window { least_real: -4.5, most_imaginary: 3.0 });
        assert!(found.complete && found.values.len() == 4, "{found:?}");
        for (k, value) in (1..).zip(&found.values) {
            assert!((value + f64::from(k)).norm() < 1e-6, "{found:?}");
        }
    }
}
