//! How a network is to be simulated.

use serde::{Deserialize, Serialize};

use super::SpikeTimes;

/// How connections are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connectivity {
    /// Explicit where it fits into memory, redrawn where it does not.
    #[default]
    Auto,
    /// Every synapse stored.
    Explicit,
    /// Drawn again, from the same random numbers, whenever a neuron spikes; nothing stored.
    Redrawn,
}

/// SimulationOptions of a simulation. Everything but `threads` and `connectivity` decides what the spikes are; those two do not.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationOptions {
    /// Time that is measured, in ms.
    pub duration_ms: f64,
    /// Time before it that is not, in ms.
    pub warmup_ms: f64,
    /// Time step, in ms.
    pub dt_ms: f64,
    /// Seed of every random number: connections, initial potentials, drives, samples.
    pub seed: u64,
    /// Number of threads; if none is said, those of the machine, but no more than have work enough between two exchanges of spikes. A run on several
    /// goes on with one of them as long as that is faster.
    pub threads: Option<usize>,
    /// How connections are held.
    pub connectivity: Connectivity,
    /// Delay of projections whose file gives none, in ms.
    pub open_delay_ms: f64,
    /// Rates in Hz, one a population, near which the network is to start: in a time before the warm-up its neurons hear independent
    /// Poisson processes of these rates in place of each other. If none are said, potentials are drawn and the network is left to itself.
    pub held_rates_hz: Option<Vec<f64>>,
    /// When in its step a spike is counted.
    pub spike_times: SpikeTimes,
    /// Where potentials start.
    pub start: StartPotentials,
    /// By how much potentials of each population are shifted at time 0, in mV; by nothing, if none are said.
    pub kicks_mv: Vec<f64>,
    /// When time 0 of the drives and of the kicks is.
    pub time_zero: TimeZero,
}

/// Where the potentials of a simulation start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartPotentials {
    /// Drawn from the laws of the network, and where it gives none evenly between rest and threshold.
    #[default]
    File,
    /// At the reset.
    Reset,
}

/// When time 0 is, from which the times of drives are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeZero {
    /// As the run begins.
    #[default]
    Run,
    /// As what is measured begins; before it drives act that have no start, unmodulated.
    Measured,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self {
            duration_ms: 1000.0,
            warmup_ms: 500.0,
            dt_ms: 0.1,
            seed: 1,
            threads: None,
            connectivity: Connectivity::Auto,
            open_delay_ms: 1.5,
            held_rates_hz: None,
            spike_times: SpikeTimes::Grid,
            start: StartPotentials::File,
            kicks_mv: Vec::new(),
            time_zero: TimeZero::Run,
        }
    }
}
