//! Random numbers by counting, and fast draws of one law many times.
//!
//! A number depends on the seed and on what it is for (a stream), never on what was drawn before it: so a result cannot
//! depend on the number of threads, and whatever was drawn once can be drawn again.

mod guide;
mod philox;
mod quantile;

pub(crate) use guide::{GuideTable, MappedTable};
pub(crate) use philox::{GROUP, Sequence, Stream};
pub(crate) use quantile::QuantileTable;
