//! How the neurons of a population differ: laws of their parameters, from which every neuron draws once.
//!
//! A draw that makes no neuron is drawn again, so a law is cut at bounds. With `V_th`, `tau_m` the centres of their laws:
//!
//! ```text
//! lif, perfect:     V_th > V_reset + (centre - V_reset)/10
//! eif, qif, adex:   V_th < V_peak - (V_peak - centre)/10           no bound if V_peak is infinite
//! all:              tau_m > centre/10
//! ```
//!
//! The margin of a tenth keeps a threshold off the reset, where rates would be infinite. Resting potentials and currents have no bounds. At
//! least half of a law must lie within its bounds.

use serde::{Serialize, Serializer};

use super::{Law, Neuron, NeuronModel};

/// The part of the way from the centre of a law to where there is no neuron any more that is left free.
const MARGIN: f64 = 0.1;

/// The parameters that differ between the neurons of a type, each with its law; the neuron's own value is the centre of the law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Differences {
    /// Of the threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub V_th_mv: Option<Law>,
    /// Of the membrane time constant, at the same capacitance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tau_m_ms: Option<Law>,
    /// Of the resting potential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub E_L_mv: Option<Law>,
}

impl Differences {
    /// All neurons alike.
    pub const NONE: Differences = Differences { V_th_mv: None, tau_m_ms: None, E_L_mv: None };

    /// Whether all neurons are alike.
    pub fn is_none(&self) -> bool {
        *self == Differences::NONE
    }
}

/// A law of which only values between two bounds are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CutLaw {
    pub(crate) law: Law,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl CutLaw {
    /// All of a law.
    pub(crate) fn whole(law: Law) -> Self {
        CutLaw { law, low: f64::NEG_INFINITY, high: f64::INFINITY }
    }

    /// The part of the law between the bounds.
    pub(crate) fn kept(&self) -> f64 {
        self.law.cumulative(self.high) - self.law.cumulative(self.low)
    }

    /// The value below which the part `p`, from 0 to 1, of what is kept lies.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        // the ends by themselves: a quantile of 0 or 1 may be infinite
        if p <= 0.0 {
            return self.low;
        }
        if p >= 1.0 {
            return self.high;
        }
        let below = self.law.cumulative(self.low);
        self.law.quantile(below + p * self.kept()).clamp(self.low, self.high)
    }
}

impl Neuron {
    /// The same with thresholds that differ between neurons by a law.
    #[must_use]
    pub fn with_V_th_mv(self, law: impl Into<Law>) -> Self {
        let law = law.into();
        let differences = Differences { V_th_mv: law.differing(), ..self.differences };
        Neuron { V_th_mv: law.center(), differences, ..self }
    }

    /// The same with membrane time constants that differ between neurons by a law, at the same capacitance.
    #[must_use]
    pub fn with_tau_m_ms(self, law: impl Into<Law>) -> Self {
        let law = law.into();
        let differences = Differences { tau_m_ms: law.differing(), ..self.differences };
        Neuron { tau_m_ms: law.center(), differences, ..self }
    }

    /// The same with resting potentials that differ between neurons by a law.
    #[must_use]
    pub fn with_E_L_mv(self, law: impl Into<Law>) -> Self {
        let law = law.into();
        let differences = Differences { E_L_mv: law.differing(), ..self.differences };
        Neuron { E_L_mv: law.center(), differences, ..self }
    }

    /// The law of the thresholds with its bounds, if they differ.
    pub(crate) fn V_th_law(&self) -> Option<CutLaw> {
        let law = self.differences.V_th_mv?;
        let (low, high) = match self.model {
            NeuronModel::Lif | NeuronModel::Perfect => {
                (self.V_reset_mv + MARGIN * (self.V_th_mv - self.V_reset_mv), f64::INFINITY)
            }
            NeuronModel::Eif { V_peak_mv, .. }
            | NeuronModel::Qif { V_peak_mv, .. }
            | NeuronModel::Adex { V_peak_mv, .. } => {
                let room_mv = V_peak_mv - self.V_th_mv;
                (f64::NEG_INFINITY, if room_mv.is_finite() { V_peak_mv - MARGIN * room_mv } else { f64::INFINITY })
            }
        };
        Some(CutLaw { law, low, high })
    }

    /// The law of the membrane time constants with its bound, if they differ.
    pub(crate) fn tau_m_law(&self) -> Option<CutLaw> {
        let law = self.differences.tau_m_ms?;
        Some(CutLaw { law, low: MARGIN * self.tau_m_ms, high: f64::INFINITY })
    }

    /// The law of the resting potentials, if they differ.
    pub(crate) fn E_L_law(&self) -> Option<CutLaw> {
        self.differences.E_L_mv.map(CutLaw::whole)
    }
}

/// A law that gives one value is written as this number.
pub(super) fn number_or_law<S: Serializer>(law: &Law, serializer: S) -> Result<S::Ok, S::Error> {
    match law {
        Law::Constant { value } => serializer.serialize_f64(*value),
        law => law.serialize(serializer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::BRUNEL;

    #[test]
    fn a_law_is_cut_a_tenth_before_there_is_no_neuron() {
        let lif = BRUNEL.with_V_th_mv(Law::Normal { mean: 20.0, std: 4.0 });
        let law = lif.V_th_law().unwrap();
        assert_eq!((law.low, law.high), (11.0, f64::INFINITY));
        assert!(law.quantile(0.0) == 11.0 && law.quantile(1.0) == f64::INFINITY);
        // the median of what lies above -2.25 standard deviations
        assert!((law.quantile(0.5) - 20.0 - 4.0 * 0.015_321_3).abs() < 1e-4, "{}", law.quantile(0.5));
        let qif = Neuron { model: NeuronModel::Qif { Delta_T_mv: 1.0, V_peak_mv: 40.0 }, ..BRUNEL };
        let law = qif.with_V_th_mv(Law::Lorentzian { center: 20.0, half_width: 1.0 }).V_th_law().unwrap();
        assert_eq!((law.low, law.high), (f64::NEG_INFINITY, 38.0));
        let law = BRUNEL.with_tau_m_ms(Law::Normal { mean: 20.0, std: 1.0 }).tau_m_law().unwrap();
        assert_eq!((law.low, law.high), (2.0, f64::INFINITY));
    }

    #[test]
    fn a_law_without_width_makes_no_difference() {
        assert_eq!(BRUNEL.with_V_th_mv(Law::Normal { mean: 20.0, std: 0.0 }), BRUNEL);
        assert_eq!(BRUNEL.with_tau_m_ms(20.0), BRUNEL);
    }
}
