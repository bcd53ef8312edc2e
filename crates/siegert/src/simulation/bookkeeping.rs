//! What is done in a run beside advancing neurons and delivering spikes, by itself: to measure how long it takes.

use std::convert::Infallible;
use std::sync::atomic::AtomicU64;

use super::exchange::{Barrier, Exchange};
use super::fired::{Fired, StepSpikes};
use super::pace::Crew;
use super::plan::Plan;
use super::recorder::spikes::Recordings;
use super::statistics::{SpikeStatistics, Window};
use super::stretch::{SpikeConsumer, Stretch};
use crate::work::Work;

/// Memory in bytes that is taken for measuring how long the statistics take, at most.
const MOST_MEMORY: u64 = 250_000_000;

/// Statistics of made-up spikes, and the meetings of one thread with itself.
pub(super) struct Bookkeeping {
    exchange: Exchange,
    statistics: SpikeStatistics,
    done: u64,
}

impl Bookkeeping {
    /// For a network of such sizes; `None` where the statistics take much memory.
    pub(super) fn new(plan: &Plan) -> Option<Self> {
        let window = Window { warmup_steps: 0, measured_steps: u64::MAX / 2, ..plan.window() };
        let small = SpikeStatistics::memory_bytes(&plan.sizes(), &window) < MOST_MEMORY;
        small.then(|| Self {
            exchange: Exchange::new(1, plan.interval),
            statistics: SpikeStatistics::new(&plan.sizes(), window, plan.seed),
            done: 0,
        })
    }

    /// Takes the neurons that spike in each of the steps of two intervals; these come again and again.
    pub(super) fn fill(&self, mut spikes: impl FnMut() -> Vec<u32>) {
        for interval in 0..2 {
            self.exchange
                .own(interval, 0)
                .iter_mut()
                .for_each(|list| *list = Fired { neurons: spikes(), lags: Vec::new() });
        }
    }

    /// Goes on by so many steps.
    pub(super) fn advance(&mut self, plan: &Plan, steps: u64) {
        let mut consumer = SpikeConsumer {
            statistics: &mut self.statistics,
            recordings: &mut Recordings::default(),
            spikes: &mut 0,
            work: &Work::default(),
            each: |_: StepSpikes<'_>| Ok::<(), Infallible>(()),
            outcome: Ok(()),
            merged: Fired::default(),
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
        self.done = stretch.carried_out(&mut [], Crew::One, &mut consumer).1;
    }
}
