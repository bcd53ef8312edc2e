//! What a neuron receives: every projection and drive as one stream, and what the streams add up to.
//!
//! [`Stream`]s are made once from the network; [`Sums`] over them are what a transfer function wants to know;
//! [`shots`] is what diffusion leaves out, the size of single jumps; [`Heterogeneity`] is how the mean differs between neurons,
//! [`shared_variance_mv2`] how much of the noise two of them have in common, [`multapse_variance`] how much comes of hearing a source twice;
//! [`overview`] tells a user what follows from the file before anything is solved.
//!
//! A source belongs to its population: what is said of sources does not depend on whether they are heard through one projection or several.

mod block;
mod gates;
mod heterogeneity;
mod multapses;
mod overshoot;
mod overview;
mod psp;
mod sent;
mod shared;
mod shots;
mod stream;
mod sums;

pub use crate::numerics::linear::Matrix;
pub use block::{Block, BlockedSynapse, Linearised};
pub use gates::Gates;
pub use heterogeneity::Heterogeneity;
pub use multapses::{CoincidenceWindow, multapse_variance};
pub(crate) use overshoot::InstantaneousInput;
pub use overview::{Overview, PopulationOverview, ProjectionOverview, overview};
pub use sent::{Sent, SentAt};
pub use shared::{shared_drive_variance_mv2, shared_input_fractions, shared_input_fractions_at, shared_variance_mv2};
pub(crate) use shots::mean_overshoot_mv;
pub use shots::{Shots, shots};
pub(crate) use stream::in_degrees;
pub use stream::{Action, InDegree, JumpKind, Kinetics, Source, Steady, Stream, Streams};
pub use sums::{Linear, NoisePart, Sum, Sums};
