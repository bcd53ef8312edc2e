//! From spikes to input: the inner loops of the simulator.

use multiversion::multiversion;

use super::plan::{Connection, Part, Plan, Strength};
use super::prefetch::prefetch;
use super::ring::Ring;
use super::sending::Sent;
use super::wiring::rows::{NARROW_HEADER, Rows, WIDE_HEADER};
use super::wiring::{Row, Table, draw};

/// Rows that are delivered while a later one is on its way, and the lines of 64 bytes that are asked for.
const ROWS_AHEAD: usize = 3;
const LINES_AHEAD: usize = 3;

/// Delivers the spikes of one step, of neurons in ascending order with what they send, to a segment whose rows are stored; returns the number of synapses reached.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn deliver_stored(
    plan: &Plan,
    rows: &Rows,
    ring: &mut Ring,
    step: u64,
    neurons: &[u32],
    sent: &Sent,
) -> u64 {
    deliver_stored_inline(plan, rows, ring, step, neurons, sent)
}

/// What each version of [`deliver_stored`] compiles.
#[inline(always)]
pub(super) fn deliver_stored_inline(
    plan: &Plan,
    rows: &Rows,
    ring: &mut Ring,
    step: u64,
    neurons: &[u32],
    sent: &Sent,
) -> u64 {
    let mut events = 0;
    if !rows.narrow_starts.is_empty() {
        for (sender, neuron, later) in with_parts(plan, neurons, sent) {
            fetch(&rows.narrow, &rows.narrow_starts, later);
            events += narrow_row(row_of(&rows.narrow, &rows.narrow_starts, neuron), sender, ring, step);
        }
    }
    if !rows.wide_starts.is_empty() {
        for (sender, neuron, later) in with_parts(plan, neurons, sent) {
            fetch(&rows.wide, &rows.wide_starts, later);
            events += wide_row(row_of(&rows.wide, &rows.wide_starts, neuron), sender, ring, step);
        }
    }
    events
}

/// The parts of a neuron's connections, and what its spike sends.
#[derive(Clone, Copy)]
struct Sender<'a> {
    parts: &'a [Part],
    sent: &'a [f32],
}

/// Each neuron with the parts of its population and what it sends, and the neurons after it.
#[inline(always)]
fn with_parts<'a>(
    plan: &'a Plan,
    neurons: &'a [u32],
    sent: &'a Sent,
) -> impl Iterator<Item = (Sender<'a>, u32, &'a [u32])> {
    let mut population = 0;
    neurons.iter().enumerate().map(move |(index, &neuron)| {
        while neuron >= plan.populations[population].first + plan.populations[population].size {
            population += 1;
        }
        (Sender { parts: &plan.parts[population], sent: sent.of(index) }, neuron, &neurons[index + 1..])
    })
}

#[inline(always)]
fn row_of<'a, T>(words: &'a [T], starts: &[u64], neuron: u32) -> &'a [T] {
    &words[starts[neuron as usize] as usize..starts[neuron as usize + 1] as usize]
}

/// Asks for the beginning of a later row, and before that for the place where its beginning is written, so that both come from
/// memory while the rows before are delivered.
#[inline(always)]
fn fetch<T>(words: &[T], starts: &[u64], later: &[u32]) {
    if let Some(&neuron) = later.get(2 * ROWS_AHEAD) {
        prefetch(starts, neuron as usize);
    }
    if let Some(&neuron) = later.get(ROWS_AHEAD) {
        let first = starts[neuron as usize] as usize;
        for line in 0..LINES_AHEAD {
            prefetch(words, first + line * (64 / size_of::<T>()));
        }
    }
}

/// Delivers a row, run by run. Where delays vary, the slots are more than the caches hold: while one run is delivered, the
/// places of the next are on their way.
#[inline(always)]
fn narrow_row(mut row: &[u16], sender: Sender<'_>, ring: &mut Ring, step: u64) -> u64 {
    let Sender { parts, sent } = sender;
    let mut events = 0;
    while let Some((&[part, delay, count], rest)) = row.split_first_chunk::<NARROW_HEADER>() {
        let (targets, rest) = rest.split_at(usize::from(count));
        let part = parts[usize::from(part)];
        let Part { channel, strength: Strength::Uniform(weight), .. } = part else { break };
        let weight = weight * part.sent(sent);
        if let Some((&[part, delay, count], next)) = rest.split_first_chunk::<NARROW_HEADER>() {
            let channel = parts[usize::from(part)].channel;
            let later = step + u64::from(delay);
            next.iter().take(usize::from(count)).for_each(|&target| ring.prefetch(later, channel, target));
        }
        let slot = ring.slot(step + u64::from(delay), channel);
        for &target in targets {
            slot[usize::from(target)] += weight;
        }
        events += u64::from(count);
        row = rest;
    }
    events
}

/// As [`narrow_row`], for synapses with weights of their own.
#[inline(always)]
fn wide_row(mut row: &[u32], sender: Sender<'_>, ring: &mut Ring, step: u64) -> u64 {
    let Sender { parts, sent } = sender;
    let mut events = 0;
    while let Some((&[head, count], rest)) = row.split_first_chunk::<WIDE_HEADER>() {
        let (synapses, rest) = rest.split_at(count as usize);
        let part = parts[head as usize & 0xffff];
        let Part { channel, strength: Strength::Multiples(unit), .. } = part else { break };
        let unit = unit * part.sent(sent);
        if let Some((&[head, count], next)) = rest.split_first_chunk::<WIDE_HEADER>() {
            let channel = parts[head as usize & 0xffff].channel;
            let later = step + u64::from(head >> 16);
            next.iter().take(count as usize).for_each(|&synapse| ring.prefetch(later, channel, synapse as u16));
        }
        let slot = ring.slot(step + u64::from(head >> 16), channel);
        for &synapse in synapses {
            slot[synapse as usize & 0xffff] += unit * f32::from((synapse >> 16) as u16 as i16);
        }
        events += u64::from(count);
        row = rest;
    }
    events
}

/// The tables of a block, by connection of the plan, with the place of its first neuron in the segment.
#[derive(Debug)]
pub(super) struct BlockTables {
    pub(super) place: u32,
    /// Index of a connection, and its table.
    pub(super) tables: Vec<(usize, Table)>,
}

/// Delivers spikes to a block whose connections are drawn again; returns the number of synapses reached.
///
/// While a row is drawn, the places of the row before it come from memory; `rows` is room for both.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512bw+avx512vl", "x86_64+avx2"))]
pub(super) fn deliver_redrawn(
    plan: &Plan,
    block: &BlockTables,
    ring: &mut Ring,
    rows: &mut [Row; 2],
    step: u64,
    neurons: &[u32],
    sent: &Sent,
) -> u64 {
    deliver_redrawn_inline(plan, block, ring, rows, step, neurons, sent)
}

/// What each version of [`deliver_redrawn`] compiles.
#[inline(always)]
pub(super) fn deliver_redrawn_inline(
    plan: &Plan,
    block: &BlockTables,
    ring: &mut Ring,
    rows: &mut [Row; 2],
    step: u64,
    neurons: &[u32],
    sent: &Sent,
) -> u64 {
    let mut events = 0;
    let mut neurons = neurons;
    let all = neurons.len();
    let [row, before] = rows;
    // a connection, and the part of its weights that the spike sends
    let mut waiting: Option<(&Connection, f32)> = None;
    for (source, population) in plan.populations.iter().enumerate() {
        let own = neurons.partition_point(|&neuron| neuron < population.first + population.size);
        let first = all - neurons.len();
        for (place, &neuron) in neurons[..own].iter().enumerate() {
            // the tables of all blocks do not fit into the cache
            if let Some(&next) = neurons[..own].get(place + 1) {
                let tables = block.tables.iter().filter(|(index, _)| plan.connections[*index].source == source);
                tables.for_each(|(_, table)| table.prefetch(next - population.first));
            }
            for (index, table) in &block.tables {
                let connection = &plan.connections[*index];
                if connection.source != source {
                    continue;
                }
                let part = plan.parts[source][connection.part];
                draw(table, connection, part.strength, neuron - population.first, row);
                events += row.targets.len() as u64;
                for (&target, &delay) in row.targets.iter().zip(&row.delays) {
                    ring.prefetch(step + u64::from(delay), part.channel, place_of(target, block));
                }
                if let Some(waiting) = waiting.replace((connection, part.sent(sent.of(first + place)))) {
                    add_row(plan, waiting, before, block, ring, step);
                }
                std::mem::swap(row, before);
            }
        }
        neurons = &neurons[own..];
    }
    if let Some(waiting) = waiting {
        add_row(plan, waiting, before, block, ring, step);
    }
    events
}

/// The place of a block's neuron in the segment.
#[inline(always)]
fn place_of(target: u16, block: &BlockTables) -> u16 {
    (u32::from(target) + block.place) as u16
}

#[inline(always)]
fn add_row(
    plan: &Plan,
    (connection, sent): (&Connection, f32),
    row: &Row,
    block: &BlockTables,
    ring: &mut Ring,
    step: u64,
) {
    let Part { channel, strength, .. } = plan.parts[connection.source][connection.part];
    let place = |target: u16| usize::from(place_of(target, block));
    let same = step + u64::from(connection.delays.range().0);
    let strength = match strength {
        Strength::Uniform(weight) => Strength::Uniform(weight * sent),
        Strength::Multiples(unit) => Strength::Multiples(unit * sent),
    };
    match (strength, row.delays.is_empty()) {
        (Strength::Uniform(weight), true) => {
            let slot = ring.slot(same, channel);
            row.targets.iter().for_each(|&target| slot[place(target)] += weight);
        }
        (Strength::Uniform(weight), false) => {
            for (&target, &delay) in row.targets.iter().zip(&row.delays) {
                ring.slot(step + u64::from(delay), channel)[place(target)] += weight;
            }
        }
        (Strength::Multiples(unit), true) => {
            let slot = ring.slot(same, channel);
            for (&target, &weight) in row.targets.iter().zip(&row.weights) {
                slot[place(target)] += unit * f32::from(weight);
            }
        }
        (Strength::Multiples(unit), false) => {
            for ((&target, &delay), &weight) in row.targets.iter().zip(&row.delays).zip(&row.weights) {
                ring.slot(step + u64::from(delay), channel)[place(target)] += unit * f32::from(weight);
            }
        }
    }
}
