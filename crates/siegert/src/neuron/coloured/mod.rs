//! Neurons in noise that is filtered by synapses, whatever their time constants.
//!
//! ```text
//! tau_m dV/dt = F(V) + mu + sigma_w sqrt(tau_m) xi_0 + sum_k y_k,    tau_k dy_k/dt = -y_k + z_k
//! z_k = sigma_k sqrt(tau_m) xi_k,    or, of currents that rise before they decay,    tau_rise dz_k/dt = -z_k + sigma_k sqrt(tau_m) xi_k
//! ```
//!
//! | file | which neurons | method |
//! | --- | --- | --- |
//! | `linear` | the LIF, whose membrane without a threshold is a Gaussian process | the law of its threshold crossings |
//! | `two_dimensional` | those whose spikes begin by themselves (EIF, QIF) | the Fokker-Planck equation of potential and noise |
//!
//! The first needs a linear membrane, the second that nothing happens at a sharp edge; each does what the other cannot.

mod linear;
mod two_dimensional;

use super::exponential::Eif;
use super::lif::MembranePotential;
use super::quadratic::Qif;
use crate::error::DomainError;
pub use linear::FilteredGradient;
pub use two_dimensional::SmoothState;
pub(super) use two_dimensional::{filtered_ln_rate_hz, filtered_state};

/// Most different time constants that are kept apart, of which a current with a rise has two; those nearest to each other are taken together beyond.
pub(crate) const MOST_TIME_CONSTANTS: usize = 4;

/// Noise through synapses of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FilteredNoise {
    /// What it adds to `sigma^2`, as if it were white.
    pub variance_mv2: f64,
    /// Its time constant, with which the currents decay.
    pub tau_ms: f64,
    /// The time constant with which they rise: 0 of exponential currents, the other one of alpha functions.
    pub tau_rise_ms: f64,
}

impl FilteredNoise {
    /// Of exponential currents.
    pub fn exponential(variance_mv2: f64, tau_ms: f64) -> Self {
        FilteredNoise { variance_mv2, tau_ms, tau_rise_ms: 0.0 }
    }

    /// Rise and decay together: the variance of the current is `sigma^2 tau_m/2` over this time.
    fn time_ms(&self) -> f64 {
        self.tau_ms + self.tau_rise_ms
    }

    /// How many time constants it has.
    fn count(&self) -> usize {
        1 + usize::from(self.tau_rise_ms > 0.0)
    }
}

/// Filtered noise of few time constants, as a plain value: those nearest to each other are one where there are more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FilteredNoises {
    count: usize,
    each: [FilteredNoise; MOST_TIME_CONSTANTS],
}

impl FilteredNoises {
    /// Adds noise of a time constant; none is nothing.
    pub fn add(&mut self, noise: FilteredNoise) {
        if noise.variance_mv2 <= 0.0 {
            return;
        }
        let all: Vec<FilteredNoise> = self.as_slice().iter().copied().chain([noise]).collect();
        let kept = Noise::new(0.0, &all).filtered;
        self.count = kept.len();
        self.each[..kept.len()].copy_from_slice(&kept);
    }

    /// The same with variances times a factor.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.each[..self.count].iter_mut().for_each(|noise| noise.variance_mv2 *= factor);
        self
    }

    /// Each, the slowest first.
    pub fn as_slice(&self) -> &[FilteredNoise] {
        &self.each[..self.count]
    }
}

/// What a neuron does in filtered noise.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FilteredState {
    /// Natural logarithm of the rate in Hz.
    pub ln_rate_hz: f64,
    /// CV of one interval; `None` where it is not known (currents that stand still), or without spikes.
    pub cv: Option<f64>,
    /// Mean and standard deviation of the potential, refractory neurons at `V_reset`; `None` where they are not known.
    pub potential: Option<MembranePotential>,
    /// Estimate of the relative error of the rate.
    pub error: f64,
}

impl SmoothState {
    /// What any neuron says of itself; `None` where nothing was found.
    pub(super) fn state(&self) -> Option<FilteredState> {
        let potential = MembranePotential { mean_mv: self.mean_mv, std_mv: self.std_mv };
        self.ln_rate_hz.is_finite().then(|| FilteredState {
            ln_rate_hz: self.ln_rate_hz,
            cv: Some(self.cv).filter(|cv| cv.is_finite()),
            potential: (potential.mean_mv.is_finite() && potential.std_mv.is_finite()).then_some(potential),
            error: self.error,
        })
    }
}

/// Neurons whose spikes begin by themselves, by name.
macro_rules! smooth {
    ($($neuron:ty),+) => {$(
        impl $neuron {
            /// The state in filtered noise of any time constants, and white noise of variance `sigma_w^2` beside it, with derivatives.
            ///
            /// # Errors
            ///
            /// An input that is not finite, a variance that is negative, a time constant that is not positive, or no noise at all.
            pub fn filtered_state(
                &self,
                mean_mv: f64,
                filtered: &[FilteredNoise],
                white_variance_mv2: f64,
            ) -> Result<SmoothState, DomainError> {
                filtered_state(self, mean_mv, filtered, white_variance_mv2)
            }
        }
    )+};
}

smooth!(Eif, Qif);

/// A mean and noise must be sensible before a method is asked.
fn check_noise(mean_mv: f64, white_variance_mv2: f64, filtered: &[FilteredNoise]) -> Result<(), DomainError> {
    if !mean_mv.is_finite() {
        return Err(DomainError::OutOfRange { name: "mu_mv", value: mean_mv, least: f64::MIN });
    }
    let variances = filtered.iter().map(|noise| ("variance_mv2", noise.variance_mv2));
    for (name, value) in variances.chain([("white_variance_mv2", white_variance_mv2)]) {
        if !(value >= 0.0 && value.is_finite()) {
            return Err(DomainError::OutOfRange { name, value, least: 0.0 });
        }
    }
    for &FilteredNoise { tau_ms, tau_rise_ms, .. } in filtered {
        if !(tau_ms > 0.0 && tau_ms.is_finite()) {
            return Err(DomainError::NotPositive { name: "tau_ms", value: tau_ms });
        }
        if !(tau_rise_ms >= 0.0 && tau_rise_ms.is_finite()) {
            return Err(DomainError::OutOfRange { name: "tau_rise_ms", value: tau_rise_ms, least: 0.0 });
        }
    }
    Ok(())
}

/// Noise of a neuron: white, and filtered, the slowest first.
#[derive(Clone, Debug)]
pub(in crate::neuron) struct Noise {
    white_mv2: f64,
    filtered: Vec<FilteredNoise>,
}

impl Noise {
    fn new(white_mv2: f64, filtered: &[FilteredNoise]) -> Self {
        let mut filtered = filtered.to_vec();
        let slowest_first = |a: &FilteredNoise, b: &FilteredNoise| {
            b.time_ms().total_cmp(&a.time_ms()).then(b.tau_ms.total_cmp(&a.tau_ms))
        };
        filtered.sort_by(slowest_first);
        // time constants too near to each other make the same noise, and so do too many of them
        let are_too_many =
            |all: &[FilteredNoise]| all.iter().map(FilteredNoise::count).sum::<usize>() > MOST_TIME_CONSTANTS;
        while let Some(i) = (1..filtered.len()).min_by(|&i, &j| ratio(&filtered, i).total_cmp(&ratio(&filtered, j))) {
            if !are_too_many(&filtered) && ratio(&filtered, i) > 1.001 {
                break;
            }
            let (slow, fast) = (filtered[i - 1], filtered.remove(i));
            filtered[i - 1] = together(slow, fast);
        }
        Noise { white_mv2, filtered }
    }

    fn total(&self) -> f64 {
        total_variance_mv2(self.white_mv2, &self.filtered)
    }
}

/// `sigma^2` of white and filtered noise together.
pub(super) fn total_variance_mv2(white_variance_mv2: f64, filtered: &[FilteredNoise]) -> f64 {
    white_variance_mv2 + filtered.iter().map(|noise| noise.variance_mv2).sum::<f64>()
}

/// How far a noise is from the one before, as the ratio of their time constants.
fn ratio(filtered: &[FilteredNoise], i: usize) -> f64 {
    let (slow, fast) = (filtered[i - 1], filtered[i]);
    let decays = slow.tau_ms / fast.tau_ms;
    (slow.time_ms() / fast.time_ms()).max(decays).max(1.0 / decays)
}

/// Two as one with the same noise and the same variance of the current, whose rise is the same part of its time in the mean.
fn together(a: FilteredNoise, b: FilteredNoise) -> FilteredNoise {
    let variance_mv2 = a.variance_mv2 + b.variance_mv2;
    let mean = |of: fn(&FilteredNoise) -> f64| a.variance_mv2 * of(&a) + b.variance_mv2 * of(&b);
    let current = mean(|it| 1.0 / it.time_ms());
    if current == 0.0 {
        return FilteredNoise { variance_mv2, ..a };
    }
    let time_ms = variance_mv2 / current;
    let tau_rise_ms = time_ms * mean(|it| it.tau_rise_ms / it.time_ms()) / variance_mv2;
    FilteredNoise { variance_mv2, tau_ms: time_ms - tau_rise_ms, tau_rise_ms }
}
