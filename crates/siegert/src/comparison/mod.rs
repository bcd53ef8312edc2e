//! Theory beside simulation: what a simulation on a grid of time should show.

mod corrected;

pub use corrected::{Corrected, Correction, corrected};
