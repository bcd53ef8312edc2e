//! How long a simulation will take: its parts are run for some milliseconds each on this machine, at the rate that is assumed.
//!
//! ```text
//! a step = advancing all neurons (with their drives) + delivering rate dt spikes of each + exchanging and counting these
//! ```
//!
//! Neurons are advanced all where there are not too many, else some blocks of them. Spikes of some neurons are delivered to one segment, whose rows are
//! drawn for the purpose with the right lengths, laws and delays, or to some of its blocks where connections are redrawn. All is scaled to the whole,
//! and threads share the first two.
//! Accuracy: a factor of 2. On a busy machine the measurement is slower, as the run would be at that moment.

use std::time::{Duration, Instant};

use super::laws::Weights;
use super::plan::{DriveStep, Plan};
use super::segment::{Dynamics, Segment, Trial, shares};
use super::simulator::Counting;
use super::streams::{Purpose, stream};
use crate::numerics::random::Sequence;

const MS_PER_S: f64 = 1000.0;
/// Rate of all neurons that is assumed.
pub(super) const ASSUMED_RATE_HZ: f64 = 10.0;
/// A larger network is measured on one of about this size with the same in-degrees.
const MOST_NEURONS: f64 = 1e5;
/// What is built for a measurement at most: blocks, synapses, and numbers of input on its way.
const MOST_BLOCKS: usize = 500;
const MOST_SYNAPSES: f64 = 4e5;
const MOST_ARRIVING: u64 = 1 << 22;
/// Time for each part, and the number of measurements of which the median is taken, at most.
const PART: Duration = Duration::from_millis(12);
const MOST_LAPS: usize = 400;
/// Neurons that are advanced, spikes that are delivered, and steps that are counted between two looks at the clock, at least.
const NEURONS_OF_A_LAP: u32 = 2000;
const SPIKES_OF_A_LAP: u32 = 16;
const STEPS_OF_A_LAP: u64 = 128;
/// Spikes that are drawn one by one in a step of all drives, at most.
const MOST_DRAWN: f64 = 5e4;

/// The time for a second of the network, in s, with connections stored or redrawn.
pub(super) fn seconds(plan: &Plan, stored: bool, threads: usize) -> f64 {
    if plan.neurons() == 0 {
        return 0.0;
    }
    let scale = (f64::from(plan.neurons()) / MOST_NEURONS).max(1.0);
    let small = plan.scaled_down(1.0 / scale);
    let steps = MS_PER_S / plan.dt_ms;
    let events = plan.connections.iter().map(|it| plan.synapses(it)).sum::<f64>() * ASSUMED_RATE_HZ;
    let delivery = delivery(&small, stored, scale, threads).unwrap_or_default();
    let shared = steps * scale * (advancing_s(&small) + delivery.step_s) + events * delivery.event_s;
    shared / threads as f64 + steps * scale * Counting::new(&small).map_or(0.0, |counting| counting_s(&small, counting))
}

/// Time to advance all neurons by a step; 0 if there is no memory to try it.
fn advancing_s(plan: &Plan) -> f64 {
    let dynamics = Dynamics::new(plan);
    let trial = with_small_blocks(plan);
    let delay = short_delay(plan);
    let (mut segments, mut neurons) = (Vec::new(), 0);
    for block in (0..plan.blocks.len()).step_by(plan.blocks.len().div_ceil(MOST_BLOCKS)) {
        let whole = f64::from(plan.blocks[block].size) / f64::from(trial.blocks[block].size);
        let Ok(segment) = Segment::trial(&trial, block..block + 1, delay, Trial::Unconnected) else { return 0.0 };
        segments.push((segment, whole));
        neurons += plan.blocks[block].size;
    }
    let repeats = u64::from(NEURONS_OF_A_LAP.div_ceil(neurons));
    let interval = u64::from(plan.interval);
    let mut spikes = vec![Vec::new(); usize::from(plan.interval)];
    let mut step = 1;
    let lap_s = median_s(&mut || {
        let mut elapsed_s = 0.0;
        for (segment, whole) in &mut segments {
            let start = Instant::now();
            for repeat in 0..repeats {
                segment.advance(&dynamics, (step + repeat * interval, 0), &mut spikes);
                spikes.iter_mut().for_each(Vec::clear);
            }
            elapsed_s += *whole * start.elapsed().as_secs_f64();
        }
        step += repeats * interval;
        elapsed_s
    });
    lap_s / (repeats * interval) as f64 * f64::from(plan.neurons()) / f64::from(neurons)
}

/// The plan with smaller blocks where a drive brings many spikes that are drawn one by one.
fn with_small_blocks(plan: &Plan) -> Plan {
    let mut trial = plan.clone();
    for drive in &plan.drives {
        let DriveStep::Poisson { mean, weights, .. } = &drive.kind else { continue };
        let drawn = !drive.schedule.is_constant() || !matches!(weights, Weights::Constant(_));
        let neurons = f64::from(plan.populations[drive.population].size);
        if drawn && mean * neurons > MOST_DRAWN {
            for block in &mut trial.blocks[plan.populations[drive.population].blocks.clone()] {
                let part = f64::from(block.size) / neurons;
                block.size = ((part * MOST_DRAWN / mean) as u32).clamp(1, block.size);
            }
        }
    }
    trial
}

/// The longest delay for which there is room; longer ones go round the ring, which takes as long.
fn short_delay(plan: &Plan) -> u16 {
    let channels = plan.populations.iter().map(|population| population.channels.len() as u64).max().unwrap_or(0);
    let most = MOST_ARRIVING / (channels.max(1) * u64::from(plan.neurons()));
    plan.longest_delay.min(most.clamp(1, 1 << 15) as u16)
}

/// What delivery takes, in s: for a step in which no neuron spikes, and for each synapse that is reached.
#[derive(Default)]
struct Delivery {
    step_s: f64,
    event_s: f64,
}

/// Measured on one segment; the network is `scale` times larger. `None` without connections, or without memory to try it.
fn delivery(plan: &Plan, stored: bool, scale: f64, threads: usize) -> Option<Delivery> {
    if plan.connections.is_empty() {
        return None;
    }
    let segments: Vec<_> = shares(plan, threads).into_iter().flatten().collect();
    let blocks = segments[segments.len() / 2].clone();
    let part = blocks.len() as f64 / plan.blocks.len() as f64;
    let synapses: f64 = plan.connections.iter().map(|it| plan.synapses(it) * part / scale).sum();
    let every = if stored { (synapses / MOST_SYNAPSES).ceil().max(1.0) as u32 } else { 1 };
    let wiring = if stored { Trial::Stored { every, scale } } else { Trial::Redrawn { patience: PART } };
    let mut segment = Segment::trial(plan, blocks, short_delay(plan), wiring).ok()?;
    let units = if stored { segments.len() } else { plan.blocks.len() } as f64 / segment.wired() as f64;
    let mut step = 0;
    let idle_s = median_s(&mut || {
        let start = Instant::now();
        for _ in 0..STEPS_OF_A_LAP {
            step += 1;
            segment.deliver(plan, step, &[]);
        }
        start.elapsed().as_secs_f64() / STEPS_OF_A_LAP as f64
    });
    let count = (f64::from(plan.neurons()) * ASSUMED_RATE_HZ * plan.dt_ms / MS_PER_S).clamp(1.0, 1e4) as u32;
    let repeats = SPIKES_OF_A_LAP.div_ceil(count);
    let mut random = stream(1, Purpose::Samples, 0, 0, 1).sequence();
    let event_s = median_s(&mut || {
        let spikes: Vec<Vec<u32>> = (0..repeats).map(|_| spikes(plan, count, every, &mut random)).collect();
        let (start, mut events) = (Instant::now(), 0);
        for spikes in &spikes {
            step += 1;
            events += segment.deliver(plan, step, spikes);
        }
        (start.elapsed().as_secs_f64() - f64::from(repeats) * idle_s).max(0.0) / events.max(1) as f64
    });
    Some(Delivery { step_s: idle_s * units, event_s })
}

/// So many neurons that spike in a step, ascending: of each population those whose rows are drawn, every so many-th.
fn spikes(plan: &Plan, count: u32, every: u32, random: &mut Sequence) -> Vec<u32> {
    let drawn = |neuron: u32| {
        let population = plan.populations.partition_point(|population| population.first <= neuron) - 1;
        let first = plan.populations[population].first;
        first + (neuron - first) / every * every
    };
    let mut spikes: Vec<u32> = (0..count).map(|_| drawn(random.below(plan.neurons()))).collect();
    spikes.sort_unstable();
    spikes
}

/// Time for what else is done in a step: the exchange of its spikes, and the statistics of them.
fn counting_s(plan: &Plan, mut counting: Counting) -> f64 {
    let mean = f64::from(plan.neurons()) * ASSUMED_RATE_HZ * plan.dt_ms / MS_PER_S;
    let mut random = stream(1, Purpose::Samples, 0, 0, 2).sequence();
    let mut carried = 0.0;
    counting.fill(|| {
        carried += mean;
        let count = f64::floor(carried);
        carried -= count;
        spikes(plan, count as u32, 1, &mut random)
    });
    let steps = STEPS_OF_A_LAP.next_multiple_of(u64::from(plan.interval));
    median_s(&mut || {
        let start = Instant::now();
        counting.advance(plan, steps);
        start.elapsed().as_secs_f64() / steps as f64
    })
}

/// The median of what some laps say that they took, after one that does not count.
fn median_s(lap: &mut dyn FnMut() -> f64) -> f64 {
    let begun = Instant::now();
    lap();
    let mut laps = Vec::new();
    while laps.is_empty() || (laps.len() < MOST_LAPS && begun.elapsed() < PART) {
        laps.push(lap());
    }
    laps.sort_unstable_by(f64::total_cmp);
    laps[laps.len() / 2]
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::AtomicBool;

    use super::super::{Options, Simulator, estimate};
    use super::*;
    use crate::network::{Network, ReadOptions, parse};

    const LIF: &str = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nC_m = \"200 pF\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\n\
                       V_reset = \"10 mV\"\nt_ref = \"2 ms\"\n";

    fn network(text: &str) -> Network {
        parse(&format!("{LIF}{text}"), "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Time for a second as estimated and as it is, per spike rate of about 10 Hz.
    fn both(network: &Network) -> [f64; 2] {
        let options = Options { duration_ms: 100.0, warmup_ms: 0.0, threads: Some(1), ..Options::default() };
        let running = AtomicBool::new(false);
        let mut simulator = Simulator::build(network, &options, &running).expect("a small network");
        simulator.advance(u64::MAX, &running, |_, _| Ok::<(), Infallible>(())).expect("nothing stops it");
        [
            estimate(network, &options).expect("the same").seconds_per_biological_second,
            10.0 * simulator.result().performance.simulate_s,
        ]
    }

    #[test]
    fn the_time_of_networks_of_every_kind_is_estimated_within_a_factor_of_two() {
        // another process may take the processor away during one of both: the best of some tries
        let drive = |kind: &str| format!("[[drives]]\nto = \"A\"\n{kind}");
        let poisson = "kind = \"poisson\"\nrate = \"11 kHz\"\nweight = \"0.1 mV\"\n";
        for (what, size, more) in [
            ("noise", 3000, drive("kind = \"noise\"\nmean = \"17 mV\"\nstd = \"3 mV\"\n")),
            ("current", 3000, drive("kind = \"current\"\nvalue = \"19 mV\"\n")),
            ("ten neurons", 10, drive(poisson)),
            ("spikes", 3000, drive(poisson)),
        ] {
            let network = network(&format!("[populations]\nA = {{ size = {size}, neuron = \"n\" }}\n{more}"));
            let tries: Vec<[f64; 2]> = (0..5).map(|_| both(&network)).collect();
            let within = |[estimated, simulated]: &[f64; 2]| (0.5..2.0).contains(&(estimated / simulated));
            assert!(tries.iter().any(within), "{what}: {tries:?} s");
        }
    }
}
