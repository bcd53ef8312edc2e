//! The state of a simulation on its way to a file and back.
//!
//! Kept is what the rest of the run depends on: potentials, refractory times, currents, input on its way, sums of the
//! statistics, and the number of steps; random numbers are counted by step, and connections are drawn again from the seed. The
//! state is stored block by block, so that it may be taken up with another number of threads, or other connectivity.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use super::membrane::Sample;
use super::plan::Plan;
use super::segment::Segment;
use super::simulator::Simulator;
use super::statistics::SpikeStatistics;
use super::{SimulationError, SimulationOptions};
use crate::network::Network;

/// Changes whenever what is stored does.
const VERSION: u32 = 3;

/// What a state belongs to, as text: everything that decides what the spikes are.
#[expect(clippy::expect_used, reason = "numbers and names can always be written as JSON")]
pub(super) fn identity(network: &Network, options: &SimulationOptions) -> String {
    let Network { populations, projections, drives, .. } = network;
    let SimulationOptions { duration_ms, warmup_ms, dt_ms, seed, open_delay_ms, held_rates_hz, .. } = options;
    let times = [duration_ms, warmup_ms, dt_ms, open_delay_ms];
    serde_json::to_string(&(populations, projections, drives, times, seed, held_rates_hz)).expect("plain data")
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    identity: String,
    steps_done: u64,
    spikes: u64,
    synaptic_events: u64,
    simulate_s: f64,
}

#[derive(Serialize, Deserialize)]
struct SavedBlock {
    potential: Vec<f64>,
    refractory: Vec<i32>,
    currents: Vec<Vec<f64>>,
    sample: Option<Sample>,
    /// What arrives in the steps to come: for each step, for each channel, for each neuron.
    arriving: Vec<f32>,
}

impl Simulator {
    /// Writes the state from which [`Simulator::restore`] goes on to the same spikes.
    ///
    /// # Errors
    ///
    /// What the writer returns.
    pub fn save(&self, writer: &mut dyn Write) -> std::io::Result<()> {
        let head = Head {
            version: VERSION,
            identity: self.identity.clone(),
            steps_done: self.steps_done,
            spikes: self.spikes,
            synaptic_events: self.synaptic_events,
            simulate_s: self.simulate_s,
        };
        let mut put = Put { writer };
        put.part(&head)?;
        put.part(&self.statistics)?;
        for segment in self.workers.iter().flatten() {
            for index in 0..segment.blocks.len() {
                put.part(&saved(&self.plan, segment, index, self.steps_done))?;
            }
        }
        Ok(())
    }

    /// Takes up a state that [`Simulator::save`] wrote, of the same network and options (threads and connectivity may differ).
    ///
    /// # Errors
    ///
    /// [`SimulationError::Checkpoint`] if it is damaged or belongs to another run; then the simulator must not be used.
    pub fn restore(&mut self, reader: &mut dyn Read) -> Result<(), SimulationError> {
        let mut take = Take { reader, buffer: Vec::new() };
        let head: Head = take.part()?;
        if head.version != VERSION {
            return Err(refused(format!("is of version {} of its format; this is version {VERSION}", head.version)));
        }
        if head.identity != self.identity {
            return Err(refused("belongs to another network, or to other options".to_string()));
        }
        let statistics: SpikeStatistics = take.part()?;
        for segment in self.workers.iter_mut().flatten() {
            for index in 0..segment.blocks.len() {
                let block = take.part()?;
                if !put_back(&self.plan, segment, index, head.steps_done, block) {
                    return Err(refused("is damaged: its parts have wrong sizes".to_string()));
                }
            }
        }
        self.statistics = statistics;
        self.steps_done = head.steps_done;
        self.spikes = head.spikes;
        self.synaptic_events = head.synaptic_events;
        self.simulate_s = head.simulate_s;
        Ok(())
    }
}

fn refused(reason: String) -> SimulationError {
    SimulationError::Checkpoint { reason }
}

/// Parts, each after its length.
struct Put<'a> {
    writer: &'a mut dyn Write,
}

impl Put<'_> {
    fn part(&mut self, part: &impl Serialize) -> std::io::Result<()> {
        let bytes = postcard::to_stdvec(part).map_err(std::io::Error::other)?;
        self.writer.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.writer.write_all(&bytes)
    }
}

struct Take<'a> {
    reader: &'a mut dyn Read,
    buffer: Vec<u8>,
}

impl Take<'_> {
    fn part<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, SimulationError> {
        let cut = |error: std::io::Error| refused(format!("cannot be read: {error}"));
        let mut length = [0; 8];
        self.reader.read_exact(&mut length).map_err(cut)?;
        let length = u64::from_le_bytes(length);
        self.buffer.clear();
        // read as far as there is something: a damaged length must not ask for memory
        let read = (&mut *self.reader).take(length).read_to_end(&mut self.buffer).map_err(cut)?;
        if read as u64 != length {
            return Err(refused("is damaged: it ends too early".to_string()));
        }
        postcard::from_bytes(&self.buffer).map_err(|error| refused(format!("is damaged: {error}")))
    }
}

fn saved(plan: &Plan, segment: &Segment, index: usize, steps_done: u64) -> SavedBlock {
    let block = &segment.blocks[index];
    let places = block.place..block.place + block.potential.len();
    let channels = plan.populations[block.population].channels.len();
    let mut arriving = Vec::new();
    for step in steps_done + 1..=steps_done + segment.ring.slots() {
        for channel in 0..channels {
            arriving.extend_from_slice(&segment.ring.arriving(step, channel)[places.clone()]);
        }
    }
    SavedBlock {
        potential: block.potential.clone(),
        refractory: block.refractory.clone(),
        currents: block.currents.clone(),
        sample: block.sample.clone(),
        arriving,
    }
}

/// Whether the saved block fits.
fn put_back(plan: &Plan, segment: &mut Segment, index: usize, steps_done: u64, saved: SavedBlock) -> bool {
    let block = &mut segment.blocks[index];
    let size = block.potential.len();
    let channels = plan.populations[block.population].channels.len();
    let lengths = |currents: &[Vec<f64>]| currents.iter().map(Vec::len).collect::<Vec<_>>();
    let fits = saved.potential.len() == size
        && saved.refractory.len() == size
        && lengths(&saved.currents) == lengths(&block.currents)
        && saved.sample.as_ref().map(|sample| sample.neurons) == block.sample.as_ref().map(|sample| sample.neurons)
        && saved.arriving.len() as u64 == segment.ring.slots() * (channels * size) as u64;
    if !fits {
        return false;
    }
    (block.potential, block.refractory) = (saved.potential, saved.refractory);
    (block.currents, block.sample) = (saved.currents, saved.sample);
    let (place, mut parts) = (block.place, saved.arriving.chunks_exact(size));
    for step in steps_done + 1..=steps_done + segment.ring.slots() {
        for (channel, part) in (0..channels).zip(&mut parts) {
            segment.ring.slot(step, channel)[place..place + size].copy_from_slice(part);
        }
    }
    true
}
