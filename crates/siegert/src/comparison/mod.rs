//! Theory beside simulation: every number that both know, how far apart they are, and why.
//!
//! [`Theory::compare`](crate::theory::Theory::compare) sets a stationary state beside a simulation, quantity by quantity, and names what accounts for the deviations
//! ([`Cause`]), with its share where one can be computed: [`corrected`] is the state that a simulation on a grid of time, with jumps of
//! their size and sources heard twice, should show. [`Theory::nearest_state`](crate::theory::Theory::nearest_state) tells at which of several states a simulation is.

mod attribution;
mod causes;
mod changing;
mod compare;
mod corrected;
pub mod export;
mod fits;
mod fluctuations;
mod in_time;
mod membrane;
mod modulation;
mod nearest;
mod quantities;
mod result;
mod simulated_in_time;
pub mod study;

pub use corrected::{Corrected, Correction, corrected};
pub use fits::{MeasuredValue, PowerLaw, grid_power, power_law, without_grid};
pub use in_time::{InTime, InTimeError, InTimeOptions, PopulationInTime, rates_in_time, rates_in_time_beside};
pub use membrane::{expected_density_per_mv, expected_membrane};
pub use modulation::{Modulation, modulation};
pub use result::{
    Cause, CauseKind, ComparedQuantity, Outcome, PopulationComparison, PredictedSpectrum, QuantityComparison,
    QuantityVerdict, StateComparison,
};
pub use simulated_in_time::{SimulatedInTime, simulated_in_time};
