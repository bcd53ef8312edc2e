//! Mean-field theory of networks of spiking neurons: what a network will do, without simulating it.
//!
//! The way through the crate is the way of the theory: a [`network`] (from a file, or from [`network::Builder`]) tells what every neuron receives
//! ([`input`]), a neuron ([`neuron`]) turns its input into a rate ([`transfer`]), [`stationary`] closes the loop, and [`trust`] says how
//! far to believe what comes out. [`theory`] is where every question to one network starts, [`sweep`] asks over grids of parameters.
//! [`simulation`] is the witness: the spiking network itself, which shares only its description with the theory; [`comparison`] sets both side
//! by side and says why they differ.
//!
//! ```
//! use siegert::network::{ReadOptions, open};
//! use siegert::theory::{Theory, TheoryOptions};
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let theory = Theory::new(&network, &TheoryOptions::default())?;
//! let state = &theory.solution()?.fixed_points[0];
//! assert!((state.populations[0].rate_hz - 37.9497).abs() < 1e-4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Units are milliseconds, millivolts, picoamperes, picofarads and nanosiemens throughout, rates that are returned are
//! in Hz; every public name that carries a unit ends with it.

#![allow(non_snake_case)] // symbols of the field keep their capitals: V_th, E_L, C_m, Delta_T

pub mod comparison;
pub mod error;
pub mod input;
#[cfg(test)]
mod measured;
pub mod network;
pub mod neuron;
pub mod numerics;
pub mod prelude;
mod shown;
pub mod simulation;
pub mod stationary;
pub mod sweep;
pub mod theory;
pub mod transfer;
pub mod trust;
mod warnings;
mod work;

pub use shown::{Shown, fixed_decimals};
pub use work::{Cancelled, Progress, Work};
