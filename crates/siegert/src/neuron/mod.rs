//! Single neurons: from the statistics of the input to the statistics of the spikes.
//!
//! [`WhiteNoiseNeuron`] is what the theory asks of a neuron, [`Model`] the list of those that answer, one file each.

mod coloured;
mod exponential;
mod flow;
mod fokker_planck;
pub mod lif;
mod models;
mod one_dimensional;
mod perfect;
mod thresholds;

pub use coloured::{FilteredNoise, FilteredState};
pub use exponential::Eif;
pub use models::{Model, NeuronParameters, WhiteNoiseNeuron};
pub use perfect::Perfect;
pub use thresholds::Thresholds;
