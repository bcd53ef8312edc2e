//! The leaky integrate-and-fire neuron in white noise.
//!
//! ```text
//! tau_m dV/dt = -(V - mu) + sigma sqrt(tau_m) xi(t),    spike at V_th, then V_reset for t_ref
//! ```
//!
//! Formulas depend on the distances of reset and threshold from the mean input in units of the noise,
//! `x_reset = (V_reset - mu)/sigma` and `x_th = (V_th - mu)/sigma`. One file a quantity:
//!
//! | file | quantity |
//! | --- | --- |
//! | `passage` | mean time from reset to threshold, in units of `tau_m`, with its derivatives |
//! | `rate` | stationary rate, log-rate and their derivatives |
//! | `batch` | rates over arrays |
//! | `noiseless` | the limit `sigma = 0` |
//! | `cv` | coefficient of variation of the interspike intervals |
//! | `response` | linear response to modulations, power spectrum of the spikes |
//! | `density` | stationary density and flux of the membrane potential |
//! | `inverse` | the mean input that gives a rate |
//! | `shot_noise` | jumps of finite size, to second order |
//! | `grid` | a threshold that is only looked at every `dt` |
//! | `threshold` | the threshold that gives a rate |
//! | `waiting` | logarithm of the mean passage time, and its bounds |
//! | `filter` | exponentially filtered noise (synapses with a time constant) |

mod batch;
mod cv;
mod density;
mod filter;
mod grid;
mod inverse;
mod noiseless;
mod passage;
mod rate;
mod response;
mod shot_noise;
mod threshold;
mod waiting;

pub use density::MembranePotential;
pub(crate) use density::{Potentials, Steps};
pub(crate) use filter::LARGEST_SMALL_K;
pub use filter::SynapticFilter;
#[cfg(test)]
pub(crate) use grid::SAMPLED;
pub(crate) use grid::{Rounded, rounded_up, step_delay};
pub use rate::{LifState, LogRate};
pub use response::Response;
pub(crate) use response::{Modulated, renewal_power};
pub use shot_noise::{JumpSize, ShotNoise};

use super::thresholds::Thresholds;
use crate::error::DomainError;

pub(crate) const MS_PER_S: f64 = 1000.0;

/// Parameters of the neuron, as given by a user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LifParameters {
    /// Membrane time constant.
    pub tau_m_ms: f64,
    /// Refractory time.
    pub t_ref_ms: f64,
    /// Threshold.
    pub V_th_mv: f64,
    /// Reset potential.
    pub V_reset_mv: f64,
}

/// A leaky integrate-and-fire neuron whose parameters have been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lif {
    tau_m_ms: f64,
    t_ref_ms: f64,
    V_th_mv: f64,
    V_reset_mv: f64,
}

impl Lif {
    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// `tau_m` not positive, `t_ref` negative, `V_reset` not below `V_th`, or anything not finite.
    pub fn new(parameters: LifParameters) -> Result<Self, DomainError> {
        let LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv } = parameters;
        Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms }.checked()?;
        Ok(Lif { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv })
    }

    /// The parameters.
    pub fn parameters(&self) -> LifParameters {
        LifParameters {
            tau_m_ms: self.tau_m_ms,
            t_ref_ms: self.t_ref_ms,
            V_th_mv: self.V_th_mv,
            V_reset_mv: self.V_reset_mv,
        }
    }

    /// The rate that no input exceeds, `1 / t_ref`; infinite without refractory time.
    pub fn rate_limit_hz(&self) -> f64 {
        MS_PER_S / self.t_ref_ms
    }

    /// Reset and threshold in units of the noise, moved by `shift` (see `filter`).
    fn interval(&self, mu: f64, sigma: f64, shift: f64) -> passage::Interval {
        passage::Interval {
            reset: (self.V_reset_mv - mu) / sigma + shift,
            th: (self.V_th_mv - mu) / sigma + shift,
            width: (self.V_th_mv - self.V_reset_mv) / sigma,
        }
    }
}

/// A neuron and an input must be sensible before a formula is asked.
pub(in crate::neuron) fn check_input(mu_mv: f64, sigma_mv: f64) -> Result<(), DomainError> {
    if !mu_mv.is_finite() {
        return Err(DomainError::OutOfRange { name: "mu_mv", value: mu_mv, least: f64::MIN });
    }
    if !(sigma_mv >= 0.0 && sigma_mv.is_finite()) {
        return Err(DomainError::OutOfRange { name: "sigma_mv", value: sigma_mv, least: 0.0 });
    }
    Ok(())
}

/// Neuron, mean and noise of a row of a reference table.
#[cfg(test)]
pub(in crate::neuron) fn of_row(row: &crate::measured::Row) -> (Lif, f64, f64) {
    use crate::measured::number;
    let lif = Lif::new(LifParameters {
        tau_m_ms: number(row, "tau_m_ms"),
        t_ref_ms: number(row, "t_ref_ms"),
        V_th_mv: number(row, "V_th_mv"),
        V_reset_mv: number(row, "V_reset_mv"),
    });
    (lif.unwrap(), number(row, "mu_mv"), row.get("sigma_mv").map_or(0.0, |sigma| sigma.parse().unwrap()))
}

#[cfg(test)]
pub(crate) const BRUNEL: Lif = Lif { tau_m_ms: 20.0, t_ref_ms: 2.0, V_th_mv: 20.0, V_reset_mv: 10.0 };
