//! A network being simulated: built, advanced, saved, and asked for what it did.

use std::io::{Read, Write};
use std::sync::atomic::AtomicBool;

use super::{Options, Simulation, SimulationError};
use crate::network::Network;

/// A network in memory, at some step of its run.
#[derive(Debug)]
pub struct Simulator {}

impl Simulator {
    /// Checks the network, reserves memory and draws the connections; `cancelled` stops it.
    ///
    /// # Errors
    ///
    /// See [`SimulationError`].
    pub fn build(_network: &Network, _options: &Options, _cancelled: &AtomicBool) -> Result<Self, SimulationError> {
        todo!()
    }

    /// Steps done so far.
    pub fn steps_done(&self) -> u64 {
        todo!()
    }

    /// Steps of the whole run, warm-up included.
    pub fn steps_total(&self) -> u64 {
        todo!()
    }

    /// Time step in ms; the spike of step k is at k times it.
    pub fn dt_ms(&self) -> f64 {
        todo!()
    }

    /// Advances by about so many steps (up to the end of the run, or until `cancelled` is set); `each` takes the spikes of every
    /// step in which there are some: number of the step, and numbers of the neurons in ascending order, counted through all
    /// populations. Warm-up included.
    ///
    /// # Errors
    ///
    /// What `each` returns stops the run.
    pub fn advance<E: Send>(
        &mut self,
        _steps: u64,
        _cancelled: &AtomicBool,
        _each: impl FnMut(u64, &[u32]) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        todo!()
    }

    /// What the network did so far.
    pub fn result(&self) -> Simulation {
        todo!()
    }

    /// Writes the state from which [`Simulator::restore`] goes on to the same spikes.
    ///
    /// # Errors
    ///
    /// What the writer returns.
    pub fn save(&self, _writer: &mut dyn Write) -> std::io::Result<()> {
        todo!()
    }

    /// Takes up a state that [`Simulator::save`] wrote, of the same network and options (threads and connectivity may differ).
    ///
    /// # Errors
    ///
    /// [`SimulationError::Checkpoint`] if it is damaged or belongs to another run.
    pub fn restore(&mut self, _reader: &mut dyn Read) -> Result<(), SimulationError> {
        todo!()
    }
}
