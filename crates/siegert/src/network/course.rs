//! The course of a synaptic current after one spike: one description of the kinds with a weight in pA.
//!
//! ```text
//! i(t) = w (e^(-t/tau_decay) - e^(-t/tau_rise)) / (the same at its peak)       alpha: w (t/tau) e^(1 - t/tau);   no rise: w e^(-t/tau_decay)
//! charge = w tau_decay (tau_decay/tau_rise)^(tau_rise/(tau_decay - tau_rise))   w e tau for equal times, w tau_decay without a rise
//! ```

use super::Synapse;
use crate::numerics::decays::peak;

/// Rise and decay of a current that peaks at its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurrentCourse {
    /// Rise time; 0 where the current is at its peak at once, the decay time for an alpha function.
    pub tau_rise_ms: f64,
    /// Decay time.
    pub tau_decay_ms: f64,
}

impl CurrentCourse {
    /// The charge of a current that peaks at 1 pA, in pA ms.
    pub fn charge_ms(&self) -> f64 {
        match self.tau_rise_ms {
            0.0 => self.tau_decay_ms,
            tau_rise_ms => self.tau_decay_ms / peak(self.tau_decay_ms, tau_rise_ms),
        }
    }
}

impl Synapse {
    /// The course of its current; `None` of a synapse that is not one.
    pub fn current(&self) -> Option<CurrentCourse> {
        let (tau_rise_ms, tau_decay_ms) = match *self {
            Synapse::ExponentialCurrent { tau_ms } => (0.0, tau_ms),
            Synapse::AlphaCurrent { tau_ms } => (tau_ms, tau_ms),
            Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms } => (tau_rise_ms, tau_decay_ms),
            Synapse::Delta
            | Synapse::ExponentialConductance { .. }
            | Synapse::DeltaConductance { .. }
            | Synapse::Nmda { .. } => return None,
        };
        Some(CurrentCourse { tau_rise_ms, tau_decay_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::quadrature::integrate_16;

    #[test]
    fn the_charge_is_the_integral_of_a_course_that_peaks_at_one() {
        let double = |tau_rise_ms, tau_decay_ms| Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms };
        for synapse in [
            Synapse::ExponentialCurrent { tau_ms: 3.0 },
            Synapse::AlphaCurrent { tau_ms: 3.0 },
            double(1.0, 3.0),
            double(2.999, 3.0),
            double(0.01, 3.0),
        ] {
            let course = synapse.current().unwrap();
            let (rise, decay) = (course.tau_rise_ms, course.tau_decay_ms);
            let current = |t: f64| match () {
                () if rise == 0.0 => (-t / decay).exp(),
                () if rise == decay => t / decay * (1.0 - t / decay).exp(),
                () => {
                    let peak_ms = rise * decay / (decay - rise) * (decay / rise).ln();
                    let of = |t: f64| (-t / decay).exp() - (-t / rise).exp();
                    of(t) / of(peak_ms)
                }
            };
            let charge: f64 =
                (0..24_000).map(|k| integrate_16(5e-3 * f64::from(k), 5e-3 * f64::from(k + 1), current)).sum();
            assert!((course.charge_ms() / charge - 1.0).abs() < 1e-11, "{synapse:?}: {} {charge}", course.charge_ms());
        }
    }
}
