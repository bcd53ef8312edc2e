//! What a simulation will need of the machine, and what the machine has: memory and threads; of time see `cost`.

use std::fs;

use serde::{Deserialize, Serialize};

use super::cost;
use super::gates::Gates;
use super::plan::{Connection, Plan, Rule, Strength};
use super::ring::Ring;
use super::segment::{channels, shares};
use super::sending::Sources;
use super::statistics::SpikeStatistics;
use super::wiring::{can_be_redrawn, rows};
use super::{Connectivity, SimulationError, SimulationOptions};
use crate::network::Network;
use crate::network::NeuronModel;

const MB: f64 = 1e6;
/// Of the memory available, what is taken at most without being asked.
const SHARE: f64 = 0.8;
/// A thread needs so much work from one exchange of spikes to the next, in s: with less, threads wait for each other longer than they work.
const LEAST_WORK_S: f64 = 5e-5;
/// What the number of threads assumes on one thread of a processor of 2023, in s: a neuron's step, a drive's step of a neuron, a synapse
/// reached.
const NEURON_S: f64 = 2.0e-9;
const DRIVE_S: f64 = 1.5e-9;
const EVENT_S: f64 = 1.2e-9;
/// What the constants of a neuron that differs from others take, of the largest membrane, in bytes.
const OWN_MEMBRANE_BYTES: f64 = 200.0;
/// What a thread takes of the address space beside, in bytes: its stack, and room that the allocator keeps for it.
const THREAD_BYTES: f64 = 66e6;

/// What a simulation will need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimulationEstimate {
    /// How connections will be held: "explicit", "redrawn", or "none".
    pub connectivity: String,
    /// Memory that this takes, all in all, in MB.
    pub memory_mb: f64,
    /// Memory with explicit connectivity, in MB.
    pub explicit_mb: f64,
    /// Memory with redrawn connectivity, in MB, where the rules allow it.
    pub redrawn_mb: Option<f64>,
    /// Memory that the machine has free, in MB, where the system tells it.
    pub available_mb: Option<f64>,
    /// Time to simulate a second, in s, from a measurement of the parts of a simulation on this machine.
    pub seconds_per_biological_second: f64,
    /// Mean rate of the neurons that the time assumes, in Hz.
    pub assumed_rate_hz: f64,
}

/// What a simulation of the network would need, without building it.
///
/// The time is that of populations which fire at `rates_hz`, as the theory or an earlier run says; of those whose rate is not given (or no
/// number), 10 Hz is assumed. It is good to a factor of 2.
///
/// # Errors
///
/// Whatever the simulator cannot take; memory is not judged.
pub fn estimate(
    network: &Network,
    options: &SimulationOptions,
    rates_hz: &[f64],
) -> Result<SimulationEstimate, SimulationError> {
    let plan = Plan::new(network, options)?;
    let known = |index: usize| rates_hz.get(index).copied().filter(|rate| *rate >= 0.0);
    let rates_hz: Vec<f64> =
        (0..plan.populations.len()).map(|index| known(index).unwrap_or(cost::ASSUMED_RATE_HZ)).collect();
    let spikes_per_s: f64 = plan.sizes().iter().zip(&rates_hz).map(|(&size, rate)| size as f64 * rate).sum();
    let threads = threads(&plan, options);
    let needs = needs(&plan, options, threads);
    Ok(SimulationEstimate {
        connectivity: needs.connectivity.to_string(),
        memory_mb: needs.memory_mb,
        explicit_mb: needs.explicit_mb,
        redrawn_mb: needs.redrawn_mb,
        available_mb: needs.available_mb,
        seconds_per_biological_second: cost::seconds(&plan, &rates_hz, needs.connectivity != "redrawn", threads),
        assumed_rate_hz: spikes_per_s / f64::from(plan.neurons().max(1)),
    })
}

/// Whether the simulator takes the network at all.
///
/// # Errors
///
/// Whatever it cannot take; memory is not judged.
pub fn accept(network: &Network, options: &SimulationOptions) -> Result<(), SimulationError> {
    Plan::new(network, options).map(drop)
}

/// Threads that a simulation takes: as many as asked for, or those of the machine that have work enough; a block each at least.
pub(super) fn threads(plan: &Plan, options: &SimulationOptions) -> usize {
    let worthwhile = || {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        let work_s = f64::from(plan.interval) * work_of_a_step_s(plan);
        all.min((work_s / LEAST_WORK_S) as usize)
    };
    options.threads.unwrap_or_else(worthwhile).clamp(1, plan.blocks.len().max(1))
}

/// About what a step takes on one thread.
fn work_of_a_step_s(plan: &Plan) -> f64 {
    let driven = plan.drives.iter().map(|drive| DRIVE_S * f64::from(plan.populations[drive.population].size));
    let synapses = plan.connections.iter().map(|connection| plan.synapses(connection)).sum::<f64>();
    let events = synapses * cost::ASSUMED_RATE_HZ * plan.dt_ms / 1000.0;
    NEURON_S * f64::from(plan.neurons()) + driven.sum::<f64>() + EVENT_S * events
}

/// Whether connections are to be stored; refuses what does not fit.
pub(super) fn decide(plan: &Plan, options: &SimulationOptions, threads: usize) -> Result<bool, SimulationError> {
    if options.connectivity == Connectivity::Redrawn
        && let Some(connection) = plan.connections.iter().find(|connection| !can_be_redrawn(connection))
    {
        let [source, target] = [connection.source, connection.target].map(|index| &plan.populations[index].name);
        return Err(SimulationError::CannotRedraw { place: format!("projection {source} -> {target}") });
    }
    let needs = needs(plan, options, threads);
    let explicit = needs.connectivity != "redrawn";
    match needs.available_mb {
        Some(available_mb) if needs.memory_mb > available_mb => Err(SimulationError::Memory {
            needed_mb: needs.memory_mb,
            available_mb,
            connectivity: if explicit { "explicit" } else { "redrawn" },
            remedy: match (explicit, needs.redrawn_mb) {
                (true, Some(redrawn)) if redrawn < available_mb => "use --connectivity redrawn",
                _ => "make the network smaller",
            },
        }),
        _ => Ok(explicit),
    }
}

/// Memory that a simulation will need, as in [`SimulationEstimate`].
struct Needs {
    connectivity: &'static str,
    memory_mb: f64,
    explicit_mb: f64,
    redrawn_mb: Option<f64>,
    available_mb: Option<f64>,
}

fn needs(plan: &Plan, options: &SimulationOptions, threads: usize) -> Needs {
    let state = state_bytes(plan, threads);
    let explicit_mb = (state + stored_bytes(plan, threads)) / MB;
    let redrawn_mb = plan.connections.iter().all(can_be_redrawn).then(|| (state + table_bytes(plan)) / MB);
    let available_mb = available_bytes(threads).map(|bytes| bytes / MB);
    let fits = |mb: f64| available_mb.is_none_or(|available| mb <= SHARE * available);
    let redrawn = match options.connectivity {
        Connectivity::Explicit => false,
        Connectivity::Redrawn => true,
        Connectivity::Auto => redrawn_mb.is_some() && !fits(explicit_mb),
    };
    let memory_mb = if redrawn { redrawn_mb.unwrap_or(explicit_mb) } else { explicit_mb };
    let connectivity = match (plan.connections.is_empty(), redrawn) {
        (true, _) => "none",
        (_, true) => "redrawn",
        (_, false) => "explicit",
    };
    Needs { connectivity, memory_mb, explicit_mb, redrawn_mb, available_mb }
}

/// The process itself, the state of the neurons, the ring, and the statistics.
fn state_bytes(plan: &Plan, threads: usize) -> f64 {
    let process = 15e6;
    let neurons = f64::from(plan.neurons());
    let mut bytes = process + neurons * (8.0 + 4.0 + 4.0 + 8.0 + 1.0);
    for population in &plan.populations {
        let adapts = matches!(population.neuron.model, NeuronModel::Adex { .. });
        if population.conducts() {
            // what is open, and what pulses do
            bytes += f64::from(population.size) * 24.0;
        }
        bytes += f64::from(population.size) * 8.0 * (population.channels.len() + usize::from(adapts)) as f64;
        if population.differs() {
            let own = population.differing_currents.len() + population.channels.len();
            bytes += f64::from(population.size) * (OWN_MEMBRANE_BYTES + 8.0 * own as f64);
        }
    }
    bytes += Gates::bytes(plan);
    for segment in shares(plan, threads).into_iter().flatten() {
        bytes += Sources::bytes(plan) as f64;
        let size: usize = plan.blocks[segment.clone()].iter().map(|block| block.size as usize).sum();
        bytes += Ring::bytes(channels(plan, segment), plan.longest_delay, size) as f64;
    }
    bytes + SpikeStatistics::memory_bytes(&plan.sizes(), &plan.window()) as f64
}

/// Rows and their starts, and the tables while they are built.
fn stored_bytes(plan: &Plan, threads: usize) -> f64 {
    let segments: usize = shares(plan, threads).iter().map(Vec::len).sum();
    let starts = 8.0 * f64::from(plan.neurons()) * segments as f64;
    let mut bytes = table_bytes(plan) + 2.0 * starts;
    for connection in &plan.connections {
        let synapses = plan.synapses(connection);
        let (shortest, longest) = connection.delays.range();
        let rows = f64::from(plan.populations[connection.source].size) * segments as f64;
        let runs = (rows * f64::from(longest - shortest + 1)).min(synapses);
        bytes += match plan.parts[connection.source][connection.part].strength {
            Strength::Uniform(_) => 2.0 * (synapses + rows::NARROW_HEADER as f64 * runs),
            Strength::Multiples(_) => 4.0 * (synapses + rows::WIDE_HEADER as f64 * runs),
        };
        if !can_be_redrawn(connection) {
            bytes += 6.0 * synapses; // the list, and the list that it is sorted from
        }
    }
    bytes
}

/// Numbers of connections of each source in each block.
fn table_bytes(plan: &Plan) -> f64 {
    let of = |connection: &Connection| match connection.rule {
        Rule::Probability(_) => 0.0,
        // the numbers are drawn in 64 bits, block after block, and kept in 32
        _ => {
            4.0 * f64::from(plan.populations[connection.source].size)
                * plan.populations[connection.target].blocks.len() as f64
        }
    };
    plan.connections.iter().map(of).sum()
}

/// Memory that can still be taken, in bytes: of the machine, of the group of processes, or of the process (`ulimit -v`, `ulimit -d`),
/// whichever leaves the least.
fn available_bytes(threads: usize) -> Option<f64> {
    let machine = field("/proc/meminfo", "MemAvailable:");
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<f64>().ok();
    let group =
        number("/sys/fs/cgroup/memory.max").and_then(|most| Some(most - number("/sys/fs/cgroup/memory.current")?));
    let left = |limit: &str, taken: &str| Some(limit_bytes(limit)? - field("/proc/self/status", taken)?);
    let address_space = left("Max address space", "VmSize:").map(|bytes| bytes - THREAD_BYTES * threads as f64);
    let data = left("Max data size", "VmData:");
    [machine, group, address_space, data].into_iter().flatten().reduce(f64::min).map(|least| least.max(0.0))
}

/// A limit of the process in bytes; none where there is no limit.
fn limit_bytes(name: &str) -> Option<f64> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Peak memory of the process, in MB.
pub(super) fn peak_memory_mb() -> Option<f64> {
    field("/proc/self/status", "VmHWM:").map(|bytes| bytes / MB)
}

/// A number of kB in one of the system's tables, in bytes.
fn field(path: &str, name: &str) -> Option<f64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kb| 1024.0 * kb)
}
