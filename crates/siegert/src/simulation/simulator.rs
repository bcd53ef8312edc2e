//! A network being simulated: built, advanced, saved, and asked for what it did.
//!
//! Every thread owns the neurons of its segments and everything that reaches them; nothing else is shared but spikes. The
//! threads advance their neurons by one interval, which is not longer than the shortest delay, show each other the spikes of
//! it, and deliver them all to their own neurons. A neuron's input is summed in the order of spikes (step, then source), so
//! the result is the same to the last bit for any number of threads, and for stored and redrawn connections. So one thread may do
//! the work of all for a while, where that is faster.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Instant;

use super::checkpoint::identity;
use super::drives::{self, DriveSource};
use super::exchange::{Barrier, Exchange};
use super::fired::{Fired, StepSpikes};
use super::memory::{self, peak_memory_mb};
use super::pace::{Crew, Pace};
use super::plan::Plan;
use super::recorder::sample::{self, Sample};
use super::recorder::spikes::Recordings;
use super::segment::{Segment, shares, work_of_a_step};
use super::statistics::{SpikeStatistics, count_bin_ms};
use super::stretch::{SpikeConsumer, Stretch};
use super::wiring::totals_of_blocks;
use super::{Performance, PopulationActivity, Run, Simulation, SimulationError, SimulationOptions};
use crate::network::Network;
use crate::numerics::steps;
use crate::work::Work;

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
        mut each: impl FnMut(u64, &[u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.advance_timed(steps, work, |spikes| each(spikes.step(), spikes.neurons()))
    }

    /// As [`Simulator::advance`]; `each` takes the spikes with their times in the step.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn advance_timed<E>(
        &mut self,
        steps: u64,
        work: &Work,
        each: impl FnMut(StepSpikes<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let total = self.steps_total();
        let last = self.steps_done.saturating_add(steps).min(total);
        let exchange = Exchange::new(self.workers.len(), self.plan.interval);
        let mut consumer = SpikeConsumer {
            statistics: &mut self.statistics,
            recordings: &mut self.recordings,
            spikes: &mut self.spikes,
            work,
            each,
            outcome: Ok(()),
            merged: Fired::default(),
        };
        let neurons_work = work_of_a_step(&self.plan);
        while self.steps_done < last && consumer.outcome.is_ok() {
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
            let (events, done) = stretch.carried_out(&mut self.workers, crew, &mut consumer);
            let elapsed = start.elapsed();
            let units = (done - self.steps_done) as f64 * neurons_work + events as f64;
            self.pace.took(crew, elapsed, units);
            self.steps_done = done;
            work.set_progress(done, total);
            self.synaptic_events += events;
            self.simulate_s += elapsed.as_secs_f64();
            if consumer.work.is_cancelled() {
                break;
            }
        }
        consumer.outcome
    }

    /// What the network did so far.
    pub fn result(&self) -> Simulation {
        let plan = &self.plan;
        let measured = self.steps_done.saturating_sub(plan.warmup_steps);
        let samples = |population: usize| -> Vec<&Sample> {
            let blocks = self.workers.iter().flatten().flat_map(|segment| &segment.blocks);
            blocks
                .filter(|block| block.population == population)
                .filter_map(|block| block.recorders.sample.as_ref())
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
                spike_times: plan.spike_times,
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
