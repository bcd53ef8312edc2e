//! A stretch of a run: the threads advance their neurons, show each other the spikes, and deliver them, until its time is over.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::drives::DriveSource;
use super::exchange::{Barrier, Exchange};
use super::fired::{Fired, StepSpikes};
use super::pace::Crew;
use super::plan::Plan;
use super::recorder::SpikeRecorder;
use super::recorder::spikes::Recordings;
use super::segment::Segment;
use super::statistics::SpikeStatistics;
use crate::work::Work;

/// What the threads of one stretch of a run share.
pub(super) struct Stretch<'a> {
    pub(super) plan: &'a Plan,
    /// Of each population.
    pub(super) drives: &'a [Vec<DriveSource>],
    /// Steps done before, and at the end of the run.
    pub(super) first: u64,
    pub(super) last: u64,
    /// When it ends; never, where no time can be that late.
    pub(super) until: Option<Instant>,
    /// The interval that is not begun any more.
    pub(super) stop_at: AtomicU64,
    pub(super) barrier: Barrier,
    pub(super) exchange: &'a Exchange,
}

impl Stretch<'_> {
    /// Works through the stretch; returns the synapses reached and the last step done.
    pub(super) fn carried_out<E, F: FnMut(StepSpikes<'_>) -> Result<(), E>>(
        &self,
        workers: &mut [Vec<Segment>],
        crew: Crew,
        consumer: &mut SpikeConsumer<'_, E, F>,
    ) -> (u64, u64) {
        let take = |interval, step, count| consumer.take(self, interval, step, count);
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
                own.iter_mut().for_each(Fired::clear);
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
                        events += segment.deliver(self.plan, step, &list[lag].neurons);
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
pub(super) struct SpikeConsumer<'a, E, F> {
    pub(super) statistics: &'a mut SpikeStatistics,
    pub(super) recordings: &'a mut Recordings,
    pub(super) spikes: &'a mut u64,
    pub(super) work: &'a Work,
    pub(super) each: F,
    pub(super) outcome: Result<(), E>,
    pub(super) merged: Fired,
}

impl<E, F: FnMut(StepSpikes<'_>) -> Result<(), E>> SpikeConsumer<'_, E, F> {
    fn take(&mut self, stretch: &Stretch<'_>, interval: u64, first: u64, count: usize) {
        let all = stretch.exchange.all(interval);
        for lag in 0..count {
            self.merged.clear();
            for list in &all {
                self.merged.append(&list[lag]);
            }
            let step = first + lag as u64;
            let spikes = self.merged.in_step(step);
            *self.spikes += spikes.neurons().len() as u64;
            self.statistics.observe(spikes);
            self.recordings.observe(spikes);
            if self.outcome.is_ok() && !spikes.neurons().is_empty() {
                self.outcome = (self.each)(spikes);
            }
        }
        let late = stretch.until.is_some_and(|until| Instant::now() >= until);
        if late || self.outcome.is_err() || self.work.is_cancelled() {
            stretch.end(interval);
        }
    }
}
