//! Mean-field theory of networks of spiking neurons: what a network will do, without simulating it, and how far to trust that answer.
//!
//! # The theory in three sentences
//!
//! A neuron of a network hears thousands of others; their spikes are replaced by a mean input `mu` and a noise `sigma`. Its *transfer function*
//! tells at what rate it fires with these. The rates that make the input must be the rates that the input makes: what satisfies this is a
//! *stationary state*, and a network can have several.
//!
//! # From a file to its states
//!
//! [`prelude`] has what most programs need. A network is one of those that come with the crate ([`network::bundled`]), a TOML file, or made in code
//! ([`network::Builder`]). [`Theory`](theory::Theory) is where every question to it starts.
//!
//! ```
//! use siegert::prelude::*;
//!
//! let network = open("brunel2000", &ReadOptions::default())?;
//! let theory = Theory::new(&network, &TheoryOptions::default())?;
//! let solution = theory.solution()?;
//! assert!(solution.search.complete, "these are all states that there are");
//! let state = &solution.fixed_points[0];
//! assert!((state.populations[0].rate_hz - 37.9497).abs() < 1e-4);
//! println!("{}", state.verdict.sentence); // whether the assumptions hold in it
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What to ask, and where
//!
//! | question | answer |
//! | --- | --- |
//! | Which states are there? Which are stable? | [`Theory::solution`](theory::Theory::solution); rates alone: [`Theory::states`](theory::Theory::states) |
//! | One state, fast | [`Theory::solve`](theory::Theory::solve), [`Theory::solve_from`](theory::Theory::solve_from) |
//! | How far may I trust it? | [`FixedPoint::verdict`](theory::FixedPoint::verdict), [`Theory::validity`](theory::Theory::validity), [`trust`] |
//! | What does a neuron do with an input? | [`Theory::transfer`](theory::Theory::transfer) over arrays; [`neuron::lif`] for rates, CV, densities and derivatives |
//! | Which parameter gives a rate that I want? | [`stationary::find_targets`] |
//! | How do states change with parameters? | [`sweep`] |
//! | Does the network stay in a state, or oscillate? How does it follow modulations? | [`response`], [`report::ResponseReport`] |
//! | What if synapses were more and weaker? | [`Theory::balanced_limit`](theory::Theory::balanced_limit) |
//! | How do densities and rates change in time? | [`evolution::evolve`] |
//! | Is there an exact equation of few variables? Where does it bifurcate? | [`reduced`] |
//! | What does the network itself do? | [`simulation`], which shares only the network's description with the theory |
//! | Do theory and simulation agree? If not, why? | [`Theory::compare`](theory::Theory::compare), [`comparison`] |
//! | Keep a result, and read it back | [`report`], [`Saved`] |
//! | Work that takes long, and can be stopped and gone on with | [`job`] |
//! | The same network in NEST or Brian2 | [`comparison::export`] |
//!
//! `examples/theory_and_simulation.rs` goes from a network to its states, to a simulation, to both side by side.
//!
//! # How it is built
//!
//! The way through the crate is the way of the theory: a [`network`] tells what every neuron receives ([`input`]: streams, and sums over them), a
//! [`neuron`] turns its input into a rate ([`transfer`]), [`stationary`] closes the loop, [`trust`] measures the assumptions. A neuron model is
//! one file and one line (`docs/adding-a-neuron.md`).
//!
//! # What holds throughout
//!
//! - **Units** are milliseconds, millivolts, picoamperes, picofarads and nanosiemens, rates that are returned are in Hz; every public name that
//!   carries a unit ends with it.
//! - **Errors** name the place and the remedy. Nothing panics on input, and a network made in code is input: what uses it checks it
//!   ([`network::Network::validate`]).
//! - **Long work** takes a [`Work`]: progress, and a way to stop it within a tenth of a second.
//! - **Accuracy** is stated in the first lines of every file with a formula, and a test holds it.
//! - **Results** are plain data, and may gain fields (`#[non_exhaustive]`).

#![allow(non_snake_case)] // symbols of the field keep their capitals: V_th, E_L, C_m, Delta_T
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))] // networks made in code are input, too: nothing panics on it

pub mod axis;
pub mod comparison;
pub mod error;
pub mod evolution;
pub mod files;
pub mod input;
pub mod job;
#[cfg(test)]
mod measured;
pub mod network;
pub mod neuron;
pub mod number;
mod numerics;
pub mod prelude;
mod provenance;
mod quantities;
pub mod reduced;
pub mod report;
pub mod response;
mod saved;
pub mod self_consistent;
mod shown;
pub mod simulation;
pub mod stationary;
pub mod sweep;
#[doc(hidden)]
pub mod testing;
pub mod theory;
pub mod transfer;
pub mod trust;
mod warning;
mod work;

pub use num_complex::Complex64;
pub use provenance::{FORMAT, Provenance};
pub use saved::{Saved, SavedError};
pub use shown::{Shown, fixed_decimals};
pub use warning::{Warning, WarningKind};
pub use work::{Cancelled, Progress, Work};
