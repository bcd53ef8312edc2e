//! Models of a few variables by name, and what they have in common: slopes, derivatives, fixed points near a place.
//!
//! ```text
//! adaptation of the mean (Gast, Schmidt and Knosche 2020):  tau r' = Delta/(pi tau) + 2 r v,  tau v' = v^2 + eta + J tau r - A - (pi tau r)^2,  tau_a A' = -A + alpha tau_a tau r
//! inhibition through synapses (Devalle, Roxin and Montbrio 2017):  r' = Delta/pi + 2 r v,  v' = v^2 + eta - J s - (pi r)^2,  tau_d s' = -s + r
//! decisions (Wong and Wang 2006, J Neurosci 26:1314, appendix):  S_i' = -S_i/tau_S + (1 - S_i) gamma H(I_i),  H(I) = (a I - b)/(1 - exp(-d (a I - b))),
//!     I_i = J_same S_i - J_cross S_j + I_0 + J_ext mu_0 (1 +- coherence)
//! ```
//!
//! Accuracy: fixed points 1e-12, bifurcations 1e-8 by [`branch`](super::branch()), as far as the digits of the other programs that they were compared with go (`tests/reduced_models.rs`).

use num_complex::Complex64;

use super::equations::Reduction;
use crate::numerics::linear::Matrix;

/// Steps of Newton's method, and when it is at its end.
const STEPS: usize = 60;
const CONVERGED: f64 = 1e-14;

/// A model of few variables that changes by itself, without delays.
pub trait LowDimensional {
    /// How many variables it has.
    fn variables(&self) -> usize;

    /// How they change.
    fn slopes(&self, y: &[f64]) -> Vec<f64>;

    /// The derivatives of the slopes, row by row; by central differences unless a model knows better.
    fn jacobian(&self, y: &[f64]) -> Vec<Vec<f64>> {
        let n = self.variables();
        let mut rows = vec![vec![0.0; n]; n];
        for j in 0..n {
            let h = 1e-6 * y[j].abs().max(1e-3);
            let shifted = |by: f64| {
                let mut there = y.to_vec();
                there[j] += by;
                self.slopes(&there)
            };
            let (above, below) = (shifted(h), shifted(-h));
            for (row, (above, below)) in rows.iter_mut().zip(above.iter().zip(below)) {
                row[j] = (above - below) / (2.0 * h);
            }
        }
        rows
    }

    /// The eigenvalues of the linearised equations, rightmost first; none where they are no numbers.
    fn eigenvalues(&self, y: &[f64]) -> Vec<Complex64> {
        let found = matrix(&self.jacobian(y)).eigenvalues().unwrap_or_default();
        let mut found: Vec<Complex64> = found.into_iter().map(|(re, im)| Complex64::new(re, im)).collect();
        found.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        found
    }

    /// The fixed point that Newton's method leads to from a place, if it does.
    fn fixed_point(&self, from: &[f64]) -> Option<Vec<f64>> {
        let mut y = from.to_vec();
        if y.len() != self.variables() {
            return None;
        }
        for _ in 0..STEPS {
            let step = matrix(&self.jacobian(&y)).solve(&self.slopes(&y));
            let size = y.iter().map(|y| y.abs()).fold(1e-3, f64::max);
            let longest = step.iter().map(|step| step.abs()).fold(0.0, f64::max);
            if !longest.is_finite() {
                return None;
            }
            y.iter_mut().zip(&step).for_each(|(y, step)| *y -= step);
            if longest <= CONVERGED * size {
                return Some(y);
            }
        }
        // as good as rounding lets it be
        let (slopes, step) = (self.slopes(&y), matrix(&self.jacobian(&y)).solve(&self.slopes(&y)));
        let is_small = step.iter().zip(&y).all(|(step, y)| step.abs() <= 1e-9 * y.abs().max(1e-3));
        (is_small && slopes.iter().all(|slope| slope.is_finite())).then_some(y)
    }
}

/// Rows as a matrix.
pub(super) fn matrix(rows: &[Vec<f64>]) -> Matrix {
    let mut matrix = Matrix::zeros(rows.len(), rows.len());
    for (i, row) in rows.iter().enumerate() {
        matrix.row_mut(i).copy_from_slice(row);
    }
    matrix
}

/// A reduction with the drives that act before time 0; delays are left out of slopes (fixed points do not depend on them) and of eigenvalues.
///
/// Variables are `r` (1/ms) and `<V> - V_th` (mV) of each population, then the stages of its synapses.
impl LowDimensional for Reduction {
    fn variables(&self) -> usize {
        Reduction::variables(self)
    }

    fn slopes(&self, y: &[f64]) -> Vec<f64> {
        let mut slopes = vec![0.0; y.len()];
        Reduction::slopes(self, 0.0, y, |b, _| y[2 * b], &mut slopes);
        slopes
    }

    fn jacobian(&self, y: &[f64]) -> Vec<Vec<f64>> {
        let matrix = Reduction::jacobian(self, y, &self.factors_before());
        (0..y.len()).map(|row| matrix.row(row).to_vec()).collect()
    }
}

/// Quadratic neurons that excite each other at once and adapt to their mean activity: variables `r`, `v` and `A/(alpha tau_a tau)`.
pub fn qif_with_adaptation(eta: f64, Delta: f64, J: f64, tau: f64, alpha: f64, tau_a: f64) -> Reduction {
    Reduction::dimensionless(eta, Delta, tau).with_coupling([0, 0], J, 0.0, 0.0, 0.0).with_coupling(
        [0, 0],
        -alpha * tau_a,
        0.0,
        tau_a,
        0.0,
    )
}

/// Quadratic neurons that inhibit each other through synapses with a decay time, `tau = 1`: variables `r`, `v`, `s`.
pub fn qif_inhibitory(eta: f64, Delta: f64, J: f64, tau_d: f64) -> Reduction {
    Reduction::dimensionless(eta, Delta, 1.0).with_coupling([0, 0], -J, 0.0, tau_d, 0.0)
}

/// Two populations that compete, of Wong and Wang (2006); variables are the gates `S_1` and `S_2`, time is in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WongWang {
    /// Gain of the input, Hz/nA.
    pub a: f64,
    /// Offset, Hz.
    pub b: f64,
    /// Curvature, s.
    pub d: f64,
    /// How far a spike opens the gates.
    pub gamma: f64,
    /// Decay time of the gates.
    pub tau_S_s: f64,
    /// Coupling within a population, nA.
    pub JN_same: f64,
    /// Coupling across, nA.
    pub JN_cross: f64,
    /// What the stimulus drives, nA/Hz.
    pub JA_ext: f64,
    /// Background, nA.
    pub I0: f64,
    /// Stimulus, Hz.
    pub mu0: f64,
    /// By which part it differs between both.
    pub coherence: f64,
}

impl Default for WongWang {
    fn default() -> Self {
        WongWang {
            a: 270.0,
            b: 108.0,
            d: 0.154,
            gamma: 0.641,
            tau_S_s: 0.1,
            JN_same: 0.2609,
            JN_cross: 0.0497,
            JA_ext: 0.00052,
            I0: 0.3255,
            mu0: 0.0,
            coherence: 0.0,
        }
    }
}

impl WongWang {
    /// The input of both populations, nA.
    fn inputs(&self, y: &[f64]) -> [f64; 2] {
        let stimulus = |sign: f64| self.I0 + self.JA_ext * self.mu0 * (1.0 + sign * self.coherence);
        [
            self.JN_same * y[0] - self.JN_cross * y[1] + stimulus(1.0),
            self.JN_same * y[1] - self.JN_cross * y[0] + stimulus(-1.0),
        ]
    }

    /// `H` in Hz, and its derivative with the input.
    fn rate(&self, input: f64) -> [f64; 2] {
        let x = self.a * input - self.b;
        let z = self.d * x;
        if z.abs() < 1e-5 {
            return [(1.0 + 0.5 * z) / self.d, self.a * (0.5 + z / 6.0)];
        }
        let below = -(-z).exp_m1();
        [x / below, self.a * (1.0 / below - z * (-z).exp() / (below * below))]
    }

    /// The rates of both populations.
    pub fn rates_hz(&self, y: &[f64]) -> [f64; 2] {
        self.inputs(y).map(|input| self.rate(input)[0])
    }
}

impl LowDimensional for WongWang {
    fn variables(&self) -> usize {
        2
    }

    fn slopes(&self, y: &[f64]) -> Vec<f64> {
        let rates = self.rates_hz(y);
        y.iter().zip(rates).map(|(S, rate)| -S / self.tau_S_s + (1.0 - S) * self.gamma * rate).collect()
    }

    fn jacobian(&self, y: &[f64]) -> Vec<Vec<f64>> {
        let inputs = self.inputs(y);
        let row = |i: usize| {
            let [rate, slope] = self.rate(inputs[i]);
            let by_input = (1.0 - y[i]) * self.gamma * slope;
            let mut row = vec![-self.JN_cross * by_input; 2];
            row[i] = -1.0 / self.tau_S_s - self.gamma * rate + self.JN_same * by_input;
            row
        };
        vec![row(0), row(1)]
    }
}
