//! Laws of a random weight or delay, and their moments.

use serde::Serialize;

/// The law of a weight or a delay over the synapses of one projection.
///
/// The unit is that of the quantity that has the law: ms for delays; for weights mV (delta synapses), pA (currents,
/// peak) or nS (conductances).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "distribution")]
pub enum Law {
    /// Every synapse has the same value.
    Constant {
        /// The value.
        value: f64,
    },
    /// Normal law; a delay is redrawn while it is shorter than one time step, a weight is not cut.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// Lognormal law with the sign of its mean.
    Lognormal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// Uniform law between two values.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Exponential law with the sign of its mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
}

impl Law {
    /// The raw moments `<x>`, `<x^2>`, `<x^3>`, `<x^4>`.
    pub fn moments(&self) -> [f64; 4] {
        match *self {
            Law::Constant { value: x } => [x, x * x, x * x * x, x * x * x * x],
            Law::Normal { mean: m, std: s } => {
                let (m2, s2) = (m * m, s * s);
                [m, m2 + s2, m * (m2 + 3.0 * s2), m2 * m2 + 6.0 * m2 * s2 + 3.0 * s2 * s2]
            }
            Law::Lognormal { mean: m, std: s } => {
                let q = if m == 0.0 { 1.0 } else { 1.0 + (s / m) * (s / m) };
                [m, m * m * q, m.powi(3) * q.powi(3), m.powi(4) * q.powi(6)]
            }
            Law::Uniform { low, high } => {
                let (l, h) = (low, high);
                [
                    (l + h) / 2.0,
                    (l * l + l * h + h * h) / 3.0,
                    (l + h) * (l * l + h * h) / 4.0,
                    (l.powi(4) + l.powi(3) * h + l * l * h * h + l * h.powi(3) + h.powi(4)) / 5.0,
                ]
            }
            Law::Exponential { mean: m } => [m, 2.0 * m * m, 6.0 * m.powi(3), 24.0 * m.powi(4)],
        }
    }

    /// The law of the values times a positive factor.
    pub fn times(&self, factor: f64) -> Self {
        match *self {
            Law::Constant { value } => Law::Constant { value: value * factor },
            Law::Normal { mean, std } => Law::Normal { mean: mean * factor, std: std * factor },
            Law::Lognormal { mean, std } => Law::Lognormal { mean: mean * factor, std: std * factor },
            Law::Uniform { low, high } => Law::Uniform { low: low * factor, high: high * factor },
            Law::Exponential { mean } => Law::Exponential { mean: mean * factor },
        }
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.moments()[0]
    }
}

/// One value for all.
impl From<f64> for Law {
    fn from(value: f64) -> Self {
        Law::Constant { value }
    }
}

/// Mean and standard deviation of the logarithm of a lognormal number with this mean and standard deviation.
pub(crate) fn of_logarithm(mean: f64, std: f64) -> (f64, f64) {
    let variance = (std / mean).powi(2).ln_1p();
    (mean.ln() - variance / 2.0, variance.sqrt())
}
