//! The spiking network itself, simulated spike by spike, and the statistics of what it does.
//!
//! The witness of the theory: it shares the description of the network with it ([`crate::network`]) and nothing else.
//!
//! ```no_run
//! use std::convert::Infallible;
//! use siegert::Work;
//! use siegert::network::{ReadOptions, open};
//! use siegert::simulation::{SimulationOptions, Simulator};
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let running = Work::default();
//! let mut simulator = Simulator::build(&network, &SimulationOptions::default(), &running)?;
//! simulator.advance(u64::MAX, &running, |_step, _neurons| Ok::<(), Infallible>(()))?;
//! println!("{} Hz", simulator.result().populations[0].rate_hz);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aligned;
mod arrays;
mod block;
mod bookkeeping;
mod channel;
mod checkpoint;
mod conductance;
mod cost;
mod delivery;
mod drives;
mod error;
mod exchange;
mod fired;
mod gates;
mod laws;
mod membrane;
mod memory;
mod options;
mod pace;
mod plan;
mod prefetch;
mod recorded;
mod recorder;
mod result;
mod ring;
mod schedule;
mod segment;
mod sending;
mod simulator;
mod statistics;
mod streams;
mod stretch;
mod wiring;

pub use error::SimulationError;
pub use fired::{SpikeTimes, StepSpikes, TICKS_PER_STEP};
pub use memory::{SimulationEstimate, accept, estimate};
pub use options::{Connectivity, SimulationOptions};
pub(crate) use plan::{OnGrid, Rule, Wiring, held_ms};
pub use recorder::recording::{Chosen, RecordedValue, Recording};
pub use result::{
    Histogram, MeasuredInput, Membrane, Performance, PopulationActivity, Raster, RasterSpike, RateStatistics,
    RateTrace, Run, Simulation, Spectrum,
};
pub use simulator::Simulator;
pub use statistics::count_bin_ms;
