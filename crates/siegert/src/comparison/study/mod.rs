//! Comparisons that take several simulations: near each state of a network, with smaller time steps, at growing in-degree.

mod runs;
mod scaling;
mod time_step;

pub use runs::{Prediction, RunError, Simulates, StateChoice, StateRun, UntilStopped, state_runs};
pub use scaling::{ScaledPopulation, ScalingError, ScalingFits, ScalingPoint, ScalingStudy};
pub use time_step::{FinerRun, TimeStepLimit, TimeStepStudy};
pub(crate) use time_step::{deviation, row};
