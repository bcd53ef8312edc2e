//! Explicit connectivity: the rows of all sources into a segment, as two streams of words.
//!
//! A row consists of runs: the connections of one part with one delay. Where all weights of a part are the same, a run is
//! part, delay and count, then the targets, all in 16 bits: 2 bytes a synapse. Where they vary, a run is one word of 32 bits
//! with part and delay, one with the count, then one word a synapse: the target below, the weight above: 4 bytes.

use std::ops::Range;

use super::{Row, Table, draw};
use crate::simulation::SimulationError;
use crate::simulation::plan::{Plan, Strength};

/// The rows into one segment.
#[derive(Debug, Default)]
pub(in crate::simulation) struct Rows {
    pub(in crate::simulation) narrow: Vec<u16>,
    /// Where the row of each source starts in `narrow`; one more at the end. Empty if there are none.
    pub(in crate::simulation) narrow_starts: Vec<u64>,
    pub(in crate::simulation) wide: Vec<u32>,
    pub(in crate::simulation) wide_starts: Vec<u64>,
    /// Number of synapses.
    pub(in crate::simulation) synapses: u64,
}

/// Words before the targets of a narrow run, and of a wide one.
pub(in crate::simulation) const NARROW_HEADER: usize = 3;
pub(in crate::simulation) const WIDE_HEADER: usize = 2;
const LONGEST_RUN: usize = u16::MAX as usize;

/// Tables of the connections into a segment: for each connection of the plan, each of its blocks in the segment, with the place of
/// the block's first neuron in the segment.
pub(in crate::simulation) type SegmentTables = Vec<Vec<(u32, Table)>>;

/// Synapses of one part of a row, before they are sorted by delay.
#[derive(Default)]
struct Gathered {
    targets: Vec<u16>,
    delays: Vec<u16>,
    weights: Vec<i16>,
    /// For the sort.
    counts: Vec<u32>,
    order: Vec<u32>,
}

/// Of which sources the rows are stored, and whether they are all drawn: a trial has fewer, and copies some of them.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulation) struct Stored {
    /// Rows are stored of every so many-th source of a population.
    pub(in crate::simulation) every: u32,
    /// Of those stored, every so many-th is drawn; the others are copies of the last one that was.
    pub(in crate::simulation) drawn: u32,
}

impl Stored {
    pub(in crate::simulation) const ALL: Self = Self { every: 1, drawn: 1 };
}

/// Draws and stores the rows of all sources, or of as many as `stored` says; `cancelled` is asked now and then, and stops it.
pub(in crate::simulation) fn build(
    plan: &Plan,
    tables: &SegmentTables,
    stored: Stored,
    cancelled: &dyn Fn() -> bool,
) -> Result<Rows, SimulationError> {
    let mut rows = Rows::default();
    reserve(plan, tables, stored.every, &mut rows)?;
    let (mut row, mut gathered) = (Row::default(), Gathered::default());
    let mut last = (0..0, 0..0, 0);
    for (population, source_plan) in plan.populations.iter().enumerate() {
        for source in 0..source_plan.size {
            if source % 4096 == 0 && cancelled() {
                return Err(SimulationError::Cancelled);
            }
            rows.narrow_starts.push(rows.narrow.len() as u64);
            rows.wide_starts.push(rows.wide.len() as u64);
            if source % stored.every != 0 {
                continue;
            }
            if !(source / stored.every).is_multiple_of(stored.drawn) {
                rows.copy(last.clone());
                continue;
            }
            let before = (rows.narrow.len(), rows.wide.len(), rows.synapses);
            for (part, of) in plan.parts[population].iter().enumerate() {
                gathered.gather(plan, tables, (population, part), source, &mut row);
                rows.synapses += gathered.targets.len() as u64;
                gathered.append(part as u16, of.strength, &mut rows);
            }
            last = (before.0..rows.narrow.len(), before.1..rows.wide.len(), rows.synapses - before.2);
        }
    }
    rows.narrow_starts.push(rows.narrow.len() as u64);
    rows.wide_starts.push(rows.wide.len() as u64);
    if rows.narrow.is_empty() {
        rows.narrow_starts = Vec::new();
    }
    if rows.wide.is_empty() {
        rows.wide_starts = Vec::new();
    }
    Ok(rows)
}

impl Rows {
    /// Appends once more what was stored at these places, with its number of synapses.
    fn copy(&mut self, (narrow, wide, synapses): (Range<usize>, Range<usize>, u64)) {
        self.narrow.extend_from_within(narrow);
        self.wide.extend_from_within(wide);
        self.synapses += synapses;
    }
}

/// Room for the synapses and most of the headers, so that nothing is copied as it grows.
fn reserve(plan: &Plan, tables: &SegmentTables, every: u32, rows: &mut Rows) -> Result<(), SimulationError> {
    let (mut narrow, mut wide) = (0.0, 0.0);
    for (connection, tables) in plan.connections.iter().zip(tables) {
        let sources = plan.populations[connection.source].size;
        let (shortest, longest) = connection.delays.range();
        let runs = f64::from(sources) * f64::from(longest - shortest + 1);
        let synapses: f64 = tables.iter().map(|(_, table)| table.connections(sources)).sum();
        match plan.parts[connection.source][connection.part].strength {
            Strength::Uniform(_) => narrow += synapses * 1.001 + NARROW_HEADER as f64 * runs.min(synapses),
            Strength::Multiples(_) => wide += synapses * 1.001 + WIDE_HEADER as f64 * runs.min(synapses),
        }
    }
    let neurons = plan.neurons() as usize + 1;
    let (narrow, wide) = (narrow / f64::from(every), wide / f64::from(every));
    (rows.narrow.try_reserve_exact(narrow as usize))
        .and_then(|()| rows.wide.try_reserve_exact(wide as usize))
        .and_then(|()| rows.narrow_starts.try_reserve_exact(neurons))
        .and_then(|()| rows.wide_starts.try_reserve_exact(neurons))
        .map_err(|_| SimulationError::Allocation {
            what: "the synapses into some of the neurons",
            needed_mb: 1e-6 * (2.0 * narrow + 4.0 * wide + 16.0 * neurons as f64),
        })
}

impl Gathered {
    /// Collects the synapses of one part of the source's row from all connections and blocks.
    fn gather(
        &mut self,
        plan: &Plan,
        tables: &SegmentTables,
        (population, part): (usize, usize),
        source: u32,
        row: &mut Row,
    ) {
        self.targets.clear();
        self.delays.clear();
        self.weights.clear();
        for index in plan.from[population].clone() {
            let connection = &plan.connections[index];
            if connection.part != part {
                continue;
            }
            for (place, table) in &tables[index] {
                draw(table, connection, plan.parts[population][part].strength, source, row);
                self.targets.extend(row.targets.iter().map(|&target| (u32::from(target) + place) as u16));
                self.weights.extend_from_slice(&row.weights);
                if row.delays.is_empty() {
                    self.delays.resize(self.targets.len(), connection.delays.range().0);
                } else {
                    self.delays.extend_from_slice(&row.delays);
                }
            }
        }
    }

    /// Sorts by delay, stably, and appends the runs.
    fn append(&mut self, part: u16, strength: Strength, rows: &mut Rows) {
        let Some((&shortest, &longest)) = self.delays.iter().min().zip(self.delays.iter().max()) else { return };
        self.sort(shortest, longest);
        let mut start = 0;
        while start < self.order.len() {
            let delay = self.delays[self.order[start] as usize];
            let same = |&index: &u32| self.delays[index as usize] == delay;
            let end = start + self.order[start..].iter().take(LONGEST_RUN).take_while(|index| same(index)).count();
            let run = &self.order[start..end];
            match strength {
                Strength::Uniform(_) => {
                    rows.narrow.extend([part, delay, run.len() as u16]);
                    rows.narrow.extend(run.iter().map(|&index| self.targets[index as usize]));
                }
                Strength::Multiples(_) => {
                    rows.wide.extend([u32::from(part) | u32::from(delay) << 16, run.len() as u32]);
                    rows.wide.extend(run.iter().map(|&index| {
                        let index = index as usize;
                        u32::from(self.targets[index]) | u32::from(self.weights[index] as u16) << 16
                    }));
                }
            }
            start = end;
        }
    }

    /// Fills `order` with the synapses in order of delay (a counting sort).
    fn sort(&mut self, shortest: u16, longest: u16) {
        self.order.clear();
        if shortest == longest {
            self.order.extend(0..self.delays.len() as u32);
            return;
        }
        self.counts.clear();
        self.counts.resize(usize::from(longest - shortest) + 2, 0);
        for delay in &self.delays {
            self.counts[usize::from(delay - shortest) + 1] += 1;
        }
        for index in 1..self.counts.len() {
            self.counts[index] += self.counts[index - 1];
        }
        self.order.resize(self.delays.len(), 0);
        for (index, delay) in self.delays.iter().enumerate() {
            let next = &mut self.counts[usize::from(delay - shortest)];
            self.order[*next as usize] = index as u32;
            *next += 1;
        }
    }
}
