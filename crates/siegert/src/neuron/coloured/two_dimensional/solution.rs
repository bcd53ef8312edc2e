//! One solution of the two-dimensional equation, with some number of modes and cells, and all that follows from it.

use rayon::prelude::*;

use super::super::super::flow::Flow;
use super::super::super::lif::MS_PER_S;
use super::super::super::one_dimensional::OneDimensional;
use super::super::super::thresholds::Thresholds;
use super::super::{check_noise, total_variance_mv2};
use super::cell::{Cell, Scales, TERMS, dot};
use super::chain::{Chain, Field, Worth, is_large, stationary, with_all_that_follows};
use super::dense::Square;
use super::element::Element;
use super::gradient::{Gradient, between, coefficients};
use super::mesh::{Mesh, Spread, onset};
use super::modes::{Modes, Noise, Passage};
use super::{FilteredNoise, SmoothState};
use crate::error::DomainError;

/// A noise faster than this beside the membrane is white, and one that is weaker than this beside the others is as good as none.
const FASTEST: f64 = 1e5;
const WEAKEST: f64 = 1e-6;
/// An onset of spikes that is slower counts as this, in units of the membrane.
const SLOWEST_ONSET: f64 = 1.0;
/// Modes of several noises in units of those of one: products of few are many.
const OF_SEVERAL: f64 = 0.55;
/// The most modes of several noises: a bound on the time.
const MOST_OF_SEVERAL: f64 = 60.0;

/// The input of a neuron, checked.
pub(super) struct Input<'a> {
    filtered: &'a [FilteredNoise],
    noises: Vec<Noise>,
    white_mv2: f64,
    refractory: f64,
    variance_mv2: f64,
}

impl<'a> Input<'a> {
    /// Of a neuron.
    pub(super) fn checked(
        thresholds: Thresholds,
        mean_mv: f64,
        filtered: &'a [FilteredNoise],
        white_variance_mv2: f64,
    ) -> Result<Self, DomainError> {
        let Thresholds { tau_m_ms, t_ref_ms, .. } = thresholds;
        check_noise(mean_mv, white_variance_mv2, filtered)?;
        let white_mv2 = 0.5 * white_variance_mv2;
        let mut noises: Vec<Noise> = filtered
            .iter()
            .map(|noise| {
                let decay = (tau_m_ms / noise.tau_ms).min(FASTEST);
                Noise { decay, std_mv: (0.5 * noise.variance_mv2 * decay).sqrt() }
            })
            .collect();
        let spread_mv = noises.iter().map(|noise| noise.std_mv).fold(white_mv2.sqrt(), f64::max);
        if spread_mv == 0.0 {
            return Err(DomainError::NotPositive { name: "sigma_mv", value: 0.0 });
        }
        // one that is not there is so weak that it does nothing, and its derivative is found
        noises.iter_mut().for_each(|noise| noise.std_mv = noise.std_mv.max(WEAKEST * spread_mv));
        let variance_mv2 = total_variance_mv2(white_variance_mv2, filtered);
        Ok(Input { filtered, noises, white_mv2, refractory: t_ref_ms / tau_m_ms, variance_mv2 })
    }

    /// `sigma^2` of all noise.
    pub(super) fn variance_mv2(&self) -> f64 {
        self.variance_mv2
    }
}

/// Modes of several noises: not so many as of one alone, and fewer where they would be too many.
fn several(noises: &[Noise], passage: Passage, quality: f64) -> Modes {
    let mut part = OF_SEVERAL;
    loop {
        let modes = Modes::new(noises, passage, part * quality);
        if modes.len() as f64 <= MOST_OF_SEVERAL * quality * quality || part < 0.1 {
            return modes;
        }
        part *= 0.9;
    }
}

/// The solution with some number of modes and cells.
pub(super) struct Solution {
    chain: Chain,
    passed: Square,
    kept: Vec<f64>,
    law: Vec<f64>,
    density: Field,
    /// Time from reset to spike, over `tau_m`, not a number where nothing was found, and the same weighted with the potential above reset and its square.
    pub(super) time: f64,
    weighted: [f64; 2],
}

impl Solution {
    /// Solves it for a flow; `quality` multiplies the numbers of modes and cells.
    pub(super) fn new(flow: &impl Flow, input: &Input<'_>, quality: f64) -> Self {
        let Input { noises, white_mv2, refractory, .. } = input;
        let velocities = noises.iter().map(|noise| noise.std_mv * noise.std_mv);
        let velocity_mv = (white_mv2 + velocities.sum::<f64>()).sqrt();
        let Mesh { nodes, reset, depth } = Mesh::new(flow, &Spread { noises, white_mv2: *white_mv2 }, quality);
        let passage = Passage { onset: onset(flow, velocity_mv).max(SLOWEST_ONSET), depth };
        let modes = match noises.len() {
            0 | 1 => Modes::new(noises, passage, quality),
            _ => several(noises, passage, quality),
        };
        let scales = Scales { velocity_mv, white_mv2: *white_mv2, V_reset_mv: flow.potential(nodes[reset]).0 };
        let count = nodes.len() - 1;
        let element = |(i, ends): (usize, &[f64])| {
            let cell = Cell::new(flow, (ends[0], ends[1]), i + 1 == count, &modes, &scales);
            Element::new(cell, &modes, *white_mv2)
        };
        let elements = if is_large(count, &modes) {
            nodes.par_windows(2).enumerate().map(element).collect()
        } else {
            nodes.windows(2).enumerate().map(element).collect()
        };
        let chain = Chain::new(modes, elements, reset);
        let passed = chain.passed();
        let kept: Vec<f64> = chain.modes.decays.iter().map(|decay| (-decay * refractory).exp()).collect();
        let law = stationary(&passed, &kept);
        let density = chain.density(&law);
        let moment = |power: usize| -> f64 {
            let cells = chain.elements.iter().zip(&density.cells);
            cells.map(|(element, u)| dot(&element.cell.moments[power], u)).sum()
        };
        let time = Some(moment(0)).filter(|time| *time > 0.0).unwrap_or(f64::NAN);
        let weighted = [moment(1), moment(2)];
        Solution { passed, kept, law, time, weighted, density, chain }
    }

    /// How long it took, in cells times the third power of the modes.
    pub(super) fn work(&self) -> f64 {
        self.chain.elements.len() as f64 * (self.chain.modes.len() as f64).powi(3)
    }

    /// The logarithm of the rate in Hz.
    pub(super) fn ln_rate_hz<N: OneDimensional>(&self, neuron: &N, input: &Input<'_>) -> f64 {
        MS_PER_S.ln() - neuron.thresholds().tau_m_ms.ln() - (self.time + input.refractory).ln()
    }

    /// The variance of the time from reset to spike over the square of its mean, from the mean times to the spike from everywhere.
    fn relative_variance(&self, times: &Worth) -> f64 {
        let in_cell = |(i, element): (usize, &Element)| {
            let (times, density) = (&times.cells[i], &self.density.cells[i]);
            let mode = |n| between(coefficients(&times.inside, n), &element.cell.mass, coefficients(density, n));
            let above_base = (0..self.chain.modes.len()).map(mode).sum::<f64>();
            (times.base * dot(&element.cell.mass[0], density) + above_base) / self.time
        };
        2.0 * self.chain.elements.iter().enumerate().map(in_cell).sum::<f64>() / self.time - 1.0
    }

    /// All that is told of it.
    pub(super) fn state<N: OneDimensional>(&self, neuron: &N, input: &Input<'_>, error: f64) -> SmoothState {
        let Thresholds { tau_m_ms, t_ref_ms, V_reset_mv, .. } = neuron.thresholds();
        let size = self.chain.modes.len();
        let interval = self.time + input.refractory;
        let [mean_mv, square_mv2] = self.weighted.map(|moment| moment / interval);
        // the time to the spike, and with it what the noise that it leaves is worth later
        let sum = |element: &Element| {
            let mut sum = vec![0.0; size * TERMS];
            sum[..TERMS].copy_from_slice(&element.cell.moments[0]);
            sum
        };
        let sums: Vec<Vec<f64>> = self.chain.elements.iter().map(sum).collect();
        let times = self.chain.worth(&sums, &vec![0.0; size]);
        let share = self.time / interval;
        let later = with_all_that_follows(&self.passed, &self.kept, &times.nodes[self.chain.reset]);
        let due: Vec<f64> = later.iter().zip(&self.kept).map(|(worth, kept)| worth * kept).collect();
        let worth = self.chain.worth(&sums, &due);
        let gradient = Gradient { chain: &self.chain, density: &self.density, worth: &worth };
        let per_time = -1.0 / interval;
        let mut state = SmoothState {
            ln_rate_hz: self.ln_rate_hz(neuron, input),
            cv: share * self.relative_variance(&times).max(0.0).sqrt(),
            mean_mv: V_reset_mv + mean_mv,
            std_mv: (square_mv2 - mean_mv * mean_mv).max(0.0).sqrt(),
            d_mu: per_time * gradient.by_force(|_| 1.0),
            d_variance: Vec::new(),
            d_tau: Vec::new(),
            d_white_variance: 0.5 * per_time * gradient.by_diffusion(),
            d_tau_m: 0.0,
            d_t_ref: 0.0,
            d_V_th: per_time * gradient.by_force(|V_mv| neuron.force_per_threshold(V_mv)),
            d_V_reset: per_time * gradient.by_reset(&self.law),
            error,
        };
        let (mut forgotten, mut scaled) = (0.0, 0.0);
        for (k, (noise, filter)) in input.noises.iter().zip(input.filtered).enumerate() {
            // what the refractory time takes of the noise that a spike leaves
            let mode = |n: usize| f64::from(self.chain.modes.degrees[n][k]) * later[n] * self.law[n];
            let taken: f64 = (0..size).map(mode).sum();
            let by_std = gradient.by_std(k);
            let by_decay = gradient.by_decay(k) - input.refractory * taken;
            let by_ln_tau = -per_time * (by_decay * noise.decay + 0.5 * noise.std_mv * by_std);
            let variance_mv2 = 2.0 * noise.std_mv * noise.std_mv / noise.decay;
            state.d_variance.push(0.5 * per_time * by_std * noise.std_mv / variance_mv2);
            state.d_tau.push(by_ln_tau / filter.tau_ms);
            forgotten += noise.decay * taken;
            scaled += by_ln_tau;
        }
        state.d_t_ref = per_time * (1.0 - forgotten) / tau_m_ms;
        // times scale
        state.d_tau_m = -(1.0 + scaled + state.d_t_ref * t_ref_ms) / tau_m_ms;
        state
    }
}
