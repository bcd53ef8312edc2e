//! What a program that asks and simulates types: `use siegert::prelude::*;`.
//!
//! ```
//! use siegert::prelude::*;
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let theory = Theory::new(&network, &TheoryOptions::default())?;
//! for state in theory.states()?.states {
//!     println!("{:?} Hz", state.rates_hz());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use crate::Work;
pub use crate::comparison::StateComparison;
pub use crate::network::{
    Connections, DriveKind, External, Law, Network, Neuron, NeuronModel, ReadOptions, Synapse, open, parse,
};
pub use crate::neuron::lif::SynapticFilter;
pub use crate::simulation::{Simulation, SimulationOptions, Simulator};
pub use crate::sweep::{Axis, Sweep};
pub use crate::theory::{FixedPoint, Solution, State, Theory, TheoryOptions};
pub use crate::trust::{Trust, Validity, Verdict};
