//! Short-term plasticity of synapses: what a spike sends depends on when its neuron spiked before.
//!
//! ```text
//! spike n + 1, a time Delta after spike n:   u <- U + (1 - U) e^(-Delta/tau_fac) u,    x <- 1 + (x - u x - 1) e^(-Delta/tau_rec)
//! what it sends: u x of the weight;   before the first spike u = U and x = 1
//! ```
//!
//! (the x of a spike with the u of the one before). `u` is the part of the resources `x` that a spike uses; without facilitation (`tau_fac = 0`) it is `U`.
//!
//! Source: Tsodyks, Pawelzik and Markram (1998), Neural Comput 10:821-835, equations 3 and 4, in the form that is NEST's `tsodyks2_synapse` (Maass and Markram 2002, Neural
//! Netw 15:155-161, equations 1 and 2).

use serde::Serialize;

/// Short-term plasticity of a synapse type.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Plasticity {
    /// The part of the resources that a spike uses after a long silence, above 0 and at most 1.
    pub U: f64,
    /// Time in which resources recover; 0 if at once.
    pub tau_rec_ms: f64,
    /// Time in which facilitation decays; 0 if there is none.
    pub tau_fac_ms: f64,
}
