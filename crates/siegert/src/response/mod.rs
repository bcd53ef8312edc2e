//! The linear response of a network around a stationary state: does it stay there with its delays, synapses and neurons as they are, and how does it ring?
//!
//! ```text
//! r_a(t) = r_a + x_a exp(lambda t),    x = W(lambda) x + (what is modulated from outside)
//! W_ab(lambda) = tau_a sum K_ab d_ab(lambda) h_ab(lambda) [<J> chi_mu,a(lambda) + <J^2> chi_var,a(lambda)]
//! det(1 - W(lambda)) = 0:    what the network does by itself, growth Re lambda and frequency Im lambda/(2 pi)
//! ```
//!
//! over the projections from `b` to `a`; `d` is the transform of the law of their delays, `h` that of their kinetics, and `chi` the response of a neuron to its mean input and to the variance of its noise (`transfer`).
//! The stability under the rate dynamics (`stationary`) is that of this equation at `lambda = 0` only.
//!
//! | file | what |
//! | --- | --- |
//! | `connectivity` | the effective connectivity `W` |
//! | `roots` | every root to the right of a line |
//! | `fluctuations` | spectra of populations of finite size, of their neurons and of pairs |
//! | `counts` | what these make of spike counts in bins: covariances, correlations, Fano factors |
//! | `mode` | one root with its modes |
//! | `eigenvalue` | how each connection moves the eigenvalue that makes the network resonate |
//! | `critical` | the values of a parameter at which the network begins to oscillate |
//! | `sensitivity` | the derivatives of rates, CVs and roots with every parameter of every projection |
//!
//! Source: Brunel (2000), J Comput Neurosci 8:183, section 4; Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132.

mod connectivity;
mod counts;
mod critical;
mod eigenvalue;
mod fluctuations;
mod mode;
mod roots;
pub mod sensitivity;

pub use connectivity::{EffectiveConnectivity, ResponseError};
pub use counts::{CountStatistics, CountsError};
pub use critical::{Criticals, Crossing, EndOfSearch};
pub use eigenvalue::EigenvalueSensitivity;
pub use fluctuations::{Fluctuations, KnownSpectrum, Spectra};
pub use roots::{CharacteristicRoot, CharacteristicRoots};
pub use sensitivity::{ConnectionParameter, Derivative, Differentiated, Place, Sensitivities, SensitivityError};
