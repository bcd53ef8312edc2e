//! A network being simulated: built, advanced, saved, and asked for what it did.
//!
//! Every thread owns the neurons of its segments and everything that reaches them; nothing else is shared but spikes. The
//! threads advance their neurons by one interval, which is not longer than the shortest delay, show each other the spikes of
//! it, and deliver them all to their own neurons. A neuron's input is summed in the order of spikes (step, then source), so
//! the result is the same to the last bit for any number of threads, and for stored and redrawn connections. So one thread may do
//! the work of all for a while, where that is faster.

use std::convert::Infallible;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::checkpoint::identity;
use super::drives::{self, DriveSource};
use super::exchange::{Barrier, Exchange};
use super::memory::{self, peak_memory_mb};
use super::pace::{Crew, Pace};
use super::plan::Plan;
use super::recorder::SpikeRecorder;
use super::recorder::sample::{self, Sample};
use super::recorder::spikes::Recordings;
use super::segment::{Segment, shares, work_of_a_step};
use super::statistics::{SpikeStatistics, Window, count_bin_ms};
use super::wiring::totals_of_blocks;
use super::{Performance, PopulationActivity, Run, Simulation, SimulationError, SimulationOptions};
use crate::network::Network;
use crate::numerics::steps;
use crate::work::Work;

/// Memory in bytes that is taken for measuring how long the statistics take, at most.
const MOST_COUNTING: u64 = 250_000_000;

/// A network in memory, at some step of its run.
#[derive(Debug)]
pub struct Simulator {
    pub(super) plan: Plan,
    /// What decides its spikes, as text.
    pub(super) identity: String,
    drives: Vec<Vec<DriveSource>>,
    /// For each thread, its segments.
    pub(super) workers: Vec<Vec<Segment>>,
    pace: Pace,
    pub(super) statistics: SpikeStatistics,
    pub(super) recordings: Recordings,
    pub(super) steps_done: u64,
    pub(super) spikes: u64,
    pub(super) synaptic_events: u64,
    connectivity: &'static str,
    build_s: f64,
    pub(super) simulate_s: f64,
}

impl Simulator {
    /// Checks the network, sees that it fits into memory, and draws the connections; `work` stops it.
    ///
    /// # Errors
    ///
    /// See [`SimulationError`].
    pub fn build(network: &Network, options: &SimulationOptions, work: &Work) -> Result<Self, SimulationError> {
        let start = Instant::now();
        let plan = Plan::new(network, options)?;
        let threads = memory::threads(&plan, options);
        let explicit = memory::decide(&plan, options, threads)?;
        let totals: Vec<Vec<u64>> = plan.connections.iter().map(|it| totals_of_blocks(&plan, it)).collect();
        let stop = || work.is_cancelled();
        let build = |share: Vec<Range<usize>>| {
            let segment = |blocks| Segment::build(&plan, blocks, &totals, explicit, &stop);
            share.into_iter().map(segment).collect::<Result<Vec<Segment>, SimulationError>>()
        };
        let workers: Result<Vec<Vec<Segment>>, SimulationError> = thread::scope(|scope| {
            let build = &build;
            let building: Vec<_> =
                shares(&plan, threads).into_iter().map(|share| scope.spawn(move || build(share))).collect();
            building.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        });
        Ok(Self {
            drives: drives::of_populations(&plan),
            workers: workers?,
            pace: Pace::default(),
            statistics: SpikeStatistics::new(&plan.sizes(), plan.window(), plan.seed),
            recordings: Recordings::default(),
            steps_done: 0,
            spikes: 0,
            synaptic_events: 0,
            connectivity: match (plan.connections.is_empty(), explicit) {
                (true, _) => "none",
                (_, true) => "explicit",
                (_, false) => "redrawn",
            },
            identity: identity(network, options),
            plan,
            build_s: start.elapsed().as_secs_f64(),
            simulate_s: 0.0,
        })
    }

    /// Steps done so far.
    pub fn steps_done(&self) -> u64 {
        self.steps_done
    }

    /// Steps of the whole run, warm-up included.
    pub fn steps_total(&self) -> u64 {
        self.plan.warmup_steps + self.plan.measured_steps
    }

    /// Time step in ms; the spikes of step k are at k times it.
    pub fn dt_ms(&self) -> f64 {
        self.plan.dt_ms
    }

    /// Advances by so many steps, up to the end of the run or until `work` is cancelled; `each` takes the spikes of every step
    /// in which there are some: number of the step, and numbers of the neurons in ascending order, counted through all
    /// populations. Warm-up included.
    ///
    /// # Errors
    ///
    /// What `each` returns stops the run after the interval in which it is returned.
    pub fn advance<E>(
        &mut self,
        steps: u64,
        work: &Work,
        each: impl FnMut(u64, &[u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let total = self.steps_total();
        let last = self.steps_done.saturating_add(steps).min(total);
        let exchange = Exchange::new(self.workers.len(), self.plan.interval);
        let mut taking = Taking {
            statistics: &mut self.statistics,
            recordings: &mut self.recordings,
            spikes: &mut self.spikes,
            work,
            each,
            outcome: Ok(()),
            merged: Vec::new(),
        };
        let neurons_work = work_of_a_step(&self.plan);
        while self.steps_done < last && taking.outcome.is_ok() {
            let (crew, time) = self.pace.next(self.workers.len());
            let start = Instant::now();
            let stretch = Stretch {
                plan: &self.plan,
                drives: &self.drives,
                first: self.steps_done,
                last,
                until: start.checked_add(time),
                stop_at: AtomicU64::new(u64::MAX),
                barrier: Barrier::new(if crew == Crew::One { 1 } else { self.workers.len() }),
                exchange: &exchange,
            };
            let (events, done) = stretch.carried_out(&mut self.workers, crew, &mut taking);
            let elapsed = start.elapsed();
            let units = (done - self.steps_done) as f64 * neurons_work + events as f64;
            self.pace.took(crew, elapsed, units);
            self.steps_done = done;
            work.set_progress(done, total);
            self.synaptic_events += events;
            self.simulate_s += elapsed.as_secs_f64();
            if taking.work.is_cancelled() {
                break;
            }
        }
        taking.outcome
    }

    /// What the network did so far.
    pub fn result(&self) -> Simulation {
        let plan = &self.plan;
        let measured = self.steps_done.saturating_sub(plan.warmup_steps);
        let samples = |population: usize| -> Vec<&Sample> {
            let blocks = self.workers.iter().flatten().flat_map(|segment| &segment.blocks);
            blocks
                .filter(|block| block.population == population)
                .filter_map(|block| block.watch.sample.as_ref())
                .collect()
        };
        let populations = plan.populations.iter().zip(self.statistics.activity()).enumerate();
        let populations = populations.map(|(index, (population, spiking))| {
            let (membrane, input) = sample::measured(plan, population, &samples(index));
            PopulationActivity { name: population.name.clone(), membrane, input, ..spiking }
        });
        let simulated_s = self.steps_done as f64 * plan.dt_ms / 1000.0;
        Simulation {
            run: Run {
                duration_ms: steps::lasting_ms(measured as f64, plan.dt_ms),
                warmup_ms: steps::lasting_ms((self.steps_done - measured) as f64, plan.dt_ms),
                dt_ms: plan.dt_ms,
                count_bin_ms: count_bin_ms(plan.dt_ms),
                seed: plan.seed,
                threads: self.workers.len(),
                connectivity: self.connectivity.to_string(),
                complete: self.steps_done == self.steps_total(),
            },
            populations: populations.collect(),
            performance: Performance {
                neurons: u64::from(plan.neurons()),
                synapses: self.workers.iter().flatten().map(|segment| segment.synapses).sum(),
                spikes: self.spikes,
                synaptic_events: self.synaptic_events,
                build_s: self.build_s,
                simulate_s: self.simulate_s,
                realtime_factor: if simulated_s > 0.0 { self.simulate_s / simulated_s } else { 0.0 },
                peak_memory_mb: peak_memory_mb(),
            },
            warnings: plan.warnings.clone(),
            raster: self.statistics.raster(),
            rate_trace: self.statistics.rate_trace(),
        }
    }
}

/// What the threads of one stretch of a run share.
struct Stretch<'a> {
    plan: &'a Plan,
    drives: &'a [Vec<DriveSource>],
    /// Steps done before, and at the end of the run.
    first: u64,
    last: u64,
    /// When it ends; never, where no time can be that late.
    until: Option<Instant>,
    /// The interval that is not begun any more.
    stop_at: AtomicU64,
    barrier: Barrier,
    exchange: &'a Exchange,
}

impl Stretch<'_> {
    /// Works through the stretch; returns the synapses reached and the last step done.
    fn carried_out<E, F: FnMut(u64, &[u32]) -> Result<(), E>>(
        &self,
        workers: &mut [Vec<Segment>],
        crew: Crew,
        taking: &mut Taking<'_, E, F>,
    ) -> (u64, u64) {
        let take = |interval, step, count| taking.take(self, interval, step, count);
        if crew == Crew::One {
            return self.work(0, workers, take);
        }
        let (own, others) = workers.split_at_mut(1);
        thread::scope(|scope| {
            let others: Vec<_> = (1..)
                .zip(others.chunks_mut(1))
                .map(|(worker, segments)| scope.spawn(move || self.work(worker, segments, |_, _, _| ()).0))
                .collect();
            let (events, done) = self.work(0, own, take);
            let others = others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            (events + others.sum::<u64>(), done)
        })
    }

    /// What one thread does for some of the workers, from the number `first` on; `take` is called in every interval once its
    /// spikes are known, with its number, its first step and the number of its steps. Returns the synapses reached and the last step done.
    fn work(&self, first: usize, workers: &mut [Vec<Segment>], mut take: impl FnMut(u64, u64, usize)) -> (u64, u64) {
        let mut events = 0;
        let mut done = self.first;
        for interval in 0.. {
            // Written in the interval before the last one at the latest, so all threads see the same.
            if done >= self.last || interval >= self.stop_at.load(Ordering::Acquire) {
                break;
            }
            let count = (self.last - done).min(u64::from(self.plan.interval)) as usize;
            for (worker, segments) in (first..).zip(workers.iter_mut()) {
                let mut own = self.exchange.own(interval, worker);
                own.iter_mut().for_each(Vec::clear);
                for segment in segments {
                    segment.advance(self.drives, done + 1, &mut own[..count]);
                }
            }
            self.barrier.wait();
            take(interval, done + 1, count);
            let all = self.exchange.all(interval);
            for segment in workers.iter_mut().flatten() {
                for lag in 0..count {
                    let step = done + 1 + lag as u64;
                    if step <= self.plan.held_steps {
                        continue;
                    }
                    for list in &all {
                        events += segment.deliver(self.plan, step, &list[lag]);
                    }
                }
            }
            done += count as u64;
        }
        (events, done)
    }

    /// Ends the stretch after the next interval.
    fn end(&self, interval: u64) {
        if self.stop_at.load(Ordering::Relaxed) == u64::MAX {
            self.stop_at.store(interval + 2, Ordering::Release);
        }
    }
}

/// What the first thread does with the spikes beside delivering them.
struct Taking<'a, E, F> {
    statistics: &'a mut SpikeStatistics,
    recordings: &'a mut Recordings,
    spikes: &'a mut u64,
    work: &'a Work,
    each: F,
    outcome: Result<(), E>,
    merged: Vec<u32>,
}

impl<E, F: FnMut(u64, &[u32]) -> Result<(), E>> Taking<'_, E, F> {
    fn take(&mut self, stretch: &Stretch<'_>, interval: u64, first: u64, count: usize) {
        let all = stretch.exchange.all(interval);
        for lag in 0..count {
            self.merged.clear();
            for list in &all {
                self.merged.extend_from_slice(&list[lag]);
            }
            let step = first + lag as u64;
            *self.spikes += self.merged.len() as u64;
            self.statistics.observe(step, &self.merged);
            self.recordings.observe(step, &self.merged);
            if self.outcome.is_ok() && !self.merged.is_empty() {
                self.outcome = (self.each)(step, &self.merged);
            }
        }
        let late = stretch.until.is_some_and(|until| Instant::now() >= until);
        if late || self.outcome.is_err() || self.work.is_cancelled() {
            stretch.end(interval);
        }
    }
}

/// What is done in a run beside advancing neurons and delivering spikes, by itself: to measure how long it takes.
pub(super) struct Counting {
    exchange: Exchange,
    statistics: SpikeStatistics,
    done: u64,
}

impl Counting {
    /// For a network of such sizes; `None` where the statistics take much memory.
    pub(super) fn new(plan: &Plan) -> Option<Self> {
        let window = Window { warmup_steps: 0, measured_steps: u64::MAX / 2, ..plan.window() };
        let small = SpikeStatistics::memory_bytes(&plan.sizes(), &window) < MOST_COUNTING;
        small.then(|| Self {
            exchange: Exchange::new(1, plan.interval),
            statistics: SpikeStatistics::new(&plan.sizes(), window, plan.seed),
            done: 0,
        })
    }

    /// Takes the neurons that spike in each of the steps of two intervals; these come again and again.
    pub(super) fn fill(&self, mut spikes: impl FnMut() -> Vec<u32>) {
        for interval in 0..2 {
            self.exchange.own(interval, 0).iter_mut().for_each(|list| *list = spikes());
        }
    }

    /// Goes on by so many steps.
    pub(super) fn advance(&mut self, plan: &Plan, steps: u64) {
        let mut taking = Taking {
            statistics: &mut self.statistics,
            recordings: &mut Recordings::default(),
            spikes: &mut 0,
            work: &Work::default(),
            each: |_, _: &[u32]| Ok::<(), Infallible>(()),
            outcome: Ok(()),
            merged: Vec::new(),
        };
        let stretch = Stretch {
            plan,
            drives: &[],
            first: self.done,
            last: self.done + steps,
            until: None,
            stop_at: AtomicU64::new(u64::MAX),
            barrier: Barrier::new(1),
            exchange: &self.exchange,
        };
        self.done = stretch.carried_out(&mut [], Crew::One, &mut taking).1;
    }
}
