//! What a network is: populations, projections and drives, read from a file whose every quantity is checked.

mod description;
mod law;

pub use description::*;
pub use law::Law;
