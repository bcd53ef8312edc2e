//! How long a simulation will take: its parts are run for some milliseconds each on this machine, at the rates that are expected.
//!
//! ```text
//! a step = advancing all neurons (with their drives) + delivering rate dt spikes of each + exchanging and counting these
//! ```
//!
//! All threads work at the same time, each on a part of its own share, as they would in a run: they have memory and caches in common.
//! Neurons are advanced all where there are not too many, else some blocks of them. Spikes are delivered to one segment of a thread, whose rows
//! have the right lengths, laws and delays and, so that they are as far away as in a run, about the memory too; or to some blocks where connections are
//! redrawn. All is scaled to the whole, and threads share the first two.
//! Accuracy: a factor of 2. On a busy machine the measurement is slower, as the run would be at that moment.

use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use super::bookkeeping::Bookkeeping;
use super::drives::{self, DriveSource};
use super::fired::Fired;
use super::laws::Weights;
use super::plan::{DriveStep, Plan, PopulationPlan};
use super::segment::{Segment, Trial, shares};
use super::streams::{Purpose, stream};
use super::wiring::rows::Stored;
use crate::numerics::random::Sequence;

const MS_PER_S: f64 = 1000.0;
/// Rate of all neurons where none is known.
pub(super) const ASSUMED_RATE_HZ: f64 = 10.0;
/// A larger network is measured on one of about this size with the same in-degrees.
const MOST_NEURONS: f64 = 1e5;
/// What is built for a measurement at most: blocks and synapses of a thread, synapses that are stored by all (most are copies of those that
/// are drawn), and numbers of input on its way.
const MOST_BLOCKS: usize = 500;
const MOST_SYNAPSES: f64 = 4e5;
const MOST_STORED: f64 = 3.2e7;
const MOST_ARRIVING: u64 = 1 << 22;
/// Time for each part, and the number of measurements that are made of it, at most.
const PART: Duration = Duration::from_millis(12);
const MOST_LAPS: usize = 400;
/// Steps of neurons, spikes that are delivered, and steps that are counted between two looks at the clock: laps of microseconds, of which most
/// are not interrupted.
const NEURONS_OF_A_LAP: u32 = 20_000;
const SPIKES_OF_A_LAP: u32 = 16;
const STEPS_OF_A_LAP: u64 = 128;
/// Spikes that are drawn one by one in a step of all drives, at most.
const MOST_DRAWN: f64 = 5e4;

/// The time for a second of the network whose populations fire at these rates (Hz), in s, with connections stored or redrawn.
pub(super) fn seconds(plan: &Plan, rates_hz: &[f64], stored: bool, threads: usize) -> f64 {
    if plan.neurons() == 0 {
        return 0.0;
    }
    let scale = (f64::from(plan.neurons()) / MOST_NEURONS).max(1.0);
    let small = plan.scaled_down(1.0 / scale);
    let steps = MS_PER_S / plan.dt_ms;
    let events: f64 = plan.connections.iter().map(|it| plan.synapses(it) * rates_hz[it.source]).sum();
    let firing = Firing::new(&small, rates_hz);
    let working = threads.min(thread::available_parallelism().map_or(1, usize::from));
    let shares: Vec<_> = shares(&small, working).into_iter().filter(|share| !share.is_empty()).collect();
    let drives = drives::of_populations(&small);
    let advancing_s: f64 =
        (on_threads(&shares, |share| Advancing::new(&small, share), |trial| trial.step_s(&drives)).iter()).sum();
    let deliveries = on_threads(
        &shares,
        |share| DeliveryTrial::new(&small, share, stored, (scale, shares.len())),
        |trial| trial.measured(&small, &firing),
    );
    let idle_s: f64 = deliveries.iter().map(|delivery| delivery.step_s).sum();
    let event_s = deliveries.iter().map(|delivery| delivery.event_s).sum::<f64>() / deliveries.len().max(1) as f64;
    let shared = steps * scale * (advancing_s + idle_s) + events * event_s;
    let counted_s = Bookkeeping::new(&small).map_or(0.0, |it| bookkeeping_s(&small, &firing, it));
    shared / shares.len().max(1) as f64 + steps * scale * counted_s
}

/// The segments of a thread, each some blocks of neurons.
type Share = Vec<Range<usize>>;

/// What is measured on each share by a thread of its own, at the same time; all is built before. Nothing where there is no memory for a trial.
fn on_threads<T: Send, M: Send>(
    shares: &[Share],
    build: impl Fn(&Share) -> Option<T> + Sync,
    measure: impl Fn(T) -> M + Sync,
) -> Vec<M> {
    let trials = thread::scope(|scope| {
        let building: Vec<_> = shares.iter().map(|share| scope.spawn(|| build(share))).collect();
        building.into_iter().map(|thread| thread.join().ok().flatten()).collect::<Option<Vec<T>>>()
    });
    let measure = &measure;
    thread::scope(|scope| {
        let measuring: Vec<_> =
            trials.unwrap_or_default().into_iter().map(|trial| scope.spawn(move || measure(trial))).collect();
        measuring.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

/// Some blocks of a share, without connections, each with the number of times that the block of the network is larger.
struct Advancing {
    segments: Vec<(Segment, f64)>,
    neurons: u32,
    share: u32,
    interval: u16,
}

impl Advancing {
    /// `None` if there is no memory to try it.
    fn new(plan: &Plan, share: &Share) -> Option<Self> {
        let (trial, delay) = (with_small_blocks(plan), short_delay(plan));
        let blocks: Vec<usize> = share.iter().cloned().flatten().collect();
        let size = |block: &usize| plan.blocks[*block].size;
        let (mut segments, mut neurons) = (Vec::new(), 0);
        for block in blocks.iter().step_by(blocks.len().div_ceil(MOST_BLOCKS)) {
            let whole = f64::from(size(block)) / f64::from(trial.blocks[*block].size);
            segments.push((Segment::trial(&trial, *block..*block + 1, delay, Trial::Unconnected).ok()?, whole));
            neurons += size(block);
        }
        Some(Self { segments, neurons, share: blocks.iter().map(size).sum(), interval: plan.interval })
    }

    /// Time to advance the share by a step.
    fn step_s(mut self, drives: &[Vec<DriveSource>]) -> f64 {
        let lap = NEURONS_OF_A_LAP.div_ceil(self.neurons);
        let interval = lap.min(u32::from(self.interval));
        let (repeats, interval) = (u64::from(lap.div_ceil(interval)), u64::from(interval));
        let mut spikes = vec![Fired::default(); interval as usize];
        let mut step = 1;
        let lap_s = usual_s(&mut || {
            let mut elapsed_s = 0.0;
            for (segment, whole) in &mut self.segments {
                let start = Instant::now();
                for repeat in 0..repeats {
                    segment.advance(drives, step + repeat * interval, &mut spikes);
                    spikes.iter_mut().for_each(Fired::clear);
                }
                elapsed_s += *whole * start.elapsed().as_secs_f64();
            }
            step += repeats * interval;
            elapsed_s
        });
        lap_s / (repeats * interval) as f64 * f64::from(self.share) / f64::from(self.neurons)
    }
}

/// The plan with smaller blocks where a drive brings many spikes that are drawn one by one.
fn with_small_blocks(plan: &Plan) -> Plan {
    let mut trial = plan.clone();
    for drive in &plan.drives {
        let DriveStep::Poisson { mean, weights, saturation, .. } = &drive.kind else { continue };
        let is_simple = matches!(weights, Weights::Constant(_)) && saturation.is_none();
        let drawn = !drive.schedule.is_constant() || !is_simple;
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

/// One segment of a share with its connections.
struct DeliveryTrial {
    segment: Segment,
    /// How many times more pieces the share has to which spikes are delivered.
    pieces: f64,
    /// Rows are there of every so many-th neuron.
    every: u32,
}

impl DeliveryTrial {
    /// The network is so many times larger than the plan, and so many threads share it. `None` without connections, or without memory to
    /// try it.
    fn new(plan: &Plan, share: &Share, stored: bool, (scale, threads): (f64, usize)) -> Option<Self> {
        if plan.connections.is_empty() {
            return None;
        }
        let blocks = share[share.len() / 2].clone();
        let part = blocks.len() as f64 / plan.blocks.len() as f64;
        let synapses: f64 = plan.connections.iter().map(|it| plan.synapses(it) * part / scale).sum();
        let fewer = |most: f64| (synapses / most).ceil().max(1.0) as u32;
        let every = if stored { fewer(MOST_STORED / threads as f64) } else { 1 };
        let rows = Stored { every, drawn: fewer(MOST_SYNAPSES).div_ceil(every) };
        let wiring = if stored { Trial::Stored { stored: rows, scale } } else { Trial::Redrawn { patience: PART } };
        let segment = Segment::trial(plan, blocks, short_delay(plan), wiring).ok()?;
        let pieces = if stored { share.len() } else { share.iter().map(Range::len).sum() } as f64;
        Some(Self { pieces: pieces / segment.wired() as f64, segment, every })
    }

    fn measured(mut self, plan: &Plan, firing: &Firing<'_>) -> Delivery {
        let mut step = 0;
        let idle_s = usual_s(&mut || {
            let start = Instant::now();
            for _ in 0..STEPS_OF_A_LAP {
                step += 1;
                self.segment.deliver(plan, step, &[]);
            }
            start.elapsed().as_secs_f64() / STEPS_OF_A_LAP as f64
        });
        let count = firing.spikes_of_a_step().clamp(1.0, 1e4) as u32;
        let repeats = SPIKES_OF_A_LAP.div_ceil(count);
        let mut random = stream(1, Purpose::Samples, 0, 0, 1).sequence();
        let event_s = usual_s(&mut || {
            let spikes: Vec<Vec<u32>> = (0..repeats).map(|_| firing.spikes(count, self.every, &mut random)).collect();
            let (start, mut events) = (Instant::now(), 0);
            for spikes in &spikes {
                step += 1;
                events += self.segment.deliver(plan, step, spikes);
            }
            (start.elapsed().as_secs_f64() - f64::from(repeats) * idle_s).max(0.0) / events.max(1) as f64
        });
        Delivery { step_s: idle_s * self.pieces, event_s }
    }
}

/// Which neurons spike: those of a population in proportion to its rate.
struct Firing<'a> {
    plan: &'a Plan,
    /// Spikes of a step, of this population and those before it.
    up_to: Vec<f64>,
}

impl<'a> Firing<'a> {
    fn new(plan: &'a Plan, rates_hz: &[f64]) -> Self {
        let of_a_step = |(population, rate_hz): (&PopulationPlan, &f64)| {
            f64::from(population.size) * rate_hz * plan.dt_ms / MS_PER_S
        };
        let mut total = 0.0;
        let up_to = plan.populations.iter().zip(rates_hz).map(|it| {
            total += of_a_step(it);
            total
        });
        Self { plan, up_to: up_to.collect() }
    }

    fn spikes_of_a_step(&self) -> f64 {
        self.up_to.last().copied().unwrap_or(0.0)
    }

    /// So many neurons that spike in a step, ascending: of each population those whose rows are drawn, every so many-th.
    fn spikes(&self, count: u32, every: u32, random: &mut Sequence) -> Vec<u32> {
        let all = self.spikes_of_a_step();
        let mut spikes: Vec<u32> = (0..count)
            .map(|_| {
                let at = f64::from(random.word()) / 2f64.powi(32) * all;
                let index = self.up_to.partition_point(|&up_to| up_to <= at).min(self.up_to.len() - 1);
                let population = &self.plan.populations[index];
                population.first + random.below(population.size) / every * every
            })
            .collect();
        spikes.sort_unstable();
        spikes
    }
}

/// Time for what else is done in a step: the exchange of its spikes, and the statistics of them.
fn bookkeeping_s(plan: &Plan, firing: &Firing, mut bookkeeping: Bookkeeping) -> f64 {
    let mean = firing.spikes_of_a_step();
    let mut random = stream(1, Purpose::Samples, 0, 0, 2).sequence();
    let mut carried = 0.0;
    bookkeeping.fill(|| {
        carried += mean;
        let count = f64::floor(carried);
        carried -= count;
        firing.spikes(count as u32, 1, &mut random)
    });
    let steps = STEPS_OF_A_LAP.next_multiple_of(u64::from(plan.interval));
    // some laps end a bin or a segment of the statistics, so it is the mean that counts
    let laps = laps_s(&mut || {
        let start = Instant::now();
        bookkeeping.advance(plan, steps);
        start.elapsed().as_secs_f64() / steps as f64
    });
    laps.iter().sum::<f64>() / laps.len() as f64
}

/// What a lap usually takes: the median of some.
fn usual_s(lap: &mut dyn FnMut() -> f64) -> f64 {
    let mut laps = laps_s(lap);
    laps.sort_unstable_by(f64::total_cmp);
    laps[laps.len() / 2]
}

/// What some laps take, at least one, after one that does not count.
fn laps_s(lap: &mut dyn FnMut() -> f64) -> Vec<f64> {
    let begun = Instant::now();
    lap();
    let mut laps = Vec::new();
    while laps.is_empty() || (laps.len() < MOST_LAPS && begun.elapsed() < PART) {
        laps.push(lap());
    }
    laps
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::{SimulationOptions, Simulator, estimate};
    use super::MS_PER_S;
    use crate::network::{Network, ReadOptions, parse};
    use crate::work::Work;

    const LIF: &str = "[neurons.n]\nmodel = \"lif\"\ntau_m = \"20 ms\"\nC_m = \"200 pF\"\nE_L = \"0 mV\"\nV_th = \"20 mV\"\n\
                       V_reset = \"10 mV\"\nt_ref = \"2 ms\"\n";

    fn network(text: &str) -> Network {
        parse(&format!("{LIF}{text}"), "test", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Time in s that the system gave this thread so far, where it tells it: what passes while others have the processor is not meant.
    fn own_time_s() -> Option<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok().map(|ns| 1e-9 * ns)
    }

    /// Time for a second of the network, as estimated from the rates that are simulated, and as it is.
    fn both(network: &Network, duration_ms: f64) -> [f64; 2] {
        let options =
            SimulationOptions { duration_ms, warmup_ms: 0.0, threads: Some(1), ..SimulationOptions::default() };
        let running = Work::default();
        let mut simulator = Simulator::build(network, &options, &running).expect("a small network");
        let start_s = own_time_s();
        simulator.advance(u64::MAX, &running, |_, _| Ok::<(), Infallible>(())).expect("nothing stops it");
        let own_s = own_time_s().zip(start_s).map(|(end_s, start_s)| end_s - start_s);
        let result = simulator.result();
        let run_s = own_s.unwrap_or(result.performance.simulate_s);
        let rates_hz: Vec<f64> = result.populations.iter().map(|population| population.rate_hz).collect();
        let simulated_s = run_s * MS_PER_S / duration_ms;
        [estimate(network, &options, &rates_hz).expect("the same").seconds_per_biological_second, simulated_s]
    }

    #[test]
    fn the_time_of_networks_of_every_kind_is_estimated_within_a_factor_of_two() {
        // another process may take the processor away during one of both: the best of some tries
        let drive = |kind: &str| format!("[[drives]]\nto = \"A\"\n{kind}");
        let connected =
            "[[projections]]\nfrom = \"A\"\nto = \"A\"\nin_degree = 300\nweight = \"-0.05 mV\"\ndelay = \"1.5 ms\"\n";
        let poisson = "kind = \"poisson\"\nrate = \"11 kHz\"\nweight = \"0.1 mV\"\n";
        for (what, size, more) in [
            ("noise", 3000u32, drive("kind = \"noise\"\nmean = \"17 mV\"\nstd = \"3 mV\"\n")),
            ("current", 3000, drive("kind = \"current\"\nvalue = \"19 mV\"\n")),
            ("ten neurons", 10, drive(poisson)),
            ("spikes", 3000, drive(poisson)),
            (
                "connections at a high rate",
                3000,
                drive("kind = \"noise\"\nmean = \"60 mV\"\nstd = \"3 mV\"\n") + connected,
            ),
        ] {
            let network = network(&format!("[populations]\nA = {{ size = {size}, neuron = \"n\" }}\n{more}"));
            let mut tries = Vec::new();
            let within = (0..6).any(|_| {
                let [estimated, simulated] = both(&network, 3e5 / f64::from(size));
                tries.push([estimated, simulated]);
                (0.5..2.0).contains(&(estimated / simulated))
            });
            assert!(within, "{what}: estimated and simulated for a second: {tries:?} s");
        }
    }
}
