//! Special functions, quadrature and linear algebra; nothing here knows a neuron.

pub(crate) mod broyden;
pub mod cv_kernel;
pub mod dawson;
pub mod elementary;
pub mod erfcx;
pub mod linear;
pub mod normal;
pub mod polynomial;
pub mod quadrature;
pub mod random;
pub(crate) mod range;
pub(crate) mod regression;
pub(crate) mod steps;
mod tables;
