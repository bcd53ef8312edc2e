//! Pictures: which one, and to which file. What is drawn, the crate `siegert-plot` knows.
//!
//! Built without the feature `pictures`, the command has the same options, and answers them with one sentence: there are no
//! formats of pictures then, nothing can be drawn, and the compiler knows it (`none`).

#[cfg(feature = "pictures")]
mod drawn;
pub(crate) mod kinds;
#[cfg(not(feature = "pictures"))]
mod none;

#[cfg(feature = "pictures")]
pub(crate) use drawn::*;
pub(crate) use kinds::{ComparisonPlot, Kind, SimulationPlot, WhichState};
#[cfg(not(feature = "pictures"))]
pub(crate) use none::*;
