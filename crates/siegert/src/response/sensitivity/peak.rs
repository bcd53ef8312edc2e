//! The peak of a population's power spectrum: where it is, how high, and what moves it.
//!
//! ```text
//! C = P D P^+,                        dC = P dW C + (P dW C)^+ + P dD P^+            P = (1 - W)^-1, D the noise of the populations
//! dC_aa = sum_b (2 Re P_ab sum_c dW_bc C_ca + |P_ab|^2 dD_b)                          one part for each population that receives
//! d(height)/dp = dC_aa/dp,            d(frequency)/dp = -(d2 C_aa/df dp)/(d2 C_aa/df2)       at the peak, where dC_aa/df = 0
//! ```
//!
//! Derivatives along the frequency are differences of sixth order (`numerics::stencil`) over a small part of the width of the peak.
//!
//! Source: derived here; spectra are those of `fluctuations`.
//! Accuracy: see the tests of `sensitivity`, which change the network and look for the peak anew.

use num_complex::Complex64;

use super::super::fluctuations::{Fluctuations, at_frequency};
use crate::numerics::root::{root, with_secants};
use crate::numerics::stencil::{SIXTH_ORDER, curvature, slopes};
use crate::work::{Cancelled, Work};

/// Where peaks are looked for: from 1 Hz up, so many places for each factor 10.
const PER_DECADE: i32 = 40;
const DECADES: i32 = 3;
/// A difference along the frequency is over this part of the width.
const PART_OF_WIDTH: f64 = 0.02;
/// The frequency is known to this part of itself.
const SHARP: f64 = 1e-13;

/// The highest peak of the power spectrum of a population.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peak {
    pub(super) frequency_hz: f64,
    pub(super) power_hz: f64,
    /// `d2 C/df2`.
    curvature: f64,
}

/// A place at which the spectrum counts, with what a change of each population does to it.
#[derive(Clone, Debug)]
pub(super) struct PowerAt {
    pub(super) frequency_hz: f64,
    /// By what the spectrum is multiplied there.
    pub(super) weight: f64,
    /// `P_ab` of the population whose spectrum it is, over `b`.
    pub(super) gains: Vec<Complex64>,
    /// `C_ca`, over `c`.
    pub(super) around: Vec<Complex64>,
    pub(super) sizes: Vec<f64>,
}

impl PowerAt {
    pub(super) fn lambda_per_ms(&self) -> Complex64 {
        at_frequency(self.frequency_hz)
    }

    fn new(fluctuations: &Fluctuations, population: usize, frequency_hz: f64, weight: f64) -> Option<Self> {
        let [gains, around] = fluctuations.ways(population, frequency_hz)?;
        Some(PowerAt { frequency_hz, weight, gains, around, sizes: fluctuations.sizes().to_vec() })
    }
}

impl Peak {
    /// Of a population; `None` where the spectrum has none: it falls, rises or is flat, or a mode neither grows nor decays.
    pub(super) fn of(fluctuations: &Fluctuations, population: usize, work: &Work) -> Result<Option<Self>, Cancelled> {
        let power = |hz: f64| {
            let found = fluctuations.ways(population, hz);
            found.map_or(f64::NAN, |[_, around]| around[population].re)
        };
        let mut looked_at = Vec::new();
        for k in 0..=DECADES * PER_DECADE {
            work.check()?;
            let hz = 10f64.powf(f64::from(k) / f64::from(PER_DECADE));
            looked_at.push((hz, power(hz)));
        }
        let is_peak = |three: &&[(f64, f64)]| three[1].1 > three[0].1 && three[1].1 > three[2].1;
        let peaks = looked_at.windows(3).filter(is_peak);
        let Some(around) = peaks.max_by(|p, q| p[1].1.total_cmp(&q[1].1)) else { return Ok(None) };
        let (from, to) = (around[0].0, around[2].0);
        let step = |hz: f64| PART_OF_WIDTH * (to - from).min(hz);
        let slope = |hz: f64, step: f64| {
            let [slope] = slopes(step, |by| [power(hz + by).into()]);
            slope.re
        };
        let coarse = |hz: f64| slope(hz, step(hz));
        let start = around[1].0;
        let near = root(
            [to, from],
            start,
            0.0,
            |hz| 1e-6 * hz,
            with_secants([(from, coarse(from)), (to, coarse(to))], coarse),
        );
        // then by steps that the width of the peak asks for, which is narrow near an oscillation
        let bend = curvature(step(near), |by| power(near + by));
        let width_hz = (power(near) / bend.abs()).sqrt().min(to - from);
        let fine_hz = PART_OF_WIDTH * width_hz;
        let fine = |hz: f64| slope(hz, fine_hz);
        let ends = [(near + width_hz, fine(near + width_hz)), (near - width_hz, fine(near - width_hz))];
        let bracket = [near + width_hz, near - width_hz];
        let frequency_hz = root(bracket, near, 0.0, |hz| SHARP * hz, with_secants([ends[1], ends[0]], fine));
        let bend = curvature(fine_hz, |by| power(frequency_hz + by));
        let peak = Peak { frequency_hz, power_hz: power(frequency_hz), curvature: bend };
        Ok((bend < 0.0 && peak.power_hz.is_finite()).then_some(peak))
    }

    /// The places that make its height.
    pub(super) fn of_height(&self, fluctuations: &Fluctuations, population: usize) -> Option<Vec<PowerAt>> {
        Some(vec![PowerAt::new(fluctuations, population, self.frequency_hz, 1.0)?])
    }

    /// The places that make its frequency.
    pub(super) fn of_frequency(&self, fluctuations: &Fluctuations, population: usize) -> Option<Vec<PowerAt>> {
        let step_hz = PART_OF_WIDTH * (self.power_hz / -self.curvature).sqrt().min(self.frequency_hz);
        let place = |(places, weight): (f64, f64)| {
            let weight = -weight / (step_hz * self.curvature);
            PowerAt::new(fluctuations, population, self.frequency_hz + places * step_hz, weight)
        };
        SIXTH_ORDER.into_iter().map(place).collect()
    }
}
