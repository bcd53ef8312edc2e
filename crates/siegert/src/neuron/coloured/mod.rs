//! Neurons in noise that is filtered by synapses, whatever their time constants.

mod two_dimensional;

use super::exponential::Eif;
use crate::error::DomainError;
pub use two_dimensional::{FilteredNoise, FilteredState};

impl Eif {
    /// The state in filtered noise of any time constants, and white noise of variance `sigma_w^2` beside it.
    ///
    /// # Errors
    ///
    /// An input that is not finite, a variance that is negative, a time constant that is not positive, or no noise at all.
    pub fn filtered_state(
        &self,
        mean_mv: f64,
        filtered: &[FilteredNoise],
        white_variance_mv2: f64,
    ) -> Result<FilteredState, DomainError> {
        two_dimensional::filtered_state(self, mean_mv, filtered, white_variance_mv2)
    }
}
