//! A network being simulated: built, advanced, saved, and asked for what it did.
//!
//! Every thread owns the neurons of its segments and everything that reaches them; nothing else is shared but spikes. The
//! threads advance their neurons by one interval, which is not longer than the shortest delay, show each other the spikes of
//! it, and deliver them all to their own neurons. A neuron's input is summed in the order of spikes (step, then source), so
//! the result is the same to the last bit for any number of threads, and for stored and redrawn connections.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::checkpoint::identity;
use super::exchange::{Barrier, Exchange};
use super::membrane::{self, Sample};
use super::memory::{self, peak_memory_mb};
use super::neurons::Propagator;
use super::plan::Plan;
use super::segment::{Dynamics, Segment, shares};
use super::statistics::SpikeStatistics;
use super::wiring::totals_of_blocks;
use super::{Options, Performance, PopulationActivity, Run, Simulation, SimulationError, drives};
use crate::network::Network;

/// A network in memory, at some step of its run.
#[derive(Debug)]
pub struct Simulator {
    pub(super) plan: Plan,
    /// What decides its spikes, as text.
    pub(super) identity: String,
    dynamics: Dynamics,
    /// For each thread, its segments.
    pub(super) workers: Vec<Vec<Segment>>,
    pub(super) statistics: SpikeStatistics,
    pub(super) steps_done: u64,
    pub(super) spikes: u64,
    pub(super) synaptic_events: u64,
    connectivity: &'static str,
    build_s: f64,
    pub(super) simulate_s: f64,
}

impl Simulator {
    /// Checks the network, sees that it fits into memory, and draws the connections; `cancelled` stops it.
    ///
    /// # Errors
    ///
    /// See [`SimulationError`].
    pub fn build(network: &Network, options: &Options, cancelled: &AtomicBool) -> Result<Self, SimulationError> {
        let start = Instant::now();
        let plan = Plan::new(network, options)?;
        let threads = memory::threads(&plan, options);
        let explicit = memory::decide(&plan, options, threads)?;
        let totals: Vec<Vec<u64>> = plan.connections.iter().map(|it| totals_of_blocks(&plan, it)).collect();
        let stop = || cancelled.load(Ordering::Relaxed);
        let build = |share: Vec<Range<usize>>| {
            let segment = |blocks| Segment::build(&plan, blocks, &totals, explicit, &stop);
            share.into_iter().map(segment).collect::<Option<Vec<Segment>>>()
        };
        let workers: Option<Vec<Vec<Segment>>> = thread::scope(|scope| {
            let build = &build;
            let building: Vec<_> =
                shares(&plan, threads).into_iter().map(|share| scope.spawn(move || build(share))).collect();
            building.into_iter().map(|thread| thread.join().expect("building does not panic")).collect()
        });
        Ok(Self {
            dynamics: Dynamics {
                propagators: plan.populations.iter().map(|population| Propagator::new(&plan, population)).collect(),
                drives: drives::of_populations(&plan),
            },
            workers: workers.ok_or(SimulationError::Cancelled)?,
            statistics: SpikeStatistics::new(&plan.sizes(), plan.window(), plan.seed),
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

    /// Advances by so many steps, up to the end of the run or until `cancelled` is set; `each` takes the spikes of every step
    /// in which there are some: number of the step, and numbers of the neurons in ascending order, counted through all
    /// populations. Warm-up included.
    ///
    /// # Errors
    ///
    /// What `each` returns stops the run after the interval in which it is returned.
    pub fn advance<E>(
        &mut self,
        steps: u64,
        cancelled: &AtomicBool,
        each: impl FnMut(u64, &[u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = Instant::now();
        let last = self.steps_done.saturating_add(steps).min(self.steps_total());
        let run = Intervals {
            plan: &self.plan,
            dynamics: &self.dynamics,
            first: self.steps_done,
            last,
            stop_at: AtomicU64::new(u64::MAX),
            barrier: Barrier::new(self.workers.len()),
            exchange: Exchange::new(self.workers.len(), self.plan.interval),
        };
        let mut taking = Taking {
            statistics: &mut self.statistics,
            spikes: &mut self.spikes,
            cancelled,
            each,
            outcome: Ok(()),
            merged: Vec::new(),
        };
        let (own, others) = self.workers.split_first_mut().expect("there is at least one thread");
        let (events, done) = thread::scope(|scope| {
            let run = &run;
            let others: Vec<_> = (1..)
                .zip(others)
                .map(|(thread, segments)| scope.spawn(move || run.work(thread, segments, |_, _, _| ()).0))
                .collect();
            let (events, done) = run.work(0, own, |interval, step, count| taking.take(run, interval, step, count));
            let others = others.into_iter().map(|thread| thread.join().expect("the threads do not panic"));
            (events + others.sum::<u64>(), done)
        });
        self.steps_done = done;
        self.synaptic_events += events;
        self.simulate_s += start.elapsed().as_secs_f64();
        taking.outcome
    }

    /// What the network did so far.
    pub fn result(&self) -> Simulation {
        let plan = &self.plan;
        let measured = self.steps_done.saturating_sub(plan.warmup_steps);
        let samples = |population: usize| -> Vec<&Sample> {
            let blocks = self.workers.iter().flatten().flat_map(|segment| &segment.blocks);
            blocks.filter(|block| block.population == population).filter_map(|block| block.sample.as_ref()).collect()
        };
        let populations = plan.populations.iter().zip(self.statistics.activity()).enumerate();
        let populations = populations.map(|(index, (population, spiking))| {
            let (membrane, input) = membrane::measured(plan, population, &samples(index));
            PopulationActivity { name: population.name.clone(), membrane, input, ..spiking }
        });
        let simulated_s = self.steps_done as f64 * plan.dt_ms / 1000.0;
        Simulation {
            run: Run {
                duration_ms: measured as f64 * plan.dt_ms,
                warmup_ms: (self.steps_done - measured) as f64 * plan.dt_ms,
                dt_ms: plan.dt_ms,
                seed: plan.seed,
                threads: self.workers.len(),
                connectivity: self.connectivity,
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

/// What the threads of one call of [`Simulator::advance`] share.
struct Intervals<'a> {
    plan: &'a Plan,
    dynamics: &'a Dynamics,
    /// Steps done before, and at the end.
    first: u64,
    last: u64,
    /// The interval that is not begun any more.
    stop_at: AtomicU64,
    barrier: Barrier,
    exchange: Exchange,
}

impl Intervals<'_> {
    /// What one thread does; `take` is called in every interval once its spikes are known, with its number, its first step
    /// and the number of its steps. Returns the synapses reached and the last step done.
    fn work(&self, thread: usize, segments: &mut [Segment], mut take: impl FnMut(u64, u64, usize)) -> (u64, u64) {
        let mut events = 0;
        let mut done = self.first;
        for interval in 0.. {
            // Written in the interval before the last one at the latest, so all threads see the same.
            if done >= self.last || interval >= self.stop_at.load(Ordering::Acquire) {
                break;
            }
            let count = (self.last - done).min(u64::from(self.plan.interval)) as usize;
            {
                let mut own = self.exchange.own(interval, thread);
                own.iter_mut().for_each(Vec::clear);
                for segment in segments.iter_mut() {
                    segment.advance(self.dynamics, (done + 1, self.plan.warmup_steps), &mut own[..count]);
                }
            }
            self.barrier.wait();
            take(interval, done + 1, count);
            let all = self.exchange.all(interval);
            for segment in segments.iter_mut() {
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
}

/// What the first thread does with the spikes beside delivering them.
struct Taking<'a, E, F> {
    statistics: &'a mut SpikeStatistics,
    spikes: &'a mut u64,
    cancelled: &'a AtomicBool,
    each: F,
    outcome: Result<(), E>,
    merged: Vec<u32>,
}

impl<E, F: FnMut(u64, &[u32]) -> Result<(), E>> Taking<'_, E, F> {
    fn take(&mut self, run: &Intervals<'_>, interval: u64, first: u64, count: usize) {
        let all = run.exchange.all(interval);
        for lag in 0..count {
            self.merged.clear();
            for list in &all {
                self.merged.extend_from_slice(&list[lag]);
            }
            let step = first + lag as u64;
            *self.spikes += self.merged.len() as u64;
            self.statistics.observe(step, &self.merged);
            if self.outcome.is_ok() && !self.merged.is_empty() {
                self.outcome = (self.each)(step, &self.merged);
            }
        }
        if (self.outcome.is_err() || self.cancelled.load(Ordering::Relaxed))
            && run.stop_at.load(Ordering::Relaxed) == u64::MAX
        {
            run.stop_at.store(interval + 2, Ordering::Release);
        }
    }
}
