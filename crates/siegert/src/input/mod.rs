//! What a neuron receives: every projection and drive as one stream, and what the streams add up to.
//!
//! [`Stream`]s are made once from the network; [`Diffusion`] is their mean and variance as functions of the rates;
//! [`overview`] tells a user what follows from the file before anything is solved.

mod diffusion;
mod overview;
mod stream;

pub use diffusion::{Diffusion, Linear};
pub use overview::{Overview, PopulationOverview, ProjectionOverview, overview, shared_input_fraction};
pub use stream::{InDegree, Kinetics, Source, Steady, Stream, Streams, Unsupported};
