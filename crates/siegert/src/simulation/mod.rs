//! The spiking network itself, simulated spike by spike, and the statistics of what it does.
//!
//! The witness of the theory: it shares the description of the network with it ([`crate::network`]) and nothing else.
//!
//! ```no_run
//! use std::convert::Infallible;
//! use std::sync::atomic::AtomicBool;
//!
//! use siegert::network::{ReadOptions, open};
//! use siegert::simulation::{Options, Simulator};
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let running = AtomicBool::new(false);
//! let mut simulator = Simulator::build(&network, &Options::default(), &running)?;
//! simulator.advance(u64::MAX, &running, |_step, _neurons| Ok::<(), Infallible>(()))?;
//! println!("{} Hz", simulator.result().populations[0].rate_hz);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod options;
mod result;
mod simulator;
#[cfg_attr(not(test), expect(dead_code, reason = "the simulator arrives in the next commit"))]
mod statistics;

pub use error::SimulationError;
pub use options::{Connectivity, Options};
pub use result::{
    Histogram, MeasuredInput, Membrane, Performance, PopulationActivity, Raster, RasterSpike, RateDistribution,
    RateTrace, Run, Simulation, Spectrum,
};
pub use simulator::Simulator;
