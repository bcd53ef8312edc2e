//! Special functions, quadrature and linear algebra; nothing here knows a neuron.

pub(crate) mod adaptive;
pub(crate) mod broyden;
pub(crate) mod contour;
pub(crate) mod cv_kernel;
pub(crate) mod dawson;
pub(crate) mod decays;
pub(crate) mod elementary;
pub(crate) mod erfcx;
pub(crate) mod laplace;
pub(crate) mod linear;
pub(crate) mod lu;
pub(crate) mod normal;
pub(crate) mod panel;
pub(crate) mod parabolic;
pub(crate) mod polynomial;
pub(crate) mod quadrature;
pub(crate) mod random;
pub(crate) mod range;
pub(crate) mod regression;
pub(crate) mod root;
pub(crate) mod stencil;
pub(crate) mod steps;
mod tables;
