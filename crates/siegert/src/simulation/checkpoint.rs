//! The state of a simulation on its way to a file and back.
//!
//! Kept is what the rest of the run depends on: potentials, refractory times, currents, what sources send, input on its way, sums of the
//! statistics, and the number of steps; random numbers are counted by step, and connections are drawn again from the seed. The
//! state is stored block by block, so that it may be taken up with another number of threads, or other connectivity.
//!
//! Each part stands behind its length (u64) and before the CRC-32 of both (u32), little-endian; a part is taken up once it is known to be
//! undamaged.

use std::io::{ErrorKind, Read, Write};

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

use super::arrays::{Array, SavedArray, fill};
use super::plan::Plan;
use super::recorder::probe::Probe;
use super::recorder::sample::Sample;
use super::recorder::spikes::Recordings;
use super::segment::Segment;
use super::sending::Sources;
use super::simulator::Simulator;
use super::statistics::SpikeStatistics;
use super::{SimulationError, SimulationOptions};
use crate::network::Network;

/// Changes whenever what is stored does.
const VERSION: u32 = 6;

/// What a state belongs to, as text: everything that decides what the spikes are.
#[expect(clippy::expect_used, reason = "numbers and names can always be written as JSON")]
pub(super) fn identity(network: &Network, options: &SimulationOptions) -> String {
    let Network { populations, projections, drives, .. } = network;
    let SimulationOptions { duration_ms, warmup_ms, dt_ms, seed, open_delay_ms, held_rates_hz, spike_times, .. } =
        options;
    let times = [duration_ms, warmup_ms, dt_ms, open_delay_ms];
    let start = (options.start, &options.kicks_mv, options.time_zero);
    serde_json::to_string(&(populations, projections, drives, times, seed, held_rates_hz, spike_times, start))
        .expect("plain data")
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

/// A block as it is written; it is read as [`SavedBlock`], which has the same form.
#[derive(Serialize)]
struct BlockToSave<'a> {
    arrays: Vec<(String, Array<'a>)>,
    sample: &'a Option<Sample>,
    probes: &'a [Probe],
    arriving: Vec<f32>,
}

#[derive(Deserialize)]
struct SavedBlock {
    /// The state by names.
    arrays: Vec<(String, SavedArray)>,
    sample: Option<Sample>,
    probes: Vec<Probe>,
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
        let mut parts = PartWriter { writer };
        parts.write(&head)?;
        parts.write(&self.statistics)?;
        parts.write(&self.recordings)?;
        // every segment follows the same sources
        parts.write(&self.workers.iter().flatten().next().map(|segment| &segment.sources))?;
        for segment in self.workers.iter().flatten() {
            for index in 0..segment.blocks.len() {
                parts.write(&saved(&self.plan, segment, index, self.steps_done))?;
            }
        }
        Ok(())
    }

    /// Takes up a state that [`Simulator::save`] wrote, of the same network, options and recordings (threads and connectivity may differ).
    ///
    /// # Errors
    ///
    /// [`SimulationError::Checkpoint`] if it is damaged or belongs to another run; then the simulator must not be used.
    pub fn restore(&mut self, reader: &mut dyn Read) -> Result<(), SimulationError> {
        let mut parts = PartReader { reader, buffer: Vec::new() };
        let head: Head = parts.read()?;
        if head.version != VERSION {
            return Err(refused(format!("is of version {} of its format; this is version {VERSION}", head.version)));
        }
        if head.identity != self.identity {
            return Err(refused("belongs to another network, or to other options".to_string()));
        }
        let statistics: SpikeStatistics = parts.read()?;
        let recordings: Recordings = parts.read()?;
        if recordings.all != self.recordings.all {
            return Err(refused("belongs to a run of which something else is recorded".to_string()));
        }
        let sources: Option<Sources> = parts.read()?;
        for segment in self.workers.iter_mut().flatten() {
            match &sources {
                Some(sources) if sources.is_like(&segment.sources) => segment.sources.clone_from(sources),
                _ => return Err(damaged("its parts have wrong sizes")),
            }
            for index in 0..segment.blocks.len() {
                let block = parts.read()?;
                if !restore_block(&self.plan, segment, index, head.steps_done, block) {
                    return Err(damaged("its parts have wrong sizes"));
                }
            }
        }
        self.statistics = statistics;
        self.recordings = recordings;
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

/// Writes parts.
struct PartWriter<'a> {
    writer: &'a mut dyn Write,
}

impl PartWriter<'_> {
    fn write(&mut self, part: &impl Serialize) -> std::io::Result<()> {
        let bytes = postcard::to_stdvec(part).map_err(std::io::Error::other)?;
        let length = (bytes.len() as u64).to_le_bytes();
        self.writer.write_all(&length)?;
        self.writer.write_all(&bytes)?;
        self.writer.write_all(&checksum(length, &bytes).to_le_bytes())
    }
}

/// Reads parts.
struct PartReader<'a> {
    reader: &'a mut dyn Read,
    buffer: Vec<u8>,
}

impl PartReader<'_> {
    fn read<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, SimulationError> {
        let length = self.number()?;
        let wanted = u64::from_le_bytes(length);
        self.buffer.clear();
        // read as far as there is something: a damaged length must not ask for memory
        let read = (&mut *self.reader).take(wanted).read_to_end(&mut self.buffer);
        if read.map_err(|error| unreadable(&error))? as u64 != wanted {
            return Err(damaged("it ends too early"));
        }
        if u32::from_le_bytes(self.number()?) != checksum(length, &self.buffer) {
            return Err(damaged("a checksum is wrong"));
        }
        postcard::from_bytes(&self.buffer).map_err(|error| damaged(&error.to_string()))
    }

    /// The bytes of a number.
    fn number<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], SimulationError> {
        let mut bytes = [0; BYTES];
        self.reader.read_exact(&mut bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => damaged("it ends too early"),
            _ => unreadable(&error),
        })?;
        Ok(bytes)
    }
}

fn checksum(length: [u8; 8], bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(&length);
    hasher.update(bytes);
    hasher.finalize()
}

fn unreadable(error: &std::io::Error) -> SimulationError {
    refused(format!("cannot be read: {error}"))
}

fn damaged(how: &str) -> SimulationError {
    refused(format!("is damaged: {how}; go on from an older checkpoint, or begin anew"))
}

fn saved<'a>(plan: &Plan, segment: &'a Segment, index: usize, steps_done: u64) -> BlockToSave<'a> {
    let block = &segment.blocks[index];
    let places = block.place..block.place + block.size;
    let channels = plan.populations[block.population].channels.len();
    let mut arriving = Vec::new();
    for step in steps_done + 1..=steps_done + segment.ring.slots() {
        for channel in 0..channels {
            arriving.extend_from_slice(&segment.ring.arriving(step, channel)[places.clone()]);
        }
    }
    BlockToSave { arrays: block.arrays(), sample: &block.recorders.sample, probes: &block.recorders.probes, arriving }
}

/// Whether the saved block fits.
fn restore_block(plan: &Plan, segment: &mut Segment, index: usize, steps_done: u64, saved: SavedBlock) -> bool {
    let block = &mut segment.blocks[index];
    let (place, size) = (block.place, block.size);
    let channels = plan.populations[block.population].channels.len();
    let sampled = |sample: &Option<Sample>| sample.as_ref().map(|sample| sample.neurons);
    let probes = &block.recorders.probes;
    let fits = saved.probes.len() == probes.len()
        && saved.probes.iter().zip(probes).all(|(saved, own)| saved.is_like(own))
        && sampled(&saved.sample) == sampled(&block.recorders.sample)
        && saved.arriving.len() as u64 == segment.ring.slots() * (channels * size) as u64
        && fill(block.arrays_mut(), saved.arrays);
    if !fits {
        return false;
    }
    (block.recorders.sample, block.recorders.probes) = (saved.sample, saved.probes);
    let mut parts = saved.arriving.chunks_exact(size);
    for step in steps_done + 1..=steps_done + segment.ring.slots() {
        for (channel, part) in (0..channels).zip(&mut parts) {
            segment.ring.slot(step, channel)[place..place + size].copy_from_slice(part);
        }
    }
    true
}
