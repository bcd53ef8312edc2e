//! A segment: successive blocks that one thread owns, with the input on its way to them and their connections.

#[cfg(test)]
mod versions;

use std::ops::Range;
use std::time::{Duration, Instant};

use super::SimulationError;
use super::block::Neurons;
use super::delivery::{BlockTables, deliver_redrawn, deliver_stored};
use super::drives::DriveSource;
use super::fired::Fired;
use super::plan::Plan;
use super::ring::{Ring, SLOT};
use super::sending::{Sent, Sources};
use super::wiring::rows::{self, Rows, SegmentTables};
use super::wiring::{Row, Table, totals_of_blocks};

/// Neurons that one thread owns, at most 65,536, and all that reaches them.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) blocks: Vec<Neurons>,
    pub(super) ring: Ring,
    wiring: Wiring,
    /// The state of all neurons whose spikes do not always send the same.
    pub(super) sources: Sources,
    /// Room for what the spikes of a step send.
    sent: Sent,
    /// Room for rows that are drawn again.
    rows: [Row; 2],
    /// Number of synapses.
    pub(super) synapses: u64,
}

#[derive(Debug)]
enum Wiring {
    Stored(Rows),
    Redrawn(Vec<BlockTables>),
}

/// How a segment is connected whose speed is to be measured.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trial {
    /// Not at all.
    Unconnected,
    /// By stored rows of some sources, as long as in a network so many times larger.
    Stored { stored: rows::Stored, scale: f64 },
    /// By rows that are redrawn, of as many of its blocks as are prepared in this time, one at least.
    Redrawn { patience: Duration },
}

/// What the first thread does beside, for each neuron, in the units of [`work`]: the statistics of its spikes.
const STATISTICS: f64 = 100.0;

/// Cuts the blocks into one stretch a thread, of about equal work, and these into segments.
pub(super) fn shares(plan: &Plan, threads: usize) -> Vec<Vec<Range<usize>>> {
    let work: Vec<f64> = plan.blocks.iter().map(|block| work(plan, block.population) * f64::from(block.size)).collect();
    let statistics = STATISTICS * f64::from(plan.neurons());
    let total = work.iter().sum::<f64>() + statistics;
    let mut shares = vec![Vec::new(); threads];
    let (mut start, mut done) = (0, statistics);
    for (thread, share) in shares.iter_mut().enumerate() {
        let goal = total * (thread + 1) as f64 / threads as f64;
        let mut end = start;
        // a block goes to the thread in whose share its middle lies
        while end < work.len() && (thread + 1 == threads || done + work[end] / 2.0 <= goal) {
            done += work[end];
            end += 1;
        }
        *share = segments(plan, start..end);
        start = end;
    }
    shares
}

/// Work of all neurons in a step, in units of a synaptic event.
pub(super) fn work_of_a_step(plan: &Plan) -> f64 {
    let driven = plan.drives.iter().map(|drive| 2.0 * f64::from(plan.populations[drive.population].size));
    f64::from(plan.neurons()) + driven.sum::<f64>()
}

/// Work that a neuron makes, in units of a synaptic event at 10 Hz for a step of 0.1 ms.
fn work(plan: &Plan, population: usize) -> f64 {
    let into = plan.connections.iter().filter(|connection| connection.target == population);
    let in_degree: f64 = into.map(|connection| plan.in_degree(connection)).sum();
    let drives = plan.drives.iter().filter(|drive| drive.population == population).count();
    1000.0 + in_degree + 2000.0 * drives as f64
}

fn segments(plan: &Plan, blocks: Range<usize>) -> Vec<Range<usize>> {
    let mut segments: Vec<Range<usize>> = Vec::new();
    let mut neurons = 0;
    for block in blocks {
        let size = plan.blocks[block].size as usize;
        match segments.last_mut() {
            Some(last) if neurons + size <= SLOT => {
                last.end = block + 1;
                neurons += size;
            }
            _ => {
                segments.push(block..block + 1);
                neurons = size;
            }
        }
    }
    segments
}

/// Kinds of synapse that the ring of a segment must tell apart.
pub(super) fn channels(plan: &Plan, blocks: Range<usize>) -> usize {
    plan.blocks[blocks].iter().map(|block| plan.populations[block.population].channels.len()).max().unwrap_or(0)
}

impl Segment {
    /// Draws the connections into the blocks, and stores them if `explicit`.
    pub(super) fn build(
        plan: &Plan,
        blocks: Range<usize>,
        totals: &[Vec<u64>],
        explicit: bool,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, SimulationError> {
        let (neurons, ring) = neurons_and_ring(plan, blocks, plan.longest_delay)?;
        let (wiring, synapses) = if explicit {
            let tables = by_connection(plan, &neurons, totals, cancelled).ok_or(SimulationError::Cancelled)?;
            let rows = rows::build(plan, &tables, rows::Stored::ALL, cancelled)?;
            let synapses = rows.synapses;
            (Wiring::Stored(rows), synapses)
        } else {
            let tables = by_block(plan, &neurons, totals, cancelled).ok_or(SimulationError::Cancelled)?;
            let all = tables.iter().flat_map(|block| &block.tables);
            let count = |(index, table): &(usize, Table)| {
                table.connections(plan.populations[plan.connections[*index].source].size)
            };
            let synapses = all.map(count).sum::<f64>().round() as u64;
            (Wiring::Redrawn(tables), synapses)
        };
        let (sources, sent) = (Sources::new(plan), Sent::default());
        Ok(Self { blocks: neurons, ring, wiring, sources, sent, rows: Default::default(), synapses })
    }

    /// A segment for a measurement, with room for delays up to so many steps.
    pub(super) fn trial(
        plan: &Plan,
        blocks: Range<usize>,
        longest_delay: u16,
        trial: Trial,
    ) -> Result<Self, SimulationError> {
        let (neurons, ring) = neurons_and_ring(plan, blocks, longest_delay)?;
        let wiring = match trial {
            Trial::Unconnected => Wiring::Redrawn(Vec::new()),
            Trial::Stored { stored, scale } => {
                let alike = |index: usize| {
                    let connection = &plan.connections[index];
                    let own = neurons.iter().filter(|block| block.population == connection.target);
                    own.map(|block| (block.place as u32, Table::alike(plan, connection, block.block, scale))).collect()
                };
                let tables = (0..plan.connections.len()).map(alike).collect();
                Wiring::Stored(rows::build(plan, &tables, stored, &|| false)?)
            }
            Trial::Redrawn { patience } => {
                let totals: Vec<Vec<u64>> = plan.connections.iter().map(|it| totals_of_blocks(plan, it)).collect();
                let (start, mut tables) = (Instant::now(), Vec::new());
                for block in &neurons {
                    if tables.is_empty() || start.elapsed() < patience {
                        tables.extend(by_block(plan, std::slice::from_ref(block), &totals, &|| false));
                    }
                }
                Wiring::Redrawn(tables.into_iter().flatten().collect())
            }
        };
        let (sources, sent) = (Sources::new(plan), Sent::default());
        Ok(Self { blocks: neurons, ring, wiring, sources, sent, rows: Default::default(), synapses: 0 })
    }

    /// The pieces in which spikes are delivered: blocks where connections are redrawn, else the segment.
    pub(super) fn wired(&self) -> usize {
        match &self.wiring {
            Wiring::Stored(_) => 1,
            Wiring::Redrawn(blocks) => blocks.len(),
        }
    }

    /// Advances all blocks from the step `first` on, with the drives of each population; the neurons that fire are appended to the list of
    /// their step.
    pub(super) fn advance(&mut self, drives: &[Vec<DriveSource>], first: u64, spikes: &mut [Fired]) {
        for block in &mut self.blocks {
            block.advance(&drives[block.population], &mut self.ring, first, spikes);
        }
    }

    /// Puts what the spikes will do into the ring; returns the number of synapses reached.
    pub(super) fn deliver(&mut self, plan: &Plan, step: u64, neurons: &[u32]) -> u64 {
        self.sources.spike(plan, step, neurons, &mut self.sent);
        let sent = &self.sent;
        match &self.wiring {
            Wiring::Stored(rows) => deliver_stored(plan, rows, &mut self.ring, step, neurons, sent),
            Wiring::Redrawn(blocks) => {
                let (ring, rows) = (&mut self.ring, &mut self.rows);
                blocks.iter().map(|block| deliver_redrawn(plan, block, ring, rows, step, neurons, sent)).sum()
            }
        }
    }
}

fn neurons_and_ring(
    plan: &Plan,
    blocks: Range<usize>,
    longest_delay: u16,
) -> Result<(Vec<Neurons>, Ring), SimulationError> {
    let mut place = 0;
    let mut neurons = Vec::with_capacity(blocks.len());
    for block in blocks.clone() {
        neurons.push(Neurons::new(plan, block, place));
        place += plan.blocks[block].size as usize;
    }
    Ok((neurons, Ring::new(channels(plan, blocks), longest_delay, place)?))
}

fn table(plan: &Plan, index: usize, block: usize, totals: &[Vec<u64>]) -> Table {
    let connection = &plan.connections[index];
    let first = plan.populations[connection.target].blocks.start;
    Table::new(plan, connection, block, totals[index].get(block - first).copied().unwrap_or(0))
}

fn by_connection(
    plan: &Plan,
    neurons: &[Neurons],
    totals: &[Vec<u64>],
    cancelled: &dyn Fn() -> bool,
) -> Option<SegmentTables> {
    let of = |index: usize| {
        let own = neurons.iter().filter(|block| block.population == plan.connections[index].target);
        own.map(|block| (!cancelled()).then(|| (block.place as u32, table(plan, index, block.block, totals)))).collect()
    };
    (0..plan.connections.len()).map(of).collect()
}

fn by_block(
    plan: &Plan,
    neurons: &[Neurons],
    totals: &[Vec<u64>],
    cancelled: &dyn Fn() -> bool,
) -> Option<Vec<BlockTables>> {
    let of = |block: &Neurons| {
        let own = |index: &usize| plan.connections[*index].target == block.population;
        let tables = (0..plan.connections.len()).filter(own);
        let tables = tables.map(|index| (!cancelled()).then(|| (index, table(plan, index, block.block, totals))));
        Some(BlockTables { place: block.place as u32, tables: tables.collect::<Option<_>>()? })
    };
    neurons.iter().map(of).collect()
}
