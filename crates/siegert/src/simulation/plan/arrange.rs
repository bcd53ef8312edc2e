//! The order of a plan: connections in parts that are stored together, neurons in blocks.

use super::{Block, Connection, Part, Plan, Rule, Strength};
use crate::simulation::laws::Weights;
use crate::simulation::sending::Sending;

/// Blocks that a network has, unless they would be smaller or larger than the next two say.
const BLOCKS: u32 = 64;
const LEAST_BLOCK: u32 = 256;
/// A block's neurons are numbered in 16 bits, and two blocks fit into a segment.
const LARGEST_BLOCK: u32 = 32_768;
/// Connections of a block are numbered in 32 bits.
const CONNECTIONS_OF_A_BLOCK: f64 = 4.0e9;

impl Plan {
    /// Groups the connections by source population, and in it into parts; those of one weight come first.
    pub(super) fn sort_into_parts(&mut self) {
        let mut sorted = Vec::with_capacity(self.connections.len());
        for source in 0..self.populations.len() {
            let mut parts: Vec<Part> = Vec::new();
            let mut sendings: Vec<Sending> = Vec::new();
            let first = sorted.len();
            let own = |connection: &&Connection| connection.source == source;
            let uniform = |connection: &Connection| matches!(connection.weights, Weights::Constant(_));
            for wanted in [true, false] {
                for connection in self.connections.iter().filter(own).filter(|it| uniform(it) == wanted) {
                    let part = part_of(&mut parts, &mut sendings, connection);
                    sorted.push(Connection { part, ..connection.clone() });
                }
            }
            sorted[first..].sort_by_key(|connection| connection.part);
            self.from.push(first..sorted.len());
            self.parts.push(parts);
            self.sendings.push(sendings);
        }
        self.connections = sorted;
    }

    /// A plan of fewer neurons with the same in-degrees, at least one neuron in each population that has some.
    pub(in crate::simulation) fn scaled_down(&self, factor: f64) -> Self {
        let mut small = self.clone();
        if factor >= 1.0 {
            return small;
        }
        let mut first = 0;
        for population in &mut small.populations {
            population.first = first;
            population.size = (f64::from(population.size) * factor).ceil() as u32;
            first += population.size;
        }
        for connection in &mut small.connections {
            match &mut connection.rule {
                Rule::InDegree(_) => {}
                Rule::Total(total) => *total = (*total as f64 * factor).ceil() as u64,
                Rule::Probability(probability) => *probability = (*probability / factor).min(1.0),
            }
        }
        small.blocks.clear();
        small.cut_into_blocks();
        small
    }

    pub(super) fn cut_into_blocks(&mut self) {
        let wanted = (self.neurons() / BLOCKS).clamp(LEAST_BLOCK, LARGEST_BLOCK);
        for (index, population) in self.populations.iter_mut().enumerate() {
            let into = self.connections.iter().filter(|connection| connection.target == index);
            let largest_in_degree = into.filter_map(|connection| match connection.rule {
                Rule::InDegree(in_degree) => Some(f64::from(in_degree)),
                Rule::Total(total) => Some(2.0 * total as f64 / f64::from(population.size)),
                Rule::Probability(_) => None,
            });
            let most = CONNECTIONS_OF_A_BLOCK / largest_in_degree.fold(1.0, f64::max);
            let size = wanted.min(most.max(1.0) as u32);
            let count = population.size.div_ceil(size);
            let start = self.blocks.len();
            let edge = |block: u32| (u64::from(population.size) * u64::from(block) / u64::from(count.max(1))) as u32;
            for block in 0..count {
                self.blocks.push(Block { population: index, first: edge(block), size: edge(block + 1) - edge(block) });
            }
            population.blocks = start..self.blocks.len();
        }
    }
}

/// The part that the connection belongs to, made or widened where necessary.
fn part_of(parts: &mut Vec<Part>, sendings: &mut Vec<Sending>, connection: &Connection) -> usize {
    let channel = connection.channel;
    let sending = connection.sending.map(|own| {
        sendings.iter().position(|known| *known == own).unwrap_or_else(|| {
            sendings.push(own);
            sendings.len() - 1
        })
    });
    let strength = match connection.weights {
        Weights::Constant(weight) => Strength::Uniform(weight),
        weights => Strength::Multiples(weights.largest() / f32::from(i16::MAX)),
    };
    let same = |part: &Part| {
        part.channel == channel
            && part.sending == sending
            && match (part.strength, strength) {
                (Strength::Uniform(a), Strength::Uniform(b)) => a.to_bits() == b.to_bits(),
                (Strength::Multiples(_), Strength::Multiples(_)) => true,
                _ => false,
            }
    };
    match parts.iter().position(same) {
        Some(index) => {
            if let (Strength::Multiples(unit), Strength::Multiples(other)) = (&mut parts[index].strength, strength) {
                *unit = unit.max(other);
            }
            index
        }
        None => {
            parts.push(Part { channel, strength, sending });
            parts.len() - 1
        }
    }
}
