//! Records of noise with a given spectrum, by Fourier transforms.
//!
//! ```text
//! Gaussian:  x = sum_k sqrt(D_k/(2 n h)) (a_k + i b_k) exp(2 pi i k t/n),    a, b standard normal
//! jumps:     x = (h - delta) * eta,    |H(f)|^2 = D(f)/D(infinity),    H of minimum phase
//! ```
//!
//! `D` is the two-sided spectrum of what drives the potential, `dV/dt = (mu - V)/tau_m + x`, in mV^2/ms: `sigma^2/tau_m` where it is white. A record is periodic.
//! With jumps, `eta` are Poisson trains of jumps of the sizes that spikes have; the filter `H` gives their sum the spectrum of spikes that come less
//! (or more) regularly. Its impulse at time 0 leaves the jumps as they are, and what follows each is smooth.
//!
//! Source: Oppenheim and Schafer (1989), Discrete-Time Signal Processing, section 12.7 (minimum phase from the cepstrum).

use std::f64::consts::SQRT_2;
use std::sync::Arc;

use num_complex::Complex64;
use rand::RngExt;
use rand_distr::StandardNormal;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::numerics::random::Sequence;

/// The least power of a filter beside that of white noise.
const LEAST_POWER: f64 = 1e-9;

/// Fourier transforms of records of one length.
#[derive(Clone)]
pub(super) struct Transforms {
    forward: Arc<dyn RealToComplex<f64>>,
    backward: Arc<dyn ComplexToReal<f64>>,
    steps: usize,
}

/// What a transform needs beside its data.
pub(super) struct Workspace {
    /// Values at frequencies.
    pub(super) frequencies: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl Transforms {
    /// Of records of `steps` steps, an even number.
    pub(super) fn new(steps: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        Transforms { forward: planner.plan_fft_forward(steps), backward: planner.plan_fft_inverse(steps), steps }
    }

    pub(super) fn workspace(&self) -> Workspace {
        let length = self.forward.get_scratch_len().max(self.backward.get_scratch_len());
        Workspace { frequencies: vec![Complex64::ZERO; self.steps / 2 + 1], scratch: vec![Complex64::ZERO; length] }
    }

    /// From times, which are lost, to frequencies.
    pub(super) fn forward(&self, times: &mut [f64], space: &mut Workspace) {
        // lengths are those of the plan
        let done = self.forward.process_with_scratch(times, &mut space.frequencies, &mut space.scratch);
        debug_assert!(done.is_ok());
    }

    /// From frequencies, which are lost, to times; not divided by the number of steps.
    pub(super) fn backward(&self, space: &mut Workspace, times: &mut [f64]) {
        // a real record has no phase at either end
        let last = space.frequencies.len() - 1;
        space.frequencies[0].im = 0.0;
        space.frequencies[last].im = 0.0;
        let done = self.backward.process_with_scratch(&mut space.frequencies, times, &mut space.scratch);
        debug_assert!(done.is_ok());
    }

    /// `H - 1`, of the filter of minimum phase with `|H|^2 = power` at each frequency.
    pub(super) fn after_impulse(&self, power: &[f64]) -> Vec<Complex64> {
        let mut space = self.workspace();
        let half_logarithm = |power: &f64| Complex64::new(0.5 * power.max(LEAST_POWER).ln(), 0.0);
        space.frequencies.iter_mut().zip(power).for_each(|(z, power)| *z = half_logarithm(power));
        let mut cepstrum = vec![0.0; self.steps];
        self.backward(&mut space, &mut cepstrum);
        let middle = self.steps / 2;
        for (i, value) in cepstrum.iter_mut().enumerate() {
            let times = match i {
                0 => 1.0,
                i if i < middle => 2.0,
                i if i == middle => 1.0,
                _ => 0.0,
            };
            *value *= times / self.steps as f64;
        }
        self.forward(&mut cepstrum, &mut space);
        space.frequencies.iter().map(|z| z.exp() - 1.0).collect()
    }
}

/// The amplitudes `sqrt(D/(2 n h))` of Gaussian noise of a spectrum in mV^2/ms.
pub(super) fn amplitudes(spectrum: &[f64], record_ms: f64) -> Vec<f64> {
    spectrum.iter().map(|power| (power.max(0.0) / (2.0 * record_ms)).sqrt()).collect()
}

/// Adds Gaussian noise to the values at frequencies.
pub(super) fn add_gaussian(amplitudes: &[f64], random: &mut Sequence, frequencies: &mut [Complex64]) {
    let last = frequencies.len() - 1;
    for (k, (z, amplitude)) in frequencies.iter_mut().zip(amplitudes).enumerate() {
        let [a, b]: [f64; 2] = [random.sample(StandardNormal), random.sample(StandardNormal)];
        // what is real has the variance of both parts
        let is_real = k == 0 || k == last;
        *z += if is_real { Complex64::new(SQRT_2 * a, 0.0) } else { Complex64::new(a, b) } * *amplitude;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::random::Stream;

    #[test]
    fn a_filter_of_minimum_phase_has_its_power_and_no_effect_before_its_cause() {
        let steps = 1024;
        let transforms = Transforms::new(steps);
        // of a first-order process
        let response = |k: usize| {
            let turn = Complex64::from_polar(1.0, -2.0 * std::f64::consts::PI * k as f64 / steps as f64);
            (1.0 - 0.5 * turn) / (1.0 - 0.9 * turn)
        };
        let power: Vec<f64> = (0..=steps / 2).map(|k| response(k).norm_sqr()).collect();
        let found = transforms.after_impulse(&power);
        for (k, found) in found.iter().enumerate() {
            assert!((found + 1.0 - response(k)).norm() < 1e-9, "{k}: {found}");
        }
    }

    #[test]
    fn gaussian_noise_has_the_variance_of_its_spectrum() {
        let (steps, step_ms) = (4096, 0.1);
        let transforms = Transforms::new(steps);
        let mut space = transforms.workspace();
        let mut x = vec![0.0; steps];
        let of = amplitudes(&vec![0.3; steps / 2 + 1], steps as f64 * step_ms);
        let mut random = Stream::new(1, 0, 0).sequence();
        let mut square = 0.0;
        for _ in 0..50 {
            space.frequencies.fill(Complex64::ZERO);
            add_gaussian(&of, &mut random, &mut space.frequencies);
            transforms.backward(&mut space, &mut x);
            square += x.iter().map(|x| x * x).sum::<f64>() / (50 * steps) as f64;
        }
        // D/h, known to sqrt(2/204800)
        assert!((square / 3.0 - 1.0).abs() < 0.015, "{square}");
    }
}
