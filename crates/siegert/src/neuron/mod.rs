//! Single neurons: from the statistics of the input to the statistics of the spikes.
//!
//! [`WhiteNoiseNeuron`] is what the theory asks of a neuron, [`Model`] the list of those that answer, one file each.

mod adaptive;
pub mod coloured;
mod conductance;
mod exponential;
mod flow;
mod fokker_planck;
pub mod jumps;
mod leaking;
pub mod lif;
mod models;
mod modulated;
mod one_dimensional;
mod perfect;
mod quadratic;
mod shunted;
mod thresholds;

pub use adaptive::{Adex, MeanAdaptation};
pub use conductance::{ConductanceNoise, NoiseShape};
pub(crate) use conductance::{Conducting, Drive};
pub use exponential::Eif;
pub(crate) use flow::{Bounds, Flow};
pub use models::{Adaptation, Model, NeuronParameters, Relaxation, RelaxationMode, WhiteNoiseNeuron};
pub(crate) use modulated::Modulated;
pub use perfect::Perfect;
pub use quadratic::Qif;
pub(crate) use shunted::{AtInput, NoisePotential};
pub use thresholds::Thresholds;
