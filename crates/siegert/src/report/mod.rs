//! What commands print, Python returns and pages show: quantities by name, results that are written and read back.

pub mod quantity;

pub use quantity::{Quantity, StateNumbers};
