//! Errors of functions of numbers: an argument outside the domain of a formula.

use thiserror::Error;

use crate::Shown;

/// An argument for which a formula has no meaning.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DomainError {
    /// An entry of an array that is NaN or infinite.
    #[error("{name}[{index}] is {}; it must be a finite number", Shown(*value))]
    NotFinite {
        /// The argument.
        name: &'static str,
        /// Which entry.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// An entry of an array that is negative.
    #[error("{name}[{index}] is {}; it must not be negative", Shown(*value))]
    Negative {
        /// The argument.
        name: &'static str,
        /// Which entry.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// Arrays whose lengths differ.
    #[error("{first} has {first_length} entries and {second} has {second_length}; they must have as many")]
    Lengths {
        /// One argument.
        first: &'static str,
        /// Its length.
        first_length: usize,
        /// The other.
        second: &'static str,
        /// Its length.
        second_length: usize,
    },
    /// A parameter that must be positive.
    #[error("{name} is {}; it must be positive and finite", Shown(*value))]
    NotPositive {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A number that must be finite.
    #[error("{name} is {}; it must be a finite number, at least {}", Shown(*value), Shown(*least))]
    OutOfRange {
        /// The argument.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The least value allowed.
        least: f64,
    },
    /// Reset at or above threshold.
    #[error("V_reset ({} mV) must lie below V_th ({} mV)", Shown(*V_reset_mv), Shown(*V_th_mv))]
    ResetNotBelowThreshold {
        /// Reset.
        V_reset_mv: f64,
        /// Threshold.
        V_th_mv: f64,
    },
    /// A rate that no input produces.
    #[error(
        "a rate of {} Hz is not reached by any mean input: it must lie above 0 and below {} Hz (1/t_ref)",
        Shown(*rate_hz),
        Shown(*limit_hz)
    )]
    RateOutOfReach {
        /// The rate asked for.
        rate_hz: f64,
        /// Its upper limit.
        limit_hz: f64,
    },
    /// A density that is a point mass.
    #[error(
        "without noise a neuron at mu = {} mV rests there: its density is a point mass, not a function",
        Shown(*mu_mv)
    )]
    NoDensity {
        /// The mean input.
        mu_mv: f64,
    },
}

/// Checks that every entry of an array is finite.
pub(crate) fn all_finite(name: &'static str, values: &[f64]) -> Result<(), DomainError> {
    match values.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(DomainError::NotFinite { name, index, value: values[index] }),
        None => Ok(()),
    }
}
