//! Where a neuron begins and ends, for how long it is silent, and how fast it is: what integrate-and-fire neurons have in common.

use crate::error::DomainError;

/// Threshold, reset, refractory time and time constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Where a spike is.
    pub V_th_mv: f64,
    /// Where the neuron is after it.
    pub V_reset_mv: f64,
    /// For how long.
    pub t_ref_ms: f64,
    /// Membrane time constant.
    pub tau_m_ms: f64,
}

impl Thresholds {
    /// `V_th - V_reset`, or this voltage where the reset is infinite, or too near or above.
    pub(crate) fn width_or(self, least_mv: f64) -> f64 {
        let width_mv = self.V_th_mv - self.V_reset_mv;
        if width_mv.is_finite() { width_mv.max(least_mv) } else { least_mv }
    }

    /// The same, if they make a neuron.
    ///
    /// # Errors
    ///
    /// `tau_m` not positive, `t_ref` negative, `V_reset` not below `V_th`, or anything not finite.
    pub fn checked(self) -> Result<Self, DomainError> {
        let Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms } = self;
        if !(tau_m_ms > 0.0 && tau_m_ms.is_finite()) {
            return Err(DomainError::NotPositive { name: "tau_m_ms", value: tau_m_ms });
        }
        if !(t_ref_ms >= 0.0 && t_ref_ms.is_finite()) {
            return Err(DomainError::OutOfRange { name: "t_ref_ms", value: t_ref_ms, least: 0.0 });
        }
        for (name, value) in [("V_th_mv", V_th_mv), ("V_reset_mv", V_reset_mv)] {
            if !value.is_finite() {
                return Err(DomainError::OutOfRange { name, value, least: f64::MIN });
            }
        }
        if V_reset_mv >= V_th_mv {
            return Err(DomainError::ResetNotBelowThreshold { V_reset_mv, V_th_mv });
        }
        Ok(self)
    }
}
